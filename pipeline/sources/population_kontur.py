"""Where people live by Kontur: people per H3 hexagon, from census, buildings and satellite images, as a GeoPackage."""

from __future__ import annotations

import sqlite3  # reads bytes in memory: no file is opened
from itertools import chain

import h3.api.basic_int as h3
import numpy as np
import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="population_kontur",
    title="Kontur Population",
    address="https://data.humdata.org/dataset/kontur-population-dataset",
    licence="CC BY 4.0",
    citation="Kontur Population: Global Population Density for H3 Hexagons, https://www.kontur.io",
    cadence="every year or so",
    missing="where people live by hexagons: settlements and a rule for the rural rest stand",
    suffix="gpkg",
    limit_bytes=3 * 2**30,
    by_hand=True,
)

TABLE = Table(
    "raw.population_kontur",
    "one row per hexagon with people",
    (
        Column("h3_id", "cell", "", "H3 index", key=True),
        Column("latitude_deg", "number", "deg", "Latitude of the centre", -90, 90),
        Column("longitude_deg", "number", "deg", "Longitude of the centre", -180, 180),
        Column("population_count", "number", "people", "People", 0),
    ),
)
FORM = documents.form(SOURCE.name, "a GeoPackage of H3 hexagons")
CHUNK = 200_000


def parse(data: bytes) -> Parsed:
    """Read a landed GeoPackage: the layer with columns h3 and population, of one resolution; shapes are not looked at.

    Hexagons without people are no rows. What is no H3 index or no number of people is left out; row_number is the place in the layer,
    from 1. Some two microseconds a hexagon. Raises SourceError when the bytes are no such file, and where resolutions are mixed.
    """
    if not data.startswith(b"SQLite format 3\0"):
        raise FORM.error(f"the landed file is not {FORM.header_name}: it is no SQLite file")
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(data)
        return _read(database, _layer(database))
    except (sqlite3.Error, OverflowError) as error:
        raise FORM.error(f"the landed file is not {FORM.header_name} ({error})") from error
    finally:
        database.close()


def _layer(database: sqlite3.Connection) -> str:
    """Name of the one layer that has hexagons and people. Raises SourceError where there is none, or several."""
    tables = [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")]
    named = {
        name: {row[1].lower() for row in database.execute(f"PRAGMA table_info({_quoted(name)})")} for name in tables
    }
    found = [name for name, columns in named.items() if {"h3", "population"} <= columns]
    if len(found) != 1:
        raise FORM.error(f"{len(found)} layers of the landed file have the columns h3 and population, not one")
    return found[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read(database: sqlite3.Connection, layer: str) -> Parsed:
    """Hexagons of a layer, chunk by chunk."""
    cursor = database.execute(f"SELECT h3, population FROM {_quoted(layer)}")
    parts, listed, first = [], [], 1
    while chunk := cursor.fetchmany(CHUNK):
        ids, people, wrong = _checked(chunk, first)
        parts.append((ids, people))
        listed += wrong
        first += len(chunk)
    ids = np.concatenate([part[0] for part in parts]) if parts else np.empty(0, np.uint64)
    people = np.concatenate([part[1] for part in parts]) if parts else np.empty(0)
    if not ids.size or len(listed) > 0.05 * first:
        raise FORM.error(
            f"{len(listed)} of {first - 1} hexagons cannot be read"
            + (f" (the first: {listed[0][2]})" if listed else "")
        )
    if (resolutions := np.unique((ids >> np.uint64(52)) & np.uint64(15))).size > 1:
        raise FORM.error(f"hexagons have the resolutions {', '.join(map(str, resolutions))}: people would count twice")
    centres = np.fromiter(chain.from_iterable(map(h3.cell_to_latlng, ids.tolist())), np.float64, 2 * ids.size).reshape(
        -1, 2
    )
    frame = pl.DataFrame(
        {"h3_id": ids, "latitude_deg": centres[:, 0], "longitude_deg": centres[:, 1], "population_count": people}
    )
    repeated = frame.filter(~pl.col("h3_id").is_first_distinct())
    if repeated.height:
        raise FORM.error(f"the hexagon {repeated['h3_id'][0]:x} stands more than once: people would count twice")
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _checked(
    chunk: list[tuple[object, object]], first: int
) -> tuple[np.ndarray, np.ndarray, list[tuple[int, str, str]]]:
    """Indices and people of a chunk's hexagons with people, and what is wrong with others."""
    ids, people, listed = [], [], []
    for place, (index, count) in enumerate(chunk, first):
        number, cell = documents.number(count), _cell(index)
        if cell is None:
            listed.append((place, rows.printable(str(index)), "it is no H3 index"))
        elif number is None or number < 0:
            listed.append((place, rows.printable(str(index)), f"{rows.printable(str(count))} is no number of people"))
        elif number > 0:
            ids.append(cell)
            people.append(number)
    return np.array(ids, np.uint64), np.array(people, np.float64), listed


def _cell(index: object) -> int | None:
    try:
        cell = int(index, 16) if isinstance(index, str) else index if isinstance(index, int) else 0
        return cell if h3.is_valid_cell(cell) else None
    except (ValueError, OverflowError):
        return None
