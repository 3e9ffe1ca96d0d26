"""Floors: an import only goes down, the lower floors are pure, and no DAG file imports anything heavy at its top."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.conftest import ROOT

FLOORS = {
    "pipeline": 0,  # the package itself: a docstring and the version
    "pipeline.geometry": 0,
    "pipeline.table": 0,
    "pipeline.source": 0,
    "pipeline.constellations": 0,
    "pipeline.uncertainty": 0,
    "pipeline.formats": 1,
    "pipeline.sources": 1,
    "pipeline.metrics": 1,
    "pipeline.digest": 1,
    "pipeline.io": 2,
    "pipeline.steps": 3,
    "pipeline.__main__": 4,
    "dags": 4,
}
# The world: disk, network, processes, databases and the clock. None of it below floor 2.
WORLD = {
    "asyncio", "duckdb", "fcntl", "glob", "great_expectations", "http", "httpx", "logging", "multiprocessing", "os", "pathlib", "requests",
    "shutil", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
# A GeoPackage is an SQLite database: it is read from bytes, in memory.
IN_MEMORY = {"pipeline.sources.population_kontur": ["sqlite3"]}
WORLD_CALLS = {"open", "input", "print", "exec", "eval"}
CLOCK = {"now", "utcnow", "today"}
HEAVY = {
    "airflow", "celery", "duckdb", "great_expectations", "matplotlib", "numba", "numpy", "pandas", "polars", "pyarrow", "scipy",
}  # fmt: skip
HEAVY_FOR_COMMANDS = {"airflow", "great_expectations", "matplotlib", "pandas"}
LIGHT = {"airflow.sdk"}
LONGEST_LINES = 60

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("pipeline", "dags")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def floor_of(module: str) -> int:
    """Floor of a module: that of the longest prefix in FLOORS. KeyError when it has none."""
    parts = module.split(".")
    for length in range(len(parts), 1, -1):
        if (prefix := ".".join(parts[:length])) in FLOORS:
            return FLOORS[prefix]
    if module in FLOORS or parts[0] == "dags":
        return FLOORS[parts[0]]
    raise KeyError(f"{module} stands on no floor: give it one in design and in FLOORS")


def imports(tree: ast.AST, module: str) -> Iterator[str]:
    """Dotted names that the nodes below `tree` import, a name of a package as the module that it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(module.split(".")[: -node.level]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            yield from (
                f"{source}.{alias.name}" if f"{source}.{alias.name}" in MODULES else source for alias in node.names
            )


def upward(module: str, source: str) -> list[str]:
    """Imports of `source` that go up from `module`."""
    own = floor_of(module)
    names = imports(ast.parse(source), module)
    return [name for name in names if name.split(".")[0] in ("pipeline", "dags") and floor_of(name) > own]


def worldly(source: str) -> list[str]:
    """What `source` touches of the world: modules, calls, the clock, the environment."""
    tree = ast.parse(source)
    found = [name for name in imports(tree, "") if name.split(".")[0] in WORLD]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORLD_CALLS:
            found.append(f"{node.func.id}()")
        if isinstance(node, ast.Attribute) and node.attr in CLOCK and _is_clock(node.value):
            found.append(f"{ast.unparse(node)}()")
    return found


def _is_clock(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[-1] in ("datetime", "date")


def top_level(source: str) -> ast.Module:
    """The part of a module that runs when it is imported."""
    tree = ast.parse(source)

    def runs(statements: list[ast.stmt]) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for statement in statements:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
                kept += runs(statement.orelse)
                continue
            for field in ("body", "orelse", "finalbody"):
                if isinstance(inner := getattr(statement, field, None), list):
                    setattr(statement, field, runs(inner) or [ast.Pass()])
            kept.append(statement)
        return kept

    tree.body = runs(tree.body)
    return tree


def heavy(source: str, module: str, banned: set[str]) -> set[str]:
    """Heavy modules that importing `source` pulls in, through our own modules too."""
    return {name for name in _loaded(source, module) if name.split(".")[0] in banned and not _light(name)}


def _light(name: str) -> bool:
    return any(name == light or name.startswith(f"{light}.") for light in LIGHT)


def _loaded(source: str, module: str) -> set[str]:
    names = set(imports(top_level(source), module))
    return names.union(*(_loads(name) for name in names if name in MODULES and name != module))


@cache
def _loads(module: str) -> frozenset[str]:
    seen, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in MODULES:
            waiting += imports(top_level(MODULES[name].read_text()), name)
    return frozenset(seen)


def long_functions(source: str) -> list[str]:
    """Functions of `source` with more than LONGEST_LINES lines, their docstring not counted."""
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [f"{n.name}: {lines} lines" for n in nodes if (lines := _line_count(n)) > LONGEST_LINES]


def _line_count(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    told = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0  # type: ignore[operator]
    return node.end_lineno - node.lineno + 1 - told  # type: ignore[operator,no-any-return]


PURE = [name for name in MODULES if name.split(".")[0] == "pipeline" and floor_of(name) < 2]
DAGS = [name for name in MODULES if name.startswith("dags.")]


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_go_down(module: str) -> None:
    assert upward(module, MODULES[module].read_text()) == []


@pytest.mark.parametrize("module", PURE)
def test_the_lower_floors_touch_nothing_of_the_world(module: str) -> None:
    assert worldly(MODULES[module].read_text()) == IN_MEMORY.get(module, [])


@pytest.mark.parametrize("module", DAGS)
def test_a_dag_file_imports_nothing_heavy(module: str) -> None:
    assert heavy(MODULES[module].read_text(), module, HEAVY) == set()


def test_there_is_a_dag_and_a_pure_floor_to_look_at() -> None:
    assert DAGS
    assert len(PURE) > 15


def test_the_command_line_imports_nothing_that_takes_seconds() -> None:
    assert heavy(MODULES["pipeline.__main__"].read_text(), "pipeline.__main__", HEAVY_FOR_COMMANDS) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from pipeline.io.home import Home",
        "from pipeline.io import home",
        "import pipeline.steps",
        "from pipeline import steps",
        "def f():\n    from pipeline.io import landing",
        "from ..io import home",
    ],
)
def test_an_upward_import_is_found(source: str) -> None:
    assert upward("pipeline.metrics.coverage", source)


def test_an_import_of_the_same_or_a_lower_floor_is_allowed() -> None:
    assert upward("pipeline.metrics.coverage", "from pipeline.table import Table\nimport pipeline.metrics.cell") == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "from pathlib import Path",
        "def f():\n    import socket",
        "import httpx",
        "import duckdb",
        "from smtplib import SMTP",
        "import great_expectations as gx",
        "import time",
        "open('x')",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "from datetime import date\nclock = date.today",
    ],
)
def test_the_world_is_found_where_it_does_not_belong(source: str) -> None:
    assert worldly(source)


def test_a_pure_source_is_let_through() -> None:
    assert worldly("import io\nimport polars as pl\n\n\ndef opened(frame):\n    return frame.today") == []


@pytest.mark.parametrize(
    "source",
    [
        "import polars",
        "from airflow.models import DAG",
        "import airflow",
        "if True:\n    import numpy as np",
        "class A:\n    import pandas",
        "from pipeline.table import Table",
    ],
)
def test_a_heavy_import_at_the_top_is_found(source: str) -> None:
    assert heavy(source, "dags.example", HEAVY)


@pytest.mark.parametrize(
    "source",
    [
        "from airflow.sdk import dag",
        "def f():\n    import polars",
        "import json",
        "if TYPE_CHECKING:\n    import polars",
    ],
)
def test_a_light_or_late_import_is_let_through(source: str) -> None:
    assert heavy(source, "dags.example", HEAVY) == set()


def test_a_module_without_a_floor_is_an_error() -> None:
    with pytest.raises(KeyError, match="stands on no floor"):
        floor_of("pipeline.helpers")


@pytest.mark.parametrize("module", MODULES)
def test_functions_are_short(module: str) -> None:
    assert long_functions(MODULES[module].read_text()) == []


@pytest.mark.parametrize("head", ["def f():", "async def f():", "class A:\n  def f(self):"])
def test_a_long_function_is_found(head: str) -> None:
    assert long_functions(head + "\n    x = 1" * LONGEST_LINES) == [f"f: {LONGEST_LINES + 1} lines"]
    assert long_functions(head + "\n    x = 1" * (LONGEST_LINES - 1)) == []


def test_a_long_docstring_makes_no_function_long() -> None:
    words = "\n    word" * LONGEST_LINES
    assert long_functions(f'def f():\n    """{words}\n    """\n    return 1') == []
