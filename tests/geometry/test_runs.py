"""Runs: exactly what visibility counts, satellite by satellite; and sums over them as numpy has them."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.constellations import BY_NAME
from pipeline.geometry import arc
from pipeline.geometry.allocation import Runs, edges_of_runs, greatest, runs_in_view, runs_of_edges, summed
from pipeline.geometry.frames import point_ecef_km
from pipeline.geometry.grid import Rings, rings
from pipeline.geometry.runs import gather, scatter
from pipeline.geometry.sight import Cells, cells
from pipeline.geometry.visibility import Masks, counts, empty_sums
from pipeline.metrics import coverage

HEIGHTS_KM = (300.0, 550.0, 1_200.0, 8_000.0)
DAY = date(2026, 8, 17)  # when the rule of the United States holds


@cache
def grid(order: int) -> tuple[Rings, Cells]:
    found = rings(order)
    return found, cells(found)


def sky(rng: np.random.Generator, count: int, height_km: float) -> np.ndarray:
    """Positions [km] (3, satellite) all over the Earth, some near the poles, one that is none."""
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    latitude[:4] = 90.0, -90.0, 89.0, -88.0
    r = point_ecef_km(latitude, rng.uniform(-180, 180, count), height_km * rng.uniform(0.9, 1.1, count)).T
    r[:, -1] = np.nan
    return np.ascontiguousarray(r)


def expected(r: np.ndarray, mask_deg: float, of: Cells, zone: arc.Zone | None) -> np.ndarray:
    """What visibility counts, (cell,): usable with a zone, visible without."""
    visible, usable = np.zeros((2, 1, of.geometry.cell_count), np.uint16)
    sums = empty_sums(of.geometry, len(zone.rough) if zone else 0)
    counts(r[None], np.ones(r.shape[1], np.int64), of.geometry, Masks(mask_deg, None, zone), visible, usable, sums)
    return (usable if zone else visible)[0].astype(float)


def random_zone(rng: np.random.Generator, order: int, angles_deg: tuple[float, ...]) -> arc.Zone:
    """A zone whose angles hold in boxes and in single cells here and there."""
    of, sight_cells = grid(order)
    ring = np.repeat(np.arange(of.cell_count.size), of.cell_count)
    longitude = np.radians(of.longitude_start_deg[ring]) + (np.arange(ring.size) - of.first[ring]) * 2 * np.pi / of.cell_count[ring]  # fmt: skip
    angle = ((np.degrees(longitude) + rng.uniform(0, 360)) % 360 // 50).astype(int) % len(angles_deg)
    here = rng.random(ring.size) < 0.05
    angle[here] = rng.integers(0, len(angles_deg), here.sum())
    geometry = sight_cells.geometry
    return arc.zone(geometry.across_km, geometry.up_km, angles_deg, angle.astype(np.uint8), ring, longitude)


@cache
def starlink_zone(order: int) -> arc.Zone:
    """The zone of Starlink's rules, as the run makes it: 18 degrees, 3 where a cell is of the United States (by chance here)."""
    of, sight_cells = grid(order)
    rng = np.random.default_rng(order)
    code = np.where(np.repeat(rng.random(-(-len(of.nest_of_ring) // 16)) < 0.3, 16), "USA", "FRA")
    bridge = pl.DataFrame(
        {"cell_id": np.sort(of.nest_of_ring), "country_iso3": code[: len(of.nest_of_ring)], "area_fraction": 1.0}
    )
    return coverage.zone(BY_NAME["starlink"], DAY, bridge, of, sight_cells)


@pytest.mark.parametrize("mask_deg", [0.0, 25.0, 55.0])
@pytest.mark.parametrize("order", [2, 4, 5, 6])
@pytest.mark.parametrize("zoned", [False, True])
def test_runs_sum_to_what_is_visible_and_usable(order: int, mask_deg: float, zoned: bool) -> None:
    rng = np.random.default_rng([order, int(mask_deg), zoned])
    of, zone = grid(order)[1], starlink_zone(order) if zoned else None
    for height_km in HEIGHTS_KM:
        r = sky(rng, 300, height_km)
        right = expected(r, mask_deg, of, zone)
        for wanted in (np.ones(right.size, bool), rng.random(right.size) < 0.3, np.zeros(right.size, bool)):
            runs = runs_in_view(r, mask_deg, of.geometry, wanted, zone)
            np.testing.assert_array_equal(summed(runs, np.ones(300), int(wanted.sum())), right[wanted])
        assert right.max() > 0


def test_the_zone_of_a_run_has_both_angles() -> None:
    zone = starlink_zone(5)
    assert len(zone.rough) == 2
    assert 0.1 < zone.angle_of_cell.mean() < 0.6


@pytest.mark.parametrize("angles_deg", [(18.0, 3.0), (3.0, 60.0, 18.0), (0.0, 30.0), (50.0,)])
def test_runs_sum_to_what_is_usable_where_angles_are_scattered(angles_deg: tuple[float, ...]) -> None:
    rng = np.random.default_rng(3)
    for order in (4, 5):
        zone = random_zone(rng, order, angles_deg)
        for height_km in HEIGHTS_KM:
            r = sky(rng, 200, height_km)
            for mask_deg in (0.0, 20.0):
                wanted = rng.random(grid(order)[1].geometry.cell_count) < 0.7
                runs = runs_in_view(r, mask_deg, grid(order)[1].geometry, wanted, zone)
                right = expected(r, mask_deg, grid(order)[1], zone)
                np.testing.assert_array_equal(summed(runs, np.ones(200), int(wanted.sum())), right[wanted])


def test_each_satellite_has_its_own_cells() -> None:
    """What a satellite sees alone is what it sees among others, and its runs are in order and do not overlap."""
    rng, of, zone = np.random.default_rng(5), grid(5)[1], starlink_zone(5)
    r, wanted = sky(rng, 60, 550.0), rng.random(grid(5)[1].geometry.cell_count) < 0.6
    runs = runs_in_view(r, 25.0, of.geometry, wanted, zone)
    cell, satellite = edges_of_runs(runs)
    for s in range(60):
        right = expected(r[:, [s]], 25.0, of, zone)[wanted]
        np.testing.assert_array_equal(cell[satellite == s], np.flatnonzero(right))
    assert runs.start[-1] == len(runs.first) == len(runs.last)
    assert runs.edge_count == len(cell) > 1_000


def test_no_satellites_and_positions_that_are_none_have_no_runs() -> None:
    of = grid(3)[1]
    wanted = np.ones(of.geometry.cell_count, bool)
    for r in (np.empty((3, 0)), np.full((3, 5), np.nan)):
        runs = runs_in_view(r, 25.0, of.geometry, wanted)
        assert runs.edge_count == 0
        assert runs.satellite_count == r.shape[1]


def test_a_wrong_mask_and_a_wrong_grid_are_refused() -> None:
    of = grid(3)[1]
    with pytest.raises(ValueError, match="mask of 91"):
        runs_in_view(np.zeros((3, 1)), 91.0, of.geometry, np.ones(of.geometry.cell_count, bool))
    with pytest.raises(ValueError, match="5 cells are told wanted or not, and the grid has 768"):
        runs_in_view(np.zeros((3, 1)), 25.0, of.geometry, np.ones(5, bool))


PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=80)


@given(PAIRS)
def test_runs_and_pairs_are_the_same(pairs: list[tuple[int, int]]) -> None:
    given_pairs = np.array(pairs, np.int64).reshape(-1, 2)
    runs = runs_of_edges(given_pairs[:, 0], given_pairs[:, 1], 7)
    cell, satellite = edges_of_runs(runs)
    assert set(zip(cell.tolist(), satellite.tolist(), strict=True)) == set(pairs)
    assert len(cell) == len(set(pairs)) == runs.edge_count
    assert (runs.last > runs.first).all()
    for s in range(7):
        own = slice(runs.start[s], runs.start[s + 1])
        assert (runs.first[own][1:] > runs.last[own][:-1]).all()


@settings(deadline=None)
@given(PAIRS, st.lists(st.floats(-5, 5), min_size=7, max_size=7))
def test_sums_and_maxima_are_those_of_a_matrix(pairs: list[tuple[int, int]], values: list[float]) -> None:
    sees, amount = np.zeros((31, 7), bool), np.array(values)
    for c, s in pairs:
        sees[c, s] = True
    runs = runs_of_edges(*np.nonzero(sees), 7)
    np.testing.assert_allclose(summed(runs, amount, 31), sees @ amount, rtol=1e-12, atol=1e-12)
    best = np.where(sees.any(axis=1), np.where(sees, amount, -np.inf).max(axis=1), 0.0)
    np.testing.assert_array_equal(greatest(runs, amount, 31), best)
    of_cell, of_satellite = np.zeros(31 + 8), np.empty(7)
    scatter(*runs, np.abs(amount), of_cell)
    np.testing.assert_allclose(of_cell[:31], sees @ np.abs(amount), rtol=1e-12, atol=1e-12)
    gather(*runs, of_cell, of_satellite)
    np.testing.assert_allclose(of_satellite, of_cell[:31] @ sees, rtol=1e-12, atol=1e-12)


def test_pairs_that_cannot_be_are_refused() -> None:
    for cell, satellite in (([-1], [0]), ([0], [3]), ([0], [-1])):
        with pytest.raises(ValueError, match=r"a satellite is not in 0\.\.2"):
            runs_of_edges(np.array(cell), np.array(satellite), 3)


def test_runs_know_how_many_they_are_for() -> None:
    runs = Runs(np.array([0, 1, 1]), np.array([2], np.int32), np.array([5], np.int32))
    assert (runs.satellite_count, runs.edge_count) == (2, 3)
