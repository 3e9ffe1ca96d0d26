"""Coverage and capacity grids, and what they mean for people."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from pipeline.constellations import BY_NAME
from pipeline.geometry.grid import cell_of, rings
from pipeline.geometry.propagation import Fleet, instants_of_day
from pipeline.geometry.sight import cells
from pipeline.metrics import access, capacity, coverage, latency
from pipeline.metrics.sweep import Crew, Plan, finished, sweep, window

DAY = date(2026, 8, 17)
ORDER, STEP_S = 5, 600
RINGS = rings(ORDER)
CELLS = cells(RINGS)
GERMANY, UNITED_STATES = int(cell_of(50.0, 8.0, ORDER)), int(cell_of(40.0, -95.0, ORDER))
CELL_COUNTRY = pl.DataFrame(
    {"cell_id": [GERMANY, UNITED_STATES, UNITED_STATES], "country_iso3": ["DEU", "USA", "CAN"], "area_fraction": [1.0, 0.6, 0.4]},
    schema_overrides={"cell_id": pl.UInt64},
)  # fmt: skip


def elements(inclination_deg: float = 53.0, mean_motion: float = 15.06, eccentricity: float = 1e-4) -> pl.DataFrame:
    count = 12
    return pl.DataFrame(
        {
            "norad_cat_id": range(1, count + 1),
            "object_name": [f"STARLINK-{30_000 + k}" for k in range(count)],
            "epoch_utc": [datetime(2026, 8, 16, 18)] * count,
            "mean_motion_rev_per_day": [mean_motion] * count,
            "eccentricity": [eccentricity] * count,
            "inclination_deg": [inclination_deg] * count,
            "ra_of_asc_node_deg": [30.0 * k for k in range(count)],
            "arg_of_pericenter_deg": [90.0] * count,
            "mean_anomaly_deg": [29.0 * k for k in range(count)],
            "bstar_per_earth_radius": [1e-4] * count,
            "mean_motion_dot_rev_per_day2": [0.0] * count,
            "mean_motion_ddot_rev_per_day3": [0.0] * count,
        },
        schema_overrides={"epoch_utc": pl.Datetime("us"), "norad_cat_id": pl.Int64},
    )


def crew(frame: pl.DataFrame, name: str = "starlink") -> Crew:
    zone = coverage.zone(BY_NAME[name], DAY, CELL_COUNTRY, RINGS, CELLS)
    return Crew(name, frame, np.full(frame.height, 96_000, np.int64), 25.0, zone)


def crews() -> list[Crew]:
    return [crew(elements()), crew(elements(88.0, 13.2).slice(0, 7), "oneweb")]


@pytest.fixture(scope="module")
def swept():
    return sweep(crews(), instants_of_day(DAY, STEP_S), CELLS, Plan(every=3))


@pytest.fixture(scope="module")
def grids(swept):
    seen = swept.seen["starlink"]
    return (
        coverage.compute(seen, RINGS, "starlink", DAY, STEP_S),
        capacity.visible(seen, RINGS, "starlink").with_columns(day=pl.lit(DAY)).sort("cell_id"),
        _latency(),
    )


def _latency() -> pl.DataFrame:
    """A way of 30 ms in the south of Germany alone."""
    cells = pl.DataFrame({"cell_id": RINGS.nest_of_ring})
    here = pl.col("cell_id") == GERMANY
    none = dict.fromkeys(latency.TABLE.column_names[3:])
    known = {"rtt_pop_p50_ms": 30.0, "rtt_pop_p95_ms": 35.0, "reachable_fraction": 1.0}
    frame = cells.with_columns(
        *(pl.when(here).then(pl.lit(known.get(name))).alias(name) for name in none if name != "reachable_fraction"),
        pl.when(here).then(1.0).otherwise(0.0).alias("reachable_fraction"),
        day=pl.lit(DAY),
        constellation=pl.lit("starlink"),
    )
    return latency.TABLE.conform(frame.select(latency.TABLE.column_names))


def counted(seen) -> list[np.ndarray]:
    """Every array that was counted."""
    both = (seen.visible, seen.usable)
    # Twenty bins are more than were ever counted, and bins beyond the largest count are empty, however many there are.
    assert all(t.times_counted()[:, 20:].sum() == 0 for t in both)
    tallies = [np.pad(t.times_counted(), ((0, 0), (0, 20)))[:, :20] for t in both]
    tallies += [getattr(t, n) for t in both for n in ("lead", "trail", "longest")]
    return [*tallies, seen.weight, seen.side, seen.side_usable, seen.highest.sum_mdeg, seen.highest.count]


def assert_same(one, other) -> None:
    for name in (*one.seen, None):
        a, b = (part.seen[name] if name else part.together for part in (one, other))
        for left, right in zip(counted(a), counted(b), strict=True):
            np.testing.assert_array_equal(left, right)


def test_one_thread_and_three_leave_the_same(swept) -> None:
    assert_same(sweep(crews(), instants_of_day(DAY, STEP_S), CELLS, Plan(every=3, threads=1)), swept)
    assert_same(sweep(crews(), instants_of_day(DAY, STEP_S), CELLS, Plan(every=3, threads=3)), swept)


def test_windows_in_any_order_leave_the_same(swept) -> None:
    asked, instants = crews(), instants_of_day(DAY, STEP_S)
    fleet = Fleet(pl.concat([one.elements for one in asked]))
    edges = [0, 9, 30, 33, 90, 144]
    order = np.random.default_rng(5).permutation(5)
    windows = [window(asked, fleet, instants, CELLS, Plan(every=3), edges[k], edges[k + 1]) for k in order]
    assert_same(finished(asked, windows), swept)


def test_bands_of_the_grid_leave_what_the_whole_does(swept) -> None:
    whole = counted(swept.seen["oneweb"])
    bands = RINGS.bands(3_000)
    assert len(bands) > 3
    assert np.concatenate([band.nest_of_ring for band in bands]).tolist() == RINGS.nest_of_ring.tolist()
    parts = []
    for band in bands:
        own = [
            Crew(
                "oneweb",
                c.elements,
                c.weight,
                25.0,
                coverage.zone(BY_NAME["oneweb"], DAY, CELL_COUNTRY, band, cells(band)),
            )
            for c in crews()[1:]
        ]
        parts.append(counted(sweep(own, instants_of_day(DAY, STEP_S), cells(band), Plan(every=3)).seen["oneweb"]))
    for k, array in enumerate(whole):
        np.testing.assert_array_equal(np.concatenate([part[k] for part in parts]), array)


def test_all_together_are_the_sum_of_each(swept) -> None:
    frame = coverage.compute_together(swept.together, RINGS, DAY, STEP_S)
    each = [coverage.compute(one, RINGS, name, DAY, STEP_S) for name, one in swept.seen.items()]
    for name in ("visible_mean_count", "usable_mean_count", "visible_40deg_mean_count", "usable_40deg_mean_count"):
        np.testing.assert_allclose(frame[name], sum(one[name] for one in each), rtol=1e-12)
    assert (frame["covered_fraction"] >= each[0]["covered_fraction"]).all()
    assert (frame["longest_gap_s"] <= each[1]["longest_gap_s"]).all()


def test_the_arc_takes_three_degrees_in_the_united_states_and_eighteen_elsewhere() -> None:
    zone = coverage.zone(BY_NAME["starlink"], DAY, CELL_COUNTRY, RINGS, CELLS)
    angle = dict(zip(RINGS.nest_of_ring.tolist(), zone.angle_of_cell.tolist(), strict=True))
    assert (angle[UNITED_STATES], angle[GERMANY], sum(angle.values())) == (1, 0, 1)
    assert [rule.angle_deg for rule in BY_NAME["starlink"].arc_rules_on(DAY)] == [18.0, 3.0]
    assert [rule.angle_deg for rule in BY_NAME["starlink"].arc_rules_on(date(2026, 7, 12))] == [18.0]
    assert [rule.angle_deg for rule in BY_NAME["guowang"].arc_rules_on(DAY)] == [18.0]


def test_what_is_usable_is_visible(grids) -> None:
    frame = grids[0]
    assert (frame["usable_mean_count"] <= frame["visible_mean_count"]).all()
    assert (frame["usable_longest_gap_s"] >= frame["longest_gap_s"]).all()
    assert frame["usable_mean_count"].sum() < 0.9 * frame["visible_mean_count"].sum()


def test_best_elevation_is_null_exactly_where_nobody_was_seen(grids) -> None:
    seen = grids[0].filter(pl.col("best_elevation_mean_deg").is_not_null())
    assert seen["best_elevation_mean_deg"].is_between(25.0, 90.0).all()
    assert (grids[0].filter(pl.col("visible_mean_count") == 0)["best_elevation_mean_deg"].is_null()).all()


def test_every_cell_has_one_row_in_every_grid(grids) -> None:
    for frame in grids:
        assert frame["cell_id"].to_list() == list(range(12 * 4**ORDER))


def test_nobody_is_covered_beyond_the_reach_of_an_inclined_shell(grids) -> None:
    pole = int(cell_of(89.0, 0.0, ORDER))
    row = grids[0].filter(pl.col("cell_id") == pole).row(0, named=True)
    assert (row["covered_fraction"], row["longest_gap_s"], row["visible_mean_count"]) == (0.0, 86_400, 0.0)


def test_capacity_in_view_is_the_count_times_the_figure_of_one(grids) -> None:
    np.testing.assert_allclose(grids[1]["visible_down_gbps"], grids[0]["visible_mean_count"] * 96.0, rtol=1e-12)


def test_a_satellite_that_fails_is_listed_with_its_reason() -> None:
    broken = elements().with_columns(
        pl.when(pl.col("norad_cat_id") == 3).then(0.9).otherwise("eccentricity").alias("eccentricity")
    )
    result = sweep([crew(broken), crew(elements(), "oneweb")], instants_of_day(DAY, 3_600), CELLS)
    failed = result.failed["starlink"]
    assert failed["norad_cat_id"].to_list() == [3]
    assert "decayed" in failed["reason"][0]
    assert failed["row_key"][0] == "STARLINK-30002 3"
    assert result.failed["oneweb"].is_empty()


def test_a_fleet_of_none_covers_nothing() -> None:
    result = sweep([crew(elements().head(0))], instants_of_day(DAY, 3_600), CELLS)
    assert result.seen["starlink"].visible.times_counted()[:, 1:].sum() == 0
    assert result.seen["starlink"].visible.longest.min() == 24


def test_a_generation_without_a_figure_is_refused_by_name() -> None:
    rows = pl.DataFrame({"generation": ["starlink-v9"]})
    figures = pl.DataFrame({"generation": ["starlink-v1.0"], "down_gbps": [18.0]})
    with pytest.raises(ValueError, match=r"starlink-v9"):
        capacity.weight_mbps(rows, figures)


def test_access_weighs_cells_with_their_people(grids) -> None:
    cells = [int(cell_of(50.0, 8.0, ORDER)), int(cell_of(89.0, 0.0, ORDER))]
    people = pl.DataFrame(
        {"cell_id": cells, "country_iso3": ["DEU", "DEU"], "area_fraction": [1.0, 1.0], "population_count": [300.0, 100.0]},
        schema_overrides={"cell_id": pl.UInt64},
    )  # fmt: skip
    row = access.compute(*grids, people).row(0, named=True)
    covered = grids[0].filter(pl.col("cell_id") == cells[0])["covered_fraction"][0]
    assert 0 < covered <= 1
    assert row["population_count"] == 400.0
    assert row["covered_fraction"] == pytest.approx(0.75 * covered)
    usable = [grids[0].filter(pl.col("cell_id") == one)["usable_mean_count"][0] for one in cells]
    assert row["usable_mean_count"] == pytest.approx(0.75 * usable[0] + 0.25 * usable[1])
    assert row["longest_gap_s"] == 86_400
    # Latency is a mean over those who have a path: the pole has none and does not pull it down.
    assert row["rtt_pop_p50_ms"] == pytest.approx(grids[2].filter(pl.col("cell_id") == cells[0])["rtt_pop_p50_ms"][0])
