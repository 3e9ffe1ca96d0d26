"""Legs between the ground and the mesh: ways from goals up to satellites, and from satellites down to goals, by stations that see them.

Goals (PoPs, sites) lie behind stations (gateways, terminals) at a distance that the caller gives in the unit of the ways [km of light
in vacuum, one way]. Ways are kept as routing.shorten takes them, (block of goals, satellite, width).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.kernels import compiled, inlined
from pipeline.geometry.overhead import Sightings
from pipeline.geometry.routing import before, blocks


def room(goals: int, satellites: int) -> NDArray[np.float64]:
    """Room for ways between so many goals and satellites, to be used again at every instant."""
    count, width = blocks(goals)
    return np.empty((count, satellites, width))


def enter(seen: Sightings, behind_km: NDArray[np.float64], way_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shortest way from each goal to each satellite by one station, float64 (block, satellite, width), infinite where there is none.

    seen: satellites in view of the stations. behind_km: from each station to each goal, (station, goal), infinite where none leads.
    way_km: room that is filled and returned.
    """
    way_km.fill(np.inf)
    _enter(seen, _lanes(behind_km, len(way_km), way_km.shape[2]), way_km)
    return way_km


def leave(seen: Sightings, behind_km: NDArray[np.float64], way_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shortest way from each source down to each goal, float64 (goal, source), infinite where there is none.

    way_km: shortest ways from the sources to the satellites, (block of sources, satellite, width); sources beyond the last are infinite.
    """
    stations, goals = behind_km.shape
    at_station = np.full((stations, way_km.shape[0] * way_km.shape[2]), np.inf)
    _land(seen, way_km, at_station)
    out = np.full((goals, at_station.shape[1]), np.inf)
    _leave(at_station, behind_km, out)
    return out


def labels(
    seen: Sightings,
    behind_km: NDArray[np.float64],
    neighbour: NDArray[np.int32],
    length_km: NDArray[np.float64],
    way_km: NDArray[np.float64],
    start_km: NDArray[np.float64],
    pairs: NDArray[np.int64],
) -> NDArray[np.int64]:
    """A number for the path of each pair of goals, int64 (pair,): paths over the same satellites have the same; -1 where none is.

    As for `enter` and `leave`; start_km: what `enter` gave, way_km: what the mesh made of it. pairs: source and goal, int64 (2, pair).
    Of ways of one length that by the first station, its first satellite and the lowest numbers is taken.
    """
    stations, goals = behind_km.shape
    lanes = way_km.shape[0] * way_km.shape[2]
    at_km, at = np.full((stations, lanes), np.inf), np.full((stations, lanes), -1, np.int64)
    _land_by(seen, way_km, at_km, at)
    out_km, last = np.full((goals, lanes), np.inf), np.full((goals, lanes), -1, np.int64)
    _leave_by(at_km, at, behind_km, out_km, last)
    trail = np.full((lanes, way_km.shape[1]), -1, np.int64)
    label = np.full(pairs.shape[1], -1, np.int64)
    _labels(neighbour, length_km, way_km, start_km, last, pairs, trail, label)
    return label


def _lanes(behind_km: NDArray[np.float64], count: int, width: int) -> NDArray[np.float64]:
    """Distances (station, goal) with room for whole blocks, (block, station, width)."""
    padded = np.full((len(behind_km), count * width), np.inf)
    padded[:, : behind_km.shape[1]] = behind_km
    return np.ascontiguousarray(padded.reshape(len(behind_km), count, width).transpose(1, 0, 2))


@inlined
def _lower(to, at, of, place, step):  # type: ignore[no-untyped-def]
    for lane in range(to.shape[1]):
        to[at, lane] = min(of[place, lane] + step, to[at, lane])


@compiled
def _enter(seen, behind_km, way_km):  # type: ignore[no-untyped-def]
    for block in range(len(way_km)):
        for station in range(len(seen.start) - 1):
            for k in range(seen.start[station], seen.start[station + 1]):
                at, place = np.uint64(seen.satellite[k]), np.uint64(station)
                _lower(way_km[block], at, behind_km[block], place, seen.range_km[k])


@compiled
def _land(seen, way_km, at_station):  # type: ignore[no-untyped-def]
    for station in range(len(at_station)):
        row = at_station[station].reshape(-1, way_km.shape[2])
        for block in range(len(way_km)):
            for k in range(seen.start[station], seen.start[station + 1]):
                place = np.uint64(seen.satellite[k])
                _lower(row, np.uint64(block), way_km[block], place, seen.range_km[k])


@compiled
def _leave(at_station, behind_km, out):  # type: ignore[no-untyped-def]
    for station in range(len(at_station)):
        for goal in range(len(out)):
            step = behind_km[station, goal]
            if step < np.inf:
                for source in range(out.shape[1]):
                    out[goal, source] = min(at_station[station, source] + step, out[goal, source])


@compiled
def _land_by(seen, way_km, at_km, at):  # type: ignore[no-untyped-def]
    """As _land, with the satellite that each way comes down from."""
    for station in range(len(at_km)):
        for k in range(seen.start[station], seen.start[station + 1]):
            satellite, range_km = seen.satellite[k], seen.range_km[k]
            for block in range(len(way_km)):
                for lane in range(way_km.shape[2]):
                    value, source = way_km[block, satellite, lane] + range_km, block * way_km.shape[2] + lane
                    nearer = value < at_km[station, source]
                    at_km[station, source] = value if nearer else at_km[station, source]
                    at[station, source] = satellite if nearer else at[station, source]


@compiled
def _leave_by(at_km, at, behind_km, out_km, last):  # type: ignore[no-untyped-def]
    """As _leave, with the satellite that each way comes down from."""
    for station in range(len(at_km)):
        for goal in range(len(out_km)):
            step = behind_km[station, goal]
            if step < np.inf:
                for source in range(out_km.shape[1]):
                    value = at_km[station, source] + step
                    nearer = value < out_km[goal, source]
                    out_km[goal, source] = value if nearer else out_km[goal, source]
                    last[goal, source] = at[station, source] if nearer else last[goal, source]


@compiled
def _labels(neighbour, length_km, way_km, start_km, last, pairs, trail, label):  # type: ignore[no-untyped-def]
    for k in range(len(label)):
        source, goal = pairs[0, k], pairs[1, k]
        if last[goal, source] >= 0:
            block, lane = source // way_km.shape[2], source % way_km.shape[2]
            label[k] = _label(
                neighbour, length_km, way_km[block], start_km[block], lane, last[goal, source], trail[source]
            )


@compiled
def _label(neighbour, length_km, way_km, start_km, lane, last, known):  # type: ignore[no-untyped-def]
    """A number for the satellites from where a way enters the mesh to `last`, kept in `known` (satellite,), -1 where not yet made."""
    path = np.empty(len(known), np.int64)
    here, depth = last, 0
    while known[here] < 0:
        if start_km[here, lane] <= way_km[here, lane]:
            known[here] = here
            break
        path[depth] = here
        depth += 1
        here = before(neighbour, length_km, way_km[:, lane], here)
    for k in range(depth):
        at = path[depth - 1 - k]
        known[at] = ((known[here] * 1_000_003) ^ at) & 0x3FFFFFFFFFFFFFFF
        here = at
    return known[last]
