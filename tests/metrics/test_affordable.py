"""Who can pay: by hand, within bounds, and more of them the more of their income they would spend."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io import assets
from pipeline.metrics import affordable, plan_price

DAY = date(2026, 8, 17)
MODEL = affordable.Model((0.3, 0.4, 0.5), (0.3, 0.5, 0.8), 36)
COUNTRY = pl.DataFrame(
    {
        "country_iso3": ["USA", "KEN", "TWN", "ATA"],
        "population_count": [300.0, 50.0, 20.0, 0.0],
        "gdp_per_head_ppp_usd": [80_000.0, 5_000.0, None, 1.0],
    }
)


def prices(*rows: tuple[str, tuple[float, float, float], tuple[float | None, ...]]) -> pl.DataFrame:
    """Prices of Starlink: country, plan and terminal, each low, base and high."""
    told = [("starlink", code, *plan, *terminal, "2026", "s", None) for code, plan, terminal in rows]
    return pl.DataFrame(told, schema=plan_price.SCHEMA, orient="row")


KENYA = ("KEN", (40.0, 50.0, 60.0), (36.0, 180.0, 360.0))


def computed(*rows: tuple[str, tuple[float, float, float], tuple[float | None, ...]]) -> pl.DataFrame:
    return affordable.compute(prices(*rows), COUNTRY, MODEL, DAY)


def test_a_spread_is_that_of_its_gini_coefficient() -> None:
    # G = 2 Phi(s / sqrt 2) - 1 of a log-normal law; by sums over its quantiles.
    quantile = (np.arange(200_000) + 0.5) / 200_000
    for gini, spread in zip(MODEL.gini, MODEL.spread, strict=True):
        income = np.exp(spread * np.sqrt(2) * _erfinv(2 * quantile - 1))
        ranked = (2 * np.arange(1, income.size + 1) - income.size - 1) @ income / (income.size * income.sum())
        assert ranked == pytest.approx(gini, abs=2e-3)


def _erfinv(values: np.ndarray) -> np.ndarray:
    from scipy.special import erfinv

    return np.asarray(erfinv(values))


def test_half_of_people_can_pay_what_is_the_part_of_the_median_income() -> None:
    spread, mean = 0.7, np.array([500.0])
    median = mean * np.exp(-(spread**2) / 2)
    assert affordable.fraction(median * 0.05, mean, spread, 0.05) == pytest.approx(0.5)


def test_incomes_in_dollars_go_with_the_price_level() -> None:
    row = affordable.incomes(COUNTRY, MODEL).row(by_predicate=pl.col("country_iso3") == "KEN", named=True)
    ppp = 5_000 / 12
    assert row["ppp_income_usd_per_month"] == pytest.approx(ppp)
    assert row["income_usd_per_month"] == pytest.approx(ppp / 4)  # (1 / 16) ^ 0.5
    assert row["income_low_usd_per_month"] == pytest.approx(ppp / 16**0.8)
    assert row["income_high_usd_per_month"] == pytest.approx(ppp / 16**0.3)
    states = affordable.incomes(COUNTRY, MODEL).row(by_predicate=pl.col("country_iso3") == "USA", named=True)
    assert states["income_low_usd_per_month"] == states["income_usd_per_month"] == pytest.approx(80_000 / 12)


def test_dollars_are_not_known_without_the_reference() -> None:
    found = affordable.incomes(COUNTRY.filter(pl.col("country_iso3") != "USA"), MODEL)
    assert found["income_usd_per_month"].null_count() == found.height
    assert found["ppp_income_usd_per_month"].null_count() == 1


def test_kenya_by_hand() -> None:
    rows = computed(KENYA)
    assert rows["income_share_fraction"].to_list() == list(affordable.INCOME_SHARES)
    row = rows.row(by_predicate=(pl.col("income_share_fraction") - 0.2).abs() < 1e-9, named=True)
    assert row["cost_usd_per_month"] == 55.0  # 50 + 180 / 36
    assert row["income_usd_per_month"] == pytest.approx(104.1667, rel=1e-5)
    # s = 0.74161 at 0.4; ln 104.1667 - s^2 / 2 - ln 275 = -1.24577; over s -1.67981: Phi = 0.046498
    assert row["affordable_people_count"] == pytest.approx(50 * 0.046498, rel=1e-3)
    # the dearest in the poorest of dollars, at the spread of the fewest; the cheapest in the richest
    low = min(affordable.fraction(np.array([70.0]), np.array([5_000 / 12 / 16**0.8]), s, 0.2)[0] for s in MODEL.spread)
    high = max(affordable.fraction(np.array([41.0]), np.array([5_000 / 12 / 16**0.3]), s, 0.2)[0] for s in MODEL.spread)
    assert row["affordable_low_people_count"] == pytest.approx(50 * low)
    assert row["affordable_high_people_count"] == pytest.approx(50 * high)


def test_what_is_not_known_is_null_or_has_no_row() -> None:
    no_terminal = ("USA", (80.0, 90.0, 100.0), (None, None, None))
    rows = computed(
        no_terminal, ("TWN", (40.0, 50.0, 60.0), (0.0, 0.0, 0.0)), ("ATA", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    )
    assert rows["country_iso3"].unique().to_list() == ["TWN"]
    assert rows["affordable_people_count"].null_count() == rows["affordable_high_people_count"].null_count() == 6
    assert rows["cost_usd_per_month"].unique().to_list() == [50.0]


def test_the_order_of_prices_and_countries_changes_nothing() -> None:
    both = prices(KENYA, ("USA", (80.0, 90.0, 100.0), (0.0, 300.0, 500.0)))
    here = affordable.compute(both, COUNTRY, MODEL, DAY)
    assert here.equals(affordable.compute(both.reverse(), COUNTRY.reverse(), MODEL, DAY))


@given(
    st.tuples(*[st.floats(1, 1_000)] * 3).map(sorted),
    st.tuples(*[st.floats(0, 3_000)] * 3).map(sorted),
    st.floats(300, 200_000),
)
def test_the_curve_rises_within_its_bounds(plan: list[float], terminal: list[float], income: float) -> None:
    country = pl.DataFrame(
        {"country_iso3": ["KEN", "USA"], "population_count": [1e6, 3e8], "gdp_per_head_ppp_usd": [income, 8e4]}
    )
    rows = affordable.compute(prices(("KEN", tuple(plan), tuple(terminal))), country, MODEL, DAY)  # type: ignore[arg-type]
    low, base, high = (rows[f"affordable{end}_people_count"].to_list() for end in ("_low", "", "_high"))
    assert all(0 <= a <= b <= c <= 1e6 for a, b, c in zip(low, base, high, strict=True))
    for curve in (low, base, high):
        assert all(before <= after for before, after in pairwise(curve))


def test_the_shipped_model_and_what_it_says_of_kenya_and_nigeria() -> None:
    """National income per head in dollars (World Bank, Atlas method): Kenya 2,090 in 2024; Nigeria 2,590 in 2023, 1,700 in 2024."""
    model = affordable.Model.of(assets.reference("market_model"))
    country = assets.reference("country_facts").rename({"iso3": "country_iso3"})
    (name,) = [name for name in country.columns if name.startswith("gdp_per_head_ppp")][:1]
    found = affordable.incomes(country.rename({name: "gdp_per_head_ppp_usd"}), model)
    for code, least, most in (("KEN", 2_090, 2_090), ("NGA", 1_700, 2_590)):
        row = found.row(by_predicate=pl.col("country_iso3") == code, named=True)
        assert row["income_low_usd_per_month"] * 12 < least
        assert row["income_high_usd_per_month"] * 12 > most
        assert least * 0.7 < row["income_usd_per_month"] * 12 < most * 1.3


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        ("income_gini", {"low": 0.5, "value": 0.4}),
        ("income_gini", {"high": 1.0}),
        ("price_level_elasticity", {"low": -0.1}),
        ("terminal_months", {"value": 0.0}),
        ("income_gini", {"high": None}),
    ],
)
def test_a_model_that_cannot_be_is_refused(parameter: str, values: dict[str, float | None]) -> None:
    own = pl.col("parameter") == parameter
    rows = assets.reference("market_model").with_columns(
        pl.when(own).then(pl.lit(value, pl.Float64)).otherwise(pl.col(name).cast(pl.Float64)).alias(name) for name, value in values.items()
    )  # fmt: skip
    with pytest.raises(ValueError, match=rf"market_model\.csv.*{parameter}"):
        affordable.Model.of(rows)


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ValueError, match="terminal_months"):
        affordable.Model.of(assets.reference("market_model").filter(pl.col("parameter") != "terminal_months"))
