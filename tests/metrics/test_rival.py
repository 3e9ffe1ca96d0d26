"""Rivals side by side: medians and shares by hand, fibre to the nearest region, launches, and what is null."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.geometry.frames import great_circle_km
from pipeline.io import assets, registry
from pipeline.metrics import fibre, latency, operator, rival
from pipeline.sources import operator_filings
from tests import factory

DAY = date(2026, 8, 17)
MODEL = rival.Model.of(assets.reference("rival_model"), latency.Model.of(assets.reference("latency_model")))
KPIS = operator.compute(assets.reference("operator_kpi"), operator_filings.TABLE.empty(), DAY)[0]
# Three cells: London, Nairobi, and the middle of the Pacific without people; people and AI demand [Gbps].
CELLS = [(1, 51.5, 0.0, 3e6, 6.0), (2, -1.3, 36.8, 1e6, 1.0), (3, 0.0, -150.0, 0.0, 0.0)]


def filled(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return factory.filled(registry.table(name), rows, DAY)


def site(
    name: str, kind: str, who: str, latitude: float, longitude: float, status: str = "operational"
) -> dict[str, Any]:
    where = {"latitude_deg": latitude, "longitude_deg": longitude, "status": status}
    return {"site_id": name, "kind": kind, "operator": who, **where}


def made(**changes: Any) -> rival.Day:
    cells = [{"cell_id": i, "latitude_deg": a, "longitude_deg": o, "population_count": p} for i, a, o, p, _ in CELLS]
    demand = [{"cell_id": i, "workload": w, "down_gbps": d * part, "up_gbps": d * part} for i, *_, d in CELLS for w, part in (("text", 0.3), ("voice", 0.2)) if d]  # fmt: skip
    ways = [
        {
            "constellation": "starlink",
            "cell_id": i,
            "rtt_cloud_p50_ms": ms,
            "rtt_gpu_p50_ms": ms + 5,
            "reachable_fraction": part,
        }
        for i, ms, part in ((1, 30.0, 1.0), (2, 60.0, 0.5), (3, 90.0, 1.0))
    ]
    ways += [{"constellation": "oneweb", "cell_id": i} for i, *_ in CELLS]
    seen = [
        {"constellation": "starlink", "cell_id": i, "covered_fraction": part}
        for i, part in ((1, 1.0), (2, 0.6), (3, 0.0))
    ]
    of = rival.Day(
        filled("dim.cell", cells),
        filled("dim.country", [{"country_iso3": "GBR", "population_count": 3e6, "internet_users_fraction": 0.9}, {"country_iso3": "KEN", "population_count": 1e6, "internet_users_fraction": 0.3}, {"country_iso3": "PRK", "population_count": 9e6}]),
        filled("dim.site", [site("aws-a", "cloud_region", "Amazon Web Services", 53.3, -6.3), site("aws-b", "cloud_region", "Amazon Web Services", -33.9, 18.4), site("aws-c", "cloud_region", "Amazon Web Services", -1.3, 36.8, "planned"), site("gpu", "compute_site", "X", 51.5, 0.0)]),
        filled("core.coverage_daily", seen),
        filled("core.latency_daily", ways),
        filled("core.demand_daily", demand),
        filled("core.fleet_capacity_daily", [{"constellation": "starlink", "satellite_count": 1000, "installed_down_tbps": 90.0, "sellable_down_tbps": 9.0}, {"constellation": "oneweb", "satellite_count": 40, "installed_down_tbps": 3.0}]),
        filled("core.satellite_daily", []),
        filled("core.fibre_error_daily", []),
        KPIS,
    )  # fmt: skip
    return replace(of, **changes)


def row_of(name: str, of: rival.Day | None = None) -> dict[str, Any]:
    return rival.compute(of or made(), MODEL, DAY).row(by_predicate=pl.col("rival") == name, named=True)


def test_there_are_five_constellations_and_three_backbones() -> None:
    frame = rival.compute(made(), MODEL, DAY)
    assert sorted(frame.select("rival", "rival_kind").rows()) == sorted(
        [(name, "constellation") for name in ("starlink", "amazon_leo", "oneweb", "qianfan", "guowang")]
        + [(name, "backbone") for name in ("aws", "google_cloud", "azure")]
    )


def test_shares_are_of_people_and_of_ai_demand() -> None:
    row = row_of("starlink")
    assert row["covered_fraction"] == pytest.approx((3 + 0.6) / 4)
    assert row["reached_people_fraction"] == pytest.approx((3 + 0.5) / 4)
    assert (row["people_within_50_ms_fraction"], row["people_within_100_ms_fraction"]) == pytest.approx((0.75, 1.0))
    assert row["ai_within_50_ms_fraction"] == pytest.approx(6 / 7)
    assert (row["rtt_median_ms"], row["rtt_gpu_median_ms"]) == (30, 35)
    assert (row["rtt_same_fibre_median_ms"], row["people_same_fibre_within_50_ms_fraction"]) == (30, 0.75)
    access = MODEL.access_ms
    assert row["rtt_median_low_ms"] == pytest.approx(30 - access.base + access.low)
    assert row["rtt_median_high_ms"] == pytest.approx(30 - access.base + access.high)


def test_without_gateways_the_way_is_null_and_said() -> None:
    row = row_of("oneweb")
    for name in (
        "rtt_median_ms",
        "people_within_100_ms_fraction",
        "ai_within_50_ms_fraction",
        "reached_people_fraction",
    ):
        assert row[name] is None
    assert row["missing"] == "gateways or PoPs, and so the way, capacity, markets"


def test_fibre_leads_to_the_clouds_own_nearest_region_that_works() -> None:
    row = row_of("aws")
    london, nairobi = (
        float(great_circle_km(*(np.array([v]) for v in ends))[0])
        for ends in ((51.5, 0.0, 53.3, -6.3), (-1.3, 36.8, -33.9, 18.4))
    )
    ms = [float(fibre.fibre_ms(np.array([km]))[0]) * 1.3 + 15 for km in (london, nairobi)]
    assert row["rtt_median_ms"] == pytest.approx(ms[0])
    assert ms[0] < 50 < ms[1] < 100
    assert (row["people_within_50_ms_fraction"], row["people_within_100_ms_fraction"]) == (0.75, 1.0)
    assert row["rtt_median_low_ms"] == pytest.approx((ms[0] - 15) / 1.3 * 1.15 + 5)
    assert row["rtt_median_high_ms"] == pytest.approx((ms[0] - 15) / 1.3 * 2.1 + 30)
    assert row["rtt_gpu_median_ms"] == pytest.approx(15)
    assert (row["region_count"], row["satellite_count"], row["sellable_down_tbps"]) == (2, None, None)
    assert row["reached_people_fraction"] == pytest.approx((3 * 0.9 + 0.3) / 4)
    assert row["fibre_basis"].startswith("fixed stretch of 1.3")


def test_a_cloud_without_a_known_region_is_null() -> None:
    row = row_of("azure")
    assert (row["region_count"], row["rtt_median_ms"], row["people_within_50_ms_fraction"]) == (0, None, None)
    assert row["missing"] == "cloud regions, capacity"


def test_a_measured_stretch_stands_before_the_fixed_one() -> None:
    fits = [
        {"source": "rtt_ibm", "region_pair": "world", "stretch_factor": 9.0, "overhead_ms": 9.0},
        {"source": "rtt_wondernetwork", "region_pair": "world", "stretch_factor": 2.0, "stretch_low_factor": 0.5, "stretch_high_factor": 3.0, "overhead_ms": 4.0},
        {"source": "rtt_wondernetwork", "region_pair": "within_europe", "stretch_factor": 1.6, "overhead_ms": 4.0},
    ]  # fmt: skip
    row = row_of("aws", made(fibre=filled("core.fibre_error_daily", fits)))
    km = great_circle_km(*(np.array([v]) for v in (51.5, 0.0, 53.3, -6.3)))
    bare = float(fibre.fibre_ms(km)[0])
    assert row["rtt_median_ms"] == pytest.approx(bare * 1.6 + 4 + 15)
    assert row["rtt_median_low_ms"] == pytest.approx(bare * 1.6 + 4 + 5)  # no quartile of Europe's own: its stretch
    assert "rtt_wondernetwork" in row["fibre_basis"]
    assert row["rtt_same_fibre_median_ms"] == pytest.approx(bare * 1.3 + 15)
    assert row["people_same_fibre_within_50_ms_fraction"] == pytest.approx(0.75)
    world = row_of("aws", made(fibre=filled("core.fibre_error_daily", fits[1:2])))
    assert world["rtt_median_low_ms"] == pytest.approx(bare * 1.0 + 4 + 5)  # never faster than glass
    assert world["rtt_median_high_ms"] == pytest.approx(bare * 3.0 + 4 + 30)


def test_a_quartile_on_the_wrong_side_of_the_fit_does_not_turn_the_bounds_round() -> None:
    fit = {
        "source": "rtt_ibm",
        "region_pair": "world",
        "stretch_factor": 1.5,
        "stretch_low_factor": 1.8,
        "stretch_high_factor": 1.2,
        "overhead_ms": 4.0,
    }
    row = row_of("aws", made(fibre=filled("core.fibre_error_daily", [fit])))
    ms = [row[f"rtt_median{bound}_ms"] for bound in ("_low", "", "_high")]
    assert ms == sorted(ms)


def test_ratios_are_starlinks_over_the_rivals() -> None:
    row = row_of("oneweb")
    assert (row["starlink_satellite_factor"], row["starlink_installed_factor"]) == (25, 30)
    assert row["starlink_sellable_factor"] is None
    assert row_of("starlink")["starlink_market_factor"] == 1
    assert row_of("starlink")["market_count"] == 164


def satellites(*rows: tuple[str, str, date | None]) -> pl.DataFrame:
    named = [
        {"norad_cat_id": k, "constellation": who, "launch": launch, "launch_day": day, "identity": f"{k}"}
        for k, (who, launch, day) in enumerate(rows, 1)
    ]
    return filled("core.satellite_daily", named)


def test_launches_of_ninety_days_with_and_without_a_known_day() -> None:
    old, edge, new = DAY - timedelta(91), DAY - timedelta(90), DAY - timedelta(89)
    everybody = satellites(
        ("starlink", "2026-100", old), ("starlink", "2026-101", edge), ("starlink", "2026-103", new), ("starlink", "2026-103", new),
        ("guowang", "2026-099", None), ("guowang", "2026-102", None), ("guowang", "2026-102", None), ("guowang", "2026-110", None),
    )  # fmt: skip

    def counts(who: str) -> tuple[Any, ...]:
        return tuple(rival.launches(everybody.filter(pl.col("constellation") == who), everybody, DAY).values())

    assert counts("starlink") == (1, 2)
    assert counts("guowang") == (2, 3)
    assert counts("oneweb") == (0, 0)


def test_launches_are_null_where_no_day_is_known() -> None:
    everybody = satellites(("guowang", "2026-102", None))
    assert set(rival.launches(everybody, everybody, DAY).values()) == {None}


def test_a_weighted_median() -> None:
    values = np.array([5.0, 1.0, 3.0, np.nan])
    assert rival.weighted_median(values, np.array([1.0, 1.0, 1.0, 9.0])) == 3
    assert rival.weighted_median(values, np.array([5.0, 1.0, 1.0, 9.0])) == 5
    assert rival.weighted_median(values, np.zeros(4)) is None


def test_the_order_of_rows_does_not_matter() -> None:
    of = made()
    turned = replace(of, **{name: frame[::-1] for name, frame in vars(of).items()})
    assert rival.compute(turned, MODEL, DAY).equals(rival.compute(of, MODEL, DAY))


def test_a_model_without_a_parameter_says_which() -> None:
    ways = latency.Model.of(assets.reference("latency_model"))
    with pytest.raises(ValueError, match=r"rival_model\.csv lacks the parameter 'fibre_stretch'"):
        rival.Model.of(assets.reference("rival_model").head(1), ways)
