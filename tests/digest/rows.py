"""Answers of sql/digest/*.sql made by hand, with the figures of a real day in mind, and the templates from disk."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment

from pipeline.constellations import BY_NAME
from pipeline.digest import html
from pipeline.source import Source
from pipeline.table import CONSTELLATION

DAY = date(2026, 8, 17)
BEFORE = date(2026, 8, 16)
WITHHELD = date(2026, 8, 15)
FOLDER = Path(html.__file__).parent / "templates"

# constellation: catalogued, broadband at work, direct to cell at work, Tbps low, base, high, at work the day before
FLEETS: dict[str, tuple[Any, ...]] = {
    "starlink": (10_928, 9_641, 642, 561.4, 684.2, 724.9, 9_629),
    "oneweb": (651, 641, 0, 1.43, 4.69, 5.21, 641),
    "amazon_leo": (391, 268, 0, 7.82, 19.55, 39.1, 271),
    "qianfan": (238, 106, 0, 1.19, 2.38, 9.52, 106),
    "guowang": (198, 171, 0, 1.9, 3.8, 9.5, 162),
}
# constellation: covered, always covered, in view, reachable, p50, p95
PEOPLE: dict[str, tuple[Any, ...]] = {
    "starlink": (0.99999, 0.9998, 46.31, 0.774, 33.42, 44.7),
    "amazon_leo": (0.4312, 0.0, 0.61, None, None, None),
    "oneweb": (0.997, 0.9412, 2.2, None, None, None),
    "qianfan": (0.9127, 0.0, 2.91, None, None, None),
    "guowang": (0.8711, 0.0, 2.36, None, None, None),
}
GENERATIONS = (
    ("starlink", "starlink-v1.0", "broadband", 701, 612, 18.0, 16.0, 20.0, "medium", 612),
    ("starlink", "starlink-v1.5", "broadband", 2_604, 2_391, 18.0, 16.0, 24.0, "medium", 2_391),
    ("starlink", "starlink-v2mini", "broadband", 2_840, 2_690, 96.0, 80.0, 100.0, "medium", 2_690),
    ("starlink", "starlink-v2mini-opt", "broadband", 4_141, 3_948, 96.0, 80.0, 100.0, "medium", 3_936),
    ("starlink", "starlink-d2c", "direct_to_cell", 642, 642, None, None, None, None, 642),
    ("amazon_leo", "leo-kuiper-gen1", "broadband", 391, 268, 50.0, 20.0, 100.0, "low", 271),
    ("oneweb", "oneweb-gen1", "broadband", 651, 641, 7.2, 2.2, 8.0, "medium", 641),
    ("qianfan", "qianfan-gen1", "broadband", 238, 106, 10.0, 5.0, 40.0, "low", 106),
    ("guowang", "guowang-gen1", "broadband", 190, 165, 20.0, 10.0, 50.0, "low", 156),
    ("guowang", "guowang-test", "test", 8, 6, None, None, None, None, 6),
)
COUNTRIES = (
    ("CHN", "China", 1.4107e9, 1.0, 1.0, 53.1, 0.402, 47.2, 0.501),
    ("ETH", "Ethiopia", 128_691_692.0, 1.0, 1.0, 34.9, 0.031, 58.1, 0.362),
    ("COD", "Congo, Dem. Rep.", 105_789_731.0, 1.0, 1.0, 34.5, 0.122, 57.9, 0.331),
    ("BGD", "Bangladesh", 171_466_990.0, 1.0, 1.0, 39.7, 0.611, 51.0, 0.402),
    ("SJM", "Svalbard and Jan Mayen", 2_939.0, 0.99, 0.61, 23.2, 0.0, None, 0.0),
)
FLOW_NAMES = ["title", "step", "before_day", "satellite_count", "working_change_count", "in_service_change_tbps"]
FLOWS = [
    ("Starlink", "kept", BEFORE, 10_800, 0, 0.0),
    ("Starlink", "launched", BEFORE, 24, 0, 0.0),
    ("Starlink", "lowered", BEFORE, 12, -12, -0.5),
    ("Starlink", "raised", BEFORE, 24, 24, 2.3),
    ("OneWeb", "kept", BEFORE, 651, 0, 0.0),
    ("Guowang", "raised", BEFORE, 9, 9, None),
]
EVENT_NAMES = ["event", "title", "before_day", "launch", "satellite_count", "names", "evidence"]
EVENTS = [
    ("decayed", "Starlink", BEFORE, None, 1, "STARLINK-1007", "SATCAT: down on 2026-08-16"),
    ("launched", "Starlink", BEFORE, "2026-185", 24, "|".join(f"STARLINK-{k}" for k in range(38_300, 38_324)), "seen"),
    ("vanished", "Starlink", BEFORE, None, 9, "|".join(f"STARLINK-{k}" for k in range(1_008, 1_017)), "not listed"),
]
# readiness: common, p10, p90, change, demand with all pillars, missing
INDICES: dict[str, tuple[Any, ...]] = {
    "trunk": (62.59, 18.84, 89.56, -0.353, 0.294, "cross_section"),
    "access": (12.58, 12.49, 12.64, -0.0035, 0.243, "affordability"),
}
# test: value, target, passed, trend, days of the trend, crossing, early, late
TESTS: dict[str, tuple[Any, ...]] = {
    "test_latency": (1.0, 0.5, True, "passed", 60, None, None, None),
    "test_cut": (0.0207, 0.1, False, "on this trend", 60, date(2028, 3, 1), date(2027, 12, 5), date(2028, 9, 9)),
    "test_cost": (86.0, 20.0, True, "passed", 60, None, None, None),
    "test_availability": (1.0, 0.9, True, "passed", 60, None, None, None),
}
# readiness, pillar, weight, common, measure, unit, score, known, points for one more, change
PILLARS = (
    ("access", "latency", 0.25, True, 89.79, "ms", 76.07, 1.0, 0.0541, -0.0045),
    ("access", "affordability", 0.2, False, 0.02334, "1", 96.21, 0.243, None, None),
    ("access", "downlink", 0.15, True, 0.0624, "Mbps", 0.2, 1.0, 0.0, 0.0),
    ("access", "uplink", 0.15, True, 0.0167, "Mbps", 0.3, 1.0, 0.087, 0.0),
    ("trunk", "cross_section", 0.3, False, None, "1", None, 0.294, None, None),
    ("trunk", "cost", 0.25, True, 24.71, "1", 32.4, 1.0, 0.74, -0.38),
)
# workload: down, up, one, all, low, high, AI demand, on the ground, limit
USERS = (
    ("chat token stream (text)", 0.25, 0.02, 1.0, 0.6619, 0.5158, 0.891, 0.8249, 0.65, "rate"),
    ("voice agent, full duplex", 0.1, 0.1, 0.9144, 0.3457, 0.254, 0.534, 0.483, 0.5305, "latency"),
    ("agentic tool calls", 1.0, 0.5, 1.0, 0.0911, 0.0607, 0.1788, 0.1279, 0.6475, "rate"),
    ("code assistant autocompletion", 0.5, 0.2, 0.752, 0.062, 0.041, 0.121, 0.102, 0.433, "continuity"),
    ("smart glasses / video to model", 0.5, 4.0, 1.0, 0.019, 0.013, 0.037, 0.026, 0.575, "rate"),
    ("image query", 1.0, 8.0, 1.0, 0.011, 0.007, 0.022, 0.016, 0.517, "rate"),
    ("dataset replication", 1e3, 1e3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0004, "none"),
)
# workload: Mbps, limit of the round trip, over the mesh, low, high, over fibre, hours over the mesh, over fibre
BETWEEN_SITES = (
    ("synchronous data-parallel training, 70B", 400e3, 10.0, 0.0, 0.0, 0.0, 0.286, 22 / 3600, 5.6 / 3600),
    ("KV-cache transfer, dense 70B", 60e3, 50.0, 0.867, 0.0, 0.867, 0.867, None, None),
    ("dataset replication", 1e3, None, 1.0, 1.0, 1.0, 1.0, 2.2, 0.55),
)
# title, constellation, generation, planned, at work, capex low base high, raw, sold low base high, revenue, by cited Gbps
COSTS = (
    (
        "Starlink",
        "starlink",
        "all",
        False,
        9_641,
        12_430.0,
        17_297.0,
        25_798.0,
        288.3,
        1_081.0,
        3_435.0,
        10_878.0,
        1_817.0,
        1_449.0,
    ),
    ("Amazon Leo", "amazon_leo", "all", False, 268, 78e3, 148e3, 204e3, 2_467.0, None, None, None, None, None),
    ("Guowang", "guowang", "all", False, 171, None, None, None, None, None, None, None, None, None),
    ("Starlink", "starlink", "starlink-v3", True, 0, 1_237.0, 3_100.0, 6_040.0, 51.7, None, None, None, None, None),
)
# fleet, gateways, times, Tbps in service, sold, of a further one, sold low base high, least
SCALE = (
    ("today", "fixed", 0.25, 169.9, 52.6, None, 1_032.0, 1_783.0, 6_073.0, True),
    ("today", "fixed", 1.0, 679.6, 100.9, 0.0576, 2_077.0, 3_435.0, 9_295.0, False),
    ("next_generation", "growing", 0.5, 4_600.0, 470.0, 0.067, 330.0, 1_021.0, 4_400.0, False),
)
UNIT_COSTS = (
    ("million_tokens", "satellite_sold", 0.000714, 0.00143), ("million_tokens", "satellite_list", 0.0276, None),
    ("million_tokens", "transit", 2.2e-5, None), ("minute_of_voice", "satellite_sold", 3.07e-6, None),
    ("minute_of_voice", "transit", 9.47e-8, None),
)  # fmt: skip
# country, rank, low, high, people, low, high, access, USD a month, of income, can pay, served
MARKETS = (
    ("India", 1, 1, 1, 1.3798e9, 1.3494e9, 1.4103e9, "licensed", None, None, None, 0.0269),
    ("Indonesia", 2, 2, 3, 245.8e6, 229.6e6, 261.9e6, "sold_out", None, None, None, 0.0429),
    ("Nigeria", 3, None, None, 232.1e6, 231.9e6, 232.4e6, "sold", 48.31, 0.2042, 2.834e6, 0.0683),
    ("Pakistan", 4, 2, 4, 144.1e6, 141.1e6, 147.2e6, None, None, None, None, None),
)
# rival, kind, title, in view, reached, ms, ms over the same fibre, AI within 50 and 100 ms, Tbps, at work, launches, USD, fibre
RIVALS = (
    ("starlink", "constellation", "Starlink", 1.0, 1.0, 40.63, 40.63, 0.733, 0.9988, 61.2, 10_283, 27, 3_435.0, None),
    ("oneweb", "constellation", "OneWeb", 0.861, None, None, None, None, None, None, 641, 0, None, None),
    ("aws", "backbone", "Amazon Web Services", None, 0.65, 53.9, 26.43, 0.44, 1.0, None, None, None, None, "as measured in 2020"),
    ("azure", "backbone", "Microsoft Azure", None, 0.65, 50.2, 24.6, 0.5, 1.0, None, None, None, None, "as measured in 2020"),
)  # fmt: skip
CATALOG = Source(
    "celestrak_active", "CelesTrak active satellites", "https://provider.invalid/a", "free with attribution",
    "CelesTrak, T.S. Kelso", "daily", "everything", required=True, stands_days=3,
)  # fmt: skip
CITIES = Source(
    "cities",
    "GeoNames settlements",
    "package:x/y",
    "CC BY 4.0",
    "GeoNames",
    "yearly",
    "people per cell",
)
SOURCES = {source.name: source for source in (CATALOG, CITIES)}


def rows(*, first: bool = False, synthetic: bool = False, age_days: int = 0) -> dict[str, pl.DataFrame]:
    """Answers for DAY: on the first day nothing is known of a day before."""
    landed = date.fromordinal(DAY.toordinal() - age_days)
    state = {
        "day": DAY, "previous_day": None if first else BEFORE, "catalog_day": landed, "synthetic": synthetic,
        "element_age_p50_h": 13.4, "element_age_p95_h": 38.2, "state_day_p50_count": 1.0 if first else 4.0,
    }  # fmt: skip
    return {
        "state": pl.DataFrame([state], schema_overrides={"previous_day": pl.Date}),
        "fleet": pl.DataFrame([_fleet(name, first) for name in FLEETS], infer_schema_length=None),
        "people": pl.DataFrame([_people(name, first) for name in CONSTELLATION], infer_schema_length=None),
        "generation": pl.DataFrame([_generation(row, first) for row in GENERATIONS], infer_schema_length=None),
        "country": pl.DataFrame([_country(row) for row in COUNTRIES], infer_schema_length=None),
        "change": pl.DataFrame([_changed(name) for name in FLEETS], infer_schema_length=None),
        "waterfall": pl.DataFrame(FLOWS[: 0 if first else None], schema=FLOW_NAMES, orient="row"),
        "event": pl.DataFrame(EVENTS[: 0 if first else None], schema=EVENT_NAMES, orient="row"),
        "map": grid(),
        "capacity": pl.DataFrame([_capacity(name, first) for name in FLEETS], infer_schema_length=None),
        "lid": lids(),
        "trunk": pl.DataFrame([_trunk("a_to_b"), _trunk("b_to_a")], infer_schema_length=None),
        **backbone(first),
        "model": pl.DataFrame([{"mae_ms": 4.5, "bias_ms": 0.3, "country_count": 49}]),
        "source": pl.DataFrame([_landed(source, landed, synthetic) for source in SOURCES.values()]),
        "warning": pl.DataFrame(schema={"check_id": pl.String, "severity": pl.String, "message": pl.String}),
        "exclusion": pl.DataFrame(
            schema={"source": pl.String, "reason": pl.String, "row_count": pl.Int64, "example": pl.String}
        ),
    }


def backbone(first: bool = False) -> dict[str, pl.DataFrame]:
    """Answers on readiness, workloads, costs, markets, rivals, the market price and compute in orbit."""
    made = {
        "readiness": [*(_index(name) for name in INDICES), _index("access", "OneWeb"), *(_test(name) for name in TESTS)],
        "pillar": [_pillar(row) for row in PILLARS],
        "workload": [*map(_user, USERS[:-1]), *map(_between_sites, BETWEEN_SITES[:-1]), _user(USERS[-1]) | _pairs(BETWEEN_SITES[-1])],
        "economics": [_cost(row) for row in COSTS],
        "scale": [_scale(row) for row in SCALE],
        "unit_cost": [_unit_cost(row) for row in UNIT_COSTS],
        "market": [_market(row) for row in MARKETS],
        "reach": [_reach(first)],
        "rival": [_rival(row) for row in RIVALS],
        "valuation": [valuation("revenue_share", 0.69), valuation("whole", 1.0)],
        "orbital_compute": [_orbital("Three-Body", 12, 12, "12 launched"), _orbital("SpaceX AI1", None, 0, None)],
    }  # fmt: skip
    return {name: pl.DataFrame(found, infer_schema_length=None) for name, found in made.items()}


def _index(name: str, title: str = "Starlink") -> dict[str, Any]:
    """An index; of OneWeb nothing is known."""
    names = ("common_number", "common_p10_number", "common_p90_number", "change_number", "known_fraction", "missing")
    found = (
        dict(zip(names, INDICES[name], strict=True))
        if title == "Starlink"
        else {"known_fraction": 0.0, "missing": "all"}
    )
    return _ready(name, title) | found


def _test(name: str) -> dict[str, Any]:
    names = (
        "value_number", "target_number", "passed", "trend_text", "trend_day_count", "crossing_day", "crossing_early_day", "crossing_late_day",
    )  # fmt: skip
    return _ready(name, "Starlink") | dict(zip(names, TESTS[name], strict=True))


def _ready(name: str, title: str) -> dict[str, Any]:
    names = (
        "value_number", "value_p10_number", "value_p90_number", "common_number", "common_p10_number", "common_p90_number", "known_fraction",
        "before_day", "change_number", "target_number", "passed", "trend_text", "trend_day_count", "crossing_day", "crossing_early_day",
        "crossing_late_day", "missing",
    )  # fmt: skip
    return {"title": title, "constellation": title.lower(), "readiness": name} | dict.fromkeys(names)


def _pillar(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "readiness", "pillar", "weight_fraction", "is_common", "measure_number", "unit", "score_number", "known_fraction", "marginal_number",
        "change_number",
    )  # fmt: skip
    return dict(zip(names, row, strict=True)) | {"note": f"what {row[1]} is"}


USER_NAMES = (
    "min_down_mbps", "min_up_mbps", "single_people_fraction", "all_people_fraction", "all_people_low_fraction", "all_people_high_fraction",
    "all_ai_demand_fraction", "terrestrial_people_fraction", "workload_limit",
)  # fmt: skip
PAIR_NAMES = (
    "max_rtt_limit_ms", "pair_fraction", "pair_low_fraction", "pair_high_fraction", "terrestrial_pair_fraction", "transfer_mesh_h",
    "transfer_fibre_h",
)  # fmt: skip


def _user(row: tuple[Any, ...]) -> dict[str, Any]:
    """A workload of users alone."""
    nothing = dict.fromkeys((*PAIR_NAMES, "pair_count", "transfer_terminal_h"))
    return {"workload": row[0], "workload_class": "interactive"} | nothing | dict(zip(USER_NAMES, row[1:], strict=True))


def _pairs(row: tuple[Any, ...]) -> dict[str, Any]:
    return {"pair_count": 105, "min_down_mbps": row[1], "min_up_mbps": row[1]} | dict(
        zip(PAIR_NAMES, row[2:], strict=True)
    )


def _between_sites(row: tuple[Any, ...]) -> dict[str, Any]:
    """A workload of sites alone."""
    nothing = dict.fromkeys((*USER_NAMES, "transfer_terminal_h"))
    return {"workload": row[0], "workload_class": "training"} | nothing | _pairs(row)


def _cost(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "title", "constellation", "generation", "planned", "operational_count", "capex_low_usd_per_gbps", "capex_usd_per_gbps",
        "capex_high_usd_per_gbps", "raw_usd_per_gbps_month", "sold_levelised_low_usd_per_gbps_month", "sold_levelised_usd_per_gbps_month",
        "sold_levelised_high_usd_per_gbps_month", "revenue_usd_per_deployed_gbps_month", "revenue_shipped_usd_per_deployed_gbps_month",
    )  # fmt: skip
    more = dict.fromkeys(("raw_low_usd_per_gbps_month", "raw_high_usd_per_gbps_month", "sellable_fraction", "missing"))
    return dict(zip(names, row, strict=True)) | more


def _scale(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "scale_fleet", "scale_gateways", "fleet_factor", "in_service_tbps", "sold_tbps", "marginal_fraction",
        "sold_levelised_low_usd_per_gbps_month", "sold_levelised_usd_per_gbps_month", "sold_levelised_high_usd_per_gbps_month", "least_cost",
    )  # fmt: skip
    found = dict(zip(names, row, strict=True))
    return found | {"sellable_fraction": found["sold_tbps"] / found["in_service_tbps"]}


def _unit_cost(row: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip(("traffic_unit", "network", "unit_usd", "of_price_fraction"), row, strict=True))
    return found | {"unit_low_usd": row[2] / 3, "unit_high_usd": row[2] * 3}


def _market(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "country_title", "rank_number", "rank_low_number", "rank_high_number", "no_fixed_line_reachable_people_count",
        "no_fixed_line_low_people_count", "no_fixed_line_high_people_count", "market_access", "cost_usd_per_month", "price_of_income_fraction",
        "affordable_market_people_count", "served_fraction",
    )  # fmt: skip
    return dict(zip(names, row, strict=True))


def _reach(first: bool) -> dict[str, Any]:
    moved = (None, None, None) if first else (BEFORE, 1.24e6, 0.0)
    names = ("before_day", "newly_reachable_people_count", "newly_unreachable_people_count")
    return {"title": "Starlink", "reachable_people_count": 8.1e9} | dict(zip(names, moved, strict=True))


def _rival(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "rival", "rival_kind", "title", "covered_fraction", "reached_people_fraction", "rtt_median_ms", "rtt_same_fibre_median_ms",
        "ai_within_50_ms_fraction", "ai_within_100_ms_fraction", "sellable_down_tbps", "operational_count", "launch_90d_count",
        "sold_levelised_usd_per_gbps_month", "fibre_basis",
    )  # fmt: skip
    return dict(zip(names, row, strict=True)) | {"starlink_satellite_factor": None}


def valuation(attribution: str, part: float, basis: str = "ipo", **other: Any) -> dict[str, Any]:
    """A price of SpaceX, set against the network with `part` of it; by itself that of the offering, stale and without net debt."""
    return {
        "operator": "SpaceX", "valuation_basis": basis, "attribution": attribution, "priced_day": date(2026, 6, 12), "is_stale": True,
        "valued_as": "market value, for net debt is not known", "attributed_usd": 1.77e12 * part,
        "in_service_usd_per_gbps": 2.6046e6 * part, "per_subscriber_usd": 171_845.0 * part, "implied_revenue_usd": 1.4048e11 * part,
        "implied_revenue_low_usd": 8.43e10 * part, "implied_revenue_high_usd": 3.54e11 * part, "implied_subscriber_count": 1.4452e8 * part,
        "implied_subscriber_low_count": 7.09e7 * part, "implied_subscriber_high_count": 4.917e8 * part, "subscriber_count": 10.3e6,
        "connectivity_revenue_usd": 13.04e9, "ebitda_multiple_factor": 20.0, "ebitda_margin_fraction": 0.63,
        "utilisation_now_fraction": 0.2553, "implied_utilisation_fraction": 2.75 * part, "missing": "net debt",
    } | other  # fmt: skip


def _orbital(programme: str, announced: int | None, catalogued: int, when: str | None) -> dict[str, Any]:
    texts = {"announced_launch_text": when, "compute_text": None, "date_text": "2026-06"}
    return {
        "programme": programme, "operator": "Who", "announced_satellite_count": announced, "catalogued_count": catalogued,
    } | texts  # fmt: skip


def _changed(name: str) -> dict[str, Any]:
    """A fleet that grew by one a day; 30 and 90 days back it is reconstructed."""
    changes = {f"satellite_change_{k}d_count": k for k in (7, 30, 90)}
    working = {f"working_change_{k}d_count": 5 if k == 7 else None for k in (7, 30, 90)}
    reconstructed = {f"reconstructed_{k}d": k > 7 for k in (7, 30, 90)}
    return {"title": BY_NAME[name].title, **changes, **working, **reconstructed}


def grid() -> pl.DataFrame:
    """One cell for every ten degrees of latitude; most satellites near 50 degrees north."""
    latitude = [float(degrees) for degrees in range(-80, 81, 10)]
    seen = [70.0 - abs(degrees - 50) / 2 for degrees in latitude]
    return pl.DataFrame(
        {
            "cell_id": pl.Series(range(len(latitude)), dtype=pl.UInt64),
            "latitude_deg": latitude,
            "visible_mean_count": seen,
            "grid_cell_count": [12 * 4**2] * len(latitude),
        }
    )


def lids() -> pl.DataFrame:
    """Demand over the sea, and each lid once."""
    binding = ["demand"] * 12 + ["beam", "satellite", "gateway", "mesh", "demand"]
    cells = grid()
    return cells.select("cell_id", pl.Series("binding", binding), "grid_cell_count")


def _capacity(name: str, first: bool) -> dict[str, Any]:
    """Only of Starlink are gateways known."""
    known = name == "starlink"
    figures = {
        "gateway_count": 269, "in_service_down_tbps": 612.3, "in_service_up_tbps": 48.1, "sellable_down_tbps": 61.2,
        "sellable_down_p10_tbps": 38.0, "sellable_down_p90_tbps": 97.0, "sellable_up_tbps": 5.3, "most_down_tbps": 63.9,
        "bound_down_demand_fraction": 0.1, "bound_down_beam_fraction": 0.55, "bound_down_satellite_fraction": 0.2,
        "bound_down_gateway_fraction": 0.15, "bound_down_mesh_fraction": 0.0,
    }  # fmt: skip
    before = {"previous_sellable_down_tbps": 60.9 if known and not first else None}
    some = {key: value if known or key.startswith("in_service") else None for key, value in figures.items()}
    title = {"constellation": name, "title": BY_NAME[name].title, "demand_down_tbps": 2_150.0}
    return title | some | before | {"gateway_count": 269 if known else 0}


def _trunk(direction: str) -> dict[str, Any]:
    ends = {"title": "Starlink", "trunk": "atlantic", "trunk_direction": direction, "mesh_cut_gbps": 9_400.0}
    return ends | {
        "landing_a_gbps": 31_000.0, "landing_b_gbps": 6_100.0, "transit_gbps": 210.0, "trunk_gbps": 6_100.0, "subsea_design_tbps": 697.0,
    }  # fmt: skip


def archive() -> pl.DataFrame:
    """Two published days, the older one a sample."""
    names = ("day", "broadband_operational_count", "installed_down_tbps", "synthetic")
    days = [(DAY, 9_641, 684.2, False), (BEFORE, 9_629, 683.6, True)]
    return pl.DataFrame(days, schema=names, orient="row")


def templates() -> Environment:
    """The package's templates, read from disk."""
    return html.environment({name: (FOLDER / name).read_text() for name in html.TEMPLATES})


def _fleet(name: str, first: bool) -> dict[str, Any]:
    catalogued, at_work, to_cell, low, base, high, before = FLEETS[name]
    constellation = BY_NAME[name]
    return {
        "constellation": name, "title": constellation.title,
        "min_elevation_deg": constellation.min_elevation_deg, "satellite_count": catalogued,
        "broadband_operational_count": at_work, "direct_to_cell_count": to_cell, "installed_down_tbps": base,
        "installed_down_low_tbps": low, "installed_down_high_tbps": high,
        "previous_broadband_operational_count": None if first else before,
        "previous_installed_down_tbps": None if first else base - 0.58,
    }  # fmt: skip


def _people(name: str, first: bool) -> dict[str, Any]:
    names = (
        "covered_fraction",
        "always_covered_fraction",
        "visible_mean_count",
        "reachable_fraction",
        "rtt_pop_p50_ms",
    )
    today = dict(zip((*names, "rtt_pop_p95_ms"), PEOPLE[name], strict=True))
    today["usable_mean_count"] = today["visible_mean_count"] * 0.7
    moved = {"rtt_pop_p50_ms": 0.31, "covered_fraction": 0.004}
    before = {
        f"previous_{key}": None if first or today[key] is None else today[key] + moved.get(key, 0.0)
        for key in ("covered_fraction", "always_covered_fraction", "rtt_pop_p50_ms")
    }
    return {"constellation": name, "population_count": 8.06e9, **today, **before}


def _generation(row: tuple[Any, ...], first: bool) -> dict[str, Any]:
    names = (
        "constellation", "generation", "payload_class", "satellite_count", "operational_count", "down_gbps_per_satellite",
        "down_low_gbps", "down_high_gbps", "confidence", "previous_operational_count",
    )  # fmt: skip
    found = dict(zip(names, row, strict=True))
    found["previous_operational_count"] = None if first else found["previous_operational_count"]
    return found | {"title": BY_NAME[row[0]].title, "flagged": False, "nameless_count": 0}


def _country(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "country_iso3", "title", "population_count", "covered_fraction", "always_covered_fraction", "visible_mean_count",
        "reachable_fraction", "rtt_pop_p50_ms", "amazon_leo_covered_fraction",
    )  # fmt: skip
    more = {"measured_p50_ms": None, "rtt_gpu_p50_ms": 120.0, "mesh_path_fraction": 0.25}
    return dict(zip(names, row, strict=True)) | more


def _landed(source: Source, day: date, synthetic: bool) -> dict[str, Any]:
    return {
        "source": source.name, "landed_day": day, "synthetic": synthetic and source.required, "licence": source.licence,
        "citation": source.citation, "fetched_at_utc": datetime(2026, 8, 17, 18, 57),
    }  # fmt: skip
