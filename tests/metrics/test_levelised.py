"""Money over years, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.metrics import levelised


def test_what_is_paid_back_with_interest_is_the_sum_itself() -> None:
    # 1,000 at 7 % over 5 years: 243.89 a year (any table of annuities).
    assert 1000 * levelised.recovery(0.07, 5) == pytest.approx(243.89, abs=0.005)
    yearly = 1000 * float(levelised.recovery(0.12, 8))
    assert sum(yearly / 1.12**t for t in range(1, 9)) == pytest.approx(1000)


def test_without_interest_it_is_the_sum_over_the_years() -> None:
    assert levelised.recovery(0.0, 4) == 0.25


@pytest.mark.parametrize(("rate", "years"), [(-0.01, 5), (0.07, 0), (float("nan"), 5)])
def test_a_rate_or_life_that_cannot_be_is_refused(rate: float, years: float) -> None:
    with pytest.raises(ValueError, match="give a rate of at least 0 and a life above 0"):
        levelised.recovery(rate, years)


def test_a_month_has_interest_and_upkeep() -> None:
    assert levelised.monthly_usd(1_200, 0.0, 10, 0.05) == pytest.approx(1_200 * 0.15 / 12)


def test_a_gbps_carries_329_terabytes_in_a_month() -> None:
    assert pytest.approx(328.7e12, rel=1e-3) == levelised.BYTES_PER_GBPS_MONTH


def test_a_million_framed_tokens_cost_what_was_derived() -> None:
    # economics.csv: 300 bytes a token at 1,700 USD per Gbps-month, about 0.0016 USD a million.
    assert levelised.unit_usd(300e6, 1_700) == pytest.approx(0.0016, rel=0.05)


def test_bounds_of_a_product_add_in_quadrature() -> None:
    low, base, high = levelised.bounds(10.0, [(5.0, 10.0, 20.0), (5.0, 10.0, 20.0)])
    assert (low, base, high) == pytest.approx((10 / 2 ** np.sqrt(2), 10, 10 * 2 ** np.sqrt(2)))
    assert levelised.bounds(10.0, [(8.0, 10.0, 15.0)]) == pytest.approx((8, 10, 15))
