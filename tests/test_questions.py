"""An analyst's sixteen questions: docs/questions.md names a query for each, the query exists and runs, and what it says adds up."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import publish, registry
from pipeline.io.home import Home
from tests import factory
from tests.conftest import ROOT

EXAMPLES = ROOT / "sql" / "examples"
NUMBERS = list(range(1, 17))
# Of these nothing is landed.
UNANSWERED = {15}
DAYS = [factory.DAY, factory.DAY + timedelta(1)]


def rows() -> list[list[str]]:
    """Cells of the table of docs/questions.md, without its header."""
    lines = [line for line in (ROOT / "docs" / "questions.md").read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def queries(cell: str) -> list[Path]:
    return [EXAMPLES / f"{name}.sql" for name in re.findall(r"`(\w+)`", cell)]


def every_query() -> list[Path]:
    return sorted({path for row in rows() for path in queries(row[2])})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two published days; on the second ten more OneWebs."""
    settings = factory.settings(tmp_path_factory.mktemp("questions"))
    factory.load_days(settings, DAYS[:1])
    factory.publish_days(settings, DAYS[1:], fleet={"oneweb": 90})
    return Home(settings.home)


def asked(home: Home, name: str) -> pl.DataFrame:
    return publish.query(home, EXAMPLES / f"{name}.sql")


def test_each_question_has_a_row_with_all_that_is_told_of_it() -> None:
    assert [int(row[0]) for row in rows()] == NUMBERS
    assert {len(row) for row in rows()} == {7}
    assert all(cell for row in rows() if int(row[0]) not in UNANSWERED for cell in row)


def test_each_question_has_a_query_but_those_of_which_nothing_is_landed() -> None:
    assert {int(row[0]) for row in rows() if not queries(row[2])} == UNANSWERED


@pytest.mark.realdata
def test_the_words_of_the_questions_are_those_of_the_list(shared: Path) -> None:
    wanted = pl.read_csv(shared / "reference/digest_questions.csv")
    assert [row[1] for row in rows()] == wanted["question"].to_list()


def test_each_table_that_is_named_is_asked_by_one_of_the_queries() -> None:
    for number, _, names, tables, *_ in rows():
        text = "".join(path.read_text() for path in queries(names))
        for table in re.findall(r"`([\w.]+)`", tables):
            assert f"SELECT * FROM {table}\n" in text, f"question {number}: {table}"


def test_each_table_that_is_named_is_published() -> None:
    named = {table for row in rows() for table in re.findall(r"`([\w.]+)`", row[3])}
    marts = {f"marts.{path.stem}" for path in (ROOT / "sql" / "marts").glob("*.sql")}
    assert named <= {table.name for table in registry.stored_tables()} | marts


def test_the_readme_leads_there() -> None:
    assert "docs/questions.md" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("path", every_query(), ids=lambda path: path.stem)
def test_each_query_exists_and_answers(path: Path, home: Home) -> None:
    assert path.is_file()
    assert publish.query(home, path).height > 0


def test_what_is_at_work_and_what_is_not_are_all_satellites(home: Home) -> None:
    told = asked(home, "satellites_at_work")
    states = pl.sum_horizontal(pl.col(f"{name}_count") for name in ("operational", "raising", "lowering", "parked", "unknown"))  # fmt: skip
    assert told.select(states).to_series().to_list() == told["satellite_count"].to_list()
    oneweb = told.row(by_predicate=pl.col("constellation") == "oneweb", named=True)
    assert oneweb["satellite_count"] == 90
    assert oneweb["working_change_1d_percent"] == pytest.approx(100 * (81 - 72) / 72)


def test_capacity_is_added_by_the_satellites_that_came(home: Home) -> None:
    told = asked(home, "capacity_added").filter(pl.col("day") == DAYS[1])
    oneweb = told.row(by_predicate=pl.col("constellation") == "oneweb", named=True)
    kind = factory.frames()["dim.generation"].row(by_predicate=pl.col("generation") == "oneweb-gen1", named=True)
    for end in ("low_", "", "high_"):
        assert oneweb[f"change_1d_{end}tbps"] == pytest.approx(10 * kind[f"down_{end}gbps"] / 1_000, abs=5e-4)
    # The day before had 80 satellites, and each day before that one less (factory.past).
    assert oneweb["week_tbps"] == pytest.approx((90 - 74) * kind["down_gbps"] / 1_000, abs=5e-3)
    assert oneweb["week_reconstructed"] is True


def test_shares_fall_as_more_is_asked_for_and_are_no_more_than_all(home: Home) -> None:
    told = asked(home, "people_within_a_promise").filter(pl.col("constellation") == "starlink")
    rows = {row["promise"]: row for row in told.iter_rows(named=True)}
    names = [name for name in told.columns if name.endswith("_percent")]
    assert len(rows) == 4
    assert told.select(pl.any_horizontal(pl.col(names) > 100).any()).item() is False
    for name in names:
        assert rows["100/20 Mbit/s, 60 ms"][name] <= rows["25/3 Mbit/s, 100 ms"][name], name
        assert rows["25/3 Mbit/s, 100 ms"][name] <= rows["voice"][name], name
    for row in rows.values():
        assert row["at_once_people_percent"] <= row["alone_people_percent"] <= row["in_time_people_percent"]


def test_of_who_has_no_known_gateway_no_share_is_told(home: Home) -> None:
    told = asked(home, "people_within_a_promise").filter(pl.col("constellation") != "starlink")
    names = [name for name in told.columns if name.endswith("_percent")]
    assert told.select(names).null_count().sum_horizontal().item() == told.height * len(names)


def test_what_binds_sums_to_all_cells_and_all_demand(home: Home) -> None:
    told = asked(home, "what_binds").group_by("constellation").agg(pl.col("cell_fraction", "demand_fraction").sum())
    assert told.height > 0
    assert told.select(((pl.col("cell_fraction") - 1).abs() < 1e-3) & ((pl.col("demand_fraction") - 1).abs() < 1e-3)).to_series().all()  # fmt: skip


def test_drivers_of_readiness_add_up_to_its_change(home: Home) -> None:
    parts = asked(home, "what_moves_readiness").filter(pl.col("constellation") == "starlink", pl.col("readiness") == "access")  # fmt: skip
    whole = asked(home, "readiness_of_the_day").filter(
        pl.col("day") == DAYS[1], pl.col("constellation") == "starlink", pl.col("readiness") == "access"
    )
    assert whole["change_number"][0] > 0
    assert parts["change_number"].sum() == pytest.approx(whole["change_number"][0], abs=1e-3)
    assert {"demand", "places", "latency"} <= set(parts["part"])


def test_changes_in_orbit_add_up_to_those_at_work(home: Home) -> None:
    told = asked(home, "changes_in_orbit")
    assert told["vanished_count"].sum() == 1
    assert told["launched_event_count"].sum() == 2
    assert told["working_change_count"].sum() == 0


def test_what_is_told_of_certainty_has_all_seven_kinds(home: Home) -> None:
    words = "\n".join(asked(home, "how_sure_we_are")["subject"])
    for start in ("age of celestrak", "age of the elements", "installed downlink", "what starlink can sell", "a sold Gbps-month", "readiness of starlink", "mean absolute error"):  # fmt: skip
        assert start in words
