"""The embedded sample: a synthetic day of OMM CSV, as large as the real fleets, so that the whole job runs offline.

Counts, altitudes and inclinations are those of the observed shells of 30 May 2026 (pipeline/reference/constellations.csv,
rows obs-*; names and generations after generation_assignment.csv). Planes and slots are evenly spread: they are
made up, and no satellite in it is a real one. Catalog numbers begin at 900000001 and launches at number 900 of a year, so that
no row can be taken for a catalogued object.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from pipeline.geometry.elements import mean_motion_rev_per_day

DAY = date(2026, 5, 30)
FIRST_CATALOG_NUMBER = 900_000_001
HEADER = (
    "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,"
    "EPHEMERIS_TYPE,CLASSIFICATION_TYPE,NORAD_CAT_ID,ELEMENT_SET_NO,REV_AT_EPOCH,BSTAR,MEAN_MOTION_DOT,MEAN_MOTION_DDOT"
)
# MEAN_MOTION_DOT of a satellite that climbs about 6 km a day on its own thrust (seen on real Amazon Leo and Qianfan).
CLIMBING = -0.02
SINKING = 0.01
# Satellites of one launch: with more of them a block would be taken for one that no rule knows.
LAUNCH_COUNT = 40


@dataclass(frozen=True)
class Shell:
    """So many satellites of one name block on circular orbits, on `slot_count` places per plane, or anywhere where they wait.

    Blocks that share a shell share its places; 0 is as many as there are satellites in a plane.
    """

    count: int
    planes: int
    altitude_km: float
    inclination_deg: float
    name: str
    first_number: int
    launch_year: int
    mean_motion_dot_rev_per_day2: float = 1e-5
    ascending_span_deg: float = 360.0
    slot_count: int = 0
    waiting: bool = False


SHELLS = (
    # Starlink, 43 degrees
    Shell(643, 36, 483, 43.0, "STARLINK-{}", 3004, 2022, slot_count=51),
    Shell(1400, 56, 483, 43.0, "STARLINK-{}", 30000, 2023, slot_count=51),
    Shell(1210, 56, 483, 43.0, "STARLINK-{}", 33500, 2025, slot_count=51),
    # Starlink, 53 degrees
    Shell(1308, 72, 540, 53.2, "STARLINK-{}", 4000, 2022),
    Shell(300, 72, 475, 53.2, "STARLINK-{}", 1007, 2020, slot_count=22),
    Shell(600, 72, 475, 53.2, "STARLINK-{}", 31400, 2024, slot_count=22),
    Shell(338, 72, 475, 53.2, "STARLINK-{}", 34710, 2025, slot_count=22),
    Shell(100, 20, 471, 53.2, "STARLINK-{}", 1310, 2020, slot_count=22),
    Shell(203, 28, 471, 53.2, "STARLINK-{}", 32000, 2024, slot_count=22),
    Shell(300, 28, 471, 53.2, "STARLINK-{}", 35050, 2025, slot_count=22),
    Shell(799, 56, 463, 53.2, "STARLINK-{}", 35350, 2026),
    # Starlink, 70 degrees and polar
    Shell(346, 36, 572, 70.0, "STARLINK-{}", 5400, 2022, slot_count=20),
    Shell(150, 18, 572, 70.0, "STARLINK-{}", 32210, 2024, slot_count=20),
    Shell(204, 18, 572, 70.0, "STARLINK-{}", 36150, 2025, slot_count=20),
    Shell(170, 6, 549, 97.4, "STARLINK-{}", 5800, 2021, slot_count=58),
    Shell(222, 6, 549, 97.4, "STARLINK-{}", 32400, 2024, slot_count=58),
    Shell(85, 6, 549, 97.4, "STARLINK-{}", 36360, 2025, slot_count=58),
    Shell(391, 12, 466, 97.3, "STARLINK-{}", 36450, 2026),
    # Starlink, direct to cell
    Shell(311, 24, 360, 53.2, "STARLINK-{} [DTC]", 11072, 2024),
    Shell(329, 24, 356, 43.0, "STARLINK-{} [DTC]", 11400, 2024),
    # Starlink, on the way up or down
    Shell(87, 3, 419, 97.3, "STARLINK-{}", 36850, 2026, CLIMBING),
    Shell(342, 12, 360, 53.2, "STARLINK-{}", 36940, 2026, CLIMBING),
    Shell(316, 40, 420, 53.0, "STARLINK-{}", 1410, 2020, SINKING),
    Shell(140, 20, 430, 53.2, "STARLINK-{}", 6000, 2022, SINKING),
    # Amazon Leo: one shell filling up, the rest climbing
    Shell(210, 30, 630, 51.9, "KUIPER-{:05d}", 8, 2025),
    Shell(118, 10, 455, 51.9, "KUIPER-{:05d}", 300, 2026, CLIMBING),
    # OneWeb: twelve polar planes over half the circle
    Shell(651, 12, 1200, 87.9, "ONEWEB-{:04d}", 12, 2021, 3e-7, 182.7),
    # Qianfan: on station, and parked
    Shell(120, 6, 1066, 89.0, "QIANFAN-{}", 1, 2025, 6e-7),
    Shell(44, 6, 830, 89.0, "QIANFAN-{}", 140, 2026, 3e-6, waiting=True),
    # Guowang
    Shell(108, 12, 1146, 50.0, "HULIANWANG DIGUI-{}", 1, 2025, -1e-6),
    Shell(60, 6, 1167, 86.5, "HULIANWANG DIGUI-{}", 120, 2025, 3e-7),
)


def catalog(day: date = DAY) -> bytes:
    """The synthetic catalog of `day` as OMM CSV (CRLF), the same bytes every time."""
    lines, number = [HEADER], FIRST_CATALOG_NUMBER
    for index, shell in enumerate(SHELLS):
        lines += [_line(shell, index, k, number + k, day) for k in range(shell.count)]
        number += shell.count
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _line(shell: Shell, index: int, k: int, catalog_number: int, day: date) -> str:
    """Row `k` of a shell: plane by plane, slots evenly spread, neighbouring planes shifted against each other."""
    plane, slot = k % shell.planes, k // shell.planes
    needed = -(-shell.count // shell.planes)
    places = shell.slot_count or needed
    node_deg = (shell.ascending_span_deg * plane / shell.planes + 7.0 * index) % 360.0
    # A golden-ratio shift between planes keeps any two of them from flying in step.
    latitude_argument_deg = 360.0 / places * (slot * places // needed + (plane * 0.618034) % 1.0)
    if shell.waiting:
        latitude_argument_deg = 137.5078 * k * (1 + slot)
    # One epoch for all, so that slots that are even in the elements are even in the sky.
    epoch = datetime.combine(day, time()) - timedelta(hours=6)
    mean_motion = float(mean_motion_rev_per_day(np.float64(shell.altitude_km)))
    fields = (
        shell.name.format(shell.first_number + k),
        _designator(shell, index, k),
        epoch.isoformat(timespec="microseconds"),
        f"{mean_motion:.8f}",
        ".00012000",
        f"{shell.inclination_deg:.4f}",
        f"{node_deg:.4f}",
        "90.0000",
        f"{(latitude_argument_deg - 90.0) % 360.0:.4f}",
        "0", "U", str(catalog_number), "999", "1", ".1E-3", f"{shell.mean_motion_dot_rev_per_day2:.5E}", "0",
    )  # fmt: skip
    return ",".join(fields)


def _designator(shell: Shell, index: int, k: int) -> str:
    """International designator of row `k` of a shell: launches of a year are numbered on from 900."""
    earlier = sum(-(-s.count // LAUNCH_COUNT) for s in SHELLS[:index] if s.launch_year == shell.launch_year)
    return f"{shell.launch_year}-{900 + earlier + k // LAUNCH_COUNT:03d}{_piece(k % LAUNCH_COUNT)}"


def _piece(k: int) -> str:
    """Piece letters of a designator: A to Z without I and O, then AA, AB, ..."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    text = ""
    k += 1
    while k:
        k, rest = divmod(k - 1, len(letters))
        text = letters[rest] + text
    return text
