"""The inputs of what a Gbps-month costs, one row each with its source: shipped figures, and what the day's own tables say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.metrics.economics import ALL, INPUT, NEEDED, PLANNED, WORDS
from pipeline.metrics.lid import DRAWN_AS
from pipeline.table import CONSTELLATION

FILE = "economics_model.csv"
# Build costs that are drawn as one range of uncertainty_ranges.csv; others by their own three figures.
BUILD_DRAWN_AS = {"starlink-v2mini": "sat_build_cost_v2", "starlink-v2mini-opt": "sat_build_cost_v2"}
FALCON_9 = "falcon9_marginal"
QUARTER = (date(2026, 1, 1), date(2026, 3, 31))  # the newest one with a reported revenue
REVENUE_OF = "starlink"
LEAST_DAYS = 80  # of the quarter: with fewer the shipped Gbps stand

Row = dict[str, object]


@dataclass(frozen=True)
class References:
    """Rows of the shipped files: satellite_generations.csv, economics.csv, economics_model.csv and uncertainty_ranges.csv."""

    generations: pl.DataFrame
    economics: pl.DataFrame
    model: pl.DataFrame
    uncertain: pl.DataFrame


def compute(
    of: References,
    fleet: pl.DataFrame,
    capacity: pl.DataFrame,
    generation: pl.DataFrame,
    quarter: pl.DataFrame,
    day: date,
) -> pl.DataFrame:
    """Rows of INPUT.

    fleet: constellation, generation, satellite_count and operational_count of broadband satellites (`flying`). capacity: core.fleet_capacity_daily.
    generation: dim.generation. quarter: core.fleet_history_daily of the days of QUARTER, as far as there are any.
    """
    rows: list[Row] = []
    for name in CONSTELLATION:
        kinds = fleet.filter(pl.col("constellation") == name)
        for kind in kinds.iter_rows(named=True):
            rows += [
                row | {"constellation": name, "generation": kind["generation"]}
                for row in _of_generation(of, generation, kind)
            ]
        own = capacity.filter(pl.col("constellation") == name).row(0, named=True)
        rows += [
            row | {"constellation": name, "generation": ALL} for row in _of_constellation(of, own, quarter, generation)
        ]
    schema = {c: kind for c, kind in INPUT.polars_schema.items() if c != "day"}
    frame = pl.DataFrame(rows, schema=schema, strict=False)
    return INPUT.conform(frame.with_columns(pl.lit(day).alias("day")))


def flying(history: pl.DataFrame) -> pl.DataFrame:
    """Counts of broadband satellites by constellation and generation, and none of what is planned; from the day's core.fleet_history_daily."""
    names = ("constellation", "generation", "satellite_count", "operational_count")
    own = history.filter(pl.col("payload_class") == "broadband").select(names)
    planned = [
        {"constellation": c, "generation": g, "satellite_count": 0, "operational_count": 0} for g, c in PLANNED.items()
    ]
    absent = pl.DataFrame(planned, schema=own.schema).join(own, on="generation", how="anti")
    return pl.concat([own.with_columns(pl.col("operational_count").fill_null(0)), absent])


def missing(inputs: pl.DataFrame, fleet: pl.DataFrame) -> pl.DataFrame:
    """What is not known of generations, so that their costs are null: row_number, row_key, reason."""
    have = inputs.group_by("constellation", "generation").agg(pl.col("economics_input").alias("known"))
    rows = fleet.join(have, on=["constellation", "generation"], how="left").sort("constellation", "generation")
    found: list[tuple[int, str, str]] = []
    for row in rows.iter_rows(named=True):
        lacks = [WORDS[name] for name in NEEDED if name not in (row["known"] or [])]
        if lacks:
            reason = f"its {' and '.join(lacks)} is not known: what a Gbps-month of it costs is null, not zero"
            found.append((len(found) + 1, f"{row['constellation']} {row['generation']}", reason))
    return pl.DataFrame(found, schema={"row_number": pl.Int64, "row_key": pl.String, "reason": pl.String}, orient="row")


def _of_generation(of: References, generation: pl.DataFrame, counts: Mapping[str, object]) -> Iterator[Row]:
    name = str(counts["generation"])
    yield _counted(
        "operational",
        counts["operational_count"],
        "satellites",
        "core.fleet_history_daily: broadband satellites at work",
    )
    down = generation.filter(pl.col("generation") == name)
    figure = _figure(of.generations, {"generation": name, "parameter": "downlink_capacity"})
    told = down.row(0, named=True) if down.height else {}
    if told.get("down_gbps") is not None:
        three = {
            f"{place}_number": told[f"down{end}_gbps"]
            for place, end in (("value", ""), ("low", "_low"), ("high", "_high"))
        }
        kept = {key: value for key, value in (figure or {}).items() if not key.endswith("_number")}
        cited = {
            "source_title": told["citation"] or "not told",
            "confidence": told["confidence"] or "not told",
            "source_url_or_repo": "shipped",
            "date_text": "not told",
        }
        yield _row("down", cited | kept | three | {"unit": "Gbps"}, DRAWN_AS.get(name, {}).get("down"))
    own = {"generation": name}
    if build := _figure(of.generations, own | {"parameter": "build_cost"}):
        yield _row("build_cost", build, BUILD_DRAWN_AS.get(name))
    launch = _figure(of.generations, own | {"parameter": "launch_cost_per_sat"}) or _figure(
        of.model, {"scope": name, "parameter": "launch_cost_per_sat"}
    )
    per = _figure(of.model, {"scope": name, "parameter": "satellites_per_launch"})
    if launch:
        yield _row("launch_cost", launch, FALCON_9 if per else None)
    if per:  # counted: not drawn
        yield _row(
            "satellites_per_launch", per | {"low_number": per["value_number"], "high_number": per["value_number"]}
        )
    is_starlink = counts["constellation"] == REVENUE_OF
    life = None if is_starlink else _figure(of.generations, own | {"parameter": "design_life"})
    yield _row("life", life) if life else _range(of, "sat_life", "life", "years")


def _of_constellation(
    of: References, own: Mapping[str, object], quarter: pl.DataFrame, generation: pl.DataFrame
) -> Iterator[Row]:
    name = str(own["constellation"])
    yield _range(of, "discount_rate", "discount_rate", "1 a year")
    for parameter in ("opex_fraction", "gateway_site_cost"):
        if figure := _figure(of.model, {"scope": "any", "parameter": parameter}):
            yield _row(parameter, figure)
    count, at_work = own["gateway_count"] or 0, own["broadband_operational_count"]
    if count and at_work:
        text = f"core.fleet_capacity_daily: {count} gateways over {at_work} broadband satellites at work"
        yield _counted("sites_per_satellite", float(count) / float(at_work), "sites", text)  # type: ignore[arg-type]
    elif figure := _figure(of.model, {"scope": name, "parameter": "sites_per_satellite"}):
        yield _row("sites_per_satellite", figure)
    if own["in_service_down_tbps"] is not None:
        yield _counted(
            "in_service",
            own["in_service_down_tbps"],
            "Tbps",
            "core.fleet_capacity_daily: downlink of the satellites at work",
        )
    yield from _sellable(own)
    if name == REVENUE_OF:
        yield from _revenue(of, quarter, generation)


def _sellable(own: Mapping[str, object]) -> Iterator[Row]:
    base, low, middle, high = (own.get(f"sellable_down{end}_tbps") for end in ("", "_p10", "_p50", "_p90"))
    if base is None:
        return
    text = "core.fleet_capacity_daily: what is served of the demand in a fair share"
    ends = {"low_number": base if low is None else low, "high_number": base if high is None else high}
    yield _counted("sellable", base, "Tbps", text) | ends
    if middle is not None:
        yield _counted("sellable_median", middle, "Tbps", f"{text}, median of the draws")


def _revenue(of: References, quarter: pl.DataFrame, generation: pl.DataFrame) -> Iterator[Row]:
    revenue = _figure(of.economics, {"topic": "revenue", "item": "Connectivity revenue Q1 2026"}, 1e9)
    if revenue is None:
        return
    yield _row("quarter_revenue", revenue | {"unit": "USD"})
    shipped = _shipped_gbps(of.economics)
    if shipped:
        yield _row("quarter_shipped", shipped)
    found = _installed(quarter, generation)
    if found:
        low, base, high, days = found
        text = f"core.fleet_history_daily: broadband downlink installed, mean of {days} days of the quarter; high with direct-to-cell satellites at their high figure"
        yield _counted("quarter_installed", base, "Gbps", text) | {"low_number": low, "high_number": high}
    elif shipped:
        yield _row("quarter_installed", shipped)


def _shipped_gbps(economics: pl.DataFrame) -> Row | None:
    """The Gbps of the quarter that economics.csv derives its revenue per Gbps from."""
    figure = _figure(economics, {"topic": "unit", "item": "Starlink revenue per Gbps deployed"})
    if figure is None:
        return None
    title = f"economics.csv: 750,000 Gbps deployed, 640,000 to 830,000 ({figure['source_title']})"
    return figure | {
        "value_number": 750e3,
        "low_number": 640e3,
        "high_number": 830e3,
        "unit": "Gbps",
        "source_title": title,
    }


def _installed(quarter: pl.DataFrame, generation: pl.DataFrame) -> tuple[float, float, float, int] | None:
    """Gbps installed in the quarter, low, base and high, means of its days, and how many days; None where too few days are known."""
    own = quarter.filter((pl.col("constellation") == REVENUE_OF) & pl.col("day").is_between(*QUARTER))
    rows = own.join(generation.select("generation", "down_low_gbps", "down_high_gbps"), on="generation", how="left")
    broadband, cells = pl.col("payload_class") == "broadband", pl.col("payload_class") == "direct_to_cell"
    count = pl.col("satellite_count")
    days = rows.group_by("day").agg(
        pl.col("installed_down_gbps").filter(broadband).sum().alias("base"),
        pl.col("installed_down_gbps").filter(broadband).null_count().alias("unknown"),
        (count * pl.col("down_low_gbps")).filter(broadband).sum().alias("low"),
        (count * pl.col("down_high_gbps")).filter(broadband | cells).sum().alias("high"),
    )
    known = days.filter((pl.col("unknown") == 0) & (pl.col("base") > 0)).sort("day")
    if known.height < LEAST_DAYS:
        return None
    low, base, high = (float(known[name].mean()) for name in ("low", "base", "high"))  # type: ignore[arg-type]
    return min(low, base), base, max(base, high), known.height


def _figure(rows: pl.DataFrame, where: Mapping[str, str], scale: float = 1.0) -> Row | None:
    """The one row of a shipped file as columns of INPUT; None where there is none, or it has no number."""
    found = rows.filter(pl.all_horizontal(pl.col(key) == value for key, value in where.items()))
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    value, low, high = (_number(row[name]) for name in ("value", "low", "high"))
    if value is None:
        return None
    ends = {
        "value_number": value,
        "low_number": value if low is None else low,
        "high_number": value if high is None else high,
    }
    return {
        **{name: number * scale for name, number in ends.items()},
        "unit": row["unit"], "source_title": row["source_title"] or "not told", "source_url_or_repo": row["source_url_or_repo"] or "not told",
        "date_text": str(row["date"]), "confidence": row["confidence"] or "not told",
    }  # fmt: skip


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _row(name: str, figure: Row, drawn_as: str | None = None) -> Row:
    return {"economics_input": name, "drawn_as": drawn_as, **figure}


def _range(of: References, parameter: str, name: str, unit: str) -> Row:
    """A row of uncertainty_ranges.csv as an input."""
    row = of.uncertain.filter(pl.col("parameter") == parameter).row(0, named=True)
    return {
        "economics_input": name, "drawn_as": parameter, "value_number": row["base"], "low_number": row["low"], "high_number": row["high"],
        "unit": unit, "source_title": f"uncertainty_ranges.csv, {parameter}: {row['why_uncertain']}", "source_url_or_repo": "shipped",
        "date_text": "2026", "confidence": "low",
    }  # fmt: skip


def _counted(name: str, value: object, unit: str, source: str) -> Row:
    """Something that the day's own tables say."""
    return {
        "economics_input": name, "drawn_as": None, "value_number": value, "low_number": value, "high_number": value, "unit": unit,
        "source_title": source, "source_url_or_repo": "this warehouse", "date_text": "the day", "confidence": "computed",
    }  # fmt: skip
