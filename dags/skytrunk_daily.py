"""Skytrunk, every day at 06:00 UTC: land the catalog, compute, check, publish, mail.

The run's **day** is the UTC date on which it lands the catalog: the `day` parameter if one is given, else the day that a
triggering asset names, else the date of `run_after`. It is the same for all tasks and all attempts of a run. The figures
cover [day 00:00, +24 h).

| task | if it is red | get up at night? |
|---|---|---|
| sources | a setting cannot be read; its words are in the log | no: correct the setting, clear the task |
| land | a source was not landed; the day goes on with the last landed one where that is young enough (catalog: 3 days), and without a source that it can do without (SupGP, SATCAT: asked once, never again that day). A refusal (4xx) is never tried again: read the provider's words before anybody asks once more | no |
| parse | no catalog young enough, or one that cannot be read: **the day is withheld** (an optional source that cannot be read is left out, and the page says so) and the mail says so; published days stay as they are | no: `skytrunk land celestrak_active DAY --file PATH` lands one by hand, then clear this task |
| fleet, grid, gather | a fault in computing: nothing is published for the day | no: the log names the table and the row |
| check | the gate refused the day (say, a fleet shrank by more than 15 %): nothing is published, `failed/DAY/check.parquet` lists the rows | no, but look before readers ask: either the sky changed or the catalog is wrong |
| load, publish | the disk is full, or another process holds the warehouse: the published file is still the last good one | no |
| digest | tables are published, page and mail are not | no |
| send | everything is published; the mail lies in the outbox: `skytrunk send DAY` | no |
| notice | not even the mail of a failed day could be sent | no |

Nothing here is worth a night's sleep: whatever fails, readers keep the last good day with its date on it. `notice` runs
only when a day fails before its page and mail are made, and mails which task said what. The run is red exactly when the
day was not published or its mail was not sent.

Every step can be run again with the same result; after `load`, clear from `parse` on, since the staged files have moved. Attempts are repeated only where that can help: landing
(three in all, two hours apart), mail (minutes), and one more for a lost worker; a day that is withheld, refused by the
gate or unreadable stops at once.

By hand: `airflow dags trigger skytrunk_daily -c '{"day": "2026-08-08"}'` (a day that is over uses only what is landed);
`{"synthetic_sample": true}` runs the embedded sample offline, in a home of its own. For many days, in order:
`airflow backfill create --dag-id skytrunk_daily --from-date 2026-08-08 --to-date 2026-08-17T23:59 --max-active-runs 1`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, CronTriggerTimetable, Param, chain, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from pipeline.io.settings import Settings

PUBLISHED = Asset("skytrunk_published", uri="skytrunk://published/skytrunk.duckdb")
CATALOG = "celestrak_active"
# What can put words into a notice; `land` too, for it says why there was no catalog.
NOTICED = [
    "sources",
    "land",
    "parse",
    "fleet",
    "grid",
    "gather",
    "check",
    "load",
    "publish",
    "digest",
]
LOST_WORKER: dict[str, Any] = {"retries": 1, "retry_delay": timedelta(seconds=10)}
# A retry waits out whoever holds the warehouse for some seconds, too.
ONE_WRITER: dict[str, Any] = {"retries": 2, "retry_delay": timedelta(minutes=1), "max_active_tis_per_dag": 1}


def day_of(context: Any) -> date:
    """Return the one day of a run: from its params, else a triggering asset's extra, else the UTC date of run_after.

    context: of the running task. Raises ValueError when the text is not a date.
    """
    events = [e for several in (context.get("triggering_asset_events") or {}).values() for e in several]
    named = [e.extra["day"] for e in events if "day" in (e.extra or {})]
    text = context["params"].get("day") or (named[-1] if named else None)
    if text is None:
        return context["dag_run"].run_after.astimezone(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"day={text!r} is not a date: give it as YYYY-MM-DD") from error


def asked() -> tuple[Settings, date]:
    """Return the settings of this machine and the day of the running task's run; the sample asks no server."""
    from pipeline.io.settings import from_environment

    context = get_current_context()
    return from_environment().at(None, offline=context["params"]["synthetic_sample"] or None), day_of(context)


@contextmanager
def told(what: str, *, optional: bool = False) -> Iterator[None]:
    """Keep the words of a failure for `notice`, and fail for good where another attempt cannot help.

    what: the step, and what it works on, as a reader of the notice knows it. optional: whether it lands what the day can do without,
    for which the day does not wait hours.
    """
    try:
        yield
    except Exception as error:
        get_current_context()["ti"].xcom_push(key="failure", value=f"{what}: {error}")
        if is_final(error, optional=optional):
            raise AirflowFailException(str(error)) from error
        raise


def is_final(error: Exception, *, optional: bool = False) -> bool:
    """Whether the same call would end the same way: a withheld, refused or unreadable day, a wrong setting, a provider's no.

    optional: whether a provider that does not answer is not asked again, because the day can do without.
    """
    from pipeline.io.checks import GateError
    from pipeline.io.landing import LandingError
    from pipeline.io.runs import DayWithheld
    from pipeline.io.settings import SettingError
    from pipeline.source import SourceError

    if isinstance(error, LandingError):
        return optional or not error.retry
    return isinstance(error, DayWithheld | GateError | SettingError | SourceError)


def step(verb: str, *more: str) -> dict[str, Any]:
    """Return the paths and counts of pipeline.steps.VERB(settings, day, *more)."""
    with told(" ".join([verb, *more])):
        from pipeline import steps

        return getattr(steps, verb)(*asked(), *more)


def failure_text(words: list[str], states: dict[str, str]) -> str:
    """Return one line per failed task: its own words, or its name when a lost worker left none.

    words: "what: why" of failed tasks. states: state of each task of the run, mapped ones as name_index.
    """
    speakers = {line.split(" ")[0].rstrip(":") for line in words}
    failed = sorted(name for name, state in states.items() if state == "failed")
    silent = [name for name in failed if name.rstrip("0123456789").rstrip("_") not in speakers]
    return "\n".join([*words, *(f"{name}: failed without a word; its log in Airflow says more" for name in silent)])


@task
def sources() -> list[str]:
    """Names of the sources that a run lands, the required one first."""
    with told("sources"):
        from pipeline import steps

        return steps.source_names(*asked())


@task(retries=2, retry_delay=timedelta(hours=2), execution_timeout=timedelta(minutes=15))
def land(source: str) -> dict[str, Any]:
    """Land one source, or the synthetic sample in place of the catalog."""
    with told(f"land {source}", optional=source != CATALOG):
        from pipeline import steps

        settings, day = asked()
        if source == CATALOG and get_current_context()["params"]["synthetic_sample"]:
            return steps.land_sample(settings, day)
        return steps.land(settings, source, day)


# Runs whatever became of `land`: the step itself knows which sources a day can do without.
@task(trigger_rule="all_done_min_one_success")
def parse() -> dict[str, Any]:
    """Landed catalog to raw table and dimensions."""
    return step("parse")


@task
def fleet() -> dict[str, Any]:
    """Raw catalog to satellites and fleets."""
    return step("fleet")


@task(execution_timeout=timedelta(hours=2))
def grid() -> dict[str, Any]:
    """Satellites of all constellations to the parts of the grids."""
    return step("grid")


@task
def gather() -> dict[str, Any]:
    """Parts of the grids to whole tables, and to countries."""
    return step("gather")


@task
def check() -> dict[str, Any]:
    """The gate."""
    return step("check")


@task(**ONE_WRITER)
def load() -> dict[str, Any]:
    """The day into tables and warehouse."""
    return step("load")


@task(**ONE_WRITER, outlets=[PUBLISHED])
def publish() -> dict[str, Any]:
    """The published file, by an atomic rename."""
    context = get_current_context()
    context["outlet_events"][PUBLISHED].extra = {"day": day_of(context).isoformat()}
    return step("publish")


@task
def digest() -> dict[str, Any]:
    """Page and mail."""
    return step("digest")


# Its record goes into the warehouse, too.
@task(retries=3, retry_delay=timedelta(minutes=5), max_active_tis_per_dag=1)
def send() -> dict[str, Any]:
    """The mail, to its readers."""
    return step("send")


@task(trigger_rule="one_failed", retries=3, retry_delay=timedelta(minutes=5))
def notice() -> dict[str, Any]:
    """What failed, as a page and a mail."""
    from pipeline import steps

    context = get_current_context()
    ti, run_id = context["ti"], context["dag_run"].run_id
    words = [line for line in ti.xcom_pull(task_ids=NOTICED, key="failure") if line]
    states = ti.get_task_states(dag_id="skytrunk_daily", run_ids=[run_id], task_ids=NOTICED)[run_id]
    return steps.notice(*asked(), failure_text(words, states))


@dag(
    dag_id="skytrunk_daily",
    # A point in time, not an interval: logical date, run_after and day agree, for backfills too.
    # Airflow takes False for 10 % of a day: unpaused between 06:00 and 08:24, the day would start by itself.
    schedule=CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=timedelta(seconds=1)),
    # No start_date: unpausing waits for the next 06:00 instead of making up for the last one.
    catchup=False,
    max_active_runs=1,
    # Hung runs end before the next morning. Not a DeadlineAlert: in Airflow 3.3 it may fall silent once this file changes.
    dagrun_timeout=timedelta(hours=20),
    default_args={"execution_timeout": timedelta(hours=1), **LOST_WORKER},
    params={
        "day": Param(None, type=["null", "string"], format="date", description="UTC day; empty: the day of the run"),
        "synthetic_sample": Param(False, type="boolean", description="land the embedded synthetic sample, offline"),
    },
    doc_md=__doc__,
    tags=["skytrunk"],
)
def skytrunk_daily() -> None:
    """Order and retries of the day's steps; what they do stands in pipeline/steps.py."""
    names = sources()
    day_made = [parse(), fleet(), grid(), gather(), check(), load(), publish(), digest()]
    chain(names, *day_made)
    land.expand(source=names) >> day_made[0]
    # `send` is no cause for a notice: the day is published, and mail is what failed.
    day_made[-1] >> send()
    [names, *day_made] >> notice()


skytrunk_daily()
