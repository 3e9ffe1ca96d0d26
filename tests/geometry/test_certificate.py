"""The certificates against each other and against what a person sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from pipeline.geometry import certificate
from pipeline.geometry.allocation import Lids, runs_of_edges
from tests.geometry.programs import Program, programs, random_program


@settings(deadline=None, max_examples=100)
@given(program=programs())
def test_flows_and_programs_agree(program: Program) -> None:
    runs, lids = program
    if runs.edge_count and lids.claim.sum() > 0:
        assert certificate.most_by_flow(runs, lids) == pytest.approx(certificate.most_gbps(runs, lids), abs=1e-5)
    counted = certificate.reached(runs, lids)
    if counted.any():
        kept = lids._replace(claim=np.where(counted, lids.claim, 0.0))
        assert certificate.level_by_cuts(runs, kept) == pytest.approx(certificate.largest_level(runs, lids), abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_flows_and_programs_agree_where_they_are_larger(seed: int) -> None:
    runs, lids = random_program(np.random.default_rng(seed), 60, 30, 4, 0.1)
    assert certificate.most_by_flow(runs, lids) == pytest.approx(certificate.most_by_program(runs, lids), rel=1e-6)
    counted = certificate.reached(runs, lids)
    kept = lids._replace(claim=np.where(counted, lids.claim, 0.0))
    level = certificate.largest_level(runs, lids)
    assert certificate.level_by_cuts(runs, kept) == pytest.approx(level, rel=1e-5)
    assert np.nanmin(certificate.max_min_exact(runs, lids)) == pytest.approx(level, rel=1e-5)


def test_cells_that_cannot_be_reached_do_not_count() -> None:
    runs = runs_of_edges(np.array([0, 1, 2, 3]), np.array([0, 1, 2, 2]), 3)
    lids = Lids(np.array([1.0, 1.0, 1.0, 0.0, 1.0]), np.array([0.5, 0.0, 1.0]), np.array([-1, -1, 0]), np.array([0.0]))
    np.testing.assert_array_equal(certificate.reached(runs, lids), [True, False, False, False, False])
    assert certificate.largest_level(runs, lids) == pytest.approx(0.5)
    assert certificate.largest_level(runs, lids._replace(satellite=np.zeros(3))) == 1
    assert certificate.most_gbps(runs, lids) == pytest.approx(0.5)
    assert certificate.most_gbps(runs, lids._replace(claim=np.zeros(5))) == 0


def test_a_method_that_does_not_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, lids = random_program(np.random.default_rng(0), 60, 30, 0, 0.1)
    monkeypatch.setattr(certificate, "MOST_CUTS", 1)
    with pytest.raises(certificate.NotSolvedError, match="after 1 cuts"):
        certificate.level_by_cuts(runs, lids._replace(claim=lids.claim * 10))
