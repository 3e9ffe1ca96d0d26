"""How large each fleet is, in satellites and in installed capacity."""

from __future__ import annotations

import polars as pl

from pipeline.constellations import CONSTELLATIONS
from pipeline.table import BINDING, CONSTELLATION, Column, Table

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

_WAYS = (("down", "to users"), ("up", "from users"))


def _drawn(stem: str, what: str) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (stem, "_p10", "Tbps", f"{what}, 10th percentile of the draws of what is uncertain"),
        (stem, "_p50", "Tbps", "The same, median"),
        (stem, "_p90", "Tbps", "The same, 90th percentile"),
    )


# What the pass over the day's network adds (metrics.share); null where no gateway of the constellation is known, or no uplink figure.
SHARED = tuple(
    Column(
        f"{stem}_{way}{bound}_{'fraction' if unit == '1' else 'tbps'}", "number", unit, f"{meaning}, {words}", 0, 1 if unit == "1" else 100_000,
        nullable=True,
    )
    for way, words in _WAYS
    for stem, bound, unit, meaning in (
        *_drawn("installed", "Broadband of all satellites"),
        *_drawn("in_service", "Broadband of the satellites at work"),
        ("demand", "", "Tbps", "All broadband demand of the world, AI included, mean of the day"),
        ("sellable", "", "Tbps", "What is served of it in a fair share, mean of the day: the sum of core.capacity_daily"),
        *_drawn("sellable", "What is served of it in a fair share"),
        ("most", "", "Tbps", "What could be served, whoever gets it: the greatest throughput, mean of the day"),
        ("level", "", "1", "Least part of what beams carry that any cell in view of a fed satellite is given, mean of the day"),
        *(("bound", f"_{lid}", "1", f"Part of the demand where it is {lid} that binds") for lid in BINDING),
        ("throughput_gap", "", "1", "By which part the greatest throughput falls short of the exact one, at one instant on a coarse grid"),
        ("level_gap", "", "1", "By which part the level of the first round falls short of the exact one there"),
    )
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
        Column("gateway_count", "integer", "", "Gateways at work, PoPs with theirs, whose place is known: without any there is no service", 0, 100_000, nullable=True),
        Column("gateway_tbps", "number", "Tbps", "What all their antennas carry, base", 0, 100_000, nullable=True),
        Column("installed_down_tbps", "number", "Tbps", "Broadband downlink of all satellites, base", 0, 100_000, nullable=True),
        Column("installed_down_low_tbps", "number", "Tbps", "The same with the low figure of every generation", 0, 100_000, nullable=True),
        Column("installed_down_high_tbps", "number", "Tbps", "The same with the high figure of every generation", 0, 100_000, nullable=True),
        Column("installed_up_tbps", "number", "Tbps", "Broadband uplink of all satellites, base; null where no figure is known", 0, 100_000, nullable=True),
        Column("in_service_down_tbps", "number", "Tbps", "Broadband downlink of the satellites at work, base", 0, 100_000, nullable=True),
        Column("in_service_down_low_tbps", "number", "Tbps", "The same, low", 0, 100_000, nullable=True),
        Column("in_service_down_high_tbps", "number", "Tbps", "The same, high", 0, 100_000, nullable=True),
        Column("in_service_up_tbps", "number", "Tbps", "Broadband uplink of the satellites at work, base; null where no figure is known", 0, 100_000, nullable=True),
        *SHARED,
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
        "installed_up_tbps": ("up_gbps", pl.col("broadband")),
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
    known = table.columns[2:]
    absent = [
        {"day": day, "constellation": name, **dict.fromkeys(known, 0)} for name in CONSTELLATION if name not in present
    ]
    later = {c: pl.lit(None, kind).alias(c) for c, kind in CAPACITY.polars_schema.items() if c not in table.columns}
    schema = {c: kind for c, kind in CAPACITY.polars_schema.items() if c not in later}
    rows = pl.concat(
        [table.select(pl.col(c).cast(kind) for c, kind in schema.items()), pl.DataFrame(absent, schema=schema)]
    )
    return CAPACITY.conform(rows.with_columns(later.values()).select(CAPACITY.column_names))


def with_shared(rows: pl.DataFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """core.fleet_capacity_daily with what the pass over the day's network found: constellation, gateway_count and columns of SHARED.

    What a constellation's row does not have, or has as null, is null.
    """
    names = ["gateway_count", "gateway_tbps", *(column.name for column in SHARED)]
    there = [name for name in names if name in shared.columns]
    joined = rows.drop(names).join(shared.select("constellation", *there), on="constellation", how="left")
    missing = [pl.lit(None, pl.Float64).alias(name) for name in names if name not in there]
    return CAPACITY.conform(joined.with_columns(missing).select(CAPACITY.column_names))
