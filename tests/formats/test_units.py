"""Units that lie: a power of 1000 is found, and nothing else is called one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats import units


def factor(claimed: float | None, expected: float | None, within: float = 2.0) -> float | None:
    frame = pl.DataFrame({"c": [claimed], "e": [expected]}, schema={"c": pl.Float64, "e": pl.Float64})
    return frame.select(units.thousandfold(pl.col("c"), pl.col("e"), within)).item()


@pytest.mark.parametrize(
    ("claimed", "expected", "found"),
    [
        (332.01, 332_014.0, 1000.0),
        (332_014.0, 332_014.0, 1.0),
        (332_014_000.0, 332_014.0, 0.001),
        (1.0, 1.9e6, 1e6),
        (1.0, 2.1, None),
        (1.0, 50.0, None),
        (0.0, 1.0, None),
        (-1.0, 1000.0, None),
        (None, 1000.0, None),
        (1.0, None, None),
    ],
)
def test_the_power_of_1000_is_found_or_none(claimed: float | None, expected: float | None, found: float | None) -> None:
    assert factor(claimed, expected) == (None if found is None else pytest.approx(found))


@given(st.floats(1e-3, 1e6), st.integers(-2, 2), st.floats(0.55, 1.8))
def test_a_value_in_another_unit_comes_back(value: float, power: int, error: float) -> None:
    found = factor(value * 1000.0**power * error, value)
    assert found == pytest.approx(1000.0**-power)


@pytest.mark.parametrize("within", [1.0, 31.7])
def test_an_agreement_that_says_nothing_is_refused(within: float) -> None:
    with pytest.raises(ValueError, match="within must be"):
        factor(1.0, 1.0, within)
