"""Sharing satellites over cells for the benchmark: the sample's Starlinks at an instant over a whole grid, and whether answers are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import allocation
from pipeline.geometry.allocation import Lids, Runs
from pipeline.geometry.grid import rings
from pipeline.geometry.propagation import Fleet, Instants
from pipeline.geometry.visibility import ring_geometry

# Lids of satellites [Gbps] and of claims are made up: three generations, claims that differ from cell to cell as those of a land do, in
# all as much as satellites have, and regions of 20 degrees whose gateways carry all, 0.7, 0.3 or nothing of what is above them.
LIDS_GBPS = (20.0, 80.0, 96.0)
CLAIMS_SIGMA = 1.5
REGION_DEG = 20.0
CARRIED = (1.5, 0.7, 0.3, 0.0)
# Below that what is given is not an answer, and its time means nothing.
LEAST_FLOW, LEAST_LEVEL = 0.96, 0.95


class NotAnAnswerError(RuntimeError):
    """What we give is too far from the exact answer, so that times mean nothing."""


@dataclass(frozen=True)
class Program:
    """Who sees whom and under which lids, and our two answers."""

    runs: Runs
    lids: Lids

    def most(self) -> float:
        """What we give in all [Gbps]."""
        return float(allocation.greedy(self.runs, self.lids).served.sum())

    def level(self) -> float:
        """The least level that we give."""
        return allocation.max_min(self.runs, self.lids).level

    @property
    def size(self) -> str:
        """How large it is, in words."""
        return f"{len(self.lids.claim):,} cells, {self.runs.satellite_count:,} Starlinks, {self.runs.edge_count:,} pairs in view"


def positions(elements: pl.DataFrame, instants: Instants) -> NDArray[np.float64]:
    """Where the sample's Starlinks are at the first instant [km], (3, satellite)."""
    ours = elements.filter(pl.col("object_name").str.starts_with("STARLINK"))
    return np.ascontiguousarray(Fleet(ours).positions(instants.part(0, 1))[0][:, 0].T)


def program(r_ecef_km: NDArray[np.float64], order: int, mask_deg: float) -> Program:
    """All cells of a grid and satellites at these positions [km], (3, satellite)."""
    geometry, rng = ring_geometry(rings(order)), np.random.default_rng(1)
    runs = allocation.runs_in_view(r_ecef_km, mask_deg, geometry, np.ones(geometry.cell_count, np.bool_))
    satellite = rng.choice(LIDS_GBPS, r_ecef_km.shape[1])
    claim = rng.lognormal(0.0, CLAIMS_SIGMA, geometry.cell_count)
    longitude_deg = np.degrees(np.arctan2(r_ecef_km[1], r_ecef_km[0])) + 180.0
    latitude_deg = np.degrees(np.arctan2(r_ecef_km[2], np.hypot(r_ecef_km[0], r_ecef_km[1]))) + 90.0
    columns = int(360 / REGION_DEG)
    group_of = (latitude_deg // REGION_DEG * columns + longitude_deg // REGION_DEG % columns).astype(np.int64)
    groups = int(180 / REGION_DEG + 1) * columns
    carried = np.bincount(group_of, satellite, groups) * rng.choice(CARRIED, groups, p=(0.4, 0.3, 0.25, 0.05))
    return Program(runs, Lids(claim * (satellite.sum() / claim.sum()), satellite, group_of, carried))


def flow_of(ours: float) -> Callable[[NDArray[np.float64]], str]:
    """What part of the exact flow [Gbps] we give, in words. Raises NotAnAnswerError where it is too little, or more than there is."""
    return lambda theirs: f"{_part(ours, float(theirs), LEAST_FLOW):.2%} of its throughput is ours"


def level_of(ours: float) -> Callable[[NDArray[np.float64]], str]:
    """As flow_of, of the exact level."""
    return lambda theirs: f"{_part(ours, float(theirs), LEAST_LEVEL):.2%} of its level is ours"


def _part(ours: float, theirs: float, least: float) -> float:
    part = ours / theirs if theirs > 0 else 1.0
    # What is exact comes in whole units, of all of which some may be lost by rounding down.
    if not least <= part <= 1 + 1e-4:
        raise NotAnAnswerError(f"ours is {part:.4f} of the exact answer, and {least} to 1 is allowed")
    return part
