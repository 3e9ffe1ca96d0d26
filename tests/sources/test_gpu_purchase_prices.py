"""Purchase prices: a series by GPU, and readings of something else left out."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.source import SourceError
from pipeline.sources.gpu_purchase_prices import parse

HEADER = "gpu_name,timestamp,price_usd"


def parsed(*rows: str):
    return parse("\n".join([HEADER, *rows, ""]).encode())


def series(*prices: float, model: str = "NVIDIA L4", month: int = 3) -> list[str]:
    return [f"{model},2025-{month:02}-{day:02}T12:00:00,{price}" for day, price in enumerate(prices, 1)]


def test_a_price_is_read() -> None:
    frame = parsed("NVIDIA L40S,2025-03-05T19:04:00,8749.95").frame
    assert frame.rows() == [("NVIDIA L40S", datetime(2025, 3, 5, 19, 4), "L40S", 8749.95)]


@pytest.mark.parametrize(("price", "kept"), [(1000, True), (499, False), (501, True), (1999, True), (2001, False)])
def test_a_price_far_from_the_median_up_to_it_is_left_out(price: float, kept: bool) -> None:
    result = parsed(*series(1000, 1000, 1000, 1000, price))
    assert result.frame.height == 4 + kept
    assert result.excluded["row_number"].to_list() == ([] if kept else [6])


def test_few_prices_judge_nothing() -> None:
    assert parsed(*series(1000, 1000, 1000, 5000)).frame.height == 4


def test_prices_of_long_ago_or_of_other_models_judge_nothing() -> None:
    old = series(1000, 1000, 1000, 1000, 1000, month=1)
    other = series(1000, 1000, 1000, 1000, 1000, model="NVIDIA H100 PCIe 80 GB", month=9)
    assert parsed(*old, *other, "NVIDIA L4,2025-09-09T12:00:00,5000").excluded.is_empty()


def test_the_order_of_the_file_does_not_matter() -> None:
    rows = [*series(1000, 1000, 1000, 1000, 2500, 1000), *series(10, 11, model="NVIDIA L40")]
    assert parsed(*rows[::-1]).frame.equals(parsed(*rows).frame)
    assert "2500" in parsed(*rows[::-1]).excluded["reason"][0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("NVIDIA L4,2025-03-01T12:00:00,1", "stand before it"),
        ("NVIDIA L4,2025-03-02T12:00:00,0", "not above 0"),
        ("NVIDIA L4,2025-03-02T12:00:00,NaN", "not a finite number"),
        ("NVIDIA L4,2025-03-02T12:00:00,1e12", "at most 1000000"),
        ("NVIDIA L4,today,1000", "not a UTC instant"),
        (",2025-03-02T12:00:00,1000", "gpu_name is missing"),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(row: str, reason: str) -> None:
    result = parsed(*series(1000), row)
    assert result.frame.height == 1
    assert result.excluded["row_number"].to_list() == [3]
    assert reason in result.excluded["reason"][0]


@pytest.mark.parametrize("data", [b"", b"<html></html>", HEADER.encode(), b"gpu_name,price_usd\nL4,1\n"])
def test_bytes_that_are_no_series_are_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"^gpu_purchase_prices: .*skytrunk land gpu_purchase_prices"):
        parse(data)


@pytest.mark.realdata
def test_the_real_series_is_read_whole(shared: Path) -> None:
    packed = shared / "data" / "demand" / "gpu_purchase_price_series_to_2025-08.csv.gz"
    result = parse(gzip.decompress(packed.read_bytes()))
    assert (result.frame.height, result.excluded.height) == (2537, 1)
    assert set(result.frame["gpu_family"]) == {"RTX 4090", "RTX 5090", "A100", "H100", "L4", "L40", "L40S"}
