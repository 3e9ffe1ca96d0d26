"""Workloads over cells, ground and pairs that can be counted by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import workload
from pipeline.metrics.workload import Ground, Model, Pairs, Users

DAY = date(2026, 8, 17)
REFERENCE, ROWS = assets.reference("ai_workloads"), assets.reference("workload_model")
MODEL = Model.of(ROWS)
CHAT, VOICE, WEIGHTS = "chat token stream (text)", "voice agent, full duplex", "model weights pull, 8B fp16"
# Three cells: 3,500 people within reach of 1 Gbps, 7,000 far from compute, 3,500 with gaps.
USERS = Users(
    people=np.array([3_500.0, 7_000, 3_500]),
    ai_demand=np.array([3.0, 1, 0]),
    rtt_p50_ms=np.array([45.0, 140, 45]),
    rtt_p95_ms=np.array([60.0, 160, 60]),
    continuity=np.array([1.0, 1.0, 0.98]),
    supply=np.array([[1.0, 0.01, 1.0], [0.1, 0.1, 0.1]]),
    terminal=np.array([[200.0] * 3, [30.0] * 3]),
)
GROUND = Ground(
    people=np.array([100.0, 300]),
    ai_demand=np.array([1.0, 1]),
    lined=np.array([0.5, 0.0]),
    users=np.array([0.8, np.nan]),
    line_mbps=np.array([100.0, np.nan]),
    compute_km=np.array([1_000.0, 1_000]),
)
PAIRS = Pairs(np.array([40.0, 120, 600]), np.array([1.0, 1, 0.5]), np.array([30.0, 90, 500]), (40.0, 100.0, 200.0))
NONE = Pairs(np.full(3, np.nan), np.full(3, np.nan), PAIRS.fibre_ms, None)


def rows(users: Users = USERS, ground: Ground = GROUND, pairs: Pairs = PAIRS, model: Model = MODEL) -> dict[str, dict[str, object]]:  # fmt: skip
    found = workload.compute(REFERENCE, model, {"starlink": users}, ground, {"starlink": pairs}, 0.0098, 3.5, DAY)
    return {row["workload"]: row for row in found.iter_rows(named=True)}


def test_every_workload_with_a_limit_has_a_row_and_computing_in_orbit_has_none() -> None:
    found = rows()
    assert CHAT in found
    assert "voice agent, production median today" not in found
    assert not [name for name in found if name.startswith("in-orbit")]
    assert len(found) == len(set(REFERENCE.filter(pl.col("class") != "orbital compute")["workload"])) - 1


def test_the_people_for_whom_voice_suffices_by_hand() -> None:
    found = rows()[VOICE]  # 150 ms, 0.1 Mbps both ways, 0.999 of the day
    assert found["latency_people_fraction"] == pytest.approx(0.5)
    assert found["continuity_people_fraction"] == pytest.approx(0.75)
    assert found["single_people_fraction"] == pytest.approx(0.25)
    assert found["single_ai_demand_fraction"] == pytest.approx(0.75)
    # 200 lines are active of 1,000 in the first: 20 Mbps of 1,000 down, of 100 up; 400 in the second: 40 of 10 down
    assert found["rate_people_fraction"] == pytest.approx((3_500 + 7_000 * 0.25 + 3_500) / 14_000)
    assert found["all_people_fraction"] == pytest.approx(0.25)
    assert found["target_people_fraction"] == pytest.approx(0.25)
    assert found["workload_limit"] == "latency"


def test_all_at_once_share_what_the_cell_can_get() -> None:
    found = rows(replace(USERS, supply=np.full((2, 3), 0.005)))[CHAT]  # 5 Mbps for 200 and 400 lines of 0.25 Mbps
    assert found["all_people_fraction"] == pytest.approx((3_500 * 5 / 50 + 7_000 * 5 / 100 + 0) / 14_000)
    assert found["single_people_fraction"] == pytest.approx(10_500 / 14_000)
    # a tenth of the lines, or three tenths
    assert found["all_people_high_fraction"] == pytest.approx(found["all_people_fraction"] * 2)  # type: ignore[operator]
    assert found["all_people_low_fraction"] == pytest.approx(found["all_people_fraction"] * 2 / 3)  # type: ignore[operator]
    assert found["workload_limit"] == "rate"


def test_fractions_never_rise_with_the_rate_or_fall_with_the_delay() -> None:
    ask = REFERENCE.filter(pl.col("workload") == CHAT)
    last = 1.1
    for mbps in (0.1, 1, 5, 50, 150, 500):
        table = workload.compute(ask.with_columns(pl.lit(float(mbps)).alias("min_down_mbps")), MODEL, {"starlink": USERS}, GROUND, {"starlink": PAIRS}, 0.0098, 3.5, DAY)  # fmt: skip
        assert table["all_people_fraction"].item() <= last
        last = table["all_people_fraction"].item()
    assert last == 0
    last = -0.1
    for ms in (30, 60, 100, 160, 500):
        table = workload.compute(ask.with_columns(pl.lit(float(ms)).alias("max_rtt_ms_limit")), MODEL, {"starlink": USERS}, GROUND, {"starlink": PAIRS}, 0.0098, 3.5, DAY)  # fmt: skip
        assert table["all_people_fraction"].item() >= last
        last = table["all_people_fraction"].item()
    assert last > 0


def test_what_is_not_known_is_null_and_said() -> None:
    found = rows(replace(USERS, rtt_p95_ms=np.full(3, np.nan), rtt_p50_ms=np.full(3, np.nan)))[VOICE]
    assert (found["all_people_fraction"], found["single_people_fraction"]) == (None, None)
    assert found["missing"] == "PoPs by place"
    assert found["terrestrial_people_fraction"] is not None
    found = rows(replace(USERS, terminal=np.array([[200.0] * 3, [np.nan] * 3])))
    assert found[VOICE]["missing"] == "the rate of a terminal"
    assert found[VOICE]["latency_people_fraction"] is not None
    found = rows(replace(USERS, supply=np.array([[1.0] * 3, [np.nan] * 3])))
    assert found[CHAT]["missing"] == "what its satellites take up"


def test_a_cell_that_no_path_ever_reaches_fails_and_is_not_unknown() -> None:
    found = rows(replace(USERS, rtt_p95_ms=np.array([60.0, np.inf, 60])))[CHAT]
    assert found["latency_people_fraction"] == pytest.approx(0.5)


def test_terrestrial_networks_by_hand() -> None:
    found = rows()[CHAT]  # 0.25 Mbps: nearly every line; 1,000 km are 20.6 ms and 10
    assert found["terrestrial_people_fraction"] == pytest.approx(0.8, abs=1e-5)
    found = rows()[
        "model weights pull, 8B fp16"
    ]  # 100 Mbps: half of the lines, of mobile users those with 3.3 times the median
    from scipy.special import ndtr

    assert found["terrestrial_people_fraction"] == pytest.approx(0.5 * 0.5 + 0.3 * ndtr(np.log(0.3)))
    low, high = found["terrestrial_people_low_fraction"], found["terrestrial_people_high_fraction"]
    assert low < found["terrestrial_people_fraction"] < high  # type: ignore[operator]


def test_compute_beyond_reach_leaves_nobody_on_the_ground() -> None:
    found = rows(ground=replace(GROUND, compute_km=np.array([9_000.0, 9_000])))
    assert found[VOICE]["terrestrial_people_fraction"] == 0  # 195 ms of 150
    assert found[CHAT]["terrestrial_people_fraction"] == pytest.approx(0.8, abs=1e-5)


def test_pairs_of_sites_by_hand() -> None:
    found = rows()
    sync = found["synchronous data-parallel training, 70B"]  # 10 ms, 400 Gbps
    assert (sync["pair_fraction"], sync["pair_high_fraction"], sync["terrestrial_pair_fraction"]) == (0, 0, 0)
    eight = found[
        "data-parallel across 8 sites (reference)"
    ]  # 198 Gbps: a laser at its best alone; half a day is not enough
    assert eight["pair_fraction"] == 0
    assert eight["pair_high_fraction"] == pytest.approx(2 / 3)
    diloco = found["Decoupled DiLoCo, 8 sites"]
    assert diloco["pair_fraction"] == diloco["pair_low_fraction"] == pytest.approx(2 / 3)
    assert diloco["terrestrial_pair_fraction"] == 1
    assert (diloco["all_people_fraction"], diloco["pair_count"]) == (None, 3)


def test_without_lasers_nothing_goes_between_sites_and_without_gateways_nothing_is_known() -> None:
    assert rows(pairs=NONE)["DiLoCo (original)"]["pair_fraction"] == 0
    unknown = rows(pairs=replace(NONE, rate_gbps=(40.0, 100, 200)))["DiLoCo (original)"]
    assert unknown["pair_fraction"] is None
    assert unknown["missing"] == "ways between gateways"


def test_where_nobody_knows_of_lasers_what_goes_between_sites_is_not_known_either() -> None:
    unknown = rows(pairs=replace(NONE, lasers_known=False))["DiLoCo (original)"]
    assert (unknown["pair_fraction"], unknown["pair_low_fraction"], unknown["pair_high_fraction"]) == (None, None, None)
    assert unknown["terrestrial_pair_fraction"] == 1
    assert unknown["missing"] == "whether there are lasers"


def test_the_median_terminal_is_that_of_people_and_not_of_cells() -> None:
    rates = np.array([[50.0, 200, 50], [30.0] * 3])
    users = replace(USERS, people=np.array([10.0, 1_000, 10]), terminal=rates)
    assert rows(users)[WEIGHTS]["transfer_terminal_h"] == pytest.approx(16 * 8 / 0.2 / 3_600)
    unknown = replace(users, terminal=np.array([[50.0, np.nan, 60], [30.0] * 3]))
    assert rows(unknown)[WEIGHTS]["transfer_terminal_h"] == pytest.approx(16 * 8 / 0.05 / 3_600)


def test_how_long_a_transfer_takes() -> None:
    found = rows()[WEIGHTS]  # 16 GB
    assert found["transfer_mesh_h"] == pytest.approx(16 * 8 / 100 / 3_600)
    assert found["transfer_terminal_h"] == pytest.approx(
        11 / 60, rel=0.04
    )  # the 11 minutes at 200 Mbps of ai_workloads.csv
    assert found["transfer_fibre_h"] == pytest.approx(16 * 8 / 400 / 3_600)
    big = rows()["dataset replication"]
    assert big["transfer_mesh_h"] == pytest.approx(9.26 * 24 / 100, rel=0.01)  # 9.3 days at 1 Gbps
    assert rows()[CHAT]["transfer_mesh_h"] is None


@pytest.mark.parametrize(
    ("workload_name", "down_mbps", "up_mbps", "hours"),
    [
        ("model weights pull, 8B fp16", 200, 30, 11 / 60),
        ("model weights pull, 70B fp8", 200, 30, 47 / 60),
        ("model weights pull, ~700B fp8", 200, 30, 7.8),
        ("model weights pull, ~700B fp8", 1_000, 30, 93 / 60),
        ("training checkpoint, 70B mixed precision Adam", 200, 1_000, 2.3),
        ("RAG / embeddings ingest", 200, 30, 7.4),  # what is taken in goes up
        ("dataset replication", 1_000, 30, 9.3 * 24),
    ],
)
def test_the_times_that_ai_workloads_csv_derives(workload_name: str, down_mbps: float, up_mbps: float, hours: float) -> None:  # fmt: skip
    (told,) = REFERENCE.filter(pl.col("workload") == workload_name)["derivation_or_value"]
    unit = {"h": 1.0, "min": 1 / 60, "days": 24.0}
    assert any(abs(float(n) * unit[u] / hours - 1) < 1e-9 for n, u in re.findall(r"([0-9.]+) (h|min|days)", told))
    terminal = np.array([[float(down_mbps)] * 3, [float(up_mbps)] * 3])
    assert rows(replace(USERS, terminal=terminal))[workload_name]["transfer_terminal_h"] == pytest.approx(hours, rel=0.04)  # fmt: skip


def test_permuted_cells_give_the_same() -> None:
    turned = [2, 0, 1]
    other = Users(*(value[..., turned] for value in (USERS.people, USERS.ai_demand, USERS.rtt_p50_ms, USERS.rtt_p95_ms, USERS.continuity, USERS.supply, USERS.terminal)))  # fmt: skip
    assert rows(other)[VOICE] == pytest.approx(rows()[VOICE])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (pl.when(pl.col("parameter") == "mobile_down").then(-1.0).otherwise("low").alias("low"), "row all, mobile_down: twice, or not 0 < low"),
        (pl.when(pl.col("parameter") == "mobile_down").then(pl.lit(None)).otherwise("value").alias("value"), "row all, mobile_down"),
        (pl.when(pl.col("parameter") == "mobile_down").then(pl.lit("fibre_rate")).otherwise("parameter").alias("parameter"), "row all, fibre_rate: twice"),
        (pl.when(pl.col("scope") == "control").then(pl.lit("bulky")).otherwise("scope").alias("scope"), "no row control, continuity: add one"),
    ],
)  # fmt: skip
def test_a_model_that_lacks_a_figure_is_refused_by_row(change: pl.Expr, told: str) -> None:
    with pytest.raises(workload.WorkloadError, match=told):
        rows(model=Model.of(ROWS.with_columns(change)))


def test_a_limit_below_nothing_is_refused_by_name() -> None:
    broken = REFERENCE.with_columns(pl.when(pl.col("workload") == CHAT).then(-1.0).otherwise("min_up_mbps").alias("min_up_mbps"))  # fmt: skip
    with pytest.raises(workload.WorkloadError, match="row chat token stream"):
        workload.workloads(broken)
