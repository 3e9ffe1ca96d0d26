"""What a sold Gbps-month costs against the price of transit in a country.

A constellation's cost is the same everywhere: it is one fleet. Prices of transit are those of a few hubs and kinds of country
(economics.csv); transit_classes.csv says, by assumption, which of them a country is priced as. A country that nobody has placed is null.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.table import Column, Table

WITHIN = 3.0
MBPS_PER_GBPS = 1000.0
# Class -> region of the rows of economics.csv, topic transit, items of 100GE and 10GE of 2025.
REGIONS = {
    "hub": "US/EU hubs", "asia_hub": "Singapore/Hong Kong/Tokyo", "south_america": "Sao Paulo",
    "africa_coast": "Johannesburg/Lagos/Nairobi", "landlocked_or_island": "landlocked or island",
}  # fmt: skip

TABLE = Table(
    "core.country_cost_daily",
    "one row per day, constellation and country or territory: a sold Gbps-month against transit",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("transit_class", "text", "", "Which market's price the country is taken to have, by assumption; null where nobody has placed it", nullable=True),
        Column("transit_confidence", "text", "", "How sure that is", nullable=True),
        *(Column(f"{stem}_{end}usd_per_gbps_month", "number", "USD/Gbps-month", f"{what}{words}", 0, nullable=True)
          for stem, what in (("transit", "Transit"), ("sold_levelised", "A Gbps-month that is sold: levelised over the sellable part"))
          for end, words in (("low_", ", low"), ("", ""), ("high_", ", high"))),
        Column("of_transit_low_factor", "number", "", "Satellite over transit: least cost over the dearest transit", 0, nullable=True),
        Column("of_transit_factor", "number", "", "The same, base over base", 0, nullable=True),
        Column("of_transit_high_factor", "number", "", "The same, most cost over the cheapest transit", 0, nullable=True),
        Column("within_3_of_transit", "flag", "", "Whether the base is at most three times transit; null where either is unknown", nullable=True),
    ),
)  # fmt: skip

ENDS = ("low_", "", "high_")


def transit(economics: pl.DataFrame) -> pl.DataFrame:
    """Prices of transit by class [USD per Gbps-month]: transit_class, transit_low_usd_per_gbps_month, ..., transit_source."""
    rows = economics.filter((pl.col("topic") == "transit") & pl.col("region").is_in(list(REGIONS.values())))
    number = {name: pl.col(name).cast(pl.Float64, strict=False) for name in ("low", "value", "high")}
    return rows.select(
        pl.col("region").replace_strict({region: name for name, region in REGIONS.items()}, return_dtype=pl.String).alias("transit_class"),
        *((pl.coalesce(number[name], number["value"]) * MBPS_PER_GBPS).alias(f"transit_{end}usd_per_gbps_month") for name, end in zip(number, ENDS, strict=True)),
        pl.format("economics.csv: transit {}, {} ({})", "item", "region", "source_title").alias("transit_source"),
    )  # fmt: skip


def compute(
    economics: pl.DataFrame, prices: pl.DataFrame, classes: pl.DataFrame, country: pl.DataFrame, day: date
) -> pl.DataFrame:
    """Rows of TABLE.

    economics: rows of core.economics_daily. prices: what `transit` gives. classes: rows of transit_classes.csv. country: dim.country.
    """
    costs = [f"sold_levelised_{end}usd_per_gbps_month" for end in ENDS]
    whole = economics.filter(pl.col("generation") == "all").select("constellation", *costs)
    placed = classes.select("country_iso3", "transit_class", pl.col("confidence").alias("transit_confidence"))
    rows = country.select("country_iso3").join(placed, on="country_iso3", how="left").join(
        prices.drop("transit_source"), on="transit_class", how="left"
    ).join(whole, how="cross")  # fmt: skip
    low, base, high = (pl.col(name) for name in costs)
    least, usual, most = (pl.col(f"transit_{end}usd_per_gbps_month") for end in ENDS)
    return TABLE.conform(
        rows.with_columns(
            (low / most).alias("of_transit_low_factor"),
            (base / usual).alias("of_transit_factor"),
            (high / least).alias("of_transit_high_factor"),
            (base / usual <= WITHIN).alias("within_3_of_transit"),
            pl.lit(day).alias("day"),
        )
    )


def unplaced(classes: pl.DataFrame, country: pl.DataFrame) -> pl.DataFrame:
    """The countries that no class is given, in one row: row_number, row_key, reason."""
    lost = country.join(classes, on="country_iso3", how="anti").sort("country_iso3")["country_iso3"].to_list()
    told = f"no price of transit is known for them (transit_classes.csv): {', '.join(lost)}"
    rows = [(len(lost), f"{len(lost)} countries", told)] if lost else []
    return pl.DataFrame(rows, schema={"row_number": pl.Int64, "row_key": pl.String, "reason": pl.String}, orient="row")
