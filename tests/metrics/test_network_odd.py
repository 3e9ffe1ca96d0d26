"""A day's network where something is missing: an answer that says so, or an error that names it; and the same answer every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from pipeline.geometry import links
from pipeline.io import assets
from pipeline.metrics import corridor, ground, latency, latency_country, network
from pipeline.sources import sites, starlink_ground
from tests.metrics import skies

MODEL = latency.Model.of(assets.reference("latency_model"))
NOON = datetime.combine(skies.DAY, time(12))
RULES = network.Rules(25.0, MODEL.link_km, (0.25, 0.0, 0.5))
WALKER = skies.walker(24, 20, 1)
Point = tuple[float, float]
GATEWAYS: list[Point] = [(50.0, 8.0), (40.0, -75.0)]
POPS: list[Point] = [(50.0, 8.0)]
ENDS: list[Point] = [(50.0, 8.0), (40.0, -75.0), (0.0, 0.0)]
USERS: list[Point] = [(50.0, 9.0), (0.0, 0.0), (-90.0, 0.0)]


@pytest.fixture(autouse=True)
def few_instants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "INSTANTS", 5)
    monkeypatch.setattr(network, "WINDOWS", 2)


def mesh(rows: list[dict[str, Any]], lasers: bool = True, failing: int = 0) -> network.Mesh:
    """Satellites with their links; the first `failing` have elements that SGP4 gives up on at once."""
    plane = pl.Series("plane_id", [f"{row['node_deg']:.0f}" for row in rows], pl.String)
    whole = skies.elements(rows).with_columns(pl.lit("shell").alias("shell_id"), plane)
    ordered = links.in_order(whole, NOON)
    graphs = {n: links.of_satellites(ordered, np.full(len(rows), lasers), NOON, n) for n in (4, 3, 2)}
    number = pl.int_range(pl.len())
    motion = pl.when(number < failing).then(18.5).otherwise("mean_motion_rev_per_day").alias("mean_motion_rev_per_day")
    return network.Mesh(ordered.drop("shell_id", "plane_id").with_columns(motion), graphs.pop(4), graphs)


def frame(points: Sequence[Point]) -> pl.DataFrame:
    rows = {"site_id": [f"site-{k}" for k in range(len(points))], "latitude_deg": [p[0] for p in points], "longitude_deg": [p[1] for p in points]}  # fmt: skip
    return pl.DataFrame(rows, schema={"site_id": pl.String, "latitude_deg": pl.Float64, "longitude_deg": pl.Float64})


def standing(
    gateways: Sequence[Point] = GATEWAYS, pops: Sequence[Point] = POPS, ends: Sequence[Point] = ENDS
) -> network.Ground:
    g, p, e = (frame(points) for points in (gateways, pops, ends))
    pairs = np.stack(np.triu_indices(len(ends), 1)).astype(np.int64)
    return network.Ground(latency.at(g), 25.0, MODEL.fibre_km(latency.between_km(g, p)), latency.at(e), corridor.tails_km(g, e, MODEL), pairs)  # fmt: skip


def passed(over: network.Mesh, on: network.Ground, points: Sequence[Point] = USERS, goal: int = 0) -> network.Passed:
    users = network.Users(latency.at(frame(points)), np.full(len(points), goal, np.int32))
    return network.passed(over, on, users, users, RULES, skies.DAY)


def reached(ways: network.Ways | None) -> NDArray[np.bool_]:
    """Whether each user ever has a way."""
    assert ways is not None
    return np.asarray((ways.rtt != network.UNREACHABLE).any(axis=0))


def corridors(found: network.Passed, on: Sequence[Point] = ENDS, has_gateways: bool = True) -> pl.DataFrame:
    a, b = np.triu_indices(len(on), 1)
    of = corridor.Ends(frame(on), a, b, np.full(len(a), "pair"))
    return corridor.compute(found.between, of, found.lowest_km, 25.0, has_gateways, np.full(len(a), np.nan), corridor.TABLE.empty(), MODEL, "starlink", skies.DAY)  # fmt: skip


# --- too few of something --------------------------------------------------------------------------------------------


def test_a_whole_shell_reaches_who_lies_below_it() -> None:
    found = passed(mesh(WALKER), standing())
    assert reached(found.cells).tolist() == [True, True, False]
    assert corridors(found)["reachable_fraction"].to_list() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("count", [1, 3])
def test_few_satellites_leave_nulls_not_zeros(count: int) -> None:
    found = passed(mesh(WALKER[:count]), standing())
    assert not reached(found.cells).any()
    rows = corridors(found)
    assert rows.height == (3 if count == 3 else 0)  # one alone has no lasers at work
    assert rows.select("rtt_p50_ms", "rtt_terminal_p50_ms", "rtt_propagation_p50_ms", "hop_median_count").null_count().row(0) == (rows.height,) * 4  # fmt: skip
    assert (rows["reachable_fraction"] == 0).all()


def test_a_fleet_without_lasers_has_bent_pipes_and_no_corridors() -> None:
    found = passed(mesh(WALKER, lasers=False), standing())
    assert reached(found.cells).tolist() == [True, False, False]
    assert found.cells is not None
    assert found.cells.mesh_count.max() == 0
    assert corridors(found).rows() == []


def test_without_gateways_there_is_only_what_terminals_do() -> None:
    found = passed(mesh(WALKER), standing(gateways=[], pops=[]), goal=-1)
    assert found.cells is None
    assert found.towns is None
    rows = corridors(found, has_gateways=False)
    nobodys = rows.select("rtt_min_ms", "rtt_p50_ms", "reachable_fraction", "rtt_three_links_p50_ms", "hop_median_count", "path_changes_per_h", "gap_fibre_stretched_ms")  # fmt: skip
    assert nobodys.null_count().row(0) == (3,) * 7
    assert rows["rtt_terminal_p50_ms"].null_count() == 0
    table = latency.compute(None, None, np.arange(2, dtype=np.uint64), "starlink", skies.DAY)
    assert table.drop("day", "constellation", "cell_id").null_count().row(0) == (2,) * 10


@pytest.mark.parametrize("points", [[], [(1.0, 1.0)]])
def test_without_pairs_there_are_no_corridors(points: list[Point]) -> None:
    found = passed(mesh(WALKER), standing(ends=points))
    assert corridors(found, points).rows() == []
    assert reached(found.cells).any()


def test_without_users_nobody_has_a_way() -> None:
    found = passed(mesh(WALKER), standing(), [])
    assert found.cells is not None
    assert found.cells.rtt.shape == (5, 0)


def test_users_without_a_pop_have_no_way() -> None:
    assert not reached(passed(mesh(WALKER), standing(), goal=-1).cells).any()


def test_satellites_that_cannot_be_propagated_carry_nothing() -> None:
    """Beside others they are as if they were not there; alone they leave no distance of a lowest one either."""
    some = passed(mesh(WALKER, failing=10), standing())
    assert (some.worst > 0).sum() == 10
    assert np.isfinite(some.lowest_km)
    gone = mesh(WALKER)
    dark = {n: np.where((g >= 10) & (np.arange(len(g)) >= 10)[:, None], g, -1).astype(np.int32) for n, g in {4: gone.neighbour, **gone.fewer}.items()}  # fmt: skip
    without = passed(network.Mesh(mesh(WALKER, failing=10).elements, dark.pop(4), dark), standing())
    assert some.cells is not None
    assert without.cells is not None
    assert (some.cells.rtt == without.cells.rtt).all()
    everybody = passed(mesh(WALKER, failing=len(WALKER)), standing())
    assert np.isinf(everybody.lowest_km)
    assert not reached(everybody.cells).any()


# --- the same every time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5, 7])
def test_a_pass_is_the_same_to_the_byte_on_any_number_of_threads(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def content(found: network.Passed) -> list[bytes]:
        assert found.towns is not None
        assert found.between is not None
        ways = [a for each in found.towns for a in (each.rtt, each.mesh_count, each.link_count)]
        return [a.tobytes() for a in (*ways, *found.between.rtt_ms.values(), *found.between.links.values(), found.between.changes)]  # fmt: skip

    first = content(passed(mesh(WALKER), standing()))
    monkeypatch.setattr(network, "THREADS", threads)
    assert content(passed(mesh(WALKER), standing())) == first


def test_the_order_of_the_catalog_does_not_matter() -> None:
    order = np.random.default_rng(0).permutation(len(WALKER))
    one, other = (passed(mesh(rows), standing()) for rows in (WALKER, [WALKER[k] for k in order]))
    assert one.cells is not None
    assert other.cells is not None
    assert (one.cells.rtt == other.cells.rtt).all()
    assert corridors(one).equals(corridors(other))


# --- bad input -------------------------------------------------------------------------------------------------------


def listed(*rows: tuple[str, str, float | None, float | None]) -> pl.DataFrame:
    """corridors.csv: names of both ends, the coordinates of the first; the other is at 10, 10."""
    return pl.DataFrame(
        [(a, b, lat, lon, 10.0, 10.0) for a, b, lat, lon in rows],
        schema={"from": pl.String, "to": pl.String} | {f"{side}_{name}_deg": pl.Float64 for side in ("from", "to") for name in ("latitude", "longitude")},
        orient="row",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("Atlantis", "Nowhere", None, None), "atlantis: an end without coordinates of its own that dim.site does not know"),
        (("Tokyo", "Nowhere", 139.7, 35.7), "tokyo.*outside of -90 to 90"),
        (("Tokyo", "Nowhere", float("nan"), 35.7), "tokyo"),
        (("Tokyo ", "tokyo", 35.7, 139.7), "ends where it begins: name two ends"),
    ],
)  # fmt: skip
def test_an_end_that_is_nowhere_is_named(row: tuple[str, str, float | None, float | None], words: str) -> None:
    with pytest.raises(corridor.CorridorError, match=words):
        corridor.ends(listed(row), sites.TABLE.empty())


def test_an_empty_list_of_corridors_leaves_the_pairs_of_sites() -> None:
    assert corridor.ends(listed(), sites.TABLE.empty()).first.shape == (0,)
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame
    found = corridor.ends(listed(), shipped)
    assert len(found.first) == found.sites.height * (found.sites.height - 1) // 2
    assert set(found.kind) == {"pair"}


def test_a_gateway_in_the_sea_is_left_out_and_said() -> None:
    """A latitude and longitude that are swapped lie in the sea more often than not: Anchorage's in the Antarctic is off the Earth even."""
    content = b"""{"lastUpdated": "2026-03-20", "stations": [
        {"name": "Frankfurt, Germany", "lat": 50.1, "lon": 8.7, "status": "operational", "type": "gateway"},
        {"name": "Accra, Ghana", "lat": -0.2, "lon": -35.6, "status": "operational", "type": "gateway"},
        {"name": "Sao Paulo, Brazil", "lat": -46.6, "lon": -23.5, "status": "operational", "type": "gateway"},
        {"name": "Tokyo, Japan", "lat": 139.7, "lon": 35.7, "status": "operational", "type": "gateway"}]}"""
    parsed = starlink_ground.parse(content)
    assert parsed.excluded["reason"].to_list() == ["its coordinates are not on the Earth: latitude and longitude may be swapped"]  # fmt: skip
    rows, left_out = ground.site_rows(sites.TABLE.empty(), parsed.frame, assets.topology())
    assert rows["title"].to_list() == ["Frankfurt, Germany"]
    assert left_out["row_key"].to_list() == ["Accra, Ghana (-0.2, -35.6)", "Sao Paulo, Brazil (-46.6, -23.5)"]
    assert left_out["reason"].str.contains("in the sea").all()


def test_countries_without_any_figure_have_nulls() -> None:
    places = pl.DataFrame({"country_iso3": ["AAA", "AAA", "BBB"], "weight_fraction": [0.5, 0.5, 1.0]})
    rtt = np.array([[10_00, network.UNREACHABLE, network.UNREACHABLE]], np.uint16)
    ways = network.Ways(rtt, np.zeros(3, np.int32), np.zeros(3, np.int32))
    assert latency_country.medians_ms(ways, places).rows() == [("AAA", 10.0), ("BBB", None)]
