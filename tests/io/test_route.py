"""The command `route` against Hypatia's published figures and scipy's Dijkstra, on every kind of links, and what it refuses."""

from __future__ import annotations

import csv
import gzip
import itertools
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from pipeline.__main__ import main
from pipeline.formats import elements as element_formats
from pipeline.geometry import links
from pipeline.geometry.frames import elevation_deg, point_ecef_km
from pipeline.geometry.propagation import Fleet, instants_from
from pipeline.io import caller
from tests.formats import writers
from tests.formats.writers import Elements, made

AUTHORITIES = Path(__file__).parents[1] / "authorities"
EPOCH = datetime(2000, 1, 1)
HEADER = "id,name,latitude_deg,longitude_deg,height_m\n"
# Hypatia's coordinates (paper/satellite_networks_state/input_data, cities by their population of 2025).
CITIES = HEADER + (
    "17,Manila,14.6042,120.9822,0\n85,Dalian,38.913811,121.602322,0\n73,Sankt-Peterburg,59.929858,30.326228,0\n"
)
LIGHT_KM_PER_MS = 299.792458


def kuiper(planes: int = 34, places: int = 34, half: bool = True, inclination: int = 519_000) -> list[Elements]:
    """Satellites plane by plane as Hypatia writes them: angles in units of 0.0001 degrees, the digits of a TLE."""
    return [
        made(
            p * places + k + 1, f"Kuiper-630 {p * places + k}", EPOCH=EPOCH, dot=0, ddot=(1, 0, 0), bstar=(1, 0, 0),
            angles=(inclination, round(p * 3_600_000 / planes), 0, round((k + p % 2 / 2 * half) * 3_600_000 / places)),
            motion=1_480_000_000, eccentricity=1,
        )
        for p in range(planes)
        for k in range(places)
    ]  # fmt: skip


def file_of(fleet: list[Elements], counts: str = "34 34\n") -> str:
    return counts + writers.tle(fleet, "{}", "\n")


Call = Callable[..., int]


def caller_of(folder: Path) -> Call:
    def called(
        elements: str | bytes,
        stations: str = CITIES,
        links: str = "plus-grid",
        at: dict[str, Any] | None = None,
        **options: Any,
    ) -> int:
        """Call the command; `links` is a keyword or the text of a file, and None removes an option."""
        (folder / "elements").write_bytes(elements.encode() if isinstance(elements, str) else elements)
        (folder / "stations").write_text(stations)
        if links not in ("plus-grid", "infer"):
            (folder / "links").write_text(links)
            links = str(folder / "links")
        words = {
            "elements": folder / "elements", "stations": folder / "stations", "links": links, "start": "2000-01-01", "step-s": 20,
            "steps": 5, "max-slant-km": 1_260, "out": folder / "out.csv",
        } | {name.replace("_", "-"): value for name, value in options.items()} | (at or {})  # fmt: skip
        given = [word for name, value in words.items() if value is not None for word in (f"--{name}", str(value))]
        return main(["route", *given])

    return called


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return caller_of(tmp_path)


def written(folder: Path) -> pl.DataFrame:
    return pl.read_csv(
        folder / "out.csv", schema_overrides={"t_s": pl.Float64, "path": pl.String, "rtt_ms": pl.Float64}
    )


def numbers(path: str | None) -> list[int]:
    return [int(name.rpartition(" ")[2]) for name in (path or "").split("|") if name]


# --- figures of others -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("hypatia")
    assert caller_of(folder)(file_of(kuiper()), step_s=0.1, steps=2_000) == 0
    return written(folder)


def test_round_trips_are_hypatias(published: pl.DataFrame) -> None:
    for expected in pl.read_csv(AUTHORITIES / "hypatia_kuiper_630.csv").iter_rows(named=True):
        pair = published.filter(pl.col("src") == expected["src"], pl.col("dst") == expected["dst"])
        assert pair.height == 2_000
        assert pair["rtt_ms"].min() == pytest.approx(expected["rtt_min_ms"], abs=0.01)
        assert pair["rtt_ms"].max() == pytest.approx(expected["rtt_max_ms"], abs=0.01)
        lost = pair.filter(pl.col("reachable") == 0)["t_s"]
        if expected["unreachable_from_s"] is None:
            assert lost.is_empty()
        else:  # one step may be another's: the Earth turns 40 m in it, and pyephem's Earth is not quite ours
            assert lost.min() == pytest.approx(expected["unreachable_from_s"], abs=0.101)
            assert lost.max() == pytest.approx(expected["reachable_again_s"] - 0.1, abs=0.101)
            assert lost.len() == round((lost.max() - lost.min()) / 0.1) + 1


def test_paths_are_hypatias_at_every_instant(published: pl.DataFrame) -> None:
    with (AUTHORITIES / "hypatia_kuiper_630_paths.csv").open() as stream:
        expected = list(csv.DictReader(stream))
    for src, dst in {(row["src"], row["dst"]) for row in expected}:
        theirs = [(float(r["t_s"]), r["path"]) for r in expected if (r["src"], r["dst"]) == (src, dst)]
        pair = published.filter(pl.col("src").is_in([src, dst]), pl.col("dst").is_in([src, dst])).rows(named=True)
        ours: list[tuple[float, str]] = []
        for row in pair:
            path = numbers(row["path"])
            path = path if row["src"] == src else path[::-1]
            assert row["satellite_hop_count"] == (len(path) or None)
            text = "-".join(map(str, path))
            if not ours or ours[-1][1] != text:
                ours.append((row["t_s"], text))
        assert [path for _, path in ours] == [path for _, path in theirs]
        np.testing.assert_allclose([t for t, _ in ours], [t for t, _ in theirs], rtol=0, atol=0.101)


def test_with_a_true_mask_fewer_satellites_are_in_view(
    published: pl.DataFrame, call: Call, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """1,260 km are what Hypatia calls 30 degrees; on a round Earth a satellite at 630 km is that far at 25.2 degrees."""
    reached = {}
    for mask_deg in (25.2, 30.0):
        assert call(file_of(kuiper()), step_s=1, steps=200, max_slant_km=None, min_elevation_deg=mask_deg) == 0
        reached[mask_deg] = written(tmp_path)
    slant = published.filter((pl.col("t_s") * 10).round().cast(pl.Int64) % 10 == 0)
    for mask_deg, found in reached.items():
        gained = found["rtt_ms"] - slant["rtt_ms"]
        words = f"mask {mask_deg}: {found['reachable'].mean():.3f} reachable ({slant['reachable'].mean():.3f}), round trips {gained.mean():+.3f} ms, at most {gained.max():+.3f}"
        record_property("difference", words)
        print(words)
    assert reached[30.0]["reachable"].sum() < 0.95 * slant["reachable"].sum()
    assert reached[25.2]["reachable"].sum() == pytest.approx(slant["reachable"].sum(), rel=0.05)
    # A smaller view never makes a way shorter.
    assert (reached[30.0]["rtt_ms"] - slant["rtt_ms"]).min() >= -1e-6


# --- an oracle of our own ----------------------------------------------------------------------------------------------


def oracle(
    data: str,
    neighbour: np.ndarray,
    stations: str,
    start: datetime,
    t_s: Iterable[float],
    see: Callable[..., np.ndarray],
) -> np.ndarray:
    """Round trips [ms], (instant, source, goal), by scipy's Dijkstra on one graph with directed links to and from the ground."""
    frame = element_formats.read_own(data.encode(), "e").frame
    rows = list(csv.DictReader(stations.splitlines()))
    at = [[float(r[n]) for n in ("latitude_deg", "longitude_deg", "height_m")] for r in rows]
    found = []
    for t in t_s:
        r_km = Fleet(frame).positions(instants_from(start, t or 1.0, 1 if t else 0, 2 if t else 1))[0][:, 0]
        here, k = np.nonzero(neighbour >= 0)
        there = neighbour[here, k]
        edges = [(here, there, np.linalg.norm(r_km[here] - r_km[there], axis=1))]
        n = len(r_km)
        for s, (latitude, longitude, height_m) in enumerate(at):
            slant = np.linalg.norm(r_km - point_ecef_km(latitude, longitude, height_m / 1_000), axis=1)
            seen = np.flatnonzero(see(slant, elevation_deg(r_km, latitude, longitude, height_m / 1_000)))
            # A station is two nodes, one to leave from and one to arrive at, so that none relays.
            edges.append((np.full(len(seen), n + s), seen, slant[seen]))
            edges.append((seen, np.full(len(seen), n + len(at) + s), slant[seen]))
        a, b, km = (np.concatenate(part) for part in zip(*edges, strict=True))
        graph = coo_matrix((km, (a, b)), shape=(n + 2 * len(at),) * 2).tocsr()
        way = dijkstra(graph, indices=np.arange(n, n + len(at)))[:, n + len(at) :]
        found.append(2 * way / LIGHT_KM_PER_MS)
    return np.array(found)


WORLD = HEADER + (
    "1,Quito,-0.2,-78.5,2850\n2,Oslo,59.9,10.7,0\n3,Taveuni,-16.8,180,10\n4,Tokyo,35.7,139.7,0\n5,Troll,-72,2.5,1270\n"
    "6,Lagos,6.5,3.4,0\n7,Nairobi,-1.3,36.8,1700\n"
)


def require_oracle(folder: Path, data: str, neighbour: np.ndarray, see: Callable[..., np.ndarray]) -> pl.DataFrame:
    found = written(folder)
    t_s = found["t_s"].unique(maintain_order=True).to_list()
    expected = oracle(data, neighbour, WORLD, EPOCH, t_s, see)
    names = [r["name"] for r in csv.DictReader(WORLD.splitlines())]
    pairs = np.triu_indices(len(names), 1)
    assert found["src"].to_list() == [names[i] for i in pairs[0]] * len(t_s)
    assert found["dst"].to_list() == [names[j] for j in pairs[1]] * len(t_s)
    rtt = expected[:, pairs[0], pairs[1]].ravel()
    np.testing.assert_array_equal(found["reachable"].to_numpy() == 1, np.isfinite(rtt))
    np.testing.assert_array_equal(found["rtt_ms"].is_null().to_numpy(), ~np.isfinite(rtt))
    np.testing.assert_allclose(found["rtt_ms"].fill_null(np.inf).to_numpy(), rtt, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(found["path"].is_null().to_numpy(), ~np.isfinite(rtt))
    return found


@pytest.mark.parametrize("rule", [{"max_slant_km": 1_500}, {"max_slant_km": None, "min_elevation_deg": 20}], ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_ways_over_links_of_a_file_are_scipys(call: Call, tmp_path: Path, rule: dict[str, Any], seed: int) -> None:
    fleet = kuiper(20, 20)
    pairs = np.random.default_rng(seed).integers(0, 400, (700, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    text = "# made up\n" + "".join(f"{a}{', '[k % 2]}{b}\n" for k, (a, b) in enumerate(pairs))
    assert call(writers.tle(fleet), WORLD, text, step_s=777.7, steps=6, **rule) == 0
    mask = rule.get("min_elevation_deg")
    see = (lambda km, up: up >= mask) if mask else (lambda km, up: km <= rule["max_slant_km"])
    found = require_oracle(tmp_path, writers.tle(fleet), links.from_pairs(pairs, 400), see)
    assert 0.2 < found["reachable"].mean() <= 1
    linked = {frozenset(map(int, pair)) for pair in pairs}
    for path in map(numbers, found["path"].drop_nulls()):
        assert all(frozenset(link) in linked for link in itertools.pairwise(path))


@pytest.mark.parametrize("counts", ["20 20\n", ""])
def test_ways_over_the_plus_grid_are_scipys(call: Call, tmp_path: Path, counts: str) -> None:
    fleet = kuiper(20, 20)
    assert call(file_of(fleet, counts), WORLD, step_s=777.7, steps=6, max_slant_km=2_000) == 0
    frame = element_formats.read_own(writers.tle(fleet).encode(), "e").frame
    grid = links.numbered(20, 20) if counts else links.regular(links.one_shell(frame, EPOCH))
    found = require_oracle(tmp_path, writers.tle(fleet), grid, lambda km, up: km <= 2_000)
    assert found["reachable"].mean() > 0.7


def test_a_shuffled_shell_without_counts_has_the_same_ways(call: Call, tmp_path: Path) -> None:
    fleet = kuiper(24, 22)
    assert call(file_of(fleet, ""), WORLD, max_slant_km=2_000) == 0
    expected = written(tmp_path)
    order = np.random.default_rng(3).permutation(len(fleet))
    assert call(writers.omm_csv([fleet[k] for k in order]), WORLD, max_slant_km=2_000) == 0
    assert written(tmp_path).equals(expected)


def test_a_shell_whose_phases_run_on_is_linked_with_the_shift(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = [
        e | {"angles": (*e["angles"][:3], round(3_600_000 * (n % 20 / 20 + 5 * (n // 20) / 400)) % 3_600_000)}
        for n, e in enumerate(kuiper(20, 20))
    ]
    assert call(file_of(fleet, "20 20\n"), WORLD, max_slant_km=2_000) == 0
    assert "linked with the one 5 places on" in capsys.readouterr().err
    require_oracle(tmp_path, writers.tle(fleet), links.numbered(20, 20, 5), lambda km, up: km <= 2_000)


def test_no_link_crosses_the_seam_of_a_polar_shell(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = [e | {"angles": (879_000, e["angles"][1] // 2, *e["angles"][2:])} for e in kuiper(12, 20)]
    assert call(file_of(fleet, "12 20\n"), WORLD, max_slant_km=2_500, steps=40, step_s=100) == 0
    said = capsys.readouterr()
    assert "no links cross that seam" in said.err
    assert said.out.split()[:4] == ["satellites", "240", "links", str(12 * 20 + 11 * 20)]
    for path in map(numbers, written(tmp_path)["path"].drop_nulls()):
        planes = [n // 20 for n in path]
        assert all(abs(a - b) <= 1 for a, b in itertools.pairwise(planes))


# --- what a way is -----------------------------------------------------------------------------------------------------


def over(latitude: float, longitude: float, number: int = 1, name: str = "") -> Elements:
    """A satellite near the zenith of a place at the start, on an equatorial or inclined orbit."""
    at_deg = (longitude + 99.9678) % 360  # the sidereal angle at the start
    return made(
        number, name or f"S {number}", EPOCH=EPOCH, dot=0, ddot=(1, 0, 0), bstar=(1, 0, 0), motion=1_480_000_000, eccentricity=1,
        angles=(10_000, 0, 0, round(at_deg * 1e4) % 3_600_000),
    )  # fmt: skip


EQUATOR = HEADER + "a,West,0,-3,0\nb,Middle,0,0,0\nc,East,0,3,0\nd,Far,0,20,0\ne,Alone,0,180,0\n"


def test_two_that_see_one_satellite_go_over_it_and_nobody_relays(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = [over(0, 0, 1), over(0, 20, 2)]
    assert call(writers.tle(fleet), EQUATOR, "", steps=1, max_slant_km=1_000) == 0
    assert "there are no links" in capsys.readouterr().err
    found = {(r["src"], r["dst"]): r for r in written(tmp_path).iter_rows(named=True)}
    for pair in (("West", "Middle"), ("West", "East"), ("Middle", "East")):
        assert (found[pair]["reachable"], found[pair]["satellite_hop_count"], found[pair]["path"]) == (1, 1, "S 1")
    # The middle sees the first satellite and the far one the second; nothing but a station joins them.
    for pair in (("West", "Far"), ("Middle", "Far"), ("Far", "Alone"), ("West", "Alone")):
        assert found[pair] | {"src": 0, "dst": 0} == {
            "t_s": 0.0, "src": 0, "dst": 0, "reachable": 0, "rtt_ms": None, "satellite_hop_count": None, "path": None,
        }  # fmt: skip
    assert (tmp_path / "out.csv").read_text().splitlines()[-1] == "0,Far,Alone,0,,,"
    assert call(writers.tle(fleet), EQUATOR, "0 1", steps=1, max_slant_km=1_000) == 0
    row = written(tmp_path).filter(pl.col("src") == "West", pl.col("dst") == "Far").row(0, named=True)
    assert (row["reachable"], row["satellite_hop_count"], row["path"]) == (1, 2, "S 1|S 2")


def test_a_slant_has_no_horizon_and_a_mask_has(call: Call, tmp_path: Path) -> None:
    fleet, two = [over(0, 0, 1)], HEADER + "a,Here,0,0,0\nb,Beyond,0,40,0\n"
    assert call(writers.tle(fleet), two, "", steps=1, max_slant_km=5_000) == 0
    assert written(tmp_path)["reachable"].to_list() == [1]
    assert call(writers.tle(fleet), two, "", steps=1, max_slant_km=None, min_elevation_deg=0) == 0
    assert written(tmp_path)["reachable"].to_list() == [0]


@pytest.mark.parametrize(
    ("names", "expected", "called"),
    [
        (("A, B", 'C "D"'), 'A, B|C "D"', "names"),
        (("Same", "Same"), "1|2", "catalog numbers"),
        (("A|B", "C"), "1|2", "catalog numbers"),
    ],
)
def test_paths_can_be_read_whatever_satellites_are_called(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, str], expected: str, called: str
) -> None:
    fleet = [over(0, 0, 1, names[0]), over(0, 20, 2, names[1])]
    ends = HEADER + 'a,"One, ""first""",0,0,0\nb,Two,0,20,0\n'
    assert call(writers.omm_csv(fleet), ends, "1;0", steps=1, max_slant_km=900) == 0
    row = written(tmp_path).row(0, named=True)
    assert (row["src"], row["path"]) == ('One, "first"', expected)
    assert f"paths name  {called}" in capsys.readouterr().out


def test_satellites_in_one_place_are_no_trap(call: Call, tmp_path: Path) -> None:
    fleet = [over(0, 0, number) for number in (1, 2, 3)] + [over(0, 20, 4)]
    assert call(writers.tle(fleet), EQUATOR, "0 1\n1 2\n0 2\n2 3\n", steps=2, max_slant_km=1_000) == 0
    row = written(tmp_path).filter(pl.col("src") == "West", pl.col("dst") == "Far").row(0, named=True)
    assert row["path"] == "S 3|S 4"


# --- infer -------------------------------------------------------------------------------------------------------------


def test_infer_gives_the_grid_of_a_made_shell_and_cuts_what_is_too_long(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = kuiper(24, 22)
    assert call(writers.tle(fleet), WORLD, "infer", max_slant_km=2_000) == 0
    assert "links       1056" in capsys.readouterr().out
    found = written(tmp_path)
    assert call(file_of(fleet, ""), WORLD, max_slant_km=2_000) == 0
    assert found.equals(written(tmp_path))


@pytest.mark.parametrize("count", [1, 3])
def test_few_satellites_have_no_links_and_the_answer_says_why(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    fleet = kuiper(3, 1)[:count]
    assert call(writers.tle(fleet), WORLD, "infer") == 0
    assert "there are no links (no shell whose satellites keep places was found" in capsys.readouterr().err
    assert written(tmp_path)["reachable"].sum() == 0


# --- windows and threads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("instants", "threads"), [(1, 1), (7, 4), (1_440, 8)])
def test_windows_and_threads_give_the_same_bytes(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instants: int, threads: int
) -> None:
    data = file_of(kuiper(12, 12), "12 12\n")
    assert call(data, WORLD, steps=60, step_s=61.5, max_slant_km=2_000) == 0
    expected = (tmp_path / "out.csv").read_bytes()
    monkeypatch.setattr(caller, "WINDOW_INSTANTS", instants)
    monkeypatch.setattr(caller, "THREADS", threads)
    assert call(data, WORLD, steps=60, step_s=61.5, max_slant_km=2_000) == 0
    assert (tmp_path / "out.csv").read_bytes() == expected


def test_memory_does_not_grow_with_the_number_of_instants(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "WINDOW_INSTANTS", 10)
    data = file_of(kuiper(10, 10), "10 10\n")
    call(data, WORLD, steps=20)

    def peak(steps: int) -> int:
        tracemalloc.start()
        try:
            assert call(data, WORLD, steps=steps, step_s=10) == 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = peak(10 * 4 * caller.THREADS)
    assert peak(10 * 40 * caller.THREADS) < 1.5 * few


def test_satellites_that_fail_leave_the_others_their_links(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    never = made(99, "NEVER", EPOCH=EPOCH, motion=20 * 10**8, eccentricity=10)
    old = made(98, "OLD", EPOCH=datetime(1990, 5, 24))
    fleet = [over(0, 0, 1), never, old, over(0, 20, 2)]
    assert call(writers.tle(fleet), EQUATOR, "0 1\n1 3\n0 2\n2 3\n", steps=2, max_slant_km=1_000) == 0
    said = capsys.readouterr().err
    assert "left out NEVER (99): it cannot be propagated" in said
    assert "left out OLD (98): EPOCH 1990-05-24" in said
    assert written(tmp_path).filter(pl.col("dst") == "Far")["reachable"].sum() == 0
    assert call(writers.tle(fleet), EQUATOR, "0 1\n1 3\n0 3\n", steps=2, max_slant_km=1_000) == 0
    assert written(tmp_path).filter(pl.col("dst") == "Far")["path"][0] == "S 1|S 2"


# --- what it refuses ---------------------------------------------------------------------------------------------------

SMALL = file_of(kuiper(3, 3), "3 3\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"min_elevation_deg": 25}, "both of --min-elevation-deg and --max-slant-km are given: give one of the two"),
        ({"max_slant_km": None}, "neither of --min-elevation-deg and --max-slant-km is given: give one of the two"),
        ({"max_slant_km": 0}, "--max-slant-km 0 is no distance"),
        ({"max_slant_km": "nan"}, "--max-slant-km nan is no distance"),
        ({"max_slant_km": None, "min_elevation_deg": 91}, "--min-elevation-deg 91 is no elevation"),
        ({"step_s": 0}, "--step-s 0 is no step"),
        ({"steps": 0}, "--steps 0 is no number of instants"),
        ({"links": "0 9\n"}, "links: line 1: there is no satellite 9 in the element file: its 9 satellites are 0 to 8"),
        ({"links": "0 1\n4,4\n"}, "links: line 2: satellite 4 is linked with itself"),
        ({"links": "0 -1\n"}, "links: line 1: '0 -1' is not two whole numbers"),
        ({"stations": CITIES + "1,Manila,0,0,0\n"}, "line 5: the name 'Manila' stands on line 2 already"),
        ({"stations": CITIES + "17,Elsewhere,0,0,0\n"}, "line 5: the id '17' stands on line 2 already"),
        ({"stations": HEADER + "1,Swapped,120.9,14.6,0\n"}, "line 2: latitude_deg 120.9 is not at least -90"),
        ({"stations": HEADER + "1,Lonely,0,0,0\n"}, "has one station: a way needs two"),
        ({"stations": "id,latitude_deg,longitude_deg,height_m\n1,0,0,0\n"}, "the header lacks name"),
        ({"elements": file_of(kuiper(3, 3), "3 4\n")}, "has 3 planes of 4 satellites, and has 9: mend the counts"),
        ({"elements": file_of(kuiper(3, 3)[1:], "")}, "the 8 satellites are not one full shell: 3 planes of 2 to 3"),
        ({"elements": SMALL.replace("2 00002", "2 00003", 1)}, "1 of its satellites cannot be counted"),
        ({"elements": SMALL.replace("2 00002", "2 00003", 1), "links": "0 1"}, "links are positions in this file"),
        ({"elements": writers.tle([made(9, "NEVER", EPOCH=EPOCH, motion=20 * 10**8)]), "links": ""}, "none of its 1 satellites can be propagated"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: dict[str, Any], words: str
) -> None:
    assert call(**{"elements": SMALL, **options}) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1, said
    assert words in said[0]
    assert not (tmp_path / "out.csv").exists()


def test_files_that_are_not_there_are_named_and_none_that_is_read_is_lost(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("0 1\n")
    for option, path, words in (
        ("elements", tmp_path / "none.tle", "check the path after --elements"),
        ("stations", tmp_path / "none.csv", "check the path after --stations"),
        ("links", tmp_path / "none.txt", "check the path after --links"),
        ("out", tmp_path / "stations", "is a file that is read"),
        ("out", tmp_path, "give another --out"),
    ):
        assert call(SMALL, at={option: path}) == 1
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1
        assert words in said[0]
    assert call(SMALL, at={"links": tmp_path / "mine", "out": tmp_path / "mine"}) == 1
    assert (tmp_path / "mine").read_text() == "0 1\n"


def test_links_may_be_gzip(call: Call, tmp_path: Path) -> None:
    (tmp_path / "l.gz").write_bytes(gzip.compress(b"sat_a,sat_b\n0,1\n1,2\n"))
    assert call(SMALL, at={"links": tmp_path / "l.gz"}) == 0
