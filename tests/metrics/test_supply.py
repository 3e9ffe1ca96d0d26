"""Compute by day, country and owner: what is there, what is planned, and what could not be placed."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io import assets
from pipeline.metrics import supply
from pipeline.sources import epoch_data_center_timelines, epoch_data_centers, epoch_gpu_clusters, sites
from tests import factory

DAY = date(2026, 1, 10)
TEXAS, SEA, OFF_NEW_YORK = (32.5, -99.78), (10.0, -40.0), (40.5, -73.6)
COUNTRY = pl.DataFrame({"title": ["United States", "China", "Japan"], "country_iso3": ["USA", "CHN", "JPN"]})


def centers(*rows: tuple[str, tuple[float | None, float | None], str | None, float, float]) -> pl.DataFrame:
    made = [
        {"name": name, "title": None, "owner": owner, "latitude_deg": place[0], "longitude_deg": place[1], "h100_equivalent_count": h100, "power_mw": mw}
        for name, place, owner, h100, mw in rows
    ]  # fmt: skip
    return factory.filled(epoch_data_centers.TABLE, made)


def steps(*rows: tuple[str, date, float | None, float | None]) -> pl.DataFrame:
    names = ("name", "step_day", "h100_equivalent_count", "power_mw")
    made = [dict(zip(names, row, strict=True)) for row in rows]
    table = epoch_data_center_timelines.TABLE
    return factory.filled(table, made) if made else table.empty()


def clusters(**columns: list[object]) -> pl.DataFrame:
    count = len(columns["country"])
    plain = {
        "line_number": list(range(2, count + 2)),
        "name": ["a cluster"] * count,
        "possible_duplicate": [False] * count,
        "withdrawn": [False] * count,
    }
    rows = pl.DataFrame(plain | columns).rows(named=True)
    return factory.filled(epoch_gpu_clusters.TABLE, list(rows))


def size(centers_: pl.DataFrame, steps_: pl.DataFrame, day: date = DAY) -> dict[str, object]:
    return supply.sites(centers_, steps_, assets.topology(), day).row(0, named=True)


TIMELINE = steps(
    ("A", date(2025, 1, 1), 0.0, 0.0), ("A", date(2025, 9, 1), 1_000.0, 20.0), ("A", date(2026, 1, 1), None, 30.0), ("A", date(2027, 1, 1), 9_000.0, 300.0)
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "h100", "mw", "projected"),
    [(date(2024, 6, 1), 0, 0, False), (date(2025, 5, 1), 0, 0, False), (date(2025, 9, 1), 1_000, 20, False), (DAY, 1_000, 30, True), (date(2028, 1, 1), 9_000, 300, True)],
)  # fmt: skip
def test_a_centre_is_as_large_as_its_newest_step_says(day: date, h100: float, mw: float, projected: bool) -> None:
    row = size(centers(("A", TEXAS, "Oracle", 1_000, 20)), TIMELINE, day)
    assert (row["h100_equivalent_count"], row["power_mw"], row["projected"]) == (h100, mw, projected)
    assert (row["planned_h100_equivalent_count"], row["planned_power_mw"]) == (9_000, 300)


def test_steps_are_told_with_what_is_still_a_plan() -> None:
    rows = supply.steps(centers(("A", TEXAS, "Oracle", 1_000, 20)), TIMELINE)
    assert rows.select("site_id", "step_day", "power_mw", "projected").rows() == [
        ("compute-a", date(2025, 1, 1), 0, False), ("compute-a", date(2025, 9, 1), 20, False), ("compute-a", date(2026, 1, 1), 30, True), ("compute-a", date(2027, 1, 1), 300, True),
    ]  # fmt: skip
    assert supply.steps(epoch_data_centers.TABLE.empty(), steps()).is_empty()
    assert supply.steps(epoch_data_centers.TABLE.empty(), TIMELINE).is_empty()


def test_steps_have_the_identifiers_of_their_sites() -> None:
    listed = centers(("A B", TEXAS, "X", 1, 1), ("A-B", TEXAS, "X", 2, 1), ("Colossus 2", TEXAS, "X", 3, 1))
    dated = steps(*((name, date(2025, 1, 1), 1.0, 1.0) for name in ("A B", "A-B", "Colossus 2")))
    ids = ["compute-a-b", "compute-a-b-2", "compute-xai-colossus-2"]
    assert supply.steps(listed, dated)["site_id"].to_list() == ids
    assert supply.sites(listed, dated, assets.topology(), DAY)["site_id"].to_list() == ids


def test_without_steps_the_list_itself_tells() -> None:
    row = size(centers(("A", TEXAS, "Oracle", 1_234, 25)), steps())
    assert (row["h100_equivalent_count"], row["power_mw"], row["step_day"], row["projected"]) == (
        1_234,
        25,
        None,
        False,
    )


def test_a_country_is_that_of_the_outline_or_of_the_coast_near_by() -> None:
    rows = supply.sites(centers(("A", TEXAS, "X", 1, 1), ("B", OFF_NEW_YORK, "X", 2, 1), ("C", SEA, "Y", 4, 1), ("D", (None, None), None, 8, 1)), steps(), assets.topology(), DAY)  # fmt: skip
    assert dict(rows.select("site_id", "country_iso3").rows()) == {
        "compute-a": "USA",
        "compute-b": "USA",
        "compute-c": None,
        "compute-d": None,
    }
    frame, listed = supply.compute(rows, epoch_gpu_clusters.TABLE.empty(), COUNTRY, DAY)
    by = {
        (region, owner): h100 for region, owner, h100 in frame.select("region", "owner", "h100_equivalent_count").rows()
    }
    assert by == {("USA", "X"): 3, ("unplaced", "Y"): 4, ("unplaced", "unknown"): 8}
    assert listed["epoch_data_centers"]["row_key"].to_list() == ["C", "D"]


def test_what_is_planned_goes_beyond_what_is_there() -> None:
    rows = supply.sites(centers(("A", TEXAS, "Oracle", 1, 1)), TIMELINE, assets.topology(), date(2025, 9, 1))
    frame, _ = supply.compute(rows, epoch_gpu_clusters.TABLE.empty(), COUNTRY, DAY)
    assert frame.select(
        "h100_equivalent_count", "planned_h100_equivalent_count", "power_mw", "planned_power_mw"
    ).rows() == [(1_000, 8_000, 20, 280)]


def test_clusters_are_there_planned_or_gone() -> None:
    landed = clusters(
        country=["China", "China", "China", "United States of America", None, "Atlantis"],
        owner=[None, None, None, "Meta", "Meta", "Meta"],
        cluster_status=["existing", "planned", "decommissioned", "existing", "existing", "existing"],
        first_operational_day=[date(2020, 1, 1), date(2020, 1, 1), None, date(2026, 6, 1), None, None],
        h100_equivalent_count=[10.0, 20.0, 40.0, 80.0, None, 5.0],
    )
    frame, listed = supply.compute(supply.SITE.empty(), landed, COUNTRY, DAY)
    columns = (
        "region",
        "owner",
        "site_count",
        "h100_equivalent_count",
        "planned_h100_equivalent_count",
        "unknown_count",
    )
    assert frame.sort("region").select(columns).rows() == [
        ("CHN", "unknown", 2, 10, 20, 0),
        ("USA", "Meta", 1, 0, 80, 0),
        ("unplaced", "Meta", 2, 5, 0, 1),
    ]
    reasons = listed["epoch_gpu_clusters"]["reason"].to_list()
    assert reasons == [
        "it is decommissioned: it does not count",
        "its country is not told: it counts as unplaced",
        "its country 'Atlantis' is not known here: it counts as unplaced",
    ]


def test_doubles_and_withdrawn_clusters_do_not_count_and_are_listed() -> None:
    landed = clusters(
        country=["Japan"] * 3,
        cluster_status=["existing"] * 3,
        h100_equivalent_count=[1.0, 2.0, 4.0],
        possible_duplicate=[False, True, False],
        withdrawn=[False, False, True],
    )
    frame, listed = supply.compute(supply.SITE.empty(), landed, COUNTRY, DAY)
    assert frame["h100_equivalent_count"].to_list() == [1]
    assert listed["epoch_gpu_clusters"]["row_number"].to_list() == [3, 4]


def test_landed_centres_take_the_place_of_the_shipped_ones_under_the_same_names() -> None:
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame
    name = next(iter(supply.SITE_IDS))
    rows = supply.sites(
        centers((name, TEXAS, "xAI", 5, 1), ("New one", TEXAS, None, 0, 0)), steps(), assets.topology(), DAY
    )
    found = sites.TABLE.conform(supply.site_rows(shipped, rows, "landed 2025-12-12")).filter(
        pl.col("kind") == "compute_site"
    )
    assert found.select("site_id", "status").rows() == [
        ("compute-new-one", "planned"),
        (supply.SITE_IDS[name], "operational"),
    ]
    assert supply.site_rows(shipped, supply.SITE.empty(), "").equals(shipped)


def test_identifiers_are_those_that_ship() -> None:
    shipped = assets.reference("sites").filter(pl.col("kind") == "compute_site")["site_id"]
    assert set(supply.SITE_IDS.values()) == set(shipped)


def test_a_site_keeps_its_identifier_under_the_short_name_of_another_list() -> None:
    names = ("Microsoft Fairwater Atlanta", "Colossus 2", "Google Pryor (North)", "Amazon Ridgeland")
    short = centers(*((name, (None, None), "X", 1, 1) for name in names))
    assert dict(supply.sites(short, steps(), assets.topology(), DAY).select("title", "site_id").rows()) == {
        "Microsoft Fairwater Atlanta": "compute-fairwater-atlanta",
        "Colossus 2": "compute-xai-colossus-2",
        "Google Pryor (North)": "compute-google-pryor",
        "Amazon Ridgeland": "compute-amazon-ridgeland",
    }
    long = centers(("Amazon Ridgeland Mississippi", TEXAS, "X", 1, 1)).with_columns(title=pl.lit("Amazon Ridgeland"))
    assert size(long, steps())["site_id"] == "compute-amazon-ridgeland"


def test_identifiers_are_unique_whatever_the_order_and_the_letters() -> None:
    made = [
        ("A B", TEXAS, "X", 1, 1),
        ("A-B", TEXAS, "X", 2, 1),
        ("阿里巴巴", TEXAS, "X", 3, 1),
        ("***", TEXAS, "X", 4, 1),
        ("Åre", TEXAS, "X", 5, 1),
    ]
    there = supply.sites(centers(*made), steps(), assets.topology(), DAY)
    back = supply.sites(centers(*reversed(made)), steps(), assets.topology(), DAY)
    assert there.equals(back)
    assert dict(there.select("h100_equivalent_count", "site_id").rows()) == {
        1: "compute-a-b", 2: "compute-a-b-2", 3: "compute-阿里巴巴", 4: "compute-site", 5: "compute-are",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("country", "code"),
    [("China", "CHN"), ("United States of America", "USA"), ("the United Arab Emirates", "ARE"), ("Philippines (the)", None), ("Côte d’Ivoire", "CIV"), (None, None)],
)  # fmt: skip
def test_a_centre_without_coordinates_is_in_the_country_that_it_names(country: str | None, code: str | None) -> None:
    listed = centers(("A", (None, None), "X", 1, 1)).with_columns(pl.lit(country, pl.String).alias("country"))
    assert supply.sites(listed, steps(), assets.topology(), DAY, COUNTRY)["country_iso3"].to_list() == [code]


def test_coordinates_in_the_sea_are_not_put_ashore_by_a_word() -> None:
    listed = centers(("A", SEA, "X", 1, 1)).with_columns(country=pl.lit("China"))
    assert supply.sites(listed, steps(), assets.topology(), DAY, COUNTRY)["country_iso3"].to_list() == [None]


def test_the_present_of_a_list_whose_power_is_another_is_told_by_its_compute() -> None:
    listed = centers(("A", TEXAS, "Oracle", 1_000, 0)).with_columns(power_mw=pl.lit(None, pl.Float64))
    assert not size(listed, TIMELINE, date(2025, 9, 1))["projected"]
    assert size(listed, TIMELINE, date(2027, 1, 1))["projected"]
    between = centers(("A", TEXAS, "Oracle", 1_500, 20))
    assert not size(between, TIMELINE, date(2025, 9, 1))["projected"]
    assert size(between, TIMELINE, date(2027, 1, 1))["projected"]


def test_a_landed_site_without_coordinates_stands_where_it_ships() -> None:
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame
    listed = centers(("Meta Hyperion", (None, None), "Meta", 0, 0), ("Nowhere", (None, None), "Meta", 5, 1))
    rows = supply.sites(listed, steps(), assets.topology(), DAY)
    found = sites.TABLE.conform(supply.site_rows(shipped, rows, "landed")).filter(pl.col("kind") == "compute_site")
    columns = ("site_id", "operator", "country_iso3", "latitude_deg", "status", "confidence")
    assert found.select(columns).rows() == [("compute-meta-hyperion", "Meta", "USA", 32.48, "planned", "town")]


def test_a_site_with_power_whose_compute_is_unknown_works() -> None:
    listed = centers(("A", TEXAS, "X", 1, 100)).with_columns(h100_equivalent_count=pl.lit(None, pl.Float64))
    rows = supply.sites(listed, steps(), assets.topology(), DAY)
    assert supply.site_rows(sites.TABLE.empty(), rows, "landed")["status"].to_list() == ["operational"]


def test_steps_of_no_site_and_places_far_from_the_shipped_ones_are_told() -> None:
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame
    listed = centers(("Meta Hyperion", TEXAS, "Meta", 1, 1), ("Google Omaha", (41.26, -95.94), "Google", 1, 1))
    rows = supply.sites(listed, TIMELINE, assets.topology(), DAY)
    told = supply.unlike(shipped, listed, TIMELINE, rows)
    assert told["epoch_data_center_timelines"].rows() == [
        (1, "A", "no data centre of that name is listed: its 4 steps do not count")
    ]
    ((number, site_id, reason),) = told["epoch_data_centers"].rows()
    assert (number, site_id) == (1, "compute-meta-hyperion")
    assert re.fullmatch(r"it is listed 7\d\d km from where it ships: the listed place stands", reason)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["China", "United States", "Atlantis", None]),
            st.sampled_from(["X", "Y", None]),
            st.sampled_from(["existing", "planned", "decommissioned"]),
            st.one_of(st.none(), st.floats(0, 1e6)),
            st.sampled_from([None, date(2020, 1, 1), date(2030, 1, 1)]),
            st.booleans(),
        ),
        min_size=1,
    )
)
def test_nothing_is_lost_and_nothing_is_counted_twice(made: list[tuple[object, ...]]) -> None:
    names = ("country", "owner", "cluster_status", "h100_equivalent_count", "first_operational_day", "withdrawn")
    landed = clusters(**{name: list(column) for name, column in zip(names, zip(*made, strict=True), strict=True)})
    frame, listed = supply.compute(supply.SITE.empty(), landed, COUNTRY, DAY)
    live = [row for row in made if row[2] != "decommissioned" and not row[5]]
    both = frame["h100_equivalent_count"].sum() + frame["planned_h100_equivalent_count"].sum()
    assert both == pytest.approx(sum(row[3] or 0 for row in live))  # type: ignore[misc]
    assert frame["site_count"].sum() == len(live)
    assert frame["unknown_count"].sum() == sum(row[3] is None for row in live)
    unplaced = frame.filter(pl.col("region") == "unplaced")["site_count"].sum()
    assert unplaced == listed["epoch_gpu_clusters"]["reason"].str.ends_with("it counts as unplaced").sum()
    assert listed["epoch_gpu_clusters"]["row_number"].is_unique().all()
