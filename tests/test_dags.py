"""The DAG as an object, and what its tasks do, without a scheduler or a database."""

from __future__ import annotations

import ast
import importlib.util
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pipeline import steps
from pipeline.io.checks import GateError
from pipeline.io.home import HomeError
from pipeline.io.landing import LandingError
from pipeline.io.runs import DayWithheld
from pipeline.io.settings import SettingError, Settings
from pipeline.source import SourceError
from tests.programs import ROOT

FILE = ROOT / "dags" / "skytrunk_daily.py"
LINE = ["parse", "fleet", "grid", "gather", "check", "load", "publish", "digest", "send"]
HEAVY = ("great_expectations", "matplotlib", "numba", "pandas", "polars", "duckdb", "pipeline.steps")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The DAG file, read as Airflow reads it, with Airflow's own files in a temporary folder."""
    handlers, level = list(logging.root.handlers), logging.root.level
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        spec = importlib.util.spec_from_file_location("skytrunk_daily", FILE)
        assert spec
        assert spec.loader
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
        # Airflow takes over the root logger when it is imported; other tests want it as it was.
        logging.root.handlers, logging.root.level = handlers, level
        yield found


@pytest.fixture(scope="module")
def dag(module: ModuleType) -> Any:
    return module.skytrunk_daily()


class Running:
    """The context of a running task."""

    def __init__(self, **params: Any) -> None:
        self.pushed: dict[str, Any] = {}
        self.context: dict[str, Any] = {
            "ti": SimpleNamespace(xcom_push=lambda key, value: self.pushed.update({key: value})),
            "params": {"day": None, "synthetic_sample": False, **params},
            "dag_run": SimpleNamespace(run_id="a run", run_after=datetime(2026, 8, 8, 6, tzinfo=UTC)),
            "triggering_asset_events": {},
            "outlet_events": {},
        }


@pytest.fixture
def running(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Running:
    one = Running(day="2026-08-08")
    monkeypatch.setattr(module, "get_current_context", lambda: one.context)
    return one


def call(dag: Any, task_id: str, *arguments: Any) -> Any:
    """What a task's function returns."""
    task = dag.get_task(task_id)
    function = getattr(task, "python_callable", None) or task.partial_kwargs["python_callable"]
    return function(*arguments)


def retries(dag: Any, task_id: str) -> int:
    """How often a task is tried again."""
    return dag.get_task(task_id).retries


def test_steps_stand_in_the_order_of_the_straight_line(dag: Any) -> None:
    for earlier, later in pairwise(LINE):
        assert later in dag.get_task(earlier).downstream_task_ids
    assert dag.get_task("land").downstream_task_ids == {"parse"}


def test_every_task_is_a_function_of_steps(dag: Any) -> None:
    for name in set(dag.task_ids) - {"sources"}:
        assert callable(getattr(steps, name)), name


def test_land_is_mapped_over_sources(dag: Any, running: Running) -> None:
    assert {one.task_id for one in dag.tasks if one.is_mapped} == {"land"}
    assert call(dag, "sources") == steps.source_names(Settings(), date(2026, 8, 8))


def test_landing_is_tried_three_times_hours_apart(dag: Any) -> None:
    land = dag.get_task("land")
    assert land.retries == 2
    assert land.partial_kwargs["retry_delay"] == timedelta(hours=2)


def test_no_other_step_waits_for_hours(dag: Any) -> None:
    others = [one for one in dag.tasks if one.task_id not in ("land", "grid")]
    assert max(one.retries * one.retry_delay for one in others) <= timedelta(minutes=15)


@pytest.mark.parametrize("name", [*LINE, "sources", "notice"])
def test_a_lost_worker_is_made_up_for(dag: Any, name: str) -> None:
    assert retries(dag, name) >= 1


def test_parse_decides_about_a_source_that_was_not_landed(dag: Any) -> None:
    assert dag.get_task("parse").trigger_rule == "all_done_min_one_success"


def test_notice_watches_all_that_makes_the_day_and_not_the_mail(dag: Any) -> None:
    notice = dag.get_task("notice")
    assert notice.trigger_rule == "one_failed"
    assert notice.upstream_task_ids == {"sources", *LINE} - {"send"}


def test_a_notice_does_not_turn_a_failed_run_green(dag: Any) -> None:
    assert {one.task_id for one in dag.tasks if not one.downstream_task_ids} == {"send", "notice"}


def test_one_run_at_a_time_and_one_writer(dag: Any) -> None:
    assert dag.max_active_runs == 1
    assert {dag.get_task(name).max_active_tis_per_dag for name in ("load", "publish", "send")} == {1}


def test_runs_at_six_utc_without_catching_up(dag: Any) -> None:
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("0 6 * * *", "UTC")
    assert (dag.catchup, dag.start_date) == (False, None)


def test_documentation_is_the_docstring_and_speaks_of_every_task(dag: Any, module: ModuleType) -> None:
    assert dag.doc_md.strip() == (module.__doc__ or "").strip()
    named = {
        word.strip() for row in dag.doc_md.splitlines() if row.startswith("| ") for word in row.split("|")[1].split(",")
    }
    assert set(dag.task_ids) <= named


def test_nothing_heavy_is_imported_while_the_file_is_read(tmp_path: Path) -> None:
    look = f"import runpy, sys; runpy.run_path({str(FILE)!r}); print([n for n in {HEAVY!r} if n in sys.modules])"
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", look], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_only_airflow_and_the_standard_library_stand_at_the_top() -> None:
    top = [node for node in ast.parse(FILE.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
    roots = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name for node in top
    }
    assert roots <= {*sys.stdlib_module_names, "airflow"}


def test_day_is_the_parameter(module: ModuleType) -> None:
    assert module.day_of(Running(day="2026-08-17").context) == date(2026, 8, 17)


def test_day_is_what_the_last_triggering_asset_says(module: ModuleType) -> None:
    context = Running().context
    events = [
        SimpleNamespace(extra={"day": "2026-08-09"}),
        SimpleNamespace(extra={"day": "2026-08-10"}),
        SimpleNamespace(extra={}),
    ]
    context["triggering_asset_events"] = {"some asset": events}
    assert module.day_of(context) == date(2026, 8, 10)


def test_day_is_the_utc_date_of_run_after(module: ModuleType) -> None:
    context = Running().context
    east = timezone(timedelta(hours=9))
    context["dag_run"].run_after = datetime(2026, 8, 9, 3, tzinfo=east)
    assert module.day_of(context) == date(2026, 8, 8)


def test_day_that_is_no_date_is_refused(module: ModuleType) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        module.day_of(Running(day="yesterday").context)


def test_a_task_hands_on_what_its_step_returns(dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "grid", lambda settings, day: {"day": str(day)})
    assert call(dag, "grid") == {"day": "2026-08-08"}


def test_sample_run_lands_the_sample_and_asks_no_server(
    dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.context["params"]["synthetic_sample"] = True
    monkeypatch.setattr(steps, "land_sample", lambda settings, day: {"sample": settings.offline})
    monkeypatch.setattr(steps, "land", lambda settings, name, day: {name: settings.offline})
    assert call(dag, "sources") == ["celestrak_active", "cities", "sites"]
    assert call(dag, "land", "celestrak_active") == {"sample": True}
    assert call(dag, "land", "sites") == {"sites": True}


def test_published_day_goes_with_the_asset(
    dag: Any, module: ModuleType, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = SimpleNamespace(extra={})
    running.context["outlet_events"] = {module.PUBLISHED: event}
    monkeypatch.setattr(steps, "publish", lambda settings, day: {})
    call(dag, "publish")
    assert event.extra == {"day": "2026-08-08"}


FINAL = [
    LandingError("a refusal", retry=False),
    DayWithheld("no catalog"),
    GateError("a fleet shrank"),
    SourceError("an HTML page"),
    SettingError("SKYTRUNK_ORDER=x"),
]


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_what_cannot_get_better_is_not_tried_again(
    dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.setattr(steps, "parse", _raiser(error))
    with pytest.raises(AirflowFailException, match=str(error)):
        call(dag, "parse")


@pytest.mark.parametrize(
    "error", [LandingError("a time-out", retry=True), HomeError("locked"), OSError("gone")], ids=str
)
def test_what_may_get_better_is_left_to_the_next_try(
    dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(steps, "land", _raiser(error))
    with pytest.raises(type(error), match=str(error)):
        call(dag, "land", "celestrak_active")


def test_the_day_does_not_wait_hours_for_what_it_can_do_without(
    dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.setattr(steps, "land", _raiser(LandingError("a time-out", retry=True)))
    with pytest.raises(AirflowFailException, match="a time-out"):
        call(dag, "land", "celestrak_satcat")


def test_an_archive_that_is_landed_by_hand_is_never_asked_for(dag: Any, running: Running) -> None:
    assert "celestrak_active_tle" not in call(dag, "sources")


def test_words_of_a_failure_are_kept_for_the_notice(
    dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "land", _raiser(LandingError("a time-out", retry=True)))
    with pytest.raises(LandingError):
        call(dag, "land", "celestrak_active")
    assert running.pushed == {"failure": "land celestrak_active: a time-out"}


def test_notice_says_who_failed_and_why(dag: Any, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    running.context["ti"] = SimpleNamespace(
        xcom_pull=lambda task_ids, key: [None, "check: a fleet shrank"],
        get_task_states=lambda **_: {"a run": {"check": "failed", "grid_0": "failed", "load": "upstream_failed"}},
    )
    monkeypatch.setattr(steps, "notice", lambda settings, day, reason: {"reason": reason.splitlines()})
    assert call(dag, "notice") == {
        "reason": ["check: a fleet shrank", "grid_0: failed without a word; its log in Airflow says more"]
    }


def _raiser(error: Exception) -> Any:
    def fail(*_: Any) -> None:
        raise error

    return fail
