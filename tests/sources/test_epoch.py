"""The three lists of Epoch AI, on rows written by hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.source import SourceError
from pipeline.sources import epoch_data_center_timelines, epoch_data_centers, epoch_gpu_clusters

CENTERS = "Handle,Title,Project,Owner,Users,Address,Latitude,Longitude,Pictures,Current H100 equivalents,Current power (MW),Current total capital cost (2025 USD billions)\n"
CLUSTERS = "Name,Status,Certainty,Owner,Country,Location,First Operational Date,H100 equivalents,Power Capacity (MW),Chip type (primary),Chip quantity (primary),Sector,Possible Duplicate,Exclude\n"
STEPS = "Date,Data center,Construction status,Power (MW),H100 equivalents,Total capital cost (2025 USD billions)\n"


def centers(*lines: str):
    return epoch_data_centers.parse((CENTERS + "\n".join(lines) + "\n").encode())


def clusters(*lines: str):
    return epoch_gpu_clusters.parse((CLUSTERS + "\n".join(lines) + "\n").encode())


def test_a_centre_is_read_with_its_place_and_its_owner_without_the_tag() -> None:
    parsed = centers(
        'A,Site A,P #likely,"Oracle #confident, Crusoe #likely",OpenAI #confident,"Some road, TX","32°30\'00""N"," 99°45\'00""W",[...],1000,12.5,0.5'
    )
    row = parsed.frame.row(0, named=True)
    assert (row["owner"], row["owner_text"]) == ("Oracle", "Oracle #confident, Crusoe #likely")
    assert (row["latitude_deg"], row["longitude_deg"]) == (32.5, -99.75)
    assert (row["h100_equivalent_count"], row["power_mw"], row["capital_cost_usd"]) == (1000, 12.5, 5e8)
    assert parsed.excluded.is_empty()


def test_a_centre_without_a_place_stays_and_is_listed() -> None:
    parsed = centers("A,,,X,,,somewhere,here,,1,1,", "B,,,X,,,,,,1,1,", "C,,,,,,10,20,,1,1,")
    assert parsed.frame["name"].to_list() == ["A", "B", "C"]
    assert parsed.frame["latitude_deg"].to_list() == [None, None, 10]
    assert parsed.frame["owner"].to_list() == ["X", "X", None]
    assert parsed.excluded["row_number"].to_list() == [2, 3]
    assert "is no coordinate" in parsed.excluded["reason"][0]
    assert "no coordinates" in parsed.excluded["reason"][1]


def test_two_centres_of_one_name_stay_and_a_repeat_does_not() -> None:
    parsed = centers("A,,,X,,,10,20,,1,1,", "A,,,X,,,11,21,,2,1,", "A,,,X,,,10,20,,1,1,")
    assert parsed.frame.select("name", "h100_equivalent_count").rows() == [("A", 1), ("A (2)", 2)]
    assert parsed.excluded.select("row_number", "reason").rows() == [
        (3, "another site stands before it under that name: it is kept as 'A (2)'"),
        (4, "its name and place stand before it in the file"),
    ]


def test_a_number_behind_a_name_never_makes_another_name_of_the_list() -> None:
    parsed = centers("A,,,X,,,10,20,,1,1,", "A,,,X,,,11,21,,2,1,", "A (2),,,X,,,12,22,,3,1,", "A,,,X,,,13,23,,4,1,")
    assert sorted(parsed.frame.select("name", "h100_equivalent_count").rows()) == [
        ("A", 1), ("A (2)", 3), ("A (3)", 2), ("A (4)", 4),
    ]  # fmt: skip


def test_swapped_coordinates_are_put_right_and_others_are_listed() -> None:
    parsed = centers(
        """A,,,X,,,"90°05'35""W","32°35'25""N",,1,1,""",
        "B,,,X,,,10 E,20,,1,1,",
        "C,,,X,,,95,20,,1,1,",
        "D,,,X,,,1,2,,1,1,",
    )
    assert parsed.frame["latitude_deg"].round(3).to_list() == [32.59, None, None, 1]
    assert parsed.excluded["row_number"].to_list() == [3, 4]


@pytest.mark.parametrize(
    "figures", ["-1,5,1", "1,-5,1", "1,5,-1", "nan,5,1", "1,inf,1", "1 000,5,1", "1,5 MW,1", "1e300,5,1", "1,2e6,1"]
)
def test_a_figure_that_is_none_costs_its_row(figures: str) -> None:
    parsed = centers(f"A,,,X,,,10,20,,{figures}", "B,,,X,,,10,20,,1,5,")
    assert parsed.frame["name"].to_list() == ["B"]
    assert parsed.excluded["row_number"].to_list() == [2]


def test_lists_of_2026_tell_a_country_and_the_power_of_the_computers() -> None:
    text = """Name,Current H100 equivalents,Current power (MW),Owner,Users,Country,Address
Colossus 9,1000,946,SpaceXAI #confident,"Anthropic #confident, Cursor #confident",United States,"1 Some Rd, Memphis"
Colossus 9,2000,1,SpaceXAI #confident,,United States,"2 Another Rd, Memphis"
Colossus 9,2000,1,SpaceXAI #confident,,United States,"1 Some Rd, Memphis"
"""
    parsed = epoch_data_centers.parse(text.encode())
    columns = ("name", "owner", "country", "power_mw", "it_power_mw", "latitude_deg")
    assert parsed.frame.select(columns).rows() == [
        ("Colossus 9", "SpaceXAI", "United States", None, 946, None),
        ("Colossus 9 (2)", "SpaceXAI", "United States", None, 1, None),
    ]
    assert parsed.excluded["row_number"].to_list() == [2, 3, 4]
    assert centers("A,,,X,,,10,20,,1,5,").frame.select("power_mw", "it_power_mw").row(0) == (5, None)


def test_timelines_of_2026_tell_both_powers() -> None:
    text = "Data center,Date,Construction status,Buildings operational,IT power (MW),Power (MW),H100 equivalents\nA,2026-06-15,,2,946,1276,1000\n"
    frame = epoch_data_center_timelines.parse(text.encode()).frame
    assert frame.select("power_mw", "it_power_mw", "h100_equivalent_count").row(0) == (1276, 946, 1000)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-06-15", date(2025, 6, 15)), ("2025-06-15 12:00:00", date(2025, 6, 15)), ("2025-06", date(2025, 6, 1)),
        ("2025", None), ("Q3 2025", None), ("2025-02-30", None), ("2025-06-155", None), ("0025-06-15", None), ("9999-01-01", None),
    ],
)  # fmt: skip
def test_a_first_date_that_is_none_costs_the_date_and_not_the_cluster(text: str, day: date | None) -> None:
    parsed = clusters(f"A,Existing,,X,Japan,Tokyo,{text},5,,,,,,")
    row = parsed.frame.row(0, named=True)
    assert (row["first_operational_text"], row["first_operational_day"], row["h100_equivalent_count"]) == (text, day, 5)
    assert parsed.excluded.height == (day is None)


def test_a_flag_of_another_word_is_left_out_and_never_taken_for_no() -> None:
    parsed = clusters(
        *(f"{name},Existing,,X,Japan,,,5,,,,,{duplicate},{exclude}" for name, duplicate, exclude in [
            ("A", "", ""), ("B", "checked", ""), ("C", "FALSE", "true"), ("D", "perhaps", ""), ("E", "", "see note"), ("F", "", ""),
            ("G", "", ""), ("H", "", ""), ("I", "", ""), ("J", "", ""),
        ])
    )  # fmt: skip
    flags = parsed.frame.select("name", "possible_duplicate", "withdrawn").rows()
    assert flags[:3] == [("A", False, False), ("B", True, False), ("C", False, True)]
    assert parsed.excluded.select("row_number", "reason").rows() == [
        (5, "Possible Duplicate 'perhaps' is neither true nor false"),
        (6, "Exclude 'see note' is neither true nor false"),
    ]
    assert parsed.frame["in_standard_analysis"].null_count() == parsed.frame.height


def test_negative_power_is_left_out_with_its_line() -> None:
    parsed = centers("A,,,X,,,10,20,,1,-5,", "B,,,X,,,10,20,,1,5,")
    assert parsed.frame["name"].to_list() == ["B"]
    assert parsed.excluded.row(0)[:2] == (2, "A (X)")


def test_clusters_keep_their_line_because_names_repeat() -> None:
    parsed = clusters(
        "Withheld,Existing,Confirmed,,China,,2021-05-01,100,0.2,,,Public,,",
        "Withheld,Existing,Confirmed,,China,,2021-05-01,100,0.2,,,Public,,",
        'B,Planned,Likely,"Meta AI,Other",United States of America,"27°30\'00""N 35°30\'00""E\nNeom",,5000,,H100,4000,Private,True,',
        "C,Rumoured,,,,,,1,,,,,,",
    )
    assert parsed.frame["line_number"].to_list() == [2, 3, 4]
    row = parsed.frame.row(2, named=True)
    assert (row["cluster_status"], row["owner"], row["possible_duplicate"], row["withdrawn"]) == (
        "planned",
        "Meta AI",
        True,
        False,
    )
    assert (row["latitude_deg"], row["longitude_deg"], row["chip_count"]) == (27.5, 35.5, 4000)
    assert parsed.excluded.rows() == [(6, "C (?)", "Status 'Rumoured' is none of existing, planned, decommissioned")]


def test_a_cluster_whose_compute_is_unknown_has_none() -> None:
    frame = clusters("A,Existing,,X,Japan,Tokyo,,,,,,,,").frame
    assert frame["h100_equivalent_count"].to_list() == [None]
    assert frame["latitude_deg"].to_list() == [None]


def test_the_last_of_two_steps_on_one_date_stays() -> None:
    text = (
        STEPS
        + "2025-01-01,A,Built,10,100,1\n2025-01-01,A,Built more,20,200,2\n2025-06-01,A,,30,,\n2025-13-01,A,,30,,\n2025-02-01,B,,1,1,\n"
    )
    parsed = epoch_data_center_timelines.parse(text.encode())
    assert parsed.frame.select("name", "step_day", "power_mw", "capital_cost_usd").rows() == [
        ("A", date(2025, 1, 1), 20, 2e9), ("A", date(2025, 6, 1), 30, None), ("B", date(2025, 2, 1), 1, None),
    ]  # fmt: skip
    assert parsed.excluded["row_number"].to_list() == [2, 5]


@pytest.mark.parametrize("module", [epoch_data_centers, epoch_data_center_timelines, epoch_gpu_clusters])
def test_another_file_is_refused(module) -> None:
    with pytest.raises(SourceError, match=f"{module.SOURCE.name}: .*missing"):
        module.parse(b"latitude,longitude\n1,2\n")
    assert module.TABLE.conform(module.TABLE.empty()).schema == pl.Schema(module.TABLE.polars_schema)
