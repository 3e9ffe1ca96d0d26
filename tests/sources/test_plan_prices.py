"""Landed prices: what is believed, and what is left out with its row and remedy."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.source import SourceError
from pipeline.sources.plan_prices import REMEDY, parse

HEADER = "constellation,country_iso3,plan_usd_per_month,terminal_usd,as_of"
GOOD = "starlink,NAM,45,200,2026-07-01"


def parsed(*rows: str):
    return parse("\n".join([HEADER, *rows, ""]).encode())


def test_prices_are_read() -> None:
    found = parsed(GOOD, "oneweb,KEN,450.5,,2026-07-02", "starlink,KEN,10,0,2020-01-01")
    assert found.frame.sort("row_number").rows() == [
        ("starlink", "NAM", 45.0, 200.0, date(2026, 7, 1), 2),
        ("oneweb", "KEN", 450.5, None, date(2026, 7, 2), 3),
        ("starlink", "KEN", 10.0, 0.0, date(2020, 1, 1), 4),
    ]
    assert found.excluded.is_empty()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("starlink,KEN,0,200,2026-07-01", "plan_usd_per_month 0 is not above 0"),
        ("starlink,KEN,-5,200,2026-07-01", "plan_usd_per_month -5 is not above 0"),
        ("starlink,KEN,NaN,200,2026-07-01", "not a finite number"),
        ("starlink,KEN,inf,200,2026-07-01", "not a finite number"),
        ("starlink,KEN,USD 45,200,2026-07-01", "not a finite number"),
        ("starlink,KEN,,200,2026-07-01", "plan_usd_per_month is missing"),
        ("starlink,KEN,45,-1,2026-07-01", "terminal_usd -1 is not at least 0"),
        ("starlink,KEN,45,free,2026-07-01", "not a finite number"),
        ("starlink,KEN,45,200,", "as_of is missing"),
        ("starlink,KEN,45,200,July 2026", "not a UTC date"),
        ("kuiper,KEN,45,200,2026-07-01", "no constellation 'kuiper'"),
        ("starlink,KE,45,200,2026-07-01", "'KE' is no ISO 3166-1"),
        ("starlink,,45,200,2026-07-01", "country_iso3 is missing"),
        (GOOD.replace("45", "50"), "stands before it"),
        ("starlink,KEN,45", "it has 3 fields"),
    ],
)
def test_a_row_that_is_not_believed_is_listed_with_what_to_do(row: str, reason: str) -> None:
    found = parsed(GOOD, row, "starlink,ZMB,20,300,2026-07-01")
    assert found.frame["country_iso3"].to_list() == ["NAM", "ZMB"]
    ((number, _, why),) = found.excluded.rows()
    assert number == 3
    assert reason in why
    assert why.endswith(REMEDY)


def test_a_list_of_bad_rows_alone_is_no_fault_of_the_others() -> None:
    found = parsed("starlink,KEN,0,1,2026-07-01", "starlink,ZZZ,5,1,2026-07-01")
    assert (found.frame.height, found.excluded.height) == (0, 2)


@pytest.mark.parametrize("data", [b"", b"<html></html>", HEADER.encode(), b"country_iso3,plan\nNAM,4\n", b"\x00\x01"])
def test_bytes_that_are_no_list_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^plan_prices: .*skytrunk land plan_prices"):
        parse(data)
