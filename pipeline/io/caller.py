"""What the caller of `visible` and `route` brings, and what both do with it: files, satellites, instants, and work in windows."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.formats import elements as formats
from pipeline.formats.rows import FIRST_YEAR, LAST_YEAR
from pipeline.geometry.propagation import ERRORS, Instants, instants_from
from pipeline.io.fetch import GZIP_ERRORS, gunzip
from pipeline.io.home import HomeError, whole_file
from pipeline.source import Parsed, SourceError

LIMIT_BYTES = 2**30
# SGP4 is a theory of days: a month from its epoch a low satellite is tens to hundreds of kilometres off along its orbit, a year
# from it nothing is left of the phase, so that a count would be one of another sky.
DOUBTFUL_DAYS, LIMIT_DAYS = 30, 365
LONGEST_DAYS = 3_660
# What one window's positions, or its lines, may take; a window does not depend on the number of threads.
WINDOW_BYTES, WINDOW_INSTANTS = 16 * 2**20, 1_440
THREADS = min(os.cpu_count() or 1, 8)

Report = Callable[[str], None]
# What becomes of a window: lines of the file, and SGP4's codes, (satellite, instant).
Window = tuple[bytes, NDArray[np.uint8]]


class CallerError(ValueError):
    """What is asked cannot be. The message says why, and what to give instead."""


@dataclass(frozen=True)
class Span:
    """Instants: the first (UTC, without a zone), the step [s] and their number. Raises CallerError when there is no such step or number."""

    start: datetime
    step_s: float
    count: int

    def __post_init__(self) -> None:
        if not (isfinite(self.step_s) and self.step_s > 0):
            raise CallerError(f"--step-s {self.step_s:g} is no step: give seconds above 0, 60 say")
        if self.count < 1:
            raise CallerError(f"--steps {self.count} is no number of instants: give 1 or more")
        if self.step_s * (self.count - 1) > LONGEST_DAYS * 86_400:
            raise CallerError(
                f"{self.count} instants every {self.step_s:g} s are more than {LONGEST_DAYS} days: "
                "no elements hold for so long, give fewer --steps"
            )

    def instants(self, first: int, last: int) -> Instants:
        """The instants `first` to `last` - 1."""
        return instants_from(self.start, self.step_s, first, last)

    def seconds(self, first: int, last: int) -> pl.Series:
        """Seconds since the start of the instants `first` to `last` - 1, as text without a rest of binary fractions."""
        step = Decimal(repr(self.step_s))
        return pl.Series([_plain(step * k) for k in range(first, last)], dtype=pl.String)


@dataclass(frozen=True)
class Done:
    """What a run leaves beside its file: lines on what was left out or is doubtful, and the figures to print."""

    notes: list[str]
    result: dict[str, Any]


def start_of(text: str) -> datetime:
    """The instant written as 2026-08-17 or 2026-08-17T06:30:00, with Z, an offset or none (UTC), as UTC without a zone.

    Raises CallerError with the form that is wanted.
    """
    wanted = "write it as 2026-08-17 or 2026-08-17T06:30:00, in UTC, or with an offset as in +02:00"
    try:
        instant = datetime.fromisoformat(text.strip())
        if instant.tzinfo is not None:
            instant = instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise CallerError(f"--start {text!r} is no instant: {wanted}") from error
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise CallerError(f"--start {text!r} is not of the years {FIRST_YEAR} to {LAST_YEAR}: {wanted}")
    return instant


def require_mask(mask_deg: float) -> None:
    """Raise CallerError when a mask [deg] is no elevation."""
    if not 0 <= mask_deg <= 90:
        raise CallerError(f"--min-elevation-deg {mask_deg:g} is no elevation: give 0 to 90 degrees")


# --- files -----------------------------------------------------------------------------------------------------------


def content(path: Path, option: str) -> bytes:
    """The bytes of a file, unpacked where they are gzip. Raises CallerError when they cannot be had."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise CallerError(
            f"{path} cannot be read ({error.strerror or error}): check the path after {option}"
        ) from error
    if data[:2] == b"\x1f\x8b":
        try:
            data = gunzip(io.BytesIO(data), LIMIT_BYTES)
        except GZIP_ERRORS as error:
            raise CallerError(f"{path} is a broken gzip file ({error}): get it again for {option}") from error
    if len(data) > LIMIT_BYTES:
        raise CallerError(f"{path} holds more than {LIMIT_BYTES:,} bytes: give a smaller file after {option}")
    return data


def require_new(out: Path, read: tuple[Path, ...]) -> None:
    """Raise CallerError when the file to write is one of those that are read."""
    if out.exists() and any(p.exists() and out.samefile(p) for p in read):
        raise CallerError(f"--out {out} is a file that is read: give another name, or it would be lost")


@contextmanager
def written(out: Path) -> Iterator[IO[bytes]]:
    """A stream to a file that is there whole or not at all. Raises CallerError when it cannot be written."""
    try:
        with whole_file(out) as temporary, temporary.open("wb") as stream:
            yield stream
    except HomeError as error:
        reason = getattr(error.__cause__, "strerror", None) or error.__cause__ or error
        raise CallerError(f"cannot write {out} ({reason}): free some space or give another --out") from error


@dataclass(frozen=True)
class Satellites:
    """Elements as they were read, which of them are near enough to the start, (satellite,), and lines on the others."""

    read: Parsed
    near: NDArray[np.bool_]
    notes: list[str]

    @property
    def frame(self) -> pl.DataFrame:
        """Elements that are near enough, in the file's order."""
        return self.read.frame.filter(pl.Series(self.near))


def satellites(data: bytes, path: Path, span: Span) -> Satellites:
    """Elements of a file, and whose epoch is near enough to the start.

    Raises SourceError when none can be read, or no epoch is near enough.
    """
    found = formats.read_own(data, str(path))
    notes = [f"left out {key}, line {number}: {reason}" for number, key, reason in found.excluded.iter_rows()]
    away = (found.frame["epoch_utc"] - span.start).abs()
    far = away > timedelta(days=LIMIT_DAYS)
    if far.all():
        oldest, newest = (f"{found.frame['epoch_utc'].sort()[k]:%Y-%m-%d}" for k in (0, -1))
        raise SourceError(
            f"{path}: every epoch is more than {LIMIT_DAYS} days from --start {span.start.isoformat()}, and SGP4 holds "
            f"for days: epochs are {oldest} to {newest}, give a --start among them or elements of that time"
        )
    for name, number, epoch in found.frame.filter(far).select("object_name", "norad_cat_id", "epoch_utc").iter_rows():
        when = f"{epoch:%Y-%m-%d %H:%M}"
        notes.append(f"left out {key_of(name, number)}: EPOCH {when} is more than {LIMIT_DAYS} days from the start")
    doubtful = int(((away > timedelta(days=DOUBTFUL_DAYS)) & ~far).sum())
    if doubtful:
        notes.append(
            f"{doubtful:,} of {found.frame.height:,} epochs are more than {DOUBTFUL_DAYS} days from the start: their satellites may be "
            "hundreds of kilometres off along their orbits, and are counted"
        )
    return Satellites(found, ~far.to_numpy(), notes)


def key_of(name: str | None, number: int) -> str:
    """What a satellite is called in a line for the reader."""
    return f"{name or '?'} ({number})"


# --- windows ---------------------------------------------------------------------------------------------------------


def in_windows(span: Span, size: int, work: Callable[[int, int], Window], report: Report) -> Iterator[Window]:
    """What `work` makes of the instants of every window of `size`, in order; a few windows are under way at a time."""
    # Propagating, searching and writing lines leave the interpreter's lock alone, so that windows run beside each other.
    waiting: deque[Future[Window]] = deque()
    tell = _teller(span.count, report)
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for first in range(0, span.count, size):
                waiting.append(pool.submit(work, first, min(first + size, span.count)))
                if len(waiting) > 2 * THREADS:
                    yield waiting.popleft().result()
                    tell(first - (len(waiting) - 1) * size)
            while waiting:
                yield waiting.popleft().result()
                tell(span.count - len(waiting) * size)
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


def _plain(number: Decimal) -> str:
    """A number without exponent and without zeros behind its last digit."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- satellites that fail --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failures:
    """At how many instants each satellite failed, and its first code, (satellite,) each."""

    count: NDArray[np.int64]
    code: NDArray[np.uint8]

    @classmethod
    def of(cls, satellites: int) -> Failures:
        """Nobody has failed yet."""
        return cls(np.zeros(satellites, np.int64), np.zeros(satellites, np.uint8))

    def add(self, error: NDArray[np.uint8]) -> None:
        """Take in the codes of the next window, (satellite, instant)."""
        failed = error != 0
        np.add(self.count, failed.sum(axis=1), out=self.count)
        earliest = error[np.arange(len(error)), failed.argmax(axis=1)]
        np.copyto(self.code, earliest, where=self.code == 0)

    def words(self, elements: pl.DataFrame, path: Path, span: Span) -> list[str]:
        """A line for every satellite that failed. Raises CallerError when all failed at all instants."""
        lines = []
        named = elements.select("object_name", "norad_cat_id").rows()
        for k in np.flatnonzero(self.count):
            whole = self.count[k] == span.count
            when = "" if whole else f" at {self.count[k]:,} of {span.count:,} instants"
            reason = ERRORS.get(int(self.code[k]), f"SGP4 error {self.code[k]}")
            lines.append(f"left out {key_of(*named[k])}{when}: it cannot be propagated, {reason}")
        if (self.count == span.count).all():
            raise CallerError(
                f"{path}: none of its {elements.height:,} satellites can be propagated to {span.start.isoformat()} "
                f"(the first: {lines[0].removeprefix('left out ')}): give other elements, or a --start near their epochs"
            )
        return lines
