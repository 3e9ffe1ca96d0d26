"""The archive form of the catalog: two-line elements of every active satellite whose number has five digits."""

from __future__ import annotations

from pipeline.formats import elements, omm
from pipeline.source import Parsed, Source

# Frozen since 2026-07-11, when five-digit numbers ran out: no object above 69999 is in it, and decays make it shrink.
SOURCE = Source(
    name="celestrak_active_tle",
    title="CelesTrak: general perturbations elements of all active satellites, as TLE",
    address="https://celestrak.org/NORAD/elements/gp.php?GROUP=active&FORMAT=tle",
    licence="Free to use with attribution (CelesTrak usage policy); at most one download per update",
    citation="CelesTrak (Dr T.S. Kelso), GP data, group 'active', https://celestrak.org",
    cadence="an archive form: landed by hand; frozen at catalog number 69999 since 2026-07-11",
    missing="nothing on a day that has the catalog itself: days of the archive that were kept as TLE only",
    suffix="tle",
    stands_days=0,
    by_hand=True,
)

TABLE = omm.table(
    "raw.celestrak_active_tle", "one row per day and catalogued object: its newest mean elements, from TLE"
)


def parse(data: bytes) -> Parsed:
    """Read landed elements in any format that formats.elements knows: the rows, and those left out with the reason.

    Raises SourceError when the bytes are no elements, are cut, or more than 5 % of the satellites cannot be read.
    """
    return elements.read(data, SOURCE.name)
