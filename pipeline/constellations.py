"""The five constellations, one cited literal each: a new constellation is one more literal and its name in CONSTELLATION."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.table import CONSTELLATION, Column, Table


@dataclass(frozen=True)
class Generation:
    """Which satellites of a constellation are of one generation.

    `pattern` is a regular expression on the object name. Where it has a group, the number in it must lie in
    `first`..`last`. The first rule that fits decides. `payload_class` is a word of table.PAYLOAD_CLASS.
    """

    name: str
    pattern: str
    payload_class: str = "broadband"
    first: int = 0
    last: int = 999_999
    flag: bool = False


@dataclass(frozen=True)
class Constellation:
    """One constellation, as its operator and its filings describe it.

    `names` is a regular expression that all its objects' names match and nobody else's.
    `min_elevation_deg` is the licensed or filed elevation mask of a user terminal [deg].
    `service_floor_km` is the lowest mean altitude at which a broadband satellite is on station [km]; below it fly
    satellites on their way up or down. `service_floor_other_km` is the same for other payload classes.
    """

    name: str
    title: str
    operator: str
    names: str
    generations: tuple[Generation, ...]
    min_elevation_deg: float
    min_elevation_source: str
    service_floor_km: float
    service_floor_other_km: float
    service_floor_source: str
    citation: str


STARLINK = Constellation(
    name="starlink",
    title="Starlink",
    operator="SpaceX",
    names=r"^STARLINK[- ]",
    generations=(
        Generation("starlink-d2c", r"\[DTC\]", "direct_to_cell"),
        Generation("starlink-d2c", r"^STARLINK-(\d+)", "direct_to_cell", 11_000, 11_999),
        Generation("starlink-v1.0", r"^STARLINK-(\d+)", "broadband", 1_001, 2_999),
        Generation("starlink-v1.5", r"^STARLINK-(\d+)", "broadband", 3_000, 6_999),
        Generation("starlink-v2mini", r"^STARLINK-(\d+)", "broadband", 30_000, 32_999),
        Generation("starlink-v2mini-opt", r"^STARLINK-(\d+)", "broadband", 33_000, 39_999),
        # A new block (a third generation, say) is counted with conservative figures and flagged, never guessed.
        Generation("unknown", r"", "broadband", flag=True),
    ),
    min_elevation_deg=25.0,
    min_elevation_source="FCC SAT-MOD-20200417-00037 (granted 27 Apr 2021)",
    service_floor_km=440.0,
    service_floor_other_km=340.0,
    service_floor_source="Observed shells of 30 May 2026 (CelesTrak GP): broadband 463 to 572 km, direct to cell 356 to 360 km",
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
    service_floor_km=580.0,
    service_floor_other_km=580.0,
    service_floor_source="Filed shells at 590, 610 and 630 km (FCC 20-102); satellites arrive at about 450 km",
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
    service_floor_km=1150.0,
    service_floor_other_km=1150.0,
    service_floor_source="Plane altitudes 1175 to 1219 km (observed 30 May 2026)",
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
    service_floor_km=1040.0,
    service_floor_other_km=1040.0,
    service_floor_source="generation_assignment.csv, priority 10: on station at 1040 km or more, parking near 800 km",
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
    service_floor_km=1060.0,
    service_floor_other_km=1060.0,
    service_floor_source="Observed 17 Aug 2026 (CelesTrak GP): 1085 to 1170 km at 50 and 86.5 degrees",
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
        Column(
            "service_floor_km", "number", "km", "Lowest mean altitude of a broadband satellite on station", 200, 40_000
        ),
        Column("service_floor_source", "text", "", "Where the floor comes from"),
        Column("citation", "text", "", "Rows of the shipped reference that describe it"),
    ),
)
