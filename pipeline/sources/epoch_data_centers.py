"""Frontier AI data centres: place, owner, power and H100 equivalents, as Epoch AI keeps them."""

from __future__ import annotations

from itertools import count

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

# Beyond these a figure is a slip: all clusters of December 2025 with all plans are 1.3e8 H100s.
MOST_H100S, MOST_MW = 1e9, 1e6

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
        Column("country", "text", "", "Country in Epoch's words", nullable=True),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude; null where it cannot be read", -90, 90, nullable=True),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude; null where it cannot be read", -180, 180, nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute now, in H100s", 0, MOST_H100S, nullable=True),
        Column("power_mw", "number", "MW", "Power of the whole site now; null where the list tells that of its computers", 0, MOST_MW, nullable=True),
        Column("it_power_mw", "number", "MW", "Power of its computers now; null where the list tells that of the whole site", 0, MOST_MW, nullable=True),
        Column("capital_cost_usd", "number", "USD", "Capital cost so far, in dollars of 2025", 0, 1e13, nullable=True),
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
    "Current H100 equivalents": Column("h100_equivalent_count", "number", "", "", 0, MOST_H100S),
    "Current power (MW)": Column("told_power_mw", "number", "MW", "", 0, MOST_MW),
    "Current total capital cost (2025 USD billions)": Column("cost_billion", "number", "", "", 0, 1e4),
}
# Lists of 2026 call a site by its short name, tell its country in place of coordinates, and mean by power that of its computers:
# 946 MW of Colossus 2, where the timeline has an IT power of 946 MW and a power of 1,276 MW.
_RENAMED = {"Name": "Handle"}
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


def parse(data: bytes) -> Parsed:
    """Read landed CSV. Rows left out break a rule or repeat a name at one place; a site whose coordinates cannot be read stays and is listed.

    Two sites of one name at two places (or addresses, without coordinates) both stay, the later ones with a number, and are listed.
    Raises SourceError when the bytes are no such file.
    """
    found = records.read(data, FORM, _RENAMED)
    placed = [_place(*texts) for texts in found.kept.select("latitude_text", "longitude_text").rows()]
    frame = found.kept.with_columns(
        pl.Series("latitude_deg", [place[0] for place in placed], pl.Float64),
        pl.Series("longitude_deg", [place[1] for place in placed], pl.Float64),
        pl.Series("told", [place[2] for place in placed], pl.String),
        pl.col("owner_text").map_elements(first_name, pl.String).alias("owner"),
        (pl.col("cost_billion") * 1e9).alias("capital_cost_usd"),
        *_powers(of_computers=not records.has(data, FORM, "Handle")),
    )
    where = pl.when(pl.col("latitude_deg").is_null()).then("address").alias("where")
    frame = frame.with_columns(
        pl.struct("name", "latitude_deg", "longitude_deg", where).is_first_distinct().alias("is_first")
    )
    kept = _numbered(frame.filter("is_first"))
    repeated = frame.filter(~pl.col("is_first")).with_columns(
        told=pl.lit("its name and place stand before it in the file")
    )
    listed = pl.concat([repeated, kept], how="diagonal").filter(pl.col("told").is_not_null())
    said = listed.select("row_number", rows.key(pl.col("name"), pl.col("owner_text")), pl.col("told").alias("reason"))
    return Parsed(TABLE.conform(kept.select(TABLE.column_names)), pl.concat([found.excluded, said]).sort("row_number"))


def _powers(*, of_computers: bool) -> list[pl.Expr]:
    """The list's power as that of the site or of its computers, the other one null."""
    told, none = pl.col("told_power_mw"), pl.lit(None, pl.Float64)
    power, it_power = (none, told) if of_computers else (told, none)
    return [power.alias("power_mw"), it_power.alias("it_power_mw")]


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Sites with a number behind a name that stands before them, which is told."""
    frame = frame.with_columns(pl.Series("numbered", distinct(frame["name"].to_list(), "{} ({})"), pl.String))
    again = pl.when(pl.col("numbered") != pl.col("name")).then(
        pl.format("another site stands before it under that name: it is kept as '{}'", "numbered")
    )
    told = pl.concat_str(again, "told", separator="; ", ignore_nulls=True).replace({"": None})
    return frame.with_columns(told.alias("told"), pl.col("numbered").alias("name"))


def distinct(names: list[str], numbered: str) -> list[str]:
    """Names in their order, those that stand before with the first number from 2 on that makes them new, as `numbered` says."""
    found: list[str] = []
    taken = set(names)
    for name in names:
        new = name
        if name in found:
            new = next(each for n in count(2) if (each := numbered.format(name, n)) not in taken)
        found.append(new)
        taken.add(new)
    return found


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
