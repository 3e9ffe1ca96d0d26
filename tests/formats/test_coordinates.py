"""Coordinates as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.coordinates import CoordinateError, degrees, place


@pytest.mark.parametrize(
    ("text", "value", "axis"),
    [
        ("32°35'25\"N", 32 + 35 / 60 + 25 / 3600, "latitude"),
        (" 101°18'43\"W", -(101 + 18 / 60 + 43 / 3600), "longitude"),
        ("41°11'6.6732\"N", 41 + 11 / 60 + 6.6732 / 3600, "latitude"),
        ("24°9’15”N ", 24 + 9 / 60 + 15 / 3600, "latitude"),
        ("33º51′35″ s", -(33 + 51 / 60 + 35 / 3600), "latitude"),
        ("W 90° 5' 35''", -(90 + 5 / 60 + 35 / 3600), "longitude"),
        ("45.5°N", 45.5, "latitude"),
        ("45 30' N", 45.5, "latitude"),
        ("-90.093", -90.093, None),
        ("−12.5", -12.5, None),
        ("12.5 E", 12.5, "longitude"),
        ("7", 7.0, None),
        ("32°35'25N", 32 + 35 / 60 + 25 / 3600, "latitude"),
        ("\u200e32°35ʹ25ʺN\u200f", 32 + 35 / 60 + 25 / 3600, "latitude"),
        ("32°30.5'N", 32 + 30.5 / 60, "latitude"),
    ],
)
def test_degrees_are_read(text: str, value: float, axis: str | None) -> None:
    assert degrees(text) == (pytest.approx(value, abs=1e-12), axis)


@pytest.mark.parametrize(
    "text", ["", "north", "32°60'00\"N", "32°10'75\"N", "N 32 S", "-32°10'N", "32,5", "32°10'5\"X", "1e3", "nan", "32.5°30'N", "32°30.5'10\"N", "32°35'25\"N 90°05'35\"W"]
)  # fmt: skip
def test_what_is_no_coordinate_is_refused(text: str) -> None:
    with pytest.raises(CoordinateError):
        degrees(text)


def test_swapped_coordinates_are_swapped_back_where_letters_say_so() -> None:
    assert place("90°05'35\"W", "32°35'25\"N") == place("32°35'25\"N", "90°05'35\"W")


@pytest.mark.parametrize(
    ("latitude", "longitude", "words"),
    [("90°05'35\"W", "32", "letter of the other axis"), ("95.2", "10", "not within 90"), ("10", "190", "not within 180"), ("10 N", "20 S", "letter")],
)  # fmt: skip
def test_what_is_no_place_is_refused(latitude: str, longitude: str, words: str) -> None:
    with pytest.raises(CoordinateError, match=words):
        place(latitude, longitude)


@given(st.integers(-89, 89), st.integers(0, 59), st.floats(0, 59.99))
def test_written_degrees_come_back(whole: int, minutes: int, seconds: float) -> None:
    letter = "S" if whole < 0 else "N"
    value, axis = degrees(f"{abs(whole)}°{minutes:02d}'{seconds:.4f}\"{letter}")
    assert axis == "latitude"
    assert abs(value) == pytest.approx(abs(whole) + minutes / 60 + seconds / 3600, abs=1e-7)
    assert (value < 0) == (letter == "S" and value != 0)
