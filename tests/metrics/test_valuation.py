"""What a market price comes to and implies: by hand, without figures, and prices that cannot be used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.io import assets, registry
from pipeline.metrics import operator, valuation
from pipeline.sources import operator_filings, share_quote
from tests import factory

DAY = date(2026, 8, 17)
MODEL = valuation.Model.of(assets.reference("valuation_model"))
KPIS = operator.compute(assets.reference("operator_kpi"), operator_filings.TABLE.empty(), DAY)[0]
QUOTE = {
    "ticker": "SPCX",
    "priced_day": date(2026, 8, 14),
    "price_usd": 100.0,
    "share_count": 1.7e10,
    "net_debt_usd": 2e10,
}


def fleets(**changes: Any) -> pl.DataFrame:
    row = {
        "constellation": "starlink", "installed_down_tbps": 736.0, "in_service_down_tbps": 680.0, "sellable_down_tbps": 100.0,
        "sellable_down_p10_tbps": 80.0, "sellable_down_p90_tbps": 200.0,
    }  # fmt: skip
    return factory.filled(registry.table("core.fleet_capacity_daily"), [row | changes], DAY)


def quotes(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [QUOTE | {"row_number": k} | change for k, change in enumerate(changes, 2)]
    return factory.filled(share_quote.TABLE, rows).with_columns(source=pl.lit("a list"))


def computed(*changes: dict[str, Any], kpis: pl.DataFrame = KPIS, fleet: pl.DataFrame | None = None) -> pl.DataFrame:
    found, _ = valuation.newest(quotes(*changes), DAY)
    return valuation.compute(found, kpis, fleets() if fleet is None else fleet, MODEL, DAY)


def row_of(frame: pl.DataFrame, basis: str = "quote", attribution: str = "whole") -> dict[str, Any]:
    return frame.row(
        by_predicate=(pl.col("valuation_basis") == basis) & (pl.col("attribution") == attribution), named=True
    )


def test_a_price_by_hand() -> None:
    row = row_of(computed({}))
    value = 100 * 1.7e10 + 2e10
    assert (row["market_value_usd"], row["enterprise_value_usd"]) == (1.7e12, value)
    assert (row["valued_as"], row["age_days"], row["is_stale"]) == ("enterprise value", 3, False)
    assert row["installed_usd_per_gbps"] == pytest.approx(value / 736_000)
    assert row["in_service_usd_per_gbps"] == pytest.approx(value / 680_000)
    assert row["per_subscriber_usd"] == pytest.approx(value / 10.3e6)
    revenue = value / 20 / 0.63
    assert row["implied_revenue_usd"] == pytest.approx(revenue)
    assert row["implied_revenue_factor"] == pytest.approx(revenue / (4 * 3.26e9))
    assert row["implied_subscriber_count"] == pytest.approx(revenue / 12 / 81)
    assert row["implied_price_usd_per_gbps_month"] == pytest.approx(revenue / 12 / 100_000)
    use_gbps = 10.3e6 * 2.5 / 1_000
    assert row["utilisation_now_fraction"] == pytest.approx(use_gbps / 100_000)
    assert row["price_now_usd_per_gbps_month"] == pytest.approx(3.26e9 / 3 / use_gbps)
    assert row["implied_utilisation_fraction"] == pytest.approx(revenue / (4 * 3.26e9) * use_gbps / 100_000)
    assert row["missing"] is None


def test_low_and_high_take_every_assumption_at_its_end() -> None:
    row = row_of(computed({}))
    value = 1.72e12
    low, high = value / 30 / 0.7, value / 10 / 0.5
    assert (row["implied_revenue_low_usd"], row["implied_revenue_high_usd"]) == pytest.approx((low, high))
    assert row["implied_subscriber_low_count"] == pytest.approx(low / 12 / 99)
    assert row["implied_subscriber_high_count"] == pytest.approx(high / 12 / 60)
    assert row["implied_price_low_usd_per_gbps_month"] == pytest.approx(low / 12 / 200_000)
    assert row["implied_price_high_usd_per_gbps_month"] == pytest.approx(high / 12 / 80_000)
    assert row["implied_utilisation_low_fraction"] == pytest.approx(low / 13.04e9 * 10.3e6 * 0.5e-3 / 200_000)
    assert row["implied_utilisation_high_fraction"] == pytest.approx(high / 13.04e9 * 10.3e6 * 4.5e-3 / 80_000)


def test_the_part_in_revenue_is_that_of_the_newest_period() -> None:
    row = row_of(computed({}), attribution="revenue_share")
    assert row["attributed_fraction"] == pytest.approx(0.69)
    assert row["attributed_usd"] == pytest.approx(0.69 * 1.72e12)
    both = [("revenue", 6.0), ("connectivity_revenue", 3.6)]
    filed = [
        {
            "row_number": k, "operator": "SpaceX", "kpi_text": kpi, "region": "world", "period_start_day": date(2026, 4, 1),
            "period_end_day": date(2026, 6, 30), "reported_value": value, "unit": "USD billion", "filing": "10-Q", "filed_day": date(2026, 7, 30),
        }
        for k, (kpi, value) in enumerate(both, 2)
    ]  # fmt: skip
    kpis, _ = operator.compute(assets.reference("operator_kpi"), factory.filled(operator_filings.TABLE, filed), DAY)
    newer = row_of(computed({}, kpis=kpis), attribution="revenue_share")
    assert newer["attributed_fraction"] == pytest.approx(0.6)
    assert newer["connectivity_revenue_usd"] == pytest.approx(4 * 3.6e9)
    assert newer["revenue_period_end_day"] == date(2026, 6, 30)


def test_without_a_price_the_offering_stands_alone_with_its_day() -> None:
    frame = computed()
    assert frame["valuation_basis"].unique().to_list() == ["ipo"]
    row = row_of(frame, "ipo")
    assert (row["priced_day"], row["age_days"], row["is_stale"]) == (date(2026, 6, 12), 66, True)
    assert (row["market_value_usd"], row["price_usd"], row["share_count"]) == (1.77e12, None, None)
    assert (row["enterprise_value_usd"], row["valued_as"]) == (None, valuation.MARKET)
    assert row["missing"] == "net debt"
    assert row["installed_usd_per_gbps"] == pytest.approx(1.77e12 / 736_000)


def test_before_the_offering_there_is_nothing() -> None:
    assert valuation.compute(valuation.newest(quotes(), DAY)[0], KPIS, fleets(), MODEL, date(2026, 6, 11)).is_empty()


def test_without_the_number_of_shares_what_follows_is_null_and_said() -> None:
    row = row_of(computed({"share_count": None, "net_debt_usd": None}))
    assert row["price_usd"] == 100
    for name in ("market_value_usd", "enterprise_value_usd", "attributed_usd", "installed_usd_per_gbps", "implied_revenue_usd", "implied_utilisation_fraction", "valued_as"):  # fmt: skip
        assert row[name] is None, name
    assert row["missing"] == "number of shares, net debt"
    assert row["utilisation_now_fraction"] == pytest.approx(0.2575)


def test_filed_shares_and_net_debt_stand_in_for_those_of_the_quote() -> None:
    filed = [
        {
            "row_number": k, "operator": "SpaceX", "kpi_text": kpi, "region": "world", "period_start_day": date(2026, 6, 30),
            "period_end_day": date(2026, 6, 30), "reported_value": value, "unit": unit, "filing": "10-Q", "filed_day": date(2026, 7, 30),
        }
        for k, (kpi, value, unit) in enumerate((("shares", 16_000, "million"), ("net_debt", -5, "USD billion")), 2)
    ]  # fmt: skip
    kpis, _ = operator.compute(assets.reference("operator_kpi"), factory.filled(operator_filings.TABLE, filed), DAY)
    row = row_of(computed({"share_count": None, "net_debt_usd": None}, kpis=kpis))
    assert (row["market_value_usd"], row["enterprise_value_usd"]) == (1.6e12, 1.595e12)


def test_an_operator_without_filings_has_nulls_and_says_which() -> None:
    frame = computed({"ticker": "ETL"}).filter(pl.col("operator") == "Eutelsat")
    row = row_of(frame, attribution="revenue_share")
    assert (row["attributed_usd"], row["implied_revenue_usd"]) == (None, None)
    assert row["missing"] == "part of connectivity in revenue, subscribers, connectivity revenue, what can be sold"
    assert row_of(frame)["per_subscriber_usd"] is None


def test_a_margin_that_is_a_loss_leaves_the_assumed_one() -> None:
    kpis = KPIS.with_columns(
        pl.when(pl.col("kpi") == "connectivity_ebitda_margin")
        .then(-0.1)
        .otherwise("reported_value")
        .alias("reported_value")
    )
    assert row_of(computed({}, kpis=kpis))["ebitda_margin_fraction"] == 0.63


def test_a_percentile_on_the_wrong_side_of_the_base_does_not_turn_the_bounds_round() -> None:
    row = row_of(computed({}, fleet=fleets(sellable_down_p10_tbps=900.0, sellable_down_p90_tbps=1.0)))
    prices = [row[f"implied_price{bound}_usd_per_gbps_month"] for bound in ("_low", "", "_high")]
    assert prices == sorted(prices)


def test_a_value_below_nought_implies_nothing() -> None:
    row = row_of(computed({"net_debt_usd": -2e12}))
    assert row["enterprise_value_usd"] == pytest.approx(-3e11)
    assert row["implied_revenue_usd"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"priced_day": DAY + timedelta(1)}, "the price is of 2026-08-18, after 2026-08-17: correct its day"),
        ({"priced_day": DAY - timedelta(366)}, "the price is of 2025-08-16, 366 days old: land or set a newer one"),
        ({"ticker": "ACME"}, "ticker 'ACME' is of no operator here: use one of SPCX (SpaceX), "),
    ],
)
def test_a_price_that_cannot_be_used_is_listed(change: dict[str, Any], reason: str) -> None:
    found, listed = valuation.newest(quotes(change), DAY)
    assert found.is_empty()
    assert listed["row_number"].to_list() == [2]
    assert listed["reason"][0].startswith(reason)


def test_an_old_price_is_used_and_says_so() -> None:
    assert [row_of(computed({"priced_day": DAY - timedelta(k)}))["is_stale"] for k in (30, 31, 365)] == [
        False,
        True,
        True,
    ]


def test_the_newest_price_stands_and_of_one_day_the_first() -> None:
    found, _ = valuation.newest(quotes({"priced_day": date(2026, 8, 1), "price_usd": 1.0}, {}, {"price_usd": 2.0}), DAY)
    assert found["price_usd"].to_list() == [100.0]


def test_the_order_of_rows_does_not_matter() -> None:
    turned = valuation.compute(valuation.newest(quotes({}), DAY)[0], KPIS[::-1], fleets(), MODEL, DAY)
    assert turned.equals(computed({}))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), 3),
        (date(2025, 1, 1), date(2025, 12, 31), 12),
        (date(2025, 11, 1), date(2026, 2, 28), 4),
        (date(2026, 1, 10), date(2026, 1, 10), 1 / (365.25 / 12)),
    ],
)
def test_months_of_a_period(start: date, end: date, months: float) -> None:
    assert valuation.months(start, end) == pytest.approx(months)


def test_a_model_without_a_parameter_says_which() -> None:
    rows = assets.reference("valuation_model").filter(pl.col("parameter") != "arpu")
    with pytest.raises(ValueError, match=r"valuation_model\.csv lacks the parameter 'arpu'"):
        valuation.Model.of(rows)


def test_revenue_per_deployed_gbps_is_that_of_the_economics_that_ship() -> None:
    """Derived there: 3.26 billion / 3 months / 750,000 Gbps = about 1,450 USD per Gbps-month."""
    row = row_of(computed({}, fleet=fleets(in_service_down_tbps=750.0)))
    assert row["connectivity_revenue_usd"] / 12 / 750_000 == pytest.approx(1_450, rel=0.1)
