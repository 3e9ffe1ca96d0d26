"""What the caller's own points see of the caller's own satellites: files in, a CSV file out, window by window."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.formats import points as point_format
from pipeline.geometry.points import in_view, places
from pipeline.geometry.propagation import Fleet
from pipeline.io import caller
from pipeline.io.caller import Done, Failures, Report, Span, Window

HEADER = b"t_s,id,visible_count,best_elevation_deg\n"


@dataclass(frozen=True)
class Wanted:
    """What is asked: files, instants and the mask [deg]. Raises CallerError when there is no such mask."""

    elements: Path
    points: Path
    span: Span
    mask_deg: float
    out: Path

    def __post_init__(self) -> None:
        caller.require_mask(self.mask_deg)
        caller.require_new(self.out, (self.elements, self.points))


def run(wanted: Wanted, report: Report) -> Done:
    """Count satellites in view of every point at every instant, and write `wanted.out` whole or not at all.

    Memory does not grow with the number of instants. Raises SourceError when a file cannot be read, CallerError when no
    satellite can be propagated or the file cannot be written.
    """
    points = point_format.read(caller.content(wanted.points, "--points"), str(wanted.points))
    found = caller.satellites(caller.content(wanted.elements, "--elements"), wanted.elements, wanted.span)
    elements, notes = found.frame, found.notes
    failures = Failures.of(elements.height)
    with caller.written(wanted.out) as stream:
        stream.write(HEADER)
        for text, error in windows(wanted, Fleet(elements), points, report):
            stream.write(text)
            failures.add(error)
        notes += failures.words(elements, wanted.elements, wanted.span)
    result = {"satellites": elements.height, "points": points.height, "instants": wanted.span.count}
    return Done(notes, {**result, "out": wanted.out})


def windows(wanted: Wanted, fleet: Fleet, points: pl.DataFrame, report: Report) -> Iterator[Window]:
    """Lines of the file and SGP4's codes, (satellite, instant), of every window in order."""
    size = max(1, min(caller.WINDOW_INSTANTS, caller.WINDOW_BYTES // (24 * max(fleet.count, points.height))))
    at = places(*(points[name].to_numpy() for name in ("latitude_deg", "longitude_deg", "height_m")))

    def work(first: int, last: int) -> Window:
        r_ecef_km, error = fleet.positions(wanted.span.instants(first, last))
        return _lines(wanted.span, points["id"], first, *in_view(r_ecef_km, at, wanted.mask_deg)), error

    return caller.in_windows(wanted.span, size, work, report)


def _lines(span: Span, ids: pl.Series, first: int, count: NDArray[np.int32], best_deg: NDArray[np.float64]) -> bytes:
    """The window's lines: count and best_deg are (instant, place), `first` is the number of the first instant."""
    rows = np.arange(count.size)
    frame = pl.DataFrame(
        {
            "t_s": span.seconds(first, first + len(count)).gather(rows // len(ids)),
            "id": ids.gather(rows % len(ids)),
            "visible_count": count.ravel(),
            "best_elevation_deg": pl.Series(best_deg.ravel()).fill_nan(None),
        }
    )
    stream = io.BytesIO()
    frame.write_csv(stream, include_header=False, float_precision=4)
    return stream.getvalue()
