"""Scores, means, and what a change is made of."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.metrics import index

WEIGHTS = np.array([0.5, 0.3, 0.2])


def test_a_score_is_0_and_100_at_its_anchors_and_between_them_a_line() -> None:
    assert index.score([250, 145, 40, 10, 400], 250, 40).tolist() == [0, 50, 100, 100, 0]
    assert index.score([0.001, 0.3, np.sqrt(0.0003)], 0.001, 0.3, "log") == pytest.approx([0, 100, 50])
    assert index.score([0.0, -1.0], 0.001, 0.3, "log").tolist() == [0, 0]
    assert np.isnan(index.score([np.nan], 0, 1)).all()
    assert np.isnan(index.score([np.nan], 1, 10, "log")).all()


def test_the_geometric_mean_cannot_be_bought_back_and_has_a_floor() -> None:
    assert index.geometric(np.array([100.0, 100, 0]), WEIGHTS) == pytest.approx(100**0.8)
    assert index.arithmetic(np.array([100.0, 100, 0]), WEIGHTS) == pytest.approx(80)
    assert index.geometric(np.array([50.0, 50, 50]), WEIGHTS * 7) == pytest.approx(50)


def test_moving_one_weight_moves_the_index_as_the_formula_says() -> None:
    scores = np.array([80.0, 20.0, 40.0])
    base = index.geometric(scores, WEIGHTS)
    moved = index.geometric(scores, np.array([0.6, 0.2, 0.2]))
    assert np.log(moved / base) == pytest.approx(0.1 * np.log(80 / 20))


def test_drivers_add_up_to_the_change_exactly_whatever_the_order() -> None:
    rng = np.random.default_rng(4)
    now, before = rng.uniform(0, 100, (2, 9, 3))
    demand, demand_before = (part / part.sum() for part in rng.uniform(0.1, 1, (2, 9)))
    pillars, demand_part = index.drivers(now, before, demand, demand_before, WEIGHTS)
    change = index.geometric(now, WEIGHTS) @ demand - index.geometric(before, WEIGHTS) @ demand_before
    assert pillars.sum() + demand_part == pytest.approx(change, abs=1e-12)
    for order in itertools.islice(itertools.permutations(range(9)), 0, 400_000, 99_991):
        rows = np.array(order)
        again, part = index.drivers(now[rows], before[rows], demand[rows], demand_before[rows], WEIGHTS)
        assert again == pytest.approx(pillars, abs=1e-12)
        assert part == pytest.approx(demand_part, abs=1e-12)


def test_a_pillar_that_did_not_move_drives_nothing() -> None:
    before = np.array([[50.0, 60.0, 70.0], [10.0, 20.0, 30.0]])
    now = before.copy()
    now[:, 1] += 5
    demand = np.array([0.25, 0.75])
    pillars, part = index.drivers(now, before, demand, demand, WEIGHTS)
    assert pillars[[0, 2]].tolist() == [0, 0]
    assert part == 0
    assert pillars[1] > 0


def test_the_logarithmic_mean_lies_between_and_is_the_number_itself_where_both_are_equal() -> None:
    assert index.logarithmic_mean(np.array([1.0, 5.0]), np.array([np.e, 5.0])) == pytest.approx([np.e - 1, 5.0])


def test_perturbed_weights_are_the_same_always_and_lie_about_the_given_ones() -> None:
    drawn = index.perturbed_weights(WEIGHTS)
    assert np.allclose(drawn, index.perturbed_weights(WEIGHTS * 3))
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert drawn.mean(axis=0) == pytest.approx(WEIGHTS, abs=0.01)
    # variance of a Dirichlet law: w (1 - w) / (concentration + 1)
    assert drawn.var(axis=0) == pytest.approx(WEIGHTS * (1 - WEIGHTS) / 31, rel=0.15)


def test_an_order_that_no_weight_can_turn_is_firm_and_one_that_hangs_on_them_is_not() -> None:
    firm = np.array([[90.0] * 3, [50.0] * 3, [10.0] * 3])
    rho, low, high = index.rank_stability(firm, WEIGHTS)
    assert rho == 1
    assert low.tolist() == high.tolist() == [1, 2, 3]
    loose, _, _ = index.rank_stability(np.array([[90.0, 10, 50], [10.0, 90, 50], [50.0, 50, 20]]), np.full(3, 1 / 3))
    assert loose is not None
    assert loose < 0.8
    assert index.rank_stability(firm[:2], WEIGHTS)[0] is None
