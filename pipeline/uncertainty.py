"""What figures may be: the same draws every day, so that what changes between days is not noise.

Parameters are drawn from uncertainty_ranges.csv by a Latin hypercube: each parameter's range is cut into as many parts of equal
probability as there are draws, and each part is drawn once, at its middle. The order of the parts is shuffled by a stream of its own,
seeded by the parameter's name: a new parameter leaves the draws of all others as they were, and every day has the same ones.

The laws, each of the three figures low, base and high:

- triangular: from low to high with its peak at the base;
- discrete: base with probability 1/2, low and high with 1/4 each; where two are equal their probabilities add up;
- bernoulli-ish: low or high and nothing between; high with the probability that gives the mean of the triangular law. Where the base is the
  low end (0, 0, 1) that is 1/3: the median is the base, and the 90th percentile counts all;
- lognormal: the base is the median; the logarithm is normal on either side of it, cut off at two standard deviations, where low and high
  are.

What changes who sees whom (GEOMETRY) is never drawn: a day's geometry is swept once. Such parameters are variants with a name of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

FILE = "uncertainty_ranges.csv"
COUNT = 512
SEED = 20_260_713
GEOMETRY = ("min_elevation_user", "gso_exclusion", "isl_links_used_per_sat")
_CUT = 2.0  # standard deviations of a lognormal law between its median and either end

Draws = dict[str, NDArray[np.float64]]


class UncertaintyError(ValueError):
    """A range that cannot be drawn from: the message names the parameter and what to do."""


class Quantiles(NamedTuple):
    """Tenth, fiftieth and ninetieth percentile, of the shape of one draw's value."""

    p10: NDArray[np.float64]
    p50: NDArray[np.float64]
    p90: NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """What one parameter may be. Raises UncertaintyError where the figures are no numbers or out of order, or the law is unknown."""

    parameter: str
    low: float
    base: float
    high: float
    distribution: str

    def __post_init__(self) -> None:
        figures = (self.low, self.base, self.high)
        if not np.isfinite(figures).all() or not self.low <= self.base <= self.high:
            raise UncertaintyError(
                f"{FILE}, row {self.parameter}: low {self.low}, base {self.base}, high {self.high}: put numbers, in order"
            )
        if self.distribution not in LAWS:
            raise UncertaintyError(
                f"{FILE}, row {self.parameter}: no law is called {self.distribution!r}: {', '.join(LAWS)}"
            )
        if self.distribution == "lognormal" and self.low <= 0:
            raise UncertaintyError(f"{FILE}, row {self.parameter}: low is {self.low}: a lognormal law has none below 0")

    def values(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at which the law has these probabilities of less, each above 0 and below 1."""
        return LAWS[self.distribution](self, probability)


def ranges(rows: pl.DataFrame) -> dict[str, Range]:
    """Ranges by parameter from rows of uncertainty_ranges.csv (parameter, low, base, high, distribution).

    Raises UncertaintyError where a parameter stands twice, or its range cannot be (Range).
    """
    found: dict[str, Range] = {}
    for row in rows.iter_rows(named=True):
        name = row["parameter"]
        if name in found:
            raise UncertaintyError(f"{FILE}, row {name}: it stands twice: leave one of the two")
        low, base, high = (np.nan if row[end] is None else float(row[end]) for end in ("low", "base", "high"))
        found[name] = Range(name, low, base, high, row["distribution"])
    return found


def draws(rows: pl.DataFrame, count: int = COUNT, parameters: Iterable[str] | None = None) -> Draws:
    """Draws of parameters, by name, (count,) each: the same ones always.

    rows: of uncertainty_ranges.csv. parameters: which ones; all but GEOMETRY where none are given. Raises UncertaintyError where a parameter
    is one of GEOMETRY, has no row, or has a range that cannot be.
    """
    known = ranges(rows)
    wanted = [name for name in known if name not in GEOMETRY] if parameters is None else list(parameters)
    _refuse_geometry(wanted)
    if absent := sorted(set(wanted) - set(known)):
        raise UncertaintyError(f"{FILE} has no row {', '.join(absent)}: add one with what it may be")
    return {name: known[name].values(_probabilities(name, count)) for name in wanted}


def one(drawn: Mapping[str, NDArray[np.float64]], k: int) -> dict[str, float]:
    """The k-th draw: a value for each parameter."""
    return {name: float(values[k]) for name, values in drawn.items()}


def quantiles(values: ArrayLike) -> Quantiles:
    """Percentiles 10, 50 and 90 over the first axis, (draw, ...), linear between draws; not a number where one of the draws is none."""
    return Quantiles(
        *(np.asarray(level) for level in np.quantile(np.asarray(values, np.float64), (0.1, 0.5, 0.9), axis=0))
    )


def ranking(
    headline: Callable[[dict[str, float]], float], rows: pl.DataFrame, parameters: Iterable[str]
) -> pl.DataFrame:
    """What each parameter alone does to a headline figure: parameter, at_low, at_base, at_high, swing; the largest swing first.

    headline: the figure from a value for each of the parameters. rows: of uncertainty_ranges.csv. All others stay at their base. swing is
    the distance between the least and the greatest of the three; ties go by name. Raises UncertaintyError as draws does.
    """
    known, names = ranges(rows), list(parameters)
    _refuse_geometry(names)
    if absent := sorted(set(names) - set(known)):
        raise UncertaintyError(f"{FILE} has no row {', '.join(absent)}: add one with what it may be")
    base = {name: known[name].base for name in names}
    middle = headline(base)
    found = [
        (name, headline(base | {name: known[name].low}), middle, headline(base | {name: known[name].high}))
        for name in names
    ]
    schema = {"parameter": pl.String, "at_low": pl.Float64, "at_base": pl.Float64, "at_high": pl.Float64}
    at = ("at_low", "at_base", "at_high")
    swing = (pl.max_horizontal(at) - pl.min_horizontal(at)).alias("swing")
    return (
        pl.DataFrame(found, schema=schema, orient="row")
        .with_columns(swing)
        .sort("swing", "parameter", descending=[True, False])
    )


def _refuse_geometry(names: Iterable[str]) -> None:
    if held := [name for name in names if name in GEOMETRY]:
        raise UncertaintyError(
            f"{', '.join(held)}: geometry is not drawn, a day is swept once: compute a named variant of the day instead"
        )


def _probabilities(name: str, count: int) -> NDArray[np.float64]:
    """Middles of `count` parts of equal probability in an order of the parameter's own.

    The order is that of numbers of a bit generator, whose stream numpy promises never to change, unlike that of its distributions.
    """
    entropy = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    keys = np.random.PCG64(np.random.SeedSequence([SEED, entropy])).random_raw(count)
    return (np.argsort(keys, kind="stable") + 0.5) / count


def _triangular(own: Range, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    width = own.high - own.low
    if width == 0:
        return np.full_like(probability, own.base)
    rising = own.low + np.sqrt(probability * width * (own.base - own.low))
    falling = own.high - np.sqrt((1 - probability) * width * (own.high - own.base))
    return np.where(probability < (own.base - own.low) / width, rising, falling)


def _discrete(own: Range, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(probability < 0.25, own.low, np.where(probability < 0.75, own.base, own.high))


def _two_points(own: Range, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = (own.low + own.base + own.high) / 3
    of_high = (mean - own.low) / (own.high - own.low) if own.high > own.low else 0.0
    return np.where(probability < 1 - of_high, own.low, own.high)


def _lognormal(own: Range, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    least = ndtr(-_CUT)
    away = ndtri(least + probability * (1 - 2 * least)) / _CUT  # -1 to 1
    side = np.where(away < 0, np.log(own.base / own.low), np.log(own.high / own.base))
    return np.asarray(own.base * np.exp(side * away))


LAWS: dict[str, Callable[[Range, NDArray[np.float64]], NDArray[np.float64]]] = {
    "triangular": _triangular,
    "discrete": _discrete,
    "bernoulli-ish": _two_points,
    "lognormal": _lognormal,
}
