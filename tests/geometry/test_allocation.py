"""Sharing satellites over cells: by hand, against HiGHS, and what must hold of every program."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.geometry import certificate
from pipeline.geometry.allocation import Allocation, Lids, Runs, greedy, max_min, runs_of_edges
from tests.geometry.programs import Program, check, programs, random_program

# How much less than the greatest throughput, and than the largest level, is allowed.
LESS_FLOW, LESS_LEVEL = 0.02, 0.05
METHODS = [greedy, max_min]
Method = Callable[[Runs, Lids], Allocation]


def by_hand() -> Program:
    """Satellites A to E, lids 4, 6, 10, 10 and 0; C and D are in a group with a lid of 6. Cells 0 to 5 claim 4, 4, 6, 6, 5 and 3.

    A sees 0 and 1; B 1 and 2; C 2 and 3; D 3 and 5, which nobody else sees; E, which has nothing, 0 and 3. Cell 4 is seen by nobody.
    """
    sees = {"A": (0, 1), "B": (1, 2), "C": (2, 3), "D": (3, 5), "E": (0, 3)}
    pairs = np.array([(cell, "ABCDE".index(name)) for name, cells in sees.items() for cell in cells])
    claim, lid = np.array([4.0, 4.0, 6.0, 6.0, 5.0, 3.0]), np.array([4.0, 6.0, 10.0, 10.0, 0.0])
    return runs_of_edges(pairs[:, 0], pairs[:, 1], 5), Lids(claim, lid, np.array([-1, -1, 0, 0, -1]), np.array([6.0]))


def test_the_most_by_hand() -> None:
    # A and B may give 4 and 6, C and D 6 together, E nothing: 16 at the most. And 16 it is: A fills cell 0 with 4, B cell 1 with 4 and
    # gives cell 2 the other 2, C gives cell 2 what it lacks, 4, and D 2 to cell 5. The claims of those in view are 23: 7 are not served.
    runs, lids = by_hand()
    found = greedy(runs, lids)
    assert found.served.sum() == pytest.approx(16, rel=1e-6)
    np.testing.assert_allclose(found.load[[0, 1, 4]], [4, 6, 0], rtol=1e-6)
    assert found.group_load == pytest.approx([6])
    assert found.served[4] == 0
    check(runs, lids, found)


def test_the_fairest_by_hand() -> None:
    # Cells 3 and 5 are seen by the group alone (and by E, which has nothing): 6 of 9, so that no level above 2/3 can be. At 2/3 for all,
    # cells 0, 1 and 2 take 9.33 of the 10 of A and B, and need nothing of the group: 2/3 is the level. The group is then full; A and B
    # share the rest: 10 of 14 is 5/7, which A gives 0 (20/7) and what it has left, 8/7, cell 1, and B gives cell 1 the 12/7 that it still
    # lacks, and cell 2 the other 30/7.
    runs, lids = by_hand()
    found = max_min(runs, lids)
    assert found.level == pytest.approx(2 / 3, rel=0.005)
    parts = found.served / lids.claim
    np.testing.assert_allclose(parts, [5 / 7, 5 / 7, 5 / 7, 2 / 3, 0, 2 / 3], rtol=0.01)
    np.testing.assert_allclose(found.load[[0, 1, 4]], [4, 6, 0], rtol=1e-6)
    assert found.group_load == pytest.approx([6])
    check(runs, lids, found)


def test_the_certificates_by_hand() -> None:
    runs, lids = by_hand()
    assert certificate.most_gbps(runs, lids) == pytest.approx(16)
    assert certificate.largest_level(runs, lids) == pytest.approx(2 / 3)
    np.testing.assert_allclose(
        certificate.max_min_exact(runs, lids), [5 / 7, 5 / 7, 5 / 7, 2 / 3, np.nan, 2 / 3], rtol=1e-6
    )


@pytest.mark.parametrize("method", METHODS)
def test_enough_for_all_serves_all(method: Method) -> None:
    runs, lids = by_hand()
    ample = lids._replace(satellite=lids.satellite * 10, group=lids.group * 10)
    found = method(runs, ample)
    assert found.level == 1
    np.testing.assert_array_equal(found.served[[0, 1, 2, 3, 5]], lids.claim[[0, 1, 2, 3, 5]])
    assert found.served[4] == 0


@pytest.mark.parametrize("method", METHODS)
def test_a_group_without_anything_is_as_satellites_without(method: Method) -> None:
    runs, lids = by_hand()
    starved = method(runs, lids._replace(group=np.zeros(1)))
    np.testing.assert_array_equal(starved.served[[3, 5]], 0)
    np.testing.assert_array_equal(starved.load[2:], 0)
    # Cells 3 and 5 are seen by nobody who may give: they do not count, and the level is that of 0, 1 and 2.
    assert starved.level > 0.2
    assert method(runs, lids._replace(satellite=np.zeros(5))).level == 1


@pytest.mark.parametrize("method", METHODS)
def test_nothing_at_all_is_harmless(method: Method) -> None:
    nobody = Lids(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0))
    none = np.empty(0, np.int64)
    assert method(runs_of_edges(none, none, 0), nobody).level == 1
    unseen = method(runs_of_edges(none, none, 2), Lids(np.ones(3), np.ones(2), np.array([-1, 0], np.int64), np.ones(1)))
    assert unseen.level == 1
    assert unseen.served.sum() == 0


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=200)
@given(program=programs())
@example(program=by_hand())
def test_every_bound_is_kept_and_nothing_is_left_beside_a_lack(method: Method, program: Program) -> None:
    check(*program, method(*program))


@settings(deadline=None, max_examples=100)
@given(program=programs())
def test_small_programs_against_highs(program: Program) -> None:
    most, level = certificate.most_gbps(*program), certificate.largest_level(*program)
    given_most, fair = greedy(*program), max_min(*program)
    assert most * (1 - LESS_FLOW) - 1e-9 <= given_most.served.sum() <= most * (1 + 1e-9) + 1e-9
    assert fair.served.sum() <= most * (1 + 1e-9) + 1e-9
    assert level * (1 - LESS_LEVEL) - 1e-9 <= fair.level <= level * (1 + 1e-6) + 1e-9


@settings(deadline=None, max_examples=40)
@given(program=programs(most=5))
def test_every_cell_of_small_programs_against_repeated_programs(program: Program) -> None:
    """Not only the least level: of the claims in all, what is wrong is small."""
    runs, lids = program
    exact = certificate.max_min_exact(runs, lids)
    counted = ~np.isnan(exact)
    wrong = np.abs(max_min(runs, lids).served[counted] / lids.claim[counted] - exact[counted])
    assert (wrong * lids.claim[counted]).sum() <= 0.1 * lids.claim[counted].sum() + 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_against_flows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    runs, lids = random_program(rng, 400, 150, (0, 8)[seed % 2], (0.02, 0.05, 0.2)[seed % 3])
    lids = lids._replace(claim=lids.claim * (0.3, 1.0, 3.0, 1.5)[seed % 4])
    most, level = certificate.most_gbps(runs, lids), certificate.largest_level(runs, lids)
    given_most, fair = greedy(runs, lids), max_min(runs, lids)
    for found in (given_most, fair):
        check(runs, lids, found)
        assert (1 - LESS_FLOW) * most <= found.served.sum() <= most * (1 + 1e-6)
    assert (1 - LESS_LEVEL) * level <= fair.level <= level * (1 + 1e-6)


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=60)
@given(program=programs(), seed=st.integers(0, 1_000), factor=st.floats(1e-3, 1e3))
def test_order_and_unit_do_not_matter(method: Method, program: Program, seed: int, factor: float) -> None:
    runs, lids = program
    found = method(runs, lids)
    order = np.random.default_rng(seed).permutation(runs.satellite_count)
    pairs = [(c, k) for k, s in enumerate(order) for c in _cells_of(runs, s)]
    turned = np.array(pairs, np.int64).reshape(-1, 2)
    other_runs = runs_of_edges(turned[:, 0], turned[:, 1], runs.satellite_count)
    other = method(other_runs, lids._replace(satellite=lids.satellite[order], group_of=lids.group_of[order]))
    total = lids.claim.sum()
    assert abs(other.served.sum() - found.served.sum()) <= LESS_FLOW * total + 1e-12
    scaled = method(runs, Lids(lids.claim * factor, lids.satellite * factor, lids.group_of, lids.group * factor))
    np.testing.assert_allclose(scaled.served.sum(), found.served.sum() * factor, rtol=1e-6, atol=1e-9 * total * factor)
    if method is max_min:
        assert other.level == pytest.approx(found.level, rel=0.02, abs=1e-9)
        assert scaled.level == pytest.approx(found.level, rel=1e-6, abs=1e-9)


def _cells_of(runs: Runs, satellite: int) -> list[int]:
    own = range(runs.start[satellite], runs.start[satellite + 1])
    return [c for k in own for c in range(runs.first[k], runs.last[k])]


@settings(deadline=None, max_examples=60)
@given(program=programs(), which=st.integers(0, 30), more=st.floats(0.1, 20.0))
def test_more_of_a_lid_never_gives_less(program: Program, which: int, more: float) -> None:
    runs, lids = program
    before = greedy(runs, lids).served.sum()
    lid = np.concatenate([lids.satellite, lids.group])
    lid[which % len(lid)] += more
    raised = lids._replace(satellite=lid[: len(lids.satellite)], group=lid[len(lids.satellite) :])
    assert greedy(runs, raised).served.sum() >= before * (1 - LESS_FLOW) - 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_the_same_program_has_the_same_answer(method: Method) -> None:
    program = random_program(np.random.default_rng(1), 300, 100, 5, 0.05)
    first, again = method(*program), method(*program)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("method", METHODS)
def test_shares_that_drift_far_apart_do_no_harm(method: Method) -> None:
    """Rich and poor side by side in a chain, claims over nine orders: what nobody takes of each other stays right."""
    count = 60
    pairs = np.array([(c, s) for s in range(count) for c in range(max(s - 1, 0), min(s + 2, count))])
    lid = np.where(np.arange(count) % 20 < 10, 1e-4, 1e4)
    claim = np.where(np.arange(count) % 7 == 0, 1e-3, 1.0) * np.where(np.arange(count) % 11 == 0, 1e3, 1.0)
    runs, lids = runs_of_edges(pairs[:, 0], pairs[:, 1], count), Lids(claim, lid, np.full(count, -1), np.empty(0))
    found = method(runs, lids)
    check(runs, lids, found)
    assert found.served.sum() >= certificate.most_gbps(runs, lids) * (1 - LESS_FLOW)
    if method is max_min:
        assert found.level >= certificate.largest_level(runs, lids) * (1 - LESS_LEVEL)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"claim": np.array([1.0, 2.0])}, "sees cell 5, and there are claims of 2"),
        ({"satellite": np.ones(3)}, "runs of 5 satellites, lids of 3"),
        ({"group": np.array([-1.0])}, "below 0"),
        ({"claim": np.full(6, np.nan)}, "no number"),
        ({"group": np.empty(0)}, r"not in -1\.\.-1"),
    ],
)
def test_what_cannot_be_a_program_is_refused(change: dict[str, np.ndarray], words: str) -> None:
    runs, lids = by_hand()
    with pytest.raises(ValueError, match=words):
        greedy(runs, lids._replace(**change))
