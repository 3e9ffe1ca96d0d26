"""Sites on the ground: Starlink's PoPs and community gateways, cloud regions and large AI compute sites, from cited figures."""

from __future__ import annotations

import polars as pl

from pipeline.source import EXCLUDED_SCHEMA, Parsed, Source, SourceError
from pipeline.table import CONSTELLATION, SITE_KIND, Column, Table

SOURCE = Source(
    name="sites",
    title="PoPs, cloud regions and compute sites",
    address="shipped:sites.csv",
    licence="facts, each row with its own source (Epoch AI's: CC BY 4.0)",
    citation="pipeline/reference/sites.csv, columns source and source_url",
    cadence="with each release of Skytrunk",
    missing="latency to PoPs, and every figure between cloud regions or compute sites",
    limit_bytes=4 * 2**20,
)

TABLE = Table(
    "dim.site",
    "one row per site on the ground with a known place",
    (
        Column("site_id", "text", "", "Name of the site, unique", key=True),
        Column("kind", "site_kind", "", "What stands there; a community gateway is a gateway"),
        Column("title", "text", "", "Place, or region code and place"),
        Column("operator", "text", "", "Who runs it"),
        Column("constellation", "constellation", "", "Constellation that lands there", nullable=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", nullable=True),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude, of the town or metropolitan area", -90, 90),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude, of the town or metropolitan area", -180, 180),
        Column("status", "text", "", "operational, planned, or unverified: named by one source only, or its place read from a code"),
        Column("confidence", "text", "", "How sure the row is, or how exact its place: metro, town, area (a state or country is all that is told)"),
        Column("source", "text", "", "Source"),
        Column("source_url", "text", "", "Where the source is", nullable=True),
        Column("date_text", "text", "", "When the source said so"),
    ),
)  # fmt: skip

STATUS = ("operational", "planned", "unverified")
_ADVICE = "restore pipeline/reference/sites.csv, or land a file with its columns"


def parse(data: bytes) -> Parsed:
    """Sites of a CSV file with the columns of dim.site.

    Rows without coordinates (ships), off the Earth, or with a word that is not in its closed set are excluded with the
    reason. Raises SourceError when the bytes are no such file.
    """
    frame = _read(data).with_row_index("row_number", offset=2).with_columns(_reason().alias("reason"))
    excluded = frame.filter(pl.col("reason").is_not_null()).select(
        pl.col("row_number").cast(pl.Int64),
        pl.format("{} {}", pl.col("site_id").fill_null(""), pl.col("title").fill_null("")).alias("row_key"),
        "reason",
    )
    kept = frame.filter(pl.col("reason").is_null()).select(TABLE.column_names)
    return Parsed(TABLE.conform(kept), excluded.match_to_schema(EXCLUDED_SCHEMA))


def _read(data: bytes) -> pl.DataFrame:
    try:
        frame = pl.read_csv(data, infer_schema=False, null_values=[""])
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"sites: not a CSV file ({error}): {_ADVICE}") from error
    if frame.columns != list(TABLE.column_names):
        raise SourceError(
            f"sites: the header is {','.join(frame.columns)[:200]}, not {','.join(TABLE.column_names)}: {_ADVICE}"
        )
    if frame.is_empty():
        raise SourceError(f"sites: no row below the header: {_ADVICE}")
    return frame


def _reason() -> pl.Expr:
    """Why a row is left out, or null."""
    required = [column.name for column in TABLE.columns if not column.nullable and column.kind != "number"]
    latitude = pl.col("latitude_deg").cast(pl.Float64, strict=False)
    longitude = pl.col("longitude_deg").cast(pl.Float64, strict=False)
    on_earth = latitude.is_between(-90, 90) & longitude.is_between(-180, 180)
    return (
        pl.when(pl.any_horizontal(pl.col(name).is_null() for name in required))
        .then(pl.lit("a field that every site has is empty"))
        .when(pl.col("latitude_deg").is_null() | pl.col("longitude_deg").is_null())
        .then(pl.lit("it has no fixed place"))
        .when(~on_earth.fill_null(value=False))
        .then(pl.lit("its coordinates are not on the Earth"))
        .when(~pl.col("kind").is_in(SITE_KIND) | ~pl.col("status").is_in(STATUS))
        .then(pl.lit("its kind or status is not a known word"))
        .when(~pl.col("constellation").fill_null(CONSTELLATION[0]).is_in(CONSTELLATION))
        .then(pl.lit("its constellation is not a known word"))
        .when(~pl.col("site_id").is_first_distinct())
        .then(pl.lit("its site_id stands before it in the file"))
        .otherwise(None)
    )
