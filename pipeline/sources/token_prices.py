"""What tokens cost: the price list of a broker of language models, dollars per token in and out, model by model."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.formats import documents, rows
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="token_prices",
    title="OpenRouter: models and their prices",
    address="https://openrouter.ai/api/v1/models",
    licence="terms of service of OpenRouter; cited",
    citation="OpenRouter, models API, https://openrouter.ai/models",
    cadence="hours",
    missing="token prices of the day: the shipped figures, with their dates, stand",
    suffix="json",
    limit_bytes=32 * 2**20,
)

TABLE = Table(
    "raw.token_prices",
    "one row per model",
    (
        Column("model_id", "text", "", "The broker's name: creator/model", key=True),
        Column("creator", "text", "", "Who made the model"),
        Column("input_usd", "number", "USD", "Dollars per million tokens in", 0),
        Column("output_usd", "number", "USD", "Dollars per million tokens out", 0),
        Column("is_free", "flag", "", "Whether both are nothing: a trial, not a price"),
        Column("context_token_count", "number", "", "Tokens that it takes at once", 0, nullable=True),
    ),
)
FORM = documents.form(SOURCE.name, "a price list of models")
PER_MILLION = 1e6
MOST_USD = 5_000.0  # per million tokens: some fifty times the dearest of 2026


def parse(data: bytes) -> Parsed:
    """Read a landed list {data: [{id, context_length, pricing: {prompt, completion}}, ...]}, prices being dollars per token as text.

    Left out, with the ordinal plus 1: models without a name or a price, prices that vary (-1) or cannot be, and repeats. Raises SourceError
    when the bytes are no such list, and where no model has a price.
    """
    document = documents.loaded(data, FORM)
    models = document.get("data") if isinstance(document, dict) else None
    if not isinstance(models, list) or not models:
        raise FORM.error("the landed file has no list of models")
    found: dict[str, dict[str, Any]] = {}
    listed = []
    for line, model in enumerate(models, 2):
        row, reason = _model(model)
        if row is not None and row["model_id"] in found:
            row, reason = None, "it stands before it in the list"
        if row is None:
            listed.append((line, rows.printable(str(model.get("id") if isinstance(model, dict) else model)), reason))
        else:
            found[row["model_id"]] = row
    if not found:
        raise FORM.error(f"none of the {len(models)} models has a price (the first: {listed[0][2]})")
    return Parsed(
        TABLE.conform(pl.DataFrame(list(found.values()), schema=TABLE.polars_schema)), rows.exclusions(listed)
    )


def _model(model: Any) -> tuple[dict[str, Any] | None, str]:
    if not isinstance(model, dict) or (name := documents.word(model.get("id"))) is None or "/" not in name:
        return None, "it has no name of the form creator/model"
    pricing = model.get("pricing")
    told = [
        documents.number(pricing.get(key)) if isinstance(pricing, dict) else None for key in ("prompt", "completion")
    ]
    into, out = told
    if into is None or out is None:
        return None, "a price is missing"
    if into == -1 or out == -1:
        return None, "its price varies with the model that serves"
    into, out = into * PER_MILLION, out * PER_MILLION
    if not (0 <= into <= MOST_USD and 0 <= out <= MOST_USD):
        return None, f"{into:g} and {out:g} USD per million tokens are no prices"
    return {
        "model_id": name,
        "creator": name.split("/")[0],
        "input_usd": into,
        "output_usd": out,
        "is_free": into == out == 0,
        "context_token_count": documents.number(model.get("context_length")),
    }, ""
