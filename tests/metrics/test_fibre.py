"""The stretch of fibre: known ways are found again, errors are those of pairs that were not fitted."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import spearmanr

from pipeline.metrics import fibre
from pipeline.metrics.round_trip import ENDS, both_ways

DAY = date(2026, 8, 8)
STRETCH = {"within_europe": 1.9, "europe_north_america": 1.5, "within_north_america": 1.7}
OVERHEAD_MS = 8.0


def made(count: int = 60, noise_ms: float = 0.0, seed: int = 1) -> pl.DataFrame:
    """Pairs in and between Europe and North America whose round trips follow STRETCH; one in ten takes a far detour."""
    rng = np.random.default_rng(seed)
    europe = np.column_stack([rng.uniform(43, 58, count), rng.uniform(0, 25, count)])
    america = np.column_stack([rng.uniform(30, 50, count), rng.uniform(-115, -75, count)])
    ends = np.vstack(
        [np.hstack([a, np.roll(b, 1, axis=0)]) for a, b in ((europe, europe), (europe, america), (america, america))]
    )
    frame = both_ways(pl.DataFrame(ends, schema=list(ENDS), orient="row").with_columns(rtt_ms=pl.lit(1.0)))
    factor = frame["region_pair"].replace_strict(STRETCH, return_dtype=pl.Float64).to_numpy()
    detour_ms = np.where(rng.random(frame.height) < 0.1, rng.uniform(50, 300, frame.height), 0.0)
    rtt_ms = (
        OVERHEAD_MS
        + factor * fibre.fibre_ms(frame["distance_km"].to_numpy())
        + detour_ms
        + rng.normal(0, noise_ms, frame.height)
    )
    return frame.select(ENDS).with_columns(pl.Series("rtt_ms", rtt_ms))


def rows(pairs: pl.DataFrame, source: str = "a") -> dict[str, dict[str, object]]:
    return {row["region_pair"]: row for row in fibre.compute({source: pairs}, DAY).rows(named=True)}


def test_known_stretches_and_the_constant_are_found_again_past_detours() -> None:
    found = rows(made())
    for name, factor in STRETCH.items():
        assert found[name]["stretch_factor"] == pytest.approx(factor, abs=0.01)
        assert found[name]["overhead_ms"] == pytest.approx(OVERHEAD_MS, abs=0.1)
        assert found[name]["is_own"]
        assert (
            found[name]["stretch_low_factor"]
            <= found[name]["stretch_factor"] + 0.01
            <= found[name]["stretch_high_factor"] + 0.02
        )
    assert set(found) == {*STRETCH, "world", "together"}
    assert found["together"]["stretch_factor"] is None


def test_errors_are_those_of_the_other_half() -> None:
    pairs = made(noise_ms=3)
    both = both_ways(pairs)
    fit, other = fibre.compute({"a": pairs}, DAY), both.filter(~pl.Series(fibre.is_fitted(both)))
    ends = [other[name].to_numpy() for name in ENDS]
    factor, overhead_ms = fibre.stretch(fit, *ends)
    ground_ms, rtt_ms = fibre.fibre_ms(other["distance_km"].to_numpy()), other["rtt_ms"].to_numpy()
    predicted_ms = factor * ground_ms + overhead_ms
    row = fit.row(by_predicate=pl.col("region_pair") == "together", named=True)
    assert row["pair_count"] == other.height
    assert row["fitted_pair_count"] + row["pair_count"] == both.height
    assert row["mae_ms"] == pytest.approx(np.abs(predicted_ms - rtt_ms).mean())
    assert row["bias_ms"] == pytest.approx((predicted_ms - rtt_ms).mean())
    assert row["error_fraction"] == pytest.approx(np.median(np.abs(predicted_ms - rtt_ms) / rtt_ms))
    assert row["backbone_mae_ms"] == pytest.approx(np.abs(1.3 * ground_ms - rtt_ms).mean())
    assert row["internet_bias_ms"] == pytest.approx((2.1 * ground_ms - rtt_ms).mean())
    assert row["internet_error_fraction"] == pytest.approx(np.median(np.abs(2.1 * ground_ms - rtt_ms) / rtt_ms))
    assert row["rank_correlation"] == pytest.approx(spearmanr(predicted_ms, rtt_ms)[0])
    assert row["distance_rank_correlation"] == pytest.approx(spearmanr(ground_ms, rtt_ms)[0])


def test_the_fit_does_not_look_at_the_half_that_judges_it() -> None:
    pairs = made(noise_ms=3)
    both = both_ways(pairs)
    judged = ~fibre.is_fitted(both)
    spoilt = both.with_columns(
        pl.when(pl.Series(judged)).then(pl.col("rtt_ms") * 5).otherwise("rtt_ms").alias("rtt_ms")
    )
    one, other = rows(pairs), rows(spoilt.select(*ENDS, "rtt_ms"))
    fitted = (
        "stretch_factor",
        "stretch_low_factor",
        "stretch_high_factor",
        "overhead_ms",
        "fitted_pair_count",
        "is_own",
    )
    assert {n: [r[f] for f in fitted] for n, r in one.items()} == {n: [r[f] for f in fitted] for n, r in other.items()}
    assert other["together"]["mae_ms"] > 3 * one["together"]["mae_ms"]


def test_both_directions_are_in_the_same_half_and_halves_are_halves() -> None:
    pairs = made(400)
    turned = pairs.select(
        *(pl.col(there).alias(here) for here, there in zip(ENDS, (*ENDS[2:], *ENDS[:2]), strict=True)), "rtt_ms"
    )
    one, other = both_ways(pairs), both_ways(turned)
    assert fibre.is_fitted(one).tolist() == fibre.is_fitted(other).tolist()
    assert fibre.is_fitted(one).mean() == pytest.approx(0.5, abs=0.05)
    assert rows(pairs) == rows(pl.concat([turned, pairs]))


def test_regions_with_few_pairs_have_the_worlds_stretch_and_say_so() -> None:
    pairs = made()
    few = pl.DataFrame([(-34.0, 18.4, lat, 30.0, 400.0) for lat in (0.0, -5.0)], schema=[*ENDS, "rtt_ms"], orient="row")
    found = rows(pl.concat([pairs, few]))
    assert found["within_africa"]["fitted_pair_count"] + found["within_africa"]["pair_count"] == 2
    assert not found["within_africa"]["is_own"]
    assert found["within_africa"]["stretch_factor"] == found["world"]["stretch_factor"]
    fit = fibre.compute({"a": pl.concat([pairs, few])}, DAY)
    at = np.array([[-34.0, 18.4, 0.0, 30.0], [50.0, 8.0, 48.0, 2.0], [35.0, 139.0, -33.0, 151.0]]).T
    factor, overhead_ms = fibre.stretch(fit, *at)
    world, europe = (found[name]["stretch_factor"] for name in ("world", "within_europe"))
    assert factor.tolist() == [world, europe, world]
    assert overhead_ms == found["world"]["overhead_ms"]


def test_a_way_is_never_shorter_than_the_great_circle_and_nothing_is_taken_off() -> None:
    pairs = made().with_columns(pl.col("rtt_ms") * 0 + 3)
    found = rows(pairs)
    assert {row["stretch_factor"] for name, row in found.items() if name != "together"} == {1.0}
    assert found["world"]["overhead_ms"] == pytest.approx(0, abs=0.02)


def test_a_source_without_pairs_has_no_rows_and_one_pair_is_enough_not_to_fail() -> None:
    nothing = pl.DataFrame(schema=dict.fromkeys((*ENDS, "rtt_ms"), pl.Float64))
    assert fibre.compute({"a": nothing}, DAY).is_empty()
    assert fibre.compute({}, DAY).is_empty()
    for lat in range(10):  # in either half
        frame = fibre.compute(
            {"a": nothing, "b": pl.DataFrame([(lat, 0.0, 50.0, 8.0, 90.0)], schema=nothing.schema, orient="row")}, DAY
        )
        assert set(frame["source"]) <= {"b"}
        assert frame.height in (0, 3)
        assert frame["mae_ms"].null_count() == frame.height


def test_sources_are_fitted_apart() -> None:
    pairs = made()
    slow = pairs.with_columns(pl.col("rtt_ms") * 2)
    both = fibre.compute({"one": pairs, "two": slow}, DAY)
    assert both.filter(source="one").equals(fibre.compute({"one": pairs}, DAY))
    assert both.filter(source="two").equals(fibre.compute({"two": slow}, DAY))
    with pytest.raises(ValueError, match="one day and source"):
        fibre.stretch(both, *np.zeros((4, 1)))
    with pytest.raises(ValueError, match="one day and source"):
        fibre.stretch(both.filter(region_pair="within_europe", source="one"), *np.zeros((4, 1)))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 30), st.floats(0.5, 30))
def test_no_linear_programme_does_better(seed: int, count: int, noise_ms: float) -> None:
    """The sum of absolute errors is the least: the same as that of a linear programme in constant, stretches and errors."""
    both = both_ways(made(count, noise_ms, seed))
    x, y, names = (
        fibre.fibre_ms(both["distance_km"].to_numpy()),
        both["rtt_ms"].to_numpy(),
        both["region_pair"].to_numpy(),
    )
    groups = sorted({name for name in names.tolist() if (names == name).sum() >= fibre.LEAST_PAIRS})
    kept = np.isin(names, groups)
    if not kept.any():
        return
    x, y, names = x[kept], y[kept], names[kept]
    fit = fibre._fit(x, y, names)
    mine = np.abs(y - fit.overhead_ms - fit.stretch(names) * x).sum()
    assert mine == pytest.approx(least_sum(x, y, names, groups), rel=1e-3, abs=0.01 * len(x))


def least_sum(x: np.ndarray, y: np.ndarray, names: np.ndarray, groups: list[str]) -> float:
    """Least sum of |y - overhead - stretch x|, stretch >= 1 by group, overhead within its limits, by scipy's HiGHS."""
    design = np.column_stack([np.ones(len(x)), *(np.where(names == group, x, 0.0) for group in groups)])
    eye = np.eye(len(x))
    cost = np.concatenate([np.zeros(design.shape[1]), np.ones(len(x))])
    limits = [(0, fibre.MOST_OVERHEAD_MS), *[(1, None)] * len(groups), *[(0, None)] * len(x)]
    found = linprog(cost, np.block([[design, -eye], [-design, -eye]]), np.concatenate([y, -y]), bounds=limits)
    return float(found.fun)
