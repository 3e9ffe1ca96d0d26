"""What if: a day with its fleet changed, and how its figures differ from the real day's.

A scenario is one literal: a name, a sentence that says what is changed and what is assumed for it, and a function on what is staged of a
day before its grids. What is not said to be changed is the day's own: people, demand, sites, the access overhead, other fleets.
Nothing of it is a forecast, and nothing of it enters a daily table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from heapq import heapify, heapreplace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.constellations import AMAZON_LEO, BY_NAME, STARLINK
from pipeline.geometry.elements import mean_motion_rev_per_day, node_and_latitude_deg
from pipeline.metrics import access, cell, corridor, fleet, latency, latency_country, past, satellite, trunk
from pipeline.metrics.identity import Elements
from pipeline.sources.celestrak_active import TABLE as CATALOG
from pipeline.table import CONSTELLATION, Table

# Nobody's: above the numbers of the synthetic sample, below the last that a catalog may have.
FIRST_CATALOG_NUMBER = 990_000_001
SOURCE = "scenario"
LEO_SHELLS = ("k1", "k2", "k3")
LEO_COUNT = 3_232
LEO_PHASING = 1
V3, V3_COUNT = "starlink-v3", 2_000
V3_LASERS_OF = "starlink-v2mini-opt"
YEAR_DAYS = 365


class ScenarioError(ValueError):
    """A scenario cannot be had. The message says which, why, and what to do."""


@dataclass(frozen=True)
class Fleet:
    """What a scenario may change of a day: frames as they are staged before the grids.

    satellites: core.satellite_daily. elements: those of the satellites, by norad_cat_id. generation: dim.generation. sites: dim.site.
    country_pop: dim.country_pop. announced: rows of constellations.csv.
    """

    day: date
    satellites: pl.DataFrame
    elements: pl.DataFrame
    generation: pl.DataFrame
    sites: pl.DataFrame
    country_pop: pl.DataFrame
    announced: pl.DataFrame


@dataclass(frozen=True)
class Scenario:
    """A day with something changed: what it is called, what it says, and what it does."""

    name: str
    says: str
    change: Callable[[Fleet], Fleet]


def find(name: str) -> Scenario:
    """The scenario of that name. Raises ScenarioError with the names there are."""
    for one in SCENARIOS:
        if one.name == name:
            return one
    raise ScenarioError(
        f"there is no scenario {name!r}: there are {', '.join(one.name for one in SCENARIOS)}, and `skytrunk scenario list` says what each is"
    )


# --- what scenarios do -----------------------------------------------------------------------------------------------


def leo_complete(before: Fleet) -> Fleet:
    """Amazon Leo complete: its satellites of the day give way to the announced shells, all places filled and at work.

    Shells, planes and states are learned from the made elements as from a catalog's, on one day of them, so that nothing is said of the
    satellites that their elements do not show. Raises ScenarioError where not every one comes out at work.
    """
    made = _leo_elements(before.announced, before.day)
    rows, _, elements = satellite.compute([Elements(SOURCE, made, AMAZON_LEO.name)], before.day)
    working = rows.filter(pl.col("state") == "operational").height
    if working != LEO_COUNT:
        raise ScenarioError(
            f"of {made.height} made satellites of Amazon Leo {working} are at work and not {LEO_COUNT}: restore rows "
            f"{', '.join(LEO_SHELLS)} of pipeline/reference/constellations.csv"
        )
    others = before.satellites.filter(pl.col("constellation") != AMAZON_LEO.name)
    return _with_satellites(replace(before, satellites=others), rows, elements)


def leo_with_starlinks_places(before: Fleet) -> Fleet:
    """The same, and it lands wherever Starlink does: each of Starlink's gateways and PoPs stands a second time, as Amazon Leo's."""
    after = leo_complete(before)
    own = (pl.col("constellation") == STARLINK.name) & pl.col("kind").is_in(["gateway", "pop"])
    copied = _as_leo(before.sites.filter(own)).with_columns(
        pl.lit(AMAZON_LEO.name).alias("constellation"), pl.lit(AMAZON_LEO.operator).alias("operator")
    )
    served = _as_leo(before.country_pop.filter(pl.col("site_id").is_not_null()))
    served = served.with_columns(pl.format("amazon_leo-{}", "pop_code").alias("pop_code"))
    return replace(after, sites=pl.concat([after.sites, copied]), country_pop=pl.concat([after.country_pop, served]))


def v3_added(before: Fleet) -> Fleet:
    """2,000 satellites of the third generation more, in the widest gaps of the planes in which Starlinks work.

    Each plane has a part of them as large as its part of the satellites at work. A new one flies as the one behind it does, so far ahead
    that the gap is parted evenly, and is at work. Raises ScenarioError where no Starlink works in a plane.
    """
    working = (pl.col("constellation") == STARLINK.name) & (pl.col("state") == "operational")
    placed = (pl.col("payload_class") == "broadband") & pl.col("plane_id").is_not_null()
    rows = before.satellites.filter(working & placed).sort("norad_cat_id")
    if rows.is_empty():
        raise ScenarioError(f"{before.day}: no Starlink works in a plane, so there is none to add others to")
    own = rows.select("norad_cat_id").join(before.elements, on="norad_cat_id", maintain_order="left")
    _, latitude_deg = node_and_latitude_deg(own, datetime.combine(before.day, time(12)))
    behind, ahead_deg = spread(rows["plane_id"].to_numpy(), latitude_deg, V3_COUNT)
    made = {"norad_cat_id": FIRST_CATALOG_NUMBER + np.arange(V3_COUNT)}
    named = [
        pl.lit(V3).alias("generation"),
        pl.lit(SOURCE).alias("source"),
        pl.format("STARLINK V3 {}", pl.int_range(1, V3_COUNT + 1)).alias("object_name"),
        pl.format("scenario {}", pl.int_range(1, V3_COUNT + 1)).alias("identity"),
        *(pl.lit(None, pl.String).alias(name) for name in ("object_id", "launch")),
    ]
    anomaly_deg = (pl.col("mean_anomaly_deg") + pl.Series(ahead_deg)) % 360.0
    elements = own[behind].with_columns(pl.DataFrame(made).to_series(), anomaly_deg.alias("mean_anomaly_deg"), *named)
    unknown = [pl.lit(None, pl.Int64).alias("slot"), pl.lit(None, pl.Date).alias("launch_day")]
    new = rows[behind].with_columns(pl.DataFrame(made).to_series(), *named, *unknown)
    return _with_satellites(replace(before, generation=_v3_figures(before.generation)), new, elements)


def lasers_off(before: Fleet) -> Fleet:
    """No satellite of any generation has lasers."""
    return replace(before, generation=before.generation.with_columns(pl.lit(0.0).alias("laser_count")))


def year_ago(before: Fleet) -> Fleet:
    """Only who was launched by this day of the year before, by the day that is known or else as the designator's number suggests.

    Who has no designator yet is new.
    """
    old = (_launched(before.day) <= before.day - timedelta(YEAR_DAYS)).fill_null(value=False)
    kept = before.satellites.filter(old)
    return replace(before, satellites=kept, elements=before.elements.join(kept, on="norad_cat_id", how="semi"))


SCENARIOS = (
    Scenario(
        "leo-complete",
        "Amazon Leo complete: its satellites of the day give way to 3,232 at work in the three announced shells, evenly spread (Walker delta, F = 1; "
        "the filing's 3,236 less four of the 610 km shell, for nobody says which four went); its gateways are not known by place, so what it could sell is still not known.",
        leo_complete,
    ),
    Scenario(
        "leo-complete-starlink-gateways",
        "Amazon Leo complete as in leo-complete, and assumed to land at the places of Starlink's gateways and PoPs, with the antennas that are "
        "assumed of any gateway: what it would sell with a ground segment like Starlink's.",
        leo_with_starlinks_places,
    ),
    Scenario(
        "v3-2000",
        "2,000 Starlinks of the third generation more, at work in the planes of today's shells, each with a part like its part of the fleet, in its widest gaps: "
        "figures of satellite_generations.csv, lasers assumed as many as an optimised V2 Mini's, antennas that one uses at once as assumed of any generation, gateways as they are.",
        v3_added,
    ),
    Scenario(
        "lasers-off",
        "No links between satellites: every way is a bent pipe, up to a satellite and down to a gateway in its view.",
        lasers_off,
    ),
    Scenario(
        "year-ago",
        "The fleets of a year ago: who was launched in the 365 days before is left out; who was lost since is not brought back, and all others fly, "
        "and are at work or not, as on the day.",
        year_ago,
    ),
)


def lost_since(before: Fleet, after: Fleet, history: pl.DataFrame) -> list[str]:
    """Per constellation one sentence of who was there a year ago and is not in the catalog any more.

    history: core.fleet_history_daily of that day, no rows where there is none.
    """
    if history.is_empty():
        then = before.day - timedelta(YEAR_DAYS)
        return [f"core.fleet_history_daily has no {then}, so it is not known how many of that day are lost since"]
    key, then_day = ["constellation", "generation"], history["day"][0]
    counted = history.group_by(key).agg(pl.col("satellite_count").sum().alias("then"))
    entered = _catalogued_by(after.satellites, before.day, then_day)
    marked = after.satellites.with_columns(entered.alias("entered")).group_by(key)
    here = marked.agg(pl.col("entered").sum().alias("still"), (~pl.col("entered")).sum().alias("new"))
    both = counted.join(here, on=key, how="full", coalesce=True).fill_null(0).sort(key)
    basis = ", ".join(sorted(history["basis"].unique()))
    return [
        _lost(own, f"{BY_NAME[name].title} on {then_day} ({basis})")
        for name in CONSTELLATION
        if (own := both.filter(pl.col("constellation") == name)).height
    ]


def _catalogued_by(satellites: pl.DataFrame, day: date, then: date) -> pl.Series:
    """Who of the satellites of a day was in the catalog by an earlier one: a launch enters it some days later."""
    small = pl.len().over("launch") <= past.SMALL_BATCH_COUNT
    after = pl.when(small).then(past.SMALL_CATALOGUED_AFTER_DAYS).otherwise(past.CATALOGUED_AFTER_DAYS)
    return satellites.select(_launched(day) + pl.duration(days=after) <= then).to_series()


def _launched(day: date) -> pl.Expr:
    """Day of each satellite's launch, as it is known or else as the designator's number suggests; null without a designator."""
    return pl.coalesce("launch_day", satellite.guessed_launch_day(day))


def _lost(rows: pl.DataFrame, what: str) -> str:
    parts = [f"{r['generation']} {r['still']:,} of {r['then']:,}" for r in rows.iter_rows(named=True)]
    then, still, new = (int(rows[name].sum()) for name in ("then", "still", "new"))
    told = f"{then - still:,} lost since" if still <= then else f"{still - then:,} more than it says"
    later = f"; {new:,} more here were launched by then and not catalogued yet" if new else ""
    return f"{what}: {then:,} satellites, {still:,} of them here, {told} ({'; '.join(parts)}){later}"


# --- how satellites are made -----------------------------------------------------------------------------------------


def walker(planes: int, per_plane: int, phasing: int, altitude_km: float, inclination_deg: float) -> pl.DataFrame:
    """A Walker delta shell: plane and slot of each satellite, node and mean anomaly [deg], inclination [deg] and mean motion [rev/day].

    phasing: Walker's F: a satellite is F x 360 / T degrees further along than its neighbour in the plane to the west (J.G. Walker 1984).
    """
    plane, slot = (a.ravel() for a in np.indices((planes, per_plane)))
    return pl.DataFrame(
        {
            "plane": plane,
            "slot": slot,
            "ra_of_asc_node_deg": 360.0 * plane / planes,
            "mean_anomaly_deg": (360.0 * slot / per_plane + 360.0 * phasing * plane / (planes * per_plane)) % 360.0,
            "inclination_deg": np.full(plane.size, float(inclination_deg)),
            "mean_motion_rev_per_day": np.full(plane.size, float(mean_motion_rev_per_day(altitude_km))),
        }
    )


def _leo_elements(announced: pl.DataFrame, day: date) -> pl.DataFrame:
    """Elements of the whole of Amazon Leo's first generation at noon of the day, with the columns of a catalog."""
    rows = announced.filter(pl.col("shell_id").is_in(LEO_SHELLS)).sort("shell_id")
    if rows["shell_id"].to_list() != list(LEO_SHELLS):
        raise ScenarioError(
            f"constellations.csv lacks one of the rows {', '.join(LEO_SHELLS)}: restore pipeline/reference"
        )
    numbers = rows.select(
        pl.col("planes", "sats_per_plane").cast(pl.Int64), pl.col("altitude_km", "inclination_deg").cast(pl.Float64)
    )
    shells = [walker(p, n, LEO_PHASING, h, i) for p, n, h, i in numbers.iter_rows()]
    largest = max(range(len(shells)), key=lambda k: shells[k].height)
    shells[largest] = thinned(shells[largest], sum(shell.height for shell in shells) - LEO_COUNT)
    found = pl.concat(shells).with_row_index("number", 1)
    made = found.with_columns(
        pl.format("AMAZON LEO {}", "number").alias("object_name"),
        pl.lit(None, pl.String).alias("object_id"),
        pl.lit(datetime.combine(day, time(12))).alias("epoch_utc"),
        (FIRST_CATALOG_NUMBER - 1 + pl.col("number").cast(pl.Int64)).alias("norad_cat_id"),
        pl.lit(1e-4).alias("eccentricity"),
        pl.lit("U").alias("classification_type"),
    )
    schema = {name: kind for name, kind in CATALOG.polars_schema.items() if name != "day"}
    return made.select(
        pl.col(name).cast(kind) if name in made.columns else pl.lit(0, kind).alias(name)
        for name, kind in schema.items()
    )


def thinned(shell: pl.DataFrame, count: int) -> pl.DataFrame:
    """A shell of `walker` without so many satellites, the last of planes that are evenly spread. Raises ScenarioError for more than one a plane."""
    planes = int(shell["plane"].max()) + 1 if shell.height else 0  # type: ignore[arg-type]
    if not 0 <= count <= planes:
        raise ScenarioError(f"{count} satellites cannot be left out of {planes} planes: one of each at most")
    without = (np.arange(count) * planes) // max(count, 1)
    last = pl.col("slot") == pl.col("slot").max()
    return shell.filter(~(last & pl.col("plane").is_in(without.tolist())))


def spread(
    plane: NDArray[np.object_], latitude_deg: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where so many more satellites go: behind whom each flies, and how far ahead of it [deg], (count,) each, in order of the planes.

    plane: that of each satellite, (satellite,). latitude_deg: argument of latitude, all of one instant. Planes get shares by largest
    remainders, the first of equals first; within a plane every new one goes where what is left of a gap is widest.
    """
    names, of = np.unique(plane.astype(str), return_inverse=True)
    behind, ahead = [], []
    for k, more in enumerate(_shares(np.bincount(of, minlength=len(names)), count)):
        members = np.flatnonzero(of == k)
        members = members[np.argsort(latitude_deg[members], kind="stable")]
        gap = np.diff(latitude_deg[members], append=latitude_deg[members[0]] + 360.0)
        for number, parts in enumerate(_parted(gap, int(more))):
            behind += [members[number]] * parts
            ahead += [gap[number] * part / (parts + 1) for part in range(1, parts + 1)]
    return np.array(behind, np.int64), np.array(ahead, np.float64)


def _shares(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """So many parted by sizes, whole, by largest remainders."""
    exact = sizes * (count / sizes.sum())
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), kind="stable")[: count - int(whole.sum())]
    whole[rest] += 1
    return whole


def _parted(gap: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """How many new ones go into each gap [deg], one after the other where what is left is widest, (gap,)."""
    parts = np.zeros(len(gap), np.int64)
    left = [(-float(width), k) for k, width in enumerate(gap)]
    heapify(left)
    for _ in range(count):
        k = left[0][1]
        parts[k] += 1
        heapreplace(left, (-float(gap[k]) / (parts[k] + 1), k))
    return parts


def _v3_figures(generation: pl.DataFrame) -> pl.DataFrame:
    """dim.generation with lasers of the third generation, of which no number is published. Raises ScenarioError where it is not listed at all."""
    if V3 not in generation["generation"].to_list():
        raise ScenarioError(f"dim.generation lacks {V3}: restore pipeline/reference/satellite_generations.csv")
    lasers = generation.filter(pl.col("generation") == V3_LASERS_OF)["laser_count"]
    own = pl.col("generation") == V3
    assumed = pl.when(own).then(pl.col("laser_count").fill_null(lasers[0])).otherwise("laser_count")
    return generation.with_columns(assumed.alias("laser_count"))


def _with_satellites(before: Fleet, rows: pl.DataFrame, elements: pl.DataFrame) -> Fleet:
    """With these satellites beside those that are there, in order of their numbers as a day has them."""
    both = pl.concat([before.satellites, satellite.TABLE.conform(rows)]).sort("norad_cat_id")
    every = pl.concat([before.elements, elements.select(before.elements.columns)]).sort("norad_cat_id")
    every = every.join(both, on="norad_cat_id", how="semi", maintain_order="left")
    return replace(before, satellites=both, elements=every)


def _as_leo(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.format("amazon_leo-{}", "site_id").alias("site_id"))


# --- differences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """Columns of a table that are compared: all numbers and flags of it where none are named, of the rows with `where` alone."""

    table: str
    columns: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()


_DRAWN = ("p10", "p50", "p90")
_WAYS = ("down", "up")
COMPARED = (
    Compared(
        fleet.CAPACITY.name,
        (
            "satellite_count", "operational_count", "broadband_operational_count", "gateway_count", "gateway_tbps",
            *(f"{stem}_{way}_tbps" for stem in ("installed", "in_service", "demand", "sellable") for way in _WAYS),
            *(f"sellable_{way}_{p}_tbps" for way in _WAYS for p in _DRAWN),
            *(f"bound_{way}_{lid}_fraction" for way in _WAYS for lid in ("demand", "beam", "satellite", "gateway", "mesh")),
        ),
    ),
    Compared(fleet.HISTORY.name, ("satellite_count", "operational_count", "operational_down_gbps")),
    Compared(corridor.CROSSOVER.name, ("crossover_km",)),
    Compared(trunk.TABLE.name, ("mesh_cut_gbps", "trunk_gbps")),
    Compared("core.readiness_daily"),
    Compared("core.economics_daily", where=(("generation", "all"),)),
    Compared("core.workload_daily"),
)  # fmt: skip
# What is made of countries, cells and corridors for the world; these tables have too many rows to be told one by one.
SUMMED = (access.TABLE.name, latency_country.TABLE.name, corridor.TABLE.name, latency.TABLE.name, cell.CELL.name)
TABLES = (*(one.table for one in COMPARED), *SUMMED)
NUMBERS = ("number", "integer", "flag")

FIGURE = {"quantity": pl.String, "constellation": pl.String, "about": pl.String, "unit": pl.String, "value": pl.Float64}
KEY = ("quantity", "constellation", "about", "unit")
DIFFERENCE = {
    **dict.fromkeys(KEY, pl.String), "real": pl.Float64, "scenario": pl.Float64, "difference": pl.Float64, "change": pl.String,
}  # fmt: skip
# Shares are solved to a millionth: what differs by less is the same figure.
SAME = 1e-6


def differences(
    real: Mapping[str, pl.DataFrame], scenario: Mapping[str, pl.DataFrame], tables: Mapping[str, Table]
) -> pl.DataFrame:
    """Figures of both days beside each other, with the columns of DIFFERENCE: those that changed first, then by constellation.

    real, scenario: tables of the day by name; one that is missing has no figures. tables: their literals by name. change: more, less, same;
    appears or vanishes where only one day has the figure; unknown where neither has. difference: scenario less real, null unless both
    have it.
    """
    same = _same_people(real, scenario)
    both = [pl.concat([figures(rows, tables), own]) for rows, own in zip((real, scenario), same, strict=True)]
    order = pl.concat([own.select(KEY) for own in both]).unique(maintain_order=True).with_row_index("order")
    rows = order
    for name, own in zip(("real", "scenario"), both, strict=True):
        rows = rows.join(own.rename({"value": name}), on=KEY, how="left", nulls_equal=True, maintain_order="left")
    here, there = pl.col("real"), pl.col("scenario")
    near = (there - here).abs() <= SAME * pl.max_horizontal(here.abs(), there.abs())
    change = (
        pl.when(here.is_null() & there.is_null()).then(pl.lit("unknown"))
        .when(here.is_null()).then(pl.lit("appears"))
        .when(there.is_null()).then(pl.lit("vanishes"))
        .when(near).then(pl.lit("same"))
        .when(there > here).then(pl.lit("more"))
        .otherwise(pl.lit("less"))
    )  # fmt: skip
    place = pl.col("constellation").replace_strict({n: k for k, n in enumerate(CONSTELLATION)}, default=-1)
    told = rows.with_columns(
        pl.when(near).then(0.0).otherwise(there - here).alias("difference"), change.alias("change")
    )
    told = told.sort(~is_changed(), place, "order")
    return told.select(pl.col(name).cast(kind) for name, kind in DIFFERENCE.items())


def is_changed() -> pl.Expr:
    """Whether a row of `differences` tells a change."""
    return ~pl.col("change").is_in(["same", "unknown"])


def figures(rows: Mapping[str, pl.DataFrame], tables: Mapping[str, Table]) -> pl.DataFrame:
    """Figures of one day, with the columns of FIGURE: those of COMPARED as they are, and the world's from countries and corridors."""
    found = [pl.DataFrame(schema=FIGURE)]
    for one in COMPARED:
        if one.table in rows and one.table in tables:
            found.append(_listed(rows[one.table], tables[one.table], one))
    if access.TABLE.name in rows:
        found.append(_world(rows[access.TABLE.name], rows.get(latency_country.TABLE.name)))
    if corridor.TABLE.name in rows and access.TABLE.name in rows:
        found.append(_corridors(rows[corridor.TABLE.name], rows[access.TABLE.name]["constellation"].unique().to_list()))
    return pl.concat(found)


def _listed(frame: pl.DataFrame, table: Table, one: Compared) -> pl.DataFrame:
    """Numbers of a table row by row; what a row is about are its keys but for day and constellation, so that figures of tables with a like column
    stay apart."""
    for name, value in one.where:
        frame = frame.filter(pl.col(name) == value) if name in frame.columns else frame
    wanted = [
        column
        for column in table.columns
        if column.kind in NUMBERS and not column.key and column.name in frame.columns
        and (not one.columns or column.name in one.columns)
    ]  # fmt: skip
    keys = [
        c.name for c in table.columns if c.key and c.name not in ("day", "constellation") and c.name in frame.columns
    ]
    about = (
        pl.concat_str([pl.col(k).cast(pl.String) for k in keys], separator=", ", ignore_nulls=True)
        if keys
        else pl.lit("")
    )
    constellation = pl.col("constellation") if "constellation" in frame.columns else pl.lit(None, pl.String)
    parts = [
        frame.select(
            pl.lit(c.name).alias("quantity"), constellation.alias("constellation"), about.alias("about"), pl.lit(c.unit).alias("unit"),
            pl.col(c.name).cast(pl.Float64).alias("value"),
        ).sort("constellation", "about")
        for c in wanted
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=FIGURE), *parts])


PEOPLE = pl.col("population_count")
REACHED = PEOPLE * pl.col("reachable_fraction")
ALL, WITH_WAY, IN_BOTH = (
    "world, by people",
    "world, by people with a way",
    "world, by people with a way all day on both",
)
WAYS = (
    "rtt_pop_p50_ms",
    "rtt_pop_p95_ms",
    "rtt_gpu_p50_ms",
    "rtt_cloud_p50_ms",
    "mesh_path_fraction",
    "hop_mean_count",
)


def _world(countries: pl.DataFrame, ways: pl.DataFrame | None) -> pl.DataFrame:
    """Means over countries as marts.world_access has them, people who are covered and reached, and delay beyond the PoP."""
    means = {name: ("1" if name.endswith("_fraction") else "") for name in ("covered_fraction", "always_covered_fraction", "visible_mean_count", "usable_mean_count")}  # fmt: skip
    expressions = {(name, ALL, unit): _mean(pl.col(name), PEOPLE) for name, unit in means.items()}
    expressions[("covered_people", ALL, "people")] = _sum(PEOPLE * pl.col("covered_fraction"))
    expressions[("reachable_people", ALL, "people")] = _sum(REACHED)
    expressions[("reachable_fraction", ALL, "1")] = _mean(pl.col("reachable_fraction"), PEOPLE)
    found = _summed(countries, expressions)
    if ways is None:
        return found
    joined = _peopled(ways, countries)
    return pl.concat([found, _summed(joined, {(n, WITH_WAY, _unit(n)): _mean(pl.col(n), REACHED) for n in WAYS})])


def _same_people(*days: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Delay of two days over the same people and instants: cells whose people have a way at every instant of both.

    Where a change takes the way from those who are far away, or at the instants at which it is long, the mean over the others falls,
    though nobody is served faster.
    """
    if not all(name in day for name in (latency.TABLE.name, cell.CELL.name) for day in days):
        return [pl.DataFrame(schema=FIGURE) for _ in days]
    people = days[0][cell.CELL.name].filter(PEOPLE > 0).select("cell_id", "population_count")
    always = [day[latency.TABLE.name].filter(pl.col("reachable_fraction") == 1.0) for day in days]
    key = ["constellation", "cell_id"]
    both = always[0].select(key).join(always[1], on=key, how="semi").join(people, on="cell_id")
    expressions = {(n, IN_BOTH, "ms"): _mean(pl.col(n), PEOPLE) for n in WAYS if n.endswith("_ms")}
    expressions[("people", IN_BOTH, "people")] = _sum(PEOPLE)
    return [_summed(own.join(both, on=key), expressions) for own in always]


def _peopled(ways: pl.DataFrame, countries: pl.DataFrame) -> pl.DataFrame:
    """Ways of countries with their people."""
    return ways.join(
        countries.select("constellation", "country_iso3", "population_count"), on=["constellation", "country_iso3"]
    )


def _unit(name: str) -> str:
    return "ms" if name.endswith("_ms") else "1" if name.endswith("_fraction") else ""


def _mean(value: pl.Expr, weight: pl.Expr) -> pl.Expr:
    """Mean over rows that have value and weight; null where there are none."""
    known = value.is_not_null() & weight.is_not_null()
    total = weight.filter(known).sum()
    return pl.when(total > 0).then((value * weight).filter(known).sum() / total)


def _sum(value: pl.Expr) -> pl.Expr:
    """Sum that is null where no row has the value: unknown is not zero."""
    return pl.when(value.count() > 0).then(value.sum())


def _summed(frame: pl.DataFrame, expressions: Mapping[tuple[str, str, str], pl.Expr]) -> pl.DataFrame:
    """Figures of each constellation; expressions by quantity, what it is about and unit."""
    grouped = frame.group_by("constellation").agg(
        e.cast(pl.Float64).alias(str(k)) for k, e in enumerate(expressions.values())
    )
    parts = [
        grouped.select(
            pl.lit(quantity).alias("quantity"), "constellation", pl.lit(about).alias("about"), pl.lit(unit).alias("unit"),
            pl.col(str(k)).alias("value"),
        ).sort("constellation")
        for k, (quantity, about, unit) in enumerate(expressions)
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=FIGURE), *parts])


def _corridors(frame: pl.DataFrame, constellations: Sequence[str]) -> pl.DataFrame:
    """AI corridors on which satellites are faster than fibre, by medians, with gateways and with terminals at both ends.

    A fleet without lasers has no corridor, and none on which it is faster; one whose gateways are not known has an unknown number.
    """
    listed = frame.filter(pl.col("corridor_kind") == "ai")
    rows = pl.DataFrame({"constellation": sorted(constellations)}).join(listed, on="constellation", how="left")
    ways = {"gateways at both ends": "rtt_p50_ms", "terminals at both ends": "rtt_terminal_p50_ms"}
    fibres = ("fibre_stretched", "fibre_great_circle")
    none = pl.col("from_id").count() == 0
    expressions: dict[tuple[str, str, str], pl.Expr] = {}
    for ends, name in ways.items():
        known = none | (pl.col(name).count() > 0)
        for fibre in fibres:
            faster = (pl.col(name) < pl.col(f"{fibre}_ms")).sum()
            expressions[("corridor_faster_count", f"{ends}, than {fibre}", "")] = pl.when(known).then(faster)
        expressions[("corridor_count", f"{ends}, with a way", "")] = pl.when(known).then(pl.col(name).count())
    return _summed(rows, expressions)
