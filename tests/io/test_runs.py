"""Run records: one row per run, kept although the day fails."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.io import runs
from pipeline.io.home import Home, HomeError, read_parquet
from pipeline.io.settings import Settings

DAY = date(2026, 5, 30)
START = datetime(2026, 5, 30, 6)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_a_published_run_is_recorded_with_the_age_of_its_catalog(settings: Settings) -> None:
    runs.record(
        settings, DAY, started_utc=START, outcome="published", catalog_day=DAY - timedelta(2), satellite_count=5
    )
    row = read_parquet(Home(settings.home).table(runs.TABLE, DAY)).row(0, named=True)
    assert (row["outcome"], row["catalog_age_days"], row["satellite_count"]) == ("published", 2, 5)
    assert row["finished_utc"] >= row["started_utc"]


def test_each_run_of_a_day_adds_a_row(settings: Settings) -> None:
    runs.record(settings, DAY, started_utc=START, outcome="failed", message="cut off")
    runs.record(settings, DAY, started_utc=START + timedelta(hours=1), outcome="published")
    rows = read_parquet(Home(settings.home).table(runs.TABLE, DAY))
    assert rows["outcome"].to_list() == ["failed", "published"]


def test_a_message_is_one_line(settings: Settings) -> None:
    row = runs.record(settings, DAY, started_utc=START, outcome="withheld", message="no catalog\n  is landed")
    assert row["message"][0] == "no catalog is landed"


def test_broken_earlier_records_are_set_aside(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    path = Home(settings.home).table(runs.TABLE, DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PAR1 cut")
    runs.record(settings, DAY, started_utc=START, outcome="published")
    assert read_parquet(path).height == 1
    assert path.with_suffix(".broken").read_bytes() == b"PAR1 cut"
    assert "set aside" in caplog.text


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match="cannot write"):
        runs.record(Settings(home=tmp_path / "file"), DAY, started_utc=START, outcome="failed")
