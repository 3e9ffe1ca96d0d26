"""The feed and the trunks of a real day: Starlink against a flow from satellite to satellite, and a meridian against the reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from pipeline import steps
from pipeline.geometry import feed, links
from pipeline.geometry.propagation import Fleet, instants_from
from pipeline.io import stage
from pipeline.io.home import Home, read_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import fleet, latency, trunk
from pipeline.sources import sites
from tests.geometry.test_feed import exact_gbps

pytestmark = pytest.mark.realdata

DAY = date(2026, 8, 17)
FILES = {
    "celestrak_active": "catalogs/omm-active/active_omm_2026-08-17T*.csv.gz",
    "starlink_ground": "ground/starlink_gateways_pops_*.json",
}
MASK_DEG, INSTANTS = 25.0, 4
# Assumed for these tests, after the reference: rate of a laser, and what a satellite takes from gateways [Gbps].
LASER_GBPS = {"starlink-v1.5": 100.0, "starlink-v2mini": 200.0, "starlink-v2mini-opt": 200.0}
FEEDER_GBPS = {"starlink-v1.0": 20.0, "starlink-v1.5": 20.0, "starlink-v2mini": 96.0, "starlink-v2mini-opt": 96.0}
# 15 antennas of a site, of 25 Gbps each.
SITE_GBPS = 375.0
# Pools take lasers within 1,600 km, and a pool's antennas for all of its satellites, as no limit.
POOLING_FRACTION = 0.10
# With lasers at a twentieth of their rate, and twice that with claims over Africa alone and lasers at 0.3.
SLOW_FRACTION = 0.25
# The reference's cut is an estimate between 54 and 107 Tbps: it counts links of a 2-D grid, and knows no gaps and no poles.
MERIDIAN_TBPS, MERIDIAN_FACTOR = 80.0, 2.0


@dataclass(frozen=True)
class Day:
    """Starlink at some instants of the day."""

    sky: list[NDArray[np.float64]]
    mesh: feed.Mesh
    feeder_gbps: NDArray[np.float64]
    gateways: pl.DataFrame

    @property
    def ground(self) -> feed.Ground:
        return feed.Ground(latency.at(self.gateways), self.gateways["site_gbps"].to_numpy(), MASK_DEG)


@pytest.fixture(scope="module")
def starlink(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    options = Settings(home=tmp_path_factory.mktemp("feed"), offline=True, order=4)
    for source, pattern in FILES.items():
        (path,) = (shared / "data").glob(pattern)
        steps.land_file(options, source, DAY, path)
    steps.parse(options, DAY)
    steps.fleet(options, DAY)
    home = Home(options.home)
    working, elements = stage.working_fleet(home, DAY, "starlink")
    own = working.select("shell_id", "plane_id", "generation")
    lasers = read_parquet(home.staged(fleet.GENERATION, DAY)).select("generation", "laser_count")
    noon = datetime.combine(DAY, time(12))
    rows = links.in_order(elements.drop(own.columns, strict=False).hstack(own), noon)
    rows = rows.join(lasers, on="generation", how="left", maintain_order="left")
    neighbour = links.of_satellites(rows, (rows["laser_count"].fill_null(0) >= 2).to_numpy(), noon)
    rate, lid = (
        np.array([of.get(name, 0.0) for name in rows["generation"]]) for of in (LASER_GBPS, FEEDER_GBPS)
    )  # fmt: skip
    r_km, _ = Fleet(rows).positions(instants_from(datetime.combine(DAY, time()), 86_400 / INSTANTS, 0, INSTANTS))
    sky = [np.ascontiguousarray(r_km[:, k].T) for k in range(INSTANTS)]
    standing = (pl.col("constellation") == "starlink") & (pl.col("status") == "operational") & pl.col("kind").is_in(["gateway", "pop"])  # fmt: skip
    ground = read_parquet(home.staged(sites.TABLE, DAY)).filter(standing & pl.col("latitude_deg").is_not_null())
    return Day(sky, feed.Mesh(neighbour, rate), lid, ground.with_columns(site_gbps=pl.lit(SITE_GBPS)))


def compared(starlink: Day, claim_gbps: NDArray[np.float64], laser_fraction: float, order: int = feed.ORDER) -> float:
    """What pools are fed more than satellites one by one, as a fraction; the exact flow is scipy's, in units of 0.1 Gbps."""
    mesh = feed.Mesh(starlink.mesh.neighbour, starlink.mesh.laser_gbps * laser_fraction)
    claim, r_km = np.minimum(starlink.feeder_gbps, claim_gbps), starlink.sky[1]
    found = feed.feed(r_km, starlink.ground, mesh, starlink.feeder_gbps, claim, order)
    exact = exact_gbps(r_km, starlink.ground, mesh, starlink.feeder_gbps, claim, 10.0)
    total = found.fed_gbps.sum()
    print(f"\nclaims of {claim.sum():,.0f} Gbps, lasers {laser_fraction}, order {order}: fed {total:,.0f}, exact {exact:,.0f}, {total / exact - 1:.1%} more; bound {np.bincount(found.bound, minlength=4)}")  # fmt: skip
    assert (found.used_gateway_gbps <= SITE_GBPS + 1e-6).all()
    return float(total / exact - 1)


def over_africa(starlink: Day, claim_gbps: float) -> NDArray[np.float64]:
    """Claims of the satellites over Africa alone, where gateways are few."""
    x, y, z = starlink.sky[1]
    latitude_deg, longitude_deg = np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
    return np.where((np.abs(latitude_deg) < 35) & (longitude_deg > -15) & (longitude_deg < 45), claim_gbps, 0.0)


@pytest.mark.parametrize("claim_gbps", [2.0, 10.0, 96.0])
def test_pools_feed_little_more_than_satellites_one_by_one(starlink: Day, claim_gbps: float) -> None:
    for claim in (np.full(len(starlink.feeder_gbps), claim_gbps), over_africa(starlink, claim_gbps)):
        assert -1e-6 <= compared(starlink, claim, 1.0) <= POOLING_FRACTION


def test_where_lasers_are_slow_pools_feed_more_and_finer_ones_less_so(starlink: Day) -> None:
    everywhere = np.full(len(starlink.feeder_gbps), 10.0)
    assert POOLING_FRACTION < compared(starlink, everywhere, 0.05) <= SLOW_FRACTION
    coarse, fine = (compared(starlink, over_africa(starlink, 96.0), 0.3, order) for order in (2, 3))
    assert -1e-6 <= fine <= 0.7 * coarse
    assert coarse <= 2 * SLOW_FRACTION


def test_the_cut_across_a_meridian_is_of_the_order_of_the_reference(starlink: Day) -> None:
    """From the satellites 60 to 120 degrees east of a meridian to those as far west of it, with links over the opposite meridian down."""
    cuts, crossing = [], []
    for r_km in starlink.sky:
        up, longitude_deg = starlink.mesh.up(r_km), np.degrees(np.arctan2(r_km[1], r_km[0]))
        for meridian_deg in (-30.0, 60.0, 150.0):
            away_deg = (longitude_deg - meridian_deg + 180.0) % 360.0 - 180.0
            behind = (np.sign(away_deg)[:, None] != np.sign(away_deg[up])) & (np.abs(away_deg)[:, None] > 90)
            open_ = np.where(behind, -1, up).astype(np.int32)
            sides = (np.abs(np.abs(away_deg) - 90.0) < 30.0, np.abs(away_deg) <= 180.0)
            for side, out in zip(sides, (cuts, crossing), strict=True):
                east, west = side & (away_deg >= 0), side & (away_deg < 0)
                out.append(trunk.cut_gbps(open_, starlink.mesh.laser_gbps, east, west) / 1_000)
    print(f"\nminimum cut {np.mean(cuts):.1f} Tbps ({min(cuts):.1f} to {max(cuts):.1f}), links that cross the meridian {np.mean(crossing):.1f}")  # fmt: skip
    assert (np.array(cuts) <= np.array(crossing)).all()
    assert MERIDIAN_TBPS / MERIDIAN_FACTOR < np.mean(cuts) < MERIDIAN_TBPS * MERIDIAN_FACTOR
    assert MERIDIAN_TBPS / MERIDIAN_FACTOR < np.mean(crossing) < MERIDIAN_TBPS * MERIDIAN_FACTOR


def test_trunks_are_below_the_meridians_and_bound_by_what_lands(starlink: Day) -> None:
    rows = trunk.compute(
        starlink.sky, starlink.mesh, starlink.feeder_gbps, starlink.gateways, MASK_DEG, "starlink", DAY
    )
    with pl.Config(tbl_rows=20, tbl_cols=20, tbl_width_chars=200):
        print(rows.filter(pl.col("trunk_direction") == "a_to_b").select("trunk", "mesh_cut_gbps", "landing_a_gbps", "landing_b_gbps", "trunk_gbps", "gateway_a_count", "gateway_b_count"))  # fmt: skip
    # Round the Earth both ways: twice a meridian.
    assert (rows["mesh_cut_gbps"] < 2 * MERIDIAN_FACTOR * MERIDIAN_TBPS * 1_000).all()
    assert (rows["trunk_gbps"] > 0).all()
    assert (rows["mesh_cut_gbps"] > 10_000).all()
    for end in "ab":
        assert (rows["trunk_gbps"] <= rows[f"landing_{end}_gbps"] + 1e-6).all()
        assert (rows[f"landing_{end}_gbps"] <= rows[f"gateway_{end}_count"] * SITE_GBPS + 1e-6).all()
