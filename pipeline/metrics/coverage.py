"""Who is covered: satellites in view of every cell over the day, with a true WGS-84 elevation mask, and what the protection of the
geostationary arc leaves of them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import Constellation
from pipeline.geometry import arc, sight, tally
from pipeline.geometry.grid import Rings
from pipeline.geometry.tally import Tally
from pipeline.metrics.sweep import SIDE_MASK_DEG, Seen
from pipeline.table import Column, Table

# Prefix of the columns of a tally, and what it counts.
_COUNTED = {
    "visible": "Broadband satellites at work above the mask",
    "usable": "Those that the protection of the geostationary arc leaves",
}


def _columns(prefix: str) -> tuple[Column, ...]:
    """The columns of one tally."""
    covered = "covered" if prefix == "visible" else "usable"
    gap = "longest_gap_s" if prefix == "visible" else "usable_longest_gap_s"
    what = _COUNTED[prefix]
    return (
        Column(f"{prefix}_mean_count", "number", "", f"{what}, mean of the day", 0, 20_000),
        Column(f"{prefix}_min_count", "integer", "", "The same, minimum of the day", 0, 20_000),
        Column(f"{prefix}_p05_count", "integer", "", "The same, 5th percentile of the day's instants (nearest rank)", 0, 20_000),
        Column(f"{prefix}_40deg_mean_count", "number", "", f"{what}, but at {SIDE_MASK_DEG:g} degrees, mean of the day", 0, 20_000),
        Column(f"{covered}_fraction", "number", "1", "Fraction of the day with at least one", 0, 1),
        Column(f"{covered}_2_fraction", "number", "1", "Fraction of the day with at least two", 0, 1),
        Column(f"{covered}_4_fraction", "number", "1", "Fraction of the day with at least four", 0, 1),
        Column(gap, "integer", "s", "Longest time of the day without any; 86400 where there never is one", 0, 86_400),
    )  # fmt: skip


_BEST = Column(
    "best_elevation_mean_deg", "number", "deg",
    "Elevation of the highest satellite in view, mean of the instants with one, every 5 minutes; null where there is none", 0, 90,
    nullable=True,
)  # fmt: skip
_DAY = Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True)
_CELL = Column("cell_id", "cell", "", "HEALPix cell, nested", key=True)

TABLE = Table(
    "core.coverage_daily",
    "one row per day, constellation and cell",
    (
        _DAY,
        Column("constellation", "constellation", "", "Constellation", key=True),
        _CELL,
        *_columns("visible"),
        _BEST,
        *_columns("usable"),
    ),
)

TOGETHER = Table(
    "core.coverage_together_daily",
    "one row per day and cell: all five constellations together, each above its own mask",
    (_DAY, _CELL, *_columns("visible"), _BEST, *_columns("usable")),
)


def zone(
    constellation: Constellation, day: date, cell_country: pl.DataFrame, rings: Rings, cells: sight.Cells
) -> arc.Zone:
    """What the protection of the geostationary arc takes on a day in every cell of a grid, or of a band of it.

    A cell belongs to the country that has most of its area (dim.cell_country); at sea, and where no country has a rule of its own, the
    rule for everywhere else holds.
    """
    rules = constellation.arc_rules_on(day)
    most = cell_country.sort("area_fraction", "country_iso3").group_by("cell_id").last()
    number = {code: k for k, rule in enumerate(rules) for code in rule.countries}
    special = most.select("cell_id", pl.col("country_iso3").replace_strict(number, default=0, return_dtype=pl.UInt8))
    of_nest = np.zeros(int(max(rings.nest_of_ring.max(), special["cell_id"].max() or 0)) + 1, np.uint8)
    of_nest[special["cell_id"].to_numpy()] = special["country_iso3"].to_numpy()
    ring = np.repeat(np.arange(rings.cell_count.size), rings.cell_count)
    step_rad = 2 * np.pi / rings.cell_count[ring]
    longitude_rad = np.radians(rings.longitude_start_deg[ring]) + (np.arange(ring.size) - rings.first[ring]) * step_rad
    geometry, angles_deg = cells.geometry, tuple(rule.angle_deg for rule in rules)
    return arc.zone(geometry.across_km, geometry.up_km, angles_deg, of_nest[rings.nest_of_ring], ring, longitude_rad)


def compute(seen: Seen, rings: Rings, constellation: str, day: date, step_s: int) -> pl.DataFrame:
    """core.coverage_daily of one constellation from what cells saw of it all day; `step_s` is the time between instants [s].

    A gap that the tally saw as k instants lasts k steps: its true length lies within one step of that, or is less where a pass between two
    instants went unseen (metrics.continuity has the exact one).
    """
    frame = _frame(seen, rings, day, step_s).with_columns(pl.lit(constellation).alias("constellation"))
    return TABLE.conform(frame)


def compute_together(together: Seen, rings: Rings, day: date, step_s: int) -> pl.DataFrame:
    """core.coverage_together_daily from what cells saw of all constellations together all day."""
    return TOGETHER.conform(_frame(together, rings, day, step_s))


def _frame(seen: Seen, rings: Rings, day: date, step_s: int) -> pl.DataFrame:
    highest, usable = seen.highest, seen.usable or seen.visible
    with np.errstate(invalid="ignore", divide="ignore"):
        best_deg = highest.sum_mdeg / highest.count / 1_000
    values = {
        "cell_id": rings.nest_of_ring,
        **_values("visible", seen.visible, seen.side, step_s),
        "best_elevation_mean_deg": best_deg,
        **_values("usable", usable, seen.side_usable, step_s),
    }
    return pl.DataFrame(values).with_columns(pl.lit(day).alias("day"), pl.col("best_elevation_mean_deg").fill_nan(None))


def _values(prefix: str, counted: Tally, side: NDArray[np.int64], step_s: int) -> dict[str, NDArray[np.generic]]:
    """The columns of one tally, in the order of _columns."""
    found = tally.statistics(counted)
    values = (
        found.mean_count, found.min_count, found.p05_count, side / counted.count,
        found.at_least_1_fraction, found.at_least_2_fraction, found.at_least_4_fraction,
        found.longest_gap_instants.astype(np.int64) * step_s,
    )  # fmt: skip
    return {column.name: value for column, value in zip(_columns(prefix), values, strict=True)}
