"""Visibility on the ellipsoid: which cells see a satellite, counted ring by ring.

A HEALPix ring has one latitude, so the condition "elevation above the WGS-84 horizon plane >= mask" depends on the difference of
longitudes alone, and the cells that meet it are one interval of the ring. Counting costs satellites x rings: +1 and -1 at the
interval's ends, and a running sum along the ring when its satellites are through. What the protection of the geostationary arc takes
away (geometry.arc) is one or two intervals inside that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.arc import CALM_KM, ENDS, Zone, edge_away, no_zone, walk
from pipeline.geometry.constants import WGS84_ECCENTRICITY_SQUARED, WGS84_SEMI_MAJOR_KM, WGS84_SEMI_MINOR_KM
from pipeline.geometry.grid import Rings
from pipeline.geometry.kernels import (
    LANES,
    SMALL,
    compiled,
    inlined,
    leaf,
    twice_arc_sine_of_root,
    twice_arc_sine_of_small_root,
)
from pipeline.geometry.sky import (
    BUCKETS,
    DISTANCE,
    FARTHEST_KM,
    LATITUDE_MARGIN_RAD,
    LONGITUDE,
    MASK_MARGIN_RAD,
    MAX_GROUPS,
    NEAREST_KM,
    PER_DISTANCE,
    SQUARE,
    TOP,
    Z,
    angle_of_cosine,
    between,
    reach_rad,
    room,
    sort,
)

ACROSS, UP, OFFSET, PER_RAD, COUNT, QUARTER_PER_ACROSS, NORMAL, BETA, SLOPE, LEVEL, FROM_POLE, NEAR = range(12)


@dataclass(frozen=True)
class RingGeometry:
    """What the kernels need of a band of rings, from north to south as in Rings.

    `table` float64 (ring, 12): distances A of the ring's points from the axis and U from the equatorial plane [km], two turns less the
    longitude of the first cell [cells], cells per radian, cells, 1 / 4A [1/km], the normal's length N to the axis [km], three numbers
    from which q = BETA square + SLOPE z + LEVEL [km] of a satellite follows (intervals), the geocentric angle from the north pole [rad],
    and the reach [rad] within which the squared sine of a quarter of an interval is at most SMALL.
    """

    table: NDArray[np.float64]
    cell_count: int

    @property
    def ring_count(self) -> int:
        """Number of rings."""
        return len(self.table)

    @property
    def across_km(self) -> NDArray[np.float64]:
        """Distance of the points of each ring from the axis [km], (ring,)."""
        return self.table[:, ACROSS]

    @property
    def up_km(self) -> NDArray[np.float64]:
        """Distance of the points of each ring from the equatorial plane [km], (ring,)."""
        return self.table[:, UP]

    @property
    def places(self) -> int:
        """Length of a difference array: two turns and two places more of every ring."""
        return 2 * (self.cell_count + self.ring_count)


def ring_geometry(rings: Rings) -> RingGeometry:
    """Trigonometry of the rings of a grid, or of a band of it."""
    latitude, count = np.radians(rings.latitude_deg), np.asarray(rings.cell_count, np.float64)
    sin, cos = np.sin(latitude), np.cos(latitude)
    normal = WGS84_SEMI_MAJOR_KM / np.sqrt(1 - WGS84_ECCENTRICITY_SQUARED * sin**2)
    across, up = normal * cos, normal * (1 - WGS84_ECCENTRICITY_SQUARED) * sin
    beta = 0.5 / normal
    level = beta * (across**2 + up**2) - (across * cos + up * sin)
    start, per_rad, from_pole = np.radians(rings.longitude_start_deg), count / (2 * np.pi), np.arctan2(across, up)
    columns = [
        across,
        up,
        2 * count - start * per_rad,
        per_rad,
        count,
        0.25 / across,
        normal,
        beta,
        sin - 2 * beta * up,
        level,
        from_pole,
        _near_rad(from_pole),
    ]
    return RingGeometry(np.stack(columns, axis=1), int(rings.cell_count.sum()))


def _near_rad(from_pole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Reach within which, by the law of haversines, sin(difference of longitude / 2)^2 is at most SMALL, by bisection."""
    away = np.minimum(from_pole, np.pi - from_pole)
    low, high = np.zeros_like(away), away.copy()
    for _ in range(40):
        middle = (low + high) / 2
        fits = np.sin(middle / 2) ** 2 <= SMALL * np.sin(away) * np.sin(away - middle)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return low


class Sums(NamedTuple):
    """Sums over instants, int64; all but the first are difference arrays, summed along the rings only at the end (along_rings).

    `weight`: of the satellites in view, (cell,) in ring order. `side`: count above the side mask, (places,). `side_excluded`: count of
    those among them that the arc excludes, (angle, places).
    """

    weight: NDArray[np.int64]
    side: NDArray[np.int64]
    side_excluded: NDArray[np.int64]


def empty_sums(geometry: RingGeometry, angles: int) -> Sums:
    """Sums of no instant."""
    places = geometry.places
    return Sums(*(np.zeros(shape, np.int64) for shape in ((geometry.cell_count,), (places,), (angles, places))))


@dataclass(frozen=True)
class Masks:
    """The elevation mask [deg] that counts, a second one for the side column, None where there is none, and the zone of the arc."""

    mask_deg: float
    side_deg: float | None = None
    zone: Zone | None = None


def counts(
    r_ecef_km: NDArray[np.float64],
    weight: NDArray[np.int64],
    geometry: RingGeometry,
    masks: Masks,
    visible: NDArray[np.uint16],
    usable: NDArray[np.uint16],
    sums: Sums,
) -> None:
    """Count the satellites above the mask in every cell at every instant, and those among them that the arc leaves.

    r_ecef_km: Earth-fixed positions [km], (instant, 3, satellite), not a number where there is none. weight: an integer per
    satellite, (satellite,). visible, usable: to be filled, (instant, cell) in ring order; usable only where the masks have a zone.
    sums: to be added to. Raises ValueError where a mask is not between 0 and 90 degrees.
    """
    zone = masks.zone or no_zone(geometry.ring_count)
    reach = side_reach = reach_rad(masks.mask_deg)
    side_sine, lowest_deg = -1.0, masks.mask_deg
    if masks.side_deg is not None:
        side_reach, side_sine = reach_rad(masks.side_deg), np.sin(np.radians(masks.side_deg))
        lowest_deg = min(lowest_deg, masks.side_deg)
    lowest = np.radians(lowest_deg) - MASK_MARGIN_RAD
    looks = _Looks(
        reach, side_reach, np.maximum(reach, side_reach), float(np.sin(np.radians(masks.mask_deg))), float(side_sine),
        float(WGS84_SEMI_MINOR_KM * np.cos(lowest)), float(WGS84_SEMI_MINOR_KM * np.sin(lowest)),
    )  # fmt: skip
    _counts(r_ecef_km, weight, geometry.table, looks, zone, visible, usable, sums)


class _Looks(NamedTuple):
    """How far is looked: the reach [rad] of both masks and the wider one, (class,), their sines, that of the side mask -1 without one, and
    what the slant range to a satellite above the lower of them follows from [km].
    """

    reach: NDArray[np.float64]
    side_reach: NDArray[np.float64]
    widest: NDArray[np.float64]
    sin_mask: float
    sin_side: float
    level_km: float
    rise_km: float


class _Seen(NamedTuple):
    """Who is looked at on a ring, at the places of a sky: half the width of the interval of either mask [rad], (satellite + LANES,), 0 for none."""

    of: NDArray[np.float64]
    half: NDArray[np.float64]
    side_half: NDArray[np.float64]


class _Scratch(NamedTuple):
    """Edges of the zone [rad] at the places of a sky, and ends of intervals from 0 on, (satellite + LANES,); what a walk finds, (ENDS,)."""

    inner: NDArray[np.float64]
    outer: NDArray[np.float64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    near: NDArray[np.int64]
    far: NDArray[np.int64]
    walked: NDArray[np.float64]


@inlined
def _squared_sine(sky, k, across, up, beta, slope, level, normal, quarter_per_across, sin_mask):  # type: ignore[no-untyped-def]
    """Squared sine of half the difference of longitude within which a satellite is above the mask; below 0 for none, 1 and above for all.

    Its height over a point's horizon plane is q - r^2 / 2N, r being the range and N the normal's length, so that where the elevation is
    the mask's r^2 / 2N + r sin(mask) = q: a quadratic equation of ring and satellite alone. Elevation falls with the range, and the
    range gives the difference of longitude.
    """
    z, distance = sky[Z, k], sky[DISTANCE, k]
    q = beta * sky[SQUARE, k] + (slope * z + level)
    range_km = (np.sqrt(sin_mask * sin_mask + 4.0 * beta * q) - sin_mask) * normal
    range_km = range_km if range_km > 0.0 else 0.0  # not a number: below every horizon
    beside, above = distance - across, z - up
    return (range_km * range_km - beside * beside - above * above) * quarter_per_across * sky[PER_DISTANCE, k]


@inlined
def _ends(longitude, half, per_rad, offset, cells):  # type: ignore[no-untyped-def]
    """Where the interval `half` [rad] to either side of a longitude [rad, -pi to pi] begins and ends in a ring's two turns."""
    centre, reach = longitude * per_rad + offset, half * per_rad
    # Two turns are in the offset, so that cutting off the fraction rounds down.
    low, high = np.int64(centre - reach) + 1, np.int64(centre + reach) + 1
    full = (high - low >= cells) | (half >= np.pi)
    return np.int64(0) if full else low - cells, cells if full else high - cells


@leaf
def intervals(table, ring, sky, first, last, sin_mask, near, half, begin, end):  # type: ignore[no-untyped-def]
    """The intervals of a ring in which satellites `first` to `last` - 1 of the sky are above the mask.

    Fills, and up to LANES beyond: `half`, at the satellites' places, the width [rad], 0 for none, pi for all; `begin` and `end`, from 0 on
    so that they are still near when they are read, in the ring's two turns, the same for none. near: whether the satellites' reach is
    within the ring's NEAR.
    """
    across, up, normal, quarter_per_across = table[ring, ACROSS], table[ring, UP], table[ring, NORMAL], table[ring, QUARTER_PER_ACROSS]  # fmt: skip
    beta, slope, level = table[ring, BETA], table[ring, SLOPE], table[ring, LEVEL]
    cells, per_rad, offset = np.int64(table[ring, COUNT]), table[ring, PER_RAD], table[ring, OFFSET]
    whole = (last - first + LANES - 1) // LANES * LANES
    if near:
        for j in range(whole):
            k = np.uint64(first + j)
            w = _squared_sine(sky, k, across, up, beta, slope, level, normal, quarter_per_across, sin_mask)
            wide = twice_arc_sine_of_small_root(w if w > 0.0 else 0.0)
            half[k] = wide
            begin[j], end[j] = _ends(sky[LONGITUDE, k], wide, per_rad, offset, cells)
    else:
        for j in range(whole):
            k = np.uint64(first + j)
            w = _squared_sine(sky, k, across, up, beta, slope, level, normal, quarter_per_across, sin_mask)
            wide = (twice_arc_sine_of_root(w) if w < 1.0 else np.pi) if w > 0.0 else 0.0
            half[k] = wide
            begin[j], end[j] = _ends(sky[LONGITUDE, k], wide, per_rad, offset, cells)


# Count and weight travel in one integer: the count in the low bits, the weight above. Both are sums of non-negative numbers wherever
# a running sum is read, so they never borrow from each other.
COUNT_BITS = 20
_COUNT_MASK = (1 << COUNT_BITS) - 1


@leaf
def _add(difference, at, begin, end, count, amount):  # type: ignore[no-untyped-def]
    """Add `amount` to the first `count` intervals in a difference array, in which the ring begins at `at`."""
    for j in range(count):
        k = np.uint64(j)
        difference[np.uint64(at + begin[k])] += amount
        difference[np.uint64(at + end[k])] -= amount


@leaf
def _add_amounts(difference, begin, end, first, last, amount):  # type: ignore[no-untyped-def]
    """As _add, those of satellites `first` to `last` - 1, each its own amount."""
    for j in range(last - first):
        k = np.uint64(j)
        more = amount[np.uint64(first + j)]
        difference[np.uint64(begin[k])] += more
        difference[np.uint64(end[k])] -= more


@leaf
def _amounts(sky, groups, weight, amount):  # type: ignore[no-untyped-def]
    """Fill amount (satellite,), in the sky's order, with what _close takes apart."""
    for k in range(sky.start[groups * BUCKETS]):
        amount[k] = (weight[sky.order[k]] << COUNT_BITS) + 1


@inlined
def _scratch(places):  # type: ignore[no-untyped-def]
    return _Scratch(
        np.empty(places), np.empty(places), np.empty(places, np.int64), np.empty(places, np.int64),
        np.empty(places, np.int64), np.empty(places, np.int64), np.empty(ENDS),
    )  # fmt: skip


@compiled
def _counts(r_ecef_km, weight, table, looks, zone, visible, usable, sums):  # type: ignore[no-untyped-def]
    n_satellite = r_ecef_km.shape[2]
    places, most = n_satellite + LANES, 2 * np.int64(table[:, COUNT].max()) + 2
    sky, scratch, amount = room(n_satellite), _scratch(places), np.empty(n_satellite, np.int64)
    all_seen = _Seen(sky.of, np.empty(places), np.zeros(places))
    picked = _Seen(np.zeros((5, places)), np.empty(places), np.empty(places))
    span, difference, excluded = np.zeros((4, MAX_GROUPS), np.int64), np.zeros(most, np.int64), np.zeros(most, np.int64)
    for instant in range(r_ecef_km.shape[0]):
        groups = sort(r_ecef_km, instant, looks.widest, sky)
        _amounts(sky, groups, weight, amount)
        cell = np.int64(0)
        for ring in range(len(table)):
            cells, at = np.int64(table[ring, COUNT]), 2 * (cell + ring)
            _count(table, ring, sky, groups, looks, amount, all_seen, scratch, span, difference, sums.side, at)
            _close(difference, cells, visible[instant], sums.weight, cell)
            for angle in range(len(zone.rough)):
                if zone.window_half_rad[angle, ring] >= 0.0:
                    _exclude(
                        table, ring, sky, groups, looks, zone, angle, span, all_seen, picked, scratch, excluded, sums.side_excluded, at,
                    )  # fmt: skip
                    _close_usable(excluded, cells, angle, zone.angle_of_cell, visible[instant], usable[instant], cell)
            cell += cells


@leaf
def _count(table, ring, sky, groups, looks, amount, found, scratch, span, difference, side_sum, at):  # type: ignore[no-untyped-def]
    """Count all groups on a ring; notes in `span` (4, group) the first and one past the last of those looked at, and of those looked at
    by the side mask.
    """
    half, side_half, begin, end = found.half, found.side_half, scratch.begin, scratch.end
    for of in range(groups):
        top = int(sky.group[TOP, of])
        first, last = seen(table, ring, sky.of, sky.start, of, looks.reach[top], looks.sin_mask, half, begin, end)
        _add_amounts(difference, begin, end, first, last, amount)
        span[0, of], span[1, of] = first, last
        if looks.sin_side >= 0.0:
            a, b = seen(table, ring, sky.of, sky.start, of, looks.side_reach[top], looks.sin_side, side_half, begin, end)  # fmt: skip
            _add(side_sum, at, begin, end, b - a, 1)
            # Whom only one of the masks was looked at for has no interval of the other.
            low, high = min(first, a), max(last, b)
            half[low:first], half[last:high], side_half[low:a], side_half[b:high] = 0.0, 0.0, 0.0, 0.0
            span[0, of], span[1, of], span[2, of], span[3, of] = low, high, a, b


@leaf
def seen(table, ring, of_sky, start, of, reach, sin_mask, half, begin, end):  # type: ignore[no-untyped-def]
    """The intervals of a ring for those of a group that it may see (intervals); first and one past the last of them."""
    first, last = between(start, of, table[ring, FROM_POLE] - reach, table[ring, FROM_POLE] + reach)
    if first < last:
        intervals(table, ring, of_sky, first, last, sin_mask, reach <= table[ring, NEAR], half, begin, end)
    return first, last


@leaf
def _exclude(  # type: ignore[no-untyped-def]
    table, ring, sky, groups, looks, zone, angle, span, all_seen, picked, scratch, excluded, side_excluded, at
):  # fmt: skip
    """Count all groups in the cells of a ring in which the zone of an angle holds them."""
    north_sine, south_sine = zone.north_sine[angle, ring], zone.south_sine[angle, ring]
    window, window_half = zone.window_rad[angle, ring], zone.window_half_rad[angle, ring]
    for of in range(groups):
        farthest = sky.group[FARTHEST_KM, of]
        slant_km = np.sqrt(max(farthest * farthest - looks.level_km * looks.level_km, 0.0)) - looks.rise_km
        first, last = _about_zone(sky.group, sky.start, of, table[ring, UP], slant_km, north_sine, south_sine)
        first, last = max(first, span[0, of]), min(last, span[1, of])
        side_first, side_last, found = max(first, span[2, of]), min(last, span[3, of]), all_seen
        if first < last and window_half < np.pi:
            last = _pick(all_seen, first, last, window, window_half, picked)
            first, side_first, side_last, found = 0, 0, last, picked
        if first >= last:
            continue
        if zone.rough[angle, ring] or slant_km > CALM_KM:
            _walk_edges(
                table, ring, zone, angle, found, first, last, scratch.walked, excluded, side_excluded[angle], at
            )
            continue
        near = looks.widest[int(sky.group[TOP, of])] <= table[ring, NEAR]
        _edges(table, ring, zone, angle, found.of, first, last, near, scratch.inner, scratch.outer)
        _take_out(table, ring, found.of, found.half, first, last, scratch, excluded, 0)
        if looks.sin_side >= 0.0:
            _take_out(table, ring, found.of, found.side_half, side_first, side_last, scratch, side_excluded[angle], at)


@leaf
def _about_zone(group, start, of, up, slant_km, north_sine, south_sine):  # type: ignore[no-untyped-def]
    """First and one past the last of those of a group that the zone may hold, by their height over the equatorial plane."""
    top, bottom = up + slant_km * max(north_sine, 0.0), up + slant_km * min(south_sine, 0.0)
    nearest, farthest = group[NEAREST_KM, of], group[FARTHEST_KM, of]
    north = angle_of_cosine(max(top / nearest, top / farthest)) - LATITUDE_MARGIN_RAD
    south = angle_of_cosine(min(bottom / nearest, bottom / farthest)) + LATITUDE_MARGIN_RAD
    return between(start, of, north, south)


@leaf
def _pick(found, first, last, window, window_half, picked):  # type: ignore[no-untyped-def]
    """Copy those satellites that a cell of the window may see to the front of `picked`; returns how many."""
    count = 0
    for k in range(first, last):
        half, side_half = found.half[k], found.side_half[k]
        wide = half if half > side_half else side_half
        away = abs(found.of[LONGITUDE, k] - window)
        away = away if away < np.pi else 2.0 * np.pi - away
        picked.half[count], picked.side_half[count] = half, side_half
        for column in (Z, DISTANCE, LONGITUDE, PER_DISTANCE):
            picked.of[column, count] = found.of[column, k]
        count += 1 if (wide > 0.0) & (away <= window_half + wide) else 0
    return count


@leaf
def _edges(table, ring, zone, angle, of, first, last, near, inner, outer):  # type: ignore[no-untyped-def]
    """Fill inner and outer [rad] of satellites `first` to `last` - 1 of a sky: the zone of the ring holds them between the two.

    It lies below its north edge and above its south edge. An edge above the equatorial plane through the terminal matters for
    satellites above it, one below for those below.
    """
    north, south, across, up = zone.north[angle, ring], zone.south[angle, ring], table[ring, ACROSS], table[ring, UP]
    if zone.north_sine[angle, ring] * zone.south_sine[angle, ring] > 0.0:
        rises = zone.north_sine[angle, ring] > 0.0
        edge_away(north, north, across, up, of, first, last, near, inner if rises else outer)
        edge_away(south, south, across, up, of, first, last, near, outer if rises else inner)
        for k in range(first, last):
            inner[k] = inner[k] if (of[Z, k] > up) == rises else np.pi  # on the side where the zone is not
    else:
        # The edges lie on either side of the plane: one bounds, and nothing does from outside.
        edge_away(north, south, across, up, of, first, last, near, inner)
        outer[first:last] = np.pi


@leaf
def _take_out(table, ring, of, half, first, last, scratch, excluded, at):  # type: ignore[no-untyped-def]
    """Count satellites in a difference array, in which the ring begins at `at`, from the inner edge to the outer one or to `half`."""
    cells, per_rad, offset = np.int64(table[ring, COUNT]), table[ring, PER_RAD], table[ring, OFFSET]
    begin, end, near, far = scratch.begin, scratch.end, scratch.near, scratch.far
    for j in range((last - first + LANES - 1) // LANES * LANES):
        k = np.uint64(first + j)
        inner, edge = scratch.inner[k], half[k] if half[k] < scratch.outer[k] else scratch.outer[k]
        edge = edge if edge > inner else 0.0
        begin[j], end[j] = _ends(of[LONGITUDE, k], edge, per_rad, offset, cells)
        near[j], far[j] = _ends(of[LONGITUDE, k], inner if edge > 0.0 else 0.0, per_rad, offset, cells)
    _add(excluded, at, begin, end, last - first, 1)
    _add(excluded, at, near, far, last - first, -1)


@leaf
def _walk_edges(table, ring, zone, angle, found, first, last, walked, excluded, side_excluded, at):  # type: ignore[no-untyped-def]
    """As _edges and _take_out of both masks, on rings where the quick way to an edge does not hold."""
    north, south = zone.north[angle, ring], zone.south[angle, ring]
    for k in range(first, last):
        half, side_half, dz = found.half[k], found.side_half[k], found.of[Z, k] - table[ring, UP]
        wide, ends = max(half, side_half), 0
        if wide > 0.0:
            ends = walk(north, south, table[ring, ACROSS], dz, found.of[DISTANCE, k], wide, walked)
        for pair in range(0, ends, 2):
            longitude, inner, outer = found.of[LONGITUDE, k], walked[pair], walked[pair + 1]
            _take_out_one(table, ring, longitude, inner, min(outer, half), excluded, 0)
            _take_out_one(table, ring, longitude, inner, min(outer, side_half), side_excluded, at)


@leaf
def _take_out_one(table, ring, longitude, inner, outer, excluded, at):  # type: ignore[no-untyped-def]
    cells, per_rad, offset = np.int64(table[ring, COUNT]), table[ring, PER_RAD], table[ring, OFFSET]
    if inner < outer:
        begin, end = _ends(longitude, outer, per_rad, offset, cells)
        near, far = _ends(longitude, inner, per_rad, offset, cells)
        excluded[at + begin] += 1
        excluded[at + end] -= 1
        excluded[at + near] -= 1
        excluded[at + far] += 1


@leaf
def _close(difference, cells, count_of_cell, weight_sum, cell):  # type: ignore[no-untyped-def]
    """Sum the difference array of a ring's two turns into counts and weights of its cells, and clear it."""
    running = _fold(difference, cells)
    for k in range(cells):
        running += difference[k]
        difference[k] = 0
        count_of_cell[cell + k] = running & _COUNT_MASK
        weight_sum[cell + k] += running >> COUNT_BITS


@leaf
def _close_usable(excluded, cells, angle, angle_of_cell, visible, usable, cell):  # type: ignore[no-untyped-def]
    """Take what is excluded from what is visible in the cells of the angle, and clear the difference array of the ring."""
    running = _fold(excluded, cells)
    for k in range(cells):
        running += excluded[k]
        excluded[k] = 0
        if angle_of_cell[cell + k] == angle:
            # Where rounding sets the end of both intervals apart, a satellite is excluded that is not in view.
            usable[cell + k] = max(np.int64(visible[cell + k]) - running, 0)


@leaf
def _fold(difference, cells):  # type: ignore[no-untyped-def]
    """Add a ring's second turn to its first, and clear it; returns what has begun before the first cell."""
    running = np.int64(0)
    for k in range(cells):
        running += difference[k]
        difference[k] += difference[cells + k]
        difference[cells + k] = 0
    difference[2 * cells], difference[2 * cells + 1] = 0, 0
    return running


def along_rings(difference: NDArray[np.int64], geometry: RingGeometry) -> NDArray[np.int64]:
    """Running sums along every ring of difference arrays (..., places): (..., cell) in ring order."""
    out = np.empty((*difference.shape[:-1], geometry.cell_count), np.int64)
    first = 0
    for ring, cells in enumerate(geometry.table[:, COUNT].astype(np.int64).tolist()):
        at = 2 * (first + ring)
        turns = np.cumsum(difference[..., at : at + 2 * cells], axis=-1)
        out[..., first : first + cells] = turns[..., :cells] + turns[..., cells:]
        first += cells
    return out
