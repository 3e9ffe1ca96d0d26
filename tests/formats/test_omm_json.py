"""OMM JSON: a list of objects and the two forms of mirrors; what is left out and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats import elements, omm
from pipeline.source import Parsed, SourceError
from tests.formats import writers
from tests.formats.writers import fleet, made, two_lines

OBJECTS = [writers.omm(e) for e in fleet()]


def read(document: Any) -> Parsed:
    return elements.read(json.dumps(document).encode(), "x")


def changed(**fields: Any) -> Parsed:
    """The fleet with some fields of its second object changed."""
    return read([OBJECTS[0], {**OBJECTS[1], **fields}, *OBJECTS[2:]])


def test_numbers_may_be_strings_and_further_keys_are_passed_over() -> None:
    strings = [{key: str(value) for key, value in each.items()} | {"RMS": "0.410"} for each in OBJECTS]
    assert read(strings).frame.equals(read(OBJECTS).frame)


def test_objects_are_numbered_from_2() -> None:
    numbers = read(OBJECTS).row_numbers
    assert numbers is not None
    assert numbers.to_list() == list(range(2, 42))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"BSTAR": None}, "BSTAR is missing"),
        ({"BSTAR": True}, "BSTAR 'true' is not a finite number"),
        ({"BSTAR": [1]}, "BSTAR '[\"1\"]' is not a finite number"),
        ({"BSTAR": float("nan")}, "BSTAR 'NaN' is not a finite number"),
        ({"NORAD_CAT_ID": 44701.5}, "NORAD_CAT_ID '44701.5' is not a whole number"),
        ({"NORAD_CAT_ID": 10**40}, f"NORAD_CAT_ID '1{'0' * 39}' is not a whole number"),
        ({"OBJECT_NAME": "A\nB"}, "OBJECT_NAME 'A?B' is not plain text"),
        ({"OBJECT_NAME": "A\ud800B"}, "OBJECT_NAME 'A?B' is not plain text"),
        ({"OBJECT_NAME": "A\u2028B"}, "OBJECT_NAME 'A?B' is not plain text"),
        ({"BSTAR": "1\u00a0000"}, "BSTAR '1?000' is not a finite number"),
        ({"OBJECT_NAME": ""}, "OBJECT_NAME is missing"),
        ({"ECCENTRICITY": 1}, "ECCENTRICITY 1 is not at least 0 and below 1"),
    ],
)
def test_a_bad_object_is_left_out_by_its_ordinal(fields: dict[str, Any], reason: str) -> None:
    parsed = changed(**fields)
    assert parsed.frame.height == 39
    assert [(row[0], row[2]) for row in parsed.excluded.rows()] == [(3, reason)]


def test_characters_beyond_the_basic_plane_are_read() -> None:
    assert changed(OBJECT_NAME="A\U0001f6f0").frame["object_name"][1] == "A\U0001f6f0"


def test_what_is_no_object_is_left_out() -> None:
    parsed = read([*OBJECTS, 7])
    assert parsed.excluded.rows() == [(42, "? (?)", "the entry is not an object")]


def test_one_object_is_a_list_of_one() -> None:
    assert read(OBJECTS[0]).frame.equals(read(OBJECTS[:1]).frame)


def test_of_one_catalog_number_the_newest_epoch_stays() -> None:
    older = writers.omm(made(44_700, EPOCH=writers.datetime(2026, 8, 1)))
    assert read([*OBJECTS, older]).excluded.rows() == [
        (42, "SAT 44700 (44700)", "NORAD_CAT_ID repeats: line 2 has the newest epoch")
    ]


WHOLE = json.dumps(OBJECTS, indent=1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WHOLE[: len(WHOLE) // 2], r"is cut: its JSON breaks off at line \d+, byte \d+"),
        (WHOLE[:-2], "is cut: its JSON breaks off at line 761"),
        (WHOLE[: WHOLE.index("SAT-39") + 3], "is cut"),
        (WHOLE.replace(": 999,", ": 9 9,", 1), r"is broken JSON at line 15, byte \d+: Expecting ',' delimiter"),
        (WHOLE + WHOLE, "is broken JSON at line 762, byte .*: Extra data"),
        ("[]", "has no objects"),
        ("{}", "holds no elements"),
        ('{"data": [], "more": 1}', r"holds no elements \(data, more\)"),
        ('{"satellites": []}', "has no objects"),
        ('[{"NAME": 1}]', "the set of fields has changed .missing OBJECT_NAME"),
        (WHOLE.replace("BSTAR", "B_STAR"), "the set of fields has changed .missing BSTAR; new B_STAR"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        elements.read(text.encode(), "x")
    assert "\n" not in str(caught.value)


def launches(*satellites: dict[str, Any]) -> Parsed:
    return elements.read(json.dumps({"satellites": list(satellites), "config": {}}).encode(), "x")


def test_every_satellite_of_the_launches_is_taken_once() -> None:
    batch = [{"noradId": str(each["NORAD_CAT_ID"]), "omm": each} for each in OBJECTS[:20]]
    alone = {"title": "Starlink-2", "noradId": "44730", "omm": OBJECTS[30]}
    parsed = launches({"title": "Starlink-1", "omm": OBJECTS[0], "batch": batch}, {"batch": batch[:2]}, alone)
    assert parsed.frame.equals(read([*OBJECTS[:20], OBJECTS[30]]).frame)
    assert parsed.excluded.is_empty()


def test_entries_without_elements_are_listed_and_do_not_count_as_unreadable() -> None:
    waiting = {
        "title": "Starlink-9",
        "noradId": "72001",
        "batch": [{"noradId": "72001"}, {"noradId": "72002", "omm": None}],
    }
    parsed = launches(
        {"name": "starlink8", "noradId": "72000"}, waiting, {"omm": OBJECTS[0], "batch": None}, {"batch": [7]}
    )
    assert parsed.frame.height == 1
    assert parsed.excluded.rows() == [
        (2, "starlink8 (72000)", "the entry has no elements"),
        (3, "Starlink-9 (72001)", "the entry has no elements"),
        (4, "Starlink-9 (72002)", "the entry has no elements"),
        (6, "? (?)", "the entry has no elements"),
    ]


def by_number(satellites: list[writers.Elements]) -> dict[str, Any]:
    return {str(e["NORAD_CAT_ID"]): {"noradId": str(e["NORAD_CAT_ID"]), "tle": list(two_lines(e))} for e in satellites}


def test_two_lines_by_catalog_number_have_no_names() -> None:
    parsed = read(by_number(fleet()))
    assert parsed.frame["object_name"].null_count() == 40
    assert parsed.frame.drop("object_name").equals(read(OBJECTS).frame.drop("object_name"))


def test_a_bad_pair_of_lines_is_left_out_by_its_ordinal() -> None:
    document = by_number(fleet())
    document["44703"]["tle"][1] = document["44703"]["tle"][1][:68] + "x"
    document["44705"] = {"noradId": "44705"}
    parsed = read(document)
    assert parsed.frame.height == 38
    assert parsed.excluded.rows() == [
        (5, "? (44703)", "line 2: checksum 'x' is not written as in a TLE"),
        (7, "? (44705)", "the entry has no elements of two lines"),
    ]


@settings(deadline=None)
@given(writers.element_lists(999_999_999, writers.ANY_NAMES), st.sampled_from([None, 2]), st.booleans())
def test_what_is_written_is_read(made_up: list[writers.Elements], indent: int | None, ascii_only: bool) -> None:
    text = writers.omm_json(made_up, indent=indent, ensure_ascii=ascii_only)
    parsed = elements.read(text.encode(), "x")
    assert parsed.excluded.is_empty()
    assert list(omm.FIELDS) == list(writers.omm(made_up[0]))
    for row, e in zip(parsed.frame.iter_rows(), made_up, strict=True):
        assert row == tuple(e["EPOCH"] if name == "EPOCH" else value for name, value in writers.omm(e).items())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["satellites", "omm", "batch", "tle", "BSTAR", "1"]), inner, max_size=4)
    ),
)


@settings(deadline=None)
@given(VALUES)
def test_whatever_the_document_a_frame_or_a_source_error_comes(document: Any) -> None:
    try:
        parsed = read(document)
    except SourceError:
        return
    assert parsed.excluded["row_number"].is_unique().all()
