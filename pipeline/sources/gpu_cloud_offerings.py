"""What renting a GPU costs: offers of cloud providers, dollars per GPU and hour, as a community collects them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import EXCLUDED_SCHEMA, Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="gpu_cloud_offerings",
    title="GPU rental offers, a community list",
    address="https://raw.githubusercontent.com/tardellirs/gpu-pricing/main/src/data/offerings.json",
    licence="MIT",
    citation="tardellirs, gpu-pricing, https://github.com/tardellirs/gpu-pricing",
    cadence="every week or so",
    missing="prices of renting GPUs on the day: the shipped figures, with their dates, stand",
    suffix="json",
    every_days=7,
    limit_bytes=32 * 2**20,
)

MARKETS = ("on_demand", "spot")
TABLE = Table(
    "raw.gpu_cloud_offerings",
    "one row per offer",
    (
        Column("offer_id", "text", "", "The list's name of the offer", key=True),
        Column("provider", "text", "", "Who rents it out"),
        Column("gpu_model", "text", "", "GPU as written"),
        Column("gpu_family", "text", "", "GPU without maker, memory and socket: H100 is H100 SXM5, PCIe and NVL"),
        Column("market", "text", "", "on_demand, or spot: may be taken away"),
        Column("price_usd", "number", "USD", "Dollars per GPU and hour", 0),
        Column("collected_day", "day", "UTC date", "When it was seen; null where that is not told", nullable=True),
    ),
)
FORM = documents.form(SOURCE.name, "a list of offers")

# Families in an order in which none is a part of one before it.
FAMILIES = (
    "GB300", "GB200", "GH200", "B300", "B200", "H200", "H100", "H800", "H20", "A100", "A800", "MI355X", "MI350X", "MI325X", "MI300X", "MI250",
    "L40S", "L40", "L4", "A10G", "A10", "A30", "A40", "T4", "V100", "P100", "P40",
)  # fmt: skip
_FAMILY = re.compile(rf"\b({'|'.join(FAMILIES)})(?![A-Z0-9])")
_MAKER = re.compile(r"\b(NVIDIA|AMD|GEFORCE|TESLA|QUADRO|HGX)\b|\(.*?\)")
LEAST_USD = 0.02  # below it an offer is a placeholder, whatever the GPU
# Where a family and market have ENOUGH offers, one that is FAR times off their median is a slip or a placeholder.
ENOUGH, FAR = 5, 10.0


def parse(data: bytes) -> Parsed:
    """Read a landed list [{id, provider_id, gpu_model, is_spot, price_usd_hour, collected_at}, ...].

    Left out, with the ordinal plus 1: offers without a provider, a GPU or a price, prices that are not above LEAST_USD, and outliers
    among their like. Raises SourceError when the bytes are no such list, and where more than half of the offers cannot be read.
    """
    document = documents.loaded(data, FORM)
    if not isinstance(document, list) or not document:
        raise FORM.error("the landed file is not a list of offers")
    found, listed, seen = [], [], set()
    for line, offer in enumerate(document, 2):
        row, reason = _offer(offer)
        if row is not None and row["offer_id"] in seen:
            row, reason = None, "its id stands before it in the list"
        if row is None:
            listed.append((line, rows.printable(str(offer.get("id") if isinstance(offer, dict) else offer)), reason))
        else:
            seen.add(row["offer_id"])
            found.append(row | {"row_number": line})
    if len(listed) > len(document) / 2:
        raise FORM.error(f"{len(listed)} of {len(document)} offers cannot be read (the first: {listed[0][2]})")
    frame = pl.DataFrame(found, schema=TABLE.polars_schema | {"row_number": pl.Int64})
    kept, outliers = _without_outliers(frame)
    excluded = pl.concat([rows.exclusions(listed), outliers]).sort("row_number")
    return Parsed(TABLE.conform(kept.select(TABLE.column_names)), excluded)


def family(model: str) -> str:
    """GPU without its maker, memory and socket; a name that is not known is only tidied."""
    upper = model.upper()
    if match := _FAMILY.search(upper):
        return match[1]
    return " ".join(_MAKER.sub(" ", upper).replace("-", " ").split()) or upper


def _offer(offer: Any) -> tuple[dict[str, Any] | None, str]:
    if not isinstance(offer, dict):
        return None, "it is not an object"
    name, provider, model = (documents.word(offer.get(key)) for key in ("id", "provider_id", "gpu_model"))
    if name is None or provider is None or model is None:
        return None, "its id, provider or GPU is missing"
    price = documents.number(offer.get("price_usd_hour"))
    if price is None or price <= 0:
        return None, f"its price {rows.printable(str(offer.get('price_usd_hour')))} is no price"
    if price < LEAST_USD:
        return None, f"its price {price:g} USD is below {LEAST_USD:g}: a placeholder, not an offer"
    return {
        "offer_id": name,
        "provider": provider,
        "gpu_model": model,
        "gpu_family": family(model),
        "market": MARKETS[1] if offer.get("is_spot") is True else MARKETS[0],
        "price_usd": price,
        "collected_day": _date(offer.get("collected_at")),
    }, ""


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _without_outliers(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    like = ["gpu_family", "market"]
    ratio = pl.col("price_usd") / pl.col("price_usd").median().over(like)
    far = (pl.len().over(like) >= ENOUGH) & ((ratio < 1 / FAR) | (ratio > FAR))
    told = pl.format(
        "its price {} USD is more than {} times off the median of its like", "price_usd", pl.lit(f"{FAR:.0f}")
    )
    outliers = frame.filter(far).select("row_number", pl.col("offer_id").alias("row_key"), told.alias("reason"))
    return frame.filter(~far), outliers.match_to_schema(EXCLUDED_SCHEMA)
