"""The real Starlink fleet: the graph that is learned from its elements, and ways over it."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipeline.formats import elements as element_formats
from pipeline.geometry import links
from pipeline.geometry.frames import great_circle_km
from pipeline.geometry.propagation import Fleet, instants_from
from pipeline.geometry.routing import RANGE_KM, lengths_km
from pipeline.metrics import mesh
from tests.io.test_route import HEADER, LIGHT_KM_PER_MS, caller_of

pytestmark = pytest.mark.realdata

START = datetime(2026, 8, 17, 19)


@pytest.fixture(scope="module")
def starlink(shared: Path) -> bytes:
    catalog = gzip.decompress(
        (shared / "data/catalogs/omm-active/active_omm_2026-08-17T1857Z.csv.gz").read_bytes()
    ).decode()
    header, *lines = catalog.splitlines(keepends=True)
    return "".join([header, *(line for line in lines if line.startswith("STARLINK"))]).encode()


def linked(neighbour: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Sizes of the components, falling, of the satellites `among`."""
    here, k = np.nonzero(neighbour >= 0)
    of = coo_matrix((np.ones(len(here)), (here, neighbour[here, k])), shape=(len(neighbour),) * 2)
    sizes = np.bincount(connected_components(of, directed=False)[1][among])
    return np.sort(sizes[sizes > 0])[::-1]


def test_most_of_the_fleet_has_four_links_that_stay_up(starlink: bytes) -> None:
    frame = element_formats.read_own(starlink, "starlink").frame
    places = mesh.learned(frame, START)
    among = places.shell >= 0
    r_km = np.moveaxis(Fleet(frame).positions(instants_from(START, 1_800.0, 0, 48))[0], 0, 2)
    print(f"\n{among.sum():,} of {frame.height:,} satellites keep places, in {len(set(places.shell[among]))} shells")
    for count in (4, 3, 2):
        graph = links.graph(places, count)
        share = np.bincount(links.degree(graph)[among], minlength=5)[:5] / among.sum()
        length = np.array([lengths_km(r, graph) for r in r_km])
        up = np.isfinite(length)
        p50, p95 = np.percentile(length[up], [50, 95])
        sizes = linked(graph, among)
        print(
            f"{count} links: shares with 0 to 4 {np.round(share, 3)}, {len(sizes)} components, the largest {sizes[:6]}, "
            f"length p50 {p50:,.0f} km, p95 {p95:,.0f} km, up {up.sum() / (graph >= 0).sum() / len(r_km):.4f} of the day"
        )
        assert share[0] + share[1] < 0.12
        assert length[up].max() <= RANGE_KM
        assert up.sum() > 0.99 * (graph >= 0).sum() * len(r_km)
        if count == 4:
            assert among.mean() > 0.8
            assert share[4] > 0.7
            assert share[3] + share[4] > 0.9
            # The two large shells hang together each.
            assert sizes[0] > 3_000
            assert sizes[1] > 2_000


def test_london_to_new_york_is_a_little_above_the_line_of_light(starlink: bytes, tmp_path: Path) -> None:
    ends = (
        HEADER
        + "1,London,51.5,-0.12,0\n2,New York,40.71,-74.0,0\n3,Sydney,-33.87,151.21,0\n4,Longyearbyen,78.2,15.6,0\n"
    )
    options = {"start": START.isoformat(), "step_s": 600, "steps": 24, "max_slant_km": None, "min_elevation_deg": 25}
    assert caller_of(tmp_path)(starlink, ends, "infer", **options) == 0
    found = pl.read_csv(tmp_path / "out.csv", schema_overrides={"rtt_ms": pl.Float64})
    rows = pl.read_csv(ends.encode())
    at = {
        name: (latitude, longitude)
        for name, latitude, longitude in rows.select("name", "latitude_deg", "longitude_deg").iter_rows()
    }
    for (src, dst), pair in found.group_by("src", "dst", maintain_order=True):
        arc_km = float(great_circle_km(*(np.array([x]) for x in (*at[src], *at[dst])))[0])
        light_ms = 2 * arc_km / LIGHT_KM_PER_MS
        rtt = pair["rtt_ms"]
        print(
            f"{src} to {dst}: {pair['reachable'].mean():.2f} reachable, {rtt.min():.1f} to {rtt.max():.1f} ms, median "
            f"{rtt.median():.1f}, {pair['satellite_hop_count'].median():.0f} satellites; light in vacuum along the ground {light_ms:.1f}"
        )
        # Svalbard sees the polar shells alone, and New York sees none of them at times: shells are not linked with each other.
        assert pair["reachable"].mean() >= (0.8 if dst == "Longyearbyen" else 1)
        # Satellites fly above the great circle: no way is shorter than it, the half per cent being the ellipsoid's.
        assert rtt.min() > 0.995 * light_ms
    atlantic = found.filter(pl.col("src") == "London", pl.col("dst") == "New York")["rtt_ms"]
    assert 37.2 < atlantic.min() < 44
    assert atlantic.median() < 50
