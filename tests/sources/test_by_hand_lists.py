"""Filings and share prices that a user lands: what is read, what is left out, and what is no such list."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.source import SourceError
from pipeline.sources import operator_filings, share_quote

QUOTES = b"ticker,quote_day,price_usd,share_count,net_debt_usd\n"
FILINGS = b"operator,kpi,period_start,period_end,value,unit,filing,filed_day\n"
ROW = b"SpaceX,subscribers,2026-06-30,2026-06-30,11.5,million,10-Q,2026-07-30\n"


def test_prices_are_read_with_and_without_what_may_be_absent() -> None:
    parsed = share_quote.parse(QUOTES + b"SPCX,2026-08-14,110.5,1.69e10,\n")
    assert parsed.frame.rows() == [("SPCX", date(2026, 8, 14), 110.5, 1.69e10, None, 2)]
    short = share_quote.parse(b"ticker,quote_day,price_usd\nSPCX,2026-08-14,110.5\n")
    assert short.frame.select("share_count", "net_debt_usd").rows() == [(None, None)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"SPCX,2026-08-14,0,,\n", "price_usd 0 is not above 0"),
        (b"SPCX,2026-08-14,-3,,\n", "price_usd -3 is not above 0"),
        (b"SPCX,2026-08-14,nan,,\n", "price_usd 'nan' is not a finite number"),
        (b"SPCX,2026-08-14,dear,,\n", "price_usd 'dear' is not a finite number"),
        (b"SPCX,2026-08-14,,,\n", "price_usd is missing"),
        (b"SPCX,14 August,110,,\n", "quote_day '14 August' is not a UTC date"),
        (b"SPCX,2026-08-14,110,0,\n", "share_count 0 is not above 0"),
    ],
)
def test_a_price_that_is_none_is_left_out_with_its_line(row: bytes, reason: str) -> None:
    parsed = share_quote.parse(QUOTES + row)
    assert parsed.frame.is_empty()
    assert parsed.excluded.select("row_number", "reason").rows() == [(2, reason)]


def test_a_day_twice_stands_once() -> None:
    parsed = share_quote.parse(QUOTES + b"SPCX,2026-08-14,110,,\nSPCX,2026-08-14,111,,\n")
    assert parsed.frame["price_usd"].to_list() == [110]
    assert parsed.excluded["row_number"].to_list() == [3]


def test_filings_are_read_and_are_of_the_world_where_no_region_is_told() -> None:
    parsed = operator_filings.parse(FILINGS + ROW)
    row = parsed.frame.row(0, named=True)
    assert (row["row_number"], row["kpi_text"], row["region"], row["reported_value"]) == (
        2,
        "subscribers",
        "world",
        11.5,
    )
    assert (row["period_end_day"], row["filed_day"]) == (date(2026, 6, 30), date(2026, 7, 30))


def test_a_filing_without_its_day_is_left_out() -> None:
    parsed = operator_filings.parse(FILINGS + ROW + ROW.replace(b"2026-07-30", b""))
    assert parsed.frame.height == 1
    assert parsed.excluded.select("row_number", "reason").rows() == [(3, "filed_day is missing")]


@pytest.mark.parametrize("module", [operator_filings, share_quote])
def test_another_file_is_refused_with_the_remedy(module) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SourceError, match=f"{module.SOURCE.name}.*skytrunk land {module.SOURCE.name} DAY --file PATH"):
        module.parse(b"a,b\n1,2\n")
