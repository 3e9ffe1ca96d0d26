"""Unit cost as fleet, gateways and demand grow: what can be sold then, what it costs, and where the curve turns.

A fleet of a factor f has f satellites where one is: each carries f times as much to users, over radio and over lasers; beams do not, for spectrum over
a service cell is what it is. Gateways stay, or grow as the fleet's capacity does. The next generation stands in every satellite's place, with its published
rates; what its gateways' antennas carry at a time is not published, and does not bind. What is sold is the day's figure times a ratio that is
found on a coarse grid at a few instants (what_if).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.table import Column, Table

FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
DEMANDS = (1.0, 2.0)
SAME = 0.01  # costs this near to each other are one: what a coarse grid tells apart

TABLE = Table(
    "core.scale_daily",
    "one row per day, constellation, generation of the fleet, gateways, demand and size: what would be sold and what it would cost",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("scale_fleet", "scale_fleet", "", "Satellites as they are, or each replaced by one of the next generation", key=True),
        Column("scale_gateways", "scale_gateways", "", "Gateways as they are, or with as much more capacity as the fleet has", key=True),
        Column("demand_factor", "number", "", "Demand over the day's", 0, key=True),
        Column("fleet_factor", "number", "", "Satellites over the day's", 0, key=True),
        Column("in_service_tbps", "number", "Tbps", "Downlink of the fleet", 0),
        Column("gateway_tbps", "number", "Tbps", "What all antennas of its gateways carry", 0),
        Column("sold_tbps", "number", "Tbps", "What can be sold of it to users", 0),
        Column("sellable_fraction", "number", "1", "The same over the downlink", 0, 1),
        Column("marginal_fraction", "number", "1", "What a further Tbps in service sells, from the next smaller fleet of the curve to this one; null for the smallest", nullable=True),
        *(Column(f"sold_levelised_{end}usd_per_gbps_month", "number", "USD/Gbps-month", f"A Gbps-month that is sold, levelised, with the gateways that there are then{words}", 0, nullable=True)
          for end, words in (("low_", ", every cost at its low figure"), ("", ""), ("high_", ", every cost at its high figure"))),
        Column("least_cost", "flag", "", "Whether it is the largest size of this curve that sells within a hundredth of the least cost: where the curve turns, unless it is at an end of it; null without costs", nullable=True),
    ),
    may_be_empty=True,
)  # fmt: skip

CURVE = ["constellation", "scale_fleet", "scale_gateways", "demand_factor"]
ENDS = ("low_", "", "high_")


class Case(NamedTuple):
    """One point of a curve: which satellites, whose gateways, demand and satellites over the day's, and the gateways' capacity over the day's."""

    fleet: str
    gateways: str
    demand: float
    size: float
    ground: float


class Costs(NamedTuple):
    """Of one satellite a month without ground, and with its part of the gateways [USD], low, base and high, and its downlink [Gbps]."""

    space: tuple[float, float, float]
    ground: tuple[float, float, float]
    down_gbps: float


def cases(next_part: float | None) -> list[Case]:
    """The points of all curves; next_part: capacity of the next generation over that of today's satellites, None where there is none."""
    found = [
        Case("today", g, d, f, f if g == "growing" else 1.0)
        for g in ("fixed", "growing")
        for d in DEMANDS
        for f in FACTORS
    ]
    if next_part is not None:
        sizes = [f for f in FACTORS if f <= 1.0]
        found += [Case("next_generation", g, d, f, max(f * next_part, 1.0) if g == "growing" else 1.0) for g in ("fixed", "growing") for d in DEMANDS for f in sizes]  # fmt: skip
    return found


def compute(
    constellation: str,
    points: Iterable[Case],
    ratio: Callable[[Case], float],
    costs: dict[str, Costs | None],
    capacity: dict[str, float],
    satellite_count: int,
    day: date,
) -> pl.DataFrame:
    """Rows of TABLE of one constellation.

    ratio: what is sold in a case over what is sold on the day. costs: by scale_fleet, None where they are not known. capacity: the day's
    sellable_tbps and gateway_tbps, and in_service_tbps by scale_fleet. satellite_count: at work.
    """
    rows = []
    for case in points:
        whole = capacity[case.fleet] * case.size
        most = min(
            whole, capacity["gateway_tbps"] * case.ground
        )  # a ratio of a coarse grid knows it to a thousandth or so
        sold = min(capacity["sellable_tbps"] * ratio(case), most)
        rows.append({
            "constellation": constellation, "scale_fleet": case.fleet, "scale_gateways": case.gateways, "demand_factor": case.demand,
            "fleet_factor": case.size, "in_service_tbps": whole, "gateway_tbps": capacity["gateway_tbps"] * case.ground, "sold_tbps": sold,
            "sellable_fraction": sold / whole if whole > 0 else 0.0, **_unit(case, costs.get(case.fleet), satellite_count, sold),
        })  # fmt: skip
    return _curves(pl.DataFrame(rows, infer_schema_length=None), day)


def _unit(case: Case, costs: Costs | None, count: int, sold_tbps: float) -> dict[str, float | None]:
    """Satellites and gateways of a case over what they sell [USD per Gbps-month]; null where costs are not known, or nothing is sold."""
    names = [f"sold_levelised_{end}usd_per_gbps_month" for end in ENDS]
    if costs is None or sold_tbps <= 0:
        return dict.fromkeys(names)
    usd = [count * (case.size * s + case.ground * g) for s, g in zip(costs.space, costs.ground, strict=True)]
    return {name: each / (sold_tbps * 1_000) for name, each in zip(names, usd, strict=True)}


def _curves(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """With what depends on the other sizes of a curve."""
    usd = pl.col("sold_levelised_usd_per_gbps_month").cast(pl.Float64)
    cheap = usd <= usd.min().over(CURVE) * (1 + SAME)
    largest = pl.col("fleet_factor").filter(cheap).max().over(CURVE)
    step = pl.col("sold_tbps").diff().over(CURVE) / pl.col("in_service_tbps").diff().over(CURVE)
    return TABLE.conform(
        rows.sort(*CURVE, "fleet_factor").with_columns(
            step.alias("marginal_fraction"),
            pl.when(usd.is_not_null()).then(pl.col("fleet_factor") == largest).alias("least_cost"),
            pl.lit(day).alias("day"),
        )
    )
