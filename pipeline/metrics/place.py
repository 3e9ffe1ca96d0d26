"""The places of each country: where a figure of it is computed, each with its part of the country's people.

People at order 8 (dim.cell_fine) are gathered into cells of one order per country: the finest one up to FINEST at which the country has no more
than PLACES, and at least COARSEST (200 km). A place stands at the mean of its people, not at a cell's centre, and those of a fine cell with
settlements stand where these are: a country smaller than a cell gets its figure from its settlements. Nobody is left out, so that a
country's mean place is that of its people. Regions of large countries are apart; a fine cell is of the region of the nearest settlement.

Where no people are counted, stations and their staff stand in (stations.csv); they are no population. Where not even staff are, the
place is that of the island, or the middle of the land where a landed list of settlements leaves a territory out: its figure says what
somebody there would have.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipeline.geometry import grid
from pipeline.geometry.frames import up_ecef
from pipeline.metrics.cell import FINE_ORDER
from pipeline.metrics.country_pop import WHOLE, mean_place
from pipeline.sources.cities import REGIONS
from pipeline.table import Column, Table

PLACES = 25
COARSEST, FINEST = 5, 7  # cells 200 and 50 km wide

TABLE = Table(
    "dim.place",
    "one row per place of a country where its figures are computed",
    (
        Column("place_id", "text", "", "Country, region, and order and number of the HEALPix cell, or the name of a station", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code"),
        Column("region_code", "text", "", "ISO 3166-2 code of a region that dim.country_pop has apart, else all"),
        Column("place_kind", "place_kind", "", "What it is: people as they are settled, staff of a station, or nobody that is counted"),
        Column("title", "text", "", "Largest settlement within, or the nearest one; the station; the island"),
        Column("latitude_deg", "number", "deg", "Geodetic WGS-84 latitude, mean of its people", -90, 90),
        Column("longitude_deg", "number", "deg", "Longitude, mean of its people", -180, 180),
        Column("population_count", "number", "people", "People; 0 at a station, whose staff are no population", 0, 2e9),
        Column("staff_count", "integer", "people", "Most staff at a time; null where people are settled, or nothing is told", 0, 1e5, nullable=True),
        Column("weight_fraction", "number", "1", "Part of the country's people, or of its staff; equal parts where nobody is", 0, 1),
    ),
)  # fmt: skip

_PLACE = ["latitude_deg", "longitude_deg"]
_KEY = ["country_iso3", "region_code", "cell_order", "place_cell"]


def compute(
    country: pl.DataFrame, settlements: pl.DataFrame, fine: pl.DataFrame, stations: pl.DataFrame, land: pl.DataFrame
) -> pl.DataFrame:
    """Rows of TABLE; the weights of a country sum to 1.

    country: dim.country. settlements: raw.cities. fine: dim.cell_fine. stations: stations.csv.
    land: dim.cell_country with latitude_deg and longitude_deg of the cells.
    Raises ValueError where a country has neither people nor a station nor land.
    """
    people = fine.filter(pl.col("population_count") > 0)
    manned = stations.join(country, on="country_iso3", how="semi").join(people, on="country_iso3", how="anti")
    placed = pl.concat([people.select("country_iso3"), manned.select("country_iso3")])
    bare = _bare(country.join(placed, on="country_iso3", how="anti"), land)
    placed = pl.concat([placed, bare.select("country_iso3")])
    if nowhere := country.join(placed, on="country_iso3", how="anti")["country_iso3"].sort().to_list():
        raise ValueError(
            f"{', '.join(nowhere)}: neither people nor a station nor land: add a row to pipeline/reference/stations.csv"
        )
    frame = pl.concat(
        [_settled(country, settlements, people), _manned(pl.concat([manned, bare], how="diagonal_relaxed"))],
        how="diagonal_relaxed",
    )
    return TABLE.conform(frame.select(TABLE.column_names).sort("place_id"))


def unsettled(places: pl.DataFrame) -> pl.DataFrame:
    """Places of countries where nobody lives, with weights instead of people: country_iso3, latitude_deg, longitude_deg, population_count."""
    rows = places.filter(pl.col("place_kind") != "settled")
    return rows.select("country_iso3", *_PLACE, pl.col("weight_fraction").alias("population_count"))


def _settled(country: pl.DataFrame, settlements: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Places of people, from those of fine cells."""
    towns = _towns(country, settlements)
    rows = _in_cells(_in_regions(_at_towns(people, towns), towns))
    count = pl.col("population_count").sum()
    sums = rows.group_by(_KEY, maintain_order=True).agg(count)
    own = rows.sort("town_people", "town", descending=[True, False], nulls_last=True)
    names = own.group_by(_KEY, maintain_order=True).agg(
        pl.col("town").first(), pl.col("nearest").sort_by("population_count", "nearest").last()
    )
    frame = sums.join(mean_place(rows, _KEY), on=_KEY).join(names, on=_KEY)
    return frame.with_columns(
        pl.format("{}/{}/{}/{}", *_KEY).alias("place_id"),
        pl.lit("settled").alias("place_kind"),
        pl.coalesce("town", pl.format("near {}", "nearest"), "country_iso3").alias("title"),
        (pl.col("population_count") / pl.col("population_count").sum().over("country_iso3")).alias("weight_fraction"),
    )


def _towns(country: pl.DataFrame, settlements: pl.DataFrame) -> pl.DataFrame:
    """Settlements with people, with country, region and fine cell."""
    named = [(iso2, admin1, region) for iso2, regions in REGIONS.items() for admin1, region in regions.items()]
    names = pl.DataFrame(named, schema=["country_iso2", "admin1_code", "region_code"], orient="row")
    towns = settlements.filter(pl.col("population_count") > 0).join(
        names, on=["country_iso2", "admin1_code"], how="left"
    )
    cell_id = grid.cell_of(towns["latitude_deg"].to_numpy(), towns["longitude_deg"].to_numpy(), FINE_ORDER)
    codes = country.select("country_iso2", "country_iso3").drop_nulls()
    return (
        towns.with_columns(pl.Series("fine_cell_id", cell_id))
        .join(codes, on="country_iso2")
        .select(
            "country_iso3", "region_code", "fine_cell_id", "name", "latitude_deg", "longitude_deg", "population_count"
        )
        .sort(pl.all())
    )


def _at_towns(people: pl.DataFrame, towns: pl.DataFrame) -> pl.DataFrame:
    """Fine cells with the place of their settlements, or their centre, and with the name and people of the largest one."""
    key = ["country_iso3", "fine_cell_id"]
    largest = towns.sort("population_count", descending=True, maintain_order=True).unique(key, keep="first")
    largest = largest.select(*key, pl.col("name").alias("town"), pl.col("population_count").alias("town_people"))
    held = mean_place(towns, key).join(largest, on=key)
    rows = people.select(*key, "population_count").sort(key).join(held, on=key, how="left", maintain_order="left")
    latitude, longitude = (axis[rows["fine_cell_id"].to_numpy().astype(int)] for axis in grid.centres(FINE_ORDER))
    return rows.with_columns(
        pl.col("latitude_deg").fill_null(pl.Series(latitude)), pl.col("longitude_deg").fill_null(pl.Series(longitude))
    )


def _in_regions(rows: pl.DataFrame, towns: pl.DataFrame) -> pl.DataFrame:
    """With name and region of the nearest settlement of the same country."""
    parts = []
    for (code,), own in rows.group_by("country_iso3", maintain_order=True):
        near = towns.filter(pl.col("country_iso3") == code).select(
            pl.col("name").alias("nearest"), "region_code", *_PLACE
        )
        if near.height:  # else all of it is rural, and has no names
            found = cKDTree(_directions(near)).query(_directions(own))[1].tolist()
            own = own.hstack(near.drop(_PLACE)[found])
        parts.append(own)
    names = [pl.lit(None, pl.String).alias("nearest"), pl.lit(None, pl.String).alias("region_code")]
    frame = pl.concat([rows.clear().with_columns(names), *parts], how="diagonal")
    return frame.with_columns(pl.col("region_code").fill_null(WHOLE))


def _in_cells(rows: pl.DataFrame) -> pl.DataFrame:
    """With the order that suits the country, and the cell of that order around each fine cell."""
    orders = range(COARSEST, FINEST + 1)
    counts = rows.group_by("country_iso3").agg(_parent(order).n_unique().alias(str(order)) for order in orders)
    fits = [pl.when(pl.col(str(order)) <= PLACES).then(order) for order in orders]
    chosen = counts.select("country_iso3", pl.max_horizontal(pl.lit(COARSEST), *fits).alias("cell_order"))
    cell = pl.coalesce(pl.when(pl.col("cell_order") == order).then(_parent(order)) for order in orders)
    return rows.join(chosen, on="country_iso3", maintain_order="left").with_columns(cell.alias("place_cell"))


def _parent(order: int) -> pl.Expr:
    return pl.col("fine_cell_id") // 4 ** (FINE_ORDER - order)


def _directions(rows: pl.DataFrame) -> NDArray[np.float64]:
    return up_ecef(*(rows[name].to_numpy() for name in _PLACE))


def _bare(country: pl.DataFrame, land: pl.DataFrame) -> pl.DataFrame:
    """The middle of the land of each country, in the form of a station whose staff nobody has told."""
    area = land.filter(pl.col("area_fraction") > 0).join(country, on="country_iso3", how="semi")
    middle = mean_place(area.with_columns(pl.col("area_fraction").alias("population_count")), ["country_iso3"])
    names = country.select("country_iso3", pl.col("title").alias("name"), pl.lit(None, pl.Int64).alias("staff_count"))
    return names.join(middle, on="country_iso3")


def _manned(stations: pl.DataFrame) -> pl.DataFrame:
    """Places of stations, weighted by staff; equal parts where there are none."""
    staff, of_country = pl.col("staff_count"), pl.col("staff_count").sum().over("country_iso3")
    return stations.with_columns(
        pl.format("{}/{}", "country_iso3", "name").alias("place_id"),
        pl.lit(WHOLE).alias("region_code"),
        pl.when(of_country > 0).then(pl.lit("station")).otherwise(pl.lit("uninhabited")).alias("place_kind"),
        pl.col("name").alias("title"),
        pl.lit(0.0).alias("population_count"),
        pl.when(of_country > 0)
        .then(staff / of_country)
        .otherwise(1 / pl.len().over("country_iso3"))
        .alias("weight_fraction"),
    )
