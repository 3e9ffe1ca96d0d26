"""Readiness of small staged days: what is gathered of them, and what earlier days are worth."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.io import answers, assets, readiness, warehouse
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.registry import table
from pipeline.io.settings import Settings
from pipeline.metrics import fleet, index
from pipeline.metrics import readiness as metric
from pipeline.source import EXCLUSION_TABLE
from tests import factory

DAY = factory.DAY
SKY = ("latency", "downlink", "uplink", "continuity")


def staged(to: Settings, day: date = DAY) -> Settings:
    """A staged day, with no draws of capacity."""
    factory.stage(to, day)
    nothing = pl.DataFrame(schema={"constellation": pl.String, "draw_number": pl.Int64, "down_factor": pl.Float64, "up_factor": pl.Float64})  # fmt: skip
    write_parquet(Home(to.home).part(fleet.CAPACITY, day, "draws"), nothing)
    return to


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return staged(factory.settings(tmp_path))


def rows(to: Settings, name: str = metric.TABLE.name, day: date = DAY, **equal: str) -> pl.DataFrame:
    return read_parquet(Home(to.home).staged(table(name), day)).filter(**equal)


def change(to: Settings, name: str, *columns: pl.Expr, keep: pl.Expr | None = None, day: date = DAY) -> None:
    """Change what is staged of a table, and leave out what is not kept."""
    frame = rows(to, name, day).with_columns(*columns)
    write_parquet(Home(to.home).staged(table(name), day), frame if keep is None else frame.filter(keep))


def computed(to: Settings, day: date = DAY) -> pl.DataFrame:
    readiness.readiness_day(to, day)
    return rows(to, day=day)


def of(frame: pl.DataFrame, name: str, constellation: str = "starlink") -> dict[str, object]:
    return frame.row(
        by_predicate=(pl.col("readiness") == name) & (pl.col("constellation") == constellation), named=True
    )


def scores(to: Settings, place: str) -> dict[str, tuple[float | None, float | None]]:
    """Measure and score by pillar of Starlink's access in a place."""
    own = rows(to, metric.SCORE.name, constellation="starlink", readiness="access", place=place)
    return {name: (measure, score) for name, measure, score in own.select("pillar", "measure_number", "score_number").iter_rows()}  # fmt: skip


def test_it_is_the_last_of_the_days_answers() -> None:
    assert list(answers.PARTS)[-1] == "readiness"
    assert answers.PARTS["readiness"] is readiness.readiness_day


def test_a_day_computed_twice_is_the_same(settings: Settings) -> None:
    names = [t.name for t in (*metric.TABLES, metric.DEFINITION)]
    computed(settings)
    first = {name: rows(settings, name) for name in names}
    for name in ("dim.cell_country", "core.latency_daily", "core.capacity_daily", "core.ai_country_daily", "core.market_daily"):  # fmt: skip
        frame = rows(settings, name)
        write_parquet(Home(settings.home).staged(table(name), DAY), frame.sample(fraction=1, shuffle=True, seed=3))
    computed(settings)
    for name in names:
        assert_frame_equal(rows(settings, name), first[name], rel_tol=1e-12)
    assert read_parquet(Home(settings.home).part(EXCLUSION_TABLE, DAY, "readiness")).is_empty()


def test_the_access_of_a_country_from_its_cells(settings: Settings) -> None:
    row = of(computed(settings), "access")
    cells = rows(settings, "dim.cell_country", country_iso3="NGA")
    households = rows(settings, "dim.cell_country").filter(pl.col("cell_id").is_in(cells["cell_id"].implode())).group_by("cell_id").agg(pl.col("population_count").sum() / 3.5)  # fmt: skip
    supply = rows(settings, "core.capacity_daily", constellation="starlink").select("cell_id", "supply_down_gbps")
    own = cells.join(households, on="cell_id", suffix="_of_cell").join(supply, on="cell_id")
    mbps = own["supply_down_gbps"] * 1_000 / own["population_count_of_cell"]
    found = scores(settings, "NGA")
    assert found["latency"] == (
        pytest.approx(45.0),
        pytest.approx(100 * 205 / 210),
    )  # a cloud region is nearer than a listed site
    assert found["downlink"][0] == pytest.approx((mbps * own["population_count"]).sum() / own["population_count"].sum())
    assert found["continuity"] == (pytest.approx(0.95), pytest.approx(0, abs=1e-9))  # two satellites half of the day
    place = rows(settings, metric.PLACE.name, constellation="starlink", readiness="access", place="NGA")
    weights = {p.name: p.weight for p in metric.Definition.of(assets.reference("readiness"), b"").pillars["access"]}
    logs = sum(weights[name] * np.log(max(found[name][1] or 0.0, index.FLOOR)) for name in SKY)
    assert place["common_number"].item() == pytest.approx(np.exp(logs / 0.7))
    assert row["before_day"] is None


def steady(delay: pl.Expr) -> list[pl.Expr]:
    """The same round trip to all compute at every instant, and a path always."""
    names = ("rtt_gpu_p50_ms", "rtt_cloud_p50_ms")
    return [*(delay.alias(name) for name in names), pl.lit(30.0).alias("rtt_pop_p95_ms"), pl.lit(30.0).alias("rtt_pop_p50_ms"), pl.lit(1.0).alias("reachable_fraction")]  # fmt: skip


def test_a_cell_counts_no_better_and_no_worse_than_the_anchors(settings: Settings) -> None:
    # Of the Nigerians half have no satellite ever, and the others one that is there always, next door to compute.
    cells = rows(settings, "dim.cell_country", country_iso3="NGA").sort("cell_id")
    lost = pl.col("cell_id") == cells["cell_id"][0]
    change(settings, "core.continuity_daily", pl.when(lost).then(0.0).otherwise(1.0).alias("continuous_2_fraction"))
    delay = pl.when(lost).then(1_000.0).otherwise(10.0)
    change(settings, "core.latency_daily", *steady(delay))
    computed(settings)
    part = cells["population_count"][0] / cells["population_count"].sum()
    found = scores(settings, "NGA")
    assert found["latency"][1] == pytest.approx(100 * (1 - part))
    assert found["continuity"][1] == pytest.approx(100 * (1 - part))


def test_what_a_draw_adds_is_added_in_every_cell_before_the_anchors(settings: Settings) -> None:
    # Everybody is 20 ms below the anchor: no draw of the overhead, 6 ms more at the most, takes anything away.
    near = pl.lit(20.0)
    change(settings, "core.latency_daily", *steady(near))
    row = of(computed(settings), "access")
    assert row["common_p10_number"] == pytest.approx(row["common_number"], rel=1e-12)
    pillars = rows(settings, metric.PILLARS.name, constellation="starlink", readiness="access")
    assert (
        dict(pillars.select("pillar", "marginal_number").iter_rows())["latency"] == 0
    )  # at the anchor nothing can be gained


def test_a_market_that_is_not_known_makes_the_index_null_and_the_common_one_not(settings: Settings) -> None:
    base = of(computed(settings), "access")
    change(settings, "core.market_daily", keep=pl.col("country_iso3") != "USA")
    row = of(computed(settings), "access")
    assert scores(settings, "USA")["affordability"] == scores(settings, "USA")["permission"] == (None, None)
    assert rows(settings, metric.PLACE.name, constellation="starlink", place="USA")["index_number"].to_list() == [None]
    assert row["common_number"] == base["common_number"]
    assert "affordability" in str(row["missing"])


def test_without_a_known_gateway_nothing_is_said(settings: Settings) -> None:
    row = of(computed(settings), "access", "amazon_leo")
    assert (row["value_number"], row["common_number"]) == (None, None)
    assert "latency" in str(row["missing"])


def test_without_any_ai_demand_there_is_no_index_and_no_corridor_counts(settings: Settings) -> None:
    change(settings, "core.ai_country_daily", pl.lit(None, pl.Float64).alias("use_fraction"))
    frame = computed(settings)
    assert frame.filter(pl.col("readiness").is_in(["access", "trunk"]))["common_number"].null_count() == 10
    assert of(frame, "test_latency")["value_number"] is None
    assert rows(settings, metric.PLACE.name).is_empty()


def test_who_is_known_to_have_no_lasers_fails_and_of_whom_nobody_knows_is_null(settings: Settings) -> None:
    cables = {"subsea_design_tbps": 100.0, "mesh_cut_gbps": 0.0, "gateway_a_count": 0, "gateway_b_count": 0}
    trunks = [{"constellation": name, "trunk": "atlantic"} | cables for name in factory.FLEET]
    write_parquet(Home(settings.home).staged(table("core.trunk_daily"), DAY), factory.filled(table("core.trunk_daily"), trunks))  # fmt: skip
    count = pl.when(pl.col("generation").str.starts_with("guowang")).then(None).when(pl.col("generation").str.starts_with("oneweb")).then(0.0).otherwise("laser_count")  # fmt: skip
    change(settings, "dim.generation", count.alias("laser_count"))
    frame = computed(settings)
    for name in ("test_latency", "test_cut"):
        assert of(frame, name, "oneweb")["value_number"] == 0
        assert of(frame, name, "oneweb")["passed"] is False
        assert of(frame, name, "guowang")["value_number"] is None  # nobody knows of lasers
    assert of(frame, "test_cut", "qianfan")["value_number"] is None  # lasers, but no gateway


def test_a_constellation_without_satellites_is_no_error(settings: Settings) -> None:
    factory.stage(settings, fleet={"oneweb": 0})
    row = of(computed(settings), "access", "oneweb")
    assert row["common_number"] is None


def loaded(settings: Settings, days: list[date], **values: list[float]) -> None:
    """Days whose readiness is computed and loaded; `values` are figures of tests that Starlink is given on them."""
    for k, day in enumerate(days):
        staged(settings, day)
        readiness.readiness_day(settings, day)
        for name, given in values.items():
            own = (pl.col("constellation") == "starlink") & (pl.col("readiness") == name)
            change(settings, metric.TABLE.name, pl.when(own).then(given[k]).otherwise("value_number").alias("value_number"), day=day)  # fmt: skip
        factory.pass_gate(settings, day)
        warehouse.load(settings, day)


def slower(settings: Settings) -> None:
    """Nigeria's round trip of DAY is longer by 21 ms."""
    cells = rows(settings, "dim.cell_country", country_iso3="NGA")["cell_id"].implode()
    far = pl.col("cell_id").is_in(cells)
    change(settings, "core.latency_daily", *(pl.when(far).then(pl.col(c) + 21).otherwise(c).alias(c) for c in ("rtt_gpu_p50_ms", "rtt_cloud_p50_ms")))  # fmt: skip


def test_the_change_is_against_the_newest_landed_day_behind_whatever_came_later(settings: Settings) -> None:
    before, later = DAY - timedelta(days=2), DAY + timedelta(days=1)
    loaded(settings, [later, DAY - timedelta(days=9), before])  # landed out of order
    staged(settings)
    slower(settings)
    frame = computed(settings)
    row = of(frame, "access")
    assert row["before_day"] == before
    then = of(read_parquet(Home(settings.home).table(metric.TABLE, before)), "access")["common_number"]
    assert row["change_number"] == pytest.approx(row["common_number"] - then, abs=1e-9)  # type: ignore[operator]
    drivers = dict(rows(settings, metric.DRIVER.name, constellation="starlink", readiness="access").select("driver", "change_number").iter_rows())  # fmt: skip
    assert drivers["latency"] < -0.01
    assert sum(drivers.values()) == pytest.approx(row["change_number"])
    assert [name for name, part in drivers.items() if abs(part) > 1e-9] == ["latency"]


def test_earlier_days_give_a_trend_and_a_day_of_crossing(settings: Settings) -> None:
    days = [DAY - timedelta(days=k) for k in (20, 15, 10, 5)]
    loaded(settings, days, test_cost=[2.0, 3.0, 4.0, 5.0])
    staged(settings)
    change(settings, "core.country_cost_daily", (pl.col("country_iso3").is_in(["ISL", "NGA", "BRA", "SGP", "USA", "SJM"])).alias("within_3_of_transit"))  # fmt: skip
    row = of(computed(settings), "test_cost")
    assert (row["value_number"], row["passed"], row["before_day"], row["change_number"]) == (6.0, False, DAY - timedelta(days=5), 1.0)  # fmt: skip
    assert (row["trend_day_count"], row["trend_text"]) == (5, "on this trend")
    assert row["trend_per_day_number"] == pytest.approx(0.2)
    assert row["crossing_day"] in (DAY + timedelta(days=70), DAY + timedelta(days=71))


def test_days_of_another_definition_are_not_compared(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [DAY - timedelta(days=k) for k in (20, 15, 10, 5)]
    loaded(settings, days)
    staged(settings)
    same = of(computed(settings), "access")
    assert same["before_day"] == days[-1]
    content = assets.reference_bytes("readiness.csv")
    monkeypatch.setattr(assets, "reference_bytes", lambda name: content + b"\n")
    frame = computed(settings)
    assert frame["before_day"].null_count() == frame.height
    assert rows(settings, metric.DRIVER.name).is_empty()
    assert set(frame["trend_day_count"].drop_nulls()) == {1}
    assert of(frame, "access")["definition_hash"] != same["definition_hash"]


def test_draws_are_the_same_every_day_and_lie_about_the_figure(settings: Settings) -> None:
    row = of(computed(settings), "access")
    assert row["common_p10_number"] <= row["common_number"] <= row["common_p90_number"]  # type: ignore[operator]
    later = DAY + timedelta(days=1)
    other = of(computed(staged(settings, later), later), "access")
    names = ("common_p10_number", "common_p90_number")
    assert [row[name] for name in names] == pytest.approx([other[name] for name in names], rel=1e-12)


def test_draws_between_told_percentiles_have_these_percentiles() -> None:
    order = np.random.default_rng(1).permutation(512).astype(float)
    found = readiness._between(np.array([2.0]), np.array([10.0]), np.array([90.0]), order)
    assert np.quantile(found, (0.1, 0.5, 0.9)) == pytest.approx([2, 10, 90], rel=0.02)
    assert (np.argsort(found[:, 0], kind="stable")[60:450] == np.argsort(order)[60:450]).all()
