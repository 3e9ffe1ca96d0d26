"""What could be sold were things otherwise: draws of what is uncertain, each driver by itself, named variants, and the day's waterfall.

All of it on cells of order 4, at some instants of the day, as ratios to the same with base figures: what a coarse grid and few instants get
wrong is wrong on both sides. Claims are cut by the beams on the full grid before they are summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import allocation, certificate, feed, grid
from pipeline.geometry.allocation import Lids, Runs
from pipeline.geometry.arc import Zone
from pipeline.geometry.visibility import RingGeometry
from pipeline.metrics.share import DOWN, THREADS, UP, Fair, Market, Supply, fed, shared
from pipeline.table import CAPACITY_STEP, Column, Table

ORDER = 4
# Exact solvers take their time: they are asked about one instant, on cells of this order.
EXACT_ORDER = 3
# Instants that draws are spread over, and those that drivers and variants are looked at.
DRAW_INSTANTS, DRIVER_INSTANTS = 16, 4
NUDGE = 1.05

DRIVER = Table(
    "core.capacity_driver_daily",
    "one row per day, constellation and driver: what can be sold at its low and at its high figure, all others at their base",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("driver", "text", "", "Parameter, as uncertainty_ranges.csv calls it", key=True),
        Column(
            "driver_kind",
            "driver_kind",
            "",
            "drawn, or a variant: what changes who sees whom is computed by itself and never drawn",
        ),
        Column("rank_number", "integer", "", "1 for the driver with the largest swing of the constellation", 1),
        Column("low_number", "number", "", "Its low figure, in the unit"),
        Column("base_number", "number", "", "Its base"),
        Column("high_number", "number", "", "Its high figure"),
        Column("unit", "text", "", "Unit of the three"),
        Column("sellable_at_low_tbps", "number", "Tbps", "What can be sold to users with the low figure", 0),
        Column("sellable_at_high_tbps", "number", "Tbps", "The same with the high one", 0),
        Column("swing_tbps", "number", "Tbps", "Largest less least of the two and of the base", 0),
    ),
    may_be_empty=True,
)

FLOW = Table(
    "core.capacity_flow_daily",
    "one row per day, constellation and step: how what can be sold to users came from that of the day before",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("capacity_step", "capacity_step", "", "What changed: satellites by core.fleet_flow_daily, gateways, demand, and the rest (orbits, figures, instants)", key=True),
        Column("before_day", "day", "UTC date", "Published day before"),
        Column("change_tbps", "number", "Tbps", "By how much: downlink in service, antennas of gateways, or demand; null for the rest", nullable=True),
        Column("worth_fraction", "number", "1", "What a little more of it would sell, over that: measured by five percent more; null for the rest", nullable=True),
        Column("sellable_change_tbps", "number", "Tbps", "What it adds to what can be sold; all steps sum to the change between the days"),
    ),
    may_be_empty=True,
)  # fmt: skip

TABLES = (DRIVER, FLOW)


@dataclass(frozen=True)
class Case:
    """Satellites, market and gateways as they might be; the market on the full grid."""

    supply: Supply
    market: Market
    ground: feed.Ground


@dataclass(frozen=True)
class Coarse:
    """Cells that claims are summed over: their rings, what the arc takes over them, and the cell (in ring order) of each cell of the full
    grid (in ring order)."""

    geometry: RingGeometry
    zone: Zone | None
    parent: NDArray[np.int64]


@dataclass(frozen=True)
class Sky:
    """An instant: Earth-fixed positions [km] (3, satellite), its hour [UTC], who sees whom on the coarse grid and of links and sites, and which satellites are in
    reach of a gateway, over lasers too (satellite,)."""

    r_km: NDArray[np.float64]
    utc_h: float
    runs: Runs
    look: feed.Look
    in_reach: NDArray[np.bool_]


def parents(rings: grid.Rings, order: int, coarse: int = ORDER) -> NDArray[np.int64]:
    """The coarse cell of each cell of a grid of `order`, both in ring order; the cells themselves where the grid is no finer than that."""
    if order <= coarse:
        return np.arange(len(rings.nest_of_ring))
    ring_of = np.empty(grid.cell_count(coarse), np.int64)
    ring_of[grid.rings(coarse).nest_of_ring.astype(np.int64)] = np.arange(len(ring_of))
    return ring_of[(rings.nest_of_ring // np.uint64(4 ** (order - coarse))).astype(np.int64)]


def sky(r_km: NDArray[np.float64], utc_h: float, mask_deg: float, coarse: Coarse, case: Case) -> Sky:
    """Who sees whom at an instant, with the links and gateways of a case."""
    everywhere, supply = np.ones(coarse.geometry.cell_count, bool), case.supply
    runs = allocation.runs_in_view(r_km, mask_deg, coarse.geometry, everywhere, coarse.zone)
    mesh = feed.Mesh(supply.neighbour, supply.laser_gbps)
    look = feed.look(r_km, case.ground, mesh)
    return Sky(r_km, utc_h, runs, look, feed.in_reach(r_km, case.ground, mesh, supply.feeder_gbps, look))


def sold_gbps(case: Case, coarse: Coarse, at: Sky, ways: Sequence[int] = (DOWN, UP)) -> NDArray[np.float64]:
    """What is served at an instant [Gbps], (2,), down and up; 0 of a way that is not asked for, or not known."""
    demand, _ = case.market.need.at(at.utc_h)
    found = np.zeros(2)
    for way in ways:
        if way == UP and not case.supply.up_is_known:
            continue
        found[way] = most_gbps(case, coarse, at, way, demand[way])
    return found


def most_gbps(case: Case, coarse: Coarse, at: Sky, way: int, demand: NDArray[np.float64]) -> float:
    """The greatest throughput over the coarse cells of a demand over the full grid's [Gbps]: fair shares come within a hundredth of it.

    As share.fed finds it, but that claims are placed on satellites as the greatest throughput has it, which is quicker.
    """
    supply, gbps = case.supply, case.supply.gbps[way]
    claimed, placed = _placed(case, coarse, at, way, demand)
    mesh = feed.Mesh(supply.neighbour, supply.laser_gbps)
    node_of, fed_gbps = feed.reached(at.r_km, case.ground, mesh, supply.feeder_gbps, placed, at.look)
    return float(allocation.greedy(at.runs, Lids(claimed, gbps, node_of.astype(np.int64), fed_gbps)).served.sum())


def _placed(
    case: Case, coarse: Coarse, at: Sky, way: int, demand: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What beams carry of the demand over coarse cells [Gbps] (cell,), and what satellites that something reaches are asked for of it."""
    claim = np.minimum(demand, case.market.lid_gbps(way, demand))
    claimed = np.bincount(coarse.parent, claim, coarse.geometry.cell_count).astype(np.float64)
    able = np.where(at.in_reach, case.supply.gbps[way], 0.0)
    nobody = Lids(claimed, able, np.full(len(able), -1), np.empty(0))
    return claimed, allocation.greedy(at.runs, nobody).load


def gaps(case: Case, coarse: Coarse, at: Sky, way: int) -> tuple[float, float]:
    """By which part the greatest throughput, and the level of the first round, fall short of the exact ones over the coarse cells at an instant."""
    demand, _ = case.market.need.at(at.utc_h)
    claim = np.minimum(demand[way], case.market.lid_gbps(way, demand[way]))
    count = coarse.geometry.cell_count
    asked, claimed = (np.bincount(coarse.parent, each, count).astype(np.float64) for each in (demand[way], claim))
    mesh = feed.Mesh(case.supply.neighbour, case.supply.laser_gbps)
    found = fed(at.runs, case.supply, mesh, case.ground, at.r_km, way, asked, claimed)
    fair = shared(at.runs, asked, found)
    most = certificate.most_gbps(at.runs, found.lids)
    return 1 - min(found.most_gbps / most, 1.0) if most > 0 else 0.0, 1 - least_part(at.runs, fair)


def least_part(runs: Runs, fair: Fair) -> float:
    """The least part that a cell got of what all can have together: the largest part of its demand, no more than its claim, by the first round's
    claims and an exact solver (certificate.largest_part)."""
    weight = fair.first.claim if fair.first.weight is None else fair.first.weight
    plain = fair.first._replace(weight=None)
    level = certificate.largest_part(runs, plain, weight)
    at_least = np.where(certificate.reached(runs, plain), np.minimum(level * weight, plain.claim), 0.0)
    counted = at_least > 0
    return float(np.min(fair.served[counted] / at_least[counted], initial=1.0))


def crossing(case: Case, coarse: Coarse, at: Sky) -> feed.Crossing:
    """What users' traffic, as it is at the base, takes of the links at an instant."""
    demand, _ = case.market.need.at(at.utc_h)
    _, placed = _placed(case, coarse, at, DOWN, demand[DOWN])
    mesh = feed.Mesh(case.supply.neighbour, case.supply.laser_gbps)
    return feed.crossing(at.r_km, case.ground, mesh, case.supply.feeder_gbps, placed)


def drawn(
    case_of: Callable[[int], Case], base: Case, coarse: Coarse, skies: Sequence[Sky], count: int
) -> NDArray[np.float64]:
    """What is sold in each of `count` draws over what is sold at the base, (2, draw); 1 where nothing is.

    Draw k is looked at, as the base is, at the sky k modulo their number.
    """

    def at(place: int) -> dict[int, NDArray[np.float64]]:
        here = sold_gbps(base, coarse, skies[place])
        return {k: ratio(sold_gbps(case_of(k), coarse, skies[place]), here) for k in range(place, count, len(skies))}

    with ThreadPoolExecutor(THREADS) as pool:  # the kernels leave the interpreter's lock alone
        parts = list(pool.map(at, range(len(skies))))
    return np.stack([part[k] for k in range(count) for part in (parts[k % len(skies)],)], axis=1)


def ratio(now: NDArray[np.float64], base: NDArray[np.float64]) -> NDArray[np.float64]:
    """One over the other, 1 where there is nothing to compare with."""
    return np.divide(now, base, out=np.ones_like(now), where=base > 0)


def mean_sold(case: Case, coarse: Coarse, skies: Sequence[Sky]) -> float:
    """What is sold to users [Gbps], mean of some instants."""
    with ThreadPoolExecutor(THREADS) as pool:
        return float(np.mean(list(pool.map(lambda one: sold_gbps(case, coarse, one, (DOWN,))[DOWN], skies))))


def worth(case: Case, coarse: Coarse, skies: Sequence[Sky]) -> dict[str, float]:
    """What a little more of satellites, gateways or demand sells, over what it is: part of each by NUDGE, mean of some instants."""
    supply, market, ground = case.supply, case.market, case.ground
    more_need = replace(market.need, busy_gbps=market.need.busy_gbps * NUDGE, ai_gbps=market.need.ai_gbps * NUDGE)
    nudged = {
        "satellites": (supply.gbps[DOWN].sum(), replace(case, supply=replace(supply, gbps=supply.gbps * NUDGE))),
        "gateways": (ground.site_gbps.sum(), replace(case, ground=feed.Ground(ground.places, ground.site_gbps * NUDGE, ground.mask_deg))),
        "demand": (np.mean([market.need.at(one.utc_h)[0][DOWN].sum() for one in skies]), replace(case, market=replace(market, need=more_need))),
    }  # fmt: skip
    base = mean_sold(case, coarse, skies)
    return {
        name: (mean_sold(other, coarse, skies) - base) / (amount * (NUDGE - 1)) if amount > 0 else 0.0
        for name, (amount, other) in nudged.items()
    }


def driver_rows(
    found: Mapping[str, tuple[float, float]],
    ranges: Mapping[str, tuple[float, float, float, str, str]],
    sellable_tbps: float,
    constellation: str,
    day: date,
) -> pl.DataFrame:
    """Rows of DRIVER. found: what is sold at the low and the high figure over the base's. ranges: low, base, high, unit and kind."""
    rows = [
        {
            "driver": name, "driver_kind": ranges[name][4], "unit": ranges[name][3],
            **dict(zip(("low_number", "base_number", "high_number"), ranges[name][:3], strict=True)),
            "sellable_at_low_tbps": low * sellable_tbps, "sellable_at_high_tbps": high * sellable_tbps,
            "swing_tbps": (max(low, high, 1.0) - min(low, high, 1.0)) * sellable_tbps,
        }
        for name, (low, high) in found.items()
    ]  # fmt: skip
    if not rows:
        return DRIVER.empty()
    frame = pl.DataFrame(rows, infer_schema_length=None).sort("swing_tbps", "driver", descending=[True, False])
    return DRIVER.conform(
        frame.with_row_index("rank_number", 1).with_columns(
            pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation")
        )
    )


# The steps of core.fleet_flow_daily that have a name of their own in the waterfall of capacity; all others are "moved".
NAMED = ("launched", "raised", "lowered", "decayed")


def flow_rows(
    now: Mapping[str, float],
    before: Mapping[str, float],
    flows: pl.DataFrame,
    of: Mapping[str, float],
    constellation: str,
    before_day: date,
    day: date,
) -> pl.DataFrame:
    """Rows of FLOW. now, before: sellable_down_tbps, gateway_tbps and demand_down_tbps of both days. flows: the constellation's rows of
    core.fleet_flow_daily. of: what `worth` gives."""
    named = pl.col("step").is_in(NAMED)
    steps = flows.group_by(pl.when(named).then("step").otherwise(pl.lit("moved")).alias("step")).agg(
        pl.col("in_service_change_tbps").sum()
    )
    satellites = dict(steps.iter_rows())
    changes = {name: (float(satellites.get(name) or 0.0), of["satellites"]) for name in (*NAMED, "moved")}
    changes |= {
        "gateways": (now["gateway_tbps"] - before["gateway_tbps"], of["gateways"]),
        "demand": (now["demand_down_tbps"] - before["demand_down_tbps"], of["demand"]),
    }
    rows: list[dict[str, object]] = [
        {"capacity_step": name, "change_tbps": change, "worth_fraction": part, "sellable_change_tbps": change * part}
        for name, (change, part) in changes.items()
    ]
    told = sum(change * part for change, part in changes.values())
    whole = now["sellable_down_tbps"] - before["sellable_down_tbps"]
    rows.append(
        {
            "capacity_step": CAPACITY_STEP[-1],
            "change_tbps": None,
            "worth_fraction": None,
            "sellable_change_tbps": whole - told,
        }
    )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return FLOW.conform(
        frame.with_columns(
            pl.lit(day).alias("day"),
            pl.lit(before_day).alias("before_day"),
            pl.lit(constellation).alias("constellation"),
        )
    )
