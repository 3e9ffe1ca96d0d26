"""What satellites give to cells at an instant, under the lids of satellites and of groups of them: the most in all, or the fairest.

Both begin with every claim placed in full, on the satellites in view in proportion to a share that each has. A satellite or a group
that gets more than its lid can keep only a part of it, the part that it can keep is its level; shares are multiplied by it and claims
placed again, so that load moves to where there is room. This is mirror descent, with an entropy in every cell, on the sum over satellites of
lid x r (ln r - 1), r being load per lid. The objective is smooth relative to that entropy with a constant of one (a sum of parts has at
most the divergence of the parts), so that steps of this length descend, and with k steps what is too much falls at least like 1/k
(Beck and Teboulle 2003; Bauschke, Bolte and Teboulle 2017). Momentum (Nesterov 1983) makes them fewer. In the limit levels are those of the
lexicographic max-min, which with lids that nest is also a maximum flow: bases of a polymatroid have one sum (Edmonds 1970).

Placed in full is then cut to lids, which keeps every bound; and what is left over, of claims and of lids, is filled in satellite by
satellite, until no cell that lacks something sees a satellite that has something.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.kernels import LANES, compiled, inlined, leaf
from pipeline.geometry.runs import (
    Runs,
    edges_of_runs,
    gather,
    greatest,
    next_open,
    runs_in_view,
    runs_of_edges,
    scatter,
    summed,
)

__all__ = [
    "Allocation", "Lids", "Runs", "edges_of_runs", "greatest", "greedy", "max_min", "runs_in_view", "runs_of_edges", "summed",
]  # fmt: skip

# Steps of either, and how much of the last one is added to the next: what is gained by more is below a percent (tests and bench).
GREEDY_STEPS, FAIR_STEPS = 10, 24
_MOMENTUM = 0.75
# A satellite with room does not draw more than this at a step of the greedy: who has room need not be alike.
_GREEDY_MOST_LEVEL = 2.0
# Steps end where at most this part of the claims, or of the room, could still be won.
_ENOUGH = 1e-3
# Shares are whole numbers in the greedy's sums, whose differences then lose nothing, and span so much; floating ones in the fair one's.
_WHOLE_SPAN, _SPAN = 2.0**-40, 2.0**-900
_MOST = 2.0**62
# Of the fair one's steps the last counts whose least level is not below this part of the best.
_AS_GOOD = 0.999
# Newton's steps to the level of a group, from below: some while shares still change, and until it stands still at the end.
_SOME, _ALL = 3, 60
# A cell lacks what is more than this part of its claim.
_NOTHING = 1e-13


class Lids(NamedTuple):
    """What bounds an allocation [Gbps].

    `claim` (cell,): what each cell asks for. `satellite` (satellite,): the lid of each. `group_of` int64 (satellite,): the group of
    each, -1 for none. `group` (group,): the lid of the sum of the loads of each group. None is below 0.
    """

    claim: NDArray[np.float64]
    satellite: NDArray[np.float64]
    group_of: NDArray[np.int64]
    group: NDArray[np.float64]


class Allocation(NamedTuple):
    """What is given [Gbps]: `served` (cell,), `load` (satellite,), `group_load` (group,).

    `level`: least part of its claim that a cell gets, of those that claim something and see a satellite which may give, 1 without any.
    """

    served: NDArray[np.float64]
    load: NDArray[np.float64]
    group_load: NDArray[np.float64]
    level: float


def greedy(runs: Runs, lids: Lids) -> Allocation:
    """As much as can be given in all, up to about a percent, whoever gets it.

    runs: which cells see each satellite. lids: claims and lids [Gbps]. No bound is exceeded, and no cell below its claim sees a
    satellite with something left in a group with something left. Raises ValueError where lids are not of the shape of the runs, below
    0, or no numbers.
    """
    return Allocation(*_greedy(*runs, *_checked(runs, lids)))


def max_min(runs: Runs, lids: Lids) -> Allocation:
    """The lexicographic max-min of parts of claims, served per claim, up to some percent; its sum is also about the greatest.

    As for greedy.
    """
    return Allocation(*_max_min(*runs, *_checked(runs, lids)))


def _checked(runs: Runs, lids: Lids) -> Lids:
    claim, satellite, group = (np.ascontiguousarray(x, np.float64) for x in (lids.claim, lids.satellite, lids.group))
    group_of = np.ascontiguousarray(lids.group_of, np.int64)
    if len(satellite) != runs.satellite_count or len(group_of) != len(satellite):
        raise ValueError(
            f"runs of {runs.satellite_count} satellites, lids of {len(satellite)}, groups of {len(group_of)}: they must be as many"
        )
    if len(runs.last) and int(runs.last.max()) > len(claim):
        raise ValueError(f"a satellite sees cell {int(runs.last.max()) - 1}, and there are claims of {len(claim)}")
    if not all(np.isfinite(x).all() and (x >= 0).all() for x in (claim, satellite, group)):
        raise ValueError("a claim or a lid is below 0 or no number")
    if len(group_of) and not (int(group_of.min()) >= -1 and int(group_of.max()) < len(group)):
        raise ValueError(f"a satellite's group is not in -1..{len(group) - 1}")
    return Lids(claim, satellite, group_of, group)


class _State(NamedTuple):
    """What steps work with.

    Of satellites: `share`; `before`, that of the step before; `load` were claims placed in full, `level` that it can keep of it: infinite
    where nothing is placed, 0 for those who cannot give or are asked by nobody. Of groups (3, group): level, and scratch. Of cells:
    `per`, claim per sum of the shares in view, 0 where nobody is.
    """

    share: NDArray[np.float64]
    before: NDArray[np.float64]
    load: NDArray[np.float64]
    level: NDArray[np.float64]
    group: NDArray[np.float64]
    per: NDArray[np.float64]


@inlined
def _state(satellites, groups, places):  # type: ignore[no-untyped-def]
    return _State(
        np.zeros(satellites), np.zeros(satellites), np.zeros(satellites), np.zeros(satellites), np.zeros((3, groups)), np.zeros(places),
    )  # fmt: skip


# --- levels and steps ------------------------------------------------------------------------------------------------


@leaf
def _levels(satellite, group_of, group, steps, state):  # type: ignore[no-untyped-def]
    """Fill the levels that satellites can keep, by their own lids and their group's; returns the least of them.

    A group's is where the sum over its satellites of min(level x load, lid) meets its lid: from below, Newton's steps only rise to it.
    """
    share, load, level = state.share, state.load, state.level
    for s in range(len(satellite)):
        level[s] = 0.0 if share[s] == 0.0 else satellite[s] / load[s] if load[s] > 0.0 else np.inf
    if len(group) > 0:
        _group_levels(satellite, group_of, group, steps, state)
    least = np.inf
    for s in range(len(satellite)):
        g = group_of[s]
        if g >= 0:
            level[s] = min(level[s], state.group[0, g])
        least = min(least, level[s] if share[s] > 0.0 else np.inf)
    return least


@leaf
def _group_levels(satellite, group_of, group, steps, state):  # type: ignore[no-untyped-def]
    load, level = state.load, state.level
    at, given, slope = state.group[0], state.group[1], state.group[2]
    at[:] = 0.0
    for _ in range(steps):
        given[:], slope[:] = 0.0, 0.0
        for s in range(len(satellite)):
            g = group_of[s]
            if g >= 0 and load[s] > 0.0:
                rises = at[g] < level[s]
                given[g] += at[g] * load[s] if rises else satellite[s]
                slope[g] += load[s] if rises else 0.0
        moved = False
        for g in range(len(group)):
            if at[g] < np.inf and given[g] < group[g]:
                higher = at[g] + (group[g] - given[g]) / slope[g] if slope[g] > 0.0 else np.inf
                moved |= higher > at[g]
                at[g] = higher
        if not moved:
            break


@leaf
def _step(state, momentum, most_level):  # type: ignore[no-untyped-def]
    """Multiply shares by levels, and by a part of what they were multiplied with before."""
    share, before, level = state.share, state.before, state.level
    for s in range(len(share)):
        if share[s] > 0.0:
            now = share[s] * min(max(level[s], 2.0**-30), most_level)
            share[s] = now * _power(now / before[s], momentum) if momentum > 0.0 else now
            before[s] = now


@inlined
def _power(x, quarters):  # type: ignore[no-untyped-def]
    """x to the power of 0.5 or 0.75, by square roots."""
    root = np.sqrt(x)
    return root * np.sqrt(root) if quarters > 0.5 else root


@inlined
def _momentum(step):  # type: ignore[no-untyped-def]
    """Nesterov's (k - 1) / (k + 2), in halves and three quarters."""
    return 0.0 if step < 2 else 0.5 if step < 7 else _MOMENTUM


@leaf
def _raised(share, span):  # type: ignore[no-untyped-def]
    """Scale shares to a greatest of 1 and raise those below the span to it; returns whether there was one."""
    greatest, low = 0.0, False
    for s in range(len(share)):
        greatest = max(greatest, share[s])
    scale = 1.0 / greatest if greatest > 0.0 else 0.0
    for s in range(len(share)):
        if share[s] > 0.0:
            share[s] *= scale
            low |= share[s] < span
            share[s] = max(share[s], span)
    return low


@leaf
def _begin(start, first, last, claim, satellite, group_of, group, change, state):  # type: ignore[no-untyped-def]
    """Give a share in proportion to its lid to every satellite that may give and is asked; note in `per` of each cell how many of those
    that may give it sees. Returns the most that a cell sees, and the most cells that one of them sees.
    """
    upto, most_cells = state.per, 1
    upto[0] = 0.0
    for c in range(len(claim)):
        upto[c + 1] = upto[c] + (1.0 if claim[c] > 0.0 else 0.0)
    for s in range(len(satellite)):
        g, cells, asked = group_of[s], 0, 0.0
        if satellite[s] > 0.0 and (g < 0 or group[g] > 0.0):
            for k in range(start[s], start[s + 1]):
                a, b = np.uint64(first[np.uint64(k)]), np.uint64(last[np.uint64(k)])
                cells += int(b - a)
                asked += upto[b] - upto[a]
        most_cells = max(most_cells, cells)
        state.share[s] = satellite[s] if asked > 0.0 else 0.0
        state.before[s] = state.share[s]
    _scatter_whole(start, first, last, state.share, 0.0, change)
    seen, most = np.int64(0), 1
    for c in range(len(claim)):
        seen += change[_place(c)]
        change[_place(c)] = 0
        most = max(most, seen)
        state.per[c] = seen
    change[_place(len(claim))] = 0
    return most, most_cells


# --- sums of whole numbers over runs ---------------------------------------------------------------------------------


@inlined
def _place(c):  # type: ignore[no-untyped-def]
    """Where a cell stands in arrays of differences: one place in 33 is left free, because rings have 2^k cells, and what lies so many
    places apart shares a line of the cache: without that the sums take four times as long at order 7.
    """
    return np.uint64(c) + (np.uint64(c) >> np.uint64(5))


@leaf
def _scatter_whole(start, first, last, share, scale, change):  # type: ignore[no-untyped-def]
    """Add shares, in whole numbers, to the cells that see each satellite, as differences; with a scale of 0 each counts one."""
    for s in range(len(share)):
        if share[s] > 0.0:
            v = np.int64(share[s] * scale) if scale > 0.0 else np.int64(1)
            for k in range(start[s], start[s + 1]):
                j = np.uint64(k)
                change[_place(first[j])] += v
                change[_place(last[j])] -= v


@leaf
def _place_whole(start, first, last, claim, state, change, upto, share_scale, most_cells):  # type: ignore[no-untyped-def]
    """Place claims in full in proportion to shares. `per` and `upto` are in units of which one is returned."""
    share, load, per = state.share, state.load, state.per
    for s in range(len(share)):
        share[s] = np.floor(share[s] * share_scale) / share_scale  # so that what is summed is what is there
    _scatter_whole(start, first, last, share, share_scale, change)
    seen = np.int64(0)
    for c in range(len(claim)):
        seen += change[_place(c)]
        change[_place(c)] = 0
        per[c] = seen
    change[_place(len(claim))] = 0
    most = 0.0
    for c in range(len(claim)):
        per[c] = claim[c] / per[c] if per[c] > 0.0 else 0.0
        most = max(most, per[c])
    scale = _MOST / most_cells / most if most > 0.0 else 0.0
    run = np.int64(0)
    for c in range(len(claim)):
        whole = np.int64(per[c] * scale)
        per[c] = whole
        run += whole
        upto[_place(c + 1)] = run
    unit = share_scale / scale if scale > 0.0 else 0.0
    for s in range(len(share)):
        if share[s] > 0.0:
            total = np.int64(0)
            for k in range(start[s], start[s + 1]):
                j = np.uint64(k)
                total += upto[_place(last[j])] - upto[_place(first[j])]
            load[s] = share[s] * (np.float64(total) * unit)
    return unit


@compiled
def _greedy(start, first, last, claim, satellite, group_of, group):  # type: ignore[no-untyped-def]
    cells, satellites = len(claim), len(satellite)
    change, upto = np.zeros(cells + cells // 32 + 2, np.int64), np.zeros(cells + cells // 32 + 2, np.int64)
    state = _state(satellites, len(group), cells + 1)
    most, most_cells = _begin(start, first, last, claim, satellite, group_of, group, change, state)
    may, unit = state.per[:cells] > 0.0, 0.0
    asked = np.where(may, claim, 0.0).sum()
    share_scale = _MOST / most
    for step in range(GREEDY_STEPS):
        _raised(state.share, _WHOLE_SPAN)
        unit = _place_whole(start, first, last, claim, state, change, upto, share_scale, most_cells)
        _levels(satellite, group_of, group, _SOME, state)
        if step == GREEDY_STEPS - 1 or _is_enough(satellite, group_of, group, asked, state):
            break
        _step(state, _momentum(step), _GREEDY_MOST_LEVEL)
    served, load, group_load = np.zeros(cells), np.zeros(satellites), np.zeros(len(group))
    _cut(satellite, group_of, group, state, load, group_load, share_scale)
    _scatter_whole(start, first, last, state.share, share_scale, change)
    seen = np.int64(0)
    for c in range(cells):
        seen += change[_place(c)]
        served[c] = min(np.float64(seen) * (state.per[c] * unit / share_scale), claim[c])
    _fill(start, first, last, claim, satellite, group_of, group, served, load, group_load)
    return served, load, group_load, _least(served, claim, may)


@leaf
def _is_enough(satellite, group_of, group, asked, state):  # type: ignore[no-untyped-def]
    """Whether what is left of claims, or of lids, is next to nothing."""
    given, room = 0.0, 0.0
    used, lids = state.group[1], state.group[2]
    used[:], lids[:] = 0.0, 0.0
    for s in range(len(satellite)):
        if state.share[s] > 0.0:
            kept, g = min(state.level[s], 1.0) * state.load[s], group_of[s]
            given += kept
            if g < 0:
                room += satellite[s] - kept
            else:
                used[g] += kept
                lids[g] += satellite[s]
    for g in range(len(group)):
        room += max(min(group[g], lids[g]) - used[g], 0.0)
    return asked - given <= _ENOUGH * asked or room <= _ENOUGH * given


@leaf
def _cut(satellite, group_of, group, state, load, group_load, share_scale):  # type: ignore[no-untyped-def]
    """Cut what is placed to lids: fill the loads that are kept, and leave the shares that give them."""
    _levels(satellite, group_of, group, _ALL, state)
    for s in range(len(satellite)):
        if state.share[s] > 0.0:
            less = state.share[s] * min(state.level[s], 1.0)
            if share_scale > 0.0:
                less = np.floor(less * share_scale) / share_scale
            load[s] = min(state.load[s] * (less / state.share[s]), satellite[s])
            state.share[s] = less
            if group_of[s] >= 0:
                group_load[group_of[s]] += load[s]


# --- sums of floating numbers over runs ------------------------------------------------------------------------------


@compiled
def _max_min(start, first, last, claim, satellite, group_of, group):  # type: ignore[no-untyped-def]
    cells, satellites = len(claim), len(satellite)
    state, sums = _state(satellites, len(group), cells + LANES), np.zeros(cells + LANES)
    change = np.zeros(cells + cells // 32 + 2, np.int64)
    _begin(start, first, last, claim, satellite, group_of, group, change, state)
    may = state.per[:cells] > 0.0
    best, best_share = -1.0, state.share.copy()
    for step in range(FAIR_STEPS):
        if _raised(state.share, _SPAN):
            break
        _place_floating(start, first, last, claim, state, sums)
        least = _levels(satellite, group_of, group, _SOME, state)
        # Momentum may throw one step back; but where one bound is the least from the start, others still move.
        if least >= _AS_GOOD * best:
            best = max(best, least)
            best_share[:] = state.share
        if least >= 1.0:
            break
        _step(state, _momentum(step), 2.0**30)
    state.share[:] = best_share
    _place_floating(start, first, last, claim, state, sums)
    served, load, group_load = np.zeros(cells), np.zeros(satellites), np.zeros(len(group))
    _cut(satellite, group_of, group, state, load, group_load, 0.0)
    sums[:] = 0.0
    scatter(start, first, last, state.share, sums)
    for c in range(cells):
        served[c] = min(sums[c] * state.per[c], claim[c])
    _fill(start, first, last, claim, satellite, group_of, group, served, load, group_load)
    return served, load, group_load, _least(served, claim, may)


@leaf
def _place_floating(start, first, last, claim, state, sums):  # type: ignore[no-untyped-def]
    """Place claims in full in proportion to shares."""
    sums[:] = 0.0
    scatter(start, first, last, state.share, sums)
    for c in range(len(claim)):
        state.per[c] = claim[c] / sums[c] if sums[c] > 0.0 else 0.0
    gather(start, first, last, state.per, state.load)
    for s in range(len(state.share)):
        state.load[s] *= state.share[s]


# --- what is left over -----------------------------------------------------------------------------------------------


@compiled
def _fill(start, first, last, claim, satellite, group_of, group, served, load, group_load):  # type: ignore[no-untyped-def]
    """Give what satellites have left to cells that lack something, satellite by satellite.

    Every gift ends either a cell's lack, and it is stepped over from then on, or what the satellite has.
    """
    following = np.arange(len(claim) + 1)
    for c in range(len(claim)):
        if claim[c] - served[c] <= _NOTHING * claim[c]:
            served[c], following[c] = claim[c], c + 1
    for s in range(len(satellite)):
        g, left = group_of[s], satellite[s] - load[s]
        if g >= 0:
            left = min(left, group[g] - group_load[g])
        if left > 0.0:
            rest = _fill_from(start[s], start[s + 1], first, last, claim, following, served, left)
            load[s] = min(load[s] + (left - rest), satellite[s])
            if g >= 0:
                group_load[g] = min(group_load[g] + (left - rest), group[g])


@leaf
def _fill_from(low, high, first, last, claim, following, served, left):  # type: ignore[no-untyped-def]
    """Fill the cells of runs `low` to `high` - 1 with what is left; returns what still is."""
    for k in range(low, high):
        c = next_open(following, np.int64(first[k]))
        while c < last[k]:
            lack = claim[c] - served[c]
            if lack > left:
                served[c] += left
                return 0.0
            served[c], following[c], left = claim[c], c + 1, left - lack
            c = next_open(following, c)
    return left


@leaf
def _least(served, claim, may):  # type: ignore[no-untyped-def]
    """The least part of its claim that a cell gets."""
    least = 1.0
    for c in range(len(claim)):
        if claim[c] > 0.0 and may[c]:
            least = min(least, served[c] / claim[c])
    return least
