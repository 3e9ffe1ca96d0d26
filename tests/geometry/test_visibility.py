"""The coverage kernel against its plain numpy twin, which knows nothing of rings and of edges of a zone."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry import arc
from pipeline.geometry.frames import elevation_deg, point_ecef_km
from pipeline.geometry.grid import centres, rings
from pipeline.geometry.visibility import Masks, Sums, along_rings, counts, empty_sums, ring_geometry

ORDER = 5
RINGS = rings(ORDER)
GEOMETRY = ring_geometry(RINGS)
LATITUDE_DEG, LONGITUDE_DEG = (values[RINGS.nest_of_ring] for values in centres(ORDER))
POINTS_KM = point_ecef_km(LATITUDE_DEG, LONGITUDE_DEG)
RING = np.repeat(np.arange(GEOMETRY.ring_count), RINGS.cell_count)
# Cells whose centre is this near to the mask may fall on either side by rounding.
TIE_DEG = 1e-9
# Edges of the zone are good to less than this, and to that where they are walked.
EDGE_DEG, ROUGH_EDGE_DEG = 1e-6, 1e-3
# The second of two angles holds in a box, which lies across the date line or across Greenwich.
BOXES = {
    "date line": (np.abs(LATITUDE_DEG - 10) < 35) & (np.abs(LONGITUDE_DEG) > 120),
    "Greenwich": (np.abs(LATITUDE_DEG + 10) < 25) & (np.abs(LONGITUDE_DEG) < 20),
}


def satellites(*places: tuple[float, float, float]) -> np.ndarray:
    """Positions [km] of (latitude_deg, longitude_deg, height_km) at one instant, (1, 3, satellite)."""
    return np.ascontiguousarray(np.array([point_ecef_km(*place) for place in places]).T)[None]


def random_day(instants: int, count: int = 40) -> np.ndarray:
    """Positions [km] of satellites at 600 km, elsewhere at every instant, (instant, 3, satellite)."""
    rng = np.random.default_rng(7)
    shape = instants, count
    r = point_ecef_km(rng.uniform(-60, 60, shape), rng.uniform(-180, 180, shape), 600.0)
    return np.ascontiguousarray(np.moveaxis(r, 1, 2))


@cache
def zone(angles_deg: tuple[float, ...], box: str = "date line") -> arc.Zone:
    """The zone with the first angle everywhere, the second in a box."""
    inside = BOXES[box] if len(angles_deg) == 2 else np.zeros(len(RING), bool)
    of_cell = inside.astype(np.uint8)
    return arc.zone(GEOMETRY.across_km, GEOMETRY.up_km, angles_deg, of_cell, RING, np.radians(LONGITUDE_DEG))


def counted(r: np.ndarray, masks: Masks, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, Sums]:
    """Visible and usable counts (instant, cell), and the sums, of positions (instant, 3, satellite)."""
    weight = np.ones(r.shape[2], np.int64) if weight is None else weight
    visible, usable = np.full((2, len(r), GEOMETRY.cell_count), 60_000, np.uint16)  # whatever was there goes
    sums = empty_sums(GEOMETRY, len(masks.zone.rough) if masks.zone else 0)
    counts(r, weight, GEOMETRY, masks, visible, usable, sums)
    return visible, usable, sums


def elevations(r_km: np.ndarray) -> np.ndarray:
    """Elevation [deg] of satellites (3, satellite) in every cell, (satellite, cell); far below every mask without a position."""
    return np.nan_to_num(np.stack([elevation_deg(r, LATITUDE_DEG, LONGITUDE_DEG) for r in r_km.T]), nan=-99.0)


def to_arc_deg(sight_km: np.ndarray, point_km: np.ndarray) -> np.ndarray:
    """Smallest angle [deg] at points (n, 3) between lines of sight (n, 3) and the geostationary circle.

    The circle is sampled, and the neighbourhood of the nearest sample searched by golden section.
    """
    (ux, uy, uz), (px, py, pz) = (sight_km / np.linalg.norm(sight_km, axis=1)[:, None]).T, point_km.T

    def cosine(t: np.ndarray) -> np.ndarray:
        x, y = arc.GEOSTATIONARY_KM * np.cos(t) - px, arc.GEOSTATIONARY_KM * np.sin(t) - py
        return (ux * x + uy * y - uz * pz) / np.sqrt(x * x + y * y + pz * pz)

    samples = np.linspace(-np.pi, np.pi, 360, endpoint=False)
    nearest = samples[cosine(samples[:, None]).argmax(axis=0)]
    low, high, golden = nearest - 0.02, nearest + 0.02, (np.sqrt(5) - 1) / 2
    for _ in range(36):
        a, b = high - golden * (high - low), low + golden * (high - low)
        left = cosine(a) > cosine(b)
        low, high = np.where(left, low, a), np.where(left, b, high)
    return np.degrees(np.arccos(np.minimum(1.0, cosine((low + high) / 2))))


def twin_of_zone(r_km: np.ndarray, above: np.ndarray, of: arc.Zone, angles_deg: tuple[float, ...]) -> np.ndarray:
    """Which satellites are clear of the zone in each cell, 1 or 0, and -1 where that is too near to tell, (satellite, cell)."""
    angle_deg = np.array(angles_deg)[of.angle_of_cell]
    rough = of.rough[of.angle_of_cell, RING]
    clear = np.ones(above.shape, np.int8)
    for k, r in enumerate(r_km.T):
        cells = np.flatnonzero(above[k])
        sight_km = r - POINTS_KM[cells]
        beyond_deg = to_arc_deg(sight_km, POINTS_KM[cells]) - angle_deg[cells]
        walked = rough[cells] | (np.linalg.norm(r) > 7_500)
        tied = np.abs(beyond_deg) < np.where(walked, ROUGH_EDGE_DEG, EDGE_DEG)
        clear[k, cells] = np.where(tied, -1, beyond_deg >= 0)
    return clear


def assert_like_twin(
    r: np.ndarray, mask_deg: float, side_deg: float | None = None, angles_deg: tuple[float, ...] = (), box: str = "date line"
) -> None:  # fmt: skip
    """Everything that is counted of positions (instant, 3, satellite)."""
    of = zone(angles_deg, box) if angles_deg else None
    weight = 1_000 + 17 * np.arange(r.shape[2], dtype=np.int64)
    visible, usable, sums = counted(r, Masks(mask_deg, side_deg, of), weight)
    weighed, side, side_usable = np.zeros((3, GEOMETRY.cell_count), np.int64)
    tied_ever, side_tied_ever, unclear_ever = np.zeros((3, GEOMETRY.cell_count), bool)
    for instant, r_km in enumerate(r):
        elevation = elevations(r_km)
        above, tied = elevation >= mask_deg, (np.abs(elevation - mask_deg) < TIE_DEG).any(axis=0)
        np.testing.assert_array_equal(visible[instant, ~tied], above.sum(axis=0)[~tied])
        weighed, tied_ever = weighed + weight @ above, tied_ever | tied
        on_side = elevation >= (91.0 if side_deg is None else side_deg)
        side = side + on_side.sum(axis=0)
        side_tied_ever |= (np.abs(elevation - (91.0 if side_deg is None else side_deg)) < TIE_DEG).any(axis=0)
        if of:
            clear = twin_of_zone(r_km, above | on_side, of, angles_deg)
            unclear = (clear < 0).any(axis=0)
            told = ~tied & ~unclear
            np.testing.assert_array_equal(usable[instant, told], (above & (clear > 0)).sum(axis=0)[told])
            side_usable, unclear_ever = side_usable + (on_side & (clear > 0)).sum(axis=0), unclear_ever | unclear
    np.testing.assert_array_equal(sums.weight[~tied_ever], weighed[~tied_ever])
    found = along_rings(sums.side, GEOMETRY)
    np.testing.assert_array_equal(found[~side_tied_ever], side[~side_tied_ever])
    if of:
        assert (usable <= visible).all()
        lost = along_rings(sums.side_excluded, GEOMETRY)[of.angle_of_cell, np.arange(GEOMETRY.cell_count)]
        told = ~side_tied_ever & ~unclear_ever
        np.testing.assert_array_equal((found - lost)[told], side_usable[told])


place = st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(200, 2_000))


@settings(max_examples=60, deadline=None)
@given(st.lists(place, min_size=1, max_size=6), st.floats(0, 89), st.none() | st.floats(0, 89))
def test_counts_are_those_of_the_numpy_twin(
    places: list[tuple[float, float, float]], mask_deg: float, side_deg: float | None
) -> None:
    assert_like_twin(satellites(*places), mask_deg, side_deg)


HARD_PLACES = [
    (90, 0, 550), (-90, 0, 550), (89.99, 180, 550), (85, -60, 1200), (0, 180, 550), (0, -180, 1200), (0, 0, 550), (53, 179.999, 550),
    (82, 10, 35_786), (0, 0, 35_786), (0.1, 180, 35_786), (-30, -179.9, 35_786),
]  # fmt: skip


@pytest.mark.parametrize("mask_deg", [0.0, 25.0, 55.0, 90.0])
@pytest.mark.parametrize("where", HARD_PLACES)
def test_poles_date_line_and_high_orbits(where: tuple[float, float, float], mask_deg: float) -> None:
    assert_like_twin(satellites(where), mask_deg, 40.0)


@pytest.mark.parametrize(("where", "mask_deg"), [((75, 0, 277), 0.5), ((57.75, 0, 1_407), 0.0), ((-75, 0, 277), 0.5)])
def test_a_footprint_that_ends_just_beyond_a_rings_last_cell(
    where: tuple[float, float, float], mask_deg: float
) -> None:
    """As many cells as the ring has, though not the whole turn."""
    assert_like_twin(satellites(where), mask_deg, mask_deg, (18.0,))


@pytest.mark.parametrize("z_km", [6_900.0, -7_600.0])
def test_a_satellite_on_the_axis_is_seen_all_around_the_pole(z_km: float) -> None:
    assert_like_twin(np.array([[[0.0], [0.0], [z_km]]]), 25.0, 40.0, (18.0,))


@pytest.mark.parametrize("where", HARD_PLACES[2:])
def test_cells_very_near_to_the_mask(where: tuple[float, float, float]) -> None:
    """A mask just below and just above what a cell sees the satellite at."""
    r = satellites(where)
    elevation = elevations(r[0])[0]
    for cell in np.flatnonzero(elevation > 0)[::29]:
        for beside_deg in (-1e-8, 1e-8):
            mask_deg = float(elevation[cell]) + beside_deg
            if 0 <= mask_deg < 85:
                visible = counted(r, Masks(mask_deg))[0][0]
                told = np.abs(elevation - mask_deg) > TIE_DEG
                np.testing.assert_array_equal(visible[told], (elevation >= mask_deg)[told])


def test_instants_do_not_mix() -> None:
    assert_like_twin(random_day(5), 25.0, 40.0, (18.0, 3.0))


def test_a_satellite_without_a_position_counts_nowhere() -> None:
    r = satellites((10, 20, 550), (10, 20, 550))
    r[..., 1] = np.nan
    visible, usable, sums = counted(r, Masks(25.0, 40.0, zone((18.0,))), np.array([5, 7], np.int64))
    assert visible.max() == usable.max() == along_rings(sums.side, GEOMETRY).max() == 1
    assert sums.weight.max() == 5
    assert_like_twin(r, 25.0, 40.0, (18.0,))


def test_weights_are_summed_over_those_in_view() -> None:
    r = satellites((10, 20, 550), (11, 21, 550), (-40, 100, 550))
    sums = counted(r, Masks(25.0), np.array([96_000, 18_000, 7], np.int64))[2]
    here = int(np.argmin(np.abs(LATITUDE_DEG - 10.5) + np.abs(LONGITUDE_DEG - 20.5)))
    assert sums.weight[here] == 114_000


def test_sums_go_on_from_those_before() -> None:
    r, masks = random_day(4), Masks(25.0, 40.0, zone((18.0,)))
    whole, first, second = (counted(part, masks)[2] for part in (r, r[:1], r[1:]))
    for name in ("weight", "side", "side_excluded"):
        np.testing.assert_array_equal(getattr(first, name) + getattr(second, name), getattr(whole, name), err_msg=name)


@pytest.mark.parametrize("mask_deg", [91.0, -1.0])
def test_a_mask_beyond_the_zenith_or_below_the_horizon_is_refused(mask_deg: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 90"):
        counted(satellites((0, 0, 550)), Masks(mask_deg))
    with pytest.raises(ValueError, match="between 0 and 90"):
        counted(satellites((0, 0, 550)), Masks(25.0, mask_deg))
    with pytest.raises(ValueError, match="between 0 and 90"):
        counted(satellites((0, 0, 550)), Masks(mask_deg, 40.0))


ANGLES = [(3.0,), (18.0,), (0.5,), (7.0,), (30.0,), (18.0, 3.0), (3.0, 30.0)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(place, min_size=1, max_size=4),
    st.sampled_from([0.0, 10.0, 25.0]),
    st.none() | st.sampled_from([5.0, 40.0]),
    st.sampled_from(ANGLES),
    st.sampled_from(sorted(BOXES)),
)
def test_the_arc_takes_what_it_takes_of_the_numpy_twin(
    places: list[tuple[float, float, float]], mask_deg: float, side_deg: float | None, angles_deg: tuple[float, ...], box: str
) -> None:  # fmt: skip
    assert_like_twin(satellites(*places), mask_deg, side_deg, angles_deg, box)


@pytest.mark.parametrize("angles_deg", [(3.0,), (18.0,), (30.0, 7.0)])
@pytest.mark.parametrize("mask_deg", [0.0, 25.0])
def test_the_arc_at_poles_date_line_and_high_orbits(mask_deg: float, angles_deg: tuple[float, ...]) -> None:
    assert_like_twin(satellites(*HARD_PLACES), mask_deg, 40.0, angles_deg)


def near_the_arc(latitude_deg: float, height_km: float, angle_deg: float) -> np.ndarray:
    """Satellites (1, 3, satellite) that a cell near a latitude sees in the middle of the zone and close to either edge of it."""
    cell = int(np.argmin(np.abs(LATITUDE_DEG - latitude_deg) + 0.01 * np.abs(LONGITUDE_DEG - 179)))
    point, found = POINTS_KM[cell], []
    for t in np.radians(LONGITUDE_DEG[cell] + np.array([-60, -30, -5, 0, 10, 45])):
        to_arc = arc.GEOSTATIONARY_KM * np.array([np.cos(t), np.sin(t), 0.0]) - point
        to_arc /= np.linalg.norm(to_arc)
        along = np.array([-np.sin(t), np.cos(t), 0.0])
        along -= to_arc * (to_arc @ along)
        north = np.cross(to_arc, along / np.linalg.norm(along))
        for beside_deg in (0.0, angle_deg - 2e-3, angle_deg - 2e-5, angle_deg + 2e-5, angle_deg + 2e-3, angle_deg + 1):
            for side in (1, -1):
                beside = side * np.radians(beside_deg)
                sight = np.cos(beside) * to_arc + np.sin(beside) * north
                inward = point @ sight
                found.append(point + sight * (np.sqrt(inward**2 - point @ point + (6_371 + height_km) ** 2) - inward))
    return np.ascontiguousarray(np.array(found).T)[None]


@pytest.mark.parametrize("height_km", [550.0, 1_200.0])
@pytest.mark.parametrize("latitude_deg", [0.0, 10.0, 20.0, -20.0, 45.0, -70.0])
@pytest.mark.parametrize("angle_deg", [3.0, 18.0])
def test_satellites_close_to_an_edge_of_the_zone(latitude_deg: float, height_km: float, angle_deg: float) -> None:
    assert_like_twin(near_the_arc(latitude_deg, height_km, angle_deg), 0.0, 25.0, (angle_deg,))


@pytest.mark.parametrize("height_km", [550.0, 1_200.0])
@pytest.mark.parametrize("mask_deg", [0.0, 25.0])
def test_satellites_over_the_equator(mask_deg: float, height_km: float) -> None:
    r = satellites(
        *((a, b, height_km) for a, b in zip(np.linspace(-6, 6, 13), np.linspace(-180, 179, 13), strict=True))
    )
    assert_like_twin(r, mask_deg, 40.0, (18.0, 3.0))


def test_an_angle_of_0_takes_nothing() -> None:
    r = random_day(3)
    visible, usable, sums = counted(r, Masks(0.0, 40.0, zone((0.0,))))
    np.testing.assert_array_equal(usable, visible)
    assert not along_rings(sums.side_excluded, GEOMETRY).any()
