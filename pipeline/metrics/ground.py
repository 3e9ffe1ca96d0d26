"""Starlink's ground: the landed list of gateways and PoPs, merged with the sites that ship."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pipeline.geometry import outline
from pipeline.geometry.frames import great_circle_km
from pipeline.sources.starlink_ground import SOURCE

# A landed PoP so near to a shipped one is the same: the list has a town's coordinates, the shipped one its building's.
SAME_KM = 40.0
COAST_KM = 50.0


def site_rows(
    shipped: pl.DataFrame, landed: pl.DataFrame, topology: dict[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of dim.site with the landed stations (raw.starlink_ground) added, and the stations that are not (row_number, row_key, reason).

    A PoP within SAME_KM of a shipped PoP is that one, which has the operator's code; the shipped row stays. A gateway within that of a
    shipped community gateway is its uplink too, and stays beside it. row_number is the place among the landed stations, from 1.
    """
    if landed.is_empty():
        return shipped, pl.DataFrame(schema={"row_number": pl.Int64, "row_key": pl.String, "reason": pl.String})
    numbered = landed.with_row_index("row_number", 1).with_columns(pl.col("row_number").cast(pl.Int64))
    known = shipped.filter((pl.col("kind") == "pop") & (pl.col("constellation") == "starlink"))
    away, nearest = _nearest_km(numbered, known)
    same = (numbered["kind"] == "pop") & pl.Series(away <= SAME_KM)
    names = pl.Series("known", known["site_id"].gather(nearest) if known.height else [None] * landed.height, pl.String)
    merged = numbered.with_columns(names).filter(same)
    listed = merged.select(
        "row_number",
        pl.format("{} ({})", "title", "known").alias("row_key"),
        pl.lit("it is a PoP of the shipped sites, which has the operator's code and stays").alias("reason"),
    )
    added = numbered.filter(~same)
    codes = outline.holders(
        outline.countries(topology), added["latitude_deg"].to_numpy(), added["longitude_deg"].to_numpy(), COAST_KM
    )
    rows = added.select(
        pl.col("station_id").alias("site_id"),
        "kind",
        "title",
        pl.lit("SpaceX").alias("operator"),
        pl.lit("starlink").alias("constellation"),
        pl.Series("country_iso3", codes, pl.String),
        "latitude_deg",
        "longitude_deg",
        "status",
        pl.lit("town").alias("confidence"),
        pl.lit(f"{SOURCE.citation.rsplit(', ', 1)[0]} ({SOURCE.licence})").alias("source"),
        pl.lit(SOURCE.citation.rsplit(", ", 1)[1]).alias("source_url"),
        pl.coalesce(pl.col("updated_day").cast(pl.String), pl.lit("not told")).alias("date_text"),
    )
    return pl.concat([shipped, rows.select(shipped.columns)]), listed


def _nearest_km(stations: pl.DataFrame, known: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each station to the nearest known site [km], infinite where there is none, and that site's place."""
    if known.is_empty():
        return np.full(stations.height, np.inf), np.zeros(stations.height, np.int64)
    here, there = ([rows[name].to_numpy() for name in ("latitude_deg", "longitude_deg")] for rows in (stations, known))
    away = great_circle_km(here[0][:, None], here[1][:, None], there[0][None], there[1][None])
    return away.min(axis=1), away.argmin(axis=1)
