"""The record of every run, of those that failed too: one row each, kept beside the tables."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from pipeline import __version__
from pipeline.io import landing
from pipeline.io.home import Home, HomeError, read_parquet, write_parquet, write_text
from pipeline.io.landing import TABLE as LANDING_TABLE
from pipeline.io.settings import Settings
from pipeline.metrics.satellite import TABLE as SATELLITE_TABLE
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources.celestrak_active import SOURCE as CATALOG
from pipeline.table import Column, Table

log = logging.getLogger(__name__)

TABLE = Table(
    "meta.run",
    "one row per run of a day, whether it was published or not",
    (
        Column("run_id", "text", "", "Day and starting time of the run", key=True),
        Column("day", "day", "UTC date", "Day of the run"),
        Column("started_utc", "instant", "UTC", "Start"),
        Column("finished_utc", "instant", "UTC", "End"),
        Column("outcome", "outcome", "", "What became of the day"),
        Column("synthetic", "flag", "", "Made from the synthetic sample, not from a real catalog"),
        Column("catalog_day", "day", "UTC date", "Day on which the catalog that was used was landed; null where none was", nullable=True),
        Column("catalog_age_days", "integer", "days", "Age of that catalog on the day", 0, nullable=True),
        Column("satellite_count", "integer", "", "Satellites of the five constellations", 0, 200_000, nullable=True),
        Column("excluded_count", "integer", "", "Rows left out, listed in meta.exclusion", 0, nullable=True),
        Column("message", "text", "", "Why the day was withheld or failed; empty when it was published"),
        Column("version", "text", "", "Version of skytrunk"),
    ),
)  # fmt: skip


class DayWithheld(RuntimeError):
    """There is no catalog that may stand for the day: nothing is published for it."""


def now_utc() -> datetime:
    """The time, UTC without a zone mark."""
    return datetime.now(UTC).replace(tzinfo=None)


def record(
    settings: Settings,
    day: date,
    *,
    started_utc: datetime,
    outcome: str,
    synthetic: bool = False,
    catalog_day: date | None = None,
    satellite_count: int | None = None,
    excluded_count: int | None = None,
    message: str = "",
    finished_utc: datetime | None = None,
) -> pl.DataFrame:
    """Append one row to the day's run records and return it as a frame of TABLE.

    A broken file of earlier records is set aside and logged by its new name, since a run must always leave its record.
    Raises HomeError only when the home cannot be written.
    """
    row = {
        "run_id": f"{day.isoformat()}/{started_utc:%Y%m%dT%H%M%S.%fZ}",
        "day": day,
        "started_utc": started_utc,
        "finished_utc": finished_utc or now_utc(),
        "outcome": outcome,
        "synthetic": synthetic,
        "catalog_day": catalog_day,
        "catalog_age_days": None if catalog_day is None else (day - catalog_day).days,
        "satellite_count": satellite_count,
        "excluded_count": excluded_count,
        "message": " ".join(message.split()),
        "version": __version__,
    }
    frame = TABLE.conform(pl.DataFrame([row], schema=TABLE.polars_schema))
    path = Home(settings.home).table(TABLE, day)
    write_parquet(path, pl.concat([_earlier(settings, day), frame]).unique("run_id", keep="last").sort(TABLE.key))
    return frame


def _earlier(settings: Settings, day: date) -> pl.DataFrame:
    path = Home(settings.home).table(TABLE, day)
    if not path.exists():
        return TABLE.empty()
    try:
        frame = pl.concat([TABLE.empty(), read_parquet(path)], how="diagonal_relaxed")
        return TABLE.conform(frame.select(TABLE.column_names))
    except (HomeError, ValueError, pl.exceptions.PolarsError):
        log.warning("%s cannot be read and is set aside as %s", path, path.replace(path.with_suffix(".broken")))
        return TABLE.empty()


def begin(settings: Settings, day: date) -> None:
    """Note when a run of the day began; the note goes when the run is recorded."""
    write_text(_note(settings, day), now_utc().isoformat())


def record_published(settings: Settings, day: date) -> bool:
    """Record the run whose day was just published, and say whether there was one: publishing alone is no run."""
    home, note = Home(settings.home), _note(settings, day)
    if not note.is_file():
        return False
    catalog = read_parquet(home.table(LANDING_TABLE, day)).filter(pl.col("source") == CATALOG.name)
    record(
        settings,
        day,
        started_utc=_started_utc(note),
        outcome="published",
        synthetic=bool(catalog["synthetic"].any()),
        catalog_day=catalog["landed_day"].max(),  # type: ignore[arg-type]
        satellite_count=read_parquet(home.table(SATELLITE_TABLE, day)).height,
        excluded_count=read_parquet(home.table(EXCLUSION_TABLE, day)).height,
    )
    note.unlink()
    return True


def record_failure(settings: Settings, day: date, message: str) -> None:
    """Record a run that left no edition: withheld where no catalog may stand for the day, else failed."""
    note = _note(settings, day)
    try:
        catalog, outcome = landing.standing(settings, CATALOG, day), "withheld"
    except landing.LandingError:
        catalog, outcome = None, "failed"  # the record of the landing is damaged: there is a catalog, and it is no use
    record(
        settings,
        day,
        started_utc=_started_utc(note),
        outcome="failed" if catalog else outcome,
        synthetic=bool(catalog and catalog.synthetic),
        catalog_day=catalog.landed_day if catalog else None,
        message=message,
    )
    note.unlink(missing_ok=True)


def _started_utc(note: Path) -> datetime:
    """When the run began, by its note; now where a run left none."""
    return datetime.fromisoformat(note.read_text()) if note.is_file() else now_utc()


def _note(settings: Settings, day: date) -> Path:
    return settings.home / "cache" / f"began-{day.isoformat()}.txt"
