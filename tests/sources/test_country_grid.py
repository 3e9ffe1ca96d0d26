"""Electricity of countries: a unit that lies is put right, and the row says so."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.source import SourceError
from pipeline.sources.country_grid import parse

HEADER = "iso3,country,electricity_kwh_per_capita,population,total_electricity_gwh,installed_capacity_mw"
GOOD = "NAM,Namibia,1500,3000000,4500,1100"


def parsed(*rows: str):
    return parse("\n".join([HEADER, *rows, ""]).encode())


@pytest.mark.parametrize(("total", "factor"), [("4500", 1), ("4.5", 1_000), ("4500000", 0.001), ("6000", 1)])
def test_a_total_is_read_in_the_unit_that_it_has(total: str, factor: float) -> None:
    ((code, use_gwh, found),) = parsed(GOOD.replace("4500", total)).frame.rows()
    assert (code, found) == ("NAM", pytest.approx(factor))
    assert use_gwh == pytest.approx(float(total) * factor)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("4500", "100000"), "no power of 1000"),
        (GOOD.replace("4500", "0"), "not above 0"),
        (GOOD.replace("1500", "-1"), "not above 0"),
        (GOOD.replace("3000000", "NaN"), "not a finite number"),
        (GOOD.replace("NAM", "NA"), "three letters"),
        (GOOD, "stands before it"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(row: str, reason: str) -> None:
    result = parsed(GOOD, row)
    assert result.frame.height == 1
    assert result.excluded["row_number"].to_list() == [3]
    assert reason in result.excluded["reason"][0]


@pytest.mark.parametrize("data", [b"", b"<html></html>", HEADER.encode(), b"iso3,country\nNAM,Namibia\n"])
def test_bytes_that_are_no_list_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^country_grid: .*skytrunk land country_grid"):
        parse(data)


@given(st.floats(50, 50_000), st.floats(1e5, 1.4e9), st.sampled_from([1.0, 1e3, 1e-3]))
def test_whatever_the_unit_use_is_per_head_times_people(per_head: float, people: float, lie: float) -> None:
    gwh = per_head * people / 1e6
    ((_, use_gwh, factor),) = parsed(f"NAM,Namibia,{per_head!r},{people!r},{gwh * lie!r},").frame.rows()
    assert use_gwh == pytest.approx(gwh)
    assert factor == pytest.approx(1 / lie)


@pytest.mark.realdata
def test_the_real_list_says_gwh_and_holds_twh(shared: Path) -> None:
    parsed = parse((shared / "data" / "ground" / "grid_capacity_estimates.csv").read_bytes())
    assert (parsed.frame.height, parsed.excluded.height) == (86, 0)
    assert parsed.frame["unit_factor"].round(6).unique().to_list() == [1000]
    iran_twh = parsed.frame.filter(pl.col("country_iso3") == "IRN")["electricity_use_gwh"][0] / 1000
    assert iran_twh == pytest.approx(332, rel=0.001)
