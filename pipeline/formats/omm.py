"""Mean elements as OMM fields: the columns that every reader gives, repeated objects, and epochs of another time."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from pipeline.formats import rows
from pipeline.formats.rows import Form
from pipeline.geometry.constants import WGS72_RADIUS_KM
from pipeline.geometry.elements import mean_altitude_km
from pipeline.source import EXCLUDED_SCHEMA, Parsed
from pipeline.table import Column, Table

COLUMNS = (
    Column(
        "object_name",
        "text",
        "",
        "Name in the catalog; may repeat; null in two-line files, which give none",
        nullable=True,
    ),
    Column("object_id", "text", "", "International designator; null where the provider gives none", nullable=True),
    Column("epoch_utc", "instant", "UTC", "Epoch of the elements"),
    Column("mean_motion_rev_per_day", "number", "rev/day", "Mean motion (Kozai), above 0", 0, 20),
    Column("eccentricity", "number", "1", "Eccentricity, below 1", 0, 1),
    Column("inclination_deg", "number", "deg", "Inclination", 0, 180),
    Column("ra_of_asc_node_deg", "number", "deg", "Right ascension of the ascending node", 0, 360),
    Column("arg_of_pericenter_deg", "number", "deg", "Argument of pericentre", 0, 360),
    Column("mean_anomaly_deg", "number", "deg", "Mean anomaly", 0, 360),
    Column("ephemeris_type", "integer", "", "Ephemeris type; 0 is SGP4", 0),
    Column("classification_type", "text", "", "Classification; U is unclassified, C is that of supplemental elements"),
    Column("norad_cat_id", "integer", "", "Catalog number, up to nine digits", 1, 999_999_999, key=True),
    Column("element_set_no", "integer", "", "Number of the element set", 0),
    Column("rev_at_epoch", "integer", "", "Revolution number at epoch", 0),
    Column("bstar_per_earth_radius", "number", "1/earth radius", "Drag term B* of SGP4"),
    Column("mean_motion_dot_rev_per_day2", "number", "rev/day^2", "Half the first derivative of the mean motion"),
    Column("mean_motion_ddot_rev_per_day3", "number", "rev/day^3", "A sixth of the second derivative"),
)

# The provider's words for our columns: the field's name is the column's without its unit.
FIELDS = {
    "OBJECT_NAME": "object_name",
    "OBJECT_ID": "object_id",
    "EPOCH": "epoch_utc",
    "MEAN_MOTION": "mean_motion_rev_per_day",
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination_deg",
    "RA_OF_ASC_NODE": "ra_of_asc_node_deg",
    "ARG_OF_PERICENTER": "arg_of_pericenter_deg",
    "MEAN_ANOMALY": "mean_anomaly_deg",
    "EPHEMERIS_TYPE": "ephemeris_type",
    "CLASSIFICATION_TYPE": "classification_type",
    "NORAD_CAT_ID": "norad_cat_id",
    "ELEMENT_SET_NO": "element_set_no",
    "REV_AT_EPOCH": "rev_at_epoch",
    "BSTAR": "bstar_per_earth_radius",
    "MEAN_MOTION_DOT": "mean_motion_dot_rev_per_day2",
    "MEAN_MOTION_DDOT": "mean_motion_ddot_rev_per_day3",
}
EXCLUSIVE = {"mean_motion_rev_per_day": 0.0, "eccentricity": 1.0}  # limits that are themselves outside
AHEAD_DAYS, BEHIND_DAYS = 10, 60
# No satellite of the Earth has a mean altitude outside of these: below 80 km the air brings everything down within the orbit, above
# 400,000 km is the Moon. Real catalogs hold 140 to 92,000 km.
LOWEST_KM, HIGHEST_KM = 80.0, 400_000.0
# Mean perigees of real, very eccentric orbits dip to 36 km below ground shortly before they end (CLUSTER II, August 2026).
LOWEST_PERIGEE_KM = -500.0


def table(name: str, grain: str) -> Table:
    """Return the raw table of a source of elements: `day` and the columns that every reader gives."""
    return Table(name, grain, (Column("day", "day", "UTC date", "Day of the run", key=True), *COLUMNS))


def form(source_name: str, may_be_empty: Collection[str] = (), own_remedy: str = "") -> Form:
    """How elements of a source are read; `may_be_empty` are OMM fields that may be null (their columns are nullable),
    `own_remedy` is as in Form.
    """
    by_name = {column.name: column for column in COLUMNS}
    return Form(
        source_name=source_name,
        header_name="an OMM header",
        fields={field: by_name[name] for field, name in FIELDS.items()},
        name_field="OBJECT_NAME",
        number_field="NORAD_CAT_ID",
        may_be_empty=may_be_empty,
        may_be_absent=may_be_empty,
        exclusive=EXCLUSIVE,
        own_remedy=own_remedy,
    )


def parsed(
    text: pl.DataFrame,
    of: Form,
    listed: pl.DataFrame | None = None,
    cut_line: int | None = None,
    without_elements: pl.DataFrame | None = None,
) -> Parsed:
    """Return the elements of a file, one per object, and the rows left out.

    `text`, `of`, `listed` and `cut_line` are as in rows.read; `without_elements` are entries (EXCLUDED_SCHEMA) that are
    whole but hold no elements: they are listed and do not count as unreadable. Raises SourceError as rows.read does, and
    when no elements are left.
    """
    found = rows.read(text, of, listed, cut_line)
    if found.kept.is_empty():
        raise of.error(f"the landed file has no elements{_first_of(found.excluded)}")
    kept, repeated = _newest(found.kept)
    lists = [found.excluded, repeated, *([] if without_elements is None else [without_elements])]
    return Parsed(kept.drop("row_number"), pl.concat(lists).sort("row_number"), kept["row_number"])


def _first_of(excluded: pl.DataFrame) -> str:
    """Words on the first of the rows left out; none where none was."""
    if excluded.is_empty():
        return ""
    number, key, reason = excluded.row(0)
    return f" (first line {number}, {key}: {reason})"


def screen(
    frame: pl.DataFrame,
    day: date,
    source_name: str,
    excluded: pl.DataFrame | None = None,
    row_numbers: pl.Series | None = None,
) -> Parsed:
    """Leave out elements whose epoch is more than 10 days ahead of the day's end or more than 60 days before the day, and orbits
    that cannot be.

    `frame`, `excluded` and `row_numbers` are what the reader returned. Without `row_numbers` the rows left out are
    numbered as lines after a header, those of `excluded` passed over. Real files have epochs up to 2.5 days ahead and
    four weeks old. Raises SourceError when most rows fall out: a file of another time.
    """
    excluded = pl.DataFrame(schema=EXCLUDED_SCHEMA) if excluded is None else excluded
    numbers = _line_numbers(frame.height, excluded) if row_numbers is None else row_numbers
    start = datetime.combine(day, time())
    epoch = pl.col("epoch_utc")
    ahead, behind = epoch > start + timedelta(days=1 + AHEAD_DAYS), epoch < start - timedelta(days=BEHIND_DAYS)
    out = frame.select(ahead | behind).to_series()
    numbered = frame.with_columns(numbers.alias("row_number"))
    gone, kept = numbered.filter(out), numbered.filter(~out)
    if gone.height > kept.height:
        raise form(source_name).error(
            f"the landed file is not of {day}: {gone.height} of {frame.height} epochs are more than "
            f"{AHEAD_DAYS} days ahead of it or {BEHIND_DAYS} days before it"
        )
    when = epoch.dt.strftime("%Y-%m-%d %H:%M")
    far = pl.when(ahead).then(pl.lit(f"{AHEAD_DAYS} days ahead of")).otherwise(pl.lit(f"{BEHIND_DAYS} days before"))
    reason = pl.format("EPOCH {} is more than {} the day", when, far)
    absurd = kept.select(_impossible()).to_series()
    left_out = [_listed(gone, reason), _listed(kept.filter(absurd), _why_impossible())]
    numbers = numbers.filter(~out)
    return Parsed(
        kept.filter(~absurd).drop("row_number"), pl.concat(left_out).sort("row_number"), numbers.filter(~absurd)
    )


def _listed(rows_out: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    key = rows.key(pl.col("object_name"), pl.col("norad_cat_id"))
    return rows_out.select("row_number", key, reason.alias("reason"))


def _altitudes_km() -> tuple[pl.Expr, pl.Expr]:
    """Mean altitude and mean perigee over the equatorial radius [km]."""
    altitude = pl.col("mean_motion_rev_per_day").map_batches(_mean_altitude_km, return_dtype=pl.Float64)
    return altitude, altitude - pl.col("eccentricity") * (altitude + WGS72_RADIUS_KM)


def _mean_altitude_km(motion: pl.Series) -> pl.Series:
    with np.errstate(divide="ignore"):
        return pl.Series(mean_altitude_km(motion.to_numpy()))


def _impossible() -> pl.Expr:
    altitude, perigee = _altitudes_km()
    return ~altitude.is_between(LOWEST_KM, HIGHEST_KM) | (perigee < LOWEST_PERIGEE_KM)


def _why_impossible() -> pl.Expr:
    altitude, perigee = _altitudes_km()
    return pl.format(
        "MEAN_MOTION {} and ECCENTRICITY {} are no orbit of the Earth: mean altitude {} km, perigee {} km",
        "mean_motion_rev_per_day", "eccentricity", altitude.round(0), perigee.round(0),
    )  # fmt: skip


def _newest(found: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the newest epoch of each catalog number (of equal ones the first); the others go on the exclusion list."""
    if found["norad_cat_id"].is_unique().all():
        return found, pl.DataFrame(schema=EXCLUDED_SCHEMA)
    newest_first = pl.col("row_number").sort_by("epoch_utc", "row_number", descending=[True, False])
    found = found.with_columns(newest_first.first().over("norad_cat_id").alias("kept_number"))
    stays = pl.col("row_number") == pl.col("kept_number")
    repeated = found.filter(~stays).select(
        "row_number",
        rows.key(pl.col("object_name"), pl.col("norad_cat_id")),
        pl.format("NORAD_CAT_ID repeats: line {} has the newest epoch", "kept_number").alias("reason"),
    )
    return found.filter(stays).drop("kept_number"), repeated


def _line_numbers(count: int, excluded: pl.DataFrame) -> pl.Series:
    """Lines of the file that the kept rows stand on: all lines after the header but those left out."""
    gone = set(excluded["row_number"])
    numbers = itertools.islice((n for n in itertools.count(2) if n not in gone), count)
    return pl.Series("row_number", list(numbers), dtype=pl.Int64)
