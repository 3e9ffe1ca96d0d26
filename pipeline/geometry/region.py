"""Regions of the world by coordinates alone: which continent an end of a cable lies on, coarsely and without borders of countries.

Outlines are of our own making, with a few corners along the middle of seas and straits: Europe ends at the Bosphorus, the Caucasus and
60 degrees east, Africa has the Sinai and the western Indian Ocean, Oceania the Pacific islands with Hawaii. They are good to some 50 km
where continents touch, and north of the Caspian to 200.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.table import REGION

# Longitude and latitude [deg] of corners; the first outline that holds a point has it. Oceania runs on beyond 180 degrees.
_SOUTHERN_EUROPE = ((-32, 36), (-5, 36), (-1.5, 36.2), (0.5, 37.2), (11, 37.7), (12, 35.2), (25, 34))
OUTLINES: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = (
    (
        "europe",
        (
            *_SOUTHERN_EUROPE, (28.8, 35.2), (28.4, 36.55), (27, 36.7), (26.9, 38), (26.62, 39.2), (26.2, 40), (27.5, 40.75), (29.02, 41),
            (29.1, 41.25), (29.1, 42.4), (39.6, 43), (39.6, 43.4), (44, 42.8), (48.5, 41.8), (50, 46), (50, 51.2), (60, 51.2), (60, 84), (-10, 84),
            (-13, 69), (-26, 67), (-32, 62),
        ),
    ),
    (
        "africa",
        (
            *_SOUTHERN_EUROPE, (32, 32.2), (34.2, 31.3), (34.9, 29.5), (34.6, 28), (39, 20.5), (43.2, 12.6), (45, 11.9), (51.5, 12.4), (55, 10),
            (60, 0), (60, -91), (-20, -91), (-20, 5), (-32, 12),
        ),
    ),
    (
        "south_america",
        (
            (-95, 1), (-82, 7), (-78, 7.15), (-77.3, 8.3), (-77.2, 8.9), (-75, 12.3), (-70.5, 13), (-63, 12.4), (-61.2, 11.6), (-32, 9), (-20, 5),
            (-20, -91), (-95, -91),
        ),
    ),
    (
        "oceania",
        (
            (60, -91), (60, -12), (110, -11), (127, -11), (130, -9.5), (141, -9.4), (141, 2), (130, 2), (130, 12), (143, 12), (143, 21), (170, 28),
            (206, 30), (225, 20), (245, 5), (265, 1), (265, -91),
        ),
    ),
)  # fmt: skip
_AMERICA_DEG = (-170.0, -10.0)  # of what no outline holds, North America has these longitudes, and Asia the others


def region_number(latitude_deg: NDArray[np.float64], longitude_deg: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number in REGION of the region that points [deg], (n,), lie in; south of 60 degrees the nearest one's."""
    turned = np.mod(np.asarray(longitude_deg, np.float64) + 180.0, 360.0) - 180.0
    america = (turned >= _AMERICA_DEG[0]) & (turned < _AMERICA_DEG[1])
    found = np.where(america, REGION.index("north_america"), REGION.index("asia"))
    for name, corners in reversed(OUTLINES):
        ring = np.array([*corners, corners[0]], np.float64)
        x = np.where(turned < ring[:, 0].min(), turned + 360.0, turned)
        found[_holds(ring, np.asarray(latitude_deg, np.float64), x)] = REGION.index(name)
    return found


def _holds(
    ring: NDArray[np.float64], latitude: NDArray[np.float64], longitude: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether a closed ring, (m, 2), holds points, (n,): rays to the north cross it an odd number of times."""
    inside = np.zeros(latitude.shape, np.bool_)
    for (x0, y0), (x1, y1) in pairwise(ring.tolist()):
        if x0 != x1:
            crosses = (x0 <= longitude) != (x1 <= longitude)
            inside ^= crosses & (y0 + (longitude - x0) * (y1 - y0) / (x1 - x0) > latitude)
    return inside
