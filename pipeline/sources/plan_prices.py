"""What a plan and a terminal cost in a country: a list that the user lands, which stands before the shipped prices."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.countries import ISO3
from pipeline.formats.rows import Form
from pipeline.source import EXCLUDED_SCHEMA, Parsed, Source
from pipeline.table import CONSTELLATION, Column, Table

SOURCE = Source(
    name="plan_prices",
    title="Prices of plans and terminals by country",
    address="https://starlink.com/service-plans",
    licence="that of the list that you land",
    citation="as landed, by constellation and country",
    cadence="by hand",
    missing="prices of plans and terminals but in the few countries of plan_prices.csv",
    by_hand=True,
    limit_bytes=2**22,
)

TABLE = Table(
    "raw.plan_prices",
    "one row per constellation and country",
    (
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("plan_price_usd_per_month", "number", "USD/month", "Price of a residential plan", 0, 100_000),
        Column("terminal_price_usd", "number", "USD", "Price of a terminal, 0 where it comes with the plan; null where it is not known", 0, 1_000_000, nullable=True),
        Column("as_of_day", "day", "UTC date", "Day on which the price was read"),
        Column("row_number", "integer", "", "Line of the landed file", 1),
    ),
    may_be_empty=True,
)  # fmt: skip
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of prices",
    fields={
        "constellation": Column("whose", "text", "", ""),
        "country_iso3": Column("where", "text", "", ""),
        "plan_usd_per_month": Column("plan_price_usd_per_month", "number", "USD/month", "", 0, 100_000),
        "terminal_usd": Column("terminal_price_usd", "number", "USD", "", 0, 1_000_000),
        "as_of": Column("as_of_day", "day", "", ""),
    },
    name_field="country_iso3",
    number_field="constellation",
    may_be_empty=["terminal_usd"],
    exclusive={"plan_price_usd_per_month": 0},
    unreadable_fraction=1.0,  # every row that is not believed is named, be they all of them
)
REMEDY = "put the row right and land the list for a later day"


def parse(data: bytes) -> Parsed:
    """Read landed CSV with constellation, country_iso3, plan_usd_per_month, terminal_usd and as_of (a UTC date).

    Left out, each with what to do: plans at zero, below or without a number, terminals below zero (0 is one that comes with the plan; empty
    is not known), countries and constellations that there are none of, dates that are none, and a country that stands before. Raises
    SourceError when the bytes are no such list.
    """
    found = records.read(data, FORM)
    read = found.kept.rename({"whose": "constellation", "where": "country_iso3"})
    key = ("constellation", "country_iso3")
    reason = (
        pl.when(~pl.col("constellation").is_in(list(CONSTELLATION)))
        .then(pl.format("there is no constellation '{}': it is one of {}", "constellation", pl.lit(", ".join(CONSTELLATION))))
        .when(~pl.col("country_iso3").is_in(list(ISO3)))
        .then(pl.format("'{}' is no ISO 3166-1 alpha-3 code", "country_iso3"))
        .when(~pl.struct(key).is_first_distinct())
        .then(pl.lit("its country stands before it in the file"))
    )  # fmt: skip
    rows = read.with_columns(reason.alias("reason"))
    name = pl.format("{} ({})", "country_iso3", "constellation").str.slice(0, 60).alias("row_key")
    judged = rows.filter(pl.col("reason").is_not_null()).select("row_number", name, "reason")
    listed = pl.concat([found.excluded, judged]).sort("row_number")
    listed = listed.with_columns(pl.format("{}: " + REMEDY, "reason").alias("reason")).cast(EXCLUDED_SCHEMA)  # type: ignore[arg-type]
    kept = rows.filter(pl.col("reason").is_null())
    return Parsed(TABLE.conform(kept.select(TABLE.column_names)), listed)
