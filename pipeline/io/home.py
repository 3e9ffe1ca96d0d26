"""The home: where everything that a run writes lies, and how files get there whole or not at all."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.table import Table


class HomeError(RuntimeError):
    """The home cannot be used: missing, not writable, full, or without what is asked for."""


@dataclass(frozen=True)
class Home:
    """Paths below one folder. Nothing is created until something is written."""

    root: Path

    def landing(self, source: str, day: date) -> Path:
        """Folder of the landed bytes of a source and day."""
        return self.root / "landing" / source / day.isoformat()

    def staging(self, day: date) -> Path:
        """Folder of a day's tables before the gate has passed them."""
        return self.root / "staging" / day.isoformat()

    def staged(self, table: Table, day: date) -> Path:
        """Parquet file of a table computed for `day`, not yet passed by the gate."""
        return self.staging(day) / table.schema_name / f"{table.short_name}.parquet"

    def part(self, table: Table, day: date, part: str) -> Path:
        """Partial result (one constellation, say), merged into the staged file later."""
        return self.staging(day) / "parts" / table.short_name / f"{part}.parquet"

    def table(self, table: Table, day: date | None = None) -> Path:
        """Parquet file of a table: one per day, or one in all for a dimension."""
        folder = self.root / "tables" / table.schema_name / table.short_name
        return folder / (f"day={day.isoformat()}.parquet" if day else "all.parquet")

    def staged_past(self, table: Table, day: date) -> Path:
        """Parquet file of the rows that a run of `day` reconstructs for the days before it, not yet passed by the gate."""
        return self.staging(day) / table.schema_name / f"{table.short_name}.past.parquet"

    def past(self, table: Table, day: date) -> Path:
        """Parquet file of the rows that the run of `day` has reconstructed: of the days up to it that were not landed."""
        return self.table(table).parent / f"reconstructed={day.isoformat()}.parquet"

    @property
    def warehouse(self) -> Path:
        """DuckDB file with one writer: the pipeline."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """DuckDB file that analysts open."""
        return self.root / "published" / "skytrunk.duckdb"

    @property
    def published_parquet(self) -> Path:
        """Folder with every table and day as Parquet, and datapackage.json."""
        return self.root / "published" / "parquet"

    def page(self, day: date) -> Path:
        """HTML page of a day."""
        return self.root / "site" / day.isoformat() / "index.html"

    def mail(self, day: date) -> Path:
        """Mail of a day as it is sent."""
        return self.root / "outbox" / f"{day.isoformat()}.eml"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success flush it to disk and rename it over `path`, else remove it.

    Raises HomeError when the folder cannot be made or written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
    except OSError as error:
        raise HomeError(_cannot_write(path, error)) from error
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise HomeError(_cannot_write(path, error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path` whole or not at all; return `path`."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
    return path


def write_text(path: Path, content: str) -> Path:
    """Write UTF-8 text to `path` whole or not at all; return `path`."""
    return write_bytes(path, content.encode())


def write_parquet(path: Path, frame: pl.DataFrame) -> Path:
    """Write `frame` as Parquet (zstd; the same frame gives the same bytes) whole or not at all; return `path`."""
    with whole_file(path) as temporary:
        try:
            frame.write_parquet(temporary, compression="zstd", statistics=True)
        except pl.exceptions.PolarsError as error:
            raise HomeError(_cannot_write(path, OSError(0, str(error)))) from error
    return path


def read_parquet(path: Path) -> pl.DataFrame:
    """Read one Parquet file. Raises HomeError when it is missing or broken, with the step that writes it."""
    try:
        return pl.read_parquet(path, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise HomeError(f"{path} cannot be read ({error}): run `skytrunk compute` for that day first") from error


@contextmanager
def alone(home: Home, day: date) -> Iterator[None]:
    """Keep a second run of the same day out. Raises HomeError at once when one is going on."""
    path = home.root / f".run-{day.isoformat()}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("w")
    except OSError as error:
        raise HomeError(_cannot_write(path, error)) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeError(f"another run of {day} is going on in {home.root}: wait for its end") from error
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def days_of(home: Home, table: Table) -> list[date]:
    """Days for which the table has a Parquet file, in order."""
    folder = home.table(table).parent
    return sorted(date.fromisoformat(p.stem.removeprefix("day=")) for p in folder.glob("day=*.parquet"))


def past_days_of(home: Home, table: Table) -> list[date]:
    """Days whose runs have reconstructed rows of the days before them, in order."""
    folder = home.table(table).parent
    return sorted(date.fromisoformat(p.stem.partition("=")[2]) for p in folder.glob("reconstructed=*.parquet"))


def _cannot_write(path: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"cannot write {path} ({reason}): free some space or choose another folder with --home or SKYTRUNK_HOME"
