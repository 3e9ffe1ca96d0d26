"""What could be sold were things otherwise: ratios to the base, drivers in order, and a waterfall that closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.geometry import feed
from pipeline.metrics import share, what_if
from pipeline.metrics.what_if import Case, Coarse
from tests.metrics import markets
from tests.metrics.markets import CELLS, DAY, GATEWAYS, ground, market, supply

COARSE = Coarse(CELLS.geometry, None, np.arange(CELLS.geometry.cell_count))
BASE = Case(supply(), market(), ground(*GATEWAYS, gbps=10.0))


@pytest.fixture(scope="module")
def skies() -> list[what_if.Sky]:
    span = share.instants(DAY, 3)
    r_km, _ = share.Fleet(BASE.supply.elements).positions(span)
    return [
        what_if.sky(np.ascontiguousarray(r), float(hour), 10.0, COARSE, BASE)
        for r, hour in zip(np.moveaxis(r_km, 0, 2), span.fraction * 24, strict=True)
    ]


def test_it_is_what_a_fair_share_serves(skies):
    down, up = share.passed(BASE.supply, BASE.market, BASE.ground, DAY, 3)
    for k, sky in enumerate(skies):
        found = what_if.sold_gbps(BASE, COARSE, sky)
        assert found == pytest.approx([down.served_gbps[k], up.served_gbps[k]], rel=0.01)


def test_draws_are_ratios_at_the_same_instant(skies):
    grounds = [feed.Ground(BASE.ground.places, BASE.ground.site_gbps * part, 10.0) for part in (1.0, 0.5, 2.0)]
    found = what_if.drawn(lambda k: replace(BASE, ground=grounds[k % 3]), BASE, COARSE, skies, 9)
    assert found.shape == (2, 9)
    assert found[0, ::3] == pytest.approx(1.0)
    assert found[0, 1::3] == pytest.approx(0.5, rel=0.02)  # gateways alone are scarce
    assert (found[0, 2::3] > 1.2).all()


def test_a_way_that_is_not_known_is_not_looked_at(skies):
    unknown = replace(BASE, supply=replace(BASE.supply, up_is_known=False))
    assert what_if.sold_gbps(unknown, COARSE, skies[0])[1] == 0
    assert what_if.drawn(lambda _: unknown, unknown, COARSE, skies, 3)[1].tolist() == [1.0, 1.0, 1.0]


def test_what_a_little_more_is_worth(skies):
    of = what_if.worth(BASE, COARSE, skies)
    assert of["gateways"] == pytest.approx(1.0, rel=0.05)  # every Gbps of antennas is sold
    assert of["satellites"] == pytest.approx(0.0, abs=1e-3)
    assert of["demand"] == pytest.approx(0.0, abs=1e-3)


def test_drivers_come_by_swing():
    ranges = {"a": (1.0, 2.0, 3.0, "Gbps", "drawn"), "b": (2.0, 3.0, 4.0, "links", "variant")}
    rows = what_if.driver_rows({"a": (0.9, 1.1), "b": (0.5, 1.0)}, ranges, 100.0, "starlink", DAY)
    by_rank = rows.sort("rank_number")
    assert by_rank["driver"].to_list() == ["b", "a"]
    assert by_rank["swing_tbps"].to_list() == pytest.approx([50.0, 20.0])
    assert by_rank["sellable_at_low_tbps"].to_list() == pytest.approx([50.0, 90.0])
    assert what_if.driver_rows({}, {}, 1.0, "starlink", DAY).is_empty()


def test_the_waterfall_closes_and_names_the_rest():
    flows = pl.DataFrame(
        {
            "step": ["raised", "raised", "lowered", "kept", "moved"],
            "in_service_change_tbps": [2.0, 1.0, -0.5, 0.0, 0.25],
        }
    )
    now = {"sellable_down_tbps": 101.0, "gateway_tbps": 110.0, "demand_down_tbps": 2_000.0}
    before = {"sellable_down_tbps": 99.0, "gateway_tbps": 108.0, "demand_down_tbps": 2_000.0}
    of = {"satellites": 0.1, "gateways": 0.8, "demand": 0.001}
    rows = what_if.flow_rows(now, before, flows, of, "starlink", date(2026, 8, 16), DAY)
    change = dict(rows.select("capacity_step", "sellable_change_tbps").rows())
    assert change["raised"] == pytest.approx(0.3)
    assert change["lowered"] == pytest.approx(-0.05)
    assert change["moved"] == pytest.approx(0.025)
    assert change["launched"] == change["decayed"] == change["demand"] == 0
    assert change["gateways"] == pytest.approx(1.6)
    assert sum(change.values()) == pytest.approx(2.0)
    assert change["rest"] == pytest.approx(2.0 - 0.3 + 0.05 - 0.025 - 1.6)


def test_parents_in_ring_order():
    from pipeline.geometry import grid

    fine = grid.rings(6)
    parent = what_if.parents(fine, 6)
    coarse = grid.rings(what_if.ORDER).nest_of_ring
    assert (coarse[parent] == fine.nest_of_ring // 16).all()
    assert what_if.parents(markets.RINGS, markets.ORDER).tolist() == list(range(len(markets.NESTED)))
