"""The list of everything: each source and each table, found by walking the packages, so that adding one is adding a file.

`python -m pipeline.io.registry sql/schema.sql` writes the schema that is committed.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from pipeline.source import Source
from pipeline.table import SCHEMAS, Table, TableError, ddl

PACKAGES = ("pipeline.sources", "pipeline.metrics")
# Outside of these packages tables are few: they are named, and no other module is imported for looking.
MODULES = (
    "pipeline.constellations", "pipeline.source", "pipeline.io.checks", "pipeline.io.landing", "pipeline.io.mail", "pipeline.io.runs",
)  # fmt: skip

# Written beside the gate, for days that failed too.
RECORDS = ("meta.run", "meta.delivery")

SCHEMA_MEANING = {
    "raw": "Rows as a source gives them, one table per source",
    "core": "What a day measures, one table per metric",
    "dim": "What days have in common: cells, countries, constellations, sites",
    "marts": "Views that answer questions",
    "meta": "Records of the runs themselves",
}


@cache
def sources() -> dict[str, ModuleType]:
    """Every module of pipeline.sources that has a SOURCE, by the source's name, in order of the names."""
    modules = [m for m in _modules("pipeline.sources") if isinstance(getattr(m, "SOURCE", None), Source)]
    found: dict[str, ModuleType] = {}
    for module in modules:
        if (name := module.SOURCE.name) in found:
            raise TableError(f"source {name} is declared twice: in {found[name].__name__} and in {module.__name__}")
        found[name] = module
    return dict(sorted(found.items()))


@cache
def tables() -> tuple[Table, ...]:
    """Every Table, in order of schema and name. Raises TableError when two differ under one name."""
    modules = [importlib.import_module(name) for name in MODULES]
    for package in PACKAGES:
        modules += _modules(package)
    return collect(modules)


def collect(modules: list[ModuleType]) -> tuple[Table, ...]:
    """Return the tables that `modules` declare; an import of another module's table counts once.

    Raises TableError when two different tables have one name.
    """
    found: dict[str, tuple[Table, str]] = {}
    for module in modules:
        for table in _declared(module):
            known, where = found.setdefault(table.name, (table, module.__name__))
            if known is not table:
                raise TableError(f"table {table.name} is declared twice: in {where} and in {module.__name__}")
    return tuple(sorted((t for t, _ in found.values()), key=lambda t: (SCHEMAS.index(t.schema_name), t.name)))


def table(name: str) -> Table:
    """Return the table of that name ("core.coverage_daily"). Raises TableError with the names that exist."""
    for item in tables():
        if item.name == name:
            return item
    raise TableError(f"there is no table {name!r}: the tables are {', '.join(t.name for t in tables())}")


def stored(item: Table) -> bool:
    """Whether the warehouse holds the table: all but raw rows that belong to no day."""
    return item.is_daily or item.schema_name != "raw"


def windowed(item: Table) -> bool:
    """Whether the warehouse holds only its last days: grids and raw rows. Parquet files keep them for all time."""
    return item.is_grid or (item.is_daily and item.schema_name == "raw")


def stored_tables() -> tuple[Table, ...]:
    """The tables of the warehouse, in order."""
    return tuple(item for item in tables() if stored(item))


def judged_tables() -> tuple[Table, ...]:
    """The tables that a day's computing fills and the gate looks at: all but the records of what was done."""
    return tuple(item for item in stored_tables() if item.name not in RECORDS)


def schema_sql() -> str:
    """The statements that make an empty warehouse: schemas, tables, keys and comments, without the views."""
    head = "-- Generated from the TABLE literals by `python -m pipeline.io.registry sql/schema.sql`: change those.\n"
    schemas = [f"-- {SCHEMA_MEANING[name]}.\nCREATE SCHEMA IF NOT EXISTS {name};\n" for name in SCHEMAS]
    return "\n".join([head, *schemas, *(ddl(item) for item in stored_tables())])


def _modules(package: str) -> list[ModuleType]:
    """The package itself and its modules, in order of their names."""
    parent = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(parent.__path__))
    return [parent, *(importlib.import_module(f"{package}.{name}") for name in names if not name.startswith("_"))]


def _declared(module: ModuleType) -> Iterator[Table]:
    for value in vars(module).values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, Table):
                yield item


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_sql(), encoding="utf-8") if len(sys.argv) > 1 else print(schema_sql(), end="")
