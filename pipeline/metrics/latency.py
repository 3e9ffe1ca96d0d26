"""How far the nearest PoP is by bent pipe: user to satellite to a gateway at the PoP, and back."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.grid import Rings
from pipeline.geometry.sight import round_trip_ms
from pipeline.table import Column, Table

TABLE = Table(
    "core.latency_daily",
    "one row per day, constellation and cell",
    (
        Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("cell_id", "cell", "", "HEALPix cell, nested", key=True),
        Column("rtt_pop_p50_ms", "number", "ms", "Round trip to the PoP nearest by bent pipe, median of the instants with a path; estimated: one gateway at every PoP, access overhead added", 0, 1_000, nullable=True),
        Column("rtt_pop_p95_ms", "number", "ms", "The same, 95th percentile", 0, 1_000, nullable=True),
        Column("reachable_fraction", "number", "1", "Fraction of the instants with a path; null where no gateway of the constellation is known", 0, 1, nullable=True),
    ),
)  # fmt: skip


# What a packet meets between dish and PoP beside the way itself: scheduling, framing, processing. methodology.md section 3
# and uncertainty_ranges.csv give 14 ms (10 to 20); it will be fitted to measurements with the mesh.
ACCESS_OVERHEAD_MS = 14.0
GATEWAY_MASK_DEG = 25.0


def compute(bent_pipe_km: NDArray[np.float32] | None, rings: Rings, constellation: str, day: date) -> pl.DataFrame:
    """core.latency_daily of one constellation from its shortest bent-pipe ways [km], (instant, cell in ring order).

    None stands for a constellation without any known gateway: figures are null, not infinite and not zero.
    """
    columns: dict[str, object] = {"cell_id": rings.nest_of_ring}
    if bent_pipe_km is not None:
        p50_ms, p95_ms = _percentiles(round_trip_ms(bent_pipe_km) + np.float32(ACCESS_OVERHEAD_MS), (50, 95))
        columns |= {"rtt_pop_p50_ms": p50_ms, "rtt_pop_p95_ms": p95_ms}
        columns["reachable_fraction"] = np.isfinite(bent_pipe_km).mean(axis=0)
    frame = pl.DataFrame(columns).with_columns(
        pl.lit(day).alias("day"),
        pl.lit(constellation).alias("constellation"),
        *(pl.lit(None, pl.Float64).alias(c) for c in TABLE.column_names[3:] if c not in columns),
    )
    return TABLE.conform(frame.with_columns(pl.selectors.float().fill_nan(None)))


def _percentiles(values: NDArray[np.float32], percents: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Percentiles over the first axis among finite values (nearest rank); not a number where there is none."""
    ordered = np.sort(values, axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    results = []
    for percent in percents:
        rank = np.maximum(np.ceil(count * (percent / 100)).astype(np.int64) - 1, 0)
        chosen = np.take_along_axis(ordered, rank[None, :], axis=0)[0].astype(np.float64)
        results.append(np.where(count > 0, chosen, np.nan))
    return results
