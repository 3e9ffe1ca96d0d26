"""An index that one provider does not swamp, and shipped figures where nothing is landed."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import price
from pipeline.sources import electricity_prices, gpu_cloud_offerings, gpu_purchase_prices, token_prices
from tests import factory

DAY = date(2026, 8, 17)
ECONOMICS = assets.reference("economics")
NOTHING = (gpu_cloud_offerings.TABLE.empty(), token_prices.TABLE.empty(), electricity_prices.TABLE.empty())
LANDED = {"gpu_hour": (date(2026, 5, 25), "a list"), "token_output": (DAY, "a broker"), "electricity": (DAY, "a table")}


def offers(*rows: tuple[str, str, float]) -> pl.DataFrame:
    made = [
        {
            "offer_id": f"{k}",
            "provider": p,
            "gpu_family": g,
            "market": "on_demand",
            "price_usd": usd,
            "collected_day": date(2026, 5, 20 + k),
        }
        for k, (p, g, usd) in enumerate(rows)
    ]
    return factory.filled(gpu_cloud_offerings.TABLE, made)


def test_each_provider_has_one_vote() -> None:
    frame = price.compute(
        offers(("a", "H100", 1), ("a", "H100", 1.2), ("a", "H100", 1.4), ("b", "H100", 3), ("c", "H100", 5)),
        *NOTHING[1:],
        ECONOMICS,
        LANDED,
        DAY,
    )
    row = frame.row(by_predicate=pl.col("item") == "H100", named=True)
    assert (row["median_usd"], row["quartile_low_usd"], row["quartile_high_usd"]) == pytest.approx((3, 2.1, 4))
    assert (row["lowest_usd"], row["highest_usd"], row["offer_count"], row["provider_count"]) == (1, 5, 5, 3)
    assert (row["as_of_text"], row["price_basis"], row["source"]) == ("2026-05-24", "landed", "a list")


def test_two_providers_have_no_quartiles() -> None:
    frame = price.compute(offers(("a", "B200", 4), ("b", "B200", 6)), *NOTHING[1:], ECONOMICS, LANDED, DAY)
    row = frame.row(by_predicate=(pl.col("item") == "B200"), named=True)
    assert (row["median_usd"], row["quartile_low_usd"]) == (5, None)


def test_shipped_figures_stand_for_the_kinds_that_are_not_landed() -> None:
    frame = price.compute(*NOTHING, ECONOMICS, {}, DAY)
    assert set(frame["price_basis"]) == {"shipped"}
    assert set(frame["price_kind"]) == {"gpu_hour", "token_output", "electricity"}
    h100 = frame.row(by_predicate=pl.col("item") == "H100", named=True)
    assert (h100["median_usd"], h100["lowest_usd"], h100["highest_usd"], h100["offer_count"], h100["as_of_text"]) == (
        2.95,
        1.99,
        6.88,
        None,
        "2026-05",
    )
    landed = price.compute(offers(("a", "A100", 1)), *NOTHING[1:], ECONOMICS, LANDED, DAY)
    assert landed.filter(pl.col("price_kind") == "gpu_hour")["item"].to_list() == ["A100"]
    assert set(landed.filter(pl.col("price_kind") != "gpu_hour")["price_basis"]) == {"shipped"}


def test_every_shipped_figure_that_is_named_is_there() -> None:
    known = set(ECONOMICS.select("topic", "item").rows())
    assert set(price.SHIPPED) <= known


def test_tokens_have_an_index_over_makers_one_for_each_maker_with_a_few_and_each_models_price() -> None:
    rows = [
        ("a/1", "a", 1, 4, False),
        ("a/2", "a", 2, 8, False),
        ("a/3", "a", 3, 12, False),
        ("b/1", "b", 10, 40, False),
        ("c/1", "c", 0, 0, True),
    ]
    tokens = pl.DataFrame(
        rows, schema=["model_id", "creator", "input_usd", "output_usd", "is_free"], orient="row"
    ).with_columns(context_token_count=pl.lit(None, pl.Float64))
    frame = price.compute(
        NOTHING[0], tokens.cast({"input_usd": pl.Float64, "output_usd": pl.Float64}), NOTHING[2], ECONOMICS, LANDED, DAY
    )
    found = {
        (kind, item): (usd, count)
        for kind, item, usd, count in frame.filter(pl.col("price_kind").str.starts_with("token"))
        .select("price_kind", "item", "median_usd", "provider_count")
        .rows()
    }
    models = {("token_output", name): (usd, 1) for name, usd in (("a/1", 4), ("a/2", 8), ("a/3", 12), ("b/1", 40))}
    models |= {("token_input", name): (usd, 1) for name, usd in (("a/1", 1), ("a/2", 2), ("a/3", 3), ("b/1", 10))}
    assert found == models | {
        ("token_input", "all"): (6, 2), ("token_output", "all"): (24, 2), ("token_input", "a"): (2, 3), ("token_output", "a"): (8, 3),
    }  # fmt: skip


def purchases(*rows: tuple[str, str, float]) -> pl.DataFrame:
    made = [{"gpu_family": g, "observed_utc": datetime.fromisoformat(t), "price_usd": usd} for g, t, usd in rows]
    return factory.filled(gpu_purchase_prices.TABLE, made)


def test_gpus_to_buy_have_a_vote_a_day_of_the_last_days_that_they_were_read_on() -> None:
    read = purchases(
        ("H100", "2025-07-01T01:00", 10), ("H100", "2025-07-01T02:00", 12), ("H100", "2025-07-02T01:00", 20), ("H100", "2025-07-03T01:00", 30),
        ("H100", "2025-04-03T01:00", 500), ("H100", "2026-08-18T01:00", 900), ("L4", "2025-01-05T01:00", 7),
    )  # fmt: skip
    landed = LANDED | {"gpu_purchase": (DAY, "a series")}
    frame = price.compute(*NOTHING, ECONOMICS, landed, DAY, read).filter(pl.col("price_kind") == "gpu_purchase")
    found = frame.sort("item").select(
        "item",
        "median_usd",
        "quartile_low_usd",
        "lowest_usd",
        "highest_usd",
        "offer_count",
        "provider_count",
        "as_of_text",
        "source",
    )
    assert found.rows() == [
        ("H100", 20, 15.5, 10, 30, 4, None, "2025-07-03", "a series"),
        ("L4", 7, None, 7, 7, 1, None, "2025-01-05", "a series"),
    ]


def test_electricity_is_by_country() -> None:
    prices = factory.filled(electricity_prices.TABLE, [{"country_iso3": "NAM", "price_usd": 0.11}])
    frame = price.compute(*NOTHING[:2], prices, ECONOMICS, LANDED, DAY).filter(pl.col("price_kind") == "electricity")
    assert frame.select("region", "median_usd", "as_of_text").rows() == [("NAM", 0.11, "landed 2026-08-17")]


@pytest.mark.realdata
def test_the_real_index_is_that_of_the_statistics_module_and_near_a_published_one(shared: Path) -> None:
    content = gzip.decompress((shared / "data" / "demand" / "gpu_cloud_offerings_2026-05.json.gz").read_bytes())
    frame = price.compute(gpu_cloud_offerings.parse(content).frame, *NOTHING[1:], ECONOMICS, LANDED, DAY)
    of_provider: dict[str, list[float]] = {}
    for offer in json.loads(content):
        if "H100" in offer["gpu_model"] and not offer["is_spot"]:
            of_provider.setdefault(offer["provider_id"], []).append(offer["price_usd_hour"])
    votes = [median(prices) for prices in of_provider.values()]
    row = frame.row(by_predicate=(pl.col("item") == "H100") & (pl.col("market") == "on_demand"), named=True)
    assert row["median_usd"] == pytest.approx(median(votes))
    assert (row["quartile_low_usd"], row["quartile_high_usd"]) == pytest.approx(tuple(np.quantile(votes, [0.25, 0.75])))
    cited = ECONOMICS.filter(pl.col("item").str.starts_with("H100 on-demand")).row(0, named=True)
    assert cited["low"] < row["median_usd"] < cited["high"]
