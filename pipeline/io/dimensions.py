"""The dimensions of a day: cells, people and countries, kept until what they are made of changes; sites, generations, constellations."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.constellations import TABLE as CONSTELLATION_TABLE
from pipeline.constellations import rows as constellation_rows
from pipeline.geometry.grid import cell_count
from pipeline.io import assets, cells, landing, sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import SettingError, Settings
from pipeline.metrics import cell, country, country_pop, fleet, ground, place, pop_code, supply
from pipeline.source import EXCLUSION_TABLE, Source
from pipeline.sources import (
    cloud_regions,
    epoch_data_center_timelines,
    epoch_data_centers,
    ookla_fixed,
    sites,
    starlink_geoip,
    starlink_ground,
    world_bank,
)


def dimensions(settings: Settings, day: date) -> dict[str, int]:
    """Stage the dimensions. Cells, people and countries are kept, and made anew only when what they are made of changes."""
    home = Home(settings.home)
    _require_order(home, settings.order)
    facts, groups = country.facts(
        assets.reference("country_facts"), sourced.kept(home, world_bank, day), world_bank.SOURCE.citation
    )
    facts, nameless = country.with_speeds(facts, sourced.kept(home, ookla_fixed, day))
    made = cells.kept(settings, facts, day)
    listed_centers, timelines = (
        sourced.kept(home, each, day) for each in (epoch_data_centers, epoch_data_center_timelines)
    )
    centers = supply.sites(listed_centers, timelines, assets.topology(), day, made.frames[cell.COUNTRY.name])
    shipped = _sites(settings, day)
    known = supply.site_rows(shipped, centers, f"landed {_landed_day(settings, epoch_data_centers.SOURCE, day)}")
    known, elsewhere = ground.with_cloud_regions(known, sourced.kept(home, cloud_regions, day), assets.topology())
    places, merged = ground.site_rows(known, sourced.kept(home, starlink_ground, day), assets.topology())
    feed, nations = sourced.kept(home, starlink_geoip, day), made.frames[cell.COUNTRY.name]
    told = f"landed {_landed_day(settings, starlink_geoip.SOURCE, day)}"
    places, unknown = pop_code.with_codes(places, feed, made.towns, nations, told)
    served, strange = _country_pops(feed, made, places)
    listed = {f"placing {starlink_geoip.SOURCE.name}": unknown}
    unlike = supply.unlike(shipped, listed_centers, timelines, centers)
    listed |= {f"merging {name}": rows for name, rows in unlike.items()}
    listed |= {f"merging {starlink_ground.SOURCE.name}": merged, f"merging {starlink_geoip.SOURCE.name}": strange}
    listed |= {f"merging {cloud_regions.SOURCE.name}": elsewhere}
    listed |= {f"merging {world_bank.SOURCE.name}": _numbered(groups)}
    listed |= {f"merging {ookla_fixed.SOURCE.name}": _numbered(nameless)}
    listed |= {made.grid: made.excluded} if made.grid else {}
    excluded = [sourced.exclusions(rows, day, name) for name, rows in listed.items()]
    write_parquet(home.part(EXCLUSION_TABLE, day, "dimensions"), pl.concat(excluded))
    frames = {table: made.frames[table.name] for table in cells.TABLES} | {
        supply.SITE: centers,
        supply.STEP: supply.steps(listed_centers, timelines),
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


def _country_pops(feed: pl.DataFrame, made: cells.Cells, places: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of dim.country_pop from feed and table, and codes of countries that are not known."""
    centres = made.frames[cell.CELL.name].select("cell_id", "latitude_deg", "longitude_deg")
    people = made.frames[cell.CELL_COUNTRY.name].join(centres, on="cell_id")
    frame, strange = country_pop.compute(
        made.frames[cell.COUNTRY.name],
        pl.concat([people, place.unsettled(made.frames[place.TABLE.name])], how="diagonal"),
        made.towns,
        places,
        feed,
        assets.reference("starlink_pop_by_country"),
        starlink_geoip.SOURCE.citation,
    )
    return frame, _numbered(strange)


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"), "row_key", "reason")


def _landed_day(settings: Settings, source: Source, day: date) -> date | None:
    item = sourced.standing(settings, source, day)
    return item.landed_day if item else None


def _sites(settings: Settings, day: date) -> pl.DataFrame:
    item = sourced.standing(settings, sites.SOURCE, day)
    return sites.parse(landing.read(item)).frame if item else sites.TABLE.empty()
