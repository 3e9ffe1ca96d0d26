"""How much the fleets could carry in all, for every draw of what their satellites' figures may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.metrics.capacity_model import Way
from pipeline.metrics.lid import Draw, LidError, generation_gbps

GBPS_PER_TBPS = 1000.0
PAYLOADS = ("broadband", "direct_to_cell")  # test and high-orbit satellites have no broadband


@dataclass(frozen=True)
class Totals:
    """Of a constellation [Tbps], (draw,) or one number each: of all its satellites and of those at work; up is None where a figure is missing."""

    installed_down_tbps: NDArray[np.float64]
    installed_up_tbps: NDArray[np.float64] | None
    in_service_down_tbps: NDArray[np.float64]
    in_service_up_tbps: NDArray[np.float64] | None


def total_tbps(
    counts: Mapping[str, int], generation: pl.DataFrame, way: Way, draw: Draw | None = None
) -> NDArray[np.float64] | None:
    """Broadband down or up of a fleet [Tbps], of the shape of the draws; None where a generation in it has no figure up.

    counts: satellites by generation; direct-to-cell ones count as far as the draw lets them, at the base not at all. generation:
    dim.generation. draw: values by the names of uncertainty_ranges.csv (uncertainty.draws), or None for the base.
    Raises LidError where a generation has no downlink figure: a capacity that is unknown is not zero.
    """
    gbps = generation_gbps(generation, way, draw)
    unknown = sorted(name for name, count in counts.items() if count and gbps.get(name) is None)
    if unknown and way == "down":
        raise LidError(f"no downlink figure for {', '.join(unknown)}: add a row to satellite_generations.csv")
    if unknown:
        return None
    shape = np.broadcast_shapes(*(np.shape(values) for values in (draw or {}).values()))
    total = np.zeros(shape)
    for name in sorted(counts):  # always added in the same order
        if counts[name]:
            total += counts[name] * np.asarray(gbps[name])
    return total / GBPS_PER_TBPS


def totals(satellites: pl.DataFrame, generation: pl.DataFrame, draw: Draw | None = None) -> Totals:
    """Installed and in service, down and up, of one constellation's rows of core.satellite_daily; else as total_tbps."""
    every = counts_of(satellites)
    works = counts_of(satellites.filter(pl.col("state") == "operational"))
    down, in_service = (total_tbps(counts, generation, "down", draw) for counts in (every, works))
    if down is None or in_service is None:  # never: without a figure down it has been raised
        raise LidError("no downlink figure")
    return Totals(
        down,
        total_tbps(every, generation, "up", draw),
        in_service,
        total_tbps(works, generation, "up", draw),
    )


def counts_of(satellites: pl.DataFrame) -> dict[str, int]:
    """Satellites of each generation that carry broadband, or are direct to cell."""
    rows = satellites.filter(pl.col("payload_class").is_in(PAYLOADS))
    return dict(rows.group_by("generation").len().sort("generation").iter_rows())
