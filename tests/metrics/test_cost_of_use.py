"""What a unit of use, a corridor, a country and a larger fleet cost: by hand, and where something is not known."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import (
    capacity_model,
    country_cost,
    demand,
    economics,
    levelised,
    price,
    scale,
    trunk_cost,
    unit_cost,
)
from pipeline.metrics import fleet as fleets
from pipeline.metrics.capacity_model import Figure
from tests import factory

DAY = date(2026, 8, 17)
MODEL = assets.reference("economics_model")
FIGURES = trunk_cost.figures(MODEL)
FACTORS = assets.reference("ai_ledger")
LEDGER = factory.frames()[demand.LEDGER.name]
STARLINK = capacity_model.figures(assets.reference("capacity_model"))["starlink"]
GENERATION = fleets.generations(assets.reference("satellite_generations"))


def units(cost: unit_cost.Price, tokens: pl.DataFrame | None = None) -> pl.DataFrame:
    prices = price.TABLE.empty() if tokens is None else tokens
    return unit_cost.compute(LEDGER, FACTORS, {"starlink": {"satellite_sold": cost}}, prices, DAY)


def only(frame: pl.DataFrame, **where: object) -> dict[str, float]:
    return frame.row(by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in where.items()), named=True)


def test_a_million_tokens_by_hand() -> None:
    own = only(units(unit_cost.Price(850.0, 1_700.0, 3_400.0, "a price")), traffic_unit="million_tokens")
    size = 4e6 * (0.74 * 37.5 * 1.08 + 0.26 * 1.08)  # payload, framed on its way down, headers on both
    assert own["unit_bytes"] == pytest.approx(size)
    assert own["unit_usd"] == pytest.approx(size / levelised.BYTES_PER_GBPS_MONTH * 1_700)
    # economics.csv derives 0.0016 USD from 300 bytes a token, the most that framing makes of one.
    assert own["unit_usd"] < 0.0016 < own["unit_high_usd"]


def test_an_hour_of_video_is_sixty_minutes_of_it() -> None:
    own = only(units(unit_cost.Price(1.0, 1.0, 1.0, "a price")), traffic_unit="hour_of_video")
    assert own["unit_bytes"] == pytest.approx(60 * 17.5e6 * 1.08)
    assert own["unit_low_bytes"] < own["unit_bytes"] < own["unit_high_bytes"]


def test_a_network_without_a_price_costs_null() -> None:
    frame = units(unit_cost.Price(None, None, None, "nobody"))
    assert frame["unit_usd"].null_count() == frame.height


def test_the_part_of_a_tokens_price_is_of_the_cheapest_or_the_landed() -> None:
    cost = unit_cost.Price(1.0, 1_700.0, 3_000.0, "a price")
    assert only(units(cost), traffic_unit="million_tokens")["of_price_fraction"] is None
    rows = [
        {
            "price_kind": "token_output",
            "item": i,
            "region": "world",
            "market": "all",
            "median_usd": usd,
            "price_basis": b,
        }
        for i, usd, b in (("frontier", 15.0, "shipped"), ("open", 0.5, "shipped"))
    ]
    own = only(units(cost, factory.filled(price.TABLE, rows)), traffic_unit="million_tokens")
    assert own["of_price_fraction"] == pytest.approx(own["unit_usd"] / 0.5)
    rows.append(rows[0] | {"item": "all", "median_usd": 2.0, "price_basis": "landed"})
    assert only(units(cost, factory.filled(price.TABLE, rows)), traffic_unit="million_tokens")["price_usd"] == 2.0


# Corridors.


def costs(**changes: object) -> pl.DataFrame:
    kind = {"constellation": "starlink", "generation": "starlink-v2mini", "planned": False, "operational_count": 100,
            "levelised_satellite_low_usd": 20e3, "levelised_satellite_usd": 45e3, "levelised_satellite_high_usd": 90e3}  # fmt: skip
    every = kind | {"generation": "all", "life_years": 5.0}
    return factory.filled(economics.TABLE, [kind | changes, every], DAY)


def trunks(pairs: list[dict[str, object]], of: pl.DataFrame | None = None) -> pl.DataFrame:
    from pipeline.metrics import corridor

    rows = factory.filled(
        corridor.TABLE, [{"constellation": "starlink", "corridor_kind": "ai"} | pair for pair in pairs], DAY
    )
    transit = pl.DataFrame({"country_iso3": ["GBR", "USA", "JPN"], "transit_low_usd_per_gbps_month": [30.0, 30.0, 150.0],
                            "transit_usd_per_gbps_month": [60.0, 60.0, 350.0], "transit_high_usd_per_gbps_month": [100.0, 100.0, 600.0]})  # fmt: skip
    passing = {"starlink": trunk_cost.passing_gbps(GENERATION, STARLINK)}
    media = trunk_cost.ends(assets.reference("corridor_media"))
    return trunk_cost.compute(
        rows, media, costs() if of is None else of, transit, passing, {"starlink": STARLINK}, FIGURES, 0.07, DAY
    )


TOKYO = {"from_id": "london", "to_id": "tokyo", "geodesic_km": 9_560.0, "hop_median_count": 6.0}


def test_a_satellite_passes_on_half_of_what_its_links_carry() -> None:
    found = trunk_cost.passing_gbps(GENERATION, STARLINK)
    assert found["starlink-v2mini"] == Figure(2 * 40 / 2, 3 * 100 / 2, 3 * 200 / 2)
    assert "starlink-v1.0" not in found


def test_a_corridor_by_hand() -> None:
    own = only(trunks([TOKYO]), from_id="london")
    landing = 1_250_000 * (float(levelised.recovery(0.07, 10)) + 0.1) / 12 / (15 * 25)
    assert own["landings_usd_per_gbps_month"] == pytest.approx(2 * landing)
    assert own["mesh_usd_per_gbps_month"] == pytest.approx(2 * landing + 6 * 45e3 / 150)
    fibre = 9_560 * 1.3 * 27_000 * (float(levelised.recovery(0.07, 25)) + 0.04) / 12 / 45_000
    assert own["fibre_usd_per_gbps_month"] == pytest.approx(fibre)
    assert own["transit_usd_per_gbps_month"] == 350.0
    assert own["cheapest"] == "fibre"
    assert own["of_terrestrial_factor"] == pytest.approx(own["mesh_usd_per_gbps_month"] / fibre)
    assert (own["fibre_life_years"], own["satellite_life_years"]) == (25, 5)
    assert own["of_terrestrial_low_factor"] < own["of_terrestrial_factor"] < own["of_terrestrial_high_factor"]


def test_what_is_not_known_of_a_corridor_is_null_and_said() -> None:
    frame = trunks([TOKYO | {"hop_median_count": None}, TOKYO | {"from_id": "lagos", "to_id": "lima"}])
    blind = only(frame, from_id="london")
    assert blind["mesh_usd_per_gbps_month"] is None
    assert blind["of_terrestrial_factor"] is None
    assert blind["missing"] == "a way over the mesh"
    unmapped = only(frame, from_id="lagos")
    assert (unmapped["medium"], unmapped["cheapest"], unmapped["of_terrestrial_factor"]) == (None, None, None)
    unpriced = only(trunks([TOKYO], costs(levelised_satellite_usd=None)), from_id="london")
    assert unpriced["missing"] == "the cost of a satellite with lasers"


def test_every_ai_corridor_has_a_medium_and_countries() -> None:
    both = trunk_cost.ends(assets.reference("corridor_media"))
    assert both.height == assets.reference("corridors").height
    assert both.null_count().sum_horizontal().sum() == 0
    known = set(assets.reference("country_facts")["iso3"])
    assert set(both["from_country_iso3"]) | set(both["to_country_iso3"]) <= known


def test_a_missing_figure_names_its_row() -> None:
    lost = {key: value for key, value in FIGURES.items() if key != ("subsea", "lit_capacity")}
    with pytest.raises(
        trunk_cost.TrunkCostError, match=r"economics_model.csv has no row subsea, lit_capacity: add one"
    ):
        trunk_cost.fibre_usd(lost, "subsea", 1_000.0, 0.07)


# Countries.


def countries(usd: float | None) -> pl.DataFrame:
    ends = {f"sold_levelised_{end}usd_per_gbps_month": None if usd is None else usd * k for end, k in (("low_", 0.5), ("", 1.0), ("high_", 2.0))}  # fmt: skip
    of = factory.filled(economics.TABLE, [{"constellation": "starlink", "generation": "all"} | ends], DAY)
    country = pl.DataFrame({"country_iso3": ["NGA", "DEU", "IND", "TCD"]})
    prices = country_cost.transit(assets.reference("economics"))
    return country_cost.compute(of, prices, assets.reference("transit_classes"), country, DAY)


def test_a_market_is_within_three_of_transit() -> None:
    frame = countries(3_000.0)
    assert dict(frame.select("country_iso3", "within_3_of_transit").iter_rows()) == {"DEU": False, "IND": None, "NGA": True, "TCD": True}  # fmt: skip
    own = only(frame, country_iso3="NGA")
    found = [own[f"of_transit_{end}factor"] for end in ("low_", "", "high_")]
    assert found == pytest.approx([1_500 / 10_000, 1.0, 6_000 / 1_000])


def test_without_a_cost_no_market_is_within_anything() -> None:
    assert countries(None)["within_3_of_transit"].null_count() == 4


def test_every_class_has_a_price_and_every_country_one_class() -> None:
    classes = assets.reference("transit_classes")
    assert classes["country_iso3"].is_unique().all()
    assert set(classes["transit_class"]) == set(country_cost.transit(assets.reference("economics"))["transit_class"])
    listed = country_cost.unplaced(classes, pl.DataFrame({"country_iso3": ["IND", "DEU"]}))
    assert listed["reason"].to_list() == ["no price of transit is known for them (transit_classes.csv): IND"]


# Scale.

MONTH = scale.Costs((900.0, 1_000.0, 1_100.0), (90.0, 100.0, 110.0), 10.0)
CAPACITY = {"sellable_tbps": 1.0, "gateway_tbps": 1.5, "today": 4.0, "next_generation": 40.0}


def curves(costs: dict[str, scale.Costs | None]) -> pl.DataFrame:
    points = scale.cases(10.0 if costs.get("next_generation") else None)
    return scale.compute("starlink", points, lambda case: min(case.size, 1.4 * case.ground), dict(costs), CAPACITY, 400, DAY)  # fmt: skip


def test_a_larger_fleet_by_hand() -> None:
    own = only(curves({"today": MONTH}), scale_gateways="fixed", demand_factor=1.0, fleet_factor=4.0)
    assert own["in_service_tbps"] == 16.0
    assert own["sold_tbps"] == pytest.approx(1.4)
    assert own["sellable_fraction"] == pytest.approx(1.4 / 16)
    assert own["sold_levelised_usd_per_gbps_month"] == pytest.approx(400 * (4 * 1_000 + 100) / 1_400)
    assert own["marginal_fraction"] == 0
    grown = only(curves({"today": MONTH}), scale_gateways="growing", demand_factor=1.0, fleet_factor=4.0)
    assert grown["sold_levelised_usd_per_gbps_month"] == pytest.approx(400 * 4 * 1_100 / 4_000)


def test_the_curve_turns_where_gateways_bind() -> None:
    frame = curves({"today": MONTH}).filter(pl.col("demand_factor") == 1.0)
    turns = frame.filter(pl.col("least_cost")).select("scale_gateways", "fleet_factor")
    assert dict(turns.iter_rows()) == {"fixed": 1.0, "growing": 4.0}


def test_no_more_is_sold_than_gateways_carry() -> None:
    frame = scale.compute(
        "starlink", scale.cases(None), lambda case: 9 * case.size, {"today": MONTH}, CAPACITY, 400, DAY
    )
    assert (frame["sold_tbps"] <= frame["gateway_tbps"]).all()
    assert (frame["sold_tbps"] <= frame["in_service_tbps"]).all()


def test_the_next_generation_is_a_curve_of_its_own() -> None:
    frame = curves({"today": MONTH, "next_generation": scale.Costs((1.0, 2.0, 3.0), (0.1, 0.2, 0.3), 100.0)})
    rows = frame.filter(pl.col("scale_fleet") == "next_generation")
    assert rows["fleet_factor"].max() == 1.0
    grown = only(rows, scale_gateways="growing", demand_factor=1.0, fleet_factor=1.0)
    assert grown["gateway_tbps"] == pytest.approx(15.0)


def test_without_costs_there_is_a_curve_without_prices() -> None:
    frame = curves({"today": None})
    assert frame["sold_levelised_usd_per_gbps_month"].null_count() == frame["least_cost"].null_count() == frame.height
