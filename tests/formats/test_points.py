"""Points of the caller's own: what is accepted, and which line is refused."""

from __future__ import annotations

import pytest

from pipeline.formats import points
from pipeline.source import SourceError

HEADER = "id,latitude_deg,longitude_deg,height_m\n"
GOOD = HEADER + "lagos,6.5,3.4,41\nsuva,-18.1,178.4,0\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        HEADER + "\n lagos , 6.50 ,3.4,4.1e1\n\nsuva,-18.1,178.4,0\n\n",
        "height_m,longitude_deg,note,id,latitude_deg\n41,3.4,x,lagos,6.5\n0,178.4,,suva,-18.1\n",
    ],
    ids=["plain", "byte order mark and CRLF", "no last line end", "blanks", "another order, one more column"],
)
def test_points_are_read_however_they_are_written(text: str) -> None:
    frame = points.read(text.encode(), "p.csv")
    assert frame.columns == ["id", "latitude_deg", "longitude_deg", "height_m"]
    assert frame.rows() == [("lagos", 6.5, 3.4, 41.0), ("suva", -18.1, 178.4, 0.0)]


def test_an_id_is_text_and_may_hold_a_comma() -> None:
    frame = points.read((HEADER + '"Lagos, VI",6.5,3.4,41\n007,0,-360,0\n').encode(), "p.csv")
    assert frame["id"].to_list() == ["Lagos, VI", "007"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        (HEADER, "the file has a header but no rows"),
        ("a;b\n1;2\n", "the first line of the file, 'a;b', is not a header of points"),
        ("id,latitude_deg,longitude_deg\na,1,2\n", "the header lacks height_m"),
        ("id,latitude_deg,longitude_deg,height_m,id\na,1,2,3,b\n", "names id more than once"),
        (HEADER + "a,1,2,3\nb,90.1,0,0\n", "line 3: latitude_deg 90.1 is not at least -90 and at most 90"),
        (HEADER + "a,1,-360.5,0\n", "line 2: longitude_deg -360.5 is not at least -360 and at most 360"),
        (HEADER + "a,1,2,550000\n", "line 2: height_m 550000 is not at least -12000 and at most 100000"),
        (HEADER + "a,nan,2,0\n", "line 2: latitude_deg 'nan' is not a finite number"),
        (HEADER + "a,1,inf,0\n", "line 2: longitude_deg 'inf' is not a finite number"),
        (HEADER + "a,1,2,high\n", "line 2: height_m 'high' is not a finite number"),
        (HEADER + "a,1,,0\n", "line 2: longitude_deg is missing"),
        (HEADER + ",1,2,0\n", "line 2: id is missing"),
        (HEADER + "a,1,2,0\n\nb,1,2\n", "line 4: the line has 3 fields where the header has 4"),
        (HEADER + "a,1,2,0\nb,1,2,0\na,3,4,0\n", "line 4: the id 'a' stands on line 2 already"),
    ],
)
def test_what_is_no_list_of_points_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        points.read(text.encode(), "p.csv")
    message = str(caught.value)
    assert message.startswith("p.csv: ")
    assert words in message
    assert message.endswith(
        "give points as CSV with the columns id,latitude_deg,longitude_deg,height_m, one point a line"
    )
    assert "\n" not in message


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(SourceError, match=r"p.csv: the file is not text"):
        points.read(GOOD.encode("utf-16"), "p.csv")


STATIONS = "id,name,latitude_deg,longitude_deg,height_m\n"


def test_stations_have_a_name_too() -> None:
    frame = points.read_stations(
        (STATIONS + '1,"Xi\'an, Shaanxi",34.3,108.9,0\n2,Lima,-12,-77,154\n').encode(), "s.csv"
    )
    assert frame.rows() == [("1", "Xi'an, Shaanxi", 34.3, 108.9, 0.0), ("2", "Lima", -12.0, -77.0, 154.0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STATIONS + "1,a,1,2,3\n2,a,1,2,3\n", "line 3: the name 'a' stands on line 2 already"),
        (STATIONS + "1,a,1,2,3\n1,b,1,2,3\n", "line 3: the id '1' stands on line 2 already"),
        (STATIONS + "1,,1,2,3\n", "line 2: name is missing"),
        (STATIONS + "1,a,121.6,38.9,0\n", "line 2: latitude_deg 121.6 is not at least -90 and at most 90"),
        (HEADER + "a,1,2,3\n", "the header lacks name"),
    ],
)
def test_what_is_no_list_of_stations_is_refused(text: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        points.read_stations(text.encode(), "s.csv")
    assert words in str(caught.value)
    assert "give stations as CSV with the columns id,name,latitude_deg" in str(caught.value)
