"""One physical satellite, one identity: which rows of a day's sources are whose, under whatever number and name.

A satellite may be known by a provisional number before it has a catalog number, by a plain designator before it has a name, and
by other names later. Its identity is the international designator, or, where it is first seen under a provisional number, its
name; once given it stays, whatever name or number comes after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

import polars as pl

from pipeline.constellations import CONSTELLATIONS, Constellation

# SupGP numbers satellites that are not catalogued yet 70000 to 72999, and with nine digits from May 2026 on.
PROVISIONAL = ((70_000, 72_999), (700_000_000, 799_999_999))
PLAIN_NAME = r"^(\d{4}-\d{3}[A-Z]{1,3}|OBJECT [A-Z]{1,3})$"
STALE_H = 24.0  # elements that are this much older than another source's do not stand before them


@dataclass(frozen=True)
class Elements:
    """One source's rows of a day: the columns of raw.celestrak_active, best source first in a list of these.

    `constellation` is given where a source holds one constellation alone, so that rows without names have theirs.
    """

    source: str
    frame: pl.DataFrame
    constellation: str | None = None


def is_provisional(number: str = "norad_cat_id") -> pl.Expr:
    """Whether a catalog number is one that a satellite has only until it is catalogued."""
    return pl.any_horizontal(pl.col(number).is_between(low, high) for low, high in PROVISIONAL)


def is_plain() -> pl.Expr:
    """Whether object_name says nothing of whose the satellite is: a plain designator, or no name at all."""
    return (pl.col("object_name").str.contains(PLAIN_NAME)).fill_null(value=True)


def merge(sources: list[Elements], earlier: pl.DataFrame, names: pl.DataFrame, day: date) -> pl.DataFrame:
    """One row per satellite of the five constellations: the elements of the best source that has it, and who it is.

    `sources` come in order of precedence: of one satellite the first source's elements stand, unless they are more than a day
    older than another's on that `day`. `earlier` is the last row of every satellite of the landed days behind (columns of core.satellite_daily),
    `names` are norad_cat_id and object_name of any object, as known otherwise (catalogs of the days behind, SATCAT), for files that
    carry no names.
    Returns the columns of raw.celestrak_active and source, constellation, generation, payload_class, launch, identity.
    """
    rows = pl.concat([_ranked(s, rank) for rank, s in enumerate(sources)], how="vertical_relaxed")
    rows = _named(rows, earlier, names)
    rows = _best(rows, day)
    rows = _members(rows, earlier)
    rows = _identified(_without_twins(rows), earlier)
    return rows.sort("norad_cat_id")


def _ranked(item: Elements, rank: int) -> pl.DataFrame:
    return item.frame.with_columns(
        pl.lit(item.source).alias("source"),
        pl.lit(rank, pl.Int64).alias("rank"),
        pl.lit(item.constellation, pl.String).alias("of"),
    )


def _named(rows: pl.DataFrame, earlier: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Fill in names, and the designator, that a file leaves out: from the day's other sources, the days behind, SATCAT."""
    here = rows.filter(pl.col("object_name").is_not_null()).sort("rank")
    known = [f.select("norad_cat_id", "object_name") for f in (here, earlier, names)]
    book = (
        pl.concat(known, how="vertical_relaxed").drop_nulls().unique("norad_cat_id", keep="first", maintain_order=True)
    )
    numbered = rows.filter(~is_provisional() | pl.col("object_name").is_not_null())
    filled = numbered.join(book, on="norad_cat_id", how="left", suffix="_known").with_columns(
        pl.coalesce("object_name", "object_name_known")
    )
    return pl.concat([filled.select(rows.columns), rows.filter(is_provisional() & pl.col("object_name").is_null())])


def _best(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """Of each number the elements of the first source, unless they are stale; name and designator from whoever has them.

    An epoch that lies ahead of the day makes nobody else's stale.
    """
    newest = pl.min_horizontal(pl.col("epoch_utc").max().over("norad_cat_id"), datetime.combine(day, time(23, 59)))
    stale = (newest - pl.col("epoch_utc")).dt.total_seconds() > STALE_H * 3600
    chosen = rows.with_columns(stale.alias("stale")).sort("norad_cat_id", "stale", "rank")
    said = (pl.col(n).drop_nulls().first().over("norad_cat_id").alias(n) for n in ("object_name", "object_id", "of"))
    return chosen.with_columns(said).unique("norad_cat_id", keep="first", maintain_order=True).drop("stale", "rank")


def _members(rows: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """The satellites of the five constellations, with generation and payload class.

    By name; by source where that holds one constellation; by what the number was on the days behind, unless that was a guess
    and it has a name of its own by now; and where the name is still a plain designator by what its named companions of the same
    launch are, where most are of one constellation (a Starlink or two have flown with a dozen satellites of others).
    """
    launch = pl.col("object_id").str.slice(0, 8).alias("launch")
    named = by_name(rows.with_columns(launch))
    kind = ["constellation", "generation", "payload_class"]
    guessed_before = is_plain().alias("guessed_before")
    before = earlier.select("norad_cat_id", guessed_before, *(pl.col(k).alias(f"{k}_before") for k in kind))
    plain = is_plain()
    mostly_ours = pl.col("constellation").is_not_null().mean().over("launch") > 0.5
    known = named.filter(~plain & pl.col("launch").is_not_null()).filter(mostly_ours)
    crew = known.group_by("launch").agg(
        pl.col(k).drop_nulls().mode().sort().first().alias(f"{k}_of_launch") for k in kind
    )
    both = named.join(before, on="norad_cat_id", how="left").join(crew, on="launch", how="left")
    guess = (
        pl.coalesce(
            pl.when(plain | ~pl.col("guessed_before")).then(pl.col(f"{k}_before")),
            pl.when(plain).then(pl.col(f"{k}_of_launch")),
        ).alias(f"{k}_guess")
        for k in kind
    )
    own, guessed = pl.col("constellation").is_not_null(), both.with_columns(guess)
    chosen = [pl.when(own).then(pl.col(k)).otherwise(pl.col(f"{k}_guess")).alias(k) for k in kind]
    found = guessed.with_columns(chosen).with_columns(pl.coalesce("constellation", "of"))
    default = {"generation": "unknown", "payload_class": "broadband"}
    return found.filter(pl.col("constellation").is_not_null()).select(
        *rows.columns[:-1], "launch", "constellation", *(pl.col(k).fill_null(v) for k, v in default.items())
    )


def by_name(rows: pl.DataFrame) -> pl.DataFrame:
    """Add constellation, generation and payload_class by `object_name` (and `launch`, for how many it carried); null where nobody's."""
    parts = [_of(rows, c) for c in CONSTELLATIONS]
    found = pl.concat(parts)
    rest = rows.join(found.select("norad_cat_id"), on="norad_cat_id", how="anti")
    return pl.concat([found, rest], how="diagonal")


def _of(rows: pl.DataFrame, constellation: Constellation) -> pl.DataFrame:
    """Rows whose name is of one constellation, with generation and payload class by its first rule that fits."""
    mine = rows.filter(pl.col("object_name").str.contains(constellation.names).fill_null(value=False))
    generation = payload_class = pl.lit(None, pl.String)
    for rule in reversed(constellation.generations):
        fits = pl.col("object_name").str.contains(rule.pattern)
        if "(" in rule.pattern:
            number = pl.col("object_name").str.extract(rule.pattern).cast(pl.Int64, strict=False)
            fits = number.is_between(rule.first, rule.last).fill_null(value=False)
            crew = pl.col("launch").is_not_null() & (fits.sum().over("launch") > rule.most_per_launch)
            fits = fits & ~crew
        generation = pl.when(fits).then(pl.lit(rule.name)).otherwise(generation)
        payload_class = pl.when(fits).then(pl.lit(rule.payload_class)).otherwise(payload_class)
    return mine.with_columns(
        pl.lit(constellation.name).alias("constellation"),
        generation.alias("generation"),
        payload_class.alias("payload_class"),
    )


def _without_twins(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out a provisional row whose satellite the day also has under its catalog number.

    By name; without names, a launch that is catalogued has no use for its provisional numbers.
    """
    real = rows.filter(~is_provisional())
    names = set(real["object_name"].drop_nulls())
    launches = set(real["launch"].drop_nulls())
    named = pl.col("object_name").is_not_null()
    twin = is_provisional() & (
        (named & pl.col("object_name").is_in(names)) | (~named & pl.col("launch").is_in(launches))
    )
    return rows.filter(~twin.fill_null(value=False))


def _identified(rows: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Add `identity`: that of the number on the days behind, else that of a provisional satellite of the same name, else of the
    same designator where it had no name, else a new one.

    A name says more than a designator: the letters of a launch are sometimes given anew when it is catalogued.
    """
    by_number = earlier.select(
        "norad_cat_id", pl.col("identity").alias("of_number"), pl.col("launch").alias("launch_before")
    )
    waiting = earlier.filter(is_provisional() & pl.col("object_name").is_not_null())
    by_name = waiting.filter(pl.col("object_name").is_unique()).select(
        "object_name", pl.col("identity").alias("of_name")
    )
    nameless = earlier.filter(is_provisional() & pl.col("object_name").is_null() & pl.col("object_id").is_unique())
    by_designator = nameless.select("object_id", pl.col("identity").alias("of_designator"))
    both = rows.join(by_number, on="norad_cat_id", how="left").join(by_name, on="object_name", how="left")
    both = both.join(by_designator, on="object_id", how="left")
    # Provisional numbers are used again for later launches.
    recycled = is_provisional() & (pl.col("launch") != pl.col("launch_before")).fill_null(value=False)
    of_number = pl.when(~recycled).then(pl.col("of_number"))
    unnamed = pl.format("{}/{}", pl.col("launch").fill_null("?"), "norad_cat_id")
    new = (
        pl.when(is_provisional())
        .then(pl.coalesce("object_name", unnamed))
        .otherwise(pl.coalesce("object_id", pl.format("catalog number {}", "norad_cat_id")))
    )
    found = both.with_columns(pl.coalesce(of_number, "of_name", "of_designator", new).alias("identity"))
    # A number of the days behind says more than a name, a name more than a designator that somebody else has.
    certain = (
        pl.when(of_number.is_not_null()).then(0)
        .when(pl.col("of_name").is_not_null()).then(1)
        .when(pl.col("of_designator").is_not_null()).then(2)
        .otherwise(3)
    )  # fmt: skip
    found = found.with_columns(certain.alias("certain")).sort("certain", "norad_cat_id", maintain_order=True)
    first = pl.int_range(pl.len()).over("identity") == 0
    other = pl.format("{} (catalog number {})", "identity", "norad_cat_id")
    return found.with_columns(pl.when(first).then("identity").otherwise(other).alias("identity")).select(
        *rows.columns, "identity"
    )


def age_h(day: date) -> pl.Expr:
    """Age of elements at noon of the day [h]; negative for epochs that lie ahead."""
    return (datetime.combine(day, time(12)) - pl.col("epoch_utc")).dt.total_seconds() / 3600
