"""Countries by the World Bank: people, income per head, Internet use and subscriptions, the newest year of each."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

# Indicator -> what a value is divided by to be a count, dollars, a fraction, or subscriptions per head.
INDICATORS = {
    "SP.POP.TOTL": 1.0,  # people
    "NY.GDP.PCAP.PP.CD": 1.0,  # gross domestic product per head, purchasing power parity, current international dollars
    "IT.NET.USER.ZS": 100.0,  # individuals using the Internet, % of people
    "IT.NET.BBND.P2": 100.0,  # fixed broadband subscriptions per 100 people
    "IT.CEL.SETS.P2": 100.0,  # mobile cellular subscriptions per 100 people
}
MOST = {
    "SP.POP.TOTL": 2e9,
    "NY.GDP.PCAP.PP.CD": 1e6,
    "IT.NET.USER.ZS": 1.0,
    "IT.NET.BBND.P2": 2.0,
    "IT.CEL.SETS.P2": 10.0,
}

SOURCE = Source(
    name="world_bank",
    title="World Bank: people, income, Internet use and subscriptions",
    address=(
        f"https://api.worldbank.org/v2/country/all/indicator/{';'.join(INDICATORS)}?source=2&format=json&mrnev=1&per_page=20000"
    ),
    licence="CC BY 4.0",
    citation="World Bank, World Development Indicators, https://data.worldbank.org",
    cadence="a few times a year",
    missing="newer figures of countries: the shipped ones stand, each with its year",
    suffix="json",
    every_days=30,
    limit_bytes=64 * 2**20,
)

TABLE = Table(
    "raw.world_bank",
    "one row per country or group of countries, and indicator",
    (
        Column(
            "country_iso3", "text", "", "ISO 3166-1 alpha-3 code; groups have codes of the World Bank's own", key=True
        ),
        Column("indicator_id", "text", "", "The World Bank's code of what is told", key=True),
        Column("value_year", "integer", "", "Year that the value is of", 1950, 2100),
        Column("value_number", "number", "", "People, dollars, a fraction, or subscriptions per head", 0),
    ),
)
FORM = documents.form(SOURCE.name, "an answer of the World Bank's API, version 2")


def parse(data: bytes) -> Parsed:
    """Read a landed answer [{page, pages, ...}, [{indicator, country, countryiso3code, date, value}, ...]].

    Left out, with the ordinal plus 1: entries without a code or a year, and values that cannot be. Entries without a value are no rows.
    Of several years of one figure the newest stays. Raises SourceError when the bytes are no such answer, or only one page of several.
    """
    entries = _entries(documents.loaded(data, FORM))
    found: dict[tuple[str, str], tuple[int, float]] = {}
    listed = []
    for line, entry in enumerate(entries, 2):
        row, reason = _row(entry)
        if row is None:
            listed += [(line, _key(entry), reason)] if reason else []
        elif row[:2] not in found or found[row[:2]][0] < row[2]:
            found[row[:2]] = row[2:]
    if not found:
        raise FORM.error(
            f"none of the {len(entries)} entries has a value" + (f" (the first: {listed[0][2]})" if listed else "")
        )
    frame = pl.DataFrame([(*key, *value) for key, value in found.items()], schema=TABLE.polars_schema, orient="row")
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _entries(document: Any) -> list[Any]:
    """Entries of an answer. Raises SourceError with the API's own words where it refuses, and where pages are missing."""
    if isinstance(document, list) and document and isinstance(document[0], dict):
        if messages := document[0].get("message"):
            told = (
                messages[0].get("value") if isinstance(messages, list) and isinstance(messages[0], dict) else messages
            )
            raise FORM.error(f"the API refused: {rows.printable(str(told))}")
        if len(document) == 2 and isinstance(document[1], list):
            pages = documents.number(document[0].get("pages"))
            if pages != 1:
                raise FORM.error(
                    f"the landed file is one page of {pages or 0:.0f}: ask for more entries per page, so that all are on one"
                )
            return document[1]
    raise FORM.error(f"the landed file is not {FORM.header_name}")


def _row(entry: Any) -> tuple[tuple[str, str, int, float] | None, str]:
    """Code, indicator, year and value of an entry; None, and why, where it is none (no reason: it has no value)."""
    if not isinstance(entry, dict):
        return None, "it is not an object"
    indicator = entry.get("indicator")
    name = documents.word(indicator.get("id")) if isinstance(indicator, dict) else None
    code, year = documents.word(entry.get("countryiso3code")), re.fullmatch(r"\d{4}", str(entry.get("date", "")))
    if entry.get("value") is None:
        return None, ""
    if name not in INDICATORS:
        return None, f"its indicator {rows.printable(str(name))} is none that was asked for"
    if code is None or not re.fullmatch("[A-Z]{3}", code):
        return None, "it has no code of three letters"
    if year is None:
        return None, f"its date {rows.printable(str(entry.get('date')))} is no year"
    value = documents.number(entry["value"])
    if value is None or not 0 <= value / INDICATORS[name] <= MOST[name]:
        return None, f"{rows.printable(str(entry['value']))} cannot be a value of {name}"
    return (code, name, int(year[0]), value / INDICATORS[name]), ""


def _key(entry: Any) -> str:
    country = entry.get("country") if isinstance(entry, dict) else None
    return rows.printable(str(country.get("value") if isinstance(country, dict) else entry))
