"""Links of made shells: whole ones, polar ones, ones with gaps and batches, and what brackets them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipeline.geometry import links
from pipeline.geometry.elements import mean_motion_rev_per_day
from pipeline.geometry.links import EAST, NEXT, PREVIOUS, WEST, LinksError, Places
from pipeline.geometry.routing import lengths_km
from tests.geometry.test_lattice import delta

INSTANT = datetime(2026, 8, 17, 12)


def walker(
    planes: int, places: int, phasing: int = 0, inclination_deg: float = 53.0, altitude_km: float = 550.0
) -> Places:
    node_deg, latitude_deg, plane = delta(planes, places, phasing)
    return shell(node_deg, latitude_deg, plane, inclination_deg, altitude_km)


def star(planes: int, places: int, inclination_deg: float = 87.9, altitude_km: float = 1_200.0) -> Places:
    """A polar shell: planes over half the equator only, every second one half a place ahead."""
    plane, place = np.divmod(np.arange(planes * places), places)
    latitude_deg = (place + plane % 2 / 2) * 360.0 / places
    return shell(plane * 180.0 / planes, latitude_deg, plane, inclination_deg, altitude_km)


def shell(
    node_deg: np.ndarray,
    latitude_deg: np.ndarray,
    plane: np.ndarray,
    inclination_deg: float = 53.0,
    altitude_km: float = 550.0,
) -> Places:
    one = np.ones(len(plane))
    return Places(
        np.zeros(len(plane), np.int64),
        np.asarray(plane, np.int64),
        np.asarray(node_deg, float),
        np.asarray(latitude_deg, float) % 360.0,
        inclination_deg * one,
        (6_378.135 + altitude_km) * one,
    )


def chosen(places: Places, which: np.ndarray) -> Places:
    return Places(*(value[which] for value in vars(places).values()))


def components(neighbour: np.ndarray) -> int:
    here, there = np.repeat(np.arange(len(neighbour)), neighbour.shape[1]), neighbour.ravel()
    up = there >= 0
    of = coo_matrix((np.ones(up.sum()), (here[up], there[up])), shape=(len(neighbour),) * 2)
    return int(connected_components(of, directed=False)[0])


def pairs(neighbour: np.ndarray) -> set[tuple[int, int]]:
    return {(a, int(b)) for a, of in enumerate(neighbour) for b in of if b >= 0}


def require_sound(neighbour: np.ndarray) -> None:
    """Links are mutual, none leads to its own satellite, and no two join the same two."""
    found = pairs(neighbour)
    assert len(found) == (neighbour >= 0).sum()
    assert all(a != b and (b, a) in found for a, b in found)


def positions(places: Places, turned_deg: float = 0.0) -> np.ndarray:
    """Positions of circular orbits, (3, satellite), `turned_deg` further along the orbit."""
    u, node, tilt = np.radians([places.latitude_deg + turned_deg, places.node_deg, places.inclination_deg])
    x, y = np.cos(u), np.sin(u) * np.cos(tilt)
    return places.radius_km * np.array(
        [x * np.cos(node) - y * np.sin(node), x * np.sin(node) + y * np.cos(node), np.sin(u) * np.sin(tilt)]
    )


# --- whole shells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planes", "places", "phasing", "inclination_deg"),
    [(72, 22, 39, 53.0), (72, 22, 0, 53.0), (28, 60, 13, 43.0), (36, 20, 11, 70.0), (34, 34, 17, 51.9), (33, 28, 1, 42.0)],
)  # fmt: skip
def test_an_inclined_shell_is_one_component_of_degree_four_without_a_seam(
    planes: int, places: int, phasing: int, inclination_deg: float
) -> None:
    fleet = walker(planes, places, phasing, inclination_deg)
    grid = links.plus_grid(fleet)
    require_sound(grid)
    assert set(links.degree(grid)) == {4}
    assert components(grid) == 1
    assert set(fleet.plane[grid[fleet.plane == planes - 1, EAST]]) == {0}
    np.testing.assert_array_equal(links.regular(fleet), grid)


def test_partners_fly_side_by_side_all_along_the_orbit() -> None:
    fleet = walker(72, 22, 39)
    grid = links.plus_grid(fleet)
    longest = np.max([lengths_km(positions(fleet, u), grid) for u in range(0, 360, 5)], axis=0)
    # 72 planes at 53 degrees are 481 km apart where they are widest, sin(53) x 5 degrees; half a place in the plane is 986 km.
    assert np.isfinite(longest).all()
    assert longest[:, EAST].max() < np.hypot(481.0, 986.0) + 5
    for off in range(1, 22):  # any other partner of the same plane is further away on average
        others = np.roll(np.arange(22), off)[grid[:, EAST] % 22] + grid[:, EAST] // 22 * 22
        other = np.column_stack([grid[:, :EAST], others, others]).astype(np.int32)
        mean = [
            np.mean([lengths_km(positions(fleet, u), g, np.inf, None)[:, EAST].mean() for u in range(0, 360, 15)])
            for g in (grid, other)
        ]
        assert mean[0] <= mean[1] + 1e-6


def test_the_nearest_and_the_worst_of_two_planes_are_what_the_formula_says() -> None:
    for turn, tilt in ((5.0, 53.0), (40.0, 97.6), (120.0, 30.0), (15.0, 87.9)):
        ahead, mean, swing = links._beside(turn, tilt)
        for off in (0.0, 7.0, -20.0):
            two = shell(np.array([0.0, turn]), np.array([0.0, ahead + off]), np.array([0, 1]), tilt)
            cosine = [np.prod(positions(two, u), axis=1).sum() / two.radius_km[0] ** 2 for u in np.arange(0, 360, 0.25)]
            expected = mean * np.cos(np.radians(off))
            assert np.mean(cosine) == pytest.approx(expected, abs=1e-9)
            assert min(cosine) == pytest.approx(expected - swing, abs=1e-4)


@pytest.mark.parametrize(("planes", "places"), [(6, 11), (12, 49), (18, 36)])
def test_a_polar_shell_has_its_seam(planes: int, places: int) -> None:
    fleet = star(planes, places)
    for grid in (links.plus_grid(fleet), links.regular(fleet)):
        require_sound(grid)
        ends = {0, planes - 1}
        assert not [(a, b) for a, b in pairs(grid) if {fleet.plane[a], fleet.plane[b]} == ends]
        assert components(grid) == 1
        outer = np.isin(fleet.plane, list(ends))
        assert set(links.degree(grid)[outer]) == {3}
        assert set(links.degree(grid)[~outer]) == {4}
        assert (grid[fleet.plane == planes - 1, EAST] < 0).all()
        assert (grid[fleet.plane == 0, WEST] < 0).all()


def test_links_across_are_cut_near_the_poles_and_no_others() -> None:
    fleet = star(12, 49)
    grid, r_km = links.plus_grid(fleet), positions(fleet)
    length = lengths_km(r_km, grid)
    cut = links.cut_at_poles(length, grid, r_km, 75.0)
    latitude_deg = np.degrees(np.arcsin(np.abs(r_km[2]) / np.linalg.norm(r_km, axis=0)))
    for a, k in np.argwhere(grid >= 0):
        high = k in (EAST, WEST) and max(latitude_deg[a], latitude_deg[grid[a, k]]) > 75.0
        assert cut[a, k] == (np.inf if high else length[a, k])
    assert np.isinf(cut).sum() > np.isinf(length).sum()
    np.testing.assert_array_equal(links.cut_at_poles(length, grid, r_km, 90.0), length)


# --- shells as they are ------------------------------------------------------------------------------------------------


def test_three_satellites_far_apart_have_no_links_and_near_ones_a_chain() -> None:
    assert links.degree(links.plus_grid(walker(1, 3))).tolist() == [0, 0, 0]
    assert links.degree(links.plus_grid(walker(3, 1))).tolist() == [0, 0, 0]
    near = shell([0, 0, 0], [0, 10, 20], [0, 0, 0])
    assert links.degree(links.plus_grid(near)).tolist() == [1, 2, 1]
    assert links.degree(links.plus_grid(shell([0, 0], [355, 5], [0, 0]))).tolist() == [1, 1]
    assert links.degree(links.plus_grid(shell([0, 5], [0, 0], [0, 1]))).tolist() == [1, 1]
    assert links.plus_grid(shell([0], [0], [0])).tolist() == [[-1] * 4]
    assert links.plus_grid(shell([], [], [])).shape == (0, 4)


def test_three_at_all_lengths_are_a_ring_and_two_have_one_link() -> None:
    ring = links.plus_grid(walker(1, 3), np.inf, None)
    require_sound(ring)
    assert ring[:, NEXT].tolist() == [1, 2, 0]
    two = links.plus_grid(walker(1, 2), np.inf, None)
    assert two.tolist() == [[1, -1, -1, -1], [-1, 0, -1, -1]]


def test_one_plane_is_a_ring() -> None:
    grid = links.plus_grid(walker(1, 22))
    require_sound(grid)
    assert grid[:, NEXT].tolist() == [*range(1, 22), 0]
    assert (grid[:, EAST:] < 0).all()


def test_a_hole_costs_its_own_links_and_shifts_nobody() -> None:
    whole = walker(72, 22, 39)
    kept = np.setdiff1d(np.arange(72 * 22), [500, 777])
    before, after = links.plus_grid(whole), links.plus_grid(chosen(whole, kept))
    require_sound(after)
    named = {(int(kept[a]), int(kept[b])) for a, b in pairs(after)}
    lost, new = pairs(before) - named, named - pairs(before)
    assert all({500, 777} & set(link) for link in lost)
    # Next ones over the holes, and those whose partner is gone with whom lost the same across the gap.
    assert {(499, 501), (776, 778)} <= new
    assert len(new) <= 2 * (2 + 2)


def test_a_spare_takes_no_place_from_anybody_across() -> None:
    whole = walker(72, 22, 39)
    spare = Places(*(np.append(v, v[500]) for v in vars(whole).values()))
    spare.latitude_deg[-1] += 0.4
    before, after = links.plus_grid(whole), links.plus_grid(spare)
    require_sound(after)
    # One of the two has the partners of the place, and all others have theirs.
    np.testing.assert_array_equal(
        np.delete(np.where(after == 1_584, 500, after), [500, 1_584], axis=0)[:, EAST:],
        np.delete(before, 500, axis=0)[:, EAST:],
    )
    assert (after[500, NEXT], after[1584, NEXT]) == (1584, 501)


def test_planes_that_are_missing_and_batches_between_planes_are_stepped_over() -> None:
    whole = walker(72, 22, 39)
    gap = chosen(whole, ~np.isin(whole.plane, [10, 11]))
    grid = links.plus_grid(gap)
    require_sound(grid)
    assert components(grid) == 1
    assert (grid[gap.plane == 9, EAST] >= 0).mean() > 0.9
    batch = shell(np.full(3, 52.5), [10.0, 11.0, 12.0], np.full(3, 99))
    both = Places(*(np.append(a, b) for a, b in zip(vars(whole).values(), vars(batch).values(), strict=True)))
    found = links.plus_grid(both)
    require_sound(found)
    full = links.degree(found)[: 72 * 22]
    assert (full == 4).mean() > 0.99
    assert (found[both.plane == 10, EAST] >= 0).all()


def test_half_a_shell_has_no_link_over_its_empty_half() -> None:
    whole = walker(72, 22, 39)
    half = chosen(whole, whole.plane < 36)
    grid = links.plus_grid(half)
    require_sound(grid)
    assert (grid[half.plane == 35, EAST] < 0).all()
    assert (grid[half.plane == 0, WEST] < 0).all()


def test_shells_are_worlds_of_their_own_and_who_is_in_none_has_no_links() -> None:
    one = walker(24, 22, 7)
    two = replace(one, shell=one.shell + 1)
    nobody = replace(one, shell=one.shell - 1)
    both = Places(*(np.concatenate(v) for v in zip(*(vars(p).values() for p in (one, two, nobody)), strict=True)))
    grid = links.plus_grid(both)
    alone = links.plus_grid(one)
    np.testing.assert_array_equal(grid[:528], alone)
    np.testing.assert_array_equal(grid[528:1_056], np.where(alone >= 0, alone + 528, -1))
    assert (grid[1_056:] < 0).all()


@settings(deadline=None, max_examples=80)
@given(
    planes=st.integers(1, 20),
    places=st.integers(1, 24),
    phasing=st.integers(0, 19),
    inclination_deg=st.floats(20.0, 120.0),
    there=st.floats(0.1, 1.0),
    noise_deg=st.floats(0.0, 3.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shell_has_mutual_links_within_reach_whatever_its_order(
    planes: int, places: int, phasing: int, inclination_deg: float, there: float, noise_deg: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    whole = walker(planes, places, phasing % planes, inclination_deg)
    whole = replace(whole, latitude_deg=(whole.latitude_deg + rng.normal(0, noise_deg, planes * places)) % 360.0)
    fleet = chosen(whole, rng.random(planes * places) < there)
    for grid in (links.plus_grid(fleet), links.plus_grid(fleet, np.inf, None)):
        wall = links.brick_wall(grid, fleet)
        for found in (grid, wall, links.rings(grid)):
            require_sound(found)
        assert pairs(wall) <= pairs(grid)
        for one, other in ((NEXT, PREVIOUS), (EAST, WEST)):
            here = np.flatnonzero(grid[:, one] >= 0)
            np.testing.assert_array_equal(grid[grid[here, one], other], here)
    grid = links.plus_grid(fleet)
    for turned in (0.0, 33.0, 90.0):
        assert np.isfinite(lengths_km(positions(fleet, turned), grid))[grid >= 0].all()
    order = rng.permutation(len(fleet.shell))
    shuffled = links.plus_grid(chosen(fleet, order))
    if noise_deg > 0.001:  # where all is even many pairings are equally good
        assert {(int(order[a]), int(order[b])) for a, b in pairs(shuffled)} == pairs(grid)


# --- brackets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("planes", "places", "phasing"), [(72, 22, 0), (36, 20, 0), (72, 22, 39)])
def test_three_links_are_a_wall_of_bricks(planes: int, places: int, phasing: int) -> None:
    fleet = walker(planes, places, phasing)
    grid = links.plus_grid(fleet)
    wall = links.brick_wall(grid, fleet)
    require_sound(wall)
    np.testing.assert_array_equal(wall[:, :EAST], grid[:, :EAST])
    assert components(wall) == 1
    assert (links.degree(wall) == 3).mean() >= 1 - 1 / planes
    east = (wall[:, 2] == grid[:, EAST]) & (wall[:, 2] >= 0)
    along = east[grid[:, NEXT]] != east
    assert along.mean() > 1 - 2 / planes  # by turns
    if phasing == 0:
        assert set(links.degree(wall)) == {3}
        assert along.all()


def test_a_wall_without_gaps_has_as_many_links_east_as_west() -> None:
    fleet = star(12, 48)
    wall = links.brick_wall(links.plus_grid(fleet), fleet)
    require_sound(wall)
    assert components(wall) == 1
    assert links.degree(wall).min() >= 2


def test_two_links_are_the_rings_of_the_planes() -> None:
    fleet = walker(24, 22, 7)
    ring = links.rings(links.plus_grid(fleet))
    require_sound(ring)
    assert set(links.degree(ring)) == {2}
    assert components(ring) == 24


# --- from elements and from files --------------------------------------------------------------------------------------


def elements_of(places: Places, instant: datetime = INSTANT) -> pl.DataFrame:
    count = len(places.shell)
    zero = np.zeros(count)
    return pl.DataFrame(
        {
            "epoch_utc": [instant] * count,
            "mean_motion_rev_per_day": mean_motion_rev_per_day(places.radius_km - 6_378.135),
            "eccentricity": zero,
            "inclination_deg": places.inclination_deg,
            "ra_of_asc_node_deg": places.node_deg,
            "arg_of_pericenter_deg": zero,
            "mean_anomaly_deg": places.latitude_deg,
            "bstar_per_earth_radius": zero,
            "mean_motion_dot_rev_per_day2": zero,
            "mean_motion_ddot_rev_per_day3": zero,
        },
        schema_overrides={"epoch_utc": pl.Datetime("us")},
    )


def test_a_days_rows_give_the_grid_of_those_with_lasers() -> None:
    fleet = walker(24, 22, 7)
    rows = elements_of(fleet).with_columns(
        pl.lit("a").alias("shell_id"), pl.Series("plane_id", [f"a/p{99 - k:03d}" for k in fleet.plane])
    )
    everybody = np.ones(rows.height, np.bool_)
    np.testing.assert_array_equal(links.of_satellites(rows, everybody, INSTANT), links.plus_grid(fleet))
    for count in (2, 3, 4):
        assert links.of_satellites(rows, everybody, INSTANT, count).shape == (528, count)
    with pytest.raises(ValueError, match="no graph with 5 links"):
        links.of_satellites(rows, everybody, INSTANT, 5)
    some = fleet.plane % 2 == 0
    found = links.of_satellites(rows, some, INSTANT)
    assert (found[~some] < 0).all()
    assert some[found[found >= 0]].all()
    assert links.degree(found)[some].mean() > 3.9
    lost = rows.with_columns(pl.when(pl.int_range(pl.len()) > 0).then("plane_id").alias("plane_id"))
    assert links.degree(links.of_satellites(lost, everybody, INSTANT))[0] == 0
    assert (links.of_satellites(rows, ~everybody, INSTANT) < 0).all()


def test_in_the_order_of_flight_the_next_one_comes_next() -> None:
    fleet = walker(24, 22, 7)
    mixed = chosen(fleet, np.random.default_rng(0).permutation(528))
    sorted_ = chosen(mixed, links.flight_order(mixed))
    grid = links.plus_grid(sorted_)
    assert (grid[:, NEXT] == np.arange(1, 529)).mean() >= 21 / 22


def test_one_shell_is_learned_from_elements_in_any_order() -> None:
    fleet = walker(24, 22, 7)
    order = np.random.default_rng(0).permutation(528)
    found = links.regular(links.one_shell(elements_of(fleet)[order], INSTANT))
    assert {(int(order[a]), int(order[b])) for a, b in pairs(found)} == pairs(links.regular(fleet))


@pytest.mark.parametrize("fleet", [chosen(walker(24, 22), np.arange(527)), walker(2, 22), walker(24, 2), walker(1, 3)])
def test_what_is_no_full_shell_is_refused(fleet: Places) -> None:
    with pytest.raises(LinksError, match="are not one full shell"):
        links.regular(fleet)


@pytest.mark.parametrize("shift", [0, 1, 21])
def test_numbers_plane_by_plane_give_the_grid_of_the_simulators(shift: int) -> None:
    grid = links.numbered(24, 22, shift)
    require_sound(grid)
    expected = set()
    for p in range(24):
        for k in range(22):
            east = (p + 1) % 24 * 22 + (k + (shift if p == 23 else 0)) % 22
            expected |= {(p * 22 + k, p * 22 + (k + 1) % 22), (p * 22 + k, east)}
    assert pairs(grid) == expected | {(b, a) for a, b in expected}


@pytest.mark.parametrize(("planes", "per_plane"), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (1, 3), (2, 5)])
def test_few_numbers_have_no_link_twice(planes: int, per_plane: int) -> None:
    grid = links.numbered(planes, per_plane)
    require_sound(grid)
    assert components(grid) == 1


def test_pairs_of_a_file_may_stand_twice_and_either_way() -> None:
    found = links.from_pairs(np.array([[0, 1], [1, 0], [0, 1], [3, 0], [0, 4]]), 6)
    require_sound(found)
    assert found.tolist() == [[1, 3, 4], [0, -1, -1], [-1, -1, -1], [0, -1, -1], [0, -1, -1], [-1, -1, -1]]
    assert links.from_pairs(np.empty((0, 2), np.int64), 2).tolist() == [[-1], [-1]]


@pytest.mark.parametrize(
    ("planes", "phasing", "half", "expected"),
    [
        (24, 0, True, 0),
        (25, 0, True, 0),
        (24, 0, False, 0),
        (24, 1, False, 1),
        (24, 11, False, 11),
        (24, 15, False, 15),
    ],
)
def test_the_wrap_shifts_where_phases_run_on_and_not_where_they_alternate(
    planes: int, phasing: int, half: bool, expected: int
) -> None:
    fleet = walker(planes, 22, phasing)
    ahead = np.where(half & (fleet.plane % 2 == 1), 360.0 / 44, 0.0)
    turned = replace(fleet, latitude_deg=(fleet.latitude_deg + ahead + 123.4) % 360.0)
    assert links.wrap(turned, planes, 22) == (expected, False)


def test_the_wrap_of_a_polar_shell_is_a_seam() -> None:
    assert links.wrap(star(12, 48), 12, 48)[1]
    assert not links.wrap(walker(12, 48, inclination_deg=97.0), 12, 48)[1]
    grid = links.numbered(12, 48, seam=True)
    require_sound(grid)
    assert set(links.degree(grid)[48:-48]) == {4}
    assert set(links.degree(grid)[[0, -1]]) == {3}


def test_planes_that_turn_against_each_other_are_not_linked_however_long_links_may_be() -> None:
    for turn_deg, expected in ((80.0, 20), (150.0, 0)):
        two = shell(np.repeat([0.0, turn_deg], 20), np.tile(np.arange(20) * 18.0, 2), np.repeat([0, 1], 20), 87.9)
        grid = links.plus_grid(two, np.inf, None)
        assert (grid[:, EAST] >= 0).sum() == expected
    assert links.counter_rotates(195.0, 87.9)
    assert not links.counter_rotates(120.0, 53.0)
