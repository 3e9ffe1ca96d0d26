"""How large each fleet is, in satellites and in installed capacity."""

from __future__ import annotations

import polars as pl

from pipeline.constellations import CONSTELLATIONS
from pipeline.table import CONSTELLATION, Column, Table

HISTORY = Table(
    "core.fleet_history_daily",
    "one row per day, constellation, generation and payload class",
    (
        Column("day", "day", "UTC date", "Day", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("generation", "text", "", "Generation", key=True),
        Column("payload_class", "payload_class", "", "What the satellites carry", key=True),
        Column("satellite_count", "integer", "", "Satellites in the catalog", 0, 200_000),
        Column("operational_count", "integer", "", "Satellites at work; null where the day is reconstructed", 0, 200_000, nullable=True),
        Column("down_gbps_per_satellite", "number", "Gbps", "Downlink capacity of one satellite, base", 0, 5_000, nullable=True),
        Column("installed_down_gbps", "number", "Gbps", "Broadband downlink of all satellites, base", 0, nullable=True),
        Column("operational_down_gbps", "number", "Gbps", "Broadband downlink of the satellites at work, base; null where the day is reconstructed", 0, nullable=True),
        Column("flagged", "flag", "", "Generation unknown: conservative figures stand in"),
        Column("basis", "basis", "", "observed where the day's own elements were landed, standing where those of an earlier day stand for them, reconstructed where the row is made of designators, launches and decays"),
    ),
)  # fmt: skip

CAPACITY = Table(
    "core.fleet_capacity_daily",
    "one row per day and constellation",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("satellite_count", "integer", "", "Satellites in the catalog, all payload classes", 0, 200_000),
        Column("operational_count", "integer", "", "Satellites at work, all payload classes", 0, 200_000),
        Column("broadband_operational_count", "integer", "", "Broadband satellites at work", 0, 200_000),
        Column("installed_down_tbps", "number", "Tbps", "Broadband downlink of all satellites, base", 0, 100_000, nullable=True),
        Column("installed_down_low_tbps", "number", "Tbps", "The same with the low figure of every generation", 0, 100_000, nullable=True),
        Column("installed_down_high_tbps", "number", "Tbps", "The same with the high figure of every generation", 0, 100_000, nullable=True),
        Column("in_service_down_tbps", "number", "Tbps", "Broadband downlink of the satellites at work, base", 0, 100_000, nullable=True),
        Column("in_service_down_low_tbps", "number", "Tbps", "The same, low", 0, 100_000, nullable=True),
        Column("in_service_down_high_tbps", "number", "Tbps", "The same, high", 0, 100_000, nullable=True),
        Column("in_service_up_tbps", "number", "Tbps", "Broadband uplink of the satellites at work, base; null where no figure is known", 0, 100_000, nullable=True),
    ),
)  # fmt: skip

GENERATION = Table(
    "dim.generation",
    "one row per generation of satellites, from satellite_generations.csv",
    (
        Column("generation", "text", "", "Generation", key=True),
        Column("down_gbps", "number", "Gbps", "Broadband downlink of one satellite, base", 0, 5_000, nullable=True),
        Column("down_low_gbps", "number", "Gbps", "The same, low", 0, 5_000, nullable=True),
        Column("down_high_gbps", "number", "Gbps", "The same, high", 0, 5_000, nullable=True),
        Column("up_gbps", "number", "Gbps", "Broadband uplink of one satellite, base", 0, 5_000, nullable=True),
        Column("up_low_gbps", "number", "Gbps", "The same, low", 0, 5_000, nullable=True),
        Column("up_high_gbps", "number", "Gbps", "The same, high", 0, 5_000, nullable=True),
        Column("laser_count", "number", "", "Laser links of one satellite", 0, 8, nullable=True),
        Column(
            "confidence", "text", "", "Confidence in the downlink figure, as the reference states it", nullable=True
        ),
        Column("citation", "text", "", "Source of the downlink figure", nullable=True),
    ),
)

TABLES = (HISTORY, CAPACITY, GENERATION)

UNKNOWN_STANDS_FOR = "starlink-v2mini-opt"
FLAGGED = sorted({g.name for c in CONSTELLATIONS for g in c.generations if g.flag})


def generations(reference: pl.DataFrame) -> pl.DataFrame:
    """dim.generation from the long table of satellite_generations.csv (generation, parameter, value, low, high, unit, ...).

    A generation that is unknown stands with the low figures of the newest known block, as the rules demand.
    """
    down = _figure(reference, ["downlink_capacity", "broadband_downlink_capacity"], "down").join(
        reference.filter(pl.col("parameter").is_in(["downlink_capacity", "broadband_downlink_capacity"])).select(
            "generation", "confidence", pl.col("source_title").alias("citation")
        ),
        on="generation",
    )
    up = _figure(reference, ["uplink_capacity"], "up")
    laser = _figure(reference, ["isl_count"], "laser").select("generation", pl.col("laser_gbps").alias("laser_count"))
    table = down.join(up, on="generation", how="left").join(laser, on="generation", how="left")
    unknown = table.filter(pl.col("generation") == UNKNOWN_STANDS_FOR).with_columns(
        pl.lit("unknown").alias("generation"),
        *(pl.col(f"{way}_low_gbps").alias(f"{way}{name}_gbps") for way in ("down", "up") for name in ("", "_high")),
        pl.lit("low").alias("confidence"),
        pl.lit(f"conservative: the low figures of {UNKNOWN_STANDS_FOR}").alias("citation"),
    )
    return GENERATION.conform(pl.concat([table, unknown]).select(GENERATION.column_names))


def _figure(reference: pl.DataFrame, parameters: list[str], name: str) -> pl.DataFrame:
    """Base, low and high of a parameter per generation; a missing end of the interval is the base itself."""
    number = {c: pl.col(c).cast(pl.Float64, strict=False) for c in ("value", "low", "high")}
    return reference.filter(pl.col("parameter").is_in(parameters)).select(
        "generation",
        number["value"].alias(f"{name}_gbps"),
        pl.coalesce(number["low"], number["value"]).alias(f"{name}_low_gbps"),
        pl.coalesce(number["high"], number["value"]).alias(f"{name}_high_gbps"),
    )


def compute(satellites: pl.DataFrame, generation: pl.DataFrame, basis: str = "observed") -> dict[str, pl.DataFrame]:
    """Fleet counts and capacities of one day from its core.satellite_daily and dim.generation, by table name.

    `basis` is what the day rests on: observed, or standing where the elements of an earlier day stand for it.

    A constellation without any satellite has a row of zeros in core.fleet_capacity_daily.
    Only broadband satellites have broadband capacity: direct-to-cell, test and high-orbit ones count as satellites only.
    """
    rows = satellites.join(generation, on="generation", how="left").with_columns(
        (pl.col("state") == "operational").alias("works"), (pl.col("payload_class") == "broadband").alias("broadband")
    )
    return {HISTORY.name: _history(rows, basis), CAPACITY.name: _capacity(rows)}


def _history(rows: pl.DataFrame, basis: str) -> pl.DataFrame:
    down = pl.when(pl.col("broadband")).then(pl.col("down_gbps"))
    table = rows.group_by("day", "constellation", "generation", "payload_class").agg(
        pl.len().alias("satellite_count"),
        pl.col("works").sum().alias("operational_count"),
        down.first().alias("down_gbps_per_satellite"),
        _total(down).alias("installed_down_gbps"),
        _total(down.filter(pl.col("works"))).alias("operational_down_gbps"),
        pl.col("generation").is_in(FLAGGED).first().alias("flagged"),
        pl.lit(basis).alias("basis"),
    )
    no_satellite_works = (pl.col("operational_count") == 0) & pl.col("installed_down_gbps").is_not_null()
    return HISTORY.conform(
        table.with_columns(pl.when(no_satellite_works).then(0.0).otherwise("operational_down_gbps").alias("operational_down_gbps"))
        .select(HISTORY.column_names)
    )  # fmt: skip


def _total(gbps: pl.Expr) -> pl.Expr:
    """Sum that is null where any figure is missing or there is nothing to sum: unknown is not zero."""
    return pl.when((gbps.null_count() == 0) & (gbps.len() > 0)).then(gbps.sum())


def _capacity(rows: pl.DataFrame) -> pl.DataFrame:
    works = pl.col("works") & pl.col("broadband")
    sums = {
        "installed_down_tbps": ("down_gbps", pl.col("broadband")),
        "installed_down_low_tbps": ("down_low_gbps", pl.col("broadband")),
        "installed_down_high_tbps": ("down_high_gbps", pl.col("broadband")),
        "in_service_down_tbps": ("down_gbps", works),
        "in_service_down_low_tbps": ("down_low_gbps", works),
        "in_service_down_high_tbps": ("down_high_gbps", works),
        "in_service_up_tbps": ("up_gbps", works),
    }
    table = rows.group_by("day", "constellation").agg(
        pl.len().alias("satellite_count"),
        pl.col("works").sum().alias("operational_count"),
        works.sum().alias("broadband_operational_count"),
        *(
            pl.when(pl.col(column).filter(which).null_count() == 0)
            .then(pl.col(column).filter(which).sum() / 1000)
            .alias(name)
            for name, (column, which) in sums.items()
        ),
    )
    day, present = rows["day"].first(), set(table["constellation"])
    absent = [
        {"day": day, "constellation": name, **dict.fromkeys(CAPACITY.column_names[2:], 0)}
        for name in CONSTELLATION
        if name not in present
    ]
    zeros = pl.DataFrame(absent, schema=CAPACITY.polars_schema)
    return CAPACITY.conform(pl.concat([CAPACITY.conform(table.select(CAPACITY.column_names)), zeros]))
