"""Visible counts of the real fleet against Skyfield's (tests/authorities/visible_counts_2026-05-28.csv)."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sgp4.api import WGS72, Satrec

from pipeline.geometry.frames import elevation_deg
from pipeline.geometry.grid import Rings
from pipeline.geometry.propagation import Fleet, instants_of_day
from pipeline.geometry.visibility import Masks, counts, empty_sums, ring_geometry
from tests.geometry.test_propagation import elements_of

AUTHORITY = Path(__file__).parents[1] / "authorities" / "visible_counts_2026-05-28.csv"
LONGITUDE_DEG = np.arange(-180, 180, 15.0)


def visible_counts(r_ecef_km: np.ndarray, latitude_deg: float, mask_deg: float) -> np.ndarray:
    """Count of satellites at or above the mask, (longitude, instant)."""
    return np.stack(
        [(elevation_deg(r_ecef_km, latitude_deg, longitude) >= mask_deg).sum(axis=0) for longitude in LONGITUDE_DEG]
    )


@pytest.fixture(scope="module")
def real_r_ecef_km(shared: Path) -> np.ndarray:
    path = shared / "data/catalogs/tle-groups/starlink_tle_2026-05-28T1757Z.tle.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    records = [Satrec.twoline2rv(*pair, WGS72) for pair in zip(lines[1::3], lines[2::3], strict=True)]
    assert len(records) == 10_398
    return Fleet(elements_of(*records)).positions(instants_of_day(date(2026, 5, 28), 3_600))[0]


def assert_skyfields(count: np.ndarray, row: dict[str, float]) -> None:
    where = f"latitude {row['latitude_deg']}, mask {row['mask_deg']}"
    assert count.mean() == pytest.approx(row["visible_mean_count"], rel=0.002), where
    assert abs(int(count.min()) - row["visible_min_count"]) <= 1, where
    assert abs(int(count.max()) - row["visible_max_count"]) <= 1, where


@pytest.mark.realdata
def test_counts_of_the_real_fleet_are_skyfields(real_r_ecef_km: np.ndarray) -> None:
    for row in pl.read_csv(AUTHORITY).iter_rows(named=True):
        assert_skyfields(visible_counts(real_r_ecef_km, row["latitude_deg"], row["mask_deg"]), row)


@pytest.mark.realdata
def test_counts_by_rings_are_skyfields(real_r_ecef_km: np.ndarray) -> None:
    """A grid whose rings are the authority's latitudes, with a cell at each of its longitudes."""
    table = pl.read_csv(AUTHORITY)
    latitude = np.sort(table["latitude_deg"].unique().to_numpy().astype(float))[::-1]
    size = np.full(latitude.size, LONGITUDE_DEG.size)
    cells = np.arange(size.sum())
    rings = Rings(latitude, np.zeros(latitude.size), size, np.cumsum(size) - size, cells.astype(np.uint64))
    by_axis = np.ascontiguousarray(np.moveaxis(real_r_ecef_km, 0, 2))
    geometry, visible = ring_geometry(rings), np.zeros((24, cells.size), np.uint16)
    weight = np.ones(by_axis.shape[2], np.int64)
    for (mask_deg,), rows in table.group_by("mask_deg"):
        counts(by_axis, weight, geometry, Masks(mask_deg), visible, visible, empty_sums(geometry, 0))
        for row in rows.iter_rows(named=True):
            here = np.repeat(latitude, size) == row["latitude_deg"]
            assert_skyfields(visible[:, here], row)
