"""The registry: every source and table found once, and the committed schema made from them."""

from __future__ import annotations

import re
import subprocess
import sys
from types import ModuleType

import duckdb
import pytest

from pipeline.io import registry
from pipeline.table import Column, Table, TableError
from tests.conftest import ROOT


def module(name: str, **values: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(values)
    return made


def table(grain: str = "one row per t") -> Table:
    return Table("core.t", grain, (Column("t_id", "text", "", "T", key=True),))


def test_the_tables_of_every_floor_are_found() -> None:
    names = {t.name for t in registry.tables()}
    assert {
        "raw.celestrak_active",
        "core.coverage_daily",
        "dim.cell",
        "dim.constellation",
        "meta.run",
        "meta.check",
    } <= names
    assert {"meta.landing", "meta.delivery", "meta.exclusion", "dim.site"} <= names


def test_every_module_of_io_that_declares_a_table_is_named() -> None:
    declares = re.compile(r"^\w+ = Table\(", flags=re.MULTILINE)
    paths = (ROOT / "pipeline" / "io").glob("*.py")
    found = {f"pipeline.io.{p.stem}" for p in paths if declares.search(p.read_text(encoding="utf-8"))}
    assert found == {name for name in registry.MODULES if name.startswith("pipeline.io.")}


def test_looking_for_tables_imports_no_module_without_one() -> None:
    code = "import sys; from pipeline.io import registry; registry.tables(); print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"pipeline.io.checks", "pipeline.io.mail"} <= set(names.split())
    assert not {"pipeline.io.bench", "pipeline.io.doctor", "pipeline.io.stage"} & set(names.split())


def test_no_table_is_found_twice() -> None:
    names = [t.name for t in registry.tables()]
    assert len(names) == len(set(names))


def test_the_catalog_is_a_source_and_the_only_required_one() -> None:
    found = registry.sources()
    assert {"celestrak_active", "cities", "sites"} <= set(found)
    assert [name for name, m in found.items() if m.SOURCE.required] == ["celestrak_active"]


def test_every_source_can_read_bytes() -> None:
    assert all(callable(m.parse) for m in registry.sources().values())


def test_an_imported_table_counts_once() -> None:
    one = table()
    assert registry.collect([module("a", TABLE=one), module("b", GRID=one, TABLES=(one,))]) == (one,)


def test_two_tables_of_one_name_are_an_error() -> None:
    with pytest.raises(TableError, match=r"core\.t is declared twice: in a and in b"):
        registry.collect([module("a", TABLE=table()), module("b", TABLE=table("one row per u"))])


def test_an_unknown_table_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TableError, match=r"no table 'core\.cover'.*core\.coverage_daily"):
        registry.table("core.cover")


def test_raw_rows_without_a_day_stay_out_of_the_warehouse() -> None:
    assert "raw.cities" not in {t.name for t in registry.stored_tables()}


def test_grids_and_raw_rows_are_kept_for_the_last_days_only() -> None:
    kept = {t.name for t in registry.stored_tables() if registry.windowed(t)}
    elements = {"raw.celestrak_active", "raw.celestrak_active_tle", "raw.celestrak_supgp_starlink"}
    assert kept == elements | {
        "core.continuity_daily",
        "core.coverage_daily",
        "core.coverage_together_daily",
        "core.capacity_daily",
        "core.demand_daily",
        "core.latency_daily",
    }


def test_the_committed_schema_is_the_one_that_the_literals_make() -> None:
    committed = (ROOT / "sql" / "schema.sql").read_text(encoding="utf-8")
    assert committed == registry.schema_sql(), "run `python -m pipeline.io.registry sql/schema.sql`"


def test_the_schema_can_be_run_twice() -> None:
    with duckdb.connect() as con:
        con.execute(registry.schema_sql() * 2).fetchall()
        names = {f"{s}.{t}" for s, t in con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()}
    assert names == {t.name for t in registry.stored_tables()}
