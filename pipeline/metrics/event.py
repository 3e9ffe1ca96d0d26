"""What happened to each satellite since the landed day before, each with the evidence for it.

Absence is not decay: who is not listed has vanished, and is called decayed only where SATCAT says so, or where he was last seen so low
and falling so fast that he cannot be up any more. A new row is not a launch: only a launch of the last weeks is.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipeline.metrics.identity import is_provisional
from pipeline.metrics.satellite import guessed_launch_day, last_rows, life_days
from pipeline.metrics.shell import HALF_WIDTH_KM
from pipeline.table import Column, Table

TABLE = Table(
    "core.fleet_event_daily",
    "one row per day, satellite and event",
    (
        Column("day", "day", "UTC date", "Day on which the event shows", key=True),
        Column("identity", "text", "", "The physical satellite", key=True),
        Column("event", "event", "", "What happened", key=True),
        Column("norad_cat_id", "integer", "", "Catalog number, the last one known", 1, 999_999_999),
        Column("object_name", "text", "", "Name, the last one known", nullable=True),
        Column("constellation", "constellation", "", "Constellation"),
        Column("generation", "text", "", "Generation"),
        Column("payload_class", "payload_class", "", "What it carries"),
        Column("launch", "text", "", "Launch part of the designator", nullable=True),
        Column("shell_id", "text", "", "Shell that was reached or left; null for other events", nullable=True),
        Column("before_day", "day", "UTC date", "Landed day before, against which the event shows: it may have happened on any day between"),
        Column("evidence", "text", "", "What shows it"),
    ),
    may_be_empty=True,
)  # fmt: skip

NEW_LAUNCH_DAYS = 60  # a satellite of an older launch that turns up is no launch
LAST_OF_TLE = 99_999  # CelesTrak's TLE files carry no greater numbers
CUT_NAME = r"^(.+)\*\)?$"  # TLE files cut a name at 24 characters and put a star where they did
INFERRED_ALTITUDE_KM = 250.0
INFERRED_MARGIN_DAYS = 3.0
INFERRED_ABSENT_DAYS = 3  # landed days

Said = tuple[str, pl.DataFrame, pl.Expr]


def compute(
    satellites: pl.DataFrame,
    behind: pl.DataFrame,
    day: date,
    satcat: pl.DataFrame | None = None,
    excluded: pl.DataFrame | None = None,
    known_decayed: pl.DataFrame | None = None,
    landed_day: date | None = None,
) -> pl.DataFrame:
    """Events of a day as core.fleet_event_daily; none on a first day.

    `satellites` is the day's core.satellite_daily, `behind` rows of it of the landed days before (columns BEHIND),
    `satcat` has norad_cat_id and decay_day, `excluded` norad_cat_id and reason of rows that the day left out,
    `known_decayed` identity and day of those that were called decayed before; `landed_day` is when the day's own elements were
    landed, where that is an earlier day: nobody was looked for since.
    """
    before_day = behind["day"].max()
    if before_day is None:
        return TABLE.empty()
    before = behind.filter(pl.col("day") == before_day)
    last = last_rows(behind)
    said = [
        *_arrivals(satellites, before, last, behind, day),
        *_changes(satellites, before),
        *_departures(satellites, before, satcat, excluded, day),
        *_late_decays(satellites, before, last, behind, satcat, known_decayed, landed_day or day),
    ]
    rows = [_rows(event, frame, evidence) for event, frame, evidence in said if frame.height]
    if not rows:
        return TABLE.empty()
    found = pl.concat(rows).with_columns(pl.lit(day).alias("day"), pl.lit(before_day).alias("before_day"))
    return TABLE.conform(found.select(TABLE.column_names))


def _rows(event: str, frame: pl.DataFrame, evidence: pl.Expr) -> pl.DataFrame:
    """Rows of one event; a shell is named where the event is about one."""
    shell = pl.col("shell_id") if event in ("reached_shell", "left_shell") else pl.lit(None, pl.String)
    return frame.select(
        "identity", pl.lit(event).alias("event"), "norad_cat_id", "object_name", "constellation", "generation",
        "payload_class", "launch", shell.alias("shell_id"), evidence.alias("evidence"),
    )  # fmt: skip


# --- who is new ------------------------------------------------------------------------------------------------------


def _arrivals(
    now: pl.DataFrame, before: pl.DataFrame, last: pl.DataFrame, behind: pl.DataFrame, day: date
) -> list[Said]:
    """launched, first_catalogued and reappeared of those who were not there on the day before."""
    new = now.join(before, on="identity", how="anti")
    seen = last.select("identity", pl.col("day").alias("last_day"))
    back = new.join(seen, on="identity")
    known_as = back.join(last.select("identity", pl.exclude("identity").name.suffix("_before")), on="identity")
    unseen = _aged(new.join(last, on="identity", how="anti"), before["day"][0])
    unseen, unheard = _unheard(unseen, before)
    crew = unseen.group_by("launch").agg(pl.len().alias("batch_count"))
    mates = behind.select("launch", "day", "identity").filter(
        pl.col("launch").is_in(unseen["launch"].unique().implode())
    )
    first = mates.group_by("launch").agg(
        pl.col("day").min().alias("first_day"), pl.col("identity").n_unique().alias("known_count")
    )
    unseen = unseen.join(crew, on="launch", how="left", nulls_equal=True).join(first, on="launch", how="left")
    young, known = pl.col("is_young"), pl.col("first_day").is_not_null()
    fresh, late, old = unseen.filter(young & ~known), unseen.filter(young & known), unseen.filter(~young)
    batch = pl.format(
        "launch {}, {}, is listed for the first time, with {} satellites", _or_unknown("launch"), _when(), "batch_count"
    )
    joined = pl.format(
        "launch {} was first listed on {} with satellites that now are {}; this one joins them",
        _or_unknown("launch"),
        "first_day",
        "known_count",
    )
    numbered = ~is_provisional()
    return [
        ("reappeared", back, pl.format("listed again; last listed on {}", "last_day")),
        ("reappeared", unheard, pl.format("no file of the day before had numbers above {}, as TLE have none", pl.lit(LAST_OF_TLE))),
        ("reappeared", old, pl.format("listed, but in none of the landed days behind; its launch {}, {}, is no new one", _or_unknown("launch"), _when())),
        ("launched", fresh, batch),
        ("first_catalogued", fresh.filter(numbered), pl.format("{}; catalog number {}", batch, "norad_cat_id")),
        ("first_catalogued", late.filter(numbered), pl.format("{}; catalog number {}", joined, "norad_cat_id")),
        ("launched", late.filter(~numbered), joined),
        *_other_names(known_as),
    ]  # fmt: skip


def _unheard(unseen: pl.DataFrame, before: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part those of whom the files of the day before could not tell, TLE all of them, unless they are known to be launched since."""
    five_digits = before["norad_cat_id"].filter(before.select(~is_provisional()).to_series()).max()
    if five_digits is None or five_digits > LAST_OF_TLE:  # type: ignore[operator]
        return unseen, unseen.clear()
    since = (pl.col("launch_day") > before["day"][0]).fill_null(value=False)
    told = (pl.col("norad_cat_id") > LAST_OF_TLE) & ~is_provisional() & ~since
    return unseen.filter(~told), unseen.filter(told)


def _aged(rows: pl.DataFrame, before_day: date) -> pl.DataFrame:
    """Add is_young: launched, as far as known or as the designator lets guess, in the weeks before the last landed day or after."""
    launched = pl.coalesce("launch_day", guessed_launch_day(before_day))
    age_days = (pl.lit(before_day) - launched).dt.total_days()
    # Without a designator there is a provisional number, and such numbers are for new satellites only.
    return rows.with_columns((age_days.fill_null(0) <= NEW_LAUNCH_DAYS).alias("is_young"))


def _when() -> pl.Expr:
    known = pl.format("launched {}", "launch_day")
    return pl.when(pl.col("launch_day").is_not_null()).then(known).otherwise(pl.lit("day of launch not known"))


def _or_unknown(name: str) -> pl.Expr:
    return pl.col(name).fill_null("without a designator")


# --- who has changed -------------------------------------------------------------------------------------------------


def _changes(now: pl.DataFrame, before: pl.DataFrame) -> list[Said]:
    """renamed, renumbered, reached_shell, left_shell, decay_predicted of those who were there on the day before."""
    both = now.join(before.select("identity", pl.exclude("identity").name.suffix("_before")), on="identity")
    works, worked = pl.col("state") == "operational", pl.col("state_before") == "operational"
    other = works & worked & (pl.col("shell_id") != pl.col("shell_id_before"))
    # A state that rests on one day may change because more is known: then only another altitude shows that something happened.
    several = (pl.col("state_day_count") > 1) & (pl.col("state_day_count_before") > 1)
    seen = several | ((pl.col("altitude_km") - pl.col("altitude_km_before")).abs() > HALF_WIDTH_KM)
    reached = both.filter(((works & ~worked) | other) & seen)
    left = both.filter(((worked & ~works) | other) & seen)
    left = left.with_columns(pl.col("shell_id_before").alias("shell_id"))
    predicted = both.filter(
        pl.col("decay_predicted_day").is_not_null() & pl.col("decay_predicted_day_before").is_null()
    )
    moved = pl.format("{}; {} before", _flight("state", ""), _flight("state", "_before"))
    return [
        *_other_names(both),
        ("reached_shell", reached, moved),
        ("left_shell", left, moved),
        ("decay_predicted", predicted, pl.format("{}: down about {}", _flight("state", ""), "decay_predicted_day")),
    ]  # fmt: skip


def _other_names(both: pl.DataFrame) -> list[Said]:
    """renamed, renumbered, and first_catalogued in place of a provisional number, of those who were known before."""
    cut, cut_before = (pl.col(name).str.extract(CUT_NAME) for name in ("object_name", "object_name_before"))
    same = pl.col("object_name_before").str.starts_with(cut) | pl.col("object_name").str.starts_with(cut_before)
    renamed = both.filter((pl.col("object_name") != pl.col("object_name_before")) & ~same.fill_null(value=False))
    renumbered = both.filter(pl.col("norad_cat_id") != pl.col("norad_cat_id_before"))
    numbered = renumbered.filter(~is_provisional() & is_provisional("norad_cat_id_before"))
    placed = pl.format("catalog number {} in place of the provisional {}", "norad_cat_id", "norad_cat_id_before")
    return [
        ("renamed", renamed, pl.format("{} was {}", "object_name", "object_name_before")),
        ("renumbered", renumbered, pl.format("{} was {}", "norad_cat_id", "norad_cat_id_before")),
        ("first_catalogued", numbered, placed),
    ]


def _flight(state: str, suffix: str) -> pl.Expr:
    """Altitude, rate and state in words."""
    return pl.format(
        "{} at {} km, {} km a day",
        f"{state}{suffix}",
        pl.col(f"altitude_km{suffix}").round(1),
        pl.col(f"altitude_rate_km_per_day{suffix}").round(2),
    )


# --- who is gone -----------------------------------------------------------------------------------------------------


def _departures(
    now: pl.DataFrame, before: pl.DataFrame, satcat: pl.DataFrame | None, excluded: pl.DataFrame | None, day: date
) -> list[Said]:
    """decayed, by SATCAT, and vanished of those who were there on the day before and are not now."""
    gone = _with_decay(before.join(now, on="identity", how="anti"), satcat)
    down = (pl.col("decay_day") <= day).fill_null(value=False)
    decayed, vanished = gone.filter(down), gone.filter(~down)
    reasons = pl.DataFrame(schema={"norad_cat_id": pl.Int64, "reason": pl.String}) if excluded is None else excluded
    vanished = vanished.join(reasons.unique("norad_cat_id"), on="norad_cat_id", how="left")
    catalogued = now.filter(~is_provisional())["launch"].drop_nulls().unique().to_list()
    given_up = is_provisional() & pl.col("object_name").is_null() & pl.col("launch").is_in(catalogued)
    five_digits = (pl.col("norad_cat_id") > LAST_OF_TLE) & (now["norad_cat_id"].max() <= LAST_OF_TLE)  # type: ignore[operator]
    why = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.format("its row was left out: {}", "reason"))
        .when(given_up)
        .then(pl.format("its provisional number is given up: launch {} is catalogued by now", "launch"))
        .when(five_digits & ~is_provisional())
        .then(pl.format("not listed: no file of the day has numbers above {}, as TLE have none", pl.lit(LAST_OF_TLE)))
        .when(~pl.col("source").is_in(now["source"].unique().implode()))
        .then(pl.format("its source {} is not there today; last seen {}", "source", _flight("state", "")))
        .otherwise(pl.format("not listed; last seen {}", _flight("state", "")))
    )
    return [
        ("decayed", decayed, pl.format("SATCAT: down on {}; last seen {}", "decay_day", _flight("state", ""))),
        ("vanished", vanished, why),
    ]


def _late_decays(
    now: pl.DataFrame,
    before: pl.DataFrame,
    last: pl.DataFrame,
    behind: pl.DataFrame,
    satcat: pl.DataFrame | None,
    known: pl.DataFrame | None,
    day: date,
) -> list[Said]:
    """decayed of those who vanished earlier: SATCAT says so by now, or, where it does not reach, nothing else is possible."""
    here = pl.concat([now.select("identity"), before.select("identity")])
    absent = _with_decay(_not_told(last.join(here, on="identity", how="anti"), known), satcat)
    down = (pl.col("decay_day") <= day).fill_null(value=False)
    newest = satcat["decay_day"].max() if satcat is not None else None
    after = pl.lit(value=True) if newest is None else pl.col("epoch_utc").dt.date() > newest
    return [
        ("decayed", absent.filter(down), pl.format("SATCAT: down on {}; last listed on {}", "decay_day", "day")),
        ("decayed", absent.filter(~down & after & _cannot_be_up(behind, day)), _inferred()),
    ]


def _not_told(absent: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
    """Those who were not called decayed since they were last listed."""
    if known is None:
        return absent
    told = known.group_by("identity").agg(pl.col("day").max().alias("told_day"))
    both = absent.join(told, on="identity", how="left")
    return both.filter((pl.col("told_day") <= pl.col("day")).fill_null(value=True)).drop("told_day")


def _cannot_be_up(behind: pl.DataFrame, day: date) -> pl.Expr:
    """Last seen low and falling, twice the time to come down and a margin ago, and not listed on several landed days since."""
    days = behind["day"].unique().sort()
    missed = pl.lit(len(days)) - pl.lit(days).search_sorted(pl.col("day"), side="right")
    life = life_days(pl.col("altitude_km"), pl.col("altitude_rate_km_per_day"))
    longest = 2 * life + INFERRED_MARGIN_DAYS  # the estimate may be wrong by half
    since = (pl.lit(day) - pl.col("epoch_utc").dt.date()).dt.total_days()
    return (pl.col("altitude_km") < INFERRED_ALTITUDE_KM) & (since > longest) & (missed >= INFERRED_ABSENT_DAYS)


def _inferred() -> pl.Expr:
    return pl.format("inferred: not listed since {}, when it was {}", "day", _flight("state", ""))


def _with_decay(rows: pl.DataFrame, satcat: pl.DataFrame | None) -> pl.DataFrame:
    if satcat is None:
        return rows.with_columns(pl.lit(None, pl.Date).alias("decay_day"))
    known = satcat.filter(pl.col("decay_day").is_not_null()).select("norad_cat_id", "decay_day").unique("norad_cat_id")
    return rows.join(known, on="norad_cat_id", how="left")
