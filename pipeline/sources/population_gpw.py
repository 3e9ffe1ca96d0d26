"""Where people live by census: Gridded Population of the World, people per grid cell as an ESRI ASCII grid."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.formats import documents, rows
from pipeline.formats.rows import decoded, refuse_web_page
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="population_gpw",
    title="Gridded Population of the World (GPW v4)",
    address="https://sedac.ciesin.columbia.edu/data/collection/gpw-v4",
    licence="CC BY 4.0",
    citation="CIESIN, Columbia University: GPWv4 Population Count, Revision 11, doi:10.7927/H4JW8BX5",
    cadence="every some years",
    missing="where people live by census: settlements and a rule for the rural rest stand",
    suffix="asc",
    limit_bytes=2**30,
    by_hand=True,
)

TABLE = Table(
    "raw.population_gpw",
    "one row per grid cell with people",
    (
        Column("latitude_deg", "number", "deg", "Latitude of the centre", -90, 90, key=True),
        Column("longitude_deg", "number", "deg", "Longitude of the centre", -180, 180, key=True),
        Column("size_deg", "number", "deg", "Width and height of the grid cell", 0, 10),
        Column("population_count", "number", "people", "People", 0),
    ),
)
FORM = documents.form(SOURCE.name, "an ESRI ASCII grid")
MOST_PEOPLE = 1e8  # of one grid cell: more than any city has


def parse(data: bytes) -> Parsed:
    """Read a landed ESRI ASCII grid of any cell size, rows from north to south; a lower left corner or centre is understood.

    Cells without data or people are no rows. Negative and impossible numbers are left out with their row and column; row_number is
    the row of the grid, the northernmost being 1. Raises SourceError when the bytes are no such grid, or numbers are missing.
    """
    text = decoded(data, FORM)
    refuse_web_page(text, FORM)
    head, values = _split(text)
    people = values.reshape(int(head["nrows"]), int(head["ncols"]))
    size, half = head["cellsize"], head["cellsize"] / 2
    west = head["xllcorner"] + half if "xllcorner" in head else head["xllcenter"]
    south = head["yllcorner"] + half if "yllcorner" in head else head["yllcenter"]
    latitude, longitude = south + size * np.arange(people.shape[0])[::-1], west + size * np.arange(people.shape[1])
    if latitude.max() + half > 90.001 or latitude.min() - half < -90.001 or size <= 0:
        raise FORM.error("the grid reaches beyond the poles")
    known = people != head.get("nodata_value", -9999.0)
    wrong = known & ~((people >= 0) & (people <= MOST_PEOPLE))
    listed = [
        (int(i) + 1, f"row {i + 1}, column {j + 1}", f"{people[i, j]:g} is no number of people")
        for i, j in np.argwhere(wrong)
    ]
    if len(listed) > 0.05 * known.sum():
        raise FORM.error(
            f"{len(listed)} of {known.sum()} numbers are no numbers of people (the first: {listed[0][1]}, {listed[0][2]})"
        )
    i, j = np.nonzero(known & ~wrong & (people > 0))
    frame = pl.DataFrame(
        {
            "latitude_deg": latitude[i],
            "longitude_deg": (longitude[j] + 180) % 360 - 180,
            "size_deg": np.full(i.size, size),
            "population_count": people[i, j],
        }
    )
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _split(text: str) -> tuple[dict[str, float], NDArray[np.float64]]:
    """Header and numbers of a grid."""
    head: dict[str, float] = {}
    rest = text.lstrip()
    while rest[:1].isalpha() and rest[:3].lower() != "nan":
        line, _, rest = rest.partition("\n")
        words = line.split()
        number = documents.number(words[1]) if len(words) == 2 else None
        if number is None:
            raise FORM.error(f"the header has the line {rows.printable(line)!r}")
        head[words[0].lower()] = number
    for names in (("ncols",), ("nrows",), ("cellsize",), ("xllcorner", "xllcenter"), ("yllcorner", "yllcenter")):
        if not any(name in head for name in names):
            raise FORM.error(f"the header lacks {' or '.join(names)}: it is not {FORM.header_name}")
    try:
        values = np.array(rest.split(), np.float64)
    except ValueError as error:
        raise FORM.error(f"the grid has something that is no number ({error})") from error
    wanted = head["ncols"] * head["nrows"]
    if values.size != wanted:
        raise FORM.error(
            f"the grid has {values.size} numbers where {head['nrows']:.0f} rows of {head['ncols']:.0f} are {wanted:.0f}: it is cut"
        )
    return head, values
