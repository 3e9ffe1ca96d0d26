"""One peer in a process and an interpreter of its own: reads requests as lines of JSON, answers each with one.

A plain script that imports nothing of the house, because the peer's interpreter does not have it. Requests:

    {"do": "prepare", "peer": NAME, "folder": FOLDER, ...}   inputs from .npy files there; answers {"versions": {...}}
    {"do": "go"}                                             answers {"seconds": ...}, of the peer's work alone
    {"do": "result", "path": FILE}                           writes what the last "go" gave as .npy, in the common form
A request that fails is answered by {"error": ...}. Positions are given back as (satellite, instant, 3) [km], counts per cell, ways as (source, satellite) [km], throughputs [Gbps] and levels as one number.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

SPHERE_KM = 6_371.0
# Rows of cells in one matrix product: what lies between stays in the cache (16 are 2 to 5 times faster than 2,048).
BLOCK = 16
# A turn lasts at least so long [s]: a call of a few milliseconds is not measured by its first, with cold caches.
TURN_S = 0.1


@dataclass(frozen=True)
class Job:
    """The work of a peer, how its outcome becomes the common form, and the packages that do it."""

    call: Callable[[], Any]
    packages: tuple[str, ...]
    common: Callable[[Any], Any] = np.asarray


def sgp4(folder: Path) -> Job:
    """Positions and velocities (TEME) by the C++ arrays of the sgp4 library."""
    from sgp4.api import SatrecArray

    library, instants = SatrecArray(satrecs((folder / "catalog.csv").read_text())), np.load(folder / "instants.npy")
    jd, fraction = np.ascontiguousarray(instants[:, 0]), np.ascontiguousarray(instants[:, 1])
    return Job(lambda: library.sgp4(jd, fraction), ("sgp4",), lambda found: found[1])


def heyoka(folder: Path) -> Job:
    """Positions and velocities (TEME) by heyoka's propagator in float64, at minutes since the epochs that are computed beforehand.

    Julian dates take it 2.5 times as long; fast_math makes it 1.25 times as fast.
    """
    import heyoka as package

    elements, instants = np.load(folder / "elements.npy"), np.load(folder / "instants.npy")
    minutes = ((instants[:, :1] - elements[7]) + (instants[:, 1:2] - elements[8])) * 1_440.0
    package.set_nthreads(1)
    propagator = package.model.sgp4_propagator(elements, fast_math=True, force_avx512=True)
    out = np.empty((len(instants), propagator.nouts, propagator.nsats))
    return Job(lambda: propagator(minutes, out=out), ("heyoka", "numpy"), lambda found: found[:, :3].transpose(2, 0, 1))


def astroz(folder: Path) -> Job:
    """Earth-fixed positions by astroz, its catalog read beforehand."""
    import astroz as package

    catalog, instants = package.Constellation(str(folder / "catalog.json")), np.load(folder / "instants.npy")
    start = datetime(2000, 1, 1, 12, tzinfo=timezone.utc) + timedelta(days=instants[0, 0] - 2_451_545.0)  # noqa: UP017
    minutes = instants[:, 1] * 1_440.0
    return Job(
        lambda: package.propagate(catalog, minutes, start_time=start, output="ecef"),
        ("astroz", "numpy"),
        lambda found: found.transpose(1, 0, 2),
    )


def polypix(folder: Path, order: int, mask_deg: float) -> Job:
    """Satellites in view of each cell by polypix: caps on a sphere, counted without their cells being listed."""
    import polypix as package

    r_km = np.load(folder / "r_ecef_km.npy")

    def call() -> Any:
        reach = _reach_rad(np.linalg.norm(r_km, axis=1), mask_deg)
        return package.cover_cap(r_km, reach, resolution=order, threads=1, reduce=package.Count())

    return Job(call, ("polypix", "numpy"))


def kd_tree(folder: Path, order: int, mask_deg: float) -> Job:
    """Satellites in view of each cell by a tree of the cells, built beforehand: on a sphere, by the length of the chord."""
    from scipy.spatial import cKDTree

    r_km, tree = np.load(folder / "r_ecef_km.npy"), cKDTree(np.load(folder / f"directions_{order}.npy"))

    def call() -> Any:
        distance = np.linalg.norm(r_km, axis=1)
        chord = 2 * np.sin(_reach_rad(distance, mask_deg) / 2)
        cells = tree.query_ball_point(r_km / distance[:, None], chord, workers=1)
        return np.bincount(np.concatenate(cells).astype(np.int64), minlength=tree.n)

    return Job(call, ("scipy", "numpy"))


def sphere(folder: Path, order: int, mask_deg: float) -> Job:
    """Satellites in view of each cell by brute force on a sphere, in float32: one matrix product per block of cells."""
    r_km, directions = np.load(folder / "r_ecef_km.npy"), np.load(folder / f"directions_{order}.npy").astype(np.float32)
    return Job(lambda: _by_sphere(r_km, directions, mask_deg), ("numpy",))


def ellipsoid(folder: Path, order: int, mask_deg: float) -> Job:
    """Satellites in view of each cell by brute force on the WGS-84 ellipsoid, exact, in float64: two matrix products per block."""
    r_km = np.load(folder / "r_ecef_km.npy")
    points_km, up = np.load(folder / f"points_km_{order}.npy"), np.load(folder / f"up_{order}.npy")
    return Job(lambda: _by_ellipsoid(r_km, points_km, up, mask_deg), ("numpy",))


def day(folder: Path, order: int, mask_deg: float) -> Job:
    """A sample of a day: positions by sgp4, turned to Earth-fixed; counts by `sphere`; mean, least, longest gap.

    Percentiles are left out: a few instants pay more for them than a day does, for each instant, and the ratio would flatter us.
    """
    work, instants = sgp4(folder), np.load(folder / "instants.npy")
    angle_rad = instants[:, 2]
    directions = np.load(folder / f"directions_{order}.npy").astype(np.float32)

    def call() -> Any:
        r_km = _turned(work.call()[1], angle_rad)
        count = np.stack([_by_sphere(r_km[:, k], directions, mask_deg) for k in range(len(angle_rad))])
        return np.stack([count.mean(axis=0), count.min(axis=0), _longest_gap(count == 0)])

    return Job(call, ("sgp4", "numpy"))


def network(folder: Path, mask_deg: float, range_km: float, lowest_km: float) -> Job:
    """Ways from sources to satellites and down to cells: edges by numpy, ways by scipy's Dijkstra, cells by a tree of them built beforehand.

    Gives ways to all satellites, one source after the other, and then those to the cells.
    """
    world = World.read(folder)
    tree = cell_tree(world)
    return Job(lambda: account(world, tree, mask_deg, range_km, lowest_km), ("scipy", "numpy"))


def dijkstra(folder: Path) -> Job:
    """Ways from every source by scipy's Dijkstra, its matrix made beforehand."""
    graph, sources = _matrix(*_graph(folder)), _sources(folder)
    return Job(lambda: _solved(graph, sources), ("scipy", "numpy"))


def networkx(folder: Path, sources: int) -> Job:
    """Ways from so many sources by networkx, its graph made beforehand."""
    import networkx as package

    tail, head, km, nodes = _graph(folder)
    graph, total = package.DiGraph(), _sources(folder)
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from(zip(tail.tolist(), head.tolist(), km.tolist(), strict=True))
    starts = range(nodes - total, nodes - total + sources)

    def call() -> Any:
        return [package.single_source_dijkstra_path_length(graph, start) for start in starts]

    return Job(call, ("networkx",), lambda found: _dense(found, nodes - total))


def rustworkx(folder: Path) -> Job:
    """Ways from every source by rustworkx, its graph made beforehand."""
    import rustworkx as package

    tail, head, km, nodes = _graph(folder)
    graph, total = package.PyDiGraph(), _sources(folder)
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(list(zip(tail.tolist(), head.tolist(), km.tolist(), strict=True)))

    def call() -> Any:
        starts = range(nodes - total, nodes)
        return [package.digraph_dijkstra_shortest_path_lengths(graph, start, float) for start in starts]

    return Job(call, ("rustworkx",), lambda found: _dense(found, nodes - total))


def igraph(folder: Path) -> Job:
    """Ways from every source by igraph, its graph made beforehand."""
    import igraph as package

    tail, head, km, nodes = _graph(folder)
    total = _sources(folder)
    graph = package.Graph(nodes, np.column_stack([tail, head]).tolist(), directed=True)
    starts, weights = list(range(nodes - total, nodes)), km.tolist()
    return Job(
        lambda: graph.distances(source=starts, weights=weights, mode="out"),
        ("igraph",),
        lambda found: np.array(found)[:, : nodes - total],
    )


def maximum_flow(folder: Path) -> Job:
    """The greatest throughput of a program by scipy's maximum flow, its graph made beforehand, in whole numbers."""
    from scipy.sparse import csgraph

    program = Program.read(folder)
    capacity, unit = program.at(1.0)
    return Job(
        lambda: csgraph.maximum_flow(capacity, program.source, program.source + 1),
        ("scipy", "numpy"),
        lambda found: np.float64(found.flow_value * unit),
    )


def largest_level(folder: Path) -> Job:
    """The largest level of a program by scipy's maximum flows: where one is too much, its least cut has the next (Newton's method)."""
    program = Program.read(folder)
    return Job(lambda: program.level(), ("scipy", "numpy"), np.float64)


def omm_reader(folder: Path) -> Job:
    """A catalog by the OMM reader of the sgp4 library, satellite by satellite."""
    text = (folder / "catalog.csv").read_text()
    return Job(lambda: satrecs(text), ("sgp4",), lambda found: np.array([s.no_kozai for s in found]))


def pairs(folder: Path) -> Job:
    """How well satellites keep places, from the difference of every two of one plane (see lattice.slots), by numpy."""
    latitude_deg, plane, most = (np.load(folder / f"{name}.npy") for name in ("latitude_deg", "plane", "most_slots"))
    return Job(lambda: _coherence(latitude_deg, plane, int(most)), ("numpy",))


PEERS: dict[str, Callable[..., Job]] = {
    f.__name__: f
    for f in (
        sgp4, heyoka, astroz, polypix, kd_tree, sphere, ellipsoid, day, omm_reader, pairs,
        network, dijkstra, networkx, rustworkx, igraph, maximum_flow, largest_level,
    )
}  # fmt: skip


def turn(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one call, the mean of as many as TURN_S holds, at least one; and what the last one gave.

    Seconds of the processor, of all threads: on one core they are those of the clock, less what other programs took.
    """
    taken, calls, result = 0.0, 0, None
    while not calls or taken < TURN_S:
        del result  # memory is given back while the clock stands
        start = time.process_time()
        result = call()
        taken += time.process_time() - start
        calls += 1
    return taken / calls, result


def satrecs(text: str) -> list[Any]:
    """Read OMM CSV with the reader that comes with the sgp4 library."""
    from sgp4 import omm
    from sgp4.api import Satrec

    found = []
    for fields in omm.parse_csv(io.StringIO(text, newline="")):
        found.append(Satrec())
        # Its catalog numbers end at Alpha-5, those of the sample do not.
        omm.initialize(found[-1], {**fields, "NORAD_CAT_ID": "1"})
    return found


def _reach_rad(distance_km: Any, mask_deg: float) -> Any:
    """Central angle of footprints on a sphere."""
    mask = np.radians(mask_deg)
    return np.arccos(np.minimum(1.0, SPHERE_KM / distance_km * np.cos(mask))) - mask


def _turned(r_teme_km: Any, angle_rad: Any) -> Any:
    """Positions (satellite, instant, 3) turned to Earth-fixed."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    x, y = r_teme_km[..., 0], r_teme_km[..., 1]
    return np.stack([cos * x + sin * y, cos * y - sin * x, r_teme_km[..., 2]], axis=-1)


def _by_sphere(r_km: Any, directions: Any, mask_deg: float) -> Any:
    distance = np.linalg.norm(r_km, axis=1)
    towards = np.ascontiguousarray((r_km / distance[:, None]).astype(np.float32).T)
    least = np.cos(_reach_rad(distance, mask_deg)).astype(np.float32)
    blocks = range(0, len(directions), BLOCK)
    return np.concatenate([np.count_nonzero(directions[k : k + BLOCK] @ towards >= least, axis=1) for k in blocks])


def _by_ellipsoid(r_km: Any, points_km: Any, up: Any, mask_deg: float) -> Any:
    """Where the rise over the horizon plane is at least sin(mask) times the distance, both from products with the positions."""
    columns, square, sine2 = np.ascontiguousarray(r_km.T), (r_km**2).sum(axis=1), np.sin(np.radians(mask_deg)) ** 2
    lift, own = (up * points_km).sum(axis=1)[:, None], (points_km**2).sum(axis=1)[:, None]
    found = []
    for k in range(0, len(up), BLOCK):
        block = slice(k, k + BLOCK)
        rise = up[block] @ columns
        rise -= lift[block]
        range2 = points_km[block] @ columns
        range2 *= -2.0
        range2 += square
        range2 += own[block]
        range2 *= sine2
        above = rise >= 0.0
        rise *= rise
        found.append(np.count_nonzero(above & (rise >= range2), axis=1))
    return np.concatenate(found)


def _longest_gap(empty: Any) -> Any:
    """Longest run of instants without a satellite, per cell, of (instant, cell)."""
    run, longest = np.zeros(empty.shape[1], np.int64), np.zeros(empty.shape[1], np.int64)
    for row in empty:
        run = (run + 1) * row
        np.maximum(longest, run, out=longest)
    return longest


@dataclass(frozen=True)
class World:
    """A network at one instant: positions [km] (satellite, 3), neighbours (satellite, degree), sources and cells with point [km] and
    normal (place, 6), and the source of each cell (cell,)."""

    r_km: Any
    neighbour: Any
    sources: Any
    cells: Any
    goal: Any

    @classmethod
    def read(cls, folder: Path) -> World:
        """The network whose inputs lie in this folder."""
        return cls(*(np.load(folder / f"{n}.npy") for n in ("r_ecef_km", "neighbour", "sources", "cells", "goal")))


def cell_tree(world: World) -> Any:
    """The tree of the cells."""
    from scipy.spatial import cKDTree

    return cKDTree(world.cells[:, :3])


def account(world: World, tree: Any, mask_deg: float, range_km: float, lowest_km: float) -> Any:
    """What `network` gives."""
    graph = _matrix(*edges(world, mask_deg, range_km, lowest_km))
    way_km = _solved(graph, len(world.sources))
    return np.concatenate([way_km.ravel(), _down(world, tree, way_km, mask_deg)])


def edges(world: World, mask_deg: float, range_km: float, lowest_km: float) -> tuple[Any, Any, Any, int]:
    """Where edges start and end, their lengths [km], and how many nodes there are: sources come after the satellites."""
    low, link = np.nonzero(world.neighbour > np.arange(len(world.neighbour))[:, None])
    high = world.neighbour[low, link]
    step, start = world.r_km[high] - world.r_km[low], world.r_km[low]
    square, along = (step * step).sum(axis=1), (step * start).sum(axis=1)
    # Where the line is lowest between its ends, that is where it must be clear of the air.
    between = (along < 0) & (-along < square)
    clear = ~between | ((start * start).sum(axis=1) - along * along / square >= lowest_km**2)
    up = clear & (square <= range_km**2)
    low, high, km = low[up], high[up], np.sqrt(square[up])
    source, satellite, slant_km = _seen(world, mask_deg)
    nodes = len(world.r_km) + len(world.sources)
    tail = np.concatenate([low, high, source + len(world.r_km)])
    return tail, np.concatenate([high, low, satellite]), np.concatenate([km, km, slant_km]), nodes


def _seen(world: World, mask_deg: float) -> tuple[Any, Any, Any]:
    """Sources, the satellites that they see at or above the mask, and their distance [km]."""
    points, up = world.sources[:, :3], world.sources[:, 3:]
    rise = up @ world.r_km.T - (up * points).sum(axis=1)[:, None]
    square = (world.r_km**2).sum(axis=1) + (points**2).sum(axis=1)[:, None] - 2.0 * (points @ world.r_km.T)
    source, satellite = np.nonzero((rise >= 0) & (rise * rise >= np.sin(np.radians(mask_deg)) ** 2 * square))
    return source, satellite, np.sqrt(square[source, satellite])


def _matrix(tail: Any, head: Any, km: Any, nodes: int) -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix((km, (tail, head)), (nodes, nodes))


def _solved(graph: Any, sources: int) -> Any:
    """Ways from the last nodes of a graph to all others, (source, satellite) [km]."""
    from scipy.sparse import csgraph

    satellites = graph.shape[0] - sources
    return csgraph.dijkstra(graph, indices=np.arange(satellites, graph.shape[0]))[:, :satellites]


def _down(world: World, tree: Any, way_km: Any, mask_deg: float) -> Any:
    """Shortest way from its source to each cell, by the best of the satellites in view, (cell,) [km]; infinite where there is none."""
    from scipy.spatial import cKDTree

    sine, near_km, far_km = (
        np.sin(np.radians(mask_deg)),
        np.linalg.norm(world.cells[:, :3], axis=1).min(),
        np.linalg.norm(world.r_km, axis=1).max(),
    )
    # The farthest that one at the mask may be, 1 % more because the ellipsoid's normals do not go through the centre.
    most_km = 1.01 * (np.sqrt(far_km**2 - near_km**2 * (1 - sine**2)) - near_km * sine)
    near = tree.sparse_distance_matrix(cKDTree(world.r_km), most_km, output_type="ndarray")
    cell, satellite, slant_km = near["i"], near["j"], near["v"]
    points, up = world.cells[:, :3], world.cells[:, 3:]
    rise = np.einsum("ij,ij->i", world.r_km[satellite] - points[cell], up[cell])
    seen = rise >= sine * slant_km
    cell, satellite, slant_km = cell[seen], satellite[seen], slant_km[seen]
    down = np.full(len(world.cells), np.inf)
    np.minimum.at(down, cell, slant_km + way_km[world.goal[cell], satellite])
    return down


def _graph(folder: Path) -> tuple[Any, Any, Any, int]:
    """The edges that were written beforehand, as `edges` has them."""
    tail, head, km = (np.load(folder / f"{name}.npy") for name in ("tail", "head", "km"))
    return tail, head, km, int(np.load(folder / "nodes.npy"))


def _sources(folder: Path) -> int:
    return len(np.load(folder / "sources.npy"))


def _dense(found: Any, satellites: int) -> Any:
    """Ways as dictionaries by node, one for each source, as (source, satellite), infinite where there is none."""
    way_km = np.full((len(found), satellites), np.inf)
    for row, of in zip(way_km, found, strict=True):
        for node, km in of.items():
            if node < satellites:
                row[node] = km
    return way_km


@dataclass(frozen=True)
class Program:
    """Cells, satellites and groups as a graph: edges (edge,) with their lids [Gbps], infinite for sightings, those of cells first.

    Source and sink are the last two nodes.
    """

    tail: Any
    head: Any
    lid: Any
    cells: int

    @classmethod
    def read(cls, folder: Path) -> Program:
        """The program whose inputs lie in this folder."""
        tail, head, lid = (np.load(folder / f"flow_{name}.npy") for name in ("tail", "head", "lid"))
        return cls(tail, head, lid, int((tail == tail[0]).sum()))

    @property
    def source(self) -> int:
        """Its node; the sink's is the next."""
        return int(self.tail[0])

    def at(self, level: float) -> tuple[Any, float]:
        """Capacities where cells ask for this part of their claims, in whole units, of which 2^30 are all claims; and the unit [Gbps]."""
        from scipy.sparse import csr_matrix

        lid = self.lid.copy()
        lid[: self.cells] *= level
        unit = float(lid[: self.cells].sum()) / 2**30
        whole = np.minimum(lid / unit, 2**31 - 1).astype(np.int32)
        return csr_matrix((whole, (self.tail, self.head)), (self.source + 2,) * 2), unit

    def level(self) -> float:
        """The largest level."""
        level, lower = 1.0, 0.0
        while True:
            near = self._near(level)
            cut = near[self.tail] & ~near[self.head]
            cut[: self.cells] = False
            claimed = float(self.lid[: self.cells][near[self.head[: self.cells]]].sum())
            lower = float(self.lid[cut].sum()) / claimed if claimed > 0 else level
            if lower >= level * (1 - 1e-12):
                return level
            level = lower

    def _near(self, level: float) -> Any:
        """Nodes on the source's side of a least cut, (node,)."""
        from scipy.sparse import csgraph

        capacity, _ = self.at(level)
        left = (capacity - csgraph.maximum_flow(capacity, self.source, self.source + 1).flow).tocsr()
        left.eliminate_zeros()
        near = np.zeros(capacity.shape[0], np.bool_)
        near[csgraph.breadth_first_order(left, self.source, return_predecessors=False)] = True
        return near


def _coherence(latitude_deg: Any, plane: Any, most: int) -> Any:
    total, count = np.zeros(most), 0
    for k in np.unique(plane):
        here = np.radians(latitude_deg[plane == k])
        difference = (here[:, None] - here)[np.triu_indices(here.size, 1)]
        total += np.cos(np.outer(np.arange(1, most + 1), difference)).sum(axis=1)
        count += difference.size
    return total / count


class Station:
    """Answers requests, one after the other."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.last: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What is said to one request."""
        kind = request.pop("do")
        if kind == "prepare":
            self.job = PEERS[request.pop("peer")](Path(request.pop("folder")), **request)
            versions = {name: importlib.metadata.version(name) for name in self.job.packages}
            return {"versions": versions, "python": ".".join(map(str, sys.version_info[:3]))}
        if self.job is None:
            raise RuntimeError("nothing is prepared")
        if kind == "go":
            self.last = None  # what an earlier turn left is given back before the clock runs
            seconds, self.last = turn(self.job.call)
            return {"seconds": seconds}
        np.save(request["path"], self.job.common(self.last))
        return {}


def main() -> None:
    """Serve until the requests end. What packages print goes to standard error, so that answers stand alone."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    station = Station()
    for line in sys.stdin:
        try:
            said = station.answer(json.loads(line))
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(said), file=answers, flush=True)


if __name__ == "__main__":
    main()
