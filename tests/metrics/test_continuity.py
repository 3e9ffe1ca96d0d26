"""Geometric continuity of a made fleet, and of no fleet."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.geometry import passes
from pipeline.geometry.grid import centres, rings
from pipeline.metrics import continuity
from tests.metrics import skies
from tests.metrics.passes_by_force import by_force

DAY, ORDER, MASK_DEG = date(2026, 8, 17), 3, 25.0
GRID = rings(ORDER)
CELLS = pl.Series("cell_id", [0, 5, 77, 130, 400, 401, 700], pl.UInt64)


@pytest.fixture(scope="module")
def fleet() -> pl.DataFrame:
    """Twelve planes of ten, the outermost cells out of their reach."""
    return skies.elements(skies.walker(12, 10, altitude_km=780.0))


def rows_of(elements: pl.DataFrame, look: pl.Series = CELLS, cells: pl.Series = CELLS) -> pl.DataFrame:
    return continuity.compute("oneweb", DAY, cells, GRID, look, elements, MASK_DEG)


@pytest.fixture(scope="module")
def rows(fleet: pl.DataFrame) -> pl.DataFrame:
    return rows_of(fleet)


def test_it_is_what_brute_force_finds(fleet: pl.DataFrame, rows: pl.DataFrame) -> None:
    latitude, longitude = centres(ORDER)
    for cell in (5, 130, 401):
        row = rows.row(by_predicate=pl.col("cell_id") == cell, named=True)
        one_s, two_s, gap_s, gaps = by_force(fleet, latitude[cell], longitude[cell], MASK_DEG, DAY)
        assert 0.1 < row["continuous_fraction"] < 1
        assert row["continuous_fraction"] == pytest.approx(one_s / 86_400, abs=1e-5)
        assert row["continuous_2_fraction"] == pytest.approx(two_s / 86_400, abs=1e-5)
        assert row["longest_gap_exact_s"] == pytest.approx(gap_s, abs=0.05)
        assert row["gap_count"] == gaps


def test_satellites_in_another_order_give_the_same(fleet: pl.DataFrame, rows: pl.DataFrame) -> None:
    assert rows_of(fleet.sample(fraction=1, shuffle=True, seed=3)).equals(rows)


def test_windows_and_blocks_give_the_same(
    fleet: pl.DataFrame, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    for windows, block in ((1, 1_440), (5, 7)):
        monkeypatch.setattr(continuity, "WINDOWS", windows)
        monkeypatch.setattr(continuity, "BLOCK_STEPS", block)
        assert rows_of(fleet).equals(rows)


def test_without_satellites_nobody_is_in_view() -> None:
    rows = rows_of(skies.elements([]))
    assert rows.height == len(CELLS)
    assert rows["continuous_fraction"].to_list() == rows["continuous_2_fraction"].to_list() == [0.0] * len(CELLS)
    assert rows["longest_gap_exact_s"].to_list() == [86_400.0] * len(CELLS)
    assert rows["gap_count"].to_list() == [1] * len(CELLS)


def test_who_cannot_be_propagated_is_left_out(fleet: pl.DataFrame, rows: pl.DataFrame) -> None:
    sunk = skies.elements([skies.made(90_000, altitude_km=-200.0)])
    assert rows_of(pl.concat([fleet, sunk])).equals(rows)


def test_satellites_that_never_come_near_are_not_asked(fleet: pl.DataFrame) -> None:
    """At 53 degrees and 780 km a satellite is above 25 degrees up to 64 of latitude."""
    grid = rings(5)
    latitude = np.repeat(grid.latitude_deg, grid.cell_count)
    for low, near in ((55.0, True), (60.0, True), (70.0, False), (80.0, False)):
        of = passes.stands(grid, np.abs(latitude) > low)
        assert continuity._comes_near(fleet, of, MASK_DEG).any() == near
        polar = fleet.with_columns(pl.lit(95.0).alias("inclination_deg"))
        assert continuity._comes_near(polar, of, MASK_DEG).all()
    beyond = passes.stands(grid, np.abs(latitude) > 70)
    assert not continuity.watched(fleet, beyond, MASK_DEG, DAY).one_us.any()


def test_leaving_out_who_never_comes_near_changes_nothing(fleet: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = rings(5)
    latitude = np.repeat(grid.latitude_deg, grid.cell_count)
    of = passes.stands(grid, (latitude > 62) & (latitude < 66))
    mixed = pl.concat([fleet, skies.elements(skies.walker(3, 5, inclination_deg=40.0, first=70_000))])
    culled = continuity.watched(mixed, of, MASK_DEG, DAY)
    assert culled.one_us.any()
    monkeypatch.setattr(continuity, "_MARGIN_RAD", 9.0)
    assert (continuity.watched(mixed, of, MASK_DEG, DAY).one_us == culled.one_us).all()


def test_cells_that_are_not_looked_at_always_see_two(fleet: pl.DataFrame, rows: pl.DataFrame) -> None:
    some = rows_of(fleet, look=CELLS[:3])
    assert some.head(3).equals(rows.head(3))
    assert some.tail(4)["continuous_2_fraction"].to_list() == [1.0] * 4
    assert some.tail(4)["gap_count"].to_list() == [0] * 4


def test_cells_with_people_or_demand_have_rows() -> None:
    cell = pl.DataFrame(
        {"cell_id": [0, 1, 2, 3], "population_count": [0.0, 5.0, 0.0, 0.0]}, schema_overrides={"cell_id": pl.UInt64}
    )
    capacity = pl.DataFrame(
        {
            "cell_id": [0, 1, 2, 3, 3],
            "demand_down_gbps": [0.0, 1.0, 0.0, 2.0, 2.0],
            "demand_up_gbps": [0.1, 0.0, 0.0, 0.0, 0.0],
        },
        schema_overrides={"cell_id": pl.UInt64},
    )
    assert continuity.wanted(cell, capacity).to_list() == [0, 1, 3]


def test_who_sees_enough_each_minute_is_not_looked_at() -> None:
    counts = pl.DataFrame(
        {"cell_id": [0, 1, 2, 3, 4], "visible_min_count": [5, 6, 0, 3, 12]}, schema_overrides={"cell_id": pl.UInt64}
    )
    cells = pl.Series([0, 1, 3, 4], dtype=pl.UInt64)
    assert continuity.unsteady(counts, cells, 60).to_list() == [0, 3]
    assert continuity.unsteady(counts, cells, 300).to_list() == [0, 1, 3], "rare instants say less"
