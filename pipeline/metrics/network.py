"""One pass over the day's network: ways from cells and towns to their PoP, and between sites, at every instant.

At each instant satellites, lasers, gateways and fibre are one graph. From every PoP ways go out over fibre to its gateways, up to the
satellites that those see, and over the mesh; a user's way is what lies behind the satellite that serves it. Ways are kilometres of light
in vacuum, one way: fibre counts by its index and its stretch, a satellite that passes on a packet by what that takes. They are ticked
(routing.ticked), so that a sum tells over how many links it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import legs, overhead, routing
from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.links import cut_at_poles
from pipeline.geometry.overhead import Overhead, Sightings
from pipeline.geometry.propagation import Fleet, Instants, instants_from

# A prime number of instants: neither the orbits (15.0 to 15.4 a day) nor the turn of the Earth keeps step with them.
INSTANTS = 293
# Whether a path holds is looked at every 15 s, when users are assigned anew, in windows spread over the day.
WINDOWS, WINDOW_INSTANTS, REASSIGNED_S = 23, 3, 15.0
# Across planes lasers let go of each other near the poles, where planes cross. Inclined shells up to 70 degrees never come there.
POLAR_CUT_DEG = 75.0
THREADS = 2
KM_PER_MS = LIGHT_KM_PER_S / 1_000
# Round trips are kept to a hundredth of a millisecond, in 16 bits; the last number says that there is no way.
PER_MS, UNREACHABLE = 100.0, np.uint16(65_535)


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
    """Round trips between ends [ms], float32 (instant, pair), infinite where there is no way, by graph; and links of the first, int16.

    Graphs: `base` by gateways over the plus grid, `three` and `two` with so many links, `terminal` with a terminal at both ends. `changes`:
    of `steps` steps of 15 s those on which the base path became another one or came or went, int32 (pair,).
    """

    rtt_ms: dict[str, NDArray[np.float32]]
    links: NDArray[np.int16]
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
    """Find all ways of one constellation on a day."""
    fleet, whole = Fleet(mesh.elements), instants(day)
    length = -(-INSTANTS // THREADS)
    spans = [whole.part(k, min(k + length, INSTANTS)) for k in range(0, INSTANTS, length)]
    with ThreadPoolExecutor(THREADS) as pool:  # the kernels leave the interpreter's lock alone
        parts = list(pool.map(lambda span: _Pass(mesh, ground, cells, towns, rules).over(fleet, span), spans))
        changed = list(
            pool.map(lambda w: _changes(mesh, ground, rules, fleet, w), windows(day) if mesh.has_lasers else [])
        )
    return _merged(parts, changed)


def pairs(ends: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of both ends of every pair, (pair,) each, the lower number first."""
    first, second = np.triu_indices(ends, 1)
    return first.astype(np.int64), second.astype(np.int64)


class _Pass:
    """The running results of one stretch of instants."""

    def __init__(self, mesh: Mesh, ground: Ground, cells: Users, towns: Users, rules: Rules) -> None:
        self.mesh, self.ground, self.rules = mesh, ground, rules
        ranks = np.array(rules.rank_fraction)
        served = len(ground.gateways) > 0
        self.cells = _Served(cells, rules.mask_deg, ranks[:1]) if served else None
        self.towns = _Served(towns, rules.mask_deg, ranks) if served else None
        self.rtt_ms: dict[str, list[NDArray[np.float32]]] = {}
        self.links: list[NDArray[np.int16]] = []
        self.lowest_km = np.inf

    def over(self, fleet: Fleet, span: Instants) -> Passed:
        """Everything of a stretch of instants."""
        worst = np.zeros(fleet.count, np.uint8)
        for r_km, error in _positions(fleet, span):
            worst = np.maximum(worst, error)
            self.lowest_km = min(self.lowest_km, float(np.nanmin(np.linalg.norm(r_km, axis=0), initial=np.inf)))
            self._instant(r_km)
        between = None
        if self.rtt_ms:
            stacked = {name: np.stack(rows) for name, rows in self.rtt_ms.items()}
            between = Between(stacked, np.stack(self.links), np.zeros(len(self.links[0]), np.int32), 0)
        cells, towns = (served.ways() if served else None for served in (self.cells, self.towns))
        return Passed(cells[0] if cells else None, towns, between, self.lowest_km, worst)

    def _instant(self, r_km: NDArray[np.float64]) -> None:
        above, neighbour = overhead.overhead(r_km), self.mesh.neighbour
        length = _lengths(r_km, neighbour, self.rules)
        seen = _ticked(overhead.sightings(above, self.ground.gateways, self.ground.mask_deg))
        if self.cells and self.towns:
            way = legs.enter(seen, self.ground.fibre_km, r_km.shape[1])
            routing.shorten(neighbour, length, way)
            beyond_km = routing.unpacked(way, self.ground.fibre_km.shape[1])
            links = routing.link_count(beyond_km)
            for served in (self.cells, self.towns):
                served.add(above, beyond_km, links)
        if self.mesh.has_lasers:
            self._corridors(r_km, above, seen, length)

    def _corridors(
        self, r_km: NDArray[np.float64], above: Overhead, seen: Sightings, length: NDArray[np.float64]
    ) -> None:
        ground, mesh, first_second = self.ground, self.mesh, pairs(len(self.ground.ends))
        graphs = {"base": (mesh.neighbour, length)}
        graphs |= {
            {3: "three", 2: "two"}[n]: (neighbour, _lengths(r_km, neighbour, self.rules))
            for n, neighbour in mesh.fewer.items()
        }
        for name, (neighbour, of_links) in graphs.items():
            way_km = _between(seen, ground.tail_km, neighbour, of_links)[first_second]
            self.rtt_ms.setdefault(name, []).append((way_km * (2 / KM_PER_MS)).astype(np.float32))
            if name == "base":
                self.links.append(routing.link_count(way_km))
        own = _ticked(overhead.sightings(above, ground.ends, self.rules.mask_deg))
        behind_km = np.where(np.eye(len(ground.ends), dtype=bool), 0.0, np.inf)
        way_km = _between(own, behind_km, mesh.neighbour, length)[first_second]
        self.rtt_ms.setdefault("terminal", []).append((way_km * (2 / KM_PER_MS)).astype(np.float32))


class _Served:
    """The running sums of users, by each rule of which satellite serves."""

    def __init__(self, users: Users, mask_deg: float, ranks: NDArray[np.float64]) -> None:
        self.users, self.mask_deg, self.ranks = users, mask_deg, ranks
        self._rtt: list[NDArray[np.uint16]] = []
        self._mesh, self._links = (np.zeros((len(ranks), len(users.places)), np.int32) for _ in range(2))

    def add(self, above: Overhead, beyond_km: NDArray[np.float64], links: NDArray[np.int16]) -> None:
        """Take in an instant: shortest ways [km] from satellites to PoPs, (pop, satellite), and their links."""
        users = self.users
        way_km, satellite = overhead.serve(above, users.places, self.mask_deg, users.goal, beyond_km, self.ranks)
        self._rtt.append(hundredths(way_km * (2 / KM_PER_MS)))
        count = np.where(satellite >= 0, links[np.maximum(users.goal, 0), np.maximum(satellite, 0)], 0)
        self._mesh += count > 0
        self._links += count

    def ways(self) -> list[Ways]:
        """What was met so far, by rule."""
        stacked = np.stack(self._rtt)
        return [
            Ways(np.ascontiguousarray(stacked[:, k]), self._mesh[k], self._links[k]) for k in range(len(self.ranks))
        ]


def hundredths(rtt_ms: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Round trips [ms] in hundredths of a millisecond, to the nearest; UNREACHABLE where they are infinite."""
    return np.where(rtt_ms < np.inf, np.minimum(np.rint(rtt_ms * PER_MS), 65_534), 65_535).astype(np.uint16)


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


def _between(
    seen: Sightings, behind_km: NDArray[np.float64], neighbour: NDArray[np.int32], length: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shortest way between any two ends [km], (end, end), up by one station and down by another or the same."""
    way = legs.enter(seen, behind_km, len(neighbour))
    routing.shorten(neighbour, length, way)
    ends = behind_km.shape[1]
    return legs.leave(seen, behind_km, way)[:, :ends]


def _changes(mesh: Mesh, ground: Ground, rules: Rules, fleet: Fleet, window: Instants) -> NDArray[np.int32]:
    """Of the steps of a window those on which the path between two ends became another one, int32 (pair,)."""
    first, second = pairs(len(ground.ends))
    changed, before = np.zeros(len(first), np.int32), np.empty(0, np.int64)
    for r_km, _ in _positions(fleet, window):
        length = _lengths(r_km, mesh.neighbour, rules)
        seen = _ticked(overhead.sightings(overhead.overhead(r_km), ground.gateways, ground.mask_deg))
        start = legs.enter(seen, ground.tail_km, r_km.shape[1])
        way = start.copy()
        routing.shorten(mesh.neighbour, length, way)
        label = legs.labels(seen, ground.tail_km, mesh.neighbour, length, way, start)[second, first]
        if len(before):
            changed += label != before
        before = label
    return changed


def _merged(parts: Sequence[Passed], changed: Sequence[NDArray[np.int32]]) -> Passed:
    """Stretches of instants, in order, as one."""
    steps = len(changed) * (WINDOW_INSTANTS - 1)
    found = [part.between for part in parts if part.between is not None]
    between = None
    if found:
        rtt_ms = {name: np.concatenate([part.rtt_ms[name] for part in found]) for name in found[0].rtt_ms}
        between = Between(
            rtt_ms, np.concatenate([part.links for part in found]), np.sum(changed, axis=0, dtype=np.int32), steps
        )
    towns = [part.towns for part in parts if part.towns is not None]
    return Passed(
        _joined([part.cells for part in parts if part.cells is not None]),
        [ways for rule in zip(*towns, strict=True) if (ways := _joined(list(rule))) is not None] if towns else None,
        between,
        min(part.lowest_km for part in parts),
        np.max([part.worst for part in parts], axis=0),
    )


def _joined(parts: Sequence[Ways]) -> Ways | None:
    if not parts:
        return None
    return Ways(
        np.concatenate([part.rtt for part in parts]),
        np.sum([part.mesh_count for part in parts], axis=0, dtype=np.int32),
        np.sum([part.link_count for part in parts], axis=0, dtype=np.int32),
    )
