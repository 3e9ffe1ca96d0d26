"""Where AI is used, against what one provider counted by country."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from scipy.stats import spearmanr

from pipeline.io import assets
from pipeline.metrics import demand

pytestmark = pytest.mark.realdata

# The provider did not serve these when it counted.
NOT_SERVED = ("CHN", "RUS", "IRN", "BLR", "PRK", "CUB", "SYR", "HKG")
CODES = {
    "Israel": "ISR", "Singapore": "SGP", "Australia": "AUS", "New_Zealand": "NZL", "South_Korea": "KOR", "Canada": "CAN",
    "Nigeria": "NGA", "India": "IND", "Indonesia": "IDN",
}  # fmt: skip


@pytest.fixture(scope="module")
def counted(shared: Path) -> dict[str, float]:
    frame = pl.read_csv(shared / "data" / "demand" / "anthropic_economic_index_key_values_2025-08.csv")
    return dict(frame.select("metric", "value").rows())


@pytest.fixture(scope="module")
def country() -> pl.DataFrame:
    facts = assets.reference("country_facts").rename(
        {"iso3": "country_iso3", "gdp_per_head_ppp_usd_2023": "gdp_per_head_ppp_usd"}
    )
    served = facts.filter(~pl.col("country_iso3").is_in(NOT_SERVED))
    return served.with_columns(pl.Series("use_fraction", demand.country_shares(served, 0.7)).fill_nan(None))


@pytest.mark.parametrize(
    ("metric", "code"), [("US_global_share", "USA"), ("India_global_share", "IND"), ("Brazil_global_share", "BRA")]
)
def test_shares_of_the_three_largest_told_are_within_a_factor_of_1_7(counted, country, metric, code):
    ours = country.filter(pl.col("country_iso3") == code)["use_fraction"].item()
    assert 1 / 1.7 < ours / (counted[metric] / 100) < 1.7


def test_use_per_head_is_in_the_order_that_was_counted(counted, country):
    per_head = dict(country.select("country_iso3", pl.col("use_fraction") / pl.col("population_count")).rows())
    order = spearmanr([counted[f"{name}_AUI"] for name in CODES], [per_head[code] for code in CODES.values()])
    print(f"rank correlation of use per head, {len(CODES)} countries: {order.statistic:.2f}")
    assert order.statistic > 0.6
