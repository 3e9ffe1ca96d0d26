"""What carrying a unit of AI use costs: a million tokens, a minute of voice, an hour of video, by network.

Bytes of a unit are those of core.ai_ledger_daily, both ways, framing and headers included; each costs what a byte of a Gbps-month at full use
does, up as down. Satellites are their space segment alone (sold, or at the wholesale list price); terrestrial access is a retail price.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.metrics import levelised
from pipeline.table import TRAFFIC_UNIT, Column, Table

# What is counted, of which workload of the ledger, and how many of its units.
UNITS = {"million_tokens": ("text", 1e6), "minute_of_voice": ("voice", 1.0), "hour_of_video": ("video", 60.0)}
PRICED = "million_tokens"

TABLE = Table(
    "core.unit_cost_daily",
    "one row per day, constellation, unit of AI use and network: what carrying it costs",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation; networks on the ground are the same for all", key=True),
        Column("traffic_unit", "traffic_unit", "", "What is carried", key=True),
        Column("network", "network", "", "satellite_sold: space segment at what a sold Gbps-month costs; satellite_list: the wholesale list price; transit at the hubs; access: a retail line on the ground", key=True),
        Column("unit_low_bytes", "number", "bytes", "Bytes of the unit, both ways, framing and headers included, low", 0),
        Column("unit_bytes", "number", "bytes", "The same, base", 0),
        Column("unit_high_bytes", "number", "bytes", "The same, high", 0),
        *(Column(f"gbps_month_{end}usd", "number", "USD", f"A Gbps-month of the network{words}; null where it is not known", 0, nullable=True)
          for end, words in (("low_", ", low"), ("", ""), ("high_", ", high"))),
        *(Column(f"unit_{end}usd", "number", "USD", f"Carrying the unit{words}; null where the network's cost is not known", 0, nullable=True)
          for end, words in (("low_", ", low bytes at the low cost"), ("", ""), ("high_", ", high bytes at the high cost"))),
        Column("price_usd", "number", "USD", "Price of the unit itself; null where none is known", 0, nullable=True),
        Column("price_item", "text", "", "Whose price, and its source", nullable=True),
        Column("of_price_fraction", "number", "1", "Carrying it over its price", 0, nullable=True),
        Column("source", "text", "", "Where the cost of a Gbps-month is from"),
    ),
)  # fmt: skip


class Price(NamedTuple):
    """A Gbps-month of a network [USD], low, base and high, None where it is not known, and who says so."""

    low: float | None
    base: float | None
    high: float | None
    source: str


def compute(
    ledger: pl.DataFrame,
    factors: pl.DataFrame,
    networks: Mapping[str, Mapping[str, Price]],
    tokens: pl.DataFrame,
    day: date,
) -> pl.DataFrame:
    """Rows of TABLE.

    ledger: core.ai_ledger_daily. factors: ai_ledger.csv, for what bytes of a unit may be. networks: prices of a Gbps-month by constellation and
    network. tokens: rows of core.price_daily.
    """
    sizes = {unit: _bytes(ledger, factors, *UNITS[unit]) for unit in TRAFFIC_UNIT}
    price, item = _token_price(tokens)
    rows = [
        _row(unit, size, network, cost) | {"constellation": name} | _of_price(unit, cost, size, price, item)
        for name, own in sorted(networks.items())
        for network, cost in sorted(own.items())
        for unit, size in sizes.items()
    ]
    schema = {c: kind for c, kind in TABLE.polars_schema.items() if c != "day"}
    return TABLE.conform(pl.DataFrame(rows, schema=schema).with_columns(pl.lit(day).alias("day")))


def _bytes(ledger: pl.DataFrame, factors: pl.DataFrame, workload: str, count: float) -> tuple[float, float, float]:
    """Bytes of so many units of a workload with framing and headers, low, base and high; ends have all factors at their ends."""
    row = ledger.row(by_predicate=pl.col("workload") == workload, named=True)
    base = row["unit_size_bytes"] * (
        (1 - row["up_fraction"]) * row["overhead_down_factor"] + row["up_fraction"] * row["overhead_up_factor"]
    )
    own = {(r["workload"], r["quantity"]): r for r in factors.iter_rows(named=True)}

    def at(end: str) -> float:
        def number(quantity: str, of: str = workload) -> float:
            return float(own[of, quantity][end]) if (of, quantity) in own else 1.0

        # Framing is of what goes down: a small part up has the most of it.
        up = float(own[workload, "up_fraction"]["high" if end == "low" else "low"])
        return number("bytes_per_unit") * number("packet_overhead", "all") * ((1 - up) * number("framing") + up)

    return at("low") * count, base * count, at("high") * count


def _row(unit: str, size: tuple[float, float, float], network: str, cost: Price) -> dict[str, object]:
    low, base, high = (
        None if usd is None else float(levelised.unit_usd(n, usd)) for n, usd in zip(size, cost[:3], strict=True)
    )
    return {
        "traffic_unit": unit, "network": network, "unit_low_bytes": size[0], "unit_bytes": size[1], "unit_high_bytes": size[2],
        "gbps_month_low_usd": cost.low, "gbps_month_usd": cost.base, "gbps_month_high_usd": cost.high,
        "unit_low_usd": low, "unit_usd": base, "unit_high_usd": high, "source": cost.source,
    }  # fmt: skip


def _of_price(
    unit: str, cost: Price, size: tuple[float, float, float], price: float | None, item: str | None
) -> dict[str, object]:
    if unit != PRICED or not price:
        return {"price_usd": None, "price_item": None, "of_price_fraction": None}
    part = None if cost.base is None else float(levelised.unit_usd(size[1], cost.base)) / price
    return {"price_usd": price, "price_item": item, "of_price_fraction": part}


def _token_price(prices: pl.DataFrame) -> tuple[float | None, str | None]:
    """The median of all models that are landed, else the cheapest shipped figure: of a dear token the network is a smaller part."""
    rows = prices.filter((pl.col("price_kind") == "token_output") & (pl.col("median_usd") > 0))
    landed = rows.filter((pl.col("price_basis") == "landed") & (pl.col("item") == "all"))
    found = (landed if landed.height else rows.filter(pl.col("price_basis") == "shipped")).sort("median_usd", "item")
    if found.is_empty():
        return None, None
    row = found.row(0, named=True)
    return row["median_usd"], f"{row['item']}, output, {row['as_of_text']}: {row['source']}"
