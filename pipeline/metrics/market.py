"""Markets: who lacks what in each country, who is within reach of a constellation, what it costs there, and how full the network is.

Reach is a matter of satellites and gateways alone: people are within reach whose cell has a path to a PoP and a usable satellite practically all
day (market_model.csv, available_fraction), whether a plan is sold there or not. Who is underserved and within reach is a product: within a cell
and a country the two are taken to be independent. Markets are ranked by people without a fixed line and within reach, and, where a price is known, by
those of them who can pay at RANK_SHARE of income: of these too many, for who has no line is poorer than the mean. Banned markets are not ranked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline import uncertainty
from pipeline.metrics import affordable, market_access
from pipeline.table import SERVED_THRESHOLD, Column, Table

RANKED = "no_fixed_line"  # the threshold that markets are ranked by
RANK_SHARE = 0.05  # of income
SHARES = {"affordable_2pct_people_count": 0.02, "affordable_5pct_people_count": RANK_SHARE}
_LACK = {
    "offline": "do not use the Internet",
    "no_fixed_line": "live without a fixed broadband line",
    "below_100_mbps": "live without a line of 100 Mbps down",
}


def _people(name: str, meaning: str) -> Column:
    return Column(name, "number", "people", meaning, 0, nullable=True)


def _lacking(threshold: str) -> tuple[Column, ...]:
    what = f"People who {_LACK[threshold]} (core.served_daily)"
    return (
        _people(f"{threshold}_low_people_count", f"{what}, the least that the figures allow; null where it is not known"),
        _people(f"{threshold}_people_count", f"{what}, base"),
        _people(f"{threshold}_high_people_count", f"{what}, the most that the figures allow"),
        _people(f"{threshold}_reachable_people_count", f"People who {_LACK[threshold]}, base, and are within reach: taken to be independent within a country"),
    )  # fmt: skip


def _ranks(name: str, meaning: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_number", "integer", "", f"{meaning}; 1 is the largest, null where it is not known or banned", 1, nullable=True),
        Column(f"{name}_low_number", "integer", "", "Best rank: 10th percentile over draws between low and high of every country, or the rank itself", 1, nullable=True),
        Column(f"{name}_high_number", "integer", "", "Worst rank: 90th percentile over the same draws, or the rank itself", 1, nullable=True),
    )  # fmt: skip


TABLE = Table(
    "core.market_daily",
    "one row per day, constellation and country or territory with people",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code", key=True),
        Column("people_count", "number", "people", "People", 0),
        *(column for threshold in SERVED_THRESHOLD for column in _lacking(threshold)),
        _people("reachable_people_count", "People in cells with a path to a PoP and a usable satellite for at least 99.5 % of the day; sold there or not; null where no gateway of the constellation is known"),
        Column("before_day", "day", "UTC date", "The last landed day before, that changes are from; null on a first day", nullable=True),
        _people("reachable_before_people_count", "Of today's people, those within reach on the day before; null on a first day and after a change of the grid"),
        _people("newly_reachable_people_count", "People within reach who were not on the day before"),
        _people("newly_unreachable_people_count", "People no longer within reach who were on the day before"),
        Column("market_access", "market_access", "", "Whether a plan can be had; null where it is not known", nullable=True),
        Column("market_access_source", "text", "", "What that rests on", nullable=True),
        Column("plan_price_usd_per_month", "number", "USD/month", "Price of a residential plan; null where it is not known", 0, nullable=True),
        Column("terminal_price_usd", "number", "USD", "Price of a terminal, 0 where it comes with the plan; null where it is not known", 0, nullable=True),
        Column("price_as_of_text", "text", "", "Date of the price, as precise as its source tells", nullable=True),
        Column("price_source", "text", "", "Source of the prices", nullable=True),
        Column("price_note", "text", "", "What is to be said of the price by its date: stale when older than a year, or of a later date than the day; null when neither", nullable=True),
        Column("cost_usd_per_month", "number", "USD/month", "Plan and terminal, the latter paid off over 36 months", 0, nullable=True),
        Column("price_of_income_fraction", "number", "1", "That cost over income per head and month in dollars, which is estimated from GDP per head at purchasing power parity by how price levels go with income", 0, nullable=True),
        Column("price_of_ppp_income_fraction", "number", "1", "The same over income at purchasing power parity, which overstates what people of poor countries can pay in dollars: the true fraction is higher", 0, nullable=True),
        _people("affordable_2pct_people_count", "People for whom that cost is at most 2 % of their income, base (core.affordable_daily); estimated; null without a price or an income"),
        _people("affordable_5pct_people_count", "The same at 5 %"),
        Column("demand_down_gbps", "number", "Gbps", "Broadband demand of the country's people, mean of the day (core.capacity_daily by people)", 0, nullable=True),
        Column("served_down_gbps", "number", "Gbps", "What the constellation could serve of it in a fair share; estimated; null where no gateway is known", 0, nullable=True),
        Column("served_fraction", "number", "1", "Served over demand; null without demand", 0, 1, nullable=True),
        Column("utilisation_fraction", "number", "1", "Served over supply in the cells where people live: 1 wherever all broadband demand is more than could be served; null without supply", 0, 1, nullable=True),
        Column("measured_down_p50_mbps", "number", "Mbps", "Median download that the operator publishes of its users", 0, nullable=True),
        Column("measured_up_p50_mbps", "number", "Mbps", "Median upload that the operator publishes of its users", 0, nullable=True),
        Column("measured_as_of_text", "text", "", "Month of these medians, or the day on which they were landed", nullable=True),
        Column("measured_before_text", "text", "", "Day on which medians of an earlier month were landed, that the change is from; null where there are none", nullable=True),
        Column("measured_down_change_fraction", "number", "1", "Median download over that of the earlier month, less 1", -1, nullable=True),
        Column("measured_up_change_fraction", "number", "1", "Median upload over that of the earlier month, less 1", -1, nullable=True),
        *_ranks("rank", "Rank by people without a fixed line and within reach (no_fixed_line_reachable_people_count)"),
        _people("affordable_market_people_count", "People without a fixed line and within reach who can pay at 5 % of income, base: a product, too high as who has no line is poorer; null without a price"),
        *_ranks("affordable_rank", "Rank by affordable_market_people_count, among the countries with a known price"),
    ),
)  # fmt: skip
_KEY = ["constellation", "country_iso3"]


@dataclass(frozen=True)
class Ground:
    """What the constellations have in common: rows of dim.country, dim.cell_country and core.served_daily."""

    country: pl.DataFrame
    cell_country: pl.DataFrame
    served: pl.DataFrame

    @property
    def people(self) -> pl.DataFrame:
        """Countries with people: country_iso3, people_count."""
        own = self.country.filter(pl.col("population_count") > 0)
        return own.select("country_iso3", pl.col("population_count").alias("people_count"))

    @property
    def cells(self) -> pl.DataFrame:
        """People by cell and country, brought to the total of the country: cell_id, country_iso3, in_cell, cell_part (of the cell's people)."""
        lived = self.cell_country.filter(pl.col("population_count") > 0).join(
            self.people, on="country_iso3", maintain_order="left"
        )
        count = pl.col("population_count")
        return lived.select(
            "cell_id",
            "country_iso3",
            (count / count.sum().over("country_iso3") * pl.col("people_count")).alias("in_cell"),
            (count / count.sum().over("cell_id")).alias("cell_part"),
        )


@dataclass(frozen=True)
class Sky:
    """A day's rows of core.latency_daily and core.coverage_daily."""

    day: date
    latency: pl.DataFrame
    coverage: pl.DataFrame


@dataclass(frozen=True)
class Network:
    """Rows of core.capacity_daily, and the constellations of which enough is known to serve anybody."""

    capacity: pl.DataFrame
    known: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """What is on offer: prices (plan_price.SCHEMA), rows of core.affordable_daily, access (market_access.SCHEMA), and measured rates (`change`)."""

    prices: pl.DataFrame
    affordable: pl.DataFrame
    access: pl.DataFrame
    measured: pl.DataFrame


def compute(
    ground: Ground,
    now: Sky,
    before: Sky | None,
    network: Network,
    offer: Offer,
    model: affordable.Model,
    available_fraction: float,
) -> pl.DataFrame:
    """Rows of TABLE. before: the last landed day before, None on a first day. available_fraction: part of a day that is practically all of it."""
    named = now.coverage.select("constellation").unique()
    rows = named.join(ground.people, how="cross").join(_lacks(ground.served), on="country_iso3", how="left")
    for part in (
        _reach(ground.cells, now, before, available_fraction),
        _network(ground.cells, network),
        offer.access,
        _prices(offer, ground.country, model),
        offer.measured,
    ):
        rows = rows.join(part, on=_KEY, how="left")
    share = pl.col("reachable_people_count") / pl.col("people_count")
    rows = rows.with_columns(
        *((pl.col(f"{name}_people_count") * share).alias(f"{name}_reachable_people_count") for name in SERVED_THRESHOLD),
        pl.lit(now.day).alias("day"),
        pl.lit(None if before is None else before.day, pl.Date).alias("before_day"),
    )  # fmt: skip
    return TABLE.conform(_ranked(rows).select(TABLE.column_names))


def _lacks(served: pl.DataFrame) -> pl.DataFrame:
    """People of each country who lack what, low, base and high, a column for each."""
    frames = []
    for threshold in SERVED_THRESHOLD:
        own = served.filter(pl.col("served_threshold") == threshold)
        bounds = {"_low": "underserved_low_fraction", "": "underserved_fraction", "_high": "underserved_high_fraction"}
        frames.append(own.select("country_iso3", *((pl.col(part) * pl.col("people_count")).alias(f"{threshold}{end}_people_count") for end, part in bounds.items())))  # fmt: skip
    first, *others = frames
    for other in others:
        first = first.join(other, on="country_iso3", how="full", coalesce=True)
    return first


def reached(sky: Sky, available_fraction: float) -> pl.DataFrame:
    """constellation, cell_id, is_reached: whether there are a path and a usable satellite for that part of the day; null where it is not known."""
    both = sky.latency.select("constellation", "cell_id", "reachable_fraction").join(
        sky.coverage.select("constellation", "cell_id", "usable_fraction"), on=["constellation", "cell_id"]
    )
    enough = pl.min_horizontal("reachable_fraction", "usable_fraction") >= available_fraction
    known = pl.col("reachable_fraction").is_not_null()
    return both.select("constellation", "cell_id", pl.when(known).then(enough).alias("is_reached"))


def _reach(cells: pl.DataFrame, now: Sky, before: Sky | None, available_fraction: float) -> pl.DataFrame:
    """People within reach today, the day before, and what changed, by constellation and country.

    Today's people alone are counted, so that nobody is newly reached by being born or moved. A grid of other cells is not compared.
    """
    today = reached(now, available_fraction)
    earlier = None if before is None else reached(before, available_fraction)
    if earlier is None or set(earlier["cell_id"].unique()) != set(today["cell_id"].unique()):
        earlier = today.with_columns(pl.lit(None, pl.Boolean).alias("is_reached"))
    both = today.join(earlier, on=["constellation", "cell_id"], how="left", suffix="_before")
    is_now, was = pl.col("is_reached"), pl.col("is_reached_before")
    sums = {
        "reachable_people_count": is_now,
        "reachable_before_people_count": was,
        "newly_reachable_people_count": is_now & ~was,
        "newly_unreachable_people_count": was & ~is_now,
    }
    both_known = is_now.is_not_null() & was.is_not_null()
    known = dict.fromkeys(sums, both_known) | {"reachable_people_count": is_now.is_not_null()}
    # Sums of fractions go in one order, so that a day comes out the same every time.
    return cells.join(both, on="cell_id").sort(*_KEY, "cell_id").group_by(_KEY, maintain_order=True).agg(
        pl.when(known[name].all()).then((pl.col("in_cell") * flag.cast(pl.Float64)).sum()).alias(name)
        for name, flag in sums.items()
    )  # fmt: skip


def _network(cells: pl.DataFrame, network: Network) -> pl.DataFrame:
    """Demand, what is served and utilisation by constellation and country: of each cell the part that its people are of the cell's."""
    names = ("demand_down_gbps", "served_down_gbps", "supply_down_gbps")
    rows = network.capacity.select(*_KEY[:1], "cell_id", *names).join(cells, on="cell_id").sort(*_KEY, "cell_id")
    sums = rows.group_by(_KEY, maintain_order=True).agg((pl.col(name) * pl.col("cell_part")).sum() for name in names)
    known = pl.col("constellation").is_in(list(network.known))
    demand, served, supply = (pl.col(name) for name in names)
    return sums.select(
        *_KEY,
        "demand_down_gbps",
        pl.when(known).then(served).alias("served_down_gbps"),
        pl.when(known & (demand > 0)).then((served / demand).clip(0, 1)).alias("served_fraction"),
        pl.when(known & (supply > 0)).then((served / supply).clip(0, 1)).alias("utilisation_fraction"),
    )


def _prices(offer: Offer, country: pl.DataFrame, model: affordable.Model) -> pl.DataFrame:
    """Prices, what they are of income, and who can pay, by constellation and country."""
    rows = affordable.cost(offer.prices, model).join(affordable.incomes(country, model), on="country_iso3", how="left")
    rows = rows.with_columns(
        (pl.col("cost_usd_per_month") / pl.col(f"{kind}income_usd_per_month")).alias(f"price_of_{kind}income_fraction")
        for kind in ("", "ppp_")
    )
    for name, share in SHARES.items():
        own = offer.affordable.filter((pl.col("income_share_fraction") - share).abs() < 1e-9)
        rows = rows.join(own.select(*_KEY, pl.col("affordable_people_count").alias(name)), on=_KEY, how="left")
    own = offer.affordable.filter((pl.col("income_share_fraction") - RANK_SHARE).abs() < 1e-9)
    parts = ((pl.col(f"affordable{end}_people_count") / pl.col("people_count")).alias(f"pay{end}") for end in _ENDS)
    rows = rows.join(own.select(*_KEY, *parts), on=_KEY, how="left")
    shown = (
        "plan_price_usd_per_month", "terminal_price_usd", "price_as_of_text", "price_source", "price_note", "cost_usd_per_month",
        "price_of_income_fraction", "price_of_ppp_income_fraction",
    )  # fmt: skip
    return rows.select(*_KEY, *shown, *SHARES, *(f"pay{end}" for end in _ENDS))


_ENDS = ("_low", "", "_high")


def _ranked(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with their ranks, by constellation. Of each country one draw of who lacks a line stands for all constellations and days."""
    reach = pl.col("reachable_people_count") / pl.col("people_count")
    ends = {f"market{end}": pl.col(f"{RANKED}{end}_people_count") * reach for end in _ENDS}
    ends |= {f"paying{end}": ends[f"market{end}"] * pl.col(f"pay{end}") for end in _ENDS}
    rows = rows.with_columns(e.alias(name) for name, e in ends.items())
    rows = rows.with_columns(pl.col("paying").alias("affordable_market_people_count")).sort(_KEY)
    open_to_all = pl.col("market_access").is_null() | (pl.col("market_access") != "banned")
    for name, stem in (("rank", "market"), ("affordable_rank", "paying")):
        told = rows.filter(open_to_all & pl.all_horizontal(pl.col(f"{stem}{end}").is_not_null() for end in _ENDS))
        frames = [_places(own, stem, name) for _, own in told.group_by("constellation", maintain_order=True)]
        empty = pl.DataFrame(schema=dict.fromkeys(_KEY, pl.String) | {f"{name}{end}_number": pl.Int64 for end in _ENDS})
        rows = rows.join(pl.concat([empty, *frames]), on=_KEY, how="left")
    return rows


def _places(own: pl.DataFrame, stem: str, name: str) -> pl.DataFrame:
    """Ranks of one constellation's markets, and their interval: constellation, country_iso3, name_number, name_low_number, name_high_number.

    Of markets as large as each other that which may be the largest comes first.
    """
    own = own.sort(f"{stem}_high", "country_iso3", descending=[True, False])
    ranges = own.select(
        pl.format(f"{stem} of {{}}", "country_iso3").alias("parameter"),
        pl.min_horizontal(stem, f"{stem}_low").alias("low"),
        pl.col(stem).alias("base"),
        pl.max_horizontal(stem, f"{stem}_high").alias("high"),
        pl.lit("triangular").alias("distribution"),
    )
    drawn = uncertainty.draws(ranges, uncertainty.COUNT)
    base = ranks(own[stem].to_numpy()[None])[0]
    every = ranks(np.stack([drawn[parameter] for parameter in ranges["parameter"]], axis=1))
    low, high = np.quantile(every, (0.1, 0.9), axis=0, method="nearest")
    values = {"_low": np.minimum(low, base), "": base, "_high": np.maximum(high, base)}
    return own.select(_KEY).with_columns(
        pl.Series(f"{name}{end}_number", values[end].astype(np.int64)) for end in _ENDS
    )


def ranks(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ranks within each row of (draw, country), 1 the largest; of equal ones the first has the better."""
    order = np.argsort(-values, axis=1, kind="stable")
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.arange(1, values.shape[1] + 1)[None].repeat(len(values), axis=0), axis=1)
    return found


def change(
    now: pl.DataFrame, before: pl.DataFrame | None, as_of: str | pl.Expr, before_text: str | None
) -> pl.DataFrame:
    """Measured rates of Starlink's users by country, beside their change since an earlier month.

    now, before: country_iso3, download_p50_mbps, upload_p50_mbps, one row per country. as_of, before_text: what they are of.
    """
    rates = {"down": "download_p50_mbps", "up": "upload_p50_mbps"}
    earlier = now.clear() if before is None else before
    both = now.join(earlier.select("country_iso3", *rates.values()), on="country_iso3", how="left", suffix="_before")
    known = pl.any_horizontal(pl.col(f"{name}_before").is_not_null() for name in rates.values())
    return both.select(
        pl.lit(market_access.OWN).alias("constellation"),
        "country_iso3",
        *(pl.col(name).cast(pl.Float64).alias(f"measured_{way}_p50_mbps") for way, name in rates.items()),
        (as_of if isinstance(as_of, pl.Expr) else pl.lit(as_of)).cast(pl.String).alias("measured_as_of_text"),
        pl.when(known).then(pl.lit(before_text, pl.String)).alias("measured_before_text"),
        *(
            pl.when(pl.col(f"{name}_before") > 0).then(pl.col(name) / pl.col(f"{name}_before") - 1).alias(f"measured_{way}_change_fraction")
            for way, name in rates.items()
        ),
    )  # fmt: skip
