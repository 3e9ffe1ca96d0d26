"""A day's capacity from landed files to staged tables: two days of the sample on a coarse grid, with and without what it needs."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline import uncertainty
from pipeline.io import capacity, demand, dimensions, home, landing, sourced, stage
from pipeline.io.home import Home, read_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import capacity as cells
from pipeline.metrics import fleet, flow, trunk, what_if
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import sample
from tests import factory

DAY, NEXT = sample.DAY, sample.DAY + timedelta(1)
STATIONS = [("Aerzen, Germany", 52.05, 9.27), ("Conrad, Montana", 48.2, -111.9), ("Lekki, Nigeria", 6.4, 3.5), ("Adelaide, Australia", -34.9, 138.6)]  # fmt: skip
GROUND = json.dumps(
    {"stations": [{"name": n, "lat": a, "lon": o, "status": "operational", "type": "gateway"} for n, a, o in STATIONS]}
).encode()
ANTENNAS = b"gateway,antennas\nstarlink-gateway-aerzen-germany,30\nstarlink-gateway-lekki-nigeria,0\nnowhere,4\n"


def computed(to: Settings, day: date, *files: tuple[str, bytes]) -> Home:
    landing.land_bytes(to, stage.CATALOG, day, sample.catalog(day), url="synthetic:sample", synthetic=True)
    for name, content in files:
        landing.land_bytes(to, sourced.source(name), day, content, url="file:made")
    for step in (stage.parse_day, dimensions.dimensions, demand.demand_day, stage.fleet_day, stage.grid_day, capacity.capacity_day):  # fmt: skip
        step(to, day)
    return Home(to.home)


def rows(of: Home, table, day: date = DAY, **equal: str) -> pl.DataFrame:
    return read_parquet(of.staged(table, day)).filter(*(pl.col(name) == value for name, value in equal.items()))


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        factory.few_instants(patch)
        yield patch


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, monkeypatch_module: pytest.MonkeyPatch) -> Home:
    made = factory.settings(tmp_path_factory.mktemp("capacity"), order=5, step_s=3_600)
    return computed(made, DAY, ("starlink_ground", GROUND), ("gateway_antennas", ANTENNAS))


def test_every_constellation_and_cell_has_a_row_and_binding_is_never_null(day: Home):
    frame = rows(day, cells.TABLE)
    assert frame.height == 5 * 12 * 4**5
    assert frame["binding"].null_count() == 0
    assert set(frame["binding"]) <= {"demand", "beam", "satellite", "gateway", "mesh"}
    numbers = frame.select(pl.selectors.float())
    assert not numbers.select(pl.any_horizontal(pl.all().is_nan().any())).item()
    nobody = frame.filter(pl.col("demand_down_gbps") == 0)
    assert nobody["binding"].unique().to_list() == ["demand"]


def test_what_is_sold_is_the_sum_of_cells_and_no_more_than_in_service(day: Home):
    for name in ("starlink", "oneweb"):
        (one,) = rows(day, fleet.CAPACITY, constellation=name).to_dicts()
        served = rows(day, cells.TABLE, constellation=name)["served_down_gbps"].sum()
        assert one["sellable_down_tbps"] == pytest.approx(served / 1_000)
        assert 0 < one["sellable_down_tbps"] <= one["most_down_tbps"] + 1e-9 <= one["in_service_down_tbps"]
        assert one["sellable_down_p10_tbps"] <= one["sellable_down_p50_tbps"] <= one["sellable_down_p90_tbps"]
        assert 0 <= one["throughput_gap_down_fraction"] < 0.02
        assert 0 <= one["level_gap_down_fraction"] < 0.05


def test_without_a_known_gateway_nothing_is_sold_and_that_is_null_not_nought(day: Home):
    (one,) = rows(day, fleet.CAPACITY, constellation="amazon_leo").to_dicts()
    assert (one["gateway_count"], one["sellable_down_tbps"], one["sellable_down_p50_tbps"]) == (0, None, None)
    served = rows(day, cells.TABLE, constellation="amazon_leo")
    assert served["served_down_gbps"].sum() == served["supply_down_gbps"].sum() == 0
    asked = served.filter((pl.col("demand_down_gbps") > 0) & (pl.col("satellite_headroom_down_gbps") > 1))
    assert (
        asked["gateway_short_down_gbps"] > 0
    ).all()  # at instants with a satellite; at others that is what is missing
    assert set(asked["binding"]) <= {"gateway", "satellite"}
    always = asked.filter(pl.col("satellite_short_down_gbps") == 0)
    assert always["binding"].unique().to_list() == ["gateway"]


def test_an_unknown_uplink_is_null(day: Home):
    frame = rows(day, cells.TABLE, constellation="guowang")
    assert frame["served_up_gbps"].null_count() == frame["binding_up"].null_count() == frame.height
    assert rows(day, fleet.CAPACITY, constellation="guowang")["in_service_up_p50_tbps"].to_list() == [None]


def test_antennas_that_are_told_count_and_who_is_not_believed_is_named(day: Home):
    (one,) = rows(day, fleet.CAPACITY, constellation="starlink").to_dicts()
    places = read_parquet(day.staged(stage_sites(), DAY)).filter(
        (pl.col("constellation") == "starlink")
        & pl.col("kind").is_in(["gateway", "pop"])
        & (pl.col("status") == "operational")
    )
    assert one["gateway_count"] == places.height
    # Two sites have 30 and no antennas, all others the mean of 15; 25 Gbps each.
    assert one["gateway_tbps"] == pytest.approx(((places.height - 2) * 15 + 30) * 25 / 1_000)
    listed = read_parquet(day.part(EXCLUSION_TABLE, DAY, "capacity"))
    reasons = dict(listed.select("row_key", "reason").rows())
    assert "no antenna" in reasons["starlink-gateway-lekki-nigeria"]
    assert "no operational gateway" in reasons["nowhere"]
    assert any("nobody covers" in reason for reason in reasons.values())
    assert "Taiwan" in reasons  # its Internet use is estimated


def stage_sites():
    from pipeline.sources import sites

    return sites.TABLE


def test_trunks_are_there_both_ways_and_0_without_lasers(day: Home):
    frame = rows(day, trunk.TABLE)
    assert frame.height == 5 * 5 * 2
    both = frame.filter((pl.col("trunk") == "atlantic") & (pl.col("constellation") == "starlink"))
    assert (both["mesh_cut_gbps"] > 0).all()
    assert (both["transit_gbps"] >= 0).all()
    assert (both["trunk_gbps"] <= both.select(pl.min_horizontal("mesh_cut_gbps", "landing_a_gbps", "landing_b_gbps")).to_series() + 1e-6).all()  # fmt: skip
    assert frame.filter(pl.col("constellation") == "oneweb")["trunk_gbps"].sum() == 0


def test_drivers_are_ranked_and_variants_are_named(day: Home):
    frame = rows(day, what_if.DRIVER, constellation="starlink").sort("rank_number")
    assert frame["rank_number"].to_list() == list(range(1, frame.height + 1))
    assert frame["swing_tbps"].to_list() == sorted(frame["swing_tbps"], reverse=True)
    kinds = dict(frame.select("driver", "driver_kind").rows())
    assert {name for name, kind in kinds.items() if kind == "variant"} == set(uncertainty.GEOMETRY)
    assert frame["driver"][0] in ("antennas_per_site", "gateway_antenna_capacity", "gateway_sites_world")


def test_the_range_of_masks_is_not_of_a_constellation_whose_own_is_outside_it(day: Home):
    mask = rows(day, what_if.DRIVER, driver="min_elevation_user")
    assert dict(mask.select("constellation", "base_number").iter_rows())["starlink"] == 25
    assert "oneweb" not in mask["constellation"]
    assert "oneweb" in rows(day, what_if.DRIVER)["constellation"]


def test_the_first_day_has_no_waterfall_and_the_second_one_that_closes(day: Home):
    assert rows(day, what_if.FLOW).is_empty()
    home.write_parquet(day.table(fleet.CAPACITY, DAY), rows(day, fleet.CAPACITY))
    made = factory.settings(day.root.parent, order=5, step_s=3_600)
    computed(made, NEXT, ("starlink_ground", GROUND))  # without the list of antennas
    raised = {"constellation": "starlink", "step": "raised", "before_day": DAY, "in_service_change_tbps": 1.5}
    sourced.stage(day, flow.TABLE, NEXT, factory.filled(flow.TABLE, [raised], NEXT))
    capacity.capacity_day(made, NEXT)
    frame = rows(day, what_if.FLOW, NEXT, constellation="starlink")
    step = {row["capacity_step"]: row for row in frame.to_dicts()}
    now, before = (rows(day, fleet.CAPACITY, d, constellation="starlink").to_dicts()[0] for d in (NEXT, DAY))
    assert frame["sellable_change_tbps"].sum() == pytest.approx(
        now["sellable_down_tbps"] - before["sellable_down_tbps"]
    )
    assert step["raised"]["change_tbps"] == 1.5
    assert step["gateways"]["change_tbps"] == pytest.approx(now["gateway_tbps"] - before["gateway_tbps"])
    assert step["rest"]["worth_fraction"] is None
    assert frame["before_day"].unique().to_list() == [DAY]


def test_without_stations_of_starlink_its_pops_alone_feed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    factory.few_instants(monkeypatch)
    of = computed(factory.settings(tmp_path, order=3, step_s=7_200), DAY)
    (one,) = rows(of, fleet.CAPACITY, constellation="starlink").to_dicts()
    assert 0 < one["gateway_count"] < 100
    assert 0 < one["sellable_down_tbps"] <= one["gateway_tbps"]
