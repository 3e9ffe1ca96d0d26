"""The operator's feed with the names of its PoPs, in the form that it has."""

from __future__ import annotations

import json

import pytest

from pipeline.source import SourceError
from pipeline.sources.starlink_geoip import TABLE, parse


def landed(**countries: dict[str, dict[str, list[list[str]]]]) -> bytes:
    made = {
        code: {r: {c: {"ips": ips} for c, ips in cities.items()} for r, cities in regions.items()}
        for code, regions in countries.items()
    }
    return json.dumps({"countries": made}).encode()


def name(code: str, form: str = "pop.starlinkisp.net.") -> str:
    return f"customer.{code}.{form}"


def test_subnets_are_counted_by_country_region_and_pop() -> None:
    parsed = parse(
        landed(
            NA={"": {"Windhoek": [["1.0.0.0/24", name("jhnbzaf1")]]}},
            US={
                "US-MO": {
                    "A": [["1", name("knsymox1")], ["2", name("knsymox1", "isp.starlink.com.")]],
                    "B": [["3", name("knsymox1")]],
                },
                "US-CA": {"C": [["4", name("lsancax1")]]},
            },
        )
    )
    assert TABLE.conform(parsed.frame).rows() == [
        ("NA", "NA", "jhnbzaf1", 1), ("US", "US-CA", "lsancax1", 1), ("US", "US-MO", "knsymox1", 3),
    ]  # fmt: skip
    assert parsed.excluded.is_empty()


def test_what_names_no_pop_is_told_in_sums() -> None:
    ips = [["1", name("frntdeu1")], ["2", ""], ["3", ""], ["4", "customer.isp.starlink.com."], ["5", "customer.mc.starlinkisp.net."], ["6", "undefined.hostname.localhost."], ["7"]]  # fmt: skip
    parsed = parse(landed(DE={"DE-HE": {"Frankfurt": ips}}, Germany={"": {"x": [["8", name("frntdeu1")]]}}))
    assert parsed.frame.rows() == [("DE", "DE-HE", "frntdeu1", 1)]
    assert sorted(parsed.excluded.select("row_key", "reason").rows()) == [
        ("1 subnets", "their country is no code of two letters: they do not count"),
        ("3 subnets", "their names tell a PoP of no known form: they do not count"),
        ("3 subnets", "they have no name: they do not count"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"{}", "no countries"), (landed(DE={"": {"x": [["1", ""]]}}), "names no PoP"), (b"1.1.1.0/24,DE,,,\n", "no whole JSON"), (b'{"countries": {"DE": 3}}', "names no PoP")],
)  # fmt: skip
def test_another_file_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        parse(data)
