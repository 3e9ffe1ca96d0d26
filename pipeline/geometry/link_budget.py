"""The link budget: from the distance of a satellite to the bits that a hertz carries.

    carrier over noise [dB] = EIRP + G/T - free-space loss - other losses + 228.6 - 10 log10(bandwidth)

The rate follows from thresholds of DVB-S2X. Starlink modulates otherwise, so they stand in for what it uses. No operator publishes the
power of its beams: it is chosen such that the mean over a fleet's own ranges is the published mean (calibrated). What the budget then
adds is how the rate falls with distance and rain, not its level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import LIGHT_KM_PER_S, MEAN_RADIUS_KM

# Boltzmann's constant is -228.6 dBW/K/Hz.
BOLTZMANN_DB = 228.6
# 20 log10(4 pi / c) with the distance in km and the frequency in GHz.
FSPL_DB = 92.45

# DVB-S2X, additive white Gaussian noise: least Es/N0 [dB] and bits a symbol (ETSI EN 302 307-2, as tabulated in saleos).
THRESHOLD_DB = (-2.85, 0.22, 1.45, 4.73, 6.12, 7.51, 9.27, 10.65, 11.75, 13.05, 14.81, 16.55, 17.73)
EFFICIENCY = (0.435, 0.889, 1.089, 1.647, 1.896, 2.282, 2.746, 3.077, 3.510, 3.841, 4.339, 4.937, 5.163)

PUBLISHED_EFFICIENCY = 3.5  # mean of a fleet [bit/s/Hz]: methodology, section 2
_STEPS = 80  # halvings of an interval of 400 dB


class LinkBudgetError(ValueError):
    """A link that cannot be, or a mean efficiency that no power reaches."""


@dataclass(frozen=True)
class Link:
    """One direction of a link.

    frequency_ghz: carrier [GHz]. bandwidth_mhz: noise bandwidth of the channel [MHz]. eirp_dbw: power that leaves the antenna towards the
    receiver, in that bandwidth [dBW]. g_over_t_db_per_k: gain of the receiver over its noise temperature [dB/K]. loss_db: of the air, of
    pointing and of polarisation [dB]. rain_db: of rain, 0 for a clear sky [dB]. margin_db: what a modem needs beyond theory, 1 to 2 dB.
    Raises LinkBudgetError where a frequency or a bandwidth is not positive, a loss is negative, or a figure is not a number.
    """

    frequency_ghz: float
    bandwidth_mhz: float
    eirp_dbw: float
    g_over_t_db_per_k: float
    loss_db: float = 0.0
    rain_db: float = 0.0
    margin_db: float = 1.5

    def __post_init__(self) -> None:
        wrong = [name for name in ("frequency_ghz", "bandwidth_mhz") if not getattr(self, name) > 0]
        wrong += [name for name in ("loss_db", "rain_db", "margin_db") if not getattr(self, name) >= 0]
        wrong += [name for name, value in vars(self).items() if not np.isfinite(value) and name not in wrong]
        if wrong:
            told = ", ".join(f"{name} = {getattr(self, name)}" for name in wrong)
            raise LinkBudgetError(f"link: {told}: frequency and bandwidth are above 0, losses at least 0, all finite")


@dataclass(frozen=True)
class Calibrated:
    """A link whose power was chosen, not measured: `link`, and the mean efficiency that it has over the ranges [bit/s/Hz].

    `wanted` is the published mean; the two differ where a step of the modulation is wider than what is between ranges.
    """

    link: Link
    mean: float
    wanted: float


def slant_range_km(elevation_deg: ArrayLike, altitude_km: ArrayLike) -> NDArray[np.float64]:
    """Distance [km] to a satellite at an elevation [deg] and altitude [km] over the mean sphere, of their common shape.

    d = sqrt(r^2 - R^2 cos^2 e) - R sin e, with r = R + altitude (methodology, section 1).
    """
    elevation, radius = np.radians(elevation_deg), MEAN_RADIUS_KM + np.asarray(altitude_km, np.float64)
    root = np.sqrt(radius**2 - (MEAN_RADIUS_KM * np.cos(elevation)) ** 2)
    return np.asarray(root - MEAN_RADIUS_KM * np.sin(elevation))


def free_space_loss_db(frequency_ghz: ArrayLike, range_km: ArrayLike) -> NDArray[np.float64]:
    """Loss [dB] of a carrier [GHz] over a distance [km]: 92.45 + 20 log10 f + 20 log10 d (ITU-R P.525)."""
    return np.asarray(FSPL_DB + 20 * np.log10(frequency_ghz) + 20 * np.log10(range_km))


def antenna_gain_dbi(
    diameter_m: ArrayLike, frequency_ghz: ArrayLike, efficiency_fraction: float
) -> NDArray[np.float64]:
    """Gain [dBi] of a round aperture [m] at a frequency [GHz]: eta (pi D / wavelength)^2, its efficiency between 0 and 1.

    saleos leaves pi and D without their squares, about 3 dB too little for 0.6 m at 11.7 GHz.
    """
    wavelength_m = LIGHT_KM_PER_S * 1e-6 / np.asarray(frequency_ghz, np.float64)
    return np.asarray(10 * np.log10(efficiency_fraction * (np.pi * np.asarray(diameter_m) / wavelength_m) ** 2))


def g_over_t_db_per_k(gain_dbi: float, noise_k: float) -> float:
    """Gain over noise temperature [dB/K] of a receiver with that gain [dBi] and system noise temperature [K]."""
    return gain_dbi - 10 * float(np.log10(noise_k))


def carrier_to_noise_db(link: Link, range_km: ArrayLike) -> NDArray[np.float64]:
    """Carrier over noise [dB] of a link over distances [km], of their shape."""
    sent = link.eirp_dbw + link.g_over_t_db_per_k + BOLTZMANN_DB - 10 * np.log10(link.bandwidth_mhz * 1e6)
    return np.asarray(sent - free_space_loss_db(link.frequency_ghz, range_km) - link.loss_db - link.rain_db)


def efficiency_of_ratio(ratio_db: ArrayLike, margin_db: float = 0.0) -> NDArray[np.float64]:
    """Bits per second and hertz at a carrier over noise [dB], of its shape: the fastest mode whose threshold and margin [dB] it meets.

    0 below the lowest threshold, where nothing gets through, and where the ratio is not a number.
    """
    met = np.searchsorted(np.asarray(THRESHOLD_DB) + margin_db, np.asarray(ratio_db, np.float64), side="right")
    found = np.concatenate([[0.0], EFFICIENCY])[met]
    return np.asarray(np.where(np.isnan(ratio_db), 0.0, found))


def efficiency_bit_per_s_per_hz(link: Link, range_km: ArrayLike, rain_db: float | None = None) -> NDArray[np.float64]:
    """Spectral efficiency [bit/s/Hz] of a link over distances [km], of their shape; rain_db: instead of the link's own [dB]."""
    wet = link if rain_db is None else replace(link, rain_db=rain_db)
    return efficiency_of_ratio(carrier_to_noise_db(wet, range_km), link.margin_db)


def calibrated(
    link: Link, range_km: ArrayLike, wanted: float = PUBLISHED_EFFICIENCY, weight: ArrayLike | None = None
) -> Calibrated:
    """The link with the least EIRP at which its mean efficiency over a fleet's ranges is the published one.

    link: all but its EIRP is kept, so what is chosen makes up for whatever G/T and losses were put in. range_km: distances at which the
    fleet is used [km], any shape. wanted: the published mean [bit/s/Hz]. weight: of each range, all alike where none is given.
    The mean grows with the power, in steps, so halving intervals finds it. Raises LinkBudgetError where no power reaches the mean, or
    there is no range to look at.
    """
    ranges = np.asarray(range_km, np.float64).ravel()
    weights = np.ones(ranges.size) if weight is None else np.asarray(weight, np.float64).ravel()
    if not ranges.size or not (np.isfinite(ranges) & (ranges > 0)).all() or not weights.sum() > 0:
        raise LinkBudgetError(
            "calibrated: ranges must be finite, above 0 km and weigh something: pass those of a fleet"
        )
    if not 0 < wanted <= EFFICIENCY[-1]:
        raise LinkBudgetError(f"calibrated: no power gives {wanted} bit/s/Hz: modes reach from 0 to {EFFICIENCY[-1]}")

    def mean(eirp_dbw: float) -> float:
        return float(np.average(efficiency_bit_per_s_per_hz(replace(link, eirp_dbw=eirp_dbw), ranges), weights=weights))

    low, high = -200.0, 200.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if mean(middle) >= wanted else (middle, high)
    return Calibrated(replace(link, eirp_dbw=high), mean(high), wanted)
