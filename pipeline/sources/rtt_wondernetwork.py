"""Round trips between cities over the public Internet: a day of pings among WonderNetwork's servers."""

from __future__ import annotations

import polars as pl

from pipeline.formats import delimited, rows
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.sources import wondernetwork_servers
from pipeline.table import Column, Table

SOURCE = Source(
    name="rtt_wondernetwork",
    title="WonderNetwork: pings between cities",
    address="https://raw.githubusercontent.com/sm86/geo-latency-data/HEAD/pings-2020-07-19-2020-07-20-grouped.csv",
    licence="none stated",
    citation=f"{wondernetwork_servers.SOURCE.citation}, grouped by pair in https://github.com/sm86/geo-latency-data",
    cadence="never: of 19 and 20 July 2020",
    missing="measured round trips over the public Internet: the fixed stretch of fibre stands",
    limit_bytes=64 * 2**20,
    by_hand=True,
)

MOST_MS = 10_000.0  # a ping that takes longer is counted as lost
TABLE = Table(
    "raw.rtt_wondernetwork",
    "one row per server that pings and server that answers",
    (
        Column("from_server_id", "integer", "", "The server that pings", 0, key=True),
        Column("to_server_id", "integer", "", "The server that answers", 0, key=True),
        Column("rtt_min_ms", "number", "ms", "Fastest round trip", 0, MOST_MS),
        Column("rtt_ms", "number", "ms", "Mean round trip", 0, MOST_MS),
        Column("rtt_max_ms", "number", "ms", "Slowest round trip", 0, MOST_MS),
        Column("rtt_deviation_ms", "number", "ms", "Standard deviation of the round trips, as ping tells it", 0, MOST_MS),
    ),
)  # fmt: skip
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of pings",
    fields=dict(zip(("source", "destination", "min", "avg", "max", "mdev"), TABLE.columns, strict=True)),
    name_field="source",
    number_field="destination",
    exclusive={"rtt_min_ms": 0.0, "rtt_ms": 0.0, "rtt_max_ms": 0.0},
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with source, destination (numbers of servers), min, avg, max and mdev [ms]; both directions of a pair are rows.

    Left out: pings that are not above 0, whose fastest is above the mean or the mean above the slowest, of a server to itself, and pairs that
    stand before. Raises SourceError when it is no such file, and when more than a twentieth cannot be read. Places, and with them what light
    allows, stand in the companion: `metrics.round_trip.placed` judges them.
    """
    text = rows.decoded(data, FORM)
    rows.refuse_web_page(text, FORM)
    lines = delimited.split(text, FORM)
    found = rows.read(lines.text, FORM, lines.ragged, lines.cut_line)
    key = ["from_server_id", "to_server_id"]
    reason = (
        pl.when(pl.col(key[0]) == pl.col(key[1])).then(pl.lit("a server pings itself"))
        .when(pl.col("rtt_min_ms") > pl.col("rtt_ms")).then(pl.format("its fastest round trip {} is above the mean {}", "rtt_min_ms", "rtt_ms"))
        .when(pl.col("rtt_ms") > pl.col("rtt_max_ms")).then(pl.format("its mean round trip {} is above the slowest {}", "rtt_ms", "rtt_max_ms"))
        .when(~pl.struct(key).is_first_distinct()).then(pl.lit("the pair stands before it in the file"))
    )  # fmt: skip
    judged = found.kept.with_columns(reason.alias("reason"))
    bad = judged.filter(pl.col("reason").is_not_null()).select("row_number", rows.key(*map(pl.col, key)), "reason")
    kept = judged.filter(pl.col("reason").is_null()).select(TABLE.column_names)
    excluded = pl.concat([found.excluded, bad]).sort("row_number")
    rows.refuse_unreadable(excluded, kept.height + excluded.height, FORM)
    return Parsed(TABLE.conform(kept), excluded)
