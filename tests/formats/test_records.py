"""CSV whose quotes may hold line breaks."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import SourceError
from pipeline.table import Column

FORM = Form(
    source_name="a_list",
    header_name="a header",
    fields={"Name": Column("name", "text", "", ""), "MW": Column("power_mw", "number", "MW", "", 0), "Note": Column("note", "text", "", "")},
    name_field="Name",
    number_field="Note",
    may_be_empty=["MW", "Note"],
    may_be_absent=["Note"],
    unreadable_fraction=0.5,
)  # fmt: skip


def rows(text: str) -> list[tuple[object, ...]]:
    return records.read(text.encode(), FORM).kept.rows()


def test_fields_are_found_by_name_and_white_space_is_one_blank() -> None:
    text = '\ufeffMore,MW,Note,Name\r\nx,5,"two\r\nlines, and  a comma",A\r\n\r\ny,,,B\r\n'
    assert rows(text) == [(2, "A", 5.0, "two lines, and a comma"), (5, "B", None, None)]


def test_a_column_that_may_be_absent_is_empty() -> None:
    assert rows("MW,Name\n1,A\n") == [(2, "A", 1.0, None)]


def test_a_row_of_another_length_or_against_a_rule_costs_itself() -> None:
    found = records.read(
        b"Name,MW,Note\nA,1,x\nB,1\nC,-3,x\nD,4 MW,x\n,2,x\nE,nan,x\nF,2,x\nG,3,x\nH,4,x\nI,5,x\n", FORM
    )
    assert found.kept["name"].to_list() == ["A", "F", "G", "H", "I"]
    reasons = dict(found.excluded.select("row_number", "reason").rows())
    assert list(reasons) == [3, 4, 5, 6, 7]
    assert "2 fields where the header has 3" in reasons[3]
    assert "at least 0" in reasons[4]
    assert "not a finite number" in reasons[5]
    assert "Name is missing" in reasons[6]
    assert "not a finite number" in reasons[7]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Name,MW\n", "no rows"),
        (b"Title,MW\nA,1\n", "missing Name"),
        (b"Name,MW,MW\nA,1,2\n", "MW more than once"),
        (b'Name,MW\nA,1\n"B,2\n', "no whole CSV: line 3"),
        (b"Name,Note,MW\nA,x,1\nB,x", "is cut: its last row, line 3"),
        (b"Name,Note,MW\nA,x,1\nB,x\n", "is cut: its last row, line 3"),
        (b"Name,Note,MW\nA,x,1\nC,x,2\nB,x,1e", "is cut: its last row, line 4"),
        (b'Na"me,"MW\nA,1\n', "no whole CSV: line 1"),
        (b"<!doctype html><title>Not found</title>", "web page"),
        (b"Name,MW\nA\xe5land,1\n", "not text"),
        (b"Name,MW\nA,x\nB,y\nC,1\n", "2 of 3 rows cannot be read, more than 50%"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_source_and_the_remedy(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as error:
        records.read(data, FORM)
    assert str(error.value).startswith("a_list: ")
    assert "skytrunk land a_list DAY" in str(error.value)


def test_a_wrong_quote_costs_its_own_line() -> None:
    found = records.read(b'Name,MW,Note\nA,1,x\n"B" or so,2,x\nC,3,"x"y\nD,4,a 5" pipe\nE,5,x\n', FORM)
    assert found.kept["name"].to_list() == ["A", "D", "E"]
    assert found.excluded["row_number"].to_list() == [3, 4]
    assert found.excluded["reason"].str.starts_with("its quotes cannot be read").all()


def test_another_word_for_a_field_is_taken_where_the_field_itself_is_not_there() -> None:
    read = {"Title": "Name"}
    assert records.read(b"Title,MW\nA,1\n", FORM, read).kept["name"].to_list() == ["A"]
    assert records.read(b"Title,Name,MW\nA,B,1\n", FORM, read).kept["name"].to_list() == ["B"]
    assert records.has(b"Title,MW\nA,1\n", FORM, "Title")
    assert not records.has(b"Title,MW\nA,1\n", FORM, "Name")


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), min_size=1, max_size=9))
def test_what_is_written_is_read(names: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["Note", "Name", "MW"], *(["two\nlines", name, n] for n, name in enumerate(names))])
    assert rows(text.getvalue()) == [(2 + 2 * n, name, n, "two lines") for n, name in enumerate(names)]
