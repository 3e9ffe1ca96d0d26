"""Satellites over points: against plain numpy, every mask, every latitude, and who serves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.geometry import overhead, points
from pipeline.geometry.frames import elevation_deg


def sky(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Satellites anywhere, 300 to 1,400 km up and a few far out; (3, satellite)."""
    way = rng.normal(size=(3, count))
    height = np.where(
        rng.uniform(size=count) < 0.95, rng.uniform(6_680, 7_800, count), rng.uniform(8_000, 42_000, count)
    )
    return np.ascontiguousarray(way / np.linalg.norm(way, axis=0) * height)


def towns(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places anywhere, the poles and the date line among them."""
    latitude, longitude = rng.uniform(-90, 90, count), rng.uniform(-180, 180, count)
    latitude[:4], longitude[:4] = (90.0, -90.0, 0.0, 64.0), (0.0, 0.0, 180.0, -179.99)
    return latitude, longitude


def seen_by(r_km: NDArray[np.float64], places: NDArray[np.float64], mask_deg: float) -> overhead.Sightings:
    """Sightings with a view that is just large enough."""
    above = overhead.overhead(r_km)
    return overhead.sightings(above, overhead.view(places, mask_deg, above.farthest_km))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), mask_deg=st.floats(0, 85), count=st.integers(1, 600))
def test_sightings_are_those_of_plain_numpy(seed: int, mask_deg: float, count: int) -> None:
    rng = np.random.default_rng(seed)
    r_km, (latitude, longitude) = sky(rng, count), towns(rng, 12)
    r_km[:, rng.uniform(size=count) < 0.05] = np.nan
    found = seen_by(r_km, points.places(latitude, longitude, np.zeros(12)), mask_deg)
    seen = np.asarray([elevation_deg(r_km.T, latitude[k], longitude[k]) for k in range(12)])
    for k in range(12):
        satellites = found.satellite[found.start[k] : found.start[k + 1]]
        sure = np.flatnonzero(seen[k] >= mask_deg + 1e-9)
        assert set(sure) <= set(satellites) <= set(np.flatnonzero(seen[k] >= mask_deg - 1e-9))
        place = points.places(latitude[k], longitude[k], 0.0).ravel()[:3]
        range_km = np.linalg.norm(r_km[:, satellites].T - place, axis=1)
        assert np.allclose(found.range_km[found.start[k] : found.start[k + 1]], range_km, rtol=0, atol=1e-9)


def test_each_place_may_have_a_mask_of_its_own_and_none_may_be_outside_0_to_90() -> None:
    rng = np.random.default_rng(5)
    above, places = overhead.overhead(sky(rng, 3_000)), points.places(np.zeros(2), np.zeros(2), np.zeros(2))
    counts = np.diff(overhead.sightings(above, overhead.view(places, np.array([60.0, 10.0]), 42_000.0)).start)
    assert counts.tolist() == [
        np.diff(overhead.sightings(above, overhead.view(places[:1], mask, 42_000.0)).start)[0] for mask in (60.0, 10.0)
    ]
    assert 0 < counts[0] < counts[1]
    with pytest.raises(ValueError, match=r"mask of 91\.0 degrees"):
        overhead.view(places, np.array([10.0, 91.0]), 42_000.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_rule_says_who_serves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    r_km, (latitude, longitude) = sky(rng, 800), towns(rng, 9)
    places, above = points.places(latitude, longitude, np.zeros(9)), overhead.overhead(r_km)
    beyond_km = np.where(rng.uniform(size=(3, 800)) < 0.3, rng.uniform(500, 9_000, (3, 800)), np.inf)
    goal, rules = rng.integers(-1, 3, 9).astype(np.int32), np.array([0.0, 0.25, 0.5, 1.0])
    view = overhead.view(places, 20.0, above.farthest_km)
    way_km, satellite = overhead.serve(above, view, goal, beyond_km, rules)
    seen = overhead.sightings(above, view)
    for k in range(9):
        of = slice(seen.start[k], seen.start[k + 1])
        ways = np.sort(seen.range_km[of] + (beyond_km[goal[k], seen.satellite[of]] if goal[k] >= 0 else np.inf))
        ways = ways[np.isfinite(ways)]
        if not len(ways):
            assert np.isinf(way_km[:, k]).all()
            assert (satellite[:, k] == -1).all()
            continue
        assert np.allclose(way_km[:, k], ways[(rules * (len(ways) - 1)).astype(int)], rtol=1e-14)
        for rule in range(len(rules)):
            at = list(seen.satellite[of]).index(satellite[rule, k])
            assert seen.range_km[of][at] + beyond_km[goal[k], satellite[rule, k]] == pytest.approx(
                way_km[rule, k], rel=1e-14
            )


def test_of_equal_ways_the_first_in_the_bins_serves_first() -> None:
    above = overhead.overhead(np.repeat([[7_000.0], [0.0], [0.0]], 9, axis=1))
    view = overhead.view(points.places(np.zeros(1), np.zeros(1), np.zeros(1)), 25.0, 7_000.0)
    rules = np.arange(9) / 8
    way_km, satellite = overhead.serve(above, view, np.zeros(1, np.int32), np.array([[5.0, 1.0, 5.0] * 3]), rules)
    assert satellite[:, 0].tolist() == [1, 4, 7, 0, 2, 3, 5, 6, 8]
    assert (np.diff(way_km[:, 0]) == [0, 0, 4, 0, 0, 0, 0, 0]).all()


def test_a_view_that_is_too_narrow_for_a_satellite_is_refused() -> None:
    above = overhead.overhead(np.array([[8_000.0], [0.0], [0.0]]))
    with pytest.raises(ValueError, match="8000 km from the centre, and the view is for 7000 km"):
        overhead.sightings(above, overhead.view(points.places(np.zeros(1), np.zeros(1), np.zeros(1)), 25.0, 7_000.0))
