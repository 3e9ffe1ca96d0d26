"""Tallies: what the counts of a window of instants come to, cell by cell, in integers, so that windows merge exactly.

How often each count occurred says everything that the order of the instants does not: mean, minimum, quantiles, shares of the time.
Only the gaps know the order, and they are kept with what is open at both ends of the window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.kernels import compiled, leaf

# Cells that are taken together, whole vectors of them.
TILE = 256
# How many different counts among them are told apart one by one, for all of them at once.
_FEW = 24
_BINS_STEP = 8


@dataclass
class Tally:
    """A window of `count` consecutive instants from the one of number `first` on.

    `histogram` unsigned (tile, bin, TILE): instants at which so many were counted, of the cells TILE by TILE (times_counted). Gaps are
    runs of instants with a count of 0, int32 (cell,): `lead` at the window's start, `trail` at its end, `longest` anywhere.
    """

    first: int
    count: int
    histogram: NDArray[np.unsignedinteger]
    lead: NDArray[np.int32]
    trail: NDArray[np.int32]
    longest: NDArray[np.int32]

    def add(self, counts: NDArray[np.uint16]) -> None:
        """Add the counts of the next instants, (instant, cell)."""
        if self.count + len(counts) > np.iinfo(self.histogram.dtype).max:
            self.histogram = self.histogram.astype(np.uint32)
        tile, most = 0, 0
        while tile < len(self.histogram):
            if most >= self.histogram.shape[1]:
                self._widen(most)
            tile, most = _add(counts, tile, self.count, self.histogram, self.lead, self.trail, self.longest)
        self.count += len(counts)

    def _widen(self, most: int) -> None:
        # A quarter more than was ever seen, so that widening, which copies everything, is rare.
        wider = (most * 5 // 4 // _BINS_STEP + 1) * _BINS_STEP
        old, self.histogram = self.histogram, np.zeros((len(self.histogram), wider, TILE), self.histogram.dtype)
        self.histogram[:, : old.shape[1]] = old

    def times_counted(self) -> NDArray[np.unsignedinteger]:
        """Instants at which so many were counted, (cell, bin)."""
        return np.moveaxis(self.histogram, 2, 1).reshape(-1, self.histogram.shape[1])[: len(self.longest)]

    def merged(self, later: Tally) -> Tally:
        """The tally of this window and the one right after it. Raises ValueError where they do not touch."""
        if self.first + self.count != later.first:
            raise ValueError(f"window {later.first} does not follow {self.first} + {self.count}")
        return Tally(
            first=self.first,
            count=self.count + later.count,
            histogram=_added(self.histogram, later.histogram, self.count + later.count),
            lead=np.where(self.lead == self.count, self.count + later.lead, self.lead).astype(np.int32),
            trail=np.where(later.trail == later.count, later.count + self.trail, later.trail).astype(np.int32),
            longest=np.maximum(np.maximum(self.longest, later.longest), self.trail + later.lead),
        )


def empty(cells: int, first: int = 0) -> Tally:
    """The tally of no instant, before that of number `first`."""
    gaps = [np.zeros(cells, np.int32) for _ in range(3)]
    return Tally(first, 0, np.zeros((-(-cells // TILE), _BINS_STEP, TILE), np.uint16), *gaps)


@dataclass(frozen=True)
class Statistics:
    """Of a tally, (cell,): mean, minimum and 5th percentile of the counts, fractions of the instants with at least 1, 2 and 4, longest gap.

    The percentile is by nearest rank: the least count that is not exceeded at 5 % of the instants or more.
    """

    mean_count: NDArray[np.float64]
    min_count: NDArray[np.int64]
    p05_count: NDArray[np.int64]
    at_least_1_fraction: NDArray[np.float64]
    at_least_2_fraction: NDArray[np.float64]
    at_least_4_fraction: NDArray[np.float64]
    longest_gap_instants: NDArray[np.int32]


def statistics(tally: Tally) -> Statistics:
    """Statistics of a tally of one instant or more."""
    cells = len(tally.longest)
    total, least, low = (np.empty(cells, np.int64) for _ in range(3))
    reached = np.empty((3, cells), np.int64)
    _summarise(tally.histogram, -(-tally.count // 20), np.array([1, 2, 4]), total, least, low, reached)
    one, two, four = reached / tally.count
    return Statistics(total / tally.count, least, low, one, two, four, tally.longest)


def _added(
    one: NDArray[np.unsignedinteger], other: NDArray[np.unsignedinteger], count: int
) -> NDArray[np.unsignedinteger]:
    kind = np.result_type(one, other) if count <= np.iinfo(np.uint16).max else np.uint32
    result = np.zeros((len(one), max(one.shape[1], other.shape[1]), TILE), kind)
    result[:, : one.shape[1]] = one
    result[:, : other.shape[1]] += other
    return result


@compiled
def _add(counts, tile, before, histogram, lead, trail, longest):  # type: ignore[no-untyped-def]
    """Add counts (instant, cell) to a tally of `before` instants, from a tile on, up to one with a larger count than there are bins: that
    tile, or the number of all, and the largest count there.
    """
    # Rows of a grid lie a multiple of 4 KB apart and would drive each other out of the processor's memory: they are copied first.
    near = np.empty((counts.shape[0], TILE + 32), np.uint16)
    low, high, times = np.empty(TILE, np.uint16), np.empty(TILE, np.uint16), np.empty(TILE, np.uint16)
    for of in range(tile, len(histogram)):
        first = of * TILE
        cells = min(TILE, counts.shape[1] - first)
        least, most = _take(counts, first, cells, near, low, high)
        if most >= histogram.shape[1]:
            return of, most
        if most - least < _FEW:
            for count in range(least, most + 1):
                _count_times(near, cells, count, times)
                for k in range(cells):
                    histogram[of, count, k] += times[k]
        else:
            for k in range(cells):
                for instant in range(counts.shape[0]):
                    histogram[of, near[instant, k], k] += 1
        if least > 0:
            trail[first : first + cells] = 0
        else:
            _add_gaps(near, first, cells, before, lead, trail, longest)
    return len(histogram), 0


@leaf
def _take(counts, first, cells, near, low, high):  # type: ignore[no-untyped-def]
    """Copy counts (instant, cell) of a stretch of cells; the least and the largest of them."""
    for k in range(cells):
        low[k], high[k] = counts[0, np.uint64(first + k)], counts[0, np.uint64(first + k)]
    for instant in range(counts.shape[0]):
        for k in range(cells):
            count = counts[instant, np.uint64(first + k)]
            near[instant, k] = count
            low[k], high[k] = count if count < low[k] else low[k], count if count > high[k] else high[k]
    least, most = np.int64(low[0]), np.int64(high[0])
    for k in range(cells):
        least, most = min(least, np.int64(low[k])), max(most, np.int64(high[k]))
    return least, most


@leaf
def _count_times(near, cells, count, times):  # type: ignore[no-untyped-def]
    """Fill times (cell,) with how many of the instants have that count."""
    looked_for = np.uint16(count)
    for k in range(cells):
        times[k] = 0
    for instant in range(near.shape[0]):
        for k in range(cells):
            times[k] += np.uint16(1) if near[instant, k] == looked_for else np.uint16(0)


@leaf
def _add_gaps(near, first, cells, before, lead, trail, longest):  # type: ignore[no-untyped-def]
    """Follow the gaps of a stretch of cells through the instants."""
    for instant in range(near.shape[0]):
        since = np.int32(before + instant + 1)
        for k in range(cells):
            cell = np.uint64(first + k)
            gap = trail[cell] + np.int32(1) if near[instant, k] == 0 else np.int32(0)
            trail[cell] = gap
            longest[cell] = gap if gap > longest[cell] else longest[cell]
            lead[cell] = gap if gap == since else lead[cell]


@compiled
def _summarise(histogram, rank, thresholds, total, least, low, reached):  # type: ignore[no-untyped-def]
    seen = np.empty(TILE, np.int64)
    for of in range(len(histogram)):
        first = of * TILE
        cells = min(TILE, len(total) - first)
        for k in range(cells):
            seen[k], total[first + k], least[first + k], low[first + k] = 0, 0, 0, 0
            for at in range(len(thresholds)):
                reached[at, first + k] = 0
        for count in range(histogram.shape[1]):
            for k in range(cells):
                times, cell = np.int64(histogram[of, count, k]), np.uint64(first + k)
                # While none was counted yet, the least is one more than what has been looked at; so is the quantile's.
                seen[k] += times
                total[cell] += times * count
                least[cell] += 1 if seen[k] == 0 else 0
                low[cell] += 1 if seen[k] < rank else 0
            for at in range(len(thresholds)):
                if count >= thresholds[at]:
                    for k in range(cells):
                        reached[at, np.uint64(first + k)] += np.int64(histogram[of, count, k])
