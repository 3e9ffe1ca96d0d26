"""The operator's feed with the names of its PoPs, in the form that it has."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.source import SourceError
from pipeline.sources.starlink_geoip import TABLE, parse


def landed(**countries: dict[str, dict[str, list[list[str]]]]) -> bytes:
    made = {
        code: {r: {c: {"ips": ips} for c, ips in cities.items()} for r, cities in regions.items()}
        for code, regions in countries.items()
    }
    return json.dumps({"countries": made}).encode()


def name(code: str, form: str = "pop.starlinkisp.net.") -> str:
    return f"customer.{code}.{form}"


def test_subnets_are_counted_by_country_region_and_pop() -> None:
    parsed = parse(
        landed(
            NA={"": {"Windhoek": [["1.0.0.0/24", name("jhnbzaf1")]]}},
            US={
                "US-MO": {
                    "A": [["1", name("knsymox1")], ["2", name("knsymox1", "isp.starlink.com.")]],
                    "B": [["3", name("knsymox1")]],
                },
                "US-CA": {"C": [["4", name("lsancax1")]]},
            },
        )
    )
    assert TABLE.conform(parsed.frame).rows() == [
        ("NA", "NA", "jhnbzaf1", 1), ("US", "US-CA", "lsancax1", 1), ("US", "US-MO", "knsymox1", 3),
    ]  # fmt: skip
    assert parsed.excluded.is_empty()


def test_what_names_no_pop_is_told_in_sums() -> None:
    ips = [["1", name("frntdeu1")], ["2", ""], ["3", ""], ["4", "customer.isp.starlink.com."], ["5", "customer.mc.starlinkisp.net."], ["6", "undefined.hostname.localhost."], ["7"]]  # fmt: skip
    parsed = parse(landed(DE={"DE-HE": {"Frankfurt": ips}}, Germany={"": {"x": [["8", name("frntdeu1")]]}}))
    assert parsed.frame.rows() == [("DE", "DE-HE", "frntdeu1", 1)]
    assert sorted(parsed.excluded.select("row_key", "reason").rows()) == [
        ("1 subnets", "their country is no code of two letters: they do not count"),
        ("3 subnets", "their names tell a PoP of no known form: they do not count"),
        ("3 subnets", "they have no name: they do not count"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"{}", "no countries"), (landed(DE={"": {"x": [["1", ""]]}}), "names no PoP"), (b'{"countries": {"DE": 3}}', "names no PoP"), (b"{", "no whole JSON"), (b"", "empty"), (b"<html>", "web page"), (b"\xff\xfe{", "not text")],
)  # fmt: skip
def test_another_file_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        parse(data)


HEADER = "cidr,country,region,city,pop,code,dns_ptr,pop_dns_ptr_match"


def lines(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    return (end.join([header, *rows]) + end).encode()


def row(subnet: str, country: str, region: str, pop: str = "", name: str = "") -> str:
    return f"{subnet},{country},{region},Town,{pop},abc,{name},False"


def test_the_joined_list_is_read_with_the_operators_pop_before_the_name() -> None:
    parsed = parse(
        lines(
            row("1.0.0.0/24", "DE", "DE-HE", "frntdeu1", name("wrswpol1")),
            row("1.0.1.0/24", "DE", "DE-HE", "", name("wrswpol1")),
            row("2605::/40", "US", "US-AK", "", name("pthpakx")),
            row("1.0.2.0/24", "US", "US-VA", "", name("sea")),
            row("1.0.3.0/24", "FO", "", "LNDNGBR1"),
            row("1.0.4.0/24", "DE", "DE-HE", "", "customer.isp.starlink.com."),
        )
    )
    assert parsed.frame.rows() == [
        ("DE", "DE-HE", "frntdeu1", 1), ("DE", "DE-HE", "wrswpol1", 1), ("FO", "FO", "lndngbr1", 1),
        ("US", "US-AK", "pthpakx", 1), ("US", "US-VA", "sea", 1),
    ]  # fmt: skip
    assert parsed.excluded["row_key"].to_list() == ["1 subnets"]


def test_namibia_is_found_by_its_region_where_na_was_read_as_nothing() -> None:
    parsed = parse(lines(row("1.0.0.0/24", "", "NA-KH", "jhngzaf1"), row("1.0.1.0/24", "NA", "NA-KH", "jhngzaf1"), row("1.0.2.0/24", "", "", "jhngzaf1")))  # fmt: skip
    assert parsed.frame.rows() == [("NA", "NA-KH", "jhngzaf1", 2)]
    assert parsed.excluded["row_key"].to_list() == ["1 subnets"]


def test_a_subnet_that_repeats_counts_once() -> None:
    same = row("1.0.0.0/24", "DE", "DE-HE", "frntdeu1")
    assert parse(lines(same, same, row("1.0.1.0/24", "DE", "DE-HE", "frntdeu1"))).frame["subnet_count"].to_list() == [2]


def test_other_columns_in_another_order_with_a_mark_and_other_line_ends() -> None:
    data = lines(
        'frntdeu1,"Frank\r\nfurt",DE,DE-HE,1.0.0.0/24,9', header="pop,city,country,region,cidr,new", end="\r\n"
    )
    assert parse(b"\xef\xbb\xbf" + data).frame.rows() == [("DE", "DE-HE", "frntdeu1", 1)]


def test_the_document_of_2024_is_read_too() -> None:
    data = landed(PH={"PH-00": {"Manila": [["1", name("mnlaphl1")]]}}).replace(b'"countries"', b'"valid"')
    assert parse(data).frame.rows() == [("PH", "PH-00", "mnlaphl1", 1)]


def test_a_line_with_too_few_fields_costs_itself_and_at_the_end_the_file() -> None:
    good = row("1.0.0.0/24", "DE", "DE-HE", "frntdeu1")
    parsed = parse(lines("1.0.1.0/24,DE", good))
    assert parsed.frame["subnet_count"].to_list() == [1]
    assert parsed.excluded["row_key"].to_list() == ["1 subnets"]
    with pytest.raises(SourceError, match="is cut: its last row, line 3"):
        parse(lines(good, "1.0.1.0/24,DE"))


@pytest.mark.parametrize("line", ["14.1.64.0/24,PH,PH-00,Manila,", "14.1.64.0/24,mnlaphl1,mnl", "2605::/40,PH,,,"])
def test_one_of_the_operators_two_lists_is_not_enough(line: str) -> None:
    with pytest.raises(SourceError, match="land the list that joins them"):
        parse(f"{line}\n{line}\n".encode())


@pytest.mark.parametrize("lost", ["cidr", "country", "region", "pop"])
def test_a_lost_column_is_named(lost: str) -> None:
    with pytest.raises(SourceError, match=f"missing {lost}"):
        parse(lines(row("1.0.0.0/24", "DE", "DE-HE", "frntdeu1"), header=HEADER.replace(f"{lost},", "other,", 1)))


SUBNETS = st.lists(
    st.tuples(
        st.integers(0, 255),
        st.sampled_from(["DE", "NA", "", "xx", "US"]),
        st.sampled_from(["", "US-TX", "NA-KH", "DE"]),
        st.sampled_from(["", "frntdeu1", "sea", "?"]),
        st.sampled_from(["", name("jhngzaf1"), "host.starlinkisp.net."]),
    ),
    max_size=30,
)  # fmt: skip


@settings(deadline=None)
@given(subnets=SUBNETS, seed=st.randoms(use_true_random=False))
def test_every_subnet_is_counted_or_left_out_in_whatever_order(subnets, seed) -> None:
    rows = [row(f"1.0.{n}.0/24", *rest) for n, *rest in subnets] + [row("9.0.0.0/24", "DE", "DE-HE", "frntdeu1")]
    parsed = parse(lines(*rows))
    left_out = sum(int(key.split()[0]) for key in parsed.excluded["row_key"])
    assert parsed.frame["subnet_count"].sum() + left_out == len(set(rows))
    seed.shuffle(rows)
    again = parse(lines(*rows))
    assert again.frame.equals(parsed.frame)
    assert again.excluded.equals(parsed.excluded)
