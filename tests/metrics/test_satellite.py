"""Where satellites fly and in what state each is, from made histories."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.metrics import satellite
from pipeline.metrics.identity import Elements
from tests.metrics.skies import DAY, FIRST_NUMBER, Home, Landed, changed, elements, land, made, walker

STRANGER = 59_000
YOUNG = "2026-160"  # mid-July 2026


def climb(rate_km_per_day: float, altitude_km: float = 500.0, **fields: Any) -> Landed:
    """One satellite on three days, at `altitude_km` on the last."""
    return land({-k: [made(altitude_km=altitude_km - rate_km_per_day * k, **fields)] for k in (2, 1, 0)})


def still(rows: list[dict[str, Any]], days: int = 4) -> Landed:
    """The same rows on several days."""
    return land({-k: rows for k in range(days)})


def train(count: int, altitude_km: float, first: int = STRANGER, **fields: Any) -> list[dict[str, Any]]:
    """Satellites of twelve planes at random places."""
    places_deg = np.random.default_rng(1).uniform(0, 360, count)
    return [
        made(first + k, altitude_km=altitude_km, node_deg=30.0 * (k % 12), latitude_deg=float(places_deg[k]), **fields)
        for k in range(count)
    ]


# --- states --------------------------------------------------------------------------------------------------------


def test_who_keeps_his_place_in_a_shell_works() -> None:
    day = still(walker())
    assert day.states() == {"operational": 120}
    assert day.satellites["shell_id"].unique().to_list() == ["starlink-53.2-550"]
    assert day.satellites["state_day_count"].unique().to_list() == [4]


@pytest.mark.parametrize(
    ("rate_km_per_day", "altitude_km", "state"),
    [(5.0, 500.0, "raising"), (0.3, 500.0, "raising"), (-2.0, 500.0, "lowering"), (0.0, 500.0, "parked"), (-0.1, 250.0, "parked")],
)  # fmt: skip
def test_the_rate_of_days_says_who_moves(rate_km_per_day: float, altitude_km: float, state: str) -> None:
    row = climb(rate_km_per_day, altitude_km).row()
    assert (row["state"], row["state_day_count"]) == (state, 3)
    assert row["altitude_rate_km_per_day"] == pytest.approx(rate_km_per_day, abs=1e-6)
    assert row["decay_predicted_day"] is None


def test_who_falls_from_low_is_decaying_and_the_day_is_predicted() -> None:
    row = climb(-5.0, 250.0).row()
    # King-Hele with H = 30 km: 30 / 5 x (1 - exp(-130 / 30)) = 5.9 days
    assert (row["state"], row["decay_predicted_day"]) == ("decaying", DAY + timedelta(days=6))


def test_who_falls_slowly_has_no_day_of_decay_yet() -> None:
    row = climb(-0.5, 290.0).row()
    assert (row["state"], row["decay_predicted_day"]) == ("decaying", None)


def test_a_predicted_decay_stays_predicted_when_the_fall_slows_down() -> None:
    slower = {-2: 202.0, -1: 200.0, 0: 199.5, 1: 199.0, 2: 198.5, 3: 198.0, 4: 197.5}
    days = {k: [made(altitude_km=a)] for k, a in slower.items()}
    assert land({k: days[k] for k in (-2, -1)}).row()["decay_predicted_day"] == DAY + timedelta(days=13)
    assert land(days).row()["decay_predicted_day"] > DAY + timedelta(days=4 + satellite.DECAY_HORIZON_DAYS)


def test_a_young_satellite_that_sinks_a_little_waits_for_its_turn() -> None:
    assert climb(-0.5, 290.0, designator=f"{YOUNG}A").state() == "parked"
    assert climb(-2.0, 290.0, designator=f"{YOUNG}A").state() == "lowering"
    assert climb(-30.0, 180.0, designator=f"{YOUNG}A").state() == "decaying"


def test_elements_of_weeks_ago_say_nothing() -> None:
    day = still([*walker(), made(STRANGER, age_h=400.0)])
    assert day.state(STRANGER) == "unknown"


def test_a_lone_satellite_beside_a_shell_is_parked() -> None:
    assert still([*walker(), made(STRANGER, altitude_km=520.0)]).state(STRANGER) == "parked"


def test_a_satellite_that_passes_a_shell_on_its_way_up_does_not_work() -> None:
    rows = [[*walker(), made(STRANGER, altitude_km=550.0 - 5.0 * k, node_deg=30.0)] for k in range(4)]
    assert land({-k: r for k, r in enumerate(rows)}).state(STRANGER) == "raising"


def test_an_eccentric_orbit_does_not_work() -> None:
    assert still(walker(eccentricity=0.006)).states() == {"parked": 120}


def test_a_batch_that_waits_at_one_altitude_does_not_work_however_large() -> None:
    day = still(train(120, 480.0))
    assert day.states() == {"parked": 120}
    assert day.satellites["shell_id"].is_null().all()
    assert day.shells.select("shell_kind", "satellite_count", "operational_count").row(0) == ("holding", 120, 0)


def test_who_is_young_waits_on_a_level_beside_a_shell_and_who_has_served_serves_on() -> None:
    old = train(72, 552.0)
    young = [row | {"number": row["number"] + 200, "designator": f"{YOUNG}{chr(65 + k % 24)}", "latitude_deg": row["latitude_deg"] + 3.7} for k, row in enumerate(old)]  # fmt: skip
    day = still([*walker(), *old, *young])
    of = {row["number"]: day.state(row["number"]) for row in old + young}
    assert {of[r["number"]] for r in old} == {"operational"}
    assert {of[r["number"]] for r in young} == {"parked"}
    assert day.shells["waiting_count"].to_list() == [144]


def test_satellites_of_high_orbits_have_no_state_here() -> None:
    rows = [made(FIRST_NUMBER + k, name=f"HULIANWAN GAOGUI-0{k}", altitude_km=35_786.0) for k in range(3)]
    assert still(rows).states() == {"unknown": 3}


# --- one day, gaps, odd epochs ---------------------------------------------------------------------------------------


def test_one_day_of_elements_goes_by_the_drag_term_and_says_so() -> None:
    rows = [*walker(), made(STRANGER, altitude_km=450.0, dot=-0.02), made(STRANGER + 1, altitude_km=450.0, dot=0.02)]
    day = land({0: rows})
    assert [day.state(n) for n in (FIRST_NUMBER, STRANGER, STRANGER + 1)] == ["operational", "raising", "lowering"]
    assert set(day.satellites["state_day_count"]) == {1}
    assert day.events.is_empty()


def test_three_missing_days_are_a_longer_way_and_nothing_else() -> None:
    row = land({-3: [made(altitude_km=500.0)], 0: [made(altitude_km=512.0)]}).row()
    assert row["altitude_rate_km_per_day"] == pytest.approx(4.0)
    assert (row["state"], row["state_day_count"]) == ("raising", 2)


def test_who_arrived_between_two_days_that_lie_apart_works() -> None:
    """Over the gap it has climbed, but its own elements say that it does not any more."""
    rows = walker()
    day = land({-3: [rows[0] | {"altitude_km": 540.0}, *rows[1:]], 0: rows})
    assert day.states() == {"operational": 120}
    assert day.row()["altitude_rate_km_per_day"] == pytest.approx(0.0)  # not the 10 km in three days


def test_on_one_day_of_elements_who_is_between_levels_may_be_passing() -> None:
    rows = [*walker(), made(STRANGER, altitude_km=552.0)]
    assert land({0: rows}).state(STRANGER) == "parked"
    assert still(rows).state(STRANGER) == "operational"


def test_after_twenty_missing_days_there_is_one_day_of_elements() -> None:
    row = land({-20: [made(altitude_km=300.0)], 0: [made(altitude_km=512.0)]}).row()
    assert row["altitude_rate_km_per_day"] == pytest.approx(0.0, abs=1e-9)
    assert (row["state"], row["state_day_count"]) == ("parked", 1)


def test_elements_that_do_not_change_count_once() -> None:
    row = land(
        {-2: [made(altitude_km=500.0)], -1: [made(altitude_km=505.0)], 0: [made(altitude_km=505.0, age_h=24.0)]}
    ).row()
    assert row["altitude_rate_km_per_day"] == pytest.approx(5.0)
    assert row["state_day_count"] == 2


def test_an_epoch_that_goes_backwards_is_a_point_like_any_other() -> None:
    row = land({-1: [made(altitude_km=505.0)], 0: [made(altitude_km=502.5, age_h=36.0)]}).row()
    assert row["altitude_rate_km_per_day"] == pytest.approx(5.0)


@pytest.mark.parametrize("age_h", [-60.0, 36.0, 72.0])
def test_odd_epochs_put_nobody_out_of_work(age_h: float) -> None:
    odd = [row | {"age_h": age_h if k % 5 == 0 else 0.0} for k, row in enumerate(walker())]
    day = land({-2: walker(), -1: walker(), 0: odd})
    assert day.states() == {"operational": 120}
    assert day.row()["element_age_h"] == pytest.approx(age_h)
    assert land({-1: odd, 0: walker()}).states() == {"operational": 120}


# --- shells that move and empty --------------------------------------------------------------------------------------


def test_a_shell_that_is_lowered_as_a_whole_does_not_work_and_keeps_its_name() -> None:
    day = land({-k: walker(altitude_km=550.0 + k) for k in range(5)})
    assert day.states() == {"lowering": 120}
    (shell,) = day.shells.rows(named=True)
    assert (shell["shell_id"], shell["steady"], shell["operational_count"]) == ("starlink-53.2-554", False, 0)
    assert shell["altitude_rate_km_per_day"] == pytest.approx(-1.0)


def test_a_shell_that_has_been_moved_works_again_under_its_old_name() -> None:
    altitude_km = [540.0, 540.0, 530.0, 520.0, 510.0, 500.0, *[490.0] * 6]
    day = land({k - 11: walker(altitude_km=a) for k, a in enumerate(altitude_km)})
    assert day.states() == {"operational": 120}
    assert day.shells.select("shell_id", "altitude_km").row(0) == ("starlink-53.2-540", pytest.approx(490.0))


def test_an_emptied_shell_keeps_its_name_for_the_rest() -> None:
    rest, gone = walker()[:6], walker()[6:]
    days: dict[int, list[dict[str, Any]]] = {-4: walker(), -3: walker()}
    days |= {-k: [*rest, *changed(gone, altitude_km=550.0 - 10.0 * (3 - k))] for k in (2, 1, 0)}
    day = land(days)
    assert day.states() == {"operational": 6, "lowering": 114}
    assert day.shells.filter(pl.col("shell_kind") == "shell").select("shell_id", "satellite_count").rows() == [("starlink-53.2-550", 6)]  # fmt: skip


def test_planes_and_places_keep_their_numbers_from_day_to_day() -> None:
    """Nodes drift over 0 degrees and satellites fly on, so plane 1 and place 0 are elsewhere every day."""
    days = {-k: walker(node_deg=14.0 * (3 - k), turn_deg=-77.0 * k) for k in range(4)}
    first, last = land({-3: days[-3]}).satellites, land(days).satellites
    assert last.select("identity", "plane_id", "slot").equals(first.select("identity", "plane_id", "slot"))
    assert last["plane_id"].n_unique() == 12
    assert set(last["slot"]) == set(range(10))
    assert last.select("plane_id", "slot").n_unique() == 120


def test_a_new_satellite_takes_the_free_place_and_moves_nobody() -> None:
    rows = walker()
    before, day = still(rows[1:]), land({-1: rows[1:], 0: rows})
    kept = day.satellites.filter(pl.col("norad_cat_id") != FIRST_NUMBER)
    assert kept.select("identity", "plane_id", "slot").equals(before.satellites.select("identity", "plane_id", "slot"))
    neighbours = day.satellites.filter(pl.col("plane_id") == day.row()["plane_id"])
    assert sorted(neighbours["slot"]) == list(range(10))


# --- columns -----------------------------------------------------------------------------------------------------------


def test_age_is_counted_to_noon_of_the_day() -> None:
    assert still([made(age_h=12.0)], 1).row()["element_age_h"] == pytest.approx(12.0)


def test_catalog_numbers_of_nine_digits_stay_whole() -> None:
    assert still([made(799_512_345)], 1).satellites["norad_cat_id"].to_list() == [799_512_345]


def test_elements_come_in_the_order_of_the_satellites() -> None:
    rows = elements([*reversed(walker()), made(STRANGER, name="AMAZONAS 5")])
    satellites, _, used = satellite.compute([Elements("celestrak_active", rows)], DAY)
    assert used["norad_cat_id"].to_list() == satellites["norad_cat_id"].to_list()
    assert used.height == 120


def test_the_day_of_launch_is_the_known_one_or_none() -> None:
    launches = pl.DataFrame({"launch": ["2024-050"], "launch_day": [date(2024, 3, 1)]})
    rows = elements([made(1, designator="2024-050A"), made(2, designator="2024-051A")])
    satellites, _, _ = satellite.compute([Elements("celestrak_active", rows)], DAY, launches=launches)
    assert satellites["launch_day"].to_list() == [date(2024, 3, 1), None]


@pytest.mark.parametrize(
    ("launch", "launched"),
    [("2021-001", date(2021, 1, 3)), ("2021-136", date(2022, 1, 1)), ("2026-150", date(2026, 7, 2)), ("2026-290", DAY)],
)
def test_a_designator_tells_the_launch_to_about_a_month_and_never_ahead(launch: str, launched: date) -> None:
    rows = pl.DataFrame({"launch": [launch]})
    guess = rows.select(satellite.guessed_launch_day(DAY)).item()
    assert abs(guess - launched) <= timedelta(days=30)
    assert guess <= DAY


@pytest.mark.parametrize(("altitude_km", "rate_km_per_day"), [(300.0, -1.0), (200.0, -10.0), (160.0, -30.0)])
def test_days_to_live_are_those_of_a_fall_through_exponential_air(altitude_km: float, rate_km_per_day: float) -> None:
    height_km, days = altitude_km, 0.0
    while height_km > satellite.REENTRY_KM:
        days += 1e-3
        height_km += 1e-3 * rate_km_per_day * np.exp((altitude_km - height_km) / satellite.SCALE_HEIGHT_KM)
    expression = satellite.life_days(pl.lit(altitude_km), pl.lit(rate_km_per_day))
    assert pl.select(expression).item() == pytest.approx(days, rel=0.01)


def test_who_does_not_fall_lives_for_ever() -> None:
    assert pl.select(satellite.life_days(pl.lit(200.0), pl.lit(0.1))).item() == float("inf")


def test_no_satellite_of_the_five_makes_empty_tables() -> None:
    satellites, shells, used = satellite.compute([Elements("celestrak_active", elements([made(name="NOAA 20")]))], DAY)
    assert satellites.is_empty()
    assert shells.is_empty()
    assert used.is_empty()


def test_who_has_arrived_and_stays_has_not_left_again() -> None:
    """The rate over some days still reaches back beyond the arrival, where the day of the arrival came after a gap."""
    crew = walker()[1:]
    days = {-3: 541.3, -1: 550.0, 0: 550.1}
    home = Home()
    found = [home.land(DAY + timedelta(days=k), [made(altitude_km=h), *crew]) for k, h in days.items()]
    assert [day.row()["state"] for day in found[1:]] == ["operational", "operational"]
    assert found[2].row()["altitude_rate_km_per_day"] == pytest.approx(0.1)
    assert found[2].events.is_empty()
