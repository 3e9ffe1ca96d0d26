"""The gate: a sound day passes, and each rule stops or warns of the day that breaks it."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.io import checks, registry
from pipeline.io.home import Home, HomeError, read_parquet, write_parquet
from pipeline.io.laws import LAWS
from pipeline.io.settings import Settings
from tests import factory

DAY = factory.DAY
Frames = dict[str, pl.DataFrame]
SOUND = factory.frames()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return factory.settings(tmp_path)


def failed(frames: Frames, home: Path, day: date = DAY) -> dict[str, checks.Finding]:
    """What polars finds wrong, by check_id."""
    found = checks.findings(Home(home), day, frames)
    return {f"{f.table}/{f.rule}": f for f in found if f.failed_count}


def set_where(table: str, column: str, value: object, where: pl.Expr) -> Callable[[Frames], Frames]:
    """A change of one column in the first row that `where` finds."""

    def change(frames: Frames) -> Frames:
        first = where & (where.cum_sum() == 1)
        made = pl.when(first).then(value if isinstance(value, pl.Expr) else pl.lit(value)).otherwise(pl.col(column))
        changed = frames[table].with_columns(made.alias(column))
        assert not changed.equals(frames[table]), "the change must change something"
        return frames | {table: changed}

    return change


def with_rows(table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Frames], Frames]:
    return lambda frames: frames | {table: change(frames[table])}


COVERAGE, CAPACITY, LATENCY = "core.coverage_daily", "core.capacity_daily", "core.latency_daily"
TOGETHER = "core.coverage_together_daily"
LATENCY_COUNTRY, CORRIDOR = "core.latency_country_daily", "core.corridor_daily"
ERROR, PLACE = "core.model_error_daily", "core.model_place_daily"
ACCESS, HISTORY, FLEET = "core.access_daily", "core.fleet_history_daily", "core.fleet_capacity_daily"
SATELLITE, SHELL = "core.satellite_daily", "core.shell_daily"
FLOW, EVENT = "core.fleet_flow_daily", "core.fleet_event_daily"
LEDGER, DEMAND = "core.ai_ledger_daily", "core.demand_daily"
WORKLOAD, READINESS, SCORE = "core.workload_daily", "core.readiness_daily", "core.readiness_score_daily"
READY_PLACE, READY_DRIVER = "core.readiness_place_daily", "core.readiness_driver_daily"
CONTINUITY = "core.continuity_daily"
AI_HOUR, AI_COUNTRY = "core.ai_hour_daily", "core.ai_country_daily"
MARKET, AFFORDABLE = "core.market_daily", "core.affordable_daily"
KPI, VALUE = "core.operator_kpi", "core.valuation_daily"
RIVAL, ORBIT = "core.rival_daily", "core.orbital_compute_daily"
ECONOMICS, ECONOMICS_INPUT = "core.economics_daily", "core.economics_input_daily"
UNIT_COST, TRUNK_COST = "core.unit_cost_daily", "core.trunk_cost_daily"
COUNTRY_COST, SCALE = "core.country_cost_daily", "core.scale_daily"
c = pl.col
BROKEN: dict[str, Callable[[Frames], Frames]] = {
    # one table on its own
    f"{COVERAGE}/rows": with_rows(COVERAGE, lambda f: f.clear()),
    "dim.cell/rows": lambda frames: {k: v for k, v in frames.items() if k != "dim.cell"},
    "raw.celestrak_active/rows": lambda frames: {k: v for k, v in frames.items() if not k.startswith("raw.")},
    "meta.landing/rows": lambda frames: {k: v for k, v in frames.items() if k != "meta.landing"},
    f"{COVERAGE}/columns and types as declared": with_rows(COVERAGE, lambda f: f.cast({"visible_min_count": pl.Float64})),
    f"{ACCESS}/columns and types as declared": with_rows(ACCESS, lambda f: f.drop("population_count")),
    f"{COVERAGE}/never null": set_where(COVERAGE, "visible_mean_count", None, c("cell_id") == 3),
    f"{ACCESS}/never null": set_where(ACCESS, "covered_fraction", None, c("country_iso3") == "NGA"),
    f"{COVERAGE}/one row per key": with_rows(COVERAGE, lambda f: pl.concat([f, f.head(1)])),
    "dim.country/one row per key": with_rows("dim.country", lambda f: pl.concat([f, f.head(1)])),
    f"{COVERAGE}/all rows of the day": set_where(COVERAGE, "day", DAY + timedelta(1), c("cell_id") == 3),
    f"{COVERAGE}/limits: visible_mean_count finite": set_where(COVERAGE, "visible_mean_count", math.nan, c("cell_id") == 3),
    f"{ACCESS}/limits: visible_down_gbps finite": set_where(ACCESS, "visible_down_gbps", math.inf, c("country_iso3") == "NGA"),
    f"{COVERAGE}/limits: longest_gap_s <= 86400": set_where(COVERAGE, "longest_gap_s", 86_401, c("longest_gap_s") == 86_400),
    f"{COVERAGE}/limits: constellation closed set": set_where(COVERAGE, "constellation", "kuiper", c("cell_id") == 3),
    "core.satellite_daily/limits: inclination_deg <= 180": set_where("core.satellite_daily", "inclination_deg", 181.0, c("norad_cat_id") > 0),
    # cells and people
    "dim.cell/cells are numbered without a gap": with_rows("dim.cell", lambda f: f.slice(1)),
    "dim.cell/areas sum to the Earth's": with_rows("dim.cell", lambda f: f.with_columns(c("area_km2") * 1.01)),
    "dim.cell/cells and bridge have the same people": set_where("dim.cell", "population_count", 5e6, c("population_count") == 0),
    "dim.cell/the world's people in cells, bridge and countries agree": with_rows("dim.cell", lambda f: f.with_columns(c("population_count") * 1.002)),
    "dim.country/each country's people are in cells": set_where("dim.country", "population_count", 7e6, c("country_iso3") == "SGP"),
    "dim.cell_country/area fractions of a cell sum to at most 1": with_rows("dim.cell_country", lambda f: pl.concat([f, f.head(1).with_columns(country_iso3=pl.lit("ZZZ"), area_fraction=1.0)])),
    "dim.cell_h3/area fractions of a cell sum to 1": set_where("dim.cell_h3", "area_fraction", 0.9, c("cell_id") == 3),
    "dim.generation/low <= base <= high, downlink": set_where("dim.generation", "down_low_gbps", 99.0, c("generation") == "oneweb-gen1"),
    "dim.generation/low <= base <= high, uplink": with_rows("dim.generation", lambda f: f.with_columns(up_gbps=2.0, up_low_gbps=1.0, up_high_gbps=1.5)),
    # satellites
    f"{SATELLITE}/one row per identity": set_where(SATELLITE, "identity", c("identity").last(), c("norad_cat_id") > 0),
    f"{SATELLITE}/who works is in a shell": set_where(SATELLITE, "shell_id", None, c("state") == "operational"),
    f"{SHELL}/counts are those of core.satellite_daily": set_where(SHELL, "satellite_count", c("satellite_count") + 1, c("satellite_count") > 0),
    f"{SHELL}/only a steady shell works": set_where(SHELL, "steady", False, c("operational_count") > 0),
    f"{SHELL}/operational_count and waiting_count <= satellite_count": set_where(SHELL, "waiting_count", 9_999, c("satellite_count") > 0),
    f"{FLOW}/the waterfall ends in today's satellites, by constellation and state": set_where(FLOW, "satellite_count", c("satellite_count") + 1, c("state_after") == "raising"),
    f"{EVENT}/who has vanished or decayed is not listed, everybody else is": set_where(EVENT, "event", "vanished", c("event") == "launched"),
    # fleets
    f"{HISTORY}/operational_count <= satellite_count": set_where(HISTORY, "operational_count", 999, c("constellation") == "oneweb"),
    f"{HISTORY}/counts are those of core.satellite_daily": with_rows("core.satellite_daily", lambda f: f.slice(1)),
    f"{FLEET}/counts are the sums of core.fleet_history_daily": set_where(FLEET, "satellite_count", c("satellite_count") + 1, c("constellation") == "oneweb"),
    f"{FLEET}/broadband_operational_count <= operational_count <= satellite_count": set_where(FLEET, "broadband_operational_count", 999, c("constellation") == "oneweb"),
    f"{FLEET}/low <= base <= high, installed": set_where(FLEET, "installed_down_high_tbps", 0.01, c("constellation") == "oneweb"),
    f"{FLEET}/low <= base <= high, in service": set_where(FLEET, "in_service_down_low_tbps", 99.0, c("constellation") == "oneweb"),
    f"{FLEET}/capacity in service <= installed": set_where(FLEET, "installed_down_tbps", 0.3, c("constellation") == "oneweb"),
    # grids
    f"{COVERAGE}/rows = cells x constellations": with_rows(COVERAGE, lambda f: f.slice(1)),
    f"{CAPACITY}/rows = cells x constellations": with_rows(CAPACITY, lambda f: f.filter(c("constellation") != "oneweb")),
    f"{LATENCY}/rows = cells x constellations": with_rows(LATENCY, lambda f: f.slice(1)),
    f"{COVERAGE}/covered_fraction is 1 exactly where visible_min_count >= 1": set_where(COVERAGE, "visible_min_count", 0, c("covered_fraction") == 1),
    f"{COVERAGE}/longest_gap_s is 0 exactly where covered_fraction is 1": set_where(COVERAGE, "longest_gap_s", 60, c("covered_fraction") == 1),
    f"{COVERAGE}/longest_gap_s fits into the uncovered part of the day": set_where(COVERAGE, "longest_gap_s", 80_000, c("covered_fraction") == 0.5),
    f"{COVERAGE}/visible_min_count <= visible_mean_count": set_where(COVERAGE, "visible_min_count", 9, c("covered_fraction") == 1),
    f"{COVERAGE}/covered_fraction <= visible_mean_count": set_where(COVERAGE, "visible_mean_count", 0.2, c("covered_fraction") == 0.5),
    f"{COVERAGE}/visible_min_count <= visible_p05_count": set_where(COVERAGE, "visible_p05_count", 1, c("visible_min_count") == 2),
    f"{COVERAGE}/more satellites, less of the time": set_where(COVERAGE, "usable_4_fraction", 0.9, c("usable_2_fraction") == 0.25),
    f"{COVERAGE}/what is usable is visible": set_where(COVERAGE, "usable_p05_count", 4, c("visible_p05_count") == 3),
    f"{TOGETHER}/rows = cells": with_rows(TOGETHER, lambda f: f.slice(1)),
    f"{TOGETHER}/means are the sums of the constellations'": set_where(TOGETHER, "usable_mean_count", 0.1, c("usable_mean_count") > 1),
    f"{CAPACITY}/no capacity where no satellite is ever in view": set_where(CAPACITY, "visible_down_gbps", 5.0, c("visible_down_gbps") == 0),
    f"{CAPACITY}/what is served is asked for, and could be": set_where(CAPACITY, "served_up_gbps", c("supply_up_gbps") + 0.1, c("demand_up_gbps") > c("supply_up_gbps")),
    f"{CAPACITY}/no supply beyond any lid": set_where(CAPACITY, "supply_down_gbps", c("supply_down_gbps") + 0.1, c("supply_down_gbps") > 0),
    f"{CAPACITY}/the binding lid leaves the most unserved, demand is met where it binds": set_where(CAPACITY, "binding", "beam", c("binding") == "satellite"),
    f"{CAPACITY}/what the lids leave unserved is what is not served": set_where(CAPACITY, "mesh_short_up_gbps", c("mesh_short_up_gbps") + 0.1, c("constellation") == "starlink"),
    f"{CAPACITY}/without demand it is demand that binds": set_where(CAPACITY, "binding", "gateway", c("demand_down_gbps") == 0),
    f"{CAPACITY}/AI's demand is part of all demand": set_where(CAPACITY, "ai_demand_up_gbps", c("demand_up_gbps") + 0.1, c("cell_id") >= 0),
    f"{CAPACITY}/a cell asks every constellation for the same": set_where(CAPACITY, "demand_down_gbps", c("demand_down_gbps") + 0.1, c("constellation") == "oneweb"),
    f"{CAPACITY}/utilisation is what is served of the supply": set_where(CAPACITY, "utilisation_fraction", 0.5, c("utilisation_fraction") == 1),
    f"{CAPACITY}/p05 <= p50 of what is served, and both are known exactly where there is demand": set_where(CAPACITY, "served_fraction_p05", 1.0, c("served_fraction_p50") < 1),
    f"{CAPACITY}/what users send knows its own lids alone": set_where(CAPACITY, "served_up_gbps", None, c("constellation") == "starlink"),
    f"{FLEET}/what is sold is the sum of the cells": set_where(FLEET, "sellable_up_tbps", 1.0, c("constellation") == "starlink"),
    f"{FLEET}/the world's demand is the sum of the cells": set_where(FLEET, "demand_down_tbps", 9_000.0, c("constellation") == "starlink"),
    f"{FLEET}/sold <= greatest throughput <= in service": set_where(FLEET, "most_down_tbps", 99.0, c("constellation") == "starlink"),
    f"{FLEET}/the lids bind all of the demand": set_where(FLEET, "bound_up_mesh_fraction", 0.2, c("constellation") == "starlink"),
    f"{FLEET}/p10 <= p50 <= p90": set_where(FLEET, "sellable_down_p90_tbps", 0.0, c("constellation") == "starlink"),
    f"{LATENCY}/p50 <= p95": set_where(LATENCY, "rtt_pop_p95_ms", 20.0, c("rtt_pop_p50_ms").is_not_null()),
    f"{LATENCY}/no path is faster than the floor": set_where(LATENCY, "rtt_floor_ms", 31.0, c("rtt_pop_p50_ms").is_not_null()),
    f"{LATENCY}/compute is no nearer than the PoP": set_where(LATENCY, "rtt_cloud_p50_ms", 29.0, c("rtt_pop_p50_ms").is_not_null()),
    f"{LATENCY}/a round trip is known exactly where a path exists": set_where(LATENCY, "reachable_fraction", 0.0, c("rtt_pop_p50_ms").is_not_null()),
    f"{LATENCY_COUNTRY}/rows = countries x constellations": with_rows(LATENCY_COUNTRY, lambda f: f.slice(1)),
    f"{LATENCY_COUNTRY}/p50 <= p95": set_where(LATENCY_COUNTRY, "rtt_gpu_p95_ms", 20.0, c("rtt_gpu_p50_ms").is_not_null()),
    f"{LATENCY_COUNTRY}/a round trip is known exactly where a path exists": set_where(LATENCY_COUNTRY, "reachable_fraction", 0.0, c("rtt_pop_p50_ms").is_not_null()),
    f"{LATENCY_COUNTRY}/who is measured is judged": with_rows(PLACE, lambda f: f.slice(1)),
    # corridors, and how wrong the model is
    f"{CORRIDOR}/floor <= min <= p50 <= p95": set_where(CORRIDOR, "rtt_floor_ms", 61.0, c("from_id") == "london"),
    f"{CORRIDOR}/fewer links are no faster than the fastest of more, and reach no further": set_where(CORRIDOR, "rtt_three_links_p50_ms", 55.0, c("from_id") == "london"),
    f"{CORRIDOR}/floor <= light alone <= with overhead": set_where(CORRIDOR, "rtt_propagation_p50_ms", 81.0, c("from_id") == "london"),
    f"{CORRIDOR}/a gap is the satellites' round trip less the fibre's": set_where(CORRIDOR, "gap_internet_ms", 1.0, c("from_id") == "london"),
    f"{CORRIDOR}/no fibre is faster than the great circle in glass": set_where(CORRIDOR, "fibre_great_circle_ms", 200.0, c("from_id") == "london"),
    f"{ERROR}/the constant is as wrong as itself": set_where(ERROR, "of_constant_factor", 0.9, c("predictor") == "constant"),
    f"{ERROR}/a bias is no larger than the mean absolute error": set_where(ERROR, "bias_ms", -9.0, c("predictor") == "constant"),
    f"{PLACE}/an error is modelled less measured": set_where(PLACE, "error_ms", -2.0, c("country_iso3").is_not_null()),
    # places
    "dim.place/each country's weights sum to 1": set_where("dim.place", "weight_fraction", 0.9, c("country_iso3") == "ATA"),
    "dim.place/each country's people are at its places": set_where("dim.place", "population_count", 9e6, c("country_iso3") == "ISL"),
    "dim.country_pop/each country has one main PoP": with_rows("dim.country_pop", lambda f: f.filter(c("country_iso3") != "ATA")),
    # people's share
    f"{ACCESS}/rows = countries with people x constellations": with_rows(ACCESS, lambda f: f.slice(1)),
    f"{ACCESS}/people are those of dim.country": set_where(ACCESS, "population_count", 9e6, c("country_iso3") == "SGP"),
    f"{ACCESS}/always_covered_fraction <= covered_fraction <= visible_mean_count": set_where(ACCESS, "always_covered_fraction", 1.0, c("covered_fraction") < 0.9),
    f"{ACCESS}/p50 <= p95": set_where(ACCESS, "rtt_pop_p95_ms", 20.0, c("rtt_pop_p50_ms").is_not_null()),
    f"{ACCESS}/the world's covered share is that of its cells": with_rows(ACCESS, lambda f: f.with_columns(c("covered_fraction") * 0.99)),
    # demand
    f"{LEDGER}/low <= base <= high, down": set_where(LEDGER, "down_low_gbps", 1e6, c("workload") == "text"),
    f"{LEDGER}/low <= base <= high, up": set_where(LEDGER, "up_high_gbps", 0.0, c("workload") == "text"),
    f"{LEDGER}/the world's AI demand is that of its cells": with_rows(DEMAND, lambda f: f.filter(c("workload") != "voice")),
    f"{LEDGER}/the world's AI demand is that of its countries": set_where(AI_COUNTRY, "up_gbps", 0.0, c("up_gbps") > 0),
    f"{AI_HOUR}/the hours of a day sum to 1": set_where(AI_HOUR, "use_fraction", 0.9, c("workload") == "text"),
    f"{DEMAND}/the busiest hour is no less than the mean": set_where(DEMAND, "busy_up_gbps", 0.0, c("up_gbps") > 0),
    f"{AI_COUNTRY}/use is null exactly where it is said why": set_where(AI_COUNTRY, "missing", "Internet use", c("use_fraction") > 0),
    f"{AI_COUNTRY}/rows = countries": with_rows(AI_COUNTRY, lambda f: f.slice(1)),
    # workloads and readiness
    f"{WORKLOAD}/all at once are no more than single ones, these no more than each lid lets": set_where(WORKLOAD, "all_people_fraction", c("single_people_fraction") + 0.01, c("single_people_fraction") < 0.9),
    f"{WORKLOAD}/low <= base <= high": set_where(WORKLOAD, "pair_high_fraction", -0.1, c("pair_fraction") > 0),
    f"{SCORE}/a score is what the anchors say": set_where(SCORE, "score_number", c("score_number") + 1, c("pillar") == "uplink"),
    f"{READY_PLACE}/an index is the weighted geometric mean of its scores, null where one is": set_where(READY_PLACE, "index_number", 50.0, c("place") == "SGP"),
    f"{READY_PLACE}/parts of AI demand sum to 1": set_where(READY_PLACE, "demand_fraction", 0.4, c("place") == "SGP"),
    f"{READINESS}/the world's index is the mean of its places over AI demand": set_where(READINESS, "common_number", c("common_number") + 0.1, c("readiness") == "access"),
    f"{READINESS}/a change is the sum of its drivers": set_where(READY_DRIVER, "change_number", c("change_number") + 0.1, c("driver") == "latency"),
    f"{READINESS}/a test is passed exactly where its figure reaches the target": set_where(READINESS, "passed", True, c("readiness") == "test_cost"),
    f"{READINESS}/p10 <= p50 <= p90": set_where(READINESS, "value_p90_number", 0.1, c("readiness") == "access"),
    # markets
    f"{MARKET}/rows = countries with people x constellations": with_rows(MARKET, lambda f: f.slice(1)),
    f"{MARKET}/people are those of dim.country": set_where(MARKET, "people_count", 9e6, c("country_iso3") == "SGP"),
    f"{MARKET}/low <= base <= high of who lacks what, at most all people": set_where(MARKET, "offline_low_people_count", c("offline_people_count") + 9, c("country_iso3") == "SGP"),
    f"{MARKET}/people within reach, then and now, are people": set_where(MARKET, "newly_reachable_people_count", c("people_count") + 9, c("reachable_people_count") > 0),
    f"{MARKET}/within reach are those of the day before, more the new, less the lost": set_where(MARKET, "newly_unreachable_people_count", 9.0, c("reachable_people_count") > 0),
    f"{MARKET}/changes are known exactly where both days are": set_where(MARKET, "newly_unreachable_people_count", 0.0, c("reachable_people_count").is_null()),
    f"{MARKET}/who lacks and is within reach both lacks and is within reach": set_where(MARKET, "below_100_mbps_reachable_people_count", c("below_100_mbps_people_count") + 9, c("reachable_people_count") > 0),
    f"{MARKET}/people within reach are those of the cells": set_where(MARKET, "reachable_people_count", 1.0, c("country_iso3") == "USA"),
    f"{MARKET}/what is served is that of the cells with people": set_where(MARKET, "served_down_gbps", 0.0, c("served_down_gbps") > 10),
    f"{MARKET}/what is served is asked for": set_where(MARKET, "served_down_gbps", c("demand_down_gbps") + 1, c("served_down_gbps") > 0),
    f"{MARKET}/a cost is the plan and a 36th of the terminal": set_where(MARKET, "cost_usd_per_month", 1.0, c("cost_usd_per_month") > 0),
    f"{MARKET}/who can pay is as in core.affordable_daily": set_where(MARKET, "affordable_2pct_people_count", None, c("affordable_2pct_people_count") > 0),
    f"{MARKET}/who lacks, is within reach and can pay does each": set_where(MARKET, "affordable_market_people_count", c("affordable_5pct_people_count") + 9, c("affordable_market_people_count").is_not_null()),
    f"{MARKET}/ranks of a constellation are 1, 2, 3 and so on": set_where(MARKET, "rank_number", 2, c("rank_number") == 1),
    f"{MARKET}/best <= rank <= worst": set_where(MARKET, "rank_low_number", 99, c("rank_number") == 1),
    f"{MARKET}/no banned market is ranked": set_where(MARKET, "market_access", "banned", c("rank_number") == 1),
    f"{AFFORDABLE}/low <= base <= high, at most all people": set_where(AFFORDABLE, "affordable_low_people_count", c("people_count"), c("country_iso3") == "NGA"),
    f"{AFFORDABLE}/a greater part of income pays for no fewer people": set_where(AFFORDABLE, "affordable_people_count", 1.0, c("income_share_fraction") > 0.15),
    # operators, what the market price implies, rivals, compute in orbit
    f"{KPI}/low <= base <= high": set_where(KPI, "reported_high_value", 1.0, c("reported_high_value") > 1e9),
    f"{KPI}/restated exactly where a later filing gives another figure": set_where(KPI, "reported_value", 1.03e7, c("filing") == "a 10-Q for tests"),
    f"{KPI}/who restates is told exactly where it is restated": set_where(KPI, "restated_by", None, c("is_restated")),
    f"{VALUE}/market value is price x shares": set_where(VALUE, "price_usd", 101.0, c("attribution") == "whole"),
    f"{VALUE}/enterprise value is market value and net debt": set_where(VALUE, "net_debt_usd", 0.0, c("attribution") == "whole"),
    f"{VALUE}/what is attributed is its part of the value": set_where(VALUE, "attributed_fraction", 0.5, c("attribution") == "whole"),
    f"{VALUE}/a value per Gbps is of the day's fleet": set_where(VALUE, "in_service_usd_per_gbps", 1.0, c("attribution") == "whole"),
    f"{VALUE}/implied revenue earns what is attributed": set_where(VALUE, "ebitda_multiple_factor", 21.0, c("attribution") == "whole"),
    f"{VALUE}/implied subscribers pay the implied revenue": set_where(VALUE, "arpu_usd_per_month", 80.0, c("attribution") == "whole"),
    f"{VALUE}/the implied price of what can be sold is the implied revenue": with_rows(FLEET, lambda f: f.with_columns(c("sellable_down_tbps") * 1.01)),
    f"{VALUE}/implied utilisation earns the implied revenue at today's price": set_where(VALUE, "price_now_usd_per_gbps_month", 1.0, c("attribution") == "whole"),
    f"{VALUE}/low <= base <= high of what is implied": set_where(VALUE, "implied_subscriber_low_count", 1e12, c("attribution") == "whole"),
    f"{VALUE}/a stale price says so": set_where(VALUE, "age_days", 31, c("attribution") == "whole"),
    f"{RIVAL}/rows = constellations and three backbones": with_rows(RIVAL, lambda f: f.slice(1)),
    f"{RIVAL}/who is within 50 ms is within 100 ms": set_where(RIVAL, "ai_within_100_ms_fraction", 0.0, c("rival") == "starlink"),
    f"{RIVAL}/low <= median <= high": set_where(RIVAL, "rtt_median_low_ms", 999.0, c("rival") == "starlink"),
    f"{RIVAL}/fleets are those of core.fleet_capacity_daily": set_where(RIVAL, "operational_count", 1, c("rival") == "oneweb"),
    f"{RIVAL}/the world's covered share is that of core.access_daily": set_where(RIVAL, "covered_fraction", 0.01, c("rival") == "oneweb"),
    f"{RIVAL}/a ratio to Starlink gives Starlink's figure back": set_where(RIVAL, "starlink_satellite_factor", 4.0, c("rival") == "oneweb"),
    f"{ORBIT}/what the catalog names is counted": set_where(ORBIT, "catalogued_count", 0, c("programme") == "Starcloud"),
    # continuity
    f"{CONTINUITY}/rows = cells with people or demand x constellations": with_rows(CONTINUITY, lambda f: f.slice(1)),
    f"{CONTINUITY}/two at once no longer than one": set_where(CONTINUITY, "continuous_2_fraction", 0.6, c("continuous_fraction") == 0.5),
    f"{CONTINUITY}/continuous all day exactly where there is no gap": set_where(CONTINUITY, "gap_count", 1, c("continuous_fraction") == 1),
    f"{CONTINUITY}/the longest gap fits into the time without, and all gaps fill it": set_where(CONTINUITY, "gap_count", 11, c("continuous_fraction") == 0.5),
    f"{CONTINUITY}/what is counted at instants is off by less than a step for each gap": set_where(CONTINUITY, "continuous_fraction", 0.9, c("continuous_fraction") == 1),
    # costs
    f"{ECONOMICS}/low <= base <= high": set_where(ECONOMICS, "raw_low_usd_per_gbps_month", 1e8, c("raw_usd_per_gbps_month") > 0),
    f"{ECONOMICS}/p10 <= p90": set_where(ECONOMICS, "capex_p10_usd_per_gbps", 1e8, c("capex_usd_per_gbps") > 0),
    f"{ECONOMICS}/what is sold costs what is raw over the sellable part": set_where(ECONOMICS, "sellable_fraction", 0.9, c("sold_usd_per_gbps_month") > 0),
    f"{ECONOMICS}/a generation's costs follow from its inputs": with_rows(ECONOMICS_INPUT, lambda f: f.with_columns(value_number=pl.when(c("economics_input") == "build_cost").then(c("value_number") * 1.01).otherwise("value_number"))),
    f"{ECONOMICS}/without costs it is said what is missing": set_where(ECONOMICS, "missing", None, c("capex_usd_per_gbps").is_null() & (c("operational_count") > 0)),
    f"{UNIT_COST}/a unit costs its bytes of a Gbps-month": set_where(UNIT_COST, "unit_bytes", 1e12, c("unit_usd") > 0),
    f"{UNIT_COST}/low <= base <= high": set_where(UNIT_COST, "unit_low_usd", 1e3, c("unit_usd") > 0),
    f"{TRUNK_COST}/the mesh is its landings and hops": set_where(TRUNK_COST, "hop_median_count", 20.0, c("mesh_usd_per_gbps_month") > 0),
    f"{TRUNK_COST}/the factor is over the cheapest on the ground": set_where(TRUNK_COST, "fibre_usd_per_gbps_month", 0.1, c("mesh_usd_per_gbps_month") > 0),
    f"{COUNTRY_COST}/within three of transit is what it says": with_rows(COUNTRY_COST, lambda f: f.with_columns(~c("within_3_of_transit"))),
    f"{COUNTRY_COST}/rows = countries x constellations": with_rows(COUNTRY_COST, lambda f: f.slice(1)),
    f"{SCALE}/no more is sold than satellites and gateways carry": set_where(SCALE, "sold_tbps", 1e4, c("sold_tbps") > 0),
    f"{SCALE}/a curve turns once": with_rows(SCALE, lambda f: f.with_columns(least_cost=pl.lit(value=True))),
}  # fmt: skip


def test_a_sound_day_breaks_no_rule_but_tells_what_is_left_out(tmp_path: Path) -> None:
    assert list(failed(SOUND, tmp_path)) == ["meta.exclusion/nothing left out"]


@pytest.mark.parametrize("check_id", BROKEN)
def test_a_broken_rule_is_found_and_is_critical(check_id: str, tmp_path: Path) -> None:
    found = failed(BROKEN[check_id](SOUND), tmp_path)
    assert check_id in found
    assert found[check_id].severity == "critical"


def test_every_law_is_seen_to_fail() -> None:
    assert {f"{law.table}/{law.rule}" for law in LAWS} <= set(BROKEN)


def test_nan_breaks_a_law(tmp_path: Path) -> None:
    frames = set_where(COVERAGE, "covered_fraction", math.nan, c("covered_fraction") == 0.5)(SOUND)
    assert f"{COVERAGE}/longest_gap_s fits into the uncovered part of the day" in failed(frames, tmp_path)


def run_with(settings: Settings, frames: Frames, day: date = DAY) -> pl.DataFrame:
    factory.stage(settings, day, frames)
    return checks.run(settings, day)


def test_a_sound_day_passes_and_its_results_are_staged(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        results = run_with(settings, SOUND)
    assert results.filter(~c("passed"))["check_id"].to_list() == ["meta.exclusion/nothing left out"]
    assert read_parquet(Home(settings.home).staged(checks.TABLE, DAY)).equals(results)
    assert "1 row is left out: meta.exclusion lists each" in caplog.text


def test_the_same_day_gives_the_same_results(settings: Settings) -> None:
    assert run_with(settings, SOUND).equals(run_with(settings, SOUND))


def test_a_critical_failure_stops_the_day_after_its_results_are_written(settings: Settings) -> None:
    frames = set_where(COVERAGE, "visible_mean_count", math.nan, c("cell_id") == 3)(SOUND)
    with pytest.raises(
        checks.GateError, match=r"2026-05-30 is stopped before publication by \d critical checks: .*cell_id=3"
    ) as error:
        run_with(settings, frames)
    assert "\n" not in str(error.value)
    results = read_parquet(Home(settings.home).staged(checks.TABLE, DAY))
    row = results.row(by_predicate=c("check_id") == f"{COVERAGE}/limits: visible_mean_count finite", named=True)
    assert not row["passed"]
    assert row["failed_count"] == 1
    assert json.loads(row["failed_rows"])[0]["visible_mean_count"] == "nan"
    kept = settings.home / "failed" / "2026-05-30" / "check.parquet"
    assert str(error.value).endswith(f"every result is in {kept}")
    assert read_parquet(kept).equals(results)


def test_great_expectations_holds_the_small_tables_to_their_limits(settings: Settings) -> None:
    frames = set_where(ACCESS, "reachable_fraction", 1.5, c("reachable_fraction").is_not_null())(SOUND)
    with pytest.raises(checks.GateError, match="reachable_fraction >= 0 and <= 1"):
        run_with(settings, frames)
    results = read_parquet(Home(settings.home).staged(checks.TABLE, DAY))
    row = results.row(by_predicate=c("check_id") == f"{ACCESS}/limits: reachable_fraction >= 0 and <= 1", named=True)
    assert json.loads(row["failed_rows"])[0]["reachable_fraction"] == 1.5


def test_failing_rows_are_shown_five_at_most(settings: Settings) -> None:
    frames = with_rows(COVERAGE, lambda f: f.with_columns(visible_min_count=pl.lit(7, pl.Int64)))(SOUND)
    with pytest.raises(checks.GateError):
        run_with(settings, frames)
    results = read_parquet(Home(settings.home).staged(checks.TABLE, DAY))
    row = results.row(by_predicate=c("check_id") == f"{COVERAGE}/visible_min_count <= visible_mean_count", named=True)
    assert row["failed_count"] == SOUND[COVERAGE].height
    assert len(json.loads(row["failed_rows"])) == 5


def test_a_day_that_is_not_computed_is_one_sentence(settings: Settings) -> None:
    with pytest.raises(HomeError, match="nothing of 2026-05-30 is computed"):
        checks.run(settings, DAY)


def test_a_loaded_day_can_be_checked_again(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    assert checks.run(settings, DAY).height > 50


# Plausibility: against the last day before that passed, and is of the same kind.


def promoted(settings: Settings, day: date, **how: object) -> Settings:
    """A day in tables/, as loading leaves it."""
    for name, frame in factory.frames(day, **how).items():  # type: ignore[arg-type]
        table = registry.table(name)
        write_parquet(Home(settings.home).table(table, day if table.is_daily else None), frame)
    return settings


def failed_on(settings: Settings, day: date, **how: object) -> dict[str, checks.Finding]:
    return failed(factory.frames(day, **how), settings.home, day)  # type: ignore[arg-type]


def test_a_fleet_that_shrinks_by_more_than_15_percent_stops_the_day(settings: Settings) -> None:
    promoted(settings, DAY)
    found = failed_on(settings, DAY + timedelta(2), fleet={"oneweb": 67})[
        "core.fleet_capacity_daily/oneweb does not shrink"
    ]
    assert found.severity == "critical"
    assert (
        found.say
        == "oneweb has 67 satellites on 2026-06-01 after 80 on 2026-05-30, a loss of 16% where at most 15% is believed"
    )


def test_a_fleet_that_shrinks_by_15_percent_is_believed(settings: Settings) -> None:
    promoted(settings, DAY)
    assert "core.fleet_capacity_daily/oneweb does not shrink" not in failed_on(
        settings, DAY + timedelta(1), fleet={"oneweb": 68}
    )


def test_a_fleet_that_vanishes_stops_the_day(settings: Settings) -> None:
    promoted(settings, DAY)
    found = failed_on(settings, DAY + timedelta(1), fleet={"guowang": 0})
    assert found["core.fleet_capacity_daily/guowang does not shrink"].severity == "critical"


def test_a_fleet_that_never_was_is_a_warning(settings: Settings) -> None:
    found = failed_on(settings, DAY, fleet={"guowang": 0})
    assert found["core.fleet_capacity_daily/guowang has satellites"].severity == "warning"
    assert not [f for f in found.values() if f.severity == "critical"]


def test_a_launch_is_believed_and_a_jump_is_a_warning(settings: Settings) -> None:
    promoted(settings, DAY)
    launch = failed_on(settings, DAY + timedelta(1), fleet={"starlink": 460})
    jump = failed_on(settings, DAY + timedelta(1), fleet={"starlink": 461})
    assert "core.fleet_capacity_daily/starlink grows plausibly" not in launch
    assert jump["core.fleet_capacity_daily/starlink grows plausibly"].severity == "warning"


def test_a_later_day_is_not_what_a_day_is_compared_with(settings: Settings) -> None:
    promoted(settings, DAY + timedelta(1))
    assert not [f for f in failed_on(settings, DAY, fleet={"starlink": 100}).values() if f.severity == "critical"]


def test_a_real_day_is_not_compared_with_the_sample(settings: Settings) -> None:
    promoted(settings, DAY)
    found = failed_on(settings, DAY + timedelta(1), synthetic=False, fleet={"starlink": 100})
    assert not [f for f in found.values() if f.severity == "critical"]


def test_an_older_catalog_is_a_warning_that_says_its_age(settings: Settings) -> None:
    change = with_rows("meta.landing", lambda f: f.with_columns(age_days=pl.lit(2, pl.Int64)))
    found = failed(change(SOUND), settings.home)["meta.landing/catalog of the day"]
    assert (found.severity, found.say) == ("warning", "2026-05-30 stands on a catalog that is 2 days older")


def test_a_first_catalog_that_is_far_too_small_is_a_warning(settings: Settings) -> None:
    found = failed_on(settings, DAY + timedelta(1))["core.fleet_capacity_daily/starlink is as large as it was seen"]
    assert found.severity == "warning"
    assert "holds 400 Starlinks where 9496 were seen on 2026-05-30" in found.say
