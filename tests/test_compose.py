"""docker-compose.yml: valid, private to this machine, and without a password."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compose import MissingVariable, interpolate, parsed
from tests.programs import ROOT

REQUIRED = {
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_SECRET_KEY",
    "SKYTRUNK_CONTACT",
}
AIRFLOW_SERVICES = ["init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return parsed(dict.fromkeys(REQUIRED, "filled"))


def example() -> dict[str, str]:
    """Variables of .env.example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_is_valid_by_the_compose_specification() -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    command = [tool, "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_ports_are_open_on_this_machine_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_starts_only_with_every_required_variable(name: str) -> None:
    with pytest.raises(MissingVariable, match=name):
        parsed(dict.fromkeys(REQUIRED - {name}, "filled"))


def test_example_lists_every_variable_and_fills_none() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert set(example()) == used
    assert set(example().values()) == {""}


def test_secrets_come_from_variables_only() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for line in re.findall(r"^ *\w*(?:PASSWORD|SECRET|SECRET_KEY|FERNET_KEY|AUTH): .*$", text, re.MULTILINE):
        assert re.search(r": \$\{\w+:[?-]", line), line


def test_airflow_parts_share_one_environment(compose: dict[str, Any]) -> None:
    environments = [compose["services"][name]["environment"] for name in AIRFLOW_SERVICES]
    assert all(one == environments[0] for one in environments)
    assert "AIRFLOW__API_AUTH__JWT_SECRET" in environments[0]


def test_mail_catcher_and_file_server_know_no_secret(compose: dict[str, Any]) -> None:
    assert "filled" not in str([compose["services"][name]["environment"] for name in ("mail", "files")])


def test_two_workers(compose: dict[str, Any]) -> None:
    assert compose["services"]["worker"]["deploy"]["replicas"] == 2


def test_every_lasting_service_is_watched(compose: dict[str, Any]) -> None:
    assert [
        name for name, service in compose["services"].items() if name != "init" and "healthcheck" not in service
    ] == []


def test_volumes_are_named_and_declared(compose: dict[str, Any]) -> None:
    used = {mount.split(":")[0] for service in compose["services"].values() for mount in service.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_broker_waits_longer_than_any_task(compose: dict[str, Any]) -> None:
    env = compose["services"]["worker"]["environment"]
    assert int(env["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"]) > 2 * 3600


def test_image_copies_only_what_the_ignore_file_lets_in(compose: dict[str, Any]) -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    recipe = compose["services"]["worker"]["build"]["dockerfile_inline"]
    copied = {word for line in re.findall(r"^COPY (.*)$", recipe, re.MULTILINE) for word in line.split()[:-1]}
    assert copied == let_in


def test_interpolation_follows_compose() -> None:
    assert interpolate("${A} ${B:-b} ${C:-c} $$D", {"A": "1", "B": "", "C": "3"}) == "1 b 3 $D"
