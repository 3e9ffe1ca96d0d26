"""The capacity of a real day: near what exact solvers find, moving as it should, right on inspection, and its rows agreeing with themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from pipeline import steps
from pipeline.constellations import BY_NAME
from pipeline.geometry import certificate, links
from pipeline.geometry.feed import Ground
from pipeline.geometry.frames import elevation_deg
from pipeline.geometry.propagation import Fleet
from pipeline.geometry.runs import edges_of_runs
from pipeline.io import assets, stage
from pipeline.io import capacity as computing
from pipeline.io.home import Home, read_parquet
from pipeline.io.settings import Settings
from pipeline.io.what_if import Model
from pipeline.metrics import capacity, cell, latency, satellite, share, trunk, what_if
from pipeline.metrics.share import DOWN, UP, Shared, Sky, Supply
from pipeline.table import BINDING
from tests.metrics.designs_2018 import one_flow_gbps

pytestmark = pytest.mark.realdata

DAY, ORDER = date(2026, 8, 17), 6
INSTANTS, EXACT_AT, FEW = 5, (0, 2, 4), 3
# Who is seen over the day is asked at two instants: it says how efficient a hertz is in each cell, and no more.
STEP_S = 43_200
FILES = {
    "celestrak_active": "catalogs/omm-active/active_omm_2026-08-17T*.csv.gz",
    "starlink_ground": "ground/starlink_gateways_pops_*.json",
}
NAMES = ("starlink", "oneweb")
LESS_FLOW, LESS_LEVEL = 0.02, 0.05
# Of one flow over everything: what steps one after the other lose, most where satellites without a gateway are asked too, and pools add.
LEAST_OF_ALL, POOLED = {"starlink": 0.99, "oneweb": 0.93}, 1.02
# How much too high what more could be served is, all cells together: exact for bent pipes.
MOST_OVER = {"starlink": 1.001, "oneweb": 1.001}
WHOLE_UNITS = 2e-5  # what a flow in whole units misses, as in tests/geometry/test_allocation_real.py
# Laser traffic in January 2024 (gateways_capacity.csv of the reference): 42 PB a day, and its peak [Tbps].
MESH_TBPS, MESH_PEAK_TBPS = 3.9, 5.6
BY_THEN = date(2024, 1, 31)
# The least of the reference's estimate of the cut across a whole meridian, with lasers of 100 Gbps [Tbps].
MERIDIAN_TBPS = 54.0

each_constellation = pytest.mark.parametrize("name", NAMES)
each_way = pytest.mark.parametrize("way", [DOWN, UP], ids=["down", "up"])


@dataclass(frozen=True)
class One:
    """A constellation: what its day is computed from, the pass down and up, and rows of core.capacity_daily with people."""

    model: Model
    found: tuple[Shared, Shared]
    rows: pl.DataFrame

    @property
    def supply(self) -> Supply:
        return self.model.base.supply

    @property
    def ground(self) -> Ground:
        return self.model.base.ground

    def sky(self, instant: int, of: Supply | None = None, by: Ground | None = None) -> Sky:
        whole, market = share.instants(DAY, INSTANTS), self.model.base.market
        r_km, _ = Fleet((of or self.supply).elements).positions(whole.part(instant, instant + 1))
        hour = float(whole.fraction[instant]) * 24
        return Sky.of(np.ascontiguousarray(r_km[:, 0].T), hour, of or self.supply, market, by or self.ground)

    def served_tbps(self, of: Supply | None = None, by: Ground | None = None) -> NDArray[np.float64]:
        """Down and up, mean of a few instants, with other satellites or gateways."""
        found = share.passed(of or self.supply, self.model.base.market, by or self.ground, DAY, FEW)
        return np.array([way.served_gbps.mean() / 1_000 for way in found])


@dataclass(frozen=True)
class Real:
    """The day: staged tables, and two constellations by name."""

    home: Home
    of: dict[str, One]


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Real:
    settings = Settings(home=tmp_path_factory.mktemp("capacity"), offline=True, order=ORDER, step_s=STEP_S)
    for source, pattern in FILES.items():
        (path,) = (shared / "data").glob(pattern)
        steps.land_file(settings, source, DAY, path)
    steps.parse(settings, DAY)
    steps.fleet(settings, DAY)
    stage.grid_day(settings, DAY)
    home = Home(settings.home)
    common = computing._common(settings, home, DAY)
    people = read_parquet(home.staged(cell.CELL, DAY)).select(
        "cell_id", "latitude_deg", "longitude_deg", "population_count"
    )
    found = {}
    for name in NAMES:
        model, _ = computing._model(common, BY_NAME[name])
        base = model.base
        passed = share.passed(base.supply, base.market, base.ground, DAY, INSTANTS)
        rows = computing._cells(common, BY_NAME[name], base, *passed)
        found[name] = One(model, passed, rows.join(people, on="cell_id", how="left", maintain_order="left"))
    return Real(home, found)


# --- a. what is found quickly against exact solvers ------------------------------------------------------------------


@each_way
@each_constellation
def test_throughput_and_level_are_near_what_exact_solvers_find(real: Real, name: str, way: int) -> None:
    """Of the programs that the day is shared by, as they are, at three instants."""
    for instant in EXACT_AT:
        sky = real.of[name].sky(instant)
        claim, demand = sky.claim(way)[0][sky.wanted], sky.demand[way][sky.wanted]
        fed = share.fed(sky.runs, sky.supply, sky.mesh, sky.ground, sky.r_km, way, demand, claim)
        fair = share.shared(sky.runs, demand, fed)
        most, least = certificate.most_gbps(sky.runs, fed.lids), what_if.least_part(sky.runs, fair)
        parts = fed.most_gbps / most, fair.served.sum() / most
        print(f"\n{name} {sky.runs.edge_count:,} pairs: greedy {parts[0]:.5f} and shares {parts[1]:.5f} of {most:,.0f} Gbps, least part of the exact level {least:.4f}")  # fmt: skip
        # In the first round every cell claims the same part of its demand, none more than its beams carry.
        assert fair.first.claim == pytest.approx(np.minimum(fed.same * demand, claim), rel=1e-12)
        assert 1 - LESS_FLOW <= parts[0] <= 1 + WHOLE_UNITS
        assert 1 - LESS_FLOW <= parts[1] <= 1 + WHOLE_UNITS
        assert least >= 1 - LESS_LEVEL


@each_way
@each_constellation
def test_no_sharing_could_serve_much_more(real: Real, name: str, way: int) -> None:
    """One flow over everything, from satellite to satellite, with nothing pooled and no step before another."""
    for instant in EXACT_AT:
        sky = real.of[name].sky(instant)
        claim, demand = sky.claim(way)[0][sky.wanted], sky.demand[way][sky.wanted]
        fair, most = sky.shared(way, demand, claim), one_flow_gbps(sky, way)
        print(f"\n{name}: {fair.served.sum() / most:.4f} of {most:,.1f} Gbps")
        assert LEAST_OF_ALL[name] <= fair.served.sum() / most <= POOLED


# --- b. gateways and lasers ------------------------------------------------------------------------------------------


def thinned(ground: Ground, kept: slice) -> Ground:
    return Ground(ground.places[kept], ground.site_gbps[kept], ground.mask_deg)


def more(ground: Ground, cells: pl.DataFrame) -> Ground:
    """As many gateways again in the most populous cells, each like the others."""
    added = cells.sort("population_count", descending=True).head(len(ground.site_gbps))
    places = np.concatenate([ground.places, latency.at(added)])
    return Ground(places, np.concatenate([ground.site_gbps, np.full(added.height, ground.site_gbps.mean())]), ground.mask_deg)  # fmt: skip


def without_lasers(supply: Supply) -> Supply:
    return replace(supply, neighbour=np.full_like(supply.neighbour, -1))


@each_constellation
def test_more_gateways_serve_more_half_of_them_less_and_none_nobody(real: Real, name: str) -> None:
    one = real.of[name]
    base, added = one.served_tbps(), one.served_tbps(by=more(one.ground, one.rows))
    half, none = one.served_tbps(by=thinned(one.ground, slice(None, None, 2))), one.served_tbps(by=thinned(one.ground, slice(0)))  # fmt: skip
    print(f"\n{name} [Tbps down, up]: {base.round(2)}, twice the gateways {added.round(2)}, half {half.round(2)}")
    assert (added > base).all()
    assert (half < base).all()
    assert (none == 0.0).all()
    # Starlink's antennas are all in use down, and nearly all of twice as many; of OneWeb's, beams limit what more of them bring.
    least, most = {"starlink": (1.5, 0.55), "oneweb": (1.05, 0.7)}[name]
    assert added[DOWN] > least * base[DOWN]
    assert half[DOWN] < most * base[DOWN]


def test_without_lasers_less_is_served(real: Real) -> None:
    one = real.of["starlink"]
    base, dark = one.served_tbps(), one.served_tbps(of=without_lasers(one.supply))
    print(f"\n[Tbps down, up]: {base.round(2)}, without lasers {dark.round(2)}")
    assert (dark < 0.9 * base).all()
    other = real.of["oneweb"]
    assert (other.served_tbps() == other.served_tbps(of=without_lasers(other.supply))).all()


# --- c. the mesh of January 2024 -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gateways_2024(shared: Path) -> pl.DataFrame:
    """A list of 2024 with antennas of each gateway: latitude_deg, longitude_deg, antenna_count."""
    tree = ElementTree.parse(shared / "data" / "ground" / "starlink_gateways_starperf_2024.xml")
    names = {"Latitude": "latitude_deg", "Longitude": "longitude_deg", "Antenna_Count": "antenna_count"}
    return pl.DataFrame([{to: float(site.findtext(tag, "nan")) for tag, to in names.items()} for site in tree.getroot()])  # fmt: skip


def test_a_list_with_antennas_has_as_many_a_gateway_as_the_model(real: Real, gateways_2024: pl.DataFrame) -> None:
    mean = gateways_2024["antenna_count"].mean()
    ours = real.of["starlink"].model.gateways.antenna_count
    print(f"\n{gateways_2024.height} gateways of {mean:.1f} antennas; ours {len(ours)} of {ours.mean():.1f}")
    assert ours.mean() == pytest.approx(mean, rel=0.2)


def as_of_january_2024(real: Real) -> Supply:
    """Who was launched by then and still works, with links among themselves alone."""
    one = real.of["starlink"]
    shells = read_parquet(real.home.staged(satellite.TABLE, DAY)).select("norad_cat_id", "shell_id", "plane_id", "launch_day")  # fmt: skip
    rows = one.model.rows.join(shells, on="norad_cat_id", how="left", maintain_order="left").join(
        one.model.generation.select("generation", "laser_count"), on="generation", how="left", maintain_order="left"
    )
    kept = (rows["launch_day"] <= BY_THEN).fill_null(value=False)
    left, there = rows.filter(kept), kept.to_numpy()
    neighbour = links.of_satellites(left, (left["laser_count"].fill_null(0) >= 2).to_numpy(), datetime.combine(DAY, time(12)), computing.LINKS)  # fmt: skip
    supply = one.supply
    return Supply(
        supply.elements.filter(kept), supply.gbps[:, there], supply.feeder_gbps[there], neighbour,
        supply.laser_gbps[there], supply.up_is_known,
    )  # fmt: skip


def test_the_mesh_of_january_2024_could_carry_what_was_observed(real: Real, gateways_2024: pl.DataFrame) -> None:
    """Of those launched by then two in five have come down or stopped since, most of them without lasers: those who are left could."""
    one, supply = real.of["starlink"], as_of_january_2024(real)
    day = pl.col("launch_day").str.to_date(strict=False)
    launched = assets.reference("launches").filter((pl.col("constellation") == "starlink") & (day <= BY_THEN))
    with_lasers = launched.filter(pl.col("generation").is_in(["starlink-v1.5", "starlink-v2mini"]))["satellite_count"].sum()  # fmt: skip
    lit = int((supply.laser_gbps > 0).sum())
    gbps = gateways_2024["antenna_count"] * 25.0
    ground = Ground(latency.at(gateways_2024), gbps.to_numpy(), one.ground.mask_deg)
    sites = gateways_2024.with_columns(gbps.alias("site_gbps"), pl.when(pl.col("longitude_deg") < -30).then(pl.lit("USA")).otherwise(pl.lit("FRA")).alias("country_iso3"))  # fmt: skip
    relayed, cut = [], []
    for instant in range(INSTANTS):
        sky = one.sky(instant, supply, ground)
        claim = sky.claim(DOWN)[0][sky.wanted]
        fed = share.fed(sky.runs, supply, sky.mesh, ground, sky.r_km, DOWN, sky.demand[DOWN][sky.wanted], claim).fed
        relayed.append(fed.relayed_gbps / 1_000)
        west_east = trunk.cuts([sky.r_km], sky.mesh, supply.feeder_gbps, sites, ground.mask_deg).mesh_gbps[0, 0]
        cut.append(west_east / 1_000)
    print(f"\nlaunched {launched['satellite_count'].sum()}, {with_lasers} with lasers; at work still {supply.elements.height}, {lit} with lasers, {(supply.neighbour >= 0).sum() // 2} links")  # fmt: skip
    print(f"relayed {np.round(relayed, 1)} Tbps, cut between the Americas and the rest {np.round(cut, 1)}")
    assert 0.55 < supply.elements.height / launched["satellite_count"].sum() < 0.75
    assert 0.7 < lit / with_lasers < 0.9
    assert min(relayed) > MESH_PEAK_TBPS
    assert min(cut) > MESH_TBPS


def test_the_cut_across_a_meridian_with_the_days_own_lasers_is_below_the_reference(real: Real) -> None:
    """As in test_feed_real.py, which has four links and 200 Gbps: three links, of 100 Gbps each, are what the day is computed with."""
    one, cuts = real.of["starlink"], []
    for instant in range(INSTANTS):
        sky = one.sky(instant)
        up, longitude_deg = sky.mesh.up(sky.r_km), np.degrees(np.arctan2(sky.r_km[1], sky.r_km[0]))
        for meridian_deg in (-30.0, 60.0, 150.0):
            away_deg = (longitude_deg - meridian_deg + 180.0) % 360.0 - 180.0
            behind = (np.sign(away_deg)[:, None] != np.sign(away_deg[up])) & (np.abs(away_deg)[:, None] > 90)
            side = np.abs(np.abs(away_deg) - 90.0) < 30.0
            east, west = side & (away_deg >= 0), side & (away_deg < 0)
            open_ = np.where(behind, -1, up).astype(np.int32)
            cuts.append(trunk.cut_gbps(open_, sky.mesh.laser_gbps, east, west) / 1_000)
    print(f"\nminimum cut {np.mean(cuts):.1f} Tbps ({min(cuts):.1f} to {max(cuts):.1f})")
    assert MERIDIAN_TBPS / 4 < np.mean(cuts) < MERIDIAN_TBPS


# --- d. the map of lids ----------------------------------------------------------------------------------------------


@each_constellation
def test_cells_without_people_are_bound_by_demand_and_get_nothing(real: Real, name: str) -> None:
    empty = real.of[name].rows.filter(pl.col("population_count") == 0)
    assert empty.height > 30_000
    assert (empty["demand_down_gbps"] == 0).all()
    assert (empty["served_down_gbps"] == 0).all()
    assert (empty["binding"] == "demand").all()


def test_the_most_populous_cells_are_bound_by_beams_and_others_by_gateways_or_the_mesh(real: Real) -> None:
    """All antennas are in use at every instant, and lasers do not carry the same share to Asia; beams bind the largest towns all the same,
    and nearly all of them with plenty of gateways."""
    one = real.of["starlink"]
    assert one.found[DOWN].served_gbps == pytest.approx(one.ground.site_gbps.sum(), rel=1e-4)
    top = one.rows.sort("population_count", descending=True).head(20)
    assert (top["binding"] == "beam").sum() > 10
    rest = one.rows.filter((pl.col("demand_down_gbps") > 0) & (pl.col("binding") != "beam"))
    assert rest["binding"].is_in(["gateway", "mesh"]).mean() > 0.9
    assert top["binding_up"].is_in(["satellite", "beam"]).all()
    supply = replace(one.supply, feeder_gbps=one.supply.gbps[DOWN])
    plenty = Ground(one.ground.places, one.ground.site_gbps * 100, one.ground.mask_deg)
    found = share.passed(supply, one.model.base.market, plenty, DAY, INSTANTS)[DOWN]
    binds = capacity.binding(found.demand, found.served, found.short)[ring_places(one, top)]
    print(f"\nwith plenty of gateways {found.served_gbps.mean() / 1_000:.1f} Tbps, of 20 cells {np.bincount(binds, minlength=5)} bound by {BINDING}")  # fmt: skip
    assert (binds == BINDING.index("beam")).sum() > 15


def ring_places(one: One, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Where cells stand in ring order."""
    nested = one.model.base.market.nest_of_ring
    place = np.empty(len(nested), np.int64)
    place[nested] = np.arange(len(nested))
    return place[rows["cell_id"].to_numpy().astype(np.int64)]


def test_where_no_gateway_is_in_reach_of_bent_pipes_gateways_bind(real: Real) -> None:
    """Who has OneWebs in view, none of which sees a gateway at any instant, counted by hand: served nothing, and bound by gateways."""
    one = real.of["oneweb"]
    wanted = one.rows.filter(pl.col("demand_down_gbps") > 0)
    reached, seen = np.zeros((2, wanted.height), bool)
    for instant in range(INSTANTS):
        sky = one.sky(instant)
        fed = sighted(sky)
        cells, satellites = edges_of_runs(sky.runs)
        seen[cells] = True
        reached[cells[fed[satellites]]] = True
    place = np.argsort(np.argsort(ring_places(one, wanted)))
    beyond = wanted.filter(pl.Series((seen & ~reached)[place]))
    countries = one.model.cell_country.filter(pl.col("population_count") > 0)
    whole = countries.group_by("country_iso3").agg(pl.col("cell_id").is_in(beyond["cell_id"].implode()).all(), pl.len())
    print(f"\n{beyond.height} of {wanted.height} cells beyond all gateways; countries: {sorted(whole.filter('cell_id')['country_iso3'])}")  # fmt: skip
    assert beyond.height > 300
    assert (beyond["served_down_gbps"] == 0).all()
    # Where the arc leaves no satellite for most of the day, it is satellites that leave the most unserved.
    assert beyond["binding"].is_in(["gateway", "satellite"]).all()
    assert (beyond["binding"] == "gateway").mean() > 0.5
    assert (beyond["gateway_short_down_gbps"] > 0).all()
    others = wanted.filter(pl.Series(reached[place]))
    assert (others["served_down_gbps"] > 0).mean() > 0.99
    assert whole.filter("cell_id").height >= 3


def sighted(sky: Sky) -> NDArray[np.bool_]:
    """Which satellites see a gateway, by numpy alone."""
    found = np.zeros(sky.r_km.shape[1], bool)
    for place in sky.ground.places:
        latitude, longitude = latitude_longitude_deg(place)
        found |= elevation_deg(sky.r_km.T, latitude, longitude) >= sky.ground.mask_deg
    return found


def latitude_longitude_deg(place: NDArray[np.float64]) -> tuple[float, float]:
    """Of a row of points.places, whose last three numbers are the direction that is up there."""
    x, y, z = place[3:]
    return float(np.degrees(np.arcsin(z))), float(np.degrees(np.arctan2(y, x)))


# --- e. rows agree with themselves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", capacity.WAYS)
@each_constellation
def test_rows_agree_with_themselves_and_with_the_fleet(real: Real, name: str, way: str) -> None:
    one, number = real.of[name], capacity.WAYS.index(way)
    of = {column: one.rows[f"{column}_{way}_gbps"] for column in ("demand", "ai_demand", "supply", "served")}
    headroom = {lid: one.rows[f"{lid}_headroom_{way}_gbps"] for lid in capacity.LIDS}
    assert all(values.null_count() == 0 and values.min() >= 0 for values in of.values())
    assert (of["served"] <= of["demand"] + 1e-9).all()
    assert (of["served"] <= of["supply"] + 1e-9).all()
    assert (of["ai_demand"] <= of["demand"] + 1e-9).all()
    for lid, room in headroom.items():
        known = room.drop_nulls()
        assert known.len() in ((0, one.rows.height) if lid in ("beam", "mesh") else (one.rows.height,))
        assert (of["supply"] <= of["served"] + room + 1e-6).drop_nulls().all(), lid
    short = np.array([one.rows[f"{lid}_short_{way}_gbps"] for lid in capacity.LIDS])
    unserved = (of["demand"] - of["served"]).to_numpy()
    np.testing.assert_allclose(short.sum(axis=0), unserved, atol=1e-6)
    binds = np.where(unserved > 1e-3 * of["demand"].to_numpy(), 1 + short.argmax(axis=0), 0)
    assert one.rows["binding" if way == "down" else "binding_up"].to_list() == [BINDING[k] for k in binds]
    shared, served = one.found[number], of["served"].sum()
    assert served == pytest.approx(shared.served_gbps.mean(), rel=1e-9)
    assert served <= min(one.supply.gbps[number].sum(), one.ground.site_gbps.sum()) + 1e-6
    assert (shared.served_gbps <= shared.most_gbps + 1e-6).all()
    assert shared.bound.sum(axis=1).mean() == pytest.approx(of["demand"].sum(), rel=1e-9)
    assert (shared.level >= 0).all()
    assert (shared.level <= 1).all()


@each_way
@each_constellation
def test_headroom_and_what_more_a_cell_could_get_are_those_counted_by_hand(real: Real, name: str, way: int) -> None:
    """Pair by pair; what pools of satellites have left counts once."""
    one = real.of[name]
    sky = one.sky(EXACT_AT[0])
    claim, lid = sky.claim(way)
    fair, served = sky.shared(way, sky.demand[way][sky.wanted], claim[sky.wanted]), np.zeros(len(claim))
    served[sky.wanted] = fair.served
    headroom, left, together = share.rooms(sky, way, fair, lid - served)
    cells, satellites = edges_of_runs(sky.all_runs)
    free = np.maximum(one.supply.gbps[way] - fair.load, 0.0)
    assert headroom[0] == pytest.approx(lid - served, abs=1e-6)
    assert (together <= np.minimum(headroom[2], headroom[3]) + 1e-6).all()
    assert headroom[1] == pytest.approx(np.bincount(cells, free[satellites], len(claim)), rel=1e-6, abs=1e-6)
    pool, node = np.append(fair.fed.fed_gbps - fair.group_load, 0.0).clip(0), fair.fed.node_of[satellites]
    pairs, place = np.unique(cells * len(pool) + node % len(pool), return_inverse=True)
    each = np.minimum(np.bincount(place, free[satellites]), pool[pairs % len(pool)])
    by_hand = np.minimum(np.bincount(pairs // len(pool), each, len(claim)), headroom[0])
    ours = np.minimum(headroom.min(axis=0), left)
    over = ours.sum() / by_hand.sum() if by_hand.sum() > 0 else 1.0
    print(f"\n{name}: more could be served of {ours.sum():,.1f} Gbps, each cell for itself, and by hand {by_hand.sum():,.1f}; with demand {ours[sky.wanted].sum():,.1f} and {by_hand[sky.wanted].sum():,.1f}")  # fmt: skip
    assert (ours >= np.minimum(by_hand, headroom.min(axis=0)) - 1e-6).all()
    assert over <= MOST_OVER[name]


def test_what_is_served_is_a_part_of_what_is_in_service(real: Real) -> None:
    working = read_parquet(real.home.staged(satellite.TABLE, DAY)).filter(pl.col("state") == "operational")
    for name, one in real.of.items():
        own = working.filter((pl.col("constellation") == name) & (pl.col("payload_class") == "broadband"))
        assert own.height == one.supply.elements.height
        assert one.rows["served_down_gbps"].sum() < one.supply.gbps[DOWN].sum()
