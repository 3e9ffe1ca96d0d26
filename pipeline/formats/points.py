"""Points and stations on the ground from CSV: an id and geodetic WGS-84 coordinates of each, and a station's name."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pipeline.formats import delimited, rows
from pipeline.formats.rows import Form
from pipeline.table import Column

# Lowest: deeper than any mine or trench. Highest: where space begins; who means kilometres or a satellite hears of it.
COLUMNS = (
    Column("id", "text", "", "What the caller calls the point", key=True),
    Column("latitude_deg", "number", "deg", "Geodetic latitude", -90, 90),
    Column("longitude_deg", "number", "deg", "Longitude, east of Greenwich", -360, 360),
    Column("height_m", "number", "m", "Height above the WGS-84 ellipsoid", -12_000, 100_000),
)
STATION_COLUMNS = (
    COLUMNS[0],
    Column("name", "text", "", "What the caller calls the station in what is written", key=True),
    *COLUMNS[1:],
)
VALUE = "value_"


def read(data: bytes, file_name: str) -> pl.DataFrame:
    """Read points: the columns of COLUMNS, in the file's order; a byte order mark and blank lines are accepted.

    The order of the columns does not matter and further ones are ignored. Raises SourceError, with the file's name, the
    line (the header being 1) and what to do, at the first line that breaks a rule, and where an id stands twice.
    """
    return _read(data, file_name, "point", COLUMNS, ("id",))


def read_stations(data: bytes, file_name: str) -> pl.DataFrame:
    """Read stations: the columns of STATION_COLUMNS, as `read` does. Raises SourceError as it does, also where a name stands twice."""
    return _read(data, file_name, "station", STATION_COLUMNS, ("id", "name"))


def _read(data: bytes, file_name: str, what: str, columns: tuple[Column, ...], unique: tuple[str, ...]) -> pl.DataFrame:
    form = Form(
        source_name=file_name,
        header_name=f"a header of {what}s",
        # Text and value of a field stand side by side for a while and need two names.
        fields={column.name: replace(column, name=f"{VALUE}{column.name}") for column in columns},
        name_field="id",
        number_field="id",
        own_remedy=f"give {what}s as CSV with the columns {','.join(c.name for c in columns)}, one {what} a line",
    )
    lines = delimited.split(rows.decoded(data, form), form)
    found = rows.read(lines.text, form, lines.ragged.filter(pl.col("reason") != "the line is empty"))
    for number, _, reason in found.excluded.iter_rows():
        raise form.error(f"line {number}: {reason}")
    kept = found.kept.rename(lambda name: name.removeprefix(VALUE))
    for name in unique:
        _refuse_repeated(kept, name, form)
    return kept.drop("row_number")


def _refuse_repeated(points: pl.DataFrame, column: str, form: Form) -> None:
    first: dict[str, int] = {}
    for name, number in points.select(column, "row_number").iter_rows():
        if name in first:
            shown = rows.printable(name)
            raise form.error(f"line {number}: the {column} '{shown}' stands on line {first[name]} already")
        first[name] = number
