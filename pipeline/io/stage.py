"""From a landed catalog to a day's tables in staging: reads frames, calls the pure floors, writes Parquet.

Every function can be run again with the same result. Nothing here touches what is published.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import polars as pl

from pipeline.constellations import CONSTELLATIONS, Constellation
from pipeline.formats import omm
from pipeline.geometry.grid import Rings, cell_count, rings
from pipeline.io import assets, checks, landing, runs, sourced, warehouse
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.runs import DayWithheld
from pipeline.io.settings import Settings
from pipeline.metrics import access, capacity, cell, coverage, event, fleet, flow, latency, past, satellite, shell
from pipeline.metrics.identity import Elements
from pipeline.source import EXCLUSION_TABLE, Parsed, SourceError
from pipeline.sources import (
    celestrak_active,
    celestrak_active_tle,
    celestrak_satcat,
    celestrak_supgp_starlink,
    cloud_regions,
    country_grid,
    electricity_prices,
    epoch_data_center_timelines,
    epoch_data_centers,
    epoch_gpu_clusters,
    gateway_antennas,
    gpu_cloud_offerings,
    gpu_purchase_prices,
    ookla_fixed,
    operator_filings,
    plan_prices,
    rtt_ibm,
    rtt_wondernetwork,
    share_quote,
    starlink_geoip,
    starlink_ground,
    starlink_metrics,
    token_prices,
    wondernetwork_servers,
    world_bank,
)

if TYPE_CHECKING:
    from pipeline.geometry.arc import Zone
    from pipeline.metrics.sweep import Crew

CATALOG = celestrak_active.SOURCE
# Sources of elements in order of precedence, and the constellation that a source holds alone: the operator's own elements stand
# before the general catalog, and that before its archive form.
ELEMENTS: tuple[tuple[ModuleType, str | None], ...] = (
    (celestrak_supgp_starlink, "starlink"),
    (celestrak_active, None),
    (celestrak_active_tle, None),
)
# Sources that a day can do without, whose rows are used and not published.
KEPT = (
    celestrak_satcat,
    cloud_regions,
    country_grid,
    electricity_prices,
    epoch_data_centers,
    epoch_data_center_timelines,
    epoch_gpu_clusters,
    gateway_antennas,
    gpu_cloud_offerings,
    gpu_purchase_prices,
    ookla_fixed,
    plan_prices,
    operator_filings,
    rtt_ibm,
    rtt_wondernetwork,
    share_quote,
    starlink_geoip,
    starlink_ground,
    starlink_metrics,
    token_prices,
    wondernetwork_servers,
    world_bank,
)
GRIDS = (coverage.TABLE, coverage.TOGETHER)
EVERY_S = 300  # the best elevation is looked for

log = logging.getLogger(__name__)


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
    """Read what is landed of elements and SATCAT into the day's raw tables, and note what was left out and what was landed.

    Raises DayWithheld, or SourceError when the landed catalog cannot be read: an older one does not replace it. Another
    source that cannot be read is left out and listed.
    """
    home = Home(settings.home)
    runs.begin(settings, day)
    item = catalog_of(settings, day)
    catalog = _read_elements(celestrak_active, item, day)
    warehouse.finish(settings, day)  # a day whose loading was cut off is made whole before it is begun again
    shutil.rmtree(home.staging(day), ignore_errors=True)
    excluded = [_stage_elements(home, celestrak_active, catalog, day)]
    excluded += [_optional_elements(settings, module, day) for module, _ in ELEMENTS if module is not celestrak_active]
    excluded += [sourced.keep(settings, module, day) for module in KEPT]
    write_parquet(home.part(EXCLUSION_TABLE, day, "parse"), pl.concat(excluded))
    for own in (each for each in sourced.sources() if not each.is_remote):
        sourced.land_or_stand(settings, own.name, day)  # what comes with the installation needs no network
    found = [item, *(sourced.standing(settings, each, day) for each in sourced.sources() if each is not CATALOG)]
    sourced.stage(home, landing.TABLE, day, landing.rows([each for each in found if each is not None], day))
    return {
        "objects": catalog.frame.height,
        "excluded": sum(frame.height for frame in excluded),
        "catalog_age_days": item.age_days,
    }


def fleet_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage the day's satellites, shells, events and fleets from its elements and the landed days behind it."""
    home = Home(settings.home)
    behind, satcat, landed_day = (
        _behind(home, day),
        sourced.kept(home, celestrak_satcat, day),
        _elements_landed_day(home, day),
    )
    satellites, shells, elements = satellite.compute(
        _elements(home, day), day, behind, _names(home, day, satcat), _launch_days(home, day, satcat)
    )
    if satellites.is_empty():
        raise SourceError(_not_the_catalog(home, day))
    decays = satcat.filter(pl.col("decay_day").is_not_null())
    events = event.compute(
        satellites,
        behind,
        day,
        decays if decays.height else None,
        _left_out(home, day),
        _known_decayed(home, day),
        landed_day,
    )
    generation = read_parquet(home.staged(fleet.GENERATION, day))
    frames = fleet.compute(satellites, generation, "observed" if landed_day == day else "standing") | {
        satellite.TABLE.name: satellites,
        shell.TABLE.name: shells,
        event.TABLE.name: events,
        flow.TABLE.name: flow.compute(satellites, behind, events, generation, day),
    }
    for item in (satellite.TABLE, shell.TABLE, event.TABLE, flow.TABLE, fleet.HISTORY, fleet.CAPACITY):
        sourced.stage(home, item, day, frames[item.name])
    write_parquet(home.part(satellite.TABLE, day, "elements"), elements)
    _stage_past(home, satellites, generation, satcat, day)
    _warn_of_later_days(home, day, satellites)
    counts = {c.name: satellites.filter(pl.col("constellation") == c.name).height for c in CONSTELLATIONS}
    return {"satellites": satellites.height, **counts, "events": events.height}


def _warn_of_later_days(home: Home, day: date, satellites: pl.DataFrame) -> None:
    """Say that later days rest on this one as it was, where it is new among them or comes out otherwise than before."""
    oldest = day + timedelta(days=satellite.BEHIND_DAYS)
    later = [d for d in warehouse.whole_days(home, satellite.TABLE) if day < d <= oldest]
    path = home.table(satellite.TABLE, day)
    if later and not (path.is_file() and read_parquet(path).equals(satellites)):
        log.warning(
            "%s: states and events of %d later days, %s to %s, do not know of this: run `skytrunk backfill %s %s` to bring them up to date",
            day, len(later), later[0], later[-1], later[0], later[-1],
        )  # fmt: skip


def _not_the_catalog(home: Home, day: date) -> str:
    """Why a file without a satellite of ours is refused, and what to do."""
    told = f"{day}: the catalog of {CATALOG.name} has no satellite of the five constellations, "
    if all(item.frame["object_name"].is_null().all() for item in _elements(home, day)):
        return told + (
            f"because its file has no names: land them with `skytrunk land {celestrak_satcat.SOURCE.name} {day} --file PATH`, or "
            "land and run a day before whose file has names"
        )
    aside = home.landing(CATALOG.name, day)
    return told + f"so it is not the catalog of all active satellites: move {aside} aside and land the right file"


# Memory goes with the cells that are swept together, and for every band of rings the work on satellites is done anew: grids up to
# order 7 are swept at once, finer ones in bands of so many cells.
WHOLE_CELLS, BAND_CELLS = 200_000, 50_000


def bands(order: int) -> list[Rings]:
    """The bands of rings that a grid is swept in."""
    return rings(order).bands(WHOLE_CELLS if cell_count(order) <= WHOLE_CELLS else BAND_CELLS)


def grid_day(settings: Settings, day: date, report: Callable[[str], None] | None = None) -> dict[str, int]:
    """Sweep all constellations over the day, band by band of the grid, and leave the parts of every grid."""
    home = Home(settings.home)
    failed, parts = 0, bands(settings.order)
    for k, band in enumerate(parts):
        if report and len(parts) > 1:
            report(f"sweeping the sky, band {k + 1} of {len(parts)}")
        failed = _sweep_band(settings, home, day, band, f"band-{k}")
    return {"bands": len(parts), "propagation_failed": failed}


def _sweep_band(settings: Settings, home: Home, day: date, band: Rings, part: str) -> int:
    """Leave one band's part of every grid; return how many satellites could not be propagated."""
    from pipeline.geometry import sight
    from pipeline.geometry.propagation import instants_of_day
    from pipeline.metrics.sweep import Plan, sweep

    cells, step_s = sight.cells(band), settings.step_s
    cell_country = read_parquet(home.staged(cell.CELL_COUNTRY, day))
    crews = [_crew(home, day, c, coverage.zone(c, day, cell_country, band, cells)) for c in CONSTELLATIONS]
    swept = sweep(crews, instants_of_day(day, step_s), cells, Plan(every=max(1, EVERY_S // step_s)))
    seen = swept.seen.items()
    left_out = [
        sourced.exclusions(rows.rename({"norad_cat_id": "row_number"}), day, f"sgp4 {name}")
        for name, rows in swept.failed.items()
    ]
    parts = {
        coverage.TABLE: pl.concat([coverage.compute(one, band, name, day, step_s) for name, one in seen]),
        coverage.TOGETHER: coverage.compute_together(swept.together, band, day, step_s),
        capacity.TABLE: pl.concat([capacity.visible(one, band, name) for name, one in seen]),
        EXCLUSION_TABLE: pl.concat(left_out),
    }
    for table, frame in parts.items():
        write_parquet(home.part(table, day, part), frame)
    return sum(rows.height for rows in swept.failed.values())


def _crew(home: Home, day: date, constellation: Constellation, zone: Zone) -> Crew:
    """The satellites of one constellation that are counted, and how."""
    from pipeline.metrics.sweep import Crew

    working, elements = working_fleet(home, day, constellation.name)
    weight_mbps = capacity.weight_mbps(working, read_parquet(home.staged(fleet.GENERATION, day)))
    return Crew(constellation.name, elements, weight_mbps, constellation.min_elevation_deg, zone)


def gather_day(settings: Settings, day: date) -> dict[str, int]:
    """Merge the parts of every grid into one table, and weigh them with people."""
    home = Home(settings.home)
    names = [f"band-{k}" for k in range(len(bands(settings.order)))]
    frames = {t.name: pl.concat([read_parquet(home.part(t, day, name)) for name in names]) for t in GRIDS}
    for grid in GRIDS:
        sourced.stage(home, grid, day, frames[grid.name])
    cell_country = read_parquet(home.staged(cell.CELL_COUNTRY, day))
    table = access.compute(
        frames[coverage.TABLE.name],
        read_parquet(home.staged(capacity.TABLE, day)),
        read_parquet(home.staged(latency.TABLE, day)),
        cell_country,
    )
    sourced.stage(home, access.TABLE, day, table)
    return {"grid_rows": sum(f.height for f in frames.values()), "countries": table["country_iso3"].n_unique()}


def _read_elements(module: ModuleType, item: landing.Landed, day: date) -> Parsed:
    """Rows of one landed source of elements that a day can use, and all that were left out. Raises SourceError."""
    try:
        parsed = module.parse(landing.read(item))
        screened = omm.screen(parsed.frame, day, module.SOURCE.name, parsed.excluded, parsed.row_numbers)
    except SourceError as error:
        raise SourceError(f"{day}: {error}") from error
    return Parsed(screened.frame, pl.concat([parsed.excluded, screened.excluded]))


def _stage_elements(home: Home, module: ModuleType, parsed: Parsed, day: date) -> pl.DataFrame:
    """Stage the raw table of one source; return its exclusions."""
    sourced.stage(home, module.TABLE, day, parsed.frame.with_columns(pl.lit(day).alias("day")))
    return sourced.exclusions(parsed.excluded, day, module.SOURCE.name)


def _optional_elements(settings: Settings, module: ModuleType, day: date) -> pl.DataFrame:
    """Stage the raw table of a source that a day can do without, empty where there is none; return its exclusions."""
    home, item = Home(settings.home), sourced.standing(settings, module.SOURCE, day)
    if item is None:
        sourced.stage(home, module.TABLE, day, module.TABLE.empty())
        return EXCLUSION_TABLE.empty()
    try:
        return _stage_elements(home, module, _read_elements(module, item, day), day)
    except (SourceError, landing.LandingError) as error:
        sourced.stage(home, module.TABLE, day, module.TABLE.empty())
        return sourced.unreadable(module.SOURCE, error, day)


def _elements(home: Home, day: date) -> list[Elements]:
    """The day's elements by source, in order of precedence."""
    found = []
    for module, constellation in ELEMENTS:
        frame = read_parquet(home.staged(module.TABLE, day)).drop("day")
        if frame.height:
            found.append(Elements(module.SOURCE.name, frame, constellation))
    return found


def _behind(home: Home, day: date) -> pl.DataFrame:
    """Rows of core.satellite_daily of the landed days behind a day that are of its kind, synthetic or real, and of this version."""
    kind = checks.is_synthetic(read_parquet(home.staged(landing.TABLE, day)))
    oldest = day - timedelta(days=satellite.BEHIND_DAYS)
    days = [d for d in warehouse.whole_days(home, satellite.TABLE) if oldest <= d < day]
    frames: list[pl.DataFrame] = []
    for earlier in reversed(days):
        if len(frames) < satellite.BEHIND_COUNT and _is_day_behind(home, earlier, synthetic=kind):
            frames += _satellites_of(home, earlier)
    return pl.concat([satellite.TABLE.empty().select(satellite.BEHIND), *reversed(frames)])


def _is_day_behind(home: Home, earlier: date, *, synthetic: bool) -> bool:
    """Whether elements of that kind were landed on an earlier day itself; a day for which others stand has seen nothing."""
    found = read_parquet(home.table(landing.TABLE, earlier))
    return checks.is_synthetic(found) == synthetic and _newest_elements(found) == earlier


def _newest_elements(landings: pl.DataFrame) -> date:
    """Day on which the newest elements of a day's meta.landing were landed."""
    names = [module.SOURCE.name for module, _ in ELEMENTS]
    return landings.filter(pl.col("source").is_in(names))["landed_day"].max()  # type: ignore[return-value]


def _elements_landed_day(home: Home, day: date) -> date:
    return _newest_elements(read_parquet(home.staged(landing.TABLE, day)))


def _names(home: Home, day: date, satcat: pl.DataFrame) -> pl.DataFrame:
    """Names of all objects, ours or not, by catalog number: by the catalogs of the days behind, the newest first, and SATCAT.

    A file without names is read with them, so that nobody is guessed to be ours who is known to be somebody else's.
    """
    told = satcat.select("norad_cat_id", "object_name")
    if not any(item.frame["object_name"].has_nulls() for item in _elements(home, day)):
        return told
    kind = checks.is_synthetic(read_parquet(home.staged(landing.TABLE, day)))
    oldest, table = day - timedelta(days=satellite.BEHIND_DAYS), celestrak_active.TABLE
    days = [
        d for d in warehouse.whole_days(home, table) if oldest <= d < day and _is_day_behind(home, d, synthetic=kind)
    ]
    frames = [read_parquet(home.table(table, d)).select(told.columns) for d in reversed(days)]
    both = pl.concat([*frames, told], how="vertical_relaxed").drop_nulls()
    return both.unique("norad_cat_id", keep="first", maintain_order=True)


def _satellites_of(home: Home, day: date) -> list[pl.DataFrame]:
    path = home.table(satellite.TABLE, day)
    try:
        return [pl.read_parquet(path, columns=list(satellite.BEHIND), glob=False)]
    except (OSError, pl.exceptions.PolarsError) as error:
        log.warning("%s does not count as a day behind (%s): compute that day again with this version", path, error)
        return []


def _known_decayed(home: Home, day: date) -> pl.DataFrame:
    """Identity and day of those that the events of the landed days behind called decayed."""
    oldest = day - timedelta(days=satellite.BEHIND_DAYS)
    days = [d for d in warehouse.whole_days(home, event.TABLE) if oldest <= d < day]
    frames = [read_parquet(home.table(event.TABLE, d)).filter(pl.col("event") == "decayed") for d in days]
    return pl.concat([event.TABLE.empty(), *frames]).select("identity", "day")


def _left_out(home: Home, day: date) -> pl.DataFrame:
    """Catalog number and reason of the rows that the day's sources left out."""
    rows = read_parquet(home.part(EXCLUSION_TABLE, day, "parse"))
    number = pl.col("row_key").str.extract(r"\((\d+)\)$").cast(pl.Int64, strict=False).alias("norad_cat_id")
    return rows.select(number, "reason").drop_nulls("norad_cat_id")


def _stage_past(
    home: Home, satellites: pl.DataFrame, generation: pl.DataFrame, satcat: pl.DataFrame, day: date
) -> None:
    """Stage the reconstructed fleets of the days back to the last landed one, or to the first launch where there is none.

    A synthetic day has none: real launches do not lead to made-up satellites.
    """
    if checks.is_synthetic(read_parquet(home.staged(landing.TABLE, day))):
        return
    launches, losses = assets.reference("launches"), assets.reference("fleet_losses")
    rows = past.compute(satellites, generation, launches, losses, satcat, day)
    last = max((d for d in warehouse.whole_days(home, fleet.HISTORY) if d < day), default=date.min)
    rows = rows.filter(pl.col("day") > last)
    if rows.height:
        write_parquet(home.staged_past(fleet.HISTORY, day), fleet.HISTORY.conform(rows))


def _launch_days(home: Home, day: date, satcat: pl.DataFrame) -> pl.DataFrame:
    """Day of each launch: by SATCAT, else by the shipped list."""
    raw = read_parquet(home.staged(celestrak_active.TABLE, day)).select(
        "norad_cat_id", pl.col("object_id").alias("listed")
    )
    launch = pl.coalesce("object_id", "listed").str.slice(0, 8).alias("launch")
    told = satcat.join(raw, on="norad_cat_id", how="left").select(launch, "launch_day")
    shipped = assets.reference("launches").select("launch", pl.col("launch_day").str.to_date(strict=False))
    both = pl.concat([told, shipped]).drop_nulls()
    return both.unique("launch", keep="first", maintain_order=True)


def working_fleet(home: Home, day: date, constellation: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Broadband satellites at work of one constellation, and their elements, in the same order."""
    rows = read_parquet(home.staged(satellite.TABLE, day)).filter(
        (pl.col("constellation") == constellation)
        & (pl.col("state") == "operational")
        & (pl.col("payload_class") == "broadband")
    )
    elements = read_parquet(home.part(satellite.TABLE, day, "elements"))
    return rows, rows.select("norad_cat_id").join(elements, on="norad_cat_id", maintain_order="left")
