"""Elements made up by hypothesis within the digits of a TLE, and written in every format."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from pipeline.formats.omm import FIELDS
from pipeline.formats.tle import ALPHA_5

Elements = dict[str, Any]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def checksum(line: str) -> str:
    """Line of 68 characters with its checksum."""
    return line + str(sum(int(c) if c.isdigit() else c == "-" for c in line) % 10)


def alpha_5(number: int) -> str:
    tens, rest = divmod(number, 10_000)
    letter = {int(v): k for k, v in ALPHA_5.items()}.get(tens, str(tens))
    return f"{letter}{rest:04d}"


def implied(value: tuple[int, int, int]) -> str:
    """Sign, five digits and exponent as a TLE writes them."""
    sign, mantissa, power = value
    return f"{'-' if sign < 0 else ' '}{mantissa:05d}{'-' if power < 0 else '+'}{abs(power)}"


def two_lines(e: Elements) -> tuple[str, str]:
    """Lines 1 and 2."""
    epoch = e["EPOCH"]
    start = datetime(epoch.year, 1, 1)
    day, fraction = (epoch - start).days + 1, (epoch - start) % timedelta(days=1) // timedelta(microseconds=864)
    number = alpha_5(e["NORAD_CAT_ID"])
    designator = f"{e['OBJECT_ID'][2:4]}{e['OBJECT_ID'][5:]}" if e["OBJECT_ID"] else ""
    dot = f"{e['dot']:+010d}".replace("+", " ")
    first = (
        f"1 {number}{e['CLASSIFICATION_TYPE']} {designator:8s} {epoch:%y}{day:03d}.{fraction:08d} "
        f"{dot[0]}.{dot[2:]} {implied(e['ddot'])} {implied(e['bstar'])} 0 {e['ELEMENT_SET_NO']:4d}"
    )
    inclination, node, pericenter, anomaly = (f"{v // 10_000:3d}.{v % 10_000:04d}" for v in e["angles"])
    motion = f"{e['motion'] // 10**8:2d}.{e['motion'] % 10**8:08d}"
    second = (
        f"2 {number} {inclination} {node} {e['eccentricity']:07d} {pericenter} {anomaly} {motion}{e['REV_AT_EPOCH']:5d}"
    )
    return checksum(first), checksum(second)


def tle(elements: list[Elements], name: str = "{:24s}", end: str = "\r\n") -> str:
    """TLE of three lines; `name` is how a name is written, empty for two lines."""
    lines = [line for e in elements for line in ([name.format(e["OBJECT_NAME"])] if name else []) + list(two_lines(e))]
    return end.join(lines) + end


def omm(e: Elements) -> dict[str, Any]:
    """The OMM fields, numbers as numbers."""
    power = {k: float(f"{e[k][0] * e[k][1]}E{e[k][2] - 5}") for k in ("bstar", "ddot")}
    inclination, node, pericenter, anomaly = (v / 10_000 for v in e["angles"])
    return {
        "OBJECT_NAME": e["OBJECT_NAME"],
        "OBJECT_ID": e["OBJECT_ID"],
        "EPOCH": e["EPOCH"].isoformat(timespec="microseconds"),
        "MEAN_MOTION": e["motion"] / 1e8,
        "ECCENTRICITY": e["eccentricity"] / 1e7,
        "INCLINATION": inclination,
        "RA_OF_ASC_NODE": node,
        "ARG_OF_PERICENTER": pericenter,
        "MEAN_ANOMALY": anomaly,
        "EPHEMERIS_TYPE": 0,
        "CLASSIFICATION_TYPE": e["CLASSIFICATION_TYPE"],
        "NORAD_CAT_ID": e["NORAD_CAT_ID"],
        "ELEMENT_SET_NO": e["ELEMENT_SET_NO"],
        "REV_AT_EPOCH": e["REV_AT_EPOCH"],
        "BSTAR": power["bstar"],
        "MEAN_MOTION_DOT": e["dot"] / 1e8,
        "MEAN_MOTION_DDOT": power["ddot"],
    }


def omm_csv(elements: list[Elements]) -> str:
    made = [omm(e) for e in elements]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(made[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue()


def omm_json(elements: list[Elements], **how: Any) -> str:
    return json.dumps([omm(e) for e in elements], **how)


META = ("OBJECT_NAME", "OBJECT_ID")
MEAN = (
    "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY",
)  # fmt: skip


def omm_xml(elements: list[Elements], prefix: str = "", space: str = "") -> str:
    """NDM/OMM as CelesTrak writes it; `prefix` ("ndm:") stands before every name, `space` declares a namespace."""

    def tag(name: str, inner: str) -> str:
        return f"<{prefix}{name}>{inner}</{prefix}{name}>"

    def fields(e: dict[str, Any], names: tuple[str, ...]) -> str:
        return "".join(tag(name, escape(str(e[name]))) for name in names)

    def message(e: dict[str, Any]) -> str:
        rest = tuple(name for name in FIELDS if name not in META + MEAN)
        metadata = tag("metadata", fields(e, META) + tag("CENTER_NAME", "EARTH") + tag("REF_FRAME", "TEME"))
        data = tag("data", tag("meanElements", fields(e, MEAN)) + tag("tleParameters", fields(e, rest)))
        header = tag("header", tag("CREATION_DATE", "2026-08-17T00:00:00") + tag("ORIGINATOR", "CELESTRAK"))
        return tag("omm", header + tag("body", tag("segment", metadata + data)))

    inner = "\n".join(message(omm(e)) for e in elements)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{prefix}ndm{space}>\n{inner}\n</{prefix}ndm>\n'


NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-()[]", min_size=1, max_size=23).map(lambda name: f"S{name}")
ANY_NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30).map(
    lambda name: f"S{name}S"
)
POWERS = st.tuples(st.sampled_from([-1, 1]), st.integers(0, 99_999), st.integers(-9, 9))
DESIGNATORS = st.builds(
    lambda year, launch, piece: f"{year}-{launch:03d}{piece}",
    st.integers(1957, 2056),
    st.integers(0, 999),
    st.text(LETTERS, min_size=1, max_size=3),
)
EPOCHS = st.builds(
    lambda year, day, fraction: datetime(year, 1, 1) + timedelta(days=day, microseconds=864 * fraction),
    st.integers(1957, 2056),
    st.integers(0, 364),
    st.integers(0, 99_999_999),
)
ANGLES = st.tuples(st.integers(0, 1_800_000), *[st.integers(0, 3_600_000)] * 3)


def element_lists(highest: int = 339_999, names: st.SearchStrategy[str] = NAMES) -> st.SearchStrategy[list[Elements]]:
    """Lists of elements with different catalog numbers up to `highest`."""
    one = st.fixed_dictionaries(
        {
            "OBJECT_NAME": names,
            "OBJECT_ID": DESIGNATORS,
            "EPOCH": EPOCHS,
            "CLASSIFICATION_TYPE": st.sampled_from("UCS"),
            "NORAD_CAT_ID": st.integers(1, highest),
            "ELEMENT_SET_NO": st.integers(0, 9999),
            "REV_AT_EPOCH": st.integers(0, 99_999),
            "motion": st.integers(1, 20 * 10**8),
            "eccentricity": st.integers(0, 9_999_999),
            "angles": ANGLES,
            "dot": st.integers(-99_999_999, 99_999_999),
            "ddot": POWERS,
            "bstar": POWERS,
        }
    )
    return st.lists(one, min_size=1, max_size=5, unique_by=lambda e: e["NORAD_CAT_ID"])


def made(number: int, name: str = "", **changes: Any) -> Elements:
    """One plausible satellite."""
    return {
        "OBJECT_NAME": name or f"SAT {number}",
        "OBJECT_ID": "2024-237A",
        "EPOCH": datetime(2026, 8, 16, 12, 0, 0, 864),
        "CLASSIFICATION_TYPE": "U",
        "NORAD_CAT_ID": number,
        "ELEMENT_SET_NO": 999,
        "REV_AT_EPOCH": 1234,
        "motion": 1_506_403_215,
        "eccentricity": 1492,
        "angles": (530_511, 2_427_480, 878_047, 2_520_396),
        "dot": -2424,
        "ddot": (1, 0, 0),
        "bstar": (-1, 16242, -3),
        **changes,
    }


def fleet(count: int = 40) -> list[Elements]:
    return [made(44_700 + n, f"SAT-{n}") for n in range(count)]
