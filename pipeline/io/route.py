"""Shortest ways between the caller's own stations over the caller's own satellites and links: files in, a CSV file out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.formats import elements as element_formats
from pipeline.formats import pairs as pair_format
from pipeline.formats import points as point_format
from pipeline.geometry import links
from pipeline.geometry.constants import LIGHT_KM_PER_S
from pipeline.geometry.points import places, slants_km
from pipeline.geometry.propagation import Fleet
from pipeline.geometry.routing import CLEAR_KM, RANGE_KM, lengths_km
from pipeline.geometry.stations import Ways, between
from pipeline.io import caller
from pipeline.io.caller import CallerError, Done, Failures, Report, Satellites, Span, Window
from pipeline.metrics import mesh

HEADER = b"t_s,src,dst,reachable,rtt_ms,satellite_hop_count,path\n"
PLUS_GRID, INFER = "plus-grid", "infer"
# Stands between the satellites of a path; satellites are called by their names only where none of them has it.
BETWEEN = "|"
# What a line of the file takes while it is made: the pair's numbers, and a path of some twenty satellites.
LINE_BYTES = 600


@dataclass(frozen=True)
class Wanted:
    """What is asked: files, links (a file, plus-grid or infer), instants, and the mask [deg] or the longest slant [km].

    Raises CallerError unless exactly one of the two is given, and where there is no such mask or slant.
    """

    elements: Path
    links: str
    stations: Path
    span: Span
    mask_deg: float | None
    slant_km: float | None
    out: Path

    def __post_init__(self) -> None:
        if (self.mask_deg is None) == (self.slant_km is None):
            both = "both" if self.mask_deg is not None else "neither"
            raise CallerError(
                f"{both} of --min-elevation-deg and --max-slant-km {'are' if both == 'both' else 'is'} given: give one of the two"
            )
        if self.mask_deg is not None:
            caller.require_mask(self.mask_deg)
        if self.slant_km is not None and not (isfinite(self.slant_km) and self.slant_km > 0):
            raise CallerError(f"--max-slant-km {self.slant_km:g} is no distance: give kilometres above 0, 1260 say")
        caller.require_new(self.out, (self.elements, self.stations, *self.link_files))

    @property
    def link_files(self) -> tuple[Path, ...]:
        """The file of links, where links are given in one."""
        return () if self.links in (PLUS_GRID, INFER) else (Path(self.links),)


@dataclass(frozen=True)
class _Mesh:
    """Satellites that are propagated, their links, int32 (satellite, degree), and when these are up."""

    elements: pl.DataFrame
    neighbour: NDArray[np.int32]
    range_km: float = np.inf
    clear_km: float | None = None


def run(wanted: Wanted, report: Report) -> Done:
    """Find the shortest way of every pair of stations at every instant, and write `wanted.out` whole or not at all.

    Memory does not grow with the number of instants. Raises SourceError when a file cannot be read, CallerError when links cannot be
    made of the elements, no satellite can be propagated, or the file cannot be written.
    """
    stations = point_format.read_stations(caller.content(wanted.stations, "--stations"), str(wanted.stations))
    if stations.height < 2:
        raise CallerError(f"{wanted.stations} has one station: a way needs two")
    data = caller.content(wanted.elements, "--elements")
    found = caller.satellites(data, wanted.elements, wanted.span)
    notes = [*found.notes]
    made = _mesh(wanted, found, element_formats.counts(data), notes)
    called, labels = _labels(made.elements)
    failures = Failures.of(len(labels))
    with caller.written(wanted.out) as stream:
        stream.write(HEADER)
        for text, error in windows(wanted, made, stations, labels, report):
            stream.write(text)
            failures.add(error)
        notes += failures.words(made.elements, wanted.elements, wanted.span)
    link_count = int((made.neighbour >= 0).sum()) // 2
    result = {"satellites": len(labels), "links": link_count, "stations": stations.height}
    return Done(notes, {**result, "instants": wanted.span.count, "paths name": called, "out": wanted.out})


# --- links -----------------------------------------------------------------------------------------------------------


def _mesh(wanted: Wanted, found: Satellites, counts: tuple[int, int] | None, notes: list[str]) -> _Mesh:
    """The links that are asked for; lines on what the caller should know of them are added to `notes`."""
    if wanted.links == INFER:
        places = mesh.learned(found.frame, wanted.span.start)
        made = _in_flight(found.frame, places, links.plus_grid(places), RANGE_KM, CLEAR_KM)
        why = "no shell whose satellites keep places was found in the elements, or they are too far apart"
    elif wanted.links == PLUS_GRID:
        made = _numbered(wanted, found, counts, notes) if counts else _regular(wanted, found)
        why = "the plus grid of these elements has none"
    else:
        _require_positions(wanted, found)
        given = pair_format.read(caller.content(Path(wanted.links), "--links"), wanted.links, found.read.frame.height)
        made = _of_near(found, links.from_pairs(given, found.read.frame.height))
        why = f"{wanted.links} has none"
    if not (made.neighbour >= 0).any():
        notes.append(f"there are no links ({why}): stations reach each other only where both see the same satellite")
    return made


def _regular(wanted: Wanted, found: Satellites) -> _Mesh:
    """The plus grid of one full shell, by its nodes and phases."""
    places = links.one_shell(found.frame, wanted.span.start)
    try:
        return _in_flight(found.frame, places, links.regular(places))
    except links.LinksError as error:
        raise CallerError(
            f"{wanted.elements}: {error}: give --links infer, a file of links, or a first line with two counts, planes and "
            "satellites per plane, in the element file"
        ) from error


def _in_flight(
    elements: pl.DataFrame,
    places: links.Places,
    neighbour: NDArray[np.int32],
    range_km: float = np.inf,
    clear_km: float | None = None,
) -> _Mesh:
    """A mesh whose satellites follow one another as they fly, plane by plane: ways are found sooner, and the file's order plays no part."""
    order = links.flight_order(places)
    number = np.full(len(order) + 1, -1, np.int32)  # the last one stands for nobody, -1
    number[order] = np.arange(len(order))
    return _Mesh(elements[order], number[neighbour[order]], range_km, clear_km)


def _numbered(wanted: Wanted, found: Satellites, counts: tuple[int, int], notes: list[str]) -> _Mesh:
    """The plus grid of satellites that are numbered plane by plane, by the counts in the element file."""
    planes, per_plane = counts
    _require_positions(wanted, found)
    if planes * per_plane != found.read.frame.height:
        raise CallerError(
            f"{wanted.elements} says in its first line that it has {planes:,} planes of {per_plane:,} satellites, and has "
            f"{found.read.frame.height:,}: mend the counts, or leave them out"
        )
    flat = links.one_shell(found.read.frame, wanted.span.start)
    shift, seam = links.wrap(flat, planes, per_plane)
    if shift:
        notes.append(
            f"from the last plane to the first a satellite is linked with the one {shift} places on, as their phases are"
        )
    if seam:
        notes.append("the last plane and the first turn against each other: no links cross that seam")
    return _of_near(found, links.numbered(planes, per_plane, shift, seam))


def _require_positions(wanted: Wanted, found: Satellites) -> None:
    """Raise CallerError when a satellite could not be read, for then nobody knows which one a position means."""
    if found.read.excluded.height:
        raise CallerError(
            f"{wanted.elements}: links are positions in this file, and {found.read.excluded.height:,} of its satellites cannot be "
            f"counted ({found.notes[0]}): mend or remove them, and number the links anew"
        )


def _of_near(found: Satellites, neighbour: NDArray[np.int32]) -> _Mesh:
    """A mesh of the satellites that are near enough in time, in the file's order; links with others are left out."""
    number = np.full(len(found.near) + 1, -1, np.int32)  # the last one stands for nobody, -1
    number[:-1][found.near] = np.arange(found.near.sum())
    return _Mesh(found.frame, number[neighbour[found.near]])


def _labels(elements: pl.DataFrame) -> tuple[str, pl.Series]:
    """What paths call the satellites by, and what each is called: names, else catalog numbers, which never repeat."""
    names = elements["object_name"]
    unique = names.null_count() == 0 and names.n_unique() == len(names)
    if unique and not names.str.contains(BETWEEN, literal=True).any():
        return "names", names
    return "catalog numbers", elements["norad_cat_id"].cast(pl.String)


# --- windows ---------------------------------------------------------------------------------------------------------


def windows(wanted: Wanted, made: _Mesh, stations: pl.DataFrame, labels: pl.Series, report: Report) -> Iterator[Window]:
    """Lines of the file and SGP4's codes, (satellite, instant), of every window in order."""
    fleet = Fleet(made.elements)
    pairs = np.stack(np.triu_indices(stations.height, 1))
    each = max(24 * fleet.count, LINE_BYTES * pairs.shape[1])
    size = max(1, min(caller.WINDOW_INSTANTS, caller.WINDOW_BYTES // each))
    at = places(*(stations[name].to_numpy() for name in ("latitude_deg", "longitude_deg", "height_m")))
    ends = pl.DataFrame({"src": stations["name"].gather(pairs[0]), "dst": stations["name"].gather(pairs[1])})

    def ways(r_km: NDArray[np.float64]) -> Ways:
        slant_km = slants_km(r_km, at, wanted.mask_deg, np.inf if wanted.slant_km is None else wanted.slant_km)
        return between(made.neighbour, lengths_km(r_km, made.neighbour, made.range_km, made.clear_km), slant_km)

    def work(first: int, last: int) -> Window:
        r_ecef_km, error = fleet.positions(wanted.span.instants(first, last))
        by_instant = np.moveaxis(r_ecef_km, 0, 2)  # as they are in memory
        lines = [ways(r_km) for r_km in by_instant]
        return _lines(wanted.span.seconds(first, last), ends, lines, labels), error

    return caller.in_windows(wanted.span, size, work, report)


def _lines(t_s: pl.Series, ends: pl.DataFrame, found: list[Ways], labels: pl.Series) -> bytes:
    """The window's lines, by instant and then by pair."""
    way_km, hop_count, path = (np.concatenate([getattr(w, n) for w in found]) for n in ("way_km", "hop_count", "path"))
    rows = np.arange(len(way_km))
    reached = pl.Series(hop_count > 0)
    frame = pl.DataFrame(
        {
            "t_s": t_s.gather(rows // ends.height),
            "src": ends["src"].gather(rows % ends.height),
            "dst": ends["dst"].gather(rows % ends.height),
            "reachable": reached.cast(pl.Int8),
            "rtt_ms": pl.Series(way_km * (2_000.0 / LIGHT_KM_PER_S)).set(~reached, None),
            "satellite_hop_count": pl.Series(hop_count).set(~reached, None),
            "path": _joined(labels.gather(path), hop_count).set(~reached, None),
        }
    )
    stream = io.BytesIO()
    frame.write_csv(stream, include_header=False, float_precision=6)
    return stream.getvalue()


def _joined(names: pl.Series, count: NDArray[np.int32]) -> pl.Series:
    """Text of each pair's satellites, `count` of them from `names` one after another."""
    row = pl.Series(np.repeat(np.arange(len(count)), count), dtype=pl.Int64)
    joined = pl.DataFrame({"row": row, "name": names}).group_by("row").agg(pl.col("name").str.join(BETWEEN))
    every = pl.DataFrame({"row": np.arange(len(count))}).join(joined, on="row", how="left", maintain_order="left")
    return every["name"]
