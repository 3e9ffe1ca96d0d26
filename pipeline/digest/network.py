"""What the digest says about the network: satellites against fibre on the AI corridors, and how wrong the modelled delay is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.digest import words
from pipeline.digest.grid import Grid, Heading
from pipeline.digest.words import DASH

Row = dict[str, Any]


def grids(rows: Mapping[str, pl.DataFrame]) -> tuple[Grid, ...]:
    """Return the tables that have an answer among `rows`, the answers of sql/digest/*.sql by file stem."""
    made = {"corridor": _corridors, "model_error": _errors}
    return tuple(make(rows[name].to_dicts()) for name, make in made.items() if name in rows and rows[name].height)


def _corridors(corridors: list[Row]) -> Grid:
    headings = (
        Heading("Corridor", numeric=False),
        Heading("km", mail=False),
        Heading("Starlink, ms", "Starlink"),
        Heading("95th percentile", mail=False),
        Heading("Three links, ms", mail=False),
        Heading("Floor, ms", mail=False),
        Heading("Fibre, ms", "Fibre"),
        Heading("Satellites less fibre, ms", "Difference"),
        Heading("Great circle in glass, ms", mail=False),
        Heading("Measured Internet, ms", mail=False),
        Heading("Path changes an hour", mail=False),
    )
    faster = sum(row["gap_fibre_stretched_ms"] is not None and row["gap_fibre_stretched_ms"] < 0 for row in corridors)
    changed = [_name(row) for row in corridors if row["fibre_stretched_sign_changed"]]
    note = (
        f"Satellites are faster than fibre stretched by 1.3 on {faster} of {len(corridors)} corridors. Round trips, estimated: gateways within "
        "500 km of both ends or the nearest, four lasers a satellite, overhead of both ends in; the floor is what no mesh can be faster than. "
        "Time alone: not whether there is capacity. All pairs of compute sites and cloud regions are in core.corridor_daily."
    )
    if changed:
        note = f"Who is faster has changed since the day before: {words.listed(changed)}. {note}"
    return Grid(
        "Satellites against fibre on the AI corridors",
        headings,
        tuple(map(_corridor_row, corridors)),
        note,
        mail_rows=6,
    )


def _name(row: Row) -> str:
    return " to ".join(_city(row[end]) for end in ("from_id", "to_id"))


def _city(name: str) -> str:
    return name.replace("-", " ").title()


def _corridor_row(row: Row) -> tuple[str, ...]:
    gap = row["gap_fibre_stretched_ms"]
    return (
        _name(row),
        words.count(row["geodesic_km"]),
        *(
            _ms(row[name])
            for name in ("rtt_p50_ms", "rtt_p95_ms", "rtt_three_links_p50_ms", "rtt_floor_ms", "fibre_stretched_ms")
        ),
        DASH if gap is None else f"{gap:+.0f}".replace("-", "\N{MINUS SIGN}"),
        *(_ms(row[name]) for name in ("fibre_great_circle_ms", "internet_ms")),
        DASH if row["path_changes_per_h"] is None else f"{row['path_changes_per_h']:.0f}",
    )


def _ms(value: float | None) -> str:
    return DASH if value is None else f"{value:.0f}"


PREDICTORS = {
    "model": "The model",
    "best_rank": "Served by the best satellite",
    "median_rank": "Served by the median one",
    "constant": "A constant",
    "line": "A line on the distance",
}


def _errors(predictors: list[Row]) -> Grid:
    headings = (
        Heading("Predictor", numeric=False),
        Heading("Countries", mail=False),
        Heading("Mean absolute error, ms", "Error, ms"),
        Heading("Bias, ms", "Bias, ms"),
        Heading("Rank correlation", "Rank"),
        Heading("Of the constant's", mail=False),
    )
    note = (
        "Modelled round trips to the PoP against medians that Starlink publishes, in the countries that nothing was fitted on. "
        "Country by country: core.model_place_daily."
    )
    return Grid("How wrong the delay is", headings, tuple(map(_error_row, predictors)), note)


def _error_row(row: Row) -> tuple[str, ...]:
    def two(value: float | None) -> str:
        return DASH if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")

    return (
        PREDICTORS[row["predictor"]],
        words.count(row["country_count"]),
        DASH if row["mae_ms"] is None else f"{row['mae_ms']:.1f}",
        DASH if row["bias_ms"] is None else f"{row['bias_ms']:+.1f}".replace("-", "\N{MINUS SIGN}"),
        two(row["rank_correlation"]),
        two(row["of_constant_factor"]),
    )
