"""OMM as CSV: one line per object under a header with the names of the fields."""

from __future__ import annotations

from pipeline.formats import delimited, omm
from pipeline.formats.rows import Form
from pipeline.source import Parsed


def read(text: str, form: Form) -> Parsed:
    """Read OMM CSV: the rows in the file's order, and the rows left out with line (the header being 1), name and reason.

    Line ends, quoted names and the order of the columns do not matter; further columns are ignored.
    Raises SourceError when the header is none, the file is cut, or more than 5 % of the rows cannot be read.
    """
    lines = delimited.split(text, form)
    return omm.parsed(lines.text, form, lines.ragged, lines.cut_line)
