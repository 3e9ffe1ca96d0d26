"""How large each fleet was on every day before the first observed one, from designators, launches and decays."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from pipeline.constellations import CONSTELLATIONS
from pipeline.metrics import fleet, identity
from pipeline.metrics.satellite import guessed_launch_day
from pipeline.table import CONSTELLATION

# A launch is catalogued some days later. CelesTrak catalogs of 2025 and 2026 bound it: 16 batches of more than 10 satellites were
# absent from one and present in a later one, the middle between the two 2.5 to 10.5 days after the launch, median 7 (a few took
# more than 13 days); 12 launches of up to 10 objects were all there 2 to 5 days after the launch at the latest.
CATALOGUED_AFTER_DAYS = 7
SMALL_CATALOGUED_AFTER_DAYS = 3
SMALL_BATCH_COUNT = 10
# A listed launch as young as this that the day's catalog does not hold is not catalogued yet; an older one is gone.
YOUNG_DAYS = 60

KEY = ["constellation", "generation", "payload_class"]
PAYLOAD_CLASS_OF = {g.name: g.payload_class for c in CONSTELLATIONS for g in c.generations}
SATCAT_SCHEMA = pl.Schema(
    {"norad_cat_id": pl.Int64, "object_name": pl.String, "object_id": pl.String, "launch_day": pl.Date, "decay_day": pl.Date}
)  # fmt: skip
NO_PAYLOAD = r" DEB$|R/B"
FAR = date(2100, 1, 1)


def compute(
    satellites: pl.DataFrame,
    generation: pl.DataFrame,
    launches: pl.DataFrame,
    losses: pl.DataFrame,
    satcat: pl.DataFrame | None,
    day: date,
) -> pl.DataFrame:
    """Rows of core.fleet_history_daily of every day before `day`, reconstructed, down to the first launch.

    `satellites` are core.satellite_daily of `day`, `generation` is dim.generation, `launches` and `losses` are the rows of
    launches.csv and fleet_losses.csv; `satcat` has norad_cat_id, object_name, object_id, launch_day and decay_day, or is None.
    Where SATCAT has names and decays, each object counts until its decay; else satellites launched less those lost by then.
    Either way a satellite counts from when it is catalogued, some days after its launch, and the last day meets the observed one.
    What worked on those days is not known: operational_count and operational_down_gbps are null.
    """
    launches = _dated(launches, "launch_day")
    known = satcat is not None and bool((satcat["object_name"].is_not_null() & satcat["decay_day"].is_not_null()).any())
    if known and satcat is not None:
        spans = _spans(satellites, launches, satcat.select(SATCAT_SCHEMA.names()).cast(SATCAT_SCHEMA), day)
        counts = _counts(_changes(spans), None, None, day)
    else:
        entries = _entries(satellites, launches, day)
        counts = _counts(entries, satellites.group_by(KEY).len("count"), _dated(losses, "day"), day)
    return _history(counts, generation)


# ---- launched less lost ----


def _entries(satellites: pl.DataFrame, launches: pl.DataFrame, day: date) -> pl.DataFrame:
    """Satellites that enter the catalog, by KEY and day: of each launch as many as are listed, or as the catalog holds."""
    batch = ["constellation", "launch", "generation"]
    held = satellites.group_by(batch).agg(
        pl.len().alias("held_count"), pl.col("payload_class").mode().sort().first(), pl.col("launch_day").max()
    )
    listed = launches.filter(pl.col("constellation").is_in(CONSTELLATION)).select(
        *batch, pl.col("satellite_count").cast(pl.Int64), pl.col("launch_day").alias("listed_day")
    )
    both = listed.join(held, on=batch, how="full", coalesce=True, nulls_equal=True).with_columns(
        pl.coalesce("listed_day", "launch_day").alias("launch_day"),
        pl.col("payload_class").fill_null(_class_by_rule()),
        pl.max_horizontal("satellite_count", "held_count").cast(pl.Int64).alias("change"),
        pl.col("held_count").is_not_null().any().over("constellation", "launch").alias("is_held"),
    )
    dated = _with_launch_day(both, launches, day)
    too_young = pl.col("launch_day") > day - timedelta(days=YOUNG_DAYS)
    kept = dated.filter(pl.col("is_held") | ~too_young)
    return kept.select(*KEY, _entry_day(pl.col("change").sum().over("constellation", "launch"), day), "change")


def _class_by_rule() -> pl.Expr:
    """Payload class by the rules of the generation; broadband where no rule names it."""
    return pl.col("generation").replace_strict(PAYLOAD_CLASS_OF, default="broadband", return_dtype=pl.String)


def _entry_day(batch_count: pl.Expr, day: date) -> pl.Expr:
    """The day from which a launch is in the catalog: what the catalog of `day` holds is there by then."""
    small = batch_count <= SMALL_BATCH_COUNT
    after = pl.when(small).then(SMALL_CATALOGUED_AFTER_DAYS).otherwise(CATALOGUED_AFTER_DAYS)
    return pl.min_horizontal(pl.col("launch_day") + pl.duration(days=after), pl.lit(day)).alias("at")


def _with_launch_day(rows: pl.DataFrame, launches: pl.DataFrame, day: date) -> pl.DataFrame:
    """Fill in launch_day by the list of launches, else by the neighbours of the designator; `day` where there is none."""
    list_of = launches.select("launch", pl.col("launch_day").alias("list_day")).drop_nulls().unique("launch")
    known = pl.concat([list_of.rename({"list_day": "launch_day"}), rows.select("launch", "launch_day").drop_nulls()])
    filled = rows.join(list_of, on="launch", how="left").with_columns(pl.coalesce("launch_day", "list_day"))
    guess = _days_by_neighbours(rows.select("launch"), known.unique("launch"))
    return filled.with_columns(pl.coalesce("launch_day", guess, pl.lit(day)).alias("launch_day"))


def _days_by_neighbours(rows: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """Launch days by designator: the guess by its number, moved as the launches before and after it are known to be.

    Between listed launches good to a few days; before and after all of them as good as the guess itself.
    """
    by_number = pl.when(pl.col("launch").is_not_null()).then(guessed_launch_day(FAR)).to_physical().alias("at")
    guess = rows.select(by_number)["at"]
    points = known.select(by_number, pl.col("launch_day").to_physical().alias("is")).drop_nulls().sort("at", "is")
    if points.is_empty():
        return guess.cast(pl.Date)
    at = guess.fill_null(0).to_numpy().astype(float)
    moved = at + np.interp(at, points["at"].to_numpy(), (points["is"] - points["at"]).to_numpy())
    days = pl.Series(np.rint(moved).astype(np.int32)).cast(pl.Date)
    return pl.select(pl.when(guess.is_not_null()).then(days)).to_series()


# ---- object by object, where SATCAT has decays ----


def _spans(satellites: pl.DataFrame, launches: pl.DataFrame, satcat: pl.DataFrame, day: date) -> pl.DataFrame:
    """One row per object, with KEY, the day `at` of its entry and that of its exit `until`, null while it is in orbit.

    Objects that have not decayed but are not in the day's catalog either are dead or not catalogued yet: they are left out, so
    that the last day meets the observed one.
    """
    payloads = satcat.filter(pl.col("object_name").is_not_null() & ~pl.col("object_name").str.contains(NO_PAYLOAD))
    launch = pl.col("object_id").str.slice(0, 8).alias("launch")
    named = identity.by_name(payloads.with_columns(launch)).filter(pl.col("constellation").is_not_null())
    held = pl.col("norad_cat_id").is_in(satellites["norad_cat_id"].to_list()) | pl.col("object_id").is_in(
        satellites["object_id"].drop_nulls().to_list()
    )
    objects = named.filter(pl.col("decay_day").is_not_null() | held.fill_null(value=False))
    lacking = satellites.join(objects, on="norad_cat_id", how="anti").join(
        objects.filter(pl.col("object_id").is_not_null()), on="object_id", how="anti"
    )
    columns = [*KEY, "launch", "launch_day"]
    rows = pl.concat(
        [
            objects.select(*columns, pl.col("decay_day").alias("until")),
            lacking.select(*columns, pl.lit(None, pl.Date).alias("until")),
        ],
        how="vertical_relaxed",
    )
    batch_count = pl.len().over("constellation", "launch")
    return _with_launch_day(rows, launches, day).select(*KEY, _entry_day(batch_count, day), "until")


def _changes(spans: pl.DataFrame) -> pl.DataFrame:
    """Entries and exits by KEY and day, +1 and -1; who decayed before he was catalogued never counts."""
    counted = spans.filter(pl.col("until").is_null() | (pl.col("until") > pl.col("at")))
    entries = counted.select(*KEY, "at", pl.lit(1, pl.Int64).alias("change"))
    exits = counted.drop_nulls("until").select(*KEY, pl.col("until").alias("at"), pl.lit(-1, pl.Int64).alias("change"))
    return pl.concat([entries, exits])


# ---- days ----


def _counts(
    changes: pl.DataFrame, observed: pl.DataFrame | None, losses: pl.DataFrame | None, day: date
) -> pl.DataFrame:
    """KEY, day and satellite_count of every day before `day` on which there is any satellite.

    `changes` have KEY, the day `at` and `change`. Where `observed` (KEY, count of `day`) is given, what is lost is taken off.
    """
    first = changes["at"].min()
    if not isinstance(first, date) or first >= day:
        return pl.DataFrame(schema={**dict.fromkeys(KEY, pl.String()), "day": pl.Date(), "satellite_count": pl.Int64()})
    days = pl.date_range(first, day, eager=True)
    parts = []
    for key, rows in changes.group_by(KEY, maintain_order=True):
        count = _running_total(rows, first, days.len())
        if observed is not None and losses is not None:
            count = count - _lost(count, _observed_count(observed, key), _anchors(losses, key, first, day))
        parts.append(_part(key, days, count))
    return pl.concat(parts).filter((pl.col("day") < day) & (pl.col("satellite_count") > 0))


def _observed_count(observed: pl.DataFrame, key: tuple[object, ...]) -> int | None:
    """Satellites of the key on the day; None where the day's catalog has nobody of the whole constellation."""
    of_constellation = observed.filter(pl.col("constellation") == key[0])
    seen = of_constellation.filter(pl.all_horizontal(pl.col(n) == v for n, v in zip(KEY, key, strict=True)))
    return None if of_constellation.is_empty() else int(seen["count"].sum())


def _running_total(rows: pl.DataFrame, first: date, length: int) -> np.ndarray:
    """Sum of the changes up to each day, shape (length,)."""
    at = (rows["at"] - first).dt.total_days().to_numpy()
    inside = at < length
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, at[inside], rows["change"].to_numpy()[inside])
    return total.cumsum()


def _anchors(losses: pl.DataFrame, key: tuple[object, ...], first: date, day: date) -> tuple[np.ndarray, np.ndarray]:
    """Days since `first` and satellites lost by then, of one generation, before `day`."""
    mine = (
        (pl.col("constellation") == key[0])
        & (pl.col("generation") == key[1])
        & pl.col("day").is_between(first, day, closed="left")
    )
    rows = losses.filter(mine).sort("day")
    return (rows["day"] - first).dt.total_days().to_numpy(), rows["lost_count"].to_numpy()


def _lost(launched: np.ndarray, observed_count: int | None, anchors: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Satellites lost by each day, shape (days,): linear between none at the first launch, the anchors and the last day.

    On the last day it is what is launched but not observed; it never falls, and never exceeds what is launched by then.
    """
    start, end = int(np.argmax(launched > 0)), launched.size - 1
    last = int(anchors[1].max(initial=0)) if observed_count is None else max(int(launched[-1]) - observed_count, 0)
    later = anchors[0] > start
    at = np.concatenate([[start], anchors[0][later], [end]])
    lost = np.concatenate([[0], np.minimum(anchors[1][later], last), [last]])
    curve = np.rint(np.interp(np.arange(launched.size), at, np.maximum.accumulate(lost))).astype(np.int64)
    return np.minimum(curve, launched)


def _part(key: tuple[object, ...], days: pl.Series, count: np.ndarray) -> pl.DataFrame:
    literals = [pl.lit(value, pl.String).alias(name) for name, value in zip(KEY, key, strict=True)]
    return pl.DataFrame({"day": days, "satellite_count": count}).select(*literals, "day", "satellite_count")


def _history(counts: pl.DataFrame, generation: pl.DataFrame) -> pl.DataFrame:
    """core.fleet_history_daily of the counts, with the figures of their generation; only broadband has broadband capacity."""
    down = pl.when(pl.col("payload_class") == "broadband").then(pl.col("down_gbps"))
    rows = counts.join(generation.select("generation", "down_gbps"), on="generation", how="left").with_columns(
        down.alias("down_gbps_per_satellite"),
        (pl.col("satellite_count") * down).alias("installed_down_gbps"),
        pl.lit(None, pl.Int64).alias("operational_count"),
        pl.lit(None, pl.Float64).alias("operational_down_gbps"),
        pl.col("generation").is_in(fleet.FLAGGED).alias("flagged"),
        pl.lit("reconstructed").alias("basis"),
    )
    return fleet.HISTORY.conform(rows.select(fleet.HISTORY.column_names))


def _dated(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The frame with `column` as days: a CSV file has them as text."""
    text = frame.schema[column] == pl.String
    return frame.with_columns(pl.col(column).str.to_date()) if text else frame
