"""What operators report of themselves, with period and filing: a record that ships, and what the user lands beside it.

A figure is never overwritten. Where a later filing gives another one for the same operator, figure, region and period both are kept, and
the earlier says that it is restated, and by which filing. Units are few: amounts in USD, what is counted in pieces, fractions of 0 to 1.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.source import EXCLUDED_SCHEMA
from pipeline.table import OPERATOR_KPI, Column, Table

WORLD = "world"

KPI = Table(
    "core.operator_kpi",
    "one row per operator, figure that it reports, region, period and filing",
    (
        Column("operator", "text", "", "Who reports, or is reported on", key=True),
        Column("kpi", "operator_kpi", "", "What is reported", key=True),
        Column("region", "text", "", "ISO 3166-1 alpha-3 code, or world", key=True),
        Column("period_start_day", "day", "UTC date", "First day of the period; of a count its day, the last of the month or year where no more is told", key=True),
        Column("period_end_day", "day", "UTC date", "Last day of the period; of what is planned or due, the day by which", key=True),
        Column("filing", "text", "", "Filing or publication that says so", key=True),
        Column("reported_value", "number", "", "The figure, in the unit beside it"),
        Column("reported_low_value", "number", "", "The least that it may be; null where one figure alone is told", nullable=True),
        Column("reported_high_value", "number", "", "The most that it may be; null where one figure alone is told", nullable=True),
        Column("unit", "text", "", "count, USD, USD/month, fraction (0 to 1), Tbps or Tbps/week"),
        Column("filed_day", "day", "UTC date", "Day on which it was filed; the last of the month or year where no more is told"),
        Column("filed_text", "text", "", "The same as far as it is told"),
        Column("is_restated", "flag", "", "Whether a later filing gives another figure for the same period"),
        Column("restated_by", "text", "", "That filing, the last one; null where there is none", nullable=True),
        Column("confidence", "text", "", "How sure the row is"),
        Column("source", "text", "", "Where it was read, which is seldom the filing itself"),
        Column("source_url", "text", "", "Where that is", nullable=True),
        Column("note", "text", "", "What else is told", nullable=True),
    ),
)  # fmt: skip

# What a figure is measured in; a list may say it in any unit of SCALES that leads there.
_USD, _COUNT, _FRACTION, _TBPS = "USD", "count", "fraction", "Tbps"
_OTHERS = {
    "arpu": "USD/month", "connectivity_revenue_share": _FRACTION, "connectivity_ebitda_margin": _FRACTION, "capacity": _TBPS,
    "capacity_planned": _TBPS, "capacity_per_week": "Tbps/week",
}  # fmt: skip
_COUNTED = ("subscribers", "markets", "shares", "satellites", "gateway")
UNITS = {kpi: _OTHERS.get(kpi, _COUNT if kpi.startswith(_COUNTED) else _USD) for kpi in OPERATOR_KPI}
SCALES: dict[str, tuple[str, float]] = {
    "USD": (_USD, 1.0), "USD million": (_USD, 1e6), "USD billion": (_USD, 1e9), "USD/month": ("USD/month", 1.0), "count": (_COUNT, 1.0),
    "thousand": (_COUNT, 1e3), "million": (_COUNT, 1e6), "fraction": (_FRACTION, 1.0), "percent": (_FRACTION, 0.01), "Gbps": (_TBPS, 1e-3),
    "Tbps": (_TBPS, 1.0), "Tbps/week": ("Tbps/week", 1.0),
}  # fmt: skip
# What lies ahead of its filing.
AHEAD = ("satellites_planned", "satellites_due", "capacity_planned", "capex_guided")
# What may be below nought: a loss, cash beyond all debt.
SIGNED = (
    "operating_income", "connectivity_operating_income", "ebitda", "connectivity_ebitda_margin", "free_cash_flow", "net_debt",
)  # fmt: skip
_PERIOD = ["operator", "kpi", "region", "period_start_day", "period_end_day"]
_FIGURES = ("reported_value", "reported_low_value", "reported_high_value")
_SAME = 1e-9  # figures that differ by less, of themselves, are the same


def compute(shipped: pl.DataFrame, filings: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of KPI, and the landed rows that were left out of it (row_number, row_key, reason).

    shipped: operator_kpi.csv. filings: raw.operator_filings. A landed row with the very filing of a shipped one stands in its place. Raises
    ValueError where a shipped row has a unit that its figure is not measured in.
    """
    judged = filings.rename({"kpi_text": "kpi"}).with_columns(_reason(day).alias("reason"))
    landed = _scaled(judged.filter(pl.col("reason").is_null())).with_columns(
        *(pl.lit(None, pl.Float64).alias(name) for name in _FIGURES[1:]),
        pl.col("filed_day").cast(pl.String).alias("filed_text"),
        pl.lit("as landed").alias("confidence"),
        pl.lit("operator_filings, as landed").alias("source"),
        pl.lit(None, pl.String).alias("note"),
    )
    names = [name for name in KPI.column_names if not name.startswith(("is_restated", "restated_by"))]
    both = pl.concat([landed.select(names), _shipped(shipped).select(names)])
    both = both.unique([*_PERIOD, "filing"], keep="first", maintain_order=True)
    listed = judged.filter(pl.col("reason").is_not_null()).select(
        pl.col("row_number").cast(EXCLUDED_SCHEMA["row_number"]),
        pl.format("{} ({})", "operator", "kpi").alias("row_key"),
        "reason",
    )
    return KPI.conform(restated(both)), listed


def restated(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with is_restated and restated_by: whether a later filing gives another figure for the same period, and the last that does."""
    later = rows.select(*_PERIOD, "filed_day", "filing", "reported_value")
    pairs = rows.select(*_PERIOD, "filing", "filed_day", "reported_value").join(later, on=_PERIOD, suffix="_later")
    off = (pl.col("reported_value_later") - pl.col("reported_value")).abs() > _SAME * pl.col("reported_value").abs()
    found = pairs.filter((pl.col("filed_day_later") > pl.col("filed_day")) & off).sort(
        "filed_day_later", "filing_later"
    )
    last = found.group_by(*_PERIOD, "filing").agg(pl.col("filing_later").last().alias("restated_by"))
    both = rows.join(last, on=[*_PERIOD, "filing"], how="left")
    return both.with_columns(pl.col("restated_by").is_not_null().alias("is_restated"))


def standing(kpis: pl.DataFrame, day: date) -> pl.DataFrame:
    """Of each operator, figure and region the newest row that was filed by a day: of the newest period, as last filed.

    Which filing had restated which by then follows from the days, not from what is known today.
    """
    known = kpis.filter(pl.col("filed_day") <= day)
    order = ["period_end_day", "period_start_day", "filed_day", "filing"]
    return known.sort(order).unique(["operator", "kpi", "region"], keep="last", maintain_order=True)


def _shipped(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of operator_kpi.csv in the words of the table."""
    frame = rows.select(
        "operator", "kpi", "region",
        pl.col("period_start").str.to_date().alias("period_start_day"),
        pl.col("period_end").str.to_date().alias("period_end_day"),
        *(pl.col(name).cast(pl.Float64).alias(to) for name, to in zip(("value", "low", "high"), _FIGURES, strict=True)),
        "unit", "filing",
        _last_day(pl.col("filed").cast(pl.String)).alias("filed_day"),
        pl.col("filed").cast(pl.String).alias("filed_text"),
        "confidence",
        pl.col("source_title").alias("source"),
        pl.col("source_url_or_repo").alias("source_url"),
        "note",
    )  # fmt: skip
    wrong = frame.filter(_misfit().is_not_null())
    if wrong.height:
        row = wrong.row(0, named=True)
        raise ValueError(
            f"operator_kpi.csv: {row['kpi']} of {row['operator']} in {row['unit']}: restore pipeline/reference"
        )
    return _scaled(frame)


def _last_day(text: pl.Expr) -> pl.Expr:
    """The last day of a date, a month (2026-02) or a year (2026)."""
    year = pl.concat_str([text.str.slice(0, 4), pl.lit("-12-31")]).str.to_date(strict=False)
    month = pl.concat_str([text.str.slice(0, 7), pl.lit("-01")]).str.to_date(strict=False).dt.month_end()
    length = text.str.len_chars()
    return pl.when(length >= 10).then(text.str.to_date(strict=False)).when(length == 7).then(month).otherwise(year)


def _scaled(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with their figures in the unit of UNITS."""
    factor = pl.col("unit").replace_strict({unit: scale for unit, (_, scale) in SCALES.items()})
    there = [name for name in _FIGURES if name in rows.columns]
    unit = pl.col("kpi").replace_strict(UNITS, return_dtype=pl.String)
    return rows.with_columns(pl.col(name) * factor for name in there).with_columns(unit.alias("unit"))


def _misfit() -> pl.Expr:
    """Why a figure's name or unit cannot be used, as a sentence; null where it can."""
    base = pl.col("unit").replace_strict({unit: base for unit, (base, _) in SCALES.items()}, default=None)
    wanted = pl.col("kpi").replace_strict(UNITS, default=None, return_dtype=pl.String)
    fits = {base: ", ".join(u for u, (b, _) in SCALES.items() if b == base) for base in set(UNITS.values())}
    told = pl.format("unit '{}' does not measure {}: use {}", "unit", "kpi", wanted.replace(fits))
    known = ", ".join(OPERATOR_KPI)
    return (
        pl.when(wanted.is_null())
        .then(pl.format("kpi '{}' is not known: use one of {}", "kpi", pl.lit(known)))
        .when(base.is_null() | (base != wanted))
        .then(told)
    )


def _reason(day: date) -> pl.Expr:
    """Why a landed row is left out, as a sentence with the remedy; null where it is not."""
    start, end, filed = (pl.col(name) for name in ("period_start_day", "period_end_day", "filed_day"))
    value, scale = (
        pl.col("reported_value"),
        pl.col("unit").replace_strict({u: k for u, (_, k) in SCALES.items()}, default=None),
    )
    is_fraction = pl.col("kpi").replace_strict(UNITS, default=None, return_dtype=pl.String) == _FRACTION
    return pl.coalesce(
        _misfit(),
        pl.when((value < 0) & ~pl.col("kpi").is_in(SIGNED)).then(
            pl.format("{} of {} cannot be below 0: correct value", "kpi", value)
        ),
        pl.when(is_fraction & (value * scale > 1)).then(
            pl.format("{} of {} {} is more than all: say percent, or correct value", "kpi", value, "unit")
        ),
        pl.when(start > end).then(pl.lit("its period ends before it begins: correct period_start or period_end")),
        pl.when(filed > day).then(
            pl.format(
                "it was filed on {}, after {}: correct filed_day, or land it on that day", filed, pl.lit(str(day))
            )
        ),
        pl.when((end > filed) & ~pl.col("kpi").is_in(AHEAD)).then(
            pl.lit("its period ends after it was filed: correct period_end or filed_day")
        ),
        pl.when(~pl.struct([*_PERIOD, "filing"]).is_first_distinct()).then(
            pl.lit("its figure, period and filing stand before it in the file: leave one of them out")
        ),
    )
