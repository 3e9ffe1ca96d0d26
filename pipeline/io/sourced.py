"""The sources of a day: landing them, what stands in for one that is not landed, and their rows, read and kept beside the staged tables."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from types import ModuleType

import polars as pl

from pipeline.io import landing, registry
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.source import EXCLUDED_SCHEMA, EXCLUSION_TABLE, Source, SourceError
from pipeline.table import Table

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


def due(settings: Settings, item: Source, day: date) -> bool:
    """Whether a run lands a source for a day: it is not landed by hand, and what stands is as old as the provider is asked again."""
    if item.by_hand:
        return False
    if item.required or not item.is_remote:
        return True
    there = standing(settings, item, day)
    return not settings.offline and (there is None or not 0 < there.age_days < item.every_days)


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


def land_all(settings: Settings, names: list[str], day: date) -> None:
    """Land sources side by side, so that a world that does not answer costs the time-out of one of them; no provider is asked by two."""
    with ThreadPoolExecutor(max(len(names), 1)) as pool:
        list(pool.map(lambda name: land_or_stand(settings, name, day), names))


def standing(settings: Settings, item: Source, day: date) -> landing.Landed | None:
    """What stands for a source on a day; None too where the record of it is damaged, which is logged."""
    try:
        return landing.standing(settings, item, day)
    except landing.LandingError as error:
        log.warning("%s", error)
        return None


def source_text(settings: Settings, item: Source, today: date) -> str:
    """What a source is, what was landed of it last, and what is missing without it, as lines."""
    last = landing.standing(settings, replace(item, stands_days=None), today)
    landed = f"{last.landed_day}, {(today - last.landed_day).days} days ago" if last else "never"
    needed = "required" if item.required else "optional, landed by hand only" if item.by_hand else "optional"
    stands = "any age" if item.stands_days is None else f"up to {item.stands_days} days"
    lines = {
        "title": item.title, "address": item.address, "licence": item.licence, "citation": item.citation,
        "cadence": item.cadence, "needed": needed, "stands in for": stands,
        "last landed": landed, "without it": item.missing,
    }  # fmt: skip
    return "\n".join([item.name, *(f"  {key:<13} {value}" for key, value in lines.items())])


def keep(settings: Settings, module: ModuleType, day: date) -> pl.DataFrame:
    """Leave the rows of what stands of a source that a day can do without beside the staged tables; return the exclusions.

    There are no rows where nothing stands, or what does cannot be read.
    """
    table, item = module.TABLE, standing(settings, module.SOURCE, day)
    frame, excluded = table.empty(), EXCLUSION_TABLE.empty()
    if item is not None:
        try:
            parsed = module.parse(landing.read(item))
            frame, excluded = table.conform(parsed.frame), exclusions(parsed.excluded, day, module.SOURCE.name)
        except (SourceError, landing.LandingError) as error:
            excluded = unreadable(module.SOURCE, error, day)
    write_parquet(Home(settings.home).part(table, day, "all"), frame)
    return excluded


def kept(home: Home, module: ModuleType, day: date) -> pl.DataFrame:
    """The rows that `keep` has left."""
    return read_parquet(home.part(module.TABLE, day, "all"))


def stage(home: Home, table: Table, day: date, frame: pl.DataFrame) -> None:
    """Write a staged table."""
    write_parquet(home.staged(table, day), table.conform(frame))


def exclusions(rows: pl.DataFrame, day: date, source: str) -> pl.DataFrame:
    """Rows of meta.exclusion from row_number, row_key and reason."""
    frame = rows.select(pl.col(name).cast(kind) for name, kind in EXCLUDED_SCHEMA.items())
    return EXCLUSION_TABLE.conform(frame.with_columns(pl.lit(day).alias("day"), pl.lit(source).alias("source")))


def unreadable(item: Source, error: Exception, day: date) -> pl.DataFrame:
    """The exclusion of a whole file of an optional source; the day goes on without it."""
    log.warning("%s is left out of %s: %s", item.name, day, error)
    row = pl.DataFrame([(0, "the whole file", str(error))], schema=EXCLUDED_SCHEMA, orient="row")
    return exclusions(row, day, item.name)
