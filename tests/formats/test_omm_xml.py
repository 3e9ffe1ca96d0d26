"""OMM XML: messages of any namespace, and nothing that could expand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats import elements
from pipeline.source import SourceError
from tests.formats import writers
from tests.formats.writers import fleet

WHOLE = writers.omm_xml(fleet())
EXPECTED = elements.read(writers.omm_json(fleet()).encode(), "x")

# As CelesTrak serves it (one message), with the declaration, the attributes and the empty line that it has.
PUBLISHED = b"""\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>
<ndm xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://sanaregistry.org/r/ndmxml/ndmxml-1.0-master.xsd">

<omm id="CCSDS_OMM_VERS" version="2.0"><header><COMMENT>GENERATED VIA CelesTrak</COMMENT><CREATION_DATE/><ORIGINATOR/></header><body><segment><metadata><OBJECT_NAME>STARLINK-1008</OBJECT_NAME><OBJECT_ID>2019-074B</OBJECT_ID><CENTER_NAME>EARTH</CENTER_NAME><REF_FRAME>TEME</REF_FRAME><TIME_SYSTEM>UTC</TIME_SYSTEM><MEAN_ELEMENT_THEORY>SGP4</MEAN_ELEMENT_THEORY></metadata><data><meanElements><EPOCH>2026-05-28T07:22:33.256704</EPOCH><MEAN_MOTION>15.47405599</MEAN_MOTION><ECCENTRICITY>.0003005</ECCENTRICITY><INCLINATION>53.1527</INCLINATION><RA_OF_ASC_NODE>163.7269</RA_OF_ASC_NODE><ARG_OF_PERICENTER>45.3803</ARG_OF_PERICENTER><MEAN_ANOMALY>314.7449</MEAN_ANOMALY></meanElements><tleParameters><EPHEMERIS_TYPE>0</EPHEMERIS_TYPE><CLASSIFICATION_TYPE>U</CLASSIFICATION_TYPE><NORAD_CAT_ID>44714</NORAD_CAT_ID><ELEMENT_SET_NO>999</ELEMENT_SET_NO><REV_AT_EPOCH>36113</REV_AT_EPOCH><BSTAR>.12405E-2</BSTAR><MEAN_MOTION_DOT>.64655E-3</MEAN_MOTION_DOT><MEAN_MOTION_DDOT>0</MEAN_MOTION_DDOT></tleParameters></data></segment></body></omm>
</ndm>
"""
LINES = """STARLINK-1008
1 44714U 19074B   26148.30732936  .00064655  00000+0  12405-2 0  9994
2 44714  53.1527 163.7269 0003005  45.3803 314.7449 15.47405599361135
"""


def test_the_form_of_celestrak_is_read_and_is_what_the_two_lines_say() -> None:
    assert elements.read(PUBLISHED, "x").frame.equals(elements.read(LINES.encode(), "x").frame)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.replace("\n", "\r\n"),
        "\ufeff\n\n" + WHOLE,
        WHOLE.partition("\n")[2],
        writers.omm_xml(fleet(), "ndm:", ' xmlns:ndm="urn:ccsds:schema:ndmxml"'),
        writers.omm_xml(fleet(), "", ' xmlns="urn:ccsds:schema:ndmxml"'),
        WHOLE.replace("<ndm>", "<!-- a comment --><ndm><!-- another -->"),
    ],
    ids=["plain", "CRLF", "byte order mark", "no declaration", "prefix", "default namespace", "comments"],
)
def test_the_way_of_writing_does_not_matter(text: str) -> None:
    parsed = elements.read(text.encode(), "x")
    assert parsed.frame.equals(EXPECTED.frame)
    assert parsed.row_numbers is not None
    assert parsed.row_numbers.to_list() == list(range(2, 42))


def test_one_message_needs_no_ndm() -> None:
    one = WHOLE[WHOLE.index("<omm>") : WHOLE.index("</omm>") + 6]
    assert elements.read(one.encode(), "x").frame.equals(EXPECTED.frame[:1])


def test_a_bad_message_is_left_out_by_its_ordinal() -> None:
    text = WHOLE.replace("<NORAD_CAT_ID>44702<", "<NORAD_CAT_ID>x<").replace("<OBJECT_NAME>SAT-9<", "<OBJECT_NAME><")
    parsed = elements.read(text.encode(), "x")
    assert parsed.frame.height == 38
    assert parsed.excluded.rows() == [
        (4, "SAT-2 (x)", "NORAD_CAT_ID 'x' is not a whole number"),
        (11, "? (44709)", "OBJECT_NAME is missing"),
    ]


BOMB = '<?xml version="1.0"?><!DOCTYPE ndm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ndm><omm>&b;</omm></ndm>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "XML with a document type"),
        (WHOLE.replace("SAT-1<", "&other;<"), "is broken XML at line 4, column .*: undefined entity"),
        (WHOLE[: len(WHOLE) // 2], r"is cut: its XML breaks off at line \d+, column \d+"),
        (WHOLE[:-6], "is cut: its XML breaks off at line 43"),
        (WHOLE.replace("</header>", "</head>", 1), "is broken XML at line 3, column .*: mismatched tag"),
        ("<ndm></ndm>", "is XML but has no <omm>"),
        (WHOLE.replace("BSTAR", "B_STAR"), "the set of fields has changed .missing BSTAR; new"),
        ("<?xml version='1.0'?><rss><title>News</title></rss>", "is a web page .News."),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        elements.read(text.encode(), "x")
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(writers.element_lists(999_999_999, writers.ANY_NAMES))
def test_what_is_written_is_read(made_up: list[writers.Elements]) -> None:
    parsed = elements.read(writers.omm_xml(made_up).encode(), "x")
    assert parsed.excluded.is_empty()
    for row, e in zip(parsed.frame.iter_rows(), made_up, strict=True):
        assert row == tuple(e["EPOCH"] if name == "EPOCH" else value for name, value in writers.omm(e).items())


@settings(deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.text(max_size=3))
def test_whatever_the_bytes_a_frame_or_a_source_error_comes(at: int, length: int, new: str) -> None:
    try:
        parsed = elements.read((WHOLE[:at] + new + WHOLE[at + length :]).encode(), "x")
    except SourceError:
        return
    assert parsed.frame.height + parsed.excluded.height >= 38
