"""What ships with the package: cited figures, outlines, SQL and templates, read from where the package is installed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

PACKAGE = Path(__file__).resolve().parents[1]


class AssetError(RuntimeError):
    """A file that ships with the package is missing or broken."""


@cache
def reference(name: str) -> pl.DataFrame:
    """Rows of pipeline/reference/<name>.csv: an empty field is null, "NA" is text (Namibia), types are read from all rows.

    Raises AssetError when there is no such file or it is no CSV.
    """
    try:
        return pl.read_csv(_bytes("reference", f"{name}.csv"), infer_schema_length=None, null_values=[""])
    except pl.exceptions.PolarsError as error:
        raise AssetError(f"reference {name}.csv is not a CSV file ({error}): {_ADVICE}") from error


def reference_bytes(file_name: str) -> bytes:
    """Bytes of pipeline/reference/<file_name>, as a source with the address shipped:<file_name> lands them."""
    return _bytes("reference", file_name)


def topology() -> dict[str, Any]:
    """The outlines of countries: TopoJSON for pipeline.geometry.outline. Raises AssetError when the file is broken."""
    try:
        return json.loads(_bytes("reference", "natural_earth_50m.json"))
    except ValueError as error:
        raise AssetError(f"reference natural_earth_50m.json is not a JSON file ({error}): {_ADVICE}") from error


def template(name: str) -> str:
    """Text of pipeline/digest/templates/<name>."""
    return _bytes("digest/templates", name).decode("utf-8")


def sql_folder() -> Path:
    """The folder sql/ of the checkout: marts, digest, examples. Raises AssetError when it is not beside the package."""
    folder = PACKAGE.parent / "sql"
    if not folder.is_dir():
        raise AssetError(
            f"the folder sql/ is not beside the package in {PACKAGE.parent}: run Skytrunk from its checkout"
        )
    return folder


_ADVICE = "restore the file from the repository"


def _bytes(folder: str, file_name: str) -> bytes:
    root = (PACKAGE / folder).resolve()
    path = (root / file_name).resolve()
    if path.parent != root:
        raise AssetError(f"{file_name!r} is not a plain file name of pipeline/{folder}")
    try:
        return path.read_bytes()
    except OSError as error:
        there = ", ".join(sorted(p.name for p in root.glob("*") if p.is_file())) or "nothing"
        raise AssetError(
            f"pipeline/{folder}/{file_name} cannot be read ({error.strerror}): there is {there}"
        ) from error
