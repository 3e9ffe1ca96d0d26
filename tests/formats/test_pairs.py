"""Links as simulators write them, and what is no link."""

from __future__ import annotations

import pytest

from pipeline.formats import pairs
from pipeline.source import SourceError


@pytest.mark.parametrize(
    "text",
    [
        "0 1\n2 33\n", "0,1\n2,33", "0\t1\r\n2\t33\r\n", " 0 , 1 \n\n2;33\n", "# a comment\n0 1\n# another\n2 33\n",
        "satellite_a,satellite_b\n0,1\n2,33\n", "\ufefffrom to\n0 1\n2 33\n",
    ],
)  # fmt: skip
def test_two_positions_a_line_are_read_however_they_are_written(text: str) -> None:
    assert pairs.read(text.encode(), "l.txt", 34).tolist() == [[0, 1], [2, 33]]


@pytest.mark.parametrize("text", ["", "\n\n", "# none\n"])
def test_a_file_may_have_no_links(text: str) -> None:
    assert pairs.read(text.encode(), "l.txt", 34).shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 1\n2 34\n", "line 2: there is no satellite 34 in the element file: its 34 satellites are 0 to 33"),
        ("0 1\n\n5,5\n", "line 3: satellite 5 is linked with itself"),
        ("0 -1\n", "line 1: '0 -1' is not two whole numbers"),
        ("0 1 500\n", "line 1: '0 1 500' is not two whole numbers"),
        ("7\n", "line 1: '7' is not two whole numbers"),
        ("0 1.5\n", "line 1: '0 1.5' is not two whole numbers"),
        ("0 1\nfrom to\n", "line 2: 'from to' is not two whole numbers"),
        ("0 " + "9" * 40, "is not two whole numbers"),
        ("<html><title>404</title></html>", "the file is a web page (404)"),
        (b"\xff\xfe0 1", "the file is not text"),
    ],
)
def test_what_is_no_link_is_refused_with_its_line(text: str | bytes, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        pairs.read(text if isinstance(text, bytes) else text.encode(), "l.txt", 34)
    assert str(caught.value).startswith("l.txt: ")
    assert words in str(caught.value)
    assert "give two numbers a line" in str(caught.value)
