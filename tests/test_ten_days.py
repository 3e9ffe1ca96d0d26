"""Ten real days end to end, by the command line alone, checked against the counts that the catalogs' own README states."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import publish, registry
from pipeline.io.home import Home
from pipeline.table import Table
from tests import test_questions
from tests.conftest import ROOT

pytestmark = pytest.mark.realdata

DAYS = [date(2026, 8, 8) + timedelta(days=k) for k in range(10)]
# The words of data/README.md for our constellations.
TITLES = {
    "Starlink": "starlink",
    "OneWeb": "oneweb",
    "Kuiper": "amazon_leo",
    "Qianfan": "qianfan",
    "Guowang": "guowang",
}
# Nine days with longer steps, and with few instants of ways and shares; the last one as a user gets it.
COARSE = {"SKYTRUNK_STEP_S": "300"}
COMPUTE = {
    "epoch_data_centers": "epoch_ai_data_centers_2025-12.csv.gz",
    "epoch_data_center_timelines": "epoch_ai_data_center_timelines_2025-12.csv.gz",
}
# What the day's figures mean: a figure that is not known is null, never not a number.
MEANT = ("core.continuity", "core.workload", "core.market", "core.affordable", "core.economics", "core.unit_cost", "core.trunk_cost", "core.country_cost", "core.scale", "core.operator", "core.valuation", "core.rival", "core.readiness")  # fmt: skip
AS_A_USER = ("-m", "pipeline")
FEW = ("-c", "import sys, pytest; from pipeline.__main__ import main; from tests import factory; factory.few_instants(pytest.MonkeyPatch()); sys.exit(main(sys.argv[1:]))")  # fmt: skip


def skytrunk(home: Path, *words: object, by: Sequence[str] = AS_A_USER, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *by, *map(str, words), "--home", str(home)]
    whole = {"PATH": "/usr/bin:/bin", **env}
    return subprocess.run(command, env=whole, capture_output=True, text=True, check=False, cwd=ROOT)


def catalog_of(shared: Path, day: date) -> Path:
    return next((shared / "data/catalogs/omm-active").glob(f"active_omm_{day}T*.csv.gz"))


def stated_counts(shared: Path, day: date) -> dict[str, int]:
    """Counts per constellation that the README of the catalogs states for a day's file."""
    text = (shared / "data/README.md").read_text()
    line = next(line for line in text.splitlines() if f"active_omm_{day}T" in line)
    return {ours: int(re.search(rf"{theirs} (\d+)", line)[1]) for theirs, ours in TITLES.items()}  # type: ignore[index]


@pytest.fixture(scope="module")
def home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ten-days")
    # Lists of compute as a user lands them once; they stand on the days after.
    for source, file in COMPUTE.items():
        done = skytrunk(home, "land", source, DAYS[0], "--file", shared / "data/ground" / file)
        assert done.returncode == 0, done.stderr
    for day in DAYS:
        env, by = (COARSE, FEW) if day != DAYS[-1] else ({}, AS_A_USER)
        done = skytrunk(home, "land", "celestrak_active", day, "--file", catalog_of(shared, day))
        assert done.returncode == 0, done.stderr
        done = skytrunk(home, "run", day, "--offline", by=by, **env)
        assert done.returncode == 0, done.stderr
    return home


def test_the_published_file_holds_all_ten_days_with_the_stated_counts(home: Path, shared: Path) -> None:
    sql = "select day, constellation, count(*) as n from core.satellite_daily group by all"
    rows = publish.query(Home(home), sql)
    assert sorted(rows["day"].unique()) == DAYS
    for day in DAYS:
        counts = dict(rows.filter(pl.col("day") == day).select("constellation", "n").iter_rows())
        assert counts == stated_counts(shared, day), day


def test_running_a_day_again_changes_nothing_but_the_run_record(home: Path) -> None:
    tables = ("core.satellite_daily", "core.fleet_capacity_daily", "core.access_daily", "meta.check", "meta.exclusion")
    before = {t: publish.query(Home(home), f"select * from {t} order by all") for t in tables}
    pages = {day: Home(home).page(day).read_bytes() for day in DAYS}
    again = DAYS[4]
    assert skytrunk(home, "run", again, "--offline", by=FEW, **COARSE).returncode == 0
    for table, rows in before.items():
        assert publish.query(Home(home), f"select * from {table} order by all").equals(rows), table
    assert {day: Home(home).page(day).read_bytes() for day in DAYS} == pages
    assert publish.query(Home(home), f"select count(*) from meta.run where day = '{again}'").item() == 2


def test_people_add_up_to_the_world_and_to_its_ten_largest_countries(home: Path) -> None:
    facts = pl.read_csv(Path(__file__).parents[1] / "pipeline/reference/country_facts.csv", infer_schema_length=None)
    rows = publish.query(
        Home(home), "select country_iso3, sum(population_count) as people from dim.cell_country group by all"
    )
    cells = publish.query(Home(home), "select sum(population_count) from dim.cell").item()
    world = facts["population_count"].sum()
    assert cells == pytest.approx(world, rel=0.01)
    assert rows["people"].sum() == pytest.approx(cells, rel=1e-9)
    largest = facts.sort("population_count", descending=True).head(10)
    ours = dict(rows.iter_rows())
    for iso3, people in largest.select("iso3", "population_count").iter_rows():
        assert ours[iso3] == pytest.approx(people, rel=0.001), iso3


def test_the_last_day_has_the_full_grid(home: Path) -> None:
    sql = f"select constellation, count(*) from core.coverage_daily where day = '{DAYS[-1]}' group by all"
    assert set(dict(publish.query(Home(home), sql).iter_rows()).values()) == {49_152}


@pytest.mark.parametrize("path", test_questions.every_query(), ids=lambda path: path.stem)
def test_each_question_has_an_answer_on_the_newest_day(home: Path, path: Path) -> None:
    rows = publish.query(Home(home), path)
    assert rows.height > 0
    if "day" in rows.columns:
        newest = rows["day"].max()
        assert newest == (DAYS[-1].replace(day=1) if path.stem == "fleet_since_2019" else DAYS[-1])


def test_readiness_is_told_of_each_of_the_ten_days(home: Path) -> None:
    sql = "select day, constellation, readiness, value_number, common_number, target_number, passed from core.readiness_daily"
    rows = publish.query(Home(home), sql)
    assert sorted(rows["day"].unique()) == DAYS
    assert rows.group_by("day").len()["len"].unique().to_list() == [30]
    known = rows.filter(pl.col("constellation") == "starlink")
    indices, tests = (known.filter(pl.col("target_number").is_null() == is_index) for is_index in (True, False))
    assert indices["common_number"].is_between(0, 100).all()
    assert indices["common_number"].null_count() == 0
    assert tests["passed"].null_count() == 0
    assert tests.select((pl.col("value_number") >= pl.col("target_number")) == pl.col("passed")).to_series().all()


def test_changes_of_readiness_are_the_sum_of_their_drivers_on_all_days_but_the_first(home: Path) -> None:
    sql = """
        select one.day, one.before_day, one.common_number, one.change_number, sum(driver.change_number) as told
        from core.readiness_daily as one left join core.readiness_driver_daily as driver using (day, constellation, readiness)
        where one.constellation = 'starlink' and one.readiness in ('access', 'trunk')
        group by all order by one.day
    """
    rows = publish.query(Home(home), sql)
    first, later = rows.filter(pl.col("day") == DAYS[0]), rows.filter(pl.col("day") > DAYS[0])
    assert first.select("before_day", "change_number", "told").null_count().row(0) == (2, 2, 2)
    assert later.height == 2 * (len(DAYS) - 1)
    assert later.select((pl.col("day") - pl.col("before_day")).dt.total_days()).to_series().unique().to_list() == [1]
    assert later["told"].to_list() == pytest.approx(later["change_number"].to_list(), abs=1e-9)
    # And the changes of an index lead from the first day to the last.
    by_index = publish.query(Home(home), "select day, readiness, common_number, change_number from core.readiness_daily where constellation = 'starlink' and readiness in ('access', 'trunk') order by day")  # fmt: skip
    for _, own in by_index.group_by("readiness"):
        assert own["common_number"][-1] - own["common_number"][0] == pytest.approx(own["change_number"].sum(), abs=1e-6)


@pytest.mark.parametrize(
    "table", [t for t in registry.stored_tables() if t.name.startswith(MEANT)], ids=lambda t: t.name
)
def test_what_is_not_known_is_null_and_never_no_number(home: Path, table: Table) -> None:
    names = [column.name for column in table.columns if column.kind == "number"]
    rows = publish.query(Home(home), f"select {', '.join(names)} from {table.name}")
    assert rows.height > 0
    assert rows.select(pl.any_horizontal(~pl.col(names).is_finite()).fill_null(value=False).any()).item() is False


def test_capacity_flows_add_up_to_the_change_of_what_can_be_sold(home: Path) -> None:
    sql = """
        with flow as (select day, constellation, sum(sellable_change_tbps) as told from core.capacity_flow_daily group by all),
        sold as (select day, constellation, sellable_down_tbps, lag(sellable_down_tbps) over (partition by constellation order by day) as before from core.fleet_capacity_daily)
        select told, sellable_down_tbps - before as change from flow join sold using (day, constellation)
    """
    rows = publish.query(Home(home), sql)
    assert rows.height >= len(DAYS) - 1
    assert rows["told"].to_list() == pytest.approx(rows["change"].to_list(), abs=1e-6)


def test_shares_of_a_pair_of_rate_and_delay_are_those_of_the_workload_that_asks_for_the_same(home: Path) -> None:
    asked = publish.query(Home(home), ROOT / "sql/examples/people_within_a_promise.sql")
    voice = asked.row(by_predicate=(pl.col("constellation") == "starlink") & (pl.col("promise") == "voice"), named=True)
    sql = f"select * from core.workload_daily where day = '{DAYS[-1]}' and constellation = 'starlink' and workload like 'voice%'"
    row = publish.query(Home(home), sql).row(0, named=True)
    assert (row["min_down_mbps"], row["min_up_mbps"]) == (voice["down_mbps"], voice["up_mbps"])
    assert row["max_rtt_limit_ms"] == voice["rtt_ms"]
    for name, column in (("alone", "single"), ("at_once", "all")):
        for whose in ("people", "ai_demand"):
            assert voice[f"{name}_{whose}_percent"] == pytest.approx(100 * row[f"{column}_{whose}_fraction"], abs=0.02)
