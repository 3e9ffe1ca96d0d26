"""The benchmark: it runs, compares like with like, and says what it ran on."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pipeline.geometry import lattice
from pipeline.io import bench
from pipeline.sources import celestrak_active, sample


def test_the_bench_states_machine_peer_and_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr(bench, "ORDERS", (4,))
    text = bench.run(lambda words: None)
    assert "cores" in text
    assert "numpy" in text
    assert re.search(r"positions, 60 instants +[\d.]+ +[\d.]+ +\d+x", text)
    found = re.search(r"3,072 +[\d.]+ +[\d.]+ +\d+x .* ([+-][\d.]+)%", text)
    assert found, text
    # The peer counts the same sky on a sphere: more than a percent apart, and one of the two is wrong.
    assert abs(float(found[1])) < 1.0


def test_a_peer_does_the_same_work() -> None:
    """The peers of the fleet's benchmarks come to our own results."""
    rows = 500
    text = "\r\n".join(sample.catalog().decode().splitlines()[: rows + 1]) + "\r\n"
    assert len(bench._sgp4_omm(text)) == celestrak_active.parse(text.encode()).frame.height == rows
    plane, latitude_deg = np.repeat(np.arange(6), 10), np.tile(np.arange(10) * 36.0, 6) + np.repeat(np.arange(6), 10)
    found = lattice.slots(latitude_deg, plane)
    coherence = bench._pairs(latitude_deg, plane)
    assert found.count == 10
    assert coherence[found.count - 1] == pytest.approx(1.0)
