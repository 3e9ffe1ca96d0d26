"""Who can pay for a plan and its terminal: a curve over the part of income that is spent on them.

Prices are in dollars, incomes are known at purchasing power parity alone (GDP per head), which in poor countries is three to five times the
dollars. Dollars are estimated: parity times (income / that of the United States)^e, at most 1, e assumed. Incomes of a country are
taken to be spread log-normally about that mean, all countries alike: a Gini coefficient G is the spread s = sqrt(2) Phi^-1((1 + G) / 2) of the
logarithm, whose mean is ln(mean) - s^2 / 2. With a cost of c a month a part x of income suffices for whom c / x a month or more is earned:
Phi((ln(mean) - s^2 / 2 - ln(c / x)) / s) of the people. Low and high are the least and the most over all low, base and high of cost, G and e.
GDP is more than households get, and a plan serves a household: the one makes the curve too high, the other too low.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from pipeline.table import Column, Table

INCOME_SHARES = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
REFERENCE = "USA"  # dollars at purchasing power parity are its own
_ENDS = ("_low", "", "_high")
_COUNTS = ("affordable_low_people_count", "affordable_people_count", "affordable_high_people_count")

TABLE = Table(
    "core.affordable_daily",
    "one row per day, constellation, country with a known price, and part of income: people who can pay",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("income_share_fraction", "number", "1", "Part of their income that people would spend on it: 0.01, 0.02, 0.03, 0.05, 0.1 or 0.2", 0, 1, key=True),
        Column("people_count", "number", "people", "People", 0),
        Column("income_usd_per_month", "number", "USD/month", "Income per head in dollars, estimated from GDP per head at purchasing power parity by how price levels go with income; null where it is not known", 0, nullable=True),
        Column("cost_usd_per_month", "number", "USD/month", "Plan and terminal, the latter paid off over 36 months", 0),
        Column("affordable_low_people_count", "number", "people", "People for whom that is at most this part of their income, the least that price and spread of incomes allow", 0, nullable=True),
        Column("affordable_people_count", "number", "people", "The same, base: one spread of incomes in all countries, assumed; null where income is not known", 0, nullable=True),
        Column("affordable_high_people_count", "number", "people", "The same, the most", 0, nullable=True),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """What affordability rests on: Gini coefficients of incomes and the power that price levels go by (low, base, high each), and months in
    which a terminal is paid off."""

    gini: tuple[float, float, float]
    elasticity: tuple[float, float, float]
    terminal_months: float

    def __post_init__(self) -> None:
        rises = all(values[0] <= values[1] <= values[2] for values in (self.gini, self.elasticity))
        if (
            not rises
            or not 0 < self.gini[0] <= self.gini[2] < 1
            or self.elasticity[0] < 0
            or not self.terminal_months > 0
        ):
            raise ValueError(
                f"market_model.csv: income_gini {self.gini} must rise between 0 and 1, price_level_elasticity {self.elasticity} from 0 on, "
                f"terminal_months {self.terminal_months:g} be above 0: restore it"
            )

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Model:
        """The model of market_model.csv. Raises ValueError where a parameter is missing or cannot be."""
        gini, elasticity = parameter(rows, "income_gini"), parameter(rows, "price_level_elasticity")
        return cls(gini, elasticity, parameter(rows, "terminal_months")[1])

    @property
    def spread(self) -> NDArray[np.float64]:
        """Standard deviations of the logarithm of income, (3,)."""
        return np.asarray(np.sqrt(2) * ndtri((1 + np.array(self.gini)) / 2))


def parameter(rows: pl.DataFrame, name: str) -> tuple[float, float, float]:
    """Low, value and high of a parameter of market_model.csv. Raises ValueError where it is missing or is no number."""
    found = rows.filter(pl.col("parameter") == name).select("low", "value", "high").rows()
    try:
        ((low, value, high),) = found
        return float(low), float(value), float(high)
    except (TypeError, ValueError) as error:
        raise ValueError(f"market_model.csv needs one row {name} with low, value and high: restore it") from error


def cost(prices: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Prices with cost_low_usd_per_month, cost_usd_per_month and cost_high_usd_per_month; null where plan or terminal is not known."""
    return prices.with_columns(
        (pl.col(f"plan_price{end}_usd_per_month") + pl.col(f"terminal_price{end}_usd") / model.terminal_months).alias(f"cost{end}_usd_per_month")
        for end in _ENDS
    )  # fmt: skip


def incomes(country: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Incomes per head and month by country: country_iso3, ppp_income_usd_per_month, and in dollars income_low_, income_, income_high_usd_per_month.

    Null where a country's is not known, and everywhere in dollars where that of REFERENCE is not.
    """
    ppp = country.select("country_iso3", (pl.col("gdp_per_head_ppp_usd").cast(pl.Float64) / 12).alias("ppp"))
    own = ppp.filter(pl.col("country_iso3") == REFERENCE)["ppp"]
    part = (pl.col("ppp") / pl.lit(own[0] if own.len() else None, pl.Float64)).clip(upper_bound=1.0)
    powers = zip(_ENDS, model.elasticity[::-1], strict=True)  # the greater the power the lower the dollars
    dollars = [(pl.col("ppp") * part**power).alias(f"income{end}_usd_per_month") for end, power in powers]
    return ppp.select("country_iso3", pl.col("ppp").alias("ppp_income_usd_per_month"), *dollars)


def fraction(
    cost_usd: NDArray[np.float64], income_usd: NDArray[np.float64], spread: float, share: float
) -> NDArray[np.float64]:
    """Fraction of people for whom a cost a month is at most a part of their income, of the shape of cost and income, mean a month [USD].

    spread: standard deviation of the logarithm of income. Not a number where one of them is none.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(ndtr((np.log(income_usd) - spread**2 / 2 - np.log(cost_usd / share)) / spread))


def compute(prices: pl.DataFrame, country: pl.DataFrame, model: Model, day: date) -> pl.DataFrame:
    """Rows of TABLE: of the prices (plan_price.SCHEMA) those with a plan and a terminal, of dim.country those with people."""
    people = country.filter(pl.col("population_count") > 0).select(
        "country_iso3", pl.col("population_count").alias("people_count")
    )
    priced = cost(prices, model).drop_nulls("cost_usd_per_month").join(people, on="country_iso3")
    rows = priced.join(incomes(country, model), on="country_iso3", how="left")
    frames = [_at(rows, share, model) for share in INCOME_SHARES]
    return TABLE.conform(pl.concat(frames).with_columns(pl.lit(day).alias("day")))


def _at(rows: pl.DataFrame, share: float, model: Model) -> pl.DataFrame:
    """Rows at one part of income, without the day."""
    earned, costs = (
        [rows[f"{what}{end}_usd_per_month"].cast(pl.Float64).fill_null(np.nan).to_numpy() for end in _ENDS]
        for what in ("income", "cost")
    )
    every = np.array([[[fraction(c, i, s, share) for s in model.spread] for i in earned] for c in costs])
    part = (every.min(axis=(0, 1, 2)), every[1, 1, 1], every.max(axis=(0, 1, 2)))
    people = rows["people_count"].to_numpy()
    counts = [pl.Series(name, people * of).fill_nan(None) for name, of in zip(_COUNTS, part, strict=True)]
    return rows.select(
        "constellation", "country_iso3", "people_count", "income_usd_per_month", "cost_usd_per_month"
    ).with_columns(pl.lit(share).alias("income_share_fraction"), *counts)
