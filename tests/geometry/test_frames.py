"""Frames against Skyfield: elevations of a thousand random cases, and what is lost by taking UT1 as UTC and the pole as fixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, Timescale, load, wgs84
from skyfield.framelib import itrs

from pipeline.geometry.constants import EARTH_RAD_PER_S, WGS72_MU_KM3_PER_S2, WGS72_RADIUS_KM, WGS84_SEMI_MAJOR_KM
from pipeline.geometry.frames import elevation_deg, great_circle_km, point_ecef_km, r_ecef_km
from pipeline.geometry.propagation import Fleet, instants_from
from tests.geometry.test_propagation import elements_of

INCLINATIONS_DEG = (28.5, 43.0, 53.0, 70.0, 87.9, 97.6)
HIGHEST_KM = 1_300.0
LEAP_S = 37.0  # TAI less UTC since 2017
POLE_ARCSEC = (0.35, 0.487)  # 0.6 arcseconds from the origin, the largest that the IERS has published


def record(rng: np.random.Generator, epoch: datetime) -> Satrec:
    """A satellite like those of low networks, 300 to 1,300 km up."""
    axis_km = rng.uniform(300, HIGHEST_KM) + WGS72_RADIUS_KM
    motion = 60 * np.sqrt(WGS72_MU_KM3_PER_S2 / axis_km**3)
    days = (epoch - datetime(1949, 12, 31)).total_seconds() / 86_400
    node, perigee, anomaly = rng.uniform(0, 2 * np.pi, 3)
    made = Satrec()
    made.sgp4init(
        WGS72, "i", 1, days, rng.uniform(0, 5e-4), 0, 0, rng.uniform(0, 0.002), perigee, np.radians(rng.choice(INCLINATIONS_DEG)),
        anomaly, motion, node,
    )  # fmt: skip
    return made


def ours_km(record: Satrec, when: datetime) -> np.ndarray:
    """Earth-fixed position [km], (3,), by our own propagation and frames."""
    return Fleet(elements_of(record)).positions(instants_from(when, 1.0, 0, 1))[0][0, 0]


def ut1_less_utc_s(scale: Timescale, when: datetime) -> float:
    """UT1 - UTC [s] by Skyfield's own table of delta T."""
    return float(32.184 + LEAP_S - scale.from_datetime(when.replace(tzinfo=UTC)).delta_t)


def skyfields_km(record: Satrec, scale: Timescale, when: datetime) -> np.ndarray:
    return (
        EarthSatellite.from_satrec(record, scale).at(scale.from_datetime(when.replace(tzinfo=UTC))).frame_xyz(itrs).km
    )


def place_near(rng: np.random.Generator, r_km: np.ndarray) -> tuple[float, float, float]:
    """Latitude, longitude [deg] and height [m] of a place from which a satellite may be seen, or of any."""
    if rng.uniform() < 0.25:
        return (
            float(np.degrees(np.arcsin(rng.uniform(-1, 1)))),
            float(rng.uniform(-180, 180)),
            float(rng.uniform(-430, 8_849)),
        )
    away = r_km / np.linalg.norm(r_km) + rng.normal(scale=0.12, size=3)
    latitude = np.degrees(np.arcsin(away[2] / np.linalg.norm(away)))
    return float(latitude), float(np.degrees(np.arctan2(away[1], away[0]))), float(rng.uniform(-430, 8_849))


def test_elevations_of_a_thousand_random_cases_are_skyfields_within_a_hundredth_of_a_degree() -> None:
    # Since October 2022 UT1 has been within 0.1 s of UTC: below, what larger differences do.
    scale, rng = load.timescale(builtin=True), np.random.default_rng(2026)
    found, expected = [], []
    for _ in range(1_000):
        epoch = datetime(2022, 10, 1) + timedelta(days=int(rng.integers(0, 1_400)))
        satellite, when = record(rng, epoch), epoch + timedelta(seconds=float(rng.uniform(-86_400, 3 * 86_400)))
        r_km = ours_km(satellite, when)
        latitude, longitude, height_m = place_near(rng, r_km)
        place = wgs84.latlon(latitude, longitude, elevation_m=height_m)
        time = scale.from_datetime(when.replace(tzinfo=UTC))
        expected.append((EarthSatellite.from_satrec(satellite, scale) - place).at(time).altaz()[0].degrees)
        found.append(float(elevation_deg(r_km, latitude, longitude, height_m / 1_000)))
    assert (np.array(expected) > 10).sum() > 400
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.01)  # 0.0035 was found


DAYS = [datetime(year, month, 1) for year in range(2019, 2027) for month in (1, 4, 7, 10)]


def offsets_m(scale: Timescale) -> np.ndarray:
    """Per day of DAYS: UT1 - UTC [s], largest distance to Skyfield's positions, and what of it is left after the turn by UT1 - UTC [m]."""
    rng, rows = np.random.default_rng(1), []
    for day in DAYS:
        when = day + timedelta(seconds=float(rng.uniform(0, 86_400)))
        turn_s = ut1_less_utc_s(scale, when)
        plain, turned = 0.0, 0.0
        for _ in range(20):
            satellite = record(rng, day)
            ours, theirs = ours_km(satellite, when), skyfields_km(satellite, scale, when)
            plain = max(plain, np.linalg.norm(ours - theirs) * 1_000)
            turned = max(turned, np.linalg.norm(r_ecef_km(ours, np.array(turn_s * EARTH_RAD_PER_S)) - theirs) * 1_000)
        rows.append((turn_s, plain, turned))
    return np.array(rows)


def test_ut1_taken_as_utc_is_all_that_parts_us_from_skyfield() -> None:
    turn_s, plain_m, turned_m = offsets_m(load.timescale(builtin=True)).T
    speed_m_per_s = EARTH_RAD_PER_S * (WGS72_RADIUS_KM + HIGHEST_KM + 20) * 1_000
    assert (plain_m <= np.abs(turn_s) * speed_m_per_s + 0.001).all()
    # The figures of the docstring, 2019 to 2026.
    assert 0.2 < np.abs(turn_s).max() < 0.25
    assert 120 < plain_m.max() < 140
    recent = np.array(DAYS) >= datetime(2022, 10, 1)
    assert plain_m[recent].max() < 60
    # TEME needs the mean sidereal angle: no equation of the equinoxes is left out, which would be hundreds of metres.
    assert turned_m.max() < 0.0005


def test_in_the_zenith_of_the_lowest_satellites_the_turn_is_a_fiftieth_of_a_degree_at_most() -> None:
    scale, rng, worst_deg = load.timescale(builtin=True), np.random.default_rng(5), 0.0
    for _ in range(500):
        epoch = datetime(2019, 1, 1) + timedelta(days=int(rng.integers(0, 1_350)))
        satellite, when = record(rng, epoch), epoch + timedelta(seconds=float(rng.uniform(0, 86_400)))
        r_km = ours_km(satellite, when)
        x, y, z = r_km / np.linalg.norm(r_km) + rng.normal(scale=0.01, size=3)
        latitude, longitude = np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
        time = scale.from_datetime(when.replace(tzinfo=UTC))
        place = wgs84.latlon(latitude, longitude)
        theirs_deg = (EarthSatellite.from_satrec(satellite, scale) - place).at(time).altaz()[0].degrees
        worst_deg = max(worst_deg, abs(theirs_deg - float(elevation_deg(r_km, latitude, longitude))))
    assert 0.01 < worst_deg < 0.02


def test_the_apparent_sidereal_angle_would_be_hundreds_of_metres_off() -> None:
    scale = load.timescale(builtin=True)
    times = [scale.from_datetime(day.replace(tzinfo=UTC)) for day in DAYS]
    equation_s = max(abs(float(time.gast - time.gmst)) * 3_600 for time in times)
    assert 450 < equation_s * EARTH_RAD_PER_S * WGS84_SEMI_MAJOR_KM * 1_000 < 550


def test_a_wandering_pole_moves_satellites_by_22_metres_and_the_ground_by_19() -> None:
    still, wandering = load.timescale(builtin=True), load.timescale(builtin=True)
    wandering.polar_motion_table = [np.array([0.0, 1e7])] + [np.full(2, each) for each in POLE_ARCSEC]
    rng, worst = np.random.default_rng(3), 0.0
    for _ in range(200):
        satellite, when = (
            record(rng, datetime(2024, 7, 1)),
            datetime(2024, 7, 1) + timedelta(seconds=float(rng.uniform(0, 86_400))),
        )
        moved = skyfields_km(satellite, wandering, when) - skyfields_km(satellite, still, when)
        worst = max(worst, np.linalg.norm(moved) * 1_000)
    pole_rad = np.radians(np.hypot(*POLE_ARCSEC) / 3_600)
    assert pole_rad * WGS84_SEMI_MAJOR_KM * 1_000 == pytest.approx(18.6, abs=0.1)
    assert 18 < worst < 22.5


def test_the_definition_of_utc_bounds_the_turn() -> None:
    turn_rad = 0.9 * EARTH_RAD_PER_S
    assert np.degrees(turn_rad) == pytest.approx(0.00376, abs=1e-5)
    ground_m = np.linalg.norm(point_ecef_km(0, 0) - point_ecef_km(0, np.degrees(turn_rad))) * 1_000
    assert ground_m == pytest.approx(419, abs=1)
    assert turn_rad * (WGS84_SEMI_MAJOR_KM + HIGHEST_KM) * 1_000 == pytest.approx(504, abs=1)


def test_great_circles_are_those_of_a_sphere_and_near_the_geodesic() -> None:
    # A quarter of the sphere; Ashburn to London, 5,917 km by corridors_reference.csv; no way at all; antipodes.
    latitude, longitude = np.array([0.0, 39.04, 10.0, 45.0]), np.array([0.0, -77.49, 20.0, 100.0])
    other = np.array([0.0, 51.51, 10.0, -45.0]), np.array([90.0, -0.13, 380.0, -80.0])
    found = great_circle_km(latitude, longitude, *other)
    np.testing.assert_allclose(found[[0, 3]], [np.pi / 2 * 6371.0088, np.pi * 6371.0088], rtol=1e-6)
    assert found[1] == pytest.approx(5_917, rel=0.006)
    assert found[2] == pytest.approx(0, abs=1e-9)
