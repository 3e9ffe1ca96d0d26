"""Real measurements: every vintage is read, and the fit is that of scipy on the same half of the pairs."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog
from scipy.stats import spearmanr

from pipeline.metrics import fibre, round_trip
from pipeline.metrics.round_trip import ENDS
from pipeline.sources import rtt_ibm, rtt_wondernetwork, starlink_metrics, wondernetwork_servers

pytestmark = pytest.mark.realdata

DAY = date(2026, 8, 8)
PINGS, SERVERS = "wondernetwork_city_pings_2020-07-19.csv.gz", "wondernetwork_servers_2020-07-19.csv"


def content(shared: Path, name: str) -> bytes:
    data = (shared / "data" / "measurements" / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


@pytest.fixture(scope="module")
def pairs(shared: Path) -> pl.DataFrame:
    pings, servers = (
        rtt_wondernetwork.parse(content(shared, PINGS)),
        wondernetwork_servers.parse(content(shared, SERVERS)),
    )
    return round_trip.placed(pings.frame, servers.frame)[0]


@pytest.fixture(scope="module")
def regions(shared: Path) -> pl.DataFrame:
    return rtt_ibm.parse(content(shared, "ibm_cloud_inter_region_rtt_2026-05-26.md.gz")).frame.select(*ENDS, "rtt_ms")


@pytest.fixture(scope="module")
def fit(pairs: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    return fibre.compute({"rtt_wondernetwork": pairs, "rtt_ibm": regions}, DAY)


@pytest.mark.parametrize(
    ("module", "name", "read", "left_out"),
    [
        (starlink_metrics, "starlink_country_metrics_20230908.json.gz", 202, 0), (starlink_metrics, "starlink_country_metrics_20231108.json.gz", 203, 0),
        (starlink_metrics, "starlink_country_metrics_202608.csv", 98, 0), (rtt_ibm, "ibm_cloud_inter_region_rtt_2024-08-13.md.gz", 90, 0),
        (rtt_ibm, "ibm_cloud_inter_region_rtt_2025-03-11.md.gz", 90, 0), (rtt_ibm, "ibm_cloud_inter_region_rtt_2025-08-26.md.gz", 110, 0),
        (rtt_ibm, "ibm_cloud_inter_region_rtt_2026-03-03.md.gz", 156, 0), (rtt_ibm, "ibm_cloud_inter_region_rtt_2026-05-26.md.gz", 156, 0),
        (rtt_wondernetwork, PINGS, 41_177, 156), (wondernetwork_servers, SERVERS, 246, 0),
    ],
)  # fmt: skip
def test_every_vintage_is_read(shared: Path, module: ModuleType, name: str, read: int, left_out: int) -> None:
    parsed = module.parse(content(shared, name))
    assert (parsed.frame.height, parsed.excluded.height) == (read, left_out)


def test_metrics_are_those_of_the_file(shared: Path) -> None:
    document = json.loads(content(shared, "starlink_country_metrics_20231108.json.gz"))
    frame = starlink_metrics.parse(content(shared, "starlink_country_metrics_20231108.json.gz")).frame
    told = {
        name: [v[f.rpartition("_")[0]] for f in starlink_metrics.FIGURES]
        for level in document.values()
        for name, v in level.items()
    }
    assert {name: values for name, *values in frame.select("place_id", *starlink_metrics.FIGURES).iter_rows()} == told
    assert set(frame["country_iso3"].drop_nulls()) == set(document["admin0Metrics"])


@pytest.mark.parametrize("day", ["2024-08-11", "2025-03-09", "2025-08-24", "2026-03-01", "2026-05-24"])
def test_the_newest_table_of_a_page_is_read_as_it_stands(shared: Path, day: str) -> None:
    (name,) = (
        p.name
        for p in (shared / "data" / "measurements").glob("ibm_*.md.gz")
        if 0 <= (date.fromisoformat(p.name[-16:-6]) - date.fromisoformat(day)).days < 7
    )
    frame = rtt_ibm.parse(content(shared, name)).frame
    lines = content(shared, name).decode().splitlines()
    head = next(k for k, line in enumerate(lines) if line.startswith("| Average"))  # the newest stands first
    names = [cell.strip() for cell in lines[head].split("|")[2:-1]]
    cells = {
        one: dict(zip(names, line.split("|")[2:-1], strict=True))
        for one, line in zip(names, lines[head + 2 :], strict=False)
    }
    told = {(one, other): float(cell) for one, row in cells.items() for other, cell in row.items() if one != other}
    assert {(a, b): rtt for a, b, rtt in frame.select("from_region", "to_region", "rtt_ms").iter_rows()} == told
    assert set(frame["last_day"].cast(pl.String)) == {day}


def test_what_is_wrong_with_the_pings_is_named(shared: Path) -> None:
    pings, servers = (
        rtt_wondernetwork.parse(content(shared, PINGS)),
        wondernetwork_servers.parse(content(shared, SERVERS)),
    )
    assert set(pings.excluded["reason"].str.head(9)) == {"a server ", "min 0.0 i"}
    _, left_out = round_trip.placed(pings.frame, servers.frame)
    assert left_out["row_key"].to_list() == [
        "server 292", "server 293", "server 294", "server 295", "La Ceiba (220)", "Vienna to Prague", "Wellington to Auckland", "Maidstone to Belfast", "Rome to Lugano",
    ]  # fmt: skip
    assert "17 other servers" in left_out["reason"][4]


def by_hand(shared: Path) -> dict[tuple[str, str], float]:
    """Smaller mean of both directions by pair of servers, with nothing but the csv module; what `placed` leaves out is named here."""
    servers = {row["id"]: row for row in csv.DictReader(io.StringIO(content(shared, SERVERS).decode()))}
    wrong = [{"Vienna", "Prague"}, {"Wellington", "Auckland"}, {"Maidstone", "Belfast"}, {"Rome", "Lugano"}]
    found: dict[tuple[str, str], float] = {}
    for row in csv.DictReader(io.StringIO(content(shared, PINGS).decode())):
        one, other = row["source"], row["destination"]
        if one == other or one not in servers or other not in servers or "220" in (one, other):
            continue
        if {servers[one]["title"], servers[other]["title"]} not in wrong:
            pair = (min(one, other), max(one, other))
            found[pair] = min(found.get(pair, math.inf), float(row["avg"]))
    return found


def test_the_fit_is_that_of_a_linear_programme_on_the_same_half(
    shared: Path, pairs: pl.DataFrame, fit: pl.DataFrame
) -> None:
    both = round_trip.both_ways(pairs)
    assert sorted(by_hand(shared).values()) == pytest.approx(sorted(both["rtt_ms"].to_list()))
    fitted = fibre.is_fitted(both)
    x, y, names = haversine_ms(both)[fitted], both["rtt_ms"].to_numpy()[fitted], both["region_pair"].to_numpy()[fitted]
    assert fibre.fibre_ms(both["distance_km"].to_numpy())[fitted] == pytest.approx(x, rel=2e-5)  # another mean radius
    rows = fit.filter(pl.col("source") == "rtt_wondernetwork", ~pl.col("region_pair").is_in(["world", "together"]))
    overhead_ms, stretch = least(x, y, names, rows["region_pair"].to_list())
    assert rows["overhead_ms"][0] == pytest.approx(overhead_ms, abs=0.05)
    assert dict(rows.select("region_pair", "stretch_factor").iter_rows()) == pytest.approx(stretch, rel=0.002)


def test_errors_on_the_other_half_are_computed_anew(pairs: pl.DataFrame, fit: pl.DataFrame) -> None:
    both = round_trip.both_ways(pairs)
    other = both.filter(~pl.Series(fibre.is_fitted(both)))
    x, y = haversine_ms(other), other["rtt_ms"].to_numpy()
    rows = {
        row["region_pair"]: row for row in fit.filter(pl.col("source") == "rtt_wondernetwork").iter_rows(named=True)
    }
    factor = np.array([rows[name]["stretch_factor"] for name in other["region_pair"]])
    predicted = rows["world"]["overhead_ms"] + factor * x
    parts = {"together": np.ones(len(x), bool)}
    parts |= {name: other["region_pair"].to_numpy() == name for name in rows if name not in ("world", "together")}
    for name, part in parts.items():
        row, error = rows[name], (predicted - y)[part]
        assert row["pair_count"] == part.sum()
        assert row["mae_ms"] == pytest.approx(np.abs(error).mean(), abs=0.01)
        assert row["bias_ms"] == pytest.approx(error.mean(), abs=0.01)
        assert row["rank_correlation"] == pytest.approx(spearmanr(predicted[part], y[part])[0], abs=1e-3)
        assert row["internet_mae_ms"] == pytest.approx(np.abs(2.1 * x - y)[part].mean(), abs=0.01)


def test_the_fit_is_better_than_the_fixed_stretches_on_pairs_that_it_has_not_seen(fit: pl.DataFrame) -> None:
    columns = (
        "source",
        "pair_count",
        "mae_ms",
        "bias_ms",
        "error_fraction",
        "backbone_mae_ms",
        "internet_mae_ms",
        "rank_correlation",
    )
    together = fit.filter(pl.col("region_pair") == "together").select(columns)
    print(
        together,
        fit.select(
            "source", "region_pair", "fitted_pair_count", "pair_count", "stretch_factor", "overhead_ms", "mae_ms"
        ),
    )
    for row in together.iter_rows(named=True):
        assert row["mae_ms"] < 0.75 * min(row["backbone_mae_ms"], row["internet_mae_ms"])
        assert row["rank_correlation"] > 0.85
    wonder = together.row(by_predicate=pl.col("source") == "rtt_wondernetwork", named=True)
    assert wonder["mae_ms"] < 24
    assert wonder["error_fraction"] < 0.13


def test_known_ways_are_measured(pairs: pl.DataFrame, regions: pl.DataFrame) -> None:
    ways = np.array(
        [[51.5, -0.1, 40.7, -74.0], [50.1, 8.7, 1.35, 103.8], [51.5, -0.1, 51.6, -0.2]]
    )  # London to New York, Frankfurt to Singapore
    found = round_trip.measured(pairs, *ways.T)
    assert found[:2] == pytest.approx([70, 155], abs=8)
    assert np.isnan(found[2])
    cloud = round_trip.measured(regions, *np.array([[51.3, 0.0, 35.5, 139.5]]).T)
    assert cloud.tolist() == [236.0]  # London to Tokyo, the same in both directions


def haversine_ms(both: pl.DataFrame) -> np.ndarray:
    """Round trip along the great circle in fibre, by the law of cosines on a sphere of 6,371 km."""
    a, b, c, d = (np.radians(both[name].to_numpy()) for name in ENDS)
    angle = np.arccos(np.clip(np.sin(a) * np.sin(c) + np.cos(a) * np.cos(c) * np.cos(b - d), -1, 1))
    return 2 * 6371.0 * angle * 1.468 / 299.792458


def least(x: np.ndarray, y: np.ndarray, names: np.ndarray, groups: list[str]) -> tuple[float, dict[str, float]]:
    """Constant and stretches with the least absolute errors, by scipy's HiGHS on sparse matrices."""
    from scipy.sparse import csr_matrix, hstack, identity, vstack

    design = csr_matrix(np.column_stack([np.ones(len(x)), *(np.where(names == group, x, 0.0) for group in groups)]))
    eye = identity(len(x), format="csr")
    matrix = vstack([hstack([design, -eye]), hstack([-design, -eye])])
    cost = np.concatenate([np.zeros(design.shape[1]), np.ones(len(x))])
    limits = [(0, None), *[(1, None)] * len(groups), *[(0, None)] * len(x)]
    found = linprog(cost, matrix, np.concatenate([y, -y]), bounds=limits)
    return float(found.x[0]), dict(zip(groups, found.x[1:].tolist(), strict=False))
