"""What fixed lines measure: Ookla's median downloads of countries by name, a list that the user lands."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="ookla_fixed",
    title="Ookla: Speedtest Global Index, median fixed download",
    address="https://www.speedtest.net/global-index",
    licence="no licence to republish is stated: figures for the user's own work",
    citation="Ookla, Speedtest Global Index (https://www.speedtest.net/global-index)",
    cadence="by hand",
    missing="measured speeds of fixed lines newer than those of August 2024 that ship",
    by_hand=True,
    limit_bytes=2**22,
)

TABLE = Table(
    "raw.ookla_fixed",
    "one row per country",
    (
        Column("title", "text", "", "Country as Ookla names it", key=True),
        Column("fixed_download_median_mbps", "number", "Mbps", "Median download that fixed lines measured", 0, 10_000),
        Column(
            "figure_year", "integer", "", "Year of that; null where the list does not tell", 1990, 2100, nullable=True
        ),
    ),
)
_TITLE, _SPEED, _YEAR = TABLE.columns
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of median speeds",
    fields={"mbps": _SPEED, "country": _TITLE, "year": _YEAR},
    name_field="country",
    number_field="mbps",
    may_be_empty=["year"],
    may_be_absent=["year"],
    exclusive={_SPEED.name: 0},
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with the columns mbps and country, and year where it has one.

    Raises SourceError when the bytes are no such list, are cut, or more than 5 % of the rows cannot be read.
    """
    found = records.read(data, FORM)
    first = pl.col("title").is_first_distinct()
    listed = found.kept.filter(~first).select(
        "row_number", pl.col("title").alias("row_key"), pl.lit("its country stands before it").alias("reason")
    )
    kept = found.kept.filter(first).sort("title")
    return Parsed(
        TABLE.conform(kept.select(TABLE.column_names)), pl.concat([found.excluded, listed]).sort("row_number")
    )
