"""Publication: a whole file in place of the last one, Parquet by links, and queries that can only read."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.io import publish, registry, warehouse
from pipeline.io.home import Home, HomeError
from pipeline.io.settings import Settings
from tests import factory

DAY = factory.DAY
NEXT = DAY + timedelta(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return factory.settings(tmp_path)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A published day that no test changes."""
    settings = factory.settings(tmp_path_factory.mktemp("published"))
    return Home(factory.publish_days(settings).home)


def package(home: Home) -> dict[str, Any]:
    return json.loads((home.published_parquet / "datapackage.json").read_text())  # type: ignore[no-any-return]


def resource(home: Home, name: str) -> dict[str, Any]:
    return next(r for r in package(home)["resources"] if r["name"] == name)


def test_the_published_file_holds_every_table_with_comments_and_keys(published: Home) -> None:
    counts = {
        t.name: publish.query(published, f"SELECT count(*) AS n FROM {t.name}")["n"][0]
        for t in registry.stored_tables()
    }
    assert counts["core.coverage_daily"] == 960
    comments = publish.query(published, "SELECT comment FROM duckdb_tables() WHERE table_name = 'coverage_daily'")
    assert comments["comment"].to_list() == ["one row per day, constellation and cell"]
    keys = publish.query(
        published, "SELECT count(*) AS n FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
    )
    assert keys["n"][0] == len(registry.stored_tables())


def test_the_published_views_explain_themselves(published: Home) -> None:
    rows = publish.query(
        published, "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'marts' AND comment IS NULL"
    )
    assert rows.is_empty()


def test_every_table_and_day_is_beside_it_as_parquet(published: Home) -> None:
    paths = {
        p.relative_to(published.published_parquet).as_posix() for p in published.published_parquet.glob("*/*/*.parquet")
    }
    assert f"core/coverage_daily/day={DAY}.parquet" in paths
    assert "dim/cell/all.parquet" in paths


def test_publishing_again_writes_no_parquet_file(settings: Settings) -> None:
    factory.publish_days(settings)
    assert publish.publish(settings)["files_new"] == 0


def test_parquet_is_linked_not_copied(settings: Settings) -> None:
    factory.publish_days(settings)
    home, table = Home(settings.home), registry.table("core.coverage_daily")
    linked = home.published_parquet / "core" / "coverage_daily" / f"day={DAY}.parquet"
    assert linked.samefile(home.table(table, DAY))


def test_parquet_is_copied_where_links_are_impossible(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("links are not supported")

    monkeypatch.setattr(publish.os, "link", refuse)
    factory.publish_days(settings)
    assert publish.publish(settings)["files_new"] == 0
    assert pl.read_parquet(Home(settings.home).published_parquet / "dim" / "cell" / "all.parquet").height == 192


def test_only_changed_days_are_published_anew(settings: Settings) -> None:
    factory.publish_days(settings, [DAY])
    factory.load_days(settings, [NEXT])
    new = publish.publish(settings)["files_new"]
    daily = [t for t in registry.stored_tables() if Home(settings.home).table(t, NEXT).is_file()]
    dims = [t for t in registry.stored_tables() if not t.is_daily]
    assert new == len(daily) + len(dims) + 1  # what the day has reconstructed


def test_what_leaves_the_warehouse_leaves_the_parquet_files(settings: Settings) -> None:
    factory.publish_days(settings, [DAY], synthetic=True)
    factory.publish_days(settings, [NEXT], synthetic=False)
    home = Home(settings.home)
    assert not list(home.published_parquet.glob(f"*/*/day={DAY}.parquet"))
    assert publish.query(home, "SELECT day, synthetic FROM marts.published_day").rows() == [(NEXT, False)]


def test_the_published_file_does_not_grow_with_the_days_of_grids(tmp_path: Path) -> None:
    settings = factory.settings(tmp_path, grid_days=2)
    sizes = []
    for i in range(6):
        factory.publish_days(settings, [DAY + timedelta(i)])
        sizes.append(publish.query(Home(settings.home), "SELECT count(*) AS n FROM core.coverage_daily")["n"][0])
    assert sizes == [960, 1920, 1920, 1920, 1920, 1920]
    assert len(list(Home(settings.home).published_parquet.glob("core/coverage_daily/*.parquet"))) == 6


def test_a_reader_who_has_the_file_open_is_undisturbed(settings: Settings) -> None:
    factory.publish_days(settings, [DAY])
    code = (
        f"import duckdb, sys\ncon = duckdb.connect({str(Home(settings.home).published)!r}, read_only=True)\n"
        "ask = lambda: print(con.sql('select count(distinct day) from core.satellite_daily').fetchall()[0][0], flush=True)\n"
        "ask()\nsys.stdin.readline()\nask()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "1\n"
        factory.publish_days(settings, [NEXT])
        assert reader.communicate("\n")[0] == "1\n"
    assert publish.query(Home(settings.home), "SELECT count(DISTINCT day) AS n FROM core.satellite_daily")["n"][0] == 2


def test_a_full_disk_leaves_the_last_publication(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    factory.publish_days(settings, [DAY])
    factory.load_days(settings, [NEXT])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    before = package(Home(settings.home))
    with pytest.raises(HomeError, match="No space left on device"):
        publish.publish(settings)
    assert package(Home(settings.home)) == before
    assert not list(Home(settings.home).published_parquet.glob(f"*/*/day={NEXT}.parquet"))
    assert publish.query(Home(settings.home), "SELECT day FROM marts.published_day")["day"].to_list() == [DAY]
    assert not list(Home(settings.home).published.parent.glob(".*"))


def test_there_is_nothing_to_publish_in_an_empty_home(settings: Settings) -> None:
    with pytest.raises(HomeError, match="nothing to publish"):
        publish.publish(settings)


def cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish a day, and cut the next one off while its files are moved."""
    factory.publish_days(settings, [DAY])

    def move(source: Path, target: Path) -> None:
        if source.parent.name == "meta":
            raise KeyboardInterrupt
        source.replace(target)

    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "_move", move)
        with pytest.raises(KeyboardInterrupt):
            factory.load_days(settings, [NEXT])


def days(home: Home) -> list[date]:
    return publish.query(home, "SELECT DISTINCT day FROM core.satellite_daily ORDER BY day")["day"].to_list()


def test_a_day_that_was_cut_off_is_loaded_and_published(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(settings, monkeypatch)
    publish.publish(settings)
    assert days(Home(settings.home)) == [DAY, NEXT]
    assert publish.publish(settings)["files_new"] == 0


def test_a_half_day_is_not_published(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(settings, monkeypatch)
    home = Home(settings.home)
    shutil.rmtree(home.staging(NEXT))
    assert home.table(registry.table("core.satellite_daily"), NEXT).is_file()
    publish.publish(settings)
    assert days(home) == [DAY]
    assert not list(home.published_parquet.glob(f"*/*/day={NEXT}.parquet"))
    assert str(NEXT) not in json.dumps(package(home))


def test_a_missing_warehouse_is_made_anew_before_it_is_published(settings: Settings) -> None:
    factory.publish_days(settings, [DAY])
    Home(settings.home).warehouse.unlink()
    publish.publish(settings)
    assert days(Home(settings.home)) == [DAY]


def test_the_package_describes_every_published_table(published: Home) -> None:
    names = {r["name"] for r in package(published)["resources"]}
    assert {"core.coverage_daily", "dim.cell", "meta.check", "meta.landing"} <= names
    files = [
        path
        for r in package(published)["resources"]
        for path in ([r["path"]] if isinstance(r["path"], str) else r["path"])
    ]
    assert all((published.published_parquet / path).is_file() for path in files)


def test_the_package_says_type_unit_limits_and_key(published: Home) -> None:
    schema = resource(published, "core.coverage_daily")["schema"]
    assert schema["primaryKey"] == ["day", "constellation", "cell_id"]
    gap = next(f for f in schema["fields"] if f["name"] == "longest_gap_s")
    assert (gap["type"], gap["unit"]) == ("integer", "s")
    assert gap["constraints"] == {"required": True, "minimum": 0, "maximum": 86_400}


def test_the_package_carries_the_licence_of_each_source(published: Home) -> None:
    own = resource(published, "raw.celestrak_active")["licenses"]
    assert [licence["name"] for licence in own] == ["celestrak-active"]
    assert all(licence["title"] for licence in package(published)["licenses"])


def test_the_package_is_the_same_each_time(published: Home) -> None:
    assert publish.datapackage(published) == publish.datapackage(published) == package(published)


# Queries


def test_a_query_takes_values_by_name(published: Home) -> None:
    rows = publish.query(
        published, "SELECT count(*) AS n FROM core.satellite_daily WHERE day = $day", {"day": DAY, "unused": 1}
    )
    assert rows["n"].to_list() == [590]


def test_a_query_takes_values_by_position(published: Home) -> None:
    assert (
        publish.query(published, "SELECT count(*) AS n FROM core.access_daily WHERE country_iso3 = ?", ["SGP"])["n"][0]
        == 5
    )


def test_a_query_may_be_a_file(published: Home, tmp_path: Path) -> None:
    path = tmp_path / "people.sql"
    path.write_text("-- people\nSELECT sum(population_count) AS people FROM dim.country;\n")
    assert publish.query(published, path).equals(publish.query(published, str(path)))


def test_a_missing_query_file_is_one_sentence(published: Home) -> None:
    with pytest.raises(publish.QueryError, match=r"people\.sql cannot be read as a query"):
        publish.query(published, "people.sql")


def test_whole_sums_are_whole_numbers(published: Home) -> None:
    assert publish.query(published, "SELECT sum(satellite_count) AS n FROM core.fleet_capacity_daily").rows() == [
        (590,)
    ]


@pytest.mark.parametrize("form", publish.FORMATS)
@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("sum(h3_id) FROM range(1000) r(x), dim.cell_h3", "113274537827622733728000"),
        ("170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727"),
        ("INTERVAL 3 DAY", "3 days"),
        ("[1, 2]", "[1, 2]"),
        ("[INTERVAL 3 DAY]", "[3 days]"),
        ("{'a': 1}", "{'a': 1}"),
        ("'word'::BLOB", "word"),
        ("'a'::ENUM ('a', 'b')", "a"),
    ],
)
def test_every_type_can_be_written_in_every_format(published: Home, sql: str, shown: str, form: str) -> None:
    frame = publish.query(published, f"SELECT {sql}")
    content = publish.render(frame, form)
    if form == "parquet":
        content = publish.render(pl.read_parquet(io.BytesIO(content)), "csv")
    assert shown in content.decode()


@pytest.mark.parametrize("sql", ["'infinity'::DATE", "'-infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ"])
def test_a_date_without_an_end_is_one_sentence(published: Home, sql: str) -> None:
    with pytest.raises(publish.QueryError, match="cast the column to text"):
        publish.query(published, f"SELECT {sql} AS d")


def test_a_column_that_a_format_cannot_hold_is_one_sentence() -> None:
    with pytest.raises(publish.QueryError, match="cannot be written as csv"):
        publish.render(pl.DataFrame({"a": [[1]]}), "csv")


@pytest.mark.parametrize("broken", [b"", b"not a database" * 1000])
def test_a_broken_published_file_says_to_publish_again(settings: Settings, broken: bytes) -> None:
    home = Home(factory.publish_days(settings).home)
    home.published.write_bytes(broken)
    with pytest.raises(HomeError, match=r"cannot be read .*: publish again with `skytrunk publish DAY`"):
        publish.query(home, "SELECT 1")
    publish.publish(settings)
    assert days(home) == [DAY]


def test_a_block_that_is_broken_says_so_too(settings: Settings) -> None:
    home = Home(factory.publish_days(settings).home)
    content = bytearray(home.published.read_bytes())
    for start in range(12_288 + 4096, len(content), 262_144):
        content[start : start + 64] = b"x" * 64
    home.published.write_bytes(content)
    with pytest.raises(HomeError, match="publish again with `skytrunk publish DAY`"):
        publish.query(home, "SELECT * FROM core.coverage_daily")


def test_nothing_published_yet_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="does not exist yet: publish a day"):
        publish.query(Home(tmp_path), "SELECT 1")


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT nothing FROM core.coverage_daily", "SELECT * FROM core.cover", ""])
def test_a_wrong_query_is_one_sentence(published: Home, sql: str) -> None:
    with pytest.raises(publish.QueryError) as error:
        publish.query(published, sql)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM core.coverage_daily",
        "CREATE TABLE core.mine (x INTEGER)",
        "COPY core.coverage_daily TO '{tmp}/stolen.csv'",
        "SELECT * FROM read_csv('{tmp}/secret.csv')",
        "SELECT * FROM '{tmp}/secret.csv'",
        "ATTACH '{tmp}/other.duckdb'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
    ],
)
def test_a_query_can_only_read_the_published_file(published: Home, tmp_path: Path, sql: str) -> None:
    (tmp_path / "secret.csv").write_text("word\nsecret\n")
    with pytest.raises(publish.QueryError):
        publish.query(published, sql.format(tmp=tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["secret.csv"]


FRAME = pl.DataFrame(
    {"day": [DAY, NEXT], "people_count": [8_000_000_000.0, None], "title": ["Côte d'Ivoire", "x" * 200]}
)


def test_a_table_shows_every_row_and_word() -> None:
    shown = publish.render(pl.concat([FRAME] * 50), "table").decode()
    assert shown.count("2026-05-30") == 50
    assert "8000000000" in shown
    assert "x" * 200 in shown


def test_csv_and_json_give_days_as_iso_dates() -> None:
    assert publish.render(FRAME, "csv").decode().splitlines()[1] == "2026-05-30,8000000000.0,Côte d'Ivoire"
    rows = json.loads(publish.render(FRAME, "json"))
    assert rows[1] == {"day": "2026-05-31", "people_count": None, "title": "x" * 200}


def test_parquet_gives_the_rows_themselves() -> None:
    assert pl.read_parquet(io.BytesIO(publish.render(FRAME, "parquet"))).equals(FRAME)


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    with pytest.raises(publish.QueryError, match="choose one of table, csv, json, parquet"):
        publish.render(FRAME, "xlsx")


def test_the_days_of_a_table_can_be_asked_for(published: Home) -> None:
    rows = publish.query(published, "SELECT * FROM marts.published_day").row(0, named=True)
    assert (rows["day"], rows["satellite_count"], rows["excluded_count"]) == (date(2026, 5, 30), 590, 1)
