"""The benchmarks: our kernels against named peers, on one core and in one run, as ratios; and how our own work grows."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import lattice
from pipeline.geometry.frames import r_ecef_km as turned
from pipeline.geometry.frames import sidereal_angle_rad
from pipeline.geometry.grid import cell_count, rings
from pipeline.geometry.propagation import Fleet, Instants, instants_of_day
from pipeline.geometry.sight import Cells, cells
from pipeline.geometry.tally import Statistics, statistics
from pipeline.geometry.visibility import Masks, counts, empty_sums
from pipeline.io.peers import alone, environments, inputs, mesh, sharing, worker
from pipeline.io.peers.contest import HEADER, Outcome, Own, Place, Rival, contest, table
from pipeline.io.peers.process import Peer
from pipeline.io.peers.worker import turn
from pipeline.metrics import network
from pipeline.metrics.sweep import Crew, sweep
from pipeline.metrics.sweep import Plan as Sweep
from pipeline.sources import celestrak_active, sample

GROUPS = ("propagation", "counting", "day", "routing", "sharing", "reading", "growth")
ROUNDS = 5
MOST_ROUNDS_OF_A_DAY = 3
MASK_DEG = 25.0
PIECE_S = 3_600
# Of the sources so many are timed with networkx, and at so many instants of the day results are compared where not at all of them.
FEW_SOURCES, FEW_INSTANTS = 4, 5
DAY_SAMPLES = 8  # instants of the day that the brute force is timed on
# A run keeps twelve tallies, and so takes smaller bands (stage.BAND_CELLS); of one there is room for the whole of order 8.
BAND_CELLS = 800_000


def _our_count(r_ecef_km: NDArray[np.float64], order: int) -> NDArray[np.int64]:
    """Satellites in view of every cell, (cell,) in ring order, from positions of one instant [km], (satellite, 3)."""
    geometry = _cells(order).geometry
    by_axis = np.ascontiguousarray(r_ecef_km.T)[None]
    visible = np.empty((1, geometry.cell_count), np.uint16)
    none = np.empty((0, 0), np.uint16)
    weight = np.ones(len(r_ecef_km), np.int64)
    counts(by_axis, weight, geometry, Masks(MASK_DEG), visible, none, empty_sums(geometry, 0))
    return visible[0].astype(np.int64)


def _our_day(elements: pl.DataFrame, order: int, instants: Instants) -> list[Statistics]:
    """Propagation, mean, minimum, 5th percentile and longest gap of every cell over these instants."""
    crew = Crew("sample", elements, np.ones(elements.height, np.int64), MASK_DEG)
    plan = Sweep(best=False, threads=1, side_deg=None)
    return [statistics(sweep([crew], instants, band, plan).seen["sample"].visible) for band in _bands(order)]


@cache
def _cells(order: int) -> Cells:
    return cells(rings(order))


@cache
def _bands(order: int) -> list[Cells]:
    return [cells(band) for band in rings(order).bands(BAND_CELLS)]


@dataclass(frozen=True)
class Plan:
    """What is measured: groups, rounds, HEALPix orders, and where peers' environments lie."""

    environments: Path
    offline: bool = False
    rounds: int = ROUNDS
    groups: tuple[str, ...] = GROUPS
    orders: tuple[int, ...] = (6, 7)
    more_orders: tuple[int, ...] = (8,)  # polypix alone
    day: Instants = field(default_factory=lambda: instants_of_day(sample.DAY, 60))
    every_instant: bool = False


def run(report: Callable[[str], None], plan: Plan) -> str:
    """Time our kernels and their peers on the synthetic sample, and say how they compare.

    They take turns, so that a noisy machine is noisy for all; the ratio of each round is told as median and spread.
    """
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(plan, Place(Path(folder), plan.environments, plan.offline), report)
        for group in plan.groups:
            getattr(bench, group)()
        return bench.told()


class _Bench:
    """One run: inputs, what was found so far, and the groups of measurements."""

    def __init__(self, plan: Plan, place: Place, report: Callable[[str], None]) -> None:
        self.plan, self.place, self.report = plan, place, report
        self.found, self.growths = Outcome(), list[tuple[str, ...]]()
        report("reading the sample")
        self.content = sample.catalog()
        self.elements = celestrak_active.parse(self.content).frame
        inputs.write_catalog(place.inputs, self.content)

    def told(self) -> str:
        """What was found, as tables in Markdown."""
        lines = [_machine(self.plan, self.found.versions), ""]
        if self.found.rows:
            lines += table(HEADER, self.found.rows)
        if self.growths:
            lines += ["", *table(("growth", "from", "to", "factor", "limit"), self.growths)]
        return "\n".join(lines)

    def compare(self, own: list[Own], rivals: list[Rival], most_rounds: int = 1_000, warm: bool = True) -> None:
        """Hold one contest and keep its rows."""
        outcome = contest(own, rivals, self.place, min(self.plan.rounds, most_rounds), warm)
        self.found.rows += outcome.rows
        self.found.versions |= outcome.versions

    def propagation(self) -> None:
        """Earth-fixed positions at an hour of instants, computed and interpolated."""
        self.report("propagating")
        fleet, instants = Fleet(self.elements), self.plan.day.part(0, 60)
        inputs.write_instants(self.place.inputs, instants)
        count, library_km = fleet.count * len(instants.fraction), self._library_km(instants)
        own = [
            Own("positions at 60 instants", lambda: fleet.positions(instants), count),
            Own(
                f"the same, interpolated over pieces of {PIECE_S:,} s",
                lambda: fleet.positions(instants, PIECE_S),
                count,
            ),
        ]
        own = [Own(f"{o.what}, {_apart(_positions(o), library_km)} off sgp4", o.call, count) for o in own]
        off = self._off(instants, library_km)
        self.compare(own, [
            Rival("sgp4", "sgp4, C++ arrays; stays in TEME, velocities too"),
            Rival("heyoka", "heyoka, float64, fast_math; stays in TEME, velocities too, minutes since epochs given", environments.PROPAGATION, remark=off["TEME"]),
            Rival("astroz", "astroz; Earth-fixed", environments.PROPAGATION, remark=off["Earth-fixed"]),
        ])  # fmt: skip

    def _off(
        self, instants: Instants, library_km: NDArray[np.float64]
    ) -> dict[str, Callable[[NDArray[np.float64]], str]]:
        """How far positions in these axes are from those of the sgp4 library, in words."""
        angle_rad = self._angle_rad(instants)
        return {
            "TEME": lambda r_km: f"{_apart(turned(r_km, angle_rad), library_km)} off sgp4",
            "Earth-fixed": lambda r_km: f"{_apart(r_km, library_km)} off sgp4",
        }

    def _library_km(self, instants: Instants) -> NDArray[np.float64]:
        with Peer(sys.executable, "sgp4", self.place.inputs) as library:
            library.go()
            return turned(library.result(), self._angle_rad(instants))

    def _angle_rad(self, instants: Instants) -> NDArray[np.float64]:
        return sidereal_angle_rad(instants.julian_date, instants.fraction)

    def counting(self) -> None:
        """Satellites in view of every cell at one instant."""
        r_ecef_km = np.ascontiguousarray(Fleet(self.elements).positions(self.plan.day.part(0, 1))[0][:, 0])
        inputs.write_positions(self.place.inputs, r_ecef_km)
        for order in (*self.plan.orders, *self.plan.more_orders):
            self.report(f"counting at order {order}")
            inputs.write_grid(self.place.inputs, order)
            own = Own(f"visible count, {cell_count(order):,} cells", partial(_our_count, r_ecef_km, order))
            rivals = _counters(order, _our_count(r_ecef_km, order))
            self.compare([own], rivals if order in self.plan.orders else rivals[-1:])

    def day(self) -> None:
        """A whole day; the brute force is timed on some of its instants."""
        total = len(self.plan.day.fraction)
        chosen = np.arange(DAY_SAMPLES) * (total // DAY_SAMPLES)
        inputs.write_instants(self.place.inputs, Instants(self.plan.day.julian_date, self.plan.day.fraction[chosen]))
        words = f"numpy and sgp4, {DAY_SAMPLES} of {total:,} instants x {total / DAY_SAMPLES:g}: float32, sphere; no 5th percentiles"
        for order in self.plan.orders:
            self.report(f"a day at order {order}")
            inputs.write_grid(self.place.inputs, order)
            _our_day(self.elements, order, self.plan.day.part(0, 2))
            own = Own(f"whole day, {cell_count(order):,} cells", partial(_our_day, self.elements, order, self.plan.day))
            rival = Rival("day", words, options={"order": order, "mask_deg": MASK_DEG}, scale=total / DAY_SAMPLES)
            self.compare([own], [rival], MOST_ROUNDS_OF_A_DAY, warm=False)

    def routing(self) -> None:
        """Ways from sources on the ground over the mesh to satellites and cells at one instant, compared before they are timed."""
        order, whole = self.plan.orders[0], network.instants(sample.DAY)
        sky = mesh.sky(self.elements)
        world = mesh.world(sky, sky.r_ecef_km(whole.part(0, 1))[0], order)
        count = len(whole.fraction)
        chosen = range(0, count, 1 if self.plan.every_instant else -(-count // FEW_INSTANTS))
        self.report(f"comparing ways at {len(chosen)} instants of a day")
        worst = mesh.compared_ms(sky, world, whole, chosen, MASK_DEG)
        apart = f"at {len(chosen)} instants of a day within {worst:.0e} ms of numpy and scipy"
        self.report("ways over the mesh")
        ours, conditions = mesh.Ours(world, MASK_DEG), mesh.conditions(MASK_DEG)
        inputs.write_world(self.place.inputs, world)
        inputs.write_graph(self.place.inputs, *worker.edges(world, **conditions))
        size = f"{len(world.sources)} sources, {len(world.neighbour):,} Starlinks, {int((world.neighbour >= 0).sum()) // 2:,} links"
        account = Own(f"edges, ways, {cell_count(order):,} cells ({size}), {apart}", ours.account)
        alone = Own(f"ways alone ({size})", ours.ways)
        words = "numpy (edges), scipy dijkstra, scipy cKDTree of cells built beforehand (one source a cell)"
        self.compare([account], [Rival("network", words, options=conditions, remark=_ways_apart(ours.account()))])
        self.compare([account, alone], _routers(ours.ways())[1:2])
        self.compare([alone], [r for k, r in enumerate(_routers(ours.ways())) if k != 1])

    def sharing(self) -> None:
        """Capacity shared over all cells of a grid at one instant, the most or the fairest, and how that grows."""
        order, r_km = self.plan.orders[0], sharing.positions(self.elements, self.plan.day)
        self.report("sharing satellites over cells")
        ours = sharing.program(r_km, order, MASK_DEG)
        inputs.write_program(self.place.inputs, ours.runs, ours.lids)
        flow, level = (
            "scipy maximum_flow, its graph built beforehand",
            "scipy maximum_flow by Newton's method on cuts, its graph given",
        )
        most = Own(f"the most over {ours.size}", ours.most)
        fair = Own(f"the fairest over {ours.size}", ours.level)
        self.compare([most], [Rival("maximum_flow", flow, remark=sharing.flow_of(ours.most()))])
        self.compare(
            [fair], [Rival("largest_level", level, remark=sharing.level_of(ours.level()))], MOST_ROUNDS_OF_A_DAY
        )
        half = sharing.program(np.ascontiguousarray(r_km[:, ::2]), order, MASK_DEG)
        finer = sharing.program(r_km, order + 1, MASK_DEG)
        calls = {"half": half.most, "all": ours.most, "finer": finer.most}
        rounds = [{name: turn(call)[0] for name, call in calls.items()} for _ in range(min(self.plan.rounds, 3) + 1)]
        sizes = f"{cell_count(order):,} cells", f"{cell_count(order + 1):,} cells"
        self.growths += [
            _growth(
                "time of the most", "half of the Starlinks", "all", [(o["half"], o["all"]) for o in rounds[1:]], 2.4
            ),
            _growth("time of the most", *sizes, [(o["all"], o["finer"]) for o in rounds[1:]], 2.5),
        ]

    def reading(self) -> None:
        """Reading a catalog, and finding the places that a shell's satellites keep."""
        self.report("reading, and looking for places")
        rng = np.random.default_rng(1)
        plane, latitude_deg = np.repeat(np.arange(60), 50), rng.uniform(0, 360, 3_000)
        inputs.write_places(self.place.inputs, latitude_deg, plane)
        read = Own("OMM CSV to elements, checked", lambda: celestrak_active.parse(self.content))
        self.compare([read], [Rival("omm_reader", "the OMM reader of sgp4: unchecked")])
        places = Own("places of 3,000 satellites", lambda: lattice.slots(latitude_deg, plane))
        self.compare([places], [Rival("pairs", "numpy, pair by pair")])

    def growth(self) -> None:
        """How our own work grows with instants, satellites, cells; and its memory with instants."""
        self.report("growth")
        low, hours, day = self.plan.orders[0], self.plan.day.part(0, 720), self.plan.day
        sizes = (low, low + 1, low + 2)
        calls: dict[str, Callable[[], object]] = {
            "120 instants": partial(_our_day, self.elements, low, day.part(0, 120)),
            "240 instants": partial(_our_day, self.elements, low, day.part(0, 240)),
            "half of the satellites": partial(_our_day, self.elements.gather_every(2), low, hours),
            "all satellites": partial(_our_day, self.elements, low, hours),
        }
        calls |= {f"{cell_count(k):,} cells": partial(_our_day, self.elements, k, hours) for k in sizes}
        rounds = [{name: turn(call)[0] for name, call in calls.items()} for _ in range(min(self.plan.rounds, 3) + 1)]
        names = list(calls)
        pairs = [
            (names[0], names[1], 2.2),
            (names[2], names[3], 2.4),
            (names[4], names[5], 2.5),
            (names[5], names[6], 2.5),
        ]
        self.growths += [
            _growth("time", a, b, [(one[a], one[b]) for one in rounds[1:]], limit) for a, b, limit in pairs
        ]
        self.growths.append(self._memory(low))

    def _memory(self, order: int) -> tuple[str, ...]:
        self.report("memory")
        total = len(self.plan.day.fraction)
        quarter, whole = (_peak_mb_alone(order, count) for count in (total // 4, total))
        start, end = f"{total // 4:,} instants", f"{total:,} instants"
        return ("peak memory", f"{start}: {quarter:.0f} MB", f"{end}: {whole:.0f} MB", f"{whole / quarter:.2f}", "1.1")


def _positions(own: Own) -> NDArray[np.float64]:
    found = own.call()
    assert isinstance(found, tuple)
    return np.asarray(found[0])


def _apart(r_km: NDArray[np.float64], library_km: NDArray[np.float64]) -> str:
    """Largest distance from the positions of the sgp4 library."""
    worst_m = 1e3 * float(np.linalg.norm(r_km - library_km, axis=2).max())
    return f"{worst_m:.2g} m" if worst_m >= 1e-3 else f"{worst_m * 1e6:.2g} um"


def _counters(order: int, ours: NDArray[np.int64]) -> list[Rival]:
    """The peers that count, the one that goes beyond their orders last."""

    def apart(count: NDArray[np.int64]) -> str:
        other = float((count != ours).mean())
        if not other:
            return "the same counts"
        return f"{count.sum() / ours.sum() - 1:+.2%} in all, another count in {other:.0%} of cells"

    options = {"order": order, "mask_deg": MASK_DEG}
    return [
        Rival("ellipsoid", "numpy, brute force, float64, exact ellipsoid", None, options, remark=apart),
        Rival("sphere", "numpy, brute force, float32, sphere", None, options, remark=apart),
        Rival("kd_tree", "scipy cKDTree of cells built beforehand, sphere", None, options, remark=apart),
        Rival("polypix", "polypix, threads=1, sphere", environments.COUNTING, options, remark=apart),
    ]


def _routers(ours: NDArray[np.float64]) -> list[Rival]:
    """The peers that find ways alone, on a graph made beforehand."""
    few = f"networkx, ways alone, {FEW_SOURCES} of {len(ours)} sources x {len(ours) / FEW_SOURCES:g}"
    scale, apart = len(ours) / FEW_SOURCES, _ways_apart(ours)
    made = environments.ROUTING
    return [
        Rival("dijkstra", "scipy dijkstra", remark=apart),
        Rival("networkx", few, made, {"sources": FEW_SOURCES}, scale, _ways_apart(ours[:FEW_SOURCES])),
        Rival("rustworkx", "rustworkx", made, remark=apart),
        Rival("igraph", "igraph", made, remark=apart),
    ]


def _ways_apart(ours: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], str]:
    """How far ways are from ours, in words. Raises DisagreementError where that is too far."""
    return lambda theirs: f"within {mesh.apart_ms(ours, theirs):.0e} ms"


def _growth(what: str, start: str, end: str, seconds: list[tuple[float, float]], limit: float) -> tuple[str, ...]:
    first, last = (median(times) for times in zip(*seconds, strict=True))
    factor = median(b / a for a, b in seconds)
    return (what, f"{start}: {_seconds(first)}", f"{end}: {_seconds(last)}", f"{factor:.2f}", f"{limit:g}")


def _seconds(time_s: float) -> str:
    return f"{time_s:.2f} s" if time_s >= 0.1 else f"{time_s * 1e3:.2f} ms"


def peak_mb(order: int, count: int) -> float:
    """Largest memory of this process [MB] after a sweep of so many instants of the sample."""
    _our_day(celestrak_active.parse(sample.catalog()).frame, order, instants_of_day(sample.DAY, 60).part(0, count))
    status = Path("/proc/self/status")
    if status.exists():
        return next(
            int(line.split()[1]) / 1_024 for line in status.read_text().splitlines() if line.startswith("VmHWM")
        )
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def _peak_mb_alone(order: int, count: int) -> float:
    code = f"from pipeline.io import bench; print(bench.peak_mb({order}, {count}))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=alone.usual_environment(), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _machine(plan: Plan, versions: dict[str, str]) -> str:
    """Processor, cores, vector width, Python and versions of one and all."""
    known = {name: metadata.version(name) for name in ("numpy", "numba")} | versions
    named = ", ".join(f"{name} {version}" for name, version in known.items())
    core = os.environ.get(alone.CORE)
    pinned = f"all on core {core}" if core else "not pinned to one core"
    satellites = (
        f"the synthetic sample of {len(sample.catalog().splitlines()) - 1:,} satellites, mask {MASK_DEG:g} degrees"
    )
    return (
        f"{_processor()}, {os.cpu_count()} cores, {pinned}, one thread each; {platform.system()}, Python {platform.python_version()}, "
        f"{named}. Medians of processor time, {plan.rounds} rounds in turns (a day: {min(plan.rounds, MOST_ROUNDS_OF_A_DAY)}); {satellites}."
    )


def _processor() -> str:
    """Model of the processor and the width of its widest vectors, as far as the system says."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    said = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    flags = said.get("flags", said.get("Features", "")).split()
    widths = {"avx512f": "512-bit vectors (AVX-512)", "avx2": "256-bit vectors (AVX2)", "asimd": "128-bit vectors"}
    width = next((words for flag, words in widths.items() if flag in flags), "vector width unknown")
    model = said.get("model name") or platform.processor() or platform.machine()
    numbered = f" (family {said['cpu family']}, model {said['model']})" if "cpu family" in said else ""
    return f"{model}{numbered}, {width}"
