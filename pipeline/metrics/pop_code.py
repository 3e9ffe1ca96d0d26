"""PoPs that only their code places: the feed names new ones before any list has them.

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

from pipeline.geometry.frames import great_circle_km
from pipeline.metrics.ground import SAME_KM
from pipeline.sources import cities, starlink_geoip

BIG = 100_000
_STATE = re.compile(r"([a-z]{4})([a-z]{2})x\w*")
_COUNTRY = re.compile(r"([a-z]{4})([a-z]{3})\d\w*")
_LANDED_POP = "starlink-pop-"  # how the community's list names a PoP, which knows no codes


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
    there = (landed[name].to_numpy() for name in ("latitude_deg", "longitude_deg"))
    away = great_circle_km(np.array(row["latitude_deg"]), np.array(row["longitude_deg"]), *there)
    near = away.size and away.min() <= SAME_KM
    return str(landed["site_id"][int(away.argmin())]) if near else None
