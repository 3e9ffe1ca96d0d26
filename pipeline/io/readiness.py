"""The day's readiness: what the indices and tests look at, gathered from what is staged, and the landed days behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline import uncertainty
from pipeline.constellations import CONSTELLATIONS
from pipeline.io import assets, sourced, warehouse
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.io.workload import Day, floats
from pipeline.metrics import (
    broadband,
    cell,
    corridor,
    country_cost,
    demand,
    fleet,
    latency,
    market,
    readiness,
    trend,
    trunk,
    trunk_cost,
)
from pipeline.metrics.readiness import ACCESS, TRUNK, Definition, Measures, Pillar
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import sites

# Half of the spread between median and 95th percentile counts as delay.
TAIL = 0.5
# AI demand within so far of a corridor's ends is what it is weighed by.
CATCHMENT_KM = 1_000.0
LONG_KM = 5_000.0
THERE_FRACTION = 0.999
# Pillars of access that are looked at cell by cell.
SKY = ("latency", "downlink", "uplink", "continuity")
PERMISSION = {"sold": 1.0, "licensed": 0.5, "sold_out": 0.3, "banned": 0.0}
OF_TERRESTRIAL = ("of_terrestrial_low_factor", "of_terrestrial_factor", "of_terrestrial_high_factor")
# What is uncertain of a corridor, by the names of uncertainty_ranges.csv; the cost takes the order of the draws of the last.
DRAWN = ("access_overhead_rtt", "isl_hop_processing", "fibre_route_inflation", "isl_rate_effective", "discount_rate")

Floats = NDArray[np.float64]


def readiness_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage readiness from all that is staged before it."""
    home = Home(settings.home)
    definition = Definition.of(assets.reference("readiness"), assets.reference_bytes("readiness.csv"))
    of = _Measured(Day(home, day), definition)
    measures = {
        (c.name, name): measured
        for c in CONSTELLATIONS
        for name, measured in ((ACCESS, of.access(c.name)), (TRUNK, of.trunks(c.name)))
    }
    history = _history(home, day, definition.digest)
    frames = readiness.compute(
        definition, measures, readiness.every_row(of.tests()), _before(home, day, history), history, day
    )
    for table in readiness.TABLES:
        sourced.stage(home, table, day, frames[table.name])
    sourced.stage(home, readiness.DEFINITION, day, definition.rows)
    write_parquet(home.part(EXCLUSION_TABLE, day, "readiness"), EXCLUSION_TABLE.empty())
    return {"readiness": frames[readiness.TABLE.name].height}


def _history(home: Home, day: date, digest: str) -> pl.DataFrame:
    """Figures of the landed days behind a day, by the same definition: day, constellation, readiness, value_number."""
    oldest = day - timedelta(days=trend.WINDOW_DAYS)
    days = [d for d in warehouse.whole_days(home, readiness.TABLE) if oldest <= d < day]
    names = ("day", "constellation", "readiness", "value_number", "definition_hash")
    frames = [read_parquet(home.table(readiness.TABLE, d)).select(names) for d in days]
    every = pl.concat([readiness.TABLE.empty().select(names), *frames])
    return every.filter(pl.col("definition_hash") == digest).drop("definition_hash")


def _before(home: Home, day: date, history: pl.DataFrame) -> tuple[date, pl.DataFrame] | None:
    """The newest landed day behind a day of the same definition, and its scores."""
    last = history["day"].max()
    return None if last is None else (last, read_parquet(home.table(readiness.SCORE, last)))  # type: ignore[return-value, arg-type]


@dataclass(frozen=True)
class _Places:
    """People in rows, one cell and country each: which country, and how many, (row,)."""

    which: NDArray[np.int64]
    people: Floats

    def mean(self, values: Floats, pillar: Pillar) -> Floats:
        """Mean over the people of each country, (country,), of values (row,) of which none counts beyond the pillar's anchors; not a number where one
        of them is none."""
        low, high = min(pillar.at_zero, pillar.at_hundred), max(pillar.at_zero, pillar.at_hundred)
        counted = np.clip(values, low, high)
        return np.asarray(
            np.bincount(self.which, counted * self.people) / np.bincount(self.which, self.people), np.float64
        )


class _Measured:
    """What is measured of a day, constellation by constellation."""

    def __init__(self, day: Day, definition: Definition) -> None:
        self.day = day
        self.pillars = {name: {p.name: p for p in own} for name, own in definition.pillars.items()}
        self.people_per_line = broadband.Line.of(assets.reference("broadband_demand")).people_per_line
        self.draws = uncertainty.draws(assets.reference("uncertainty_ranges"), uncertainty.COUNT, DRAWN)
        self.base = {name: r.base for name, r in uncertainty.ranges(assets.reference("uncertainty_ranges")).items()}
        self.ends, self.weight = self._corridors()

    # --- access ---------------------------------------------------------------------------------------------------------

    def access(self, constellation: str) -> Measures:
        """Pillars of access by country: of what cells get means over people, in no cell beyond the anchors."""
        of, rows = self.pillars[ACCESS], self._cells(constellation)
        names, which = np.unique(rows["country_iso3"].to_numpy().astype(str), return_inverse=True)
        places = _Places(which, floats(rows["population_count"]))
        values = {name: floats(rows[name]) for name in SKY}
        own = pl.DataFrame({"country_iso3": names}).join(self._told(constellation), on="country_iso3", how="left", maintain_order="left")  # fmt: skip
        by_pillar = {name: places.mean(value, of[name]) for name, value in values.items()}
        by_pillar |= {name: floats(own[name]) for name in ("affordability", "permission")}
        drawn = {
            name: np.stack([places.mean(value, of[name]) for value in each])
            for name, each in self._drawn(constellation, values).items()
        }
        return Measures(names.tolist(), floats(own["demand"].fill_null(0.0)), by_pillar, drawn)

    def _told(self, constellation: str) -> pl.DataFrame:
        """AI use of each country, and of the constellation its price over income and permission there."""
        permission = pl.col("market_access").replace_strict(PERMISSION, default=None, return_dtype=pl.Float64)
        market_rows = self.day.staged(market.TABLE).filter(pl.col("constellation") == constellation)
        told = market_rows.select("country_iso3", pl.col("price_of_income_fraction").alias("affordability"), permission.alias("permission"))  # fmt: skip
        use = self.day.staged(demand.COUNTRY).select("country_iso3", pl.col("use_fraction").alias("demand"))
        return use.join(told, on="country_iso3", how="left")

    def _cells(self, constellation: str) -> pl.DataFrame:
        """People of each country in each cell, and what they get there: country_iso3, population_count and SKY, null where it is not known."""
        people = self.day.people.select("cell_id", "country_iso3", "population_count")
        cells = (
            self.day.seen(constellation).drop("country_iso3", "ai_demand").rename({"population_count": "cell_people"})
        )
        rows = people.join(cells, on="cell_id", how="left", maintain_order="left")
        households = pl.col("cell_people") / self.people_per_line
        known = pl.col("reachable_fraction").is_not_null()
        p50, p95 = pl.col("rtt_compute_p50_ms"), pl.col("rtt_compute_p95_ms")
        sells = pl.lit(self._sells(constellation))
        return rows.select(
            "country_iso3",
            "population_count",
            # Where no path ever exists, the round trip is endless, not unknown.
            pl.when(known).then((p50 + TAIL * (p95 - p50)).fill_null(np.inf)).alias("latency"),
            pl.when(sells).then(pl.col("supply_down_gbps") * 1_000 / households).alias("downlink"),
            pl.when(sells).then(pl.col("supply_up_gbps") * 1_000 / households).alias("uplink"),
            pl.when(known).then("there").alias("continuity"),
        )

    def _sells(self, constellation: str) -> bool:
        """Whether anything can be said of what a constellation sells: without a known gateway nothing can."""
        own = self.day.staged(fleet.CAPACITY).filter(pl.col("constellation") == constellation)
        return own.height > 0 and own["sellable_down_tbps"][0] is not None

    def _drawn(self, constellation: str, values: dict[str, Floats]) -> dict[str, Iterator[Floats]]:
        """What cells get, draw by draw, of what is uncertain: (row,) each."""
        overhead = self.draws["access_overhead_rtt"] - self.base["access_overhead_rtt"]
        found: dict[str, Iterator[Floats]] = {"latency": (values["latency"] + more for more in overhead)}
        draws = read_parquet(self.day.home.part(fleet.CAPACITY, self.day.day, "draws")).filter(pl.col("constellation") == constellation).sort("draw_number")  # fmt: skip
        if draws.height == len(overhead):
            found["downlink"] = (values["downlink"] * part for part in draws["down_factor"])
            found["uplink"] = (values["uplink"] * part for part in draws["up_factor"])
        return found

    # --- trunks ---------------------------------------------------------------------------------------------------------

    def _corridors(self) -> tuple[corridor.Ends, dict[str, float]]:
        """Ends of the corridors, and the AI demand that each is weighed by."""
        ends = corridor.ends(assets.reference("corridors"), self.day.staged(sites.TABLE))
        places = self.day.cells.join(self.day.staged(cell.CELL).select("cell_id", "latitude_deg", "longitude_deg"), on="cell_id", maintain_order="left")  # fmt: skip
        ai = np.flatnonzero(ends.kind == "ai")
        wanted = np.unique(np.concatenate([ends.first[ai], ends.second[ai]]))
        near = latency.between_km(ends.sites[wanted], places) <= CATCHMENT_KM
        around = dict(zip(wanted.tolist(), (near @ places["ai_demand"].to_numpy()).tolist(), strict=True))
        names = ends.sites["site_id"].to_list()
        return ends, {
            f"{names[a]} to {names[b]}": float(np.sqrt(around[int(a)] * around[int(b)]))
            for a, b in zip(ends.first[ai], ends.second[ai], strict=True)
        }

    def trunks(self, constellation: str) -> Measures:
        """Pillars of trunks by AI corridor; none where the constellation has no lasers."""
        keys = ["from_id", "to_id"]
        rows = self.day.staged(corridor.TABLE).filter(
            (pl.col("constellation") == constellation) & (pl.col("corridor_kind") == "ai")
        )
        cost = self.day.staged(trunk_cost.TABLE).filter(pl.col("constellation") == constellation)
        rows = rows.join(cost.select(*keys, *OF_TERRESTRIAL), on=keys, how="left", maintain_order="left")
        place = rows.select(pl.format("{} to {}", *keys)).to_series().to_list()
        rtt, p95, fibre = (floats(rows[name]) for name in ("rtt_p50_ms", "rtt_p95_ms", "fibre_stretched_ms"))
        cuts = self._cut(constellation)
        cut = np.array([cuts.get(self._trunk_of(a, b), np.nan) for a, b in rows.select(keys).iter_rows()], np.float64)
        low, base, high = (floats(rows[name]) for name in OF_TERRESTRIAL)
        by_pillar = {"latency": fibre / rtt, "cross_section": cut, "cost": base, "stability": p95 - rtt}
        hops, draws = floats(rows["hop_median_count"]) - 1, self.draws
        slower = draws["isl_hop_processing"][:, None] - self.base["isl_hop_processing"]
        stretch = draws["fibre_route_inflation"][:, None] / self.base["fibre_route_inflation"]
        rate = draws["isl_rate_effective"][:, None] / self.base["isl_rate_effective"]
        drawn = {
            "latency": fibre * stretch / (rtt + 2 * hops * slower),
            "cross_section": cut * rate,
            "cost": _between(low, base, high, draws["discount_rate"]),
        }
        return Measures(place, np.array([self.weight.get(name, 0.0) for name in place]), by_pillar, drawn)

    def _cut(self, constellation: str) -> dict[str | None, float]:
        """Cut of the mesh over the cables on the same way, mean of both directions, by trunk; 0 without lasers, none where it is not known whether there
        are any, or no gateway is."""
        lasers = self.day.has_lasers(constellation)
        if lasers is None:
            return {}
        rows = self.day.staged(trunk.TABLE).filter(
            (pl.col("constellation") == constellation)
            & pl.col("subsea_design_tbps").is_not_null()
            & ((pl.max_horizontal("gateway_a_count", "gateway_b_count") > 0) | (not lasers))
        )
        part = (pl.col("mesh_cut_gbps") / 1_000 / pl.col("subsea_design_tbps")).mean().alias("part")
        return dict(rows.group_by("trunk", maintain_order=True).agg(part).iter_rows())

    def _trunk_of(self, first: str, second: str) -> str | None:
        """The trunk whose ends a corridor's ends stand at; None where there is none."""
        here, there = self._regions[first], self._regions[second]
        for name, (a, b) in trunk.ENDS_OF.items():
            if (a in here and b in there) or (b in here and a in there):
                return name
        return None

    @cached_property
    def _regions(self) -> dict[str, set[str]]:
        """Ends of trunks that each end of a corridor stands at, by the country of the nearest cell with people."""
        places = self.day.cells.join(self.day.staged(cell.CELL).select("cell_id", "latitude_deg", "longitude_deg"), on="cell_id", maintain_order="left")  # fmt: skip
        nearest = latency.between_km(self.ends.sites, places).argmin(axis=1)
        rows = self.ends.sites.with_columns(places["country_iso3"].gather(nearest))
        stands = {end: trunk.at_end(rows, end) for end in trunk.ENDS}
        return {name: {end for end, at in stands.items() if at[k]} for k, name in enumerate(rows["site_id"])}

    # --- tests ----------------------------------------------------------------------------------------------------------

    def tests(self) -> dict[str, dict[str, float | None]]:
        """Figures of the four tests by constellation, None where one cannot be told."""
        names = [c.name for c in CONSTELLATIONS]
        return {
            "test_latency": {name: self._faster(name) for name in names},
            "test_cut": {name: min(self._cut(name).values(), default=None) for name in names},
            "test_cost": self._cheap(),
            "test_availability": {name: self._there(name) for name in names},
        }

    def _faster(self, constellation: str) -> float | None:
        """Part of demand-weighted corridors over LONG_KM on which the mesh is no slower than stretched fibre; 0 without lasers."""
        rows = self.day.staged(corridor.TABLE).filter(
            (pl.col("constellation") == constellation)
            & (pl.col("corridor_kind") == "ai")
            & (pl.col("geodesic_km") > LONG_KM)
        )
        if rows.is_empty() and self.day.has_lasers(constellation) is False:
            return 0.0
        if rows.is_empty() or rows["reachable_fraction"].is_null().all():
            return None
        weight = np.array([self.weight.get(f"{a} to {b}", 0.0) for a, b in rows.select("from_id", "to_id").iter_rows()])
        faster = floats(rows["rtt_p50_ms"]) <= floats(rows["fibre_stretched_ms"])
        return float((weight * faster).sum() / weight.sum()) if weight.sum() > 0 else None

    def _cheap(self) -> dict[str, float | None]:
        """Countries where the levelised cost is at most three times transit, of those where both are known."""
        rows = self.day.staged(country_cost.TABLE).drop_nulls("within_3_of_transit")
        return dict(rows.group_by("constellation").agg(pl.col("within_3_of_transit").sum().cast(pl.Float64)).iter_rows())  # fmt: skip

    def _there(self, constellation: str) -> float | None:
        """Part of the cells with demand with two satellites and a way to the PoP for THERE_FRACTION of the day: geometric, without weather."""
        rows = self.day.seen(constellation)
        asks = (pl.col("demand_down_gbps") > 0) & pl.col("reachable_fraction").is_not_null()
        there = rows.filter(asks)["there"]
        return float((there >= THERE_FRACTION).mean()) if len(there) else None  # type: ignore[arg-type]


def _between(low: Floats, base: Floats, high: Floats, order: Floats) -> Floats:
    """Draws of figures whose 10th, 50th and 90th percentile are told, in the order of other draws, in the logarithm: (draw, place)."""
    part = (order.argsort().argsort() + 0.5) / len(order)
    known = np.stack([low, base, high])
    logs = np.log(np.where(known > 0, known, np.nan))
    upper = (np.clip(part, 0.5, 0.9) - 0.5)[:, None] / 0.4
    lower = (0.5 - np.clip(part, 0.1, 0.5))[:, None] / 0.4
    return np.asarray(np.exp(logs[1] + upper * (logs[2] - logs[1]) - lower * (logs[1] - logs[0])), np.float64)
