"""Starlink's gateways and PoPs, as a community lists them: names, places and whether they work; no antennas."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="starlink_ground",
    title="Starlink gateways and PoPs, a community list",
    address="https://raw.githubusercontent.com/juliensimon/starlink-viz/main/data/ground-stations.json",
    licence="MIT",
    citation="J. Simon, starlink-viz, data/ground-stations.json, https://github.com/juliensimon/starlink-viz",
    cadence="now and then",
    missing="Starlink's gateways: only its PoPs and community gateways are known, by the shipped list",
    suffix="json",
    every_days=7,
    limit_bytes=16 * 2**20,
)

KINDS, STATUS = ("gateway", "pop"), ("operational", "planned")
TABLE = Table(
    "raw.starlink_ground",
    "one row per gateway or PoP",
    (
        Column("station_id", "text", "", "Made from kind and name; a number tells two of one name apart", key=True),
        Column("kind", "site_kind", "", "Gateway or PoP"),
        Column("title", "text", "", "Town and country or state, as listed"),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude", -90, 90),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude", -180, 180),
        Column("status", "text", "", "operational or planned"),
        Column("updated_day", "day", "UTC date", "When the list was changed last; null where it does not tell", nullable=True),
    ),
)  # fmt: skip
FORM = documents.form(SOURCE.name, "a list of stations")


def parse(data: bytes) -> Parsed:
    """Read a landed list {lastUpdated, stations: [{name, lat, lon, status, type}]}.

    Left out, with their ordinal plus 1: stations without a name or a place on the Earth, with another word for kind or status, and
    repeats at one place. Two of one name at two places stay. Raises SourceError when the bytes are no such list, and where more
    than half of the stations cannot be read, so too where latitude and longitude are swapped.
    """
    document = documents.loaded(data, FORM)
    stations = document.get("stations") if isinstance(document, dict) else None
    if not isinstance(stations, list) or not stations:
        raise FORM.error("the landed file has no list of stations")
    updated, found, listed, ids = _date(document.get("lastUpdated")), [], [], dict[str, int]()
    seen = set()
    for line, station in enumerate(stations, 2):
        row, reason = _station(station)
        if (
            row is not None
            and (place := (row["kind"], row["title"], row["latitude_deg"], row["longitude_deg"])) in seen
        ):
            row, reason = None, "it stands before it in the file"
        if row is None:
            listed.append(
                (line, rows.printable(str(station.get("name") if isinstance(station, dict) else station)), reason)
            )
            continue
        seen.add(place)
        plain = f"starlink-{row['kind']}-{re.sub(r'[^a-z0-9]+', '-', row['title'].lower()).strip('-')}"
        ids[plain] = ids.get(plain, 0) + 1
        found.append(
            row | {"station_id": plain if ids[plain] == 1 else f"{plain}-{ids[plain]}", "updated_day": updated}
        )
    if len(listed) > len(stations) / 2:
        raise FORM.error(f"{len(listed)} of {len(stations)} stations cannot be read (the first: {listed[0][2]})")
    frame = pl.DataFrame(found, schema=TABLE.polars_schema)
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _station(station: Any) -> tuple[dict[str, Any] | None, str]:
    """One station, or None and why it is none."""
    if not isinstance(station, dict):
        return None, "it is not an object"
    title, kind, status = (documents.word(station.get(name)) for name in ("name", "type", "status"))
    latitude, longitude = (documents.number(station.get(name)) for name in ("lat", "lon"))
    if title is None:
        return None, "it has no name"
    if kind not in KINDS or status not in STATUS:
        return None, f"its type or status is none of {', '.join((*KINDS, *STATUS))}"
    if latitude is None or longitude is None:
        return None, "it has no coordinates"
    if abs(latitude) > 90 or abs(longitude) > 180:
        swapped = abs(longitude) <= 90 and abs(latitude) <= 180
        return (
            None,
            f"its coordinates are not on the Earth{': latitude and longitude may be swapped' if swapped else ''}",
        )
    if latitude == longitude == 0:
        return None, "its coordinates are 0, 0: nobody knows where it is"
    return {"title": title, "kind": kind, "status": status, "latitude_deg": latitude, "longitude_deg": longitude}, ""


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
