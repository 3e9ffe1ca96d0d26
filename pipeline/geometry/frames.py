"""Frames: from TEME, where SGP4's positions are, to Earth-fixed, and points of the WGS-84 ellipsoid.

UT1 is taken as UTC, and polar motion as zero. The first turns the Earth by at most 0.9 s too much or too little, as UTC is defined:
0.0038 degrees of longitude, 420 m on the equator, 500 m at a satellite 1,300 km up. The second leaves out a tilt of at most 0.6
arcseconds: 19 m on the ground, 22 m at that satellite. Measured against Skyfield (tests/geometry/test_frames.py), satellites 300 to
1,300 km up:

- UT1 - UTC was -0.24 s at most between 2019 and 2026 (2026 as the IERS foretells it), and positions 131 m off; since October 2022 within 0.1 s, and 51 m;
- elevations were up to 0.02 degrees off near the zenith of the lowest satellites before October 2022, 0.008 since;
- once turned by UT1 - UTC positions agree within 0.2 mm. The mean sidereal angle is all that TEME needs: the equation of the equinoxes,
  up to 1.1 s or 500 m, is part of TEME's own definition and is not left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.geometry.constants import (
    J2000_JULIAN_DATE,
    MEAN_RADIUS_KM,
    WGS84_ECCENTRICITY_SQUARED,
    WGS84_SEMI_MAJOR_KM,
)


def sidereal_angle_rad(julian_date: ArrayLike, fraction: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Greenwich mean sidereal angle [rad], any shape, of a Julian date (UT1) given as whole and fraction [days].

    IAU 1982 series, which SGP4's own theory uses (Vallado et al. 2006, function gstime).
    """
    centuries = ((np.asarray(julian_date) - J2000_JULIAN_DATE) + np.asarray(fraction)) / 36_525.0
    seconds = 67_310.54841 + centuries * (3_164_400_184.812866 + centuries * (0.093104 - centuries * 6.2e-6))
    return np.mod(np.radians(seconds / 240.0), 2 * np.pi)


def r_ecef_km(r_teme_km: NDArray[np.float64], angle_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earth-fixed positions [km], shape (..., 3), of TEME positions [km] of that shape, turned by `angle_rad`, shape (...)."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    x, y = r_teme_km[..., 0], r_teme_km[..., 1]
    return np.stack([cos * x + sin * y, cos * y - sin * x, r_teme_km[..., 2]], axis=-1)


def point_ecef_km(latitude_deg: ArrayLike, longitude_deg: ArrayLike, height_km: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Earth-fixed position [km], shape (..., 3), of geodetic WGS-84 coordinates [deg, deg, km] of shape (...)."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    height_km = np.asarray(height_km, np.float64)
    normal_km = WGS84_SEMI_MAJOR_KM / np.sqrt(1 - WGS84_ECCENTRICITY_SQUARED * np.sin(latitude) ** 2)
    across_km = (normal_km + height_km) * np.cos(latitude)
    up_km = (normal_km * (1 - WGS84_ECCENTRICITY_SQUARED) + height_km) * np.sin(latitude)
    return np.stack(np.broadcast_arrays(across_km * np.cos(longitude), across_km * np.sin(longitude), up_km), axis=-1)


def up_ecef(latitude_deg: ArrayLike, longitude_deg: ArrayLike) -> NDArray[np.float64]:
    """Unit normal of the ellipsoid, Earth-fixed, shape (..., 3), at geodetic coordinates [deg, deg] of shape (...)."""
    latitude, longitude = np.broadcast_arrays(np.radians(latitude_deg), np.radians(longitude_deg))
    cos = np.cos(latitude)
    return np.stack([cos * np.cos(longitude), cos * np.sin(longitude), np.sin(latitude)], axis=-1)


def elevation_deg(
    r_satellite_km: NDArray[np.float64], latitude_deg: ArrayLike, longitude_deg: ArrayLike, height_km: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Elevation [deg] of Earth-fixed positions [km], shape (..., 3), above the WGS-84 horizon plane of points, shape (...)."""
    sight_km = r_satellite_km - point_ecef_km(latitude_deg, longitude_deg, height_km)
    sine = np.sum(sight_km * up_ecef(latitude_deg, longitude_deg), axis=-1) / np.linalg.norm(sight_km, axis=-1)
    return np.degrees(np.arcsin(np.clip(sine, -1, 1)))


def great_circle_km(
    latitude_deg: NDArray[np.float64],
    longitude_deg: NDArray[np.float64],
    other_latitude_deg: NDArray[np.float64],
    other_longitude_deg: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Length of the great circle between points [km], on a sphere of the mean radius: within 0.6 % of the geodesic of WGS-84.

    Coordinates [deg] of any shape that broadcast. By haversines, good for near points and far ones.
    """
    first, second = np.radians(latitude_deg), np.radians(other_latitude_deg)
    turn = np.radians(other_longitude_deg) - np.radians(longitude_deg)
    half = np.sin((second - first) / 2) ** 2 + np.cos(first) * np.cos(second) * np.sin(turn / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))), np.float64)
