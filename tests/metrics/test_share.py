"""A day's capacity on a made fleet: what binds where, what follows from more and from less, and that every lid is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry import allocation
from pipeline.metrics import share
from pipeline.metrics.capacity import binding
from tests.metrics import markets
from tests.metrics.markets import DAY, GATEWAYS, ground, market, supply, town

COUNT = 5
DEMAND, BEAM, SATELLITE, GATEWAY, MESH = range(5)
LAGOS, FRANKFURT, WASHINGTON, SAO_PAULO, REYKJAVIK, SVALBARD = (town(k) for k in range(6))


def passed(of=None, at=GATEWAYS, on=None, gbps=375.0) -> tuple[share.Shared, share.Shared]:
    return share.passed(of or supply(), on or market(), ground(*at, gbps=gbps), DAY, COUNT)


@pytest.fixture(scope="module")
def found() -> tuple[share.Shared, share.Shared]:
    return passed()


def test_no_bound_is_broken_and_nothing_is_no_number(found):
    for shared in found:
        assert all(
            np.isfinite(getattr(shared, name)).all() for name in ("demand", "supply", "served", "headroom", "bound")
        )
        assert (shared.served <= shared.demand + 1e-9).all()
        assert (shared.served <= shared.supply + 1e-9).all()
        assert (shared.headroom >= 0).all()
        assert (shared.supply <= shared.served + shared.headroom.min(axis=0) + 1e-9).all()
        assert (shared.served_gbps <= shared.most_gbps + 1e-9).all()
        assert shared.served_gbps.sum() == pytest.approx(shared.served.sum())


def test_what_binds_where(found):
    down, _ = found
    lid = binding(down.demand, down.served, down.short)
    assert lid[LAGOS] == BEAM  # 4 Tbps in a town, of which beams carry a dozen Gbps
    assert lid[SVALBARD] == SATELLITE  # beyond the reach of an inclined shell
    assert (lid[down.demand == 0] == DEMAND).all()
    assert down.served[LAGOS] / COUNT == pytest.approx(649.0 / 379.0 * 7.0, rel=1e-2)


def test_a_town_gets_what_its_beams_carry_at_every_hour(found):
    # Frankfurt asks for 33 to 300 Gbps, its beams carry 12.
    down, _ = found
    asked = np.array([market().need.at(hour * 24)[0][0, FRANKFURT] for hour in share.instants(DAY, COUNT).fraction])
    np.testing.assert_allclose(down.fraction[:, FRANKFURT], 649.2 / 379.0 * 7.0 / asked, rtol=2e-3)


def test_the_arc_takes_satellites_from_the_equator(found):
    down, _ = passed(on=market(arc=True))
    assert down.served.sum() <= found[0].served.sum() + 1e-6
    assert down.headroom[1][LAGOS] < found[0].headroom[1][LAGOS]


def test_without_gateways_there_is_no_service_and_gateways_bind():
    down, up = passed(at=())
    assert down.served.sum() == up.served.sum() == 0
    assert down.supply.sum() == 0
    lid = binding(down.demand, down.served, down.short)
    assert lid[LAGOS] == lid[FRANKFURT] == GATEWAY
    assert lid[SVALBARD] == SATELLITE


def test_more_gateways_serve_more_and_fewer_less(found):
    scarce, more = passed(gbps=5.0), passed(at=[*GATEWAYS, (-23.5, -46.6), (6.5, 3.4)], gbps=5.0)
    assert scarce[0].served.sum() < more[0].served.sum() <= found[0].served.sum() + 1e-6
    assert scarce[0].served_gbps.max() == pytest.approx(10.0)  # two gateways of 5 Gbps, and everybody asks for more


def test_lasers_off_serve_fewer_and_towns_far_from_gateways_are_bound_by_them(found):
    down, _ = passed(of=supply(lasers=False))
    assert down.served.sum() < found[0].served.sum()
    assert down.served[LAGOS] == down.served[SAO_PAULO] == 0
    assert binding(down.demand, down.served, down.short)[LAGOS] == GATEWAY
    assert down.served[FRANKFURT] > 0


def test_a_slow_mesh_binds_what_is_far_from_gateways():
    slow = supply()
    slow = replace(slow, laser_gbps=np.full(len(slow.laser_gbps), 0.2))
    down, _ = passed(of=slow)
    lid = binding(down.demand, down.served, down.short)
    assert lid[LAGOS] == lid[SAO_PAULO] == MESH
    assert down.served[LAGOS] > 0


def test_satellites_bind_where_they_are_weak():
    down, _ = passed(of=supply(down_gbps=1.0))
    assert binding(down.demand, down.served, down.short)[FRANKFURT] == SATELLITE


def test_up_and_down_never_mix(found):
    other = supply()
    other.gbps[share.UP] *= 10
    down, up = passed(of=other)
    np.testing.assert_array_equal(down.served, found[0].served)
    assert up.served.sum() >= found[1].served.sum() - 1e-6
    none = passed(of=replace(supply(), up_is_known=False))
    np.testing.assert_array_equal(none[0].served, found[0].served)
    assert none[1].served.sum() == 0 < none[1].demand.sum()


def test_nobody_at_work_leaves_demand_alone():
    nobody = supply()
    nobody = share.Supply(
        nobody.elements.clear(), np.zeros((2, 0)), np.zeros(0), np.empty((0, 3), np.int32), np.zeros(0)
    )
    down, _ = passed(of=nobody)
    assert down.served.sum() == 0 < down.demand.sum()
    assert binding(down.demand, down.served, down.short)[LAGOS] == SATELLITE


def test_beams_of_which_nothing_is_known_do_not_bind(found):
    down, _ = passed(on=replace(market(), beams=None))
    assert down.served.sum() > found[0].served.sum()
    assert np.isinf(down.headroom[0]).all()
    assert (binding(down.demand, down.served, down.short) != BEAM).all()


def test_threads_and_order_of_instants_do_not_matter(found, monkeypatch):
    monkeypatch.setattr(share, "THREADS", 1)
    monkeypatch.setattr(share, "BLOCK_INSTANTS", 2)
    down, _ = passed()
    np.testing.assert_allclose(down.served, found[0].served, rtol=1e-12)
    np.testing.assert_array_equal(down.fraction, found[0].fraction)


def test_the_first_round_gives_all_the_same_part_where_nothing_else_binds():
    # Two towns under the same satellites, gateways alone scarce: both get the same part of what they ask for.
    demand, claim = np.array([100.0, 300.0, 50.0]), np.array([100.0, 300.0, 2.0])
    runs = allocation.runs_of_edges(np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1]), 2)
    lids = allocation.Lids(claim, np.array([400.0, 400.0]), np.array([0, 0]), np.array([82.0]))
    fair = share.shared(runs, demand, share.Fed(None, None, lids, 82.0, 0.2))  # type: ignore[arg-type]
    assert fair.served.sum() == pytest.approx(82.0)
    assert fair.served[2] == pytest.approx(2.0)
    assert fair.served[0] / 100 == pytest.approx(fair.served[1] / 300, rel=0.02)


amounts = st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 1.0)), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(amounts, st.floats(0.0, 1.0))
def test_the_same_part_of_all_demands_has_the_total(rows, fraction):
    demand = np.array([row[0] for row in rows])
    claim = demand * np.array([row[1] for row in rows])
    total = claim.sum() * fraction
    found = share.part(demand, claim, total)
    assert 0 <= found <= 1
    assert np.minimum(found * demand, claim).sum() == pytest.approx(total, rel=1e-9, abs=1e-9)


def test_the_market_is_what_it_says():
    need = markets.need()
    assert need.at(20.0)[0][0, LAGOS] == pytest.approx(4_000.0)  # eight in the evening by its sun


@pytest.mark.parametrize(
    ("beam", "satellite", "gateway", "mesh", "together", "lid"),
    [
        (36.0, 900.0, 700.0, 1_200.0, 0.0, GATEWAY),  # beams have room, gateways and lasers together none
        (36.0, 900.0, 700.0, 300.0, 0.0, MESH),
        (0.0, 900.0, 700.0, 300.0, 0.0, BEAM),  # of two without room the one nearer to the user
        (4.0, 900.0, 700.0, 300.0, 0.0, BEAM),  # a twentieth of what is served is none
        (36.0, 20.0, 700.0, 300.0, 300.0, SATELLITE),
        (36.0, 900.0, 10.0, 300.0, 10.0, GATEWAY),
        (60.0, 0.0, 0.0, 0.0, 0.0, SATELLITE),  # nobody overhead
        (np.inf, 900.0, 700.0, np.inf, 700.0, GATEWAY),  # no figure of beams, no lasers
    ],
)
def test_the_lid_that_binds_is_the_one_without_room(beam, satellite, gateway, mesh, together, lid):
    headroom = np.array([[beam], [satellite], [gateway], [mesh]])
    assert share.tight(np.array([100.0]), headroom, np.array([together])).tolist() == [lid - 1]


def test_plenty_of_gateways_leaves_less_to_them_and_what_lids_leave_is_what_is_not_served():
    """With 1 Gbps a gateway as with a million."""
    plenty, _ = passed(gbps=1e6)
    few, _ = passed(gbps=1.0)
    assert plenty.short[GATEWAY - 1].sum() < few.short[GATEWAY - 1].sum()
    for one in (plenty, few):
        assert one.short.sum(axis=0) == pytest.approx(one.demand - one.served)
