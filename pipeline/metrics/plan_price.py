"""What a plan and a terminal cost in a country: as landed, else as shipped; unknown elsewhere."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipeline.source import EXCLUDED_SCHEMA
from pipeline.sources.plan_prices import REMEDY

OLD_DAYS = 365  # a price whose date lies further back is badged
STALE, LATER = "stale: older than a year", "of a later date than the day"
# Prices, each with what it may be.
FIGURES = (
    "plan_price_low_usd_per_month", "plan_price_usd_per_month", "plan_price_high_usd_per_month",
    "terminal_price_low_usd", "terminal_price_usd", "terminal_price_high_usd",
)  # fmt: skip
KEY = ("constellation", "country_iso3")
SCHEMA = dict.fromkeys(KEY, pl.String()) | dict.fromkeys(FIGURES, pl.Float64())
SCHEMA |= dict.fromkeys(("price_as_of_text", "price_source", "price_note"), pl.String())
_SHIPPED = {
    "plan_price_low_usd_per_month": "plan_low_usd_per_month",
    "plan_price_usd_per_month": "plan_usd_per_month",
    "plan_price_high_usd_per_month": "plan_high_usd_per_month",
    "terminal_price_low_usd": "terminal_low_usd",
    "terminal_price_usd": "terminal_usd",
    "terminal_price_high_usd": "terminal_high_usd",
}


@dataclass(frozen=True)
class Prices:
    """Prices by constellation and country (SCHEMA), and landed ones that are not believed (EXCLUDED_SCHEMA)."""

    frame: pl.DataFrame
    listed: pl.DataFrame


def compute(shipped: pl.DataFrame, landed: pl.DataFrame, country: pl.DataFrame, day: date) -> Prices:
    """Prices that stand on a day: landed ones before shipped ones, whole rows.

    shipped: plan_prices.csv. landed: raw.plan_prices. country: dim.country. Landed prices of a later day than this one, and of countries
    that dim.country does not have, are left out and listed. A price keeps its date, however old; older than OLD_DAYS it is badged.
    """
    later = pl.col("as_of_day") > day
    unknown = ~pl.col("country_iso3").is_in(country["country_iso3"].to_list())
    reason = (
        pl.when(later)
        .then(pl.format(f"its price is of {{}}, after {day}: {REMEDY}", "as_of_day"))
        .when(unknown)
        .then(pl.format(f"dim.country has no '{{}}': {REMEDY}", "country_iso3"))
    )
    name = pl.format("{} ({})", "country_iso3", "constellation").alias("row_key")
    listed = landed.select("row_number", name, reason.alias("reason")).drop_nulls("reason")
    own = pl.concat([_landed(landed.filter(~later & ~unknown)), _shipped(shipped)], how="vertical_relaxed")
    own = own.unique(KEY, keep="first", maintain_order=True)
    note = pl.Series("price_note", [_note(text, day) for text in own["price_as_of_text"]], pl.String)
    frame = own.with_columns(note).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    return Prices(frame.sort(KEY), listed.select(pl.col(name).cast(kind) for name, kind in EXCLUDED_SCHEMA.items()))


def _landed(rows: pl.DataFrame) -> pl.DataFrame:
    """A landed price has no bounds: it is what it says."""
    plan, terminal = pl.col("plan_price_usd_per_month"), pl.col("terminal_price_usd")
    values = dict(zip(FIGURES, [plan] * 3 + [terminal] * 3, strict=True))
    return rows.select(
        *KEY,
        *(value.cast(pl.Float64).alias(name) for name, value in values.items()),
        pl.col("as_of_day").cast(pl.String).alias("price_as_of_text"),
        pl.lit("landed: plan_prices").alias("price_source"),
    )


def _shipped(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        *KEY,
        *(pl.col(theirs).cast(pl.Float64).alias(ours) for ours, theirs in _SHIPPED.items()),
        pl.col("date").cast(pl.String).alias("price_as_of_text"),
        pl.format(
            "plan_prices.csv: {} ({} confidence); terminal: {}", "source_title", "confidence", "terminal_source"
        ).alias("price_source"),
    )


def _note(text: str, day: date) -> str | None:
    """What is to be said of a price by its date, a year, a month or a day."""
    first, last = _span(text)
    return STALE if last < day - timedelta(days=OLD_DAYS) else LATER if first > day else None


def _span(text: str) -> tuple[date, date]:
    """First and last day of YYYY, YYYY-MM or YYYY-MM-DD."""
    year, *rest = (int(part) for part in text.split("-"))
    month = rest[0] if rest else None
    if len(rest) == 2:
        one = date(year, rest[0], rest[1])
        return one, one
    first, last = month or 1, month or 12
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
