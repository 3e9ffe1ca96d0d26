"""One pass over the day's sky: positions are computed once per window and shared by everything that counts them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry.propagation import ERRORS, Fleet, Instants
from pipeline.geometry.visibility import RingGeometry, Tally, bent_pipe_km, merged, tally

WINDOW_INSTANTS = 60
THREADS = 2


@dataclass(frozen=True)
class Gateways:
    """Ground stations that a bent pipe may end at: geodetic coordinates [deg], shape (gateway,), and their mask [deg]."""

    latitude_deg: NDArray[np.float64]
    longitude_deg: NDArray[np.float64]
    mask_deg: float


@dataclass(frozen=True)
class Swept:
    """What a pass leaves: the tally of the day, the shortest bent-pipe way [km] (instant, cell in ring order) or None,
    and the satellites whose propagation failed, with SGP4's words.
    """

    tally: Tally
    bent_pipe_km: NDArray[np.float32] | None
    failed: pl.DataFrame


def sweep(
    elements: pl.DataFrame,
    weight: NDArray[np.int64],
    instants: Instants,
    geometry: RingGeometry,
    mask_deg: float,
    gateways: Gateways | None = None,
    every: int = 5,
) -> Swept:
    """Propagate satellites over all instants and count them in every cell; a bent pipe is looked for at one instant in `every`.

    `elements` has one row per satellite (OMM fields, object_name, norad_cat_id); `weight` is summed over those in view.
    """
    fleet, total = Fleet(elements), len(instants.fraction)

    def window(first: int) -> tuple[Tally, list[NDArray[np.float32]], NDArray[np.uint8]]:
        r_ecef_km, error = fleet.positions(instants.part(first, min(first + WINDOW_INSTANTS, total)))
        chosen = range(-first % every, r_ecef_km.shape[1], every) if gateways else ()
        ways = [_way_km(r_ecef_km[:, k], gateways, geometry, mask_deg) for k in chosen if gateways]
        return tally(r_ecef_km, weight, geometry, mask_deg, first), ways, error.max(axis=1, initial=0)

    # The counting kernels release the GIL, so two threads count and propagate beside each other.
    with ThreadPoolExecutor(THREADS) as pool:
        windows = list(pool.map(window, range(0, total, WINDOW_INSTANTS)))
    ways = [way for _, of_window, _ in windows for way in of_window]
    worst = np.max([error for _, _, error in windows], axis=0)
    return Swept(
        merged([counted for counted, _, _ in windows]), np.stack(ways) if ways else None, _failed(elements, worst)
    )


def _way_km(
    r_ecef_km: NDArray[np.float64], gateways: Gateways, geometry: RingGeometry, mask_deg: float
) -> NDArray[np.float32]:
    return bent_pipe_km(
        np.ascontiguousarray(r_ecef_km),
        gateways.latitude_deg,
        gateways.longitude_deg,
        geometry,
        mask_deg,
        gateways.mask_deg,
    )


def _failed(elements: pl.DataFrame, worst: NDArray[np.uint8]) -> pl.DataFrame:
    """Satellites with any SGP4 error: norad_cat_id, row_key, reason."""
    words = [ERRORS.get(int(code), f"SGP4 error {code}") for code in worst[worst != 0]]
    rows = elements.filter(pl.Series(worst != 0))
    key = pl.format("{} {}", "object_name", "norad_cat_id").alias("row_key")
    return rows.select("norad_cat_id", key).with_columns(pl.Series("reason", words, pl.String))
