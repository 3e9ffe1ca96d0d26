"""For whom a constellation suffices, AI workload by AI workload, beside terrestrial networks; and what the mesh does between compute sites.

A workload of users suffices for the people of a cell where the 95th percentile of the round trip to the nearest compute, a listed site or a cloud region, is within its limit,
a terminal's rate reaches what it needs down and up, and the sky and a gateway are there for the fraction of the day that its class needs
(`single`: for one of few users). For all at once the cell's supply must carry it too, for as many lines as are active at a time: where
it does not, the part of the people that it carries counts.

Between compute sites a workload is feasible where the median round trip is within its limit, one way over the lasers carries its rate, and the
way is there for long enough. On the ground: people with a line, and those who use the Internet without one, by a log-normal spread of
speeds about their median; between sites a fibre as rented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from pipeline.table import WORKLOAD_LIMIT, Column, Table

FILE = "workload_model.csv"
USERS = ("interactive", "real time", "interactive batch", "control", "batch", "bulk")
SITES = ("bulk", "training", "disaggregated inference")
SECONDS_PER_H, BITS_PER_BYTE, MBPS_PER_GBPS, BYTES_PER_GB = 3_600, 8, 1_000, 1e9


def _part(name: str, what: str) -> tuple[Column, ...]:
    return (
        Column(f"{name}_people_fraction", "number", "1", f"Fraction of people {what}", 0, 1, nullable=True),
        Column(f"{name}_ai_demand_fraction", "number", "1", f"Fraction of AI demand (core.demand_daily) {what}", 0, 1, nullable=True),
    )  # fmt: skip


TABLE = Table(
    "core.workload_daily",
    "one row per day, constellation and AI workload of ai_workloads.csv",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("workload", "text", "", "Workload", key=True),
        Column("workload_class", "text", "", "Class of workloads that it belongs to"),
        Column("max_rtt_limit_ms", "number", "ms", "Longest round trip with which it works; null where none is told", 0, 100_000, nullable=True),
        Column("max_rtt_target_ms", "number", "ms", "Round trip with which it works well; null where none is told", 0, 100_000, nullable=True),
        Column("min_down_mbps", "number", "Mbps", "Rate that it needs to the user, or between sites", 0, 1e9, nullable=True),
        Column("min_up_mbps", "number", "Mbps", "Rate that it needs from the user, or between sites", 0, 1e9, nullable=True),
        Column("min_continuity_fraction", "number", "1", "Fraction of the day that it needs; assumed by its class", 0, 1),
        *_part("all", "for whom it suffices if everybody's active lines use it at once; estimated; null where no gateway or terminal is known, or it is none of users"),
        Column("all_people_low_fraction", "number", "1", "The same of people with the most lines active at a time", 0, 1, nullable=True),
        Column("all_people_high_fraction", "number", "1", "The same of people with the fewest lines active at a time", 0, 1, nullable=True),
        *_part("single", "for whom it suffices as one of few users; estimated, without load; null as before"),
        *_part("target", "the same, where the median round trip is within the target"),
        *_part("latency", "within the limit of the round trip, 95th percentile of the day"),
        *_part("continuity", "with satellites and a gateway for long enough"),
        *_part("rate", "for whom the rates suffice, everybody's active lines at once"),
        *_part("terrestrial", "for whom terrestrial networks suffice; estimated from lines, users and measured speeds of countries"),
        Column("terrestrial_people_low_fraction", "number", "1", "The same of people with the low assumptions", 0, 1, nullable=True),
        Column("terrestrial_people_high_fraction", "number", "1", "The same of people with the high assumptions", 0, 1, nullable=True),
        Column("workload_limit", "workload_limit", "", "What keeps most people from it if all use it at once; none where nothing does", nullable=True),
        Column("pair_count", "integer", "", "Pairs of compute sites (core.corridor_daily) that are looked at; null of workloads between no sites", 0, 1_000_000, nullable=True),
        Column("pair_fraction", "number", "1", "Fraction of them between which it is feasible over the mesh, one way over lasers at their base rate; 0 without lasers, null where no gateway is known, or not whether there are lasers", 0, 1, nullable=True),
        Column("pair_low_fraction", "number", "1", "The same at the low rate of lasers", 0, 1, nullable=True),
        Column("pair_high_fraction", "number", "1", "The same at the high rate of lasers", 0, 1, nullable=True),
        Column("terrestrial_pair_fraction", "number", "1", "Fraction between which it is feasible over stretched fibre at the rate that is assumed to be rented", 0, 1, nullable=True),
        Column("volume_bytes", "number", "bytes", "What one transfer moves; null where nothing is moved in one piece", 0, 1e18, nullable=True),
        Column("transfer_mesh_h", "number", "h", "Time of it over one way of the mesh, gateways at both ends", 0, 1e9, nullable=True),
        Column("transfer_terminal_h", "number", "h", "Time of it to one terminal, or from it where more is needed up, at its rate alone, the median of people", 0, 1e9, nullable=True),
        Column("transfer_fibre_h", "number", "h", "Time of it over the fibre that is assumed to be rented", 0, 1e9, nullable=True),
        Column("missing", "text", "", "What is not known, so that figures are null", nullable=True),
    ),
)  # fmt: skip


class WorkloadError(ValueError):
    """A workload or the model lacks a figure, or one cannot be; the message names file, row and remedy."""


@dataclass(frozen=True)
class Model:
    """Figures of workload_model.csv by scope and parameter, each low, base and high."""

    rows: dict[tuple[str, str], tuple[float, float, float]]

    @classmethod
    def of(cls, reference: pl.DataFrame) -> Model:
        """From rows of workload_model.csv. Raises WorkloadError where one stands twice, or is out of order or not above 0."""
        found: dict[tuple[str, str], tuple[float, float, float]] = {}
        for row in reference.iter_rows(named=True):
            key = row["scope"], row["parameter"]
            low, value, high = (row["value"] if row[name] is None else row[name] for name in ("low", "value", "high"))
            if key in found or value is None or not 0 < float(low) <= float(value) <= float(high) < np.inf:
                raise WorkloadError(
                    f"{FILE}, row {', '.join(key)}: twice, or not 0 < low <= value <= high: correct it, or restore it from the repository"
                )
            found[key] = float(low), float(value), float(high)
        return cls(found)

    def __call__(self, scope: str, parameter: str) -> tuple[float, float, float]:
        """Low, base and high. Raises WorkloadError where there is no such row."""
        if (scope, parameter) not in self.rows:
            raise WorkloadError(f"{FILE} has no row {scope}, {parameter}: add one with its source")
        return self.rows[scope, parameter]

    def get(self, scope: str, parameter: str) -> tuple[float, float, float] | None:
        """Low, base and high; None where nothing is told."""
        return self.rows.get((scope, parameter))


@dataclass(frozen=True)
class Users:
    """Cells with people, (cell,) each: `people`, `ai_demand` (any unit), and of one constellation, not a number where it is not known,
    round trips to compute `rtt_p50_ms` and `rtt_p95_ms`, `continuity` (fraction of the day), the cell's `supply` [Gbps] (2, cell), down and up, and
    the rate of a terminal alone `terminal` [Mbps] (2, cell)."""

    people: NDArray[np.float64]
    ai_demand: NDArray[np.float64]
    rtt_p50_ms: NDArray[np.float64]
    rtt_p95_ms: NDArray[np.float64]
    continuity: NDArray[np.float64]
    supply: NDArray[np.float64]
    terminal: NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """Terrestrial networks of parts of cells, one country each, (row,): `people`, `ai_demand`, fraction of people with a line at home (`lined`) and
    with the Internet (`users`), the lines' median rate down `line_mbps`, and great circle to the nearest compute `compute_km`; not a
    number where it is not known."""

    people: NDArray[np.float64]
    ai_demand: NDArray[np.float64]
    lined: NDArray[np.float64]
    users: NDArray[np.float64]
    line_mbps: NDArray[np.float64]
    compute_km: NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of compute sites, (pair,): `rtt_ms` median over the mesh and `reachable` fraction of the day, not a number where no gateway is known;
    `fibre_ms` over stretched fibre. `rate_gbps`: of one way over the lasers, low, base and high; None without lasers, and where `lasers_known` says that
    nobody knows of any."""

    rtt_ms: NDArray[np.float64]
    reachable: NDArray[np.float64]
    fibre_ms: NDArray[np.float64]
    rate_gbps: tuple[float, float, float] | None
    lasers_known: bool = True


def workloads(reference: pl.DataFrame) -> list[dict[str, object]]:
    """Rows of ai_workloads.csv that state a limit and are not of computing in orbit. Raises WorkloadError where a limit is below 0."""
    found = []
    for row in reference.iter_rows(named=True):
        limits = [row[name] for name in ("max_rtt_ms_limit", "min_down_mbps", "min_up_mbps")]
        if row["class"] not in {*USERS, *SITES} or all(value is None for value in limits):
            continue
        if any(value is not None and not 0 <= float(value) < np.inf for value in limits):
            raise WorkloadError(f"ai_workloads.csv, row {row['workload']}: a limit is below 0 or no number: correct it")
        found.append(row)
    return found


def compute(
    reference: pl.DataFrame,
    model: Model,
    users: Mapping[str, Users],
    ground: Ground,
    pairs: Mapping[str, Pairs],
    fibre_ms_per_km: float,
    people_per_line: float,
    day: date,
) -> pl.DataFrame:
    """Rows of TABLE of all constellations in `users`.

    reference: ai_workloads.csv. fibre_ms_per_km: round trip in glass along a great circle. people_per_line: who share a terminal or a line.
    Raises WorkloadError.
    """
    rows = []
    for row in workloads(reference):
        need = Need.of(row, model)
        terrestrial = _terrestrial(need, ground, model, fibre_ms_per_km)
        for name, cells in users.items():
            found: dict[str, object] = {"day": day, "constellation": name, **need.columns()}
            if need.is_of_users:
                found |= terrestrial | _of_users(need, cells, model, people_per_line)
            if need.is_of_sites:
                found |= _of_pairs(need, pairs[name], model)
            found |= _transfers(need, cells, pairs[name], model)
            rows.append(found | {"missing": _missing(need, cells, pairs[name])})
    names = [c.name for c in TABLE.columns]
    return TABLE.conform(pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=TABLE.polars_schema))  # fmt: skip


@dataclass(frozen=True)
class Need:
    """What a workload needs; a limit that is not told is infinite or 0."""

    workload: str
    kind: str
    limit_ms: float | None
    target_ms: float | None
    down_mbps: float | None
    up_mbps: float | None
    continuity: float
    volume_bytes: float | None

    @classmethod
    def of(cls, row: Mapping[str, object], model: Model) -> Need:
        """From a row of ai_workloads.csv."""

        def number(name: str) -> float | None:
            return None if row[name] is None else float(row[name])  # type: ignore[arg-type]

        name, kind = str(row["workload"]), str(row["class"])
        volume = model.get(name, "volume")
        return cls(
            name,
            kind,
            number("max_rtt_ms_limit"),
            number("max_rtt_ms_target"),
            number("min_down_mbps"),
            number("min_up_mbps"),
            model(kind, "continuity")[1],
            None if volume is None else volume[1] * BYTES_PER_GB,
        )

    @property
    def is_of_users(self) -> bool:
        """Whether people use it."""
        return self.kind in USERS

    @property
    def is_of_sites(self) -> bool:
        """Whether it runs between compute sites."""
        return self.kind in SITES

    @property
    def rates_mbps(self) -> tuple[float, float]:
        """Down and up."""
        return self.down_mbps or 0.0, self.up_mbps or 0.0

    def columns(self) -> dict[str, object]:
        """The columns of TABLE that say what it needs."""
        return {
            "workload": self.workload, "workload_class": self.kind, "max_rtt_limit_ms": self.limit_ms, "max_rtt_target_ms": self.target_ms,
            "min_down_mbps": self.down_mbps, "min_up_mbps": self.up_mbps, "min_continuity_fraction": self.continuity, "volume_bytes": self.volume_bytes,
        }  # fmt: skip


def _within(rtt_ms: NDArray[np.float64], limit_ms: float | None) -> NDArray[np.float64]:
    """1 where a round trip is within a limit, 0 where not, not a number where it is not known."""
    if limit_ms is None:
        return np.where(np.isnan(rtt_ms), np.nan, 1.0)
    return np.where(np.isnan(rtt_ms), np.nan, (rtt_ms <= limit_ms).astype(np.float64))


def _at_once(need: Need, cells: Users, active: float, people_per_line: float) -> NDArray[np.float64]:
    """Part of the people of each cell whose active lines the supply carries at once; not a number where a needed way is not known."""
    lines = cells.people / people_per_line * active
    part = np.ones(len(cells.people))
    for way, mbps in enumerate(need.rates_mbps):
        if mbps > 0:
            room = cells.supply[way] * MBPS_PER_GBPS / mbps
            part = np.minimum(part, np.divide(room, lines, out=np.zeros(len(lines)), where=lines > 0))
    return part


def _of_users(need: Need, cells: Users, model: Model, people_per_line: float) -> dict[str, object]:
    latency, good = _within(cells.rtt_p95_ms, need.limit_ms), _within(cells.rtt_p50_ms, need.target_ms)
    there = np.where(
        np.isnan(cells.continuity), np.nan, (cells.continuity >= need.continuity - 1e-9).astype(np.float64)
    )
    alone = np.ones(len(cells.people))
    for way, mbps in enumerate(need.rates_mbps):
        if mbps > 0:
            reaches = (cells.terminal[way] >= mbps).astype(np.float64)
            alone = np.minimum(alone, np.where(np.isnan(cells.terminal[way]), np.nan, reaches))
    low, base, high = (_at_once(need, cells, part, people_per_line) * alone for part in model("all", "active_fraction"))
    single = latency * there * alone
    parts = {
        "all": latency * there * base, "single": single, "target": single * good, "latency": latency, "continuity": there, "rate": base,
    }  # fmt: skip
    found: dict[str, object] = {}
    for name, part in parts.items():
        found[f"{name}_people_fraction"] = _mean(part, cells.people)
        found[f"{name}_ai_demand_fraction"] = _mean(part, cells.ai_demand)
    found["all_people_high_fraction"] = _mean(latency * there * low, cells.people)
    found["all_people_low_fraction"] = _mean(latency * there * high, cells.people)
    return found | {"workload_limit": _limit(found)}


def _limit(found: Mapping[str, object]) -> str | None:
    """What keeps most people away."""
    if found["all_people_fraction"] is None:
        return None
    names = [name for name in WORKLOAD_LIMIT if name != "none"]
    parts = {name: float(found[f"{name}_people_fraction"]) for name in names}  # type: ignore[arg-type]
    least = min(names, key=lambda name: parts[name])
    return least if parts[least] < 1 else "none"


def _mean(part: NDArray[np.float64], weight: NDArray[np.float64]) -> float | None:
    """Mean over weights; None where a part with weight is not known, or nothing has weight."""
    counted = weight > 0
    if not counted.any() or np.isnan(part[counted]).any():
        return None
    return float(np.clip((part[counted] * weight[counted]).sum() / weight[counted].sum(), 0.0, 1.0))


def _terrestrial(need: Need, ground: Ground, model: Model, ms_per_km: float) -> dict[str, object]:
    """Columns of terrestrial networks of a workload of users; the low case takes every assumption at its worse end."""
    if not need.is_of_users:
        return {}
    names = ("internet_stretch", "last_mile_rtt", "mobile_down", "up_per_down")
    worse = {"internet_stretch": -1, "last_mile_rtt": -1, "mobile_down": 1, "up_per_down": 1}
    cases = [{name: model("all", name)[1 + case * worse[name]] for name in names} for case in (-1, 0, 1)]
    low, base, high = (_suffices(need, ground, case, model("all", "speed_spread")[1], ms_per_km) for case in cases)
    return {
        "terrestrial_people_fraction": _known_mean(base, ground.people),
        "terrestrial_ai_demand_fraction": _known_mean(base, ground.ai_demand),
        "terrestrial_people_low_fraction": _known_mean(low, ground.people),
        "terrestrial_people_high_fraction": _known_mean(high, ground.people),
    }


def _suffices(
    need: Need, ground: Ground, case: Mapping[str, float], spread: float, ms_per_km: float
) -> NDArray[np.float64]:
    """Fraction of the people of each row for whom terrestrial networks suffice, (row,)."""
    rtt = ground.compute_km * ms_per_km * case["internet_stretch"] + case["last_mile_rtt"]
    down, up = need.rates_mbps
    mbps = max(down, up / case["up_per_down"])
    line = np.where(np.isnan(ground.line_mbps), case["mobile_down"], ground.line_mbps)
    lined, mobile = (_reach(median, mbps, spread) for median in (line, np.full(len(line), case["mobile_down"])))
    with_line = np.fmin(ground.lined, ground.users)
    with_line = np.where(np.isnan(with_line), 0.0, with_line)
    part = with_line * lined + np.maximum(ground.users - with_line, 0.0) * mobile
    return part * _within(rtt, need.limit_ms)


def _reach(median_mbps: NDArray[np.float64], mbps: float, spread: float) -> NDArray[np.float64]:
    """Fraction of speeds, log-normal about a median, that reach a rate."""
    if mbps <= 0:
        return np.ones(len(median_mbps))
    return np.asarray(ndtr(np.log(median_mbps / mbps) / spread), np.float64)


def _known_mean(part: NDArray[np.float64], weight: NDArray[np.float64]) -> float | None:
    """Mean over those of whom it is known; None where that is nobody."""
    counted = (weight > 0) & ~np.isnan(part)
    return float((part[counted] * weight[counted]).sum() / weight[counted].sum()) if counted.any() else None


def _of_pairs(need: Need, pairs: Pairs, model: Model) -> dict[str, object]:
    """Columns of pairs of compute sites."""
    count = len(pairs.fibre_ms)
    found: dict[str, object] = {"pair_count": count}
    if not count:
        return found
    rate = max(need.rates_mbps) / MBPS_PER_GBPS
    glass = _within(pairs.fibre_ms, need.limit_ms) * (model("all", "fibre_rate")[1] >= rate)
    found["terrestrial_pair_fraction"] = float(glass.mean())
    if pairs.rate_gbps is None and pairs.lasers_known:
        return found | dict.fromkeys(("pair_fraction", "pair_low_fraction", "pair_high_fraction"), 0.0)
    if pairs.rate_gbps is None or np.isnan(pairs.reachable).all():
        return found
    there = _within(pairs.rtt_ms, need.limit_ms) * (pairs.reachable >= need.continuity)
    part = float(np.nan_to_num(there).mean())
    names = ("pair_low_fraction", "pair_fraction", "pair_high_fraction")
    return found | {name: part * (own >= rate) for name, own in zip(names, pairs.rate_gbps, strict=True)}


def _transfers(need: Need, cells: Users, pairs: Pairs, model: Model) -> dict[str, object]:
    """Columns of the time that one transfer takes."""
    if need.volume_bytes is None:
        return {}
    gbit = need.volume_bytes * BITS_PER_BYTE / 1e9
    down, up = need.rates_mbps
    way = 1 if up > down else 0  # it goes where more is needed
    terminal_mbps = _median_of_people(cells.terminal[way], cells.people) if need.is_of_users else None
    return {
        "transfer_mesh_h": None if pairs.rate_gbps is None or np.isnan(pairs.reachable).all() else gbit / pairs.rate_gbps[1] / SECONDS_PER_H,
        "transfer_terminal_h": gbit * MBPS_PER_GBPS / terminal_mbps / SECONDS_PER_H if terminal_mbps else None,
        "transfer_fibre_h": gbit / model("all", "fibre_rate")[1] / SECONDS_PER_H,
    }  # fmt: skip


def _median_of_people(values: NDArray[np.float64], people: NDArray[np.float64]) -> float | None:
    """The least value that half of the people have at most, of those of whom one is known; None where that is nobody."""
    known = np.flatnonzero(~np.isnan(values) & (people > 0))
    if not len(known):
        return None
    order = known[np.argsort(values[known], kind="stable")]
    so_far = np.cumsum(people[order])
    return float(values[order[np.searchsorted(so_far, so_far[-1] / 2)]])


def _missing(need: Need, cells: Users, pairs: Pairs) -> str | None:
    """What is not known, in words."""
    counted = cells.people > 0
    told = {
        "PoPs by place": np.isnan(cells.rtt_p95_ms[counted]).any() and need.is_of_users,
        "what its satellites take up": (need.up_mbps or 0) > 0
        and need.is_of_users
        and np.isnan(cells.supply[1][counted]).any(),
        "the rate of a terminal": need.is_of_users
        and any(mbps > 0 and np.isnan(cells.terminal[way][counted]).any() for way, mbps in enumerate(need.rates_mbps)),
        "whether there are lasers": need.is_of_sites and not pairs.lasers_known,
        "ways between gateways": need.is_of_sites
        and pairs.rate_gbps is not None
        and bool(np.isnan(pairs.reachable).all()),
    }
    return ", ".join(name for name, is_so in told.items() if is_so) or None
