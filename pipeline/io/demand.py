"""What the networks are measured against: AI use, compute, prices and who is served, staged for a day."""

from __future__ import annotations

from datetime import date

from pipeline.io import assets, sourced
from pipeline.io.home import Home, read_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import cell, demand


def demand_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage the demand of a day from its dimensions and what stands of its sources."""
    home = Home(settings.home)
    country, cell_country = (read_parquet(home.staged(table, day)) for table in (cell.COUNTRY, cell.CELL_COUNTRY))
    frames = demand.compute(assets.reference("ai_ledger"), country, cell_country, day)
    for table in demand.TABLES:
        sourced.stage(home, table, day, frames[table.name])
    return {"demand_cells": frames[demand.DEMAND.name]["cell_id"].n_unique()}
