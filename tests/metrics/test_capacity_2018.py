"""Three designs of 2018 against the throughput that was published of them: within a factor of two, and moving as they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.geometry.feed import Ground
from pipeline.geometry.grid import centres
from pipeline.metrics import latency
from pipeline.metrics.share import DOWN
from tests.metrics.designs_2018 import (
    DESIGNS,
    KBPS_PER_HEAD,
    ONEWEB,
    ORDER,
    SPACEX,
    TELESAT,
    Design,
    ground,
    market,
    one_flow_gbps,
    people,
    searched,
    sites,
    sky_of,
    supply,
    tbps,
    throughput,
)

FACTOR = 2.0
# What docs/validation.md says [Tbps]: with the demand of the paper, and with demand without end.
DOCUMENTED = {"OneWeb": (0.96, 1.17), "Telesat": (2.53, 2.55), "SpaceX": (41.6, 51.7)}
# Wide enough for the day to be shared a little better.
NEAR = 0.03
ENDLESS_KBPS = 1e6
# Mean rate of a satellite over weather, from memory of the paper [Gbps].
MEAN_RATE_GBPS = {"OneWeb": 8.80, "Telesat": 35.65, "SpaceX": 20.12}
# The least that an antenna of SpaceX's must carry [Gbps] for the published 16.8 Tbps to pass through 50 sites of 3,500 / 123 antennas.
LEAST_ANTENNA_GBPS = 11.8

each_design = pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)


def found_tbps(design: Design, by: Ground | None = None, kbps: float = KBPS_PER_HEAD, *, lasers: bool = True) -> float:
    return tbps(throughput(supply(design, lasers=lasers), market(design, kbps), by or ground(design)))


@each_design
def test_what_is_published_of_a_design_agrees_with_itself(design: Design) -> None:
    assert design.satellites == {"OneWeb": 720, "Telesat": 117, "SpaceX": 4_425}[design.name]
    assert design.satellites * design.mean_gbps / 1_000 == pytest.approx(design.published_tbps, rel=0.005)
    assert supply(design).gbps[0].sum() / 1_000 > 1.5 * design.published_tbps


@each_design
def test_the_throughput_is_within_a_factor_of_two_of_the_published_one(design: Design) -> None:
    found, endless = found_tbps(design), found_tbps(design, kbps=ENDLESS_KBPS)
    satellites, antennas = design.satellites * design.satellite_gbps, design.antennas * design.antenna_gbps
    print(f"\n{design.name}: published {design.published_tbps}, found {found:.2f} ({found / design.published_tbps:.2f}); with demand without end {endless:.2f}; satellites {satellites / 1_000:.2f}, antennas {antennas / 1_000:.2f} Tbps")  # fmt: skip
    assert 1 / FACTOR < found / design.published_tbps < FACTOR
    assert found < endless < min(satellites, antennas) / 1_000
    assert (found, endless) == pytest.approx(DOCUMENTED[design.name], rel=NEAR)


@each_design
def test_half_of_the_gateways_serve_less_and_none_nobody(design: Design) -> None:
    whole, half = found_tbps(design), found_tbps(design, ground(design, design.sites // 2))
    print(f"\n{design.name}: {design.sites} sites {whole:.2f}, {design.sites // 2} sites {half:.2f} Tbps")
    assert half < 0.85 * whole
    assert found_tbps(design, Ground(np.empty((0, 6)), np.empty(0), design.mask_deg)) == 0.0


def test_lasers_carry_a_part_of_spacex_and_none_of_oneweb() -> None:
    for by in (ground(SPACEX), ground(SPACEX, SPACEX.sites // 2)):
        with_lasers, without = found_tbps(SPACEX, by), found_tbps(SPACEX, by, lasers=False)
        print(f"\n{len(by.site_gbps)} sites: {with_lasers:.2f}, without lasers {without:.2f} Tbps")
        assert without < 0.9 * with_lasers
    assert found_tbps(TELESAT, lasers=False) == pytest.approx(2.30, rel=NEAR)
    assert found_tbps(ONEWEB, lasers=False) == found_tbps(ONEWEB)


def test_where_its_gateways_stand_decides_what_oneweb_serves() -> None:
    places = searched(ONEWEB)
    by = Ground(latency.at(places), ground(ONEWEB).site_gbps, ONEWEB.mask_deg)
    found, endless = found_tbps(ONEWEB, by), found_tbps(ONEWEB, by, ENDLESS_KBPS)
    print(f"\nOneWeb with places searched for: {found:.2f}, with demand without end {endless:.2f}")
    assert (found, endless) == pytest.approx((0.97, 1.56), rel=NEAR)


def test_who_asks_for_how_much_decides_what_spacex_serves() -> None:
    found = [found_tbps(SPACEX, kbps=kbps) for kbps in (3.0, 10.0, 100.0)]
    print(f"\nSpaceX at 3, 10 and 100 kbps a head: {np.round(found, 1)}")
    assert found == pytest.approx([19.7, 35.5, 46.0], rel=NEAR)


def test_with_mean_rates_all_are_still_within_a_factor_of_two() -> None:
    found = [found_tbps(replace(design, satellite_gbps=MEAN_RATE_GBPS[design.name])) for design in DESIGNS]
    print(f"\nwith mean rates: {np.round(found, 2)}")
    assert found == pytest.approx([0.85, 2.34, 39.5], rel=NEAR)
    for design, one in zip(DESIGNS, found, strict=True):
        assert 1 / FACTOR < one / design.published_tbps < FACTOR


@each_design
def test_no_sharing_could_serve_much_more(design: Design) -> None:
    """One flow over everything, from satellite to satellite: steps lose up to 5 %, and pools add up to 2."""
    for by in (ground(design), ground(design, design.sites // 2)):
        sky = sky_of(supply(design), market(design), by)
        most = one_flow_gbps(sky, DOWN)
        claim, demand = sky.claim(DOWN)[0][sky.wanted], sky.demand[DOWN][sky.wanted]
        part = sky.shared(DOWN, demand, claim).served.sum() / most
        print(f"\n{design.name}, {len(by.site_gbps)} sites: {part:.4f} of {most:,.0f} Gbps")
        assert 0.95 <= part <= 1.02


def test_with_fifty_sites_those_with_lasers_are_within_a_factor_of_two_and_bent_pipes_just_below() -> None:
    """OneWeb serves nobody beyond the sight of a gateway, so that where these stand decides; published were the best places that were found."""
    for design in DESIGNS:
        found = found_tbps(design, ground(design, 50))
        print(f"\n{design.name}, 50 sites: published {design.with_50_tbps}, found {found:.2f}")
        low = 0.4 if design is ONEWEB else 1 / FACTOR
        assert low < found / design.with_50_tbps < FACTOR


def test_bent_pipes_depend_on_how_low_gateways_look() -> None:
    steep = ground(ONEWEB)
    low = Ground(steep.places, steep.site_gbps, 40.0)
    assert 1.8 < found_tbps(ONEWEB, low) / found_tbps(ONEWEB, steep) < 2.5


def test_with_the_slowest_antennas_that_it_can_have_spacex_is_still_above() -> None:
    """Fitted to 50 sites, 123 are not met by antennas alone: what is left is who asks for how much."""
    few, all_ = (found_tbps(SPACEX, ground(SPACEX, count, LEAST_ANTENNA_GBPS)) for count in (50, 123))
    print(f"\nantennas of {LEAST_ANTENNA_GBPS} Gbps: 50 sites {few:.2f}, 123 sites {all_:.2f}")
    assert few == pytest.approx(SPACEX.with_50_tbps, rel=0.05)
    assert SPACEX.published_tbps < all_ < found_tbps(SPACEX)


def test_gateways_stand_evenly_over_land_with_people() -> None:
    """Their neighbours are about as far away everywhere, and nine in ten cells with people have one in half as far again."""
    spot = up(*sites(SPACEX.sites).select("latitude_deg", "longitude_deg").to_numpy().T)
    near = np.sort(away_deg(spot, spot), axis=1)[:, 1]
    lived = up(*(degrees[people() > 0] for degrees in centres(ORDER)))
    print(f"\nneighbours {np.quantile(near, (0, 0.5, 1)).round(1)} deg apart")
    assert near.min() > 0.4 * np.median(near)
    assert np.quantile(away_deg(lived, spot).min(axis=1), 0.9) < 1.5 * np.median(near)


def up(latitude_deg: NDArray[np.float64], longitude_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    return np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=1)  # fmt: skip


def away_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.degrees(np.arccos(np.clip(one @ other.T, -1, 1))))
