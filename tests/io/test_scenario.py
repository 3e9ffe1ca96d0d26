"""Scenarios of the sample day on a coarse grid: the real home stays as it is, and differences have the right sign."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from pipeline import steps
from pipeline.__main__ import main
from pipeline.io import network, scenario, warehouse
from pipeline.io.home import Home, alone, write_parquet
from pipeline.io.settings import Settings
from pipeline.metrics import fleet, latency, model_error
from pipeline.metrics import scenario as scenarios
from pipeline.sources import sample
from tests import factory

DAY = sample.DAY
COARSE = {"order": 5, "step_s": 3_600}


@pytest.fixture(scope="module", autouse=True)
def few():
    with pytest.MonkeyPatch.context() as patch:
        factory.few_instants(patch)
        yield


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with one loaded day."""
    made = factory.settings(tmp_path_factory.mktemp("scenario"), **COARSE)
    steps.land_sample(made)
    steps.compute(made, DAY)
    factory.pass_gate(made, DAY)
    warehouse.load(made, DAY)
    return made


def digests(home: Path) -> dict[str, str]:
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(home.rglob("*")) if p.is_file()}  # fmt: skip


@pytest.fixture(scope="module")
def computed(loaded: Settings) -> dict[str, pl.DataFrame]:
    """Differences of some scenarios, and what the home had before and after, whatever lies in scenarios/ left out."""
    before, found = digests(loaded.home), {}
    for name in ("lasers-off", "v3-2000", "leo-complete-starlink-gateways"):
        done = steps.scenario(loaded, name)
        found[name] = pl.read_parquet(done["path"])
        assert done["changed"] == found[name].filter(scenarios.is_changed()).height > 0
        assert done["notes"][0] == scenarios.find(name).says
    after = digests(loaded.home)
    results = {f"scenarios/{name}/{DAY}.{suffix}" for name in found for suffix in ("parquet", "txt")}
    assert after.keys() - before.keys() == results
    assert {name: after[name] for name in before} == before
    return found


def row(frame: pl.DataFrame, quantity: str, constellation: str = "starlink", about: str = "") -> dict:
    (found,) = frame.filter(pl.col("quantity") == quantity, pl.col("constellation") == constellation, pl.col("about") == about).rows(named=True)  # fmt: skip
    return found


def test_the_real_home_is_untouched_and_only_the_result_stays(computed: dict[str, pl.DataFrame], loaded: Settings):
    assert sorted(p.name for p in (loaded.home / "scenarios").rglob(".*")) == []
    assert not list(loaded.home.glob("**/.work-*"))


def test_lasers_off_sells_less_over_no_mesh(computed: dict[str, pl.DataFrame]):
    frame = computed["lasers-off"]
    assert row(frame, "sellable_down_tbps")["change"] == "less"
    assert row(frame, "sellable_down_tbps")["scenario"] > 0
    mesh = row(frame, "mesh_path_fraction", about="world, by people with a way")
    assert mesh["real"] > 0
    assert mesh["scenario"] == 0
    assert row(frame, "hop_mean_count", about="world, by people with a way")["scenario"] == 1
    assert row(frame, "reachable_people", about="world, by people")["difference"] < 0
    assert row(frame, "rtt_pop_p50_ms", about="world, by people with a way all day on both")["difference"] > 0
    trunks = frame.filter(pl.col("quantity") == "mesh_cut_gbps", pl.col("constellation") == "starlink")
    assert trunks["real"].max() > 0
    assert trunks["scenario"].to_list() == [0.0] * trunks.height
    assert row(frame, "operational_count")["change"] == "same"


def test_a_fleet_that_is_not_changed_has_the_very_same_figures(computed: dict[str, pl.DataFrame]):
    for frame in computed.values():
        oneweb = frame.filter(pl.col("constellation") == "oneweb")
        assert oneweb.height > 30
        assert set(oneweb["change"]) <= {"same", "unknown"}


def test_v3_installs_2000_terabits_more(computed: dict[str, pl.DataFrame]):
    frame = computed["v3-2000"]
    assert row(frame, "installed_down_tbps")["difference"] == pytest.approx(2_000)
    assert row(frame, "operational_count")["difference"] == 2_000
    assert row(frame, "satellite_count", about="starlink-v3, broadband")["change"] == "appears"
    assert row(frame, "usable_mean_count", about="world, by people")["difference"] > 0
    assert row(frame, "demand_down_tbps")["change"] == "same"


def test_leo_at_starlinks_places_sells_and_so_does_starlink_as_before(computed: dict[str, pl.DataFrame]):
    frame = computed["leo-complete-starlink-gateways"]
    assert row(frame, "operational_count", "amazon_leo")["scenario"] == 3_232
    assert row(frame, "sellable_down_tbps", "amazon_leo")["change"] == "appears"
    assert row(frame, "gateway_count", "amazon_leo")["scenario"] == row(frame, "gateway_count")["real"] > 0
    assert row(frame, "sellable_down_tbps")["change"] == "same"
    assert row(frame, "reachable_people", "amazon_leo", "world, by people")["scenario"] > 1e9


def test_the_command_prints_differences_and_says_what_is_assumed(loaded: Settings, computed: dict[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]):  # fmt: skip
    path = scenario.folder(loaded, "lasers-off") / f"{DAY}.parquet"
    done = {"path": str(path), "day": str(DAY), "changed": 60, "figures": 300, "notes": ["No links."]}
    asked = []
    monkeypatch.setattr(steps, "scenario", lambda settings, name, day, report: asked.append((name, day)) or done)
    assert main(["scenario", "lasers-off", str(DAY), "--format", "csv", "--home", str(loaded.home)]) == 0
    out, err = capsysbinary.readouterr()
    assert asked == [("lasers-off", DAY)]
    assert pl.read_csv(out).height == computed["lasers-off"].filter(scenarios.is_changed()).height
    assert out.decode().splitlines()[0] == "quantity,constellation,about,unit,real,scenario,difference,change"
    assert b"lasers-off: No links." in err
    assert b"60 of 300 figures differ" in err
    assert main(["scenario", "lasers-off", "--all", "--format", "csv", "--home", str(loaded.home)]) == 0
    assert pl.read_csv(capsysbinary.readouterr().out).height == computed["lasers-off"].height


def test_the_list_says_what_each_is(capsys: pytest.CaptureFixture[str]):
    assert main(["scenario", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [one.name for one in scenarios.SCENARIOS]
    assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["moonbase"], "there is no scenario 'moonbase': there are leo-complete"),
        (["lasers-off", "2020-01-01"], f"no tables of 2020-01-01.*from {DAY} to {DAY}"),
        (["lasers-off", "--format", "xlsx"], "no format 'xlsx'"),
        (["lasers-off", "someday"], "'someday' is not a day"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(words, told, loaded: Settings, capsys: pytest.CaptureFixture[str]):
    assert main(["scenario", *words, "--home", str(loaded.home)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert pl.Series([line]).str.contains(told).item(), line


def test_a_home_without_days_says_what_to_run(tmp_path: Path):
    with pytest.raises(scenarios.ScenarioError, match="skytrunk sample"):
        steps.scenario(factory.settings(tmp_path), "lasers-off")


@pytest.fixture
def spoilt(loaded: Settings, tmp_path: Path) -> Settings:
    """A copy of that home, to be spoilt."""
    home = tmp_path / "home"
    for part in ("landing", "tables"):
        shutil.copytree(loaded.home / part, home / part)
    return loaded.at(home)


def open_one(settings: Settings) -> None:
    with scenario.opened(settings, "lasers-off", DAY):
        pass


def test_a_day_whose_landing_is_another_or_gone_is_refused(spoilt: Settings):
    home = Home(spoilt.home)
    open_one(spoilt)
    path = home.table(scenario.landing.TABLE, DAY)
    rows = pl.read_parquet(path)
    catalog = pl.col("source") == "celestrak_active"
    write_parquet(path, rows.with_columns(pl.when(catalog).then(False).otherwise("synthetic").alias("synthetic")))
    with pytest.raises(
        scenarios.ScenarioError, match="a real file of celestrak_active and what is landed is synthetic"
    ):
        open_one(spoilt)
    write_parquet(path, rows.with_columns(pl.when(catalog).then(pl.lit("0" * 64)).otherwise("sha256").alias("sha256")))
    with pytest.raises(scenarios.ScenarioError, match="celestrak_active that are not landed any more"):
        open_one(spoilt)
    write_parquet(path, rows)
    shutil.rmtree(home.landing("celestrak_active", DAY))
    with pytest.raises(scenarios.ScenarioError, match="celestrak_active that are not landed any more"):
        open_one(spoilt)
    assert not list(spoilt.home.glob("scenarios/**/.*"))


def test_the_days_own_grid_is_taken_and_another_step_is_refused(spoilt: Settings):
    with scenario.opened(Settings(home=spoilt.home, order=7, step_s=3_600), "lasers-off", DAY) as own:
        assert own.order == 5
        assert own.offline
    with pytest.raises(scenarios.ScenarioError, match="SKYTRUNK_STEP_S=7200"):
        open_one(Settings(home=spoilt.home, step_s=7_200))


def test_days_behind_are_linked_and_the_day_itself_and_later_ones_are_not(spoilt: Settings):
    home = Home(spoilt.home)
    for other in (DAY - timedelta(1), DAY + timedelta(1)):
        shutil.copy(home.table(fleet.HISTORY, DAY), home.table(fleet.HISTORY, other))
    with scenario.opened(spoilt, "lasers-off", DAY) as own:
        there = sorted(p.name for p in Home(own.home).table(fleet.HISTORY).parent.iterdir())
        assert there == [f"day={DAY - timedelta(1)}.parquet"]


def test_what_an_ended_process_left_is_removed_and_a_second_one_kept_out(spoilt: Settings):
    rest = scenario.folder(spoilt, "lasers-off") / f".work-{DAY}" / "landing"
    rest.mkdir(parents=True)
    with (
        alone(Home(scenario.folder(spoilt, "lasers-off")), DAY),
        pytest.raises(scenario.HomeError, match="another run"),
    ):
        open_one(spoilt)
    open_one(spoilt)
    assert not rest.parent.exists()


def test_a_year_ago_is_compared_with_the_history_observed_or_reconstructed(spoilt: Settings):
    home, then = Home(spoilt.home), DAY - timedelta(365)
    assert scenario._history(home, then).is_empty()
    rows = factory.filled(fleet.HISTORY, [{"constellation": "oneweb", "generation": "oneweb-gen1", "payload_class": "broadband", "satellite_count": 9}], then)  # fmt: skip
    write_parquet(home.past(fleet.HISTORY, DAY), rows)
    assert scenario._history(home, then)["satellite_count"].to_list() == [9]
    write_parquet(home.table(fleet.HISTORY, then), rows.with_columns(pl.lit(8).alias("satellite_count")))
    assert scenario._history(home, then)["satellite_count"].to_list() == [8]


def test_the_access_overhead_of_the_real_day_is_held(tmp_path: Path):
    real, own = Home(tmp_path / "real"), Home(tmp_path / "own")
    model = latency.Model(18.4, 15.4, 20.6, 4.0, 0.3, 0.25, 1.3, 1.468, 25.0)
    common = type("Common", (), {"home": own, "day": DAY, "model": model})()
    assert network._held(common) is None
    scenario._hold_overhead(real, own, DAY)
    assert network._held(common) is None  # nothing was measured on the real day
    rows = [{"predictor": "constant", "sample": "fitted", "overhead_ms": 40.0}, {"predictor": "model", "sample": "fitted", "overhead_ms": 21.5}]  # fmt: skip
    write_parquet(real.table(model_error.TABLE, DAY), factory.filled(model_error.TABLE, rows))
    scenario._hold_overhead(real, own, DAY)
    assert network._held(common).access_ms == 21.5
