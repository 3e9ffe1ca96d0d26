"""How much electricity countries use: a list that the user lands, whose unit is checked against use per head times people."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records, units
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="country_grid",
    title="Electricity use by country",
    address="https://raw.githubusercontent.com/sfgunkin/flops_export/main/Data/grid_capacity_estimates.csv",
    licence="none stated: derived figures only",
    citation="sfgunkin/flops_export, Data/grid_capacity_estimates.csv, from the World Bank's use per head and people",
    cadence="by hand",
    missing="how much of a country's electricity AI compute takes",
    by_hand=True,
    limit_bytes=2**22,
)

TABLE = Table(
    "raw.country_grid",
    "one row per country",
    (
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("electricity_use_gwh", "number", "GWh", "Electricity used in a year", 0, 2e7),
        Column("unit_factor", "number", "", "What the list's figure was multiplied by: 1 where its unit is the one that it names", 0),
    ),
)  # fmt: skip
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of electricity use",
    fields={
        "iso3": Column("country_iso3", "text", "", ""),
        "population": Column("people", "number", "people", "", 0, 2e9),
        "electricity_kwh_per_capita": Column("kwh_per_head", "number", "kWh", "", 0, 100_000),
        "total_electricity_gwh": Column("claimed_gwh", "number", "GWh", "", 0),
    },
    name_field="iso3",
    number_field="total_electricity_gwh",
    exclusive=dict.fromkeys(("people", "kwh_per_head", "claimed_gwh"), 0),
    unreadable_fraction=0.5,
)
WITHIN = 2.0  # people and use need not be of one year


def parse(data: bytes) -> Parsed:
    """Read landed CSV with iso3, population, electricity_kwh_per_capita and total_electricity_gwh.

    The total must be use per head times people. Where it is so but for a power of 1000, its unit is another than its header says: it is
    put right, and unit_factor tells. A row that no power of 1000 explains is left out. Raises SourceError when the bytes are no such list.
    """
    found = records.read(data, FORM)
    expected = (pl.col("kwh_per_head") * pl.col("people") / 1e6).alias("expected")
    frame = found.kept.with_columns(expected).with_columns(
        units.thousandfold(pl.col("claimed_gwh"), pl.col("expected"), WITHIN).alias("unit_factor")
    )
    words = "its total is {} where use per head times people is {} GWh, and no power of 1000 lies between"
    reason = (
        pl.when(~pl.col("country_iso3").str.contains("^[A-Z]{3}$")).then(pl.lit("its country is no code of three letters"))
        .when(pl.col("unit_factor").is_null()).then(pl.format(words, "claimed_gwh", pl.col("expected").round(1)))
        .when(~pl.col("country_iso3").is_first_distinct()).then(pl.lit("its country stands before it"))
    )  # fmt: skip
    frame = frame.with_columns(reason.alias("reason"))
    listed = frame.filter(pl.col("reason").is_not_null()).select(
        "row_number", pl.col("country_iso3").alias("row_key"), "reason"
    )
    kept = frame.filter(pl.col("reason").is_null()).sort("country_iso3")
    use = (pl.col("claimed_gwh") * pl.col("unit_factor")).alias("electricity_use_gwh")
    return Parsed(
        TABLE.conform(kept.with_columns(use).select(TABLE.column_names)),
        pl.concat([found.excluded, listed]).sort("row_number"),
    )
