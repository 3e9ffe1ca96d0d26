"""Shortest ways over a mesh of satellites: many sources at once, on whatever links there are.

A topology is `neighbour`, int32 (satellite, degree): the satellites that each one has a laser on, -1 where it has none. Links are
mutual. What lies along them is a length [km] in each instant; ways are added up in the same unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.constants import MEAN_RADIUS_KM
from pipeline.geometry.kernels import LANES, compiled, inlined, leaf

# Sources that are worked on together at most, side by side in vectors of eight.
WIDEST = 112
# Below this height the air bends and dims a beam of light: lasers are not pointed through it.
CLEAR_KM = 80.0
# The longest link that SpaceX has told of (M. Brashears, SPIE Photonics West, January 2024).
RANGE_KM = 5_400.0
# Satellites of a tile that is turned.
_TILE = 64
_PER_MM, _TICK_KM = 2.0**20, 2.0**-34


def lengths_km(
    r_km: NDArray[np.float64],
    neighbour: NDArray[np.int32],
    range_km: float = RANGE_KM,
    clear_km: float | None = CLEAR_KM,
) -> NDArray[np.float64]:
    """Length [km] of every link at one instant, float64 (satellite, degree), infinite where it is down.

    r_km: positions [km], (3, satellite), in any frame about the Earth's centre, not a number where there is none. A link is down where
    it is longer than `range_km`, or where it passes lower than `clear_km` above a sphere of the Earth's mean radius (None: wherever).
    """
    length = np.empty(neighbour.shape)
    lowest = 0.0 if clear_km is None else MEAN_RADIUS_KM + clear_km
    _lengths(np.ascontiguousarray(r_km), neighbour, range_km * range_km, lowest * lowest, length)
    return length


def distances(
    neighbour: NDArray[np.int32], length: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shortest way from every source to every satellite, float64 (source, satellite), infinite where there is none.

    length: of the links, (satellite, degree), infinite where a link is down; never below zero. start: what it takes each source to
    reach each satellite without the mesh, (source, satellite), infinite where it cannot. All in one unit.
    """
    way = packed(start)
    shorten(neighbour, length, way)
    return unpacked(way, len(start))


def blocks(sources: int) -> tuple[int, int]:
    """Into how many blocks so many sources go, and how wide each is: whole vectors, with as few places over as can be."""
    count = max(-(-sources // WIDEST), 1)
    return count, max(-(-sources // (count * LANES)) * LANES, LANES)


def packed(start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ways (source, satellite) as `shorten` takes them, (block, satellite, width); places without a source are infinite."""
    sources, satellites = start.shape
    count, width = blocks(sources)
    way = np.full((count, satellites, width), np.inf)
    for block, of in enumerate(way):
        part = start[block * width : (block + 1) * width]
        of[:, : len(part)] = part.T
    return way


def unpacked(way: NDArray[np.float64], sources: int) -> NDArray[np.float64]:
    """The reverse of `packed`: (source, satellite)."""
    out = np.empty((sources, way.shape[1]))
    _unpack(way, out)
    return out


def shorten(neighbour: NDArray[np.int32], length: NDArray[np.float64], way: NDArray[np.float64]) -> None:
    """Lower `way`, float64 (block of sources, satellite, width), to the shortest ways over the mesh, in place.

    Afterwards no link can shorten any of them: sweeps go on until nothing at all changes, so the result is exact, whatever the order of
    the satellites. The time depends on it: where those of a plane follow one another, and plane on plane, few sweeps are needed.
    """
    linked = (neighbour[:-1] == np.arange(1, len(neighbour))[:, None]).any(axis=1)
    edge = np.concatenate([[0], np.flatnonzero(~linked) + 1, [len(neighbour)]])
    # Where no link leads from what lies before an edge to what lies behind, shells or fleets meet.
    farthest = np.maximum.accumulate(neighbour.max(axis=1, initial=-1))
    apart = np.concatenate([[True], farthest[edge[1:-1] - 1] < edge[1:-1], [True]])
    _shorten(neighbour, length, edge, np.flatnonzero(apart), way)


def way_back(
    neighbour: NDArray[np.int32],
    length: NDArray[np.float64],
    distance: NDArray[np.float64],
    start: NDArray[np.float64],
    last: int,
) -> list[int]:
    """Satellites of a shortest way, from the one where it enters the mesh to `last`; empty where there is no way.

    distance: shortest ways from the source, (satellite,), as `distances` gives them for `start`, (satellite,). Of ways of one length
    that which enters earliest, and then that by the lowest numbers, is taken.
    """
    if not np.isfinite(distance[last]):
        return []
    found = np.empty(len(distance), np.int64)
    count = _way_back(neighbour, length, distance, start, last, found)
    return [int(satellite) for satellite in found[:count][::-1]]


def ticked(way_km: NDArray[np.float64], links: int = 0) -> NDArray[np.float64]:
    """Lengths [km] rounded to 1 mm, each with `links` ticks, so that the sum of such lengths tells how many links it is made of.

    A tick is 2^-34 km, and lengths are rounded to 2^-20 km: sums below 131,072 km and 16,384 links are exact in float64, whatever their
    order, and of two ways of one length that with fewer links is the shorter. Sums are off by at most 0.5 mm per term.
    """
    return np.rint(way_km * _PER_MM) / _PER_MM + links * _TICK_KM


def link_count(way_km: NDArray[np.float64]) -> NDArray[np.int16]:
    """Ticks in sums of ticked lengths [km], any shape; -1 where they are infinite."""
    count = np.full(way_km.shape, -1, np.int16)
    _count(way_km.ravel(), count.ravel())
    return count


@compiled
def _unpack(way, out):  # type: ignore[no-untyped-def]
    """Turn (block, satellite, lane) into (source, satellite), by tiles that stay in the nearest cache."""
    width = way.shape[2]
    for block in range(way.shape[0]):
        lanes = min(width, out.shape[0] - block * width)
        for low in range(0, way.shape[1], _TILE):
            high = min(low + _TILE, way.shape[1])
            for lane in range(0, lanes, LANES):
                for satellite in range(low, high):
                    for k in range(lane, min(lane + LANES, lanes)):
                        out[block * width + k, satellite] = way[block, satellite, k]


@compiled
def _lengths(r_km, neighbour, most_km2, lowest_km2, length):  # type: ignore[no-untyped-def]
    for a in range(neighbour.shape[0]):
        for k in range(neighbour.shape[1]):
            length[a, k] = np.inf
            b = neighbour[a, k]
            if b < 0:
                continue
            # Both ends compute from the lower number to the higher, so that a link has one length.
            low, high = min(a, b), max(a, b)
            square = nearest = along = 0.0
            for axis in range(3):
                step = r_km[axis, high] - r_km[axis, low]
                square += step * step
                along += step * r_km[axis, low]
                nearest += r_km[axis, low] * r_km[axis, low]
            if square > 0.0 and -along > 0.0 and -along < square:  # the line is lowest between its ends
                nearest -= along * along / square
                if nearest < lowest_km2:
                    continue
            if square <= most_km2:
                length[a, k] = np.sqrt(square)


# What a satellite whose ways have changed still owes: to its neighbours further on and further back within its run, and in other runs.
_ON, _BACK, _ON_ACROSS, _BACK_ACROSS = 1, 2, 4, 8
_ALL = _ON | _BACK | _ON_ACROSS | _BACK_ACROSS


@compiled
def _shorten(neighbour, length, edge, part, way):  # type: ignore[no-untyped-def]
    """Sweep over the runs of satellites that are linked one to the next, `edge` (run + 1,), forwards and backwards by turns.

    part: the edges between which satellites hang together. Each such part, a shell say, is brought to an end by itself.

    Within a run ways are brought to an end before the next is begun: a way along one plane, across to the next and on along it is found
    in one sweep, in whatever direction it goes along the planes. What goes against the direction waits until that is turned, when the
    ways that it starts from are shorter.
    """
    owing = np.empty(neighbour.shape[0], np.uint8)
    for block in range(way.shape[0]):
        _begin(way[block], owing)
        for p in range(len(part) - 1):
            first, last = part[p], part[p + 1]
            sweep, changed = 0, True
            while changed or sweep < 2:
                changed = False
                for k in range(last - first):
                    run = first + k if sweep % 2 == 0 else last - 1 - k
                    changed |= _settle(neighbour, length, way[block], owing, edge[run], edge[run + 1])
                    changed |= _cross(neighbour, length, way[block], owing, edge[run], edge[run + 1], sweep % 2 == 0)
                sweep += 1


@leaf
def _begin(way, owing):  # type: ignore[no-untyped-def]
    """Mark the satellites that any source has a way to."""
    for satellite in range(way.shape[0]):
        least = np.inf
        for lane in range(way.shape[1]):
            least = min(least, way[satellite, lane])
        owing[satellite] = _ALL if least < np.inf else 0


@leaf
def _settle(neighbour, length, way, owing, first, last):  # type: ignore[no-untyped-def]
    """Let every satellite of a run whose ways have changed shorten its neighbours' in the run, until nothing in it changes."""
    changed, again = False, True
    while again:
        for here in range(first, last):
            if owing[here] & _ON:
                owing[here] &= ~_ON
                changed |= _pass_on(neighbour, length, way, owing, here, here + 1, last)
        again = False
        for k in range(last - first):
            here = last - 1 - k
            if owing[here] & _BACK:
                owing[here] &= ~_BACK
                again |= _pass_on(neighbour, length, way, owing, here, first, here)
        changed |= again
    return changed


@leaf
def _cross(neighbour, length, way, owing, first, last, forward):  # type: ignore[no-untyped-def]
    """Let every satellite of a run whose ways have changed shorten its neighbours' in later runs, or in earlier ones."""
    what, low, high = (_ON_ACROSS, last, neighbour.shape[0]) if forward else (_BACK_ACROSS, 0, first)
    changed = False
    for here in range(first, last):
        if owing[here] & what:
            owing[here] &= ~what
            changed |= _pass_on(neighbour, length, way, owing, here, low, high)
    return changed


@inlined
def _pass_on(neighbour, length, way, owing, here, low, high):  # type: ignore[no-untyped-def]
    """Let a satellite shorten the ways of its neighbours from `low` to `high` - 1; returns whether any was.

    No branch depends on that: half of the time it would be guessed wrongly.
    """
    changed = False
    for link in range(neighbour.shape[1]):
        there, step = neighbour[here, link], length[here, link]
        if there < low or there >= high or step == np.inf:
            continue
        lowered = _lower(way, np.uint64(here), np.uint64(there), step) != 0
        owing[there] |= lowered * _ALL
        changed |= lowered
    return changed


@inlined
def _lower(way, here, there, step):  # type: ignore[no-untyped-def]
    """Lower the ways of one satellite to those over another; returns whether any was, as 0 or 1."""
    shorter = 0
    for lane in range(way.shape[1]):
        value = way[here, lane] + step
        shorter |= value < way[there, lane]
        way[there, lane] = min(value, way[there, lane])
    return shorter


@compiled
def _way_back(neighbour, length, distance, start, last, found):  # type: ignore[no-untyped-def]
    here, count = last, 0
    while True:
        found[count] = here
        count += 1
        if start[here] <= distance[here]:
            return count
        here = before(neighbour, length, distance, here)


@leaf
def before(neighbour, length, distance, here):  # type: ignore[no-untyped-def]
    """The satellite from which the shortest way comes to this one: of several the lowest number."""
    best, before = np.inf, -1
    for link in range(neighbour.shape[1]):
        there = neighbour[here, link]
        if there < 0:
            continue
        value = distance[there] + length[here, link]
        if value < best or (value == best and there < before):
            best, before = value, there
    return before


@compiled
def _count(way_km, count):  # type: ignore[no-untyped-def]
    for k in range(len(way_km)):
        value = way_km[k] * _PER_MM
        if value < np.inf:
            count[k] = np.int16((value - np.floor(value)) * (1.0 / (_PER_MM * _TICK_KM)) + 0.5)
