"""Physical constants of the two Earths in use: WGS-72 inside SGP4, WGS-84 for everything on the ground."""

from __future__ import annotations

# WGS-72, as SGP4's element sets are defined on (Hoots and Roehrich 1980; Vallado et al. 2006).
WGS72_MU_KM3_PER_S2 = 398_600.8
WGS72_RADIUS_KM = 6_378.135
WGS72_J2 = 1.082616e-3
WGS72_J3 = -2.53881e-6
WGS72_J4 = -1.65597e-6

# WGS-84 (NIMA TR8350.2, third edition, table 3.1).
WGS84_SEMI_MAJOR_KM = 6_378.137
WGS84_FLATTENING = 1 / 298.257223563
WGS84_ECCENTRICITY_SQUARED = WGS84_FLATTENING * (2 - WGS84_FLATTENING)
WGS84_SEMI_MINOR_KM = WGS84_SEMI_MAJOR_KM * (1 - WGS84_FLATTENING)
# Mean radius, (2 a + b) / 3, for distances on a sphere.
MEAN_RADIUS_KM = (2 * WGS84_SEMI_MAJOR_KM + WGS84_SEMI_MINOR_KM) / 3

# Rate of the sidereal angle (Vallado 2013, eq. 3-40): the Earth's turn against the stars of SGP4's own theory.
EARTH_RAD_PER_S = 7.29211514670698e-5

LIGHT_KM_PER_S = 299_792.458
J2000_JULIAN_DATE = 2_451_545.0
