"""Contests: we and our peers take turns, round by round, and the ratios of each round are told as median and spread."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.io.peers.environments import Environment, NotInstalledError, python_of
from pipeline.io.peers.process import Peer, PeerError
from pipeline.io.peers.worker import turn

HEADER = ("what", "ours", "peer's", "ratio", "spread", "peer, and what is not alike")
Seconds = dict[str, list[float]]


@dataclass(frozen=True)
class Own:
    """Work of ours, and how many results it gives, where the time of each is told too."""

    what: str
    call: Callable[[], object]
    count: int = 0


@dataclass(frozen=True)
class Rival:
    """A peer: its name in the worker, in words, its environment (None: our own), what it is asked, and what is not alike.

    `scale` is how many times its work makes up ours; `remark` looks at its result.
    """

    name: str
    words: str
    environment: Environment | None = None
    options: dict[str, Any] = field(default_factory=dict)
    scale: float = 1.0
    remark: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Place:
    """Where the contests take place: inputs, environments of peers, whether the network may be used."""

    inputs: Path
    environments: Path
    offline: bool


@dataclass
class Outcome:
    """Rows of a table, and the versions of the peers behind them."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def contest(own: Sequence[Own], rivals: Sequence[Rival], place: Place, rounds: int, warm: bool = True) -> Outcome:
    """Every one of ours and every peer once a round; one round more, which compiles and fills caches, is left out if `warm`.

    A peer that cannot be installed or fails has a row that says why.
    """
    outcome, missing = Outcome(), {}
    with ExitStack() as stack:
        peers: dict[str, Peer] = {}
        for rival in rivals:
            try:
                peers[rival.name] = stack.enter_context(_peer(rival, place))
                outcome.versions |= _versions(rival, peers[rival.name])
            except NotInstalledError as error:
                missing[rival.name] = f"not installed: {error}"
            except PeerError as error:
                missing[rival.name] = f"failed: {error}"
        seconds = _rounds(own, peers, rounds, warm)
        for rival in rivals:
            if rival.name in peers:
                said = ", ".join(filter(None, [rival.words, _remark(rival, peers[rival.name])]))
                outcome.rows += [_row(o, seconds, rival, said) for o in own]
            else:
                outcome.rows += [_absent(o, seconds, f"{rival.words}: {missing[rival.name]}") for o in own]
    return outcome


def _peer(rival: Rival, place: Place) -> Peer:
    python: str | Path = sys.executable
    if rival.environment is not None:
        python = python_of(rival.environment, place.environments, place.offline)
    return Peer(python, rival.name, place.inputs, **rival.options)


def _versions(rival: Rival, peer: Peer) -> dict[str, str]:
    if rival.environment is None:
        return peer.versions
    name, *others = peer.versions
    with_what = ", ".join([f"Python {peer.python}", *(f"{o} {peer.versions[o]}" for o in others)])
    return {name: f"{peer.versions[name]} ({with_what})"}


def _rounds(own: Sequence[Own], peers: dict[str, Peer], rounds: int, warm: bool) -> Seconds:
    calls = {o.what: lambda o=o: turn(o.call)[0] for o in own} | {name: peer.go for name, peer in peers.items()}
    times = [{name: call() for name, call in calls.items()} for _ in range(rounds + warm)]
    return {name: [one[name] for one in times[warm:]] for name in calls}


def _remark(rival: Rival, peer: Peer) -> str:
    return rival.remark(peer.result()) if rival.remark else ""


def _row(own: Own, seconds: Seconds, rival: Rival, said: str) -> tuple[str, ...]:
    ours, theirs = seconds[own.what], [s * rival.scale for s in seconds[rival.name]]
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    spread = f"{_factor(ratios[0])} to {_factor(ratios[-1])}"
    return (own.what, _time(ours, own.count), _time(theirs, own.count), f"{_factor(median(ratios))}x", spread, said)


def _absent(own: Own, seconds: Seconds, said: str) -> tuple[str, ...]:
    return (own.what, _time(seconds[own.what], own.count), "-", "-", "-", said)


def _factor(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}"


def _time(seconds: list[float], count: int) -> str:
    middle = median(seconds)
    words = (
        f"{middle:.1f} s" if middle >= 10 else f"{middle * 1e3:,.0f} ms" if middle >= 0.1 else f"{middle * 1e3:.2f} ms"
    )
    return f"{words} ({middle / count * 1e9:.1f} ns each)" if count else words


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown whose columns stand under each other."""
    widths = [max(len(row[k]) for row in (header, *rows)) for k in range(len(header) - 1)]
    lines = [" | ".join([*(f"{row[k]:<{w}}" for k, w in enumerate(widths)), row[-1]]) for row in (header, *rows)]
    rule = "|".join("-" * (w + 2) for w in widths)
    return [f"| {lines[0]} |", f"|{rule}|---|", *(f"| {line} |" for line in lines[1:])]
