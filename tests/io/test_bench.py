"""The benchmark: it runs, compares like with like, and says what it ran on."""

from __future__ import annotations

import re

import pytest

from pipeline.io import bench


def test_the_bench_states_machine_peer_and_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr(bench, "ORDERS", (4,))
    text = bench.run(lambda words: None)
    assert "cores" in text
    assert "numpy" in text
    found = re.search(r"3,072 +[\d.]+ +[\d.]+ +\d+x .* ([+-][\d.]+)%", text)
    assert found, text
    # The peer counts the same sky on a sphere: more than a percent apart, and one of the two is wrong.
    assert abs(float(found[1])) < 1.0
