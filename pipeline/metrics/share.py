"""One pass over the day's capacity: at every instant what reaches satellites, who gets how much, and what is left of every lid.

At each instant, down and up apart: the demand of the hour is cut to what the beams over each cell carry; it is placed on the satellites in
view; what they are asked for is fed through gateways and lasers; and what is fed is shared in two rounds. In the first every cell claims the
same part of its demand, as far as its beams go: the part at which all claims together are the greatest throughput. Shares are such that the
part of its claim that is served is as large as can be for whoever has least of it, then for the next (max-min fair). What some cannot get,
others are given in the second round, in proportion to what they lack. Beside it stands the greatest throughput, whoever gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import date, datetime, time

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import allocation, feed
from pipeline.geometry.allocation import Lids, Runs
from pipeline.geometry.arc import Zone
from pipeline.geometry.propagation import Fleet, Instants, instants_from
from pipeline.geometry.visibility import RingGeometry
from pipeline.metrics.broadband import Need
from pipeline.metrics.capacity import met
from pipeline.metrics.service_cell import Beams

# A prime number of instants: neither the orbits (15.0 to 15.4 a day) nor the turn of the Earth keeps step with them.
INSTANTS = 97
BLOCK_INSTANTS = 12
THREADS = 2
DOWN, UP = 0, 1
# The part of all demands that is claimed of the feed rises by so much at a time, until so much of all that can be fed is.
PART_STEP, ENOUGH = 1.2, 0.97
# Steps of both rounds. With more the first one's level rises by a percent (README: how far it is from the exact one); the second is of what is left.
FIRST_STEPS, SECOND_STEPS = 24, 4
# Shares are exact to this part: a headroom of less than this part of what is served is none.
NOUGHT = 0.05


@dataclass(frozen=True)
class Supply:
    """What satellites of a constellation have, in the order of its elements.

    `gbps` float64 (2, satellite), down and up, and whether that up is known; `feeder_gbps` what gateways can send one [Gbps]; `neighbour` int32 (satellite, 4) and
    `laser_gbps` of each, as feed.Mesh takes them.
    """

    elements: pl.DataFrame
    gbps: NDArray[np.float64]
    feeder_gbps: NDArray[np.float64]
    neighbour: NDArray[np.int32]
    laser_gbps: NDArray[np.float64]
    up_is_known: bool = True

    @property
    def has_lasers(self) -> bool:
        """Whether any link is there."""
        return bool((self.neighbour >= 0).any())


@dataclass(frozen=True)
class Market:
    """Who asks for what, in cells in ring order: the demand, and what the beams over the cells carry, None where no figure is known.

    `mask_deg` of a terminal, and the `zone` that the protection of the geostationary arc takes.
    """

    geometry: RingGeometry
    nest_of_ring: NDArray[np.int64]
    need: Need
    beams: tuple[Beams, Beams] | None
    mask_deg: float
    zone: Zone | None

    def lid_gbps(self, way: int, demand: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the beams over each cell carry of such a demand [Gbps], (cell,) in ring order; infinite where nothing is known."""
        if self.beams is None:
            return np.full(len(demand), np.inf)
        nested = np.empty_like(demand)
        nested[self.nest_of_ring] = demand
        return self.beams[way].lid_gbps(nested)[self.nest_of_ring]


@dataclass
class Shared:
    """What a stretch of instants leaves of one way, down or up; cells in ring order.

    Sums over instants (cell,) [Gbps]: `demand`, `ai`, `supply`, `served`; of beam, satellite, gateway and mesh (4, cell) the `headroom`, and
    `short`, what is not served of the demand at the instants at which each of them binds.
    Of each instant: `fraction` of the demand that is served, float32 (instant, cell); [Gbps] `served_gbps` and `most_gbps`, the greatest
    throughput, (instant,); `level` (instant,); `bound` demand by the lid that binds, (instant, 5).
    """

    demand: NDArray[np.float64]
    ai: NDArray[np.float64]
    supply: NDArray[np.float64]
    served: NDArray[np.float64]
    headroom: NDArray[np.float64]
    short: NDArray[np.float64]
    fraction: NDArray[np.float32]
    served_gbps: NDArray[np.float64]
    most_gbps: NDArray[np.float64]
    level: NDArray[np.float64]
    bound: NDArray[np.float64]

    @classmethod
    def none(cls, instants: int, cells: int) -> Shared:
        """Of no instant yet, with room for so many."""
        demand, ai, supply, served = np.zeros((4, cells))
        served_gbps, most_gbps, level = np.zeros((3, instants))
        fraction, bound = np.zeros((instants, cells), np.float32), np.zeros((instants, 5))
        headroom, short = np.zeros((2, 4, cells))
        return cls(demand, ai, supply, served, headroom, short, fraction, served_gbps, most_gbps, level, bound)


def instants(day: date, count: int) -> Instants:
    """The instants of a day, evenly spaced."""
    return instants_from(datetime.combine(day, time()), 86_400 / count, 0, count)


def merged(parts: Sequence[Shared]) -> Shared:
    """What several stretches leave together; their instants one after the other."""
    sums = ("demand", "ai", "supply", "served", "headroom", "short")
    each = [field.name for field in fields(Shared) if field.name not in sums]
    return Shared(
        **{name: np.sum([getattr(part, name) for part in parts], axis=0) for name in sums},
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in each},
    )


def passed(supply: Supply, market: Market, ground: feed.Ground, day: date, count: int) -> tuple[Shared, Shared]:
    """Share one constellation's capacity over a day: down and up."""
    if supply.elements.is_empty():
        return _asked(market, day, count)
    fleet, whole = Fleet(supply.elements), instants(day, count)
    starts = range(0, count, BLOCK_INSTANTS)
    with ThreadPoolExecutor(THREADS) as pool:  # the kernels leave the interpreter's lock alone
        parts = list(
            pool.map(
                lambda k: _block(fleet, whole.part(k, min(k + BLOCK_INSTANTS, count)), supply, market, ground), starts
            )
        )
    return merged([part[DOWN] for part in parts]), merged([part[UP] for part in parts])


def _asked(market: Market, day: date, count: int) -> tuple[Shared, Shared]:
    """What is asked of a constellation that has nobody at work."""
    found = tuple(Shared.none(count, market.geometry.cell_count) for _ in range(2))
    for k, fraction in enumerate(instants(day, count).fraction):
        demand, ai = market.need.at(float(fraction) * 24)
        for way in (DOWN, UP):
            none = np.zeros(len(demand[way]))
            beam = market.lid_gbps(way, demand[way])
            headroom = np.stack([beam, none, none, none])
            _note(found[way], k, (demand[way], ai[way], none), headroom, none, tight(none, headroom, none))
    return found[DOWN], found[UP]


def _block(fleet: Fleet, span: Instants, supply: Supply, market: Market, ground: feed.Ground) -> tuple[Shared, Shared]:
    r_ecef_km, _ = fleet.positions(span)
    by_instant = np.moveaxis(r_ecef_km, 0, 2)
    found = tuple(Shared.none(len(span.fraction), market.geometry.cell_count) for _ in range(2))
    for k in range(len(span.fraction)):
        sky = Sky.of(np.ascontiguousarray(by_instant[k]), float(span.fraction[k]) * 24, supply, market, ground)
        for way in (DOWN, UP):
            _add(found[way], k, sky, way)
    return found[DOWN], found[UP]


@dataclass(frozen=True)
class Sky:
    """One instant: who sees whom, what is asked for and what the mesh is, from which either way is shared.

    `all_runs` over all cells in ring order, `runs` over those with demand, whose places among all are `wanted`. `demand` and `ai`
    (2, cell) [Gbps].
    """

    supply: Supply
    market: Market
    ground: feed.Ground
    r_km: NDArray[np.float64]
    mesh: feed.Mesh
    at: feed.Look
    all_runs: Runs
    runs: Runs
    wanted: NDArray[np.int64]
    demand: NDArray[np.float64]
    ai: NDArray[np.float64]

    @classmethod
    def of(cls, r_km: NDArray[np.float64], utc_h: float, supply: Supply, market: Market, ground: feed.Ground) -> Sky:
        """The sky over all cells at an instant; r_km: Earth-fixed positions [km] (3, satellite)."""
        demand, ai = market.need.at(utc_h)
        everywhere = np.ones(market.geometry.cell_count, bool)
        runs = allocation.runs_in_view(r_km, market.mask_deg, market.geometry, everywhere, market.zone)
        wanted = demand[DOWN] > 0
        mesh = feed.Mesh(supply.neighbour, supply.laser_gbps)
        at, places = feed.look(r_km, ground, mesh), np.flatnonzero(wanted)
        return cls(supply, market, ground, r_km, mesh, at, runs, narrowed(runs, wanted), places, demand, ai)

    def claim(self, way: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What the beams carry of the demand [Gbps] and what they would of more of it, each (cell,); infinite where nothing is known."""
        demand = self.demand[way]
        lid = self.market.lid_gbps(way, demand)
        return np.minimum(demand, lid), lid

    def shared(self, way: int, demand: NDArray[np.float64], claim: NDArray[np.float64]) -> Fair:
        """What is fed, and what is given of it to cells with such a demand and claim [Gbps], (cell of `runs`,)."""
        found = fed(self.runs, self.supply, self.mesh, self.ground, self.r_km, way, demand, claim, self.at)
        return shared(self.runs, demand, found)


@dataclass(frozen=True)
class Fair:
    """A fair share [Gbps]: `served` (cell,), `load` (satellite,), `group_load` and what was `fed` by node, and whether that is all that was asked
    for (`given`); `most_gbps` the greatest throughput;
    `level` the least part of its demand that a cell in reach gets which could use more. `first` is the problem of the first round.
    """

    served: NDArray[np.float64]
    load: NDArray[np.float64]
    group_load: NDArray[np.float64]
    fed: feed.Feed
    given: NDArray[np.bool_]
    most_gbps: float
    level: float
    first: Lids


@dataclass(frozen=True)
class Fed:
    """What reaches satellites, of what cells ask of them, and with that the greatest throughput [Gbps]; `lids` are those of the cells' claims in
    full. `given`: whether a node gets all that was asked for it, (node,). `same` is the part of its demand that every cell claims first."""

    fed: feed.Feed
    given: NDArray[np.bool_]
    lids: Lids
    most_gbps: float
    same: float


def fed(
    runs: Runs,
    supply: Supply,
    mesh: feed.Mesh,
    ground: feed.Ground,
    r_km: NDArray[np.float64],
    way: int,
    demand: NDArray[np.float64],
    claim: NDArray[np.float64],
    at: feed.Look | None = None,
) -> Fed:
    """Feed satellites, for cells that ask for `demand`, of which their beams carry `claim` [Gbps], (cell,).

    Every cell claims the same part of its demand, as far as its beams go: the least part with which gateways and lasers carry nearly all that
    they can. Claims stand on satellites in proportion to what these have. What then is left over goes to whoever can use more.
    """
    gbps = supply.gbps[way]
    # Nobody asks a satellite that nothing can reach where another is in view.
    at = at or feed.look(r_km, ground, mesh)
    if not len(ground.site_gbps):  # no gateway, no service
        found = feed.feed(r_km, ground, mesh, supply.feeder_gbps, np.zeros(len(gbps)), at=at)
        nothing = np.zeros(len(found.fed_gbps), bool)
        return Fed(found, nothing, Lids(claim, gbps, found.node_of.astype(np.int64), found.fed_gbps), 0.0, 1.0)
    able = np.where(feed.in_reach(r_km, ground, mesh, supply.feeder_gbps, at), gbps, 0.0)
    in_view = allocation.summed(runs, able, len(claim))

    def asked(part_: float) -> NDArray[np.float64]:
        per = np.divide(np.minimum(part_ * demand, claim), in_view, out=np.zeros(len(claim)), where=in_view > 0)
        return np.minimum(able * allocation.gathered(runs, per), able)

    def reaches(part_: float) -> float:
        return float(feed.reached(r_km, ground, mesh, supply.feeder_gbps, asked(part_), at)[1].sum())

    nobody, no_group = np.full(len(gbps), -1), np.empty(0)
    everything = allocation.greedy(runs, Lids(claim, able, nobody, no_group)).load
    whole = float(feed.reached(r_km, ground, mesh, supply.feeder_gbps, everything, at)[1].sum())
    same = part(demand, claim, whole)
    # Where lasers do not carry the same part everywhere, others can have more of it: the part rises until little is left over.
    while same < 1.0 and (found_gbps := reaches(same)) < ENOUGH * whole:
        same = min(same * max(PART_STEP, (whole / max(found_gbps, 1e-9)) ** 3), 1.0)
    first = asked(same)
    more = np.maximum(everything - first, 0.0)
    found = feed.feed(r_km, ground, mesh, supply.feeder_gbps, first, more_gbps=more, at=at)
    lids = Lids(claim, gbps, found.node_of.astype(np.int64), found.fed_gbps)
    placed = found.node_of >= 0
    whole_of = np.bincount(found.node_of[placed], (first + more)[placed], len(found.fed_gbps))
    given = found.fed_gbps >= (1 - NOUGHT) * whole_of
    return Fed(found, given, lids, float(allocation.greedy(runs, lids).served.sum()), same)


def shared(runs: Runs, demand: NDArray[np.float64], of: Fed) -> Fair:
    """Share what is fed over cells, in two rounds; demand: what they ask for [Gbps], (cell,).

    In the first round every cell claims the same part of its demand, as far as beams go, and gets as large a part of its demand as can be for
    whoever gets least. In the second what is left goes to cells by what they still lack of their claims in full.
    """
    claim, gbps, node, pool = of.lids[:4]
    wanted = of.same * demand
    first = of.lids._replace(claim=np.minimum(wanted, claim), weight=wanted)
    if not pool.any():  # nothing reaches a satellite: nothing to share
        none = np.zeros_like(gbps)
        return Fair(np.zeros_like(claim), none, np.zeros_like(pool), of.fed, of.given, 0.0, 0.0, first)
    one = allocation.max_min(runs, first, FIRST_STEPS)
    lacks, has, pools = claim - one.served, gbps - one.load, pool - one.group_load
    rest = Lids(np.maximum(lacks, 0.0), np.maximum(has, 0.0), node, np.maximum(pools, 0.0))
    two = allocation.max_min(runs, rest, SECOND_STEPS)
    served = np.minimum(one.served + two.served, claim)
    return Fair(
        served,
        np.minimum(one.load + two.load, gbps),
        np.minimum(one.group_load + two.group_load, pool),
        of.fed,
        of.given,
        max(of.most_gbps, float(served.sum())),
        one.level * of.same,
        first,
    )


def part(demand: NDArray[np.float64], claim: NDArray[np.float64], total: float) -> float:
    """The part of its demand that every cell may have, none beyond its claim, where all of them have `total` [Gbps]; at most 1.

    The sum of min(part x demand, claim) is concave in the part, and bends where a cell's claim ends.
    """
    if total >= claim.sum():
        return 1.0
    asks = demand > 0
    ends = np.divide(claim, demand, out=np.zeros_like(claim), where=asks)
    order = np.argsort(ends)
    done, open_demand = np.cumsum(claim[order]), demand.sum() - np.cumsum(demand[order])
    at_ends = done + ends[order] * np.maximum(open_demand, 0.0)
    k = min(int(np.searchsorted(at_ends, total)), len(order) - 1)
    before = done[k - 1] if k else 0.0
    return min(float((total - before) / (open_demand[k] + demand[order[k]])), 1.0)


def _add(to: Shared, k: int, sky: Sky, way: int) -> None:
    """Share one way of one instant, and add what comes of it."""
    served = np.zeros(sky.demand.shape[1])
    if way == UP and not sky.supply.up_is_known:
        unknown = np.zeros(len(served), np.int64)
        _note(to, k, (sky.demand[way], sky.ai[way], served), np.zeros((4, len(served))), served, unknown)
        return
    claim, beam = sky.claim(way)
    fair = sky.shared(way, sky.demand[way][sky.wanted], claim[sky.wanted])
    served[sky.wanted] = fair.served
    headroom, left, together = rooms(sky, way, fair, beam - served)
    _note(to, k, (sky.demand[way], sky.ai[way], served), headroom, left, tight(served, headroom, together))
    to.most_gbps[k], to.level[k] = fair.most_gbps, fair.level


def _note(
    to: Shared,
    k: int,
    cells: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    headroom: NDArray[np.float64],
    left: NDArray[np.float64],
    lid: NDArray[np.int64],
) -> None:
    """Add an instant: demand, AI's and what is served of cells [Gbps], the headroom of lids, what satellites that are fed have left, and the lid
    that binds."""
    demand, ai, served = cells
    to.demand += demand
    to.ai += ai
    to.served += served
    to.supply += served + np.minimum(headroom.min(axis=0), left)
    to.headroom += headroom
    with np.errstate(divide="ignore", invalid="ignore"):
        to.fraction[k] = np.where(demand > 0, served / demand, np.nan)
    to.served_gbps[k] = served.sum()
    to.short[lid, np.arange(len(lid))] += demand - served
    to.bound[k] = np.bincount(np.where(met(demand, served), 0, 1 + lid), demand, 5)


def tight(
    served: NDArray[np.float64], headroom: NDArray[np.float64], together: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The lid that binds each cell, (cell,) in the order of LIDS; headroom (4, cell), what is served and that of gateways and lasers `together`
    (cell,) [Gbps].

    It is the one with the least headroom. Gateways may have room that lasers do not reach, and lasers room that no gateway fills: what counts is
    what they have together, and of the two the one with less room of its own binds. A headroom below a twentieth of what is served is none, and of
    lids without any the one nearest to the user binds: with more of another the cell would not get more.
    """
    beam, satellite, gateway, mesh = headroom
    least = np.stack([beam, satellite, np.minimum(together, np.minimum(gateway, mesh))])
    lid = np.where(least <= NOUGHT * served, 0.0, least).argmin(axis=0)
    return np.where((lid == 2) & (mesh < gateway), 3, lid)


def rooms(
    sky: Sky, way: int, fair: Fair, beam: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Headroom [Gbps] of beam, satellite, gateway and mesh, (4, cell); what satellites that are fed have left, (cell,); and the headroom of
    gateways and mesh together, (cell,): what is left, and where all that was asked for came, what more could."""
    cells, fed, node = len(beam), fair.fed, fair.fed.node_of
    free = np.maximum(sky.supply.gbps[way] - fair.load, 0.0)
    pool = np.append(np.maximum(fed.fed_gbps - fair.group_load, 0.0), 0.0)  # the last for satellites of no node
    gateway = pool + np.append(fed.gateway_room_gbps, 0.0)
    mesh = pool + np.append(fed.mesh_room_gbps, 0.0)
    most = sky.supply.gbps[way]  # no satellite passes on more, whatever reaches it
    both = pool + np.where(np.append(fair.given, False), np.minimum(gateway, mesh) - pool, 0.0)
    over = [
        allocation.summed(sky.all_runs, each, cells)
        for each in (free, *(np.minimum(room[node], most) for room in (gateway, mesh, both)))
    ]
    left = allocation.pooled(sky.all_runs, free, node, pool[:-1], cells)
    return np.stack([np.maximum(beam, 0.0), *over[:3]]), left, over[3]


def narrowed(runs: Runs, wanted: NDArray[np.bool_]) -> Runs:
    """Runs over the wanted cells alone, numbered among these, from runs over all cells."""
    place = np.concatenate([[0], np.cumsum(wanted)]).astype(np.int32)
    return Runs(runs.start, place[runs.first], place[runs.last])
