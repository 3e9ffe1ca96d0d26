"""sql/digest/*.sql on a published file, composed: the queries and the digest agree on names and meanings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.digest.digest import compose
from pipeline.io import registry
from pipeline.io.home import Home
from tests import factory
from tests.digest import rows as hand_made

FOLDER = Path(__file__).resolve().parents[2] / "sql" / "digest"
NEXT = factory.DAY + timedelta(days=3)
Answers = Callable[[date], dict[str, pl.DataFrame]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Two published days, three days apart; Starlink grows by ten per cent in between."""
    settings = factory.settings(tmp_path_factory.mktemp("digest"))
    factory.load_days(settings, [factory.DAY])
    factory.publish_days(settings, [NEXT], fleet={"starlink": 440})
    database = str(Home(settings.home).published)

    def ask(day: date) -> dict[str, pl.DataFrame]:
        with duckdb.connect(database, read_only=True) as con:
            queries = sorted(FOLDER.glob("*.sql"))
            return {q.stem: con.sql(q.read_text(), params={"day": day}).pl() for q in queries}

    return ask


@pytest.mark.parametrize("query", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_first_line_names_the_paragraph(query: Path) -> None:
    assert query.read_text().startswith("-- ")
    assert "$day" in query.read_text()


def test_first_day_has_no_day_before(answers: Answers) -> None:
    found = answers(factory.DAY)
    assert found["state"]["previous_day"].to_list() == [None]
    assert found["fleet"]["previous_broadband_operational_count"].null_count() == found["fleet"].height == 5


def test_day_before_is_the_last_published_not_the_calendar_day(answers: Answers) -> None:
    found = answers(NEXT)
    assert found["state"]["previous_day"].to_list() == [factory.DAY]
    starlink = found["fleet"].row(by_predicate=pl.col("constellation") == "starlink", named=True)
    assert starlink["broadband_operational_count"] > starlink["previous_broadband_operational_count"] > 0


def test_days_after_do_not_change_a_day(answers: Answers) -> None:
    assert compose(answers(factory.DAY), factory.DAY).previous_day is None


def test_people_are_weighted_over_all_countries(answers: Answers) -> None:
    found = answers(factory.DAY)["people"]
    access = factory.frames()["core.access_daily"].filter(pl.col("constellation") == "amazon_leo")
    share = (access["covered_fraction"] * access["population_count"]).sum() / access["population_count"].sum()
    assert found.filter(pl.col("constellation") == "amazon_leo")["covered_fraction"][0] == pytest.approx(share)


def test_delay_is_weighted_by_people_and_time_with_a_path() -> None:
    """30 people at 20 ms, 10 at 60 ms, and one country that no path reaches: 30 ms."""
    names = ("constellation", "country_iso3", "population_count", "reachable_fraction", "rtt_pop_p50_ms")
    countries = [
        ("starlink", "AAA", 300.0, 0.1, 20.0),
        ("starlink", "BBB", 10.0, 1.0, 60.0),
        ("starlink", "CCC", 1e6, 0.0, None),
        ("oneweb", "AAA", 300.0, None, None),
    ]
    rows = [dict(zip(names, country, strict=True)) for country in countries]
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA core")
        for name, made in (("core.access_daily", rows), ("core.fleet_capacity_daily", [{}])):
            frame = factory.filled(registry.table(name), made)  # noqa: F841 (read by name)
            con.execute(f"CREATE TABLE {name} AS FROM frame")
        found = con.sql((FOLDER / "people.sql").read_text(), params={"day": factory.DAY}).pl()
    delay = dict(found.select("constellation", "rtt_pop_p50_ms").iter_rows())
    assert delay == {"starlink": pytest.approx(30.0), "oneweb": None}


def test_countries_without_a_path_come_first(answers: Answers) -> None:
    found = answers(factory.DAY)["country"]
    without = found["population_count"] * (1 - found["reachable_fraction"])
    assert without.is_sorted(descending=True)
    assert found.height <= 12


def test_map_has_every_cell_once(answers: Answers) -> None:
    cells = answers(factory.DAY)["map"]["cell_id"]
    assert cells.to_list() == list(range(cells.len()))
    assert cells.len() == 12 * 4**2
    assert answers(factory.DAY)["map"]["grid_cell_count"].unique().to_list() == [cells.len()]


def test_exclusions_are_counted_with_an_example(answers: Answers) -> None:
    found = answers(factory.DAY)["exclusion"].row(0, named=True)
    assert (found["row_count"], found["example"]) == (1, "DEBRIS 1")


@pytest.mark.parametrize("name", sorted(hand_made.backbone()))
def test_hand_made_answers_have_the_columns_of_the_query(answers: Answers, name: str) -> None:
    """Else what the digest says is tested on figures that no query gives."""
    assert set(hand_made.backbone()[name].columns) == set(answers(factory.DAY)[name].columns)


def test_answers_on_readiness_and_markets_are_printed(answers: Answers) -> None:
    digest = compose(answers(NEXT), NEXT)
    captions = {grid.caption for grid in digest.answers}
    assert {"Readiness to be the backbone of AI", "What a Gbps-month costs", "Rivals side by side"} <= captions
    assert digest.tests


def test_costs_of_fleets_come_before_those_of_generations(answers: Answers) -> None:
    found = answers(factory.DAY)["economics"]
    fleets = (found["generation"] == "all").to_list()
    assert fleets == sorted(fleets, reverse=True)
    assert found["constellation"][0] == "starlink"


def test_archive_lists_newest_first(answers: Answers) -> None:
    assert answers(factory.DAY)["archive"]["day"].to_list() == [NEXT, factory.DAY]


def test_digest_says_that_the_day_is_a_sample(answers: Answers) -> None:
    digest = compose(answers(NEXT), NEXT)
    assert digest.synthetic
    assert digest.figures[0].change_text.endswith("since 30\N{NO-BREAK SPACE}May")
    assert digest.fleet is not None
    assert digest.fleet.rows[0][0] == "Starlink"


def test_passed_checks_are_no_warnings(answers: Answers) -> None:
    assert answers(factory.DAY)["warning"].is_empty()
