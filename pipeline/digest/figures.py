"""Pictures: the world map of a grid in the Equal Earth projection, as a PNG with a palette."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from pipeline.digest.digest import Digest
from pipeline.geometry.grid import cell_count, cell_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

# Savric, Patterson and Jenny 2018, The Equal Earth map projection, table 1.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
ROOT3 = np.sqrt(3.0)

WIDTH_PX, MAP_WIDTH_PX = 1200, 1176
DPI = 100
TOP_PX, BOTTOM_PX, SIDE_PX = 72, 122, 12
LEGEND_BOTTOM_PX, LEGEND_HEIGHT_PX = 82, 20


@dataclass(frozen=True)
class Scale:
    """What colours mean. By `bounds`: the first class ends at the first bound, the last one is open, and 0 has a colour of its own; they
    are fixed, so that days can be compared by eye. By `names`: the value is the place of its class among them.
    """

    unit: str
    bounds: tuple[float, ...] = ()
    names: tuple[str, ...] = ()


SATELLITES = Scale("satellites in view", (1, 2, 5, 10, 20, 30, 40, 50, 60, 80, 100))
LIDS = Scale("binds", names=("demand", "beam", "satellite", "gateway", "mesh"))
# Of Okabe and Ito 2008, which readers with any kind of colour vision tell apart; demand, most of the sea, stays quiet.
CLASSES = ("", "#d55e00", "#f0e442", "#0072b2", "#cc79a7")


@dataclass(frozen=True)
class Theme:
    """Colours of a map: paper, ink, quiet ink, the two greys of missing cells, nothing at all, and the part of a sequence."""

    paper: str
    ink: str
    quiet: str
    missing: tuple[str, str]
    none: str
    coast: str
    sequence: str
    part: tuple[float, float]


LIGHT = Theme("#ffffff", "#17202a", "#55606c", ("#d9dde1", "#b8bec5"), "#f4f6f8", "#17202a", "YlGnBu", (0.0, 0.9))
DARK = Theme("#10151b", "#e7ebef", "#a3aeb9", ("#3a434c", "#56616c"), "#1d252d", "#ffffff", "viridis", (0.05, 0.95))


def equal_earth(longitude_deg: ArrayLike, latitude_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Return x and y on a sphere of radius 1 of points [deg], any one shape (Savric et al. 2018, equations 7 and 8)."""
    theta = np.arcsin(ROOT3 / 2 * np.sin(np.radians(np.asarray(latitude_deg, float))))
    square = theta * theta
    x = 2 * ROOT3 * np.radians(np.asarray(longitude_deg, float)) * np.cos(theta) / (3 * _slope(square))
    return x, theta * _height(square)


def equal_earth_inverse(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return longitude and latitude [deg] of points on the map of a sphere of radius 1; nan outside its frame.

    Newton's method in theta (Savric et al. 2018, section 5): twelve steps reach the last digit everywhere.
    """
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    theta = np.clip(y / A1, -np.pi / 3, np.pi / 3)
    for _ in range(12):
        square = theta * theta
        theta = np.clip(theta - (theta * _height(square) - y) / _slope(square), -np.pi / 3, np.pi / 3)
    longitude = np.degrees(3 * x * _slope(theta * theta) / (2 * ROOT3 * np.cos(theta)))
    latitude = np.degrees(np.arcsin(np.clip(2 * np.sin(theta) / ROOT3, -1, 1)))
    outside = (np.abs(longitude) > 180) | (np.abs(y) > EXTENT_Y)
    return np.where(outside, np.nan, longitude), np.where(outside, np.nan, latitude)


def _height(square: Floats) -> Any:
    return A1 + A2 * square + square**3 * (A3 + A4 * square)


def _slope(square: Floats) -> Any:
    return A1 + 3 * A2 * square + square**3 * (7 * A3 + 9 * A4 * square)


EXTENT_X = float(equal_earth(180.0, 0.0)[0])
EXTENT_Y = float(equal_earth(0.0, 90.0)[1])
MAP_HEIGHT_PX = round(MAP_WIDTH_PX * EXTENT_Y / EXTENT_X)
HEIGHT_PX = TOP_PX + MAP_HEIGHT_PX + BOTTOM_PX


def day_map(digest: Digest, cells: pl.DataFrame, coastlines: list[Floats], dark: bool = False) -> bytes | None:
    """Return the map of a day as PNG bytes from the answer of sql/digest/map.sql; None where it has no rows.

    Its column grid_cell_count says how many cells the grid has; cells without a row or without a figure are hatched.
    """
    if cells.is_empty():
        return None
    values = np.full(cells["grid_cell_count"][0], np.nan)
    values[cells["cell_id"].to_numpy()] = cells["visible_mean_count"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    title = f"Starlink satellites in view, mean of {digest.day_text}"
    stamp = "Synthetic sample" if digest.synthetic else ""
    return world_map(values, coastlines, title=title, note=digest.map_caption, stamp=stamp, dark=dark)


def lid_map(digest: Digest, cells: pl.DataFrame, coastlines: list[Floats], dark: bool = False) -> bytes | None:
    """Return the map of the lid that binds as PNG bytes from the answer of sql/digest/lid.sql; None where it has no rows."""
    if cells.is_empty():
        return None
    values = np.full(cells["grid_cell_count"][0], np.nan)
    place = {name: float(k) for k, name in enumerate(LIDS.names)}
    values[cells["cell_id"].to_numpy()] = cells["binding"].replace_strict(place, return_dtype=pl.Float64).to_numpy()
    title = f"What limits Starlink to users, {digest.day_text}"
    stamp = "Synthetic sample" if digest.synthetic else ""
    return world_map(values, coastlines, title=title, note=digest.lid_caption, stamp=stamp, dark=dark, scale=LIDS)


def world_map(
    values: Floats,
    coastlines: list[Floats],
    *,
    title: str,
    note: str,
    stamp: str = "",
    dark: bool = False,
    scale: Scale = SATELLITES,
) -> bytes:
    """Return the map of one value per cell as PNG bytes, WIDTH_PX by HEIGHT_PX; the same input gives the same bytes.

    `values` one per cell in nested order, nan where missing, (n_cells,), coloured by `scale`; `coastlines` longitude and latitude [deg], each
    (n, 2); `title` and `note` stand in the picture (which satellites, which mask); `stamp` is printed large when the day
    is a sample. Raises ValueError when the number of cells is that of no HEALPix order.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    theme = DARK if dark else LIGHT
    figure = Figure(figsize=(WIDTH_PX / DPI, HEIGHT_PX / DPI), dpi=DPI, facecolor=theme.paper)
    axes = _map_axes(figure)
    axes.imshow(
        _pixels(values, theme, scale),
        extent=(-EXTENT_X, EXTENT_X, -EXTENT_Y, EXTENT_Y),
        interpolation="nearest",
        zorder=1,
    )
    _draw_coastlines(axes, coastlines, theme)
    _draw_frame(axes, theme)
    _write(figure, title, note, stamp, theme)
    _draw_legend(figure, theme, scale, some_missing=bool(np.isnan(values).any()))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return _png(np.asarray(canvas.buffer_rgba())[..., :3])


def _order(cells: int) -> int:
    order = round(np.log2(max(cells, 12) / 12) / 2)
    if cell_count(order) != cells:
        raise ValueError(f"{cells} values are no full HEALPix grid: give one value per cell, nan where missing")
    return order


def _map_axes(figure: Figure) -> Axes:
    box = (SIDE_PX / WIDTH_PX, BOTTOM_PX / HEIGHT_PX, MAP_WIDTH_PX / WIDTH_PX, MAP_HEIGHT_PX / HEIGHT_PX)
    axes = figure.add_axes(box)
    axes.set_axis_off()
    # Half a stroke of room, or the frame of the map is cut where it touches the picture's edge.
    axes.set(xlim=(-EXTENT_X * 1.002, EXTENT_X * 1.002), ylim=(-EXTENT_Y * 1.004, EXTENT_Y * 1.004), aspect="auto")
    return axes


def _pixels(values: Floats, theme: Theme, scale: Scale) -> Floats:
    """Colour of every pixel of the map, transparent outside the frame, (height, width, 4)."""
    x = (np.arange(MAP_WIDTH_PX) + 0.5) / MAP_WIDTH_PX * 2 * EXTENT_X - EXTENT_X
    y = EXTENT_Y - (np.arange(MAP_HEIGHT_PX) + 0.5) / MAP_HEIGHT_PX * 2 * EXTENT_Y
    longitude, latitude = equal_earth_inverse(x[None, :], y[:, None])
    inside = np.isfinite(longitude)
    seen = np.full(inside.shape, np.nan)
    seen[inside] = values[cell_of(latitude[inside], longitude[inside], _order(values.size)).astype(np.int64)]
    pixels = _colours(seen, theme, scale)
    pixels[~inside, 3] = 0
    return pixels


def _colours(values: Floats, theme: Theme, scale: Scale) -> Floats:
    """Colour of every value: hatched grey where missing, its own colour where nothing at all, (..., 4)."""
    from matplotlib.colors import to_rgba

    known = np.nan_to_num(values)
    place = known.astype(np.int64) if scale.names else np.searchsorted(scale.bounds, known, side="right")
    colours = _sequence(theme, scale)[place]
    colours[values == 0] = to_rgba(theme.none)
    rows, columns = np.indices(values.shape)
    stripe = (rows + columns) // 5 % 2 == 0
    for where, colour in zip((stripe, ~stripe), theme.missing, strict=True):
        colours[np.isnan(values) & where] = to_rgba(colour)
    return colours


def _sequence(theme: Theme, scale: Scale) -> Floats:
    """Colour of each class, in steps that differ for readers with any kind of colour vision, (n_classes, 4)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgba

    if scale.names:
        return np.array([to_rgba(colour or theme.none) for colour in CLASSES[: len(scale.names)]])
    return np.asarray(colormaps[theme.sequence](np.linspace(*theme.part, len(scale.bounds) + 1)))


def _draw_coastlines(axes: Axes, coastlines: list[Floats], theme: Theme) -> None:
    from matplotlib.collections import LineCollection

    lines = [piece for line in coastlines for piece in _projected(line)]
    axes.add_collection(LineCollection(lines, colors=theme.coast, linewidths=0.75, alpha=0.75, zorder=2))


def _projected(line: Floats) -> list[Floats]:
    """One line on the map, cut where it leaves at one side and comes back at the other."""
    jumps = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180) + 1
    pieces = [piece for piece in np.split(np.asarray(line, float), jumps) if len(piece) > 1]
    return [np.column_stack(equal_earth(piece[:, 0], piece[:, 1])) for piece in pieces]


def _draw_frame(axes: Axes, theme: Theme) -> None:
    latitude = np.linspace(-90, 90, 181)
    longitude = np.concatenate([np.full(181, -180.0), np.full(181, 180.0)])
    x, y = equal_earth(longitude, np.concatenate([latitude, latitude[::-1]]))
    axes.plot(np.append(x, x[0]), np.append(y, y[0]), color=theme.quiet, linewidth=1, zorder=3)


def _write(figure: Figure, title: str, note: str, stamp: str, theme: Theme) -> None:
    left = SIDE_PX / WIDTH_PX
    figure.text(left, 1 - 40 / HEIGHT_PX, title, size=_points(27), weight="bold", color=theme.ink)
    figure.text(left, 18 / HEIGHT_PX, note, size=_points(21), color=theme.quiet)
    if stamp:
        ground = {"facecolor": "#fdf3d7", "edgecolor": "#b98d12", "boxstyle": "square,pad=0.3"}
        figure.text(
            1 - 2 * left, 1 - 40 / HEIGHT_PX, stamp.upper(), size=_points(22), weight="bold", color="#5a4100", ha="right",
            bbox=ground,
        )  # fmt: skip


def _draw_legend(figure: Figure, theme: Theme, scale: Scale, some_missing: bool) -> None:
    if scale.names:
        for k, (name, colour) in enumerate(zip(scale.names, CLASSES, strict=True)):
            _draw_key(figure, SIDE_PX / WIDTH_PX + 0.145 * k, name, colour or theme.none, "", theme)
    else:
        _draw_bar(figure, theme, scale)
        _draw_key(figure, 0.75, "none", theme.none, "", theme)
    if some_missing:
        _draw_key(figure, 0.86, "no figure", theme.missing[0], "///", theme)


def _draw_bar(figure: Figure, theme: Theme, scale: Scale) -> None:
    classes = len(scale.bounds) + 1
    box = (SIDE_PX / WIDTH_PX, LEGEND_BOTTOM_PX / HEIGHT_PX, 46 * classes / WIDTH_PX, LEGEND_HEIGHT_PX / HEIGHT_PX)
    axes = figure.add_axes(box)
    bar = _sequence(theme, scale)[None, :, :]
    axes.imshow(bar, extent=(0, classes, 0, 1), aspect="auto", interpolation="nearest")
    axes.set(yticks=[], xticks=range(1, classes), xticklabels=[f"{bound:g}" for bound in scale.bounds])
    axes.tick_params(axis="x", length=4, pad=2, labelsize=_points(21), colors=theme.quiet)
    for side in axes.spines.values():
        side.set_color(theme.quiet)
    left = box[0] + box[2] + 14 / WIDTH_PX
    figure.text(left, (LEGEND_BOTTOM_PX + 2) / HEIGHT_PX, scale.unit, size=_points(21), color=theme.quiet)


def _draw_key(figure: Figure, left: float, label: str, colour: str, hatch: str, theme: Theme) -> None:
    from matplotlib.patches import Rectangle

    bottom, width, height = LEGEND_BOTTOM_PX / HEIGHT_PX, 30 / WIDTH_PX, LEGEND_HEIGHT_PX / HEIGHT_PX
    figure.add_artist(Rectangle((left, bottom), width, height, facecolor=colour, edgecolor=theme.quiet, hatch=hatch))
    figure.text(left + width + 8 / WIDTH_PX, bottom + 2 / HEIGHT_PX, label, size=_points(21), color=theme.quiet)


def _points(pixels: float) -> float:
    return pixels * 72 / DPI


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """PNG with a palette of at most 192 colours and nothing in it that changes from run to run."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels), "RGB").quantize(
        192, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
