"""OMM as JSON: a list of objects, and the two forms in which mirrors keep supplemental elements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from pipeline.formats import omm, rows, tle
from pipeline.formats.rows import Form
from pipeline.source import Parsed, SourceError

FIRST_OBJECT = 2  # objects are numbered as lines are, as if a header were 1
Entry = tuple[int, str, Any]  # row number, what identifies the entry, its elements


def read(text: str, form: Form) -> Parsed:
    """Read JSON: a list of OMM objects, or one, or {"satellites": [{"omm", "batch"}]}, or {number: {"tle": [.., ..]}}.

    Numbers may be numbers or strings; further keys are ignored. Rows left out are numbered by the ordinal of their object
    in the file plus 1 (2 is the first). Entries of a mirror without elements are listed, and do not count as unreadable.
    Raises SourceError when the JSON is broken or cut, has another form, or more than 5 % of the objects cannot be read.
    """
    document = loaded(text, form)
    if isinstance(document, dict):
        if isinstance(document.get("satellites"), list):
            return _read_satellites(document["satellites"], form)
        if any(isinstance(value, dict) and "tle" in value for value in document.values()):
            return _read_tle(document, form)
        if any(name in document for name in form.fields):
            document = [document]
    if not isinstance(document, list):
        keys = ", ".join(rows.printable(key) for key in list(document)[:5]) if isinstance(document, dict) else "no list"
        raise form.error(f"the landed file is JSON but holds no elements ({keys})")
    return _read_omm([(n, _key_of(entry, form), entry) for n, entry in enumerate(document, FIRST_OBJECT)], form)


def loaded(text: str, form: Form) -> Any:
    """Return the JSON document in `text`, its numbers as they are written (text). Raises SourceError when it is broken."""
    try:
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise _broken(text, error, form) from error
    except RecursionError as error:
        raise form.error("the landed file is JSON nested too deeply") from error
    return _without_halves(document) if re.search(r"\\u[dD]", text) else document


def word(value: Any) -> str:
    """Return a JSON value as the text of a field; null is empty."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _broken(text: str, error: json.JSONDecodeError, form: Form) -> SourceError:
    where = f"line {error.lineno}, byte {len(text[: error.pos].encode())}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return form.error(f"the landed file is cut: its JSON breaks off at {where}")
    return form.error(f"the landed file is broken JSON at {where}: {error.msg}")


def _without_halves(value: Any) -> Any:
    """Replace halves of surrogate pairs, which are no text, by a control character, which a text field refuses."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\0", value)
    if isinstance(value, list):
        return [_without_halves(each) for each in value]
    if isinstance(value, dict):
        return {_without_halves(key): _without_halves(each) for key, each in value.items()}
    return value


def _read_omm(entries: list[Entry], form: Form, without: list[tuple[int, str, str]] | None = None) -> Parsed:
    """Read (row number, what identifies it, OMM object); `without` are entries without elements."""
    if not entries:
        raise form.error("the landed file is JSON but has no objects")
    whole = [(number, entry) for number, _, entry in entries if isinstance(entry, dict)]
    other = [(n, key, "the entry is not an object") for n, key, entry in entries if not isinstance(entry, dict)]
    rows.refuse_changed("set of fields", dict.fromkeys(name for _, entry in whole for name in entry), form)
    numbers = pl.Series("row_number", [number for number, _ in whole], dtype=pl.Int64)
    columns = (pl.Series(name, [word(e.get(name)) for _, e in whole], dtype=pl.String) for name in form.fields)
    lists = rows.exclusions(other), rows.exclusions(without or [])
    return omm.parsed(pl.DataFrame([numbers, *columns]), form, lists[0], without_elements=lists[1])


def _read_satellites(satellites: list[Any], form: Form) -> Parsed:
    """Read the form that has launches with their satellites: every `omm`, once."""
    entries, without, seen = [], [], set()
    for number, (key, elements) in enumerate(_of_launches(satellites), FIRST_OBJECT):
        if not elements:
            without.append((number, key, "the entry has no elements"))
        elif (same := json.dumps(elements, sort_keys=True)) not in seen:
            seen.add(same)
            entries.append((number, key, elements))
    return _read_omm(entries, form, without)


def _of_launches(satellites: list[Any]) -> Iterator[tuple[str, Any]]:
    """Each launch's own elements, then those of its batch; a launch with a batch need not have its own."""
    for satellite in satellites:
        launch = satellite if isinstance(satellite, dict) else {}
        batch = launch.get("batch")
        batch = batch if isinstance(batch, list) else []
        if launch.get("omm") or not batch:
            yield _key_of_launch(launch), launch.get("omm")
        for each in batch:
            entry = each if isinstance(each, dict) else {}
            yield _key_of_launch({**entry, "title": launch.get("title")}), entry.get("omm")


def _key_of_launch(entry: dict[str, Any]) -> str:
    name, number = entry.get("title") or entry.get("name"), entry.get("noradId")
    return f"{rows.printable(word(name)) or '?'} ({rows.printable(word(number)) or '?'})"


def _key_of(entry: Any, form: Form) -> str:
    values = entry if isinstance(entry, dict) else {}
    name, number = (rows.printable(word(values.get(field))) or "?" for field in (form.name_field, form.number_field))
    return f"{name} ({number})"


def _read_tle(document: dict[str, Any], form: Form) -> Parsed:
    """Read the form that has two lines for each catalog number, and no names."""
    pairs, without = [], []
    for number, (key, entry) in enumerate(document.items(), FIRST_OBJECT):
        lines = entry.get("tle") if isinstance(entry, dict) else None
        if isinstance(lines, list) and len(lines) == 2 and all(isinstance(line, str) for line in lines):
            pairs.append((number, number, None, *(line.strip() for line in lines)))
        else:
            without.append((number, f"? ({rows.printable(key)})", "the entry has no elements of two lines"))
    return tle.read_pairs(
        pl.DataFrame(pairs, tle.SCHEMA, orient="row"), form, without_elements=rows.exclusions(without)
    )
