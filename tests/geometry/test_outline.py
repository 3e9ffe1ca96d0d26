"""Outlines against shapely, against areas that are known exactly, and on the shipped topology."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pipeline.geometry import frames, grid, outline
from pipeline.io import assets

# Two squares of ten degrees with a border at longitude 0; the eastern one has a hole of two degrees.
SQUARES = {
    "type": "Topology",
    "transform": {"scale": [1, 1], "translate": [0, 0]},
    "arcs": [
        [[0, 0], [0, 10]],  # the border, northward
        [[0, 10], [10, 0], [0, -10], [-10, 0]],  # the rest of the eastern square, clockwise
        [[0, 0], [-10, 0], [0, 10], [10, 0]],  # the rest of the western square, clockwise
        [[4, 4], [2, 0], [0, 2], [-2, 0], [0, -2]],  # the hole
    ],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "MultiPolygon", "id": "EST", "arcs": [[[0, 1], [3]]]},
                {"type": "MultiPolygon", "arcs": [[[-1, 2]]]},
            ],
        }
    },
}


@pytest.fixture(scope="module")
def world() -> dict[str, list[np.ndarray]]:
    return outline.countries(assets.topology())


def nested_owners(outlines, order):
    rings = grid.rings(order)
    owner = np.empty(grid.cell_count(order), dtype=int)
    owner[rings.nest_of_ring] = outline.owners(outlines, rings)
    return owner


def test_outer_rings_turn_left_and_holes_right():
    outer, hole = outline.countries(SQUARES)["EST"]
    assert outline.area_km2(outer) > 0 > outline.area_km2(hole)


def test_a_geometry_without_a_code_is_no_country():
    assert list(outline.countries(SQUARES)) == ["EST"]


def test_a_border_is_no_coast():
    lines = outline.coastlines(SQUARES)
    assert len(lines) == 3
    assert not any((line[:, 0] == 0).all() for line in lines)


def test_an_octant_has_an_eighth_of_the_area():
    octant = np.array([[0, 0], [90, 0], [90, 90], [0, 90], [0, 0]], dtype=float)
    assert outline.area_km2(octant) == pytest.approx(grid.ELLIPSOID_AREA_KM2 / 8, rel=1e-14)


def test_a_hole_is_nobodys():
    owner = nested_owners([outline.countries(SQUARES)["EST"]], 6)
    assert owner[int(grid.cell_of(5.0, 5.0, 6))] == -1
    assert owner[int(grid.cell_of(8.0, 8.0, 6))] == 0


def test_a_ring_over_the_antimeridian_is_cut_for_drawing():
    line = np.array([[178.0, 0.0], [182.0, 2.0], [178.0, 4.0]])
    topology = SQUARES | {"arcs": [np.diff(line, axis=0, prepend=[[0, 0]]).tolist()]}
    topology["objects"] = {"countries": {"geometries": [{"arcs": [[[0]]]}]}}
    west, middle, east = outline.coastlines(topology)
    assert west.tolist() == [[178.0, 0.0], [180.0, 1.0]]
    assert middle.tolist() == [[-180.0, 1.0], [-178.0, 2.0], [-180.0, 3.0]]
    assert east.tolist() == [[180.0, 3.0], [178.0, 4.0]]


@pytest.mark.parametrize("code", ["RUS", "FJI", "ZAF", "LSO", "ITA", "NZL", "USA"])
def test_owners_agree_with_shapely(world, code):
    names = list(world)
    owner = nested_owners(list(world.values()), 6)
    latitude_deg, longitude_deg = grid.centres(6)
    inside = np.zeros(owner.size, dtype=int)
    for ring in world[code]:
        polygon = shapely.Polygon(ring)
        shapely.prepare(polygon)
        turn = 1 if outline.area_km2(ring) > 0 else -1
        for shift_deg in (-360.0, 0.0, 360.0):
            inside += turn * shapely.contains_xy(polygon, longitude_deg + shift_deg, latitude_deg)
    assert np.array_equal(owner == names.index(code), inside == 1)


def test_antarctica_holds_the_pole(world):
    owner = nested_owners(list(world.values()), 6)
    poles = grid.cell_of([-89.9, -89.9, -89.9], [0.0, 120.0, -170.0], 6).astype(int)
    assert (owner[poles] == list(world).index("ATA")).all()
    assert owner[int(grid.cell_of(89.9, 0.0, 6))] == -1


@pytest.mark.parametrize(
    ("code", "point"),
    [("GUF", (4.0, -53.0)), ("REU", (-21.1, 55.5)), ("SJM", (78.6, 16.0)), ("XKX", (42.6, 20.9)), ("CYP", (35.2, 33.4)), ("SOM", (9.6, 44.0)), ("TWN", (23.7, 121.0)), ("GRL", (72.0, -40.0))],
)  # fmt: skip
def test_land_is_filed_under_its_own_code(world, code, point):
    owner = nested_owners(list(world.values()), 9)
    assert list(world)[owner[int(grid.cell_of(*point, 9))]] == code


def test_every_ring_is_closed(world):
    assert all(np.allclose(ring[0], ring[-1]) for rings in world.values() for ring in rings)


def test_coastlines_stay_on_the_map_without_jumps():
    lines = outline.coastlines(assets.topology())
    assert all(np.abs(line[:, 0]).max() <= 180.0 and len(line) > 1 for line in lines)
    assert max(np.abs(np.diff(line[:, 0])).max() for line in lines) < 10.0


def test_coastlines_are_coasts():
    points = np.vstack(outline.coastlines(assets.topology()))

    def count(west, south, east, north):
        x, y = points.T
        return int(np.sum((x > west) & (x < east) & (y > south) & (y < north)))

    assert count(5, 58, 15, 65) > 100  # Norway
    assert count(6, 46.5, 18, 50) == 0  # the Alps, with seven borders
    assert count(-180, -89.99, 180, -86) == 0  # the pole is not a coast


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (35.06, -90.16, "USA"), (24.15, 54.44, "ARE"), (-17.8, 178.0, "FJI"), (-16.8, -179.97, "FJI"), (66.0, -172.0, "RUS"), (66.0, 188.0, "RUS"),
        (-29.5, 28.2, "LSO"), (-89.9, 10.0, "ATA"), (41.9, 12.49, "ITA"), (1.29, 103.85, "SGP"), (40.55, -73.6, "USA"), (0.0, -30.0, None), (36.5, -9.5, None),
    ],
)  # fmt: skip
def test_a_point_is_held_by_its_country_or_by_the_coast_near_by(
    latitude: float, longitude: float, code: str | None
) -> None:
    outlines = outline.countries(assets.topology())
    assert outline.holders(outlines, np.array([latitude]), np.array([longitude]), 50.0) == [code]


def test_holders_agree_with_owners_of_cells() -> None:
    outlines = outline.countries(assets.topology())
    rings = grid.rings(5)
    owner = outline.owners(list(outlines.values()), rings)
    latitude, longitude = grid.centres(5)
    nest = rings.nest_of_ring.astype(np.int64)
    chosen = np.random.default_rng(4).choice(np.flatnonzero(owner >= 0), 300, replace=False)
    codes = list(outlines)
    expected = [codes[owner[k]] for k in chosen]
    assert outline.holders(outlines, latitude[nest[chosen]], longitude[nest[chosen]], 0.0) == expected


@pytest.mark.parametrize("turn", [0.0, 360.0])
def test_the_nearest_outline_is_that_of_the_nearest_edge_and_not_corner(turn: float) -> None:
    """A coast of one edge, 222 km long: half way along, 22 km off, both of its corners are 113 km away."""
    coast = np.array([[179.5, -1.0], [181.5, -1.0], [181.5, 0.0], [179.5, 0.0], [179.5, -1.0]])
    coast[:, 0] += turn
    far = np.array([[179.5, 1.0], [181.5, 1.0], [181.5, 2.0], [179.5, 2.0], [179.5, 1.0]])
    outlines = {"AAA": [far], "BBB": [coast]}
    for longitude in (-179.5, 180.5):
        place = np.array([0.2]), np.array([longitude])
        assert outline.holders(outlines, *place, 50.0) == ["BBB"]
        assert outline.holders(outlines, *place, 20.0) == [None]


@given(latitude=st.floats(-70, 70), bearing_deg=st.floats(0, 360), away_km=st.floats(1, 50))
def test_distances_to_an_outline_are_those_of_great_circles(
    latitude: float, bearing_deg: float, away_km: float
) -> None:
    """The outline is as small as a point: a tenth of a metre."""
    angle, bearing = away_km / outline.KM_PER_DEGREE, np.radians(bearing_deg)
    lat, lon = latitude + angle * np.cos(bearing), angle * np.sin(bearing) / np.cos(np.radians(latitude))
    dot = np.array([[lon, lat], [lon + 1e-6, lat], [lon, lat + 1e-6], [lon, lat]])
    true_km = float(frames.great_circle_km(np.array(latitude), np.array(0.0), np.array(lat), np.array(lon)))
    place = np.array([latitude]), np.array([0.0])
    assert outline.holders({"AAA": [dot]}, *place, true_km * 1.02) == ["AAA"]
    assert outline.holders({"AAA": [dot]}, *place, true_km * 0.98) == [None]
