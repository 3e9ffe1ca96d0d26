"""How frontier AI data centres grow: dated steps of construction with power and H100 equivalents, as Epoch AI keeps them."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.sources.epoch_data_centers import MOST_H100S, MOST_MW
from pipeline.table import Column, Table

SOURCE = Source(
    name="epoch_data_center_timelines",
    title="Epoch AI: construction of frontier data centres",
    address="https://epoch.ai/data/data_centers/data_center_timelines.csv",
    licence="CC BY 4.0",
    citation="Epoch AI, 'Frontier Data Centers Hub', https://epoch.ai/data/data-centers",
    cadence="every week or so",
    missing="power and compute of a site at a date: its figures at the time of the list stand",
    every_days=7,
    limit_bytes=32 * 2**20,
)

TABLE = Table(
    "raw.epoch_data_center_timelines",
    "one row per data centre and dated step",
    (
        Column("name", "text", "", "Epoch's name of the site", key=True),
        Column("step_day", "day", "UTC date", "Date of the step; in the future where it is planned", key=True),
        Column("status_text", "text", "", "What was seen or is planned", nullable=True),
        Column("power_mw", "number", "MW", "Power of the whole site from then on", 0, MOST_MW, nullable=True),
        Column("it_power_mw", "number", "MW", "Power of its computers from then on; not in lists before 2026", 0, MOST_MW, nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute from then on, in H100s", 0, MOST_H100S, nullable=True),
        Column("capital_cost_usd", "number", "USD", "Capital cost so far, in dollars of 2025", 0, 1e13, nullable=True),
    ),
)  # fmt: skip

_READ = {
    "Data center": Column("name", "text", "", "", key=True),
    "Date": Column("step_day", "day", "UTC date", "", key=True),
    "Construction status": Column("status_text", "text", "", ""),
    "Power (MW)": Column("power_mw", "number", "MW", "", 0, MOST_MW),
    "IT power (MW)": Column("it_power_mw", "number", "MW", "", 0, MOST_MW),
    "H100 equivalents": Column("h100_equivalent_count", "number", "", "", 0, MOST_H100S),
    "Total capital cost (2025 USD billions)": Column("cost_billion", "number", "", "", 0, 1e4),
}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of Epoch's timelines",
    fields=_READ,
    name_field="Data center",
    number_field="Date",
    may_be_empty=[name for name in _READ if name not in ("Data center", "Date")],
    may_be_absent=["Construction status", "IT power (MW)", "Total capital cost (2025 USD billions)"],
    unreadable_fraction=0.2,
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV; of several steps of one site on one date the last in the file stays. Raises SourceError when it is no such file."""
    found = records.read(data, FORM)
    last = pl.struct("name", "step_day").is_last_distinct()
    repeated = found.kept.filter(~last).select(
        "row_number",
        pl.format("{} ({})", "name", "step_day").alias("row_key"),
        pl.lit("a later row has another step of that date").alias("reason"),
    )
    kept = found.kept.filter(last).with_columns((pl.col("cost_billion") * 1e9).alias("capital_cost_usd"))
    excluded = pl.concat([found.excluded, repeated]).sort("row_number")
    return Parsed(TABLE.conform(kept.select(TABLE.column_names)), excluded)
