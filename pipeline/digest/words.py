"""Numbers and days as readers see them: one small set of functions, so that page, mail and text never disagree."""

from __future__ import annotations

import math
from datetime import date

DASH = "—"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def missing(value: float | None) -> bool:
    """Whether there is no figure: None, or not a number."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def count(value: float | None) -> str:
    """Exact whole number with thousands separators; a dash where there is none."""
    return DASH if value is None or missing(value) else f"{round(value):,}"


def rounded(value: float | None, digits: int = 3) -> str:
    """Return `value` with `digits` significant digits, whole from 100 up; a dash where there is none."""
    if value is None or missing(value):
        return DASH
    return f"{value:,.{_decimals(value, digits)}f}"


def about(value: float | None) -> str:
    """Return `value` with two significant digits however large it is, as an estimate is told; a dash where there is none."""
    if value is None or missing(value) or value == 0:
        return rounded(value, 2)
    return rounded(round(value, 1 - math.floor(math.log10(abs(value)))), 2)


def percent(fraction: float | None) -> str:
    """Fraction 0..1 as a percentage with three digits; what is not all or nothing never reads as 100% or 0%."""
    if fraction is None or missing(fraction):
        return DASH
    if 0 < fraction < 0.0005:
        return "<\N{NO-BREAK SPACE}0.1%"
    if 0.9995 <= fraction < 1:
        return ">\N{NO-BREAK SPACE}99.9%"
    if fraction in (0, 1):
        return f"{fraction:.0%}"
    return f"{100 * fraction:.1f}%"


def about_percent(fraction: float | None) -> str:
    """Fraction 0..1 as a percentage with two digits, as an estimate is told."""
    if fraction is None or missing(fraction):
        return DASH
    if 0 < fraction < 0.0005 or fraction in (0, 1):
        return percent(fraction)
    if 0.995 <= fraction < 1:
        return ">\N{NO-BREAK SPACE}99%"
    return f"{about(100 * fraction)}%"


def people(value: float | None) -> str:
    """People in thousands, millions or billions with three digits; exact below ten thousand."""
    if value is None or missing(value):
        return DASH
    for size, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if value >= size * (10 if size == 1e3 else 1):
            return f"{rounded(value / size)} {word}"
    return count(value)


def large(value: float | None) -> str:
    """Return a number of units in trillions, billions, millions or thousands with two digits; a dash where there is none."""
    if value is None or missing(value):
        return DASH
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if value >= size:
            return f"{about(value / size)} {word}"
    return about(value)


def hours(value: float) -> str:
    """Return a time in hours, in minutes below one and a half."""
    return f"{rounded(60 * value, 2)} min" if abs(value) < 1.5 else f"{rounded(value, 2)} h"


def signed_count(value: float | None) -> str:
    """Change of a count with its sign; a dash where there is none."""
    return DASH if value is None or missing(value) else _signed(f"{abs(round(value)):,}", round(value))


def signed_rounded(value: float | None) -> str:
    """Change of a figure with its sign and two significant digits; a dash where there is none."""
    if value is None or missing(value):
        return DASH
    size = f"{abs(value):,.{_decimals(value, 2, most=2)}f}"
    return _signed(size, value if float(size.replace(",", "")) else 0)


def signed_points(value: float | None) -> str:
    """Change of a fraction in percentage points with its sign; a dash where there is none."""
    if value is None or missing(value):
        return DASH
    points = round(100 * value, 1)
    return f"{_signed(f'{abs(points):.1f}', points)} points" if points else "no change"


def day_long(day: date) -> str:
    """Return the day as 17 August 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_short(day: date) -> str:
    """Return the day as 17 Aug, never broken over two lines."""
    return f"{day.day}\N{NO-BREAK SPACE}{MONTHS[day.month - 1][:3]}"


def days(number: int) -> str:
    """Return 1 day, 2 days."""
    return f"{number} day" if number == 1 else f"{number} days"


def listed(names: list[str]) -> str:
    """Return names as a person lists them: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _decimals(value: float, digits: int, most: int = 4) -> int:
    if value == 0:
        return 0
    magnitude = math.floor(math.log10(abs(value)))
    # 9.996 has one digit before the point, 10.0 has two: round first, then count.
    magnitude = math.floor(math.log10(abs(round(value, digits - 1 - magnitude)))) if value else 0
    return min(max(digits - 1 - magnitude, 0), most)


def _signed(size: str, value: float) -> str:
    return "no change" if value == 0 else f"{'+' if value > 0 else '−'}{size}"
