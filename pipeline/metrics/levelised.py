"""What money over years comes to in a month: the formulas that all costs here have in common.

Rates are fractions a year, lives and periods years; all arguments may be arrays of one shape.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

MONTHS = 12
# Seconds of a mean month, and with them what one Gbps carries in a month at full use [bytes].
MONTH_S = 86_400 * 365.25 / MONTHS
BYTES_PER_GBPS_MONTH = 1e9 / 8 * MONTH_S


def recovery(rate: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Part of a sum that is due each year so that it is paid back with interest: CRF = r (1 + r)^n / ((1 + r)^n - 1), 1 / n without interest.

    Raises ValueError for a life that is not positive or a rate below 0.
    """
    r, n = np.asarray(rate, np.float64), np.asarray(years, np.float64)
    if not (n > 0).all() or not (r >= 0).all():
        raise ValueError(f"a rate of {rate!r} over {years!r} years: give a rate of at least 0 and a life above 0")
    some = np.where(r > 0, r, 1.0)
    grown = (1 + some) ** n
    return np.asarray(np.where(r > 0, some * grown / (grown - 1), 1 / n))


def monthly_usd(
    capex_usd: ArrayLike, rate: ArrayLike, years: ArrayLike, upkeep_fraction: ArrayLike
) -> NDArray[np.float64]:
    """Cost of a month [USD] of what costs capex once and a part of it each year: capex x (CRF + upkeep) / 12."""
    return np.asarray(
        np.asarray(capex_usd, np.float64) * (recovery(rate, years) + np.asarray(upkeep_fraction)) / MONTHS
    )


def ownership_usd(capex_usd: ArrayLike, opex_usd: ArrayLike, rate: float, years: int) -> NDArray[np.float64]:
    """Cost of owning something for some years [USD], opex of the first year undiscounted: capex + sum of opex / (1 + r)^t, t = 0 .. years - 1.

    As saleos and globalsat have it (Osoro and Oughton, cost_model).
    """
    discounted = sum((1 + rate) ** -t for t in range(years))
    return np.asarray(np.asarray(capex_usd, np.float64) + np.asarray(opex_usd, np.float64) * discounted)


def bounds(base: float, intervals: Iterable[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Low, base and high of a product of independent factors: logarithms of what each makes of it, below and above, add in quadrature.

    intervals: low, base and high of the product as one factor alone moves, all above 0.
    """
    below, above = 0.0, 0.0
    for low, middle, high in intervals:
        below, above = below + np.log(middle / low) ** 2, above + np.log(high / middle) ** 2
    return float(base / np.exp(np.sqrt(below))), base, float(base * np.exp(np.sqrt(above)))


def unit_usd(unit_bytes: ArrayLike, usd_per_gbps_month: ArrayLike) -> NDArray[np.float64]:
    """Cost of carrying so many bytes [USD] where a Gbps-month costs so much, at full use."""
    return np.asarray(np.asarray(unit_bytes, np.float64) / BYTES_PER_GBPS_MONTH * np.asarray(usd_per_gbps_month))
