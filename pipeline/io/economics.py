"""What a Gbps-month costs, and what follows from it, staged for a day: by generation, unit of use, corridor, country and size of the fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from pipeline.io import assets, capacity, sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.io.what_if import Model
from pipeline.metrics import (
    capacity_model,
    cell,
    corridor,
    cost_input,
    country_cost,
    demand,
    economics,
    fleet,
    levelised,
    price,
    scale,
    trunk_cost,
    unit_cost,
    what_if,
)
from pipeline.metrics.economics import ALL
from pipeline.source import EXCLUDED_SCHEMA, EXCLUSION_TABLE

NEXT = {"starlink": "starlink-v3"}
TODAY = scale.Case("today", "fixed", 1.0, 1.0, 1.0)
LEAST_SOLD_TBPS = 0.01  # with less to sell there is no curve


def economics_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage all tables of cost from the day's other tables and the shipped figures."""
    home = Home(settings.home)
    shipped = _references()
    flying = cost_input.flying(read_parquet(home.staged(fleet.HISTORY, day)))
    shared, generation = (read_parquet(home.staged(table, day)) for table in (fleet.CAPACITY, fleet.GENERATION))
    inputs = cost_input.compute(shipped, flying, shared, generation, quarter(home, day), day)
    costs = economics.compute(flying, inputs, shipped.uncertain, day)
    prices = country_cost.transit(shipped.economics)
    country = read_parquet(home.staged(cell.COUNTRY, day))
    classes = assets.reference("transit_classes")
    frames = {
        economics.INPUT: inputs,
        economics.TABLE: costs,
        unit_cost.TABLE: _units(home, day, costs, prices, shipped),
        trunk_cost.TABLE: _trunks(home, day, costs, inputs, prices, classes, generation),
        country_cost.TABLE: country_cost.compute(costs, prices, classes, country, day),
        scale.TABLE: _scales(settings, day, costs, inputs, shared),
    }
    for table, frame in frames.items():
        sourced.stage(home, table, day, frame)
    _list(home, day, cost_input.missing(inputs, flying), country_cost.unplaced(classes, country), frames[scale.TABLE])
    return {"costed_generations": costs.filter(pl.col("raw_usd_per_gbps_month").is_not_null()).height}


def _references() -> cost_input.References:
    names = ("satellite_generations", "economics", "economics_model", "uncertainty_ranges")
    return cost_input.References(*(assets.reference(name) for name in names))


def quarter(home: Home, day: date) -> pl.DataFrame:
    """core.fleet_history_daily of the days of cost_input.QUARTER, as far as there are any: observed days before reconstructed ones."""
    first, last = cost_input.QUARTER
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    folder = home.table(fleet.HISTORY).parent
    files = [path for each in days if (path := home.table(fleet.HISTORY, each)).is_file()]
    files += sorted(folder.glob("reconstructed=*.parquet"), reverse=True)
    files += [path for path in (home.staged_past(fleet.HISTORY, day),) if path.is_file()]
    found = fleet.HISTORY.empty()
    for path in files:
        rows = read_parquet(path).filter(pl.col("day").is_between(first, last))
        found = pl.concat([found, rows.join(found.select("day").unique(), on="day", how="anti")])
    return found


def _units(
    home: Home, day: date, costs: pl.DataFrame, transit: pl.DataFrame, shipped: cost_input.References
) -> pl.DataFrame:
    hub = transit.filter(pl.col("transit_class") == "hub").row(0, named=True)
    on_ground = {
        "transit": _price([hub[f"transit_{end}usd_per_gbps_month"] for end in country_cost.ENDS], hub["transit_source"]),
        "access": _told(shipped.model.filter(pl.col("parameter") == "access_price"), "economics_model.csv: "),
        "satellite_list": _told(shipped.economics.filter(pl.col("topic") == "wholesale"), "economics.csv: wholesale list price; "),
    }  # fmt: skip
    ends = [f"sold_{end}usd_per_gbps_month" for end in country_cost.ENDS]
    networks = {
        row["constellation"]: on_ground
        | {"satellite_sold": _price([row[name] for name in ends], "core.economics_daily: sold")}
        for row in costs.filter(pl.col("generation") == ALL).iter_rows(named=True)
    }
    ledger, prices = (read_parquet(home.staged(table, day)) for table in (demand.LEDGER, price.TABLE))
    return unit_cost.compute(ledger, assets.reference("ai_ledger"), networks, prices, day)


def _price(ends: Sequence[float | None], source: str) -> unit_cost.Price:
    low, base, high = ends
    return unit_cost.Price(low, base, high, source)


def _told(rows: pl.DataFrame, words: str) -> unit_cost.Price:
    """A shipped price with its source; nothing where there is no row."""
    if rows.is_empty():
        return unit_cost.Price(None, None, None, f"{words}not known")
    row = rows.row(0, named=True)
    low, base, high = (float(row["value"] if row[name] is None else row[name]) for name in ("low", "value", "high"))
    return unit_cost.Price(low, base, high, f"{words}{row['source_title']}")


def _trunks(
    home: Home,
    day: date,
    costs: pl.DataFrame,
    inputs: pl.DataFrame,
    transit: pl.DataFrame,
    classes: pl.DataFrame,
    generation: pl.DataFrame,
) -> pl.DataFrame:
    models = capacity_model.figures(assets.reference("capacity_model"), day=day)
    passing = {name: trunk_cost.passing_gbps(generation, model) for name, model in models.items()}
    rate = inputs.filter(pl.col("economics_input") == "discount_rate")["value_number"][0]
    media = trunk_cost.ends(assets.reference("corridor_media"))
    corridors = read_parquet(home.staged(corridor.TABLE, day))
    priced = classes.select("country_iso3", "transit_class").join(transit, on="transit_class")
    of = trunk_cost.figures(assets.reference("economics_model"))
    return trunk_cost.compute(corridors, media, costs, priced, passing, models, of, rate, day)


def _scales(
    settings: Settings, day: date, costs: pl.DataFrame, inputs: pl.DataFrame, shared: pl.DataFrame
) -> pl.DataFrame:
    """Curves of the constellations of which something can be sold."""
    selling = shared.filter(pl.col("sellable_down_tbps") >= LEAST_SOLD_TBPS).sort("constellation")
    models = capacity.models(settings, day, selling["constellation"].to_list())
    found = [scale.TABLE.empty()]
    for row in selling.iter_rows(named=True):
        name, model = row["constellation"], models[row["constellation"]]
        if not model.base.supply.elements.height:
            continue
        found.append(_scale(name, model, row, _monthly(name, costs, inputs), day))
    return pl.concat(found)


def _scale(
    name: str, model: Model, row: Mapping[str, float], monthly: dict[str, scale.Costs | None], day: date
) -> pl.DataFrame:
    coarse = model.coarse()
    skies = model.skies(coarse, what_if.DRIVER_INSTANTS)
    whole = row["in_service_down_tbps"]
    next_costs = monthly["next_generation"]
    part = None if next_costs is None else next_costs.down_gbps * len(model.base.supply.feeder_gbps) / 1_000 / whole
    of = {"sellable_tbps": row["sellable_down_tbps"], "gateway_tbps": row["gateway_tbps"], "today": whole, "next_generation": whole * (part or 0.0)}  # fmt: skip
    next_lasers = _next_lasers(name)

    @cache  # at today's size gateways stay and grow alike
    def sold(case: scale.Case) -> float:
        return what_if.mean_sold(_case(model, case, next_costs, next_lasers), coarse, skies)

    base = sold(TODAY)

    def ratio(case: scale.Case) -> float:
        return sold(case._replace(gateways=TODAY.gateways)) / base if base > 0 else 0.0

    count = int(row["broadband_operational_count"])
    return scale.compute(name, scale.cases(part), ratio, dict(monthly), of, count, day)


def _next_lasers(name: str) -> tuple[float, float]:
    """Rate of a link and of radio and lasers together [Gbps] of the next generation."""
    model = capacity_model.figures(assets.reference("capacity_model"))[name]
    kind = NEXT.get(name, "")
    nothing = capacity_model.Figure(0.0, 0.0, 0.0)
    return model.laser_gbps.get(kind, nothing).base, model.backhaul_gbps.get(kind, nothing).base


def _case(model: Model, case: scale.Case, next_costs: scale.Costs | None, lasers: tuple[float, float]) -> what_if.Case:
    base = model.base
    supply, ground = base.supply, base.ground
    gbps, feeder, laser = supply.gbps, supply.feeder_gbps, supply.laser_gbps
    if case.fleet == "next_generation" and next_costs is not None:
        rate, backhaul = lasers
        gbps, feeder = np.full_like(gbps, next_costs.down_gbps), np.full_like(feeder, backhaul)
        laser = np.where(laser > 0, rate, 0.0)
    grown = replace(supply, gbps=gbps * case.size, feeder_gbps=feeder * case.size, laser_gbps=laser * case.size)
    need = base.market.need
    asked = replace(need, busy_gbps=need.busy_gbps * case.demand, ai_gbps=need.ai_gbps * case.demand)
    sites = replace(ground, site_gbps=ground.site_gbps * case.ground)
    return what_if.Case(grown, replace(base.market, need=asked), sites)


def _monthly(name: str, costs: pl.DataFrame, inputs: pl.DataFrame) -> dict[str, scale.Costs | None]:
    """A mean satellite's month, space and ground apart, of today's fleet and of the next generation's."""
    kinds = {"today": ALL, "next_generation": NEXT.get(name, "")}
    own = inputs.filter((pl.col("constellation") == name) & (pl.col("economics_input") == "opex_fraction"))
    return {
        fleet_: _month(costs.filter((pl.col("constellation") == name) & (pl.col("generation") == kind)), own)
        for fleet_, kind in kinds.items()
    }


def _month(rows: pl.DataFrame, opex: pl.DataFrame) -> scale.Costs | None:
    if rows.is_empty() or rows["levelised_usd_per_gbps_month"][0] is None:
        return None
    row, of = rows.row(0, named=True), opex.row(0, named=True)
    upkeep = [of[f"{level}_number"] for level in economics.LEVELS]
    whole = [row[f"levelised_satellite_{end}usd"] for end in country_cost.ENDS]
    ground = [
        float(levelised.monthly_usd(row[f"ground_{end}usd"], row["discount_rate_fraction"], row["life_years"], u))
        for end, u in zip(country_cost.ENDS, upkeep, strict=True)
    ]
    space = [w - g for w, g in zip(whole, ground, strict=True)]
    return scale.Costs(
        (space[0], space[1], space[2]), (ground[0], ground[1], ground[2]), row["down_gbps_per_satellite"]
    )


def _list(home: Home, day: date, costs: pl.DataFrame, countries: pl.DataFrame, curves: pl.DataFrame) -> None:
    """Write what is left out, and why."""
    sizes = (
        []
        if curves.height
        else [(0, "core.scale_daily", "nothing can be sold of any constellation: there is no curve")]
    )
    listed = {"costs of generations": costs, "prices of transit": countries}
    listed["scale"] = pl.DataFrame(sizes, schema=EXCLUDED_SCHEMA, orient="row")
    rows = [sourced.exclusions(frame, day, name) for name, frame in listed.items()]
    write_parquet(home.part(EXCLUSION_TABLE, day, "economics"), pl.concat(rows))
