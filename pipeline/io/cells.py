"""Cells, people and countries: kept until what they are made of changes, for it takes seconds to make them and years until it does."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import date
from types import ModuleType

import polars as pl

from pipeline import __version__
from pipeline.io import assets, landing, sourced
from pipeline.io.home import Home, HomeError, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import cell, place, pop_code
from pipeline.source import EXCLUDED_SCHEMA, SourceError
from pipeline.sources import cities, population_gpw, population_kontur
from pipeline.table import TableError

# Population grids, the finer first: what stands of the first one that is landed says where people live.
GRIDS = (population_kontur, population_gpw)
TOWNS, EXCLUDED = "towns", "excluded"
TABLES = (*cell.TABLES, place.TABLE)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cells:
    """Tables of metrics.cell and metrics.place by name; large settlements and those of countries that have regions; rows left out of the population grid, and its name."""

    frames: dict[str, pl.DataFrame]
    towns: pl.DataFrame
    excluded: pl.DataFrame
    grid: str


def kept(settings: Settings, facts: pl.DataFrame, day: date) -> Cells:
    """Read what is kept, or make it anew where it is not there or cannot be read. facts: rows of country_facts.csv.

    Raises SourceMissing where no settlements stand. A population grid that cannot be read is left out and listed.
    """
    item = sourced.standing(settings, cities.SOURCE, day)
    if item is None:
        raise sourced.SourceMissing(
            f"{day}: no settlements of {cities.SOURCE.name} are landed, so nobody can be counted: land them"
        )
    module, grid = _grid(settings, day)
    name = module.SOURCE.name if module else ""
    folder = Home(settings.home).root / "cache" / f"cells-{_made_of(settings, facts, item, grid)}"
    names = {table.name: folder / f"{table.short_name}.parquet" for table in TABLES}
    try:
        frames = {table.name: table.conform(read_parquet(names[table.name])) for table in TABLES}
        towns, excluded = (read_parquet(folder / f"{each}.parquet") for each in (TOWNS, EXCLUDED))
        return Cells(frames, cities.TABLE.conform(towns), excluded, name)
    except (HomeError, TableError):
        population, excluded = _population(module, grid, day)
        settlements = cities.parse(landing.read(item)).frame
        frames = cell.compute(settlements, facts, assets.topology(), settings.order, population)
        frames[place.TABLE.name] = _places(settlements, frames)
        large = pl.col("population_count") >= pop_code.BIG
        towns = settlements.filter(pl.col("country_iso2").is_in(list(cities.REGIONS)) | large)
    for each, path in names.items():
        write_parquet(path, frames[each])
    write_parquet(folder / f"{TOWNS}.parquet", towns)
    write_parquet(folder / f"{EXCLUDED}.parquet", excluded)
    return Cells(frames, towns, excluded, name)


def _places(settlements: pl.DataFrame, frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    country, fine = (frames[table.name] for table in (cell.COUNTRY, cell.CELL_FINE))
    centres = frames[cell.CELL.name].select("cell_id", "latitude_deg", "longitude_deg")
    land = frames[cell.CELL_COUNTRY.name].join(centres, on="cell_id")
    return place.compute(country, settlements, fine, assets.reference("stations"), land)


def _grid(settings: Settings, day: date) -> tuple[ModuleType | None, landing.Landed | None]:
    for module in GRIDS:
        if item := sourced.standing(settings, module.SOURCE, day):
            return module, item
    return None, None


def _population(
    module: ModuleType | None, item: landing.Landed | None, day: date
) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    """Rows of the population grid, and what was left out of it."""
    nothing = pl.DataFrame(schema=EXCLUDED_SCHEMA)
    if module is None or item is None:
        return None, nothing
    try:
        parsed = module.parse(landing.read(item))
    except (SourceError, landing.LandingError) as error:
        log.warning("%s is left out of %s: %s", module.SOURCE.name, day, error)
        return None, pl.DataFrame([(0, "the whole file", str(error))], schema=EXCLUDED_SCHEMA, orient="row")
    return parsed.frame, parsed.excluded


def _made_of(settings: Settings, facts: pl.DataFrame, item: landing.Landed, grid: landing.Landed | None) -> str:
    """Hash of what cells, people and countries are computed from: version, order, settlements, grid, facts, outlines and stations."""
    parts = (
        __version__,
        str(settings.order),
        item.sha256,
        grid.sha256 if grid else "",
        facts.write_csv(),
        repr(assets.topology()),
        assets.reference("stations").write_csv(),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
