"""The markets of a day, staged: what the day before, landed prices and landed rates change."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import answers, landing, market, sourced, stage
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.registry import table
from pipeline.io.settings import Settings
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import plan_prices, starlink_geoip, starlink_metrics
from tests import factory

DAY = factory.DAY
SOURCES = (plan_prices, starlink_geoip, starlink_metrics)
PRICES = b"constellation,country_iso3,plan_usd_per_month,terminal_usd,as_of\nstarlink,SGP,60,300,2026-05-01\nstarlink,NGA,20,100,2024-05-01\nstarlink,BRA,40,100,2026-05-31\nstarlink,USA,0,1,2026-05-01\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return factory.stage(factory.settings(tmp_path))


def metrics(down_mbps: float) -> bytes:
    """The operator's document with one country."""
    latency = {"latency_p20": 60, "latency_p50": 50, "latency_p80": 40}
    rates = {
        "download_p20": 1,
        "download_p50": down_mbps,
        "download_p80": 900,
        "upload_p20": 1,
        "upload_p50": 9,
        "upload_p80": 90,
    }
    return json.dumps({"admin0Metrics": {"SGP": latency | rates}, "admin1Metrics": {"r": latency | rates}}).encode()


def computed(settings: Settings, day: date = DAY) -> pl.DataFrame:
    """core.market_daily after what stands of the sources is read."""
    for module in SOURCES:
        sourced.keep(settings, module, day)
    market.market_day(settings, day)
    return read_parquet(Home(settings.home).staged(table("core.market_daily"), day))


def of(rows: pl.DataFrame, code: str) -> dict[str, object]:
    return rows.row(by_predicate=(pl.col("constellation") == "starlink") & (pl.col("country_iso3") == code), named=True)


def land(settings: Settings, name: str, day: date, content: bytes) -> None:
    landing.land_bytes(settings, sourced.source(name), day, content, url="file:made")


def test_it_is_a_part_of_the_days_answers_and_its_source_is_kept() -> None:
    assert answers.PARTS["market"] is market.market_day
    assert plan_prices in stage.KEPT


def test_a_first_day_at_the_shipped_prices(settings: Settings) -> None:
    rows = computed(settings)
    assert rows.height == 5 * len(factory.COUNTRIES)
    nigeria = of(rows, "NGA")
    assert (nigeria["plan_price_usd_per_month"], nigeria["market_access"], nigeria["before_day"]) == (
        37.0,
        "sold",
        None,
    )
    assert nigeria["reachable_people_count"] == nigeria["people_count"]
    assert (nigeria["measured_as_of_text"], nigeria["measured_before_text"]) == ("2026-09", None)
    assert of(rows, "SGP")["plan_price_usd_per_month"] is None
    assert read_parquet(Home(settings.home).part(EXCLUSION_TABLE, DAY, "market")).is_empty()
    curve = read_parquet(Home(settings.home).staged(table("core.affordable_daily"), DAY))
    assert curve["country_iso3"].unique().sort().to_list() == ["NGA", "USA"]


def test_changes_are_from_the_last_landed_day(settings: Settings) -> None:
    factory.pass_gate(settings)
    factory.load_days(settings, [DAY])
    later = DAY + timedelta(days=3)
    factory.stage(settings, later)
    path = Home(settings.home).staged(table("core.latency_daily"), later)
    lost = pl.when(pl.col("constellation") == "starlink").then(0.5)
    write_parquet(path, read_parquet(path).with_columns(lost.alias("reachable_fraction")))
    row = of(computed(settings, later), "NGA")
    assert row["before_day"] == DAY
    assert row["newly_unreachable_people_count"] == row["reachable_before_people_count"] == row["people_count"]
    assert row["reachable_people_count"] == row["newly_reachable_people_count"] == 0


def test_landed_prices_stand_before_shipped_ones_and_what_is_not_believed_is_listed(settings: Settings) -> None:
    land(settings, "plan_prices", DAY, PRICES)
    rows = computed(settings)
    assert (of(rows, "SGP")["cost_usd_per_month"], of(rows, "SGP")["market_access"]) == (60 + 300 / 36, "sold")
    nigeria = of(rows, "NGA")
    assert (nigeria["plan_price_usd_per_month"], nigeria["price_as_of_text"]) == (20.0, "2024-05-01")
    assert nigeria["price_note"] == "stale: older than a year"
    assert of(rows, "USA")["plan_price_usd_per_month"] == 100.0  # a landed price of nought replaces nothing
    ((source, number, key),) = (
        read_parquet(Home(settings.home).part(EXCLUSION_TABLE, DAY, "market"))
        .select("source", "row_number", "row_key")
        .rows()
    )
    assert (source, number, key) == ("prices of plan_prices", 4, "BRA (starlink)")
    assert sourced.keep(settings, plan_prices, DAY)["row_key"].to_list() == ["USA (starlink)"]


def test_rates_change_against_an_earlier_month_alone(settings: Settings) -> None:
    for day, rate in ((date(2026, 4, 12), 100.0), (date(2026, 5, 3), 90.0), (date(2026, 5, 20), 80.0)):
        land(settings, "starlink_metrics", day, metrics(rate))
    row = of(computed(settings), "SGP")
    assert (row["measured_down_p50_mbps"], row["market_access"]) == (80.0, "sold")
    assert row["measured_down_change_fraction"] == pytest.approx(-0.2)
    assert row["measured_up_change_fraction"] == 0
    assert (row["measured_as_of_text"], row["measured_before_text"]) == ("landed 2026-05-20", "landed 2026-04-12")


def test_an_earlier_month_that_cannot_be_read_is_no_change(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    land(settings, "starlink_metrics", date(2026, 4, 12), b"<html></html>")
    land(settings, "starlink_metrics", date(2026, 5, 20), metrics(80.0))
    with caplog.at_level(logging.WARNING):
        row = of(computed(settings), "SGP")
    assert row["measured_down_p50_mbps"] == 80.0
    assert row["measured_down_change_fraction"] is row["measured_before_text"] is None
    assert "no change of measured rates since 2026-04-12" in caplog.text


def test_a_second_computation_gives_the_same(settings: Settings) -> None:
    assert computed(settings).equals(computed(settings))
