"""The operator's metrics, as its document and as a list."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.source import SourceError
from pipeline.sources.starlink_metrics import FIGURES, TABLE, parse

GOOD = {"latency_p20": 40.5, "latency_p50": 30, "latency_p80": 25, "download_p20": 90, "download_p50": 150, "download_p80": 200, "upload_p20": 10, "upload_p50": 20, "upload_p80": 30}  # fmt: skip
HEADER = "iso3,latency_p20_ms,latency_p50_ms,latency_p80_ms,download_p50_mbps,upload_p50_mbps"


def landed(countries: dict[str, object], regions: dict[str, object] | None = None) -> bytes:
    return json.dumps({"admin0Metrics": countries, "admin1Metrics": regions or {}}).encode()


def lines(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def test_countries_and_regions_are_told_apart() -> None:
    parsed = parse(landed({"DEU": GOOD, "XKX": GOOD}, {"dXJuOm1ieGJuZDpDQklOOnY0": GOOD}))
    assert parsed.frame.select("place_id", "country_iso3", "region_id", "latency_p20_ms", "latency_p80_ms", "download_p20_mbps").rows() == [
        ("DEU", "DEU", None, 40.5, 25, 90), ("XKX", "XKX", None, 40.5, 25, 90), ("dXJuOm1ieGJuZDpDQklOOnY0", None, "dXJuOm1ieGJuZDpDQklOOnY0", 40.5, 25, 90),
    ]  # fmt: skip
    assert parsed.excluded.is_empty()


def test_a_list_has_the_rates_that_were_copied_and_no_others() -> None:
    parsed = parse(lines("MYS,32.9,28.8,26.0,262.2,39.6", "PCN,75.2,69.6,64.8,,"))
    assert parsed.frame.select("country_iso3", "latency_p50_ms", "download_p20_mbps", "download_p50_mbps").rows() == [
        ("MYS", 28.8, None, 262.2), ("PCN", 69.6, None, None),
    ]  # fmt: skip
    assert parsed.frame["region_id"].null_count() == 2


def test_the_form_is_told_by_the_bytes_alone() -> None:
    data = lines("DEU,40.5,30,25,150,20").replace(b"\n", b"\r\n")
    one, other = parse(b"\xef\xbb\xbf" + data).frame, parse(b"\n " + landed({"DEU": GOOD})).frame
    names = ["place_id", "latency_p20_ms", "latency_p50_ms", "latency_p80_ms", "download_p50_mbps"]
    assert one.select(names).equals(other.select(names))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"latency_p20": 20}, "not in order: p20, the slow users', is the highest"), ({"latency_p80": 35}, "not in order"), ({"download_p20": 300}, "is the lowest"),
        ({"upload_p80": 15}, "not in order"), ({"latency_p80": 0}, "not above 0"), ({"latency_p50": -3}, "not above 0"), ({"download_p20": -1}, "not above 0"),
        ({"latency_p20": 2000.5}, "above 2000"), ({"download_p80": 1e6}, "above 10000"), ({"latency_p50": None}, "missing"), ({"latency_p50": "fast"}, "is no number"),
        ({"latency_p50": True}, "is no number"), ({"upload_p50": "NaN"}, "is no number"), ({"latency_p20": [1]}, "is no number"),
    ],
)  # fmt: skip
def test_a_place_that_breaks_a_rule_costs_itself(change: dict[str, object], words: str) -> None:
    parsed = parse(landed({"DEU": GOOD, "FRA": GOOD | change, "ITA": GOOD}, {"region": GOOD | change, "other": GOOD}))
    assert parsed.frame["place_id"].to_list() == ["DEU", "ITA", "other"]
    assert parsed.excluded["row_number"].to_list() == [3, 5]
    assert parsed.excluded["row_key"].to_list() == ["FRA", "region"]
    assert all(words in reason for reason in parsed.excluded["reason"])


@pytest.mark.parametrize("code", ["DE", "deu", "ZZZ", "EUR", "", "Germany"])
def test_a_code_that_is_none_is_left_out_by_name(code: str) -> None:
    parsed = parse(landed({"FRA": GOOD, code: GOOD, "ITA": GOOD}))
    assert parsed.frame["country_iso3"].to_list() == ["FRA", "ITA"]
    ((number, key, reason),) = parsed.excluded.rows()
    assert (number, key) == (3, code or "?")
    assert f"'{code}' is no ISO 3166-1 alpha-3 code" in reason


@pytest.mark.parametrize("told", [None, 7, "30 ms", []])
def test_a_place_without_figures_is_left_out(told: object) -> None:
    assert "figures are missing" in parse(landed({"FRA": GOOD, "DEU": told})).excluded["reason"][0]


def test_a_rate_that_is_not_told_is_null() -> None:
    row = parse(
        landed({"FRA": {k: v for k, v in GOOD.items() if k.startswith("latency")} | {"upload_p50": None}})
    ).frame.row(0, named=True)
    assert [row[name] for name in FIGURES if not name.startswith("latency")] == [None] * 6


def test_of_a_country_that_stands_twice_the_first_stays_and_a_ragged_line_costs_itself() -> None:
    parsed = parse(lines("MYS,32.9,28.8,26.0,262.2,39.6", "MYS,33,29,27,1,1", "FRA,33,29", "DEU,33,29,27,1,1"))
    assert parsed.frame.select("place_id", "latency_p20_ms").rows() == [("DEU", 33), ("MYS", 32.9)]
    assert parsed.excluded.select("row_number", "row_key").rows() == [(3, "MYS"), (4, "FRA")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"), (b"<html><title>Sign in</title>", "web page"), (b"[]", "no admin0Metrics"), (b'{"admin1Metrics": {}}', "no admin0Metrics"), (b'{"admin0Metrics": 3}', "no admin0Metrics"),
        (landed({}), "0 of 0 places"), (landed({"DE": GOOD}), "1 of 1 places cannot be read .the first: DE: its code"), (landed({"DEU": GOOD})[:-20], "no whole JSON"), (b"\xff\xfe", "not text"),
        (landed({"FRA": GOOD, "DEU": GOOD | {"latency_p20": 1}, "ITA": GOOD | {"latency_p20": 1}}), "2 of 3 places"),
        (lines("MYS,1", header=HEADER), "is cut"), (lines("MYS,32.9,28.8,26", header="iso3,latency_p20_ms,latency_p50_ms,p80"), "missing latency_p80_ms"),
    ],
)  # fmt: skip
def test_another_file_is_refused_with_the_remedy(data: bytes, words: str) -> None:
    with pytest.raises(
        SourceError, match=f"starlink_metrics: .*{words}.*skytrunk land starlink_metrics DAY --file PATH"
    ):
        parse(data)


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.floats(0.1, 2000)] * 3), min_size=1, max_size=20))
def test_every_place_is_read_or_left_out_and_what_is_read_is_in_order(triples) -> None:
    told = {
        f"r{k}": GOOD | dict(zip(("latency_p20", "latency_p50", "latency_p80"), t, strict=True))
        for k, t in enumerate(triples)
    }
    told |= {f"good{k}": GOOD for k in range(len(triples))}
    parsed = parse(landed({}, told))
    assert parsed.frame.height + parsed.excluded.height == len(told)
    assert (
        (parsed.frame["latency_p20_ms"] >= parsed.frame["latency_p50_ms"])
        & (parsed.frame["latency_p50_ms"] >= parsed.frame["latency_p80_ms"])
    ).all()
    in_order = {f"r{k}" for k, (slow, middle, fast) in enumerate(triples) if slow >= middle >= fast}
    assert set(parsed.frame["place_id"]) == in_order | {f"good{k}" for k in range(len(triples))}
    assert TABLE.conform(parsed.frame).equals(parsed.frame)
