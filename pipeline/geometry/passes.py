"""Passes: when satellites rise above the mask of a cell and set, to the microsecond, and how long cells then see nobody.

Satellites are known at nodes a step apart. How far a satellite is above the mask is, for the points of a ring, x cos(longitude) +
y sin(longitude) - g: x and y are its Earth-fixed place, and g [km] follows from its height over the equatorial plane, its distance from the
centre and the ring. This margin turns with the orbit, so it bends down wherever it is above zero: who is seen at both ends of a step is seen in
between, who is seen at one end rises or sets once, and who is seen at neither may pass within the step if the margin rises first and falls
last. Between two nodes the margin is the cubic through its values and slopes, and what a round orbit adds to that: 0.3 m in a minute.

Times are whole microseconds since the first node's day began, so that windows of time merge exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.grid import Rings
from pipeline.geometry.kernels import compiled, inlined, leaf
from pipeline.geometry.sky import angle_of_cosine, class_of, reach_rad
from pipeline.geometry.visibility import (
    ACROSS,
    BETA,
    COUNT,
    FROM_POLE,
    LEVEL,
    NEAR,
    NORMAL,
    OFFSET,
    PER_RAD,
    SLOPE,
    UP,
    ring_geometry,
)

_COSINE, _SINE = range(NEAR + 1, NEAR + 3)
STEP_S = 60
STEP_US = STEP_S * 1_000_000
# Nodes before and after a step from which the slopes at its ends are told.
BESIDE = 2
# The path over the ground within a step leaves the great circle between its ends by 0.5 km, 7e-5 rad.
_PATH_MARGIN_RAD = 1e-3


@dataclass(frozen=True)
class Stands:
    """The cells that are looked from, in ring order, on the rings that have any.

    `table` their rings (visibility.RingGeometry, and the cosine and sine of the angle from the pole), `first` where each begins in `place`, (ring,); `place` how many of the cells stand before
    each cell of all of these rings, (cell + 1,); `turn` cosine and sine of the longitude, (2, stand); `nest` nested id, (stand,).
    """

    table: NDArray[np.float64]
    first: NDArray[np.int64]
    place: NDArray[np.int64]
    turn: NDArray[np.float64]
    nest: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.nest)

    @property
    def lowest_rad(self) -> float:
        """The lowest latitude, north or south, of a stand [rad], from the Earth's centre."""
        return float(np.abs(np.pi / 2 - self.table[:, FROM_POLE]).min())


def stands(rings: Rings, wanted: NDArray[np.bool_]) -> Stands:
    """The wanted cells of a grid, bool (cell,) in ring order."""
    ring = np.repeat(np.arange(len(rings.cell_count)), rings.cell_count)
    used = np.unique(ring[wanted])
    on_used = np.isin(ring, used)
    place = np.concatenate([[0], np.cumsum(wanted[on_used])])
    count = rings.cell_count[used]
    first = np.cumsum(count) - count
    step_deg = 360.0 / rings.cell_count[ring]
    longitude = np.radians(rings.longitude_start_deg[ring] + (np.arange(ring.size) - rings.first[ring]) * step_deg)
    turn = np.stack([np.cos(longitude), np.sin(longitude)])[:, wanted]
    table = ring_geometry(rings).table[used]
    sides = np.cos(table[:, FROM_POLE]), np.sin(table[:, FROM_POLE])
    return Stands(np.column_stack([table, *sides]), first, place, turn, rings.nest_of_ring[wanted])


@dataclass
class Watch:
    """What stands saw over a window of time [begin_us, end_us), int64 (stand,), times [us].

    `one_us`, `two_us`: how long at least one and two satellites were above the mask. A gap is a time with none: `lead_us` at the window's start,
    `trail_us` at its end, `longest_us` anywhere, `gaps` how many.
    """

    begin_us: int
    end_us: int
    one_us: NDArray[np.int64]
    two_us: NDArray[np.int64]
    lead_us: NDArray[np.int64]
    trail_us: NDArray[np.int64]
    longest_us: NDArray[np.int64]
    gaps: NDArray[np.int64]

    def merged(self, later: Watch) -> Watch:
        """What this window and the one right after it saw together. Raises ValueError where they do not touch."""
        if self.end_us != later.begin_us:
            raise ValueError(f"a window from {later.begin_us} us does not follow one that ends at {self.end_us} us")
        whole, whole_later = self.end_us - self.begin_us, later.end_us - later.begin_us
        return Watch(
            self.begin_us,
            later.end_us,
            self.one_us + later.one_us,
            self.two_us + later.two_us,
            np.where(self.lead_us == whole, whole + later.lead_us, self.lead_us),
            np.where(later.trail_us == whole_later, whole_later + self.trail_us, later.trail_us),
            np.maximum(np.maximum(self.longest_us, later.longest_us), self.trail_us + later.lead_us),
            self.gaps + later.gaps - ((self.trail_us > 0) & (later.lead_us > 0)),
        )


class Watcher:
    """Looks from stands, block by block of nodes, at whoever is above the mask [deg]."""

    def __init__(self, of: Stands, mask_deg: float, begin_us: int) -> None:
        self._of, self._begin_us, self._now_us = of, begin_us, begin_us
        self._reach, self._sin_mask = reach_rad(mask_deg), float(np.sin(np.radians(mask_deg)))
        self._sums = np.zeros((len(_SUMS), len(of)), np.int64)
        self._sums[_LEAD], self._sums[_DARK] = -1, begin_us

    def look(self, r_km: NDArray[np.float64]) -> None:
        """Add the steps that lie between the next nodes: Earth-fixed positions [km], (node, 3, satellite), BESIDE nodes more at either end."""
        of, steps = self._of, len(r_km) - 2 * BESIDE - 1
        if len(of):
            _look(r_km, self._now_us, of.table, of.first, of.place, of.turn, self._reach, self._sin_mask, self._sums)
        self._now_us += steps * STEP_US

    def seen(self) -> Watch:
        """What was seen so far."""
        one, two, lead, dark, longest, gaps = self._sums
        trail = self._now_us - dark
        lead = np.where(lead < 0, trail, lead)  # nobody came
        longest = np.maximum(longest, trail)
        return Watch(self._begin_us, self._now_us, one, two, lead, trail, longest, gaps + (trail > 0))


# Rows of a watcher's sums: `lead` is -1 until somebody came, `dark` the end of the last time with somebody.
_SUMS = ("one", "two", "lead", "dark", "longest", "gaps")
_ONE, _TWO, _LEAD, _DARK, _LONGEST, _GAPS = range(6)
# Columns of what changes within a step: the margin [km] and its slope [km/step] at either end, and the bulge b over the cubic, b s^2 (1 - s)^2.
_M0, _D0, _M1, _D1, _BULGE = range(5)


@compiled
def _look(r_km, now_us, table, first, place, turn, reach, sin_mask, sums):  # type: ignore[no-untyped-def]
    stands, satellites = turn.shape[1], r_km.shape[2]
    steady, head = np.zeros(stands, np.int32), np.full(stands, -1, np.int32)
    change, link = np.empty((4 * stands + 64, 5)), np.empty(4 * stands + 64, np.int32)
    state, rise, fall = np.empty((2, 6)), np.empty(satellites + 1, np.int64), np.empty(satellites + 1, np.int64)
    near = np.empty(_BUCKETS, np.bool_)
    _mark(r_km, table, reach, near)
    for step in range(len(r_km) - 2 * BESIDE - 1):
        pending = 0
        for satellite in range(satellites):
            if pending + stands > len(link):  # a satellite changes at most once for each stand
                change, link = np.concatenate((change, change)), np.concatenate((link, link))
            pending = _see(
                r_km, step, satellite, near, table, first, place, turn, reach, sin_mask, state, steady, head, change, link, pending
            )  # fmt: skip
        _close(now_us, steady, head, change, link, rise, fall, sums)
        now_us += STEP_US


# Stretches of the sine of the latitude, in which satellites are near a ring of stands or not.
_HALF = 512
_BUCKETS = 2 * _HALF + 1


@leaf
def _mark(r_km, table, reach, near):  # type: ignore[no-untyped-def]
    """Mark the stretches of the sine of the latitude from which any satellite of a block may be seen from a ring within a step."""
    nearest, farthest, chord = np.inf, 0.0, 0.0
    for node in range(1, len(r_km)):
        for k in range(r_km.shape[2]):
            x, y, z = r_km[node, 0, k], r_km[node, 1, k], r_km[node, 2, k]
            dx, dy, dz = x - r_km[node - 1, 0, k], y - r_km[node - 1, 1, k], z - r_km[node - 1, 2, k]
            square, way = x * x + y * y + z * z, dx * dx + dy * dy + dz * dz
            nearest = square if square < nearest else nearest
            farthest = square if square > farthest else farthest
            chord = way if way > chord else chord
    # The middle of a chord is nearer than its ends; the first node of a block lies beside its steps.
    middle = np.sqrt(max(nearest - 0.25 * chord, 1.0))
    wide = reach[class_of(np.sqrt(farthest))] + 0.5 * np.sqrt(chord) / middle + 2.0 * _PATH_MARGIN_RAD
    for of in range(_BUCKETS):
        high, low = min((of + 1) / _HALF - 1.0, 1.0), max(of / _HALF - 1.0, -1.0)
        near[of] = _ring_after(table, np.arccos(high) - wide) < _ring_after(table, np.arccos(low) + wide)


@leaf
def _see(  # type: ignore[no-untyped-def]
    r_km, step, satellite, near, table, first, place, turn, reach, sin_mask, state, steady, head, change, link, pending
):  # fmt: skip
    """Note for all stands whether they see a satellite throughout a step (`steady`) or for some of it (`change`, linked from `head`)."""
    _places_of(r_km, step + BESIDE, satellite, state)
    x, y, z = 0.5 * (state[0, 0] + state[1, 0]), 0.5 * (state[0, 1] + state[1, 1]), 0.5 * (state[0, 2] + state[1, 2])
    r = np.sqrt(x * x + y * y + z * z)
    if (
        not 0.0 < r < np.inf or not near[int(_HALF * (z / r + 1.0))]
    ):  # it could not be propagated, or is far from all stands
        return pending
    dx, dy, dz = state[1, 0] - x, state[1, 1] - y, state[1, 2] - z
    # Half the chord over the distance of its middle is the tangent of half of the way, and more than that itself.
    way = np.sqrt(dx * dx + dy * dy + dz * dz) / r
    farthest = np.sqrt(max(_square(state, 0), _square(state, 1)))
    wide = min(reach[class_of(farthest)] + way + _PATH_MARGIN_RAD, np.pi)
    from_pole = np.arccos(z / r)
    north, south = _ring_after(table, from_pole - wide), _ring_after(table, from_pole + wide)
    if north == south:
        return pending
    _velocities_of(r_km, step + BESIDE, satellite, state)
    bulge = (2.0 * way) ** 4 / 24.0  # of a circle
    longitude, cos_wide, sine, cosine = np.arctan2(y, x), np.cos(wide), np.sin(from_pole), z / r
    for ring in range(north, south):
        left, scale = cos_wide - cosine * table[ring, _COSINE], sine * table[ring, _SINE]
        if left >= scale:
            continue
        cells, per_rad, at = int(table[ring, COUNT]), table[ring, PER_RAD], first[ring]
        half = (angle_of_cosine(left / scale) + _PATH_MARGIN_RAD) * per_rad if left > -scale else float(cells)
        centre = longitude * per_rad + table[ring, OFFSET] - cells
        low, count = int(centre - half), min(int(2.0 * half) + 3, cells)
        low -= cells if low >= cells else -cells if low < 0 else 0
        begin, end = place[at + low], place[at + min(low + count, cells)]
        again = place[at + max(low + count - cells, 0)]
        if begin == end and again == place[at]:
            continue
        g0, dg0 = _level(table, ring, state, 0, sin_mask)
        g1, dg1 = _level(table, ring, state, 1, sin_mask)
        # What turns with the orbit in the margin of whoever is near the mask, x cos(longitude) + y sin(longitude) + z up / across.
        over = bulge * (0.5 * (g0 + g1) + z * table[ring, UP] / table[ring, ACROSS])
        pending = _note(begin, end, turn, state, g0, dg0, g1, dg1, over, steady, head, change, link, pending)
        pending = _note(place[at], again, turn, state, g0, dg0, g1, dg1, over, steady, head, change, link, pending)
    return pending


@inlined
def _square(state, end):  # type: ignore[no-untyped-def]
    return state[end, 0] * state[end, 0] + state[end, 1] * state[end, 1] + state[end, 2] * state[end, 2]


@leaf
def _places_of(r_km, node, satellite, state):  # type: ignore[no-untyped-def]
    """Fill the first half of state (2, 6): place [km] at a node and the next one."""
    for end in range(2):
        for axis in range(3):
            state[end, axis] = r_km[node + end, axis, satellite]


@leaf
def _velocities_of(r_km, node, satellite, state):  # type: ignore[no-untyped-def]
    """Fill the second half of state (2, 6): velocity [km/step] at a node and the next one.

    It is that of the polynomial through five nodes, good to 4 mm/s: SGP4's own is not the derivative of its positions.
    """
    for end in range(2):
        for axis in range(3):
            k = node + end
            near = r_km[k + 1, axis, satellite] - r_km[k - 1, axis, satellite]
            far = r_km[k + 2, axis, satellite] - r_km[k - 2, axis, satellite]
            state[end, 3 + axis] = (8.0 * near - far) * (1.0 / 12.0)


@leaf
def _ring_after(table, from_pole):  # type: ignore[no-untyped-def]
    """The first ring that is farther from the north pole [rad]."""
    low, high = 0, len(table)
    while low < high:
        middle = (low + high) // 2
        if table[middle, FROM_POLE] > from_pole:
            high = middle
        else:
            low = middle + 1
    return low


@leaf
def _level(table, ring, state, end, sin_mask):  # type: ignore[no-untyped-def]
    """The level g [km] that x cos(longitude) + y sin(longitude) must reach at a ring for the mask, and its slope [km/step].

    From the range at which the elevation is the mask's (visibility: a quadratic equation of ring and satellite alone).
    """
    z, dz, square = state[end, 2], state[end, 5], _square(state, end)
    d_square = 2.0 * (state[end, 0] * state[end, 3] + state[end, 1] * state[end, 4] + z * dz)
    across, up, beta, slope = table[ring, ACROSS], table[ring, UP], table[ring, BETA], table[ring, SLOPE]
    q = beta * square + (slope * z + table[ring, LEVEL])
    root = np.sqrt(max(sin_mask * sin_mask + 4.0 * beta * q, 1e-12))
    range_km = max((root - sin_mask) * table[ring, NORMAL], 0.0)
    d_range = (beta * d_square + slope * dz) / root if range_km > 0.0 else 0.0
    half = 0.5 / across
    g = (square - 2.0 * z * up + up * up + across * across - range_km * range_km) * half
    return g, (d_square - 2.0 * up * dz - 2.0 * range_km * d_range) * half


@leaf
def _note(begin, end, turn, state, g0, dg0, g1, dg1, over, steady, head, change, link, pending):  # type: ignore[no-untyped-def]
    """Note for stands `begin` to `end` - 1 whether they see a satellite throughout a step or for some of it."""
    for k in range(begin, end):
        c, s = turn[0, k], turn[1, k]
        m0, m1 = state[0, 0] * c + state[0, 1] * s - g0, state[1, 0] * c + state[1, 1] * s - g1
        if m0 >= 0.0 and m1 >= 0.0:
            steady[k] += 1
            continue
        d0, d1 = state[0, 3] * c + state[0, 4] * s - dg0, state[1, 3] * c + state[1, 4] * s - dg1
        # The margin bends down: it stays below its tangents, and below zero where they meet below it.
        if m0 < 0.0 and m1 < 0.0 and (d0 <= 0.0 or d1 >= 0.0 or m0 * d1 - m1 * d0 + d0 * d1 >= 0.0):
            continue
        change[pending, _M0], change[pending, _D0], change[pending, _M1], change[pending, _D1] = m0, d0, m1, d1
        change[pending, _BULGE] = over
        link[pending], head[k] = head[k], pending
        pending += 1
    return pending


@leaf
def _close(now_us, steady, head, change, link, rise, fall, sums):  # type: ignore[no-untyped-def]
    """Add a step to the sums of all stands, and clear what was noted of it."""
    for k in range(len(steady)):
        level, at, count = steady[k], head[k], 0
        steady[k], head[k] = 0, -1
        if level >= 2:
            at = -1
        while at >= 0:
            count = _within(change, at, rise, fall, count)
            at = link[at]
        if level > 0:
            _begins(sums, k, now_us)
        if count > 0:
            _sweep(now_us, level, rise, fall, count, sums, k)
        elif level > 0:
            sums[_ONE, k] += STEP_US
            sums[_TWO, k] += STEP_US if level > 1 else 0
        if level > 0:
            sums[_DARK, k] = now_us + STEP_US


@inlined
def _begins(sums, k, at_us):  # type: ignore[no-untyped-def]
    """A stand sees somebody from a time on: the gap before it, if there was any, ends."""
    gap = at_us - sums[_DARK, k]
    if sums[_LEAD, k] < 0:
        sums[_LEAD, k] = gap
    if gap > 0:
        sums[_GAPS, k] += 1
        sums[_LONGEST, k] = max(sums[_LONGEST, k], gap)


@leaf
def _within(change, at, rise, fall, count):  # type: ignore[no-untyped-def]
    """Insert when a satellite rises and sets within a step [us] into those that are sorted; returns how many there are."""
    m0, d0, m1, d1 = change[at, _M0], change[at, _D0], change[at, _M1], change[at, _D1]
    over = change[at, _BULGE]
    begin, end = 0.0, 1.0
    if m0 < 0.0 and m1 < 0.0:
        top = _top(m0, d0, m1, d1)
        if _margin(m0, d0, m1, d1, over, top) <= 0.0:
            return count
        begin, end = _crossing(m0, d0, m1, d1, over, 0.0, top), _crossing(m0, d0, m1, d1, over, top, 1.0)
    elif m0 < 0.0:
        begin = _crossing(m0, d0, m1, d1, over, 0.0, 1.0)
    else:
        end = _crossing(m0, d0, m1, d1, over, 0.0, 1.0)
    _insert(rise, count, np.int64(begin * STEP_US + 0.5))
    _insert(fall, count, np.int64(end * STEP_US + 0.5))
    return count + 1


@leaf
def _insert(times, count, time):  # type: ignore[no-untyped-def]
    """Insert a time into the first `count` that are sorted."""
    k = count
    while k > 0 and times[k - 1] > time:
        times[k] = times[k - 1]
        k -= 1
    times[k] = time


@inlined
def _margin(m0, d0, m1, d1, over, s):  # type: ignore[no-untyped-def]
    """The margin between two nodes: the cubic with values m and slopes d at 0 and 1 (Hermite), and the bulge."""
    rise, rest = m1 - m0, s * (1.0 - s)
    return m0 + s * (d0 + s * (3.0 * rise - 2.0 * d0 - d1 + s * (d0 + d1 - 2.0 * rise))) + over * rest * rest


@leaf
def _top(m0, d0, m1, d1):  # type: ignore[no-untyped-def]
    """Where between 0 and 1 the cubic is highest, whose slope is above zero at 0 and below it at 1."""
    rise = m1 - m0
    a, b = 3.0 * (d0 + d1 - 2.0 * rise), 3.0 * rise - 2.0 * d0 - d1
    # The slope is a s^2 + 2 b s + d0; written so that it holds where a is nought.
    return d0 / (np.sqrt(max(b * b - a * d0, 0.0)) - b)


@leaf
def _crossing(m0, d0, m1, d1, over, low, high):  # type: ignore[no-untyped-def]
    """Where between `low` and `high` the margin crosses zero, its signs there being different: by Newton, kept within what is left."""
    rise = m1 - m0
    b, a = 3.0 * rise - 2.0 * d0 - d1, d0 + d1 - 2.0 * rise
    at_low, at_high = _margin(m0, d0, m1, d1, over, low), _margin(m0, d0, m1, d1, over, high)
    rises, s = at_low < 0.0, low + (high - low) * at_low / (at_low - at_high)
    for _ in range(60):
        rest = s * (1.0 - s)
        value = m0 + s * (d0 + s * (b + s * a)) + over * rest * rest
        if (value < 0.0) == rises:
            low = s
        else:
            high = s
        after = s - value / (d0 + s * (2.0 * b + 3.0 * a * s) + 2.0 * over * rest * (1.0 - 2.0 * s))
        after = after if low <= after <= high else 0.5 * (low + high)
        if abs(after - s) < 1e-6:  # the next step would be the square of that
            return after
        s = after
    return s


@leaf
def _sweep(now_us, steady, rise, fall, count, sums, k):  # type: ignore[no-untyped-def]
    """Add a step in which `count` satellites rise or set to a stand's sums, beside `steady` that it sees throughout."""
    level, at, i, j = steady, np.int64(0), 0, 0
    while j < count:
        rises = i < count and rise[i] <= fall[j]
        time = rise[i] if rises else fall[j]
        if level >= 1:
            sums[_ONE, k] += time - at
        if level >= 2:
            sums[_TWO, k] += time - at
        at = time
        if rises:
            if level == 0:
                _begins(sums, k, now_us + time)
            level, i = level + 1, i + 1
        else:
            level, j = level - 1, j + 1
            if level == 0:
                sums[_DARK, k] = now_us + time
    if level >= 1:
        sums[_ONE, k] += STEP_US - at
