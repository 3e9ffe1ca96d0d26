"""What a Gbps-month costs: by hand, against the derived figures that ship, and from bad input."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import cost_input, economics
from pipeline.metrics import fleet as fleets
from tests import factory

DAY = date(2026, 8, 17)
REFERENCES = cost_input.References(
    *(
        assets.reference(name)
        for name in ("satellite_generations", "economics", "economics_model", "uncertainty_ranges")
    )
)
GENERATION = fleets.generations(REFERENCES.generations)
COUNTS = {
    ("starlink", "starlink-v1.5"): (2_582, 2_193), ("starlink", "starlink-v2mini"): (2_570, 2_483),
    ("starlink", "starlink-v2mini-opt"): (4_492, 4_112), ("oneweb", "oneweb-gen1"): (651, 642),
    ("qianfan", "qianfan-gen1"): (238, 145), ("amazon_leo", "leo-kuiper-gen1"): (391, 272),
}  # fmt: skip


def history(counts: dict[tuple[str, str], tuple[int, int]], day: date = DAY) -> pl.DataFrame:
    gbps = dict(GENERATION.select("generation", "down_gbps").iter_rows())
    rows = [
        {"constellation": c, "generation": g, "payload_class": "broadband", "satellite_count": n, "operational_count": k,
         "installed_down_gbps": n * gbps[g], "basis": "observed"}
        for (c, g), (n, k) in counts.items()
    ]  # fmt: skip
    return factory.filled(fleets.HISTORY, rows, day)


FLYING = cost_input.flying(history(COUNTS))


def capacity(**starlink: float | None) -> pl.DataFrame:
    """core.fleet_capacity_daily with 680 Tbps of Starlink in service, of which 100 can be sold."""
    own = {"gateway_count": 269, "broadband_operational_count": 8_788, "in_service_down_tbps": 680.0, "sellable_down_tbps": 100.0,
           "sellable_down_p10_tbps": 80.0, "sellable_down_p50_tbps": 140.0, "sellable_down_p90_tbps": 190.0} | starlink  # fmt: skip
    nothing = {"gateway_count": 0, "broadband_operational_count": 200, "in_service_down_tbps": 5.0}
    names = ("starlink", "amazon_leo", "oneweb", "qianfan", "guowang")
    rows = [{"constellation": n} | (own if n == "starlink" else nothing) for n in names]
    return factory.filled(fleets.CAPACITY, rows, DAY)


def inputs(
    references: cost_input.References = REFERENCES, quarter: pl.DataFrame | None = None, **starlink: float | None
) -> pl.DataFrame:
    past = fleets.HISTORY.empty() if quarter is None else quarter
    return cost_input.compute(references, FLYING, capacity(**starlink), GENERATION, past, DAY)


def computed(rows: pl.DataFrame | None = None, flying: pl.DataFrame = FLYING) -> pl.DataFrame:
    return economics.compute(flying, inputs() if rows is None else rows, REFERENCES.uncertain, DAY)


def row(frame: pl.DataFrame, constellation: str, generation: str) -> dict[str, float]:
    return frame.row(
        by_predicate=(pl.col("constellation") == constellation) & (pl.col("generation") == generation), named=True
    )


def shipped(item: str) -> tuple[float, float, float]:
    """Low, value and high of a derived figure of economics.csv."""
    own = REFERENCES.economics.row(by_predicate=(pl.col("topic") == "unit") & (pl.col("item") == item), named=True)
    return tuple(float(own[name]) for name in ("low", "value", "high"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("item", "generation", "figure", "part"),
    [
        ("Capex per Gbps deployed, V2 mini optimised", "starlink-v2mini-opt", "capex_{}usd_per_gbps", 0.1),
        ("Capex per Gbps deployed, V3 on Starship", "starlink-v3", "capex_{}usd_per_gbps", 0.1),
        ("Space-segment cost of raw capacity, V2 mini opt", "starlink-v2mini-opt", "raw_{}usd_per_gbps_month", 0.1),
    ],
)
def test_the_derived_figures_come_out_of_their_inputs(item: str, generation: str, figure: str, part: float) -> None:
    own = row(computed(), "starlink", generation)
    found = [own[figure.format(end)] for end in ("low_", "", "high_")]
    assert found == pytest.approx(shipped(item), rel=part)


def test_a_sold_gbps_month_lies_in_what_was_derived() -> None:
    own = row(computed(), "starlink", "starlink-v2mini-opt")
    low, base, high = shipped("Space-segment cost of sold busy-hour capacity")
    assert own["sold_usd_per_gbps_month"] == pytest.approx(base, rel=0.1)
    assert low < own["sold_p10_usd_per_gbps_month"] < own["sold_p90_usd_per_gbps_month"] < high


def test_revenue_over_the_shipped_gbps_is_what_was_derived() -> None:
    own = row(computed(), "starlink", "all")
    low, base, high = shipped("Starlink revenue per Gbps deployed")
    found = [own[f"revenue_{end}usd_per_deployed_gbps_month"] for end in ("low_", "", "high_")]
    assert found == pytest.approx([low, base, high], rel=0.1)
    assert own["revenue_usd_per_deployed_gbps_month"] == pytest.approx(1_450, rel=0.1)
    assert "750,000" in own["revenue_basis"]  # type: ignore[operator]
    assert row(computed(), "oneweb", "all")["revenue_usd_per_deployed_gbps_month"] is None


def quarter(days: int) -> pl.DataFrame:
    first = cost_input.QUARTER[0]
    return pl.concat([history({("starlink", "starlink-v2mini"): (6_000 + k, 6_000)}, first + timedelta(k)) for k in range(days)])  # fmt: skip


def test_revenue_is_over_the_tables_own_gbps_where_they_hold_the_quarter() -> None:
    own = row(computed(inputs(quarter=quarter(90))), "starlink", "all")
    assert own["revenue_usd_per_deployed_gbps_month"] == pytest.approx(3.26e9 / 3 / (96 * 6_044.5))
    assert own["revenue_shipped_usd_per_deployed_gbps_month"] == pytest.approx(3.26e9 / 3 / 750e3)
    assert "90 days" in own["revenue_basis"]  # type: ignore[operator]
    few = row(computed(inputs(quarter=quarter(30))), "starlink", "all")
    assert "750,000" in few["revenue_basis"]  # type: ignore[operator]


def test_by_hand() -> None:
    own = row(computed(), "starlink", "starlink-v2mini")
    capital, ground = 800_000 + 950_000, 1_250_000 * 269 / 8_788
    recovery = 0.07 * 1.07**5 / (1.07**5 - 1)
    month = ((capital + ground) * recovery + 0.1 * (capital + ground)) / 12
    assert own["raw_usd_per_gbps_month"] == pytest.approx(capital / 60 / 96)
    assert own["levelised_usd_per_gbps_month"] == pytest.approx(month / 96)
    assert own["levelised_satellite_usd"] == pytest.approx(month)
    assert own["sold_levelised_usd_per_gbps_month"] == pytest.approx(month / 96 / (100 / 680))
    assert own["sold_high_usd_per_gbps_month"] == pytest.approx((1.2e6 + 1.27e6) / 60 / 96 / (80 / 680))


def test_a_fleet_is_the_mean_of_its_satellites_at_work() -> None:
    frame = computed()
    kinds = [row(frame, "starlink", g) for (c, g) in COUNTS if c == "starlink"]
    usd = sum(k["operational_count"] * k["levelised_satellite_usd"] for k in kinds)
    gbps = sum(k["operational_count"] * k["down_gbps_per_satellite"] for k in kinds)
    own = row(frame, "starlink", "all")
    assert own["levelised_usd_per_gbps_month"] == pytest.approx(usd / gbps)
    assert own["operational_count"] == sum(k["operational_count"] for k in kinds)


def test_draws_hold_the_base_and_are_the_same_every_day() -> None:
    own = row(computed(), "starlink", "starlink-v2mini-opt")
    assert own["raw_low_usd_per_gbps_month"] < own["raw_p10_usd_per_gbps_month"] < own["raw_usd_per_gbps_month"]
    assert own["raw_usd_per_gbps_month"] < own["raw_p90_usd_per_gbps_month"] < own["raw_high_usd_per_gbps_month"]
    assert computed().equals(computed())


def test_permuted_input_gives_the_same() -> None:
    assert computed(inputs().reverse(), FLYING.reverse()).equals(computed())


def test_what_is_planned_is_marked_and_not_sold() -> None:
    own = row(computed(), "starlink", "starlink-v3")
    assert own["planned"]
    assert own["operational_count"] == 0
    assert own["sold_usd_per_gbps_month"] is None
    assert not row(computed(), "starlink", "all")["planned"]


def test_unknown_costs_are_null_said_and_listed() -> None:
    own = row(computed(), "qianfan", "all")
    assert own["raw_usd_per_gbps_month"] is None
    assert own["missing"] == "qianfan-gen1: build cost, launch cost"
    listed = cost_input.missing(inputs(), FLYING)
    assert listed["row_key"].to_list() == ["qianfan qianfan-gen1"]
    assert "null, not zero" in listed["reason"][0]


def test_what_cannot_be_sold_has_no_price_of_sold() -> None:
    for nothing in (None, 0.0):
        frame = computed(inputs(sellable_down_tbps=nothing, sellable_down_p10_tbps=nothing, sellable_down_p50_tbps=nothing, sellable_down_p90_tbps=nothing))  # fmt: skip
        own = row(frame, "starlink", "all")
        assert own["sold_usd_per_gbps_month"] is None
        assert own["levelised_usd_per_gbps_month"] > 0


def test_a_constellation_without_satellites_has_a_row_that_says_so() -> None:
    own = row(computed(), "guowang", "all")
    assert (own["operational_count"], own["missing"]) == (0, "no satellite at work")


def test_a_fleet_of_whose_costs_too_little_is_known_has_none() -> None:
    lost = REFERENCES.generations.filter(
        ~((pl.col("generation") == "starlink-v2mini") & (pl.col("parameter") == "build_cost"))
    )
    frame = computed(inputs(cost_input.References(lost, REFERENCES.economics, REFERENCES.model, REFERENCES.uncertain)))
    own = row(frame, "starlink", "all")
    assert own["capex_usd_per_gbps"] is None
    assert own["missing"] == "starlink-v2mini: build cost"
    assert own["costed_fraction"] == pytest.approx(1 - 96 * 2_483 / (96 * (2_483 + 4_112) + 18 * 2_193))


@pytest.mark.parametrize(
    ("change", "value"), [("value_number", -1.0), ("value_number", float("nan")), ("low_number", 1e9)]
)
def test_an_input_that_cannot_be_is_refused_by_name(change: str, value: float) -> None:
    own = (pl.col("economics_input") == "build_cost") & (pl.col("generation") == "oneweb-gen1")
    rows = inputs().with_columns(pl.when(own).then(value).otherwise(change).alias(change))
    with pytest.raises(economics.EconomicsError, match=r"build_cost of oneweb, oneweb-gen1 .*in order"):
        computed(rows)


def test_no_figure_is_a_nan_or_a_zero_for_what_is_unknown() -> None:
    frame = computed()
    usd = [name for name in frame.columns if name.endswith(("_usd", "_gbps", "_gbps_month"))]
    for name in usd:
        assert not frame[name].is_nan().any(), name
        assert (frame[name].drop_nulls() > 0).all(), name
