"""Exact answers to what geometry.allocation answers quickly, by others' well-kept solvers: a maximum flow by scipy, programs by HiGHS.

The graph runs from a source over cells to the satellites that they see, from there to the groups, and to the sink. Figures are given
back; whoever asked compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from pipeline.geometry.allocation import Lids
from pipeline.geometry.runs import Runs, edges_of_runs

# Programs of up to so many pairs go to HiGHS, in floating numbers; larger ones to a maximum flow, which it takes minutes for.
SMALL_EDGES = 2_000
# scipy's maximum flow takes 32-bit integers: all of the claims together are so many units.
UNITS = 2**30
# So much of all claims may be lost where each is rounded down to whole units.
ROUNDED = 1e-4
# Newton's method on cuts ends by itself, as each step finds a tighter cut; it took up to 12.
MOST_CUTS = 100


class NotSolvedError(RuntimeError):
    """A solver gave no answer, or Newton's method on cuts has not ended."""


def most_gbps(runs: Runs, lids: Lids) -> float:
    """The greatest throughput that claims and lids allow [Gbps]: by HiGHS, or where there are many pairs by scipy's maximum flow.

    runs, lids: as in geometry.allocation. The flow is in whole units, 2^-30 of all claims, and all bounds are rounded down to them.
    Raises NotSolvedError where HiGHS gives no answer.
    """
    total = float(lids.claim.sum())
    if total <= 0.0 or not runs.edge_count:
        return 0.0
    if runs.edge_count <= SMALL_EDGES:
        return most_by_program(runs, lids)
    return most_by_flow(runs, lids)


def largest_level(runs: Runs, lids: Lids) -> float:
    """The largest part of its claim, at most 1, that every cell which claims something and can be reached may have together.

    runs, lids: as in geometry.allocation; 1 where no cell can be reached. By HiGHS, or where there are many pairs by Newton's method on
    cuts, whose answer is at or above the exact one, by as little as 2^-30 of all claims make of those of its cut.
    Raises NotSolvedError where HiGHS gives no answer or the method does not end.
    """
    counted = reached(runs, lids)
    if not counted.any():
        return 1.0
    lids = lids._replace(claim=np.where(counted, lids.claim, 0.0))
    if runs.edge_count <= SMALL_EDGES:
        return _Program(runs, lids).level(np.full(len(counted), np.nan), counted)
    return level_by_cuts(runs, lids)


def largest_part(runs: Runs, lids: Lids, demand: NDArray[np.float64]) -> float:
    """The largest part of its demand, but no more than its claim, that every cell which can be reached may have together; by maximum flows.

    runs, lids: as in geometry.allocation. demand: of each cell [Gbps], no less than its claim, (cell,). By halves of an interval: what is given
    back fits, and a thousandth more does not. 1 where all claims fit. Raises NotSolvedError where HiGHS gives no answer.
    """
    counted = reached(runs, lids)
    claim = np.where(counted, lids.claim, 0.0)

    def fits(part: float) -> bool:
        asked = lids._replace(claim=np.minimum(part * demand, claim))
        return most_gbps(runs, asked) >= float(asked.claim.sum()) * (1 - ROUNDED)

    low, high = 0.0, float(np.max(claim[counted] / demand[counted], initial=0.0))
    if not counted.any() or fits(high):
        return 1.0
    while high - low > 1e-3 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def max_min_exact(runs: Runs, lids: Lids) -> NDArray[np.float64]:
    """The lexicographic max-min of served per claim, (cell,), not a number where a cell claims nothing or cannot be reached.

    By a sequence of programs: the level of those that are not settled is raised as far as it goes, and whoever cannot be raised beyond
    it alone is settled there. A program for every cell at every level: for small cases. Raises NotSolvedError.
    """
    counted = reached(runs, lids)
    program = _Program(runs, lids._replace(claim=np.where(counted, lids.claim, 0.0)))
    parts, open_cells = np.full(len(counted), np.nan), counted.copy()
    while open_cells.any():
        level = program.level(parts, open_cells)
        floor = np.where(open_cells, level, parts)
        stuck = [c for c in np.flatnonzero(open_cells).tolist() if program.most_of(c, floor) <= level + 1e-7]
        if level < 1 - 1e-9 and not stuck:
            raise NotSolvedError(f"no cell is settled at the level {level}")
        settled = open_cells if level >= 1 - 1e-9 else np.isin(np.arange(len(parts)), stuck)
        parts[settled] = level
        open_cells &= ~settled
    return parts


def reached(runs: Runs, lids: Lids) -> NDArray[np.bool_]:
    """Cells that claim something and see a satellite which may give, whose lid and whose group's are above 0, (cell,)."""
    group = np.append(lids.group, np.inf)[lids.group_of]
    gives = (lids.satellite > 0.0) & (group > 0.0)
    cell, satellite = edges_of_runs(runs)
    seen = np.zeros(len(lids.claim), np.bool_)
    seen[cell[gives[satellite]]] = True
    return seen & (lids.claim > 0.0)


# --- programs --------------------------------------------------------------------------------------------------------


class _Program:
    """A program in flows over pairs of a cell and a satellite, and the level as the last variable."""

    def __init__(self, runs: Runs, lids: Lids) -> None:
        self.claim = lids.claim
        cell, satellite = edges_of_runs(runs)
        self.cells = _members(cell, len(lids.claim))
        grouped = np.flatnonzero(lids.group_of[satellite] >= 0)
        groups = coo_array(
            (np.ones(len(grouped)), (lids.group_of[satellite[grouped]], grouped)), (len(lids.group), len(cell))
        )
        self.bounds = vstack([self.cells, _members(satellite, len(lids.satellite)), groups])
        self.lids = np.concatenate([lids.claim, lids.satellite, lids.group])

    def most(self) -> float:
        """Greatest sum of flows [Gbps]."""
        return self._solve(
            np.append(np.ones(self.cells.shape[1]), 0.0), np.zeros(len(self.claim)), np.zeros(0, np.int64)
        )

    def level(self, parts: NDArray[np.float64], open_cells: NDArray[np.bool_]) -> float:
        """Largest level of the open cells where the others get these parts of their claims at least."""
        floor = np.where(open_cells | np.isnan(parts), 0.0, parts)
        return self._solve(np.append(np.zeros(self.cells.shape[1]), 1.0), floor, np.flatnonzero(open_cells))

    def most_of(self, cell: int, floor: NDArray[np.float64]) -> float:
        """Largest part of its claim that a cell gets where all get these parts at least."""
        aim = np.append(self.cells.tocsr()[[cell]].toarray()[0] / self.claim[cell], 0.0)
        return self._solve(aim, np.nan_to_num(floor), np.zeros(0, np.int64))

    def _solve(self, aim: NDArray[np.float64], floor: NDArray[np.float64], leveled: NDArray[np.int64]) -> float:
        """The greatest `aim` where cells get at least these parts, and those that are leveled the level."""
        needs = -self.cells.tocsr()
        level = np.zeros((len(self.claim), 1))
        level[leveled, 0] = self.claim[leveled]
        unbound = coo_array((len(self.lids), 1))
        bounds = vstack([hstack([self.bounds, unbound]), hstack([needs, coo_array(level)])]).tocsr()
        # A floor that was reached once is given a hair's breadth, so that rounding does not make a program infeasible.
        lids = np.concatenate([self.lids, -floor * self.claim * (1 - 1e-9)])
        limits = [(0.0, None)] * self.cells.shape[1] + [(0.0, 1.0)]
        found = linprog(-aim, A_ub=bounds, b_ub=lids, bounds=limits, method="highs")
        if found.x is None:
            raise NotSolvedError(f"HiGHS gives no answer: {found.message}")
        return float(-found.fun)


def _members(owner: NDArray[np.int64], count: int) -> coo_array:
    """Which pairs belong to whom, (owner, pair)."""
    return coo_array((np.ones(len(owner)), (owner, np.arange(len(owner)))), (count, len(owner)))


def most_by_program(runs: Runs, lids: Lids) -> float:
    """As most_gbps, by HiGHS."""
    return _Program(runs, lids).most()


# --- flows -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graph:
    """Nodes: cells, then satellites, then groups, then source and sink. `tail`, `head`: where the edges start and end, (edge,), of which
    the first (cell,) are those from the source, and then those between cells and satellites, which nothing bounds."""

    cells: int
    satellites: int
    groups: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    sightings: int

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.cells + self.satellites + self.groups + 2


def graph(runs: Runs, lids: Lids) -> Graph:
    """The graph of a program."""
    cells, satellites, groups = len(lids.claim), len(lids.satellite), len(lids.group)
    cell, satellite = edges_of_runs(runs)
    source, sink = cells + satellites + groups, cells + satellites + groups + 1
    onward = np.where(lids.group_of < 0, sink, cells + satellites + lids.group_of)
    tail = [np.full(cells, source), cell, np.arange(satellites) + cells, np.arange(groups) + cells + satellites]
    head = [np.arange(cells), satellite + cells, onward, np.full(groups, sink)]
    return Graph(
        cells, satellites, groups, np.concatenate(tail).astype(np.int32), np.concatenate(head).astype(np.int32), len(cell)
    )  # fmt: skip


def matrix(of: Graph, lids: Lids, level: float, unit_gbps: float) -> csr_array:
    """Capacities of the edges in whole units [unit_gbps], where every cell asks for `level` of its claim: int32 (node, node).

    All are rounded down.
    """
    most = np.int64(2**31 - 1)
    claim = np.floor(lids.claim * level / unit_gbps)
    rest = [np.floor(np.minimum(lid / unit_gbps, most)) for lid in (lids.satellite, lids.group)]
    capacity = np.concatenate([claim, np.full(of.sightings, most), *rest]).astype(np.int32)
    return coo_array((capacity, (of.tail, of.head)), (of.nodes, of.nodes)).tocsr()


def most_by_flow(runs: Runs, lids: Lids) -> float:
    """As most_gbps, by scipy's maximum flow."""
    of, unit = graph(runs, lids), float(lids.claim.sum()) / UNITS
    return float(maximum_flow(matrix(of, lids, 1.0, unit), of.nodes - 2, of.nodes - 1).flow_value) * unit


def level_by_cuts(runs: Runs, lids: Lids) -> float:
    """As largest_level where every claim counts, by Newton's method on cuts.

    Where a level is too much, the least cut of a maximum flow names cells that claim more than all who see them may give; what those
    may give, by their claim, is the next level: every one on the way is at or above the answer.
    """
    of, level = graph(runs, lids), 1.0
    for _ in range(MOST_CUTS):
        cells, satellites, groups = least_cut(of, lids, level)
        given = float(lids.satellite[satellites].sum() + lids.group[groups].sum())
        claimed = float(lids.claim[cells].sum())
        lower = given / claimed if claimed > 0.0 else level
        if lower >= level * (1 - 1e-12):
            return level
        level = lower
    raise NotSolvedError(f"no level was found after {MOST_CUTS} cuts; the last was {level}")


def least_cut(of: Graph, lids: Lids, level: float) -> tuple[Any, Any, Any]:
    """Cells on the source's side of a least cut where every cell asks for `level`, and the satellites and groups that bound them."""
    source, total = of.nodes - 2, float(lids.claim.sum()) * level
    capacity = matrix(of, lids, level, total / UNITS)
    flow = maximum_flow(capacity, source, source + 1).flow
    left = (capacity - flow).tocsr()
    left.eliminate_zeros()
    near = np.zeros(of.nodes, np.bool_)
    near[breadth_first_order(left, source, return_predecessors=False)] = True
    cells, far = near[: of.cells], ~near
    satellite, onward = of.tail[of.cells + of.sightings :], of.head[of.cells + of.sightings :]
    cut = near[satellite] & far[onward]
    return cells, cut[: of.satellites], cut[of.satellites :]
