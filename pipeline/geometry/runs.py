"""Who sees whom at an instant, as runs: a satellite sees one interval of a ring of the grid, and cells in it that follow each other.

Sums over the satellites in view of a cell and over the cells of a satellite are then sums over runs, by differences and running sums:
they cost satellites x rings, not satellites x cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipeline.geometry import visibility as vis
from pipeline.geometry.arc import CALM_KM, Zone, no_zone, walk
from pipeline.geometry.constants import WGS84_SEMI_MINOR_KM
from pipeline.geometry.kernels import LANES, compiled, inlined, leaf
from pipeline.geometry.sky import (
    DISTANCE,
    FARTHEST_KM,
    LONGITUDE,
    MASK_MARGIN_RAD,
    MAX_GROUPS,
    PER_DISTANCE,
    TOP,
    Z,
    reach_rad,
    room,
    sort,
)

# What the zone takes from one satellite on one ring, in pieces: two where its edges are looked for quickly, each cut in two where the
# ring closes; up to sixteen times as many where they are walked.
_QUICK_PIECES, _WALKED_PIECES = 4, 64


class Runs(NamedTuple):
    """Which cells every satellite sees: those of satellite s are the runs `start[s]` to `start[s + 1]` - 1.

    `start` int64 (satellite + 1,); `first`, `last` int32 (run,): run k is the cells first[k] to last[k] - 1, numbered among the cells
    that are wanted, in ring order. Runs of a satellite do not overlap and come in order.
    """

    start: NDArray[np.int64]
    first: NDArray[np.int32]
    last: NDArray[np.int32]

    @property
    def satellite_count(self) -> int:
        """Number of satellites, those that see nothing among them."""
        return len(self.start) - 1

    @property
    def edge_count(self) -> int:
        """Number of pairs of a satellite and a cell that see each other."""
        return int((self.last.astype(np.int64) - self.first).sum())


def runs_in_view(
    r_ecef_km: NDArray[np.float64],
    mask_deg: float,
    geometry: vis.RingGeometry,
    wanted: NDArray[np.bool_],
    zone: Zone | None = None,
) -> Runs:
    """The wanted cells that see each satellite at an instant: what visibility.counts counts as visible, or with a zone as usable.

    r_ecef_km: Earth-fixed positions [km], (3, satellite), not a number where there is none. mask_deg: lowest elevation [deg], 0 to 90.
    wanted: which cells are, (cell,) in ring order. zone: what the protection of the geostationary arc takes out; None takes nothing.
    Raises ValueError where the mask is not between 0 and 90 degrees, or `wanted` has another length than the grid.
    """
    if wanted.shape != (geometry.cell_count,):
        raise ValueError(f"{wanted.size} cells are told wanted or not, and the grid has {geometry.cell_count}")
    reach, lowest = reach_rad(mask_deg), np.radians(mask_deg) - MASK_MARGIN_RAD
    looks = vis._Looks(
        reach, reach, reach, float(np.sin(np.radians(mask_deg))), -1.0,
        float(WGS84_SEMI_MINOR_KM * np.cos(lowest)), float(WGS84_SEMI_MINOR_KM * np.sin(lowest)),
    )  # fmt: skip
    number = np.concatenate([[0], np.cumsum(wanted, dtype=np.int32)]).astype(np.int32)
    takes = zone or no_zone(geometry.ring_count)
    stretch_end = _stretch_end(takes.angle_of_cell, geometry.table[:, vis.COUNT].astype(np.int64))
    r_km = np.ascontiguousarray(r_ecef_km)[None]
    return Runs(*_runs_in_view(r_km, geometry.table, looks, takes, number, stretch_end))


def _stretch_end(angle_of_cell: NDArray[np.uint8], ring_cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """One past the last of the cells of a ring that follow each cell with its angle, (cell,), counted from the ring's first."""
    cells = len(angle_of_cell)
    if not cells:
        return np.empty(0, np.int64)
    first = np.cumsum(ring_cells) - ring_cells
    cut = np.append(np.flatnonzero(np.diff(angle_of_cell.astype(np.int64))) + 1, cells)
    cut = np.union1d(cut, np.append(first[1:], cells))
    end = cut[np.searchsorted(cut, np.arange(cells), side="right")]
    return end - np.repeat(first, ring_cells)


def runs_of_edges(cell: NDArray[np.integer], satellite: NDArray[np.integer], satellite_count: int) -> Runs:
    """Runs from pairs of a cell and a satellite that see each other, (edge,) in any order; a pair told twice counts once.

    Raises ValueError where a satellite is not in 0..satellite_count - 1 or a cell is below 0.
    """
    cell, satellite = np.asarray(cell, np.int64), np.asarray(satellite, np.int64)
    if cell.size and (cell.min() < 0 or satellite.min() < 0 or satellite.max() >= satellite_count):
        raise ValueError(f"a cell is below 0, or a satellite is not in 0..{satellite_count - 1}")
    pairs = np.unique(np.stack([satellite, cell], axis=1), axis=0) if cell.size else np.empty((0, 2), np.int64)
    owner, place = pairs[:, 0], pairs[:, 1]
    begins = np.ones(len(pairs), np.bool_)
    begins[1:] = (np.diff(owner) != 0) | (np.diff(place) != 1)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(pairs)) - 1 if len(first) else first
    start = np.searchsorted(owner[first], np.arange(satellite_count + 1)).astype(np.int64)
    return Runs(start, place[first].astype(np.int32), (place[last] + 1).astype(np.int32))


def edges_of_runs(runs: Runs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cell and satellite of every pair that see each other, each (edge,), by satellite and cell."""
    length = (runs.last - runs.first).astype(np.int64)
    owner = np.repeat(np.arange(runs.satellite_count), np.diff(runs.start))
    before = np.cumsum(length) - length
    return np.arange(length.sum()) + np.repeat(runs.first - before, length), np.repeat(owner, length)


def summed(runs: Runs, of_satellite: NDArray[np.float64], cell_count: int) -> NDArray[np.float64]:
    """Sum over the satellites in view of each cell, float64 (cell,), 0 where nobody is, of what each has, (satellite,)."""
    return _summed(*runs, np.asarray(of_satellite, np.float64), cell_count)


def gathered(runs: Runs, of_cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over the cells that see each satellite, float64 (satellite,), of what each has, (cell,)."""
    out = np.empty(runs.satellite_count)
    _gathered(*runs, np.append(of_cell, np.zeros(LANES)), out)
    return out


@compiled
def _gathered(start, first, last, of_cell, out):  # type: ignore[no-untyped-def]
    gather(start, first, last, of_cell, out)


def greatest(runs: Runs, of_satellite: NDArray[np.float64], cell_count: int) -> NDArray[np.float64]:
    """Greatest over the satellites in view of each cell, float64 (cell,), 0 where nobody is, of what each has, (satellite,)."""
    order = np.argsort(-np.asarray(of_satellite, np.float64), kind="stable")
    return _greatest(*runs, np.asarray(of_satellite, np.float64), order, cell_count)


@compiled
def _summed(start, first, last, of_satellite, cell_count):  # type: ignore[no-untyped-def]
    """Cell by cell: a running sum would carry the rounding of large numbers to where only small ones are."""
    out = np.zeros(cell_count)
    for s in range(len(start) - 1):
        amount = of_satellite[s]
        for k in range(start[s], start[s + 1]):
            for c in range(first[k], last[k]):
                out[c] += amount
    return out


@compiled
def _greatest(start, first, last, of_satellite, order, cell_count):  # type: ignore[no-untyped-def]
    """From the greatest down, each cell the first time that it is seen: cells that are done are stepped over."""
    out, following = np.zeros(cell_count), np.empty(cell_count + cell_count // 32 + 2, np.int32)
    for c in range(cell_count + 1):
        following[place(c)] = c
    for s in order:
        for k in range(start[s], start[s + 1]):
            c = next_open(following, np.int64(first[k]))
            while c < last[k]:
                out[c] = of_satellite[s]
                following[place(c)] = c + 1
                c = next_open(following, c)
    return out


# Sums over the cells of a run may be taken in any order: whole vectors, of which what is beyond the run counts nothing.
_REORDERED = {"contract", "reassoc", "nsz"}


def _sums(function):  # type: ignore[no-untyped-def]
    return numba.njit(function, cache=True, nogil=True, error_model="numpy", fastmath=_REORDERED, _nrt=False)  # type: ignore[call-overload]


@_sums
def scatter(start, first, last, of_satellite, of_cell):  # type: ignore[no-untyped-def]
    """Add what each satellite has, (satellite,), to the cells that see it, (cell + LANES,)."""
    for s in range(len(of_satellite)):
        amount = of_satellite[s]
        if amount > 0.0:
            for k in range(start[s], start[s + 1]):
                a, length = np.uint64(first[np.uint64(k)]), np.int64(last[np.uint64(k)]) - np.int64(first[np.uint64(k)])
                while length > 0:
                    for j in range(LANES):
                        of_cell[a + np.uint64(j)] += amount if j < length else 0.0
                    a, length = a + np.uint64(LANES), length - LANES


@_sums
def gather(start, first, last, of_cell, of_satellite):  # type: ignore[no-untyped-def]
    """Fill (satellite,) with the sums over the cells that see each satellite of what these have, (cell + LANES,)."""
    for s in range(len(of_satellite)):
        total = 0.0
        for k in range(start[s], start[s + 1]):
            a, length = np.uint64(first[np.uint64(k)]), np.int64(last[np.uint64(k)]) - np.int64(first[np.uint64(k)])
            while length > 0:
                part = 0.0
                for j in range(LANES):
                    part += of_cell[a + np.uint64(j)] if j < length else 0.0
                total += part
                a, length = a + np.uint64(LANES), length - LANES
        of_satellite[s] = total


@inlined
def place(c):  # type: ignore[no-untyped-def]
    """Where a cell stands in arrays in which runs begin and end: one place in 33 is left free, because rings have 2^k cells, and what lies
    so many places apart shares a line of the cache: without that sums take four times as long at order 7.
    """
    return np.uint64(c) + (np.uint64(c) >> np.uint64(5))


@leaf
def next_open(following, c):  # type: ignore[no-untyped-def]
    """The first cell from `c` on that is open: following[place(c)] is c where c is, and a later cell where not; ways are halved as they
    are gone.
    """
    after = np.int64(following[place(c)])
    while after != c:
        beyond = following[place(after)]
        following[place(c)] = beyond
        c = np.int64(beyond)
        after = np.int64(following[place(c)])
    return c


# --- the zone, satellite by satellite --------------------------------------------------------------------------------


@compiled
def _runs_in_view(r_km, table, looks, zone, number, stretch_end):  # type: ignore[no-untyped-def]
    n_satellite = r_km.shape[2]
    places = n_satellite + LANES
    sky, scratch = room(n_satellite), vis._scratch(places)
    found = vis._Seen(sky.of, np.zeros(places), np.zeros(places))
    picked = vis._Seen(np.zeros((5, places)), np.empty(places), np.zeros(places))
    ends, origin = np.zeros((2, places), np.int64), np.empty(places, np.int64)
    span = np.zeros((2, MAX_GROUPS), np.int64)
    head, piece = np.full(places, -1, np.int64), np.empty((4, _QUICK_PIECES * places), np.int64)
    row, rows = np.empty((3, 32 * places), np.int32), 0
    groups = sort(r_km, 0, looks.widest, sky)
    cell = np.int64(0)
    for ring in range(len(table)):
        cells = np.int64(table[ring, vis.COUNT])
        _see(table, ring, sky, groups, looks, found.half, scratch, ends, span)
        pieces = 0
        for angle in range(len(zone.rough)):
            if zone.window_half_rad[angle, ring] >= 0.0:
                for of in range(groups):
                    piece = _at_least(piece, pieces + _WALKED_PIECES * (span[1, of] - span[0, of]))
                    pieces = _take(table, ring, sky, of, looks, zone, angle, span, found, picked, origin, scratch, head, piece, pieces)  # fmt: skip
        for of in range(groups):
            for k in range(span[0, of], span[1, of]):
                if rows + 2 * cells + 2 > row.shape[1]:
                    row = _at_least(row, rows + 2 * cells + 2)
                rows = _tell(ends[0, k], ends[1, k], cells, cell, head[k], piece, zone.angle_of_cell, stretch_end, number, sky.order[k], row, rows)  # fmt: skip
                head[k] = -1
        cell += cells
    return _by_satellite(row, rows, n_satellite)


@compiled
def _at_least(array, columns):  # type: ignore[no-untyped-def]
    """The array, or one with room for so many columns that begins with it."""
    if array.shape[1] >= columns:
        return array
    out = np.empty((array.shape[0], 2 * columns), array.dtype)
    out[:, : array.shape[1]] = array
    return out


@leaf
def _see(table, ring, sky, groups, looks, half, scratch, ends, span):  # type: ignore[no-untyped-def]
    """Note the intervals of a ring above the mask in `ends` (2, place), and in `span` (2, group) who was looked at."""
    for of in range(groups):
        top = int(sky.group[TOP, of])
        first, last = vis.seen(table, ring, sky.of, sky.start, of, looks.reach[top], looks.sin_mask, half, scratch.begin, scratch.end)  # fmt: skip
        span[0, of], span[1, of] = first, last
        for k in range(first, last):
            ends[0, k], ends[1, k] = scratch.begin[k - first], scratch.end[k - first]


@leaf
def _take(table, ring, sky, of, looks, zone, angle, span, found, picked, origin, scratch, head, piece, pieces):  # type: ignore[no-untyped-def]
    """Note what the zone of an angle takes of a group's satellites on a ring, by the very steps of visibility._exclude."""
    window, window_half, farthest = zone.window_rad[angle, ring], zone.window_half_rad[angle, ring], sky.group[FARTHEST_KM, of]  # fmt: skip
    slant_km = np.sqrt(max(farthest * farthest - looks.level_km * looks.level_km, 0.0)) - looks.rise_km
    first, last = vis._about_zone(
        sky.group, sky.start, of, table[ring, vis.UP], slant_km, zone.north_sine[angle, ring], zone.south_sine[angle, ring]
    )  # fmt: skip
    first, last, look = max(first, span[0, of]), min(last, span[1, of]), found
    for k in range(first, last):
        origin[k] = k
    if first < last and window_half < np.pi:
        last = _pick(found, first, last, window, window_half, picked, origin)
        first, look = 0, picked
    if first >= last:
        return pieces
    cells = np.int64(table[ring, vis.COUNT])
    if zone.rough[angle, ring] or slant_km > CALM_KM:
        return _walk_out(table, ring, zone, angle, look, first, last, scratch.walked, origin, head, piece, pieces)
    near = looks.widest[int(sky.group[TOP, of])] <= table[ring, vis.NEAR]
    vis._edges(table, ring, zone, angle, look.of, first, last, near, scratch.inner, scratch.outer)
    _ends_of_zone(table, ring, look.of, look.half, first, last, scratch)
    for k in range(first, last):
        j = k - first
        begin, end, inner, outer = scratch.begin[j], scratch.end[j], scratch.near[j], scratch.far[j]
        if begin < end:
            pieces = _cut(begin, end, inner, outer, cells, angle, origin[k], head, piece, pieces)
    return pieces


@leaf
def _pick(found, first, last, window, window_half, picked, origin):  # type: ignore[no-untyped-def]
    """As visibility._pick, noting where in the sky those picked stand."""
    count = 0
    for k in range(first, last):
        half = found.half[k]
        away = abs(found.of[LONGITUDE, k] - window)
        away = away if away < np.pi else 2.0 * np.pi - away
        picked.half[count], origin[count] = half, k
        for column in (Z, DISTANCE, LONGITUDE, PER_DISTANCE):
            picked.of[column, count] = found.of[column, k]
        count += 1 if (half > 0.0) & (away <= window_half + half) else 0
    return count


@leaf
def _ends_of_zone(table, ring, of, half, first, last, scratch):  # type: ignore[no-untyped-def]
    """The ends that visibility._take_out finds: what is taken lies between begin and end, and not between near and far."""
    cells, per_rad, offset = np.int64(table[ring, vis.COUNT]), table[ring, vis.PER_RAD], table[ring, vis.OFFSET]
    begin, end, near, far = scratch.begin, scratch.end, scratch.near, scratch.far
    for j in range((last - first + LANES - 1) // LANES * LANES):
        k = np.uint64(first + j)
        inner, edge = scratch.inner[k], half[k] if half[k] < scratch.outer[k] else scratch.outer[k]
        edge = edge if edge > inner else 0.0
        begin[j], end[j] = vis._ends(of[LONGITUDE, k], edge, per_rad, offset, cells)
        near[j], far[j] = vis._ends(of[LONGITUDE, k], inner if edge > 0.0 else 0.0, per_rad, offset, cells)


@leaf
def _walk_out(table, ring, zone, angle, look, first, last, walked, origin, head, piece, pieces):  # type: ignore[no-untyped-def]
    """As visibility._walk_edges and _take_out_one."""
    north, south = zone.north[angle, ring], zone.south[angle, ring]
    cells, per_rad, offset = np.int64(table[ring, vis.COUNT]), table[ring, vis.PER_RAD], table[ring, vis.OFFSET]
    for k in range(first, last):
        half, longitude, ends = look.half[k], look.of[LONGITUDE, k], 0
        if half > 0.0:
            dz = look.of[Z, k] - table[ring, vis.UP]
            ends = walk(north, south, table[ring, vis.ACROSS], dz, look.of[DISTANCE, k], half, walked)
        for pair in range(0, ends, 2):
            inner, outer = walked[pair], min(walked[pair + 1], half)
            if inner < outer:
                begin, end = vis._ends(longitude, outer, per_rad, offset, cells)
                near, far = vis._ends(longitude, inner, per_rad, offset, cells)
                pieces = _cut(begin, end, near, far, cells, angle, origin[k], head, piece, pieces)
    return pieces


@leaf
def _cut(begin, end, near, far, cells, angle, place, head, piece, pieces):  # type: ignore[no-untyped-def]
    """Note the pieces from `begin` to `end` without those from `near` to `far`, in a ring's two turns."""
    if near >= far:
        return _note(begin, end, cells, angle, place, head, piece, pieces)
    if end - begin >= cells:  # all but what lies between: from far on, around the ring
        return _note(far, near + cells, cells, angle, place, head, piece, pieces)
    pieces = _note(begin, near, cells, angle, place, head, piece, pieces)
    return _note(far, end, cells, angle, place, head, piece, pieces)


@leaf
def _note(low, high, cells, angle, place, head, piece, pieces):  # type: ignore[no-untyped-def]
    """Note one piece, in two where the ring closes."""
    if low >= high:
        return pieces
    shift = low // cells * cells
    low, high = low - shift, high - shift
    for part in range(2 if high > cells else 1):
        piece[0, pieces], piece[1, pieces] = head[place], angle
        piece[2, pieces], piece[3, pieces] = (low if part == 0 else 0), (min(high, cells) if part == 0 else high - cells)  # fmt: skip
        head[place] = pieces
        pieces += 1
    return pieces


@leaf
def _tell(begin, end, cells, cell, head, piece, angle_of_cell, stretch_end, number, satellite, row, rows):  # type: ignore[no-untyped-def]
    """Note the runs of a satellite on a ring, `begin` to `end` of its two turns, without what is taken."""
    if begin >= end:
        return rows
    if begin >= cells:
        begin, end = begin - cells, end - cells
    closes = end > cells  # the part behind where the ring closes comes first
    low, high = np.int64(0) if closes else begin, end - cells if closes else end
    for _ in range(2 if closes else 1):
        if number[cell + high] > number[cell + low]:
            if head < 0:
                rows = _run(number[cell + low], number[cell + high], satellite, row, rows)
            else:
                rows = _rest(low, high, cell, head, piece, angle_of_cell, stretch_end, number, satellite, row, rows)
        low, high = begin, cells
    return rows


@leaf
def _rest(low, high, cell, head, piece, angle_of_cell, stretch_end, number, satellite, row, rows):  # type: ignore[no-untyped-def]
    """Note what is left of `low` to `high` - 1: in each stretch of cells of one angle, what no piece of that angle takes."""
    while low < high:
        angle, end = np.int64(angle_of_cell[cell + low]), min(high, stretch_end[cell + low])
        while low < end:
            until, inside, k = end, np.int64(-1), head
            while k >= 0:
                if piece[1, k] == angle and piece[3, k] > low:
                    if piece[2, k] <= low:
                        inside = max(inside, piece[3, k])
                    else:
                        until = min(until, piece[2, k])
                k = piece[0, k]
            if inside >= 0:
                low = min(inside, end)
            else:
                rows = _run(number[cell + low], number[cell + until], satellite, row, rows)
                low = until
    return rows


@leaf
def _run(first, last, satellite, row, rows):  # type: ignore[no-untyped-def]
    """Note a run, or lengthen the one before where it goes on."""
    if first >= last:
        return rows
    if rows > 0 and row[0, rows - 1] == satellite and row[2, rows - 1] == first:
        row[2, rows - 1] = last
        return rows
    row[0, rows], row[1, rows], row[2, rows] = satellite, first, last
    return rows + 1


@compiled
def _by_satellite(row, rows, satellites):  # type: ignore[no-untyped-def]
    """Runs that were found ring by ring, satellite by satellite."""
    start = np.zeros(satellites + 2, np.int64)
    for k in range(rows):
        start[row[0, k] + 2] += 1
    for s in range(satellites):
        start[s + 2] += start[s + 1]
    first, last = np.empty(rows, np.int32), np.empty(rows, np.int32)
    for k in range(rows):
        place = start[row[0, k] + 1]
        start[row[0, k] + 1] += 1
        first[place], last[place] = row[1, k], row[2, k]
    return start[:-1], first, last
