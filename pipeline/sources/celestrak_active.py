"""The catalog: mean elements of every active satellite, as CelesTrak publishes them (OMM fields, CSV)."""

from __future__ import annotations

import csv
import itertools
import re
from datetime import date, datetime, time, timedelta

import polars as pl

from pipeline.source import EXCLUDED_SCHEMA, Parsed, Source, SourceError
from pipeline.table import Column, Table

SOURCE = Source(
    name="celestrak_active",
    title="CelesTrak: general perturbations elements of all active satellites",
    address="https://celestrak.org/NORAD/elements/gp.php?GROUP=active&FORMAT=csv",
    licence="Free to use with attribution (CelesTrak usage policy); at most one download per update",
    citation="CelesTrak (Dr T.S. Kelso), GP data, group 'active', https://celestrak.org",
    cadence="every two hours; asked once a day",
    missing="everything: a day without a catalog of at most three days of age is withheld",
    required=True,
    stands_days=3,
)

TABLE = Table(
    "raw.celestrak_active",
    "one row per day and catalogued object: its newest mean elements",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("object_name", "text", "", "Name in the catalog; may repeat"),
        Column("object_id", "text", "", "International designator"),
        Column("epoch_utc", "instant", "UTC", "Epoch of the elements"),
        Column("mean_motion_rev_per_day", "number", "rev/day", "Mean motion (Kozai), above 0", 0, 20),
        Column("eccentricity", "number", "1", "Eccentricity, below 1", 0, 1),
        Column("inclination_deg", "number", "deg", "Inclination", 0, 180),
        Column("ra_of_asc_node_deg", "number", "deg", "Right ascension of the ascending node", 0, 360),
        Column("arg_of_pericenter_deg", "number", "deg", "Argument of pericentre", 0, 360),
        Column("mean_anomaly_deg", "number", "deg", "Mean anomaly", 0, 360),
        Column("ephemeris_type", "integer", "", "Ephemeris type; 0 is SGP4", 0),
        Column("classification_type", "text", "", "Classification; U is unclassified"),
        Column("norad_cat_id", "integer", "", "Catalog number, up to nine digits", 1, 999_999_999, key=True),
        Column("element_set_no", "integer", "", "Number of the element set", 0),
        Column("rev_at_epoch", "integer", "", "Revolution number at epoch", 0),
        Column("bstar_per_earth_radius", "number", "1/earth radius", "Drag term B* of SGP4"),
        Column("mean_motion_dot_rev_per_day2", "number", "rev/day^2", "Half the first derivative of the mean motion"),
        Column("mean_motion_ddot_rev_per_day3", "number", "rev/day^3", "A sixth of the second derivative"),
    ),
)

# The provider's words for our columns: the field's name is the column's without its unit.
FIELDS = {
    "OBJECT_NAME": "object_name",
    "OBJECT_ID": "object_id",
    "EPOCH": "epoch_utc",
    "MEAN_MOTION": "mean_motion_rev_per_day",
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination_deg",
    "RA_OF_ASC_NODE": "ra_of_asc_node_deg",
    "ARG_OF_PERICENTER": "arg_of_pericenter_deg",
    "MEAN_ANOMALY": "mean_anomaly_deg",
    "EPHEMERIS_TYPE": "ephemeris_type",
    "CLASSIFICATION_TYPE": "classification_type",
    "NORAD_CAT_ID": "norad_cat_id",
    "ELEMENT_SET_NO": "element_set_no",
    "REV_AT_EPOCH": "rev_at_epoch",
    "BSTAR": "bstar_per_earth_radius",
    "MEAN_MOTION_DOT": "mean_motion_dot_rev_per_day2",
    "MEAN_MOTION_DDOT": "mean_motion_ddot_rev_per_day3",
}
COLUMNS = {column.name: column for column in TABLE.columns}
EXCLUSIVE = {"mean_motion_rev_per_day": 0.0, "eccentricity": 1.0}  # limits that are themselves outside
KIND_WORDS = {
    "number": "a finite number",
    "integer": "a whole number",
    "instant": "a UTC instant",
    "text": "plain text",
}
FIRST_YEAR, LAST_YEAR = 1957, 2100
UNREADABLE_FRACTION = 0.05
AHEAD_DAYS, BEHIND_DAYS = 10, 60
REMEDY = (
    "move the day's folder in landing/celestrak_active aside and land a whole file with "
    "`skytrunk land celestrak_active DAY --file PATH`"
)


def parse(data: bytes) -> Parsed:
    """Read landed OMM CSV: the rows in the file's order, and the rows left out with line, name and reason.

    Line ends, a byte order mark, quoted names and the order of the columns do not matter; further columns are ignored.
    Raises SourceError when the bytes are no such file, are cut, or more than 5 % of the rows cannot be read.
    """
    text = _text(data)
    header, *lines = [line.rstrip("\r") for line in text.rstrip().split("\n")]
    fields = _fields(header)
    if not lines:
        raise SourceError(f"celestrak_active: the landed file has a header but no rows: {REMEDY}")
    cells = [_cells(line) for line in lines]
    last = len(cells) + 1
    if len(cells[-1]) < len(fields):
        _refuse_cut(last)
    ragged = _ragged(cells, fields)
    checked = _checked(cells, fields)
    broken = checked.filter(pl.col("reason").is_not_null()).select(list(EXCLUDED_SCHEMA))
    if not text.endswith("\n") and last in broken["row_number"]:
        _refuse_cut(last)
    unreadable = pl.concat([ragged, broken])
    _refuse_unreadable(unreadable.sort("row_number"), len(lines))
    kept, repeated = _without_repeats(checked.filter(pl.col("reason").is_null()))
    return Parsed(kept.select(list(FIELDS.values())), pl.concat([unreadable, repeated]).sort("row_number"))


def screen(frame: pl.DataFrame, day: date, excluded: pl.DataFrame | None = None) -> Parsed:
    """Leave out elements whose epoch is more than 10 days ahead of the day's end or more than 60 days before the day.

    `frame` and `excluded` are what `parse` returned: they give the lines of the rows left out here. Real files have
    epochs up to 2.5 days ahead and four weeks old. Raises SourceError when most rows fall out: a file of another time.
    """
    excluded = pl.DataFrame(schema=EXCLUDED_SCHEMA) if excluded is None else excluded
    start = datetime.combine(day, time())
    newest, oldest = start + timedelta(days=1 + AHEAD_DAYS), start - timedelta(days=BEHIND_DAYS)
    epoch = pl.col("epoch_utc")
    ahead = f"EPOCH {{}} is more than {AHEAD_DAYS} days ahead of the day"
    behind = f"EPOCH {{}} is more than {BEHIND_DAYS} days before the day"
    when = epoch.dt.strftime("%Y-%m-%d %H:%M")
    reason = pl.when(epoch > newest).then(pl.format(ahead, when)).when(epoch < oldest).then(pl.format(behind, when))
    judged = frame.with_columns(
        _line_numbers(frame.height, excluded),
        pl.format("{} ({})", "object_name", "norad_cat_id").alias("row_key"),
        reason.alias("reason"),
    )
    out = judged.filter(pl.col("reason").is_not_null()).select(list(EXCLUDED_SCHEMA))
    kept = judged.filter(pl.col("reason").is_null()).select(frame.columns)
    if out.height > kept.height:
        raise SourceError(
            f"celestrak_active: the landed file is not of {day}: {out.height} of {frame.height} epochs are more than "
            f"{AHEAD_DAYS} days ahead of it or {BEHIND_DAYS} days before it: {REMEDY}"
        )
    return Parsed(kept, out)


def _text(data: bytes) -> str:
    """Return the bytes as text. Raises SourceError when they are none, or are a web page."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"celestrak_active: the landed file is not text (byte {error.start}): {REMEDY}") from error
    start = text[:4096].lstrip()
    if not text.strip():
        raise SourceError(f"celestrak_active: the landed file is empty: {REMEDY}")
    if start.startswith("<"):
        title = re.search(r"<title[^>]*>([^<]*)", start, re.I)
        words = f" ({_short(title.group(1))})" if title else ""
        raise SourceError(f"celestrak_active: the landed file is a web page{words}, not a catalog: {REMEDY}")
    if "\0" in text:
        raise SourceError(f"celestrak_active: the landed file is not text (it has zero bytes): {REMEDY}")
    return text


def _fields(header: str) -> list[str]:
    """Names of the file's columns. Raises SourceError when one of the 17 fields is missing or stands twice."""
    names = [name.strip() for name in _cells(header)]
    missing = [field for field in FIELDS if field not in names]
    if len(missing) == len(FIELDS):
        raise SourceError(
            f"celestrak_active: the first line of the landed file, {_short(header)!r}, is not an OMM header: {REMEDY}"
        )
    new = [_short(name) for name in names if name not in FIELDS]
    if missing:
        raise SourceError(
            f"celestrak_active: the header has changed (missing {', '.join(missing)}; "
            f"new {', '.join(new[:17]) or 'none'}): {REMEDY}, or change FIELDS"
        )
    twice = [field for field in FIELDS if names.count(field) > 1]
    if twice:
        raise SourceError(f"celestrak_active: the header names {', '.join(twice)} more than once: {REMEDY}")
    return names


def _cells(line: str) -> list[str]:
    """Split one line; each line stands alone, so that a stray quote costs one row and not the rest of the file."""
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]))
    except (csv.Error, StopIteration):
        return []


def _ragged(cells: list[list[str]], fields: list[str]) -> pl.DataFrame:
    """Rows with more or fewer fields than the header, as an exclusion list."""
    name_at, number_at = fields.index("OBJECT_NAME"), fields.index("NORAD_CAT_ID")
    rows = []
    for number, row in enumerate(cells, 2):
        if len(row) != len(fields):
            name, identity = (_short(row[i]) if i < len(row) else "?" for i in (name_at, number_at))
            reason = (
                f"the line has {len(row)} fields where the header has {len(fields)}"
                if any(row)
                else "the line is empty"
            )
            rows.append((number, f"{name} ({identity})", reason))
    return pl.DataFrame(rows, schema=EXCLUDED_SCHEMA, orient="row")


def _checked(cells: list[list[str]], fields: list[str]) -> pl.DataFrame:
    """Rows of the right length with typed columns, row_number, row_key and the first rule that each breaks (or null)."""
    whole = [(number, row) for number, row in enumerate(cells, 2) if len(row) == len(fields)]
    columns = list(zip(*(row for _, row in whole), strict=True)) or [()] * len(fields)
    text = pl.DataFrame({field: pl.Series(columns[fields.index(field)], dtype=pl.String) for field in FIELDS})
    text = text.select(pl.all().str.strip_chars())
    values = text.select(_value(field) for field in FIELDS)
    both = pl.concat([text, values], how="horizontal")
    return both.select(
        pl.Series("row_number", [number for number, _ in whole], dtype=pl.Int64),
        pl.format("{} ({})", _shown("OBJECT_NAME"), _shown("NORAD_CAT_ID")).alias("row_key"),
        pl.coalesce(_reason(field) for field in FIELDS).alias("reason"),
        *FIELDS.values(),
    )


def _value(field: str) -> pl.Expr:
    """The text of a field as the type of its column; null where it cannot be read."""
    column, text = COLUMNS[FIELDS[field]], pl.col(field)
    if column.kind == "text":
        return text.alias(column.name)
    if column.kind == "instant":
        instant = text.str.strip_suffix("Z").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
        return instant.alias(column.name)
    return text.cast(column.polars_type, strict=False).alias(column.name)


def _reason(field: str) -> pl.Expr:
    """The rule of the table that a field breaks, as a sentence; null where it breaks none."""
    column, text = COLUMNS[FIELDS[field]], pl.col(field)
    value = pl.col(column.name)
    unreadable = text.str.contains(r"\p{Cc}") if column.kind == "text" else value.is_null()
    unreadable = unreadable | ~value.is_finite() if column.kind == "number" else unreadable
    outside, limits = _outside(column, value)
    return (
        pl.when(text == "")
        .then(pl.lit(f"{field} is missing"))
        .when(unreadable)
        .then(pl.format(f"{field} '{{}}' is not {KIND_WORDS[column.kind]}", _shown(field)))
        .when(outside)
        .then(pl.format(f"{field} {{}} is not {limits}", _shown(field)))
    )


def _outside(column: Column, value: pl.Expr) -> tuple[pl.Expr, str]:
    """Whether a value lies outside its column's limits, and the limits in words."""
    if column.kind == "instant":
        return ~value.dt.year().is_between(FIRST_YEAR, LAST_YEAR), f"of the years {FIRST_YEAR} to {LAST_YEAR}"
    outside, words = pl.lit(value=False), []
    if column.low is not None:
        strict = EXCLUSIVE.get(column.name) == column.low
        outside = outside | (value <= column.low if strict else value < column.low)
        words.append(f"{'above' if strict else 'at least'} {column.low:.0f}")
    if column.high is not None:
        strict = EXCLUSIVE.get(column.name) == column.high
        outside = outside | (value >= column.high if strict else value > column.high)
        words.append(f"{'below' if strict else 'at most'} {column.high:.0f}")
    return outside, " and ".join(words)


def _without_repeats(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the newest epoch of each catalog number (of equal ones the first); the others go on the exclusion list."""
    newest_first = pl.col("row_number").sort_by("epoch_utc", "row_number", descending=[True, False])
    rows = rows.with_columns(newest_first.first().over("norad_cat_id").alias("kept_number"))
    repeated = rows.filter(pl.col("row_number") != pl.col("kept_number")).select(
        "row_number",
        "row_key",
        pl.format("NORAD_CAT_ID repeats: line {} has the newest epoch", "kept_number").alias("reason"),
    )
    return rows.filter(pl.col("row_number") == pl.col("kept_number")), repeated


def _line_numbers(count: int, excluded: pl.DataFrame) -> pl.Series:
    """Lines of the file that the kept rows stand on: all lines after the header but those left out."""
    gone = set(excluded["row_number"])
    numbers = itertools.islice((n for n in itertools.count(2) if n not in gone), count)
    return pl.Series("row_number", list(numbers), dtype=pl.Int64)


def _refuse_cut(last: int) -> None:
    raise SourceError(f"celestrak_active: the landed file is cut: its last row, line {last}, is incomplete: {REMEDY}")


def _refuse_unreadable(unreadable: pl.DataFrame, count: int) -> None:
    if unreadable.height > UNREADABLE_FRACTION * count:
        number, key, reason = unreadable.row(0)
        raise SourceError(
            f"celestrak_active: {unreadable.height} of {count} rows cannot be read, more than "
            f"{UNREADABLE_FRACTION:.0%} (first line {number}, {key}: {reason}): {REMEDY}"
        )


def _shown(field: str) -> pl.Expr:
    """The text of a field as it may be printed."""
    return pl.col(field).str.slice(0, 40).str.replace_all(r"\p{C}", "?")


def _short(text: str) -> str:
    """Return text as it may be printed."""
    return "".join(c if c.isprintable() else "?" for c in text[:60].strip())
