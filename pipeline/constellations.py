"""The five constellations, one cited literal each: a new constellation is one more literal and its name in CONSTELLATION."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.table import CONSTELLATION, Column, Table


@dataclass(frozen=True)
class Generation:
    """Which satellites of a constellation are of one generation.

    `pattern` is a regular expression on the object name. Where it has a group, the number in it must lie in
    `first`..`last`. A launch with more than `most_per_launch` of them is of another block. The first rule that fits decides.
    `payload_class` is a word of table.PAYLOAD_CLASS.
    """

    name: str
    pattern: str
    payload_class: str = "broadband"
    first: int = 0
    last: int = 999_999
    most_per_launch: int = 999_999
    flag: bool = False


@dataclass(frozen=True)
class Constellation:
    """One constellation, as its operator and its filings describe it.

    `names` is a regular expression that all its objects' names match and nobody else's.
    `min_elevation_deg` is the licensed or filed elevation mask of a user terminal [deg].
    """

    name: str
    title: str
    operator: str
    names: str
    generations: tuple[Generation, ...]
    min_elevation_deg: float
    min_elevation_source: str
    citation: str


STARLINK = Constellation(
    name="starlink",
    title="Starlink",
    operator="SpaceX",
    # The orbital-compute satellite shown in June 2026 is called AI1; whatever it is catalogued as, it is flagged, never guessed.
    names=r"^(STARLINK[- ]|AI1\b)",
    generations=(
        Generation("starlink-d2c", r"\[DTC\]", "direct_to_cell"),
        Generation("starlink-d2c", r"^STARLINK-(\d+)", "direct_to_cell", 11_000, 11_999),
        Generation("starlink-v0.9", r"^STARLINK-(\d+)", "broadband", 1, 1_000),
        Generation("starlink-v1.0", r"^STARLINK-(\d+)", "broadband", 1_001, 2_999),
        Generation("starlink-v1.5", r"^STARLINK-(\d+)", "broadband", 3_000, 6_999),
        Generation("starlink-v2mini", r"^STARLINK-(\d+)", "broadband", 30_000, 32_999),
        # A Falcon 9 carries up to 29 of these, a Starship 50 to 60 of the third generation.
        Generation("starlink-v2mini-opt", r"^STARLINK-(\d+)", "broadband", 33_000, 39_999, most_per_launch=40),
        # A new block (a third generation, say) is counted with conservative figures and flagged, never guessed.
        Generation("unknown", r"", "broadband", flag=True),
    ),
    min_elevation_deg=25.0,
    min_elevation_source="FCC SAT-MOD-20200417-00037 (granted 27 Apr 2021)",
    citation="pipeline/reference/constellations.csv, rows obs-*; pipeline/reference/generation_assignment.csv, priorities 1 to 7",
)

AMAZON_LEO = Constellation(
    name="amazon_leo",
    title="Amazon Leo",
    operator="Amazon",
    names=r"^(KUIPER-|AMAZON LEO[- ]?\d|LEO-\d)",
    generations=(Generation("leo-kuiper-gen1", r""),),
    min_elevation_deg=35.0,
    min_elevation_source="FCC 20-102, SAT-LOA-20190704-00057",
    citation="pipeline/reference/constellations.csv, rows k1 to k3; generation_assignment.csv, priority 8",
)

ONEWEB = Constellation(
    name="oneweb",
    title="OneWeb",
    operator="Eutelsat",
    names=r"^ONEWEB-",
    generations=(Generation("oneweb-gen1", r""),),
    min_elevation_deg=55.0,
    min_elevation_source="Filing (55 nominal), as used by del Portillo, Cameron and Crawley 2019",
    citation="pipeline/reference/constellations.csv, row ow1; generation_assignment.csv, priority 9",
)

QIANFAN = Constellation(
    name="qianfan",
    title="Qianfan",
    operator="Shanghai Spacesail",
    names=r"^QIANFAN-",
    generations=(Generation("qianfan-gen1", r""),),
    min_elevation_deg=25.0,
    min_elevation_source="Assumed: no filing states it",
    citation="pipeline/reference/constellations.csv, row qf1; generation_assignment.csv, priority 10",
)

GUOWANG = Constellation(
    name="guowang",
    title="Guowang",
    operator="China SatNet",
    names=r"^(HULIANWANG DIGUI|HULIANWANG? GAOGUI|HULIANWANG JISHU SHIYAN|GUOWANG)",
    generations=(
        Generation("guowang-geo", r"GAOGUI", "high_orbit"),
        Generation("guowang-test", r"JISHU SHIYAN|TEST", "test"),
        Generation("guowang-gen1", r""),
    ),
    min_elevation_deg=25.0,
    min_elevation_source="Assumed: no filing states it",
    citation="pipeline/reference/constellations.csv, rows gw-*; generation_assignment.csv, priority 11",
)

CONSTELLATIONS: tuple[Constellation, ...] = (STARLINK, AMAZON_LEO, ONEWEB, QIANFAN, GUOWANG)
BY_NAME: dict[str, Constellation] = {c.name: c for c in CONSTELLATIONS}
assert tuple(BY_NAME) == CONSTELLATION  # the literals and the enumeration are one list

TABLE = Table(
    "dim.constellation",
    "one row per constellation",
    (
        Column("constellation", "constellation", "", "Name used in every table", key=True),
        Column("title", "text", "", "Name as the operator writes it"),
        Column("operator", "text", "", "Operator"),
        Column("min_elevation_deg", "number", "deg", "Elevation mask of a user terminal, licensed or filed", 0, 90),
        Column("min_elevation_source", "text", "", "Where the mask comes from"),
        Column("citation", "text", "", "Rows of the shipped reference that describe it"),
    ),
)
