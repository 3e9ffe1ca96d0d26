"""Where CI runs, a skipped test is a failed run, unless the test carries the marker `may_skip`."""

from __future__ import annotations

import os
from typing import Any

import pytest

unexpected: list[str] = []


def in_ci() -> bool:
    """Whether the environment says that this is CI."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def note(report: Any) -> None:
    """Keep the name and the reason of a skip that nobody announced."""
    if not report.skipped or hasattr(report, "wasxfail") or "may_skip" in getattr(report, "keywords", {}):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    unexpected.append(f"{report.nodeid}: {reason}")


pytest_runtest_logreport = note
pytest_collectreport = note


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "may_skip: CI accepts that this test is skipped; say why beside it")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a run with unannounced skips into a failed one."""
    if in_ci() and unexpected and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which skips made the run fail."""
    if in_ci() and unexpected:
        terminalreporter.section("skipped, which CI did not expect")
        for line in unexpected:
            terminalreporter.write_line(line)
