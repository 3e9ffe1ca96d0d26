"""Compute by day, country and owner: what is there, what is planned, and what could not be placed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

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
    return supply.sites(centers_, steps_, assets.topology(), COUNTRY, day).row(0, named=True)


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


def test_without_steps_the_list_itself_tells() -> None:
    row = size(centers(("A", TEXAS, "Oracle", 1_234, 25)), steps())
    assert (row["h100_equivalent_count"], row["power_mw"], row["step_day"], row["projected"]) == (
        1_234,
        25,
        None,
        False,
    )


def test_a_country_is_that_of_the_outline_or_of_the_coast_near_by() -> None:
    rows = supply.sites(centers(("A", TEXAS, "X", 1, 1), ("B", OFF_NEW_YORK, "X", 2, 1), ("C", SEA, "Y", 4, 1), ("D", (None, None), None, 8, 1)), steps(), assets.topology(), COUNTRY, DAY)  # fmt: skip
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
    rows = supply.sites(centers(("A", TEXAS, "Oracle", 1, 1)), TIMELINE, assets.topology(), COUNTRY, date(2025, 9, 1))
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
        centers((name, TEXAS, "xAI", 5, 1), ("New one", TEXAS, None, 0, 0)), steps(), assets.topology(), COUNTRY, DAY
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


def test_a_site_without_a_place_is_in_the_country_that_is_told() -> None:
    told = centers(("A", (None, None), "X", 5, 1), ("B", (None, None), "X", 6, 1)).with_columns(
        country=pl.Series(["Japan", None])
    )
    rows = supply.sites(told, steps(), assets.topology(), COUNTRY, DAY)
    assert rows["country_iso3"].to_list() == ["JPN", None]
