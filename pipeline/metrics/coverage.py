"""Who is covered: satellites in view of every cell over the day, with a true WGS-84 elevation mask."""

from __future__ import annotations

from pipeline.table import Column, Table

TABLE = Table(
    "core.coverage_daily",
    "one row per day, constellation and cell",
    (
        Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("cell_id", "cell", "", "HEALPix cell, nested", key=True),
        Column("visible_mean_count", "number", "", "Broadband satellites at work above the mask, mean of the day", 0, 20_000),
        Column("visible_min_count", "integer", "", "The same, minimum of the day", 0, 20_000),
        Column("covered_fraction", "number", "1", "Fraction of the day with at least one", 0, 1),
        Column("longest_gap_s", "integer", "s", "Longest time of the day without any; 86400 where there never is one", 0, 86_400),
    ),
)  # fmt: skip
