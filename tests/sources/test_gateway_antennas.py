"""The list of antennas: what is read, what is left out, and what is no such list."""

from __future__ import annotations

import pytest

from pipeline.source import SourceError
from pipeline.sources.gateway_antennas import parse

HEAD = b"gateway,antennas\n"


def test_counts_are_read_as_they_stand():
    parsed = parse(HEAD + b"gateway-a,8\ngateway-b,\ngateway-c,-2\ngateway-d,0\n")
    assert dict(parsed.frame.rows()) == {"gateway-a": 8, "gateway-b": None, "gateway-c": -2, "gateway-d": 0}
    assert parsed.excluded.is_empty()


def test_a_site_twice_and_a_word_for_a_number_are_named():
    parsed = parse(HEAD + b"gateway-a,8\ngateway-a,9\ngateway-b,many\ngateway-c,4\n")
    assert dict(parsed.frame.rows()) == {"gateway-a": 8, "gateway-c": 4}
    assert parsed.excluded["row_number"].to_list() == [3, 4]
    assert "stands before" in parsed.excluded["reason"][0]


def test_another_file_is_refused_with_the_remedy():
    with pytest.raises(SourceError, match="gateway_antennas"):
        parse(b"a,b\n1,2\n")
