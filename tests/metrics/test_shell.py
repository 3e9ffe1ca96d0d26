"""Shells learned from who keeps his place."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.metrics import shell
from tests.metrics.skies import DAY, Landed, changed, land, made, walker


def still(rows: list[dict[str, Any]]) -> Landed:
    """The same rows on three days."""
    return land({-2: rows, -1: rows, 0: rows})


def only(day: Landed) -> dict[str, Any]:
    (row,) = day.shells.rows(named=True)
    return row


def test_a_walker_shell_is_described_in_walkers_words() -> None:
    row = only(still(walker(24, 22, 5, altitude_km=540.0, inclination_deg=53.2)))
    assert row["shell_id"] == "starlink-53.2-540"
    assert row["notation"] == "53.2:528/24/5 @540"
    assert (row["plane_count"], row["slot_count"], row["lattice_plane_count"], row["phasing"]) == (24, 22, 24, 5)
    assert row["slot_coherence"] == pytest.approx(1.0, abs=1e-6)
    assert (row["satellite_count"], row["operational_count"], row["waiting_count"]) == (528, 528, 0)
    assert row["steady"]


def test_a_shell_that_is_half_filled_is_described_by_its_places() -> None:
    rows = walker(36, 20, 11)
    kept = [rows[k] for k in np.sort(np.random.default_rng(1).permutation(720)[:400])]
    row = only(still(kept))
    assert (row["slot_count"], row["lattice_plane_count"], row["phasing"]) == (20, 36, 11)
    assert row["satellite_count"] == 400


def test_each_inclination_and_payload_has_shells_of_its_own() -> None:
    rows = [
        *walker(inclination_deg=53.2),
        *walker(first=51_000, inclination_deg=43.0),
        *(
            r | {"name": f"STARLINK-{11_000 + k} [DTC]"}
            for k, r in enumerate(walker(first=52_000, inclination_deg=43.0))
        ),
        *(r | {"name": f"ONEWEB-{k}"} for k, r in enumerate(walker(first=53_000, inclination_deg=43.0))),
    ]
    assert still(rows).shells["shell_id"].to_list() == [
        "oneweb-43.0-550",
        "starlink-43.0-550",
        "starlink-53.2-550",
        "starlink-direct-to-cell-43.0-550",
    ]


def test_shells_a_few_kilometres_apart_are_told_apart() -> None:
    day = still([*walker(altitude_km=471.0), *walker(first=51_000, altitude_km=475.5, turn_deg=11.0)])
    assert day.shells["satellite_count"].to_list() == [120, 120]


def test_levels_within_the_width_of_a_shell_are_one_shell() -> None:
    day = still([*walker(altitude_km=471.0), *walker(first=51_000, altitude_km=473.5, turn_deg=11.0)])
    assert only(day)["satellite_count"] == 240


def test_single_planes_one_above_the_other_are_one_shell() -> None:
    """OneWeb's planes fly 4 km apart, so that they cross the poles above each other."""
    rows = [
        made(50_000 + 60 * plane + k, name=f"ONEWEB-{60 * plane + k}", altitude_km=1_178.0 + 4.0 * plane, inclination_deg=87.9,
             node_deg=15.2 * plane, latitude_deg=(360.0 * k / 50 + 3.1 * plane) % 360.0)
        for plane in range(12)
        for k in range(50)
    ]  # fmt: skip
    row = only(still(rows))
    assert (row["plane_count"], row["slot_count"], row["satellite_count"]) == (12, 50, 600)
    assert (row["altitude_low_km"], row["altitude_high_km"]) == (pytest.approx(1_178.0), pytest.approx(1_222.0))
    assert row["slot_coherence"] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("planes", "each", "spacing_deg"), [(1, 24, 5.0), (3, 20, 5.0), (1, 24, 0.3)])
def test_a_batch_that_travels_as_an_even_train_is_no_shell(planes: int, each: int, spacing_deg: float) -> None:
    rows = [made(50_000 + each * p + k, node_deg=20.0 * p, latitude_deg=spacing_deg * k) for p in range(planes) for k in range(each)]  # fmt: skip
    day = still(rows)
    assert only(day)["shell_kind"] == "holding"
    assert day.states() == {"parked": planes * each}


def test_a_handful_of_pairs_proves_no_shell() -> None:
    rows = [made(50_000 + k, node_deg=18.0 * (k // 2), latitude_deg=180.0 * (k % 2)) for k in range(40)]
    assert only(still(rows))["shell_kind"] == "holding"


def test_a_crowd_without_places_is_a_holding_orbit_without_slots() -> None:
    places_deg = np.random.default_rng(2).uniform(0, 360, 120)
    rows = [made(50_000 + k, altitude_km=418.0, node_deg=30.0 * (k % 12), latitude_deg=float(u)) for k, u in enumerate(places_deg)]  # fmt: skip
    row = only(still(rows))
    assert (row["shell_id"], row["shell_kind"]) == ("holding-starlink-53.2-418", "holding")
    assert (row["slot_count"], row["operational_count"], row["phasing"]) == (None, 0, None)
    assert abs(row["slot_coherence"]) < 0.3


def test_too_few_to_be_a_crowd_are_in_no_table() -> None:
    assert still(walker(1, 5)).shells.is_empty()


def test_a_name_that_is_taken_gets_a_number() -> None:
    """The shell that was named for 550 km has gone to 540; another one forms at 550."""
    moved = walker(inclination_deg=53.0)
    later = walker(first=51_000, inclination_deg=53.0, turn_deg=11.0)
    days = {-k: changed(moved, altitude_km=550.0 - min(10.0, 2.0 * (8 - k))) for k in range(9)}
    days[0] = [*days[0], *later]
    days[-1] = [*days[-1], *later]
    assert land(days).shells["shell_id"].to_list() == ["starlink-53.0-550", "starlink-53.0-550.2"]


def test_of_a_shell_that_parts_the_larger_half_keeps_the_name() -> None:
    low, high = walker()[:40], walker()[40:]
    day = land({-1: walker(), 0: [*changed(low, altitude_km=545.0), *high]})
    names = dict(day.satellites.filter(pl.col("shell_id").is_not_null()).select("norad_cat_id", "shell_id").iter_rows())
    assert {names[r["number"]] for r in high} == {"starlink-53.2-550"}


def test_who_is_left_behind_by_a_shell_that_is_moved_is_not_in_it() -> None:
    days = {-k: [*changed(walker()[1:], altitude_km=544.0 + 2.0 * k), walker()[0]] for k in range(4)}
    day = land(days)
    assert day.satellites.filter(pl.col("shell_id").is_null()).select("norad_cat_id", "state").rows() == [
        (50_000, "parked")
    ]


def test_no_satellites_make_no_shells() -> None:
    rows = land({0: [made()]}).satellites.head(0)
    found = shell.learn(rows)
    assert set(shell.ASSIGNED) <= set(found.columns)
    assert shell.table(found, DAY).is_empty()
