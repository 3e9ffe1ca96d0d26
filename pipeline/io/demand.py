"""What the networks are measured against: AI use, compute, prices, who is served, terrestrial fibre, staged for a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.io import assets, sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import cell, demand, fibre, price, round_trip, served, supply
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import (
    country_grid,
    electricity_prices,
    epoch_gpu_clusters,
    gpu_cloud_offerings,
    gpu_purchase_prices,
    rtt_ibm,
    rtt_wondernetwork,
    token_prices,
    wondernetwork_servers,
)


def demand_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage the demand of a day from its dimensions and what stands of its sources."""
    home = Home(settings.home)
    country, cell_country = (read_parquet(home.staged(table, day)) for table in (cell.COUNTRY, cell.CELL_COUNTRY))
    frames = demand.compute(assets.reference("ai_ledger"), country, cell_country, day)
    for table in demand.TABLES:
        sourced.stage(home, table, day, frames[table.name])
    sourced.stage(home, served.TABLE, day, served.compute(country, day))
    sourced.stage(home, price.TABLE, day, _prices(settings, day))
    clusters = sourced.kept(home, epoch_gpu_clusters, day)
    compute, listed = supply.compute(
        read_parquet(home.staged(supply.SITE, day)), clusters, country, day, sourced.kept(home, country_grid, day)
    )
    sourced.stage(home, supply.COMPUTE, day, compute)
    measured, unplaced = measured_pairs(home, day)
    sourced.stage(home, fibre.TABLE, day, fibre.compute(measured, day))
    excluded = [sourced.exclusions(rows, day, f"compute of {name}") for name, rows in listed.items()]
    excluded.append(sourced.exclusions(unplaced, day, f"placing {rtt_wondernetwork.SOURCE.name}"))
    write_parquet(home.part(EXCLUSION_TABLE, day, "demand"), pl.concat(excluded))
    return {"demand_cells": frames[demand.DEMAND.name]["cell_id"].n_unique(), "compute_rows": compute.height}


def measured_pairs(home: Home, day: date) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Measured pairs (`round_trip.ENDS` and rtt_ms) by the name of their source, and what of them cannot be placed."""
    pings, servers, regions = (
        sourced.kept(home, each, day) for each in (rtt_wondernetwork, wondernetwork_servers, rtt_ibm)
    )
    pairs, unplaced = round_trip.placed(pings, servers)
    between_regions = regions.select(*round_trip.ENDS, "rtt_ms")
    return {rtt_ibm.SOURCE.name: between_regions, rtt_wondernetwork.SOURCE.name: pairs}, unplaced


def _prices(settings: Settings, day: date) -> pl.DataFrame:
    """Rows of core.price_daily from what stands of the price lists."""
    home = Home(settings.home)
    lists = {"gpu_hour": gpu_cloud_offerings, "token_output": token_prices, "electricity": electricity_prices}
    lists |= {"gpu_purchase": gpu_purchase_prices}
    standing = {kind: sourced.standing(settings, module.SOURCE, day) for kind, module in lists.items()}
    landed = {kind: (item.landed_day, lists[kind].SOURCE.citation) for kind, item in standing.items() if item}
    offers, tokens, electricity, purchases = (sourced.kept(home, module, day) for module in lists.values())
    return price.compute(offers, tokens, electricity, assets.reference("economics"), landed, day, purchases)
