"""Which of Starlink's PoPs serve which country, and each region of the large ones.

The operator's own feed of addresses comes first, where it names a PoP for a country; then the shipped table made from an older copy of
it; where both are silent, the nearest PoP that works. A feed says how many subnets of a country each PoP serves, not how many users:
shares are partial, and names that lag behind leave a few subnets at PoPs far away. So a PoP is dropped that lies more than
STALE_KM beyond the nearest one that is named with it, and has fewer than STALE_SUBNETS subnets or less than STALE_SHARE of the
largest's. A far PoP that is named alone stays, for Israel does go to Frankfurt and Mongolia to Tokyo, up to ALONE_KM: nobody is served
from the other side of the Earth.

PoPs are opened faster than addresses are renamed: who has few named subnets, all of them PASSED_KM beyond a PoP that works next door,
within NEXT_DOOR_KM of where people live, is taken to reach that one. Kazakhstan, Kyrgyzstan, Tajikistan and Bangladesh measure 21 to
25 ms to their PoPs (the operator's metrics of August 2026), less than light needs to Tokyo, Sofia or Singapore, where those are.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.frames import great_circle_km
from pipeline.sources.cities import REGIONS
from pipeline.table import Column, Table

# External territories whose telecommunications another country's authority licenses: where nothing is told of them, that country's PoPs serve.
# Christmas Island measures 55 ms and Saint Helena 69 (August 2026): Jakarta and Accra, the nearest PoPs, would give 28 and 46.
LICENSED_BY = {
    "ATF": "FRA", "CCK": "AUS", "CXR": "AUS", "HMD": "AUS", "IOT": "GBR", "NFK": "AUS", "SGS": "GBR", "SHN": "GBR", "TKL": "NZL", "UMI": "USA",
}  # fmt: skip
STALE_KM, ALONE_KM, STALE_SUBNETS, STALE_SHARE = 3_000.0, 8_000.0, 5, 0.1
NEXT_DOOR_KM, PASSED_KM = 1_000.0, 2_000.0
WHOLE = "all"

TABLE = Table(
    "dim.country_pop",
    "one row per country, region of a large one, and PoP that serves it",
    (
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("region_code", "text", "", "ISO 3166-2 code of a region, or all for the country as a whole", key=True),
        Column("pop_code", "text", "", "The operator's code of the PoP, or what stands for it: site_id without starlink-", key=True),
        Column("site_id", "text", "", "Name of the PoP in dim.site; null where that has no place for it", nullable=True),
        Column("subnet_count", "integer", "", "Subnets that it serves there; null where it is only the nearest", 1, nullable=True),
        Column("share_fraction", "number", "1", "Its part of the subnets there; 0 where it is left out", 0, 1),
        Column("is_main", "flag", "", "Whether it has the largest share, the nearest of several"),
        Column("distance_km", "number", "km", "Great circle from where people live, on average, to the PoP; from stations where nobody lives", 0, 20_100, nullable=True),
        Column("pop_reason", "pop_reason", "", "Why: named by the landed feed, by the shipped table, or only the nearest"),
        Column("left_out", "text", "", "Why it serves nobody although it is named; null where it serves", nullable=True),
        Column("passed_over", "text", "", "Why users are taken to reach a nearer PoP although it is named; null where they reach it", nullable=True),
        Column("source", "text", "", "Source of the assignment"),
    ),
)  # fmt: skip


_KEY = ["country_iso3", "region_code"]


def compute(
    country: pl.DataFrame,
    cells: pl.DataFrame,
    settlements: pl.DataFrame,
    sites: pl.DataFrame,
    feed: pl.DataFrame,
    table: pl.DataFrame,
    feed_source: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of TABLE, and codes of countries that are not in dim.country (row_key, reason).

    country: dim.country. cells: people by country and place (country_iso3, latitude_deg, longitude_deg, population_count); staff
    of stations where nobody else is.
    settlements: raw.cities, for regions. sites: dim.site. feed: raw.starlink_geoip, empty where none is landed. table:
    starlink_pop_by_country.csv. feed_source: how the feed is cited. Raises ValueError where there is no PoP that works.
    """
    pops = _pops(sites)
    codes = dict(country.select("country_iso2", "country_iso3").drop_nulls().rows())
    places = pl.concat([_country_places(cells, country), _region_places(settlements, codes)])
    told, strange = _told(feed, table, codes, pops, places)
    served = told.filter(pl.col("left_out").is_null()).select(_KEY).unique()
    silent = places.join(served, on=_KEY, how="anti")
    frame = pl.concat([_shared(told, feed_source), _nearest(silent, pops)], how="diagonal_relaxed")
    # Where all that is named is left out, and the nearest is among it, the nearest serves.
    once = _with_next_door(frame.unique([*_KEY, "pop_code"], keep="last", maintain_order=True), places, pops)
    return TABLE.conform(once.select(TABLE.column_names)), strange


def _pops(sites: pl.DataFrame) -> pl.DataFrame:
    """Starlink's PoPs with their code and place."""
    mine = sites.filter((pl.col("constellation") == "starlink") & pl.col("kind").is_in(["pop", "gateway"]))
    pops = mine.with_columns(pl.col("site_id").str.strip_prefix("starlink-").alias("pop_code"))
    if pops.filter((pl.col("kind") == "pop") & (pl.col("status") == "operational")).is_empty():
        raise ValueError("dim.site has no Starlink PoP that works: restore pipeline/reference/sites.csv")
    return pops.select(
        "pop_code",
        "site_id",
        "kind",
        "status",
        pl.col("country_iso3").alias("pop_country_iso3"),
        pl.col("latitude_deg", "longitude_deg").name.prefix("pop_"),
    )


def _country_places(cells: pl.DataFrame, country: pl.DataFrame) -> pl.DataFrame:
    """Where people of each country live, on average; null for one without people in cells."""
    mean = mean_place(cells.filter(pl.col("population_count") > 0), ["country_iso3"])
    return country.select("country_iso3", pl.lit(WHOLE).alias("region_code")).join(mean, on="country_iso3", how="left")


def _region_places(settlements: pl.DataFrame, codes: dict[str, str]) -> pl.DataFrame:
    """The same of the regions of large countries, by settlements."""
    named = [(iso2, admin1, region) for iso2, regions in REGIONS.items() for admin1, region in regions.items()]
    names = pl.DataFrame(named, schema=["country_iso2", "admin1_code", "region_code"], orient="row")
    rows = settlements.filter(pl.col("population_count") > 0).join(names, on=["country_iso2", "admin1_code"])
    iso3 = pl.col("country_iso2").replace_strict(codes, default=None, return_dtype=pl.String).alias("country_iso3")
    return mean_place(rows.with_columns(iso3).drop_nulls("country_iso3"), _KEY).select(
        *_KEY, "latitude_deg", "longitude_deg"
    )


def mean_place(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Place below the mean direction of people, by key: it does not mind the antimeridian."""
    latitude, longitude, weight = (pl.col(name) for name in ("latitude_deg", "longitude_deg", "population_count"))
    flat = latitude.radians().cos() * weight
    mean = rows.group_by(key, maintain_order=True).agg(
        (flat * longitude.radians().cos()).sum().alias("x"),
        (flat * longitude.radians().sin()).sum().alias("y"),
        (latitude.radians().sin() * weight).sum().alias("z"),
    )
    away = (pl.col("x") ** 2 + pl.col("y") ** 2).sqrt()
    return mean.select(
        *key,
        # To a tenth of a metre: sums of many numbers differ in their last digits with the order that they are added in.
        pl.arctan2(pl.col("z"), away).degrees().round(6).alias("latitude_deg"),
        pl.arctan2(pl.col("y"), pl.col("x")).degrees().round(6).alias("longitude_deg"),
    )


def _told(
    feed: pl.DataFrame, table: pl.DataFrame, codes: dict[str, str], pops: pl.DataFrame, places: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What feed and table tell of each country and region, with distances; and what is dropped."""
    both = pl.concat(
        [
            feed.select("country_iso2", "region_code", "pop_code", "subnet_count", pl.lit("feed").alias("pop_reason")),
            table.select(
                "country_iso2", "region_code", "pop_code", "subnet_count", pl.lit("table").alias("pop_reason")
            ),
        ],
        how="vertical_relaxed",
    )
    iso3 = pl.col("country_iso2").replace_strict(codes, default=None, return_dtype=pl.String).alias("country_iso3")
    rows = both.with_columns(iso3).drop_nulls("country_iso3")
    key = [*_KEY, "pop_reason", "pop_code"]
    counted = pl.concat(
        [
            rows.with_columns(pl.lit(WHOLE).alias("region_code"))
            .group_by(key, maintain_order=True)
            .agg(pl.col("subnet_count").sum()),
            # A region that nobody lives in, or that is none of REGIONS, counts in the country alone.
            rows.join(places, on=_KEY, how="semi").group_by(key, maintain_order=True).agg(pl.col("subnet_count").sum()),
        ]
    )
    placed = counted.join(pops, on="pop_code", how="left").join(places, on=_KEY, how="left")
    # Where the feed names a PoP that has a place, the table is not asked.
    placed = placed.with_columns(pl.col("site_id").is_not_null().any().over([*_KEY, "pop_reason"]).alias("has_place"))
    best = placed.filter(pl.col("has_place") == pl.col("has_place").any().over(_KEY))
    known = best.filter(pl.col("pop_reason") == pl.col("pop_reason").min().over(_KEY))
    measured = _with_distance(known).with_columns(
        (pl.col("distance_km") - pl.col("distance_km").min().over(_KEY)).alias("beyond_km"),
        (
            pl.col("subnet_count") / pl.col("subnet_count").filter(pl.col("site_id").is_not_null()).max().over(_KEY)
        ).alias("of_largest"),
    )
    few = (pl.col("subnet_count") < STALE_SUBNETS) | (pl.col("of_largest") < STALE_SHARE)
    measured = measured.with_columns(
        pl.when(pl.col("site_id").is_null()).then(pl.lit("dim.site has no place for that PoP"))
        .when((pl.col("beyond_km") > STALE_KM) & few)
        .then(pl.lit(f"few subnets, more than {STALE_KM:.0f} km beyond the nearest PoP named: taken for a name that lags behind"))
        .when((pl.col("distance_km") > ALONE_KM) & few)
        .then(pl.lit(f"few subnets, more than {ALONE_KM:.0f} km away: taken for a name that lags behind"))
        .alias("left_out")
    )  # fmt: skip
    strange = both.filter(~pl.col("country_iso2").is_in(list(codes))).select(
        pl.format("{} {}", "country_iso2", "pop_code").alias("row_key"),
        pl.lit("its country is not in dim.country").alias("reason"),
    )
    return measured, strange


def _shared(told: pl.DataFrame, feed_source: str) -> pl.DataFrame:
    """Shares of what is told, and the main PoP of each country and region."""
    counted = pl.when(pl.col("left_out").is_null()).then("subnet_count").otherwise(0)
    order = [counted, -pl.col("distance_km").fill_null(0.0)]
    ranked = told.sort([*_KEY, *order, "pop_code"], descending=[False, False, True, True, False])
    source = pl.when(pl.col("pop_reason") == "feed").then(pl.lit(feed_source)).otherwise(
        pl.lit("starlink_pop_by_country.csv: Starlink's GeoIP feed with the names of reverse DNS, 2025-26")
    )  # fmt: skip
    return ranked.with_columns(
        (counted / counted.sum().over(_KEY)).fill_nan(0.0).alias("share_fraction"),
        ((pl.int_range(pl.len()).over(_KEY) == 0) & (counted > 0)).alias("is_main"),
        source.alias("source"),
    )


def _nearest(places: pl.DataFrame, pops: pl.DataFrame) -> pl.DataFrame:
    """The nearest PoP that works, for places that nothing is told of; for one without people the first by code.

    Of territories in LICENSED_BY the nearest in that country.
    """
    working = pops.filter((pl.col("kind") == "pop") & (pl.col("status") == "operational"))
    licensed_by = pl.col("country_iso3").replace_strict(LICENSED_BY, default=None, return_dtype=pl.String)
    every = places.join(working, how="cross").with_columns(licensed_by.alias("licensed_by"))
    own = pl.col("licensed_by") == pl.col("pop_country_iso3")
    # Where the licensing country has no PoP that works, any may serve.
    both = _with_distance(every.filter(own.fill_null(value=False) | ~own.fill_null(value=False).any().over(_KEY)))
    nearest = both.sort("distance_km", "pop_code", nulls_last=True).unique(_KEY, keep="first", maintain_order=True)
    return nearest.with_columns(
        pl.lit(1.0).alias("share_fraction"),
        pl.lit(value=True).alias("is_main"),
        pl.lit("nearest").alias("pop_reason"),
        pl.lit("No subnet of it is named by feed or table: the nearest PoP that works").alias("source"),
    )


def _with_next_door(rows: pl.DataFrame, places: pl.DataFrame, pops: pl.DataFrame) -> pl.DataFrame:
    """With passed_over, and the PoP next door beside those that are passed over; it has no share, for no subnet of it is named."""
    nearest = _nearest(places, pops).filter(pl.col("distance_km") <= NEXT_DOOR_KM)
    beyond_km = pl.col("distance_km") - pl.col("next_door_km")
    told = rows.join(nearest.select(*_KEY, pl.col("distance_km").alias("next_door_km")), on=_KEY, how="left")
    stale = (beyond_km > PASSED_KM) & (pl.col("subnet_count") < STALE_SUBNETS) & pl.col("left_out").is_null()
    reason = f"few subnets, more than {PASSED_KM:.0f} km beyond a PoP that works within {NEXT_DOOR_KM:.0f} km"
    told = told.with_columns(pl.when(stale).then(pl.lit(reason)).alias("passed_over"))
    reached = told.filter(pl.col("left_out").is_null() & pl.col("passed_over").is_null())
    unreached = (
        told.filter(pl.col("passed_over").is_not_null()).join(reached, on=_KEY, how="anti").select(_KEY).unique()
    )
    added = nearest.join(unreached, on=_KEY, how="semi").with_columns(
        pl.lit(0.0).alias("share_fraction"),
        pl.lit(value=False).alias("is_main"),
        pl.lit("No subnet of it is named; it works next door, and those that are named are far").alias("source"),
    )
    both = pl.concat([told, added], how="diagonal_relaxed")
    return both.unique([*_KEY, "pop_code"], keep="last", maintain_order=True)


def _with_distance(rows: pl.DataFrame) -> pl.DataFrame:
    """With distance_km from a place to a PoP; null where either has none."""
    here, there = (
        [
            rows[f"{prefix}{name}"].cast(pl.Float64).fill_null(np.nan).to_numpy()
            for name in ("latitude_deg", "longitude_deg")
        ]
        for prefix in ("", "pop_")
    )
    away: NDArray[np.float64] = great_circle_km(*here, *there)
    return rows.with_columns(pl.Series("distance_km", away).fill_nan(None))
