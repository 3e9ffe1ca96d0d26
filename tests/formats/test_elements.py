"""Elements in any format: what is recognised, that formats agree, and what is refused in one sentence."""

from __future__ import annotations

import ast
from datetime import date

import polars as pl
import pytest

import pipeline.formats
from pipeline.formats import elements, omm
from pipeline.source import SourceError
from pipeline.table import limit_violations
from tests.conftest import ROOT
from tests.formats import writers
from tests.formats.writers import fleet

TEXTS = {
    "CSV": writers.omm_csv(fleet()),
    "JSON": writers.omm_json(fleet()),
    "XML": writers.omm_xml(fleet()),
    "TLE": writers.tle(fleet()),
    "3LE": writers.tle(fleet(), "0 {}"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "before", ["", "\ufeff", "\n\r\n", "\ufeff\n"], ids=["", "byte order mark", "blank lines", "both"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_every_format_gives_the_same_frame(name: str, before: str, end: str) -> None:
    text = before + TEXTS[name].replace("\r\n", "\n").replace("\n", end)
    parsed = elements.read(text.encode(), "x")
    assert parsed.frame.equals(elements.read(TEXTS["JSON"].encode(), "x").frame)
    assert parsed.excluded.is_empty()
    assert parsed.row_numbers is not None
    assert parsed.row_numbers.len() == parsed.frame.height


@pytest.mark.parametrize("name", TEXTS)
def test_the_frame_has_the_columns_and_limits_of_the_table(name: str) -> None:
    table = omm.table("raw.x", "one row per x")
    frame = elements.read(TEXTS[name].encode(), "x").frame
    assert tuple(frame.columns) == table.column_names[1:]
    whole = table.conform(frame.with_columns(pl.lit(date(2026, 8, 17)).alias("day")))
    assert limit_violations(table, whole).is_empty()


def test_two_lines_need_no_name_and_other_formats_do() -> None:
    assert elements.read(writers.tle(fleet(), "").encode(), "x").frame["object_name"].null_count() == 40
    unnamed = TEXTS["JSON"].replace("SAT-", "").replace('"OBJECT_NAME": "', '"OBJECT_NAME": "", "N": "')
    with pytest.raises(SourceError, match=r"40 of 40 rows .*first line 2, \? \(44700\): OBJECT_NAME is missing"):
        elements.read(unnamed.encode(), "x")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"<html><title>403 Forbidden</title></html>", r"is a web page \(403 Forbidden\), not a catalog"),
        (b"\n\n<!DOCTYPE html><html><body>omm", "is a web page, not a catalog"),
        (b"No GP data found", "'No GP data found', is not an OMM header"),
        (b"72 22\n", "is not an OMM header"),
        (b"\x89PNG\r\n\x1a\n", r"is not text \(byte 0\)"),
        (b"\x00\x00", "it has zero bytes"),
        (writers.tle(fleet()).encode("utf-16"), "is not text"),
        (b"1 44714U\n", "is cut: its last row, line 1, is incomplete"),
    ],
)
def test_what_holds_no_elements_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        elements.read(data, "x")
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("`skytrunk land x DAY --file PATH`")


def test_screening_needs_no_row_numbers() -> None:
    frame = elements.read(TEXTS["CSV"].encode(), "x").frame
    old = pl.concat(
        [frame[:1].with_columns(pl.lit(omm.datetime(2020, 1, 1)).dt.cast_time_unit("us").alias("epoch_utc")), frame[1:]]
    )
    screened = omm.screen(old, date(2026, 8, 17), "x")
    assert screened.excluded["row_number"].to_list() == [2]
    assert screened.row_numbers is not None
    assert screened.row_numbers.to_list() == list(range(3, 42))


def test_readers_import_nothing_of_the_floors_beside_them() -> None:
    allowed = ("pipeline.formats", "pipeline.geometry", "pipeline.table", "pipeline.source")
    for path in (ROOT / "pipeline" / "formats").glob("*.py"):
        modules = [n.module or "" for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom)]
        own = [name for name in modules if name.startswith("pipeline")]
        assert all(name in allowed or name.startswith(tuple(f"{a}." for a in allowed[:2])) for name in own), path
    assert pipeline.formats.__doc__


# --- files of the caller's own -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_of_the_callers_own_is_read_as_a_landed_one(name: str) -> None:
    assert elements.read_own(TEXTS[name].encode(), "own").frame.equals(elements.read(TEXTS[name].encode(), "x").frame)


@pytest.mark.parametrize("name", ["CSV", "JSON", "XML"])
def test_what_sgp4_does_not_use_may_be_missing_in_a_file_of_the_callers_own(name: str) -> None:
    frame = elements.read_own(TEXTS["CSV"].encode(), "own").frame
    text = TEXTS[name]
    for field in elements.UNUSED_BY_SGP4:
        text = text.replace(field, f"NO_{field}")
    found = elements.read_own(text.encode(), "own")
    assert found.excluded.is_empty()
    for column in ("epoch_utc", "mean_motion_rev_per_day", "bstar_per_earth_radius", "norad_cat_id"):
        assert found.frame[column].equals(frame[column])
    assert found.frame["object_name"].null_count() == frame.height
    assert found.frame[elements.DERIVATIVES[0]].to_list() == [0.0] * frame.height


def test_bad_rows_of_the_callers_own_are_listed_however_many_and_the_last_one_too() -> None:
    lines = writers.omm_csv(fleet(4)).splitlines()
    lines[1] = lines[1].replace("15.06403215", "fast")
    lines[3] = lines[3].rpartition(",")[0]
    lines[4] = lines[4].replace("15.06403215", "-1")
    found = elements.read_own("\n".join(lines).encode(), "own.csv")
    assert found.frame["norad_cat_id"].to_list() == [44_701]
    assert found.excluded["row_number"].to_list() == [2, 4, 5]
    assert found.excluded["row_key"].to_list() == ["SAT-0 (44700)", "SAT-2 (44702)", "SAT-3 (44703)"]


@pytest.mark.parametrize("end", ["cut", "name", "none"])
def test_two_lines_of_the_callers_own_may_end_anyhow(end: str) -> None:
    text = writers.tle(fleet(3))
    text = {"cut": text[:-40], "name": text + "SAT-9\r\n", "none": text.rstrip()}[end]
    found = elements.read_own(text.encode(), "own.tle")
    assert found.frame.height == (2 if end == "cut" else 3)
    assert found.excluded.height == (end != "none")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "own: the file is empty: give mean elements"),
        (b"name,x\n1,2\n", "is not an OMM header: give mean elements"),
        (b"NORAD_CAT_ID,EPOCH\n1,2\n", "the header lacks MEAN_MOTION, ECCENTRICITY"),
        (b'[{"NORAD_CAT_ID": 1, ', "the file is cut: its JSON breaks off"),
        (
            writers.tle(fleet(2)).replace("15.06", "15.07").encode(),
            r"no elements \(first line 3, SAT-0 \(44700\): line 2 has the checksum",
        ),
        (b"1 44714U\n", "no elements"),
    ],
)
def test_what_holds_no_elements_of_the_callers_own_is_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        elements.read_own(data, "own")
    assert "land" not in str(caught.value)
    assert str(caught.value).endswith(elements.OWN_REMEDY)


@pytest.mark.parametrize(
    ("start", "expected"),
    [("34 35\n", (34, 35)), ("\ufeff\n 34\t35 \r\n", (34, 35)), ("", None), ("34\n", None), ("34 35 36\n", None)],
)
def test_counts_before_the_first_satellite_are_read(start: str, expected: tuple[int, int] | None) -> None:
    assert elements.counts((start + writers.tle(writers.fleet(2))).encode()) == expected
