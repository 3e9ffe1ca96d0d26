"""What a source of data is: one SOURCE literal, the TABLE it fills and parse(bytes) in one file of pipeline/sources/."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.table import Column, Table


@dataclass(frozen=True)
class Source:
    """Where data comes from, under which terms, and what is missing without it.

    `address` is an https address, "package:NAME/PATH" (a file of an installed package) or "shipped:FILE" (in pipeline/reference).
    `stands_days` is how many days a landed copy may stand in for a day of its own (None: any age).
    `every_days`: a run asks the provider again when what stands is that many days old.
    `suffix` is the file name ending of landed bytes; `limit_bytes` the largest size accepted.
    `by_hand`: landed from a file only; a run never asks for it.
    """

    name: str
    title: str
    address: str
    licence: str
    citation: str
    cadence: str
    missing: str
    suffix: str = "csv"
    required: bool = False
    stands_days: int | None = None
    every_days: int = 1
    limit_bytes: int = 64 * 2**20
    by_hand: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether landing asks a server (else the bytes come with the installation)."""
        return self.address.startswith(("https://", "http://"))


@dataclass(frozen=True)
class Parsed:
    """What parse(bytes) returns: the rows of the source's TABLE (without `day`), and the rows left out with the reason.

    `excluded` has the columns row_number, row_key, reason. `row_numbers` says, row by row, where `frame` stands in the
    file: in CSV the line (1 = the header), in TLE the line of line 1 (1 = the first of the file), in JSON and XML the
    ordinal of the object plus 1 (2 = the first). None: not recorded.
    """

    frame: pl.DataFrame
    excluded: pl.DataFrame
    row_numbers: pl.Series | None = None


EXCLUDED_SCHEMA = {"row_number": pl.Int64, "row_key": pl.String, "reason": pl.String}

EXCLUSION_TABLE = Table(
    "meta.exclusion",
    "one row per day, source and row that was left out, with the reason",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("source", "text", "", "Name of the source, or of the step that left the row out", key=True),
        Column(
            "row_number",
            "integer",
            "",
            "Line of the landed file, the header being 1 (in JSON and XML the ordinal of the object plus 1); "
            "of a satellite left out later, its catalog number",
            0,
            key=True,
        ),
        Column("row_key", "text", "", "What identifies the row: name and catalog number"),
        Column("reason", "text", "", "The rule that the row broke"),
    ),
)


class SourceError(ValueError):
    """Landed bytes cannot be read. The message says what is wrong, where, and what to do."""
