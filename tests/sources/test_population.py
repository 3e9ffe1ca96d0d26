"""Population grids: GPW's ASCII and Kontur's GeoPackage, small ones made here."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import h3.api.basic_int as h3
import pytest

from pipeline.source import SourceError
from pipeline.sources import population_gpw, population_kontur

HEAD = "ncols 4\nnrows 2\nxllcorner -180\nyllcorner -90\ncellsize 90\nNODATA_value -9999\n"


def gpw(text: str):
    return population_gpw.parse(text.encode()).frame.select("latitude_deg", "longitude_deg", "population_count").rows()


def test_rows_go_from_north_and_columns_from_west() -> None:
    assert gpw(HEAD + "1 -9999 0 3\r\n4 5 6 7\r\n") == [
        (-45, -135, 4), (-45, -45, 5), (-45, 45, 6), (-45, 135, 7), (45, -135, 1), (45, 135, 3),
    ]  # fmt: skip


def test_a_lower_left_centre_wrapped_lines_and_other_letters_are_understood() -> None:
    text = "NCOLS 4\nNROWS 2\nXLLCENTER -135\nYLLCENTER -45\nCELLSIZE 90\n1 -9999\n0 3 4 5\n6 7"
    assert gpw(text) == gpw(HEAD + "1 -9999 0 3\n4 5 6 7")


def test_a_grid_of_a_part_of_the_earth_keeps_its_place() -> None:
    assert gpw("ncols 1\nnrows 2\nxllcorner 170\nyllcorner 10\ncellsize 20\n5 6\n") == [
        (20, 180 - 360, 6),
        (40, 180 - 360, 5),
    ]


def test_what_is_no_number_of_people_is_left_out_with_its_row_and_column() -> None:
    many = " ".join(["1"] * 40)
    parsed = population_gpw.parse(f"ncols 42\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n{many} -5 nan".encode())
    assert parsed.frame["population_count"].sum() == 40
    assert parsed.excluded.rows() == [
        (1, "row 1, column 41", "-5 is no number of people"),
        (1, "row 1, column 42", "nan is no number of people"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"), ("<html><title>Sign in</title>", "web page"), (HEAD + "1 2 3\n", "3 numbers where 2 rows of 4 are 8: it is cut"),
        ("ncols 4\nnrows 2\n1 2 3 4 5 6 7 8", "lacks cellsize"), (HEAD + "1 2 3 x 5 6 7 8", "no number"), ("ncols\n1", "the header has the line 'ncols'"),
        (HEAD.replace("-90", "10") + "1 2 3 4 5 6 7 8", "beyond the poles"), (HEAD + "-1 -2 3 4 5 6 7 8", "2 of 8 numbers are no numbers of people"),
    ],
)  # fmt: skip
def test_another_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        population_gpw.parse(text.encode())


@pytest.mark.realdata
def test_the_real_grid_sums_to_the_world_of_2020(shared: Path) -> None:
    path = shared / "data" / "demand" / "gpw_v4_population_count_2020_1deg.asc.gz"
    parsed = population_gpw.parse(gzip.decompress(path.read_bytes()))
    assert parsed.frame["population_count"].sum() == pytest.approx(7.969e9, rel=1e-3)
    assert parsed.excluded.is_empty()


HERE = h3.latlng_to_cell(48.85, 2.35, 6)


def package(
    path: Path,
    rows: list[tuple[object, object]],
    *layers: str,
    columns: str = "fid INTEGER PRIMARY KEY, geom BLOB, h3 TEXT, population REAL",
) -> bytes:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT)")
    for layer in layers or ("population",):
        database.execute("INSERT INTO gpkg_contents VALUES (?, 'features')", (layer,))
        database.execute(f'CREATE TABLE "{layer}" ({columns})')
        if "h3" in columns:
            database.executemany(f'INSERT INTO "{layer}" (h3, population) VALUES (?, ?)', rows)
    database.commit()
    database.close()
    return path.read_bytes()


def test_hexagons_are_read_with_their_centres(tmp_path: Path) -> None:
    near = [f"{cell:x}" for cell in h3.grid_disk(HERE, 3)]
    people: list[float] = [float(k) for k in range(len(near))]
    parsed = population_kontur.parse(package(tmp_path / "a.gpkg", list(zip(near, people, strict=True))))
    assert parsed.frame.height == len(near) - 1  # one of them has nobody
    assert parsed.frame["population_count"].sum() == sum(people)
    row = parsed.frame.row(0, named=True)
    assert (row["latitude_deg"], row["longitude_deg"]) == pytest.approx(h3.cell_to_latlng(row["h3_id"]))
    assert parsed.excluded.is_empty()


def test_a_bad_hexagon_costs_itself(tmp_path: Path) -> None:
    rows: list[tuple[object, object]] = [(f"{cell:x}", 5.0) for cell in h3.grid_disk(HERE, 5)]
    rows[3], rows[4], rows[5] = ("86zzz", 1.0), (rows[4][0], -3.0), (rows[5][0], None)
    parsed = population_kontur.parse(package(tmp_path / "a.gpkg", rows))
    assert parsed.frame.height == len(rows) - 3
    assert parsed.excluded["row_number"].to_list() == [4, 5, 6]
    assert parsed.excluded["reason"].to_list() == [
        "it is no H3 index",
        "-3.0 is no number of people",
        "None is no number of people",
    ]


def test_files_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    cell, parent = f"{HERE:x}", f"{h3.cell_to_parent(HERE, 5):x}"
    cases = {
        "no SQLite file": b"PK\x03\x04 a zip",
        "0 layers": package(tmp_path / "b", [], columns="fid INTEGER, geom BLOB"),
        "2 layers": package(tmp_path / "c", [(cell, 1.0)], "one", "two"),
        "resolutions 5, 6": package(tmp_path / "d", [(cell, 1.0), (parent, 2.0)]),
        "stands more than once": package(tmp_path / "e", [(cell, 1.0), (cell, 2.0)]),
        "0 of 0 hexagons": package(tmp_path / "f", []),
        "not a GeoPackage": package(tmp_path / "g", [(cell, 1.0)])[:5_000],
    }
    for words, data in cases.items():
        with pytest.raises(SourceError, match=words):
            population_kontur.parse(data)
