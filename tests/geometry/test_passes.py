"""Rises and sets: by hand for round orbits, against a plain twin and against Skyfield, and whatever way the work is cut."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from sgp4.api import WGS72, Satrec
from skyfield.api import EarthSatellite, load, wgs84

from pipeline.geometry import passes
from pipeline.geometry.constants import WGS84_SEMI_MAJOR_KM
from pipeline.geometry.frames import elevation_deg, point_ecef_km, up_ecef
from pipeline.geometry.grid import Rings, rings
from pipeline.geometry.passes import BESIDE, STEP_S, STEP_US, Stands, Watch, Watcher
from pipeline.geometry.propagation import Fleet, instants_from
from tests.geometry.test_propagation import LINES, elements_of

RADIUS_KM, RATE_RAD_PER_S = 7_000.0, 1.1e-3
MASK_DEG = 25.0


def ring_of(latitude_deg: float, longitude_deg: float) -> Rings:
    """A grid of one point."""
    one = np.ones(1, np.int64)
    return Rings(np.array([latitude_deg]), np.array([longitude_deg]), one, one - 1, np.zeros(1, np.uint64))


def point(latitude_deg: float, longitude_deg: float = 0.0) -> Stands:
    return passes.stands(ring_of(latitude_deg, longitude_deg), np.ones(1, np.bool_))


def nodes_s(first: int, last: int) -> np.ndarray:
    """Seconds of the nodes about the steps `first` to `last` - 1."""
    return np.arange(first - BESIDE, last + BESIDE + 1) * float(STEP_S)


def round_orbit(at_s: np.ndarray, top_s: float, tilt_rad: float = 0.0, radius_km: float = RADIUS_KM) -> np.ndarray:
    """A satellite that goes around an Earth at rest and is at longitude 0 at `top_s`, `tilt_rad` north of the equator; (node, 3, 1) [km]."""
    turn = RATE_RAD_PER_S * (at_s - top_s)
    place = np.cos(turn) * np.cos(tilt_rad), np.sin(turn), np.cos(turn) * np.sin(tilt_rad)
    return radius_km * np.stack(place, axis=1)[:, :, None]


def reach_rad(mask_deg: float, radius_km: float = RADIUS_KM) -> float:
    """How far from a point of the equator, where the normal leads to the centre, a satellite is at the mask."""
    mask = np.radians(mask_deg)
    return float(np.arccos(WGS84_SEMI_MAJOR_KM * np.cos(mask) / radius_km) - mask)


def watch(of: Stands, r_km: np.ndarray, mask_deg: float = MASK_DEG) -> Watch:
    watcher = Watcher(of, mask_deg, 0)
    watcher.look(r_km)
    return watcher.seen()


def test_a_pass_overhead_is_as_long_as_by_hand() -> None:
    seen = watch(point(0.0), round_orbit(nodes_s(0, 20), top_s=613.0))
    half_s = reach_rad(MASK_DEG) / RATE_RAD_PER_S
    assert seen.one_us[0] / 1e6 == pytest.approx(2 * half_s, abs=1e-4)
    assert seen.lead_us[0] / 1e6 == pytest.approx(613 - half_s, abs=1e-4)
    assert seen.trail_us[0] / 1e6 == pytest.approx(1_200 - 613 - half_s, abs=1e-4)
    assert (seen.two_us[0], seen.gaps[0], seen.longest_us[0]) == (0, 2, max(seen.lead_us[0], seen.trail_us[0]))


@pytest.mark.parametrize("length_s", [4.0, 20.0, 55.0])
@pytest.mark.parametrize("top_s", [630.0, 641.0])
def test_a_pass_between_two_nodes_is_not_missed(length_s: float, top_s: float) -> None:
    """A tilt just below the reach: cos(reach) = cos(tilt) cos(half of the way)."""
    tilt = np.arccos(np.cos(reach_rad(MASK_DEG)) / np.cos(RATE_RAD_PER_S * length_s / 2))
    seen = watch(point(0.0), round_orbit(nodes_s(0, 20), top_s, tilt))
    assert seen.one_us[0] / 1e6 == pytest.approx(length_s, abs=0.05)
    assert seen.gaps[0] == 2


def test_a_pass_below_the_mask_is_none() -> None:
    seen = watch(point(0.0), round_orbit(nodes_s(0, 20), 630.0, reach_rad(MASK_DEG) + 1e-5))
    assert seen.one_us[0] == 0
    assert seen.lead_us[0] == seen.trail_us[0] == seen.longest_us[0] == 20 * STEP_US
    assert seen.gaps[0] == 1


def test_two_satellites_leave_the_gap_between_them() -> None:
    half_s = reach_rad(MASK_DEG) / RATE_RAD_PER_S
    at_s = nodes_s(0, 30)
    for between_s, gaps in ((2 * half_s + 7.0, 3), (2 * half_s - 7.0, 2)):
        r_km = np.concatenate([round_orbit(at_s, 500.0), round_orbit(at_s, 500.0 + between_s)], axis=2)
        seen = watch(point(0.0), r_km)
        assert seen.gaps[0] == gaps
        assert seen.one_us[0] / 1e6 == pytest.approx(4 * half_s if gaps == 3 else 4 * half_s - 7, abs=2e-3)
        assert seen.two_us[0] / 1e6 == pytest.approx(0 if gaps == 3 else 7, abs=2e-3)


# A plain twin: all stands, all satellites, no culling, all roots of each polynomial, whose bulge is that of the fourth differences.


def margins_km(of: Stands, r_km: np.ndarray, mask_deg: float) -> np.ndarray:
    """x cos(longitude) + y sin(longitude) less what it must be, (node, satellite, stand), from range, normal and place of each stand."""
    latitude, longitude = where(of)
    place, up = point_ecef_km(latitude, longitude), up_ecef(latitude, longitude)
    across = np.hypot(place[:, 0], place[:, 1])
    r = np.moveaxis(r_km, 1, 2)[:, :, None, :]
    sight = r - place
    range_km, sine = np.linalg.norm(sight, axis=-1), np.sin(np.radians(mask_deg))
    normal = place[:, 0] / np.where(np.abs(up[:, 0]) > 1e-9, up[:, 0], 1.0)
    normal = np.where(np.abs(up[:, 0]) > 1e-9, normal, across / np.hypot(up[:, 0], up[:, 1]))
    q = np.sum(sight * up, axis=-1) + range_km**2 / (2 * normal)
    longest = normal * (np.sqrt(sine**2 + 2 * q / normal) - sine)
    return (longest**2 - range_km**2) / (2 * across)


def where(of: Stands) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of stands [deg]."""
    ring = np.searchsorted(of.place[of.first], np.arange(len(of)), side="right") - 1
    latitude = np.arctan2(of.table[ring, 1], of.table[ring, 0] * (1 - 0.00669437999014))
    return np.degrees(latitude), np.degrees(np.arctan2(of.turn[1], of.turn[0]))


def twin(of: Stands, r_km: np.ndarray, mask_deg: float) -> Watch:
    margin = margins_km(of, r_km, mask_deg)
    slope = (8 * (margin[3:-1] - margin[1:-3]) - (margin[4:] - margin[:-4])) / 12
    bulge = (margin[:-4] - 4 * margin[1:-3] + 6 * margin[2:-2] - 4 * margin[3:-1] + margin[4:]) / 24
    margin, bulge = margin[2:-2], (bulge[1:] + bulge[:-1]) / 2
    steps = len(margin) - 1
    sums = np.zeros((6, len(of)), np.int64)
    for k in range(len(of)):
        spans = []
        for step in range(steps):
            for satellite in range(margin.shape[1]):
                m, d = margin[step : step + 2, satellite, k], slope[step : step + 2, satellite, k]
                spans += [(step * STEP_US + a, step * STEP_US + b) for a, b in above(m, d, bulge[step, satellite, k])]
        sums[:, k] = summed(spans, steps * STEP_US)
    return Watch(0, steps * STEP_US, *sums)


def above(m: np.ndarray, d: np.ndarray, bulge: float) -> list[tuple[float, float]]:
    """Where the cubic with values m and slopes d at the ends of a step, and its bulge, is not below zero [us]."""
    if not np.isfinite(m).all() or not np.isfinite(d).all():
        return []
    rise = m[1] - m[0]
    cubic = np.polynomial.Polynomial([m[0], d[0], 3 * rise - 2 * d[0] - d[1], d[0] + d[1] - 2 * rise])
    cubic += bulge * np.polynomial.Polynomial([0, 0, 1, -2, 1])
    roots = cubic.roots()
    inside = sorted(float(s.real) for s in roots if abs(s.imag) < 1e-12 and 0 < s.real < 1)
    return [
        (float(np.rint(a * STEP_US)), float(np.rint(b * STEP_US)))
        for a, b in pairwise([0.0, *inside, 1.0])
        if cubic((a + b) / 2) >= 0
    ]


def summed(spans: list[tuple[float, float]], end: float) -> tuple[int, ...]:
    """How long one and two spans hold, and the gaps: the first, the last, the longest, how many."""
    edges = sorted([(a, 0) for a, _ in spans] + [(b, 1) for _, b in spans])
    one = two = level = 0
    at, dark, gaps = 0.0, 0.0, []
    for time, falls in edges:
        one, two = one + (time - at) * (level >= 1), two + (time - at) * (level >= 2)
        if not falls and level == 0:
            gaps.append(time - dark)
        level, at = level + (-1 if falls else 1), time
        dark = time if level == 0 else dark
    lead, trail = (gaps[0], end - dark) if spans else (end, end)
    gaps = [gap for gap in [*gaps, end - dark] if gap > 0]
    return tuple(int(n) for n in (one, two, lead, trail, max(gaps, default=0), len(gaps)))


def some_sky(count: int, steps: int, seed: int) -> np.ndarray:
    """Satellites on round orbits of any tilt over a turning Earth, (node, 3, satellite) [km]."""
    rng, at_s = np.random.default_rng(seed), nodes_s(0, steps)
    radius, tilt = rng.uniform(6_850, 7_600, count), np.arccos(rng.uniform(-1, 1, count))
    turn = RATE_RAD_PER_S * at_s[:, None] + rng.uniform(0, 2 * np.pi, count)
    node = rng.uniform(0, 2 * np.pi, count) - 7.29e-5 * at_s[:, None]
    x, y, z = np.cos(turn), np.sin(turn) * np.cos(tilt), np.sin(turn) * np.sin(tilt)
    return radius[None, None] * np.stack(
        [x * np.cos(node) - y * np.sin(node), x * np.sin(node) + y * np.cos(node), z], 1
    )


def some_stands(part: float, seed: int, order: int = 3) -> Stands:
    grid = rings(order)
    return passes.stands(grid, np.random.default_rng(seed).random(len(grid.nest_of_ring)) < part)


def same(one: Watch, other: Watch, within_us: int = 0) -> bool:
    names = ("one_us", "two_us", "lead_us", "trail_us", "longest_us")
    near = all(np.abs(getattr(one, n) - getattr(other, n)).max(initial=0) <= within_us for n in names)
    return near and bool((one.gaps == other.gaps).all())


@pytest.mark.parametrize("mask_deg", [5.0, 25.0, 55.0])
def test_the_kernel_is_its_twin(mask_deg: float) -> None:
    r_km, of = some_sky(60, 25, seed=7), some_stands(0.06, seed=1)
    seen = watch(of, r_km, mask_deg)
    assert 0 < seen.one_us.sum() < 25 * STEP_US * len(of)
    # Slopes of the margin itself and of what it is made of differ by a millionth: times by some microseconds, more where a pass just grazes.
    assert same(seen, twin(of, r_km, mask_deg), within_us=20_000)
    offs = np.abs(seen.one_us - twin(of, r_km, mask_deg).one_us)
    assert np.median(offs) < 500


def test_who_is_seen_at_both_ends_is_seen_in_between_and_a_margin_bends_down() -> None:
    of, rng = some_stands(0.1, seed=3), np.random.default_rng(5)
    for _ in range(20):
        top_s, tilt = rng.uniform(0, 5_000), rng.uniform(-1.4, 1.4)
        at_s = np.arange(0, 6_000, 5.0)
        margin = margins_km(of, round_orbit(at_s, top_s, tilt, rng.uniform(6_800, 7_700)), 25.0)[:, 0]
        bend = margin[2:] - 2 * margin[1:-1] + margin[:-2]
        assert (bend[margin[1:-1] > -300] < 0).all()


def test_the_order_of_satellites_makes_no_difference() -> None:
    r_km, of = some_sky(80, 20, seed=2), some_stands(0.3, seed=2)
    order = np.random.default_rng(0).permutation(80)
    assert same(watch(of, r_km), watch(of, np.ascontiguousarray(r_km[:, :, order])))


def test_windows_and_blocks_merge_to_exactly_the_same() -> None:
    r_km, of = some_sky(25, 24, seed=4), some_stands(0.3, seed=4)
    whole = watch(of, r_km)
    assert (whole.gaps > 1).any()
    for cuts in ((0, 24), (0, 5, 24), (0, 1, 2, 11, 12, 23, 24)):
        by_block, parts = Watcher(of, MASK_DEG, 0), []
        for low, high in pairwise(cuts):
            nodes = r_km[low : high + 2 * BESIDE + 1]
            by_block.look(nodes)
            one = Watcher(of, MASK_DEG, low * STEP_US)
            one.look(nodes)
            parts.append(one.seen())
        merged = parts[0]
        for later in parts[1:]:
            merged = merged.merged(later)
        assert same(by_block.seen(), whole)
        assert same(merged, whole)
        assert (merged.begin_us, merged.end_us) == (0, 24 * STEP_US)


def test_windows_that_do_not_touch_are_refused() -> None:
    one, other = Watcher(point(0.0), MASK_DEG, 0).seen(), Watcher(point(0.0), MASK_DEG, STEP_US).seen()
    with pytest.raises(ValueError, match="does not follow"):
        one.merged(other)


def test_nobody_is_seen_where_nobody_is() -> None:
    seen = watch(some_stands(0.3, seed=4), np.empty((3 + 2 * BESIDE, 3, 0)))
    assert not seen.one_us.any()
    assert (seen.longest_us == 2 * STEP_US).all()
    assert (seen.gaps == 1).all()


def test_who_cannot_be_propagated_is_passed_over() -> None:
    r_km, of = some_sky(40, 12, seed=6), some_stands(0.4, seed=6)
    broken = r_km.copy()
    broken[:, :, ::4] = np.nan
    left = np.ascontiguousarray(np.delete(r_km, np.arange(0, 40, 4), axis=2))
    assert same(watch(of, broken), watch(of, left))
    assert not same(watch(of, broken), watch(of, r_km))


def test_stands_are_the_wanted_cells_in_ring_order() -> None:
    grid = rings(3)
    wanted = np.zeros(len(grid.nest_of_ring), np.bool_)
    wanted[[0, 3, 100, 101, 767]] = True
    of = passes.stands(grid, wanted)
    assert of.nest.tolist() == grid.nest_of_ring[wanted].tolist()
    assert of.place[-1] == len(of) == 5
    assert of.lowest_rad == pytest.approx(np.radians(np.abs(grid.latitude_deg[6:7]).min()), abs=0.01)


def test_rise_and_set_are_skyfields() -> None:
    """One pass of the Space Station over 45 N; Skyfield's own search, and its elevation at ours. UT1 - UTC was -0.3 s, 0.02 s of a pass."""
    satrec = Satrec.twoline2rv(*LINES, WGS72)
    time = load.timescale(builtin=True)
    satellite, place = EarthSatellite(*LINES, ts=time), wgs84.latlon(45.0, 10.0)
    begin = time.utc(2014, 6, 21)
    instants, kinds = satellite.find_events(place, begin, time.utc(2014, 6, 22), altitude_degrees=10.0)
    offs_s = np.array([(t - begin) * 86_400 for t in instants])
    rises, sets = offs_s[kinds == 0], offs_s[kinds == 2]
    assert len(rises) == len(sets) >= 3
    for rise_s, set_s in zip(rises, sets, strict=True):
        first, last = int(rise_s // STEP_S) - 3, int(set_s // STEP_S) + 4
        nodes = instants_from(datetime(2014, 6, 21), STEP_S, first - BESIDE, last + BESIDE + 1)
        r_km = np.ascontiguousarray(np.moveaxis(Fleet(elements_of(satrec)).positions(nodes)[0], 0, 2))
        seen = watch(point(45.0, 10.0), r_km, 10.0)
        assert first * STEP_S + seen.lead_us[0] / 1e6 == pytest.approx(rise_s, abs=0.1)
        assert last * STEP_S - seen.trail_us[0] / 1e6 == pytest.approx(set_s, abs=0.1)
        # Every 0.1 s of our own propagation: the elevation changes its side within the tenth that holds ours.
        fine = instants_from(datetime(2014, 6, 21), 0.1, first * STEP_S * 10, last * STEP_S * 10)
        up = elevation_deg(Fleet(elements_of(satrec)).positions(fine)[0][0], 45.0, 10.0) >= 10.0
        edges_s = np.flatnonzero(up[1:] != up[:-1]) / 10
        ours_s = np.array([seen.lead_us[0], (last - first) * STEP_US - seen.trail_us[0]]) / 1e6
        assert ((ours_s >= edges_s - 0.002) & (ours_s <= edges_s + 0.102)).all()
