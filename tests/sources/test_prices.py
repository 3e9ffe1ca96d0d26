"""Price lists: GPUs, tokens and electricity, small ones made by hand."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.source import SourceError
from pipeline.sources import electricity_prices, gpu_cloud_offerings, token_prices

OFFER = {
    "id": "a",
    "provider_id": "akash",
    "gpu_model": "NVIDIA H100 SXM5",
    "is_spot": False,
    "price_usd_hour": 2.5,
    "collected_at": "2026-05-24",
}


def offers(*changes: object) -> bytes:
    return json.dumps(
        [OFFER | {"id": f"{k}"} | c if isinstance(c, dict) else c for k, c in enumerate(changes)]
    ).encode()


def test_an_offer_is_read_with_its_family_and_market() -> None:
    parsed = gpu_cloud_offerings.parse(offers({}, {"is_spot": True, "gpu_model": "B200 SXM6", "collected_at": "May"}))
    assert parsed.frame.select("gpu_family", "market", "price_usd", "collected_day").rows() == [
        ("H100", "on_demand", 2.5, date(2026, 5, 24)), ("B200", "spot", 2.5, None),
    ]  # fmt: skip
    assert parsed.excluded.is_empty()


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("NVIDIA H100 PCIe", "H100"), ("NVIDIA HGX H200", "H200"), ("NVIDIA L40S", "L40S"), ("NVIDIA L40", "L40"), ("NVIDIA L4", "L4"), ("NVIDIA A100 80GB SXM", "A100"),
        ("A800 80G", "A800"), ("NVIDIA A10", "A10"), ("GB300 SXM6", "GB300"), ("NVIDIA GH200", "GH200"), ("AMD MI300X", "MI300X"), ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("RTX 4090 (48 GB mod)", "RTX 4090"), ("NVIDIA RTX PRO 6000", "RTX PRO 6000"), ("NVIDIA RTX A4000", "RTX A4000"), ("Tesla V100 NVLink", "V100"), ("NVIDIA A6000", "A6000"),
    ],
)  # fmt: skip
def test_families_are_told_from_names(model: str, family: str) -> None:
    assert gpu_cloud_offerings.family(model) == family


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"price_usd_hour": -2}, "no price"), ({"price_usd_hour": 0}, "no price"), ({"price_usd_hour": None}, "no price"), ({"price_usd_hour": "NaN"}, "no price"),
        ({"price_usd_hour": 0.01}, "a placeholder"), ({"gpu_model": " "}, "missing"), ({"provider_id": 5}, "missing"), ({"id": "0"}, "stands before it"), ("text", "not an object"),
    ],
)  # fmt: skip
def test_an_offer_that_is_none_costs_itself(change: object, words: str) -> None:
    parsed = gpu_cloud_offerings.parse(offers({}, change))
    assert parsed.frame.height == 1
    ((line, _, reason),) = parsed.excluded.rows()
    assert line == 3
    assert words in reason


def test_a_slip_of_the_comma_is_seen_among_its_like_alone() -> None:
    prices = [2.0, 2.5, 3.0, 2.2, 0.2, 25.0, 2.4]
    parsed = gpu_cloud_offerings.parse(
        offers(*({"price_usd_hour": p} for p in prices), {"gpu_model": "B200", "price_usd_hour": 0.2})
    )
    assert sorted(parsed.excluded["row_number"]) == [6, 7]
    assert parsed.frame.height == 6  # a lone B200 has no like


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{}", "not a list"),
        (b"[]", "not a list"),
        (offers({"price_usd_hour": 0}), "1 of 1 offers"),
        (b"[1, 2", "no whole JSON"),
    ],
)
def test_another_list_of_offers_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        gpu_cloud_offerings.parse(data)


def models(*rows: object) -> bytes:
    return json.dumps({"data": list(rows)}).encode()


def model(name: str, prompt: object, completion: object, **more: object) -> dict[str, object]:
    return {"id": name, "context_length": 128_000, "pricing": {"prompt": prompt, "completion": completion}} | more


def test_token_prices_are_per_million() -> None:
    parsed = token_prices.parse(models(model("anthropic/x", "0.000003", "0.000015"), model("meta/y:free", "0", "0")))
    assert parsed.frame.select("model_id", "creator", "input_usd", "output_usd", "is_free").rows() == [
        ("anthropic/x", "anthropic", pytest.approx(3), pytest.approx(15), False), ("meta/y:free", "meta", 0, 0, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (model("openrouter/auto", "-1", "-1"), "varies"), (model("a/b", "-0.5", "1"), "no prices"), (model("a/b", "1", "1"), "no prices"), (model("a/b", None, "1"), "missing"),
        (model("plain", "0", "0"), "creator/model"), ({"id": "a/b"}, "missing"), ("a/b", "creator/model"), (model("good/one", "0", "0"), "stands before"),
    ],
)  # fmt: skip
def test_a_model_without_a_price_costs_itself(bad: object, words: str) -> None:
    parsed = token_prices.parse(models(model("good/one", "0.000001", "0.000002"), bad))
    assert parsed.frame.height == 1
    assert words in parsed.excluded["reason"][0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"error": {"code": 401}}', "no list of models"),
        (models(model("a/b", "-1", "-1")), "none of the 1 models"),
        (b"", "empty"),
    ],
)
def test_another_price_list_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        token_prices.parse(data)


HEAD = "iso3,price_eur_kwh,price_usd_kwh,consumption_band,source\n"


def test_electricity_is_read_and_nonsense_left_out() -> None:
    lines = [
        "NAM,1,0.11,large,x",
        "DEU,1,0.2,,",
        "FRA,1,-0.1,large,x",
        "ESP,1,3.5,large,x",
        "deu,1,0.2,,",
        "DEU,1,0.3,,",
        "ITA,1,0.22,,",
        "AUT,1,0.2,,",
    ]
    parsed = electricity_prices.parse((HEAD + "\n".join(lines) + "\n").encode())
    assert parsed.frame.select("country_iso3", "price_usd").rows() == [
        ("AUT", 0.2),
        ("DEU", 0.2),
        ("ITA", 0.22),
        ("NAM", 0.11),
    ]
    assert parsed.excluded["row_number"].to_list() == [4, 5, 6, 7]


def test_units_that_lie_are_seen() -> None:
    cents = HEAD + "".join(
        f"A{a}{b},1,{10 + k},large,x\n" for k, (a, b) in enumerate(zip("ABCDEFG", "HIJKLMN", strict=True))
    )
    with pytest.raises(SourceError, match="the units lie"):
        electricity_prices.parse(cents.encode())


@pytest.mark.realdata
def test_the_real_lists_are_read_whole(shared: Path) -> None:
    landed = gpu_cloud_offerings.parse(
        gzip.decompress((shared / "data" / "demand" / "gpu_cloud_offerings_2026-05.json.gz").read_bytes())
    )
    assert landed.frame.height + landed.excluded.height == 310
    assert landed.excluded.height < 10
    assert landed.frame["provider"].n_unique() == 21
    prices = electricity_prices.parse((shared / "data" / "ground" / "country_electricity_prices.csv").read_bytes())
    assert (prices.frame.height, prices.excluded.height) == (62, 0)
    assert prices.frame.filter(pl.col("country_iso3") == "RUS")["price_usd"].to_list() == [0.04]
