"""OMM as XML: an <ndm> of <omm> messages, or one, as CelesTrak and Space-Track write them (CCSDS 505.0)."""

from __future__ import annotations

from typing import NoReturn
from xml.parsers import expat

import polars as pl

from pipeline.formats import omm, rows
from pipeline.formats.rows import Form
from pipeline.source import Parsed, SourceError

FIRST_OBJECT = 2  # messages are numbered as lines are, as if a header were 1
CUT = {
    expat.errors.codes[message]
    for message in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION)
}  # fmt: skip


def read(text: str, form: Form) -> Parsed:
    """Read OMM XML: one row per <omm>, whatever the namespaces, the rows left out numbered by their ordinal plus 1.

    A document type is refused before it is read, so that no entity is ever expanded. Raises SourceError when there is
    one, when the XML is broken or cut, when it has no <omm> or a field is in none of them, or when more than 5 % of them
    cannot be read.
    """
    messages = _messages(text, form)
    if not messages:
        raise form.error("the landed file is XML but has no <omm>")
    rows.refuse_changed("set of fields", dict.fromkeys(name for message in messages for name in message), form)
    numbers = pl.int_range(FIRST_OBJECT, FIRST_OBJECT + len(messages), dtype=pl.Int64, eager=True).alias("row_number")
    columns = (pl.Series(name, [each.get(name) for each in messages], dtype=pl.String) for name in form.fields)
    return omm.parsed(pl.DataFrame([numbers, *columns]), form)


class _Names(dict[str, str]):
    """Name of an element -> its name without the prefix of a namespace."""

    def __missing__(self, tag: str) -> str:
        self[tag] = local = tag.rpartition(":")[2]
        return local


def _messages(text: str, form: Form) -> list[dict[str, str]]:
    """The fields of each <omm>: name of the element -> its text. Raises SourceError when the XML cannot be read."""
    messages: list[dict[str, str]] = []
    names, name = _Names(), ""

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal name
        name = names[tag]
        if name == "omm":
            messages.append({})

    def characters(data: str) -> None:
        if name and name != "omm" and messages:
            messages[-1][name] = messages[-1].get(name, "") + data

    def end(_: str) -> None:
        nonlocal name
        name = ""

    def doctype(*_: object) -> NoReturn:
        raise form.error(
            "the landed file is XML with a document type, which elements do not have and which is not read"
        )

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.lstrip(), True)
    except expat.ExpatError as error:
        raise _broken(error, form) from error
    return messages


def _broken(error: expat.ExpatError, form: Form) -> SourceError:
    where = f"line {error.lineno}, column {error.offset + 1}"
    if error.code in CUT:
        return form.error(f"the landed file is cut: its XML breaks off at {where}")
    return form.error(f"the landed file is broken XML at {where}: {expat.ErrorString(error.code)}")
