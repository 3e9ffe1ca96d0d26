"""The catalog: mean elements of every active satellite, as CelesTrak publishes them (OMM; archives also as TLE)."""

from __future__ import annotations

from pipeline.formats import elements, omm
from pipeline.source import Parsed, Source

SOURCE = Source(
    name="celestrak_active",
    title="CelesTrak: general perturbations elements of all active satellites",
    address="https://celestrak.org/NORAD/elements/gp.php?GROUP=active&FORMAT=csv",
    licence="Free to use with attribution (CelesTrak usage policy); at most one download per update",
    citation="CelesTrak (Dr T.S. Kelso), GP data, group 'active', https://celestrak.org",
    cadence="every two hours; asked once a day",
    missing="everything: a day without a catalog of at most three days of age is withheld",
    required=True,
    stands_days=3,
)

TABLE = omm.table("raw.celestrak_active", "one row per day and catalogued object: its newest mean elements")


def parse(data: bytes) -> Parsed:
    """Read a landed catalog in any format that formats.elements knows: its rows, and those left out with the reason.

    Raises SourceError when the bytes are no elements, are cut, or more than 5 % of the rows cannot be read.
    """
    return elements.read(data, SOURCE.name)
