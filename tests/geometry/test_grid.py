"""The grid against the healpix package, against numeric integration of the ellipsoid, and against itself."""

from __future__ import annotations

from pathlib import Path

import healpix
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from pipeline.geometry import grid
from pipeline.geometry.constants import WGS84_ECCENTRICITY_SQUARED, WGS84_SEMI_MAJOR_KM

AUTHORITY = Path(__file__).parents[1] / "authorities" / "healpix_neighbours.csv"
# NIMA TR8350.2 (third edition, 2000), table 3.3: radius of the sphere of equal area 6,371,007.1809 m.
PUBLISHED_AUTHALIC_RADIUS_KM = 6_371.0071809
PUBLISHED_AREA_KM2 = 510_065_622


def zone_area_km2(latitude_rad: float) -> float:
    """Area between the equator and a geodetic latitude, by quadrature of the meridian's and parallel's radii."""

    def strip(phi: float) -> float:
        return np.cos(phi) / (1 - WGS84_ECCENTRICITY_SQUARED * np.sin(phi) ** 2) ** 2

    factor = 2 * np.pi * WGS84_SEMI_MAJOR_KM**2 * (1 - WGS84_ECCENTRICITY_SQUARED)
    return factor * quad(strip, 0.0, latitude_rad, epsabs=0, epsrel=1e-13)[0]


def test_areas_sum_to_the_ellipsoid():
    total = grid.area_km2(6) * grid.cell_count(6)
    assert total == pytest.approx(PUBLISHED_AREA_KM2, abs=1)
    assert total == pytest.approx(4 * np.pi * PUBLISHED_AUTHALIC_RADIUS_KM**2, rel=1e-10)
    assert total == pytest.approx(2 * zone_area_km2(np.pi / 2), rel=1e-12)


@pytest.mark.parametrize("latitude_deg", [0.5, 10.0, 45.0, 75.0, 89.0, 90.0])
def test_authalic_latitude_is_the_share_of_the_ellipsoid_below_it(latitude_deg):
    share = zone_area_km2(np.radians(latitude_deg)) / zone_area_km2(np.pi / 2)
    assert np.sin(grid.authalic_latitude_rad(np.radians(latitude_deg))) == pytest.approx(share, abs=1e-13)


@given(st.floats(-np.pi / 2, np.pi / 2))
def test_latitudes_round_trip(latitude_rad):
    back = grid.geodetic_latitude_rad(grid.authalic_latitude_rad(latitude_rad))
    assert abs(back - latitude_rad) < 1e-14


@pytest.mark.parametrize("order", [0, 1, 4, 6])
def test_centres_agree_with_healpix(order):
    latitude_deg, longitude_deg = grid.centres(order)
    theirs_lon, theirs_lat = healpix.pix2ang(2**order, np.arange(grid.cell_count(order)), nest=True, lonlat=True)
    authalic_deg = np.degrees(grid.authalic_latitude_rad(np.radians(latitude_deg)))
    assert np.abs(authalic_deg - theirs_lat).max() < 1e-9
    assert np.abs((longitude_deg - theirs_lon + 180) % 360 - 180).max() < 1e-9


@pytest.mark.parametrize("order", [0, 5, 6, 8])
def test_centres_lie_in_their_own_cells(order):
    assert np.array_equal(grid.cell_of(*grid.centres(order), order), np.arange(grid.cell_count(order), dtype=np.uint64))


def test_rings_hold_every_cell_once():
    assert np.array_equal(np.sort(grid.rings(6).nest_of_ring), np.arange(grid.cell_count(6), dtype=np.uint64))


@pytest.mark.parametrize("order", [0, 1, 6])
def test_cells_of_a_ring_are_evenly_spaced_at_one_latitude(order):
    rings = grid.rings(order)
    latitude_deg, longitude_deg = grid.centres(order)
    for k, count in enumerate(rings.cell_count):
        cells = rings.nest_of_ring[rings.first[k] : rings.first[k] + count]
        expected = rings.longitude_start_deg[k] + np.arange(count) * 360 / count
        assert (latitude_deg[cells] == rings.latitude_deg[k]).all()
        assert np.abs((longitude_deg[cells] - expected + 180) % 360 - 180).max() < 1e-12


def test_latitudes_fall_from_north_to_south_and_mirror():
    latitude_deg = grid.rings(6).latitude_deg
    assert (np.diff(latitude_deg) < 0).all()
    assert np.array_equal(latitude_deg, -latitude_deg[::-1])


def test_rings_are_placed_by_area():
    # Ring k of the belt has z = (2 * side - k) * 2 / (3 * side): area between it and the equator is z of the half.
    rings = grid.rings(3)
    ring = 10
    z = (4 * 8 - 2 * ring) / (3 * 8)
    assert zone_area_km2(np.radians(rings.latitude_deg[ring - 1])) == pytest.approx(
        z * zone_area_km2(np.pi / 2), rel=1e-12
    )


def test_poles_and_the_antimeridian_are_found():
    side = 64
    north = grid.cell_of(90.0, 10.0, 6)
    south = grid.cell_of(-90.0, 10.0, 6)
    assert healpix.nest2ring(side, int(north)) == 0
    assert healpix.nest2ring(side, int(south)) in range(grid.cell_count(6) - 4, grid.cell_count(6))
    assert grid.cell_of(10.0, 180.0, 6) == grid.cell_of(10.0, -180.0, 6)


def test_points_scattered_evenly_fall_evenly_on_cells():
    rng = np.random.default_rng(7)
    z = rng.uniform(-1, 1, 200_000)
    latitude_deg = np.degrees(grid.geodetic_latitude_rad(np.arcsin(z)))
    counts = np.bincount(grid.cell_of(latitude_deg, rng.uniform(-180, 180, z.size), 2).astype(int), minlength=192)
    assert abs(counts / counts.mean() - 1).max() < 0.15  # one cell expects 1,042 points, standard deviation 3 %


@pytest.mark.parametrize("point", [(90.1, 0.0), (float("nan"), 0.0), (0.0, float("inf"))])
def test_a_point_off_the_earth_is_refused(point):
    with pytest.raises(ValueError, match="latitude outside"):
        grid.cell_of(*point, 6)


def test_an_order_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="order 14"):
        grid.cell_count(14)


# --- relatives of a cell -----------------------------------------------------------------------------------------------


def unit_vectors(order):
    """Centres on the authalic sphere, (n_cells, 3)."""
    return np.stack(healpix.pix2vec(2**order, np.arange(grid.cell_count(order)), nest=True), axis=-1)


def corners(order):
    """The four corners of every cell, rounded so that equal ones are equal, (n_cells, 4, 3)."""
    side, cells = 2**order, np.arange(grid.cell_count(order))
    # A corner is the limit of the centres of the four outermost descendants.
    deep = 12 - order
    ends = [np.zeros_like(cells), np.full_like(cells, (4**deep - 1) // 3), np.full_like(cells, 2 * (4**deep - 1) // 3), np.full_like(cells, 4**deep - 1)]  # fmt: skip
    points = [np.stack(healpix.pix2vec(side << deep, (cells << 2 * deep) + end, nest=True), axis=-1) for end in ends]
    return np.stack(points, axis=1)


def test_neighbours_are_those_of_the_healpix_library_in_its_order():
    rows = np.loadtxt(AUTHORITY, delimiter=",", skiprows=1, dtype=np.int64)
    for order in (0, 1, 2):
        own = rows[rows[:, 0] == order]
        assert len(own) == grid.cell_count(order)
        np.testing.assert_array_equal(grid.neighbours(own[:, 1], order), own[:, 2:])


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_neighbours_are_the_cells_that_touch(order):
    found, ends = grid.neighbours(np.arange(grid.cell_count(order)), order), corners(order)
    for cell in range(grid.cell_count(order)):
        apart = np.linalg.norm(ends[:, None, :, :] - ends[cell][None, :, None, :], axis=-1).min(axis=(1, 2))
        touching = set(np.flatnonzero(apart < 2e-3)) - {cell}  # descendants of order 12 are 2.5e-4 across
        assert set(found[cell]) - {-1} == touching


@pytest.mark.parametrize("order", [0, 1, 2, 5, 6])
def test_neighbours_are_mutual_and_opposite(order):
    cells = np.arange(grid.cell_count(order))
    found = grid.neighbours(cells, order)
    assert found.shape == (cells.size, 8)
    assert found.dtype == np.int64
    pairs = {(a, b) for a, row in zip(cells.tolist(), found.tolist(), strict=True) for b in row if b >= 0}
    assert pairs == {(b, a) for a, b in pairs}
    # Eight corners where three base cells meet: 24 cells have seven neighbours, each of the base cells six.
    lacking = np.bincount((found < 0).sum(axis=1)).tolist()
    assert lacking == ([cells.size - 24, 24] if order else [0, 0, 12])


@pytest.mark.parametrize("order", [1, 5, 7])
def test_neighbours_lie_within_one_and_a_half_cells(order):
    vectors, found = unit_vectors(order), grid.neighbours(np.arange(grid.cell_count(order)), order)
    apart_rad = np.arccos(np.clip(np.sum(vectors[:, None, :] * vectors[found], axis=-1), -1, 1))
    width_rad = np.sqrt(4 * np.pi / grid.cell_count(order))
    apart = np.where(found >= 0, apart_rad, 0.0) / width_rad
    assert apart[:, 0::2].max() < 1.5  # over an edge
    assert apart[:, 1::2].max() < 2.1  # over a corner: cells near the poles are stretched
    assert np.median(apart[:, 1::2]) < 1.5


def test_neighbours_go_round_from_the_south_west():
    # A cell of the equator, away from the edges of its base cell.
    order = 5
    cell = int(grid.cell_of(3.0, 50.0, order))
    latitude, longitude = (values[[cell, *grid.neighbours(cell, order)]] for values in grid.centres(order))
    north, east = np.sign(np.round(latitude[1:] - latitude[0], 6)), np.sign(np.round(longitude[1:] - longitude[0], 6))
    assert list(zip(north, east, strict=True)) == [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)]


def test_a_pole_has_four_cells_around_it_that_all_touch():
    around = grid.cell_of(89.9, [45.0, 135.0, 225.0, 315.0], 6)
    for cell, row in zip(around, grid.neighbours(around, 6), strict=True):
        assert set(around.tolist()) - {int(cell)} <= set(row.tolist())


@pytest.mark.parametrize(("order", "child_order"), [(0, 6), (5, 6), (5, 9), (6, 6), (9, 13)])
def test_a_parent_holds_the_centres_of_its_children(order, child_order):
    rng = np.random.default_rng(order)
    cells = rng.integers(0, grid.cell_count(order), 5)
    made = grid.children(cells, order, child_order)
    assert made.shape == (5, 4 ** (child_order - order))
    assert (made.dtype, grid.parents(made, child_order, order).dtype) == (np.uint64, np.uint64)
    np.testing.assert_array_equal(grid.parents(made, child_order, order), np.broadcast_to(cells[:, None], made.shape))
    some = made[:, :: max(1, made.shape[1] // 64)]
    longitude, authalic = healpix.pix2ang(2**child_order, some.astype(np.int64), nest=True, lonlat=True)
    latitude = np.degrees(grid.geodetic_latitude_rad(np.radians(authalic)))
    np.testing.assert_array_equal(grid.cell_of(latitude, longitude, order), np.broadcast_to(cells[:, None], some.shape))


@pytest.mark.parametrize("order", [5, 6, 7, 8, 9])
def test_children_make_up_the_earth_and_areas_add_up(order):
    whole = np.sort(grid.children(np.arange(grid.cell_count(order - 3)), order - 3, order).ravel())
    np.testing.assert_array_equal(whole, np.arange(grid.cell_count(order), dtype=np.uint64))
    assert grid.area_km2(order) * grid.cell_count(order) == pytest.approx(grid.ELLIPSOID_AREA_KM2, rel=1e-12)
    assert grid.area_km2(order) * 64 == pytest.approx(grid.area_km2(order - 3), rel=1e-12)


@pytest.mark.parametrize("order", [7, 9])
def test_finer_centres_lie_in_their_own_cells(order):
    assert np.array_equal(grid.cell_of(*grid.centres(order), order), np.arange(grid.cell_count(order), dtype=np.uint64))


def test_one_cell_has_relatives_without_a_further_axis():
    assert grid.neighbours(5, 0).shape == (8,)
    assert grid.children(5, 0, 1).tolist() == [20, 21, 22, 23]
    assert int(grid.parents(23, 1, 0)) == 5
    assert grid.neighbours([], 3).shape == (0, 8)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: grid.neighbours(12, 0), "outside 0..11"),
        (lambda: grid.neighbours([0, -1], 3), "outside 0..767"),
        (lambda: grid.neighbours(np.uint64(2**64 - 1), 3), "outside"),
        (lambda: grid.neighbours(1.0, 3), "whole numbers"),
        (lambda: grid.neighbours(0, 14), "order 14"),
        (lambda: grid.neighbours(0, -1), "order -1"),
        (lambda: grid.parents(48, 1, 0), "outside 0..47"),
        (lambda: grid.parents(0, 5, 6), "the lower one"),
        (lambda: grid.parents(0, 14, 6), "order 14"),
        (lambda: grid.parents(0, 5, -1), "order -1"),
        (lambda: grid.children(0, 6, 5), "the lower one"),
        (lambda: grid.children(0, 6, 14), "order 14"),
        (lambda: grid.children(12, 0, 1), "outside 0..11"),
    ],
)
def test_relatives_that_do_not_exist_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
