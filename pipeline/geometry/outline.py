"""Outlines: the shipped topology (TopoJSON) to rings of countries, coastlines, and points that know their country.

Rings are continuous: a ring that crosses the antimeridian runs on beyond 180 degrees instead of jumping back, and a ring
around a pole is closed along the pole. Edges are straight in longitude and latitude, as the source means them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.grid import ELLIPSOID_AREA_KM2, Rings, authalic_latitude_rad

Line = NDArray[np.float64]  # (n, 2) longitude and latitude [deg]
KM_PER_DEGREE = 111.195  # of a great circle, mean radius


@dataclass(frozen=True)
class _Crossings:
    """Where edges of rings cross the grid's rings: `ring` index, `longitude_deg`, and `turn` +owner (in) or -owner (out)."""

    ring: NDArray[np.int64]
    longitude_deg: NDArray[np.float64]
    turn: NDArray[np.int64]


def countries(topology: dict[str, Any]) -> dict[str, list[Line]]:
    """ISO 3166-1 alpha-3 code -> closed rings, each (n, 2) longitude and latitude [deg]; the codes are in order.

    Outer rings run counter-clockwise and holes clockwise, seen with north up. Geometries without a code are left out.
    """
    arcs = _arcs(topology)
    found: dict[str, list[Line]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        for polygon in geometry["arcs"] if "id" in geometry else ():
            rings = [_ring(arcs, indices) for indices in polygon]
            found.setdefault(geometry["id"], []).extend(_turned(r, outer=i == 0) for i, r in enumerate(rings))
    return dict(sorted(found.items()))


def coastlines(topology: dict[str, Any]) -> list[Line]:
    """Coasts as open or closed lines, each (n, 2) longitude and latitude [deg] within -180..180; borders are left out.

    A coast is an arc that one geometry alone uses. Lines are cut where they cross the antimeridian.
    """
    arcs = _arcs(topology)
    uses = Counter(arc if arc >= 0 else ~arc for arc in _arc_indices(topology))
    return [piece for index in sorted(uses) if uses[index] == 1 for piece in _cut(arcs[index])]


def holders(
    outlines: dict[str, list[Line]],
    latitude_deg: NDArray[np.float64],
    longitude_deg: NDArray[np.float64],
    within_km: float,
) -> list[str | None]:
    """Code of the country that holds each point [deg], (n,), or else has the nearest outline `within_km`; None where none has.

    Rings are even-odd: a point in a hole is not held. The distance is that to the nearest edge of an outline, in the plane that
    touches a sphere at the point: within 2 % for 50 km and latitudes up to 70 degrees.
    """
    found: list[str | None] = []
    for latitude, longitude in zip(latitude_deg.tolist(), longitude_deg.tolist(), strict=True):
        held = [code for code, rings in outlines.items() if sum(_holds(r, latitude, longitude) for r in rings) % 2]
        found.append(held[0] if held else _nearest(outlines, latitude, longitude, within_km))
    return found


def _holds(ring: Line, latitude: float, longitude: float) -> bool:
    """Whether a closed ring holds a point: a ray to the north crosses it an odd number of times."""
    low, high = ring[:, 0].min(), ring[:, 0].max()
    turned = longitude + 360.0 * np.ceil((low - longitude) / 360.0)  # rings run on beyond 180 degrees
    if not low <= turned <= high or not ring[:, 1].min() <= latitude <= ring[:, 1].max():
        return False
    x, y = ring[:, 0], ring[:, 1]
    across = (x[:-1] <= turned) != (x[1:] <= turned)
    at = y[:-1][across] + (turned - x[:-1][across]) * (y[1:] - y[:-1])[across] / (x[1:] - x[:-1])[across]
    return bool(np.count_nonzero(at > latitude) % 2)


def _nearest(outlines: dict[str, list[Line]], latitude: float, longitude: float, within_km: float) -> str | None:
    """The country with the nearest edge of an outline within a distance [km]."""
    away = {code: min(_away_km(ring, latitude, longitude) for ring in rings) for code, rings in outlines.items()}
    nearest = min(away, key=away.__getitem__, default=None)
    return nearest if nearest is not None and away[nearest] <= within_km else None


def _away_km(ring: Line, latitude: float, longitude: float) -> float:
    """Distance of a point from the nearest edge of a ring [km], in the plane that touches the sphere at the point."""
    scale = KM_PER_DEGREE * np.array([np.cos(np.radians(latitude)), 1.0])
    away = ring[:-1] - [longitude, latitude]
    away[:, 0] -= 360.0 * np.round(away[:, 0] / 360.0)  # rings run on beyond 180 degrees
    start, edge = away * scale, np.diff(ring, axis=0) * scale
    length2 = np.maximum(np.sum(edge**2, axis=1), 1e-12)
    share = np.clip(-np.sum(start * edge, axis=1) / length2, 0.0, 1.0)
    return float(np.linalg.norm(start + share[:, None] * edge, axis=1).min())


def area_km2(ring: Line) -> float:
    """Area of a closed ring on the WGS-84 ellipsoid [km2], (n, 2) [deg]; clockwise is negative.

    Exact for edges along parallels and meridians; between, the trapezoid in sin(authalic latitude), so edges must be short.
    """
    z = np.sin(authalic_latitude_rad(np.radians(ring[:, 1])))
    return float(-np.sum(np.diff(ring[:, 0]) * (z[1:] + z[:-1])) / 1440 * ELLIPSOID_AREA_KM2)


def owners(outlines: list[list[Line]], grid: Rings) -> NDArray[np.int16]:
    """Index in `outlines` of the country that holds each centre of `grid`, (n_cells,) in ring order; -1 is none.

    Each edge that crosses a ring of equal latitude adds or takes its country's number there, and a running sum along the
    ring does the rest: the cost goes with edges, not with cells. Where rings overlap (slivers of the source) it is none.
    """
    crossings = _crossings(_edges(outlines), grid.latitude_deg)
    number = _running_sum(crossings, crossings.turn, grid)
    depth = _running_sum(crossings, np.sign(crossings.turn), grid)
    return np.where(depth == 1, number - 1, -1).astype(np.int16)


def _arcs(topology: dict[str, Any]) -> list[Line]:
    """Arcs of quantised deltas to degrees (TopoJSON specification 2.1.3), longitudes continuous."""
    scale = np.array(topology["transform"]["scale"])
    origin = np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + origin for arc in topology["arcs"]]
    for arc in arcs:
        arc[:, 0] = np.unwrap(arc[:, 0], period=360.0)
    return arcs


def _arc_indices(topology: dict[str, Any]) -> Iterator[int]:
    for geometry in topology["objects"]["countries"]["geometries"]:
        for polygon in geometry["arcs"]:
            for ring in polygon:
                yield from ring


def _ring(arcs: list[Line], indices: list[int]) -> Line:
    """Arcs end to end; a negative index is an arc backwards. A ring around a pole is closed along it."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    ring = np.vstack([parts[0], *(part[1:] for part in parts[1:])])
    ring[:, 0] = np.unwrap(ring[:, 0], period=360.0)
    if abs(ring[-1, 0] - ring[0, 0]) < 180.0:
        return ring
    pole_deg = np.copysign(90.0, ring[:, 1].mean())
    return np.vstack([ring, [ring[-1, 0], pole_deg], [ring[0, 0], pole_deg], ring[:1]])


def _turned(ring: Line, *, outer: bool) -> Line:
    x, y = ring.T
    counter_clockwise = np.sum(np.diff(x) * (y[1:] + y[:-1])) < 0
    return ring if counter_clockwise == outer else ring[::-1]


def _cut(line: Line) -> list[Line]:
    """Pieces of a continuous line within -180..180; each cut leaves a point on both sides of the antimeridian."""
    x, y = line.T
    seam = 360.0 * np.maximum(_band(x[:-1]), _band(x[1:])) - 180.0
    crossed = np.flatnonzero((x[:-1] - seam) * (x[1:] - seam) < 0)
    share = (seam - x[:-1])[crossed] / np.diff(x)[crossed]
    points = np.column_stack([seam[crossed], y[crossed] + share * np.diff(y)[crossed]])
    line = np.insert(line, crossed + 1, points, axis=0)
    band = _band((line[:-1, 0] + line[1:, 0]) / 2)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(band)) + 1])
    ends = np.append(starts[1:], band.size)
    return [line[start : end + 1] - [360.0 * band[start], 0.0] for start, end in zip(starts, ends, strict=True)]


def _band(longitude_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many whole turns a continuous longitude is beyond -180..180."""
    return np.floor((longitude_deg + 180.0) / 360.0)


def _edges(outlines: list[list[Line]]) -> NDArray[np.float64]:
    """All edges as columns longitude and latitude of the southern end, of the northern end, and the turn, (n, 5).

    Every edge is written from south to north, so that two countries read the very same crossing from a shared border.
    """
    parts = [np.empty((0, 5))]
    for number, rings in enumerate(outlines, start=1):
        for ring in rings:
            a, b = ring[:-1], ring[1:]
            north = (b[:, 1] > a[:, 1])[:, None]
            # Counter-clockwise, an edge that runs south has the country to its east.
            turn = np.where(north, -number, number)
            parts.append(np.hstack([np.where(north, a, b), np.where(north, b, a), turn]))
    return np.vstack(parts)


def _crossings(edges: NDArray[np.float64], latitude_deg: NDArray[np.float64]) -> _Crossings:
    """Each edge with each ring between its ends; the southern end counts, the northern does not."""
    south, north = edges[:, 1], edges[:, 3]
    rising = -latitude_deg  # rings come from the north
    first = np.searchsorted(rising, -north, side="right")
    last = np.searchsorted(rising, -south, side="right")
    count = last - first
    edge = np.repeat(np.arange(count.size), count)
    ring = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    share = (latitude_deg[ring] - south[edge]) / (north - south)[edge]
    longitude = edges[edge, 0] + share * (edges[edge, 2] - edges[edge, 0])
    return _Crossings(ring, longitude, edges[edge, 4].astype(np.int64))


def _running_sum(crossings: _Crossings, turn: NDArray[np.int64], grid: Rings) -> NDArray[np.int64]:
    """Sum of `turn` over all crossings to the west of each centre, (n_cells,), ring by ring.

    A crossing at longitude x0 + 360 w stands for all turns of a continuous ring: it counts -w times everywhere and once
    more from x0 on. What a ring of the grid has gathered is taken away where the next one starts.
    """
    first, count = grid.first[crossings.ring], grid.cell_count[crossings.ring]
    turns = np.floor(crossings.longitude_deg / 360.0)
    east_deg = crossings.longitude_deg - 360.0 * turns - grid.longitude_start_deg[crossings.ring]
    place = np.clip(np.ceil(east_deg * (count / 360.0)), 0, count).astype(np.int64)
    index = np.concatenate([first, first + place, first + count])
    weight = np.concatenate([-turns * turn, turn, (turns - 1) * turn])
    steps = np.bincount(index, weights=weight, minlength=grid.nest_of_ring.size + 1)
    return np.cumsum(steps[:-1]).astype(np.int64)
