"""How much capacity is overhead: the sum over satellites in view of what each could carry alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.grid import Rings
from pipeline.metrics.sweep import Seen
from pipeline.table import Column, Table

TABLE = Table(
    "core.capacity_daily",
    "one row per day, constellation and cell",
    (
        Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("cell_id", "cell", "", "HEALPix cell, nested", key=True),
        Column("visible_down_gbps", "number", "Gbps", "Downlink of all broadband satellites in view, mean of the day; not what the cell can be sold: each satellite is shared with the rest of its footprint", 0, 2_000_000),
    ),
)  # fmt: skip


MBPS_PER_GBPS = 1000


def weight_mbps(satellites: pl.DataFrame, generation: pl.DataFrame) -> NDArray[np.int64]:
    """Downlink of each satellite [Mbps], whole numbers so that sums are exact; shape (satellite,).

    Raises ValueError where a generation has no figure: a capacity that is unknown is not zero.
    """
    down_gbps = satellites.join(generation, on="generation", how="left", maintain_order="left")["down_gbps"]
    if down_gbps.null_count():
        names = satellites.filter(down_gbps.is_null())["generation"].unique().sort().to_list()
        raise ValueError(f"no downlink figure for {', '.join(names)}: add a row to satellite_generations.csv")
    return np.rint(down_gbps.to_numpy() * MBPS_PER_GBPS).astype(np.int64)


def compute(seen: Seen, rings: Rings, constellation: str, day: date) -> pl.DataFrame:
    """core.capacity_daily of one constellation from what cells saw of it all day, weighted with weight_mbps."""
    frame = pl.DataFrame(
        {"cell_id": rings.nest_of_ring, "visible_down_gbps": seen.weight / (seen.visible.count * MBPS_PER_GBPS)}
    ).with_columns(pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation"))
    return TABLE.conform(frame)
