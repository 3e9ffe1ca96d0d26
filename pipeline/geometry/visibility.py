"""Visibility on the ellipsoid: which cells see a satellite, counted ring by ring.

A HEALPix ring has one latitude, so the condition "elevation above the WGS-84 horizon plane >= mask" depends on the difference of
longitudes alone, and the cells that meet it are one interval of the ring. Counting costs satellites x rings: +1 and -1 at the
interval's ends, and a running sum along the ring at the end of the instant. What the protection of the geostationary arc takes away
(geometry.arc) is one or two intervals inside that one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.arc import CALM_KM, DEGREE, Zone
from pipeline.geometry.constants import WGS84_ECCENTRICITY_SQUARED, WGS84_SEMI_MAJOR_KM, WGS84_SEMI_MINOR_KM
from pipeline.geometry.grid import Rings
from pipeline.geometry.kernels import LANES, ROUND, compiled, inlined, leaf, twice_arc_sine_of_root

# Geodetic and geocentric latitude differ by at most 0.1924 degrees, the normal and the radius by as much: rings are looked for within
# the spherical footprint of a mask that is lower by this much, and by this much beyond it, and the exact condition decides.
FOOTPRINT_MARGIN_RAD = np.radians(0.2)
ACROSS, UP, OFFSET, PER_RAD, COUNT, HALF_PER_ACROSS, QUARTER_PER_ACROSS, NORMAL, BETA, SLOPE, LEVEL = range(11)


@dataclass(frozen=True)
class RingGeometry:
    """What the kernels need of a band of rings, from north to south as in Rings, with LANES rows more that see nothing.

    `table` float64 (11, ring + LANES): distances A of the ring's points from the axis and U from the equatorial plane [km], two turns
    less the longitude of the first cell [cells], cells per radian, cells, 1 / 2A and 1 / 4A [1/km], the normal's length N to the axis [km], and three
    numbers from which q = BETA square + SLOPE z + LEVEL [km] of a satellite follows (half_widths). `base` int64: the ring's place in
    an array of cells with LANES places more for every ring. `lookup` int64: the first ring at or south of each of equal steps of
    latitude from the north pole. `cell_count`: cells in all.
    """

    table: NDArray[np.float64]
    base: NDArray[np.int64]
    lookup: NDArray[np.int64]
    ring_count: int
    cell_count: int

    @property
    def across_km(self) -> NDArray[np.float64]:
        """Distance of the points of each ring from the axis [km], (ring,)."""
        return self.table[ACROSS, : self.ring_count]

    @property
    def up_km(self) -> NDArray[np.float64]:
        """Distance of the points of each ring from the equatorial plane [km], (ring,)."""
        return self.table[UP, : self.ring_count]

    @property
    def places(self) -> int:
        """Length of an array of cells with LANES places more for every ring."""
        return self.cell_count + LANES * self.ring_count


def ring_geometry(rings: Rings) -> RingGeometry:
    """Trigonometry of the rings of a grid, or of a band of it."""
    latitude, count = np.radians(rings.latitude_deg), np.asarray(rings.cell_count, np.float64)
    sin, cos = np.sin(latitude), np.cos(latitude)
    normal = WGS84_SEMI_MAJOR_KM / np.sqrt(1 - WGS84_ECCENTRICITY_SQUARED * sin**2)
    across, up = normal * cos, normal * (1 - WGS84_ECCENTRICITY_SQUARED) * sin
    beta = 0.5 / normal
    level = beta * (across**2 + up**2) - (across * cos + up * sin)
    start, per_rad = np.radians(rings.longitude_start_deg), count / (2 * np.pi)
    rows = [
        across,
        up,
        2 * count - start * per_rad,
        per_rad,
        count,
        0.5 / across,
        0.25 / across,
        normal,
        beta,
        sin - 2 * beta * up,
        level,
    ]
    nothing = [1.0, 0.0, 2.0, 0.0, 1.0, 0.5, 0.25, 1.0, 1.0, 0.0, -1e12]  # a horizon plane beyond every satellite
    table = np.hstack([np.stack(rows), np.repeat(np.array(nothing)[:, None], LANES, axis=1)])
    ring = np.arange(len(count) + LANES)
    first = np.append(rings.first, [rings.first[-1] + rings.cell_count[-1]] * LANES) - rings.first[0]
    edges = np.pi / 2 - np.linspace(0, np.pi, 8 * len(count) + 1)
    return RingGeometry(
        table=table,
        base=np.asarray(first + LANES * np.minimum(ring, len(count) - 1), np.int64),
        lookup=np.searchsorted(-latitude, -edges).astype(np.int64),
        ring_count=len(count),
        cell_count=int(rings.cell_count.sum()),
    )


REACH_START_KM, REACH_STEP_KM, _REACH_COUNT = 6_300.0, 10.0, 4_400


def reach_rad(mask_deg: float) -> NDArray[np.float64]:
    """Earth-central angle [rad] within which a satellite may be above the mask [deg], every 10 km of its distance from the centre from 6,300 km.

    Raises ValueError where the mask is not between 0 and 90 degrees.
    """
    if not 0 <= mask_deg <= 90:
        raise ValueError(f"an elevation mask of {mask_deg} degrees is not between 0 and 90")
    mask = np.radians(mask_deg) - FOOTPRINT_MARGIN_RAD
    r_km = REACH_START_KM + REACH_STEP_KM * np.arange(1, _REACH_COUNT + 1)  # the far edge of each step reaches farthest
    return np.arccos(np.minimum(1.0, WGS84_SEMI_MINOR_KM * np.cos(mask) / r_km)) - mask + FOOTPRINT_MARGIN_RAD


@dataclass(frozen=True)
class Sums:
    """Sums over instants, int64; all but the first are difference arrays, summed along the rings only at the end (along_rings).

    `weight`: of the satellites in view, (cell,) in ring order. `side`: count above the side mask, (places,). `side_excluded`: count of those among them that
    the arc excludes, (angle, places).
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
    zone = masks.zone or _no_zone(geometry)
    reach, side_sine = reach_rad(masks.mask_deg), -1.0
    if masks.side_deg is not None:
        reach, side_sine = np.maximum(reach, reach_rad(masks.side_deg)), np.sin(np.radians(masks.side_deg))
    _counts(
        r_ecef_km, weight, geometry.table, geometry.base, geometry.lookup, geometry.ring_count,
        reach, np.sin(np.radians(masks.mask_deg)), side_sine,
        zone.north, zone.south, zone.north_most, zone.south_most, zone.rough, zone.window_rad, zone.window_half_rad, zone.angle_of_cell,
        visible, usable, sums.weight, sums.side, sums.side_excluded,
    )  # fmt: skip


def _no_zone(geometry: RingGeometry) -> Zone:
    """A zone of no angle, so that the kernel is compiled once."""
    n = geometry.ring_count + LANES
    none, powers = np.empty((0, n)), np.empty((0, DEGREE + 2, n))
    return Zone(powers, powers, none, none, np.empty((0, n), np.int64), none, none, np.empty(0, np.uint8))


@leaf
def half_widths(table, ring, lanes, z, distance, square, sin_mask, half):  # type: ignore[no-untyped-def]
    """Half the interval of longitudes [rad] in which a satellite is above the mask, on `lanes` rings from `ring` on; -1 for none, pi for all.

    The satellite is `distance` km off the axis, `z` km above the equatorial plane, and `square` km2 from the centre. Its height over a
    point's horizon plane is q - r^2 / 2N, r being the range and N the normal's length, so that where the elevation is the mask's
    r^2 / 2N + r sin(mask) = q: a quadratic equation of ring and satellite alone. Elevation falls with the range, and the range gives
    the difference of longitude.
    """
    per_distance, squared = 1.0 / distance, sin_mask * sin_mask
    for j in range(lanes):
        s = np.uint64(ring + j)
        beta = table[BETA, s]
        q = beta * square + (table[SLOPE, s] * z + table[LEVEL, s])
        range_km = (np.sqrt(squared + 4.0 * beta * q) - sin_mask) * table[NORMAL, s]
        range_km = range_km if range_km > 0.0 else 0.0  # not a number: below every horizon
        beside, above = distance - table[ACROSS, s], z - table[UP, s]
        w = (range_km * range_km - beside * beside - above * above) * table[QUARTER_PER_ACROSS, s] * per_distance
        half[j] = (twice_arc_sine_of_root(w) if w < 1.0 else np.pi) if w >= 0.0 else -1.0


@leaf
def places(table, base, ring, lanes, longitude, half, begin, end):  # type: ignore[no-untyped-def]
    """Where the intervals of `lanes` rings about a longitude [rad, -pi to pi] begin and end in a difference array; one place where they are empty.

    An interval that reaches beyond the ring's end has its own end before its beginning.
    """
    for j in range(lanes):
        s = np.uint64(ring + j)
        n, reach = np.int64(table[COUNT, s]), half[j] * table[PER_RAD, s]
        # Two turns are in the offset, so that cutting off the fraction rounds down.
        centre = longitude * table[PER_RAD, s] + table[OFFSET, s]
        low = np.int64(centre - reach) + 1
        cells = np.int64(centre + reach) + 1 - low
        full = (cells >= n) | (half[j] >= np.pi)  # as many cells as there are would end where they begin
        cells = n if full else cells if cells > np.int64(0) else np.int64(0)
        low -= n if low < 2 * n else 2 * n
        low = np.int64(0) if full else low
        high = low + cells
        begin[j] = base[s] + low
        end[j] = base[s] + (high - n if high > n else high)


@leaf
def _add(difference, base, ring, lanes, begin, end, amount):  # type: ignore[no-untyped-def]
    """Add `amount` to the intervals of `lanes` rings in a difference array."""
    for j in range(lanes):
        difference[begin[j]] += amount
        difference[end[j]] -= amount
        if end[j] < begin[j]:
            difference[base[ring + j]] += amount


@inlined
def _edge(power, angle, s, cosine):  # type: ignore[no-untyped-def]
    """An edge of the zone, tan(declination), at the cosine of the hour angle, for ring `s`."""
    tangent = power[angle, DEGREE, s]
    for n in range(DEGREE - 1, -1, -1):
        tangent = tangent * cosine + power[angle, n, s]
    return tangent


_BY_SIDE, _NORTH, _SOUTH = range(3)


@leaf
def _edge_away(table, north, south, which, angle, ring, first, last, z, distance, away):  # type: ignore[no-untyped-def]
    """Difference of longitude [rad] from which on an edge of the zone reaches the satellite's height, for places `first` to `last` - 1 from `ring`.

    which: the north edge, the south one, or that on the satellite's side of the equatorial plane through the terminal. The height of an
    edge over the terminal is S T(cos H) with S the horizontal distance and cos H = (g - S^2) / (2 A S), g being the difference of the
    squared distances from the axis, the satellite's and the terminal's. After a guess and a step with the
    slope T(0) two of Newton's leave 3e-12 rad; the reciprocals are carried along and bettered, which is cheaper than dividing. An edge on the other side of
    the plane never reaches the height, and the result means nothing.
    """
    per_distance = 1.0 / distance
    for j in range((last - first + LANES - 1) // LANES * LANES):
        s = np.uint64(ring + first + j)
        across, half_per_across = table[ACROSS, s], table[HALF_PER_ACROSS, s]
        beside, dz = distance - across, z - table[UP, s]
        g = beside * (distance + across)
        upper = (which == _NORTH) | ((which == _BY_SIDE) & (dz > 0.0))
        per_slope = north[angle, DEGREE + 1, s] if upper else south[angle, DEGREE + 1, s]  # 1 / T(0)
        c0 = north[angle, 0, s] if upper else south[angle, 0, s]
        c1 = north[angle, 1, s] if upper else south[angle, 1, s]
        c2 = north[angle, 2, s] if upper else south[angle, 2, s]
        c3 = north[angle, 3, s] if upper else south[angle, 3, s]
        c4 = north[angle, 4, s] if upper else south[angle, 4, s]
        far, per_far = dz * per_slope, c0 / dz
        cosine = (g * per_far - far) * half_per_across
        cosine = cosine if cosine < 1.0 else 1.0
        cosine = cosine if cosine > -1.0 else -1.0
        more = cosine * (c1 + cosine * c2) * per_slope
        per_far *= 1.0 + more
        far *= 1.0 - more * (1.0 - more)
        per_far = per_far * (2.0 - far * per_far)
        cosine = (g * per_far - far) * half_per_across
        cosine = cosine if cosine < 1.0 else 1.0
        cosine = cosine if cosine > -1.0 else -1.0
        far -= (far * (c0 + cosine * (c1 + cosine * (c2 + cosine * (c3 + cosine * c4)))) - dz) * per_slope
        for _ in range(2):
            per_far = per_far * (2.0 - far * per_far)
            per_far = per_far * (2.0 - far * per_far)
            cosine = (g * per_far - far) * half_per_across
            cosine = cosine if cosine < 1.0 else 1.0
            cosine = cosine if cosine > -1.0 else -1.0
            tangent = c0 + cosine * (c1 + cosine * (c2 + cosine * (c3 + cosine * c4)))
            slope = c1 + cosine * (2.0 * c2 + cosine * (3.0 * c3 + cosine * 4.0 * c4))
            steepness = tangent - slope * (cosine + 2.0 * half_per_across * far)
            per_slope = per_slope * (2.0 - steepness * per_slope)
            far -= (far * tangent - dz) * per_slope
        w = (far * far - beside * beside) * table[QUARTER_PER_ACROSS, s] * per_distance
        w = w if w > 0.0 else 0.0
        away[np.uint64(first + j)] = twice_arc_sine_of_root(w if w < 1.0 else 1.0)


# Where an edge is not calm the interval is walked in so many steps of longitude, and what changes between two is looked for.
_STEPS = 8


@leaf
def _above_edges_km(table, north, south, angle, ring, z, distance, away):  # type: ignore[no-untyped-def]
    """Heights [km] of a satellite over the zone's north edge and over its south edge, `away` [rad] of longitude from the terminal."""
    across, dz = table[ACROSS, ring], z - table[UP, ring]
    outward, beside = distance * np.cos(away) - across, distance * np.sin(away)
    horizontal = np.sqrt(outward * outward + beside * beside)
    cosine = outward / horizontal if horizontal > 0.0 else 1.0
    upper, lower = _edge(north, angle, ring, cosine), _edge(south, angle, ring, cosine)
    return dz - horizontal * upper, dz - horizontal * lower


@leaf
def _crossing(table, north, south, angle, ring, z, distance, which, a, fa, b, fb):  # type: ignore[no-untyped-def]
    """Where between `a` and `b` [rad] the height over an edge changes its sign (0: north, 1: south), by regula falsi (Illinois)."""
    for _ in range(60):
        middle = b - fb * (b - a) / (fb - fa)
        above = _above_edges_km(table, north, south, angle, ring, z, distance, middle)
        value = above[which]
        if abs(value) < 1e-9 or abs(b - a) < 1e-14:
            return middle
        if (value < 0.0) != (fb < 0.0):
            a, fa = b, fb
        else:
            fa *= 0.5
        b, fb = middle, value
    return b


@leaf
def _walk(table, north, south, angle, ring, z, distance, half, edges):  # type: ignore[no-untyped-def]
    """As _excluded for one ring that is not calm: fill `edges` with the ends [rad] of the excluded intervals in order, and count them.

    Two crossings of one edge within one step are missed: the satellite is then within 0.001 degrees of the edge between them.
    """
    found = 0
    before = _above_edges_km(table, north, south, angle, ring, z, distance, 0.0)
    inside = before[0] < 0.0 and before[1] > 0.0
    if inside:
        edges[0], found = 0.0, 1
    for step in range(_STEPS):
        a, b = half * step / _STEPS, half * (step + 1) / _STEPS
        after = _above_edges_km(table, north, south, angle, ring, z, distance, b)
        start = found
        for which in range(2):
            if (before[which] < 0.0) != (after[which] < 0.0):
                edges[found] = _crossing(
                    table, north, south, angle, ring, z, distance, which, a, before[which], b, after[which]
                )
                found += 1
        if found == start + 2 and edges[start] > edges[start + 1]:
            edges[start], edges[start + 1] = edges[start + 1], edges[start]
        before = after
    if found % 2 == 1:
        edges[found] = half
        found += 1
    return found


# Count and weight travel in one integer: the count in the low bits, the weight above. Both are sums of non-negative numbers wherever
# a running sum is read, so they never borrow from each other.
COUNT_BITS = 20
_COUNT_MASK = (1 << COUNT_BITS) - 1


@compiled
def _counts(  # type: ignore[no-untyped-def]
    r_ecef_km, weight, table, base, lookup, ring_count, reach, mask, side_mask,
    north, south, north_most, south_most, rough, window, window_half, angle_of_cell,
    visible, usable, weight_sum, side_sum, side_excluded,
):  # fmt: skip
    n_instant, _, n_satellite = r_ecef_km.shape
    n_angle, rings = north.shape[0], table.shape[1]
    difference = np.zeros(len(side_sum), np.int64)
    excluded = np.zeros((n_angle, len(side_sum)), np.int32)
    half, side_half, inner, outer = np.empty(rings), np.empty(rings), np.empty(rings), np.empty(rings)
    chosen, spare = np.empty(rings + LANES), np.empty(rings)
    begin, end, side_begin = np.empty(rings, np.int64), np.empty(rings, np.int64), np.empty(rings, np.int64)
    side_end, near, far = np.empty(rings, np.int64), np.empty(rings, np.int64), np.empty(rings, np.int64)
    ends = np.empty(4 * _STEPS)
    side_half[:] = -1.0  # without a side mask nobody is above it
    sky, span, order = np.empty((6, n_satellite)), np.empty((2, n_satellite), np.int64), np.empty(n_satellite, np.int64)
    bucket = np.empty(ring_count + 2, np.int64)
    lowest_rad = np.arcsin(min(mask, side_mask) if side_mask >= 0.0 else mask) - FOOTPRINT_MARGIN_RAD
    level_km, rise_km = WGS84_SEMI_MINOR_KM * np.cos(lowest_rad), WGS84_SEMI_MINOR_KM * np.sin(lowest_rad)
    for instant in range(n_instant):
        below(r_ecef_km, instant, sky)
        seen = by_ring(sky, reach, lookup, span, bucket, order)
        for place in range(seen):
            satellite = order[place]
            z, distance, square, longitude = sky[0, satellite], sky[1, satellite], sky[2, satellite], sky[3, satellite]
            ring, lanes = span[0, satellite], span[1, satellite]
            if side_mask >= 0.0:
                half_widths(table, ring, lanes, z, distance, square, side_mask, side_half)
                places(table, base, ring, lanes, longitude, side_half, side_begin, side_end)
                _add(side_sum, base, ring, lanes, side_begin, side_end, 1)
            half_widths(table, ring, lanes, z, distance, square, mask, half)
            places(table, base, ring, lanes, longitude, half, begin, end)
            _add(difference, base, ring, lanes, begin, end, (weight[satellite] << COUNT_BITS) + 1)
            # Nobody who is above the lower of the masks is farther away than this.
            slant_km = np.sqrt(max(square - level_km * level_km, 0.0)) - rise_km
            for angle in range(n_angle):
                first, last, bounded = _between_edges(
                    table, base, ring, lanes, z, distance, longitude, slant_km, half, side_half, inner, outer, chosen, ends, spare, near, far,
                    north, south, angle, north_most, south_most, rough, window, window_half, excluded, side_excluded,
                )  # fmt: skip
                if first < last:
                    _add_between_edges(
                        table, base, ring, first, last, longitude, half, begin, end, chosen, inner, outer, bounded, spare, near, far, excluded, angle,
                    )  # fmt: skip
                    if side_mask >= 0.0:
                        _add_between_edges(
                            table, base, ring, first, last, longitude, side_half, side_begin, side_end, chosen, inner, outer, bounded,
                            spare, near, far, side_excluded, angle,
                        )  # fmt: skip
        _close(difference, table, base, ring_count, visible[instant], weight_sum)
        if n_angle > 0:
            _close_usable(
                excluded, table, base, ring_count, window_half, angle_of_cell, visible[instant], usable[instant]
            )


@leaf
def below(r_ecef_km, instant, sky):  # type: ignore[no-untyped-def]
    """Fill sky (6, satellite): height over the equatorial plane, distance from the axis [km], squared distance from the centre [km2],
    longitude, angle of the point below from the north pole [rad], distance from the centre [km].

    The angle is good to 7e-5 rad (Abramowitz and Stegun 4.4.45), well within the margin of the reach.
    """
    for satellite in range(r_ecef_km.shape[2]):
        x, y, z = r_ecef_km[instant, 0, satellite], r_ecef_km[instant, 1, satellite], r_ecef_km[instant, 2, satellite]
        across = x * x + y * y
        square, distance = across + z * z, np.sqrt(across)
        r_km = np.sqrt(square)
        away = twice_arc_sine_of_root(y * y / (2.0 * distance * (distance + abs(x))))
        away = (away if x > 0.0 else np.pi - away) if distance > 0.0 else 0.0
        sine = abs(z) / r_km
        angle = np.sqrt(1.0 - sine if sine < 1.0 else 0.0) * (
            1.5707288 + sine * (-0.2121144 + sine * (0.0742610 - 0.0187293 * sine))
        )
        sky[0, satellite], sky[1, satellite], sky[2, satellite] = z, distance, square
        sky[3, satellite] = away if y > 0.0 else -away
        sky[4, satellite] = angle if z > 0.0 else np.pi - angle
        sky[5, satellite] = r_km


@leaf
def by_ring(sky, reach, lookup, span, bucket, order):  # type: ignore[no-untyped-def]
    """Put satellites into the order of the rings that they are seen from, so that neighbours in work are neighbours in memory.

    Fills span (2, satellite) with the first ring and the number of rings in whole vectors, so that no ring is left out (the exact
    condition decides), and `order`; returns how many satellites have a position and a ring.
    """
    bucket[:] = 0
    per_rad = (len(lookup) - 1) / np.pi
    for satellite in range(sky.shape[1]):
        span[1, satellite] = 0
        if not (sky[2, satellite] > 0.0 and sky[2, satellite] < np.inf):
            continue  # no position: propagation failed, and says so elsewhere
        step = int((sky[5, satellite] - REACH_START_KM) / REACH_STEP_KM)
        angle, from_pole = reach[min(max(step, 0), len(reach) - 1)], sky[4, satellite]
        ring = lookup[int(max(from_pole - angle, 0.0) * per_rad)]
        last = lookup[min(int(min(from_pole + angle, np.pi) * per_rad) + 1, len(lookup) - 1)]
        if last > ring:
            span[0, satellite], span[1, satellite] = ring, (last - ring + LANES - 1) // LANES * LANES
            bucket[ring + 1] += 1
    for ring in range(1, len(bucket)):
        bucket[ring] += bucket[ring - 1]
    seen = bucket[len(bucket) - 1]
    for satellite in range(sky.shape[1]):
        if span[1, satellite] > 0:
            order[bucket[span[0, satellite]]] = satellite
            bucket[span[0, satellite]] += 1
    return seen


@leaf
def _choose(  # type: ignore[no-untyped-def]
    table, ring, lanes, z, longitude, slant_km, half, side_half, angle,
    north_most, south_most, window, window_half, chosen,
):  # fmt: skip
    """Note which of `lanes` rings have cells of the angle that may see the satellite within the zone; first and one past the last of them."""
    for j in range(lanes):
        s = np.uint64(ring + j)
        wide = half[j] if half[j] > side_half[j] else side_half[j]
        dz, away = z - table[UP, s], longitude - window[angle, s]
        away -= 2.0 * np.pi * ((away * (0.5 / np.pi) + ROUND) - ROUND)
        top, bottom = slant_km * north_most[angle, s], slant_km * south_most[angle, s]
        fits = (dz <= (top if top > 0.0 else 0.0)) & (dz >= (bottom if bottom < 0.0 else 0.0))
        chosen[j] = 1.0 if fits & (wide >= 0.0) & (abs(away) <= window_half[angle, s] + wide) else 0.0
    first, last = 0, lanes
    while first < last and chosen[first] == 0.0:
        first += 1
    while first < last and chosen[last - 1] == 0.0:
        last -= 1
    return first, last


@leaf
def _between_edges(  # type: ignore[no-untyped-def]
    table, base, ring, lanes, z, distance, longitude, slant_km, half, side_half, inner, outer, chosen, ends, spare, begin, end,
    north, south, angle, north_most, south_most, rough, window, window_half, excluded, side_excluded,
):  # fmt: skip
    """Fill inner and outer of those rings where the zone may hold the satellite, which it does between them, nowhere if inner >= outer;
    return the first and one past the last of them, and whether anything bounds from outside.

    The zone lies below its north edge and above its south edge. An edge above the equatorial plane through the terminal matters for
    satellites above it, one below for those below. Rings that are not calm are walked, and counted here.
    """
    first, last = _choose(
        table, ring, lanes, z, longitude, slant_km, half, side_half, angle, north_most, south_most, window, window_half, chosen,
    )  # fmt: skip
    if first == last:
        return first, last, False
    a, b = ring + first, ring + last - 1
    if north_most[angle, a] * south_most[angle, a] < 0.0 and north_most[angle, b] * south_most[angle, b] < 0.0:
        # The edges lie on either side of the equatorial plane through the terminal: one bounds, and nothing does from outside.
        _edge_away(table, north, south, _BY_SIDE, angle, ring, first, last, z, distance, inner)
        bounded = False
    else:
        _edge_away(table, north, south, _NORTH, angle, ring, first, last, z, distance, outer)
        _edge_away(table, north, south, _SOUTH, angle, ring, first, last, z, distance, inner)
        _combine(table, ring, first, last, z, north_most, south_most, angle, inner, outer)
        bounded = True
    if rough[angle, b + 1] > rough[angle, a] or slant_km > CALM_KM:
        _walk_rough(
            table, base, ring, first, last, z, distance, longitude, slant_km, half, side_half, chosen, ends, spare, begin, end,
            north, south, angle, rough, excluded, side_excluded,
        )  # fmt: skip
    return first, last, bounded


@leaf
def _walk_rough(  # type: ignore[no-untyped-def]
    table, base, ring, first, last, z, distance, longitude, slant_km, half, side_half, chosen, ends, spare, begin, end,
    north, south, angle, rough, excluded, side_excluded,
):  # fmt: skip
    """Count a satellite on the chosen rings where the quick way to an edge does not hold, and choose them no longer."""
    for j in range(first, last):
        s = ring + j
        if chosen[j] > 0.0 and (rough[angle, s + 1] > rough[angle, s] or slant_km > CALM_KM):
            chosen[j] = 0.0
            found = _walk(table, north, south, angle, s, z, distance, max(half[j], side_half[j]), ends)
            for k in range(0, found, 2):
                inner, outer = ends[k], ends[k + 1]
                _add_excluded(excluded, angle, table, base, s, longitude, inner, min(outer, half[j]), spare, begin, end)
                if side_half[j] >= 0.0:
                    outer = min(outer, side_half[j])
                    _add_excluded(side_excluded, angle, table, base, s, longitude, inner, outer, spare, begin, end)


@leaf
def _combine(table, ring, first, last, z, north_most, south_most, angle, by_south, by_north):  # type: ignore[no-untyped-def]
    """Make of the two edges the inner and the outer bound of each ring, in place."""
    for j in range((last - first + LANES - 1) // LANES * LANES):
        k, s = np.uint64(first + j), np.uint64(ring + first + j)
        north_rises, south_rises, over = north_most[angle, s] > 0.0, south_most[angle, s] > 0.0, z > table[UP, s]
        inner_over, outer_over = by_north[k] if north_rises else 0.0, by_south[k] if south_rises else np.pi
        inner_under, outer_under = 0.0 if south_rises else by_south[k], np.pi if north_rises else by_north[k]
        by_south[k] = inner_over if over else inner_under
        by_north[k] = outer_over if over else outer_under


@leaf
def _add_between_edges(  # type: ignore[no-untyped-def]
    table, base, ring, first, last, longitude, wide, begin, end, chosen, inner,
    outer, bounded, spare, near, far, difference, angle,
):  # fmt: skip
    """Count a satellite in the cells within `wide` of its longitude and between the edges: within the outer one, less within the inner one.

    begin, end: the places of the intervals of `wide`.
    """
    lanes = (last - first + LANES - 1) // LANES * LANES
    for j in range(lanes):
        k = np.uint64(first + j)
        edge = outer[k] if bounded & (outer[k] < wide[k]) else wide[k]
        spare[j] = edge if (chosen[k] > 0.0) & (inner[k] < edge) & (j < last - first) else -1.0
    if bounded:
        places(table, base, ring + first, lanes, longitude, spare, near, far)
        _add_of(difference, angle, base, ring + first, 0, lanes, near, far, 1)
    else:
        for j in range(lanes):
            if spare[j] >= 0.0:
                _add_of(difference, angle, base, ring, first + j, first + j + 1, begin, end, 1)
    for j in range(lanes):
        edge = inner[np.uint64(first + j)]
        spare[j] = edge if (spare[j] >= 0.0) & (edge > 0.0) else -1.0
    places(table, base, ring + first, lanes, longitude, spare, near, far)
    _add_of(difference, angle, base, ring + first, 0, lanes, near, far, -1)


@leaf
def _add_of(difference, angle, base, ring, first, last, begin, end, amount):  # type: ignore[no-untyped-def]
    """As _add, to the difference array of one angle."""
    for j in range(first, last):
        difference[angle, begin[j]] += amount
        difference[angle, end[j]] -= amount
        if end[j] < begin[j]:
            difference[angle, base[ring + j]] += amount


@leaf
def _add_excluded(difference, angle, table, base, ring, longitude, inner, outer, half, begin, end):  # type: ignore[no-untyped-def]
    """Count a satellite in the cells of one ring whose difference of longitude from it lies between `inner` and `outer` [rad]."""
    if inner < outer:
        half[0] = outer
        places(table, base, ring, 1, longitude, half, begin, end)
        _add_of(difference, angle, base, ring, 0, 1, begin, end, 1)
        half[0] = inner if inner > 0.0 else -1.0
        places(table, base, ring, 1, longitude, half, begin, end)
        _add_of(difference, angle, base, ring, 0, 1, begin, end, -1)


@leaf
def _close(difference, table, base, ring_count, count_of_cell, weight_sum):  # type: ignore[no-untyped-def]
    """Sum a difference array along every ring, and clear it."""
    cell = 0
    for ring in range(ring_count):
        start, cells = base[ring], np.int64(table[COUNT, ring])
        running = np.int64(0)
        for place in range(start, start + cells):
            running += difference[place]
            difference[place] = 0
            count_of_cell[cell] = running & _COUNT_MASK
            weight_sum[cell] += running >> COUNT_BITS
            cell += 1
        difference[start + cells] = 0


@leaf
def _close_usable(excluded, table, base, ring_count, window_half, angle_of_cell, visible, usable):  # type: ignore[no-untyped-def]
    """Take what is excluded, at each cell's own angle, from what is visible, and clear the difference arrays."""
    for angle in range(len(excluded)):
        difference, cell = excluded[angle], 0
        for ring in range(ring_count):
            start, cells = base[ring], np.int64(table[COUNT, ring])
            if window_half[angle, ring] >= 0.0:
                running = np.int32(0)
                for place in range(start, start + cells):
                    running += difference[place]
                    difference[place] = 0
                    if angle_of_cell[cell + place - start] == angle:
                        # Where rounding sets the end of both intervals apart, a satellite is excluded that is not in view.
                        usable[cell + place - start] = max(np.int32(visible[cell + place - start]) - running, 0)
                difference[start + cells] = 0
            cell += int(cells)


def along_rings(difference: NDArray[np.int64], geometry: RingGeometry) -> NDArray[np.int64]:
    """Running sums along every ring of difference arrays (..., places): (..., cell) in ring order."""
    count = geometry.table[COUNT, : geometry.ring_count].astype(np.int64)
    base = geometry.base[: geometry.ring_count]
    out = np.empty((*difference.shape[:-1], geometry.cell_count), np.int64)
    first = 0
    for start, cells in zip(base.tolist(), count.tolist(), strict=True):
        np.cumsum(difference[..., start : start + cells], axis=-1, out=out[..., first : first + cells])
        first += cells
    return out
