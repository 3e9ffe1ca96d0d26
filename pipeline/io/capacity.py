"""The day's capacity, staged: who is served how much where, what binds, and what can be sold of each constellation."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import CONSTELLATIONS, Constellation
from pipeline.geometry import feed, grid, sight
from pipeline.io import assets, network, sourced, stage
from pipeline.io import what_if as possible
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import (
    broadband,
    capacity,
    capacity_model,
    cell,
    coverage,
    demand,
    fleet,
    flow,
    latency,
    lid,
    satellite,
    service_cell,
    share,
    trunk,
    what_if,
)
from pipeline.source import EXCLUDED_SCHEMA, EXCLUSION_TABLE
from pipeline.sources import gateway_antennas, sites

# Capacity is shared over cells of this order at the finest: 10,377 km2, a twentieth of what a satellite sees; finer grids divide what these have.
FINEST_ORDER = 6
BEST = ("constellation", "cell_id", "best_elevation_mean_deg")
LINKS = 3  # laser links a satellite uses at once: the base of uncertainty_ranges.csv, isl_links_used_per_sat


@dataclass(frozen=True)
class _Day:
    """What all constellations of a day have in common; cells are those that capacity is shared over, in ring order."""

    home: Home
    day: date
    order: int
    rings: grid.Rings
    cells: sight.Cells
    cell_country: pl.DataFrame
    generation: pl.DataFrame
    sites: pl.DataFrame
    models: dict[str, capacity_model.Model]
    need: broadband.Need
    pieces: service_cell.Pieces
    grid: capacity.Grid
    seen: pl.DataFrame
    best: pl.DataFrame
    levels: int
    gateway_mask_deg: float
    satellites: pl.DataFrame
    flows: pl.DataFrame
    register: pl.DataFrame


def capacity_day(settings: Settings, day: date) -> dict[str, int]:
    """Share the capacity of all constellations over the day, and stage what comes of it."""
    home = Home(settings.home)
    common = _common(settings, home, day)
    # Beside the largest fleet the others take their turns: what is no kernel, and runs by itself, does not hold them up.
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda constellation: _found(common, constellation), CONSTELLATIONS))
    sourced.stage(home, capacity.TABLE, day, pl.concat([one.cells for one in found]))
    base = read_parquet(home.staged(fleet.CAPACITY, day))
    shared = pl.DataFrame([one.fleet for one in found], infer_schema_length=None)
    sourced.stage(home, fleet.CAPACITY, day, fleet.with_shared(base, shared))
    for table in (what_if.DRIVER, what_if.FLOW, trunk.TABLE):
        sourced.stage(home, table, day, pl.concat([table.empty(), *(one.others[table.name] for one in found)]))
    write_parquet(home.part(fleet.CAPACITY, day, "draws"), pl.concat([one.draws for one in found]))
    listed = [sourced.exclusions(one.listed, day, f"capacity of {one.fleet['constellation']}") for one in found]
    estimated = sourced.exclusions(broadband.estimated(_countries(home, day)), day, "broadband demand")
    write_parquet(home.part(EXCLUSION_TABLE, day, "capacity"), pl.concat([estimated, *listed]))
    return {"gateways": sum(len(one.gateways) for one in found), "excluded_capacity": sum(map(len, listed))}


def models(settings: Settings, day: date, names: Collection[str]) -> dict[str, possible.Model]:
    """What some constellations have on the day, by name, for questions of what could be sold were things otherwise; of links the base's graph alone."""
    common = _common(settings, Home(settings.home), day)
    return {one.name: _model(common, one, (LINKS,))[0] for one in CONSTELLATIONS if one.name in names}


@dataclass(frozen=True)
class _Found:
    """What comes of one constellation: rows of core.capacity_daily, its row of what fleets share, other tables by name, who is left out, and its draws."""

    cells: pl.DataFrame
    fleet: dict[str, object]
    others: dict[str, pl.DataFrame]
    gateways: tuple[str, ...]
    listed: pl.DataFrame
    draws: pl.DataFrame


def _found(common: _Day, constellation: Constellation) -> _Found:
    model, listed = _model(common, constellation)
    base = model.base
    down, up = share.passed(base.supply, base.market, base.ground, common.day, share.INSTANTS)
    own = pl.col("constellation") == constellation.name
    figures = _fleet(model, down, up) | possible.installed_quantiles(common.satellites.filter(own), common.generation)
    others = {table.name: table.empty() for table in (what_if.DRIVER, what_if.FLOW)}
    sold = {way: figures.get(f"sellable_{way}_tbps") for way in capacity.WAYS}
    parts = np.empty((2, 0))
    with ThreadPoolExecutor(1) as beside:  # what one thread does goes on beside what two do
        trunks = beside.submit(_trunks, model)
        if sold["down"]:
            gaps = beside.submit(possible.gaps, model)
            parts = possible.drawn(model)
            figures |= possible.quantiles(parts, sold)
            others[what_if.DRIVER.name] = possible.drivers(model, sold["down"])
            figures |= gaps.result()
            others[what_if.FLOW.name] = _flow(common, model, figures)
        others[trunk.TABLE.name] = trunks.result()
    row: dict[str, object] = {"constellation": constellation.name, "gateway_count": len(model.gateways.site_id)}
    cells = _cells(common, constellation, base, down, up)
    unseen = _unseen(constellation, cells)
    return _Found(
        cells,
        row | figures,
        others,
        model.gateways.site_id,
        pl.concat([listed, unseen]),
        _draws(constellation.name, parts),
    )


def _draws(constellation: str, parts: NDArray[np.float64]) -> pl.DataFrame:
    """What can be sold in each draw over the base, for figures that are drawn with it (constellation, draw_number, down_factor, up_factor)."""
    count = parts.shape[1]
    return pl.DataFrame(
        {
            "constellation": pl.repeat(constellation, count, eager=True),
            "draw_number": np.arange(count),
            **{f"{way}_factor": part for way, part in zip(capacity.WAYS, parts, strict=True)},
        }
    )


def _unseen(constellation: Constellation, cells: pl.DataFrame) -> pl.DataFrame:
    """The demand of cells over which no satellite of the constellation comes all day, in one row (row_number, row_key, reason)."""
    lost = cells.filter((pl.col("demand_down_gbps") > 0) & (pl.col("visible_down_gbps") == 0))
    gbps = lost["demand_down_gbps"].sum()
    told = f"no satellite of {constellation.title} is in view all day: {gbps:.0f} Gbps of demand that nobody covers"
    rows = [(lost.height, f"{lost.height} cells with demand", told)] if lost.height else []
    return pl.DataFrame(rows, schema=EXCLUDED_SCHEMA, orient="row")


def _flow(common: _Day, model: possible.Model, figures: dict[str, float]) -> pl.DataFrame:
    """How what can be sold came from that of the landed day before; empty where that has no such figure."""
    own = pl.col("constellation") == model.constellation.name
    flows = common.flows.filter(own)
    if flows.is_empty():
        return what_if.FLOW.empty()
    before_day = flows["before_day"][0]
    path = common.home.table(fleet.CAPACITY, before_day)
    names = ("sellable_down_tbps", "gateway_tbps", "demand_down_tbps")
    before = read_parquet(path).filter(own) if path.is_file() else pl.DataFrame()
    if before.is_empty() or not set(names) <= set(before.columns) or before["sellable_down_tbps"][0] is None:
        return what_if.FLOW.empty()
    now = {name: figures[name] for name in names}
    return possible.flow(model, now, before.select(names).row(0, named=True), flows, before_day)


def _trunks(model: possible.Model) -> pl.DataFrame:
    """Rows of core.trunk_daily; none of a constellation without lasers or gateways but zeros."""
    base, gateways = model.base, model.gateways
    rows = pl.DataFrame(
        {
            "site_id": gateways.site_id,
            "country_iso3": model.country_of_gateway,
            "latitude_deg": gateways.latitude_deg,
            "longitude_deg": gateways.longitude_deg,
            "site_gbps": base.ground.site_gbps,
        },
        schema_overrides={"site_id": pl.String, "country_iso3": pl.String},
    )
    sky, users = [np.full((3, base.supply.elements.height), np.nan)], None
    if base.supply.has_lasers and rows.height:
        coarse = model.coarse()
        skies = model.skies(coarse, trunk.INSTANTS)
        sky, users = [each.r_km for each in skies], [what_if.crossing(base, coarse, each) for each in skies]
    mesh = feed.Mesh(base.supply.neighbour, base.supply.laser_gbps)
    return trunk.compute(
        sky, mesh, base.supply.feeder_gbps, rows, base.ground.mask_deg, model.constellation.name, model.day,
        users, assets.reference("subsea_cuts"),
    )  # fmt: skip


def _countries(home: Home, day: date) -> pl.DataFrame:
    return read_parquet(home.staged(cell.COUNTRY, day))


def _common(settings: Settings, home: Home, day: date) -> _Day:
    order = min(settings.order, FINEST_ORDER)
    rings = grid.rings(order)
    fine_country = read_parquet(home.staged(cell.CELL_COUNTRY, day))
    levels = settings.order - order
    cell_country = _coarser(fine_country, levels, ("country_iso3",))
    line = broadband.Line.of(assets.reference("broadband_demand"))
    ai = _coarser(read_parquet(home.staged(demand.DEMAND, day)), levels, ("workload",))
    hours = read_parquet(home.staged(demand.HOUR, day))
    _, longitude_deg = grid.centres(order)
    in_rings = pl.DataFrame(
        {"cell_id": rings.nest_of_ring, "longitude_deg": longitude_deg[rings.nest_of_ring.astype(np.int64)]}
    )
    countries = _countries(home, day)
    fine = read_parquet(home.staged(cell.CELL_FINE, day))
    fine = fine.with_columns((pl.col("fine_cell_id") // 4 ** (cell.FINE_ORDER - order)).alias("cell_id"))
    names = [f"band-{k}" for k in range(len(stage.bands(settings.order)))]
    return _Day(
        home,
        day,
        order,
        rings,
        sight.cells(rings),
        cell_country,
        read_parquet(home.staged(fleet.GENERATION, day)),
        read_parquet(home.staged(sites.TABLE, day)),
        capacity_model.figures(assets.reference("capacity_model"), day=day),
        broadband.need(in_rings, cell_country, countries, ai, hours, line),
        service_cell.pieces(fine, broadband.line_gbps(fine, countries, line), order, cell_country),
        _grid(settings.order, order, rings, fine_country, countries, line),
        pl.concat([read_parquet(home.part(capacity.TABLE, day, name)) for name in names]),
        pl.concat([read_parquet(home.part(coverage.TABLE, day, name)).select(BEST) for name in names]),
        levels,
        latency.Model.of(assets.reference("latency_model")).gateway_mask_deg,
        read_parquet(home.staged(satellite.TABLE, day)),
        read_parquet(home.staged(flow.TABLE, day)),
        sourced.kept(home, gateway_antennas, day),
    )


def _coarser(rows: pl.DataFrame, levels: int, key: tuple[str, ...]) -> pl.DataFrame:
    """Rows by cell summed over the cells of a grid so many orders coarser; fractions of area are means."""
    if not levels:
        return rows
    sums = [name for name in ("population_count", "down_gbps", "up_gbps") if name in rows.columns]
    means = [name for name in ("area_fraction",) if name in rows.columns]
    return (
        rows.with_columns(pl.col("cell_id") // 4**levels)
        .group_by("cell_id", *key, maintain_order=True)
        .agg(pl.col(sums).sum(), *((pl.col(name).sum() / 4**levels) for name in means))
    )


def _grid(
    order: int,
    shared: int,
    rings: grid.Rings,
    cell_country: pl.DataFrame,
    countries: pl.DataFrame,
    line: broadband.Line,
) -> capacity.Grid:
    """How the cells of the day's grid follow from those that capacity is shared over."""
    count, levels = grid.cell_count(order), order - shared
    cell_id = np.arange(count, dtype=np.uint64)
    ring_of = np.empty(len(rings.nest_of_ring), np.int64)
    ring_of[rings.nest_of_ring.astype(np.int64)] = np.arange(len(ring_of))
    parent = ring_of[(cell_id // np.uint64(4**levels)).astype(np.int64)]
    own = np.bincount(
        cell_country["cell_id"].to_numpy().astype(np.int64), broadband.line_gbps(cell_country, countries, line), count
    )
    whole = np.bincount(parent, own, len(ring_of))[parent]
    part = np.divide(own, whole, out=np.zeros(count), where=whole > 0)
    return capacity.Grid(cell_id, parent, part, np.full(count, 0.25**levels))


def _model(
    common: _Day, constellation: Constellation, counts: Collection[int] = network.LINK_COUNTS
) -> tuple[possible.Model, pl.DataFrame]:
    """What a constellation has on the day, with graphs of so many links each, and what is not believed of its gateways (row_number, row_key, reason)."""
    model = common.models[constellation.name]
    rows, graphs = network.laid(common.home, common.day, constellation.name, counts)
    lids = lid.satellites(rows, common.generation, model)
    feeder = np.minimum(lids.feeder_gbps, lids.antenna_count * model.antenna_gbps.base)
    gbps = np.stack([lids.down_gbps, np.nan_to_num(lids.up_gbps)])
    supply = share.Supply(rows.drop("generation"), gbps, feeder, graphs[LINKS], lids.laser_gbps, lids.up_is_known)
    gateways, listed = lid.gateways(_feeding(common.sites, constellation.name), model, _register(common, constellation))
    part = _efficiency_part(common, constellation)
    base = what_if.Case(supply, _market(common, constellation, part), _ground(common, gateways))
    country = pl.DataFrame({"site_id": gateways.site_id}, schema={"site_id": pl.String}).join(
        common.sites.select("site_id", "country_iso3"), on="site_id", how="left", maintain_order="left"
    )
    found = possible.Model(
        constellation, common.day, base, rows, common.generation, gateways, country["country_iso3"], common.pieces, graphs, part, common.order,
        common.rings, common.cell_country,
    )  # fmt: skip
    return found, listed.with_row_index("row_number", 1).select(
        pl.col(name).cast(kind) for name, kind in EXCLUDED_SCHEMA.items()
    )


def _register(common: _Day, constellation: Constellation) -> pl.DataFrame:
    """Antennas that are landed of a constellation's gateways; of places that nobody has, with the first constellation's."""
    whose = common.register.join(common.sites.select("site_id", "constellation"), on="site_id", how="left")
    return whose.filter(pl.col("constellation").fill_null(CONSTELLATIONS[0].name) == constellation.name)


def _feeding(rows: pl.DataFrame, constellation: str) -> pl.DataFrame:
    """Sites with PoPs that work as gateways: antennas stand at or near each, or the delay there could not be what is measured."""
    own = (pl.col("kind") == "pop") & (pl.col("constellation") == constellation)
    return rows.with_columns(pl.when(own).then(pl.lit("gateway")).otherwise("kind").alias("kind"))


def _ground(common: _Day, gateways: lid.Gateways) -> feed.Ground:
    places = pl.DataFrame({"latitude_deg": gateways.latitude_deg, "longitude_deg": gateways.longitude_deg})
    return feed.Ground(latency.at(places), gateways.gbps, common.gateway_mask_deg)


def _market(common: _Day, constellation: Constellation, part: NDArray[np.float64]) -> share.Market:
    model = common.models[constellation.name]
    down, up = (service_cell.beams(common.pieces, model.lid(way), part) for way in capacity_model.WAYS)
    zone = coverage.zone(constellation, common.day, common.cell_country, common.rings, common.cells)
    beams = None if down is None or up is None else (down, up)
    nested = common.rings.nest_of_ring.astype(np.int64)
    return share.Market(common.cells.geometry, nested, common.need, beams, constellation.min_elevation_deg, zone)


def _efficiency_part(common: _Day, constellation: Constellation) -> NDArray[np.float64]:
    """How much less or more a hertz carries in each cell than in the mean, by the best satellite's elevation, (cell,), nested order."""
    own = pl.col("constellation") == constellation.name
    best = common.best.filter(own).with_columns(pl.col("cell_id") // 4**common.levels).group_by("cell_id").agg(
        pl.col("best_elevation_mean_deg").mean()
    ).sort("cell_id")  # fmt: skip
    works = common.satellites.filter(
        own & (pl.col("state") == "operational") & (pl.col("payload_class") == "broadband")
    )
    if works.is_empty():
        return np.ones(best.height)
    counts = common.cell_country.group_by("cell_id").agg(pl.col("population_count").sum())
    people = best.select("cell_id").join(counts, on="cell_id", how="left", maintain_order="left")["population_count"]
    elevation_deg = best["best_elevation_mean_deg"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    altitude_km = float(works["altitude_km"].median())  # type: ignore[arg-type]
    return service_cell.efficiency_part(elevation_deg, altitude_km, people.fill_null(0.0).to_numpy())


def _cells(
    common: _Day, constellation: Constellation, base: what_if.Case, down: share.Shared, up: share.Shared
) -> pl.DataFrame:
    unknown = (*(("beam",) if base.market.beams is None else ()), *(() if base.supply.has_lasers else ("mesh",)))
    to_users, from_users = _means(down, True, unknown), _means(up, base.supply.up_is_known, unknown)
    fraction = np.quantile(down.fraction, (0.5, 0.05), axis=0).astype(np.float64)
    return capacity.compute(common.seen, common.grid, to_users, from_users, fraction, constellation.name, common.day)


def _means(shared: share.Shared, known: bool, unknown_lids: tuple[str, ...]) -> capacity.Figures:
    count = len(shared.served_gbps)
    asked, ai, supply, served, headroom, short = (
        values / count
        for values in (shared.demand, shared.ai, shared.supply, shared.served, shared.headroom, shared.short)
    )
    return capacity.Figures(asked, ai, supply, served, headroom, short, known, unknown_lids)


def _fleet(model: possible.Model, down: share.Shared, up: share.Shared) -> dict[str, float]:
    """What fleet.SHARED says of a constellation, base alone."""
    gateways = len(model.gateways.site_id)
    row = {"gateway_tbps": float(model.base.ground.site_gbps.sum() / 1_000)}
    for way, shared, known in (("down", down, True), ("up", up, model.base.supply.up_is_known)):
        row |= {f"demand_{way}_tbps": float(shared.demand.sum() / len(shared.served_gbps) / 1_000)}
        if known and gateways:
            row |= _sold(way, shared)
    return row


def _sold(way: str, shared: share.Shared) -> dict[str, float]:
    bound: NDArray[np.float64] = shared.bound.sum(axis=0)
    return {
        f"sellable_{way}_tbps": float(shared.served_gbps.mean() / 1_000),
        f"most_{way}_tbps": float(shared.most_gbps.mean() / 1_000),
        f"level_{way}_fraction": float(shared.level.mean()),
        **{
            f"bound_{way}_{lid_}_fraction": float(part)
            for lid_, part in zip(fleet.BINDING, bound / bound.sum(), strict=True)
        },
    }
