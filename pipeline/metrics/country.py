"""Facts of countries: the shipped ones, and landed ones that are newer, each figure with its own year."""

from __future__ import annotations

import polars as pl

from pipeline.sources.cities import TERRITORIES

# Indicator -> column of country_facts.csv, and that of its year.
FIGURES = {
    "SP.POP.TOTL": ("population_count", "population_year"),
    "NY.GDP.PCAP.PP.CD": ("gdp_per_head_ppp_usd", "gdp_per_head_ppp_year"),
    "IT.NET.USER.ZS": ("internet_users_fraction", "internet_users_year"),
    "IT.NET.BBND.P2": ("fixed_broadband_per_head", "fixed_broadband_year"),
    "IT.CEL.SETS.P2": ("mobile_subscriptions_per_head", "mobile_subscriptions_year"),
}
_SHIPPED = {
    "gdp_per_head_ppp_usd_2023": "gdp_per_head_ppp_usd",
    "fixed_download_median_mbps_2024_08": "fixed_download_median_mbps",
}


def facts(shipped: pl.DataFrame, landed: pl.DataFrame, citation: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Facts of countries, and groups of countries that were left out (row_key, reason).

    shipped: country_facts.csv. landed: raw.world_bank, empty where none is landed. citation: how that is cited. A landed figure takes the
    place of a shipped one where its year is no older. Territories without a shipped row (Kosovo, Taiwan) get one as soon as a figure of
    them is landed. Other codes are groups of countries, or unknown: left out.
    """
    told = landed["country_iso3"].unique().to_list()
    own = [row for row in TERRITORIES if row[1] in told and row[1] not in shipped["iso3"]]
    new_rows = pl.DataFrame(own, schema=["iso2", "iso3", "country"], orient="row").with_columns(
        pl.lit(citation).alias("source")
    )
    shipped = pl.concat([shipped, new_rows], how="diagonal_relaxed") if own else shipped
    years = pl.col("internet_users_year").cast(pl.String).str.extract(r"(\d{4})").cast(pl.Int64)
    rows = shipped.rename(_SHIPPED).with_columns(
        pl.col("population_count").cast(pl.Float64),
        years.alias("internet_users_year"),
        pl.when(pl.col("gdp_per_head_ppp_usd").is_not_null()).then(2023).alias("gdp_per_head_ppp_year"),
        pl.when(pl.col("fixed_download_median_mbps").is_not_null()).then(2024).alias("fixed_download_year"),
        pl.lit(None, pl.Float64).alias("mobile_subscriptions_per_head"),
        pl.lit(None, pl.Int64).alias("mobile_subscriptions_year"),
    )
    for indicator, (figure, year) in FIGURES.items():
        new = landed.filter(pl.col("indicator_id") == indicator).select(
            pl.col("country_iso3").alias("iso3"),
            pl.col("value_number").alias("new"),
            pl.col("value_year").alias("new_year"),
        )
        rows = _renewed(rows.join(new, on="iso3", how="left", maintain_order="left"), figure, year, citation)
    strange = landed.filter(~pl.col("country_iso3").is_in(shipped["iso3"].to_list()))["country_iso3"].unique().sort()
    reason = pl.lit("a group of countries, or none of country_facts.csv: its figures are not used").alias("reason")
    return rows, pl.DataFrame({"row_key": strange}, schema={"row_key": pl.String}).with_columns(reason)


def _renewed(rows: pl.DataFrame, figure: str, year: str, citation: str) -> pl.DataFrame:
    """Facts with one figure and its year renewed where the landed ones, in `new` and `new_year`, are no older."""
    newer = pl.col("new").is_not_null() & (pl.col("new_year") >= pl.col(year).cast(pl.Int64).fill_null(0))
    told = pl.format("{}; {} of {} from {}", "source", pl.lit(figure), "new_year", pl.lit(citation))
    return rows.with_columns(
        pl.when(newer).then("new").otherwise(pl.col(figure).cast(pl.Float64)).alias(figure),
        pl.when(newer).then("new_year").otherwise(pl.col(year).cast(pl.Int64)).alias(year),
        pl.when(newer).then(told).otherwise("source").alias("source"),
    ).drop("new", "new_year")
