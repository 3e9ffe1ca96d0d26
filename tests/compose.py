"""Reads docker-compose.yml as Compose does, and moves what it starts to loopback and to a folder of the test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tests.programs import ROOT

VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<rule>[-?])(?P<word>[^}]*))?\}")


class MissingVariable(ValueError):
    """A required variable is empty: Compose would refuse to start."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """`text` with ${NAME}, ${NAME:-default} and ${NAME:?message} replaced, and $$ made $."""

    def value(match: re.Match[str]) -> str:
        name, rule = match["name"], match["rule"]
        if name is None:
            return "$"
        if found := variables.get(name, ""):
            return found
        if rule == "?":
            raise MissingVariable(f"{name}: {match['word']}")
        return match["word"] or ""

    return VARIABLE.sub(value, text)


def parsed(variables: Mapping[str, str]) -> dict[str, Any]:
    """docker-compose.yml with anchors, merges and variables resolved."""
    return _each_text(
        yaml.safe_load((ROOT / "docker-compose.yml").read_text()), lambda text: interpolate(text, variables)
    )


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    return value


@dataclass(frozen=True)
class Place:
    """Where things are that containers find by name: `moves` maps a text of the file to the one that holds here."""

    moves: Mapping[str, str]

    def moved(self, value: Any) -> Any:
        """`value` with every text moved, longest first."""
        return _each_text(value, self._text)

    def _text(self, text: str) -> str:
        for old in sorted(self.moves, key=len, reverse=True):
            text = text.replace(old, self.moves[old])
        return text
