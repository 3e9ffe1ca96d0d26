"""Continuity of the real fleets: what brute force finds, and that whoever sees enough satellites each minute is never without two."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.constellations import BY_NAME
from pipeline.geometry import passes, sight, tally
from pipeline.geometry.grid import centres, rings
from pipeline.geometry.propagation import instants_of_day
from pipeline.metrics import continuity
from pipeline.metrics.sweep import Crew, Plan, sweep
from pipeline.sources.celestrak_active import parse
from tests.metrics.passes_by_force import by_force

pytestmark = pytest.mark.realdata

DAY, ORDER = date(2026, 8, 17), 6
# The least count at which no cell of any fleet was ever seen without two; what is relied on is twice that.
NEVER_WITHOUT = 3


@pytest.fixture(scope="module")
def catalog(shared: Path) -> pl.DataFrame:
    (path,) = (shared / "data/catalogs/omm-active").glob(f"active_omm_{DAY}T*.gz")
    frame = parse(gzip.decompress(path.read_bytes())).frame
    return frame.filter(pl.col("mean_motion_rev_per_day") > 8)


def fleet(catalog: pl.DataFrame, name: str) -> pl.DataFrame:
    """All low satellites of a constellation, at work or not: the sky of a fleet as it really is."""
    return catalog.filter(pl.col("object_name").str.contains(BY_NAME[name].names))


@pytest.mark.parametrize(
    ("name", "cells"), [("amazon_leo", (14_896, 29_885)), ("oneweb", (6_161, 38_605)), ("starlink", (29_885, 17_420))]
)
def test_it_is_what_brute_force_finds(catalog: pl.DataFrame, name: str, cells: tuple[int, ...]) -> None:
    """Starlink's mask is raised so that there are gaps."""
    own, grid = fleet(catalog, name), rings(ORDER)
    mask_deg = 65.0 if name == "starlink" else BY_NAME[name].min_elevation_deg
    ids, (latitude, longitude) = pl.Series(cells, dtype=pl.UInt64), centres(ORDER)
    rows = continuity.compute(name, DAY, ids, grid, ids, own, mask_deg)
    for row in rows.iter_rows(named=True):
        cell = row["cell_id"]
        one_s, two_s, gap_s, gaps = by_force(own, latitude[cell], longitude[cell], mask_deg, DAY)
        assert 0 < row["continuous_fraction"] < 1
        assert row["continuous_fraction"] == pytest.approx(one_s / 86_400, abs=1e-5)
        assert row["continuous_2_fraction"] == pytest.approx(two_s / 86_400, abs=1e-5)
        assert row["longest_gap_exact_s"] == pytest.approx(gap_s, abs=0.05)
        assert row["gap_count"] == gaps


@pytest.mark.parametrize("name", list(BY_NAME))
def test_who_sees_enough_is_never_without_two(catalog: pl.DataFrame, name: str) -> None:
    """Each minute, at half of what is relied on, and each hour; over the whole Earth."""
    assert 2 * NEVER_WITHOUT <= continuity.STEADY_COUNT
    own, grid, mask_deg = fleet(catalog, name), rings(3), BY_NAME[name].min_elevation_deg
    least, rare = (least_count(own, mask_deg, step_s) for step_s in (continuity.STEADY_STEP_S, 3_600))
    of = passes.stands(grid, np.ones(len(least), np.bool_))
    seen = continuity.watched(own, of, mask_deg, DAY)
    assert (seen.two_us[least >= NEVER_WITHOUT] == continuity.DAY_US).all()
    assert (seen.two_us[rare >= continuity.STEADY_COUNT_OF_RARE] == continuity.DAY_US).all()
    assert (seen.one_us[least == 0] < continuity.DAY_US).all()
    if name == "starlink":
        assert (least >= continuity.STEADY_COUNT).sum() > 300
        assert (rare >= continuity.STEADY_COUNT_OF_RARE).sum() > 300


def least_count(own: pl.DataFrame, mask_deg: float, step_s: int) -> np.ndarray:
    """The least that each cell of a coarse grid sees at instants of the day, by the pass over the sky."""
    crew = Crew("own", own, np.ones(own.height, np.int64), mask_deg)
    swept = sweep([crew], instants_of_day(DAY, step_s), sight.cells(rings(3)), Plan(best=False, side_deg=None))
    return tally.statistics(swept.seen["own"].visible).min_count
