"""How many antennas gateways have: a list that the user lands, for nobody publishes one."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="gateway_antennas",
    title="Antennas of gateways",
    address="https://fcc.report/IBFS",
    licence="that of the list that you land",
    citation="as landed, by site_id of dim.site",
    cadence="by hand",
    missing="antennas by gateway: each is taken to have the mean of the United States",
    by_hand=True,
    limit_bytes=2**24,
)

TABLE = Table(
    "raw.gateway_antennas",
    "one row per gateway",
    (
        Column("site_id", "text", "", "Name of the gateway in dim.site", key=True),
        Column("antenna_count", "number", "", "Antennas; null where the list has none, and 0 or less where it says so", nullable=True),
    ),
    may_be_empty=True,
)  # fmt: skip

_READ = {
    "gateway": Column("site_id", "text", "", "", key=True),
    "antennas": Column("antenna_count", "number", "", ""),
}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of antennas",
    fields=_READ,
    name_field="gateway",
    number_field="antennas",
    may_be_empty=["antennas"],
    unreadable_fraction=0.5,
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with the columns gateway (site_id of dim.site) and antennas. A site that stands before in the list is left out.

    What a count is worth, missing, nought or negative, is judged where it is used (metrics.lid.gateways), which names every one that is
    not believed. Raises SourceError when the bytes are no such list.
    """
    found = records.read(data, FORM)
    again = found.kept.filter(~pl.col("site_id").is_first_distinct()).select(
        "row_number",
        pl.col("site_id").alias("row_key"),
        pl.lit("its site stands before it in the file").alias("reason"),
    )
    kept = found.kept.filter(pl.col("site_id").is_first_distinct()).select(TABLE.column_names)
    return Parsed(TABLE.conform(kept), pl.concat([found.excluded, again]).sort("row_number"))
