"""How wrong the model is: what is fitted, on whom, and what is told of the others."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import model_error
from pipeline.metrics.latency import Model

DAY = date(2026, 8, 17)
MODEL = Model.of(assets.reference("latency_model"))
CODES = sorted(assets.reference("country_facts")["iso3"])[:80]


def measured(values: np.ndarray | list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "country_iso3": CODES[: len(values)],
            "measured_p50_ms": values,
            "measured_source": ["for tests"] * len(values),
        }
    )


def ways(values: np.ndarray | list[float]) -> pl.DataFrame:
    return pl.DataFrame({"country_iso3": CODES[: len(values)], "way_ms": values})


def rows(
    ways_ms: dict[str, pl.DataFrame], told: pl.DataFrame, km: list[float] | None = None, overhead_ms: float = 20.0
) -> dict[tuple[str, str], dict]:
    near = pl.DataFrame({"country_iso3": CODES[: told.height], "nearest_pop_km": km or [500.0] * told.height})
    table, _ = model_error.compute(ways_ms, near, told, overhead_ms, DAY)
    return {(row["predictor"], row["sample"]): row for row in table.iter_rows(named=True)}


def test_about_half_of_the_countries_are_fitted_on_and_always_the_same_ones() -> None:
    fitted = [code for code in CODES if model_error.is_fitted(code)]
    assert 0.35 < len(fitted) / len(CODES) < 0.65
    assert [model_error.is_fitted(code) for code in ("DEU", "JPN", "NGA", "MNG")] == [False, False, False, True]


def test_the_overhead_is_the_median_of_what_is_left_on_the_fitted_half_alone() -> None:
    way = np.linspace(8, 60, 80)
    fitted = np.array([model_error.is_fitted(code) for code in CODES])
    told = way + np.where(fitted, 17.0, 50.0)  # what the other half measures does not matter
    found = model_error.fit(MODEL, ways(way), measured(told))
    assert (found.model.access_ms, found.model.access_low_ms, found.model.access_high_ms) == pytest.approx((17, 17, 17))
    assert found.country_count == fitted.sum()
    assert found.model.link_ms == MODEL.link_ms


def test_too_few_countries_leave_the_model_that_ships() -> None:
    assert model_error.fit(MODEL, ways([10.0] * 8), measured([40.0] * 8)) == model_error.Fit(MODEL, 0)


def test_a_perfect_model_is_wrong_by_nothing_and_a_constant_by_the_spread() -> None:
    way = np.linspace(8, 60, 80)
    found = rows({"model": ways(way)}, measured(way + 20.0))
    judged = found["model", "judged"]
    assert (judged["mae_ms"], judged["bias_ms"], judged["rank_correlation"]) == pytest.approx((0, 0, 1), abs=1e-9)
    assert found["constant", "judged"]["of_constant_factor"] == pytest.approx(1)
    assert found["constant", "judged"]["rank_correlation"] is None
    assert found["constant", "judged"]["mae_ms"] > 5
    assert judged["country_count"] + found["model", "fitted"]["country_count"] == 80


def test_errors_are_predicted_less_measured() -> None:
    way = np.linspace(8, 60, 80)
    found = rows({"model": ways(way)}, measured(way + 23.0))["model", "judged"]
    assert (found["mae_ms"], found["bias_ms"], found["median_error_ms"]) == pytest.approx((3, -3, 3))


def test_another_rule_gets_the_overhead_that_suits_it() -> None:
    way = np.linspace(8, 60, 80)
    found = rows({"model": ways(way), "median_rank": ways(way + 5.0)}, measured(way + 20.0))
    assert found["median_rank", "judged"]["overhead_ms"] == pytest.approx(15)
    assert found["median_rank", "judged"]["mae_ms"] == pytest.approx(0, abs=1e-9)


def test_the_line_is_that_of_least_absolute_errors() -> None:
    km = list(np.linspace(0, 4_000, 80))
    told = 21.0 + 0.011 * np.array(km)
    told[[3, 40, 77]] += 300.0  # outliers do not move it
    found = rows({"model": ways(told)}, measured(told), km)["line", "fitted"]
    assert (found["overhead_ms"], found["slope_ms_per_1000_km"]) == pytest.approx((21, 11))


def test_a_country_without_a_way_is_left_out_of_the_errors_and_stays_in_the_table() -> None:
    told = measured(np.linspace(20, 60, 40))
    way = ways(np.linspace(5, 45, 40)).with_columns(
        pl.when(pl.col("country_iso3") == CODES[3]).then(None).otherwise("way_ms").alias("way_ms")
    )
    near = pl.DataFrame({"country_iso3": CODES[:40], "nearest_pop_km": [100.0] * 40})
    table, places = model_error.compute({"model": way}, near, told, 15.0, DAY)
    model = table.filter(pl.col("predictor") == "model")
    assert model["country_count"].sum() == 39
    row = places.row(by_predicate=pl.col("country_iso3") == CODES[3], named=True)
    assert (row["rtt_pop_p50_ms"], row["error_ms"]) == (None, None)
    assert places.height == 40


def test_nothing_measured_nothing_told() -> None:
    table, places = model_error.compute({"model": ways([10.0])}, ways([]), measured([]), 15.0, DAY)
    assert table.is_empty()
    assert places.is_empty()
