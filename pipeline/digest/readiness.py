"""What the digest says about readiness: the strip of four tests, both indices and their pillars, and for whom AI workloads suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.digest import words
from pipeline.digest.grid import Grid, Heading
from pipeline.digest.words import DASH

Row = dict[str, Any]
FLEET = "starlink"


@dataclass(frozen=True)
class Verdict:
    """One test: what it asks, its figure against the target, the outcome in words, and when it would be passed."""

    title: str
    figure: str
    outcome: str
    crossing: str

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return f"{self.outcome}: {self.title}: {self.figure}. {self.crossing}"


@dataclass(frozen=True)
class _Test:
    """What a test asks, how its value and its target are shown, what the value counts, and what to know of it."""

    title: str
    show: Callable[[float | None], str]
    target: Callable[[float | None], str]
    of: str
    note: str = ""


TESTS = {
    "test_latency": _Test("The mesh is no slower than fibre on half of the long corridors", words.percent, words.about_percent, "of demand on corridors over 5,000 km", "delay alone"),
    "test_cut": _Test("The mesh carries a tenth of what cables do between regions", words.percent, words.about_percent, "of the cables' design, on the least of the cuts with a cited figure"),
    "test_cost": _Test("A Gbps-month of the network costs at most three times transit in twenty countries", words.count, words.count, "countries", "the network alone, without terminals and sales; transit prices largely from memory"),
    "test_availability": _Test("Two satellites are in view, and there is a way to the PoP, 99.9% of the time at nine tenths of the places with demand", words.percent, words.about_percent, "of cells with demand", "geometry, without weather"),
}  # fmt: skip
AGENTS = "agentic tool calls"


def verdicts(rows: Mapping[str, pl.DataFrame]) -> tuple[Verdict, ...]:
    """The four tests of Starlink, in order; none where readiness is not known."""
    found = {row["readiness"]: row for row in _many(rows, "readiness") if row["constellation"] == FLEET}
    return tuple(_verdict(test, found[name]) for name, test in TESTS.items() if name in found)


def passed_words(tests: tuple[Verdict, ...], what: str = "tests") -> str:
    """How many tests are passed; empty where none is known of."""
    if not tests:
        return ""
    count = sum(test.outcome == "Passed" for test in tests)
    unknown = sum(test.outcome == "Not known" for test in tests)
    return f"{count} of {len(tests)} {what} passed" + (f" ({unknown} not known)" if unknown else "")


def limits_words(rows: Mapping[str, pl.DataFrame]) -> str:
    """What the four tests do not ask, with the day's figures: capacity, and a workload that loads the network; empty where neither is known."""
    fleet = next((row for row in _many(rows, "capacity") if row["constellation"] == FLEET), {})
    sold, asked = fleet.get("sellable_down_tbps"), fleet.get("demand_down_tbps")
    agents = {row["workload"]: row["all_people_fraction"] for row in _many(rows, "workload")}.get(AGENTS)
    said = []
    if sold is not None and asked:
        said.append(f"Starlink can serve {words.about_percent(sold / asked)} of the world's broadband demand at once")
    if agents is not None:
        said.append(f"{AGENTS} work for {words.about_percent(agents)} of people when a fifth of all lines make them at once")  # fmt: skip
    return f"What the tests do not ask: {', and '.join(said)}; estimated." if said else ""


def _verdict(test: _Test, row: Row) -> Verdict:
    value = row["value_number"]
    if value is None:
        return Verdict(test.title, DASH, "Not known", f"Missing: {row['missing'] or 'its figure'}.")
    outcome = "Passed" if row["passed"] else "Not passed"
    note = f" ({test.note})" if test.note else ""
    figure = f"{test.show(value)} {test.of}, target {test.target(row['target_number'])}{note}"
    return Verdict(test.title, figure, outcome, _crossing(row))


def _crossing(row: Row) -> str:
    """When the test would be passed, by the trend of the days within the last 90; empty where it is passed."""
    text, early, late = row["trend_text"] or "", row["crossing_early_day"], row["crossing_late_day"]
    if row["crossing_day"] is not None:
        first = words.day_long(early or row["crossing_day"])
        until = (
            f"{first} to {words.day_long(late)}" if late else f"{first} at the earliest, at the trend's flat end never"
        )
        return f"At the trend of {words.days(row['trend_day_count'])} within the last 90 it is passed on {words.day_long(row['crossing_day'])} ({until})."
    if text in ("", "passed"):
        return ""
    steep = f" At its steep end on {words.day_long(early)}." if early else ""
    return f"{text[:1].upper()}{text[1:]}.{steep}"


def grids(rows: Mapping[str, pl.DataFrame]) -> tuple[Grid, ...]:
    """Return the tables that have an answer among `rows`, the answers of sql/digest/*.sql by file stem."""
    made = (
        _indices(_many(rows, "readiness"), _many(rows, "pillar")),
        _pillars(_many(rows, "pillar")),
        _users(_many(rows, "workload")),
        _sites(_many(rows, "workload")),
    )
    return tuple(grid for grid in made if grid.rows)


def _many(rows: Mapping[str, pl.DataFrame], name: str) -> list[Row]:
    return rows[name].to_dicts() if name in rows else []


TITLES = {"access": "Access", "trunk": "Trunk"}


def _indices(found: list[Row], pillars: list[Row]) -> Grid:
    headings = (
        Heading("Constellation", numeric=False),
        Heading("Index", numeric=False),
        Heading("Common pillars, 0 to 100", "Common"),
        Heading("10 to 90 % of draws", "10 to 90 %"),
        Heading("Change", mail=False),
        Heading("All pillars", "All"),
        Heading("AI demand with all pillars", mail=False),
        Heading("Not known", numeric=False, mail=False),
    )
    rows = tuple(_index_row(row) for row in found if row["readiness"] in TITLES and row["common_number"] is not None)
    unknown = sorted({row["title"] for row in found if row["readiness"] == "access" and row["common_number"] is None})
    note = (
        "From 0 to 100: weighted geometric means of pillars over AI demand, of access by country, of trunks by corridor; estimated. The common pillars leave "
        "price and permission, and cables, out: those are known of few places. All pillars: a dash where one is not known for half of the demand."
    )
    if unknown:
        note += f" No index of {words.listed(unknown)}: no gateway or PoP is known by place."
    for index, title in TITLES.items():
        low = [
            f"{row['pillar'].replace('_', ' ')} ({_one(row['score_number'])})"
            for row in pillars
            if row["readiness"] == index and _floored(row)
        ]
        if low:
            note += f" No score counts less than 1, so the {title.lower()} index does not move with {words.listed(low)} until {'it has' if len(low) == 1 else 'they have'} grown several times."  # fmt: skip
    return Grid("Readiness to be the backbone of AI", headings, rows, note)


def _floored(row: Row) -> bool:
    """Whether a pillar of the common index lies so low that its score does not count."""
    return bool(row["is_common"]) and row["score_number"] is not None and row["score_number"] < 1


def _index_row(row: Row) -> tuple[str, ...]:
    low, high = row["common_p10_number"], row["common_p90_number"]
    return (
        row["title"],
        TITLES[row["readiness"]],
        _one(row["common_number"]),
        DASH if low is None or high is None else f"{_one(low)} to {_one(high)}",
        words.signed_rounded(row["change_number"]),
        _one(row["value_number"]),
        words.percent(row["known_fraction"]),
        row["missing"].replace("_", " ") if row["missing"] else "nothing",
    )


def _span(low: float | None, high: float | None) -> str:
    """Both ends of an interval, or the one figure that both read as."""
    ends = words.percent(low), words.percent(high)
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _one(value: float | None) -> str:
    return DASH if value is None else f"{value:.1f}"


def _pillars(found: list[Row]) -> Grid:
    headings = (
        Heading("Pillar of Starlink", numeric=False),
        Heading("Weight"),
        Heading("Measured", numeric=False, mail=False),
        Heading("Score, 0 to 100", "Score"),
        Heading("Of AI demand", mail=False),
        Heading("Change of the index by it", "Change"),
        Heading("Points for one more", mail=False),
    )
    rows = tuple(_pillar_row(row) for row in found if row["readiness"] in TITLES)
    note = "Means over AI demand; the changes add up to the index's, with what demand and newly counted places do. The last two columns are of common pillars."
    return Grid("What the indices are made of", headings, rows, note, mail_rows=0)


def _pillar_row(row: Row) -> tuple[str, ...]:
    measure, unit = row["measure_number"], "" if row["unit"] in (None, "1") else f" {row['unit']}"
    return (
        f"{TITLES[row['readiness']]}: {row['pillar'].replace('_', ' ')}",
        f"{row['weight_fraction']:.2f}",
        DASH if measure is None else f"{words.about(measure)}{unit}: {row['note']}",
        _one(row["score_number"]),
        words.percent(row["known_fraction"]),
        words.signed_rounded(row["change_number"]),
        words.rounded(row["marginal_number"], 2),
    )


LIMITS = {"latency": "delay", "continuity": "gaps", "rate": "rate", "none": "nothing"}


def _users(found: list[Row]) -> Grid:
    headings = (
        Heading("Workload", numeric=False),
        Heading("One user of few", "One"),
        Heading("Everybody at once", "All"),
        Heading("Low to high", mail=False),
        Heading("Of AI demand at once", mail=False),
        Heading("On the ground", "Ground"),
        Heading("What keeps most away", "Limit", numeric=False, mail=False),
    )
    rows = tuple(_user_row(row) for row in found if row["single_people_fraction"] is not None)
    note = (
        "Of people, for whom Starlink suffices: delay to compute, rates and gaps within the workload's limits; estimated. Everybody at once: a fifth of all lines "
        "(10 to 30 %) use it, and share what the place can be sold. On the ground: lines, mobile use and measured speeds of countries."
    )
    return Grid("For whom AI workloads suffice", headings, rows, note, mail_rows=6)


def _user_row(row: Row) -> tuple[str, ...]:
    return (
        row["workload"],
        words.percent(row["single_people_fraction"]),
        words.percent(row["all_people_fraction"]),
        _span(row["all_people_low_fraction"], row["all_people_high_fraction"]),
        words.percent(row["all_ai_demand_fraction"]),
        words.percent(row["terrestrial_people_fraction"]),
        LIMITS.get(row["workload_limit"], DASH),
    )


def _sites(found: list[Row]) -> Grid:
    headings = (
        Heading("Between compute sites", numeric=False),
        Heading("Needs, Gbps", "Gbps"),
        Heading("Within, ms", mail=False),
        Heading("Over the mesh", "Mesh"),
        Heading("Low to high laser rate", mail=False),
        Heading("Over fibre", "Fibre"),
        Heading("A transfer over the mesh", mail=False),
        Heading("Over fibre, the same", mail=False),
    )
    asked = [row for row in found if row["pair_count"]]
    rows = tuple(
        _site_row(row) for row in sorted(asked, key=lambda row: (-max(row["min_down_mbps"] or 0, row["min_up_mbps"] or 0), row["workload"]))
    )  # fmt: skip
    count = asked[0]["pair_count"] if asked else 0
    note = (
        f"Part of {count} pairs of listed compute sites between which it is feasible: one way over lasers of 100 Gbps (40 to 200), gateways at both "
        "ends, nobody else on it; over fibre 400 Gbps, assumed to be rented. Estimated."
    )
    return Grid("What runs between compute sites", headings, rows, note, mail_rows=0)


def _site_row(row: Row) -> tuple[str, ...]:
    rate = max(row["min_down_mbps"] or 0, row["min_up_mbps"] or 0) / 1_000
    limit = row["max_rtt_limit_ms"]
    return (
        row["workload"],
        words.rounded(rate, 2),
        words.count(limit),
        words.percent(row["pair_fraction"]),
        _span(row["pair_low_fraction"], row["pair_high_fraction"]),
        words.percent(row["terrestrial_pair_fraction"]),
        *(DASH if row[name] is None else _time(row[name]) for name in ("transfer_mesh_h", "transfer_fibre_h")),
    )


def _time(hours: float) -> str:
    return f"{words.rounded(3_600 * hours, 2)} s" if hours < 1 / 60 else words.hours(hours)
