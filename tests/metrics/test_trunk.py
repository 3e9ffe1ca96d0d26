"""Trunks: rings and ladders by hand, both directions and cuts against scipy, and what is 0 or null."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from pipeline.geometry.feed import Mesh
from pipeline.geometry.overhead import Sightings
from pipeline.io import assets
from pipeline.metrics import trunk
from pipeline.table import TRUNK, TRUNK_DIRECTION, limit_violations
from tests.geometry.test_feed import along, ring

DAY = date(2026, 8, 17)
# On the equator, below a ring: the countries are what matters.
SITES = {"n": ("USA", -75.0), "s": ("BRA", -50.0), "e": ("PRT", 0.0), "a": ("KEN", 40.0), "j": ("JPN", 140.0)}


def gateways(names: str = "nseaj", gbps: float = 50.0, **changes: Any) -> pl.DataFrame:
    rows = [{"site_id": n, "country_iso3": SITES[n][0], "latitude_deg": 0.0, "longitude_deg": SITES[n][1], "site_gbps": gbps} for n in names]  # fmt: skip
    schema = {"site_id": pl.String, "country_iso3": pl.String, "latitude_deg": pl.Float64, "longitude_deg": pl.Float64, "site_gbps": pl.Float64}  # fmt: skip
    return pl.DataFrame([row | changes for row in rows], schema=schema)


def of_ring(sites: pl.DataFrame, laser_gbps: float = 10.0, feeder_gbps: float = 100.0, instants: int = 2, **more: Any) -> pl.DataFrame:  # fmt: skip
    mesh = Mesh(along(36), np.full(36, laser_gbps))
    sky = [ring()] * instants
    return trunk.compute(sky, mesh, np.full(36, feeder_gbps), sites, 25.0, "starlink", DAY, **more)


def one(rows: pl.DataFrame, name: str, direction: str = "a_to_b") -> dict[str, Any]:
    return rows.row(
        by_predicate=(pl.col("trunk") == name) & (pl.col("trunk_direction") == direction), named=True
    )  # fmt: skip


def test_a_ring_carries_two_lasers_between_any_two_ends() -> None:
    rows = of_ring(gateways())
    assert rows.height == len(TRUNK) * len(TRUNK_DIRECTION)
    for name in TRUNK:
        for direction in TRUNK_DIRECTION:
            row = one(rows, name, direction)
            assert row["mesh_cut_gbps"] == row["mesh_cut_p05_gbps"] == row["trunk_gbps"] == 20.0
            assert row["landing_a_gbps"] == row["landing_b_gbps"] == row["landing_b_p05_gbps"] == 50.0
            assert row["gateway_a_count"] == row["gateway_b_count"] == 1
            assert row["transit_gbps"] is None
            assert row["subsea_design_tbps"] is None
    assert limit_violations(trunk.TABLE, rows).is_empty()


def test_landings_bind_where_antennas_or_feeders_are_few() -> None:
    weak = one(of_ring(gateways(gbps=7.0)), "atlantic")
    assert (weak["landing_a_gbps"], weak["trunk_gbps"], weak["mesh_cut_gbps"]) == (7.0, 7.0, 20.0)
    fed = one(of_ring(gateways(), feeder_gbps=3.0), "atlantic")
    # Two satellites are in view of one end, and one of the other.
    assert (fed["landing_a_gbps"], fed["landing_b_gbps"], fed["trunk_gbps"]) == (6.0, 3.0, 3.0)


class Users:
    """Traffic that takes so much of one trunk each way at an instant, and nothing of the others."""

    def __init__(self, name: str, *gbps: float) -> None:
        self.left = [value for trunk_ in TRUNK for value in (gbps if trunk_ == name else (0.0, 0.0))]

    def taken_gbps(self, here: np.ndarray, there: np.ndarray) -> float:
        assert not (here & there).any()
        return self.left.pop(0)


def test_transit_takes_of_the_cut_in_its_direction_and_instant() -> None:
    rows = of_ring(gateways(), users=[Users("pacific", 4.0, 0.0), Users("pacific", 30.0, 0.0)])
    row = one(rows, "pacific")
    assert (row["transit_gbps"], row["trunk_gbps"], row["trunk_p05_gbps"]) == (17.0, 8.0, 0.0)
    assert one(rows, "pacific", "b_to_a")["trunk_gbps"] == one(rows, "atlantic")["trunk_gbps"] == 20.0
    assert one(rows, "atlantic")["transit_gbps"] == 0.0


def test_without_gateways_at_an_end_or_without_lasers_a_trunk_is_0_and_says_so() -> None:
    row = one(of_ring(gateways("nsaj")), "atlantic")
    assert (row["mesh_cut_gbps"], row["landing_b_gbps"], row["trunk_gbps"], row["gateway_b_count"]) == (0, 0, 0, 0)
    assert row["landing_a_gbps"] == 50.0
    dark = of_ring(gateways(), laser_gbps=0.0)
    assert dark.select(pl.sum_horizontal("mesh_cut_gbps", "landing_a_gbps", "landing_b_gbps", "trunk_gbps").sum()).item() == 0  # fmt: skip
    assert dark["gateway_a_count"].min() == 1
    nothing = of_ring(gateways(""))
    assert nothing["trunk_gbps"].sum() == nothing["gateway_a_count"].sum() == 0


def test_a_cut_ring_carries_one_laser_and_one_cut_twice_none() -> None:
    for lost, left in (([9], [10.0, 10.0]), ([9, 34], [10.0, 0.0])):
        r_km = ring()
        r_km[:, lost] = np.nan  # 90 degrees east, 20 degrees west
        mesh, lid = Mesh(along(36), np.full(36, 10.0)), np.full(36, 100.0)
        rows = trunk.compute([r_km], mesh, lid, gateways(), 25.0, "starlink", DAY)
        assert [one(rows, name)["mesh_cut_gbps"] for name in ("africa_europe", "atlantic")] == left


def test_a_satellite_in_view_of_both_ends_passes_on_and_is_no_way_round_the_lasers() -> None:
    """From 5 and 15 degrees east the satellites over 0 and 10, and over 10 and 20 are in view."""
    near = gateways("ea").with_columns(longitude_deg=pl.Series([5.0, 15.0]))
    row = one(of_ring(near), "africa_europe")
    assert (row["mesh_cut_gbps"], row["trunk_gbps"]) == (20.0, 20.0)
    same = near.with_columns(longitude_deg=pl.lit(5.0))
    row = one(of_ring(same), "africa_europe")
    assert (row["mesh_cut_gbps"], row["landing_a_gbps"], row["trunk_gbps"]) == (0.0, 50.0, 0.0)


def test_no_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no instant"):
        of_ring(gateways(), instants=0)


def test_hawaii_and_islands_of_others_are_at_no_end_and_no_country_is_in_two_regions_of_a_trunk() -> None:
    places = pl.DataFrame({"country_iso3": ["USA", "USA", "PRI", None], "latitude_deg": [21.3, 47.0, 18.2, 0.0], "longitude_deg": [-158.0, -122.0, -66.0, 0.0]})  # fmt: skip
    assert trunk.at_end(places, "north_america").tolist() == [False, True, False, False]
    for a, b in trunk.ENDS_OF.values():
        assert not trunk.ENDS[a] & trunk.ENDS[b]
    assert tuple(trunk.ENDS_OF) == TRUNK
    assert all(len(code) == 3 for codes in trunk.ENDS.values() for code in codes)


def test_cables_are_those_that_are_cited() -> None:
    rows = of_ring(gateways(), subsea=assets.reference("subsea_cuts"))
    row = one(rows, "africa_europe")
    assert row["subsea_design_tbps"] == 180.0
    assert "2Africa" in row["subsea_basis"]
    assert one(rows, "atlantic")["subsea_design_tbps"] == 697.0
    assert rows.filter(~pl.col("trunk").is_in(["africa_europe", "atlantic"]))["subsea_design_tbps"].null_count() == 6


# --- cuts and landings against scipy ---------------------------------------------------------------------------------


def links_of(rng: np.random.Generator, count: int) -> NDArray[np.int32]:
    """Mutual links at random, at most four of a satellite."""
    up, used = np.full((count, 4), -1, np.int32), np.zeros(count, int)
    for a, b in rng.integers(0, count, (3 * count, 2)):
        if a != b and used[a] < 4 and used[b] < 4 and b not in up[a]:
            up[a, used[a]], up[b, used[b]] = b, a
            used[[a, b]] += 1
    return up


def scipys(tail: list[Any], head: list[Any], capacity: list[Any], nodes: int) -> int:
    """Maximum flow from node 0 to node 1."""
    arcs = [np.concatenate([np.asarray(part, np.int32) for part in parts]) for parts in (capacity, tail, head)]
    return int(maximum_flow(csr_array(coo_array((arcs[0], (arcs[1], arcs[2])), shape=(nodes, nodes))), 0, 1).flow_value)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(4, 80))
def test_cuts_are_those_of_scipy_and_the_same_both_ways(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    up, laser = links_of(rng, count), rng.choice([0.0, 100.0, 200.0], count)
    side = rng.permutation(np.arange(count) % 5)
    here, there = side == 0, side == 1
    a, k = np.nonzero(up >= 0)
    b = up[a, k]
    rate = np.minimum(laser[a], laser[b])
    ends = np.flatnonzero(here), np.flatnonzero(there)
    much = [np.full(len(end), 10**8) for end in ends]
    theirs = scipys([np.zeros(len(ends[0])), 2 + a, 2 + ends[1]], [2 + ends[0], 2 + b, np.ones(len(ends[1]))], [much[0], rate, much[1]], 2 + count)  # fmt: skip
    assert trunk.cut_gbps(up, laser, here, there) == theirs
    assert trunk.cut_gbps(up, laser, there, here) == theirs


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_landings_are_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sites, count = int(rng.integers(1, 9)), int(rng.integers(1, 30))
    view = rng.uniform(size=(sites, count)) < 0.2
    start = np.concatenate([[0], view.sum(axis=1).cumsum()])
    seen = Sightings(start, np.nonzero(view)[1].astype(np.int32), np.ones(start[-1]))
    stands, gbps, feeder = rng.uniform(size=sites) < 0.7, rng.integers(0, 50, sites) * 1.0, rng.choice([0.0, 8.0, 20.0], count)  # fmt: skip
    place, satellite = np.nonzero(view & stands[:, None])
    at, flying = np.arange(sites), np.arange(count)
    theirs = scipys([0 * at, 2 + place, 2 + sites + flying], [2 + at, 2 + sites + satellite, 0 * flying + 1], [gbps, feeder[satellite], feeder], 2 + sites + count)  # fmt: skip
    assert trunk.lands_gbps(seen, stands, gbps, feeder) == theirs
