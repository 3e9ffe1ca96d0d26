"""The Makefile's choice of a Python, and what a target does when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.programs import ROOT

TARGETS = ["run", "test", "test-browser", "test-cluster", "test-realdata", "lint", "bench", "lock"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the Makefile reads, and a folder of programs that shadow those on the PATH."""
    for name in ("Makefile", "requirements.lock", "requirements.in", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


def pretend(checkout: Path, name: str, script: str) -> None:
    """Put a program before all others."""
    path = checkout / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with the shadowing programs first, and without our own make's settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "PYTHON"}
    env["PATH"] = f"{checkout / 'bin'}:{env['PATH']}"
    return subprocess.run(["make", *arguments], cwd=checkout, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_sets_up_the_environment_first(checkout: Path, target: str) -> None:
    planned = make(checkout, "--dry-run", target).stdout
    assert planned.index("-m venv") < planned.index("--require-hashes") < planned.index("-e .") < planned.index("touch")


def test_environment_newer_than_the_lock_is_kept(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".ready").touch()
    assert "-m venv" not in make(checkout, "--dry-run", "test").stdout


def test_environment_older_than_the_lock_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".ready").touch()
    os.utime(checkout / ".venv" / ".ready", (0, 0))
    assert "-m venv --clear" in make(checkout, "--dry-run", "test").stdout


def test_without_a_suitable_python_make_says_which_it_needs(checkout: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        pretend(checkout, name, "exit 1")
    done = make(checkout, "run")
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert not (checkout / ".venv").exists()


def test_named_python_is_the_only_one_tried(checkout: Path) -> None:
    done = make(checkout, "run", "PYTHON=/nowhere/python3")
    assert done.returncode != 0
    assert "/nowhere/python3" in done.stderr


def test_suitable_python_is_found_behind_an_unsuitable_one(checkout: Path) -> None:
    for name in ("python3", "python3.13"):
        pretend(checkout, name, "exit 1")
    pretend(checkout, "python3.12", 'case "$*" in *venv\\ --clear*) exit 7;; --version) echo Python 3.12.9;; esac')
    done = make(checkout, "run")
    assert "setting up .venv with Python 3.12.9" in done.stderr
    assert done.returncode != 0


def test_interrupted_setup_is_taken_up_again(checkout: Path) -> None:
    pretend(
        checkout, "python3", 'case "$*" in *venv*--clear*) mkdir -p .venv/bin;; --version) echo Python 3.11.9;; esac'
    )
    assert make(checkout, "run").returncode != 0
    assert not (checkout / ".venv" / ".ready").exists()


def test_clean_keeps_the_days(checkout: Path) -> None:
    for name in ("data", ".venv"):
        (checkout / name).mkdir()
    for name in ("dags", "pipeline", "tests"):
        (checkout / name / "__pycache__").mkdir(parents=True)
    assert make(checkout, "clean").returncode == 0
    assert (checkout / "data").is_dir()
    assert not (checkout / ".venv").exists()
    assert not (checkout / "tests" / "__pycache__").exists()


def test_lock_holds_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert len(pins) > 100
    assert text.count("--hash=sha256:") >= len(pins)


def test_lock_holds_what_is_asked_for() -> None:
    asked = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and not line.startswith("#")]
    names = {word.split("[")[0].split(">")[0].split("=")[0].strip().lower() for word in asked}
    locked = {
        line.split("==")[0].split("[")[0].lower()
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    }
    assert names <= locked
