"""Whether a plan can be had in a country, as far as it can be told: by a shipped list, prices, published medians and the address feed."""

from __future__ import annotations

import polars as pl

SCHEMA = dict.fromkeys(("constellation", "country_iso3", "market_access", "market_access_source"), pl.String())
OWN = "starlink"  # whose medians and feed are known


def compute(
    listed: pl.DataFrame, priced: pl.DataFrame, medians: pl.DataFrame, feed: pl.DataFrame, country: pl.DataFrame
) -> pl.DataFrame:
    """constellation, country_iso3, market_access, market_access_source; countries of which nothing is known have no row.

    What is told first stands: listed (market_access.csv); priced (constellation, country_iso3), for what has a price is sold; medians
    (country_iso3, measured_source): where the operator publishes how fast users are it has some; feed (country_iso2): addresses of a
    country may be roaming users', so that licensed is assumed. country: dim.country.
    """
    codes = country.select("country_iso2", "country_iso3").drop_nulls()
    addresses = feed.select("country_iso2").unique().join(codes, on="country_iso2")
    of_feed = "assumed, low confidence: addresses of the country are in the operator's feed, and it publishes no median"
    told = [
        listed.select(
            "constellation", "country_iso3", "market_access",
            source=pl.format("market_access.csv, {}: {} ({} confidence)", pl.col("date").cast(pl.String), "source_title", "confidence"),
        ),
        priced.select("constellation", "country_iso3", access=pl.lit("sold"), source=pl.lit("a plan has a price there")),
        medians.select(
            pl.lit(OWN), "country_iso3", access=pl.lit("sold"),
            source=pl.format("the operator publishes medians of its users there: {}", "measured_source"),
        ),
        addresses.select(pl.lit(OWN), "country_iso3", access=pl.lit("licensed"), source=pl.lit(of_feed)),
    ]  # fmt: skip
    frames = [frame.rename(dict(zip(frame.columns, SCHEMA, strict=True))).cast(SCHEMA) for frame in told]  # type: ignore[arg-type]
    every = pl.concat(frames).unique(["constellation", "country_iso3"], keep="first", maintain_order=True)
    return every.sort("constellation", "country_iso3")
