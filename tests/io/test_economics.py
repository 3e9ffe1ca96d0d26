"""Every cost is computed anew in SQL from its inputs alone, and the days of a reported quarter are found wherever they lie."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.io import assets, economics
from pipeline.io.home import Home, write_parquet
from pipeline.metrics import fleet
from tests import factory

KEY = ["constellation", "generation"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = factory.publish_days(factory.settings(tmp_path_factory.mktemp("costs")))
    return Home(settings.home).published


def answer(published: Path, query: str) -> pl.DataFrame:
    with duckdb.connect(str(published), read_only=True) as con:
        return con.sql(query).pl()


@pytest.mark.parametrize("name", ["what_a_gbps_month_costs", "what_a_fleet_costs_and_earns"])
def test_every_cost_follows_from_its_inputs_in_sql(published: Path, name: str) -> None:
    found = answer(published, (assets.sql_folder() / "examples" / f"{name}.sql").read_text())
    if "generation" not in found.columns:
        found = found.with_columns(pl.lit("all").alias("generation"))
    stated = answer(published, "FROM core.economics_daily")
    both = found.join(stated, on=KEY, suffix="_stated")
    assert both.height == found.height >= 2
    figures = [c for c in found.columns if c.endswith(("_gbps", "_gbps_month")) and f"{c}_stated" in both.columns]
    assert len(figures) >= 3
    for figure in figures:
        off = (both[figure] / both[f"{figure}_stated"] - 1).abs()
        assert (off.drop_nulls() < 1e-9).all(), figure
        assert both[figure].null_count() == both[f"{figure}_stated"].null_count(), figure


def test_costs_of_a_satellite_name_their_sources(published: Path) -> None:
    rows = answer(published, "FROM core.economics_input_daily")
    assert (rows["source_title"].str.len_chars() > 3).all()
    own = rows.filter((pl.col("generation") == "starlink-v2mini") & (pl.col("economics_input") == "build_cost"))
    assert own["source_title"].to_list() == ["Quilty Space quoted at nyx.cz (2024)"]


def test_days_of_the_quarter_are_found_observed_before_reconstructed(tmp_path: Path) -> None:
    home, day = Home(tmp_path), date(2026, 8, 17)
    first = date(2026, 1, 1)

    def rows(days: range, count: int) -> pl.DataFrame:
        own = {
            "constellation": "starlink",
            "generation": "starlink-v2mini",
            "payload_class": "broadband",
            "satellite_count": count,
        }
        return pl.concat([factory.filled(fleet.HISTORY, [own], first + timedelta(days=k)) for k in days])

    assert economics.quarter(home, day).is_empty()
    write_parquet(home.staged_past(fleet.HISTORY, day), rows(range(-5, 90), 1))
    write_parquet(home.past(fleet.HISTORY, date(2026, 8, 16)), rows(range(60), 2))
    write_parquet(home.table(fleet.HISTORY, first), rows(range(1), 3))
    found = economics.quarter(home, day).sort("day")
    assert found["satellite_count"].to_list() == [3, *[2] * 59, *[1] * 30]
