"""What the digest says about costs, markets, rivals and the market price."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.digest import market
from pipeline.digest.grid import Grid
from pipeline.digest.words import DASH
from tests.digest import rows

ANSWERS = rows.backbone()
CAPTIONS = {
    "costs": "What a Gbps-month costs", "scale": "Unit cost and the size of the fleet",
    "units": "What carrying AI costs, in millionths of a USD", "markets": "Underserved markets", "rivals": "Rivals side by side",
    "price": "What the market price assumes", "orbital": "Computing in orbit",
}  # fmt: skip


def grid(name: str, **answers: pl.DataFrame) -> Grid:
    return next(grid for grid in market.grids(ANSWERS | answers) if grid.caption == CAPTIONS[name])


def cells(grid: Grid, row: int) -> dict[str, str]:
    return dict(zip((heading.title for heading in grid.headings), grid.rows[row], strict=True))


def priced(*values: dict[str, Any]) -> Grid:
    return grid("price", valuation=pl.DataFrame(list(values), infer_schema_length=None))


def test_costs_have_two_digits_and_their_interval():
    fleet = cells(grid("costs"), 0)
    assert list(fleet.values()) == [
        "Starlink, all", "9,641", "17,000", "12,000 to 26,000", "290", "3,400", "1,100 to 11,000", "1,800 (cited 1,400)",
    ]  # fmt: skip


def test_a_cost_that_is_not_known_is_a_dash_and_a_plan_is_called_one():
    found = grid("costs")
    assert found.rows[1][5:] == (DASH, DASH, DASH)
    assert found.rows[2][0] == "starlink-v3 (planned)"
    assert found.note.endswith("No cost is known of Guowang.")
    assert len(found.rows) == 3


def test_the_mail_shows_the_costs_of_fleets():
    short = grid("costs").for_mail()
    assert [row[0] for row in short.rows] == ["Starlink, all", "Amazon Leo, all"]
    assert short.note.endswith("1 more row is on the page.")


def test_scale_says_which_fleet_which_gateways_and_where_it_is_cheapest():
    found = grid("scale")
    assert found.rows[0] == (
        "Today's generations, gateways as today",
        "0.25",
        "170",
        "53",
        DASH,
        "1,800",
        "1,000 to 6,100",
        "yes",
    )
    assert found.rows[1][4] == "5.8%"
    assert found.rows[2][0] == "All replaced by V3, gateways grow along"
    assert found.rows[2][-1] == "no"


def test_what_carrying_ai_costs_is_in_millionths():
    found = grid("units")
    assert found.rows[0] == ("A million tokens of text", "710", "28,000", "22", DASH, "0.14%")
    assert found.rows[1] == ("A minute of voice", "3.1", DASH, "0.095", DASH, DASH)
    assert len(found.rows) == 2  # of video nothing is known


def test_a_market_has_its_rank_with_an_interval_and_its_price():
    india, indonesia, nigeria, _ = (cells(grid("markets"), k) for k in range(4))
    assert (india["Rank, 10 to 90 %"], indonesia["Rank, 10 to 90 %"], nigeria["Rank, 10 to 90 %"]) == (
        "1",
        "2 (2 to 3)",
        "3",
    )
    assert (india["Plan"], indonesia["Plan"], nigeria["Plan"]) == ("licensed", "sold out", "sold")
    assert (nigeria["USD a month"], nigeria["Of income"], nigeria["Of them can pay at 5 %"]) == (
        "48",
        "20%",
        "2.8 million",
    )
    assert india["Of demand that can be served"] == "2.7%"


def test_a_missing_price_is_a_dash_and_never_nought():
    pakistan = cells(grid("markets"), 3)
    assert {
        pakistan[name]
        for name in ("Plan", "USD a month", "Of income", "Of them can pay at 5 %", "Of demand that can be served")
    } == {DASH}
    assert "A dash: no price is known." in grid("markets").note


def test_who_came_within_reach_is_said_first():
    note = grid("markets").note
    assert note.startswith(
        "Since 16\N{NO-BREAK SPACE}Aug 1.24 million people came within reach of Starlink, 0 fell out of it. By people"
    )


def test_nobody_moved_and_a_first_day_says_nothing_of_moves():
    still = ANSWERS["reach"].with_columns(newly_reachable_people_count=pl.lit(0.0))
    assert grid("markets", reach=still).note.startswith(
        "Since 16\N{NO-BREAK SPACE}Aug nobody came within reach of Starlink or fell out of it."
    )
    assert grid("markets", reach=rows.backbone(first=True)["reach"]).note.startswith("By people")


def test_rivals_stand_over_both_fibres():
    found = grid("rivals")
    starlink, aws = cells(found, 0), cells(found, 2)
    assert (starlink["To compute, ms"], starlink["Over the same fibre, ms"]) == ("41", "41")
    assert (aws["To compute, ms"], aws["Over the same fibre, ms"]) == ("54", "26")
    assert (starlink["Can be sold, Tbps"], starlink["USD per sold Gbps-month"]) == ("61", "3,400")
    assert set(found.rows[1][4:]) == {DASH}
    assert aws["Can be sold, Tbps"] == DASH


def test_who_is_ahead_is_said_to_hang_on_the_fibre():
    assert grid("rivals").note.startswith(
        "Who is ahead to compute hangs on the fibre: 41 ms over Starlink and 50 over the best cloud's fibre as it is known; "
        "41 ms over Starlink and 25 over the best cloud's fibre with one stretch for all. "
        "As it is known: as measured in 2020; Starlink beyond its PoP has the fixed stretch. Constellations:"
    )


def test_one_fibre_for_both_is_said_once():
    same = ANSWERS["rival"].with_columns(rtt_median_ms=pl.col("rtt_same_fibre_median_ms"))
    assert (
        "41 ms over Starlink and 25 over the best cloud's fibre, as it is known and with one stretch for all alike. As it is"
        in grid("rivals", rival=same).note
    )


def test_one_of_both_fibres_stands_alone():
    one = ANSWERS["rival"].with_columns(rtt_same_fibre_median_ms=pl.lit(None, pl.Float64))
    assert (
        "hangs on the fibre: 41 ms over Starlink and 50 over the best cloud's fibre as it is known. As it is"
        in grid("rivals", rival=one).note
    )


def test_nobody_is_said_to_be_ahead_where_one_side_is_not_known():
    rival = ANSWERS["rival"]
    for without in (
        rival.filter(pl.col("rival_kind") != "backbone"),
        rival.filter(pl.col("rival") != "starlink"),
        rival.with_columns(rtt_median_ms=pl.lit(None, pl.Float64), rtt_same_fibre_median_ms=pl.lit(None, pl.Float64)),
    ):
        assert grid("rivals", rival=without).note.startswith("Constellations:")
    no_basis = rival.with_columns(fibre_basis=pl.lit(None, pl.String))
    assert "As it is known:" not in grid("rivals", rival=no_basis).note


def test_the_market_price_is_no_advice_dated_stale_and_without_net_debt():
    found = grid("price")
    assert found.note.startswith("Not advice. At 20 times EBITDA and a margin of 63%")
    assert "10 million subscribers and 13 billion USD of connectivity revenue a year are reported." in found.note
    assert (
        "The valuation at the offering is of 12 June 2026 and stale; net debt is not known, so the market value stands for the whole."
        in found.note
    )
    assert "No quote is landed or set." in found.note


def test_a_value_is_told_whole_and_by_revenue_in_two_digits():
    found = grid("price")
    assert found.rows[0][0] == "SpaceX, by revenue, offering of 12 June 2026 (stale)"
    assert found.rows[1] == (
        "SpaceX, whole, offering of 12 June 2026 (stale)", "1,800", "2,600,000", "170,000", "140", "140", "71 to 490", "26%", "280%",
    )  # fmt: skip


def test_a_fresh_quote_with_net_debt_is_no_stale_offering():
    quote = {"priced_day": date(2026, 8, 14), "is_stale": False, "valued_as": "enterprise value"}
    found = priced(rows.valuation("whole", 1.0, "quote", **quote), rows.valuation("whole", 1.0))
    assert found.rows[0][0] == "SpaceX, whole, quote of 14 August 2026"
    assert "The quote of SpaceX is of 14 August 2026." in found.note
    assert "The valuation at the offering is of 12 June 2026 and stale" in found.note
    assert "No quote is landed" not in found.note


def test_a_stale_quote_says_so():
    found = priced(rows.valuation("whole", 1.0, "quote", priced_day=date(2026, 3, 2)))
    assert found.rows[0][0].endswith("quote of 2 March 2026 (stale)")
    assert "The quote of SpaceX is of 2 March 2026 and stale; net debt is not known" in found.note


@pytest.mark.parametrize("name", ["subscriber_count", "connectivity_revenue_usd"])
def test_what_is_not_reported_is_not_said(name: str):
    found = priced(rows.valuation("whole", 1.0, **{name: None}))
    assert "are reported" not in found.note
    assert found.note.startswith("Not advice.")


def test_what_cannot_be_attributed_is_a_dash():
    figures = (
        "attributed_usd",
        "implied_revenue_usd",
        "implied_subscriber_count",
        "implied_subscriber_low_count",
        "per_subscriber_usd",
    )
    found = priced(rows.valuation("revenue_share", 0.69, **dict.fromkeys(figures)))
    assert [found.rows[0][k] for k in (1, 3, 4, 5, 6)] == [DASH] * 5


def test_compute_in_orbit_sets_plans_beside_the_catalog():
    found = grid("orbital")
    assert found.rows == (
        ("Three-Body (Who)", "12", "12", "12 launched", DASH, "2026-06"),
        ("SpaceX AI1 (Who)", DASH, "0", DASH, DASH, "2026-06"),
    )


def test_the_mail_leaves_scale_units_and_orbit_to_the_page():
    left = {grid.caption for grid in market.grids(ANSWERS) if grid.mail_rows == 0}
    assert left == {CAPTIONS[name] for name in ("scale", "units", "orbital")}
    assert grid("markets").mail_rows == 6


def test_without_an_answer_there_is_nothing():
    assert market.grids({}) == ()
    assert market.grids({name: frame.clear() for name, frame in ANSWERS.items()}) == ()
