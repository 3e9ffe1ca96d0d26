"""Markets: reach and its changes by hand, what is served, ranks and their intervals."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics import affordable, market, market_access, plan_price
from pipeline.table import SERVED_THRESHOLD

DAY, EARLIER = date(2026, 8, 17), date(2026, 8, 15)
MODEL = affordable.Model((0.3, 0.4, 0.5), (0.3, 0.5, 0.8), 36)
ALL_DAY = 0.995
# Two cells of one country, of which the second is shared with another; nobody lives in the third.
CELLS = pl.DataFrame(
    {
        "cell_id": [1, 2, 2, 3],
        "country_iso3": ["KEN", "KEN", "UGA", "UGA"],
        "area_fraction": [1.0, 0.5, 0.5, 1.0],
        "population_count": [30.0, 10.0, 30.0, 0.0],
    },
    schema_overrides={"cell_id": pl.UInt64},
)
COUNTRY = pl.DataFrame(
    {
        "country_iso3": ["ATA", "KEN", "UGA", "USA"],
        "country_iso2": ["AQ", "KE", "UG", "US"],
        "population_count": [0.0, 80.0, 30.0, 5.0],
        "gdp_per_head_ppp_usd": [None, 5_000.0, 2_000.0, 80_000.0],
    }
)
FRACTIONS = {"KEN": (0.5, 0.6, 0.9), "UGA": (0.9, 0.9, 0.9), "USA": (None, None, None)}


def served() -> pl.DataFrame:
    people = dict(COUNTRY.select("country_iso3", "population_count").rows())
    return pl.DataFrame(
        [
            {"country_iso3": code, "served_threshold": threshold, "people_count": people[code]}
            | dict(zip(("underserved_low_fraction", "underserved_fraction", "underserved_high_fraction"), bounds, strict=True))
            for code, bounds in FRACTIONS.items()
            for threshold in SERVED_THRESHOLD
        ]
    )  # fmt: skip


def sky(day: date, reachable: dict[int, float | None], usable: dict[int, float] | None = None) -> market.Sky:
    """A sky of Starlink over the cells, and of OneWeb, of which no gateway is known."""
    ids = {"cell_id": list(reachable)}
    usable = usable or dict.fromkeys(reachable, 1.0)
    frames = [
        pl.DataFrame(
            {"constellation": name, **ids, "reachable_fraction": values, "usable_fraction": [usable[k] for k in reachable]},
            schema_overrides={"cell_id": pl.UInt64, "reachable_fraction": pl.Float64},
        )
        for name, values in (("starlink", list(reachable.values())), ("oneweb", [None] * len(reachable)))
    ]  # fmt: skip
    rows = pl.concat(frames)
    return market.Sky(day, rows.drop("usable_fraction"), rows.drop("reachable_fraction"))


NOW = sky(DAY, {1: 1.0, 2: 0.5, 3: 1.0})
CAPACITY = pl.DataFrame(
    {
        "constellation": ["starlink"] * 3 + ["oneweb"] * 3,
        "cell_id": [1, 2, 3] * 2,
        "demand_down_gbps": [10.0, 8.0, 0.0] * 2,
        "served_down_gbps": [4.0, 2.0, 0.0] * 2,
        "supply_down_gbps": [4.0, 8.0, 99.0] * 2,
    },
    schema_overrides={"cell_id": pl.UInt64},
)
PRICES = pl.DataFrame(
    [("starlink", "KEN", 40.0, 50.0, 60.0, 36.0, 180.0, 360.0, "2026", "s", None)], schema=plan_price.SCHEMA, orient="row"
)  # fmt: skip
ACCESS = pl.DataFrame([("starlink", "KEN", "sold", "s")], schema=market_access.SCHEMA, orient="row")
RATES = pl.DataFrame({"country_iso3": ["KEN"], "download_p50_mbps": [100.0], "upload_p50_mbps": [None]}, schema_overrides={"upload_p50_mbps": pl.Float64})  # fmt: skip


def computed(
    now: market.Sky = NOW, before: market.Sky | None = None, access: pl.DataFrame = ACCESS, shuffled: bool = False
) -> pl.DataFrame:
    mixed = (lambda frame: frame.sample(fraction=1, shuffle=True, seed=7)) if shuffled else (lambda frame: frame)
    ground = market.Ground(mixed(COUNTRY), mixed(CELLS), mixed(served()))
    pays = affordable.compute(PRICES, COUNTRY, MODEL, DAY)
    offer = market.Offer(PRICES, mixed(pays), access, market.change(RATES, None, "2026-09", None))
    now = market.Sky(now.day, mixed(now.latency), mixed(now.coverage))
    return market.compute(ground, now, before, market.Network(mixed(CAPACITY), ("starlink",)), offer, MODEL, ALL_DAY)


def of(rows: pl.DataFrame, code: str, constellation: str = "starlink") -> dict[str, object]:
    own = (pl.col("country_iso3") == code) & (pl.col("constellation") == constellation)
    return rows.row(by_predicate=own, named=True)


def test_there_is_a_row_for_each_country_with_people() -> None:
    rows = computed()
    assert rows.select("constellation", "country_iso3").rows() == [
        (name, code) for name in ("oneweb", "starlink") for code in ("KEN", "UGA", "USA")
    ]


def test_people_within_reach_are_those_of_cells_with_a_path_and_a_satellite_all_day() -> None:
    kenya = of(computed(), "KEN")
    # 30 of the 40 people on cells, who stand for 80
    assert kenya["reachable_people_count"] == pytest.approx(60.0)
    assert kenya["no_fixed_line_reachable_people_count"] == pytest.approx(80 * 0.6 * 0.75)
    assert kenya["offline_low_people_count"] == pytest.approx(40.0)
    assert kenya["offline_high_people_count"] == pytest.approx(72.0)
    assert of(computed(), "UGA")["reachable_people_count"] == 0.0


@pytest.mark.parametrize(
    ("reachable", "usable", "within"), [(0.995, 0.995, 60.0), (0.994, 1.0, 0.0), (1.0, 0.994, 0.0)]
)
def test_both_a_path_and_a_usable_satellite_are_needed_for_all_of_the_day_but_seven_minutes(
    reachable: float, usable: float, within: float
) -> None:
    now = sky(DAY, {1: reachable, 2: 0.0, 3: 1.0}, {1: usable, 2: 1.0, 3: 1.0})
    assert of(computed(now), "KEN")["reachable_people_count"] == pytest.approx(within)


def test_where_no_gateway_is_known_nothing_is_said() -> None:
    row = of(computed(before=NOW), "KEN", "oneweb")
    for name in ("reachable", "newly_reachable", "reachable_before", "offline_reachable", "affordable_market"):
        assert row[f"{name}_people_count"] is None
    assert row["rank_number"] is None
    assert row["served_down_gbps"] is row["utilisation_fraction"] is row["served_fraction"] is None
    assert row["demand_down_gbps"] is not None


def test_on_a_first_day_nothing_is_new() -> None:
    kenya = of(computed(), "KEN")
    assert (
        kenya["before_day"] is kenya["newly_reachable_people_count"] is kenya["reachable_before_people_count"] is None
    )


def test_who_is_newly_and_no_longer_within_reach() -> None:
    kenya = of(computed(before=sky(EARLIER, {1: 0.9, 2: 1.0, 3: 1.0})), "KEN")
    assert kenya["before_day"] == EARLIER
    assert kenya["reachable_before_people_count"] == pytest.approx(20.0)
    assert kenya["newly_reachable_people_count"] == pytest.approx(60.0)
    assert kenya["newly_unreachable_people_count"] == pytest.approx(20.0)


def test_a_day_of_another_grid_is_not_compared() -> None:
    kenya = of(computed(before=sky(EARLIER, {1: 1.0, 2: 1.0})), "KEN")
    assert kenya["reachable_people_count"] == pytest.approx(60.0)
    assert kenya["newly_reachable_people_count"] is None


def test_a_day_without_known_gateways_is_not_compared() -> None:
    kenya = of(computed(before=sky(EARLIER, {1: None, 2: None, 3: None})), "KEN")
    assert kenya["newly_reachable_people_count"] is kenya["reachable_before_people_count"] is None


def test_a_shared_cell_is_divided_by_its_people() -> None:
    rows = computed()
    kenya, uganda = of(rows, "KEN"), of(rows, "UGA")
    # Of the second cell's people 20 of 50 are Kenya's by the cells' own counts: 10 of 40.
    assert kenya["demand_down_gbps"] == pytest.approx(10 + 8 * 0.25)
    assert kenya["served_down_gbps"] == pytest.approx(4 + 2 * 0.25)
    assert kenya["utilisation_fraction"] == pytest.approx(4.5 / (4 + 8 * 0.25))
    assert kenya["served_fraction"] == pytest.approx(4.5 / 12)
    assert uganda["utilisation_fraction"] == pytest.approx(0.25)


def test_prices_are_of_income_in_dollars_and_at_parity() -> None:
    kenya = of(computed(), "KEN")
    assert kenya["cost_usd_per_month"] == 55.0
    assert kenya["price_of_ppp_income_fraction"] == pytest.approx(55 / (5_000 / 12))
    assert kenya["price_of_income_fraction"] == pytest.approx(55 / (5_000 / 12 / 4))
    part = kenya["affordable_5pct_people_count"] / 80  # type: ignore[operator]
    assert kenya["affordable_market_people_count"] == pytest.approx(80 * 0.6 * 0.75 * part)
    uganda = of(computed(), "UGA")
    for name in ("plan_price_usd_per_month", "cost_usd_per_month", "price_of_income_fraction", "affordable_5pct_people_count", "affordable_rank_number"):  # fmt: skip
        assert uganda[name] is None


def test_the_order_of_rows_changes_nothing() -> None:
    before = sky(EARLIER, {1: 0.9, 2: 1.0, 3: 1.0})
    here, there = computed(before=before), computed(before=before, shuffled=True)
    numbers = [name for name, kind in here.schema.items() if kind == pl.Float64]
    assert here.drop(numbers).equals(there.drop(numbers))
    for name in numbers:
        assert here[name].fill_null(-1).to_list() == pytest.approx(there[name].fill_null(-1).to_list())


def test_a_banned_market_is_not_ranked_and_others_move_up() -> None:
    here = of(computed(sky(DAY, {1: 1.0, 2: 1.0, 3: 1.0})), "UGA")
    banned = pl.DataFrame([("starlink", "KEN", "banned", "s")], schema=market_access.SCHEMA, orient="row")
    rows = computed(sky(DAY, {1: 1.0, 2: 1.0, 3: 1.0}), access=banned)
    assert (here["rank_number"], of(rows, "UGA")["rank_number"]) == (2, 1)
    assert of(rows, "KEN")["rank_number"] is of(rows, "KEN")["affordable_rank_number"] is None
    assert of(rows, "USA")["rank_number"] is None  # its lines are not known


def test_ranks_by_hand() -> None:
    values = np.array([[5.0, 9.0, 5.0], [1.0, 2.0, 3.0]])
    assert market.ranks(values).tolist() == [[2, 1, 3], [3, 2, 1]]


def markets(*rows: tuple[str, float, float, float]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["country_iso3", "market_low", "market", "market_high"], orient="row")
    return frame.with_columns(pl.lit("starlink").alias("constellation"))


def test_markets_that_may_change_places_say_so() -> None:
    found = market._places(markets(("AAA", 1, 50, 100), ("BBB", 1, 49, 100), ("CCC", 1e6, 1e6, 1e6)), "market", "rank")
    assert found.sort("country_iso3").select(pl.exclude("constellation")).rows() == [
        ("AAA", 2, 2, 3),
        ("BBB", 2, 3, 3),
        ("CCC", 1, 1, 1),
    ]


def test_of_equal_markets_that_which_may_be_larger_comes_first() -> None:
    found = market._places(markets(("AAA", 0, 0, 1), ("BBB", 0, 0, 9), ("CCC", 0, 0, 1)), "market", "rank")
    assert dict(found.select("country_iso3", "rank_number").rows()) == {"BBB": 1, "AAA": 2, "CCC": 3}


@given(st.lists(st.tuples(*[st.floats(0, 1e9)] * 3).map(sorted), min_size=1, max_size=12))
def test_ranks_are_a_permutation_within_their_intervals(bounds: list[list[float]]) -> None:
    rows = markets(*((f"C{k:02d}", *each) for k, each in enumerate(bounds)))  # type: ignore[misc]
    found = market._places(rows, "market", "rank")
    assert sorted(found["rank_number"]) == list(range(1, len(bounds) + 1))
    assert (found["rank_low_number"] <= found["rank_number"]).all()
    assert (found["rank_number"] <= found["rank_high_number"]).all()
    assert found["rank_high_number"].max() <= len(bounds)  # type: ignore[operator]
    again = market._places(rows.reverse(), "market", "rank")
    assert found.sort("country_iso3").equals(again.sort("country_iso3"))


def test_a_change_of_rates_is_against_the_earlier_month() -> None:
    now = pl.DataFrame(
        {
            "country_iso3": ["KEN", "UGA", "USA"],
            "download_p50_mbps": [80.0, 50.0, 9.0],
            "upload_p50_mbps": [12.0, None, 1.0],
        }
    )
    before = pl.DataFrame(
        {"country_iso3": ["KEN", "UGA"], "download_p50_mbps": [100.0, 0.0], "upload_p50_mbps": [10.0, 5.0]}
    )
    rows = {
        row["country_iso3"]: row for row in market.change(now, before, "landed b", "landed a").iter_rows(named=True)
    }
    assert rows["KEN"]["measured_down_change_fraction"] == pytest.approx(-0.2)
    assert rows["KEN"]["measured_up_change_fraction"] == pytest.approx(0.2)
    assert (rows["KEN"]["measured_as_of_text"], rows["KEN"]["measured_before_text"]) == ("landed b", "landed a")
    assert rows["UGA"]["measured_down_change_fraction"] is rows["UGA"]["measured_up_change_fraction"] is None
    assert rows["USA"]["measured_before_text"] is None
    alone = market.change(now, None, "2026-09", None)
    assert alone["measured_down_change_fraction"].null_count() == alone["measured_before_text"].null_count() == 3
