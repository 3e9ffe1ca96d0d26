"""From site to site: over the mesh, with the bracket of what the mesh may be, against three fibres.

A way enters and leaves by the gateways within TAIL_KM of its ends over stretched fibre, or the nearest one where none is so near: what is
there today. Beside it stands the way with a terminal at either end. The laser graph is not public: the plus grid is the base, graphs with
three and two links a satellite are slower, the floor is what no graph can get under.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.floor import central_angle_rad, floor_km
from pipeline.metrics import latency
from pipeline.metrics.latency import Model
from pipeline.metrics.network import KM_PER_MS, REASSIGNED_S, Between
from pipeline.table import Column, Table

TAIL_KM = 500.0


def _fibre(name: str, what: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_ms", "number", "ms", what, 0, 2_000, nullable=True),
        Column(f"gap_{name}_ms", "number", "ms", "Median round trip by satellite less that: below 0 the satellites are faster", -2_000, 2_000, nullable=True),
        Column(f"{name}_sign_changed", "flag", "", "Whether the gap has changed its sign since the last day before; null where either is unknown", nullable=True),
    )  # fmt: skip


TABLE = Table(
    "core.corridor_daily",
    "one row per day, constellation and pair of sites: the AI corridors, compute sites and cloud regions",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("from_id", "text", "", "Site, or city of an AI corridor; the two ends are in the order of the list, or of their names", key=True),
        Column("to_id", "text", "", "The other end", key=True),
        Column("corridor_kind", "corridor_kind", "", "ai: one of the AI corridors; pair: two sites of dim.site"),
        Column("geodesic_km", "number", "km", "Great circle between the ends", 0, 20_100),
        Column("rtt_min_ms", "number", "ms", "Round trip by satellite, least of the day; estimated: gateways within 500 km or the nearest, plus grid, overhead of both ends; null without gateways or ways", 0, 2_000, nullable=True),
        Column("rtt_p50_ms", "number", "ms", "The same, median of the instants with a way", 0, 2_000, nullable=True),
        Column("rtt_p95_ms", "number", "ms", "The same, 95th percentile", 0, 2_000, nullable=True),
        Column("reachable_fraction", "number", "1", "Fraction of the instants with a way", 0, 1, nullable=True),
        Column("rtt_three_links_p50_ms", "number", "ms", "Median with three links a satellite", 0, 2_000, nullable=True),
        Column("rtt_two_links_p50_ms", "number", "ms", "Median with two links a satellite, along the planes alone; null where that leads nowhere", 0, 2_000, nullable=True),
        Column("two_links_reachable_fraction", "number", "1", "Fraction of the instants with a way with two links a satellite", 0, 1, nullable=True),
        Column("rtt_floor_ms", "number", "ms", "Least round trip over any satellites of that height, light alone: no laser graph can be faster", 0, 2_000),
        Column("rtt_terminal_p50_ms", "number", "ms", "Median with a terminal at both ends instead of gateways, access overhead included; null without ways", 0, 2_000, nullable=True),
        Column("rtt_terminal_p95_ms", "number", "ms", "The same, 95th percentile", 0, 2_000, nullable=True),
        Column("rtt_propagation_p50_ms", "number", "ms", "The same, median, light alone: without access overhead and without what links cost", 0, 2_000, nullable=True),
        Column("hop_median_count", "number", "", "Satellites on the way, median", 1, 200, nullable=True),
        Column("path_changes_per_h", "number", "1/h", "How often an hour the way goes over other satellites, from steps of 15 s spread over the day; at most 240", 0, 240, nullable=True),
        *_fibre("fibre_great_circle", "Round trip over glass along the great circle: no fibre can be faster"),
        *_fibre("fibre_stretched", "The same stretched by the usual factor of backbones"),
        *_fibre("internet", "Round trip measured over the Internet between places within 100 km of the ends; null where none is landed"),
    ),
    may_be_empty=True,  # a fleet may have no lasers
)  # fmt: skip

CROSSOVER = Table(
    "core.crossover_daily",
    "one row per day, constellation with lasers, and way of getting on to the mesh: how far away it begins to beat stretched fibre",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("access", "access", "", "By gateways, with a terminal at both ends, or with terminals and light alone; overhead included but in the last", key=True),
        Column("crossover_km", "number", "km", "Great circle that parts the day's pairs best: fewest nearer ones on which satellites are faster and farther ones on which fibre is, by medians; null where satellites are on too few pairs faster", 0, 20_100, nullable=True),
        Column("derived_km", "number", "km", "The same derived from an idealised shell, with that overhead", 0, 20_100),
        Column("overhead_ms", "number", "ms", "Overhead of the access, there and back", 0, 2_000),
        Column("pair_count", "integer", "", "Pairs with a way", 0, 1_000_000),
        Column("parted_fraction", "number", "1", "Fraction of the pairs that lie on their side of it", 0, 1, nullable=True),
    ),
    may_be_empty=True,
)  # fmt: skip

# Round trips over an idealised shell grow in a straight line with the great circle (a list of 30 corridors over one, November 2026): 9.1 ms for two
# steep legs, and 1.24 times light in vacuum. Those over the fleet of August 2026 do so too, from 4.2 ms on and at 1.09 times light: of
# many satellites in view one stands towards the goal, so that the legs are part of the way, and of many planes one leads there.
DERIVED_START_MS, DERIVED_MS_PER_KM = 9.109, 0.0082759

FIBRES = ("fibre_great_circle", "fibre_stretched", "internet")


class CorridorError(ValueError):
    """A corridor names an end that is not known. The message says which, and the remedy."""


@dataclass(frozen=True)
class Ends:
    """Sites between which corridors lead: site_id, latitude_deg, longitude_deg; and the pairs that are asked for, as numbers of them."""

    sites: pl.DataFrame
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    kind: NDArray[np.str_]


def ends(listed: pl.DataFrame, sites: pl.DataFrame) -> Ends:
    """The ends of all corridors. listed: corridors.csv, whose ends are cities with coordinates, or names in dim.site without any.

    sites: dim.site. Raises CorridorError for an end that has neither coordinates nor a place in dim.site, or whose coordinates are none,
    and for a corridor whose ends are one.
    """
    own = sites.filter(
        pl.col("kind").is_in(["compute_site", "cloud_region"])
        & (pl.col("status") == "operational")
        & pl.col("latitude_deg").is_not_null()
    ).select("site_id", "latitude_deg", "longitude_deg")
    named = sites.select("site_id", "latitude_deg", "longitude_deg").drop_nulls()
    cities = pl.concat([_cities(listed, side, named) for side in ("from", "to")]).unique(
        "site_id", keep="first", maintain_order=True
    )
    every = pl.concat([own, cities.join(own, on="site_id", how="anti")]).sort("site_id")
    number = {name: k for k, name in enumerate(every["site_id"])}
    loops = [a for a, b in listed.select("from", "to").iter_rows() if _city_id(a) == _city_id(b)]
    if loops:
        raise CorridorError(f"corridors.csv: {loops[0]}: a corridor that ends where it begins: name two ends")
    ai = [tuple(sorted((number[_city_id(a)], number[_city_id(b)]))) for a, b in listed.select("from", "to").iter_rows()]
    mine = np.array(sorted(number[name] for name in own["site_id"]), np.int64)
    a, b = np.triu_indices(len(mine), 1)
    told = set(ai)
    rest = [(int(mine[i]), int(mine[j])) for i, j in zip(a, b, strict=True) if (int(mine[i]), int(mine[j])) not in told]
    both = np.array([*dict.fromkeys(ai), *rest], np.int64).reshape(-1, 2)
    kind = np.array(["ai"] * len(told) + ["pair"] * len(rest))
    return Ends(every, both[:, 0], both[:, 1], kind)


def _city_id(name: str) -> str:
    return name.strip().lower().replace(" ", "-")


def _cities(listed: pl.DataFrame, side: str, named: pl.DataFrame) -> pl.DataFrame:
    """One side's ends with coordinates: their own, or those of the site of that name."""
    rows = listed.select(
        pl.col(side).str.strip_chars().str.to_lowercase().str.replace_all(" ", "-", literal=True).alias("site_id"),
        pl.col(f"{side}_latitude_deg").cast(pl.Float64).alias("own_latitude_deg"),
        pl.col(f"{side}_longitude_deg").cast(pl.Float64).alias("own_longitude_deg"),
    ).join(named, on="site_id", how="left", maintain_order="left")
    placed = rows.select(
        "site_id",
        pl.coalesce("own_latitude_deg", "latitude_deg").alias("latitude_deg"),
        pl.coalesce("own_longitude_deg", "longitude_deg").alias("longitude_deg"),
    )
    wrong = placed.filter(
        ~(pl.col("latitude_deg").is_between(-90, 90) & pl.col("longitude_deg").is_between(-180, 180)).fill_null(
            value=False
        )
    )
    if wrong.height:
        names = ", ".join(wrong["site_id"].unique(maintain_order=True).to_list()[:5])
        raise CorridorError(
            f"corridors.csv: {names}: an end without coordinates of its own that dim.site does not know either, or with ones that "
            "lie outside of -90 to 90 and -180 to 180 degrees: give its coordinates, or the site_id of a row of dim.site"
        )
    return placed


def tails_km(gateways: pl.DataFrame, sites: pl.DataFrame, model: Model) -> NDArray[np.float64]:
    """Fibre from each gateway to each site as kilometres of light in vacuum, (gateway, site): those within TAIL_KM, or the nearest;
    infinite for others."""
    if gateways.is_empty():
        return np.full((0, sites.height), np.inf)
    away_km = latency.between_km(gateways, sites)
    near = away_km <= np.maximum(TAIL_KM, away_km.min(axis=0))
    return np.where(near, model.fibre_km(away_km), np.inf)


def compute(
    between: Between | None,
    of: Ends,
    lowest_km: float,
    mask_deg: float,
    has_gateways: bool,
    internet_ms: NDArray[np.float64],
    before: pl.DataFrame,
    model: Model,
    constellation: str,
    day: date,
) -> pl.DataFrame:
    """core.corridor_daily of one constellation; no rows where it has no lasers at work.

    internet_ms: measured round trips, (corridor,), not a number where there are none. before: rows of an earlier day, for sign changes. lowest_km: distance of the lowest satellite from the centre [km].
    """
    if between is None:
        return TABLE.empty()
    here, there = latency.at(of.sites)[of.first], latency.at(of.sites)[of.second]
    km = latency.between_km(of.sites, of.sites)[of.first, of.second]
    own = {name: _quantiles(rtt) for name, rtt in between.rtt_ms.items()}
    lit = {name: values for name, values in own.items() if name == "terminal" or has_gateways}
    nothing = np.full((4, len(km)), np.nan)
    base, three, two = (lit.get(name, nothing) for name in ("base", "three", "two"))
    links = np.where(between.links["base"] < 0, np.nan, between.links["base"])
    # Of the way that is shortest with what links cost, the light alone. Infinite stays infinite.
    light = between.rtt_ms["terminal"] - between.links["terminal"] * np.float32(2 * model.link_ms)
    trunk, terminal = model.trunk_ms, model.access_ms
    glass = model.fibre_rtt_ms(km, 1.0)
    fibres = dict(zip(FIBRES, (glass, glass * model.stretch, internet_ms), strict=True))
    frame = pl.DataFrame(
        {
            "from_id": of.sites["site_id"].gather(of.first),
            "to_id": of.sites["site_id"].gather(of.second),
            "corridor_kind": of.kind,
            "geodesic_km": km,
            "rtt_min_ms": base[0] + trunk,
            "rtt_p50_ms": base[1] + trunk,
            "rtt_p95_ms": base[2] + trunk,
            "reachable_fraction": base[3],
            "rtt_three_links_p50_ms": three[1] + trunk,
            "rtt_two_links_p50_ms": two[1] + trunk,
            "two_links_reachable_fraction": two[3],
            "rtt_floor_ms": floor_km(central_angle_rad(here, there), lowest_km, min(mask_deg, model.gateway_mask_deg))
            * (2 / KM_PER_MS),
            "rtt_terminal_p50_ms": own["terminal"][1] + terminal,
            "rtt_terminal_p95_ms": own["terminal"][2] + terminal,
            "rtt_propagation_p50_ms": _quantiles(light)[1],
            "hop_median_count": (_median(links) + 1) if has_gateways else np.full(len(km), np.nan),
            "path_changes_per_h": (between.changes * (3_600 / REASSIGNED_S / max(between.steps, 1)))
            if has_gateways
            else np.full(len(km), np.nan),
            **{f"{name}_ms": values for name, values in fibres.items()},
            **{f"gap_{name}_ms": base[1] + trunk - values for name, values in fibres.items()},
        }
    ).with_columns(pl.lit(day).alias("day"), pl.lit(constellation).alias("constellation"))
    frame = _with_signs(frame.with_columns(pl.selectors.float().fill_nan(None)), before)
    return TABLE.conform(frame.select(TABLE.column_names))


def crossover(corridors: pl.DataFrame, model: Model, day: date) -> pl.DataFrame:
    """core.crossover_daily from the day's core.corridor_daily."""
    ways = {
        "gateway": ("rtt_p50_ms", model.trunk_ms),
        "terminal": ("rtt_terminal_p50_ms", model.access_ms),
        "propagation": ("rtt_propagation_p50_ms", 0.0),
    }
    rows = []
    for (constellation,), pairs in corridors.group_by("constellation", maintain_order=True):
        for access, (name, overhead_ms) in ways.items():
            known = pairs.drop_nulls(name)
            faster = (known[name] < known["fibre_stretched_ms"]).to_numpy()
            km, right = crossover_km(known["geodesic_km"].to_numpy(), faster)
            rows.append(
                {
                    "constellation": constellation,
                    "access": access,
                    "crossover_km": km,
                    "derived_km": derived_km(overhead_ms, model),
                    "overhead_ms": overhead_ms,
                    "pair_count": known.height,
                    "parted_fraction": right,
                }
            )
    schema = {name: kind for name, kind in CROSSOVER.polars_schema.items() if name != "day"}
    return CROSSOVER.conform(pl.DataFrame(rows, schema=schema).with_columns(pl.lit(day).alias("day")))


def crossover_km(geodesic_km: NDArray[np.float64], faster: NDArray[np.bool_]) -> tuple[float | None, float | None]:
    """Distance [km] from which on satellites beat fibre, and the fraction of the pairs that lie on their side of it, (pair,) each.

    Of the distances of all pairs it is the one with the fewest faster pairs nearer and slower ones not nearer, the least of several; None
    where no distance beats calling every pair slower, and two of them without pairs.
    """
    if not len(geodesic_km):
        return None, None
    km, place = np.unique(geodesic_km, return_inverse=True)
    gained = np.bincount(place, np.where(faster, 1.0, -1.0))  # by calling the pairs of a distance faster
    beyond = np.cumsum(gained[::-1])[::-1]
    best = int(beyond.argmax())
    right = (np.sum(~faster) + max(beyond[best], 0.0)) / len(faster)
    return (float(km[best]) if beyond[best] > 0 else None), float(right)


def derived_km(overhead_ms: float, model: Model) -> float:
    """Distance [km] from which on an idealised shell with that overhead [ms] beats stretched fibre."""
    fibre_ms_per_km = float(model.fibre_rtt_ms(np.ones(1))[0])
    gained = fibre_ms_per_km - DERIVED_MS_PER_KM
    return min((DERIVED_START_MS + overhead_ms) / gained, 20_100.0) if gained > 0 else 20_100.0


def _with_signs(frame: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """With whether each gap has changed its sign since an earlier day."""
    key = ["constellation", "from_id", "to_id"]
    gaps = [f"gap_{name}_ms" for name in FIBRES]
    then = before.select(*key, pl.col(gaps).name.suffix("_then"))
    both = frame.join(then, on=key, how="left", maintain_order="left")
    return both.with_columns(
        ((pl.col(gap) < 0) != (pl.col(f"{gap}_then") < 0)).alias(f"{name}_sign_changed")
        for name, gap in zip(FIBRES, gaps, strict=True)
    )


def _quantiles(rtt_ms: NDArray[np.float32]) -> NDArray[np.float64]:
    """Least, median and 95th percentile [ms] (nearest rank) over the instants with a way, and their fraction, (4, corridor)."""
    ordered = np.sort(rtt_ms, axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    ranks = [np.maximum(np.ceil(count * q).astype(np.int64) - 1, 0) for q in (0.0, 0.5, 0.95)]
    rows = [
        np.where(count > 0, np.take_along_axis(ordered, k[None], axis=0)[0].astype(np.float64), np.nan) for k in ranks
    ]
    return np.stack([*rows, count / len(ordered)])


def _median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values).any(axis=0)
    out = np.full(values.shape[1], np.nan)
    out[known] = np.nanmedian(values[:, known], axis=0)
    return out
