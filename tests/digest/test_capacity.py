"""What the digest says about capacity: figures, what is not known, and the map's words."""

from __future__ import annotations

from pipeline.digest import capacity
from tests.digest import rows

ANSWERS = rows.rows()


def test_what_can_be_sold_stands_with_its_bounds_and_what_binds():
    grid = capacity.grids(ANSWERS)[0]
    starlink = dict(zip((h.title for h in grid.headings), grid.rows[0], strict=True))
    assert starlink["Can be sold, Tbps"] == "61"
    assert starlink["10 to 90 % of draws"] == "38 to 97"
    assert starlink["Change"] == "+0.30"
    assert starlink["Bound by beam"] == "55 %"
    assert "The world asks for 2,150 Tbps." in grid.note


def test_who_has_no_gateway_gets_a_dash_and_a_sentence():
    grid = capacity.grids(ANSWERS)[0]
    assert grid.rows[1][3] == capacity.DASH
    assert "No gateway is known of OneWeb, Amazon Leo, Qianfan and Guowang" in grid.note


def test_the_first_day_has_no_change():
    assert capacity.grids(rows.rows(first=True))[0].rows[0][5] == capacity.DASH


def test_both_ways_of_a_trunk_have_their_own_ends():
    grid = capacity.grids(ANSWERS)[1]
    assert [row[0] for row in grid.rows] == ["North America to Europe", "Europe to North America"]
    assert grid.rows[0][1:] == ("Starlink", "9.4", "31", "6.1", "0.21", "6.1", "697")


def test_the_map_of_lids_is_told_in_words():
    alt, caption = capacity.lid_words(ANSWERS)
    assert alt.endswith("by what binds it: 55 % beam, 20 % satellite, 15 % gateway, 10 % demand.")
    assert "most demand unserved" in caption


def test_without_an_answer_there_is_nothing():
    assert capacity.grids({}) == ()
    assert capacity.lid_words({}) == ("", "")
    without = {name: frame for name, frame in ANSWERS.items() if name != "lid"}
    assert capacity.lid_words(without) == ("", "")
