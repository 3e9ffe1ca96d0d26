"""Maximum flow and fair shares: against scipy's flow, a linear programme, and sums at every node."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from pipeline.geometry import flow

Arcs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]


def arcs_of(rng: np.random.Generator, nodes: int, count: int) -> Arcs:
    """Arcs anywhere, a few parallel, a few with nothing, a third of them both ways."""
    tail, head = rng.integers(0, nodes, (2, count)).astype(np.int32)
    head = np.where(head == tail, (head + 1) % nodes, head).astype(np.int32)
    capacity = rng.integers(0, 1_000, count) * (rng.uniform(size=count) < 0.9)
    back = rng.integers(0, 1_000, count) * (rng.uniform(size=count) < 0.3)
    return tail, head, capacity.astype(np.int64), back.astype(np.int64)


def both_ways(arcs: Arcs) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    tail, head, capacity, back = arcs
    return np.concatenate([tail, head]), np.concatenate([head, tail]), np.concatenate([capacity, back])


def by_scipy(nodes: int, arcs: Arcs, source: int, sink: int) -> int:
    tail, head, capacity = both_ways(arcs)
    matrix = csr_array(coo_array((capacity.astype(np.int32), (tail, head)), shape=(nodes, nodes)))
    return int(maximum_flow(matrix, source, sink).flow_value)


def out_of(nodes: int, arcs: Arcs, along: NDArray[np.int64]) -> NDArray[np.int64]:
    """What leaves each node less what enters it."""
    out = np.zeros(nodes, np.int64)
    np.add.at(out, arcs[0], along)
    np.add.at(out, arcs[1], -along)
    return out


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), nodes=st.integers(2, 40), degree=st.integers(1, 6))
def test_the_flow_is_that_of_scipy_and_of_its_cut_and_nothing_is_lost(seed: int, nodes: int, degree: int) -> None:
    arcs = arcs_of(np.random.default_rng(seed), nodes, nodes * degree)
    net = flow.network(nodes, *arcs)
    value, behind = flow.augment(net, 0, nodes - 1)
    assert value == by_scipy(nodes, arcs, 0, nodes - 1)
    tail, head, capacity = both_ways(arcs)
    assert value == capacity[~behind[tail] & behind[head]].sum()
    assert not behind[0]
    assert behind[-1]
    along = flow.through(net, arcs[2])
    assert (along <= arcs[2]).all()
    assert (along >= -arcs[3]).all()
    assert out_of(nodes, arcs, along).tolist() == [value, *[0] * (nodes - 2), -value]


@pytest.mark.parametrize(("nodes", "count"), [(2_000, 20_000), (9_500, 22_000)])
def test_large_networks_too(nodes: int, count: int) -> None:
    arcs = arcs_of(np.random.default_rng(nodes), nodes, count)
    value, _ = flow.augment(flow.network(nodes, *arcs), 0, nodes - 1)
    assert value == by_scipy(nodes, arcs, 0, nodes - 1) > 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), nodes=st.integers(3, 30))
def test_raised_capacities_complete_a_flow_as_if_it_began_anew(seed: int, nodes: int) -> None:
    rng = np.random.default_rng(seed)
    arcs = arcs_of(rng, nodes, 4 * nodes)
    more = rng.integers(0, 500, len(arcs[2]))
    net = flow.network(nodes, *arcs)
    first, _ = flow.augment(net, 0, nodes - 1)
    net.left[net.arc] += more
    second, _ = flow.augment(net, 0, nodes - 1)
    anew = flow.network(nodes, arcs[0], arcs[1], arcs[2] + more, arcs[3])
    assert first + second == flow.augment(anew, 0, nodes - 1)[0]
    assert flow.augment(net, 0, nodes - 1)[0] == 0


def test_two_runs_place_the_same_flow_on_the_same_arcs() -> None:
    arcs = arcs_of(np.random.default_rng(3), 200, 2_000)
    nets = [flow.network(200, *arcs) for _ in range(2)]
    for net in nets:
        flow.augment(net, 0, 199)
    assert (nets[0].left == nets[1].left).all()


# --- fair shares -----------------------------------------------------------------------------------------------------


def shared(nodes: int, arcs: Arcs, claim: NDArray[np.int64]) -> tuple[flow.Network, flow.Shares, Arcs]:
    """Claims of the last nodes, through a sink of its own; node 0 is the source."""
    at = np.arange(nodes - len(claim), nodes, dtype=np.int32)
    none = np.zeros(len(claim), np.int64)
    tail = np.concatenate([arcs[0], at])
    head = np.concatenate([arcs[1], np.full(len(claim), nodes, np.int32)])
    whole = tail, head, np.concatenate([arcs[2], none]), np.concatenate([arcs[3], none])
    net = flow.network(nodes + 1, *whole)
    return net, flow.fair(net, 0, nodes, at, claim, net.arc[len(arcs[0]) :]), whole


def best_level(nodes: int, arcs: Arcs, claim: NDArray[np.int64], fixed: dict[int, float]) -> float:
    """The largest level of all sinks that are not fixed, by a linear programme (HiGHS), in Gbps: it wants numbers of moderate size."""
    tail, head, capacity = both_ways(arcs)
    claim, capacity = flow.gbps(claim), flow.gbps(capacity)
    count, first = len(tail), nodes - len(claim)
    balance = np.zeros((nodes, count + 1))
    np.add.at(balance, (head, np.arange(count)), 1.0)
    np.add.at(balance, (tail, np.arange(count)), -1.0)
    wanted = np.zeros(nodes)
    for k, of in enumerate(claim):
        if k in fixed:
            wanted[first + k] = float(flow.gbps(fixed[k]))
        else:
            balance[first + k, count] = -float(of)
    limits = [(0, float(c)) for c in capacity] + [(0, 1.0)]
    found = linprog(-np.eye(count + 1)[count], A_eq=balance[1:], b_eq=wanted[1:], bounds=limits, method="highs")
    assert found.success
    return float(found.x[count])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), nodes=st.integers(4, 16), degree=st.integers(2, 4))
def test_the_least_share_is_the_largest_that_it_can_be_and_the_sum_a_maximum(
    seed: int, nodes: int, degree: int
) -> None:
    """Within the factor to which levels are told apart: 5 %."""
    rng = np.random.default_rng(seed)
    arcs = arcs_of(rng, nodes, nodes * degree)
    arcs = (*arcs[:2], arcs[2] * 2**20, arcs[3] * 2**20)
    claim = rng.integers(0, 1_200, max(nodes // 2, 1)) * np.int64(2**20)
    net, shares, whole = shared(nodes, arcs, claim)
    full = flow.network(nodes + 1, whole[0], whole[1], np.concatenate([arcs[2], claim]), whole[3])
    assert shares.served.sum() == flow.augment(full, 0, nodes)[0]
    assert (shares.served <= claim).all()
    along = flow.through(net, np.concatenate([arcs[2], claim]))
    assert out_of(nodes + 1, whole, along)[1:nodes].any() == np.bool_(False)
    assert (along[len(arcs[0]) :] == shares.served).all()
    served = shares.served[claim > 0] / claim[claim > 0]
    unreached = {k: 0.0 for k in range(len(claim)) if shares.served[k] == 0}
    if len(unreached) < len(claim):
        best = best_level(nodes, arcs, claim, unreached)
        assert served[served > 0].min() >= best / flow.FINEST - 1e-6


def levels_by_hand(nodes: int, arcs: Arcs, claim: NDArray[np.int64]) -> NDArray[np.float64]:
    """Levels of a max-min fair filling: raise all by linear programmes, and fix who cannot go above the level that all reach."""
    fixed: dict[int, float] = {k: 0.0 for k in range(len(claim)) if claim[k] == 0}
    while len(fixed) < len(claim):
        level = best_level(nodes, arcs, claim, fixed)
        free = [k for k in range(len(claim)) if k not in fixed]
        alone = {k: _alone(nodes, arcs, claim, fixed, free, level, k) for k in free}
        stuck = [k for k in free if level >= 1.0 - 1e-9 or alone[k] <= max(level, min(alone.values())) + 1e-6]
        fixed |= {k: level * claim[k] for k in stuck}
    return np.array([fixed[k] / max(claim[k], 1) for k in range(len(claim))])


def _alone(nodes: int, arcs: Arcs, claim: NDArray[np.int64], fixed: dict[int, float], free: list[int], level: float, k: int) -> float:  # fmt: skip
    """The level that one sink can get to while all other free ones stay at theirs (a hair less, for the solver's sake)."""
    others = {other: level * (1 - 1e-9) * float(claim[other]) for other in free if other != k}
    return best_level(nodes, arcs, claim, {n: v * (1 - 1e-9) for n, v in fixed.items()} | others)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), nodes=st.integers(4, 14), degree=st.integers(1, 4))
def test_every_level_is_that_of_fair_filling(seed: int, nodes: int, degree: int) -> None:
    rng = np.random.default_rng(seed)
    arcs = arcs_of(rng, nodes, nodes * degree)
    arcs = (*arcs[:2], arcs[2] * 2**20, arcs[3] * 2**20)
    claim = rng.integers(0, 1_200, min(nodes // 2, 5)) * np.int64(2**20)
    _, shares, _ = shared(nodes, arcs, claim)
    ours, theirs = shares.served / np.maximum(claim, 1), levels_by_hand(nodes, arcs, claim)
    assert (ours >= theirs / flow.FINEST - 1e-5).all()
    assert (ours <= theirs * flow.FINEST + 1e-5).all()


def test_shares_are_equal_at_one_lid_and_who_cannot_grow_holds_nobody_up() -> None:
    """A source of 60 through a lid of 30 to three that ask for 10, 20 and 90, and 25 to one that asks for 50; one is not reached."""
    tail, head = np.array([0, 1, 1, 1, 0], np.int32), np.array([1, 2, 3, 4, 5], np.int32)
    capacity = flow.units([30.0, 99.0, 99.0, 99.0, 25.0])
    _, shares, _ = shared(7, (tail, head, capacity, np.zeros(5, np.int64)), flow.units([10.0, 20.0, 90.0, 50.0, 5.0]))
    served = flow.gbps(shares.served)
    assert served[:3].sum() == pytest.approx(30.0)
    assert served[3:].tolist() == [25.0, 0.0]
    level = served[:3] / [10.0, 20.0, 90.0]
    assert level == pytest.approx(0.25, rel=flow.FINEST - 1)
    assert shares.short[[2, 3, 4, 5, 6]].tolist() == [True] * 5
    assert not shares.short[0]


def test_all_are_served_where_there_is_enough_and_none_where_there_is_nothing() -> None:
    tail, head = np.array([0, 0], np.int32), np.array([1, 2], np.int32)
    for there, expected in ((100.0, [7.0, 0.0, 9.0][::2]), (0.0, [0.0, 0.0])):
        capacity = flow.units([there, there])
        _, shares, _ = shared(3, (tail, head, capacity, np.zeros(2, np.int64)), flow.units([7.0, 9.0]))
        assert flow.gbps(shares.served).tolist() == expected


def test_rates_become_units_and_back_and_what_is_infinite_does_not_limit() -> None:
    assert flow.units([0.0, 1.0, np.inf]).tolist() == [0, 2**20, flow.UNLIMITED]
    assert flow.gbps(flow.units(96.7)) == pytest.approx(96.7, abs=1e-6)
    for wrong in (-1.0, np.nan):
        with pytest.raises(ValueError, match="is not a rate"):
            flow.units([1.0, wrong])
