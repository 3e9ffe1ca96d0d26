"""Orbital elements in whichever format they come: OMM as CSV, JSON or XML, or TLE of two or three lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from pipeline.formats import omm, omm_csv, omm_json, omm_xml, rows, tle
from pipeline.formats.rows import Form
from pipeline.source import Parsed


def read(data: bytes, source_name: str, may_be_empty: Collection[str] = ()) -> Parsed:
    """Recognise the format of `data` and read it: the columns of omm.COLUMNS, and what was left out with the reason.

    `source_name` stands in messages and remedies; `may_be_empty` are OMM fields that may be null (OBJECT_NAME and
    OBJECT_ID always may in TLE). A byte order mark, leading blank lines and any line ends are accepted.
    Raises SourceError when the bytes are in none of the formats, are cut, or more than 5 % of the rows cannot be read.
    """
    form = omm.form(source_name, may_be_empty)
    text = rows.decoded(data, form)
    return _reader(text, form)(text, form)


def _reader(text: str, form: Form) -> Callable[[str, Form], Parsed]:
    """The reader of the format that `text` seems to be in. Raises SourceError when it is a web page."""
    start = text.lstrip()[:1]
    if start == "<":
        if not re.search(r"<(?:[\w.-]+:)?(?:ndm|omm)\b", text[:4096]):
            rows.refuse_web_page(text, form)
        return omm_xml.read
    if start in ("[", "{"):
        return omm_json.read
    return tle.read if tle.is_tle(text) else omm_csv.read
