"""Which PoP serves whom: Starlink's own feed of addresses by country and region, with the PoP that reverse DNS names for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="starlink_geoip",
    title="Starlink's GeoIP feed with PoP names",
    address="https://raw.githubusercontent.com/clarkzjw/starlink-geoip-data/refs/heads/master/geoip/geoip-latest.json",
    licence="RFC 8805 feed of the operator; no licence stated",
    citation="J. Pan, starlink-geoip-data, https://github.com/clarkzjw/starlink-geoip-data, from https://geoip.starlinkisp.net/feed.csv",
    cadence="every few hours",
    missing="changes in which PoP serves a country: the shipped table stands",
    suffix="json",
    every_days=1,
    limit_bytes=64 * 2**20,
)

TABLE = Table(
    "raw.starlink_geoip",
    "one row per country, region and PoP that addresses there are served by",
    (
        Column("country_iso2", "text", "", "ISO 3166-1 alpha-2 code (Namibia is NA)", key=True),
        Column("region_code", "text", "", "ISO 3166-2 code, or the country's own where the feed names none", key=True),
        Column("pop_code", "text", "", "The operator's code of the PoP", key=True),
        Column("subnet_count", "integer", "", "Subnets there whose names tell that PoP", 1),
    ),
)
FORM = documents.form(SOURCE.name, "a feed by country")
# customer.frntdeu1.pop.starlinkisp.net. and, newer, customer.frntdeu1.isp.starlink.com.; a code is a town, a country and a number.
_POP = re.compile(r"^customer\.([a-z]{4,7}\d+)\.(?:pop\.starlinkisp\.net|isp\.starlink\.com)\.?$")


def parse(data: bytes) -> Parsed:
    """Read a landed feed {countries: {code: {region: {city: {ips: [[subnet, name], ...]}}}}}.

    Subnets without a name, or with one that tells no PoP, are counted in one row per reason, not one by one; their row numbers are 0 and
    1. Raises SourceError when the bytes are no such feed, or no subnet names a PoP.
    """
    document = documents.loaded(data, FORM)
    countries = document.get("countries") if isinstance(document, dict) else None
    if not isinstance(countries, dict):
        raise FORM.error("the landed file has no countries")
    counts: Counter[tuple[str, str, str]] = Counter()
    left_out: Counter[str] = Counter()
    for country, region, name in _subnets(countries):
        pop = _POP.match(name)
        if not re.fullmatch("[A-Z]{2}", country):
            left_out["their country is no code of two letters"] += 1
        elif pop:
            counts[country, region if region.startswith(f"{country}-") else country, pop[1]] += 1
        else:
            left_out["their names tell a PoP of no known form" if name else "they have no name"] += 1
    if not counts:
        raise FORM.error("the landed file names no PoP")
    listed = [
        (number, f"{count} subnets", f"{reason}: they do not count")
        for number, (reason, count) in enumerate(sorted(left_out.items()))
    ]
    found = [(*key, count) for key, count in counts.items()]
    frame = pl.DataFrame(found, schema=TABLE.polars_schema, orient="row")
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _subnets(countries: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Country, region and name of every subnet; what is not of the feed's form is passed over."""
    for country, regions in countries.items():
        for region, cities in regions.items() if isinstance(regions, dict) else ():
            for city in cities.values() if isinstance(cities, dict) else ():
                for subnet in city.get("ips", ()) if isinstance(city, dict) else ():
                    if isinstance(subnet, list) and subnet:
                        name = subnet[1] if len(subnet) > 1 and isinstance(subnet[1], str) else ""
                        yield country.strip(), region.strip(), name.strip().lower()
