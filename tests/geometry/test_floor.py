"""The floor: under every way over any fleet, and near it where satellites are everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from pipeline.geometry import floor, overhead, points, routing
from pipeline.geometry.constants import MEAN_RADIUS_KM


def all_in_sight(r_km: np.ndarray) -> np.ndarray:
    """Every satellite linked to every other: the richest graph there is."""
    count = r_km.shape[1]
    return np.array([[b for b in range(count) if b != a] for a in range(count)], np.int32)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), mask_deg=st.floats(5, 40), lowest=st.floats(340, 1_200))
def test_the_floor_is_below_every_way_where_each_satellite_may_link_to_all_it_sees(
    seed: int, mask_deg: float, lowest: float
) -> None:
    rng = np.random.default_rng(seed)
    way = rng.normal(size=(3, 150))
    r_km = way / np.linalg.norm(way, axis=0) * (6_378.2 + lowest + rng.uniform(0, 300, 150))
    latitude, longitude = rng.uniform(-90, 90, 12), rng.uniform(-180, 180, 12)
    places = points.places(latitude, longitude, np.zeros(12))
    neighbour = all_in_sight(r_km)
    length = routing.lengths_km(r_km, neighbour, np.inf)
    here, link = np.nonzero(np.isfinite(length))
    seen = overhead.sightings(overhead.overhead(r_km), places, mask_deg)
    place = np.repeat(np.arange(12), np.diff(seen.start))
    rows = np.concatenate([here, 150 + place, seen.satellite])
    columns = np.concatenate([neighbour[here, link], seen.satellite, 162 + place])
    values = np.concatenate([length[here, link], seen.range_km, seen.range_km])
    shortest = dijkstra(csr_matrix((values, (rows, columns)), (174, 174)), indices=np.arange(150, 162))[:, 162:]
    angle = floor.central_angle_rad(places[:, None], places[None])
    lowest_km = float(np.linalg.norm(r_km, axis=0).min())
    least = floor.floor_km(angle, lowest_km, mask_deg)
    assert (least <= shortest + 1e-9).all()


def test_one_satellite_overhead_is_the_floor_of_a_place_to_itself() -> None:
    assert floor.floor_km(0.0, 6_928.137, 25.0) == pytest.approx(2 * 550.0)


def test_the_floor_grows_with_the_angle_and_falls_with_the_mask() -> None:
    angle = np.linspace(0, np.pi, 200)
    low, high = (floor.floor_km(angle, 6_928.0, mask) for mask in (10.0, 40.0))
    assert (np.diff(low) > 0).all()
    assert (low <= high + 1e-9).all()
    assert (low >= angle * MEAN_RADIUS_KM).all()  # never shorter than the ground


def test_the_angle_between_places_is_good_for_near_and_opposite_ones() -> None:
    places = points.places(np.array([0.0, 0.0, 0.0]), np.array([0.0, 1e-6, 180.0]), np.zeros(3))
    found = np.degrees(floor.central_angle_rad(places[:1], places))
    assert found == pytest.approx([0.0, 1e-6, 180.0], abs=1e-12)
