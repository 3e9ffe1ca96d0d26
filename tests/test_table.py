"""Table literals: what they refuse, how frames fit them, and what is made from them."""

from __future__ import annotations

import math
from datetime import date

import duckdb
import polars as pl
import pytest

from pipeline.table import CONSTELLATION, Column, Table, TableError, ddl, dictionary, limit_rules, limit_violations

DAY = date(2026, 5, 30)
TABLE = Table(
    "core.gap_daily",
    "one row per day and constellation",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("gap_fraction", "number", "1", "Fraction of the day without a satellite; that's all", 0, 1),
        Column("note", "text", "", "Remark", nullable=True),
    ),
)


def frame(**columns: list[object]) -> pl.DataFrame:
    defaults = {"day": [DAY], "constellation": ["starlink"], "gap_fraction": [0.5], "note": [None]}
    return pl.DataFrame({**defaults, **columns}, schema_overrides={"note": pl.String})


def test_a_column_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(TableError, match="unknown kind 'float'"):
        Column("gap_fraction", "float", "1", "Gap")


def test_a_key_that_may_be_null_is_refused() -> None:
    with pytest.raises(TableError, match="a key cannot be null"):
        Column("day", "day", "UTC date", "Day", key=True, nullable=True)


def test_a_table_of_an_unknown_schema_is_refused() -> None:
    with pytest.raises(TableError, match="schema must be one of"):
        Table("gold.gap", "one row per gap", ())


def test_a_repeated_column_is_refused() -> None:
    with pytest.raises(TableError, match="a column name repeats"):
        Table("core.gap", "one row per gap", (TABLE.columns[0], TABLE.columns[0]))


def test_conform_puts_columns_in_order_and_type_and_sorts_by_the_key() -> None:
    mixed = pl.DataFrame(
        {"note": ["b", "a"], "gap_fraction": [1, 0], "constellation": ["starlink", "guowang"], "day": [DAY, DAY]}
    )
    fitted = TABLE.conform(mixed)
    assert fitted.schema == pl.Schema(TABLE.polars_schema)
    assert fitted["constellation"].to_list() == ["guowang", "starlink"]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (frame().drop("note"), r"missing columns \['note'\]"),
        (frame(extra=[1]), r"unknown columns \['extra'\]"),
        (frame(gap_fraction=["half"]), "core.gap_daily"),
        (frame(gap_fraction=[None]), "1 nulls in gap_fraction"),
    ],
)
def test_conform_names_what_does_not_fit(broken: pl.DataFrame, words: str) -> None:
    with pytest.raises(TableError, match=words):
        TABLE.conform(broken)


def test_ddl_makes_the_table_with_its_key_and_comments() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA core;" + ddl(TABLE)).fetchall()
        comments = dict(con.execute("SELECT column_name, comment FROM duckdb_columns() WHERE NOT internal").fetchall())
        keys = con.execute("SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'").fetchall()  # fmt: skip
    assert comments["gap_fraction"] == "Fraction of the day without a satellite; that's all [1]."
    assert comments["constellation"].endswith("One of: " + ", ".join(CONSTELLATION) + ".")
    assert keys == [(["day", "constellation"],)]


@pytest.mark.parametrize(
    ("value", "rule"), [(-0.1, ">= 0"), (1.1, "<= 1"), (math.nan, "finite"), (math.inf, "finite"), (-math.inf, ">= 0")]
)
def test_a_number_outside_its_limits_is_counted(value: float, rule: str) -> None:
    assert ("gap_fraction", rule, 1) in limit_violations(TABLE, frame(gap_fraction=[value])).rows()


def test_a_word_outside_its_closed_set_is_counted() -> None:
    assert limit_violations(TABLE, frame(constellation=["kuiper"])).rows() == [("constellation", "closed set", 1)]


def test_a_frame_within_its_limits_violates_nothing() -> None:
    assert limit_violations(TABLE, frame(gap_fraction=[1.0])).is_empty()
    assert set(limit_rules(TABLE)) == {
        ("constellation", "closed set"),
        ("gap_fraction", "finite"),
        ("gap_fraction", ">= 0"),
        ("gap_fraction", "<= 1"),
    }


def test_the_dictionary_has_one_row_per_column() -> None:
    rows = dictionary((TABLE,)).rows(named=True)
    assert [row["column_name"] for row in rows] == list(TABLE.column_names)
    assert rows[2]["unit"] == "1"
    assert rows[2]["high"] == 1.0
