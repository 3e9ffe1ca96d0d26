from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

from pipeline.digest import figures
from pipeline.digest.digest import compose
from pipeline.digest.figures import DARK, LIGHT, SATELLITES, equal_earth, equal_earth_inverse, world_map
from pipeline.geometry.grid import cell_count, centres
from tests.digest import rows

# PROJ's limits of +proj=eqearth +ellps=WGS84 [m], as cartopy's tests record them, and the authalic radius they stand on.
PROJ_X_M, PROJ_Y_M, AUTHALIC_RADIUS_M = 17_243_959.0622169, 8_392_927.59846646, 6_371_007.18091847
ORDER = 3
LATITUDE, LONGITUDE = centres(ORDER)
VALUES = np.abs(LATITUDE)
COAST = [np.array([[170.0, 10.0], [179.0, 12.0], [-179.0, 14.0], [-170.0, 16.0]])]


def drawn(values: np.ndarray = VALUES, **how: object) -> Image.Image:
    how = {"title": "A title", "note": "A note", **how}
    return Image.open(io.BytesIO(world_map(values, COAST, **how)))  # type: ignore[arg-type]


def pixel(image: Image.Image, longitude_deg: float, latitude_deg: float) -> tuple[int, ...]:
    x, y = equal_earth(longitude_deg, latitude_deg)
    column = figures.SIDE_PX + (x / figures.EXTENT_X / 2 + 0.5) * figures.MAP_WIDTH_PX
    row = figures.TOP_PX + (0.5 - y / figures.EXTENT_Y / 2) * figures.MAP_HEIGHT_PX
    return tuple(image.convert("RGB").getpixel((int(column), int(row))))  # type: ignore[arg-type]


def near(colour: tuple[int, ...], wanted: np.ndarray) -> bool:
    return bool(np.abs(np.array(colour) - 255 * wanted[:3]).max() <= 6)


def test_extent_is_that_of_proj() -> None:
    """To a tenth of a millimetre on the ground."""
    x, _ = equal_earth(180.0, 0.0)
    _, y = equal_earth(0.0, 90.0)
    assert x * AUTHALIC_RADIUS_M == pytest.approx(PROJ_X_M, abs=1e-4)
    assert y * AUTHALIC_RADIUS_M == pytest.approx(PROJ_Y_M, abs=1e-4)


def test_aspect_is_that_of_the_paper() -> None:
    """Savric, Patterson and Jenny 2018 give 2.05458."""
    aspect = figures.EXTENT_X / figures.EXTENT_Y
    assert aspect == pytest.approx(2.05458, abs=5e-6)


def test_poles_are_lines_as_long_as_the_paper_says() -> None:
    """The pole line has 0.59247 of the equator's length (same paper, section 3)."""
    x, _ = equal_earth(180.0, 90.0)
    assert x / figures.EXTENT_X == pytest.approx(0.59247, abs=5e-5)


def test_inverse_undoes_forward() -> None:
    longitude, latitude = np.meshgrid(np.linspace(-179.9, 179.9, 73), np.linspace(-89.9, 89.9, 61))
    back = equal_earth_inverse(*equal_earth(longitude, latitude))
    np.testing.assert_allclose(back, (longitude, latitude), atol=1e-9)


def test_area_is_kept() -> None:
    """The Jacobian is cos(latitude) everywhere, which is what equal area means."""
    longitude, latitude = np.meshgrid(np.linspace(-170, 170, 35), np.linspace(-88, 88, 89))
    step = 1e-4
    x_east, _ = np.subtract(equal_earth(longitude + step, latitude), equal_earth(longitude - step, latitude))
    _, y_north = np.subtract(equal_earth(longitude, latitude + step), equal_earth(longitude, latitude - step))
    jacobian = x_east * y_north / np.radians(2 * step) ** 2
    np.testing.assert_allclose(jacobian, np.cos(np.radians(latitude)), rtol=2e-6)


def test_points_outside_the_frame_have_no_place() -> None:
    x = np.array([figures.EXTENT_X, figures.EXTENT_X, 0.0])
    y = np.array([0.001, figures.EXTENT_Y, figures.EXTENT_Y + 0.01])
    longitude, latitude = equal_earth_inverse(x, y)
    assert np.isnan(longitude).all()
    assert np.isnan(latitude).all()


def test_map_is_small_and_has_a_palette() -> None:
    content = world_map(VALUES, COAST, title="A title", note="A note")
    image = Image.open(io.BytesIO(content))
    assert image.mode == "P"
    assert image.size == (figures.WIDTH_PX, figures.HEIGHT_PX)
    assert len(content) <= 150_000


def test_same_values_give_the_same_bytes() -> None:
    first, second = (world_map(VALUES, COAST, title="A title", note="A note") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("dark", "theme"), [(False, LIGHT), (True, DARK)])
def test_cells_have_the_colour_of_their_class(dark: bool, theme: figures.Theme) -> None:
    image = drawn(dark=dark)
    for cell in (5, 100, 300, 500, 700):
        wanted = figures._sequence(theme, SATELLITES)[np.searchsorted(SATELLITES.bounds, VALUES[cell], side="right")]
        assert near(pixel(image, LONGITUDE[cell], LATITUDE[cell]), wanted)


def test_classes_are_fixed_whatever_the_day_holds() -> None:
    few, many = np.where(LATITUDE > 0, 3.0, 5.5), np.where(LATITUDE > 0, 3.0, 150.0)
    assert pixel(drawn(few), 20.0, 40.0) == pixel(drawn(many), 20.0, 40.0)


def test_missing_cells_are_hatched_and_differ_from_none() -> None:
    missing, none = drawn(np.where(LATITUDE > 0, np.nan, 20.0)), drawn(np.where(LATITUDE > 0, 0.0, 20.0))
    around = {pixel(missing, 20.0 + step / 2, 40.0) for step in range(12)}
    assert len(around) == 2
    assert pixel(none, 20.0, 40.0) not in around


def test_coast_across_the_antimeridian_leaves_no_line_through_the_map() -> None:
    assert all(np.ptp(piece[:, 0]) < 1 for piece in figures._projected(COAST[0]))


def test_sample_is_stamped_into_the_picture() -> None:
    plain, stamped = np.asarray(drawn().convert("RGB")), np.asarray(drawn(stamp="Synthetic sample").convert("RGB"))
    assert (plain[: figures.TOP_PX] != stamped[: figures.TOP_PX]).any()


def test_values_that_are_no_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="100 values are no full HEALPix grid"):
        world_map(np.zeros(100), [], title="", note="")


def test_map_of_a_day_hatches_cells_without_a_row() -> None:
    digest = compose(rows.rows(), rows.DAY, rows.SOURCES)
    cells = pl.DataFrame({"cell_id": [0, 1], "visible_mean_count": [5.0, None], "grid_cell_count": [12, 12]})
    found = figures.day_map(digest, cells, [])
    values = np.full(cell_count(0), np.nan)
    values[0] = 5.0
    title = "Starlink satellites in view, mean of 17 August 2026"
    assert found == world_map(values, [], title=title, note=digest.map_caption)


def test_day_without_a_grid_has_no_map() -> None:
    digest = compose(rows.rows(), rows.DAY, rows.SOURCES)
    assert figures.day_map(digest, rows.grid().clear(), []) is None
