"""The command `visible` against Skyfield, on every format and step, and what it refuses."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from skyfield.api import EarthSatellite, load, wgs84

from pipeline.__main__ import main
from pipeline.io import caller, visible
from tests.formats import writers
from tests.formats.writers import Elements, made

AUTHORITY = Path(__file__).parents[1] / "authorities" / "visible_counts_2026-05-28.csv"
HEADER = "id,latitude_deg,longitude_deg,height_m\n"
# Poles, the date line from both sides, a mountain, a shore below the ellipsoid.
PLACES = {
    "north pole": (90.0, 0.0, 0.0), "south pole": (-90.0, 45.0, 2_835.0), "taveuni": (-16.8, 180.0, 10.0), "taveuni again": (-16.8, -180.0, 10.0),
    "quito": (-0.2, -78.5, 2_850.0), "everest": (27.988, 86.925, 8_849.0), "dead sea": (31.5, 35.5, -430.0), "oslo": (59.9, 370.7 - 360, 23.0),
}  # fmt: skip
POINTS = HEADER + "".join(f"{name},{a},{b},{h}\n" for name, (a, b, h) in PLACES.items())
START = "2026-08-17T22:30:00"


def constellation(count: int = 60) -> list[Elements]:
    """Satellites all around the Earth at several inclinations, heights and eccentricities."""
    kinds = [
        (530_511, 1_506_403_215),
        (974_000, 1_520_000_000),
        (0, 1_340_000_000),
        (870_000, 1_316_000_000),
        (1_150_000, 1_480_000_000),
    ]
    return [
        made(
            44_700 + n,
            f"SAT-{n}",
            angles=(kinds[n % 5][0], n * 577_777 % 3_600_000, n * 911_111 % 3_600_000, n * 1_333_333 % 3_600_000),
            motion=kinds[n % 5][1],
            eccentricity=n * 997 % 12_000,
            bstar=(1, 12_000, -4),
        )
        for n in range(count)
    ]


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., int]:
    """Call the command with what a test does not give: elements and points as text or bytes, `at` other paths by option."""

    def called(
        elements: str | bytes, points: str | bytes = POINTS, at: dict[str, Path] | None = None, **options: Any
    ) -> int:
        for name, content in (("elements", elements), ("points", points)):
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        words = {
            "elements": tmp_path / "elements", "points": tmp_path / "points", "start": START, "step-s": 60, "steps": 5,
            "min-elevation-deg": 25, "out": tmp_path / "out.csv",
        } | {name.replace("_", "-"): value for name, value in options.items()} | (at or {})  # fmt: skip
        return main(["visible", *(word for name, value in words.items() for word in (f"--{name}", str(value)))])

    return called


def written(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "out.csv", schema_overrides={"id": pl.String, "t_s": pl.Float64})


def skyfields(elements: list[Elements], start: datetime, t_s: np.ndarray) -> np.ndarray:
    """Elevations [deg], (instant, place, satellite), by Skyfield alone, from lines."""
    scale = load.timescale(builtin=True)
    times = scale.from_datetimes([start.replace(tzinfo=UTC) + timedelta(seconds=float(t)) for t in t_s])
    satellites = [EarthSatellite(*writers.two_lines(e), "", scale) for e in elements]
    places = [wgs84.latlon(a, b, elevation_m=h) for a, b, h in PLACES.values()]
    found = [[(s - place).at(times).altaz()[0].degrees for s in satellites] for place in places]
    return np.moveaxis(np.array(found), 2, 0)


# --- what it counts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask_deg", "step_s", "steps", "start"),
    [(0, 607.0, 30, START), (10, 37.5, 40, "2026-08-16T23:59:59.25Z"), (25, 1_800.5, 30, "2026-08-17"), (40, 86_399.0, 8, "2026-08-15T12:00:00+02:00")],
)  # fmt: skip
def test_counts_and_elevations_are_skyfields(
    call: Callable[..., int], tmp_path: Path, mask_deg: float, step_s: float, steps: int, start: str
) -> None:
    fleet = constellation()
    options = {"min_elevation_deg": mask_deg, "step_s": step_s, "steps": steps, "start": start}
    assert call(writers.tle(fleet), **options) == 0
    found = written(tmp_path)
    t_s = np.arange(steps) * step_s
    assert found["t_s"].to_list() == pytest.approx(np.repeat(t_s, len(PLACES)).tolist())
    assert found["id"].to_list() == list(PLACES) * steps
    elevation = skyfields(fleet, caller.start_of(start), t_s).reshape(len(found), -1)
    count = found["visible_count"].to_numpy()
    sure = (np.abs(elevation - mask_deg) > 0.01).all(axis=1)
    assert sure.mean() > 0.9
    np.testing.assert_array_equal(count[sure], (elevation >= mask_deg).sum(axis=1)[sure])
    assert (
        np.abs(count - (elevation >= mask_deg).sum(axis=1)) <= (np.abs(elevation - mask_deg) <= 0.01).sum(axis=1)
    ).all()
    best = found["best_elevation_deg"].to_numpy()
    np.testing.assert_array_equal(np.isnan(best), count == 0)
    seen = sure & (count > 0)
    np.testing.assert_allclose(best[seen], elevation.max(axis=1)[seen], rtol=0, atol=0.01)
    assert seen.sum() > 10


def test_zeros_are_written_and_have_no_elevation(call: Callable[..., int], tmp_path: Path) -> None:
    assert call(writers.tle(constellation(1)), min_elevation_deg=89.9, steps=2, step_s=0.1) == 0
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "t_s,id,visible_count,best_elevation_deg"
    assert lines[1:] == [f"{t},{name},0," for t in ("0", "0.1") for name in PLACES]


@pytest.mark.parametrize(
    ("step_s", "expected"), [("60.0", "180"), ("0.1", "0.3"), ("1e-3", "0.003"), ("12.50", "37.5"), ("1e5", "300000")]
)
def test_seconds_are_written_without_a_rest_of_binary_fractions(
    call: Callable[..., int], tmp_path: Path, step_s: str, expected: str
) -> None:
    assert call(writers.tle(constellation(2)), HEADER + "a,0,0,0\n", steps=4, step_s=step_s) == 0
    assert (tmp_path / "out.csv").read_text().splitlines()[-1].startswith(f"{expected},a,")


def test_a_satellite_in_the_zenith_of_a_pole_counts_at_a_high_mask(call: Callable[..., int], tmp_path: Path) -> None:
    polar = made(44_700, angles=(900_000, 0, 0, 900_000), eccentricity=0, EPOCH=datetime(2026, 8, 17, 22, 30))
    assert call(writers.tle([polar]), steps=1, min_elevation_deg=89) == 0
    row = written(tmp_path).row(0, named=True)
    assert (row["id"], row["visible_count"]) == ("north pole", 1)
    assert 89 <= row["best_elevation_deg"] <= 90


def hypatia(count: int) -> str:
    """Generated lines as network simulators write them: counts first, epochs of the year 2000, a designator of zeros."""
    fleet = [
        made(
            n + 1, f"Kuiper-630 {n}", EPOCH=datetime(2000, 1, 1), OBJECT_ID="2000-000ABC", ELEMENT_SET_NO=0, REV_AT_EPOCH=0, dot=0, bstar=(1, 0, 0),
            angles=(519_000, n * 106_000 % 3_600_000, 0, n * 371_000 % 3_600_000), motion=1_480_000_000, eccentricity=1,
        )
        for n in range(count)
    ]  # fmt: skip
    return f"1 {count}\n" + writers.tle(fleet, "{}", "\n")


def test_old_elements_with_an_old_start_work(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(hypatia(60), start="2000-01-01T00:00:00Z", min_elevation_deg=5) == 0
    assert capsys.readouterr().err == ""
    assert written(tmp_path)["visible_count"].max() > 2


# --- how it is given ---------------------------------------------------------------------------------------------------

FORMATS = {
    "csv": writers.omm_csv, "json": writers.omm_json, "xml": writers.omm_xml, "three lines": writers.tle,
    "numbered names": lambda fleet: writers.tle(fleet, "0 {}", "\n"), "two lines": lambda fleet: writers.tle(fleet, ""),
    "counts first": lambda fleet: f"72 22\n{writers.tle(fleet)}", "byte order mark": lambda fleet: "\ufeff" + writers.tle(fleet),
    "gzip": lambda fleet: gzip.compress(writers.omm_json(fleet).encode()), "gzip of lines": lambda fleet: gzip.compress(writers.tle(fleet, "").encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_file(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    fleet = constellation()
    assert call(writers.omm_csv(fleet)) == 0
    expected = (tmp_path / "out.csv").read_bytes()
    capsys.readouterr()
    assert call(FORMATS[name](fleet)) == 0
    assert (tmp_path / "out.csv").read_bytes() == expected
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.split()[:6] == ["satellites", "60", "points", "8", "instants", "5"]


def test_points_may_be_gzip_and_in_any_order_of_columns(call: Callable[..., int], tmp_path: Path) -> None:
    assert call(writers.tle(constellation())) == 0
    expected = (tmp_path / "out.csv").read_bytes()
    turned = "height_m,id,longitude_deg,latitude_deg\r\n" + "".join(
        f"{h},{name},{b},{a}\r\n" for name, (a, b, h) in PLACES.items()
    )
    assert call(writers.tle(constellation()), gzip.compress(f"\ufeff{turned}".encode())) == 0
    assert (tmp_path / "out.csv").read_bytes() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-17", datetime(2026, 8, 17)),
        ("2026-08-17T06:30:00", datetime(2026, 8, 17, 6, 30)),
        ("2026-08-17 06:30:00.25", datetime(2026, 8, 17, 6, 30, 0, 250_000)),
        ("2026-08-17T00:00:00Z", datetime(2026, 8, 17)),
        ("2026-08-17T01:00:00+05:30", datetime(2026, 8, 16, 19, 30)),
    ],
)
def test_a_start_is_utc_unless_it_says_otherwise(text: str, expected: datetime) -> None:
    assert caller.start_of(text) == expected


# --- windows and threads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("instants", "threads"), [(1, 1), (7, 4), (100, 2), (1_440, 8)])
def test_windows_and_threads_give_the_same_bytes(
    call: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instants: int, threads: int
) -> None:
    fleet = writers.tle(constellation())
    assert call(fleet, steps=300, step_s=61.5) == 0
    expected = (tmp_path / "out.csv").read_bytes()
    monkeypatch.setattr(caller, "WINDOW_INSTANTS", instants)
    monkeypatch.setattr(caller, "THREADS", threads)
    assert call(fleet, steps=300, step_s=61.5) == 0
    assert (tmp_path / "out.csv").read_bytes() == expected


def test_a_later_start_gives_the_later_lines(call: Callable[..., int], tmp_path: Path) -> None:
    fleet = writers.tle(constellation())
    assert call(fleet, steps=200) == 0
    whole = written(tmp_path)
    assert call(fleet, steps=50, start="2026-08-18T01:00:00") == 0  # 150 steps later, beyond midnight
    later = written(tmp_path)
    assert later.drop("t_s").equals(whole[150 * len(PLACES) :].drop("t_s"))


def test_memory_does_not_grow_with_the_number_of_instants(
    call: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "WINDOW_INSTANTS", 20)
    fleet = writers.tle(constellation())
    call(fleet, steps=20)

    def peak(steps: int) -> int:
        tracemalloc.start()
        try:
            assert call(fleet, steps=steps, step_s=10) == 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = peak(20 * 4 * caller.THREADS)
    assert peak(20 * 40 * caller.THREADS) < 1.5 * few


def test_windows_wait_until_their_lines_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[int] = []
    real = caller.instants_from
    monkeypatch.setattr(caller, "WINDOW_INSTANTS", 1)
    monkeypatch.setattr(caller, "instants_from", lambda *a: started.append(a[2]) or real(*a))
    (tmp_path / "e").write_text(writers.tle(constellation(3)))
    span = caller.Span(datetime(2026, 8, 17), 60.0, 500)
    wanted = visible.Wanted(tmp_path / "e", tmp_path / "p", span, 25.0, tmp_path / "o")
    elements = caller.satellites((tmp_path / "e").read_bytes(), tmp_path / "e", span).frame
    points = pl.DataFrame({"id": ["a"], "latitude_deg": [0.0], "longitude_deg": [0.0], "height_m": [0.0]})
    windows = visible.windows(wanted, visible.Fleet(elements), points, print)
    next(windows)
    assert len(started) <= 2 * caller.THREADS + 1
    windows.close()


# --- satellites that are left out --------------------------------------------------------------------------------------


def inside(number: int) -> Elements:
    """A satellite that nobody can propagate: 20 turns a day need an orbit inside the Earth."""
    return made(number, "NEVER", motion=20 * 10**8, eccentricity=10)


def bad_line(text: str) -> str:
    return text.replace("2 44701", "2 44761", 1)


BAD = {
    "a checksum": (lambda fleet: bad_line(writers.tle(fleet)), "SAT-1 (44701), line"),
    "an element": (lambda fleet: writers.omm_csv(fleet).replace("SAT-1,2024-237A,", "SAT-1,2024-237A,x", 1), "SAT-1 (44701), line 3: EPOCH"),
    "a whole entry": (lambda fleet: writers.omm_json(fleet).replace('"NORAD_CAT_ID": 44701', '"NORAD_CAT_ID": null', 1), "SAT-1 (?), line 3: NORAD_CAT_ID is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_satellite_is_named_and_spoils_no_other(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    fleet = constellation(4)  # a fourth of the file: a landed one would be refused
    write, words = BAD[name]
    assert call(write(fleet), min_elevation_deg=0) == 0
    said = capsys.readouterr().err.strip().splitlines()
    bad = (tmp_path / "out.csv").read_bytes()
    assert len(said) == 1
    assert words in said[0]
    assert call(writers.tle([fleet[0], *fleet[2:]]), min_elevation_deg=0) == 0
    assert (tmp_path / "out.csv").read_bytes() == bad


def test_a_satellite_that_comes_down_counts_until_then_and_is_named(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = constellation(6)
    falling = made(99, "FALLING", motion=1_630_000_000, bstar=(1, 90_000, -2), eccentricity=10)
    never = inside(98)
    options = {"start": "2026-08-16T12:00:00", "steps": 400, "step_s": 600, "min_elevation_deg": 0}
    assert call(writers.tle(fleet), **options) == 0
    expected, _ = written(tmp_path), capsys.readouterr()
    assert call(writers.tle([never, *fleet, falling]), **options) == 0
    said = capsys.readouterr().err.splitlines()
    found = written(tmp_path)
    assert "left out NEVER (98): it cannot be propagated" in said[0]
    assert "left out FALLING (99) at " in said[1]
    assert " of 400 instants: it cannot be propagated, " in said[1]
    more = found["visible_count"] - expected["visible_count"]
    assert set(more.unique()) == {0, 1}
    assert more[: more.len() // 4].max() == 1
    assert more[-more.len() // 2 :].max() == 0


def test_an_epoch_years_away_is_named(
    call: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old = made(99, "OLD", EPOCH=datetime(2019, 5, 24))
    assert call(writers.tle([*constellation(3), old])) == 0
    assert "left out OLD (99): EPOCH 2019-05-24 00:00 is more than 365 days from the start" in capsys.readouterr().err
    assert call(writers.tle([old])) == 1
    said = capsys.readouterr().err.strip()
    assert "every epoch is more than 365 days from --start 2026-08-17T22:30:00" in said
    assert "2019-05-24" in said


def test_an_epoch_months_away_is_doubted_and_counted(
    call: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    old = made(99, "OLD", EPOCH=datetime(2026, 5, 24))
    assert call(writers.tle([*constellation(3), old])) == 0
    said = capsys.readouterr()
    assert "1 of 4 epochs are more than 30 days from the start" in said.err
    assert said.out.split()[:2] == ["satellites", "4"]


def test_when_none_can_be_propagated_nothing_is_written(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(writers.tle([inside(98)])) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "none of its 1 satellites can be propagated" in said[0]
    assert "NEVER (98)" in said[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["elements", "points"]


# --- what it refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"step_s": 0}, "--step-s 0 is no step"),
        ({"step_s": -5}, "--step-s -5 is no step"),
        ({"step_s": "nan"}, "--step-s nan is no step"),
        ({"step_s": "inf"}, "--step-s inf is no step"),
        ({"steps": 0}, "--steps 0 is no number of instants"),
        ({"steps": -3}, "--steps -3"),
        ({"steps": 10**9}, "more than 3660 days"),
        ({"min_elevation_deg": -1}, "--min-elevation-deg -1 is no elevation: give 0 to 90"),
        ({"min_elevation_deg": 90.5}, "--min-elevation-deg 90.5"),
        ({"min_elevation_deg": "nan"}, "--min-elevation-deg nan"),
        ({"start": "yesterday"}, "--start 'yesterday' is no instant: write it as 2026-08-17"),
        ({"start": "2026-02-30"}, "--start '2026-02-30'"),
        ({"start": "1066-10-14"}, "years 1957 to 2100"),
        ({"points": ""}, "points: the file is empty"),
        ({"points": HEADER + "a,91,0,0\n"}, "line 2: latitude_deg 91 is not"),
        ({"points": HEADER + "a,0,0,0\na,1,1,1\n"}, "line 3: the id 'a' stands on line 2 already"),
        ({"points": "id,latitude_deg\na,1\n"}, "the header lacks longitude_deg, height_m"),
        ({"elements": ""}, "elements: the file is empty: give mean elements"),
        ({"elements": "<html><title>403</title></html>"}, "is a web page (403), not a catalog"),
        ({"elements": gzip.compress(b"x" * 999, mtime=0)[:-9]}, "is a broken gzip file"),
        ({"elements": bad_line(writers.tle(constellation(2)[1:]))}, "the file has no elements (first line"),
    ],
    ids=str,
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], words: str
) -> None:
    assert call(**{"elements": writers.tle(constellation(2)), **options}) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1, said
    assert words in said[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["elements", "points"]


def test_files_that_are_not_there_and_folders_that_cannot_be_written_are_named(
    call: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = writers.tle(constellation(2))
    (tmp_path / "file").touch()
    for option, path, words in (
        ("elements", tmp_path / "none.tle", "check the path after --elements"),
        ("points", tmp_path / "none.csv", "check the path after --points"),
        ("elements", tmp_path, "check the path after --elements"),
        ("out", tmp_path / "file" / "out.csv", "give another --out"),
        ("out", tmp_path, "give another --out"),
        ("out", tmp_path / "points", "is a file that is read"),
    ):
        assert call(fleet, at={option: path}) == 1
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1
        assert str(path) in said[0]
        assert words in said[0]
    assert (tmp_path / "points").read_text() == POINTS


def test_a_failed_run_leaves_the_file_of_the_one_before(call: Callable[..., int], tmp_path: Path) -> None:
    assert call(writers.tle(constellation(2))) == 0
    before = (tmp_path / "out.csv").read_bytes()
    assert call(writers.tle([inside(98)])) == 1
    assert (tmp_path / "out.csv").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["elements", "out.csv", "points"]


# --- the real fleet ----------------------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_counts_of_the_real_fleet_are_skyfields(shared: Path, call: Callable[..., int], tmp_path: Path) -> None:
    elements = (shared / "data/catalogs/tle-groups/starlink_tle_2026-05-28T1757Z.tle.gz").read_bytes()
    rows = pl.read_csv(AUTHORITY)
    points = HEADER + "".join(
        f"{latitude} {longitude},{latitude},{longitude},0\n"
        for latitude in rows["latitude_deg"].unique().sort()
        for longitude in range(-180, 180, 15)
    )
    for (mask,), of_mask in rows.group_by("mask_deg"):
        assert call(elements, points, start="2026-05-28", step_s=3_600, steps=24, min_elevation_deg=mask) == 0
        latitude = pl.col("id").str.split(" ").list.first().cast(pl.Float64)
        count = pl.col("visible_count")
        found = written(tmp_path).group_by(latitude.alias("latitude_deg")).agg(
            count.mean().alias("mean"), count.min().alias("min"), count.max().alias("max")
        )  # fmt: skip
        both = of_mask.with_columns(pl.col("latitude_deg").cast(pl.Float64)).join(found, on="latitude_deg")
        assert both.height == of_mask.height
        for row in both.iter_rows(named=True):
            where = f"latitude {row['latitude_deg']}, mask {mask}"
            assert row["mean"] == pytest.approx(row["visible_mean_count"], rel=0.002), where
            assert abs(row["min"] - row["visible_min_count"]) <= 1, where
            assert abs(row["max"] - row["visible_max_count"]) <= 1, where
