"""Where compiled kernels are kept between processes, and their making ready before a worker takes its first task.

Numba writes what it compiles beside the source, if it can, and renews it when that one file changes, though kernels hold pieces of
other files. Here every state of the sources and every type of processor has a folder of its own.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

# Only what bears such a name is ever deleted: other things may lie in a folder that the user names.
_OURS = re.compile(r"skytrunk-kernels-\w+-[0-9a-f]{12}-[0-9a-f]{12}")
_UNUSED_DAYS = 30


def settle() -> Path | None:
    """Choose the folder of the compiled kernels, tell Numba, and return it; None where no folder can be written.

    It lies in NUMBA_CACHE_DIR, or where programs of the user keep what they can make again, or among temporary files. Must come before
    the first kernel is imported. Folders beside it that were not used for a month are deleted.
    """
    name = f"skytrunk-kernels-{platform.machine()}-{_digest(_processor())}-{_digest(*_sources())}"
    for root in _roots():
        folder = root / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.utime(folder)
        except OSError:
            continue
        # Kernels are run as they are read: a folder that somebody else has made is not trusted.
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            _use(folder)
            _prune(folder)
            return folder
    return None


def warm() -> dict[str, Any]:
    """Compile every kernel that a run needs, or read it from its folder; returns the folder and the seconds that took."""
    started = time.perf_counter()
    _exercise()
    return {"kernels": os.environ.get("NUMBA_CACHE_DIR", ""), "seconds": round(time.perf_counter() - started, 2)}


def _roots() -> Iterator[Path]:
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        # A process that was started by one of ours finds the folder itself.
        yield Path(given).parent if _OURS.fullmatch(Path(given).name) else Path(given)
    if cache := os.environ.get("XDG_CACHE_HOME"):
        yield Path(cache) / "skytrunk"
    if home := os.environ.get("HOME"):
        yield Path(home) / ".cache" / "skytrunk"
    yield Path(tempfile.gettempdir()) / f"skytrunk-kernels-{os.getuid()}"


def _use(folder: Path) -> None:
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:  # it has read its environment already
        sys.modules["numba"].config.CACHE_DIR = str(folder)


def _prune(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other != folder and _OURS.fullmatch(other.name) and _unused_days(other) > _UNUSED_DAYS:
            shutil.rmtree(other, ignore_errors=True)


def _unused_days(folder: Path) -> float:
    """Days since a process last chose the folder; 0 where another one has just deleted it."""
    try:
        return (time.time() - folder.stat().st_mtime) / 86_400
    except OSError:
        return 0.0


def _processor() -> bytes:
    """What tells one type of processor from another: the first one's name and abilities."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor().encode()
    return "\n".join(line for line in lines if line.startswith(("model", "flags", "Features", "CPU"))).encode()


def _sources() -> Iterator[bytes]:
    for path in sorted((Path(__file__).parents[1] / "geometry").glob("*.py")):
        yield path.read_bytes()


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()[:12]


def _exercise() -> None:
    """Do a run's work with a few satellites of the sample over a few instants and a coarse grid."""
    import numpy as np

    from pipeline.geometry import arc, points, sight, tally
    from pipeline.geometry.grid import rings
    from pipeline.geometry.propagation import Fleet, instants_of_day
    from pipeline.metrics.sweep import Crew, Plan, sweep
    from pipeline.sources import celestrak_active, sample

    elements = celestrak_active.parse(sample.catalog()).frame.head(64)
    instants, grid = instants_of_day(sample.DAY, 60).part(0, 12), rings(2)
    cells = sight.cells(grid)
    ring = np.repeat(np.arange(len(grid.cell_count)), grid.cell_count)
    zone = arc.zone(
        cells.geometry.across_km,
        cells.geometry.up_km,
        (18.0,),
        np.zeros(len(ring), np.uint8),
        ring,
        np.zeros(len(ring)),
    )
    weight = np.ones(elements.height, np.int64)
    crews = [Crew(name, elements, weight, 25.0, zone) for name in ("one", "other")]
    tally.statistics(sweep(crews, instants, cells, Plan(threads=1)).together.visible)
    fleet = Fleet(elements)
    r_ecef_km, _ = fleet.positions(instants, piece_s=3_600)
    fleet.states(instants)
    two = points.places([0.0, 1.0], [0.0, 1.0], [0.0, 0.0])
    points.in_view(r_ecef_km, two, 25.0)
    _route(r_ecef_km[:, 0].T, points.slants_km(r_ecef_km[:, 0].T, two, None))
    _share(np.ascontiguousarray(r_ecef_km[:, 0].T), two, cells.geometry, zone)
    _network(elements)
    _passes(elements, grid)


def _passes(elements: pl.DataFrame, grid: Any) -> None:
    """Look for rises and sets over a few steps, from every cell of a grid."""
    import numpy as np

    from pipeline.geometry import passes
    from pipeline.geometry.propagation import Fleet
    from pipeline.metrics import continuity
    from pipeline.sources import sample

    of = passes.stands(grid, np.ones(len(grid.nest_of_ring), np.bool_))
    continuity.window(Fleet(elements), of, 25.0, sample.DAY, 0, 3)


def _route(r_km: Any, slant_km: Any) -> None:
    """Search for a way over a ring of the satellites at (3, satellite)."""
    from pipeline.geometry import links, routing, stations

    ring = links.numbered(1, r_km.shape[1])
    stations.between(ring, routing.lengths_km(r_km, ring), slant_km)


def _network(elements: pl.DataFrame) -> None:
    """Find ways over a ring of the same satellites for a day."""
    import numpy as np

    from pipeline.geometry import points
    from pipeline.metrics import network
    from pipeline.sources import sample

    count = elements.height
    turned = [np.roll(np.arange(count), shift) for shift in (1, -1, 2, -2)]
    neighbour = np.stack(turned, axis=1).astype(np.int32)
    fewer = {degree: np.ascontiguousarray(neighbour[:, :degree]) for degree in (3, 2)}
    place = points.places([0.0, 50.0], [0.0, 10.0], [0.0, 0.0])
    ground = network.Ground(
        place, 25.0, np.zeros((2, 1)), place, np.where(np.eye(2) > 0, 0.0, np.inf), np.array([[0], [1]])
    )
    users = network.Users(place, np.zeros(2, np.int32))
    rules = network.Rules(25.0, 90.0, (0.0, 0.5))
    network.passed(network.Mesh(elements, neighbour, fewer), ground, users, users, rules, sample.DAY)


def _share(r_km: Any, places: Any, geometry: Any, zone: Any) -> None:
    """Share capacity over cells, feed satellites, and cut the mesh, at one instant."""
    import numpy as np

    from pipeline.geometry import allocation, feed
    from pipeline.metrics import service_cell, trunk

    count, each = r_km.shape[1], np.ones(r_km.shape[1])
    everywhere = np.ones(geometry.cell_count, bool)
    for taken in (None, zone):
        runs = allocation.runs_in_view(r_km, 25.0, geometry, everywhere, taken)
    lids = allocation.Lids(np.ones(geometry.cell_count), each, np.zeros(count, np.int64), np.array([1.0]))
    for method in (allocation.greedy, allocation.max_min):
        method(runs, lids)
    allocation.summed(runs, each, geometry.cell_count)
    allocation.gathered(runs, lids.claim)
    allocation.pooled(runs, each, lids.group_of, lids.group, geometry.cell_count)
    none, cells = np.empty(0), geometry.cell_count
    where = service_cell.Pieces(np.zeros(cells + 1, np.int64), none, none, none.astype(bool), lids.claim, 1.0)
    service_cell.Beams(where, none, lids.claim, lids.claim).lid_gbps(lids.claim)
    ring = np.stack([np.roll(np.arange(count), k) for k in (1, -1)], axis=1).astype(np.int32)
    ground, mesh = feed.Ground(places, np.ones(len(places)), 10.0), feed.Mesh(ring, each)
    feed.feed(r_km, ground, mesh, each, each, more_gbps=each)
    half = np.arange(count) < count // 2
    trunk.cut_gbps(ring, each, half, ~half)
