"""Which satellites of a list of elements can have laser links with each other: those that keep places in a shell learned from the list."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from pipeline.constellations import CONSTELLATIONS
from pipeline.geometry.elements import altitude_rate_km_per_day, mean_altitude_km, node_and_latitude_deg
from pipeline.geometry.links import Places, places_of
from pipeline.metrics import satellite, shell

# What a satellite had on the day before: nothing is known of it here.
UNKNOWN = {"previous_shell_id": pl.String, "previous_plane_id": pl.String, "previous_slot": pl.Int64}


def learned(elements: pl.DataFrame, instant: datetime) -> Places:
    """Shells and planes of satellites from one set of elements each, in its order, at one instant [UTC].

    elements: object_name (null where unknown) and the OMM fields. Shells are learned as core.shell_daily learns them on a first day
    (metrics.shell), for each of the known constellations, by name, and for all other satellites together. Who keeps no place, on the
    way up or down or in a crowd that waits, is in no shell.
    """
    rows = shell.learn(_rows(elements, instant)).sort("row")
    keeps = ((pl.col("shell_kind") == "shell") & ~pl.col("waits")).fill_null(value=False)
    numbers = rows.select(
        pl.when(keeps).then(pl.col("shell_id").rank("dense")).otherwise(-1).cast(pl.Int64).alias("shell"),
        pl.col("plane_id").rank("dense").fill_null(0).cast(pl.Int64).alias("plane"),
    )
    return places_of(elements, instant, *(numbers[name].to_numpy().copy() for name in ("shell", "plane")))


def _rows(elements: pl.DataFrame, instant: datetime) -> pl.DataFrame:
    """What shell.learn asks of every satellite, and its row."""
    motion, dot = (elements[n].to_numpy() for n in ("mean_motion_rev_per_day", "mean_motion_dot_rev_per_day2"))
    node_deg, latitude_deg = node_and_latitude_deg(elements, instant)
    rate, one = altitude_rate_km_per_day(motion, dot), np.ones(elements.height)
    name = pl.col("object_name").fill_null("")
    known = [pl.when(name.str.contains(c.names)).then(pl.lit(c.name)) for c in CONSTELLATIONS]
    return elements.select(
        pl.int_range(pl.len()).alias("row"),
        pl.coalesce(*known, pl.lit("others")).alias("constellation"),
        pl.lit("broadband").alias("payload_class"),
        pl.Series("altitude_km", mean_altitude_km(motion)),
        pl.Series("altitude_rate_km_per_day", rate),
        pl.Series("held_rate_km_per_day", rate),
        pl.lit(1).alias("state_day_count"),
        pl.Series("steady_limit_km_per_day", satellite.STEADY_ONE_DAY_KM_PER_DAY * one),
        "eccentricity",
        "inclination_deg",
        pl.Series("node_deg", node_deg),
        pl.Series("latitude_argument_deg", latitude_deg),
        *(pl.lit(None, kind).alias(n) for n, kind in UNKNOWN.items()),
    )
