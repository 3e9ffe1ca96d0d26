"""Which satellites there are, where they fly, and in what state each is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl

from pipeline.geometry.elements import altitude_rate_km_per_day, mean_altitude_km, node_and_latitude_deg
from pipeline.metrics import shell
from pipeline.metrics.identity import Elements, age_h, merge
from pipeline.table import Column, Table

TABLE = Table(
    "core.satellite_daily",
    "one row per day and satellite of the five constellations",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("norad_cat_id", "integer", "", "Catalog number, up to nine digits; provisional ones are 70000 to 72999 or nine digits", 1, 999_999_999, key=True),
        Column("identity", "text", "", "The physical satellite, whatever its number and name: its designator, or its name where it was first seen under a provisional number"),
        Column("object_name", "text", "", "Name; null where no source of the day gives one", nullable=True),
        Column("object_id", "text", "", "International designator; null where none is given", nullable=True),
        Column("launch", "text", "", "Launch part of the designator, 2026-161 say", nullable=True),
        Column("launch_day", "day", "UTC date", "Day of the launch, by SATCAT or the shipped list of launches; null where neither has it", nullable=True),
        Column("constellation", "constellation", "", "Constellation, by name"),
        Column("generation", "text", "", "Generation, by the rules of generation_assignment.csv"),
        Column("payload_class", "payload_class", "", "What the satellite carries"),
        Column("shell_id", "text", "", "Shell that it is in, of core.shell_daily; null outside of all", nullable=True),
        Column("plane_id", "text", "", "Plane within the shell, by node; numbered as on the day before", nullable=True),
        Column("slot", "integer", "", "Place in the plane, by argument of latitude, counted along the flight; numbered as on the day before; planes that lie within 0.5 degrees share places, and spares have one beside another satellite", 0, 1_000, nullable=True),
        Column("state", "state", "", "State; operational is what works"),
        Column("state_day_count", "integer", "", "Landed days that the state rests on: 1 where only the day's own elements are there", 1, 40),
        Column("altitude_km", "number", "km", "Mean altitude: two-body semi-major axis of the mean motion, less 6378.135 km (within 4 km of SGP4's own)", 0, 400_000),
        Column("altitude_rate_km_per_day", "number", "km/day", "Rate of the mean altitude over the landed days behind (at most 7); by the elements' own drag term where there is one day, and of who works also where that or the rate since the day before is smaller, for the days behind reach back beyond an arrival"),
        Column("eccentricity", "number", "1", "Eccentricity", 0, 1),
        Column("inclination_deg", "number", "deg", "Inclination", 0, 180),
        Column("ra_of_asc_node_deg", "number", "deg", "Right ascension of the ascending node at epoch", 0, 360),
        Column("epoch_utc", "instant", "UTC", "Epoch of the elements"),
        Column("element_age_h", "number", "h", "Age of the elements at noon of the day; negative for epochs that lie ahead"),
        Column("decay_predicted_day", "day", "UTC date", "Day on which a decaying satellite comes down if it falls on as it does; null for others", nullable=True),
        Column("source", "text", "", "Source of the elements"),
    ),
)  # fmt: skip

# What a day needs of the landed days behind it.
BEHIND = (
    "day", "norad_cat_id", "identity", "object_name", "object_id", "launch", "constellation", "generation", "payload_class", "shell_id",
    "plane_id", "slot", "state", "state_day_count", "altitude_km", "altitude_rate_km_per_day", "epoch_utc", "decay_predicted_day", "source",
)  # fmt: skip
BEHIND_COUNT = 30  # landed days
BEHIND_DAYS = 45  # nothing follows from a day further back
RATE_DAYS = 7
RATE_RECENT_DAYS = 3.5  # where there are epochs as young as this, older ones say nothing new
RATE_MIN_SPAN_DAYS = 0.5
SPARSE_DAYS = 1.75

STEADY_KM_PER_DAY = 0.5  # over several days
HELD_KM_PER_DAY = 1.0  # the same, of who worked on the landed day before
STEADY_ONE_DAY_KM_PER_DAY = 2.0  # by the drag term alone, which thrust and the air's swings lead astray
MOVING_KM_PER_DAY = 0.2
SINKING_KM_PER_DAY = 1.0  # who waits for his turn on the way up sinks less
OLD_ELEMENT_H = 336.0
YOUNG_DAYS = 120
DECAY_ALTITUDE_KM = 300.0
DECAY_HORIZON_DAYS = 14.0
FAILED_DAYS = 3.0  # a young satellite that falls this fast was never raised
SCALE_HEIGHT_KM = 30.0
REENTRY_KM = 120.0


def compute(
    sources: list[Elements],
    day: date,
    behind: pl.DataFrame | None = None,
    names: pl.DataFrame | None = None,
    launches: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Satellites of the five constellations as core.satellite_daily, their shells as core.shell_daily, and their elements.

    `sources` are the day's elements in order of precedence; `behind` are rows of core.satellite_daily (columns BEHIND) of the
    last landed days; `names` are norad_cat_id and object_name of SATCAT; `launches` are launch and launch_day as far as known.
    The elements have the rows of the first frame, in its order. Objects of nobody's constellation are left out.
    """
    behind = pl.DataFrame(schema={n: TABLE.polars_schema[n] for n in BEHIND}) if behind is None else behind
    names = pl.DataFrame(schema={"norad_cat_id": pl.Int64, "object_name": pl.String}) if names is None else names
    by_number = last_rows(behind).sort("day").unique("norad_cat_id", keep="last", maintain_order=True)
    merged = merge(sources, by_number, names, day)
    rows = _with_rates(_measured(merged, day), behind, day)
    rows = _launched(rows, launches, day)
    rows = shell.learn(_beside_yesterday(rows, behind, day)).sort("norad_cat_id")
    rows = _with_state(rows, day)
    shells = shell.table(rows, day)
    mine = rows.with_columns(
        pl.when(pl.col("shell_kind") == "shell").then("shell_id").alias("shell_id"), pl.lit(day).alias("day")
    )
    return TABLE.conform(mine.select(TABLE.column_names)), shells, merged


def last_rows(behind: pl.DataFrame) -> pl.DataFrame:
    """The last row of each identity in rows of several days, in any order; of a month of days without copying them all."""
    at = behind.select("identity", "day", pl.int_range(pl.len()).alias("at"))
    newest = at.group_by("identity").agg(pl.col("at").sort_by("day").last())
    return behind[newest["at"].sort()]


def _measured(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Add altitude and its rate by the elements alone, age, and node and argument of latitude at noon of the day."""
    motion, dot = (rows[n].to_numpy() for n in ("mean_motion_rev_per_day", "mean_motion_dot_rev_per_day2"))
    node_deg, latitude_deg = node_and_latitude_deg(rows, datetime.combine(day, time(12)))
    return rows.with_columns(
        pl.Series("altitude_km", mean_altitude_km(motion)),
        pl.Series("own_rate", altitude_rate_km_per_day(motion, dot)),
        pl.Series("node_deg", node_deg),
        pl.Series("latitude_argument_deg", latitude_deg),
        age_h(day).alias("element_age_h"),
    )


def _with_rates(rows: pl.DataFrame, behind: pl.DataFrame, day: date) -> pl.DataFrame:
    """Add altitude_rate_km_per_day, state_day_count, and held_rate_km_per_day, which is asked whether it is steady.

    The rate over the landed days says whether a satellite moves; where these lie far apart it reaches back beyond its arrival,
    so there the smaller of it and the rate by the elements alone is held.
    """
    both = rows.join(_rates(rows, behind, day), on="identity", how="left")
    several, own = pl.col("seen_rate").is_not_null(), pl.col("own_rate")
    sparse = pl.col("gap_days") > SPARSE_DAYS
    smaller = pl.when(own.abs() < pl.col("seen_rate").abs()).then(own).otherwise("seen_rate")
    return both.with_columns(
        pl.coalesce("seen_rate", "own_rate").alias("altitude_rate_km_per_day"),
        pl.when(several).then("point_count").otherwise(1).alias("state_day_count"),
        pl.when(several & sparse)
        .then(smaller)
        .otherwise(pl.coalesce("seen_rate", "own_rate"))
        .alias("held_rate_km_per_day"),
    )


def _rates(rows: pl.DataFrame, behind: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rate of the altitude of each satellite by least squares over its distinct epochs of the last days, and their number.

    Days that are missing are a longer way between two points, nothing else; unchanged elements count once. Points of all sources
    count: in shells of May 2026 the operator's elements and the catalog's lie within 0.15 km of each other.
    """
    now = rows.select("identity", "epoch_utc", "altitude_km")
    recent = behind.filter(pl.col("day") >= day - timedelta(days=RATE_DAYS)).select(now.columns)
    points = pl.concat([now, recent]).unique(["identity", "epoch_utc"], keep="first", maintain_order=True)
    at = (pl.col("epoch_utc") - pl.col("epoch_utc").max().over("identity")).dt.total_seconds() / 86_400
    points = points.with_columns(at.alias("at_days"))
    newest_before = pl.col("at_days").filter(pl.col("at_days") < 0).max()
    chosen = points.filter(
        pl.col("at_days") >= pl.min_horizontal(newest_before.over("identity"), pl.lit(-RATE_RECENT_DAYS))
    )
    rates = chosen.group_by("identity").agg(
        (pl.cov("at_days", "altitude_km") / pl.col("at_days").var()).alias("seen_rate"),
        pl.len().cast(pl.Int64).alias("point_count"),
        (-newest_before).alias("gap_days"),
        (-pl.col("at_days").min()).alias("span_days"),
    )
    return rates.filter(pl.col("span_days") >= RATE_MIN_SPAN_DAYS).drop("span_days")


def _launched(rows: pl.DataFrame, launches: pl.DataFrame | None, day: date) -> pl.DataFrame:
    """Add launch_day where it is known, and launch_age_days, by a guess from the designator where it is not."""
    if launches is None:
        launches = pl.DataFrame(schema={"launch": pl.String, "launch_day": pl.Date})
    # The shipped list knows launches that were still to come on an earlier day.
    known = launches.filter(pl.col("launch_day") <= day).unique("launch")
    both = rows.join(known, on="launch", how="left")
    age = (pl.lit(day) - pl.coalesce("launch_day", guessed_launch_day(day))).dt.total_days()
    return both.with_columns(age.fill_null(0).alias("launch_age_days"))


def guessed_launch_day(day: date) -> pl.Expr:
    """Day of a launch by its designator alone, as if a year's launches were evenly spread; good to about a month.

    Numbers of past years ran to about LAUNCHES_OF_YEAR; those of the running year cannot lie ahead of `day`.
    """
    year, number = (pl.col("launch").str.slice(*at).cast(pl.Int32, strict=False) for at in ((0, 4), (5, 3)))
    total = year.replace_strict(LAUNCHES_OF_YEAR, default=LAUNCHES_A_YEAR, return_dtype=pl.Int32)
    first = pl.date(year, 1, 1)
    guess = first + pl.duration(days=((number / total).clip(0, 1) * 365).cast(pl.Int64))
    return pl.min_horizontal(guess, pl.lit(day))


# Orbital launches that were given a designator (SATCAT, last launch number of the year).
LAUNCHES_OF_YEAR = {2018: 111, 2019: 97, 2020: 104, 2021: 136, 2022: 180, 2023: 212, 2024: 254, 2025: 315}
LAUNCHES_A_YEAR = 300


def _beside_yesterday(rows: pl.DataFrame, behind: pl.DataFrame, day: date) -> pl.DataFrame:
    """Add what each satellite was on the last landed day: shell, plane, place, state; and the rate below which it is steady."""
    names = ("day", "shell_id", "plane_id", "slot", "state", "altitude_km", "decay_predicted_day")
    latest = behind["day"].max()
    last = behind.filter(pl.col("day") == latest) if latest is not None else behind
    before = last.unique("identity", keep="last").select("identity", *(pl.col(n).alias(f"previous_{n}") for n in names))
    both = rows.join(before, on="identity", how="left")
    # Who worked yesterday is let go later than others are taken in: a phase manoeuvre is no departure.
    several, worked = pl.col("state_day_count") > 1, (pl.col("previous_state") == "operational").fill_null(value=False)
    limit = (
        pl.when(several & worked).then(HELD_KM_PER_DAY)
        .when(several).then(STEADY_KM_PER_DAY)
        .otherwise(STEADY_ONE_DAY_KM_PER_DAY)
    )  # fmt: skip
    # Who worked and has not moved since has not left, though a rate over some days reaches back beyond his arrival.
    since = (pl.col("altitude_km") - pl.col("previous_altitude_km")) / (day - pl.col("previous_day")).dt.total_days()
    held = pl.col("held_rate_km_per_day")
    stayed = worked & (since.abs() < held.abs()).fill_null(value=False)
    return both.with_columns(
        limit.alias("steady_limit_km_per_day"),
        pl.when(stayed).then(since).otherwise(held).alias("held_rate_km_per_day"),
    )


def _with_state(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Add `state` and `decay_predicted_day`."""
    altitude_km, rate = pl.col("altitude_km"), pl.col("altitude_rate_km_per_day")
    life = life_days(altitude_km, rate)
    young = pl.col("launch_age_days") < YOUNG_DAYS
    old_elements = pl.col("element_age_h") > OLD_ELEMENT_H
    falling = (rate < -MOVING_KM_PER_DAY) & (altitude_km < DECAY_ALTITUDE_KM)
    state = (
        pl.when((pl.col("payload_class") == "high_orbit") | old_elements)
        .then(pl.lit("unknown"))
        .when(_works())
        .then(pl.lit("operational"))
        .when(rate > MOVING_KM_PER_DAY)
        .then(pl.lit("raising"))
        .when(falling & (~young | (life <= FAILED_DAYS)))
        .then(pl.lit("decaying"))
        .when((rate < -MOVING_KM_PER_DAY) & (~young | (rate < -SINKING_KM_PER_DAY)))
        .then(pl.lit("lowering"))
        .otherwise(pl.lit("parked"))
    )
    rows = rows.with_columns(state.alias("state"), life.alias("life_days"))
    near = (pl.col("state") == "decaying") & (
        (pl.col("life_days") <= DECAY_HORIZON_DAYS) | pl.col("previous_decay_predicted_day").is_not_null()
    )
    comes_down = pl.lit(day) + pl.duration(days=pl.col("life_days").clip(0, 3_650).ceil().cast(pl.Int64))
    works = pl.col("state") == "operational"
    return rows.with_columns(
        pl.when(near).then(comes_down).alias("decay_predicted_day"),
        pl.when(works).then("held_rate_km_per_day").otherwise(rate).alias("altitude_rate_km_per_day"),
    )


def _works() -> pl.Expr:
    """On station: in a learned, steady shell, on a round orbit, as still as the shell is.

    Who is new and still on a level of the shell on which no places are kept waits for his place; who has served before
    serves on while he phases there. On one day of elements only a level with others on it tells who stays from who passes.
    """
    drift = (pl.col("held_rate_km_per_day") - pl.col("shell_rate_km_per_day")).abs()
    steady = pl.col("shell_rate_km_per_day").abs() <= shell.STEADY_SHELL_KM_PER_DAY
    placed = ~pl.col("waits") | (pl.col("launch_age_days") >= YOUNG_DAYS)
    still = (drift <= pl.col("steady_limit_km_per_day")) & ((pl.col("state_day_count") > 1) | pl.col("on_level"))
    works = (pl.col("shell_kind") == "shell") & steady & placed & still
    return works.fill_null(value=False)


def life_days(altitude_km: pl.Expr, rate_km_per_day: pl.Expr) -> pl.Expr:
    """Days until a falling satellite is at 120 km; infinite where it does not fall.

    The rate grows as the density of the air, exp(-h/H) with H = 30 km, so t = H / |rate| (1 - exp(-(h - 120 km) / H))
    (D.G. King-Hele, Satellite Orbits in an Atmosphere, 1987, circular orbits). Thrust and the Sun make it wrong by half.
    """
    height = (altitude_km - REENTRY_KM).clip(0.0)
    days = SCALE_HEIGHT_KM / -rate_km_per_day * (1 - (-height / SCALE_HEIGHT_KM).exp())
    return pl.when(rate_km_per_day < 0).then(days).otherwise(float("inf"))
