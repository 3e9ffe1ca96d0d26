"""What buying a GPU costs: retail prices over time, of data-centre and the largest consumer GPUs, a series that the user lands."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.sources.gpu_cloud_offerings import family
from pipeline.table import Column, Table

SOURCE = Source(
    name="gpu_purchase_prices",
    title="GPU purchase prices, a community list",
    address="https://github.com/United-Compute/gpu-price-tracker",
    licence="none stated: derived figures only",
    citation="United-Compute/gpu-price-tracker, data (https://github.com/United-Compute/gpu-price-tracker)",
    cadence="by hand",
    missing="what buying a GPU costs",
    by_hand=True,
    limit_bytes=64 * 2**20,
)

TABLE = Table(
    "raw.gpu_purchase_prices",
    "one row per GPU and instant at which its price was read",
    (
        Column("gpu_model", "text", "", "GPU as written", key=True),
        Column("observed_utc", "instant", "UTC", "When the price was read", key=True),
        Column("gpu_family", "text", "", "GPU without maker, memory and socket"),
        Column("price_usd", "number", "USD", "Dollars for one", 0, 1_000_000),
    ),
)
_MODEL, _OBSERVED, _, _ = TABLE.columns
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of GPU prices",
    fields={"gpu_name": _MODEL, "timestamp": _OBSERVED, "price_usd": Column("usd", "number", "USD", "", 0, 1_000_000)},
    name_field="gpu_name",
    number_field="timestamp",
    exclusive={"usd": 0},
    unreadable_fraction=0.5,
)
# A scraped price is now and then that of a cooler, or of a whole computer.
WINDOW, ENOUGH, FAR = "90d", 5, 2.0


def parse(data: bytes) -> Parsed:
    """Read landed CSV with gpu_name, timestamp and price_usd.

    Left out: a price without one of them, or not above 0; one whose GPU and instant stand before it; one more than FAR times off the median of
    the WINDOW up to it, where its GPU has ENOUGH prices in that. Raises SourceError when the bytes are no such list.
    """
    found = records.read(data, FORM)
    once = pl.struct("gpu_model", "observed_utc").is_first_distinct()
    frame = found.kept.with_columns(_far().alias("far"), once.alias("once"))
    reason = (
        pl.when(~pl.col("once"))
        .then(pl.lit("its GPU and instant stand before it"))
        .when(pl.col("far"))
        .then(pl.format("its price {} USD is more than {} times off the median of 90 days", "usd", pl.lit(f"{FAR:g}")))
    )
    frame = frame.with_columns(reason.alias("reason"))
    listed = frame.filter(pl.col("reason").is_not_null()).select(
        "row_number", pl.format("{} ({})", "gpu_model", "observed_utc").alias("row_key"), "reason"
    )
    kept = frame.filter(pl.col("reason").is_null()).sort("gpu_model", "observed_utc")
    models = {model: family(model) for model in kept["gpu_model"].unique()}
    named = kept.with_columns(
        pl.col("gpu_model").replace_strict(models, default=None, return_dtype=pl.String).alias("gpu_family"),
        pl.col("usd").alias("price_usd"),
    )
    return Parsed(
        TABLE.conform(named.select(TABLE.column_names)), pl.concat([found.excluded, listed]).sort("row_number")
    )


def _far() -> pl.Expr:
    """Whether a price is far off its like; a rolling window wants rows in the order of time, and gives them back in the file's."""
    price, order = pl.col("usd"), pl.col("observed_utc")
    median = price.rolling_median_by("observed_utc", WINDOW, min_samples=ENOUGH).over("gpu_model", order_by=order)
    return ((price < median / FAR) | (price > median * FAR)).fill_null(value=False)
