"""The cells of the grid, their people, and the bridges to countries and to H3.

People come from settlements. A country's total is that of country_facts.csv; a territory without a row there keeps its
own code and the sum of its settlements. (The World Bank counts the five overseas departments within France: they are
counted there and under their own codes, 2.2 million people or 0.03 % of the world.)

Where settlements sum to more than the total (GeoNames lists districts beside their city), all are scaled down. Where they
sum to less, which is so for 47 % of the world's people, the rest is rural: it is laid on the places within 50 km of a
settlement, on land of the country, each in proportion to the square root of the settlement people within that reach. The
square root, because the country around a town of a million holds more people than around one of ten thousand, but not a
hundred times more; places without a settlement near, deserts above all, get nobody. Against a census grid (GPW v4, 2020,
order 4) this misplaces 10 to 12 % of people, against 17 % when settlements are merely scaled up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from pipeline.geometry import grid, outline
from pipeline.geometry.constants import WGS84_SEMI_MAJOR_KM
from pipeline.metrics import people
from pipeline.sources import cities as geonames
from pipeline.table import Column, Table

PLACE_ORDER = 9  # places and sub-cells of 162 km2
FINE_ORDER = 8
H3_RESOLUTION = 3
H3_POINT_ORDER = 8  # points 25 km apart: a call for each of 786,432 points is what can be afforded
REACH_KM = 50.0
SMALL_KM2 = 10_400.0  # a cell of order 6

# metrics.country.facts -> dim.country
_FACTS = {"iso3": "country_iso3", "iso2": "country_iso2", "country": "title"}
_FIGURES = (
    "gdp_per_head_ppp_usd", "gdp_per_head_ppp_year", "internet_users_fraction", "internet_users_year", "fixed_broadband_per_head",
    "fixed_broadband_year", "mobile_subscriptions_per_head", "mobile_subscriptions_year", "fixed_download_median_mbps", "fixed_download_year",
)  # fmt: skip
_COUNTED = ("population_count", "population_year")

CELL = Table(
    "dim.cell",
    "one row per HEALPix cell of the grid (nested order 6: 49,152 cells of equal area)",
    (
        Column("cell_id", "cell", "", "HEALPix index, nested", key=True),
        Column("latitude_deg", "number", "deg", "Geodetic WGS-84 latitude of the centre", -90, 90),
        Column("longitude_deg", "number", "deg", "Longitude of the centre", -180, 180),
        Column("area_km2", "number", "km2", "Area on the WGS-84 ellipsoid", 0),
        Column("population_count", "number", "people", "People in the cell", 0, 1e9),
    ),
)

CELL_COUNTRY = Table(
    "dim.cell_country",
    "one row per cell and country or territory that has area or people in it",
    (
        Column("cell_id", "cell", "", "HEALPix index, nested", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("area_fraction", "number", "1", "Fraction of the cell's area that is land of the country", 0, 1),
        Column("population_count", "number", "people", "People of the country in the cell", 0, 1e9),
    ),
)

CELL_H3 = Table(
    "dim.cell_h3",
    "one row per cell and H3 cell of resolution 3 that overlap, by points 25 km apart",
    (
        Column("cell_id", "cell", "", "HEALPix index, nested", key=True),
        Column("h3_id", "cell", "", "H3 index, resolution 3", key=True),
        Column("area_fraction", "number", "1", "Fraction of the HEALPix cell's area that lies in the H3 cell", 0, 1),
    ),
)

COUNTRY = Table(
    "dim.country",
    "one row per country or territory of ISO 3166-1, and Kosovo; some have no people",
    (
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("country_iso2", "text", "", "ISO 3166-1 alpha-2 code (Namibia is NA)", nullable=True),
        Column("title", "text", "", "English name"),
        Column("region", "text", "", "World Bank region", nullable=True),
        Column("income_level", "text", "", "World Bank income level", nullable=True),
        Column("population_count", "number", "people", "People; 0 where nobody lives for good (Antarctica)", 0, 2e9),
        Column("population_year", "integer", "", "Year of the count; null where it is the sum of settlements", 1990, 2100, nullable=True),
        Column("gdp_per_head_ppp_usd", "number", "USD", "Gross domestic product per head at purchasing power parity", 0, nullable=True),
        Column("gdp_per_head_ppp_year", "integer", "", "Year of that", 1990, 2100, nullable=True),
        Column("internet_users_fraction", "number", "1", "Fraction of people who use the Internet", 0, 1, nullable=True),
        Column("internet_users_year", "integer", "", "Year of that, or the year before which it was the newest", 1990, 2100, nullable=True),
        Column("fixed_broadband_per_head", "number", "", "Fixed broadband subscriptions per head", 0, 2, nullable=True),
        Column("fixed_broadband_year", "integer", "", "Year of that", 1990, 2100, nullable=True),
        Column("mobile_subscriptions_per_head", "number", "", "Mobile subscriptions per head, broadband or not", 0, 10, nullable=True),
        Column("mobile_subscriptions_year", "integer", "", "Year of that", 1990, 2100, nullable=True),
        Column("fixed_download_median_mbps", "number", "Mbps", "Median download that fixed lines measured", 0, nullable=True),
        Column("fixed_download_year", "integer", "", "Year of that", 1990, 2100, nullable=True),
        Column("people_basis", "people_basis", "", "How people were placed on cells"),
        Column("source", "text", "", "Source of the figures"),
    ),
)  # fmt: skip

CELL_FINE = Table(
    "dim.cell_fine",
    "one row per HEALPix cell of order 8 (649 km2) and country that has people in it",
    (
        Column("fine_cell_id", "cell", "", "HEALPix index of order 8, nested", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column(
            "cell_id",
            "cell",
            "",
            "The cell of the grid that it is a part of; null where the grid is finer",
            nullable=True,
        ),
        Column("population_count", "number", "people", "People of the country in it", 0, 1e9),
    ),
)

TABLES = (CELL, CELL_COUNTRY, CELL_H3, CELL_FINE, COUNTRY)


Counts = tuple[
    NDArray[np.int64], NDArray[np.float64]
]  # distinct keys of country and cell in order, and a value for each


@dataclass(frozen=True)
class _Land:
    """What is whose: `codes` in order, `owner` index in codes of each sub-cell (-1 is none), (n_sub_cells,), nested."""

    codes: tuple[str, ...]
    owner: NDArray[np.int16]
    order: int


@dataclass(frozen=True)
class _Settlements:
    """Settlements with people: index of the country, coordinates [deg], sub-cell and people, each (n,)."""

    who: NDArray[np.int64]
    latitude_deg: NDArray[np.float64]
    longitude_deg: NDArray[np.float64]
    home: NDArray[np.int64]
    people: NDArray[np.float64]


def compute(
    cities: pl.DataFrame,
    countries: pl.DataFrame,
    topology: dict[str, Any],
    order: int,
    population: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Cells, countries and bridges of HEALPix `order`, by table name.

    `cities` rows of raw.cities; `countries` facts of countries (metrics.country.facts); `topology` the shipped outlines (TopoJSON); `population` rows of
    a population grid, which then says where people live (metrics.people), settlements only in countries that it does not cover. Every
    country's people sum to its total. Raises ValueError when a settlement's country is unknown or a country's people have no place.
    """
    country = _countries(cities, countries)
    polygons = outline.countries(topology)
    land = _land(polygons, country["country_iso3"].to_list(), order)
    placed, by_grid = _people(land, country, cities, population)
    bridge = _bridge(land, _areas(land, polygons, order), _summed(land, country, placed, order), order)
    basis = pl.when(pl.col("country_iso3").is_in(by_grid)).then(pl.lit("grid")).otherwise("people_basis")
    return {
        CELL.name: CELL.conform(_cells(bridge, order)),
        CELL_COUNTRY.name: CELL_COUNTRY.conform(bridge),
        CELL_H3.name: CELL_H3.conform(_h3_cells(order)),
        CELL_FINE.name: CELL_FINE.conform(_fine_cells(land, country, placed, order)),
        COUNTRY.name: COUNTRY.conform(country.with_columns(basis.alias("people_basis"))),
    }


def _countries(cities: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Rows of dim.country: the facts, then the territories with the sum of their settlements."""
    settled = cities.group_by("country_iso2").agg(pl.col("population_count").sum().cast(pl.Float64).alias("settled"))
    known = facts.rename(_FACTS).select(*_FACTS.values(), "region", "income_level", *_FIGURES, "source", *_COUNTED)
    names = pl.DataFrame(geonames.TERRITORIES, schema=("country_iso2", "country_iso3", "title"), orient="row")
    own = names.filter(~pl.col("country_iso3").is_in(known["country_iso3"].to_list()))
    rows = pl.concat([known, own], how="diagonal_relaxed").join(settled, on="country_iso2", how="left")
    if unknown := sorted(set(settled["country_iso2"]) - set(rows["country_iso2"])):
        raise ValueError(
            f"cities: no country has the code {', '.join(unknown)}: add a row to country_facts.csv or to TERRITORIES in "
            "pipeline/sources/cities.py"
        )
    summed = pl.col("population_count").is_null()
    return rows.select(
        pl.exclude(*_COUNTED, "source", "settled"),
        pl.coalesce(pl.col("population_count").cast(pl.Float64), "settled", 0.0).alias("population_count"),
        pl.when(~summed).then("population_year").alias("population_year"),
        pl.lit("settlements").alias("people_basis"),
        pl.when(summed)
        .then(pl.lit(f"Sum of settlements: {geonames.SOURCE.citation}"))
        .otherwise("source")
        .alias("source"),
    ).sort("country_iso3")


def _land(polygons: dict[str, list[outline.Line]], codes: list[str], order: int) -> _Land:
    """Who owns each sub-cell, by the polygon that holds its centre."""
    every = tuple(sorted({*codes, *polygons}))
    sub_order = max(PLACE_ORDER, order + 1)
    rings = grid.rings(sub_order)
    owner = np.empty(grid.cell_count(sub_order), dtype=np.int16)
    owner[rings.nest_of_ring] = outline.owners([polygons.get(code, []) for code in every], rings)
    return _Land(every, owner, sub_order)


def _areas(land: _Land, polygons: dict[str, list[outline.Line]], order: int) -> Counts:
    """Fraction of each cell's area that is land of each country: by sub-cells, and for small countries by finer points.

    Where the two together exceed the cell, by a sub-cell or so, all give way in proportion.
    """
    size_km2 = np.array([sum(map(outline.area_km2, polygons.get(code, []))) for code in land.codes])
    small = (size_km2 > 0) & (size_km2 < SMALL_KM2)
    owned = np.flatnonzero((land.owner >= 0) & ~small[land.owner])
    fine = [_fine(int(who), ring, order) for who in np.flatnonzero(small) for ring in polygons[land.codes[who]]]
    keys = np.concatenate([_key(land, land.owner[owned], owned, order), *(key for key, _ in fine)])
    shares = [np.full(owned.size, 0.25 ** (land.order - order)), *(share for _, share in fine)]
    keys, fraction = _sum_by(keys, np.concatenate(shares))
    fraction = np.maximum(fraction, 0.0)
    cell_id = keys % grid.cell_count(order)
    return keys, fraction / np.maximum(np.bincount(cell_id, weights=fraction), 1.0)[cell_id]


def _fine(who: int, ring: outline.Line, order: int) -> Counts:
    """Area of one ring of a small country, in cells, laid on its cells by 48 x 48 points across it; a hole's is negative."""
    part = (np.arange(48) + 0.5) / 48
    low, size = ring.min(axis=0), np.ptp(ring, axis=0)
    x, y = (axis.ravel() for axis in np.meshgrid(low[0] + part * size[0], low[1] + part * size[1]))
    inside = shapely.contains_xy(shapely.Polygon(ring), x, y)
    x, y = (x[inside], y[inside]) if inside.any() else ring[:-1].mean(axis=0)[:, None]
    key = who * grid.cell_count(order) + grid.cell_of(y, x, order).astype(np.int64)
    return key, np.full(key.size, outline.area_km2(ring) / grid.area_km2(order) / key.size)


def _people(
    land: _Land, country: pl.DataFrame, cities: pl.DataFrame, population: pl.DataFrame | None
) -> tuple[people.Placed, list[str]]:
    """People of each country on sub-cells, and the countries that a population grid has placed; each one's sum is near its total."""
    total = _totals(land, country)
    model = _by_settlements(land, country, cities, total)
    if population is None:
        return model, []
    placed = people.by_grid(model, population, land.owner, land.order)
    found = np.bincount(placed.who, weights=placed.people, minlength=total.size).astype(np.float64)
    covers = people.covered(found, total)
    scale = total / np.where(covers, found, 1.0)
    kept, rest = covers[placed.who], ~covers[model.who]
    return people.Placed(
        np.concatenate([placed.who[kept], model.who[rest]]),
        np.concatenate([placed.where[kept], model.where[rest]]),
        np.concatenate([(placed.people * scale[placed.who])[kept], model.people[rest]]),
    ), [land.codes[k] for k in np.flatnonzero(covers)]


def _totals(land: _Land, country: pl.DataFrame) -> NDArray[np.float64]:
    """People of each country, in the order of its codes."""
    total = np.zeros(len(land.codes))
    total[[land.codes.index(code) for code in country["country_iso3"]]] = country["population_count"]
    return total


def _by_settlements(
    land: _Land, country: pl.DataFrame, cities: pl.DataFrame, total: NDArray[np.float64]
) -> people.Placed:
    """Settlements, and the rural rest around them."""
    index = [land.codes.index(code) for code in country["country_iso3"]]
    towns = _settlements(land, cities, dict(zip(country["country_iso2"], index, strict=True)))
    settled = np.bincount(towns.who, weights=towns.people, minlength=total.size)
    scale = np.minimum(1.0, total / np.maximum(settled, 1.0))
    who, where, weight = _rural(land, towns)
    whole = np.bincount(who, weights=weight, minlength=total.size)
    rest = total - settled * scale
    if homeless := [land.codes[i] for i in np.flatnonzero((rest > 0) & (whole == 0))]:
        raise ValueError(
            f"people of {', '.join(homeless)} have neither settlement nor land: look at cities and outlines"
        )
    rural = (rest / np.where(whole > 0, whole, 1.0))[who] * weight
    return people.Placed(
        np.concatenate([towns.who, who]),
        np.concatenate([towns.home, where]),
        np.concatenate([towns.people * scale[towns.who], rural]),
    )


def _summed(land: _Land, country: pl.DataFrame, placed: people.Placed, order: int) -> Counts:
    """People of each country in each cell of an order; each country's sum is its total."""
    keys, count = _sum_by(_key(land, placed.who, placed.where, order), placed.people)
    return keys, count * _correction(keys // grid.cell_count(order), count, _totals(land, country))


def _fine_cells(land: _Land, country: pl.DataFrame, placed: people.Placed, order: int) -> pl.DataFrame:
    """Rows of dim.cell_fine: people of each country in cells of FINE_ORDER, with the cell of the grid around each, if it is coarser."""
    keys, count = _summed(land, country, placed, FINE_ORDER)
    fine = keys % grid.cell_count(FINE_ORDER)
    parent = fine >> (2 * (FINE_ORDER - order)) if order <= FINE_ORDER else np.full(fine.size, -1)
    frame = pl.DataFrame(
        {
            "fine_cell_id": fine.astype(np.uint64),
            "country_iso3": np.array(land.codes)[keys // grid.cell_count(FINE_ORDER)].tolist(),
            "cell_id": parent,
            "population_count": count,
        }
    )
    known = pl.when(pl.col("cell_id") >= 0).then("cell_id").cast(pl.UInt64)
    return frame.with_columns(known.alias("cell_id")).filter(pl.col("population_count") > 0)


def _settlements(land: _Land, cities: pl.DataFrame, index_of_iso2: dict[str, int]) -> _Settlements:
    """Settlements with people; those of population 0 weigh nothing."""
    towns = cities.filter(pl.col("population_count") > 0)
    latitude_deg, longitude_deg = towns["latitude_deg"].to_numpy(), towns["longitude_deg"].to_numpy()
    return _Settlements(
        towns["country_iso2"].replace_strict(index_of_iso2, return_dtype=pl.Int64).to_numpy(),
        latitude_deg,
        longitude_deg,
        grid.cell_of(latitude_deg, longitude_deg, land.order).astype(np.int64),
        towns["population_count"].to_numpy().astype(np.float64),
    )


def _rural(land: _Land, towns: _Settlements) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Country, sub-cell and weight of the places where rural people may live.

    A settlement reaches its own place and 18 points on two circles; a point that is not land of its country falls back on
    its own place. A country without settlements has its whole land.
    """
    sub_count = grid.cell_count(land.order)
    keys = [towns.who * sub_count + _reached(land, towns, *step_km) for step_km in _steps_km()]
    key, people = _sum_by(np.concatenate(keys), np.tile(towns.people, len(keys)))
    empty = np.flatnonzero((land.owner >= 0) & ~np.isin(land.owner, np.unique(towns.who)))
    who = np.concatenate([key // sub_count, land.owner[empty].astype(np.int64)])
    where = np.concatenate([key % sub_count, empty])
    return who, where, np.concatenate([np.sqrt(people), np.ones(empty.size)])


def _reached(land: _Land, towns: _Settlements, north_km: float, east_km: float) -> NDArray[np.int64]:
    """Sub-cell at a step north and east of each settlement [km], or its own where that is not land of its country."""
    north_deg, east_deg = np.degrees(np.array([north_km, east_km]) / WGS84_SEMI_MAJOR_KM)
    narrowing = np.maximum(np.cos(np.radians(towns.latitude_deg)), 0.01)
    latitude_deg = np.clip(towns.latitude_deg + north_deg, -90.0, 90.0)
    place = grid.cell_of(latitude_deg, towns.longitude_deg + east_deg / narrowing, land.order).astype(np.int64)
    return np.where(land.owner[place] == towns.who, place, towns.home)


def _steps_km() -> list[tuple[float, float]]:
    """Steps north and east: none, 6 at half the reach, 12 at the reach."""
    circles = [(REACH_KM / 2, np.arange(6) / 6), (REACH_KM, np.arange(12) / 12)]
    turns = [(radius, 2 * np.pi * turn) for radius, part in circles for turn in part]
    return [(0.0, 0.0), *((radius * float(np.cos(t)), radius * float(np.sin(t))) for radius, t in turns)]


def _correction(who: NDArray[np.int64], people: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor near one that takes the rounding out of long sums, so that each country's people are its total."""
    sums = np.bincount(who, weights=people, minlength=total.size)
    return (total / np.where(sums > 0, sums, 1.0))[who]


def _key(land: _Land, who: NDArray[np.integer], sub_cell: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Country and cell in one number; a sub-cell's cell is its leading bits."""
    return who.astype(np.int64) * grid.cell_count(order) + (sub_cell >> (2 * (land.order - order)))


def _sum_by(key: NDArray[np.int64], value: NDArray[np.float64]) -> Counts:
    """Distinct keys in order and the sums of their values, always added in the same order."""
    distinct, inverse = np.unique(key, return_inverse=True)
    return distinct, np.bincount(inverse.ravel(), weights=value, minlength=distinct.size).astype(np.float64)


def _bridge(land: _Land, areas: Counts, people: Counts, order: int) -> pl.DataFrame:
    """Rows of dim.cell_country: every key of either, 0 where the other has none; rows of no area and no people go."""
    keys = np.union1d(areas[0], people[0])
    value = np.zeros((2, keys.size))
    for row, (own, number) in zip(value, (areas, people), strict=True):
        row[np.searchsorted(keys, own)] = number
    codes = np.array(land.codes)[keys // grid.cell_count(order)]
    return pl.DataFrame(
        {
            "cell_id": (keys % grid.cell_count(order)).astype(np.uint64),
            "country_iso3": codes.tolist(),
            "area_fraction": value[0],
            "population_count": value[1],
        }
    ).filter((pl.col("area_fraction") > 0) | (pl.col("population_count") > 0))


def _cells(bridge: pl.DataFrame, order: int) -> pl.DataFrame:
    """Rows of dim.cell; a cell's people are those of its countries."""
    latitude_deg, longitude_deg = grid.centres(order)
    cell_id = bridge["cell_id"].to_numpy().astype(np.int64)
    people = np.bincount(cell_id, weights=bridge["population_count"].to_numpy(), minlength=grid.cell_count(order))
    return pl.DataFrame(
        {
            "cell_id": np.arange(grid.cell_count(order), dtype=np.uint64),
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "area_km2": np.full(grid.cell_count(order), grid.area_km2(order)),
            "population_count": people,
        }
    )


def _h3_cells(order: int) -> pl.DataFrame:
    """Rows of dim.cell_h3 from the centres of sub-cells: at order 6 a share is a multiple of one sixteenth."""
    sub_order = max(order, H3_POINT_ORDER)
    latitude_deg, longitude_deg = grid.centres(sub_order)
    count = grid.cell_count(sub_order)
    points = map(h3.latlng_to_cell, latitude_deg.tolist(), longitude_deg.tolist(), repeat(H3_RESOLUTION))
    h3_id = np.fromiter(points, dtype=np.uint64, count=count)
    cell_id = np.arange(count, dtype=np.uint64) >> np.uint64(2 * (sub_order - order))
    shares = pl.DataFrame({"cell_id": cell_id, "h3_id": h3_id}).group_by("cell_id", "h3_id").len("points")
    return shares.select("cell_id", "h3_id", (pl.col("points") / 4 ** (sub_order - order)).alias("area_fraction"))
