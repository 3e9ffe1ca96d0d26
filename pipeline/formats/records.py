"""CSV whose quoted fields may hold line breaks, to rows of text: lists that people keep, with columns that come and go."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

import polars as pl

from pipeline.formats import rows
from pipeline.formats.delimited import Lines
from pipeline.formats.rows import Form

LONGEST_FIELD = 1 << 20
NEVER_CLOSED = "unexpected end of data"  # the csv module's words for a quote that is still open where the text ends


def split(text: str, form: Form, renamed: Mapping[str, str] | None = None) -> Lines:
    """Split `text` into the form's fields, a record numbered by the line that it begins on, the header being 1.

    The order of the columns does not matter and further ones are ignored; white space within a field, line breaks too, becomes one blank.
    `renamed`: another word of the provider's -> the form's field, for files that have not the field itself.
    Raises SourceError when the header lacks one of the fields or has it twice, when there are no rows, and when the file is cut: a quote
    is never closed, or the last record has fewer fields than the header.
    """
    records = _records(text, form)
    names = _names(next(records)[1], form, renamed or {})
    at = [names.index(name) if name in names else len(names) for name in form.fields]
    found: list[tuple[int | str, ...]] = []
    ragged, last, is_short = [], 1, False
    for last, cells, fault in records:
        is_short = 0 < len(cells) < len(names)
        if len(cells) == len(names):
            found.append((last, *(" ".join(cells[i].split()) if i < len(names) else "" for i in at)))
        else:
            why = fault or f"it has {len(cells)} fields where the header has {len(names)}"
            ragged.append((last, _key(cells, names, form), why))
    if not found and not ragged:
        raise form.error("the landed file has a header but no rows")
    if is_short:
        raise rows.cut(form, last)
    schema = {"row_number": pl.Int64} | dict.fromkeys(form.fields, pl.String)
    whole = text.endswith(("\n", "\r"))
    return Lines(pl.DataFrame(found, schema=schema, orient="row"), rows.exclusions(ragged), None if whole else last)


def read(data: bytes, form: Form, renamed: Mapping[str, str] | None = None) -> rows.Rows:
    """Read landed bytes: text, split, typed, and what breaks a rule left out. Raises SourceError as rows.read and split do."""
    text = rows.decoded(data, form)
    rows.refuse_web_page(text, form)
    lines = split(text, form, renamed)
    return rows.read(lines.text, form, lines.ragged, lines.cut_line)


def has(data: bytes, form: Form, name: str) -> bool:
    """Whether the header of landed bytes has a column of that very name. Raises SourceError as read does."""
    return name in [cell.strip() for cell in next(_records(rows.decoded(data, form), form))[1]]


def _records(text: str, form: Form) -> Iterator[tuple[int, list[str], str]]:
    """Records that are not empty, the header too: the line that each begins on, its cells, and what is wrong with its quotes.

    A record with a wrong quote has no cells, and the next one begins on the next line.
    """
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error) == NEVER_CLOSED:
                raise form.error(f"the landed file is no whole CSV: line {line}: {error}") from error
            yield line, [], f"its quotes cannot be read ({error})"
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells, ""


def _names(header: list[str], form: Form, renamed: Mapping[str, str]) -> list[str]:
    """Names of the file's columns in the form's words. Raises SourceError when a field is missing or stands twice."""
    names = [name.strip() for name in header]
    names = [name if renamed.get(name, name) in names else renamed[name] for name in names]
    rows.refuse_changed("header", names, form)
    if twice := [name for name in form.fields if names.count(name) > 1]:
        raise form.error(f"the header names {', '.join(twice)} more than once")
    return names


def _key(cells: list[str], names: list[str], form: Form) -> str:
    """What identifies a record that could not be split: its name, where that is there."""
    at = names.index(form.name_field) if form.name_field in names else 0
    return rows.printable(cells[at]) if at < len(cells) else "?"
