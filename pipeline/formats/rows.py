"""Rows of text to typed columns: what a provider's fields are, which rows break a rule, and when a file is refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipeline.source import EXCLUDED_SCHEMA, SourceError
from pipeline.table import Column

KIND_WORDS = {
    "number": "a finite number",
    "integer": "a whole number",
    "instant": "a UTC instant",
    "day": "a UTC date",
    "text": "plain text",
}
FIRST_YEAR, LAST_YEAR = 1957, 2100
UNREADABLE_FRACTION = 0.05
LONGEST_SHOWN = 40
NOT_PLAIN = r"[\p{Cc}\p{Zl}\p{Zp}]"  # control characters and line separators
UNPRINTABLE = r"[[\p{C}\p{Z}]--[ ]]"


@dataclass(frozen=True)
class Form:
    """How one source's rows are read.

    `fields` are the provider's words for our columns; `may_be_empty` those of them that may be null, `may_be_absent`
    those that a whole file may lack.
    `header_name` is what messages call the header; `name_field` and `number_field` identify a row in an exclusion.
    `exclusive` are limits that are themselves outside, by column. `own_remedy` marks a file of the caller's own, which is
    not landed, and says what to do about it: its bad rows are left out however many they are, the last one too. A landed file of which
    more than `unreadable_fraction` cannot be read is refused: more for short lists that people keep.
    """

    source_name: str
    header_name: str
    fields: Mapping[str, Column]
    name_field: str
    number_field: str
    may_be_empty: Collection[str] = ()
    may_be_absent: Collection[str] = ()
    exclusive: Mapping[str, float] = field(default_factory=dict)
    own_remedy: str = ""
    unreadable_fraction: float = UNREADABLE_FRACTION

    @property
    def remedy(self) -> str:
        """What to do about a file that cannot be read."""
        return self.own_remedy or (
            f"move the day's folder in landing/{self.source_name} aside and land a whole file with "
            f"`skytrunk land {self.source_name} DAY --file PATH`"
        )

    def error(self, what: str, also: str = "") -> SourceError:
        """Return the error that says `what` is wrong with the landed file, and what to do (`also`: a further way)."""
        if self.own_remedy:
            return SourceError(f"{self.source_name}: {what.replace('the landed file', 'the file')}: {self.remedy}")
        return SourceError(f"{self.source_name}: {what}: {self.remedy}{also}")


@dataclass(frozen=True)
class Rows:
    """Rows that were read (row_number and the form's columns), and those that were not (EXCLUDED_SCHEMA)."""

    kept: pl.DataFrame
    excluded: pl.DataFrame


def decoded(data: bytes, form: Form) -> str:
    """Return landed bytes as text without byte order mark. Raises SourceError when they are no text, or empty."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise form.error(f"the landed file is not text (byte {error.start})") from error
    if not text or text.isspace():
        raise form.error("the landed file is empty")
    if "\0" in text:
        raise form.error("the landed file is not text (it has zero bytes)")
    return text


def refuse_web_page(text: str, form: Form) -> None:
    """Raise SourceError with the page's title when `text` is a web page or other marked-up text."""
    start = text[:4096].lstrip()
    if start.startswith("<"):
        title = re.search(r"<title[^>]*>([^<]*)", start, re.I)
        words = f" ({printable(title.group(1))})" if title else ""
        raise form.error(f"the landed file is a web page{words}, not a catalog")


def refuse_changed(what: str, names: Collection[str], form: Form) -> None:
    """Raise SourceError when a field that the form needs is not among `names`, those of `what` ("header") in the file."""
    missing = [name for name in form.fields if name not in names and name not in form.may_be_absent]
    new = [printable(name) for name in names if name not in form.fields]
    if missing and form.own_remedy:
        raise form.error(f"the {what} lacks {', '.join(missing)}")
    if missing:
        raise form.error(
            f"the {what} has changed (missing {', '.join(missing)}; new {', '.join(new[:17]) or 'none'})",
            ", or change FIELDS",
        )


def cut(form: Form, line: int) -> SourceError:
    """Return the error of a file whose last row, at `line`, is incomplete."""
    return form.error(f"the landed file is cut: its last row, line {line}, is incomplete")


def read(text: pl.DataFrame, form: Form, listed: pl.DataFrame | None = None, cut_line: int | None = None) -> Rows:
    """Give rows the types of their columns, and leave out those that break a rule, with the first rule that each breaks.

    `text` has row_number and every field, as String (null is empty) or already of its column's type. `listed` are rows
    (EXCLUDED_SCHEMA) that could not even be split into fields. `cut_line`: where a bad row means that the file is cut.
    Raises SourceError when more of the rows cannot be read than the form allows.
    """
    listed = pl.DataFrame(schema=EXCLUDED_SCHEMA) if listed is None else listed
    text = text.with_columns(pl.col(pl.String).str.strip_chars().fill_null(""))
    both = pl.concat([text, text.select(_value(name, text, form) for name in form.fields)], how="horizontal")
    bad = both.select(pl.any_horizontal(_faulty(name, text, form) for name in form.fields)).to_series()
    kept = both.filter(~bad).select("row_number", *(column.name for column in form.fields.values()))
    broken = pl.concat([listed, _broken(both.filter(bad), text, form)]).sort("row_number")
    if cut_line is not None and cut_line in broken["row_number"]:
        raise cut(form, cut_line)
    refuse_unreadable(broken, text.height + listed.height, form)
    return Rows(kept, broken)


def refuse_unreadable(excluded: pl.DataFrame, count: int, form: Form) -> None:
    """Raise SourceError when `excluded` is too large a part of `count` rows; a file of the caller's own may have any number."""
    if not form.own_remedy and excluded.height > form.unreadable_fraction * count:
        number, key, reason = excluded.row(0)
        raise form.error(
            f"{excluded.height} of {count} rows cannot be read, more than "
            f"{form.unreadable_fraction:.0%} (first line {number}, {key}: {reason})"
        )


def exclusions(listed: list[tuple[int, str, str]]) -> pl.DataFrame:
    """Return (row_number, row_key, reason) as a frame of EXCLUDED_SCHEMA."""
    return pl.DataFrame(listed, schema=EXCLUDED_SCHEMA, orient="row")


def key(name: pl.Expr, number: pl.Expr) -> pl.Expr:
    """What identifies a row in an exclusion: its name, "?" where it has none, and its catalog number."""
    return pl.format("{} ({})", *(_printable(each).replace({"": "?"}) for each in (name, number))).alias("row_key")


def printable(text: str) -> str:
    """Return the beginning of `text` as it may be printed."""
    return "".join(c if c.isprintable() else "?" for c in text[:60].strip())


def _printable(text: pl.Expr) -> pl.Expr:
    text = text.cast(pl.String).fill_null("?")
    return text.str.slice(0, LONGEST_SHOWN).str.replace_all(UNPRINTABLE, "?")


def _value(name: str, text: pl.DataFrame, form: Form) -> pl.Expr:
    """The text of a field as the type of its column; null where it cannot be read."""
    column, raw = form.fields[name], pl.col(name)
    if text.schema[name] != pl.String:
        return raw.cast(column.polars_type).alias(column.name)
    if column.kind == "text":
        return (raw.replace({"": None}) if name in form.may_be_empty else raw).alias(column.name)
    if column.kind == "instant":
        raw = raw.str.strip_suffix("Z").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    if column.kind == "day":
        raw = raw.str.to_date("%Y-%m-%d", strict=False)
    return raw.cast(column.polars_type, strict=False).alias(column.name)


def _empty(name: str, text: pl.DataFrame) -> pl.Expr:
    return pl.col(name) == "" if text.schema[name] == pl.String else pl.col(name).is_null()


def _unreadable(column: Column, raw: pl.Expr) -> pl.Expr:
    if column.kind == "text":
        return raw.str.contains(NOT_PLAIN)
    value = pl.col(column.name)
    return value.is_null() | ~value.is_finite() if column.kind == "number" else value.is_null()


def _faulty(name: str, text: pl.DataFrame, form: Form) -> pl.Expr:
    """Whether a field breaks a rule of its column."""
    column, empty = form.fields[name], _empty(name, text)
    wrong = (_unreadable(column, pl.col(name)) | _outside(column, form)[0]).fill_null(value=True)
    return ~empty & wrong if name in form.may_be_empty else empty | wrong


def _broken(both: pl.DataFrame, text: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Rows that break a rule, as an exclusion list."""
    if both.is_empty():
        return pl.DataFrame(schema=EXCLUDED_SCHEMA)
    return both.select(
        "row_number",
        key(pl.col(form.name_field), pl.col(form.number_field)),
        pl.coalesce(_reason(name, text, form) for name in form.fields).alias("reason"),
    )


def _reason(name: str, text: pl.DataFrame, form: Form) -> pl.Expr:
    """The rule that a field breaks, as a sentence; null where it breaks none."""
    column, raw = form.fields[name], pl.col(name)
    outside, limits = _outside(column, form)
    missing = None if name in form.may_be_empty else f"{name} is missing"
    return (
        pl.when(_empty(name, text))
        .then(pl.lit(missing, pl.String))
        .when(_unreadable(column, raw))
        .then(pl.format(f"{name} '{{}}' is not {KIND_WORDS[column.kind]}", _printable(raw)))
        .when(outside)
        .then(pl.format(f"{name} {{}} is not {limits}", _printable(raw)))
    )


def _outside(column: Column, form: Form) -> tuple[pl.Expr, str]:
    """Whether a value lies outside its column's limits, and the limits in words."""
    value = pl.col(column.name)
    if column.kind in ("instant", "day"):
        return ~value.dt.year().is_between(FIRST_YEAR, LAST_YEAR), f"of the years {FIRST_YEAR} to {LAST_YEAR}"
    outside, words = pl.lit(value=False), []
    if column.low is not None:
        strict = form.exclusive.get(column.name) == column.low
        outside = outside | (value <= column.low if strict else value < column.low)
        words.append(f"{'above' if strict else 'at least'} {column.low:.0f}")
    if column.high is not None:
        strict = form.exclusive.get(column.name) == column.high
        outside = outside | (value >= column.high if strict else value > column.high)
        words.append(f"{'below' if strict else 'at most'} {column.high:.0f}")
    return outside, " and ".join(words)
