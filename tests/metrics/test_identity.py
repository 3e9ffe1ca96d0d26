"""Whose row is whose: names, generations, sources, and one identity through all numbers and names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from pipeline.metrics.identity import Elements, merge
from pipeline.metrics.satellite import BEHIND, TABLE
from tests.metrics.skies import DAY, Home, elements, land, made

NOBODY = pl.DataFrame(schema={n: TABLE.polars_schema[n] for n in BEHIND})
NO_NAMES = pl.DataFrame(schema={"norad_cat_id": pl.Int64, "object_name": pl.String})
EVE = DAY - timedelta(days=1)


def merged(
    *rows: dict[str, Any],
    earlier: pl.DataFrame = NOBODY,
    names: pl.DataFrame = NO_NAMES,
    source: str = "celestrak_active",
) -> pl.DataFrame:
    return merge([Elements(source, elements(list(rows)))], earlier, names, DAY)


def named(*names: str, launch: str = "2024-050") -> list[dict[str, Any]]:
    """Satellites of one launch with these names."""
    return [made(50_000 + k, name=name, designator=f"{launch}{chr(65 + k)}") for k, name in enumerate(names)]


def block(first: int, count: int, launch: str = "2026-150") -> list[dict[str, Any]]:
    """A batch of Starlinks with numbers in the name from `first` on."""
    return [made(60_000 + k, name=f"STARLINK-{first + k}", designator=f"{launch}{chr(65 + k // 24)}{chr(65 + k % 24)}") for k in range(count)]  # fmt: skip


# --- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["AMAZONAS 5", "AMAZONIA 1", "LEOPARD", "LEO EXPRESS 3", "LEO 3", "LEONAV-1", "ONEWEBSAT", "STARLINKED", "AI1X", "YAOGAN-30", "2026-167A"],
)  # fmt: skip
def test_names_that_only_look_alike_are_nobodys(name: str) -> None:
    assert merged(made(name=name)).is_empty()


@pytest.mark.parametrize(
    ("name", "constellation"),
    [
        ("KUIPER-00008", "amazon_leo"), ("AMAZON LEO-12", "amazon_leo"), ("LEO-00662", "amazon_leo"), ("ONEWEB-0012", "oneweb"),
        ("QIANFAN-7", "qianfan"), ("STARLINK-1007", "starlink"),
    ],
)  # fmt: skip
def test_each_constellation_goes_by_its_name(name: str, constellation: str) -> None:
    assert merged(made(name=name))["constellation"].to_list() == [constellation]


@pytest.mark.parametrize(
    ("name", "payload_class"),
    [
        ("HULIANWANG DIGUI-05", "broadband"),
        ("HULIANWAN GAOGUI-03 (HG-03)", "high_orbit"),
        ("HULIANWANG JISHU SHIYAN 4C", "test"),
        ("GUOWANG OBJECT A", "broadband"),
    ],
)
def test_every_spelling_of_guowang_is_guowang(name: str, payload_class: str) -> None:
    row = merged(made(name=name)).row(0, named=True)
    assert (row["constellation"], row["payload_class"]) == ("guowang", payload_class)


# --- generations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("STARLINK-24", "starlink-v0.9"), ("STARLINK-1001", "starlink-v1.0"), ("STARLINK-2999", "starlink-v1.0"),
        ("STARLINK-3000", "starlink-v1.5"), ("STARLINK-6999", "starlink-v1.5"), ("STARLINK-30000", "starlink-v2mini"),
        ("STARLINK-32999", "starlink-v2mini"), ("STARLINK-33000", "starlink-v2mini-opt"), ("STARLINK-11072 [DTC]", "starlink-d2c"),
        ("STARLINK-11999", "starlink-d2c"), ("STARLINK-34567 [DTC]", "starlink-d2c"), ("KUIPER-00662", "leo-kuiper-gen1"),
    ],
)  # fmt: skip
def test_generation_follows_the_number_in_the_name(name: str, generation: str) -> None:
    assert merged(made(name=name))["generation"].to_list() == [generation]


@pytest.mark.parametrize("name", ["STARLINK-40001", "STARLINK-8000", "STARLINK-X", "AI1-1", "AI1"])
def test_a_block_that_no_rule_knows_is_unknown_broadband(name: str) -> None:
    row = merged(made(name=name)).row(0, named=True)
    assert (row["constellation"], row["generation"], row["payload_class"]) == ("starlink", "unknown", "broadband")


def test_direct_to_cell_is_a_class_of_its_own() -> None:
    assert merged(made(name="STARLINK-34567 [DTC]"))["payload_class"].to_list() == ["direct_to_cell"]


@pytest.mark.parametrize(("count", "generation"), [(29, "starlink-v2mini-opt"), (54, "unknown")])
def test_a_launch_too_large_for_a_falcon_is_of_another_block(count: int, generation: str) -> None:
    assert set(merged(*block(33_500, count))["generation"]) == {generation}


def test_many_launches_of_a_block_are_no_large_one() -> None:
    rows = block(33_500, 29) + [r | {"number": r["number"] + 100} for r in block(33_600, 29, "2026-151")]
    assert set(merged(*rows)["generation"]) == {"starlink-v2mini-opt"}


# --- names that are missing ----------------------------------------------------------------------------------------------


def test_a_file_without_names_has_those_of_the_days_behind_and_of_satcat() -> None:
    rows = [made(50_000, name=None), made(51_000, name=None), made(52_000, name=None)]
    earlier = merged(made(50_000, name="STARLINK-1007"))
    satcat = pl.DataFrame({"norad_cat_id": [50_000, 51_000], "object_name": ["STARLINK-1", "KUIPER-00008"]})
    found = merged(*rows, earlier=earlier, names=satcat)
    assert dict(found.select("object_name", "constellation").iter_rows()) == {
        "STARLINK-1007": "starlink",
        "KUIPER-00008": "amazon_leo",
    }


def test_who_was_taken_for_ours_without_a_name_is_not_when_he_has_another_name() -> None:
    """A two-line file leaves a ride-share of an old launch without a name; the next file has it."""
    crew = named("STARLINK-1007", "STARLINK-1008", "STARLINK-1009")
    unnamed = made(51_000, name=None, designator="2024-050Z")
    guessed = merged(*crew, unnamed)
    assert guessed.height == 4  # nothing better is known on that day
    assert merged(*crew, unnamed | {"name": "TYVAK-0130"}, earlier=guessed).height == 3
    known = pl.DataFrame({"norad_cat_id": [51_000], "object_name": ["TYVAK-0130"]})
    assert merged(*crew, unnamed, names=known).height == 3


def test_who_was_ours_by_name_stays_ours_under_another() -> None:
    earlier = merged(made(50_000, name="ONEWEB-0012"))
    assert merged(made(50_000, name="EUTELSAT 12"), earlier=earlier)["constellation"].to_list() == ["oneweb"]


def test_a_source_of_one_constellation_needs_no_names() -> None:
    rows = elements([made(71_000, name=None, designator=None)])
    found = merge([Elements("celestrak_supgp_starlink", rows, "starlink")], NOBODY, NO_NAMES, DAY).row(0, named=True)
    assert (found["constellation"], found["generation"], found["object_name"]) == ("starlink", "unknown", None)


def test_a_plain_designator_counts_with_its_named_companions() -> None:
    rows = merged(*named("STARLINK-36001", "STARLINK-36002", "2026-167C", launch="2026-167"))
    assert rows["generation"].to_list() == ["starlink-v2mini-opt"] * 3


@pytest.mark.parametrize(
    "names", [("2026-167A", "2026-167B"), ("GRUS-3E", "CAPELLA-20", "STARLINK-36001", "2026-167D")]
)
def test_a_plain_designator_without_companions_is_nobodys(names: tuple[str, ...]) -> None:
    """Also where one Starlink flew along with many satellites of others, as on Transporter-2."""
    rows = merged(*named(*names, launch="2026-167"))
    assert not rows["object_name"].str.contains("2026-167").any()


def test_who_was_named_before_stays_who_he_is_under_a_plain_designator() -> None:
    (row,) = named("STARLINK-36001", launch="2026-167")
    later = merged(row | {"name": "2026-167A"}, earlier=merged(row))
    assert later.select("constellation", "generation").row(0) == ("starlink", "starlink-v2mini-opt")


# --- sources ---------------------------------------------------------------------------------------------------------


def sources(**age_h: float) -> list[Elements]:
    """The same satellite in three sources, each at an altitude that tells where it comes from."""
    heights = {"supgp": 501.0, "catalog": 502.0, "tle": 503.0}
    return [Elements(n, elements([made(altitude_km=heights[n], age_h=age)])) for n, age in age_h.items()]


@pytest.mark.parametrize(
    ("age_h", "first"),
    [
        ({"supgp": 5, "catalog": 0, "tle": 0}, "supgp"),
        ({"catalog": 5, "tle": 0}, "catalog"),
        ({"supgp": 24, "catalog": 0}, "supgp"),
        ({"supgp": 25, "catalog": 0, "tle": 0}, "catalog"),
        ({"supgp": 40, "catalog": 50, "tle": 0}, "tle"),
        ({"supgp": 5, "catalog": -40}, "supgp"),  # an epoch that lies ahead makes nobody else's stale
    ],
)
def test_the_first_source_stands_unless_it_is_more_than_a_day_older(age_h: dict[str, float], first: str) -> None:
    rows = merge(sources(**age_h), NOBODY, NO_NAMES, DAY)
    motion = next(s for s in sources(**age_h) if s.source == first).frame["mean_motion_rev_per_day"]
    assert rows["source"].to_list() == [first]
    assert rows["mean_motion_rev_per_day"].to_list() == motion.to_list()


def test_a_source_without_names_stands_with_the_names_of_another() -> None:
    unnamed = elements([made(name=None, designator=None)])
    rows = merge([Elements("supgp", unnamed), *sources(catalog=3)], NOBODY, NO_NAMES, DAY)
    assert rows.select("source", "object_name", "object_id").rows() == [("supgp", made()["name"], made()["designator"])]


# --- one identity --------------------------------------------------------------------------------------------------


def test_satellites_that_share_a_name_are_two() -> None:
    rows = merged(*named("GUOWANG OBJECT A"), made(51_000, name="GUOWANG OBJECT A", designator="2024-060A"))
    assert rows["identity"].to_list() == ["2024-050A", "2024-060A"]


def test_satellites_that_share_a_designator_are_two() -> None:
    rows = merged(made(50_000, designator="2024-050A"), made(50_001, designator="2024-050A"))
    assert rows["identity"].to_list() == ["2024-050A", "2024-050A (catalog number 50001)"]


def test_a_number_that_is_known_says_more_than_a_designator_that_somebody_else_has_now() -> None:
    earlier = merged(made(50_001, designator="2024-050A"))
    rows = merged(made(50_000, designator="2024-050A"), made(50_001, designator="2024-050B"), earlier=earlier)
    assert rows["identity"].to_list() == ["2024-050A (catalog number 50000)", "2024-050A"]


def test_a_provisional_number_beside_the_catalogued_one_counts_once() -> None:
    supgp = elements(
        [made(71_000, name="STARLINK-36001", designator=None), made(71_001, name="STARLINK-36002", designator=None)]
    )
    catalog = elements([made(60_000, name="STARLINK-36001", designator="2026-160A")])
    rows = merge([Elements("supgp", supgp), Elements("catalog", catalog)], NOBODY, NO_NAMES, DAY)
    assert rows.select("norad_cat_id", "identity").rows() == [(60_000, "2026-160A"), (71_001, "STARLINK-36002")]


@pytest.mark.parametrize("number", [70_000, 72_999, 799_512_345])
def test_a_provisional_satellite_keeps_its_identity_when_it_is_catalogued(number: int) -> None:
    home = Home()
    first = home.land(EVE, [made(number, name="STARLINK-36001", designator=None)])
    second = home.land(DAY, [made(60_000, name="STARLINK-36001", designator="2026-160A")])
    assert second.satellites["identity"].to_list() == first.satellites["identity"].to_list() == ["STARLINK-36001"]
    assert second.counts() == {"renumbered": 1, "first_catalogued": 1}
    assert second.named("renumbered")["evidence"].to_list() == [f"60000 was {number}"]
    third = home.land(DAY + timedelta(days=1), [made(60_000, name="STARLINK-36001", designator="2026-160A")])
    assert third.satellites["identity"].to_list() == ["STARLINK-36001"]
    assert third.events.is_empty()


def test_a_provisional_number_that_is_used_again_is_somebody_else() -> None:
    old = made(71_000, name="STARLINK-36001", designator="2026-160A")
    new = made(71_000, name="STARLINK-36100", designator="2026-170A")
    home = Home()
    home.land(EVE, [old])
    day = home.land(DAY, [new, made(60_000, name="STARLINK-36001", designator="2026-160A")])
    assert dict(day.satellites.select("norad_cat_id", "identity").iter_rows()) == {
        60_000: "STARLINK-36001",
        71_000: "STARLINK-36100",
    }
    assert day.named("launched")["norad_cat_id"].to_list() == [71_000]


def test_provisional_numbers_of_a_file_without_names_give_way_to_a_catalogued_launch() -> None:
    supgp = elements([made(71_000, name=None, designator="2026-160A"), made(71_001, name=None, designator="2026-161A")])
    catalog = elements([made(60_000, name="STARLINK-36001", designator="2026-160A")])
    rows = merge([Elements("supgp", supgp, "starlink"), Elements("catalog", catalog)], NOBODY, NO_NAMES, DAY)
    assert rows["norad_cat_id"].to_list() == [60_000, 71_001]


def test_a_renamed_satellite_keeps_its_identity() -> None:
    day = land(
        {
            -1: [made(name="GUOWANG OBJECT A", designator="2024-050A")],
            0: [made(name="HULIANWANG DIGUI-178", designator="2024-050A")],
        }
    )
    assert day.satellites["identity"].to_list() == ["2024-050A"]
    assert day.named("renamed")["evidence"].to_list() == ["HULIANWANG DIGUI-178 was GUOWANG OBJECT A"]
    assert day.counts() == {"renamed": 1}


def test_swapped_names_are_two_renames() -> None:
    names = ("STARLINK-34087", "STARLINK-34184")
    day = land({-1: named(*names), 0: named(*reversed(names))})
    assert day.satellites["identity"].to_list() == ["2024-050A", "2024-050B"]
    assert day.counts() == {"renamed": 2}


def test_a_corrected_designator_changes_nobody() -> None:
    day = land({-1: [made(designator="2026-160A")], 0: [made(designator="2026-161C")]})
    assert day.satellites["identity"].to_list() == ["2026-160A"]
    assert day.events.is_empty()
