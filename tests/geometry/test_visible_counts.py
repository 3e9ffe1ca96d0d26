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
from pipeline.geometry.propagation import Fleet, instants_of_day
from tests.geometry.test_propagation import elements_of

AUTHORITY = Path(__file__).parents[1] / "authorities" / "visible_counts_2026-05-28.csv"
LONGITUDE_DEG = np.arange(-180, 180, 15.0)


def visible_counts(r_ecef_km: np.ndarray, latitude_deg: float, mask_deg: float) -> np.ndarray:
    """Count of satellites at or above the mask, (longitude, instant)."""
    return np.stack(
        [(elevation_deg(r_ecef_km, latitude_deg, longitude) >= mask_deg).sum(axis=0) for longitude in LONGITUDE_DEG]
    )


@pytest.mark.realdata
def test_counts_of_the_real_fleet_are_skyfields(shared: Path) -> None:
    path = shared / "data/catalogs/tle-groups/starlink_tle_2026-05-28T1757Z.tle.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    records = [Satrec.twoline2rv(*pair, WGS72) for pair in zip(lines[1::3], lines[2::3], strict=True)]
    r_ecef_km, _ = Fleet(elements_of(*records)).positions(instants_of_day(date(2026, 5, 28), 3_600))
    assert len(records) == 10_398
    for row in pl.read_csv(AUTHORITY).iter_rows(named=True):
        count = visible_counts(r_ecef_km, row["latitude_deg"], row["mask_deg"])
        where = f"latitude {row['latitude_deg']}, mask {row['mask_deg']}"
        assert count.mean() == pytest.approx(row["visible_mean_count"], rel=0.002), where
        assert abs(int(count.min()) - row["visible_min_count"]) <= 1, where
        assert abs(int(count.max()) - row["visible_max_count"]) <= 1, where
