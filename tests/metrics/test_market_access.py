"""Access: what is told of a market, the surest first, and nothing where nothing is."""

from __future__ import annotations

import polars as pl

from pipeline.formats.countries import ISO3
from pipeline.io import assets
from pipeline.metrics import market_access
from pipeline.table import MARKET_ACCESS

COUNTRY = pl.DataFrame(
    {"country_iso3": ["IRN", "NAM", "KEN", "DEU", "CUB", "XKX"], "country_iso2": ["IR", "NA", "KE", "DE", "CU", None]}
)
LISTED = assets.reference("market_access")
PRICED = pl.DataFrame({"constellation": ["starlink", "oneweb"], "country_iso3": ["KEN", "DEU"]})
MEDIANS = pl.DataFrame({"country_iso3": ["DEU", "IRN"], "measured_source": ["m", "m"]})
FEED = pl.DataFrame({"country_iso2": ["NA", "NA", "KE", "DE", "IR", "ZZ"]})


def found(**changes: pl.DataFrame) -> dict[tuple[str, str], str]:
    told = {"listed": LISTED, "priced": PRICED, "medians": MEDIANS, "feed": FEED, "country": COUNTRY} | changes
    rows = market_access.compute(**told)
    assert rows.schema == market_access.SCHEMA
    return {(constellation, code): access for constellation, code, access, _ in rows.rows()}


def test_the_surest_stands() -> None:
    access = found()
    assert access["starlink", "IRN"] == "banned"  # though medians and feed have it
    assert access["starlink", "KEN"] == "sold"  # a price, no median
    assert access["starlink", "DEU"] == "sold"
    assert access["oneweb", "DEU"] == "sold"
    assert access["starlink", "NAM"] == "licensed"  # Namibia's code is NA
    assert ("starlink", "CUB") not in access
    assert ("amazon_leo", "DEU") not in access


def test_an_assumption_says_so() -> None:
    rows = market_access.compute(LISTED, PRICED, MEDIANS, FEED, COUNTRY)
    by = dict(rows.filter(pl.col("constellation") == "starlink").select("country_iso3", "market_access_source").rows())
    assert by["NAM"].startswith("assumed, low confidence")
    assert by["IRN"].startswith("market_access.csv, 2025-06: btw.media")


def test_the_order_of_rows_changes_nothing() -> None:
    assert found() == found(feed=FEED.reverse(), medians=MEDIANS.reverse(), listed=LISTED.reverse())


def test_the_shipped_list_is_short_closed_and_cited() -> None:
    assert set(LISTED["market_access"]) <= set(MARKET_ACCESS) - {"sold", "licensed"}
    assert set(LISTED["country_iso3"]) <= ISO3
    assert not LISTED.select("constellation", "country_iso3").is_duplicated().any()
    assert LISTED["source_title"].null_count() == 0
