"""The stretch of terrestrial fibre that fits measured round trips, by region, and how wrong it is on pairs that it has not seen.

RTT = 2 D k n / c + a constant: D is the great circle, n the index of fibre, k the stretch of the way, one for each pair of regions, and the
constant, one for each source, what both ends add together (methodology.md section 3). Stretches and constant are those with the least
absolute errors on one half of the pairs, and are judged on the other. Which half a pair of places is in is a hash of them: it is the same
every day, and both directions share it.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.metrics.round_trip import ENDS, Numbers, both_ways, region_pair
from pipeline.table import Column, Table

FIBRE_INDEX = 1.468  # group index of single-mode fibre at 1,550 nm (methodology.md section 3)
# What stands where nothing is fitted: a backbone, and the public Internet's median (methodology.md section 3; Bozkurt et al. 2018).
FIXED = {"backbone": 1.3, "internet": 2.1}
LEAST_PAIRS = 3  # with fewer pairs to fit a pair of regions takes the world's stretch: regions differ more than pairs of one region do
MOST_OVERHEAD_MS = 100.0
OVERHEAD_STEP_MS = 0.01  # the constant is looked for until it is as certain as that

_ERRORS = {"mae_ms": "Mean absolute error", "bias_ms": "Mean error, predicted less measured,", "error_fraction": "Median absolute error as a part of what is measured"}  # fmt: skip
_WHOSE = {"": "of the fitted stretch and constant"} | {f"{name}_": f"of a fixed stretch of {k:g} without a constant" for name, k in FIXED.items()}  # fmt: skip
TABLE = Table(
    "core.fibre_error_daily",
    "one row per day, source of measured round trips and pair of regions",
    (
        Column("day", "day", "UTC date", "Day of the run; the measurements are of their source's own days", key=True),
        Column("source", "text", "", "Source of the measured round trips", key=True),
        Column("region_pair", "region_pair", "", "Regions of both ends; world: all pairs by one stretch; together: all pairs, each by that of its regions", key=True),
        Column("fitted_pair_count", "integer", "", "Pairs of places that were fitted, both directions being one", 0),
        Column("pair_count", "integer", "", "Other pairs of places, on which the errors are", 0),
        Column("is_own", "flag", "", f"Whether the stretch is fitted to these pairs alone; with fewer than {LEAST_PAIRS} to fit it is the world's"),
        Column("stretch_factor", "number", "", "Length of the way, fibre throughout, over the great circle; null for together, which has several", 1, 100, nullable=True),
        Column("stretch_low_factor", "number", "", "Lower quartile of the stretches that fit single pairs; below 1 where less is added than the constant", nullable=True),
        Column("stretch_high_factor", "number", "", "Upper quartile of the stretches that fit single pairs", nullable=True),
        Column("overhead_ms", "number", "ms", "What both ends together add to every round trip of the source", 0, MOST_OVERHEAD_MS),
        *(
            Column(f"{prefix}{error}", "number", "ms" if error.endswith("_ms") else "1", f"{words} {whose}", None if error == "bias_ms" else 0, nullable=True)
            for prefix, whose in _WHOSE.items()
            for error, words in _ERRORS.items()
        ),
        Column("rank_correlation", "number", "", "Spearman's, of what is predicted with what is measured; null with fewer than three pairs", -1, 1, nullable=True),
        Column("distance_rank_correlation", "number", "", "The same of the great circle, and so of any fixed stretch", -1, 1, nullable=True),
    ),
    may_be_empty=True,
)  # fmt: skip


class _Fit(NamedTuple):
    """What was fitted: the constant of both ends [ms], the world's stretch, and those of pairs of regions with enough pairs."""

    overhead_ms: float
    world: float
    own: dict[str, float]

    def stretch(self, names: NDArray[np.str_]) -> Numbers:
        """The stretch of pairs, (n,), by the names of their regions, (n,)."""
        return np.array([self.own.get(name, self.world) for name in names.tolist()], np.float64)


def compute(measured_pairs: dict[str, pl.DataFrame], day: date) -> pl.DataFrame:
    """core.fibre_error_daily of a day.

    measured_pairs: measured pairs (`round_trip.ENDS` [deg] and rtt_ms) by the name of their source; one without any, or without any that
    falls to the half that is fitted, has no rows.
    """
    rows = [row for name, pairs in measured_pairs.items() for row in _rows(name, both_ways(pairs))]
    schema = {name: kind for name, kind in TABLE.polars_schema.items() if name != "day"}
    return TABLE.conform(pl.DataFrame(rows, schema=schema).with_columns(pl.lit(day).alias("day")))


def stretch(
    fit: pl.DataFrame,
    from_latitude_deg: Numbers,
    from_longitude_deg: Numbers,
    to_latitude_deg: Numbers,
    to_longitude_deg: Numbers,
) -> tuple[Numbers, float]:
    """Stretch, (n,), between places [deg], (n,) each, and the constant of both ends together [ms].

    fit: rows of core.fibre_error_daily of one day and source. Regions between which nothing was measured have the world's stretch. The
    round trip is `fibre_ms(distance_km) * stretch + constant`. Raises ValueError where the rows are not those of one day and source.
    """
    if fit.select("day", "source").n_unique() != 1 or "world" not in fit["region_pair"]:
        raise ValueError(f"a stretch needs all rows of {TABLE.name} of one day and source, not {fit.height} rows")
    own = {
        name: factor for name, factor in fit.select("region_pair", "stretch_factor").iter_rows() if factor is not None
    }
    fitted = _Fit(float(fit["overhead_ms"][0]), own["world"], own)
    names = region_pair(from_latitude_deg, from_longitude_deg, to_latitude_deg, to_longitude_deg)
    return fitted.stretch(names), fitted.overhead_ms


def fibre_ms(distance_km: Numbers) -> Numbers:
    """Round trips [ms], (n,), through fibre along great circles of these lengths [km], (n,)."""
    return 2e3 * FIBRE_INDEX / LIGHT_KM_PER_S * distance_km


def is_fitted(both: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether pairs of places, (n,), ordered as by `both_ways`, are of the half that is fitted: the first bit of SHA-256 of their ends [1e-4 deg]."""
    words = ("|".join(f"{value:.4f}" for value in ends) for ends in both.select(ENDS).iter_rows())
    return np.array([hashlib.sha256(word.encode()).digest()[0] < 128 for word in words], np.bool_)


def _rows(source: str, both: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of one source: of the world, of all regions together, and of each pair of regions, in the order of their names."""
    ground_ms, rtt_ms = fibre_ms(both["distance_km"].to_numpy()), both["rtt_ms"].to_numpy()
    names, fitted = both["region_pair"].to_numpy(), is_fitted(both)
    if not fitted.any():
        return []
    fit = _fit(ground_ms[fitted], rtt_ms[fitted], names[fitted])
    every = np.ones(len(names), np.bool_)
    parts = [("world", every, np.full(len(names), fit.world)), ("together", every, fit.stretch(names))]
    parts += [(name, names == name, fit.stretch(names)) for name in sorted(set(names.tolist()))]
    rows = []
    for name, part, factor in parts:
        one = part & fitted
        row = {
            "source": source,
            "region_pair": name,
            "fitted_pair_count": int(one.sum()),
            "overhead_ms": fit.overhead_ms,
        }
        row |= {"is_own": name == "world" or name in fit.own}
        if name != "together":
            row["stretch_factor"] = float(factor[part][0])
            row |= _quartiles((rtt_ms[one] - fit.overhead_ms) / ground_ms[one])
        other = part & ~fitted
        rows.append(row | _judged(fit.overhead_ms + factor[other] * ground_ms[other], ground_ms[other], rtt_ms[other]))
    return rows


def _fit(ground_ms: Numbers, rtt_ms: Numbers, names: NDArray[np.str_]) -> _Fit:
    """The constant and the stretches with the least sum of absolute errors; rtt_ms, its fibre along the great circle and its regions, (n,).

    The least sum is convex in the constant, and each stretch is then a weighted median (Bloomfield and Steiger 1983, section 1.3), not below 1.
    """
    enough = [name for name in sorted(set(names.tolist())) if (names == name).sum() >= LEAST_PAIRS]
    groups = [(ground_ms[names == name], rtt_ms[names == name]) for name in enough] or [(ground_ms, rtt_ms)]
    low, high = 0.0, MOST_OVERHEAD_MS
    while high - low > OVERHEAD_STEP_MS:
        thirds = low + (high - low) / 3, high - (high - low) / 3
        first, second = (sum(_least_sum(ground, rtt - overhead) for ground, rtt in groups) for overhead in thirds)
        low, high = (low, thirds[1]) if first <= second else (thirds[0], high)
    overhead_ms = (low + high) / 2
    own = {name: _slope(ground, rtt - overhead_ms) for name, (ground, rtt) in zip(enough, groups, strict=False)}
    return _Fit(overhead_ms, _slope(ground_ms, rtt_ms - overhead_ms), own)


def _slope(x: Numbers, y: Numbers) -> float:
    """The factor of at least 1 with the least sum of absolute errors of y = factor x, (n,), x above 0: the median of y / x with weights x."""
    ratio = y / x
    order = np.argsort(ratio, kind="stable")
    weight = np.cumsum(x[order])
    return max(1.0, float(ratio[order][np.searchsorted(weight, weight[-1] / 2)]))


def _least_sum(x: Numbers, y: Numbers) -> float:
    return float(np.abs(y - _slope(x, y) * x).sum())


def _quartiles(factor: Numbers) -> dict[str, float]:
    """Quartiles of the stretches of single pairs; none where there are none."""
    if not factor.size:
        return {}
    low, high = np.quantile(factor, (0.25, 0.75))
    return {"stretch_low_factor": float(low), "stretch_high_factor": float(high)}


def _judged(predicted_ms: Numbers, ground_ms: Numbers, rtt_ms: Numbers) -> dict[str, Any]:
    """Errors of the fitted predictor and of the fixed ones on pairs that were not fitted, (n,)."""
    row: dict[str, Any] = {"pair_count": rtt_ms.size}
    if not rtt_ms.size:
        return row
    predictors = {"": predicted_ms} | {f"{name}_": factor * ground_ms for name, factor in FIXED.items()}
    for prefix, found_ms in predictors.items():
        error_ms = found_ms - rtt_ms
        row[f"{prefix}mae_ms"] = float(np.abs(error_ms).mean())
        row[f"{prefix}bias_ms"] = float(error_ms.mean())
        row[f"{prefix}error_fraction"] = float(np.median(np.abs(error_ms) / rtt_ms))
    row["rank_correlation"] = _rank_correlation(predicted_ms, rtt_ms)
    row["distance_rank_correlation"] = _rank_correlation(ground_ms, rtt_ms)
    return row


def _rank_correlation(one: Numbers, other: Numbers) -> float | None:
    """Spearman's correlation; None with fewer than three pairs, or where one of the two is constant."""
    ranks = np.array([pl.Series(values).rank("average").to_numpy() for values in (one, other)])
    if one.size < 3 or (np.ptp(ranks, axis=1) == 0).any():
        return None
    return float(np.clip(np.corrcoef(ranks)[0, 1], -1, 1))
