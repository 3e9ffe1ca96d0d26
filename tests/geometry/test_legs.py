"""Legs between the ground and the mesh: against plain numpy, and paths that have a number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.geometry import legs, overhead, points, routing
from tests.geometry.test_routing import torus


def seen_from(
    rng: np.random.Generator, stations: int, satellites: int
) -> tuple[overhead.Sightings, NDArray[np.float64]]:
    """Sightings drawn at random, and the same as a matrix (station, satellite), infinite where there are none."""
    range_km = np.where(
        rng.uniform(size=(stations, satellites)) < 0.2, rng.uniform(500, 1_500, (stations, satellites)), np.inf
    )
    range_km = routing.ticked(range_km)
    station, satellite = np.nonzero(np.isfinite(range_km))
    start = np.searchsorted(station, np.arange(stations + 1))
    return overhead.Sightings(start, satellite.astype(np.int32), range_km[station, satellite]), range_km


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), goals=st.integers(1, 130), stations=st.integers(1, 8))
def test_up_over_the_mesh_and_down_is_what_plain_numpy_finds(seed: int, goals: int, stations: int) -> None:
    rng = np.random.default_rng(seed)
    seen, range_km = seen_from(rng, stations, 42)
    behind_km = np.where(rng.uniform(size=(stations, goals)) < 0.5, rng.uniform(0, 900, (stations, goals)), np.inf)
    way = legs.enter(seen, behind_km, legs.room(goals, 42))
    up = (behind_km[:, :, None] + range_km[:, None]).min(axis=0)
    assert np.array_equal(routing.unpacked(way, goals), up)
    length = routing.ticked(np.full((42, 4), 1_000.0), 1)
    routing.shorten(torus(6, 7), length, way)
    over = routing.unpacked(way, goals)
    down = legs.leave(seen, behind_km, way)[:, :goals]
    at_station = (over[:, None] + range_km[None]).min(axis=2)
    wanted = (behind_km[:, :, None] + at_station.T[:, None]).min(axis=0)
    assert np.allclose(down, wanted, rtol=0, atol=1e-9)
    assert np.allclose(down, down.T, rtol=0, atol=1e-9)  # there and back are one way


def test_a_path_keeps_its_number_as_long_as_its_satellites_and_no_longer() -> None:
    neighbour = torus(5, 5)
    seen = overhead.Sightings(np.array([0, 1, 2]), np.array([0, 12], np.int32), np.array([600.0, 700.0]))
    behind_km = np.array([[0.0, np.inf], [np.inf, 0.0]])

    def label(length: NDArray[np.float64]) -> NDArray[np.int64]:
        start = legs.enter(seen, behind_km, legs.room(2, 25))
        way = start.copy()
        routing.shorten(neighbour, length, way)
        pairs = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
        return legs.labels(seen, behind_km, neighbour, length, way, start, pairs).reshape(2, 2)

    length = np.full((25, 4), 1_000.0)
    first, longer = label(length), label(length * 1.1)
    assert np.array_equal(first, longer)
    assert first[0, 0] >= 0
    down = length.copy()
    path = routing.way_back(
        neighbour, length, routing.distances(neighbour, length, _start(seen, 25))[0], _start(seen, 25)[0], 12
    )
    broken = path[1]
    down[broken], down[neighbour == broken] = np.inf, np.inf
    assert label(down)[1, 0] not in (first[1, 0], -1)
    assert (label(np.full((25, 4), np.inf))[[0, 1], [1, 0]] == -1).all()


def _start(seen: overhead.Sightings, satellites: int) -> NDArray[np.float64]:
    start = np.full((1, satellites), np.inf)
    start[0, seen.satellite[0]] = seen.range_km[0]
    return start


def test_a_bent_pipe_is_the_least_sum_of_two_slant_ranges() -> None:
    rng = np.random.default_rng(3)
    r_km = np.ascontiguousarray(rng.normal(size=(3, 400)))
    r_km *= 6_930 / np.linalg.norm(r_km, axis=0)
    users, gateways = (
        points.places(rng.uniform(-60, 60, n), rng.uniform(-180, 180, n), np.zeros(n)) for n in (200, 20)
    )
    above = overhead.overhead(r_km)
    masks = 25.0, 10.0
    way = legs.enter(
        overhead.sightings(above, overhead.view(gateways, masks[1], 7_000.0)), np.zeros((20, 1)), legs.room(1, 400)
    )
    beyond_km = routing.unpacked(way, 1)
    found, satellite = overhead.serve(
        above, overhead.view(users, masks[0], 7_000.0), np.zeros(200, np.int32), beyond_km, np.zeros(1)
    )

    def slant_km(places: NDArray[np.float64], mask_deg: float) -> NDArray[np.float64]:
        sight = r_km.T - places[:, None, :3]
        away = np.linalg.norm(sight, axis=2)
        return np.where((sight * places[:, None, 3:]).sum(axis=2) >= np.sin(np.radians(mask_deg)) * away, away, np.inf)

    sums = slant_km(users, masks[0]) + slant_km(gateways, masks[1]).min(axis=0)
    assert np.isfinite(sums.min(axis=1)).sum() > 50
    assert found[0] == pytest.approx(sums.min(axis=1), rel=1e-12)
    served = satellite[0] >= 0
    assert np.array_equal(satellite[0][served], sums.argmin(axis=1)[served])
