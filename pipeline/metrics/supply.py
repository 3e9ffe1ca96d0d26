"""The supply of compute: data centres and clusters of AI, by day, country and owner.

Two lists that overlap and are never added up: `data_center` are the largest sites with their places and dated steps of construction,
`gpu_cluster` a wider list by country and owner. What could not be placed is in the region `unplaced`, and listed by name, so that
the sums over regions and owners are those of the landed files.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

from pipeline.geometry import outline
from pipeline.sources.epoch_data_centers import SOURCE as CENTERS
from pipeline.sources.epoch_gpu_clusters import SOURCE as CLUSTERS
from pipeline.table import Column, Table

UNPLACED, UNKNOWN = "unplaced", "unknown"
COAST_KM = 50.0

COMPUTE = Table(
    "core.compute_daily",
    "one row per day, list, region and owner: compute that is there and planned",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("compute_basis", "compute_basis", "", "Which list: the two overlap and are never added up", key=True),
        Column("region", "text", "", "ISO 3166-1 alpha-3 code of the country, or unplaced", key=True),
        Column("owner", "text", "", "Who owns it, or unknown", key=True),
        Column("site_count", "integer", "", "Sites or clusters, planned ones too", 0),
        Column(
            "h100_equivalent_count", "number", "", "Compute that is there, in H100s, of those whose compute is known", 0
        ),
        Column("power_mw", "number", "MW", "Power of what is there, of those whose power is known", 0),
        Column("planned_h100_equivalent_count", "number", "", "Compute that is planned beyond that, in H100s", 0),
        Column("planned_power_mw", "number", "MW", "Power that is planned beyond that", 0),
        Column("unknown_count", "integer", "", "Sites or clusters whose compute is not known", 0),
    ),
    may_be_empty=True,
)

SITE = Table(
    "core.compute_site_daily",
    "one row per day and AI data centre: its size on that day",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("site_id", "text", "", "Name of the site in dim.site", key=True),
        Column("title", "text", "", "Short name"),
        Column("owner", "text", "", "Who owns it, or unknown"),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code; null in the sea or without coordinates", nullable=True),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude", -90, 90, nullable=True),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude", -180, 180, nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute on that day, in H100s", 0, nullable=True),
        Column("power_mw", "number", "MW", "Power on that day", 0, nullable=True),
        Column("planned_h100_equivalent_count", "number", "", "Compute at the last step that is planned, in H100s", 0, nullable=True),
        Column("planned_power_mw", "number", "MW", "Power at the last step that is planned", 0, nullable=True),
        Column("step_day", "day", "UTC date", "Date of the step that the figures are of; null where there is no timeline", nullable=True),
        Column("status_text", "text", "", "What was seen then", nullable=True),
        Column("projected", "flag", "", "Whether that step lies beyond the present of the list: a plan, not an observation"),
    ),
    may_be_empty=True,
)  # fmt: skip

# Sites that ship under an identifier of their own keep it, so that series go on. Epoch's name -> site_id.
SITE_IDS = {
    "xAI Colossus 1 Memphis Tennessee": "compute-xai-colossus-1",
    "xAI Colossus 2 Memphis Tennessee": "compute-xai-colossus-2",
    "OpenAI-Oracle Stargate Abilene Texas": "compute-stargate-abilene",
    "Anthropic-Amazon Project Rainier New Carlisle Indiana": "compute-rainier-new-carlisle",
    "Amazon Canton Mississippi": "compute-amazon-canton",
    "Microsoft Fairwater Fayetteville Georgia": "compute-fairwater-atlanta",
    "Microsoft Fairwater Mount Pleasant Wisconsin": "compute-fairwater-wisconsin",
    "Meta Prometheus New Albany Ohio": "compute-meta-prometheus",
    "Meta Hyperion Holly Ridge Louisiana": "compute-meta-hyperion",
    "Google New Albany Ohio": "compute-google-new-albany",
    "Google Mayes County Oklahoma": "compute-google-pryor",
    "Google Omaha Nebraska": "compute-google-omaha",
    "Alibaba Zhangbei Zhangjiakou Hebei": "compute-alibaba-zhangbei",
    "OpenAI-Oracle Stargate Abu Dhabi": "compute-stargate-uae",
}
# Epoch's words for countries that dim.country calls otherwise.
COUNTRY_NAMES = {
    "united states of america": "USA", "korea (republic of)": "KOR", "united kingdom of great britain and northern ireland": "GBR",
    "russia": "RUS", "russian federation": "RUS", "taiwan": "TWN", "hong kong": "HKG", "vietnam": "VNM", "viet nam": "VNM", "turkey": "TUR",
    "iran": "IRN", "egypt": "EGY", "slovakia": "SVK", "czech republic": "CZE", "south korea": "KOR", "macau": "MAC", "venezuela": "VEN",
}  # fmt: skip


def sites(centers: pl.DataFrame, timelines: pl.DataFrame, topology: dict[str, Any], day: date) -> pl.DataFrame:
    """Rows of SITE: landed data centres with their country, and their size on the day.

    That is the size of the newest step not after the day, nothing before the first one; without steps the size that the list tells.
    Steps beyond the one that the list tells as the present are plans of its authors, and say so.
    """
    now, last = _sizes(timelines, day)
    both = _in_countries(centers, topology)
    for each in (now, last, _present(centers, timelines)):
        both = both.join(each, on="name", how="left")
    begun = pl.any_horizontal(pl.col(f"planned_{name}").is_not_null() for name in _SIZES)
    told = [
        pl.when(pl.col("step_day").is_not_null()).then(f"{name}_then").when(begun).then(0.0).otherwise(name).alias(name)
        for name in _SIZES
    ]
    rows = both.with_columns(
        *told,
        (pl.col("step_day") > pl.col("present_day")).fill_null(value=False).alias("projected"),
        pl.col("name").map_elements(_site_id, pl.String).alias("site_id"),
        pl.coalesce("title", "name").alias("title"),
        pl.col("owner").fill_null(UNKNOWN),
        pl.lit(day).alias("day"),
    )
    return SITE.conform(rows.select(SITE.column_names))


def compute(
    rows: pl.DataFrame, clusters: pl.DataFrame, country: pl.DataFrame, day: date
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Rows of COMPUTE from those of SITE, the landed clusters and dim.country; and what could not be placed or does not count.

    The latter by source: row_number (of a site its place in SITE), row_key, reason.
    """
    counted, listed = _clusters(clusters, country, day)
    both = pl.concat([_summed(rows.with_columns(pl.lit("data_center").alias("compute_basis"))), _summed(counted)])
    lost = rows.with_row_index("row_number", 1).filter(pl.col("country_iso3").is_null())
    unplaced = lost.select(
        pl.col("row_number").cast(pl.Int64),
        pl.col("title").alias("row_key"),
        pl.lit("it is in no country, or has no coordinates: its compute counts as unplaced").alias("reason"),
    )
    frame = COMPUTE.conform(both.with_columns(pl.lit(day).alias("day")))
    return frame, {CENTERS.name: unplaced, CLUSTERS.name: listed}


def site_rows(shipped: pl.DataFrame, rows: pl.DataFrame, date_text: str) -> pl.DataFrame:
    """Rows of dim.site with the landed data centres in place of the shipped compute sites: rows of SITE, those with a place."""
    placed = rows.filter(pl.col("latitude_deg").is_not_null())
    if placed.is_empty():
        return shipped
    landed = placed.select(
        "site_id",
        pl.lit("compute_site").alias("kind"),
        "title",
        pl.col("owner").alias("operator"),
        pl.lit(None, pl.String).alias("constellation"),
        "country_iso3",
        "latitude_deg",
        "longitude_deg",
        pl.when(pl.col("h100_equivalent_count") > 0)
        .then(pl.lit("operational"))
        .otherwise(pl.lit("planned"))
        .alias("status"),
        pl.lit("site").alias("confidence"),
        pl.lit(f"{CENTERS.citation.split(',')[0]}, Frontier Data Centers ({CENTERS.licence})").alias("source"),
        pl.lit(CENTERS.citation.rsplit(", ", 1)[-1]).alias("source_url"),
        pl.lit(date_text).alias("date_text"),
    )
    return pl.concat([shipped.filter(pl.col("kind") != "compute_site"), landed.select(shipped.columns)])


_SIZES = ("power_mw", "h100_equivalent_count")


def _in_countries(centers: pl.DataFrame, topology: dict[str, Any]) -> pl.DataFrame:
    """Data centres with country_iso3: by outline, off the coast by the nearest one within COAST_KM."""
    placed = centers.filter(pl.col("latitude_deg").is_not_null())
    latitude_deg, longitude_deg = (placed[name].to_numpy() for name in ("latitude_deg", "longitude_deg"))
    codes = outline.holders(outline.countries(topology), latitude_deg, longitude_deg, COAST_KM)
    return centers.join(placed.select("name", pl.Series("country_iso3", codes, pl.String)), on="name", how="left")


def _sizes(timelines: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Size of each site after its newest step not after the day (`..._then`), and after its last one (`planned_...`)."""
    steps = timelines.sort("name", "step_day").with_columns(pl.col(name).forward_fill().over("name") for name in _SIZES)
    now = steps.filter(pl.col("step_day") <= day).group_by("name").last()
    then = [pl.col(name).alias(f"{name}_then") for name in _SIZES]
    return now.select("name", "step_day", "status_text", *then), steps.group_by("name").agg(
        pl.col(name).last().alias(f"planned_{name}") for name in _SIZES
    )


def _present(centers: pl.DataFrame, timelines: pl.DataFrame) -> pl.DataFrame:
    """Date of the newest step of each site that has the size that the list itself tells."""
    steps = timelines.select("name", "step_day", *(pl.col(name).alias(f"{name}_then") for name in _SIZES))
    alike = [(pl.col(f"{name}_then") - pl.col(name)).abs() <= 1e-6 * pl.col(name).abs() for name in _SIZES]
    both = steps.join(centers.select("name", *_SIZES), on="name").filter(pl.all_horizontal(alike))
    return both.group_by("name").agg(pl.col("step_day").max().alias("present_day"))


def _site_id(name: str) -> str:
    return SITE_IDS.get(name) or "compute-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _clusters(clusters: pl.DataFrame, country: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clusters that count, with region and compute there and planned; and those that do not, or have no country, with the reason."""
    names = dict(country.select(pl.col("title").str.to_lowercase(), "country_iso3").rows()) | COUNTRY_NAMES
    word = pl.col("country").str.to_lowercase().str.replace(r"\s*\(the\)$", "")
    code = word.replace_strict(names, default=None, return_dtype=pl.String).alias("country_iso3")
    there = (pl.col("cluster_status") == "existing") & (pl.col("first_operational_day") <= day).fill_null(value=True)
    planned = (pl.col("cluster_status") != "decommissioned") & ~there
    why = (
        pl.when("withdrawn").then(pl.lit("Epoch excludes it: it does not count"))
        .when("possible_duplicate").then(pl.lit("Epoch takes it for one that is listed elsewhere: it does not count"))
        .when(pl.col("country").is_null()).then(pl.lit("its country is not told: it counts as unplaced"))
        .when(pl.col("country_iso3").is_null()).then(pl.format("its country '{}' is not known here: it counts as unplaced", "country"))
    )  # fmt: skip
    rows = clusters.with_columns(code).with_columns(why.alias("reason"))
    listed = rows.filter(pl.col("reason").is_not_null())
    counted = rows.filter(
        ~pl.col("withdrawn") & ~pl.col("possible_duplicate"), pl.col("cluster_status") != "decommissioned"
    )
    return counted.with_columns(
        pl.lit("gpu_cluster").alias("compute_basis"),
        pl.col("owner").fill_null(UNKNOWN),
        pl.col("h100_equivalent_count").is_null().alias("unknown"),
        *(pl.when(planned).then(name).otherwise(0.0).alias(f"planned_{name}") for name in _SIZES),
        *(pl.when(there).then(name).otherwise(0.0).alias(name) for name in _SIZES),
    ), listed.select(pl.col("line_number").alias("row_number"), pl.col("name").alias("row_key"), "reason")


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums by list, region and owner; of a data centre what is planned goes beyond what is there."""
    is_center = pl.col("compute_basis") == "data_center"
    beyond = [
        pl.when(is_center)
        .then((pl.col(f"planned_{n}") - pl.col(n)).clip(0))
        .otherwise(f"planned_{n}")
        .alias(f"planned_{n}")
        for n in _SIZES
    ]
    unknown = pl.col("unknown") if "unknown" in rows.columns else pl.col("h100_equivalent_count").is_null()
    return (
        rows.with_columns(*beyond, unknown.alias("unknown"), pl.col("country_iso3").fill_null(UNPLACED).alias("region"))
        .group_by("compute_basis", "region", "owner", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("site_count"),
            *(pl.col(name).sum() for n in _SIZES for name in (n, f"planned_{n}")),
            pl.col("unknown").sum().cast(pl.Int64).alias("unknown_count"),
        )
    )
