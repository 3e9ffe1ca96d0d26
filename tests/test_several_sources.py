"""A day with several sources, by the command line on a coarse grid: who has precedence, what follows, and what is left out."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline.__main__ import main
from pipeline.io import publish, stage
from pipeline.io.home import Home
from pipeline.io.landing import land
from pipeline.io.settings import Settings
from pipeline.io.sourced import sources
from pipeline.metrics import satellite
from pipeline.sources import sample
from tests import factory
from tests.provider import Provider, ok

DAY = date(2026, 8, 16)
NEXT = DAY + timedelta(days=1)
COARSE = {"SKYTRUNK_ORDER": "5", "SKYTRUNK_STEP_S": "3600", "SKYTRUNK_OFFLINE": "1"}
SATCAT_HEADER = (
    "OBJECT_NAME,OBJECT_ID,NORAD_CAT_ID,OBJECT_TYPE,OPS_STATUS_CODE,OWNER,LAUNCH_DATE,LAUNCH_SITE,DECAY_DATE,PERIOD,"
    "INCLINATION,APOGEE,PERIGEE,RCS,DATA_STATUS_CODE,ORBIT_CENTER,ORBIT_TYPE"
)
LINES = sample.catalog(DAY).decode().splitlines()
FIRST, SECOND, THIRD = 900_000_001, 900_000_002, 900_000_003
BATCH = 20  # satellites that only the operator's own elements have on the first day


def row(line: str, **changes: object) -> str:
    """A line of the catalog with some fields changed."""
    fields = dict(zip(LINES[0].split(","), line.split(","), strict=True)) | {k: str(v) for k, v in changes.items()}
    return ",".join(fields.values())


def epoch(day: date) -> str:
    return datetime(day.year, day.month, day.day, 10).isoformat(timespec="microseconds")


def new(day: date, *, catalogued: bool) -> list[str]:
    """A batch of new satellites, 300 km up: under provisional numbers with nobody's designators, or under their own."""
    first, letter = (100_500, "") if catalogued else (799_501_000, "Z")
    return [
        row(
            LINES[1],
            OBJECT_NAME=f"STARLINK-{38_800 + k}",
            OBJECT_ID=f"2026-18{8}{letter}{chr(65 + k)}",
            NORAD_CAT_ID=first + k,
            EPOCH=epoch(day),
            MEAN_MOTION="15.90000000",
            MEAN_ANOMALY=f"{17 * k % 360}.0",
        )
        for k in range(BATCH)
    ]


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def run(home: Path, *words: object) -> int:
    return main([*map(str, words), "--home", str(home)])


def land_file(home: Path, source: str, day: date, content: bytes) -> None:
    path = home.parent / f"{source}-{day}.txt"
    path.write_bytes(content)
    assert run(home, "land", source, day, "--file", path) == 0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days: on the first the operator knows a batch that the catalog lists on the second; two satellites go."""
    home = tmp_path_factory.mktemp("several") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith("SKYTRUNK_")]:
            patch.delenv(name)
        for name, value in COARSE.items():
            patch.setenv(name, value)
        factory.few_instants(patch)
        fresh = row(LINES[1], EPOCH=epoch(DAY), CLASSIFICATION_TYPE="C")
        stale = row(LINES[2], EPOCH=epoch(DAY - timedelta(days=4)), CLASSIFICATION_TYPE="C")
        land_file(home, "celestrak_active", DAY, text(*LINES))
        land_file(home, "celestrak_supgp_starlink", DAY, text(LINES[0], fresh, stale, *new(DAY, catalogued=False)))
        assert run(home, "run", DAY) == 0
        gone = [LINES[0], *LINES[1:2], *LINES[4:]]  # the second and the third satellite
        land_file(home, "celestrak_active", NEXT, text(*gone, *new(NEXT, catalogued=True)))
        land_file(home, "celestrak_supgp_starlink", NEXT, b"<html><head><title>Maintenance</title></head></html>")
        down = f"STARLINK-3005,2022-900B,{SECOND},PAY,D,US,2022-11-01,AFETR,{NEXT},,,,,,,EA,IMP"
        up = f"STARLINK-3006,2022-900C,{THIRD},PAY,+,US,2022-11-01,AFETR,,95,43,483,483,,,EA,ORB"
        land_file(home, "celestrak_satcat", NEXT, text(SATCAT_HEADER, down, up))
        assert run(home, "run", NEXT) == 0
    return home


def query(home: Path, sql: str) -> pl.DataFrame:
    return publish.query(Home(home), sql)


def source_of(home: Path, number: int) -> str:
    return query(
        home, f"SELECT source FROM core.satellite_daily WHERE day = '{DAY}' AND norad_cat_id = {number}"
    ).item()


def test_the_operators_own_elements_stand_before_the_catalog(home: Path) -> None:
    assert source_of(home, FIRST) == "celestrak_supgp_starlink"
    assert source_of(home, THIRD) == "celestrak_active"


def test_elements_that_are_days_older_do_not(home: Path) -> None:
    assert source_of(home, SECOND) == "celestrak_active"


def test_satellites_without_a_catalog_number_are_in_the_fleet(home: Path) -> None:
    rows = query(
        home, f"SELECT * FROM core.satellite_daily WHERE day = '{DAY}' AND norad_cat_id BETWEEN 799501000 AND 799501999"
    )
    assert rows.height == BATCH
    assert rows["identity"].to_list() == [f"STARLINK-{38_800 + k}" for k in range(BATCH)]


def test_a_satellite_keeps_its_identity_when_it_gets_its_number(home: Path) -> None:
    sql = "SELECT identity, count(DISTINCT norad_cat_id) AS numbers FROM core.satellite_daily WHERE object_name LIKE 'STARLINK-388%' GROUP BY identity"
    rows = query(home, sql)
    assert rows.height == BATCH
    assert set(rows["numbers"]) == {2}
    names = query(home, "SELECT * FROM marts.satellite_name WHERE identity = 'STARLINK-38803'")
    assert names["norad_cat_id"].to_list() == [799_501_003, 100_503]


def test_the_events_say_so(home: Path) -> None:
    counts = dict(
        query(
            home, f"SELECT event, count(*) FROM core.fleet_event_daily WHERE day = '{NEXT}' GROUP BY event"
        ).iter_rows()
    )
    assert counts["renumbered"] == counts["first_catalogued"] == BATCH
    assert "launched" not in counts


def test_absence_is_decay_only_where_satcat_says_so(home: Path) -> None:
    sql = f"SELECT norad_cat_id, event, evidence FROM core.fleet_event_daily WHERE day = '{NEXT}' AND event IN ('decayed', 'vanished')"
    found = {number: (event, evidence) for number, event, evidence in query(home, sql).iter_rows()}
    assert {number: event for number, (event, _) in found.items()} == {SECOND: "decayed", THIRD: "vanished"}
    assert found[SECOND][1].startswith(f"SATCAT: down on {NEXT}")


def test_the_waterfall_closes_for_every_constellation_and_state(home: Path) -> None:
    for day, state in ((DAY, "state_before"), (NEXT, "state_after")):
        flow = f"SELECT constellation, {state} AS state, sum(satellite_count)::BIGINT AS n FROM core.fleet_flow_daily WHERE day = '{NEXT}' AND {state} <> 'absent' GROUP BY ALL ORDER BY ALL"
        there = f"SELECT constellation, state, count(*) AS n FROM core.satellite_daily WHERE day = '{day}' GROUP BY ALL ORDER BY ALL"
        assert query(home, flow).rows() == query(home, there).rows()


def test_an_optional_file_that_cannot_be_read_is_left_out_and_listed(home: Path) -> None:
    sql = f"SELECT row_key, reason FROM meta.exclusion WHERE day = '{NEXT}' AND source = 'celestrak_supgp_starlink'"
    ((row_key, reason),) = query(home, sql).iter_rows()
    assert row_key == "the whole file"
    assert "is a web page (Maintenance)" in reason
    assert "skytrunk land celestrak_supgp_starlink" in reason


def test_what_was_landed_is_recorded_source_by_source(home: Path) -> None:
    rows = query(home, f"SELECT source FROM meta.landing WHERE day = '{NEXT}' ORDER BY source")
    assert rows["source"].to_list() == [
        "celestrak_active",
        "celestrak_satcat",
        "celestrak_supgp_starlink",
        "cities",
        "sites",
    ]


def test_page_and_mail_tell_what_happened(home: Path) -> None:
    page = Home(home).page(NEXT).read_text()
    assert "What happened in orbit" in page
    assert "STARLINK-3005" in page
    assert "The waterfall of the day" in page
    assert "Not read today: CelesTrak: general perturbations elements of all active satellites, as TLE" not in page


@pytest.mark.parametrize("name", [s.name for s in sources() if s.is_remote and not s.by_hand])
def test_every_source_that_a_run_asks_lands_over_http(name: str, tmp_path: Path) -> None:
    item = next(s for s in sources() if s.name == name)
    with Provider(ok(text(*LINES), etag='"1"')) as provider:
        settings = Settings(home=tmp_path, addresses=((name, provider.url),))
        landed = land(settings, item, DAY, now=datetime(2026, 8, 16, 6))
        again = land(settings, item, DAY, now=datetime(2026, 8, 16, 7))
    assert landed.path.read_bytes() == text(*LINES)
    assert again == landed
    assert provider.count == 1


def test_a_day_that_changes_below_later_ones_says_which_to_run_again(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = pl.read_parquet(Home(home).table(satellite.TABLE, DAY))
    stage._warn_of_later_days(Home(home), DAY, rows)
    assert not caplog.messages
    stage._warn_of_later_days(Home(home), DAY, rows.head(10))
    (said,) = caplog.messages
    assert f"run `skytrunk backfill {NEXT} {NEXT}`" in said


def test_a_day_without_new_elements_stands_on_the_last_and_says_so(home: Path) -> None:
    """The last test of this module, for it adds a day."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in COARSE.items():
            patch.setenv(name, value)
        factory.few_instants(patch)
        later = [NEXT + timedelta(days=k) for k in (1, 2)]
        assert [run(home, "run", day) for day in later] == [0, 0]
    basis = query(
        home,
        "SELECT day, any_value(basis) FROM core.fleet_history_daily WHERE basis <> 'reconstructed' GROUP BY day ORDER BY day",
    )
    assert basis.rows() == [(DAY, "observed"), (NEXT, "observed"), *((day, "standing") for day in later)]
    assert query(home, f"SELECT count(*) FROM core.fleet_event_daily WHERE day > '{NEXT}'").item() == 0
    before = query(home, f"SELECT DISTINCT before_day FROM core.fleet_flow_daily WHERE day > '{NEXT}'")
    assert before["before_day"].to_list() == [NEXT]  # a standing day is no landed day before
    standing = query(home, "SELECT day, bool_or(standing) FROM marts.working_fleet GROUP BY day ORDER BY day")
    assert standing.rows() == [(DAY, False), (NEXT, False), *((day, True) for day in later)]
