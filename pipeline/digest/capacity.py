"""What the digest says about capacity: what can be sold, what limits it, and what goes between regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.digest import words
from pipeline.digest.grid import Grid, Heading
from pipeline.digest.words import DASH
from pipeline.table import BINDING

Row = dict[str, Any]


def grids(rows: Mapping[str, pl.DataFrame]) -> tuple[Grid, ...]:
    """Return the tables that have an answer among `rows`, the answers of sql/digest/*.sql by file stem."""
    made = {"capacity": _sellable, "trunk": _trunks}
    return tuple(make(rows[name].to_dicts()) for name, make in made.items() if name in rows and rows[name].height)


def lid_words(rows: Mapping[str, pl.DataFrame]) -> tuple[str, str]:
    """Alternative text and caption of the map of the lid that binds; both empty where there is none."""
    cells = rows.get("lid")
    fleets = {row["constellation"]: row for row in rows["capacity"].to_dicts()} if "capacity" in rows else {}
    row = fleets.get("starlink")
    if cells is None or cells.is_empty() or row is None or row["bound_down_demand_fraction"] is None:
        return "", ""
    parts = {lid: row[f"bound_down_{lid}_fraction"] for lid in BINDING}
    said = [
        f"{_percent(part)} {lid}" for lid, part in sorted(parts.items(), key=lambda item: -item[1]) if part >= 0.005
    ]
    alt = f"World map of what limits Starlink to users. Of the world's demand, by what binds it: {', '.join(said)}."
    return alt, "The lid that leaves the most demand unserved; demand where none is left."


def _sellable(fleets: list[Row]) -> Grid:
    headings = (
        Heading("Constellation", numeric=False),
        Heading("Gateways", mail=False),
        Heading("In service, Tbps", mail=False),
        Heading("Can be sold, Tbps", "Sold, Tbps"),
        Heading("10 to 90 % of draws", "10 to 90 %"),
        Heading("Change", mail=False),
        Heading("Up, Tbps", "Up"),
        Heading("Whoever gets it, Tbps", mail=False),
        *(Heading(f"Bound by {lid}", mail=False) for lid in BINDING),
    )
    unknown = [row["title"] for row in fleets if row["sellable_down_tbps"] is None]
    demand = next((row["demand_down_tbps"] for row in fleets if row["demand_down_tbps"] is not None), None)
    note = (
        "Estimated: all broadband demand by local hour, AI's in it, shared fairly under the lids of beams, satellites, gateways and lasers, mean of "
        "the day. Antennas a gateway and who is licensed where are not public: the first is assumed, the second is not in it."
    )
    if demand is not None:
        note = f"The world asks for {words.rounded(demand, 2)} Tbps. {note}"
    if unknown:
        note = f"No gateway is known of {words.listed(unknown)}: nothing can be said to be sold. {note}"
    return Grid("What can be sold, and what limits it", headings, tuple(map(_sellable_row, fleets)), note)


def _sellable_row(row: Row) -> tuple[str, ...]:
    low, high, before = (
        row[f"{name}"] for name in ("sellable_down_p10_tbps", "sellable_down_p90_tbps", "previous_sellable_down_tbps")
    )
    now = row["sellable_down_tbps"]
    change = None if now is None or before is None else now - before
    return (
        row["title"],
        words.count(row["gateway_count"]),
        _two(row["in_service_down_tbps"]),
        _two(now),
        DASH if low is None or high is None else f"{_two(low)} to {_two(high)}",
        DASH if change is None else f"{change:+.2f}".replace("-", "\N{MINUS SIGN}"),
        _two(row["sellable_up_tbps"]),
        _two(row["most_down_tbps"]),
        *(_percent(row[f"bound_down_{lid}_fraction"]) for lid in BINDING),
    )


TRUNKS = {
    "atlantic": ("North America", "Europe"),
    "pacific": ("North America", "East Asia"),
    "europe_asia": ("Europe", "Asia"),
    "africa_europe": ("Africa", "Europe"),
    "south_north_america": ("South America", "North America"),
}


def _trunks(trunks: list[Row]) -> Grid:
    headings = (
        Heading("Trunk", numeric=False),
        Heading("Constellation", numeric=False, mail=False),
        Heading("Mesh, Tbps", mail=False),
        Heading("Gateways at the start, Tbps", mail=False),
        Heading("At the end, Tbps", mail=False),
        Heading("Users take, Tbps", mail=False),
        Heading("Left, Tbps", "Tbps"),
        Heading("Cables, design, Tbps", "Cables"),
    )
    note = (
        "Estimated: the least of what lasers carry from one region to the other and of the gateways at both ends, less what users' traffic takes; "
        "mean of the day. Cables: design capacity where a figure is cited."
    )
    return Grid("What goes between regions", headings, tuple(map(_trunk_row, trunks)), note, mail_rows=6)


def _trunk_row(row: Row) -> tuple[str, ...]:
    ends = TRUNKS[row["trunk"]]
    first, second = ends if row["trunk_direction"] == "a_to_b" else ends[::-1]
    tbps = [None if row[name] is None else row[name] / 1_000 for name in ("mesh_cut_gbps", "landing_a_gbps", "landing_b_gbps", "transit_gbps", "trunk_gbps")]  # fmt: skip
    return (f"{first} to {second}", row["title"], *(_two(value) for value in tbps), _two(row["subsea_design_tbps"]))


def _two(value: float | None) -> str:
    return DASH if value is None else words.rounded(value, 2)


def _percent(part: float | None) -> str:
    return DASH if part is None else f"{100 * part:.0f} %"
