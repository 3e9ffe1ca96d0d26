"""Compute in orbit: what is announced, and what of it the catalog lists."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import orbital_compute
from pipeline.sources import celestrak_active, celestrak_active_tle
from tests import factory

DAY = date(2026, 8, 17)
FACTS = assets.reference("orbital_compute")


def catalog(*names: str | None, first: int = 63_982, table: Any = celestrak_active.TABLE) -> pl.DataFrame:
    rows = [
        {"norad_cat_id": first + k, "object_name": name, "object_id": f"2025-100{chr(65 + k)}", "mean_motion_rev_per_day": 15.2, "inclination_deg": 97.0}
        for k, name in enumerate(names)
    ]  # fmt: skip
    return factory.filled(table, rows, DAY)


def counts(*catalogs: pl.DataFrame) -> dict[str, int | None]:
    return dict(orbital_compute.compute(FACTS, catalogs, DAY).select("programme", "catalogued_count").rows())


def test_what_is_named_so_is_counted_and_nothing_else() -> None:
    found = counts(
        catalog(
            "SCS-01 A", "SCS-01 M", "SCSAT 1", "STARCLOUD-1", "STARLINK-31000", "STARLINK-AIM", "AIST-2T 1", "AI1", None
        )
    )
    assert found["Three-Body Computing Constellation"] == 2
    assert found["Starcloud"] == 1
    assert found["Google Suncatcher"] == 0


def test_a_fleet_has_its_orbit_and_launches() -> None:
    row = orbital_compute.compute(FACTS, [catalog("SCS-01 A", "SCS-01 B")], DAY).row(
        by_predicate=pl.col("operator") == "ADA Space", named=True
    )
    assert row["altitude_km"] == pytest.approx(505.8, abs=1)
    assert (row["inclination_deg"], row["catalogued_text"]) == (97, "2025-100")
    assert row["launched_day"] == date(2025, 5, 14)


def test_an_object_in_two_catalogs_is_one() -> None:
    both = counts(catalog("SCS-01 A"), catalog("SCS-01 A", "SCS-01 B", table=celestrak_active_tle.TABLE))
    assert both["Three-Body Computing Constellation"] == 2


def test_nought_is_said_only_of_a_catalog_with_names() -> None:
    assert set(counts(catalog(None, None)).values()) == {None}
    assert set(counts(catalog()).values()) == {None}
    assert set(counts().values()) == {None}
    assert set(counts(catalog("ISS (ZARYA)")).values()) == {0}


def test_power_is_what_is_announced_of_one_times_those_there() -> None:
    frame = orbital_compute.compute(FACTS, [catalog("SUNCATCHER-1", "SUNCATCHER-2")], DAY)
    row = frame.row(by_predicate=pl.col("operator") == "Google", named=True)
    assert row["announced_power_mw"] == pytest.approx(81 * 0.028)
    assert row["catalogued_power_mw"] == pytest.approx(2 * 0.028)


def test_the_order_of_rows_does_not_matter() -> None:
    rows = catalog("SCS-01 A", "STARCLOUD-1")
    turned = orbital_compute.compute(FACTS[::-1], [rows[::-1]], DAY)
    assert turned.equals(orbital_compute.compute(FACTS, [rows], DAY))


def test_patterns_are_whole_names_and_each_row_is_cited() -> None:
    for pattern in FACTS["name_pattern"]:
        assert re.compile(pattern).pattern.startswith("^")
        assert pattern.endswith("$")
    assert (
        FACTS.select(
            pl.col("date", "source_title", "source_url_or_repo", "confidence", "pattern_basis").is_null().sum()
        ).row(0)
        == (0,) * 5
    )
