"""Fleets in satellites and Tbps."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.metrics import fleet
from pipeline.table import CONSTELLATION, limit_violations

DAY = date(2026, 8, 17)
REFERENCE = pl.DataFrame(
    [
        ("starlink-v1.5", "downlink_capacity", "18", "16", "24"),
        ("starlink-v1.5", "uplink_capacity", "4", "2", "6"),
        ("starlink-v1.5", "isl_count", "3", "2", "4"),
        ("starlink-v2mini-opt", "downlink_capacity", "96", "80", "100"),
        ("starlink-v2mini-opt", "uplink_capacity", "6.7", "6", "8"),
        ("starlink-d2c", "broadband_downlink_capacity", "0", "0", "96"),
        ("qianfan-gen1", "downlink_capacity", "10", None, None),
    ],
    schema=["generation", "parameter", "value", "low", "high"],
    orient="row",
).with_columns(pl.lit("high").alias("confidence"), pl.lit("a paper").alias("source_title"))


def satellites(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    names = ["constellation", "generation", "payload_class", "state"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.lit(DAY).alias("day"))


def capacity_of(rows: pl.DataFrame, constellation: str = "starlink") -> dict[str, float]:
    frame = fleet.compute(rows, fleet.generations(REFERENCE))["core.fleet_capacity_daily"]
    return frame.filter(pl.col("constellation") == constellation).row(0, named=True)


def test_installed_counts_all_and_in_service_only_those_at_work() -> None:
    row = capacity_of(
        satellites(
            ("starlink", "starlink-v1.5", "broadband", "operational"),
            ("starlink", "starlink-v1.5", "broadband", "lowering"),
            ("starlink", "starlink-v2mini-opt", "broadband", "operational"),
        )
    )
    assert row["installed_down_tbps"] == pytest.approx(0.132)
    assert row["installed_down_low_tbps"] == pytest.approx(0.112)
    assert row["installed_down_high_tbps"] == pytest.approx(0.148)
    assert row["in_service_down_tbps"] == pytest.approx(0.114)
    assert row["in_service_up_tbps"] == pytest.approx(0.0107)


def test_direct_to_cell_adds_satellites_but_no_broadband() -> None:
    row = capacity_of(satellites(("starlink", "starlink-d2c", "direct_to_cell", "operational")))
    assert (row["satellite_count"], row["operational_count"], row["broadband_operational_count"]) == (1, 1, 0)
    assert row["installed_down_high_tbps"] == 0.0


def test_an_unknown_figure_makes_the_sum_null_not_zero() -> None:
    row = capacity_of(satellites(("qianfan", "qianfan-gen1", "broadband", "operational")), "qianfan")
    assert row["in_service_down_tbps"] == pytest.approx(0.01)
    assert row["in_service_up_tbps"] is None


def test_an_unknown_generation_stands_with_the_low_figures_and_a_flag() -> None:
    rows = satellites(("starlink", "unknown", "broadband", "operational"))
    assert capacity_of(rows)["installed_down_tbps"] == pytest.approx(0.080)
    history = fleet.compute(rows, fleet.generations(REFERENCE))["core.fleet_history_daily"]
    assert history["flagged"].to_list() == [True]


def test_a_constellation_without_satellites_has_a_row_of_zeros() -> None:
    rows = satellites(("starlink", "starlink-v1.5", "broadband", "parked"))
    frame = fleet.compute(rows, fleet.generations(REFERENCE))["core.fleet_capacity_daily"]
    assert sorted(frame["constellation"]) == sorted(CONSTELLATION)
    assert capacity_of(rows, "oneweb")["satellite_count"] == 0


def test_history_splits_by_generation_and_class() -> None:
    rows = satellites(
        ("starlink", "starlink-v1.5", "broadband", "operational"),
        ("starlink", "starlink-v1.5", "broadband", "decaying"),
        ("starlink", "starlink-d2c", "direct_to_cell", "operational"),
    )
    history = fleet.compute(rows, fleet.generations(REFERENCE))["core.fleet_history_daily"]
    row = history.filter(pl.col("generation") == "starlink-v1.5").row(0, named=True)
    assert (row["satellite_count"], row["operational_count"], row["operational_down_gbps"]) == (2, 1, 18.0)
    assert history.filter(pl.col("generation") == "starlink-d2c")["installed_down_gbps"].to_list() == [None]


def test_a_day_with_a_catalog_is_observed_and_what_works_is_known() -> None:
    rows = satellites(("starlink", "starlink-v1.5", "broadband", "lowering"))
    history = fleet.compute(rows, fleet.generations(REFERENCE))["core.fleet_history_daily"]
    assert history.select("operational_count", "operational_down_gbps", "basis").row(0) == (0, 0.0, "observed")


def test_a_reconstructed_day_may_say_nothing_of_what_works_and_no_other_basis_passes() -> None:
    rows = satellites(("starlink", "starlink-v1.5", "broadband", "operational"))
    history = fleet.compute(rows, fleet.generations(REFERENCE))["core.fleet_history_daily"]
    unknown = history.with_columns(pl.lit(None).alias("operational_count"), pl.lit("reconstructed").alias("basis"))
    assert limit_violations(fleet.HISTORY, fleet.HISTORY.conform(unknown)).is_empty()
    guessed = history.with_columns(pl.lit("guessed").alias("basis"))
    assert limit_violations(fleet.HISTORY, guessed)["column_name"].to_list() == ["basis"]
