"""AI use: from tokens, minutes and images to bits, and from the world to its cells.

The ledger is a sum that a reader can redo by hand: units a day x bytes per unit x 8 / 86,400 s, per workload, down and up, with every
input cited or called an assumption (reference/ai_ledger.csv). A workload's units are told (tokens) or sessions x the fraction of
sessions that have it x units in one.

An interval of a product takes its factors to be independent: the logarithms of high / value and value / low add in quadrature.

The world's use is laid on cells by people x Internet use x income per head to a power. A country without Internet use or income is
null, never zero, and its part of the world's total is with the others: it is listed, and it is small. The hour is the local solar
one, and its share of a day is a cosine about a peak: 24 of them stand for every cell, so that Gbps of a cell, workload and hour are
the cell's mean x the hour's share x 24.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.table import AI_WORKLOAD, Column, Table

SECONDS_PER_DAY = 86_400

_GBPS = [
    Column(f"{layer}{way}_{bound}gbps", "number", "Gbps", f"{meaning}, mean of the day, {words}", 0)
    for layer, meaning in (("payload_", "What users send and read, itself"), ("", "The same with framing and headers"))
    for way, bound, words in (
        ("down", "low_", "low"), ("down", "", "base"), ("down", "high_", "high"),
        ("up", "low_", "low"), ("up", "", "base"), ("up", "high_", "high"),
    )
]  # fmt: skip

LEDGER = Table(
    "core.ai_ledger_daily",
    "one row per day and workload of AI: the world's use, from units to bits",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("workload", "ai_workload", "", "Workload", key=True),
        Column("unit", "text", "", "What is counted"),
        Column("units_per_day_low_count", "number", "", "Units a day in the world, low", 0),
        Column("units_per_day_count", "number", "", "Units a day in the world, base", 0),
        Column("units_per_day_high_count", "number", "", "Units a day in the world, high", 0),
        Column("unit_size_bytes", "number", "bytes", "Bytes of a unit, both ways, before framing and headers", 0),
        Column("up_fraction", "number", "1", "Fraction of the bytes that users send", 0, 1),
        Column("overhead_down_factor", "number", "", "What framing and headers make of a byte to users", 1),
        Column("overhead_up_factor", "number", "", "What headers make of a byte from users", 1),
        *_GBPS,
        Column("busy_hour_fraction", "number", "1", "Fraction of a day's use in its busiest hour", 0, 1),
        Column("peak_solar_h", "number", "h", "Local solar hour of the most use", 0, 24),
        Column("source", "text", "", "Sources of units, bytes and directions"),
    ),
)

HOUR = Table(
    "core.ai_hour_daily",
    "one row per day, workload and local solar hour: how a day's use is spread",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("workload", "ai_workload", "", "Workload", key=True),
        Column("solar_hour_number", "integer", "", "Hour of the local solar day that begins then", 0, 23, key=True),
        Column("use_fraction", "number", "1", "Fraction of the day's use in that hour; all 24 sum to one", 0, 1),
    ),
)

DEMAND = Table(
    "core.demand_daily",
    "one row per day, cell with people and workload: mean AI demand, with framing and headers",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("cell_id", "cell", "", "HEALPix index, nested", key=True),
        Column("workload", "ai_workload", "", "Workload", key=True),
        Column("use_fraction", "number", "1", "Fraction of the world's AI use; null where no country of the cell has data", 0, 1, nullable=True),
        Column("down_gbps", "number", "Gbps", "To users, mean of the day", 0, nullable=True),
        Column("up_gbps", "number", "Gbps", "From users, mean of the day", 0, nullable=True),
        Column("busy_down_gbps", "number", "Gbps", "To users, in the busiest hour", 0, nullable=True),
        Column("busy_up_gbps", "number", "Gbps", "From users, in the busiest hour", 0, nullable=True),
    ),
)  # fmt: skip

COUNTRY = Table(
    "core.ai_country_daily",
    "one row per day and country or territory: its share of the world's AI use",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("people_count", "number", "people", "People", 0),
        Column("use_fraction", "number", "1", "Fraction of the world's AI use; null without Internet use or income", 0, 1, nullable=True),
        Column("use_low_fraction", "number", "1", "The same, the lower of those at the least and the greatest power of income", 0, 1, nullable=True),
        Column("use_high_fraction", "number", "1", "The same, the higher of the two", 0, 1, nullable=True),
        Column("down_gbps", "number", "Gbps", "To users, all workloads, mean of the day", 0, nullable=True),
        Column("up_gbps", "number", "Gbps", "From users, all workloads, mean of the day", 0, nullable=True),
        Column("missing", "text", "", "What is not known of the country, so that its use is null", nullable=True),
    ),
)  # fmt: skip

TABLES = (LEDGER, HOUR, DEMAND, COUNTRY)


class LedgerError(ValueError):
    """ai_ledger.csv lacks a quantity, or one is out of order."""


def compute(
    reference: pl.DataFrame, country: pl.DataFrame, cell_country: pl.DataFrame, day: date
) -> dict[str, pl.DataFrame]:
    """Rows of all tables: reference is ai_ledger.csv, country and cell_country are the dimensions.

    Raises LedgerError where the reference does not add up.
    """
    rows, power = ledger(reference), _quantity(reference, "all", "income_power")
    shares = [country_shares(country, each) for each in power]
    frames = {
        LEDGER: rows,
        HOUR: hours(rows),
        DEMAND: cells(rows, country, cell_country, shares[1]),
        COUNTRY: countries(rows, country, shares),
    }
    return {table.name: table.conform(frame.with_columns(pl.lit(day).alias("day"))) for table, frame in frames.items()}


def ledger(reference: pl.DataFrame) -> pl.DataFrame:
    """Rows of LEDGER, without the day."""
    return pl.DataFrame([_ledger_row(reference, workload) for workload in AI_WORKLOAD])


def hours(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of HOUR, without the day: a cosine about the peak, as high there as the busiest hour's fraction says."""
    hour = np.arange(24)
    parts = [
        pl.DataFrame({"workload": workload, "solar_hour_number": hour, "use_fraction": profile(busy, peak)})
        for workload, busy, peak in rows.select("workload", "busy_hour_fraction", "peak_solar_h").rows()
    ]
    return pl.concat(parts)


def country_shares(country: pl.DataFrame, power: float) -> NDArray[np.float64]:
    """Fraction of the world's AI use of each row of dim.country, not a number where it is unknown: people x Internet use x income^power."""
    people, users, income = (
        country[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        for name in ("population_count", "internet_users_fraction", "gdp_per_head_ppp_usd")
    )
    weight = people * users * income**power
    return np.asarray(weight / np.nansum(weight), np.float64)


def cells(
    rows: pl.DataFrame, country: pl.DataFrame, cell_country: pl.DataFrame, share: NDArray[np.float64]
) -> pl.DataFrame:
    """Rows of DEMAND, without the day: a country's share goes to its cells with its people."""
    per_head = pl.DataFrame(
        {
            "country_iso3": country["country_iso3"],
            "per_head": share / country["population_count"].to_numpy(),
        }
    ).with_columns(pl.col("per_head").fill_nan(None))
    use = pl.col("population_count") * pl.col("per_head")
    # A sum of nothing known is null, not zero.
    total = pl.when(pl.col("per_head").is_not_null().any()).then(use.sum())
    of_cell = (
        cell_country.filter(pl.col("population_count") > 0)
        .join(per_head, on="country_iso3", how="left")
        .group_by("cell_id", maintain_order=True)
        .agg(total.alias("use_fraction"))
    )
    world = rows.select("workload", "down_gbps", "up_gbps", (pl.col("busy_hour_fraction") * 24).alias("busy"))
    gbps = [pl.col(name) * pl.col("use_fraction") for name in ("down_gbps", "up_gbps")]
    busy = [(pl.col(name) * pl.col("busy")).alias(f"busy_{name}") for name in ("down_gbps", "up_gbps")]
    return of_cell.join(world, how="cross").with_columns(gbps).with_columns(busy).drop("busy")


def countries(rows: pl.DataFrame, country: pl.DataFrame, shares: list[NDArray[np.float64]]) -> pl.DataFrame:
    """Rows of COUNTRY, without the day; shares at the low, base and high power of income."""
    low, base, high = (pl.Series(share).fill_nan(None) for share in shares)
    lacks = [
        pl.when(pl.col(name).is_null()).then(pl.lit(words))
        for name, words in (("internet_users_fraction", "Internet use"), ("gdp_per_head_ppp_usd", "income per head"))
    ]
    missing = pl.concat_str(lacks, separator=", ", ignore_nulls=True)
    frame = country.select(
        "country_iso3", pl.col("population_count").alias("people_count"), missing.replace({"": None}).alias("missing")
    )
    return frame.with_columns(
        base.alias("use_fraction"),
        pl.DataFrame({"a": low, "b": high}).min_horizontal().alias("use_low_fraction"),
        pl.DataFrame({"a": low, "b": high}).max_horizontal().alias("use_high_fraction"),
        *((base * float(rows[name].sum())).alias(name) for name in ("down_gbps", "up_gbps")),
    )


def _ledger_row(reference: pl.DataFrame, workload: str) -> dict[str, object]:
    units, unit = _units(reference, workload)
    size, up = _quantity(reference, workload, "bytes_per_unit"), _quantity(reference, workload, "up_fraction")
    headers = _quantity(reference, "all", "packet_overhead")
    overhead = {"down": _product(headers, _framing(reference, workload)), "up": headers}
    ways = {"down": (1 - up[2], 1 - up[1], 1 - up[0]), "up": up}
    gbps: dict[str, object] = {}
    for way, part in ways.items():
        for layer, factors in (("payload_", [units, size, part]), ("", [units, size, part, overhead[way]])):
            low, base, high = (b * 8 / SECONDS_PER_DAY / 1e9 for b in _product(*factors))
            gbps |= {f"{layer}{way}_low_gbps": low, f"{layer}{way}_gbps": base, f"{layer}{way}_high_gbps": high}
    return {
        "workload": workload,
        "unit": unit,
        "units_per_day_low_count": units[0],
        "units_per_day_count": units[1],
        "units_per_day_high_count": units[2],
        "unit_size_bytes": size[1],
        "up_fraction": up[1],
        "overhead_down_factor": overhead["down"][1],
        "overhead_up_factor": overhead["up"][1],
        **gbps,
        "busy_hour_fraction": _quantity(reference, "all", "busy_hour_fraction")[1],
        "peak_solar_h": _quantity(reference, workload, "peak_solar_hour")[1],
        "source": _sources(reference, workload),
    }


Interval = tuple[float, float, float]


def _units(reference: pl.DataFrame, workload: str) -> tuple[Interval, str]:
    """Units a day, low, base and high, and what they are."""
    told = reference.filter((pl.col("workload") == workload) & (pl.col("quantity") == "units"))
    if told.height:
        return _quantity(reference, workload, "units"), told["unit"][0].removesuffix(" per day")
    parts = (("all", "sessions"), (workload, "session_fraction"), (workload, "units_per_session"))
    per_session = reference.filter((pl.col("workload") == workload) & (pl.col("quantity") == "units_per_session"))
    unit = per_session["unit"][0].removesuffix(" per session") if per_session.height else ""
    return _product(*(_quantity(reference, *part) for part in parts)), unit


def _framing(reference: pl.DataFrame, workload: str) -> Interval:
    """What framing makes of a byte to users: nothing where no row says so."""
    there = reference.filter((pl.col("workload") == workload) & (pl.col("quantity") == "framing")).height
    return _quantity(reference, workload, "framing") if there else (1.0, 1.0, 1.0)


def _product(*factors: Interval) -> Interval:
    """Low, base and high of a product of independent factors: logarithms of the ratios add in quadrature."""
    base = float(np.prod([value for _, value, _ in factors]))
    down = np.sqrt(sum(np.log(value / low) ** 2 for low, value, _ in factors))
    up = np.sqrt(sum(np.log(high / value) ** 2 for _, value, high in factors))
    return base * float(np.exp(-down)), base, base * float(np.exp(up))


def profile(busy: float, peak: float) -> NDArray[np.float64]:
    """Fraction of a day in each hour: (1 + m cos) / 24 at the middles of hours, m such that the peak's hour has `busy`."""
    away = 2 * np.pi * (np.arange(24) + 0.5 - (peak + 0.5)) / 24
    return np.asarray((1 + min(24 * busy - 1, 1.0) * np.cos(away)) / 24, np.float64)


def _quantity(reference: pl.DataFrame, workload: str, quantity: str) -> Interval:
    """Low, value and high of a quantity; the value itself where no bound is told. Raises LedgerError."""
    rows = reference.filter((pl.col("workload") == workload) & (pl.col("quantity") == quantity))
    if rows.height != 1:
        raise LedgerError(
            f"ai_ledger.csv has {rows.height} rows for {quantity} of {workload}, not one: restore it from the repository"
        )
    value = float(rows["value"][0])
    low, high = (float(rows[bound][0]) if rows[bound][0] is not None else value for bound in ("low", "high"))
    if not 0 < low <= value <= high < np.inf:
        raise LedgerError(f"ai_ledger.csv: {quantity} of {workload} is not low <= value <= high, above 0")
    return low, value, high


def _sources(reference: pl.DataFrame, workload: str) -> str:
    """What a workload's row rests on, each source once."""
    rows = reference.filter(pl.col("workload").is_in([workload, "all"]) & (pl.col("quantity") != "claimed_traffic"))
    told = rows.select(pl.format("{}: {}", "quantity", "source_title"))
    return "; ".join(told.to_series().unique(maintain_order=True))
