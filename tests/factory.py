"""Plausible, deterministic tables of a day: small enough for a test, and true to every rule of the gate.

`frames(DAY)` gives them by table name, `stage` writes them, `publish_days` takes whole days to the published file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import healpix
import numpy as np
import polars as pl
import pytest

from pipeline import uncertainty
from pipeline.constellations import BY_NAME, CONSTELLATIONS
from pipeline.constellations import rows as constellation_rows
from pipeline.io import assets, checks, publish, registry, warehouse
from pipeline.io.home import Home, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import (
    affordable,
    capacity_model,
    continuity,
    cost_input,
    country,
    country_cost,
    demand,
    economics,
    latency,
    market,
    market_access,
    network,
    operator,
    orbital_compute,
    plan_price,
    price,
    readiness,
    rival,
    scale,
    served,
    share,
    trunk,
    trunk_cost,
    unit_cost,
    valuation,
    what_if,
    workload,
)
from pipeline.metrics import fleet as fleets
from pipeline.sources import operator_filings, plan_prices, share_quote, world_bank
from pipeline.table import BINDING, CONSTELLATION, Table

DAY = date(2026, 5, 30)
FLEET = {"starlink": 400, "amazon_leo": 60, "oneweb": 80, "qianfan": 30, "guowang": 20}
DOWN_GBPS = {"starlink": 60.0, "amazon_leo": 50.0, "oneweb": 7.0, "qianfan": 10.0, "guowang": 20.0}
# Uplink over downlink; nothing is known of two.
UP_PART = {"starlink": 0.07, "amazon_leo": 0.2, "oneweb": 0.33, "qianfan": None, "guowang": None}
# Highest latitude at which the fleet is always, and at which it is sometimes, in view [deg].
REACH_DEG = {"starlink": (60, 90), "amazon_leo": (35, 56), "oneweb": (90, 90), "qianfan": (0, 50), "guowang": (0, 50)}
# A way to a PoP that exists.
WAY = {
    "rtt_pop_p50_ms": 30.0, "rtt_pop_p95_ms": 50.0, "rtt_gpu_p50_ms": 40.0, "rtt_gpu_p95_ms": 60.0, "rtt_cloud_p50_ms": 35.0,
    "rtt_floor_ms": 8.0, "mesh_path_fraction": 0.25, "hop_mean_count": 1.5,
}  # fmt: skip
COUNTRIES = {  # title, ISO2, people, places (latitude_deg, longitude_deg)
    "BRA": ("Brazil", "BR", 212e6, [(-23.5, -46.6), (-15.8, -47.9), (-3.1, -60.0)]),
    "ISL": ("Iceland", "IS", 4e5, [(64.1, -21.9)]),
    "NGA": ("Nigeria", "NG", 232e6, [(6.5, 3.4), (12.0, 8.5)]),
    "SGP": ("Singapore", "SG", 6e6, [(1.3, 103.8)]),
    "SJM": ("Svalbard and Jan Mayen", "SJ", 3e3, [(78.2, 15.6)]),
    "USA": ("United States", "US", 340e6, [(40.7, -74.0), (34.0, -118.2), (41.9, -87.6)]),
}

NOBODYS = {
    "country_iso3": "ATA",
    "country_iso2": "AQ",
    "title": "Antarctica",
    "population_count": 0.0,
    "population_year": None,
}


def few_instants(patch: pytest.MonkeyPatch) -> None:
    """Ways and shares of a day at a few instants, with a few draws: for tests of what is done with their figures."""
    few = ((network, "INSTANTS", 5), (network, "WINDOWS", 2), (share, "INSTANTS", 4), (what_if, "DRAW_INSTANTS", 2), (what_if, "DRIVER_INSTANTS", 1), (trunk, "INSTANTS", 2), (uncertainty, "COUNT", 8))  # fmt: skip
    for module, name, value in few:
        patch.setattr(module, name, value)


def settings(root: Path, **changes: Any) -> Settings:
    """Settings of a small offline home below `root`."""
    return Settings(**{"home": root / "home", "offline": True, "order": 2, **changes})


def facts() -> pl.DataFrame:
    """The facts of countries that ship, where nothing newer is landed."""
    return country.facts(assets.reference("country_facts"), world_bank.TABLE.empty(), "")[0]


def filled(table: Table, rows: list[dict[str, Any]], day: date = DAY) -> pl.DataFrame:
    """A frame of `table`: what a row leaves out gets a plausible value, what the table does not have is left out."""
    wanted = [{c.name: row.get(c.name, _plausible(table, c.name, day)) for c in table.columns} for row in rows]
    return table.conform(pl.DataFrame(wanted, schema=table.polars_schema))


def frames(
    day: date = DAY, *, order: int = 2, synthetic: bool = True, fleet: dict[str, int] | None = None
) -> dict[str, pl.DataFrame]:
    """Every table of a day by its name; `fleet` changes the number of satellites of some constellations."""
    made: dict[str, pl.DataFrame] = {}
    made |= _dimensions(order)
    made |= _fleet(day, FLEET | (fleet or {}))
    made |= _grids(day, made["dim.cell"], FLEET | (fleet or {}))
    made["core.fleet_capacity_daily"] = _sold(made)
    made["core.access_daily"] = _access(day, made)
    made |= _network(day, made)
    made["core.served_daily"] = served.compute(made["dim.country"], day)
    made |= _markets(day, made)
    made |= demand.compute(assets.reference("ai_ledger"), made["dim.country"], made["dim.cell_country"], day)
    made |= _readiness(day)
    made["core.workload_daily"] = _workloads(day)
    made |= _economics(day, made)
    made |= _meta(day, synthetic)
    made |= _operators(day, made)
    for table in registry.stored_tables():
        if table.name not in made and table.schema_name in ("raw", "dim", "core"):
            made[table.name] = filled(table, [{}], day)
    return {name: registry.table(name).conform(frame) for name, frame in made.items()}


def _workloads(day: date) -> pl.DataFrame:
    """For whom Starlink suffices of two cells, and between two pairs of sites."""
    users = workload.Users(
        np.array([3e3, 1e4]), np.array([1.0, 2.0]), np.array([50.0, 90.0]), np.array([70.0, 160.0]), np.ones(2), np.array([[0.1, 0.2], [0.01, 0.02]]), np.array([[200.0] * 2, [30.0] * 2]),
    )  # fmt: skip
    ground = workload.Ground(np.array([1e4]), np.ones(1), np.array([0.4]), np.array([0.7]), np.array([80.0]), np.array([2_000.0]))  # fmt: skip
    pairs = workload.Pairs(np.array([40.0, 120.0]), np.ones(2), np.array([30.0, 150.0]), (40.0, 100.0, 200.0))
    model = workload.Model.of(assets.reference("workload_model"))
    return workload.compute(assets.reference("ai_workloads"), model, {"starlink": users}, ground, {"starlink": pairs}, 0.0098, 3.5, day)  # fmt: skip


def _readiness(day: date) -> dict[str, pl.DataFrame]:
    """An index over three countries that has changed since the day before, and a test."""
    definition = readiness.Definition.of(assets.reference("readiness"), assets.reference_bytes("readiness.csv"))

    def of(latency_ms: float) -> dict[tuple[str, str], readiness.Measures]:
        raw = {"latency": [latency_ms, 60.0, 90.0], "downlink": [5.0, 10.0, 2.0], "uplink": [1.0, 0.5, 2.0], "continuity": [0.999, 0.99, 0.98]}  # fmt: skip
        raw |= {"affordability": [0.05, 0.1, np.nan], "permission": [1.0, 0.5, np.nan]}
        by_pillar = {name: np.array(values) for name, values in raw.items()}
        return {("starlink", "access"): readiness.Measures(["ISL", "NGA", "SGP"], np.array([0.2, 0.5, 0.3]), by_pillar, {})}  # fmt: skip

    nothing = readiness.TABLE.empty().select("day", "constellation", "readiness", "value_number")
    tests = {("starlink", "test_cost"): 7.0, ("oneweb", "test_cut"): None}
    before = readiness.compute(definition, of(80.0), {}, None, nothing, day - timedelta(1))[readiness.SCORE.name]
    found = readiness.compute(definition, of(70.0), tests, (day - timedelta(1), before), nothing, day)
    return found | {readiness.DEFINITION.name: definition.rows}


def stage(to: Settings, day: date = DAY, tables: dict[str, pl.DataFrame] | None = None, **how: Any) -> Settings:
    """Write the staged files of a day as the computing steps leave them; `how` goes to frames()."""
    for name, frame in (tables or frames(day, **how)).items():
        write_parquet(Home(to.home).staged(registry.table(name), day), frame)
    write_parquet(Home(to.home).staged_past(fleets.HISTORY, day), past(day))
    return to


def past(day: date) -> pl.DataFrame:
    """Reconstructed rows of the 80 days before a day: one satellite more each day up to FLEET."""
    rows = [
        {
            "day": day - timedelta(days=k),
            "constellation": "oneweb",
            "generation": "oneweb-gen1",
            "payload_class": "broadband",
        }
        | {"satellite_count": FLEET["oneweb"] - k, "flagged": False, "basis": "reconstructed"}
        for k in range(1, 100)
        if k < FLEET["oneweb"]
    ]
    rows.append({**rows[-1], "day": day - timedelta(days=90), "satellite_count": 0})
    return fleets.HISTORY.conform(pl.DataFrame(rows, schema=fleets.HISTORY.polars_schema))


def pass_gate(to: Settings, day: date = DAY) -> None:
    """Write the staged check that a day needs to be loaded, without asking Great Expectations (seconds to import)."""
    row = {"severity": "critical", "passed": True, "failed_count": 0, "failed_rows": "[]"}
    write_parquet(Home(to.home).staged(checks.TABLE, day), filled(checks.TABLE, [row], day))


def load_days(to: Settings, days: Iterable[date], **how: Any) -> Settings:
    """Stage, pass and load days."""
    for day in days:
        stage(to, day, **how)
        pass_gate(to, day)
        warehouse.load(to, day)
    return to


def publish_days(to: Settings, days: Iterable[date] = (DAY,), **how: Any) -> Settings:
    """Stage, pass, load and publish days."""
    load_days(to, days, **how)
    publish.publish(to)
    return to


def _plausible(table: Table, name: str, day: date) -> Any:
    column = next(c for c in table.columns if c.name == name)
    if column.nullable:
        return None
    low = 0 if column.low is None else column.low
    high = low + 2 if column.high is None else column.high
    noon = datetime.combine(day, time(12))
    by_kind = {
        "text": name,
        "integer": int(low) + 1,
        "cell": 0,
        "number": (low + min(high, low + 2)) / 2,
        "flag": False,
    }
    return column.values[0] if column.values else {**by_kind, "day": day, "instant": noon}[column.kind]


def _dimensions(order: int) -> dict[str, pl.DataFrame]:
    nside = 2**order
    ids = np.arange(12 * nside**2, dtype=np.uint64)
    longitude, latitude = healpix.pix2ang(nside, ids.astype(np.int64), nest=True, lonlat=True)
    rows = []
    for iso3, (_, _, people, places) in COUNTRIES.items():
        for place_latitude, place_longitude in places:
            cell = int(healpix.ang2pix(nside, place_longitude, place_latitude, nest=True, lonlat=True))
            rows.append({"cell_id": cell, "country_iso3": iso3, "area_fraction": 0.1, "people": people / len(places)})
    bridge = pl.DataFrame(rows, schema_overrides={"cell_id": pl.UInt64})
    bridge = bridge.group_by("cell_id", "country_iso3").agg(
        pl.col("area_fraction").sum(), pl.col("people").sum().alias("population_count")
    )
    cell = pl.DataFrame(
        {
            "cell_id": ids,
            "latitude_deg": latitude,
            "longitude_deg": (longitude + 180) % 360 - 180,
            "area_km2": np.full(ids.size, 510_065_621.7 / ids.size),
        }
    ).join(bridge.group_by("cell_id").agg(pl.col("population_count").sum()), on="cell_id", how="left")
    countries = [
        {"country_iso3": k, "country_iso2": v[1], "title": v[0], "population_count": v[2], "population_year": 2024}
        | {
            "gdp_per_head_ppp_usd": 20_000.0,
            "internet_users_fraction": 0.5,
            "fixed_broadband_per_head": 0.2,
            "fixed_download_median_mbps": 90.0,
        }
        for k, v in COUNTRIES.items()
    ] + [NOBODYS]
    constellation = constellation_rows()
    h3 = [{"cell_id": int(i), "h3_id": 0x83 << 52 | int(i), "area_fraction": 1.0} for i in ids]
    return {
        "dim.cell": cell.with_columns(pl.col("population_count").fill_null(0.0)),
        "dim.cell_country": bridge,
        "dim.cell_h3": filled(registry.table("dim.cell_h3"), h3),
        "dim.country_pop": filled(
            registry.table("dim.country_pop"),
            [
                {"country_iso3": k, "region_code": "all", "share_fraction": 1.0, "is_main": True}
                for k in [*COUNTRIES, NOBODYS["country_iso3"]]
            ],
        ),
        "dim.place": filled(registry.table("dim.place"), list(_places())),
        "dim.country": filled(registry.table("dim.country"), countries),
        "dim.constellation": filled(registry.table("dim.constellation"), constellation),
        "dim.generation": filled(registry.table("dim.generation"), _generations()),
    }


def _operators(day: date, made: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """What operators report, one figure restated; a price; rivals; one computer in orbit."""
    filing = {
        "row_number": 2, "operator": "SpaceX", "kpi_text": "subscribers", "region": "world", "period_start_day": date(2026, 3, 31),
        "period_end_day": date(2026, 3, 31), "reported_value": 10.4, "unit": "million", "filing": "a 10-Q for tests", "filed_day": date(2026, 5, 28),
    }  # fmt: skip
    kpis, _ = operator.compute(
        assets.reference("operator_kpi"),
        filled(operator_filings.TABLE, [filing]),
        max(day, DAY),
    )
    quote = {"ticker": "SPCX", "priced_day": day, "price_usd": 100.0, "share_count": 17e9, "net_debt_usd": 2e10}
    quotes = filled(share_quote.TABLE, [quote]).with_columns(source=pl.lit("a price for tests"))
    model = valuation.Model.of(assets.reference("valuation_model"))
    fleet = made["core.fleet_capacity_daily"]
    ways = latency.Model.of(assets.reference("latency_model"))
    tables = (
        "dim.cell", "dim.country", "dim.site", "core.coverage_daily", "core.latency_daily", "core.demand_daily", "core.fleet_capacity_daily",
        "core.satellite_daily", "core.fibre_error_daily",
    )  # fmt: skip
    there = [made.get(name, registry.table(name).empty()) for name in tables]
    catalog = filled(
        registry.table("raw.celestrak_active"), [{"object_name": "STARCLOUD-1", "object_id": "2025-248L"}], day
    )
    return {
        "raw.celestrak_active": catalog,
        "core.operator_kpi": kpis,
        "core.valuation_daily": valuation.compute(valuation.newest(quotes, day)[0], kpis, fleet, model, day),
        "core.rival_daily": rival.compute(
            rival.Day(*there, kpis), rival.Model.of(assets.reference("rival_model"), ways), day
        ),
        "core.orbital_compute_daily": orbital_compute.compute(assets.reference("orbital_compute"), [catalog], day),
    }


def _generations() -> list[dict[str, Any]]:
    """Rows of dim.generation."""
    return [
        {
            "generation": name,
            "down_gbps": DOWN_GBPS[o.name] if broadband else None,
            "down_low_gbps": DOWN_GBPS[o.name] / 2 if broadband else None,
            "down_high_gbps": DOWN_GBPS[o.name] * 2 if broadband else None,
            "laser_count": 3,
            "citation": "a figure for tests",
        }
        for o in CONSTELLATIONS
        for name, broadband in {g.name: g.payload_class == "broadband" for g in o.generations}.items()
    ]


def _places() -> Iterator[dict[str, Any]]:
    """Rows of dim.place: the places of COUNTRIES, and a station."""
    for iso3, (title, _, people, places) in COUNTRIES.items():
        for k, place in enumerate(places):
            part = {
                "population_count": people / len(places),
                "weight_fraction": 1 / len(places),
                "place_kind": "settled",
            }
            where = {"latitude_deg": place[0], "longitude_deg": place[1], "region_code": "all"}
            yield {
                "place_id": f"{iso3}/{k}",
                "country_iso3": iso3,
                "title": title,
                "staff_count": None,
                **part,
                **where,
            }
    station = {"place_id": "ATA/McMurdo", "country_iso3": "ATA", "region_code": "all", "place_kind": "station"}
    yield {**station, "population_count": 0.0, "staff_count": 1_200, "weight_fraction": 1.0}


def _fleet(day: date, fleet: dict[str, int]) -> dict[str, pl.DataFrame]:
    satellites = []
    for number, name in enumerate(CONSTELLATION):
        kinds = list({g.name: g.payload_class for g in BY_NAME[name].generations}.items())
        for i in range(fleet[name]):
            generation, payload_class = kinds[i % len(kinds)]
            satellites.append(
                {
                    "norad_cat_id": 40_000 + 100_000 * number + i,
                    "identity": f"2024-{i // 50 + 1 + 100 * number:03d}{i}",
                    "object_name": f"{BY_NAME[name].title.upper()}-{i}",
                    "object_id": f"2024-{i // 50 + 1 + 100 * number:03d}{i}",
                    "launch": f"2024-{i // 50 + 1 + 100 * number:03d}",
                    "shell_id": f"{name}-{payload_class}" if i % 10 else None,
                    "constellation": name,
                    "generation": generation,
                    "payload_class": payload_class,
                    "state": "operational" if i % 10 else "raising",
                    "altitude_km": 550.0 if i % 10 else 350.0,
                    "altitude_rate_km_per_day": -0.01,
                    "eccentricity": 0.0001,
                    "inclination_deg": 53.0,
                    "ra_of_asc_node_deg": i * 7.0 % 360,
                    "element_age_h": 8.0,
                    "source": "celestrak_active",
                }
            )
    satellite = filled(registry.table("core.satellite_daily"), satellites, day)
    history = _history(satellite)
    return {
        "core.satellite_daily": satellite,
        "core.shell_daily": _shells(satellite, day),
        "core.fleet_event_daily": _events(satellite, day),
        "core.fleet_flow_daily": _flows(satellite, day),
        "core.fleet_history_daily": history,
        "core.fleet_capacity_daily": _fleet_capacity(day, history),
    }


def _shells(satellite: pl.DataFrame, day: date) -> pl.DataFrame:
    rows = satellite.drop_nulls("shell_id").group_by("shell_id", "constellation", "payload_class").agg(pl.len())
    shells = [
        {**row, "kind": "shell", "steady": True, "waiting_count": 0, "altitude_km": 550.0}
        | {
            "satellite_count": row["len"],
            "operational_count": row["len"],
            "inclination_deg": 53.0,
            "slot_coherence": 0.9,
        }
        for row in rows.to_dicts()
    ]
    return filled(registry.table("core.shell_daily"), shells, day)


def _events(satellite: pl.DataFrame, day: date) -> pl.DataFrame:
    """A launch of two, and one that is gone."""
    before = {"before_day": day - timedelta(days=1), "evidence": "seen"}
    new = [{**row, **before, "event": "launched"} for row in satellite.head(2).to_dicts()]
    gone = {"identity": "2019-074A", "norad_cat_id": 44_713, "object_name": "STARLINK-1007", "event": "vanished"}
    return filled(
        registry.table("core.fleet_event_daily"), [*new, {**satellite.row(0, named=True), **before, **gone}], day
    )


def _flows(satellite: pl.DataFrame, day: date) -> pl.DataFrame:
    """Nobody changed, but for the one that is gone."""
    before_day = day - timedelta(days=1)
    kinds = satellite.group_by("constellation", "generation", "payload_class", "state").agg(
        pl.len().alias("satellite_count")
    )
    kept = [
        {**row, "step": "kept", "state_before": row["state"], "state_after": row["state"], "before_day": before_day}
        | {"installed_change_tbps": 0.0, "in_service_change_tbps": 0.0}
        for row in kinds.to_dicts()
    ]
    gone = {**kept[0], "step": "vanished", "state_before": "decaying", "state_after": "absent", "satellite_count": 1}
    return filled(registry.table("core.fleet_flow_daily"), [*kept, gone], day)


def _history(satellite: pl.DataFrame) -> pl.DataFrame:
    down = pl.when(pl.col("payload_class") == "broadband").then(pl.col("constellation").replace_strict(DOWN_GBPS))
    return (
        satellite.group_by("day", "constellation", "generation", "payload_class")
        .agg(
            pl.len().alias("satellite_count"),
            (pl.col("state") == "operational").sum().alias("operational_count"),
        )
        .with_columns(down.alias("down_gbps_per_satellite"))
        .with_columns(
            (pl.col("satellite_count") * pl.col("down_gbps_per_satellite")).alias("installed_down_gbps"),
            (pl.col("operational_count") * pl.col("down_gbps_per_satellite")).alias("operational_down_gbps"),
            (pl.col("generation") == "unknown").alias("flagged"),
            pl.lit("observed").alias("basis"),
        )
    )


def _fleet_capacity(day: date, history: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for name in CONSTELLATION:
        own = history.filter(pl.col("constellation") == name)
        broadband = own.filter(pl.col("payload_class") == "broadband")
        installed = broadband["installed_down_gbps"].sum() / 1000
        working = broadband["operational_down_gbps"].sum() / 1000
        rows.append(
            {
                "constellation": name,
                "satellite_count": own["satellite_count"].sum(),
                "operational_count": own["operational_count"].sum(),
                "broadband_operational_count": broadband["operational_count"].sum(),
                "gateway_count": 10,
                "installed_down_tbps": installed,
                "installed_down_low_tbps": installed / 2,
                "installed_down_high_tbps": installed * 2,
                "in_service_down_tbps": working,
                "in_service_down_low_tbps": working / 2,
                "in_service_down_high_tbps": working * 2,
                **{
                    f"{stem}_up_tbps": None if UP_PART[name] is None else gbps * (UP_PART[name] or 0.0)
                    for stem, gbps in (("installed", installed), ("in_service", working))
                },
            }
        )
    return filled(registry.table("core.fleet_capacity_daily"), rows, day)


def _continuity(coverage: pl.DataFrame, capacity: pl.DataFrame, cell: pl.DataFrame) -> pl.DataFrame:
    """Nothing but gaps as long as the longest that is counted, in the cells with people or demand."""
    rows = coverage.filter(pl.col("cell_id").is_in(continuity.wanted(cell, capacity).implode()))
    gap_s = pl.col("longest_gap_s").cast(pl.Float64)
    gaps = pl.when(gap_s > 0).then((1 - pl.col("covered_fraction")) * 86_400 / gap_s).otherwise(0)
    return rows.select(
        *continuity.TABLE.key,
        pl.col("covered_fraction").alias("continuous_fraction"),
        pl.col("covered_2_fraction").alias("continuous_2_fraction"),
        gap_s.alias("longest_gap_exact_s"),
        gaps.round().cast(pl.Int64).alias("gap_count"),
    )


def _grids(day: date, cell: pl.DataFrame, fleet: dict[str, int]) -> dict[str, pl.DataFrame]:
    latitude = np.abs(cell["latitude_deg"].to_numpy())
    coverage, capacity, latency = [], [], []
    for name in CONSTELLATION:
        always, sometimes = (limit if fleet[name] else -1 for limit in REACH_DEG[name])
        covered = np.select([latitude <= always, latitude <= sometimes], [1.0, 0.5], 0.0)
        mean = np.select([covered == 1, covered > 0], [4.0, 0.75], 0.0)
        own = cell.select(day=pl.lit(day), constellation=pl.lit(name), cell_id="cell_id")
        coverage.append(
            own.with_columns(
                visible_mean_count=mean,
                visible_min_count=np.where(covered == 1, 2, 0),
                visible_p05_count=np.where(covered == 1, 3, 0),
                visible_40deg_mean_count=mean / 2,
                covered_fraction=covered,
                covered_2_fraction=covered / 2,
                covered_4_fraction=covered / 4,
                longest_gap_s=np.select([covered == 1, covered > 0], [0, 3600], 86_400),
                best_elevation_mean_deg=pl.when(pl.Series(covered > 0)).then(60.0),
                usable_mean_count=mean / 2,
                usable_min_count=np.where(covered == 1, 1, 0),
                usable_p05_count=np.where(covered == 1, 1, 0),
                usable_40deg_mean_count=mean / 4,
                usable_fraction=covered,
                usable_2_fraction=covered / 4,
                usable_4_fraction=covered / 8,
                usable_longest_gap_s=np.select([covered == 1, covered > 0], [0, 7200], 86_400),
            )
        )
        capacity.append(_capacity(own, cell, mean * DOWN_GBPS[name], name))
        near = pl.Series((covered > 0) & (latitude < 70))
        known = name == "starlink"
        latency.append(
            own.with_columns(
                pop_code=pl.when(known).then(pl.lit("frntdeu1")),
                **{name: pl.when(near & known).then(value) for name, value in WAY.items()},
                reachable_fraction=pl.when(known).then(pl.when(near).then(pl.Series(covered)).otherwise(0.0)),
            )
        )
    every = pl.concat(coverage)
    sums = pl.selectors.ends_with("mean_count").sum()
    most = (pl.selectors.ends_with("_fraction") | pl.selectors.ends_with("n_count", "p05_count", "_deg")) - (
        pl.selectors.ends_with("mean_count")
    )
    together = every.group_by("day", "cell_id").agg(sums, most.max(), pl.selectors.ends_with("_s").min())
    return {
        "core.continuity_daily": _continuity(every, pl.concat(capacity), cell),
        "core.coverage_daily": every,
        "core.coverage_together_daily": together,
        "core.capacity_daily": pl.concat(capacity),
        "core.latency_daily": pl.concat(latency),
    }


def _capacity(own: pl.DataFrame, cell: pl.DataFrame, visible_gbps: np.ndarray, name: str) -> pl.DataFrame:
    """A fiftieth of what is in view can be sold; satellites bind where people want more, lasers are there but for OneWeb."""
    demand, supply = cell["population_count"].to_numpy() * 2e-7, visible_gbps * 0.02
    frame = own.with_columns(visible_down_gbps=visible_gbps, utilisation_fraction=0.0)
    for way, part in (("down", 1.0), ("up", UP_PART[name])):
        asked, there = demand * (1.0 if way == "down" else 0.08), None if part is None else supply * part
        frame = frame.with_columns(
            pl.Series(f"demand_{way}_gbps", asked), pl.Series(f"ai_demand_{way}_gbps", asked / 100)
        )
        served = None if there is None else np.minimum(asked, there)
        left = {"beam": 5.0, "satellite": 0.0, "gateway": 3.0, "mesh": None if name == "oneweb" else 4.0}
        frame = frame.with_columns(
            pl.lit(None, pl.Float64).alias(f"supply_{way}_gbps")
            if there is None
            else pl.Series(f"supply_{way}_gbps", there),
            pl.lit(None, pl.Float64).alias(f"served_{way}_gbps")
            if served is None
            else pl.Series(f"served_{way}_gbps", served),
            *(
                pl.lit(None, pl.Float64).alias(f"{lid}_headroom_{way}_gbps")
                if more is None or there is None or served is None
                else pl.Series(f"{lid}_headroom_{way}_gbps", there - served + more)
                for lid, more in left.items()
            ),
            *(
                pl.lit(None, pl.Float64).alias(f"{lid}_short_{way}_gbps")
                if served is None
                else pl.Series(f"{lid}_short_{way}_gbps", (asked - served) * (lid == "satellite"))
                for lid in left
            ),
        )
    met = pl.col("served_down_gbps") >= pl.col("demand_down_gbps")
    part = pl.when(pl.col("demand_down_gbps") > 0).then(pl.col("served_down_gbps") / pl.col("demand_down_gbps"))
    up = pl.when(pl.col("served_up_gbps") >= pl.col("demand_up_gbps")).then(pl.lit("demand"))
    used = pl.when(pl.col("supply_down_gbps") > 0).then(pl.col("served_down_gbps") / pl.col("supply_down_gbps"))
    return frame.with_columns(
        served_fraction_p50=part, served_fraction_p05=part / 2, utilisation_fraction=used.fill_null(0.0),
        binding=pl.when(met).then(pl.lit("demand")).otherwise(pl.lit("satellite")),
        binding_up=up.otherwise(pl.when(pl.col("served_up_gbps").is_not_null()).then(pl.lit("satellite"))),
    )  # fmt: skip


def _sold(made: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The fleets with what their cells are sold, and half of the demand bound by satellites."""
    rows = made["core.fleet_capacity_daily"].drop(column.name for column in fleets.SHARED)
    cells = made["core.capacity_daily"].group_by("constellation").agg(
        *(pl.col(f"demand_{way}_gbps").sum().alias(f"demand_{way}") / 1000 for way in ("down", "up")),
        *(
            pl.when(pl.col(f"served_{way}_gbps").count() > 0).then(pl.col(f"served_{way}_gbps").sum() / 1000).alias(f"sold_{way}")
            for way in ("down", "up")
        ),
    )  # fmt: skip
    rows = rows.join(cells, on="constellation", how="left", maintain_order="left")
    for way in ("down", "up"):
        sold, known = pl.col(f"sold_{way}"), pl.col(f"sold_{way}").is_not_null()
        drawn = {"p10": 0.8, "p50": 1.0, "p90": 1.3}
        rows = rows.with_columns(
            *(
                (pl.col(f"{stem}_{way}_tbps") * part).alias(f"{stem}_{way}_{name}_tbps")
                for stem in ("installed", "in_service")
                for name, part in drawn.items()
            ),
            *((sold * part).alias(f"sellable_{way}_{name}_tbps") for name, part in drawn.items()),
            pl.col(f"demand_{way}").alias(f"demand_{way}_tbps"),
            sold.alias(f"sellable_{way}_tbps"),
            (sold * 1.1).alias(f"most_{way}_tbps"),
            pl.when(known).then(0.3).alias(f"level_{way}_fraction"),
            *(
                pl.when(known).then(0.5 if lid in ("demand", "satellite") else 0.0).alias(f"bound_{way}_{lid}_fraction")
                for lid in BINDING
            ),
            pl.when(known).then(0.001).alias(f"throughput_gap_{way}_fraction"),
            pl.when(known).then(0.02).alias(f"level_gap_{way}_fraction"),
        )
    return rows.drop("demand_down", "demand_up", "sold_down", "sold_up")


def _network(day: date, made: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Ways of countries, three corridors, and a model that is 2 ms too slow in every second country."""
    codes = made["dim.country"]["country_iso3"].to_list()
    own = {"starlink": WAY | {"reachable_fraction": 1.0, "pop_code": "frntdeu1"}}
    nothing = dict.fromkeys((*WAY, "reachable_fraction", "pop_code"))
    countries = [
        {
            "constellation": name,
            "country_iso3": code,
            "measured_p50_ms": 28.0 if name == "starlink" and code in codes[::2] else None,
            "measured_source": None,
        }
        | own.get(name, nothing)
        for name in CONSTELLATION
        for code in codes
    ]
    ways = {
        "rtt_min_ms": 60.0, "rtt_p50_ms": 64.0, "rtt_p95_ms": 70.0, "rtt_three_links_p50_ms": 66.0, "rtt_two_links_p50_ms": 80.0,
        "reachable_fraction": 1.0, "two_links_reachable_fraction": 0.5, "rtt_floor_ms": 50.0, "rtt_terminal_p50_ms": 80.0,
        "rtt_terminal_p95_ms": 90.0, "rtt_propagation_p50_ms": 56.0, "hop_median_count": 9.0, "path_changes_per_h": 60.0,
    }  # fmt: skip
    corridors = []
    for start, end, kind, glass in (
        ("ashburn", "london", "ai", 58.0),
        ("london", "tokyo", "ai", 94.0),
        ("aws-a", "gcp-b", "pair", 20.0),
    ):
        fibre = {"fibre_great_circle": glass, "fibre_stretched": 1.3 * glass, "internet": 2.1 * glass}
        gaps = {f"gap_{name}_ms": 64.0 - value for name, value in fibre.items()}
        names = {
            "constellation": "starlink",
            "from_id": start,
            "to_id": end,
            "corridor_kind": kind,
            "geodesic_km": glass / 0.0098,
        }
        corridors.append(ways | names | gaps | {f"{name}_ms": value for name, value in fibre.items()})
    both = [("fitted", 3.0, 0.5), ("judged", 4.0, 0.55)]
    errors = [
        {"predictor": name, "sample": sample, "mae_ms": mae if name == "model" else 8.0, "bias_ms": 1.0, "country_count": 20,
         "of_constant_factor": part if name == "model" else 1.0, "measured_source": "metrics for tests"}
        for name in ("model", "constant")
        for sample, mae, part in both
    ]  # fmt: skip
    places = [
        {"country_iso3": code, "sample": "judged", "measured_p50_ms": 28.0, "rtt_pop_p50_ms": 30.0, "error_ms": 2.0}
        for code in codes[::2]
    ]
    rows = {
        "core.latency_country_daily": countries, "core.corridor_daily": corridors, "core.model_error_daily": errors,
        "core.model_place_daily": places,
    }  # fmt: skip
    return {name: filled(registry.table(name), of, day) for name, of in rows.items()}


def _economics(day: date, made: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """What a Gbps-month costs, from the shipped figures and the fleets above; of a larger fleet half of what is more can be sold."""
    names = ("satellite_generations", "economics", "economics_model", "uncertainty_ranges")
    shipped = cost_input.References(*(assets.reference(name) for name in names))
    flying = cost_input.flying(made["core.fleet_history_daily"])
    generation = made["dim.generation"]
    inputs = cost_input.compute(
        shipped, flying, made["core.fleet_capacity_daily"], generation, fleets.HISTORY.empty(), day
    )
    costs = economics.compute(flying, inputs, shipped.uncertain, day)
    prices, classes = country_cost.transit(shipped.economics), assets.reference("transit_classes")
    networks = {"starlink": {"transit": unit_cost.Price(30.0, 60.0, 100.0, "a price for tests")}}
    models = capacity_model.figures(assets.reference("capacity_model"))
    passing = {name: trunk_cost.passing_gbps(generation, model) for name, model in models.items()}
    trunks = trunk_cost.compute(
        made["core.corridor_daily"], trunk_cost.ends(assets.reference("corridor_media")), costs,
        classes.join(prices, on="transit_class"), passing, models, trunk_cost.figures(shipped.model), 0.07, day,
    )  # fmt: skip
    monthly = {"today": scale.Costs((9e3, 1e4, 2e4), (1e2, 1e3, 2e3), 60.0), "next_generation": None}
    of = {"sellable_tbps": 2.0, "gateway_tbps": 20.0, "today": 20.0}
    curves = scale.compute("starlink", scale.cases(None), lambda case: case.size**0.5, monthly, of, 300, day)
    return {
        economics.INPUT.name: inputs, economics.TABLE.name: costs, trunk_cost.TABLE.name: trunks, scale.TABLE.name: curves,
        unit_cost.TABLE.name: unit_cost.compute(made["core.ai_ledger_daily"], assets.reference("ai_ledger"), networks, price.TABLE.empty(), day),
        country_cost.TABLE.name: country_cost.compute(costs, prices, classes, made["dim.country"], day),
    }  # fmt: skip


def _access(day: date, made: dict[str, pl.DataFrame]) -> pl.DataFrame:
    key = ["day", "constellation", "cell_id"]
    grid = (
        made["core.coverage_daily"].join(made["core.capacity_daily"], on=key).join(made["core.latency_daily"], on=key)
    )
    rows = made["dim.cell_country"].join(grid, on="cell_id")
    people = pl.col("population_count")

    def mean(value: pl.Expr) -> pl.Expr:
        return (value * people).sum() / people.filter(value.is_not_null()).sum()

    shares = rows.group_by("constellation", "country_iso3").agg(
        mean(pl.col("covered_fraction")).alias("covered_fraction"),
        mean((pl.col("visible_min_count") >= 1).cast(pl.Float64)).alias("always_covered_fraction"),
        mean(pl.col("visible_mean_count")).alias("visible_mean_count"),
        mean(pl.col("usable_mean_count")).alias("usable_mean_count"),
        pl.col("longest_gap_s").max(),
        mean(pl.col("visible_down_gbps")).alias("visible_down_gbps"),
        mean(pl.col("rtt_pop_p50_ms")).alias("rtt_pop_p50_ms"),
        mean(pl.col("rtt_pop_p95_ms")).alias("rtt_pop_p95_ms"),
        mean(pl.col("reachable_fraction")).alias("reachable_fraction"),
    )
    shares = shares.join(made["dim.country"].select("country_iso3", "population_count"), on="country_iso3")
    return shares.with_columns(pl.lit(day).alias("day"), *(pl.col(c).fill_nan(None) for c in _numbers(shares)))


def _markets(day: date, made: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Markets at the shipped prices; nothing has changed since the day before."""
    rows, country = assets.reference("market_model"), made["dim.country"]
    model = affordable.Model.of(rows)
    prices = plan_price.compute(assets.reference("plan_prices"), plan_prices.TABLE.empty(), country, day).frame
    pays = affordable.compute(prices, country, model, day)
    medians = pl.DataFrame({"country_iso3": ["SGP"], "measured_source": ["metrics for tests"]})
    feed = pl.DataFrame({"country_iso2": ["BR", "IS"]})
    banned = assets.reference("market_access").head(1).with_columns(country_iso3=pl.lit("ISL"))
    access = market_access.compute(banned, prices, medians, feed, country)
    rates = pl.DataFrame({"country_iso3": ["NGA"], "download_p50_mbps": [147.0], "upload_p50_mbps": [20.0]})
    measured = market.change(rates, rates, "landed for tests", "landed before for tests")
    now = market.Sky(day, made["core.latency_daily"], made["core.coverage_daily"])
    before = market.Sky(day - timedelta(days=1), now.latency, now.coverage)
    ground = market.Ground(country, made["dim.cell_country"], made["core.served_daily"])
    network = market.Network(made["core.capacity_daily"], ("starlink", "oneweb"))
    offer = market.Offer(prices, pays, access, measured)
    table = market.compute(ground, now, before, network, offer, model, 0.995)
    return {"core.market_daily": table, "core.affordable_daily": pays}


def _meta(day: date, synthetic: bool) -> dict[str, pl.DataFrame]:
    landing = {
        "source": "celestrak_active", "landed_day": day, "sha256": "0" * 64, "size_bytes": 1_000_000,
        "url": "https://provider.invalid/active.csv", "http_status": 200, "synthetic": synthetic, "age_days": 0,
        "licence": "free to use with attribution", "citation": "a catalog for tests",
    }  # fmt: skip
    exclusion = {
        "source": "celestrak_active",
        "row_number": 17,
        "row_key": "DEBRIS 1",
        "reason": "inclination_deg > 180",
    }
    return {
        "meta.exclusion": filled(registry.table("meta.exclusion"), [exclusion], day),
        "meta.landing": filled(registry.table("meta.landing"), [landing], day),
    }


def _numbers(frame: pl.DataFrame) -> list[str]:
    return [name for name, kind in frame.schema.items() if kind == pl.Float64]
