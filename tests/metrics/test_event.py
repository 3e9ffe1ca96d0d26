"""What happened to whom, and with what evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.metrics.identity import Elements
from tests.metrics.skies import DAY, Home, Landed, changed, elements, land, made, walker

STRANGER = 59_000
LAUNCHES = pl.DataFrame({"launch": ["2026-177"], "launch_day": [date(2026, 8, 4)]})


def batch(count: int, launch: str = "2026-177", first: int = 60_000) -> list[dict[str, Any]]:
    """So many satellites of one new launch on their way up."""
    return [made(first + k, name=f"STARLINK-{36_000 + first % 1000 + k}", designator=f"{launch}{chr(65 + k)}", altitude_km=300.0, dot=-0.02) for k in range(count)]  # fmt: skip


def days_of(rows: dict[int, list[dict[str, Any]]], **how: Any) -> list[Landed]:
    """What each of the days came to, in order."""
    home = Home()
    return [home.land(DAY + timedelta(days=k), rows[k], **how) for k in sorted(rows)]


def evidence(day: Landed, event: str) -> str:
    (text,) = day.named(event)["evidence"].unique()
    return text


# --- who is new ------------------------------------------------------------------------------------------------------


def test_a_first_day_has_no_events() -> None:
    assert land({0: [*walker(), *batch(24)]}).events.is_empty()


def test_days_without_change_have_no_events() -> None:
    assert land({-2: walker(), -1: walker(), 0: walker()}).events.is_empty()


def test_a_launch_is_a_batch_with_its_evidence() -> None:
    _, day = days_of({-1: walker(), 0: [*walker(), *batch(24)]}, launches=LAUNCHES)
    assert day.counts() == {"launched": 24, "first_catalogued": 24}
    assert set(day.events["launch"]) == {"2026-177"}
    assert set(day.events["before_day"]) == {DAY - timedelta(days=1)}
    assert (
        evidence(day, "launched")
        == "launch 2026-177, launched 2026-08-04, is listed for the first time, with 24 satellites"
    )
    assert "; catalog number 60000" in day.named("first_catalogued")["evidence"][0]


def test_a_launch_of_unknown_day_is_a_launch_by_its_designator() -> None:
    day = land({-1: walker(), 0: [*walker(), *batch(9)]})
    assert day.counts() == {"launched": 9, "first_catalogued": 9}
    assert "day of launch not known" in evidence(day, "launched")


def test_a_late_member_of_a_known_launch_is_no_launch() -> None:
    _, _, day = days_of({-2: batch(20), -1: batch(20), 0: batch(22)}, launches=LAUNCHES)
    assert day.counts() == {"first_catalogued": 2}
    assert (
        "was first listed on 2026-08-15 with satellites that now are 20" in day.named("first_catalogued")["evidence"][0]
    )


@pytest.mark.parametrize("launches", [None, LAUNCHES])
def test_an_old_object_that_is_newly_listed_is_no_launch(launches: pl.DataFrame | None) -> None:
    old = made(STRANGER, designator="2021-044K")
    _, day = days_of({-1: walker(), 0: [*walker(), old]}, launches=launches)
    assert day.counts() == {"reappeared": 1}
    assert "in none of the landed days behind" in evidence(day, "reappeared")


def test_a_provisional_satellite_is_launched_before_it_is_catalogued() -> None:
    new = [r | {"number": 71_000 + k} for k, r in enumerate(batch(3))]
    first, second = days_of({-1: walker(), 0: [*walker(), *new], 1: [*walker(), *batch(3)]}, launches=LAUNCHES)[1:]
    assert first.counts() == {"launched": 3}
    assert second.counts() == {"renumbered": 3, "first_catalogued": 3}
    assert "in place of the provisional 71000" in second.named("first_catalogued")["evidence"][0]


def test_a_provisional_satellite_without_a_designator_is_new_too() -> None:
    new = [made(799_500_001, name="STARLINK-36001", designator=None, dot=-0.02)]
    assert land({-1: walker(), 0: [*walker(), *new]}).counts() == {"launched": 1}


def test_numbers_that_the_files_of_the_day_before_could_not_carry_are_no_launch() -> None:
    """TLE end at 99999; the first file in OMM afterwards has all that came since."""
    new = batch(9, first=100_500)
    day = land({-1: walker(), 0: [*walker(), *new]})
    assert day.counts() == {"reappeared": 9}
    assert evidence(day, "reappeared") == "no file of the day before had numbers above 99999, as TLE have none"
    _, launched = days_of({-1: walker(), 0: [*walker(), *new]}, launches=LAUNCHES.with_columns(launch_day=pl.lit(DAY)))
    assert launched.counts() == {"launched": 9, "first_catalogued": 9}


def test_a_launch_that_is_still_to_come_is_no_evidence() -> None:
    later = LAUNCHES.with_columns(launch_day=pl.lit(DAY + timedelta(days=2)))
    _, day = days_of({-1: walker(), 0: [*walker(), *batch(9)]}, launches=later)
    assert "day of launch not known" in evidence(day, "launched")


def test_a_name_that_a_file_cut_is_no_other_name() -> None:
    whole, cut = (walker(name=name) for name in ("HULIANWAN GAOGUI-01 (HG-01)", "HULIANWAN GAOGUI-01 (H*)"))
    for before, after in ((whole, cut), (cut, whole)):
        assert land({-1: before, 0: after}).events.is_empty()
    assert land({-1: cut, 0: walker(name="HULIANWAN GAOGUI-02 (HG-02)")}).counts() == {"renamed": 120}


def test_a_new_number_is_no_first_catalog_number_where_the_old_one_was_none_either() -> None:
    _, day = days_of({-1: walker(), 0: [*walker()[1:], walker()[0] | {"number": 49_999}]})
    assert "first_catalogued" not in day.counts()


# --- who is gone, and comes back -----------------------------------------------------------------------------------------


def falling(rate_km_per_day: float, altitude_km: float, k: int, number: int = STRANGER) -> dict[str, Any]:
    """An old satellite that falls, `k` days before DAY."""
    return made(number, altitude_km=altitude_km - rate_km_per_day * k, designator="2021-044K")


def test_who_is_not_listed_has_vanished_with_what_was_last_seen() -> None:
    rows = {-k: [*walker(), falling(-5.0, 240.0, k)] for k in (3, 2, 1)}
    day = land({**rows, 0: walker()})
    assert day.counts() == {"vanished": 1}
    assert evidence(day, "vanished") == "not listed; last seen decaying at 245.0 km, -5.0 km a day"


def test_a_row_that_was_left_out_is_the_reason_that_somebody_has_vanished() -> None:
    home = Home()
    home.land(DAY - timedelta(days=1), walker())
    excluded = pl.DataFrame({"norad_cat_id": [50_000], "reason": ["ECCENTRICITY is missing"]})
    day = home.land(DAY, walker()[1:], excluded=excluded)
    assert evidence(day, "vanished") == "its row was left out: ECCENTRICITY is missing"


@pytest.mark.parametrize(
    ("designator", "counts"),
    [(None, {"renumbered": 3, "first_catalogued": 3}), ("2026-177", {"vanished": 3, "first_catalogued": 3})],
)
def test_a_provisional_number_without_a_name_is_followed_by_its_designator_or_given_up(
    designator: str | None, counts: dict[str, int]
) -> None:
    rows = [r | {"number": 71_000 + k, "name": None} for k, r in enumerate(batch(3))]
    rows = [r | ({"designator": designator} if designator else {}) for r in rows]
    home, earlier = Home(), DAY - timedelta(days=1)
    home.land(
        earlier,
        [Elements("supgp", elements(rows, earlier), "starlink"), Elements("catalog", elements(walker(), earlier))],
    )
    day = home.land(DAY, [*walker(), *batch(3)])
    assert day.counts() == counts
    if designator:
        assert evidence(day, "vanished") == "its provisional number is given up: launch 2026-177 is catalogued by now"
    else:
        assert "in place of the provisional 71002" in day.named("first_catalogued")["evidence"][-1]


def test_a_source_that_is_missing_today_is_the_reason_that_its_satellites_have_vanished() -> None:
    rows = [Elements("supgp", elements(batch(3))), Elements("catalog", elements(walker()))]
    home = Home()
    home.land(DAY, rows)
    day = home.land(DAY + timedelta(days=1), [Elements("catalog", elements(walker(), DAY + timedelta(days=1)))])
    assert day.counts() == {"vanished": 3}
    assert evidence(day, "vanished").startswith("its source supgp is not there today; last seen raising at 300.0 km")


def test_who_comes_back_under_a_catalog_number_is_renumbered_too() -> None:
    home = Home()
    provisional = [row | {"number": 799_501_000 + k} for k, row in enumerate(batch(3))]
    home.land(DAY, [*walker(), *provisional])
    home.land(DAY + timedelta(days=1), walker())
    day = home.land(DAY + timedelta(days=2), [*walker(), *batch(3)])
    assert day.counts() == {"reappeared": 3, "renumbered": 3, "first_catalogued": 3}
    assert set(day.events["identity"]) == {row["name"] for row in provisional}


def test_a_second_decay_is_told_again() -> None:
    """Somebody is called decayed, is listed again, and is gone for good: SATCAT's word stands both times."""
    satcat = pl.DataFrame({"norad_cat_id": [STRANGER], "decay_day": [DAY - timedelta(days=3)]})
    with_him, without = [*walker(), falling(-5.0, 240.0, 0)], walker()
    days = days_of({-4: with_him, -3: without, -2: with_him, -1: without, 0: without}, satcat=satcat)
    assert [d.named("decayed").height for d in days] == [0, 1, 0, 1, 0]


def test_somebody_vanishes_once() -> None:
    first, second = days_of({-2: walker(), -1: walker()[1:], 0: walker()[1:]})[1:]
    assert (first.counts(), second.counts()) == ({"vanished": 1}, {})


@pytest.mark.parametrize(
    ("rate_km_per_day", "altitude_km", "absent"),
    [(0.0, 550.0, 3), (0.0, 550.0, 20), (-1.0, 400.0, 3), (-5.0, 240.0, 3), (-5.0, 240.0, 6), (-15.0, 160.0, 2)],
)
def test_who_comes_back_was_never_called_decayed(rate_km_per_day: float, altitude_km: float, absent: int) -> None:
    seen = {-k: [*walker(), falling(rate_km_per_day, altitude_km, k)] for k in (absent + 3, absent + 2, absent + 1, 0)}
    days = days_of({-k: walker() for k in range(absent + 4)} | seen)
    assert [d.named("vanished").height for d in days] == [0, 0, 0, 1, *[0] * absent]
    assert sum(d.named("decayed").height for d in days) == 0
    assert days[-1].named("reappeared")["norad_cat_id"].to_list() == [STRANGER]
    last_day = DAY - timedelta(days=absent + 1)
    assert evidence(days[-1], "reappeared") == f"listed again; last listed on {last_day}"


# --- who has decayed -------------------------------------------------------------------------------------------------------


def test_satcat_says_who_has_decayed_on_the_day_that_he_is_gone() -> None:
    home, satcat = Home(), pl.DataFrame({"norad_cat_id": [50_000], "decay_day": [DAY]})
    home.land(DAY - timedelta(days=1), walker(), satcat=satcat)
    day = home.land(DAY, walker()[1:], satcat=satcat)
    assert day.counts() == {"decayed": 1}
    assert evidence(day, "decayed").startswith("SATCAT: down on 2026-08-17; last seen ")


def test_satcat_says_later_who_has_decayed_and_says_it_once() -> None:
    home, satcat = Home(), pl.DataFrame({"norad_cat_id": [50_000], "decay_day": [DAY - timedelta(days=2)]})
    nothing = satcat.head(0)
    home.land(DAY - timedelta(days=3), walker(), satcat=nothing)
    days = [home.land(DAY - timedelta(days=k), walker()[1:], satcat=s) for k, s in ((2, nothing), (1, nothing), (0, satcat))]  # fmt: skip
    assert [d.counts() for d in days] == [{"vanished": 1}, {}, {"decayed": 1}]
    assert evidence(days[-1], "decayed") == "SATCAT: down on 2026-08-15; last listed on 2026-08-14"
    assert home.land(DAY + timedelta(days=1), walker()[1:], satcat=satcat).events.is_empty()


def test_a_decay_that_satcat_has_for_a_later_day_is_none_yet() -> None:
    home, satcat = Home(), pl.DataFrame({"norad_cat_id": [50_000], "decay_day": [DAY + timedelta(days=1)]})
    home.land(DAY - timedelta(days=1), walker(), satcat=satcat)
    assert home.land(DAY, walker()[1:], satcat=satcat).counts() == {"vanished": 1}


def test_who_is_listed_has_not_decayed_whatever_satcat_says() -> None:
    satcat = pl.DataFrame({"norad_cat_id": [50_000], "decay_day": [DAY - timedelta(days=1)]})
    assert all(d.events.is_empty() for d in days_of({-1: walker(), 0: walker()}, satcat=satcat))


def fall_and_silence(satcat: pl.DataFrame | None = None, altitude_km: float = 160.0) -> list[Landed]:
    """Last seen twelve days before DAY, falling 15 km a day."""
    seen = {-k: [*walker(), falling(-15.0, altitude_km, k - 12)] for k in (14, 13, 12)}
    return days_of({-k: walker() for k in range(12)} | seen, satcat=satcat)


def test_without_satcat_a_decay_is_inferred_after_the_margin_and_once() -> None:
    decayed = [d.named("decayed").height for d in fall_and_silence()]
    # 30 / 15 x (1 - exp(-40 / 30)) = 1.47 days to live; twice that and three days more are over on the sixth day.
    assert decayed.index(1) - 2 == 6
    assert sum(decayed) == 1
    (text,) = fall_and_silence()[8].named("decayed")["evidence"]
    assert text == "inferred: not listed since 2026-08-05, when it was decaying at 160.0 km, -15.0 km a day"


def test_days_that_were_not_landed_prove_no_absence() -> None:
    seen = {-k: [*walker(), falling(-15.0, 160.0, k - 12)] for k in (14, 13, 12)}
    days = days_of({k: walker() for k in range(4)} | seen)[3:]
    assert [d.counts() for d in days] == [{"vanished": 1}, {}, {}, {"decayed": 1}]


def test_a_day_for_which_an_earlier_catalog_stands_proves_no_absence() -> None:
    home = Home()
    for k in (3, 2, 1):
        home.land(DAY - timedelta(days=k), [*walker(), falling(-15.0, 160.0, k - 1)])
    landed = [home.land(DAY + timedelta(days=k), walker()) for k in (0, 1, 2)]
    stood = [home.land(DAY + timedelta(days=k), walker(), landed_day=DAY + timedelta(days=2)) for k in (3, 4, 5, 6)]
    assert [d.counts() for d in [*landed, *stood]] == [{"vanished": 1}, *[{}] * 6]
    assert home.land(DAY + timedelta(days=7), walker()).counts() == {"decayed": 1}


@pytest.mark.parametrize(("newest", "inferred"), [(DAY, 0), (date(1958, 1, 4), 1)])
def test_as_far_as_satcat_reaches_no_decay_is_inferred(newest: date, inferred: int) -> None:
    """A SATCAT whose newest decay is older than what was last seen says nothing about it."""
    others = pl.DataFrame({"norad_cat_id": [1], "decay_day": [newest]})
    assert sum(d.named("decayed").height for d in fall_and_silence(others)) == inferred


def test_from_high_up_no_decay_is_inferred() -> None:
    assert sum(d.named("decayed").height for d in fall_and_silence(altitude_km=260.0)) == 0


# --- who has changed -----------------------------------------------------------------------------------------------------


def rising(arrival: int, altitudes_km: tuple[float, ...]) -> dict[int, list[dict[str, Any]]]:
    """A shell, and satellite 50000 of it that has these altitudes on the last days."""
    rows = walker()
    return {k - len(altitudes_km) + 1: [rows[0] | {"altitude_km": a}, *rows[1:]] for k, a in enumerate(altitudes_km)}


def test_who_arrives_has_reached_the_shell() -> None:
    days = days_of(rising(0, (530.0, 535.0, 540.0, 545.0, 550.0, *[550.0] * 5)))
    reached = [d.named("reached_shell") for d in days]
    assert sum(r.height for r in reached) == 1
    (row,) = pl.concat(reached).rows(named=True)
    assert (row["norad_cat_id"], row["shell_id"]) == (50_000, "starlink-53.2-550")
    assert row["evidence"].startswith("operational at 550.0 km")
    assert "; raising at 550.0 km" in row["evidence"]


def test_what_is_only_known_better_on_a_second_day_is_no_event() -> None:
    """A satellite that the drag term of one day lets pass, and that has moved a little by the next."""
    first = walker()
    second = [first[0] | {"altitude_km": 547.0}, *first[1:]]
    day = land({-1: first, 0: second})
    assert day.state(50_000) == "lowering"
    assert day.counts() == {}


def test_who_works_is_let_go_later_than_others_are_taken_in() -> None:
    """0.7 km a day: a phase manoeuvre of who works, a passage of who does not."""
    rows = walker()
    still = dict.fromkeys((-8, -7, -6, -5, -4), rows)
    moves = {k: [rows[0] | {"altitude_km": 550.0 + 0.7 * (k + 4)}, *rows[1:]] for k in (-3, -2, -1, 0)}
    assert land({**still, **moves}).state(50_000) == "operational"
    comes = {k: [rows[0] | {"altitude_km": 550.0 + 0.7 * k}, *rows[1:]] for k in range(-8, 1)}
    assert land(comes).state(50_000) == "raising"


def test_who_moves_away_has_left_the_shell_that_he_was_in() -> None:
    (*_, day) = days_of(rising(0, (550.0, 550.0, 550.0, 545.0)))
    assert day.counts() == {"left_shell": 1}
    assert day.events["shell_id"].to_list() == ["starlink-53.2-550"]
    assert "lowering at 545.0 km" in evidence(day, "left_shell")


def test_from_shell_to_shell_is_both() -> None:
    """Twelve planes 6 km apart; one satellite is in the lower one after a gap of landed days."""
    low = walker(first=51_000, altitude_km=544.0, turn_deg=18.0)
    mover = walker()[0]
    there = [*low[1:], mover | {"altitude_km": 544.0, "latitude_deg": low[0]["latitude_deg"]}]
    days = {
        -12: [*walker(), *low[1:]],
        -11: [*walker(), *low[1:]],
        -1: [*walker()[1:], *there],
        0: [*walker()[1:], *there],
    }
    day = days_of(days)[2]
    assert day.events.sort("event").select("event", "norad_cat_id", "shell_id").rows() == [
        ("left_shell", 50_000, "starlink-53.2-550"),
        ("reached_shell", 50_000, "starlink-53.2-544"),
    ]


def test_a_decay_is_predicted_once() -> None:
    days = days_of({-k: [*walker(), falling(-4.0, 200.0, k)] for k in range(12)})
    assert sum(d.named("decay_predicted").height for d in days) == 1
    (row,) = pl.concat([d.named("decay_predicted") for d in days]).rows(named=True)
    assert row["norad_cat_id"] == STRANGER
    assert ": down about 2026-08-" in row["evidence"]


def test_a_name_that_is_missing_for_a_day_is_no_other_name() -> None:
    rows = walker()
    unnamed = elements(rows).with_columns(pl.lit(None, pl.String).alias("object_name"))
    assert land({-1: rows, 0: unnamed}).events.is_empty()  # type: ignore[dict-item]


def test_a_renamed_satellite_is_renamed_and_nothing_else() -> None:
    rows = walker()
    day = land({-1: rows, 0: [rows[0] | {"name": "STARLINK-31999"}, *rows[1:]]})
    assert day.counts() == {"renamed": 1}
    assert evidence(day, "renamed") == "STARLINK-31999 was STARLINK-30000"


def test_events_of_satellites_that_are_here_and_gone_never_mix() -> None:
    before = [*walker(), *batch(5)]
    after = [*changed(walker()[:1], name="STARLINK-31999"), *walker()[2:], *batch(6, "2026-178", 61_000)]
    day = land({-1: before, 0: after})
    listed = set(day.satellites["identity"])
    gone = set(day.events.filter(pl.col("event").is_in(["vanished", "decayed"]))["identity"])
    assert gone.isdisjoint(listed)
    assert set(day.events["identity"]) - gone <= listed
    assert day.counts() == {"launched": 6, "first_catalogued": 6, "renamed": 1, "vanished": 6}
