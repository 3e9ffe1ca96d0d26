"""How much of the Internet reaches which satellites at one instant, through gateways in view and over lasers, shared fairly.

Satellites with lasers are pooled: those of one connected part of the mesh that stand over one of 192 regions of equal area (HEALPix order
2, by the direction from the Earth's centre) share their feed, so that within such a pool, about 1,600 km wide, lasers are taken as no
limit. A satellite without a laser link that is up is a node of its own, a bent pipe. From the gateway sites the feed goes up to pools with
satellites in view, over links from pool to pool, and down to what each pool is asked for: a maximum flow, divided by equal fractions
of the claims (flow.fair).

Pooling only ever adds to what can get through, compared with a flow from satellite to satellite. On a real day, with lasers of 100 and
200 Gbps, up to 6 %; where lasers bind, at 30 and 60 Gbps with all claims far from gateways, up to 40 %, and at a tenth of their rate
up to 70 %. Regions of order 3 halve that, and take two to four times as long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import healpix
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry import flow, overhead, routing
from pipeline.geometry.flow import Network
from pipeline.geometry.kernels import compiled
from pipeline.geometry.links import cut_at_poles
from pipeline.geometry.overhead import Sightings, View

# Order of the HEALPix regions of the sky that satellites are pooled by.
ORDER = 2
# Across planes lasers let go of each other near the poles, where planes cross (metrics.network takes the same).
POLAR_CUT_DEG = 75.0
# What limits a node.
NOTHING, GATEWAYS, MESH, UNREACHED = range(4)
# Views of gateways hold for satellites up to here [km from the centre], and are made anew for higher ones.
_LOW_KM = 8_000.0


@dataclass(frozen=True)
class Ground:
    """Gateway sites: `places` (site, 6) as points.places gives them, `site_gbps` (site,) what all antennas of each carry [Gbps], and the
    lowest elevation `mask_deg` that they point at [deg]."""

    places: NDArray[np.float64]
    site_gbps: NDArray[np.float64]
    mask_deg: float

    @cached_property
    def _low(self) -> View:
        return overhead.view(self.places, self.mask_deg, _LOW_KM)

    def sightings(self, r_ecef_km: NDArray[np.float64]) -> Sightings:
        """Satellites in view of every site; r_ecef_km: positions [km], (3, satellite), not a number where there is none."""
        above = overhead.overhead(r_ecef_km)
        low = above.farthest_km <= _LOW_KM
        return overhead.sightings(
            above, self._low if low else overhead.view(self.places, self.mask_deg, above.farthest_km)
        )


@dataclass(frozen=True)
class Mesh:
    """Laser links: `neighbour` int32 (satellite, 4), -1 for none, as links.plus_grid gives them, and `laser_gbps` (satellite,), the rate of
    each of a satellite's lasers [Gbps]; a link has the lesser of both ends'. Links across planes are down polewards of `polar_cut_deg`."""

    neighbour: NDArray[np.int32]
    laser_gbps: NDArray[np.float64]
    polar_cut_deg: float = POLAR_CUT_DEG

    def up(self, r_ecef_km: NDArray[np.float64]) -> NDArray[np.int32]:
        """The links that are up at an instant, int32 (satellite, degree), -1 for those that are not; positions [km] (3, satellite)."""
        length = routing.lengths_km(r_ecef_km, self.neighbour)
        if self.neighbour.shape[1] > 2:
            length = cut_at_poles(length, self.neighbour, r_ecef_km, self.polar_cut_deg)
        return np.where((length < np.inf) & (self.neighbour >= 0), self.neighbour, np.int32(-1))


@dataclass(frozen=True)
class Feed:
    """What reaches the satellites at an instant.

    node_of: int32 (satellite,), the node that each belongs to, -1 where it has no position. fed_gbps: (node,), what a node gets of the
    sum of its satellites' claims. used_gateway_gbps: (site,). laser_gbps: what all links between pools carry, each link for itself.
    relayed_gbps: what comes up in one pool and goes down in another, once. bound: int8 (node,), NOTHING where the claim is met, GATEWAYS
    (their antennas, or those of the satellites towards them), MESH where it would get more, shared fairly, if lasers were no limit,
    UNREACHED where no gateway is in view of its part of the mesh.
    gateway_room_gbps: (node,), what more it could at most get if lasers were no limit, from spare antennas in view of its part of the mesh,
    which others have before them too; mesh_room_gbps: (node,), what the links into it could still take, infinite where none leads (a bent pipe, or a part of the mesh that
    is one pool). Of what binds there is no room: it is 0.
    """

    node_of: NDArray[np.int32]
    fed_gbps: NDArray[np.float64]
    used_gateway_gbps: NDArray[np.float64]
    laser_gbps: float
    relayed_gbps: float
    bound: NDArray[np.int8]
    gateway_room_gbps: NDArray[np.float64]
    mesh_room_gbps: NDArray[np.float64]


class Look(NamedTuple):
    """What an instant looks like, whatever links and gateways carry: links that are up, int32 (satellite, degree), the region that each
    satellite stands over, int32 (satellite,), -1 where it has no position, and the satellites in view of every site."""

    up: NDArray[np.int32]
    region: NDArray[np.int32]
    seen: Sightings


def look(r_ecef_km: NDArray[np.float64], ground: Ground, mesh: Mesh, order: int = ORDER) -> Look:
    """Look at an instant once, for several feeds; arguments as for `feed`."""
    r_km = np.ascontiguousarray(r_ecef_km)
    return Look(mesh.up(r_km), _regions(r_km, order), ground.sightings(r_km))


class _Nodes(NamedTuple):
    """Nodes of an instant: `of` int32 (satellite,), the part of the mesh `part` int32 (node,), numbered from 0, and how many parts."""

    of: NDArray[np.int32]
    part: NDArray[np.int32]
    parts: int


class _Arcs(NamedTuple):
    """Arcs from `one` to `other`, int32 (arc,), and their capacities in units, int64 (arc,)."""

    one: NDArray[np.int32]
    other: NDArray[np.int32]
    units: NDArray[np.int64]


@dataclass(frozen=True)
class _Problem:
    """A network to be fed: sites [units], what each can send to the antennas of each node, what these take from all sites, the node that
    they belong to, links between nodes, and what each node claims [units]."""

    site: NDArray[np.int64]
    up: _Arcs
    lid: NDArray[np.int64]
    of: NDArray[np.int32]
    links: _Arcs
    claim: NDArray[np.int64]


@dataclass(frozen=True)
class _Flow:
    """The flow found: through each site, each arc up, the antennas of each node, each link (below 0: from other to one), to each claim."""

    site: NDArray[np.int64]
    up: NDArray[np.int64]
    lid: NDArray[np.int64]
    links: NDArray[np.int64]
    served: NDArray[np.int64]


def feed(
    r_ecef_km: NDArray[np.float64],
    ground: Ground,
    mesh: Mesh,
    feeder_gbps: ArrayLike,
    claim_gbps: ArrayLike,
    order: int = ORDER,
    more_gbps: ArrayLike | None = None,
    at: Look | None = None,
) -> Feed:
    """Feed the satellites of an instant: fair shares of what they are asked for, then what is left over to whoever can use it.

    r_ecef_km: Earth-fixed positions [km], (3, satellite), not a number where there is none. feeder_gbps: what each takes from all
    gateways together, antennas that it uses at once times what each carries, (satellite,). claim_gbps: what it is asked for, (satellite,).
    more_gbps: what each could use beyond that, (satellite,): what gateways and lasers still carry when the claims are shared out, in no order.
    order: of the HEALPix regions that satellites are pooled by. at: what `look` gives, with the same order. Raises ValueError where lengths differ, or a rate is below 0 or no number.
    """
    _require(r_ecef_km, ground, mesh, np.shape(feeder_gbps), np.shape(claim_gbps))
    problem, nodes = _problem(r_ecef_km, ground, mesh, flow.units(feeder_gbps), flow.units(claim_gbps), order, at)
    found = _fed(problem, more=None if more_gbps is None else _of_nodes(problem, nodes, more_gbps))
    bound, lacks = _bound(problem, nodes, found)
    gateway_room, mesh_room = _rooms(problem, nodes, found)
    served, of_lids = flow.gbps(found.served), found.lid
    return Feed(
        nodes.of,
        served,
        flow.gbps(found.site),
        float(flow.gbps(np.abs(found.links).sum())),
        float(flow.gbps(np.maximum(found.served - of_lids, 0).sum())),
        bound,
        np.where(bound == MESH, np.maximum(gateway_room, lacks), np.where(bound == NOTHING, gateway_room, 0.0)),
        np.where(bound == MESH, 0.0, mesh_room),
    )


def in_reach(
    r_ecef_km: NDArray[np.float64], ground: Ground, mesh: Mesh, feeder_gbps: ArrayLike, at: Look | None = None
) -> NDArray[np.bool_]:
    """Whether anything can reach each satellite at an instant, whoever else asks: some of its part of the mesh see a gateway with antennas, and
    take something from it, (satellite,). Arguments as for `feed`.
    """
    _require(r_ecef_km, ground, mesh, np.shape(feeder_gbps))
    feeder = flow.units(feeder_gbps)
    problem, nodes = _problem(r_ecef_km, ground, mesh, feeder, np.zeros_like(feeder), at=at)
    lit = _by(nodes.part, problem.lid, nodes.parts)[nodes.part] > 0
    return np.asarray(np.append(lit, False)[nodes.of], np.bool_)  # the last for satellites of no node


def reached(
    r_ecef_km: NDArray[np.float64],
    ground: Ground,
    mesh: Mesh,
    feeder_gbps: ArrayLike,
    claim_gbps: ArrayLike,
    at: Look | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The node of each satellite (satellite,), and what each node gets [Gbps] (node,) where as much as can be is fed in all, whoever gets it.

    Arguments as for `feed`, which is slower.
    """
    _require(r_ecef_km, ground, mesh, np.shape(feeder_gbps), np.shape(claim_gbps))
    problem, nodes = _problem(r_ecef_km, ground, mesh, flow.units(feeder_gbps), flow.units(claim_gbps), at=at)
    whole = replace(problem, claim=np.zeros_like(problem.claim))
    return nodes.of, flow.gbps(_fed(whole, more=problem.claim).served)


@dataclass(frozen=True)
class Crossing:
    """Links between nodes, and what the feed takes of them: `one`, `other` int32 (link,), the rate each way and what flows from one to the other,
    below 0 the other way, in units (link,); and the node of each satellite, int32 (satellite,)."""

    one: NDArray[np.int32]
    other: NDArray[np.int32]
    rate: NDArray[np.int64]
    flows: NDArray[np.int64]
    node_of: NDArray[np.int32]

    def taken_gbps(self, here: NDArray[np.bool_], there: NDArray[np.bool_]) -> float:
        """By how much the feed lowers what links still carry from some satellites to others [Gbps]; nobody in both, (satellite,) each.

        A node with satellites of either stands for the side that has more of them in it.
        """
        count = int(self.node_of.max(initial=-1)) + 1
        known = self.node_of >= 0
        of = [np.bincount(self.node_of[known & side], minlength=count) for side in (here, there)]
        place = np.where(of[0] > of[1], 0, np.where(of[1] > 0, 1, np.arange(2, count + 2))).astype(np.int32)
        one, other = place[self.one], place[self.other]
        kept = one != other
        free, taken = (
            flow.network(count + 2, one[kept], other[kept], (self.rate - along)[kept], (self.rate + along)[kept])
            for along in (np.zeros_like(self.flows), self.flows)
        )
        whole, left = (flow.augment(net, 0, 1)[0] for net in (free, taken))
        return float(flow.gbps(max(whole - left, 0)))


def crossing(
    r_ecef_km: NDArray[np.float64],
    ground: Ground,
    mesh: Mesh,
    feeder_gbps: ArrayLike,
    claim_gbps: ArrayLike,
) -> Crossing:
    """What the feed takes of the links between nodes at an instant; arguments as in `feed`."""
    _require(r_ecef_km, ground, mesh, np.shape(feeder_gbps), np.shape(claim_gbps))
    problem, nodes = _problem(r_ecef_km, ground, mesh, flow.units(feeder_gbps), flow.units(claim_gbps), ORDER)
    found = _fed(problem)
    return Crossing(problem.links.one, problem.links.other, problem.links.units, found.links, nodes.of)


def _of_nodes(problem: _Problem, nodes: _Nodes, gbps: ArrayLike) -> NDArray[np.int64]:
    """Sums over the satellites of each node [units], (node,)."""
    more = np.zeros(len(problem.claim), np.int64)
    np.add.at(more, nodes.of[nodes.of >= 0], flow.units(gbps)[nodes.of >= 0])
    return more


def _require(r_ecef_km: NDArray[np.float64], ground: Ground, mesh: Mesh, *given: tuple[int, ...]) -> None:
    lengths = r_ecef_km.shape[1:], mesh.neighbour.shape[:1], mesh.laser_gbps.shape, *given
    if len(set(lengths)) != 1:
        raise ValueError(
            f"positions, links, lasers, feeders and claims are of {lengths} satellites: give as many of each"
        )
    if ground.site_gbps.shape != ground.places.shape[:1]:
        raise ValueError(
            f"{ground.places.shape[0]} gateway sites have {ground.site_gbps.shape} rates: give one of each"
        )


def _problem(
    r_ecef_km: NDArray[np.float64],
    ground: Ground,
    mesh: Mesh,
    feeder: NDArray[np.int64],
    claim: NDArray[np.int64],
    order: int = ORDER,
    at: Look | None = None,
) -> tuple[_Problem, _Nodes]:
    """The network of nodes at an instant; feeder, claim: in units, (satellite,)."""
    up, region, seen = at or look(r_ecef_km, ground, mesh, order)
    rate = flow.units(mesh.laser_gbps)
    nodes = _nodes(region, up, rate, order)
    site = flow.units(ground.site_gbps)
    lid = np.zeros(len(nodes.part), np.int64)
    arcs_up = _arcs(len(seen.satellite))
    count = _send(seen.start, seen.satellite, nodes.of, feeder, site, lid, *arcs_up)
    links = _arcs(up.size)
    linked = _link(up, nodes.of, rate, len(nodes.part), *links)
    known = nodes.of >= 0
    asked = _by(nodes.of[known], claim[known], len(nodes.part))
    own = np.arange(len(lid), dtype=np.int32)
    return _Problem(site, _first(arcs_up, count), lid, own, _first(links, linked), asked), nodes


def _arcs(count: int) -> _Arcs:
    return _Arcs(np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int64))


def _first(arcs: _Arcs, count: int) -> _Arcs:
    return _Arcs(arcs.one[:count], arcs.other[:count], arcs.units[:count])


def _regions(r_ecef_km: NDArray[np.float64], order: int) -> NDArray[np.int32]:
    """Region that each satellite stands over, int32 (satellite,), -1 where it has no position."""
    known = np.isfinite(r_ecef_km).all(axis=0)
    region = np.full(r_ecef_km.shape[1], -1, np.int32)
    region[known] = healpix.vec2pix(2**order, *r_ecef_km[:, known], nest=True)
    return region


def _nodes(region: NDArray[np.int32], up: NDArray[np.int32], rate: NDArray[np.int64], order: int) -> _Nodes:
    of, part = np.full(len(region), -1, np.int32), np.empty(len(region), np.int32)
    count, parts = _pool(region, up, rate, 12 * 4**order, of, part)
    return _Nodes(of, part[:count].copy(), parts)


def _network(problem: _Problem) -> tuple[Network, list[slice], NDArray[np.int64]]:
    """The whole network, where its kinds of arcs stand (sites, up, lids, links, claims), and their capacities.

    Nodes: source, sink, sites, then each node, then the antennas of each.
    """
    sites, count, feeders = len(problem.site), len(problem.claim), len(problem.lid)
    place = np.arange(2, 2 + sites, dtype=np.int32)
    node = np.arange(2 + sites, 2 + sites + count, dtype=np.int32)
    antennas = np.arange(2 + sites + count, 2 + sites + count + feeders, dtype=np.int32)
    kinds = (
        (np.zeros(sites, np.int32), place, problem.site),
        (place[problem.up.one], antennas[problem.up.other], problem.up.units),
        (antennas, node[problem.of], problem.lid),
        (node[problem.links.one], node[problem.links.other], problem.links.units),
        (node, np.ones(count, np.int32), np.zeros(count, np.int64)),
    )
    tail, head, capacity = (np.concatenate([kind[k] for kind in kinds]) for k in range(3))
    edge = np.cumsum([0, *(len(kind[0]) for kind in kinds)])
    slices = [slice(a, b) for a, b in pairwise(edge.tolist())]
    back = np.zeros_like(capacity)
    back[slices[3]] = problem.links.units
    return flow.network(2 + sites + count + feeders, tail, head, capacity, back), slices, capacity


def _fed(problem: _Problem, finest: float = flow.FINEST, more: NDArray[np.int64] | None = None) -> _Flow:
    """Share out what the sites have, by claims, and what is left over to nodes that could use so much more [units], (node,)."""
    net, slices, capacity = _network(problem)
    first = 2 + len(problem.site)
    node = np.arange(first, first + len(problem.claim), dtype=np.int32)
    shares = flow.fair(net, 0, 1, node, problem.claim, net.arc[slices[4]], finest)
    served = shares.served
    if more is not None and more.any():
        claims = net.arc[slices[4]]
        net.left[claims] += more
        flow.augment(net, 0, 1)
        served = problem.claim + more - net.left[claims]
    along = flow.through(net, capacity)
    at_sites, up, lids, links, _ = (along[kind] for kind in slices)
    return _Flow(at_sites, up, lids, links, served)


def _bound(problem: _Problem, nodes: _Nodes, found: _Flow) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """What limits each node, and what it would get beyond what it has if lasers were no limit [Gbps], (node,).

    Shares are found once more with each part of the mesh one node.
    """
    claim, lid = _by(nodes.part, problem.claim, nodes.parts), _by(nodes.part, problem.lid, nodes.parts)
    ideal = _fed(replace(problem, of=nodes.part, links=_arcs(0), claim=claim))
    level = ideal.served / np.maximum(claim, 1)
    # Both levels are known to the factor FINEST alone: what is nearer is not told apart, and counts as the gateways'.
    ideal_units = level[nodes.part] * problem.claim
    by_mesh = ideal_units > flow.FINEST * found.served + 1
    bound = np.where(by_mesh, MESH, np.where(lid[nodes.part] > 0, GATEWAYS, UNREACHED))
    short = np.where(found.served < problem.claim, bound, NOTHING).astype(np.int8)
    return short, flow.gbps(np.maximum(ideal_units - found.served, 0.0))


def _by(number: NDArray[np.int32], amount: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Sums of amounts by number, from 0 to count - 1, in whole units."""
    total = np.zeros(count, np.int64)
    np.add.at(total, number, amount)
    return total


def _rooms(problem: _Problem, nodes: _Nodes, found: _Flow) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Room at the gateways of a node's part of the mesh, and on the links into it [Gbps], (node,) each."""
    spare, count = problem.site - found.site, len(problem.lid)
    up = problem.up._replace(units=np.minimum(problem.up.units - found.up, spare[problem.up.one]))
    whole = _arcs(len(up.one))
    kept = _first(whole, _gather(up, nodes.part, spare, whole))
    at_sites = _by(kept.other, kept.units, nodes.parts)
    in_lids = _by(nodes.part, np.minimum(problem.lid - found.lid, _by(up.other, up.units, count)), nodes.parts)
    one, other, most = problem.links
    into = _by(other, most - found.links, count) + _by(one, most + found.links, count)
    meshed = np.zeros(count, np.bool_)
    meshed[one] = meshed[other] = True
    return flow.gbps(np.minimum(at_sites, in_lids))[nodes.part], np.where(meshed, flow.gbps(into), np.inf)


@compiled
def _pool(region, up, rate, regions, of, part):  # type: ignore[no-untyped-def]
    """Number the nodes into `of`, and write the part of the mesh of each into `part`; returns how many nodes and parts there are.

    Parts are found by joining the ends of links that are up (union of trees, with path halving); they and the nodes are numbered in the
    order of their first satellites.
    """
    root = np.arange(len(region))
    for one in range(len(region)):
        for k in range(up.shape[1]):
            other = up[one, k]
            if other > one and rate[one] > 0 and rate[other] > 0:
                a, b = _root(root, one), _root(root, other)
                if a != b:
                    root[max(a, b)] = min(a, b)
    number, parts, count = np.full(len(region), -1, np.int64), 0, 0
    for one in range(len(region)):
        if region[one] >= 0 and _root(root, one) == one:
            number[one] = parts
            parts += 1
    node = np.full(parts * regions, -1, np.int32)
    for one in range(len(region)):
        if region[one] >= 0:
            whole = number[_root(root, one)]
            if node[whole * regions + region[one]] < 0:
                node[whole * regions + region[one]] = count
                part[count] = whole
                count += 1
            of[one] = node[whole * regions + region[one]]
    return count, parts


@compiled
def _root(root, one):  # type: ignore[no-untyped-def]
    while root[one] != one:
        root[one] = root[root[one]]
        one = root[one]
    return one


@compiled
def _send(start, satellite, of, feeder, site, lid, one, other, units):  # type: ignore[no-untyped-def]
    """Write what each site can send to each node in view, and into `lid` what antennas of a node's satellites in view take in all."""
    total, seen, count = np.zeros(len(lid), np.int64), np.zeros(len(of), np.bool_), 0
    for place in range(len(site)):
        first = count
        for k in range(start[place], start[place + 1]):
            here = satellite[k]
            node = of[here]
            if feeder[here] <= 0 or site[place] <= 0 or node < 0:
                continue
            if not seen[here]:
                seen[here] = True
                lid[node] += feeder[here]
            if total[node] == 0:
                one[count], other[count] = place, node
                count += 1
            total[node] += feeder[here]
        for k in range(first, count):
            units[k] = min(total[other[k]], site[place])
            total[other[k]] = 0
    return count


@compiled
def _gather(arcs, part, most, out):  # type: ignore[no-untyped-def]
    """Write arcs from sites to parts of the mesh: the sums of those to their nodes, each at most what the site has; returns their number."""
    total, count, k = np.zeros(len(part) + 1, np.int64), 0, 0
    while k < len(arcs.one):
        place, first = arcs.one[k], count
        while k < len(arcs.one) and arcs.one[k] == place:
            to = part[arcs.other[k]]
            if arcs.units[k] > 0:
                if total[to] == 0:
                    out.one[count], out.other[count] = place, to
                    count += 1
                total[to] += arcs.units[k]
            k += 1
        for j in range(first, count):
            out.units[j] = min(total[out.other[j]], most[place])
            total[out.other[j]] = 0
    return count


@compiled
def _link(up, of, rate, nodes, one, other, units):  # type: ignore[no-untyped-def]
    """Write links between nodes, each pair once, with the sum of the rates of its links; returns how many pairs there are."""
    last, before, count = np.full(nodes, -1, np.int32), np.empty(len(one), np.int32), 0
    for here in range(len(up)):
        for k in range(up.shape[1]):
            there = up[here, k]
            if there <= here or of[here] < 0 or of[there] < 0 or of[here] == of[there]:
                continue
            lower, higher = min(of[here], of[there]), max(of[here], of[there])
            carried = min(rate[here], rate[there])
            if carried <= 0:
                continue
            at = last[lower]
            while at >= 0 and other[at] != higher:
                at = before[at]
            if at < 0:
                at = np.int32(count)
                one[at], other[at], units[at] = lower, higher, 0
                before[at], last[lower] = last[lower], at
                count += 1
            units[at] += carried
    return count
