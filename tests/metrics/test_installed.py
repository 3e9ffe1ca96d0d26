"""Totals of fleets, by hand and for draws."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline import uncertainty as un
from pipeline.io import assets
from pipeline.metrics import fleet, installed
from pipeline.metrics.lid import LidError
from tests.metrics import skies

GENERATION = fleet.generations(assets.reference("satellite_generations"))
DRAWN = un.draws(assets.reference("uncertainty_ranges"))
FLEET = {
    "starlink-v1.0": 718,
    "starlink-v1.5": 2607,
    "starlink-v2mini": 2575,
    "starlink-v2mini-opt": 3855,
    "starlink-d2c": 642,
}


def test_the_fleet_of_may_by_hand() -> None:
    # 3,325 x 18 + 6,430 x 96; 3,325 x 4 + 6,430 x 6.7
    assert installed.total_tbps(FLEET, GENERATION, "down") == pytest.approx(677.13)
    assert installed.total_tbps(FLEET, GENERATION, "up") == pytest.approx(56.381)


def test_draws_move_all_of_a_generation_together() -> None:
    found = installed.total_tbps(FLEET, GENERATION, "down", DRAWN)
    assert found is not None
    assert found.shape == (un.COUNT,)
    by_hand = (3325 * DRAWN["v1x_downlink"] + 6430 * DRAWN["v2mini_downlink"] + 642 * 96 * DRAWN["d2c_counts_as_broadband"]) / 1e3  # fmt: skip
    assert found == pytest.approx(by_hand)


def test_the_interval_is_that_of_the_reference() -> None:
    # gateways_capacity.csv: 677 (560 to 740) without direct to cell, 62 more where it counts
    found = un.quantiles(installed.total_tbps(FLEET, GENERATION, "down", DRAWN))
    assert 560 < found.p10 < found.p50 < found.p90 < 740
    every = installed.total_tbps(FLEET, GENERATION, "down", {"d2c_counts_as_broadband": 1.0})
    assert every == pytest.approx(677.13 + 61.632)


def test_what_moves_the_headline_most_comes_first() -> None:
    names = ["v1x_downlink", "v2mini_downlink", "d2c_counts_as_broadband", "cell_area"]
    ranked = un.ranking(lambda v: float(installed.total_tbps(FLEET, GENERATION, "down", v)), assets.reference("uncertainty_ranges"), names)  # type: ignore[arg-type]  # fmt: skip
    assert ranked["parameter"].to_list() == ["v2mini_downlink", "d2c_counts_as_broadband", "v1x_downlink", "cell_area"]
    assert ranked["swing"].to_list() == pytest.approx([128.6, 61.632, 26.6, 0.0])


def test_up_is_unknown_where_a_generation_has_no_figure_and_down_is_not() -> None:
    counts = {"qianfan-gen1": 90}
    assert installed.total_tbps(counts, GENERATION, "up", DRAWN) is None
    assert installed.total_tbps(counts, GENERATION, "down") == pytest.approx(0.9)
    assert installed.total_tbps({"qianfan-gen1": 0}, GENERATION, "up") == 0


def test_a_generation_without_a_figure_down_is_refused() -> None:
    with pytest.raises(LidError, match="guowang-geo"):
        installed.total_tbps({"guowang-geo": 1}, GENERATION, "down")


def test_totals_of_a_fleet_are_those_of_the_table_of_fleets() -> None:
    walker = skies.walker(planes=12, places=10)
    day = skies.land({-1: walker, 0: walker})
    rows = day.satellites.with_columns(
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("raising")).otherwise("state").alias("state")
    )
    found = installed.totals(rows, GENERATION)
    table = fleet.compute(rows, GENERATION)["core.fleet_capacity_daily"].row(by_predicate=pl.col("constellation") == "starlink", named=True)  # fmt: skip
    assert rows["day"][0] == date(2026, 8, 17)
    assert 0 < table["in_service_down_tbps"] < table["installed_down_tbps"]
    assert found.installed_down_tbps == pytest.approx(table["installed_down_tbps"])
    assert found.in_service_down_tbps == pytest.approx(table["in_service_down_tbps"])
    assert found.in_service_up_tbps == pytest.approx(table["in_service_up_tbps"])


def test_test_and_high_satellites_do_not_count() -> None:
    rows = pl.DataFrame({"generation": ["guowang-gen1", "guowang-geo", "guowang-test"], "payload_class": ["broadband", "high_orbit", "test"], "state": ["operational"] * 3})  # fmt: skip
    assert installed.counts_of(rows) == {"guowang-gen1": 1}
    found = installed.totals(rows, GENERATION, DRAWN)
    assert found.in_service_down_tbps == pytest.approx(np.asarray(DRAWN["guowang_downlink"]) / 1e3)
    assert found.in_service_up_tbps is None
