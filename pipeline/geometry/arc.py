"""The geostationary arc as a terminal sees it, and the zone about it in which a satellite must not be used.

A satellite is excluded where the angle at the terminal between it and any point of the geostationary circle is below a stated
one. Points of the circle below the horizon count too: they matter only where the elevation mask is smaller than the angle.

Seen from a ring of the grid, the zone is a band of topocentric declination about the arc, between two edges that depend on the
topocentric hour angle H alone. Both edges, T = tan(declination), are smooth in cos H: the
polynomials here are good to 2e-7 degrees up to an angle of 30 degrees, and to 6e-7 at 60.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

from pipeline.geometry.kernels import LANES

# Radius of the circle on which a satellite turns with the Earth: (mu / w^2)^(1/3), WGS-84's mu of 398,600.4418 km3/s2, w of 7.2921158553e-5 rad/s.
GEOSTATIONARY_KM = 42_164.17
DEGREE = 4
MAX_ANGLE_DEG = 60.0
# The kernel's quick way to an edge takes it that the edge's height T S grows or falls with the horizontal distance S alone. That
# holds with room to spare where |T| is this many times |dT/d cos H| (1 + S / A), for S up to so many kilometres.
_CALM_FACTOR = 4.0
CALM_KM = 5_000.0


@dataclass(frozen=True)
class Zone:
    """Edges of the zone on every ring, and on LANES more, for every angle of exclusion, and which angle holds in which cell.

    `north`, `south`: polynomial coefficients of T in cos H, lowest first, and the reciprocal of the lowest, (angle, DEGREE + 2, ring). `north_most`, `south_most`:
    the largest T of the north edge and the smallest of the south one, (angle, ring). `rough`: how many of the rings before this
    one are not calm, int64 (angle, ring). `window_rad`, `window_half_rad`: middle and half width of the longitudes of the ring's cells of that angle, the half
    width far below 0 where there is none, (angle, ring). `angle_of_cell`: number of the cell's angle, (cell,) in ring order.
    """

    north: NDArray[np.float64]
    south: NDArray[np.float64]
    north_most: NDArray[np.float64]
    south_most: NDArray[np.float64]
    rough: NDArray[np.int64]
    window_rad: NDArray[np.float64]
    window_half_rad: NDArray[np.float64]
    angle_of_cell: NDArray[np.uint8]


def zone(
    across_km: NDArray[np.float64],
    up_km: NDArray[np.float64],
    angles_deg: tuple[float, ...],
    angle_of_cell: NDArray[np.uint8],
    ring_of_cell: NDArray[np.int64],
    longitude_rad: NDArray[np.float64],
) -> Zone:
    """The zone of every ring, (ring,) distances [km] from the axis and the equatorial plane, for angles of exclusion [deg].

    angle_of_cell, ring_of_cell, longitude_rad: each cell's angle, as a number in `angles_deg`, its ring and longitude, (cell,) in
    ring order. Raises ValueError where an angle is not in 0..60 degrees.
    """
    for angle in angles_deg:
        if not 0 <= angle <= MAX_ANGLE_DEG:
            raise ValueError(
                f"an exclusion of {angle} degrees about the geostationary arc is not in 0..{MAX_ANGLE_DEG:g}"
            )
    edges = [[_edge(across_km, up_km, side * np.radians(angle)) for angle in angles_deg] for side in (1, -1)]
    north, south = (
        np.ascontiguousarray(
            np.pad(np.stack([power for power, _, _ in side]), ((0, 0), (0, LANES), (0, 0)), mode="edge").transpose(
                0, 2, 1
            )
        )
        for side in edges
    )
    extent = [[(low, high) for _, low, high in side] for side in edges]
    calm = [_is_calm(across_km, *edges[0][k]) & _is_calm(across_km, *edges[1][k]) for k in range(len(angles_deg))]
    windows = [_window(angle_of_cell == k, ring_of_cell, longitude_rad, across_km.size) for k in range(len(angles_deg))]
    return Zone(
        north,
        south,
        _padded([high for _, high in extent[0]]),
        _padded([low for low, _ in extent[1]]),
        np.cumsum(np.pad(~np.stack(calm), ((0, 0), (1, LANES - 1))), axis=1, dtype=np.int64),
        _padded([middle for middle, _ in windows]),
        _padded([half for _, half in windows], -100.0),
        angle_of_cell,
    )


def _padded(rows: list[NDArray[Any]], fill: float = 0.0) -> NDArray[Any]:
    """Rows of rings in one array, with LANES rings more."""
    return np.pad(np.stack(rows), ((0, 0), (0, LANES)), constant_values=fill)


def edge_tangent(
    across_km: NDArray[np.float64], up_km: NDArray[np.float64], angle_rad: float, t_rad: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hour angle [rad] and tan(declination) of the point `angle_rad` north of the arc's own point at longitude `t_rad` from the terminal.

    across_km, up_km, t_rad broadcast together. North is square to the arc, as seen from the terminal; negative is south of it.
    """
    gx, gy = GEOSTATIONARY_KM * np.cos(t_rad) - across_km, GEOSTATIONARY_KM * np.sin(t_rad)
    point = np.stack(np.broadcast_arrays(gx, gy, -up_km), axis=-1)
    point = point / np.linalg.norm(point, axis=-1, keepdims=True)
    along = np.stack(np.broadcast_arrays(-np.sin(t_rad), np.cos(t_rad), 0.0 * up_km), axis=-1)
    along = along - point * np.sum(along * point, axis=-1, keepdims=True)
    north = np.cross(point, along / np.linalg.norm(along, axis=-1, keepdims=True))
    edge = np.cos(angle_rad) * point + np.sin(angle_rad) * north
    return np.arctan2(edge[..., 1], edge[..., 0]), edge[..., 2] / np.hypot(edge[..., 0], edge[..., 1])


def _edge(
    across_km: NDArray[np.float64], up_km: NDArray[np.float64], angle_rad: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of T in cos H and the reciprocal of the lowest (ring, DEGREE + 2), and the least and the largest T of the ring."""
    count = 2 * DEGREE
    hour_rad = np.pi * (np.arange(count) + 0.5) / count  # Chebyshev's nodes in cos H
    across, up = across_km[:, None], up_km[:, None]
    t_rad = np.broadcast_to(hour_rad, (across_km.size, count))
    for _ in range(40):  # H grows nearly as t does: each step gains half a digit or more
        found, tangent = edge_tangent(across, up, angle_rad, t_rad)
        t_rad = t_rad + (hour_rad - found)
    basis = np.cos(np.outer(np.arange(DEGREE + 1), hour_rad)) * (2.0 / count)
    basis[0] /= 2.0
    series = tangent @ basis.T
    to_power = np.stack(
        [
            np.pad(p, (0, DEGREE + 1 - p.size))
            for p in (Chebyshev.basis(k).convert(kind=Polynomial).coef for k in range(DEGREE + 1))
        ]
    )
    dense = np.polynomial.chebyshev.chebval(np.linspace(-1, 1, 65), series.T)
    power = series @ to_power
    with np.errstate(divide="ignore"):
        return np.hstack([power, 1 / power[:, :1]]), dense.min(axis=1), dense.max(axis=1)


def _is_calm(
    across_km: NDArray[np.float64], power: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.bool_]:
    slope = np.polynomial.polynomial.polyval(
        np.linspace(-1, 1, 65), (power[:, 1 : DEGREE + 1] * np.arange(1, DEGREE + 1)).T
    )
    steepest = np.abs(slope).max(axis=1) * (1 + CALM_KM / across_km)
    return (low * high > 0) & (np.minimum(np.abs(low), np.abs(high)) > _CALM_FACTOR * steepest)


def _window(
    chosen: NDArray[np.bool_], ring_of_cell: NDArray[np.int64], longitude_rad: NDArray[np.float64], rings: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle and half width [rad] of the smallest span of longitudes that holds the chosen cells of each ring; -100 where there are none."""
    middle, half = np.zeros(rings), np.full(rings, -100.0)
    ring, longitude = ring_of_cell[chosen], np.mod(longitude_rad[chosen], 2 * np.pi)
    edges = np.searchsorted(ring, np.arange(rings + 1))  # cells come ring by ring
    for k in np.flatnonzero(np.diff(edges)):
        here = np.sort(longitude[edges[k] : edges[k + 1]])
        gap = np.diff(here, append=here[0] + 2 * np.pi)
        widest = int(gap.argmax())
        spread = (2 * np.pi - gap[widest]) / 2
        middle[k], half[k] = here[(widest + 1) % here.size] + spread, spread + 1e-9  # no cell is lost to rounding
    return middle, half
