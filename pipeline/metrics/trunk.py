"""How much the mesh of a constellation carries between named regions of the world: a trunk over lasers, beside the cables on the same way.

At each of some instants of the day a trunk is the least of three: what the lasers carry from the satellites over the gateways of one
end to those over the other's, less what users' traffic takes of that already, and what the antennas of each end bring down. The
cut is a maximum flow from satellite to satellite, through satellites alone. Cables are known by figures that are cited, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.geometry import flow
from pipeline.geometry.feed import Crossing, Ground, Mesh
from pipeline.geometry.overhead import Sightings
from pipeline.metrics import latency
from pipeline.table import TRUNK, TRUNK_DIRECTION, Column, Table

# Instants of a day that are enough for a mean: the cut hardly changes while the Earth turns below.
INSTANTS = 24

EAST_ASIA = frozenset(
    ["BRN", "CHN", "HKG", "IDN", "JPN", "KHM", "KOR", "LAO", "MAC", "MMR", "MNG", "MYS", "PHL", "PRK", "SGP", "THA", "TLS", "TWN", "VNM"]
)  # fmt: skip
# Which countries each end of a trunk is: those with land on the continent, where fibre goes on from a gateway.
ENDS: dict[str, frozenset[str]] = {
    "north_america": frozenset({"CAN", "MEX", "USA"}),
    "south_america": frozenset(["ARG", "BOL", "BRA", "CHL", "COL", "ECU", "GUF", "GUY", "PER", "PRY", "SUR", "URY", "VEN"]),
    "europe": frozenset(
        ["ALA", "ALB", "AND", "AUT", "BEL", "BGR", "BIH", "BLR", "CHE", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "FRO", "GBR", "GGY", "GIB", "GRC", "HRV", "HUN", "IMN", "IRL", "ISL", "ITA", "JEY", "LIE", "LTU", "LUX", "LVA", "MCO", "MDA", "MKD", "MLT", "MNE", "NLD", "NOR", "POL", "PRT", "ROU", "RUS", "SMR", "SRB", "SVK", "SVN", "SWE", "UKR", "VAT", "XKX"]
    ),
    "africa": frozenset(
        ["AGO", "BDI", "BEN", "BFA", "BWA", "CAF", "CIV", "CMR", "COD", "COG", "DJI", "DZA", "EGY", "ERI", "ESH", "ETH", "GAB", "GHA", "GIN", "GMB", "GNB", "GNQ", "KEN", "LBR", "LBY", "LSO", "MAR", "MDG", "MLI", "MOZ", "MRT", "MWI", "NAM", "NER", "NGA", "RWA", "SDN", "SEN", "SLE", "SOM", "SSD", "SWZ", "TCD", "TGO", "TUN", "TZA", "UGA", "ZAF", "ZMB", "ZWE"]
    ),
    "east_asia": EAST_ASIA,
    "asia": EAST_ASIA | frozenset(
        ["AFG", "ARE", "ARM", "AZE", "BGD", "BHR", "BTN", "GEO", "IND", "IRN", "IRQ", "ISR", "JOR", "KAZ", "KGZ", "KWT", "LBN", "LKA", "MDV", "NPL", "OMN", "PAK", "PSE", "QAT", "SAU", "SYR", "TJK", "TKM", "TUR", "UZB", "YEM"]
    ),
}  # fmt: skip
# Hawaii is the United States', but half an ocean away: south, north, west, east [deg].
APART_DEG = (18.0, 23.0, -161.0, -154.0)
# Both ends of each trunk, a and b.
ENDS_OF = {
    "atlantic": ("north_america", "europe"),
    "pacific": ("north_america", "east_asia"),
    "europe_asia": ("europe", "asia"),
    "africa_europe": ("africa", "europe"),
    "south_north_america": ("south_america", "north_america"),
}

TABLE = Table(
    "core.trunk_daily",
    "one row per day, constellation, pair of regions and direction",
    (
        Column("day", "day", "UTC date", "Day of the run; instants are spread over [day 00:00, +24 h)", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("trunk", "trunk", "", "Pair of regions a and b: atlantic North America and Europe, pacific North America and East Asia, south_north_america South and North America, others in the order of their names", key=True),
        Column("trunk_direction", "trunk_direction", "", "Which way the traffic goes. Links have one rate both ways, so that only transit differs", key=True),
        Column("mesh_cut_gbps", "number", "Gbps", "Most that lasers carry from the satellites in view of one end's gateways to those of the other, a maximum flow over all links that are up, mean of the day's instants; 0 without lasers or gateways; estimated, links are a model", 0, 1e7),
        Column("mesh_cut_p05_gbps", "number", "Gbps", "The same, 5th percentile of the instants (nearest rank)", 0, 1e7),
        Column("landing_a_gbps", "number", "Gbps", "What antennas of the gateways of region a bring up to or down from satellites with lasers in view, within what these take, mean of the instants", 0, 1e7),
        Column("landing_a_p05_gbps", "number", "Gbps", "The same, 5th percentile of the instants", 0, 1e7),
        Column("landing_b_gbps", "number", "Gbps", "The same for region b, mean of the instants", 0, 1e7),
        Column("landing_b_p05_gbps", "number", "Gbps", "The same for region b, 5th percentile of the instants", 0, 1e7),
        Column("transit_gbps", "number", "Gbps", "What users' own traffic takes of the cut in this direction, mean of the instants; null where it is not known, and then nothing is taken off", 0, 1e7, nullable=True),
        Column("trunk_gbps", "number", "Gbps", "What is left for a trunk: the least of the cut less transit, and of both landings, instant by instant, mean; an upper bound, for users need the same antennas", 0, 1e7),
        Column("trunk_p05_gbps", "number", "Gbps", "The same, 5th percentile of the instants", 0, 1e7),
        Column("gateway_a_count", "integer", "", "Gateway sites of the constellation in region a", 0, 10_000),
        Column("gateway_b_count", "integer", "", "Gateway sites of the constellation in region b", 0, 10_000),
        Column("subsea_design_tbps", "number", "Tbps", "Design capacity of subsea cables on the same way, of those with a cited figure alone; null where none is cited", 0, 1e5, nullable=True),
        Column("subsea_basis", "text", "", "Which cables that counts, and who says so", nullable=True),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Cuts:
    """What was found at every instant [Gbps]: the cut of each trunk, (trunk, instant), what users' traffic takes of it each way, (trunk,
    direction, instant), None where nothing was said of it, and what each end lands, by end, (instant,)."""

    mesh_gbps: NDArray[np.float64]
    transit_gbps: NDArray[np.float64] | None
    landing_gbps: dict[str, NDArray[np.float64]]


def compute(
    sky: Iterable[NDArray[np.float64]],
    mesh: Mesh,
    feeder_gbps: NDArray[np.float64],
    gateways: pl.DataFrame,
    mask_deg: float,
    constellation: str,
    day: date,
    users: Sequence[Crossing] | None = None,
    subsea: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """All trunks of one constellation on a day, both ways, as rows of TABLE.

    sky: Earth-fixed positions [km] at some instants, at least one, each (3, satellite), not a number where there is none. mesh: links and
    rates. feeder_gbps: what each satellite takes from all gateways together [Gbps], (satellite,). gateways: site_id, country_iso3,
    latitude_deg, longitude_deg and site_gbps, what all antennas of a site carry [Gbps]; mask_deg: lowest elevation that they point at [deg].
    users: what their traffic takes of the links at each of the instants (feed.crossing), None where that is not known. subsea: rows of
    reference subsea_cuts.csv. Raises ValueError where there is no instant.
    """
    found = cuts(sky, mesh, feeder_gbps, gateways, mask_deg, users)
    counts = {end: int(at_end(gateways, end).sum()) for end in ENDS}
    rows = []
    for t, trunk in enumerate(TRUNK):
        (a, b), cut = ENDS_OF[trunk], found.mesh_gbps[t]
        landing_a, landing_b = found.landing_gbps[a], found.landing_gbps[b]
        for d, direction in enumerate(TRUNK_DIRECTION):
            transit = None if found.transit_gbps is None else found.transit_gbps[t, d]
            free = cut if transit is None else np.maximum(cut - transit, 0.0)
            rows.append({
                "day": day, "constellation": constellation, "trunk": trunk, "trunk_direction": direction,
                **_figures("mesh_cut", cut), **_figures("landing_a", landing_a), **_figures("landing_b", landing_b),
                "transit_gbps": None if transit is None else float(np.mean(transit)),
                **_figures("trunk", np.minimum(free, np.minimum(landing_a, landing_b))),
                "gateway_a_count": counts[a], "gateway_b_count": counts[b],
                **_subsea(subsea, trunk),
            })  # fmt: skip
    return TABLE.conform(pl.DataFrame(rows, infer_schema_length=None))


def _figures(name: str, gbps: NDArray[np.float64]) -> dict[str, float]:
    """Mean, and 5th percentile by nearest rank, of (instant,)."""
    rank = -(-len(gbps) * 5 // 100) - 1
    return {f"{name}_gbps": float(gbps.mean()), f"{name}_p05_gbps": float(np.sort(gbps)[rank])}


def _subsea(subsea: pl.DataFrame | None, trunk: str) -> dict[str, float | str | None]:
    """Cited design capacity on the way of a trunk [Tbps], and what it counts: the sum of its rows."""
    rows = [] if subsea is None else subsea.filter(pl.col("trunk") == trunk).rows(named=True)
    if not rows:
        return {"subsea_design_tbps": None, "subsea_basis": None}
    basis = "; ".join(f"{row['item']} ({row['source_title']}, {row['date']}): {row['note']}" for row in rows)
    return {"subsea_design_tbps": float(sum(row["value"] for row in rows)), "subsea_basis": basis}


def at_end(gateways: pl.DataFrame, end: str) -> NDArray[np.bool_]:
    """Which gateways, rows with country_iso3, latitude_deg and longitude_deg, stand at an end of a trunk, a key of ENDS, (gateway,)."""
    south, north, west, east = APART_DEG
    apart = pl.col("latitude_deg").is_between(south, north) & pl.col("longitude_deg").is_between(west, east)
    return gateways.select(pl.col("country_iso3").is_in(list(ENDS[end])).fill_null(value=False) & ~apart).to_series().to_numpy()  # fmt: skip


def cuts(
    sky: Iterable[NDArray[np.float64]],
    mesh: Mesh,
    feeder_gbps: NDArray[np.float64],
    gateways: pl.DataFrame,
    mask_deg: float,
    users: Sequence[Crossing] | None = None,
) -> Cuts:
    """The cut of every trunk and what every end lands, at every instant; arguments as in `compute`.

    A satellite in view of both ends is the beginning of neither: traffic between them need not go over a laser there. It passes on.
    Links have one rate both ways, so that a cut is the same in both directions, and is found once.
    """
    ground = Ground(latency.at(gateways), gateways["site_gbps"].to_numpy().astype(np.float64), mask_deg)
    stands = {end: at_end(gateways, end) for end in ENDS}
    mesh_gbps, landing_gbps, transit_gbps = [], [], []
    for k, r_ecef_km in enumerate(sky):
        r_km = np.ascontiguousarray(r_ecef_km)
        up, seen = mesh.up(r_km), ground.sightings(r_km)
        lit = _lit(up, mesh.laser_gbps)
        over = {end: _over(seen, stands[end] & (ground.site_gbps > 0), len(up)) & lit for end in ENDS}
        pairs = [(over[a], over[b]) for a, b in ENDS_OF.values()]
        mesh_gbps.append([cut_gbps(up, mesh.laser_gbps, a & ~b, b & ~a) for a, b in pairs])
        if users is not None:
            ways = [((a & ~b, b & ~a), (b & ~a, a & ~b)) for a, b in pairs]
            transit_gbps.append([[users[k].taken_gbps(*way) for way in both] for both in ways])
        feeder = np.where(lit, feeder_gbps, 0.0)
        landing_gbps.append([lands_gbps(seen, stands[end], ground.site_gbps, feeder) for end in ENDS])
    if not mesh_gbps:
        raise ValueError("trunks are asked for at no instant: give positions of at least one")
    transit = None if users is None else np.moveaxis(np.array(transit_gbps), 0, 2)
    return Cuts(np.array(mesh_gbps).T, transit, dict(zip(ENDS, np.array(landing_gbps).T, strict=True)))


def _lit(up: NDArray[np.int32], laser_gbps: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each satellite has a link that is up and carries anything, (satellite,)."""
    both = np.minimum(laser_gbps[:, None], laser_gbps[np.maximum(up, 0)]) if len(up) else np.empty(up.shape)
    return np.asarray(((up >= 0) & (both > 0)).any(axis=1))


def _over(seen: Sightings, stands: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Which of so many satellites are in view of any of some sites, (satellite,)."""
    over = np.zeros(count, np.bool_)
    over[seen.satellite[np.repeat(stands, np.diff(seen.start))]] = True
    return over


def cut_gbps(
    up: NDArray[np.int32],
    laser_gbps: NDArray[np.float64],
    here: NDArray[np.bool_],
    there: NDArray[np.bool_],
) -> float:
    """Most that lasers carry from some satellites to others [Gbps], over whatever satellites lie between.

    up: links that are up, int32 (satellite, degree), -1 for none, mutual. laser_gbps: rate of each satellite's lasers, (satellite,); a
    link has the lesser of both ends'. here, there: both sets, (satellite,), nobody in both.
    """
    one, k = np.nonzero(up > np.arange(len(up))[:, None])
    other = up[one, k]
    rate = flow.units(np.minimum(laser_gbps[one], laser_gbps[other]))
    # Each set is one node, so that nothing is sought within it.
    node = np.where(here, 0, np.where(there, 1, np.arange(2, len(up) + 2))).astype(np.int32)
    kept = (node[one] != node[other]) & (rate > 0)
    net = flow.network(len(up) + 2, node[one[kept]], node[other[kept]], rate[kept], rate[kept])
    return float(flow.gbps(flow.augment(net, 0, 1)[0]))


def lands_gbps(
    seen: Sightings, stands: NDArray[np.bool_], site_gbps: NDArray[np.float64], feeder_gbps: NDArray[np.float64]
) -> float:
    """Most that some gateways and the satellites in view of them carry between the ground and the sky [Gbps].

    seen: satellites in view of every site. stands: which sites, (site,). site_gbps: what each carries, (site,). feeder_gbps: what each satellite
    takes from all gateways together, (satellite,).
    """
    site = np.repeat(np.arange(len(site_gbps)), np.diff(seen.start))
    kept = stands[site] & (site_gbps[site] > 0) & (feeder_gbps[seen.satellite] > 0)
    sites, place = np.unique(site[kept], return_inverse=True)
    satellites, number = np.unique(seen.satellite[kept], return_inverse=True)
    first = 2 + len(sites)
    tail = np.concatenate([np.zeros(len(sites)), 2 + place, first + np.arange(len(satellites))]).astype(np.int32)
    head = np.concatenate([2 + np.arange(len(sites)), first + number, np.ones(len(satellites))]).astype(np.int32)
    most = np.minimum(site_gbps[site[kept]], feeder_gbps[seen.satellite[kept]])
    capacity = flow.units(np.concatenate([site_gbps[sites], most, feeder_gbps[satellites]]))
    net = flow.network(first + len(satellites), tail, head, capacity, np.zeros_like(capacity))
    return float(flow.gbps(flow.augment(net, 0, 1)[0]))
