"""Supplemental elements of Starlink: every form in which they are kept."""

from __future__ import annotations

import json
from datetime import date

import polars as pl

from pipeline.formats import omm
from pipeline.formats.omm import FIELDS
from pipeline.sources import celestrak_active
from pipeline.sources.celestrak_supgp_starlink import SOURCE, TABLE, parse
from tests.formats import writers
from tests.formats.writers import fleet, made

DAY = date(2026, 8, 17)
# As CelesTrak serves it: two further columns, numbers without a leading zero, a provisional number, one empty designator.
PUBLISHED = b"""OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,EPHEMERIS_TYPE,CLASSIFICATION_TYPE,NORAD_CAT_ID,ELEMENT_SET_NO,REV_AT_EPOCH,BSTAR,MEAN_MOTION_DOT,MEAN_MOTION_DDOT,RMS,DATA_SOURCE\r
STARLINK-37714,2026-161N,2026-08-16T10:47:42.000029,16.10598202,.0006831,53.1629,321.3253,287.3760,162.1669,0,C,799501217,196,1,-.38439E-3,-.38619E-2,0,0.809,SpaceX-E\r
STARLINK-38188,,2026-08-16T11:38:41.999971,16.04849687,.0010656,97.2829,266.2269,261.3555,9.5639,0,C,799501326,217,1,.80729E-3,.55584E-2,0,0.210,SpaceX-E\r
"""


def test_provisional_numbers_are_ordinary_and_the_designator_may_be_empty() -> None:
    frame = parse(PUBLISHED).frame
    assert frame["norad_cat_id"].to_list() == [799501217, 799501326]
    assert frame["object_id"].to_list() == ["2026-161N", None]
    assert frame["bstar_per_earth_radius"].to_list() == [-0.00038439, 0.00080729]
    assert TABLE.conform(frame.with_columns(pl.lit(DAY).alias("day"))).height == 2


def test_both_forms_of_the_mirrors_are_read() -> None:
    pairs = {str(e["NORAD_CAT_ID"]): {"tle": list(writers.two_lines(e))} for e in fleet()}
    batch = [{"omm": writers.omm(e) | {"RMS": "0.4"}} for e in fleet()]
    by_number, by_launch = (parse(json.dumps(d).encode()).frame for d in (pairs, {"satellites": [{"batch": batch}]}))
    assert by_number.drop("object_name").equals(by_launch.drop("object_name"))
    assert by_launch["object_name"].null_count() == 0


def test_the_table_is_that_of_the_catalog() -> None:
    assert TABLE.columns == celestrak_active.TABLE.columns
    assert ("day", *FIELDS.values()) == TABLE.column_names


def test_epochs_of_another_time_are_left_out() -> None:
    old = made(1, "OLD", EPOCH=writers.datetime(2026, 1, 1))
    parsed = parse(writers.tle([*fleet(), old]).encode())
    screened = omm.screen(parsed.frame, DAY, SOURCE.name, parsed.excluded, parsed.row_numbers)
    assert screened.excluded.rows() == [(122, "OLD (1)", "EPOCH 2026-01-01 00:00 is more than 60 days before the day")]


def test_the_source_is_optional_and_stands_for_its_own_day() -> None:
    assert (SOURCE.required, SOURCE.stands_days, SOURCE.by_hand) == (False, 0, False)
    assert "catalog number" in SOURCE.missing
