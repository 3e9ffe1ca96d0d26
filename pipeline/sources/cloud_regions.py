"""Cloud regions of Amazon, Google and Microsoft with the place of one of their sites, as a community keeps them."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="cloud_regions",
    title="Electricity Maps: data centres of cloud regions",
    address=(
        "https://raw.githubusercontent.com/electricitymaps/electricitymaps-contrib/master/config/data_centers/data_centers.json"
    ),
    licence="AGPL-3.0 (configuration file); facts with their sources",
    citation="Electricity Maps contributors, config/data_centers, https://github.com/electricitymaps/electricitymaps-contrib",
    cadence="now and then",
    missing="new cloud regions and exact places of the known ones: the shipped list stands, at metropolitan areas",
    suffix="json",
    every_days=30,
    limit_bytes=16 * 2**20,
)

PROVIDERS = {"aws": "Amazon Web Services", "gcp": "Google Cloud", "azure": "Microsoft Azure"}
TABLE = Table(
    "raw.cloud_regions",
    "one row per region of the three providers",
    (
        Column("site_id", "text", "", "Provider and region, as in dim.site", key=True),
        Column("operator", "text", "", "Provider"),
        Column("title", "text", "", "Name of the region's site or town"),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude of one site", -90, 90),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude of one site", -180, 180),
        Column("status", "text", "", "operational or planned"),
    ),
)
FORM = documents.form(SOURCE.name, "an object of regions")


def parse(data: bytes) -> Parsed:
    """Read a landed object {name: {provider, region, lonlat: [longitude, latitude], displayName, status}}: longitude comes first.

    Left out, with the ordinal plus 1: other providers, and regions without a name or a place on the Earth. Raises SourceError when the bytes
    are no such object.
    """
    document = documents.loaded(data, FORM)
    if not isinstance(document, dict) or not any(
        isinstance(each, dict) and "lonlat" in each for each in document.values()
    ):
        raise FORM.error("the landed file has no regions with lonlat")
    found: dict[str, dict[str, Any]] = {}
    listed = []
    for line, (key, region) in enumerate(document.items(), 2):
        row, reason = _region(region)
        if row is not None and row["site_id"] in found:
            row, reason = None, "it stands before it in the file"
        if row is None:
            listed.append((line, rows.printable(key), reason))
        else:
            found[row["site_id"]] = row
    frame = pl.DataFrame(list(found.values()), schema=TABLE.polars_schema)
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _region(region: Any) -> tuple[dict[str, Any] | None, str]:
    if not isinstance(region, dict):
        return None, "it is not an object"
    provider, name = (documents.word(region.get(key)) for key in ("provider", "region"))
    if provider not in PROVIDERS:
        return None, f"its provider is none of {', '.join(PROVIDERS)}"
    place = region.get("lonlat")
    longitude, latitude = map(documents.number, place) if isinstance(place, list) and len(place) == 2 else (None, None)
    if name is None or longitude is None or latitude is None:
        return None, "its name or place is missing"
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None, "its place is not on the Earth: lonlat is [longitude, latitude]"
    status = documents.word(region.get("status")) or ""
    return {
        "site_id": f"{provider}-{name}",
        "operator": PROVIDERS[provider],
        "title": documents.word(region.get("displayName")) or name,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "status": "operational" if status == "operational" else "planned",
    }, ""
