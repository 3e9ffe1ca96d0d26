"""What operators report: units, restatements, what is left out, and what was known on a day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import operator
from pipeline.metrics.operator import KPI, SCALES, UNITS
from pipeline.sources import operator_filings
from pipeline.table import OPERATOR_KPI
from tests import factory

DAY = date(2026, 8, 17)
SHIPPED = assets.reference("operator_kpi")
FIRST = {
    "operator": "SpaceX", "kpi_text": "subscribers", "region": "world", "period_start_day": date(2026, 6, 30), "period_end_day": date(2026, 6, 30),
    "reported_value": 11.5, "unit": "million", "filing": "10-Q of July", "filed_day": date(2026, 7, 30),
}  # fmt: skip


def filings(*changes: dict[str, Any]) -> pl.DataFrame:
    return factory.filled(
        operator_filings.TABLE, [FIRST | {"row_number": k} | change for k, change in enumerate(changes, 2)]
    )


def computed(*changes: dict[str, Any], day: date = DAY) -> tuple[pl.DataFrame, pl.DataFrame]:
    return operator.compute(SHIPPED, filings(*changes), day)


def test_every_figure_has_a_unit_that_a_list_can_say() -> None:
    assert set(UNITS) == set(OPERATOR_KPI)
    assert set(UNITS.values()) <= {base for base, _ in SCALES.values()}
    assert (UNITS["satellites_due"], UNITS["gateway_antennas"], UNITS["markets"]) == ("count", "count", "count")
    assert (UNITS["launch_contracts"], UNITS["net_debt"], UNITS["ai_research"]) == ("USD", "USD", "USD")


def test_what_ships_is_in_units_of_the_table_and_none_is_lost() -> None:
    frame, listed = computed()
    assert frame.height == SHIPPED.height
    assert listed.is_empty()
    found = {
        (row["kpi"], row["period_end_day"]): row["reported_value"]
        for row in frame.filter((pl.col("operator") == "SpaceX") & (pl.col("region") == "world")).to_dicts()
    }
    assert found["revenue", date(2025, 12, 31)] == pytest.approx(18.674e9)
    assert found["connectivity_revenue", date(2026, 3, 31)] == pytest.approx(3.26e9)
    assert found["connectivity_ebitda_margin", date(2025, 12, 31)] == pytest.approx(0.63)
    assert found["subscribers", date(2026, 3, 31)] == pytest.approx(10.3e6)
    assert not frame["is_restated"].any()


def test_what_ships_agrees_with_the_economics_that_ship() -> None:
    economics = assets.reference("economics")
    frame = operator.compute(SHIPPED, filings(), DAY)[0].filter(
        (pl.col("operator") == "SpaceX") & (pl.col("region") == "world")
    )

    def stated(item: str, date_text: str) -> float:
        row = economics.filter((pl.col("item") == item) & (pl.col("date").cast(pl.String) == date_text))
        return float(re.split(" ?/ ?", row["value"].item().replace(",", ""))[0])

    def ours(kpi: str, end: date) -> float:
        return frame.filter((pl.col("kpi") == kpi) & (pl.col("period_end_day") == end))["reported_value"].item()

    ipo = date(2026, 6, 12)
    assert ours("offering_valuation", ipo) == stated("SpaceX IPO valuation / proceeds", "2026-06-12") * 1e9 == 1.77e12
    assert ours("arpu", date(2025, 12, 31)) == stated("Starlink ARPU", "2025")
    assert ours("revenue", date(2025, 12, 31)) == pytest.approx(stated("SpaceX total revenue FY2025", "2025") * 1e9)
    assert ours("ai_revenue", date(2025, 12, 31)) == pytest.approx(
        stated("AI segment FY2025 revenue / capex / R&D", "2025") * 1e9
    )
    for end, text in (
        (date(2023, 12, 31), "2023-12"),
        (date(2024, 12, 31), "2024-12"),
        (date(2025, 12, 31), "2025-12"),
    ):
        assert ours("subscribers", end) == pytest.approx(stated("Starlink subscribers", text) * 1e6)


def test_a_restated_figure_is_kept_beside_the_one_that_restates_it() -> None:
    frame, _ = computed({}, {"reported_value": 11.2, "filing": "10-Q/A", "filed_day": date(2026, 8, 10)})
    rows = frame.filter(pl.col("period_end_day") == date(2026, 6, 30)).sort("filed_day")
    assert rows.filter(pl.col("kpi") == "subscribers").select(
        "reported_value", "is_restated", "restated_by"
    ).rows() == [
        (11.5e6, True, "10-Q/A"),
        (11.2e6, False, None),
    ]


def test_a_figure_that_is_only_repeated_is_not_restated() -> None:
    frame, _ = computed(
        {}, {"reported_value": 11_500_000.0, "unit": "count", "filing": "8-K", "filed_day": date(2026, 8, 1)}
    )
    assert not frame["is_restated"].any()


def test_the_last_of_two_that_restate_is_named_and_the_order_of_the_rows_does_not_matter() -> None:
    rows = filings(
        {},
        {"reported_value": 11.2, "filing": "10-Q/A", "filed_day": date(2026, 8, 1)},
        {"reported_value": 11.1, "filing": "10-Q/B", "filed_day": date(2026, 8, 9)},
    )
    frame, _ = operator.compute(SHIPPED, rows, DAY)
    turned, _ = operator.compute(SHIPPED[::-1], rows[::-1], DAY)
    assert frame.equals(turned)
    told = dict(frame.filter(pl.col("is_restated")).select("filing", "restated_by").rows())
    assert told == {"10-Q of July": "10-Q/B", "10-Q/A": "10-Q/B"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kpi_text": "users"}, "kpi 'users' is not known: use one of subscribers, "),
        ({"unit": "USD"}, "unit 'USD' does not measure subscribers: use count, thousand, million"),
        ({"reported_value": -1.0}, "subscribers of -1.0 cannot be below 0: correct value"),
        (
            {"kpi_text": "connectivity_ebitda_margin", "unit": "fraction"},
            "connectivity_ebitda_margin of 11.5 fraction is more than all: say percent",
        ),
        ({"unit": "furlongs"}, "unit 'furlongs' does not measure subscribers"),
        ({"period_start_day": date(2026, 7, 1)}, "its period ends before it begins: correct"),
        ({"filed_day": date(2026, 8, 18)}, "it was filed on 2026-08-18, after 2026-08-17: correct filed_day"),
        ({"filed_day": date(2026, 6, 29)}, "its period ends after it was filed: correct"),
    ],
)
def test_a_bad_row_is_left_out_with_its_line_and_the_remedy(change: dict[str, Any], reason: str) -> None:
    frame, listed = computed({}, change | {"filing": "another"})
    assert frame.height == SHIPPED.height + 1
    assert listed.select("row_number").rows() == [(3,)]
    assert listed["reason"][0].startswith(reason)


def test_a_loss_is_no_bad_row() -> None:
    loss = {"kpi_text": "connectivity_ebitda_margin", "unit": "percent", "reported_value": -5.0}
    frame, listed = computed(loss)
    assert listed.is_empty()
    assert -0.05 in frame["reported_value"].to_list()


def test_the_same_filing_twice_stands_once() -> None:
    frame, listed = computed({}, {"reported_value": 12.0})
    assert listed["reason"].str.contains("stand before it").to_list() == [True]
    assert 12e6 not in frame["reported_value"].to_list()


def test_what_is_due_may_lie_ahead_of_its_filing() -> None:
    ahead = {"kpi_text": "satellites_due", "unit": "count", "period_end_day": date(2030, 1, 1)}
    assert computed(ahead)[1].is_empty()


def test_only_what_was_filed_by_a_day_stands_on_it() -> None:
    frame, _ = computed({}, {"reported_value": 11.2, "filing": "10-Q/A", "filed_day": date(2026, 8, 10)})

    def subscribers(day: date) -> list[float]:
        rows = operator.standing(frame, day).filter(
            (pl.col("kpi") == "subscribers") & (pl.col("operator") == "SpaceX") & (pl.col("region") == "world")
        )
        return rows["reported_value"].to_list()

    assert subscribers(date(2026, 5, 19)) == [pytest.approx(9.2e6)]
    assert subscribers(date(2026, 5, 20)) == [pytest.approx(10.3e6)]
    assert subscribers(date(2026, 8, 9)) == [pytest.approx(11.5e6)]
    assert subscribers(date(2026, 8, 10)) == [pytest.approx(11.2e6)]


def test_a_month_or_a_year_counts_as_its_last_day() -> None:
    frame, _ = computed()
    days = dict(frame.select("filed_text", "filed_day").unique().rows())
    assert (days["2025-07"], days["2025"], days["2026-05-20"]) == (
        date(2025, 7, 31),
        date(2025, 12, 31),
        date(2026, 5, 20),
    )


def test_a_broken_reference_says_so() -> None:
    broken = SHIPPED.with_columns(pl.lit("percent").alias("unit"))
    with pytest.raises(ValueError, match=r"operator_kpi\.csv: .* in percent: restore"):
        operator.compute(broken, filings(), DAY)


def test_rows_have_sources_and_fit_the_table() -> None:
    frame, _ = computed()
    assert set(frame.columns) == set(KPI.column_names)
    assert SHIPPED.select(pl.col("source_title", "source_url_or_repo", "confidence", "date").is_null().sum()).row(
        0
    ) == (0, 0, 0, 0)
