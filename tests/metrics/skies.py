"""Made satellites: elements as a catalog gives them, day after day, and what the fleet's metrics make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl

from pipeline.geometry.elements import mean_motion_rev_per_day, node_and_latitude_deg
from pipeline.metrics import event, satellite
from pipeline.metrics.identity import Elements
from pipeline.sources import celestrak_active

DAY = date(2026, 8, 17)
SCHEMA = {n: k for n, k in celestrak_active.TABLE.polars_schema.items() if n != "day"}
FIRST_NUMBER = 50_000


def made(number: int = FIRST_NUMBER, **fields: Any) -> dict[str, Any]:
    """One satellite: an old Starlink on a round orbit at 550 km, at node and argument of latitude 0 at noon."""
    plain = {
        "number": number, "name": f"STARLINK-{number - 20_000}", "designator": f"2024-{number // 20 % 200:03d}{'ABCDEFGHJKLMNPQRSTUV'[number % 20]}",
        "altitude_km": 550.0, "inclination_deg": 53.2, "node_deg": 0.0, "latitude_deg": 0.0, "dot": 0.0, "eccentricity": 1e-4,
        "age_h": 0.0,
    }  # fmt: skip
    return plain | fields


def elements(rows: list[dict[str, Any]], day: date = DAY) -> pl.DataFrame:
    """The rows as the columns of raw.celestrak_active; node and argument of latitude are those at noon of the day."""
    noon = datetime.combine(day, time(12))
    frame = pl.DataFrame(
        [
            {
                "object_name": r["name"], "object_id": r["designator"], "epoch_utc": noon - timedelta(hours=r["age_h"]),
                "mean_motion_rev_per_day": float(mean_motion_rev_per_day(r["altitude_km"])), "eccentricity": r["eccentricity"],
                "inclination_deg": r["inclination_deg"], "ra_of_asc_node_deg": 0.0, "arg_of_pericenter_deg": 0.0, "mean_anomaly_deg": 0.0,
                "ephemeris_type": 0, "classification_type": "U", "norad_cat_id": r["number"], "element_set_no": 999, "rev_at_epoch": 1,
                "bstar_per_earth_radius": 1e-4, "mean_motion_dot_rev_per_day2": r["dot"], "mean_motion_ddot_rev_per_day3": 0.0,
            }
            for r in rows
        ],
        schema=SCHEMA,
    )  # fmt: skip
    node_deg, latitude_deg = node_and_latitude_deg(frame, noon)
    wanted = {n: np.array([r[f"{n}_deg"] for r in rows], float) for n in ("node", "latitude")}
    return frame.with_columns(
        pl.Series("ra_of_asc_node_deg", (wanted["node"] - node_deg) % 360.0),
        pl.Series("mean_anomaly_deg", (wanted["latitude"] - latitude_deg) % 360.0),
    )


def walker(planes: int = 12, places: int = 10, phasing: int = 1, **fields: Any) -> list[dict[str, Any]]:
    """A Walker delta of satellites that keep their places; `first` is the first catalog number."""
    first, turn = fields.pop("first", FIRST_NUMBER), fields.pop("turn_deg", 0.0)
    return [
        made(
            first + plane * places + place,
            node_deg=(360.0 * plane / planes + fields.get("node_deg", 0.0)) % 360.0,
            latitude_deg=(360.0 * place / places + 360.0 * phasing * plane / (planes * places) + turn) % 360.0,
            **{k: v for k, v in fields.items() if k != "node_deg"},
        )
        for plane in range(planes)
        for place in range(places)
    ]


def changed(rows: list[dict[str, Any]], **fields: Any) -> list[dict[str, Any]]:
    """The same satellites with other fields."""
    return [row | fields for row in rows]


@dataclass
class Landed:
    """What one day came to."""

    satellites: pl.DataFrame
    shells: pl.DataFrame
    events: pl.DataFrame

    def state(self, number: int = FIRST_NUMBER) -> str:
        return self.row(number)["state"]

    def row(self, number: int = FIRST_NUMBER) -> dict[str, Any]:
        return self.satellites.row(by_predicate=pl.col("norad_cat_id") == number, named=True)

    def states(self) -> dict[str, int]:
        return dict(self.satellites.group_by("state").len().iter_rows())

    def named(self, name: str) -> pl.DataFrame:
        """Rows of one event."""
        return self.events.filter(pl.col("event") == name)

    def counts(self) -> dict[str, int]:
        """How often each event is there."""
        return dict(self.events.group_by("event").len().iter_rows())


@dataclass
class Home:
    """Landed days in order, each with those behind it, as the job runs them."""

    behind: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={n: satellite.TABLE.polars_schema[n] for n in satellite.BEHIND})
    )
    decayed: pl.DataFrame = field(default_factory=lambda: event.TABLE.empty().select("identity", "day"))

    def land(
        self,
        day: date,
        rows: list[dict[str, Any]] | list[Elements] | pl.DataFrame,
        *,
        names: pl.DataFrame | None = None,
        launches: pl.DataFrame | None = None,
        satcat: pl.DataFrame | None = None,
        excluded: pl.DataFrame | None = None,
        landed_day: date | None = None,
    ) -> Landed:
        sources = rows if isinstance(rows, list) and isinstance(rows[0], Elements) else [_catalog(rows, day)]
        satellites, shells, _ = satellite.compute(sources, day, self.behind, names, launches)
        events = event.compute(satellites, self.behind, day, satcat, excluded, self.decayed, landed_day)
        if landed_day is None:  # a day for which an earlier one stands is not a landed day behind
            self.behind = pl.concat([self.behind, satellites.select(satellite.BEHIND)])
        self.decayed = pl.concat([self.decayed, events.filter(pl.col("event") == "decayed").select("identity", "day")])
        return Landed(satellites, shells, events)


def _catalog(rows: Any, day: date) -> Elements:
    return Elements("celestrak_active", rows if isinstance(rows, pl.DataFrame) else elements(rows, day))


def land(days: dict[int, list[dict[str, Any]]], home: Home | None = None) -> Landed:
    """Land the rows of days, given by their distance from DAY (0, -1, ...), in order; what the last one came to."""
    home = home or Home()
    return [home.land(DAY + timedelta(days=k), days[k]) for k in sorted(days)][-1]
