"""Operators, what their shares come to, rivals side by side, and compute in orbit, staged for a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.io import assets, sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import (
    cell,
    coverage,
    demand,
    fibre,
    fleet,
    latency,
    operator,
    orbital_compute,
    rival,
    satellite,
    valuation,
)
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import (
    celestrak_active,
    celestrak_active_tle,
    celestrak_supgp_starlink,
    operator_filings,
    share_quote,
    sites,
)
from pipeline.table import Table

SETTING_TICKER = "SPCX"
CATALOGS = (celestrak_supgp_starlink, celestrak_active, celestrak_active_tle)


def operator_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage what operators report and what the market price implies, rivals, and compute in orbit."""
    home = Home(settings.home)
    kpis, unfit = operator.compute(assets.reference("operator_kpi"), sourced.kept(home, operator_filings, day), day)
    found, unusable = valuation.newest(quotes(settings, day), day)
    model = valuation.Model.of(assets.reference("valuation_model"))
    values = valuation.compute(found, kpis, read_parquet(home.staged(fleet.CAPACITY, day)), model, day)
    ways = latency.Model.of(assets.reference("latency_model"))
    rivals = rival.compute(_tables(home, day, kpis), rival.Model.of(assets.reference("rival_model"), ways), day)
    catalogs = [read_parquet(home.staged(module.TABLE, day)) for module in CATALOGS]
    orbit = orbital_compute.compute(assets.reference("orbital_compute"), catalogs, day)
    frames = {operator.KPI: kpis, valuation.TABLE: values, rival.TABLE: rivals, orbital_compute.TABLE: orbit}
    for table, frame in frames.items():
        sourced.stage(home, table, day, frame)
    listed = {f"use of {operator_filings.SOURCE.name}": unfit, f"use of {share_quote.SOURCE.name}": unusable}
    excluded = [sourced.exclusions(rows, day, name) for name, rows in listed.items()]
    write_parquet(home.part(EXCLUSION_TABLE, day, "operator"), pl.concat(excluded))
    return {"operator_kpis": kpis.height, "valuations": values.height, "rivals": rivals.height}


def quotes(settings: Settings, day: date) -> pl.DataFrame:
    """Rows of raw.share_quote with their source: the setting, numbered 0, and what stands of the landed list."""
    landed = sourced.kept(Home(settings.home), share_quote, day).with_columns(
        pl.lit(f"{share_quote.SOURCE.name}, as landed").alias("source")
    )
    if settings.share_price_usd is None or settings.share_price_day is None:
        return landed
    row = {
        "ticker": SETTING_TICKER,
        "priced_day": settings.share_price_day,
        "price_usd": settings.share_price_usd,
        "share_count": settings.share_count,
        "net_debt_usd": None,
        "row_number": 0,
        "source": "SKYTRUNK_SHARE_PRICE_USD, as set",
    }
    return pl.concat([pl.DataFrame([row], schema=landed.schema), landed])


def _tables(home: Home, day: date, kpis: pl.DataFrame) -> rival.Day:
    def staged(table: Table) -> pl.DataFrame:
        return read_parquet(home.staged(table, day))

    return rival.Day(
        staged(cell.CELL),
        staged(cell.COUNTRY),
        staged(sites.TABLE),
        staged(coverage.TABLE),
        staged(latency.TABLE),
        staged(demand.DEMAND),
        staged(fleet.CAPACITY),
        staged(satellite.TABLE),
        staged(fibre.TABLE),
        kpis,
    )
