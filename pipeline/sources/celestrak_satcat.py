"""The satellite catalog (SATCAT): owner, launch and decay of every object ever catalogued; no elements."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipeline.formats import delimited, omm_json, rows
from pipeline.formats.rows import Form
from pipeline.source import EXCLUDED_SCHEMA, Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="celestrak_satcat",
    title="CelesTrak: satellite catalog (SATCAT)",
    address="https://celestrak.org/pub/satcat.csv",
    licence="Free to use with attribution (CelesTrak usage policy); at most one download per update",
    citation="CelesTrak (Dr T.S. Kelso), SATCAT, https://celestrak.org",
    cadence="every day",
    missing=(
        "decay and launch dates: without it an object that is gone counts as vanished, not decayed, "
        "and history is reconstructed from what is still catalogued"
    ),
    stands_days=60,
    limit_bytes=64 * 2**20,
)

CENTRE_KM = -6378  # height of the Earth's centre: no apsis lies below it
TABLE = Table(
    "raw.celestrak_satcat",
    "one row per catalogued object, decayed ones too",
    (
        Column("norad_cat_id", "integer", "", "Catalog number, up to nine digits", 1, 999_999_999, key=True),
        Column("object_name", "text", "", "Name in the catalog; may repeat", nullable=True),
        Column("object_id", "text", "", "International designator", nullable=True),
        Column("object_type", "text", "", "PAY payload, R/B rocket body, DEB debris, UNK unknown", nullable=True),
        Column("ops_status_code", "text", "", "Operational status: +, -, P, B, S, X, D or ?", nullable=True),
        Column("owner", "text", "", "Owner or country, in the catalog's own code; NA is a code", nullable=True),
        Column("launch_day", "day", "UTC date", "Day of the launch", nullable=True),
        Column("launch_site", "text", "", "Launch site, in the catalog's own code", nullable=True),
        Column("decay_day", "day", "UTC date", "Day of the decay; null while in orbit", nullable=True),
        Column("rcs_m2", "number", "m2", "Radar cross-section", 0, nullable=True),
        Column("period_min", "number", "min", "Orbital period", 0, nullable=True),
        Column("inclination_deg", "number", "deg", "Inclination", 0, 180, nullable=True),
        Column("apogee_km", "number", "km", "Altitude of the apogee", CENTRE_KM, nullable=True),
        Column("perigee_km", "number", "km", "Altitude of the perigee", CENTRE_KM, nullable=True),
    ),
)

# The provider's words for our columns.
FIELDS = {
    "OBJECT_NAME": "object_name",
    "OBJECT_ID": "object_id",
    "NORAD_CAT_ID": "norad_cat_id",
    "OBJECT_TYPE": "object_type",
    "OPS_STATUS_CODE": "ops_status_code",
    "OWNER": "owner",
    "LAUNCH_DATE": "launch_day",
    "LAUNCH_SITE": "launch_site",
    "DECAY_DATE": "decay_day",
    "PERIOD": "period_min",
    "INCLINATION": "inclination_deg",
    "APOGEE": "apogee_km",
    "PERIGEE": "perigee_km",
    "RCS": "rcs_m2",
}
# A mirror's words for them.
MIRROR_FIELDS = {
    "owner": "OWNER", "launch": "LAUNCH_DATE", "site": "LAUNCH_SITE", "type": "OBJECT_TYPE", "rcs": "RCS",
}  # fmt: skip
COLUMNS = {column.name: column for column in TABLE.columns}
FORM = Form(
    source_name=SOURCE.name,
    header_name="a SATCAT header",
    fields={field: COLUMNS[name] for field, name in FIELDS.items()},
    name_field="OBJECT_NAME",
    number_field="NORAD_CAT_ID",
    may_be_empty=[field for field in FIELDS if field != "NORAD_CAT_ID"],
)


def parse(data: bytes) -> Parsed:
    """Read landed SATCAT CSV, or the JSON of a mirror that is keyed by catalog number: rows in the file's order.

    Rows left out have line (the header being 1; in JSON the ordinal of the object plus 1), name and reason.
    Raises SourceError when the bytes are no catalog, are cut, or more than 5 % of the rows cannot be read.
    """
    text = rows.decoded(data, FORM)
    rows.refuse_web_page(text, FORM)
    if text.lstrip().startswith(("{", "[")):
        found = _read_mirror(omm_json.loaded(text, FORM))
    else:
        lines = delimited.split(text, FORM)
        found = rows.read(lines.text, FORM, lines.ragged, lines.cut_line)
    kept, repeated = _first(found.kept)
    excluded = pl.concat([found.excluded, repeated]).sort("row_number")
    return Parsed(kept.select(TABLE.column_names), excluded, kept["row_number"])


def _read_mirror(document: Any) -> rows.Rows:
    """Read {catalog number: {owner, launch, site, type, rcs}}: it has no names and no decays."""
    if not isinstance(document, dict) or not document:
        raise FORM.error("the landed file is JSON but not an object keyed by catalog number")
    numbered = enumerate(document.items(), omm_json.FIRST_OBJECT)
    entries = [(n, number, entry) for n, (number, entry) in numbered if isinstance(entry, dict)]
    missing = [name for name in MIRROR_FIELDS if not any(name in entry for _, _, entry in entries)]
    if missing:
        raise FORM.error(f"the keys have changed (missing {', '.join(missing)})", ", or change MIRROR_FIELDS")
    texts = {name: [""] * len(entries) for name in FIELDS} | {"NORAD_CAT_ID": [number for _, number, _ in entries]}
    texts |= {field: [omm_json.word(e.get(name)) for _, _, e in entries] for name, field in MIRROR_FIELDS.items()}
    numbers = pl.Series("row_number", [n for n, _, _ in entries], dtype=pl.Int64)
    frame = pl.DataFrame([numbers, *(pl.Series(name, text, dtype=pl.String) for name, text in texts.items())])
    return rows.read(frame, FORM, rows.exclusions(_not_objects(document)))


def _not_objects(document: dict[str, Any]) -> list[tuple[int, str, str]]:
    numbered = enumerate(document.items(), omm_json.FIRST_OBJECT)
    return [
        (n, f"? ({rows.printable(number)})", "the entry is not an object")
        for n, (number, entry) in numbered
        if not isinstance(entry, dict)
    ]


def _first(found: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the first row of each catalog number; the others go on the exclusion list."""
    if found["norad_cat_id"].is_unique().all():
        return found, pl.DataFrame(schema=EXCLUDED_SCHEMA)
    kept_number = pl.col("row_number").first().over("norad_cat_id")
    found = found.with_columns(kept_number.alias("kept_number"))
    stays = pl.col("row_number") == pl.col("kept_number")
    repeated = found.filter(~stays).select(
        "row_number",
        rows.key(pl.col("object_name"), pl.col("norad_cat_id")),
        pl.format("NORAD_CAT_ID repeats: line {} is kept", "kept_number").alias("reason"),
    )
    return found.filter(stays), repeated
