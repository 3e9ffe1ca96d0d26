"""What a share costs: quotes in a list that the user lands."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="share_quote",
    title="Share prices of operators",
    address="https://www.nasdaq.com/market-activity/stocks",
    licence="that of the list that you land",
    citation="as landed",
    cadence="by hand",
    missing="the market price: what an operator is worth is told as of its offering alone",
    by_hand=True,
    limit_bytes=2**24,
)

TABLE = Table(
    "raw.share_quote",
    "one row per ticker and day of the quote",
    (
        Column("ticker", "text", "", "Ticker of the share", key=True),
        Column("priced_day", "day", "UTC date", "Day that the price is of", key=True),
        Column("price_usd", "number", "USD", "Price of a share", 0),
        Column("share_count", "number", "", "Shares that there are; null where the list has none", 0, nullable=True),
        Column("net_debt_usd", "number", "USD", "Debt less cash; null where the list has none", nullable=True),
        Column("row_number", "integer", "", "Line of the landed file, the header being 1", 0),
    ),
    may_be_empty=True,
)

# Fields whose name in the file is that of our column are read under another one, for both are held side by side.
_READ = "_read"
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of share prices",
    fields={
        "ticker": Column(f"ticker{_READ}", "text", "", ""),
        "quote_day": Column("priced_day", "day", "", ""),
        "price_usd": Column(f"price_usd{_READ}", "number", "", "", 0),
        "share_count": Column(f"share_count{_READ}", "number", "", "", 0),
        "net_debt_usd": Column(f"net_debt_usd{_READ}", "number", "", ""),
    },
    name_field="ticker",
    number_field="quote_day",
    may_be_empty=["share_count", "net_debt_usd"],
    may_be_absent=["share_count", "net_debt_usd"],
    exclusive={f"price_usd{_READ}": 0, f"share_count{_READ}": 0},
    # A list of one price may hold one that is none: it is left out and listed, and the list is none the worse for it.
    unreadable_fraction=1.0,
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with the columns ticker, quote_day and price_usd; share_count and net_debt_usd may be there.

    A price or a number of shares that is nought, negative or no number is left out, and so is a ticker and day that stand before. Raises
    SourceError when the bytes are no such list.
    """
    found = records.read(data, FORM)
    rows = found.kept.rename(lambda name: name.removesuffix(_READ))
    first = pl.struct("ticker", "priced_day").is_first_distinct()
    again = rows.filter(~first).select(
        "row_number",
        pl.format("{} ({})", "ticker", "priced_day").alias("row_key"),
        pl.lit("its ticker and day stand before it in the file").alias("reason"),
    )
    kept = rows.filter(first).select(TABLE.column_names)
    return Parsed(TABLE.conform(kept), pl.concat([found.excluded, again]).sort("row_number"))
