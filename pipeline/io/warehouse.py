"""The warehouse: one DuckDB file with one writer, made from the Parquet files of the days that the gate let through.

A day is loaded in one transaction. Before it, the day's staged files move to tables/, the gate's results last: a day
whose results lie there is whole. A mark in staging says that moving has begun, a mark in loading/ that the warehouse
does not hold the day yet; whoever loads or publishes next finishes what was cut off.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipeline.io import assets, checks, landing, registry
from pipeline.io.home import Home, HomeError, days_of, past_days_of, read_parquet, whole_file, write_text
from pipeline.io.settings import Settings
from pipeline.sources.celestrak_active import SOURCE as CATALOG_SOURCE
from pipeline.table import Table, TableError

LOCKED = "Could not set lock"
REMEDIES = {  # what a refusal of the database says, and what helps; everything else is a broken file
    LOCKED: "wait until the other run has ended, then try again",
    "No space left": "free some space, then try again",
    "Out of Memory": "free some memory, then try again",
    "Permission denied": "look at the rights of the file and its folder, then try again",
}
CONFIG = {"TimeZone": "UTC", "autoinstall_known_extensions": "false"}

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


def load(settings: Settings, day: date) -> dict[str, int]:
    """Load a day that the gate let through, in one transaction; return the number of rows by table name.

    Loading again changes nothing. Other days whose loading was cut off are finished first, and a warehouse that is
    missing, broken or of another version is made anew. Raises HomeError when the day has not passed the gate, when the
    warehouse is in use or cannot be written, or when a synthetic day is to join real ones.
    """
    home = Home(settings.home)
    _require_passed(home, day)
    frames = day_frames(home, day)
    _repair(settings)
    with connect(settings) as con:
        _create(con)
        late = [other for other in cut_off(home) if other != day]
        _finish_loads(con, settings, late)
        samples = _samples_to_drop(con, home, day, frames)
        promote(home, day)
        _write(con, settings, day, frames, samples)
        run(con, "CHECKPOINT")
    shutil.rmtree(home.staging(day), ignore_errors=True)
    _close(home, *late, day)
    return {name: frame.height for name, frame in frames.items()}


def finish(settings: Settings, day: date) -> None:
    """Move the rest of a day's staged files to tables/ if moving them was cut off; else do nothing.

    To be called before anything clears the day's staging. Raises HomeError when a file cannot be moved.
    """
    home = Home(settings.home)
    if _begun(home, day):
        promote(home, day)
        shutil.rmtree(home.staging(day), ignore_errors=True)


def settle(settings: Settings) -> None:
    """Finish the loading of every day that was cut off, and write everything out: the file alone is then the warehouse.

    Raises HomeError when nothing was ever loaded, or the warehouse is in use or cannot be written.
    """
    home = Home(settings.home)
    _repair(settings)
    days = cut_off(home)
    if not days and not loaded_days(home):
        raise HomeError(
            f"{home.root / 'tables'} holds no day, so there is nothing to publish: run `skytrunk run` or `skytrunk load DAY` first"
        )
    with connect(settings) as con:
        if days:
            _create(con)
            _finish_loads(con, settings, days)
        run(con, "CHECKPOINT")
    _close(home, *days)


def load_records(settings: Settings) -> None:
    """Bring the records of runs and deliveries up to date: a mail is sent after its day was loaded."""
    with connect(settings) as con:
        with transaction(con, Home(settings.home)):
            _load_records(con, Home(settings.home))
        run(con, "CHECKPOINT")


class OlderFile(HomeError):
    """A file was written by an older version and does not fit its table."""


def rebuild(settings: Settings, progress: Progress | None = None, *, without_older: bool = False) -> dict[str, int]:
    """Make the warehouse anew from every Parquet file in tables/, and put it in place of the old one when it is whole.

    `progress` is told how many files of how many are in. `without_older` leaves out files that do not fit their table, and says so, so
    that their days can be computed again. Returns the number of rows by table name. Raises HomeError when there is nothing to rebuild
    from, and OlderFile when a file does not fit.
    """
    home = Home(settings.home)
    due = cut_off(home)
    for day in due:
        finish(settings, day)
    if not loaded_days(home):
        raise HomeError(f"{home.root / 'tables'} holds no day: run `skytrunk run` or `skytrunk load DAY` first")
    files = _files(home, settings.grid_days)
    with whole_file(home.warehouse) as temporary:
        temporary.unlink()
        try:
            _fill(temporary, home, files, progress, without_older)
        finally:
            _wal(temporary).unlink(missing_ok=True)
        fault(home.warehouse)
        _wal(home.warehouse).unlink(missing_ok=True)
    _close(home, *due)
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
                f"{home.warehouse} could not be written and stays as it was ({first_line(error)}): {remedy(error)}"
            ) from error
        raise


def run(con: duckdb.DuckDBPyConnection, sql: str, values: list[object] | None = None) -> list[tuple[object, ...]]:
    """Execute to the end and return all rows."""
    return con.execute(sql, values or []).fetchall()


def promote(home: Home, day: date) -> None:
    """Move the day's staged files to tables/, after leaving marks that this has begun and that the day is to be loaded.

    The gate's results leave first and come last, so that a day without them is known to be half.
    """
    staged = _staged(home, day)
    if staged:
        write_text(_mark(home, day), "loading\n")
        write_text(_due(home, day), "to be loaded\n")
    if checks.TABLE in staged:
        home.table(checks.TABLE, day).unlink(missing_ok=True)
    for table in sorted(staged, key=lambda t: t is checks.TABLE):
        if home.staged_past(table, day).is_file():
            _move(home.staged_past(table, day), home.past(table, day))
        _move(home.staged(table, day), home.table(table, day if table.is_daily else None))
    _mark(home, day).unlink(missing_ok=True)


def cut_off(home: Home) -> list[date]:
    """Days whose loading has begun and has not ended."""
    return sorted(date.fromisoformat(mark.name) for mark in home.root.glob("loading/[0-9]*"))


def loaded_days(home: Home) -> list[date]:
    """Days that have passed the gate and whose files are in tables/, in order."""
    return days_of(home, checks.TABLE)


def whole_days(home: Home, table: Table) -> list[date]:
    """Days of a table that may be shown: those that passed and are whole; of the records beside the gate, all."""
    days = days_of(home, table)
    passed = set(days if table.name in registry.RECORDS else loaded_days(home))
    return [day for day in days if day in passed]


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
    return _frames({t: checks.computed(home, t, day) for t in registry.judged_tables()})


def _frames(paths: Mapping[Table, Path | None]) -> dict[str, pl.DataFrame]:
    return {t.name: fitted(t, path) for t, path in paths.items() if path and path.is_file()}


def fitted(table: Table, path: Path) -> pl.DataFrame:
    """The rows of a Parquet file in the table's columns; a column that came later is null where it may be.

    Raises OlderFile when the file does not fit.
    """
    frame = read_parquet(path)
    later = [c for c in table.columns if c.nullable and c.name not in frame.columns]
    try:
        return table.conform(frame.with_columns(pl.lit(None, c.polars_type).alias(c.name) for c in later))
    except TableError as error:
        raise OlderFile(f"{path} does not fit its table ({error}): compute that day again with this version") from error


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
    """Open a database; what it refuses, now or later, is a HomeError."""
    try:
        con = duckdb.connect(path, read_only=read_only, config=dict(CONFIG))
    except duckdb.Error as error:
        raise _not_opened(path, error) from error
    with con:
        try:
            yield con
        except duckdb.Error as error:
            raise HomeError(f"{path} cannot be read or written ({first_line(error)}): {remedy(error)}") from error


def _not_opened(path: Path, error: duckdb.Error) -> HomeError:
    words = first_line(error)
    state = "is in use" if LOCKED in words else "cannot be opened"
    return HomeError(f"{path} {state} ({words}): {remedy(error)}")


def remedy(error: duckdb.Error) -> str:
    """What helps against an error of the database."""
    return next(
        (does for words, does in REMEDIES.items() if words in str(error)), "make it anew with `skytrunk rebuild`"
    )


def fault(path: Path) -> str:
    """Say why a file is no database that can be opened; empty when it is one, or is not there.

    Raises HomeError when it may well be one, but is in use, out of reach, or on a full disk.
    """
    if not path.exists():
        return ""
    try:
        duckdb.connect(path, config=dict(CONFIG)).close()
    except duckdb.Error as error:
        if any(words in str(error) for words in REMEDIES):
            raise _not_opened(path, error) from error
        return first_line(error)
    return ""


def _repair(settings: Settings) -> None:
    """Make a warehouse anew that is missing, broken or of another version; without a day, remove a broken one."""
    home = Home(settings.home)
    if not home.warehouse.exists():
        why = "is missing" if loaded_days(home) or cut_off(home) else ""
    elif words := fault(home.warehouse):
        why = f"cannot be opened ({words})"
    else:
        why = f"was written by another version ({tables})" if (tables := drift(settings)) else ""
    if not why:
        return
    log.warning("%s %s and is made anew from %s", home.warehouse, why, home.root / "tables")
    for day in cut_off(home):
        finish(settings, day)
    if loaded_days(home):
        rebuild(settings, without_older=True)
    else:
        home.warehouse.unlink(missing_ok=True)
        _wal(home.warehouse).unlink(missing_ok=True)


def _fill(
    path: Path, home: Home, files: list[tuple[Table, Path]], progress: Progress | None, without_older: bool
) -> None:
    """Make a database of these files."""
    older: list[OlderFile] = []
    with _opened(path) as con:
        _create(con)
        with transaction(con, home):
            for number, (table, file) in enumerate(files, start=1):
                try:
                    _insert(con, table, fitted(table, file))
                except OlderFile as error:
                    if not without_older:
                        raise
                    older.append(error)
                if progress:
                    progress(number, len(files))
            _fill_past(con, home)
            create_views(con)
        run(con, "CHECKPOINT")
    if older:
        log.warning(
            "%d of %d files were written by an older version and are left out until their days are computed again, by `skytrunk backfill "
            "FROM TO` (the first: %s)", len(older), len(files), older[0],
        )  # fmt: skip


def _finish_loads(con: duckdb.DuckDBPyConnection, settings: Settings, days: list[date]) -> None:
    """Load days that were cut off, from tables/ alone: what is in staging since has not passed."""
    home = Home(settings.home)
    for day in days:
        finish(settings, day)
        if day not in loaded_days(home):
            log.warning(
                "the loading of %s was cut off and its staging is gone: run `skytrunk compute %s` again", day, day
            )
            continue
        log.warning("the loading of %s was cut off and is finished now", day)
        frames = _frames({t: home.table(t, day if t.is_daily else None) for t in registry.judged_tables()})
        _write(con, settings, day, frames, _samples_to_drop(con, home, day, frames))


def _write(
    con: duckdb.DuckDBPyConnection, settings: Settings, day: date, frames: dict[str, pl.DataFrame], samples: list[date]
) -> None:
    """Put a day's rows into the warehouse in one transaction, in place of those there and of the samples."""
    home = Home(settings.home)
    with transaction(con, home):
        for sample in samples:
            _forget(con, home, sample)
        for name, frame in frames.items():
            _replace(con, registry.table(name), frame, day)
        _fill_past(con, home)
        _load_records(con, home)
        _keep_window(con, settings.grid_days)
        create_views(con)


def _close(home: Home, *days: date) -> None:
    """The warehouse holds these days: no mark and no failed results of them are left."""
    for day in days:
        _due(home, day).unlink(missing_ok=True)
        shutil.rmtree(checks.failed_results(home, day).parent, ignore_errors=True)


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


def _fill_past(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Reconstructed rows anew: those of a day that was not landed come from the first landed day after it."""
    loaded = set(loaded_days(home))
    for table in registry.stored_tables():
        days = [day for day in past_days_of(home, table) if day in loaded]
        if not days:
            continue
        run(con, f"DELETE FROM {table.name} WHERE basis = 'reconstructed'")
        observed: list[date] = [d for (d,) in run(con, f"SELECT DISTINCT day FROM {table.name} ORDER BY day")]  # type: ignore[misc]
        for day in days:
            before = max((d for d in observed if d < day), default=date.min)
            rows = fitted(table, home.past(table, day)).filter((pl.col("day") > before) & (pl.col("day") < day))
            _insert(con, table, rows)


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
    for table in registry.stored_tables():
        home.past(table, day).unlink(missing_ok=True)
    _close(home, day)
    for table in (t for t in registry.stored_tables() if t.is_daily):
        run(con, f"DELETE FROM {table.name} WHERE day = ?", [day])


def _require_passed(home: Home, day: date) -> None:
    """Refuse a day that the gate has not seen, that has changed since, or that failed. Raises HomeError."""
    staged = [home.staged(t, day) for t in _staged(home, day)]
    check = home.staged(checks.TABLE, day) if staged else home.table(checks.TABLE, day)
    if not check.is_file():
        raise HomeError(
            f"{day} has not passed the gate: run `skytrunk check {day}` first (and `skytrunk compute {day}` before it)"
        )
    if staged and not _begun(home, day) and max(p.stat().st_mtime_ns for p in staged) > check.stat().st_mtime_ns:
        raise HomeError(f"{day} was computed again after it was checked: run `skytrunk check {day}` first")
    failed = read_parquet(check).filter(~pl.col("passed") & (pl.col("severity") == "critical"))
    if failed.height:
        raise HomeError(f"{day} failed {failed.height} critical checks and is not loaded: {failed['message'][0]}")


def _files(home: Home, grid_days: int) -> list[tuple[Table, Path]]:
    """Every file that belongs in the warehouse, in order; samples only where there is no real day."""
    landing = registry.table("meta.landing")
    synthetic = {d: bool(read_parquet(home.table(landing, d))["synthetic"].any()) for d in whole_days(home, landing)}
    left_out = {d for d, sample in synthetic.items() if sample} if not all(synthetic.values()) else set()
    files: list[tuple[Table, Path]] = []
    for table in registry.stored_tables():
        days = [d for d in whole_days(home, table) if d not in left_out] if table.is_daily else []
        chosen = days[-grid_days:] if registry.windowed(table) else days
        files += [(table, home.table(table, d)) for d in chosen]
        if not table.is_daily and home.table(table).is_file():
            files.append((table, home.table(table)))
    return files


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
    except OSError as error:
        raise HomeError(
            f"cannot move {source} to {target} ({error.strerror}): look at the free space and rights of the home, then load again"
        ) from error


def _staged(home: Home, day: date) -> list[Table]:
    return [t for t in registry.tables() if home.staged(t, day).is_file()]


def _begun(home: Home, day: date) -> bool:
    """Whether what is staged is the rest of a day that is being moved: a file that is newer than the mark is not."""
    mark = _mark(home, day)
    return mark.is_file() and all(
        home.staged(t, day).stat().st_mtime_ns <= mark.stat().st_mtime_ns for t in _staged(home, day)
    )


def _mark(home: Home, day: date) -> Path:
    return home.staging(day) / "loading"


def _due(home: Home, day: date) -> Path:
    return home.root / "loading" / day.isoformat()


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _count(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    return int(run(con, f"SELECT count(*) FROM {table.name}")[0][0])  # type: ignore[call-overload]


def first_line(error: BaseException) -> str:
    """What an error of the database says, without the hints below it."""
    return str(error).strip().partition("See also")[0].splitlines()[0].strip()
