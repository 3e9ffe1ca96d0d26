"""Round trips between the regions of IBM Cloud over its own backbone: the newest 30 days of a page of its documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from pipeline.formats import documents, rows
from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.frames import great_circle_km
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="rtt_ibm",
    title="IBM Cloud: round trips between regions",
    address="https://raw.githubusercontent.com/ibm-cloud-docs/vpc/HEAD/_include-segments/network-latency.md",
    licence="none stated (documentation of IBM Cloud)",
    citation="IBM Cloud documentation, VPC, network latency, https://github.com/ibm-cloud-docs/vpc",
    cadence="every week, of the 30 days before",
    missing="measured round trips over a cloud's backbone: the fixed stretch of fibre stands",
    suffix="md",
    every_days=7,
    limit_bytes=16 * 2**20,
)

MOST_MS = 2_000.0
TABLE = Table(
    "raw.rtt_ibm",
    "one row per region that sends and region that answers",
    (
        Column("from_region", "text", "", "Region that sends, as the page calls it", key=True),
        Column("to_region", "text", "", "Region that answers", key=True),
        Column("from_latitude_deg", "number", "deg", "WGS-84 latitude of the sender's town", -90, 90),
        Column("from_longitude_deg", "number", "deg", "WGS-84 longitude of the sender's town", -180, 180),
        Column("to_latitude_deg", "number", "deg", "WGS-84 latitude of the other's town", -90, 90),
        Column("to_longitude_deg", "number", "deg", "WGS-84 longitude of the other's town", -180, 180),
        Column("rtt_ms", "number", "ms", "Mean round trip of the window; the two directions can differ", 0, MOST_MS),
        Column("last_day", "day", "UTC date", "Last day of the window"),
    ),
)
FORM = documents.form(SOURCE.name, "a page of round trips between regions")

# The page's names of regions: latitude and longitude of the town, of which its sites lie within some 50 km (GeoNames, CC BY 4.0).
PLACES: dict[str, tuple[float, float]] = {
    "Chennai": (13.088, 80.278),
    "Dallas": (32.783, -96.807),
    "Frankfurt": (50.116, 8.684),
    "London": (51.509, -0.126),
    "Madrid": (40.417, -3.703),
    "Montreal": (45.509, -73.588),
    "Mumbai": (19.073, 72.883),
    "Osaka": (34.694, 135.501),
    "Sao Paulo": (-23.548, -46.636),
    "Sydney": (-33.868, 151.207),
    "Tokyo": (35.690, 139.692),
    "Toronto": (43.706, -79.399),
    "Washington DC": (38.895, -77.036),
}
# How far a site may lie from its town, at both ends: a round trip is impossible where light needs longer over what is left.
OFF_TOWN_KM = 100.0
_MONTHS = {
    m: k for k, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_DATE = r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})"
_CAPTION = re.compile(rf'caption="[^"]*?{_DATE}\s*[–—-]+\s*{_DATE}')
_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")


class _Matrix(NamedTuple):
    """One table between regions: line of its header, names of its columns, its rows (line and cells), the last day of its window."""

    line: int
    names: list[str]
    rows: list[tuple[int, list[str]]]
    last_day: date


def parse(data: bytes) -> Parsed:
    """Read landed Markdown: of the tables below "Inter-region latency" the one whose window ends last; rows send, columns answer.

    Tables between zones, and older windows, are passed over. Left out, one for each line: regions without a known place, rows with another
    number of cells than the header, regions that stand before, and round trips that are no number, not above 0, above MOST_MS, or shorter
    than light in vacuum needs. Raises SourceError when the bytes have no such table, when it is cut, and when more than half of its pairs
    cannot be read.
    """
    text = rows.decoded(data, FORM)
    rows.refuse_web_page(text, FORM)
    found = list(_matrices(text.splitlines()))
    if not found:
        raise FORM.error("the landed file has no table of round trips between regions under a window of days")
    newest = max(found, key=lambda matrix: matrix.last_day)
    reasons: dict[int, tuple[str, list[str]]] = {}
    pairs = list(_pairs(newest, reasons))
    whole = len(newest.names) * (len(newest.names) - 1)
    if not pairs or len(pairs) < whole / 2:
        raise FORM.error(f"{whole - len(pairs)} of the {whole} pairs of the window to {newest.last_day} cannot be read")
    frame = pl.DataFrame(pairs, schema=TABLE.polars_schema, orient="row")
    listed = [(line, rows.printable(name), "; ".join(why)) for line, (name, why) in sorted(reasons.items())]
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _matrices(lines: list[str]) -> Iterator[_Matrix]:
    """The tables between regions that say of which days they are."""
    between_regions, start, names, held = False, 0, list[str](), list[tuple[int, list[str]]]()
    for number, line in enumerate((*lines, ""), 1):
        line = line.strip()
        if line.startswith("#"):
            between_regions, names = "inter-region" in line.lower(), []
        elif between_regions and line.startswith("|") and not _RULE.fullmatch(line):
            cells = [cell.strip().strip("*").strip() for cell in line.strip("|").split("|")]
            if names:
                held.append((number, cells))
            else:
                start, names, held = number, cells[1:], []
        elif names and not line.startswith("|"):
            window = _CAPTION.search(line)
            last_day = _day(*window.groups()[3:]) if window else None
            if last_day is None or len(held) < len(names):
                raise rows.cut(FORM, number - 1)
            yield _Matrix(start, names, held, last_day)
            names = []


def _day(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), _MONTHS[month.lower()], int(day))
    except (KeyError, ValueError):
        return None


def _pairs(matrix: _Matrix, reasons: dict[int, tuple[str, list[str]]]) -> Iterator[tuple[Any, ...]]:
    """Rows of the TABLE; what is left out goes to `reasons`: line -> name and reasons."""
    unknown = [name for name in matrix.names if name not in PLACES]
    told = {cells[0] for _, cells in matrix.rows}
    if lone := [name for name in unknown if name not in told]:
        reasons[matrix.line] = (", ".join(lone), ["no place of the region is known"])
    seen: set[str] = set()
    for line, (name, *cells) in matrix.rows:
        why: list[str] = []
        if name not in PLACES:
            why = [f"no place of the region is known: add '{rows.printable(name)}' to PLACES"]
        elif len(cells) != len(matrix.names):
            why = [f"the line has {len(cells)} round trips where the header has {len(matrix.names)} regions"]
        elif name in seen:
            why = ["the region stands before it in the table"]
        else:
            seen.add(name)
            yield from _row(name, zip(matrix.names, cells, strict=True), matrix.last_day, why)
        if why:
            reasons[line] = (name, why)


def _row(name: str, cells: Iterator[tuple[str, str]], last_day: date, why: list[str]) -> Iterator[tuple[Any, ...]]:
    """Pairs of one sender; what is left out goes to `why`."""
    for other, cell in cells:
        if other == name or other not in PLACES:
            continue
        rtt_ms = documents.number(cell)
        reason = _impossible(name, other, cell, rtt_ms)
        if reason:
            why.append(f"to {other}: {reason}")
        else:
            yield name, other, *PLACES[name], *PLACES[other], rtt_ms, last_day


def _impossible(name: str, other: str, cell: str, rtt_ms: float | None) -> str:
    """Why a round trip is none; empty where it is one."""
    if rtt_ms is None:
        return f"'{rows.printable(cell)}' is no round trip"
    if not 0 < rtt_ms <= MOST_MS:
        return f"{rtt_ms:g} ms is not above 0 and at most {MOST_MS:g}"
    ends = np.array([PLACES[name], PLACES[other]])
    away_km = float(great_circle_km(ends[0, :1], ends[0, 1:], ends[1, :1], ends[1, 1:])[0])
    least_ms = 2e3 * (away_km - OFF_TOWN_KM) / LIGHT_KM_PER_S
    return f"{rtt_ms:g} ms is below the {least_ms:.1f} ms that light needs in vacuum" if rtt_ms < least_ms else ""
