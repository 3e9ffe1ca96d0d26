"""What the caller's own points see of the caller's own satellites: files in, a CSV file out, window by window."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.formats import elements as formats
from pipeline.formats import points as point_format
from pipeline.formats.rows import FIRST_YEAR, LAST_YEAR
from pipeline.geometry.points import in_view, places
from pipeline.geometry.propagation import ERRORS, Fleet, instants_from
from pipeline.io.fetch import GZIP_ERRORS, gunzip
from pipeline.io.home import HomeError, whole_file
from pipeline.source import SourceError

LIMIT_BYTES = 2**30
# SGP4 is a theory of days: a month from its epoch a low satellite is tens to hundreds of kilometres off along its orbit, a year
# from it nothing is left of the phase, so that a count would be one of another sky.
DOUBTFUL_DAYS, LIMIT_DAYS = 30, 365
LONGEST_DAYS = 3_660
# What one window's positions, or its counts, may take; a window does not depend on the number of threads.
WINDOW_BYTES, WINDOW_INSTANTS = 16 * 2**20, 1_440
THREADS = min(os.cpu_count() or 1, 8)
HEADER = b"t_s,id,visible_count,best_elevation_deg\n"

Report = Callable[[str], None]


class VisibleError(ValueError):
    """What is asked of `visible` cannot be. The message says why, and what to give instead."""


@dataclass(frozen=True)
class Wanted:
    """What is asked: files, the first instant (UTC, without a zone), the step [s], the number of instants and the mask [deg].

    Raises VisibleError when there is no such step, number or mask.
    """

    elements: Path
    points: Path
    start: datetime
    step_s: float
    step_count: int
    mask_deg: float
    out: Path

    def __post_init__(self) -> None:
        if not (isfinite(self.step_s) and self.step_s > 0):
            raise VisibleError(f"--step-s {self.step_s:g} is no step: give seconds above 0, 60 say")
        if self.step_count < 1:
            raise VisibleError(f"--steps {self.step_count} is no number of instants: give 1 or more")
        if not 0 <= self.mask_deg <= 90:
            raise VisibleError(f"--min-elevation-deg {self.mask_deg:g} is no elevation: give 0 to 90 degrees")
        if self.step_s * (self.step_count - 1) > LONGEST_DAYS * 86_400:
            raise VisibleError(
                f"{self.step_count} instants every {self.step_s:g} s are more than {LONGEST_DAYS} days: "
                "no elements hold for so long, give fewer --steps"
            )
        if self.out.exists() and any(p.exists() and self.out.samefile(p) for p in (self.elements, self.points)):
            raise VisibleError(f"--out {self.out} is a file that is read: give another name, or it would be lost")


@dataclass(frozen=True)
class Counted:
    """What a run leaves beside its file: lines on what was left out or is doubtful, and the figures to print."""

    notes: list[str]
    result: dict[str, Any]


def start_of(text: str) -> datetime:
    """The instant written as 2026-08-17 or 2026-08-17T06:30:00, with Z, an offset or none (UTC), as UTC without a zone.

    Raises VisibleError with the form that is wanted.
    """
    wanted = "write it as 2026-08-17 or 2026-08-17T06:30:00, in UTC, or with an offset as in +02:00"
    try:
        instant = datetime.fromisoformat(text.strip())
        if instant.tzinfo is not None:
            instant = instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise VisibleError(f"--start {text!r} is no instant: {wanted}") from error
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise VisibleError(f"--start {text!r} is not of the years {FIRST_YEAR} to {LAST_YEAR}: {wanted}")
    return instant


def run(wanted: Wanted, report: Report) -> Counted:
    """Count satellites in view of every point at every instant, and write `wanted.out` whole or not at all.

    Memory does not grow with the number of instants. Raises SourceError when a file cannot be read, VisibleError when no
    satellite can be propagated or the file cannot be written.
    """
    points = point_format.read(_content(wanted.points, "--points"), str(wanted.points))
    elements, notes = _elements(wanted)
    failures = _Failures.of(elements.height)
    try:
        with whole_file(wanted.out) as temporary, temporary.open("wb") as stream:
            stream.write(HEADER)
            for text, error in _windows(wanted, Fleet(elements), points, report):
                stream.write(text)
                failures.add(error)
            notes += failures.words(elements, wanted)
    except HomeError as error:
        reason = getattr(error.__cause__, "strerror", None) or error.__cause__ or error
        raise VisibleError(f"cannot write {wanted.out} ({reason}): free some space or give another --out") from error
    result = {"satellites": elements.height, "points": points.height, "instants": wanted.step_count}
    return Counted(notes, {**result, "out": wanted.out})


# --- files -----------------------------------------------------------------------------------------------------------


def _content(path: Path, option: str) -> bytes:
    """The bytes of a file, unpacked where they are gzip. Raises VisibleError when they cannot be had."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise VisibleError(
            f"{path} cannot be read ({error.strerror or error}): check the path after {option}"
        ) from error
    if content[:2] == b"\x1f\x8b":
        try:
            content = gunzip(io.BytesIO(content), LIMIT_BYTES)
        except GZIP_ERRORS as error:
            raise VisibleError(f"{path} is a broken gzip file ({error}): get it again for {option}") from error
    if len(content) > LIMIT_BYTES:
        raise VisibleError(f"{path} holds more than {LIMIT_BYTES:,} bytes: give a smaller file after {option}")
    return content


def _elements(wanted: Wanted) -> tuple[pl.DataFrame, list[str]]:
    """Elements whose epoch is near enough to the start, and lines on those left out and those to be doubted."""
    found = formats.read_own(_content(wanted.elements, "--elements"), str(wanted.elements))
    notes = [f"left out {key}, line {number}: {reason}" for number, key, reason in found.excluded.iter_rows()]
    away = (found.frame["epoch_utc"] - wanted.start).abs()
    far = away > timedelta(days=LIMIT_DAYS)
    if far.all():
        oldest, newest = (f"{found.frame['epoch_utc'].sort()[k]:%Y-%m-%d}" for k in (0, -1))
        raise SourceError(
            f"{wanted.elements}: every epoch is more than {LIMIT_DAYS} days from --start {wanted.start.isoformat()}, and SGP4 holds "
            f"for days: epochs are {oldest} to {newest}, give a --start among them or elements of that time"
        )
    for name, number, epoch in found.frame.filter(far).select("object_name", "norad_cat_id", "epoch_utc").iter_rows():
        when = f"{epoch:%Y-%m-%d %H:%M}"
        notes.append(f"left out {_key(name, number)}: EPOCH {when} is more than {LIMIT_DAYS} days from the start")
    doubtful = int(((away > timedelta(days=DOUBTFUL_DAYS)) & ~far).sum())
    if doubtful:
        notes.append(
            f"{doubtful:,} of {found.frame.height:,} epochs are more than {DOUBTFUL_DAYS} days from the start: their satellites may be "
            "hundreds of kilometres off along their orbits, and are counted"
        )
    return found.frame.filter(~far), notes


def _key(name: str | None, number: int) -> str:
    return f"{name or '?'} ({number})"


# --- windows ---------------------------------------------------------------------------------------------------------


def _windows(
    wanted: Wanted, fleet: Fleet, points: pl.DataFrame, report: Report
) -> Iterator[tuple[bytes, NDArray[np.uint8]]]:
    """Lines of the file and SGP4's codes, (satellite, instant), of every window in order; a few windows are under way at a time."""
    size = max(1, min(WINDOW_INSTANTS, WINDOW_BYTES // (24 * max(fleet.count, points.height))))
    at = places(*(points[name].to_numpy() for name in ("latitude_deg", "longitude_deg", "height_m")))

    def window(first: int, last: int) -> tuple[bytes, NDArray[np.uint8]]:
        r_ecef_km, error = fleet.positions(instants_from(wanted.start, wanted.step_s, first, last))
        return _lines(wanted, points["id"], first, *in_view(r_ecef_km, at, wanted.mask_deg)), error

    # Propagating, counting and writing lines leave the interpreter's lock alone, so that windows run beside each other.
    waiting: deque[Future[tuple[bytes, NDArray[np.uint8]]]] = deque()
    tell = _teller(wanted.step_count, report)
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for first in range(0, wanted.step_count, size):
                waiting.append(pool.submit(window, first, min(first + size, wanted.step_count)))
                if len(waiting) > 2 * THREADS:
                    yield waiting.popleft().result()
                    tell(first - (len(waiting) - 1) * size)
            while waiting:
                yield waiting.popleft().result()
                tell(wanted.step_count - len(waiting) * size)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _teller(total: int, report: Report) -> Callable[[int], None]:
    """A reporter of instants that are done: after a second, and no oftener than once a second and for a hundredth of the work."""
    told_s, told = time.monotonic(), 0

    def tell(done: int) -> None:
        nonlocal told_s, told
        if done < total and done - told >= total / 100 and time.monotonic() - told_s >= 1:
            told_s, told = time.monotonic(), done
            report(f"{done:,} of {total:,} instants")

    return tell


def _lines(
    wanted: Wanted, ids: pl.Series, first: int, count: NDArray[np.int32], best_deg: NDArray[np.float64]
) -> bytes:
    """The window's lines: count and best_deg are (instant, place), `first` is the number of the first instant."""
    step = Decimal(repr(wanted.step_s))
    t_s = pl.Series([_plain(step * k) for k in range(first, first + len(count))])
    rows = np.arange(count.size)
    frame = pl.DataFrame(
        {
            "t_s": t_s.gather(rows // len(ids)),
            "id": ids.gather(rows % len(ids)),
            "visible_count": count.ravel(),
            "best_elevation_deg": pl.Series(best_deg.ravel()).fill_nan(None),
        }
    )
    stream = io.BytesIO()
    frame.write_csv(stream, include_header=False, float_precision=4)
    return stream.getvalue()


def _plain(number: Decimal) -> str:
    """A number without exponent and without zeros behind its last digit."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- satellites that fail --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Failures:
    """At how many instants each satellite failed, and its first code, (satellite,) each."""

    count: NDArray[np.int64]
    code: NDArray[np.uint8]

    @classmethod
    def of(cls, satellites: int) -> _Failures:
        return cls(np.zeros(satellites, np.int64), np.zeros(satellites, np.uint8))

    def add(self, error: NDArray[np.uint8]) -> None:
        """Take in the codes of the next window, (satellite, instant)."""
        failed = error != 0
        np.add(self.count, failed.sum(axis=1), out=self.count)
        earliest = error[np.arange(len(error)), failed.argmax(axis=1)]
        np.copyto(self.code, earliest, where=self.code == 0)

    def words(self, elements: pl.DataFrame, wanted: Wanted) -> list[str]:
        """A line for every satellite that failed. Raises VisibleError when all failed at all instants."""
        lines = []
        named = elements.select("object_name", "norad_cat_id").rows()
        for k in np.flatnonzero(self.count):
            whole = self.count[k] == wanted.step_count
            when = "" if whole else f" at {self.count[k]:,} of {wanted.step_count:,} instants"
            reason = ERRORS.get(int(self.code[k]), f"SGP4 error {self.code[k]}")
            lines.append(f"left out {_key(*named[k])}{when}: it cannot be propagated, {reason}")
        if (self.count == wanted.step_count).all():
            raise VisibleError(
                f"{wanted.elements}: none of its {elements.height:,} satellites can be propagated to {wanted.start.isoformat()} "
                f"(the first: {lines[0].removeprefix('left out ')}): give other elements, or a --start near their epochs"
            )
        return lines
