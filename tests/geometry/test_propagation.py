"""Propagation and frames against the sgp4 library used one satellite at a time, and against Skyfield."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, load, wgs84

from pipeline.geometry import near_earth, propagation
from pipeline.geometry.elements import altitude_rate_km_per_day, mean_altitude_km, mean_motion_rev_per_day
from pipeline.geometry.frames import elevation_deg, point_ecef_km, sidereal_angle_rad
from pipeline.geometry.kernels import sine_and_cosine
from pipeline.geometry.propagation import Fleet, Instants, instants_from, instants_of_day

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


def test_instants_from_a_start_are_those_of_the_day_whatever_the_window() -> None:
    day = instants_of_day(date(2026, 8, 17), 60)
    found = instants_from(datetime(2026, 8, 17, 0, 10), 60.0, 0, 1_430)
    assert found.julian_date == day.julian_date
    np.testing.assert_allclose(found.fraction, day.fraction[10:], rtol=0, atol=2e-16)
    start = datetime(2026, 8, 17, 23, 59, 59, 500_000)
    whole = instants_from(start, 37.7, 0, 5_000).fraction
    np.testing.assert_array_equal(instants_from(start, 37.7, 4_321, 5_000).fraction, whole[4_321:])


@pytest.mark.parametrize(("days", "limit_m"), [(7, 1e-4), (365, 1e-3), (3_660, 5e-3)])
def test_a_fraction_of_many_days_is_as_good_as_that_of_its_own_day(days: int, limit_m: float) -> None:
    start = datetime(2026, 8, 17, 7, 30)
    fleet = Fleet(orbits(40, 8).with_columns((pl.col("epoch_utc") + timedelta(days=days)).alias("epoch_utc")))
    later = instants_from(start, 1.0, days * 86_400, days * 86_400 + 100)
    own_day = instants_from(start + timedelta(days=days), 1.0, 0, 100)
    apart_km = fleet.positions(later)[0] - fleet.positions(own_day)[0]
    assert np.abs(apart_km).max() * 1_000 < limit_m


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


# --- the kernel against the library, near and beyond its limits --------------------------------------------------------


def orbits(count: int, seed: int, **limits: tuple[float, float]) -> pl.DataFrame:
    """Made-up elements of DAY, uniform between limits."""
    rng = np.random.default_rng(seed)
    between = {
        "mean_motion_rev_per_day": (12.8, 16.0), "eccentricity": (0.0, 0.01), "inclination_deg": (0.0, 180.0),
        "ra_of_asc_node_deg": (0.0, 360.0), "arg_of_pericenter_deg": (0.0, 360.0), "mean_anomaly_deg": (0.0, 360.0),
        "bstar_per_earth_radius": (-1e-3, 3e-3), "mean_motion_dot_rev_per_day2": (-1e-3, 1e-3), "mean_motion_ddot_rev_per_day3": (0.0, 0.0),
    } | limits  # fmt: skip
    columns = {name: rng.uniform(*ends, count) for name, ends in between.items()}
    epochs = [datetime(2026, 8, 17) + timedelta(microseconds=int(m)) for m in rng.integers(0, 86_400_000_000, count)]
    return pl.DataFrame(columns).with_columns(pl.Series("epoch_utc", epochs, pl.Datetime("us")))


def by_library(elements: pl.DataFrame, instants: Instants) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes, Earth-fixed positions and velocities of every satellite by the sgp4 library alone."""
    library = Fleet(elements)._library(np.arange(elements.height))
    code, r_km, v_km_per_s = propagation._by_library(library, instants)
    return code, r_km, v_km_per_s


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"eccentricity": (0.0, 2e-6)},  # where SGP4 holds it at 1e-6
        {"eccentricity": (0.015, 0.025)},  # half of them beyond the kernel
        {"inclination_deg": (0.0, 1e-9)}, {"inclination_deg": (180 - 1e-9, 180.0)}, {"inclination_deg": (89.9, 90.1)},
        {"mean_motion_rev_per_day": (6.3, 6.5)},  # about the border of deep space
        {"mean_motion_rev_per_day": (16.0, 16.5), "bstar_per_earth_radius": (0.0, 0.5)},  # they come down within days
    ],
)  # fmt: skip
@pytest.mark.parametrize("shift_days", [-7, 0, 7])
def test_kernel_and_library_agree_within_a_tenth_of_a_millimetre(
    limits: dict[str, tuple[float, float]], shift_days: int
) -> None:
    elements = orbits(300, 1, **limits)
    instants = instants_of_day(date(2026, 8, 17) + timedelta(days=shift_days), 3_600)
    r_km, v_km_per_s, error = Fleet(elements).states(instants)
    code, r_library_km, v_library_km_per_s = by_library(elements, instants)
    np.testing.assert_array_equal(error, code)
    np.testing.assert_allclose(r_km, r_library_km, rtol=0, atol=1e-7)
    np.testing.assert_allclose(v_km_per_s, v_library_km_per_s, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(Fleet(elements).positions(instants)[0], r_km)


def test_most_of_a_fleet_goes_through_the_kernel_and_an_odd_count_fills_no_block() -> None:
    fleet = Fleet(orbits(300, 2))
    assert (fleet._near.size, fleet._blocks.shape) == (300, (3, len(near_earth.ROWS), 128))


def test_whoever_cannot_be_propagated_spoils_no_other_and_has_a_code() -> None:
    elements = orbits(140, 3)
    odd = {
        "mean_motion_rev_per_day": [0.0, -1.0, np.nan, np.inf], "eccentricity": [1.0, -0.1, np.nan, 2.0],
        "bstar_per_earth_radius": [np.nan, np.inf, 1e300], "inclination_deg": [np.nan],
    }  # fmt: skip
    frames = [elements]
    for name, values in odd.items():
        frames += [elements.head(1).with_columns(pl.lit(value).alias(name)) for value in values]
    instants = instants_of_day(date(2026, 8, 17), 3_600)
    alone, _ = Fleet(elements).positions(instants)
    r_km, error = Fleet(pl.concat(frames)).positions(instants)
    np.testing.assert_array_equal(r_km[:140], alone)
    assert not error[:140].any()
    assert (error[140:] != 0).any(axis=1).all()
    np.testing.assert_array_equal(np.isnan(r_km).all(axis=2), error != 0)
    assert set(np.unique(error)) <= set(propagation.ERRORS) | {0}


@pytest.mark.parametrize(("piece_s", "eccentricity"), [(2_700, 0.01), (3_600, 1e-4), (3_600, 0.01), (3_600, 0.0199)])
def test_interpolated_positions_are_as_good_as_their_bound_says(piece_s: int, eccentricity: float) -> None:
    fast = 15.8  # the fastest of them has the largest error
    ends = (eccentricity, eccentricity + 1e-5)
    elements = orbits(200, 4, eccentricity=ends, mean_motion_rev_per_day=(15.0, fast), bstar_per_earth_radius=(0, 1e-4))
    instants = instants_of_day(date(2026, 8, 17), 60)
    exact, _ = Fleet(elements).positions(instants)
    between, _ = Fleet(elements).positions(instants, piece_s)
    worst_km = np.linalg.norm(between - exact, axis=2).max()
    bound_km = propagation.interpolation_error_km(6_900.0, fast, eccentricity, piece_s)
    assert 0.2 * bound_km < worst_km <= bound_km
    if piece_s == 3_600:
        assert worst_km < 0.001


def test_interpolation_is_exact_at_its_own_points() -> None:
    fleet, instants = Fleet(orbits(200, 4)), instants_of_day(date(2026, 8, 17), 60)
    points = propagation.Instants(instants.julian_date, propagation._pieces(instants.part(0, 60), 3_600)[0].fraction[0])
    np.testing.assert_allclose(fleet.positions(points, 3_600)[0], fleet.positions(points)[0], rtol=0, atol=1e-8)


@pytest.mark.parametrize("piece_s", [None, 3_600, 5_000])
def test_windows_give_bit_equal_positions_in_any_order(piece_s: int | None) -> None:
    fleet, instants = Fleet(orbits(200, 5)), instants_of_day(date(2026, 8, 17), 60)
    whole, _ = fleet.positions(instants, piece_s)
    for first, last in ((1_417, 1_440), (0, 7), (7, 300), (300, 301)):
        part, _ = fleet.positions(instants.part(first, last), piece_s)
        np.testing.assert_array_equal(part, whole[:, first:last])


def test_a_geostationary_satellite_stands_still() -> None:
    high = orbits(1, 6, mean_motion_rev_per_day=(1.0027, 1.0027), inclination_deg=(0.0, 0.0), eccentricity=(0.0, 0.0))
    _, v_km_per_s, error = Fleet(high).states(instants_of_day(date(2026, 8, 17), 3_600))
    assert not error.any()
    assert np.abs(v_km_per_s).max() < 0.01


def test_sine_and_cosine_are_good_to_the_last_digits() -> None:
    angle = np.concatenate([np.linspace(-50, 50, 20_001), np.random.default_rng(7).uniform(-1e5, 1e5, 20_000)])
    found = np.array([sine_and_cosine(x) for x in angle])
    np.testing.assert_allclose(found, np.stack([np.sin(angle), np.cos(angle)], axis=1), rtol=0, atol=4e-16)
