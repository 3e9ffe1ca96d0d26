"""What the digest says about readiness: the strip, what it leaves out, both indices, pillars and workloads."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.digest import readiness
from pipeline.digest.grid import Grid
from pipeline.digest.words import DASH
from tests.digest import rows

ANSWERS = rows.rows()


def changed(name: str, where: pl.Expr, **values: Any) -> dict[str, pl.DataFrame]:
    """The answers with some columns of the rows `where` set to other values."""
    frame = ANSWERS[name]
    cells = {key: pl.lit(value, frame.schema[key]) for key, value in values.items()}
    return ANSWERS | {
        name: frame.with_columns(pl.when(where).then(v).otherwise(pl.col(k)).alias(k) for k, v in cells.items())
    }


def verdict_of(name: str, **values: Any) -> readiness.Verdict:
    """One test of the strip with other values."""
    found = readiness.verdicts(changed("readiness", pl.col("readiness") == name, **values))
    return found[list(readiness.TESTS).index(name)]


def grid(number: int, answers: dict[str, pl.DataFrame] | None = None) -> Grid:
    return readiness.grids(answers or ANSWERS)[number]


def cells(grid: Grid, row: int) -> dict[str, str]:
    return dict(zip((heading.title for heading in grid.headings), grid.rows[row], strict=True))


def test_the_strip_has_four_tests_in_order_with_outcome_and_target():
    found = readiness.verdicts(ANSWERS)
    assert [test.outcome for test in found] == ["Passed", "Not passed", "Passed", "Passed"]
    assert found[0].figure == "100% of demand on corridors over 5,000 km, target 50% (delay alone)"
    assert found[1].figure == "2.1% of the cables' design, on the least of the cuts with a cited figure, target 10%"
    assert readiness.passed_words(found) == "3 of 4 tests passed"


def test_cost_is_said_to_be_the_networks_against_prices_from_memory():
    figure = verdict_of("test_cost").figure
    assert figure.startswith("86 countries, target 20 (the network alone, without terminals and sales; ")
    assert figure.endswith("transit prices largely from memory)")


def test_availability_is_geometry_and_never_called_served():
    verdict = verdict_of("test_availability")
    assert "Two satellites are in view, and there is a way to the PoP" in verdict.title
    assert verdict.figure.endswith("target 90% (geometry, without weather)")
    assert "served" not in verdict.sentence


def test_what_is_passed_has_no_crossing():
    assert [test.crossing for test in readiness.verdicts(ANSWERS)][0::2] == ["", ""]


def test_a_crossing_has_its_interval_and_what_it_rests_on():
    assert verdict_of("test_cut").crossing == (
        "At the trend of 60 days within the last 90 it is passed on 1 March 2028 (5 December 2027 to 9 September 2028)."
    )


def test_a_crossing_without_a_late_end_says_never():
    assert verdict_of("test_cut", crossing_late_day=None).crossing.endswith(
        "(5 December 2027 at the earliest, at the trend's flat end never)."
    )


@pytest.mark.parametrize(
    ("trend", "early", "said"),
    [
        ("not on this trend", None, "Not on this trend."),
        ("not on this trend", date(2030, 1, 2), "Not on this trend. At its steep end on 2 January 2030."),
        ("too few days: 2 of at least 5 over 7 days", None, "Too few days: 2 of at least 5 over 7 days."),
        (None, None, ""),
    ],
)
def test_without_a_crossing_the_reason_stands(trend: str | None, early: date | None, said: str):
    found = verdict_of(
        "test_cut", trend_text=trend, crossing_day=None, crossing_early_day=early, crossing_late_day=None
    )
    assert found.crossing == said


def test_a_test_without_a_figure_is_not_known_and_no_failure():
    verdict = verdict_of("test_cut", value_number=None, passed=None, missing="cables of any cut")
    assert (verdict.figure, verdict.outcome, verdict.crossing) == (DASH, "Not known", "Missing: cables of any cut.")
    assert verdict_of("test_cut", value_number=None).crossing == "Missing: its figure."
    found = readiness.verdicts(changed("readiness", pl.col("readiness") == "test_cut", value_number=None))
    assert readiness.passed_words(found, "backbone tests") == "3 of 4 backbone tests passed (1 not known)"


def test_tests_of_other_constellations_are_not_in_the_strip():
    other = ANSWERS["readiness"].with_columns(constellation=pl.lit("oneweb"))
    assert readiness.verdicts(ANSWERS | {"readiness": other}) == ()
    assert readiness.passed_words(()) == ""


def test_the_sentence_says_what_the_tests_do_not_ask_with_figures():
    # 61.2 of 2,150 Tbps
    assert readiness.limits_words(ANSWERS) == (
        "What the tests do not ask: Starlink can serve 2.8% of the world's broadband demand at once, and agentic tool calls work for "
        "9.1% of people when a fifth of all lines make them at once; estimated."
    )


def test_the_sentence_leaves_out_what_is_not_known():
    starlink = pl.col("constellation") == "starlink"
    agents = readiness.limits_words(changed("capacity", starlink, sellable_down_tbps=None))
    assert "broadband demand" not in agents
    assert agents.startswith("What the tests do not ask: agentic tool calls work for 9.1% of people")
    no_demand = readiness.limits_words(changed("capacity", starlink, demand_down_tbps=None))
    assert no_demand == agents
    no_agents = readiness.limits_words(changed("workload", pl.lit(value=True), all_people_fraction=None))
    assert (
        no_agents
        == "What the tests do not ask: Starlink can serve 2.8% of the world's broadband demand at once; estimated."
    )
    assert readiness.limits_words({}) == ""


def test_an_index_keeps_its_interval_however_wide():
    trunk = cells(grid(0), 0)
    assert (trunk["Index"], trunk["Common pillars, 0 to 100"], trunk["10 to 90 % of draws"]) == (
        "Trunk",
        "62.6",
        "18.8 to 89.6",
    )
    assert (trunk["Change"], trunk["All pillars"], trunk["Not known"]) == ("−0.35", DASH, "cross section")
    assert "18.8 to 89.6" in grid(0).for_mail().rows[0]


def test_an_index_of_all_pillars_has_nothing_that_is_not_known():
    access = pl.col("readiness") == "access"
    whole = changed("readiness", access, value_number=20.04, missing=None)
    assert (cells(grid(0, whole), 1)["All pillars"], cells(grid(0, whole), 1)["Not known"]) == ("20.0", "nothing")


def test_who_has_no_index_is_named_and_has_no_row():
    assert {row[0] for row in grid(0).rows} == {"Starlink"}
    assert "No index of OneWeb: no gateway or PoP is known by place." in grid(0).note


def test_an_index_without_draws_has_a_dash():
    none = changed("readiness", pl.col("readiness") == "trunk", common_p10_number=None)
    assert cells(grid(0, none), 0)["10 to 90 % of draws"] == DASH


def test_scores_below_one_are_said_to_move_nothing():
    assert grid(0).note.endswith(
        "No score counts less than 1, so the access index does not move with downlink (0.2) and uplink (0.3) until they have grown several times."
    )
    one = changed("pillar", pl.col("pillar") == "uplink", score_number=1.0)
    assert grid(0, one).note.endswith("does not move with downlink (0.2) until it has grown several times.")
    both = changed("pillar", pl.col("pillar").is_in(["downlink", "uplink"]), score_number=40.0)
    assert "No score counts less" not in grid(0, both).note


def test_a_pillar_that_is_not_common_holds_no_common_index():
    low = changed("pillar", pl.col("pillar") == "affordability", score_number=0.1)
    assert "affordability" not in grid(0, low).note


def test_pillars_have_measure_score_and_change():
    pillars = grid(1)
    assert pillars.rows[0] == (
        "Access: latency",
        "0.25",
        "90 ms: what latency is",
        "76.1",
        "100%",
        "no change",
        "0.054",
    )
    assert pillars.rows[1][2] == "0.023: what affordability is"
    assert pillars.rows[4][2:4] == (DASH, DASH)
    assert pillars.rows[5][0] == "Trunk: cost"
    assert pillars.rows[5][5] == "−0.38"


def test_workloads_of_users_are_told_alone_and_all_at_once():
    users = grid(2)
    assert users.rows[0] == ("chat token stream (text)", "100%", "66.2%", "51.6% to 89.1%", "82.5%", "65.0%", "rate")
    assert [row[-1] for row in users.rows] == ["rate", "delay", "rate", "gaps", "rate", "rate", "nothing"]
    assert users.rows[-1][3] == "0%"  # both ends read the same
    assert "KV-cache transfer, dense 70B" not in {row[0] for row in users.rows}


def test_a_workload_whose_limit_is_not_known_has_a_dash():
    unknown = changed("workload", pl.col("workload") == "image query", workload_limit=None)
    assert grid(2, unknown).rows[5][-1] == DASH


def test_what_runs_between_sites_comes_with_the_largest_first():
    sites = grid(3)
    assert sites.rows[0] == (
        "synchronous data-parallel training, 70B",
        "400",
        "10",
        "0%",
        "0%",
        "28.6%",
        "22 s",
        "5.6 s",
    )
    assert sites.rows[1][4:] == ("0% to 86.7%", "86.7%", DASH, DASH)
    assert sites.rows[2] == ("dataset replication", "1.0", DASH, "100%", "100%", "100%", "2.2 h", "33 min")
    assert sites.note.startswith("Part of 105 pairs")


def test_the_mail_leaves_pillars_and_sites_to_the_page_and_cuts_workloads():
    assert [g.mail_rows for g in readiness.grids(ANSWERS)] == [None, 0, 6, 0]
    short = grid(2).for_mail()
    assert len(short.rows) == 6
    assert short.note.endswith("1 more row is on the page.")


def test_without_an_answer_there_is_nothing():
    assert readiness.grids({}) == ()
    assert readiness.verdicts({}) == ()
    assert readiness.grids({name: frame.clear() for name, frame in ANSWERS.items()}) == ()
