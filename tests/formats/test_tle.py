"""TLE: what is read, that it is what the reference library reads, and what a bad line costs."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sgp4
from hypothesis import given, settings
from hypothesis import strategies as st
from sgp4.api import Satrec

from pipeline.formats import elements
from pipeline.source import Parsed, SourceError
from tests.formats import writers
from tests.formats.writers import checksum, fleet, made, two_lines

# Lines as published: Starlink, a provisional number of class C without a set number of 999, and the first payload of 1964.
STARLINK = (
    "STARLINK-1008           ",
    "1 44714U 19074B   26148.30732936  .00064655  00000+0  12405-2 0  9994",
    "2 44714  53.1527 163.7269 0003005  45.3803 314.7449 15.47405599361135",
)
SUPPLEMENTAL = (
    "1 44714C 19074B   26031.88243056  .00002705  00000+0  88848-4 0   319",
    "2 44714  53.1574 349.9513 0001269  84.1881 239.2121 15.31023574    11",
)
CALSPHERE = (
    "CALSPHERE 1             ",
    "1 00900U 64063C   25276.40506345  .00001381  00000+0  14054-2 0  9995",
    "2 00900  90.2161  65.8288 0024814 353.6290  59.3958 13.76225239 36103",
)
MALFORMED = (
    "STARLINK-11171 [DTC]    ",
    "1 60069U 24113L   26148.31797007 -.00000588  00000+0 -66000-10 0  9992",
    "2 60069  53.1579 158.9699 0000891  73.3755 286.7361 15.69699470112067",
)


def read(*lines: str, end: str = "\n") -> Parsed:
    return elements.read((end.join(lines) + end).encode(), "x")


def lines_of(*satellites: writers.Elements) -> list[str]:
    return writers.tle(list(satellites), end="\n").splitlines()


def with_fleet(*lines: str) -> Parsed:
    """The lines in the middle of 40 sound satellites: line 61 on."""
    sound = lines_of(*fleet())
    return read(*sound[:60], *lines, *sound[60:])


def only_exclusion(parsed: Parsed, kept: int = 40) -> tuple[int, str, str]:
    assert parsed.frame.height == kept
    assert parsed.excluded.height == 1
    return parsed.excluded.row(0)


def test_values_are_read_exactly() -> None:
    parsed = read(*STARLINK, *CALSPHERE)
    row = parsed.frame.row(0, named=True)
    assert row == {
        "object_name": "STARLINK-1008",
        "object_id": "2019-074B",
        "epoch_utc": datetime(2026, 5, 28, 7, 22, 33, 256704),
        "mean_motion_rev_per_day": 15.47405599,
        "eccentricity": 0.0003005,
        "inclination_deg": 53.1527,
        "ra_of_asc_node_deg": 163.7269,
        "arg_of_pericenter_deg": 45.3803,
        "mean_anomaly_deg": 314.7449,
        "ephemeris_type": 0,
        "classification_type": "U",
        "norad_cat_id": 44714,
        "element_set_no": 999,
        "rev_at_epoch": 36113,
        "bstar_per_earth_radius": 0.012405e-1,
        "mean_motion_dot_rev_per_day2": 0.00064655,
        "mean_motion_ddot_rev_per_day3": 0.0,
    }
    assert parsed.frame["object_id"].to_list() == ["2019-074B", "1964-063C"]
    assert parsed.row_numbers is not None
    assert parsed.row_numbers.to_list() == [2, 5]


def test_supplemental_lines_have_no_name_class_c_and_their_own_set_number() -> None:
    row = read(*SUPPLEMENTAL).frame.row(0, named=True)
    assert (row["object_name"], row["classification_type"]) == (None, "C")
    assert (row["element_set_no"], row["rev_at_epoch"]) == (31, 1)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join((*STARLINK, *CALSPHERE)),
        "\r\n".join((*STARLINK, *CALSPHERE)) + "\r\n",
        "\ufeff" + "\n".join((*STARLINK, *CALSPHERE)),
        "\n\r\n" + "\n\n".join((*STARLINK, *CALSPHERE)) + "\n\n",
        "\n".join(line.rstrip() for line in (*STARLINK, *CALSPHERE)),
        "\n".join(("0 STARLINK-1008", *STARLINK[1:], "0 CALSPHERE 1", *CALSPHERE[1:])),
        "\n".join(("1 2", *STARLINK, *CALSPHERE)),
        "\n72 22\n" + "\n".join((*STARLINK, *CALSPHERE)),
    ],
    ids=["no last line end", "CRLF", "byte order mark", "blank lines", "unpadded", "3LE", "counts", "blank, counts"],
)
def test_the_way_of_writing_does_not_matter(text: str) -> None:
    parsed = elements.read(text.encode(), "x")
    assert parsed.frame.equals(read(*STARLINK, *CALSPHERE).frame)
    assert parsed.excluded.is_empty()


@pytest.mark.parametrize(
    ("written", "number"),
    [("00005", 5), ("    5", 5), ("69999", 69_999), ("A0000", 100_000), ("H9999", 179_999), ("J0000", 180_000), ("P0000", 230_000), ("Z9999", 339_999)],
)  # fmt: skip
def test_catalog_numbers_may_be_alpha_5(written: str, number: int) -> None:
    lines = [checksum(f"{line[:2]}{written}{line[7:68]}") for line in STARLINK[1:]]
    assert read(*lines).frame["norad_cat_id"].to_list() == [number]


@pytest.mark.parametrize(
    ("written", "designator"),
    [
        ("24237A  ", "2024-237A"),
        ("57001B  ", "1957-001B"),
        ("56001ABC", "2056-001ABC"),
        ("99067   ", "1999-067"),
        ("        ", None),
    ],
)
def test_the_designator_has_its_year_in_full(written: str, designator: str | None) -> None:
    first = checksum(f"{STARLINK[1][:9]}{written}{STARLINK[1][17:68]}")
    assert read(STARLINK[0], first, STARLINK[2]).frame["object_id"].to_list() == [designator]


@pytest.mark.parametrize(("written", "value"), [(" 12345-3", 1.2345e-4), ("-12345+1", -1.2345), ("+00001-9", 1e-14), (" 00000 0", 0.0), ("     0-0", 0.0)])  # fmt: skip
def test_b_star_has_an_implied_point(written: str, value: float) -> None:
    first = checksum(f"{STARLINK[1][:53]}{written}{STARLINK[1][61:68]}")
    assert read(STARLINK[0], first, STARLINK[2]).frame["bstar_per_earth_radius"][0] == pytest.approx(value, rel=1e-15)


def test_blank_whole_numbers_are_zero() -> None:
    first = checksum(STARLINK[1][:62] + "      ")
    second = checksum(STARLINK[2][:63] + "     ")
    row = read(STARLINK[0], first, second).frame.row(0, named=True)
    assert (row["ephemeris_type"], row["element_set_no"], row["rev_at_epoch"]) == (0, 0, 0)


def test_generated_constellations_are_read() -> None:
    first = checksum("1 00001U 00000ABC 00001.00000000  .00000000  00000-0  00000+0 0    0")
    second = checksum("2 00001  53.0000   0.0000 0000001   0.0000   0.0000 15.19000000    0")
    row = read("72 22", "Starlink-550 0", first, second).frame.row(0, named=True)
    assert (row["object_name"], row["object_id"]) == ("Starlink-550 0", "2000-000ABC")
    assert row["epoch_utc"] == datetime(2000, 1, 1)


def test_the_real_malformed_line_costs_its_own_satellite() -> None:
    assert only_exclusion(with_fleet(*MALFORMED)) == (
        62,
        "STARLINK-11171 [DTC] (60069)",
        "line 1 has 70 characters where a TLE has 69: B* '-66000-10' has an exponent of two digits",
    )


def damaged(line: int, at: int, text: str, sound: bool = True) -> list[str]:
    """A satellite with `text` at a column (1 is the first) of a line, with the checksum made right if `sound`."""
    lines = lines_of(made(50_000, "DAMAGED"))
    changed = lines[line][: at - 1] + text + lines[line][at - 1 + len(text) :]
    lines[line] = checksum(changed[:68]) if sound else changed
    return lines


@pytest.mark.parametrize(
    ("lines", "number", "reason"),
    [
        (damaged(1, 69, "9", sound=False), 62, "line 1 has the checksum 9 where its digits give 0"),
        (damaged(2, 69, "x", sound=False), 63, "line 2: checksum 'x' is not written as in a TLE"),
        (damaged(2, 13, "9", sound=False), 63, "line 2 has the checksum 3 where its digits give 2"),
        (damaged(2, 3, "50001"), 63, "lines 1 and 2 are of different satellites: 50000 and 50001"),
        (damaged(1, 3, "I0000"), 62, "line 1: NORAD_CAT_ID 'I0000' begins with I, a letter that Alpha-5 leaves out"),
        (damaged(1, 3, "O0000"), 62, "line 1: NORAD_CAT_ID 'O0000' begins with O, a letter that Alpha-5 leaves out"),
        (damaged(1, 3, "a0000"), 62, "line 1: NORAD_CAT_ID 'a0000' begins with a small letter; Alpha-5 has capitals"),
        (damaged(1, 3, "AA000"), 62, "line 1: NORAD_CAT_ID 'AA000' is not written as in a TLE"),
        (damaged(1, 10, "2A237A  "), 62, "line 1: OBJECT_ID '2A237A' is not written as in a TLE"),
        (damaged(1, 19, "26367"), 62, "line 1: EPOCH '26367.50000001' is no day of its year"),
        (damaged(1, 19, "26000"), 62, "line 1: EPOCH '26000.50000001' is no day of its year"),
        (damaged(1, 19, "26366"), 62, "line 1: EPOCH '26366.50000001' is no day of its year"),
        (damaged(1, 54, "-1624x-3"), 62, "line 1: BSTAR '-1624x-3' is not written as in a TLE"),
        (damaged(1, 54, "-1 242-3"), 62, "line 1: BSTAR '-1 242-3' is not written as in a TLE"),
        (damaged(1, 33, "5"), 62, "line 1: column 33 is '5' where a TLE has a blank"),
        (damaged(2, 27, ".001492"), 63, "line 2: ECCENTRICITY '.001492' is not written as in a TLE"),
        (damaged(2, 9, "190.0000"), 62, "INCLINATION 190.0000 is not at least 0 and at most 180"),
        (damaged(2, 53, "00.00000000"), 62, "MEAN_MOTION 00.00000000 is not above 0 and at most 20"),
        (damaged(1, 40, "é", sound=False), 62, "line 1 has characters that are not of a TLE"),
        ([*damaged(1, 1, "1")[:2], damaged(2, 1, "2")[2][:-3]], 63, "line 2 has 66 characters where a TLE has 69"),
    ],
)  # fmt: skip
def test_a_defect_is_named_and_costs_one_satellite(lines: list[str], number: int, reason: str) -> None:
    where, key, why = only_exclusion(with_fleet(*lines))
    assert (where, why) == (number, reason)
    assert key.startswith("DAMAGED (")


def test_a_leap_year_has_366_days() -> None:
    first = checksum(f"{STARLINK[1][:18]}24366{STARLINK[1][23:68]}")
    assert read(STARLINK[0], first, STARLINK[2]).frame["epoch_utc"][0].date().isoformat() == "2024-12-31"


SAT = lines_of(made(50_000, "LOST"))
LONG = "x" * 70


@pytest.mark.parametrize(
    ("lines", "listed"),
    [
        (SAT[:2], [(62, "LOST (50000)", "line 1 is not followed by line 2")]),
        ([SAT[0], SAT[2]], [(62, "LOST (50000)", "line 2 does not follow a line 1: 'LOST' stands before it")]),
        ([SAT[1]], [(61, "? (50000)", "line 1 is not followed by line 2")]),
        ([SAT[2]], [(61, "? (50000)", "line 2 does not follow a line 1")]),
        ([SAT[0]], [(61, "? (?)", "'LOST' belongs to no satellite: no line 1 follows")]),
        (["junk"], [(61, "? (?)", "'junk' belongs to no satellite: no line 1 follows")]),
        (["# a", "# b"], [(61, "? (?)", "'# a' belongs to no satellite: no line 1 follows")]),
        ([LONG], [(61, "? (?)", f"'{'x' * 60}' is no line of a TLE")]),
        ([SAT[0], SAT[1], "junk", SAT[2]], [(62, "LOST (50000)", "line 1 is not followed by line 2: 'junk' stands between them")]),
        ([*SAT[:2], *SAT[:2]], [(62, "LOST (50000)", "line 1 is not followed by line 2"), (64, "LOST (50000)", "line 1 is not followed by line 2")]),
        ([SAT[1], SAT[1]], [(61, "? (50000)", "line 1 is not followed by line 2"), (62, "? (50000)", "line 1 is not followed by line 2")]),
    ],
)  # fmt: skip
def test_stray_lines_are_listed_and_nothing_else_is_lost(lines: list[str], listed: list[tuple[int, str, str]]) -> None:
    parsed = with_fleet(*lines)
    assert parsed.excluded.rows() == listed
    assert parsed.frame["object_name"].to_list() == [f"SAT-{n}" for n in range(40)]


def test_a_long_line_of_junk_in_the_middle_of_a_satellite_costs_nothing_but_itself() -> None:
    for at in (1, 2):
        parsed = with_fleet(*SAT[:at], LONG, *SAT[at:])
        assert only_exclusion(parsed, 41)[0] == 61 + at
        assert "LOST" in parsed.frame["object_name"].to_list()


def test_a_line_1_whose_first_digit_is_lost_leaves_two_exclusions() -> None:
    parsed = with_fleet(SAT[0], "X" + SAT[1][1:], SAT[2])
    assert parsed.frame.height == 40
    assert parsed.excluded["row_number"].to_list() == [62, 63]


def test_in_a_file_of_two_lines_a_line_between_is_no_name() -> None:
    lines = [line for e in fleet() for line in two_lines(e)]
    parsed = read(*lines[:10], "junk", *lines[10:])
    assert parsed.frame["object_name"].null_count() == 40
    assert parsed.excluded.rows() == [(11, "? (?)", "'junk' belongs to no satellite: no line 1 follows")]


def test_a_satellite_without_its_name_line_stays() -> None:
    parsed = with_fleet(*SAT[1:])
    assert parsed.excluded.is_empty()
    assert parsed.frame.filter(norad_cat_id=50_000)["object_name"].to_list() == [None]


def test_of_one_catalog_number_the_newest_epoch_stays() -> None:
    older = lines_of(made(44_700, "OLDER", EPOCH=datetime(2026, 8, 1)))
    assert only_exclusion(with_fleet(*older)) == (
        62,
        "OLDER (44700)",
        "NORAD_CAT_ID repeats: line 2 has the newest epoch",
    )


WHOLE = writers.tle(fleet(), end="\n")


@pytest.mark.parametrize("end", [70, 71, 100, 138, 139, 140, 147, 150])
def test_a_file_cut_in_its_last_satellite_is_refused(end: int) -> None:
    start = WHOLE.rindex("SAT-39")
    where = WHOLE[: start + end].rstrip("\n").count("\n") + 1
    with pytest.raises(SourceError, match=f"is cut: its last row, line {where}, is incomplete"):
        elements.read(WHOLE[: start + end].encode(), "x")


def test_a_file_cut_anywhere_in_its_last_satellite_is_never_read_as_whole() -> None:
    start = WHOLE.rindex("SAT-39")
    for end in range(start + 1, len(WHOLE) - 1):
        with pytest.raises(SourceError, match="is cut"):
            elements.read(WHOLE[:end].encode(), "x")
    assert elements.read(WHOLE[:start].encode(), "x").frame.height == 39
    assert elements.read(WHOLE[:-1].encode(), "x").frame.height == 40


def test_lines_that_are_all_without_checksum_are_named_and_not_called_cut() -> None:
    lines = [line[:68] if line[0] in "12" else line for line in WHOLE.splitlines()]
    with pytest.raises(SourceError, match=r"40 of 40 rows cannot be read.*line 1 has 68 characters where a TLE has 69"):
        read(*lines)


def test_two_bad_satellites_of_forty_are_left_out_and_three_are_refused() -> None:
    lines = WHOLE.splitlines()
    for n in (1, 4):
        lines[n] = lines[n][:68] + "x"
    assert read(*lines).frame.height == 38
    lines[7] = lines[7][:68] + "x"
    with pytest.raises(SourceError, match=r"3 of 40 rows cannot be read, more than 5% \(first line 2, SAT-0 \(44700\)"):
        read(*lines)


def agrees(parsed: Parsed, pairs: list[tuple[str, str]]) -> None:
    """Every row is what the reference library reads from the same lines; it has radians and minutes."""
    for row, (first, second) in zip(parsed.frame.iter_rows(named=True), pairs, strict=True):
        sat = Satrec.twoline2rv(first, second)
        per_day = 1440 / (2 * math.pi)
        assert row["norad_cat_id"] == sat.satnum
        assert row["mean_motion_rev_per_day"] == pytest.approx(sat.no_kozai * per_day, rel=1e-14)
        assert row["eccentricity"] == sat.ecco
        angles = {"inclination_deg": sat.inclo, "ra_of_asc_node_deg": sat.nodeo, "arg_of_pericenter_deg": sat.argpo, "mean_anomaly_deg": sat.mo}  # fmt: skip
        for name, radians in angles.items():
            assert math.radians(row[name]) == pytest.approx(radians, rel=1e-15), name
        assert row["bstar_per_earth_radius"] == pytest.approx(sat.bstar, rel=1e-15)
        assert row["mean_motion_dot_rev_per_day2"] == pytest.approx(sat.ndot * per_day * 1440, rel=1e-14)
        assert row["mean_motion_ddot_rev_per_day3"] == pytest.approx(sat.nddot * per_day * 1440**2, rel=1e-14)
        assert (row["element_set_no"], row["classification_type"]) == (sat.elnum, sat.classification)
        days = (row["epoch_utc"] - datetime(2000, 1, 1, 12)) / timedelta(days=1)
        assert (sat.jdsatepoch - 2451545.0) + sat.jdsatepochF == pytest.approx(days, abs=1e-11)  # one microsecond
        assert sat.intldesg.strip() == (f"{row['object_id'][2:4]}{row['object_id'][5:]}" if row["object_id"] else "")


@pytest.mark.parametrize("lines", [STARLINK[1:], SUPPLEMENTAL, CALSPHERE[1:]], ids=["Starlink", "supplemental", "Calsphere"])  # fmt: skip
def test_published_lines_agree_with_the_reference_library(lines: tuple[str, str]) -> None:
    agrees(read(*lines), [lines])


@settings(deadline=None)
@given(writers.element_lists())
def test_any_lines_agree_with_the_reference_library(made_up: list[writers.Elements]) -> None:
    agrees(elements.read(writers.tle(made_up).encode(), "x"), [two_lines(e) for e in made_up])


def test_the_verification_set_of_sgp4_agrees_with_the_reference_library() -> None:
    """All of its 33 satellites but 33333 to 33335, which were made up for it with wrong checksums."""
    text = (Path(sgp4.__file__).parent / "SGP4-VER.TLE").read_text()
    lines = [line[:69] for line in text.splitlines() if line[:2] in ("1 ", "2 ")]
    pairs = list(zip(lines[::2], lines[1::2], strict=True))
    sound = [pair for pair in pairs if pair[0][2:7] not in ("33333", "33334", "33335")]
    assert (len(pairs), len(sound)) == (33, 30)
    for pair in sound:
        agrees(read(*pair), [pair])
    for pair in set(pairs) - set(sound):
        with pytest.raises(SourceError, match=r"line 1 has the checksum . where its digits give"):
            read(*pair)


@settings(deadline=None)
@given(writers.element_lists(), st.sampled_from(["{:24s}", "{}", "0 {}", ""]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(made_up: list[writers.Elements], name: str, end: str) -> None:
    parsed = elements.read(writers.tle(made_up, name, end).encode(), "x")
    expected = elements.read(writers.omm_json(made_up).encode(), "x").frame
    if not name:
        expected = expected.with_columns(pl.lit(None, pl.String).alias("object_name"))
    assert parsed.excluded.is_empty()
    assert parsed.frame.equals(expected)


EDITS = st.lists(
    st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 150), st.binary(max_size=3) | st.sampled_from([b"\n", b"1 ", b"\n2 ", b"-"])),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(deadline=None)
@given(EDITS)
def test_whatever_the_bytes_a_sound_frame_or_a_source_error_comes(edits: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE.encode()
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]
    try:
        parsed = elements.read(data, "x")
    except SourceError:
        return
    assert parsed.frame["norad_cat_id"].is_unique().all()
    assert parsed.excluded["row_number"].is_unique().all()


def test_the_epoch_has_no_zone() -> None:
    epoch = read(*STARLINK).frame["epoch_utc"][0]
    assert epoch.replace(tzinfo=UTC).timestamp() == 1779952953.256704
