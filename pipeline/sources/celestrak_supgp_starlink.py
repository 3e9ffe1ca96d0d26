"""Supplemental elements of Starlink, which CelesTrak fits to the operator's own ephemerides (SupGP)."""

from __future__ import annotations

from pipeline.formats import elements, omm
from pipeline.source import Parsed, Source

SOURCE = Source(
    name="celestrak_supgp_starlink",
    title="CelesTrak: supplemental elements of Starlink, from the operator's ephemerides",
    address="https://celestrak.org/NORAD/elements/supplemental/sup-gp.php?FILE=starlink&FORMAT=csv",
    licence="Free to use with attribution (CelesTrak usage policy); at most one download per update",
    citation="CelesTrak (Dr T.S. Kelso), SupGP data from SpaceX ephemerides, https://celestrak.org",
    cadence="three times a day; asked once a day",
    missing="satellites launched in the last days, which have no catalog number yet, and the operator's own elements",
    stands_days=0,
)

# Provisional numbers (70000 to 72999 until May 2026, nine digits 7995xxxxx since) are later replaced by catalog numbers.
TABLE = omm.table(
    "raw.celestrak_supgp_starlink", "one row per day and Starlink satellite: its newest supplemental elements"
)
MAY_BE_EMPTY = ("OBJECT_ID",)


def parse(data: bytes) -> Parsed:
    """Read landed elements in any format that formats.elements knows: the rows, and those left out with the reason.

    OBJECT_ID may be empty: a satellite that is not catalogued yet may have none.
    Raises SourceError when the bytes are no elements, are cut, or more than 5 % of the rows cannot be read.
    """
    return elements.read(data, SOURCE.name, MAY_BE_EMPTY)
