"""The benchmark: peers do the same work as we do, a peer that cannot be had is a row that says so, and the run tells what it ran on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.geometry import certificate, lattice
from pipeline.geometry.propagation import Fleet, Instants, instants_of_day
from pipeline.io import bench
from pipeline.io.peers import alone, environments, inputs, mesh, sharing, worker
from pipeline.io.peers.contest import Own, Place, Rival, contest, table
from pipeline.io.peers.environments import Environment, NotInstalledError
from pipeline.io.peers.process import Peer, PeerError
from pipeline.sources import celestrak_active, sample

FEW = ("\r\n".join(sample.catalog().decode().splitlines()[::60]) + "\r\n").encode()
OPTIONS = {"order": 3, "mask_deg": bench.MASK_DEG}


def hour(count: int = 4) -> Instants:
    return instants_of_day(sample.DAY, 60).part(0, count)


def result(folder: Path, name: str, **options: object) -> np.ndarray:
    with Peer(sys.executable, name, folder, **options) as peer:
        assert peer.go() > 0
        return peer.result()


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the inputs of one satellite in sixty at a few instants; the sample is those few for the bench too."""
    monkeypatch.setattr(sample, "catalog", lambda: FEW)
    inputs.write_catalog(tmp_path, FEW)
    inputs.write_instants(tmp_path, hour())
    inputs.write_positions(tmp_path, Fleet(celestrak_active.parse(FEW).frame).positions(hour(1))[0][:, 0])
    inputs.write_grid(tmp_path, 3)
    return tmp_path


def test_a_run_states_machine_peers_ratios_and_growth(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.io.peers.worker.TURN_S", 0.0)
    plan = bench.Plan(few / "none", offline=True, rounds=1, orders=(3,), more_orders=(4,), day=hour(240))
    text = bench.run(lambda words: None, plan)
    assert "cores" in text.splitlines()[0]
    assert "the synthetic sample of 193 satellites" in text
    for rival in (
        "sgp4, C++ arrays",
        "numpy, brute force, float64, exact ellipsoid, the same counts",
        "scipy cKDTree",
        "numpy, pair by pair",
        "numpy (edges), scipy dijkstra, scipy cKDTree of cells built beforehand (one source a cell), within",
        "scipy dijkstra, within",
    ):
        assert re.search(rf"\| +[\d.]+x +\|[^|]+\| {re.escape(rival)}", text), rival
    for absent in ("heyoka", "astroz", "polypix", "networkx", "rustworkx", "igraph"):
        assert re.search(rf"\| - .*{absent}.*: not installed: offline, and not installed before", text), absent
    assert "numpy and sgp4, 8 of 240 instants x 30" in text
    assert len(re.findall(r"^\| (?:time|peak memory) .*\| [\d.]+ +\| [\d.]+ \|$", text, re.M)) == 7
    assert re.search(r"scipy maximum_flow, its graph built beforehand, [\d.]+% of its throughput is ours", text)
    assert re.search(
        r"scipy maximum_flow by Newton's method on cuts, its graph given, [\d.]+% of its level is ours", text
    )


def test_the_sgp4_library_comes_to_our_positions_in_a_process_of_its_own(few: Path) -> None:
    ours, _ = Fleet(celestrak_active.parse(FEW).frame).positions(hour())
    angle_rad = np.load(few / "instants.npy")[:, 2]
    theirs = bench.turned(result(few, "sgp4"), angle_rad)
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-6)


def test_brute_force_on_the_ellipsoid_counts_as_we_do(few: Path) -> None:
    ours = bench._our_count(np.load(few / "r_ecef_km.npy"), 3)
    assert ours.sum() > 500
    np.testing.assert_array_equal(result(few, "ellipsoid", **OPTIONS), ours)


def test_peers_on_a_sphere_agree_with_each_other_and_on_average_with_us(few: Path) -> None:
    ours = bench._our_count(np.load(few / "r_ecef_km.npy"), 3)
    by_product, by_tree = result(few, "sphere", **OPTIONS), result(few, "kd_tree", **OPTIONS)
    np.testing.assert_array_equal(by_product, by_tree)
    assert by_product.sum() == pytest.approx(ours.sum(), rel=0.01)


def test_the_brute_force_day_has_what_our_day_has(few: Path) -> None:
    inputs.write_instants(few, hour(16))
    mean, least, longest = result(few, "day", **OPTIONS)
    (ours,) = bench._our_day(celestrak_active.parse(FEW).frame, 3, hour(16))
    np.testing.assert_allclose(mean.mean(), ours.mean_count.mean(), rtol=0.01)
    assert (least == ours.min_count).mean() > 0.95
    assert (longest == ours.longest_gap_instants).mean() > 0.9


def test_the_peers_of_reading_and_of_places_come_to_our_own_results(few: Path) -> None:
    assert result(few, "omm_reader").size == celestrak_active.parse(FEW).frame.height == len(FEW.splitlines()) - 1
    plane, latitude_deg = np.repeat(np.arange(6), 10), np.tile(np.arange(10) * 36.0, 6) + np.repeat(np.arange(6), 10)
    inputs.write_places(few, latitude_deg, plane)
    found = lattice.slots(latitude_deg, plane)
    assert found.count == 10
    assert result(few, "pairs")[found.count - 1] == pytest.approx(1.0)


def shell() -> mesh.Sky:
    """One full shell of the sample."""
    rows = celestrak_active.parse(sample.catalog()).frame
    return mesh.sky(
        rows.filter((rows["inclination_deg"] == 53.2) & rows["mean_motion_rev_per_day"].is_between(15, 15.1))
    )


def test_our_ways_are_those_of_numpy_and_scipy_over_the_day() -> None:
    sky = shell()
    assert (sky.neighbour >= 0).sum() > 4_000
    places = mesh.world(sky, sky.r_ecef_km(hour(1))[0], 3)
    assert mesh.compared_ms(sky, places, instants_of_day(sample.DAY, 60), (0, 500, 1_000), bench.MASK_DEG) < 1e-9
    ways = mesh.Ours(places, bench.MASK_DEG).account()
    assert np.isfinite(ways).mean() > 0.7


def test_ways_that_are_not_those_of_the_peer_stop_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    sky = shell()
    places, right = mesh.world(sky, sky.r_ecef_km(hour(1))[0], 3), mesh.Ours.account
    monkeypatch.setattr(mesh.Ours, "account", lambda ours: right(ours) + 1e-3)
    with pytest.raises(mesh.DisagreementError, match=r"up to 6\.7e-06 ms from the peer, and 1e-06 ms are allowed"):
        mesh.compared_ms(sky, places, hour(1), (0,), bench.MASK_DEG)
    monkeypatch.setattr(mesh.Ours, "account", lambda ours: np.full_like(right(ours), np.inf))
    with pytest.raises(mesh.DisagreementError, match="ours has 0 ways and the peer"):
        mesh.compared_ms(sky, places, hour(1), (0,), bench.MASK_DEG)


def test_a_peer_finds_the_ways_of_a_graph_that_is_written_beforehand(tmp_path: Path) -> None:
    sky = shell()
    places = mesh.world(sky, sky.r_ecef_km(hour(1))[0], 3)
    inputs.write_world(tmp_path, places)
    inputs.write_graph(tmp_path, *worker.edges(places, **mesh.conditions(bench.MASK_DEG)))
    ours = mesh.Ours(places, bench.MASK_DEG).ways()
    assert bench._ways_apart(ours)(result(tmp_path, "dijkstra")).startswith("within")
    with pytest.raises(mesh.DisagreementError):
        bench._ways_apart(ours * 1.001)(result(tmp_path, "dijkstra"))


def test_the_peers_of_sharing_come_to_what_the_certificates_say(few: Path, tmp_path: Path) -> None:
    r_km = sharing.positions(celestrak_active.parse(FEW).frame, hour())
    of = sharing.program(r_km, 4, bench.MASK_DEG)
    assert of.runs.edge_count > 2_000
    inputs.write_program(tmp_path, of.runs, of.lids)
    most, level = result(tmp_path, "maximum_flow"), result(tmp_path, "largest_level")
    assert float(most) == pytest.approx(certificate.most_gbps(of.runs, of.lids), rel=1e-5)
    assert float(level) == pytest.approx(certificate.largest_level(of.runs, of.lids), rel=1e-5)
    assert sharing.flow_of(of.most())(most).endswith("of its throughput is ours")
    assert sharing.level_of(of.level())(level).endswith("of its level is ours")
    with pytest.raises(sharing.NotAnAnswerError, match=r"0\.9000 of the exact answer"):
        sharing.flow_of(0.9 * float(most))(most)
    with pytest.raises(sharing.NotAnAnswerError, match=r"1\.1000 of the exact answer"):
        sharing.level_of(1.1 * float(level))(level)


def test_every_peer_that_is_installed_apart_has_the_catalog_as_it_reads_it(few: Path) -> None:
    elements = np.load(few / "elements.npy")
    assert elements.shape == (9, 193)
    assert elements[7, 0] + elements[8, 0] == pytest.approx(np.load(few / "instants.npy")[0, 0] - 0.25)
    assert '"NORAD_CAT_ID": 900000060,' in (few / "catalog.json").read_text()


def test_a_peer_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="nobody: KeyError"):
        Peer(sys.executable, "nobody", tmp_path)
    with pytest.raises(PeerError, match="its process ended with"):
        Peer("/bin/false", "sgp4", tmp_path)


def test_a_rival_that_fails_or_is_not_installed_is_a_row(tmp_path: Path) -> None:
    rivals = [Rival("sgp4", "one without inputs"), Rival("polypix", "one from afar", environments.COUNTING)]
    outcome = contest([Own("work", lambda: None)], rivals, Place(tmp_path, tmp_path, offline=True), 1)
    assert [row[3] for row in outcome.rows] == ["-", "-"]
    assert "one without inputs: failed: sgp4: FileNotFoundError" in outcome.rows[0][-1]
    assert outcome.rows[1][-1] == "one from afar: not installed: offline, and not installed before"


def test_an_environment_without_a_python_or_with_a_broken_lock_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotInstalledError, match=r"needs Python 3\.99 or later, and none was found"):
        environments.suitable_python((3, 99))
    (tmp_path / "broken.lock").write_text("this is no requirement\n")
    monkeypatch.setattr(environments, "HERE", tmp_path)
    with pytest.raises(NotInstalledError, match="requirement"):
        environments.python_of(Environment("broken", (3, 11)), tmp_path, offline=False)
    assert not list(tmp_path.glob("broken-*/.ready"))


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(base: str, folder: Path, lock: Path) -> None:
        made.append(folder)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(environments, "_make", make)
    first = environments.python_of(environments.PROPAGATION, tmp_path, offline=False)
    assert environments.python_of(environments.PROPAGATION, tmp_path, offline=True) == first
    assert len(made) == 1


@pytest.mark.parametrize("environment", [environments.PROPAGATION, environments.COUNTING, environments.ROUTING])
def test_locks_of_peers_hold_hashes_and_no_addresses(environment: Environment) -> None:
    text = environment.lock.read_text()
    pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pins)
    asked = {n for n in environment.lock.with_suffix(".in").read_text().splitlines() if not n.startswith("#")}
    assert asked <= {line.split("==")[0] for line in pins}


def test_the_worker_imports_nothing_of_the_house() -> None:
    source = Path(environments.HERE / "worker.py").read_text()
    assert not re.search(r"^\s*(?:from|import) pipeline", source, re.M)


def test_the_bench_runs_alone_with_one_thread_in_every_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    def run(command: list[str], env: dict[str, str], check: bool) -> subprocess.CompletedProcess[str]:
        seen.update(env)
        assert command[-2:] == ["bench", "--rounds=1"]
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(alone, "pin", lambda: 1)
    monkeypatch.setattr(subprocess, "run", run)
    assert alone.again(["bench", "--rounds=1"]) == 3
    assert {seen[name] for name in alone.POOLS} == {"1"}
    assert seen[alone.CORE] == "1"


def test_a_table_is_markdown_whose_columns_stand_under_each_other() -> None:
    assert table(("a", "b"), [("long", "x")]) == ["| a    | b |", "|------|---|", "| long | x |"]
