"""What ships with the package is there, reads as it is meant, and is listed with its source."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.io import assets

REFERENCE = assets.PACKAGE / "reference"


def test_namibia_stays_text():
    facts = assets.reference("country_facts")
    assert facts.filter(pl.col("iso3") == "NAM")["iso2"].to_list() == ["NA"]


def test_an_empty_field_is_null():
    facts = assets.reference("country_facts")
    assert facts.filter(pl.col("iso3") == "ABW")["fixed_download_median_mbps_2024_08"].to_list() == [None]


def test_types_come_from_the_whole_file():
    assert assets.reference("country_facts")["population_count"].dtype == pl.Int64


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.csv")), ids=lambda path: path.stem)
def test_every_reference_reads(path):
    assert assets.reference(path.stem).height > 0


def test_every_shipped_file_is_listed_with_its_licence():
    listed = (REFERENCE / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in REFERENCE.iterdir() if p.name != "README.md" and f"`{p.name}`" not in listed] == []


def test_a_missing_reference_says_what_there_is():
    with pytest.raises(assets.AssetError, match=r"nothing_such\.csv cannot be read .* country_facts\.csv"):
        assets.reference("nothing_such")


@pytest.mark.parametrize("name", ["../table", "../../pyproject", "/etc/hostname"])
def test_a_path_is_no_name(name):
    with pytest.raises(assets.AssetError, match="not a plain file name"):
        assets.reference(name)


def test_the_topology_is_whole():
    topology = assets.topology()
    codes = [g["id"] for g in topology["objects"]["countries"]["geometries"] if "id" in g]
    assert len(codes) == len(set(codes)) == 246
    assert (REFERENCE / "natural_earth_50m.json").stat().st_size < 750_000


def test_the_sql_folder_holds_marts():
    assert (assets.sql_folder() / "marts").is_dir()


def test_a_missing_template_is_named():
    with pytest.raises(assets.AssetError, match="no_such_page"):
        assets.template("no_such_page.html")
