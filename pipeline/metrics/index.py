"""How an index is made of pillars: scores by anchors, weighted means, what a change is made of, and how firm its order is.

Scores run from 0 to 100 between two anchors, linearly or in the logarithm. An index is the geometric mean of scores, so that a missing pillar
cannot be bought back by another: no score counts less than FLOOR. A change of a weighted sum of such indices splits exactly into its
drivers by logarithmic means (Ang, B. W., 2004: LMDI I, additive), in any order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FLOOR = 1.0
CONCENTRATION, DRAWS, SEED = 30.0, 512, 20_260_713
Floats = NDArray[np.float64]


def score(measure: ArrayLike, at_zero: float, at_hundred: float, scale: str = "linear") -> Floats:
    """Score of measures, 0 at one anchor and 100 at the other and beyond them; not a number where a measure is none.

    scale: linear, or log, whose anchors are above 0; a measure of 0 or less then has 0.
    """
    value = np.asarray(measure, np.float64)
    low, high = at_zero, at_hundred
    if scale == "log":
        value = np.log(np.where(np.isnan(value), np.nan, np.maximum(value, 1e-12)))
        low, high = float(np.log(low)), float(np.log(high))
    return np.asarray(np.clip((value - low) / (high - low), 0.0, 1.0) * 100, np.float64)


def geometric(scores: Floats, weights: Floats) -> Floats:
    """Weighted geometric mean over the last axis, (..., pillar); weights (pillar,) or of the shape of scores, which need not sum to 1."""
    return np.asarray(
        np.exp((np.log(np.maximum(scores, FLOOR)) * weights).sum(axis=-1) / weights.sum(axis=-1)), np.float64
    )


def arithmetic(scores: Floats, weights: Floats) -> Floats:
    """Weighted arithmetic mean over the last axis, as `geometric`."""
    return np.asarray((scores * weights).sum(axis=-1) / weights.sum(axis=-1), np.float64)


def logarithmic_mean(a: Floats, b: Floats) -> Floats:
    """(a - b) / (ln a - ln b), a where both are equal; of positive numbers."""
    ratio = np.log(a / b)
    near = np.abs(ratio) < 1e-9
    return np.asarray(np.where(near, (a + b) / 2, (a - b) / np.where(near, 1.0, ratio)), np.float64)


def drivers(
    now: Floats, before: Floats, demand: Floats, demand_before: Floats, weights: Floats
) -> tuple[Floats, float]:
    """What a change of the demand-weighted mean of indices is made of: of each pillar (pillar,), and of demand.

    now, before: scores (place, pillar). demand: parts of all demand, (place,) each, positive; each sums to 1. Pillars and demand add up to the
    change exactly.
    """
    index, index_before = geometric(now, weights), geometric(before, weights)
    mean = logarithmic_mean(demand * index, demand_before * index_before)
    part = weights / weights.sum()
    logs = np.log(np.maximum(now, FLOOR) / np.maximum(before, FLOOR))
    return (mean[:, None] * logs * part).sum(axis=0), float((mean * np.log(demand / demand_before)).sum())


def perturbed_weights(weights: Floats, count: int = DRAWS) -> Floats:
    """Weights about the given ones, by a Dirichlet law of CONCENTRATION, the same ones always, (draw, pillar)."""
    return np.random.default_rng(SEED).dirichlet(CONCENTRATION * weights / weights.sum(), count)


def ranks(values: Floats) -> Floats:
    """Ranks along the last axis, 1 for the greatest; equal ones by their place."""
    order = np.argsort(-values, axis=-1, kind="stable")
    found = np.empty(values.shape)
    np.put_along_axis(found, order, np.broadcast_to(np.arange(1.0, values.shape[-1] + 1), order.shape), axis=-1)
    return found


def rank_stability(scores: Floats, weights: Floats) -> tuple[float | None, Floats, Floats]:
    """How firm the order of places is under perturbed weights: mean rank correlation (Spearman) with the order by the given ones, and the
    10th and 90th percentile of each place's rank, (place,). None below three places."""
    base = ranks(geometric(scores, weights))
    drawn = ranks(geometric(scores[None], perturbed_weights(weights)[:, None, :]))
    low, high = np.quantile(drawn, (0.1, 0.9), axis=0)
    count = len(base)
    if count < 3:
        return None, low, high
    rho = 1 - 6 * ((drawn - base) ** 2).sum(axis=1) / (count * (count**2 - 1))
    return float(rho.mean()), low, high
