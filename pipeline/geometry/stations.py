"""Shortest ways between stations on the ground over a mesh of satellites, at one instant: their lengths and their satellites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.kernels import compiled
from pipeline.geometry.routing import before, distances

# Sources that are searched from at a time: what they need of memory does not grow with the number of stations.
SOURCES = 64
# Links are no shorter: between satellites in one place a way back could go round for ever.
SHORTEST_KM = 1e-9


@dataclass(frozen=True)
class Ways:
    """Shortest ways of all pairs of stations, first with second, first with third, and so on.

    way_km: one way, from the ground up, over the mesh and down again [km], float64 (pair,), infinite where there is none. hop_count:
    satellites on it, int32 (pair,), 0 where there is none. path: their numbers, from the first station to the second, pair after pair,
    int32 (sum of hop_count,).
    """

    way_km: NDArray[np.float64]
    hop_count: NDArray[np.int32]
    path: NDArray[np.int32]


def between(neighbour: NDArray[np.int32], length_km: NDArray[np.float64], slant_km: NDArray[np.float64]) -> Ways:
    """Shortest ways between all pairs of stations; over one satellite where both see it, and never over a third station.

    neighbour, length_km: links and their lengths at the instant [km], (satellite, degree), infinite where a link is down. slant_km: from
    each station to each satellite [km], (station, satellite), infinite where it is not in view. Of ways of one length that down from
    the satellite with the lowest number is taken, and then as routing.way_back has it.
    """
    stations = len(slant_km)
    length_km = np.maximum(length_km, SHORTEST_KM)
    seen, of = np.nonzero(np.isfinite(slant_km))[::-1], np.isfinite(slant_km).sum(axis=1)
    edge = np.concatenate([[0], np.cumsum(of)])
    found = []
    for first in range(0, stations - 1, SOURCES):
        start = slant_km[first : min(first + SOURCES, stations - 1)]
        distance = distances(neighbour, length_km, start)
        found.append(_block(neighbour, length_km, distance, start, first, seen[0], edge, slant_km))
    if not found:
        return Ways(np.empty(0), np.empty(0, np.int32), np.empty(0, np.int32))
    return Ways(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _block(  # type: ignore[no-untyped-def]
    neighbour, length_km, distance, start, first, seen, edge, slant_km
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Ways from the stations `first` on, as many as `distance` has rows, to all stations behind each."""
    pairs = sum(len(slant_km) - 1 - (first + k) for k in range(len(distance)))
    way, last, hops = np.empty(pairs), np.empty(pairs, np.int32), np.zeros(pairs, np.int32)
    _ends(neighbour, length_km, distance, start, first, seen, edge, slant_km, way, last, hops)
    path = np.empty(int(hops.sum()), np.int32)
    _paths(neighbour, length_km, distance, start, first, len(slant_km), last, hops, path)
    return way, hops, path


@compiled
def _ends(neighbour, length, distance, start, first, seen, edge, slant, way, last, hops):  # type: ignore[no-untyped-def]
    """Fill the length of each pair's way, its last satellite, and how many it has."""
    pair = 0
    for source in range(distance.shape[0]):
        for goal in range(first + source + 1, slant.shape[0]):
            way[pair], last[pair] = np.inf, -1
            for k in range(edge[goal], edge[goal + 1]):
                value = distance[source, seen[k]] + slant[goal, seen[k]]
                if value < way[pair]:
                    way[pair], last[pair] = value, seen[k]
            here = last[pair]
            while here >= 0:
                hops[pair] += 1
                entered = start[source, here] <= distance[source, here]
                here = -1 if entered else before(neighbour, length, distance[source], here)
            pair += 1


@compiled
def _paths(neighbour, length, distance, start, first, stations, last, hops, path):  # type: ignore[no-untyped-def]
    """Fill the satellites of every pair's way, from the source's to the goal's."""
    pair = end = 0
    for source in range(distance.shape[0]):
        for _ in range(first + source + 1, stations):
            end += hops[pair]
            here = last[pair]
            for back in range(hops[pair]):
                path[end - 1 - back] = here
                if back < hops[pair] - 1:
                    here = before(neighbour, length, distance[source], here)
            pair += 1
