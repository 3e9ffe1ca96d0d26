"""Comma-separated lines under a header to rows of text; each line stands alone, so that one bad line costs one row."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import polars as pl

from pipeline.formats import rows
from pipeline.formats.rows import Form


@dataclass(frozen=True)
class Lines:
    """Rows of text (row_number and the form's fields), lines with more or fewer fields, and where a bad row is a cut."""

    text: pl.DataFrame
    ragged: pl.DataFrame
    cut_line: int | None


def split(text: str, form: Form) -> Lines:
    """Split the lines of `text` into the form's fields, numbered from 1 for the header; further columns are ignored.

    Raises SourceError when the header lacks one of the fields or has it twice, when there are no rows, and when the last
    line of a landed file has fewer fields than the header: the file is cut.
    """
    header, _, body = text.strip().partition("\n")
    names = _names(header.rstrip("\r"), form)
    if not body:
        raise form.error("the landed file has a header but no rows")
    lines = pl.DataFrame({"line": pl.Series(body.split("\n"), dtype=pl.String).str.strip_chars_end("\r")})
    lines = lines.with_row_index("row_number", 2).with_columns(pl.col("row_number").cast(pl.Int64))
    last = lines.height + 1
    whole = bool(form.own_remedy) or text.endswith("\n")
    if not form.own_remedy and len(_cells(lines["line"][-1])) < len(names):
        raise rows.cut(form, last)
    plain, others = _plain(lines, names)
    quoted = [(number, *cells) for number, cells in others if len(cells) == len(names)]
    frame = pl.concat([plain, pl.DataFrame(quoted, schema=plain.schema, orient="row")]).sort("row_number")
    at = {name: str(names.index(name)) if name in names else None for name in form.fields}
    text_of = [(pl.col(i) if i else pl.lit("")).alias(name) for name, i in at.items()]
    return Lines(frame.select("row_number", *text_of), _ragged(others, names, form), None if whole else last)


def _plain(lines: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, list[tuple[int, list[str]]]]:
    """Split at once the lines that have as many fields as the header and no quotes; the others one by one."""
    line = pl.col("line")
    plain = lines.select(
        (line.str.count_matches(",", literal=True) == len(names) - 1) & ~line.str.contains('"', literal=True)
    ).to_series()
    columns = [str(i) for i in range(len(names))]
    parts = line.str.split_exact(",", len(names) - 1).struct.rename_fields(columns).alias("parts")
    others = [(number, _cells(text)) for text, number in lines.filter(~plain).select("line", "row_number").iter_rows()]
    return lines.filter(plain).select("row_number", parts).unnest("parts"), others


def _names(header: str, form: Form) -> list[str]:
    """Names of the file's columns. Raises SourceError when one of the fields is missing or stands twice."""
    names = [name.strip() for name in _cells(header)]
    if not any(name in names for name in form.fields):
        raise form.error(f"the first line of the landed file, {rows.printable(header)!r}, is not {form.header_name}")
    rows.refuse_changed("header", names, form)
    twice = [name for name in form.fields if names.count(name) > 1]
    if twice:
        raise form.error(f"the header names {', '.join(twice)} more than once")
    return names


def _cells(line: str) -> list[str]:
    """Split one line; a stray quote costs this row and not the rest of the file."""
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]))
    except (csv.Error, StopIteration):
        return []


def _ragged(others: list[tuple[int, list[str]]], names: list[str], form: Form) -> pl.DataFrame:
    """Rows with more or fewer fields than the header, as an exclusion list."""
    # A column that may be absent has no place: behind the end of every line.
    at = [names.index(n) if n in names else len(names) for n in (form.name_field, form.number_field)]
    listed = []
    for number, cells in others:
        if len(cells) != len(names):
            name, identity = (rows.printable(cells[i]) if i < min(len(cells), len(names)) else "?" for i in at)
            many = f"the line has {len(cells)} fields where the header has {len(names)}"
            listed.append((number, f"{name} ({identity})", many if any(cells) else "the line is empty"))
    return rows.exclusions(listed)
