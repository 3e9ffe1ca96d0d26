"""Cloud regions, longitude first, and how they join the sites."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from pipeline.geometry.frames import great_circle_km
from pipeline.io import assets
from pipeline.metrics import ground
from pipeline.source import SourceError
from pipeline.sources import sites
from pipeline.sources.cloud_regions import TABLE, parse
from tests import factory

GOOD = {
    "provider": "aws",
    "lonlat": [-77.43, 39.01],
    "displayName": "N. Virginia",
    "region": "us-east-1",
    "status": "operational",
}
SHIPPED = sites.parse(assets.reference_bytes("sites.csv")).frame


def landed(*changes: object) -> bytes:
    return json.dumps({f"r{k}": GOOD | c if isinstance(c, dict) else c for k, c in enumerate(changes)}).encode()


def test_longitude_comes_first() -> None:
    (row,) = parse(landed({})).frame.rows(named=True)
    assert (row["site_id"], row["latitude_deg"], row["longitude_deg"], row["status"]) == (
        "aws-us-east-1",
        39.01,
        -77.43,
        "operational",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"provider": "ovh"}, "none of aws"), ({"lonlat": [39.01, -177.43]}, "[longitude, latitude]"), ({"lonlat": None}, "missing"), ({"lonlat": [1, 2, 3]}, "missing"),
        ({"region": ""}, "missing"), ({}, "stands before"), (7, "not an object"),
    ],
)  # fmt: skip
def test_a_region_that_breaks_a_rule_costs_itself(change: object, words: str) -> None:
    parsed = parse(landed({}, change))
    assert parsed.frame.height == 1
    assert words in parsed.excluded["reason"][0]


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"a": 1}', b"no json"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="cloud_regions: "):
        parse(data)


def test_a_known_region_gets_its_place_a_new_one_a_row_and_one_elsewhere_is_not_believed() -> None:
    rows = [
        {"site_id": "aws-us-east-1", "latitude_deg": 39.01, "longitude_deg": -77.43}, {"site_id": "gcp-mars-1", "latitude_deg": 48.1, "longitude_deg": 11.5},
        {"site_id": "azure-uksouth", "latitude_deg": -0.1, "longitude_deg": 51.5},
    ]  # fmt: skip
    frame, listed = ground.with_cloud_regions(SHIPPED, factory.filled(TABLE, rows), assets.topology())
    found = {row["site_id"]: row for row in sites.TABLE.conform(frame).rows(named=True)}
    before = {row["site_id"]: row for row in SHIPPED.rows(named=True)}
    assert (found["aws-us-east-1"]["latitude_deg"], found["aws-us-east-1"]["confidence"]) == (39.01, "site")
    assert (found["gcp-mars-1"]["country_iso3"], found["gcp-mars-1"]["kind"]) == ("DEU", "cloud_region")
    assert found["azure-uksouth"] == before["azure-uksouth"]
    assert listed["row_key"].to_list() == ["azure-uksouth"]
    assert ground.with_cloud_regions(SHIPPED, TABLE.empty(), assets.topology())[0].equals(SHIPPED)


@pytest.mark.realdata
def test_the_real_list_agrees_with_the_shipped_places(shared: Path) -> None:
    parsed = parse((shared / "data" / "ground" / "cloud_regions_aws_gcp_azure_2026.json").read_bytes())
    assert (parsed.frame.height, parsed.excluded.height) == (131, 17)
    both = parsed.frame.join(SHIPPED, on="site_id", suffix="_shipped")
    names = ("latitude_deg", "longitude_deg", "latitude_deg_shipped", "longitude_deg_shipped")
    away = pl.Series(great_circle_km(*(both[name].to_numpy() for name in names)))
    print(f"{both.height} regions in both lists: median {away.median():.1f} km apart, most {away.max():.0f} km")
    assert both.height > 110
    assert away.median() < 10
