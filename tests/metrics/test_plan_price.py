"""Prices: landed ones before shipped ones, each with its date and what is to be said of it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import plan_price
from pipeline.sources import plan_prices

DAY = date(2026, 8, 17)
SHIPPED = assets.reference("plan_prices")
COUNTRY = pl.DataFrame({"country_iso3": ["KEN", "NGA", "NAM", "USA"]})


def landed(*rows: tuple[str, str, float, float | None, date]) -> pl.DataFrame:
    told = [(*row, k + 2) for k, row in enumerate(rows)]
    return pl.DataFrame(told, schema=plan_prices.TABLE.polars_schema, orient="row")


def of(prices: plan_price.Prices, code: str, constellation: str = "starlink") -> dict[str, object]:
    own = (pl.col("country_iso3") == code) & (pl.col("constellation") == constellation)
    return prices.frame.row(by_predicate=own, named=True)


def test_a_landed_price_stands_before_the_shipped_one_as_a_whole() -> None:
    found = plan_price.compute(SHIPPED, landed(("starlink", "KEN", 30.0, None, date(2026, 7, 1))), COUNTRY, DAY)
    kenya = of(found, "KEN")
    assert kenya["plan_price_usd_per_month"] == kenya["plan_price_high_usd_per_month"] == 30.0
    assert kenya["terminal_price_usd"] is None
    assert (kenya["price_as_of_text"], kenya["price_source"], kenya["price_note"]) == (
        "2026-07-01",
        "landed: plan_prices",
        None,
    )
    assert of(found, "NGA")["plan_price_usd_per_month"] == 37.0
    assert found.listed.is_empty()


def test_another_constellations_price_replaces_nothing() -> None:
    found = plan_price.compute(SHIPPED, landed(("oneweb", "KEN", 500.0, 0.0, date(2026, 7, 1))), COUNTRY, DAY)
    assert of(found, "KEN")["plan_price_usd_per_month"] == 50.0
    assert of(found, "KEN", "oneweb")["terminal_price_usd"] == 0.0


@pytest.mark.parametrize(
    ("as_of", "note"),
    [(date(2025, 8, 17), None), (date(2025, 8, 16), plan_price.STALE), (date(2019, 1, 1), plan_price.STALE)],
)
def test_an_old_price_keeps_its_date_and_is_badged(as_of: date, note: str | None) -> None:
    row = of(plan_price.compute(SHIPPED, landed(("starlink", "NAM", 30.0, 9.0, as_of)), COUNTRY, DAY), "NAM")
    assert (row["price_as_of_text"], row["price_note"]) == (str(as_of), note)


@pytest.mark.parametrize(
    ("day", "kenya", "nigeria"),
    [
        (date(2026, 8, 17), plan_price.STALE, None),  # 2024-09 and 2026
        (date(2025, 9, 30), None, plan_price.LATER),
        (date(2025, 10, 1), plan_price.STALE, plan_price.LATER),
        (date(2024, 8, 31), plan_price.LATER, plan_price.LATER),
        (date(2028, 1, 1), plan_price.STALE, plan_price.STALE),
    ],
)
def test_a_date_of_a_month_or_a_year_is_taken_at_its_end(day: date, kenya: str | None, nigeria: str | None) -> None:
    found = plan_price.compute(SHIPPED, plan_prices.TABLE.empty(), COUNTRY, day)
    assert (of(found, "KEN")["price_note"], of(found, "NGA")["price_note"]) == (kenya, nigeria)


def test_a_price_of_tomorrow_or_of_nowhere_is_listed_with_what_to_do_and_the_shipped_one_stands() -> None:
    rows = landed(("starlink", "KEN", 30.0, 9.0, date(2026, 8, 18)), ("starlink", "ATA", 30.0, 9.0, date(2026, 8, 1)))
    found = plan_price.compute(SHIPPED, rows, COUNTRY, DAY)
    assert of(found, "KEN")["plan_price_usd_per_month"] == 50.0
    assert found.listed["row_number"].to_list() == [2, 3]
    assert found.listed["row_key"].to_list() == ["KEN (starlink)", "ATA (starlink)"]
    assert all(plan_prices.REMEDY in reason for reason in found.listed["reason"])
    assert "2026-08-18" in found.listed["reason"][0]


def test_the_order_of_rows_changes_nothing() -> None:
    rows = landed(("starlink", "NAM", 30.0, 9.0, date(2026, 8, 1)), ("oneweb", "KEN", 30.0, 9.0, date(2026, 8, 1)))
    here = plan_price.compute(SHIPPED, rows, COUNTRY, DAY).frame
    assert here.equals(plan_price.compute(SHIPPED.reverse(), rows.reverse(), COUNTRY, DAY).frame)


def test_shipped_plans_are_those_of_economics() -> None:
    economics = assets.reference("economics").filter(pl.col("topic") == "plan")
    euro = {row["parameter"]: row for row in assets.reference("market_model").iter_rows(named=True)}["usd_per_eur"]
    ends = {"plan_low_usd_per_month": "low", "plan_usd_per_month": "value", "plan_high_usd_per_month": "high"}
    regions = {"KEN": "Kenya", "NGA": "Nigeria", "USA": "USA"}
    for row in SHIPPED.iter_rows(named=True):
        told = economics.row(
            by_predicate=pl.col("region") == regions.get(row["country_iso3"], "Western Europe"), named=True
        )
        for ours, theirs in ends.items():
            rate = 1.0 if row["country_iso3"] in regions else float(euro[theirs])
            assert row[ours] == pytest.approx(float(told[theirs]) * rate)


def test_shipped_prices_are_in_order_and_unique() -> None:
    for what, unit in (("plan", "usd_per_month"), ("terminal", "usd")):
        low, base, high = (SHIPPED[f"{what}{end}_{unit}"] for end in ("_low", "", "_high"))
        assert ((low <= base) & (base <= high)).all()
    assert not SHIPPED.select("constellation", "country_iso3").is_duplicated().any()
