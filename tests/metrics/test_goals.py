"""Which PoP a place's users go to."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.metrics import country_pop, latency, latency_country
from tests import factory

PLACES = pl.DataFrame(
    {"country_iso3": ["OMN", "OMN", "BRA"], "region_code": ["OM", "OM", "BR"], "latitude_deg": [23.6, 17.0, -23.5], "longitude_deg": [58.4, 54.1, -46.6]}
)  # fmt: skip
POPS = pl.DataFrame(
    {"site_id": ["starlink-dohaqat1", "starlink-frtabra1", "starlink-splobra1"], "latitude_deg": [25.3, -3.7, -23.6], "longitude_deg": [51.5, -38.5, -46.7]}
)  # fmt: skip


def served(*rows: tuple[str, str]) -> pl.DataFrame:
    return factory.filled(
        country_pop.TABLE, [{"country_iso3": code, "region_code": "all", "site_id": site, "pop_reason": "table"} for code, site in rows]
    )  # fmt: skip


def test_a_place_goes_where_its_country_is_served_however_far_away() -> None:
    table = served(("OMN", "starlink-dohaqat1"), ("BRA", "starlink-frtabra1"))
    assert latency_country.goals(PLACES, table, POPS).tolist() == [0, 0, 1]


def test_where_the_pop_of_a_country_does_not_work_the_nearest_that_does_serves() -> None:
    table = served(("OMN", "starlink-msctomn1"), ("BRA", "starlink-frtabra1"))
    assert latency_country.goals(PLACES, table, POPS).tolist() == [0, 0, 1]


def test_the_nearest_is_found_in_pieces_as_at_once() -> None:
    rng = np.random.default_rng(0)
    cells = pl.DataFrame({"latitude_deg": rng.uniform(-90, 90, 9_000), "longitude_deg": rng.uniform(-180, 180, 9_000)})
    assert (latency.nearest(cells, POPS) == latency.between_km(cells, POPS).argmin(axis=1)).all()
    assert latency.nearest(cells[:0], POPS).shape == (0,)
