"""What the digest says about demand: the world's use of AI, where compute is, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.digest import words
from pipeline.digest.grid import Grid, Heading
from pipeline.digest.words import DASH

Row = dict[str, Any]


def grids(rows: Mapping[str, pl.DataFrame]) -> tuple[Grid, ...]:
    """Return the tables of demand that have an answer among `rows`, the answers of sql/digest/*.sql by file stem."""
    made = {"ai": _ai, "compute": _compute, "price": _price}
    return tuple(make(rows[name].to_dicts()) for name, make in made.items() if name in rows and rows[name].height)


def _ai(workloads: list[Row]) -> Grid:
    headings = (
        Heading("Workload", numeric=False),
        Heading("Units a day", mail=False),
        Heading("Payload, Gbps", mail=False),
        Heading("Down, Gbps", "Gbps down"),
        Heading("Low to high", mail=False),
        Heading("Up, Gbps", "Gbps up"),
        Heading("Low to high", mail=False),
        Heading("Starlink's downlink holds it", "Down fits"),
        Heading("Its uplink", "Up fits"),
    )
    text = next((row for row in workloads if row["workload"] == "text"), None)
    note = (
        "All the world's use, mean of a day, estimated: units told by vendors or assumed, each input with its source in core.ai_ledger_daily; "
        "with framing and headers but for the payload. The last columns: how many times what Starlink has in service holds it."
    )
    if text:
        tokens = f"{words.count(text['units_per_day_count'] / 1e12)} trillion tokens"
        note = f"As plain text, {tokens} a day are {words.rounded(text['payload_gbps'], 2)} Gbps. {note}"
    return Grid("What the world's use of AI comes to", headings, tuple(map(_ai_row, workloads)), note, mail_rows=6)


def _ai_row(row: Row) -> tuple[str, ...]:
    return (
        row["workload"].capitalize(),
        f"{words.large(row['units_per_day_count'])} {row['unit']}",
        words.about(row["payload_gbps"]),
        words.about(row["down_gbps"]),
        _between(row["down_low_gbps"], row["down_high_gbps"]),
        words.about(row["up_gbps"]),
        _between(row["up_low_gbps"], row["up_high_gbps"]),
        _times(row["times_to_fill_down"]),
        _times(row["times_to_fill_up"]),
    )


def _compute(owners: list[Row]) -> Grid:
    headings = (
        Heading("Owner", numeric=False),
        Heading("Sites"),
        Heading("H100 equivalents", "H100s"),
        Heading("Power, MW", "MW"),
        Heading("Planned beyond, H100s", "Planned"),
        Heading("Planned beyond, MW", mail=False),
    )
    note = (
        "The largest AI data centres, estimated by Epoch AI from permits and pictures, on this day of their timelines; what lies ahead of the "
        "list is a plan. Every site is in core.compute_site_daily, a wider list of clusters in core.compute_daily."
    )
    return Grid("Who owns the compute", headings, tuple(map(_compute_row, owners)), note, mail_rows=6)


def _compute_row(row: Row) -> tuple[str, ...]:
    return (
        "Not told" if row["owner"] == "unknown" else str(row["owner"]),
        words.count(row["site_count"]),
        words.large(row["h100_equivalent_count"]),
        words.count(row["power_mw"]),
        words.large(row["planned_h100_equivalent_count"]),
        words.count(row["planned_power_mw"]),
    )


PRICED = {
    "gpu_hour": "per GPU and hour",
    "token_output": "per million tokens out",
    "token_input": "per million tokens in",
    "electricity": "per kWh",
}


def _price(prices: list[Row]) -> Grid:
    headings = (
        Heading("What", numeric=False),
        Heading("Price", "For", numeric=False, mail=False),
        Heading("Median, USD", "USD"),
        Heading("Range", "Range"),
        Heading("Providers", mail=False),
        Heading("As of", "As of"),
    )
    note = (
        "Of landed lists the median and the middle half of providers, each with one vote; of shipped figures what their source tells, with "
        "its date. On demand; every family, spot prices and electricity are in core.price_daily."
    )
    return Grid("What compute costs", headings, tuple(map(_price_row, prices)), note, mail_rows=6)


def _price_row(row: Row) -> tuple[str, ...]:
    shipped = " (shipped)" if row["price_basis"] == "shipped" else ""
    bounds = row["low_usd"], row["high_usd"]
    return (
        "All models" if row["item"] == "all" else str(row["item"]),
        PRICED[row["price_kind"]],
        f"{row['median_usd']:,.2f}",
        DASH if None in bounds else f"{bounds[0]:,.2f} to {bounds[1]:,.2f}",
        words.count(row["provider_count"]),
        f"{row['as_of_text']}{shipped}",
    )


def _between(low: float, high: float) -> str:
    return f"{words.about(low)} to {words.about(high)}"


def _times(value: float | None) -> str:
    return DASH if value is None else f"{words.about(value)} times"
