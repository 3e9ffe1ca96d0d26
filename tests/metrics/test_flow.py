"""The waterfall: every satellite once, from yesterday's state to today's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.io import assets
from pipeline.metrics import fleet, flow
from pipeline.table import STATE
from tests.metrics.skies import DAY

EVE = DAY - timedelta(days=1)
GENERATION = fleet.generations(assets.reference("satellite_generations"))
KINDS = [
    ("starlink", "starlink-v1.5", "broadband"),
    ("starlink", "starlink-v2mini-opt", "broadband"),
    ("starlink", "starlink-d2c", "direct_to_cell"),
    ("starlink", "unknown", "broadband"),
    ("oneweb", "oneweb-gen1", "broadband"),
    ("guowang", "guowang-geo", "high_orbit"),
]
SCHEMA = {"identity": pl.String, "constellation": pl.String, "generation": pl.String, "payload_class": pl.String, "state": pl.String, "shell_id": pl.String}  # fmt: skip
NO_EVENTS = pl.DataFrame(schema={"identity": pl.String, "event": pl.String})

ANCHOR = ("anchor", *KINDS[4], "operational", "a")  # no day is without satellites


def day_of(rows: list[tuple[Any, ...]], day: Any = DAY) -> pl.DataFrame:
    """Rows of (identity, constellation, generation, payload class, state, shell) as core.satellite_daily has them."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(pl.lit(day).alias("day"))


def went(before: str | None, after: str | None, *events: str, kind: int = 0) -> dict[str, Any]:
    """The row of one satellite that went from state to state; None is absent."""
    sides = [[ANCHOR, *([("x", *KINDS[kind], s, "a")] if s else [])] for s in (before, after)]  # fmt: skip
    said = pl.DataFrame([("x", e) for e in events], schema=NO_EVENTS.schema, orient="row")
    table = flow.compute(day_of(sides[1]), day_of(sides[0], EVE), said, GENERATION, DAY)
    (row,) = table.filter(pl.col("constellation") != ANCHOR[1]).rows(named=True)
    return row


@pytest.mark.parametrize(
    ("before", "after", "events", "step"),
    [
        (None, "raising", ["launched", "first_catalogued"], "launched"),
        (None, "raising", ["first_catalogued"], "launched"),
        (None, "operational", ["reappeared"], "reappeared"),
        ("decaying", None, ["decayed"], "decayed"),
        ("operational", None, ["vanished"], "vanished"),
        ("raising", "operational", ["reached_shell"], "raised"),
        ("parked", "operational", ["reached_shell"], "raised"),
        ("operational", "lowering", ["left_shell"], "lowered"),
        ("operational", "decaying", ["left_shell"], "lowered"),
        ("lowering", "operational", ["reached_shell"], "moved"),
        ("operational", "raising", ["left_shell"], "moved"),
        ("operational", "operational", ["left_shell", "reached_shell"], "moved"),
        ("lowering", "operational", [], "reassessed"),
        ("operational", "parked", [], "reassessed"),
        (None, "raising", ["reappeared", "renumbered", "first_catalogued"], "reappeared"),
        ("raising", "parked", [], "other"),
        ("parked", "parked", ["renamed"], "kept"),
        ("operational", "operational", [], "kept"),
    ],
)
def test_the_step_says_how_one_got_there(before: str | None, after: str | None, events: list[str], step: str) -> None:
    row = went(before, after, *events)
    assert (row["step"], row["state_before"], row["state_after"]) == (step, before or "absent", after or "absent")
    assert (row["satellite_count"], row["before_day"]) == (1, EVE)


def test_a_launch_adds_what_is_installed_and_an_arrival_what_is_in_service() -> None:
    tbps = GENERATION.row(by_predicate=pl.col("generation") == "starlink-v1.5", named=True)["down_gbps"] / 1000
    launched, arrived, lost = (
        went(None, "raising", "launched"),
        went("raising", "operational"),
        went("operational", None),
    )
    changes = [
        r[name] for r in (launched, arrived, lost) for name in ("installed_change_tbps", "in_service_change_tbps")
    ]
    assert changes == pytest.approx([tbps, 0.0, 0.0, tbps, -tbps, -tbps])


def test_direct_to_cell_adds_no_broadband() -> None:
    assert went(None, "operational", "launched", kind=2)["installed_change_tbps"] == 0.0


def test_an_unknown_figure_is_null_where_it_counts_and_nothing_where_it_does_not() -> None:
    figures = GENERATION.filter(pl.col("generation") != "starlink-v1.5")
    rows = [("x", *KINDS[0], "raising", None)]
    new = flow.compute(day_of(rows), day_of([("y", *KINDS[1], "parked", None)], EVE), NO_EVENTS, figures, DAY)
    (launched,) = new.filter(pl.col("state_before") == "absent").rows(named=True)
    assert (launched["installed_change_tbps"], launched["in_service_change_tbps"]) == (None, 0.0)
    (kept,) = flow.compute(day_of(rows), day_of(rows, EVE), NO_EVENTS, figures, DAY).rows(named=True)
    assert (kept["installed_change_tbps"], kept["in_service_change_tbps"]) == (0.0, 0.0)


def test_a_first_day_has_no_waterfall() -> None:
    rows = day_of([("x", *KINDS[0], "operational", "a")])
    assert flow.compute(rows, rows.head(0), NO_EVENTS, GENERATION, DAY).is_empty()


def test_only_the_last_landed_day_is_yesterday() -> None:
    row = ("x", *KINDS[0], "operational", "a")
    behind = pl.concat([day_of([row, ("y", *KINDS[0], "decaying", None)], EVE - timedelta(days=3)), day_of([row], EVE)])
    assert flow.compute(day_of([row]), behind, NO_EVENTS, GENERATION, DAY)["satellite_count"].sum() == 1


STATES = st.sampled_from([None, *STATE])
# kind, and kind on the day before (a provisional satellite of an unknown generation gets its name, say)
SATELLITE = st.tuples(st.integers(0, 5), st.booleans(), STATES, STATES, st.sampled_from("ab"), st.sampled_from("ab"))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(SATELLITE, max_size=60),
    said=st.lists(st.sampled_from(["launched", "vanished", "decayed"]), max_size=60),
)
def test_the_waterfall_closes_in_both_directions(rows: list[tuple[Any, ...]], said: list[str]) -> None:
    before, after = [ANCHOR], [ANCHOR]
    for number, (kind, was_unknown, state_before, state_after, shell_before, shell_after) in enumerate(rows):
        if state_before:
            before.append((f"s{number}", *KINDS[3 if was_unknown and kind < 3 else kind], state_before, shell_before))
        if state_after:
            after.append((f"s{number}", *KINDS[kind], state_after, shell_after))
    events = pl.DataFrame([(f"s{k}", e) for k, e in enumerate(said)], schema=NO_EVENTS.schema, orient="row")
    yesterday, today = day_of(before, EVE), day_of(after)
    table = flow.compute(today, yesterday, events, GENERATION, DAY)
    _assert_closes(table, yesterday, "state_before")
    _assert_closes(table, today, "state_after")
    capacity = [
        fleet.compute(f, GENERATION)["core.fleet_capacity_daily"].sort("constellation") for f in (yesterday, today)
    ]
    for name in ("installed", "in_service"):
        change = (capacity[1][f"{name}_down_tbps"] - capacity[0][f"{name}_down_tbps"]).sum()
        assert table[f"{name}_change_tbps"].sum() == pytest.approx(change, abs=1e-9)


def _assert_closes(table: pl.DataFrame, satellites: pl.DataFrame, end: str) -> None:
    summed = table.filter(pl.col(end) != "absent").group_by("constellation", end).agg(pl.col("satellite_count").sum())
    counted = satellites.group_by("constellation", "state").len()
    assert sorted(summed.rows()) == sorted(counted.rows())
