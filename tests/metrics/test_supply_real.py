"""Compute of Epoch's lists of December 2025, against sums made with nothing but the csv module."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import supply
from pipeline.sources import epoch_data_center_timelines, epoch_data_centers, epoch_gpu_clusters, sites

pytestmark = pytest.mark.realdata

DAY = date(2025, 12, 15)


def content(shared: Path, name: str) -> bytes:
    return gzip.decompress((shared / "data" / "ground" / f"epoch_ai_{name}_2025-12.csv.gz").read_bytes())


def by_hand(shared: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(shared, name).decode(), newline="")))


@pytest.fixture(scope="module")
def rows(shared: Path) -> pl.DataFrame:
    centers = epoch_data_centers.parse(content(shared, "data_centers")).frame
    timelines = epoch_data_center_timelines.parse(content(shared, "data_center_timelines")).frame
    return supply.sites(centers, timelines, assets.topology(), DAY)


@pytest.fixture(scope="module")
def counted(shared: Path, rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    country = assets.reference("country_facts").select(
        pl.col("country").alias("title"), pl.col("iso3").alias("country_iso3")
    )
    clusters = epoch_gpu_clusters.parse(content(shared, "gpu_clusters")).frame
    return supply.compute(rows, clusters, country, DAY)


def test_every_row_is_read(shared: Path) -> None:
    for module, name, count in (
        (epoch_data_centers, "data_centers", 17),
        (epoch_data_center_timelines, "data_center_timelines", 118),
        (epoch_gpu_clusters, "gpu_clusters", 786),
    ):
        parsed = module.parse(content(shared, name))
        assert (parsed.frame.height, parsed.excluded.height) == (count, 0), name


def test_every_centre_has_its_country_and_the_steps_end_where_the_list_stands(shared: Path, rows: pl.DataFrame) -> None:
    assert rows.group_by("country_iso3").len().sort("country_iso3").rows() == [("ARE", 1), ("CHN", 1), ("USA", 15)]
    told = sum(float(row["Current H100 equivalents"]) for row in by_hand(shared, "data_centers"))
    assert rows["h100_equivalent_count"].sum() == pytest.approx(told)
    assert rows["power_mw"].sum() == pytest.approx(
        sum(float(r["Current power (MW)"]) for r in by_hand(shared, "data_centers"))
    )


def test_what_lies_beyond_the_present_of_the_list_is_a_plan(shared: Path, rows: pl.DataFrame) -> None:
    assert not rows["projected"].any()
    centers = epoch_data_centers.parse(content(shared, "data_centers")).frame
    timelines = epoch_data_center_timelines.parse(content(shared, "data_center_timelines")).frame
    later = supply.sites(centers, timelines, assets.topology(), date(2027, 6, 1))
    grown = later.filter(pl.col("h100_equivalent_count") != rows["h100_equivalent_count"])
    assert grown.height > 8
    assert grown["projected"].all()


def test_sums_by_owner_are_those_of_the_file(
    shared: Path, counted: tuple[pl.DataFrame, dict[str, pl.DataFrame]]
) -> None:
    there: dict[str, float] = defaultdict(float)
    planned: dict[str, float] = defaultdict(float)
    for row in by_hand(shared, "gpu_clusters"):
        if row["Possible Duplicate"] != "True" and row["Status"] != "Decommissioned":
            first = row["First Operational Date"]
            exists = row["Status"] == "Existing" and not first > DAY.isoformat()
            owner = row["Owner"].split(",")[0].strip() or "unknown"
            (there if exists else planned)[owner] += float(row["H100 equivalents"] or 0)
    frame = (
        counted[0]
        .filter(pl.col("compute_basis") == "gpu_cluster")
        .group_by("owner")
        .agg(pl.col("^.*h100_equivalent_count$").sum())
    )
    assert dict(frame.select("owner", "h100_equivalent_count").rows()) == pytest.approx(
        {k: there[k] for k in frame["owner"]}
    )
    assert dict(frame.select("owner", "planned_h100_equivalent_count").rows()) == pytest.approx(
        {k: planned[k] for k in frame["owner"]}
    )
    assert set(frame["owner"]) == {*there, *planned}


def test_what_has_no_country_is_listed_and_in_the_sums(
    shared: Path, counted: tuple[pl.DataFrame, dict[str, pl.DataFrame]]
) -> None:
    frame, listed = counted
    rows = by_hand(shared, "gpu_clusters")
    own = [row for row in rows if row["Possible Duplicate"] != "True"]
    lost = [row for row in own if not row["Country"] and row["Status"] != "Decommissioned"]
    assert dict(listed["epoch_gpu_clusters"].group_by("reason").len().rows()) == {
        "Epoch takes it for one that is listed elsewhere: it does not count": len(rows) - len(own),
        "it is decommissioned: it does not count": sum(row["Status"] == "Decommissioned" for row in own),
        "its country is not told: it counts as unplaced": len(lost),
    }
    unplaced = frame.filter(pl.col("region") == "unplaced")
    assert unplaced["site_count"].sum() == len(lost)


def test_sums_by_country_are_those_of_the_file(
    shared: Path, counted: tuple[pl.DataFrame, dict[str, pl.DataFrame]]
) -> None:
    codes = {
        "China": "CHN", "United States of America": "USA", "Japan": "JPN", "Korea (Republic of)": "KOR", "Philippines (the)": "PHL",
        "United Kingdom of Great Britain and Northern Ireland": "GBR", "Russia": "RUS", "Taiwan": "TWN", "Hong Kong": "HKG", "": "unplaced",
    }  # fmt: skip
    there: dict[str, float] = defaultdict(float)
    power: dict[str, float] = defaultdict(float)
    for row in by_hand(shared, "gpu_clusters"):
        if row["Possible Duplicate"] != "True" and row["Status"] == "Existing" and row["Country"] in codes:
            there[codes[row["Country"]]] += float(row["H100 equivalents"] or 0)
            power[codes[row["Country"]]] += float(row["Power Capacity (MW)"] or 0)
    frame = counted[0].filter(pl.col("compute_basis") == "gpu_cluster", pl.col("region").is_in(list(codes.values())))
    sums = frame.group_by("region").agg(pl.col("h100_equivalent_count", "power_mw").sum())
    assert dict(sums.select("region", "h100_equivalent_count").rows()) == pytest.approx(there)
    assert dict(sums.select("region", "power_mw").rows()) == pytest.approx(power)


def test_known_facts(shared: Path) -> None:
    frame = epoch_gpu_clusters.parse(content(shared, "gpu_clusters")).frame
    assert dict(frame.group_by("cluster_status").len().rows()) == {"existing": 609, "planned": 171, "decommissioned": 6}
    told = [row for row in by_hand(shared, "gpu_clusters") if row["H100 equivalents"]]
    assert frame["h100_equivalent_count"].count() == len(told) == 703
    assert frame["first_operational_day"].count() == frame["first_operational_text"].count() == 608
    assert (frame["in_standard_analysis"].sum(), frame["latitude_deg"].count()) == (482, 3)


def test_shipped_places_are_those_of_the_list_within_25_km(shared: Path, rows: pl.DataFrame) -> None:
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame
    assert shipped.join(rows, on="site_id").height == 14
    centers = epoch_data_centers.parse(content(shared, "data_centers")).frame
    timelines = epoch_data_center_timelines.parse(content(shared, "data_center_timelines")).frame
    told = supply.unlike(shipped, centers, timelines, rows)
    assert told["epoch_data_center_timelines"].is_empty()
    assert told["epoch_data_centers"]["row_key"].to_list() == ["compute-stargate-uae"]
