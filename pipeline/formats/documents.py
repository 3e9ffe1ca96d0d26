"""JSON documents of providers: bytes to what they hold, or the error that says what is wrong with them."""

from __future__ import annotations

import json
import math
from typing import Any

from pipeline.formats.rows import Form, decoded, refuse_web_page


def form(source_name: str, what: str) -> Form:
    """What errors of a document's source say: its name, what a whole one is called, and the remedy."""
    return Form(source_name=source_name, header_name=what, fields={}, name_field="", number_field="")


def loaded(data: bytes, of: Form) -> Any:
    """What a landed document holds. Raises SourceError when it is no JSON, cut, a web page, or not UTF-8."""
    text = decoded(data, of)
    refuse_web_page(text, of)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise of.error(f"the landed file is not {of.header_name}: no whole JSON ({error})") from error


def number(value: Any) -> float | None:
    """A finite number, also one that is written as text; None for anything else, truth values too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def word(value: Any) -> str | None:
    """Text without blanks around it; None for anything else and where there is none."""
    return " ".join(value.split()) or None if isinstance(value, str) else None
