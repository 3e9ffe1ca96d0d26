"""Counting for a few places against its plain numpy twin, bit for bit, and against elevations by trigonometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.geometry.frames import elevation_deg, point_ecef_km
from pipeline.geometry.points import BLOCK, in_view, places, slants_km

Place = tuple[float, float, float]
MASKS_DEG = st.sampled_from([0.0, 5.0, 25.0, 90.0]) | st.floats(0, 90)
LONGITUDES_DEG = st.sampled_from([-360.0, -180.0, 0.0, 180.0, 360.0]) | st.floats(-360, 360)
PLACES = st.tuples(st.sampled_from([-90.0, 0.0, 90.0]) | st.floats(-90, 90), LONGITUDES_DEG, st.floats(-500, 20_000))
ABOVE_KM = st.sampled_from([300.0, 550.0, 35_786.0]) | st.floats(150, 40_000)
SATELLITES = st.tuples(st.floats(-90, 90), st.floats(-180, 180), ABOVE_KM)


def twin(r_ecef_km: np.ndarray, at: np.ndarray, mask_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts and the largest squared sine of elevation, (instant, place), by the same sums in plain numpy."""
    sight = r_ecef_km[:, :, None, :] - at[None, None, :, :3]
    x, y, z = np.moveaxis(sight, -1, 0)
    rise = x * at[:, 3] + y * at[:, 4] + z * at[:, 5]
    with np.errstate(invalid="ignore"):
        square = rise * np.abs(rise) / (x * x + y * y + z * z)
    seen = square >= np.sin(np.radians(mask_deg)) ** 2
    return seen.sum(axis=0), np.where(seen, square, -1.0).max(axis=0, initial=-1.0)


def positions(satellites: list[Place]) -> np.ndarray:
    """Positions [km] of (latitude_deg, longitude_deg, height_km) at one instant, (satellite, 1, 3)."""
    return np.array([point_ecef_km(*each) for each in satellites])[:, None, :]


def assert_like_twin(r_ecef_km: np.ndarray, at: np.ndarray, mask_deg: float) -> None:
    count, best_deg = in_view(r_ecef_km, at, mask_deg)
    expected, square = twin(r_ecef_km, at, mask_deg)
    np.testing.assert_array_equal(count, expected)
    seen = expected > 0
    np.testing.assert_array_equal(best_deg[seen], np.degrees(np.arcsin(np.sqrt(np.minimum(square[seen], 1.0)))))
    assert np.isnan(best_deg[~seen]).all()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PLACES, min_size=1, max_size=BLOCK + 3), st.lists(SATELLITES, min_size=1, max_size=12), ABOVE_KM, MASKS_DEG
)
@example([(90.0, 0.0, 0.0), (-90.0, 0.0, 2_835.0)], [(90.0, 0.0, 550.0)], 550.0, 90.0)
@example([(0.0, 180.0, 0.0), (0.0, -180.0, 0.0)], [(0.0, 179.99, 550.0), (0.0, -179.99, 550.0)], 550.0, 25.0)
def test_counts_and_elevations_are_those_of_the_numpy_twin(
    where: list[Place], satellites: list[Place], above_km: float, mask_deg: float
) -> None:
    at = places(*np.array(where).T)
    # Who stands in the zenith of the first place is there too: the border case of a mask of 90 degrees.
    assert_like_twin(positions([*satellites, (*where[0][:2], above_km)]), at, mask_deg)


@settings(max_examples=60, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=5), st.lists(SATELLITES, min_size=1, max_size=8))
def test_at_a_mask_that_a_satellite_just_meets_it_is_seen_as_by_the_twin(
    where: list[Place], satellites: list[Place]
) -> None:
    at, r_ecef_km = places(*np.array(where).T), positions(satellites)
    latitude, longitude, height_m = where[0]
    for elevation in elevation_deg(r_ecef_km[:, 0], latitude, longitude, height_m / 1_000.0):
        for mask_deg in (elevation, np.nextafter(elevation, 90), np.nextafter(elevation, 0)):
            if 0 <= mask_deg <= 90:
                assert_like_twin(r_ecef_km, at, float(mask_deg))


@settings(max_examples=60, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=5), st.lists(SATELLITES, min_size=1, max_size=8), st.floats(0, 89))
def test_elevations_are_those_of_trigonometry(where: list[Place], satellites: list[Place], mask_deg: float) -> None:
    r_ecef_km = positions(satellites)
    count, best_deg = in_view(r_ecef_km, places(*np.array(where).T), mask_deg)
    for k, (latitude, longitude, height_m) in enumerate(where):
        elevation = elevation_deg(r_ecef_km[:, 0], latitude, longitude, height_m / 1_000.0)
        if (np.abs(elevation - mask_deg) > 1e-9).all():
            assert count[0, k] == (elevation >= mask_deg).sum()
        if count[0, k]:
            assert best_deg[0, k] == pytest.approx(
                elevation.max(), abs=2e-6
            )  # near the zenith the arc sine has eight digits


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_any_number_of_places_fills_the_blocks(count: int) -> None:
    rng = np.random.default_rng(count)
    at = places(rng.uniform(-90, 90, count), rng.uniform(-180, 180, count), rng.uniform(0, 5_000, count))
    r_ecef_km = rng.normal(size=(200, 7, 3))
    r_ecef_km *= 6_928 / np.linalg.norm(r_ecef_km, axis=2, keepdims=True)
    assert_like_twin(r_ecef_km, at, 10.0)


def test_a_satellite_without_a_position_is_not_seen_and_hides_no_other() -> None:
    at = places([10.0], [20.0], [0.0])
    r_ecef_km = positions([(10, 20, 550), (10, 20, 550), (11, 20, 550)])
    r_ecef_km[0] = np.nan
    for order in ([0, 1, 2], [1, 0, 2], [1, 2, 0]):
        count, best_deg = in_view(r_ecef_km[order], at, 25.0)
        assert (count[0, 0], best_deg[0, 0]) == (2, pytest.approx(90.0, abs=1e-5))


def test_windows_are_bit_equal_to_the_whole() -> None:
    rng = np.random.default_rng(4)
    at = places(rng.uniform(-90, 90, 20), rng.uniform(-180, 180, 20), np.zeros(20))
    r_ecef_km = rng.normal(size=(50, 9, 3)) * 5_000
    count, best_deg = in_view(r_ecef_km, at, 10.0)
    for first, last in ((0, 1), (1, 6), (6, 9)):
        part = in_view(r_ecef_km[:, first:last], at, 10.0)
        np.testing.assert_array_equal(part[0], count[first:last])
        np.testing.assert_array_equal(part[1], best_deg[first:last])


def test_height_lifts_the_horizon_plane_with_the_place() -> None:
    # 2,000 km to the north: the higher the place, the lower the satellite stands.
    _, best_deg = in_view(positions([(18, 0, 550)]), places([0.0, 0.0], [0.0, 0.0], [0.0, 9_000.0]), 0.0)
    assert best_deg[0, 0] > best_deg[0, 1]
    assert best_deg[0, 1] == pytest.approx(float(elevation_deg(point_ecef_km(18, 0, 550.0), 0, 0, 9.0)), abs=1e-9)


@pytest.mark.parametrize("mask_deg", [-0.1, 90.1, float("nan")])
def test_a_mask_that_is_none_is_refused(mask_deg: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 90"):
        in_view(positions([(0, 0, 550)]), places([0.0], [0.0], [0.0]), mask_deg)


def test_slants_are_numpys_by_mask_and_by_length() -> None:
    rng = np.random.default_rng(2)
    latitude, longitude = rng.uniform(-90, 90, 19), rng.uniform(-180, 180, 19)
    at = places(latitude, longitude, np.full(19, 120.0))
    r_km = rng.normal(size=(3, 400))
    r_km *= rng.uniform(6_700, 7_600, 400) / np.linalg.norm(r_km, axis=0)
    r_km[:, 7] = np.nan
    ground = point_ecef_km(latitude, longitude, 0.12)
    expected = np.linalg.norm(r_km.T - ground[:, None], axis=2)
    up = elevation_deg(r_km.T, latitude[:, None], longitude[:, None], 0.12)
    for mask in (0.0, 25.0):
        np.testing.assert_allclose(slants_km(r_km, at, mask), np.where(up >= mask, expected, np.inf), rtol=1e-12)
    by_length = np.where(expected <= 3_000, expected, np.inf)
    np.testing.assert_allclose(slants_km(r_km, at, None, 3_000), by_length, rtol=1e-12)
    assert np.isinf(slants_km(r_km, at, None)[:, 7]).all()
    assert np.isfinite(slants_km(r_km, at, None)).sum() == 19 * 399
    with pytest.raises(ValueError, match="is not between 0 and 90"):
        slants_km(r_km, at, 91.0)
