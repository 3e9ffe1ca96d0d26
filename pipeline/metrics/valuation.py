"""What a market price comes to per Gbps and subscriber, and what it implies at stated margins. Arithmetic, and no advice.

Market value = price x shares; enterprise value = market value + net debt. Valued is the enterprise value where net debt is known, else the
market value, and says which. Of it either the whole is set against the network, or the part that connectivity has in revenue.

    implied revenue         = attributed / EBITDA multiple / EBITDA margin, a year
    implied subscribers     = implied revenue / (12 x revenue per user and month)
    implied price           = implied revenue / 12 / Gbps that can be sold on the day
    today's use             = subscribers x rate in the busiest hour
    today's price           = connectivity revenue a month / today's use
    implied utilisation     = implied revenue / 12 / today's price / Gbps that can be sold on the day

Low and high take every assumption at the end that makes the figure least or most; all at once, so the truth is well within. An
implied utilisation above 1 says that the fleet of the day cannot earn it at today's price. Figures of valuation_model.csv are assumed
where they say so; a figure that is filed (core.operator_kpi) stands before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import polars as pl

from pipeline.metrics import operator
from pipeline.source import EXCLUDED_SCHEMA
from pipeline.table import ATTRIBUTION, Column, Table

STALE_DAYS, OLDEST_DAYS = 30, 365
DAYS_PER_MONTH = 365.25 / 12
# Ticker -> operator and its constellation.
TICKERS = {"SPCX": ("SpaceX", "starlink"), "AMZN": ("Amazon", "amazon_leo"), "ETL": ("Eutelsat", "oneweb")}
CONSTELLATIONS = dict(TICKERS.values())
ENTERPRISE, MARKET = "enterprise value", "market value, for net debt is not known"


def _three(name: str, unit: str, meaning: str) -> tuple[Column, ...]:
    """Base, low and high of a figure; {} is where the bound stands in its name."""
    words = (("", ""), ("_low", ", low"), ("_high", ", high"))
    return tuple(Column(name.format(bound), "number", unit, meaning + word, 0, nullable=True) for bound, word in words)


TABLE = Table(
    "core.valuation_daily",
    "one row per day, operator, basis of the price and attribution of the value",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("operator", "text", "", "Operator", key=True),
        Column("valuation_basis", "valuation_basis", "", "A quoted price (set, or landed), or the valuation at the offering", key=True),
        Column("attribution", "attribution", "", "What is set against the network: the whole value, an upper bound where there is other business, or the part that connectivity has in revenue", key=True),
        Column("constellation", "constellation", "", "Constellation of the operator"),
        Column("priced_day", "day", "UTC date", "Day that the price is of"),
        Column("age_days", "integer", "days", "Age of the price", 0),
        Column("is_stale", "flag", "", f"Whether the price is more than {STALE_DAYS} days old"),
        Column("price_usd", "number", "USD", "Price of a share; null of the offering, whose value is told as a whole", 0, nullable=True),
        Column("share_count", "number", "", "Shares that there are; null where nobody tells", 0, nullable=True),
        Column("market_value_usd", "number", "USD", "Price x shares, or the valuation at the offering; null where the shares are not known", 0, nullable=True),
        Column("net_debt_usd", "number", "USD", "Debt less cash; null where nobody tells", nullable=True),
        Column("enterprise_value_usd", "number", "USD", "Market value + net debt; null where either is not known", nullable=True),
        Column("valued_as", "text", "", "What stands for the value: the enterprise value, or the market value where net debt is not known", nullable=True),
        Column("attributed_fraction", "number", "1", "Part of the value that is set against the network; null where the part in revenue is not filed", 0, 1, nullable=True),
        Column("attributed_usd", "number", "USD", "Value that is set against the network", nullable=True),
        Column("installed_usd_per_gbps", "number", "USD/Gbps", "That per Gbps of all satellites to users (core.fleet_capacity_daily, base)", nullable=True),
        Column("in_service_usd_per_gbps", "number", "USD/Gbps", "The same per Gbps of the satellites at work", nullable=True),
        Column("sellable_usd_per_gbps", "number", "USD/Gbps", "The same per Gbps that can be sold", nullable=True),
        Column("per_subscriber_usd", "number", "USD", "The same per subscriber", nullable=True),
        Column("subscriber_count", "number", "", "Subscribers, the newest filed by the day", 0, nullable=True),
        Column("subscriber_day", "day", "UTC date", "Day that the count is of", nullable=True),
        Column("connectivity_revenue_usd", "number", "USD", "Connectivity revenue of the newest period filed by the day, as of a year", 0, nullable=True),
        Column("revenue_period_end_day", "day", "UTC date", "Last day of that period", nullable=True),
        Column("ebitda_multiple_factor", "number", "", "Enterprise value over EBITDA that is assumed", 0),
        Column("ebitda_margin_fraction", "number", "1", "EBITDA over revenue: of the newest filing, else, and where that is a loss, assumed", 0, 1),
        Column("arpu_usd_per_month", "number", "USD/month", "Revenue per user and month: of the newest filing, else assumed", 0),
        Column("busy_hour_mbps", "number", "Mbps", "What a subscriber uses in the busiest hour, assumed", 0),
        *_three("implied_revenue{}_usd", "USD", "Revenue of a year that the value implies: attributed / multiple / margin"),
        Column("implied_revenue_factor", "number", "", "That over today's connectivity revenue", nullable=True),
        *_three("implied_subscriber{}_count", "", "Subscribers that it implies: implied revenue / (12 x revenue per user)"),
        *_three("implied_price{}_usd_per_gbps_month", "USD/Gbps-month", "Price that it implies: implied revenue / 12 / what can be sold on the day"),
        Column("price_now_usd_per_gbps_month", "number", "USD/Gbps-month", "Today's price: connectivity revenue a month / (subscribers x rate in the busiest hour); estimated", 0, nullable=True),
        Column("utilisation_now_fraction", "number", "1", "Today's use, subscribers x rate in the busiest hour, of what can be sold; estimated", 0, nullable=True),
        *_three("implied_utilisation{}_fraction", "1", "Utilisation that it implies at today's price; above 1 the fleet of the day cannot earn it"),
        Column("missing", "text", "", "What is not known", nullable=True),
        Column("source", "text", "", "Where the price is from"),
    ),
    may_be_empty=True,
)  # fmt: skip
QUOTE = {
    "operator": pl.String(), "valuation_basis": pl.String(), "priced_day": pl.Date(), "price_usd": pl.Float64(), "share_count": pl.Float64(),
    "market_value_usd": pl.Float64(), "net_debt_usd": pl.Float64(), "source": pl.String(),
}  # fmt: skip


class Range(NamedTuple):
    """What a figure is, and what it may be."""

    base: float
    low: float
    high: float

    def around(self, base: float | None) -> Range:
        """The same range about another base, widened where that lies outside; None leaves the base."""
        return self if base is None else Range(base, min(base, self.low), max(base, self.high))


@dataclass(frozen=True)
class Model:
    """What is assumed: EBITDA multiple, EBITDA margin [1], revenue per user [USD/month], rate in the busiest hour [Mbps]."""

    multiple: Range
    margin: Range
    arpu: Range
    busy_mbps: Range

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Model:
        """The model that ships: rows of valuation_model.csv. Raises ValueError where a parameter is missing."""
        found = {row["parameter"]: Range(*(float(row[k]) for k in ("value", "low", "high"))) for row in rows.to_dicts()}
        try:
            return cls(*(found[name] for name in ("ebitda_multiple", "ebitda_margin", "arpu", "busy_hour_rate")))
        except KeyError as error:
            raise ValueError(f"valuation_model.csv lacks the parameter {error}: restore pipeline/reference") from error


@dataclass(frozen=True)
class _Facts:
    """What is filed of an operator, by figure: the newest row of core.operator_kpi of the world by the day."""

    rows: dict[str, dict[str, Any]]

    def value(self, kpi: str) -> float | None:
        row = self.rows.get(kpi)
        return None if row is None else float(row["reported_value"])

    def above_nought(self, kpi: str) -> float | None:
        """The same; None too where it is nought or a loss, for nothing can be divided by it."""
        value = self.value(kpi)
        return value if value and value > 0 else None

    def end(self, kpi: str) -> date | None:
        row = self.rows.get(kpi)
        return None if row is None else row["period_end_day"]

    @property
    def revenue_usd(self) -> float | None:
        """Connectivity revenue of the newest period, as of a year."""
        row = self.rows.get("connectivity_revenue")
        if row is None:
            return None
        return float(row["reported_value"]) * 12 / months(row["period_start_day"], row["period_end_day"])


def months(start: date, end: date) -> float:
    """Months of a period from its first day to its last one: whole ones where it begins and ends with a month."""
    if start.day == 1 and (end + timedelta(days=1)).day == 1:
        return (end.year - start.year) * 12 + end.month - start.month + 1
    return ((end - start).days + 1) / DAYS_PER_MONTH


def compute(quotes: pl.DataFrame, kpis: pl.DataFrame, capacity: pl.DataFrame, model: Model, day: date) -> pl.DataFrame:
    """Rows of TABLE: of each quote, and of each offering by the day.

    quotes: columns of QUOTE, at most one row of an operator, as `newest` leaves them. kpis: core.operator_kpi. capacity:
    core.fleet_capacity_daily of the day.
    """
    known = operator.standing(kpis.filter(pl.col("region") == operator.WORLD), day)
    fleets = {row["constellation"]: row for row in capacity.to_dicts()}
    rows = []
    for quote in [*quotes.to_dicts(), *_offerings(known)]:
        own = known.filter(pl.col("operator") == quote["operator"])
        facts = _Facts({row["kpi"]: row for row in own.to_dicts()})
        constellation = CONSTELLATIONS[quote["operator"]]
        base = _valued(quote, facts, day) | {"constellation": constellation}
        part = _revenue_part(kpis, quote["operator"], day)
        for attribution, fraction in zip(ATTRIBUTION, (1.0, part), strict=True):
            rows.append(base | _implied(base, facts, fleets.get(constellation, {}), model, attribution, fraction))
    return TABLE.conform(pl.DataFrame(rows, schema=TABLE.polars_schema))


def newest(quotes: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The newest quote of each operator that can be used on a day, as QUOTE, and those that cannot (row_number, row_key, reason).

    quotes: raw.share_quote and source; of one day the first stands. Left out: tickers of nobody known, prices of after the day, and those that
    are more than OLDEST_DAYS old.
    """
    age = (pl.lit(day) - pl.col("priced_day")).dt.total_days()
    known = ", ".join(f"{ticker} ({name})" for ticker, (name, _) in TICKERS.items())
    reason = (
        pl.when(~pl.col("ticker").is_in(list(TICKERS)))
        .then(pl.format("ticker '{}' is of no operator here: use one of {}", "ticker", pl.lit(known)))
        .when(age < 0)
        .then(pl.format("the price is of {}, after {}: correct its day", "priced_day", pl.lit(str(day))))
        .when(age > OLDEST_DAYS)
        .then(pl.format("the price is of {}, {} days old: land or set a newer one", "priced_day", age))
    )
    judged = quotes.with_columns(reason.alias("reason"))
    listed = judged.filter(pl.col("reason").is_not_null()).select(
        pl.col("row_number").cast(EXCLUDED_SCHEMA["row_number"]),
        pl.format("{} ({})", "ticker", "priced_day").alias("row_key"),
        "reason",
    )
    good = judged.filter(pl.col("reason").is_null()).sort("priced_day", descending=True, maintain_order=True)
    rows = good.unique("ticker", keep="first", maintain_order=True).select(
        pl.col("ticker").replace_strict({ticker: name for ticker, (name, _) in TICKERS.items()}).alias("operator"),
        pl.lit("quote").alias("valuation_basis"),
        "priced_day", "price_usd", "share_count",
        (pl.col("price_usd") * pl.col("share_count")).alias("market_value_usd"),
        "net_debt_usd", "source",
    )  # fmt: skip
    return rows.cast(QUOTE), listed  # type: ignore[arg-type]


def _offerings(known: pl.DataFrame) -> list[dict[str, Any]]:
    """Quotes that stand for the valuations at offerings."""
    rows = known.filter((pl.col("kpi") == "offering_valuation") & pl.col("operator").is_in(list(CONSTELLATIONS)))
    empty = dict.fromkeys(QUOTE)
    return [
        empty
        | {"operator": row["operator"], "valuation_basis": "ipo", "priced_day": row["period_end_day"]}
        | {"market_value_usd": row["reported_value"], "source": row["source"]}
        for row in rows.to_dicts()
    ]


def _valued(quote: dict[str, Any], facts: _Facts, day: date) -> dict[str, Any]:
    """What the price comes to, with shares and net debt of the newest filing where the quote has none; of the offering nothing is filled in."""
    quote = dict(quote)
    if quote["valuation_basis"] == "quote":
        quote["share_count"] = quote["share_count"] or facts.value("shares")
        quote["market_value_usd"] = _product(quote["price_usd"], quote["share_count"])
        if quote["net_debt_usd"] is None:
            quote["net_debt_usd"] = facts.value("net_debt")
    market, debt = quote["market_value_usd"], quote["net_debt_usd"]
    enterprise = None if market is None or debt is None else market + debt
    age = (day - quote["priced_day"]).days
    valued = {"valued_as": ENTERPRISE if enterprise is not None else MARKET if market is not None else None}
    return (
        quote | valued | {"day": day, "age_days": age, "is_stale": age > STALE_DAYS, "enterprise_value_usd": enterprise}
    )


def _revenue_part(kpis: pl.DataFrame, name: str, day: date) -> float | None:
    """The part of connectivity in revenue of the newest period for which it is filed by the day, as a part or as both amounts."""
    own = kpis.filter(
        (pl.col("operator") == name) & (pl.col("region") == operator.WORLD) & (pl.col("filed_day") <= day)
    ).sort("filed_day", "filing")
    wide = own.group_by("period_end_day", "period_start_day", "kpi").agg(pl.col("reported_value").last())
    figures: dict[tuple[date, date], dict[str, float]] = {}
    for end, start, kpi, value in wide.rows():
        figures.setdefault((end, start), {})[kpi] = value
    for _, of in sorted(figures.items(), reverse=True):
        part = of.get("connectivity_revenue_share", _over(of.get("connectivity_revenue"), of.get("revenue")))
        if part is not None and 0 <= part <= 1:
            return part
    return None


def _implied(
    value: dict[str, Any],
    facts: _Facts,
    fleet: dict[str, Any],
    model: Model,
    attribution: str,
    fraction: float | None,
) -> dict[str, Any]:
    """What one attribution of a value comes to."""
    margin = model.margin.around(facts.above_nought("connectivity_ebitda_margin"))
    arpu = model.arpu.around(facts.above_nought("arpu"))
    whole = value["enterprise_value_usd"] if value["enterprise_value_usd"] is not None else value["market_value_usd"]
    attributed = _product(whole, fraction)
    subscribers, revenue = facts.value("subscribers"), facts.revenue_usd
    row: dict[str, Any] = {
        "attribution": attribution,
        "attributed_fraction": fraction,
        "attributed_usd": attributed,
        **{f"{name}_usd_per_gbps": _over(attributed, _gbps(fleet, f"{name}_down_tbps")) for name in _CAPACITIES},
        "per_subscriber_usd": _over(attributed, subscribers),
        "subscriber_count": subscribers,
        "subscriber_day": facts.end("subscribers"),
        "connectivity_revenue_usd": revenue,
        "revenue_period_end_day": facts.end("connectivity_revenue"),
        "ebitda_multiple_factor": model.multiple.base,
        "ebitda_margin_fraction": margin.base,
        "arpu_usd_per_month": arpu.base,
        "busy_hour_mbps": model.busy_mbps.base,
    }
    implied = _revenue(attributed, model.multiple, margin)
    row |= _bounds("implied_revenue{}_usd", implied)
    row["implied_revenue_factor"] = _over(implied[0], revenue)
    row |= _bounds("implied_subscriber{}_count", _ratio(implied, [12 * arpu.base, 12 * arpu.high, 12 * arpu.low]))
    sold = _sellable(fleet)
    row |= _bounds("implied_price{}_usd_per_gbps_month", _ratio(implied, [_product(12.0, gbps) for gbps in sold]))
    row |= _use(implied, subscribers, revenue, sold, model.busy_mbps)
    return row | {"missing": _missing(value, row, sold)}


_CAPACITIES = ("installed", "in_service", "sellable")
Three = list[float | None]  # base, low, high


def _sellable(fleet: dict[str, Any]) -> Three:
    """Gbps that can be sold: the base, and its percentiles as they make a figure least and most; none of them on the wrong side of the base."""
    base, p90, p10 = (_gbps(fleet, f"sellable_down{name}_tbps") for name in ("", "_p90", "_p10"))
    if base is None or p90 is None or p10 is None:
        return [base, None, None]
    return [base, max(base, p90), min(base, p10)]


def _revenue(attributed: float | None, multiple: Range, margin: Range) -> Three:
    """Implied revenue; a value below nought implies none."""
    if attributed is None or attributed < 0:
        return [None] * 3
    return [
        attributed / multiple.base / margin.base,
        attributed / multiple.high / margin.high,
        attributed / multiple.low / margin.low,
    ]


def _use(
    implied: Three, subscribers: float | None, revenue: float | None, sold: Three, busy_mbps: Range
) -> dict[str, Any]:
    """Today's use and price, and the utilisation that implied revenue comes to at that price."""
    rates = [busy_mbps.base, busy_mbps.low, busy_mbps.high]
    use_gbps = [_product(subscribers, rate / 1_000) for rate in rates]
    # At a price per Gbps that is revenue over use, implied over today's revenue is implied over today's use.
    parts = [_over(each, revenue) for each in implied]
    utilisation = [_over(_product(part, use), gbps) for part, use, gbps in zip(parts, use_gbps, sold, strict=True)]
    return {
        "price_now_usd_per_gbps_month": _over(_over(revenue, 12.0), use_gbps[0]),
        "utilisation_now_fraction": _over(use_gbps[0], sold[0]),
        **_bounds("implied_utilisation{}_fraction", utilisation),
    }


def _missing(value: dict[str, Any], row: dict[str, Any], sold: Three) -> str | None:
    """What is not known, in words; None where nothing is missing."""
    lacks = {
        "number of shares": value["market_value_usd"] is None,
        "net debt": value["net_debt_usd"] is None,
        "part of connectivity in revenue": row["attributed_fraction"] is None,
        "subscribers": row["subscriber_count"] is None,
        "connectivity revenue": row["connectivity_revenue_usd"] is None,
        "what can be sold": sold[0] is None,
    }
    return ", ".join(name for name, is_missing in lacks.items() if is_missing) or None


def _bounds(name: str, values: Three) -> dict[str, float | None]:
    return {name.format(bound): value for bound, value in zip(("", "_low", "_high"), values, strict=True)}


def _ratio(values: Three, by: Three) -> Three:
    return [_over(a, b) for a, b in zip(values, by, strict=True)]


def _gbps(fleet: dict[str, Any], name: str) -> float | None:
    return _product(fleet.get(name), 1_000.0)


def _product(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a * b


def _over(a: float | None, b: float | None) -> float | None:
    """A quotient; None where either is not known, or there is nothing to divide by."""
    return None if a is None or not b else a / b
