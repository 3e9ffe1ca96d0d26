"""Who is underserved on the ground, by three thresholds, with what the figures of a country can and cannot tell.

offline: who does not use the Internet. no_fixed_line: who does not live with a fixed broadband line; a line serves a household, of
LINE_PEOPLE people (assumed), and lines of firms are counted among them. below_100_mbps: who does not live with a line of 100 Mbit/s down
or more (the benchmark of the FCC since 2024): of measured lines half are above the median by definition, so that the median alone
bounds the fraction above 100 to at least or at most a half; the base takes speeds to be spread log-normally with SPREAD (assumed).
Mobile subscriptions are given in dim.country and do not count as lines. What is not known is null.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from scipy.special import ndtr

from pipeline.table import SERVED_THRESHOLD, Column, Table

# People who share a line: low, base, high.
LINE_PEOPLE = (2.0, 3.5, 5.0)
SPEED_MBPS, SPREAD = 100.0, 1.0

TABLE = Table(
    "core.served_daily",
    "one row per day, country or territory and threshold: people who are underserved on the ground",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("served_threshold", "served_threshold", "", "What they lack", key=True),
        Column("people_count", "number", "people", "People", 0),
        Column("underserved_fraction", "number", "1", "Fraction of people who lack it, base; null where it is not known", 0, 1, nullable=True),
        Column("underserved_low_fraction", "number", "1", "The least that the figures allow", 0, 1, nullable=True),
        Column("underserved_high_fraction", "number", "1", "The most that the figures allow", 0, 1, nullable=True),
        Column("underserved_people_count", "number", "people", "People who lack it, base", 0, nullable=True),
        Column("figure_year", "integer", "", "Year of the oldest figure that this rests on", 1950, 2100, nullable=True),
        Column("missing", "text", "", "What is not known of the country", nullable=True),
    ),
)  # fmt: skip


def compute(country: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows of TABLE from those of dim.country."""
    line = [_without_line(country, people) for people in LINE_PEOPLE]
    # The faster half of the lines may be those of the larger households: a part of the lines is not that part of the people.
    slow = [_without_line(country, people, part) for people, part in zip(LINE_PEOPLE, _fast(country), strict=True)]
    offline = [1 - country["internet_users_fraction"]] * 3
    bounds = {"offline": offline, "no_fixed_line": line[::-1], "below_100_mbps": slow[::-1]}
    figures = {
        "offline": ("internet_users",),
        "no_fixed_line": ("fixed_broadband",),
        "below_100_mbps": ("fixed_broadband", "fixed_download"),
    }
    frames = [_rows(country, name, bounds[name], figures[name]) for name in SERVED_THRESHOLD]
    return TABLE.conform(pl.concat(frames).with_columns(pl.lit(day).alias("day")))


def _without_line(country: pl.DataFrame, people: float, part: pl.Series | float = 1.0) -> pl.Series:
    """Fraction of people who live without a line, when one serves so many and that part of them counts."""
    return 1 - (country["fixed_broadband_per_head"] * people * part).clip(0, 1)


def _fast(country: pl.DataFrame) -> list[pl.Series]:
    """Fraction of lines with SPEED_MBPS or more: the least, the base and the most that a median allows."""
    median = country["fixed_download_median_mbps"].cast(pl.Float64)
    base = ndtr(np.log(median.fill_null(np.nan).to_numpy() / SPEED_MBPS) / SPREAD)
    above = (median >= SPEED_MBPS).cast(pl.Float64)
    return [above * 0.5, pl.Series(base).fill_nan(None), above * 0.5 + 0.5]


_WORDS = {"internet_users": "Internet use", "fixed_broadband": "fixed broadband", "fixed_download": "measured speed"}
_VALUES = {
    "internet_users": "internet_users_fraction",
    "fixed_broadband": "fixed_broadband_per_head",
    "fixed_download": "fixed_download_median_mbps",
}


def _rows(country: pl.DataFrame, threshold: str, bounds: list[pl.Series], figures: tuple[str, ...]) -> pl.DataFrame:
    """Rows of one threshold; bounds: fraction underserved, the least, the base and the most."""
    low, base, high = bounds
    years = pl.min_horizontal(f"{name}_year" for name in figures) if len(figures) > 1 else pl.col(f"{figures[0]}_year")
    lacks = [pl.when(pl.col(_VALUES[name]).is_null()).then(pl.lit(_WORDS[name])) for name in figures]
    told = pl.concat_str(lacks, separator=", ", ignore_nulls=True).replace({"": None})
    frame = country.select(
        "country_iso3",
        pl.col("population_count").alias("people_count"),
        pl.lit(threshold).alias("served_threshold"),
        told.alias("missing"),
        pl.when(told.is_null()).then(years).alias("figure_year"),
    )
    return frame.with_columns(
        base.alias("underserved_fraction"),
        low.alias("underserved_low_fraction"),
        high.alias("underserved_high_fraction"),
        (base * frame["people_count"]).alias("underserved_people_count"),
    )
