"""The feed of satellites: made rings by hand, what more and less of everything does, and against a flow from satellite to satellite."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import healpix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from pipeline.geometry import feed, flow, links, points
from pipeline.geometry.feed import GATEWAYS, MESH, NOTHING, UNREACHED, Feed, Ground, Mesh
from pipeline.geometry.frames import elevation_deg

RADIUS_KM = 6_928.0


def ring(count: int = 36, tilt_deg: float = 0.0) -> NDArray[np.float64]:
    """Satellites evenly spaced on one circle over the equator, or tilted against it; (3, satellite)."""
    turn, tilt = np.radians(np.arange(count) * 360.0 / count), np.radians(tilt_deg)
    x, y = np.cos(turn), np.sin(turn)
    return RADIUS_KM * np.stack([x, y * np.cos(tilt), y * np.sin(tilt)])


def along(count: int) -> NDArray[np.int32]:
    """Links of a ring."""
    here = np.arange(count)
    none = np.full(count, -1)
    return np.stack([(here + 1) % count, (here - 1) % count, none, none], axis=1).astype(np.int32)


def ground(latitude: list[float], longitude: list[float], gbps: float | list[float], mask_deg: float = 25.0) -> Ground:
    places = points.places(np.array(latitude), np.array(longitude), np.zeros(len(latitude)))
    return Ground(places, np.broadcast_to(np.asarray(gbps, float), len(latitude)), mask_deg)


def of_ring(site: Ground, laser_gbps: float, claim: float = 1.0, feeder: float = 50.0) -> Feed:
    flat = np.ones(36)
    return feed.feed(ring(), site, Mesh(along(36), laser_gbps * flat), feeder * flat, claim * flat)


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_one_gateway_feeds_a_whole_ring_where_it_has_enough() -> None:
    found = of_ring(ground([0.0], [0.0], 100.0), 100.0)
    assert found.fed_gbps.sum() == pytest.approx(36.0)
    assert (found.bound == NOTHING).all()
    assert found.used_gateway_gbps.tolist() == [36.0]
    assert (found.node_of >= 0).all()
    own = found.fed_gbps[found.node_of[0]]
    assert found.relayed_gbps == pytest.approx(36.0 - own)
    assert found.laser_gbps > found.relayed_gbps


def test_a_gateway_of_nine_gives_each_a_quarter_and_binds() -> None:
    found = of_ring(ground([0.0], [0.0], 9.0), 100.0)
    claims = np.bincount(found.node_of)
    assert found.fed_gbps / claims == pytest.approx(0.25, rel=flow.FINEST - 1)
    assert (found.bound == GATEWAYS).all()
    assert (found.gateway_room_gbps == 0).all()
    assert (found.mesh_room_gbps > 0).all()


def test_the_feeder_of_the_satellites_in_view_is_a_lid_however_many_gateways_look_at_it() -> None:
    """One satellite alone is in view, of 5 sites with 100 Gbps each, and takes 20 Gbps in all."""
    found = of_ring(ground([0.0, 0.1, -0.1, 0.2, -0.2], [0.0] * 5, 100.0, 60.0), 100.0, feeder=20.0)
    assert found.fed_gbps.sum() == pytest.approx(20.0)
    assert (found.bound == GATEWAYS).all()


def test_weak_lasers_bind_all_but_those_over_the_gateway() -> None:
    found = of_ring(ground([0.0], [0.0], 100.0), 2.0)
    own = found.node_of[0]
    others = np.arange(len(found.fed_gbps)) != own
    assert found.bound[own] == NOTHING
    assert found.fed_gbps[others].sum() == pytest.approx(4.0)  # two links lead away from the pool
    assert (found.bound[others] == MESH).all()
    assert (found.gateway_room_gbps[others] > 0).all()
    assert (found.mesh_room_gbps[others] == 0).all()
    level = found.fed_gbps[others] / np.bincount(found.node_of)[others]
    assert level.max() / level.min() < 1.6  # one way round is a pool longer than the other


def test_cut_lasers_leave_the_bent_pipes_in_view_and_the_rest_unreached() -> None:
    site = ground([0.0], [0.0], 100.0)
    found = of_ring(site, 0.0)
    assert len(found.fed_gbps) == 36
    high = elevation_deg(ring().T, 0.0, 0.0) >= 25
    assert found.fed_gbps.tolist() == high[np.argsort(found.node_of)].astype(float).tolist()
    assert (found.bound == np.where(high, NOTHING, UNREACHED)).all()
    assert np.isinf(found.mesh_room_gbps).all()
    assert found.laser_gbps == found.relayed_gbps == 0


def test_what_is_left_over_goes_to_whoever_can_use_more() -> None:
    site, flat = ground([0.0], [0.0], 60.0), np.ones(36)
    mesh, feeder = Mesh(along(36), 100.0 * flat), 100.0 * flat
    claims = feed.feed(ring(), site, mesh, feeder, flat)
    more = feed.feed(ring(), site, mesh, feeder, flat, more_gbps=np.where(np.arange(36) == 18, 100.0, 0.0))
    assert claims.fed_gbps.sum() == pytest.approx(36.0)
    assert more.fed_gbps.sum() == pytest.approx(60.0)  # all that the site has
    far = more.node_of[18]
    assert more.fed_gbps[far] - claims.fed_gbps[far] == pytest.approx(24.0)
    rest = np.arange(len(more.fed_gbps)) != far
    np.testing.assert_array_equal(more.fed_gbps[rest], claims.fed_gbps[rest])
    assert (more.bound == NOTHING).all()


def test_the_quick_way_feeds_as_much_in_all() -> None:
    site, flat = ground([0.0, 0.0], [0.0, 90.0], [9.0, 4.0]), np.ones(36)
    mesh, feeder = Mesh(along(36), 1.5 * flat), 50.0 * flat
    whole = feed.feed(ring(), site, mesh, feeder, flat)
    node_of, fed_gbps = feed.reached(ring(), site, mesh, feeder, flat)
    np.testing.assert_array_equal(node_of, whole.node_of)
    assert fed_gbps.sum() == pytest.approx(whole.fed_gbps.sum())
    assert (fed_gbps <= np.bincount(node_of) + 1e-9).all()


def test_who_is_in_reach() -> None:
    site, flat = ground([0.0], [0.0], 9.0), np.ones(36)
    linked, cut = (feed.in_reach(ring(), site, Mesh(along(36), laser * flat), flat) for laser in (1.0, 0.0))
    assert linked.all()
    assert cut.tolist() == (elevation_deg(ring().T, 0.0, 0.0) >= 25).tolist()
    assert not feed.in_reach(ring(), ground([], [], []), Mesh(along(36), flat), flat).any()


def test_users_take_of_the_way_that_their_traffic_goes() -> None:
    """A gateway at 0 degrees feeds claims of 6 Gbps at 90 degrees east, over a quarter of a ring with lasers of 10 Gbps."""
    site, flat, east = ground([0.0], [0.0], 100.0), np.ones(36), np.arange(36) == 9
    mesh = Mesh(along(36), 10.0 * flat)
    found = feed.crossing(ring(), site, mesh, 50.0 * flat, np.where(east, 6.0, 0.0))
    here, there, beyond, far = (np.arange(36) == k for k in (0, 6, 12, 24))
    assert found.taken_gbps(here, there) == pytest.approx(6.0)
    assert found.taken_gbps(there, here) == 0.0  # nothing comes back
    assert found.taken_gbps(beyond, far) == 0.0
    assert found.taken_gbps(beyond, there) == pytest.approx(6.0)  # one way round leads over the quarter


def test_a_polar_hole_parts_rings_that_hang_together_across_planes_alone() -> None:
    """Two polar planes side by side, linked across: over 75 degrees these links are down, and what is linked there by them alone is cut off."""
    one = ring(36, 90.0)
    turn = np.radians(8.0)
    other = np.stack([one[0] * np.cos(turn) - one[1] * np.sin(turn), one[0] * np.sin(turn) + one[1] * np.cos(turn), one[2]])  # fmt: skip
    r_km, neighbour = np.hstack([one, other]), np.full((72, 4), -1, np.int32)
    neighbour[:36] = along(36)
    neighbour[:36, links.EAST], neighbour[36:, links.WEST] = np.arange(36, 72), np.arange(36)
    flat, site = np.ones(72), ground([0.0], [0.0], 500.0)
    found = feed.feed(r_km, site, Mesh(neighbour, 100 * flat), 100 * flat, flat)
    high = np.abs(r_km[2]) / RADIUS_KM > np.sin(np.radians(75.0))
    assert high[36:].sum() == 6
    unreached = found.bound[found.node_of] == UNREACHED
    assert (unreached == (high & (np.arange(72) >= 36))).all()
    assert found.fed_gbps.sum() == pytest.approx(66.0)
    open_ = feed.feed(r_km, site, Mesh(neighbour, 100 * flat, 90.0), 100 * flat, flat)
    assert open_.fed_gbps.sum() == pytest.approx(72.0)


def test_without_gateways_everything_is_zero() -> None:
    for site in (ground([], [], []), ground([0.0], [0.0], 0.0), ground([80.0], [0.0], 100.0)):
        found = of_ring(site, 100.0)
        assert found.fed_gbps.sum() == found.used_gateway_gbps.sum() == found.laser_gbps == 0
        assert (found.bound == UNREACHED).all()
        assert (found.gateway_room_gbps == 0).all()


def test_who_is_not_propagated_is_in_no_node_and_parts_the_ring() -> None:
    r_km, flat = ring(), np.ones(36)
    r_km[:, [9, 27]] = np.nan
    found = feed.feed(r_km, ground([0.0], [0.0], 100.0), Mesh(along(36), 100 * flat), 20 * flat, flat)
    assert np.flatnonzero(found.node_of < 0).tolist() == [9, 27]
    assert found.fed_gbps.sum() == pytest.approx(17.0)
    far = found.node_of[10:27]
    assert (found.bound[far] == UNREACHED).all()
    assert not set(far) & set(found.node_of[:9])


def test_nobody_at_all_is_fed_nothing() -> None:
    none = np.empty(0)
    found = feed.feed(np.empty((3, 0)), ground([0.0], [0.0], 9.0), Mesh(np.empty((0, 4), np.int32), none), none, none)
    assert len(found.fed_gbps) == len(found.bound) == 0
    assert found.used_gateway_gbps.tolist() == [0.0]


def test_lengths_that_differ_are_refused() -> None:
    r_km, flat, site = ring(), np.ones(36), ground([0.0], [0.0], 9.0)
    with pytest.raises(ValueError, match="give as many of each"):
        feed.feed(r_km, site, Mesh(along(36), flat), flat, flat[1:])
    with pytest.raises(ValueError, match="give one of each"):
        feed.feed(r_km, replace(site, site_gbps=np.ones(2)), Mesh(along(36), flat), flat, flat)


# --- more and less ---------------------------------------------------------------------------------------------------


def made(
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], Ground, Mesh, NDArray[np.float64], NDArray[np.float64]]:
    """Some shell with gaps, and gateways anywhere; claims, lids and rates at random, some none."""
    planes, places = int(rng.integers(3, 12)), int(rng.integers(8, 16))
    p, k = np.divmod(np.arange(planes * places), places)
    node, flight, tilt = 2 * np.pi * p / planes, 2 * np.pi * (k / places + p / planes / places), np.radians(60.0)
    x, y, z = np.cos(flight), np.sin(flight) * np.cos(tilt), np.sin(flight) * np.sin(tilt)
    r_km = RADIUS_KM * np.stack([x * np.cos(node) - y * np.sin(node), x * np.sin(node) + y * np.cos(node), z])
    count = len(p)
    r_km[:, rng.uniform(size=count) < 0.03] = np.nan
    laser = rng.choice([0.0, 5.0, 10.0, 20.0], count, p=[0.1, 0.3, 0.3, 0.3])
    sites = int(rng.integers(1, 12))
    site = ground(list(rng.uniform(-60, 60, sites)), list(rng.uniform(-180, 180, sites)), list(rng.uniform(0, 60, sites)), 10.0)  # fmt: skip
    return r_km, site, Mesh(links.numbered(planes, places), laser), rng.choice([0.0, 8.0, 20.0], count), rng.uniform(0, 9, count)  # fmt: skip


def exact_gbps(
    r_km: NDArray[np.float64], site: Ground, mesh: Mesh, feeder: NDArray[np.float64], claim: NDArray[np.float64], scale: float = 1_000.0
) -> float:  # fmt: skip
    """Maximum flow from satellite to satellite, by scipy: every link and every feeder by itself, in units of 1/scale Gbps."""
    sites, count = len(site.site_gbps), r_km.shape[1]
    source, sink = 2 * count + sites, 2 * count + sites + 1
    seen, up = site.sightings(np.ascontiguousarray(r_km)), mesh.up(np.ascontiguousarray(r_km))
    place = np.repeat(np.arange(sites), np.diff(seen.start))
    a, k = np.nonzero(up >= 0)
    b = up[a, k]
    known = np.flatnonzero(np.isfinite(r_km[0]))
    arcs = [
        (np.full(sites, source), 2 * count + np.arange(sites), site.site_gbps),
        (2 * count + place, count + seen.satellite, feeder[seen.satellite]),
        (count + known, known, feeder[known]),
        (a, b, np.minimum(mesh.laser_gbps[a], mesh.laser_gbps[b])),
        (known, np.full(len(known), sink), claim[known]),
    ]
    tail, head, gbps = (np.concatenate([arc[n] for arc in arcs]) for n in range(3))
    matrix = coo_array((np.rint(gbps * scale).astype(np.int32), (tail, head)), shape=(sink + 1, sink + 1))
    return float(maximum_flow(csr_array(matrix), source, sink).flow_value / scale)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_pools_are_a_relaxation_and_lids_hold(seed: int) -> None:
    r_km, site, mesh, feeder, claim = made(np.random.default_rng(seed))
    found = feed.feed(r_km, site, mesh, feeder, claim)
    known = found.node_of >= 0
    asked = np.bincount(found.node_of[known], claim[known], len(found.fed_gbps))
    assert (found.fed_gbps <= asked + 1e-6 * r_km.shape[1]).all()
    assert (found.used_gateway_gbps <= site.site_gbps + 1e-6).all()
    assert found.used_gateway_gbps.sum() == pytest.approx(found.fed_gbps.sum(), abs=1e-6)
    rounding_gbps = 1e-3 * r_km.shape[1] * 6
    exact = exact_gbps(r_km, site, mesh, feeder, claim)
    finer = feed.feed(r_km, site, mesh, feeder, claim, 4)
    assert found.fed_gbps.sum() >= exact - rounding_gbps
    assert finer.fed_gbps.sum() >= exact - rounding_gbps
    assert finer.fed_gbps.sum() <= found.fed_gbps.sum() + 1e-6  # regions of order 4 lie within those of order 2
    short = found.fed_gbps < asked - 1e-4
    assert (found.bound[short] != NOTHING).all()
    assert (found.gateway_room_gbps[found.bound == GATEWAYS] == 0).all()
    assert (found.mesh_room_gbps[found.bound == MESH] == 0).all()
    assert np.isfinite(found.gateway_room_gbps).all()
    assert (found.gateway_room_gbps >= 0).all()
    assert (found.mesh_room_gbps >= 0).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_more_sites_never_take_away_and_lasers_that_are_off_never_add(seed: int) -> None:
    r_km, site, mesh, feeder, claim = made(np.random.default_rng(seed))
    whole = feed.feed(r_km, site, mesh, feeder, claim).fed_gbps.sum()
    fewer = replace(site, places=site.places[:-1], site_gbps=site.site_gbps[:-1])
    assert feed.feed(r_km, fewer, mesh, feeder, claim).fed_gbps.sum() <= whole + 1e-6
    # Slower lasers; without any, satellites of a pool no longer share either.
    for rate in (0.5 * mesh.laser_gbps, 0 * mesh.laser_gbps):
        assert feed.feed(r_km, site, replace(mesh, laser_gbps=rate), feeder, claim).fed_gbps.sum() <= whole + 1e-6


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_enters_a_node_leaves_it(seed: int) -> None:
    r_km, site, mesh, feeder, claim = made(np.random.default_rng(seed))
    problem, nodes = feed._problem(r_km, site, mesh, flow.units(feeder), flow.units(claim))
    found = feed._fed(problem)
    balance = found.lid - found.served
    np.add.at(balance, problem.links.one, -found.links)
    np.add.at(balance, problem.links.other, found.links)
    assert not balance.any()
    assert (np.abs(found.links) <= problem.links.units).all()
    assert (found.lid <= problem.lid).all()
    assert np.bincount(problem.up.other, found.up, len(problem.lid)).tolist() == found.lid.tolist()
    assert np.bincount(problem.up.one, found.up, len(problem.site)).tolist() == found.site.tolist()
    assert len(nodes.part) == len(problem.lid)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_mesh_binds_those_who_get_more_with_lasers_without_limit(seed: int) -> None:
    """Both shares are known to the factor to which levels are told apart."""
    r_km, site, mesh, feeder, claim = made(np.random.default_rng(seed))
    found = feed.feed(r_km, site, mesh, feeder, claim)
    endless = replace(mesh, laser_gbps=np.where(mesh.laser_gbps > 0, np.inf, 0.0))
    more = feed.feed(r_km, site, endless, feeder, claim)
    assert (more.node_of == found.node_of).all()
    assert not (more.bound == MESH).any()
    factor = more.fed_gbps / np.maximum(found.fed_gbps, 1e-5)
    assert (factor[found.bound == MESH] > 1.0).all()
    assert (factor[found.bound == GATEWAYS] < flow.FINEST**3).all()
    assert (more.fed_gbps[found.bound == UNREACHED] == 0).all()


def test_all_that_can_bind_does_in_some_made_sky() -> None:
    bound = [feed.feed(*made(np.random.default_rng(seed))).bound for seed in range(20)]
    assert set(np.concatenate(bound)) == {NOTHING, GATEWAYS, MESH, UNREACHED}


def test_satellites_far_out_are_seen_too() -> None:
    site, flat = ground([0.0], [0.0], 100.0), np.ones(36)
    found = feed.feed(ring() * 2, site, Mesh(along(36), 100 * flat), 20 * flat, flat)
    assert (found.bound == NOTHING).all()


# --- the network that is fed, by plain numpy --------------------------------------------------------------------------


def summed(arcs: Any) -> dict[tuple[int, int], int]:
    """Arcs as a mapping; none is there twice."""
    found = {(int(a), int(b)): int(c) for a, b, c in zip(arcs.one, arcs.other, arcs.units, strict=True)}
    assert len(found) == len(arcs.one)
    return found


def nodes_by_hand(r_km: NDArray[np.float64], up: NDArray[np.int32], laser: NDArray[np.float64]) -> list[tuple[int, int] | None]:  # fmt: skip
    """Part of the mesh, by scipy, and region of each satellite; none where it has no position."""
    a, k = np.nonzero(up >= 0)
    b = up[a, k]
    lit = (laser[a] > 0) & (laser[b] > 0)
    graph = coo_array((np.ones(lit.sum()), (a[lit], b[lit])), shape=(len(up), len(up)))
    _, part = connected_components(graph, directed=False)
    known = np.isfinite(r_km[0])
    region = healpix.vec2pix(4, *np.where(known, r_km, 1.0), nest=True)
    return [(int(p), int(r)) if here else None for p, r, here in zip(part, region, known, strict=True)]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_nodes_and_arcs_are_those_of_plain_numpy(seed: int) -> None:
    r_km, site, mesh, feeder, claim = made(np.random.default_rng(seed))
    problem, nodes = feed._problem(r_km, site, mesh, flow.units(feeder), flow.units(claim))
    r_km = np.ascontiguousarray(r_km)
    up, seen = mesh.up(r_km), site.sightings(r_km)
    names = nodes_by_hand(r_km, up, mesh.laser_gbps)
    number: dict[tuple[int, int], int] = {}
    for name in names:
        if name is not None:
            number.setdefault(name, len(number))
    node = [-1 if name is None else number[name] for name in names]
    assert nodes.of.tolist() == node
    parts = [name[0] for name in number]
    assert nodes.parts == len(set(parts))
    assert len(set(zip(parts, nodes.part.tolist(), strict=True))) == len(set(parts))
    links_up: dict[tuple[int, int], float] = defaultdict(float)
    for a, k in zip(*np.nonzero(up > np.arange(len(up))[:, None]), strict=True):
        b, rate = up[a, k], min(mesh.laser_gbps[a], mesh.laser_gbps[up[a, k]])
        if node[a] != node[b] and rate > 0:
            links_up[min(node[a], node[b]), max(node[a], node[b])] += rate
    assert summed(problem.links) == {pair: int(flow.units(rate)) for pair, rate in links_up.items()}
    sent: dict[tuple[int, int], float] = defaultdict(float)
    lid = np.zeros(len(number))
    for k in range(len(site.site_gbps)):
        for satellite in seen.satellite[seen.start[k] : seen.start[k + 1]]:
            if feeder[satellite] > 0 and site.site_gbps[k] > 0:
                sent[k, node[satellite]] += feeder[satellite]
    in_view = {int(s) for k in np.flatnonzero(site.site_gbps > 0) for s in seen.satellite[seen.start[k] : seen.start[k + 1]]}  # fmt: skip
    for satellite in in_view:
        lid[node[satellite]] += feeder[satellite]
    assert problem.lid.tolist() == flow.units(lid).tolist()
    assert summed(problem.up) == {(k, n): int(flow.units(min(rate, site.site_gbps[k]))) for (k, n), rate in sent.items()}  # fmt: skip
    whole: dict[tuple[int, int], int] = defaultdict(int)
    for (k, n), amount in summed(problem.up).items():
        whole[k, int(nodes.part[n])] += amount
    found = feed._arcs(len(problem.up.one))
    count = feed._gather(problem.up, nodes.part, problem.site, found)
    assert summed(feed._first(found, count)) == {(k, p): min(amount, int(problem.site[k])) for (k, p), amount in whole.items()}  # fmt: skip
