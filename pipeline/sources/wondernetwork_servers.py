"""Where WonderNetwork's servers stand: the companion of its pings between cities, which knows servers by number alone."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records, rows
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="wondernetwork_servers",
    title="WonderNetwork: its servers",
    address="https://raw.githubusercontent.com/sm86/geo-latency-data/HEAD/servers-2020-07-19.csv",
    licence="none stated",
    citation="WonderNetwork, 'A day in the life of the Internet', https://wonderproxy.com/blog/a-day-in-the-life-of-the-internet/",
    cadence="never: of 19 July 2020",
    missing="places of WonderNetwork's servers: its pings are not used",
    limit_bytes=16 * 2**20,
    by_hand=True,
)

TABLE = Table(
    "raw.wondernetwork_servers",
    "one row per server",
    (
        Column("server_id", "integer", "", "WonderNetwork's number of the server", 0, key=True),
        Column("town", "text", "", "Its town"),
        Column("country_text", "text", "", "Country in words"),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude of the town", -90, 90),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude of the town", -180, 180),
    ),
)
_READ = {
    "id": Column("server_id", "integer", "", "", 0),
    "title": Column("town", "text", "", ""),
    "country": Column("country_text", "text", "", ""),
    "latitude": Column("latitude_deg", "number", "deg", ""),
    "longitude": Column("longitude_deg", "number", "deg", ""),
}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of servers",
    fields=_READ,
    name_field="title",
    number_field="id",
    unreadable_fraction=0.2,
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with id, title, country, latitude and longitude; the stray columns at its end are passed over.

    Left out: numbers that stand before, and places that are 0, 0, swapped or not on the Earth. Raises SourceError when it is no such file, and
    when more than a fifth of the servers cannot be read.
    """
    found = records.read(data, FORM)
    latitude, longitude = pl.col("latitude_deg"), pl.col("longitude_deg")
    place = pl.format("its place {}, {}", latitude, longitude)
    reason = (
        pl.when((latitude == 0) & (longitude == 0)).then(pl.format("{} is nobody's: coordinates are missing", place))
        .when((latitude.abs() > 90) & (latitude.abs() <= 180) & (longitude.abs() <= 90)).then(pl.format("{} has longitude and latitude swapped", place))
        .when((latitude.abs() > 90) | (longitude.abs() > 180)).then(pl.format("{} is not on the Earth", place))
    )  # fmt: skip
    judged = found.kept.with_columns(reason.alias("reason"))
    again = pl.col("reason").is_null() & ~pl.struct(pl.col("reason").is_null(), "server_id").is_first_distinct()
    judged = judged.with_columns(
        pl.when(again).then(pl.lit("its number stands before it in the file")).otherwise("reason").alias("reason")
    )
    bad = judged.filter(pl.col("reason").is_not_null()).select(
        "row_number", rows.key(pl.col("town"), pl.col("server_id")), "reason"
    )
    kept = judged.filter(pl.col("reason").is_null()).select(TABLE.column_names)
    excluded = pl.concat([found.excluded, bad]).sort("row_number")
    rows.refuse_unreadable(excluded, kept.height + excluded.height, FORM)
    return Parsed(TABLE.conform(kept), excluded)
