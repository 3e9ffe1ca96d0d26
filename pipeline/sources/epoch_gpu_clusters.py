"""GPU clusters: who owns how many H100 equivalents where, existing and planned, as Epoch AI keeps them."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.formats import coordinates, records, rows
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.sources.epoch_data_centers import MOST_H100S, MOST_MW, first_name
from pipeline.table import CLUSTER_STATUS, Column, Table

SOURCE = Source(
    name="epoch_gpu_clusters",
    title="Epoch AI: GPU clusters",
    address="https://epoch.ai/data/gpu_clusters.csv",
    licence="CC BY 4.0",
    citation="Epoch AI, 'GPU Clusters' (Pilz et al. 2025), https://epoch.ai/data/gpu-clusters",
    cadence="every week or so",
    missing="compute by owner and country beyond the largest data centres",
    every_days=7,
    limit_bytes=64 * 2**20,
)

TABLE = Table(
    "raw.epoch_gpu_clusters",
    "one row per cluster",
    (
        Column("line_number", "integer", "", "Line of the file that the cluster begins on", 2, key=True),
        Column("name", "text", "", "Epoch's name of the cluster; those of Chinese ones are withheld, so that it repeats"),
        Column("cluster_status", "cluster_status", "", "Existing, planned or decommissioned"),
        Column("certainty_text", "text", "", "How sure that is", nullable=True),
        Column("owner", "text", "", "Who owns it, the first where several are named", nullable=True),
        Column("country", "text", "", "Country in Epoch's words", nullable=True),
        Column("location_text", "text", "", "Where in it, in words or degrees", nullable=True),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude, where the location has degrees", -90, 90, nullable=True),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude, where the location has degrees", -180, 180, nullable=True),
        Column("first_operational_text", "text", "", "When it first worked or is to, in Epoch's words", nullable=True),
        Column("first_operational_day", "day", "UTC date", "The same as a date, of a month its first; null where only a year or less is told", nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute, in H100s", 0, MOST_H100S, nullable=True),
        Column("power_mw", "number", "MW", "Power", 0, MOST_MW, nullable=True),
        Column("chip_type", "text", "", "Chip, the most numerous kind", nullable=True),
        Column("chip_count", "number", "", "How many of it", 0, nullable=True),
        Column("sector_text", "text", "", "Public, private or both", nullable=True),
        Column("possible_duplicate", "flag", "", "Whether Epoch takes it for one that is listed elsewhere"),
        Column("withdrawn", "flag", "", "Whether Epoch excludes it"),
        Column("in_standard_analysis", "flag", "", "Whether Epoch's own analysis takes it in; null where no row of the list says so", nullable=True),
    ),
)  # fmt: skip

_READ = {
    "Name": Column("name", "text", "", "", key=True),
    "Status": Column("status_text", "text", "", ""),
    "Certainty": Column("certainty_text", "text", "", ""),
    "Owner": Column("owner_text", "text", "", ""),
    "Country": Column("country", "text", "", ""),
    "Location": Column("location_text", "text", "", ""),
    "First Operational Date": Column("first_operational_text", "text", "", ""),
    "H100 equivalents": Column("h100_equivalent_count", "number", "", "", 0, MOST_H100S),
    "Power Capacity (MW)": Column("power_mw", "number", "MW", "", 0, MOST_MW),
    "Chip type (primary)": Column("chip_type", "text", "", ""),
    "Chip quantity (primary)": Column("chip_count", "number", "", "", 0),
    "Sector": Column("sector_text", "text", "", ""),
    "Possible Duplicate": Column("duplicate_text", "text", "", ""),
    "Exclude": Column("exclude_text", "text", "", ""),
    "Include in Standard Analysis": Column("standard_text", "text", "", ""),
}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of Epoch's clusters",
    fields=_READ,
    name_field="Name",
    number_field="Owner",
    may_be_empty=[name for name in _READ if name not in ("Name", "Status")],
    may_be_absent=[
        "Certainty", "Location", "Chip type (primary)", "Chip quantity (primary)", "Sector", "Possible Duplicate", "Exclude",
        "Include in Standard Analysis",
    ],
    unreadable_fraction=0.2,
)  # fmt: skip


# Boxes that are ticked or not -> our columns; Epoch's export leaves those empty that are not.
FLAGS = {
    "Possible Duplicate": ("duplicate_text", "possible_duplicate"),
    "Exclude": ("exclude_text", "withdrawn"),
    "Include in Standard Analysis": ("standard_text", "in_standard_analysis"),
}
YES, NO = ("true", "yes", "checked", "1", "1.0"), ("false", "no", "unchecked", "0", "0.0")
FIRST_DAY, LAST_DAY = date(1957, 1, 1), date(2100, 12, 31)


def parse(data: bytes) -> Parsed:
    """Read landed CSV. Rows left out break a rule, or have a status or a flag of another word.

    A first date that is no date is listed, and the cluster stays. Raises SourceError when the bytes are no such file.
    """
    found = records.read(data, FORM)
    frame = found.kept.with_columns(
        pl.col("status_text").str.to_lowercase().alias("cluster_status"),
        pl.col("row_number").alias("line_number"),
        _day(pl.col("first_operational_text")).alias("first_operational_day"),
        *(_flag(pl.col(text)).alias(name) for text, name in FLAGS.values()),
    ).with_columns(_reason().alias("reason"))
    kept = frame.filter(pl.col("reason").is_null())
    placed = [_place(text) for text in kept["location_text"]]
    kept = kept.with_columns(
        pl.Series("latitude_deg", [place[0] for place in placed], pl.Float64),
        pl.Series("longitude_deg", [place[1] for place in placed], pl.Float64),
        pl.col("owner_text").map_elements(first_name, pl.String).alias("owner"),
        pl.when(pl.col("standard_text").is_not_null().any()).then("in_standard_analysis").alias("in_standard_analysis"),
        pl.when(pl.col("first_operational_text").is_not_null() & pl.col("first_operational_day").is_null())
        .then(pl.format("its first date '{}' is no day or month: its status alone counts", "first_operational_text"))
        .alias("reason"),
    )
    listed = pl.concat([each.filter(pl.col("reason").is_not_null()).select(_LISTED) for each in (frame, kept)])
    return Parsed(
        TABLE.conform(kept.select(TABLE.column_names)), pl.concat([found.excluded, listed]).sort("row_number")
    )


_LISTED = ("row_number", rows.key(pl.col("name"), pl.col("owner_text")), "reason")


def _day(text: pl.Expr) -> pl.Expr:
    """A date as YYYY-MM-DD, whatever hour follows it, or the first of a month as YYYY-MM."""
    day = text.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ]|$)").str.to_date("%Y-%m-%d", strict=False)
    month = (text.str.extract(r"^(\d{4}-\d{2})$") + "-01").str.to_date("%Y-%m-%d", strict=False)
    either = pl.coalesce(day, month)
    return pl.when(either.is_between(FIRST_DAY, LAST_DAY)).then(either)


def _flag(text: pl.Expr) -> pl.Expr:
    """Whether a box is ticked; null where its word is none of YES and NO."""
    word = text.str.to_lowercase().fill_null(NO[0])
    return pl.when(word.is_in(YES)).then(pl.lit(value=True)).when(word.is_in(NO)).then(pl.lit(value=False))


def _reason() -> pl.Expr:
    """Why a row is left out, or null; no cluster is left out for a flag that nothing depends on."""
    words = pl.lit(", ".join(CLUSTER_STATUS))
    status = pl.when(~pl.col("cluster_status").is_in(CLUSTER_STATUS)).then(
        pl.format("Status '{}' is none of {}", "status_text", words)
    )
    flags = [
        pl.when(pl.col(name).is_null()).then(pl.format(f"{field} '{{}}' is neither true nor false", text))
        for field, (text, name) in FLAGS.items()
        if name != "in_standard_analysis"
    ]
    return pl.coalesce(status, *flags)


def _place(location: str | None) -> tuple[float | None, float | None]:
    """Coordinates at the beginning of a location, as 27°33'21.6"N 35°32'18.4"E; nothing where it is in words."""
    parts = (location or "").split()
    try:
        return coordinates.place(*parts[:2]) if len(parts) >= 2 and "°" in parts[0] else (None, None)
    except coordinates.CoordinateError:
        return None, None
