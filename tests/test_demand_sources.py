"""From landed files of demand to the day's staged tables: what is used, what stands in, what is left out and listed."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.__main__ import main
from pipeline.io import demand, dimensions, landing, sourced, stage
from pipeline.io.home import Home, read_parquet
from pipeline.io.registry import table
from pipeline.io.settings import Settings
from pipeline.source import EXCLUSION_TABLE
from pipeline.sources import sample, starlink_metrics
from tests import factory
from tests.provider import Provider, ok

DAY = date(2026, 8, 8)
CENTER = "xAI Colossus 1 Memphis Tennessee"
FILES: dict[str, bytes] = {
    "epoch_data_centers": (
        "Handle,Owner,Latitude,Longitude,Current H100 equivalents,Current power (MW)\n"
        f"{CENTER},xAI #confident,\"35°03'35\"\"N\",\"90°09'23\"\"W\",100,5\nNowhere,X,,,7,1\n"
    ).encode(),
    "epoch_data_center_timelines": f"Date,Data center,Power (MW),H100 equivalents\n2026-01-01,{CENTER},5,100\n2026-12-01,{CENTER},50,900\n".encode(),
    "epoch_gpu_clusters": b"Name,Status,Owner,Country,First Operational Date,H100 equivalents,Power Capacity (MW)\nA,Existing,Y,Japan,2024-01-01,40,1\n",
    "starlink_ground": json.dumps({"stations": [{"name": "Aerzen, Germany", "lat": 52.05, "lon": 9.27, "status": "operational", "type": "gateway"}]}).encode(),
    "starlink_geoip": json.dumps({"countries": {"NA": {"": {"Windhoek": {"ips": [["1.0.0.0/24", "customer.lgosnga1.pop.starlinkisp.net."]]}}}}}).encode(),
    "world_bank": json.dumps(
        [{"pages": 1}, [{"indicator": {"id": "IT.NET.USER.ZS"}, "countryiso3code": c, "date": "2025", "value": v} for c, v in (("NAM", 70), ("WLD", 68), ("XKX", 96))]]
    ).encode(),
    "population_gpw": b"ncols 360\nnrows 180\nxllcorner -180\nyllcorner -90\ncellsize 1\n" + b" ".join([b"5"] * (360 * 180)),
    "cloud_regions": json.dumps({"a": {"provider": "aws", "region": "new-1", "lonlat": [11.5, 48.1], "status": "operational"}}).encode(),
    "gpu_cloud_offerings": json.dumps([{"id": "1", "provider_id": "p", "gpu_model": "H100", "price_usd_hour": 2}]).encode(),
    "token_prices": json.dumps({"data": [{"id": "a/b", "pricing": {"prompt": "0.000001", "completion": "0.000004"}}]}).encode(),
    "gateway_antennas": b"gateway,antennas\nstarlink-gateway-aerzen-germany,20\nnowhere,4\n",
    "plan_prices": b"constellation,country_iso3,plan_usd_per_month,terminal_usd,as_of\nstarlink,NAM,45,200,2026-07-01\nstarlink,KEN,0,200,2026-07-01\n",
    "operator_filings": b"operator,kpi,period_start,period_end,value,unit,filing,filed_day\nSpaceX,arpu,2026-06-30,2026-06-30,80,USD/month,10-Q,2026-07-30\n",
    "share_quote": b"ticker,quote_day,price_usd\nSPCX,2026-08-07,110\n",
    "electricity_prices": b"iso3,price_usd_kwh\nNAM,0.11\n",
    "gpu_purchase_prices": b"gpu_name,timestamp,price_usd\nNVIDIA H100,2026-07-04T03:36:00,25249.95\nNVIDIA H100,2026-09-04T03:36:00,9\n",
    "ookla_fixed": b"mbps,country,year\n41.5,Namibia,2026\n1,Atlantis,2026\n",
    "country_grid": b"iso3,population,electricity_kwh_per_capita,total_electricity_gwh\nJPN,123000000,8000,984\n",
    "starlink_metrics": json.dumps({"admin0Metrics": {"NAM": {"latency_p20": 60, "latency_p50": 50, "latency_p80": 40}, "NA": {}}, "admin1Metrics": {"r": {"latency_p20": 6, "latency_p50": 5, "latency_p80": 4}}}).encode(),
    "rtt_ibm": (
        '### Inter-region latency\n| Average latency (ms) | Dallas | London | Tokyo | Sydney |\n| --- | :-: | :-: | :-: | :-: |\n| **Dallas** | | 113 | 141 | 185 |\n'
        '| **London** | 114 | | 236 | 260 |\n| **Tokyo** | 142 | 236 | | 117 |\n| **Sydney** | 185 | 260 | 116 | |\n{: caption="25 Apr 2026–24 May 2026"}\n'
    ).encode(),
    "rtt_wondernetwork": b"source,destination,min,avg,max,mdev\n1,2,9,10,11,1\n2,1,8,9,10,1\n1,3,3,4,5,1\n2,4,50,60,70,1\n",
    "wondernetwork_servers": b"id,title,country,latitude,longitude\n1,London,United Kingdom,51.5,-0.1\n2,Paris,France,48.9,2.3\n3,Oslo,Norway,59.9,10.7\n",
}  # fmt: skip


def computed(to: Settings) -> Home:
    """The home after reading, dimensions and demand."""
    stage.parse_day(to, DAY)
    dimensions.dimensions(to, DAY)
    demand.demand_day(to, DAY)
    return Home(to.home)


def rows(home: Home, name: str) -> pl.DataFrame:
    return read_parquet(home.staged(table(name), DAY))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a catalog alone."""
    made = factory.settings(tmp_path_factory.mktemp("bare"), order=5)
    landing.land_bytes(made, stage.CATALOG, DAY, sample.catalog(DAY), url="file:a catalog")
    return made


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = factory.settings(tmp_path_factory.mktemp("full"), order=5)
    landing.land_bytes(made, stage.CATALOG, DAY, sample.catalog(DAY), url="file:a catalog")
    for name, content in FILES.items():
        landing.land_bytes(made, sourced.source(name), DAY, content, url="file:made")
    return computed(made)


def test_every_optional_source_of_demand_is_landed_here() -> None:
    others = {
        "celestrak_active",
        "celestrak_active_tle",
        "celestrak_satcat",
        "celestrak_supgp_starlink",
        "cities",
        "sites",
        "population_kontur",
    }
    assert set(FILES) == {source.name for source in sourced.sources()} - others


def test_compute_is_of_the_day_and_what_has_no_place_is_listed(full: Home) -> None:
    frame = rows(full, "core.compute_daily")
    assert sorted(frame.select("compute_basis", "region", "owner", "h100_equivalent_count", "planned_h100_equivalent_count").rows()) == [
        ("data_center", "USA", "xAI", 100, 800), ("data_center", "unplaced", "X", 7, 0), ("gpu_cluster", "JPN", "Y", 40, 0),
    ]  # fmt: skip
    listed = pl.concat(
        [read_parquet(full.part(EXCLUSION_TABLE, DAY, part)) for part in ("parse", "dimensions", "demand")]
    )
    keys = dict(listed.select("row_key", "source").rows())
    assert keys["Nowhere (X)"] == "epoch_data_centers"
    assert keys["Nowhere"] == "compute of epoch_data_centers"
    assert keys["WLD"] == "merging world_bank"


def test_sites_are_those_that_ship_and_those_that_are_landed(full: Home) -> None:
    frame = rows(full, "dim.site")
    found = dict(frame.select("site_id", "country_iso3").rows())
    assert found["starlink-gateway-aerzen-germany"] == "DEU"
    assert found["aws-new-1"] == "DEU"
    assert frame.filter(pl.col("kind") == "compute_site")["site_id"].to_list() == ["compute-xai-colossus-1"]


def test_the_feed_serves_whom_it_names_and_the_table_the_others(full: Home) -> None:
    main = rows(full, "dim.country_pop").filter(pl.col("is_main") & (pl.col("region_code") == "all"))
    found = {
        country: (pop, reason) for country, pop, reason in main.select("country_iso3", "pop_code", "pop_reason").rows()
    }
    assert found["NAM"] == ("lgosnga1", "feed")
    assert found["ISR"] == ("frntdeu1", "table")


def test_people_are_where_the_grid_has_them_and_figures_have_their_years(full: Home) -> None:
    country = rows(full, "dim.country")
    namibia = country.row(by_predicate=pl.col("country_iso3") == "NAM", named=True)
    assert (namibia["internet_users_fraction"], namibia["internet_users_year"], namibia["people_basis"]) == (
        0.7,
        2025,
        "grid",
    )
    kosovo = country.row(by_predicate=pl.col("country_iso3") == "XKX", named=True)
    assert (kosovo["internet_users_fraction"], kosovo["population_year"]) == (0.96, None)
    assert kosovo["population_count"] > 1e6  # the sum of its settlements
    people = rows(full, "dim.cell_country").filter((pl.col("country_iso3") == "NAM") & (pl.col("area_fraction") > 0.9))[
        "population_count"
    ]
    assert people.max() < 2.5 * people.mean()  # every block of the grid has five people: there is no city


def test_prices_are_landed_ones(full: Home) -> None:
    frame = rows(full, "core.price_daily")
    assert set(frame["price_basis"]) == {"landed"}
    assert set(frame["price_kind"]) == {"gpu_hour", "gpu_purchase", "token_input", "token_output", "electricity"}
    bought = frame.row(by_predicate=pl.col("price_kind") == "gpu_purchase", named=True)
    assert (bought["item"], bought["median_usd"], bought["as_of_text"]) == ("H100", 25249.95, "2026-07-04")


def test_a_landed_speed_is_what_is_served_and_an_unknown_name_is_listed(full: Home, bare: Settings) -> None:
    namibia = pl.col("country_iso3") == "NAM"
    row = rows(full, "dim.country").row(by_predicate=namibia, named=True)
    assert (row["fixed_download_median_mbps"], row["fixed_download_year"]) == (41.5, 2026)
    fast = namibia & (pl.col("served_threshold") == "below_100_mbps")
    ours, shipped = (
        rows(home, "core.served_daily").row(by_predicate=fast, named=True) for home in (full, computed(bare))
    )
    assert ours["underserved_fraction"] != shipped["underserved_fraction"]
    listed = read_parquet(full.part(EXCLUSION_TABLE, DAY, "dimensions"))
    assert listed.filter(pl.col("source") == "merging ookla_fixed")["row_key"].to_list() == ["Atlantis"]


def test_power_is_a_part_of_the_countrys_where_its_electricity_is_landed(full: Home) -> None:
    found = dict(rows(full, "core.compute_daily").select("region", "electricity_fraction").rows())
    assert found == {"JPN": pytest.approx(1 / (984e6 / 8_766)), "USA": None, "unplaced": None}


def test_measured_round_trips_are_fitted_by_source_and_what_cannot_be_is_listed(full: Home) -> None:
    frame = rows(full, "core.fibre_error_daily").filter(pl.col("region_pair") == "world")
    found = {row["source"]: row["fitted_pair_count"] + row["pair_count"] for row in frame.rows(named=True)}
    assert found["rtt_ibm"] == 6
    listed = pl.concat([read_parquet(full.part(EXCLUSION_TABLE, DAY, part)) for part in ("parse", "demand")])
    keys = listed.filter(pl.col("source").str.contains("wondernetwork|metrics")).select("source", "row_key").rows()
    assert sorted(keys) == [
        ("placing rtt_wondernetwork", "London to Oslo"), ("placing rtt_wondernetwork", "server 4"), ("starlink_metrics", "NA"),
    ]  # fmt: skip
    assert sourced.kept(full, starlink_metrics, DAY)["place_id"].to_list() == ["NAM", "r"]


@pytest.mark.parametrize("name", ["starlink_metrics", "rtt_ibm", "rtt_wondernetwork", "wondernetwork_servers"])
def test_measurements_are_landed_from_a_server_as_from_a_file(name: str, tmp_path: Path) -> None:
    with Provider(ok(FILES[name], compress=True)) as provider:
        online = factory.settings(tmp_path, offline=False, addresses=((name, provider.url),))
        item = landing.land(online, sourced.source(name), DAY, now=datetime(2026, 8, 8, 6))
        assert landing.read(item) == FILES[name]
        assert landing.land(online, sourced.source(name), DAY, now=datetime(2026, 8, 8, 7)).sha256 == item.sha256
        assert provider.count == 1
    path = tmp_path / "a file"
    path.write_bytes(FILES[name])
    assert main(["land", name, str(DAY), "--file", str(path), "--home", str(tmp_path / "other")]) == 0
    assert (
        landing.read(landing.landed(factory.settings(tmp_path, home=tmp_path / "other"), sourced.source(name), DAY))
        == FILES[name]
    )  # type: ignore[arg-type]


def test_measurements_are_told_with_their_licence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["sources", "--home", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    for name in ("starlink_metrics", "rtt_ibm", "rtt_wondernetwork", "wondernetwork_servers"):
        assert "none stated" in told.partition(f"{name}\n")[2].partition("citation")[0]


def test_with_a_catalog_alone_shipped_figures_stand_and_nothing_is_left_out(bare: Settings) -> None:
    home = computed(bare)
    assert rows(home, "core.compute_daily").is_empty()
    assert rows(home, "core.fibre_error_daily").is_empty()
    assert set(rows(home, "core.price_daily")["price_basis"]) == {"shipped"}
    assert set(rows(home, "dim.country")["people_basis"]) == {"settlements"}
    assert set(rows(home, "dim.country_pop")["pop_reason"]) == {"table", "nearest"}
    assert rows(home, "dim.site").filter(pl.col("kind") == "compute_site").height == 14
    for part in ("dimensions", "demand"):
        assert read_parquet(home.part(EXCLUSION_TABLE, DAY, part)).is_empty()


def test_what_cannot_be_read_is_left_out_and_the_rest_stands(tmp_path: Path) -> None:
    broken = factory.settings(tmp_path, order=5)
    landing.land_bytes(broken, stage.CATALOG, DAY, sample.catalog(DAY), url="file:a catalog")
    for name in FILES:
        landing.land_bytes(
            broken, sourced.source(name), DAY, b"<html><title>Just a moment</title></html>", url="file:a page"
        )
    home = computed(broken)
    listed = pl.concat(
        [read_parquet(home.part(EXCLUSION_TABLE, DAY, part)) for part in ("parse", "dimensions", "demand")]
    )
    assert set(listed["source"]) == set(FILES)
    assert set(listed["row_key"]) == {"the whole file"}
    assert rows(home, "core.ai_country_daily").height == rows(home, "dim.country").height
