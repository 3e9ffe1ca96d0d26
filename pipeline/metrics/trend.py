"""When a figure crosses its target, if it goes on as it went in the last 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.stats import t as student

WINDOW_DAYS = 90
LEAST_DAYS, LEAST_SPAN_DAYS = 5, 7
FARTHEST_DAYS = 10_957  # thirty years: beyond that a trend of 90 days says nothing
QUANTILE = 0.9


@dataclass(frozen=True)
class Crossing:
    """The trend of a figure and when it meets its target: `slope` a day (None with too few days), the day itself, and the early and late ends of its
    interval; `words` says which it is."""

    slope: float | None
    count: int
    day: date | None
    early: date | None
    late: date | None
    words: str


def crossing(days: Sequence[date], values: Sequence[float], target: float) -> Crossing:
    """Of a figure on days in any order, today's among them, which is to reach at least the target.

    A straight line by least squares over the WINDOW_DAYS up to the last day; the interval holds the slope with 80 % by Student's law.
    """
    last = max(days, default=None)
    rows = sorted((d, v) for d, v in zip(days, values, strict=True) if last and (last - d).days <= WINDOW_DAYS)
    if last is None:
        return Crossing(None, 0, None, None, None, "no figure")
    now, count = rows[-1][1], len(rows)
    if now >= target:
        return Crossing(_slope(rows)[0], count, None, None, None, "passed")
    slope, error = _slope(rows)
    if slope is None:
        return Crossing(None, count, None, None, None, f"too few days: {count} of at least {LEAST_DAYS} over {LEAST_SPAN_DAYS} days")  # fmt: skip
    steep, flat = slope + error, slope - error
    found = _day(last, now, target, slope)
    if found is None:
        return Crossing(slope, count, None, _day(last, now, target, steep), None, "not on this trend")
    return Crossing(slope, count, found, _day(last, now, target, steep), _day(last, now, target, flat), "on this trend")


def _slope(rows: list[tuple[date, float]]) -> tuple[float | None, float]:
    """Slope a day and half of its interval; None where there are too few days."""
    if len(rows) < LEAST_DAYS or (rows[-1][0] - rows[0][0]).days < LEAST_SPAN_DAYS:
        return None, 0.0
    x = np.array([(d - rows[0][0]).days for d, _ in rows], np.float64)
    y = np.array([v for _, v in rows], np.float64)
    spread = ((x - x.mean()) ** 2).sum()
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
    rest = y - y.mean() - slope * (x - x.mean())
    free = len(rows) - 2
    return slope, float(student.ppf(QUANTILE, free) * np.sqrt((rest**2).sum() / free / spread))


def _day(last: date, now: float, target: float, slope: float) -> date | None:
    """The day on which a slope leads to the target; None where it never does, or too late to say."""
    if slope <= 0 or (away := (target - now) / slope) > FARTHEST_DAYS:
        return None
    return last + timedelta(days=int(np.ceil(away)))
