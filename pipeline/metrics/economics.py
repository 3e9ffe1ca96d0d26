"""What a Gbps-month costs, by constellation and generation, from inputs that stand beside it one by one.

Every figure follows from rows of INPUT alone (docs/economics.md has the formulas). Of one satellite, with its part of the ground:

    capex of a Gbps      (build + launch) / Gbps
    raw Gbps-month       the same / months of life: full use, no cost of capital, no ground, no opex
    levelised            (build + launch + ground) x (CRF + opex fraction) / 12 / Gbps
    sold                 either over the part of the day's capacity in service that can be sold

A fleet's are means over its satellites at work, by their number. low and high have every cost at its end and all else at its base; p10 and
p90 are of draws in which everything moves, what can be sold too (drawn apart from the downlink, which it in truth follows). What is
planned is not sold: core.scale_daily says what it might be. What is not known is null and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline import uncertainty
from pipeline.metrics import levelised
from pipeline.table import CONSTELLATION, Column, Table

ALL = "all"
LEVELS = ("low", "value", "high")
PLANNED = {"starlink-v3": "starlink"}
COSTED = 0.9  # of a fleet's capacity: with less of it known in cost, the fleet's is not known

INPUT = Table(
    "core.economics_input_daily",
    "one row per day, constellation, generation (or all) and input: what core.economics_daily is computed from",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("generation", "text", "", "Generation; all where it is one of the constellation", key=True),
        Column("economics_input", "text", "", "What it is", key=True),
        Column("value_number", "number", "", "Its base, in the unit; of what can be sold the day's own figure"),
        Column("low_number", "number", "", "Its low figure; of what can be sold the 10th percentile of the day's draws"),
        Column("high_number", "number", "", "Its high figure; of what can be sold the 90th percentile"),
        Column("unit", "text", "", "Unit of the three"),
        Column("drawn_as", "text", "", "Row of uncertainty_ranges.csv that it is drawn from; null where its own three figures are drawn from, or nothing", nullable=True),
        Column("source_title", "text", "", "Who says so; assumed, or from memory, where nobody does"),
        Column("source_url_or_repo", "text", "", "Where"),
        Column("date_text", "text", "", "Of when it is"),
        Column("confidence", "text", "", "How sure it is"),
    ),
    may_be_empty=True,
)  # fmt: skip


def _three(
    name: str,
    ending: str,
    unit: str,
    meaning: str,
    high: float,
    ends: tuple[str, ...] = ("low", "", "high", "p10", "p90"),
) -> tuple[Column, ...]:
    words = {
        "": meaning, "low": f"{meaning}, every cost at its low figure", "high": f"{meaning}, every cost at its high figure",
        "p10": f"{meaning}, 10th percentile of the draws", "p90": f"{meaning}, 90th percentile of the draws",
    }  # fmt: skip
    return tuple(
        Column(
            f"{name}_{end}_{ending}" if end else f"{name}_{ending}", "number", unit, words[end], 0, high, nullable=True
        )
        for end in ends
    )


_COSTS = ("low", "", "high")
_MONTH = ("usd_per_gbps_month", "USD/Gbps-month")
TABLE = Table(
    "core.economics_daily",
    "one row per day, constellation and generation, and one for all of a constellation: what a Gbps-month costs",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("generation", "text", "", "Generation, or all broadband satellites at work", key=True),
        Column("planned", "flag", "", "Whether none of the generation has flown"),
        Column("satellite_count", "integer", "", "Broadband satellites in the catalog", 0, 200_000),
        Column("operational_count", "integer", "", "Of these at work", 0, 200_000),
        Column("down_gbps_per_satellite", "number", "Gbps", "Downlink of one satellite, base; of a fleet the mean of those at work whose costs are known", 0, 5_000, nullable=True),
        *_three("build", "usd", "USD", "Building one satellite; of a fleet the mean", 1e9, _COSTS),
        *_three("launch", "usd", "USD", "Launching one; of a fleet the mean", 1e9, _COSTS),
        *_three("ground", "usd", "USD", "Its part of the gateways", 1e9, _COSTS),
        Column("life_years", "number", "years", "How long one lasts; of a fleet the mean", 0, 50, nullable=True),
        Column("discount_rate_fraction", "number", "1", "Cost of capital a year", 0, 1, nullable=True),
        Column("costed_fraction", "number", "1", "Part of the capacity at work whose costs are known; below 0.9 the fleet's are null", 0, 1, nullable=True),
        *_three("capex", "usd_per_gbps", "USD/Gbps", "Build and launch of a Gbps to users", 1e9),
        *_three("raw", *_MONTH, "A Gbps-month of raw capacity: capex over the life, full use, no cost of capital", 1e9),
        *_three("levelised", *_MONTH, "A Gbps-month with cost of capital, ground and opex, full use", 1e9),
        *_three("levelised_satellite", "usd", "USD", "One satellite for a month, the same way", 1e9, _COSTS),
        *_three("sold", *_MONTH, "A Gbps-month that is sold: raw over the sellable part", 1e9),
        *_three("sold_levelised", *_MONTH, "A Gbps-month that is sold: levelised over the sellable part", 1e9),
        Column("sellable_fraction", "number", "1", "Part of the capacity in service that can be sold, the day's own; null without known gateways, and of what is planned", 0, 1, nullable=True),
        Column("sellable_p10_fraction", "number", "1", "The same, 10th percentile of the day's draws of what can be sold over the base in service", 0, 1, nullable=True),
        Column("sellable_p90_fraction", "number", "1", "The same, 90th percentile", 0, 1, nullable=True),
        *(Column(f"revenue_{end}usd_per_deployed_gbps_month", "number", "USD/Gbps-month", f"Connectivity revenue of the newest reported quarter over the Gbps installed in it{words}; null but of all of Starlink", 0, 1e6, nullable=True)
          for end, words in (("low_", ", most Gbps"), ("", ""), ("high_", ", least Gbps"))),
        Column("revenue_shipped_usd_per_deployed_gbps_month", "number", "USD/Gbps-month", "The same over the Gbps that economics.csv ships for that quarter", 0, 1e6, nullable=True),
        Column("revenue_basis", "text", "", "What the Gbps of that quarter are from", nullable=True),
        Column("missing", "text", "", "What is not known, so that figures are null", nullable=True),
    ),
)  # fmt: skip

TABLES = (INPUT, TABLE)

NEEDED = ("build_cost", "launch_cost", "down")  # of a generation; without one of them it has no costs
WORDS = {"build_cost": "build cost", "launch_cost": "launch cost", "down": "downlink"}
Drawn = Mapping[str, NDArray[np.float64]]


class EconomicsError(ValueError):
    """Inputs of cost that cannot be; the message names the row and the remedy."""


def checked(inputs: pl.DataFrame) -> pl.DataFrame:
    """Rows of INPUT as they are. Raises EconomicsError where a figure is negative, no number, or out of order."""
    number = [pl.col(name) for name in ("low_number", "value_number", "high_number")]
    bad = pl.any_horizontal(*(~n.is_finite() | (n < 0) for n in number)) | (number[0] > number[2])
    inside = pl.col("economics_input").is_in(["sellable"]) | number[1].is_between(number[0], number[2])
    wrong = inputs.filter((bad | ~inside).fill_null(value=True))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise EconomicsError(
            f"input {row['economics_input']} of {row['constellation']}, {row['generation']} ({row['source_title']}): low {row['low_number']}, "
            f"base {row['value_number']}, high {row['high_number']}: put numbers of at least 0, in order, or leave out the row"
        )
    return inputs


class Inputs:
    """Rows of INPUT of one constellation, to be asked for by generation, input and level (low, value, high, or drawn)."""

    def __init__(self, rows: pl.DataFrame, drawn: Drawn | None = None) -> None:
        """rows: of one constellation; drawn: by the names that `ranges` gives them."""
        self._row = {(row["generation"], row["economics_input"]): row for row in rows.iter_rows(named=True)}
        self._drawn = drawn or {}

    def has(self, generation: str, name: str) -> bool:
        """Whether there is such an input of a generation."""
        return (generation, name) in self._row

    def at(self, generation: str, name: str, level: str = "value") -> NDArray[np.float64]:
        """A figure at a level, (draw,) where it is drawn."""
        row = self._row[generation, name]
        if level != "drawn":
            return np.asarray(row[f"{level}_number"], np.float64)
        own = self._drawn.get(_name(row))
        if own is None:
            return np.asarray(row["value_number"], np.float64)
        # A launch is drawn, its satellites are not.
        return own / self.at(generation, "satellites_per_launch") if row["drawn_as"] == "falcon9_marginal" else own

    def source(self, generation: str, name: str) -> str:
        """Who says so."""
        return str(self._row[generation, name]["source_title"])


def _name(row: Mapping[str, object]) -> str:
    return str(row["drawn_as"] or f"{row['constellation']} {row['generation']} {row['economics_input']}")


def ranges(inputs: pl.DataFrame, uncertain: pl.DataFrame) -> pl.DataFrame:
    """Rows to draw from: those of uncertainty_ranges.csv that inputs are drawn as, and each other input with an interval.

    Of these the base is the median: costs that nobody publishes may be many times as much, but half as little.
    """
    own = inputs.filter(pl.col("drawn_as").is_null() & (pl.col("low_number") < pl.col("high_number"))).filter(
        pl.col("economics_input") != "sellable"
    )
    made = own.select(
        pl.format("{} {} {}", "constellation", "generation", "economics_input").alias("parameter"),
        pl.col("low_number").alias("low"),
        pl.col("value_number").alias("base"),
        pl.col("high_number").alias("high"),
        pl.when(pl.col("low_number") > 0)
        .then(pl.lit("lognormal"))
        .otherwise(pl.lit("triangular"))
        .alias("distribution"),
    )
    named = uncertain.filter(pl.col("parameter").is_in(inputs["drawn_as"].drop_nulls().unique().implode()))
    return pl.concat([named.select(made.columns).cast(dict.fromkeys(("low", "base", "high"), pl.Float64)), made])


def draws(inputs: pl.DataFrame, uncertain: pl.DataFrame) -> uncertainty.Draws:
    """Draws of all inputs that are uncertain, by name, (draw,) each, and `<constellation> sellable` where the day has its percentiles."""
    rows = ranges(inputs, uncertain)
    drawn = uncertainty.draws(rows, uncertainty.COUNT, rows["parameter"].to_list())
    # A Latin hypercube holds each part once: the rank of a draw is its probability.
    place = uncertainty.draws(uncertain, uncertainty.COUNT, ["sellable_share"])["sellable_share"]
    probability = (np.argsort(np.argsort(place, kind="stable"), kind="stable") + 0.5) / len(place)
    for row in inputs.filter(pl.col("economics_input") == "sellable").iter_rows(named=True):
        drawn[f"{row['constellation']} sellable"] = _between(probability, row, inputs)
    return drawn


def _between(probability: NDArray[np.float64], row: Mapping[str, object], inputs: pl.DataFrame) -> NDArray[np.float64]:
    """Draws of what can be sold through the day's 10th, 50th and 90th percentile, in a straight line of logarithms between them and beyond."""
    own = (pl.col("constellation") == row["constellation"]) & (pl.col("economics_input") == "sellable_median")
    middle = inputs.filter(own)["value_number"]
    ends = np.array(
        [row["low_number"], middle[0] if len(middle) else row["value_number"], row["high_number"]], np.float64
    )
    if not (ends > 0).all():
        return np.full_like(probability, float(row["value_number"]))  # type: ignore[arg-type]
    low, mid, high = np.log(ends)
    known = (low - (mid - low) / 4, low, mid, high, high + (high - mid) / 4)
    return np.asarray(np.exp(np.interp(probability, (0.0, 0.1, 0.5, 0.9, 1.0), known)))


def compute(fleet: pl.DataFrame, inputs: pl.DataFrame, uncertain: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows of TABLE.

    fleet: satellite_count and operational_count of broadband satellites by constellation and generation; what is planned has none of both.
    inputs: rows of INPUT. uncertain: of uncertainty_ranges.csv. Raises EconomicsError where an input cannot be.
    """
    drawn = draws(checked(inputs), uncertain)
    rows = []
    for name in CONSTELLATION:
        of = Inputs(inputs.filter(pl.col("constellation") == name), drawn)
        own = {
            row["generation"]: row
            for row in fleet.filter(pl.col("constellation") == name).sort("generation").iter_rows(named=True)
        }
        rows += [_row(of, {kind: 1.0}, drawn, name) | _told(own[kind], kind) for kind in sorted(own)]
        flying = {kind: float(row["operational_count"]) for kind, row in own.items() if kind not in PLANNED}
        counts = [own[kind] for kind in flying]
        summed = {key: sum(row[key] for row in counts) for key in ("satellite_count", "operational_count")}
        rows.append(_row(of, flying, drawn, name) | _told(summed, ALL) | _revenue(of))
    frame = pl.DataFrame(
        [dict.fromkeys(TABLE.column_names) | row | {"day": day} for row in rows], schema=TABLE.polars_schema
    )
    return TABLE.conform(frame)


def _told(counts: Mapping[str, object], generation: str) -> dict[str, object]:
    kept = {key: counts[key] for key in ("satellite_count", "operational_count")}
    return {"generation": generation, "planned": generation in PLANNED, **kept}


def _row(of: Inputs, weight: Mapping[str, float], drawn: Drawn, constellation: str) -> dict[str, object]:
    """All figures of satellites with these weights, by generation, that follow from costs."""
    known = {kind: w for kind, w in weight.items() if w > 0 and all(of.has(kind, name) for name in NEEDED)}
    lacks = {
        kind: [WORDS[n] for n in NEEDED if not of.has(kind, n)]
        for kind in sorted(weight)
        if kind not in known and weight[kind] > 0
    }
    told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in lacks.items())
    nobody = None if any(weight.values()) else "no satellite at work"
    row: dict[str, object] = {"constellation": constellation, "missing": told or nobody}
    gbps = {kind: w * float(of.at(kind, "down")) for kind, w in weight.items() if of.has(kind, "down")}
    whole, part = sum(gbps.values()), sum(gbps.get(kind, 0.0) for kind in known)
    row["costed_fraction"] = part / whole if whole > 0 else None
    planned = bool(weight) and all(kind in PLANNED for kind in weight)
    shares = {} if planned else _shares(of, drawn, constellation)
    row |= {
        f"sellable{end}_fraction": float(shares[level])
        for level, end in (("value", ""), ("low", "_p10"), ("high", "_p90"))
        if level in shares
    }
    if not known or part < COSTED * whole:
        return row
    by_level = {level: _figures(of, known, level, shares, planned=planned) for level in (*LEVELS, "drawn")}
    row |= {
        name: float(by_level["value"][key])
        for name, key in (("down_gbps_per_satellite", "down"), ("life_years", "life"))
    }
    row["discount_rate_fraction"] = float(of.at(ALL, "discount_rate"))
    for stem, ending in _ENDINGS.items():
        row |= _ends(stem, ending, by_level)
    return row


_ENDINGS = {
    "build": "usd", "launch": "usd", "ground": "usd", "capex": "usd_per_gbps", "raw": _MONTH[0], "levelised": _MONTH[0],
    "levelised_satellite": "usd", "sold": _MONTH[0], "sold_levelised": _MONTH[0],
}  # fmt: skip


def _ends(stem: str, ending: str, by_level: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> dict[str, float]:
    if stem not in by_level["value"]:
        return {}
    places = {"low": f"{stem}_low", "value": stem, "high": f"{stem}_high"}
    found = {f"{place}_{ending}": float(by_level[level][stem]) for level, place in places.items()}
    if f"{stem}_p10_{ending}" in TABLE.column_names:
        bounds = uncertainty.quantiles(np.atleast_1d(by_level["drawn"][stem]))
        found |= {f"{stem}_p10_{ending}": float(bounds.p10), f"{stem}_p90_{ending}": float(bounds.p90)}
    return found


def _shares(of: Inputs, drawn: Drawn, constellation: str) -> dict[str, NDArray[np.float64]]:
    """The part of the capacity in service that can be sold: the day's, its percentiles and its draws; nothing where it is not known."""
    if not of.has(ALL, "sellable") or not of.has(ALL, "in_service"):
        return {}
    whole = of.at(ALL, "in_service")
    found = {level: of.at(ALL, "sellable", level) / whole for level in LEVELS} if whole > 0 else {}
    if not found or not all(share > 0 for share in found.values()):
        return {}
    share = drawn.get(f"{constellation} sellable", of.at(ALL, "sellable")) / whole
    return {level: np.minimum(value, 1.0) for level, value in (found | {"drawn": share}).items()}


def _figures(
    of: Inputs, weight: Mapping[str, float], level: str, shares: Mapping[str, NDArray[np.float64]], *, planned: bool
) -> dict[str, NDArray[np.float64]]:
    """Costs of a mean satellite, and of a Gbps of it, at a level of the costs."""
    other = "drawn" if level == "drawn" else "value"  # lives, rates and capacities are at their base but in draws
    total = sum(weight.values())

    def mean(values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.asarray(sum(weight[kind] * value for kind, value in values.items())) / total

    build, launch = ({kind: of.at(kind, f"{name}_cost", level) for kind in weight} for name in ("build", "launch"))
    life = {kind: of.at(kind, "life", other) for kind in weight}
    down = mean({kind: of.at(kind, "down", other) for kind in weight})
    capital = {kind: build[kind] + launch[kind] for kind in weight}
    found = {
        "build": mean(build), "launch": mean(launch), "life": mean(life), "down": down,
        "capex": mean(capital) / down,
        "raw": mean({kind: capital[kind] / (life[kind] * levelised.MONTHS) for kind in weight}) / down,
    }  # fmt: skip
    if of.has(ALL, "sites_per_satellite"):
        ground = of.at(ALL, "gateway_site_cost", level) * of.at(ALL, "sites_per_satellite", other)
        rate, upkeep = of.at(ALL, "discount_rate", other), of.at(ALL, "opex_fraction", level)
        month = mean({kind: levelised.monthly_usd(capital[kind] + ground, rate, life[kind], upkeep) for kind in weight})
        found |= {"ground": ground, "levelised_satellite": month, "levelised": month / down}
    if shares and not planned:
        # The most is sold where costs are least, and the least where they are most.
        share = shares[{"low": "high", "high": "low"}.get(level, level)]
        found |= {
            f"sold{name.removeprefix('raw')}": found[key] / share
            for name, key in (("raw", "raw"), ("_levelised", "levelised"))
            if key in found
        }
    return found


def _revenue(of: Inputs) -> dict[str, object]:
    """Revenue over the Gbps of its quarter; nothing where no revenue is known."""
    if not of.has(ALL, "quarter_revenue") or not of.has(ALL, "quarter_installed"):
        return {}
    usd = of.at(ALL, "quarter_revenue") / 3
    least, base, most = (of.at(ALL, "quarter_installed", level) for level in LEVELS)
    ends = {"low_": most, "": base, "high_": least}
    found: dict[str, object] = {
        f"revenue_{end}usd_per_deployed_gbps_month": float(usd / gbps) for end, gbps in ends.items()
    }
    if of.has(ALL, "quarter_shipped"):
        found["revenue_shipped_usd_per_deployed_gbps_month"] = float(usd / of.at(ALL, "quarter_shipped"))
    return found | {"revenue_basis": of.source(ALL, "quarter_installed")}
