"""What each cell sees of the satellites in view of it at an instant: the highest elevation, and the shortest way to a gateway.

Where counting needs the ends of an interval of longitudes, these need every cell of it: cost goes with satellites x cells in view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.frames import point_ecef_km, up_ecef
from pipeline.geometry.grid import Rings
from pipeline.geometry.kernels import LANES, compiled, leaf, twice_arc_sine_of_root
from pipeline.geometry.visibility import (
    ACROSS,
    BETA,
    COUNT,
    LEVEL,
    SLOPE,
    UP,
    RingGeometry,
    below,
    by_ring,
    half_widths,
    places,
    reach_rad,
    ring_geometry,
)

HALF_MDEG_PER_RAD = 0.5 * 180_000.0 / np.pi


@dataclass(frozen=True)
class Cells:
    """A band of rings with the cosine and sine of every cell's longitude, (2, places), LANES places more after every ring."""

    geometry: RingGeometry
    turn: NDArray[np.float64]


def cells(rings: Rings) -> Cells:
    """Cells of a grid, or of a band of it."""
    geometry = ring_geometry(rings)
    ring = np.repeat(np.arange(geometry.ring_count), rings.cell_count + LANES)
    step_deg = 360.0 / rings.cell_count[ring]
    longitude = np.radians(rings.longitude_start_deg[ring] + (np.arange(ring.size) - geometry.base[ring]) * step_deg)
    return Cells(geometry, np.stack([np.cos(longitude), np.sin(longitude)]))


@dataclass(frozen=True)
class Highest:
    """Sums over instants, (cell,) in ring order: highest elevation in thousandths of a degree, int64, and instants with any, int32."""

    sum_mdeg: NDArray[np.int64]
    count: NDArray[np.int32]

    def __add__(self, other: Highest) -> Highest:
        return Highest(self.sum_mdeg + other.sum_mdeg, self.count + other.count)


def empty_highest(count: int) -> Highest:
    """Sums of no instant, for so many cells."""
    return Highest(np.zeros(count, np.int64), np.zeros(count, np.int32))


def highest(
    r_ecef_km: NDArray[np.float64], of: Cells, mask_deg: float, best: NDArray[np.float64], sums: Highest
) -> None:
    """Add the elevation of the highest satellite above the mask to the sums, and raise `best` to it.

    r_ecef_km: Earth-fixed positions [km], (instant, 3, satellite), not a number where there is none. best: squared sine of the
    elevation, (instant, cell) in ring order, of whoever was looked at before; 0 where nobody was.
    """
    geometry = of.geometry
    _highest(
        r_ecef_km, geometry.table, geometry.base, geometry.lookup, geometry.ring_count, of.turn,
        reach_rad(mask_deg), np.sin(np.radians(mask_deg)), best, sums.sum_mdeg, sums.count,
    )  # fmt: skip


def add_highest(best: NDArray[np.float64], sums: Highest) -> None:
    """Add elevations, given as squared sines (instant, cell), 0 where there is none, to the sums."""
    for row in best:
        _add_highest(row, sums.sum_mdeg, sums.count)


@compiled
def _highest(r_ecef_km, table, base, lookup, ring_count, turn, reach, sin_mask, best, sum_mdeg, count):  # type: ignore[no-untyped-def]
    n_satellite, rings = r_ecef_km.shape[2], table.shape[1]
    sky, span, order = np.empty((6, n_satellite)), np.empty((2, n_satellite), np.int64), np.empty(n_satellite, np.int64)
    bucket, half = np.empty(ring_count + 2, np.int64), np.empty(rings)
    begin, end = np.empty(rings, np.int64), np.empty(rings, np.int64)
    found, least = np.zeros(turn.shape[1]), sin_mask * sin_mask
    for instant in range(r_ecef_km.shape[0]):
        below(r_ecef_km, instant, sky)
        for k in range(by_ring(sky, reach, lookup, span, bucket, order)):
            z, distance, square, longitude = sky[0, order[k]], sky[1, order[k]], sky[2, order[k]], sky[3, order[k]]
            ring, lanes = span[0, order[k]], span[1, order[k]]
            half_widths(table, ring, lanes, z, distance, square, sin_mask, half)
            places(table, base, ring, lanes, longitude, half, begin, end)
            cosine, sine = distance * np.cos(longitude), distance * np.sin(longitude)
            for j in range(lanes):
                if half[j] >= 0.0:
                    s, stop = ring + j, end[j]
                    if end[j] < begin[j]:
                        stop = base[s] + np.int64(table[COUNT, s])
                        _raise(found, table, turn, s, base[s], end[j], z, distance, square, cosine, sine)
                    _raise(found, table, turn, s, begin[j], stop, z, distance, square, cosine, sine)
        _take(found, table, base, ring_count, least, best, instant, sum_mdeg, count)


@leaf
def _raise(found, table, turn, s, begin, end, z, distance, square, cosine, sine):  # type: ignore[no-untyped-def]
    """Raise the squared sines of elevation of the cells of ring `s` from `begin` to `end` - 1 to a satellite's.

    Whole vectors of cells are worked on: those beyond the end see it below the mask, or are none.
    """
    across, above, beta = table[ACROSS, s], z - table[UP, s], table[BETA, s]
    q = beta * square + (table[SLOPE, s] * z + table[LEVEL, s])
    near = distance * distance + across * across + above * above
    for k in range((end - begin + LANES - 1) // LANES * LANES):
        place = np.uint64(begin + k)
        range_km2 = near - 2.0 * across * (turn[0, place] * cosine + turn[1, place] * sine)
        rise_km = q - beta * range_km2  # over the horizon plane
        value = rise_km * abs(rise_km) / range_km2
        found[place] = value if value > found[place] else found[place]


@leaf
def _take(found, table, base, ring_count, least, best, instant, sum_mdeg, count):  # type: ignore[no-untyped-def]
    """Add what was found to the sums, raise `best` to it, and clear it."""
    first = 0
    for ring in range(ring_count):
        cells = np.int64(table[COUNT, ring])
        for k in range(cells):
            place, cell = np.uint64(base[ring] + k), np.uint64(first + k)
            value = found[place]
            value = value if value >= least else 0.0
            found[place] = 0.0
            best[instant, cell] = value if value > best[instant, cell] else best[instant, cell]
            sum_mdeg[cell] += np.int64(HALF_MDEG_PER_RAD * twice_arc_sine_of_root(value if value < 1.0 else 1.0) + 0.5)
            count[cell] += 1 if value > 0.0 else 0
        first += int(cells)


@compiled
def _add_highest(values, sum_mdeg, count):  # type: ignore[no-untyped-def]
    for cell in range(len(values)):
        value = values[cell]
        sum_mdeg[cell] += np.int64(HALF_MDEG_PER_RAD * twice_arc_sine_of_root(value if value < 1.0 else 1.0) + 0.5)
        count[cell] += 1 if value > 0.0 else 0


def bent_pipe_km(
    r_ecef_km: NDArray[np.float64],
    gateway_latitude_deg: NDArray[np.float64],
    gateway_longitude_deg: NDArray[np.float64],
    of: Cells,
    user_mask_deg: float,
    gateway_mask_deg: float,
) -> NDArray[np.float32]:
    """Shortest way [km] from every cell by one satellite to any gateway at one instant, (cell,) in ring order.

    `r_ecef_km` are Earth-fixed positions [km], (3, satellite). Where no satellite sees both, the way is infinite.
    """
    geometry = of.geometry
    sight_km = _to_gateway_km(r_ecef_km, gateway_latitude_deg, gateway_longitude_deg, gateway_mask_deg)
    best = np.full(geometry.cell_count, np.inf, np.float32)
    _bent_pipe(
        np.where(np.isfinite(sight_km), r_ecef_km, np.nan)[None], sight_km, geometry.table, geometry.base, geometry.lookup,
        geometry.ring_count, of.turn, reach_rad(user_mask_deg), np.sin(np.radians(user_mask_deg)), best,
    )  # fmt: skip
    return best


def _to_gateway_km(
    r_ecef_km: NDArray[np.float64],
    latitude_deg: NDArray[np.float64],
    longitude_deg: NDArray[np.float64],
    mask_deg: float,
) -> NDArray[np.float64]:
    """Slant range [km] of every satellite to its nearest gateway above the mask, infinite where there is none."""
    nearest = np.full(r_ecef_km.shape[1], np.inf)
    points, ups = point_ecef_km(latitude_deg, longitude_deg), up_ecef(latitude_deg, longitude_deg)
    _nearest_gateway(r_ecef_km, points, ups, np.sin(np.radians(mask_deg)), nearest)
    return nearest


@compiled
def _nearest_gateway(r_ecef_km, points, ups, sin_mask, nearest):  # type: ignore[no-untyped-def]
    for satellite in range(r_ecef_km.shape[1]):
        x, y, z = r_ecef_km[0, satellite], r_ecef_km[1, satellite], r_ecef_km[2, satellite]
        for gateway in range(len(points)):
            dx, dy, dz = x - points[gateway, 0], y - points[gateway, 1], z - points[gateway, 2]
            range_km = np.sqrt(dx * dx + dy * dy + dz * dz)
            rise = dx * ups[gateway, 0] + dy * ups[gateway, 1] + dz * ups[gateway, 2]
            if rise >= sin_mask * range_km and range_km < nearest[satellite]:
                nearest[satellite] = range_km


@compiled
def _bent_pipe(r_ecef_km, to_gateway_km, table, base, lookup, ring_count, turn, reach, sin_mask, best):  # type: ignore[no-untyped-def]
    n_satellite, rings = r_ecef_km.shape[2], table.shape[1]
    sky, span, order = np.empty((6, n_satellite)), np.empty((2, n_satellite), np.int64), np.empty(n_satellite, np.int64)
    bucket, half = np.empty(ring_count + 2, np.int64), np.empty(rings)
    begin, end, way = np.empty(rings, np.int64), np.empty(rings, np.int64), np.full(turn.shape[1], np.inf)
    below(r_ecef_km, 0, sky)
    for k in range(by_ring(sky, reach, lookup, span, bucket, order)):
        z, distance, square, longitude = sky[0, order[k]], sky[1, order[k]], sky[2, order[k]], sky[3, order[k]]
        ring, lanes = span[0, order[k]], span[1, order[k]]
        half_widths(table, ring, lanes, z, distance, square, sin_mask, half)
        places(table, base, ring, lanes, longitude, half, begin, end)
        cosine, sine = distance * np.cos(longitude), distance * np.sin(longitude)
        for j in range(lanes):
            if half[j] >= 0.0:
                s, stop = ring + j, end[j]
                if end[j] < begin[j]:
                    stop = base[s] + np.int64(table[COUNT, s])
                    _shorten(way, table, turn, s, base[s], end[j], z, distance, cosine, sine, to_gateway_km[order[k]])
                _shorten(way, table, turn, s, begin[j], stop, z, distance, cosine, sine, to_gateway_km[order[k]])
    cell = 0
    for ring in range(ring_count):
        for place in range(base[ring], base[ring] + np.int64(table[COUNT, ring])):
            best[cell] = way[place]
            cell += 1


@leaf
def _shorten(way, table, turn, s, begin, end, z, distance, cosine, sine, beyond):  # type: ignore[no-untyped-def]
    """Lower the ways [km] of the cells of ring `s` from `begin` to `end` - 1 to that by a satellite with `beyond` km behind it."""
    across, above = table[ACROSS, s], z - table[UP, s]
    near = distance * distance + across * across + above * above
    for k in range(end - begin):
        place = np.uint64(begin + k)
        value = beyond + np.sqrt(near - 2.0 * across * (turn[0, place] * cosine + turn[1, place] * sine))
        way[place] = value if value < way[place] else way[place]


def round_trip_ms(way_km: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round-trip time [ms] of light in vacuum over a one-way distance [km], any shape."""
    return (way_km * np.float32(2_000.0 / LIGHT_KM_PER_S)).astype(np.float32)
