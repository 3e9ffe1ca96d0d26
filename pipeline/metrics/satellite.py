"""Which satellites there are: constellation, generation, payload class and a first test of who is at work."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import CONSTELLATIONS, Constellation
from pipeline.geometry.elements import altitude_rate_km_per_day, mean_altitude_km
from pipeline.table import Column, Table

TABLE = Table(
    "core.satellite_daily",
    "one row per day and satellite of the five constellations",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("norad_cat_id", "integer", "", "Catalog number, up to nine digits", 1, 999_999_999, key=True),
        Column("object_name", "text", "", "Name in the catalog"),
        Column("object_id", "text", "", "International designator"),
        Column("constellation", "constellation", "", "Constellation, by name"),
        Column("generation", "text", "", "Generation, by the rules of generation_assignment.csv"),
        Column("payload_class", "payload_class", "", "What the satellite carries"),
        Column("state", "state", "", "State on one day of elements"),
        Column("altitude_km", "number", "km", "Mean altitude: two-body semi-major axis of the mean motion, less 6378.135 km (within 4 km of SGP4's own)", 0, 400_000),
        Column("altitude_rate_km_per_day", "number", "km/day", "Rate of the mean altitude by the elements' own drag term"),
        Column("eccentricity", "number", "1", "Eccentricity", 0, 1),
        Column("inclination_deg", "number", "deg", "Inclination", 0, 180),
        Column("ra_of_asc_node_deg", "number", "deg", "Right ascension of the ascending node at epoch", 0, 360),
        Column("element_age_h", "number", "h", "Age of the elements at noon of the day; negative for epochs that lie ahead"),
        Column("source", "text", "", "Source of the elements"),
    ),
)  # fmt: skip

# A first operational test, on one day of elements. Shells are learned properly, from many days, in a later work.
SHELL_HALF_WIDTH_KM = 3.0
SHELL_MIN_COUNT = 10
SHELL_MIN_SHARE = 0.005
STEADY_RATE_KM_PER_DAY = 1.0
MOVING_RATE_KM_PER_DAY = 0.2
ROUND_ECCENTRICITY = 0.005
DECAY_ALTITUDE_KM = 300.0


def compute(catalog: pl.DataFrame, day: date, source: str) -> pl.DataFrame:
    """Satellites of the five constellations in a catalog of OMM fields, as core.satellite_daily.

    `catalog` has one row per object (the columns of raw.celestrak_active), `source` names where it came from.
    Objects of nobody's constellation are left out.
    """
    found = pl.concat([_members(catalog, c) for c in CONSTELLATIONS])
    found = found.with_columns(
        pl.lit(day).alias("day"),
        pl.lit(source).alias("source"),
        pl.Series("altitude_km", mean_altitude_km(found["mean_motion_rev_per_day"].to_numpy())),
        pl.Series(
            "altitude_rate_km_per_day",
            altitude_rate_km_per_day(
                found["mean_motion_rev_per_day"].to_numpy(), found["mean_motion_dot_rev_per_day2"].to_numpy()
            ),
        ),
        ((datetime.combine(day, time(12)) - pl.col("epoch_utc")).dt.total_seconds() / 3600).alias("element_age_h"),
    )
    parts = [_with_state(found.filter(pl.col("constellation") == c.name), c) for c in CONSTELLATIONS]
    return TABLE.conform(pl.concat(parts).select(TABLE.column_names))


def _members(catalog: pl.DataFrame, constellation: Constellation) -> pl.DataFrame:
    """Rows of one constellation by name, with generation and payload class."""
    rows = catalog.filter(pl.col("object_name").str.contains(constellation.names))
    generation = payload_class = pl.lit(None, pl.String)
    for rule in reversed(constellation.generations):
        fits = pl.col("object_name").str.contains(rule.pattern)
        if "(" in rule.pattern:
            number = pl.col("object_name").str.extract(rule.pattern).cast(pl.Int64, strict=False)
            fits = number.is_between(rule.first, rule.last).fill_null(value=False)
        generation = pl.when(fits).then(pl.lit(rule.name)).otherwise(generation)
        payload_class = pl.when(fits).then(pl.lit(rule.payload_class)).otherwise(payload_class)
    return rows.with_columns(
        pl.lit(constellation.name).alias("constellation"),
        generation.alias("generation"),
        payload_class.alias("payload_class"),
    )


def _with_state(rows: pl.DataFrame, constellation: Constellation) -> pl.DataFrame:
    """Add `state`: operational where enough of the fleet flies at that altitude and inclination, and holds it."""
    altitude_km, rate = pl.col("altitude_km"), pl.col("altitude_rate_km_per_day")
    crowd = _crowd(rows["altitude_km"].to_numpy(), rows["inclination_deg"].to_numpy())
    enough = max(SHELL_MIN_COUNT, SHELL_MIN_SHARE * rows.height)
    floor_km = (
        pl.when(pl.col("payload_class") == "broadband")
        .then(constellation.service_floor_km)
        .otherwise(constellation.service_floor_other_km)
    )
    steady = (rate.abs() <= STEADY_RATE_KM_PER_DAY) & (pl.col("eccentricity") < ROUND_ECCENTRICITY)
    state = (
        pl.when(pl.col("payload_class") == "high_orbit")
        .then(pl.lit("unknown"))
        .when((pl.col("crowd") >= enough) & steady & (altitude_km >= floor_km))
        .then(pl.lit("operational"))
        .when(rate > MOVING_RATE_KM_PER_DAY)
        .then(pl.lit("raising"))
        .when(altitude_km < DECAY_ALTITUDE_KM)
        .then(pl.lit("decaying"))
        .when(rate < -MOVING_RATE_KM_PER_DAY)
        .then(pl.lit("lowering"))
        .otherwise(pl.lit("parked"))
    )
    return rows.with_columns(pl.Series("crowd", crowd, pl.Int64)).with_columns(state.alias("state")).drop("crowd")


def _crowd(altitude_km: NDArray[np.float64], inclination_deg: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many satellites of the same whole degree of inclination fly within SHELL_HALF_WIDTH_KM, itself included."""
    crowd = np.zeros(len(altitude_km), np.int64)
    whole_deg = np.rint(inclination_deg)
    for inclination in np.unique(whole_deg):
        here = np.flatnonzero(whole_deg == inclination)
        ordered = np.sort(altitude_km[here])
        last = np.searchsorted(ordered, altitude_km[here] + SHELL_HALF_WIDTH_KM, side="right")
        crowd[here] = last - np.searchsorted(ordered, altitude_km[here] - SHELL_HALF_WIDTH_KM, side="left")
    return crowd
