"""Ways between stations on any mesh: scipy's, and their satellites."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from pipeline.geometry import links, stations


def made(
    rng: np.random.Generator, satellites: int, ends: int, link_count: int, down: float = 0.1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neighbours, lengths and slants of a random mesh: some links are down, and a station sees a few satellites."""
    pairs = rng.integers(0, satellites, (link_count, 2))
    neighbour = links.from_pairs(pairs[pairs[:, 0] != pairs[:, 1]], satellites)
    table = rng.uniform(100, 5_000, (satellites, satellites))
    table[rng.random(table.shape) < down] = np.inf
    table = np.triu(table) + np.triu(table, 1).T
    length = np.where(neighbour >= 0, table[np.arange(satellites)[:, None], neighbour], np.inf)
    slant = np.where(rng.random((ends, satellites)) < 0.1, rng.uniform(500, 2_000, (ends, satellites)), np.inf)
    return neighbour, length, slant


def by_scipy(neighbour: np.ndarray, length: np.ndarray, slant: np.ndarray) -> np.ndarray:
    (ends, n), up = slant.shape, np.isfinite(length)
    here, k = np.nonzero(up)
    s, seen = np.nonzero(np.isfinite(slant))
    a = np.concatenate([here, n + s, seen])
    b = np.concatenate([neighbour[here, k], seen, n + ends + s])
    km = np.concatenate([length[here, k], slant[s, seen], slant[s, seen]])
    way = dijkstra(coo_matrix((km, (a, b)), shape=(n + 2 * ends,) * 2).tocsr(), indices=np.arange(n, n + ends))
    return way[:, n + ends :][np.triu_indices(ends, 1)]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), satellites=st.integers(1, 120), ends=st.integers(2, 12), per=st.floats(0.0, 4.0))
def test_ways_are_scipys_and_their_satellites_add_up(seed: int, satellites: int, ends: int, per: float) -> None:
    neighbour, length, slant = made(np.random.default_rng(seed), satellites, ends, int(per * satellites))
    found = stations.between(neighbour, length, slant)
    expected = by_scipy(neighbour, length, slant)
    np.testing.assert_allclose(found.way_km, expected, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(found.hop_count > 0, np.isfinite(expected))
    assert len(found.path) == found.hop_count.sum()
    parts = np.split(found.path, np.cumsum(found.hop_count)[:-1])
    for (i, j), way_km, path in zip(np.transpose(np.triu_indices(ends, 1)), found.way_km, parts, strict=True):
        if not path.size:
            continue
        steps = [length[a, neighbour[a] == b].min() for a, b in itertools.pairwise(path)]
        assert slant[i, path[0]] + sum(steps) + slant[j, path[-1]] == pytest.approx(way_km, abs=1e-7)
        assert len(set(path.tolist())) == len(path)


def test_more_stations_than_are_searched_from_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = made(np.random.default_rng(5), 80, 23, 200)
    expected = stations.between(*mesh)
    monkeypatch.setattr(stations, "SOURCES", 5)
    found = stations.between(*mesh)
    for name in ("way_km", "hop_count", "path"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_one_station_has_no_pairs_and_satellites_in_one_place_end_no_search() -> None:
    neighbour, length, slant = made(np.random.default_rng(6), 30, 1, 60)
    assert stations.between(neighbour, length, slant).way_km.shape == (0,)
    clique = links.from_pairs(np.array([(a, b) for a in range(4) for b in range(a)]), 4)
    sight = np.full((2, 4), np.inf)
    sight[0, 3], sight[1, 0] = 700.0, 800.0
    found = stations.between(clique, np.zeros((4, 3)), sight)
    assert found.path.tolist() == [3, 0]
    assert found.way_km[0] == pytest.approx(1_500.0, abs=1e-6)
