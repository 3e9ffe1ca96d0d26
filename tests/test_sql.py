"""The SQL that ships: every mart says its grain and explains itself, every example runs and has an answer."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import checks, publish
from pipeline.io.home import Home, write_parquet
from tests import factory
from tests.conftest import ROOT

MARTS = sorted((ROOT / "sql" / "marts").glob("*.sql"))
EXAMPLES = sorted((ROOT / "sql" / "examples").glob("*.sql"))
DAYS = [factory.DAY, factory.DAY + timedelta(1)]


def named(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two published days: on the second, ten more OneWebs, and a warning."""
    settings = factory.settings(tmp_path_factory.mktemp("sql"))
    factory.load_days(settings, DAYS[:1])
    factory.stage(settings, DAYS[1], fleet={"oneweb": 90})
    rows = [
        {"check_id": "dim.cell/rows", "table_name": "dim.cell", "rule": "rows", "severity": "critical", "passed": True, "observed": 192.0},
        {"check_id": "meta.exclusion/nothing left out", "table_name": "meta.exclusion", "severity": "warning", "passed": False, "failed_count": 1, "message": "1 row is left out"},
    ]  # fmt: skip
    write_parquet(Home(settings.home).staged(checks.TABLE, DAYS[1]), factory.filled(checks.TABLE, rows, DAYS[1]))
    from pipeline.io import warehouse

    warehouse.load(settings, DAYS[1])
    publish.publish(settings)
    return Home(settings.home)


@pytest.mark.parametrize("path", MARTS, ids=named)
def test_a_mart_begins_with_its_grain_and_makes_the_view_of_its_name(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- one row per ")
    assert re.findall(r"CREATE OR REPLACE VIEW (\S+)", text) == [f"marts.{path.stem}"]


@pytest.mark.parametrize("path", MARTS, ids=named)
def test_a_mart_comments_on_itself_and_on_each_column_in_order(path: Path, home: Home) -> None:
    said = dict(publish.query(home, "SELECT view_name, comment FROM duckdb_views() WHERE schema_name = 'marts'").rows())
    grain = path.read_text().splitlines()[0].removeprefix("-- ")
    assert said[path.stem].startswith(f"{grain}. ")
    columns = publish.query(home, f"SELECT * FROM marts.{path.stem} LIMIT 0").columns
    assert re.findall(rf"COMMENT ON COLUMN marts\.{path.stem}\.(\w+)", path.read_text()) == columns


@pytest.mark.parametrize("path", MARTS, ids=named)
def test_a_mart_has_rows_and_keeps_its_grain(path: Path, home: Home) -> None:
    rows = publish.query(home, f"SELECT * FROM marts.{path.stem}")
    keys = {
        "ai_workload": ["day", "workload"],
        "check_failure": ["day", "check_id"],
        "compute_by_country": ["day", "compute_basis", "region"],
        "country_access": ["day", "constellation", "country_iso3"],
        "fleet": ["constellation", "generation", "payload_class"],
        "fleet_waterfall": ["day", "constellation", "payload_class", "step"],
        "satellite_name": ["identity", "norad_cat_id", "object_name"],
        "rivals_side_by_side": ["day", "rival"],
        "underserved_market": ["day", "constellation", "country_iso3"],
        "working_fleet": ["day", "constellation"],
        "published_day": ["day"],
        "published_table": ["day", "table_name"],
        "world_access": ["day", "constellation"],
    }
    assert rows.height > 0
    assert rows.select(keys[path.stem]).is_duplicated().sum() == 0


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_an_example_is_a_question_and_has_an_answer(path: Path, home: Home) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("-- ")
    assert first.endswith("?")
    assert publish.query(home, path).height > 0


@pytest.mark.parametrize("path", [*MARTS, *EXAMPLES], ids=named)
def test_imports_come_first_as_plain_ctes(path: Path) -> None:
    text = path.read_text()
    assert re.search(r"^WITH \w+ AS \(\n    SELECT \* FROM \w+\.\w+", text, flags=re.MULTILINE)
    outside = re.sub(r"SELECT \* FROM \w+\.\w+", "", text)
    assert not re.search(r"(FROM|JOIN) (core|dim|meta|raw|marts)\.", outside)


def test_there_are_marts_and_examples() -> None:
    assert len(MARTS) >= 5
    assert len(EXAMPLES) >= 6


def test_the_fleet_mart_shows_the_change_since_the_day_before(home: Home) -> None:
    row = publish.query(home, "SELECT * FROM marts.fleet WHERE constellation = 'oneweb'").row(0, named=True)
    assert (row["day"], row["previous_day"]) == (DAYS[1], DAYS[0])
    assert (row["satellite_count"], row["satellite_change_count"]) == (90, 10)


def test_changes_over_weeks_and_months_exist_from_the_first_day(tmp_path: Path) -> None:
    settings = factory.publish_days(factory.settings(tmp_path))
    rows = publish.query(Home(settings.home), "SELECT * FROM marts.working_fleet WHERE constellation = 'oneweb'")
    row = rows.row(0, named=True)
    assert [row[f"satellite_change_{k}d_count"] for k in (1, 7, 30, 90)] == [1, 7, 30, 80]
    assert all(row[f"reconstructed_{k}d"] for k in (1, 7, 30, 90))
    assert all(row[f"working_change_{k}d_count"] is None for k in (1, 7, 30, 90))


def test_the_waterfall_adds_up_to_the_change_of_the_catalog(home: Home) -> None:
    rows = publish.query(home, "SELECT * FROM marts.fleet_waterfall WHERE step <> 'kept'")
    assert rows["catalog_change_count"].to_list() == [-1] * rows.height
    assert rows["working_change_count"].to_list() == [0] * rows.height


def test_the_first_day_has_no_change(tmp_path: Path) -> None:
    settings = factory.publish_days(factory.settings(tmp_path))
    rows = publish.query(Home(settings.home), "SELECT satellite_change_count FROM marts.fleet")
    assert rows["satellite_change_count"].null_count() == rows.height


def test_the_world_is_the_sum_of_its_countries(home: Home) -> None:
    access = factory.frames()["core.access_daily"].filter(pl.col("constellation") == "starlink")
    people = access["population_count"]
    wanted = (people * access["covered_fraction"]).sum() / people.sum()
    rows = publish.query(
        home, "SELECT * FROM marts.world_access WHERE constellation = 'starlink' AND day = $day", {"day": DAYS[0]}
    )
    assert rows["covered_fraction"][0] == pytest.approx(wanted)
    assert rows["rtt_pop_p50_ms"][0] == pytest.approx(30.0)


def test_a_constellation_without_known_gateways_has_no_round_trip(home: Home) -> None:
    rows = publish.query(
        home, "SELECT rtt_pop_p50_ms, reachable_fraction FROM marts.world_access WHERE constellation <> 'starlink'"
    )
    assert rows.null_count().row(0) == (rows.height, rows.height)


def test_a_published_day_says_what_it_stands_on(home: Home) -> None:
    row = publish.query(home, "SELECT * FROM marts.published_day WHERE day = $day", {"day": DAYS[1]}).row(0, named=True)
    assert row["synthetic"] is True
    assert (row["catalog_day"], row["catalog_age_days"]) == (DAYS[1], 0)
    assert (row["satellite_count"], row["excluded_count"], row["warning_count"]) == (600, 1, 1)
