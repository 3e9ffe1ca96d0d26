"""One pass over the day's sky: all constellations, positions computed once and shared by everything that counts them.

The day is cut into windows of instants, and the grid, where it is fine, into bands of rings. What a window leaves merges with what
others leave, in any order, to exactly what one pass over the whole day leaves: it is the unit of parallel work.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import sight, tally, visibility
from pipeline.geometry.arc import Zone
from pipeline.geometry.propagation import ERRORS, Fleet, Instants
from pipeline.geometry.tally import Tally
from pipeline.geometry.visibility import Masks

# Instants that are propagated and counted together: few enough that their counts stay near the processor.
BLOCK_INSTANTS = 24
THREADS = 2
SIDE_MASK_DEG = 40.0


@dataclass(frozen=True)
class Crew:
    """The satellites of one constellation and how they are counted.

    `elements` has one row per satellite (OMM fields, object_name, norad_cat_id), `weight` an integer that is summed over those in view.
    `zone` is what the protection of the geostationary arc takes, None where nothing is known of it.
    """

    name: str
    elements: pl.DataFrame
    weight: NDArray[np.int64]
    mask_deg: float
    zone: Zone | None = None


@dataclass(frozen=True)
class Plan:
    """What a pass looks at beside the counts, and how finely.

    The best elevation is looked for at one instant in `every`; `best`: whether it is at all.
    """

    every: int = 5
    best: bool = True
    threads: int = THREADS
    side_deg: float | None = SIDE_MASK_DEG


@dataclass
class Seen:
    """What cells saw of one constellation, or of all together, over a window of instants; every part merges exactly.

    `visible` and `usable` are the tallies of what is above the mask, and of what the arc leaves of it (None without a zone). Sums over
    instants, int64 (cell,) in ring order: `weight` of those in view, `side` and `side_usable` counts above the side mask.
    `highest`: elevation of the highest above the mask.
    """

    visible: Tally
    usable: Tally | None
    weight: NDArray[np.int64]
    side: NDArray[np.int64]
    side_usable: NDArray[np.int64]
    highest: sight.Highest

    def merged(self, later: Seen) -> Seen:
        """What both windows saw, the later one being right after this one. Raises ValueError where they do not touch."""
        return Seen(
            self.visible.merged(later.visible),
            self.usable.merged(later.usable) if self.usable and later.usable else None,
            *(getattr(self, f.name) + getattr(later, f.name) for f in fields(self)[2:]),
        )


@dataclass(frozen=True)
class Window:
    """What a window of instants leaves: what was seen of each crew and of all together, and the worst error code of each satellite."""

    seen: dict[str, Seen]
    together: Seen
    worst: NDArray[np.uint8]

    @property
    def first(self) -> int:
        """Number of the window's first instant."""
        return self.together.visible.first


@dataclass(frozen=True)
class Swept:
    """What a pass leaves: as Window, of all instants, and the satellites of each crew whose propagation failed, with SGP4's words."""

    seen: dict[str, Seen]
    together: Seen
    failed: dict[str, pl.DataFrame]


def sweep(crews: Sequence[Crew], instants: Instants, cells: sight.Cells, plan: Plan | None = None) -> Swept:
    """Propagate all satellites over all instants and count them in every cell of a grid, or of a band of it."""
    plan = plan or Plan()
    fleet, total = Fleet(pl.concat([crew.elements for crew in crews], how="vertical_relaxed")), len(instants.fraction)
    # Windows begin at instants where the best elevation is looked for, whatever their number.
    length = -(-total // plan.threads)
    length += -length % plan.every
    spans = [(first, min(first + length, total)) for first in range(0, total, length)]
    # The kernels release the GIL, so threads propagate and count beside each other.
    windows = list(_pool(plan.threads).map(lambda span: window(crews, fleet, instants, cells, plan, *span), spans))
    return finished(crews, windows)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay for the bands to come: a new one may take a heap of its own, and that is never given back."""
    return ThreadPoolExecutor(threads)


def finished(crews: Sequence[Crew], windows: Sequence[Window]) -> Swept:
    """Merge windows given in any order, which together leave no instant out and count none twice. Raises ValueError where they do."""
    ordered = sorted(windows, key=lambda window: window.first)
    seen, together = ordered[0].seen, ordered[0].together
    for later in ordered[1:]:
        together = together.merged(later.together)
        seen = {name: part.merged(later.seen[name]) for name, part in seen.items()}
    worst = np.max([window.worst for window in ordered], axis=0)
    edges = np.cumsum([0, *(crew.elements.height for crew in crews)])
    return Swept(
        seen,
        together,
        {crew.name: _failed(crew.elements, worst[edges[k] : edges[k + 1]]) for k, crew in enumerate(crews)},
    )


def window(
    crews: Sequence[Crew], fleet: Fleet, instants: Instants, cells: sight.Cells, plan: Plan, first: int, last: int
) -> Window:
    """What the instants `first` to `last` - 1 leave; `fleet` holds the satellites of all crews, one crew after the other."""
    scratch = np.zeros((2, BLOCK_INSTANTS, cells.geometry.cell_count), np.uint16)
    counters = [_Counter(crew, cells, plan, first, scratch) for crew in crews]
    # Of one crew alone, all together are that crew.
    together = _Together(cells, first, usable=any(crew.zone for crew in crews)) if len(crews) > 1 else None
    edges = np.cumsum([0, *(crew.elements.height for crew in crews)])
    worst = np.zeros(fleet.count, np.uint8)
    for start in range(first, last, BLOCK_INSTANTS):
        r_ecef_km, error = fleet.positions(instants.part(start, min(start + BLOCK_INSTANTS, last)))
        worst = np.maximum(worst, error.max(axis=1, initial=0))
        if together:
            together.begin(r_ecef_km.shape[1], plan.every, start)
        for counter, low, high in zip(counters, edges[:-1], edges[1:], strict=True):
            counter.count(np.ascontiguousarray(np.moveaxis(r_ecef_km[low:high], 0, 2)), start, together)
        if together:
            together.close(plan)
    seen = {counter.crew.name: counter.seen() for counter in counters}
    parts = list(seen.values())
    return Window(seen, together.seen(parts) if together else parts[0], worst)


class _Counter:
    """The running sums of one crew."""

    def __init__(self, crew: Crew, cells: sight.Cells, plan: Plan, first: int, scratch: NDArray[np.uint16]) -> None:
        self.crew, self.cells, self.plan = crew, cells, plan
        count = cells.geometry.cell_count
        self._masks = Masks(crew.mask_deg, plan.side_deg, crew.zone)
        self._sums = visibility.empty_sums(cells.geometry, len(crew.zone.rough) if crew.zone else 0)
        self._visible = tally.empty(count, first)
        self._usable = tally.empty(count, first) if crew.zone else None
        self._highest = sight.empty_highest(count)
        self._counts = scratch  # counts of one block, needed no longer than a call of count

    def count(self, r_ecef_km: NDArray[np.float64], start: int, together: _Together | None) -> None:
        """Count the next instants, positions (instant, 3, satellite) from number `start` on, and add them to those of all together."""
        visible, usable = (counts[: len(r_ecef_km)] for counts in self._counts)
        visibility.counts(r_ecef_km, self.crew.weight, self.cells.geometry, self._masks, visible, usable, self._sums)
        self._visible.add(visible)
        if self._usable:
            self._usable.add(usable)
        sampled = np.ascontiguousarray(r_ecef_km[-start % self.plan.every :: self.plan.every])
        best = np.zeros((len(sampled), visible.shape[1])) if together is None else together.best
        if together:
            together.visible += visible
            together.usable += usable if self._usable else visible
        if self.plan.best:
            sight.highest(sampled, self.cells, self.crew.mask_deg, best, self._highest)

    def seen(self) -> Seen:
        """What was counted so far."""
        geometry, zone = self.cells.geometry, self.crew.zone
        side = visibility.along_rings(self._sums.side, geometry)
        excluded = visibility.along_rings(self._sums.side_excluded, geometry)
        lost = np.take_along_axis(excluded, zone.angle_of_cell[None].astype(np.int64), 0)[0] if zone else 0
        return Seen(self._visible, self._usable, self._sums.weight, side, np.maximum(side - lost, 0), self._highest)


class _Together:
    """The running sums of all crews together, each at its own mask."""

    def __init__(self, cells: sight.Cells, first: int, usable: bool) -> None:
        count = cells.geometry.cell_count
        self.visible, self.usable, self.best = (np.zeros((0, count), kind) for kind in (np.uint16, np.uint16, float))
        self._visible = tally.empty(count, first)
        self._usable = tally.empty(count, first) if usable else None
        self._highest = sight.empty_highest(count)

    def begin(self, instants: int, every: int, start: int) -> None:
        """Make room for the next instants, from number `start` on."""
        count = self.visible.shape[1]
        sampled = len(range(-start % every, instants, every))
        self.visible, self.usable = (np.zeros((instants, count), np.uint16) for _ in range(2))
        self.best = np.zeros((sampled, count))

    def close(self, plan: Plan) -> None:
        """Add up the instants that every crew has been counted at."""
        self._visible.add(self.visible)
        if self._usable:
            self._usable.add(self.usable)
        if plan.best:
            sight.add_highest(self.best, self._highest)

    def seen(self, parts: Sequence[Seen]) -> Seen:
        """What was counted so far; sums are those of the crews."""
        weight, side, side_usable = (
            np.sum([getattr(part, name) for part in parts], axis=0) for name in ("weight", "side", "side_usable")
        )
        return Seen(self._visible, self._usable, weight, side, side_usable, self._highest)


def _failed(elements: pl.DataFrame, worst: NDArray[np.uint8]) -> pl.DataFrame:
    """Satellites with any SGP4 error: norad_cat_id, row_key, reason."""
    words = [ERRORS.get(int(code), f"SGP4 error {code}") for code in worst[worst != 0]]
    rows = elements.filter(pl.Series(worst != 0))
    key = pl.format("{} {}", "object_name", "norad_cat_id").alias("row_key")
    return rows.select("norad_cat_id", key).with_columns(pl.Series("reason", words, pl.String))
