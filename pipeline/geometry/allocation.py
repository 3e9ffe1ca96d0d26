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
    gathered,
    greatest,
    next_open,
    place,
    runs_in_view,
    runs_of_edges,
    scatter,
    summed,
)

__all__ = [
    "Allocation", "Lids", "Runs", "edges_of_runs", "gathered", "greatest", "greedy", "max_min", "runs_in_view", "runs_of_edges", "summed",
]  # fmt: skip

# Steps of either: what is gained by more is below a percent (tests and bench).
GREEDY_STEPS, FAIR_STEPS = 8, 24
# A satellite with room does not draw more than this at a step: who can serve all that it is asked for need not be alike, and shares
# would drift apart by as many orders as there are steps.
_MOST_DRAWN = 2.0
# Steps end where at most this part of the claims, or of the room, is left: what is left over is filled in besides.
_ENOUGH = 4e-3
# Shares are whole numbers in the greedy's sums, whose differences then lose nothing, and span so much; floating ones in the fair one's.
_WHOLE_SPAN, _SPAN = 2.0**-40, 2.0**-900
_MOST = 2.0**62
# No level is above this one: of who gets nothing it would be infinite.
_FAR = 2.0**100
# Of the fair one's steps the last counts whose least level is not below this part of the best.
_AS_GOOD = 0.999
# Newton's steps to the level of a group, from below: some while shares still change, and until it stands still at the end.
_SOME, _ALL = 3, 60
# A cell lacks, and a satellite has left, what is more than this part of its claim or lid.
_NOTHING = 1e-13


class Lids(NamedTuple):
    """What bounds an allocation [Gbps].

    `claim` (cell,): what each cell asks for. `satellite` (satellite,): the lid of each. `group_of` int64 (satellite,): the group of
    each, -1 for none. `group` (group,): the lid of the sum of the loads of each group. None is below 0. `weight` (cell,): what fair shares
    go by, no less than the claim: a cell of twice the weight gets twice as much for as long as its claim lasts; None for the claims.
    """

    claim: NDArray[np.float64]
    satellite: NDArray[np.float64]
    group_of: NDArray[np.int64]
    group: NDArray[np.float64]
    weight: NDArray[np.float64] | None = None


class Allocation(NamedTuple):
    """What is given [Gbps]: `served` (cell,), `load` (satellite,), `group_load` (group,).

    `level`: least part of its claim that a cell gets, of those that claim something and see a satellite which may give, 1 without any; with
    weights least part of its weight, of those that get less than they claim.
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
    return Allocation(*_greedy(*runs, *_checked(runs, lids)[:-1]))


def max_min(runs: Runs, lids: Lids, steps: int = FAIR_STEPS) -> Allocation:
    """The lexicographic max-min of parts of claims, served per claim, up to some percent; its sum is also about the greatest.

    As for greedy. steps: at most so many; fewer are quicker and leave more to the fill.

    With weights parts are of these, and no cell gets more than its claim: it is placed with what its level would give it were there no claim,
    claim over level but no more than its weight, found anew at every step as levels fall into place.
    """
    return Allocation(*_max_min(*runs, *_checked(runs, lids), steps))


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
    weight = claim if lids.weight is None else np.ascontiguousarray(lids.weight, np.float64)
    if weight.shape != claim.shape or not (np.isfinite(weight).all() and (weight >= claim).all()):
        raise ValueError("a weight is less than its claim, or no number, or there is not one for each")
    return Lids(claim, satellite, group_of, group, weight)


def pooled(
    runs: Runs, amount: NDArray[np.float64], group_of: NDArray[np.integer], group: NDArray[np.float64], cells: int
) -> NDArray[np.float64]:
    """What the satellites in view of each cell have together, those of a group no more than its lid, (cell,): each cell for itself.

    runs: as for `summed`. amount: of each satellite, not below 0. group_of, group: as in Lids; who is in no group has nothing.
    """
    order = np.argsort(group_of, kind="stable")
    begin = np.searchsorted(np.asarray(group_of)[order], np.arange(len(group) + 1))
    total = np.zeros(cells)
    _pooled(runs.start, runs.first, runs.last, order, begin, amount, group, np.zeros(cells + 1), total)
    return total


@compiled
def _pooled(start, first, last, order, begin, amount, group, change, total):  # type: ignore[no-untyped-def]
    for g in range(len(group)):
        low, high = len(total), 0
        for k in range(begin[g], begin[g + 1] if group[g] > 0.0 else begin[g]):
            s = order[k]
            for run in range(start[s], start[s + 1] if amount[s] > 0.0 else start[s]):
                change[first[run]] += amount[s]
                change[last[run]] -= amount[s]
                low, high = min(low, first[run]), max(high, last[run])
        sum_ = 0.0
        for c in range(low, high):
            sum_ += change[c]
            change[c] = 0.0
            total[c] += min(max(sum_, 0.0), group[g])
        change[high] = 0.0


class _State(NamedTuple):
    """What steps work with.

    Of satellites: `share`, 0 for those who cannot give or are asked by nobody; `before`, that of the step before; `load` were claims placed
    in full, `level` that it can keep of it, at most _FAR; `group_of`, where those of no group are in one more, which nothing bounds.
    Of groups (3, group + 1): level, and scratch. Of cells: `per`, claim per sum of the shares in view, 0 where nobody is.
    """

    share: NDArray[np.float64]
    before: NDArray[np.float64]
    load: NDArray[np.float64]
    level: NDArray[np.float64]
    group_of: NDArray[np.int64]
    group: NDArray[np.float64]
    per: NDArray[np.float64]


@inlined
def _state(group_of, groups, places):  # type: ignore[no-untyped-def]
    satellites = len(group_of)
    return _State(
        np.zeros(satellites), np.ones(satellites), np.zeros(satellites), np.zeros(satellites),
        np.where(group_of < 0, groups, group_of), np.zeros((3, groups + 1)), np.zeros(places),
    )  # fmt: skip


# --- levels and steps ------------------------------------------------------------------------------------------------


@leaf
def _levels(satellite, group, steps, state):  # type: ignore[no-untyped-def]
    """Fill the levels that satellites can keep, by their own lids and their group's.

    A group's is where the sum over its satellites of min(level x load, lid) meets its lid: from below, Newton's steps only rise to it.
    """
    share, load, level, group_of, at = state.share, state.load, state.level, state.group_of, state.group[0]
    for s in range(len(satellite)):
        ratio = satellite[s] / load[s]
        level[s] = (ratio if ratio < _FAR else _FAR) if (share[s] > 0.0) & (load[s] > 0.0) else _FAR  # fmt: skip
    if len(group) > 0:
        at[:], at[len(group)] = 0.0, _FAR
        for _ in range(steps):
            if not _raise_groups(satellite, group, load, group_of, at, state.group[1], state.group[2]):
                break
        for s in range(len(satellite)):
            least = at[np.uint64(group_of[s])]
            level[s] = level[s] if level[s] < least else least


@leaf
def _raise_groups(satellite, group, load, group_of, at, given, slope):  # type: ignore[no-untyped-def]
    """One of Newton's steps for the levels of all groups; returns whether one moved."""
    given[:], slope[:] = 0.0, 0.0
    for s in range(len(satellite)):
        of = np.uint64(group_of[s])
        want = at[of] * load[s]
        rises = want < satellite[s]
        given[of] += want if rises else satellite[s]
        slope[of] += load[s] if rises else 0.0
    moved = False
    for g in range(len(group)):
        if at[g] < _FAR and given[g] < group[g]:
            higher = min(at[g] + (group[g] - given[g]) / slope[g], _FAR) if slope[g] > 0.0 else _FAR
            moved |= higher > at[g]
            at[g] = higher
    return moved


@leaf
def _least_level(state):  # type: ignore[no-untyped-def]
    """The least level of a satellite that has a share."""
    least = np.inf
    for s in range(len(state.share)):
        if state.share[s] > 0.0:
            least = min(least, state.level[s])
    return least


@leaf
def _step(state, step, hasty):  # type: ignore[no-untyped-def]
    """Multiply shares by levels, and by a part of what they were multiplied with before: about Nesterov's (k - 1) / (k + 2), in halves and
    three quarters, which take square roots alone. In haste levels count to the power of 1.5 and momentum begins earlier: in ten steps
    that comes as far as else in fourteen, but it does not settle as well."""
    share, before, level = state.share, state.before, state.level
    for s in range(len(share)):
        times = level[s] * np.sqrt(level[s]) if hasty else level[s]
        times = times if times > 1.0 / _FAR else 1.0 / _FAR
        level[s] = share[s] * (times if times < _MOST_DRAWN else _MOST_DRAWN)
    if step < (1 if hasty else 2):
        for s in range(len(share)):
            share[s] = level[s]
    elif step < (4 if hasty else 7):
        for s in range(len(share)):
            share[s] = level[s] * np.sqrt(level[s] / before[s])
    else:
        for s in range(len(share)):
            root = np.sqrt(level[s] / before[s])
            share[s] = level[s] * (root * np.sqrt(root))
    for s in range(len(share)):
        before[s] = level[s] if share[s] > 0.0 else 1.0


@leaf
def _scaled(state, greatest, least):  # type: ignore[no-untyped-def]
    """Scale shares so that the greatest is as said, and raise those below the least to it; returns whether there was one.

    What is remembered of the step before is not: a factor that all have in common is nothing.
    """
    share = state.share
    most, low = 0.0, False
    for s in range(len(share)):
        most = max(most, share[s])
    scale = min(greatest / most, 1e290) if most > 0.0 else 0.0
    for s in range(len(share)):
        scaled = share[s] * scale
        low |= (share[s] > 0.0) & (scaled < least)
        share[s] = (scaled if scaled > least else least) if share[s] > 0.0 else 0.0
    return low


@leaf
def _begin(start, first, last, claim, satellite, group, change, upto, state):  # type: ignore[no-untyped-def]
    """Give a share in proportion to its lid to every satellite that may give and is asked; note in `per` of each cell how many of those
    that may give it sees. Returns the most that a cell sees, the most cells that one of them sees, and what they may give in all.
    """
    most_cells, groups, lids, claims = 1, len(group), state.group[1], np.int64(0)
    for c in range(len(claim)):
        claims += 1 if claim[c] > 0.0 else 0
        upto[place(c + 1)] = claims
    for s in range(len(satellite)):
        g, cells, asked = state.group_of[s], 0, np.int64(0)
        if satellite[s] > 0.0 and (g == groups or group[g] > 0.0):
            for k in range(start[s], start[s + 1]):
                a, b = np.int64(first[np.uint64(k)]), np.int64(last[np.uint64(k)])
                cells += int(b - a)
                asked += upto[place(b)] - upto[place(a)]
        if asked > 0:
            most_cells = max(most_cells, cells)
            state.share[s] = satellite[s]
            state.before[s] = satellite[s]
            lids[g] += satellite[s]
            for k in range(start[s], start[s + 1]):
                change[place(first[np.uint64(k)])] += 1
                change[place(last[np.uint64(k)])] -= 1
    capacity = lids[groups]
    for g in range(groups):
        capacity += min(lids[g], group[g])
    return _most_seen(len(claim), change, state.per), most_cells, capacity


@leaf
def _most_seen(cells, change, per):  # type: ignore[no-untyped-def]
    seen, most = np.int64(0), 1
    for c in range(cells):
        seen += change[place(c)]
        change[place(c)] = 0
        most = max(most, seen)
        per[c] = seen
    change[place(cells)] = 0
    return most


# --- sums of whole numbers over runs ---------------------------------------------------------------------------------


@leaf
def _scatter_whole(start, first, last, share, change):  # type: ignore[no-untyped-def]
    """Add shares to the cells that see each satellite, as differences."""
    for s in range(len(share)):
        v = np.int64(share[s])
        if v > 0:
            for k in range(start[s], start[s + 1]):
                j = np.uint64(k)
                change[place(first[j])] += v
                change[place(last[j])] -= v


@leaf
def _place_whole(start, first, last, claim, state, change, upto, most_cells):  # type: ignore[no-untyped-def]
    """Place claims in full in proportion to shares, which are cut to whole numbers. `per` is whole too, in units that are returned."""
    share, load, per = state.share, state.load, state.per
    for s in range(len(share)):
        share[s] = np.floor(share[s])
    _scatter_whole(start, first, last, share, change)
    greatest = _per_share(claim, change, per)
    scale = min(_MOST / most_cells / greatest, 1e290) if greatest > 0.0 else 1.0
    _sum_up(per, upto, len(claim), scale)
    unit = 1.0 / scale
    for s in range(len(share)):
        if share[s] > 0.0:
            total = np.int64(0)
            for k in range(start[s], start[s + 1]):
                j = np.uint64(k)
                total += upto[place(last[j])] - upto[place(first[j])]
            load[s] = share[s] * (np.float64(total) * unit)
    return unit


# So many cells at a time are worked on, in loops of which each can be vectorised or is a running sum, and stay near.
_BLOCK = 1_024


@leaf
def _per_share(claim, change, per):  # type: ignore[no-untyped-def]
    """Fill `per` with claims per sum of the shares in view, 0 where nobody is, and clear the differences; returns the greatest."""
    seen, most, cells = np.int64(0), 0.0, len(claim)
    for low in range(0, cells, _BLOCK):
        high = min(low + _BLOCK, cells)
        for c in range(low, high):
            seen += change[place(c)]
            change[place(c)] = 0
            per[np.uint64(c)] = seen
        for c in range(low, high):
            k = np.uint64(c)
            per[k] = claim[k] / per[k] if per[k] > 0.0 else 0.0
        for c in range(low, high):
            most = max(most, per[np.uint64(c)])
    change[place(cells)] = 0
    return most


@leaf
def _sum_up(per, upto, cells, scale):  # type: ignore[no-untyped-def]
    """Make `per` whole numbers in these units, and fill `upto` with their running sums."""
    run = np.int64(0)
    for low in range(0, cells, _BLOCK):
        high = min(low + _BLOCK, cells)
        for c in range(low, high):
            per[np.uint64(c)] = np.floor(per[np.uint64(c)] * scale)
        for c in range(low, high):
            run += np.int64(per[np.uint64(c)])
            upto[place(c + 1)] = run


@compiled
def _greedy(start, first, last, claim, satellite, group_of, group):  # type: ignore[no-untyped-def]
    cells, satellites = len(claim), len(satellite)
    change, upto = np.zeros(cells + cells // 32 + 2, np.int64), np.zeros(cells + cells // 32 + 2, np.int64)
    state = _state(group_of, len(group), cells + 1)
    most, most_cells, capacity = _begin(start, first, last, claim, satellite, group, change, upto, state)
    may, unit = state.per[:cells] > 0.0, 0.0
    asked = np.where(may, claim, 0.0).sum()
    for step in range(GREEDY_STEPS):
        _scaled(state, _MOST / most, _MOST / most * _WHOLE_SPAN)
        unit = _place_whole(start, first, last, claim, state, change, upto, most_cells)
        _levels(satellite, group, _SOME, state)
        given = _kept(state)
        if step == GREEDY_STEPS - 1 or asked - given <= _ENOUGH * asked or capacity - given <= _ENOUGH * capacity:
            break
        _step(state, step, True)
    served, load, group_load = np.zeros(cells), np.zeros(satellites), np.zeros(len(group))
    _cut(satellite, group, state, load, group_load, True)
    _scatter_whole(start, first, last, state.share, change)
    seen = np.int64(0)
    for c in range(cells):
        seen += change[place(c)]
        served[c] = min(np.float64(seen) * (state.per[c] * unit), claim[c])
    _fill(start, first, last, claim, satellite, group_of, group, served, load, group_load)
    return served, load, group_load, _least(served, claim, may)


@leaf
def _kept(state):  # type: ignore[no-untyped-def]
    """What satellites keep in all."""
    total = 0.0
    for s in range(len(state.load)):
        total += state.load[s] * (state.level[s] if state.level[s] < 1.0 else 1.0)
    return total


@leaf
def _cut(satellite, group, state, load, group_load, whole):  # type: ignore[no-untyped-def]
    """Cut what is placed to lids: fill the loads that are kept, and leave the shares that give them."""
    _levels(satellite, group, _ALL, state)
    for s in range(len(satellite)):
        if state.share[s] > 0.0:
            less = state.share[s] * min(state.level[s], 1.0)
            less = np.floor(less) if whole else less
            load[s] = min(state.load[s] * (less / state.share[s]), satellite[s])
            state.share[s] = less
            if state.group_of[s] < len(group):
                group_load[state.group_of[s]] += load[s]


# --- sums of floating numbers over runs ------------------------------------------------------------------------------


@compiled
def _max_min(start, first, last, claim, satellite, group_of, group, weight, steps):  # type: ignore[no-untyped-def]
    cells, satellites = len(claim), len(satellite)
    state, sums = _state(group_of, len(group), cells + LANES), np.zeros(cells + LANES)
    change, upto = np.zeros(cells + cells // 32 + 2, np.int64), np.zeros(cells + cells // 32 + 2, np.int64)
    _begin(start, first, last, claim, satellite, group, change, upto, state)
    state.per[cells:] = 0.0
    may = state.per[:cells] > 0.0
    by_weight, asked, kept = (weight > claim).any(), claim.copy(), np.zeros(satellites)
    best, best_share = -1.0, state.share.copy()
    for step in range(steps):
        if _scaled(state, 1.0, _SPAN):
            break
        _place_floating(start, first, last, asked, state, sums)
        _levels(satellite, group, _SOME, state)
        least = _least_level(state)
        # Momentum may throw one step back; but where one bound is the least from the start, others still move.
        if by_weight or least >= _AS_GOOD * best:
            best = max(best, least)
            best_share[:] = state.share
        if least >= 1.0 and not by_weight:
            break
        if by_weight:
            _ask(start, first, last, claim, weight, state, sums, kept, asked)
        _step(state, step, False)
    state.share[:] = best_share
    _place_floating(start, first, last, asked, state, sums)
    served, load, group_load = np.zeros(cells), np.zeros(satellites), np.zeros(len(group))
    _cut(satellite, group, state, load, group_load, False)
    sums[:] = 0.0
    scatter(start, first, last, state.share, sums)
    for c in range(cells):
        served[c] = min(sums[c] * state.per[c], claim[c])
    if by_weight:
        _let_go(start, first, last, claim, satellite, group_of, state, sums, load, group_load)
    _fill(start, first, last, claim, satellite, group_of, group, served, load, group_load)
    return (
        served,
        load,
        group_load,
        _least_weighed(served, claim, weight, may) if by_weight else _least(served, claim, may),
    )


@leaf
def _ask(start, first, last, claim, weight, state, sums, kept, asked):  # type: ignore[no-untyped-def]
    """What each cell is placed with at the next step: its weight, or what at its level of now just gives it its claim."""
    for s in range(len(kept)):
        kept[s] = state.share[s] * min(state.level[s], 1.0)
    sums[:] = 0.0
    scatter(start, first, last, kept, sums)
    for c in range(len(claim)):
        given = sums[c] * state.per[c]
        asked[c] = min(weight[c], claim[c] * asked[c] / given) if given > 0.0 else weight[c]


@leaf
def _let_go(start, first, last, claim, satellite, group_of, state, sums, load, group_load):  # type: ignore[no-untyped-def]
    """Take from satellites what cells were given beyond their claims."""
    for c in range(len(claim)):
        given = sums[c] * state.per[c]
        if given > claim[c]:
            state.per[c] *= claim[c] / given
    gather(start, first, last, state.per, state.load)
    group_load[:] = 0.0
    for s in range(len(satellite)):
        load[s] = min(state.load[s] * state.share[s], satellite[s])
        if group_of[s] >= 0:
            group_load[group_of[s]] += load[s]


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
    following = np.empty(len(claim) + len(claim) // 32 + 2, np.int32)
    following[place(len(claim))] = len(claim)
    for c in range(len(claim)):
        done = claim[c] - served[c] <= _NOTHING * claim[c]
        served[c], following[place(c)] = claim[c] if done else served[c], c + 1 if done else c
    for s in range(len(satellite)):
        g, left = group_of[s], satellite[s] - load[s]
        if g >= 0:
            left = min(left, group[g] - group_load[g])
        if left > _NOTHING * satellite[s]:
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
            served[c], following[place(c)], left = claim[c], c + 1, left - lack
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


@leaf
def _least_weighed(served, claim, weight, may):  # type: ignore[no-untyped-def]
    """The least part of its weight that a cell gets which gets less than it claims, by more than a thousandth: what steps have not settled."""
    least = 1.0
    for c in range(len(claim)):
        if claim[c] > 0.0 and may[c] and served[c] < claim[c] * (1.0 - 1e-3):
            least = min(least, served[c] / weight[c])
    return least
