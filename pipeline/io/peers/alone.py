"""The benchmark's own process: one core, one thread in every pool, and memory that is kept once it is had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CORE = "SKYTRUNK_BENCH_CORE"
POOLS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "ASTROZ_THREADS",
)  # fmt: skip
# Arrays come from memory that the process already has, in large pages, so that no side pays for fresh or small pages because of
# how it allocates: a result of 17 MB costs 1 to 5 ns a position otherwise, by luck. Threads share one arena: those of their own are
# given back whatever the threshold says.
KEPT = {
    "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(8 << 30), "MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}  # fmt: skip


def is_alone() -> bool:
    """Whether this process was started by `again`."""
    return CORE in os.environ


def again(arguments: list[str]) -> int:
    """Run the command line anew with these arguments, pinned to the last core that this process may use; return its exit code."""
    core = pin()
    number = "" if core is None else str(core)
    env = os.environ | dict.fromkeys(POOLS, "1") | KEPT | {CORE: number, "PYTHONPATH": str(_root())}
    return subprocess.run([sys.executable, "-P", "-m", "pipeline", *arguments], env=env, check=False).returncode


def pin() -> int | None:
    """Keep this thread, and every process that it starts, to one core; return its number, None where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def usual_environment() -> dict[str, str]:
    """The environment of a process whose memory is measured: memory goes back to the system as it does in a usual run."""
    return {name: value for name, value in os.environ.items() if name not in KEPT} | {"PYTHONPATH": str(_root())}


def _root() -> Path:
    return Path(__file__).resolve().parents[3]
