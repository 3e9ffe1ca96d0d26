"""What a Gbps-month from one end of an AI corridor to the other costs: over the mesh, and over fibre. Never mixed with the cost of access.

Over the mesh: two landings (a gateway site by its life, opex as for all else, over what its antennas carry) and the satellites on the way, each
at what a Gbps through it costs: the whole levelised cost of a mean satellite with lasers over what its lasers pass on. A Gbps that passes takes
two ends of links, and no more than radio and lasers together are said to carry. That is the most that the opportunity can have cost, for a satellite
that passes traffic on serves users too.

Fibre: an own cable (great circle x stretch x USD/km x (CRF + upkeep) / 12 over what is lit), and transit where both ends have a price of it, at the
dearer end's. Factors of a product are taken as independent: their intervals add in quadrature (levelised.bounds).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipeline.metrics import levelised
from pipeline.metrics.capacity_model import Figure, Model
from pipeline.metrics.country_cost import ENDS
from pipeline.table import Column, Table

UNIT = ("usd_per_gbps_month", "USD/Gbps-month")
_WORDS = {"low_": ", low", "": "", "high_": ", high"}


def _costs(stem: str, meaning: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{stem}_{end}{UNIT[0]}", "number", UNIT[1], f"{meaning}{_WORDS[end]}", 0, nullable=True) for end in ENDS
    )


TABLE = Table(
    "core.trunk_cost_daily",
    "one row per day, constellation with lasers and AI corridor: a Gbps-month over the mesh against fibre",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("from_id", "text", "", "One end, as in core.corridor_daily", key=True),
        Column("to_id", "text", "", "The other end", key=True),
        Column("geodesic_km", "number", "km", "Great circle between the ends", 0, 20_100),
        Column("hop_median_count", "number", "", "Satellites on the way, median; null without gateways or ways", 1, 200, nullable=True),
        *_costs("landings", "The gateways at both ends"),
        *_costs("hop", "What one satellite on the way costs, as if all of it were there for that"),
        *_costs("mesh", "All of it: landings and hops; null without a way"),
        Column("medium", "medium", "", "How a cable would lie, by assumption; null where nobody has said", nullable=True),
        Column("fibre_life_years", "number", "years", "Life of a cable", 1, 100, nullable=True),
        Column("satellite_life_years", "number", "years", "Life of a satellite, for comparison", 0, 100, nullable=True),
        *_costs("fibre", "An own cable, over what is lit of it"),
        *_costs("transit", "Transit at the dearer end; null where an end has no price"),
        Column("cheapest", "text", "", "Cheapest terrestrial: fibre or transit; null where neither is known", nullable=True),
        Column("of_terrestrial_low_factor", "number", "", "Mesh over the cheapest terrestrial, low", 0, nullable=True),
        Column("of_terrestrial_factor", "number", "", "The same, base", 0, nullable=True),
        Column("of_terrestrial_high_factor", "number", "", "The same, high", 0, nullable=True),
        Column("missing", "text", "", "What is not known, so that figures are null", nullable=True),
    ),
    may_be_empty=True,
)  # fmt: skip

Figures = Mapping[tuple[str, str], Figure]


class TrunkCostError(ValueError):
    """A figure that the cost of a trunk needs is missing; the message names the row to add."""


def figures(model: pl.DataFrame) -> dict[tuple[str, str], Figure]:
    """Figures by scope and parameter, from rows of economics_model.csv; an empty end is the base itself."""
    return {
        (row["scope"], row["parameter"]): Figure(
            *(float(row["value"] if row[name] is None else row[name]) for name in ("low", "value", "high"))
        )
        for row in model.iter_rows(named=True)
        if row["value"] is not None
    }


def passing_gbps(generation: pl.DataFrame, model: Model) -> dict[str, Figure]:
    """What satellites of a generation pass on [Gbps], low, base and high, of those with lasers of a known rate."""
    found = {}
    for name, lasers in generation.select("generation", "laser_count").iter_rows():
        rate, backhaul = model.laser_gbps.get(name), model.backhaul_gbps.get(name)
        if rate is None or not lasers or lasers < 2:  # with one laser nothing passes
            continue
        ends = [min(links, lasers) * gbps for links, gbps in zip(model.links_used, rate, strict=True)]
        most = backhaul or Figure(*([float("inf")] * 3))
        found[name] = Figure(*(min(end, top) / 2 for end, top in zip(ends, most, strict=True)))
    return found


def hop_usd(economics: pl.DataFrame, passing: Mapping[str, Figure]) -> Figure | None:
    """A Gbps-month through a satellite [USD]: mean cost of those with lasers at work over what they pass on; None where no cost is known.

    economics: rows of core.economics_daily of one constellation.
    """
    names = [f"levelised_satellite_{end}usd" for end in ENDS]
    own = economics.filter(
        pl.col("generation").is_in(list(passing)) & (pl.col("operational_count") > 0) & ~pl.col("planned")
    ).drop_nulls(names)
    if own.is_empty():
        return None
    count = own["operational_count"]
    usd = [float((own[name] * count).sum()) for name in names]
    gbps = [sum(n * passing[g][k] for g, n in zip(own["generation"], count, strict=True)) for k in range(3)]
    base = usd[1] / gbps[1]
    costs, passed = tuple(each / gbps[1] for each in usd), tuple(usd[1] / each for each in gbps[::-1])
    return Figure(*levelised.bounds(base, [(costs[0], base, costs[2]), (passed[0], base, passed[2])]))


def landing_usd(of: Figures, model: Model, rate: float) -> Figure:
    """A Gbps-month at one gateway site [USD], what its antennas carry at their base. Raises TrunkCostError where a figure is missing."""
    cost, life, upkeep = (
        _wanted(of, "any", name) for name in ("gateway_site_cost", "gateway_site_life", "opex_fraction")
    )
    gbps = model.antennas_per_site.base * model.antenna_gbps.base
    return Figure(
        *(float(levelised.monthly_usd(c, rate, life.base, u)) / gbps for c, u in zip(cost, upkeep, strict=True))
    )


def fibre_usd(of: Figures, medium: str, geodesic_km: float, rate: float) -> Figure:
    """A Gbps-month over an own cable [USD]. Raises TrunkCostError where a figure is missing."""
    stretch, upkeep = (_wanted(of, "any", name) for name in ("fibre_stretch", "fibre_upkeep_fraction"))
    cost, life, lit = (_wanted(of, medium, name) for name in ("fibre_cost", "fibre_life", "lit_capacity"))

    def usd(longer: float, dear: float, lights: float, keeps: float) -> float:
        build = geodesic_km * longer * dear
        return float(levelised.monthly_usd(build, rate, life.base, keeps)) / lights

    usual = (stretch.base, cost.base, lit.base, upkeep.base)
    base = usd(*usual)
    moved = []
    for k, own in enumerate((stretch, cost, lit, upkeep)):
        ends = sorted(usd(*(figure if n == k else usual[n] for n in range(4))) for figure in (own.low, own.high))
        moved.append((min(ends[0], base), base, max(ends[1], base)))
    return Figure(*levelised.bounds(base, moved))


def _wanted(of: Figures, scope: str, parameter: str) -> Figure:
    if (scope, parameter) not in of:
        raise TrunkCostError(
            f"economics_model.csv has no row {scope}, {parameter}: add one with its source, or restore pipeline/reference"
        )
    return of[scope, parameter]


def compute(
    corridors: pl.DataFrame,
    media: pl.DataFrame,
    economics: pl.DataFrame,
    transit: pl.DataFrame,
    passing: Mapping[str, Mapping[str, Figure]],
    models: Mapping[str, Model],
    of: Figures,
    rate: float,
    day: date,
) -> pl.DataFrame:
    """Rows of TABLE.

    corridors: core.corridor_daily. media: `ends`. economics: core.economics_daily. transit: country_iso3 and transit_..._usd_per_gbps_month of
    the countries that have a price. passing: by constellation, of `passing_gbps`. rate: cost of capital.
    """
    rows = []
    known = {(row["from_id"], row["to_id"]): row for row in media.iter_rows(named=True)}
    prices = {
        row["country_iso3"]: [row[f"transit_{end}{UNIT[0]}"] for end in ENDS] for row in transit.iter_rows(named=True)
    }
    for (name,), pairs in corridors.filter(pl.col("corridor_kind") == "ai").group_by(
        "constellation", maintain_order=True
    ):
        own = economics.filter(pl.col("constellation") == name)
        hop, landing = hop_usd(own, passing[str(name)]), landing_usd(of, models[str(name)], rate)
        life = own.filter(pl.col("generation") == "all")["life_years"]
        for pair in pairs.select("from_id", "to_id", "geodesic_km", "hop_median_count").iter_rows(named=True):
            row = {"constellation": name, "satellite_life_years": life[0] if len(life) else None, **pair}
            row |= _mesh(pair["hop_median_count"], hop, landing)
            row |= _ground(known.get((pair["from_id"], pair["to_id"])), pair["geodesic_km"], of, rate, prices)
            rows.append(row | _against(row))
    schema = {c: kind for c, kind in TABLE.polars_schema.items() if c != "day"}
    wanted = [{c: row.get(c) for c in schema} for row in rows]
    return TABLE.conform(pl.DataFrame(wanted, schema=schema).with_columns(pl.lit(day).alias("day")))


def ends(media: pl.DataFrame) -> pl.DataFrame:
    """corridor_media.csv by the ends of core.corridor_daily, which are in the order of their names: from_id, to_id, countries and medium."""

    def identity(side: str) -> pl.Expr:
        return pl.col(side).str.strip_chars().str.to_lowercase().str.replace_all(" ", "-", literal=True)

    rows = media.with_columns(identity("from").alias("one"), identity("to").alias("other"))
    turned = pl.col("one") > pl.col("other")
    return rows.select(
        pl.min_horizontal("one", "other").alias("from_id"),
        pl.max_horizontal("one", "other").alias("to_id"),
        pl.when(turned).then("to_country_iso3").otherwise("from_country_iso3").alias("from_country_iso3"),
        pl.when(turned).then("from_country_iso3").otherwise("to_country_iso3").alias("to_country_iso3"),
        "medium",
    )


def _three(stem: str, figure: Figure | None) -> dict[str, float | None]:
    return {f"{stem}_{end}{UNIT[0]}": None if figure is None else figure[k] for k, end in enumerate(ENDS)}


def _mesh(hops: float | None, hop: Figure | None, landing: Figure) -> dict[str, object]:
    both = Figure(*(2 * usd for usd in landing))
    lacks = [
        what
        for what, absent in (
            ("a way over the mesh", hops is None),
            ("the cost of a satellite with lasers", hop is None),
        )
        if absent
    ]
    whole = None if hops is None or hop is None else Figure(*(b + hops * h for b, h in zip(both, hop, strict=True)))
    return {
        **_three("landings", both),
        **_three("hop", hop),
        **_three("mesh", whole),
        "missing": ", ".join(lacks) or None,
    }


def _ground(
    told: Mapping[str, str] | None, geodesic_km: float, of: Figures, rate: float, prices: Mapping[str, list[float]]
) -> dict[str, object]:
    if told is None:
        return {}
    found: dict[str, object] = {
        "medium": told["medium"],
        "fibre_life_years": _wanted(of, told["medium"], "fibre_life").base,
    }
    found |= _three("fibre", fibre_usd(of, told["medium"], geodesic_km, rate))
    both = [prices.get(told[f"{side}_country_iso3"]) for side in ("from", "to")]
    known = [price for price in both if price is not None]
    if len(known) == len(both):
        found |= _three("transit", Figure(*max(known, key=lambda price: price[1])))
    return found


def _against(row: Mapping[str, object]) -> dict[str, object]:
    """The cheapest terrestrial, by the base, and the mesh over it."""
    names = [stem for stem in ("fibre", "transit") if row.get(f"{stem}_{UNIT[0]}") is not None]
    if not names:
        return {}
    stem = min(names, key=lambda each: float(row[f"{each}_{UNIT[0]}"]))  # type: ignore[arg-type]
    low, base, high = (float(row[f"{stem}_{end}{UNIT[0]}"]) for end in ENDS)  # type: ignore[arg-type]
    found: dict[str, object] = {"cheapest": stem}
    mesh = [row.get(f"mesh_{end}{UNIT[0]}") for end in ENDS]
    if any(usd is None for usd in mesh):
        return found
    least, usual, most = (float(usd) for usd in mesh)  # type: ignore[arg-type]
    ratio = usual / base
    bounds = levelised.bounds(ratio, [(least / base, ratio, most / base), (usual / high, ratio, usual / low)])
    found |= {f"of_terrestrial_{end}factor": value for end, value in zip(ENDS, bounds, strict=True)}
    return found
