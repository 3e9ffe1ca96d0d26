"""Broadband demand: what people who use the Internet would ask for, by cell and hour, AI's part in it.

Lines are people x Internet use / people per line; a line asks for so many Mbps in its busiest hour (reference/broadband_demand.csv). The
hour is the local solar one, its share of a day a cosine about the evening's peak, as AI's own is about its peaks (metrics.demand). AI's
demand stands on top: what lines are measured to carry has it in them already, less than a thousandth of it.

This is all demand, whoever serves it today. A country without Internet use takes the people-weighted mean of the others, and is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.metrics import demand

HOURS = 24
WAYS = ("down", "up")
MBPS_PER_GBPS = 1_000.0


class BroadbandError(ValueError):
    """broadband_demand.csv lacks a quantity, or one is out of order."""


@dataclass(frozen=True)
class Line:
    """What one line asks for, and who has one: see reference/broadband_demand.csv."""

    busy_hour_mbps: float
    people_per_line: float
    up_per_down: float
    busy_hour_fraction: float
    peak_solar_h: float

    @classmethod
    def of(cls, reference: pl.DataFrame, draw: Mapping[str, float] | None = None) -> Line:
        """From broadband_demand.csv; draw: values of uncertain parameters that take the place of the base. Raises BroadbandError."""
        names = ("busy_hour_mbps_per_line", "people_per_line", "up_per_down", "busy_hour_fraction", "peak_solar_hour")
        values = [_value(reference, name) for name in names]
        return cls((draw or {}).get("busy_hour_mbps_per_sub", values[0]), *values[1:])


@dataclass(frozen=True)
class Need:
    """Demand of cells: `busy_gbps` of broadband without AI in the busiest hour, down and up, (2, cell); `ai_gbps` of each workload, mean of the
    day, (2, workload, cell); `hour` of broadband, of its busiest hour, (24,), and `ai_hour`, of the mean, (workload, 24).
    """

    busy_gbps: NDArray[np.float64]
    ai_gbps: NDArray[np.float64]
    hour: NDArray[np.float64]
    ai_hour: NDArray[np.float64]
    solar_shift_h: NDArray[np.float64]

    def at(self, utc_h: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """All demand and AI's part in it [Gbps] at an hour of the day [UTC], each (2, cell), down and up."""
        hour = np.floor(utc_h + self.solar_shift_h).astype(np.int64) % HOURS
        ai = np.einsum("wkc,kc->wc", self.ai_gbps, self.ai_hour[:, hour])
        return self.busy_gbps * self.hour[hour] + ai, ai


def users_per_head(country: pl.DataFrame) -> pl.DataFrame:
    """Internet users per head of each country (country_iso3, users_fraction, known): the others' mean over people where it is unknown."""
    told = pl.col("internet_users_fraction")
    people = pl.col("population_count")
    mean = (told * people).sum() / people.filter(told.is_not_null()).sum()
    return country.select(
        "country_iso3", told.fill_null(mean).alias("users_fraction"), told.is_not_null().alias("known")
    )


def estimated(country: pl.DataFrame) -> pl.DataFrame:
    """Countries with people whose Internet use is not known (row_number in dim.country, row_key, reason)."""
    rows = country.with_row_index("row_number", 1).filter(
        pl.col("internet_users_fraction").is_null() & (pl.col("population_count") > 0)
    )
    reason = "its Internet use is not known: for its broadband demand the mean of the other countries' people stands"
    return rows.select(
        pl.col("row_number").cast(pl.Int64), pl.col("title").alias("row_key"), pl.lit(reason).alias("reason")
    )


def line_gbps(people: pl.DataFrame, country: pl.DataFrame, line: Line) -> NDArray[np.float64]:
    """Downward broadband of the busiest hour [Gbps] of each row of people (country_iso3, population_count), (row,)."""
    rows = people.join(users_per_head(country), on="country_iso3", how="left", maintain_order="left")
    lines = rows["population_count"] * rows["users_fraction"].fill_null(0.0) / line.people_per_line
    return np.asarray(lines.to_numpy() * line.busy_hour_mbps / MBPS_PER_GBPS, np.float64)


def need(
    cells: pl.DataFrame,
    cell_country: pl.DataFrame,
    country: pl.DataFrame,
    ai_demand: pl.DataFrame,
    ai_hour: pl.DataFrame,
    line: Line,
) -> Need:
    """Demand of cells (cell_id, longitude_deg), in their order; ai_demand is core.demand_daily of a day, ai_hour core.ai_hour_daily."""
    place = pl.DataFrame({"cell_id": cells["cell_id"], "row": np.arange(cells.height)})
    own = cell_country.with_columns(pl.Series("gbps", line_gbps(cell_country, country, line))).join(place, on="cell_id")
    down = np.bincount(own["row"].to_numpy(), own["gbps"].to_numpy(), cells.height)
    workloads = ai_demand["workload"].unique().sort().to_list()
    ai = np.zeros((2, len(workloads), cells.height))
    for k, name in enumerate(workloads):
        rows = ai_demand.filter(pl.col("workload") == name).join(place, on="cell_id")
        for way, column in enumerate(("down_gbps", "up_gbps")):
            ai[way, k, rows["row"].to_numpy()] = rows[column].fill_null(0.0).to_numpy()
    by_hour = [
        ai_hour.filter(pl.col("workload") == name).sort("solar_hour_number")["use_fraction"] for name in workloads
    ]
    return Need(
        np.stack([down, down * line.up_per_down]),
        ai,
        demand.profile(line.busy_hour_fraction, line.peak_solar_h) / line.busy_hour_fraction,
        np.array([share.to_numpy() * HOURS for share in by_hour]).reshape(len(workloads), HOURS),
        cells["longitude_deg"].to_numpy() / 15,
    )


def _value(reference: pl.DataFrame, quantity: str) -> float:
    rows = reference.filter(pl.col("quantity") == quantity)
    if rows.height != 1:
        raise BroadbandError(
            f"broadband_demand.csv has {rows.height} rows for {quantity}, not one: restore it from the repository"
        )
    low, value, high = (float(rows[name][0]) for name in ("low", "value", "high"))
    if not 0 < low <= value <= high < np.inf:
        raise BroadbandError(
            f"broadband_demand.csv: {quantity} is not 0 < low <= value <= high: restore it from the repository"
        )
    return value
