"""What the day's figures mean: workloads, markets, costs, operators and readiness, staged from the day's other tables.

Each part reads what is staged and leaves tables of its own and its part of the exclusions, named like the part. A part may read what the parts
before it have left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pipeline.io import continuity
from pipeline.io.settings import Settings

PARTS: dict[str, Callable[[Settings, date], dict[str, int]]] = {"continuity": continuity.continuity_day}


def answers_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage what the day's figures mean, part by part."""
    found: dict[str, int] = {}
    for part in PARTS.values():
        found |= part(settings, day)
    return found
