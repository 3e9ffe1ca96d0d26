"""One pass over the day's network: ways from cells and towns to their PoP, and between sites, at every instant.

At each instant satellites, lasers, gateways and fibre are one graph. From every PoP ways go out over fibre to its gateways, up to the
satellites that those see, and over the mesh; a user's way is what lies behind the satellite that serves it. Ways are kilometres of light
in vacuum, one way: fibre counts by its index and its stretch, a satellite that passes on a packet by what that takes. They are ticked
(routing.ticked), so that a sum tells over how many links it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import legs, overhead, routing
from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.elements import semi_major_axis_km
from pipeline.geometry.links import cut_at_poles
from pipeline.geometry.overhead import Overhead, Sightings, View
from pipeline.geometry.propagation import Fleet, Instants, instants_from

# A prime number of instants: neither the orbits (15.0 to 15.4 a day) nor the turn of the Earth keeps step with them.
INSTANTS = 293
# Whether a path holds is looked at every 15 s, when users are assigned anew, in windows spread over the day.
WINDOWS, WINDOW_INSTANTS, REASSIGNED_S = 23, 3, 15.0
# Across planes lasers let go of each other near the poles, where planes cross. Inclined shells up to 70 degrees never come there.
POLAR_CUT_DEG = 75.0
THREADS = 2
GRAPHS = {3: "three", 2: "two"}
KM_PER_MS = LIGHT_KM_PER_S / 1_000
# Round trips are kept to a hundredth of a millisecond, in 16 bits; the last number says that there is no way.
PER_MS, UNREACHABLE = 100.0, np.uint16(65_535)
MOST_LINKS = 255  # of one way; more than half of the Earth's circumference takes 40


@dataclass(frozen=True)
class Ground:
    """What stands on the ground, as points.places gives it, and the fibre in between.

    gateways: (gateway, 6). mask_deg: of the gateways [deg]. fibre_km: from each gateway to each PoP, (gateway, pop). ends: sites between
    which corridors lead, (end, 6). tail_km: from each gateway to each end, (gateway, end), infinite where no fibre is taken. All in
    kilometres of light in vacuum, one way.
    """

    gateways: NDArray[np.float64]
    mask_deg: float
    fibre_km: NDArray[np.float64]
    ends: NDArray[np.float64]
    tail_km: NDArray[np.float64]
    pairs: NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """Satellites at work and their links: `neighbour` (satellite, 4), and the graphs with 3 and 2 links that bracket it; plane on plane."""

    elements: pl.DataFrame
    neighbour: NDArray[np.int32]
    fewer: dict[int, NDArray[np.int32]] = field(default_factory=dict)

    @property
    def has_lasers(self) -> bool:
        """Whether any link is there."""
        return bool((self.neighbour >= 0).any())


@dataclass(frozen=True)
class Users:
    """Places that go to a PoP: as points.places gives them (place, 6), and the number of the PoP of each, -1 for none (place,)."""

    places: NDArray[np.float64]
    goal: NDArray[np.int32]


@dataclass(frozen=True)
class Rules:
    """How ways are found: mask of a user's terminal [deg], what a link costs beside its length [km], and which satellites may serve.

    rank_fraction: 0 the best, 0.5 the median in view, as overhead.serve takes it; the first is the one that cells are served by.
    """

    mask_deg: float
    link_km: float
    rank_fraction: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class Ways:
    """What users met at every instant: round trips in hundredths of a millisecond, uint16 (instant, user), UNREACHABLE where there is no
    way; of the instants with one, over all of them, how many went over lasers, and over how many links in all, int32 (user,)."""

    rtt: NDArray[np.uint16]
    mesh_count: NDArray[np.int32]
    link_count: NDArray[np.int32]


@dataclass(frozen=True)
class Between:
    """By graph: round trips between ends [ms], float32 (instant, corridor), infinite where there is no way; and their links, int16.

    Graphs: `base` by gateways over the plus grid, `three` and `two` with so many links, `terminal` with a terminal at both ends. `changes`:
    of `steps` steps of 15 s those on which the base path became another one or came or went, int32 (corridor,).
    """

    rtt_ms: dict[str, NDArray[np.float32]]
    links: dict[str, NDArray[np.int16]]
    changes: NDArray[np.int32]
    steps: int


@dataclass(frozen=True)
class Passed:
    """What a pass leaves: ways of cells and of towns by each rule (None where nobody has a gateway), corridors (None without lasers), the
    distance [km] of the lowest satellite from the Earth's centre, and the worst error code of each satellite."""

    cells: Ways | None
    towns: list[Ways] | None
    between: Between | None
    lowest_km: float
    worst: NDArray[np.uint8]


def instants(day: date) -> Instants:
    """The instants of a day: INSTANTS of them, evenly spaced."""
    return instants_from(datetime.combine(day, time()), 86_400 / INSTANTS, 0, INSTANTS)


def windows(day: date) -> list[Instants]:
    """Short windows spread over the day: WINDOWS of them, each of WINDOW_INSTANTS instants REASSIGNED_S apart."""
    midnight = datetime.combine(day, time())
    begin = np.arange(WINDOWS) * (86_400 / WINDOWS)
    whole = [instants_from(midnight, REASSIGNED_S, 0, WINDOW_INSTANTS) for _ in begin]
    return [Instants(w.julian_date, w.fraction + s / 86_400) for w, s in zip(whole, begin, strict=True)]


def passed(mesh: Mesh, ground: Ground, cells: Users, towns: Users, rules: Rules, day: date) -> Passed:
    """Find all ways of one constellation on a day: one satellite or more, which need not be in view of anybody, nor be propagated."""
    ground = replace(ground, fibre_km=routing.ticked(ground.fibre_km), tail_km=routing.ticked(ground.tail_km))
    fleet, whole = Fleet(mesh.elements), instants(day)
    length = -(-len(whole.fraction) // THREADS)
    spans = [(k, min(k + length, len(whole.fraction))) for k in range(0, len(whole.fraction), length)]
    out = _Out.of(mesh, ground, cells, towns, rules, len(whole.fraction))
    with ThreadPoolExecutor(THREADS) as pool:  # the kernels leave the interpreter's lock alone
        parts = list(pool.map(lambda span: _Pass(mesh, ground, rules, out).over(fleet, whole, *span), spans))
        changed = list(
            pool.map(lambda w: _changes(mesh, ground, rules, fleet, w), windows(day) if mesh.has_lasers else [])
        )
    return out.passed(parts, changed)


@dataclass(frozen=True)
class _Out:
    """Room for the results of a whole pass, which stretches of instants fill side by side."""

    cells: _Served | None
    towns: _Served | None
    gateways: View
    ends: View
    rtt_ms: dict[str, NDArray[np.float32]]
    links: dict[str, NDArray[np.int16]]

    @classmethod
    def of(cls, mesh: Mesh, ground: Ground, cells: Users, towns: Users, rules: Rules, count: int) -> _Out:
        served = len(ground.gateways) > 0
        ranks = np.array(rules.rank_fraction)
        names = ["base", *(GRAPHS[n] for n in mesh.fewer), "terminal"] if mesh.has_lasers else []
        corridors, farthest_km = ground.pairs.shape[1], _farthest_km(mesh.elements)
        views = [overhead.view(users.places, rules.mask_deg, farthest_km) for users in (cells, towns)]
        return cls(
            _Served.of(cells, views[0], ranks[:1], count) if served else None,
            _Served.of(towns, views[1], ranks, count) if served else None,
            overhead.view(ground.gateways, ground.mask_deg, farthest_km),
            overhead.view(ground.ends, rules.mask_deg, farthest_km),
            {name: np.empty((count, corridors), np.float32) for name in names},
            {name: np.empty((count, corridors), np.int16) for name in names},
        )

    def passed(self, parts: Sequence[tuple[float, NDArray[np.uint8]]], changed: Sequence[NDArray[np.int32]]) -> Passed:
        """What the whole pass leaves. parts: lowest distance [km] and worst error codes of each stretch. changed: of each window."""
        steps = len(changed) * (WINDOW_INSTANTS - 1)
        between = None
        if self.rtt_ms:
            between = Between(self.rtt_ms, self.links, np.sum(changed, axis=0, dtype=np.int32), steps)
        cells, towns = (served.ways() if served else None for served in (self.cells, self.towns))
        lowest_km = min(lowest for lowest, _ in parts)
        return Passed(
            cells[0] if cells else None, towns, between, lowest_km, np.max([worst for _, worst in parts], axis=0)
        )


@dataclass(frozen=True)
class _Served:
    """Users and what they meet, by each rule of which satellite serves: round trips and links, (rule, instant, user)."""

    goal: NDArray[np.int32]
    view: View
    ranks: NDArray[np.float64]
    rtt: NDArray[np.uint16]
    links: NDArray[np.uint8]

    @classmethod
    def of(cls, users: Users, view: View, ranks: NDArray[np.float64], count: int) -> _Served:
        shape = len(ranks), count, len(users.places)
        return cls(users.goal, view, ranks, np.empty(shape, np.uint16), np.empty(shape, np.uint8))

    def add(self, instant: int, above: Overhead, beyond_km: NDArray[np.float64], links: NDArray[np.int16]) -> None:
        """Take in an instant: shortest ways [km] from satellites to PoPs, (pop, satellite), and their links."""
        way_km, satellite = overhead.serve(above, self.view, self.goal, beyond_km, self.ranks)
        self.rtt[:, instant] = hundredths(way_km * (2 / KM_PER_MS))
        count = links[np.maximum(self.goal, 0), np.maximum(satellite, 0)]
        self.links[:, instant] = np.where(satellite >= 0, np.minimum(count, MOST_LINKS), 0)

    def ways(self) -> list[Ways]:
        """What was met, by rule."""
        return [
            Ways(rtt, (links > 0).sum(axis=0, dtype=np.int32), links.sum(axis=0, dtype=np.int32))
            for rtt, links in zip(self.rtt, self.links, strict=True)
        ]


class _Pass:
    """A stretch of instants, with room that is used again at each."""

    def __init__(self, mesh: Mesh, ground: Ground, rules: Rules, out: _Out) -> None:
        self.mesh, self.ground, self.rules, self.out = mesh, ground, rules, out
        satellites = mesh.elements.height
        self.to_pops = legs.room(ground.fibre_km.shape[1], satellites)
        self.to_ends = legs.room(len(ground.ends), satellites) if mesh.has_lasers else legs.room(0, 0)

    def over(self, fleet: Fleet, whole: Instants, first: int, last: int) -> tuple[float, NDArray[np.uint8]]:
        """Fill in the instants `first` to `last` - 1; returns the distance [km] of the lowest satellite and the worst error codes."""
        worst, lowest_km = np.zeros(fleet.count, np.uint8), np.inf
        for k, (r_km, error) in enumerate(_positions(fleet, whole.part(first, last))):
            worst = np.maximum(worst, error)
            lowest_km = min(lowest_km, float(np.nanmin(np.linalg.norm(r_km, axis=0), initial=np.inf)))
            self._instant(first + k, r_km)
        return lowest_km, worst

    def _instant(self, instant: int, r_km: NDArray[np.float64]) -> None:
        above, neighbour, ground = overhead.overhead(r_km), self.mesh.neighbour, self.ground
        length = _lengths(r_km, neighbour, self.rules)
        seen = _ticked(overhead.sightings(above, self.out.gateways))
        if self.out.cells and self.out.towns:
            way = legs.enter(seen, ground.fibre_km, self.to_pops)
            routing.shorten(neighbour, length, way)
            beyond_km = routing.unpacked(way, ground.fibre_km.shape[1])
            links = routing.link_count(beyond_km)
            for served in (self.out.cells, self.out.towns):
                served.add(instant, above, beyond_km, links)
        if self.mesh.has_lasers:
            self._corridors(instant, r_km, above, seen, length)

    def _corridors(
        self, instant: int, r_km: NDArray[np.float64], above: Overhead, seen: Sightings, length: NDArray[np.float64]
    ) -> None:
        mesh, ground = self.mesh, self.ground
        graphs = {"base": (mesh.neighbour, length)}
        graphs |= {GRAPHS[n]: (graph, _lengths(r_km, graph, self.rules)) for n, graph in mesh.fewer.items()}
        for name, (graph, of_links) in graphs.items():
            self._keep(name, instant, self._between(seen, ground.tail_km, graph, of_links))
        own = _ticked(overhead.sightings(above, self.out.ends))
        behind_km = np.where(np.eye(len(ground.ends), dtype=bool), 0.0, np.inf)
        self._keep("terminal", instant, self._between(own, behind_km, mesh.neighbour, length))

    def _keep(self, name: str, instant: int, way_km: NDArray[np.float64]) -> None:
        self.out.rtt_ms[name][instant] = way_km * (2 / KM_PER_MS)
        self.out.links[name][instant] = routing.link_count(way_km)

    def _between(
        self, seen: Sightings, behind_km: NDArray[np.float64], graph: NDArray[np.int32], length: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Shortest way of every corridor [km], (corridor,): up by one station and down by another or the same."""
        way = legs.enter(seen, behind_km, self.to_ends)
        routing.shorten(graph, length, way)
        first, second = self.ground.pairs
        return legs.leave(seen, behind_km, way)[first, second]


def hundredths(rtt_ms: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Round trips [ms] in hundredths of a millisecond, to the nearest; UNREACHABLE where they are infinite."""
    return np.where(rtt_ms < np.inf, np.minimum(np.rint(rtt_ms * PER_MS), 65_534), 65_535).astype(np.uint16)


def _farthest_km(elements: pl.DataFrame) -> float:
    """A distance from the Earth's centre [km] that no satellite goes beyond: half a percent above the farthest apogee of the mean elements.

    The Earth's flattening lifts low satellites by up to 10 km above their mean orbits, a seventh of a percent.
    """
    rows = elements.select("mean_motion_rev_per_day", "eccentricity")
    apogee_km = semi_major_axis_km(rows["mean_motion_rev_per_day"].to_numpy()) * (1 + rows["eccentricity"].to_numpy())
    return 1.005 * float(apogee_km.max())


def _positions(fleet: Fleet, span: Instants) -> Iterator[tuple[NDArray[np.float64], NDArray[np.uint8]]]:
    """Positions (3, satellite) of every instant, and the worst error code of each satellite so far."""
    for start in range(0, len(span.fraction), 24):
        r_ecef_km, error = fleet.positions(span.part(start, start + 24))
        by_instant = np.moveaxis(r_ecef_km, 0, 2)
        for k in range(len(by_instant)):
            yield np.ascontiguousarray(by_instant[k]), error.max(axis=1, initial=0)


def _lengths(r_km: NDArray[np.float64], neighbour: NDArray[np.int32], rules: Rules) -> NDArray[np.float64]:
    """Length of every link with what it costs to pass it [km], ticked."""
    length = routing.lengths_km(r_km, neighbour)
    if neighbour.shape[1] > 2:
        length = cut_at_poles(length, neighbour, r_km, POLAR_CUT_DEG)
    return routing.ticked(length + rules.link_km, links=1)


def _ticked(seen: Sightings) -> Sightings:
    return seen._replace(range_km=routing.ticked(seen.range_km))


def _changes(mesh: Mesh, ground: Ground, rules: Rules, fleet: Fleet, window: Instants) -> NDArray[np.int32]:
    """Of the steps of a window those on which the path of a corridor became another one, int32 (corridor,)."""
    changed, before = np.zeros(ground.pairs.shape[1], np.int32), np.empty(0, np.int64)
    start = legs.room(len(ground.ends), mesh.elements.height)
    gateways = overhead.view(ground.gateways, ground.mask_deg, _farthest_km(mesh.elements))
    for r_km, _ in _positions(fleet, window):
        length = _lengths(r_km, mesh.neighbour, rules)
        seen = _ticked(overhead.sightings(overhead.overhead(r_km), gateways))
        way = legs.enter(seen, ground.tail_km, start).copy()
        routing.shorten(mesh.neighbour, length, way)
        label = legs.labels(seen, ground.tail_km, mesh.neighbour, length, way, start, ground.pairs)
        if len(before):
            changed += label != before
        before = label
    return changed
