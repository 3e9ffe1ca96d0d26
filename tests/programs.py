"""Starts real programs for a test, each in a process group of its own, and ends every one of them whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
Found = TypeVar("Found")
FINISHED = ("success", "failed")


def free_ports(count: int) -> list[int]:
    """`count` different TCP ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for(what: str, look: Callable[[], Found | None], timeout_s: float) -> Found:
    """Call `look` until it returns something true; AssertionError with `what` after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.5)
    raise AssertionError(f"waited {timeout_s:.0f} s for {what}")


class Programs:
    """Programs of one test, with their output in `folder`; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = f"SKYTRUNK_TEST_MARK={uuid.uuid4()}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, *_: object) -> None:
        self.end(list(self.running))
        for pid in self.left_over():
            _signal(os.kill, pid, signal.SIGKILL)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start `command` as `name`; its output goes to folder/name.log."""
        with (self.folder / f"{name}.log").open("wb") as output:
            self.running[name] = subprocess.Popen(
                command,
                env=self._marked(env),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, name: str, command: Sequence[str], env: Mapping[str, str], timeout_s: float = 120) -> None:
        """Run `command` to its end; AssertionError with its output when it fails."""
        self.start(name, command, env)
        code = self.running[name].wait(timeout_s)
        assert code == 0, f"{name} ended with {code}:\n{self.output(name)}"

    def output(self, name: str, lines: int = 40) -> str:
        """The last lines that a program wrote."""
        text = (self.folder / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def outputs(self) -> str:
        """The last lines of all programs, for the message of a failed test."""
        return "\n".join(f"--- {name}\n{self.output(name)}" for name in self.running)

    def end(self, names: Sequence[str], grace_s: float = 15, first: signal.Signals = signal.SIGTERM) -> None:
        """End the groups of `names`: politely, then for good."""
        for sign, patience_s in ((first, grace_s), (signal.SIGKILL, 5)):
            for name in names:
                _signal(os.killpg, self.running[name].pid, sign)
            end = time.monotonic() + patience_s
            while any(self.running[n].poll() is None for n in names) and time.monotonic() < end:
                time.sleep(0.1)
        for name in names:
            self.running.pop(name).wait()

    def left_over(self) -> list[int]:
        """Processes of this test that left their group: they carry its mark in their environment."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if self.mark.encode() in entry.read_bytes():
                    found.append(int(entry.parent.name))
            except OSError:
                continue
        return found

    def _marked(self, env: Mapping[str, str]) -> dict[str, str]:
        key, _, value = self.mark.partition("=")
        return {**env, key: value}


def _signal(send: Callable[[int, int], None], target: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(target, sign)


class AirflowApi:
    """The few requests that a test makes to an api-server on loopback."""

    def __init__(self, port: int, user: str = "", password: str = "") -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.login = {"username": user, "password": password} if user else None
        self.token = ""

    def is_up(self) -> bool:
        """Whether it answers, and knows a scheduler and a dag-processor that are alive."""
        try:
            health = self.call("GET", "/api/v2/monitor/health")
        except (OSError, ValueError):
            return False
        return all(
            (health.get(part) or {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def log_in(self) -> None:
        """Get a token."""
        answer = self.call("POST", "/auth/token", self.login) if self.login else self.call("GET", "/auth/token")
        self.token = answer["access_token"]

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send one request and return the JSON of the answer."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def has_dag(self) -> bool:
        """Whether the DAG has been read."""
        try:
            return self.call("GET", "/api/v2/dags/skytrunk_daily")["dag_id"] == "skytrunk_daily"
        except urllib.error.HTTPError:
            return False

    def trigger(self, run_id: str, conf: Mapping[str, Any]) -> None:
        """Unpause the DAG and start a run, as a person would by hand."""
        self.call("PATCH", "/api/v2/dags/skytrunk_daily", {"is_paused": False})
        self.call(
            "POST",
            "/api/v2/dags/skytrunk_daily/dagRuns",
            {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)},
        )

    def state(self, run_id: str) -> str:
        """State of a run."""
        return self.call("GET", f"/api/v2/dags/skytrunk_daily/dagRuns/{run_id}")["state"]

    def tasks(self, run_id: str) -> list[dict[str, Any]]:
        """Task instances of a run."""
        return self.call("GET", f"/api/v2/dags/skytrunk_daily/dagRuns/{run_id}/taskInstances?limit=200")[
            "task_instances"
        ]

    def task_states(self, run_id: str) -> dict[str, list[str]]:
        """States of a run's task instances by task."""
        states: dict[str, list[str]] = {}
        for one in self.tasks(run_id):
            states.setdefault(one["task_id"], []).append(one["state"])
        return states
