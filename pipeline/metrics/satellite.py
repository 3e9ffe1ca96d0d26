"""Which satellites there are: constellation, generation, payload class and a first test of who is at work."""

from __future__ import annotations

from pipeline.table import Column, Table

TABLE = Table(
    "core.satellite_daily",
    "one row per day and satellite of the five constellations",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("norad_cat_id", "integer", "", "Catalog number, up to nine digits", 1, 999_999_999, key=True),
        Column("object_name", "text", "", "Name in the catalog"),
        Column("object_id", "text", "", "International designator"),
        Column("constellation", "constellation", "", "Constellation, by name"),
        Column("generation", "text", "", "Generation, by the rules of generation_assignment.csv"),
        Column("payload_class", "payload_class", "", "What the satellite carries"),
        Column("state", "state", "", "State on one day of elements"),
        Column("altitude_km", "number", "km", "Mean altitude: SGP4 semi-major axis less 6378.135 km", 0, 400_000),
        Column("altitude_rate_km_per_day", "number", "km/day", "Rate of the mean altitude by the elements' own drag term"),
        Column("eccentricity", "number", "1", "Eccentricity", 0, 1),
        Column("inclination_deg", "number", "deg", "Inclination", 0, 180),
        Column("ra_of_asc_node_deg", "number", "deg", "Right ascension of the ascending node at epoch", 0, 360),
        Column("element_age_h", "number", "h", "Age of the elements at noon of the day; negative for epochs that lie ahead"),
        Column("source", "text", "", "Source of the elements"),
    ),
)  # fmt: skip
