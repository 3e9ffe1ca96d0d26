"""From how far away on satellites beat fibre."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import corridor
from pipeline.metrics.latency import Model

DAY = date(2026, 8, 17)
MODEL = Model.of(assets.reference("latency_model"))


def parted(km: list[float], faster: list[int]) -> tuple[float | None, float | None]:
    return corridor.crossover_km(np.array(km), np.array(faster, bool))


@pytest.mark.parametrize(
    ("km", "faster", "expected"),
    [
        ([3, 1, 2, 4], [1, 0, 0, 1], (3, 1.0)),
        ([1, 2, 3, 4], [1, 1, 1, 1], (1, 1.0)),
        ([1, 2, 3, 4], [0, 0, 0, 0], (None, 1.0)),
        ([1, 2, 3, 4], [1, 0, 0, 0], (None, 0.75)),  # one near pair does not make the far ones faster
        ([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 1, 1], (2, 5 / 6)),  # of two as good the nearer
        ([1, 2, 2, 2, 3], [0, 1, 1, 0, 1], (2, 0.8)),  # pairs of one distance stay together
        ([], [], (None, None)),
    ],
)
def test_the_crossover_parts_faster_pairs_from_slower_ones(
    km: list[float], faster: list[int], expected: tuple[float | None, float | None]
) -> None:
    assert parted(km, faster) == expected


def test_the_crossover_is_the_best_of_all_distances() -> None:
    rng = np.random.default_rng(0)
    km = rng.uniform(0, 20_000, 500)
    faster = rng.uniform(0, 20_000, 500) < km
    found, right = corridor.crossover_km(km, faster)
    assert found is not None
    best = max(((km >= at) == faster).mean() for at in [*km, 20_001.0])
    assert ((km >= found) == faster).mean() == right == best


def test_the_derived_distances_are_those_of_the_methodology() -> None:
    assert corridor.derived_km(14.0, MODEL) == pytest.approx(5_200, abs=20)
    assert corridor.derived_km(0.0, MODEL) == pytest.approx(2_050, abs=10)
    assert corridor.derived_km(500.0, MODEL) == 20_100


def test_a_mesh_on_a_line_crosses_where_the_line_does() -> None:
    """Round trips that grow as the derived ones do cross there, each with its overhead; a fleet that is nowhere faster has none."""
    km = np.arange(100.0, 20_000.0, 10.0)
    way = 9.109 + 0.0082759 * km
    rows = pl.DataFrame(
        {
            "constellation": "starlink",
            "geodesic_km": km,
            "rtt_p50_ms": np.where(km < 19_000, way + MODEL.trunk_ms, np.nan),
            "rtt_terminal_p50_ms": way + MODEL.access_ms,
            "rtt_propagation_p50_ms": way,
            "fibre_stretched_ms": MODEL.fibre_rtt_ms(km),
        }
    ).fill_nan(None)
    nowhere = rows.with_columns(pl.lit("amazon_leo").alias("constellation"), pl.col("^rtt.*$") * 3)
    table = corridor.crossover(pl.concat([rows, nowhere]), MODEL, DAY)
    ours = table.filter(pl.col("constellation") == "starlink")
    off = (ours["crossover_km"] - ours["derived_km"]).to_numpy()
    assert ((off >= 0) & (off <= 10)).all()
    assert ours["access"].to_list() == ["gateway", "propagation", "terminal"]
    assert ours["pair_count"].to_list() == [1_890, 1_990, 1_990]
    assert table.filter(pl.col("constellation") == "amazon_leo")["crossover_km"].to_list() == [None] * 3


def test_no_corridors_have_no_crossover() -> None:
    assert corridor.crossover(corridor.TABLE.empty(), MODEL, DAY).rows() == []
