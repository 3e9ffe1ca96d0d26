"""Lids of satellites and gateways: figures of generations, draws, what is unknown, and registers that are not believed."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipeline import uncertainty as un
from pipeline.io import assets
from pipeline.metrics import capacity_model, fleet, lid

GENERATION = fleet.generations(assets.reference("satellite_generations"))
MODELS = capacity_model.figures(assets.reference("capacity_model"))
RANGES = assets.reference("uncertainty_ranges")


def flown(*generations: str) -> pl.DataFrame:
    return pl.DataFrame({"generation": generations}, schema={"generation": pl.String})


def of(*generations: str, name: str = "starlink", draw: dict[str, float] | None = None) -> lid.Satellites:
    models = capacity_model.figures(assets.reference("capacity_model"), draw)
    return lid.satellites(flown(*generations), GENERATION, models[name], draw)


# --- satellites -----------------------------------------------------------------------------------------------------------


def test_starlinks_carry_what_their_generation_does_in_the_order_of_the_fleet() -> None:
    found = of("starlink-v2mini", "starlink-v1.0", "starlink-v1.5", "starlink-v2mini-opt", "starlink-v1.0")
    assert found.down_gbps.tolist() == [96, 18, 18, 96, 18]
    assert found.up_gbps.tolist() == [6.7, 4, 4, 6.7, 4]
    assert found.laser_count.tolist() == [3, 0, 3, 3, 0]
    assert found.laser_gbps.tolist() == [100, 0, 100, 100, 0]
    assert found.feeder_gbps.tolist() == [1300, np.inf, np.inf, 1300, np.inf]
    assert found.antenna_count.tolist() == [4, 2, 2, 4, 2]
    assert found.up_is_known


def test_no_more_links_are_used_than_the_model_lets_and_the_satellite_has() -> None:
    found = of("leo-kuiper-gen1", name="amazon_leo")
    assert (found.laser_count.tolist(), found.laser_gbps.tolist()) == ([3], [100.0])  # it has four
    assert of("oneweb-gen1", name="oneweb").laser_count.tolist() == [0]


@pytest.mark.parametrize(("name", "generation"), [("qianfan", "qianfan-gen1"), ("guowang", "guowang-gen1")])
def test_a_generation_without_an_uplink_figure_makes_up_unknown_and_names_it(name: str, generation: str) -> None:
    found = of(generation, name=name)
    assert np.isnan(found.up_gbps).all()
    assert found.up_unknown == (generation,)
    assert not found.up_is_known
    assert (found.down_gbps > 0).all()


def test_a_generation_without_a_downlink_figure_is_refused_by_name() -> None:
    with pytest.raises(lid.LidError, match="no downlink figure for guowang-geo, starlink-v9: add a row"):
        of("starlink-v2mini", "starlink-v9", "guowang-geo")


def test_lasers_of_an_unknown_rate_are_refused_by_name() -> None:
    lasers = GENERATION.with_columns(pl.when(pl.col("generation") == "qianfan-gen1").then(2.0).otherwise("laser_count").alias("laser_count"))  # fmt: skip
    with pytest.raises(lid.LidError, match=r"qianfan-gen1, laser_rate to capacity_model\.csv"):
        lid.satellites(flown("qianfan-gen1"), lasers, MODELS["qianfan"])


def test_an_unknown_generation_stands_at_low_figures() -> None:
    found = of("unknown")
    figures = (found.down_gbps, found.up_gbps, found.laser_gbps, found.feeder_gbps, found.laser_count)
    assert [value.tolist() for value in figures] == [[80], [6], [40], [800], [3]]


def test_direct_to_cell_counts_as_far_as_the_draw_lets_it() -> None:
    base, drawn = of("starlink-d2c"), of("starlink-d2c", draw={"d2c_counts_as_broadband": 1.0, "v2mini_uplink": 8.0})
    assert (base.down_gbps.tolist(), base.up_gbps.tolist(), base.up_unknown) == ([0], [0], ())
    assert (drawn.down_gbps.tolist(), drawn.up_gbps.tolist()) == ([96], [8])


def test_a_draw_takes_the_place_of_the_base() -> None:
    draw = {"v2mini_downlink": 90.0, "v1x_downlink": 20.0, "isl_rate_effective": 40.0, "kuiper_downlink": 33.0}
    found = of("starlink-v1.5", "starlink-v2mini-opt", draw=draw)
    assert found.down_gbps.tolist() == [20, 90]
    assert found.laser_gbps.tolist() == [50, 40]
    assert found.up_gbps.tolist() == [4, 6.7]


def test_at_the_base_of_every_range_a_satellite_is_as_without_a_draw() -> None:
    base = {name: own.base for name, own in un.ranges(RANGES).items()}
    names = [n for n in lid.DRAWN_AS if n.startswith("starlink")] + ["starlink-d2c"]
    without, drawn = of(*names), of(*names, draw=base)
    for field in ("down_gbps", "up_gbps", "laser_count", "laser_gbps", "feeder_gbps", "antenna_count"):
        assert getattr(drawn, field).tolist() == getattr(without, field).tolist(), field


def test_every_drawn_figure_has_a_range_with_the_base_of_its_generation() -> None:
    own = un.ranges(RANGES)
    base = {way: lid.generation_gbps(GENERATION, way) for way in capacity_model.WAYS}
    for generation, names in lid.DRAWN_AS.items():
        for way, name in names.items():
            assert own[name].base == base[way][generation], (generation, way)


def test_every_generation_with_a_figure_is_drawn_or_says_why_not() -> None:
    known = {
        "starlink-v0.9",
        "lightspeed",
        lid.DIRECT_TO_CELL,
        lid.UNKNOWN,
    }  # come down, not flown, apart, conservative
    for way in capacity_model.WAYS:
        with_figure = {name for name, gbps in lid.generation_gbps(GENERATION, way).items() if gbps is not None}
        assert with_figure - known == {name for name, names in lid.DRAWN_AS.items() if way in names}


def test_draws_of_all_at_once_are_those_one_by_one() -> None:
    drawn = un.draws(RANGES, 16)
    together = lid.generation_gbps(GENERATION, "down", drawn)
    for k in range(16):
        alone = lid.generation_gbps(GENERATION, "down", un.one(drawn, k))
        for name, values in together.items():
            assert values is not None
            assert np.broadcast_to(values, 16)[k] == alone[name]


def test_an_empty_fleet_has_no_lids() -> None:
    found = of()
    assert found.down_gbps.shape == found.laser_count.shape == (0,)
    assert found.up_is_known


# --- gateways -----------------------------------------------------------------------------------------------------------------


def sites(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    """site_id, kind, constellation, status, at places that differ."""
    frame = pl.DataFrame(rows, schema=["site_id", "kind", "constellation", "status"], orient="row")
    place = pl.int_range(pl.len()).cast(pl.Float64)
    return frame.with_columns(place.alias("latitude_deg"), (place * 10).alias("longitude_deg"))


LISTED = sites(
    ("c", "gateway", "starlink", "operational"), ("a", "gateway", "starlink", "operational"), ("b", "gateway", "starlink", "planned"),
    ("d", "gateway", "starlink", "unverified"), ("e", "pop", "starlink", "operational"), ("f", "gateway", "amazon_leo", "operational"),
)  # fmt: skip


def test_each_listed_gateway_that_works_has_the_mean() -> None:
    found, excluded = lid.gateways(LISTED, MODELS["starlink"])
    assert found.site_id == ("a", "c")
    assert found.latitude_deg.tolist() == [1, 0]
    assert found.longitude_deg.tolist() == [10, 0]
    assert found.antenna_count.tolist() == [15, 15]
    assert found.gbps.tolist() == [375, 375]
    assert excluded.is_empty()


def test_a_constellation_without_listed_gateways_has_none() -> None:
    found, _ = lid.gateways(LISTED, MODELS["oneweb"])
    assert found.site_id == ()
    assert found.gbps.shape == (0,)


def test_a_drawn_antenna_and_number_of_them() -> None:
    draw = {"antennas_per_site": 8.5, "gateway_antenna_capacity": 40.0}
    model = capacity_model.figures(assets.reference("capacity_model"), draw)["starlink"]
    assert lid.gateways(LISTED, model)[0].gbps.tolist() == [340, 340]


@pytest.mark.parametrize(
    ("count", "antennas", "reason"),
    [
        (20, 20.0, None),
        (0, 0.0, "its antenna_count is 0: no antenna, so no service by it"),
        (-3, 0.0, "its antenna_count is -3: no antenna, so no service by it"),
        (None, 15.0, "its antenna_count is missing: the mean of all gateways stands"),
    ],
)
def test_a_register_is_believed_where_it_can_be(count: int | None, antennas: float, reason: str | None) -> None:
    register = pl.DataFrame({"site_id": ["a"], "antenna_count": [count]}, schema={"site_id": pl.String, "antenna_count": pl.Int64})  # fmt: skip
    found, excluded = lid.gateways(LISTED, MODELS["starlink"], register)
    assert found.antenna_count.tolist() == [antennas, 15.0]
    assert found.gbps.tolist() == [antennas * 25, 375]
    assert excluded.rows() == ([] if reason is None else [("a", reason)])


def test_every_row_of_a_register_that_is_not_believed_is_named_with_its_reason() -> None:
    register = pl.DataFrame(
        {"site_id": ["a", "a", "zz", "f", None, "c"], "antenna_count": ["12", "30", "8", "8", "8", "many"]}
    )
    found, excluded = lid.gateways(LISTED, MODELS["starlink"], register)
    assert found.antenna_count.tolist() == [12, 15]
    nobody = "no operational gateway of the constellation has this site_id"
    assert excluded.rows() == [
        ("a", "its site stands before it in the register"), ("zz", nobody), ("f", nobody), ("", nobody),
        ("c", "its antenna_count is many, no number: the mean of all gateways stands"),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [np.nan, np.inf])
def test_a_count_that_is_not_finite_is_no_count(count: float) -> None:
    register = pl.DataFrame({"site_id": ["a"], "antenna_count": [count]})
    found, excluded = lid.gateways(LISTED, MODELS["starlink"], register)
    assert found.antenna_count.tolist() == [15, 15]
    assert excluded.height == 1
