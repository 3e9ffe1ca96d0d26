"""Propagation: elements to positions at common instants, by the sgp4 library's C++ arrays (SGP4, WGS-72 constants)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sgp4.api import SGP4_ERRORS, WGS72, Satrec, SatrecArray

from pipeline.geometry.elements import require_fields
from pipeline.geometry.frames import r_ecef_km, sidereal_angle_rad

EPOCH_1949 = datetime(1949, 12, 31)
ORDINAL_TO_JULIAN_DATE = 1_721_424.5


@dataclass(frozen=True)
class Instants:
    """Common instants: Julian date of 00:00 UTC of a day, and fractions of that day, float64 shape (n,)."""

    julian_date: float
    fraction: NDArray[np.float64]

    def part(self, first: int, last: int) -> Instants:
        """The instants `first` to `last` - 1."""
        return Instants(self.julian_date, self.fraction[first:last])


def instants_of_day(day: date, step_s: int) -> Instants:
    """Instants of [day 00:00, +24 h) UTC every `step_s` seconds. Raises ValueError where the step does not divide the day."""
    if step_s < 1 or 86_400 % step_s:
        raise ValueError(f"a step of {step_s} s does not divide the day of 86400 s")
    return Instants(
        day.toordinal() + ORDINAL_TO_JULIAN_DATE, np.arange(86_400 // step_s, dtype=np.float64) * (step_s / 86_400)
    )


class Fleet:
    """Satellites initialised for SGP4 once, propagated to any instants.

    `elements` has one row per satellite with the OMM fields of geometry.elements.FIELDS.
    """

    def __init__(self, elements: pl.DataFrame) -> None:
        require_fields(elements)
        self.count = elements.height
        self._array = SatrecArray([_satrec(*row) for row in _columns(elements)])

    def positions(self, instants: Instants) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Earth-fixed positions [km], float64 (satellite, instant, 3), and SGP4's error codes, uint8 (satellite, instant).

        Where the code is not zero the position is not a number (see ERRORS for the words).
        """
        size = len(instants.fraction)
        error, r_teme_km, _ = self._array.sgp4(np.full(size, instants.julian_date), instants.fraction)
        r_teme_km[error != 0] = np.nan
        angle_rad = sidereal_angle_rad(instants.julian_date, instants.fraction)
        return r_ecef_km(r_teme_km, angle_rad), error


ERRORS: dict[int, str] = dict(SGP4_ERRORS)


def _columns(elements: pl.DataFrame) -> zip[tuple[float, ...]]:
    """SGP4's arguments in its own units (minutes, radians), one tuple per satellite."""
    revolution_rad_per_min = 2 * np.pi / 1_440.0
    epoch_days = (elements["epoch_utc"] - EPOCH_1949).dt.total_microseconds().to_numpy() / 86_400e6
    angle = {
        name: np.radians(elements[name].to_numpy())
        for name in ("arg_of_pericenter_deg", "inclination_deg", "mean_anomaly_deg", "ra_of_asc_node_deg")
    }
    return zip(
        epoch_days.tolist(),
        elements["bstar_per_earth_radius"].to_list(),
        (elements["mean_motion_dot_rev_per_day2"].to_numpy() * revolution_rad_per_min / 1_440.0).tolist(),
        (elements["mean_motion_ddot_rev_per_day3"].to_numpy() * revolution_rad_per_min / 1_440.0**2).tolist(),
        elements["eccentricity"].to_list(),
        angle["arg_of_pericenter_deg"].tolist(),
        angle["inclination_deg"].tolist(),
        angle["mean_anomaly_deg"].tolist(),
        (elements["mean_motion_rev_per_day"].to_numpy() * revolution_rad_per_min).tolist(),
        angle["ra_of_asc_node_deg"].tolist(),
        strict=True,
    )


def _satrec(*arguments: float) -> Satrec:
    # The catalog number stays in our own 64-bit column: SGP4 does not need it, and its field ends at Alpha-5.
    satrec = Satrec()
    satrec.sgp4init(WGS72, "i", 0, *arguments)
    return satrec
