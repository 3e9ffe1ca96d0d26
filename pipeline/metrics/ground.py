"""Starlink's ground: the landed list of gateways and PoPs, merged with the sites that ship, and PoPs that only their code places.

A code is four letters of a town, then a state and x, or a country's three letters: dllstxx1 is Dallas in Texas, frntdeu1 Frankfurt in
Germany. It is read as the largest settlement of BIG people or more there whose name begins with the first letter and has the others
in their order, or the first three of them. Of the shipped sites this places 47, 46 within 42 km and Muscat 65 km off, and leaves
those of small towns and those with other letters (jtnaidn1, Jakarta) without a place.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import polars as pl

from pipeline.geometry import outline
from pipeline.geometry.frames import great_circle_km
from pipeline.sources import cities, starlink_geoip
from pipeline.sources.starlink_ground import SOURCE

# A landed PoP so near to a shipped one is the same: the list has a town's coordinates, the shipped one its building's.
SAME_KM = 40.0
COAST_KM = 50.0
BIG = 100_000
_STATE = re.compile(r"([a-z]{4})([a-z]{2})x\w*")
_COUNTRY = re.compile(r"([a-z]{4})([a-z]{3})\d\w*")
_LANDED_POP = "starlink-pop-"  # how the community's list names a PoP, which knows no codes


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
        pl.col("title").alias("row_key"),
        pl.format("it is {} of the shipped sites", "known").alias("reason"),
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


def with_codes(
    places: pl.DataFrame, feed: pl.DataFrame, settlements: pl.DataFrame, country: pl.DataFrame, date_text: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of dim.site with the PoPs that the feed names by a code unknown to it, and the codes without a place (row_number, row_key, reason).

    places: dim.site with the landed stations. feed: raw.starlink_geoip, empty where none is landed. settlements: raw.cities.
    country: dim.country. date_text: when the feed said so. A landed PoP within SAME_KM of where a code is read takes the code for its
    name and keeps its place and status; else the code is a row of its own, unverified. row_number counts the codes in order, from 1.
    """
    known = {name.removeprefix("starlink-") for name in places["site_id"]}
    towns = _towns(settlements, dict(country.select("country_iso2", "country_iso3").drop_nulls().rows()))
    rows: list[dict[str, Any]] = []
    listed = []
    for number, code in enumerate(sorted(set(feed["pop_code"]) - known), 1):
        town = town_of(code, towns)
        if town is None:
            listed.append((number, code, "dim.site does not know the PoP, and its code tells no large town"))
            continue
        row = _coded_row(code, town, date_text)
        same = _landed_pop(places, row)
        if same is None:
            rows.append(row)
        else:
            named = pl.col("site_id").replace({same: row["site_id"]})
            places = places.with_columns(named)
    added = pl.DataFrame(rows, schema=places.schema)
    schema = {"row_number": pl.Int64, "row_key": pl.String, "reason": pl.String}
    return pl.concat([places, added]), pl.DataFrame(listed, schema=schema, orient="row")


def town_of(code: str, towns: dict[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """The town that a PoP's code tells, or None. `towns`: by country (ISO 3166-1 alpha-3) or state (US-TX), the largest first."""
    state, country = _STATE.fullmatch(code), _COUNTRY.fullmatch(code)
    if state:
        letters, there = state[1], towns.get(f"US-{state[2].upper()}", [])
    elif country:
        letters, there = country[1], towns.get(country[2].upper(), [])
    else:
        return None
    told = (town for length in (4, 3) for town in there if _spells(letters[:length], town["plain"]))
    return next(told, None)


def _spells(letters: str, name: str) -> bool:
    """Whether a name begins with the first letter and has the others in their order."""
    rest = iter(name)
    return name[:1] == letters[0] and all(letter in rest for letter in letters)


def _towns(settlements: pl.DataFrame, codes: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Large towns by country and by American state, the largest first, each with its name in plain letters."""
    towns: dict[str, list[dict[str, Any]]] = {}
    big = settlements.filter(pl.col("population_count") >= BIG).sort(
        "population_count", "geoname_id", descending=[True, False]
    )
    for row in big.iter_rows(named=True):
        iso3 = codes.get(row["country_iso2"])
        spread = unicodedata.normalize("NFKD", row["name"].lower())
        town = row | {"plain": "".join(filter(str.isalpha, spread)), "country_iso3": iso3}
        state = cities.REGIONS["US"].get(row["admin1_code"] or "") if iso3 == "USA" else None
        for key in (iso3, state):
            if key:
                towns.setdefault(key, []).append(town)
    return towns


def _coded_row(code: str, town: dict[str, Any], date_text: str) -> dict[str, Any]:
    """One row of dim.site for a code at its town."""
    return {
        "site_id": f"starlink-{code}",
        "kind": "pop",
        "title": town["name"],
        "operator": "SpaceX",
        "constellation": "starlink",
        "country_iso3": town["country_iso3"],
        "latitude_deg": town["latitude_deg"],
        "longitude_deg": town["longitude_deg"],
        "status": "unverified",
        "confidence": "town: read from the PoP's code",
        "source": f"{starlink_geoip.SOURCE.title}; place of the town: {cities.SOURCE.title} ({cities.SOURCE.licence})",
        "source_url": starlink_geoip.SOURCE.citation.split(", ")[2],
        "date_text": date_text,
    }


def _landed_pop(places: pl.DataFrame, row: dict[str, Any]) -> str | None:
    """The site of the community's list, a PoP without a code, that stands where a code is read; the nearest of several."""
    landed = places.filter(pl.col("site_id").str.starts_with(_LANDED_POP))
    away, nearest = _nearest_km(pl.DataFrame([row]), landed)
    return str(landed["site_id"][int(nearest[0])]) if away[0] <= SAME_KM else None
