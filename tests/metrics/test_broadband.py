"""Broadband demand: lines and hours redone by hand, people conserved, what is not known estimated and listed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import broadband

COUNTRY = pl.DataFrame(
    {
        "country_iso3": ["AAA", "BBB", "CCC", "DDD"],
        "title": ["A", "B", "C", "D"],
        "population_count": [1000.0, 3000.0, 500.0, 0.0],
        "internet_users_fraction": [0.5, 0.9, None, None],
    }
)
CELLS = pl.DataFrame({"cell_id": [7, 3, 5], "longitude_deg": [0.0, 90.0, -179.0]})
CELL_COUNTRY = pl.DataFrame(
    {
        "cell_id": [3, 3, 7, 7],
        "country_iso3": ["AAA", "BBB", "AAA", "CCC"],
        "population_count": [700.0, 3000.0, 300.0, 500.0],
    }
)
AI = pl.DataFrame(
    {"cell_id": [3, 3], "workload": ["text", "video"], "down_gbps": [2.0, None], "up_gbps": [0.5, 0.25]},
)
AI_HOUR = pl.DataFrame(
    {
        "workload": ["text"] * 24 + ["video"] * 24,
        "solar_hour_number": [*range(24), *range(24)],
        "use_fraction": [*(k / 276 for k in range(24)), *([1 / 24] * 24)],
    }
)
LINE = broadband.Line(2.5, 3.5, 0.08, 0.075, 20.0)


@pytest.fixture(scope="module")
def need() -> broadband.Need:
    return broadband.need(CELLS, CELL_COUNTRY, COUNTRY, AI, AI_HOUR, LINE)


def test_lines_of_the_busiest_hour_by_hand(need):
    # Cell 3: 700 x 0.5 + 3000 x 0.9 users; cell 7: 300 x 0.5, and 500 at the others' mean, (500 + 2700) / 4000.
    users = np.array([300 * 0.5 + 500 * 0.8, 700 * 0.5 + 3000 * 0.9, 0.0])
    assert need.busy_gbps[0] == pytest.approx(users / 3.5 * 2.5 / 1000)
    assert need.busy_gbps[1] == pytest.approx(users / 3.5 * 2.5 / 1000 * 0.08)


def test_the_busiest_hour_is_the_evening_of_each_place(need):
    everything = np.array([need.at(hour)[0][0] - need.at(hour)[1][0] for hour in range(24)])
    assert everything[:, 0].argmax() == 20  # Greenwich
    assert everything[:, 1].argmax() == 14  # six hours to the east
    assert everything[:, 0].max() == pytest.approx(need.busy_gbps[0, 0])
    # The busiest hour has 7.5 % of the day, so that the mean is 1 / (24 x 0.075) of it.
    assert everything[:, 0].mean() == pytest.approx(need.busy_gbps[0, 0] / (24 * 0.075))


def test_ai_is_in_all_demand_and_keeps_its_own_hours(need):
    all_gbps, ai = need.at(3.5)  # cell 3 is at 9.5 h of its sun
    assert ai[0, 1] == pytest.approx(2.0 * 9 / 276 * 24)
    assert ai[1, 1] == pytest.approx(0.5 * 9 / 276 * 24 + 0.25)
    assert all_gbps[0, 1] == pytest.approx(need.busy_gbps[0, 1] * need.hour[9] + ai[0, 1])
    assert ai[:, [0, 2]].max() == 0
    assert np.isfinite(all_gbps).all()


def test_an_instant_before_midnight_on_the_date_line(need):
    assert need.at(0.0)[0].shape == (2, 3)  # -179 degrees is at 12.07 h of the day before
    assert need.at(23.99)[0][0, 0] == need.at(23.0)[0][0, 0]


def test_who_is_estimated_is_listed_and_nobody_without_people():
    rows = broadband.estimated(COUNTRY)
    assert rows["row_key"].to_list() == ["C"]
    assert rows["row_number"].to_list() == [3]


def test_shipped_figures_and_a_draw():
    line = broadband.Line.of(assets.reference("broadband_demand"))
    assert line.busy_hour_mbps == 2.5
    assert line.up_per_down == pytest.approx(48.9 / 615.3, abs=1e-4)
    assert (
        broadband.Line.of(assets.reference("broadband_demand"), {"busy_hour_mbps_per_sub": 1.0}).busy_hour_mbps == 1.0
    )


@pytest.mark.parametrize("row", [("value", 9.0), ("low", 0.0), ("high", -1.0)])
def test_disorder_is_refused_by_name(row):
    name, value = row
    told = pl.col("quantity") == "busy_hour_mbps_per_line"
    bad = assets.reference("broadband_demand").with_columns(
        pl.when(told).then(value).otherwise(pl.col(name).cast(pl.Float64)).alias(name)
    )
    with pytest.raises(broadband.BroadbandError, match="busy_hour_mbps_per_line"):
        broadband.Line.of(bad)


def test_a_missing_quantity_is_refused_by_name():
    rest = assets.reference("broadband_demand").filter(pl.col("quantity") != "up_per_down")
    with pytest.raises(broadband.BroadbandError, match="0 rows for up_per_down"):
        broadband.Line.of(rest)
