"""Prices of what AI needs: GPUs by the hour, tokens, electricity; a robust index of what is landed, else the shipped figures.

Of offers each provider has one vote, the median of its own, so that who lists many does not swamp the others; median and quartiles are of
these votes, by linear interpolation. Prices of GPUs to buy name no seller: each day on which they were read has one vote, of the PURCHASE_DAYS up to
the newest reading of a family not after the day. Where a kind is not landed the shipped figures stand, with their low and high as the lowest and highest,
no quartiles, and the date that they are of.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from pipeline.table import Column, Table

WORLD, ALL = "world", "all"

TABLE = Table(
    "core.price_daily",
    "one row per day, kind of price, item, region and market",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column(
            "price_kind",
            "price_kind",
            "",
            "A GPU for an hour or for good, a million tokens in or out, or a kWh",
            key=True,
        ),
        Column("item", "text", "", "Family of GPUs; model, maker of models or all; or electricity", key=True),
        Column("region", "text", "", "ISO 3166-1 alpha-3 code, world, or a group of countries in words", key=True),
        Column("market", "text", "", "on_demand, spot, or all", key=True),
        Column("median_usd", "number", "USD", "Median of providers; of a GPU to buy, of days", 0),
        Column("quartile_low_usd", "number", "USD", "Lower quartile of providers; null below three", 0, nullable=True),
        Column("quartile_high_usd", "number", "USD", "Upper quartile of providers; null below three", 0, nullable=True),
        Column("lowest_usd", "number", "USD", "Lowest", 0, nullable=True),
        Column("highest_usd", "number", "USD", "Highest", 0, nullable=True),
        Column("offer_count", "integer", "", "Offers, models or readings; null of a shipped figure", 1, nullable=True),
        Column(
            "provider_count",
            "integer",
            "",
            "Providers or makers; null of a shipped figure, and where none is named",
            1,
            nullable=True,
        ),
        Column("as_of_text", "text", "", "Newest date of what this rests on"),
        Column("price_basis", "price_basis", "", "From a landed list, or a shipped figure"),
        Column("source", "text", "", "Source"),
    ),
)

# Shipped figure -> kind, item, market; the region is the row's own.
SHIPPED = {
    ("gpu", "H100 on-demand median (37 providers)"): ("gpu_hour", "H100", "on_demand"),
    ("gpu", "H200 on-demand"): ("gpu_hour", "H200", "on_demand"),
    ("gpu", "B200 on-demand"): ("gpu_hour", "B200", "on_demand"),
    ("tokens", "Frontier output"): ("token_output", "frontier models", ALL),
    ("tokens", "GPT-4 class quality, open weights"): ("token_output", "GPT-4 class, open weights", ALL),
    ("energy", "Industrial electricity"): ("electricity", "electricity", ALL),
}
_KEY = ["price_kind", "item", "region", "market"]
PURCHASE_DAYS = 90
LEAST_OF_A_MAKER = 3  # models, for a figure of its own


def compute(
    offers: pl.DataFrame,
    tokens: pl.DataFrame,
    electricity: pl.DataFrame,
    economics: pl.DataFrame,
    landed: dict[str, tuple[date, str]],
    day: date,
    purchases: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Rows of TABLE from the landed lists, empty where nothing is landed, and economics.csv.

    landed: day of landing and citation of each list by its kind: gpu_hour, token_output (for both directions), electricity,
    gpu_purchase.
    """
    frames = [_gpus(offers, landed), _tokens(tokens, landed), _electricity(electricity, landed)]
    frames += [] if purchases is None else [_purchases(purchases, landed, day)]
    found = pl.concat(
        [frame for frame in frames if frame.height] or [TABLE.empty().drop("day")], how="diagonal_relaxed"
    )
    shipped = _shipped(economics).filter(~pl.col("price_kind").is_in(found["price_kind"].unique().to_list()))
    both = pl.concat([found, shipped], how="diagonal_relaxed")
    return TABLE.conform(both.with_columns(pl.lit(day).alias("day")).select(TABLE.column_names))


def index(prices: pl.DataFrame) -> pl.DataFrame:
    """Median, quartiles and range by kind, item, region and market, of rows with these, provider and price_usd."""
    votes = prices.group_by([*_KEY, "provider"]).agg(pl.col("price_usd").median(), pl.len().alias("offers"))
    many = pl.len() >= 3
    price = pl.col("price_usd")
    ends = prices.group_by(_KEY).agg(price.min().alias("lowest_usd"), price.max().alias("highest_usd"))
    middle = votes.group_by(_KEY).agg(
        price.median().alias("median_usd"),
        pl.when(many).then(price.quantile(0.25, "linear")).alias("quartile_low_usd"),
        pl.when(many).then(price.quantile(0.75, "linear")).alias("quartile_high_usd"),
        pl.col("offers").sum().cast(pl.Int64).alias("offer_count"),
        pl.len().cast(pl.Int64).alias("provider_count"),
    )
    return middle.join(ends, on=_KEY)


def _told(frame: pl.DataFrame, of: str, landed: dict[str, tuple[date, str]], newest: str | None = None) -> pl.DataFrame:
    """With what the figures rest on: the landed list, and its newest date or that of its landing."""
    landed_day, citation = landed.get(of, (None, ""))
    as_of = newest or (f"landed {landed_day}" if landed_day else "not told")
    return frame.with_columns(
        pl.lit(as_of).alias("as_of_text"), pl.lit("landed").alias("price_basis"), pl.lit(citation).alias("source")
    )


def _gpus(offers: pl.DataFrame, landed: dict[str, tuple[date, str]]) -> pl.DataFrame:
    rows = offers.select(
        pl.lit("gpu_hour").alias("price_kind"),
        pl.col("gpu_family").alias("item"),
        pl.lit(WORLD).alias("region"),
        "market",
        "provider",
        "price_usd",
    )
    newest = offers["collected_day"].max()
    return _told(index(rows), "gpu_hour", landed, str(newest) if newest else None)


def _purchases(purchases: pl.DataFrame, landed: dict[str, tuple[date, str]], day: date) -> pl.DataFrame:
    """Of GPUs to buy, each family with the date of its newest reading."""
    read_on = pl.col("observed_utc").dt.date()
    past = purchases.filter(read_on <= day).with_columns(read_on.max().over("gpu_family").alias("newest"))
    rows = past.filter(read_on > pl.col("newest") - timedelta(days=PURCHASE_DAYS)).select(
        pl.lit("gpu_purchase").alias("price_kind"),
        pl.col("gpu_family").alias("item"),
        pl.lit(WORLD).alias("region"),
        pl.lit(ALL).alias("market"),
        read_on.cast(pl.String).alias("provider"),
        "price_usd",
    )
    newest = past.select(pl.col("gpu_family").alias("item"), pl.col("newest").cast(pl.String)).unique()
    told = _told(index(rows), "gpu_purchase", landed).join(newest, on="item")
    return told.with_columns(pl.lit(None, pl.Int64).alias("provider_count"), pl.col("newest").alias("as_of_text")).drop(
        "newest"
    )


def _tokens(tokens: pl.DataFrame, landed: dict[str, tuple[date, str]]) -> pl.DataFrame:
    """Of all models that cost something, of each maker with a few, and of each model: a maker has one vote among all, a model among a maker's."""
    paid = tokens.filter(~pl.col("is_free"))
    known = paid.filter(pl.len().over("creator") >= LEAST_OF_A_MAKER)
    groups = [
        (paid.with_columns(pl.lit(ALL).alias("item"), pl.col("creator").alias("provider"))),
        (known.with_columns(pl.col("creator").alias("item"), pl.col("model_id").alias("provider"))),
        (paid.with_columns(pl.col("model_id").alias("item"), pl.col("creator").alias("provider"))),
    ]
    rows = [
        frame.select(
            pl.lit(kind).alias("price_kind"),
            "item",
            pl.lit(WORLD).alias("region"),
            pl.lit(ALL).alias("market"),
            "provider",
            pl.col(price).alias("price_usd"),
        )
        for frame in groups
        for kind, price in (("token_input", "input_usd"), ("token_output", "output_usd"))
    ]
    return _told(index(pl.concat(rows)), "token_output", landed)


def _electricity(prices: pl.DataFrame, landed: dict[str, tuple[date, str]]) -> pl.DataFrame:
    rows = prices.select(
        pl.lit("electricity").alias("price_kind"),
        pl.lit("electricity").alias("item"),
        pl.col("country_iso3").alias("region"),
        pl.lit(ALL).alias("market"),
        pl.lit("the list").alias("provider"),
        "price_usd",
    )
    return _told(index(rows), "electricity", landed)


def _shipped(economics: pl.DataFrame) -> pl.DataFrame:
    """Rows of the shipped figures."""
    names = [(*key, *value) for key, value in SHIPPED.items()]
    wanted = pl.DataFrame(names, schema=["topic", "item", "price_kind", "of", "market"], orient="row")
    rows = economics.join(wanted, on=["topic", "item"])
    return rows.select(
        "price_kind",
        pl.col("of").alias("item"),
        "region",
        "market",
        pl.col("value").cast(pl.Float64).alias("median_usd"),
        pl.col("low").cast(pl.Float64).alias("lowest_usd"),
        pl.col("high").cast(pl.Float64).alias("highest_usd"),
        pl.col("date").cast(pl.String).alias("as_of_text"),
        pl.lit("shipped").alias("price_basis"),
        pl.format("economics.csv: {} ({})", "item", "source_title").alias("source"),
    )
