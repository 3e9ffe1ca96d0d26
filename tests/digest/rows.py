"""Answers of sql/digest/*.sql made by hand, with the figures of a real day in mind, and the templates from disk."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment

from pipeline.constellations import BY_NAME
from pipeline.digest import html
from pipeline.source import Source
from pipeline.table import CONSTELLATION

DAY = date(2026, 8, 17)
BEFORE = date(2026, 8, 16)
WITHHELD = date(2026, 8, 15)
FOLDER = Path(html.__file__).parent / "templates"

# constellation: catalogued, broadband at work, direct to cell at work, Tbps low, base, high, at work the day before
FLEETS: dict[str, tuple[Any, ...]] = {
    "starlink": (10_928, 9_641, 642, 561.4, 684.2, 724.9, 9_629),
    "oneweb": (651, 641, 0, 1.43, 4.69, 5.21, 641),
    "amazon_leo": (391, 268, 0, 7.82, 19.55, 39.1, 271),
    "qianfan": (238, 106, 0, 1.19, 2.38, 9.52, 106),
    "guowang": (198, 171, 0, 1.9, 3.8, 9.5, 162),
}
# constellation: covered, always covered, in view, reachable, p50, p95
PEOPLE: dict[str, tuple[Any, ...]] = {
    "starlink": (0.99999, 0.9998, 46.31, 0.774, 33.42, 44.7),
    "amazon_leo": (0.4312, 0.0, 0.61, None, None, None),
    "oneweb": (0.997, 0.9412, 2.2, None, None, None),
    "qianfan": (0.9127, 0.0, 2.91, None, None, None),
    "guowang": (0.8711, 0.0, 2.36, None, None, None),
}
GENERATIONS = (
    ("starlink", "starlink-v1.0", "broadband", 701, 612, 18.0, 16.0, 20.0, "medium", 612),
    ("starlink", "starlink-v1.5", "broadband", 2_604, 2_391, 18.0, 16.0, 24.0, "medium", 2_391),
    ("starlink", "starlink-v2mini", "broadband", 2_840, 2_690, 96.0, 80.0, 100.0, "medium", 2_690),
    ("starlink", "starlink-v2mini-opt", "broadband", 4_141, 3_948, 96.0, 80.0, 100.0, "medium", 3_936),
    ("starlink", "starlink-d2c", "direct_to_cell", 642, 642, None, None, None, None, 642),
    ("amazon_leo", "leo-kuiper-gen1", "broadband", 391, 268, 50.0, 20.0, 100.0, "low", 271),
    ("oneweb", "oneweb-gen1", "broadband", 651, 641, 7.2, 2.2, 8.0, "medium", 641),
    ("qianfan", "qianfan-gen1", "broadband", 238, 106, 10.0, 5.0, 40.0, "low", 106),
    ("guowang", "guowang-gen1", "broadband", 190, 165, 20.0, 10.0, 50.0, "low", 156),
    ("guowang", "guowang-test", "test", 8, 6, None, None, None, None, 6),
)
COUNTRIES = (
    ("CHN", "China", 1.4107e9, 1.0, 1.0, 53.1, 0.402, 47.2, 0.501),
    ("ETH", "Ethiopia", 128_691_692.0, 1.0, 1.0, 34.9, 0.031, 58.1, 0.362),
    ("COD", "Congo, Dem. Rep.", 105_789_731.0, 1.0, 1.0, 34.5, 0.122, 57.9, 0.331),
    ("BGD", "Bangladesh", 171_466_990.0, 1.0, 1.0, 39.7, 0.611, 51.0, 0.402),
    ("SJM", "Svalbard and Jan Mayen", 2_939.0, 0.99, 0.61, 23.2, 0.0, None, 0.0),
)
FLOW_NAMES = ["title", "step", "before_day", "satellite_count", "working_change_count", "in_service_change_tbps"]
FLOWS = [
    ("Starlink", "kept", BEFORE, 10_800, 0, 0.0),
    ("Starlink", "launched", BEFORE, 24, 0, 0.0),
    ("Starlink", "lowered", BEFORE, 12, -12, -0.5),
    ("Starlink", "raised", BEFORE, 24, 24, 2.3),
    ("OneWeb", "kept", BEFORE, 651, 0, 0.0),
    ("Guowang", "raised", BEFORE, 9, 9, None),
]
EVENT_NAMES = ["event", "title", "before_day", "launch", "satellite_count", "names", "evidence"]
EVENTS = [
    ("decayed", "Starlink", BEFORE, None, 1, "STARLINK-1007", "SATCAT: down on 2026-08-16"),
    ("launched", "Starlink", BEFORE, "2026-185", 24, "|".join(f"STARLINK-{k}" for k in range(38_300, 38_324)), "seen"),
    ("vanished", "Starlink", BEFORE, None, 9, "|".join(f"STARLINK-{k}" for k in range(1_008, 1_017)), "not listed"),
]
CATALOG = Source(
    "celestrak_active", "CelesTrak active satellites", "https://provider.invalid/a", "free with attribution",
    "CelesTrak, T.S. Kelso", "daily", "everything", required=True, stands_days=3,
)  # fmt: skip
CITIES = Source(
    "cities",
    "GeoNames settlements",
    "package:x/y",
    "CC BY 4.0",
    "GeoNames",
    "yearly",
    "people per cell",
)
SOURCES = {source.name: source for source in (CATALOG, CITIES)}


def rows(*, first: bool = False, synthetic: bool = False, age_days: int = 0) -> dict[str, pl.DataFrame]:
    """Answers for DAY: on the first day nothing is known of a day before."""
    landed = date.fromordinal(DAY.toordinal() - age_days)
    state = {
        "day": DAY, "previous_day": None if first else BEFORE, "catalog_day": landed, "synthetic": synthetic,
        "element_age_p50_h": 13.4, "element_age_p95_h": 38.2, "state_day_p50_count": 1.0 if first else 4.0,
    }  # fmt: skip
    return {
        "state": pl.DataFrame([state], schema_overrides={"previous_day": pl.Date}),
        "fleet": pl.DataFrame([_fleet(name, first) for name in FLEETS], infer_schema_length=None),
        "people": pl.DataFrame([_people(name, first) for name in CONSTELLATION], infer_schema_length=None),
        "generation": pl.DataFrame([_generation(row, first) for row in GENERATIONS], infer_schema_length=None),
        "country": pl.DataFrame([_country(row) for row in COUNTRIES], infer_schema_length=None),
        "change": pl.DataFrame([_changed(name) for name in FLEETS], infer_schema_length=None),
        "waterfall": pl.DataFrame(FLOWS[: 0 if first else None], schema=FLOW_NAMES, orient="row"),
        "event": pl.DataFrame(EVENTS[: 0 if first else None], schema=EVENT_NAMES, orient="row"),
        "map": grid(),
        "capacity": pl.DataFrame([_capacity(name, first) for name in FLEETS], infer_schema_length=None),
        "lid": lids(),
        "trunk": pl.DataFrame([_trunk("a_to_b"), _trunk("b_to_a")], infer_schema_length=None),
        "model": pl.DataFrame([{"mae_ms": 4.5, "bias_ms": 0.3, "country_count": 49}]),
        "source": pl.DataFrame([_landed(source, landed, synthetic) for source in SOURCES.values()]),
        "warning": pl.DataFrame(schema={"check_id": pl.String, "severity": pl.String, "message": pl.String}),
        "exclusion": pl.DataFrame(
            schema={"source": pl.String, "reason": pl.String, "row_count": pl.Int64, "example": pl.String}
        ),
    }


def _changed(name: str) -> dict[str, Any]:
    """A fleet that grew by one a day; 30 and 90 days back it is reconstructed."""
    changes = {f"satellite_change_{k}d_count": k for k in (7, 30, 90)}
    working = {f"working_change_{k}d_count": 5 if k == 7 else None for k in (7, 30, 90)}
    reconstructed = {f"reconstructed_{k}d": k > 7 for k in (7, 30, 90)}
    return {"title": BY_NAME[name].title, **changes, **working, **reconstructed}


def grid() -> pl.DataFrame:
    """One cell for every ten degrees of latitude; most satellites near 50 degrees north."""
    latitude = [float(degrees) for degrees in range(-80, 81, 10)]
    seen = [70.0 - abs(degrees - 50) / 2 for degrees in latitude]
    return pl.DataFrame(
        {
            "cell_id": pl.Series(range(len(latitude)), dtype=pl.UInt64),
            "latitude_deg": latitude,
            "visible_mean_count": seen,
            "grid_cell_count": [12 * 4**2] * len(latitude),
        }
    )


def lids() -> pl.DataFrame:
    """Demand over the sea, and each lid once."""
    binding = ["demand"] * 12 + ["beam", "satellite", "gateway", "mesh", "demand"]
    cells = grid()
    return cells.select("cell_id", pl.Series("binding", binding), "grid_cell_count")


def _capacity(name: str, first: bool) -> dict[str, Any]:
    """Only of Starlink are gateways known."""
    known = name == "starlink"
    figures = {
        "gateway_count": 269, "in_service_down_tbps": 612.3, "in_service_up_tbps": 48.1, "sellable_down_tbps": 61.2,
        "sellable_down_p10_tbps": 38.0, "sellable_down_p90_tbps": 97.0, "sellable_up_tbps": 5.3, "most_down_tbps": 63.9,
        "bound_down_demand_fraction": 0.1, "bound_down_beam_fraction": 0.55, "bound_down_satellite_fraction": 0.2,
        "bound_down_gateway_fraction": 0.15, "bound_down_mesh_fraction": 0.0,
    }  # fmt: skip
    before = {"previous_sellable_down_tbps": 60.9 if known and not first else None}
    some = {key: value if known or key.startswith("in_service") else None for key, value in figures.items()}
    title = {"constellation": name, "title": BY_NAME[name].title, "demand_down_tbps": 2_150.0}
    return title | some | before | {"gateway_count": 269 if known else 0}


def _trunk(direction: str) -> dict[str, Any]:
    ends = {"title": "Starlink", "trunk": "atlantic", "trunk_direction": direction, "mesh_cut_gbps": 9_400.0}
    return ends | {
        "landing_a_gbps": 31_000.0, "landing_b_gbps": 6_100.0, "transit_gbps": 210.0, "trunk_gbps": 6_100.0, "subsea_design_tbps": 697.0,
    }  # fmt: skip


def archive() -> pl.DataFrame:
    """Two published days, the older one a sample."""
    names = ("day", "broadband_operational_count", "installed_down_tbps", "synthetic")
    days = [(DAY, 9_641, 684.2, False), (BEFORE, 9_629, 683.6, True)]
    return pl.DataFrame(days, schema=names, orient="row")


def templates() -> Environment:
    """The package's templates, read from disk."""
    return html.environment({name: (FOLDER / name).read_text() for name in html.TEMPLATES})


def _fleet(name: str, first: bool) -> dict[str, Any]:
    catalogued, at_work, to_cell, low, base, high, before = FLEETS[name]
    constellation = BY_NAME[name]
    return {
        "constellation": name, "title": constellation.title,
        "min_elevation_deg": constellation.min_elevation_deg, "satellite_count": catalogued,
        "broadband_operational_count": at_work, "direct_to_cell_count": to_cell, "installed_down_tbps": base,
        "installed_down_low_tbps": low, "installed_down_high_tbps": high,
        "previous_broadband_operational_count": None if first else before,
        "previous_installed_down_tbps": None if first else base - 0.58,
    }  # fmt: skip


def _people(name: str, first: bool) -> dict[str, Any]:
    names = (
        "covered_fraction",
        "always_covered_fraction",
        "visible_mean_count",
        "reachable_fraction",
        "rtt_pop_p50_ms",
    )
    today = dict(zip((*names, "rtt_pop_p95_ms"), PEOPLE[name], strict=True))
    today["usable_mean_count"] = today["visible_mean_count"] * 0.7
    moved = {"rtt_pop_p50_ms": 0.31, "covered_fraction": 0.004}
    before = {
        f"previous_{key}": None if first or today[key] is None else today[key] + moved.get(key, 0.0)
        for key in ("covered_fraction", "always_covered_fraction", "rtt_pop_p50_ms")
    }
    return {"constellation": name, "population_count": 8.06e9, **today, **before}


def _generation(row: tuple[Any, ...], first: bool) -> dict[str, Any]:
    names = (
        "constellation", "generation", "payload_class", "satellite_count", "operational_count", "down_gbps_per_satellite",
        "down_low_gbps", "down_high_gbps", "confidence", "previous_operational_count",
    )  # fmt: skip
    found = dict(zip(names, row, strict=True))
    found["previous_operational_count"] = None if first else found["previous_operational_count"]
    return found | {"title": BY_NAME[row[0]].title, "flagged": False, "nameless_count": 0}


def _country(row: tuple[Any, ...]) -> dict[str, Any]:
    names = (
        "country_iso3", "title", "population_count", "covered_fraction", "always_covered_fraction", "visible_mean_count",
        "reachable_fraction", "rtt_pop_p50_ms", "amazon_leo_covered_fraction",
    )  # fmt: skip
    more = {"measured_p50_ms": None, "rtt_gpu_p50_ms": 120.0, "mesh_path_fraction": 0.25}
    return dict(zip(names, row, strict=True)) | more


def _landed(source: Source, day: date, synthetic: bool) -> dict[str, Any]:
    return {
        "source": source.name, "landed_day": day, "synthetic": synthetic and source.required, "licence": source.licence,
        "citation": source.citation, "fetched_at_utc": datetime(2026, 8, 17, 18, 57),
    }  # fmt: skip
