"""What electricity costs large users, country by country: a list that the user lands."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="electricity_prices",
    title="Electricity prices by country",
    address="https://data.iea.org",
    licence="that of the list that you land",
    citation="the source of each row, as the landed list names it",
    cadence="by hand",
    missing="electricity prices by country: the shipped figures of a few regions stand",
    by_hand=True,
    limit_bytes=2**24,
)

TABLE = Table(
    "raw.electricity_prices",
    "one row per country",
    (
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("price_usd", "number", "USD", "Dollars per kWh", 0),
        Column("band_text", "text", "", "For whom: the band of consumption", nullable=True),
        Column("source_text", "text", "", "Source of the row", nullable=True),
    ),
)
# Nobody pays more for a kWh: who lands cents has units that lie.
MOST_USD = 2.0

_READ = {
    "iso3": Column("country_iso3", "text", "", "", key=True),
    "price_usd_kwh": Column("price_usd", "number", "USD", "", 0),
    "consumption_band": Column("band_text", "text", "", ""),
    "source": Column("source_text", "text", "", ""),
}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of electricity prices",
    fields=_READ,
    name_field="iso3",
    number_field="source",
    may_be_empty=["consumption_band", "source"],
    may_be_absent=["consumption_band", "source"],
    exclusive={"price_usd": 0},
    unreadable_fraction=0.5,
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with the columns iso3 and price_usd_kwh. Rows left out have no code, no price, or one above MOST_USD.

    Raises SourceError when the bytes are no such list, and where most prices are above MOST_USD: they are cents, or another currency.
    """
    found = records.read(data, FORM)
    middle = found.kept.select(pl.col("price_usd").median()).item()
    if middle is not None and middle > MOST_USD:
        raise FORM.error(
            f"the median of price_usd_kwh is {middle:g}: no country pays that many dollars, so the units lie "
            "(cents, or another currency)"
        )
    reason = (
        pl.when(~pl.col("country_iso3").str.contains("^[A-Z]{3}$")).then(pl.lit("its country is no code of three letters"))
        .when(pl.col("price_usd") > MOST_USD).then(pl.format("{} USD per kWh is no price", "price_usd"))
        .when(~pl.col("country_iso3").is_first_distinct()).then(pl.lit("its country stands before it"))
    )  # fmt: skip
    frame = found.kept.with_columns(reason.alias("reason"))
    listed = frame.filter(pl.col("reason").is_not_null()).select(
        "row_number", pl.col("country_iso3").alias("row_key"), "reason"
    )
    kept = frame.filter(pl.col("reason").is_null())
    return Parsed(
        TABLE.conform(kept.select(TABLE.column_names)), pl.concat([found.excluded, listed]).sort("row_number")
    )
