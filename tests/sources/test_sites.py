"""Sites: the shipped file is whole and cited; wrong rows are left out with a reason."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.geometry import grid, outline
from pipeline.io import assets
from pipeline.source import SourceError
from pipeline.sources import cities, sites

HEADER = ",".join(sites.TABLE.column_names)
GOOD = "starlink-a,pop,Auckland,SpaceX,starlink,NZL,-36.85,174.77,operational,medium,a map,repo x,2026"


@pytest.fixture(scope="module")
def shipped():
    return sites.parse(assets.reference_bytes("sites.csv"))


def parsed(*rows: str):
    return sites.parse("\n".join([HEADER, *rows, ""]).encode())


def test_every_kind_is_there(shipped):
    counts = dict(shipped.frame.group_by("kind").len().rows())
    assert counts["pop"] >= 50
    assert counts["cloud_region"] >= 130
    assert counts["compute_site"] >= 10


def test_ships_are_left_out_because_they_move(shipped):
    assert shipped.excluded["row_key"].str.contains("hip 1|hip 2").all()
    assert shipped.excluded["reason"].unique().to_list() == ["it has no fixed place"]


def test_who_lands_where(shipped):
    ground = shipped.frame.filter(pl.col("kind").is_in(["pop", "gateway"]))
    assert ground.filter(pl.col("kind") == "pop")["constellation"].unique().to_list() == ["starlink"]
    portals = ground.filter(pl.col("constellation") == "oneweb")
    assert portals["kind"].unique().to_list() == ["gateway"]
    assert portals.height == 40  # as many as are counted: gateways_capacity.csv, 40 to 44
    assert portals["latitude_deg"].max() == pytest.approx(78.23)  # Svalbard
    assert shipped.frame.filter(pl.col("kind") == "cloud_region")["constellation"].null_count() >= 130


def test_community_gateways_are_no_pops(shipped):
    assert shipped.frame.filter(pl.col("title") == "Iqaluit")["kind"].to_list() == ["gateway"]


def test_what_is_planned_or_unverified_says_so(shipped):
    status = dict(shipped.frame.select("title", "status").rows())
    assert (status["Karachi"], status["Muscat"], status["Tokyo"]) == ("planned", "unverified", "operational")


def test_every_row_has_its_source(shipped):
    assert shipped.frame.filter((pl.col("source") == "") | pl.col("source_url").is_null()).is_empty()


def test_country_codes_are_known(shipped):
    known = {*assets.reference("country_facts")["iso3"], *(code for _, code, _ in cities.TERRITORIES)}
    assert set(shipped.frame["country_iso3"]) <= known


def test_sites_lie_in_their_countries(shipped):
    """Within half a degree: coordinates have two decimals, and spits of land are lost in coarse outlines."""
    names = list(world := outline.countries(assets.topology()))
    rings = grid.rings(9)
    owner = outline.owners(list(world.values()), rings)[grid_order(rings)]
    for title, code, latitude, longitude in shipped.frame.select(
        "title", "country_iso3", "latitude_deg", "longitude_deg"
    ).rows():
        steps = [(n * 0.1, e * 0.1) for n in range(-5, 6) for e in range(-5, 6)]
        near = {owner[int(grid.cell_of(latitude + n, longitude + e, 9))] for n, e in steps}
        assert names.index(code) in near, (title, code)


def grid_order(rings: grid.Rings):
    return rings.nest_of_ring.argsort()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("-36.85", "-96.85"), "not on the Earth"),
        (GOOD.replace("-36.85", "south"), "not on the Earth"),
        (GOOD.replace("-36.85,174.77", ","), "no fixed place"),
        (GOOD.replace(",pop,", ",pub,"), "kind or status"),
        (GOOD.replace("operational", "perhaps"), "kind or status"),
        (GOOD.replace("starlink,NZL", "starling,NZL"), "constellation"),
        (GOOD.replace("a map", ""), "empty"),
        (GOOD, "stands before it"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(row, reason):
    result = parsed(GOOD, row)
    assert result.frame.height == 1
    assert result.excluded["row_number"].to_list() == [3]
    assert reason in result.excluded["reason"][0]


@pytest.mark.parametrize("data", [b"", b"<html>no</html>", b"site_id,kind\na,pop\n", HEADER.encode(), b"\xff\xfe\x00"])
def test_bytes_that_are_no_sites_are_refused(data):
    with pytest.raises(SourceError, match="sites: "):
        sites.parse(data)
