"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import pipeline.io  # noqa: F401  (settles where compiled kernels are kept, before any test imports one)
from tests.skips import (  # noqa: F401  (hooks: a skip that CI did not expect fails the run)
    pytest_collectreport,
    pytest_configure,
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with the real catalogs: SKYTRUNK_SHARED, or `shared` beside the checkout."""
    folder = Path(os.environ.get("SKYTRUNK_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no real catalogs at {folder.name}/data: set SKYTRUNK_SHARED")
    return folder
