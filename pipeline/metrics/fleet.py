"""How large each fleet is, in satellites and in installed capacity."""

from __future__ import annotations

from pipeline.table import Column, Table

HISTORY = Table(
    "core.fleet_history_daily",
    "one row per day, constellation, generation and payload class",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("generation", "text", "", "Generation", key=True),
        Column("payload_class", "payload_class", "", "What the satellites carry", key=True),
        Column("satellite_count", "integer", "", "Satellites in the catalog", 0, 200_000),
        Column("operational_count", "integer", "", "Satellites at work", 0, 200_000),
        Column("down_gbps_per_satellite", "number", "Gbps", "Downlink capacity of one satellite, base", 0, 5_000, nullable=True),
        Column("installed_down_gbps", "number", "Gbps", "Broadband downlink of all satellites, base", 0, nullable=True),
        Column("operational_down_gbps", "number", "Gbps", "Broadband downlink of the satellites at work, base", 0, nullable=True),
        Column("flagged", "flag", "", "Generation unknown: conservative figures stand in"),
        Column("basis", "text", "", "observed, or reconstructed"),
    ),
)  # fmt: skip

CAPACITY = Table(
    "core.fleet_capacity_daily",
    "one row per day and constellation",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("constellation", "constellation", "", "Constellation", key=True),
        Column("satellite_count", "integer", "", "Satellites in the catalog, all payload classes", 0, 200_000),
        Column("operational_count", "integer", "", "Satellites at work, all payload classes", 0, 200_000),
        Column("broadband_operational_count", "integer", "", "Broadband satellites at work", 0, 200_000),
        Column("installed_down_tbps", "number", "Tbps", "Broadband downlink of all satellites, base", 0, 100_000, nullable=True),
        Column("installed_down_low_tbps", "number", "Tbps", "The same with the low figure of every generation", 0, 100_000, nullable=True),
        Column("installed_down_high_tbps", "number", "Tbps", "The same with the high figure of every generation", 0, 100_000, nullable=True),
        Column("in_service_down_tbps", "number", "Tbps", "Broadband downlink of the satellites at work, base", 0, 100_000, nullable=True),
        Column("in_service_down_low_tbps", "number", "Tbps", "The same, low", 0, 100_000, nullable=True),
        Column("in_service_down_high_tbps", "number", "Tbps", "The same, high", 0, 100_000, nullable=True),
        Column("in_service_up_tbps", "number", "Tbps", "Broadband uplink of the satellites at work, base; null where no figure is known", 0, 100_000, nullable=True),
    ),
)  # fmt: skip

GENERATION = Table(
    "dim.generation",
    "one row per generation of satellites, from satellite_generations.csv",
    (
        Column("generation", "text", "", "Generation", key=True),
        Column("down_gbps", "number", "Gbps", "Broadband downlink of one satellite, base", 0, 5_000, nullable=True),
        Column("down_low_gbps", "number", "Gbps", "The same, low", 0, 5_000, nullable=True),
        Column("down_high_gbps", "number", "Gbps", "The same, high", 0, 5_000, nullable=True),
        Column("up_gbps", "number", "Gbps", "Broadband uplink of one satellite, base", 0, 5_000, nullable=True),
        Column("up_low_gbps", "number", "Gbps", "The same, low", 0, 5_000, nullable=True),
        Column("up_high_gbps", "number", "Gbps", "The same, high", 0, 5_000, nullable=True),
        Column("laser_count", "number", "", "Laser links of one satellite", 0, 8, nullable=True),
        Column(
            "confidence", "text", "", "Confidence in the downlink figure, as the reference states it", nullable=True
        ),
        Column("citation", "text", "", "Source of the downlink figure", nullable=True),
    ),
)

TABLES = (HISTORY, CAPACITY, GENERATION)
