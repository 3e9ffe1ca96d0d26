"""Node and argument of latitude at a common instant, against the sgp4 library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sgp4.api import WGS72, Satrec
from sgp4.conveniences import jday_datetime

from pipeline.geometry.elements import node_and_latitude_deg

EPOCH = datetime(2026, 8, 17, 6, 30)
SGP4_EPOCH = datetime(1949, 12, 31)
RNG = np.random.default_rng(1)
# altitude as mean motion [rev/day], inclination [deg]: direct to cell, Starlink, Amazon Leo, OneWeb, Guowang, retrograde
ORBITS = [(15.7, 43.0), (15.28, 53.2), (15.06, 97.4), (14.81, 51.9), (13.15, 87.9), (13.3, 50.0), (15.3, 142.0)]


def record(motion: float, inclination_deg: float, bstar: float = 0.0) -> tuple[Satrec, dict[str, object]]:
    """One near-circular satellite as the library and as OMM fields have it."""
    node_deg, perigee_deg, anomaly_deg = RNG.uniform(0, 360, 3)
    satrec = Satrec()
    days = (EPOCH - SGP4_EPOCH) / timedelta(days=1)
    satrec.sgp4init(
        WGS72, "i", 1, days, bstar, 0.0, 0.0, 2e-4, np.radians(perigee_deg), np.radians(inclination_deg),
        np.radians(anomaly_deg), motion * 2 * np.pi / 1_440, np.radians(node_deg),
    )  # fmt: skip
    row = {
        "epoch_utc": EPOCH, "mean_motion_rev_per_day": motion, "eccentricity": 2e-4, "inclination_deg": inclination_deg,
        "ra_of_asc_node_deg": node_deg, "arg_of_pericenter_deg": perigee_deg, "mean_anomaly_deg": anomaly_deg,
        "mean_motion_dot_rev_per_day2": 0.0,
    }  # fmt: skip
    return satrec, row


def by_library(satrec: Satrec, instant: datetime) -> tuple[float, float]:
    """Mean node, and argument of latitude from position and velocity [deg]."""
    error, r_km, v_km_per_s = satrec.sgp4(*jday_datetime(instant.replace(tzinfo=UTC)))
    assert error == 0
    pole = np.cross(r_km, v_km_per_s)
    ascending = np.cross([0.0, 0.0, 1.0], pole)
    ahead = np.cross(pole, ascending)
    latitude = np.arctan2(
        np.dot(r_km, ahead) / np.linalg.norm(ahead), np.dot(r_km, ascending) / np.linalg.norm(ascending)
    )
    return float(np.degrees(satrec.Om)), float(np.degrees(latitude))


def turned_deg(difference_deg: float) -> float:
    """Size of an angle, the short way round."""
    return abs((difference_deg + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("hours", [-12, -3, 0, 12])
@pytest.mark.parametrize(("motion", "inclination_deg"), ORBITS)
def test_node_and_latitude_are_the_librarys(motion: float, inclination_deg: float, hours: int) -> None:
    satrec, row = record(motion, inclination_deg)
    instant = EPOCH + timedelta(hours=hours)
    ((node_deg,), (latitude_deg,)) = node_and_latitude_deg(pl.DataFrame([row]), instant)
    expected_node_deg, expected_latitude_deg = by_library(satrec, instant)
    assert turned_deg(node_deg - expected_node_deg) < 0.005
    assert turned_deg(latitude_deg - expected_latitude_deg) < 0.3


def test_drag_carries_a_low_satellite_ahead_as_the_library_has_it() -> None:
    satrec, row = record(15.9, 53.2, bstar=1e-2)
    instant = EPOCH + timedelta(hours=12)
    motions = []
    for at in (EPOCH - timedelta(hours=12), instant):
        by_library(satrec, at)
        motions.append(satrec.nm * 1_440 / (2 * np.pi))
    dot = (motions[1] - motions[0]) / 2
    still, falling = (pl.DataFrame([row | {"mean_motion_dot_rev_per_day2": d}]) for d in (0.0, dot))
    _, expected_deg = by_library(satrec, instant)
    assert turned_deg(node_and_latitude_deg(still, instant)[1][0] - expected_deg) > 1.0
    assert turned_deg(node_and_latitude_deg(falling, instant)[1][0] - expected_deg) < 0.3


def test_angles_stay_within_a_turn() -> None:
    rows = [record(motion, inclination_deg)[1] for motion, inclination_deg in ORBITS]
    for angle_deg in node_and_latitude_deg(pl.DataFrame(rows), EPOCH - timedelta(days=2)):
        assert ((angle_deg >= 0) & (angle_deg < 360)).all()
