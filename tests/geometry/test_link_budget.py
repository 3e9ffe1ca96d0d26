"""The link budget against hand calculations, and against the figures of saleos' own tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.geometry import link_budget as lb

LINK = lb.Link(frequency_ghz=11.7, bandwidth_mhz=240.0, eirp_dbw=36.0, g_over_t_db_per_k=9.0, loss_db=0.5)
# saleos (Osoro and Oughton), tests/test_saleos.py: 545 km, 25 degrees, 10.7 GHz, on a sphere of 6,378 km.
SALEOS_RANGE_KM = 1114.3367


def test_the_slant_range_of_saleos() -> None:
    found = lb.slant_range_km(25.0, 545.0)
    assert round(float(found)) == 1114
    assert found == pytest.approx(SALEOS_RANGE_KM, abs=0.5)  # 7 km of radius


def test_overhead_the_range_is_the_altitude_and_at_the_horizon_a_tangent() -> None:
    assert lb.slant_range_km(90.0, [340.0, 1200.0]) == pytest.approx([340.0, 1200.0])
    radius = lb.MEAN_RADIUS_KM
    assert lb.slant_range_km(0.0, 550.0) == pytest.approx(np.sqrt((radius + 550) ** 2 - radius**2))


def test_the_free_space_loss_of_saleos() -> None:
    assert round(float(lb.free_space_loss_db(10.7, SALEOS_RANGE_KM))) == 174


@given(st.floats(0.1, 100), st.floats(1, 50_000))
def test_the_loss_is_that_of_a_sphere_of_that_radius(frequency_ghz: float, range_km: float) -> None:
    ratio = 4 * np.pi * range_km * 1e3 * frequency_ghz * 1e9 / 299_792_458
    assert lb.free_space_loss_db(frequency_ghz, range_km) == pytest.approx(20 * np.log10(ratio), abs=0.003)


def test_saleos_gain_is_three_decibels_low() -> None:
    diameter_m, wavelength_m, eta = 0.6, 0.299792458 / 11.7, 0.6
    theirs = 10 * np.log10(eta * np.pi * diameter_m / wavelength_m**2)
    ours = lb.antenna_gain_dbi(diameter_m, 11.7, eta)
    assert ours == pytest.approx(35.115, abs=0.001)  # pi 0.6 / 0.025623 = 73.57; 0.6 times its square = 3,247
    assert ours - theirs == pytest.approx(10 * np.log10(np.pi * diameter_m), abs=1e-9)
    assert ours - theirs == pytest.approx(2.75, abs=0.01)


def test_a_gain_four_pi_area_over_the_squared_wavelength() -> None:
    area_m2, wavelength_m = np.pi * 0.3**2, 0.299792458 / 14.25
    assert lb.antenna_gain_dbi(0.6, 14.25, 1.0) == pytest.approx(10 * np.log10(4 * np.pi * area_m2 / wavelength_m**2))


def test_noise_of_290_kelvin_in_250_megahertz_is_that_of_saleos() -> None:
    # -90 dBm there: what is left of the budget when nothing is sent, by gain 0 over 290 K.
    link = replace(
        LINK, bandwidth_mhz=250.0, eirp_dbw=0.0, g_over_t_db_per_k=lb.g_over_t_db_per_k(0.0, 290.0), loss_db=0
    )
    noise_dbm = -float(lb.carrier_to_noise_db(link, 1000.0) + lb.free_space_loss_db(11.7, 1000.0)) + 30
    assert round(noise_dbm) == -90


def test_a_budget_by_hand() -> None:
    # 92.45 + 20 log10 11.7 (21.364) + 20 log10 1000 (60) = 173.814; 10 log10 240e6 = 83.802
    # 36 + 9 - 173.814 - 0.5 + 228.6 - 83.802 = 15.484; less 1.5 of margin 13.98: 3.841 from 13.05 on
    assert lb.carrier_to_noise_db(LINK, 1000.0) == pytest.approx(15.484, abs=0.002)
    assert lb.efficiency_bit_per_s_per_hz(LINK, 1000.0) == 3.841
    assert lb.efficiency_bit_per_s_per_hz(LINK, 1000.0, rain_db=3.0) == 3.077  # 10.98
    assert lb.efficiency_bit_per_s_per_hz(replace(LINK, margin_db=0.0), 1000.0) == 4.339  # 15.48


# saleos, data/processed/interim_results_capacity.csv at 0a35a7ef: Starlink at 545 km, 27 dB of receiver over 290 K, 250 MHz.
# elevation [deg], GHz, EIRP [dBW], losses [dB] -> path [km], path loss [dB], C/N [dB]
SALEOS = [
    (25, 10.7, 61.5798, 10.53, 1114.3367, 173.9680, -5.9204),
    (25, 11.7, 62.3558, 10.53, 1114.3367, 174.7440, -5.9204),
    (30, 12.7, 63.0682, 1.53, 984.5795, 174.3811, 4.1549),
    (35, 10.7, 61.5798, 7.53, 883.9743, 171.9565, -0.9089),
]


@pytest.mark.parametrize(("elevation_deg", "ghz", "eirp_dbw", "loss_db", "range_km", "path_db", "ratio_db"), SALEOS)
def test_published_budgets_of_saleos_are_ours_but_for_a_decibel_milliwatt(
    elevation_deg: float, ghz: float, eirp_dbw: float, loss_db: float, range_km: float, path_db: float, ratio_db: float
) -> None:
    """It takes its noise, in dBm, from a power in dBW: its C/N is 30 dB low, and every one of its links falls to the slowest mode."""
    assert lb.slant_range_km(elevation_deg, 545.0) == pytest.approx(range_km, rel=3e-4)  # a sphere of 6,378 km
    assert lb.free_space_loss_db(ghz, range_km) == pytest.approx(path_db + 0.01, abs=1e-3)  # 92.44 there
    link = lb.Link(ghz, 250.0, eirp_dbw, lb.g_over_t_db_per_k(27.0, 290.0), loss_db)
    assert lb.carrier_to_noise_db(link, range_km) == pytest.approx(ratio_db + 30.0, abs=0.02)


def test_the_antenna_gains_of_saleos_are_those_without_two_squares() -> None:
    for ghz, theirs_dbi in ((10.7, 31.5798), (11.7, 32.3558), (12.7, 33.0682)):
        assert lb.antenna_gain_dbi(0.6, ghz, 0.6) == pytest.approx(theirs_dbi + 10 * np.log10(np.pi * 0.6), abs=0.01)


def test_capacity_of_a_channel_of_saleos() -> None:
    assert round(float(lb.efficiency_of_ratio(5.0)) * 250) == 412  # 1.647 bit/s/Hz in 250 MHz


def test_thresholds_are_met_from_themselves_on() -> None:
    at = np.array(lb.THRESHOLD_DB)
    assert lb.efficiency_of_ratio(at).tolist() == list(lb.EFFICIENCY)
    assert lb.efficiency_of_ratio(at - 1e-9).tolist() == [0.0, *lb.EFFICIENCY[:-1]]
    assert lb.efficiency_of_ratio(at + 2.0, 2.0).tolist() == list(lb.EFFICIENCY)
    assert lb.efficiency_of_ratio([np.nan, np.inf, -np.inf]).tolist() == [0.0, lb.EFFICIENCY[-1], 0.0]


def test_no_mode_beats_shannon() -> None:
    assert (np.array(lb.EFFICIENCY) < np.log2(1 + 10 ** (np.array(lb.THRESHOLD_DB) / 10))).all()


@given(st.lists(st.floats(100, 40_000), min_size=1, max_size=20), st.floats(0, 60))
def test_farther_or_wetter_is_never_faster(ranges: list[float], rain_db: float) -> None:
    ranges = sorted(ranges)
    dry, wet = (lb.efficiency_bit_per_s_per_hz(LINK, ranges, rain_db=rain) for rain in (0.0, rain_db))
    assert (np.diff(dry) <= 0).all()
    assert (wet <= dry).all()


def test_calibration_meets_the_published_mean_over_a_fleet() -> None:
    elevation_deg = np.linspace(25, 90, 500)
    ranges = lb.slant_range_km(elevation_deg, 550.0)
    found = lb.calibrated(LINK, ranges)
    assert found.wanted == 3.5
    assert found.mean == pytest.approx(3.5, abs=0.02)
    assert np.mean(lb.efficiency_bit_per_s_per_hz(found.link, ranges)) == found.mean
    weaker = replace(found.link, eirp_dbw=found.link.eirp_dbw - 1e-6)
    assert np.mean(lb.efficiency_bit_per_s_per_hz(weaker, ranges)) < 3.5
    near, far = lb.efficiency_bit_per_s_per_hz(found.link, [550.0, ranges[0]])
    assert near > 3.5 > far


def test_calibration_makes_up_for_whatever_receiver_was_put_in() -> None:
    ranges = lb.slant_range_km(np.linspace(25, 90, 50), 550.0)
    one, other = (lb.calibrated(replace(LINK, g_over_t_db_per_k=gt), ranges) for gt in (9.0, 12.0))
    assert one.link.eirp_dbw - other.link.eirp_dbw == pytest.approx(3.0, abs=1e-9)


def test_calibration_minds_weights_and_one_range_has_a_step() -> None:
    found = lb.calibrated(LINK, [600.0, 2000.0], 3.5, weight=[1.0, 0.0])
    assert found.mean == 3.510
    assert lb.efficiency_bit_per_s_per_hz(found.link, 600.0) == 3.510


@pytest.mark.parametrize("wanted", [0.0, 5.2, np.nan])
def test_a_mean_that_no_power_reaches_is_refused(wanted: float) -> None:
    with pytest.raises(lb.LinkBudgetError, match="no power gives"):
        lb.calibrated(LINK, [600.0], wanted)


@pytest.mark.parametrize("ranges", [[], [0.0], [np.nan]])
def test_ranges_that_are_none_are_refused(ranges: list[float]) -> None:
    with pytest.raises(lb.LinkBudgetError, match="ranges must be finite"):
        lb.calibrated(LINK, ranges)


@pytest.mark.parametrize(("name", "value"), [("frequency_ghz", 0.0), ("bandwidth_mhz", -1.0), ("loss_db", -0.1), ("eirp_dbw", np.nan)])  # fmt: skip
def test_a_link_that_cannot_be_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(lb.LinkBudgetError, match=name):
        replace(LINK, **{name: value})
