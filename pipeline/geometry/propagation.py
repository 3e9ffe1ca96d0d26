"""Propagation: elements to positions at common instants by SGP4 (WGS-72 constants): a kernel of our own, and the sgp4 library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sgp4.api import SGP4_ERRORS, WGS72, Satrec, SatrecArray

from pipeline.geometry import near_earth
from pipeline.geometry.constants import EARTH_RAD_PER_S
from pipeline.geometry.elements import FIELDS, require_fields
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


def instants_from(start: datetime, step_s: float, first: int, last: int) -> Instants:
    """Instants `first` to `last` - 1 of those every `step_s` seconds from `start` (UTC, without a zone), whichever day they fall on.

    All are fractions of the day of `start`, above 1 after its midnight, so that an instant is the same number in any window: its last
    digit is 4 ns after a year and 0.2 microseconds after 27, or 0.03 and 1.2 mm of an orbit.
    """
    midnight = datetime.combine(start.date(), time())
    seconds = (start - midnight).total_seconds() + np.arange(first, last, dtype=np.float64) * step_s
    return Instants(start.toordinal() + ORDINAL_TO_JULIAN_DATE, seconds / 86_400)


class Fleet:
    """Satellites initialised for SGP4 once, propagated to any instants.

    `elements` has one row per satellite with the OMM fields of geometry.elements.FIELDS. Near-Earth, nearly circular orbits go
    through the compiled kernel of geometry.near_earth, all others, and whoever leaves its limits, through the sgp4 library.
    """

    def __init__(self, elements: pl.DataFrame) -> None:
        require_fields(elements)
        self.count = elements.height
        self._given = _given(elements)
        rows, fits = near_earth.constants(self._given)
        self._near, self._other = np.flatnonzero(fits), np.flatnonzero(~fits)
        self._blocks = near_earth.blocks(rows[:, fits])
        self._others = self._library(self._other)

    def positions(
        self, instants: Instants, piece_s: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Earth-fixed positions [km], float64 (satellite, instant, 3), and SGP4's error codes, uint8 (satellite, instant).

        Where the code is not zero the position is not a number (see ERRORS for the words). `piece_s`: cut time from 00:00 on into
        pieces of so many seconds, compute 14 points of each, and interpolate (see interpolation_error_km); None computes every instant. The array is a
        view: in memory the satellites of one instant lie side by side.
        """
        r_km, held = self._empty(instants), np.ones(len(self._near), np.bool_)
        if piece_s is None:
            near_earth.positions(self._blocks, self._near, *_with_angle(instants), r_km, held)
        else:
            points, piece, weight = _pieces(instants, piece_s)
            near_earth.between(self._blocks, self._near, *_with_angle(points), piece, weight, r_km, held)
        error = self._fill_others(instants, held, r_km)
        return np.moveaxis(r_km, 2, 0), error

    def states(self, instants: Instants) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
        """As `positions`, with Earth-fixed velocities [km/s], float64 (satellite, instant, 3), between them and the codes.

        A velocity is that which the turning Earth sees: a geostationary satellite has none.
        """
        r_km, v_km_per_s, held = self._empty(instants), self._empty(instants), np.ones(len(self._near), np.bool_)
        near_earth.states(self._blocks, self._near, *_with_angle(instants), r_km, v_km_per_s, held)
        error = self._fill_others(instants, held, r_km, v_km_per_s)
        return np.moveaxis(r_km, 2, 0), np.moveaxis(v_km_per_s, 2, 0), error

    def _empty(self, instants: Instants) -> NDArray[np.float64]:
        return np.empty((len(instants.fraction), 3, self.count))

    def _fill_others(
        self,
        instants: Instants,
        held: NDArray[np.bool_],
        r_km: NDArray[np.float64],
        v_km_per_s: NDArray[np.float64] | None = None,
    ) -> NDArray[np.uint8]:
        """Fill in, by the library, whom the kernel is not for and who left its limits; return everybody's codes."""
        error = np.zeros((self.count, len(instants.fraction)), np.uint8)
        fallen = self._near[~held]
        for which, library in ((self._other, self._others), (fallen, self._library(fallen))):
            if which.size:
                error[which], r_of_which, v_of_which = _by_library(library, instants)
                r_km[:, :, which] = np.moveaxis(r_of_which, 0, 2)
                if v_km_per_s is not None:
                    v_km_per_s[:, :, which] = np.moveaxis(v_of_which, 0, 2)
        return error

    def _library(self, which: NDArray[np.int64]) -> SatrecArray:
        return SatrecArray(
            [_satrec(*row) for row in zip(*(self._given[n][which].tolist() for n in _ARGUMENTS), strict=True)]
        )


def _with_angle(instants: Instants) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    return instants.julian_date, instants.fraction, sidereal_angle_rad(instants.julian_date, instants.fraction)


def _by_library(
    library: SatrecArray, instants: Instants
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """Codes, positions and velocities by the sgp4 library, Earth-fixed, (satellite, instant, 3)."""
    code, r_km, v_km_per_s = library.sgp4(np.full(len(instants.fraction), instants.julian_date), instants.fraction)
    code[(code == 0) & ~np.isfinite(r_km).all(axis=2)] = NOT_A_NUMBER
    angle_rad = sidereal_angle_rad(instants.julian_date, instants.fraction)
    r_km, v_km_per_s = r_ecef_km(r_km, angle_rad), r_ecef_km(v_km_per_s, angle_rad)
    v_km_per_s[..., 0] += EARTH_RAD_PER_S * r_km[..., 1]
    v_km_per_s[..., 1] -= EARTH_RAD_PER_S * r_km[..., 0]
    r_km[code != 0], v_km_per_s[code != 0] = np.nan, np.nan
    return code, r_km, v_km_per_s


NOT_A_NUMBER = 7
ERRORS: dict[int, str] = {**SGP4_ERRORS, NOT_A_NUMBER: "the position is not a number"}

# Chebyshev's points of a piece from -1 to 1, where the largest error of a polynomial through them is least; and his polynomials there.
_POINT = np.cos(np.pi * (np.arange(near_earth.POINTS)[::-1] + 0.5) / near_earth.POINTS)


def interpolation_error_km(
    radius_km: float, mean_motion_rev_per_day: float, eccentricity: float, piece_s: float
) -> float:
    """Bound of the error of interpolated positions [km]: the remainder of an interpolation from n of Chebyshev's points,
    2 f(n) (piece / 4)^n / n!.

    f(n) is that of a slightly eccentric orbit about an oblate Earth, r w^n (1 + 0.4 (2^n e + 3^n e^2 + ...) + 3^n 0.0001): w is the
    rate of the orbit and the Earth's turn together, e has 0.0012 more for J3, 0.0001 are the short-period terms of J2. Where drag
    drives the eccentricity to nought SGP4 holds it at 1e-6, a kink that no polynomial follows: 10 m were seen, a week from the epoch.
    """
    n, e = near_earth.POINTS, eccentricity + 0.0012
    rate_rad_per_s = mean_motion_rev_per_day * 2 * np.pi / 86_400 + EARTH_RAD_PER_S
    harmonics = 1 + 0.4 * sum(k**n * e ** (k - 1) for k in range(2, 8)) + 3**n * 0.0001
    return float(2 * radius_km * harmonics * (rate_rad_per_s * piece_s / 4) ** n / math.factorial(n))


def _pieces(instants: Instants, piece_s: int) -> tuple[Instants, NDArray[np.int64], NDArray[np.float64]]:
    """Points of the pieces that the instants lie in (piece, point), which piece each lies in, and its weights (instant, point).

    Pieces begin at multiples of `piece_s` from 00:00, so that an instant lies in the same one in whichever window it is computed.
    """
    if piece_s < 1:
        raise ValueError(f"pieces of {piece_s} s are none: give at least 1 s")
    at = instants.fraction * (86_400 / piece_s)
    number = np.floor(at)
    used, piece = np.unique(number, return_inverse=True)
    points = Instants(instants.julian_date, (used[:, None] + (1 + _POINT) / 2) * (piece_s / 86_400))
    there, here = _chebyshev(_POINT), _chebyshev(2 * (at - number) - 1)
    there[0] /= 2
    return points, piece, (here.T[:, None, :] * (there.T * (2 / near_earth.POINTS))).sum(axis=2)


def _chebyshev(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chebyshev's polynomials of the first kind, as many as there are points, (degree, x)."""
    found = np.ones((near_earth.POINTS, len(x)))
    found[1] = x
    for degree in range(2, near_earth.POINTS):
        found[degree] = 2 * x * found[degree - 1] - found[degree - 2]
    return found


# The sgp4 library's own arguments, in its order.
_ARGUMENTS = ("epoch_days", "bstar", "ndot", "nddot", "ecco", "argpo", "inclo", "mo", "no_kozai", "nodeo")


def _given(elements: pl.DataFrame) -> dict[str, NDArray[np.float64]]:
    """SGP4's arguments in its own units (minutes, radians), (satellite,) each."""
    revolution_rad_per_min = 2 * np.pi / 1_440.0
    column = {name: elements[name].to_numpy() for name in FIELDS if name != "epoch_utc"}
    return {
        # Seconds first, then days, as the sgp4 library does with an OMM: its last digit is 2 mm.
        "epoch_days": (elements["epoch_utc"] - EPOCH_1949).dt.total_microseconds().to_numpy() / 1e6 / 86_400.0,
        "bstar": column["bstar_per_earth_radius"],
        "ndot": column["mean_motion_dot_rev_per_day2"] * revolution_rad_per_min / 1_440.0,
        "nddot": column["mean_motion_ddot_rev_per_day3"] * revolution_rad_per_min / 1_440.0**2,
        "ecco": column["eccentricity"],
        "argpo": np.radians(column["arg_of_pericenter_deg"]),
        "inclo": np.radians(column["inclination_deg"]),
        "mo": np.radians(column["mean_anomaly_deg"]),
        "no_kozai": column["mean_motion_rev_per_day"] * revolution_rad_per_min,
        "nodeo": np.radians(column["ra_of_asc_node_deg"]),
    }


def _satrec(*arguments: float) -> Satrec:
    # The catalog number stays in our own 64-bit column: SGP4 does not need it, and its field ends at Alpha-5.
    satrec = Satrec()
    satrec.sgp4init(WGS72, "i", 0, *arguments)
    return satrec
