"""The five constellations, one cited literal each: a new constellation is one more literal and its name in CONSTELLATION."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
class ArcRule:
    """How near to the geostationary arc a satellite may be used, seen from the terminal, where one authority decides.

    `angle_deg` is the least topocentric angle [deg] to any point of the arc. `countries` are ISO 3166-1 alpha-3 codes, none for
    everywhere that no other rule names; `since` is the first day on which the rule holds, None for always.
    """

    angle_deg: float
    source: str
    countries: tuple[str, ...] = ()
    since: date | None = None


# The United States and its territories, where the FCC decides.
UNITED_STATES = ("USA", "ASM", "GUM", "MNP", "PRI", "UMI", "VIR")
ARC_ELSEWHERE = ArcRule(18.0, "Assumed: about 18 degrees by older practice; no filing is cited")
ARC_UNITED_STATES = ArcRule(
    3.0,
    "FCC order of 13 May 2026 (Federal Register 2026-09565), in force from 13 July 2026",
    UNITED_STATES,
    date(2026, 7, 13),
)


@dataclass(frozen=True)
class Constellation:
    """One constellation, as its operator and its filings describe it.

    `names` is a regular expression that all its objects' names match and nobody else's.
    `min_elevation_deg` is the licensed or filed elevation mask of a user terminal [deg]. `arc_rules` say what the protection of the
    geostationary arc takes.
    """

    name: str
    title: str
    operator: str
    names: str
    generations: tuple[Generation, ...]
    min_elevation_deg: float
    min_elevation_source: str
    citation: str
    arc_rules: tuple[ArcRule, ...] = (ARC_ELSEWHERE,)

    def arc_rules_on(self, day: date) -> tuple[ArcRule, ...]:
        """The rules that hold on a day, that for everywhere else first."""
        rules = [rule for rule in self.arc_rules if rule.since is None or rule.since <= day]
        return tuple(sorted(rules, key=lambda rule: len(rule.countries)))


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
    arc_rules=(ARC_ELSEWHERE, ARC_UNITED_STATES),
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
    arc_rules=(ARC_ELSEWHERE, ARC_UNITED_STATES),
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
    arc_rules=(ARC_ELSEWHERE, ARC_UNITED_STATES),
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
        Column(
            "arc_exclusion_deg",
            "number",
            "deg",
            "Least angle at the terminal between a satellite in use and the geostationary arc",
            0,
            90,
        ),
        Column(
            "arc_exclusion_us_deg",
            "number",
            "deg",
            "The same in the United States, from 13 July 2026 on; null without market access there",
            0,
            90,
            nullable=True,
        ),
        Column("arc_exclusion_source", "text", "", "Where the angles come from"),
        Column("citation", "text", "", "Rows of the shipped reference that describe it"),
    ),
)


def rows() -> list[dict[str, object]]:
    """Rows of dim.constellation."""
    return [
        {
            "constellation": c.name,
            "arc_exclusion_deg": next(rule.angle_deg for rule in c.arc_rules if not rule.countries),
            "arc_exclusion_us_deg": next((r.angle_deg for r in c.arc_rules if r.countries == UNITED_STATES), None),
            "arc_exclusion_source": "; ".join(rule.source for rule in c.arc_rules),
        }
        | {n: getattr(c, n) for n in ("title", "operator", "min_elevation_deg", "min_elevation_source", "citation")}
        for c in CONSTELLATIONS
    ]
