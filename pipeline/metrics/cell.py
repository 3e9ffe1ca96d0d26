"""The cells of the grid, their people, and the bridges to countries and to H3."""

from __future__ import annotations

from pipeline.table import Column, Table

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
    "one row per cell and H3 cell of resolution 3 that overlap",
    (
        Column("cell_id", "cell", "", "HEALPix index, nested", key=True),
        Column("h3_id", "cell", "", "H3 index, resolution 3", key=True),
        Column("area_fraction", "number", "1", "Fraction of the HEALPix cell's area that lies in the H3 cell", 0, 1),
    ),
)

COUNTRY = Table(
    "dim.country",
    "one row per country or territory with people",
    (
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("country_iso2", "text", "", "ISO 3166-1 alpha-2 code (Namibia is NA)", nullable=True),
        Column("title", "text", "", "English name"),
        Column("region", "text", "", "World Bank region", nullable=True),
        Column("income_level", "text", "", "World Bank income level", nullable=True),
        Column("population_count", "number", "people", "People", 0, 2e9),
        Column("population_year", "integer", "", "Year of the count; null where it is the sum of settlements", 1990, 2100, nullable=True),
        Column("gdp_per_head_ppp_usd", "number", "USD", "Gross domestic product per head at purchasing power parity", 0, nullable=True),
        Column("internet_users_fraction", "number", "1", "Fraction of people who use the Internet", 0, 1, nullable=True),
        Column("people_basis", "people_basis", "", "How people were placed on cells"),
        Column("source", "text", "", "Source of the figures"),
    ),
)  # fmt: skip

TABLES = (CELL, CELL_COUNTRY, CELL_H3, COUNTRY)
