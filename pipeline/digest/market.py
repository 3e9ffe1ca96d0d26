"""What the digest says about costs, markets, rivals and the market price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.digest import words
from pipeline.digest.grid import Grid, Heading
from pipeline.digest.words import DASH

Row = dict[str, Any]
UNITS = {"million_tokens": "A million tokens of text", "minute_of_voice": "A minute of voice", "hour_of_video": "An hour of video"}  # fmt: skip
NETWORKS = {"satellite_sold": "Starlink at cost", "satellite_list": "Starlink at list", "transit": "Transit", "access": "Retail line"}  # fmt: skip
FLEETS = {"today": "Today's generations", "next_generation": "All replaced by V3"}
GATEWAYS = {"fixed": "gateways as today", "growing": "gateways grow along"}
ACCESS = {"sold": "sold", "licensed": "licensed", "sold_out": "sold out", "banned": "banned"}


def grids(rows: Mapping[str, pl.DataFrame]) -> tuple[Grid, ...]:
    """Return the tables that have an answer among `rows`, the answers of sql/digest/*.sql by file stem."""

    def of(name: str) -> list[Row]:
        return rows[name].to_dicts() if name in rows else []

    made = (
        _costs(of("economics")), _scale(of("scale")), _units(of("unit_cost")), _markets(of("market"), of("reach")), _rivals(of("rival")),
        _valuations(of("valuation")), _orbital(of("orbital_compute")),
    )  # fmt: skip
    return tuple(grid for grid in made if grid.rows)


def _between(low: float | None, high: float | None) -> str:
    return DASH if low is None or high is None else f"{words.about(low)} to {words.about(high)}"


def _costs(found: list[Row]) -> Grid:
    headings = (
        Heading("Generation", numeric=False),
        Heading("At work", mail=False),
        Heading("Capex, USD per Gbps", "USD/Gbps"),
        Heading("Low to high", mail=False),
        Heading("Raw, USD per Gbps-month", mail=False),
        Heading("Sold, levelised, USD per Gbps-month", "Sold/month"),
        Heading("Low to high, sold", "Low to high"),
        Heading("Revenue, USD per deployed Gbps-month", mail=False),
    )
    known = [row for row in found if row["capex_usd_per_gbps"] is not None]
    unknown = sorted({row["title"] for row in found} - {row["title"] for row in known})
    note = (
        "Estimated from analysts' costs, two digits. Capex: build and launch of a satellite over its Gbps to users. Raw: that over its life, all of it used, no "
        "cost of capital. Sold: with ground, operation and capital, over the part that can be sold. The network alone: terminals and sales are not in it. Revenue: over the day's Gbps, in brackets over the Gbps of cited sources."
    )
    if unknown:
        note += f" No cost is known of {words.listed(unknown)}."
    fleets = sum(row["generation"] == "all" for row in known)
    return Grid("What a Gbps-month costs", headings, tuple(map(_cost_row, known)), note, mail_rows=fleets)


def _cost_row(row: Row) -> tuple[str, ...]:
    name = f"{row['title']}, all" if row["generation"] == "all" else row["generation"]
    revenue = row["revenue_usd_per_deployed_gbps_month"]
    shipped = row["revenue_shipped_usd_per_deployed_gbps_month"]
    return (
        f"{name} (planned)" if row["planned"] else name,
        words.count(row["operational_count"]),
        words.about(row["capex_usd_per_gbps"]),
        _between(row["capex_low_usd_per_gbps"], row["capex_high_usd_per_gbps"]),
        words.about(row["raw_usd_per_gbps_month"]),
        words.about(row["sold_levelised_usd_per_gbps_month"]),
        _between(row["sold_levelised_low_usd_per_gbps_month"], row["sold_levelised_high_usd_per_gbps_month"]),
        DASH if revenue is None else f"{words.about(revenue)} (cited {words.about(shipped)})",
    )


def _scale(found: list[Row]) -> Grid:
    headings = (
        Heading("Fleet", numeric=False),
        Heading("Satellites, times today's", "Times"),
        Heading("In service, Tbps", mail=False),
        Heading("Can be sold, Tbps", "Sold, Tbps"),
        Heading("Of a further Tbps sold", mail=False),
        Heading("USD per sold Gbps-month", "USD/month"),
        Heading("Low to high", mail=False),
        Heading("Least cost", numeric=False, mail=False),
    )
    note = (
        "Estimated on the day's sky, with the day's demand: each satellite also covers oceans and full places. Satellites that gateways cannot feed sell nothing "
        "more, so that the cost of what is sold grows with the fleet unless gateways do too."
    )
    return Grid("Unit cost and the size of the fleet", headings, tuple(map(_scale_row, found)), note, mail_rows=0)


def _scale_row(row: Row) -> tuple[str, ...]:
    return (
        f"{FLEETS[row['scale_fleet']]}, {GATEWAYS[row['scale_gateways']]}",
        f"{row['fleet_factor']:g}",
        words.about(row["in_service_tbps"]),
        words.about(row["sold_tbps"]),
        words.about_percent(row["marginal_fraction"]),
        words.about(row["sold_levelised_usd_per_gbps_month"]),
        _between(row["sold_levelised_low_usd_per_gbps_month"], row["sold_levelised_high_usd_per_gbps_month"]),
        "yes" if row["least_cost"] else "no",
    )


def _units(found: list[Row]) -> Grid:
    by = {(row["traffic_unit"], row["network"]): row for row in found}
    headings = (Heading("The network's part of", numeric=False), *map(Heading, NETWORKS.values()), Heading("Of its price, at cost", mail=False))  # fmt: skip
    note = (
        "Estimated, two digits; 1,000 is a tenth of a cent. At cost: the space segment over what can be sold; at list: the operator's wholesale list price; transit at hubs in the United States "
        "and Europe; a line at home at its retail price. The price of a token: open weights of GPT-4's class."
    )
    rows = tuple(
        (
            title,
            *(_millionths(by.get((unit, network), {}).get("unit_usd")) for network in NETWORKS),
            words.about_percent(by.get((unit, "satellite_sold"), {}).get("of_price_fraction")),
        )
        for unit, title in UNITS.items()
        if (unit, "satellite_sold") in by
    )
    return Grid("What carrying AI costs, in millionths of a USD", headings, rows, note, mail_rows=0)


def _millionths(value_usd: float | None) -> str:
    return words.about(None if value_usd is None else 1e6 * value_usd)


def _markets(found: list[Row], reach: list[Row]) -> Grid:
    headings = (
        Heading("Country", numeric=False),
        Heading("Rank, 10 to 90 %", "Rank"),
        Heading("Without a line, within reach", "People"),
        Heading("Low to high without a line", mail=False),
        Heading("Plan", numeric=False),
        Heading("USD a month", mail=False),
        Heading("Of income", mail=False),
        Heading("Of them can pay at 5 %", mail=False),
        Heading("Of demand that can be served", mail=False),
    )
    note = (
        "By people without a fixed line within reach of Starlink; estimated. Of income: plan and terminal over 36 months, income in dollars estimated from parity. A dash: no "
        "price is known. Reach is geometry and gateways, not a licence."
    )
    note = "".join(f"{_came_and_went(row)} " for row in reach if row["newly_reachable_people_count"] is not None) + note
    return Grid("Underserved markets", headings, tuple(map(_market_row, found)), note, mail_rows=6)


def _came_and_went(row: Row) -> str:
    """Who came within reach of a constellation since the day before, and who fell out of it."""
    gained, lost = row["newly_reachable_people_count"], row["newly_unreachable_people_count"]
    since = words.day_short(row["before_day"])
    if not gained and not lost:
        return f"Since {since} nobody came within reach of {row['title']} or fell out of it."
    return f"Since {since} {words.people(gained)} people came within reach of {row['title']}, {words.people(lost)} fell out of it."


def _market_row(row: Row) -> tuple[str, ...]:
    low, high = row["rank_low_number"], row["rank_high_number"]
    span = "" if low is None or low == high else f" ({low:.0f} to {high:.0f})"
    return (
        row["country_title"],
        f"{row['rank_number']}{span}",
        words.people(row["no_fixed_line_reachable_people_count"]),
        f"{words.people(row['no_fixed_line_low_people_count'])} to {words.people(row['no_fixed_line_high_people_count'])}",
        ACCESS.get(row["market_access"], DASH),
        words.about(row["cost_usd_per_month"]),
        words.about_percent(row["price_of_income_fraction"]),
        words.large(row["affordable_market_people_count"]),
        words.about_percent(row["served_fraction"]),
    )


def _rivals(found: list[Row]) -> Grid:
    headings = (
        Heading("Network", numeric=False),
        Heading("At work, with direct to cell", mail=False),
        Heading("Launches in 90 days", mail=False),
        Heading("In view", mail=False),
        Heading("People reached", "Reached"),
        Heading("To compute, ms", "ms"),
        Heading("Over the same fibre, ms", "Same fibre"),
        Heading("AI demand within 50 ms", mail=False),
        Heading("AI demand within 100 ms", "100 ms"),
        Heading("Can be sold, Tbps", "Tbps"),
        Heading("USD per sold Gbps-month", mail=False),
    )
    note = (
        "Constellations: people and time in view and with a path; median round trip to the nearest cloud region. Clouds: people who use the Internet, over stretched fibre to "
        "the cloud's own nearest region, access assumed. What backbones carry and cost is not published: a dash. Estimated."
    )
    note = f"{_ahead(found)}{note}"
    return Grid("Rivals side by side", headings, tuple(map(_rival_row, found)), note)


def _ahead(found: list[Row]) -> str:
    """Who is ahead to compute, over fibre as it is known and over the same for everybody, and what the first rests on; empty where it is not known."""
    ours = next((row for row in found if row["rival"] == "starlink"), {})
    clouds = [row for row in found if row["rival_kind"] == "backbone"]
    said = {
        fibre: f"{words.rounded(ours[name], 2)} ms over Starlink and {words.rounded(min(known), 2)} over the best cloud's fibre"
        for name, fibre in (
            ("rtt_median_ms", "as it is known"),
            ("rtt_same_fibre_median_ms", "with one stretch for all"),
        )
        if (known := [row[name] for row in clouds if row[name] is not None]) and ours.get(name) is not None
    }
    if not said:
        return ""
    basis = next((row["fibre_basis"] for row in clouds if row["fibre_basis"]), None)
    rests = f" As it is known: {basis}; Starlink beyond its PoP has the fixed stretch." if basis else ""
    alike = len(said) > 1 and len(set(said.values())) == 1
    told = (
        f"{said['as it is known']}, as it is known and with one stretch for all alike"
        if alike
        else "; ".join(f"{v} {k}" for k, v in said.items())
    )
    return f"Who is ahead to compute hangs on the fibre: {told}.{rests} "


def _rival_row(row: Row) -> tuple[str, ...]:
    return (
        row["title"],
        words.count(row["operational_count"]),
        words.count(row["launch_90d_count"]),
        words.percent(row["covered_fraction"]),
        words.percent(row["reached_people_fraction"]),
        words.rounded(row["rtt_median_ms"], 2),
        words.rounded(row["rtt_same_fibre_median_ms"], 2),
        words.percent(row["ai_within_50_ms_fraction"]),
        words.percent(row["ai_within_100_ms_fraction"]),
        words.rounded(row["sellable_down_tbps"], 2),
        words.about(row["sold_levelised_usd_per_gbps_month"]),
    )


def _valuations(found: list[Row]) -> Grid:
    headings = (
        Heading("Value", numeric=False),
        Heading("USD billion", "Billion"),
        Heading("USD per Gbps in service", mail=False),
        Heading("USD per subscriber", "Subscriber"),
        Heading("Revenue it implies, billion a year", mail=False),
        Heading("Subscribers it implies, million", "Implies, million"),
        Heading("Low to high", mail=False),
        Heading("Use of what can be sold, now", mail=False),
        Heading("Implied", mail=False),
    )
    told = found[0] if found else {}
    note = "Not advice. "
    if told:
        note += (
            f"At {words.about(told['ebitda_multiple_factor'])} times EBITDA and a margin of {words.about_percent(told['ebitda_margin_fraction'])} (assumed and reported); "
            f"{words.about(told['subscriber_count'] / 1e6)} million subscribers and {words.about(told['connectivity_revenue_usd'] / 1e9)} billion USD of connectivity revenue a year are reported. "
            if told["subscriber_count"] and told["connectivity_revenue_usd"]
            else ""
        )
        note += "".join(f"{each}. " for each in _dated(found))
    note += (
        "Whole: all of the value set against the network, an upper bound; by revenue: the network's part in revenue."
    )
    return Grid("What the market price assumes", headings, tuple(map(_valuation_row, found)), note)


def _dated(found: list[Row]) -> list[str]:
    """Of which day each price is, whether that is stale, and what stands for the value."""
    prices = {(row["valuation_basis"], row["priced_day"]): row for row in found}
    said = []
    for (basis, priced), row in sorted(prices.items()):
        name = "The valuation at the offering" if basis == "ipo" else f"The quote of {row['operator']}"
        debt = (
            ""
            if row["valued_as"] in (None, "enterprise value")
            else "; net debt is not known, so the market value stands for the whole"
        )
        said.append(f"{name} is of {words.day_long(priced)}{' and stale' if row['is_stale'] else ''}{debt}")
    if all(row["valuation_basis"] == "ipo" for row in found):
        said.append("No quote is landed or set")
    return said


def _valuation_row(row: Row) -> tuple[str, ...]:
    basis = "offering" if row["valuation_basis"] == "ipo" else "quote"
    part = "whole" if row["attribution"] == "whole" else "by revenue"
    old = " (stale)" if row["is_stale"] else ""

    def over(name: str, size: float) -> float | None:
        return None if row[name] is None else row[name] / size

    return (
        f"{row['operator']}, {part}, {basis} of {words.day_long(row['priced_day'])}{old}",
        words.about(over("attributed_usd", 1e9)),
        words.about(row["in_service_usd_per_gbps"]),
        words.about(row["per_subscriber_usd"]),
        words.about(over("implied_revenue_usd", 1e9)),
        words.about(over("implied_subscriber_count", 1e6)),
        _between(over("implied_subscriber_low_count", 1e6), over("implied_subscriber_high_count", 1e6)),
        words.about_percent(row["utilisation_now_fraction"]),
        words.about_percent(row["implied_utilisation_fraction"]),
    )


def _orbital(found: list[Row]) -> Grid:
    headings = (
        Heading("Programme", numeric=False),
        Heading("Announced"),
        Heading("In the catalog", "Catalog"),
        Heading("When", numeric=False, mail=False),
        Heading("With", numeric=False, mail=False),
        Heading("As of", numeric=False, mail=False),
    )
    rows = tuple(
        (
            f"{row['programme']} ({row['operator']})", words.count(row["announced_satellite_count"]), words.count(row["catalogued_count"]),
            row["announced_launch_text"] or DASH, row["compute_text"] or DASH, row["date_text"] or DASH,
        )
        for row in found
    )  # fmt: skip
    note = "Announced facts with their date, and objects of the day's catalogs that have the programme's name."
    return Grid("Computing in orbit", headings, rows, note, mail_rows=0)
