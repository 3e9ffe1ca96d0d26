"""The day's network, staged: latency of cells and countries, corridors between sites, and how wrong the model is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import CONSTELLATIONS, Constellation
from pipeline.geometry import links
from pipeline.io import assets, checks, demand, landing, sourced, stage, warehouse
from pipeline.io.home import Home, read_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import (
    cell,
    corridor,
    country_pop,
    fleet,
    latency,
    latency_country,
    model_error,
    network,
    place,
    round_trip,
)
from pipeline.sources import sites, starlink_metrics

# How far back an earlier day may lie that corridors are compared with.
# Laser links of a satellite: the plus grid, and what fewer than its four would leave.
LINK_COUNTS = (4, 3, 2)
BEFORE_DAYS = 7
# Which satellite serves, beside what the model says: judged with it every day.
RULES = {"model": None, "best_rank": 0.0, "median_rank": 0.5}


@dataclass(frozen=True)
class _Day:
    """What all constellations of a day have in common."""

    home: Home
    day: date
    model: latency.Model
    sites: pl.DataFrame
    cells: pl.DataFrame
    cell_country: pl.DataFrame
    places: pl.DataFrame
    country_pop: pl.DataFrame
    ends: corridor.Ends
    internet_ms: NDArray[np.float64]
    before: pl.DataFrame


@dataclass(frozen=True)
class _Found:
    """What a pass of one constellation left, with the PoPs that users went to."""

    constellation: Constellation
    beyond: latency.Onward
    gateways: pl.DataFrame
    cells: network.Users
    towns: network.Users
    passed: network.Passed | None


def network_day(settings: Settings, day: date) -> dict[str, int]:
    """Find the ways of all constellations over the day, fit the access overhead, and stage what follows from both."""
    home = Home(settings.home)
    common = _common(home, day)
    found = {one.name: _pass(common, one) for one in CONSTELLATIONS}
    measured = _measured(home, day)
    fitted = common.model
    starlink = found["starlink"]
    ways_ms: dict[str, pl.DataFrame] = {}
    if starlink.passed and starlink.passed.towns:
        ways_ms = {
            name: latency_country.medians_ms(ways, common.places)
            for name, ways in zip(RULES, starlink.passed.towns, strict=True)
        }
        fitted = _held(common) or model_error.fit(common.model, ways_ms["model"], measured).model
    frames = {
        latency.TABLE: pl.concat([_cells(common, one, fitted) for one in found.values()]),
        latency_country.TABLE: pl.concat([_countries(common, one, fitted, measured) for one in found.values()]),
        corridor.TABLE: pl.concat([_corridors(common, one, fitted) for one in found.values()]),
    }
    frames[corridor.CROSSOVER] = corridor.crossover(frames[corridor.TABLE], fitted, day)
    errors = model_error.compute(ways_ms, _nearest_km(common), measured, fitted.access_ms, day) if ways_ms else None
    frames |= (
        dict(zip((model_error.TABLE, model_error.PLACE), errors, strict=True))
        if errors
        else {table: table.empty() for table in (model_error.TABLE, model_error.PLACE)}
    )
    for table, frame in frames.items():
        sourced.stage(home, table, day, frame)
    return {"corridors": frames[corridor.TABLE].height, "measured_countries": measured.height}


def _common(home: Home, day: date) -> _Day:
    table = {
        item: read_parquet(home.staged(item, day))
        for item in (sites.TABLE, cell.CELL, cell.CELL_COUNTRY, place.TABLE, country_pop.TABLE)
    }
    ends = corridor.ends(assets.reference("corridors"), table[sites.TABLE])
    return _Day(
        home,
        day,
        latency.Model.of(assets.reference("latency_model")),
        table[sites.TABLE],
        table[cell.CELL].select("cell_id", "latitude_deg", "longitude_deg"),
        table[cell.CELL_COUNTRY],
        table[place.TABLE],
        table[country_pop.TABLE],
        ends,
        _internet_ms(home, day, ends),
        _before(home, day),
    )


def _held(common: _Day) -> latency.Model | None:
    """The model with the access overhead that a scenario holds from the real day; None on a real day, which fits its own."""
    path = common.home.part(model_error.TABLE, common.day, "held")
    rows = read_parquet(path) if path.is_file() else pl.DataFrame()
    return replace(common.model, access_ms=rows["overhead_ms"][0]) if rows.height else None


def _internet_ms(home: Home, day: date, ends: corridor.Ends) -> NDArray[np.float64]:
    """Round trips over the Internet that are measured near both ends [ms], the least of the sources; not a number where there are none."""
    here, there = (ends.sites[at.tolist()] for at in (ends.first, ends.second))
    names = "latitude_deg", "longitude_deg"
    places = [rows[name].to_numpy() for rows in (here, there) for name in names]
    found = [round_trip.measured(pairs, *places) for pairs in demand.measured_pairs(home, day)[0].values()]
    return np.fmin.reduce([np.full(len(ends.first), np.nan), *found])


def _before(home: Home, day: date) -> pl.DataFrame:
    """Corridors of the last day before that is whole and of the same kind, synthetic or real; empty where there is none."""
    kind = checks.is_synthetic(read_parquet(home.staged(landing.TABLE, day)))
    days = [d for d in warehouse.whole_days(home, corridor.TABLE) if day - timedelta(days=BEFORE_DAYS) <= d < day]
    for earlier in sorted(days, reverse=True):
        if checks.is_synthetic(read_parquet(home.table(landing.TABLE, earlier))) == kind:
            return read_parquet(home.table(corridor.TABLE, earlier))
    return corridor.TABLE.empty()


def _pass(common: _Day, constellation: Constellation) -> _Found:
    """Everything that is under way over one constellation."""
    name, model = constellation.name, common.model
    beyond = latency.onward(common.sites, name, model)
    standing = (
        (pl.col("constellation") == name) & (pl.col("status") == "operational") & pl.col("latitude_deg").is_not_null()
    )
    # A PoP that works is reached by antennas at or near it: without these, as listed gateways alone have it, errors are four times as large.
    gateways = common.sites.filter(standing & pl.col("kind").is_in(["gateway", "pop"])).sort("site_id")
    gateways = gateways if beyond.pops.height else gateways.clear()
    cells, towns = _users(common, beyond.pops)
    mesh = _mesh(common, constellation)
    passed = None
    if mesh.elements.height and (gateways.height or mesh.has_lasers):
        ground = network.Ground(
            latency.at(gateways),
            model.gateway_mask_deg,
            model.fibre_km(latency.between_km(gateways, beyond.pops)),
            latency.at(common.ends.sites),
            corridor.tails_km(gateways, common.ends.sites, model),
            np.stack([common.ends.first, common.ends.second]),
        )
        ranks = tuple(model.rank_fraction if rank is None else rank for rank in RULES.values())
        rules = network.Rules(constellation.min_elevation_deg, model.link_km, ranks)
        found = network.passed(mesh, ground, cells, towns, rules, common.day)
        passed = found if np.isfinite(found.lowest_km) else None  # nobody can be propagated: as if nobody were at work
    return _Found(constellation, beyond, gateways, cells, towns, passed)


def laid(
    home: Home, day: date, constellation: str, counts: Collection[int] = LINK_COUNTS
) -> tuple[pl.DataFrame, dict[int, NDArray[np.int32]]]:
    """Satellites at work, plane on plane, with their elements and generation, and the graphs of their links with so many of them each.

    Who has lasers is a figure of the generation.
    """
    working, elements = stage.working_fleet(home, day, constellation)
    generation = read_parquet(home.staged(fleet.GENERATION, day)).select("generation", "laser_count")
    own = working.select("shell_id", "plane_id", "generation")
    rows = elements.drop(own.columns, strict=False).hstack(own)
    noon = datetime.combine(day, time(12))
    rows = links.in_order(rows, noon).join(generation, on="generation", how="left", maintain_order="left")
    lasers = (rows["laser_count"].fill_null(0) >= 2).to_numpy()
    graphs = {count: links.of_satellites(rows, lasers, noon, count) for count in counts}
    return rows.drop("shell_id", "plane_id", "laser_count"), graphs


def _mesh(common: _Day, constellation: Constellation) -> network.Mesh:
    rows, graphs = laid(common.home, common.day, constellation.name)
    return network.Mesh(rows.drop("generation"), graphs.pop(4), graphs)


def _users(common: _Day, pops: pl.DataFrame) -> tuple[network.Users, network.Users]:
    """Cells and places of countries, each with its PoP."""
    if pops.is_empty():
        nobody = [np.full(rows.height, -1, np.int32) for rows in (common.cells, common.places)]
    else:
        goal = latency_country.goals(common.places, common.country_pop, pops)
        nobody = [latency_country.cell_goals(common.cells, common.cell_country, common.places, goal, pops), goal]
    cells, towns = (
        network.Users(latency.at(rows), to) for rows, to in zip((common.cells, common.places), nobody, strict=True)
    )
    return cells, towns


def _cells(common: _Day, one: _Found, model: latency.Model) -> pl.DataFrame:
    ids, name = common.cells["cell_id"].to_numpy(), one.constellation.name
    if one.passed is None or one.passed.cells is None:
        return latency.compute(None, None, ids, name, common.day)
    mask_deg = one.constellation.min_elevation_deg
    found = latency.figures(
        one.passed.cells, one.cells.goal, one.cells.places, one.beyond, one.passed.lowest_km, mask_deg, model
    )
    codes = one.beyond.pops["site_id"].str.strip_prefix("starlink-").gather(one.cells.goal)
    return latency.compute(found, codes, ids, name, common.day)


def _countries(common: _Day, one: _Found, model: latency.Model, measured: pl.DataFrame) -> pl.DataFrame:
    ways = one.passed.towns[0] if one.passed and one.passed.towns else None
    found = None
    if ways is not None and one.passed is not None:
        mask_deg = one.constellation.min_elevation_deg
        found = latency.figures(
            ways, one.towns.goal, one.towns.places, one.beyond, one.passed.lowest_km, mask_deg, model
        )
    return latency_country.compute(
        ways, found, common.places, one.towns.goal, one.beyond, model, measured, one.constellation.name, common.day
    )


def _corridors(common: _Day, one: _Found, model: latency.Model) -> pl.DataFrame:
    if one.passed is None:
        return corridor.TABLE.empty()
    return corridor.compute(
        one.passed.between,
        common.ends,
        one.passed.lowest_km,
        one.constellation.min_elevation_deg,
        one.gateways.height > 0,
        common.internet_ms,
        common.before,
        model,
        one.constellation.name,
        common.day,
    )


def _nearest_km(common: _Day) -> pl.DataFrame:
    """Distance of each country's places to the nearest PoP that works, mean over people."""
    pops = latency.onward(common.sites, "starlink", common.model).pops
    km = pl.Series("km", latency.between_km(common.places, pops).min(axis=1))
    return (
        common.places.with_columns(km)
        .group_by("country_iso3", maintain_order=True)
        .agg((pl.col("km") * pl.col("weight_fraction")).sum().alias("nearest_pop_km"))
    )


def _measured(home: Home, day: date) -> pl.DataFrame:
    """Medians that the operator publishes, as landed, else as they ship: country_iso3, measured_p50_ms, measured_source."""
    landed = sourced.kept(home, starlink_metrics, day).filter(
        pl.col("country_iso3").is_not_null() & pl.col("region_id").is_null()
    )
    source = pl.lit(starlink_metrics.SOURCE.citation) if landed.height else pl.col("source")
    rows = landed if landed.height else assets.reference("starlink_latency")
    return (
        rows.select(
            "country_iso3",
            pl.col("latency_p50_ms").cast(pl.Float64).alias("measured_p50_ms"),
            source.alias("measured_source"),
        )
        .drop_nulls("measured_p50_ms")
        .sort("country_iso3")
    )
