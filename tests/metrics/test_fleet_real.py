"""Real catalogs: launches, losses, shells and working satellites against what others have counted."""

from __future__ import annotations

import gzip
import itertools
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.constellations import BY_NAME, CONSTELLATIONS
from pipeline.io import assets
from pipeline.metrics import fleet, flow
from pipeline.metrics.identity import Elements, is_provisional
from pipeline.sources.celestrak_active import parse
from pipeline.sources.celestrak_supgp_starlink import parse as supgp
from tests.metrics.skies import Home, Landed

pytestmark = pytest.mark.realdata

DAYS = [date(2026, 8, d) for d in range(8, 18)]
OURS = "|".join(c.names for c in CONSTELLATIONS)
# Jonathan McDowell, Starlink statistics (planet4589.org), mid-August 2026: satellites in their operational orbit.
MCDOWELL_WORKING = 9_719
MCDOWELL_IN_ORBIT = 10_981
MCDOWELL_GENERATIONS = {
    "starlink-v1.0": 380,
    "starlink-v1.5": 2_176,
    "starlink-v2mini": 2_463,
    "starlink-v2mini-opt": 4_063,
}
MCDOWELL_DIRECT_TO_CELL = {53: 310, 43: 327}


def catalog(shared: Path, folder: str, name: str) -> pl.DataFrame:
    """The rows of one file, `name` being how its name begins."""
    (path,) = (shared / "data" / "catalogs" / folder).glob(f"{name}*.gz")
    return parse(gzip.decompress(path.read_bytes())).frame


@pytest.fixture(scope="module")
def launches() -> pl.DataFrame:
    shipped = assets.reference("launches").select("launch", pl.col("launch_day").str.to_date(strict=False))
    return shipped.drop_nulls().unique("launch")


@pytest.fixture(scope="module")
def raw(shared: Path) -> dict[date, pl.DataFrame]:
    """Ten days of the catalog of all active satellites, as it was published."""
    return {day: catalog(shared, "omm-active", f"active_omm_{day}T") for day in DAYS}


@pytest.fixture(scope="module")
def landed(raw: dict[date, pl.DataFrame], launches: pl.DataFrame) -> dict[date, Landed]:
    home = Home()
    return {day: home.land(day, rows, launches=launches) for day, rows in raw.items()}


@pytest.fixture(scope="module")
def in_may(shared: Path, launches: pl.DataFrame) -> Landed:
    """28 May 2026 with the four days before: Starlink and OneWeb, as TLE."""
    home = Home()
    for day in (date(2026, 5, d) for d in range(24, 29)):
        both = [catalog(shared, "tle-groups", f"{group}_tle_{day}T") for group in ("starlink", "oneweb")]
        last = home.land(day, pl.concat(both), launches=launches)
    return last


def members(rows: pl.DataFrame) -> set[int]:
    """Catalog numbers of the five constellations, by name alone."""
    return set(rows.filter(pl.col("object_name").str.contains(OURS).fill_null(value=False))["norad_cat_id"])


# --- ten days of August ------------------------------------------------------------------------------------------------


def test_every_satellite_of_the_five_has_one_row(raw: dict[date, pl.DataFrame], landed: dict[date, Landed]) -> None:
    for day in DAYS:
        rows = landed[day].satellites
        assert members(raw[day]) == set(rows["norad_cat_id"]), day
        assert rows["identity"].n_unique() == rows.height, day


def test_launches_are_found_on_their_day_with_their_size(landed: dict[date, Landed]) -> None:
    events = pl.concat(d.events for d in landed.values())
    found = events.filter(pl.col("event") == "launched").group_by("day", "launch").len().sort("day").rows()
    assert found == [(date(2026, 8, 9), "2026-177", 24), (date(2026, 8, 14), "2026-181", 24)]
    catalogued = events.filter(pl.col("event") == "first_catalogued").group_by("day", "launch").len().sort("day")
    assert catalogued.rows() == found


def test_every_satellite_that_is_not_listed_any_more_has_vanished(
    raw: dict[date, pl.DataFrame], landed: dict[date, Landed]
) -> None:
    for before, day in itertools.pairwise(DAYS):
        expected = members(raw[before]) - set(raw[day]["norad_cat_id"])
        assert set(landed[day].named("vanished")["norad_cat_id"]) == expected, day
        assert landed[day].named("vanished")["evidence"].str.contains(r"last seen \w+ at [\d.]+ km").all()


def test_nobody_who_comes_back_was_called_decayed(raw: dict[date, pl.DataFrame], landed: dict[date, Landed]) -> None:
    for day, what in landed.items():
        listed_later = {n for later in DAYS if later >= day for n in raw[later]["norad_cat_id"]}
        assert listed_later.isdisjoint(what.named("decayed")["norad_cat_id"]), day


def test_a_satellite_that_is_called_decayed_was_last_seen_falling_and_low(landed: dict[date, Landed]) -> None:
    gone = pl.concat(d.named("decayed") for d in landed.values())
    seen = pl.concat(d.satellites for d in landed.values())
    last = seen.filter(pl.col("identity").is_in(gone["identity"].to_list())).group_by("identity").agg(pl.col("altitude_km").last())  # fmt: skip
    assert gone.height > 0
    assert gone["identity"].n_unique() == gone.height
    assert last["altitude_km"].max() < 220.0


def test_a_catalog_that_renames_eighteen_satellites_renames_nobody_else(landed: dict[date, Landed]) -> None:
    names = {day: what.named("renamed").height for day, what in landed.items()}
    assert {day: n for day, n in names.items() if n} == {date(2026, 8, 15): 18}
    said = landed[date(2026, 8, 15)].named("renamed")["evidence"]
    assert said.str.contains(r"^HULIANWANG DIGUI-\d+ was GUOWANG OBJECT [A-Z]$").all()


def test_the_waterfall_of_every_day_closes(landed: dict[date, Landed]) -> None:
    generation = fleet.generations(assets.reference("satellite_generations"))
    for before, day in itertools.pairwise(DAYS):
        rows = {"state_before": landed[before].satellites, "state_after": landed[day].satellites}
        table = flow.compute(rows["state_after"], rows["state_before"], landed[day].events, generation, day)
        for end, satellites in rows.items():
            summed = table.filter(pl.col(end) != "absent").group_by("constellation", end)
            counted = satellites.group_by("constellation", "state").len().rows()
            assert sorted(summed.agg(pl.col("satellite_count").sum()).rows()) == sorted(counted), day
        capacity = [fleet.compute(f, generation)["core.fleet_capacity_daily"] for f in rows.values()]
        for name in ("installed", "in_service"):
            change = capacity[1][f"{name}_down_tbps"].sum() - capacity[0][f"{name}_down_tbps"].sum()
            assert table[f"{name}_change_tbps"].sum() == pytest.approx(change, abs=1e-6), day


# --- working satellites against McDowell's table -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def starlink(landed: dict[date, Landed]) -> pl.DataFrame:
    return landed[date(2026, 8, 15)].satellites.filter(pl.col("constellation") == "starlink")


def test_as_many_starlinks_work_and_fly_as_mcdowell_counts(starlink: pl.DataFrame) -> None:
    assert starlink.height == pytest.approx(MCDOWELL_IN_ORBIT, rel=0.01)
    assert (starlink["state"] == "operational").sum() == pytest.approx(MCDOWELL_WORKING, rel=0.015)


@pytest.mark.parametrize("generation", MCDOWELL_GENERATIONS)
def test_as_many_of_a_generation_work_as_mcdowell_counts(starlink: pl.DataFrame, generation: str) -> None:
    working = starlink.filter((pl.col("state") == "operational") & (pl.col("generation") == generation))
    assert working.height == pytest.approx(MCDOWELL_GENERATIONS[generation], rel=0.03)


@pytest.mark.parametrize("inclination_deg", MCDOWELL_DIRECT_TO_CELL)
def test_as_many_direct_to_cell_satellites_work_as_mcdowell_counts(
    starlink: pl.DataFrame, inclination_deg: int
) -> None:
    here = (pl.col("payload_class") == "direct_to_cell") & (pl.col("inclination_deg").round() == inclination_deg)
    working = starlink.filter(here & (pl.col("state") == "operational"))
    assert working.height == pytest.approx(MCDOWELL_DIRECT_TO_CELL[inclination_deg], rel=0.015)


# --- shells ----------------------------------------------------------------------------------------------------------


def observed() -> list[dict[str, object]]:
    """Shells of 30 May 2026 as they were counted by hand."""
    rows = assets.reference("constellations").filter(pl.col("shell_id").str.contains("^obs-"))
    return rows.filter(pl.col("shell_id") != "obs-97-raise").rows(named=True)


@pytest.mark.parametrize("row", observed(), ids=lambda row: row["shell_id"])
def test_the_shells_of_may_are_those_that_were_counted_by_hand(in_may: Landed, row: dict[str, object]) -> None:
    low_km, *high_km = map(float, str(row["altitude_km"]).split("-"))
    altitude_km = (low_km + (high_km or [low_km])[0]) / 2
    payload_class = "direct_to_cell" if "d2c" in str(row["shell_id"]) else "broadband"
    here = (
        ((pl.col("altitude_km") - altitude_km).abs() <= 3.0)
        & ((pl.col("inclination_deg") - float(str(row["inclination_deg"]))).abs() <= 0.2)
        & (pl.col("payload_class") == payload_class)
        & (pl.col("shell_kind") == "shell")
    )
    found = in_may.shells.filter(here)
    assert found.height == 1
    assert found["satellite_count"][0] == pytest.approx(int(str(row["total_sats"])), rel=0.1)


def test_oneweb_flies_in_twelve_planes(in_may: Landed) -> None:
    shells = in_may.shells.filter((pl.col("constellation") == "oneweb") & (pl.col("shell_kind") == "shell"))
    assert shells["plane_count"].to_list() == [12]


def test_amazon_leo_fills_a_lattice_of_144_planes(landed: dict[date, Landed]) -> None:
    day = landed[DAYS[-1]]
    shells = day.shells.filter((pl.col("constellation") == "amazon_leo") & (pl.col("shell_kind") == "shell"))
    laid_out = shells.select("lattice_plane_count", "slot_count", "phasing").rows()
    assert laid_out == [(144, 4, 23)]
    working = day.satellites.filter((pl.col("constellation") == "amazon_leo") & (pl.col("state") == "operational"))
    assert (
        working.filter(pl.col("plane_id").is_not_null() & pl.col("slot").is_not_null()).height > 0.95 * working.height
    )


def test_filed_shells_do_not_say_where_starlinks_fly(landed: dict[date, Landed]) -> None:
    rows = assets.reference("constellations").filter(
        pl.col("basis").is_in(["filed/authorised", "authorised"]) & (pl.col("operator") == "SpaceX")
    )
    filed = [
        (float(r["altitude_km"]), float(r["inclination_deg"]))
        for r in rows.iter_rows(named=True)
        if re.fullmatch(r"[\d.]+", str(r["altitude_km"])) and re.fullmatch(r"[\d.]+", str(r["inclination_deg"]))
    ]
    assert len(filed) >= 8
    starlink = landed[DAYS[-1]].satellites.filter(pl.col("constellation") == "starlink")
    altitude_km, inclination_deg = (starlink[n].to_numpy() for n in ("altitude_km", "inclination_deg"))
    at_home = np.zeros(starlink.height, bool)
    for height_km, tilt_deg in filed:
        at_home |= (np.abs(altitude_km - height_km) <= 5.0) & (np.abs(inclination_deg - tilt_deg) <= 0.5)
    assert at_home.mean() < 0.1


# --- the same fleet in both formats ----------------------------------------------------------------------------------------


def test_lines_and_omm_of_one_day_are_one_fleet(
    shared: Path, raw: dict[date, pl.DataFrame], launches: pl.DataFrame
) -> None:
    by_lines, by_omm = Home(), Home()
    for day in (date(2026, 8, d) for d in (11, 12, 13, 17)):
        lines = by_lines.land(day, catalog(shared, "tle-active", f"active_tle_{day}T"), launches=launches).satellites
        omm = by_omm.land(day, raw[day], launches=launches).satellites
        assert lines["norad_cat_id"].max() < 100_000
        short = omm.filter(pl.col("norad_cat_id") < 100_000)
        # The files are hours apart: who is only in the earlier one has come down, or is out of the list, by the later one.
        only_lines = lines.filter(~pl.col("identity").is_in(short["identity"].to_list()))
        assert set(short["identity"]) <= set(lines["identity"]), day
        assert set(only_lines["state"]) <= {"decaying"}, day
        both = lines.join(short, on="identity", suffix="_omm")
        assert (both["state"] == both["state_omm"]).mean() >= 0.97, day
        assert both["generation"].equals(both["generation_omm"].alias("generation")), day
        left_out = omm.filter(pl.col("norad_cat_id") >= 100_000)
        assert set(left_out["constellation"]) <= {*BY_NAME}
        assert left_out["object_name"].null_count() == 0


def test_a_frozen_file_of_lines_calls_nobody_launched(shared: Path, launches: pl.DataFrame) -> None:
    home, last = Home(), None
    for day in (date(2026, 8, d) for d in (11, 12, 13, 17)):
        last = home.land(day, catalog(shared, "tle-active", f"active_tle_{day}T"), launches=launches)
    assert last is not None
    assert last.named("launched").is_empty()
    assert last.events["before_day"].unique().to_list() == [last.satellites["day"][0] - timedelta(days=4)]


def test_a_source_list_is_one_fleet(shared: Path, raw: dict[date, pl.DataFrame]) -> None:
    """OMM first, lines behind it: nobody counts twice, and every row says where it comes from."""
    day = date(2026, 8, 17)
    lines = catalog(shared, "tle-active", f"active_tle_{day}T")
    sources = [Elements("celestrak_active", raw[day]), Elements("celestrak_active_tle", lines)]
    both, alone = Home().land(day, sources).satellites, Home().land(day, raw[day]).satellites
    assert set(alone["identity"]) <= set(both["identity"])
    assert set(both["norad_cat_id"]) == set(alone["norad_cat_id"]) | members(lines)
    assert (both["source"] == "celestrak_active").mean() > 0.99


# --- defects of real files -------------------------------------------------------------------------------------------------


def test_satellites_keep_their_identity_when_they_get_their_numbers(shared: Path, launches: pl.DataFrame) -> None:
    """15 July 2026: 55 satellites of two launches are in the operator's elements alone; nine days later they are catalogued."""
    (path,) = (shared / "data/catalogs/supgp-starlink").glob("starlink_recent_launches_omm_2026-07-15*.gz")
    operator = Elements("celestrak_supgp_starlink", supgp(gzip.decompress(path.read_bytes())).frame, "starlink")
    home = Home()
    for day, sources in (
        (
            date(2026, 7, 15),
            [operator, Elements("celestrak_active", catalog(shared, "tle-active", "active_tle_2026-07-15"))],
        ),
        (date(2026, 7, 24), [Elements("celestrak_active", catalog(shared, "omm-active", "active_omm_2026-07-24T"))]),
    ):
        last = home.land(day, sources, launches=launches)
    provisional = home.behind.filter(is_provisional()).select("identity", "object_name")
    after = last.satellites.filter(pl.col("identity").is_in(provisional["identity"].to_list()))
    assert provisional.height == after.height == 55
    assert after["norad_cat_id"].is_between(100_000, 100_999).all()
    assert after.join(provisional, on=["identity", "object_name"]).height == 55
    assert (
        last.named("renumbered").height
        == last.named("first_catalogued").filter(pl.col("evidence").str.contains("provisional")).height
        == 55
    )


def test_repeated_names_are_two_satellites(raw: dict[date, pl.DataFrame], landed: dict[date, Landed]) -> None:
    rows = landed[DAYS[0]].satellites.filter(pl.col("object_name") == "GUOWANG OBJECT A")
    assert sorted(rows["identity"]) == ["2026-137A", "2026-176A"]


def test_names_that_only_look_alike_are_nobodys(raw: dict[date, pl.DataFrame], landed: dict[date, Landed]) -> None:
    looks = pl.col("object_name").str.contains("AMAZON|^LEO")
    names = raw[DAYS[-1]].filter(looks)["object_name"].to_list()
    assert len(names) >= 3
    assert not set(names) & set(landed[DAYS[-1]].satellites["object_name"])


def test_odd_epochs_make_no_odd_rates(landed: dict[date, Landed]) -> None:
    """Epochs that go backwards, do not change or lie ahead: no satellite in a shell gets a rate from them."""
    odd = dict.fromkeys(("backwards", "unchanged", "ahead"), 0)
    for before, day in itertools.pairwise(landed.values()):
        both = day.satellites.join(
            before.satellites.select("identity", epoch_before="epoch_utc", state_before="state"), on="identity"
        )
        kinds = {
            "backwards": pl.col("epoch_utc") < pl.col("epoch_before"),
            "unchanged": pl.col("epoch_utc") == pl.col("epoch_before"),
            "ahead": pl.col("element_age_h") < 0,
        }
        for kind, which in kinds.items():
            rows = both.filter(which)
            odd[kind] += rows.height
            calm = rows.filter((pl.col("state") == "operational") & (pl.col("state_day_count") > 1))
            fast = calm.filter(pl.col("altitude_rate_km_per_day").abs() > 1.0).height
            assert fast <= 0.01 * calm.height
        unchanged = both.filter(kinds["unchanged"] & (pl.col("state_day_count") > 1))
        same = unchanged.filter(pl.col("state") == pl.col("state_before")).height
        assert same >= 0.9 * unchanged.height
    assert odd["backwards"] >= 5
    assert odd["unchanged"] >= 100
    assert odd["ahead"] >= 5
