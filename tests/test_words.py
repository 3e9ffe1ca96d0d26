"""Words: same name = same quantity = same unit, the unit last in the name, every column explained, keys first."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from pipeline.io import registry
from pipeline.table import ENUMERATIONS, SCHEMAS, Column, Table

TABLES = registry.tables()
# unit -> how the name of a column with this unit ends
SUFFIX = {
    "km": "_km",
    "km2": "_km2",
    "m2": "_m2",
    "deg": "_deg",
    "ms": "_ms",
    "s": "_s",
    "MW": "_mw",
    "GWh": "_gwh",
    "min": "_min",
    "h": "_h",
    "days": "_days",
    "bytes": "_bytes",
    "Gbps": "_gbps",
    "Tbps": "_tbps",
    "Mbps": "_mbps",
    "USD/month": "_usd_per_month",
    "USD/Gbps": "_usd_per_gbps",
    "USD/Gbps-month": "_gbps_month",
    "USD": "_usd",
    "1": "_fraction",
    "people": "_count",
    "UTC": "_utc",
    "UTC date": "day",
    "km/day": "_km_per_day",
    "rev/day": "_rev_per_day",
    "rev/day^2": "_rev_per_day2",
    "rev/day^3": "_rev_per_day3",
    "1/earth radius": "_per_earth_radius",
    "1/h": "_per_h",
    "ms/1000 km": "_ms_per_1000_km",
    "years": "_years",
}
# Elements keep the words of the OMM; a capacity per satellite says so after its unit; places and phases keep Walker's words, and a
# correlation that of statistics.
NAMED_OTHERWISE = {
    "eccentricity", "down_gbps_per_satellite", "slot", "slot_coherence", "phasing", "rank_correlation", "distance_rank_correlation",
    "served_fraction_p50", "served_fraction_p05",
}  # fmt: skip
# A number without a unit is a count, an identifier or a figure of the source's own, and its name says which.
UNITLESS = re.compile(r"(_count|_id|_number|_year|_value|_no|_status|_type|_factor|_per_head|^rev_at_epoch|^observed)$")


def columns(tables: tuple[Table, ...] = TABLES) -> list[tuple[str, Column]]:
    return [(f"{t.name}.{c.name}", c) for t in tables for c in t.columns]


def disagreements(tables: tuple[Table, ...]) -> list[str]:
    """Names that mean different things: another unit, or another kind (whole numbers and numbers are one; the workloads of the ledger are some
    of all workloads)."""
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for _, column in columns(tables):
        seen[column.name].add(
            (column.unit, {"integer": "number", "cell": "number", "ai_workload": "text"}.get(column.kind, column.kind))
        )
    return sorted(f"{name}: {sorted(kinds)}" for name, kinds in seen.items() if len(kinds) > 1)


def misnamed(column: Column) -> bool:
    """Whether a column's name and unit contradict each other."""
    if column.name in NAMED_OTHERWISE:
        return False
    if column.unit:
        return not column.name.endswith(SUFFIX.get(column.unit, "\0"))
    ends_in_unit = any(column.name.endswith(s) for s in SUFFIX.values() if s not in ("_count", "day"))
    return ends_in_unit or (column.kind in ("number", "integer") and not UNITLESS.search(column.name))


def unsorted_keys(table: Table) -> bool:
    """Whether a key column stands behind another one; raw tables keep their source's order after the day."""
    if table.schema_name == "raw":
        return table.is_daily and table.column_names[0] != "day"
    return table.column_names[: len(table.key)] != table.key


def test_the_same_name_is_the_same_quantity_everywhere() -> None:
    assert disagreements(TABLES) == []


@pytest.mark.parametrize(("where", "column"), columns())
def test_the_unit_stands_last_in_the_name(where: str, column: Column) -> None:
    assert not misnamed(column), f"{where} has the unit {column.unit!r}"


@pytest.mark.parametrize(("where", "column"), columns())
def test_every_column_is_explained(where: str, column: Column) -> None:
    assert len(column.meaning) > 2, where
    assert not column.meaning.endswith("."), f"{where}: the full stop is added where the meaning is shown"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_says_its_grain_and_has_its_key_first(table: Table) -> None:
    assert table.grain.startswith("one row per ")
    assert table.key
    assert not unsorted_keys(table)


# What is reported of periods of its own belongs to no day of ours: a record, replaced as a whole.
RECORDS = {"core.operator_kpi"}


@pytest.mark.parametrize(
    "table", [t for t in TABLES if t.schema_name == "core" and t.name not in RECORDS], ids=lambda table: table.name
)
def test_a_core_table_belongs_to_days(table: Table) -> None:
    assert table.key[0] == "day"
    assert table.short_name.endswith("_daily")


def test_words_are_snake_case() -> None:
    words = [name.partition(".")[2] for name, _ in columns()] + [w for values in ENUMERATIONS.values() for w in values]
    assert [w for w in words if not re.fullmatch(r"[a-z][a-z0-9_.]*", w)] == []


def test_limits_are_in_order() -> None:
    assert [w for w, c in columns() if c.low is not None and c.high is not None and c.low >= c.high] == []


@pytest.mark.parametrize(
    "column",
    [
        Column("altitude", "number", "km", "Altitude"),
        Column("gap_s", "number", "ms", "Gap"),
        Column("speed_mph", "number", "mph", "Speed"),
        Column("gap_ms", "number", "", "Gap"),
        Column("quality", "number", "", "Quality"),
        Column("covered_percent", "number", "1", "Covered"),
    ],
)
def test_a_wrong_name_is_found(column: Column) -> None:
    assert misnamed(column)


def test_one_name_with_two_units_is_found() -> None:
    tables = tuple(Table(f"{s}.t", "one row per t", (Column("x_km", "number", u, "X"),)) for s, u in zip(SCHEMAS, ("km", "m"), strict=False))  # fmt: skip
    assert disagreements(tables)


def test_a_key_behind_another_column_is_found() -> None:
    table = Table("core.t", "one row per t", (Column("x", "text", "", "X"), Column("t_id", "text", "", "T", key=True)))
    assert unsorted_keys(table)
