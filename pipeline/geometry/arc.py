"""The geostationary arc as a terminal sees it, and the zone about it in which a satellite must not be used.

A satellite is excluded where the angle at the terminal between it and any point of the geostationary circle is below a stated
one. Points of the circle below the horizon count too: they matter only where the elevation mask is smaller than the angle.

Seen from a ring of the grid, the zone is a band of topocentric declination about the arc, between two edges that depend on the
topocentric hour angle H alone. Both edges, T = tan(declination), are smooth in cos H: the
polynomials here are good to 2e-7 degrees up to an angle of 30 degrees, and to 6e-7 at 60.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

from pipeline.geometry.kernels import LANES, SMALL, inlined, leaf, twice_arc_sine_of_root, twice_arc_sine_of_small_root
from pipeline.geometry.sky import DISTANCE, PER_DISTANCE, Z

# Radius of the circle on which a satellite turns with the Earth: (mu / w^2)^(1/3), WGS-84's mu of 398,600.4418 km3/s2, w of 7.2921158553e-5 rad/s.
GEOSTATIONARY_KM = 42_164.17
DEGREE = 4
MAX_ANGLE_DEG = 60.0
# The kernel's quick way to an edge takes it that the edge's height T S grows or falls with the horizontal distance S alone. That
# holds with room to spare where |T| is this many times |dT/d cos H| (1 + S / A), for S up to so many kilometres.
_CALM_FACTOR = 4.0
CALM_KM = 5_000.0


class Zone(NamedTuple):
    """Edges of the zone on every ring, for every angle of exclusion, and which angle holds in which cell.

    `north`, `south`: polynomial coefficients of T in cos H, lowest first, and the reciprocal of the lowest, (angle, ring, DEGREE + 2).
    `north_sine`, `south_sine`: sine of the largest declination of the north edge and of the least of the south one, (angle, ring).
    `rough`: whether a ring is not calm, (angle, ring). `window_rad`, `window_half_rad`: middle and half width of the longitudes of the
    ring's cells of that angle, pi for all cells, far below 0 for none, (angle, ring). `angle_of_cell`: number of the cell's angle,
    (cell,) in ring order.
    """

    north: NDArray[np.float64]
    south: NDArray[np.float64]
    north_sine: NDArray[np.float64]
    south_sine: NDArray[np.float64]
    rough: NDArray[np.bool_]
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
    north, south = ([_edge(across_km, up_km, side * np.radians(angle)) for angle in angles_deg] for side in (1, -1))
    calm = [_is_calm(across_km, *n) & _is_calm(across_km, *s) for n, s in zip(north, south, strict=True)]
    windows = [_window(angle_of_cell == k, ring_of_cell, longitude_rad, across_km.size) for k in range(len(angles_deg))]
    return Zone(
        np.stack([power for power, _, _ in north]),
        np.stack([power for power, _, _ in south]),
        np.stack([high / np.hypot(1, high) for _, _, high in north]),
        np.stack([low / np.hypot(1, low) for _, low, _ in south]),
        ~np.stack(calm),
        np.stack([middle for middle, _ in windows]),
        np.stack([half for _, half in windows]),
        angle_of_cell,
    )


def no_zone(rings: int) -> Zone:
    """A zone of no angle."""
    power, none = np.empty((0, rings, DEGREE + 2)), np.empty((0, rings))
    return Zone(power, power, none, none, np.empty((0, rings), np.bool_), none, none, np.empty(0, np.uint8))


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
    """Middle and half width [rad] of the smallest span of longitudes that holds the chosen cells of each ring; pi for all, -100 for none."""
    middle, half = np.zeros(rings), np.full(rings, -100.0)
    ring, longitude = ring_of_cell[chosen], np.mod(longitude_rad[chosen], 2 * np.pi)
    edges = np.searchsorted(ring, np.arange(rings + 1))  # cells come ring by ring
    whole = np.diff(edges) == np.bincount(ring_of_cell, minlength=rings)
    for k in np.flatnonzero(np.diff(edges)):
        here = np.sort(longitude[edges[k] : edges[k + 1]])
        gap = np.diff(here, append=here[0] + 2 * np.pi)
        widest = int(gap.argmax())
        spread = (2 * np.pi - gap[widest]) / 2
        middle[k] = here[(widest + 1) % here.size] + spread
        half[k] = np.pi if whole[k] else spread + 1e-9  # no cell is lost to rounding
    return middle, half


@leaf
def edge_away(over, under, across, up, sky, first, last, near, away):  # type: ignore[no-untyped-def]
    """Difference of longitude [rad] from which on an edge of the zone reaches the satellite's height, for places `first` to `last` - 1 of the sky.

    over, under: coefficients of the edge for satellites over and under the equatorial plane through the terminal, at `across` and `up`
    km. near: whether it is enough to know that the squared sine of half of it is not below SMALL. An edge on the other side of the plane
    never reaches the height, and the result means nothing.
    """
    half_per_across, quarter_per_across = 0.5 / across, 0.25 / across
    whole = (last - first + LANES - 1) // LANES * LANES
    over_0, over_1, over_2, over_3, over_4, per_over = over[0], over[1], over[2], over[3], over[4], over[5]
    under_0, under_1, under_2, under_3, under_4, per_under = under[0], under[1], under[2], under[3], under[4], under[5]
    for j in range(whole):
        k = np.uint64(first + j)
        distance, dz = sky[DISTANCE, k], sky[Z, k] - up
        above = dz > 0.0
        c0, c1, c2 = over_0 if above else under_0, over_1 if above else under_1, over_2 if above else under_2
        c3, c4, per_c0 = over_3 if above else under_3, over_4 if above else under_4, per_over if above else per_under
        beside = distance - across
        far = _far_km(c0, c1, c2, c3, c4, per_c0, dz, beside * (distance + across), half_per_across)
        w = (far * far - beside * beside) * quarter_per_across * sky[PER_DISTANCE, k]
        away[k] = w if w > 0.0 else 0.0
    if near:
        for j in range(whole):
            k = np.uint64(first + j)
            away[k] = twice_arc_sine_of_small_root(away[k] if away[k] < SMALL else SMALL)
    else:
        for j in range(whole):
            k = np.uint64(first + j)
            away[k] = twice_arc_sine_of_root(away[k] if away[k] < 1.0 else 1.0)


@inlined
def _far_km(c0, c1, c2, c3, c4, per_c0, dz, g, half_per_across):  # type: ignore[no-untyped-def]
    """Horizontal distance S [km] at which an edge, S T(cos H) over the terminal, is `dz` km over it.

    cos H = (g - S^2) / (2 A S), g being the difference of the squared distances from the axis, the satellite's and the terminal's. After
    a guess and a step with the slope T(0) two of Newton's leave 3e-12 rad of longitude; the reciprocals are carried along and bettered,
    which is cheaper than dividing.
    """
    per_slope, far, per_far = per_c0, dz * per_c0, c0 / dz
    cosine = (g * per_far - far) * half_per_across
    cosine = cosine if cosine < 1.0 else 1.0
    cosine = cosine if cosine > -1.0 else -1.0
    more = cosine * (c1 + cosine * c2) * per_slope
    per_far *= 1.0 + more
    far *= 1.0 - more * (1.0 - more)
    per_far = per_far * (2.0 - far * per_far)
    cosine = (g * per_far - far) * half_per_across
    cosine = cosine if cosine < 1.0 else 1.0
    cosine = cosine if cosine > -1.0 else -1.0
    far -= (far * (c0 + cosine * (c1 + cosine * (c2 + cosine * (c3 + cosine * c4)))) - dz) * per_slope
    for _ in range(2):
        per_far = per_far * (2.0 - far * per_far)
        per_far = per_far * (2.0 - far * per_far)
        cosine = (g * per_far - far) * half_per_across
        cosine = cosine if cosine < 1.0 else 1.0
        cosine = cosine if cosine > -1.0 else -1.0
        tangent = c0 + cosine * (c1 + cosine * (c2 + cosine * (c3 + cosine * c4)))
        slope = c1 + cosine * (2.0 * c2 + cosine * (3.0 * c3 + cosine * 4.0 * c4))
        steepness = tangent - slope * (cosine + 2.0 * half_per_across * far)
        per_slope = per_slope * (2.0 - steepness * per_slope)
        far -= (far * tangent - dz) * per_slope
    return far


# Where an edge is not calm the interval is walked in so many steps of longitude, and what changes between two is looked for.
_STEPS = 8
ENDS = 4 * _STEPS


@inlined
def _tangent(edge, cosine):  # type: ignore[no-untyped-def]
    """An edge of the zone, tan(declination), at the cosine of the hour angle."""
    tangent = edge[DEGREE]
    for n in range(DEGREE - 1, -1, -1):
        tangent = tangent * cosine + edge[n]
    return tangent


@leaf
def _above_edges_km(north, south, across, dz, distance, away):  # type: ignore[no-untyped-def]
    """Heights [km] of a satellite, `dz` over the terminal, over the zone's north and south edges, `away` [rad] of longitude from it."""
    outward, beside = distance * np.cos(away) - across, distance * np.sin(away)
    horizontal = np.sqrt(outward * outward + beside * beside)
    cosine = outward / horizontal if horizontal > 0.0 else 1.0
    return dz - horizontal * _tangent(north, cosine), dz - horizontal * _tangent(south, cosine)


@leaf
def _crossing(north, south, across, dz, distance, which, a, fa, b, fb):  # type: ignore[no-untyped-def]
    """Where between `a` and `b` [rad] the height over an edge changes its sign (0: north, 1: south), by regula falsi (Illinois)."""
    for _ in range(60):
        middle = b - fb * (b - a) / (fb - fa)
        value = _above_edges_km(north, south, across, dz, distance, middle)[which]
        if abs(value) < 1e-9 or abs(b - a) < 1e-14:
            return middle
        if (value < 0.0) != (fb < 0.0):
            a, fa = b, fb
        else:
            fa *= 0.5
        b, fb = middle, value
    return b


@leaf
def walk(north, south, across, dz, distance, half, ends):  # type: ignore[no-untyped-def]
    """Fill `ends` (ENDS,) with the ends [rad] of the intervals of longitude in which the zone holds a satellite, in order; returns how many.

    For rings that are not calm: between no difference and `half` [rad]. Two crossings of one edge within one step are missed: the
    satellite is then within 0.001 degrees of the edge between them.
    """
    found = 0
    before = _above_edges_km(north, south, across, dz, distance, 0.0)
    inside = before[0] < 0.0 and before[1] > 0.0
    if inside:
        ends[0], found = 0.0, 1
    for step in range(_STEPS):
        a, b = half * step / _STEPS, half * (step + 1) / _STEPS
        after = _above_edges_km(north, south, across, dz, distance, b)
        start = found
        for which in range(2):
            if (before[which] < 0.0) != (after[which] < 0.0):
                ends[found] = _crossing(north, south, across, dz, distance, which, a, before[which], b, after[which])
                found += 1
        if found == start + 2 and ends[start] > ends[start + 1]:
            ends[start], ends[start + 1] = ends[start + 1], ends[start]
        before = after
    if found % 2 == 1:
        ends[found] = half
        found += 1
    return found
