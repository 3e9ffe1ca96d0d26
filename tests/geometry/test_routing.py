"""Shortest ways: against scipy's Dijkstra on the same graphs, and what makes a link."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from pipeline.geometry import routing
from pipeline.geometry.constants import LIGHT_KM_PER_S, MEAN_RADIUS_KM

KM_PER_TRILLIONTH = 1e-6 / 2_000 * LIGHT_KM_PER_S  # of a second there and back: 1e-6 ms


def torus(planes: int, slots: int) -> NDArray[np.int32]:
    """A +grid that wraps both ways."""
    number = np.arange(planes * slots).reshape(planes, slots)
    turned = [np.roll(number, shift, axis) for axis in (1, 0) for shift in (1, -1)]
    return np.stack(turned, axis=-1).reshape(-1, 4).astype(np.int32)


def mutual(neighbour: NDArray[np.int32], rng: np.random.Generator, keep: float) -> NDArray[np.float64]:
    """Random lengths that are the same both ways; a part of the links is down."""
    n = len(neighbour)
    drawn, up = rng.uniform(1, 5_000, (n, n)), rng.uniform(size=(n, n)) < keep
    low, high = np.minimum(np.arange(n)[:, None], neighbour), np.maximum(np.arange(n)[:, None], neighbour)
    return np.where((neighbour >= 0) & up[low, high], drawn[low, high], np.inf)


def by_scipy(
    neighbour: NDArray[np.int32], length: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances (source, satellite) by scipy: every source is a node more, with links of its own to where it starts."""
    n, sources = len(neighbour), len(start)
    here, link = np.nonzero(np.isfinite(length))
    source, first = np.nonzero(np.isfinite(start))
    rows, columns = np.concatenate([here, n + source]), np.concatenate([neighbour[here, link], first])
    graph = csr_matrix(
        (np.concatenate([length[here, link], start[source, first]]), (rows, columns)), (n + sources, n + sources)
    )
    return np.asarray(dijkstra(graph, indices=np.arange(n, n + sources)))[:, :n]


@settings(max_examples=60, deadline=None)
@given(
    planes=st.integers(3, 12),
    slots=st.integers(3, 12),
    sources=st.integers(1, 130),
    keep=st.floats(0.3, 1.0),
    seed=st.integers(0, 2**32 - 1),
    mixed=st.booleans(),
    shells=st.integers(1, 3),
)
def test_distances_are_those_of_dijkstra(
    planes: int, slots: int, sources: int, keep: float, seed: int, mixed: bool, shells: int
) -> None:
    rng = np.random.default_rng(seed)
    one = torus(planes, slots)
    neighbour = np.concatenate([one + k * len(one) for k in range(shells)]).astype(np.int32)
    if mixed:  # in an order that has nothing to do with the planes
        order = rng.permutation(len(neighbour)).astype(np.int32)
        neighbour = order[neighbour[np.argsort(order)]]
    length = mutual(neighbour, rng, keep)
    shape = sources, len(neighbour)
    start = np.where(rng.uniform(size=shape) < 0.1, rng.uniform(1, 3_000, shape), np.inf)
    found, wanted = routing.distances(neighbour, length, start), by_scipy(neighbour, length, start)
    assert np.array_equal(np.isfinite(found), np.isfinite(wanted))
    there = np.isfinite(found)
    assert np.allclose(found[there], wanted[there], rtol=0, atol=KM_PER_TRILLIONTH)


def test_a_way_back_adds_up_to_the_distance_and_ticks_count_its_links() -> None:
    rng = np.random.default_rng(3)
    neighbour = torus(9, 7)
    length = routing.ticked(mutual(neighbour, rng, 0.8), links=1)
    start = routing.ticked(np.where(rng.uniform(size=(5, 63)) < 0.1, 700.0, np.inf))
    distance = routing.distances(neighbour, length, start)
    count = routing.link_count(distance)
    reached = 0
    for source, last in np.argwhere(np.isfinite(distance)):
        path = routing.way_back(neighbour, length, distance[source], start[source], int(last))
        total = start[source, path[0]]
        for here, there in itertools.pairwise(path):
            total += length[here, list(neighbour[here]).index(there)]
        assert total == distance[source, last]  # exact: ticked lengths add up without rounding
        assert count[source, last] == len(path) - 1
        reached += len(path) > 1
    assert reached > 100


def test_where_there_is_no_way_it_is_infinite_and_has_no_path_and_no_links() -> None:
    neighbour = np.full((3, 4), -1, np.int32)
    neighbour[0, 0], neighbour[1, 1] = 1, 0
    length = np.where(neighbour >= 0, 10.0, np.inf)
    start = np.array([[1.0, np.inf, np.inf]])
    distance = routing.distances(neighbour, length, start)
    assert distance.tolist() == [[1.0, 11.0, np.inf]]
    assert routing.way_back(neighbour, length, distance[0], start[0], 2) == []
    assert routing.link_count(distance).tolist() == [[0, 0, -1]]


@pytest.mark.parametrize(
    ("angle_deg", "altitude_km", "up"),
    [
        (40.0, 550.0, True),
        (43.0, 550.0, False),  # 42.8 degrees is where the line touches 80 km
        (46.0, 630.0, False),
        (60.0, 1_200.0, False),  # clear of the air, but 7,571 km long
        (41.0, 1_200.0, True),
    ],
)
def test_a_link_is_up_where_it_is_short_enough_and_clear_of_the_air(
    angle_deg: float, altitude_km: float, up: bool
) -> None:
    r = MEAN_RADIUS_KM + altitude_km
    turn = np.radians(angle_deg)
    r_km = np.array([[r, r * np.cos(turn)], [0.0, r * np.sin(turn)], [0.0, 0.0]])
    neighbour = np.array([[1], [0]], np.int32)
    length = routing.lengths_km(r_km, neighbour)
    assert np.isfinite(length).all() == up
    if up:
        assert length[0, 0] == length[1, 0] == pytest.approx(2 * r * np.sin(turn / 2))
    assert np.isfinite(routing.lengths_km(r_km, neighbour, np.inf, None)).all()


def test_a_satellite_without_a_position_has_no_links() -> None:
    r_km = np.array([[7_000.0, np.nan], [0.0, np.nan], [0.0, np.nan]])
    assert np.isinf(routing.lengths_km(r_km, np.array([[1], [0]], np.int32), np.inf, None)).all()
