"""Where people live by a population grid: laid on the land's sub-cells so that no one is lost, and compared with the settlement model.

A fine grid goes point by point to the sub-cell that holds it. A coarse one, whose blocks are larger than a sub-cell, is spread within
each block as the settlement model spreads its people there; where that has nobody, evenly over the block's land; where there is no
land, onto the nearest. So each block keeps its people, borders and coasts notwithstanding, and a block of a city is not a smear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipeline.geometry import grid
from pipeline.geometry.frames import up_ecef
from pipeline.geometry.outline import KM_PER_DEGREE

COMPARED_ORDER = 4
# A country that a grid has less than this part of its usual share of people in is not in it: an extract of a neighbour reaches over the border.
THIN_FRACTION = 0.1


@dataclass(frozen=True)
class Placed:
    """People on sub-cells, any place any number of times: index of the country, sub-cell, people, each (n,)."""

    who: NDArray[np.int64]
    where: NDArray[np.int64]
    people: NDArray[np.float64]


def by_grid(model: Placed, rows: pl.DataFrame, owner: NDArray[np.int16], order: int) -> Placed:
    """Place the people of a population grid; their sum is the grid's.

    model: people by settlements. rows: latitude_deg, longitude_deg, population_count, and size_deg where the grid has blocks.
    owner: index of the country of each sub-cell, -1 for none, (sub-cell,) nested, of HEALPix `order`.
    """
    own_km = np.sqrt(grid.area_km2(order))
    size_km = float(rows["size_deg"].max() or 0.0) * KM_PER_DEGREE if "size_deg" in rows.columns else 0.0  # type: ignore[arg-type]
    people = rows["population_count"].to_numpy()
    if size_km <= own_km:
        where = grid.cell_of(rows["latitude_deg"].to_numpy(), rows["longitude_deg"].to_numpy(), order).astype(np.int64)
        where = np.where(owner[where] >= 0, where, _nearest_land(owner, order, where))
        return Placed(owner[where].astype(np.int64), where, people)
    return _by_blocks(model, rows, owner, order)


def covered(found: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a grid covers each country: people that it has there and people that there are, (country,).

    The usual share is that of the country of the middle one of the grid's people, when they stand in the order of their countries' shares.
    """
    share = np.divide(found, total, out=np.zeros(found.size), where=total > 0)
    rising = np.argsort(share, kind="stable")
    standing = np.cumsum(np.where(share > 0, found, 0.0)[rising])
    usual = share[rising][np.searchsorted(standing, standing[-1] / 2)]
    return np.asarray((share > 0) & (share >= THIN_FRACTION * usual), np.bool_)


def misplaced(one: pl.DataFrame, other: pl.DataFrame, order: int) -> tuple[float, dict[str, float]]:
    """Fraction of people that two bridges put into different cells of COMPARED_ORDER: of the world, and of each country.

    Both have rows of dim.cell_country at HEALPix `order`, and each country's people are brought to the same total first.
    """
    shift = 4 ** (order - COMPARED_ORDER)
    parts = [
        frame.group_by("country_iso3", (pl.col("cell_id") // shift).alias("cell"))
        .agg(pl.col("population_count").sum().alias(name))
        .filter(pl.col(name) > 0)
        .with_columns((pl.col(name) / pl.col(name).sum().over("country_iso3")).alias(f"{name}_part"))
        for frame, name in ((one, "one"), (other, "other"))
    ]
    both = parts[0].join(parts[1], on=["country_iso3", "cell"], how="full", coalesce=True).fill_null(0.0)
    away = ((pl.col("one_part") - pl.col("other_part")).abs().sum() / 2).alias("away")
    countries = both.group_by("country_iso3").agg(away, pl.col("one").sum().alias("people"))
    world = countries.select((pl.col("away") * pl.col("people")).sum() / pl.col("people").sum()).item()
    return float(world), dict(countries.select("country_iso3", "away").rows())


@dataclass(frozen=True)
class _Blocks:
    """A grid of blocks: its south and west edges, the blocks' size [deg], and people of each block, (row, column)."""

    south_deg: float
    west_deg: float
    size_deg: float
    people: NDArray[np.float64]

    def of(self, latitude_deg: NDArray[np.float64], longitude_deg: NDArray[np.float64]) -> NDArray[np.int64]:
        """Number of the block that holds each point, the last one of all for none."""
        row = np.floor((latitude_deg - self.south_deg) / self.size_deg).astype(np.int64)
        column = np.floor((longitude_deg - self.west_deg) % 360.0 / self.size_deg).astype(np.int64)
        rows, columns = self.people.shape
        inside = (row >= 0) & (row < rows) & (column < columns)
        return np.where(inside, row * columns + column, rows * columns)


def _blocks(rows: pl.DataFrame) -> _Blocks:
    latitude, longitude, size = (rows[name].to_numpy() for name in ("latitude_deg", "longitude_deg", "size_deg"))
    step = float(size[0])
    south, west = float(latitude.min() - step / 2), -180.0
    row = np.floor((latitude - south) / step).astype(np.int64)
    column = np.floor((longitude - west) / step).astype(np.int64)
    people = np.zeros((int(row.max()) + 1, round(360.0 / step)))
    np.add.at(people, (row, column), rows["population_count"].to_numpy())
    return _Blocks(south, west, step, people)


def _by_blocks(model: Placed, rows: pl.DataFrame, owner: NDArray[np.int16], order: int) -> Placed:
    """Spread each block's people as the model does, else evenly over its land, else onto the nearest land."""
    blocks = _blocks(rows)
    latitude, longitude = grid.centres(order)
    block = blocks.of(latitude, longitude)  # of every sub-cell
    wanted = np.append(blocks.people.ravel(), 0.0)
    held = np.bincount(block[model.where], weights=model.people, minlength=wanted.size)
    factor = np.divide(wanted, held, out=np.zeros_like(wanted), where=held > 0)
    kept = model.people * factor[block[model.where]]
    bare = (wanted > 0) & (held <= 0)
    land = np.flatnonzero((owner >= 0) & bare[block])
    count = np.bincount(block[land], minlength=wanted.size)
    even = wanted[block[land]] / np.maximum(count[block[land]], 1)
    lost = np.flatnonzero(bare & (count == 0))
    columns = blocks.people.shape[1]
    centre = (
        blocks.south_deg + (lost // columns + 0.5) * blocks.size_deg,
        blocks.west_deg + (lost % columns + 0.5) * blocks.size_deg,
    )
    shore = _nearest_land(owner, order, grid.cell_of(*centre, order).astype(np.int64))
    where = np.concatenate([model.where, land, shore])
    who = np.concatenate([model.who, owner[land].astype(np.int64), owner[shore].astype(np.int64)])
    return Placed(who, where, np.concatenate([kept, even, wanted[lost]]))


def _nearest_land(owner: NDArray[np.int16], order: int, where: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sub-cell itself where it is land, else the nearest one that is, (n,)."""
    sea = owner[where] < 0
    if not sea.any():
        return where
    latitude, longitude = grid.centres(order)
    land = np.flatnonzero(owner >= 0)
    tree = cKDTree(up_ecef(latitude[land], longitude[land]))
    asked, back = np.unique(where[sea], return_inverse=True)
    _, found = tree.query(up_ecef(latitude[asked], longitude[asked]))
    result = where.copy()
    result[sea] = land[found][back]
    return result
