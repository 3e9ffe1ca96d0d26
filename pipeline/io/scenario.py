"""A day with its fleet changed, computed in a home of its own from the same landed bytes, and told as differences against the real day.

The home of a scenario lies in `<home>/scenarios/<name>/` while it is computed and is gone afterwards; what stays is the table of
differences, `<day>.parquet`, and what was assumed, `<day>.txt`. Files of the real home are linked into it and never written: whatever
is written replaces a link by a new file.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline import __version__
from pipeline.io import assets, landing, registry, runs, sourced, warehouse
from pipeline.io.home import Home, HomeError, alone, past_days_of, read_parquet, write_parquet, write_text
from pipeline.io.settings import Settings
from pipeline.metrics import country_pop, coverage, fleet, flow, model_error, satellite, scenario
from pipeline.metrics.scenario import ScenarioError
from pipeline.sources import sites


def folder(settings: Settings, name: str) -> Path:
    """Where the results of a scenario lie."""
    return settings.home / "scenarios" / name


def day_of(settings: Settings, day: date | None) -> date:
    """The day that is asked for, or the newest one. Raises ScenarioError when the home has no tables of it."""
    home = Home(settings.home)
    days = warehouse.whole_days(home, fleet.CAPACITY)
    if not days:
        raise ScenarioError(f"{home.root} holds no day to compare with: run `skytrunk run` or `skytrunk sample` first")
    if day is not None and day not in days:
        raise ScenarioError(
            f"{home.root} has no tables of {day}, so there is nothing to compare with: run `skytrunk run {day}` first, or take one of "
            f"its {len(days)} days from {days[0]} to {days[-1]}"
        )
    return day or days[-1]


@contextmanager
def opened(settings: Settings, name: str, day: date) -> Iterator[Settings]:
    """Settings of a home for one scenario of a day, with the bytes that the day was made from and the tables of the days behind it.

    The home is removed at the end. Raises ScenarioError for a name that is none, a step that is not the day's, or bytes that are not
    those the day was made from; HomeError when the same scenario of the day is being computed.
    """
    scenario.find(name)
    real, target = Home(settings.home), folder(settings, name)
    own = replace(_like(settings, real, day), home=target / f".work-{day.isoformat()}", offline=True)
    with alone(Home(target), day):
        shutil.rmtree(own.home, ignore_errors=True)  # of a process that was ended
        try:
            _link_landed(real, own, day)
            _link_tables(real, own.home, day)
            _link(real.root / "cache", own.home / "cache", "cells-*/*")
            yield own
        finally:
            shutil.rmtree(own.home, ignore_errors=True)


def change(settings: Settings, own: Settings, name: str, day: date) -> list[str]:
    """Change what is staged of the day's fleet in the scenario's home; return what is to be known of it, as sentences.

    To be called between the fleet and the grids. Raises ScenarioError where the fleet cannot be changed so.
    """
    home, real, one = Home(own.home), Home(settings.home), scenario.find(name)
    notes = [one.says, *_unlike(real, home, day)]
    elements = home.part(satellite.TABLE, day, "elements")
    tables = {
        "satellites": satellite.TABLE,
        "generation": fleet.GENERATION,
        "sites": sites.TABLE,
        "country_pop": country_pop.TABLE,
    }
    frames = {key: read_parquet(home.staged(table, day)) for key, table in tables.items()}
    before = scenario.Fleet(
        day, elements=read_parquet(elements), announced=assets.reference("constellations"), **frames
    )
    after = one.change(before)
    for key, table in tables.items():
        sourced.stage(home, table, day, getattr(after, key))
    write_parquet(elements, after.elements)
    basis = read_parquet(home.staged(fleet.HISTORY, day))["basis"][0]
    for table in (fleet.HISTORY, fleet.CAPACITY):
        sourced.stage(home, table, day, fleet.compute(after.satellites, after.generation, basis)[table.name])
    # How the fleet came from yesterday's is another question, and costs a share for every step of it.
    sourced.stage(home, flow.TABLE, day, flow.TABLE.empty())
    _hold_overhead(real, home, day)
    if one.change is scenario.year_ago:
        notes += scenario.lost_since(before, after, _history(real, day - timedelta(scenario.YEAR_DAYS)))
    return notes


def told(settings: Settings, own: Settings, name: str, day: date, notes: list[str]) -> dict[str, Any]:
    """Write the differences of a computed scenario beside each other, and say where they are and how many."""
    real, home = Home(settings.home), Home(own.home)
    known = {table.name: table for table in registry.stored_tables() if table.name in scenario.TABLES}
    here = {n: real.table(t, day if t.is_daily else None) for n, t in known.items()}
    there = {n: home.staged(t, day) for n, t in known.items()}
    both = [
        n for n in known if here[n].is_file() and there[n].is_file()
    ]  # a table that the day's version did not have is no difference
    days = [{n: read_parquet(paths[n]) for n in both} for paths in (here, there)]
    frame = scenario.differences(days[0], days[1], known)
    path = folder(settings, name) / f"{day.isoformat()}.parquet"
    write_text(path.with_suffix(".txt"), "\n".join(notes) + "\n")
    write_parquet(path, frame)
    return {
        "path": str(path),
        "figures": frame.height,
        "changed": frame.filter(scenario.is_changed()).height,
        "notes": notes,
    }


def _like(settings: Settings, real: Home, day: date) -> Settings:
    """Settings with the order of the day's own grid. Raises ScenarioError when its step cannot be the one that is set."""
    rows = pl.read_parquet(real.table(coverage.TABLE, day), columns=["constellation", "longest_gap_s"], glob=False)
    cells = rows.height // rows["constellation"].n_unique()
    gap_s = int(np.gcd.reduce(rows["longest_gap_s"].to_numpy(), initial=0))
    if gap_s % settings.step_s:
        raise ScenarioError(
            f"the tables of {day} were not computed in steps of SKYTRUNK_STEP_S={settings.step_s} s (gaps are multiples of {gap_s} s): set the "
            "step that they were computed with"
        )
    return replace(settings, order=round(math.log2(cells / 12) / 2))


def _link_landed(real: Home, own: Settings, day: date) -> None:
    """Give the scenario's home the landed bytes that the day was made from; what comes with the installation is landed anew.

    Raises ScenarioError where they are other bytes than the day was made from, or synthetic where it is real.
    """
    made_of = read_parquet(real.table(landing.TABLE, day)).filter(~_installed())
    for source, landed_day in made_of.select("source", "landed_day").iter_rows():
        for each in {day, landed_day}:
            _link(real.landing(source, each), Home(own.home).landing(source, each), "*")
    lost = []
    for row in made_of.sort("source").iter_rows(named=True):
        item = sourced.standing(own, sourced.source(row["source"]), day)
        if item and item.synthetic != row["synthetic"]:
            then, now = ("synthetic" if each else "real" for each in (row["synthetic"], item.synthetic))
            raise ScenarioError(
                f"the tables of {day} were made from a {then} file of {row['source']} and what is landed is {now}: run `skytrunk run {day}` first"
            )
        lost += [row["source"]] if item is None or item.sha256 != row["sha256"] else []
    if lost:
        raise ScenarioError(
            f"the tables of {day} were made from bytes of {', '.join(lost)} that are not landed any more: put them back under "
            f"{real.root / 'landing'}, or run `skytrunk run {day} --offline` to have the day by what is landed"
        )


def _installed() -> pl.Expr:
    """Whether a row of meta.landing came with the installation."""
    return pl.any_horizontal(pl.col("url").str.starts_with(prefix) for prefix in landing.INSTALLED)


def _link_tables(real: Home, root: Path, day: date) -> None:
    """Give the scenario's home the tables of the days behind, which states and changes rest on; none of the day itself or later."""
    for table in registry.stored_tables():
        source, target = real.table(table).parent, Home(root).table(table).parent
        for path in source.glob("*=????-??-??.parquet"):
            if path.stem.partition("=")[2] < day.isoformat():
                _link_file(path, target / path.name)


def _link(source: Path, target: Path, pattern: str) -> None:
    for path in source.glob(pattern):
        if path.is_file():
            _link_file(path, target / path.relative_to(source))


def _link_file(source: Path, target: Path) -> None:
    """Link a file, or copy it where it cannot be linked. Raises HomeError when it cannot be copied."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
    except OSError as error:
        raise HomeError(
            f"cannot copy {source} to {target} ({error.strerror or error}): free some space in the home"
        ) from error


def _unlike(real: Home, home: Home, day: date) -> list[str]:
    """In what the installation is not what the real day was made with, as sentences."""
    then, now = read_parquet(real.table(landing.TABLE, day)), read_parquet(home.staged(landing.TABLE, day))
    other = then.join(now, on=["source", "sha256"], how="anti")["source"].sort()
    notes = [
        f"{name} is another than the day was made with: run that day again to compare like with like" for name in other
    ]
    path = real.table(runs.TABLE, day)
    version = read_parquet(path).sort("finished_utc")["version"][-1] if path.is_file() else __version__
    if version != __version__:
        notes.append(
            f"the day was computed by version {version} and the scenario by {__version__}: run that day again to compare like with like"
        )
    return notes


def _hold_overhead(real: Home, home: Home, day: date) -> None:
    """Leave the access overhead that was fitted to the real day: a fit to the scenario's ways would hide what changes in them."""
    path = real.table(model_error.TABLE, day)
    rows = read_parquet(path) if path.is_file() else model_error.TABLE.empty()
    fitted = rows.filter(pl.col("predictor") == "model").select("overhead_ms").drop_nulls().head(1)
    write_parquet(home.part(model_error.TABLE, day, "held"), fitted)


def _history(real: Home, day: date) -> pl.DataFrame:
    """core.fleet_history_daily of a day, observed or reconstructed; no rows where the home has none."""
    path = real.table(fleet.HISTORY, day)
    if path.is_file():
        return read_parquet(path)
    for later in past_days_of(real, fleet.HISTORY):
        rows = read_parquet(real.past(fleet.HISTORY, later)).filter(pl.col("day") == day)
        if later >= day and rows.height:
            return rows
    return fleet.HISTORY.empty()
