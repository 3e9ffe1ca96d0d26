"""How long a packet is under way: from every cell to the PoP of its country and on to the nearest compute, over whatever path is shortest.

Users go to a PoP that serves their country (dim.country_pop), at sea to the nearest one. From the satellite that serves them the way is
the shortest of a bent pipe to a gateway and fibre on, of the mesh down to a gateway nearer the PoP, and of the mesh alone. Beyond the PoP
fibre leads on. No way is a value of its own: null, and not counted among the times that are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import points
from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.floor import central_angle_rad, floor_km
from pipeline.geometry.frames import great_circle_km
from pipeline.metrics.network import KM_PER_MS, PER_MS, UNREACHABLE, Ways
from pipeline.table import Column, Table

FIGURES = (
    Column("rtt_pop_p50_ms", "number", "ms", "Round trip to the PoP of the country, median of the instants with a path; estimated, access overhead included", 0, 1_000, nullable=True),
    Column("rtt_pop_p95_ms", "number", "ms", "The same, 95th percentile", 0, 1_000, nullable=True),
    Column("rtt_gpu_p50_ms", "number", "ms", "Round trip to the compute site nearest to that PoP, over stretched fibre from there on, median; estimated", 0, 1_000, nullable=True),
    Column("rtt_gpu_p95_ms", "number", "ms", "The same, 95th percentile", 0, 1_000, nullable=True),
    Column("rtt_cloud_p50_ms", "number", "ms", "Round trip to the cloud region nearest to that PoP, over stretched fibre from there on, median; estimated", 0, 1_000, nullable=True),
    Column("rtt_floor_ms", "number", "ms", "Least round trip to that PoP over any satellites of that height, light alone: no laser graph can be faster", 0, 1_000, nullable=True),
    Column("mesh_path_fraction", "number", "1", "Fraction of the instants with a path whose shortest one goes over lasers", 0, 1, nullable=True),
    Column("hop_mean_count", "number", "", "Satellites on the shortest path, mean of the instants with one: 1 is a bent pipe", 1, 200, nullable=True),
    Column("reachable_fraction", "number", "1", "Fraction of the instants with a path; null where no gateway of the constellation is known", 0, 1, nullable=True),
)  # fmt: skip

TABLE = Table(
    "core.latency_daily",
    "one row per day, constellation and cell",
    (
        Column("day", "day", "UTC date", "Day of the run; the grid covers [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("cell_id", "cell", "", "HEALPix cell, nested", key=True),
        Column("pop_code", "text", "", "PoP that the cell goes to; null where no gateway of the constellation is known", nullable=True),
        *FIGURES,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """What ways cost beside their length, each with what it may be.

    access_ms: overhead of a user's access, there and back [ms], with low and high; trunk_ms: the same of a gateway's. link_ms: what a
    link costs [ms], one way. rank_fraction: which satellite serves (network.Rules). stretch: length of fibre over the great circle. index:
    of refraction of glass. gateway_mask_deg: lowest elevation of a gateway's antennas [deg].
    """

    access_ms: float
    access_low_ms: float
    access_high_ms: float
    trunk_ms: float
    link_ms: float
    rank_fraction: float
    stretch: float
    index: float
    gateway_mask_deg: float

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Model:
        """The model that ships: rows of latency_model.csv. Raises ValueError where a parameter is missing."""
        values = {row["parameter"]: row for row in rows.iter_rows(named=True)}
        try:
            access = values["access_overhead_rtt"]
            return cls(
                *(float(access[name]) for name in ("value", "low", "high")),
                *(
                    float(values[name]["value"])
                    for name in (
                        "trunk_overhead_rtt",
                        "isl_hop_processing",
                        "serving_rank",
                        "gateway_fibre_stretch",
                        "fibre_group_index",
                        "gateway_mask",
                    )
                ),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"latency_model.csv lacks the parameter {error}: restore pipeline/reference") from error

    @property
    def link_km(self) -> float:
        """What a link costs as kilometres of light in vacuum."""
        return self.link_ms * KM_PER_MS

    def fibre_km(self, great_circle_km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Fibre over a great circle [km] as kilometres of light in vacuum."""
        return great_circle_km * (self.stretch * self.index)

    def fibre_rtt_ms(self, great_circle_km: NDArray[np.float64], stretch: float | None = None) -> NDArray[np.float64]:
        """Round trip [ms] over fibre along a great circle [km], stretched by the model's factor or another."""
        factor = self.stretch if stretch is None else stretch
        return np.asarray(2_000.0 / LIGHT_KM_PER_S * self.index * factor * great_circle_km)


@dataclass(frozen=True)
class Onward:
    """PoPs, and how far from each the nearest compute site and cloud region are over fibre, there and back [ms], (pop,) each; null (nan)
    where there is none."""

    pops: pl.DataFrame
    gpu_ms: NDArray[np.float64]
    cloud_ms: NDArray[np.float64]


def onward(sites: pl.DataFrame, constellation: str, model: Model) -> Onward:
    """PoPs of a constellation that work, and what lies behind them; sites: dim.site."""
    working = sites.filter((pl.col("status") == "operational") & pl.col("latitude_deg").is_not_null())
    pops = working.filter((pl.col("kind") == "pop") & (pl.col("constellation") == constellation)).sort("site_id")
    behind = [
        _nearest_ms(pops, working.filter(pl.col("kind") == kind), model) for kind in ("compute_site", "cloud_region")
    ]
    return Onward(pops, *behind)


def _nearest_ms(pops: pl.DataFrame, goals: pl.DataFrame, model: Model) -> NDArray[np.float64]:
    if goals.is_empty():
        return np.full(pops.height, np.nan)
    return model.fibre_rtt_ms(between_km(pops, goals).min(axis=1, initial=np.inf))


def between_km(here: pl.DataFrame, there: pl.DataFrame) -> NDArray[np.float64]:
    """Great circles [km] between rows with latitude_deg and longitude_deg, (here, there)."""
    a, b = ([rows[name].to_numpy() for name in ("latitude_deg", "longitude_deg")] for rows in (here, there))
    return great_circle_km(a[0][:, None], a[1][:, None], b[0][None], b[1][None])


def nearest(here: pl.DataFrame, there: pl.DataFrame) -> NDArray[np.int64]:
    """Which row of `there`, one or more, is nearest to each of `here`, (here,): the first of several. In pieces, for the memory's sake."""
    pieces = [between_km(part, there).argmin(axis=1) for part in here.iter_slices(8_192)]
    return np.concatenate([np.empty(0, np.int64), *pieces])


def at(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Rows with latitude_deg and longitude_deg as points.places gives them, at sea level, (row, 6)."""
    latitude, longitude = (rows[name].to_numpy() for name in ("latitude_deg", "longitude_deg"))
    return points.places(latitude, longitude, np.zeros(rows.height))


def figures(
    ways: Ways,
    goal: NDArray[np.int32],
    places: NDArray[np.float64],
    beyond: Onward,
    lowest_km: float,
    mask_deg: float,
    model: Model,
) -> pl.DataFrame:
    """FIGURES of users, one row each, from their ways; goal: number of the PoP of each, (user,); places: (user, 6)."""
    p50_ms, p95_ms = percentiles_ms(ways.rtt, (50, 95))
    count = (ways.rtt != UNREACHABLE).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mesh, links = ways.mesh_count / count, ways.link_count / count
    to, known = np.maximum(goal, 0), goal >= 0
    values = {
        "rtt_pop_p50_ms": p50_ms + model.access_ms,
        "rtt_pop_p95_ms": p95_ms + model.access_ms,
        "rtt_gpu_p50_ms": p50_ms + model.access_ms + beyond.gpu_ms[to],
        "rtt_gpu_p95_ms": p95_ms + model.access_ms + beyond.gpu_ms[to],
        "rtt_cloud_p50_ms": p50_ms + model.access_ms + beyond.cloud_ms[to],
        "rtt_floor_ms": np.where(known, floor_ms(places, at(beyond.pops)[to], lowest_km, mask_deg, model), np.nan),
        "mesh_path_fraction": mesh,
        "hop_mean_count": links + 1.0,
        "reachable_fraction": np.where(known, count / len(ways.rtt), np.nan),
    }
    return pl.DataFrame(values).fill_nan(None)


def floor_ms(
    here: NDArray[np.float64], there: NDArray[np.float64], lowest_km: float, mask_deg: float, model: Model
) -> NDArray[np.float64]:
    """Least round trip [ms] over any satellites between places, (place, 6) each, light alone."""
    mask = min(mask_deg, model.gateway_mask_deg)
    return floor_km(central_angle_rad(here, there), lowest_km, mask_deg, mask) * (2 / KM_PER_MS)


def percentiles_ms(rtt: NDArray[np.uint16], percents: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Percentiles [ms] over the instants among those with a way (nearest rank), (user,) each; not a number where there is none.

    rtt: hundredths of a millisecond, uint16 (instant, user), UNREACHABLE where there is no way.
    """
    count = (rtt != UNREACHABLE).sum(axis=0)
    ranks = [np.maximum(np.ceil(count * (percent / 100)).astype(np.int64) - 1, 0) for percent in percents]
    ordered = np.sort(rtt, axis=0)  # what has no way comes last
    chosen = [np.take_along_axis(ordered, rank[None, :], axis=0)[0] / PER_MS for rank in ranks]
    return [np.where(count > 0, values, np.nan) for values in chosen]


def compute(
    found: pl.DataFrame | None, pop_code: pl.Series | None, cell_id: NDArray[np.uint64], constellation: str, day: date
) -> pl.DataFrame:
    """core.latency_daily of one constellation from the figures of its cells and the codes of their PoPs.

    None stands for a constellation without any known gateway: figures are null, not infinite and not zero.
    """
    ids = pl.DataFrame({"cell_id": cell_id}).with_columns(
        pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation")
    )
    if found is None or pop_code is None:
        frame = ids.with_columns(pl.lit(None).alias(name) for name in TABLE.column_names[3:])
    else:
        frame = pl.concat([ids, found, pop_code.alias("pop_code").to_frame()], how="horizontal")
    return TABLE.conform(frame)
