"""A made market for tests of capacity: a Walker shell with lasers, towns, gateways, and cells of order 4 in ring order."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import STARLINK
from pipeline.geometry import feed, grid, links, points, sight
from pipeline.metrics import broadband, coverage, service_cell, share
from pipeline.metrics.capacity_model import Lid
from tests.metrics import skies

DAY = date(2026, 8, 17)
NOON = datetime(2026, 8, 17, 12)
ORDER = 4
RINGS = grid.rings(ORDER)
CELLS = sight.cells(RINGS)
NESTED = RINGS.nest_of_ring.astype(np.int64)
NO_LAND = pl.DataFrame(schema={"cell_id": pl.UInt64, "country_iso3": pl.String, "area_fraction": pl.Float64})
# Towns: latitude, longitude [deg], broadband of the busiest hour [Gbps].
TOWNS = [(6.5, 3.4, 4_000.0), (50.1, 8.7, 300.0), (39.0, -77.5, 300.0), (-23.5, -46.6, 900.0), (64.1, -21.9, 2.0), (78.2, 15.6, 0.1)]  # fmt: skip
GATEWAYS = [(50.1, 8.7), (39.0, -77.5)]


def places(*at: tuple[float, float]) -> NDArray[np.float64]:
    latitude, longitude = np.array(at, float).reshape(-1, 2).T
    return points.places(latitude, longitude, np.zeros(len(latitude)))


def ground(*at: tuple[float, float], gbps: float = 375.0) -> feed.Ground:
    return feed.Ground(places(*at), np.full(len(at), gbps), 10.0)


def supply(planes: int = 18, per_plane: int = 18, *, lasers: bool = True, down_gbps: float = 96.0) -> share.Supply:
    rows = skies.elements(skies.walker(planes, per_plane)).with_columns(
        pl.lit("shell").alias("shell_id"), (pl.int_range(pl.len()) // per_plane).cast(pl.String).alias("plane_id")
    )
    rows = links.in_order(rows, NOON)
    graph = links.of_satellites(rows, np.full(rows.height, lasers), NOON, 3)
    each = np.ones(rows.height)
    gbps = np.stack([down_gbps * each, 6.7 * each])
    return share.Supply(rows.drop("shell_id", "plane_id"), gbps, 100.0 * each, graph, (100.0 if lasers else 0.0) * each)


def need() -> broadband.Need:
    busy = np.zeros(grid.cell_count(ORDER))
    for latitude, longitude, gbps in TOWNS:
        busy[int(grid.cell_of(latitude, longitude, ORDER))] = gbps
    _, longitude_deg = grid.centres(ORDER)
    down = busy[NESTED]
    hours = (1 + 0.8 * np.cos(2 * np.pi * (np.arange(24) - 20) / 24)) / 1.8
    return broadband.Need(
        np.stack([down, 0.08 * down]), np.zeros((2, 0, len(down))), hours, np.zeros((0, 24)), longitude_deg[NESTED] / 15
    )


def beams(lid_gbps: float = 7.0) -> service_cell.Beams:
    """Everybody of a town lives in one piece of order 8."""
    fine = [int(grid.cell_of(latitude, longitude, 8)) for latitude, longitude, _ in TOWNS]
    rows = pl.DataFrame(
        {"fine_cell_id": fine, "cell_id": [cell >> 8 for cell in fine], "country_iso3": ["NGA"] * len(fine)},
        schema={"fine_cell_id": pl.UInt64, "cell_id": pl.UInt64, "country_iso3": pl.String},
    )
    where = service_cell.pieces(rows, np.ones(len(fine)), ORDER, NO_LAND)
    found = service_cell.beams(where, Lid(lid_gbps, lid_gbps, 379.0))
    assert found is not None
    return found


def market(lid_gbps: float = 7.0, *, mask_deg: float = 10.0, arc: bool = False) -> share.Market:
    zone = coverage.zone(STARLINK, DAY, NO_LAND, RINGS, CELLS) if arc else None
    both = beams(lid_gbps), beams(lid_gbps / 7)
    return share.Market(CELLS.geometry, NESTED, need(), both, mask_deg, zone)


def town(k: int) -> int:
    """Place of a town's cell in ring order."""
    return int(np.flatnonzero(int(grid.cell_of(TOWNS[k][0], TOWNS[k][1], ORDER)) == NESTED)[0])
