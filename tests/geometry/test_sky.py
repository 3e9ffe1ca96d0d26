"""The sky's order: whom a ring may see lies together, and nobody who sees it lies outside."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.geometry import sky
from pipeline.geometry.frames import elevation_deg, point_ecef_km
from pipeline.geometry.kernels import SMALL, compiled
from pipeline.geometry.visibility import FROM_POLE, NEAR, Masks, counts, empty_sums
from tests.geometry.test_visibility import GEOMETRY, LATITUDE_DEG, RINGS, zone

HEIGHTS_KM = (180.0, 340.0, 480.0, 550.0, 630.0, 1_050.0, 1_200.0, 8_000.0, 35_786.0, 80_000.0)


@compiled
def _sorted(r_ecef_km, instant, reach):  # type: ignore[no-untyped-def]
    found = sky.room(r_ecef_km.shape[2])
    return sky.sort(r_ecef_km, instant, reach, found), found


@compiled
def _between(start, of, north_rad, south_rad):  # type: ignore[no-untyped-def]
    return sky.between(start, of, north_rad, south_rad)


def fleet(count: int) -> np.ndarray:
    """Positions [km] of satellites at many heights, some without one, (1, 3, satellite)."""
    rng = np.random.default_rng(11)
    height = rng.choice(HEIGHTS_KM, count) + rng.uniform(-40, 40, count)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    r = point_ecef_km(latitude, rng.uniform(-180, 180, count), height)
    r[rng.integers(0, count, 9)] = np.nan
    return np.ascontiguousarray(r.T)[None]


@pytest.mark.parametrize("mask_deg", [0.0, 25.0, 90.0])
def test_whom_a_ring_may_see_is_between(mask_deg: float) -> None:
    r, reach = fleet(3_000), sky.reach_rad(mask_deg)
    groups, found = _sorted(r, 0, reach)
    placed = int(found.start[groups * sky.BUCKETS])
    position = r[0].T
    assert sorted(found.order[:placed]) == np.flatnonzero(np.isfinite(position[:, 0])).tolist()
    assert groups <= sky.MAX_GROUPS
    assert mask_deg == 90 or groups > 2
    np.testing.assert_array_equal(found.of[sky.Z, :placed], position[found.order[:placed], 2])
    distance = np.hypot(position[:, 0], position[:, 1])[found.order[:placed]]
    np.testing.assert_allclose(found.of[sky.DISTANCE, :placed], distance, rtol=1e-15)
    longitude = np.arctan2(position[:, 1], position[:, 0])[found.order[:placed]]
    np.testing.assert_allclose(found.of[sky.LONGITUDE, :placed], longitude, atol=1e-14)
    for ring in range(0, len(RINGS.latitude_deg), 7):
        from_pole = np.arctan2(GEOMETRY.across_km[ring], GEOMETRY.up_km[ring])
        first = int(RINGS.first[ring])
        for of in range(groups):
            reach_of = reach[int(found.group[sky.TOP, of])]
            low, high = _between(found.start, of, from_pole - reach_of, from_pole + reach_of)
            mine = np.arange(found.start[of * sky.BUCKETS], found.start[(of + 1) * sky.BUCKETS])
            outside = found.order[mine[(mine < low) | (mine >= high)]]
            # The satellite straight north or south of the point is seen highest.
            above = np.stack([distance_of(position[outside]), 0 * outside, position[outside, 2]], axis=1)
            assert (elevation_deg(above, float(LATITUDE_DEG[first]), 0.0) < mask_deg).all()


def distance_of(position_km: np.ndarray) -> np.ndarray:
    """Distance from the axis [km], (satellite,)."""
    return np.hypot(position_km[:, 0], position_km[:, 1])


def test_many_heights_at_once_count_as_each_alone() -> None:
    r, masks = fleet(2_000), Masks(25.0, 40.0, zone((18.0, 3.0)))
    height = np.linalg.norm(np.nan_to_num(r[0]), axis=0) - 6_371.0
    whole = counted(r, masks)
    part_of = np.digitize(height, (100.0, 400.0, 700.0, 1_300.0, 20_000.0))
    parts = [counted(np.ascontiguousarray(r[..., part_of == k]), masks) for k in range(6)]
    for k, name in enumerate(("visible", "usable", "side", "side_excluded")):
        np.testing.assert_array_equal(sum(part[k].astype(np.int64) for part in parts), whole[k], err_msg=name)


def counted(r: np.ndarray, masks: Masks) -> tuple[np.ndarray, ...]:
    """Counts of one instant and the sums of the side mask."""
    assert masks.zone
    visible, usable = np.zeros((2, 1, GEOMETRY.cell_count), np.uint16)
    sums = empty_sums(GEOMETRY, len(masks.zone.rough))
    counts(r, np.ones(r.shape[2], np.int64), GEOMETRY, masks, visible, usable, sums)
    return visible, usable, sums.side, sums.side_excluded


def test_the_polynomial_of_small_intervals_holds_within_its_reach() -> None:
    """By the law of haversines no interval of a ring is wider, whatever satellite is within its NEAR."""
    from_pole, near = GEOMETRY.table[:, FROM_POLE], GEOMETRY.table[:, NEAR]
    assert near[len(near) // 2] > 0.5
    assert near[0] < 0.02
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        other = from_pole + share * near
        squared = (np.sin(near / 2) ** 2 - np.sin(share * near / 2) ** 2) / (np.sin(from_pole) * np.sin(other))
        assert (squared <= SMALL * (1 + 1e-9)).all()
