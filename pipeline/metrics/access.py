"""What the grids mean for people: each country's share, weighted by where its people live."""

from __future__ import annotations

import polars as pl

from pipeline.table import Column, Table

TABLE = Table(
    "core.access_daily",
    "one row per day, constellation and country or territory",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("population_count", "number", "people", "People of the country", 0, 2e9),
        Column("covered_fraction", "number", "1", "Fraction of people and of the day with a satellite in view", 0, 1),
        Column("always_covered_fraction", "number", "1", "Fraction of people who have a satellite in view all day", 0, 1),
        Column("visible_mean_count", "number", "", "Satellites in view, mean over people and day", 0, 20_000),
        Column("usable_mean_count", "number", "", "Those of them that the protection of the geostationary arc leaves, mean over people and day", 0, 20_000),
        Column("longest_gap_s", "integer", "s", "Longest gap of any cell with people", 0, 86_400),
        Column("visible_down_gbps", "number", "Gbps", "Downlink of all satellites in view, mean over people and day", 0, 2_000_000),
        Column("rtt_pop_p50_ms", "number", "ms", "Median round trip to the PoP of the cell (core.latency_daily), mean over people and time with a path; estimated", 0, 1_000, nullable=True),
        Column("rtt_pop_p95_ms", "number", "ms", "95th percentile of the same, mean over people and time with a path", 0, 1_000, nullable=True),
        Column("reachable_fraction", "number", "1", "Fraction of people and of instants with a path to the PoP", 0, 1, nullable=True),
    ),
)  # fmt: skip


def compute(
    coverage: pl.DataFrame, capacity: pl.DataFrame, latency: pl.DataFrame, cell_country: pl.DataFrame
) -> pl.DataFrame:
    """core.access_daily from the three grids of a day and dim.cell_country; every share is weighted by people.

    Countries of dim.cell_country without people have no row.
    """
    keys = ["day", "constellation", "cell_id"]
    people = cell_country.filter(pl.col("population_count") > 0).select("cell_id", "country_iso3", "population_count")
    grid = coverage.join(capacity, on=keys).join(latency, on=keys).join(people, on="cell_id")
    weight = pl.col("population_count")
    table = grid.group_by("day", "constellation", "country_iso3").agg(
        weight.sum(),
        *(
            _mean(name, weight).alias(name)
            for name in ("covered_fraction", "visible_mean_count", "usable_mean_count", "visible_down_gbps")
        ),
        _mean((pl.col("visible_min_count") > 0).cast(pl.Float64), weight).alias("always_covered_fraction"),
        pl.col("longest_gap_s").max(),
        *(
            _mean(name, weight * pl.col("reachable_fraction")).alias(name)
            for name in ("rtt_pop_p50_ms", "rtt_pop_p95_ms")
        ),
        pl.when(pl.col("reachable_fraction").count() > 0)
        .then(_mean("reachable_fraction", weight))
        .alias("reachable_fraction"),
    )
    fractions = pl.selectors.ends_with("_fraction")
    # A weighted mean of ones may miss one by a rounding: it is a fraction all the same.
    table = table.with_columns(pl.col("rtt_pop_p50_ms", "rtt_pop_p95_ms").fill_nan(None), fractions.clip(0.0, 1.0))
    return TABLE.conform(table.select(TABLE.column_names))


def _mean(value: str | pl.Expr, weight: pl.Expr) -> pl.Expr:
    """Weighted mean; not a number where the weights sum to nothing. A value that is null has no weight either."""
    column = pl.col(value) if isinstance(value, str) else value
    return (column * weight).sum() / weight.filter(column.is_not_null()).sum()
