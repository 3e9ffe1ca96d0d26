"""The fleets before the first observed day: launched less lost is in orbit, and the last day meets the observed one."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.io.assets import reference
from pipeline.metrics import fleet, past, satellite
from pipeline.metrics.identity import Elements
from pipeline.sources.celestrak_active import parse
from pipeline.table import CONSTELLATION

DAY = date(2022, 1, 1)
GENERATION = fleet.generations(reference("satellite_generations"))
NO_LOSSES = pl.DataFrame(
    schema={"constellation": pl.String, "generation": pl.String, "day": pl.Date, "lost_count": pl.Int64}
)


def satellites(*rows: tuple[str, str, int], first: int = 60_000) -> pl.DataFrame:
    """core.satellite_daily of rows of (generation, launch, count); the launch days are not known."""
    columns = ("constellation", "generation", "payload_class", "launch", "launch_day", "object_id", "norad_cat_id")
    made = [
        {"constellation": g.split("-")[0].replace("leo", "amazon_leo"), "generation": g, "launch": launch,
         "payload_class": "direct_to_cell" if g == "starlink-d2c" else "broadband", "object_id": f"{launch}{chr(65 + k)}"}
        for g, launch, count in rows
        for k in range(count)
    ]  # fmt: skip
    numbered: list[dict[str, Any]] = [row | {"norad_cat_id": first + k} for k, row in enumerate(made)]
    return pl.DataFrame(numbered, schema={n: satellite.TABLE.polars_schema[n] for n in columns})


def launches(*rows: tuple[str, str, date | None, int]) -> pl.DataFrame:
    names = ["generation", "launch", "launch_day", "satellite_count"]
    schema = dict(zip(names, [pl.String, pl.String, pl.Date, pl.Int64], strict=True))
    of = pl.col("generation").str.split("-").list.first().alias("constellation")
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(of)


def losses(*rows: tuple[str, date, int]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["generation", "day", "lost_count"], orient="row")
    return frame.with_columns(pl.lit("starlink").alias("constellation"))


def satcat(*rows: tuple[int, str, str, date | None, date | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=past.SATCAT_SCHEMA, orient="row")


def counted(history: pl.DataFrame, day: date, generation: str = "starlink-v1.0") -> int:
    rows = history.filter((pl.col("day") == day) & (pl.col("generation") == generation))
    return int(rows["satellite_count"].sum())


LISTED = launches(
    ("starlink-v1.0", "2020-001", date(2020, 1, 1), 20),
    ("starlink-v1.0", "2020-050", date(2020, 7, 1), 20),
    ("starlink-v0.9", "2019-029", date(2019, 5, 24), 15),
)
LOST = losses(
    ("starlink-v1.0", date(2020, 12, 31), 4),
    ("starlink-v1.0", date(2021, 6, 30), 6),
    ("starlink-v0.9", date(2020, 10, 1), 15),
)
HELD = satellites(("starlink-v1.0", "2020-001", 12), ("starlink-v1.0", "2020-050", 18))


def rebuilt(
    held: pl.DataFrame = HELD,
    listed: pl.DataFrame = LISTED,
    lost: pl.DataFrame = LOST,
    decays: pl.DataFrame | None = None,
    day: date = DAY,
) -> pl.DataFrame:
    return past.compute(held, GENERATION, listed, lost, decays, day)


def test_launched_less_lost_is_in_orbit_on_the_days_that_are_known() -> None:
    history = rebuilt()
    assert counted(history, date(2020, 1, 7)) == 0
    assert counted(history, date(2020, 1, 8)) == 20
    assert counted(history, date(2020, 12, 31)) == 40 - 4
    assert counted(history, date(2021, 6, 30)) == 40 - 6


def test_the_last_day_meets_the_observed_one_without_a_step() -> None:
    last = rebuilt().filter(pl.col("generation") == "starlink-v1.0").sort("day").tail(5)
    assert last["day"].max() == DAY - timedelta(days=1)
    assert last["satellite_count"].to_list() == [30] * 5


def test_a_generation_that_is_gone_counts_while_it_was_there() -> None:
    history = rebuilt()
    assert counted(history, date(2019, 5, 31), "starlink-v0.9") == 15
    assert counted(history, date(2020, 6, 1), "starlink-v0.9") > 0
    assert counted(history, date(2020, 10, 1), "starlink-v0.9") == 0
    assert history.filter(pl.col("generation") == "starlink-v0.9")["day"].max() < date(2020, 10, 1)


def test_a_fleet_that_loses_nobody_never_shrinks() -> None:
    held = satellites(("starlink-v1.0", "2020-001", 20), ("starlink-v1.0", "2020-050", 20))
    history = rebuilt(held, lost=NO_LOSSES).filter(pl.col("generation") == "starlink-v1.0")
    assert (history.sort("day")["satellite_count"].diff().drop_nulls() >= 0).all()


def test_losses_never_exceed_what_is_launched() -> None:
    history = rebuilt(lost=losses(("starlink-v1.0", date(2020, 2, 1), 35)), held=HELD.head(3))
    assert history["satellite_count"].min() > 0
    assert counted(history, date(2020, 3, 1)) == 0


def test_a_launch_that_is_listed_but_not_catalogued_yet_is_not_counted() -> None:
    fresh = pl.concat([LISTED, launches(("starlink-v1.0", "2021-130", date(2021, 12, 20), 25))])
    assert counted(rebuilt(listed=fresh), date(2021, 12, 31)) == 30


def test_a_launch_of_a_later_day_is_not_counted() -> None:
    later = pl.concat([LISTED, launches(("starlink-v1.0", "2022-020", date(2022, 2, 20), 25))])
    assert rebuilt(listed=later).equals(rebuilt())


def test_a_launch_that_is_not_listed_is_taken_from_the_catalog_between_its_neighbours() -> None:
    held = pl.concat([HELD, satellites(("starlink-v1.0", "2020-025", 5), first=70_000)])
    history = rebuilt(held, lost=NO_LOSSES)
    days = history.filter(pl.col("generation") == "starlink-v1.0").sort("day")
    first = days.filter(pl.col("satellite_count") > 20)["day"].min()
    assert isinstance(first, date)
    assert abs((first - date(2020, 4, 3)).days) < 10


def test_constellations_without_list_or_losses_are_what_is_left_of_them() -> None:
    held = pl.concat([HELD, satellites(("qianfan-gen1", "2021-040", 6), first=70_000)])
    mine = rebuilt(held).filter(pl.col("generation") == "qianfan-gen1")
    assert set(mine["satellite_count"]) == {6}
    assert mine["day"].min() > date(2021, 1, 1)


def test_a_constellation_that_the_day_does_not_have_at_all_is_not_taken_for_lost() -> None:
    listed = pl.concat([LISTED, launches(("oneweb-gen1", "2020-008", date(2020, 2, 6), 34))])
    history = rebuilt(listed=listed)
    assert counted(history, date(2021, 12, 31), "oneweb-gen1") == 34


def test_small_batches_are_catalogued_sooner() -> None:
    held = satellites(("guowang-gen1", "2020-010", 9), ("qianfan-gen1", "2020-010", 18))
    days = {"guowang-gen1": date(2020, 3, 4), "qianfan-gen1": date(2020, 3, 8)}
    listed = launches(("guowang-gen1", "2020-010", date(2020, 3, 1), 9))
    history = rebuilt(held, listed, NO_LOSSES)
    for generation, first in days.items():
        assert history.filter(pl.col("generation") == generation)["day"].min() == first


def test_every_day_is_there_once_per_generation_and_keeps_to_the_table() -> None:
    history = rebuilt()
    assert history.equals(fleet.HISTORY.conform(history))
    assert history.select(fleet.HISTORY.key).is_unique().all()
    days = history.filter(pl.col("generation") == "starlink-v1.0")["day"]
    assert days.to_list() == pl.date_range(date(2020, 1, 8), DAY - timedelta(days=1), eager=True).to_list()


def test_capacity_is_installed_only_and_what_works_is_unknown() -> None:
    held = pl.concat([HELD, satellites(("starlink-d2c", "2021-050", 4), first=70_000)])
    row = rebuilt(held).filter(pl.col("day") == date(2021, 12, 31)).to_dict(as_series=False)
    assert row["generation"] == ["starlink-d2c", "starlink-v1.0"]
    assert row["installed_down_gbps"] == [None, 30 * 18.0]
    assert row["operational_count"] == row["operational_down_gbps"] == [None, None]
    assert set(row["basis"]) == {"reconstructed"}
    assert row["flagged"] == [False, False]


def test_without_any_launch_before_the_day_there_is_no_row() -> None:
    assert rebuilt(satellites(), LISTED.clear()).height == 0


def test_text_of_a_csv_file_is_read_as_days() -> None:
    text = LISTED.with_columns(pl.col("launch_day").dt.to_string()), LOST.with_columns(pl.col("day").dt.to_string())
    assert rebuilt(listed=text[0], lost=text[1]).equals(rebuilt())


# ---- SATCAT ----

OBJECTS = satcat(
    (60_000, "STARLINK-1001", "2020-001A", date(2020, 1, 1), None),
    (60_001, "STARLINK-1002", "2020-001B", None, None),
    (50_001, "STARLINK-1003", "2020-001C", date(2020, 1, 1), date(2020, 6, 1)),
    (50_002, "STARLINK-1004", "2020-001D", date(2020, 1, 1), date(2020, 1, 3)),
    (50_003, "STARLINK-1005", "2020-001E", date(2020, 1, 1), None),
    (50_004, "STARLINK-1006 DEB", "2020-001F", date(2020, 1, 1), date(2020, 6, 1)),
    (50_005, "FALCON 9 R/B", "2020-001G", date(2020, 1, 1), date(2020, 1, 2)),
    (50_006, "STARLINK-31", "2019-029A", date(2019, 5, 24), date(2020, 2, 1)),
    (50_007, "AMAZONAS 5", "2017-053A", date(2017, 9, 11), None),
    (50_008, None, "2020-001H", date(2020, 1, 1), date(2020, 6, 1)),
)


def with_satcat() -> pl.DataFrame:
    held = satellites(("starlink-v1.0", "2020-001", 2), ("starlink-v1.0", "2020-050", 1))
    return rebuilt(held, decays=OBJECTS)


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2020, 1, 3), 0),
        (date(2020, 1, 4), 3),
        (date(2020, 5, 31), 3),
        (date(2020, 6, 1), 2),
        (date(2020, 7, 3), 2),
        (date(2020, 7, 4), 3),
        (date(2021, 12, 31), 3),
    ],
    ids=str,
)
def test_with_satcat_every_object_counts_until_its_decay(day: date, count: int) -> None:
    assert counted(with_satcat(), day) == count


def test_with_satcat_the_generation_follows_the_name() -> None:
    mine = with_satcat().filter(pl.col("generation") == "starlink-v0.9")
    assert (mine["day"].min(), mine["day"].max()) == (date(2019, 5, 27), date(2020, 1, 31))


def test_a_satcat_without_decays_or_names_changes_nothing() -> None:
    for column in ("decay_day", "object_name"):
        bare = OBJECTS.with_columns(pl.lit(None, past.SATCAT_SCHEMA[column]).alias(column))
        assert rebuilt(decays=bare).equals(rebuilt())
    assert rebuilt(decays=OBJECTS.clear()).equals(rebuilt())


# ---- the files that ship ----


def test_every_launch_is_listed_once_per_generation_and_cited() -> None:
    table = reference("launches")
    assert table.select("launch", "constellation", "generation").is_unique().all()
    assert table["launch"].str.contains(r"^20(19|2\d)-\d{3}$").all()
    assert table["satellite_count"].is_between(1, 60).all()
    assert set(table["constellation"]) == set(CONSTELLATION)
    assert set(table["generation"]) <= {
        *reference("generation_assignment")["generation"],
        *GENERATION["generation"],
        *past.PAYLOAD_CLASS_OF,
    }
    assert table["source"].null_count() == 0
    assert set(table["confidence"]) <= {"high", "medium", "low"}


def test_launch_days_follow_the_order_of_the_designators() -> None:
    table = reference("launches").drop_nulls("launch_day").unique("launch").sort("launch")
    days = table["launch_day"].str.to_date()
    assert (days.diff().drop_nulls() >= timedelta(days=-1)).all()
    assert (days.dt.year().cast(pl.String) == table["launch"].str.slice(0, 4)).all()


def test_losses_never_fall_and_never_exceed_what_is_listed_as_launched() -> None:
    listed = reference("launches").with_columns(pl.col("launch_day").str.to_date())
    rows = reference("fleet_losses").with_columns(pl.col("day").str.to_date()).sort("day")
    for (constellation, generation), mine in rows.group_by("constellation", "generation"):
        launched = listed.filter((pl.col("constellation") == constellation) & (pl.col("generation") == generation))
        assert (mine["lost_count"].diff().drop_nulls() >= 0).all(), generation
        for day, lost in mine.select("day", "lost_count").rows():
            assert lost <= launched.filter(pl.col("launch_day") <= day)["satellite_count"].sum(), (generation, day)


# J. McDowell, Starlink statistics, mid August 2026 (12,745 launched less 2 of 2018 and 20 that failed to reach orbit).
LAUNCHED = {
    "starlink-v0.9": 60, "starlink-v1.0": 1_665, "starlink-v1.5": 2_987, "starlink-v2mini": 2_767, "starlink-d2c": 674,
    "starlink-v2mini-opt": 4_570,
}  # fmt: skip


def test_starlinks_launched_by_generation_are_mcdowells() -> None:
    listed = reference("launches").filter((pl.col("constellation") == "starlink") & (pl.col("launch") < "2026-185"))
    sums = listed.group_by("generation").agg(pl.col("satellite_count").sum())
    assert dict(sums.iter_rows()) == LAUNCHED
    assert sum(LAUNCHED.values()) == 12_745 - 2 - 20


# ---- real catalogs ----

REAL_DAY = date(2026, 8, 17)
CATALOGED = re.compile(
    r"`catalogs/(?:omm|tle)-active/active_(omm|tle)_(\d{4}-\d\d-\d\d)\w*\.[a-z.]+`.*?"
    r"Starlink (\d+), OneWeb (\d+), Kuiper (\d+), Qianfan (\d+), Guowang (\d+)"
)
TITLES = ("starlink", "oneweb", "amazon_leo", "qianfan", "guowang")
GROUP_COUNTS = {"2025-05-18": 7_434, "2025-05-25": 7_483, "2026-05-24": 10_356, "2026-05-28": 10_398}
LAST_WHOLE_TLE = date(2026, 7, 15)  # catalog numbers of six digits are not in TLE files
# Launches that took longer to be catalogued than others: 2025-217 more than 9 days, 2026-153 more than 8.
LATE = {("amazon_leo", date(2025, 10, 4)): 27, ("qianfan", date(2026, 7, 12)): 18}
# J. McDowell's totals in orbit, Starlink, by the number launched on the page (12,745 say) and the number down.
IN_ORBIT = {
    "2025-01-03": 6_895, "2025-12-31": 9_410, "2026-03-27": 10_139, "2026-04-23": 10_296, "2026-05-25": 10_413,
    "2026-07-09": 10_777, "2026-07-25": 10_881, "2026-08-15": 10_981,
}  # fmt: skip
# His numbers of working satellites at the start of the years (log.dat).
WORKING = {2020: 117, 2021: 861, 2022: 1_752, 2023: 3_326, 2024: 5_202, 2025: 6_845, 2026: 9_369}


@pytest.fixture(scope="module")
def real(shared: Path) -> pl.DataFrame:
    """Satellites of each constellation on every day before 17 August 2026, from that day's catalog alone."""
    (path,) = (shared / "data" / "catalogs" / "omm-active").glob(f"active_omm_{REAL_DAY}T*.csv.gz")
    elements = Elements("celestrak_active", parse(gzip.decompress(path.read_bytes())).frame)
    held, _, _ = satellite.compute([elements], REAL_DAY)
    history = past.compute(held, GENERATION, reference("launches"), reference("fleet_losses"), None, REAL_DAY)
    return history.group_by("constellation", "day").agg(pl.col("satellite_count").sum())


def total(history: pl.DataFrame, constellation: str, day: date) -> int:
    return int(
        history.filter((pl.col("constellation") == constellation) & (pl.col("day") == day))["satellite_count"].sum()
    )


@pytest.mark.realdata
def test_the_history_meets_the_counts_of_real_catalogs_within_two_percent(real: pl.DataFrame, shared: Path) -> None:
    found = CATALOGED.findall((shared / "data" / "README.md").read_text())
    days = [(kind, date.fromisoformat(day), counts) for kind, day, *counts in found]
    whole = [(day, counts) for kind, day, counts in days if day < REAL_DAY and (kind == "omm" or day <= LAST_WHOLE_TLE)]
    assert len(whole) > 15
    for day, counts in whole:
        for constellation, observed in zip(TITLES, map(int, counts), strict=True):
            count = total(real, constellation, day) - LATE.get((constellation, day), 0)
            assert count == pytest.approx(observed, rel=0.02), (constellation, day)


@pytest.mark.realdata
def test_the_history_meets_the_counts_of_starlinks_own_files_within_two_percent(real: pl.DataFrame) -> None:
    for day, observed in GROUP_COUNTS.items():
        assert total(real, "starlink", date.fromisoformat(day)) == pytest.approx(observed, rel=0.02), day


@pytest.mark.realdata
def test_the_history_meets_what_mcdowell_counts(real: pl.DataFrame) -> None:
    for day, in_orbit in IN_ORBIT.items():
        assert total(real, "starlink", date.fromisoformat(day)) == pytest.approx(in_orbit, rel=0.02), day
    for year, working in WORKING.items():
        assert total(real, "starlink", date(year, 1, 1)) == pytest.approx(working, rel=0.04), year


@pytest.mark.realdata
def test_the_last_reconstructed_day_is_close_to_the_observed_one(real: pl.DataFrame) -> None:
    last = {c: total(real, c, REAL_DAY - timedelta(days=1)) for c in TITLES}
    observed = dict(zip(TITLES, (10_928, 651, 391, 238, 198), strict=True))
    assert np.abs([last[c] - observed[c] for c in TITLES]).max() <= 2
