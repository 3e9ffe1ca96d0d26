"""The satellite catalog: CSV as published, JSON of a mirror, and what is left out or refused."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pipeline.source import Parsed, SourceError
from pipeline.sources.celestrak_satcat import FIELDS, SOURCE, TABLE, parse
from pipeline.table import limit_violations

DATA = b"""OBJECT_NAME,OBJECT_ID,NORAD_CAT_ID,OBJECT_TYPE,OPS_STATUS_CODE,OWNER,LAUNCH_DATE,LAUNCH_SITE,DECAY_DATE,PERIOD,INCLINATION,APOGEE,PERIGEE,RCS,DATA_STATUS_CODE,ORBIT_CENTER,ORBIT_TYPE\r
SL-1 R/B,1957-001A,1,R/B,D,CIS,1957-10-04,TYMSC,1957-12-01,96.19,65.10,938,214,20.4200,,EA,IMP\r
CALSPHERE 1,1964-063C,900,PAY,,US,1964-10-06,AFWTR,,104.70,90.22,1004,968,0.0510,,EA,ORB\r
STARLINK-1007,2019-074A,44713,PAY,D,US,2019-11-11,AFETR,2024-10-29,87.31,53.02,139,131,,,EA,IMP\r
STARLINK-1008,2019-074B,44714,PAY,+,US,2019-11-11,AFETR,,95.59,53.05,549,547,,,EA,ORB\r
NA SAT,2026-100A,69000,NA,+,NA,2026-05-01,NA,,95.59,53.05,549,547,NA,,EA,ORB\r
PROBE,1962-041A,374,PAY,,US,1962-08-27,AFETR,,,,,,,NEA,VE,ORB\r
"""
LINES = DATA.decode().splitlines()


def csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


SOUND = csv(*(line.replace(",NA,,EA", ",,,EA") for line in LINES))


def many(*lines: str) -> Parsed:
    """Forty sound rows, and these."""
    sound = [LINES[4].replace("44714", str(n)) for n in range(50_000, 50_040)]
    return parse(csv(LINES[0], *sound, *lines))


def test_values_are_read_exactly() -> None:
    first = parse(SOUND).frame.row(0, named=True)
    assert first == {
        "norad_cat_id": 1,
        "object_name": "SL-1 R/B",
        "object_id": "1957-001A",
        "object_type": "R/B",
        "ops_status_code": "D",
        "owner": "CIS",
        "launch_day": date(1957, 10, 4),
        "launch_site": "TYMSC",
        "decay_day": date(1957, 12, 1),
        "rcs_m2": 20.42,
        "period_min": 96.19,
        "inclination_deg": 65.1,
        "apogee_km": 938.0,
        "perigee_km": 214.0,
    }


def test_the_frame_is_the_table_and_within_its_limits() -> None:
    parsed = parse(SOUND)
    assert (parsed.frame.height, parsed.excluded.height) == (6, 0)
    assert dict(parsed.frame.schema) == TABLE.polars_schema
    assert limit_violations(TABLE, TABLE.conform(parsed.frame)).is_empty()
    assert set(FIELDS.values()) == set(TABLE.column_names)
    assert not TABLE.is_daily


def test_empty_is_null_and_na_is_a_code() -> None:
    frame = parse(SOUND).frame
    namibia = frame.row(4, named=True)
    assert (namibia["owner"], namibia["launch_site"], namibia["object_type"]) == ("NA", "NA", "NA")
    probe = frame.row(5, named=True)
    assert [name for name, value in probe.items() if value is None] == [
        "ops_status_code", "decay_day", "rcs_m2", "period_min", "inclination_deg", "apogee_km", "perigee_km",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2019-11-11", "2019-02-30", "LAUNCH_DATE '2019-02-30' is not a UTC date"),
        ("2019-11-11", "1919-11-11", "LAUNCH_DATE 1919-11-11 is not of the years 1957 to 2100"),
        (",44714,", ",,", "NORAD_CAT_ID is missing"),
        ("95.59", "-1", "PERIOD -1 is not at least 0"),
        ("547,", "NA,", "PERIGEE 'NA' is not a finite number"),
        ("547,", "-7000,", "PERIGEE -7000 is not at least -6378"),
        (",ORB", ",ORB,1", "the line has 18 fields where the header has 17"),
    ],
)
def test_a_bad_row_is_left_out_with_line_name_and_reason(old: str, new: str, reason: str) -> None:
    parsed = many(LINES[4].replace(old, new), LINES[1])
    assert parsed.frame.height == 41
    number, key, why = parsed.excluded.row(0)
    assert (number, why) == (42, reason)
    assert key in ("STARLINK-1008 (44714)", "STARLINK-1008 (?)")


def test_of_one_catalog_number_the_first_row_stays() -> None:
    parsed = many(LINES[4].replace("44714", "50003"))
    assert parsed.frame.height == 40
    assert parsed.excluded.rows() == [(42, "STARLINK-1008 (50003)", "NORAD_CAT_ID repeats: line 5 is kept")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<html><title>Busy</title>", "is a web page .Busy."),
        (SOUND[: len(SOUND) // 2], "is cut: its last row, line 3, is incomplete"),
        (DATA.replace(b"DECAY_DATE", b"DECAYED"), "header has changed .missing DECAY_DATE; new DECAYED"),
        (DATA, r"1 of 6 rows cannot be read, more than 5% .first line 6, NA SAT .69000.: RCS 'NA' is not"),
        (b"hello\nworld\n", "'hello', is not a SATCAT header"),
        (LINES[0].encode(), "has a header but no rows"),
        (b"[1, 2]", "is JSON but not an object keyed by catalog number"),
        (b'{"900": {"owner": "US"}}', r"the keys have changed .missing launch, site, type, rcs."),
        (b'{"900": {"owner": "US"', "is cut: its JSON breaks off at line 1, byte 22"),
    ],
)
def test_what_is_no_catalog_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        parse(data)
    assert "\n" not in str(caught.value)
    assert "skytrunk land celestrak_satcat DAY --file PATH" in str(caught.value)


def mirror(**changes: object) -> bytes:
    entry = {"owner": "US", "launch": "1964-10-06", "site": "AFWTR", "type": "PAY", "orbit_type": "ORB", "rcs": "0.0510", "jpn": False}  # fmt: skip
    return json.dumps({str(n): entry for n in range(900, 940)} | changes).encode()


def test_the_form_of_a_mirror_has_owners_and_launches_only() -> None:
    parsed = parse(mirror())
    assert dict(parsed.frame.schema) == TABLE.polars_schema
    row = parsed.frame.row(0, named=True)
    assert (row["norad_cat_id"], row["launch_day"], row["rcs_m2"]) == (900, date(1964, 10, 6), 0.051)
    assert row["object_name"] is None
    assert row["decay_day"] is None


def test_a_bad_entry_of_a_mirror_is_left_out_by_its_ordinal() -> None:
    parsed = parse(mirror(x={"owner": "US"}, y=7))
    assert parsed.frame.height == 40
    assert parsed.excluded.rows() == [
        (42, "? (x)", "NORAD_CAT_ID 'x' is not a whole number"),
        (43, "? (y)", "the entry is not an object"),
    ]


def test_the_source_is_optional_and_stands_for_sixty_days() -> None:
    assert (SOURCE.required, SOURCE.stands_days, SOURCE.limit_bytes) == (False, 60, 64 * 2**20)
    assert "counts as vanished, not decayed" in SOURCE.missing
