"""Corridors: which there are, how they enter the mesh, and against what they stand."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import corridor, network
from pipeline.metrics.latency import Model

DAY = date(2026, 8, 17)
MODEL = Model.of(assets.reference("latency_model"))
SITES = pl.DataFrame(
    {
        "site_id": ["aws-tokyo", "compute-abilene", "gcp-oslo", "starlink-frntdeu1", "azure-planned"],
        "kind": ["cloud_region", "compute_site", "cloud_region", "pop", "cloud_region"],
        "status": ["operational"] * 4 + ["planned"],
        "latitude_deg": [35.7, 32.4, 59.9, 50.1, 10.0],
        "longitude_deg": [139.7, -99.7, 10.7, 8.7, 10.0],
    }
)


def listed(*rows: tuple[str, str, float | None, float | None, float | None, float | None]) -> pl.DataFrame:
    names = ["from", "to", "from_latitude_deg", "from_longitude_deg", "to_latitude_deg", "to_longitude_deg"]
    return pl.DataFrame(
        list(rows), schema=dict.fromkeys(names[:2], pl.String) | dict.fromkeys(names[2:], pl.Float64), orient="row"
    )


def test_corridors_are_those_listed_and_all_pairs_of_sites_that_work() -> None:
    found = corridor.ends(listed(("Silicon Valley", "London", 37.4, -122.0, 51.5, -0.1)), SITES)
    names = found.sites["site_id"]
    pairs = {
        (names[int(a)], names[int(b)], str(kind))
        for a, b, kind in zip(found.first, found.second, found.kind, strict=True)
    }
    assert pairs == {
        ("london", "silicon-valley", "ai"),
        ("aws-tokyo", "compute-abilene", "pair"), ("aws-tokyo", "gcp-oslo", "pair"), ("compute-abilene", "gcp-oslo", "pair"),
    }  # fmt: skip


def test_an_end_may_be_a_site_by_its_name_and_then_the_pair_is_told_once() -> None:
    found = corridor.ends(listed(("gcp-oslo", "aws-tokyo", None, None, None, None)), SITES)
    assert sorted(found.kind) == ["ai", "pair", "pair"]


@pytest.mark.parametrize(
    "row", [("Atlantis", "gcp-oslo", None, None, None, None), ("London", "gcp-oslo", 151.5, -0.1, None, None), ("London", "gcp-oslo", 51.5, 400.0, None, None)]
)  # fmt: skip
def test_an_end_that_nobody_knows_or_that_lies_nowhere_is_named(row) -> None:
    with pytest.raises(corridor.CorridorError, match=rf"{row[0].lower()}.*give its coordinates, or the site_id"):
        corridor.ends(listed(row), SITES)


def test_the_corridors_that_ship_have_ends() -> None:
    found = corridor.ends(assets.reference("corridors"), SITES)
    assert (found.kind == "ai").sum() == 30


def test_fibre_leads_to_gateways_within_500_km_or_to_the_nearest() -> None:
    gateways = pl.DataFrame({"latitude_deg": [50.0, 51.0, 30.0], "longitude_deg": [8.7, 8.7, 60.0]})
    places = pl.DataFrame({"latitude_deg": [50.1, 35.0], "longitude_deg": [8.7, 60.0]})
    found = corridor.tails_km(gateways, places, MODEL)
    assert np.isfinite(found).tolist() == [[True, False], [True, False], [False, True]]
    # 11 km of great circle, stretched by 1.3, in glass of index 1.468.
    assert found[0, 0] == pytest.approx(11.1 * 1.3 * 1.468, rel=0.01)
    assert corridor.tails_km(gateways.clear(), places, MODEL).shape == (0, 2)


def between(base: list[list[float]]) -> network.Between:
    rtt = np.array(base, np.float32)
    two = np.where(rtt < 60, np.inf, rtt + 9).astype(np.float32)
    graphs = {"base": rtt, "three": rtt + 2, "two": two, "terminal": rtt + 1}
    links = {name: np.where(np.isfinite(of), 4, -1).astype(np.int16) for name, of in graphs.items()}
    return network.Between(graphs, links, np.array([5]), 20)


def computed(
    base: list[list[float]], before: pl.DataFrame | None = None, internet_ms: float = np.nan, gateways: bool = True
) -> dict:
    of = corridor.ends(listed(("Ashburn", "London", 39.04, -77.49, 51.51, -0.13)), SITES.clear())
    rows = corridor.compute(
        between(base), of, 6_860.0, 25.0, gateways, np.array([internet_ms]), corridor.TABLE.empty() if before is None else before,
        MODEL, "starlink", DAY,
    )  # fmt: skip
    return rows.row(0, named=True)


def test_figures_are_those_of_the_instants_with_a_way() -> None:
    row = computed([[58.0], [np.inf], [60.0], [62.0]])
    assert row["reachable_fraction"] == 0.75
    assert (row["rtt_min_ms"], row["rtt_p50_ms"], row["rtt_p95_ms"]) == pytest.approx(
        (62, 64, 66)
    )  # with 4 ms of overhead
    assert row["rtt_three_links_p50_ms"] == pytest.approx(66)
    assert (row["rtt_two_links_p50_ms"], row["two_links_reachable_fraction"]) == pytest.approx((73, 0.5))
    assert row["hop_median_count"] == 5
    assert row["path_changes_per_h"] == pytest.approx(60)  # 5 of 20 steps of 15 s
    assert row["rtt_terminal_p50_ms"] == pytest.approx(61 + MODEL.access_ms)
    assert row["rtt_propagation_p50_ms"] == pytest.approx(61 - 4 * 2 * MODEL.link_ms)
    assert row["geodesic_km"] == pytest.approx(5_917, abs=20)
    # corridors_reference.csv, 58.0 and 75.3 ms.
    assert (row["fibre_great_circle_ms"], row["fibre_stretched_ms"]) == pytest.approx((58.0, 75.3), abs=0.2)
    assert row["gap_fibre_stretched_ms"] == pytest.approx(row["rtt_p50_ms"] - row["fibre_stretched_ms"])
    assert 39.5 < row["rtt_floor_ms"] < row["rtt_min_ms"]  # 39.5 ms: light along the ground
    assert row["internet_ms"] is None
    assert row["gap_internet_ms"] is None


def test_a_sign_that_changes_is_told_once_both_days_are_known() -> None:
    today = computed([[50.0]], internet_ms=90.0)
    assert today["fibre_stretched_sign_changed"] is None
    then = pl.DataFrame([today | {"gap_fibre_stretched_ms": 3.0}], schema=corridor.TABLE.polars_schema)
    again = computed([[50.0]], then, internet_ms=90.0)
    assert (again["fibre_stretched_sign_changed"], again["fibre_great_circle_sign_changed"]) == (True, False)
    assert again["internet_sign_changed"] is False
    assert computed([[50.0]], then)["internet_sign_changed"] is None


def test_without_gateways_only_the_terminals_have_figures() -> None:
    row = computed([[58.0], [60.0]], gateways=False)
    nothing = (
        "rtt_min_ms",
        "rtt_p50_ms",
        "rtt_p95_ms",
        "rtt_three_links_p50_ms",
        "hop_median_count",
        "path_changes_per_h",
        "gap_fibre_stretched_ms",
    )
    assert {row[name] for name in nothing} == {None}
    assert row["rtt_terminal_p50_ms"] is not None
    assert row["rtt_floor_ms"] is not None


def test_no_way_all_day_is_null_and_without_lasers_there_are_no_corridors() -> None:
    row = computed([[np.inf], [np.inf]])
    assert (row["rtt_p50_ms"], row["reachable_fraction"], row["hop_median_count"]) == (None, 0.0, None)
    of = corridor.ends(listed(), SITES)
    rows = corridor.compute(None, of, 6_900.0, 25.0, True, np.empty(0), corridor.TABLE.empty(), MODEL, "oneweb", DAY)
    assert rows.is_empty()
