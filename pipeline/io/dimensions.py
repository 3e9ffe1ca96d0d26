"""The dimensions of a day: cells, people and countries, kept until what they are made of changes; sites, generations, constellations."""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

from pipeline import __version__
from pipeline.constellations import TABLE as CONSTELLATION_TABLE
from pipeline.constellations import rows as constellation_rows
from pipeline.geometry.grid import cell_count
from pipeline.io import assets, landing, sourced
from pipeline.io.home import Home, HomeError, read_parquet, write_parquet
from pipeline.io.settings import SettingError, Settings
from pipeline.metrics import cell, country_pop, fleet, ground, supply
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import (
    cities,
    epoch_data_center_timelines,
    epoch_data_centers,
    sites,
    starlink_geoip,
    starlink_ground,
)
from pipeline.table import TableError


def dimensions(settings: Settings, day: date) -> dict[str, int]:
    """Stage the dimensions. Cells, people and countries are kept, and made anew only when what they are made of changes."""
    home = Home(settings.home)
    _require_order(home, settings.order)
    cells = _kept_cells(settings, day)
    centers = _compute_sites(home, day)
    known = supply.site_rows(_sites(settings, day), centers, f"landed {_listed_day(settings, day)}")
    places, merged = ground.site_rows(known, sourced.kept(home, starlink_ground, day), assets.topology())
    served, dropped = _country_pops(settings, cells, places, day)
    listed = {starlink_ground.SOURCE.name: merged, country_pop.TABLE.name: dropped}
    excluded = [sourced.exclusions(rows, day, f"merging {name}") for name, rows in listed.items()]
    write_parquet(home.part(EXCLUSION_TABLE, day, "dimensions"), pl.concat(excluded))
    frames = {table: cells[table.name] for table in cell.TABLES} | {
        supply.SITE: centers,
        sites.TABLE: places,
        country_pop.TABLE: served,
        fleet.GENERATION: fleet.generations(assets.reference("satellite_generations")),
        CONSTELLATION_TABLE: pl.DataFrame(constellation_rows()),
    }
    for item, frame in frames.items():
        sourced.stage(home, item, day, frame)
    return {item.name: frame.height for item, frame in frames.items()}


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
    item = sourced.standing(settings, cities.SOURCE, day)
    if item is None:
        raise sourced.SourceMissing(
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


def _compute_sites(home: Home, day: date) -> pl.DataFrame:
    centers, timelines = (sourced.kept(home, each, day) for each in (epoch_data_centers, epoch_data_center_timelines))
    return supply.sites(centers, timelines, assets.topology(), day)


def _country_pops(
    settings: Settings, cells: dict[str, pl.DataFrame], places: pl.DataFrame, day: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of dim.country_pop from feed and table, and what was dropped of them."""
    home, item = Home(settings.home), sourced.standing(settings, cities.SOURCE, day)
    settlements = cities.parse(landing.read(item)).frame if item else cities.TABLE.empty()
    centres = cells[cell.CELL.name].select("cell_id", "latitude_deg", "longitude_deg")
    frame, dropped = country_pop.compute(
        cells[cell.COUNTRY.name],
        cells[cell.CELL_COUNTRY.name].join(centres, on="cell_id"),
        settlements,
        places,
        sourced.kept(home, starlink_geoip, day),
        assets.reference("starlink_pop_by_country"),
        starlink_geoip.SOURCE.citation,
    )
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number")
    return frame, dropped.select(number, "row_key", "reason")


def _listed_day(settings: Settings, day: date) -> date | None:
    item = sourced.standing(settings, epoch_data_centers.SOURCE, day)
    return item.landed_day if item else None


def _sites(settings: Settings, day: date) -> pl.DataFrame:
    item = sourced.standing(settings, sites.SOURCE, day)
    return sites.parse(landing.read(item)).frame if item else sites.TABLE.empty()
