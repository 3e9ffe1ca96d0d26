"""How much capacity is overhead: the sum over satellites in view of what each could carry alone."""

from __future__ import annotations

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
