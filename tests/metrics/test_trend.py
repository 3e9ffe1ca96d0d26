"""When a figure meets its target at the trend of the last 90 days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipeline.metrics import trend

DAY = date(2026, 8, 17)


def days(*ago: int) -> list[date]:
    return [DAY - timedelta(days=each) for each in ago]


def test_a_straight_line_crosses_on_its_day_without_any_interval() -> None:
    found = trend.crossing(days(20, 15, 10, 5, 0), [0.1, 0.15, 0.2, 0.25, 0.3], 0.5)
    assert found.slope == pytest.approx(0.01)
    assert found.words == "on this trend"
    assert found.day in (date(2026, 9, 6), date(2026, 9, 7))  # 20 days on, but for a rounding
    assert found.early is not None
    assert found.late is not None
    assert (found.late - found.early).days <= 1


def test_the_order_of_days_does_not_matter() -> None:
    ago, values = [20, 16, 10, 5, 2, 0], [0.11, 0.13, 0.22, 0.24, 0.29, 0.3]
    turned = [3, 0, 5, 1, 4, 2]
    assert trend.crossing(days(*ago), values, 0.5) == trend.crossing(days(*(ago[k] for k in turned)), [values[k] for k in turned], 0.5)  # fmt: skip


def test_a_noisy_line_has_an_interval_by_student() -> None:
    found = trend.crossing(days(20, 15, 10, 5, 0), [0.12, 0.13, 0.22, 0.23, 0.3], 0.5)
    # slope 0.0092; rest 0.00133; error 1.6377 * sqrt(0.000443 / 250)
    assert found.slope == pytest.approx(0.0092)
    assert found.early is not None
    assert found.day is not None
    assert found.late is not None
    assert found.early < found.day < found.late
    assert [(each - DAY).days for each in (found.early, found.day, found.late)] == [18, 22, 29]


def test_a_falling_figure_is_not_on_this_trend() -> None:
    found = trend.crossing(days(8, 6, 4, 2, 0), [0.3, 0.29, 0.28, 0.27, 0.26], 0.5)
    assert (found.day, found.words) == (None, "not on this trend")


def test_what_is_thirty_years_away_is_not_on_this_trend() -> None:
    found = trend.crossing(days(8, 6, 4, 2, 0), [0.1, 0.1 + 2e-6, 0.1 + 4e-6, 0.1 + 6e-6, 0.1 + 8e-6], 0.5)
    assert (found.day, found.words) == (None, "not on this trend")


def test_a_passed_test_has_no_crossing() -> None:
    found = trend.crossing(days(8, 6, 4, 2, 0), [0.1, 0.2, 0.3, 0.4, 0.5], 0.5)
    assert (found.day, found.words) == (None, "passed")
    assert found.slope == pytest.approx(0.05)


@pytest.mark.parametrize(("ago", "count"), [((9, 6, 3, 0), 4), ((4, 3, 2, 1, 0), 5), ((0,), 1)])
def test_too_few_days_have_no_trend(ago: tuple[int, ...], count: int) -> None:
    found = trend.crossing(days(*ago), [0.1] * len(ago), 0.5)
    assert (found.slope, found.count) == (None, count)
    assert found.words.startswith(f"too few days: {count}")


def test_days_beyond_the_window_do_not_count() -> None:
    near = trend.crossing(days(40, 30, 20, 10, 0), [0.1, 0.2, 0.3, 0.4, 0.45], 0.5)
    assert trend.crossing(days(200, 40, 30, 20, 10, 0), [0.9, 0.1, 0.2, 0.3, 0.4, 0.45], 0.5) == near


def test_without_any_figure_there_is_nothing() -> None:
    assert trend.crossing([], [], 0.5).words == "no figure"
