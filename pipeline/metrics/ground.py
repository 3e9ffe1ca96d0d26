"""What stands on the ground: landed lists of Starlink's gateways and PoPs and of cloud regions, merged with the sites that ship."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pipeline.geometry import outline
from pipeline.geometry.frames import great_circle_km
from pipeline.sources.cloud_regions import SOURCE as CLOUD
from pipeline.sources.starlink_ground import SOURCE

# A landed PoP so near to a shipped one is the same: the list has a town's coordinates, the shipped one its building's.
SAME_KM = 40.0
COAST_KM = 50.0
# A region that is told so far from where it ships is a slip, or swapped coordinates: the shipped place stays.
ELSEWHERE_KM = 500.0


def site_rows(
    shipped: pl.DataFrame, landed: pl.DataFrame, topology: dict[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of dim.site with the landed stations (raw.starlink_ground) added, and the stations that are not (row_number, row_key, reason).

    A PoP within SAME_KM of a shipped PoP is that one, which has the operator's code; the shipped row stays. A gateway within that of a
    shipped community gateway is its uplink too, and stays beside it. What is told to stand in the sea, more than COAST_KM from any
    coast, is left out. row_number is the place among the landed stations, from 1.
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
    sunk = pl.Series(codes, dtype=pl.String).is_null()
    reason = f"its place is in the sea, more than {COAST_KM:.0f} km from any coast: coordinates may be mistyped, or latitude and longitude swapped"
    at_sea = added.filter(sunk).select(
        "row_number",
        pl.format("{} ({}, {})", "title", "latitude_deg", "longitude_deg").alias("row_key"),
        pl.lit(reason).alias("reason"),
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
    return pl.concat([shipped, rows.filter(~sunk).select(shipped.columns)]), pl.concat([listed, at_sea]).sort(
        "row_number"
    )


def with_cloud_regions(
    shipped: pl.DataFrame, landed: pl.DataFrame, topology: dict[str, Any]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of dim.site with the places of landed cloud regions (raw.cloud_regions), new ones added, and those that are not believed.

    A known region keeps its row and gets the landed place; one told more than ELSEWHERE_KM away keeps its own and is listed.
    """
    if landed.is_empty():
        return shipped, pl.DataFrame(schema={"row_number": pl.Int64, "row_key": pl.String, "reason": pl.String})
    numbered = landed.with_row_index("row_number", 1).with_columns(pl.col("row_number").cast(pl.Int64))
    known = numbered.join(
        shipped.select("site_id", pl.col("latitude_deg", "longitude_deg").name.suffix("_shipped")), on="site_id"
    )
    names = ("latitude_deg", "longitude_deg", "latitude_deg_shipped", "longitude_deg_shipped")
    far = pl.Series(great_circle_km(*(known[name].to_numpy() for name in names)) > ELSEWHERE_KM)
    reason = pl.lit(f"its place is more than {ELSEWHERE_KM:.0f} km from the shipped one, which stays").alias("reason")
    listed = known.filter(far).select("row_number", pl.col("site_id").alias("row_key"), reason)
    told = pl.lit(CLOUD.citation.rsplit(", ", 1)[0]), pl.lit(CLOUD.citation.rsplit(", ", 1)[1])
    places = known.filter(~far).select("site_id", pl.col("latitude_deg", "longitude_deg").name.suffix("_landed"))
    there = pl.col("latitude_deg_landed").is_not_null()
    moved = shipped.join(places, on="site_id", how="left", maintain_order="left").with_columns(
        pl.when(there).then("latitude_deg_landed").otherwise("latitude_deg").alias("latitude_deg"),
        pl.when(there).then("longitude_deg_landed").otherwise("longitude_deg").alias("longitude_deg"),
        pl.when(there).then(pl.lit("site")).otherwise("confidence").alias("confidence"),
        pl.when(there).then(told[0]).otherwise("source").alias("source"),
        pl.when(there).then(told[1]).otherwise("source_url").alias("source_url"),
    )
    new = landed.join(shipped, on="site_id", how="anti")
    codes = outline.holders(
        outline.countries(topology), new["latitude_deg"].to_numpy(), new["longitude_deg"].to_numpy(), COAST_KM
    )
    added = new.with_columns(
        pl.lit("cloud_region").alias("kind"),
        pl.lit(None, pl.String).alias("constellation"),
        pl.Series("country_iso3", codes, pl.String),
        pl.lit("site").alias("confidence"),
        told[0].alias("source"),
        told[1].alias("source_url"),
        pl.lit("as landed").alias("date_text"),
    )
    return pl.concat([moved.select(shipped.columns), added.select(shipped.columns)]), listed


def _nearest_km(stations: pl.DataFrame, known: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each station to the nearest known site [km], infinite where there is none, and that site's place."""
    if known.is_empty():
        return np.full(stations.height, np.inf), np.zeros(stations.height, np.int64)
    here, there = ([rows[name].to_numpy() for name in ("latitude_deg", "longitude_deg")] for rows in (stations, known))
    away = great_circle_km(here[0][:, None], here[1][:, None], there[0][None], there[1][None])
    return away.min(axis=1), away.argmin(axis=1)
