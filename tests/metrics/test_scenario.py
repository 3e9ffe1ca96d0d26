"""Scenarios: fleets that are changed as they say and no more, and differences that have the right sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np
import polars as pl
import pytest

from pipeline.geometry.elements import mean_altitude_km, node_and_latitude_deg
from pipeline.geometry.propagation import Fleet as Sky
from pipeline.geometry.propagation import instants_of_day
from pipeline.io import assets
from pipeline.metrics import (
    access,
    cell,
    corridor,
    country_pop,
    economics,
    fleet,
    latency,
    latency_country,
    satellite,
    scenario,
    trunk,
)
from pipeline.metrics.identity import Elements
from pipeline.sources import celestrak_active, sample, sites
from pipeline.table import Column, Table
from tests import factory

DAY = sample.DAY
GENERATION = fleet.generations(assets.reference("satellite_generations"))
SHELLS = {630.0: (1156, 51.9, 34), 610.0: (1292, 42.0, 36), 590.0: (784, 33.0, 28)}  # count, inclination, planes


@pytest.fixture(scope="module")
def day() -> scenario.Fleet:
    found = celestrak_active.parse(sample.catalog(DAY)).frame
    rows, _, elements = satellite.compute([Elements("celestrak_active", found)], DAY)
    pops = [
        {"country_iso3": "DEU", "region_code": "all", "pop_code": "frntdeu1", "site_id": "starlink-frntdeu1"},
        {"country_iso3": "ATA", "region_code": "all", "pop_code": "nowhere", "site_id": None},
    ]
    return scenario.Fleet(
        DAY,
        rows,
        elements,
        GENERATION,
        sites.parse(assets.reference_bytes("sites.csv")).frame,
        factory.filled(country_pop.TABLE, pops),
        assets.reference("constellations"),
    )


def working(of: scenario.Fleet, constellation: str) -> pl.DataFrame:
    return of.satellites.filter((pl.col("constellation") == constellation) & (pl.col("state") == "operational"))


def elements_of(rows: pl.DataFrame, of: scenario.Fleet) -> pl.DataFrame:
    return rows.select("norad_cat_id").join(of.elements, on="norad_cat_id", maintain_order="left")


@pytest.mark.parametrize("one", scenario.SCENARIOS, ids=lambda one: one.name)
def test_every_scenario_leaves_whole_tables(one: scenario.Scenario, day: scenario.Fleet):
    after = one.change(day)
    for frame, table in ((after.satellites, satellite.TABLE), (after.generation, fleet.GENERATION), (after.sites, sites.TABLE), (after.country_pop, country_pop.TABLE)):  # fmt: skip
        whole = table.conform(frame)
        assert whole.select(table.key).is_unique().all()
        assert not any(whole[c.name].has_nulls() for c in table.columns if not c.nullable)
    assert after.elements["norad_cat_id"].to_list() == after.satellites["norad_cat_id"].to_list()
    assert after.elements["norad_cat_id"].is_unique().all()
    assert one.says.endswith(".")


@pytest.mark.parametrize("one", scenario.SCENARIOS, ids=lambda one: one.name)
def test_the_order_of_rows_changes_nothing(one: scenario.Scenario, day: scenario.Fleet):
    turned = replace(day, satellites=day.satellites.reverse(), elements=day.elements.sample(fraction=1.0, shuffle=True, seed=7))  # fmt: skip
    here, there = (one.change(each) for each in (day, turned))
    assert here.satellites.sort("norad_cat_id").equals(there.satellites.sort("norad_cat_id"))
    assert here.elements.sort("norad_cat_id").equals(there.elements.sort("norad_cat_id"))


def test_an_unknown_name_lists_the_names():
    with pytest.raises(scenario.ScenarioError, match=r"'moonbase'.*leo-complete, .*year-ago.*scenario list"):
        scenario.find("moonbase")


# --- Amazon Leo complete ---------------------------------------------------------------------------------------------


def test_leo_complete_is_3232_at_work_in_the_announced_shells(day: scenario.Fleet):
    after = scenario.leo_complete(day)
    rows = working(after, "amazon_leo")
    assert rows.height == 3_232 == after.satellites.filter(pl.col("constellation") == "amazon_leo").height
    assert set(rows["generation"]) == {"leo-kuiper-gen1"}
    assert rows["shell_id"].n_unique() == 3
    for altitude_km, (count, inclination_deg, planes) in SHELLS.items():
        own = rows.filter((pl.col("altitude_km") - altitude_km).abs() < 0.01)
        assert own.height == count
        assert own["inclination_deg"].to_numpy() == pytest.approx(inclination_deg)
        assert own["plane_id"].n_unique() == planes
        assert own.group_by("plane_id").len()["len"].min() >= planes - 1


def test_leo_complete_changes_nobody_else(day: scenario.Fleet):
    after = scenario.leo_complete(day)
    others = pl.col("constellation") != "amazon_leo"
    assert after.satellites.filter(others).equals(day.satellites.filter(others))
    assert after.sites.equals(day.sites)
    assert after.generation.equals(day.generation)


def test_made_elements_fly_where_they_say_all_day(day: scenario.Fleet):
    after = scenario.leo_complete(day)
    own = elements_of(working(after, "amazon_leo"), after)
    r_km, error = Sky(own).positions(instants_of_day(DAY, 7_200))
    assert not error.any()
    height_km = np.linalg.norm(r_km, axis=2) - 6378.135
    assert np.abs(height_km - mean_altitude_km(own["mean_motion_rev_per_day"].to_numpy())[:, None]).max() < 25
    highest = np.degrees(np.arcsin(np.abs(r_km[..., 2]) / np.linalg.norm(r_km, axis=2))).max(axis=1)
    assert (highest <= own["inclination_deg"].to_numpy() + 0.1).all()


def test_a_shell_that_is_not_announced_is_an_error(day: scenario.Fleet):
    announced = day.announced.filter(pl.col("shell_id") != "k2")
    with pytest.raises(scenario.ScenarioError, match=r"constellations\.csv"):
        scenario.leo_complete(replace(day, announced=announced))


def test_leo_lands_where_starlink_does_and_starlink_still_too(day: scenario.Fleet):
    after = scenario.leo_with_starlinks_places(day)
    where = ["kind", "latitude_deg", "longitude_deg", "status", "country_iso3"]
    lands = pl.col("kind").is_in(["gateway", "pop"])
    mine, theirs = (
        after.sites.filter(lands & (pl.col("constellation") == name)).sort("site_id").select(where)
        for name in ("amazon_leo", "starlink")
    )
    assert mine.equals(theirs)
    assert mine.height > 20
    assert after.sites.filter(pl.col("constellation").ne_missing("amazon_leo")).equals(day.sites)
    served = after.country_pop.filter(pl.col("site_id").str.starts_with("amazon_leo-"))
    assert served.select("country_iso3", "site_id").rows() == [("DEU", "amazon_leo-starlink-frntdeu1")]


def test_a_walker_shell_by_hand():
    shell = scenario.walker(3, 2, 1, 550.0, 53.0)
    assert shell["ra_of_asc_node_deg"].to_list() == [0, 0, 120, 120, 240, 240]
    assert shell["mean_anomaly_deg"].to_list() == [0, 180, 60, 240, 120, 300]


def test_a_shell_is_thinned_evenly_and_by_one_a_plane_at_most():
    shell = scenario.walker(8, 3, 1, 550.0, 53.0)
    left = scenario.thinned(shell, 4)
    gone = shell.join(left, on=["plane", "slot"], how="anti")
    assert gone.select("plane", "slot").rows() == [(0, 2), (2, 2), (4, 2), (6, 2)]
    assert scenario.thinned(shell, 0).equals(shell)
    with pytest.raises(scenario.ScenarioError, match="one of each"):
        scenario.thinned(shell, 9)


# --- 2,000 of the third generation -----------------------------------------------------------------------------------


def test_v3_adds_2000_terabits_and_2000_at_work(day: scenario.Fleet):
    after = scenario.v3_added(day)
    new = after.satellites.filter(pl.col("generation") == "starlink-v3")
    assert new.height == 2_000
    assert set(new["state"]) == {"operational"}
    then, now = (
        fleet.compute(of.satellites, of.generation)[fleet.CAPACITY.name].filter(pl.col("constellation") == "starlink")
        for of in (day, after)
    )
    for name in ("installed_down_tbps", "in_service_down_tbps"):
        assert now[name][0] - then[name][0] == pytest.approx(2_000)
    old = pl.col("generation") != "starlink-v3"
    assert after.satellites.filter(old).equals(day.satellites)


def test_v3_has_lasers_as_an_optimised_v2_mini_and_others_as_they_had(day: scenario.Fleet):
    assert GENERATION.filter(pl.col("generation") == "starlink-v3")["laser_count"].to_list() == [None]
    lasers = dict(scenario.v3_added(day).generation.select("generation", "laser_count").iter_rows())
    assert lasers["starlink-v3"] == lasers["starlink-v2mini-opt"] == 3
    assert lasers["oneweb-gen1"] == 0
    with pytest.raises(scenario.ScenarioError, match="satellite_generations"):
        scenario.v3_added(replace(day, generation=GENERATION.filter(pl.col("generation") != "starlink-v3")))


def test_v3_flies_in_the_planes_of_today_in_their_gaps(day: scenario.Fleet):
    after = scenario.v3_added(day)
    rows = working(after, "starlink").filter(pl.col("payload_class") == "broadband", pl.col("plane_id").is_not_null())
    new = pl.col("generation") == "starlink-v3"
    parts = rows.group_by("plane_id").agg(new.sum().alias("new"), (~new).sum().alias("old"))
    expected = parts["old"] * (2_000 / parts["old"].sum())
    assert (parts["new"] - expected).abs().max() < 1
    _, latitude_deg = node_and_latitude_deg(elements_of(rows, after), datetime.combine(DAY, time(12)))
    placed = rows.with_columns(pl.Series("at_deg", latitude_deg)).sort("plane_id", "at_deg")
    for _, own in placed.group_by("plane_id"):
        gap = np.diff(own["at_deg"].to_numpy(), append=own["at_deg"][0] + 360)
        beside = own["generation"].to_numpy() == "starlink-v3"
        assert gap[beside | np.roll(beside, -1)].min(initial=360) > 1e-6


def test_new_places_by_hand():
    plane = np.array(["a", "a", "a", "b"], object)
    behind, ahead_deg = scenario.spread(plane, np.array([100.0, 0.0, 30.0, 10.0]), 4)
    # Plane a gets 3 of 4: gaps of 30, 70 and 260 degrees; all three go into the widest, 65 degrees apart. b's gap is the whole circle.
    assert behind.tolist() == [0, 0, 0, 3]
    assert ahead_deg.tolist() == pytest.approx([65, 130, 195, 180])


def test_without_starlinks_at_work_there_is_nothing_to_add_to(day: scenario.Fleet):
    with pytest.raises(scenario.ScenarioError, match="no Starlink works"):
        scenario.v3_added(replace(day, satellites=day.satellites.filter(pl.col("constellation") != "starlink")))


# --- lasers off, a year ago ------------------------------------------------------------------------------------------


def test_lasers_off_leaves_nobody_a_laser_and_everything_else(day: scenario.Fleet):
    after = scenario.lasers_off(day)
    assert after.generation["laser_count"].to_list() == [0.0] * GENERATION.height
    assert after.generation.drop("laser_count").equals(day.generation.drop("laser_count"))
    assert after.satellites.equals(day.satellites)


def test_a_year_ago_keeps_who_was_launched_by_then(day: scenario.Fleet):
    then = DAY - timedelta(365)
    launches = [
        ("2025-900", then),
        ("2025-901", then + timedelta(1)),
        ("2024-900", None),
        ("2026-900", None),
        (None, None),
    ]
    rows = day.satellites.head(5).with_columns(
        pl.Series("launch", [name for name, _ in launches]), pl.Series("launch_day", [d for _, d in launches], pl.Date)
    )
    after = scenario.year_ago(replace(day, satellites=rows))
    assert after.satellites["launch"].to_list() == ["2025-900", "2024-900"]
    assert after.elements["norad_cat_id"].to_list() == after.satellites["norad_cat_id"].to_list()


def test_losses_since_are_told_by_generation(day: scenario.Fleet):
    then = DAY - timedelta(365)
    # Of six, two were launched by that day and not catalogued yet: one in a batch that takes a week, one in a small one that takes three days.
    batches = [*[("2024-900", then - timedelta(400))] * 3, *[("2025-900", then - timedelta(5))] * 2, ("2025-901", then - timedelta(2))]  # fmt: skip
    crowd = [("2025-900", then - timedelta(5))] * 20
    rows = day.satellites.filter(pl.col("generation") == "oneweb-gen1").head(26)
    rows = rows.with_columns(
        pl.Series(n, [b[k] for b in [*batches, *crowd]]) for k, n in enumerate(("launch", "launch_day"))
    )
    after = replace(day, satellites=rows)
    history = factory.filled(fleet.HISTORY, [{"constellation": "oneweb", "generation": "oneweb-gen1", "payload_class": "broadband", "satellite_count": 1_009, "basis": "reconstructed"}], then)  # fmt: skip
    (oneweb,) = scenario.lost_since(day, after, history)
    assert oneweb == (
        "OneWeb on 2025-05-30 (reconstructed): 1,009 satellites, 3 of them here, 1,006 lost since (oneweb-gen1 3 of 1,009); "
        "23 more here were launched by then and not catalogued yet"
    )
    (nothing,) = scenario.lost_since(day, after, history.clear())
    assert "has no 2025-05-30" in nothing


# --- differences -----------------------------------------------------------------------------------------------------

READINESS = Table("core.readiness_daily", "for tests", (Column("day", "day", "", "Day", key=True), Column("index", "text", "", "Index", key=True), Column("index_fraction", "number", "1", "Index", 0, 1, nullable=True), Column("passed", "flag", "", "Whether", nullable=True)))  # fmt: skip
TABLES = {
    t.name: t for t in (fleet.CAPACITY, trunk.TABLE, access.TABLE, latency_country.TABLE, corridor.TABLE, READINESS)
}


def capacity(**values: float | None) -> dict[str, pl.DataFrame]:
    rows = [{"constellation": "oneweb"}, {"constellation": "starlink", **values}]
    return {fleet.CAPACITY.name: factory.filled(fleet.CAPACITY, rows)}


def row(frame: pl.DataFrame, quantity: str, constellation: str | None = "starlink", about: str = "") -> dict:
    (found,) = frame.filter(pl.col("quantity") == quantity, pl.col("constellation").eq_missing(pl.lit(constellation)), pl.col("about") == about).rows(named=True)  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("real", "changed", "difference", "change"),
    [
        (100.0, 60.0, -40.0, "less"),
        (60.0, 100.0, 40.0, "more"),
        (0.1 + 0.2, 0.3, 0.0, "same"),
        (0.0, 0.0, 0.0, "same"),
        (None, 5.0, None, "appears"),
        (5.0, None, None, "vanishes"),
        (None, None, None, "unknown"),
    ],
)
def test_a_difference_is_scenario_less_real(real, changed, difference, change):
    frame = scenario.differences(
        capacity(sellable_down_p50_tbps=real), capacity(sellable_down_p50_tbps=changed), TABLES
    )
    assert frame.schema == scenario.DIFFERENCE
    told = row(frame, "sellable_down_p50_tbps")
    assert told == {"quantity": "sellable_down_p50_tbps", "constellation": "starlink", "about": "", "unit": "Tbps", "real": real, "scenario": changed, "difference": difference, "change": change}  # fmt: skip
    assert frame.filter(scenario.is_changed()).height == (change not in ("same", "unknown"))


def test_what_changed_comes_first_by_constellation():
    here, there = capacity(gateway_count=1, gateway_tbps=3.0), capacity(gateway_count=2, gateway_tbps=4.0)
    there = {fleet.CAPACITY.name: there[fleet.CAPACITY.name].with_columns(pl.col("satellite_count") + 1)}
    frame = scenario.differences(here, there, TABLES)
    changed = frame.filter(scenario.is_changed())
    assert frame.head(changed.height).equals(changed)
    assert changed.select("constellation", "quantity").rows() == [("starlink", "satellite_count"), ("starlink", "gateway_count"), ("starlink", "gateway_tbps"), ("oneweb", "satellite_count")]  # fmt: skip


def test_tables_of_later_are_compared_by_their_numbers_and_flags():
    def rows(value: float | None, passed: bool) -> dict[str, pl.DataFrame]:
        frame = factory.filled(READINESS, [{"index": "access", "index_fraction": value, "passed": passed}])
        return {READINESS.name: frame, "core.of_tomorrow": pl.DataFrame()}

    frame = scenario.differences(rows(0.4, False), rows(0.3, True), TABLES)
    assert row(frame, "index_fraction", None, "access")["difference"] == pytest.approx(-0.1)
    assert row(frame, "passed", None, "access")["change"] == "more"
    assert frame.height == 2


def test_tables_with_a_column_of_the_same_name_are_told_apart():
    def rows(at_work: int) -> dict[str, pl.DataFrame]:
        costs = {"constellation": "starlink", "generation": "all", "operational_count": at_work - 5}
        return capacity(operational_count=at_work) | {economics.TABLE.name: factory.filled(economics.TABLE, [costs])}

    frame = scenario.differences(rows(100), rows(90), TABLES | {economics.TABLE.name: economics.TABLE})
    assert frame.select(scenario.KEY).is_unique().all()
    for about, real in (("", 100), ("all", 95)):
        own = row(frame, "operational_count", about=about)
        assert (own["real"], own["scenario"]) == (real, real - 10)


def countries(**of: tuple[float, float | None]) -> dict[str, pl.DataFrame]:
    """People are 100 in each country; values are the reachable part and the delay."""
    rows = [{"constellation": "starlink", "country_iso3": code, "population_count": 100.0, "covered_fraction": 0.5, "reachable_fraction": part} for code, (part, _) in of.items()]  # fmt: skip
    ways = [{"constellation": "starlink", "country_iso3": code, "reachable_fraction": part, "rtt_pop_p50_ms": ms} for code, (part, ms) in of.items()]  # fmt: skip
    return {access.TABLE.name: factory.filled(access.TABLE, rows), latency_country.TABLE.name: factory.filled(latency_country.TABLE, ways)}  # fmt: skip


def test_the_world_is_weighted_by_people():
    near_and_far = countries(DEU=(1.0, 30.0), NGA=(0.5, 90.0))
    near_alone = countries(DEU=(1.0, 32.0), NGA=(0.0, None))
    frame = scenario.differences(near_and_far, near_alone, TABLES)
    people = row(frame, "reachable_people", about="world, by people")
    assert (people["real"], people["scenario"], people["difference"]) == (150.0, 100.0, -50.0)
    assert row(frame, "covered_people", about="world, by people")["real"] == 100.0
    all_of_them = row(frame, "rtt_pop_p50_ms", about="world, by people with a way")
    assert (all_of_them["real"], all_of_them["scenario"]) == (50.0, 32.0)  # faster, for the far are gone


def test_delay_is_told_of_the_same_people_and_instants_too():
    def day(*cells: tuple[float, float | None]) -> dict[str, pl.DataFrame]:
        rows = [{"constellation": "starlink", "cell_id": k, "reachable_fraction": part, "rtt_pop_p50_ms": ms} for k, (part, ms) in enumerate(cells)]  # fmt: skip
        people = [{"cell_id": k, "population_count": 100.0 * k} for k in range(4)]
        return {latency.TABLE.name: factory.filled(latency.TABLE, rows), cell.CELL.name: factory.filled(cell.CELL, people)}  # fmt: skip

    frame = scenario.differences(day((1, 1.0), (1, 30.0), (1, 60.0), (1, 90.0)), day((1, 1.0), (1, 32.0), (1, 62.0), (0.5, 40.0)), TABLES)  # fmt: skip
    same = row(frame, "rtt_pop_p50_ms", about=scenario.IN_BOTH)
    assert (same["real"], same["scenario"], same["change"]) == (pytest.approx(50.0), pytest.approx(52.0), "more")
    assert row(frame, "people", about=scenario.IN_BOTH)["real"] == 300.0


def test_nobody_reached_is_nought_and_no_known_gateway_is_unknown():
    frame = scenario.differences(countries(DEU=(1.0, 30.0)), countries(DEU=(None, None)), TABLES)
    assert row(frame, "reachable_people", about="world, by people")["change"] == "vanishes"
    frame = scenario.differences(countries(DEU=(1.0, 30.0)), countries(DEU=(0.0, None)), TABLES)
    assert row(frame, "reachable_people", about="world, by people")["scenario"] == 0.0


def test_corridors_that_are_faster_are_counted_and_without_lasers_there_are_none():
    def day(rows: list[dict]) -> dict[str, pl.DataFrame]:
        return countries(DEU=(1.0, 30.0)) | {corridor.TABLE.name: factory.filled(corridor.TABLE, rows)}

    way = {"constellation": "starlink", "corridor_kind": "ai", "from_id": "a", "fibre_stretched_ms": 60.0, "fibre_great_circle_ms": 46.0, "rtt_terminal_p50_ms": 70.0}  # fmt: skip
    rows = [way | {"to_id": "b", "rtt_p50_ms": 50.0}, way | {"to_id": "c", "rtt_p50_ms": 61.0}, way | {"to_id": "d", "rtt_p50_ms": 1.0, "corridor_kind": "pair"}]  # fmt: skip
    frame = scenario.differences(day(rows), day([]), TABLES)
    faster = row(frame, "corridor_faster_count", about="gateways at both ends, than fibre_stretched")
    assert (faster["real"], faster["scenario"], faster["change"]) == (1.0, 0.0, "less")
    assert row(frame, "corridor_count", about="gateways at both ends, with a way")["real"] == 2.0
    unknown = [each | {"rtt_p50_ms": None} for each in rows]
    frame = scenario.differences(day(rows), day(unknown), TABLES)
    assert (
        row(frame, "corridor_faster_count", about="gateways at both ends, than fibre_stretched")["change"] == "vanishes"
    )
