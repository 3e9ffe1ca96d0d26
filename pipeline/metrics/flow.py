"""The waterfall of the day: how yesterday's fleet became today's, every satellite once."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.table import STATE, Column, Table

ABSENT = "absent"

TABLE = Table(
    "core.fleet_flow_daily",
    "one row per day, constellation, generation, payload class, step, state before and state after",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("generation", "text", "", "Generation", key=True),
        Column("payload_class", "payload_class", "", "What the satellites carry", key=True),
        Column("step", "flow_step", "", "How they got from one to the other; kept where nothing changed", key=True),
        Column("state_before", "flow_state", "", "State on the landed day before; absent where not listed", key=True),
        Column("state_after", "flow_state", "", "State today; absent where not listed", key=True),
        Column("before_day", "day", "UTC date", "Landed day before"),
        Column("satellite_count", "integer", "", "Satellites that went this way", 1, 200_000),
        Column("installed_change_tbps", "number", "Tbps", "What that adds to the installed broadband downlink, base; null where no figure is known", nullable=True),
        Column("in_service_change_tbps", "number", "Tbps", "What that adds to the downlink of the satellites at work, base; null where no figure is known", nullable=True),
    ),
    may_be_empty=True,
)  # fmt: skip

KIND = ["constellation", "generation", "payload_class"]


def compute(
    satellites: pl.DataFrame, behind: pl.DataFrame, events: pl.DataFrame, generation: pl.DataFrame, day: date
) -> pl.DataFrame:
    """core.fleet_flow_daily of a day; empty on a first day.

    `satellites` and `behind` are core.satellite_daily of the day and of the landed days before, `events` the day's
    core.fleet_event_daily, `generation` dim.generation. Every satellite of either day is counted once: the sums by state_before
    are the day before, those by state_after are today.
    """
    before_day = behind["day"].max()
    if before_day is None:
        return TABLE.empty()
    rows = _beside(satellites, behind.filter(pl.col("day") == before_day))
    named = events.group_by("identity").agg(pl.col("event"))
    rows = rows.join(named, on="identity", how="left").with_columns(_step().alias("step"))
    rows = _with_tbps(_with_tbps(rows, generation, ""), generation, "_before")
    present, works = (
        {end: pl.col(f"state_{end}") != ABSENT for end in ("before", "after")},
        {end: pl.col(f"state_{end}") == "operational" for end in ("before", "after")},
    )
    table = rows.group_by(*KIND, "step", "state_before", "state_after").agg(
        pl.len().alias("satellite_count"),
        _change(present).alias("installed_change_tbps"),
        _change(works).alias("in_service_change_tbps"),
    )
    return TABLE.conform(
        table.with_columns(pl.lit(day).alias("day"), pl.lit(before_day).alias("before_day")).select(TABLE.column_names)
    )


def _beside(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Every satellite of either day with both states and shells; its kind is today's where it is there, and what it was is kept."""
    left = now.select("identity", *KIND, pl.col("state").alias("state_after"))
    right = before.select("identity", *KIND, pl.col("state").alias("state_before"))
    both = left.join(right, on=["identity", "constellation"], how="full", coalesce=True, suffix="_right")
    return both.with_columns(
        *(pl.coalesce(name, f"{name}_right") for name in KIND[1:]),
        *(pl.coalesce(f"{name}_right", name).alias(f"{name}_before") for name in KIND[1:]),
        pl.col("state_before").fill_null(ABSENT),
        pl.col("state_after").fill_null(ABSENT),
    )


def _step() -> pl.Expr:
    """The step of one satellite, by its two states and its events."""
    before, after = pl.col("state_before"), pl.col("state_after")
    names = ("launched", "first_catalogued", "reappeared", "decayed", "reached_shell", "left_shell")
    has = {name: pl.col("event").list.contains(name).fill_null(value=False) for name in names}
    new = (has["launched"] | has["first_catalogued"]) & ~has["reappeared"]
    works, worked = after == "operational", before == "operational"
    sank = ["lowering", "decaying"]
    return (
        pl.when(before == ABSENT).then(pl.when(new).then(pl.lit("launched")).otherwise(pl.lit("reappeared")))
        .when(after == ABSENT).then(pl.when(has["decayed"]).then(pl.lit("decayed")).otherwise(pl.lit("vanished")))
        .when(works & worked).then(pl.when(has["reached_shell"]).then(pl.lit("moved")).otherwise(pl.lit("kept")))
        .when(before == after).then(pl.lit("kept"))
        .when((works & ~has["reached_shell"]) | (worked & ~has["left_shell"])).then(pl.lit("reassessed"))
        .when(works & ~before.is_in(sank)).then(pl.lit("raised"))
        .when(worked & after.is_in(sank)).then(pl.lit("lowered"))
        .when(works | worked).then(pl.lit("moved"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip


def _with_tbps(rows: pl.DataFrame, generation: pl.DataFrame, end: str) -> pl.DataFrame:
    """Add the broadband downlink of one satellite, tbps or tbps_before; null where no figure is known."""
    known = generation.select(
        pl.col("generation").alias(f"generation{end}"), (pl.col("down_gbps") / 1000).alias("figure")
    )
    tbps = pl.when(pl.col(f"payload_class{end}") == "broadband").then("figure").otherwise(0.0)
    return rows.join(known, on=f"generation{end}", how="left").with_columns(tbps.alias(f"tbps{end}")).drop("figure")


def _change(there: dict[str, pl.Expr]) -> pl.Expr:
    """Sum of what satellites add, also where their kind is another than the day before: null where a figure is missing that counts."""
    same = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_before") for name in KIND[1:])
    after, before = (
        pl.when(there["after"]).then("tbps").otherwise(0.0),
        pl.when(there["before"]).then("tbps_before").otherwise(0.0),
    )
    change = pl.when(same & (there["after"] == there["before"])).then(0.0).otherwise(after - before)
    return pl.when(change.null_count() == 0).then(change.sum())


assert ABSENT not in STATE
