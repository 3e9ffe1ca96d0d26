"""Pings on the map, both directions as one, and what is measured between two places."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics import round_trip
from pipeline.metrics.round_trip import ENDS, NEAR_KM, both_ways, measured, placed
from pipeline.sources import rtt_wondernetwork, wondernetwork_servers
from tests import factory

TOWNS = {1: ("London", 51.5, -0.1), 2: ("Paris", 48.9, 2.3), 3: ("Oslo", 59.9, 10.7), 4: ("Rome", 41.9, 12.5), 5: ("Nowhere", 14.6, -61.0)}  # fmt: skip
SERVERS = factory.filled(
    wondernetwork_servers.TABLE,
    [
        {"server_id": k, "town": town, "latitude_deg": lat, "longitude_deg": lon}
        for k, (town, lat, lon) in TOWNS.items()
    ],
)


def pings(*rows: tuple[int, int, float]) -> pl.DataFrame:
    """raw.rtt_wondernetwork of (from, to, fastest); the mean is 1 ms more."""
    told = [
        {"from_server_id": a, "to_server_id": b, "rtt_min_ms": low, "rtt_ms": low + 1, "rtt_max_ms": low + 2}
        for a, b, low in rows
    ]
    return factory.filled(rtt_wondernetwork.TABLE, told)


def pairs(*rows: tuple[float, float, float, float, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=[*ENDS, "rtt_ms"], orient="row")


def asked(table: pl.DataFrame, *rows: tuple[float, float, float, float]) -> list[float | None]:
    found = measured(table, *np.array(rows, np.float64).reshape(-1, 4).T)
    return [None if np.isnan(value) else value for value in found.tolist()]


def test_pings_get_the_places_of_their_servers() -> None:
    found, left_out = placed(pings((1, 2, 10), (2, 1, 11)), SERVERS)
    assert found.rows() == [(51.5, -0.1, 48.9, 2.3, 11), (48.9, 2.3, 51.5, -0.1, 12)]
    assert left_out.is_empty()


def test_a_server_without_a_place_is_named_once_and_its_pings_go() -> None:
    found, left_out = placed(pings((1, 2, 10), (1, 77, 10), (77, 2, 10), (2, 66, 5)), SERVERS)
    assert found.height == 1
    assert left_out.select("row_number", "row_key").rows() == [(1, "server 66"), (2, "server 77")]


def test_a_pair_that_is_faster_than_light_goes_in_both_directions_and_is_named_with_its_faster_one() -> None:
    found, left_out = placed(pings((1, 2, 10), (1, 3, 7.6), (3, 1, 50), (4, 3, 30)), SERVERS)
    assert found.height == 2
    ((number, key, reason),) = left_out.rows()
    assert (number, key) == (1, "London to Oslo")
    assert reason.startswith("7.6 ms is below the 7.67 ms of light in vacuum")  # 1,150 km


def test_a_server_that_is_not_where_it_is_said_to_be_takes_all_its_pings_with_it() -> None:
    told = [(5, k, 9.0) for k in (1, 2, 3)] + [(4, 5, 500.0), (1, 2, 10.0), (1, 3, 20.0)]
    found, left_out = placed(pings(*told), SERVERS)
    assert found.height == 2
    ((_, key, reason),) = left_out.rows()
    assert key == "Nowhere (5)"
    assert reason.startswith("3 other servers")
    found, left_out = placed(pings(*told[1:]), SERVERS)  # two could be pings that are wrong
    assert found.height == 3
    assert left_out["row_key"].to_list() == ["Nowhere to Paris", "Nowhere to Oslo"]


def test_nothing_landed_leaves_nothing() -> None:
    found, left_out = placed(rtt_wondernetwork.TABLE.empty(), wondernetwork_servers.TABLE.empty())
    assert found.is_empty()
    assert left_out.is_empty()
    assert both_ways(found).is_empty()
    assert asked(found, (51.5, -0.1, 48.9, 2.3)) == [None]


def test_both_directions_are_one_pair_with_the_smaller_of_their_medians() -> None:
    there, back = (51.5, -0.1, 48.9, 2.3), (48.9, 2.3, 51.5, -0.1)
    frame = both_ways(
        pairs((*there, 10), (*there, 20), (*there, 99), (*back, 18), (*back, 19), (51.5, -0.1, 51.5, -0.1, 1))
    )
    (row,) = frame.rows(named=True)
    assert [row[name] for name in ENDS] == [*back]
    assert row["rtt_ms"] == 18.5
    assert row["distance_km"] == pytest.approx(335, abs=5)
    assert row["region_pair"] == "within_europe"


def test_places_of_one_latitude_are_one_pair_too() -> None:
    assert both_ways(pairs((10, 20, 10, 30, 7), (10, 30, 10, 20, 6))).select("rtt_ms").rows() == [(6,)]


def test_a_pair_is_measured_where_both_ends_are_near_measured_places() -> None:
    table = pairs((51.5, -0.1, 48.9, 2.3, 12), (48.9, 2.3, 51.5, -0.1, 11), (51.5, -0.1, 59.9, 10.7, 30))
    rows = [(51.9, 0.2, 48.5, 2.6), (48.5, 2.6, 51.9, 0.2), (51.5, -0.1, 59.9, 10.7), (48.9, 2.3, 59.9, 10.7), (51.5, -0.1, 41.9, 12.5), (51.5, -0.1, 51.6, 0.0)]  # fmt: skip
    assert asked(table, *rows) == [11, 11, 30, None, None, None]


def test_a_place_is_near_up_to_the_limit_and_not_beyond() -> None:
    table = pairs((0, 0, 30, 0, 50))
    inside, outside = ((NEAR_KM + more) / 111.195 for more in (-1, 1))  # degrees of a meridian
    assert asked(table, (-inside, 0, 30, 0), (-outside, 0, 30, 0)) == [50, None]


def test_the_nearest_places_that_were_measured_count() -> None:
    table = pairs((0, 0, 30, 0, 50), (0.5, 0, 30, 0, 40), (0.2, 0, 60, 0, 7))
    assert asked(table, (0.1, 0, 30, 0), (0.45, 0, 30, 0), (0.2, 0, 30, 0)) == [50, 40, 50]


def test_more_pairs_than_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pairs((0, 0, 30, 0, 50), (0, 0, 0, 40, 60))
    rows = [(0, 0, 30, 0), (0, 0, 0, 40), (5, 5, 30, 0)] * 3
    expected = asked(table, *rows)
    monkeypatch.setattr(round_trip, "AT_ONCE", 2)
    assert asked(table, *rows) == expected == [50, 60, None] * 3


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(1, 300)), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_neither_direction_nor_order_matters(told, order) -> None:
    at = [(0, 0), (0, 50), (50, 0), (50, 50), (-20, 30), (10, -70)]
    rows = [(*at[a], *at[b], rtt) for a, b, rtt in told]
    frame = both_ways(pairs(*rows))
    turned = [(c, d, a, b, rtt) for a, b, c, d, rtt in rows]
    order.shuffle(turned)
    assert both_ways(pairs(*turned)).equals(frame)
    for a, b, c, d, _, _, rtt in frame.select(*ENDS, "distance_km", "region_pair", "rtt_ms").iter_rows():
        assert asked(pairs(*rows), (a, b, c, d), (c, d, a, b)) == [rtt, rtt]
