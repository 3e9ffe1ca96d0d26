"""What the networks are measured against: AI use, compute, prices and who is served, staged for a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.io import assets, sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import cell, demand, supply
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import epoch_gpu_clusters


def demand_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage the demand of a day from its dimensions and what stands of its sources."""
    home = Home(settings.home)
    country, cell_country = (read_parquet(home.staged(table, day)) for table in (cell.COUNTRY, cell.CELL_COUNTRY))
    frames = demand.compute(assets.reference("ai_ledger"), country, cell_country, day)
    for table in demand.TABLES:
        sourced.stage(home, table, day, frames[table.name])
    clusters = sourced.kept(home, epoch_gpu_clusters, day)
    compute, listed = supply.compute(read_parquet(home.staged(supply.SITE, day)), clusters, country, day)
    sourced.stage(home, supply.COMPUTE, day, compute)
    excluded = [sourced.exclusions(rows, day, f"compute of {name}") for name, rows in listed.items()]
    write_parquet(home.part(EXCLUSION_TABLE, day, "demand"), pl.concat(excluded))
    return {"demand_cells": frames[demand.DEMAND.name]["cell_id"].n_unique(), "compute_rows": compute.height}
