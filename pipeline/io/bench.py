"""The benchmarks: our kernels against named peers, in one process and one run, as ratios."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

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
    """Count the satellites in view of every cell at one instant, by rings and by the plain numpy product, and say how they compare.

    The two take turns, so that a noisy machine is noisy for both; the medians are divided.
    """
    report("propagating the sample")
    elements = celestrak_active.parse(sample.catalog()).frame
    instants = instants_of_day(sample.DAY, 60).part(0, 1)
    r_ecef_km, _ = Fleet(elements).positions(instants)
    lines = [
        _machine(),
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
    return "\n".join(lines)


def _count_line(r_ecef_km: NDArray[np.float64], order: int) -> str:
    geometry, weight = ring_geometry(rings(order)), np.ones(len(r_ecef_km), np.int64)
    latitude_deg, longitude_deg = centres(order)
    up = point_ecef_km(latitude_deg, longitude_deg)
    up = (up / np.linalg.norm(up, axis=1)[:, None]).astype(np.float32)
    ours, peer = [], []
    for _ in range(ROUNDS + 1):
        ours.append(_seconds(lambda: tally(r_ecef_km, weight, geometry, MASK_DEG)))
        peer.append(_seconds(lambda: _brute_force(r_ecef_km[:, 0], up)))
    # The first round compiles and warms caches.
    ratios = sorted(b / a for a, b in zip(ours[1:], peer[1:], strict=True))
    ours_ms, peer_ms = (1e3 * statistics.median(times[1:]) for times in (ours, peer))
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
