"""Facts of countries: the shipped ones, and landed ones that are newer, each figure with its own year."""

from __future__ import annotations

import polars as pl

from pipeline.metrics import supply
from pipeline.sources import ookla_fixed
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
    shipped = _with_territories(shipped, landed["country_iso3"].unique().to_list(), citation)
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


def _with_territories(facts: pl.DataFrame, codes: list[str], citation: str) -> pl.DataFrame:
    """Facts with a row of names for each territory that a figure is landed of, and that had none."""
    own = [row for row in TERRITORIES if row[1] in codes and row[1] not in facts["iso3"]]
    rows = pl.DataFrame(own, schema=["iso2", "iso3", "country"], orient="row")
    cited = rows.with_columns(pl.lit(citation).alias("source"))
    return pl.concat([facts, cited], how="diagonal_relaxed") if own else facts


def with_speeds(facts: pl.DataFrame, speeds: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Facts with the measured speeds of fixed lines that are landed, and names that are not used (row_key, reason).

    facts: what facts(...) gives. speeds: raw.ookla_fixed, by name. A speed whose year the list tells takes the place of one that is no newer; one
    without a year fills a gap alone, for it may be old. A territory without a row gets one.
    """
    names = [
        facts.select("country", "iso3"),
        pl.DataFrame(TERRITORIES, schema=["iso2", "iso3", "country"], orient="row"),
    ]
    titles = pl.concat(names, how="diagonal").select(
        pl.col("country").alias("title"), pl.col("iso3").alias("country_iso3")
    )
    coded = speeds.with_columns(supply.country_code(supply.country_names(titles), "title").alias("iso3"))
    facts = _with_territories(facts, coded["iso3"].drop_nulls().to_list(), ookla_fixed.SOURCE.citation)
    first = pl.col("iso3").is_in(facts["iso3"].to_list()) & pl.col("iso3").is_first_distinct()
    unused = coded.filter(~first.fill_null(value=False)).select(
        pl.col("title").alias("row_key"),
        pl.lit("no country has that name, or it has been told of before: its speed is not used").alias("reason"),
    )
    new = coded.filter(first).select(
        "iso3", pl.col("fixed_download_median_mbps").alias("new"), pl.col("figure_year").alias("new_year")
    )
    figure, year = "fixed_download_median_mbps", "fixed_download_year"
    joined = facts.join(new, on="iso3", how="left", maintain_order="left")
    fills = pl.col(figure).is_null() | (pl.col("new_year") >= pl.col(year)).fill_null(value=False)
    takes = pl.col("new").is_not_null() & fills
    told = pl.format("{}; {} from {}", "source", pl.lit(figure), pl.lit(ookla_fixed.SOURCE.citation))
    return joined.with_columns(
        pl.when(takes).then("new").otherwise(figure).alias(figure),
        pl.when(takes).then("new_year").otherwise(pl.col(year).cast(pl.Int64)).alias(year),
        pl.when(takes).then(told).otherwise("source").alias("source"),
    ).drop("new", "new_year"), unused


def _renewed(rows: pl.DataFrame, figure: str, year: str, citation: str) -> pl.DataFrame:
    """Facts with one figure and its year renewed where the landed ones, in `new` and `new_year`, are no older."""
    newer = pl.col("new").is_not_null() & (pl.col("new_year") >= pl.col(year).cast(pl.Int64).fill_null(0))
    told = pl.format("{}; {} of {} from {}", "source", pl.lit(figure), "new_year", pl.lit(citation))
    return rows.with_columns(
        pl.when(newer).then("new").otherwise(pl.col(figure).cast(pl.Float64)).alias(figure),
        pl.when(newer).then("new_year").otherwise(pl.col(year).cast(pl.Int64)).alias(year),
        pl.when(newer).then(told).otherwise("source").alias("source"),
    ).drop("new", "new_year")
