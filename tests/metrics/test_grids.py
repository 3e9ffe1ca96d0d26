"""Coverage, capacity and latency grids, and what they mean for people."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from pipeline.geometry.grid import cell_of, rings
from pipeline.geometry.propagation import instants_of_day
from pipeline.geometry.visibility import ring_geometry
from pipeline.metrics import access, capacity, coverage, latency
from pipeline.metrics.sweep import Gateways, sweep

DAY = date(2026, 8, 17)
ORDER, STEP_S = 5, 600
RINGS = rings(ORDER)


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


@pytest.fixture(scope="module")
def swept():
    weight = np.full(12, 96_000, np.int64)
    frankfurt = Gateways(np.array([50.1]), np.array([8.7]), 25.0)
    return sweep(elements(), weight, instants_of_day(DAY, STEP_S), ring_geometry(RINGS), 25.0, frankfurt, 3)


@pytest.fixture(scope="module")
def grids(swept):
    return (
        coverage.compute(swept.tally, RINGS, "starlink", DAY, STEP_S),
        capacity.compute(swept.tally, RINGS, "starlink", DAY),
        latency.compute(swept.bent_pipe_km, RINGS, "starlink", DAY),
    )


def test_every_cell_has_one_row_in_every_grid(grids) -> None:
    for frame in grids:
        assert frame["cell_id"].to_list() == list(range(12 * 4**ORDER))


def test_nobody_is_covered_beyond_the_reach_of_an_inclined_shell(grids) -> None:
    pole = int(cell_of(89.0, 0.0, ORDER))
    row = grids[0].filter(pl.col("cell_id") == pole).row(0, named=True)
    assert (row["covered_fraction"], row["longest_gap_s"], row["visible_mean_count"]) == (0.0, 86_400, 0.0)


def test_capacity_in_view_is_the_count_times_the_figure_of_one(grids) -> None:
    np.testing.assert_allclose(grids[1]["visible_down_gbps"], grids[0]["visible_mean_count"] * 96.0, rtol=1e-12)


def test_latency_is_between_the_overhead_and_the_farthest_bent_pipe(grids) -> None:
    reached = grids[2].filter(pl.col("reachable_fraction") > 0)
    assert reached.height > 50
    # 2 x 560 km straight up and down at least, 2 x 1,130 km at 25 degrees at most, there and back.
    assert reached["rtt_pop_p50_ms"].min() > latency.ACCESS_OVERHEAD_MS + 7.0
    assert reached["rtt_pop_p95_ms"].max() < latency.ACCESS_OVERHEAD_MS + 16.0
    assert (reached["rtt_pop_p95_ms"] >= reached["rtt_pop_p50_ms"]).all()


def test_no_path_is_null_not_zero_and_not_infinite(grids) -> None:
    far = grids[2].filter(pl.col("cell_id") == int(cell_of(-40.0, 175.0, ORDER))).row(0, named=True)
    assert far["rtt_pop_p50_ms"] is None
    assert far["reachable_fraction"] == 0.0


def test_without_gateways_every_figure_is_null() -> None:
    frame = latency.compute(None, RINGS, "oneweb", DAY)
    assert frame.select(latency.TABLE.column_names[3:]).null_count().sum_horizontal()[0] == 3 * frame.height


def test_percentiles_are_nearest_ranks_of_the_finite_values() -> None:
    ways = np.array([[1, np.inf], [2, 7], [3, np.inf], [np.inf, np.inf]], np.float32)
    p50, p95 = latency._percentiles(ways, (50, 95))
    assert p50.tolist() == [2.0, 7.0]
    assert p95.tolist() == [3.0, 7.0]


def test_a_satellite_that_fails_is_listed_with_its_reason() -> None:
    broken = elements().with_columns(
        pl.when(pl.col("norad_cat_id") == 3).then(0.9).otherwise("eccentricity").alias("eccentricity")
    )
    result = sweep(broken, np.ones(12, np.int64), instants_of_day(DAY, 3_600), ring_geometry(RINGS), 25.0)
    assert result.failed["norad_cat_id"].to_list() == [3]
    assert "decayed" in result.failed["reason"][0]
    assert result.failed["row_key"][0] == "STARLINK-30002 3"


def test_a_fleet_of_none_covers_nothing() -> None:
    result = sweep(elements().head(0), np.zeros(0, np.int64), instants_of_day(DAY, 3_600), ring_geometry(RINGS), 25.0)
    assert result.tally.visible_sum.sum() == 0
    assert result.tally.longest.min() == 24


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
    assert row["longest_gap_s"] == 86_400
    # Latency is a mean over those who have a path: the pole has none and does not pull it down.
    assert row["rtt_pop_p50_ms"] == pytest.approx(grids[2].filter(pl.col("cell_id") == cells[0])["rtt_pop_p50_ms"][0])
