"""Geometric continuity of the cells with people or demand, staged for a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.constellations import CONSTELLATIONS
from pipeline.geometry.grid import rings
from pipeline.io import sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import capacity, cell, continuity, coverage
from pipeline.source import EXCLUSION_TABLE


def continuity_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage core.continuity_daily from the satellites at work and what the grids say of the cells."""
    from pipeline.io import stage  # which imports the parts

    home, grid = Home(settings.home), rings(settings.order)
    counts = read_parquet(home.staged(coverage.TABLE, day)).select("constellation", "cell_id", "visible_min_count")
    asked = read_parquet(home.staged(capacity.TABLE, day)).select("cell_id", "demand_down_gbps", "demand_up_gbps")
    cells = continuity.wanted(read_parquet(home.staged(cell.CELL, day)), asked)
    frames, looked = [], 0
    for each in CONSTELLATIONS:
        _, elements = stage.working_fleet(home, day, each.name)
        own = counts.filter(pl.col("constellation") == each.name)
        look = continuity.unsteady(own, cells, settings.step_s)
        frames.append(continuity.compute(each.name, day, cells, grid, look, elements, each.min_elevation_deg))
        looked += look.len()
    sourced.stage(home, continuity.TABLE, day, pl.concat(frames))
    # A satellite that cannot be propagated is listed by the pass over the sky.
    write_parquet(home.part(EXCLUSION_TABLE, day, "continuity"), EXCLUSION_TABLE.empty())
    return {"continuity_cells": len(cells), "continuity_cells_looked_at": looked}
