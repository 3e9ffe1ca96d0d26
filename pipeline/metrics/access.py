"""What the grids mean for people: each country's share, weighted by where its people live."""

from __future__ import annotations

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
        Column("longest_gap_s", "integer", "s", "Longest gap of any cell with people", 0, 86_400),
        Column("visible_down_gbps", "number", "Gbps", "Downlink of all satellites in view, mean over people and day", 0, 2_000_000),
        Column("rtt_pop_p50_ms", "number", "ms", "Median round trip to the nearest PoP by bent pipe, mean over people with a path", 0, 1_000, nullable=True),
        Column("rtt_pop_p95_ms", "number", "ms", "95th percentile of the same, mean over people with a path", 0, 1_000, nullable=True),
        Column("reachable_fraction", "number", "1", "Fraction of people and of instants with a bent-pipe path", 0, 1, nullable=True),
    ),
)  # fmt: skip
