"""Who is covered: satellites in view of every cell over the day, with a true WGS-84 elevation mask."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipeline.geometry.grid import Rings
from pipeline.geometry.visibility import Tally
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


def compute(tally: Tally, rings: Rings, constellation: str, day: date, step_s: int) -> pl.DataFrame:
    """core.coverage_daily of one constellation from the tally of its whole day; `step_s` is the time between instants [s].

    A gap that the tally saw as k instants lasts k steps: its true length lies within one step of that.
    """
    frame = pl.DataFrame(
        {
            "cell_id": rings.nest_of_ring,
            "visible_mean_count": tally.visible_sum / tally.count,
            "visible_min_count": tally.visible_min,
            "covered_fraction": tally.covered / tally.count,
            "longest_gap_s": tally.longest.astype(np.int64) * step_s,
        }
    ).with_columns(pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation"))
    return TABLE.conform(frame)
