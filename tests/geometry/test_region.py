"""Regions by coordinates."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.geometry.region import OUTLINES, region_number
from pipeline.io import assets
from pipeline.table import REGION

# Both sides of every strait and isthmus where continents nearly touch.
PLACES = {
    "europe": [(51.5, -0.1), (64.1, -21.9), (36.14, -5.35), (36.84, -2.46), (37.98, 12.5), (35.9, 14.5), (35.0, 25.74), (36.44, 28.22), (41.01, 28.95), (43.6, 39.73), (42.98, 47.5), (55.8, 49.1), (78.2, 15.6), (37.7, -25.7)],
    "africa": [(35.78, -5.81), (36.75, 3.06), (37.27, 9.87), (32.9, 13.2), (31.2, 29.9), (19.6, 37.2), (11.6, 43.15), (11.3, 49.2), (-20.2, 57.5), (14.9, -23.5), (-33.9, 18.4), (-15.9, -5.7)],
    "asia": [(41.0, 29.05), (38.42, 27.14), (41.7, 44.8), (40.4, 49.9), (31.8, 35.2), (29.53, 35.0), (21.5, 39.2), (12.8, 45.0), (1.3, 103.8), (35.7, 139.7), (-8.56, 125.57), (-2.5, 140.7), (56.8, 60.6), (66.0, -172.5)],
    "north_america": [(40.7, -74.0), (9.0, -79.5), (64.2, -51.7), (70.5, -22.0), (61.2, -149.9), (13.1, -59.6), (5.5, -87.0)],
    "south_america": [(8.1, -76.7), (10.4, -75.5), (10.65, -61.5), (-54.8, -68.3), (-0.9, -89.6), (-5.8, -35.2), (4.9, -52.3)],
    "oceania": [(-12.4, 130.8), (-2.7, 141.3), (-36.8, 174.8), (13.4, 144.8), (21.3, -157.8), (-17.5, -149.6), (-13.8, -171.8), (-27.1, -109.4), (28.2, -177.4)],
}  # fmt: skip


@pytest.mark.parametrize("region", REGION)
def test_places_lie_where_they_do_however_their_longitude_is_written(region: str) -> None:
    latitude, longitude = np.array(PLACES[region]).T
    for turn in (-360.0, 0.0, 360.0):
        found = [REGION[k] for k in region_number(latitude, longitude + turn)]
        assert dict(zip(PLACES[region], found, strict=True)) == dict.fromkeys(PLACES[region], region)


def test_every_point_has_a_region_and_every_region_is_used() -> None:
    latitude, longitude = (axis.ravel() for axis in np.meshgrid(np.linspace(-90, 90, 91), np.linspace(-180, 180, 181)))
    found = region_number(latitude, longitude)
    assert set(found.tolist()) == set(range(len(REGION)))
    assert {name for name, _ in OUTLINES} < set(REGION)


@pytest.mark.realdata
def test_sites_lie_on_the_continent_of_their_country(shared: Path) -> None:
    listed = json.loads(
        gzip.decompress((shared / "data" / "polygons" / "countries_iso_codes_mledoze.json.gz").read_bytes())
    )
    sites = assets.reference("sites").drop_nulls("latitude_deg")
    number = region_number(sites["latitude_deg"].to_numpy(), sites["longitude_deg"].to_numpy())
    found = dict(zip(sites["site_id"], (REGION[k] for k in number), strict=True))
    of_country = {c["cca3"]: _region(c) for c in listed}
    expected = dict(zip(sites["site_id"], (of_country[code] for code in sites["country_iso3"]), strict=True))
    hawaii = dict.fromkeys(
        (site for site in found if "oahu" in site), "oceania"
    )  # of the United States, not on their continent
    assert hawaii
    assert found == expected | hawaii


def _region(country: dict[str, str]) -> str:
    if country["region"] == "Americas":
        return "south_america" if country["subregion"] == "South America" else "north_america"
    return country["region"].lower()
