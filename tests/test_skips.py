"""Skips in CI: tried out with pytest itself on a small file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import ROOT

SKIPPING = "import pytest\n\n@pytest.mark.skip(reason='no harp')\ndef test_harp():\n    pass\n"
ANNOUNCED = SKIPPING.replace("def", "@pytest.mark.may_skip\ndef")
EXPECTED_TO_FAIL = "import pytest\n\n@pytest.mark.xfail\ndef test_harp():\n    assert False\n"
MODULE = "import pytest\n\npytest.skip('no harp', allow_module_level=True)\n\ndef test_harp():\n    pass\n"
PASSING = "\n\ndef test_flute():\n    pass\n"


def outcome(folder: Path, text: str, ci: str, *more: str) -> tuple[int, str]:
    """Exit status and output of pytest on a file of `text`."""
    (folder / "test_it.py").write_text(text)
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:cacheprovider", *more, "test_it.py"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("more", [(), ("-p", "xdist.plugin", "-n", "1")])
def test_a_skip_fails_the_run_in_ci_and_is_named(tmp_path: Path, more: tuple[str, ...]) -> None:
    code, output = outcome(tmp_path, SKIPPING + PASSING, "true", *more)
    assert code == 1
    assert "test_harp: Skipped: no harp" in output


def test_a_skipped_file_fails_the_run_in_ci(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(PASSING)
    assert outcome(tmp_path, MODULE, "true", "test_other.py")[0] == 1


@pytest.mark.parametrize("text", [ANNOUNCED, EXPECTED_TO_FAIL])
def test_an_announced_skip_passes_in_ci(tmp_path: Path, text: str) -> None:
    assert outcome(tmp_path, text + PASSING, "true")[0] == 0


def test_a_skip_passes_elsewhere(tmp_path: Path) -> None:
    assert outcome(tmp_path, SKIPPING + PASSING, "")[0] == 0
