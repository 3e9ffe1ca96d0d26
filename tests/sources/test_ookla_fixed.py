"""Median fixed speeds by name: values as they are, wrong rows left out, no half file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline.metrics import country
from pipeline.source import Parsed, SourceError
from pipeline.sources.ookla_fixed import SOURCE, parse
from tests import factory

HEADER = "mbps,country,major_area,region"
SOUND = [f"{100 + n}.5,Land {chr(65 + n // 26)}{chr(65 + n % 26)},Asia,East" for n in range(40)]


def csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def many(*lines: str) -> Parsed:
    """Forty sound rows, and these."""
    return parse(csv(HEADER, *SOUND, *lines))


def test_values_are_read_as_they_are() -> None:
    parsed = parse(csv(HEADER, "297.62,Namibia,Africa,South", '3,"Congo, Republic",Africa,West'))
    assert parsed.frame.rows() == [("Congo, Republic", 3.0, None), ("Namibia", 297.62, None)]


def test_a_year_is_read_where_there_is_one() -> None:
    assert parse(csv("country,year,mbps", "Namibia,2026,29.5")).frame.rows() == [("Namibia", 29.5, 2026)]


def test_a_run_never_asks_for_it() -> None:
    assert SOURCE.by_hand


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0,Namibia,Africa,South", "mbps 0 is not above 0"),
        ("10001,Namibia,Africa,South", "at most 10000"),
        ("NaN,Namibia,Africa,South", "'NaN' is not a finite number"),
        (",Namibia,Africa,South", "mbps is missing"),
        ("29.5,,Africa,South", "country is missing"),
        ("29.5,Namibia,Africa,South,more", "5 fields where the header has 4"),
        ("29.5,Land AA,Asia,East", "stands before it"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(row: str, reason: str) -> None:
    parsed = many(row)
    assert parsed.frame.height == 40
    assert parsed.excluded["row_number"].to_list() == [42]
    assert reason in parsed.excluded["reason"][0]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"<html><title>Sorry</title></html>", "a web page"),
        (csv("mbps,nation", "29,Namibia"), r"header has changed \(missing country"),
        (csv(HEADER), "has a header but no rows"),
        (csv(HEADER, *SOUND)[:-12], "is cut"),
        (csv(HEADER, "fast,Namibia,Africa,South"), "1 of 1 rows cannot be read"),
    ],
)
def test_bytes_that_are_no_speeds_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=f"^ookla_fixed: .*{what}.*skytrunk land ookla_fixed"):
        parse(data)


@pytest.mark.realdata
def test_the_real_list_has_the_speeds_that_ship(shared: Path) -> None:
    """The shipped speeds come from that very list, by another hand's matching of names."""
    speeds = parse((shared / "data" / "demand" / "ookla_fixed_median_2024-08.csv").read_bytes()).frame
    assert speeds.height == 161
    bare = factory.facts().with_columns(
        fixed_download_median_mbps=pl.lit(None, pl.Float64), fixed_download_year=pl.lit(None, pl.Int64)
    )
    found, unused = country.with_speeds(bare, speeds)
    figure = "fixed_download_median_mbps"
    both = factory.facts().join(found, on="iso3", how="right", suffix="_found").drop_nulls(f"{figure}_found")
    assert both.filter(pl.col(figure).is_not_null() & (pl.col(figure) != pl.col(f"{figure}_found"))).is_empty()
    assert both.height + unused.height == 161
    assert unused.is_empty()
    assert {"TWN", "XKX"} <= set(found.drop_nulls(figure)["iso3"])
