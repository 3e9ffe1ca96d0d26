"""Continuity of the sample day from landed files to the staged table, on a coarse grid."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline.io import answers, continuity, demand, dimensions, landing, stage
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.laws import LAWS
from pipeline.io.settings import Settings
from pipeline.metrics import capacity, cell, coverage, satellite
from pipeline.metrics import continuity as metric
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import sample
from pipeline.table import CONSTELLATION
from tests import factory

DAY = sample.DAY


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A day up to its grids; no cell asks for anything, so that those with people have rows."""
    made = factory.settings(tmp_path_factory.mktemp("continuity"), order=5, step_s=900)
    landing.land_bytes(made, stage.CATALOG, DAY, sample.catalog(), url="synthetic:sample", synthetic=True)
    for step in (stage.parse_day, dimensions.dimensions, demand.demand_day, stage.fleet_day, stage.grid_day):
        step(made, DAY)
    home = Home(made.home)
    write_parquet(home.staged(coverage.TABLE, DAY), read_parquet(home.part(coverage.TABLE, DAY, "band-0")))
    write_parquet(home.staged(capacity.TABLE, DAY), capacity.TABLE.empty())
    return made


@pytest.fixture(scope="module")
def rows(settings: Settings) -> pl.DataFrame:
    continuity.continuity_day(settings, DAY)
    return read_parquet(Home(settings.home).staged(metric.TABLE, DAY))


def people(settings: Settings) -> pl.DataFrame:
    return read_parquet(Home(settings.home).staged(cell.CELL, DAY)).filter(pl.col("population_count") > 0)


def test_it_is_the_first_of_the_answers() -> None:
    assert next(iter(answers.PARTS.items())) == ("continuity", continuity.continuity_day)


def test_every_constellation_and_cell_with_people_has_a_row(settings: Settings, rows: pl.DataFrame) -> None:
    assert rows.height == len(CONSTELLATION) * people(settings).height
    assert rows["cell_id"].n_unique() == people(settings).height
    assert rows.filter(pl.col("constellation") == "starlink")["continuous_fraction"].max() > 0.2


def test_its_laws_hold(settings: Settings, rows: pl.DataFrame) -> None:
    home = Home(settings.home)
    frames = {t.name: read_parquet(home.staged(t, DAY)) for t in (coverage.TABLE, capacity.TABLE, cell.CELL)}
    frames[metric.TABLE.name] = rows
    laws = [law for law in LAWS if law.table == metric.TABLE.name]
    assert len(laws) == 5
    for law in laws:
        residual = law.rows(frames).select(law.residual.cast(pl.Float64).alias("off"))["off"]
        assert residual.max() <= law.tolerance, law.rule


def test_a_second_run_leaves_the_same_and_excludes_nothing(settings: Settings, rows: pl.DataFrame) -> None:
    found = continuity.continuity_day(settings, DAY)
    home = Home(settings.home)
    assert found["continuity_cells"] == people(settings).height
    assert read_parquet(home.staged(metric.TABLE, DAY)).equals(rows)
    assert read_parquet(home.part(EXCLUSION_TABLE, DAY, "continuity")).is_empty()


def test_cells_that_ask_for_something_have_a_row_too(settings: Settings, rows: pl.DataFrame, tmp_path: Path) -> None:
    home = Home(settings.home)
    nobody = read_parquet(home.staged(cell.CELL, DAY)).filter(pl.col("population_count") == 0)["cell_id"][0]
    asked = factory.filled(capacity.TABLE, [{"cell_id": nobody, "demand_down_gbps": 1.0}], DAY)
    write_parquet(home.staged(capacity.TABLE, DAY), asked)
    try:
        continuity.continuity_day(settings, DAY)
        more = read_parquet(home.staged(metric.TABLE, DAY))
    finally:
        write_parquet(home.staged(capacity.TABLE, DAY), capacity.TABLE.empty())
    assert more.height == rows.height + len(CONSTELLATION)
    assert more.filter(pl.col("cell_id") != nobody).equals(rows)


def test_a_constellation_without_satellites_at_work_is_never_in_view(settings: Settings, rows: pl.DataFrame) -> None:
    home = Home(settings.home)
    at_work = read_parquet(home.staged(satellite.TABLE, DAY)).filter(state="operational", payload_class="broadband")
    missing = set(CONSTELLATION) - set(at_work["constellation"])
    for name in missing:
        assert rows.filter(pl.col("constellation") == name)["longest_gap_exact_s"].min() == 86_400
    assert missing != set(CONSTELLATION)
