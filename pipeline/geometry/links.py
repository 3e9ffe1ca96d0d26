"""Laser links between satellites: the plus grid of a shell, what brackets it, and links that are given.

Nobody publishes who points lasers at whom, so links are a model. Its base is the plus grid: two links in the plane, to the satellite
ahead and the one behind, and two across, to one partner in the plane next to the east and one to the west. A link is fixed for the
day, for it takes a laser longer to find a new partner than to follow an old one, and links live within one shell. What is up at an
instant is asked of routing.lengths_km and of `cut_at_poles`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipeline.geometry import lattice
from pipeline.geometry.constants import MEAN_RADIUS_KM
from pipeline.geometry.elements import node_and_latitude_deg, semi_major_axis_km
from pipeline.geometry.routing import CLEAR_KM, RANGE_KM

# Columns of a grid's neighbours. Those in the plane come first, in the grids with fewer links too.
NEXT, PREVIOUS, EAST, WEST = range(4)
# Who finds nobody in the next plane, where it has gaps or a batch that passes lies between, asks the planes behind it.
FURTHEST_PLANE = 6


class LinksError(ValueError):
    """Links cannot be made of what is given. The message says why, and what to give instead."""


@dataclass(frozen=True)
class Places:
    """Where each satellite is in its shell, arrays of shape (satellite,), all at one instant.

    shell: number of its shell, below 0 where it has none or no lasers. plane: number of its plane, any that tells the planes of a
    shell apart. node_deg, latitude_deg: right ascension of the ascending node and argument of latitude [deg]. inclination_deg [deg],
    radius_km: semi-major axis [km].
    """

    shell: NDArray[np.int64]
    plane: NDArray[np.int64]
    node_deg: NDArray[np.float64]
    latitude_deg: NDArray[np.float64]
    inclination_deg: NDArray[np.float64]
    radius_km: NDArray[np.float64]


@dataclass(frozen=True)
class _Plane:
    """One plane: its satellites in the order of their flight, their arguments of latitude, and its own elements [deg, deg, km]."""

    members: NDArray[np.int64]
    latitude_deg: NDArray[np.float64]
    node_deg: float
    inclination_deg: float
    radius_km: float

    @property
    def spacing_deg(self) -> float:
        """Usual distance between neighbours in it; 360 where one flies alone."""
        gap = np.diff(self.latitude_deg, append=self.latitude_deg[0] + 360.0)
        return float(np.median(gap))


def places_of(elements: pl.DataFrame, instant: datetime, shell: NDArray[np.int64], plane: NDArray[np.int64]) -> Places:
    """Places at one instant [UTC] of satellites whose shell and plane are known, (satellite,) each, from their OMM fields."""
    node_deg, latitude_deg = node_and_latitude_deg(elements, instant)
    inclination_deg, motion = (elements[n].to_numpy() for n in ("inclination_deg", "mean_motion_rev_per_day"))
    return Places(shell, plane, node_deg, latitude_deg, inclination_deg, semi_major_axis_km(motion))


def one_shell(elements: pl.DataFrame, instant: datetime) -> Places:
    """Places of elements that are taken as one shell, with planes by their nodes (lattice.planes)."""
    nobody = np.zeros(elements.height, np.int64)
    flat = places_of(elements, instant, nobody, nobody)
    return replace(flat, plane=lattice.planes(flat.node_deg))


def places_of_day(rows: pl.DataFrame, lasers: NDArray[np.bool_], instant: datetime) -> Places:
    """Places of a day's satellites at one instant [UTC], noon of the day say, in the order of the rows.

    rows: shell_id and plane_id of core.satellite_daily, null where a satellite has none, beside the OMM fields of its elements.
    lasers: who has some and is at work, (satellite,).
    """
    numbers = [
        rows[name].fill_null("").rank("dense").cast(pl.Int64).to_numpy().copy() for name in ("shell_id", "plane_id")
    ]
    known = rows.select(pl.all_horizontal(pl.col("shell_id", "plane_id").is_not_null())).to_series().to_numpy()
    numbers[0][~(known & lasers)] = -1
    return places_of(rows, instant, *numbers)


def of_satellites(
    rows: pl.DataFrame, lasers: NDArray[np.bool_], instant: datetime, count: int = 4
) -> NDArray[np.int32]:
    """Links of a day's satellites, int32 (satellite, count), in the order of the rows.

    rows, lasers, instant: as in `places_of_day`; phases are compared at the instant. count: as in `graph`.
    """
    return graph(places_of_day(rows, lasers, instant), count)


def flight_order(places: Places) -> NDArray[np.int64]:
    """Satellites one after another as they fly, plane by plane, int64 (satellite,): routing.shorten is fastest in that order."""
    return np.lexsort((places.latitude_deg, places.plane, places.shell))


def graph(places: Places, count: int) -> NDArray[np.int32]:
    """The graph with at most so many links a satellite, int32 (satellite, count).

    count: 4, the plus grid, or one of the graphs that bracket it: 3, `brick_wall`, or 2, `rings`. Raises ValueError for any other.
    """
    if count not in (2, 3, 4):
        raise ValueError(f"there is no graph with {count} links a satellite: 2, 3 and 4 are there")
    grid = plus_grid(places)
    return rings(grid) if count == 2 else brick_wall(grid, places) if count == 3 else grid


# --- the plus grid ---------------------------------------------------------------------------------------------------


def plus_grid(
    places: Places, range_km: float = RANGE_KM, clear_km: float | None = CLEAR_KM, furthest: int = FURTHEST_PLANE
) -> NDArray[np.int32]:
    """Links of the plus grid, int32 (satellite, 4): next and previous in the plane, partners east and west; -1 where there is none.

    Neighbours in the plane are neighbours in argument of latitude. Partners across are paired so that they fly as nearly side by side
    as can be, over an orbit (see `_beside`); each has one on either side. The last plane is paired with the first as any two others
    are, with what phase they have; where planes turn against each other, at the seam of a polar shell, nobody is paired.
    Only links that stay shorter than `range_km` and higher than `clear_km` (None: no such rule) all along the orbit are given, on
    circular orbits. `furthest`: up to how many planes away a partner may be where there is no nearer one.
    """
    neighbour = np.full((len(places.shell), 4), -1, np.int32)
    for planes in _shells(places):
        for plane in planes:
            _along(plane, _least_cosine(plane.radius_km, range_km, clear_km), neighbour)
        for step in range(1, min(furthest, len(planes) - 1) + 1):
            for k, plane in enumerate(planes):
                _across(plane, planes[(k + step) % len(planes)], range_km, clear_km, neighbour)
    return neighbour


def regular(places: Places) -> NDArray[np.int32]:
    """Links of the plus grid of one full shell, always up however long, int32 (satellite, 4).

    Raises LinksError where the satellites are not one shell whose planes hold equally many, at least three planes of three.
    """
    planes = next(_shells(places), [])
    sizes = [len(plane.members) for plane in planes]
    if sum(sizes) != len(places.shell) or len(set(sizes)) != 1 or len(planes) < 3 or sizes[0] < 3:
        each = f"{min(sizes)}" if len(set(sizes)) == 1 else f"{min(sizes, default=0)} to {max(sizes, default=0)}"
        raise LinksError(
            f"the {len(places.shell):,} satellites are not one full shell: {len(planes):,} planes of {each} satellites were found, "
            "and a plus grid needs at least three planes that hold equally many, three or more"
        )
    return plus_grid(places, np.inf, None, furthest=1)


def _shells(places: Places) -> Iterator[list[_Plane]]:
    """Planes of every shell, by rising node. The order of the satellites does not matter."""
    keys = (places.inclination_deg, places.node_deg, places.latitude_deg, places.plane, places.shell)
    order = np.lexsort(keys)
    order = order[places.shell[order] >= 0]
    shell, plane = places.shell[order], places.plane[order]
    cuts = np.flatnonzero((np.diff(shell) != 0) | (np.diff(plane) != 0)) + 1
    parts = [part for part in np.split(order, cuts) if part.size]
    for number in np.unique(shell):
        planes = [_plane(places, part) for part in parts if places.shell[part[0]] == number]
        yield sorted(planes, key=lambda p: p.node_deg)


def _plane(places: Places, members: NDArray[np.int64]) -> _Plane:
    node = np.angle(np.exp(1j * np.radians(places.node_deg[members])).mean())
    return _Plane(
        members,
        places.latitude_deg[members],
        # Rounded, for a plane at 0 degrees must not change sides with the last digit.
        float(np.round(np.degrees(node), 9) % 360.0),
        float(places.inclination_deg[members].mean()),
        float(places.radius_km[members].mean()),
    )


def _least_cosine(radius_km: float, range_km: float, clear_km: float | None) -> float:
    """Cosine of the largest angle at the Earth's centre between linked satellites of one altitude."""
    by_range = 1 - range_km**2 / (2 * radius_km**2) if range_km < 2 * radius_km else -1.0
    by_air = 2 * ((MEAN_RADIUS_KM + clear_km) / radius_km) ** 2 - 1 if clear_km is not None else -1.0
    return min(max(by_range, by_air), 1.0)


def _along(plane: _Plane, least: float, neighbour: NDArray[np.int32]) -> None:
    """Link the satellites of a plane with their next ones, round the Earth where they close a ring; two that are alone have one link."""
    here, there = plane.members, np.roll(plane.members, -1)
    ahead_deg = (np.roll(plane.latitude_deg, -1) - plane.latitude_deg) % 360.0
    near = (ahead_deg <= 180.0) & (np.cos(np.radians(ahead_deg)) >= least - 1e-12)
    if len(here) <= 2:
        near &= (ahead_deg < 180.0) | (np.arange(len(here)) == 0)
        near &= here != there
    neighbour[here[near], NEXT], neighbour[there[near], PREVIOUS] = there[near], here[near]


def _across(west: _Plane, east: _Plane, range_km: float, clear_km: float | None, neighbour: NDArray[np.int32]) -> None:
    """Pair those of two planes who have nobody yet on that side, so that all links together are shortest.

    Two satellites may also stay single: a pair costs at most as much as being a whole place off, so that a gap in one plane does not
    push a row of others out of step.
    """
    turn_deg = (east.node_deg - west.node_deg) % 360.0
    left = np.flatnonzero(neighbour[west.members, EAST] < 0)
    right = np.flatnonzero(neighbour[east.members, WEST] < 0)
    inclination_deg = (west.inclination_deg + east.inclination_deg) / 2
    if not left.size or not right.size or turn_deg >= 180.0 or counter_rotates(turn_deg, inclination_deg):
        return
    ahead_deg, mean, swing = _beside(turn_deg, inclination_deg)
    off = np.cos(np.radians(east.latitude_deg[right] - west.latitude_deg[left][:, None] - ahead_deg))
    least = _least_cosine(min(west.radius_km, east.radius_km), range_km, clear_km)
    place_deg = min(max(west.spacing_deg, east.spacing_deg), 180.0) if range_km < np.inf else 180.0
    worst = max((least + swing) / mean, np.cos(np.radians(place_deg)))
    a, b = linear_sum_assignment(np.minimum(1 - off, 1 - worst))
    near = off[a, b] >= worst - 1e-12
    one, other = west.members[left[a[near]]], east.members[right[b[near]]]
    neighbour[one, EAST], neighbour[other, WEST] = other, one


def _beside(turn_deg: float, inclination_deg: float) -> tuple[float, float, float]:
    """How far ahead the eastern one flies of two satellites that are nearest over an orbit [deg], and the cosines of their distance.

    turn_deg: difference of their nodes. On circular orbits of one altitude and inclination i, with nodes N apart, the eastern one d
    ahead in argument of latitude, the cosine of the angle between them is, u being the mean of both arguments of latitude,
        d-part - swing cos 2u, with d-part = a cos d - b sin d, a = (cos N (1 + cos^2 i) + sin^2 i) / 2, b = sin N cos i,
        swing = sin^2 i (1 - cos N) / 2
    (the scalar product of both positions). So d alone decides who is nearer, on average and at the worst: best is -atan(b / a). Returned
    are that, the d-part there, and the swing: further off by e it is d-part x cos e, and at the worst less the swing.
    """
    turn, tilt = np.radians(turn_deg), np.radians(inclination_deg)
    a = (np.cos(turn) * (1 + np.cos(tilt) ** 2) + np.sin(tilt) ** 2) / 2
    b = np.sin(turn) * np.cos(tilt)
    swing = np.sin(tilt) ** 2 * (1 - np.cos(turn)) / 2
    return float(np.degrees(np.arctan2(-b, a))), float(np.hypot(a, b)), float(swing)


def counter_rotates(turn_deg: float, inclination_deg: float) -> bool:
    """Whether planes whose nodes are `turn_deg` apart turn against each other: their normals are more than 90 degrees apart."""
    turn, tilt = np.radians(turn_deg), np.radians(inclination_deg)
    return bool(np.cos(tilt) ** 2 + np.sin(tilt) ** 2 * np.cos(turn) < -1e-9)


# --- graphs that bracket it ------------------------------------------------------------------------------------------


def brick_wall(grid: NDArray[np.int32], places: Places) -> NDArray[np.int32]:
    """The graph with three links: those in the plane, and one across, by turns to the east and to the west, int32 (satellite, 3).

    Of the links across every second one of a row stays, and rows are offset like those of a brick wall, so that each satellite of a
    regular grid keeps one and all planes hang together. Where gaps bring two links to one satellite, the first stays.
    """
    colour = _colours(grid, places)
    wall = np.full((len(grid), 3), -1, np.int32)
    wall[:, :EAST] = grid[:, :EAST]
    west = np.flatnonzero(grid[:, EAST] >= 0)
    # First those whose turn it is, then whoever is left without: each in an order that does not depend on the file's.
    order = np.lexsort((places.latitude_deg[west], places.node_deg[west], places.shell[west], colour[west]))
    for one in west[order]:
        other = grid[one, EAST]
        if wall[one, 2] < 0 and wall[other, 2] < 0:
            wall[one, 2], wall[other, 2] = other, one
    return wall


def _colours(grid: NDArray[np.int32], places: Places) -> NDArray[np.int64]:
    """0 or 1 of each satellite, by turns along its plane and along its row, (satellite,): 0 has its partner in the east."""
    colour = np.zeros(len(grid), np.int64)
    for planes in _shells(places):
        before: _Plane | None = None
        for plane in planes:
            colour[plane.members] = np.arange(len(plane.members)) % 2
            if before is not None:
                partner = grid[plane.members, WEST]
                here, there = plane.members[partner >= 0], partner[partner >= 0]
                inside = np.isin(there, before.members)
                same = colour[here[inside]] == colour[there[inside]]
                colour[plane.members] ^= int(2 * same.sum() > same.size)
            before = plane
    return colour


def rings(grid: NDArray[np.int32]) -> NDArray[np.int32]:
    """The graph with two links: those in the plane alone, int32 (satellite, 2).

    These never turn and never grow, so they are the ones that every fleet with lasers has. Planes are rings of their own: a way exists
    where both ends see the same plane. One link along and one across would make stairs, which also do not meet, and which nobody flies.
    """
    return np.ascontiguousarray(grid[:, :EAST])


# --- links that are given --------------------------------------------------------------------------------------------


def numbered(planes: int, per_plane: int, shift: int = 0, seam: bool = False) -> NDArray[np.int32]:
    """The plus grid of satellites that are numbered plane by plane, int32 (satellite, 4): as network simulators write them.

    Satellite k of plane p is number p x per_plane + k. It is linked with k - 1 and k + 1 of its plane and with k of the planes p - 1
    and p + 1; from the last plane to the first k meets k + `shift` (Kassing, Bhattacherjee et al., Exploring the "Internet from space"
    with Hypatia, IMC 2020, link all planes so without a shift), or nobody where there is a `seam`.
    """
    p, k = np.divmod(np.arange(planes * per_plane), per_plane)
    wraps = np.where(p == planes - 1, shift, 0)
    neighbour = np.full((planes * per_plane, 4), -1, np.int32)
    # Two in a ring are neighbours once.
    along = (k < per_plane - 1) | (per_plane > 2)
    across = (p < planes - 1) | ((planes > 2) and not seam)
    ahead = p * per_plane + (k + 1) % per_plane
    east = (p + 1) % planes * per_plane + (k + wraps) % per_plane
    neighbour[along, NEXT], neighbour[across, EAST] = ahead[along], east[across]
    neighbour[ahead[along], PREVIOUS] = np.flatnonzero(along)
    neighbour[east[across], WEST] = np.flatnonzero(across)
    return neighbour


def wrap(places: Places, planes: int, per_plane: int) -> tuple[int, bool]:
    """How many places on the first plane's partner of a satellite of the last plane is, and whether these planes turn against each other.

    places: of satellites that are numbered plane by plane. No shift is where neighbouring planes, the last and the first among them,
    have phases within a place of each other. A Walker shell goes on from plane to plane until the last is whole places ahead.
    """
    node_deg, latitude_deg = (a.reshape(planes, per_plane)[:, 0] for a in (places.node_deg, places.latitude_deg))
    turn_deg = float(node_deg[0] - node_deg[-1]) % 360.0
    if planes < 3:
        return 0, False
    ahead = (
        np.diff(latitude_deg, append=latitude_deg[0]) * per_plane / 360.0 + per_plane / 2
    ) % per_plane - per_plane / 2
    least, most = ahead[:-1].min(), ahead[:-1].max()
    away = ahead[-1] - np.clip(ahead[-1], least, most)
    return int(-np.rint(away)) % per_plane, counter_rotates(turn_deg, float(places.inclination_deg.mean()))


def from_pairs(pairs: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    """Links given as pairs of numbers from 0 to `count` - 1, int64 (link, 2), as int32 (satellite, degree); a pair that is twice counts once."""
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0) if len(pairs) else np.empty((0, 2), np.int64)
    degree = np.bincount(both[:, 0], minlength=count)
    neighbour = np.full((count, max(int(degree.max(initial=0)), 1)), -1, np.int32)
    neighbour[both[:, 0], np.arange(len(both)) - np.repeat(np.cumsum(degree) - degree, degree)] = both[:, 1]
    return neighbour


def cut_at_poles(
    length: NDArray[np.float64], neighbour: NDArray[np.int32], r_ecef_km: NDArray[np.float64], most_deg: float
) -> NDArray[np.float64]:
    """Lengths with links across planes down (infinite) where either end is further from the equator than `most_deg`, (satellite, degree).

    length: of the links of `plus_grid` or `brick_wall`, (satellite, degree). r_ecef_km: positions, (3, satellite). Near the poles
    planes cross, and partners pass each other faster than lasers turn.
    """
    sine = np.abs(r_ecef_km[2]) / np.linalg.norm(r_ecef_km, axis=0)
    high = sine > np.sin(np.radians(most_deg))
    cut = length.copy()
    cut[:, EAST:][high[:, None] | high[neighbour[:, EAST:]]] = np.inf
    return cut


def degree(neighbour: NDArray[np.int32]) -> NDArray[np.int64]:
    """Number of links of each satellite, (satellite,)."""
    return np.asarray((neighbour >= 0).sum(axis=1), np.int64)


def in_order(rows: pl.DataFrame, instant: datetime) -> pl.DataFrame:
    """Rows plane on plane of each shell, by node, and along the flight within a plane: neighbours near each other, as shortening likes it.

    rows: shell_id and plane_id beside the OMM fields, as for `of_satellites`. instant: when phases are compared [UTC].
    """
    node_deg, latitude_deg = node_and_latitude_deg(rows, instant)
    placed = rows.with_columns(pl.Series("node", node_deg), pl.Series("along", latitude_deg))
    eastern = pl.col("node").first().over("shell_id", "plane_id")
    keys = [pl.col("shell_id"), eastern, pl.col("plane_id"), pl.col("along"), pl.col("norad_cat_id")]
    return placed.sort(keys, nulls_last=True).drop("node", "along")
