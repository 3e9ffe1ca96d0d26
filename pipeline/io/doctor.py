"""The doctor: what is installed, what can be written, and what is configured, one line each."""

from __future__ import annotations

import platform
import shutil
import socket
import sys
from importlib import metadata

from pipeline import __version__
from pipeline.io.home import Home, HomeError, write_text
from pipeline.io.kernel_cache import settle
from pipeline.io.settings import Settings

PACKAGES = ("polars", "duckdb", "numba", "sgp4", "great-expectations", "apache-airflow")
NEEDED_BYTES = 2 * 2**30


def examine(settings: Settings) -> tuple[list[str], bool]:
    """Lines that say how things stand, and whether a run can succeed. Asks no data provider."""
    findings = [
        _python(),
        *map(_package, PACKAGES),
        _home(settings),
        _kernels(),
        _space(settings),
        _published(settings),
        _contact(settings),
        _mail(settings),
        _share(settings),
    ]
    lines = [f"{mark:<4} {words}" for mark, words in findings]
    return [f"skytrunk {__version__}", *lines], not any(mark == "FAIL" for mark, _ in findings)


def _python() -> tuple[str, str]:
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return ("ok" if good else "FAIL"), f"Python {platform.python_version()} (3.11 to 3.13 are supported)"


def _package(name: str) -> tuple[str, str]:
    try:
        return "ok", f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return "FAIL", f"{name} is not installed: run `make test` once, which sets up .venv"


def _home(settings: Settings) -> tuple[str, str]:
    probe = settings.home / ".doctor"
    try:
        write_text(probe, "")
        probe.unlink()
    except (HomeError, OSError) as error:
        return "FAIL", str(error)
    return "ok", f"home {settings.home} can be written"


def _kernels() -> tuple[str, str]:
    if folder := settle():
        return "ok", f"compiled kernels are kept in {folder}"
    return "WARN", "compiled kernels are kept nowhere: set NUMBA_CACHE_DIR to a folder that can be written"


def _space(settings: Settings) -> tuple[str, str]:
    folder = settings.home if settings.home.is_dir() else settings.home.absolute().parent
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    return ("ok" if free >= NEEDED_BYTES else "WARN"), f"{free / 2**30:.1f} GiB free"


def _published(settings: Settings) -> tuple[str, str]:
    path = Home(settings.home).published
    return ("ok", f"published: {path}") if path.is_file() else ("note", "nothing is published yet")


def _contact(settings: Settings) -> tuple[str, str]:
    if settings.contact:
        return "ok", f"providers can reach you at {settings.contact}"
    return "WARN", "SKYTRUNK_CONTACT is not set: providers like to know whom to write to"


def _mail(settings: Settings) -> tuple[str, str]:
    if not settings.smtp_host or not settings.mail_to:
        return "note", "no mail server or no reader is set: mails stay in the outbox"
    try:
        with socket.create_connection((settings.smtp_host, settings.smtp_port), timeout=5):
            return "ok", f"mail server {settings.smtp_host}:{settings.smtp_port} answers"
    except OSError as error:
        return "WARN", f"mail server {settings.smtp_host}:{settings.smtp_port} does not answer ({error})"


def _share(settings: Settings) -> tuple[str, str]:
    if settings.share_price_usd is None:
        return "note", "SKYTRUNK_SHARE_PRICE_USD is not set: without a landed share_quote the offering alone is valued"
    shares = "" if settings.share_count else ", SKYTRUNK_SHARE_COUNT is not: what the price comes to needs filed shares"
    return "ok", f"a share price of {settings.share_price_day} is set{shares}"
