"""The catalog's reader: what it accepts, what it leaves out with a reason, and what it refuses."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats import omm
from pipeline.formats.omm import FIELDS
from pipeline.source import EXCLUDED_SCHEMA, Parsed, SourceError
from pipeline.sources.celestrak_active import SOURCE, TABLE, parse
from pipeline.table import limit_violations

DATA = (Path(__file__).parents[1] / "data" / "celestrak_active.csv").read_bytes()
LINES = DATA.decode().rstrip().split("\r\n")
HEADER = LINES[0].split(",")
DAY = date(2026, 8, 17)


def csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def row(**changes: str) -> str:
    """The first row of the file with other values in some fields."""
    return ",".join(changes.get(field, cell) for field, cell in zip(HEADER, LINES[1].split(","), strict=True))


def with_row(**changes: str) -> Parsed:
    """The file with its first row changed."""
    return parse(csv(LINES[0], row(**changes), *LINES[2:]))


def reasons(parsed: Parsed) -> list[str]:
    return parsed.excluded["reason"].to_list()


def test_every_row_of_a_sound_file_is_read() -> None:
    parsed = parse(DATA)
    assert parsed.frame.height == 40
    assert parsed.excluded.is_empty()


def test_the_frame_is_the_table_without_its_day() -> None:
    frame = parse(DATA).frame
    assert parse(DATA).row_numbers.to_list() == list(range(2, 42))
    assert dict(frame.schema) == {n: t for n, t in TABLE.polars_schema.items() if n != "day"}
    assert TABLE.conform(frame.with_columns(pl.lit(DAY).alias("day"))).height == 40


def test_every_field_has_its_column() -> None:
    assert ("day", *FIELDS.values()) == TABLE.column_names
    assert list(FIELDS) == HEADER


def test_values_are_read_exactly() -> None:
    changes = {
        "MEAN_MOTION": "13.76679043",
        "ECCENTRICITY": ".00277622",
        "BSTAR": ".33987E-3",
        "MEAN_MOTION_DOT": "-.6E-5",
    }
    first = with_row(**changes, EPOCH="2026-08-17T01:59:58.541280", REV_AT_EPOCH="7980").frame.row(0, named=True)
    assert first["epoch_utc"] == datetime(2026, 8, 17, 1, 59, 58, 541280)
    assert (first["mean_motion_rev_per_day"], first["eccentricity"]) == (13.76679043, 0.00277622)
    assert (first["bstar_per_earth_radius"], first["mean_motion_dot_rev_per_day2"]) == (0.00033987, -6e-6)
    assert first["rev_at_epoch"] == 7980


def test_catalog_numbers_of_six_and_nine_digits_are_ordinary() -> None:
    assert {100018, 100243, 799500001} <= set(parse(DATA).frame["norad_cat_id"])


def test_a_quoted_name_may_hold_a_comma() -> None:
    assert "EXAMPLE SAT 1, SPARE" in parse(DATA).frame["object_name"].to_list()


@pytest.mark.parametrize(
    "data",
    [
        DATA.replace(b"\r\n", b"\n"),
        b"\xef\xbb\xbf" + DATA,
        DATA.rstrip(),
        DATA + b"\r\n\r\n",
        csv(",".join(HEADER[::-1]), *(",".join(line.split(",")[::-1]) for line in LINES[1:] if '"' not in line)),
        csv(LINES[0] + ",ORIGIN", *(line + ",X" for line in LINES[1:])),
    ],
    ids=["LF", "byte order mark", "no last line end", "empty lines at the end", "columns turned round", "one column more"],
)  # fmt: skip
def test_the_way_of_writing_does_not_matter(data: bytes) -> None:
    kept = parse(data).frame
    expected = parse(DATA).frame.filter(pl.col("norad_cat_id").is_in(kept["norad_cat_id"].to_list()))
    assert kept.height >= 39
    assert kept.equals(expected)


def test_an_epoch_may_end_with_z() -> None:
    assert with_row(EPOCH="2026-08-17T01:59:58.541280Z").frame["epoch_utc"][0].microsecond == 541280


def test_names_may_repeat() -> None:
    assert with_row(OBJECT_NAME="ONEWEB-0012").frame.height == 40


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("MEAN_MOTION", "15.O5", "MEAN_MOTION '15.O5' is not a finite number"),
        ("MEAN_MOTION", "0", "MEAN_MOTION 0 is not above 0 and at most 20"),
        ("MEAN_MOTION", "20.01", "MEAN_MOTION 20.01 is not above 0 and at most 20"),
        ("MEAN_MOTION", "nan", "MEAN_MOTION 'nan' is not a finite number"),
        ("BSTAR", "inf", "BSTAR 'inf' is not a finite number"),
        ("BSTAR", "1E999", "BSTAR '1E999' is not a finite number"),
        ("BSTAR", "", "BSTAR is missing"),
        ("OBJECT_ID", " ", "OBJECT_ID is missing"),
        ("OBJECT_NAME", "STAR\x07LINK", "OBJECT_NAME 'STAR?LINK' is not plain text"),
        ("ECCENTRICITY", "1", "ECCENTRICITY 1 is not at least 0 and below 1"),
        ("ECCENTRICITY", "-.1", "ECCENTRICITY -.1 is not at least 0 and below 1"),
        ("INCLINATION", "180.1", "INCLINATION 180.1 is not at least 0 and at most 180"),
        ("RA_OF_ASC_NODE", "-1", "RA_OF_ASC_NODE -1 is not at least 0 and at most 360"),
        ("MEAN_ANOMALY", "361", "MEAN_ANOMALY 361 is not at least 0 and at most 360"),
        ("NORAD_CAT_ID", "44714.5", "NORAD_CAT_ID '44714.5' is not a whole number"),
        ("NORAD_CAT_ID", "A4714", "NORAD_CAT_ID 'A4714' is not a whole number"),
        ("NORAD_CAT_ID", "0", "NORAD_CAT_ID 0 is not at least 1 and at most 999999999"),
        ("NORAD_CAT_ID", "1000000000", "NORAD_CAT_ID 1000000000 is not at least 1 and at most 999999999"),
        ("EPOCH", "2026-02-30T00:00:00.000000", "EPOCH '2026-02-30T00:00:00.000000' is not a UTC instant"),
        ("EPOCH", "1956-12-31T00:00:00.000000", "EPOCH 1956-12-31T00:00:00.000000 is not of the years 1957 to 2100"),
        ("EPOCH", "2101-01-01T00:00:00.000000", "EPOCH 2101-01-01T00:00:00.000000 is not of the years 1957 to 2100"),
    ],
)
def test_a_bad_row_is_left_out_with_line_name_and_reason(field: str, text: str, reason: str) -> None:
    parsed = with_row(**{field: text})
    assert parsed.frame.height == 39
    number, key, why = parsed.excluded.row(0)
    assert (number, why) == (2, reason)
    assert (
        key
        == f"{text.replace(chr(7), '?') if field == 'OBJECT_NAME' else 'STARLINK-1008'} ({text if field == 'NORAD_CAT_ID' else 44714})"
    )


@pytest.mark.parametrize(("field", "text"), [("MEAN_MOTION", "20"), ("INCLINATION", "180"), ("MEAN_ANOMALY", "360"), ("ECCENTRICITY", "0")])  # fmt: skip
def test_a_value_on_the_limit_stays(field: str, text: str) -> None:
    assert with_row(**{field: text}).frame.height == 40


def test_a_row_with_too_few_or_too_many_fields_is_left_out() -> None:
    parsed = parse(csv(*LINES, LINES[3] + ",1", "A,B", *(row(NORAD_CAT_ID=str(n)) for n in range(50_000, 50_030))))
    assert reasons(parsed) == [f"the line has {n} fields where the header has 17" for n in (18, 2)]
    assert parsed.excluded["row_number"].to_list() == [42, 43]


def test_an_empty_line_in_the_middle_is_listed() -> None:
    assert reasons(parse(csv(*LINES[:5], "", *LINES[5:]))) == ["the line is empty"]


def test_a_stray_quote_costs_one_row() -> None:
    parsed = with_row(OBJECT_NAME='"STARLINK-1008')
    assert (parsed.frame.height, parsed.excluded.height) == (39, 1)


def test_of_one_catalog_number_the_newest_epoch_stays() -> None:
    older, newer = row(EPOCH="2026-08-01T00:00:00.000000"), row(EPOCH="2026-08-17T23:00:00.000000")
    parsed = parse(csv(LINES[0], older, newer, *LINES[2:]))
    assert parsed.frame["epoch_utc"][0] == datetime(2026, 8, 17, 23)
    assert parsed.excluded.rows() == [(2, "STARLINK-1008 (44714)", "NORAD_CAT_ID repeats: line 3 has the newest epoch")]


def test_of_equal_rows_the_first_stays() -> None:
    parsed = parse(DATA + LINES[1].encode() + b"\r\n")
    assert parsed.frame.equals(parse(DATA).frame)
    assert parsed.excluded["row_number"].to_list() == [42]


def test_two_bad_rows_of_forty_are_left_out_and_three_are_refused() -> None:
    bad = [row(NORAD_CAT_ID="x") for _ in range(3)]
    assert parse(csv(LINES[0], *bad[:2], *LINES[3:])).excluded.height == 2
    with pytest.raises(SourceError, match=r"3 of 40 rows cannot be read, more than 5% \(first line 2, STARLINK-1008"):
        parse(csv(LINES[0], *bad, *LINES[4:]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\r\n  \r\n", "is empty"),
        (b"<!DOCTYPE html><html><head><title>Maintenance</title></head></html>", r"web page \(Maintenance\)"),
        (LINES[0].encode() + b"\r\n", "has a header but no rows"),
        (DATA[: len(DATA) // 2], "is cut: its last row, line 21, is incomplete"),
        (DATA[:-4], "is cut: its last row, line 41, is incomplete"),
        (DATA[:60], "header has changed .missing INCLINATION"),
        (DATA.replace(b"BSTAR", b"B_STAR"), r"missing BSTAR; new B_STAR"),
        (DATA.replace(b"OBJECT_ID", b"OBJECT_NAME", 1), "missing OBJECT_ID"),
        (csv(LINES[0] + ",BSTAR", *(line + ",0" for line in LINES[1:])), "names BSTAR more than once"),
        (b"GP data has not updated since your last successful\ndownload", "'GP data has not updated since your last successful', is not an OMM header"),
        (b'[{"OBJECT_NAME": "STARLINK-1008"}]', "set of fields has changed .missing OBJECT_ID, EPOCH"),
        (b'{"error": "rate limit"}', r"is JSON but holds no elements \(error\)"),
        (DATA.decode().encode("utf-16"), "is not text"),
        (b"\x1f\x8b\x08\x00" + DATA, "is not text"),
        (DATA.replace(b"STARLINK", b"STAR\0INK"), "is not text"),
    ],
)  # fmt: skip
def test_what_is_no_catalog_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        parse(data)
    assert "\n" not in str(caught.value)
    assert "skytrunk land celestrak_active DAY --file PATH" in str(caught.value)


def test_epochs_of_another_time_are_left_out_by_their_line() -> None:
    far = [row(NORAD_CAT_ID="1", EPOCH="2026-08-28T00:00:01.0"), row(NORAD_CAT_ID="2", EPOCH="2026-06-17T23:59:59.0")]
    near = [row(NORAD_CAT_ID="3", EPOCH="2026-08-28T00:00:00.0"), row(NORAD_CAT_ID="4", EPOCH="2026-06-18T00:00:00.0")]
    parsed = parse(csv(LINES[0], row(NORAD_CAT_ID="x"), *LINES[1:], *far, *near))
    screened = omm.screen(parsed.frame, DAY, SOURCE.name, parsed.excluded)
    assert screened.frame["norad_cat_id"].to_list()[-2:] == [3, 4]
    assert screened.frame.height == 42
    assert screened.excluded.rows() == [
        (43, "STARLINK-1008 (1)", "EPOCH 2026-08-28 00:00 is more than 10 days ahead of the day"),
        (44, "STARLINK-1008 (2)", "EPOCH 2026-06-17 23:59 is more than 60 days before the day"),
    ]
    assert dict(screened.excluded.schema) == EXCLUDED_SCHEMA


def test_rows_left_out_by_their_epoch_are_numbered_as_the_reader_numbered_them() -> None:
    first = "1 44714U 19074B   26148.30732936  .00064655  00000+0  12405-2 0  9994"
    second = "2 44714  53.1527 163.7269 0003005  45.3803 314.7449 15.47405599361135"
    parsed = parse(f"{first}\n{second}\n".encode())
    kept = omm.screen(parsed.frame, date(2026, 5, 29), SOURCE.name, parsed.excluded, parsed.row_numbers)
    assert (kept.frame.height, kept.row_numbers.to_list()) == (1, [1])
    far = pl.concat([parsed.frame.with_columns(epoch_utc=datetime(2026, 1, 1)), parsed.frame])
    screened = omm.screen(far, date(2026, 5, 29), SOURCE.name, parsed.excluded, pl.Series([1, 4]))
    assert screened.excluded.rows() == [(1, "? (44714)", "EPOCH 2026-01-01 00:00 is more than 60 days before the day")]


def test_a_file_of_another_time_is_refused() -> None:
    with pytest.raises(SourceError, match="is not of 2025-08-17: 40 of 40 epochs"):
        omm.screen(parse(DATA).frame, date(2025, 8, 17), SOURCE.name)


def test_the_source_is_required_and_stands_for_three_days() -> None:
    assert (SOURCE.required, SOURCE.stands_days, SOURCE.is_remote) == (True, 3, True)
    assert "CelesTrak" in SOURCE.citation


EDITS = st.lists(
    st.tuples(st.integers(0, len(DATA) - 1), st.integers(0, 3), st.binary(max_size=3) | st.sampled_from([b"\n", b'"', b",", b"E9", b"-", b"."])),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(EDITS, st.integers(len(DATA) // 2, len(DATA)) | st.just(len(DATA)))
def test_whatever_the_bytes_a_sound_frame_or_a_source_error_comes(
    edits: list[tuple[int, int, bytes]], end: int
) -> None:
    data = DATA[:end]
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]
    try:
        parsed = parse(data)
    except SourceError:
        return
    assert limit_violations(TABLE, parsed.frame.with_columns(pl.lit(DAY).alias("day"))).is_empty()
    assert parsed.frame["norad_cat_id"].is_unique().all()
    assert parsed.excluded["row_number"].is_unique().all()


@pytest.mark.parametrize(
    ("motion", "eccentricity", "said"),
    [
        (19.9, 1e-4, "mean altitude -626.0 km"), (17.0, 1e-4, "mean altitude 11.0 km"), (1e-4, 1e-4, "mean altitude 19600208.0 km"),
        (15.0, 0.99, "perigee -6309.0 km"), (1e-300, 0.0, "mean altitude inf km"),
    ],
)  # fmt: skip
def test_an_orbit_that_cannot_be_is_left_out_and_costs_nobody_else(
    motion: float, eccentricity: float, said: str
) -> None:
    parsed = parse(DATA)
    odd = pl.col("norad_cat_id") == parsed.frame["norad_cat_id"][3]
    changes = {"mean_motion_rev_per_day": motion, "eccentricity": eccentricity}
    frame = parsed.frame.with_columns(pl.when(odd).then(v).otherwise(n).alias(n) for n, v in changes.items())
    screened = omm.screen(frame, DAY, SOURCE.name, parsed.excluded, parsed.row_numbers)
    assert screened.frame.height == parsed.frame.height - 1
    assert screened.row_numbers is not None
    assert screened.row_numbers.to_list() == [n for k, n in enumerate(parsed.row_numbers) if k != 3]
    ((number, _, reason),) = screened.excluded.rows()
    assert number == parsed.row_numbers[3]
    assert said in reason
