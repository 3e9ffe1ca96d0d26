"""A community's list of gateways and PoPs, written by hand and as it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pipeline.source import SourceError
from pipeline.sources.starlink_ground import TABLE, parse

GOOD = {"name": "Adelanto, CA", "lat": 34.58, "lon": -117.41, "status": "operational", "type": "gateway"}


def landed(*stations: object, **more: object) -> bytes:
    return json.dumps({"lastUpdated": "2026-03-20T10:39:26.620Z", "stations": list(stations)} | more).encode()


def test_a_station_is_read() -> None:
    parsed = parse(landed(GOOD))
    assert TABLE.conform(parsed.frame).rows() == [
        ("starlink-gateway-adelanto-ca", "gateway", "Adelanto, CA", 34.58, -117.41, "operational", date(2026, 3, 20))
    ]
    assert parsed.excluded.is_empty()


def test_two_of_one_name_stay_where_their_places_differ() -> None:
    parsed = parse(landed(GOOD, GOOD | {"lat": 34.0}, GOOD, GOOD | {"type": "pop"}))
    assert parsed.frame["station_id"].to_list() == [
        "starlink-gateway-adelanto-ca", "starlink-gateway-adelanto-ca-2", "starlink-pop-adelanto-ca",
    ]  # fmt: skip
    assert parsed.excluded.rows() == [(4, "Adelanto, CA", "it stands before it in the file")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lat": -117.41, "lon": 34.58}, "may be swapped"), ({"lat": 34, "lon": 190}, "not on the Earth"), ({"lat": None}, "no coordinates"),
        ({"lat": "north"}, "no coordinates"), ({"lat": 0, "lon": 0.0}, "nobody knows"), ({"type": "ship"}, "type or status"),
        ({"status": "Operational!"}, "type or status"), ({"name": "  "}, "no name"), ({"lat": True}, "no coordinates"),
    ],
)  # fmt: skip
def test_a_station_that_breaks_a_rule_costs_itself(change: dict[str, object], words: str) -> None:
    parsed = parse(landed(GOOD, GOOD | change))
    assert parsed.frame.height == 1
    ((number, _, reason),) = parsed.excluded.rows()
    assert number == 3
    assert words in reason


def test_without_a_date_there_is_none() -> None:
    assert parse(landed(GOOD, lastUpdated="spring")).frame["updated_day"].to_list() == [None]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"), (b"<html><title>404</title>", "web page"), (b'{"stations": []}', "no list of stations"), (b"[1]", "no list of stations"),
        (landed(GOOD)[:-20], "no whole JSON"), (b"\xff\xfe{}", "not text"), (landed(GOOD | {"lat": -117.4, "lon": 34.6}), "1 of 1 stations cannot be read"),
    ],
)  # fmt: skip
def test_another_file_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as error:
        parse(data)
    assert "skytrunk land starlink_ground DAY" in str(error.value)


@pytest.mark.realdata
def test_the_real_list_is_read_whole(shared: Path) -> None:
    parsed = parse((shared / "data" / "ground" / "starlink_gateways_pops_2026-03-20.json").read_bytes())
    counts = {key: len(rows) for key, rows in parsed.frame.partition_by("kind", "status", as_dict=True).items()}
    assert counts == {
        ("gateway", "operational"): 214,
        ("gateway", "planned"): 93,
        ("pop", "operational"): 35,
        ("pop", "planned"): 15,
    }
    assert parsed.excluded.is_empty()
