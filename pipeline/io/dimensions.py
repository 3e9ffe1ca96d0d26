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
from pipeline.metrics import cell, fleet
from pipeline.sources import cities, sites
from pipeline.table import TableError


def dimensions(settings: Settings, day: date) -> dict[str, int]:
    """Stage the dimensions. Cells, people and countries are kept, and made anew only when what they are made of changes."""
    home = Home(settings.home)
    _require_order(home, settings.order)
    cells = _kept_cells(settings, day)
    frames = {table: cells[table.name] for table in cell.TABLES} | {
        sites.TABLE: _sites(settings, day),
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


def _sites(settings: Settings, day: date) -> pl.DataFrame:
    item = sourced.standing(settings, sites.SOURCE, day)
    return sites.parse(landing.read(item)).frame if item else sites.TABLE.empty()
