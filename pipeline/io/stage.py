"""From a landed catalog to a day's tables in staging: reads frames, calls the pure floors, writes Parquet.

Every function can be run again with the same result. Nothing here touches what is published.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from pipeline import __version__
from pipeline.constellations import BY_NAME, CONSTELLATIONS
from pipeline.constellations import TABLE as CONSTELLATION_TABLE
from pipeline.geometry.grid import cell_count
from pipeline.io import assets, landing, registry, runs, warehouse
from pipeline.io.home import Home, HomeError, read_parquet, write_parquet
from pipeline.io.runs import DayWithheld
from pipeline.io.settings import SettingError, Settings
from pipeline.metrics import access, capacity, cell, coverage, fleet, latency, satellite
from pipeline.source import EXCLUDED_SCHEMA, EXCLUSION_TABLE, Source, SourceError
from pipeline.sources import celestrak_active, cities, sites
from pipeline.table import Table, TableError

if TYPE_CHECKING:
    from pipeline.metrics.sweep import Gateways

CATALOG = celestrak_active.SOURCE
GRIDS = (coverage.TABLE, capacity.TABLE, latency.TABLE)
LATENCY_EVERY_S = 300

log = logging.getLogger(__name__)


class SourceMissing(ValueError):
    """There is no source of that name."""


def sources() -> tuple[Source, ...]:
    """All sources, the required one first."""
    return tuple(
        sorted((module.SOURCE for module in registry.sources().values()), key=lambda s: (not s.required, s.name))
    )


def source(name: str) -> Source:
    """The source of that name. Raises SourceMissing with the names there are."""
    for item in sources():
        if item.name == name:
            return item
    raise SourceMissing(f"there is no source {name!r}: the sources are {', '.join(s.name for s in sources())}")


def land_or_stand(settings: Settings, name: str, day: date) -> None:
    """Land a source if it can be landed; where it cannot, say what stands in for it or what is missing without it."""
    item = source(name)
    try:
        if landing.landed(settings, item, day) is None:
            landing.land(settings, item, day)
    except landing.LandingError as error:
        older = standing(settings, item, day)
        stands = f"the one landed on {older.landed_day} stands" if older else f"missing without it: {item.missing}"
        log.warning("%s (%s)", error, stands)


def standing(settings: Settings, item: Source, day: date) -> landing.Landed | None:
    """What stands for a source on a day; None too where the record of it is damaged, which is logged."""
    try:
        return landing.standing(settings, item, day)
    except landing.LandingError as error:
        log.warning("%s", error)
        return None


def catalog_of(settings: Settings, day: date) -> landing.Landed:
    """The landed catalog that stands for `day`. Raises DayWithheld when there is none young enough."""
    item = landing.standing(settings, CATALOG, day)
    if item is None:
        raise DayWithheld(
            f"{day}: no catalog of {CATALOG.name} is landed for that day or the {CATALOG.stands_days} days before, so the day is "
            f"withheld: land one with `skytrunk land {CATALOG.name} {day} --file PATH`"
        )
    return item


def parse_day(settings: Settings, day: date) -> dict[str, int]:
    """Read the landed catalog into the day's raw table, and note what was left out and what was landed.

    Raises DayWithheld, or SourceError when the landed bytes cannot be read: an older catalog does not replace them.
    """
    home = Home(settings.home)
    runs.begin(settings, day)
    item = catalog_of(settings, day)
    try:
        parsed = celestrak_active.parse(landing.read(item))
        screened = celestrak_active.screen(parsed.frame, day, parsed.excluded)
    except SourceError as error:
        raise SourceError(f"{day}: {error}") from error
    warehouse.finish(settings, day)  # a day whose loading was cut off is made whole before it is begun again
    shutil.rmtree(home.staging(day), ignore_errors=True)
    _stage(home, celestrak_active.TABLE, day, screened.frame.with_columns(pl.lit(day).alias("day")))
    excluded = pl.concat([parsed.excluded, screened.excluded])
    write_parquet(home.part(EXCLUSION_TABLE, day, "parse"), _exclusions(excluded, day, CATALOG.name))
    for own in (each for each in sources() if not each.is_remote):
        land_or_stand(settings, own.name, day)  # what comes with the installation needs no network
    found = [item, *(standing(settings, each, day) for each in sources() if each is not CATALOG)]
    _stage(home, landing.TABLE, day, landing.rows([each for each in found if each is not None], day))
    return {"objects": screened.frame.height, "excluded": excluded.height, "catalog_age_days": item.age_days}


def dimensions(settings: Settings, day: date) -> dict[str, int]:
    """Stage the dimensions. Cells, people and countries are kept, and made anew only when what they are made of changes."""
    home = Home(settings.home)
    _require_order(home, settings.order)
    cells = _kept_cells(settings, day)
    frames = {table: cells[table.name] for table in cell.TABLES} | {
        sites.TABLE: _sites(settings, day),
        fleet.GENERATION: fleet.generations(assets.reference("satellite_generations")),
        CONSTELLATION_TABLE: pl.DataFrame(
            [
                {"constellation": c.name} | {n: getattr(c, n) for n in CONSTELLATION_TABLE.column_names[1:]}
                for c in CONSTELLATIONS
            ]
        ),
    }
    for item, frame in frames.items():
        _stage(home, item, day, frame)
    return {item.name: frame.height for item, frame in frames.items()}


def fleet_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage the day's satellites and fleets from the raw catalog."""
    home = Home(settings.home)
    catalog = read_parquet(home.staged(celestrak_active.TABLE, day))
    satellites = satellite.compute(catalog, day, CATALOG.name)
    if satellites.is_empty():
        raise SourceError(
            f"{day}: the catalog of {CATALOG.name} has {catalog.height} objects and no satellite of the five constellations, so it "
            f"is not the catalog of all active satellites: move {home.landing(CATALOG.name, day)} aside and land the right file"
        )
    _stage(home, satellite.TABLE, day, satellites)
    frames = fleet.compute(satellites, read_parquet(home.staged(fleet.GENERATION, day)))
    for item in (fleet.HISTORY, fleet.CAPACITY):
        _stage(home, item, day, frames[item.name])
    counts = {c.name: satellites.filter(pl.col("constellation") == c.name).height for c in CONSTELLATIONS}
    return {"satellites": satellites.height, **counts}


def grid_day(settings: Settings, day: date, constellation: str) -> dict[str, int]:
    """Sweep one constellation over the day and leave its part of every grid."""
    from pipeline.geometry.grid import rings as rings_of
    from pipeline.geometry.propagation import instants_of_day
    from pipeline.geometry.visibility import ring_geometry
    from pipeline.metrics.sweep import sweep

    home = Home(settings.home)
    working, elements = _working(home, day, constellation)
    rings = rings_of(settings.order)
    weight_mbps = capacity.weight_mbps(working, read_parquet(home.staged(fleet.GENERATION, day)))
    swept = sweep(
        elements,
        weight_mbps,
        instants_of_day(day, settings.step_s),
        ring_geometry(rings),
        BY_NAME[constellation].min_elevation_deg,
        _gateways(home, day, constellation),
        max(1, LATENCY_EVERY_S // settings.step_s),
    )
    parts = {
        coverage.TABLE: coverage.compute(swept.tally, rings, constellation, day, settings.step_s),
        capacity.TABLE: capacity.compute(swept.tally, rings, constellation, day),
        latency.TABLE: latency.compute(swept.bent_pipe_km, rings, constellation, day),
        EXCLUSION_TABLE: _exclusions(swept.failed.rename({"norad_cat_id": "row_number"}), day, f"sgp4 {constellation}"),
    }
    for table, frame in parts.items():
        write_parquet(home.part(table, day, constellation), frame)
    return {"satellites": working.height, "propagation_failed": swept.failed.height}


def gather_day(settings: Settings, day: date) -> dict[str, int]:
    """Merge the parts of every grid into one table, and weigh them with people."""
    home = Home(settings.home)
    names = [c.name for c in CONSTELLATIONS]
    frames = {t.name: pl.concat([read_parquet(home.part(t, day, name)) for name in names]) for t in GRIDS}
    for grid in GRIDS:
        _stage(home, grid, day, frames[grid.name])
    cell_country = read_parquet(home.staged(cell.CELL_COUNTRY, day))
    table = access.compute(
        frames[coverage.TABLE.name], frames[capacity.TABLE.name], frames[latency.TABLE.name], cell_country
    )
    _stage(home, access.TABLE, day, table)
    excluded = pl.concat([read_parquet(home.part(EXCLUSION_TABLE, day, name)) for name in ["parse", *names]])
    _stage(home, EXCLUSION_TABLE, day, excluded)
    return {
        "grid_rows": sum(f.height for f in frames.values()),
        "countries": table["country_iso3"].n_unique(),
        "excluded": excluded.height,
    }


def source_text(settings: Settings, item: Source, today: date) -> str:
    """What a source is, what was landed of it last, and what is missing without it, as lines."""
    last = landing.standing(settings, replace(item, stands_days=None), today)
    landed = f"{last.landed_day}, {(today - last.landed_day).days} days ago" if last else "never"
    stands = "any age" if item.stands_days is None else f"up to {item.stands_days} days"
    lines = {
        "title": item.title, "address": item.address, "licence": item.licence, "citation": item.citation,
        "cadence": item.cadence, "needed": "required" if item.required else "optional", "stands in for": stands,
        "last landed": landed, "without it": item.missing,
    }  # fmt: skip
    return "\n".join([item.name, *(f"  {key:<13} {value}" for key, value in lines.items())])


def _stage(home: Home, table: Table, day: date, frame: pl.DataFrame) -> None:
    write_parquet(home.staged(table, day), table.conform(frame))


def _exclusions(rows: pl.DataFrame, day: date, source: str) -> pl.DataFrame:
    frame = rows.select(pl.col(name).cast(kind) for name, kind in EXCLUDED_SCHEMA.items())
    return EXCLUSION_TABLE.conform(frame.with_columns(pl.lit(day).alias("day"), pl.lit(source).alias("source")))


def _require_order(home: Home, order: int) -> None:
    """Raise SettingError when the home's grids are of another order: cells of two orders cannot share a dim.cell."""
    path = home.table(cell.CELL)
    if path.is_file() and read_parquet(path).height != cell_count(order):
        raise SettingError(
            f"SKYTRUNK_ORDER={order} gives {cell_count(order)} cells, but {home.root} holds grids of another order: choose "
            "another folder with --home, or the order that it was begun with"
        )


def _kept_cells(settings: Settings, day: date) -> dict[str, pl.DataFrame]:
    """Cells, people and countries from the cache, or made anew where they are not there or cannot be read."""
    item = standing(settings, cities.SOURCE, day)
    if item is None:
        raise SourceMissing(
            f"{day}: no settlements of {cities.SOURCE.name} are landed, so nobody can be counted: land them"
        )
    folder = Home(settings.home).root / "cache" / f"cells-{_made_of(settings, item)}"
    try:
        return {
            table.name: table.conform(read_parquet(folder / f"{table.short_name}.parquet")) for table in cell.TABLES
        }
    except (HomeError, TableError):
        settlements = cities.parse(landing.read(item)).frame
        frames = cell.compute(settlements, assets.reference("country_facts"), assets.topology(), settings.order)
    for table in cell.TABLES:
        write_parquet(folder / f"{table.short_name}.parquet", frames[table.name])
    return frames


def _made_of(settings: Settings, item: landing.Landed) -> str:
    """Hash of what cells, people and countries are computed from: version, order, settlements, facts and outlines."""
    facts, outlines = assets.reference("country_facts").write_csv(), repr(assets.topology())
    return hashlib.sha256(
        "\0".join((__version__, str(settings.order), item.sha256, facts, outlines)).encode()
    ).hexdigest()[:16]


def _sites(settings: Settings, day: date) -> pl.DataFrame:
    item = standing(settings, sites.SOURCE, day)
    return sites.parse(landing.read(item)).frame if item else sites.TABLE.empty()


def _working(home: Home, day: date, constellation: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Broadband satellites at work of one constellation, and their elements, in the same order."""
    rows = read_parquet(home.staged(satellite.TABLE, day)).filter(
        (pl.col("constellation") == constellation)
        & (pl.col("state") == "operational")
        & (pl.col("payload_class") == "broadband")
    )
    catalog = read_parquet(home.staged(celestrak_active.TABLE, day))
    return rows, rows.select("norad_cat_id").join(catalog, on="norad_cat_id", maintain_order="left")


def _gateways(home: Home, day: date, constellation: str) -> Gateways | None:
    """The constellation's PoPs, each taken to have a gateway; None where none is known."""
    from pipeline.metrics.sweep import Gateways

    rows = read_parquet(home.staged(sites.TABLE, day)).filter(
        (pl.col("constellation") == constellation) & (pl.col("kind") == "pop") & (pl.col("status") == "operational")
    )
    if rows.is_empty():
        return None
    return Gateways(rows["latitude_deg"].to_numpy(), rows["longitude_deg"].to_numpy(), latency.GATEWAY_MASK_DEG)
