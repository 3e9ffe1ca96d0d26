"""Indices and tests of readiness, on cases that can be counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from pipeline.io import assets
from pipeline.metrics import index, readiness
from pipeline.metrics.readiness import ACCESS, TRUNK, Definition, Measures
from pipeline.table import CONSTELLATION

DAY, BEFORE = date(2026, 8, 17), date(2026, 8, 16)
REFERENCE, CONTENT = assets.reference("readiness"), assets.reference_bytes("readiness.csv")
DEFINITION = Definition.of(REFERENCE, CONTENT)
PLACES = ["KEN", "DEU", "JPN", "ATA"]
Floats = NDArray[np.float64]
NOTHING = pl.DataFrame(schema={"day": pl.Date, "constellation": pl.String, "readiness": pl.String, "value_number": pl.Float64})  # fmt: skip


def pillars(**changed: list[float]) -> dict[str, Floats]:
    """Measures of PLACES by pillar."""
    base = {
        "latency": [145.0, 40, 61, 100], "downlink": [12.5, 25, 5, 25], "uplink": [2.5, 5, 1, 5], "continuity": [0.999, 0.99, 0.9745, 0.95],
        "affordability": [0.20, 0.02, 0.02, 0.02], "permission": [1.0, 1, 1, 1],
    }  # fmt: skip
    return {name: np.array(values, np.float64) for name, values in (base | changed).items()}


def access(
    places: list[str] = PLACES,
    demand: tuple[float, ...] = (1, 2, 1, 0),
    drawn: dict[str, Floats] | None = None,
    **changed: list[float],
) -> Measures:
    return Measures(places, np.array(demand, np.float64), pillars(**changed), drawn or {})


def frames(
    measures: Measures,
    before: tuple[date, pl.DataFrame] | None = None,
    definition: Definition = DEFINITION,
    tests: dict[tuple[str, str], float | None] | None = None,
    history: pl.DataFrame = NOTHING,
) -> dict[str, pl.DataFrame]:
    return readiness.compute(definition, {("starlink", ACCESS): measures}, tests or {}, before, history, DAY)


def row(found: dict[str, pl.DataFrame]) -> dict[str, object]:
    return found[readiness.TABLE.name].row(0, named=True)


def test_the_shipped_weights_and_anchors_are_the_published_ones() -> None:
    assert [p.weight for p in DEFINITION.pillars[ACCESS]] == [0.25, 0.15, 0.15, 0.15, 0.20, 0.10]
    assert [p.weight for p in DEFINITION.pillars[TRUNK]] == [0.30, 0.30, 0.25, 0.15]
    assert DEFINITION.targets == {"test_latency": 0.5, "test_cut": 0.1, "test_cost": 20, "test_availability": 0.9}
    assert DEFINITION.rows["definition_hash"].unique().to_list() == [DEFINITION.digest]


def test_the_index_of_three_countries_by_hand() -> None:
    found = frames(access())
    # Kenya: 50, 50, 50, 100, floor 1, 100; Germany: 100, 100, 100, 40 / 0.49, 100, 100; Japan: 90, 20, 20, 50, 100, 100
    kenya = 50**0.55 * 100**0.25
    germany = 100**0.85 * (4 / 0.049) ** 0.15
    japan = 90**0.25 * 20**0.3 * 50**0.15 * 100**0.3
    assert found[readiness.PLACE.name].sort("place")["index_number"].to_list() == pytest.approx([germany, japan, kenya])
    assert row(found)["value_number"] == pytest.approx((kenya + 2 * germany + japan) / 4)
    common = 50**0.55 * 100**0.15, 100**0.55 * (4 / 0.049) ** 0.15, 90**0.25 * 20**0.3 * 50**0.15
    kenya, germany, japan = (each ** (1 / 0.7) for each in common)
    assert row(found)["common_number"] == pytest.approx((kenya + 2 * germany + japan) / 4)
    assert row(found)["arithmetic_number"] == pytest.approx(
        np.mean([0.55 * 50 + 0.25 * 100, *[0.85 * 100 + 0.15 * 4 / 0.049] * 2, 22.5 + 6 + 7.5 + 30])
    )


def test_a_place_without_demand_does_not_count() -> None:
    found = frames(access())[readiness.PLACE.name]
    assert found["place"].to_list() == ["DEU", "JPN", "KEN"]
    assert found["demand_fraction"].to_list() == [0.5, 0.25, 0.25]


def test_a_missing_pillar_makes_the_index_null_and_never_lower() -> None:
    found = frames(access(affordability=[np.nan, np.nan, 0.02, 0.02]))
    assert row(found)["value_number"] is None
    assert row(found)["missing"] == "affordability"
    assert row(found)["common_number"] == row(frames(access()))["common_number"]
    assert found[readiness.PLACE.name]["index_number"].null_count() == 2
    # known of three quarters of the demand, the index is of those
    found = frames(access(affordability=[np.nan, 0.02, 0.02, 0.02]))
    assert row(found)["known_fraction"] == pytest.approx(0.75)
    assert row(found)["value_number"] == pytest.approx(found[readiness.PLACE.name].drop_nulls("index_number").select((pl.col("index_number") * pl.col("demand_fraction")).sum() / 0.75).item())  # fmt: skip


def test_a_missing_common_pillar_makes_both_null() -> None:
    found = frames(access(latency=[np.nan] * 4))
    assert (row(found)["value_number"], row(found)["common_number"]) == (None, None)
    assert found[readiness.PILLARS.name].filter(pl.col("pillar") == "latency")["score_number"].to_list() == [None]


def test_nobody_with_demand_gives_nulls() -> None:
    found = frames(access(demand=(0, 0, 0, 0)))
    assert row(found)["value_number"] is None
    assert found[readiness.SCORE.name].is_empty()


def test_moving_a_weight_moves_the_index_as_the_formula_says() -> None:
    weight = pl.when(pl.col("pillar") == "downlink").then(0.25).when(pl.col("pillar") == "uplink").then(0.05).otherwise("weight")  # fmt: skip
    moved = Definition.of(REFERENCE.with_columns(pl.when(pl.col("readiness") == ACCESS).then(weight).otherwise("weight").alias("weight")), CONTENT + b"x")  # fmt: skip
    base, other = (frames(access(downlink=[25, 25, 25, 25]), definition=each)[readiness.PLACE.name] for each in (DEFINITION, moved))  # fmt: skip
    ratio = (other["index_number"] / base["index_number"]).to_list()
    assert ratio == pytest.approx([1.0, (100 / 20) ** 0.1, (100 / 50) ** 0.1])
    assert moved.digest != DEFINITION.digest


def test_moving_an_anchor_moves_the_score_as_the_formula_says() -> None:
    at = pl.when((pl.col("readiness") == ACCESS) & (pl.col("pillar") == "latency")).then(350.0).otherwise("at_zero")
    moved = Definition.of(REFERENCE.with_columns(at.alias("at_zero")), CONTENT)
    scores = frames(access(), definition=moved)[readiness.SCORE.name].filter(pl.col("pillar") == "latency")
    assert scores.sort("place")["score_number"].to_list() == pytest.approx([100, 289 / 3.10, 205 / 3.10])


def test_the_change_of_a_day_is_made_of_its_drivers_exactly() -> None:
    earlier = frames(access())[readiness.SCORE.name].with_columns(pl.lit(BEFORE).alias("day"))
    now = access(demand=(2, 2, 1, 0), latency=[100, 45, 61, 100], uplink=[3, 5, 0.9, 5])
    found = frames(now, (BEFORE, earlier))
    change = row(found)["common_number"] - row(frames(access()))["common_number"]  # type: ignore[operator]
    assert row(found)["change_number"] == pytest.approx(change)
    drivers = dict(found[readiness.DRIVER.name].select("driver", "change_number").iter_rows())
    assert set(drivers) == {"latency", "downlink", "uplink", "continuity", "demand", "places"}
    assert sum(drivers.values()) == pytest.approx(change)
    assert drivers["downlink"] == drivers["continuity"] == 0
    assert drivers["places"] == pytest.approx(0, abs=1e-9)
    assert drivers["latency"] > 0 > drivers["demand"]


def test_a_country_that_comes_into_the_count_is_a_driver_of_its_own() -> None:
    earlier = frames(access(uplink=[np.nan, 5, 1, 5]))[readiness.SCORE.name]
    found = frames(access(), (BEFORE, earlier))
    drivers = dict(found[readiness.DRIVER.name].select("driver", "change_number").iter_rows())
    assert drivers["places"] == pytest.approx(row(found)["change_number"])
    assert drivers["latency"] == 0


def test_permuted_places_give_the_same() -> None:
    turned = [2, 0, 3, 1]
    base, earlier = access(), frames(access(uplink=[1, 2, 3, 4]))[readiness.SCORE.name]
    other = Measures([PLACES[k] for k in turned], base.demand[turned], {name: values[turned] for name, values in base.by_pillar.items()}, {})  # fmt: skip
    for name, frame in frames(base, (BEFORE, earlier)).items():
        assert frame.equals(frames(other, (BEFORE, earlier.sample(fraction=1, shuffle=True, seed=1)))[name])


def test_draws_make_an_interval_about_the_index() -> None:
    drawn = {"latency": np.array([145.0, 40, 61, 100]) + np.linspace(-20, 60, 101)[:, None]}
    found = row(frames(access(drawn=drawn)))
    assert found["value_p10_number"] < found["value_p50_number"] < found["value_p90_number"]  # type: ignore[operator]
    low = row(frames(access(latency=[145 - 20 + 72, 40 + 52, 61 + 52, 100])))["value_number"]
    assert found["value_p10_number"] == pytest.approx(low)
    still = row(frames(access()))
    assert still["value_p10_number"] == still["value_p90_number"] == pytest.approx(still["value_number"])


def test_the_marginal_effect_is_the_slope_of_the_index() -> None:
    base = frames(access())
    marginal = dict(base[readiness.PILLARS.name].select("pillar", "marginal_number").iter_rows())
    step = 1e-4
    other = row(frames(access(downlink=[12.5 + step / 4, 25 - 0, 5 + step / 4, 25])))["common_number"]
    assert marginal["downlink"] == pytest.approx((other - row(base)["common_number"]) / step, rel=1e-4)  # type: ignore[operator]
    assert marginal["affordability"] is None


def test_ranks_are_by_the_common_pillars_with_their_interval() -> None:
    found = frames(access())[readiness.PLACE.name].sort("rank_number")
    assert found["place"].to_list() == ["DEU", "KEN", "JPN"]
    assert found.select((pl.col("rank_low_number") <= pl.col("rank_number")) & (pl.col("rank_number") <= pl.col("rank_high_number"))).to_series().all()  # fmt: skip


def test_a_test_says_its_figure_its_target_and_the_crossing() -> None:
    ago = [20, 15, 10, 5]
    history = pl.DataFrame({
        "day": [DAY - timedelta(days=k) for k in ago], "constellation": ["starlink"] * 4, "readiness": ["test_latency"] * 4, "value_number": [0.1, 0.15, 0.2, 0.25],
    })  # fmt: skip
    values = {("starlink", "test_latency"): 0.3, ("starlink", "test_cost"): 21.0, ("oneweb", "test_cut"): None}
    before = (date(2026, 8, 12), pl.DataFrame(schema=readiness.SCORE.polars_schema))
    found = frames(access(), before, tests=values, history=history)[readiness.TABLE.name]
    rows = {(r["constellation"], r["readiness"]): r for r in found.iter_rows(named=True)}
    own = rows["starlink", "test_latency"]
    assert (own["passed"], own["target_number"], own["change_number"]) == (False, 0.5, pytest.approx(0.05))
    assert own["crossing_day"] in (date(2026, 9, 6), date(2026, 9, 7))
    assert (rows["starlink", "test_cost"]["passed"], rows["starlink", "test_cost"]["trend_text"]) == (True, "passed")
    unknown = rows["oneweb", "test_cut"]
    assert (unknown["value_number"], unknown["passed"], unknown["missing"]) == (None, None, "what the test looks at")


def test_every_constellation_has_every_test() -> None:
    found = readiness.every_row({"test_cut": {"starlink": 0.2}})
    assert len(found) == len(CONSTELLATION) * 4
    assert found["starlink", "test_cut"] == 0.2
    assert found["qianfan", "test_cut"] is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (pl.when(pl.col("pillar") == "uplink").then(0.2).otherwise("weight").alias("weight"), "weights of access do not sum to 1"),
        (pl.when(pl.col("pillar") == "uplink").then(0.0).otherwise("at_hundred").alias("at_hundred"), "row access, uplink: a weight above 0, two anchors"),
        (pl.when(pl.col("pillar") == "cost").then(0.0).otherwise("at_hundred").alias("at_hundred"), "row trunk, cost: .* .above 0 in a log scale"),
        (pl.when(pl.col("pillar") == "cost").then(pl.lit(None)).otherwise("at_zero").alias("at_zero"), "row trunk, cost: weight and anchors must be numbers"),
        (pl.when(pl.col("readiness") == "test_cut").then(pl.lit(None)).otherwise("at_hundred").alias("at_hundred"), "no target of test_cut"),
        (pl.when(pl.col("readiness") == TRUNK).then(0).otherwise("is_common").alias("is_common"), "no pillar of trunk is common"),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_is_refused_by_row(change: pl.Expr, told: str) -> None:
    with pytest.raises(readiness.ReadinessError, match=told):
        Definition.of(REFERENCE.with_columns(change), CONTENT)


def test_the_floor_is_what_a_score_of_nothing_counts() -> None:
    found = frames(access(continuity=[0.0] * 4))[readiness.PLACE.name]
    germany = found.filter(pl.col("place") == "DEU")["index_number"].item()
    assert germany == pytest.approx(100**0.85 * index.FLOOR**0.15)
