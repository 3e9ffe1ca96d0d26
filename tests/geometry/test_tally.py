"""Tallies against plain numpy on the raw counts, and windows against the whole."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry.tally import Tally, empty, statistics

INSTANTS, CELLS = 60, 300


def raw_counts(instants: int = INSTANTS, cells: int = CELLS) -> np.ndarray:
    """Counts (instant, cell) with gaps of all kinds: cells that are never, always and sometimes covered, in runs."""
    rng = np.random.default_rng(11)
    share = rng.uniform(0, 1, cells) ** 2
    in_runs = np.repeat(rng.uniform(0, 1, (instants // 3 + 1, cells)), 3, axis=0)[:instants]
    counts = rng.poisson(3, (instants, cells)) * (in_runs < share)
    counts[:, 0], counts[:, 1] = 0, 5
    counts[: instants // 2, 2] = 0
    counts[instants // 2 :, 3] = 0
    return counts.astype(np.uint16)


def tally(counts: np.ndarray, first: int = 0, block: int = 7) -> Tally:
    """The tally of counts, added so many instants at a time."""
    result = empty(counts.shape[1], first)
    for start in range(0, len(counts), block):
        result.add(counts[start : start + block])
    return result


def assert_same(one: Tally, other: Tally) -> None:
    assert (one.first, one.count) == (other.first, other.count)
    times, other_times = one.times_counted(), other.times_counted()
    bins = min(times.shape[1], other_times.shape[1])
    np.testing.assert_array_equal(times[:, :bins], other_times[:, :bins])
    assert not times[:, bins:].any()
    assert not other_times[:, bins:].any()
    for name in ("lead", "trail", "longest"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def runs(counts: np.ndarray) -> list[int]:
    """Lengths of the runs of instants with a count of 0, the first and the last being those at the ends."""
    return [len(run) for run in "".join("1" if n else "0" for n in counts).split("1")]


def test_histogram_and_gaps_are_those_of_a_walk_through_the_instants() -> None:
    counts = raw_counts()
    result = tally(counts)
    times = result.times_counted()
    assert result.count == INSTANTS
    for cell in range(CELLS):
        expected = np.bincount(counts[:, cell], minlength=times.shape[1])
        np.testing.assert_array_equal(times[cell], expected)
        found = result.lead[cell], result.trail[cell], result.longest[cell]
        walked = runs(counts[:, cell])
        assert found == (walked[0], walked[-1], max(walked)), cell


@pytest.mark.parametrize("instants", [1, 3, 19, 20, 21, 60])
def test_statistics_are_numpys(instants: int) -> None:
    counts = raw_counts(instants)
    found = statistics(tally(counts))
    np.testing.assert_allclose(found.mean_count, counts.mean(axis=0), rtol=1e-14)
    np.testing.assert_array_equal(found.min_count, counts.min(axis=0))
    np.testing.assert_array_equal(found.p05_count, np.sort(counts, axis=0)[int(np.ceil(instants / 20)) - 1])
    for least, fraction in (
        (1, found.at_least_1_fraction),
        (2, found.at_least_2_fraction),
        (4, found.at_least_4_fraction),
    ):
        np.testing.assert_allclose(fraction, (counts >= least).mean(axis=0), rtol=1e-14)
    longest = [max(runs(counts[:, cell])) for cell in range(CELLS)]
    np.testing.assert_array_equal(found.longest_gap_instants, longest)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, INSTANTS - 1), min_size=1, max_size=6, unique=True),
    st.data(),
    st.integers(1, 20),
    st.integers(0, 90),
)
def test_windows_merge_to_the_whole_day_in_any_order(
    cuts: list[int], data: st.DataObject, block: int, first: int
) -> None:
    counts = raw_counts()
    edges = [0, *sorted(cuts), INSTANTS]
    parts = [tally(counts[a:b], first + a, block) for a, b in pairwise(edges)]
    while len(parts) > 1:  # any two neighbours merge next
        k = data.draw(st.integers(0, len(parts) - 2))
        parts[k : k + 2] = [parts[k].merged(parts[k + 1])]
    assert_same(parts[0], tally(counts, first, INSTANTS))


@given(st.permutations(range(4)))
@settings(max_examples=10, deadline=None)
def test_windows_that_come_in_any_order_are_sorted_by_their_first_instant(order: list[int]) -> None:
    counts = raw_counts()
    given_ = [tally(counts[a:b], a) for a, b in pairwise((0, 9, 10, 41, INSTANTS))]
    result, *rest = sorted((given_[k] for k in order), key=lambda part: part.first)
    for later in rest:
        result = result.merged(later)
    assert_same(result, tally(counts))


@pytest.mark.parametrize("value", [0, 1])
def test_a_cell_that_is_never_or_always_covered(value: int) -> None:
    counts = np.full((12, 1), value, np.uint16)
    for result in (tally(counts), tally(counts[:5]).merged(tally(counts[5:], 5))):
        assert result.lead[0] == result.trail[0] == result.longest[0] == (0 if value else 12)


def test_the_histogram_widens_for_large_counts() -> None:
    counts = raw_counts()
    counts[30:, 5] = 1_000
    counts[50, 6] = 65_535
    result = tally(counts)
    times = result.times_counted()
    assert times.shape[1] > 65_535
    assert times[5, 1_000] == 30
    assert times[6, 65_535] == 1
    np.testing.assert_array_equal(times.sum(axis=1), INSTANTS)
    np.testing.assert_allclose(statistics(result).mean_count, counts.mean(axis=0), rtol=1e-14)
    assert_same(tally(counts[:20]).merged(tally(counts[20:], 20)), result)
    assert_same(tally(counts[:55]).merged(tally(counts[55:], 55)), result)


def long_tally(instants: int, first: int = 0) -> Tally:
    """As of so many instants, all of them without a satellite in cell 0, and with one in cell 1."""
    result = empty(2, first)
    result.add(np.array([[0, 1]], np.uint16))
    result.histogram[0, [0, 1], [0, 1]] = instants
    result.lead[0] = result.trail[0] = result.longest[0] = instants
    result.count = instants
    return result


def test_more_instants_than_16_bits_hold_are_counted_in_32() -> None:
    result = long_tally(65_530)
    block = np.array([[0, 1]] * 5, np.uint16)
    result.add(block)
    assert result.histogram.dtype == np.uint16
    result.add(block)
    assert result.histogram.dtype == np.uint32
    assert result.histogram[0, 0, 0] == result.histogram[0, 1, 1] == result.longest[0] == result.count == 65_540
    assert statistics(result).at_least_1_fraction.tolist() == [0, 1]


def test_merging_widens_to_32_bits() -> None:
    result = long_tally(40_000).merged(long_tally(40_000, 40_000))
    assert result.histogram.dtype == np.uint32
    assert result.histogram[0, 0, 0] == result.histogram[0, 1, 1] == result.longest[0] == result.lead[0] == 80_000
    short = long_tally(30_000).merged(long_tally(35_535, 30_000))
    assert short.histogram.dtype == np.uint16
    assert short.histogram[0, 0, 0] == 65_535


@pytest.mark.parametrize("second", [0, 11, 13])
def test_windows_that_do_not_touch_are_refused(second: int) -> None:
    counts = raw_counts(12)
    with pytest.raises(ValueError, match="does not follow"):
        tally(counts).merged(tally(counts, second))
