"""How ready a constellation is to be the backbone of AI: two indices, of access and of trunks, and a strip of four tests.

Access is looked at country by country, trunks corridor by corridor; both are means over AI demand. A place has an index where all of its pillars
are known, and one over the common pillars, those that are known of nearly every place, for comparing. A world figure of all pillars
stands where they are known for LEAST_KNOWN of the demand; no pillar that is missing lowers a figure. Weights, anchors and targets are
readiness.csv's; figures of one definition alone are compared, by its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.metrics import index, trend
from pipeline.table import CONSTELLATION, READINESS, Column, Table

FILE = "readiness.csv"
ACCESS, TRUNK = "access", "trunk"
INDICES = (ACCESS, TRUNK)
TESTS = READINESS[2:]
LEAST_KNOWN = 0.5
Floats = NDArray[np.float64]

_DAY = Column("day", "day", "UTC date", "Day of the run", key=True)
_CONSTELLATION = Column("constellation", "constellation", "", "Constellation", key=True)
_READINESS = Column("readiness", "readiness", "", "Index (access, trunk) or test", key=True)
_PILLAR = Column("pillar", "text", "", "Pillar of the index", key=True)
_PLACE = Column("place", "text", "", "Country (ISO 3166-1 alpha-3) of access, corridor (from_id to to_id) of trunks", key=True)  # fmt: skip
_HASH = Column("definition_hash", "text", "", "First 16 digits of the SHA-256 of readiness.csv: figures of one hash alone can be compared")  # fmt: skip

DEFINITION = Table(
    "dim.readiness",
    "one row per index or test and pillar: weights, anchors and targets",
    (
        _READINESS,
        _PILLAR,
        Column("weight_fraction", "number", "1", "Weight of the pillar in its index; null of a target", 0, 1, nullable=True),
        Column("at_zero_number", "number", "", "Measure with a score of 0; null of a target", nullable=True),
        Column("at_hundred_number", "number", "", "Measure with a score of 100, or the target of a test"),
        Column("scale", "text", "", "linear or log: how a score goes between the anchors"),
        Column("is_common", "flag", "", "Whether the pillar is one of the common ones"),
        Column("unit", "text", "", "Unit of the measure", nullable=True),
        Column("source", "text", "", "Who says so"),
        Column("note", "text", "", "What is measured", nullable=True),
        _HASH,
    ),
)  # fmt: skip

TABLE = Table(
    "core.readiness_daily",
    "one row per day, constellation and index or test",
    (
        _DAY,
        _CONSTELLATION,
        _READINESS,
        Column("value_number", "number", "", "Index from 0 to 100 over all pillars, mean over AI demand, or the figure of the test; estimated; null where a pillar is not known for half of the demand", 0, nullable=True),
        Column("value_p10_number", "number", "", "10th percentile of the draws of what is uncertain; null of tests", 0, 100, nullable=True),
        Column("value_p50_number", "number", "", "Median of the draws", 0, 100, nullable=True),
        Column("value_p90_number", "number", "", "90th percentile of the draws", 0, 100, nullable=True),
        Column("common_number", "number", "", "Index over the common pillars (dim.readiness), for comparing; null of tests, and where one of them is not known for half of the demand", 0, 100, nullable=True),
        Column("common_p10_number", "number", "", "The same, 10th percentile of the draws", 0, 100, nullable=True),
        Column("common_p90_number", "number", "", "The same, 90th percentile of the draws", 0, 100, nullable=True),
        Column("arithmetic_number", "number", "", "Index over all pillars, weighted arithmetic means instead of geometric ones", 0, 100, nullable=True),
        Column("common_arithmetic_number", "number", "", "The same over the common pillars", 0, 100, nullable=True),
        Column("known_fraction", "number", "1", "Part of AI demand whose places have all pillars", 0, 1, nullable=True),
        Column("common_known_fraction", "number", "1", "Part of AI demand whose places have the common pillars", 0, 1, nullable=True),
        Column("rank_stability_number", "number", "", "Mean rank correlation of the places' order with that under perturbed weights (Dirichlet, concentration 30), common pillars", -1, 1, nullable=True),
        Column("before_day", "day", "UTC date", "Landed day before that changes are against; null without one of the same definition", nullable=True),
        Column("change_number", "number", "", "Change since then: of the common index, or of the test's figure; core.readiness_driver_daily says what it is made of", nullable=True),
        Column("target_number", "number", "", "What the test asks for at least; null of indices", 0, nullable=True),
        Column("passed", "flag", "", "Whether the test is passed; null where its figure is not known, and of indices", nullable=True),
        Column("trend_per_day_number", "number", "", "Slope of the test's figure over the last 90 days, least squares; null with too few days", nullable=True),
        Column("trend_day_count", "integer", "", "Days that the slope rests on", 0, 366, nullable=True),
        Column("crossing_day", "day", "UTC date", "When the test is passed if the figure goes on like that; null where it is, or is not on this trend", nullable=True),
        Column("crossing_early_day", "day", "UTC date", "The same with the steep end of the slope's interval (80 %)", nullable=True),
        Column("crossing_late_day", "day", "UTC date", "The same with its flat end; null where that never leads there", nullable=True),
        Column("trend_text", "text", "", "passed, on this trend, not on this trend, or why there is none", nullable=True),
        Column("missing", "text", "", "What is not known, so that figures are null", nullable=True),
        _HASH,
    ),
)  # fmt: skip

SCORE = Table(
    "core.readiness_score_daily",
    "one row per day, constellation, index, place and pillar",
    (
        _DAY,
        _CONSTELLATION,
        _READINESS,
        _PLACE,
        _PILLAR,
        Column("demand_fraction", "number", "1", "The place's part of the AI demand of all places of the index", 0, 1),
        Column("measure_number", "number", "", "What is measured, of access in no cell better or worse than the anchors; unit: dim.readiness; null where it is not known", nullable=True),
        Column("score_number", "number", "", "Its score", 0, 100, nullable=True),
    ),
)  # fmt: skip

PLACE = Table(
    "core.readiness_place_daily",
    "one row per day, constellation, index and place",
    (
        _DAY,
        _CONSTELLATION,
        _READINESS,
        _PLACE,
        Column("demand_fraction", "number", "1", "The place's part of the AI demand of all places of the index", 0, 1),
        Column("index_number", "number", "", "Index over all pillars; null where one is not known", 0, 100, nullable=True),
        Column("common_number", "number", "", "Index over the common pillars", 0, 100, nullable=True),
        Column("rank_number", "integer", "", "Rank among the places by the common pillars, 1 the readiest", 1, 100_000, nullable=True),
        Column("rank_low_number", "number", "", "10th percentile of its rank under perturbed weights", 1, 100_000, nullable=True),
        Column("rank_high_number", "number", "", "90th percentile of the same", 1, 100_000, nullable=True),
    ),
)  # fmt: skip

PILLARS = Table(
    "core.readiness_pillar_daily",
    "one row per day, constellation, index and pillar",
    (
        _DAY,
        _CONSTELLATION,
        _READINESS,
        _PILLAR,
        Column("weight_fraction", "number", "1", "Weight of the pillar", 0, 1),
        Column("is_common", "flag", "", "Whether the pillar is one of the common ones"),
        Column("measure_number", "number", "", "What is measured, mean over the AI demand of places where it is known; unit: dim.readiness", nullable=True),
        Column("score_number", "number", "", "Score, the same mean", 0, 100, nullable=True),
        Column("known_fraction", "number", "1", "Part of AI demand whose places have it", 0, 1),
        Column("marginal_number", "number", "", "Points of the common index for one more point of the pillar everywhere; null of others", 0, 10_000, nullable=True),
    ),
)  # fmt: skip

DRIVER = Table(
    "core.readiness_driver_daily",
    "one row per day, constellation, index and driver: what the change of the common index since the landed day before is made of",
    (
        _DAY,
        _CONSTELLATION,
        _READINESS,
        Column("driver", "text", "", "Common pillar; demand, where AI use has moved; places, which are counted now and were not, or the other way round", key=True),
        Column("change_number", "number", "", "Points of the common index; all drivers add up to core.readiness_daily.change_number"),
    ),
    may_be_empty=True,
)  # fmt: skip

TABLES = (TABLE, SCORE, PLACE, PILLARS, DRIVER)


class ReadinessError(ValueError):
    """The definition cannot be read; the message names file, row and remedy."""


class Pillar(NamedTuple):
    """A pillar of an index."""

    name: str
    weight: float
    at_zero: float
    at_hundred: float
    scale: str
    is_common: bool


@dataclass(frozen=True)
class Definition:
    """Weights and anchors of both indices and targets of the tests; `digest` of the file that says so, and its `rows` (dim.readiness)."""

    pillars: dict[str, tuple[Pillar, ...]]
    targets: dict[str, float]
    digest: str
    rows: pl.DataFrame

    @classmethod
    def of(cls, reference: pl.DataFrame, content: bytes) -> Definition:
        """From rows and bytes of readiness.csv. Raises ReadinessError where weights do not sum to 1, anchors are one, no pillar is common, or
        a row is missing."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        pillars = {name: tuple(_pillar(row) for row in reference.filter(pl.col("readiness") == name).iter_rows(named=True)) for name in INDICES}  # fmt: skip
        for name, own in pillars.items():
            if not own or abs(sum(each.weight for each in own) - 1) > 1e-9 or len({each.name for each in own}) < len(own):  # fmt: skip
                raise ReadinessError(f"{FILE}: the weights of {name} do not sum to 1, or a pillar stands twice: correct them")  # fmt: skip
            if not any(each.is_common for each in own):
                raise ReadinessError(
                    f"{FILE}: no pillar of {name} is common: put a 1 to those that nearly every place has"
                )
        targets = dict(reference.filter(pl.col("readiness").is_in(TESTS)).select("readiness", "at_hundred").iter_rows())
        if missing := [name for name in TESTS if targets.get(name) is None]:
            raise ReadinessError(f"{FILE} has no target of {', '.join(missing)}: restore it from the repository")
        source = pl.format("{} ({})", "source_title", "date").alias("source")
        rows = reference.select(
            "readiness", "pillar", pl.col("weight").alias("weight_fraction"), pl.col("at_zero").alias("at_zero_number"),
            pl.col("at_hundred").alias("at_hundred_number"), "scale", pl.col("is_common") == 1, "unit", source, "note",
            pl.lit(digest).alias("definition_hash"),
        )  # fmt: skip
        return cls(pillars, targets, digest, DEFINITION.conform(rows))


def _pillar(row: Mapping[str, object]) -> Pillar:
    where = f"{FILE}, row {row['readiness']}, {row['pillar']}"
    try:
        weight, zero, hundred = (float(row[name]) for name in ("weight", "at_zero", "at_hundred"))  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ReadinessError(f"{where}: weight and anchors must be numbers: {error}") from error
    scale = str(row["scale"])
    if weight <= 0 or zero == hundred or scale not in ("linear", "log") or (scale == "log" and min(zero, hundred) <= 0):
        raise ReadinessError(f"{where}: a weight above 0, two anchors (above 0 in a log scale), and linear or log")
    return Pillar(str(row["pillar"]), weight, zero, hundred, scale, row["is_common"] == 1)


@dataclass(frozen=True)
class Measures:
    """What is measured of one constellation and index: `place` names, their AI `demand` (place,), any unit, and by pillar the measures, (place,),
    not a number where they are not known; `drawn` has the same of pillars that are uncertain, (draw, place)."""

    place: list[str]
    demand: Floats
    by_pillar: Mapping[str, Floats]
    drawn: Mapping[str, Floats]


@dataclass(frozen=True)
class Indexed:
    """One constellation and index on a day: measures and scores (place, pillar), demand parts, and world figures by column."""

    measures: Measures
    pillars: tuple[Pillar, ...]
    measure: Floats
    scores: Floats
    demand: Floats

    @classmethod
    def of(cls, measures: Measures, pillars: tuple[Pillar, ...]) -> Indexed:
        """Scores of what is measured; places without AI demand do not count. Places are put in order of their names."""
        counted = np.flatnonzero(measures.demand > 0)
        order = counted[np.argsort(np.array(measures.place)[counted], kind="stable")] if len(counted) else counted
        kept = Measures(
            [measures.place[k] for k in order],
            measures.demand[order],
            {name: values[order] for name, values in measures.by_pillar.items()},
            {name: values[:, order] for name, values in measures.drawn.items()},
        )
        measure = np.stack([kept.by_pillar[p.name] for p in pillars], axis=1)
        whole = kept.demand.sum()
        return cls(kept, pillars, measure, _scored(measure, pillars), kept.demand / whole if whole > 0 else kept.demand)

    @property
    def weights(self) -> Floats:
        """Weights of the pillars, (pillar,)."""
        return np.array([p.weight for p in self.pillars])

    @property
    def common(self) -> NDArray[np.int64]:
        """Places of the common pillars among all."""
        return np.flatnonzero([p.is_common for p in self.pillars])

    def known(self, which: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Places where these pillars are known, (place,)."""
        return np.asarray(~np.isnan(self.scores[:, which]).any(axis=1), np.bool_)

    def world(self, which: NDArray[np.int64]) -> tuple[float | None, float | None, float]:
        """Geometric and arithmetic index over these pillars, mean over demand, and the part of the demand for which they are known."""
        known = self.known(which)
        part = float(self.demand[known].sum())
        if part < LEAST_KNOWN:
            return None, None, part
        scores, weights, demand = self.scores[known][:, which], self.weights[which], self.demand[known] / part
        means = (index.geometric(scores, weights) @ demand, index.arithmetic(scores, weights) @ demand)
        return float(means[0]), float(means[1]), min(part, 1.0)

    def quantiles(self, which: NDArray[np.int64]) -> tuple[float, float, float]:
        """Percentiles 10, 50 and 90 of the world's index over these pillars, by the draws."""
        known = self.known(which)
        demand, weights = self.demand[known] / self.demand[known].sum(), self.weights[which]
        logs = np.log(np.maximum(self.scores[known][:, which], index.FLOOR)) * (weights / weights.sum())
        count = max((len(values) for values in self.measures.drawn.values()), default=1)
        total = np.broadcast_to(logs.sum(axis=1), (count, logs.shape[0])).copy()
        for column, k in enumerate(which):
            pillar = self.pillars[k]
            if pillar.name in self.measures.drawn:
                score = index.score(self.measures.drawn[pillar.name][:, known], *pillar[2:5])
                total += np.log(np.maximum(score, index.FLOOR)) * pillar.weight / weights.sum() - logs[:, column]
        return tuple(float(q) for q in np.quantile(np.exp(total) @ demand, (0.1, 0.5, 0.9)))  # type: ignore[return-value]


def _scored(measure: Floats, pillars: tuple[Pillar, ...]) -> Floats:
    return np.stack([index.score(measure[:, k], *p[2:5]) for k, p in enumerate(pillars)], axis=1)


def compute(
    definition: Definition,
    measures: Mapping[tuple[str, str], Measures],
    tests: Mapping[tuple[str, str], float | None],
    before: tuple[date, pl.DataFrame] | None,
    history: pl.DataFrame,
    day: date,
) -> dict[str, pl.DataFrame]:
    """Rows of TABLES by name.

    measures: by constellation and index. tests: figure of each constellation and test. before: the landed day before and its rows of SCORE, if of the same
    definition. history: day, constellation, readiness and value_number of earlier days of the same definition.
    """
    found = {key: Indexed.of(each, definition.pillars[key[1]]) for key, each in measures.items()}
    changes = {key: _changes(one, key, before) for key, one in found.items()}
    rows = [_index_row(key, one, changes[key], definition, before, day) for key, one in found.items()]
    rows += [_test_row(key, value, definition, before, history, day) for key, value in tests.items()]
    frames = {
        TABLE: rows,
        SCORE: [row for key, one in found.items() for row in _score_rows(key, one)],
        PLACE: [row for key, one in found.items() for row in _place_rows(key, one)],
        PILLARS: [row for key, one in found.items() for row in _pillar_rows(key, one)],
        DRIVER: [
            {"constellation": key[0], "readiness": key[1], "driver": name, "change_number": change}
            for key, parts in changes.items()
            for name, change in (parts or {}).items()
        ],
    }
    return {table.name: _frame(table, own, day) for table, own in frames.items()}


def _frame(table: Table, rows: list[dict[str, object]], day: date) -> pl.DataFrame:
    full = [{name: row.get(name) for name in table.column_names} | {"day": day} for row in rows]
    return table.conform(pl.DataFrame(full, schema=table.polars_schema))


def _index_row(
    key: tuple[str, str],
    one: Indexed,
    changes: dict[str, float] | None,
    definition: Definition,
    before: tuple[date, pl.DataFrame] | None,
    day: date,
) -> dict[str, object]:
    every, common = np.arange(len(one.pillars)), one.common
    value, arithmetic, known = one.world(every)
    shared, shared_arithmetic, shared_known = one.world(common)
    row: dict[str, object] = {
        "constellation": key[0], "readiness": key[1], "definition_hash": definition.digest, "value_number": value, "arithmetic_number": arithmetic,
        "known_fraction": known, "common_number": shared, "common_arithmetic_number": shared_arithmetic, "common_known_fraction": shared_known,
        "missing": _missing(one), "before_day": before[0] if before and changes is not None else None,
        "change_number": None if changes is None else sum(changes.values()),
    }  # fmt: skip
    if value is not None:
        row |= dict(
            zip(("value_p10_number", "value_p50_number", "value_p90_number"), one.quantiles(every), strict=True)
        )
    if shared is not None:
        low, _, high = one.quantiles(common)
        here = one.known(common)
        stability = index.rank_stability(one.scores[here][:, common], one.weights[common])[0]
        row |= {"common_p10_number": low, "common_p90_number": high, "rank_stability_number": stability}
    return row


def _missing(one: Indexed) -> str | None:
    """Pillars that are not known for half of the demand."""
    lacks = [
        pillar.name
        for k, pillar in enumerate(one.pillars)
        if float(one.demand[one.known(np.array([k]))].sum()) < LEAST_KNOWN
    ]
    return ", ".join(lacks) or None


def _test_row(
    key: tuple[str, str],
    value: float | None,
    definition: Definition,
    before: tuple[date, pl.DataFrame] | None,
    history: pl.DataFrame,
    day: date,
) -> dict[str, object]:
    target = definition.targets[key[1]]
    row: dict[str, object] = {
        "constellation": key[0], "readiness": key[1], "definition_hash": definition.digest, "value_number": value, "target_number": target,
        "missing": None if value is not None else "what the test looks at",
    }  # fmt: skip
    if value is None:
        return row
    own = history.filter((pl.col("constellation") == key[0]) & (pl.col("readiness") == key[1]) & (pl.col("day") < day)).drop_nulls()  # fmt: skip
    found = trend.crossing([*own["day"], day], [*own["value_number"], value], target)
    last = own.filter(pl.col("day") == before[0])["value_number"].to_list() if before else []
    return row | {
        "passed": value >= target, "trend_per_day_number": found.slope, "trend_day_count": found.count, "crossing_day": found.day,
        "crossing_early_day": found.early, "crossing_late_day": found.late, "trend_text": found.words,
        "before_day": before[0] if before and len(last) else None, "change_number": value - last[0] if len(last) else None,
    }  # fmt: skip


def _changes(one: Indexed, key: tuple[str, str], before: tuple[date, pl.DataFrame] | None) -> dict[str, float] | None:
    """What the change of the common index is made of, by driver; None where either day has none."""
    common = one.common
    now = one.world(common)[0]
    if before is None or now is None:
        return None
    own = before[1].filter((pl.col("constellation") == key[0]) & (pl.col("readiness") == key[1]))
    earlier = _earlier(own, one.pillars)
    then = None if earlier is None else earlier.world(common)[0]
    if earlier is None or then is None:
        return None
    here, there = (
        {each.measures.place[k]: k for k in np.flatnonzero(each.known(common))} for each in (one, earlier)
    )  # fmt: skip
    both = sorted(set(here) & set(there))
    rows_now, rows_then = (np.array([each[name] for name in both], np.int64) for each in (here, there))
    # Indices of the places that both days count; what is left of the change is of places that only one of them does.
    means = [_mean_of(each, rows, common) for each, rows in ((one, rows_now), (earlier, rows_then))]
    weights = one.weights[common]
    parts, demand = index.drivers(
        one.scores[rows_now][:, common],
        earlier.scores[rows_then][:, common],
        _parts(one.demand[rows_now]),
        _parts(earlier.demand[rows_then]),
        weights,
    )
    found = {one.pillars[k].name: float(part) for k, part in zip(common, parts, strict=True)}
    return found | {"demand": demand, "places": (now - then) - (means[0] - means[1])}


def _parts(demand: Floats) -> Floats:
    return np.asarray(demand / demand.sum(), np.float64)


def _mean_of(one: Indexed, rows: NDArray[np.int64], common: NDArray[np.int64]) -> float:
    return float(index.geometric(one.scores[rows][:, common], one.weights[common]) @ _parts(one.demand[rows]))


def _earlier(rows: pl.DataFrame, pillars: tuple[Pillar, ...]) -> Indexed | None:
    """An earlier day's scores, from its rows of SCORE."""
    if rows.is_empty():
        return None
    wide = rows.sort("place").pivot("pillar", index=["place", "demand_fraction"], values="measure_number")
    by_pillar = {
        p.name: wide[p.name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        if p.name in wide.columns
        else np.full(wide.height, np.nan)
        for p in pillars
    }
    return Indexed.of(Measures(wide["place"].to_list(), wide["demand_fraction"].to_numpy(), by_pillar, {}), pillars)


def _score_rows(key: tuple[str, str], one: Indexed) -> list[dict[str, object]]:
    return [
        {
            "constellation": key[0], "readiness": key[1], "place": place, "pillar": pillar.name, "demand_fraction": float(one.demand[k]),
            "measure_number": _number(one.measure[k, p]), "score_number": _number(one.scores[k, p]),
        }
        for k, place in enumerate(one.measures.place)
        for p, pillar in enumerate(one.pillars)
    ]  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _place_rows(key: tuple[str, str], one: Indexed) -> list[dict[str, object]]:
    common, every = one.common, np.arange(len(one.pillars))
    whole = np.where(one.known(every), index.geometric(np.nan_to_num(one.scores), one.weights), np.nan)
    known = np.flatnonzero(one.known(common))
    scores = one.scores[known][:, common]
    shared, rank, low, high = (np.full(len(one.demand), np.nan) for _ in range(4))
    if len(known):
        shared[known] = index.geometric(scores, one.weights[common])
        rank[known] = index.ranks(shared[known])
        _, low[known], high[known] = index.rank_stability(scores, one.weights[common])
    return [
        {
            "constellation": key[0], "readiness": key[1], "place": place, "demand_fraction": float(one.demand[k]), "index_number": _number(whole[k]),
            "common_number": _number(shared[k]), "rank_number": None if np.isnan(rank[k]) else int(rank[k]),
            "rank_low_number": _number(low[k]), "rank_high_number": _number(high[k]),
        }
        for k, place in enumerate(one.measures.place)
    ]  # fmt: skip


def _pillar_rows(key: tuple[str, str], one: Indexed) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for k, pillar in enumerate(one.pillars):
        known = one.known(np.array([k]))
        part = float(one.demand[known].sum())
        demand = one.demand[known] / part if part > 0 else one.demand[known]
        rows.append(
            {
                "constellation": key[0], "readiness": key[1], "pillar": pillar.name, "weight_fraction": pillar.weight, "is_common": pillar.is_common,
                "known_fraction": min(part, 1.0), "measure_number": float(one.measure[known, k] @ demand) if part > 0 else None,
                "score_number": float(one.scores[known, k] @ demand) if part > 0 else None,
                "marginal_number": _marginal(one, k) if pillar.is_common else None,
            }
        )  # fmt: skip
    return rows


def _marginal(one: Indexed, k: int) -> float | None:
    """Points of the common index for one more point of a pillar in every place: the derivative, 0 where the score is at either end."""
    common = one.common
    known = one.known(common)
    if float(one.demand[known].sum()) < LEAST_KNOWN:
        return None
    values = index.geometric(one.scores[known][:, common], one.weights[common])
    own = one.scores[known][:, k]
    part = one.pillars[k].weight / one.weights[common].sum()
    within = (own > index.FLOOR) & (own < 100 - 1e-6)  # means of what is at the anchor are so near to it
    slope = np.where(within, part * values / np.maximum(own, index.FLOOR), 0.0)
    return float(slope @ _parts(one.demand[known]))


def every_row(tests: Mapping[str, Mapping[str, float | None]]) -> dict[tuple[str, str], float | None]:
    """Figures of all constellations and tests, None where nothing is told."""
    return {(name, test): tests.get(test, {}).get(name) for name in CONSTELLATION for test in TESTS}
