"""The gate: what a day's tables must be before anybody sees them.

Large tables are reduced by polars to counts of broken rows and to the worst residual of each law. Great Expectations
bounds these counts, and looks at the small tables itself. A critical failure stops the day; a warning is printed in
the digest. Every result, with the first rows that failed, goes to meta.check; those of a day that is stopped lie in
failed/ until the day is loaded.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.io import registry
from pipeline.io.assets import reference
from pipeline.io.expectations import Broken, judge
from pipeline.io.home import Home, HomeError, days_of, read_parquet, write_parquet
from pipeline.io.laws import LAWS, Law
from pipeline.io.settings import Settings
from pipeline.table import CONSTELLATION, Column, Table, limit_rules

SHRINK_FRACTION = 0.15  # a fleet that loses more than this between two published days is a fault until proven otherwise
GROWTH_FRACTION = 0.05
GROWTH_COUNT = 60  # the largest single launch so far: growth by less is a launch
SMALL_FRACTION = 0.60
UNSOUND = ("columns and types as declared", "never null", "one row per key")  # laws cannot be asked of such rows
SHOWN = 5  # failing rows kept per check
# Small enough for Great Expectations to read whole; of the others it sees counts of broken rows and residuals.
FLEETS = "core.fleet_capacity_daily"
SMALL = ("core.access_daily", FLEETS, "core.fleet_history_daily", "core.shell_daily")

TABLE = Table(
    "meta.check",
    "one row per day and check of the gate",
    (
        Column("day", "day", "UTC date", "Day that was checked", key=True),
        Column("check_id", "text", "", "Table and rule", key=True),
        Column("table_name", "text", "", "Table that was checked"),
        Column("rule", "text", "", "Rule in words; `rows` counts the rows of the table"),
        Column("severity", "severity", "", "What a failure means: critical stops the day, a warning is printed"),
        Column("passed", "flag", "", "Whether every row kept the rule"),
        Column("observed", "number", "", "What was measured: a count, or the worst residual of a law", nullable=True),
        Column("bound", "text", "", "What is accepted"),
        Column("failed_count", "integer", "", "Rows that broke the rule", 0),
        Column("failed_rows", "text", "", "The first of these rows, as JSON"),
        Column("message", "text", "", "What happened and what to do; empty when passed"),
    ),
)

log = logging.getLogger(__name__)
Frames = dict[str, pl.DataFrame]


class GateError(RuntimeError):
    """A critical check failed: the day is not published."""


@dataclass(frozen=True)
class Finding:
    """What one rule found in one table. `say` replaces the general sentence; `remedy` what to do."""

    table: str
    rule: str
    severity: str = "critical"
    observed: float | None = None
    bound: str = "no row"
    failed_count: int = 0
    failed: pl.DataFrame | None = None
    say: str = ""
    remedy: str = "compute the day again, and if it stays, the code that fills the table is wrong"


def run(settings: Settings, day: date) -> pl.DataFrame:
    """Check the computed tables of `day`, write the results to staging and return them as a frame of TABLE.

    Raises GateError naming the first critical failures and the file that keeps all results, HomeError when nothing of
    the day is computed.
    """
    home = Home(settings.home)
    paths = {t.name: p for t in registry.judged_tables() if (p := computed(home, t, day)) and t is not TABLE}
    if not any(name.startswith("core.") and registry.table(name).is_daily for name in paths):
        raise HomeError(f"nothing of {day} is computed in {home.root}: run `skytrunk compute {day}` first")
    frames = {name: read_parquet(path) for name, path in paths.items()}
    results = results_of(list(findings(home, day, frames)), frames, day)
    write_parquet(home.staged(TABLE, day), results)
    for message in results.filter(~pl.col("passed") & (pl.col("severity") == "warning"))["message"]:
        log.warning("%s", message)
    _stop(results, home, day)
    return results


def failed_results(home: Home, day: date) -> Path:
    """Parquet file that keeps every result of a day that was stopped, until the day is loaded."""
    return home.root / "failed" / day.isoformat() / "check.parquet"


def computed(home: Home, table: Table, day: date) -> Path | None:
    """The day's file of a table: the staged one, else the one that passed before, else None."""
    for path in (home.staged(table, day), home.table(table, day if table.is_daily else None)):
        if path.is_file():
            return path
    return None


def findings(home: Home, day: date, frames: Frames) -> Iterable[Finding]:
    """What polars finds: rows there, shape, keys, limits, laws between tables, plausibility, age of the data."""
    sound: Frames = {}
    for table in registry.stored_tables():
        found = list(table_findings(table, frames.get(table.name), day))
        yield from found
        if table.name in frames and not any(f.failed_count and f.rule in UNSOUND for f in found):
            sound[table.name] = table.conform(frames[table.name])
    for law in LAWS:
        if all(name in sound and not sound[name].is_empty() for name in (law.table, *law.needs)):
            yield law_finding(law, sound)
    if FLEETS in sound:
        yield from plausibility(sound[FLEETS], day, previous_fleets(home, day, frames))
    yield from data_findings(sound, day)


def table_findings(table: Table, frame: pl.DataFrame | None, day: date) -> Iterable[Finding]:
    """Rows there, columns, nulls, duplicate keys, the day, and limits of one table on its own."""
    height = 0 if frame is None else frame.height
    needed = table.schema_name in ("core", "dim") or table.name in _required_tables()
    needed = needed and not table.may_be_empty
    if needed or height:
        yield Finding(table.name, "rows", observed=height, bound=">= 1", failed_count=int(needed and not height))
    if frame is None or frame.is_empty():
        return
    wrong = _wrong_columns(table, frame)
    yield Finding(
        table.name, "columns and types as declared", bound="all", failed_count=len(wrong), say="; ".join(wrong)
    )
    if wrong:
        return
    yield from _row_findings(table, frame, day)


def _row_findings(table: Table, frame: pl.DataFrame, day: date) -> Iterable[Finding]:
    filled = [c.name for c in table.columns if not c.nullable]
    yield _broken(table.name, "never null", frame, pl.any_horizontal(pl.col(filled).is_null()))
    yield _broken(table.name, "one row per key", frame, pl.struct(table.key).is_duplicated())
    if table.is_daily:
        yield _broken(table.name, "all rows of the day", frame, pl.col("day") != day)
    # Great Expectations derives the limits of small tables itself, but takes NaN for null: finiteness is asked here.
    rules = {k: v for k, v in limit_rules(table).items() if table.name not in SMALL or k[1] == "finite"}
    broken = [
        f for (name, rule), e in rules.items() if (f := _broken(table.name, f"{name} {rule}", frame, e)).failed_count
    ]
    yield from (replace(f, rule=f"limits: {f.rule}") for f in broken)
    if not broken and rules:
        yield Finding(table.name, "limits", observed=0, bound="no row outside")


def law_finding(law: Law, frames: Frames) -> Finding:
    """Judge a law by the largest residual of its rows; NaN breaks every law, null is no statement."""
    rows = law.rows(frames).with_columns(law.residual.cast(pl.Float64).alias("residual"))
    broken = rows.filter((pl.col("residual") > law.tolerance) | pl.col("residual").is_nan())
    order = ["residual", *(name for name in rows.columns if name != "residual")]
    broken = broken.sort(order, descending=[True] + [False] * (len(order) - 1))  # the worst first, always the same
    worst = rows["residual"].max()
    return Finding(
        law.table,
        law.rule,
        law.severity,
        observed=None if worst is None else float(worst),  # type: ignore[arg-type]
        bound=f"residual <= {law.tolerance:g}",
        failed_count=broken.height,
        failed=broken,
    )


def previous_fleets(home: Home, day: date, frames: Frames) -> tuple[date, pl.DataFrame] | None:
    """The fleets of the last day before `day` that passed and is of the same kind, synthetic or real."""
    landing = registry.table("meta.landing")
    fleet = registry.table(FLEETS)
    kind = is_synthetic(frames.get(landing.name))
    for earlier in reversed([d for d in days_of(home, fleet) if d < day]):
        path = home.table(landing, earlier)
        if is_synthetic(read_parquet(path) if path.is_file() else None) == kind:
            return earlier, read_parquet(home.table(fleet, earlier))
    return None


def plausibility(fleets: pl.DataFrame, day: date, previous: tuple[date, pl.DataFrame] | None) -> Iterable[Finding]:
    """Compare each fleet with the last published day before `day`; a first day is compared with nothing."""
    now = _counts(fleets)
    before_day, before = (str(previous[0]), _counts(previous[1])) if previous else ("", {})
    for name in CONSTELLATION:
        count, working = now.get(name, (0, 0))
        old, old_working = before.get(name, (0, 0))
        if not old:
            yield _present(name, count, day)
            continue
        seen = f"{name} has {{}} on {day} after {{}} on {before_day}"
        yield _shrinks(name, count, old, seen)
        yield _grows(name, count, old, seen)
        if old_working:
            yield _works(name, working, old_working, seen)


def _present(name: str, count: int, day: date) -> Finding:
    return Finding(
        FLEETS,
        f"{name} has satellites",
        "warning",
        observed=count,
        bound=">= 1",
        failed_count=int(not count),
        say=f"{day}: no satellite of {name} is in the catalog",
        remedy="look whether its objects were renamed",
    )


def _shrinks(name: str, count: int, old: int, seen: str) -> Finding:
    lost = (old - count) / old
    believed = f"a loss of {lost:.0%} where at most {SHRINK_FRACTION:.0%} is believed"
    return Finding(
        FLEETS,
        f"{name} does not shrink",
        observed=count / old,
        bound=f">= {1 - SHRINK_FRACTION:g} of the last published day",
        failed_count=int(lost > SHRINK_FRACTION),
        say=f"{seen.format(f'{count} satellites', old)}, {believed}",
        remedy="look whether the landed catalog is cut or its objects were renamed; the last published day stays up meanwhile",
    )


def _grows(name: str, count: int, old: int, seen: str) -> Finding:
    return Finding(
        FLEETS,
        f"{name} grows plausibly",
        "warning",
        observed=count / old,
        bound=f"<= {1 + GROWTH_FRACTION:g} of the last published day, or {GROWTH_COUNT} more",
        failed_count=int(count > old * (1 + GROWTH_FRACTION) and count - old > GROWTH_COUNT),
        say=seen.format(f"{count} satellites", old),
        remedy="look whether other objects carry its name",
    )


def _works(name: str, working: int, old: int, seen: str) -> Finding:
    return Finding(
        FLEETS,
        f"{name} stays at work",
        "warning",
        observed=working / old,
        bound=f">= {1 - SHRINK_FRACTION:g} of the last published day",
        failed_count=int(working < old * (1 - SHRINK_FRACTION)),
        say=seen.format(f"{working} satellites at work", old),
        remedy="look whether they move to other altitudes, or fail",
    )


def data_findings(frames: Frames, day: date) -> Iterable[Finding]:
    """Warn of rows left out, of a catalog of an earlier day, and of a first catalog that is far too small."""
    yield _left_out(frames.get("meta.exclusion", pl.DataFrame()), day)
    if "meta.landing" in frames:
        yield _catalog_age(frames["meta.landing"], day)
    if FLEETS in frames:
        yield _large_enough(frames[FLEETS], day)


def _left_out(excluded: pl.DataFrame, day: date) -> Finding:
    return Finding(
        "meta.exclusion",
        "nothing left out",
        "warning",
        observed=excluded.height,
        bound="0 rows",
        failed_count=excluded.height,
        failed=excluded,
        say=f"{day}: {excluded.height} {'row is' if excluded.height == 1 else 'rows are'} left out",
        remedy="meta.exclusion lists each with its reason",
    )


def _catalog_age(landing: pl.DataFrame, day: date) -> Finding:
    required = [name for name, module in registry.sources().items() if module.SOURCE.required]
    old = landing.filter(pl.col("source").is_in(required) & (pl.col("age_days") > 0))
    age_days = max(old["age_days"].to_list(), default=0)
    return Finding(
        "meta.landing",
        "catalog of the day",
        "warning",
        observed=age_days,
        bound="0 days",
        failed_count=old.height,
        failed=old,
        say=f"{day} stands on a catalog that is {age_days} days older",
        remedy="land the day's own when it can be had",
    )


def _large_enough(fleets: pl.DataFrame, day: date) -> Finding:
    """A cut catalog shows on a later first day too: compare with the shells that were seen when the reference was made."""
    shells = reference("constellations").filter((pl.col("basis") == "observed") & (pl.col("operator") == "SpaceX"))
    seen = int(shells["total_sats"].cast(pl.Int64).sum())
    seen_on = date.fromisoformat(str(max(shells["status_date"].to_list())))
    count = _counts(fleets).get("starlink", (0, 0))[0]
    return Finding(
        FLEETS,
        "starlink is as large as it was seen",
        "warning",
        observed=count / seen,
        bound=f">= {SMALL_FRACTION:g} of {seen}",
        failed_count=int(day > seen_on and count < SMALL_FRACTION * seen),
        say=f"{day}: the catalog holds {count} Starlinks where {seen} were seen on {seen_on}",
        remedy="look whether it is cut, or lists five-digit numbers only",
    )


def results_of(found: list[Finding], frames: Frames, day: date) -> pl.DataFrame:
    """Let Great Expectations judge the findings and the small tables; return a frame of TABLE."""
    counts = pl.DataFrame(
        {
            f"{severity}_failed_count": [f.failed_count if f.severity == severity else 0 for f in found]
            for severity in ("critical", "warning")
        }
    )
    unsound = {f.table for f in found if f.rule == UNSOUND[0] and f.failed_count}
    small = {name: frames[name] for name in SMALL if name in frames and name not in unsound and frames[name].height}
    failed, broken = judge(counts, {registry.table(name): frame for name, frame in small.items()})
    found = [*found, *(_of_small(small[b.table], b) for b in broken)]
    found += [
        Finding(name, "limits and keys", observed=0, bound="no row outside")
        for name in small
        if name not in {b.table for b in broken}
    ]
    rows = [
        _row(f, day, passed=i not in failed and not (i >= counts.height and f.failed_count))
        for i, f in enumerate(found)
    ]
    return TABLE.conform(pl.DataFrame(rows, schema=TABLE.polars_schema))


def _of_small(frame: pl.DataFrame, broken: Broken) -> Finding:
    rows = frame[broken.row_numbers] if broken.row_numbers else None
    return Finding(broken.table, f"limits: {broken.rule}", failed_count=max(broken.failed_count, 1), failed=rows)


def _row(found: Finding, day: date, *, passed: bool) -> dict[str, object]:
    rows = found.failed.head(SHOWN).to_dicts() if found.failed is not None and not passed else []
    shown = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return {
        "day": day,
        "check_id": f"{found.table}/{found.rule}",
        "table_name": found.table,
        "rule": found.rule,
        "severity": found.severity,
        "passed": passed,
        "observed": _steady(found.observed),
        "bound": found.bound,
        "failed_count": found.failed_count,
        "failed_rows": json.dumps(shown),
        "message": "" if passed else _message(found, day, shown),
    }


def _steady(value: float | None) -> float | None:
    """A number to nine digits, nothing below 1e-9: sums in another order must not change a record; null for NaN."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.9g}") if abs(value) >= 1e-9 else 0.0


def _plain(value: object) -> object:
    """A value that JSON knows: NaN, infinity and dates become words."""
    if isinstance(value, float):
        return _steady(value) if math.isfinite(value) else str(value)
    return value if isinstance(value, str | int | None) else str(value)


def _message(found: Finding, day: date, shown: list[dict[str, object]]) -> str:
    if found.say:
        return f"{found.say}: {found.remedy}"
    first = ", ".join(f"{k}={v}" for k, v in list(shown[0].items())[:8]) if shown else ""
    where = f" (first: {first})" if first else ""
    return f"{found.table}, {day}: {found.failed_count} break the rule “{found.rule}”{where}: {found.remedy}"


def _stop(results: pl.DataFrame, home: Home, day: date) -> None:
    failed = results.filter(~pl.col("passed") & (pl.col("severity") == "critical"))["message"].to_list()
    if failed:
        kept = write_parquet(failed_results(home, day), results)
        more = f"; and {len(failed) - 2} more" if len(failed) > 2 else ""
        raise GateError(
            f"{day} is stopped before publication by {len(failed)} critical check{'s' if len(failed) > 1 else ''}: {'; '.join(failed[:2])}{more}; every result is in {kept}"
        )


def _broken(table: str, rule: str, frame: pl.DataFrame, breaks: pl.Expr) -> Finding:
    rows = frame.filter(breaks)
    return Finding(table, rule, observed=rows.height, failed_count=rows.height, failed=rows.head(SHOWN))


def _wrong_columns(table: Table, frame: pl.DataFrame) -> list[str]:
    wrong = [f"{table.name} has no column {c.name}" for c in table.columns if c.name not in frame.columns]
    wrong += [
        f"{table.name} has an undeclared column {name}" for name in frame.columns if name not in table.column_names
    ]
    return wrong + [
        f"{table.name}.{c.name} is {frame[c.name].dtype}, not {c.polars_type}"
        for c in table.columns
        if _differs(c, frame)
    ]


def _differs(column: Column, frame: pl.DataFrame) -> bool:
    return column.name in frame.columns and frame[column.name].dtype != column.polars_type


def _required_tables() -> set[str]:
    required = {m.TABLE.name for m in registry.sources().values() if m.SOURCE.required}
    return required | {"meta.landing"}


def _counts(fleets: pl.DataFrame) -> dict[str, tuple[int, int]]:
    return {
        r[0]: (r[1], r[2]) for r in fleets.select("constellation", "satellite_count", "operational_count").iter_rows()
    }


def is_synthetic(landing: pl.DataFrame | None) -> bool:
    """Whether a day's rows of meta.landing say that it was made from a synthetic sample."""
    return landing is not None and bool(landing["synthetic"].any())
