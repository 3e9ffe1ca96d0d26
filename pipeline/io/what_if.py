"""What the day's capacity might be: draws of what is uncertain, its drivers, named variants, and how it came from the day before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline import uncertainty
from pipeline.constellations import ArcRule, Constellation
from pipeline.geometry import feed, grid, sight
from pipeline.geometry.propagation import Fleet
from pipeline.io import assets
from pipeline.metrics import broadband, capacity, capacity_model, coverage, installed, lid, service_cell, share, what_if
from pipeline.metrics.what_if import Case, Coarse, Sky

# Parameters of uncertainty_ranges.csv that what can be sold follows from.
SOLD_BY = (
    "v1x_downlink", "v2mini_downlink", "v1x_uplink", "v2mini_uplink", "kuiper_downlink", "kuiper_uplink", "oneweb_downlink", "oneweb_uplink",
    "qianfan_downlink", "guowang_downlink", "isl_rate_effective", "gateway_antenna_capacity", "antennas_per_site", "gateway_sites_world",
    "cell_area", "cofrequency_beams_per_cell_us", "cofrequency_beams_per_cell_row", "spectral_efficiency", "spectral_efficiency_up",
    "busy_hour_mbps_per_sub",
)  # fmt: skip
# What installed capacity follows from beside these.
INSTALLED_BY = (*(name for name in SOLD_BY if name.endswith("link")), "d2c_counts_as_broadband")


@dataclass(frozen=True)
class Model:
    """What cases of one constellation on a day are made from; `base` is what the day is computed with."""

    constellation: Constellation
    day: date
    base: Case
    rows: pl.DataFrame
    generation: pl.DataFrame
    gateways: lid.Gateways
    country_of_gateway: pl.Series
    pieces: service_cell.Pieces
    graphs: dict[int, NDArray[np.int32]]
    efficiency_part: NDArray[np.float64]
    order: int
    rings: grid.Rings
    cell_country: pl.DataFrame

    def case(self, draw: dict[str, float]) -> Case:
        """The base with other figures, by the names of uncertainty_ranges.csv; the number of gateways scales what each carries."""
        model = capacity_model.figures(self._reference, draw, self.day)[self.constellation.name]
        kinds, of = self._kinds
        lids = lid.satellites(kinds, self.generation, model, draw)
        supply = replace(
            self.base.supply,
            gbps=np.stack([lids.down_gbps, np.nan_to_num(lids.up_gbps)])[:, of],
            feeder_gbps=np.minimum(lids.feeder_gbps, lids.antenna_count * model.antenna_gbps.base)[of],
            laser_gbps=lids.laser_gbps[of],
        )
        own = self._own
        part = (
            model.antennas_per_site.base / own.antennas_per_site.base * model.antenna_gbps.base / own.antenna_gbps.base
        )
        sites = self.ranges["gateway_sites_world"]
        part *= draw.get("gateway_sites_world", sites.base) / sites.base
        ground = feed.Ground(self.base.ground.places, self.base.ground.site_gbps * part, self.base.ground.mask_deg)
        return Case(supply, self._market(model, draw), ground)

    def _market(self, model: capacity_model.Model, draw: dict[str, float]) -> share.Market:
        market = self.base.market
        down, up = (
            service_cell.beams(self.pieces, model.lid(way), self.efficiency_part) for way in capacity_model.WAYS
        )
        part = draw.get("busy_hour_mbps_per_sub", self._busy_hour_mbps) / self._busy_hour_mbps
        need = replace(market.need, busy_gbps=market.need.busy_gbps * part)
        return replace(market, need=need, beams=None if down is None or up is None else (down, up))

    @cached_property
    def _reference(self) -> pl.DataFrame:
        return assets.reference("capacity_model")

    @cached_property
    def _kinds(self) -> tuple[pl.DataFrame, NDArray[np.int64]]:
        """One row of each generation, and which of them each satellite is: a draw is the same for all of one kind."""
        names, of = np.unique(self.rows["generation"].to_numpy().astype(str), return_inverse=True)
        return pl.DataFrame({"generation": names}), of

    @cached_property
    def _own(self) -> capacity_model.Model:
        return capacity_model.figures(self._reference, None, self.day)[self.constellation.name]

    @cached_property
    def _busy_hour_mbps(self) -> float:
        return broadband.Line.of(assets.reference("broadband_demand")).busy_hour_mbps

    @cached_property
    def uncertain(self) -> pl.DataFrame:
        """Rows of uncertainty_ranges.csv."""
        return assets.reference("uncertainty_ranges")

    @cached_property
    def ranges(self) -> dict[str, uncertainty.Range]:
        """Ranges by parameter."""
        return uncertainty.ranges(self.uncertain)

    def coarse(self, arc_deg: float | None = None, order: int = what_if.ORDER) -> Coarse:
        """The coarse grid; arc_deg: another angle to the geostationary arc than the rules', everywhere."""
        order = min(self.order, order)
        rings = grid.rings(order)
        cells = sight.cells(rings)
        rules = (
            self.constellation if arc_deg is None else replace(self.constellation, arc_rules=(_everywhere(arc_deg),))
        )
        country = self.cell_country.with_columns(pl.col("cell_id") // 4 ** (self.order - order))
        most = country.group_by("cell_id", "country_iso3").agg(pl.col("area_fraction").sum())
        zone = coverage.zone(rules, self.day, most, rings, cells)
        return Coarse(cells.geometry, zone, what_if.parents(self.rings, self.order, order))

    def positions(self, count: int) -> list[NDArray[np.float64]]:
        """Earth-fixed positions [km] (3, satellite) at some instants of the day."""
        r_ecef_km, _ = Fleet(self.base.supply.elements).positions(share.instants(self.day, count))
        return [np.ascontiguousarray(each) for each in np.moveaxis(r_ecef_km, 0, 2)]

    def skies(self, coarse: Coarse, count: int, mask_deg: float | None = None, case: Case | None = None) -> list[Sky]:
        """Skies of some instants of the day; with another mask, or the links of another case."""
        mask = self.constellation.min_elevation_deg if mask_deg is None else mask_deg
        hours = share.instants(self.day, count).fraction * 24
        return [
            what_if.sky(r_km, float(hour), mask, coarse, case or self.base)
            for r_km, hour in zip(self.positions(count), hours, strict=True)
        ]


def _everywhere(angle_deg: float) -> ArcRule:
    return ArcRule(angle_deg, "a variant")


def drawn(model: Model) -> NDArray[np.float64]:
    """What can be sold in each draw of SOLD_BY over what can be at the base, (2, draw), down and up."""
    own = [name for name in SOLD_BY if name in model.ranges]
    draws = uncertainty.draws(model.uncertain, uncertainty.COUNT, own)
    coarse = model.coarse()
    skies = model.skies(coarse, what_if.DRAW_INSTANTS)
    return what_if.drawn(lambda k: model.case(uncertainty.one(draws, k)), model.base, coarse, skies, uncertainty.COUNT)


def quantiles(parts: NDArray[np.float64], sellable_tbps: dict[str, float | None]) -> dict[str, float]:
    """Columns of fleet.SHARED with p10, p50 and p90 of what can be sold: of all draws, scaled to the day's own figure."""
    row: dict[str, float] = {}
    for part, (way, base) in zip(parts, sellable_tbps.items(), strict=True):
        if base is not None:
            row |= _named("sellable", way, part * base)
    return row


def gaps(model: Model) -> dict[str, float]:
    """Columns of fleet.SHARED with how far our shares are from exact ones, at one instant on a coarse grid."""
    coarse = model.coarse(order=what_if.EXACT_ORDER)
    (sky,) = model.skies(coarse, 1)
    row: dict[str, float] = {}
    for way, name in enumerate(capacity.WAYS):
        if way == share.DOWN or model.base.supply.up_is_known:
            throughput, level = what_if.gaps(model.base, coarse, sky, way)
            row |= {f"throughput_gap_{name}_fraction": throughput, f"level_gap_{name}_fraction": level}
    return row


def installed_quantiles(satellites: pl.DataFrame, generation: pl.DataFrame) -> dict[str, float]:
    """The same of what is installed and in service, from rows of core.satellite_daily of one constellation."""
    draws = uncertainty.draws(assets.reference("uncertainty_ranges"), uncertainty.COUNT, INSTALLED_BY)
    totals = installed.totals(satellites, generation, draws)
    found = {
        ("installed", "down"): totals.installed_down_tbps, ("installed", "up"): totals.installed_up_tbps,
        ("in_service", "down"): totals.in_service_down_tbps, ("in_service", "up"): totals.in_service_up_tbps,
    }  # fmt: skip
    row: dict[str, float] = {}
    for (stem, way), values in found.items():
        row |= {} if values is None else _named(stem, way, values)
    return row


def _named(stem: str, way: str, values: NDArray[np.float64]) -> dict[str, float]:
    bounds = uncertainty.quantiles(values)
    return {f"{stem}_{way}_{name}_tbps": float(value) for name, value in zip(bounds._fields, bounds, strict=True)}


def drivers(model: Model, sellable_tbps: float) -> pl.DataFrame:
    """Rows of what_if.DRIVER: every parameter that is drawn and touches the constellation to users, and the variants of geometry."""
    coarse = model.coarse()
    skies = model.skies(coarse, what_if.DRIVER_INSTANTS)
    base = what_if.mean_sold(model.base, coarse, skies)
    names = [name for name in SOLD_BY if _touches(name, model.constellation.name)]
    cases = {name: [(model.case({name: figure}), coarse, skies) for figure in _ends(model, name)] for name in names}
    cases |= {name: list(_variants(model, coarse, name)) for name in uncertainty.GEOMETRY if _holds(model, name)}
    found = {
        name: (what_if.mean_sold(*both[0]) / base if base > 0 else 1.0, what_if.mean_sold(*both[1]) / base if base > 0 else 1.0)
        for name, both in cases.items()
    }  # fmt: skip
    return what_if.driver_rows(found, _ranges(model), sellable_tbps, model.constellation.name, model.day)


def _ends(model: Model, name: str) -> tuple[float, float]:
    return model.ranges[name].low, model.ranges[name].high


def _touches(name: str, constellation: str) -> bool:
    """Whether what a constellation sells to users follows from a parameter: those of satellites and beams are of one constellation each."""
    if name.endswith(("uplink", "efficiency_up")):
        return False
    own = {"kuiper": "amazon_leo", "oneweb": "oneweb", "qianfan": "qianfan", "guowang": "guowang"}
    starlink = ("v1x", "v2mini", "cell_area", "cofrequency", "spectral")
    whose = next((of for word, of in own.items() if name.startswith(word)), "starlink" if name.startswith(starlink) else None)  # fmt: skip
    return whose in (None, constellation)


def _holds(model: Model, name: str) -> bool:
    """Whether a range is of the constellation too: that of masks is Starlink's, and says nothing of one whose own mask is outside it."""
    low, high = _ends(model, name)
    return name != "min_elevation_user" or low <= model.constellation.min_elevation_deg <= high


def _variants(model: Model, coarse: Coarse, name: str) -> Iterator[tuple[Case, Coarse, list[Sky]]]:
    """The base at the low and at the high figure of what changes who sees whom."""
    count, base = what_if.DRIVER_INSTANTS, model.base
    for figure in _ends(model, name):
        if name == "min_elevation_user":
            yield base, coarse, model.skies(coarse, count, figure)
        elif name == "gso_exclusion":
            cells = model.coarse(figure)
            yield base, cells, model.skies(cells, count)
        else:
            other = replace(base, supply=replace(base.supply, neighbour=model.graphs[int(figure)]))
            yield other, coarse, model.skies(coarse, count, case=other)


def _ranges(model: Model) -> dict[str, tuple[float, float, float, str, str]]:
    """Low, base, high, unit and kind of every driver. The base of the mask is the constellation's own. Without a rule of its own a
    constellation's arc has the one for everywhere else."""
    unit = dict(model.uncertain.select("parameter", "unit").iter_rows())
    mask_deg = model.constellation.min_elevation_deg
    return {
        name: (
            own.low,
            mask_deg if name == "min_elevation_user" else own.base,
            own.high,
            unit[name],
            "variant" if name in uncertainty.GEOMETRY else "drawn",
        )
        for name, own in model.ranges.items()
    }


def flow(
    model: Model, now: dict[str, float], before: dict[str, float], flows: pl.DataFrame, before_day: date
) -> pl.DataFrame:
    """Rows of what_if.FLOW: how what can be sold came from that of the day before."""
    coarse = model.coarse()
    of = what_if.worth(model.base, coarse, model.skies(coarse, what_if.DRIVER_INSTANTS))
    return what_if.flow_rows(now, before, flows, of, model.constellation.name, before_day, model.day)
