"""Rows to one Digest: everything that page, mail and text say about a day, decided once and in one place."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.digest import capacity, demand, market, network, readiness, words
from pipeline.digest.grid import Grid, Heading
from pipeline.digest.words import DASH
from pipeline.source import Source

Row = dict[str, Any]
Rows = Mapping[str, pl.DataFrame]

QUESTION = "Will the satellite network become the backbone of AI infrastructure?"

# Readers get these with every day: what the model leaves out whatever the data say.
LEFT_OUT = (
    "Who points lasers at whom is not public: the delay is over a plus grid, and rain, load and queues are in its overhead alone.",
    "In view is not in service: licences, price, terminals, obstructions and weather are not counted.",
    "Each satellite is shared by all users below it, and fed by few gateways: installed capacity is not what can be sold.",
)
# What ships with the package and therefore never lands.
CREDITS = (
    "Coastlines and borders: Natural Earth, public domain.",
    "Country facts: World Bank, CC BY 4.0.",
)
PAYLOAD_TITLES = {
    "broadband": "broadband",
    "direct_to_cell": "direct to cell",
    "test": "test",
    "high_orbit": "high orbit",
}
FORMATS: dict[str, tuple[Callable[[float | None], str], Callable[[float | None], str]]] = {
    "count": (words.count, words.signed_count),
    "number": (words.rounded, words.signed_rounded),
    "delay": (lambda value: words.rounded(value, 2), words.signed_rounded),
    "share": (words.percent, words.signed_points),
}


@dataclass(frozen=True)
class Figure:
    """One figure of the day. `kind` is a key of FORMATS; `low`..`high` its interval; `basis` says what the interval is.

    `previous` is its value on `previous_day`, the last published day before (both None on the first day).
    """

    name: str
    title: str
    kind: str
    value: float | None
    unit: str
    basis: str
    low: float | None = None
    high: float | None = None
    previous: float | None = None
    previous_day: date | None = None
    note: str = ""
    estimated: bool = False

    @property
    def value_text(self) -> str:
        """The value as printed, without its unit."""
        return FORMATS[self.kind][0](self.value)

    @property
    def interval_text(self) -> str:
        """The interval with its basis, or the basis alone where there is no interval."""
        if self.value is None or self.low is None or self.high is None:
            return self.basis[:1].upper() + self.basis[1:] if self.value is not None else ""
        show = FORMATS[self.kind][0]
        unit = f" {self.unit}" if self.kind in ("number", "delay") else ""
        return f"{show(self.low)} to {show(self.high)}{unit}, {self.basis}"

    @property
    def change_text(self) -> str:
        """The change with the day it is measured from."""
        if self.previous_day is None:
            return f"{DASH} first day"
        since = f"since {words.day_short(self.previous_day)}"
        return f"{FORMATS[self.kind][1](_change(self.value, self.previous))} {since}"


@dataclass(frozen=True)
class Banner:
    """One line of the state bar: `kind` is synthetic, withheld, aged or plain."""

    kind: str
    label: str
    text: str


@dataclass(frozen=True)
class Digest:
    """What a day says. A notice has no figures: `withheld` is its reason, `state` what became of the day."""

    day: date
    headline: str
    why: str
    sure: str
    banners: tuple[Banner, ...]
    previous_day: date | None = None
    synthetic: bool = False
    withheld: str = ""
    state: str = ""
    figures: tuple[Figure, ...] = ()
    tests: tuple[readiness.Verdict, ...] = ()
    tests_note: str = ""
    answers: tuple[Grid, ...] = ()
    fleet: Grid | None = None
    changes: Grid | None = None
    waterfall: Grid | None = None
    events: tuple[str, ...] = ()
    generations: Grid | None = None
    countries: Grid | None = None
    capacity: tuple[Grid, ...] = ()
    network: tuple[Grid, ...] = ()
    demand: tuple[Grid, ...] = ()
    sources: Grid | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    credits: tuple[str, ...] = CREDITS
    map_alt: str = ""
    map_caption: str = ""
    lid_alt: str = ""
    lid_caption: str = ""

    @property
    def day_text(self) -> str:
        """The day as 17 August 2026."""
        return words.day_long(self.day)

    @property
    def tests_text(self) -> str:
        """How many of the tests are passed; empty where readiness is not known."""
        return readiness.passed_words(self.tests)

    @property
    def mail_grids(self) -> tuple[Grid, ...]:
        """The tables of the mail after the fleets, as far as a mail has room for them."""
        grids = (*self.answers, self.countries, *self.capacity, *self.network, *self.demand)
        return tuple(grid.for_mail() for grid in grids if grid and grid.rows and grid.mail_rows != 0)

    @property
    def subject(self) -> str:
        """Subject of the mail: state in words first, then the day, then the first figures."""
        states = [self.state] * bool(self.withheld) + ["Synthetic sample"] * self.synthetic
        said = "" if self.withheld else f" | {self.headline.rstrip('.')}"
        return ": ".join([*states, f"Skytrunk {self.day_text}{said}"])


def compose(rows: Rows, day: date, sources: Mapping[str, Source] | None = None) -> Digest:
    """Return the digest of `day` from the answers of sql/digest/*.sql, keyed by file stem.

    `sources` are the declared sources by name: their titles, and what is missing without them. An absent or empty
    answer is missing, never zero; Nothing here knows a clock: the same rows give the same digest.
    """
    state = _one(rows, "state")
    fleets = {row["constellation"]: row for row in _many(rows, "fleet")}
    people = {row["constellation"]: row for row in _many(rows, "people")}
    previous_day = state.get("previous_day")
    figures = _figures(fleets, people, _one(rows, "model"), previous_day)
    sold = next((row for row in _many(rows, "capacity") if row["constellation"] == "starlink"), {})
    tests, declared = readiness.verdicts(rows), dict(sources or {})
    alt, note = _map_words(rows, fleets, people)
    lid_alt, lid_note = capacity.lid_words(rows)
    return Digest(
        day=day,
        previous_day=previous_day,
        synthetic=bool(state.get("synthetic")),
        banners=(*_banners(state, day), *_flagged(_many(rows, "generation")), *_one_day(state)),
        headline=_headline(figures, sold.get("sellable_down_tbps"), tests),
        why=_why(fleets, figures, previous_day),
        sure=_sure(figures, sold, state),
        figures=figures,
        tests=tests,
        tests_note=readiness.limits_words(rows) if tests else "",
        answers=(*readiness.grids(rows), *market.grids(rows)),
        fleet=_fleet_grid(list(fleets.values()), previous_day),
        changes=_change_grid(_many(rows, "change")),
        waterfall=_waterfall_grid(_many(rows, "waterfall")),
        events=_events(_many(rows, "event")),
        generations=_generation_grid(_many(rows, "generation"), previous_day),
        countries=_country_grid(_many(rows, "country")),
        capacity=capacity.grids(rows),
        network=network.grids(rows),
        demand=demand.grids(rows),
        sources=_source_grid(_many(rows, "source"), day, declared),
        missing=_missing(rows, fleets, people, declared),
        warnings=tuple(row["message"] for row in _many(rows, "warning")),
        excluded=_excluded(_many(rows, "exclusion")),
        map_alt=alt,
        map_caption=note,
        lid_alt=lid_alt,
        lid_caption=lid_note,
    )


def compose_notice(
    day: date, reason: str, last_published_day: date | None, synthetic: bool = False, has: str = "nothing"
) -> Digest:
    """Return the notice of a day that is withheld or failed: the reason, and what stands instead.

    `has` is what there is of the day: nothing, its published tables, its edition (tables, page and mail), or unknown where
    the published file cannot be read. `last_published_day` lies before `day`.
    """
    state, headline, banner, stands = _NOTICES[has]
    if has == "nothing" and last_published_day:
        stands = f"The last published day is {words.day_long(last_published_day)}; its figures stand."
    text = reason.strip().rstrip(".") + "."
    banners = [Banner("synthetic", "Synthetic sample", _SYNTHETIC_NOTICE)] if synthetic else []
    return Digest(
        day=day,
        previous_day=last_published_day,
        synthetic=synthetic,
        withheld=reason.strip(),
        state=state,
        banners=(Banner("withheld", state, banner), *banners),
        credits=(),
        headline=headline.format(day=words.day_long(day)),
        why=text[:1].upper() + text[1:],
        sure=stands,
    )


_SYNTHETIC = "These figures come from a made-up catalog, written from the observed shells. They measure nothing."
_SYNTHETIC_NOTICE = "The catalog of this day is made up. Nothing about it measures a real fleet."
_NO_FIGURES = "There are no figures for this day."
# What there is of a day: state, headline, banner, and what stands.
_NOTICES = {
    "nothing": ("Withheld", "No figures for {day}", _NO_FIGURES, "No day has been published yet."),
    "unknown": (
        "Withheld", "No figures for {day}", _NO_FIGURES, "Which day was published last is not known: the published file cannot be read.",
    ),
    "tables": (
        "No page", "No page and no mail for {day}", "The tables of this day are published; page and mail could not be made.",
        "The tables of this day are published and can be queried; only its page and mail are missing.",
    ),
    "edition": (
        "Run failed", "{day} was run again and failed", "The page and the mail of this day stay as they were.",
        "What was published of this day before stands.",
    ),
}  # fmt: skip


def _one(rows: Rows, name: str) -> Row:
    found = _many(rows, name)
    return found[0] if found else {}


def _many(rows: Rows, name: str) -> list[Row]:
    return rows[name].to_dicts() if name in rows else []


def _change(value: float | None, previous: float | None) -> float | None:
    return None if value is None or previous is None else value - previous


def _banners(state: Row, day: date) -> tuple[Banner, ...]:
    found = [Banner("synthetic", "Synthetic sample", _SYNTHETIC)] if state.get("synthetic") else []
    catalog_day = state.get("catalog_day")
    if catalog_day is None:
        return (*found, Banner("aged", "Catalog", "It is not recorded when the catalog was landed."))
    age = (day - catalog_day).days
    landed = words.day_long(catalog_day)
    if age > 0:
        text = (
            f"Landed {landed}: {words.days(age)} old. Satellites that came or went since then are not in the figures."
        )
        return (*found, Banner("aged", "Old catalog", text))
    elements = state.get("element_age_p50_h")
    median = f" The median element set is {words.hours(elements)} old at noon." if elements is not None else ""
    return (*found, Banner("plain", "Catalog", f"Landed {landed}, the day itself.{median}"))


def _flagged(generations: list[Row]) -> list[Banner]:
    """Satellites of a block that no rule knows: a new generation, perhaps, and the analyst should look. Who has no name yet is no news."""
    flagged = [row for row in generations if row["flagged"]]
    new = _of_fleets(flagged, lambda row: row["satellite_count"] - row["nameless_count"])
    nameless = _of_fleets(flagged, lambda row: row["nameless_count"])
    known_later = "conservative figures stand in until"
    return [
        Banner("aged", label, f"{said} {text}")
        for label, said, text in (
            ("New block", new, f"are of no known generation: {known_later} a rule knows them."),
            ("No names", nameless, f"have no name yet, which tells the generation: {known_later} they have."),
        )
        if said
    ]


def _of_fleets(rows: list[Row], count: Callable[[Row], int]) -> str:
    return words.listed([f"{words.count(count(row))} of {row['title']}" for row in rows if count(row)])


def _one_day(state: Row) -> list[Banner]:
    """A day without landed days behind it: states rest on its own elements alone."""
    if state.get("state_day_p50_count") != 1:
        return []
    text = "No landed day lies close behind this one: who works, rises or sinks rests on one day of elements."
    return [Banner("aged", "One day", text)]


def _figures(
    fleets: dict[str, Row], people: dict[str, Row], model: Row, previous_day: date | None
) -> tuple[Figure, ...]:
    fleet, served = fleets.get("starlink", {}), people.get("starlink", {})
    mask, leo_mask = _mask(fleet), _mask(fleets.get("amazon_leo", {}))
    return (
        Figure(
            "starlink_at_work", "Starlink broadband satellites at work", "count", fleet.get("broadband_operational_count"),
            "satellites", "read from the orbits of the catalog", previous=fleet.get("previous_broadband_operational_count"),
            previous_day=previous_day, note="On station in a steady shell; direct-to-cell satellites are not among them.",
        ),
        Figure(
            "starlink_installed", "Starlink downlink installed", "number", fleet.get("installed_down_tbps"), "Tbps",
            "low to high figure of every generation", fleet.get("installed_down_low_tbps"), fleet.get("installed_down_high_tbps"),
            fleet.get("previous_installed_down_tbps"), previous_day, "No operator publishes it for each satellite.", estimated=True,
        ),
        Figure(
            "starlink_people", "People with a Starlink satellite in view all day", "share", served.get("always_covered_fraction"),
            "of people", f"for this catalog and {mask}", previous=served.get("previous_always_covered_fraction"),
            previous_day=previous_day, note="In view is not in service: licences and terminals are not counted.",
        ),
        _delay(served, model, previous_day),
        Figure(
            "amazon_leo_people", "Amazon Leo in view", "share", people.get("amazon_leo", {}).get("covered_fraction"),
            "of people and time", f"for this catalog and {leo_mask}",
            previous=people.get("amazon_leo", {}).get("previous_covered_fraction"), previous_day=previous_day,
            note="Time with at least one of its broadband satellites at work above the mask.",
        ),
    )  # fmt: skip


def _delay(served: Row, model: Row, previous_day: date | None) -> Figure:
    """Return the delay with what the model is wrong by, on countries that it was not fitted on."""
    p50_ms, error_ms = served.get("rtt_pop_p50_ms"), model.get("mae_ms")
    low, high = (None, None) if p50_ms is None or error_ms is None else (p50_ms - error_ms, p50_ms + error_ms)
    basis = (
        f"wrong by {words.rounded(error_ms, 2)} ms on average in {model['country_count']} countries with measured medians that it was not fitted on"
        if error_ms is not None
        else "median of the day, without an interval"
    )
    note = (
        "To the PoP that serves the country, by bent pipe or lasers, whichever is shorter. Median of the day (95th percentile "
        f"{words.rounded(served.get('rtt_pop_p95_ms'), 2)}), weighted by people and time with a path ({words.percent(served.get('reachable_fraction'))})."
    )
    title, before = "Round trip to the Starlink PoP", served.get("previous_rtt_pop_p50_ms")
    return Figure(
        "starlink_rtt", title, "delay", p50_ms, "ms", basis, low, high, before, previous_day, note, estimated=True
    )


def _mask(fleet: Row) -> str:
    mask = fleet.get("min_elevation_deg")
    return f"a mask of {words.rounded(mask, 2)}°" if mask is not None else "the filed mask"


def _headline(figures: tuple[Figure, ...], sold_tbps: float | None, tests: tuple[readiness.Verdict, ...]) -> str:
    """Return the first three of what is known: capacity and the tests, and where they are not known the fleet and whom it sees."""
    at_work, installed, people, rtt, _ = figures
    parts = [
        f"{installed.value_text} Tbps installed" if installed.value is not None else "",
        f"{words.rounded(sold_tbps, 2)}{'' if installed.value is not None else ' Tbps'} can be sold"
        if sold_tbps is not None
        else "",
        readiness.passed_words(tests, "backbone tests"),
        f"{at_work.value_text} satellites at work" if at_work.value is not None else "",
        f"in view of {people.value_text.replace('>', 'more than')} of people all day"
        if people.value is not None
        else "",
        f"{rtt.value_text} ms to a PoP" if rtt.value is not None else "",
    ]
    said = [part for part in parts if part][:3]
    return f"Starlink: {', '.join(said)}" if said else "Starlink: no figures for this day"


def _why(fleets: dict[str, Row], figures: tuple[Figure, ...], previous_day: date | None) -> str:
    fleet = fleets.get("starlink", {})
    if fleet.get("satellite_count") is None:
        return "The fleet of this day is missing."
    others = [row for name, row in fleets.items() if name != "starlink" and row["satellite_count"]]
    rivals = sum(row["broadband_operational_count"] or 0 for row in others) if others else None
    stand = (
        f"{words.count(fleet['broadband_operational_count'])} of {words.count(fleet['satellite_count'])} catalogued Starlinks "
        f"are broadband satellites on station; "
        + (
            f"the other fleets together have {words.count(rivals)}"
            if others
            else "no other fleet is in the catalog of the day"
        )
    )
    if previous_day is None:
        return f"{stand}. This is the first published day, so there is no change to report."
    moves = _moves(fleets)
    since = f"since {words.day_long(previous_day)}"
    return f"{stand}. At work {since}: {moves}." if moves else f"{stand}. No fleet at work has changed {since}."


def _moves(fleets: dict[str, Row]) -> str:
    found = []
    for row in fleets.values():
        change = _change(row["broadband_operational_count"], row["previous_broadband_operational_count"])
        if change:
            found.append(f"{row['title']} {words.signed_count(change)}")
    return words.listed(found)


def _sure(figures: tuple[Figure, ...], sold: Row, state: Row) -> str:
    installed, rtt = figures[1], figures[3]
    parts = []
    if installed.value and installed.low is not None and installed.high is not None:
        width = (installed.high - installed.low) / installed.value
        parts.append(
            f"the installed capacity may lie anywhere from {words.rounded(installed.low)} to {words.rounded(installed.high)} Tbps "
            f"(a width of {words.rounded(100 * width, 2)}%)"
        )
    low, high = sold.get("sellable_down_p10_tbps"), sold.get("sellable_down_p90_tbps")
    if low is not None and high is not None:
        parts.append(
            f"what can be sold is {words.rounded(low, 2)} to {words.rounded(high, 2)} Tbps in eight of ten draws"
        )
    if rtt.value is not None:
        parts.append(f"the delay is modelled, {rtt.basis}")
    age = state.get("element_age_p95_h")
    if age is not None:
        parts.append(f"19 of 20 satellites have elements younger than {words.rounded(age, 2)} h at noon")
    exact = "Catalogued counts are exact; at work is read from orbits, not told by the operator"
    return "; ".join([exact, *parts]) + "." if parts else "There is nothing to judge."


def _fleet_grid(fleets: list[Row], previous_day: date | None) -> Grid:
    since = f"Since {words.day_short(previous_day)}" if previous_day else "Change"
    headings = (
        Heading("Constellation", "Fleet", numeric=False),
        Heading("Catalogued", "Catalog", mail=False),
        Heading("Broadband at work", "At work"),
        Heading(since, since),
        Heading("Direct to cell at work", "To cell", mail=False),
        Heading("Installed Tbps", "Tbps"),
        Heading("Low to high", "Low to high"),
    )
    note = "At work: on station in a steady shell. Tbps: broadband downlink of all catalogued satellites, base figure."
    return Grid("The fleets", headings, tuple(_fleet_row(row) for row in fleets), note)


def _fleet_row(row: Row) -> tuple[str, ...]:
    change = _change(row["broadband_operational_count"], row["previous_broadband_operational_count"])
    if not row["satellite_count"]:  # no row is no news: the file may hold one constellation alone
        return (row["title"], "none listed", DASH, words.signed_count(change), DASH, DASH, DASH)
    return (
        row["title"],
        words.count(row["satellite_count"]),
        words.count(row["broadband_operational_count"]),
        words.signed_count(change),
        words.count(row["direct_to_cell_count"]) if row["direct_to_cell_count"] else "none",
        words.rounded(row["installed_down_tbps"]),
        _interval(row["installed_down_low_tbps"], row["installed_down_high_tbps"]),
    )


def _interval(low: float | None, high: float | None) -> str:
    return DASH if low is None or high is None else f"{words.rounded(low)} to {words.rounded(high)}"


def _change_grid(changes: list[Row]) -> Grid | None:
    """Return changes over 7, 30 and 90 days; what compares with a reconstructed day carries a mark. None where nothing is known."""
    if all(row[f"satellite_change_{k}d_count"] is None for row in changes for k in (7, 30, 90)):
        return None
    headings = (
        Heading("Constellation", "Fleet", numeric=False),
        *(Heading(f"Catalogued, {k} days", f"Catalog {k} d") for k in (7, 30, 90)),
        *(Heading(f"At work, {k} days", mail=False) for k in (7, 30, 90)),
    )
    note = (
        "r: against a reconstructed day, from launches and losses. Who was at work on a day that was not observed is not "
        "known."
    )
    return Grid("The fleets over weeks and months", headings, tuple(_change_row(row) for row in changes), note)


def _change_row(row: Row) -> tuple[str, ...]:
    catalogued = (
        words.signed_count(row[f"satellite_change_{k}d_count"]) + (" r" if row[f"reconstructed_{k}d"] else "")
        for k in (7, 30, 90)
    )
    return (row["title"], *catalogued, *(words.signed_count(row[f"working_change_{k}d_count"]) for k in (7, 30, 90)))


# Steps of the waterfall in the order of a satellite's life; who kept his state is not printed.
STEPS = {
    "launched": "Launched", "reappeared": "Back", "raised": "Raised", "lowered": "Lowered", "moved": "Moved", "decayed": "Decayed",
    "vanished": "Vanished", "reassessed": "Reassessed",
}  # fmt: skip


def _waterfall_grid(flows: list[Row]) -> Grid | None:
    """Return the waterfall of the day: satellites by step, and what the steps add to what works."""
    if not flows:
        return None
    fleets: dict[str, dict[str, Row]] = {row["title"]: {} for row in flows}
    for row in flows:
        fleets[row["title"]][row["step"]] = row
    headings = (
        Heading("Constellation", "Fleet", numeric=False),
        *(Heading(title) for title in STEPS.values()),
        Heading("At work"),
        Heading("Tbps in service", "Tbps in service"),
    )
    note = (
        f"Since {words.day_long(flows[0]['before_day'])}. Raised: reached a shell; lowered: sank out of one; moved: between shells, or to "
        "and from one without sinking; decayed: of those listed before; vanished: no longer listed, which is no decay; "
        "reassessed: nothing moved, but a state that rested on one day is better known. In brackets: what a step adds to those at work, "
        "where some of its satellites did not work before or do not now."
    )
    return Grid("The waterfall of the day", headings, tuple(_waterfall_row(k, v) for k, v in fleets.items()), note)


def _waterfall_row(title: str, steps: dict[str, Row]) -> tuple[str, ...]:
    working = sum(row["working_change_count"] for row in steps.values())
    known = [row["in_service_change_tbps"] for row in steps.values()]
    tbps = None if any(value is None for value in known) else sum(known)
    return (
        title,
        *(_step(steps[step]) if step in steps else "0" for step in STEPS),
        words.signed_count(working) if working else "0",
        words.signed_rounded(tbps) if tbps != 0 else "0",
    )


def _step(row: Row) -> str:
    """Satellites that took a step, and what that adds to what works where it is not the same number."""
    count, working = row["satellite_count"], row["working_change_count"]
    return words.count(count) if abs(working) in (0, count) else f"{words.count(count)} ({words.signed_count(working)})"


EVENT_WORDS = {
    "launched": "launched", "vanished": "no longer listed", "reappeared": "listed again", "decayed": "decayed",
    "decay_predicted": "about to come down", "renumbered": "with another number", "renamed": "with another name",
}  # fmt: skip
NAMED = 8
REASON_LENGTH = 280


def _events(found: list[Row]) -> tuple[str, ...]:
    """One sentence per kind of event and constellation, launches one by one."""
    order = list(EVENT_WORDS)
    return tuple(_event(row) for row in sorted(found, key=lambda row: order.index(row["event"])))


def _event(row: Row) -> str:
    names = row["names"].split("|")
    if row["event"] == "launched":
        launch = row["launch"] or "without a designator"
        count = row["satellite_count"]
        return f"{row['title']}, launch {launch}: {words.count(count)} {'satellite is' if count == 1 else 'satellites are'} listed for the first time."
    more = f" and {words.count(len(names) - NAMED)} more" if len(names) > NAMED else ""
    said = f"{row['title']}: {words.count(row['satellite_count'])} {EVENT_WORDS[row['event']]}: {', '.join(names[:NAMED])}{more}."
    evidence = row["evidence"][:1].upper() + row["evidence"][1:]
    return f"{said} {evidence}." if len(names) == 1 else said


def _generation_grid(generations: list[Row], previous_day: date | None) -> Grid:
    since = f"Since {words.day_short(previous_day)}" if previous_day else "Change"
    headings = (
        Heading("Generation", numeric=False),
        Heading("Fleet", numeric=False, mail=False),
        Heading("Carries", numeric=False, mail=False),
        Heading("Catalogued", "Catalog"),
        Heading("At work"),
        Heading(since),
        Heading("Gbps each", "Gbps"),
        Heading("Low to high", mail=False),
        Heading("Confidence", numeric=False, mail=False),
    )
    note = "Gbps: broadband downlink of one satellite. Confidence is that of the figure's source."
    return Grid("The generations", headings, tuple(_generation_row(row) for row in generations), note)


def _generation_row(row: Row) -> tuple[str, ...]:
    return (
        f"{row['generation']} (flagged)" if row["flagged"] else str(row["generation"]),
        row["title"],
        PAYLOAD_TITLES[row["payload_class"]],
        words.count(row["satellite_count"]),
        words.count(row["operational_count"]),
        words.signed_count(_change(row["operational_count"], row["previous_operational_count"])),
        words.rounded(row["down_gbps_per_satellite"]),
        DASH if row["down_gbps_per_satellite"] is None else _interval(row["down_low_gbps"], row["down_high_gbps"]),
        str(row["confidence"] or DASH),
    )


def _country_grid(countries: list[Row]) -> Grid:
    headings = (
        Heading("Country", numeric=False),
        Heading("People"),
        Heading("With a path to a PoP", mail=False),
        Heading("Round trip to the PoP, ms", "ms"),
        Heading("Measured, ms", "Measured"),
        Heading("To compute, ms", mail=False),
        Heading("Over lasers", mail=False),
        Heading("Amazon Leo in view", mail=False),
    )
    note = (
        "First where most people are without a path to a Starlink PoP, then where most people are. Shares are of people and time; medians, estimated, "
        "beside those that the operator publishes; compute is the site nearest to the PoP. A path is physics, not a licence."
    )
    return Grid("Delay by country", headings, tuple(_country_row(row) for row in countries), note, mail_rows=6)


def _country_row(row: Row) -> tuple[str, ...]:
    return (
        row["title"],
        words.people(row["population_count"]),
        words.percent(row["reachable_fraction"]),
        *(words.rounded(row[name], 2) for name in ("rtt_pop_p50_ms", "measured_p50_ms", "rtt_gpu_p50_ms")),
        words.percent(row["mesh_path_fraction"]),
        words.percent(row["amazon_leo_covered_fraction"]),
    )


def _source_grid(landed: list[Row], day: date, declared: Mapping[str, Source]) -> Grid:
    headings = (
        Heading("Source", numeric=False),
        Heading("Landed", numeric=False),
        Heading("Age", numeric=False),
        Heading("Licence", numeric=False),
        Heading("Citation", numeric=False, mail=False),
    )
    rows = []
    for row in landed:
        title = declared[row["source"]].title if row["source"] in declared else row["source"]
        age = (day - row["landed_day"]).days
        old = "same day" if age == 0 else words.days(abs(age)) + (" ahead" if age < 0 else "")
        state = " (synthetic)" if row["synthetic"] else ""
        rows.append((title + state, row["landed_day"].isoformat(), old, row["licence"], row["citation"]))
    return Grid("Sources and licences", headings, tuple(rows))


def _missing(
    rows: Rows, fleets: dict[str, Row], people: dict[str, Row], declared: Mapping[str, Source]
) -> tuple[str, ...]:
    landed = {row["source"] for row in _many(rows, "source")}
    found = [
        f"Not read today: {s.title}. Missing without it: {s.missing.rstrip('.')}."
        for name, s in declared.items()
        if name not in landed and not s.by_hand
    ]
    titles = {name: row["title"] for name, row in fleets.items()}
    mute = [titles.get(name, name) for name, row in people.items() if row["rtt_pop_p50_ms"] is None]
    if mute:
        found.append(f"No PoPs are known for {words.listed(mute)}: their latency is a dash.")
    unknown = [row["title"] for row in fleets.values() if row["installed_down_tbps"] is None]
    if unknown:
        found.append(f"No capacity figure is known for {words.listed(unknown)}: their Tbps are a dash.")
    found += [f"There is no figure for: {name}." for name in _absent(rows)]
    flagged = sum(row["satellite_count"] for row in _many(rows, "generation") if row["flagged"])
    if flagged:
        found.append(f"{words.count(flagged)} satellites are of an unknown generation: conservative figures stand in.")
    return (*found, *LEFT_OUT)


def _absent(rows: Rows) -> list[str]:
    answers = {"fleet": "the fleets", "people": "people and coverage", "map": "the map", "country": "the countries"}
    return [title for name, title in answers.items() if not _many_exist(rows, name)]


def _many_exist(rows: Rows, name: str) -> bool:
    return name in rows and not rows[name].is_empty()


def _excluded(found: list[Row]) -> tuple[str, ...]:
    return tuple(
        f"{words.count(row['row_count'])} of {row['source']}: {_shortened(row['reason'])} (for example {row['example']})"
        for row in found
    )


def _shortened(reason: str) -> str:
    """A reason without the end of a long list: meta.exclusion has all of it."""
    return textwrap.shorten(reason, REASON_LENGTH, placeholder=" ... (all in meta.exclusion)")


def _map_words(rows: Rows, fleets: dict[str, Row], people: dict[str, Row]) -> tuple[str, str]:
    if not _many_exist(rows, "map"):
        return "No map: the grid of this day is not at hand.", ""
    latitude = pl.col("latitude_deg").round().alias("latitude_deg")
    seen = rows["map"].group_by(latitude).agg(pl.col("visible_mean_count").mean()).drop_nulls().sort("latitude_deg")
    if seen.is_empty():
        return "No map: the grid of this day holds no figures.", ""
    most = seen.sort("visible_mean_count", "latitude_deg").row(-1, named=True)
    least = seen.sort("visible_mean_count", "latitude_deg").row(0, named=True)
    served = people.get("starlink", {})
    mean, usable = served.get("visible_mean_count"), served.get("usable_mean_count")
    alt = (
        f"World map: most Starlink satellites are in view near {_latitude(most)} ({words.rounded(most['visible_mean_count'], 2)} "
        f"on average), fewest near {_latitude(least)} ({words.rounded(least['visible_mean_count'], 2)})."
    )
    if mean is not None:
        alt += f" Weighted by where people live the mean is {words.rounded(mean, 2)}"
        left = f"; the protection of the geostationary arc, its angle assumed outside the United States, leaves {words.rounded(usable, 2)}"
        alt += f"{left if usable is not None else ''}."
    mask = _mask(fleets.get("starlink", {}))
    return alt, f"Broadband Starlink satellites at work above {mask}, mean of the day."


def _latitude(row: Row) -> str:
    latitude = round(row["latitude_deg"])
    side = "" if latitude == 0 else "N" if latitude > 0 else "S"
    return f"{abs(latitude)}°{side}" if side else "the equator"
