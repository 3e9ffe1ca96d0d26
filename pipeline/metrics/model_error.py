"""How wrong the modelled latency is: against what users measure, on countries that the model was not fitted on, beside naive guesses.

The only number fitted to a day's measurements is the access overhead: the median of measured less modelled way, over half of the
countries. Which half is decided by a hash of the code, so that it stays the same for ever. The other half judges.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipeline.metrics.latency import Model
from pipeline.table import Column, Table

# Fewer countries than this say nothing of an overhead: the model that ships stands.
FEWEST = 10

TABLE = Table(
    "core.model_error_daily",
    "one row per day, predictor and sample of countries: Starlink's round trip to the PoP against the operator's published medians",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("predictor", "predictor", "", "What predicts: the model, the model with another serving satellite, a constant, or a straight line on the distance to the nearest PoP; each fitted on the fitted sample", key=True),
        Column("sample", "sample", "", "Countries: fitted on, or judged, which nothing was fitted on", key=True),
        Column("country_count", "integer", "", "Countries with a measured and a modelled figure", 0, 400),
        Column("mae_ms", "number", "ms", "Mean absolute error; null without countries", 0, 2_000, nullable=True),
        Column("bias_ms", "number", "ms", "Mean of predicted less measured", -2_000, 2_000, nullable=True),
        Column("median_error_ms", "number", "ms", "Median absolute error", 0, 2_000, nullable=True),
        Column("rank_correlation", "number", "", "Spearman's rank correlation of predicted and measured; null where it is undefined", -1, 1, nullable=True),
        Column("of_constant_factor", "number", "", "Mean absolute error as part of the constant's on the same countries", 0, 1_000, nullable=True),
        Column("overhead_ms", "number", "ms", "What was fitted: access overhead, the constant, or the line's value at no distance", -2_000, 2_000, nullable=True),
        Column("slope_ms_per_1000_km", "number", "ms/1000 km", "What was fitted: the line's slope; null for the others", -1_000, 1_000, nullable=True),
        Column("measured_source", "text", "", "Where the measured medians come from"),
    ),
    may_be_empty=True,  # where Starlink does not fly, or nobody measures
)  # fmt: skip

PLACE = Table(
    "core.model_place_daily",
    "one row per day and country with a measured median: what each predictor says of it",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("sample", "sample", "", "Whether the country was fitted on, or is judged"),
        Column("measured_p50_ms", "number", "ms", "Median that the operator publishes", 0, 2_000),
        Column("rtt_pop_p50_ms", "number", "ms", "Median round trip to the PoP by the model; null where it finds no way", 0, 2_000, nullable=True),
        Column("error_ms", "number", "ms", "Modelled less measured", -2_000, 2_000, nullable=True),
        Column("constant_ms", "number", "ms", "What the constant says", 0, 2_000),
        Column("line_ms", "number", "ms", "What the straight line on the distance says", -2_000, 3_000, nullable=True),
        Column("nearest_pop_km", "number", "km", "Great circle to the nearest PoP that works, mean over people", 0, 20_100, nullable=True),
        Column("measured_source", "text", "", "Where the measured median comes from"),
    ),
    may_be_empty=True,  # where Starlink does not fly, or nobody measures
)  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """A model with the access overhead of the day, and how many countries it was fitted on: none where the one that ships stands."""

    model: Model
    country_count: int


def is_fitted(country_iso3: str) -> bool:
    """Whether a country belongs to the half that overheads are fitted on."""
    return hashlib.sha256(country_iso3.encode()).digest()[0] % 2 == 0


def fit(model: Model, ways_ms: pl.DataFrame, measured: pl.DataFrame) -> Fit:
    """The model with the access overhead that suits what is measured, and its quartiles as bounds.

    ways_ms: country_iso3 and way_ms, median round trip of light and links. measured: country_iso3 and measured_p50_ms.
    """
    rows = _both(ways_ms, measured).filter(pl.col("is_fitted"))
    if rows.height < FEWEST:
        return Fit(model, 0)
    left = (rows["measured_p50_ms"] - rows["way_ms"]).to_numpy()
    low, base, high = (float(v) for v in np.quantile(left, (0.25, 0.5, 0.75)))
    return Fit(replace(model, access_ms=base, access_low_ms=low, access_high_ms=high), rows.height)


def compute(
    ways_ms: dict[str, pl.DataFrame], nearest_km: pl.DataFrame, measured: pl.DataFrame, overhead_ms: float, day: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """core.model_error_daily and core.model_place_daily.

    ways_ms: for each predictor that is a model, `model` first, country_iso3 and way_ms. nearest_km: country_iso3 and nearest_pop_km.
    measured: country_iso3, measured_p50_ms, measured_source. overhead_ms: that of `model` [ms]; others get what suits them on the fitted
    countries.
    """
    if measured.is_empty():
        return TABLE.empty(), PLACE.empty()
    base = measured.join(nearest_km, on="country_iso3", how="left", maintain_order="left").with_columns(_fitted())
    target, fitted = base["measured_p50_ms"].to_numpy(), base["is_fitted"].to_numpy()
    guesses = {name: _by_model(base, rows, overhead_ms if name == "model" else None) for name, rows in ways_ms.items()}
    constant = float(np.median(target[fitted])) if fitted.any() else float(np.median(target))
    guesses["constant"] = _Guess(np.full(len(target), constant), constant, None)
    guesses["line"] = _line(base["nearest_pop_km"].cast(pl.Float64).fill_null(np.nan).to_numpy(), target, fitted)
    source = str(base["measured_source"][0])
    rows = [
        {
            "predictor": name,
            "sample": sample,
            **_errors(guess, guesses["constant"], target, of),
            "measured_source": source,
        }
        for name, guess in guesses.items()
        for sample, of in (("fitted", fitted), ("judged", ~fitted))
    ]
    places = base.select("country_iso3", "measured_p50_ms", "nearest_pop_km", "measured_source").with_columns(
        pl.lit(day).alias("day"),
        pl.Series("sample", np.where(fitted, "fitted", "judged")),
        pl.Series("rtt_pop_p50_ms", guesses["model"].values),
        pl.Series("error_ms", guesses["model"].values - target),
        pl.Series("constant_ms", guesses["constant"].values),
        pl.Series("line_ms", guesses["line"].values),
    )
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit(day).alias("day"))
    return (
        TABLE.conform(table.select(TABLE.column_names).with_columns(pl.selectors.float().fill_nan(None))),
        PLACE.conform(places.select(PLACE.column_names).with_columns(pl.selectors.float().fill_nan(None))),
    )


@dataclass(frozen=True)
class _Guess:
    """What a predictor says [ms], (country,), not a number where nothing; and what was fitted."""

    values: NDArray[np.float64]
    overhead_ms: float | None
    slope_ms_per_1000_km: float | None


def _by_model(base: pl.DataFrame, ways_ms: pl.DataFrame, overhead_ms: float | None) -> _Guess:
    rows = base.join(ways_ms, on="country_iso3", how="left", maintain_order="left")
    way = rows["way_ms"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    left = (rows["measured_p50_ms"].to_numpy() - way)[rows["is_fitted"].to_numpy() & np.isfinite(way)]
    own = overhead_ms if overhead_ms is not None else float(np.median(left)) if len(left) else np.nan
    return _Guess(way + own, own, None)


def _line(km: NDArray[np.float64], target: NDArray[np.float64], fitted: NDArray[np.bool_]) -> _Guess:
    """The straight line on the distance with the least absolute errors on the fitted countries: the best of all lines through two of them."""
    x, y = km[fitted & np.isfinite(km)] / 1_000, target[fitted & np.isfinite(km)]
    if len(np.unique(x)) < 2:
        return _Guess(np.full(len(km), np.nan), None, None)
    a, b = np.triu_indices(len(x), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (y[b] - y[a]) / (x[b] - x[a])
    a, slope = a[np.isfinite(slope)], slope[np.isfinite(slope)]
    start = y[a] - slope * x[a]
    best = int(np.abs(start[:, None] + slope[:, None] * x - y).sum(axis=1).argmin())
    return _Guess(start[best] + slope[best] * km / 1_000, float(start[best]), float(slope[best]))


def _errors(guess: _Guess, constant: _Guess, target: NDArray[np.float64], of: NDArray[np.bool_]) -> dict[str, object]:
    there = of & np.isfinite(guess.values)
    error = (guess.values - target)[there]
    if not len(error):
        return {
            "country_count": 0,
            "overhead_ms": guess.overhead_ms,
            "slope_ms_per_1000_km": guess.slope_ms_per_1000_km,
        }
    mae, of_constant = float(np.abs(error).mean()), float(np.abs(constant.values - target)[there].mean())
    return {
        "country_count": len(error),
        "mae_ms": mae,
        "bias_ms": float(error.mean()),
        "median_error_ms": float(np.median(np.abs(error))),
        "rank_correlation": _spearman(guess.values[there], target[there]),
        "of_constant_factor": mae / of_constant if of_constant > 0 else None,
        "overhead_ms": guess.overhead_ms,
        "slope_ms_per_1000_km": guess.slope_ms_per_1000_km,
    }


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Spearman's rank correlation, ties sharing their ranks; None where one of them does not vary."""
    ranks = rankdata(a), rankdata(b)
    if len(a) < 3 or not all(np.ptp(r) > 0 for r in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _both(ways_ms: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    rows = measured.join(ways_ms, on="country_iso3").drop_nulls(["way_ms", "measured_p50_ms"])
    return rows.with_columns(_fitted())


def _fitted() -> pl.Expr:
    return pl.col("country_iso3").map_elements(is_fitted, return_dtype=pl.Boolean).alias("is_fitted")
