"""Points on the ground from CSV: an id and geodetic WGS-84 coordinates of each."""

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
VALUE = "value_"
REMEDY = "give points as CSV with the columns id,latitude_deg,longitude_deg,height_m, one point a line"


def read(data: bytes, file_name: str) -> pl.DataFrame:
    """Read points: the columns of COLUMNS, in the file's order; a byte order mark and blank lines are accepted.

    The order of the columns does not matter and further ones are ignored. Raises SourceError, with the file's name, the
    line (the header being 1) and what to do, at the first line that breaks a rule, and where an id stands twice.
    """
    form = Form(
        source_name=file_name,
        header_name="a header of points",
        # Text and value of a field stand side by side for a while and need two names.
        fields={column.name: replace(column, name=f"{VALUE}{column.name}") for column in COLUMNS},
        name_field="id",
        number_field="id",
        own_remedy=REMEDY,
    )
    lines = delimited.split(rows.decoded(data, form), form)
    found = rows.read(lines.text, form, lines.ragged.filter(pl.col("reason") != "the line is empty"))
    for number, _, reason in found.excluded.iter_rows():
        raise form.error(f"line {number}: {reason}")
    kept = found.kept.rename(lambda name: name.removeprefix(VALUE))
    _refuse_repeated(kept, form)
    return kept.drop("row_number")


def _refuse_repeated(points: pl.DataFrame, form: Form) -> None:
    first: dict[str, int] = {}
    for name, number in points.select("id", "row_number").iter_rows():
        if name in first:
            shown = rows.printable(name)
            raise form.error(f"line {number}: the id '{shown}' stands on line {first[name]} already")
        first[name] = number
