"""The DAG under a real scheduler (SQLite, LocalExecutor): started, watched over the API, and stopped by the test."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import FINISHED, ROOT, AirflowApi, Programs, free_ports, wait_for

pytestmark = pytest.mark.cluster

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
MADE = [
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
    "send",
]


def environment(folder: Path, port: int) -> dict[str, str]:
    """Everything Airflow and Skytrunk are told, on loopback and in `folder` only."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "SKYTRUNK", "COV_", "PYTEST"))
    }
    return kept | {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "true",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API_AUTH__JWT_SECRET": "for-this-test-only-" * 5,
        "AIRFLOW__API__SECRET_KEY": "for-this-test-only-" * 5,
        "SKYTRUNK_HOME": str(folder / "home"),
        "SKYTRUNK_OFFLINE": "1",
    }


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AirflowApi, Programs, Path]]:
    folder = tmp_path_factory.mktemp("airflow_run")
    (port,) = free_ports(1)
    env = environment(folder, port)
    with Programs(folder) as programs:
        programs.run("migrate", [AIRFLOW, "db", "migrate"], env)
        programs.start(
            "api-server", [AIRFLOW, "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"], env
        )
        programs.start("scheduler", [AIRFLOW, "scheduler", "--skip-serve-logs"], env)
        programs.start("dag-processor", [AIRFLOW, "dag-processor"], env)
        api = AirflowApi(port)
        try:
            wait_for("Airflow to be up", api.is_up, 120)
            api.log_in()
            wait_for("the DAG to be read", api.has_dag, 60)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{programs.outputs()}") from error
        yield api, programs, folder
    assert programs.left_over() == []


def finish(api: AirflowApi, programs: Programs, run_id: str, timeout_s: float = 300) -> str:
    """Wait for the end of a run and return its state."""
    try:
        wait_for(f"the end of {run_id}", lambda: api.state(run_id) in FINISHED, timeout_s)
    except AssertionError as error:
        raise AssertionError(f"{error}: {api.task_states(run_id)}\n{programs.outputs()}") from error
    return api.state(run_id)


@pytest.fixture(scope="module")
def sample_run(airflow: tuple[AirflowApi, Programs, Path]) -> dict[str, list[str]]:
    api, programs, _ = airflow
    api.trigger("sample", {"day": "2026-05-30", "synthetic_sample": True})
    state, states = finish(api, programs, "sample"), api.task_states("sample")
    assert state == "success", f"{states}\n{programs.outputs()}"
    return states


def test_sample_day_runs_to_success(sample_run: dict[str, list[str]]) -> None:
    assert {state for name in MADE for state in sample_run[name]} == {"success"}
    assert sample_run["notice"] == ["skipped"]


def test_sources_are_mapped(sample_run: dict[str, list[str]]) -> None:
    assert len(sample_run["land"]) >= 3


def test_sample_day_is_published(sample_run: dict[str, list[str]], airflow: tuple[AirflowApi, Programs, Path]) -> None:
    home = airflow[2] / "home"
    assert (home / "published" / "skytrunk.duckdb").stat().st_size > 0
    assert "synthetic sample" in (home / "site" / "2026-05-30" / "index.html").read_text().lower()
    assert (home / "outbox" / "2026-05-30.eml").is_file()


def test_published_asset_names_its_day(
    sample_run: dict[str, list[str]], airflow: tuple[AirflowApi, Programs, Path]
) -> None:
    events = airflow[0].call("GET", "/api/v2/assets/events")["asset_events"]
    assert [event["extra"]["day"] for event in events if event["name"] == "skytrunk_published"] == ["2026-05-30"]


def test_unpausing_starts_no_run_by_itself(
    sample_run: dict[str, list[str]], airflow: tuple[AirflowApi, Programs, Path]
) -> None:
    runs = airflow[0].call("GET", "/api/v2/dags/skytrunk_daily/dagRuns")["dag_runs"]
    assert {run["run_type"] for run in runs} == {"manual"}


def test_day_without_a_catalog_fails_and_is_noticed(
    sample_run: dict[str, list[str]], airflow: tuple[AirflowApi, Programs, Path]
) -> None:
    api, programs, folder = airflow
    published = (folder / "home" / "published" / "skytrunk.duckdb").read_bytes()
    api.trigger("withheld", {"day": "2026-06-30"})
    assert finish(api, programs, "withheld") == "failed"
    states = api.task_states("withheld")
    assert states["parse"] == ["failed"]
    assert states["notice"] == ["success"]
    assert [one["try_number"] for one in api.tasks("withheld") if one["task_id"] in ("land", "parse")] == [1, 1, 1, 1]
    assert "parse: " in json.dumps((folder / "home" / "outbox" / "2026-06-30.eml").read_text())
    assert (folder / "home" / "published" / "skytrunk.duckdb").read_bytes() == published
