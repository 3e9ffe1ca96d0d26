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
from pipeline.io.home import Home, HomeError, whole_file, write_text
from pipeline.io.settings import Settings
from pipeline.source import Source
from pipeline.table import Column, Table

FORMATS = ("table", "csv", "json", "parquet")
# A query reads the published file and nothing else: no other file, no network, no extension.
QUERY_CONFIG = {**warehouse.CONFIG, "enable_external_access": "false", "lock_configuration": "true"}
# Types of the database that every format can write.
PLAIN = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE",
    "DECIMAL", "VARCHAR", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
LAST_DAY = 2_932_896  # 9999-12-31, in days since 1970
FRICTIONLESS = {
    "text": "string", "integer": "integer", "cell": "integer", "number": "number", "flag": "boolean", "day": "date", "instant": "datetime",
}  # fmt: skip

# What the database raises when its file is damaged, and polars when a value has no place in its types.
BROKEN = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
UNPRINTABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OverflowError)

log = logging.getLogger(__name__)


class QueryError(ValueError):
    """A query cannot be run. The message quotes the database."""


def publish(settings: Settings) -> dict[str, Any]:
    """Publish what the warehouse holds; return the published paths and how many Parquet files are new or gone.

    A day whose loading was cut off is loaded first. Raises HomeError when there is nothing to publish, the warehouse is
    in use, or the disk is full.
    """
    home = Home(settings.home)
    warehouse.settle(settings)
    _publish_database(settings, home)  # the largest file: where the disk is full, nothing else has changed yet
    new, gone = _publish_parquet(home)
    write_text(
        home.published_parquet / "datapackage.json", json.dumps(datapackage(home), indent=1, ensure_ascii=False) + "\n"
    )
    return {
        "database": str(home.published),
        "parquet": str(home.published_parquet),
        "files_new": new,
        "files_gone": gone,
    }


def query(home: Home, sql: str | Path, params: Mapping[str, Any] | Sequence[Any] | None = None) -> pl.DataFrame:
    """Run a query, or the query in a file, on the published file and return its rows; nothing can be written.

    `params` are values for $name (a mapping; names that the query does not use are left out) or ? (a sequence).
    Raises HomeError when nothing is published yet or the file is broken, QueryError when the query cannot be run.
    """
    text = _query_text(sql)
    if not home.published.exists():
        raise HomeError(
            f"{home.published} does not exist yet: publish a day with `skytrunk run` or `skytrunk sample` first"
        )
    try:
        with duckdb.connect(home.published, read_only=True, config=dict(QUERY_CONFIG)) as con:
            return _rows(con, text, params)
    except duckdb.Error as error:
        if isinstance(error, BROKEN) or "Corrupt database" in str(error):
            raise HomeError(
                f"{home.published} cannot be read ({_words(error)}): publish again with `skytrunk publish DAY`"
            ) from error
        raise QueryError(
            f"the query cannot be run ({_words(error)}): `skytrunk dictionary` lists tables and columns"
        ) from error
    except UNPRINTABLE as error:
        raise QueryError(
            f"the rows cannot be shown ({_words(error)}): cast the column to text with ::VARCHAR"
        ) from error


def render(frame: pl.DataFrame, form: str = "table") -> bytes:
    """Return the rows of a query as bytes in one of FORMATS. Raises QueryError on another one, or on rows that do not fit."""
    if form not in FORMATS:
        raise QueryError(f"there is no format {form!r}: choose one of {', '.join(FORMATS)}")
    try:
        return _rendered(frame, form)
    except UNPRINTABLE as error:
        raise QueryError(
            f"the rows cannot be written as {form} ({_words(error)}): cast the column to text with ::VARCHAR"
        ) from error


def _rendered(frame: pl.DataFrame, form: str) -> bytes:
    if form == "csv":
        return frame.write_csv().encode()
    if form == "json":
        return (frame.write_json() + "\n").encode()
    if form == "parquet":
        stream = io.BytesIO()
        frame.write_parquet(stream)
        return stream.getvalue()
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
    paths = (
        [path(table, day) for day in warehouse.whole_days(home, table) for path in (home.table, home.past)]
        if table.is_daily
        else [home.table(table)]
    )
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


def _rows(con: duckdb.DuckDBPyConnection, text: str, params: Mapping[str, Any] | Sequence[Any] | None) -> pl.DataFrame:
    """The rows of a query in plain columns: lists, intervals and the like come as the text that the database gives them."""
    relation = con.sql(text, params=_used(text, params))
    if relation is None:
        raise QueryError("the query returns no rows: end it with a SELECT")
    if not all(map(_is_plain, relation.types)):
        relation = relation.project(
            ", ".join(
                f"#{i}" if _is_plain(kind) else f"CAST(#{i} AS VARCHAR) AS {_quoted(name)}"
                for i, (name, kind) in enumerate(zip(relation.columns, relation.types, strict=True), start=1)
            )
        )
    frame = relation.pl()
    _require_calendar(frame)
    return _plain_numbers(frame)


def _is_plain(kind: object) -> bool:
    return str(kind).partition("(")[0] in PLAIN


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _require_calendar(frame: pl.DataFrame) -> None:
    """Refuse infinite dates and instants: polars breaks off where it writes them. Raises QueryError."""
    per_day = {pl.Date: 1, pl.Datetime: 86_400_000_000}
    for name, unit in ((n, per_day[k.base_type()]) for n, k in frame.schema.items() if k.base_type() in per_day):
        if (frame[name].to_physical().cast(pl.Float64).abs() > LAST_DAY * unit).any():
            raise QueryError(f"{name} holds a date past the year 9999: cast the column to text with ::VARCHAR")


def _plain_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """Sums of whole numbers come as 128-bit decimals: give them as whole numbers where they fit, other decimals as numbers."""
    return frame.with_columns(
        _plain_number(frame[n]) for n, kind in frame.schema.items() if isinstance(kind, pl.Decimal)
    )


def _plain_number(values: pl.Series) -> pl.Series:
    if values.dtype.scale:  # type: ignore[attr-defined]
        return values.cast(pl.Float64)
    whole = values.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == values.null_count() else values


def _words(error: BaseException) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())
