"""What each cell sees of the satellites in view of it at an instant: the highest elevation.

Where counting needs the ends of an interval of longitudes, this needs every cell of it: cost goes with satellites x cells in view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.grid import Rings
from pipeline.geometry.kernels import LANES, compiled, leaf, twice_arc_sine_of_root
from pipeline.geometry.sky import DISTANCE, SQUARE, TOP, Z, reach_rad, room, sort
from pipeline.geometry.visibility import ACROSS, BETA, COUNT, LEVEL, SLOPE, UP, RingGeometry, ring_geometry, seen

HALF_MDEG_PER_RAD = 0.5 * 180_000.0 / np.pi


@dataclass(frozen=True)
class Cells:
    """A band of rings with the cosine and sine of every cell's longitude, (2, cell in ring order + LANES)."""

    geometry: RingGeometry
    turn: NDArray[np.float64]


def cells(rings: Rings) -> Cells:
    """Cells of a grid, or of a band of it."""
    geometry = ring_geometry(rings)
    ring = np.repeat(np.arange(geometry.ring_count), rings.cell_count)
    step_deg = 360.0 / rings.cell_count[ring]
    of_band = np.arange(ring.size) - (rings.first - rings.first[0])[ring]
    longitude = np.radians(rings.longitude_start_deg[ring] + of_band * step_deg)
    return Cells(geometry, np.pad(np.stack([np.cos(longitude), np.sin(longitude)]), ((0, 0), (0, LANES))))


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
        r_ecef_km, geometry.table, of.turn, reach_rad(mask_deg), np.sin(np.radians(mask_deg)), best, sums.sum_mdeg, sums.count,
    )  # fmt: skip


def add_highest(best: NDArray[np.float64], sums: Highest) -> None:
    """Add elevations, given as squared sines (instant, cell), 0 where there is none, to the sums."""
    for row in best:
        _add_highest(row, sums.sum_mdeg, sums.count)


@compiled
def _highest(r_ecef_km, table, turn, reach, sin_mask, best, sum_mdeg, count):  # type: ignore[no-untyped-def]
    n_satellite = r_ecef_km.shape[2]
    sky, half = room(n_satellite), np.empty(n_satellite + LANES)
    begin, end = np.empty(n_satellite + LANES, np.int64), np.empty(n_satellite + LANES, np.int64)
    found = np.zeros(np.int64(table[:, COUNT].max()) + LANES)
    for instant in range(r_ecef_km.shape[0]):
        groups = sort(r_ecef_km, instant, reach, sky)
        cell = np.int64(0)
        for ring in range(len(table)):
            cells = np.int64(table[ring, COUNT])
            for of in range(groups):
                top = int(sky.group[TOP, of])
                first, last = seen(table, ring, sky.of, sky.start, of, reach[top], sin_mask, half, begin, end)
                for k in range(first, last):
                    x, y = r_ecef_km[instant, 0, sky.order[k]], r_ecef_km[instant, 1, sky.order[k]]
                    _raise(
                        found, table, ring, turn, cell, begin[k - first], min(end[k - first], cells), sky.of, k, x, y
                    )
                    _raise(
                        found,
                        table,
                        ring,
                        turn,
                        cell,
                        max(begin[k - first] - cells, 0),
                        end[k - first] - cells,
                        sky.of,
                        k,
                        x,
                        y,
                    )
            _take(found, cells, sin_mask * sin_mask, best[instant], cell, sum_mdeg, count)
            cell += cells


@leaf
def _raise(found, table, ring, turn, cell, begin, end, sky, satellite, x, y):  # type: ignore[no-untyped-def]
    """Raise the squared sines of elevation of the cells `begin` to `end` - 1 of a ring, which begins with `cell`, to a satellite's.

    Whole vectors of cells are worked on: those beyond the end see it below the mask, or are none.
    """
    across, above, beta = table[ring, ACROSS], sky[Z, satellite] - table[ring, UP], table[ring, BETA]
    q = beta * sky[SQUARE, satellite] + (table[ring, SLOPE] * sky[Z, satellite] + table[ring, LEVEL])
    near = sky[DISTANCE, satellite] ** 2 + across * across + above * above
    for j in range((end - begin + LANES - 1) // LANES * LANES):
        k = np.uint64(begin + j)
        place = np.uint64(cell) + k
        range_km2 = near - 2.0 * across * (turn[0, place] * x + turn[1, place] * y)
        rise_km = q - beta * range_km2  # over the horizon plane
        value = rise_km * abs(rise_km) / range_km2
        found[k] = value if value > found[k] else found[k]


@leaf
def _take(found, cells, least, best, cell, sum_mdeg, count):  # type: ignore[no-untyped-def]
    """Add what was found on a ring to the sums, raise `best` to it, and clear it."""
    for j in range(cells):
        k, place = np.uint64(j), np.uint64(cell + j)
        value = found[k]
        value = value if value >= least else 0.0
        found[k] = 0.0
        best[place] = value if value > best[place] else best[place]
        sum_mdeg[place] += np.int64(HALF_MDEG_PER_RAD * twice_arc_sine_of_root(value if value < 1.0 else 1.0) + 0.5)
        count[place] += 1 if value > 0.0 else 0
    found[cells : cells + LANES] = 0.0


@compiled
def _add_highest(values, sum_mdeg, count):  # type: ignore[no-untyped-def]
    for cell in range(len(values)):
        value = values[cell]
        sum_mdeg[cell] += np.int64(HALF_MDEG_PER_RAD * twice_arc_sine_of_root(value if value < 1.0 else 1.0) + 0.5)
        count[cell] += 1 if value > 0.0 else 0
