"""The grid against the healpix package, against numeric integration of the ellipsoid, and against itself."""

from __future__ import annotations

import healpix
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from pipeline.geometry import grid
from pipeline.geometry.constants import WGS84_ECCENTRICITY_SQUARED, WGS84_SEMI_MAJOR_KM

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
