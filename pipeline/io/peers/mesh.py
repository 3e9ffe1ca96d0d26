"""Ways over the mesh for the benchmark: the network of the sample's Starlinks at an instant, our account of it, and whether peers agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import legs, links, overhead, points, routing
from pipeline.geometry.constants import LIGHT_KM_PER_S, MEAN_RADIUS_KM
from pipeline.geometry.grid import rings
from pipeline.geometry.propagation import Fleet, Instants
from pipeline.io.peers import worker
from pipeline.io.peers.worker import World
from pipeline.metrics import mesh
from pipeline.sources import sample

SOURCES = 100
LATITUDES_DEG = -56.0, 72.0  # where land is that people live on
# So far may results be from one another [ms, there and back].
APART_MS = 1e-6
ROUND_TRIP_MS_PER_KM = 2_000 / LIGHT_KM_PER_S
# A satellite at most so far from the Earth's centre; the sample's Starlinks are at 6,951 km and below.
FARTHEST_KM = 7_000.0


class DisagreementError(RuntimeError):
    """Our results and those of a peer that does the same work are not the same, so that their times mean nothing."""


@dataclass(frozen=True)
class Sky:
    """The sample's Starlinks in the order of their flight, and their links."""

    fleet: Fleet
    neighbour: NDArray[np.int32]

    def r_ecef_km(self, instants: Instants) -> NDArray[np.float64]:
        """Positions [km] of every instant, (instant, satellite, 3)."""
        return np.ascontiguousarray(np.moveaxis(self.fleet.positions(instants)[0], 0, 1))


def sky(elements: pl.DataFrame) -> Sky:
    """The plus grid of shells and planes that are learned from these elements, at noon."""
    ours = elements.filter(pl.col("object_name").str.starts_with("STARLINK"))
    noon = datetime.combine(sample.DAY, time(12))
    ours = ours[links.flight_order(mesh.learned(ours, noon))]
    return Sky(Fleet(ours), links.plus_grid(mesh.learned(ours, noon)))


def world(of: Sky, r_ecef_km: NDArray[np.float64], order: int) -> World:
    """The network where satellites stand so, (satellite, 3) [km]: sources spread over the latitudes of land, each cell with the nearest."""
    low, high = np.sin(np.radians(LATITUDES_DEG))
    k = np.arange(SOURCES)
    latitude_deg = np.degrees(np.arcsin(low + (high - low) * (k + 0.5) / SOURCES))
    sources = points.places(latitude_deg, k * 137.508 % 360.0 - 180.0, np.zeros(SOURCES))
    grid = rings(order)
    ring = np.repeat(np.arange(grid.cell_count.size), grid.cell_count)
    longitude_deg = grid.longitude_start_deg[ring] + (np.arange(ring.size) - grid.first[ring]) * (
        360.0 / grid.cell_count[ring]
    )
    cells = points.places(grid.latitude_deg[ring], longitude_deg, np.zeros(ring.size))
    goal = (cells[:, 3:] @ sources[:, 3:].T).argmax(axis=1).astype(np.int32)
    return World(r_ecef_km, of.neighbour, sources, cells, goal)


def conditions(mask_deg: float) -> dict[str, float]:
    """What makes an edge, as the peer is asked it."""
    return {
        "mask_deg": mask_deg,
        "range_km": routing.RANGE_KM,
        "lowest_km": MEAN_RADIUS_KM + routing.CLEAR_KM,
    }


class Ours:
    """Our own account of a network; where satellites may be looked for over sources and cells is known beforehand."""

    def __init__(self, network: World, mask_deg: float) -> None:
        self.network = network
        self.of_sources, self.of_cells = (
            overhead.view(places, mask_deg, FARTHEST_KM) for places in (network.sources, network.cells)
        )
        self.behind_km = np.where(np.eye(len(network.sources), dtype=bool), 0.0, np.inf)
        self.room = legs.room(len(network.sources), len(network.neighbour))
        self.best = np.zeros(1)
        self.length, _, self.seen = self._edges(network.r_km)

    def account(self) -> NDArray[np.float64]:
        """All of it: edges, ways to all satellites, one source after the other, and then those to the cells [km]."""
        length, above, seen = self._edges(self.network.r_km)
        way_km = self._ways(length, seen)
        down_km, _ = overhead.serve(above, self.of_cells, self.network.goal, way_km, self.best)
        return np.concatenate([way_km.ravel(), down_km[0]])

    def ways(self) -> NDArray[np.float64]:
        """Ways alone [km], (source, satellite), of edges that are known."""
        return self._ways(self.length, self.seen)

    def _edges(self, r_km: NDArray[np.float64]) -> tuple[NDArray[np.float64], overhead.Overhead, overhead.Sightings]:
        by_axis = np.ascontiguousarray(r_km.T)
        above = overhead.overhead(by_axis)
        return (
            routing.lengths_km(by_axis, self.network.neighbour),
            above,
            overhead.sightings(above, self.of_sources),
        )

    def _ways(self, length: NDArray[np.float64], seen: overhead.Sightings) -> NDArray[np.float64]:
        way_km = legs.enter(seen, self.behind_km, self.room)
        routing.shorten(self.network.neighbour, length, way_km)
        return routing.unpacked(way_km, len(self.network.sources))


def apart_ms(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Largest difference of round trips [ms], of ways [km] of one shape. Raises DisagreementError where it is above APART_MS."""
    there = np.isfinite(theirs)
    if not np.array_equal(np.isfinite(ours), there):
        raise DisagreementError(
            f"ours has {np.isfinite(ours).sum():,} ways and the peer {there.sum():,} of {there.size:,}"
        )
    worst = float(np.abs(ours[there] - theirs[there]).max(initial=0.0)) * ROUND_TRIP_MS_PER_KM
    if worst > APART_MS:
        raise DisagreementError(f"ours is up to {worst:.2g} ms from the peer, and {APART_MS:g} ms are allowed")
    return worst


def compared_ms(of: Sky, places: World, instants: Instants, chosen: Sequence[int], mask_deg: float) -> float:
    """Largest difference [ms] of our account from numpy's and scipy's at the chosen instants. Raises DisagreementError as `apart_ms`."""
    worst, tree = 0.0, worker.cell_tree(places)
    for k in chosen:
        here = replace(places, r_km=of.r_ecef_km(instants.part(k, k + 1))[0])
        theirs = worker.account(here, tree, **conditions(mask_deg))
        worst = max(worst, apart_ms(Ours(here, mask_deg).account(), theirs))
    return worst
