"""Coordinates as people write them: degrees, minutes and seconds with all kinds of marks, or plain degrees."""

from __future__ import annotations

import re

_MARKS = {
    "′": "'",
    "ʹ": "'",
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "″": '"',
    "”": '"',
    "“": '"',
    "ʺ": '"',
    "º": "°",
    "˚": "°",
    "−": "-",
    "–": "-",
}
_UNSEEN = dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", "")  # what maps put around a copied coordinate
_NUMBER = r"\d+(?:\.\d+)?"
_PATTERN = re.compile(
    rf"""^(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<degrees>{_NUMBER})\s*(?:°|deg\b|\s|(?=[NSEW]|$))\s*
    (?:(?P<minutes>{_NUMBER})\s*'\s*)?(?:(?P<seconds>{_NUMBER})\s*(?:"|''|(?=[NSEW]$))\s*)?(?P<after>[NSEW])?$""",
    re.VERBOSE | re.IGNORECASE,
)
_AXIS = {"N": "latitude", "S": "latitude", "E": "longitude", "W": "longitude"}
_LIMIT_DEG = {"latitude": 90.0, "longitude": 180.0}


class CoordinateError(ValueError):
    """A text is no coordinate, or two are no place on the Earth."""


def place(latitude: str, longitude: str) -> tuple[float, float]:
    """Latitude and longitude [deg] of two texts; where their letters say that they are swapped, they are swapped back.

    Raises CoordinateError with the rule that a text breaks.
    """
    first, second = degrees(latitude), degrees(longitude)
    if (first[1], second[1]) == ("longitude", "latitude"):
        first, second = second, first
    for (value, told), axis, text in ((first, "latitude", latitude), (second, "longitude", longitude)):
        if told not in (None, axis):
            raise CoordinateError(f"its {axis} '{text.strip()}' has a letter of the other axis")
        if abs(value) > _LIMIT_DEG[axis]:
            raise CoordinateError(f"its {axis} '{text.strip()}' is not within {_LIMIT_DEG[axis]:.0f} degrees")
    return first[0], second[0]


def degrees(text: str) -> tuple[float, str | None]:
    """Degrees of a text such as 32°35'25"N, W 90 05 or -90.09, and the axis that its letter names (None without one).

    Raises CoordinateError where it is none, where minutes or seconds reach 60, where another part than the last has
    decimals, and where a sign contradicts a letter.
    """
    plain = "".join((_MARKS | _UNSEEN).get(c, c) for c in text).strip()
    match = _PATTERN.match(plain)
    if not match:
        raise CoordinateError(f"'{text.strip()}' is no coordinate")
    letter = (match["before"] or match["after"] or "").upper()
    if match["before"] and match["after"]:
        raise CoordinateError(f"'{text.strip()}' has two letters")
    if match["sign"] and letter:
        raise CoordinateError(f"'{text.strip()}' has a sign and a letter")
    if any("." in part for part in _parts(match)[:-1]):
        raise CoordinateError(f"'{text.strip()}' has decimals in another part than the last")
    minutes, seconds = (float(match[part] or 0) for part in ("minutes", "seconds"))
    if minutes >= 60 or seconds >= 60:
        raise CoordinateError(f"'{text.strip()}' has 60 minutes or seconds or more")
    value = float(match["degrees"]) + minutes / 60 + seconds / 3600
    negative = letter in ("S", "W") or match["sign"] == "-"
    return -value if negative else value, _AXIS.get(letter)


def _parts(match: re.Match[str]) -> list[str]:
    return [match[part] for part in ("degrees", "minutes", "seconds") if match[part]]
