"""Which satellites there are and who is at work."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl

from pipeline.geometry.elements import mean_motion_rev_per_day
from pipeline.metrics import satellite

DAY = date(2026, 8, 17)


def catalog(*rows: tuple[str, float, float], dot: float = 1e-5, eccentricity: float = 1e-4) -> pl.DataFrame:
    """Rows of (name, altitude_km, inclination_deg) with the fields that the metric reads."""
    return pl.DataFrame(
        [
            {
                "norad_cat_id": 50_000 + k,
                "object_name": name,
                "object_id": "2026-001A",
                "epoch_utc": datetime(2026, 8, 17),
                "mean_motion_rev_per_day": float(mean_motion_rev_per_day(np.float64(altitude_km))),
                "mean_motion_dot_rev_per_day2": dot,
                "eccentricity": eccentricity,
                "inclination_deg": inclination_deg,
                "ra_of_asc_node_deg": 0.0,
            }
            for k, (name, altitude_km, inclination_deg) in enumerate(rows)
        ]
    )


def computed(*rows: tuple[str, float, float], **fields: float) -> pl.DataFrame:
    return satellite.compute(catalog(*rows, **fields), DAY, "test")


def shell(count: int, altitude_km: float = 550.0) -> list[tuple[str, float, float]]:
    return [(f"STARLINK-{30_000 + k}", altitude_km, 53.2) for k in range(count)]


def test_names_that_only_look_alike_are_nobodys() -> None:
    traps = ["AMAZONAS 5", "LEOPARD", "LEO 3", "LEO EXPRESS 3", "LEONAV-1", "AMAZONIA 1", "2026-167A", "ONEWEBSAT"]
    assert computed(*((name, 600.0, 50.0) for name in traps)).height == 0


def test_every_spelling_of_guowang_is_guowang() -> None:
    names = [
        "HULIANWANG DIGUI-05",
        "HULIANWAN GAOGUI-03 (HG-03)",
        "HULIANWANG JISHU SHIYAN 4C",
        "GUOWANG TEST OBJECT A",
    ]
    rows = computed(*((name, 1_146.0, 50.0) for name in names))
    assert rows["constellation"].to_list() == ["guowang"] * 4
    assert rows["payload_class"].to_list() == ["broadband", "high_orbit", "test", "test"]


def test_generation_follows_the_number_in_the_name() -> None:
    names = {
        "STARLINK-1007": "starlink-v1.0",
        "STARLINK-2999": "starlink-v1.0",
        "STARLINK-3000": "starlink-v1.5",
        "STARLINK-32999": "starlink-v2mini",
        "STARLINK-33000": "starlink-v2mini-opt",
        "STARLINK-11072 [DTC]": "starlink-d2c",
        "STARLINK-11999": "starlink-d2c",
        "STARLINK-34567 [DTC]": "starlink-d2c",
        "STARLINK-40001": "unknown",
        "STARLINK-X": "unknown",
        "KUIPER-00662": "leo-kuiper-gen1",
    }
    rows = computed(*((name, 500.0, 53.0) for name in names))
    assert dict(zip(rows["object_name"], rows["generation"], strict=True)) == names


def test_direct_to_cell_is_a_class_of_its_own() -> None:
    rows = computed(("STARLINK-11072 [DTC]", 360.0, 53.2), ("STARLINK-30001", 550.0, 53.2))
    assert rows["payload_class"].to_list() == ["direct_to_cell", "broadband"]


def test_a_crowd_at_one_altitude_works_and_a_straggler_does_not() -> None:
    rows = computed(*shell(20), ("STARLINK-31000", 520.0, 53.2))
    assert rows["state"].to_list() == ["operational"] * 20 + ["parked"]


def test_a_batch_below_the_service_floor_does_not_work() -> None:
    assert set(computed(*shell(30, altitude_km=420.0))["state"]) == {"parked"}


def test_a_climbing_batch_is_raising_and_a_sinking_one_lowering() -> None:
    assert set(computed(*shell(30), dot=-0.02)["state"]) == {"raising"}
    assert set(computed(*shell(30), dot=0.02)["state"]) == {"lowering"}
    assert set(computed(*shell(30, altitude_km=250.0), dot=0.02)["state"]) == {"decaying"}


def test_an_eccentric_orbit_does_not_work() -> None:
    assert set(computed(*shell(30), eccentricity=0.01)["state"]) == {"parked"}


def test_age_is_counted_to_noon_of_the_day() -> None:
    assert computed(("ONEWEB-0012", 1_200.0, 87.9))["element_age_h"].to_list() == [12.0]


def test_catalog_numbers_of_nine_digits_stay_whole() -> None:
    rows = catalog(("STARLINK-30001", 550.0, 53.2)).with_columns(pl.lit(799_512_345).alias("norad_cat_id"))
    assert satellite.compute(rows, DAY, "test")["norad_cat_id"].to_list() == [799_512_345]
