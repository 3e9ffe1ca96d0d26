"""The benchmarks: our kernels against named peers, in one process and one run, as ratios."""

from __future__ import annotations

import io
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib import metadata

import numpy as np
from numpy.typing import NDArray
from sgp4 import omm
from sgp4.api import Satrec, SatrecArray

from pipeline.geometry import lattice
from pipeline.geometry.frames import point_ecef_km
from pipeline.geometry.grid import cell_count, centres, rings
from pipeline.geometry.propagation import Fleet, instants_of_day
from pipeline.geometry.visibility import ring_geometry, tally
from pipeline.sources import celestrak_active, sample

ROUNDS = 5
MASK_DEG = 25.0
SPHERE_KM = 6_371.0
ORDERS = (6, 7)


def run(report: Callable[[str], None]) -> str:
    """Time our kernels and their peers on the synthetic sample, and say how they compare.

    The two take turns, so that a noisy machine is noisy for both; the medians are divided.
    """
    return "\n".join([_machine(), *_counts(report), "", *_rows([*_positions(report), *_fleet(report)])])


Row = tuple[str, str, Callable[[], object], Callable[[], object]]  # what, by which peer, ours, the peer's


def _rows(rows: list[Row]) -> list[str]:
    lines = [f"{'what':>36}  {'ours ms':>9}  {'peer ms':>9}  {'ratio':>7}  {'spread of ratio':>16}  peer"]
    return lines + [_line(what, peer, *_turns(ours, theirs)) for what, peer, ours, theirs in rows]


def _positions(report: Callable[[str], None]) -> list[Row]:
    """Earth-fixed positions of the sample at an hour of instants, computed and interpolated; the peer stays in TEME."""
    report("propagating the sample")
    fleet, instants = Fleet(celestrak_active.parse(sample.catalog()).frame), instants_of_day(sample.DAY, 60).part(0, 60)
    library = SatrecArray(_sgp4_omm(sample.catalog().decode()))
    jd = np.full(60, instants.julian_date)
    peer = "sgp4, its C++ arrays"
    return [
        ("positions, 60 instants", peer, lambda: fleet.positions(instants), lambda: library.sgp4(jd, instants.fraction)),
        ("the same, between nodes of 240 s", peer, lambda: fleet.positions(instants, 240), lambda: library.sgp4(jd, instants.fraction)),
    ]  # fmt: skip


def _fleet(report: Callable[[str], None]) -> list[Row]:
    """Reading a catalog, and finding the places that a shell's satellites keep."""
    report("reading the sample")
    content = sample.catalog()
    text = content.decode()
    report("looking for places")
    rng = np.random.default_rng(1)
    plane, latitude_deg = np.repeat(np.arange(60), 50), rng.uniform(0, 360, 3_000)
    return [
        ("OMM CSV to elements", "python-sgp4's omm reader", lambda: celestrak_active.parse(content), lambda: _sgp4_omm(text)),
        ("places of 3,000 satellites", "numpy, pair by pair", lambda: lattice.slots(latitude_deg, plane), lambda: _pairs(latitude_deg, plane)),
    ]  # fmt: skip


def _turns(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Seconds of each of the rounds of both, in turns; the first round, which compiles and warms caches, left out."""
    times = [(_seconds(ours), _seconds(peer)) for _ in range(ROUNDS + 1)]
    return [t[0] for t in times[1:]], [t[1] for t in times[1:]]


def _line(what: str, peer: str, ours_s: list[float], peer_s: list[float]) -> str:
    ratios = sorted(b / a for a, b in zip(ours_s, peer_s, strict=True))
    ours_ms, peer_ms = (1e3 * statistics.median(times) for times in (ours_s, peer_s))
    spread = f"{ratios[0]:.0f} to {ratios[-1]:.0f}"
    return (
        f"{what:>36}  {ours_ms:>9.2f}  {peer_ms:>9.1f}  {f'{statistics.median(ratios):.0f}x':>7}  {spread:>16}  {peer}"
    )


def _sgp4_omm(text: str) -> list[Satrec]:
    """Read the same file with the reader that comes with the sgp4 library, satellite by satellite."""
    found = []
    for fields in omm.parse_csv(io.StringIO(text, newline="")):
        found.append(Satrec())
        # Its catalog numbers end at Alpha-5, those of the sample do not.
        omm.initialize(found[-1], {**fields, "NORAD_CAT_ID": "1"})
    return found


def _pairs(latitude_deg: NDArray[np.float64], plane: NDArray[np.int64]) -> NDArray[np.float64]:
    """The same coherence from the difference of every two satellites of one plane."""
    total, pairs = np.zeros(lattice.MOST_SLOTS), 0
    for k in np.unique(plane):
        here = np.radians(latitude_deg[plane == k])
        difference = (here[:, None] - here)[np.triu_indices(here.size, 1)]
        total += np.cos(np.outer(np.arange(1, lattice.MOST_SLOTS + 1), difference)).sum(axis=1)
        pairs += difference.size
    return total / pairs


def _counts(report: Callable[[str], None]) -> list[str]:
    """Satellites in view of every cell at one instant, by rings and by the plain numpy product."""
    report("propagating the sample")
    elements = celestrak_active.parse(sample.catalog()).frame
    instants = instants_of_day(sample.DAY, 60).part(0, 1)
    r_ecef_km, _ = Fleet(elements).positions(instants)
    lines = [
        f"Count per instant, {len(r_ecef_km):,} satellites of the synthetic sample, mask {MASK_DEG:g} degrees, one thread",
    ]
    lines.append(
        f"{'cells':>8}  {'rings ms':>9}  {'numpy ms':>9}  {'ratio':>7}  {'spread of ratio':>16}  numpy counts more by"
    )
    for order in ORDERS:
        report(f"counting at order {order}")
        lines.append(_count_line(r_ecef_km, order))
    lines.append(
        "numpy: brute force in float32, spherical Earth, sight-line test as one matrix product per block of cells."
    )
    return lines


def _count_line(r_ecef_km: NDArray[np.float64], order: int) -> str:
    geometry, weight = ring_geometry(rings(order)), np.ones(len(r_ecef_km), np.int64)
    latitude_deg, longitude_deg = centres(order)
    up = point_ecef_km(latitude_deg, longitude_deg)
    up = (up / np.linalg.norm(up, axis=1)[:, None]).astype(np.float32)
    ours, peer = _turns(lambda: tally(r_ecef_km, weight, geometry, MASK_DEG), lambda: _brute_force(r_ecef_km[:, 0], up))
    ratios = sorted(b / a for a, b in zip(ours, peer, strict=True))
    ours_ms, peer_ms = (1e3 * statistics.median(times) for times in (ours, peer))
    count = tally(r_ecef_km, weight, geometry, MASK_DEG).visible_sum
    nested = np.empty_like(count)
    nested[rings(order).nest_of_ring.astype(np.int64)] = count
    # A sphere misplaces the rims of footprints: the two count alike on average, not cell by cell.
    excess = float(_brute_force(r_ecef_km[:, 0], up).sum() / nested.sum() - 1)
    spread = f"{ratios[0]:.0f} to {ratios[-1]:.0f}"
    ratio = f"{statistics.median(ratios):.0f}x"
    return f"{cell_count(order):>8,}  {ours_ms:>9.2f}  {peer_ms:>9.1f}  {ratio:>7}  {spread:>16}  {excess:+.2%}"


def _brute_force(r_km: NDArray[np.float64], up: NDArray[np.float32]) -> NDArray[np.int64]:
    """Visible count per cell on a sphere: the cosine of the central angle against that of each satellite's footprint."""
    distance = np.linalg.norm(r_km, axis=1)
    mask = np.radians(MASK_DEG)
    reach = np.arccos(np.minimum(1.0, SPHERE_KM / distance * np.cos(mask))) - mask
    towards = (r_km / distance[:, None]).astype(np.float32).T
    least = np.cos(reach).astype(np.float32)
    return np.concatenate(
        [(block @ towards >= least).sum(axis=1) for block in np.array_split(up, max(1, len(up) // 2048))]
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _machine() -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "numba", "sgp4"))
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}; medians of {ROUNDS} rounds"
