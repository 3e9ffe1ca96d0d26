"""The highest elevation and the bent pipe against plain numpy, which looks at every cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry.sight import Highest, add_highest, cells, empty_highest, highest
from tests.geometry.test_visibility import (
    HARD_PLACES,
    RINGS,
    TIE_DEG,
    elevations,
    place,
    random_day,
    satellites,
)

CELLS = cells(RINGS)
COUNT = CELLS.geometry.cell_count
# Thousandths of a degree are summed.
ROUNDING_DEG = 0.0006


def twin(r: np.ndarray, mask_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Highest elevation [deg] above the mask, (instant, cell), -99 for none, and whether any is too near to the mask to tell, (cell,)."""
    elevation = np.stack([elevations(r_km) for r_km in r])
    tied = (np.abs(elevation - mask_deg) < TIE_DEG).any(axis=(0, 1))
    return np.where(elevation >= mask_deg, elevation, -99.0).max(axis=1), tied


def assert_sums(sums: Highest, best_deg: np.ndarray, tied: np.ndarray) -> None:
    count = (best_deg > -99).sum(axis=0)
    np.testing.assert_array_equal(sums.count[~tied], count[~tied])
    seen = ~tied & (count > 0)
    mean = np.where(best_deg > -99, best_deg, 0.0).sum(axis=0)[seen] / count[seen]
    np.testing.assert_allclose(sums.sum_mdeg[seen] / 1_000 / count[seen], mean, rtol=0, atol=ROUNDING_DEG)
    assert not sums.sum_mdeg[~tied & (count == 0)].any()


def assert_like_twin(r: np.ndarray, mask_deg: float) -> None:
    best, sums = np.zeros((len(r), COUNT)), empty_highest(COUNT)
    highest(r, CELLS, mask_deg, best, sums)
    best_deg, tied = twin(r, mask_deg)
    assert_sums(sums, best_deg, tied)
    expected = np.sin(np.radians(best_deg)) ** 2 * (best_deg > -99)
    np.testing.assert_allclose(best[:, ~tied], expected[:, ~tied], rtol=0, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(place, min_size=1, max_size=6), st.floats(0, 89))
def test_the_highest_is_that_of_the_numpy_twin(places: list[tuple[float, float, float]], mask_deg: float) -> None:
    assert_like_twin(satellites(*places), mask_deg)


@pytest.mark.parametrize("mask_deg", [0.0, 25.0, 55.0, 90.0])
@pytest.mark.parametrize("where", HARD_PLACES)
def test_poles_date_line_and_high_orbits(where: tuple[float, float, float], mask_deg: float) -> None:
    assert_like_twin(satellites(where), mask_deg)


def test_instants_do_not_mix_and_no_position_is_seen_nowhere() -> None:
    r = random_day(6)
    r[2, :, 3:20] = np.nan
    r[4] = np.nan
    assert_like_twin(r, 25.0)


def test_the_best_of_two_crews() -> None:
    r = random_day(6, 60)
    crews = [(np.ascontiguousarray(r[..., :25]), 25.0), (np.ascontiguousarray(r[..., 25:]), 40.0)]
    best, together, of_crew = np.zeros((len(r), COUNT)), empty_highest(COUNT), []
    for r_km, mask_deg in crews:
        of_crew.append(empty_highest(COUNT))
        highest(r_km, CELLS, mask_deg, best, of_crew[-1])
    add_highest(best, together)
    twins = [twin(*crew) for crew in crews]
    for sums, (best_deg, tied) in zip(of_crew, twins, strict=True):
        assert_sums(sums, best_deg, tied)
    assert_sums(together, np.maximum(twins[0][0], twins[1][0]), twins[0][1] | twins[1][1])


def test_sums_of_windows_are_the_sum_of_the_whole() -> None:
    r = random_day(5)
    parts = []
    for part in (r, r[:2], r[2:]):
        parts.append(empty_highest(COUNT))
        highest(part, CELLS, 25.0, np.zeros((len(part), COUNT)), parts[-1])
    both = parts[1] + parts[2]
    np.testing.assert_array_equal(both.sum_mdeg, parts[0].sum_mdeg)
    np.testing.assert_array_equal(both.count, parts[0].count)
