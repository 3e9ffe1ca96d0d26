"""The edges of the zone about the geostationary arc, and the windows of longitude in which an angle holds."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.geometry import arc
from pipeline.geometry.grid import centres, rings
from pipeline.geometry.visibility import ring_geometry
from tests.geometry.test_visibility import to_arc_deg

ORDER = 6
RINGS = rings(ORDER)
GEOMETRY = ring_geometry(RINGS)
LATITUDE_DEG, LONGITUDE_DEG = (values[RINGS.nest_of_ring] for values in centres(ORDER))
RING = np.repeat(np.arange(GEOMETRY.ring_count), RINGS.cell_count)
ANGLES_DEG = (0.5, 3.0, 18.0, 30.0)
T_RAD = np.linspace(-np.pi, np.pi, 73)


def zone(angles_deg: tuple[float, ...], angle_of_cell: np.ndarray | None = None) -> arc.Zone:
    of_cell = np.zeros(len(RING), np.uint8) if angle_of_cell is None else angle_of_cell.astype(np.uint8)
    return arc.zone(GEOMETRY.across_km, GEOMETRY.up_km, angles_deg, of_cell, RING, np.radians(LONGITUDE_DEG))


def edge(angle_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Hour angle [rad] and tan(declination), (ring, point)."""
    return arc.edge_tangent(GEOMETRY.across_km[:, None], GEOMETRY.up_km[:, None], np.radians(angle_deg), T_RAD)


@pytest.mark.parametrize("angle_deg", [0.5, 3.0, 18.0, 30.0, 60.0, -0.5, -3.0, -18.0, -30.0, -60.0])
def test_points_of_an_edge_are_the_angle_away_from_the_circle(angle_deg: float) -> None:
    hour_rad, tangent = edge(angle_deg)
    sight = np.stack([np.cos(hour_rad), np.sin(hour_rad), tangent], axis=-1)
    points = np.stack([GEOMETRY.across_km, np.zeros(len(sight)), GEOMETRY.up_km], axis=-1)
    found = to_arc_deg(sight.reshape(-1, 3), np.repeat(points, T_RAD.size, axis=0))
    np.testing.assert_allclose(found, abs(angle_deg), atol=1e-7)
    straight = edge(0.0)[1][:, T_RAD.size // 2]
    assert (np.sign(tangent[:, T_RAD.size // 2] - straight) == np.sign(angle_deg)).all(), "north lies north of the arc"


def test_polynomials_are_the_edges() -> None:
    found = zone(ANGLES_DEG)
    for k, angle_deg in enumerate(ANGLES_DEG):
        for side, power, sine in ((1, found.north, found.north_sine), (-1, found.south, found.south_sine)):
            hour_rad, tangent = edge(side * angle_deg)
            powers = np.cos(hour_rad)[..., None] ** np.arange(arc.DEGREE + 1)
            by_power = np.einsum("rpk,rk->rp", powers, power[k, :, : arc.DEGREE + 1])
            np.testing.assert_allclose(by_power, tangent, atol=1e-8, rtol=0, err_msg=f"{side * angle_deg}")
            extreme = np.sin(np.arctan((side * tangent).max(axis=1)))
            assert (side * sine[k] >= extreme - 1e-8).all()
            np.testing.assert_allclose(power[k, :, arc.DEGREE + 1] * power[k, :, 0], 1.0, rtol=1e-12)


def test_hemispheres_mirror_each_other() -> None:
    found = zone(ANGLES_DEG)
    powers = slice(arc.DEGREE + 1)
    np.testing.assert_allclose(found.north[..., powers], -found.south[:, ::-1, powers], atol=1e-10)
    np.testing.assert_allclose(found.north_sine, -found.south_sine[:, ::-1], atol=1e-10)
    np.testing.assert_array_equal(found.rough, found.rough[:, ::-1])


@pytest.mark.parametrize(
    ("middle_deg", "half_deg"), [(0.0, 15.0), (180.0, 20.0), (-100.0, 27.0), (90.0, 100.0), (10.0, 181.0)]
)
def test_windows_hold_the_cells_of_their_angle(middle_deg: float, half_deg: float) -> None:
    away_deg = np.abs((LONGITUDE_DEG - middle_deg + 180) % 360 - 180)
    chosen = (away_deg <= half_deg) & (LATITUDE_DEG > -20) & (LATITUDE_DEG < 50)
    found = zone((18.0, 3.0), chosen)
    for k, cells in enumerate((~chosen, chosen)):
        away = np.radians(LONGITUDE_DEG) - found.window_rad[k, RING]
        away = np.abs((away + np.pi) % (2 * np.pi) - np.pi)
        half = found.window_half_rad[k]
        assert (away[cells] <= half[RING[cells]]).all()
        none = ~np.isin(np.arange(half.size), RING[cells])
        assert (half[none] <= -100).all(), "rings without a cell of that angle"
    within = np.unique(RING[chosen])
    assert (found.window_half_rad[1, within] <= np.radians(min(half_deg, 180.0)) + 1e-6).all(), "no wider than needed"


@pytest.mark.parametrize("angle_deg", [61.0, -1.0, float("nan")])
def test_an_angle_that_is_none_is_refused(angle_deg: float) -> None:
    with pytest.raises(ValueError, match=r"is not in 0\.\.60"):
        zone((angle_deg,))
