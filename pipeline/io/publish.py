"""Publication: a copy of the warehouse that analysts open, and every table and day as Parquet beside it.

The copy replaces the last one by a rename, so a reader who has it open keeps what he has. Parquet files are linked, not
copied: publishing costs what is in the warehouse (aggregates, and grids of the last days), not what was ever computed.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.io import registry, warehouse
from pipeline.io.home import Home, HomeError, days_of, whole_file, write_text
from pipeline.io.settings import Settings
from pipeline.source import Source
from pipeline.table import Column, Table

FORMATS = ("table", "csv", "json", "parquet")
# A query reads the published file and nothing else: no other file, no network, no extension.
QUERY_CONFIG = {**warehouse.CONFIG, "enable_external_access": "false", "lock_configuration": "true"}
FRICTIONLESS = {
    "text": "string", "integer": "integer", "cell": "integer", "number": "number", "flag": "boolean", "day": "date", "instant": "datetime",
}  # fmt: skip

log = logging.getLogger(__name__)


class QueryError(ValueError):
    """A query cannot be run. The message quotes the database."""


def publish(settings: Settings) -> dict[str, Any]:
    """Publish what the warehouse holds; return the published paths and how many Parquet files are new or gone.

    Raises HomeError when there is nothing to publish, a day was cut off while it was loaded, or the disk is full.
    """
    home = Home(settings.home)
    if not home.warehouse.exists():
        raise HomeError(
            f"{home.warehouse} does not exist, so there is nothing to publish: run `skytrunk run` or `skytrunk load DAY` first"
        )
    if days := warehouse.cut_off(home):
        raise HomeError(f"the loading of {days[0]} was cut off: finish it with `skytrunk load {days[0]}`, then publish")
    with warehouse.connect(settings) as con:
        warehouse.run(con, "CHECKPOINT")
    new, gone = _publish_parquet(home)
    write_text(
        home.published_parquet / "datapackage.json", json.dumps(datapackage(home), indent=1, ensure_ascii=False) + "\n"
    )
    _publish_database(settings, home)
    return {
        "database": str(home.published),
        "parquet": str(home.published_parquet),
        "files_new": new,
        "files_gone": gone,
    }


def query(home: Home, sql: str | Path, params: Mapping[str, Any] | Sequence[Any] | None = None) -> pl.DataFrame:
    """Run a query, or the query in a file, on the published file and return its rows; nothing can be written.

    `params` are values for $name (a mapping; names that the query does not use are left out) or ? (a sequence).
    Raises HomeError when nothing is published yet, QueryError when the query cannot be run.
    """
    text = _query_text(sql)
    if not home.published.exists():
        raise HomeError(
            f"{home.published} does not exist yet: publish a day with `skytrunk run` or `skytrunk sample` first"
        )
    try:
        with duckdb.connect(home.published, read_only=True, config=dict(QUERY_CONFIG)) as con:
            relation = con.sql(text, params=_used(text, params))
            if relation is None:
                raise QueryError("the query returns no rows: end it with a SELECT")
            return _plain_numbers(relation.pl())
    except duckdb.Error as error:
        words = " ".join(str(error).split())
        raise QueryError(
            f"the query cannot be run ({words}): `skytrunk dictionary` lists tables and columns"
        ) from error


def render(frame: pl.DataFrame, form: str = "table") -> bytes:
    """Return the rows of a query as bytes in one of FORMATS. Raises QueryError on another one."""
    if form == "table":
        with pl.Config(
            tbl_rows=-1,
            tbl_cols=-1,
            tbl_width_chars=-1,
            fmt_str_lengths=1_000,
            tbl_hide_dataframe_shape=True,
            tbl_hide_column_data_types=True,
            tbl_formatting="UTF8_FULL_CONDENSED",
            fmt_float="full",
            thousands_separator=False,
        ):
            return f"{frame}\n".encode()
    if form == "csv":
        return frame.write_csv().encode()
    if form == "json":
        return (frame.write_json() + "\n").encode()
    if form == "parquet":
        stream = io.BytesIO()
        frame.write_parquet(stream)
        return stream.getvalue()
    raise QueryError(f"there is no format {form!r}: choose one of {', '.join(FORMATS)}")


def datapackage(home: Home) -> dict[str, Any]:
    """The Frictionless description of the published Parquet files, made from SOURCE and TABLE literals."""
    known = [module.SOURCE for module in registry.sources().values()]
    resources = [r for table in registry.stored_tables() if (r := _resource(home, table))]
    return {
        "profile": "data-package",
        "name": "skytrunk",
        "title": "Skytrunk: how far low-Earth-orbit networks can serve as the backbone of AI",
        "description": "Every table and day. `day` is a UTC date; a column's unit is in its name and in `unit`.",
        "licenses": [_licence(source) for source in known],
        "sources": [{"title": source.title, "path": source.address, "citation": source.citation} for source in known],
        "resources": resources,
    }


def _publish_database(settings: Settings, home: Home) -> None:
    """Copy the closed, checkpointed warehouse while a reader's lock keeps writers away."""
    with warehouse.connect(settings, read_only=True), whole_file(home.published) as temporary:
        shutil.copyfile(home.warehouse, temporary)


def _publish_parquet(home: Home) -> tuple[int, int]:
    """Link what is new or changed, remove what is gone; return how many of each."""
    wanted = {p: _published(home, p) for table in registry.stored_tables() for p in _files(home, table)}
    fresh = [(source, target) for source, target in wanted.items() if not _same_file(source, target)]
    for source, target in fresh:
        _link(source, target)
    gone = sorted(set(home.published_parquet.glob("*/*/*.parquet")) - set(wanted.values()))
    for path in gone:
        path.unlink()
    return len(fresh), len(gone)


def _files(home: Home, table: Table) -> list[Path]:
    paths = [home.table(table, day) for day in days_of(home, table)] if table.is_daily else [home.table(table)]
    return [path for path in paths if path.is_file()]


def _published(home: Home, path: Path) -> Path:
    return home.published_parquet / path.relative_to(home.root / "tables")


def _same_file(source: Path, target: Path) -> bool:
    """Whether the target is the source, or a copy of it that was made where links are impossible."""
    if not target.exists():
        return False
    one, other = source.stat(), target.stat()
    return os.path.samestat(one, other) or (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _link(source: Path, target: Path) -> None:
    with whole_file(target) as temporary:
        temporary.unlink()
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copy2(source, temporary)


def _resource(home: Home, table: Table) -> dict[str, Any] | None:
    paths = [_published(home, p).relative_to(home.published_parquet).as_posix() for p in _files(home, table)]
    if not paths:
        return None
    own = [m.SOURCE for m in registry.sources().values() if getattr(m, "TABLE", None) is table]
    resource: dict[str, Any] = {
        "name": table.name,
        "description": table.grain,
        "path": paths if table.is_daily else paths[0],
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": {"fields": [_field(c) for c in table.columns], "primaryKey": list(table.key)},
    }
    return resource | ({"licenses": [_licence(source) for source in own]} if own else {})


def _field(column: Column) -> dict[str, Any]:
    limits = {"minimum": column.low, "maximum": column.high, "enum": list(column.values) if column.values else None}
    return {
        "name": column.name,
        "type": FRICTIONLESS.get(column.kind, "string"),
        "description": column.meaning,
        "unit": column.unit,
        "constraints": {"required": not column.nullable} | {k: v for k, v in limits.items() if v is not None},
    }


def _licence(source: Source) -> dict[str, str]:
    return {"name": source.name.replace("_", "-"), "title": source.licence}


def _query_text(sql: str | Path) -> str:
    """The query itself, read from a file when a path or a name ending in .sql is given."""
    if isinstance(sql, str) and not (sql.strip().endswith(".sql") and len(sql.split()) == 1):
        return sql
    try:
        return Path(str(sql).strip()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(
            f"{sql} cannot be read as a query ({error}): give a file of SQL, or the SQL itself in quotes"
        ) from error


def _used(text: str, params: Mapping[str, Any] | Sequence[Any] | None) -> Any:
    """The parameters that the query names: the database refuses any other."""
    if isinstance(params, Mapping):
        params = {name: value for name, value in params.items() if re.search(rf"\${re.escape(name)}\b", text)}
    return params or None


def _plain_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """Sums of whole numbers come as 128-bit decimals: give them as whole numbers, other decimals as numbers."""
    decimals = {n: t for n, t in frame.schema.items() if isinstance(t, pl.Decimal)}
    whole = [n for n, t in decimals.items() if t.scale == 0]
    return frame.with_columns(
        *(pl.col(n).cast(pl.Int64) for n in whole), *(pl.col(n).cast(pl.Float64) for n in decimals if n not in whole)
    )
