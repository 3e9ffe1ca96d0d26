"""Compute in orbit: what is announced, each with its source, and how many of its satellites the day's catalogs list.

A programme is a fleet as soon as the catalog has an object of its name. The pattern of a name is cited where objects are there, and
assumed before: then nought says that nothing is named so, not that nothing flies.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from pipeline.geometry.elements import mean_altitude_km
from pipeline.table import Column, Table

TABLE = Table(
    "core.orbital_compute_daily",
    "one row per day and announced programme of compute in orbit",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("programme", "text", "", "Programme", key=True),
        Column("operator", "text", "", "Who announces it"),
        Column("announced_satellite_count", "integer", "", "Satellites that are announced for the first step; null where none are told", 0, nullable=True),
        Column("filed_satellite_count", "integer", "", "Satellites that are filed for; null where nothing is", 0, nullable=True),
        Column("satellite_power_mw", "number", "MW", "Mean power of a satellite as announced", 0, nullable=True),
        Column("compute_text", "text", "", "What it is to compute with, as announced", nullable=True),
        Column("announced_launch_text", "text", "", "When it is, or was, to be launched, as announced", nullable=True),
        Column("launched_day", "day", "UTC date", "Day of the first launch, as told", nullable=True),
        Column("catalogued_count", "integer", "", "Objects of the day's catalogs that have its name; null where no catalog with names was read", 0, nullable=True),
        Column("catalogued_text", "text", "", "Their launches, by designator", nullable=True),
        Column("altitude_km", "number", "km", "Mean altitude of these, median", 0, 400_000, nullable=True),
        Column("inclination_deg", "number", "deg", "Inclination of these, median", 0, 180, nullable=True),
        Column("announced_power_mw", "number", "MW", "Power of the announced satellites together", 0, nullable=True),
        Column("catalogued_power_mw", "number", "MW", "Power of the catalogued ones together, by what is announced of one", 0, nullable=True),
        Column("name_pattern", "text", "", "Regular expression that its objects' names match"),
        Column("name_pattern_basis", "text", "", "Where that is from, or that it is assumed"),
        Column("date_text", "text", "", "Date of what is announced"),
        Column("source", "text", "", "Who says so"),
        Column("source_url", "text", "", "Where that is", nullable=True),
        Column("confidence", "text", "", "How sure the row is"),
        Column("note", "text", "", "What else is announced", nullable=True),
    ),
)  # fmt: skip
_NAMED = ("norad_cat_id", "object_name", "object_id", "mean_motion_rev_per_day", "inclination_deg")


def compute(facts: pl.DataFrame, catalogs: Sequence[pl.DataFrame], day: date) -> pl.DataFrame:
    """Rows of TABLE. facts: orbital_compute.csv. catalogs: elements of each source of the day, in order of precedence, rows of raw tables."""
    every = (
        pl.concat([rows.select(_NAMED) for rows in catalogs])
        if catalogs
        else pl.DataFrame(schema=dict.fromkeys(_NAMED, pl.String))
    )
    named = every.drop_nulls("object_name").unique("norad_cat_id", keep="first", maintain_order=True)
    found = [_catalogued(named, pattern) for pattern in facts["name_pattern"]]
    power_mw = pl.col("power_kw").cast(pl.Float64) / 1_000
    told = facts.select(
        "programme", "operator",
        pl.col("announced_satellites").cast(pl.Int64).alias("announced_satellite_count"),
        pl.col("filed_satellites").cast(pl.Int64).alias("filed_satellite_count"),
        power_mw.alias("satellite_power_mw"),
        pl.col("compute").alias("compute_text"),
        pl.col("announced_launch").alias("announced_launch_text"),
        pl.col("launched_day").cast(pl.String).str.to_date(),
        "name_pattern",
        pl.col("pattern_basis").alias("name_pattern_basis"),
        pl.col("date").cast(pl.String).alias("date_text"),
        pl.col("source_title").alias("source"),
        pl.col("source_url_or_repo").alias("source_url"),
        "confidence", "note",
        pl.lit(day).alias("day"),
    )  # fmt: skip
    both = pl.concat([told, pl.DataFrame(found, schema=_FOUND)], how="horizontal").with_columns(
        (pl.col("announced_satellite_count") * pl.col("satellite_power_mw")).alias("announced_power_mw"),
        (pl.col("catalogued_count") * pl.col("satellite_power_mw")).alias("catalogued_power_mw"),
    )
    return TABLE.conform(both)


_FOUND = {
    name: TABLE.polars_schema[name]
    for name in ("catalogued_count", "catalogued_text", "altitude_km", "inclination_deg")
}


def _catalogued(named: pl.DataFrame, pattern: str) -> dict[str, object]:
    """How many objects have a name of the pattern, and where they are; nothing where no object of the catalogs has a name."""
    if named.is_empty():
        return dict.fromkeys(_FOUND)
    own = named.filter(pl.col("object_name").str.contains(pattern))
    if own.is_empty():
        return dict.fromkeys(_FOUND) | {"catalogued_count": 0}
    launches = own["object_id"].str.slice(0, 8).drop_nulls().unique().sort().to_list()
    return {
        "catalogued_count": own.height,
        "catalogued_text": ", ".join(launches) or None,
        "altitude_km": float(np.median(mean_altitude_km(own["mean_motion_rev_per_day"].to_numpy()))),
        "inclination_deg": own["inclination_deg"].median(),
    }
