"""Starlink's capacity on 28 May 2026 against what was derived from the fleet of those days."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import fleet, installed
from pipeline.sources.celestrak_active import parse
from tests.metrics.skies import Home, Landed

pytestmark = pytest.mark.realdata

GENERATION = fleet.generations(assets.reference("satellite_generations"))
# gateways_capacity.csv of the reference: capacity_in_orbit_model and its note, and the note of cumulative_capacity_launched.
IN_ORBIT_TBPS = 677.0
IN_SHELLS_TBPS = 633.0
BY_MID_JULY_2025_TBPS = 405.0
NEAR_SHELL_KM = 3.0
LOWEST_SHELL_KM = 400.0
LAST_BY_MID_JULY = "2025-150"  # of 16 July 2025; the next Starlinks, 2025-152, are of the 19th


@pytest.fixture(scope="module")
def in_may(shared: Path) -> Landed:
    path = shared / "data" / "catalogs" / "tle-groups" / "starlink_tle_2026-05-28T1757Z.tle.gz"
    launches = assets.reference("launches").select("launch", pl.col("launch_day").str.to_date(strict=False))
    return Home().land(date(2026, 5, 28), parse(gzip.decompress(path.read_bytes())).frame, launches=launches.drop_nulls().unique("launch"))  # fmt: skip


def down_tbps(rows: pl.DataFrame) -> float:
    total = installed.total_tbps(installed.counts_of(rows), GENERATION, "down")
    assert total is not None
    return float(total)


def test_all_in_orbit_carry_677_tbps_without_direct_to_cell(in_may: Landed) -> None:
    assert in_may.satellites.height == 10_397
    assert down_tbps(in_may.satellites) == pytest.approx(IN_ORBIT_TBPS, rel=0.01)
    every = installed.totals(in_may.satellites, GENERATION, {"d2c_counts_as_broadband": 1.0})
    assert every.installed_down_tbps == pytest.approx(IN_ORBIT_TBPS + 62, rel=0.01)


def test_those_launched_by_mid_july_2025_and_still_in_orbit_carry_405_tbps(in_may: Landed) -> None:
    by_then = in_may.satellites.filter(pl.col("launch") <= LAST_BY_MID_JULY)  # designators are in the order of launches
    assert by_then["launch_day"].max() == date(2025, 7, 16)
    assert down_tbps(by_then) == pytest.approx(BY_MID_JULY_2025_TBPS, rel=0.01)


def test_those_near_a_shell_carry_633_tbps_whatever_their_rate(in_may: Landed) -> None:
    levels = in_may.shells.filter((pl.col("shell_kind") == "shell") & (pl.col("altitude_km") >= LOWEST_SHELL_KM))
    altitude_km = in_may.satellites["altitude_km"].to_numpy()
    away_km = np.abs(altitude_km[:, None] - levels["altitude_km"].to_numpy()).min(axis=1)
    near = in_may.satellites.filter(pl.Series((away_km <= NEAR_SHELL_KM) & (altitude_km >= LOWEST_SHELL_KM)))
    assert down_tbps(near) == pytest.approx(IN_SHELLS_TBPS, rel=0.03)


def test_what_is_in_service_is_below_what_is_installed(in_may: Landed) -> None:
    found = installed.totals(in_may.satellites, GENERATION)
    assert 0.85 * found.installed_down_tbps < found.in_service_down_tbps < found.installed_down_tbps
