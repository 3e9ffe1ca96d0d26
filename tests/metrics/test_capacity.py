"""core.capacity_daily from a pass: means, what is unknown, finer grids, and the lid that binds."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipeline.metrics import capacity
from pipeline.table import BINDING
from tests.metrics.markets import DAY

# Three cells: a town short of beams, a village that has all, the sea.
DEMAND = np.array([100.0, 1.0, 0.0])
SERVED = np.array([12.0, 1.0, 0.0])
SUPPLY = np.array([12.0, 9.0, 30.0])
HEADROOM = np.array([[0.0, 8.0, 30.0], [5.0, 9.0, 40.0], [2.0, 30.0, 50.0], [3.0, 40.0, 60.0]])
SHORT = np.array([[60.0, 0.0, 0.0], [8.0, 0.0, 0.0], [20.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
FRACTION = np.array([[0.12, 1.0, np.nan], [0.1, 0.9, np.nan]])
SEEN = pl.DataFrame(
    {"cell_id": [0, 1, 2], "constellation": ["starlink"] * 3, "visible_down_gbps": [500.0, 400.0, 300.0]},
    schema_overrides={"cell_id": pl.UInt64},
)
PLAIN = capacity.Grid(np.arange(3, dtype=np.uint64), np.arange(3), np.array([1.0, 1.0, 0.0]), np.ones(3))


def figures(*unknown: str, known: bool = True, scale: float = 1.0) -> capacity.Figures:
    return capacity.Figures(
        DEMAND * scale,
        DEMAND * scale / 10,
        SUPPLY * scale,
        SERVED * scale,
        HEADROOM * scale,
        SHORT * scale,
        known,
        unknown,
    )


def frame(
    down: capacity.Figures | None = None, up: capacity.Figures | None = None, grid: capacity.Grid = PLAIN
) -> pl.DataFrame:
    seen = SEEN if len(grid.cell_id) == 3 else pl.concat(
        [SEEN.clear(), pl.DataFrame({"cell_id": grid.cell_id, "constellation": ["starlink"] * len(grid.cell_id), "visible_down_gbps": [1.0] * len(grid.cell_id)})]
    )  # fmt: skip
    return capacity.compute(seen, grid, down or figures(), up or figures(scale=0.1), FRACTION, "starlink", DAY)


def test_rows_say_what_the_pass_left():
    rows = frame()
    assert rows["binding"].to_list() == ["beam", "demand", "demand"]
    assert rows["binding_up"].to_list() == ["beam", "demand", "demand"]
    assert rows["served_down_gbps"].to_list() == SERVED.tolist()
    assert rows["served_up_gbps"].to_list() == pytest.approx((SERVED / 10).tolist())
    assert rows["utilisation_fraction"].to_list() == pytest.approx([1.0, 1 / 9, 0.0])
    assert rows["served_fraction_p50"].to_list() == [0.12, 1.0, None]
    assert rows["visible_down_gbps"].to_list() == [500.0, 400.0, 300.0]
    assert rows["mesh_headroom_down_gbps"].to_list() == HEADROOM[3].tolist()


def test_the_headroom_of_a_lid_that_is_unknown_is_null():
    rows = frame(figures("beam", "mesh"))
    assert rows["beam_headroom_down_gbps"].null_count() == rows["mesh_headroom_down_gbps"].null_count() == 3
    assert rows["gateway_short_down_gbps"].to_list() == [20.0, 0.0, 0.0]


def test_where_no_uplink_is_known_all_of_it_is_null_but_demand():
    rows = frame(up=figures(known=False))
    for name in ("served_up_gbps", "supply_up_gbps", "binding_up", "satellite_headroom_up_gbps"):
        assert rows[name].null_count() == 3
    assert rows["demand_up_gbps"].null_count() == 0
    assert rows["served_down_gbps"].null_count() == 0


def test_a_finer_grid_divides_what_its_parents_have():
    # The town's cell in four: one with three quarters of its people, one with a quarter, two without; the sea in four.
    parent = np.array([0, 0, 0, 0, 2, 2, 2, 2])
    grid = capacity.Grid(
        np.arange(8, dtype=np.uint64), parent, np.array([0.75, 0.25, 0, 0, 0, 0, 0, 0]), np.full(8, 0.25)
    )
    rows = frame(grid=grid)
    assert rows["demand_down_gbps"].to_list() == [75.0, 25.0, 0, 0, 0, 0, 0, 0]
    assert rows["served_down_gbps"].sum() == pytest.approx(12.0)
    assert rows["supply_down_gbps"].to_list() == pytest.approx([9.0, 3.0, 0, 0, 7.5, 7.5, 7.5, 7.5])
    assert rows["binding"].to_list() == ["beam", "beam", *["demand"] * 6]
    assert rows["served_fraction_p50"].to_list() == [0.12, 0.12, *[None] * 6]


def test_binding_prefers_demand_and_then_who_leaves_the_most_unserved():
    demand, served = np.array([5.0, 5.0, 0.0, 5.0]), np.array([4.999, 2.0, 0.0, 2.0])
    short = np.array([[0.001, 1.0, 0.0, 1.5], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.5]])
    assert [BINDING[k] for k in capacity.binding(demand, served, short)] == ["demand", "satellite", "demand", "beam"]
