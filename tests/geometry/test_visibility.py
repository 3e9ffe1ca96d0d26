"""The coverage kernel against its plain numpy twin, which knows nothing of rings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry.frames import elevation_deg, point_ecef_km
from pipeline.geometry.grid import centres, rings
from pipeline.geometry.visibility import bent_pipe_km, merged, ring_geometry, round_trip_ms, tally

ORDER = 5
RINGS = rings(ORDER)
GEOMETRY = ring_geometry(RINGS)
LATITUDE_DEG, LONGITUDE_DEG = centres(ORDER)
# Cells whose centre is this near to the mask may fall on either side by rounding.
TIE_DEG = 1e-9


def satellites(*places: tuple[float, float, float]) -> np.ndarray:
    """Positions [km] of (latitude_deg, longitude_deg, height_km), (satellite, 1, 3)."""
    return np.array([point_ecef_km(*place) for place in places])[:, None, :]


def nested(values: np.ndarray) -> np.ndarray:
    out = np.empty_like(values)
    out[RINGS.nest_of_ring.astype(np.int64)] = values
    return out


def twin(r_ecef_km: np.ndarray, mask_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Visible count per cell at one instant, and whether any satellite is too near to the mask to tell."""
    elevation = np.stack([elevation_deg(r, LATITUDE_DEG, LONGITUDE_DEG) for r in r_ecef_km])
    return (elevation >= mask_deg).sum(axis=0), (np.abs(elevation - mask_deg) < TIE_DEG).any(axis=0)


def assert_like_twin(r: np.ndarray, mask_deg: float) -> None:
    count = nested(tally(r, np.ones(len(r), np.int64), GEOMETRY, mask_deg).visible_sum)
    expected, tied = twin(r[:, 0], mask_deg)
    np.testing.assert_array_equal(count[~tied], expected[~tied])


place = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(200, 2_000))


@settings(max_examples=60, deadline=None)
@given(st.lists(place, min_size=1, max_size=6), st.floats(0, 89))
def test_counts_are_those_of_the_numpy_twin(places: list[tuple[float, float, float]], mask_deg: float) -> None:
    assert_like_twin(satellites(*places), mask_deg)


@pytest.mark.parametrize("mask_deg", [0.0, 25.0, 55.0, 90.0])
@pytest.mark.parametrize(
    "where",
    [(90, 0, 550), (-90, 0, 550), (89.99, 180, 550), (0, 180, 550), (0, -180, 1200), (0, 0, 550), (53, 179.999, 550), (82, 10, 35_786)],
)  # fmt: skip
def test_poles_date_line_and_high_orbits(where: tuple[float, float, float], mask_deg: float) -> None:
    assert_like_twin(satellites(where), mask_deg)


def test_a_satellite_without_a_position_counts_nowhere() -> None:
    r = satellites((10, 20, 550), (10, 20, 550))
    r[1] = np.nan
    weight = np.array([5, 7], np.int64)
    result = tally(r, weight, GEOMETRY, 25.0)
    assert result.weight_sum.max() == 5
    assert result.visible_sum.max() == 1


def test_weights_are_summed_over_those_in_view() -> None:
    r = satellites((10, 20, 550), (11, 21, 550), (-40, 100, 550))
    result = tally(r, np.array([96_000, 18_000, 7], np.int64), GEOMETRY, 25.0)
    here = int(np.argmin(np.abs(LATITUDE_DEG - 10.5) + np.abs(LONGITUDE_DEG - 20.5)))
    assert nested(result.weight_sum)[here] == 114_000


def test_a_mask_beyond_the_zenith_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 90"):
        tally(satellites((0, 0, 550)), np.ones(1, np.int64), GEOMETRY, 91.0)


def random_day(instants: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    places = zip(rng.uniform(-60, 60, 40 * instants), rng.uniform(-180, 180, 40 * instants), strict=True)
    r = np.array([point_ecef_km(latitude, longitude, 600.0) for latitude, longitude in places])
    return r.reshape(40, instants, 3)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.lists(st.integers(1, 11), min_size=3, max_size=3, unique=True))
def test_windows_merge_to_the_whole_day_in_any_order(order: list[int], cuts: list[int]) -> None:
    r, weight = random_day(12), np.arange(40, dtype=np.int64)
    whole = tally(r, weight, GEOMETRY, 25.0)
    edges = [0, *sorted(cuts), 12]
    parts = [tally(np.ascontiguousarray(r[:, a:b]), weight, GEOMETRY, 25.0, a) for a, b in pairwise(edges)]
    result = merged([parts[k] for k in order])
    for name in ("visible_sum", "weight_sum", "visible_min", "covered", "lead", "trail", "longest"):
        np.testing.assert_array_equal(getattr(result, name), getattr(whole, name), err_msg=name)


def test_gaps_are_those_of_a_walk_through_the_instants() -> None:
    r = random_day(12)
    result = tally(r, np.ones(40, np.int64), GEOMETRY, 25.0)
    counts = np.stack([twin(r[:, k], 25.0)[0] for k in range(12)])
    for cell in range(0, counts.shape[1], 997):
        runs = "".join("1" if n else "0" for n in counts[:, cell]).split("1")
        assert nested(result.longest)[cell] == max(len(run) for run in runs)
        assert nested(result.covered)[cell] == (counts[:, cell] > 0).sum()
        assert nested(result.visible_min)[cell] == counts[:, cell].min()


def test_windows_that_do_not_touch_do_not_merge() -> None:
    r, weight = random_day(4), np.ones(40, np.int64)
    with pytest.raises(ValueError, match="does not follow"):
        merged([tally(r, weight, GEOMETRY, 25.0, 0), tally(r, weight, GEOMETRY, 25.0, 5)])


def test_bent_pipe_is_the_shortest_sum_of_two_slant_ranges() -> None:
    rng = np.random.default_rng(3)
    r = np.array(
        [point_ecef_km(a, b, 550.0) for a, b in zip(rng.uniform(30, 60, 60), rng.uniform(-20, 40, 60), strict=True)]
    )
    gateways = np.array([50.1, 40.4]), np.array([8.7, -3.7])
    way_km = nested(bent_pipe_km(r, *gateways, GEOMETRY, 25.0, 10.0))
    up_km = np.full(len(r), np.inf)
    for latitude, longitude in zip(*gateways, strict=True):
        range_km = np.linalg.norm(r - point_ecef_km(latitude, longitude), axis=1)
        up_km = np.where(elevation_deg(r, latitude, longitude) >= 10.0, np.minimum(up_km, range_km), up_km)
    points = point_ecef_km(LATITUDE_DEG, LONGITUDE_DEG)
    expected = np.full(len(points), np.inf)
    for position, up in zip(r, up_km, strict=True):
        user_km = np.linalg.norm(position - points, axis=1)
        seen = elevation_deg(position, LATITUDE_DEG, LONGITUDE_DEG) >= 25.0
        expected = np.where(seen, np.minimum(expected, user_km + up), expected)
    np.testing.assert_array_equal(np.isfinite(way_km), np.isfinite(expected))
    reached = np.isfinite(expected)
    assert reached.sum() > 100
    np.testing.assert_allclose(way_km[reached], expected[reached], atol=0.001)


def test_round_trip_over_1000_km_takes_twice_the_time_of_light() -> None:
    assert round_trip_ms(np.array([1_000.0], np.float32))[0] == pytest.approx(6.671282, abs=1e-5)
