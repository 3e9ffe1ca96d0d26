"""How far the nearest PoP is by bent pipe: user to satellite to a gateway at the PoP, and back."""

from __future__ import annotations

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
