"""Measured round trips: a cloud's page of tables, and pings with the list of the servers that they are between."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.source import SourceError
from pipeline.sources import rtt_ibm, rtt_wondernetwork, wondernetwork_servers

REGIONS = ("Dallas", "London", "Tokyo")
RTT = {("Dallas", "London"): 113, ("London", "Dallas"): 114, ("Dallas", "Tokyo"): 141, ("Tokyo", "Dallas"): 142, ("London", "Tokyo"): 236, ("Tokyo", "London"): 240}  # fmt: skip


def table(
    regions: tuple[str, ...] = REGIONS,
    window: str = "25 Apr 2026–24 May 2026",
    title: str = "Inter-region latency",
    **cells: object,
) -> str:
    """One table; `cells` are "From_To" -> what stands there."""
    rows = ["| Average latency (ms) | " + " | ".join(regions) + " |", "| --- |" + " :---: |" * len(regions)]
    for one in regions:
        told = [
            str(cells.get(f"{one}_{other}".replace(" ", ""), RTT.get((one, other), "" if one == other else 300)))
            for other in regions
        ]
        rows.append(f"| **{one}** | " + " | ".join(told) + " |")
    return "\n".join([f"### {title}", "{: #anchor}", *rows, f'{{: caption="{window}" caption-side="bottom"}}', "", ""])


def page(*tables: str) -> bytes:
    return ("\n\n## A window\n" + "\n".join(tables)).encode()


def test_both_directions_are_rows_with_their_places_and_the_last_day() -> None:
    parsed = rtt_ibm.parse(page(table()))
    assert {
        (one, other): rtt for one, other, rtt in parsed.frame.select("from_region", "to_region", "rtt_ms").rows()
    } == RTT
    assert set(parsed.frame["last_day"]) == {date(2026, 5, 24)}
    row = parsed.frame.row(0, named=True)
    assert (row["from_latitude_deg"], row["from_longitude_deg"], row["to_latitude_deg"], row["to_longitude_deg"]) == (
        32.783,
        -96.807,
        51.509,
        -0.126,
    )
    assert parsed.excluded.is_empty()


def test_the_newest_window_stays_wherever_it_stands_and_zones_are_passed_over() -> None:
    older = table(window="18 Apr 2026–17 May 2026", Dallas_London=99)
    zones = table(title="Inter-AZ latency", window="25 Apr 2026–1 Jun 2026", Dallas_London=0.3)
    for order in ((table(), zones, older), (older, zones, table())):
        parsed = rtt_ibm.parse(page(*order))
        assert parsed.frame["rtt_ms"][0] == 113
        assert set(parsed.frame["last_day"]) == {date(2026, 5, 24)}


@pytest.mark.parametrize(
    "window", ["Table 1. 25 Apr 2026–24 May 2026", "25 April 2026 - 24 May 2026", "25 apr 2026—24 may 2026"]
)
def test_windows_are_written_in_several_ways(window: str) -> None:
    assert rtt_ibm.parse(page(table(window=window))).frame["last_day"][0] == date(2026, 5, 24)


def test_a_region_without_a_known_place_is_left_out_by_name() -> None:
    parsed = rtt_ibm.parse(page(table((*REGIONS, "Ruritania"))))
    assert set(parsed.frame["from_region"]) == set(parsed.frame["to_region"]) == set(REGIONS)
    ((number, key, reason),) = parsed.excluded.rows()
    assert key == "Ruritania"
    assert "no place" in reason
    assert page(table((*REGIONS, "Ruritania"))).decode().splitlines()[number - 1].startswith("| **Ruritania**")


@pytest.mark.parametrize(
    ("cell", "words"),
    [("", "is no round trip"), ("-", "is no round trip"), ("0", "not above 0"), ("-5", "not above 0"), ("2001", "at most 2000"), ("nan", "is no round trip"), ("40", "light needs in vacuum")],
)  # fmt: skip
def test_a_round_trip_that_is_none_costs_itself(cell: str, words: str) -> None:
    parsed = rtt_ibm.parse(page(table(Dallas_London=cell, Dallas_Tokyo=cell)))
    assert ("Dallas", "London") not in parsed.frame.select("from_region", "to_region").rows()
    assert parsed.frame.height == 4
    ((_, key, reason),) = parsed.excluded.rows()
    assert key == "Dallas"
    assert reason.startswith("to London: ")
    assert "; to Tokyo: " in reason
    assert reason.count(words) == 2


def test_rows_that_are_ragged_or_repeat_cost_themselves() -> None:
    text = page(table()).decode()
    row = next(line for line in text.splitlines() if line.startswith("| **London**"))
    again = rtt_ibm.parse(text.replace(row, f"{row}\n{row}").encode())
    assert again.frame.height == 6
    assert "stands before" in again.excluded["reason"][0]
    ragged = rtt_ibm.parse(text.replace(row, f"{row} 5 |").encode())
    assert ragged.frame.height == 4
    assert "4 round trips where the header has 3" in ragged.excluded["reason"][0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"), (b"<html><title>x</title>", "web page"), (b"# nothing here\n", "no table"), (page(table(title="Inter-AZ latency")), "no table"),
        (page(table(("Here", "There"))), "2 of the 2 pairs"), (page(table(Dallas_London=0, London_Dallas=0, Dallas_Tokyo=0, Tokyo_Dallas=0)), "4 of the 6 pairs"),
        (page(table())[:-60], "is cut"), (page(table())[:-130], "is cut"), (page(table(window="last month")), "is cut"), (page(table(window="25 Apr 2026–31 Jun 2026")), "is cut"),
    ],
)  # fmt: skip
def test_another_page_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=f"rtt_ibm: .*{words}.*skytrunk land rtt_ibm DAY --file PATH"):
        rtt_ibm.parse(data)


PINGS = "source,destination,min,avg,max,mdev"
SERVERS = "id,name,title,location,state,country,state_abbv,continent,latitude,longitude,selected,,,11"


def pings(*rows: str, good: int = 60) -> bytes:
    """Rows, and so many good ones behind them that the file is not refused."""
    return "\n".join([PINGS, *rows, *(f"{900 + k},{1900 + k},5,6,7,0.1" for k in range(good)), ""]).encode()


def servers(*places: str) -> bytes:
    rows = [f"{k},A,Town {k},A,S,Country,SS,3,{place},1,,," for k, place in enumerate(places)]
    return "\n".join([SERVERS, *rows, *(f"{900 + k},A,B,A,S,C,SS,3,48.1,11.5,1,,," for k in range(9)), ""]).encode()


def test_pings_are_read_in_both_directions() -> None:
    parsed = rtt_wondernetwork.parse(pings("2,1,10,11.5,15,0.5", "1,2,12,12,12,0", good=0))
    assert parsed.frame.rows() == [(1, 2, 12, 12, 12, 0), (2, 1, 10, 11.5, 15, 0.5)]
    assert parsed.excluded.is_empty()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,2,0,1,2,0", "min 0 is not above 0"), ("1,2,-1,1,2,0", "min -1"), ("1,2,5,4,6,0", "fastest round trip 5.0 is above the mean 4.0"), ("1,2,3,7,6,0", "mean round trip 7.0 is above the slowest 6.0"),
        ("1,1,1,1,1,0", "pings itself"), ("1,2,a,1,1,0", "'a' is not a finite number"), ("1,2,nan,1,1,0", "not a finite number"), ("1,2,1,1,20000,0", "max 20000"), ("1,2,1,1", "4 fields"),
        ("1.5,2,1,1,1,0", "not a whole number"), ("-1,2,1,1,1,0", "source -1"), ("900,1900,1,1,1,0", ""),
    ],
)  # fmt: skip
def test_a_ping_that_breaks_a_rule_costs_itself(row: str, words: str) -> None:
    parsed = rtt_wondernetwork.parse(pings("5,6,1,1,1,0", row))
    assert parsed.frame.height == 61
    number, _, reason = parsed.excluded.row(0)
    if words:
        assert number == 3
        assert words in reason
    else:  # it is the later of the two that goes
        assert (number, reason) == (4, "the pair stands before it in the file")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"), (b"<html>", "web page"), (PINGS.encode(), "no rows"), (pings("1,1,1,1,1,0", good=5), "1 of 6 rows"), (pings()[:-8], "is cut"), (b"a,b\n1,2\n", "is not a header of pings"),
        (pings().replace(b"avg", b"mean"), "missing avg"),
    ],
)  # fmt: skip
def test_other_pings_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=f"rtt_wondernetwork: .*{words}.*--file PATH"):
        rtt_wondernetwork.parse(data)


def test_servers_are_read_under_a_header_with_stray_columns() -> None:
    parsed = wondernetwork_servers.parse(servers("-37.7833,144.9667"))
    assert parsed.frame.row(0) == (0, "Town 0", "Country", -37.7833, 144.9667)
    assert parsed.excluded.is_empty()


@pytest.mark.parametrize(
    ("place", "words"),
    [("0,0", "coordinates are missing"), ("144.9667,-37.7833", "swapped"), ("95,200", "not on the Earth"), ("-91,-180.5", "not on the Earth"), (",", "latitude is missing"), ("x,1", "'x' is not a finite number")],
)  # fmt: skip
def test_a_server_without_a_place_is_left_out_by_name(place: str, words: str) -> None:
    parsed = wondernetwork_servers.parse(servers("1,2", place))
    assert 1 not in parsed.frame["server_id"]
    ((number, key, reason),) = parsed.excluded.rows()
    assert (number, key) == (3, "Town 1 (1)")
    assert words in reason


def test_a_server_that_repeats_stays_as_it_first_was_and_a_bad_one_before_it_does_not_count() -> None:
    data = servers("0,0", "1,2").replace(b"\n1,A", b"\n0,A").replace(b"\n900,A", b"\n0,A")
    parsed = wondernetwork_servers.parse(data)
    assert parsed.frame.filter(server_id=0)["latitude_deg"].to_list() == [1]
    assert parsed.excluded.select("row_number", "reason").rows()[1:] == [(4, "its number stands before it in the file")]


def test_other_servers_are_refused() -> None:
    with pytest.raises(SourceError, match=r"wondernetwork_servers: 3 of 12 rows"):
        wondernetwork_servers.parse(servers("0,0", "0,0", "95,1"))
    with pytest.raises(SourceError, match="missing latitude"):
        wondernetwork_servers.parse(servers("1,2").replace(b"latitude", b"lat"))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), *[st.floats(0, 20)] * 3), max_size=20))
def test_every_ping_is_read_or_left_out_and_what_is_read_can_be(rows) -> None:
    data = pings(*(f"{a},{b},{low},{mean},{high},0" for a, b, low, mean, high in rows), good=500)
    parsed = rtt_wondernetwork.parse(data)
    assert parsed.frame.height + parsed.excluded.height == len(rows) + 500
    assert parsed.frame.select(
        (
            (parsed.frame["rtt_min_ms"] > 0)
            & (parsed.frame["rtt_min_ms"] <= parsed.frame["rtt_ms"])
            & (parsed.frame["rtt_ms"] <= parsed.frame["rtt_max_ms"])
        ).alias("x")
    )["x"].all()
    assert not parsed.frame.select("from_server_id", "to_server_id").is_duplicated().any()
