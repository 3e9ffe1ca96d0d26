"""What the digest says about demand."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.digest import demand
from pipeline.digest.words import DASH

TEXT = {
    "workload": "text", "units_per_day_count": 1e14, "unit": "tokens", "payload_gbps": 37.037, "down_gbps": 1_110.0, "down_low_gbps": 202.6,
    "down_high_gbps": 4_241.2, "up_gbps": 10.4, "up_low_gbps": 2.39, "up_high_gbps": 38.1, "times_to_fill_down": 557.2, "times_to_fill_up": None,
}  # fmt: skip


def test_a_workload_is_told_with_its_interval_and_how_often_the_fleet_holds_it() -> None:
    (grid,) = demand.grids({"ai": pl.DataFrame([TEXT])})
    assert grid.rows == (
        ("Text", "100 trillion tokens", "37", "1,100", "200 to 4,200", "10", "2.4 to 38", "560 times", DASH),
    )
    assert grid.note.startswith("As plain text, 100 trillion tokens a day are 37 Gbps.")
    assert "estimated" in grid.note


def test_without_text_nothing_is_said_of_tokens() -> None:
    (grid,) = demand.grids(
        {"ai": pl.DataFrame([TEXT | {"workload": "voice", "unit": "minutes", "units_per_day_count": 8.9e8}])}
    )
    assert "tokens" not in grid.note
    assert grid.rows[0][:2] == ("Voice", "890 million minutes")


@pytest.mark.parametrize("rows", [{}, {"ai": pl.DataFrame(schema={"workload": pl.String})}])
def test_no_answer_no_table(rows: dict[str, pl.DataFrame]) -> None:
    assert demand.grids(rows) == ()


def test_owners_of_compute_have_what_is_there_and_what_is_planned() -> None:
    row = {
        "owner": "unknown",
        "site_count": 2,
        "h100_equivalent_count": 1_665_387.0,
        "power_mw": 1_877.0,
        "planned_h100_equivalent_count": 0.0,
        "planned_power_mw": 12.4,
    }
    (grid,) = demand.grids({"compute": pl.DataFrame([row, row | {"owner": "xAI", "h100_equivalent_count": 62_850.0}])})
    assert grid.rows == (
        ("Not told", "2", "1.7 million", "1,877", "0", "12"),
        ("xAI", "2", "63 thousand", "1,877", "0", "12"),
    )


def test_a_price_says_of_when_it_is_and_whether_it_is_shipped() -> None:
    row = {
        "price_kind": "gpu_hour",
        "item": "H100",
        "region": "world",
        "market": "on_demand",
        "median_usd": 2.615,
        "low_usd": 2.03,
        "high_usd": 3.69,
        "of_quartiles": True,
        "provider_count": 14,
        "as_of_text": "2026-05-24",
        "price_basis": "landed",
    }
    bare = row | {
        "item": "all",
        "price_kind": "token_output",
        "low_usd": None,
        "provider_count": None,
        "price_basis": "shipped",
    }
    (grid,) = demand.grids({"price": pl.DataFrame([row, bare])})
    assert grid.rows[0] == ("H100", "per GPU and hour", "2.62", "2.03 to 3.69", "14", "2026-05-24")
    assert grid.rows[1] == ("All models", "per million tokens out", "2.62", DASH, DASH, "2026-05-24 (shipped)")
