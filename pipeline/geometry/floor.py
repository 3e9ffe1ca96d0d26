"""The shortest way that any mesh of satellites could be: what no link graph can get under.

From the ground a satellite is seen no lower than the mask allows; between satellites light goes straight, and no straight line passes
lower than the lasers may point. With a satellite wherever one is wanted, none of them lower than the lowest of the fleet, the shortest
way leaves at the mask, goes on by the longest links, which dip deepest, and comes down at the mask.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import MEAN_RADIUS_KM, WGS84_SEMI_MAJOR_KM
from pipeline.geometry.routing import CLEAR_KM
from pipeline.geometry.sky import MASK_MARGIN_RAD


def central_angle_rad(places: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angle at the Earth's centre [rad] between places, (..., 3 or more), and others of that shape: Earth-fixed positions [km] first."""
    a, b = places[..., :3], others[..., :3]
    cross = np.linalg.norm(np.cross(a, b), axis=-1)
    return np.asarray(np.arctan2(cross, (a * b).sum(axis=-1)))


def floor_km(
    angle_rad: ArrayLike,
    lowest_km: float,
    mask_deg: float,
    other_mask_deg: float | None = None,
    clear_km: float = CLEAR_KM,
) -> NDArray[np.float64]:
    """Least length [km] of any way by satellites between two places, of the shape of `angle_rad`, their angle at the Earth's centre [rad].

    lowest_km: distance of the lowest satellite from the centre [km]. mask_deg, other_mask_deg: masks at both ends [deg], the same where
    one is given. clear_km: height [km] above the mean sphere under which no laser points.

    A lower bound whatever the fleet: places lie no farther from the centre than the equator, slopes of the ellipsoid are within the
    margin of the mask, a leg to a satellite grows by less per degree than a link does (so that it is drawn out to the mask), and of links
    from that height the one that grazes `clear_km` is the shortest per degree.
    """
    angle = np.asarray(angle_rad, np.float64)
    first, second = (
        _edge_rad(lowest_km, deg) for deg in (mask_deg, mask_deg if other_mask_deg is None else other_mask_deg)
    )
    whole = first + second
    # Nearer than both edges together one satellite is enough, and stands best over the middle.
    near = angle < whole
    legs = np.where(near, 2 * _leg_km(angle / 2, lowest_km), _leg_km(first, lowest_km) + _leg_km(second, lowest_km))
    return np.asarray(legs + _links_km(np.maximum(angle - whole, 0.0), lowest_km, MEAN_RADIUS_KM + clear_km))


def _edge_rad(lowest_km: float, mask_deg: float) -> float:
    """Central angle [rad] at which a satellite of that height stands at the mask."""
    mask = np.radians(mask_deg) - MASK_MARGIN_RAD
    return float(np.arccos(WGS84_SEMI_MAJOR_KM * np.cos(mask) / lowest_km) - mask)


def _leg_km(angle_rad: ArrayLike, lowest_km: float) -> NDArray[np.float64]:
    """Distance [km] from the ground to a satellite at a central angle [rad]."""
    r = WGS84_SEMI_MAJOR_KM
    square = r * r + lowest_km * lowest_km - 2 * r * lowest_km * np.cos(angle_rad)
    return np.asarray(np.sqrt(square))


def _links_km(angle_rad: NDArray[np.float64], lowest_km: float, grazing_km: float) -> NDArray[np.float64]:
    """Least length [km] of links over a central angle [rad]: one where one reaches, else at the rate of the longest."""
    longest = 2 * np.arccos(min(grazing_km / lowest_km, 1.0))
    one = 2 * lowest_km * np.sin(np.minimum(angle_rad, longest) / 2)
    rate = lowest_km if longest == 0 else 2 * lowest_km * np.sin(longest / 2) / longest
    return np.asarray(np.where(angle_rad <= longest, one, rate * angle_rad))
