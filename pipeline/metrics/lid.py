"""What a satellite and a gateway can carry: the lids of a day, at the base or at one draw of what figures may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from pipeline.metrics.capacity_model import Figure, Model, Way
from pipeline.metrics.fleet import UNKNOWN_STANDS_FOR

# The parameter of uncertainty_ranges.csv that a generation's down and up are drawn as.
DRAWN_AS: dict[str, dict[Way, str]] = {
    "starlink-v1.0": {"down": "v1x_downlink", "up": "v1x_uplink"},
    "starlink-v1.5": {"down": "v1x_downlink", "up": "v1x_uplink"},
    "starlink-v2mini": {"down": "v2mini_downlink", "up": "v2mini_uplink"},
    "starlink-v2mini-opt": {"down": "v2mini_downlink", "up": "v2mini_uplink"},
    "starlink-v3": {"down": "v3_downlink", "up": "v3_uplink"},
    "leo-kuiper-gen1": {"down": "kuiper_downlink", "up": "kuiper_uplink"},
    "oneweb-gen1": {"down": "oneweb_downlink", "up": "oneweb_uplink"},
    "qianfan-gen1": {"down": "qianfan_downlink"},
    "guowang-gen1": {"down": "guowang_downlink"},
}
DIRECT_TO_CELL = "starlink-d2c"
DIRECT_TO_CELL_COUNTS = "d2c_counts_as_broadband"
ITS_PAYLOAD = "starlink-v2mini"  # what its broadband payload is said to be
UNKNOWN = "unknown"

Draw = Mapping[str, ArrayLike]


class LidError(ValueError):
    """A figure that a lid needs is missing, and nothing may stand for it; the message names the row to add."""


@dataclass(frozen=True)
class Satellites:
    """What each satellite can carry, in the order of the fleet's rows, (satellite,) each.

    down_gbps, up_gbps: to and from users [Gbps]; up is not a number where the generation has no figure. laser_count: links in use.
    laser_gbps: of one link, one way [Gbps], 0 without lasers. feeder_gbps: radio and lasers together [Gbps], infinite where nothing is
    published: it does not bind. antenna_count: antennas of gateways in use at once. up_unknown: generations without an uplink figure;
    where it is not empty no result up is known for the constellation.
    """

    down_gbps: NDArray[np.float64]
    up_gbps: NDArray[np.float64]
    laser_count: NDArray[np.int64]
    laser_gbps: NDArray[np.float64]
    feeder_gbps: NDArray[np.float64]
    antenna_count: NDArray[np.int64]
    up_unknown: tuple[str, ...]

    @property
    def up_is_known(self) -> bool:
        """Whether every satellite has an uplink figure."""
        return not self.up_unknown


@dataclass(frozen=True)
class Gateways:
    """Listed gateways that work, in order of site_id, (gateway,) each: where they are [deg], antennas, and what these carry [Gbps].

    A gateway without antennas stays, and carries nothing. Antennas are a mean where none are told, so they need not be whole.
    """

    site_id: tuple[str, ...]
    latitude_deg: NDArray[np.float64]
    longitude_deg: NDArray[np.float64]
    gbps: NDArray[np.float64]
    antenna_count: NDArray[np.float64]


def generation_gbps(
    generation: pl.DataFrame, way: Way, draw: Draw | None = None
) -> dict[str, NDArray[np.float64] | None]:
    """Broadband down or up of one satellite [Gbps], by generation; None where it has no figure.

    generation: dim.generation. draw: values by the names of uncertainty_ranges.csv, one or (draw,) each; what is not in it stays at its
    base. A direct-to-cell satellite counts nothing, and with d2c_counts_as_broadband that share of its high figure down, and of a V2 Mini's
    up. A generation that is unknown stands at the low figures of the newest known block in every draw.
    """
    drawn = draw or {}
    base = _by_name(generation, f"{way}_gbps")
    found: dict[str, NDArray[np.float64] | None] = {
        name: None if value is None else np.asarray(drawn.get(DRAWN_AS.get(name, {}).get(way, ""), value), np.float64)
        for name, value in base.items()
    }
    if DIRECT_TO_CELL in found:
        high = _by_name(generation, "down_high_gbps")[DIRECT_TO_CELL]
        whole = high if way == "down" else found.get(ITS_PAYLOAD)
        share = np.asarray(drawn.get(DIRECT_TO_CELL_COUNTS, 0.0), np.float64)
        found[DIRECT_TO_CELL] = None if whole is None else share * whole
    return found


def satellites(
    fleet: pl.DataFrame, generation: pl.DataFrame, model: Model, draw: Mapping[str, float] | None = None
) -> Satellites:
    """What each satellite can carry.

    fleet: rows of core.satellite_daily of one constellation that work. generation: dim.generation. model: of the constellation, of the same
    draw (capacity_model.figures). draw: one value for each parameter (uncertainty.one), or None for the base.
    Raises LidError where a generation has no downlink figure, which is not zero, or lasers of an unknown rate.
    """
    kinds, which = np.unique(fleet["generation"].to_numpy().astype(str), return_inverse=True)
    names = kinds.tolist()
    down, up = generation_gbps(generation, "down", draw), generation_gbps(generation, "up", draw)
    if lost := [name for name in names if down.get(name) is None]:
        raise LidError(f"no downlink figure for {', '.join(lost)}: add a row to satellite_generations.csv")
    lasers = _by_name(generation, "laser_count")
    count = [int(min(lasers[name] or 0, model.links_used.base)) for name in names]
    laser = [_laser_gbps(model, name) if links else 0.0 for name, links in zip(names, count, strict=True)]
    backhaul = [_of(model.backhaul_gbps, name) for name in names]
    at_once = [int(model.antennas_at_once(_known(name)).base) for name in names]

    def each(values: list[float]) -> NDArray[np.float64]:
        return np.array(values, np.float64)[which]

    return Satellites(
        each([_or(down[name], np.nan) for name in names]),
        each([_or(up[name], np.nan) for name in names]),
        np.array(count, np.int64)[which],
        each(laser),
        each([_or(value, np.inf) for value in backhaul]),
        np.array(at_once, np.int64)[which],
        tuple(name for name in names if up[name] is None),
    )


def _by_name(generation: pl.DataFrame, column: str) -> dict[str, Any]:
    # Hundreds of draws ask for this: columns are read as lists, which is many times quicker than a select.
    return dict(zip(generation["generation"].to_list(), generation[column].to_list(), strict=True))


def _or(value: ArrayLike | None, otherwise: float) -> float:
    return otherwise if value is None else float(np.asarray(value))


def gateways(sites: pl.DataFrame, model: Model, register: pl.DataFrame | None = None) -> tuple[Gateways, pl.DataFrame]:
    """Gateways of the model's constellation, and rows of the register that are not believed (row_key, reason).

    sites: dim.site; of its gateways, community ones too, those that are operational. Nobody publishes antennas by site: each has the
    model's mean. register: site_id and antenna_count where somebody knows better; a site that it does not name has the mean. A count of 0 or
    less leaves its site without antennas, one that is missing or no number leaves it the mean, and both are listed; so is a site that is
    not there, and one that stands twice, whose first row holds.
    """
    here = (pl.col("kind") == "gateway") & (pl.col("constellation") == model.constellation)
    listed = sites.filter(here & (pl.col("status") == "operational")).sort("site_id")
    counts, excluded = _registered(register, listed["site_id"])
    count = listed.select("site_id").join(counts, on="site_id", how="left", maintain_order="left")["antenna_count"]
    antennas = count.fill_null(model.antennas_per_site.base).to_numpy().astype(np.float64)
    latitude, longitude = (listed[f"{axis}_deg"].to_numpy().astype(np.float64) for axis in ("latitude", "longitude"))
    found = Gateways(tuple(listed["site_id"]), latitude, longitude, antennas * model.antenna_gbps.base, antennas)
    return found, excluded


def _registered(register: pl.DataFrame | None, known: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Antennas of the sites that a register has a count for, 0 where it is not positive, and its rows that are listed."""
    schema = {"site_id": pl.String, "antenna_count": pl.Float64}
    rows = pl.DataFrame(schema=schema) if register is None else register.select("site_id", "antenna_count")
    number = pl.col("antenna_count").cast(pl.Float64, strict=False)
    told = rows.with_columns(
        pl.col("antenna_count").cast(pl.String).fill_null("").alias("told"),
        pl.when(number.is_finite()).then(number).alias("antenna_count"),
        (pl.col("site_id").is_in(known.implode()) & pl.col("site_id").is_not_null())
        .fill_null(value=False)
        .alias("is_site"),
    )
    count, again = pl.col("antenna_count"), ~pl.col("site_id").is_first_distinct()
    reason = (
        pl.when(~pl.col("is_site"))
        .then(pl.lit("no operational gateway of the constellation has this site_id"))
        .when(again)
        .then(pl.lit("its site stands before it in the register"))
        .when(count.is_null())
        .then(pl.format("its antenna_count is {}: the mean of all gateways stands", _or_missing()))
        .when(count <= 0)
        .then(pl.format("its antenna_count is {}: no antenna, so no service by it", "told"))
    )
    judged = told.with_columns(reason.alias("reason"))
    kept = judged.filter(pl.col("is_site") & ~again & count.is_not_null())
    return (
        kept.select("site_id", pl.max_horizontal(count, pl.lit(0.0)).alias("antenna_count")),
        judged.filter(pl.col("reason").is_not_null()).select(
            pl.col("site_id").fill_null("").alias("row_key"), "reason"
        ),
    )


def _or_missing() -> pl.Expr:
    return pl.when(pl.col("told") == "").then(pl.lit("missing")).otherwise(pl.format("{}, no number", "told"))


def _known(name: str) -> str:
    """The generation whose figures a satellite has: an unknown one stands as the newest known block."""
    return UNKNOWN_STANDS_FOR if name == UNKNOWN else name


def _of(figures: Mapping[str, Figure], name: str) -> float | None:
    """Figure of a generation: its base, of one that is unknown the low one, and None where it has none."""
    figure = figures.get(_known(name))
    return None if figure is None else figure.low if name == UNKNOWN else figure.base


def _laser_gbps(model: Model, name: str) -> float:
    if (own := _of(model.laser_gbps, name)) is None:
        raise LidError(
            f"no laser rate for {name}, which has lasers: add a row {name}, laser_rate to capacity_model.csv"
        )
    return own
