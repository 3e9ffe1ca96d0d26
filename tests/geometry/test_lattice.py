"""Planes, places and phases read back from made constellations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry import lattice


def delta(planes: int, places: int, phasing: int, offset_deg: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Node, argument of latitude and plane of each satellite of a Walker delta, after Walker's own definition."""
    plane, place = np.divmod(np.arange(planes * places), places)
    node_deg = (offset_deg + 360.0 * plane / planes) % 360.0
    latitude_deg = 360.0 * place / places + 360.0 * phasing * plane / (planes * places)
    return node_deg, latitude_deg % 360.0, plane


def test_planes_are_numbered_by_rising_node_whatever_the_order() -> None:
    assert lattice.planes(np.array([200.1, 10.0, 100.2, 10.2, 100.0, 200.0])).tolist() == [2, 0, 1, 0, 1, 2]


def test_a_plane_across_zero_degrees_is_one_plane() -> None:
    assert lattice.planes(np.array([359.9, 90.0, 0.1, 359.7, 0.4])).tolist() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize(("gap_deg", "count"), [(0.4, 1), (0.6, 2)])
def test_nodes_further_apart_than_half_a_degree_are_two_planes(gap_deg: float, count: int) -> None:
    assert len(set(lattice.planes(np.array([50.0, 50.0 + gap_deg])))) == count


def test_all_nodes_around_the_equator_are_one_plane_where_no_gap_is() -> None:
    assert set(lattice.planes(np.arange(0.0, 360.0, 0.4))) == {0}


def test_nobody_has_no_plane() -> None:
    assert lattice.planes(np.array([])).tolist() == []


@settings(deadline=None, max_examples=60)
@given(
    planes=st.integers(4, 40),
    places=st.integers(6, 40),
    phasing=st.integers(0, 39),
    there=st.floats(0.6, 1.0),
    noise=st.floats(0.0, 0.02),
    seed=st.integers(0, 2**32 - 1),
)
def test_places_of_a_walker_shell_are_found_though_many_are_empty(
    planes: int, places: int, phasing: int, there: float, noise: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    _, latitude_deg, plane = delta(planes, places, phasing % planes)
    kept = rng.random(latitude_deg.size) < there
    latitude_deg = latitude_deg + rng.normal(0.0, noise * 360.0 / places, latitude_deg.size)
    found = lattice.slots(latitude_deg[kept], plane[kept])
    assert found.count == places
    assert found.coherence > 0.9
    sizes = np.bincount(plane[kept])
    assert found.pair_count == (sizes * (sizes - 1) // 2).sum()


def test_half_empty_lattices_that_leave_every_second_place_are_the_coarser_one() -> None:
    _, latitude_deg, plane = delta(10, 20, 3)
    even = np.arange(200) % 2 == 0
    assert lattice.slots(latitude_deg[even], plane[even]).count == 10


@settings(deadline=None, max_examples=40)
@given(planes=st.integers(4, 30), each=st.integers(10, 40), seed=st.integers(0, 2**32 - 1))
def test_satellites_that_are_anywhere_keep_no_places(planes: int, each: int, seed: int) -> None:
    latitude_deg = np.random.default_rng(seed).uniform(0, 360, planes * each)
    assert lattice.slots(latitude_deg, np.repeat(np.arange(planes), each)).coherence < 0.3


def test_phases_that_satellites_share_across_planes_alone_are_no_places() -> None:
    """Everybody at the same random argument of latitude as in the next plane: within planes nobody keeps a distance."""
    latitude_deg = np.tile(np.random.default_rng(1).uniform(0, 360, 20), 12)
    assert lattice.slots(latitude_deg, np.repeat(np.arange(12), 20)).coherence < 0.5


def test_a_few_satellites_are_not_fitted_by_the_finest_lattice() -> None:
    latitude_deg = np.random.default_rng(8).uniform(0, 360, 12)
    assert lattice.slots(latitude_deg, np.repeat(np.arange(4), 3)).count <= 12


@pytest.mark.parametrize("length_deg", [0.5, 3.0, 10.0])
def test_a_train_that_flies_close_together_keeps_no_places(length_deg: float) -> None:
    latitude_deg = np.random.default_rng(2).uniform(40.0, 40.0 + length_deg, 24)
    assert lattice.slots(latitude_deg, np.zeros(24, np.int64)).coherence < 0.3


@pytest.mark.parametrize("plane", [[], [0], [0, 1, 2]])
def test_without_two_in_a_plane_there_are_no_pairs_and_no_places(plane: list[int]) -> None:
    found = lattice.slots(np.linspace(0.0, 300.0, len(plane)), np.array(plane, np.int64))
    assert found == lattice.Slots(0, 0.0, 0)


@pytest.mark.parametrize("phasing", [0, 1, 23])
def test_places_are_numbered_along_the_flight_from_any_phase(phasing: int) -> None:
    _, latitude_deg, plane = delta(30, 22, phasing)
    noise = np.random.default_rng(3).normal(0.0, 0.5, latitude_deg.size)
    numbers = lattice.slot_numbers((latitude_deg + noise) % 360.0, plane, 22).reshape(30, 22)
    assert ((numbers - numbers[:, :1]) % 22 == np.arange(22)).all()


def test_spacing_counts_planes_that_hold_nobody_too() -> None:
    places = np.random.default_rng(4).permutation(144)[:80]
    node_deg = (17.3 + places * 2.5 + np.random.default_rng(5).normal(0, 0.05, 80)) % 360.0
    assert lattice.plane_spacing(node_deg) == 144


def test_nodes_that_are_anywhere_have_no_spacing() -> None:
    assert lattice.plane_spacing(np.random.default_rng(6).uniform(0, 360, 200)) is None


@settings(deadline=None, max_examples=60)
@given(
    planes=st.integers(3, 72),
    places=st.integers(2, 40),
    phasing=st.integers(0, 71),
    offset_deg=st.floats(0, 360),
    there=st.floats(0.6, 1.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_phasing_is_the_f_that_the_shell_was_made_with(
    planes: int, places: int, phasing: int, offset_deg: float, there: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    node_deg, latitude_deg, _ = delta(planes, places, phasing % planes, offset_deg)
    kept = rng.random(node_deg.size) < there
    kept[:2] = True
    node_deg += rng.normal(0.0, 0.01 * 360 / planes, node_deg.size)
    assert lattice.phasing(node_deg[kept] % 360, latitude_deg[kept], planes, places) == phasing % planes


def test_planes_that_keep_no_phase_have_no_f() -> None:
    node_deg, latitude_deg, plane = delta(36, 20, 5)
    shift_deg = np.random.default_rng(7).uniform(0, 360, 36)[plane]
    assert lattice.phasing(node_deg, latitude_deg + shift_deg, 36, 20) is None
