"""Programs of cells, satellites and lids for tests of the allocation, and what every allocation must keep to."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from pipeline.geometry.allocation import Allocation, Lids, Runs, edges_of_runs, runs_of_edges

ROUNDING = 1e-9
Program = tuple[Runs, Lids]


@st.composite
def programs(draw: st.DrawFn, most: int = 9) -> Program:
    """Few cells, satellites and groups, lids and claims of 0 among them, sizes up to two orders apart."""
    cells, satellites, groups = draw(st.integers(1, most)), draw(st.integers(1, most)), draw(st.integers(0, 3))
    gbps = st.one_of(st.just(0.0), st.floats(0.1, 10.0))
    seen = draw(st.lists(st.tuples(st.integers(0, cells - 1), st.integers(0, satellites - 1)), max_size=4 * most))
    pairs = np.array(seen, np.int64).reshape(-1, 2)
    of = draw(st.lists(st.integers(-1, groups - 1), min_size=satellites, max_size=satellites))
    claim, lid, group = (np.array(draw(st.lists(gbps, min_size=n, max_size=n))) for n in (cells, satellites, groups))
    lids = Lids(claim.astype(float), lid.astype(float), np.array(of, np.int64), group.astype(float))
    return runs_of_edges(pairs[:, 0], pairs[:, 1], satellites), lids


def random_program(rng: np.random.Generator, cells: int, satellites: int, groups: int, seen: float) -> Program:
    """A program in which every pair sees each other with this probability, and claims and lids are lognormal, some of them 0."""
    pairs = np.argwhere(rng.random((cells, satellites)) < seen)
    claim, lid, group = (
        rng.lognormal(size=n) * mean * (rng.random(n) > 0.1)
        for n, mean in ((cells, 1.0), (satellites, 1.0 * cells / satellites), (groups, 1.0 * cells / max(groups, 1)))
    )
    of = rng.integers(-1, groups, satellites)
    return runs_of_edges(pairs[:, 0], pairs[:, 1], satellites), Lids(claim, lid, of, group)


def check(runs: Runs, lids: Lids, found: Allocation) -> None:
    """No bound is exceeded, sums agree, nothing is not a number, and nobody lacks what a satellite in view has left."""
    assert all(np.isfinite(x).all() and np.greater_equal(x, 0).all() for x in found)
    for value, lid in ((found.served, lids.claim), (found.load, lids.satellite), (found.group_load, lids.group)):
        assert value.shape == lid.shape
        assert (value <= lid * (1 + ROUNDING)).all()
    total = found.served.sum()
    np.testing.assert_allclose(found.load.sum(), total, rtol=ROUNDING, atol=1e-12)
    grouped = lids.group_of >= 0
    by_group = np.bincount(lids.group_of[grouped], found.load[grouped], len(lids.group))
    np.testing.assert_allclose(found.group_load, by_group, rtol=ROUNDING, atol=ROUNDING * total)
    cell, satellite = edges_of_runs(runs)
    full_group = np.append(found.group_load >= lids.group * (1 - ROUNDING), False)
    full = (found.load >= lids.satellite * (1 - ROUNDING)) | full_group[lids.group_of]
    lacks = found.served < lids.claim * (1 - ROUNDING)
    assert not (lacks[cell] & ~full[satellite]).any()
    seen = np.zeros(len(lids.claim), bool)
    seen[cell] = True
    assert (found.served[~seen] == 0).all()
