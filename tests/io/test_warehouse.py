"""The warehouse: whole days or none, the same again and again, and never a sample among real days."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.io import checks, registry, runs, warehouse
from pipeline.io.home import Home, HomeError, read_parquet, write_parquet
from pipeline.io.settings import Settings
from tests import factory

DAY = factory.DAY
NEXT = DAY + timedelta(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return factory.settings(tmp_path)


def ask(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with warehouse.connect(settings, read_only=True) as con:
        return warehouse.run(con, sql)


def content(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with warehouse.connect(settings, read_only=True) as con:
        return {t.name: warehouse.run(con, f"SELECT * FROM {t.name} ORDER BY ALL") for t in registry.stored_tables()}


def days(settings: Settings, table: str = "core.fleet_capacity_daily") -> list[object]:
    return [row[0] for row in ask(settings, f"SELECT DISTINCT day FROM {table} ORDER BY day")]


def with_fleet(settings: Settings, day: date, count: int, **how: object) -> Settings:
    """Stage a day with this many OneWebs, passed by the gate."""
    factory.stage(settings, day, fleet={"oneweb": count}, **how)
    factory.pass_gate(settings, day)
    return settings


def onewebs(settings: Settings, day: date = DAY) -> int:
    rows = ask(settings, f"SELECT count(*) FROM core.satellite_daily WHERE constellation = 'oneweb' AND day = '{day}'")
    return rows[0][0]  # type: ignore[return-value]


def test_a_loaded_day_holds_every_row_that_was_staged(settings: Settings) -> None:
    frames = factory.frames()
    factory.load_days(settings, [DAY])
    held = content(settings)
    held["core.fleet_history_daily"] = [r for r in held["core.fleet_history_daily"] if "observed" in r]
    assert {name: len(held[name]) for name in frames} == {name: frame.height for name, frame in frames.items()}


def reconstructed(settings: Settings) -> dict[date, int]:
    """Reconstructed satellites by day."""
    with warehouse.connect(settings, read_only=True) as con:
        sql = "SELECT day, satellite_count FROM core.fleet_history_daily WHERE basis = 'reconstructed'"
        return dict(warehouse.run(con, sql))  # type: ignore[arg-type]


def test_a_first_day_brings_the_days_before_it(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    held = reconstructed(settings)
    assert max(held) == DAY - timedelta(days=1)
    assert held[DAY - timedelta(days=30)] == factory.FLEET["oneweb"] - 30


def test_a_day_that_was_not_landed_is_reconstructed_from_the_first_one_after_it(settings: Settings) -> None:
    factory.load_days(settings, [DAY, DAY + timedelta(days=4)])
    held = reconstructed(settings)
    assert held[DAY - timedelta(days=1)] == factory.FLEET["oneweb"] - 1
    assert held[DAY + timedelta(days=1)] == factory.FLEET["oneweb"] - 3
    assert DAY not in held


def test_landing_an_older_day_later_takes_over_the_days_before_it(settings: Settings) -> None:
    factory.load_days(settings, [DAY + timedelta(days=4), DAY])
    held = reconstructed(settings)
    assert held[DAY - timedelta(days=1)] == factory.FLEET["oneweb"] - 1
    assert held[DAY + timedelta(days=1)] == factory.FLEET["oneweb"] - 3
    before = held
    warehouse.rebuild(settings)
    assert reconstructed(settings) == before


def test_loading_moves_the_staged_files_to_the_tables(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    home = Home(settings.home)
    assert not home.staging(DAY).exists()
    assert home.table(registry.table("core.coverage_daily"), DAY).is_file()
    assert home.table(registry.table("dim.cell")).is_file()


def test_loading_again_changes_nothing(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    before = content(settings)
    warehouse.load(settings, DAY)
    assert content(settings) == before


def test_a_day_computed_anew_replaces_the_old_one_and_no_other(settings: Settings) -> None:
    factory.load_days(settings, [DAY, NEXT])
    warehouse.load(with_fleet(settings, DAY, 70), DAY)
    assert (onewebs(settings, DAY), onewebs(settings, NEXT)) == (70, 80)


def test_a_changed_dimension_is_replaced_as_a_whole(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    frames = factory.frames(NEXT)
    frames["dim.country"] = frames["dim.country"].filter(pl.col("country_iso3") != "SJM")
    factory.stage(settings, NEXT, frames)
    factory.pass_gate(settings, NEXT)
    warehouse.load(settings, NEXT)
    assert ask(settings, "SELECT count(*) FROM dim.country WHERE country_iso3 = 'SJM'") == [(0,)]


def test_tables_keep_keys_and_comments(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    assert warehouse.drift(settings) == ""
    comment = ask(settings, "SELECT comment FROM duckdb_columns() WHERE table_name = 'coverage_daily' AND column_name = 'longest_gap_s'")  # fmt: skip
    assert comment == [("Longest time of the day without any; 86400 where there never is one [s].",)]


def test_a_day_that_was_not_checked_is_refused(settings: Settings) -> None:
    factory.stage(settings)
    with pytest.raises(HomeError, match="has not passed the gate: run `skytrunk check 2026-05-30` first"):
        warehouse.load(settings, DAY)


def test_a_day_that_failed_its_check_is_refused(settings: Settings) -> None:
    factory.stage(settings)
    row = {"severity": "critical", "passed": False, "message": "oneweb is gone"}
    write_parquet(Home(settings.home).staged(checks.TABLE, DAY), factory.filled(checks.TABLE, [row]))
    with pytest.raises(HomeError, match="failed 1 critical checks and is not loaded: oneweb is gone"):
        warehouse.load(settings, DAY)


def test_a_day_computed_after_its_check_is_refused(settings: Settings) -> None:
    factory.stage(settings)
    factory.pass_gate(settings)
    factory.stage(settings)
    with pytest.raises(HomeError, match="computed again after it was checked"):
        warehouse.load(settings, DAY)


def test_a_file_that_does_not_fit_is_refused_before_anything_moves(settings: Settings) -> None:
    table = registry.table("core.coverage_daily")
    factory.stage(settings)
    path = Home(settings.home).staged(table, DAY)
    write_parquet(path, read_parquet(path).drop("longest_gap_s"))
    factory.pass_gate(settings)
    with pytest.raises(HomeError, match=r"does not fit its table .*longest_gap_s"):
        warehouse.load(settings, DAY)
    assert path.is_file()


def cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load a changed day that is cut off at the end of its transaction."""
    with_fleet(settings, DAY, 70)
    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "create_views", lambda con: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            warehouse.load(settings, DAY)


def cut_between_files(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load a changed day that is cut off after five of its files were moved."""
    with_fleet(settings, DAY, 70)
    moved = []

    def move(source: Path, target: Path) -> None:
        if len(moved) == 5:
            raise KeyboardInterrupt
        target.parent.mkdir(parents=True, exist_ok=True)
        moved.append(source.replace(target))

    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "_move", move)
        with pytest.raises(KeyboardInterrupt):
            warehouse.load(settings, DAY)


def full(*_: object) -> None:
    raise duckdb.IOException("Could not write file: No space left on device")


def test_a_load_that_is_cut_off_leaves_the_old_day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    factory.load_days(settings, [DAY])
    before = content(settings)
    cut_off(settings, monkeypatch)
    assert content(settings) == before
    assert warehouse.cut_off(Home(settings.home)) == [DAY]


def test_a_load_that_was_cut_off_is_finished_by_loading_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.load_days(settings, [DAY])
    cut_off(settings, monkeypatch)
    warehouse.load(settings, DAY)
    assert onewebs(settings) == 70
    assert warehouse.cut_off(Home(settings.home)) == []


def test_a_load_that_was_cut_off_between_two_files_is_finished_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.load_days(settings, [DAY])
    cut_between_files(settings, monkeypatch)
    assert onewebs(settings) == 80
    warehouse.load(settings, DAY)
    assert onewebs(settings) == 70


def test_a_half_moved_day_is_finished_before_it_is_begun_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_between_files(settings, monkeypatch)
    home = Home(settings.home)
    assert warehouse.loaded_days(home) == []
    warehouse.finish(settings, DAY)
    assert warehouse.loaded_days(home) == [DAY]
    assert not home.staging(DAY).exists()
    rows = read_parquet(home.table(registry.table("core.satellite_daily"), DAY))
    assert rows.filter(pl.col("constellation") == "oneweb").height == 70


def test_a_loaded_day_of_which_half_is_replaced_is_not_whole(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.load_days(settings, [DAY])
    cut_between_files(settings, monkeypatch)
    assert warehouse.loaded_days(Home(settings.home)) == []
    warehouse.finish(settings, DAY)
    assert warehouse.loaded_days(Home(settings.home)) == [DAY]


def test_finishing_leaves_a_day_alone_that_was_not_begun(settings: Settings) -> None:
    with_fleet(settings, DAY, 70)
    warehouse.finish(settings, DAY)
    assert Home(settings.home).staged(checks.TABLE, DAY).is_file()
    assert not (settings.home / "tables").exists()


def test_what_is_computed_after_the_cut_is_not_taken_for_the_rest(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_between_files(settings, monkeypatch)
    factory.stage(settings, DAY, fleet={"oneweb": 60})
    warehouse.finish(settings, DAY)
    assert warehouse.loaded_days(Home(settings.home)) == []
    with pytest.raises(HomeError, match="computed again after it was checked"):
        warehouse.load(settings, DAY)


def test_the_next_day_finishes_the_one_that_was_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_between_files(settings, monkeypatch)
    factory.load_days(settings, [NEXT])
    assert (onewebs(settings, DAY), onewebs(settings, NEXT)) == (70, 80)
    assert warehouse.cut_off(Home(settings.home)) == []


def test_the_next_day_loads_what_had_passed_and_not_what_is_staged_since(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_between_files(settings, monkeypatch)
    warehouse.finish(settings, DAY)
    factory.stage(settings, DAY, fleet={"oneweb": 60})
    factory.load_days(settings, [NEXT])
    assert onewebs(settings, DAY) == 70
    assert Home(settings.home).staging(DAY).is_dir()


def test_a_half_day_whose_staging_is_gone_blocks_nothing_and_is_not_rebuilt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_between_files(settings, monkeypatch)
    shutil.rmtree(Home(settings.home).staging(DAY))
    factory.load_days(settings, [NEXT])
    warehouse.rebuild(settings)
    assert days(settings, "dim.cell, core.satellite_daily") == [NEXT]


def test_a_rebuild_takes_in_what_was_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_between_files(settings, monkeypatch)
    warehouse.rebuild(settings)
    assert onewebs(settings) == 70
    assert warehouse.cut_off(Home(settings.home)) == []


def test_the_results_of_a_failed_day_go_when_it_is_loaded(settings: Settings) -> None:
    kept = write_parquet(checks.failed_results(Home(settings.home), DAY), factory.filled(checks.TABLE, [{}]))
    factory.load_days(settings, [NEXT])
    assert kept.is_file()
    factory.load_days(settings, [DAY])
    assert not kept.parent.exists()


def test_a_database_that_refuses_is_one_sentence_and_leaves_the_old_day(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.load_days(settings, [DAY])

    with_fleet(settings, DAY, 70)
    monkeypatch.setattr(warehouse, "create_views", full)
    with pytest.raises(HomeError, match=r"stays as it was \(Could not write file: No space left on device\)"):
        warehouse.load(settings, DAY)
    assert onewebs(settings) == 80


def test_a_warehouse_in_use_is_one_sentence(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    code = f"import duckdb, sys\ncon = duckdb.connect({str(Home(settings.home).warehouse)!r})\nprint('open', flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        try:
            with pytest.raises(HomeError, match=r"is in use .*: wait until the other run has ended") as error:
                warehouse.load(settings, DAY)
        finally:
            other.communicate("")
    assert "\n" not in str(error.value)


def test_a_broken_warehouse_names_the_remedy_and_the_remedy_works(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    before = content(settings)
    Home(settings.home).warehouse.write_bytes(b"not a database" * 1000)
    with pytest.raises(HomeError, match="make it anew with `skytrunk rebuild`"):
        warehouse.load_records(settings)
    warehouse.rebuild(settings)
    assert content(settings) == before


def test_a_broken_warehouse_is_made_anew_before_a_day_is_loaded(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    Home(settings.home).warehouse.write_bytes(b"not a database" * 1000)
    factory.load_days(settings, [NEXT])
    assert days(settings) == [DAY, NEXT]


def test_a_broken_warehouse_of_a_home_without_days_is_no_dead_end(settings: Settings) -> None:
    settings.home.mkdir()
    Home(settings.home).warehouse.write_bytes(bytes(8192))
    factory.load_days(settings, [DAY])
    assert days(settings) == [DAY]


@pytest.mark.parametrize("what", ["_create", "_write", "create_views"])
def test_a_full_disk_says_to_free_space(settings: Settings, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(warehouse, what, full)
    with pytest.raises(HomeError, match=r"No space left on device\): free some space"):
        factory.load_days(settings, [DAY])


def test_a_full_disk_while_the_file_is_written_out_says_so_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.load_days(settings, [DAY])
    run = warehouse.run
    monkeypatch.setattr(
        warehouse, "run", lambda con, sql, *rest: full() if sql == "CHECKPOINT" else run(con, sql, *rest)
    )
    with pytest.raises(HomeError, match="free some space"):
        warehouse.settle(settings)


def test_a_rebuild_that_fails_leaves_nothing_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    factory.load_days(settings, [DAY])

    def fail(path: Path, *_: object) -> None:
        path.with_name(f"{path.name}.wal").write_bytes(b"log")
        full()

    monkeypatch.setattr(warehouse, "_fill", fail)
    with pytest.raises(duckdb.IOException):
        warehouse.rebuild(settings)
    assert not list(settings.home.glob(".warehouse*"))


def test_rebuilding_gives_the_same_warehouse(settings: Settings) -> None:
    factory.load_days(settings, [DAY, NEXT])
    before = content(settings)
    Home(settings.home).warehouse.unlink()
    warehouse.rebuild(settings)
    assert content(settings) == before
    assert ask(settings, "SELECT count(*) FROM marts.published_day") == [(2,)]


def test_rebuilding_tells_its_progress(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    told: list[tuple[int, int]] = []
    warehouse.rebuild(settings, lambda number, of: told.append((number, of)))
    assert told[-1][0] == told[-1][1] == len(told)


def test_there_is_nothing_to_rebuild_an_empty_home_from(settings: Settings) -> None:
    with pytest.raises(HomeError, match="holds no day"):
        warehouse.rebuild(settings)


def test_a_missing_warehouse_is_made_from_all_days_before_a_day_is_loaded(settings: Settings) -> None:
    factory.load_days(settings, [DAY])
    Home(settings.home).warehouse.unlink()
    factory.load_days(settings, [NEXT])
    assert days(settings) == [DAY, NEXT]


def test_a_warehouse_of_another_version_is_made_anew(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    factory.load_days(settings, [DAY])
    with warehouse.connect(settings) as con:
        warehouse.run(con, "DROP SCHEMA marts CASCADE; ALTER TABLE dim.country RENAME region TO area")
    assert warehouse.drift(settings) == "dim.country"
    factory.load_days(settings, [NEXT])
    assert days(settings) == [DAY, NEXT]
    assert warehouse.drift(settings) == ""
    assert "another version (dim.country)" in caplog.text


def test_files_of_an_older_version_are_left_out_until_their_day_is_computed_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    table, home = registry.table("core.access_daily"), Home(settings.home)
    factory.load_days(settings, [DAY])
    write_parquet(home.table(table, DAY), read_parquet(home.table(table, DAY)).drop("usable_mean_count"))
    with pytest.raises(HomeError, match="compute that day again"):
        warehouse.rebuild(settings)
    home.warehouse.unlink()
    factory.load_days(settings, [NEXT])
    assert "files were written by an older version and are left out" in caplog.text
    count = "SELECT count(DISTINCT day) FROM core.access_daily"
    with warehouse.connect(settings) as con:
        assert warehouse.run(con, count) == [(1,)]
    factory.load_days(settings, [DAY])
    with warehouse.connect(settings) as con:
        assert warehouse.run(con, count) == [(2,)]


def test_a_column_that_came_later_is_null_in_older_files(settings: Settings) -> None:
    table = registry.table("core.latency_daily")
    path = write_parquet(settings.home / "old.parquet", factory.frames()[table.name].drop("reachable_fraction"))
    assert warehouse.fitted(table, path)["reachable_fraction"].null_count() == 960


def test_grids_are_kept_for_the_newest_days_only(tmp_path: Path) -> None:
    settings = factory.settings(tmp_path, grid_days=2)
    all_days = [DAY + timedelta(i) for i in range(4)]
    factory.load_days(settings, all_days)
    assert days(settings, "core.coverage_daily") == all_days[-2:]
    assert days(settings, "raw.celestrak_active") == all_days[-2:]
    assert days(settings, "core.satellite_daily") == all_days
    before = content(settings)
    warehouse.rebuild(settings)
    assert content(settings) == before


def test_an_old_day_loaded_late_brings_no_grid(tmp_path: Path) -> None:
    settings = factory.settings(tmp_path, grid_days=1)
    factory.load_days(settings, [NEXT, DAY])
    assert days(settings, "core.coverage_daily") == [NEXT]
    assert days(settings) == [DAY, NEXT]


def test_records_of_runs_that_failed_are_loaded_with_the_next_day(settings: Settings) -> None:
    runs.record(settings, DAY, started_utc=datetime(2026, 5, 30, 6), outcome="withheld", message="no catalog")
    factory.load_days(settings, [NEXT])
    assert ask(settings, "SELECT day, outcome FROM meta.run") == [(DAY, "withheld")]


def test_a_real_day_replaces_the_sample(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    factory.load_days(settings, [DAY], synthetic=True)
    factory.load_days(settings, [NEXT], synthetic=False)
    assert days(settings) == [NEXT]
    assert not list((settings.home / "tables").glob(f"*/*/day={DAY}.parquet"))
    assert "the synthetic sample 2026-05-30 leaves" in caplog.text


def test_a_sample_does_not_join_real_days(settings: Settings) -> None:
    factory.load_days(settings, [NEXT], synthetic=False)
    with_fleet(settings, DAY, 80, synthetic=True)
    with pytest.raises(
        HomeError, match=r"synthetic sample cannot join the 1 real days up to 2026-05-31 .* a home of its own"
    ):
        warehouse.load(settings, DAY)
    assert days(settings) == [NEXT]
    assert Home(settings.home).staging(DAY).is_dir()


def test_a_sample_whose_removal_was_cut_off_does_not_come_back(settings: Settings) -> None:
    factory.load_days(settings, [DAY], synthetic=True)
    kept = {p: p.read_bytes() for p in (settings.home / "tables").glob(f"*/*/day={DAY}.parquet")}
    factory.load_days(settings, [NEXT], synthetic=False)
    for path, data in kept.items():
        path.write_bytes(data)
    warehouse.rebuild(settings)
    assert days(settings) == [NEXT]


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(HomeError, match="choose another folder with --home"),
        warehouse.connect(Settings(home=tmp_path / "file" / "home")),
    ):
        pass
