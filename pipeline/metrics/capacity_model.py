"""The parameters of capacity: what a service cell, a gateway's antenna and a satellite's links carry, each with what it may be.

Figures ship in capacity_model.csv, one row per scope (a constellation, a generation, or any) and parameter. Where nothing is published
there is no row, and what would follow from it is unknown: None, a lid that does not bind, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, NoReturn

import numpy as np
import polars as pl

from pipeline.constellations import ARC_UNITED_STATES, CONSTELLATIONS, UNITED_STATES
from pipeline.table import CONSTELLATION

FILE = "capacity_model.csv"
ANY = "any"
Way = Literal["down", "up"]
Group = Literal["us", "elsewhere"]
Level = Literal["low", "base", "high"]
WAYS: tuple[Way, ...] = ("down", "up")
GROUPS: tuple[Group, ...] = ("us", "elsewhere")
MHZ_PER_GHZ = 1000.0

# isl_rate_effective of uncertainty_ranges.csv is one range for lasers of several generations: a drawn rate stands for its place in the range,
# and each generation takes that place in its own, so that ends and base are the generation's.
LASER_RANGE_GBPS = (40.0, 100.0, 200.0)

# Parameters by the kind of scope that they are of.
_CELL = (
    "down_spectrum", "up_spectrum", "polarisations", "cofrequency_beams_elsewhere", "cofrequency_beams_us", "down_efficiency",
    "up_efficiency", "service_cell_area",
)  # fmt: skip
_WIDE = ("beam_count", "beam_length", "beam_width", "beam_down", "beam_up", "satellites_in_view_at_once")
_EVERY = ("gateway_antenna", "antennas_per_site", "links_used", "gateway_antennas_at_once")
_GENERATION = ("laser_rate", "backhaul", "gateway_antennas_at_once")
_NEVER_ZERO = {*_CELL, *_WIDE, "antennas_per_site"}

_NOT_FLOWN = "starlink-v3"
_GENERATIONS = (_NOT_FLOWN, *(generation.name for c in CONSTELLATIONS for generation in c.generations))
_PARAMETERS: dict[str, tuple[str, ...]] = {
    ANY: _EVERY,
    **dict.fromkeys(CONSTELLATION, (*_CELL, *_WIDE)),
    **dict.fromkeys(_GENERATIONS, _GENERATION),
}


class CapacityModelError(ValueError):
    """A row of capacity_model.csv that is missing, negative or out of order; the message names it and what to do."""


class Figure(NamedTuple):
    """A figure with what it may be."""

    low: float
    base: float
    high: float


class Lid(NamedTuple):
    """What is asked of a service cell in the United States and elsewhere [Gbps], over its area [km2].

    `is_shared`: the beam is far larger than a cell of the grid, so that all that is known is its mean over its area, and the same in a
    town as around it.
    """

    us_gbps: float
    elsewhere_gbps: float
    area_km2: float
    is_shared: bool = False


@dataclass(frozen=True)
class Cell:
    """Beams that each light one service cell: spectrum [MHz], efficiency [bit/s/Hz], area [km2], beams of one frequency at a time."""

    down_spectrum: Figure
    up_spectrum: Figure
    polarisations: Figure
    cofrequency_beams_elsewhere: Figure
    cofrequency_beams_us: Figure
    down_efficiency: Figure
    up_efficiency: Figure
    service_cell_area: Figure

    def gbps(self, group: Group, way: Way) -> Figure:
        """Spectrum x polarisations x efficiency x cofrequency beams [Gbps]; lows with lows and highs with highs."""
        beams = self.cofrequency_beams_us if group == "us" else self.cofrequency_beams_elsewhere
        spectrum, efficiency = getattr(self, f"{way}_spectrum"), getattr(self, f"{way}_efficiency")
        return _product(spectrum, self.polarisations, efficiency, beams, scale=1 / MHZ_PER_GHZ)


@dataclass(frozen=True)
class Wide:
    """Beams far larger than a cell of the grid: how many a satellite has, their size [km], and what each carries [Gbps]."""

    beam_count: Figure
    beam_length: Figure
    beam_width: Figure
    beam_down: Figure
    beam_up: Figure
    satellites_in_view_at_once: Figure

    @property
    def area_km2(self) -> float:
        """Area of one beam [km2]."""
        return self.beam_length.base * self.beam_width.base

    def gbps(self, way: Way) -> Figure:
        """What lies on one beam's area [Gbps]: a beam of each satellite whose beams are there at a time."""
        return _product(self.beam_down if way == "down" else self.beam_up, self.satellites_in_view_at_once)


@dataclass(frozen=True)
class Model:
    """The figures of one constellation.

    cell: its beams, where each lights one service cell; wide: where they are far larger; both None where nothing is published.
    antenna_gbps: what one antenna of a gateway carries [Gbps]. antennas_per_site: of a gateway. links_used: laser links that a satellite
    uses at once. laser_gbps, backhaul_gbps: of one link, and of radio and lasers of a satellite together [Gbps], by generation where
    published. at_once: antennas of gateways that a satellite uses at once, by generation; ANY for the others.
    """

    constellation: str
    cell: Cell | None
    wide: Wide | None
    antenna_gbps: Figure
    antennas_per_site: Figure
    links_used: Figure
    laser_gbps: Mapping[str, Figure]
    backhaul_gbps: Mapping[str, Figure]
    at_once: Mapping[str, Figure]

    def beam_gbps(self, group: Group, way: Way) -> Figure | None:
        """What one service cell [Gbps] gets down or up in a country of the group, or one wide beam's area; None where unknown."""
        if self.cell is not None:
            return self.cell.gbps(group, way)
        return None if self.wide is None else self.wide.gbps(way)

    def lid(self, way: Way, level: Level = "base") -> Lid | None:
        """The same for both groups, with the area that it lies on; None where unknown: such a lid does not bind."""
        us, elsewhere = (self.beam_gbps(group, way) for group in GROUPS)
        if us is None or elsewhere is None:
            return None
        area_km2 = self.cell.service_cell_area.base if self.cell else self.wide.area_km2 if self.wide else np.nan
        return Lid(getattr(us, level), getattr(elsewhere, level), area_km2, is_shared=self.cell is None)

    def antennas_at_once(self, generation: str) -> Figure:
        """Antennas of gateways that a satellite of the generation uses at once."""
        return self.at_once.get(generation, self.at_once[ANY])


def group_of(country_iso3: str | None) -> Group:
    """Whether the rules of the United States hold there; at sea (None) those of elsewhere do."""
    return "us" if country_iso3 in UNITED_STATES else "elsewhere"


def figures(
    reference: pl.DataFrame, draw: Mapping[str, float] | None = None, day: date | None = None
) -> dict[str, Model]:
    """The model of each constellation, by name.

    reference: rows of capacity_model.csv. draw: values by the names of uncertainty_ranges.csv (column drawn_as); each takes the place of
    the base, and what is not in it stays. day: before the rules of 13 July 2026 the United States are like elsewhere; None: they hold.
    Raises CapacityModelError, naming file, row and remedy, where a figure is missing, negative, not a number or out of order (low, base,
    high), stands twice, or is of no known parameter; and where a drawn value is negative.
    """
    rows = _rows(reference, draw or {})
    since = ARC_UNITED_STATES.since
    if day is not None and since is not None and day < since:
        rows |= {
            (scope, "cofrequency_beams_us"): rows[scope, "cofrequency_beams_elsewhere"]
            for scope, parameter in rows
            if parameter == "cofrequency_beams_us" and (scope, "cofrequency_beams_elsewhere") in rows
        }
    return {name: _model(rows, name) for name in CONSTELLATION}


def _model(rows: Mapping[tuple[str, str], Figure], name: str) -> Model:
    antenna, per_site, links, at_once = (_wanted(rows, ANY, parameter) for parameter in _EVERY)
    by_generation = {
        parameter: {scope: figure for (scope, own), figure in rows.items() if own == parameter and scope != ANY}
        for parameter in _GENERATION
    }
    cell, wide = _group(rows, name, _CELL), _group(rows, name, _WIDE)
    return Model(
        name,
        None if cell is None else Cell(*cell),
        None if wide is None else Wide(*wide),
        antenna,
        per_site,
        links,
        by_generation["laser_rate"],
        by_generation["backhaul"],
        by_generation["gateway_antennas_at_once"] | {ANY: at_once},
    )


def _group(rows: Mapping[tuple[str, str], Figure], scope: str, names: tuple[str, ...]) -> list[Figure] | None:
    """All figures of a group, or None where the scope has none of them; a part of them is an error."""
    if not any((scope, name) in rows for name in names):
        return None
    return [_wanted(rows, scope, name) for name in names]


def _wanted(rows: Mapping[tuple[str, str], Figure], scope: str, parameter: str) -> Figure:
    if (scope, parameter) not in rows:
        raise CapacityModelError(
            f"{FILE} has no row {scope}, {parameter}: add one with its source, or restore pipeline/reference"
        )
    return rows[scope, parameter]


def _rows(reference: pl.DataFrame, draw: Mapping[str, float]) -> dict[tuple[str, str], Figure]:
    """Figures by scope and parameter, checked, with the drawn values as their bases."""
    missing = {"scope", "parameter", "value", "low", "high", "drawn_as"} - set(reference.columns)
    if missing:
        raise CapacityModelError(f"{FILE} has no column {', '.join(sorted(missing))}: restore pipeline/reference")
    rows: dict[tuple[str, str], Figure] = {}
    for row in reference.iter_rows(named=True):
        key = row["scope"], row["parameter"]
        if key in rows:
            _refuse(row, "it stands twice: leave one of the two")
        rows[key] = _drawn(_figure(row), row, draw)
    return rows


def _figure(row: Mapping[str, object]) -> Figure:
    """Figure of a row; an empty end of the interval is the base itself."""
    if row["parameter"] not in _PARAMETERS.get(str(row["scope"]), ()):
        _refuse(row, "there is no such parameter of this scope: correct the name of either")
    numbers = [row["value"] if row[name] is None else row[name] for name in ("low", "value", "high")]
    try:
        figure = Figure(*(float(number) for number in numbers))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        _refuse(row, f"{numbers[1]!r} is no number: a figure that is not known has no row")
    if not np.isfinite(figure).all() or min(figure) < 0:
        _refuse(row, f"{_told(figure)}: put numbers that are not negative")
    if row["parameter"] in _NEVER_ZERO and figure.base == 0:
        _refuse(row, "the base is 0: what is not known has no row, what does not exist no constellation")
    if not figure.low <= figure.base <= figure.high:
        _refuse(row, f"{_told(figure)}: put them in order")
    return figure


def _drawn(figure: Figure, row: Mapping[str, object], draw: Mapping[str, float]) -> Figure:
    """The figure with a drawn value as its base; where it lies outside of the interval that gives way."""
    name = row["drawn_as"]
    if not isinstance(name, str) or name not in draw:
        return figure
    value = float(draw[name])
    if not np.isfinite(value) or value < 0:
        _refuse(row, f"{name} was drawn as {value}: draw from uncertainty_ranges.csv")
    if row["parameter"] == "laser_rate":
        value = float(np.interp(value, LASER_RANGE_GBPS, figure))
    return Figure(min(figure.low, value), value, max(figure.high, value))


def _told(figure: Figure) -> str:
    return f"low {figure.low:g}, base {figure.base:g}, high {figure.high:g}"


def _refuse(row: Mapping[str, object], why: str) -> NoReturn:
    raise CapacityModelError(f"{FILE}, row {row['scope']}, {row['parameter']}: {why}")


def _product(*factors: Figure, scale: float = 1.0) -> Figure:
    return Figure(*(scale * float(np.prod(ends)) for ends in zip(*factors, strict=True)))
