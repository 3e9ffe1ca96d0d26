"""Draws: marginals, the same to the bit, independent of each other and of new parameters; what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import uncertainty as un
from pipeline.io import assets

ROWS = assets.reference("uncertainty_ranges")
DRAWN = un.draws(ROWS)
FIRST = [
    "0x1.75aee330b0226p-2",
    "0x1.9714bb57897a8p-1",
    "0x1.2ca14ec994d3ap-2",
]  # of a triangular law of 0, 0, 1 named x


def row(low: float | None, base: float | None, high: float | None, law: str = "triangular", name: str = "x") -> pl.DataFrame:  # fmt: skip
    schema = {"parameter": pl.String, "low": pl.Float64, "base": pl.Float64, "high": pl.Float64, "distribution": pl.String}  # fmt: skip
    return pl.DataFrame([(name, low, base, high, law)], schema=schema, orient="row")


# --- marginals ----------------------------------------------------------------------------------------------------------


def test_all_that_ships_is_drawn_but_geometry() -> None:
    assert set(DRAWN) == set(ROWS["parameter"]) - set(un.GEOMETRY)
    assert {values.shape for values in DRAWN.values()} == {(un.COUNT,)}


@pytest.mark.parametrize("name", DRAWN)
def test_no_draw_leaves_its_range(name: str) -> None:
    own = un.ranges(ROWS)[name]
    assert own.low <= DRAWN[name].min() <= DRAWN[name].max() <= own.high


@pytest.mark.parametrize("name", ROWS.filter(pl.col("distribution") == "triangular")["parameter"])
def test_a_triangular_law_has_its_mean_and_variance(name: str) -> None:
    own, values = un.ranges(ROWS)[name], DRAWN[name]
    a, c, b = own.low, own.base, own.high
    assert values.mean() == pytest.approx((a + b + c) / 3, rel=1e-3)
    assert values.var() == pytest.approx((a * a + b * b + c * c - a * b - a * c - b * c) / 18, rel=0.01)


def test_a_triangular_law_is_that_of_numpy() -> None:
    ours = np.sort(un.draws(row(5, 10, 40), 2000)["x"])
    theirs = np.sort(np.random.default_rng(1).triangular(5, 10, 40, 200_000))
    assert ours == pytest.approx(np.quantile(theirs, (np.arange(2000) + 0.5) / 2000), abs=0.3)


def test_a_discrete_law_is_at_its_base_half_of_the_time() -> None:
    values, counts = np.unique(DRAWN["unserved_definition"], return_counts=True)
    assert values.tolist() == [10, 25, 100]
    assert counts.tolist() == [128, 256, 128]
    values, counts = np.unique(DRAWN["cell_area"], return_counts=True)
    assert values.tolist() == [252, 379]
    assert counts.tolist() == [128, 384]


def test_the_two_point_law_counts_all_a_third_of_the_time_and_nothing_else() -> None:
    values = DRAWN["d2c_counts_as_broadband"]
    assert set(values) == {0.0, 1.0}
    assert values.mean() == pytest.approx(1 / 3, abs=1 / un.COUNT)
    assert [float(q) for q in un.quantiles(values)] == [0.0, 0.0, 1.0]


def test_a_lognormal_law_has_its_base_in_the_middle_and_is_normal_in_its_logarithm() -> None:
    values = un.draws(row(0.05, 0.3, 2, "lognormal"), 1001)["x"]
    assert np.median(values) == pytest.approx(0.3)
    assert values.min() == pytest.approx(0.05, rel=0.05)
    assert values.max() == pytest.approx(2, rel=0.05)
    # one of the two standard deviations on either side: 0.8413 of all, 0.8576 of what is left of the tails
    assert np.mean(values < 0.3 * np.sqrt(2 / 0.3)) == pytest.approx((0.841345 - 0.022750) / 0.954500, abs=2e-3)


@pytest.mark.parametrize("law", un.LAWS)
def test_a_range_of_one_value_gives_that_value(law: str) -> None:
    assert (un.draws(row(3, 3, 3, law))["x"] == 3).all()


@given(st.floats(0.01, 10), st.floats(0, 10), st.floats(0, 10), st.sampled_from(sorted(un.LAWS)))
def test_a_law_never_falls_and_stays_inside(low: float, up: float, more: float, law: str) -> None:
    own = un.Range("x", low, low + up, low + up + more, law)
    values = own.values((np.arange(64) + 0.5) / 64)
    assert (np.diff(values) >= 0).all()
    assert (values >= own.low - 1e-12).all()
    assert (values <= own.high + 1e-12).all()


# --- the same every day, and independent -----------------------------------------------------------------------------------


def test_draws_are_the_same_to_the_bit() -> None:
    again = un.draws(ROWS)
    assert all(again[name].tobytes() == values.tobytes() for name, values in DRAWN.items())
    assert [float(v).hex() for v in un.draws(row(0, 0, 1))["x"][:3]] == FIRST


def test_a_new_parameter_or_another_order_leaves_the_others() -> None:
    more = pl.concat([row(0, 1, 2, name="new"), ROWS.select(row(0, 0, 0).columns).cast(row(0, 0, 0).schema).reverse()])  # fmt: skip
    drawn = un.draws(more)
    assert set(drawn) == {"new", *DRAWN}
    assert all((drawn[name] == values).all() for name, values in DRAWN.items())


def test_parameters_are_nearly_uncorrelated() -> None:
    found = [abs(np.corrcoef(DRAWN[a], DRAWN[b])[0, 1]) for a, b in itertools.combinations(DRAWN, 2)]
    assert max(found) < 4 / np.sqrt(un.COUNT)
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(1 / np.sqrt(un.COUNT), rel=0.15)


def test_each_part_of_equal_probability_is_drawn_once() -> None:
    values = un.draws(row(0, 0.5, 1), 100)["x"]
    below = np.where(values < 0.5, 2 * values**2, 1 - 2 * (1 - values) ** 2)
    assert np.sort(below) == pytest.approx((np.arange(100) + 0.5) / 100)


def test_one_draw_is_a_value_of_each() -> None:
    assert un.one(DRAWN, 7) == {name: float(values[7]) for name, values in DRAWN.items()}


# --- what is made of them ------------------------------------------------------------------------------------------------


def test_percentiles_of_arrays_over_the_draws() -> None:
    found = un.quantiles(np.arange(101.0)[:, None] * [1, 2])
    assert [q.tolist() for q in found] == [[10, 20], [50, 100], [90, 180]]
    assert np.isnan(un.quantiles([1.0, np.nan, 3.0]).p50)


def test_a_ranking_turns_one_parameter_at_a_time_and_has_the_largest_swing_first() -> None:
    rows = pl.concat([row(1, 2, 5, name="a"), row(0, 1, 2, name="b"), row(1, 1, 3, name="c"), row(0, 0, 9, name="d")])
    found = un.ranking(lambda v: 10 * v["a"] - 20 * v["b"] + 20 * v["c"], rows, "abcd")
    assert found.rows() == [
        ("a", 10.0, 20.0, 50.0, 40.0), ("b", 40.0, 20.0, 0.0, 40.0), ("c", 20.0, 20.0, 60.0, 40.0), ("d", 20.0, 20.0, 20.0, 0.0),
    ]  # fmt: skip


def test_a_swing_sees_a_base_that_is_beyond_both_ends() -> None:
    found = un.ranking(lambda v: -((v["a"] - 2) ** 2), row(1, 2, 5, name="a"), ["a"])
    assert found["swing"].to_list() == [9.0]


# --- what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", un.GEOMETRY)
def test_geometry_is_refused_by_name(name: str) -> None:
    with pytest.raises(un.UncertaintyError, match=f"{name}: geometry is not drawn"):
        un.draws(ROWS, parameters=["cell_area", name])
    with pytest.raises(un.UncertaintyError, match=f"{name}: geometry is not drawn"):
        un.ranking(lambda _: 0.0, ROWS, [name])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (row(2, 1, 3), "row x: low 2.0, base 1.0, high 3.0: put numbers, in order"),
        (row(1, 2, 1.5), "in order"),
        (row(None, 1, 2), "put numbers"),
        (row(0, 1, np.inf), "put numbers"),
        (row(0, 1, 2, "normal"), "row x: no law is called 'normal'"),
        (row(0, 1, 2, "lognormal"), "row x: low is 0"),
        (pl.concat([row(0, 1, 2), row(0, 1, 2)]), "row x: it stands twice"),
    ],
)
def test_a_range_that_cannot_be_is_refused_by_name(rows: pl.DataFrame, told: str) -> None:
    with pytest.raises(un.UncertaintyError, match=told):
        un.draws(rows)


def test_a_parameter_without_a_row_is_refused() -> None:
    with pytest.raises(un.UncertaintyError, match="no row y: add one"):
        un.draws(row(0, 1, 2), parameters=["x", "y"])
    with pytest.raises(un.UncertaintyError, match="no row y: add one"):
        un.ranking(lambda _: 0.0, row(0, 1, 2), ["y"])
