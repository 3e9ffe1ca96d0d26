"""The grid: HEALPix, nested, on the authalic sphere of WGS-84, so that all cells have equal area on the ellipsoid.

Cells lie on rings of equal latitude. Indices are those of the `healpix` package; only latitudes are our own, because
HEALPix knows a sphere: z = sin(authalic latitude) there, and points are handed out at their geodetic latitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import healpix
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import WGS84_ECCENTRICITY_SQUARED, WGS84_SEMI_MAJOR_KM

_E2 = WGS84_ECCENTRICITY_SQUARED
_E = float(np.sqrt(_E2))
# q of the pole, Snyder 1987 (3-12): twice the squared ratio of the authalic radius to the semi-major axis.
_Q_POLE = 1 + (1 - _E2) / _E * float(np.arctanh(_E))
ELLIPSOID_AREA_KM2 = 2 * np.pi * WGS84_SEMI_MAJOR_KM**2 * _Q_POLE
MAX_ORDER = 13


@dataclass(frozen=True)
class Rings:
    """The grid as rings from north to south: cell j of ring k lies at longitude_start_deg[k] + j * 360 / cell_count[k].

    `latitude_deg` geodetic [deg], `longitude_start_deg` [deg, east of Greenwich, 0 to 360), `cell_count`, `first` (offset of
    the ring's first cell in ring order), each (n_ring,); `nest_of_ring` nested cell id of each ring-ordered cell, (n_cells,).
    """

    latitude_deg: NDArray[np.float64]
    longitude_start_deg: NDArray[np.float64]
    cell_count: NDArray[np.int64]
    first: NDArray[np.int64]
    nest_of_ring: NDArray[np.uint64]

    def band(self, low: int, high: int) -> Rings:
        """The rings `low` to `high` - 1 by themselves."""
        begin, end = self.first[low], self.first[high - 1] + self.cell_count[high - 1]
        parts = self.latitude_deg[low:high], self.longitude_start_deg[low:high], self.cell_count[low:high]
        return Rings(*parts, self.first[low:high] - begin, self.nest_of_ring[begin:end])

    def bands(self, most_cells: int) -> list[Rings]:
        """The rings cut into bands of whole rings, about equal and of at most `most_cells` cells each (or one ring)."""
        count = -(-len(self.nest_of_ring) // most_cells)
        edges = np.searchsorted(self.first, np.arange(1, count) * (len(self.nest_of_ring) / count))
        cuts = sorted({0, *edges.tolist(), len(self.cell_count)})
        return [self.band(low, high) for low, high in pairwise(cuts)]


def authalic_latitude_rad(geodetic_rad: ArrayLike) -> NDArray[np.float64]:
    """Authalic latitude [rad] of a geodetic WGS-84 latitude [rad], any shape (Snyder 1987, 3-11 and 3-12).

    Written with 1 - sin(latitude) throughout, so that no digit is lost near the poles.
    """
    latitude = np.asarray(geodetic_rad, dtype=np.float64)
    lack = 2 * np.sin((np.pi / 2 - np.abs(latitude)) / 2) ** 2
    sine = 1 - lack
    rational = lack * (1 + _E2 * sine) / (1 - _E2 * sine**2)
    logarithm = (1 - _E2) / _E * np.arctanh(_E * lack / (1 - _E2 * sine))
    half_colatitude = np.arcsin(np.sqrt((rational + logarithm) / (2 * _Q_POLE)))
    return np.copysign(np.pi / 2 - 2 * half_colatitude, latitude)


def geodetic_latitude_rad(authalic_rad: ArrayLike) -> NDArray[np.float64]:
    """Geodetic WGS-84 latitude [rad] of an authalic latitude [rad], any shape; the inverse of authalic_latitude_rad.

    Newton's step with the derivative taken as one (it lies within 0.0045 of it): each step gains 2.3 digits.
    """
    authalic = np.asarray(authalic_rad, dtype=np.float64)
    latitude = authalic.copy()
    for _ in range(8):
        latitude = np.clip(latitude + authalic - authalic_latitude_rad(latitude), -np.pi / 2, np.pi / 2)
    return latitude


def cell_count(order: int) -> int:
    """Number of cells of HEALPix `order`: 12 * 4**order. Raises ValueError when the order is not in 0..13."""
    return 12 * _side(order) ** 2


def area_km2(order: int) -> float:
    """Area of each cell of HEALPix `order` on the WGS-84 ellipsoid [km2]."""
    return float(ELLIPSOID_AREA_KM2 / cell_count(order))


def rings(order: int) -> Rings:
    """The rings of HEALPix `order` (Gorski et al. 2005, equations 4 to 9), north to south."""
    side = _side(order)
    ring = np.arange(1, 4 * side)
    from_pole = np.minimum(ring, 4 * side - ring)
    count = 4 * np.minimum(from_pole, side)
    # In the caps, and on every second ring of the belt, the first centre lies half a cell east of Greenwich.
    shifted = (from_pole <= side) | ((ring + side) % 2 == 0)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    nest = healpix.ring2nest(side, np.arange(cell_count(order))).astype(np.uint64)
    latitude = _ring_latitude_deg(side, from_pole)
    latitude = np.where(ring > 2 * side, -latitude, latitude)
    return Rings(latitude, np.where(shifted, 180.0 / count, 0.0), count, first, nest)


def centres(order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Geodetic WGS-84 latitude and longitude [deg, longitude in -180..180) of all centres, each (n_cells,), nested order."""
    grid = rings(order)
    ring = np.repeat(np.arange(grid.cell_count.size), grid.cell_count)
    place = np.arange(ring.size) - grid.first[ring]
    longitude_deg = grid.longitude_start_deg[ring] + place * (360.0 / grid.cell_count[ring])
    longitude_deg = np.where(longitude_deg >= 180.0, longitude_deg - 360.0, longitude_deg)
    of_nest = np.argsort(grid.nest_of_ring)
    return grid.latitude_deg[ring][of_nest], longitude_deg[of_nest]


def cell_of(latitude_deg: ArrayLike, longitude_deg: ArrayLike, order: int) -> NDArray[np.uint64]:
    """Nested id of the cell that holds each point, from geodetic WGS-84 latitude and longitude [deg], any one shape.

    Raises ValueError when a latitude is beyond a pole or a coordinate is not a number.
    """
    latitude, longitude = np.broadcast_arrays(np.asarray(latitude_deg, float), np.asarray(longitude_deg, float))
    if not (np.abs(latitude) <= 90.0).all() or not np.isfinite(longitude).all():
        raise ValueError(
            "a point to be found on the grid has a latitude outside -90..90 or a coordinate that is not a number"
        )
    colatitude = np.pi / 2 - authalic_latitude_rad(np.radians(latitude))
    return healpix.ang2pix(_side(order), colatitude, np.radians(longitude % 360.0), nest=True).astype(np.uint64)


# The neighbours of a cell, in this order: SW, W, NW, N, NE, E, SE, S. Steps along the two edges of the base cell, x to NE and y to NW.
_STEP_X = np.array([-1, -1, 0, 1, 1, 1, 0, -1])
_STEP_Y = np.array([0, 1, 1, 1, 0, -1, -1, -1])
# Base cells stand in three rows of four: north, equator, south. Over which edge or corner a step leaves its base cell (row, x, y),
# and where it arrives: row, how many base cells to the east, whether x and y change places. What is not here is a corner where only
# three base cells meet (Gorski et al. 2005, figure 4).
_ACROSS = {
    (0, 1, 0): (0, 1, 1), (0, 0, 1): (0, -1, 1), (0, -1, 0): (1, 0, 0), (0, 0, -1): (1, 1, 0), (0, 1, 1): (0, 2, 1), (0, -1, -1): (2, 0, 0),
    (1, 1, 0): (0, 0, 0), (1, 0, 1): (0, -1, 0), (1, -1, 0): (2, -1, 0), (1, 0, -1): (2, 0, 0), (1, -1, 1): (1, -1, 0), (1, 1, -1): (1, 1, 0),
    (2, 1, 0): (1, 1, 0), (2, 0, 1): (1, 0, 0), (2, -1, 0): (2, -1, 1), (2, 0, -1): (2, 1, 1), (2, 1, 1): (0, 0, 0), (2, -1, -1): (2, 2, 1),
} | {(row, 0, 0): (row, 0, 0) for row in range(3)}  # fmt: skip
_ARRIVAL = np.full((3, 3, 3, 3), -1)
for _place, _where in _ACROSS.items():
    _ARRIVAL[_place] = _where  # an index of -1 is the last of three, as it should be


def neighbours(cell: ArrayLike, order: int) -> NDArray[np.int64]:
    """Nested ids of the cells that share an edge or a corner with each cell, int64 (..., 8), from nested ids of any shape (...).

    In the order of the HEALPix library's get_all_neighbours: SW, W, NW, N, NE, E, SE, S; -1 where there is none, which is so at the
    eight corners where three base cells meet: 24 cells have seven neighbours, the 12 base cells of order 0 six.
    Raises ValueError when the order is not in 0..13 or a cell is none of that order.
    """
    side, cell = _side(order), _cells(cell, order)[..., None]
    base, x, y = _face_place(cell, order)
    x, y = x + _STEP_X, y + _STEP_Y
    row, east, turned = np.moveaxis(_ARRIVAL[base // 4, x // side, y // side], -1, 0)
    # Where two base cells turn their edges to each other x and y change places, and the step ends at the edge it crosses.
    inner_x, inner_y = np.clip(x, 0, side - 1), np.clip(y, 0, side - 1)
    x, y = np.where(turned == 1, inner_y, x % side), np.where(turned == 1, inner_x, y % side)
    found = ((4 * row + (base % 4 + east) % 4) << (2 * order)) + _spread(x, order) + 2 * _spread(y, order)
    return np.where(row < 0, -1, found)


def parents(cell: ArrayLike, order: int, parent_order: int) -> NDArray[np.uint64]:
    """Nested id of the coarser cell that holds each cell, any shape, from nested ids of that shape.

    Raises ValueError when an order is not in 0..13, the parent's is the finer one, or a cell is none of its order.
    """
    return (_cells(cell, order) >> 2 * _levels(parent_order, order)).astype(np.uint64)


def children(cell: ArrayLike, order: int, child_order: int) -> NDArray[np.uint64]:
    """Nested ids of the finer cells that each cell is made of, uint64 (..., 4**(child_order - order)), from nested ids (...).

    Raises ValueError when an order is not in 0..13, the children's is the coarser one, or a cell is none of its order.
    """
    levels = _levels(order, child_order)
    return ((_cells(cell, order)[..., None] << 2 * levels) + np.arange(4**levels)).astype(np.uint64)


def _levels(coarse: int, fine: int) -> int:
    """How many times cells of one order are quartered to get those of another."""
    _side(coarse), _side(fine)
    if coarse > fine:
        raise ValueError(
            f"cells of order {coarse} are smaller than those of order {fine}: a parent's order is the lower one"
        )
    return fine - coarse


def _cells(cell: ArrayLike, order: int) -> NDArray[np.int64]:
    """Nested ids as int64. Raises ValueError when one of them is none of that order."""
    given = np.asarray(cell)
    if given.size and given.dtype.kind not in "iu":
        raise ValueError(f"cells are whole numbers, not {given.dtype}")
    if given.size and not (int(given.min()) >= 0 and int(given.max()) < cell_count(order)):
        raise ValueError(f"a cell is outside 0..{cell_count(order) - 1}, those of HEALPix order {order}")
    return given.astype(np.int64)


def _face_place(cell: NDArray[np.int64], order: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Base cell, and x and y within it, of nested ids: the even bits are x, the odd ones y."""
    x, y = np.zeros_like(cell), np.zeros_like(cell)
    for bit in range(order):
        x |= (cell >> 2 * bit & 1) << bit
        y |= (cell >> 2 * bit + 1 & 1) << bit
    return cell >> 2 * order, x, y


def _spread(number: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """The bits of numbers moved to the even places."""
    spread = np.zeros_like(number)
    for bit in range(order):
        spread |= (number >> bit & 1) << 2 * bit
    return spread


def _side(order: int) -> int:
    if not 0 <= order <= MAX_ORDER:
        raise ValueError(f"HEALPix order {order} is not in 0..{MAX_ORDER}")
    return 2**order


def _ring_latitude_deg(side: int, from_pole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Geodetic latitude [deg] of northern rings, (n_ring,); z and 1 - z**2 both come without cancellation."""
    cap = from_pole < side
    cap_lack = from_pole**2 / (3.0 * side**2)
    z = np.where(cap, 1 - cap_lack, (4 * side - 2 * from_pole) / (3.0 * side))
    radius = np.sqrt(np.where(cap, cap_lack * (2 - cap_lack), (1 - z) * (1 + z)))
    return np.degrees(geodetic_latitude_rad(np.arctan2(z, radius)))
