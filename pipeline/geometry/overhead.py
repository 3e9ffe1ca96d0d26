"""Which satellites stand over points of the ground: by bins of latitude and longitude that the satellites of an instant are sorted into.

Where a grid on rings needs only the ends of intervals (visibility.py), stations and towns lie anywhere, and what is asked for is each
satellite in view with its range. A point looks at the bins that its view may reach, some 1.5 times the satellites that it sees.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.constants import WGS84_SEMI_MINOR_KM
from pipeline.geometry.kernels import LANES, compiled, inlined, leaf
from pipeline.geometry.sky import MASK_MARGIN_RAD

ROWS, COLUMNS = 60, 120
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


def sightings(above: Overhead, places: NDArray[np.float64], mask_deg: NDArray[np.float64] | float) -> Sightings:
    """Every satellite in view of every place at or above its mask.

    places: as points.places gives them, (place, 6). mask_deg: lowest elevation above the horizon plane of WGS-84 [deg], 0 to 90, of all
    places or of each. Raises ValueError where a mask is not between 0 and 90.
    """
    mask = np.broadcast_to(np.asarray(mask_deg, np.float64), len(places))
    if not ((mask >= 0) & (mask <= 90)).all():
        raise ValueError(
            f"an elevation mask of {mask[~((mask >= 0) & (mask <= 90))][0]} degrees is not between 0 and 90"
        )
    reach, sine = reach_rad(above, mask), np.sin(np.radians(mask))
    start = np.zeros(len(places) + 1, np.int64)
    most = _sight(above, places, reach, sine, start, np.empty(0, np.int32), np.empty(0))
    satellite, range_km = np.empty(most, np.int32), np.empty(most)
    _sight(above, places, reach, sine, start, satellite, range_km)
    return Sightings(start, satellite, range_km)


def reach_rad(above: Overhead, mask_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earth-central angle [rad] within which any of the satellites may be above a mask [deg], (place,)."""
    mask = np.radians(mask_deg) - MASK_MARGIN_RAD
    farthest_km = max(above.farthest_km, WGS84_SEMI_MINOR_KM)
    return np.asarray(np.arccos(np.minimum(1.0, WGS84_SEMI_MINOR_KM * np.cos(mask) / farthest_km)) - mask)


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


@inlined
def box(place, reach):  # type: ignore[no-untyped-def]
    """First and last row, first column and number of columns of the bins that a view of that reach [rad] may touch."""
    across = np.sqrt(place[X] * place[X] + place[Y] * place[Y])
    latitude = np.arctan2(place[Z], across)
    first, last = _row(latitude - reach), _row(latitude + reach)
    if abs(latitude) + reach >= 0.5 * np.pi - 1e-9:
        return first, last, 0, COLUMNS
    half = np.arcsin(min(np.sin(reach) / np.cos(latitude), 1.0))
    longitude = np.arctan2(place[Y], place[X])
    low = int(np.floor((longitude - half + np.pi) * _PER_COLUMN))
    high = int(np.floor((longitude + half + np.pi) * _PER_COLUMN))
    return first, last, (low + COLUMNS) % COLUMNS, min(high - low + 1, COLUMNS)


@leaf
def look(above, place, reach, sine, near_km2, found):  # type: ignore[no-untyped-def]
    """Find the satellites in view of a place; returns how many. `found` int64: their places in the order of the bins.

    near_km2, float64: squared ranges of those found [km2]. Both have room for all satellites and LANES more.
    """
    r_km, start = above.r_km, above.start
    first, last, column, columns = box(place, reach)
    count = 0
    for row in range(first, last + 1):
        for part in range(2):  # the bins of a row are one stretch, or two where they lie across 180 degrees
            low = column if part == 0 else 0
            high = min(column + columns, COLUMNS) if part == 0 else column + columns - COLUMNS
            if high <= low:
                continue
            begin, end = start[row * COLUMNS + low], start[row * COLUMNS + high]
            _squares(r_km, place, sine, begin, end, near_km2, count)
            kept = count
            for k in range(end - begin):
                value = near_km2[count + k]
                near_km2[kept] = value
                found[kept] = begin + k
                kept += 1 if value > 0.0 else 0
            count = kept
    return count


@leaf
def _squares(r_km, place, sine, begin, end, near_km2, at):  # type: ignore[no-untyped-def]
    """Squared ranges [km2] of a stretch of satellites, written from `at` on; below zero for those under the mask."""
    for k in range(end - begin):
        j, to = np.uint64(begin + k), np.uint64(at + k)
        dx, dy, dz = r_km[0, j] - place[X], r_km[1, j] - place[Y], r_km[2, j] - place[Z]
        square = dx * dx + dy * dy + dz * dz
        rise = dx * place[UP_X] + dy * place[UP_Y] + dz * place[UP_Z]
        near_km2[to] = square if rise * abs(rise) >= sine * sine * square else -1.0


@compiled
def _sight(above, places, reach, sine, start, satellite, range_km):  # type: ignore[no-untyped-def]
    """Count the satellites in view of each place into `start`, and write them where there is room; returns how many there are."""
    near_km2, found = np.empty(above.r_km.shape[1]), np.empty(above.r_km.shape[1], np.int64)
    total = 0
    for k in range(len(places)):
        start[k] = total
        count = look(above, places[k], reach[k], sine[k], near_km2, found)
        if len(satellite) > 0:
            for hit in range(count):
                satellite[total + hit] = above.order[found[hit]]
                range_km[total + hit] = np.sqrt(near_km2[hit])
        total += count
    start[len(places)] = total
    return total


def serve(
    above: Overhead,
    places: NDArray[np.float64],
    mask_deg: float,
    goal: NDArray[np.int32],
    beyond_km: NDArray[np.float64],
    rank_fraction: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Way [km] from every place to its goal, and the satellite that serves it, float64 and int32 (rule, place).

    goal: which of the goals each place goes to, (place,), -1 for none. beyond_km: shortest way from each satellite to each goal,
    (goal, satellite), infinite where there is none. rank_fraction: rules of which satellite serves, (rule,): of those in view with a
    way, in order of the whole way, that at this fraction of the ranks: 0 the best, 0.5 the median. Where none has a way the way is
    infinite and the satellite -1.
    """
    mask = np.full(len(places), float(mask_deg))
    way_km, satellite = np.full((len(rank_fraction), len(places)), np.inf), np.full((len(rank_fraction), len(places)), -1, np.int32)  # fmt: skip
    reach, sine = reach_rad(above, mask), np.sin(np.radians(mask))
    _serve(above, places, reach, sine, goal, beyond_km, rank_fraction, way_km, satellite)
    return way_km, satellite


@compiled
def _serve(above, places, reach, sine, goal, beyond_km, rank_fraction, way_km, satellite):  # type: ignore[no-untyped-def]
    room = above.r_km.shape[1]
    near_km2, found, way = np.empty(room), np.empty(room, np.int64), np.empty(room)
    for place in range(len(places)):
        to = goal[place]
        if to < 0:
            continue
        count, kept = look(above, places[place], reach[place], sine[place], near_km2, found), 0
        for hit in range(count):
            k = above.order[found[hit]]
            value = np.sqrt(near_km2[hit]) + beyond_km[to, k]
            way[kept], found[kept] = value, k
            kept += 1 if value < np.inf else 0
        if kept == 0:
            continue
        done = 0
        for rule in range(len(rank_fraction)):
            done = _select(way, found, kept, done, int(rank_fraction[rule] * (kept - 1)))
            way_km[rule, place], satellite[rule, place] = way[done - 1], found[done - 1]


@leaf
def _select(way, found, count, done, rank):  # type: ignore[no-untyped-def]
    """Sort the lowest until that of a rank stands in its place, `done` of them being sorted; returns how many are then."""
    for to in range(done, rank + 1):
        least = to
        for k in range(to + 1, count):
            if way[k] < way[least] or (way[k] == way[least] and found[k] < found[least]):
                least = k
        way[to], way[least] = way[least], way[to]
        found[to], found[least] = found[least], found[to]
    return rank + 1
