"""AI workloads of a day: for whom each constellation suffices, staged from the day's grids, countries and corridors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import CONSTELLATIONS
from pipeline.io import assets, sourced
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import (
    broadband,
    capacity,
    cell,
    continuity,
    corridor,
    demand,
    fleet,
    latency,
    satellite,
    served,
    workload,
)
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import sites, starlink_metrics

# Where AI answers: listed compute sites, and cloud regions, all of which are taken to have GPUs.
COMPUTE = ("compute_site", "cloud_region")
DELAYS = ("rtt_pop_p50_ms", "rtt_pop_p95_ms", "rtt_gpu_p50_ms", "rtt_cloud_p50_ms")
RATES = ("download_p50_mbps", "upload_p50_mbps")
STARLINK = "starlink"


def workload_day(settings: Settings, day: date) -> dict[str, int]:
    """Stage core.workload_daily."""
    day_of = Day(Home(settings.home), day)
    line = broadband.Line.of(assets.reference("broadband_demand"))
    rows = workload.compute(
        assets.reference("ai_workloads"),
        workload.Model.of(assets.reference("workload_model")),
        {c.name: day_of.users(c.name) for c in CONSTELLATIONS},
        day_of.ground,
        {c.name: day_of.pairs(c.name) for c in CONSTELLATIONS},
        day_of.latency.fibre_rtt_ms(np.array(1.0), 1.0).item(),
        line.people_per_line,
        day,
    )
    sourced.stage(day_of.home, workload.TABLE, day, rows)
    write_parquet(day_of.home.part(EXCLUSION_TABLE, day, "workload"), EXCLUSION_TABLE.empty())
    return {"workloads": rows["workload"].n_unique()}


@dataclass(frozen=True)
class Day:
    """What is staged of a day, as workloads and readiness look at it: cells with people in the order of `people`."""

    home: Home
    day: date

    def staged(self, table: object) -> pl.DataFrame:
        """Rows of a staged table."""
        return read_parquet(self.home.staged(table, self.day))  # type: ignore[arg-type]

    @cached_property
    def latency(self) -> latency.Model:
        """The model of delays that ships."""
        return latency.Model.of(assets.reference("latency_model"))

    @cached_property
    def people(self) -> pl.DataFrame:
        """People of each country in each cell, and their part of the world's AI use: cell_id, country_iso3, population_count, ai_demand."""
        rows = self.staged(cell.CELL_COUNTRY).filter(pl.col("population_count") > 0)
        use = self.staged(demand.COUNTRY).select("country_iso3", (pl.col("use_fraction") / pl.col("people_count")).alias("each"))  # fmt: skip
        found = rows.join(use, on="country_iso3", how="left", maintain_order="left")
        return found.select("cell_id", "country_iso3", "population_count", (pl.col("each") * pl.col("population_count")).fill_null(0.0).alias("ai_demand")).sort("cell_id", "country_iso3")  # fmt: skip

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Cells with people: cell_id, population_count, ai_demand, and the country with most of them."""
        most = self.people.sort("population_count", "country_iso3").group_by("cell_id").agg(pl.col("country_iso3").last())  # fmt: skip
        sums = self.people.group_by("cell_id", maintain_order=True).agg(pl.col("population_count", "ai_demand").sum())
        return sums.join(most, on="cell_id").sort("cell_id")

    def seen(self, constellation: str) -> pl.DataFrame:
        """Cells with people beside what a constellation gives them, the round trip to the nearest compute of any kind among it; null where it is not
        known."""
        own = pl.col("constellation") == constellation
        grids = {
            latency.TABLE: (*DELAYS, "reachable_fraction"),
            capacity.TABLE: ("demand_down_gbps", "supply_down_gbps", "supply_up_gbps"),
            continuity.TABLE: ("continuous_fraction", "continuous_2_fraction"),
        }
        found = self.cells
        for table, names in grids.items():
            rows = self._grids[table.name].filter(own).select("cell_id", *names)
            found = found.join(rows, on="cell_id", how="left", maintain_order="left")
        # To either the way is that to the PoP and a fixed one on: the spread of the day is the same.
        p50, spread = pl.min_horizontal("rtt_gpu_p50_ms", "rtt_cloud_p50_ms"), pl.col("rtt_pop_p95_ms") - pl.col("rtt_pop_p50_ms")  # fmt: skip
        return found.with_columns(
            p50.alias("rtt_compute_p50_ms"),
            (p50 + spread).alias("rtt_compute_p95_ms"),
            pl.min_horizontal("continuous_2_fraction", "reachable_fraction").alias("there"),
        ).drop(DELAYS)

    @cached_property
    def _grids(self) -> dict[str, pl.DataFrame]:
        return {table.name: self.staged(table) for table in (latency.TABLE, capacity.TABLE, continuity.TABLE)}

    def users(self, constellation: str) -> workload.Users:
        """Cells as workload.compute takes them."""
        rows = self.seen(constellation)
        # Without a gateway nothing is known of service, though satellites are in view.
        there = pl.when(pl.col("reachable_fraction").is_not_null()).then("there")
        numbers = {
            name: floats(rows.select(e).to_series())
            for name, e in {
                "people": pl.col("population_count"), "ai_demand": pl.col("ai_demand"), "rtt_p50_ms": pl.col("rtt_compute_p50_ms"),
                "rtt_p95_ms": pl.col("rtt_compute_p95_ms"), "continuity": there,
            }.items()
        }  # fmt: skip
        # Where a gateway is known and no path ever exists, the round trip is endless, not unknown.
        for name in ("rtt_p50_ms", "rtt_p95_ms"):
            numbers[name] = np.where(floats(rows["reachable_fraction"]) == 0, np.inf, numbers[name])
        supply = np.stack([floats(rows[f"supply_{way}_gbps"]) for way in capacity.WAYS])
        return workload.Users(**numbers, supply=supply, terminal=self.terminal_mbps(constellation))

    def terminal_mbps(self, constellation: str) -> NDArray[np.float64]:
        """What one terminal alone gets, down and up, (2, cell): measured medians of Starlink by country, of other countries their median; else as told."""
        count = self.cells.height
        if constellation == STARLINK:
            rows = self.cells.join(self.measured, on="country_iso3", how="left", maintain_order="left")
            return np.stack([floats(rows[name].fill_null(self.measured[name].median())) for name in RATES])
        model = workload.Model.of(assets.reference("workload_model"))
        told = [model.get(constellation, f"terminal_{way}") for way in capacity.WAYS]
        return np.stack([np.full(count, np.nan if one is None else one[1]) for one in told])

    @cached_property
    def measured(self) -> pl.DataFrame:
        """Median rates of Starlink by country that the operator publishes, as landed, else as they ship."""
        landed = sourced.kept(self.home, starlink_metrics, self.day).filter(
            pl.col("region_id").is_null() & pl.col(RATES[0]).is_not_null()
        )
        rows = landed if landed.height else assets.reference("starlink_latency")
        return rows.select("country_iso3", *(pl.col(name).cast(pl.Float64) for name in RATES)).unique("country_iso3").sort("country_iso3")  # fmt: skip

    @cached_property
    def sites(self) -> pl.DataFrame:
        """Sites that work and whose place is known."""
        rows = self.staged(sites.TABLE)
        return rows.filter((pl.col("status") == "operational") & pl.col("latitude_deg").is_not_null())

    @cached_property
    def ground(self) -> workload.Ground:
        """Terrestrial networks of parts of cells."""
        places = self.people.join(
            self.staged(cell.CELL).select("cell_id", "latitude_deg", "longitude_deg"), on="cell_id", maintain_order="left"
        )  # fmt: skip
        compute = self.sites.filter(pl.col("kind").is_in(COMPUTE))
        spots = places.unique("cell_id", maintain_order=True)
        km = latency.between_km(spots, compute).min(axis=1, initial=np.inf)
        facts = self.staged(cell.COUNTRY)
        people_a_line = served.LINE_PEOPLE[1]
        rows = places.join(spots.select("cell_id").with_columns(pl.Series("compute_km", km)), on="cell_id", maintain_order="left").join(
            facts.select(
                "country_iso3",
                (pl.col("fixed_broadband_per_head") * people_a_line).clip(0, 1).alias("lined"),
                pl.col("internet_users_fraction").alias("users"),
                pl.col("fixed_download_median_mbps").alias("line_mbps"),
            ),
            on="country_iso3", how="left", maintain_order="left",
        )  # fmt: skip
        return workload.Ground(*(floats(rows[name]) for name in ("population_count", "ai_demand", "lined", "users", "line_mbps", "compute_km")))  # fmt: skip

    def pairs(self, constellation: str) -> workload.Pairs:
        """All pairs of compute sites at work, whether or not anybody's mesh leads there."""
        ends = self.sites.filter(pl.col("kind") == "compute_site").sort("site_id")
        first, second = np.triu_indices(ends.height, 1)
        keys = ["from_id", "to_id"]
        listed = pl.DataFrame({name: ends["site_id"].gather(k) for name, k in zip(keys, (first, second), strict=True)})
        fibre_ms = self.latency.fibre_rtt_ms(latency.between_km(ends, ends)[first, second])
        ways = self.staged(corridor.TABLE).filter(pl.col("constellation") == constellation)
        own = listed.join(ways, on=keys, how="left", maintain_order="left")
        rtt, reachable = (floats(own[name]) for name in ("rtt_p50_ms", "reachable_fraction"))
        rate = self._way_gbps(constellation) if ways.height else None
        return workload.Pairs(
            rtt, reachable, fibre_ms, rate, bool(ways.height) or self.has_lasers(constellation) is not None
        )

    def has_lasers(self, constellation: str) -> bool | None:
        """Whether any satellite at work is told to have lasers; None where none is, and of some nobody has said."""
        own = (
            (pl.col("constellation") == constellation)
            & (pl.col("state") == "operational")
            & (pl.col("payload_class") == "broadband")
        )
        at_work = self.staged(satellite.TABLE).filter(own)["generation"].unique()
        counts = self.staged(fleet.GENERATION).filter(pl.col("generation").is_in(at_work.implode()))["laser_count"]
        return True if (counts > 0).any() else (None if counts.null_count() else False)

    def _way_gbps(self, constellation: str) -> tuple[float, float, float]:
        """What one way over the lasers carries, low, base and high: the rate of a laser, no more than a gateway's antennas."""
        ranges = assets.reference("uncertainty_ranges").filter(pl.col("parameter") == "isl_rate_effective")
        own = self.staged(fleet.CAPACITY).filter(pl.col("constellation") == constellation)
        count, tbps = own["gateway_count"][0], own["gateway_tbps"][0]
        most = tbps * 1_000 / count if count and tbps else np.inf
        return tuple(min(float(ranges[name][0]), most) for name in ("low", "base", "high"))  # type: ignore[return-value]


def floats(series: pl.Series) -> NDArray[np.float64]:
    """Values, not a number where they are null."""
    return np.asarray(series.cast(pl.Float64).fill_null(np.nan).to_numpy(), np.float64)
