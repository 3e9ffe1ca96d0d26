"""Two-line elements, with or without name lines, to OMM fields.

The columns of both lines are those of CelesTrak's "NORAD Two-Line Element Set Format"; catalog numbers may be Alpha-5
(A0000 is 100000; Space-Track). A blank number is 0. The first derivative stands as in OMM: half of it, per day squared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.formats import omm, rows
from pipeline.formats.rows import Form
from pipeline.source import EXCLUDED_SCHEMA, Parsed

LENGTH = 69
LONGEST_NAME = 60  # longer lines are no names: catalogs use 24 characters, generated constellations some more
FIRST_YEAR_OF_CENTURY = 57  # two-digit years: 57 to 99 are of the 20th century
MICROSECONDS_PER_FRACTION = 864  # of the last of eight digits of a day
ALPHA_5 = {letter: str(tens) for tens, letter in enumerate("ABCDEFGHJKLMNPQRSTUVWXYZ", 10)}
COUNTS = re.compile(r"\s*([0-9]+)\s+([0-9]+)\s*")  # planes and satellites per plane, as simulators write them first
SCHEMA = {
    "row_number": pl.Int64,
    "row_number_2": pl.Int64,
    "name": pl.String,
    "line_1": pl.String,
    "line_2": pl.String,
}


def _padded(length: int) -> str:
    """Pattern of a whole number that blanks may fill up on its left."""
    return "(?:" + "|".join(" " * n + f"[0-9]{{{length - n}}}" for n in range(length + 1)) + ")"


@dataclass(frozen=True)
class Field:
    """A field of a line: its OMM name, where it begins (0 is the first column), its length and its pattern."""

    name: str
    start: int
    length: int
    pattern: str

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + self.length

    @property
    def text(self) -> pl.Expr:
        """Its characters, of the column that holds its line."""
        return pl.col("line_1" if self in LINE_1 else "line_2").str.slice(self.start, self.length)


NUMBER = Field("NORAD_CAT_ID", 2, 5, r"(?:[0-9A-HJ-NP-Z][0-9]{4}|" + _padded(5) + ")")
CLASSIFICATION = Field("CLASSIFICATION_TYPE", 7, 1, r"[A-Z]")
DESIGNATOR = Field("OBJECT_ID", 9, 8, r"(?:[0-9]{5}(?:[A-Z]{3}|[A-Z]{2} |[A-Z]  |   )| {8})")
EPOCH = Field("EPOCH", 18, 14, r"[0-9]{2}" + _padded(3) + r"\.[0-9]{8}")
DOT = Field("MEAN_MOTION_DOT", 33, 10, r"[ +-]\.[0-9]{8}")
DDOT = Field("MEAN_MOTION_DDOT", 44, 8, r"[ +-]" + _padded(5) + r"[ +-][0-9]")
BSTAR = Field("BSTAR", 53, 8, DDOT.pattern)
EPHEMERIS = Field("EPHEMERIS_TYPE", 62, 1, r"[ 0-9]")
SET_NUMBER = Field("ELEMENT_SET_NO", 64, 4, _padded(4))
CHECKSUM = Field("checksum", 68, 1, r"[0-9]")
LINE_1 = (NUMBER, CLASSIFICATION, DESIGNATOR, EPOCH, DOT, DDOT, BSTAR, EPHEMERIS, SET_NUMBER, CHECKSUM)

ANGLE = _padded(3) + r"\.[0-9]{4}"
INCLINATION = Field("INCLINATION", 8, 8, ANGLE)
NODE = Field("RA_OF_ASC_NODE", 17, 8, ANGLE)
ECCENTRICITY = Field("ECCENTRICITY", 26, 7, _padded(7))
PERICENTER = Field("ARG_OF_PERICENTER", 34, 8, ANGLE)
ANOMALY = Field("MEAN_ANOMALY", 43, 8, ANGLE)
MOTION = Field("MEAN_MOTION", 52, 11, _padded(2) + r"\.[0-9]{8}")
REVOLUTION = Field("REV_AT_EPOCH", 63, 5, _padded(5))
LINE_2 = (NUMBER, INCLINATION, NODE, ECCENTRICITY, PERICENTER, ANOMALY, MOTION, REVOLUTION, CHECKSUM)


def _whole(number: int, fields: tuple[Field, ...]) -> str:
    """Pattern of a whole line: its fields, and blanks where it has none."""
    pattern, at = str(number), 1
    for field in fields:
        pattern += " " * (field.start - at) + field.pattern
        at = field.end
    return f"^{pattern}$"


WHOLE = {1: _whole(1, LINE_1), 2: _whole(2, LINE_2)}
BEGINNING = r"^{} (?:[ 0-9A-Za-z][ 0-9]{{3}}[0-9]|.{{38}})"
LINE, NAME, JUNK = pl.col("line"), 0, 3  # kinds of line: 0 a name, 1 and 2 elements, 3 none of these


def is_tle(text: str) -> bool:
    """Whether `text` has a line that begins as line 1 or line 2 of a TLE."""
    return re.search(r"^[12] [ 0-9A-Za-z][ 0-9]{3}[0-9](?:[A-Z ] ?|$)", text, re.MULTILINE) is not None


def counts(text: str) -> tuple[int, int] | None:
    """The two counts of a leading line, planes and satellites per plane; None where there is no such line."""
    found = COUNTS.fullmatch(text.lstrip("\ufeff \t\r\n").partition("\n")[0])
    return (int(found[1]), int(found[2])) if found else None


def read(text: str, form: Form) -> Parsed:
    """Read TLE of two or three lines: one row per satellite in the file's order, and those left out.

    A leading line of two counts, blank lines, "0 " before a name and any line ends are accepted; names and designators
    may be missing. A bad line costs its own satellite, which is listed with the line of the defect; reading goes on with
    the next line 1. Raises SourceError when the last satellite is cut, or more than 5 % of the satellites cannot be read.
    """
    lines, junk = _lines(text)
    _refuse_cut(lines, form)
    pairs, strays = _pairs(lines)
    return read_pairs(pairs, form, pl.concat([junk, strays]))


def read_pairs(
    pairs: pl.DataFrame,
    form: Form,
    listed: pl.DataFrame | None = None,
    without_elements: pl.DataFrame | None = None,
) -> Parsed:
    """Read satellites whose lines are found: `pairs` has the columns of SCHEMA, where row_number is that of line 1.

    `listed` are lines (EXCLUDED_SCHEMA) that belong to no pair, `without_elements` entries that have no lines.
    Raises SourceError when more than 5 % cannot be read.
    """
    form = replace(form, may_be_empty={*form.may_be_empty, "OBJECT_NAME", "OBJECT_ID"})
    listed = pl.DataFrame(schema=EXCLUDED_SCHEMA) if listed is None else listed
    sound = _sound(pairs)
    text = pairs.filter(sound).select("row_number", *_fields())
    listed = pl.concat([listed, _defects(pairs.filter(~sound))])
    return omm.parsed(text, form, listed, without_elements=without_elements)


def _lines(text: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that are not blank, with their number and kind, and those that can be none of a satellite's."""
    lines = pl.DataFrame({"line": pl.Series(text.split("\n"), dtype=pl.String).str.strip_chars_end()})
    kinds = [LINE.str.contains(BEGINNING.format(n)) for n in (1, 2)]
    kind = pl.when(kinds[0]).then(1).when(kinds[1]).then(2).when(LINE.str.len_chars() > LONGEST_NAME).then(JUNK)
    lines = lines.with_row_index("number", 1).filter(LINE != "")
    if COUNTS.fullmatch(lines["line"][0]):
        lines = lines[1:]
    lines = lines.with_columns(kind.otherwise(NAME).alias("kind"), pl.col("number").cast(pl.Int64))
    junk = lines.filter(pl.col("kind") == JUNK)
    words = [(n, "? (?)", f"'{rows.printable(line)}' is no line of a TLE") for line, n, _ in _triples(junk)]
    return lines.filter(pl.col("kind") != JUNK), rows.exclusions(words)


def _triples(lines: pl.DataFrame) -> Iterator[tuple[str, int, int]]:
    yield from lines.select("line", "number", "kind").iter_rows()


def _refuse_cut(lines: pl.DataFrame, form: Form) -> None:
    """Raise SourceError when the last line is not a whole line 2, unless every line 2 of the file is short alike.

    A file of the caller's own may end anyhow: what has no second line is listed.
    """
    if lines.is_empty():
        raise form.error("the landed file has no line of a TLE")
    if form.own_remedy:
        return
    seconds = lines.filter(pl.col("kind") == 2)["line"].str.len_chars()
    line, number, kind = lines.select("line", "number", "kind").row(-1)
    if kind != 2 or (len(line) < LENGTH and (seconds.len() == 1 or seconds.n_unique() > 1)):
        raise rows.cut(form, number)


def _pairs(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every line 1 that a line 2 follows, with the name before it, and the lines that belong to no such pair."""
    kind = lines["kind"].to_numpy()
    first = np.flatnonzero((kind[:-1] == 1) & (kind[1:] == 2))
    named = (first > 0) & (kind[first - 1] == NAME)
    named &= 2 * named.sum() >= first.size  # in a file of two lines a line before line 1 is no name
    names = lines["line"].gather(np.maximum(first - 1, 0)).str.replace(r"^\s*0(?:\s+|$)", "")
    pairs = pl.DataFrame(
        {
            "row_number": lines["number"].gather(first),
            "row_number_2": lines["number"].gather(first + 1),
            "name": names.zip_with(pl.Series(named), pl.Series([None], dtype=pl.String)),
            "line_1": lines["line"].gather(first),
            "line_2": lines["line"].gather(first + 1),
        },
        schema=SCHEMA,
    )
    used = np.zeros(kind.size, dtype=np.bool_)
    for own in (first, first + 1, first[named] - 1):
        used[own] = True
    return pairs, _strays(lines, used)


def _strays(lines: pl.DataFrame, used: NDArray[np.bool_]) -> pl.DataFrame:
    """Lines that belong to no pair, gathered to what seems to have been one satellite, as an exclusion list."""
    if used.all():
        return pl.DataFrame(schema=EXCLUDED_SCHEMA)
    kind = np.append(lines["kind"].to_numpy(), NAME)
    triples = list(_triples(lines))
    groups: list[list[tuple[str, int, int]]] = []
    for i in np.flatnonzero(~used):
        before = -1 if i == 0 or used[i - 1] else kind[i - 1]
        joins = (kind[i], before) in {(1, NAME), (2, NAME), (NAME, NAME)} or (before == 1 and kind[i + 1] == 2)
        if joins:
            groups[-1].append(triples[i])
        else:
            groups.append([triples[i]])
    return rows.exclusions([_stray(group) for group in groups])


def _stray(group: list[tuple[str, int, int]]) -> tuple[int, str, str]:
    """One exclusion for lines that should have been a satellite."""
    line, number, kind = next((each for each in group if each[2] in (1, 2)), group[0])
    others = [each for each in group if each[2] == NAME]
    name = others[0][0] if others and kind != NAME else "?"
    shown = f"'{rows.printable(others[-1][0])}'" if others else ""
    if kind == NAME:
        shown = f"'{rows.printable(line)}'"
        return number, "? (?)", f"{shown} belongs to no satellite: no line 1 follows"
    if kind == 2:
        instead = f": {shown} stands before it" if others else ""
        reason = f"line 2 does not follow a line 1{instead}"
    else:
        split = any(each[2] == 2 for each in group)
        reason = f"line 1 is not followed by line 2{f': {shown} stands between them' if split else ''}"
    return number, _key(name, line), reason


def _key(name: str | None, line: str) -> str:
    return f"{rows.printable(name or '?') or '?'} ({rows.printable(line[NUMBER.start : NUMBER.end]) or '?'})"


def _sound(pairs: pl.DataFrame) -> pl.Series:
    """Whether both lines have the form of a TLE, sound checksums and one catalog number."""
    same = NUMBER.text == pl.col("line_2").str.slice(NUMBER.start, NUMBER.length)
    sound = pairs.select(
        pl.col("line_1").str.contains(WHOLE[1]) & pl.col("line_2").str.contains(WHOLE[2]) & same.fill_null(value=False)
    ).to_series()
    within = sound & pairs.select((~sound) | _day_exists()).to_series()
    for name in ("line_1", "line_2"):
        summed = np.zeros(pairs.height, dtype=np.bool_)
        summed[within.to_numpy()] = _sums(pairs[name].filter(within))
        within = pl.Series(summed)
    return within


def _day_exists() -> pl.Expr:
    year, day = _year(), _day_of_year()
    return day.is_between(1, 365 + (year % 4 == 0).cast(pl.Int64))


def _sums(lines: pl.Series) -> NDArray[np.bool_]:
    """Whether the last digit of each line of 69 ASCII characters is the sum of its digits, and of 1 per minus, modulo 10."""
    codes = np.frombuffer("".join(lines).encode("ascii"), np.uint8).reshape(-1, LENGTH)
    digits = np.where((codes >= 48) & (codes <= 57), codes - 48, codes == 45).astype(np.int64)
    return np.asarray(digits[:, :-1].sum(axis=1) % 10 == digits[:, -1])


def _year() -> pl.Expr:
    """Year of the epoch."""
    return _century(pl.col("line_1").str.slice(EPOCH.start, 2))


def _century(two_digits: pl.Expr) -> pl.Expr:
    short = two_digits.cast(pl.Int64, strict=False)
    return short + pl.when(short < FIRST_YEAR_OF_CENTURY).then(2000).otherwise(1900)


def _day_of_year() -> pl.Expr:
    return pl.col("line_1").str.slice(EPOCH.start + 2, 3).str.strip_chars().cast(pl.Int64, strict=False).fill_null(0)


def _fields() -> list[pl.Expr]:
    """The OMM fields of sound lines, as text and the epoch as an instant."""
    number = NUMBER.text.str.slice(0, 1).replace(ALPHA_5) + NUMBER.text.str.slice(1)
    fraction = EPOCH.text.str.slice(6).cast(pl.Int64) * MICROSECONDS_PER_FRACTION
    epoch = pl.datetime(_year(), 1, 1, time_unit="us") + pl.duration(days=_day_of_year() - 1, microseconds=fraction)
    made = {
        "OBJECT_NAME": pl.col("name"),
        "OBJECT_ID": _designator(),
        "EPOCH": epoch,
        "ECCENTRICITY": "0." + ECCENTRICITY.text.str.replace_all(" ", "0", literal=True),
        "NORAD_CAT_ID": number,
        "MEAN_MOTION_DDOT": _implied(DDOT),
        "BSTAR": _implied(BSTAR),
    }
    whole = (EPHEMERIS, SET_NUMBER, REVOLUTION)
    made |= {field.name: _blank_is_zero(field.text) for field in whole}
    made |= {field.name: field.text for field in (*LINE_1[:-1], *LINE_2[:-1]) if field.name not in made}
    return [made[name].alias(name) for name in omm.FIELDS]


def _blank_is_zero(text: pl.Expr) -> pl.Expr:
    text = text.str.strip_chars()
    return pl.when(text == "").then(pl.lit("0")).otherwise(text)


def _designator() -> pl.Expr:
    """International designator with the year in full; null where the line has none."""
    text = DESIGNATOR.text.str.strip_chars()
    year = _century(text.str.slice(0, 2)).cast(pl.String)
    return pl.when(text != "").then(year + "-" + text.str.slice(2))


def _implied(field: Field) -> pl.Expr:
    """A number with implied decimal point and exponent, ` 12405-2`, as 0.12405E-2."""
    text = field.text.str.replace_all(" ", "0", literal=True)
    sign = pl.when(field.text.str.starts_with("-")).then(pl.lit("-0.")).otherwise(pl.lit("0."))
    power = pl.when(text.str.slice(6, 1) == "-").then(pl.lit("E-")).otherwise(pl.lit("E"))
    return sign + text.str.slice(1, 5) + power + text.str.slice(7, 1)


def _defects(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs that are not sound, with the line and the name of what is wrong, as an exclusion list."""
    listed = []
    for number, number_2, name, line_1, line_2 in pairs.select(list(SCHEMA)).iter_rows():
        which, reason = _defect(line_1, line_2)
        listed.append((number if which == 1 else number_2, _key(name, line_1), reason))
    return rows.exclusions(listed)


def _defect(line_1: str, line_2: str) -> tuple[int, str]:
    """Which line has the first defect, and what it is."""
    for which, line, fields in ((1, line_1, LINE_1), (2, line_2, LINE_2)):
        for reason in _line_defects(which, line, fields):
            return which, reason
    numbers = [line[NUMBER.start : NUMBER.end].strip() for line in (line_1, line_2)]
    return 2, f"lines 1 and 2 are of different satellites: {numbers[0]} and {numbers[1]}"


def _line_defects(which: int, line: str, fields: tuple[Field, ...]) -> Iterator[str]:
    """What is wrong with a line, in words; the first is the one to tell."""
    if len(line) != LENGTH:
        yield f"line {which} has {len(line)} characters where a TLE has {LENGTH}{_two_digit_exponent(which, line)}"
    if not line.isascii():
        yield f"line {which} has characters that are not of a TLE"
    yield from _number_defects(which, line[NUMBER.start : NUMBER.end])
    for field in fields:
        text = line[field.start : field.end]
        if not re.fullmatch(field.pattern, text):
            yield f"line {which}: {field.name} '{rows.printable(text)}' is not written as in a TLE"
    within = {column for field in fields for column in range(field.start, field.end)}
    for column in sorted(set(range(1, LENGTH)) - within):
        if line[column] != " ":
            yield f"line {which}: column {column + 1} is '{rows.printable(line[column])}' where a TLE has a blank"
    if which == 1 and not 1 <= int(line[20:23]) <= 365 + (int(line[18:20]) % 4 == 0):
        yield f"line 1: EPOCH '{line[EPOCH.start : EPOCH.end]}' is no day of its year"
    total = sum(int(c) if c.isdigit() else c == "-" for c in line[:-1]) % 10
    if total != int(line[-1]):
        yield f"line {which} has the checksum {line[-1]} where its digits give {total}"


def _number_defects(which: int, text: str) -> Iterator[str]:
    """What is wrong with a catalog number."""
    head = text[:1]
    if head in ("I", "O"):
        yield f"line {which}: NORAD_CAT_ID '{text}' begins with {head}, a letter that Alpha-5 leaves out"
    if head.isascii() and head.islower():
        yield f"line {which}: NORAD_CAT_ID '{text}' begins with a small letter; Alpha-5 has capitals"


def _two_digit_exponent(which: int, line: str) -> str:
    """Say which number makes line 1 too long by an exponent of two digits; empty when none does."""
    found = re.search(r"[+-]?[0-9]{5}[+-][0-9]{2}(?= |$)", line[DDOT.start :])
    if which == 2 or not found:
        return ""
    name = "MEAN_MOTION_DDOT" if found.start() < BSTAR.start - DDOT.start - 1 else "B*"
    return f": {name} '{found.group()}' has an exponent of two digits"
