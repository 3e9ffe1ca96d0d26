"""Shells and planes, learned from the day's own satellites: where they keep places, and where they only wait.

A crowd at one altitude is not yet a shell: batches on their way up, and fleets that are being lowered, wait by the hundred at
altitudes where they phase. What tells the two apart is the place in the plane: in a shell satellites hold equal distances, in
a holding orbit they drift past each other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import lattice
from pipeline.table import Column, Table

TABLE = Table(
    "core.shell_daily",
    "one row per day and shell, or altitude at which satellites wait",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("shell_id", "text", "", "Shell; it keeps its name while it is moved, so the numbers in it are those of its first day", key=True),
        Column("constellation", "constellation", "", "Constellation"),
        Column("payload_class", "payload_class", "", "What its satellites carry"),
        Column("shell_kind", "shell_kind", "", "shell: satellites keep places in their planes; holding: they wait there"),
        Column("steady", "flag", "", "Whether it keeps its altitude within 0.3 km a day; only a steady shell works"),
        Column("altitude_km", "number", "km", "Median mean altitude of its satellites", 100, 40_000),
        Column("altitude_low_km", "number", "km", "5th percentile of the same", 100, 40_000),
        Column("altitude_high_km", "number", "km", "95th percentile of the same", 100, 40_000),
        Column("altitude_rate_km_per_day", "number", "km/day", "Median rate of those of them that are seen on several days; 0 where most are not", -100, 100),
        Column("inclination_deg", "number", "deg", "Median inclination", 0, 180),
        Column("satellite_count", "integer", "", "Satellites that hold that altitude and inclination, within 3.5 km", 1, 200_000),
        Column("operational_count", "integer", "", "Satellites at work in it", 0, 200_000),
        Column("waiting_count", "integer", "", "Of the satellites those on levels on which no places are kept", 0, 200_000),
        Column("plane_count", "integer", "", "Planes that hold satellites, by node", 1, 2_000),
        Column("slot_count", "integer", "", "Places per plane that the satellites keep; null in a holding orbit", 1, 1_000, nullable=True),
        Column("slot_coherence", "number", "1", "How well they keep them: 1 exactly, 0 not at all", -1, 1),
        Column("lattice_plane_count", "integer", "", "Evenly spaced planes that the nodes fit, filled or not; null where they fit none", 1, 1_000, nullable=True),
        Column("phasing", "integer", "", "Walker's F on the lattice of planes and places; null where planes keep no phase", 0, 1_000, nullable=True),
        Column("notation", "text", "", "inclination:satellites/planes/F @altitude, after Walker; where F is known the planes are those of the lattice that it counts on, occupied or not"),
    ),
)  # fmt: skip

HALF_WIDTH_KM = 3.5  # of a shell: who is steady within it is in the shell
LEVEL_KM = 1.0  # half the width of one level; levels that are closer are one
INCLINATION_GAP_DEG = 0.1
CROWD_COUNT = 6
HOLDING_COUNT = 12
KEPT_COUNT = 5  # an old shell that empties stays one down to this
LEFT_BEHIND = 0.02  # a shell of which fewer than this keep their altitude is moved as a whole
COHERENT = 0.6
LOST = 0.3
CHANCE_SIGMA = 5.0
PAIR_COUNT = 24  # fewer pairs in the same plane prove nothing
FEW_PLANES = 10
FILLED = 0.4  # of the places of few planes: a batch that travels as an even train fills a part of one
STACK_GAP_KM = 6.0
STEADY_SHELL_KM_PER_DAY = 0.3
ROUND_ECCENTRICITY = 0.005


@dataclass
class _Level:
    """One crowded altitude: its members are positions in the day's arrays."""

    altitude_km: float
    members: NDArray[np.int64]
    plane: NDArray[np.int64]
    slots: lattice.Slots
    group: int  # of inclination

    @property
    def chance(self) -> float:
        """Coherence that the best of all lattices may well have by chance."""
        return CHANCE_SIGMA / float(np.sqrt(2 * max(self.slots.pair_count, 1)))

    @property
    def is_kept(self) -> bool:
        """Whether its satellites keep places."""
        plane_count = int(self.plane.max()) + 1
        sizes = np.bincount(self.plane)
        filled = float((sizes**2).sum()) / len(self.members) / max(self.slots.count, 1)  # of its plane, for a satellite
        enough = self.slots.pair_count >= PAIR_COUNT and (plane_count >= FEW_PLANES or filled >= FILLED)
        return enough and self.slots.coherence >= max(COHERENT, self.chance)

    @property
    def is_waiting(self) -> bool:
        """Whether its satellites are seen to keep none: too few of them prove neither."""
        return self.slots.coherence < LOST and self.chance < LOST


@dataclass
class _Shell:
    """A shell, or an altitude at which satellites wait, and who is in it."""

    levels: list[_Level]
    kind: str
    members: NDArray[np.int64]
    shell_id: str = ""


# What learn() adds to each satellite; `level_km` is the altitude of its shell there, `on_level` whether others fly at its own
# altitude, `waits` whether places are not kept there.
ASSIGNED = {
    "shell_id": pl.String,
    "shell_kind": pl.String,
    "plane_id": pl.String,
    "slot": pl.Int64,
    "level_km": pl.Float64,
    "shell_rate_km_per_day": pl.Float64,
    "on_level": pl.Boolean,
    "waits": pl.Boolean,
}


def learn(rows: pl.DataFrame) -> pl.DataFrame:
    """Add to each satellite of a day the shell or holding orbit it is in, its plane and its place (null where in none).

    `rows` have constellation, payload_class, altitude_km, altitude_rate_km_per_day and state_day_count, held_rate_km_per_day and
    the steady_limit_km_per_day for it, eccentricity, inclination_deg, node_deg and latitude_argument_deg (both of one instant),
    and what the satellite had on the day before: previous_shell_id, previous_plane_id, previous_slot (null where unknown).
    Returns `rows` with the columns of ASSIGNED.
    """
    parts = []
    for key, part in rows.group_by("constellation", "payload_class", maintain_order=True):
        parts.append(_learn(part, str(key[0]), str(key[1])))
    return pl.concat(parts) if parts else rows.with_columns(pl.lit(None, k).alias(n) for n, k in ASSIGNED.items())


def table(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """core.shell_daily from the satellites of a day with what learn() added, and their state."""
    placed = rows.filter(pl.col("shell_id").is_not_null())
    found = [
        _shell_row(part, day)
        for _, part in placed.sort("shell_id", "norad_cat_id").group_by("shell_id", maintain_order=True)
    ]
    return TABLE.conform(pl.DataFrame(found, schema=TABLE.polars_schema))


def _learn(rows: pl.DataFrame, constellation: str, payload_class: str) -> pl.DataFrame:
    """Shells of one constellation and payload class."""
    if payload_class == "high_orbit":
        return _assigned(rows, [], [])
    group, calm = _inclination_groups(rows), _calm(rows)
    levels = _levels(rows, group, calm)
    shells = _shells(rows, levels, group, calm)
    waiting = _waiting(levels, shells)
    _name(rows, [*shells, *waiting], constellation, payload_class)
    return _assigned(rows, [*shells, *waiting], levels)


def _inclination_groups(rows: pl.DataFrame) -> NDArray[np.int64]:
    """Number of the inclination of each satellite: they are apart where nobody flies for 0.1 degrees."""
    inclination = rows["inclination_deg"].to_numpy()
    order = np.argsort(inclination, kind="stable")
    group = np.empty(rows.height, np.int64)
    group[order] = np.concatenate(([0], np.cumsum(np.diff(inclination[order]) > INCLINATION_GAP_DEG)))
    return group


def _calm(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """Who keeps his altitude, or moves along while all of his shell of the day before is moved, on a round orbit."""
    rate, limit = rows["held_rate_km_per_day"].to_numpy(), rows["steady_limit_km_per_day"].to_numpy()
    previous, calm = rows["previous_shell_id"].to_numpy(), np.abs(rate) <= limit
    for name, count in _counted(previous):
        here = previous == name
        if calm[here].sum() < max(KEPT_COUNT, LEFT_BEHIND * count):
            calm[here] |= np.abs(rate[here] - np.median(rate[here])) <= limit[here]
    return calm & (rows["eccentricity"].to_numpy() < ROUND_ECCENTRICITY)


def _levels(rows: pl.DataFrame, group: NDArray[np.int64], calm: NDArray[np.bool_]) -> list[_Level]:
    """Crowded altitudes of each inclination, from low to high, and whether places are kept there."""
    altitude_km, found = rows["altitude_km"].to_numpy(), []
    for number in range(int(group.max()) + 1):
        here = np.flatnonzero((group == number) & calm)
        centres = _crowds(altitude_km[here])
        if centres.size:
            nearest = np.abs(altitude_km[here][:, None] - centres).argmin(axis=1)
            near = np.abs(altitude_km[here] - centres[nearest]) <= LEVEL_KM
            members = (here[near & (nearest == k)] for k in range(centres.size))
            found += [_level(rows, m, number) for m in members if m.size]
    return found


def _crowds(altitude_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Altitudes [km] around which at least CROWD_COUNT satellites fly, the most crowded first taken, returned rising."""
    left, centres = np.sort(altitude_km), []
    while left.size >= CROWD_COUNT:
        first = np.searchsorted(left, left - LEVEL_KM / 2)
        crowd = np.searchsorted(left, left + LEVEL_KM / 2, side="right") - first
        best = int(crowd.argmax())
        if crowd[best] < CROWD_COUNT:
            break
        centre = float(np.median(left[first[best] : first[best] + crowd[best]]))
        centres.append(centre)
        left = left[np.abs(left - centre) > LEVEL_KM]
    return np.sort(np.array(centres))


def _level(rows: pl.DataFrame, members: NDArray[np.int64], group: int) -> _Level:
    node, latitude = (rows[n].to_numpy()[members] for n in ("node_deg", "latitude_argument_deg"))
    plane = lattice.planes(node)
    altitude_km = float(np.median(rows["altitude_km"].to_numpy()[members]))
    return _Level(altitude_km, members, plane, lattice.slots(latitude, plane), group)


def _shells(
    rows: pl.DataFrame, levels: list[_Level], group: NDArray[np.int64], calm: NDArray[np.bool_]
) -> list[_Shell]:
    """Levels on which places are kept, and what is left of yesterday's shells, with every calm satellite within reach."""
    heirs = _heirs(rows["previous_shell_id"].to_numpy(), levels)
    stay = [v for v in levels if v.is_kept or (id(v) in heirs and not v.is_waiting)]
    altitude_km = rows["altitude_km"].to_numpy()
    best, nearest = np.full(rows.height, HALF_WIDTH_KM), np.full(rows.height, -1)
    for number, level in enumerate(stay):
        off_km = np.where(calm & (group == level.group), np.abs(altitude_km - level.altitude_km), np.inf)
        closer = off_km <= best
        best[closer], nearest[closer] = off_km[closer], number
    stacks = _stacks(stay)
    return [_Shell([stay[k] for k in stack], "shell", np.flatnonzero(np.isin(nearest, stack))) for stack in stacks]


def _heirs(previous: NDArray[np.object_], levels: list[_Level]) -> set[int]:
    """Levels that hold most of what is left of a shell of the day before, where enough is left."""
    claims: dict[str, tuple[int, int]] = {}
    for level in levels:
        for name, count in _counted(previous[level.members]):
            claims[name] = max(claims.get(name, (0, 0)), (count, id(level)))
    return {level for count, level in claims.values() if count >= KEPT_COUNT}


def _stacks(levels: list[_Level]) -> list[list[int]]:
    """Group levels that are one shell: closer than its width, or single planes one above the other (OneWeb's are 4 km apart)."""
    stacks: list[list[int]] = []
    for number, level in enumerate(levels):
        last = levels[number - 1] if number else None
        if last and level.group == last.group and _is_stacked(last, level):
            stacks[-1].append(number)
        else:
            stacks.append([number])
    return stacks


def _is_stacked(low: _Level, high: _Level) -> bool:
    single = all(np.bincount(v.plane).max() >= 0.9 * len(v.plane) for v in (low, high))
    return high.altitude_km - low.altitude_km <= (STACK_GAP_KM if single else HALF_WIDTH_KM)


def _waiting(levels: list[_Level], shells: list[_Shell]) -> list[_Shell]:
    """Crowds outside of all shells."""
    taken = set(np.concatenate([s.members for s in shells]).tolist()) if shells else set()
    found = []
    for level in levels:
        free = np.array([m for m in level.members if m not in taken], np.int64)
        if free.size >= HOLDING_COUNT:
            found.append(_Shell([level], "holding", free))
    return found


def _name(rows: pl.DataFrame, shells: list[_Shell], constellation: str, payload_class: str) -> None:
    """Give a shell the name that most of its satellites carried on the day before, else one by its numbers, as holding orbits have."""
    previous = rows["previous_shell_id"].to_numpy()
    carried = [_counted(previous[s.members]) if s.kind == "shell" else [] for s in shells]
    for number, name in _inherited(carried).items():
        shells[number].shell_id = name
    taken = {s.shell_id for s in shells}
    for shell in shells:
        if not shell.shell_id:
            shell.shell_id = _free(_by_numbers(rows, shell, constellation, payload_class), taken)
            taken.add(shell.shell_id)


def _by_numbers(rows: pl.DataFrame, shell: _Shell, constellation: str, payload_class: str) -> str:
    inclination, altitude_km = (
        float(np.median(rows[n].to_numpy()[shell.members])) for n in ("inclination_deg", "altitude_km")
    )
    kind = "" if payload_class == "broadband" else f"-{payload_class.replace('_', '-')}"
    return f"{'holding-' if shell.kind == 'holding' else ''}{constellation}{kind}-{inclination:.1f}-{altitude_km:.0f}"


def _free(name: str, taken: set[str]) -> str:
    names = (name if number == 1 else f"{name}.{number}" for number in range(1, 1_000))
    return next(n for n in names if n not in taken)


def _inherited(carried: list[list[tuple[str, int]]]) -> dict[int, str]:
    """Who takes over which name: `carried` counts, for each heir, the names that its satellites had; the most go first."""
    claims = sorted((-count, number, name) for number, names in enumerate(carried) for name, count in names)
    heirs: dict[int, str] = {}
    for _, number, name in claims:
        if number not in heirs and name not in heirs.values():
            heirs[number] = name
    return heirs


def _counted(values: NDArray[np.object_]) -> list[tuple[str, int]]:
    """Each text among the values, and how often it is there."""
    return sorted(Counter(v for v in values if v is not None).items())


def _assigned(rows: pl.DataFrame, shells: list[_Shell], levels: list[_Level]) -> pl.DataFrame:
    """Write shells into columns; planes and places keep the numbers of the day before where most of their satellites agree."""
    out = {name: np.full(rows.height, None, object) for name in ASSIGNED}
    rate, altitude_km = (rows[n].to_numpy() for n in ("altitude_rate_km_per_day", "altitude_km"))
    waits, on_level = np.zeros(rows.height, bool), np.zeros(rows.height, bool)
    seen = rows["state_day_count"].to_numpy() > 1
    for level in levels:
        waits[level.members], on_level[level.members] = level.is_waiting, True
    for shell in shells:
        members = shell.members
        heights = np.array([v.altitude_km for v in shell.levels])
        out["shell_id"][members], out["shell_kind"][members] = shell.shell_id, shell.kind
        out["level_km"][members] = heights[np.abs(altitude_km[members][:, None] - heights).argmin(axis=1)]
        out["shell_rate_km_per_day"][members] = _common_rate(rate[members], seen[members])
        out["waits"][members], out["on_level"][members] = waits[members], on_level[members]
        if shell.kind == "shell":
            _lay_out(rows, shell, out)
    columns = [pl.Series(n, out[n].tolist(), dtype=k) for n, k in ASSIGNED.items()]
    return rows.with_columns(columns)


def _common_rate(rate_km_per_day: NDArray[np.float64], seen: NDArray[np.bool_]) -> float:
    """Rate of a shell [km/day]: the median of those seen on several days; 0 where too few were, for thrust hides in one day's."""
    return float(np.median(rate_km_per_day[seen])) if 2 * seen.sum() >= seen.size else 0.0


def _lay_out(rows: pl.DataFrame, shell: _Shell, out: dict[str, NDArray[np.object_]]) -> None:
    """Planes of one shell, and places on the levels on which they are kept."""
    node, latitude = (rows[n].to_numpy()[shell.members] for n in ("node_deg", "latitude_argument_deg"))
    plane = lattice.planes(node)
    previous = rows["previous_plane_id"].to_numpy()[shell.members]
    names = _plane_names(previous, plane, shell.shell_id)
    out["plane_id"][shell.members] = names
    kept = np.flatnonzero(~out["waits"][shell.members].astype(bool))
    count = max(shell.levels, key=lambda v: len(v.members)).slots.count
    if not count or not kept.size:
        return
    numbers = lattice.slot_numbers(latitude[kept], plane[kept], count)
    before = rows["previous_slot"].to_numpy()[shell.members][kept]
    known = (previous[kept] == names[kept]) & ~np.isnan(before.astype(float))
    for k in np.unique(plane[kept]):
        here = plane[kept] == k
        both = here & known
        shift = _most((before[both].astype(np.int64) - numbers[both]) % count)
        numbers[here] = (numbers[here] + shift) % count
    out["slot"][shell.members[kept]] = numbers


def _plane_names(previous: NDArray[np.object_], plane: NDArray[np.int64], shell_id: str) -> NDArray[np.object_]:
    """Name each plane as most of its satellites' plane was named the day before; new ones get the first free numbers."""
    count = int(plane.max()) + 1
    carried = [[c for c in _counted(previous[plane == k]) if c[0].startswith(f"{shell_id}/")] for k in range(count)]
    names = _inherited(carried)
    taken = set(names.values())
    free = (n for n in (f"{shell_id}/p{number:03d}" for number in range(1, 10_000)) if n not in taken)
    for k in range(count):
        names.setdefault(k, "")
        names[k] = names[k] or next(free)
    return np.array([names[k] for k in plane], object)


def _most(values: NDArray[np.int64]) -> int:
    return int(np.bincount(values).argmax()) if values.size else 0


def _shell_row(part: pl.DataFrame, day: date) -> dict[str, object]:
    """One row of core.shell_daily from the satellites in it."""
    node, latitude = part["node_deg"].to_numpy(), part["latitude_argument_deg"].to_numpy()
    shell = part["shell_kind"][0] == "shell"
    slots, level_count = _level_slots(part)
    plane_count = int(lattice.planes(node).max()) + 1
    spacing = lattice.plane_spacing(node) if shell and plane_count > 1 else None
    spacing = (
        spacing if spacing and 2 * plane_count >= spacing else None
    )  # fewer planes than gaps fit too many lattices
    phase = lattice.phasing(node, latitude, spacing, slots.count) if spacing and level_count == 1 else None
    inclination, altitude_km = (float(np.median(part[n].to_numpy())) for n in ("inclination_deg", "altitude_km"))
    rate = float(part["shell_rate_km_per_day"][0])
    low, high = (float(q) for q in np.quantile(part["altitude_km"].to_numpy(), (0.05, 0.95)))
    return {
        "day": day,
        "shell_id": part["shell_id"][0],
        "constellation": part["constellation"][0],
        "payload_class": part["payload_class"][0],
        "shell_kind": part["shell_kind"][0],
        "steady": abs(rate) <= STEADY_SHELL_KM_PER_DAY,
        "altitude_km": altitude_km,
        "altitude_low_km": low,
        "altitude_high_km": high,
        "altitude_rate_km_per_day": rate,
        "inclination_deg": inclination,
        "satellite_count": part.height,
        "operational_count": int((part["state"] == "operational").sum()),
        "waiting_count": int(part["waits"].sum()),
        "plane_count": plane_count,
        "slot_count": slots.count if shell and slots.count else None,
        "slot_coherence": slots.coherence,
        "lattice_plane_count": spacing,
        "phasing": phase,
        "notation": f"{inclination:.1f}:{part.height}/{plane_count if phase is None else spacing}/{'-' if phase is None else phase} @{altitude_km:.0f}",
    }


def _level_slots(part: pl.DataFrame) -> tuple[lattice.Slots, int]:
    """Places that the satellites of a shell keep, level by level (planes at different altitudes drift apart), and how many levels."""
    found = []
    kept = part.filter(~pl.col("waits")) if part["waits"].not_().any() else part
    for _, level in kept.group_by("level_km", maintain_order=True):
        plane = lattice.planes(level["node_deg"].to_numpy())
        found.append(lattice.slots(level["latitude_argument_deg"].to_numpy(), plane))
    pair_count = sum(s.pair_count for s in found)
    coherence = sum(s.coherence * s.pair_count for s in found) / max(pair_count, 1)
    largest = max(found, key=lambda s: (s.pair_count, s.count))
    return lattice.Slots(largest.count, coherence, pair_count), len(found)
