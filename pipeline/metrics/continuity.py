"""Geometric continuity: for what part of the day a cell has a satellite at work above the mask, by exact rise and set, without weather.

core.coverage_daily counts at instants, and what rises or sets between two of them it does not see. Here every rise and set that leaves a cell
with fewer than two satellites is found to the millisecond. It is a necessary condition of service, not an availability: rain, obstruction,
load and what operators switch off are not in it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time
from functools import reduce
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import passes
from pipeline.geometry.constants import WGS72_MU_KM3_PER_S2, WGS84_SEMI_MINOR_KM
from pipeline.geometry.grid import Rings
from pipeline.geometry.passes import BESIDE, STEP_S, STEP_US, Stands, Watch, Watcher
from pipeline.geometry.propagation import Fleet, instants_from
from pipeline.table import Column, Table

DAY_US = 86_400 * 1_000_000
STEPS = 86_400 // STEP_S
# Steps that are propagated together, and windows that threads take beside each other.
BLOCK_STEPS = 48
WINDOWS = THREADS = 2
# A cell that sees so many satellites at every instant that is counted always has two, where instants are a minute apart or less, and where they
# are rarer: docs/limits.md says how far that is tried.
STEADY_STEP_S, STEADY_COUNT, STEADY_COUNT_OF_RARE = 60, 6, 12
# The ellipsoid's normal, the pull of J2 and the mean elements move the edge of where a satellite ever comes by less.
_MARGIN_RAD = 0.03

TABLE = Table(
    "core.continuity_daily",
    "one row per day, constellation and cell with people or demand: geometric continuity",
    (
        Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("cell_id", "cell", "", "HEALPix cell, nested", key=True),
        Column("continuous_fraction", "number", "1", "Fraction of the day with at least one broadband satellite at work above the mask, by exact rise and set, without weather", 0, 1),
        Column("continuous_2_fraction", "number", "1", "The same with at least two", 0, 1),
        Column("longest_gap_exact_s", "number", "s", "Longest time of the day without any, by exact rise and set; 86400 where there never is one", 0, 86_400),
        Column("gap_count", "integer", "", "Times of the day without any, however short", 0, 86_400),
    ),
)  # fmt: skip


def wanted(cell: pl.DataFrame, capacity: pl.DataFrame) -> pl.Series:
    """Cells with people (dim.cell) or demand (core.capacity_daily): their ids, in order."""
    people = cell.filter(pl.col("population_count") > 0)["cell_id"]
    asked = capacity.filter((pl.col("demand_down_gbps") > 0) | (pl.col("demand_up_gbps") > 0))["cell_id"]
    return pl.concat([people, asked]).unique().sort()


def unsteady(coverage: pl.DataFrame, cells: pl.Series, step_s: int) -> pl.Series:
    """Those of the cells whose rises and sets must be looked at: rows of core.coverage_daily of one constellation, its step [s]."""
    least = STEADY_COUNT if step_s <= STEADY_STEP_S else STEADY_COUNT_OF_RARE
    return coverage.filter(pl.col("visible_min_count") < least, pl.col("cell_id").is_in(cells.implode()))["cell_id"]


def watched(elements: pl.DataFrame, of: Stands, mask_deg: float, day: date) -> Watch:
    """What stands see of satellites (OMM fields) above the mask [deg] over a day."""
    near = elements.filter(_comes_near(elements, of, mask_deg)) if elements.height and len(of) else elements.clear()
    fleet = Fleet(near) if near.height else None
    edges = np.linspace(0, STEPS, WINDOWS + 1).astype(int).tolist()
    with ThreadPoolExecutor(THREADS) as pool:  # the kernels leave the interpreter's lock alone
        parts = pool.map(lambda span: window(fleet, of, mask_deg, day, *span), pairwise(edges))
        return reduce(Watch.merged, parts)


def _comes_near(elements: pl.DataFrame, of: Stands, mask_deg: float) -> pl.Series:
    """Whether satellites ever come so near to the latitude of a stand that they may be above its mask."""
    motion_rad_per_s = elements["mean_motion_rev_per_day"].to_numpy() * (2 * np.pi / 86_400)
    apogee_km = (WGS72_MU_KM3_PER_S2 / motion_rad_per_s**2) ** (1 / 3) * (1 + elements["eccentricity"].to_numpy())
    inclination, mask = np.radians(elements["inclination_deg"].to_numpy()), np.radians(mask_deg)
    reach = np.arccos(np.minimum(WGS84_SEMI_MINOR_KM * np.cos(mask) / apogee_km, 1)) - mask
    return pl.Series(np.minimum(inclination, np.pi - inclination) + reach + _MARGIN_RAD >= of.lowest_rad)


def window(fleet: Fleet | None, of: Stands, mask_deg: float, day: date, first: int, last: int) -> Watch:
    """As `watched`, the steps `first` to `last` - 1 of the day; no fleet: nobody."""
    watcher = Watcher(of, mask_deg, first * STEP_US)
    for begin in range(first, last, BLOCK_STEPS):
        end = min(begin + BLOCK_STEPS, last)
        watcher.look(_positions(fleet, day, begin, end))
    return watcher.seen()


def _positions(fleet: Fleet | None, day: date, first: int, last: int) -> NDArray[np.float64]:
    """Earth-fixed positions [km] of the nodes about the steps `first` to `last` - 1, (node, 3, satellite)."""
    low, high = first - BESIDE, last + BESIDE + 1
    if fleet is None:
        return np.empty((high - low, 3, 0))
    nodes = instants_from(datetime.combine(day, time()), STEP_S, low, high)
    return np.ascontiguousarray(np.moveaxis(fleet.positions(nodes)[0], 0, 2))


def compute(
    constellation: str,
    day: date,
    cells: pl.Series,
    rings: Rings,
    look: pl.Series,
    elements: pl.DataFrame,
    mask_deg: float,
) -> pl.DataFrame:
    """Rows of core.continuity_daily of one constellation.

    cells: ids of the cells that have a row. look: those among them whose rises and sets are looked at; the others always see two.
    elements: those of the satellites at work; mask_deg: the constellation's mask [deg].
    """
    of = passes.stands(rings, np.isin(rings.nest_of_ring, look.to_numpy()))
    seen = watched(elements, of, mask_deg, day)
    found = pl.DataFrame(
        {
            "cell_id": of.nest,
            "continuous_fraction": seen.one_us / DAY_US,
            "continuous_2_fraction": seen.two_us / DAY_US,
            "longest_gap_exact_s": seen.longest_us / 1e6,
            "gap_count": seen.gaps,
        }
    )
    rows = cells.cast(pl.UInt64).to_frame("cell_id").join(found, on="cell_id", how="left").with_columns(
        pl.col("continuous_fraction", "continuous_2_fraction").fill_null(1.0),
        pl.col("longest_gap_exact_s", "gap_count").fill_null(0),
        pl.lit(day).alias("day"),
        pl.lit(constellation).alias("constellation"),
    )  # fmt: skip
    return TABLE.conform(rows)
