"""The day's markets, staged: who lacks what and is within reach, what it costs there, who can pay, and how full the network is."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import polars as pl

from pipeline.io import assets, landing, sourced, warehouse
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import (
    affordable,
    capacity,
    cell,
    coverage,
    fleet,
    latency,
    market,
    market_access,
    plan_price,
    served,
)
from pipeline.source import EXCLUSION_TABLE, SourceError
from pipeline.sources import plan_prices, starlink_geoip, starlink_metrics

log = logging.getLogger(__name__)
RATES = ("country_iso3", "download_p50_mbps", "upload_p50_mbps")


def market_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage the markets of a day from its grids, the grids of the last landed day before, and what stands of prices and measured rates."""
    home = Home(settings.home)
    rows = assets.reference("market_model")
    model, available = affordable.Model.of(rows), affordable.parameter(rows, "available_fraction")[1]
    ground = market.Ground(
        *(read_parquet(home.staged(table, day)) for table in (cell.COUNTRY, cell.CELL_COUNTRY, served.TABLE))
    )
    landed = sourced.kept(home, plan_prices, day)
    prices = plan_price.compute(assets.reference("plan_prices"), landed, ground.country, day)
    pays = affordable.compute(prices.frame, ground.country, model, day)
    offer = market.Offer(prices.frame, pays, _access(home, day, prices.frame, ground.country), _measured(settings, day))
    now = market.Sky(day, *(read_parquet(home.staged(table, day)) for table in (latency.TABLE, coverage.TABLE)))
    table = market.compute(ground, now, _before(home, day), _network(home, day), offer, model, available)
    sourced.stage(home, affordable.TABLE, day, pays)
    sourced.stage(home, market.TABLE, day, table)
    excluded = sourced.exclusions(prices.listed, day, f"prices of {plan_prices.SOURCE.name}")
    write_parquet(home.part(EXCLUSION_TABLE, day, "market"), excluded)
    return {"markets": table.height, "priced_markets": prices.frame.height, "excluded_prices": excluded.height}


def _before(home: Home, day: date) -> market.Sky | None:
    """The grids of the last landed day before, None where there is none."""
    days = [set(warehouse.whole_days(home, table)) for table in (latency.TABLE, coverage.TABLE)]
    last = max((earlier for earlier in days[0] & days[1] if earlier < day), default=None)
    if last is None:
        return None
    return market.Sky(last, *(read_parquet(home.table(table, last)) for table in (latency.TABLE, coverage.TABLE)))


def _network(home: Home, day: date) -> market.Network:
    fleets = read_parquet(home.staged(fleet.CAPACITY, day))
    known = fleets.filter(pl.col("sellable_down_tbps").is_not_null())["constellation"]
    return market.Network(read_parquet(home.staged(capacity.TABLE, day)), tuple(known))


def _access(home: Home, day: date, prices: pl.DataFrame, country: pl.DataFrame) -> pl.DataFrame:
    """What is known of market access: landed medians and the landed feed beside those that ship."""
    medians = assets.reference("starlink_latency").select("country_iso3", pl.col("source").alias("measured_source"))
    landed = _countries(sourced.kept(home, starlink_metrics, day)).select(
        "country_iso3", pl.lit(starlink_metrics.SOURCE.citation).alias("measured_source")
    )
    feeds = (assets.reference("starlink_pop_by_country"), sourced.kept(home, starlink_geoip, day))
    return market_access.compute(
        assets.reference("market_access"),
        prices,
        pl.concat([landed, medians]).unique("country_iso3", keep="first"),
        pl.concat([feed.select("country_iso2") for feed in feeds]),
        country,
    )


def _measured(settings: Settings, day: date) -> pl.DataFrame:
    """Rates that the operator publishes, as landed, beside those landed in an earlier month, else as they ship."""
    now = _countries(sourced.kept(Home(settings.home), starlink_metrics, day))
    item = sourced.standing(settings, starlink_metrics.SOURCE, day)
    if now.is_empty() or item is None:
        shipped = assets.reference("starlink_latency")
        return market.change(shipped.select(*RATES, "date"), None, pl.col("date"), None)
    month_before = item.landed_day.replace(day=1) - timedelta(days=1)
    earlier = sourced.standing(settings, starlink_metrics.SOURCE, month_before)
    before = None if earlier is None else _read(earlier)
    return market.change(
        now, before, f"landed {item.landed_day}", None if earlier is None else f"landed {earlier.landed_day}"
    )


def _read(item: landing.Landed) -> pl.DataFrame | None:
    """Rates of an earlier landed file; None, which is logged, where it cannot be read."""
    try:
        return _countries(starlink_metrics.parse(landing.read(item)).frame)
    except (SourceError, landing.LandingError) as error:
        log.warning("no change of measured rates since %s: %s", item.landed_day, error)
        return None


def _countries(rows: pl.DataFrame) -> pl.DataFrame:
    """Whole countries of raw.starlink_metrics."""
    return rows.filter(pl.col("country_iso3").is_not_null() & pl.col("region_id").is_null()).select(RATES)
