"""Which PoP serves whom: Starlink's own feed of addresses by country and region, with the PoP that it or reverse DNS names for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from pipeline.formats import documents, records, rows
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="starlink_geoip",
    title="Starlink's GeoIP feed with PoP names",
    address="https://raw.githubusercontent.com/clarkzjw/starlink-geoip-data/refs/heads/master/geoip/geoip-pops-ptr-latest.csv",
    licence="RFC 8805 feed of the operator; no licence stated",
    citation="J. Pan, starlink-geoip-data, https://github.com/clarkzjw/starlink-geoip-data, from feed.csv and pops.csv of https://geoip.starlinkisp.net",
    cadence="every few hours",
    missing="changes in which PoP serves a country: the shipped table stands",
    suffix="csv",
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
        Column(
            "subnet_count",
            "integer",
            "",
            "Subnets there that the operator's list of PoPs, or their names, give to that PoP",
            1,
        ),
    ),
)
FORM = documents.form(SOURCE.name, "a feed by country")
# The list of the same feed joined to the operator's own list of PoPs. Only the words are used: what a row tells is judged below.
JOINED = Form(
    source_name=SOURCE.name,
    header_name="the header of a joined feed",
    fields={word: Column(word, "text", "", f"The feed's {word}") for word in ("cidr", "country", "region", "pop", "dns_ptr")},
    name_field="cidr",
    number_field="cidr",
    may_be_absent=["dns_ptr"],
)  # fmt: skip
# A code is a town, a country or state, and mostly a number: frntdeu1, sttlwax1, pthpakx, rdmdwax3rk3, sea.
_CODE = re.compile(r"[a-z][a-z0-9]{2,15}")
# customer.frntdeu1.pop.starlinkisp.net. and, newer, customer.frntdeu1.isp.starlink.com.
_NAME = re.compile(rf"customer\.({_CODE.pattern})\.(?:pop\.starlinkisp\.net|isp\.starlink\.com)\.?")
_KEYS = ("countries", "valid")  # as the document is, and as it was in 2024


class _Subnet(NamedTuple):
    """One subnet as it is written; `pop` is empty where the file has no list of PoPs, `name` where reverse DNS has none."""

    subnet: str
    country: str
    region: str
    pop: str
    name: str


def parse(data: bytes) -> Parsed:
    """Read a landed feed: CSV with cidr, country, region, pop and dns_ptr, or {countries: {code: {region: {city: {ips: [[subnet, name]]}}}}}.

    A subnet counts once. Its PoP is the one of the operator's list, else the one of its name; those that have neither, or no country, are
    counted in one row per reason, not one by one: their row numbers begin with 0. A country that is missing is that of its region,
    because who joins the lists reads Namibia (NA) as nothing. Raises SourceError when the bytes are no such feed, are cut, or name no PoP.
    """
    text = rows.decoded(data, FORM)
    rows.refuse_web_page(text, FORM)
    subnets = _of_document(data) if text.lstrip().startswith(("{", "[")) else _of_lines(text)
    counts: Counter[tuple[str, str, str]] = Counter()
    left_out: Counter[str] = Counter()
    for each in dict.fromkeys(subnets):
        country = each.country or _country_of(each.region)
        pop = _pop_of(each)
        if not re.fullmatch("[A-Z]{2}", country):
            left_out["their country is no code of two letters"] += 1
        elif pop:
            counts[country, each.region if each.region.startswith(f"{country}-") else country, pop] += 1
        else:
            left_out["their names tell a PoP of no known form" if each.name else "they have no name"] += 1
    if not counts:
        raise FORM.error("the landed file names no PoP")
    listed = [
        (number, f"{count} subnets", f"{reason}: they do not count")
        for number, (reason, count) in enumerate(sorted(left_out.items()))
    ]
    found = [(*key, count) for key, count in counts.items()]
    frame = pl.DataFrame(found, schema=TABLE.polars_schema, orient="row")
    return Parsed(TABLE.conform(frame), rows.exclusions(listed))


def _country_of(region: str) -> str:
    """NA of NA-KH; empty where the region tells no country."""
    return region[:2] if region[2:3] == "-" else ""


def _pop_of(subnet: _Subnet) -> str:
    """The code of the PoP; empty where nothing tells it."""
    if _CODE.fullmatch(subnet.pop):
        return subnet.pop
    name = _NAME.fullmatch(subnet.name)
    return name[1] if name else ""


def _of_lines(text: str) -> Iterator[_Subnet]:
    """Subnets of the joined list. A last line with too few fields means that the file is cut; other such lines tell no country."""
    first, _, _ = text.partition("\n")
    if "/" in first.partition(",")[0]:
        raise FORM.error(
            "the landed file is one of the operator's own two lists, of which one tells countries and the other PoPs",
            "; land the list that joins them",
        )
    lines = records.split(text, JOINED)
    if lines.ragged.height and lines.ragged["row_number"][-1] > (lines.text["row_number"].max() or 0):
        raise rows.cut(JOINED, lines.ragged["row_number"][-1])
    for number, cidr, country, region, pop, name in lines.text.iter_rows():
        yield _Subnet(cidr or f"line {number}", country, region, pop.lower(), name.lower())
    for number in lines.ragged["row_number"]:
        yield _Subnet(f"line {number}", "", "", "", "")


def _of_document(data: bytes) -> Iterator[_Subnet]:
    """Subnets of the document; what is not of its form is passed over."""
    document = documents.loaded(data, FORM)
    found = (
        [document[key] for key in _KEYS if isinstance(document.get(key), dict)] if isinstance(document, dict) else []
    )
    if not found:
        raise FORM.error("the landed file has no countries")
    for country, regions in found[0].items():
        for region, cities in regions.items() if isinstance(regions, dict) else ():
            for city in cities.values() if isinstance(cities, dict) else ():
                for subnet in _listed(city):
                    name = subnet[1] if len(subnet) > 1 and isinstance(subnet[1], str) else ""
                    yield _Subnet(str(subnet[0]), country.strip(), region.strip(), "", name.strip().lower())


def _listed(city: Any) -> Iterator[list[Any]]:
    """The subnets of one city, each [subnet, name]."""
    found = city.get("ips") if isinstance(city, dict) else None
    yield from (each for each in found if isinstance(each, list) and each) if isinstance(found, list) else ()
