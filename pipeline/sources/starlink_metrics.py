"""Latency and speed of Starlink's residential users by country and region, as the operator publishes them for its map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from pipeline.formats import documents, records, rows
from pipeline.formats.countries import ISO3
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="starlink_metrics",
    title="Starlink: latency and speed of residential users",
    address="https://api.starlink.com/public-files/metrics_residential.json",
    licence="none stated (published by the operator)",
    citation="Starlink, metrics of its availability map, https://www.starlink.com/map?view=latency",
    cadence="every month",
    missing="what modelled latency is compared with: no error against measured medians",
    suffix="json",
    every_days=7,
    limit_bytes=16 * 2**20,
)

MOST_MS, MOST_MBPS = 2_000.0, 10_000.0  # beyond any satellite hop, and any terminal's port
FIGURES = tuple(
    f"{what}_{part}_{unit}"
    for what, unit in (("latency", "ms"), ("download", "mbps"), ("upload", "mbps"))
    for part in ("p20", "p50", "p80")
)
_WORDS = {"latency": "Round trip to the Internet", "download": "Download rate", "upload": "Upload rate"}
_USERS = {"p20": "the slow fifth of users has it or worse", "p50": "median of users", "p80": "the fast fifth of users has it or better"}  # fmt: skip
TABLE = Table(
    "raw.starlink_metrics",
    "one row per country or region",
    (
        Column("place_id", "text", "", "Code of the country, or the operator's name of the region", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code; null for a region, whose name does not tell its country", nullable=True),
        Column("region_id", "text", "", "The operator's opaque name of a first-level region; null for a whole country", nullable=True),
        *(
            Column(
                name, "number", "ms" if name.endswith("_ms") else "Mbps",
                f"{_WORDS[name.split('_')[0]]}, {_USERS[name.split('_')[1]]}",
                0, MOST_MS if name.endswith("_ms") else MOST_MBPS, nullable=not name.startswith("latency"),
            )
            for name in FIGURES
        ),
    ),
)  # fmt: skip
FORM = documents.form(SOURCE.name, "the operator's metrics")
# The same figures by country as a list in our own words; rates that nobody copied may be absent.
LISTED = Form(
    source_name=SOURCE.name,
    header_name="a header of metrics by country",
    fields={"iso3": Column("iso3", "text", "", "")} | {name: Column(name, "number", "", "") for name in FIGURES},
    name_field="iso3",
    number_field="iso3",
    may_be_absent=[name for name in FIGURES if not name.startswith("latency")],
)
_LEVELS = ("admin0Metrics", "admin1Metrics")
# A list of which more than this part breaks a rule is not what it was: the operator counts percentiles the other way, say.
UNREADABLE_FRACTION = 0.5


class _Entry(NamedTuple):
    """One place as it is written: where it stands, its name, whether it is a region, and a value (or none) of each figure."""

    row_number: int
    name: str
    is_region: bool
    told: Any


def parse(data: bytes) -> Parsed:
    """Read a landed document {admin0Metrics: {ISO3: {latency_p20, ...}}, admin1Metrics: {region: ...}}, or CSV with iso3, latency_p20_ms, ...

    Percentiles go by quality: latency_p20 is the highest of the three and download_p20 the lowest. The month that they are of is told by
    neither form. Left out: codes that are not ISO 3166-1 alpha-3, places that stand before, latencies that are missing, not above 0 or
    above MOST_MS, rates below 0 or above MOST_MBPS, and percentiles that are not in order. Raises SourceError when the bytes are
    neither form, and when more than half of the places break a rule.
    """
    text = rows.decoded(data, FORM)
    rows.refuse_web_page(text, FORM)
    entries = list(_of_document(data) if text.lstrip().startswith(("{", "[")) else _of_lines(text))
    found: dict[str, dict[str, Any]] = {}
    listed = []
    for entry in entries:
        row, reason = _row(entry)
        if row is not None and row["place_id"] in found:
            row, reason = None, "it stands before it in the file"
        if row is None:
            listed.append((entry.row_number, rows.printable(entry.name) or "?", reason))
        else:
            found[row["place_id"]] = row
    if len(listed) > UNREADABLE_FRACTION * len(entries) or not found:
        why = f" (the first: {listed[0][1]}: {listed[0][2]})" if listed else ""
        raise FORM.error(f"{len(listed)} of {len(entries)} places cannot be read{why}")
    frame = pl.DataFrame(list(found.values()), schema=TABLE.polars_schema)
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _of_document(data: bytes) -> Iterator[_Entry]:
    """Places of the operator's document, countries first, numbered on from 2."""
    document = documents.loaded(data, FORM)
    levels = [document.get(level) for level in _LEVELS] if isinstance(document, dict) else []
    if not levels or not isinstance(levels[0], dict):
        raise FORM.error(f"the landed file has no {_LEVELS[0]}")
    number = 2
    for level, is_region in zip(levels, (False, True), strict=True):
        for name, told in level.items() if isinstance(level, dict) else ():
            values = (
                {figure: told.get(figure.rpartition("_")[0]) for figure in FIGURES} if isinstance(told, dict) else None
            )
            yield _Entry(number, name.strip(), is_region, values)
            number += 1


def _of_lines(text: str) -> Iterator[_Entry]:
    """Countries of a list; lines with too few or too many fields have no values."""
    lines = records.split(text, LISTED)
    found = [
        _Entry(number, name, False, dict(zip(FIGURES, values, strict=True)))
        for number, name, *values in lines.text.iter_rows()
    ]
    found += [_Entry(number, name, False, None) for number, name, _ in lines.ragged.iter_rows()]
    yield from sorted(found, key=lambda entry: entry.row_number)


def _row(entry: _Entry) -> tuple[dict[str, Any] | None, str]:
    """The row of a place, or the rule that it breaks."""
    if not entry.is_region and entry.name not in ISO3:
        return None, f"its code '{rows.printable(entry.name)}' is no ISO 3166-1 alpha-3 code"
    if not entry.name or entry.told is None:
        return None, "its name or its figures are missing"
    values = {}
    for figure in FIGURES:
        values[figure], reason = _figure(figure, entry.told[figure])
        if reason:
            return None, reason
    if reason := _disorder(values):
        return None, reason
    country, region = (None, entry.name) if entry.is_region else (entry.name, None)
    return {"place_id": entry.name, "country_iso3": country, "region_id": region} | values, ""


def _figure(name: str, told: Any) -> tuple[float | None, str]:
    """A figure's value, None where none is told, and the rule that it breaks."""
    is_latency, most = name.startswith("latency"), MOST_MS if name.endswith("_ms") else MOST_MBPS
    if told is None or told == "":
        return None, f"its {name} is missing" if is_latency else ""
    value = documents.number(told)
    if value is None:
        return None, f"its {name} '{rows.printable(str(told))}' is no number"
    if value < 0 or (is_latency and value == 0):
        return None, f"its {name} {value:g} is not above 0"
    return value, f"its {name} {value:g} is above {most:g}" if value > most else ""


def _disorder(values: dict[str, float | None]) -> str:
    """Which percentiles are not in order of quality; empty where all are."""
    for what, unit, worst_is in (
        ("latency", "ms", "highest"),
        ("download", "mbps", "lowest"),
        ("upload", "mbps", "lowest"),
    ):
        told = [v for part in ("p20", "p50", "p80") if (v := values[f"{what}_{part}_{unit}"]) is not None]
        if told != sorted(told, reverse=what == "latency"):
            return f"its {what} percentiles {', '.join(f'{v:g}' for v in told)} are not in order: p20, the slow users', is the {worst_is}"
    return ""
