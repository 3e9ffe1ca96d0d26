"""Points: how many satellites each of a few places sees at an instant, and how high the highest of them stands.

Satellites are taken one by one and places side by side, in blocks: an inner loop over the places of a block has a fixed
length and no sum across them, so that the compiler turns it into vector instructions.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

import pipeline.geometry.kernels  # noqa: F401  (which lets everything that compiles after it use wide vectors)
from pipeline.geometry.frames import point_ecef_km, up_ecef

BLOCK = 16
# Rows of a block: position and normal of its places, then what is counted.
_X, _Y, _Z, _UP_X, _UP_Y, _UP_Z, _COUNT, _BEST = range(8)
_WIDTH = 8


def _unfused(function: Any) -> Any:
    """A kernel as kernels.compiled makes it, but no product and sum fuse: its results are plain numpy's, to the last bit."""
    return numba.njit(function, cache=True, nogil=True, error_model="numpy")


def places(latitude_deg: ArrayLike, longitude_deg: ArrayLike, height_m: ArrayLike) -> NDArray[np.float64]:
    """What the kernel needs of places: their Earth-fixed position [km] and the unit normal of WGS-84 there, (place, 6).

    latitude_deg, longitude_deg: geodetic WGS-84 coordinates [deg], (place,). height_m: height above the ellipsoid [m], (place,).
    """
    height_km = np.asarray(height_m, np.float64) / 1_000.0
    return np.hstack([point_ecef_km(latitude_deg, longitude_deg, height_km), up_ecef(latitude_deg, longitude_deg)])


def in_view(
    r_ecef_km: NDArray[np.float64], places: NDArray[np.float64], mask_deg: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Count satellites in view, int32 (instant, place), and the elevation [deg] of the highest of them, float64 (instant, place).

    r_ecef_km: Earth-fixed positions [km], (satellite, instant, 3), not a number where there is none.
    places: as `places` gives them, (place, 6). mask_deg: lowest elevation above the horizon plane of WGS-84 [deg], 0 to 90.

    A satellite is in view where its elevation is at least the mask; where none is, the elevation is not a number.
    Raises ValueError when the mask is not between 0 and 90.
    """
    if not 0 <= mask_deg <= 90:
        raise ValueError(f"an elevation mask of {mask_deg} degrees is not between 0 and 90")
    by_instant = np.moveaxis(r_ecef_km, 0, 2)  # as Fleet.positions has them in memory
    count = np.empty((by_instant.shape[0], len(places)), np.int32)
    best = np.empty(count.shape)
    _count(by_instant, places, np.sin(np.radians(mask_deg)) ** 2, count, best)
    sine = np.sqrt(np.clip(best, 0.0, 1.0))
    return count, np.where(count > 0, np.degrees(np.arcsin(sine)), np.nan)


def slants_km(
    r_ecef_km: NDArray[np.float64], places: NDArray[np.float64], mask_deg: float | None, most_km: float = np.inf
) -> NDArray[np.float64]:
    """Distance [km] of every satellite from every place at one instant, float64 (place, satellite), infinite where it is not in view.

    r_ecef_km: Earth-fixed positions [km], (3, satellite), not a number where there is none. places: as `places` gives them. A satellite is
    in view where its elevation is at least the mask [deg], by the rule of `in_view` (None: also below the horizon), and where it is not
    further than `most_km`. Raises ValueError when the mask is not between 0 and 90.
    """
    if mask_deg is not None and not 0 <= mask_deg <= 90:
        raise ValueError(f"an elevation mask of {mask_deg} degrees is not between 0 and 90")
    least = -2.0 if mask_deg is None else np.sin(np.radians(mask_deg)) ** 2
    found = np.empty((len(places), r_ecef_km.shape[1]))
    _slants(np.ascontiguousarray(r_ecef_km), places, least, most_km * most_km, found)
    return found


@_unfused
def _slants(r_ecef_km, places, least, most_km2, found):  # type: ignore[no-untyped-def]
    """Fill found, (place, satellite); `least` is the squared sine of the mask with its sign, as in _count."""
    for place in range(len(places)):
        x, y, z, up_x, up_y, up_z = places[place]
        for satellite in range(r_ecef_km.shape[1]):
            dx, dy, dz = r_ecef_km[0, satellite] - x, r_ecef_km[1, satellite] - y, r_ecef_km[2, satellite] - z
            rise = dx * up_x + dy * up_y + dz * up_z
            square = dx * dx + dy * dy + dz * dz
            seen = (rise * abs(rise) / square >= least) & (square <= most_km2)
            found[place, satellite] = np.sqrt(square) if seen else np.inf


@_unfused
def _count(r_ecef_km, places, least, count, best):  # type: ignore[no-untyped-def]
    """Fill count and best, (instant, place): best is the largest squared sine of elevation, below 0 under the horizon.

    r_ecef_km: (instant, 3, satellite) [km]. least: squared sine of the mask. With s the rise along the normal and q the squared
    distance, the sine is s / sqrt(q), and its square with its sign, s |s| / q, grows with it: no root is taken. What is not a number
    compares as false, and is neither counted nor the best.
    """
    q = np.empty((_WIDTH, BLOCK))
    for low in range(0, len(places), BLOCK):
        for lane in range(BLOCK):
            for row in range(6):
                q[row, lane] = places[min(low + lane, len(places) - 1), row]
        for instant in range(r_ecef_km.shape[0]):
            q[_COUNT], q[_BEST] = 0.0, -1.0
            for satellite in range(r_ecef_km.shape[2]):
                x, y, z = (
                    r_ecef_km[instant, 0, satellite],
                    r_ecef_km[instant, 1, satellite],
                    r_ecef_km[instant, 2, satellite],
                )
                for lane in range(BLOCK):
                    dx, dy, dz = x - q[_X, lane], y - q[_Y, lane], z - q[_Z, lane]
                    rise = dx * q[_UP_X, lane] + dy * q[_UP_Y, lane] + dz * q[_UP_Z, lane]
                    square = rise * abs(rise) / (dx * dx + dy * dy + dz * dz)
                    q[_COUNT, lane] += 1.0 if square >= least else 0.0
                    q[_BEST, lane] = square if square > q[_BEST, lane] else q[_BEST, lane]
            for lane in range(min(BLOCK, len(places) - low)):
                count[instant, low + lane] = q[_COUNT, lane]
                best[instant, low + lane] = q[_BEST, lane]
