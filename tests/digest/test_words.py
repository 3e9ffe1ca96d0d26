from __future__ import annotations

from datetime import date

import pytest

from pipeline.digest import words

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "printed"), [(None, "—"), (0, "0"), (999, "999"), (10_928, "10,928"), (float("nan"), "—")]
)
def test_counts_are_exact(value: float | None, printed: str) -> None:
    assert words.count(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(684.23, "684"), (19.55, "19.6"), (9.996, "10.0"), (0.05217, "0.0522"), (12_345.6, "12,346"), (0.0, "0"), (None, "—")],
)  # fmt: skip
def test_derived_figures_have_three_digits(value: float | None, printed: str) -> None:
    assert words.rounded(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(4_241.2, "4,200"), (257_261, "260,000"), (999.6, "1,000"), (37.04, "37"), (9.96, "10"), (0.0949, "0.095"), (0.0, "0"), (None, "—")],
)  # fmt: skip
def test_estimates_have_two_digits(value: float | None, printed: str) -> None:
    assert words.about(value) == printed


@pytest.mark.parametrize(
    ("fraction", "printed"),
    [
        (0.0, "0%"), (0.0001, f"<{NB}0.1%"), (0.4312, "43.1%"), (0.9993, "99.9%"), (0.99951, f">{NB}99.9%"),
        (0.9999999, f">{NB}99.9%"), (1.0, "100%"), (None, "—"),
    ],
)  # fmt: skip
def test_nearly_all_is_not_all(fraction: float | None, printed: str) -> None:
    assert words.percent(fraction) == printed


@pytest.mark.parametrize(
    ("fraction", "printed"),
    [
        (0.0, "0%"), (0.0001, f"<{NB}0.1%"), (0.00141, "0.14%"), (0.0911, "9.1%"), (0.5, "50%"), (0.629, "63%"), (0.9949, "99%"),
        (0.996, f">{NB}99%"), (1.0, "100%"), (2.7499, "270%"), (None, "—"), (float("nan"), "—"),
    ],
)  # fmt: skip
def test_estimated_fractions_have_two_digits(fraction: float | None, printed: str) -> None:
    assert words.about_percent(fraction) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(1e14, "100 trillion"), (2.834e6, "2.8 million"), (1_500, "1.5 thousand"), (37.04, "37"), (0.0, "0"), (None, "—"), (float("nan"), "—")],
)  # fmt: skip
def test_large_numbers_have_two_digits_and_a_word(value: float | None, printed: str) -> None:
    assert words.large(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(2_939, "2,939"), (12_300, "12.3 thousand"), (128_691_692, "129 million"), (8.06e9, "8.06 billion"), (None, "—")],
)
def test_people(value: float | None, printed: str) -> None:
    assert words.people(value) == printed


@pytest.mark.parametrize(("value", "printed"), [(12, "+12"), (-3, "−3"), (0, "no change"), (None, "—")])
def test_changes_of_counts_have_a_sign(value: float | None, printed: str) -> None:
    assert words.signed_count(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"), [(0.58, "+0.58"), (-0.314, "−0.31"), (0.001, "no change"), (1_234.0, "+1,234"), (None, "—")]
)
def test_changes_of_figures_have_a_sign(value: float | None, printed: str) -> None:
    assert words.signed_rounded(value) == printed


@pytest.mark.parametrize(("value", "printed"), [(0.0042, "+0.4 points"), (-0.01, "−1.0 points"), (0.0001, "no change")])
def test_changes_of_shares_are_points(value: float, printed: str) -> None:
    assert words.signed_points(value) == printed


def test_days() -> None:
    assert words.day_long(date(2026, 8, 7)) == "7 August 2026"
    assert words.day_short(date(2026, 8, 17)) == f"17{NB}Aug"
    assert (words.days(1), words.days(2)) == ("1 day", "2 days")


def test_lists_read_as_a_person_writes() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed([]) == ""
