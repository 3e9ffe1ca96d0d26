"""Visibility on the ellipsoid: which cells see a satellite, counted ring by ring.

A HEALPix ring has one latitude, so the condition "elevation above the WGS-84 horizon plane >= mask" depends on the
difference of longitudes alone, and the cells that meet it are one interval of the ring. Counting costs satellites x
rings: +1 and -1 at the interval's ends, and a running sum along the ring at the end of the instant.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.constants import (
    LIGHT_KM_PER_S,
    WGS84_ECCENTRICITY_SQUARED,
    WGS84_SEMI_MAJOR_KM,
    WGS84_SEMI_MINOR_KM,
)
from pipeline.geometry.frames import point_ecef_km, up_ecef
from pipeline.geometry.grid import Rings
from pipeline.geometry.kernels import compiled

# Geodetic and geocentric latitude differ by at most 0.1924 degrees, the normal and the radius by as much:
# rings are looked for this much beyond the spherical footprint, and the exact condition decides.
FOOTPRINT_MARGIN_RAD = np.radians(0.5)


@dataclass(frozen=True)
class RingGeometry:
    """What the kernel needs of every ring, float64 or int64, shape (ring,), from north to south as in Rings.

    `across_km` and `up_km` are the distances of the ring's points from the axis and from the equatorial plane.
    """

    sin_latitude: NDArray[np.float64]
    cos_latitude: NDArray[np.float64]
    across_km: NDArray[np.float64]
    up_km: NDArray[np.float64]
    latitude_rad: NDArray[np.float64]
    start_rad: NDArray[np.float64]
    cell_count: NDArray[np.int64]
    first: NDArray[np.int64]


def ring_geometry(rings: Rings) -> RingGeometry:
    """Trigonometry of the rings of a grid."""
    latitude = np.radians(rings.latitude_deg)
    sin, cos = np.sin(latitude), np.cos(latitude)
    normal_km = WGS84_SEMI_MAJOR_KM / np.sqrt(1 - WGS84_ECCENTRICITY_SQUARED * sin**2)
    return RingGeometry(
        sin_latitude=sin,
        cos_latitude=cos,
        across_km=normal_km * cos,
        up_km=normal_km * (1 - WGS84_ECCENTRICITY_SQUARED) * sin,
        latitude_rad=latitude,
        start_rad=np.radians(rings.longitude_start_deg),
        cell_count=np.asarray(rings.cell_count, np.int64),
        first=np.asarray(rings.first, np.int64),
    )


@dataclass(frozen=True)
class Tally:
    """What a window of consecutive instants adds up to, per cell in ring order; integers, so that merging is exact.

    `visible_sum` and `weight_sum` are sums over instants, `covered` counts instants with at least one satellite.
    Gaps are runs of instants without any: `lead` at the window's start, `trail` at its end, `longest` anywhere.
    """

    first: int
    count: int
    visible_sum: NDArray[np.int64]
    weight_sum: NDArray[np.int64]
    visible_min: NDArray[np.int32]
    covered: NDArray[np.int32]
    lead: NDArray[np.int32]
    trail: NDArray[np.int32]
    longest: NDArray[np.int32]

    def merged(self, later: Tally) -> Tally:
        """The tally of this window and the one right after it. Raises ValueError where they do not touch."""
        if self.first + self.count != later.first:
            raise ValueError(f"window {later.first} does not follow {self.first} + {self.count}")
        return Tally(
            first=self.first,
            count=self.count + later.count,
            visible_sum=self.visible_sum + later.visible_sum,
            weight_sum=self.weight_sum + later.weight_sum,
            visible_min=np.minimum(self.visible_min, later.visible_min),
            covered=self.covered + later.covered,
            lead=np.where(self.lead == self.count, self.count + later.lead, self.lead).astype(np.int32),
            trail=np.where(later.trail == later.count, later.count + self.trail, later.trail).astype(np.int32),
            longest=np.maximum(np.maximum(self.longest, later.longest), self.trail + later.lead),
        )


def merged(tallies: list[Tally]) -> Tally:
    """One tally of windows given in any order, which together leave no instant out and count none twice."""
    ordered = sorted(tallies, key=lambda tally: tally.first)
    result = ordered[0]
    for tally in ordered[1:]:
        result = result.merged(tally)
    return result


def tally(
    r_ecef_km: NDArray[np.float64], weight: NDArray[np.int64], geometry: RingGeometry, mask_deg: float, first: int = 0
) -> Tally:
    """Count satellites above `mask_deg` in every cell over a window of instants.

    `r_ecef_km` are Earth-fixed positions [km], (satellite, instant, 3), not a number where there is none; `weight` is
    an integer per satellite, (satellite,), summed over those in view; `first` is the number of the first instant.
    """
    if not 0 <= mask_deg <= 90:
        raise ValueError(f"an elevation mask of {mask_deg} degrees is not between 0 and 90")
    result = _empty_tally(int(geometry.cell_count.sum()), first, r_ecef_km.shape[1])
    outputs = [getattr(result, f.name) for f in fields(result)[2:]]
    arguments = [r_ecef_km, weight, *_unpacked(geometry), np.radians(mask_deg), *outputs]
    _tally(*arguments)
    return result


def _empty_tally(cells: int, first: int, count: int) -> Tally:
    sums = [np.zeros(cells, np.int64) for _ in range(2)]
    counts = [np.zeros(cells, np.int32) for _ in range(5)]
    return Tally(first, count, sums[0], sums[1], counts[0], counts[1], counts[2], counts[3], counts[4])


def _unpacked(geometry: RingGeometry) -> list[NDArray[np.float64]]:
    return [getattr(geometry, f.name) for f in fields(geometry)]


@compiled
def _half_width_rad(sin, cos, across, up, height, distance, square, sin_mask):  # type: ignore[no-untyped-def]
    """Half the interval of longitudes [rad] in which the elevation is at least the mask; below 0 where there is none.

    The satellite is `distance` km off the axis and `height` km above the equatorial plane, `square` its distance from
    the centre squared. With x the cosine of the difference of longitudes, the condition is
    a + b x >= sin_mask sqrt(c - d x): its left side grows with x, its right side falls, so one root bounds it.
    """
    a = height * sin - (across * cos + up * sin)
    b = distance * cos
    if a + b < 0.0:
        return -1.0  # below the horizon plane even on the satellite's own meridian
    c = square + across * across + up * up - 2.0 * height * up
    d = 2.0 * distance * across
    k = sin_mask * sin_mask
    near, far = a + b, a - b
    if near * near < k * (c - d):
        return -1.0
    if far >= 0.0 and far * far >= k * (c + d):
        return np.pi
    half_linear, constant = a * b + 0.5 * k * d, a * a - k * c
    root = np.sqrt(max(half_linear * half_linear - b * b * constant, 0.0))
    # Of the two forms of the larger root, the one that does not subtract near-equal numbers.
    x = -constant / (half_linear + root) if half_linear > 0.0 else (root - half_linear) / (b * b)
    return np.arccos(min(1.0, max(-1.0, x)))


@compiled
def _rings_in_reach(r_km, height, latitude_rad, sin_mask):  # type: ignore[no-untyped-def]
    """First and one past the last ring (north to south) that a satellite may be seen from; the exact condition decides."""
    mask = max(np.arcsin(sin_mask) - FOOTPRINT_MARGIN_RAD, 0.0)
    radius = WGS84_SEMI_MINOR_KM
    reach = np.arccos(min(1.0, radius * np.cos(mask) / r_km)) - mask + 2.0 * FOOTPRINT_MARGIN_RAD
    centre = np.arcsin(height / r_km)
    return _first_south_of(latitude_rad, centre + reach), _first_south_of(latitude_rad, centre - reach)


@compiled
def _first_south_of(latitude_rad, limit):  # type: ignore[no-untyped-def]
    """Number of the first ring at or south of a latitude; latitudes fall with the ring's number."""
    low, high = 0, len(latitude_rad)
    while low < high:
        middle = (low + high) // 2
        if latitude_rad[middle] > limit:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _mark(difference, base, count, start, longitude, half, amount):  # type: ignore[no-untyped-def]
    """Add `amount` to the cells of one ring within `half` of `longitude` [rad], in a difference array with count + 1 places."""
    per_rad = count * (0.5 / np.pi)
    low = int(np.ceil((longitude - half - start) * per_rad))
    high = int(np.floor((longitude + half - start) * per_rad))
    if high < low:
        return
    if half >= np.pi or high - low + 1 >= count:
        difference[base] += amount
        difference[base + count] -= amount
        return
    # Longitudes lie within two turns of the ring's start, so this is the remainder, and cheaper.
    while low < 0:
        low += count
        high += count
    while low >= count:
        low -= count
        high -= count
    difference[base + low] += amount
    if high < count:
        difference[base + high + 1] -= amount
    else:
        difference[base + count] -= amount
        difference[base] += amount
        difference[base + high + 1 - count] -= amount


# Count and weight travel in one integer: the count in the low bits, the weight above. Both are sums of non-negative
# numbers wherever a running sum is read, so they never borrow from each other.
COUNT_BITS = 20
COUNT_MASK = (1 << COUNT_BITS) - 1


@compiled
def _tally(  # type: ignore[no-untyped-def]
    r_ecef_km, weight, sin, cos, across, up, latitude_rad, start, ring_count, first,
    mask_rad, visible_sum, weight_sum, visible_min, covered, lead, trail, longest,
):  # fmt: skip
    n_satellite, n_instant, _ = r_ecef_km.shape
    sin_mask = np.sin(mask_rad)
    difference = np.zeros(len(visible_sum) + len(sin), np.int64)
    for instant in range(n_instant):
        for satellite in range(n_satellite):
            x, y, z = r_ecef_km[satellite, instant]
            square = x * x + y * y + z * z
            if not square > 0.0:
                continue  # no position: propagation failed, and says so elsewhere
            amount = (weight[satellite] << COUNT_BITS) + 1
            distance, longitude = np.sqrt(x * x + y * y), np.arctan2(y, x)
            low, high = _rings_in_reach(np.sqrt(square), z, latitude_rad, sin_mask)
            for ring in range(low, high):
                half = _half_width_rad(sin[ring], cos[ring], across[ring], up[ring], z, distance, square, sin_mask)
                if half >= 0.0:
                    _mark(difference, first[ring] + ring, ring_count[ring], start[ring], longitude, half, amount)
        _close_instant(
            instant, difference, ring_count, first,
            visible_sum, weight_sum, visible_min, covered, lead, trail, longest,
        )  # fmt: skip


@compiled
def _close_instant(  # type: ignore[no-untyped-def]
    instant, difference, ring_count, first, visible_sum, weight_sum, visible_min, covered, lead, trail, longest
):
    """Sum the difference array along every ring, add the sums to the tally, and clear it."""
    for ring in range(len(ring_count)):
        base = first[ring] + ring
        running = np.int64(0)
        for place in range(ring_count[ring]):
            running += difference[base + place]
            difference[base + place] = 0
            count = running & COUNT_MASK
            cell = first[ring] + place
            visible_sum[cell] += count
            weight_sum[cell] += running >> COUNT_BITS
            visible_min[cell] = count if instant == 0 else min(visible_min[cell], count)
            if count > 0:
                covered[cell] += 1
                trail[cell] = 0
            else:
                trail[cell] += 1
                longest[cell] = max(longest[cell], trail[cell])
                if trail[cell] == instant + 1:
                    lead[cell] = trail[cell]
        difference[base + ring_count[ring]] = 0


def bent_pipe_km(
    r_ecef_km: NDArray[np.float64],
    gateway_latitude_deg: NDArray[np.float64],
    gateway_longitude_deg: NDArray[np.float64],
    geometry: RingGeometry,
    user_mask_deg: float,
    gateway_mask_deg: float,
) -> NDArray[np.float32]:
    """Shortest way [km] from every cell by one satellite to any gateway at one instant, (cell,) in ring order.

    `r_ecef_km` are Earth-fixed positions [km], (satellite, 3). Where no satellite sees both, the way is infinite.
    """
    sight_km = _to_gateway_km(r_ecef_km, gateway_latitude_deg, gateway_longitude_deg, gateway_mask_deg)
    best = np.full(int(geometry.cell_count.sum()), np.inf, np.float32)
    arguments = [r_ecef_km, sight_km, *_unpacked(geometry), np.radians(user_mask_deg), best]
    _bent_pipe(*arguments)
    return best


def _to_gateway_km(
    r_ecef_km: NDArray[np.float64],
    latitude_deg: NDArray[np.float64],
    longitude_deg: NDArray[np.float64],
    mask_deg: float,
) -> NDArray[np.float64]:
    """Slant range [km] of every satellite to its nearest gateway above the mask, infinite where there is none."""
    nearest = np.full(len(r_ecef_km), np.inf)
    points, ups = point_ecef_km(latitude_deg, longitude_deg), up_ecef(latitude_deg, longitude_deg)
    _nearest_gateway(r_ecef_km, points, ups, np.sin(np.radians(mask_deg)), nearest)
    return nearest


@compiled
def _nearest_gateway(r_ecef_km, points, ups, sin_mask, nearest):  # type: ignore[no-untyped-def]
    for satellite in range(len(r_ecef_km)):
        x, y, z = r_ecef_km[satellite]
        for gateway in range(len(points)):
            dx, dy, dz = x - points[gateway, 0], y - points[gateway, 1], z - points[gateway, 2]
            range_km = np.sqrt(dx * dx + dy * dy + dz * dz)
            rise = dx * ups[gateway, 0] + dy * ups[gateway, 1] + dz * ups[gateway, 2]
            if rise >= sin_mask * range_km and range_km < nearest[satellite]:
                nearest[satellite] = range_km


@compiled
def _bent_pipe(  # type: ignore[no-untyped-def]
    r_ecef_km, to_gateway_km, sin, cos, across, up, latitude_rad, start, ring_count, first, mask_rad, best
):
    sin_mask = np.sin(mask_rad)
    for satellite in range(len(r_ecef_km)):
        x, y, z = r_ecef_km[satellite]
        square = x * x + y * y + z * z
        if not (square > 0.0 and to_gateway_km[satellite] < np.inf):
            continue
        distance, longitude = np.sqrt(x * x + y * y), np.arctan2(y, x)
        low, high = _rings_in_reach(np.sqrt(square), z, latitude_rad, sin_mask)
        for ring in range(low, high):
            half = _half_width_rad(sin[ring], cos[ring], across[ring], up[ring], z, distance, square, sin_mask)
            if half < 0.0:
                continue
            step = 2.0 * np.pi / ring_count[ring]
            c = square + across[ring] ** 2 + up[ring] ** 2 - 2.0 * z * up[ring]
            d = 2.0 * distance * across[ring]
            begin = int(np.ceil((longitude - half - start[ring]) / step))
            end = int(np.floor((longitude + half - start[ring]) / step))
            for place in range(begin, min(end, begin + ring_count[ring] - 1) + 1):
                away = start[ring] + place * step - longitude
                way = np.sqrt(c - d * np.cos(away)) + to_gateway_km[satellite]
                cell = first[ring] + place % ring_count[ring]
                if way < best[cell]:
                    best[cell] = way


def round_trip_ms(way_km: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round-trip time [ms] of light in vacuum over a one-way distance [km], any shape."""
    return (way_km * np.float32(2_000.0 / LIGHT_KM_PER_S)).astype(np.float32)
