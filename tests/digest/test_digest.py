from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest

from pipeline.digest.digest import Digest, Figure, compose, compose_notice
from tests.digest import rows

NB = "\N{NO-BREAK SPACE}"


def composed(**how: object) -> Digest:
    return compose(rows.rows(**how), rows.DAY, rows.SOURCES)  # type: ignore[arg-type]


def figure(digest: Digest, name: str) -> Figure:
    return next(figure for figure in digest.figures if figure.name == name)


def test_there_are_five_figures() -> None:
    assert len(composed().figures) == 5


def test_headline_is_made_of_figures() -> None:
    assert composed().headline == "Starlink: 684 Tbps installed, 61 can be sold, 3 of 4 backbone tests passed"
    assert composed().subject == f"Skytrunk 17 August 2026 | {composed().headline}"


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (("capacity",), "684 Tbps installed, 3 of 4 backbone tests passed, 9,641 satellites at work"),
        (("readiness",), "684 Tbps installed, 61 can be sold, 9,641 satellites at work"),
        (("capacity", "readiness"), f"684 Tbps installed, 9,641 satellites at work, in view of more than{NB}99.9% of people all day"),
        (("fleet",), f"61 Tbps can be sold, 3 of 4 backbone tests passed, in view of more than{NB}99.9% of people all day"),
        (("fleet", "capacity", "readiness"), f"in view of more than{NB}99.9% of people all day, 33 ms to a PoP"),
    ],
)  # fmt: skip
def test_headline_falls_back_on_what_is_known(without: tuple[str, ...], said: str) -> None:
    answers = {name: frame for name, frame in rows.rows().items() if name not in without}
    assert compose(answers, rows.DAY).headline == f"Starlink: {said}"


def test_headline_says_how_many_tests_are_not_known() -> None:
    answers = rows.rows()
    cut = pl.col("readiness") == "test_cut"
    answers["readiness"] = answers["readiness"].with_columns(pl.when(~cut).then("value_number").alias("value_number"))
    assert compose(answers, rows.DAY).headline.endswith("3 of 4 backbone tests passed (1 not known)")


def test_what_can_be_sold_is_named_with_its_bounds() -> None:
    assert "; what can be sold is 38 to 97 Tbps in eight of ten draws; " in composed().sure
    answers = {name: frame for name, frame in rows.rows().items() if name != "capacity"}
    assert "can be sold" not in compose(answers, rows.DAY).sure


def test_what_the_tests_leave_out_is_said_only_with_tests() -> None:
    assert composed().tests_note.startswith("What the tests do not ask: ")
    answers = {name: frame for name, frame in rows.rows().items() if name != "readiness"}
    digest = compose(answers, rows.DAY)
    assert (digest.tests_text, digest.tests_note) == ("", "")


def test_the_mail_has_no_table_that_is_left_to_the_page() -> None:
    digest = composed()
    left = {grid.caption for grid in digest.answers if grid.mail_rows == 0}
    assert len(left) == 5
    assert not left & {grid.caption for grid in digest.mail_grids}
    assert {"Rivals side by side", "Delay by country", "What goes between regions"} <= {
        g.caption for g in digest.mail_grids
    }
    assert all(len(grid.rows) <= 8 for grid in digest.mail_grids)


def test_a_long_reason_is_cut_and_says_where_all_of_it_is() -> None:
    answers = rows.rows()
    reason = "no price is known for them: " + ", ".join(["ABW"] * 120)
    found = {"source": "prices", "reason": reason, "row_count": 1, "example": "120 countries"}
    answers["exclusion"] = pl.DataFrame([found])
    (said,) = compose(answers, rows.DAY).excluded
    assert said.startswith("1 of prices: no price is known for them: ABW, ABW")
    assert said.endswith("... (all in meta.exclusion) (for example 120 countries)")
    assert len(said) < 340


def test_change_is_since_the_last_published_day_before() -> None:
    assert figure(composed(), "starlink_at_work").change_text == f"+12 since 16{NB}Aug"
    assert figure(composed(), "amazon_leo_people").change_text == f"−0.4 points since 16{NB}Aug"


def test_first_day_has_no_change() -> None:
    digest = composed(first=True)
    assert {figure.change_text for figure in digest.figures} == {"— first day"}
    assert "first published day" in digest.why
    assert digest.fleet is not None
    assert digest.fleet.rows[0][3] == "—"


def test_interval_has_its_basis() -> None:
    assert figure(composed(), "starlink_installed").interval_text.startswith("561 to 725 Tbps, ")
    assert figure(composed(), "starlink_rtt").interval_text.startswith(
        "29 to 38 ms, wrong by 4.5 ms on average in 49 countries"
    )
    assert figure(composed(), "starlink_at_work").interval_text == "Read from the orbits of the catalog"


def test_delay_without_its_error_has_no_interval() -> None:
    answers = {name: frame for name, frame in rows.rows().items() if name != "model"}
    delay = figure(compose(answers, rows.DAY), "starlink_rtt")
    assert delay.interval_text == "Median of the day, without an interval"


def test_modelled_figures_are_marked_estimated() -> None:
    estimated = {figure.name for figure in composed().figures if figure.estimated}
    assert estimated == {"starlink_installed", "starlink_rtt"}


def test_fleet_keeps_direct_to_cell_apart() -> None:
    grid = composed().fleet
    assert grid is not None
    assert grid.rows[0] == ("Starlink", "10,928", "9,641", "+12", "642", "684", "561 to 725")
    assert grid.rows[1][4] == "none"


def test_null_is_a_dash_and_never_zero() -> None:
    answers = rows.rows()
    for name in ("installed_down_tbps", "installed_down_low_tbps", "installed_down_high_tbps"):
        answers["fleet"] = answers["fleet"].with_columns(pl.lit(None, pl.Float64).alias(name))
    digest = compose(answers, rows.DAY, rows.SOURCES)
    assert figure(digest, "starlink_installed").value_text == "—"
    assert figure(digest, "starlink_installed").change_text == f"— since 16{NB}Aug"
    assert figure(digest, "starlink_installed").interval_text == ""
    assert digest.fleet is not None
    assert digest.fleet.rows[0][-2:] == ("—", "—")
    assert "installed" not in digest.headline
    assert any(line.startswith("No capacity figure is known for Starlink, ") for line in digest.missing)


def test_missing_pops_are_named() -> None:
    missing = composed().missing
    assert "No PoPs are known for Amazon Leo, OneWeb, Qianfan and Guowang: their latency is a dash." in missing
    assert any("lasers at whom is not public" in line for line in missing)


def test_missing_source_is_named_with_what_is_missing_without_it() -> None:
    answers = rows.rows()
    answers["source"] = answers["source"].filter(pl.col("source") != "cities")
    assert (
        "Not read today: GeoNames settlements. Missing without it: people per cell."
        in compose(answers, rows.DAY, rows.SOURCES).missing
    )


def test_unknown_generation_is_flagged() -> None:
    answers = rows.rows()
    answers["generation"] = answers["generation"].with_columns(flagged=pl.col("generation") == "oneweb-gen1")
    digest = compose(answers, rows.DAY, rows.SOURCES)
    assert "651 satellites are of an unknown generation: conservative figures stand in." in digest.missing
    assert digest.generations is not None
    assert "oneweb-gen1 (flagged)" in {row[0] for row in digest.generations.rows}


def test_empty_answers_make_dashes_not_faults() -> None:
    digest = compose({name: frame.clear() for name, frame in rows.rows().items()}, rows.DAY, rows.SOURCES)
    assert {figure.value_text for figure in digest.figures} == {"—"}
    assert "There is no figure for: people and coverage." in digest.missing
    assert compose({}, rows.DAY).headline == "Starlink: no figures for this day"


def test_synthetic_is_said_first() -> None:
    digest = composed(synthetic=True)
    assert (digest.banners[0].kind, digest.banners[0].label) == ("synthetic", "Synthetic sample")
    assert digest.subject.startswith("Synthetic sample: Skytrunk 17 August 2026")


def test_real_day_says_nothing_of_samples() -> None:
    assert {banner.kind for banner in composed().banners} == {"plain"}


def test_old_catalog_shows_its_age() -> None:
    banner = composed(age_days=2).banners[-1]
    assert banner.kind == "aged"
    assert "Landed 15 August 2026: 2 days old" in banner.text


def test_warnings_and_exclusions_are_listed() -> None:
    answers = rows.rows()
    answers["warning"] = pl.DataFrame([{"check_id": "a", "severity": "warning", "message": "a bound is near"}])
    found = {
        "source": "celestrak_active",
        "reason": "epoch too old",
        "row_count": 1_023,
        "example": "STARLINK-1 (44713)",
    }
    answers["exclusion"] = pl.DataFrame([found])
    digest = compose(answers, rows.DAY, rows.SOURCES)
    assert digest.warnings == ("a bound is near",)
    assert digest.excluded == ("1,023 of celestrak_active: epoch too old (for example STARLINK-1 (44713))",)


def test_map_text_states_the_finding() -> None:
    digest = composed()
    assert digest.map_alt.startswith("World map: most Starlink satellites are in view near 50°N (70 on average)")
    assert "mask of 25°" in digest.map_caption


def test_map_text_says_what_the_arc_leaves_where_it_is_known() -> None:
    assert re.search(
        r"the mean is [\d.]+; the protection of the geostationary arc, .*, leaves [\d.]+\.$", composed().map_alt
    )
    answers = rows.rows()
    answers["people"] = answers["people"].with_columns(usable_mean_count=pl.lit(None, pl.Float64))
    without = compose(answers, rows.DAY, rows.SOURCES).map_alt
    assert re.search(r"the mean is [\d.]+\.$", without)


def test_no_move_is_said() -> None:
    answers = rows.rows()
    same = pl.col("broadband_operational_count").alias("previous_broadband_operational_count")
    answers["fleet"] = answers["fleet"].with_columns(same)
    assert "No fleet at work has changed since 16 August 2026" in compose(answers, rows.DAY, rows.SOURCES).why


def test_notice_has_the_reason_and_no_figures() -> None:
    digest = compose_notice(rows.DAY, "the catalog is 5 days old", rows.BEFORE)
    assert digest.withheld == "the catalog is 5 days old"
    assert digest.figures == ()
    assert digest.why == "The catalog is 5 days old."
    assert "16 August 2026" in digest.sure
    assert digest.subject == "Withheld: Skytrunk 17 August 2026"


def test_the_waterfall_counts_steps_and_adds_up_what_they_mean_for_service() -> None:
    waterfall = composed().waterfall
    assert waterfall is not None
    assert [h.title for h in waterfall.headings[:4]] == ["Constellation", "Launched", "Back", "Raised"]
    starlink, oneweb, guowang = waterfall.rows
    assert starlink == ("Starlink", "24", "0", "24", "12", "0", "0", "0", "0", "+12", "+1.8")
    assert oneweb[-2:] == ("0", "0")
    assert guowang[-1] == "—"  # no figure for one step, none for the sum
    assert "Since 16 August 2026" in waterfall.note
    said = waterfall.sentences()
    assert said[0] == "Starlink: 24 launched, 24 raised, 12 lowered, +12 at work, +1.8 Tbps in service."
    assert said[1] == "OneWeb: nothing changed."


def test_events_are_sentences_launches_first_and_long_lists_are_cut() -> None:
    launched, vanished, decayed = composed().events
    assert launched == "Starlink, launch 2026-185: 24 satellites are listed for the first time."
    assert vanished.startswith("Starlink: 9 no longer listed: STARLINK-1008, ")
    assert vanished.endswith("STARLINK-1015 and 1 more.")
    assert decayed == "Starlink: 1 decayed: STARLINK-1007. SATCAT: down on 2026-08-16."


def test_what_compares_with_a_reconstructed_day_carries_a_mark() -> None:
    changes = composed().changes
    assert changes is not None
    assert changes.rows[0] == ("Starlink", "+7", "+30 r", "+90 r", "+5", "—", "—")


def test_a_first_day_has_no_waterfall_and_says_what_its_states_rest_on() -> None:
    digest = composed(first=True)
    assert (digest.waterfall, digest.events) == (None, ())
    assert "rests on one day of elements" in digest.banners[-1].text
    assert not any(banner.label == "One day" for banner in composed().banners)


def test_a_block_that_no_rule_knows_is_flagged_on_top() -> None:
    answers = rows.rows()
    first = pl.int_range(pl.len()) == 0
    flagged = answers["generation"].with_columns(
        pl.when(first).then(pl.lit(value=True)).otherwise("flagged").alias("flagged")
    )
    banner = compose(answers | {"generation": flagged}, rows.DAY).banners[-1]
    assert banner.label == "New block"
    assert banner.text.startswith("701 of Starlink are of no known generation: conservative figures stand in")
    unnamed = flagged.with_columns(pl.when(first).then(24).otherwise(0).alias("nameless_count"))
    block, names = compose(answers | {"generation": unnamed}, rows.DAY).banners[-2:]
    assert block.text.startswith("677 of Starlink are of no known generation")
    assert (names.label, names.text[:35]) == ("No names", "24 of Starlink have no name yet, wh")


def test_a_fleet_that_the_file_does_not_hold_is_no_fleet_of_nobody() -> None:
    answers = rows.rows()
    ours = pl.col("constellation") == "starlink"
    zero = answers["fleet"].with_columns(
        pl.when(ours).then(n).otherwise(0).alias(n) for n in ("satellite_count", "broadband_operational_count")
    )
    digest = compose(answers | {"fleet": zero}, rows.DAY)
    assert "no other fleet is in the catalog of the day" in digest.why
    assert digest.fleet is not None
    assert {row[1:3] for row in digest.fleet.rows[1:]} == {("none listed", "—")}


def test_a_step_says_what_it_adds_to_those_at_work_where_that_is_another_number() -> None:
    answers = rows.rows()
    moved = pl.col("step") == "lowered"
    changed = answers["waterfall"].with_columns(
        pl.when(moved).then(-5).otherwise("working_change_count").alias("working_change_count")
    )
    waterfall = compose(answers | {"waterfall": changed}, rows.DAY).waterfall
    assert waterfall is not None
    assert waterfall.rows[0][4] == "12 (−5)"


@pytest.mark.parametrize(("age_h", "said"), [(0.062, "3.7 min old"), (13.0, "13 h old")])
def test_the_age_of_elements_is_in_minutes_where_it_is_short(age_h: float, said: str) -> None:
    answers = rows.rows()
    state = answers["state"].with_columns(element_age_p50_h=pl.lit(age_h))
    assert any(said in banner.text for banner in compose(answers | {"state": state}, rows.DAY).banners)


def test_sureness_tells_counts_from_what_is_read_from_orbits() -> None:
    assert composed().sure.startswith(
        "Catalogued counts are exact; at work is read from orbits, not told by the operator; the installed capacity may lie "
    )


@pytest.mark.parametrize(
    ("has", "subject", "words"),
    [
        ("nothing", "Withheld: ", "its figures stand"),
        ("unknown", "Withheld: ", "the published file cannot be read"),
        ("tables", "No page: ", "The tables of this day are published"),
        ("edition", "Run failed: ", "The page and the mail of this day stay as they were"),
    ],
)
def test_notice_says_what_there_is_of_the_day(has: str, subject: str, words: str) -> None:
    digest = compose_notice(rows.DAY, "the disk is full", rows.BEFORE, has=has)
    assert digest.subject == f"{subject}Skytrunk 17 August 2026"
    assert words in f"{digest.banners[0].text} {digest.sure}"


def test_notice_of_a_sample_says_so_and_speaks_of_no_figures() -> None:
    digest = compose_notice(rows.DAY, "the gate refused it", None, synthetic=True)
    assert digest.subject == "Withheld: Synthetic sample: Skytrunk 17 August 2026"
    assert digest.banners[1].kind == "synthetic"
    assert "figures" not in digest.banners[1].text


def test_notice_before_any_day_was_published() -> None:
    assert compose_notice(date(2026, 1, 1), "no catalog", None).sure == "No day has been published yet."


@pytest.mark.parametrize("synthetic", [True, False])
def test_same_rows_give_the_same_digest(synthetic: bool) -> None:
    assert composed(synthetic=synthetic) == composed(synthetic=synthetic)
