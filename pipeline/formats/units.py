"""Units that lie: a column whose values are a thousand, or a million, times too small or too large for its name."""

from __future__ import annotations

import math

import polars as pl

STEP = 1000.0


def thousandfold(claimed: pl.Expr, expected: pl.Expr, within: float) -> pl.Expr:
    """Power of 1000 by which `claimed` must be multiplied to agree with `expected` (1: its unit is right); null where none does.

    Both are in the unit that the column's name says; `within` is the largest ratio, either way, that still counts as
    agreement (below the square root of 1000, or two powers would fit).
    """
    if not 1.0 < within < math.sqrt(STEP):
        raise ValueError(f"within must be above 1 and below {math.sqrt(STEP):.1f}, not {within}")
    ratio = expected / claimed
    factor = STEP ** (ratio.log() / math.log(STEP)).round()
    agrees = (ratio / factor).is_between(1.0 / within, within)
    return pl.when((claimed > 0) & (expected > 0) & agrees).then(factor)
