"""What the day's figures mean: continuity, workloads, markets, costs, operators and readiness, staged from the day's other tables.

Each part reads what is staged and leaves tables of its own and its part of the exclusions, named like the part. A part may read what the parts
before it have left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from pipeline.io import continuity, economics, market, operator, readiness, sourced, workload
from pipeline.io.home import Home, read_parquet
from pipeline.io.settings import Settings
from pipeline.source import EXCLUSION_TABLE

PARTS: dict[str, Callable[[Settings, date], dict[str, int]]] = {
    "continuity": continuity.continuity_day,
    "workload": workload.workload_day,
    "market": market.market_day,
    "economics": economics.economics_day,
    "operator": operator.operator_day,
    "readiness": readiness.readiness_day,
}
# A satellite that cannot be propagated cannot in every band.
EARLIER = ("parse", "dimensions", "demand", "band-0", "capacity")


def answers_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage what the day's figures mean, part by part."""
    found: dict[str, int] = {}
    for part in PARTS.values():
        found |= part(settings, day)
    return found


def exclusions_day(settings: Settings, day: date) -> dict[str, int]:
    """Merge what every part of the day has left out."""
    home = Home(settings.home)
    excluded = pl.concat([read_parquet(home.part(EXCLUSION_TABLE, day, name)) for name in (*EARLIER, *PARTS)])
    sourced.stage(home, EXCLUSION_TABLE, day, excluded)
    return {"excluded": excluded.height}
