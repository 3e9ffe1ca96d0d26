"""The warehouse: one DuckDB file with one writer, made from the Parquet files of the days that the gate let through.

A day is loaded in one transaction. Before it, the day's staged files move to tables/; a mark in staging says that this
has begun, and is removed when the transaction stands, so that a day that was cut off is finished by loading it again.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipeline.io import assets, checks, landing, registry
from pipeline.io.home import Home, HomeError, days_of, read_parquet, whole_file, write_text
from pipeline.io.settings import Settings
from pipeline.sources.celestrak_active import SOURCE as CATALOG_SOURCE
from pipeline.table import Table, TableError

LOCKED = "Could not set lock"
CONFIG = {"TimeZone": "UTC", "autoinstall_known_extensions": "false"}

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


def load(settings: Settings, day: date) -> dict[str, int]:
    """Load a day that the gate let through, in one transaction; return the number of rows by table name.

    Loading again changes nothing. Raises HomeError when the day has not passed the gate, when the warehouse is in use
    or cannot be written, or when a synthetic day is to join real ones.
    """
    home = Home(settings.home)
    _require_passed(home, day)
    frames = day_frames(home, day)
    if not home.warehouse.exists() and loaded_days(home):
        log.warning("%s is missing and is made anew from %s", home.warehouse, home.root / "tables")
        rebuild(settings)
    if home.warehouse.exists() and (why := drift(settings)):
        log.warning("%s was written by another version (%s) and is made anew", home.warehouse, why)
        rebuild(settings)
    with connect(settings) as con:
        _create(con)
        samples = _samples_to_drop(con, home, day, frames)
        promote(home, day)
        with transaction(con, home):
            for sample in samples:
                _forget(con, home, sample)
            for name, frame in frames.items():
                _replace(con, registry.table(name), frame, day)
            _load_records(con, home)
            _keep_window(con, settings.grid_days)
            create_views(con)
        _checkpoint(con, home)
    shutil.rmtree(home.staging(day), ignore_errors=True)
    return {name: frame.height for name, frame in frames.items()}


def load_records(settings: Settings) -> None:
    """Bring the records of runs and deliveries up to date: a mail is sent after its day was loaded."""
    with connect(settings) as con:
        with transaction(con, Home(settings.home)):
            _load_records(con, Home(settings.home))
        _checkpoint(con, Home(settings.home))


def rebuild(settings: Settings, progress: Progress | None = None) -> dict[str, int]:
    """Make the warehouse anew from every Parquet file in tables/, and put it in place of the old one when it is whole.

    `progress` is told how many files of how many are in. Returns the number of rows by table name. Raises HomeError when
    there is nothing to rebuild from, or a file does not fit its table.
    """
    home = Home(settings.home)
    _finish_promotions(home)
    if not loaded_days(home):
        raise HomeError(f"{home.root / 'tables'} holds no day: run `skytrunk run` or `skytrunk load DAY` first")
    files = _files(home, settings.grid_days)
    with whole_file(home.warehouse) as temporary:
        temporary.unlink()
        with _opened(temporary) as con:
            _create(con)
            with transaction(con, home):
                for number, (table, path) in enumerate(files, start=1):
                    _insert(con, table, fitted(table, path))
                    if progress:
                        progress(number, len(files))
                create_views(con)
            _checkpoint(con, home)
        _require_free(home.warehouse)
        _wal(home.warehouse).unlink(missing_ok=True)
    with connect(settings, read_only=True) as con:
        return {t.name: _count(con, t) for t in registry.stored_tables()}


@contextmanager
def connect(settings: Settings, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse, alone. Raises HomeError when another process holds it, or the file cannot be read."""
    path = Home(settings.home).warehouse
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"cannot make {path.parent} ({error.strerror}): choose another folder with --home or SKYTRUNK_HOME"
        ) from error
    with _opened(path, read_only=read_only) as con:
        yield con


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection, home: Home) -> Iterator[None]:
    """All statements inside, or none. Raises HomeError when the database refuses (a full disk, say)."""
    run(con, "BEGIN TRANSACTION")
    try:
        yield
        run(con, "COMMIT")
    except BaseException as error:
        try:
            run(con, "ROLLBACK")
        except duckdb.Error:
            log.debug("nothing to roll back")
        if isinstance(error, duckdb.Error):
            raise HomeError(
                f"{home.warehouse} could not be written and stays as it was ({first_line(error)}): look at the free space, then load again"
            ) from error
        raise


def run(con: duckdb.DuckDBPyConnection, sql: str, values: list[object] | None = None) -> list[tuple[object, ...]]:
    """Execute to the end and return all rows."""
    return con.execute(sql, values or []).fetchall()


def promote(home: Home, day: date) -> None:
    """Move the day's staged files to tables/, the gate's results last, after leaving a mark that this has begun."""
    staged = [t for t in registry.tables() if home.staged(t, day).is_file()]
    if not staged:
        return
    write_text(_mark(home, day), "loading\n")
    for table in sorted(staged, key=lambda t: t is checks.TABLE):
        _move(home.staged(table, day), home.table(table, day if table.is_daily else None))


def cut_off(home: Home) -> list[date]:
    """Days whose loading has begun and has not ended."""
    return sorted(date.fromisoformat(mark.parent.name) for mark in home.root.glob("staging/*/loading"))


def loaded_days(home: Home) -> list[date]:
    """Days that have passed the gate and whose files are in tables/, in order."""
    return days_of(home, checks.TABLE)


def require_no_real_day(settings: Settings) -> None:
    """Raise HomeError when the home holds a real day: a synthetic one is not put beside it."""
    home = Home(settings.home)
    landings = {day: read_parquet(home.table(landing.TABLE, day)) for day in loaded_days(home)}
    _refuse_beside([day for day, frame in landings.items() if not checks.is_synthetic(frame)], home)


def _refuse_beside(real: Sequence[object], home: Home) -> None:
    if real:
        raise HomeError(
            f"a synthetic sample cannot join the {len(real)} real days up to {real[-1]} in {home.root}: give it a home of its own with --home"
        )


def day_frames(home: Home, day: date) -> dict[str, pl.DataFrame]:
    """Every table of the day that the warehouse holds, by name, staged or promoted. Raises HomeError when one does not fit."""
    wanted = registry.judged_tables()
    return {t.name: fitted(t, path) for t in wanted if (path := checks.computed(home, t, day))}


def fitted(table: Table, path: Path) -> pl.DataFrame:
    """The rows of a Parquet file in the table's columns; a column that came later is null where it may be.

    Raises HomeError when the file does not fit.
    """
    frame = read_parquet(path)
    later = [c for c in table.columns if c.nullable and c.name not in frame.columns]
    try:
        return table.conform(frame.with_columns(pl.lit(None, c.polars_type).alias(c.name) for c in later))
    except TableError as error:
        raise HomeError(f"{path} does not fit its table ({error}): compute that day again with this version") from error


def drift(settings: Settings) -> str:
    """Say in a few words where the warehouse's columns or keys differ from the TABLEs; empty when nowhere."""
    with connect(settings) as con:
        columns = run(
            con,
            "SELECT schema_name || '.' || table_name, column_name, data_type, is_nullable FROM duckdb_columns() WHERE NOT internal AND schema_name <> 'marts' ORDER BY ALL",
        )
        keys = run(
            con,
            "SELECT schema_name || '.' || table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'",
        )
    stored = registry.stored_tables()
    held = {row[0] for row in columns}
    declared = [(t.name, c.name, c.sql_type, c.nullable) for t in stored for c in t.columns if t.name in held]
    odd = sorted({str(row[0]) for row in set(columns) ^ set(declared)})
    held_keys: dict[object, tuple[str, ...]] = {name: tuple(key) for name, key in keys}  # type: ignore[arg-type]
    odd += sorted(t.name for t in stored if t.name in held and t.name not in odd and held_keys.get(t.name, ()) != t.key)
    return ", ".join(odd)


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Make the views of sql/marts anew, with their comments."""
    for (name,) in run(con, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'marts'"):
        run(con, f"DROP VIEW marts.{name}")
    for path in sorted((assets.sql_folder() / "marts").glob("*.sql")):
        run(con, path.read_text(encoding="utf-8"))


@contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        con = duckdb.connect(path, read_only=read_only, config=dict(CONFIG))
    except duckdb.Error as error:
        words = first_line(error)
        if LOCKED in words:
            raise HomeError(
                f"{path} is in use ({words}): wait until the other run has ended, then try again"
            ) from error
        raise HomeError(f"{path} cannot be opened ({words}): make it anew with `skytrunk rebuild`") from error
    with con:
        yield con


def _require_free(path: Path) -> None:
    """Refuse to replace a file that another process has open; a broken one may be replaced."""
    if path.exists():
        try:
            duckdb.connect(path, config=dict(CONFIG)).close()
        except duckdb.Error as error:
            if LOCKED in (words := first_line(error)):
                raise HomeError(
                    f"{path} is in use ({words}): wait until the other run has ended, then try again"
                ) from error


def _create(con: duckdb.DuckDBPyConnection) -> None:
    run(con, f"BEGIN TRANSACTION; {registry.schema_sql()} COMMIT")  # one write to disk, not one per statement


def _replace(con: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame, day: date) -> None:
    """Put the day's rows in place of those there, or the whole of a dimension when it has changed."""
    if table.is_daily:
        run(con, f"DELETE FROM {table.name} WHERE day = ?", [day])
    elif _same(con, table, frame):
        return
    else:
        run(con, f"DELETE FROM {table.name}")
    _insert(con, table, frame)


def _insert(con: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame) -> None:
    con.register("incoming", frame)
    run(con, f"INSERT INTO {table.name} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def _same(con: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame) -> bool:
    """Whether a dimension holds exactly these rows."""
    con.register("incoming", frame)
    columns = ", ".join(table.column_names)
    sums = [run(con, f"SELECT count(*), bit_xor(hash({columns})) FROM {name}") for name in (table.name, "incoming")]
    con.unregister("incoming")
    return sums[0] == sums[1]


def _load_records(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Runs and deliveries of all days, anew: they are few, and come into being outside of any load."""
    for table in (t for t in registry.stored_tables() if t.name in registry.RECORDS):
        run(con, f"DELETE FROM {table.name}")
        frames = [fitted(table, home.table(table, day)) for day in days_of(home, table)]
        if frames:
            _insert(con, table, pl.concat(frames))


def _keep_window(con: duckdb.DuckDBPyConnection, grid_days: int) -> None:
    """Leave the newest days of grids and raw rows."""
    for table in (t for t in registry.stored_tables() if registry.windowed(t)):
        newest = f"SELECT DISTINCT day FROM {table.name} ORDER BY day DESC LIMIT {grid_days}"
        run(con, f"DELETE FROM {table.name} WHERE day < (SELECT min(day) FROM ({newest}))")


def _samples_to_drop(
    con: duckdb.DuckDBPyConnection, home: Home, day: date, frames: dict[str, pl.DataFrame]
) -> list[date]:
    """Synthetic days that a real day replaces. Raises HomeError when `day` is synthetic and real days are there."""
    kinds = run(con, "SELECT day, bool_or(synthetic) FROM meta.landing WHERE day <> ? GROUP BY day ORDER BY day", [day])
    real = [d for d, synthetic in kinds if not synthetic]
    if checks.is_synthetic(frames.get("meta.landing")):
        _refuse_beside(real, home)
        return []
    samples = [d for d, synthetic in kinds if synthetic]
    for sample in samples:
        log.warning("the synthetic sample %s leaves %s, because a real day, %s, is loaded", sample, home.root, day)
    return samples  # type: ignore[return-value]


def _forget(con: duckdb.DuckDBPyConnection, home: Home, day: date) -> None:
    """Remove every trace of a synthetic day. Files go first: rows without files are found and removed by the next load."""
    for table in (t for t in registry.tables() if t.is_daily):
        home.table(table, day).unlink(missing_ok=True)
    for folder in (home.staging(day), home.page(day).parent, home.landing(CATALOG_SOURCE.name, day)):
        shutil.rmtree(folder, ignore_errors=True)
    home.mail(day).unlink(missing_ok=True)
    for table in (t for t in registry.stored_tables() if t.is_daily):
        run(con, f"DELETE FROM {table.name} WHERE day = ?", [day])


def _require_passed(home: Home, day: date) -> None:
    """Refuse a day that the gate has not seen, that has changed since, or that failed. Raises HomeError."""
    staged = [home.staged(t, day) for t in registry.tables() if home.staged(t, day).is_file()]
    check = home.staged(checks.TABLE, day) if staged else home.table(checks.TABLE, day)
    if not check.is_file():
        raise HomeError(
            f"{day} has not passed the gate: run `skytrunk check {day}` first (and `skytrunk compute {day}` before it)"
        )
    if (
        staged
        and not _mark(home, day).is_file()
        and max(p.stat().st_mtime_ns for p in staged) > check.stat().st_mtime_ns
    ):
        raise HomeError(f"{day} was computed again after it was checked: run `skytrunk check {day}` first")
    failed = read_parquet(check).filter(~pl.col("passed") & (pl.col("severity") == "critical"))
    if failed.height:
        raise HomeError(f"{day} failed {failed.height} critical checks and is not loaded: {failed['message'][0]}")


def _finish_promotions(home: Home) -> None:
    for day in cut_off(home):
        promote(home, day)


def _files(home: Home, grid_days: int) -> list[tuple[Table, Path]]:
    """Every file that belongs in the warehouse, in order; samples only where there is no real day."""
    landing = registry.table("meta.landing")
    synthetic = {d: bool(read_parquet(home.table(landing, d))["synthetic"].any()) for d in days_of(home, landing)}
    left_out = {d for d, sample in synthetic.items() if sample} if not all(synthetic.values()) else set()
    files: list[tuple[Table, Path]] = []
    for table in registry.stored_tables():
        days = [d for d in days_of(home, table) if d not in left_out] if table.is_daily else []
        chosen = days[-grid_days:] if registry.windowed(table) else days
        files += [(table, home.table(table, d)) for d in chosen]
        if not table.is_daily and home.table(table).is_file():
            files.append((table, home.table(table)))
    return files


def _checkpoint(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    try:
        run(con, "CHECKPOINT")
    except duckdb.Error as error:
        raise HomeError(
            f"{home.warehouse} could not be written out ({first_line(error)}): look at the free space, then load again"
        ) from error


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
    except OSError as error:
        raise HomeError(
            f"cannot move {source} to {target} ({error.strerror}): look at the free space and rights of the home, then load again"
        ) from error


def _mark(home: Home, day: date) -> Path:
    return home.staging(day) / "loading"


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _count(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    return int(run(con, f"SELECT count(*) FROM {table.name}")[0][0])  # type: ignore[call-overload]


def first_line(error: BaseException) -> str:
    """What an error of the database says, without the hints below it."""
    return str(error).strip().partition("See also")[0].splitlines()[0].strip()
