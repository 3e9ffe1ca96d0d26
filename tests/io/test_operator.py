"""From settings and landed lists to the day's tables of operators: which price stands, what is listed, what is refused at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import landing, operator, registry, sourced, warehouse
from pipeline.io.home import Home, HomeError, read_parquet
from pipeline.io.settings import SettingError, Settings, from_environment
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import operator_filings, share_quote
from tests import factory

DAY = factory.DAY
PRICE = {
    "SKYTRUNK_SHARE_PRICE_USD": "110.5",
    "SKYTRUNK_SHARE_PRICE_DAY": "2026-05-28",
    "SKYTRUNK_SHARE_COUNT": "1.69e10",
}
FILINGS = (
    b"operator,kpi,period_start,period_end,value,unit,filing,filed_day\n"
    b"SpaceX,subscribers,2026-03-31,2026-03-31,10.4,million,10-Q,2026-05-28\n"
    b"SpaceX,users,2026-03-31,2026-03-31,10.4,million,10-Q,2026-05-28\n"
)


def computed(tmp_path: Path, quotes: bytes = b"", filings: bytes = b"", **changes: object) -> Home:
    to = factory.settings(tmp_path, **changes)
    factory.stage(to)
    for module, content in ((share_quote, quotes), (operator_filings, filings)):
        if content:
            landing.land_bytes(to, module.SOURCE, DAY, content, url="file:made")
        sourced.keep(to, module, DAY)
    operator.operator_day(to, DAY)
    return Home(to.home)


def rows(home: Home, name: str) -> pl.DataFrame:
    return read_parquet(home.staged(registry.table(name), DAY))


def listed(home: Home) -> pl.DataFrame:
    return read_parquet(home.part(EXCLUSION_TABLE, DAY, "operator"))


def test_without_a_price_before_the_offering_there_is_no_value_and_nothing_is_listed(tmp_path: Path) -> None:
    home = computed(tmp_path)
    assert rows(home, "core.valuation_daily").is_empty()
    assert rows(home, "core.rival_daily").height == 8
    assert listed(home).is_empty()


def test_a_price_that_is_set_and_one_that_is_landed_the_newer_stands(tmp_path: Path) -> None:
    landed = b"ticker,quote_day,price_usd,share_count\nSPCX,2026-05-%s,90,1.7e10\n"
    setting = {"share_price_usd": 110.5, "share_price_day": date(2026, 5, 28), "share_count": 1.69e10}
    for day, price in ((b"27", 110.5), (b"28", 110.5), (b"29", 90)):
        home = computed(tmp_path / day.decode(), landed % day, **setting)
        assert rows(home, "core.valuation_daily")["price_usd"].unique().to_list() == [price]


def test_a_price_of_after_the_day_is_listed_and_not_used(tmp_path: Path) -> None:
    home = computed(tmp_path, share_price_usd=110.5, share_price_day=DAY + timedelta(1))
    assert rows(home, "core.valuation_daily").is_empty()
    assert listed(home).select("source", "row_key").rows() == [("use of share_quote", "SPCX (2026-05-31)")]


def test_a_restated_filing_is_kept_beside_the_first_and_a_bad_row_is_listed(tmp_path: Path) -> None:
    home = computed(tmp_path, filings=FILINGS)
    found = rows(home, "core.operator_kpi").filter(
        (pl.col("kpi") == "subscribers") & (pl.col("period_end_day") == date(2026, 3, 31))
    )
    assert sorted(found.select("reported_value", "is_restated").rows()) == [(10.3e6, True), (10.4e6, False)]
    assert listed(home).select("row_number", "source").rows() == [(3, "use of operator_filings")]
    assert "kpi 'users' is not known: use one of" in listed(home)["reason"][0]


def test_the_record_is_replaced_as_a_whole_and_days_keep_what_they_were_told(tmp_path: Path) -> None:
    to = factory.load_days(factory.settings(tmp_path), [DAY, DAY + timedelta(1)])
    with warehouse.connect(to, read_only=True) as con:
        (record,) = warehouse.run(con, "SELECT count(*), count(DISTINCT (operator, kpi, region, period_start_day, period_end_day, filing)) FROM core.operator_kpi")  # fmt: skip
        days = warehouse.run(con, "SELECT day, count(*) FROM core.valuation_daily GROUP BY day ORDER BY day")
    assert record[0] == record[1] > 50
    assert days == [(DAY, 2), (DAY + timedelta(1), 2)]


def test_a_record_alone_is_no_computed_day(tmp_path: Path) -> None:
    from pipeline.io import checks

    to = factory.load_days(factory.settings(tmp_path), [DAY])
    with pytest.raises(HomeError, match="nothing of 2026-06-05 is computed"):
        checks.run(to, date(2026, 6, 5))


def test_settings_of_the_share_are_read() -> None:
    read = from_environment(PRICE)
    assert (read.share_price_usd, read.share_price_day, read.share_count) == (110.5, date(2026, 5, 28), 1.69e10)
    assert from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PRICE_USD", "0", "'0' is no number above 0"),
        ("PRICE_USD", "-4", "is no number above 0"),
        ("PRICE_USD", "nan", "is no number above 0"),
        ("PRICE_USD", "inf", "is no number above 0"),
        ("PRICE_USD", "dear", "is no number above 0"),
        ("COUNT", "0", "SKYTRUNK_SHARE_COUNT='0' is no number above 0"),
        ("PRICE_DAY", "yesterday", "is not a date: write it as 2026-08-17"),
        ("PRICE_DAY", "", "set without SKYTRUNK_SHARE_PRICE_DAY: set the day"),
    ],
)
def test_a_price_that_is_none_is_refused_with_the_remedy(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        from_environment(PRICE | {f"SKYTRUNK_SHARE_{name}": value})
