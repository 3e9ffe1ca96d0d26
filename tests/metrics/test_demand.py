"""AI use: the ledger redone by hand, the world conserved down to cells and hours, and what is not known left null."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import demand
from pipeline.table import AI_WORKLOAD

DAY = date(2026, 8, 17)


@pytest.fixture(scope="module")
def reference() -> pl.DataFrame:
    return assets.reference("ai_ledger")


def country(*rows: tuple[str, float, float | None, float | None]) -> pl.DataFrame:
    names = ("country_iso3", "population_count", "internet_users_fraction", "gdp_per_head_ppp_usd")
    return pl.DataFrame(rows, schema=names, orient="row")


def cell_country(*rows: tuple[int, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=("cell_id", "country_iso3", "population_count"), orient="row")


WORLD = country(
    ("AAA", 100.0, 0.5, 10_000.0),
    ("BBB", 300.0, 0.9, 40_000.0),
    ("CCC", 50.0, None, 5_000.0),
    ("DDD", 10.0, None, None),
)
CELLS = cell_country(
    (1, "AAA", 60.0), (2, "AAA", 40.0), (2, "BBB", 300.0), (3, "CCC", 50.0), (4, "DDD", 10.0), (5, "AAA", 0.0)
)


@pytest.fixture(scope="module")
def frames(reference) -> dict[str, pl.DataFrame]:
    return demand.compute(reference, WORLD, CELLS, DAY)


def row(frame: pl.DataFrame, workload: str) -> dict[str, float]:
    return frame.row(by_predicate=pl.col("workload") == workload, named=True)


def test_all_the_worlds_tokens_are_37_gbps(reference):
    text = row(demand.ledger(reference), "text")
    assert text["payload_down_gbps"] + text["payload_up_gbps"] == pytest.approx(1e14 * 4 * 8 / 86_400 / 1e9)
    assert text["payload_down_gbps"] + text["payload_up_gbps"] == pytest.approx(37.04, abs=0.01)


def test_a_workload_of_sessions_redone_by_hand(reference):
    # 3.56 billion sessions, one in a hundred with ten minutes of video at 2.33 Mbit/s, 86 % of it up; headers add 8 %.
    minutes = 3.56e9 * 0.01 * 10
    gbps = minutes * 17_500_000 * 8 / 86_400 / 1e9
    video = row(demand.ledger(reference), "video")
    assert video["units_per_day_count"] == pytest.approx(minutes)
    assert video["payload_up_gbps"] == pytest.approx(0.86 * gbps)
    assert video["up_gbps"] == pytest.approx(0.86 * gbps * 1.08)
    assert video["down_gbps"] == pytest.approx(0.14 * gbps * 1.08)


def test_intervals_hold_their_base_and_add_in_quadrature(reference):
    rows = demand.ledger(reference)
    for layer in ("payload_", ""):
        for way in ("down", "up"):
            low, base, high = (rows[f"{layer}{way}_{bound}gbps"] for bound in ("low_", "", "high_"))
            assert (low < base).all()
            assert (base < high).all()
    text = row(rows, "text")
    factors = [(3e14 / 1e14), 5 / 4, 0.5 / 0.26]
    expected = math.exp(math.sqrt(sum(math.log(f) ** 2 for f in factors)))
    assert text["payload_up_high_gbps"] / text["payload_up_gbps"] == pytest.approx(expected)


def test_every_row_cites_its_inputs(reference):
    rows = demand.ledger(reference)
    assert rows["workload"].to_list() == list(AI_WORKLOAD)
    for workload, source in rows.select("workload", "source").rows():
        told = reference.filter(pl.col("workload") == workload)["quantity"]
        assert all(f"{quantity}: " in source for quantity in told), workload
    assert reference["source_title"].null_count() == 0


def test_a_vendors_claim_of_all_ai_traffic_is_more_than_a_hundred_times_the_sum(reference):
    claim = reference.row(by_predicate=pl.col("quantity") == "claimed_traffic", named=True)
    claimed_gbps = float(claim["value"]) * 1e18 * 8 / (30 * 86_400) / 1e9
    rows = demand.ledger(reference)
    total_gbps = rows["down_gbps"].sum() + rows["up_gbps"].sum()
    assert claimed_gbps == pytest.approx(238_000, rel=0.01)
    assert 100 < claimed_gbps / total_gbps < 140


def test_hours_of_a_day_sum_to_one_and_peak_where_and_as_told(reference):
    rows = demand.ledger(reference)
    for workload, hours in demand.hours(rows).group_by("workload"):
        known = row(rows, str(workload[0]))
        assert hours["use_fraction"].sum() == pytest.approx(1)
        assert hours["use_fraction"].max() == pytest.approx(known["busy_hour_fraction"])
        assert hours.sort("use_fraction")["solar_hour_number"][-1] == known["peak_solar_h"]


def test_a_countrys_share_is_people_by_internet_by_income_to_a_power(reference, frames):
    weight = {"AAA": 100 * 0.5 * 10_000**0.7, "BBB": 300 * 0.9 * 40_000**0.7}
    rows = frames["core.ai_country_daily"]
    for code, own in weight.items():
        found = rows.row(by_predicate=pl.col("country_iso3") == code, named=True)
        assert found["use_fraction"] == pytest.approx(own / sum(weight.values()))
        assert found["use_low_fraction"] <= found["use_fraction"] <= found["use_high_fraction"]
        assert found["missing"] is None


def test_what_is_not_known_is_null_and_says_why(frames):
    rows = frames["core.ai_country_daily"].filter(pl.col("use_fraction").is_null())
    assert rows.select("country_iso3", "missing").rows() == [
        ("CCC", "Internet use"),
        ("DDD", "Internet use, income per head"),
    ]
    assert rows["down_gbps"].null_count() == 2
    cells = frames["core.demand_daily"].filter(pl.col("cell_id").is_in([3, 4]))
    assert cells.height == 2 * len(AI_WORKLOAD)
    assert cells.select("use_fraction", "down_gbps", "busy_up_gbps").null_count().row(0) == (12, 12, 12)


def test_the_world_is_conserved_in_countries_cells_and_hours(reference, frames):
    ledger, cells = frames["core.ai_ledger_daily"], frames["core.demand_daily"]
    for name in ("down_gbps", "up_gbps"):
        assert cells[name].sum() == pytest.approx(ledger[name].sum())
        assert frames["core.ai_country_daily"][name].sum() == pytest.approx(ledger[name].sum())
    assert cells.filter(pl.col("workload") == "text")["use_fraction"].sum() == pytest.approx(1)
    assert cells["cell_id"].unique().sort().to_list() == [1, 2, 3, 4]
    busy = cells.select(pl.col("busy_down_gbps") / pl.col("down_gbps")).drop_nulls().to_series()
    assert busy.min() == pytest.approx(24 * 0.075)


def test_a_cell_has_the_shares_of_its_countries(frames):
    shares = dict(frames["core.ai_country_daily"].select("country_iso3", "use_fraction").rows())
    cell = dict(
        frames["core.demand_daily"].filter(pl.col("workload") == "text").select("cell_id", "use_fraction").rows()
    )
    assert cell[1] == pytest.approx(0.6 * shares["AAA"])
    assert cell[2] == pytest.approx(0.4 * shares["AAA"] + shares["BBB"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.filter(pl.col("quantity") != "bytes_per_unit"), "0 rows for bytes_per_unit"),
        (lambda f: pl.concat([f, f.filter(pl.col("quantity") == "sessions")]), "2 rows for sessions"),
        (lambda f: f.with_columns(pl.when(pl.col("quantity") == "up_fraction").then(0.0).otherwise("value").alias("value")), "low <= value"),
    ],
)  # fmt: skip
def test_a_ledger_that_does_not_add_up_is_refused(reference, change, words):
    with pytest.raises(demand.LedgerError, match=words):
        demand.ledger(change(reference))
