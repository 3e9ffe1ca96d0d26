"""An answer of the World Bank's API, made by hand in its form."""

from __future__ import annotations

import json

import pytest

from pipeline.source import SourceError
from pipeline.sources.world_bank import INDICATORS, parse


def entry(code: str, indicator: str, value: object, year: object = "2024", **more: object) -> dict[str, object]:
    return {
        "indicator": {"id": indicator, "value": "words"}, "country": {"id": code[:2], "value": code}, "countryiso3code": code,
        "date": year, "value": value, "unit": "", "obs_status": "", "decimal": 0, **more,
    }  # fmt: skip


def landed(*entries: object, pages: int = 1) -> bytes:
    return json.dumps([{"page": 1, "pages": pages, "per_page": 20000, "total": len(entries)}, list(entries)]).encode()


def test_values_have_our_units_and_the_newest_year_stays() -> None:
    parsed = parse(
        landed(
            entry("NAM", "IT.NET.USER.ZS", 64.4, "2023"), entry("NAM", "IT.NET.USER.ZS", 62.0, "2022"), entry("NAM", "SP.POP.TOTL", 3_030_131),
            entry("WLD", "SP.POP.TOTL", 8_142_000_000 / 5), entry("NAM", "IT.NET.BBND.P2", "4.5"), entry("NAM", "NY.GDP.PCAP.PP.CD", None),
        )
    )  # fmt: skip
    assert parsed.frame.rows() == [
        ("NAM", "IT.NET.BBND.P2", 2024, 0.045), ("NAM", "IT.NET.USER.ZS", 2023, 0.644), ("NAM", "SP.POP.TOTL", 2024, 3_030_131), ("WLD", "SP.POP.TOTL", 2024, 1_628_400_000),
    ]  # fmt: skip
    assert parsed.excluded.is_empty()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (entry("DEU", "IT.NET.USER.ZS", 164), "cannot be a value"), (entry("DEU", "SP.POP.TOTL", -5), "cannot be a value"), (entry("DEU", "SP.POP.TOTL", "NaN"), "cannot be"),
        (entry("DEU", "EN.ATM.CO2E.PC", 5), "none that was asked for"), (entry("", "SP.POP.TOTL", 5), "code of three letters"), (entry("DEU", "SP.POP.TOTL", 5, "2024Q1"), "no year"),
        ("a word", "not an object"),
    ],
)  # fmt: skip
def test_an_entry_that_breaks_a_rule_costs_itself(bad: object, words: str) -> None:
    parsed = parse(landed(entry("FRA", "SP.POP.TOTL", 68e6), bad))
    assert parsed.frame.height == 1
    ((line, _, reason),) = parsed.excluded.rows()
    assert line == 3
    assert words in reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (landed(entry("FRA", "SP.POP.TOTL", 68e6), pages=3), "one page of 3"),
        (json.dumps([{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]).encode(), "API refused: The provided"),
        (b'{"a": 1}', "not an answer"), (b"[]", "not an answer"), (landed(entry("FRA", "SP.POP.TOTL", None)), "none of the 1 entries"), (b"<html></html>", "web page"),
        (landed(entry("FRA", "SP.POP.TOTL", 1))[:-9], "no whole JSON"), ("é".encode("latin-1"), "not text"),
    ],
)  # fmt: skip
def test_another_file_is_refused_with_the_remedy(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as error:
        parse(data)
    assert "skytrunk land world_bank DAY" in str(error.value)


def test_one_request_asks_for_everything() -> None:
    from pipeline.sources.world_bank import SOURCE

    assert all(indicator in SOURCE.address for indicator in INDICATORS)
