"""Capacity of cells: what is overhead, what could be served there, what is served, and which lid binds.

A lid is what would be served if it alone limited: the beams over the cell, the satellites in view, the gateways that feed them, the mesh
in between. Its headroom is that less what is served. At an instant the lid with the least headroom binds, and what is not served of the
demand is its doing; over a day that which leaves the most unserved, or demand where it is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.grid import Rings
from pipeline.metrics.sweep import Seen
from pipeline.table import BINDING, Column, Table

LIDS = BINDING[1:]  # beyond demand
WAYS = ("down", "up")


def _both(name: str, meaning: str, *, nullable: tuple[bool, bool] = (False, True)) -> list[Column]:
    return [
        Column(f"{name}_{way}_gbps", "number", "Gbps", f"{meaning}, {words}, mean of the day", 0, nullable=may)
        for way, words, may in zip(WAYS, ("to users", "from users"), nullable, strict=True)
    ]


TABLE = Table(
    "core.capacity_daily",
    "one row per day, constellation and cell",
    (
        Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("cell_id", "cell", "", "HEALPix cell, nested", key=True),
        Column("visible_down_gbps", "number", "Gbps", "Downlink of all broadband satellites in view, mean of the day; not what the cell can be sold: each satellite is shared with the rest of its footprint", 0, 2_000_000),
        *_both("demand", "All broadband demand of the cell, AI included, whoever serves it today", nullable=(False, False)),
        *_both("ai_demand", "AI's part in the demand; what no ledger knows counts as none", nullable=(False, False)),
        *_both("supply", "What could be served there if more were asked for: the least of all lids; from users null where no uplink figure is known"),
        *_both("served", "What is served in a fair share; from users null where no uplink figure is known"),
        Column("served_fraction_p50", "number", "1", "Part of the demand to users that is served, median of the instants; null without demand", 0, 1, nullable=True),
        Column("served_fraction_p05", "number", "1", "The same, 5th percentile of the instants", 0, 1, nullable=True),
        Column("utilisation_fraction", "number", "1", "served_down_gbps over supply_down_gbps; 0 without supply", 0, 1),
        Column("binding", "binding", "", "The lid that leaves the most of the demand to users unserved; demand where all of it but a thousandth is served, or there is none"),
        Column("binding_up", "binding", "", "The same from users; null where no uplink figure is known", nullable=True),
        *(column for lid, meaning, never in (
            ("beam", "What beams would let through beyond what is served; null where no figure of beams is known", True),
            ("satellite", "What satellites in view have left", False),
            ("gateway", "What gateways could still feed to one of the satellites in view, or to others near it", False),
            ("mesh", "What lasers could still carry there; null where no satellite has any", True),
        ) for column in _both(f"{lid}_headroom", meaning, nullable=(never, True))),
        *(column for lid in LIDS for column in _both(f"{lid}_short", f"What is not served of the demand while {lid} binds: all four sum to what is not served")),
    ),
)  # fmt: skip

# What the pass over the sky leaves; the rest comes from the pass over the network.
SEEN = ("cell_id", "constellation", "visible_down_gbps")
MBPS_PER_GBPS = 1000


def weight_mbps(satellites: pl.DataFrame, generation: pl.DataFrame) -> NDArray[np.int64]:
    """Downlink of each satellite [Mbps], whole numbers so that sums are exact; shape (satellite,).

    Raises ValueError where a generation has no figure: a capacity that is unknown is not zero.
    """
    down_gbps = satellites.join(generation, on="generation", how="left", maintain_order="left")["down_gbps"]
    if down_gbps.null_count():
        names = satellites.filter(down_gbps.is_null())["generation"].unique().sort().to_list()
        raise ValueError(f"no downlink figure for {', '.join(names)}: add a row to satellite_generations.csv")
    return np.rint(down_gbps.to_numpy() * MBPS_PER_GBPS).astype(np.int64)


def visible(seen: Seen, rings: Rings, constellation: str) -> pl.DataFrame:
    """Rows of SEEN of one constellation from what cells saw of it all day, weighted with weight_mbps."""
    return pl.DataFrame(
        {
            "cell_id": rings.nest_of_ring,
            "constellation": [constellation] * len(rings.nest_of_ring),
            "visible_down_gbps": seen.weight / (seen.visible.count * MBPS_PER_GBPS),
        }
    )


@dataclass(frozen=True)
class Grid:
    """How the cells of a table follow from those that capacity is shared over: `cell_id` of each, its `parent` among these (its place in ring
    order), and its part of the parent's demand and area, (cell,) each. Grids finer than that divide what their parents have."""

    cell_id: NDArray[np.uint64]
    parent: NDArray[np.int64]
    demand_part: NDArray[np.float64]
    area_part: NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """Means of a day of one way [Gbps], (parent,) in ring order, and what is not known of it: headroom and short are (4, parent), in the order of LIDS."""

    demand: NDArray[np.float64]
    ai: NDArray[np.float64]
    supply: NDArray[np.float64]
    served: NDArray[np.float64]
    headroom: NDArray[np.float64]
    short: NDArray[np.float64]
    known: bool
    unknown_lids: tuple[str, ...]


def compute(
    seen: pl.DataFrame,
    grid: Grid,
    down: Figures,
    up: Figures,
    served_fraction: NDArray[np.float64],
    constellation: str,
    day: date,
) -> pl.DataFrame:
    """core.capacity_daily of one constellation.

    seen: its rows of `visible`. served_fraction: median and 5th percentile over instants, (2, parent), not a number without demand.
    """
    columns: dict[str, NDArray[np.generic] | pl.Series] = {"cell_id": grid.cell_id}
    for way, figures in zip(WAYS, (down, up), strict=True):
        columns |= _way(way, grid, figures)
    asked = np.asarray(columns["demand_down_gbps"]) > 0
    for name, part in zip(("served_fraction_p50", "served_fraction_p05"), served_fraction, strict=True):
        columns[name] = np.where(asked, part[grid.parent], np.nan)
    supply, served = (np.asarray(columns[f"{name}_down_gbps"]) for name in ("supply", "served"))
    columns["utilisation_fraction"] = np.divide(served, supply, out=np.zeros_like(supply), where=supply > 0)
    frame = pl.DataFrame(columns).with_columns(
        pl.selectors.float().fill_nan(None), pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation")
    )
    own = seen.filter(pl.col("constellation") == constellation).select("cell_id", "visible_down_gbps")
    return TABLE.conform(frame.join(own, on="cell_id", how="left").select(TABLE.column_names))


def _way(way: str, grid: Grid, figures: Figures) -> dict[str, NDArray[np.generic] | pl.Series]:
    """Columns of one way; what is not known is not a number."""
    by_demand, by_area = grid.demand_part, grid.area_part
    part = np.where(figures.demand[grid.parent] > 0, by_demand, by_area)
    demand, ai = (values[grid.parent] * by_demand for values in (figures.demand, figures.ai))
    supply, served = (values[grid.parent] * part for values in (figures.supply, figures.served))
    headroom = figures.headroom[:, grid.parent] * part
    nothing = np.full(len(part), np.nan)
    columns: dict[str, NDArray[np.generic] | pl.Series] = {
        f"demand_{way}_gbps": demand,
        f"ai_demand_{way}_gbps": ai,
        f"supply_{way}_gbps": supply if figures.known else nothing,
        f"served_{way}_gbps": served if figures.known else nothing,
    }
    for lid, room in zip(LIDS, headroom, strict=True):
        told = figures.known and lid not in figures.unknown_lids
        columns[f"{lid}_headroom_{way}_gbps"] = room if told else nothing
    short = figures.short[:, grid.parent] * part
    columns |= {
        f"{lid}_short_{way}_gbps": each if figures.known else nothing for lid, each in zip(LIDS, short, strict=True)
    }
    places = pl.Series(binding(demand, served, short)).replace_strict(dict(enumerate(BINDING)), return_dtype=pl.String)
    name = "binding" if way == "down" else "binding_up"
    columns[name] = places if figures.known else pl.Series([None] * len(part), dtype=pl.String)
    return columns


# What is served of a cell's demand to this part is all of it.
ALL = 1e-3


def met(demand: NDArray[np.float64], served: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether all of a demand but a thousandth is served, or there is none, (cell,)."""
    return demand - served <= ALL * demand


def binding(demand: NDArray[np.float64], served: NDArray[np.float64], short: NDArray[np.float64]) -> NDArray[np.int64]:
    """The lid that binds each cell, as its place in table.BINDING: demand where it is met, else that which leaves the most of it unserved.

    short: what each leaves unserved at the instants at which it binds, (4, cell) [Gbps] (share.tight).
    """
    return np.where(met(demand, served), 0, 1 + short.argmax(axis=0))
