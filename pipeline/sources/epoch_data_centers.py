"""Frontier AI data centres: place, owner, power and H100 equivalents, as Epoch AI keeps them."""

from __future__ import annotations

import polars as pl

from pipeline.formats import coordinates, records, rows
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="epoch_data_centers",
    title="Epoch AI: frontier data centres",
    address="https://epoch.ai/data/data_centers/data_centers.csv",
    licence="CC BY 4.0",
    citation="Epoch AI, 'Frontier Data Centers Hub', https://epoch.ai/data/data-centers",
    cadence="every week or so",
    missing="new compute sites and their exact places: the shipped ones, of December 2025, stand",
    every_days=7,
    limit_bytes=32 * 2**20,
)

TABLE = Table(
    "raw.epoch_data_centers",
    "one row per data centre",
    (
        Column("name", "text", "", "Epoch's name of the site", key=True),
        Column("title", "text", "", "Short name", nullable=True),
        Column("project_text", "text", "", "Project, and how sure that is", nullable=True),
        Column("owner", "text", "", "Who owns it, the first where several are named", nullable=True),
        Column("owner_text", "text", "", "All owners, and how sure that is", nullable=True),
        Column("users_text", "text", "", "Who uses it, and how sure that is", nullable=True),
        Column("address", "text", "", "Address", nullable=True),
        Column("country", "text", "", "Country in Epoch's words; null where the list has none", nullable=True),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude; null where it cannot be read", -90, 90, nullable=True),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude; null where it cannot be read", -180, 180, nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute now, in H100s", 0, nullable=True),
        Column("power_mw", "number", "MW", "Power now", 0, nullable=True),
        Column("capital_cost_usd", "number", "USD", "Capital cost so far, in dollars of 2025", 0, nullable=True),
    ),
)  # fmt: skip

_READ = {
    "Handle": Column("name", "text", "", "", key=True),
    "Title": Column("title", "text", "", ""),
    "Project": Column("project_text", "text", "", ""),
    "Owner": Column("owner_text", "text", "", ""),
    "Users": Column("users_text", "text", "", ""),
    "Address": Column("address", "text", "", ""),
    "Country": Column("country", "text", "", ""),
    "Latitude": Column("latitude_text", "text", "", ""),
    "Longitude": Column("longitude_text", "text", "", ""),
    "Current H100 equivalents": Column("h100_equivalent_count", "number", "", "", 0),
    "Current power (MW)": Column("power_mw", "number", "MW", "", 0),
    "Current total capital cost (2025 USD billions)": Column("cost_billion", "number", "", "", 0),
}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of Epoch's data centres",
    fields=_READ,
    name_field="Handle",
    number_field="Owner",
    may_be_empty=[name for name in _READ if name != "Handle"],
    may_be_absent=[
        "Title", "Project", "Users", "Address", "Country", "Latitude", "Longitude", "Current total capital cost (2025 USD billions)",
    ],
    unreadable_fraction=0.5,
)  # fmt: skip
# What the list has called its sites: Handle in 2025, Name in 2026.
CALLED = {"Handle": ("Handle", "Name")}


def parse(data: bytes) -> Parsed:
    """Read landed CSV. Rows left out break a rule or repeat a name at one place; a site whose coordinates cannot be read stays and is listed.

    Two sites of one name at two places both stay, the later ones with a number. Raises SourceError when the bytes are no such file.
    """
    found = records.read(data, FORM, CALLED)
    placed = [_place(*texts) for texts in found.kept.select("latitude_text", "longitude_text").rows()]
    frame = found.kept.with_columns(
        pl.Series("latitude_deg", [place[0] for place in placed], pl.Float64),
        pl.Series("longitude_deg", [place[1] for place in placed], pl.Float64),
        pl.Series("told", [place[2] for place in placed], pl.String),
        pl.col("owner_text").map_elements(first_name, pl.String).alias("owner"),
        (pl.col("cost_billion") * 1e9).alias("capital_cost_usd"),
    )
    repeats = pl.struct("name", "latitude_deg", "longitude_deg").is_first_distinct().not_()
    named = pl.int_range(pl.len()).over("name") + 1
    listed = [
        frame.filter(repeats).with_columns(pl.lit("its name and place stand before it in the file").alias("told")),
        frame.filter(~repeats & pl.col("told").is_not_null()),
    ]
    kept = frame.filter(~repeats).with_columns(
        pl.when(named > 1).then(pl.format("{} ({})", "name", named)).otherwise("name").alias("name")
    )
    said = [
        each.select("row_number", rows.key(pl.col("name"), pl.col("owner_text")), pl.col("told").alias("reason"))
        for each in listed
    ]
    return Parsed(TABLE.conform(kept.select(TABLE.column_names)), pl.concat([found.excluded, *said]).sort("row_number"))


def first_name(text: str) -> str | None:
    """The first name of a list such as `Oracle #confident, OpenAI #likely`, without how sure that is."""
    return text.split(",")[0].split("#")[0].strip() or None


def _place(latitude: str | None, longitude: str | None) -> tuple[float | None, float | None, str | None]:
    """Coordinates of two texts, and what is wrong with them."""
    if not latitude or not longitude:
        return None, None, "it has no coordinates: it has power and compute, but no place"
    try:
        return *coordinates.place(latitude, longitude), None
    except coordinates.CoordinateError as error:
        return None, None, f"{error}: it has power and compute, but no place"
