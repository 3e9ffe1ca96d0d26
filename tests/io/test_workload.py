"""Workloads of small staged days: what is gathered of cells, countries, terminals and pairs of sites."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.io import answers, landing, sourced, workload
from pipeline.io.home import Home, read_parquet, write_parquet
from pipeline.io.registry import table
from pipeline.io.settings import Settings
from pipeline.metrics import workload as metric
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import starlink_metrics
from tests import factory

DAY = factory.DAY
CHAT, VOICE, WEIGHTS, SYNC = "chat token stream (text)", "voice agent, full duplex", "model weights pull, 8B fp16", "synchronous data-parallel training, 70B"  # fmt: skip
SITES = [  # site_id, kind, status, latitude_deg, longitude_deg
    ("here", "compute_site", "operational", 41.0, -88.0),
    ("near", "compute_site", "operational", 41.0, -87.0),
    ("far", "compute_site", "operational", 1.3, 103.8),
    ("later", "compute_site", "planned", -23.5, -46.6),
    ("cloud", "cloud_region", "operational", 6.5, 3.4),
]
PAIRS = [("far", "here", 200.0, 0.9999), ("far", "near", 190.0, 0.98), ("here", "near", 9.0, 1.0), ("here", "later", 100.0, 1.0), ("cloud", "here", 100.0, 1.0)]  # fmt: skip


def put(to: Settings, name: str, frame: pl.DataFrame) -> None:
    write_parquet(Home(to.home).staged(table(name), DAY), frame)


def rows(to: Settings, name: str = metric.TABLE.name) -> pl.DataFrame:
    return read_parquet(Home(to.home).staged(table(name), DAY))


def change(to: Settings, name: str, *columns: pl.Expr) -> None:
    put(to, name, rows(to, name).with_columns(*columns))


def staged(to: Settings) -> Settings:
    """A staged day with three compute sites at work, ways between them of Starlink alone, and one of a gateway's antennas wide."""
    factory.stage(to, order=to.order)
    names = ("site_id", "kind", "status", "latitude_deg", "longitude_deg")
    put(to, "dim.site", factory.filled(table("dim.site"), [dict(zip(names, row, strict=True)) for row in SITES]))
    ways = [
        {"constellation": "starlink", "from_id": a, "to_id": b, "corridor_kind": "pair", "rtt_p50_ms": rtt, "reachable_fraction": part, "fibre_stretched_ms": rtt / 2}
        for a, b, rtt, part in PAIRS
    ]  # fmt: skip
    put(to, "core.corridor_daily", factory.filled(table("core.corridor_daily"), ways))
    change(to, "core.fleet_capacity_daily", pl.lit(1.5).alias("gateway_tbps"))  # ten gateways of 150 Gbps
    sourced.keep(to, starlink_metrics, DAY)
    return to


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return staged(factory.settings(tmp_path))


def computed(to: Settings, constellation: str = "starlink") -> dict[str, dict[str, object]]:
    workload.workload_day(to, DAY)
    return {row["workload"]: row for row in rows(to).filter(constellation=constellation).iter_rows(named=True)}


def test_it_is_a_part_of_the_days_answers() -> None:
    assert answers.PARTS["workload"] is workload.workload_day


def test_a_day_computed_twice_and_from_permuted_tables_is_the_same(settings: Settings) -> None:
    computed(settings)
    first = rows(settings)
    assert first.height == 5 * first["workload"].n_unique()
    for name in ("dim.cell_country", "dim.cell", "dim.site", "core.latency_daily", "core.capacity_daily", "core.continuity_daily", "core.corridor_daily"):  # fmt: skip
        put(settings, name, rows(settings, name).sample(fraction=1, shuffle=True, seed=5))
    computed(settings)
    assert_frame_equal(rows(settings), first, rel_tol=1e-12)
    assert read_parquet(Home(settings.home).part(EXCLUSION_TABLE, DAY, "workload")).is_empty()


@pytest.mark.parametrize("order", [2, 3])
def test_people_are_counted_on_the_cells_of_the_staged_grid(tmp_path: Path, order: int) -> None:
    to = staged(factory.settings(tmp_path, order=order))
    change(to, "core.continuity_daily", pl.lit(1.0).alias("continuous_2_fraction"))
    nigeria = rows(to, "dim.cell_country").filter(country_iso3="NGA")
    far = pl.col("cell_id").is_in(nigeria["cell_id"].implode())
    names = ("rtt_gpu_p50_ms", "rtt_cloud_p50_ms")
    change(to, "core.latency_daily", *(pl.when(far).then(200.0).otherwise(name).alias(name) for name in names))
    found = computed(to)
    people = factory.COUNTRIES
    whole = sum(row[2] for row in people.values())
    outside = people["SJM"][2]  # no path ever leads to 78 degrees north: a round trip without end, not an unknown one
    assert found[CHAT]["latency_people_fraction"] == pytest.approx(1 - outside / whole)
    assert found[VOICE]["latency_people_fraction"] == pytest.approx(1 - (people["NGA"][2] + outside) / whole)
    use = dict(rows(to, "core.ai_country_daily").select("country_iso3", "use_fraction").iter_rows())
    assert found[VOICE]["latency_ai_demand_fraction"] == pytest.approx(1 - (use["NGA"] + use["SJM"]))


def test_a_day_with_one_satellite_at_a_time_is_no_continuity(settings: Settings) -> None:
    found = computed(settings)[CHAT]  # two satellites half of the day at the most
    assert (found["continuity_people_fraction"], found["single_people_fraction"], found["all_people_fraction"]) == (0, 0, 0)  # fmt: skip
    assert found["workload_limit"] == "continuity"


def test_without_a_known_gateway_nothing_is_said_of_people_and_ground_stays(settings: Settings) -> None:
    found = computed(settings, "amazon_leo")
    assert found[CHAT]["all_people_fraction"] is None
    assert found[CHAT]["missing"] == "PoPs by place, the rate of a terminal"  # what one sends is not announced
    assert found[CHAT]["terrestrial_people_fraction"] == computed(settings)[CHAT]["terrestrial_people_fraction"]


def test_pairs_are_those_of_compute_sites_at_work(settings: Settings) -> None:
    found = computed(settings)
    # Of far-here, far-near and here-near: 10 ms leave the last, 99 % of the day leave the first and the last, 98 % is not enough.
    assert found[SYNC]["pair_count"] == 3
    assert found[SYNC]["pair_fraction"] == 0  # 400 Gbps over one way
    assert found[SYNC]["terrestrial_pair_fraction"] == pytest.approx(1 / 3)
    assert found["DiLoCo (original)"]["pair_fraction"] == pytest.approx(2 / 3)
    assert found[WEIGHTS]["pair_fraction"] == 1  # bulk waits
    # Lasers at 200 Gbps bring no more than a gateway's antennas do.
    eight = found["data-parallel across 8 sites (reference)"]
    assert (eight["pair_fraction"], eight["pair_high_fraction"]) == (0, 0)
    assert found[WEIGHTS]["transfer_mesh_h"] == pytest.approx(16 * 8 / 100 / 3_600)


def test_fibre_between_sites_is_there_without_any_lasers_in_the_sky(settings: Settings) -> None:
    base = computed(settings)
    put(settings, "core.corridor_daily", table("core.corridor_daily").empty())
    change(settings, "dim.generation", pl.lit(0.0).alias("laser_count"))
    found = computed(settings)
    for name in (SYNC, "DiLoCo (original)"):
        assert (found[name]["pair_count"], found[name]["pair_fraction"]) == (3, 0)
        assert found[name]["terrestrial_pair_fraction"] == base[name]["terrestrial_pair_fraction"]


def test_no_lasers_is_nought_and_no_word_of_any_is_null(settings: Settings) -> None:
    count = pl.when(pl.col("generation").str.starts_with("guowang")).then(None).otherwise(0.0)
    change(settings, "dim.generation", count.alias("laser_count"))
    assert computed(settings, "oneweb")["DiLoCo (original)"]["pair_fraction"] == 0
    unknown = computed(settings, "guowang")["DiLoCo (original)"]
    assert (unknown["pair_fraction"], unknown["pair_count"], unknown["terrestrial_pair_fraction"]) == (None, 3, 1)
    assert unknown["missing"] == "whether there are lasers"


def test_terminals_have_the_rates_of_the_country_with_most_people_as_shipped_or_landed(settings: Settings) -> None:
    day = workload.Day(Home(settings.home), DAY)
    measured = dict(day.measured.select("country_iso3", "download_p50_mbps").iter_rows())
    own = dict(zip(day.cells["country_iso3"], day.terminal_mbps("starlink")[0], strict=True))
    assert own["NGA"] == measured["NGA"]
    assert "ISL" in measured or own["ISL"] == day.measured["download_p50_mbps"].median()
    rate = {f"{way}_p{part}": 40.0 for way in ("download", "upload") for part in (20, 50, 80)}
    delays = {f"latency_p{part}": 40 for part in (20, 50, 80)}
    land = json.dumps({"admin0Metrics": {"NG": rate | delays, "NGA": rate | delays}, "admin1Metrics": {"r": rate | delays}})  # fmt: skip
    landing.land_bytes(settings, starlink_metrics.SOURCE, DAY, land.encode(), url="file:made")
    sourced.keep(settings, starlink_metrics, DAY)
    assert set(workload.Day(Home(settings.home), DAY).terminal_mbps("starlink")[0]) == {40.0}
    assert computed(settings)[WEIGHTS]["transfer_terminal_h"] == pytest.approx(16 * 8 / 0.04 / 3_600)


def test_without_compute_nobody_is_near_enough_on_the_ground(settings: Settings) -> None:
    change(settings, "dim.site", pl.lit("planned").alias("status"))
    found = computed(settings)
    assert found[VOICE]["terrestrial_people_fraction"] == 0
    assert found[SYNC]["pair_count"] == 0
    assert found[SYNC]["terrestrial_pair_fraction"] is None


def test_a_country_of_which_the_internet_is_not_known_is_left_out_of_the_ground(settings: Settings) -> None:
    base = computed(settings)[CHAT]["terrestrial_people_fraction"]
    unknown = pl.when(pl.col("country_iso3") == "NGA").then(None).otherwise("internet_users_fraction")
    change(settings, "dim.country", unknown.alias("internet_users_fraction"))
    assert computed(settings)[CHAT]["terrestrial_people_fraction"] == pytest.approx(base, rel=1e-3)


def test_a_day_of_another_date_is_its_own(settings: Settings) -> None:
    with pytest.raises(Exception, match="skytrunk compute"):
        workload.workload_day(settings, date(2026, 6, 1))
