"""CSV whose quoted fields may hold line breaks, to rows of text: lists that people keep, with columns that come and go."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.formats import rows
from pipeline.formats.delimited import Lines
from pipeline.formats.rows import Form

LONGEST_FIELD = 1 << 20


Names = Mapping[str, Sequence[str]]


def split(text: str, form: Form, called: Names | None = None) -> Lines:
    """Split `text` into the form's fields, a record numbered by the line that it begins on, the header being 1.

    The order of the columns does not matter and further ones are ignored; white space within a field, line breaks too, becomes one blank.
    called: names that a field has had over time, the first that the header has being meant.
    Raises SourceError when the header lacks one of the fields or has it twice, when there are no rows, and when a quote is never closed.
    """
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = _renamed([name.strip() for name in next(reader)], called or {})
        rows.refuse_changed("header", names, form)
        _refuse_twice(names, form)
        at = [names.index(name) if name in names else len(names) for name in form.fields]
        found, ragged, begins = [], [], reader.line_num + 1
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                ragged.append(
                    (line, _key(cells, names, form), f"it has {len(cells)} fields where the header has {len(names)}")
                )
                continue
            found.append((line, *(" ".join(cells[i].split()) if i < len(names) else "" for i in at)))
    except csv.Error as error:
        raise form.error(f"the landed file is no whole CSV: line {reader.line_num}: {error}") from error
    if not found and not ragged:
        raise form.error("the landed file has a header but no rows")
    schema = {"row_number": pl.Int64} | dict.fromkeys(form.fields, pl.String)
    return Lines(pl.DataFrame(found, schema=schema, orient="row"), rows.exclusions(ragged), None)


def read(data: bytes, form: Form, called: Names | None = None) -> rows.Rows:
    """Read landed bytes: text, split, typed, and what breaks a rule left out. Raises SourceError as rows.read and split do."""
    text = rows.decoded(data, form)
    rows.refuse_web_page(text, form)
    lines = split(text, form, called)
    return rows.read(lines.text, form, lines.ragged)


def _renamed(names: list[str], called: Names) -> list[str]:
    """Names of the columns with those that a field is called by now turned into the form's own."""
    for field, tries in called.items():
        meant = next((name for name in tries if name in names), field)
        if meant != field:
            names = [field if name == meant else f"other {name}" if name == field else name for name in names]
    return names


def _refuse_twice(names: list[str], form: Form) -> None:
    if twice := [name for name in form.fields if names.count(name) > 1]:
        raise form.error(f"the header names {', '.join(twice)} more than once")


def _key(cells: list[str], names: list[str], form: Form) -> str:
    """What identifies a record that could not be split: its name, where that is there."""
    at = names.index(form.name_field) if form.name_field in names else 0
    return rows.printable(cells[at]) if at < len(cells) else "?"
