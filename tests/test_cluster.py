"""docker-compose.yml without Docker: its own commands and variables on loopback, one sample day through two Celery workers.

Each Airflow part gets an AIRFLOW_HOME of its own, as in its container, so that whatever they must share has to stand in
the file.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.compose import Place, parsed
from tests.programs import FINISHED, ROOT, AirflowApi, Programs, free_ports, wait_for

pytestmark = pytest.mark.cluster

SAMPLE = {"day": "2026-05-30", "synthetic_sample": True}


def postgres_program(name: str) -> str:
    """Path of a PostgreSQL program; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [Path(p) for p in [shutil.which(name)] if p]
    assert found, f"{name} is missing: install Debian's postgresql"
    return str(found[-1])


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: step down to the user that Debian's package makes."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *command]


@dataclass
class Cluster:
    """What docker-compose.yml starts, on loopback."""

    folder: Path
    programs: Programs
    services: dict[str, Any]
    ports: dict[str, int]
    api: AirflowApi = field(init=False)

    def env(self, service: str, copy: str) -> dict[str, str]:
        """Variables of a service and nothing of ours but the way to programs; a home of its own for each copy."""
        kept = {name: os.environ[name] for name in ("LANG", "TZ", "PYTHONPATH") if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        own = {name: str(value) for name, value in self.services[service].get("environment", {}).items()}
        home = self.folder / "homes" / copy
        home.mkdir(parents=True, exist_ok=True)
        return {**kept, "HOME": str(home), **own} | ({"AIRFLOW_HOME": str(home)} if "AIRFLOW_HOME" in own else {})

    def start(self, service: str, copy: str = "", extra: tuple[str, ...] = ()) -> None:
        """Start a service's command; `extra` sets two copies on one host apart."""
        copy = copy or service
        self.programs.start(copy, [*self.command(service), *extra], self.env(service, copy))

    def command(self, service: str) -> list[str]:
        """Command of a service."""
        return [str(part) for part in self.services[service]["command"]]

    def start_postgres(self) -> None:
        """Make a database cluster with the service's user and password, and start it."""
        env = self.services["postgres"]["environment"]
        data, password = self.folder / "postgres", self.folder / "postgres_password"
        data.mkdir()
        password.write_text(env["POSTGRES_PASSWORD"])
        if os.geteuid() == 0:
            for path in (data, password):
                shutil.chown(path, "postgres", "postgres")
        plain = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        make = [
            postgres_program("initdb"),
            "-D",
            str(data),
            "-U",
            env["POSTGRES_USER"],
            f"--pwfile={password}",
            "-A",
            "scram-sha-256",
        ]
        self.programs.run("initdb", as_postgres(make), plain)
        serve = [postgres_program("postgres"), "-D", str(data), "-p", str(self.ports["postgres"])]
        serve += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        self.programs.start("postgres", as_postgres(serve), plain)
        wait_for("PostgreSQL to make its database", lambda: self._made_database(env), 60)

    def _made_database(self, env: Mapping[str, str]) -> bool:
        import psycopg

        try:
            with psycopg.connect(
                host="127.0.0.1",
                port=self.ports["postgres"],
                user=env["POSTGRES_USER"],
                password=env["POSTGRES_PASSWORD"],
                dbname="postgres",
                autocommit=True,
            ) as connection:
                connection.execute(f'create database "{env["POSTGRES_DB"]}"')  # type: ignore[call-overload]
                return True
        except psycopg.OperationalError:
            return False

    def start_airflow(self) -> None:
        """Migrate the database, then start every part, and log in as a person would."""
        self.programs.run("init", self.command("init"), self.env("init", "init"))
        for service in ("api-server", "scheduler", "dag-processor", "triggerer"):
            self.start(service)
        for number in (1, 2):
            self.start("worker", f"worker-{number}", ("--celery-hostname", f"worker-{number}@%h"))
        user = self.services["api-server"]["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"].split(":")[0]
        note = self.folder / "homes" / "api-server" / "simple_auth_manager_passwords.json.generated"
        wait_for("the api-server to make a password", note.is_file, 120)
        self.api = AirflowApi(self.ports["api"], user, json.loads(note.read_text())[user])
        wait_for("Airflow to be up", self.api.is_up, 120)
        self.api.log_in()
        wait_for("the DAG to be read", self.api.has_dag, 60)
        wait_for("both workers to be ready", self._workers_are_ready, 120)

    def _workers_are_ready(self) -> bool:
        return all("ready." in self.programs.output(f"worker-{number}", 400) for number in (1, 2))

    def holder_of(self, task: Mapping[str, Any]) -> str | None:
        """The worker in whose session a running task's process is."""
        for name in ("worker-1", "worker-2"):
            with contextlib.suppress(ProcessLookupError, TypeError):
                if task["state"] == "running" and os.getsid(task["pid"]) == self.programs.running[name].pid:
                    return name
        return None

    def finish(self, run_id: str, timeout_s: float) -> str:
        """Wait for the end of a run and return its state."""
        wait_for(f"the end of {run_id}", lambda: self.api.state(run_id) in FINISHED, timeout_s)
        return self.api.state(run_id)


def fresh_variables() -> dict[str, str]:
    """A filled .env, made as .env.example says."""
    names = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_JWT_SECRET", "AIRFLOW_SECRET_KEY")
    key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {name: secrets.token_hex(32) for name in names} | {
        "AIRFLOW_FERNET_KEY": key,
        "SKYTRUNK_CONTACT": "tests@localhost",
    }


def place(folder: Path, ports: Mapping[str, int]) -> Place:
    """Names and folders of containers, and where they are here."""
    hosts = {
        "@postgres:5432": f"@127.0.0.1:{ports['postgres']}",
        "@redis:6379": f"@127.0.0.1:{ports['redis']}",
        "http://api-server:8080": f"http://127.0.0.1:{ports['api']}",
        "0.0.0.0:1025": f"127.0.0.1:{ports['mail']}",
        "0.0.0.0": "127.0.0.1",
    }
    folders = {"/opt/skytrunk": ROOT, "/opt/airflow/logs": folder / "logs", "/var/lib/skytrunk": folder / "home"}
    others = {"/var/mail/caught": folder / "mail", "/tmp/served": folder / "served", "/data": folder / "redis"}
    return Place(hosts | {old: str(new) for old, new in (folders | others).items()})


def on_loopback(folder: Path, ports: Mapping[str, int]) -> dict[str, Any]:
    """Services of docker-compose.yml, moved here."""
    services = place(folder, ports).moved(parsed(fresh_variables())["services"])
    for service, old, new in (("api-server", "8080", "api"), ("files", "8000", "files")):
        services[service]["command"] = [part.replace(old, str(ports[new])) for part in services[service]["command"]]
    for service in services.values():
        if "SKYTRUNK_SMTP_HOST" in service.get("environment", {}):
            service["environment"] |= {
                "SKYTRUNK_SMTP_HOST": "127.0.0.1",
                "SKYTRUNK_SMTP_PORT": str(ports["mail"]),
                "SKYTRUNK_OFFLINE": "1",
                # A container has a port of its own for this; here a scheduler of another test may have it.
                "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(ports["health"]),
            }
    services["redis"]["command"] += ["--port", str(ports["redis"]), "--bind", "127.0.0.1"]
    return services


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    # Not tmp_path: the user postgres must be able to walk to its data.
    with tempfile.TemporaryDirectory(prefix="skytrunk-cluster-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("logs", "home", "mail", "redis"):
            (folder / part).mkdir()
        names = ("postgres", "redis", "api", "mail", "files", "health")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        with Programs(folder) as programs:
            one = Cluster(folder, programs, on_loopback(folder, ports), ports)
            try:
                one.start_postgres()
                for service in ("redis", "mail", "files"):
                    one.start(service)
                one.start_airflow()
            except AssertionError as error:
                raise AssertionError(f"{error}\n{programs.outputs()}") from error
            yield one
            programs.end([n for n in programs.running if n != "postgres"])
            programs.end(["postgres"], first=signal.SIGINT)
        assert programs.left_over() == []


@pytest.fixture(scope="module")
def sample_run(cluster: Cluster) -> list[dict[str, Any]]:
    """Task instances of a sample day during which one worker is killed with the grid in its hands."""
    cluster.api.trigger("sample", SAMPLE)

    def holder() -> str | None:
        grids = [one for one in cluster.api.tasks("sample") if one["task_id"] == "grid"]
        return cluster.holder_of(grids[0]) if grids else None

    try:
        cluster.programs.end([wait_for("the grid to be under way", holder, 300)], first=signal.SIGKILL)
        state = cluster.finish("sample", 600)
        assert state == "success", cluster.api.task_states("sample")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{cluster.api.task_states('sample')}\n{cluster.programs.outputs()}") from error
    return cluster.api.tasks("sample")


def test_sample_day_succeeds_though_a_worker_is_lost(sample_run: list[dict[str, Any]]) -> None:
    assert {one["state"] for one in sample_run if one["task_id"] != "notice"} == {"success"}


def test_what_the_lost_worker_held_is_tried_again(sample_run: list[dict[str, Any]]) -> None:
    assert [one["try_number"] for one in sample_run if one["task_id"] == "grid"] == [2]


def test_published_file_is_served(sample_run: list[dict[str, Any]], cluster: Cluster) -> None:
    published = cluster.folder / "home" / "published" / "skytrunk.duckdb"
    address = f"http://127.0.0.1:{cluster.ports['files']}/published/skytrunk.duckdb"
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.read() == published.read_bytes() != b""


def test_landed_bytes_and_mails_are_not_served(sample_run: list[dict[str, Any]], cluster: Cluster) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.ports['files']}/", timeout=20) as answer:
        listing = answer.read().decode()
    assert "landing" not in listing
    assert "outbox" not in listing


def test_mail_waits_offline_and_is_caught_when_it_is_sent(sample_run: list[dict[str, Any]], cluster: Cluster) -> None:
    caught = cluster.folder / "mail" / "maildir" / "new"
    assert not [path for path in caught.glob("*") if "2026-05-30" in path.read_text()]
    online = cluster.env("worker", "by-hand") | {"SKYTRUNK_OFFLINE": "0"}
    cluster.programs.run("send", [sys.executable, "-m", "pipeline", "send", "2026-05-30"], online)
    assert len([path for path in caught.glob("*") if "2026-05-30" in path.read_text()]) == 1
