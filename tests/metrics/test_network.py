"""A pass over a day's network: against plain numpy at single instants, and what it does with little."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from pipeline.geometry import links, points, routing
from pipeline.geometry.propagation import Fleet
from pipeline.io import assets
from pipeline.metrics import latency, latency_country, network
from pipeline.metrics.latency import Model
from tests.metrics import skies

DAY = date(2026, 8, 17)
NOON = datetime(2026, 8, 17, 12)
MODEL = Model.of(assets.reference("latency_model"))
RANKS = (0.25, 0.0, 0.5)


def at(*places: tuple[float, float]) -> NDArray[np.float64]:
    latitude, longitude = np.array(places).reshape(-1, 2).T
    return points.places(latitude, longitude, np.zeros(len(latitude)))


FRANKFURT, ASHBURN, LAGOS, TOKYO, PACIFIC, POLE = (
    (50.1, 8.7),
    (39.0, -77.5),
    (6.5, 3.4),
    (35.7, 139.7),
    (-30.0, -130.0),
    (89.0, 0.0),
)
GATEWAYS = at(FRANKFURT, ASHBURN)
TAILS_KM = np.array([[100.0, np.inf, np.inf], [np.inf, 40.0, np.inf]])
GROUND = network.Ground(GATEWAYS, 25.0, np.array([[0.0, np.inf], [np.inf, 30.0]]), at(FRANKFURT, ASHBURN, TOKYO), TAILS_KM, np.array([[0, 0, 1], [1, 2, 2]]))  # fmt: skip
CELLS = network.Users(at(FRANKFURT, LAGOS, PACIFIC, POLE, TOKYO), np.array([0, 0, 1, 0, -1], np.int32))
TOWNS = network.Users(at(LAGOS, TOKYO), np.array([0, 1], np.int32))
RULES = network.Rules(25.0, MODEL.link_km, RANKS)


def mesh(planes: int = 18, places: int = 18) -> network.Mesh:
    rows = skies.elements(skies.walker(planes, places)).with_columns(
        pl.lit("shell").alias("shell_id"), (pl.int_range(pl.len()) // places).cast(pl.String).alias("plane_id")
    )
    rows = links.in_order(rows, NOON)
    lasers = np.ones(rows.height, bool)
    graphs = {count: links.of_satellites(rows, lasers, NOON, count) for count in (4, 3, 2)}
    return network.Mesh(rows.drop("shell_id", "plane_id"), graphs.pop(4), graphs)


@pytest.fixture(scope="module")
def fleet() -> network.Mesh:
    return mesh()


@pytest.fixture(scope="module")
def found(fleet: network.Mesh) -> network.Passed:
    return network.passed(fleet, GROUND, CELLS, TOWNS, RULES, DAY)


def by_hand(of: network.Mesh, instant: int) -> dict[str, NDArray[np.float64]]:
    """Round trips [ms] at one instant by numpy and scipy alone: cells and towns by rule, corridors."""
    whole = network.instants(DAY)
    r_km = Fleet(of.elements).positions(whole.part(instant, instant + 1))[0][:, 0]
    count = len(r_km)

    def slant_km(places: NDArray[np.float64], mask_deg: float) -> NDArray[np.float64]:
        sight = r_km - places[:, None, :3]
        away = np.linalg.norm(sight, axis=2)
        return np.where((sight * places[:, None, 3:]).sum(axis=2) >= np.sin(np.radians(mask_deg)) * away, away, np.inf)

    length = routing.lengths_km(np.ascontiguousarray(r_km.T), of.neighbour) + RULES.link_km
    here, link = np.nonzero(np.isfinite(length))
    graph = csr_matrix((length[here, link], (here, of.neighbour[here, link])), (count, count))
    over = dijkstra(graph)  # from each satellite to each
    up = slant_km(GATEWAYS, GROUND.mask_deg)
    to_pop = (up[:, None] + GROUND.fibre_km[:, :, None]).min(axis=0)
    beyond = (over[None] + to_pop[:, :, None]).min(axis=1)
    ends = (up[:, None] + TAILS_KM[:, :, None]).min(axis=0)
    between = (over[None] + ends[:, :, None]).min(axis=1)
    corridors = (between[:, None] + ends[None]).min(axis=2)[tuple(GROUND.pairs)]
    own = slant_km(GROUND.ends, RULES.mask_deg)
    terminal = ((over[None] + own[:, :, None]).min(axis=1)[:, None] + own[None]).min(axis=2)[tuple(GROUND.pairs)]
    served = {}
    for name, users in (("cells", CELLS), ("towns", TOWNS)):
        ways = np.sort(
            np.where(users.goal[:, None] >= 0, slant_km(users.places, 25.0) + beyond[users.goal], np.inf), axis=1
        )
        ranks = [[int(rank * max(np.isfinite(row).sum() - 1, 0)) for row in ways] for rank in RANKS]
        served[name] = np.array([[row[k] for row, k in zip(ways, of_rule, strict=True)] for of_rule in ranks])
    return {
        name: value * (2 / network.KM_PER_MS)
        for name, value in (served | {"base": corridors, "terminal": terminal}).items()
    }


def ms(rtt: NDArray[np.uint16]) -> NDArray[np.float64]:
    return np.where(rtt == network.UNREACHABLE, np.inf, rtt / network.PER_MS)


@pytest.mark.parametrize("instant", [0, 100, 292])
def test_ways_are_those_of_numpy_and_scipy(fleet: network.Mesh, found: network.Passed, instant: int) -> None:
    wanted = by_hand(fleet, instant)
    assert found.cells is not None
    assert found.towns is not None
    assert found.between is not None
    near = {"rtol": 0, "atol": 0.0051}  # kept to a hundredth of a millisecond
    np.testing.assert_allclose(ms(found.cells.rtt[instant]), wanted["cells"][0], **near)
    for rule in range(len(RANKS)):
        np.testing.assert_allclose(ms(found.towns[rule].rtt[instant]), wanted["towns"][rule], **near)
    for graph in ("base", "terminal"):
        np.testing.assert_allclose(found.between.rtt_ms[graph][instant], wanted[graph], rtol=1e-6)


def test_who_has_no_pop_or_is_out_of_reach_has_no_way(found: network.Passed) -> None:
    assert found.cells is not None
    assert (found.cells.rtt[:, 3:] == network.UNREACHABLE).all()
    assert found.cells.mesh_count[3:].tolist() == found.cells.link_count[3:].tolist() == [0, 0]


def test_far_users_go_over_lasers_and_near_ones_over_one_satellite(found: network.Passed) -> None:
    assert found.cells is not None
    count = (found.cells.rtt != network.UNREACHABLE).sum(axis=0)
    assert found.cells.mesh_count[0] < 0.2 * count[0]
    assert found.cells.mesh_count[2] == count[2] > 100
    assert found.cells.link_count[2] > 2 * count[2]


def test_fewer_links_are_never_faster(found: network.Passed) -> None:
    assert found.between is not None
    base, three, two = (found.between.rtt_ms[name] for name in ("base", "three", "two"))
    assert (base <= three + 1e-4).all()
    assert (three <= two + 1e-4).all()
    assert (base < two).any()


def test_a_second_pass_and_other_threads_leave_the_same(
    fleet: network.Mesh, found: network.Passed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "THREADS", 3)
    again = network.passed(fleet, GROUND, CELLS, TOWNS, RULES, DAY)
    assert found.cells is not None
    assert again.cells is not None
    assert found.between is not None
    assert again.between is not None
    for name in ("rtt", "mesh_count", "link_count"):
        np.testing.assert_array_equal(getattr(found.cells, name), getattr(again.cells, name))
    for graph, rtt_ms in found.between.rtt_ms.items():
        np.testing.assert_array_equal(rtt_ms, again.between.rtt_ms[graph])
    np.testing.assert_array_equal(found.between.changes, again.between.changes)


def test_paths_change_and_not_at_every_step(found: network.Passed) -> None:
    assert found.between is not None
    assert found.between.steps == network.WINDOWS * (network.WINDOW_INSTANTS - 1)
    share = found.between.changes[0] / found.between.steps
    assert 0.02 < share < 0.9


def test_without_lasers_there_are_bent_pipes_and_no_corridors(fleet: network.Mesh) -> None:
    dark = network.Mesh(fleet.elements, np.full((fleet.elements.height, 4), -1, np.int32))
    found = network.passed(dark, GROUND, CELLS, TOWNS, RULES, DAY)
    assert found.between is None
    assert found.cells is not None
    assert (found.cells.rtt[:, 0] != network.UNREACHABLE).any()
    assert (found.cells.rtt[:, 2] == network.UNREACHABLE).all()
    assert found.cells.mesh_count.sum() == 0


def test_without_gateways_nobody_is_served_and_terminals_still_meet(fleet: network.Mesh) -> None:
    none = replace(GROUND, gateways=np.empty((0, 6)), fibre_km=np.empty((0, 0)), tail_km=np.empty((0, 3)))
    found = network.passed(fleet, none, CELLS, TOWNS, RULES, DAY)
    assert found.cells is None
    assert found.towns is None
    assert found.between is not None
    assert np.isinf(found.between.rtt_ms["base"]).all()
    assert np.isfinite(found.between.rtt_ms["terminal"]).mean() > 0.5


def test_three_satellites_are_a_network_too() -> None:
    three = skies.elements(skies.walker(1, 3))
    neighbour = links.of_satellites(
        three.with_columns(pl.lit("s").alias("shell_id"), pl.lit("p").alias("plane_id")), np.ones(3, bool), NOON
    )
    found = network.passed(network.Mesh(three, neighbour), GROUND, CELLS, TOWNS, RULES, DAY)
    assert found.cells is not None
    assert 0 < (found.cells.rtt[:, 0] != network.UNREACHABLE).mean() < 0.2


def test_a_satellite_that_fails_serves_nobody_and_its_code_is_told(fleet: network.Mesh) -> None:
    broken = fleet.elements.with_columns(
        pl.when(pl.col("norad_cat_id") == skies.FIRST_NUMBER).then(0.9).otherwise("eccentricity").alias("eccentricity")
    )
    found = network.passed(replace(fleet, elements=broken), GROUND, CELLS, TOWNS, RULES, DAY)
    at_fault = (broken["norad_cat_id"] == skies.FIRST_NUMBER).arg_true()[0]
    assert found.worst[at_fault] != 0
    assert (np.delete(found.worst, at_fault) == 0).all()
    assert found.cells is not None
    assert (found.cells.rtt[:, 0] != network.UNREACHABLE).mean() > 0.9


def test_the_instants_of_a_day_are_no_fraction_of_an_orbit() -> None:
    whole = network.instants(DAY)
    assert len(whole.fraction) >= 288
    orbits = 15.06 * whole.fraction
    phases = np.sort(orbits % 1.0)
    assert np.diff(phases, append=phases[0] + 1).max() < 0.02  # every phase is met


# --- what is told of it ----------------------------------------------------------------------------------------------

PLACES = pl.DataFrame(
    {
        "country_iso3": ["DEU", "DEU", "NGA", "USA", "USA"],
        "region_code": ["all", "all", "all", "US-VA", "US-HI"],
        "latitude_deg": [50.1, 53.5, 6.5, 39.0, 21.3],
        "longitude_deg": [8.7, 10.0, 3.4, -77.5, -157.9],
        "weight_fraction": [0.25, 0.75, 1.0, 0.5, 0.5],
    }
)
POPS = pl.DataFrame(
    {
        "site_id": ["starlink-ash", "starlink-fra", "starlink-lgs"],
        "latitude_deg": [39.0, 50.1, 6.5],
        "longitude_deg": [-77.5, 8.7, 3.4],
    }
)


def reached(*rows: tuple[str, str, str, str, str | None]) -> pl.DataFrame:
    names = ["country_iso3", "region_code", "site_id", "pop_reason", "passed_over"]
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(pl.lit(None, pl.String).alias("left_out"))


def test_users_go_to_the_nearest_of_the_pops_that_serve_them_and_not_to_the_nearest_of_all() -> None:
    table = reached(
        ("DEU", "all", "starlink-fra", "table", None), ("DEU", "all", "starlink-ash", "table", None),
        ("NGA", "all", "starlink-fra", "table", None), ("USA", "all", "starlink-ash", "table", None),
        ("USA", "US-HI", "starlink-lgs", "feed", None), ("USA", "US-VA", "starlink-fra", "nearest", None),
    )  # fmt: skip
    assert latency_country.goals(PLACES, table, POPS).tolist() == [1, 1, 1, 0, 2]


def test_a_pop_that_is_passed_over_serves_nobody() -> None:
    table = reached(("DEU", "all", "starlink-fra", "table", "few"), ("DEU", "all", "starlink-ash", "nearest", None))
    assert latency_country.goals(PLACES.head(2), table, POPS).tolist() == [0, 0]


def test_cells_go_where_the_nearest_place_of_their_country_goes_and_at_sea_to_the_nearest() -> None:
    cells = pl.DataFrame(
        {"cell_id": [7, 8, 9], "latitude_deg": [52.0, 0.0, 51.0], "longitude_deg": [9.5, 0.0, 9.0]},
        schema_overrides={"cell_id": pl.UInt64},
    )
    held = pl.DataFrame(
        {"cell_id": [7, 7, 9], "country_iso3": ["DEU", "NGA", "NGA"], "area_fraction": [0.7, 0.3, 1.0]},
        schema_overrides={"cell_id": pl.UInt64},
    )
    goal = np.array([1, 1, 0, 0, 2], np.int32)
    assert latency_country.cell_goals(cells, held, PLACES, goal, POPS).tolist() == [1, 2, 0]


def test_percentiles_are_nearest_ranks_among_those_with_a_way() -> None:
    none = int(network.UNREACHABLE)
    rtt = np.array([[100, none], [200, 700], [300, none], [none, none]], np.uint16)
    p50, p95 = latency.percentiles_ms(rtt, (50, 95))
    assert (p50.tolist(), p95.tolist()) == ([2.0, 7.0], [3.0, 7.0])
    assert np.isnan(latency.percentiles_ms(np.full((3, 1), none, np.uint16), (50,))[0]).all()


def onward() -> latency.Onward:
    return latency.Onward(POPS, np.array([1.0, 90.0, np.nan]), np.array([0.5, 0.6, 0.7]))


def test_a_country_is_the_weighted_mixture_of_its_places() -> None:
    rtt = np.array([[1_000, 3_000, 0, 0, 0]] * 4, np.uint16)
    rtt[:, 2:] = network.UNREACHABLE
    ways = network.Ways(rtt, np.array([0, 4, 0, 0, 0]), np.array([0, 8, 0, 0, 0]))
    goal = np.array([1, 1, 2, 0, 0], np.int32)
    found = latency.figures(ways, goal, latency.at(PLACES), onward(), 6_860.0, 25.0, MODEL)
    told = pl.DataFrame({"country_iso3": ["DEU"], "measured_p50_ms": [26.1], "measured_source": ["for tests"]})
    table = latency_country.compute(ways, found, PLACES, goal, onward(), MODEL, told, "starlink", DAY)
    rows = {row["country_iso3"]: row for row in table.iter_rows(named=True)}
    germany = rows["DEU"]
    assert germany["rtt_pop_p50_ms"] == pytest.approx(30 + MODEL.access_ms)  # three quarters are at 30 ms
    assert germany["rtt_gpu_p50_ms"] == pytest.approx(120 + MODEL.access_ms)
    assert (germany["mesh_path_fraction"], germany["hop_mean_count"]) == pytest.approx((0.75, 2.5))
    assert (germany["pop_code"], germany["place_count"], germany["measured_p50_ms"]) == ("fra", 2, 26.1)
    assert (rows["NGA"]["rtt_pop_p50_ms"], rows["NGA"]["reachable_fraction"]) == (None, 0.0)
    assert latency_country.medians_ms(ways, PLACES)["way_ms"].to_list() == [30.0, None, None]


def test_where_no_gateway_is_known_countries_have_rows_and_no_figures() -> None:
    table = latency_country.compute(
        None, None, PLACES, np.full(5, -1, np.int32), onward(), MODEL, pl.DataFrame(), "oneweb", DAY
    )
    assert table["country_iso3"].to_list() == ["DEU", "NGA", "USA"]
    names = [c.name for c in latency.FIGURES]
    assert table.select(names).null_count().sum_horizontal()[0] == 3 * len(names)


def test_the_floor_is_below_every_way_to_the_pop(fleet: network.Mesh, found: network.Passed) -> None:
    pops = pl.DataFrame({"site_id": ["a", "b"], "latitude_deg": [50.1, 39.0], "longitude_deg": [8.7, -77.5]})
    beyond = latency.Onward(pops, np.zeros(2), np.zeros(2))
    assert found.cells is not None
    table = latency.figures(found.cells, CELLS.goal, CELLS.places, beyond, found.lowest_km, 25.0, MODEL)
    least = ms(found.cells.rtt).min(axis=0)
    floor = table["rtt_floor_ms"].to_numpy()
    assert (floor[:3] <= least[:3] + 0.01).all()
    assert table["rtt_floor_ms"].null_count() == 1  # who goes to no PoP has none
