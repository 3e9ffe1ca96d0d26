"""Elements as a table of OMM fields, and what follows from them without propagation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import WGS72_MU_KM3_PER_S2, WGS72_RADIUS_KM

FIELDS = (
    "epoch_utc", "mean_motion_rev_per_day", "eccentricity", "inclination_deg", "ra_of_asc_node_deg",
    "arg_of_pericenter_deg", "mean_anomaly_deg", "bstar_per_earth_radius", "mean_motion_dot_rev_per_day2",
    "mean_motion_ddot_rev_per_day3",
)  # fmt: skip


def semi_major_axis_km(mean_motion_rev_per_day: NDArray[np.float64]) -> NDArray[np.float64]:
    """Semi-major axis of the two-body orbit with this mean motion [rev/day], any shape; WGS-72, Kepler's third law."""
    rate_rad_per_s = np.asarray(mean_motion_rev_per_day) * (2 * np.pi / 86_400)
    return np.cbrt(WGS72_MU_KM3_PER_S2 / rate_rad_per_s**2)


def mean_motion_rev_per_day(altitude_km: ArrayLike) -> NDArray[np.float64]:
    """Mean motion [rev/day] of a circular orbit at a mean altitude [km], any shape; the inverse of mean_altitude_km."""
    axis_km = np.asarray(altitude_km, np.float64) + WGS72_RADIUS_KM
    return np.sqrt(WGS72_MU_KM3_PER_S2 / axis_km**3) * 86_400 / (2 * np.pi)


def mean_altitude_km(mean_motion_rev_per_day: NDArray[np.float64]) -> NDArray[np.float64]:
    """Semi-major axis less the equatorial radius of WGS-72 [km], from the mean motion [rev/day], any shape."""
    return semi_major_axis_km(mean_motion_rev_per_day) - WGS72_RADIUS_KM


def altitude_rate_km_per_day(
    mean_motion_rev_per_day: NDArray[np.float64], mean_motion_dot_rev_per_day2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Rate of the mean altitude [km/day] that the elements themselves state, any shape.

    MEAN_MOTION_DOT is half the first derivative of the mean motion (as in a TLE), and da/dt = -2/3 a/n dn/dt.
    """
    axis_km = semi_major_axis_km(mean_motion_rev_per_day)
    return -2 / 3 * axis_km / mean_motion_rev_per_day * 2 * np.asarray(mean_motion_dot_rev_per_day2)


def require_fields(elements: pl.DataFrame, names: Sequence[str] = FIELDS) -> None:
    """Raise ValueError when `elements` lacks one of the OMM fields in `names`."""
    missing = [name for name in names if name not in elements.columns]
    if missing:
        raise ValueError(f"elements lack the OMM fields {', '.join(missing)}")
