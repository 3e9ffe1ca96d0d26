"""The laws between figures: each is a residual per row that must stay within a tolerance.

A residual is a number (how far a row is off) or a truth value (whether it breaks the law); null makes no statement.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipeline.table import BINDING, CONSTELLATION

EARTH_AREA_KM2 = 510_065_621.724  # WGS-84 ellipsoid
DAY_S = 86_400
PEOPLE_TOLERANCE = 1e-3  # people of a cell, of a country and of the world agree to 0.1 %

Frames = dict[str, pl.DataFrame]
col = pl.col
_EVERY = pl.lit(value=True)


@dataclass(frozen=True)
class Law:
    """A law of `table`, stated by `rule`; `rows` prepares the rows when they are not the table's own."""

    table: str
    rule: str
    residual: pl.Expr
    tolerance: float = 0.0
    needs: tuple[str, ...] = ()
    prepare: Callable[[Frames], pl.DataFrame] | None = None
    severity: str = "critical"

    def rows(self, frames: Frames) -> pl.DataFrame:
        """The rows on which the residual is computed."""
        return self.prepare(frames) if self.prepare else frames[self.table]


def _beside(left: str, right: str) -> Callable[[Frames], pl.DataFrame]:
    """Rows of two grids side by side."""
    key = ["day", "constellation", "cell_id"]
    return lambda frames: frames[left].join(frames[right], on=key, how="left")


def _rows_per_constellation(table: str, of: str, which: pl.Expr = _EVERY) -> Callable[[Frames], pl.DataFrame]:
    """How many rows each constellation has, beside how many there should be: as many as `which` rows of another table."""

    def prepare(frames: Frames) -> pl.DataFrame:
        have = frames[table].group_by("constellation").agg(pl.len().alias("rows"))
        every = pl.DataFrame({"constellation": list(CONSTELLATION)}).join(have, on="constellation", how="left")
        return every.with_columns(
            col("rows").cast(pl.Int64).fill_null(0), pl.lit(frames[of].filter(which).height).alias("expected")
        )

    return prepare


def _rows_of(table: str, of: str) -> Callable[[Frames], pl.DataFrame]:
    """How many rows a table has, beside how many there should be."""
    return lambda frames: pl.DataFrame({"rows": [frames[table].height], "expected": [frames[of].height]})


def _together(frames: Frames) -> pl.DataFrame:
    """Mean counts of all constellations together, beside the sums of each by itself."""
    named = {"visible": "visible_mean_count", "side": "visible_40deg_mean_count", "usable": "usable_mean_count"}
    stated = frames[_TOGETHER].select("cell_id", *(col(name).alias(f"{short}_stated") for short, name in named.items()))
    summed = (
        frames[_COVERAGE]
        .group_by("cell_id")
        .agg(col(name).sum().alias(f"{short}_summed") for short, name in named.items())
    )
    return stated.join(summed, on="cell_id", how="full", coalesce=True)


def _sums(
    table: str, key: list[str], sums: dict[str, pl.Expr], against: str, own: dict[str, str]
) -> Callable[[Frames], pl.DataFrame]:
    """Sums over `against` by `key`, beside the columns of `table` that state them (full, so that a missing side shows)."""

    def prepare(frames: Frames) -> pl.DataFrame:
        summed = frames[against].group_by(key).agg(e.cast(pl.Float64).alias(f"{n}_summed") for n, e in sums.items())
        stated = frames[table].select(*key, *(col(c).cast(pl.Float64).alias(f"{n}_stated") for n, c in own.items()))
        return stated.join(summed, on=key, how="full", coalesce=True).with_columns(pl.col(pl.Float64).fill_null(0.0))

    return prepare


def _off(*names: str) -> pl.Expr:
    """Largest difference between what is stated and what sums up."""
    return pl.max_horizontal((col(f"{n}_stated") - col(f"{n}_summed")).abs() for n in names)


def _relative(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return (left - right).abs() / pl.max_horizontal(right.abs(), pl.lit(1.0))


def _world_people(frames: Frames) -> pl.DataFrame:
    names = ("dim.cell", "dim.cell_country", "dim.country")
    sums = {name.partition(".")[2]: [frames[name]["population_count"].sum()] for name in names}
    return pl.DataFrame(sums)


def _country_people(frames: Frames) -> pl.DataFrame:
    cells = frames["dim.cell_country"].group_by("country_iso3").agg(col("population_count").sum().alias("in_cells"))
    return _of_country(frames, cells)


def _places(frames: Frames) -> pl.DataFrame:
    sums = [col("weight_fraction").sum().alias("weight"), col("population_count").sum().alias("at_places")]
    return _of_country(frames, frames["dim.place"].group_by("country_iso3").agg(sums))


def _main_pops(frames: Frames) -> pl.DataFrame:
    main = frames["dim.country_pop"].filter((col("region_code") == "all") & col("is_main"))
    return _of_country(frames, main.group_by("country_iso3").agg(pl.len().cast(pl.Float64).alias("pops")))


def _of_country(frames: Frames, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows beside the countries of dim.country and their people, 0 where either is missing."""
    stated = frames["dim.country"].select("country_iso3", "population_count")
    return stated.join(rows, on="country_iso3", how="full", coalesce=True).with_columns(
        pl.col(pl.Float64).fill_null(0.0)
    )


def _cell_people(frames: Frames) -> pl.DataFrame:
    people = frames["dim.cell_country"].group_by("cell_id").agg(col("population_count").sum().alias("in_countries"))
    return frames["dim.cell"].join(people, on="cell_id", how="left").with_columns(col("in_countries").fill_null(0.0))


def _cell_set(frames: Frames) -> pl.DataFrame:
    cell = frames["dim.cell"]
    return cell.select(
        pl.len().alias("rows"),
        col("cell_id").max().cast(pl.Int64).alias("last"),
        col("area_km2").sum().alias("earth_km2"),
    )


def _area_sums(table: str) -> Callable[[Frames], pl.DataFrame]:
    return lambda frames: frames[table].group_by("cell_id").agg(col("area_fraction").sum().alias("sum"))


def _access_people(frames: Frames) -> pl.DataFrame:
    stated = frames["dim.country"].select("country_iso3", col("population_count").alias("in_dim"))
    return (
        frames["core.access_daily"]
        .join(stated, on="country_iso3", how="left")
        .with_columns(col("in_dim").fill_null(0.0))
    )


def _world_access(frames: Frames) -> pl.DataFrame:
    """The world's covered share, from countries and anew from cells."""
    share = (col("population_count") * col("covered_fraction")).sum() / col("population_count").sum()
    countries = frames["core.access_daily"].group_by("constellation").agg(share.alias("of_countries"))
    people = frames["dim.cell"].select("cell_id", "population_count")
    cells = (
        frames["core.coverage_daily"].join(people, on="cell_id").group_by("constellation").agg(share.alias("of_cells"))
    )
    return countries.join(cells, on="constellation", how="full", coalesce=True).sort("constellation")


def _identities(frames: Frames) -> pl.DataFrame:
    """Satellites beside how many of the day have the same identity."""
    return frames["core.satellite_daily"].with_columns(pl.len().over("identity").alias("same"))


def _shells(frames: Frames) -> pl.DataFrame:
    """Counts that shells state, beside those of their satellites; holding orbits are no shells."""
    rows = frames["core.satellite_daily"].drop_nulls("shell_id").group_by("shell_id")
    summed = rows.agg(pl.len().alias("all_summed"), (col("state") == "operational").sum().alias("working_summed"))
    shells = frames["core.shell_daily"].filter(col("shell_kind") == "shell")
    stated = shells.select(
        "shell_id", col("satellite_count").alias("all_stated"), col("operational_count").alias("working_stated")
    )
    both = stated.join(summed, on="shell_id", how="full", coalesce=True)
    return both.with_columns(pl.exclude("shell_id").cast(pl.Float64).fill_null(0.0))


def _waterfall(frames: Frames) -> pl.DataFrame:
    """Where the day's flows end, beside how many satellites are there; no statement on a first day, which has none."""
    flows = frames["core.fleet_flow_daily"].filter(col("state_after") != "absent")
    key = ["constellation", "state"]
    summed = flows.group_by("constellation", col("state_after").alias("state")).agg(
        col("satellite_count").sum().alias("flow")
    )
    stated = frames["core.satellite_daily"].group_by(key).agg(pl.len().alias("there"))
    both = stated.join(summed, on=key, how="full", coalesce=True)
    return both.with_columns(pl.col("flow", "there").cast(pl.Int64).fill_null(0))


def _events(frames: Frames) -> pl.DataFrame:
    """Events beside whether their satellite is listed today."""
    here = frames["core.satellite_daily"].select("identity", pl.lit(value=True).alias("listed"))
    rows = frames["core.fleet_event_daily"].join(here, on="identity", how="left")
    return rows.with_columns(col("listed").fill_null(value=False))


def _ai_use(frames: Frames) -> pl.DataFrame:
    """The world's AI demand of each workload by the ledger, beside the sums of its cells, and of countries over all workloads."""
    names = ("down_gbps", "up_gbps")
    cells = frames[_DEMAND].group_by("workload").agg(col(name).sum().alias(f"{name}_cells") for name in names)
    countries = frames[_AI_COUNTRY].select(col(name).sum().alias(f"{name}_countries") for name in names)
    all_in_all = frames[_LEDGER].select(col(name).sum().alias(f"{name}_world") for name in names)
    return (
        frames[_LEDGER]
        .join(cells, on="workload", how="left")
        .join(pl.concat([countries, all_in_all], how="horizontal"), how="cross")
    )


def _measured_unjudged(frames: Frames) -> pl.DataFrame:
    """Countries with a measured median beside a figure, and whether core.model_place_daily has them."""
    there = frames[_PLACE].select("country_iso3", pl.lit(value=True).alias("judged"))
    rows = (
        frames[_LATENCY_COUNTRY].filter(col("measured_p50_ms").is_not_null()).join(there, on="country_iso3", how="left")
    )
    return rows.with_columns(col("judged").fill_null(value=False))


# The part of a demand that is all of it: as metrics.capacity has it, and recomputed here.
ALL = 1e-3


def _headrooms(way: str) -> list[pl.Expr]:
    """What each lid leaves of one way, demand first, in the order of table.BINDING; infinite where a lid is unknown or there is none."""
    demand = col(f"demand_{way}_gbps") - col(f"served_{way}_gbps")
    lids = [col(f"{lid}_headroom_{way}_gbps").fill_null(float("inf")) for lid in BINDING[1:]]
    return [demand, *lids]


def _of_binding(way: str, binding: str) -> pl.Expr:
    """By how much another lid leaves more unserved than the one that is said to bind, or demand is met or not against what is said."""
    unserved, allowed = _headrooms(way)[0], ALL * col(f"demand_{way}_gbps")
    shorts = [col(f"{lid}_short_{way}_gbps") for lid in BINDING[1:]]
    said = pl.coalesce(pl.when(col(binding) == lid).then(short) for lid, short in zip(BINDING[1:], shorts, strict=True))
    of_lids = pl.max_horizontal(pl.max_horizontal(shorts) - said, allowed - unserved)
    return pl.when(col(binding) == "demand").then(unserved - allowed).otherwise(of_lids)


def _demand_by_constellation(frames: Frames) -> pl.DataFrame:
    """The spread over constellations of what a cell asks for: it asks all of them for the same."""
    names = [f"{part}_{way}_gbps" for part in ("demand", "ai_demand") for way in ("down", "up")]
    return frames[_CAPACITY].group_by("cell_id").agg((col(name).max() - col(name).min()).alias(name) for name in names)


def _world_served(frames: Frames) -> pl.DataFrame:
    """What is sold of each constellation, beside the sums of its cells [Tbps]."""
    ways = ("down", "up")
    cells = frames[_CAPACITY].group_by("constellation").agg(
        *((col(f"served_{way}_gbps").sum() / 1_000).alias(f"served_{way}") for way in ways),
        *((col(f"demand_{way}_gbps").sum() / 1_000).alias(f"demand_{way}") for way in ways),
    )  # fmt: skip
    return frames[_FLEET].join(cells, on="constellation", how="left")


def _market_grids(frames: Frames) -> pl.DataFrame:
    """People within reach and what is served, of a constellation's markets and anew from its cells with people."""
    key = ["constellation", "cell_id"]
    people = frames["dim.cell"].filter(col("population_count") > 0).select("cell_id", "population_count")
    wanted = ((_LATENCY, "reachable_fraction"), (_COVERAGE, "usable_fraction"), (_CAPACITY, "served_down_gbps"))
    first, *others = (frames[table].select(*key, name) for table, name in wanted)
    grid = first.join(others[0], on=key).join(others[1], on=key).join(people, on="cell_id")
    within = pl.min_horizontal("reachable_fraction", "usable_fraction") >= ALL_DAY
    cells = grid.group_by("constellation").agg(
        (col("population_count") * (within & col("reachable_fraction").is_not_null())).sum().alias("reachable_cells"),
        col("served_down_gbps").sum().alias("served_cells"),
    )
    names = ("reachable_people_count", "served_down_gbps")
    markets = (
        frames[_MARKET]
        .group_by("constellation")
        .agg(pl.when(col(name).count() > 0).then(col(name).sum()).alias(name) for name in names)
    )
    return markets.join(cells, on="constellation", how="full", coalesce=True)


def _market_people(frames: Frames) -> pl.DataFrame:
    """Markets beside the people of dim.country."""
    stated = frames["dim.country"].select("country_iso3", col("population_count").alias("in_dim"))
    return frames[_MARKET].join(stated, on="country_iso3", how="left").with_columns(col("in_dim").fill_null(0.0))


def _market_affordable(frames: Frames) -> pl.DataFrame:
    """People who can pay of core.market_daily and of core.affordable_daily at 2 and 5 % of income, -1 where there are none."""
    key = ["constellation", "country_iso3"]
    rows = frames[_MARKET]
    for name, share in (("2pct", 0.02), ("5pct", 0.05)):
        own = frames[_AFFORDABLE].filter((col("income_share_fraction") - share).abs() < _TINY)
        rows = rows.join(own.select(*key, col("affordable_people_count").alias(name)), on=key, how="left")
    return rows.with_columns(
        col("2pct", "5pct", "affordable_2pct_people_count", "affordable_5pct_people_count").fill_null(-1.0)
    )


def _curve(frames: Frames) -> pl.DataFrame:
    """People who can pay, beside those who can at the next lesser part of income."""
    rows = frames[_AFFORDABLE].sort("constellation", "country_iso3", "income_share_fraction")
    names = [name for name in rows.columns if name.startswith("affordable_")]
    return rows.with_columns(
        col(name).shift(1).over("constellation", "country_iso3").alias(f"{name}_before") for name in names
    )


def _market_ranks(frames: Frames) -> pl.DataFrame:
    """Ranks of each constellation, in order, beside 1, 2, 3 and so on."""
    found = [
        frames[_MARKET].drop_nulls(name).select("constellation", col(name).alias("rank")).sort("constellation", "rank")
        for name in ("rank_number", "affordable_rank_number")
    ]
    expected = pl.int_range(1, pl.len() + 1).over("constellation").alias("expected")
    return pl.concat([frame.with_columns(expected) for frame in found])


def _within(name: str, *wholes: str) -> pl.Expr:
    """By how many more than any of `wholes` there are of `name`, both people."""
    return pl.max_horizontal(col(f"{name}_people_count") - col(whole) for whole in wholes)


def _same_filings(frames: Frames) -> pl.DataFrame:
    """What operators report, beside how many later filings give another figure for the same period."""
    rows = frames[_KPI]
    period = ["operator", "kpi", "region", "period_start_day", "period_end_day"]
    later = rows.select(*period, "filed_day", "reported_value")
    pairs = rows.select(*period, "filing", "filed_day", "reported_value").join(later, on=period, suffix="_later")
    off = (col("reported_value_later") - col("reported_value")).abs() > 1e-9 * col("reported_value").abs()
    found = pairs.filter((col("filed_day_later") > col("filed_day")) & off)
    counts = found.group_by(*period, "filing").agg(pl.len().cast(pl.Int64).alias("later_count"))
    return rows.join(counts, on=[*period, "filing"], how="left").with_columns(col("later_count").fill_null(0))


def _valued_fleets(frames: Frames) -> pl.DataFrame:
    """What prices imply, beside the day's fleet of the operator."""
    names = [f"{name}_down_tbps" for name in ("installed", "in_service", "sellable")]
    return frames[_VALUE].join(frames[_FLEET].select("constellation", *names), on="constellation", how="left")


def _rival_fleets(frames: Frames) -> pl.DataFrame:
    """Rivals that are constellations, beside their fleets."""
    stated = frames[_FLEET].select(
        col("constellation").alias("rival"), *(col(name).alias(f"{name}_of_fleet") for name in _OF_FLEET)
    )
    return frames[_RIVAL].filter(col("rival_kind") == "constellation").join(stated, on="rival", how="left")


def _rival_people(frames: Frames) -> pl.DataFrame:
    """The world's covered share of rivals, beside that of core.access_daily."""
    share = (col("population_count") * col("covered_fraction")).sum() / col("population_count").sum()
    stated = frames[_ACCESS].group_by(col("constellation").alias("rival")).agg(share.alias("of_countries"))
    return frames[_RIVAL].join(stated, on="rival", how="left")


def _rival_ratios(frames: Frames) -> pl.DataFrame:
    """Rivals beside Starlink's figures."""
    first = frames[_RIVAL].filter(col("rival") == "starlink")
    names = ("satellite_count", "installed_down_tbps", "sellable_down_tbps", "launch_90d_count", "market_count")
    return frames[_RIVAL].join(first.select(col(name).alias(f"{name}_of_first") for name in names), how="cross")


def _catalogued(frames: Frames) -> pl.DataFrame:
    """Programmes of compute in orbit, beside the objects of the general catalog that have their names."""
    names = frames["raw.celestrak_active"]["object_name"].drop_nulls()
    rows = frames[_ORBIT]
    counts = [int(names.str.contains(pattern).sum()) for pattern in rows["name_pattern"]]
    return rows.with_columns(pl.Series("in_catalog", counts, pl.Int64))


def _times_over(ratio: str, name: str) -> pl.Expr:
    """How far a rival's figure times its ratio is from Starlink's."""
    return _relative(col(ratio) * col(name), col(f"{name}_of_first").cast(pl.Float64))


def _from_inputs(frames: Frames) -> pl.DataFrame:
    """Capex and raw cost of each generation, from its inputs alone."""
    value = {
        name: col("value_number").filter(col("economics_input") == name).first()
        for name in ("build_cost", "launch_cost", "down", "life")
    }
    of = (
        frames[_ECONOMICS_INPUT]
        .group_by("constellation", "generation")
        .agg(e.alias(f"of_{n}") for n, e in value.items())
    )
    capex = (col("of_build_cost") + col("of_launch_cost")) / col("of_down")
    rows = frames[_ECONOMICS].join(of, on=["constellation", "generation"], how="left")
    return rows.with_columns(capex.alias("from_inputs_capex"), (capex / (12 * col("of_life"))).alias("from_inputs_raw"))


def _ordered(low: str, base: str, high: str) -> pl.Expr:
    return (col(low) > col(base)) | (col(base) > col(high))


_INDEX_KEY = ["constellation", "readiness"]


def _scored(frames: Frames) -> pl.DataFrame:
    """Scores beside their pillar's weight and anchors."""
    names = ["readiness", "pillar", "weight_fraction", "at_zero_number", "at_hundred_number", "scale", "is_common"]
    return frames[_SCORE].join(frames["dim.readiness"].select(names), on=["readiness", "pillar"], how="left")


def _anchored() -> pl.Expr:
    """The score that the anchors give a measure."""

    def line(measure: pl.Expr, zero: pl.Expr, hundred: pl.Expr) -> pl.Expr:
        return ((measure - zero) / (hundred - zero)).clip(0, 1) * 100

    measure, zero, hundred = col("measure_number"), col("at_zero_number"), col("at_hundred_number")
    logs = line(measure.clip(lower_bound=1e-12).log(), zero.log(), hundred.log())
    return pl.when(col("scale") == "log").then(logs).otherwise(line(measure, zero, hundred))


def _indexed(frames: Frames) -> pl.DataFrame:
    """Places beside the geometric means of their scores, over all pillars and the common ones; null where one is missing."""
    logs = col("score_number").clip(lower_bound=1.0).log() * col("weight_fraction")

    def mean(which: pl.Expr) -> pl.Expr:
        weight = col("weight_fraction").filter(which)
        return pl.when(~col("score_number").filter(which).has_nulls()).then((logs.filter(which).sum() / weight.sum()).exp())  # fmt: skip

    summed = _scored(frames).group_by([*_INDEX_KEY, "place"]).agg(
        mean(_EVERY).alias("index_summed"), mean(col("is_common")).alias("common_summed")
    )  # fmt: skip
    return frames[_READY_PLACE].join(summed, on=[*_INDEX_KEY, "place"], how="full", coalesce=True)


def _world_index(frames: Frames) -> pl.DataFrame:
    """World figures beside the means of their places over AI demand."""
    demand = col("demand_fraction")

    def mean(name: str) -> pl.Expr:
        return (col(name) * demand).sum() / demand.filter(col(name).is_not_null()).sum()

    summed = frames[_READY_PLACE].group_by(_INDEX_KEY).agg(
        mean("index_number").alias("value_summed"), mean("common_number").alias("common_summed")
    )  # fmt: skip
    return frames[_READINESS].join(summed, on=_INDEX_KEY, how="left")


def _driven(frames: Frames) -> pl.DataFrame:
    """Changes of indices beside the sums of their drivers."""
    summed = frames[_READY_DRIVER].group_by(_INDEX_KEY).agg(col("change_number").sum().alias("summed"))
    rows = frames[_READINESS].filter(col("target_number").is_null())
    return rows.join(summed, on=_INDEX_KEY, how="full", coalesce=True)


def _demand_parts(frames: Frames) -> pl.DataFrame:
    places = frames[_READY_PLACE].group_by(_INDEX_KEY)
    return places.agg(col("demand_fraction").sum().alias("whole"))


_WORKLOAD, _CONTINUITY = "core.workload_daily", "core.continuity_daily"
_READINESS, _SCORE, _READY_PLACE, _READY_DRIVER = (f"core.readiness{name}_daily" for name in ("", "_score", "_place", "_driver"))  # fmt: skip
_COVERAGE, _CAPACITY, _LATENCY = "core.coverage_daily", "core.capacity_daily", "core.latency_daily"
_TOGETHER = "core.coverage_together_daily"
_LATENCY_COUNTRY, _CORRIDOR = "core.latency_country_daily", "core.corridor_daily"
_ERROR, _PLACE = "core.model_error_daily", "core.model_place_daily"
_ACCESS, _HISTORY, _FLEET = "core.access_daily", "core.fleet_history_daily", "core.fleet_capacity_daily"
_SATELLITE, _SHELL = "core.satellite_daily", "core.shell_daily"
_FLOW, _EVENT = "core.fleet_flow_daily", "core.fleet_event_daily"
_LEDGER, _DEMAND = "core.ai_ledger_daily", "core.demand_daily"
_AI_HOUR, _AI_COUNTRY = "core.ai_hour_daily", "core.ai_country_daily"
_MARKET, _AFFORDABLE = "core.market_daily", "core.affordable_daily"
_LACKS = ("offline", "no_fixed_line", "below_100_mbps")
ALL_DAY = 0.995  # available_fraction of market_model.csv
_PERSON = 1.0  # people: sums over cells, each in double precision
_KPI, _VALUE = "core.operator_kpi", "core.valuation_daily"
_RIVAL, _ORBIT = "core.rival_daily", "core.orbital_compute_daily"
_OF_FLEET = (
    "gateway_count", "satellite_count", "operational_count", "installed_down_tbps", "in_service_down_tbps", "sellable_down_tbps",
)  # fmt: skip
_CONTINUITY = "core.continuity_daily"
_ECONOMICS, _ECONOMICS_INPUT = "core.economics_daily", "core.economics_input_daily"
_UNIT_COST, _TRUNK_COST = "core.unit_cost_daily", "core.trunk_cost_daily"
_COUNTRY_COST, _SCALE = "core.country_cost_daily", "core.scale_daily"
_COSTS = (
    ("capex", "usd_per_gbps"), *((stem, "usd_per_gbps_month") for stem in ("raw", "levelised", "sold", "sold_levelised")),
)  # fmt: skip
_GBPS_MONTH_BYTES = 1e9 / 8 * DAY_S * 365.25 / 12
_KIND = ["constellation", "generation", "payload_class"]
_TINY = 1e-6
_WAYS = ("down", "up")
_GBPS = 1e-6  # Gbps: sums over instants, each in double precision
_FAIR_TBPS = 0.02  # the greatest throughput is found to within 2 %, so a fair share may be a little above it
_SINGLE = 1e-3  # ms: round trips of corridors are kept in single precision
_COUNTS = ("mean_count", "min_count", "p05_count", "40deg_mean_count")


def _continuity_rows(frames: Frames) -> pl.DataFrame:
    """How many rows of core.continuity_daily each constellation has, beside how many cells have people or demand."""
    asked = (col("demand_down_gbps") > 0) | (col("demand_up_gbps") > 0)
    ids = frames[_CAPACITY].filter(asked)["cell_id"], frames["dim.cell"].filter(col("population_count") > 0)["cell_id"]
    counted = _rows_per_constellation(_CONTINUITY, "dim.cell")(frames)
    return counted.with_columns(pl.lit(pl.concat(ids).n_unique()).alias("expected"))


def _continuity_sampled(frames: Frames) -> pl.DataFrame:
    """Rows of core.continuity_daily beside those of core.coverage_daily, and what an instant of these stands for, as part of the day.

    All sampled gaps are whole steps: their greatest common divisor is the step, or some steps where that says less.
    """
    gaps = frames[_COVERAGE]["longest_gap_s"].unique().to_list()
    step_s = math.gcd(*(gap for gap in gaps if gap)) or DAY_S
    rows = _beside(_CONTINUITY, _COVERAGE)(frames)
    return rows.with_columns(pl.lit(step_s / DAY_S).alias("instant_fraction"))


LAWS: tuple[Law, ...] = (
    # cells and people
    Law("dim.cell", "cells are numbered without a gap", (col("last") + 1 - col("rows")).abs(), prepare=_cell_set),
    Law("dim.cell", "areas sum to the Earth's", _relative(col("earth_km2"), pl.lit(EARTH_AREA_KM2)), 1e-4, prepare=_cell_set),
    Law("dim.cell", "cells and bridge have the same people", (col("population_count") - col("in_countries")).abs(), 1.0, ("dim.cell_country",), _cell_people),
    Law("dim.cell", "the world's people in cells, bridge and countries agree", pl.max_horizontal(_relative(col("cell"), col("country")), _relative(col("cell_country"), col("country"))), PEOPLE_TOLERANCE, ("dim.cell_country", "dim.country"), _world_people),
    Law("dim.country", "each country's people are in cells", _relative(col("in_cells"), col("population_count")), PEOPLE_TOLERANCE, ("dim.cell_country",), _country_people),
    Law("dim.place", "each country's weights sum to 1", (col("weight") - 1).abs(), _TINY, ("dim.country",), _places),
    Law("dim.place", "each country's people are at its places", _relative(col("at_places"), col("population_count")), PEOPLE_TOLERANCE, ("dim.country",), _places),
    Law("dim.country_pop", "each country has one main PoP", (col("pops") - 1).abs(), 0, ("dim.country",), _main_pops),
    Law("dim.cell_country", "area fractions of a cell sum to at most 1", col("sum") - 1, 1e-3, prepare=_area_sums("dim.cell_country")),
    Law("dim.cell_h3", "area fractions of a cell sum to 1", (col("sum") - 1).abs(), 1e-3, prepare=_area_sums("dim.cell_h3")),
    Law("dim.generation", "low <= base <= high, downlink", _ordered("down_low_gbps", "down_gbps", "down_high_gbps")),
    Law("dim.generation", "low <= base <= high, uplink", _ordered("up_low_gbps", "up_gbps", "up_high_gbps")),
    # satellites
    Law(_SATELLITE, "one row per identity", col("same") - 1, prepare=_identities),
    Law(_SATELLITE, "who works is in a shell", (col("state") == "operational") & col("shell_id").is_null()),
    Law(_SHELL, "counts are those of core.satellite_daily", _off("all", "working"), 0, (_SATELLITE,), _shells),
    Law(_SHELL, "only a steady shell works", (col("operational_count") > 0) & ~(col("steady") & (col("shell_kind") == "shell"))),
    Law(_SHELL, "operational_count and waiting_count <= satellite_count", pl.max_horizontal("operational_count", "waiting_count") - col("satellite_count")),
    Law(_FLOW, "the waterfall ends in today's satellites, by constellation and state", (col("flow") - col("there")).abs(), 0, (_SATELLITE,), _waterfall),
    Law(_EVENT, "who has vanished or decayed is not listed, everybody else is", col("event").is_in(["vanished", "decayed"]) == col("listed"), 0, (_SATELLITE,), _events),
    # fleets
    Law(_HISTORY, "operational_count <= satellite_count", col("operational_count") - col("satellite_count")),
    Law(
        _HISTORY, "counts are those of core.satellite_daily", _off("all", "working"), 0, ("core.satellite_daily",),
        _sums(_HISTORY, _KIND, {"all": pl.len(), "working": (col("state") == "operational").sum()}, "core.satellite_daily", {"all": "satellite_count", "working": "operational_count"}),
    ),
    Law(
        _FLEET, "counts are the sums of core.fleet_history_daily", _off("all", "working"), 0, (_HISTORY,),
        _sums(_FLEET, ["constellation"], {"all": col("satellite_count").sum(), "working": col("operational_count").sum()}, _HISTORY, {"all": "satellite_count", "working": "operational_count"}),
    ),
    Law(_FLEET, "broadband_operational_count <= operational_count <= satellite_count", pl.max_horizontal(col("broadband_operational_count") - col("operational_count"), col("operational_count") - col("satellite_count"))),
    Law(_FLEET, "low <= base <= high, installed", _ordered("installed_down_low_tbps", "installed_down_tbps", "installed_down_high_tbps")),
    Law(_FLEET, "low <= base <= high, in service", _ordered("in_service_down_low_tbps", "in_service_down_tbps", "in_service_down_high_tbps")),
    Law(_FLEET, "capacity in service <= installed", col("in_service_down_tbps") - col("installed_down_tbps"), _TINY),
    # grids
    Law(_COVERAGE, "rows = cells x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.cell",), _rows_per_constellation(_COVERAGE, "dim.cell")),
    Law(_CAPACITY, "rows = cells x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.cell",), _rows_per_constellation(_CAPACITY, "dim.cell")),
    Law(_LATENCY, "rows = cells x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.cell",), _rows_per_constellation(_LATENCY, "dim.cell")),
    Law(_COVERAGE, "covered_fraction is 1 exactly where visible_min_count >= 1", (col("covered_fraction") >= 1) != (col("visible_min_count") >= 1)),
    Law(_COVERAGE, "longest_gap_s is 0 exactly where covered_fraction is 1", (col("longest_gap_s") == 0) != (col("covered_fraction") >= 1)),
    Law(_COVERAGE, "longest_gap_s fits into the uncovered part of the day", col("longest_gap_s") - DAY_S * (1 - col("covered_fraction")), 1.0),
    Law(_COVERAGE, "visible_min_count <= visible_mean_count", col("visible_min_count") - col("visible_mean_count"), 1e-3),
    Law(_COVERAGE, "covered_fraction <= visible_mean_count", col("covered_fraction") - col("visible_mean_count"), 1e-3),
    Law(_COVERAGE, "visible_min_count <= visible_p05_count", col("visible_min_count") - col("visible_p05_count"), 0),
    Law(_COVERAGE, "more satellites, less of the time", pl.max_horizontal(col("covered_2_fraction") - col("covered_fraction"), col("covered_4_fraction") - col("covered_2_fraction"), col("usable_2_fraction") - col("usable_fraction"), col("usable_4_fraction") - col("usable_2_fraction")), _TINY),
    Law(_COVERAGE, "what is usable is visible", pl.max_horizontal(*(col(f"usable_{name}") - col(f"visible_{name}") for name in _COUNTS), col("usable_fraction") - col("covered_fraction"), col("longest_gap_s") - col("usable_longest_gap_s")), _TINY),
    Law(_TOGETHER, "rows = cells", (col("rows") - col("expected")).abs(), 0, ("dim.cell",), _rows_of(_TOGETHER, "dim.cell")),
    Law(_TOGETHER, "means are the sums of the constellations'", _off("visible", "side", "usable"), 1e-3, (_COVERAGE,), _together),
    Law(_CAPACITY, "no capacity where no satellite is ever in view", (col("visible_mean_count") == 0) & (col("visible_down_gbps") > 0), 0, (_COVERAGE,), _beside(_CAPACITY, _COVERAGE)),
    Law(_CAPACITY, "what is served is asked for, and could be", pl.max_horizontal(*(col(f"served_{way}_gbps") - pl.min_horizontal(f"demand_{way}_gbps", f"supply_{way}_gbps") for way in _WAYS)), _GBPS),
    Law(_CAPACITY, "no supply beyond any lid", pl.max_horizontal(*(col(f"supply_{way}_gbps") - col(f"served_{way}_gbps") - room for way in _WAYS for room in _headrooms(way)[1:])), _GBPS),
    Law(_CAPACITY, "the binding lid leaves the most unserved, demand is met where it binds", pl.max_horizontal(_of_binding("down", "binding"), _of_binding("up", "binding_up")), _GBPS),
    Law(_CAPACITY, "what the lids leave unserved is what is not served", pl.max_horizontal(*((pl.sum_horizontal(*(col(f"{lid}_short_{way}_gbps") for lid in BINDING[1:])) - (col(f"demand_{way}_gbps") - col(f"served_{way}_gbps"))).abs() for way in _WAYS)), _GBPS),
    Law(_CAPACITY, "without demand it is demand that binds", ((col("demand_down_gbps") == 0) & (col("binding") != "demand")) | ((col("demand_up_gbps") == 0) & (col("binding_up") != "demand")).fill_null(value=False)),
    Law(_CAPACITY, "AI's demand is part of all demand", pl.max_horizontal(*(col(f"ai_demand_{way}_gbps") - col(f"demand_{way}_gbps") for way in _WAYS)), _GBPS),
    Law(_CAPACITY, "a cell asks every constellation for the same", pl.max_horizontal(*(col(f"{part}_{way}_gbps") for part in ("demand", "ai_demand") for way in _WAYS)), _GBPS, prepare=_demand_by_constellation),
    Law(_CAPACITY, "utilisation is what is served of the supply", pl.when(col("supply_down_gbps") > 0).then((col("served_down_gbps") / col("supply_down_gbps") - col("utilisation_fraction")).abs()).otherwise(col("utilisation_fraction")), _TINY),
    Law(_CAPACITY, "p05 <= p50 of what is served, and both are known exactly where there is demand", pl.when((col("demand_down_gbps") > 0) == col("served_fraction_p50").is_not_null()).then((col("served_fraction_p05") - col("served_fraction_p50")).fill_null(0.0)).otherwise(1.0), _TINY),
    Law(_CAPACITY, "what users send knows its own lids alone", pl.sum_horizontal(*(col(name).is_null() for name in ("served_up_gbps", "supply_up_gbps", "binding_up", "satellite_headroom_up_gbps", "gateway_headroom_up_gbps"))).is_between(1, 4)),
    Law(_FLEET, "what is sold is the sum of the cells", pl.max_horizontal(*(_relative(col(f"sellable_{way}_tbps"), col(f"served_{way}")) for way in _WAYS)), _TINY, (_CAPACITY,), _world_served),
    Law(_FLEET, "the world's demand is the sum of the cells", pl.max_horizontal(*(_relative(col(f"demand_{way}_tbps"), col(f"demand_{way}")) for way in _WAYS)), _TINY, (_CAPACITY,), _world_served),
    Law(_FLEET, "sold <= greatest throughput <= in service", pl.max_horizontal(*(pl.max_horizontal(col(f"sellable_{way}_tbps") - col(f"most_{way}_tbps"), col(f"most_{way}_tbps") - col(f"in_service_{way}_tbps")) for way in _WAYS)), _FAIR_TBPS),
    Law(_FLEET, "the lids bind all of the demand", pl.max_horizontal(*(pl.when(col(f"bound_{way}_demand_fraction").is_not_null()).then((pl.sum_horizontal(*(col(f"bound_{way}_{lid}_fraction") for lid in BINDING)) - 1).abs()) for way in _WAYS)), _TINY),
    Law(_FLEET, "p10 <= p50 <= p90", pl.max_horizontal(*(pl.max_horizontal(col(f"{stem}_{way}_p10_tbps") - col(f"{stem}_{way}_p50_tbps"), col(f"{stem}_{way}_p50_tbps") - col(f"{stem}_{way}_p90_tbps")) for stem in ("installed", "in_service", "sellable") for way in _WAYS)), _TINY),
    Law(_LATENCY, "p50 <= p95", pl.max_horizontal(col("rtt_pop_p50_ms") - col("rtt_pop_p95_ms"), col("rtt_gpu_p50_ms") - col("rtt_gpu_p95_ms")), _TINY),
    Law(_LATENCY, "no path is faster than the floor", col("rtt_floor_ms") - col("rtt_pop_p50_ms"), _TINY),
    Law(_LATENCY, "compute is no nearer than the PoP", col("rtt_pop_p50_ms") - pl.min_horizontal("rtt_gpu_p50_ms", "rtt_cloud_p50_ms"), _TINY),
    Law(_LATENCY, "a round trip is known exactly where a path exists", col("rtt_pop_p50_ms").is_not_null() != (col("reachable_fraction").fill_null(0.0) > 0)),
    Law(_LATENCY_COUNTRY, "rows = countries x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.country",), _rows_per_constellation(_LATENCY_COUNTRY, "dim.country")),
    Law(_LATENCY_COUNTRY, "p50 <= p95", pl.max_horizontal(col("rtt_pop_p50_ms") - col("rtt_pop_p95_ms"), col("rtt_gpu_p50_ms") - col("rtt_gpu_p95_ms")), _TINY),
    Law(_LATENCY_COUNTRY, "a round trip is known exactly where a path exists", col("rtt_pop_p50_ms").is_not_null() != (col("reachable_fraction").fill_null(0.0) > 0)),
    Law(_LATENCY_COUNTRY, "who is measured is judged", ~col("judged"), 0, (_PLACE,), _measured_unjudged),
    # corridors, and how wrong the model is
    Law(_CORRIDOR, "floor <= min <= p50 <= p95", pl.max_horizontal(col("rtt_floor_ms") - col("rtt_min_ms"), col("rtt_min_ms") - col("rtt_p50_ms"), col("rtt_p50_ms") - col("rtt_p95_ms")), _SINGLE),
    Law(_CORRIDOR, "fewer links are no faster than the fastest of more, and reach no further", pl.max_horizontal(col("rtt_min_ms") - col("rtt_three_links_p50_ms"), col("rtt_min_ms") - col("rtt_two_links_p50_ms"), col("two_links_reachable_fraction") - col("reachable_fraction")), _SINGLE),
    Law(_CORRIDOR, "floor <= light alone <= with overhead", pl.max_horizontal(col("rtt_floor_ms") - col("rtt_propagation_p50_ms"), col("rtt_propagation_p50_ms") - col("rtt_terminal_p50_ms")), _SINGLE),
    Law(_CORRIDOR, "a gap is the satellites' round trip less the fibre's", pl.max_horizontal(*((col("rtt_p50_ms") - col(f"{name}_ms") - col(f"gap_{name}_ms")).abs() for name in ("fibre_great_circle", "fibre_stretched", "internet"))), _TINY),
    Law(_CORRIDOR, "no fibre is faster than the great circle in glass", col("fibre_great_circle_ms") - col("fibre_stretched_ms"), _TINY),
    Law(_ERROR, "the constant is as wrong as itself", pl.when(col("predictor") == "constant").then((col("of_constant_factor") - 1).abs()), _TINY),
    Law(_ERROR, "a bias is no larger than the mean absolute error", col("bias_ms").abs() - col("mae_ms"), _TINY),
    Law(_PLACE, "an error is modelled less measured", (col("rtt_pop_p50_ms") - col("measured_p50_ms") - col("error_ms")).abs(), _TINY),
    # people's share
    Law(_ACCESS, "rows = countries with people x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.country",), _rows_per_constellation(_ACCESS, "dim.country", col("population_count") > 0)),
    Law(_ACCESS, "people are those of dim.country", _relative(col("population_count"), col("in_dim")), PEOPLE_TOLERANCE, ("dim.country",), _access_people),
    Law(_ACCESS, "always_covered_fraction <= covered_fraction <= visible_mean_count", pl.max_horizontal(col("always_covered_fraction") - col("covered_fraction"), col("covered_fraction") - col("visible_mean_count")), 1e-3),
    Law(_ACCESS, "p50 <= p95", col("rtt_pop_p50_ms") - col("rtt_pop_p95_ms"), _TINY),
    Law(_ACCESS, "the world's covered share is that of its cells", (col("of_countries") - col("of_cells")).abs(), 2e-3, (_COVERAGE, "dim.cell"), _world_access),
    # demand
    Law(_LEDGER, "low <= base <= high, down", _ordered("down_low_gbps", "down_gbps", "down_high_gbps")),
    Law(_LEDGER, "low <= base <= high, up", _ordered("up_low_gbps", "up_gbps", "up_high_gbps")),
    Law(_LEDGER, "the world's AI demand is that of its cells", pl.max_horizontal(*(_relative(col(f"{name}_cells").fill_null(0.0), col(name)) for name in ("down_gbps", "up_gbps"))), PEOPLE_TOLERANCE, (_DEMAND, _AI_COUNTRY), _ai_use),
    Law(_LEDGER, "the world's AI demand is that of its countries", pl.max_horizontal(*(_relative(col(f"{name}_countries"), col(f"{name}_world")) for name in ("down_gbps", "up_gbps"))), PEOPLE_TOLERANCE, (_DEMAND, _AI_COUNTRY), _ai_use),
    Law(_AI_HOUR, "the hours of a day sum to 1", (col("use_fraction") - 1).abs(), _TINY, prepare=lambda frames: frames[_AI_HOUR].group_by("workload").agg(col("use_fraction").sum())),
    Law(_DEMAND, "the busiest hour is no less than the mean", pl.max_horizontal(col("down_gbps") - col("busy_down_gbps"), col("up_gbps") - col("busy_up_gbps")), _TINY),
    Law(_AI_COUNTRY, "use is null exactly where it is said why", col("use_fraction").is_null() == col("missing").is_null()),
    Law(_AI_COUNTRY, "rows = countries", (col("rows") - col("expected")).abs(), 0, ("dim.country",), _rows_of(_AI_COUNTRY, "dim.country")),
    # workloads and readiness
    Law(_WORKLOAD, "all at once are no more than single ones, these no more than each lid lets", pl.max_horizontal(*(pl.max_horizontal(col(f"all_{of}_fraction") - pl.min_horizontal(f"single_{of}_fraction", f"rate_{of}_fraction"), pl.max_horizontal(f"single_{of}_fraction", f"target_{of}_fraction") - pl.min_horizontal(f"latency_{of}_fraction", f"continuity_{of}_fraction"), col(f"target_{of}_fraction") - col(f"single_{of}_fraction")) for of in ("people", "ai_demand"))), _TINY),
    Law(_WORKLOAD, "low <= base <= high", pl.max_horizontal(*(pl.max_horizontal(col(low) - col(base), col(base) - col(high)) for low, base, high in (("all_people_low_fraction", "all_people_fraction", "all_people_high_fraction"), ("terrestrial_people_low_fraction", "terrestrial_people_fraction", "terrestrial_people_high_fraction"), ("pair_low_fraction", "pair_fraction", "pair_high_fraction")))), _TINY),
    Law(_SCORE, "a score is what the anchors say", pl.when(col("measure_number").is_null() == col("score_number").is_null()).then((col("score_number") - _anchored()).abs()).otherwise(100.0), _TINY, ("dim.readiness",), _scored),
    Law(_READY_PLACE, "an index is the weighted geometric mean of its scores, null where one is", pl.max_horizontal(*(pl.when(col(f"{name}_number").is_null() == col(f"{name}_summed").is_null()).then((col(f"{name}_number") - col(f"{name}_summed")).abs()).otherwise(100.0) for name in ("index", "common"))), _TINY, (_SCORE, "dim.readiness"), _indexed),
    Law(_READY_PLACE, "parts of AI demand sum to 1", (col("whole") - 1).abs(), _TINY, prepare=_demand_parts),
    Law(_READINESS, "the world's index is the mean of its places over AI demand", pl.max_horizontal(*(pl.when(col("target_number").is_null()).then((col(f"{name}_number") - col(f"{name}_summed")).abs()) for name in ("value", "common"))), _TINY, (_READY_PLACE,), _world_index),
    Law(_READINESS, "a change is the sum of its drivers", pl.when(col("change_number").is_null() == col("summed").is_null()).then((col("change_number") - col("summed")).abs()).otherwise(100.0), _TINY, (_READY_DRIVER,), _driven),
    Law(_READINESS, "a test is passed exactly where its figure reaches the target", pl.when(col("target_number").is_not_null()).then(col("passed").is_null() != col("value_number").is_null()) | (col("passed") != (col("value_number") >= col("target_number")))),
    Law(_READINESS, "p10 <= p50 <= p90", pl.max_horizontal(col("value_p10_number") - col("value_p50_number"), col("value_p50_number") - col("value_p90_number"), col("common_p10_number") - col("common_p90_number")), _TINY),
    # markets
    Law(_MARKET, "rows = countries with people x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.country",), _rows_per_constellation(_MARKET, "dim.country", col("population_count") > 0)),
    Law(_MARKET, "people are those of dim.country", _relative(col("people_count"), col("in_dim")), PEOPLE_TOLERANCE, ("dim.country",), _market_people),
    Law(_MARKET, "low <= base <= high of who lacks what, at most all people", pl.max_horizontal(*(pl.max_horizontal(col(f"{name}_low_people_count") - col(f"{name}_people_count"), col(f"{name}_people_count") - col(f"{name}_high_people_count"), _within(f"{name}_high", "people_count")) for name in _LACKS)), _PERSON),
    Law(_MARKET, "people within reach, then and now, are people", pl.max_horizontal(_within("reachable", "people_count"), _within("reachable_before", "people_count"), _within("newly_reachable", "reachable_people_count"), _within("newly_unreachable", "reachable_before_people_count")), _PERSON),
    Law(_MARKET, "within reach are those of the day before, more the new, less the lost", (col("reachable_before_people_count") + col("newly_reachable_people_count") - col("newly_unreachable_people_count") - col("reachable_people_count")).abs(), _PERSON),
    Law(_MARKET, "changes are known exactly where both days are", pl.any_horizontal(col(f"newly_{name}_people_count").is_null() != (col("reachable_people_count").is_null() | col("reachable_before_people_count").is_null()) for name in ("reachable", "unreachable"))),
    Law(_MARKET, "who lacks and is within reach both lacks and is within reach", pl.max_horizontal(*(_within(f"{name}_reachable", f"{name}_people_count", "reachable_people_count") for name in _LACKS)), _PERSON),
    Law(_MARKET, "people within reach are those of the cells", _relative(col("reachable_people_count"), col("reachable_cells")), PEOPLE_TOLERANCE, (_LATENCY, _COVERAGE, _CAPACITY, "dim.cell"), _market_grids),
    Law(_MARKET, "what is served is that of the cells with people", _relative(col("served_down_gbps"), col("served_cells")), PEOPLE_TOLERANCE, (_LATENCY, _COVERAGE, _CAPACITY, "dim.cell"), _market_grids),
    Law(_MARKET, "what is served is asked for", col("served_down_gbps") - col("demand_down_gbps"), _GBPS),
    Law(_MARKET, "a cost is the plan and a 36th of the terminal", (col("plan_price_usd_per_month") + col("terminal_price_usd") / 36 - col("cost_usd_per_month")).abs(), _TINY),
    Law(_MARKET, "who can pay is as in core.affordable_daily", pl.max_horizontal(*((col(name) - col(f"affordable_{name}_people_count")).abs() for name in ("2pct", "5pct"))), _PERSON, (_AFFORDABLE,), _market_affordable),
    Law(_MARKET, "who lacks, is within reach and can pay does each", pl.max_horizontal(_within("affordable_market", "affordable_5pct_people_count", "no_fixed_line_reachable_people_count")), _PERSON),
    Law(_MARKET, "ranks of a constellation are 1, 2, 3 and so on", (col("rank") - col("expected")).abs(), 0, prepare=_market_ranks),
    Law(_MARKET, "best <= rank <= worst", _ordered("rank_low_number", "rank_number", "rank_high_number") | _ordered("affordable_rank_low_number", "affordable_rank_number", "affordable_rank_high_number")),
    Law(_MARKET, "no banned market is ranked", (col("market_access") == "banned") & (col("rank_number").is_not_null() | col("affordable_rank_number").is_not_null())),
    Law(_AFFORDABLE, "low <= base <= high, at most all people", pl.max_horizontal(_within("affordable_low", "affordable_people_count"), _within("affordable", "affordable_high_people_count"), _within("affordable_high", "people_count")), _TINY),
    Law(_AFFORDABLE, "a greater part of income pays for no fewer people", pl.max_horizontal(*(col(f"{name}_before") - col(name) for name in ("affordable_low_people_count", "affordable_people_count", "affordable_high_people_count"))), _TINY, prepare=_curve),
    # operators, what the market price implies, rivals, compute in orbit
    Law(_KPI, "low <= base <= high", _ordered("reported_low_value", "reported_value", "reported_high_value")),
    Law(_KPI, "restated exactly where a later filing gives another figure", col("is_restated") != (col("later_count") > 0), prepare=_same_filings),
    Law(_KPI, "who restates is told exactly where it is restated", col("is_restated") != col("restated_by").is_not_null()),
    Law(_VALUE, "market value is price x shares", _relative(col("market_value_usd"), col("price_usd") * col("share_count")), _TINY),
    Law(_VALUE, "enterprise value is market value and net debt", _relative(col("enterprise_value_usd"), col("market_value_usd") + col("net_debt_usd")), _TINY),
    Law(_VALUE, "what is attributed is its part of the value", _relative(col("attributed_usd"), pl.coalesce("enterprise_value_usd", "market_value_usd") * col("attributed_fraction")), _TINY),
    Law(_VALUE, "a value per Gbps is of the day's fleet", pl.max_horizontal(*(_relative(col(f"{name}_usd_per_gbps") * col(f"{name}_down_tbps") * 1_000, col("attributed_usd")) for name in ("installed", "in_service", "sellable"))), _TINY, (_FLEET,), _valued_fleets),
    Law(_VALUE, "implied revenue earns what is attributed", _relative(col("implied_revenue_usd") * col("ebitda_margin_fraction") * col("ebitda_multiple_factor"), col("attributed_usd")), _TINY),
    Law(_VALUE, "implied subscribers pay the implied revenue", _relative(col("implied_subscriber_count") * 12 * col("arpu_usd_per_month"), col("implied_revenue_usd")), _TINY),
    Law(_VALUE, "the implied price of what can be sold is the implied revenue", _relative(col("implied_price_usd_per_gbps_month") * 12_000 * col("sellable_down_tbps"), col("implied_revenue_usd")), _TINY, (_FLEET,), _valued_fleets),
    Law(_VALUE, "implied utilisation earns the implied revenue at today's price", _relative(col("implied_utilisation_fraction") * col("price_now_usd_per_gbps_month") * 12_000 * col("sellable_down_tbps"), col("implied_revenue_usd")), _TINY, (_FLEET,), _valued_fleets),
    Law(_VALUE, "low <= base <= high of what is implied", pl.any_horizontal(*(_ordered(*(name.format(bound) for bound in ("_low", "", "_high"))) for name in ("implied_revenue{}_usd", "implied_subscriber{}_count", "implied_price{}_usd_per_gbps_month", "implied_utilisation{}_fraction")))),
    Law(_VALUE, "a stale price says so", col("is_stale") != (col("age_days") > 30)),
    Law(_RIVAL, "rows = constellations and three backbones", (col("rows") - col("expected")).abs(), prepare=lambda frames: pl.DataFrame({"rows": [frames[_RIVAL].height], "expected": [len(CONSTELLATION) + 3]})),
    Law(_RIVAL, "who is within 50 ms is within 100 ms", pl.max_horizontal(*(col(f"{who}_within_50_ms_fraction") - col(f"{who}_within_100_ms_fraction") for who in ("people", "ai"))), _TINY),
    Law(_RIVAL, "low <= median <= high", _ordered("rtt_median_low_ms", "rtt_median_ms", "rtt_median_high_ms")),
    Law(_RIVAL, "fleets are those of core.fleet_capacity_daily", pl.max_horizontal(*(_relative(col(name).cast(pl.Float64), col(f"{name}_of_fleet").cast(pl.Float64)) for name in _OF_FLEET)), _TINY, (_FLEET,), _rival_fleets),
    Law(_RIVAL, "the world's covered share is that of core.access_daily", (col("covered_fraction") - col("of_countries")).abs(), 2e-3, (_ACCESS,), _rival_people),
    Law(_RIVAL, "a ratio to Starlink gives Starlink's figure back", pl.max_horizontal(_times_over("starlink_satellite_factor", "satellite_count"), _times_over("starlink_installed_factor", "installed_down_tbps"), _times_over("starlink_sellable_factor", "sellable_down_tbps"), _times_over("starlink_launch_factor", "launch_90d_count"), _times_over("starlink_market_factor", "market_count")), _TINY, prepare=_rival_ratios),
    Law(_ORBIT, "what the catalog names is counted", col("in_catalog") - col("catalogued_count"), 0, ("raw.celestrak_active",), _catalogued),
    # continuity
    Law(_CONTINUITY, "rows = cells with people or demand x constellations", (col("rows") - col("expected")).abs(), 0, (_CAPACITY, "dim.cell"), _continuity_rows),
    Law(_CONTINUITY, "two at once no longer than one", col("continuous_2_fraction") - col("continuous_fraction"), 0),
    Law(_CONTINUITY, "continuous all day exactly where there is no gap", ((col("continuous_fraction") >= 1) != (col("gap_count") == 0)) | ((col("continuous_fraction") >= 1) != (col("longest_gap_exact_s") == 0))),
    Law(_CONTINUITY, "the longest gap fits into the time without, and all gaps fill it", pl.max_horizontal(col("longest_gap_exact_s") - DAY_S * (1 - col("continuous_fraction")), DAY_S * (1 - col("continuous_fraction")) - col("gap_count") * col("longest_gap_exact_s")), 1e-3),
    Law(_CONTINUITY, "what is counted at instants is off by less than a step for each gap", (col("continuous_fraction") - col("covered_fraction")).abs() - (col("gap_count") + 1) * col("instant_fraction"), _TINY, (_COVERAGE,), _continuity_sampled),
    # costs
    Law(_ECONOMICS, "low <= base <= high", pl.max_horizontal(*(pl.max_horizontal(col(f"{stem}_low_{unit}") - col(f"{stem}_{unit}"), col(f"{stem}_{unit}") - col(f"{stem}_high_{unit}")) for stem, unit in _COSTS)), _TINY),
    Law(_ECONOMICS, "p10 <= p90", pl.max_horizontal(*(col(f"{stem}_p10_{unit}") - col(f"{stem}_p90_{unit}") for stem, unit in _COSTS)), _TINY),
    Law(_ECONOMICS, "what is sold costs what is raw over the sellable part", pl.max_horizontal(*(_relative(col(f"sold{end}_usd_per_gbps_month") * col("sellable_fraction"), col(f"{of}_usd_per_gbps_month")) for end, of in (("", "raw"), ("_levelised", "levelised")))), _TINY),
    Law(_ECONOMICS, "a generation's costs follow from its inputs", pl.max_horizontal(_relative(col("from_inputs_capex"), col("capex_usd_per_gbps")), _relative(col("from_inputs_raw"), col("raw_usd_per_gbps_month"))), _TINY, (_ECONOMICS_INPUT,), _from_inputs),
    Law(_ECONOMICS, "without costs it is said what is missing", (col("capex_usd_per_gbps").is_null() & col("missing").is_null() & (col("operational_count") > 0))),
    Law(_UNIT_COST, "a unit costs its bytes of a Gbps-month", _relative(col("unit_usd") * _GBPS_MONTH_BYTES, col("unit_bytes") * col("gbps_month_usd")), _TINY),
    Law(_UNIT_COST, "low <= base <= high", pl.max_horizontal(col("unit_low_usd") - col("unit_usd"), col("unit_usd") - col("unit_high_usd")), _TINY),
    Law(_TRUNK_COST, "the mesh is its landings and hops", _relative(col("landings_usd_per_gbps_month") + col("hop_median_count") * col("hop_usd_per_gbps_month"), col("mesh_usd_per_gbps_month")), _TINY),
    Law(_TRUNK_COST, "the factor is over the cheapest on the ground", (col("of_terrestrial_factor") - col("mesh_usd_per_gbps_month") / pl.min_horizontal("fibre_usd_per_gbps_month", "transit_usd_per_gbps_month")).abs(), _TINY),
    Law(_COUNTRY_COST, "within three of transit is what it says", col("within_3_of_transit") != (col("sold_levelised_usd_per_gbps_month") <= 3 * col("transit_usd_per_gbps_month"))),
    Law(_COUNTRY_COST, "rows = countries x constellations", (col("rows") - col("expected")).abs(), 0, ("dim.country",), _rows_per_constellation(_COUNTRY_COST, "dim.country")),
    Law(_SCALE, "no more is sold than satellites and gateways carry", col("sold_tbps") - pl.min_horizontal("in_service_tbps", "gateway_tbps"), _TINY),
    Law(_SCALE, "a curve turns once", (col("least_cost").sum().over(["constellation", "scale_fleet", "scale_gateways", "demand_factor"]) != 1) & col("least_cost").is_not_null()),
)  # fmt: skip
