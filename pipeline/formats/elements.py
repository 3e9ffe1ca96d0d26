"""Orbital elements in whichever format they come: OMM as CSV, JSON or XML, or TLE of two or three lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

import polars as pl

from pipeline.formats import omm, omm_csv, omm_json, omm_xml, rows, tle
from pipeline.formats.rows import Form
from pipeline.source import Parsed

UNUSED_BY_SGP4 = (
    "OBJECT_NAME", "OBJECT_ID", "EPHEMERIS_TYPE", "CLASSIFICATION_TYPE", "ELEMENT_SET_NO", "REV_AT_EPOCH", "MEAN_MOTION_DOT",
    "MEAN_MOTION_DDOT",
)  # fmt: skip
DERIVATIVES = ("mean_motion_dot_rev_per_day2", "mean_motion_ddot_rev_per_day3")
OWN_REMEDY = "give mean elements as OMM (CSV, JSON or XML) or as TLE of two or three lines, plain or gzip"


def read(data: bytes, source_name: str, may_be_empty: Collection[str] = ()) -> Parsed:
    """Recognise the format of `data` and read it: the columns of omm.COLUMNS, and what was left out with the reason.

    `source_name` stands in messages and remedies; `may_be_empty` are OMM fields that may be null (OBJECT_NAME and
    OBJECT_ID always may in TLE). A byte order mark, leading blank lines and any line ends are accepted.
    Raises SourceError when the bytes are in none of the formats, are cut, or more than 5 % of the rows cannot be read.
    """
    form = omm.form(source_name, may_be_empty)
    text = rows.decoded(data, form)
    return _reader(text, form)(text, form)


def read_own(data: bytes, file_name: str) -> Parsed:
    """Read a file of the caller's own as `read` does; names, designators and whatever SGP4 does not use may be missing.

    Derivatives of the mean motion that are missing are 0. Every row that cannot be read is listed and costs no other.
    Raises SourceError, with the file's name and what to give instead, when no row can be read.
    """
    form = omm.form(file_name, UNUSED_BY_SGP4, OWN_REMEDY)
    text = rows.decoded(data, form)
    found = _reader(text, form)(text, form)
    return replace(found, frame=found.frame.with_columns(pl.col(DERIVATIVES).fill_null(0.0)))


def counts(data: bytes) -> tuple[int, int] | None:
    """Planes and satellites per plane that a TLE file states in its first line; None where it states none."""
    return tle.counts(data[:4_096].decode("utf-8", "replace"))


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
