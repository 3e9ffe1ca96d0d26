"""Which satellites stand over points of the ground: by bins of latitude and longitude that the satellites of an instant are sorted into.

Where a grid on rings needs only the ends of intervals (visibility.py), stations and towns lie anywhere, and what is asked for is each
satellite in view with its range. A point looks at the bins that its view may reach, two to three times the satellites that it sees.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.constants import WGS84_SEMI_MINOR_KM
from pipeline.geometry.kernels import LANES, compiled, inlined, leaf
from pipeline.geometry.sky import MASK_MARGIN_RAD

ROWS, COLUMNS = 36, 360
_PER_ROW, _PER_COLUMN = ROWS / np.pi, COLUMNS / (2 * np.pi)
X, Y, Z, UP_X, UP_Y, UP_Z = range(6)


class Overhead(NamedTuple):
    """The satellites of one instant that have a position, sorted into bins.

    `r_km` float64 (3, satellite + LANES): positions [km] in the order of the bins. `order` int64: the satellite's place among all.
    `start` int64 (bin + 1): where each bin begins. `farthest_km`: greatest distance from the Earth's centre.
    """

    r_km: NDArray[np.float64]
    order: NDArray[np.int64]
    start: NDArray[np.int64]
    farthest_km: float


def overhead(r_ecef_km: NDArray[np.float64]) -> Overhead:
    """Sort the satellites of an instant, Earth-fixed positions [km] (3, satellite), not a number where there is none."""
    count = r_ecef_km.shape[1]
    sorted_km, order, start = np.zeros((3, count + LANES)), np.empty(count, np.int64), np.zeros(ROWS * COLUMNS + 1, np.int64)  # fmt: skip
    farthest_km = _sort(r_ecef_km, np.empty(count, np.int64), sorted_km, order, start)
    return Overhead(sorted_km, order, start, farthest_km)


class Sightings(NamedTuple):
    """Satellites in view of points, one point after the other: those of point k are `start[k]` to `start[k + 1]` - 1.

    `satellite` int32 and `range_km` float64, both (sighting,); within a point in no particular order.
    """

    start: NDArray[np.int64]
    satellite: NDArray[np.int32]
    range_km: NDArray[np.float64]


class View(NamedTuple):
    """Places, and where above each of them satellites may be in view.

    `places` float64 (place, 6), as points.places gives them; `sine` of the mask, (place,). The bins that the view of place k may touch, for
    satellites no farther from the centre than `farthest_km`, are the stretches `start[k]` to `start[k + 1]` - 1 of `bins`, int32 (stretch, 2):
    first bin, and the one behind the last.
    """

    places: NDArray[np.float64]
    sine: NDArray[np.float64]
    start: NDArray[np.int64]
    bins: NDArray[np.int32]
    farthest_km: float


def view(places: NDArray[np.float64], mask_deg: NDArray[np.float64] | float, farthest_km: float) -> View:
    """What satellites are looked for over places, for as long as none is farther from the Earth's centre than `farthest_km`.

    places: as points.places gives them, (place, 6). mask_deg: lowest elevation above the horizon plane of WGS-84 [deg], 0 to 90, of all
    places or of each. Raises ValueError where a mask is not between 0 and 90.
    """
    mask = np.broadcast_to(np.asarray(mask_deg, np.float64), len(places))
    if not ((mask >= 0) & (mask <= 90)).all():
        raise ValueError(
            f"an elevation mask of {mask[~((mask >= 0) & (mask <= 90))][0]} degrees is not between 0 and 90"
        )
    low = np.radians(mask) - MASK_MARGIN_RAD
    farthest = max(farthest_km, WGS84_SEMI_MINOR_KM)
    reach = np.arccos(np.minimum(1.0, WGS84_SEMI_MINOR_KM * np.cos(low) / farthest)) - low
    start, bins = np.empty(len(places) + 1, np.int64), np.empty((len(places) * 2 * ROWS, 2), np.int32)
    count = _bins(places, reach, start, bins)
    return View(places, np.sin(np.radians(mask)), start, bins[:count].copy(), farthest_km)


def sightings(above: Overhead, seen_from: View) -> Sightings:
    """Every satellite in view of every place at or above its mask. Raises ValueError where a satellite is beyond what the view is for."""
    _require(above, seen_from)
    start = np.zeros(len(seen_from.places) + 1, np.int64)
    most = _sight(above, seen_from, start, np.empty(0, np.int32), np.empty(0))
    satellite, range_km = np.empty(most, np.int32), np.empty(most)
    _sight(above, seen_from, start, satellite, range_km)
    return Sightings(start, satellite, range_km)


def _require(above: Overhead, seen_from: View) -> None:
    if above.farthest_km > seen_from.farthest_km:
        raise ValueError(
            f"a satellite is {above.farthest_km:.0f} km from the centre, and the view is for {seen_from.farthest_km:.0f} km"
        )


@compiled
def _sort(r_km, key, sorted_km, order, start):  # type: ignore[no-untyped-def]
    farthest = 0.0
    for k in range(r_km.shape[1]):
        x, y, z = r_km[0, k], r_km[1, k], r_km[2, k]
        distance = np.sqrt(x * x + y * y + z * z)
        if not distance > 0.0:
            key[k] = -1
            continue
        farthest = max(farthest, distance)
        key[k] = _row(np.arcsin(z / distance)) * COLUMNS + _column(np.arctan2(y, x))
        start[key[k] + 1] += 1
    for k in range(len(start) - 1):
        start[k + 1] += start[k]
    place = start[:-1].copy()
    for k in range(r_km.shape[1]):
        if key[k] >= 0:
            at = place[key[k]]
            place[key[k]] += 1
            order[at] = k
            for axis in range(3):
                sorted_km[axis, at] = r_km[axis, k]
    return farthest


@inlined
def _row(latitude_rad):  # type: ignore[no-untyped-def]
    return min(max(int((latitude_rad + 0.5 * np.pi) * _PER_ROW), 0), ROWS - 1)


@inlined
def _column(longitude_rad):  # type: ignore[no-untyped-def]
    return min(max(int((longitude_rad + np.pi) * _PER_COLUMN), 0), COLUMNS - 1)


@compiled
def _bins(places, reach, start, bins):  # type: ignore[no-untyped-def]
    """Fill in the stretches of bins within reach [rad] of each place, row by row; returns how many there are."""
    count = 0
    for k in range(len(places)):
        start[k] = count
        x, y, z = places[k, X], places[k, Y], places[k, Z]
        latitude, longitude = np.arctan2(z, np.sqrt(x * x + y * y)), np.arctan2(y, x)
        for row in range(_row(latitude - reach[k]), _row(latitude + reach[k]) + 1):
            half = _half_width_rad(latitude, reach[k], row)
            low = int(np.floor((longitude - half + np.pi) * _PER_COLUMN))
            high = int(np.floor((longitude + half + np.pi) * _PER_COLUMN))
            if high - low + 1 >= COLUMNS:
                low, high = 0, COLUMNS - 1
            # One stretch, or two where it lies across 180 degrees: what is east of it has the lower numbers.
            for first, last in (
                (max(low, COLUMNS) - COLUMNS, high - COLUMNS),
                (max(low, 0), min(high, COLUMNS - 1)),
                (low + COLUMNS, COLUMNS - 1),
            ):
                if (
                    (first <= last)
                    and (first >= 0)
                    and (low < 0 or first < COLUMNS)
                    and (first < COLUMNS)
                    and (last < COLUMNS)
                    and ((first, last) != (low + COLUMNS, COLUMNS - 1) or low < 0)
                ):
                    bins[count, 0], bins[count, 1] = row * COLUMNS + first, row * COLUMNS + last + 1
                    count += 1
    start[len(places)] = count
    return count


@leaf
def _half_width_rad(latitude, reach, row):  # type: ignore[no-untyped-def]
    """Greatest difference of longitude [rad] within a row of what lies within reach of a point at a latitude [rad]; pi where all may."""
    south, north = row / _PER_ROW - 0.5 * np.pi, (row + 1) / _PER_ROW - 0.5 * np.pi
    if abs(latitude) + reach >= 0.5 * np.pi - 1e-9:
        return np.pi
    # A circle around the point is widest at this latitude, and narrower the farther a row is from it.
    at = min(max(np.arcsin(np.sin(latitude) / np.cos(reach)), south), north)
    cosine = (np.cos(reach) - np.sin(latitude) * np.sin(at)) / (np.cos(latitude) * np.cos(at))
    return np.arccos(min(max(cosine, -1.0), 1.0)) + 1e-9


@leaf
def _squares(r_km, place, sine, begin, end, near_km2, at):  # type: ignore[no-untyped-def]
    """Squared ranges [km2] of a stretch of satellites, written from `at` on; below zero for those under the mask."""
    for k in range((end - begin + LANES - 1) & -LANES):  # whole vectors: what is beyond the end nobody reads
        j, to = np.uint64(begin + k), np.uint64(at + k)
        dx, dy, dz = r_km[0, j] - place[X], r_km[1, j] - place[Y], r_km[2, j] - place[Z]
        square = dx * dx + dy * dy + dz * dz
        rise = dx * place[UP_X] + dy * place[UP_Y] + dz * place[UP_Z]
        near_km2[to] = square if rise * abs(rise) >= sine * sine * square else -1.0


@compiled
def _sight(above, seen_from, start, satellite, range_km):  # type: ignore[no-untyped-def]
    """Count the satellites in view of each place into `start`, and write them where there is room; returns how many there are."""
    near_km2, total = np.empty(above.r_km.shape[1]), 0
    for k in range(len(seen_from.places)):
        start[k] = total
        for stretch in range(seen_from.start[k], seen_from.start[k + 1]):
            begin, end = above.start[seen_from.bins[stretch, 0]], above.start[seen_from.bins[stretch, 1]]
            _squares(above.r_km, seen_from.places[k], seen_from.sine[k], begin, end, near_km2, 0)
            for hit in range(end - begin):
                if near_km2[hit] > 0.0:
                    if len(satellite) > 0:
                        satellite[total], range_km[total] = above.order[begin + hit], np.sqrt(near_km2[hit])
                    total += 1
    start[len(seen_from.places)] = total
    return total


def serve(
    above: Overhead,
    seen_from: View,
    goal: NDArray[np.int32],
    beyond_km: NDArray[np.float64],
    rank_fraction: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Way [km] from every place to its goal, and the satellite that serves it, float64 and int32 (rule, place).

    goal: which of the goals each place goes to, (place,), -1 for none. beyond_km: shortest way from each satellite to each goal,
    (goal, satellite), infinite where there is none. rank_fraction: rules of which satellite serves, (rule,): of those in view with a
    way, in order of the whole way, that at this fraction of the ranks: 0 the best, 0.5 the median. Where none has a way the way is
    infinite and the satellite -1. Raises ValueError where a satellite is beyond what the view is for.
    """
    _require(above, seen_from)
    shape = len(rank_fraction), len(seen_from.places)
    way_km, satellite = np.full(shape, np.inf), np.full(shape, -1, np.int32)
    behind = np.zeros((len(beyond_km), int(above.start[-1]) + LANES))
    _arrange(beyond_km, above.order, behind)
    _serve(above, seen_from, goal, behind, rank_fraction, bool((rank_fraction == 0).all()), way_km, satellite)
    return way_km, satellite


@compiled
def _arrange(beyond_km, order, behind):  # type: ignore[no-untyped-def]
    """Fill `behind`, (goal, satellite in the order of the bins)."""
    for goal in range(behind.shape[0]):
        for k in range(behind.shape[1] - LANES):
            behind[goal, k] = beyond_km[goal, order[k]]


@compiled
def _serve(above, seen_from, goal, beyond_km, rank_fraction, best_only, way_km, satellite):  # type: ignore[no-untyped-def]
    """Fill way_km and satellite; `beyond_km` is (goal, satellite in the order of the bins)."""
    room = above.r_km.shape[1] + LANES
    way, found, one, other = np.empty(room), np.empty(room, np.int64), np.empty(room), np.empty(room)
    least = np.empty(LANES)
    for place in range(len(seen_from.places)):
        to = goal[place]
        if to < 0:
            continue
        count = _whole_ways(above, seen_from, place, beyond_km[to], way, found)
        if best_only:
            value, before = _least(way, count, least), 0
        else:
            count = _with_way(way, found, count)
        if (count == 0) or (best_only and value == np.inf):
            continue
        for rule in range(len(rank_fraction)):
            if not best_only:
                value, before = _ranked(way, count, int(rank_fraction[rule] * (count - 1)), one, other)
            way_km[rule, place] = value
            satellite[rule, place] = above.order[found[_place(way, count, value, before)]]


@leaf
def _whole_ways(above, seen_from, place, behind_km, way, found):  # type: ignore[no-untyped-def]
    """Whole ways over the satellites of the bins that a place looks at [km], infinite for those under the mask; returns how many there are.

    `found`: their places in the order of the bins, rising. Beyond the last, as far as a whole vector, ways are infinite.
    """
    count = 0
    for stretch in range(seen_from.start[place], seen_from.start[place + 1]):
        begin, end = above.start[seen_from.bins[stretch, 0]], above.start[seen_from.bins[stretch, 1]]
        _squares(above.r_km, seen_from.places[place], seen_from.sine[place], begin, end, way, count)
        for k in range((end - begin + LANES - 1) & -LANES):
            j, to = np.uint64(begin + k), np.uint64(count + k)
            square = way[to]
            way[to] = np.sqrt(abs(square)) + (behind_km[j] if square > 0.0 else np.inf)
            found[to] = begin + k
        count += end - begin
    way[count : count + LANES] = np.inf
    return count


@leaf
def _least(way, count, least):  # type: ignore[no-untyped-def]
    """The shortest of the ways, lane by lane and then over the lanes."""
    least[:] = np.inf
    for first in range(0, count, LANES):
        for lane in range(LANES):
            value = way[np.uint64(first + lane)]
            least[lane] = value if value < least[lane] else least[lane]
    value = least[0]
    for lane in range(1, LANES):
        value = min(value, least[lane])
    return value


@leaf
def _with_way(way, found, count):  # type: ignore[no-untyped-def]
    """Move what has a way to the front of both; returns how many have one."""
    kept = 0
    for k in range(count):
        value, here, at = way[np.uint64(k)], found[np.uint64(k)], np.uint64(kept)
        way[at], found[at] = value, here
        kept += 1 if value < np.inf else 0
    return kept


@leaf
def _ranked(way, count, rank, one, other):  # type: ignore[no-untyped-def]
    """The way of a rank, and how many of its length come before it, the first in the bins counting first.

    Quickselect without a branch that depends on a value: at each turn shorter ways move to the front of `one`, longer ones to `other`.
    """
    if rank == 0:
        least = way[0]
        for k in range(1, count):
            least = min(least, way[np.uint64(k)])
        return least, 0
    for k in range(count):
        one[k] = way[k]
    pivot = way[count // 2]
    while True:
        shorter, longer = 0, 0
        for k in range(count):
            value = one[np.uint64(k)]
            one[np.uint64(shorter)], other[np.uint64(longer)] = value, value
            shorter += 1 if value < pivot else 0
            longer += 1 if value > pivot else 0
        if rank < shorter:
            count = shorter
        elif rank < count - longer:
            return pivot, rank - shorter
        else:
            rank -= count - longer
            count = longer
            one, other = other, one
        pivot = one[count // 2]


@leaf
def _place(way, count, value, before):  # type: ignore[no-untyped-def]
    """Where a way of this length stands that has so many of the same length before it."""
    at = 0
    for k in range(count - 1, -1, -1):
        at = k if way[np.uint64(k)] == value else at
    while before > 0:
        at += 1
        before -= 1 if way[at] == value else 0
    return at
