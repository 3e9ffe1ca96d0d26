"""The straight line: one small function per verb. The command line and the Airflow DAG call these for every verb of a day.

Each takes the settings and a UTC day and returns a small dict of paths and counts that JSON can hold.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipeline.io import (
    answers,
    capacity,
    checks,
    demand,
    dimensions,
    edition,
    landing,
    network,
    runs,
    sourced,
    stage,
    warehouse,
)
from pipeline.io import publish as publication
from pipeline.io import scenario as scenarios
from pipeline.io.home import Home, alone
from pipeline.io.mail import MailError
from pipeline.io.settings import Settings
from pipeline.sources import sample

Result = dict[str, Any]
Report = Callable[[str], None]

SAMPLE_DAY = sample.DAY

log = logging.getLogger(__name__)


def quiet(words: str) -> None:
    """Report nothing."""


def source_names(settings: Settings, day: date) -> list[str]:
    """Names of the sources that a run of a day lands, the required one first: offline only that and what comes with the installation."""
    return [source.name for source in sourced.sources() if sourced.due(settings, source, day)]


def land(settings: Settings, source_name: str, day: date) -> Result:
    """Land one source for the day, from the network or from what comes with the installation."""
    return _landed(landing.land(settings, sourced.source(source_name), day))


def land_file(settings: Settings, source_name: str, day: date, path: Path) -> Result:
    """Land a file that the user has."""
    return _landed(landing.land_file(settings, sourced.source(source_name), day, path))


def land_sample(settings: Settings, day: date = SAMPLE_DAY) -> Result:
    """Land the synthetic catalog of the sample day."""
    content = sample.catalog(day)
    return _landed(landing.land_bytes(settings, stage.CATALOG, day, content, url="synthetic:sample", synthetic=True))


def parse(settings: Settings, day: date) -> Result:
    """Landed sources to raw tables, dimensions and demand."""
    return stage.parse_day(settings, day) | dimensions.dimensions(settings, day) | demand.demand_day(settings, day)


def fleet(settings: Settings, day: date) -> Result:
    """Raw catalog to satellites and fleets."""
    return stage.fleet_day(settings, day)


def grid(settings: Settings, day: date, report: Report = quiet) -> Result:
    """Satellites of all constellations to the parts of the grids, to the day's network, and to what can be sold over it."""
    swept = dict(stage.grid_day(settings, day, report))
    report("finding ways over the network")
    swept |= network.network_day(settings, day)
    report("sharing the capacity")
    return swept | capacity.capacity_day(settings, day)


def gather(settings: Settings, day: date) -> Result:
    """Parts of the grids to whole tables, to countries, and to what they mean."""
    found = stage.gather_day(settings, day) | answers.answers_day(settings, day)
    return found | answers.exclusions_day(settings, day)


def compute(settings: Settings, day: date, report: Report = quiet) -> Result:
    """Parse, fleet, grid and gather, one after the other."""
    report("reading the catalog")
    result = parse(settings, day)
    report("sorting the fleet")
    result |= fleet(settings, day)
    report("sweeping the sky")
    result |= grid(settings, day, report)
    report("weighing with people")
    return result | gather(settings, day)


def check(settings: Settings, day: date) -> Result:
    """Validate the staged day. Raises GateError where a critical check fails."""
    results = checks.run(settings, day)
    return {"checks": results.height, "failed": int((~results["passed"]).sum())}


def load(settings: Settings, day: date) -> Result:
    """Let the day through into the tables and the warehouse, in one transaction."""
    warehouse.load(settings, day)
    return {"warehouse": str(settings.home / "warehouse.duckdb")}


def publish(settings: Settings, day: date) -> Result:
    """Publish what the warehouse holds by an atomic rename; then leave the record of the run, and publish that too."""
    publication.publish(settings)
    runs.record_published(settings, day)
    warehouse.load_records(settings)
    publication.publish(settings)
    return {"day": day.isoformat(), "database": str(settings.home / "published" / "skytrunk.duckdb")}


def digest(settings: Settings, day: date) -> Result:
    """Write the page and the mail of a published day."""
    page, mail = edition.write(settings, day)
    return {"page": str(page), "mail": str(mail)}


def send(settings: Settings, day: date) -> Result:
    """Send the day's mail, or leave it in the outbox where no server is set; publish the record of it."""
    result = edition.send(settings, day)
    warehouse.load_records(settings)
    publication.publish(settings)
    return result


def notice(settings: Settings, day: date, reason: str) -> Result:
    """Record, write and send the notice that a day is withheld or failed; what is published stays as it is."""
    runs.record_failure(settings, day, reason)
    return edition.notice(settings, day, reason)


def run(settings: Settings, day: date, report: Report = quiet) -> Result:
    """Run the whole job for a day and leave its record; where there is no edition, a notice says why."""
    with alone(Home(settings.home), day), _noticed(settings, day):
        names = source_names(settings, day)
        report(f"landing {len(names)} sources")
        sourced.land_all(settings, names, day)
        return _after_landing(settings, day, report)


def run_sample(settings: Settings, report: Report = quiet) -> Result:
    """Run the whole job on the embedded sample day, offline."""
    warehouse.require_no_real_day(settings)
    with alone(Home(settings.home), SAMPLE_DAY), _noticed(settings, SAMPLE_DAY):
        report("making the synthetic sample")
        land_sample(settings)
        return _after_landing(settings, SAMPLE_DAY, report)


def rebuild(settings: Settings) -> Result:
    """Build the warehouse anew from the Parquet files, and publish it."""
    return {**warehouse.rebuild(settings), **publication.publish(settings)}


def backfill(settings: Settings, first: date, last: date, report: Report = quiet) -> Result:
    """Run every landed day from `first` to `last` in order; a day that is not landed or fails is named, and the next one runs."""
    result: dict[str, list[str]] = {"done": [], "not landed": [], "failed": []}
    for day in (first + timedelta(days=k) for k in range((last - first).days + 1)):
        result[_backfilled(settings, day, report)].append(day.isoformat())
    return {key: ", ".join(days) or "none" for key, days in result.items()}


def _backfilled(settings: Settings, day: date, report: Report) -> str:
    try:
        if landing.landed(settings, stage.CATALOG, day) is None:
            return "not landed"
        run(settings, day, lambda words: report(f"{day}: {words}"))
    except Exception as error:
        log.warning("%s: %s", day, error)
        return "failed"
    return "done"


def scenario(settings: Settings, name: str, day: date | None = None, report: Report = quiet) -> Result:
    """Compute a day with its fleet changed, the newest day where none is given, and leave the differences beside the real day."""
    chosen = scenarios.day_of(settings, day)
    with scenarios.opened(settings, name, chosen) as own:
        report("reading the catalog")
        parse(own, chosen)
        report("sorting the fleet")
        fleet(own, chosen)
        notes = scenarios.change(settings, own, name, chosen)
        report("sweeping the sky")
        grid(own, chosen, report)
        report("weighing with people")
        gather(own, chosen)
        return {"day": chosen.isoformat()} | scenarios.told(settings, own, name, chosen, notes)


def sources_text(settings: Settings, today: date) -> str:
    """Each source with licence, cadence, what was landed last and its age, and what is missing without it."""
    return "\n\n".join(sourced.source_text(settings, source, today) for source in sourced.sources())


@contextmanager
def _noticed(settings: Settings, day: date) -> Iterator[None]:
    """Write and send a notice when what happens inside fails; the failure goes on to the caller.

    A mail that cannot be sent is no failure of the day: it is published, and the mail waits in the outbox.
    """
    try:
        yield
    except MailError:
        raise
    except Exception as error:
        try:
            notice(settings, day, str(error))
        except Exception as second:  # whatever it is, the first error is the one to tell
            log.warning("no notice could be made: %s", second)
        raise


def _after_landing(settings: Settings, day: date, report: Report) -> Result:
    result = compute(settings, day, report)
    following = {
        "checking": check,
        "loading": load,
        "publishing": publish,
        "writing the digest": digest,
        "mailing": send,
    }
    for words, step in following.items():
        report(words)
        result |= step(settings, day)
    return result


def _landed(item: landing.Landed) -> Result:
    return {
        "source": item.source,
        "day": item.day.isoformat(),
        "landed_day": item.landed_day.isoformat(),
        "path": str(item.path),
        "bytes": item.size_bytes,
        "synthetic": item.synthetic,
    }
