"""How long a packet is under way from each country, by the places where its people live, beside what users there measure."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.metrics import latency
from pipeline.metrics.country_pop import WHOLE
from pipeline.metrics.network import PER_MS, UNREACHABLE, Ways
from pipeline.table import Column, Table

TABLE = Table(
    "core.latency_country_daily",
    "one row per day, constellation and country or territory",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("pop_code", "text", "", "PoP that most of its people go to; null where no gateway of the constellation is known", nullable=True),
        Column("place_count", "integer", "", "Places that stand for its people (dim.place)", 1, 1_000),
        *latency.FIGURES,
        Column("measured_p50_ms", "number", "ms", "Median that the operator publishes for the country; null where none is landed or shipped", 0, 2_000, nullable=True),
        Column("measured_source", "text", "", "Where that comes from", nullable=True),
    ),
)  # fmt: skip


def goals(places: pl.DataFrame, country_pop: pl.DataFrame, pops: pl.DataFrame) -> NDArray[np.int32]:
    """Number of the PoP of each place, int32 (place,): of those that its region or country reaches the nearest.

    Where none that it reaches works, the nearest of those that do, as at sea.

    places: country_iso3, region_code, latitude_deg, longitude_deg. country_pop: dim.country_pop. pops: the PoPs that work, in order.
    """
    number = pops.select("site_id").with_row_index("goal")
    reached = country_pop.filter(pl.col("left_out").is_null() & pl.col("passed_over").is_null()).join(
        number, on="site_id"
    )
    named = reached.filter((pl.col("region_code") == WHOLE) | (pl.col("pop_reason") != "nearest"))
    away_km = latency.between_km(places, pops)
    rows = places.select("country_iso3", "region_code").with_row_index("place")
    own = rows.join(named, on=["country_iso3", "region_code"]).select("place", "goal")
    whole = rows.join(own, on="place", how="anti").join(named.filter(pl.col("region_code") == WHOLE), on="country_iso3")
    both = pl.concat([own, whole.select("place", "goal")])
    km = away_km[both["place"].to_numpy(), both["goal"].to_numpy()]
    nearest = (
        both.with_columns(pl.Series("km", km))
        .sort("place", "km", "goal")
        .unique("place", keep="first", maintain_order=True)
    )
    goal = away_km.argmin(axis=1).astype(np.int32)
    goal[nearest["place"].to_numpy()] = nearest["goal"].to_numpy()
    return goal


def cell_goals(
    cells: pl.DataFrame,
    cell_country: pl.DataFrame,
    places: pl.DataFrame,
    place_goal: NDArray[np.int32],
    pops: pl.DataFrame,
) -> NDArray[np.int32]:
    """Number of the PoP of each cell, int32 (cell,): that of the nearest place of the country that has most of it, at sea the nearest.

    cells: cell_id, latitude_deg, longitude_deg. cell_country: dim.cell_country. places and their PoPs: as for `goals`.
    """
    most = cell_country.sort("area_fraction", "country_iso3").group_by("cell_id", maintain_order=True).last()
    held = cells.join(most.select("cell_id", "country_iso3"), on="cell_id", how="left", maintain_order="left")
    goal = latency.nearest(cells, pops).astype(np.int32)
    numbered = places.with_row_index("place")
    for (code,), own in (
        held.with_row_index("row").filter(pl.col("country_iso3").is_not_null()).group_by("country_iso3")
    ):
        near = numbered.filter(pl.col("country_iso3") == code)
        if near.height:
            at = near["place"].to_numpy()[latency.nearest(own, near)]
            goal[own["row"].to_numpy()] = place_goal[at]
    return goal


def medians_ms(ways: Ways, places: pl.DataFrame) -> pl.DataFrame:
    """Median round trip of each country [ms], light and links alone, over its places and instants with a path: country_iso3, way_ms."""
    frames = _per_country(places)
    rows = [(code, _weighted_ms(ways.rtt[:, at], weight, (0.5,))[0]) for code, at, weight in frames]
    return pl.DataFrame(rows, schema={"country_iso3": pl.String, "way_ms": pl.Float64}, orient="row").fill_nan(None)


def compute(
    ways: Ways | None,
    found: pl.DataFrame | None,
    places: pl.DataFrame,
    goal: NDArray[np.int32],
    beyond: latency.Onward,
    model: latency.Model,
    measured: pl.DataFrame,
    constellation: str,
    day: date,
) -> pl.DataFrame:
    """core.latency_country_daily of one constellation.

    ways, found: of the places (dim.place, in order), and their figures; None where no gateway is known. measured: country_iso3,
    measured_p50_ms, measured_source.
    """
    rows: list[dict[str, object]] = []
    for code, at, weight in _per_country(places):
        row: dict[str, object] = {"country_iso3": code, "place_count": len(at)}
        if ways is not None and found is not None:
            row |= _row(ways, found, at, weight, goal, beyond, model)
        rows.append(row)
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation")
    )
    frame = frame.with_columns(
        pl.lit(None).alias(n) for n in ("pop_code", *(c.name for c in latency.FIGURES)) if n not in frame.columns
    )
    if constellation == "starlink":
        frame = frame.join(
            measured.select("country_iso3", "measured_p50_ms", "measured_source"), on="country_iso3", how="left"
        )
    else:
        frame = frame.with_columns(pl.lit(None).alias("measured_p50_ms"), pl.lit(None).alias("measured_source"))
    return TABLE.conform(frame.select(TABLE.column_names).with_columns(pl.selectors.float().fill_nan(None)))


def _per_country(places: pl.DataFrame) -> list[tuple[str, NDArray[np.int64], NDArray[np.float64]]]:
    """Code, numbers of the places and their weights, of each country."""
    rows = places.with_row_index("place").sort("country_iso3", "place")
    return [
        (str(code), own["place"].to_numpy().astype(np.int64), own["weight_fraction"].to_numpy())
        for (code,), own in rows.group_by("country_iso3", maintain_order=True)
    ]


def _row(
    ways: Ways,
    found: pl.DataFrame,
    at: NDArray[np.int64],
    weight: NDArray[np.float64],
    goal: NDArray[np.int32],
    beyond: latency.Onward,
    model: latency.Model,
) -> dict[str, object]:
    rtt, to = ways.rtt[:, at], np.maximum(goal[at], 0)
    p50_ms, p95_ms = _weighted_ms(rtt, weight, (0.5, 0.95))
    onward = {
        name: _weighted_ms(rtt, weight, (0.5, 0.95), ms[to])
        for name, ms in (("gpu", beyond.gpu_ms), ("cloud", beyond.cloud_ms))
    }
    of_goal = np.bincount(to, weight, beyond.pops.height)
    sums = {name: _mean(found[name].to_numpy()[at], weight) for name in ("rtt_floor_ms", "reachable_fraction")}
    reached = weight * np.nan_to_num(found["reachable_fraction"].to_numpy()[at])
    sums |= {name: _mean(found[name].to_numpy()[at], reached) for name in ("mesh_path_fraction", "hop_mean_count")}
    return {
        "pop_code": beyond.pops["site_id"][int(of_goal.argmax())].removeprefix("starlink-"),
        "rtt_pop_p50_ms": p50_ms + model.access_ms,
        "rtt_pop_p95_ms": p95_ms + model.access_ms,
        "rtt_gpu_p50_ms": onward["gpu"][0] + model.access_ms,
        "rtt_gpu_p95_ms": onward["gpu"][1] + model.access_ms,
        "rtt_cloud_p50_ms": onward["cloud"][0] + model.access_ms,
        **sums,
    }


def _weighted_ms(
    rtt: NDArray[np.uint16],
    weight: NDArray[np.float64],
    fractions: tuple[float, ...],
    more_ms: NDArray[np.float64] | float = 0.0,
) -> list[float]:
    """Weighted percentiles [ms] of (instant, place), with `more_ms` (place,) added, among those with a way; not a number without any."""
    values = rtt / PER_MS + more_ms
    there = (rtt != UNREACHABLE) & np.isfinite(values)
    weights = np.broadcast_to(weight, rtt.shape)[there]
    if not weights.sum() > 0:
        return [np.nan] * len(fractions)
    order = np.argsort(values[there], kind="stable")
    sums = np.cumsum(weights[order])
    return [float(values[there][order[np.searchsorted(sums, f * sums[-1] * (1 - 1e-12))]]) for f in fractions]


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    known = np.isfinite(values)
    total = weight[known].sum()
    return float((values[known] * weight[known]).sum() / total) if total > 0 else np.nan
