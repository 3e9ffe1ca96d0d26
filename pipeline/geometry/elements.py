"""Elements as a table of OMM fields, and what follows from them without propagation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import WGS72_J2, WGS72_MU_KM3_PER_S2, WGS72_RADIUS_KM

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


def node_and_latitude_deg(elements: pl.DataFrame, instant: datetime) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right ascension of the ascending node and argument of latitude [deg] at one instant [UTC], each of shape (n,).

    Epochs lie hours apart and nodes drift by degrees a day, so planes show only when all satellites are brought to one
    instant: by the secular rates of J2 (Vallado, Fundamentals of Astrodynamics, 4th edition, eq. 9-37 to 9-41) and the
    elements' own drag. Mean motion holds the secular rate of the mean anomaly already. Good to 0.1 degrees over a day or
    two without thrust.
    """
    motion = elements["mean_motion_rev_per_day"].to_numpy()
    inclination_rad = np.radians(elements["inclination_deg"].to_numpy())
    days = (pl.Series([instant], dtype=pl.Datetime("us")) - elements["epoch_utc"]).dt.total_microseconds() / 86_400e6
    parameter = semi_major_axis_km(motion) * (1 - elements["eccentricity"].to_numpy() ** 2)
    j2_deg_per_day = 1.5 * WGS72_J2 * (WGS72_RADIUS_KM / parameter) ** 2 * motion * 360.0
    node_deg = elements["ra_of_asc_node_deg"].to_numpy() - j2_deg_per_day * np.cos(inclination_rad) * days.to_numpy()
    turned_deg = 360.0 * (motion + elements["mean_motion_dot_rev_per_day2"].to_numpy() * days.to_numpy())
    turned_deg += j2_deg_per_day * (2 - 2.5 * np.sin(inclination_rad) ** 2)
    latitude_deg = elements["arg_of_pericenter_deg"].to_numpy() + elements["mean_anomaly_deg"].to_numpy()
    return node_deg % 360.0, (latitude_deg + turned_deg * days.to_numpy()) % 360.0


def require_fields(elements: pl.DataFrame, names: Sequence[str] = FIELDS) -> None:
    """Raise ValueError when `elements` lacks one of the OMM fields in `names`."""
    missing = [name for name in names if name not in elements.columns]
    if missing:
        raise ValueError(f"elements lack the OMM fields {', '.join(missing)}")
