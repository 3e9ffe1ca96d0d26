"""Every real catalog is read whole and agrees with its description; the same day in two formats agrees satellite for satellite."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.constellations import BY_NAME
from pipeline.source import Parsed
from pipeline.sources import celestrak_active, celestrak_active_tle, celestrak_satcat, celestrak_supgp_starlink

pytestmark = pytest.mark.realdata

Reader = Callable[[bytes], Parsed]
READERS: dict[str, tuple[Reader, int]] = {  # folder -> reader, how many files there are
    "omm-active": (celestrak_active.parse, 12),
    "omm-groups": (celestrak_active.parse, 2),
    "tle-active": (celestrak_active_tle.parse, 12),
    "tle-groups": (celestrak_active_tle.parse, 14),
}
COUNTED = {
    "Starlink": r"^STARLINK-",
    "OneWeb": BY_NAME["oneweb"].names,
    "Kuiper": r"^KUIPER-",
    "Qianfan": BY_NAME["qianfan"].names,
    "Guowang": BY_NAME["guowang"].names,
}
MALFORMED = "starlink_tle_2026-05-28T1757Z.tle.gz"
# Of the launches of July the README counts entries: four satellites stand in two launches, with the same elements.
TWICE = {"starlink_recent_launches_omm_2026-07-15T1352Z.json.gz": 4}


def files(shared: Path, folder: str, reader: Reader, pattern: str = "*.gz") -> Iterator[tuple[str, Parsed, str]]:
    """Each file of a folder: its name, what is read, and the line of the README that describes it."""
    lines = (shared / "data" / "README.md").read_text().splitlines()
    for path in sorted((shared / "data" / "catalogs" / folder).glob(pattern)):
        (line,) = (line for line in lines if line.startswith(f"| `catalogs/{folder}/{path.name}` |"))
        yield path.name, reader(gzip.decompress(path.read_bytes())), line


def described(pattern: str, line: str) -> list[str]:
    """Groups of `pattern` in the README's line; none when it does not say."""
    found = re.search(pattern, line)
    return list(found.groups()) if found else []


def frame_of(shared: Path, folder: str, stem: str, reader: Reader) -> pl.DataFrame:
    ((_, parsed, _),) = files(shared, folder, reader, f"{stem}*.gz")
    return parsed.frame


def check_epochs(parsed: Parsed, line: str, name: str) -> None:
    minutes = r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)"
    told = described(rf"epochs {minutes} / {minutes} / {minutes}", line) or described(
        rf"epochs {minutes} to {minutes}", line
    )
    epochs = parsed.frame["epoch_utc"]
    mine = [epochs.min(), epochs.max()]
    assert [t.replace("T", " ") for t in (told[0], told[-1])] == [f"{e:%Y-%m-%d %H:%M}" for e in mine], name


@pytest.mark.parametrize("folder", READERS)
def test_every_catalog_agrees_with_its_description(folder: str, shared: Path) -> None:
    reader, count = READERS[folder]
    found = list(files(shared, folder, reader))
    assert len(found) == count
    for name, parsed, line in found:
        left_out = 1 if name == MALFORMED else 0
        assert parsed.excluded.height == left_out, name
        told = described(r"\| (\d+) (?:satellites|Starlinks);", line)
        assert [parsed.frame.height + left_out] == [int(n) for n in told], name
        for title, pattern in COUNTED.items():
            for number in described(rf"[ ;]{title} (\d+)[,;]", line):
                assert parsed.frame["object_name"].str.contains(pattern).sum() + left_out == int(number), (name, title)
        ids = parsed.frame["norad_cat_id"]
        assert described(r"ids (\d+)-(\d+)", line) in ([], [f"{n:0{len(w)}d}" for n, w in zip((ids.min(), ids.max()), described(r"ids (\d+)-(\d+)", line), strict=False)]), name  # fmt: skip
        assert parsed.frame["object_name"].null_count() == parsed.frame["object_id"].null_count() == 0, name
        check_epochs(parsed, line, name)


def test_the_malformed_line_is_named_and_is_the_only_one(shared: Path) -> None:
    ((_, parsed, _),) = files(shared, "tle-groups", celestrak_active.parse, MALFORMED)
    assert parsed.excluded.rows() == [
        (
            15197,
            "STARLINK-11171 [DTC] (60069)",
            "line 1 has 70 characters where a TLE has 69: B* '-66000-10' has an exponent of two digits",
        )
    ]


def test_supplemental_two_lines_agree_with_their_description(shared: Path) -> None:
    found = list(files(shared, "supgp-starlink", celestrak_supgp_starlink.parse, "starlink_supgp_tle_*"))
    assert len(found) == 7
    for name, parsed, line in found:
        assert parsed.excluded.is_empty(), name
        assert [str(parsed.frame.height)] == described(r"\| (\d+) satellites;", line), name
        provisional = parsed.frame["norad_cat_id"].is_between(70_000, 72_999).sum()
        assert [str(provisional)] == described(r"(\d+) provisional ids", line), name
        assert parsed.frame["object_name"].null_count() == parsed.frame.height, name
        assert set(parsed.frame["classification_type"]) == {"C"}, name
        check_epochs(parsed, line, name)


def test_the_latest_launches_agree_with_their_description(shared: Path) -> None:
    found = list(files(shared, "supgp-starlink", celestrak_supgp_starlink.parse, "starlink_recent_launches_*"))
    assert len(found) == 3
    for name, parsed, line in found:
        assert parsed.excluded.is_empty(), name
        assert [str(parsed.frame.height + TWICE.get(name, 0))] == described(r" (\d+) satellites;", line), name
        ids = parsed.frame["norad_cat_id"]
        counts = [ids.is_between(100_000, 999_999).sum(), ids.is_between(100_000_000, 999_999_999).sum()]
        assert [str(n) for n in counts] == described(r"(\d+) six-digit and (\d+) nine-digit", line), name
        assert parsed.frame["object_name"].str.contains(r"^STARLINK-\d+$").all(), name
        check_epochs(parsed, line, name)


def test_the_satellite_catalog_has_owners_and_launches(shared: Path) -> None:
    ((_, parsed, _),) = files(shared, "satcat", celestrak_satcat.parse)
    assert (parsed.frame.height, parsed.excluded.height) == (14_909, 0)
    assert parsed.frame["launch_day"].null_count() == parsed.frame["owner"].null_count() == 0
    assert parsed.frame["rcs_m2"].len() - parsed.frame["rcs_m2"].null_count() == 887
    assert parsed.frame["decay_day"].null_count() == parsed.frame.height
    assert parsed.frame.filter(norad_cat_id=900)["launch_day"].to_list() == [date(1964, 10, 6)]


@pytest.mark.parametrize(
    ("day", "least", "rounded"),
    [("2026-08-11", 2000, 220), ("2026-08-12", 16_000, 0), ("2026-08-13", 16_000, 0), ("2026-08-17", 4000, 1)],
)
def test_tle_and_omm_of_a_day_agree_element_for_element(day: str, least: int, rounded: int, shared: Path) -> None:
    """Sets of one epoch are one set; a TLE cuts the eccentricity to seven digits, and B* and the second derivative to five.

    `rounded` sets differ by one in the last digit of another field: the two mirrors are some hours apart.
    """
    tle = frame_of(shared, "tle-active", f"active_tle_{day}", celestrak_active_tle.parse)
    omm = frame_of(shared, "omm-active", f"active_omm_{day}", celestrak_active.parse)
    both = tle.join(omm, on=["norad_cat_id", "epoch_utc"], suffix="_omm")
    assert both.height >= least
    assert (tle["norad_cat_id"].is_in(omm["norad_cat_id"].to_list())).mean() > 0.999
    within = {
        "mean_motion_rev_per_day": 1.1e-8,
        "inclination_deg": 1.1e-4,
        "ra_of_asc_node_deg": 1.1e-4,
        "arg_of_pericenter_deg": 1.1e-4,
        "mean_anomaly_deg": 1.1e-4,
        "mean_motion_dot_rev_per_day2": 1.1e-8,
        "eccentricity": 1e-7,
    }
    for name, tolerance in within.items():
        assert both.select((pl.col(name) - pl.col(f"{name}_omm")).abs().max()).item() <= tolerance, name
    differs = [pl.col(name) != pl.col(f"{name}_omm") for name in list(within)[:-1]]
    assert both.select(pl.any_horizontal(differs).sum()).item() == rounded
    for name in ("bstar_per_earth_radius", "mean_motion_ddot_rev_per_day3"):
        off = (pl.col(name) - pl.col(f"{name}_omm")).abs() > 5.001e-5 * pl.col(f"{name}_omm").abs()
        assert not both.select(off.any()).item(), name
    for name in ("object_id", "ephemeris_type", "classification_type", "element_set_no", "rev_at_epoch"):
        assert both[name].equals(both[f"{name}_omm"], check_names=False), name


def test_the_catalog_frozen_at_five_digits_lacks_what_has_six(shared: Path) -> None:
    tle = frame_of(shared, "tle-active", "active_tle_2026-08-17", celestrak_active.parse)
    omm = frame_of(shared, "omm-active", "active_omm_2026-08-17", celestrak_active.parse)
    starlinks = [frame["object_name"].str.contains(r"^STARLINK-").sum() for frame in (tle, omm)]
    assert starlinks == [10_752, 10_928]
    assert (tle["norad_cat_id"].max(), omm["norad_cat_id"].max()) == (69_998, 100_332)
