"""Continuity by brute force: the elevation of every satellite twice a second, as anybody would compute it."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import polars as pl

from pipeline.geometry.frames import elevation_deg
from pipeline.geometry.propagation import Fleet, instants_from

STEP_S, CHUNK_S, DAY_S = 0.5, 1_200, 86_400


def by_force(
    elements: pl.DataFrame, latitude_deg: float, longitude_deg: float, mask_deg: float, day: date
) -> tuple[float, float, float, int]:
    """Seconds of the day with at least one and two satellites above the mask, the longest gap [s] and how many there are.

    Within half a second the elevation is taken to be straight.
    """
    start, fleet, edges = datetime.combine(day, time()), Fleet(elements), []
    for begin in range(0, DAY_S, CHUNK_S):
        coarse = instants_from(start, 30, begin // 30 - 1, (begin + CHUNK_S) // 30 + 2)
        above = elevation_deg(fleet.positions(coarse)[0], latitude_deg, longitude_deg) > mask_deg - 15
        near = elements.filter(pl.Series(above.any(axis=1)))
        if near.height:
            fine = instants_from(start, STEP_S, int(begin / STEP_S), int((begin + CHUNK_S) / STEP_S) + 1)
            over = elevation_deg(Fleet(near).positions(fine)[0], latitude_deg, longitude_deg) - mask_deg
            edges += [edge for row in over for edge in _edges(row, begin)]
    return _summed(sorted(edges))


def _edges(over: np.ndarray, begin: int) -> list[tuple[float, int]]:
    """When a satellite rises (0) and sets (1) within a chunk, which it enters and leaves as well."""
    up = over >= 0
    k = np.flatnonzero(up[1:] != up[:-1])
    at_s = begin + (k + over[k] / (over[k] - over[k + 1])) * STEP_S
    found = [(float(t), int(falls)) for t, falls in zip(at_s, up[k], strict=True)]
    return [(float(begin), 0)] * bool(up[0]) + found + [(float(begin + CHUNK_S), 1)] * bool(up[-1])


def _summed(edges: list[tuple[float, int]]) -> tuple[float, float, float, int]:
    one_s = two_s = at_s = dark_s = 0.0
    level, gaps = 0, []
    for time_s, falls in [*edges, (float(DAY_S), 0)]:
        one_s, two_s = one_s + (time_s - at_s) * (level >= 1), two_s + (time_s - at_s) * (level >= 2)
        if not falls and level == 0 and time_s > dark_s:
            gaps.append(time_s - dark_s)
        level, at_s = level + (-1 if falls else 1), time_s
        dark_s = time_s if level == 0 else dark_s
    return one_s, two_s, max(gaps, default=0.0), len(gaps)
