"""Compiled kernels: kept in a folder per processor and state of the sources, made ready by one command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.io import kernel_cache
from tests.conftest import ROOT


def python(code: str, env: dict[str, str], cwd: Path = ROOT) -> str:
    """Output of a fresh interpreter whose environment is `env` alone."""
    full = {"PATH": os.environ["PATH"], "PYTHONPATH": str(cwd), **env}
    done = subprocess.run([sys.executable, "-c", code], env=full, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def kept(folder: Path) -> set[str]:
    """Names of what is kept anywhere below."""
    return {path.name for path in folder.rglob("*.nbc")}


SETTLE = "import pipeline.io, os; print(os.environ.get('NUMBA_CACHE_DIR'))"


def test_one_folder_of_the_user_for_every_process(tmp_path: Path) -> None:
    found = Path(python(SETTLE, {"HOME": str(tmp_path)}))
    assert found.parent == tmp_path / ".cache" / "skytrunk"
    assert found.stat().st_mode & 0o777 == 0o700
    again = python(SETTLE, {"HOME": str(tmp_path), "NUMBA_CACHE_DIR": str(found)})
    assert Path(again) == found, "a process started by one of ours"
    for name in ("given", "skytrunk-mine"):
        given = Path(python(SETTLE, {"HOME": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / name)}))
        assert given.parent == tmp_path / name, "a folder of the user's is never taken for one of ours"


def test_where_home_cannot_be_written_temporary_files_are(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = Path(python(SETTLE, {"HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path)}))
    assert found.parent.parent == tmp_path


def test_other_sources_have_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    own = kernel_cache.settle()
    monkeypatch.setattr(kernel_cache, "_sources", lambda: iter([b"changed"]))
    other = kernel_cache.settle()
    monkeypatch.setattr(kernel_cache, "_processor", lambda: b"another")
    third = kernel_cache.settle()
    assert len({own, other, third}) == 3
    assert os.environ["NUMBA_CACHE_DIR"] == str(third)


def test_what_nobody_used_for_a_month_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = "skytrunk-kernels-x86_64-0123456789ab-"
    old, recent = tmp_path / f"{ours}0123456789ab", tmp_path / f"{ours}ba9876543210"
    foreign = tmp_path / "foreign", tmp_path / "skytrunk-kernels-x86_64-backup", tmp_path / f"{ours}0123456789ab.old"
    for folder in (old, recent, *foreign):
        folder.mkdir()
        if folder != recent:
            os.utime(folder, (0, 0))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert kernel_cache.settle()
    assert not old.exists()
    assert recent.exists()
    assert all(folder.exists() for folder in foreign), "not ours to delete"


def test_after_warming_a_run_compiles_nothing(tmp_path: Path) -> None:
    """Of everything that a run of the sample and the commands use, nothing is new to the folder."""
    env = {"HOME": str(tmp_path), "SKYTRUNK_ORDER": "5", "SKYTRUNK_STEP_S": "1800", "SKYTRUNK_HOME": str(tmp_path / "home")}  # fmt: skip
    found = json.loads(
        python("import json; from pipeline.io import kernel_cache; print(json.dumps(kernel_cache.warm()))", env)
    )
    ready = kept(tmp_path)
    assert len(ready) > 20
    assert Path(found["kernels"]).is_relative_to(tmp_path)
    assert found["seconds"] > 0
    sample = "from pipeline import steps; from pipeline.io.settings import from_environment as f; steps.run_sample(f(), lambda w: None)"
    python(sample, env)
    assert kept(tmp_path) == ready
