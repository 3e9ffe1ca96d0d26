"""OMM CSV: what the writing of a header and of lines may be; the rules of the rows are tested with the catalog's source."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings

from pipeline.formats import elements
from pipeline.source import SourceError
from tests.formats import writers
from tests.formats.writers import fleet

WHOLE = writers.omm_csv(fleet())
LINES = WHOLE.splitlines()
EXPECTED = elements.read(WHOLE.encode(), "x")


def csv(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def test_further_columns_and_leading_blank_lines_are_passed_over() -> None:
    lines = ["", "", "RMS," + LINES[0] + ",DATA_SOURCE", *(f"0.410,{line},SpaceX-E" for line in LINES[1:])]
    parsed = elements.read(csv(lines), "x")
    assert parsed.frame.equals(EXPECTED.frame)
    assert parsed.row_numbers is not None
    assert parsed.row_numbers.to_list() == list(range(2, 42))


def test_quoted_lines_keep_their_place() -> None:
    lines = [
        line.replace("SAT-", '"SAT-').replace(",2024", '",2024') if n % 3 == 0 else line for n, line in enumerate(LINES)
    ]
    assert elements.read(csv(lines), "x").frame.equals(EXPECTED.frame)


def test_an_empty_designator_is_null_only_where_the_source_allows_it() -> None:
    lines = [line.replace("2024-237A", "") if "SAT-7," in line else line for line in LINES]
    allowed = elements.read(csv(lines), "x", ("OBJECT_ID",))
    assert allowed.frame.height == 40
    assert allowed.frame.filter(pl.col("object_id").is_null())["object_name"].to_list() == ["SAT-7"]
    assert elements.read(csv(lines), "x").excluded.rows() == [(9, "SAT-7 (44707)", "OBJECT_ID is missing")]


def test_a_column_that_may_be_empty_may_be_absent() -> None:
    lines = [line.replace(",OBJECT_ID", "").replace(",2024-237A", "") for line in LINES]
    assert elements.read(csv(lines), "x", ("OBJECT_ID",)).frame["object_id"].null_count() == 40
    with pytest.raises(SourceError, match=r"the header has changed .missing OBJECT_ID; new none"):
        elements.read(csv(lines), "x")


def test_messages_name_the_source() -> None:
    with pytest.raises(SourceError, match=r"^other: .*landing/other aside .*`skytrunk land other DAY --file PATH`$"):
        elements.read(b"", "other")


@settings(deadline=None)
@given(writers.element_lists(999_999_999, writers.ANY_NAMES))
def test_what_is_written_is_read(made_up: list[writers.Elements]) -> None:
    parsed = elements.read(writers.omm_csv(made_up).encode(), "x")
    assert parsed.excluded.is_empty()
    for row, e in zip(parsed.frame.iter_rows(), made_up, strict=True):
        assert row == tuple(e["EPOCH"] if name == "EPOCH" else value for name, value in writers.omm(e).items())
