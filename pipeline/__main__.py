"""The command line: the same verbs as the DAG, by hand. `skytrunk --help` lists them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import __version__
from pipeline.io.settings import SettingError, Settings, from_environment

app = typer.Typer(
    name="skytrunk",
    help="How far low-Earth-orbit networks can serve as the backbone of AI, measured every day.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder that holds everything a run writes (SKYTRUNK_HOME, else ./data).")
]
DayArgument = Annotated[str, typer.Argument(help="UTC day, as YYYY-MM-DD.")]
Offline = Annotated[bool, typer.Option("--offline", help="Use only what is landed (also SKYTRUNK_OFFLINE=1).")]


class UsageError(ValueError):
    """The command line asks for something that cannot be."""


def day_of(text: str) -> date:
    """The UTC day written as YYYY-MM-DD. Raises UsageError with the form that is wanted."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day: write it as YYYY-MM-DD, 2026-08-17 say") from error


def say(words: str) -> None:
    """Log one line to standard error."""
    print(words, file=sys.stderr, flush=True)


@contextmanager
def _progress(title: str) -> Any:
    """A reporter of steps: a progress line when a person is looking, else one log line per step."""
    if not sys.stderr.isatty():
        yield lambda words: say(f"skytrunk: {title}: {words}")
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title)
        yield lambda words: progress.update(task, description=f"{title}: {words}")


def _settings(home: Path | None = None, offline: bool = False) -> Settings:
    return from_environment().at(home, offline or None)


def _print(result: dict[str, Any]) -> None:
    width = max((len(key) for key in result), default=0)
    for key, value in result.items():
        print(f"{key:<{width}}  {value}")


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _tell(title: str, done: Any) -> None:
    """Log what a run left out or doubts, and print its figures."""
    for line in done.notes:
        say(f"skytrunk: {title}: {line}")
    _print(done.result)


def _step(name: str, day: str, home: Path | None, offline: bool = False) -> None:
    from pipeline import steps

    chosen = day_of(day)
    with _progress(f"{name} {chosen}") as report:
        report("working")
        result = getattr(steps, name)(_settings(home, offline), chosen)
    _print(result)


def _paths(result: dict[str, Any]) -> None:
    """The paths of the page, the mail and the database: what a run ends with."""
    print(f"page      {result['page']}\nmail      {result['mail']}\ndatabase  {result['database']}")


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"skytrunk {__version__}")
        raise typer.Exit


@app.command("sample")
def sample_command(home: HomeOption = None) -> None:
    """Run the whole job on the embedded sample day: synthetic satellites, offline."""
    from pipeline import steps

    with _progress(f"sample {steps.SAMPLE_DAY}") as report:
        result = steps.run_sample(_settings(home, offline=True), report)
    print(f"Synthetic sample of {steps.SAMPLE_DAY}: no satellite in it is a real one.")
    _paths(result)


@app.command("run")
def run_command(
    day: Annotated[str | None, typer.Argument(help="UTC day, as YYYY-MM-DD (default: today).")] = None,
    home: HomeOption = None,
    offline: Offline = False,
) -> None:
    """Run the whole job for a UTC day: land, compute, check, load, publish, digest, send."""
    from pipeline import steps

    chosen = day_of(day) if day else datetime.now(UTC).date()
    with _progress(f"run {chosen}") as report:
        result = steps.run(_settings(home, offline), chosen, report)
    _paths(result)


@app.command("land")
def land_command(
    source: Annotated[str, typer.Argument(help="Name of a source; `skytrunk sources` lists them.")],
    day: DayArgument,
    file: Annotated[Path | None, typer.Option("--file", help="A file that you have, plain or gzip.")] = None,
    home: HomeOption = None,
    offline: Offline = False,
) -> None:
    """Land one source for a day, from the network or from a file."""
    from pipeline import steps

    settings = _settings(home, offline)
    if file is None:
        _print(steps.land(settings, source, day_of(day)))
    else:
        _print(steps.land_file(settings, source, day_of(day), file))


def _add_step(name: str, words: str) -> None:
    def command(day: DayArgument, home: HomeOption = None, offline: Offline = False) -> None:
        _step(name, day, home, offline)

    command.__doc__ = words
    app.command(name)(command)


for _name, _words in {
    "compute": "Compute a day's tables from what is landed, into staging.",
    "check": "Validate a computed day; exits non-zero when a critical check fails.",
    "load": "Load a day that passed its checks into the tables and the warehouse.",
    "publish": "Publish what the warehouse holds, by an atomic rename.",
    "digest": "Write the page and the mail of a published day.",
    "send": "Send the mail of a day; without a mail server it stays in the outbox.",
}.items():
    _add_step(_name, _words)


@app.command("rebuild")
def rebuild_command(home: HomeOption = None) -> None:
    """Build the warehouse anew from the Parquet files, and publish it."""
    from pipeline import steps

    with _progress("rebuild") as report:
        report("loading every day")
        result = steps.rebuild(_settings(home))
    _print(result)


@app.command("warm")
def warm_command() -> None:
    """Compile the kernels, or read them from where they are kept, so that the next process starts at once."""
    from pipeline.io import kernel_cache

    with _progress("warm"):
        result = kernel_cache.warm()
    _print(result)


@app.command("backfill")
def backfill_command(
    first: Annotated[str, typer.Argument(help="First UTC day, as YYYY-MM-DD.")],
    last: Annotated[str, typer.Argument(help="Last UTC day, included.")],
    home: HomeOption = None,
) -> None:
    """Run landed days in order, offline; days without a landed catalog are named and left out."""
    from pipeline import steps

    begin, end = day_of(first), day_of(last)
    if end < begin:
        raise UsageError(f"{last} lies before {first}: give the first day first")
    with _progress("backfill") as report:
        result = steps.backfill(_settings(home, offline=True), begin, end, report)
    _print(result)
    raise typer.Exit(1 if result["failed"] != "none" else 0)


@app.command("sql")
def sql_command(
    query: Annotated[str, typer.Argument(help="A query, or a file that holds one.")],
    format: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
    home: HomeOption = None,
) -> None:
    """Query the published database, read only."""
    from pipeline.io import publish
    from pipeline.io.home import Home

    _write(publish.render(publish.query(Home(_settings(home).home), query), format))


@app.command("scenario")
def scenario_command(
    name: Annotated[str, typer.Argument(help="Name of a scenario; `list` shows them.")],
    day: Annotated[str | None, typer.Argument(help="UTC day, as YYYY-MM-DD (default: the newest loaded).")] = None,
    format: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
    every: Annotated[bool, typer.Option("--all", help="Show figures that are as they were, too.")] = False,
    home: HomeOption = None,
) -> None:
    """Show a loaded day with its fleet changed, as differences against the real day.

    A scenario takes the time of a day and changes no table; its differences stay in HOME/scenarios/NAME/DAY.parquet.
    """
    from pipeline.io import publish
    from pipeline.metrics import scenario

    if name == "list":
        _print({one.name: one.says for one in scenario.SCENARIOS})
        return
    scenario.find(name)
    if format not in publish.FORMATS:
        raise UsageError(f"there is no format {format!r}: choose one of {', '.join(publish.FORMATS)}")
    import polars as pl

    from pipeline import steps

    with _progress(f"scenario {name}") as report:
        done = steps.scenario(_settings(home, offline=True), name, day_of(day) if day else None, report)
    for line in done["notes"]:
        say(f"skytrunk: scenario {name}: {line}")
    frame = pl.read_parquet(done["path"], glob=False)
    frame = frame if every else frame.filter(scenario.is_changed())
    if format == "table":  # for the eye; other formats and the file have all digits
        frame = frame.with_columns(pl.selectors.float().round_sig_figs(4))
    _write(publish.render(frame, format))
    say(
        f"skytrunk: scenario {name}: {done['changed']} of {done['figures']} figures differ from those of {done['day']}: {done['path']}"
    )


@app.command("sources")
def sources_command(home: HomeOption = None) -> None:
    """Show each source: licence, cadence, last landed, age, and what is missing without it."""
    from pipeline import steps

    print(steps.sources_text(_settings(home), datetime.now(UTC).date()))


@app.command("dictionary")
def dictionary_command(
    format: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
) -> None:
    """Show every table and column with unit and meaning."""
    from pipeline.io import publish, registry
    from pipeline.table import dictionary

    _write(publish.render(dictionary(registry.stored_tables()), format))


ElementsOption = Annotated[
    Path, typer.Option("--elements", help="Mean elements: OMM as CSV, JSON or XML, or TLE; plain or gzip.")
]
StartOption = Annotated[
    str,
    typer.Option("--start", help="First instant, as 2026-08-17 or 2026-08-17T06:30:00; without a zone it is UTC."),
]
StepOption = Annotated[
    float, typer.Option("--step-s", help="Seconds between instants, above 0; fractions are accepted.")
]
StepsOption = Annotated[int, typer.Option("--steps", help="Number of instants.")]
OutOption = Annotated[Path, typer.Option("--out", help="CSV file to write.")]


@app.command("visible")
def visible_command(
    elements: ElementsOption,
    points: Annotated[
        Path,
        typer.Option(
            "--points", help="CSV with id,latitude_deg,longitude_deg,height_m (WGS-84, height above its ellipsoid)."
        ),
    ],
    start: StartOption,
    step_s: StepOption,
    steps: StepsOption,
    min_elevation_deg: Annotated[
        float, typer.Option("--min-elevation-deg", help="Lowest elevation that counts as visible, 0 to 90.")
    ],
    out: OutOption,
) -> None:
    """Count the satellites that your own points see, from your own elements.

    The file written has t_s,id,visible_count,best_elevation_deg for every instant and point, zeros included, by instant and then
    in the order of the points. t_s is seconds since the start. A satellite is visible where its elevation above the WGS-84 horizon
    plane of the point, at its height, is at least the lowest that counts. best_elevation_deg is the elevation of the highest visible
    satellite, empty where visible_count is 0. Every satellite of the file counts, whether it works or not; those that cannot be
    read or propagated are listed on standard error.
    """
    from pipeline.io import caller, visible

    span = caller.Span(caller.start_of(start), step_s, steps)
    wanted = visible.Wanted(elements, points, span, min_elevation_deg, out)
    with _progress("visible") as report:
        done = visible.run(wanted, report)
    _tell("visible", done)


@app.command("route")
def route_command(
    elements: ElementsOption,
    links: Annotated[
        str,
        typer.Option(
            "--links",
            help="File with two positions in the element file a line, 0 for its first satellite; or plus-grid; or infer.",
        ),
    ],
    stations: Annotated[
        Path,
        typer.Option(
            "--stations",
            help="CSV with id,name,latitude_deg,longitude_deg,height_m (WGS-84, height above its ellipsoid).",
        ),
    ],
    start: StartOption,
    step_s: StepOption,
    steps: StepsOption,
    out: OutOption,
    min_elevation_deg: Annotated[
        float | None,
        typer.Option("--min-elevation-deg", help="Lowest elevation at which a station uses a satellite, 0 to 90."),
    ] = None,
    max_slant_km: Annotated[
        float | None,
        typer.Option(
            "--max-slant-km",
            help="Longest distance at which it does, whatever the elevation: a rule of other simulators.",
        ),
    ] = None,
) -> None:
    """Find the shortest ways between your own stations over your own satellites and links.

    The file written has t_s,src,dst,reachable,rtt_ms,satellite_hop_count,path for every instant and pair of stations, by instant and then
    in the order of the stations, each pair once: first with second, first with third, and so on. rtt_ms is twice the way up, over the
    links and down at the speed of light in vacuum, and nothing else; it, the satellites' number and the path are empty where reachable is
    0. path has the satellites' names with | between them, or their catalog numbers where names are missing, repeat or hold a |. Stations
    never relay. Links of a file and of plus-grid are always up. plus-grid is that of one full shell, by the two counts in the first
    line of the element file (planes, satellites per plane) or, without them, by nodes and phases. infer learns shells and planes from
    the elements; its links are up where they are no longer than 5,400 km and nowhere lower than 80 km. Give one of
    --min-elevation-deg, above the WGS-84 horizon plane of the station, and --max-slant-km.
    """
    from pipeline.io import caller, route

    span = caller.Span(caller.start_of(start), step_s, steps)
    wanted = route.Wanted(elements, links, stations, span, min_elevation_deg, max_slant_km, out)
    with _progress("route") as report:
        done = route.run(wanted, report)
    _tell("route", done)


@app.command("bench")
def bench_command(
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Turns of each; 1 for a quick look.")] = 5,
    only: Annotated[
        str,
        typer.Option(
            "--only", help="Groups, commas between: propagation, counting, day, routing, sharing, reading, growth."
        ),
    ] = "",
    every_instant: Annotated[
        bool, typer.Option("--every-instant", help="Compare ways at every instant of a day, not at five.")
    ] = False,
    home: HomeOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Install no peers (also SKYTRUNK_OFFLINE=1).")] = False,
) -> None:
    """Time the kernels against named peers in one run, on one core, as ratios (first use installs peers under HOME/cache)."""
    from pipeline.io.peers import alone

    settings = _settings(home, offline)
    if not alone.is_alone():
        # A pool of two threads flatters a peer by several times, and pools are sized when packages are loaded.
        asked = ["bench", f"--rounds={rounds}", f"--only={only}", f"--home={settings.home}"]
        asked += ["--every-instant"] if every_instant else []
        raise typer.Exit(alone.again([*asked, *(["--offline"] if settings.offline else [])]))
    from pipeline.io import bench

    groups = tuple(filter(None, only.split(","))) or bench.GROUPS
    if unknown := set(groups) - set(bench.GROUPS):
        raise UsageError(f"no group {', '.join(sorted(unknown))}: there are {', '.join(bench.GROUPS)}")
    plan = bench.Plan(settings.home / "cache" / "bench", settings.offline, rounds, groups, every_instant=every_instant)
    with _progress("bench") as report:
        text = bench.run(report, plan)
    print(text)


@app.command("doctor")
def doctor_command(home: HomeOption = None) -> None:
    """Say what is installed, reachable and configured."""
    from pipeline.io import doctor

    lines, healthy = doctor.examine(_settings(home))
    print("\n".join(lines))
    raise typer.Exit(0 if healthy else 1)


def _known() -> tuple[type[BaseException], ...]:
    """Errors that are one sentence for the reader: everything else is a fault of ours and shows its trace."""
    from pipeline.io.home import HomeError
    from pipeline.source import SourceError

    classes: list[type[BaseException]] = [UsageError, SettingError, SourceError, HomeError, OSError]
    # Modules that were never imported cannot have raised.
    for module, name in {
        "pipeline.io.landing": "LandingError",
        "pipeline.io.checks": "GateError",
        "pipeline.io.runs": "DayWithheld",
        "pipeline.io.sourced": "SourceMissing",
        "pipeline.io.publish": "QueryError",
        "pipeline.io.mail": "MailError",
        "pipeline.io.assets": "AssetError",
        "pipeline.io.caller": "CallerError",
        "pipeline.metrics.scenario": "ScenarioError",
    }.items():
        found = getattr(sys.modules.get(module), name, None)
        if found is not None:
            classes.append(found)
    return tuple(classes)


def main(argv: list[str] | None = None, command: Callable[..., Any] = app) -> int:
    """Run the command line; a known fault is one sentence on standard error and exit code 1."""
    try:
        code = command(args=argv, standalone_mode=False)
    except Exception as error:
        if isinstance(error, typer.Exit):
            return error.exit_code
        if isinstance(error, typer.exceptions.TyperException):  # how it was called: the usage and what is wrong with it
            error.show()  # type: ignore[attr-defined]
            return error.exit_code
        if isinstance(error, (typer.Abort, BrokenPipeError)):
            return 1
        if isinstance(error, _known()):
            say(f"skytrunk: {' '.join(str(error).split())}")
            return 1
        raise
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
