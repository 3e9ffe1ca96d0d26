"""The sky of one instant: satellites in an order in which those that a ring of the grid may see lie together.

They are sorted by the latitude below them, in groups of about one height: a group's satellites within reach of a ring are then one
stretch of memory, worked on in whole vectors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.geometry.constants import WGS84_SEMI_MINOR_KM
from pipeline.geometry.kernels import LANES, inlined, leaf, twice_arc_sine_of_root

# The normal and the radius of the ellipsoid differ by at most 0.1924 degrees: satellites are looked for within the spherical
# footprint of a mask that is lower by this much, and the exact condition decides.
MASK_MARGIN_RAD = np.radians(0.2)
# Latitudes are good to 7e-5 rad (below).
LATITUDE_MARGIN_RAD = 2e-4
_CLASS_START_KM, _CLASS_STEP_KM, CLASSES = 6_300.0, 10.0, 4_400
BUCKETS = 1_024
_PER_RAD = BUCKETS / np.pi
MAX_GROUPS = 12
# What a group costs by being one more, in satellites times the reach [rad] that they are looked for in vain by sharing one.
_GROUP_COST = 10.0

Z, DISTANCE, SQUARE, LONGITUDE, PER_DISTANCE = range(5)
_CLASS, _FROM_POLE = range(4, 6)
TOP, NEAREST_KM, FARTHEST_KM = range(3)


def reach_rad(mask_deg: float) -> NDArray[np.float64]:
    """Earth-central angle [rad] within which a satellite may be above the mask [deg], (class,): every 10 km of its distance from the
    centre from 6,300 km, and beyond 50,290 km.

    Raises ValueError where the mask is not between 0 and 90 degrees.
    """
    if not 0 <= mask_deg <= 90:
        raise ValueError(f"an elevation mask of {mask_deg} degrees is not between 0 and 90")
    mask = np.radians(mask_deg) - MASK_MARGIN_RAD
    r_km = _CLASS_START_KM + _CLASS_STEP_KM * np.arange(1, CLASSES + 1)  # the far edge of each step reaches farthest
    r_km[-1] = np.inf
    return np.arccos(np.minimum(1.0, WGS84_SEMI_MINOR_KM * np.cos(mask) / r_km)) - mask + LATITUDE_MARGIN_RAD


@inlined
def class_of(r_km):  # type: ignore[no-untyped-def]
    """The class of a distance from the centre [km], for `reach_rad`."""
    of = (r_km - _CLASS_START_KM) * (1.0 / _CLASS_STEP_KM)
    return int(min(max(of, 0.0), CLASSES - 1.0))


class Sky(NamedTuple):
    """The satellites of one instant that have a position, in order, and the groups that they fall into (sort).

    `of` float64 (5, satellite + LANES): height over the equatorial plane and distance from the axis [km], squared distance from the
    centre [km2], longitude [rad], and reciprocal of the distance from the axis [1/km]. `order` int64: the satellite's place among all.
    `group` float64 (3, MAX_GROUPS): class of the greatest reach, and least and greatest distance from the centre [km]. `start` int64:
    where each bucket of latitude of each group begins (between). The rest is scratch.
    """

    of: NDArray[np.float64]
    order: NDArray[np.int64]
    group: NDArray[np.float64]
    start: NDArray[np.int64]
    raw: NDArray[np.float64]
    of_class: NDArray[np.int64]
    key: NDArray[np.int64]


@inlined
def room(satellites):  # type: ignore[no-untyped-def]
    """A sky for so many satellites."""
    return Sky(
        np.zeros((5, satellites + LANES)),
        np.empty(satellites, np.int64),
        np.empty((3, MAX_GROUPS)),
        np.empty(MAX_GROUPS * BUCKETS + 2, np.int64),
        np.empty((6, satellites)),
        np.empty(CLASSES, np.int64),
        np.empty(satellites, np.int64),
    )


@leaf
def sort(r_ecef_km, instant, reach, sky):  # type: ignore[no-untyped-def]
    """Fill the sky with the satellites of an instant, r_ecef_km (instant, 3, satellite); returns into how many groups they fall.

    reach: what reach_rad gives.
    """
    raw, start, group, key = sky.raw, sky.start, sky.group, sky.key
    _below(r_ecef_km, instant, raw)
    groups = _form(raw, reach, sky.of_class, group)
    last = groups * BUCKETS + 2
    for bucket in range(last):
        start[bucket] = 0
    for k in range(r_ecef_km.shape[2]):
        if raw[_CLASS, k] >= 0.0:  # propagation gave a position; where it did not it says so elsewhere
            of = sky.of_class[int(raw[_CLASS, k])]
            key[k] = of * BUCKETS + min(int(raw[_FROM_POLE, k] * _PER_RAD), BUCKETS - 1)
            start[key[k] + 2] += 1
            group[NEAREST_KM, of] = min(group[NEAREST_KM, of], raw[SQUARE, k])
            group[FARTHEST_KM, of] = max(group[FARTHEST_KM, of], raw[SQUARE, k])
    for bucket in range(2, last):
        start[bucket] += start[bucket - 1]
    for k in range(r_ecef_km.shape[2]):
        if raw[_CLASS, k] >= 0.0:
            place = start[key[k] + 1]
            start[key[k] + 1] += 1  # from where its bucket began to where the next one does
            sky.order[place] = k
            for column in range(4):
                sky.of[column, place] = raw[column, k]
            sky.of[PER_DISTANCE, place] = 1.0 / raw[DISTANCE, k]
    for of in range(groups):
        group[NEAREST_KM, of], group[FARTHEST_KM, of] = np.sqrt(group[NEAREST_KM, of]), np.sqrt(group[FARTHEST_KM, of])
    return groups


@inlined
def between(start, of, north_rad, south_rad):  # type: ignore[no-untyped-def]
    """First and one past the last of the satellites of a group that are so far [rad] from the north pole, and some beyond."""
    low = min(max(int(north_rad * _PER_RAD), 0), BUCKETS - 1)
    high = min(max(int(south_rad * _PER_RAD), 0), BUCKETS - 1)
    return start[of * BUCKETS + low], start[of * BUCKETS + high + 1]


@inlined
def angle_of_cosine(cosine):  # type: ignore[no-untyped-def]
    """Angle [rad] of a cosine, to 7e-5 (Abramowitz and Stegun 4.4.45)."""
    size = abs(cosine)
    angle = np.sqrt(1.0 - size if size < 1.0 else 0.0) * (
        1.5707288 + size * (-0.2121144 + size * (0.0742610 - 0.0187293 * size))
    )
    return angle if cosine > 0.0 else np.pi - angle


@leaf
def _below(r_ecef_km, instant, raw):  # type: ignore[no-untyped-def]
    """Fill raw (6, satellite): the first four columns of the sky, the class of distance from the centre, -1 for none, and the angle of
    the point below from the north pole [rad]."""
    for k in range(r_ecef_km.shape[2]):
        x, y, z = r_ecef_km[instant, 0, k], r_ecef_km[instant, 1, k], r_ecef_km[instant, 2, k]
        across = x * x + y * y
        square, distance = across + z * z, np.sqrt(across)
        r_km = np.sqrt(square)
        away = twice_arc_sine_of_root(y * y / (2.0 * distance * (distance + abs(x))))
        away = (away if x > 0.0 else np.pi - away) if distance > 0.0 else 0.0
        of = (r_km - _CLASS_START_KM) * (1.0 / _CLASS_STEP_KM)
        of = of if of > 0.0 else 0.0
        raw[Z, k], raw[DISTANCE, k], raw[SQUARE, k] = z, distance, square
        raw[LONGITUDE, k] = away if y > 0.0 else -away
        raw[_CLASS, k] = (of if of < CLASSES - 1 else CLASSES - 1) if (square > 0.0) & (square < np.inf) else -1.0
        raw[_FROM_POLE, k] = angle_of_cosine(z / r_km)


@leaf
def _form(raw, reach, of_class, group):  # type: ignore[no-untyped-def]
    """Form groups from the farthest class down: a new one where sharing the reach of those before costs more than a group does."""
    of_class[:] = 0
    for k in range(raw.shape[1]):
        if raw[_CLASS, k] >= 0.0:
            of_class[int(raw[_CLASS, k])] += 1
    groups, vain = 0, 0.0
    for of in range(CLASSES - 1, -1, -1):
        if of_class[of] > 0:
            vain += of_class[of] * (reach[int(group[TOP, groups - 1])] - reach[of]) if groups > 0 else 0.0
            if groups == 0 or (vain > _GROUP_COST and groups < MAX_GROUPS):
                group[TOP, groups], group[NEAREST_KM, groups], group[FARTHEST_KM, groups] = of, np.inf, 0.0
                groups, vain = groups + 1, 0.0
            of_class[of] = groups - 1
    return groups
