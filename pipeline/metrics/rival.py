"""Rivals side by side: the five constellations, and the terrestrial ways to the regions of three clouds.

What is compared is the way to compute: of a constellation from people over satellites to a PoP and on to the nearest region of any of the
clouds (core.latency_daily), of a cloud from people over fibre to its own nearest region. Fibre is the great circle times the stretch that
fits measured round trips between the regions of the Earth, and their constant (core.fibre_error_daily), else a fixed stretch; the access
line comes on top, assumed (rival_model.csv). Distance says who could be within so many milliseconds, not who has a line: who uses the
Internet at all stands beside it. Without any known gateway a constellation's way is null, not long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import CONSTELLATIONS
from pipeline.geometry.frames import great_circle_km
from pipeline.metrics import fibre, latency, operator
from pipeline.table import CONSTELLATION, Column, Table

Numbers = NDArray[np.float64]

# Operator of cloud regions in dim.site, by the word of the rival.
BACKBONES = {"aws": "Amazon Web Services", "google_cloud": "Google Cloud", "azure": "Microsoft Azure"}
OPERATORS = {
    "starlink": "SpaceX", "amazon_leo": "Amazon", "oneweb": "Eutelsat", "qianfan": "Shanghai Spacesail", "guowang": "China SatNet",
}  # fmt: skip
FIRST = "starlink"  # who the others are set against
LAUNCH_DAYS = 90
WITHIN_MS = (50, 100)
# Sources of measured round trips, that of the public Internet first: people reach a region over it.
MEASURED = ("rtt_wondernetwork", "rtt_ibm")
_RATIOS = {
    "satellite": ("satellite_count", "satellites"),
    "installed": ("installed_down_tbps", "capacity of all satellites"),
    "sellable": ("sellable_down_tbps", "capacity that can be sold"),
    "launch": ("launch_90d_count", f"launches of {LAUNCH_DAYS} days"),
    "launched_satellite": ("launched_satellite_90d_count", f"satellites launched in {LAUNCH_DAYS} days"),
    "market": ("market_count", "markets"),
}


def _within(who: str, words: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{who}_within_{ms}_ms_fraction", "number", "1", f"Fraction of {words} whose median round trip to compute is at most {ms} ms; estimated", 0, 1, nullable=True)
        for ms in WITHIN_MS
    )  # fmt: skip


TABLE = Table(
    "core.rival_daily",
    "one row per day and rival: constellations, and terrestrial ways to the regions of a cloud",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("rival", "text", "", "Constellation, or aws, google_cloud, azure", key=True),
        Column("rival_kind", "rival_kind", "", "Constellation, or terrestrial backbone of a cloud"),
        Column("operator", "text", "", "Who runs it"),
        Column("covered_fraction", "number", "1", "Fraction of people and of the day with a satellite in view; null of a backbone", 0, 1, nullable=True),
        Column("reached_people_fraction", "number", "1", "Of a constellation the fraction of people and of the day with a path to a PoP, null where no gateway is known; of a backbone the fraction of people who use the Internet, of those of whom that is known", 0, 1, nullable=True),
        Column("rtt_median_ms", "number", "ms", "Round trip to compute, the nearest region of any cloud over satellites and of that cloud over fibre, access included, median of people with a way; estimated", 0, nullable=True),
        Column("rtt_median_low_ms", "number", "ms", "The same with the low figures of access and of the stretch of fibre from people", 0, nullable=True),
        Column("rtt_median_high_ms", "number", "ms", "The same with their high figures", 0, nullable=True),
        Column("rtt_same_fibre_median_ms", "number", "ms", "The same with a fixed stretch of terrestrial fibre for everybody, that which a constellation's way beyond its PoP has: like with like", 0, nullable=True),
        Column("rtt_gpu_median_ms", "number", "ms", "The same to the nearest large AI compute site of anybody", 0, nullable=True),
        *_within("people", "people, whether or not they have a line or a terminal,"),
        *_within("ai", "AI demand"),
        Column("people_same_fibre_within_50_ms_fraction", "number", "1", "Fraction of people within 50 ms with that fixed stretch for everybody", 0, 1, nullable=True),
        Column("region_count", "integer", "", "Cloud regions at work; null of a constellation", 0, nullable=True),
        Column("gateway_count", "integer", "", "Gateways at work whose place is known; null of a backbone", 0, nullable=True),
        Column("satellite_count", "integer", "", "Satellites in the catalog; null of a backbone", 0, nullable=True),
        Column("operational_count", "integer", "", "Satellites at work", 0, nullable=True),
        Column("launch_90d_count", "integer", "", f"Launches of the {LAUNCH_DAYS} days to the day whose satellites are in the catalog; null where no launch has a known day", 0, nullable=True),
        Column("launched_satellite_90d_count", "integer", "", "Their satellites in the catalog", 0, nullable=True),
        Column("installed_down_tbps", "number", "Tbps", "Broadband downlink of all satellites, base; null of a backbone, of which none is cited", 0, nullable=True),
        Column("in_service_down_tbps", "number", "Tbps", "Broadband downlink of the satellites at work, base", 0, nullable=True),
        Column("sellable_down_tbps", "number", "Tbps", "What is served of demand in a fair share, mean of the day, to users", 0, nullable=True),
        Column("market_count", "integer", "", "Countries and markets, the newest filed by the day", 0, nullable=True),
        *(Column(f"starlink_{name}_factor", "number", "", f"Starlink's {words} over the rival's; null where either is not known or the rival has none", 0, nullable=True) for name, (_, words) in _RATIOS.items()),
        Column("fibre_basis", "text", "", "Which stretch of fibre the way from people has; null of a constellation", nullable=True),
        Column("missing", "text", "", "What is not known", nullable=True),
    ),
)  # fmt: skip


class Range(NamedTuple):
    """What a figure is, and what it may be."""

    base: float
    low: float
    high: float


@dataclass(frozen=True)
class Model:
    """What is assumed of terrestrial ways: round trip of the access line [ms], stretch of fibre; and of satellites' access [ms]."""

    last_mile_ms: Range
    stretch: Range
    access_ms: Range

    @classmethod
    def of(cls, rows: pl.DataFrame, ways: latency.Model) -> Model:
        """The model that ships: rows of rival_model.csv, and that of latency_model.csv. Raises ValueError where a parameter is missing."""
        found = {row["parameter"]: Range(*(float(row[k]) for k in ("value", "low", "high"))) for row in rows.to_dicts()}
        try:
            line, stretch = found["last_mile_rtt"], found["fibre_stretch"]
        except KeyError as error:
            raise ValueError(f"rival_model.csv lacks the parameter {error}: restore pipeline/reference") from error
        return cls(line, stretch, Range(ways.access_ms, ways.access_low_ms, ways.access_high_ms))


@dataclass(frozen=True)
class Day:
    """Tables of a day: dim.cell, dim.country, dim.site, and core's coverage, latency, demand, fleet_capacity, satellite,
    fibre_error and operator_kpi."""

    cell: pl.DataFrame
    country: pl.DataFrame
    site: pl.DataFrame
    coverage: pl.DataFrame
    latency: pl.DataFrame
    demand: pl.DataFrame
    fleets: pl.DataFrame
    satellites: pl.DataFrame
    fibre: pl.DataFrame
    kpis: pl.DataFrame


def compute(of: Day, model: Model, day: date) -> pl.DataFrame:
    """Rows of TABLE."""
    cells = weights(of.cell, of.demand)
    rows = _constellations(of, cells, model, day) + _backbones(of, cells, model)
    first = next(row for row in rows if row["rival"] == FIRST)
    for row in rows:
        row |= {f"starlink_{name}_factor": _over(first.get(of_), row.get(of_)) for name, (of_, _) in _RATIOS.items()}
        row |= {"day": day, "missing": _missing(row)}
    return TABLE.conform(pl.DataFrame(rows, schema=TABLE.polars_schema))


def weights(cell: pl.DataFrame, demand: pl.DataFrame) -> pl.DataFrame:
    """Cells with people or AI demand: cell_id, latitude_deg, longitude_deg, people, and ai [Gbps], both ways, of all workloads."""
    both = pl.col("down_gbps").fill_null(0.0) + pl.col("up_gbps").fill_null(0.0)
    ai = demand.group_by("cell_id", maintain_order=True).agg(both.sum().alias("ai"))
    rows = cell.select("cell_id", "latitude_deg", "longitude_deg", pl.col("population_count").alias("people"))
    found = rows.join(ai, on="cell_id", how="left").with_columns(pl.col("ai").fill_null(0.0))
    return found.filter((pl.col("people") > 0) | (pl.col("ai") > 0)).sort("cell_id")


def _constellations(of: Day, cells: pl.DataFrame, model: Model, day: date) -> list[dict[str, Any]]:
    fleets = {row["constellation"]: row for row in of.fleets.to_dicts()}
    titles = {one.name: one.title for one in CONSTELLATIONS}
    people = pl.col("people")
    covered = dict(
        of.coverage.join(cells, on="cell_id", maintain_order="left")
        .group_by("constellation", maintain_order=True)
        .agg((pl.col("covered_fraction") * people).sum() / people.sum())
        .rows()
    )
    rows = []
    for name in CONSTELLATION:
        own = cells.join(
            of.latency.filter(pl.col("constellation") == name), on="cell_id", how="left", maintain_order="left"
        )
        fleet = fleets.get(name, {})
        row: dict[str, Any] = {"rival": name, "rival_kind": "constellation", "covered_fraction": covered.get(name)}
        row |= {
            "operator": OPERATORS.get(name, titles[name]),
            "reached_people_fraction": _mean(own, "reachable_fraction"),
        }
        row |= _satellite_ways(own, model) | launches(
            of.satellites.filter(pl.col("constellation") == name), of.satellites, day
        )
        row |= {k: fleet.get(k) for k in _OF_FLEET} | {"market_count": _markets(of.kpis, OPERATORS.get(name), day)}
        rows.append(row)
    return rows


_OF_FLEET = (
    "gateway_count", "satellite_count", "operational_count", "installed_down_tbps", "in_service_down_tbps", "sellable_down_tbps",
)  # fmt: skip


def _satellite_ways(own: pl.DataFrame, model: Model) -> dict[str, Any]:
    """Times of a constellation's cells to the nearest region; the range is that of the access overhead."""
    base_ms = own["rtt_cloud_p50_ms"].fill_null(np.nan).to_numpy()
    off = model.access_ms
    less_ms, more_ms = base_ms + (off.low - off.base), base_ms + (off.high - off.base)
    gpu_ms = own["rtt_gpu_p50_ms"].fill_null(np.nan).to_numpy()
    return _times(own, base_ms, less_ms, more_ms, gpu_ms) | _same_fibre(own, base_ms)


def _backbones(of: Day, cells: pl.DataFrame, model: Model) -> list[dict[str, Any]]:
    works = of.site.filter((pl.col("status") == "operational") & pl.col("latitude_deg").is_not_null())
    sites = works.filter(pl.col("kind") == "compute_site").sort("site_id")
    fit = _fit(of.fibre)
    online, gpu_ms = _online(of.country), _fibre_ms(cells, _nearest(cells, sites), fit, model, 0)
    rows = []
    for name, title in BACKBONES.items():
        regions = works.filter((pl.col("kind") == "cloud_region") & (pl.col("operator") == title)).sort("site_id")
        there = _nearest(cells, regions)
        base_ms, low_ms, high_ms = (_fibre_ms(cells, there, fit, model, k) for k in (0, 1, 2))
        row: dict[str, Any] = {
            "rival": name,
            "rival_kind": "backbone",
            "operator": title,
            "region_count": regions.height,
        }
        row |= _times(cells, base_ms, low_ms, high_ms, gpu_ms) | {"reached_people_fraction": online}
        row |= _same_fibre(cells, _fibre_ms(cells, there, fit.clear(), model, 0))
        rows.append(row | {"fibre_basis": _basis(fit, model)})
    return rows


def _nearest(cells: pl.DataFrame, goals: pl.DataFrame) -> pl.DataFrame:
    """The goal nearest to each cell, a row for each; no rows where there is no goal."""
    return goals if goals.is_empty() else goals[latency.nearest(cells, goals).tolist()]


def _fibre_ms(cells: pl.DataFrame, there: pl.DataFrame, fit: pl.DataFrame, model: Model, bound: int) -> Numbers:
    """Round trips [ms] of cells, (cell,), to what stands nearest to each over fibre; not a number where nothing does. bound: 0 base, 1 low, 2 high."""
    if there.is_empty():
        return np.full(cells.height, np.nan)
    ends = [rows[name].to_numpy() for rows in (cells, there) for name in ("latitude_deg", "longitude_deg")]
    km = great_circle_km(*ends)
    if fit.is_empty():
        return np.asarray(fibre.fibre_ms(km) * model.stretch[bound] + model.last_mile_ms[bound])
    stretch, overhead_ms = fibre.stretch(fit, *ends)
    if bound:
        name, widened = (("stretch_low_factor", np.minimum), ("stretch_high_factor", np.maximum))[bound - 1]
        own = fit.with_columns(pl.coalesce(name, "stretch_factor").alias("stretch_factor"))
        # A quartile of single pairs may lie on the wrong side of the fit, or be faster than glass: the constant is taken off both alike.
        stretch = np.maximum(widened(fibre.stretch(own, *ends)[0], stretch), 1.0)
    return np.asarray(fibre.fibre_ms(km) * stretch + overhead_ms + model.last_mile_ms[bound])


def _fit(rows: pl.DataFrame) -> pl.DataFrame:
    """The day's fit of the first of MEASURED that has one; empty where none has."""
    for name in MEASURED:
        own = rows.filter(pl.col("source") == name)
        if own.height:
            return own
    return rows.clear()


def _basis(fit: pl.DataFrame, model: Model) -> str:
    if fit.height:
        return f"stretch and constant by region of {fit['source'][0]} (core.fibre_error_daily), {model.last_mile_ms.base:g} ms of access assumed"
    return f"fixed stretch of {model.stretch.base:g}, nothing measured is landed, {model.last_mile_ms.base:g} ms of access assumed"


def _times(cells: pl.DataFrame, base_ms: Numbers, low_ms: Numbers, high_ms: Numbers, gpu_ms: Numbers) -> dict[str, Any]:
    """Medians over people, and who is within WITHIN_MS; null where no cell has a way."""
    people, ai = cells["people"].to_numpy(), cells["ai"].to_numpy()
    row: dict[str, Any] = {
        name: weighted_median(values, people)
        for name, values in (
            ("rtt_median_ms", base_ms),
            ("rtt_median_low_ms", low_ms),
            ("rtt_median_high_ms", high_ms),
            ("rtt_gpu_median_ms", gpu_ms),
        )
    }
    if np.isnan(base_ms).all():
        return row
    for who, weight in (("people", people), ("ai", ai)):
        for ms in WITHIN_MS:
            part = float(weight[base_ms <= ms].sum())
            row[f"{who}_within_{ms}_ms_fraction"] = _over(part, float(weight.sum()))
    return row


def _same_fibre(cells: pl.DataFrame, way_ms: Numbers) -> dict[str, Any]:
    """Median over people and who is within 50 ms, over ways whose fibre has the fixed stretch."""
    people = cells["people"].to_numpy()
    known = not np.isnan(way_ms).all()
    within = _over(float(people[way_ms <= 50].sum()), float(people.sum())) if known else None
    return {
        "rtt_same_fibre_median_ms": weighted_median(way_ms, people),
        "people_same_fibre_within_50_ms_fraction": within,
    }


def weighted_median(values: Numbers, weight: Numbers) -> float | None:
    """The least value that half of the weight does not exceed, (n,) each, of values that are numbers; None where there is no weight."""
    known = np.isfinite(values) & (weight > 0)
    if not known.any():
        return None
    order = np.argsort(values[known], kind="stable")
    sums = np.cumsum(weight[known][order])
    return float(values[known][order][np.searchsorted(sums, sums[-1] / 2)])


def launches(own: pl.DataFrame, everybody: pl.DataFrame, day: date) -> dict[str, int | None]:
    """Launches of LAUNCH_DAYS to a day, and their satellites; rows of core.satellite_daily of one constellation, and of all.

    A launch whose day is not known is recent where its designator comes after those of all launches that are known to be older: designators
    are given in the order of launches.
    """
    start = day - timedelta(days=LAUNCH_DAYS)
    older = everybody.filter(pl.col("launch_day") <= start)["launch"].max()
    if everybody["launch_day"].null_count() == everybody.height:
        return {"launch_90d_count": None, "launched_satellite_90d_count": None}
    after = pl.lit(value=True) if older is None else pl.col("launch") > older
    recent = own.filter(
        pl.when(pl.col("launch_day").is_null())
        .then(after)
        .otherwise(pl.col("launch_day").is_between(start, day, "right"))
    )
    return {
        "launch_90d_count": recent["launch"].drop_nulls().n_unique(),
        "launched_satellite_90d_count": recent.height,
    }


def _markets(kpis: pl.DataFrame, name: str | None, day: date) -> int | None:
    rows = operator.standing(kpis, day).filter((pl.col("operator") == name) & (pl.col("kpi") == "markets"))
    return int(rows["reported_value"][0]) if rows.height else None


def _online(country: pl.DataFrame) -> float | None:
    """Fraction of people who use the Internet, of the countries of which that is known."""
    known = country.drop_nulls("internet_users_fraction")
    online = (known["internet_users_fraction"] * known["population_count"]).sum()
    return _over(float(online), float(known["population_count"].sum()))


def _mean(own: pl.DataFrame, name: str) -> float | None:
    """Mean over people of a column of cells, of those where it is known."""
    known = own.drop_nulls(name)
    return _over(float((known[name] * known["people"]).sum()), float(known["people"].sum()))


def _missing(row: dict[str, Any]) -> str | None:
    lacks = {
        "gateways or PoPs, and so the way": row.get("rtt_median_ms") is None and row["rival_kind"] == "constellation",
        "cloud regions": row["rival_kind"] == "backbone" and not row["region_count"],
        "capacity": row.get("sellable_down_tbps") is None,
        "markets": row["rival_kind"] == "constellation" and row.get("market_count") is None,
    }
    return ", ".join(name for name, is_missing in lacks.items() if is_missing) or None


def _over(a: float | None, b: float | None) -> float | None:
    """A quotient; None where either is not known, or there is nothing to divide by."""
    return None if a is None or not b else a / b
