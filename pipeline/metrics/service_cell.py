"""What beams can bring to a cell of the grid, of which people live in a part.

A cell of the grid (10,377 km2 at order 6) holds many service cells, each with the beams that may light it at a time, but demand stands in
towns: where one service cell is full, room in the empty ones around it is of no use. So demand is laid on pieces, the cells of order 8
with people (649 km2), each with as many service cells as its area has, and no piece gets more than those carry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import UNITED_STATES
from pipeline.geometry import grid
from pipeline.geometry.kernels import compiled
from pipeline.geometry.link_budget import Link, calibrated, efficiency_bit_per_s_per_hz, slant_range_km
from pipeline.metrics.capacity_model import Lid
from pipeline.metrics.cell import FINE_ORDER


class WeightError(ValueError):
    """Weights of demand that do not fit the pieces that they are for."""


@dataclass(frozen=True)
class Pieces:
    """Where the demand of each cell stands: pieces of it, sorted by cell; what does not change with a draw.

    start: first piece of each cell, int64 (cell + 1,). weight: part of the cell's demand, (piece,), summing to 1 over a cell. size_km2:
    area of each piece, shared between the countries in it as their demand is (piece,). us: whether it is of the United States (piece,).
    us_fraction: part of each cell's area where their rules hold (cell,). area_km2: of a cell.
    """

    start: NDArray[np.int64]
    weight: NDArray[np.float64]
    size_km2: NDArray[np.float64]
    us: NDArray[np.bool_]
    us_fraction: NDArray[np.float64]
    area_km2: float

    @property
    def cell_count(self) -> int:
        """Cells of the grid."""
        return self.start.size - 1


@dataclass(frozen=True)
class Beams:
    """What pieces and cells carry [Gbps]: room_gbps of each piece (piece,), least_gbps (cell,) the demand at which its first piece is full,
    infinite where no piece is known, whole_gbps (cell,) what all of its area carries."""

    pieces: Pieces
    room_gbps: NDArray[np.float64]
    least_gbps: NDArray[np.float64]
    whole_gbps: NDArray[np.float64]

    def lid_gbps(self, demand_gbps: NDArray[np.float64]) -> NDArray[np.float64]:
        """What beams can bring to each cell [Gbps], (cell,), where its demand [Gbps] is spread over it as its weights say.

        Where demand fills a piece: the sum of what pieces get, the lesser of demand and room, which is below the demand. Where none is full:
        how far this spread could grow before the first one is, at least the demand. Without demand, or where nobody is known to be: what
        the whole area carries. Raises WeightError where the demand has not one number for each cell, or one that is negative or none.
        """
        demand = np.ascontiguousarray(demand_gbps, np.float64)
        if demand.shape != (self.pieces.cell_count,) or not (demand >= 0).all():
            raise WeightError(
                f"demand of shape {demand.shape} for {self.pieces.cell_count} cells: one number for each, 0 or more"
            )
        lid = np.empty_like(demand)
        _lid(demand, self.pieces.start, self.pieces.weight, self.room_gbps, self.least_gbps, self.whole_gbps, lid)
        return lid


def pieces(rows: pl.DataFrame, weight: NDArray[np.float64], order: int, land: pl.DataFrame) -> Pieces:
    """Pieces of the cells of a grid of `order`.

    rows: where demand may stand, cell_id and country_iso3. For grids up to order 8 dim.cell_fine, whose fine_cell_id is the piece; for
    finer ones dim.cell_country, and a cell is its own piece, a fraction of a service cell. weight: of each row, not negative: its part of
    its cell's demand, or people, or anything that these are in proportion to (row,); rows that weigh nothing are left out.
    land: dim.cell_country, whose area_fraction says how much of a cell is in the United States.
    Raises WeightError where weights are negative, none, or not one for each row.
    """
    weights = np.asarray(weight, np.float64)
    if weights.shape != (rows.height,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise WeightError(f"{weights.shape} weights for {rows.height} rows: one finite number for each, 0 or more")
    own = "cell_id" if order > FINE_ORDER else "fine_cell_id"
    kept = rows.select(
        pl.col("cell_id").cast(pl.Int64).alias("cell"),
        pl.col(own).cast(pl.Int64).alias("piece"),
        pl.col("country_iso3").is_in(UNITED_STATES).alias("us"),
        pl.Series("weight", weights),
    ).filter(pl.col("weight") > 0)
    if kept["cell"].null_count():
        raise WeightError(
            f"rows without a cell of order {order}: for grids finer than {FINE_ORDER} pass dim.cell_country"
        )
    kept = kept.sort("cell", "piece", "us", maintain_order=True)
    cell, share = kept["cell"].to_numpy(), kept["weight"].to_numpy()
    count = grid.cell_count(order)
    _, piece = np.unique(kept["piece"].to_numpy(), return_inverse=True)
    of_piece = share / np.bincount(piece.ravel(), weights=share)[piece.ravel()] if share.size else share
    of_cell = share / np.bincount(cell, weights=share, minlength=count)[cell]
    return Pieces(
        np.searchsorted(cell, np.arange(count + 1)).astype(np.int64),
        of_cell,
        of_piece * grid.area_km2(max(order, FINE_ORDER)),
        kept["us"].to_numpy(),
        _us_fraction(land, count),
        grid.area_km2(order),
    )


def _us_fraction(land: pl.DataFrame, count: int) -> NDArray[np.float64]:
    """Part of each cell's area that is land of the United States."""
    us = land.filter(pl.col("country_iso3").is_in(UNITED_STATES))
    fraction = np.bincount(us["cell_id"].to_numpy().astype(np.int64), us["area_fraction"].to_numpy(), count)
    return np.minimum(fraction.astype(np.float64), 1.0)


# A Ku channel down to a terminal of about half a metre; the power is chosen, so that only the slope with distance counts.
USER_LINK = Link(frequency_ghz=11.7, bandwidth_mhz=240.0, eirp_dbw=36.0, g_over_t_db_per_k=9.0, loss_db=0.5)


def efficiency_part(
    elevation_deg: NDArray[np.float64], altitude_km: float, people: NDArray[np.float64], rain_db: float = 0.0
) -> NDArray[np.float64]:
    """Spectral efficiency over each cell, over the published mean, (cell,): less where the best satellite stands low and far.

    elevation_deg: of the best satellite over each cell, mean of the day [deg], not a number where none comes: 1 there. altitude_km: of the
    satellites [km]. people: of each cell, which the mean is over. rain_db: a margin for rain [dB], as an option. 1 everywhere where
    nobody lives under a satellite.
    """
    seen = np.isfinite(elevation_deg)
    if not (people[seen] > 0).any():
        return np.ones(len(people))
    range_km = slant_range_km(np.where(seen, elevation_deg, 90.0), altitude_km)
    at = calibrated(USER_LINK, range_km[seen], weight=people[seen])
    bits = efficiency_bit_per_s_per_hz(at.link, range_km, rain_db)
    return np.where(seen, bits / at.mean, 1.0)


def beams(where: Pieces, lid: Lid | None, part: NDArray[np.float64] | None = None) -> Beams | None:
    """What the pieces and cells carry under a lid of the model (Model.lid); None where it is unknown: it does not bind.

    part: of the lid that each cell has for the distance of its satellites (efficiency_part), 1 where none is given.
    Beams that are far larger than a cell of the grid are taken at their mean over their area, without regard to towns: the lid of a cell is
    its area's part of a beam.
    """
    if lid is None:
        return None
    per_km2 = np.array([lid.elsewhere_gbps, lid.us_gbps]) / lid.area_km2
    of_cell = np.ones(where.cell_count) if part is None else part
    whole = of_cell * where.area_km2 * (per_km2[0] + where.us_fraction * (per_km2[1] - per_km2[0]))
    none = np.zeros(0)
    if lid.is_shared:
        bare = Pieces(np.zeros_like(where.start), none, none, none.astype(bool), where.us_fraction, where.area_km2)
        return Beams(bare, none, whole, whole)
    room = where.size_km2 * per_km2[where.us.astype(np.int64)] * np.repeat(of_cell, np.diff(where.start))
    least = np.full(where.cell_count, np.inf)
    held = np.flatnonzero(np.diff(where.start))
    if held.size:
        least[held] = np.minimum.reduceat(room / where.weight, where.start[held])
    return Beams(where, room, np.where(np.isfinite(least), least, whole), whole)


@compiled
def _lid(demand, start, weight, room, least, whole, lid):  # type: ignore[no-untyped-def]
    """Beams.lid_gbps: all (cell,) but weight and room (piece,); a cell without pieces has least = whole."""
    for cell in range(demand.size):
        want = demand[cell]
        if want == 0.0 or start[cell] == start[cell + 1]:
            lid[cell] = whole[cell]
        elif want <= least[cell]:
            lid[cell] = least[cell]
        else:
            total = 0.0
            for piece in range(start[cell], start[cell + 1]):
                total += min(want * weight[piece], room[piece])
            lid[cell] = total
