"""Propagation and frames against the sgp4 library used one satellite at a time, and against Skyfield."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, load, wgs84

from pipeline.geometry.elements import altitude_rate_km_per_day, mean_altitude_km, mean_motion_rev_per_day
from pipeline.geometry.frames import elevation_deg, point_ecef_km, sidereal_angle_rad
from pipeline.geometry.propagation import Fleet, instants_of_day

# ISS elements of 20 June 2014 (the example that the sgp4 library documents).
LINES = (
    "1 25544U 98067A   14171.50000000  .00010000  00000-0  17740-3 0  9994",
    "2 25544  51.6478 112.8495 0003526  29.9545 161.1234 15.50616750892043",
)


def elements_of(*records: Satrec) -> pl.DataFrame:
    """The OMM fields of records that the sgp4 library read from lines."""
    turn = 2 * np.pi / 1_440
    rows = [
        {
            "object_name": str(r.satnum),
            "norad_cat_id": r.satnum,
            "epoch_utc": datetime(1949, 12, 31)
            + timedelta(microseconds=round((r.jdsatepoch - 2_433_281.5 + r.jdsatepochF) * 86_400e6)),
            "mean_motion_rev_per_day": r.no_kozai / turn,
            "eccentricity": r.ecco,
            "inclination_deg": np.degrees(r.inclo),
            "ra_of_asc_node_deg": np.degrees(r.nodeo),
            "arg_of_pericenter_deg": np.degrees(r.argpo),
            "mean_anomaly_deg": np.degrees(r.mo),
            "bstar_per_earth_radius": r.bstar,
            "mean_motion_dot_rev_per_day2": r.ndot * 1_440 / turn,
            "mean_motion_ddot_rev_per_day3": r.nddot * 1_440**2 / turn,
        }
        for r in records
    ]
    return pl.DataFrame(rows).with_columns(pl.col("epoch_utc").cast(pl.Datetime("us")))


def test_positions_are_those_of_the_library_read_from_lines() -> None:
    satrec = Satrec.twoline2rv(*LINES, WGS72)
    instants = instants_of_day(date(2014, 6, 22), 600)
    r_ecef_km, error = Fleet(elements_of(satrec)).positions(instants)
    assert not error.any()
    for k in (0, 71, 143):
        _, r_teme_km, _ = satrec.sgp4(instants.julian_date, instants.fraction[k])
        angle = sidereal_angle_rad(instants.julian_date, instants.fraction[k])
        turned = [
            np.cos(angle) * r_teme_km[0] + np.sin(angle) * r_teme_km[1],
            np.cos(angle) * r_teme_km[1] - np.sin(angle) * r_teme_km[0],
            r_teme_km[2],
        ]
        # The epoch is rounded to a microsecond in OMM: 8 mm along the orbit.
        np.testing.assert_allclose(r_ecef_km[0, k], turned, atol=1e-5)


def test_elevation_agrees_with_skyfield_within_a_hundredth_of_a_degree() -> None:
    scale = load.timescale(builtin=True)
    satellite = EarthSatellite(*LINES, "ISS", scale)
    instants = instants_of_day(date(2014, 6, 22), 600)
    r_ecef_km, _ = Fleet(elements_of(Satrec.twoline2rv(*LINES, WGS72))).positions(instants)
    rng = np.random.default_rng(1)
    worst = 0.0
    for k in rng.integers(0, 144, 40):
        latitude, longitude = rng.uniform(-80, 80), rng.uniform(-180, 180)
        when = scale.utc(2014, 6, 22, 0, int(k) * 10)
        altitude, _, _ = (satellite - wgs84.latlon(latitude, longitude)).at(when).altaz()
        worst = max(worst, abs(altitude.degrees - float(elevation_deg(r_ecef_km[0, k], latitude, longitude))))
    # UT1 was 0.3 s off UTC that day, and polar motion is left out.
    assert worst < 0.01


def test_a_point_of_the_ellipsoid_is_where_skyfield_has_it() -> None:
    scale = load.timescale(builtin=True)
    for latitude, longitude in ((0, 0), (51.5, -0.1), (-89.9, 30), (35.7, 139.7)):
        expected = wgs84.latlon(latitude, longitude).itrs_xyz.km
        np.testing.assert_allclose(point_ecef_km(latitude, longitude), expected, atol=1e-6)
    assert scale is not None


def test_sidereal_angle_is_vallados_example() -> None:
    # Vallado 2013, example 3-5: 20 August 1992, 12:14 UT1 is 152.578787886 degrees.
    angle = np.degrees(sidereal_angle_rad(2_448_854.5, (12 * 60 + 14) / 1_440))
    assert float(angle) == pytest.approx(152.578787886, abs=1e-6)


def test_a_satellite_that_cannot_be_propagated_says_so_and_spoils_no_other() -> None:
    good = elements_of(Satrec.twoline2rv(*LINES, WGS72))
    decayed = good.with_columns(pl.lit(0.9).alias("eccentricity"))
    r_ecef_km, error = Fleet(pl.concat([good, decayed])).positions(instants_of_day(date(2014, 6, 22), 3_600))
    assert not error[0].any()
    assert np.isfinite(r_ecef_km[0]).all()
    assert (error[1] == 6).any()  # 6: the satellite has decayed
    np.testing.assert_array_equal(np.isnan(r_ecef_km[1]).all(axis=1), error[1] != 0)


def test_a_step_that_does_not_divide_the_day_is_refused() -> None:
    with pytest.raises(ValueError, match="does not divide"):
        instants_of_day(date(2026, 8, 17), 7)


def test_missing_fields_are_named() -> None:
    with pytest.raises(ValueError, match="inclination_deg"):
        Fleet(elements_of(Satrec.twoline2rv(*LINES, WGS72)).drop("inclination_deg"))


def test_altitude_and_mean_motion_are_inverse() -> None:
    altitude_km = np.array([340.0, 550.0, 1_200.0, 35_786.0])
    np.testing.assert_allclose(mean_altitude_km(mean_motion_rev_per_day(altitude_km)), altitude_km, rtol=1e-12)
    # 15.06 rev/day is the Starlink shell that the filing puts at 550 km over a 6,371 km Earth.
    assert mean_altitude_km(np.array([15.06])) == pytest.approx(547.6, abs=1.0)


def test_altitude_rate_is_the_difference_of_altitudes_a_day_apart() -> None:
    motion, half_rate = np.array([15.06]), np.array([-0.002])
    later = mean_altitude_km(motion + 2 * half_rate * 0.01)
    expected = (later - mean_altitude_km(motion)) / 0.01
    np.testing.assert_allclose(altitude_rate_km_per_day(motion, half_rate), expected, rtol=1e-4)


def test_epochs_are_utc_without_a_zone() -> None:
    assert elements_of(Satrec.twoline2rv(*LINES, WGS72))["epoch_utc"][0] == datetime(2014, 6, 20, 12)
