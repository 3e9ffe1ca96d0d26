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
