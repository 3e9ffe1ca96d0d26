"""The parameters of capacity: what ships, what follows from it, and what is refused."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import capacity_model as cm

SHIPPED = assets.reference("capacity_model")
RANGES = {row["parameter"]: row for row in assets.reference("uncertainty_ranges").iter_rows(named=True)}
MODELS = cm.figures(SHIPPED)
KEY = ["scope", "parameter"]


def changed(scope: str, parameter: str, /, **fields: object) -> pl.DataFrame:
    """The shipped rows with fields of one of them changed."""
    here = (pl.col("scope") == scope) & (pl.col("parameter") == parameter)
    return SHIPPED.with_columns(
        pl.when(here).then(pl.lit(value, SHIPPED.schema[name])).otherwise(name).alias(name)
        for name, value in fields.items()
    )


# --- what ships -------------------------------------------------------------------------------------------------------


def test_a_service_cell_of_starlink_has_seven_gigabits_outside_the_united_states() -> None:
    down = MODELS["starlink"].beam_gbps("elsewhere", "down")
    assert down == pytest.approx((1.92 * 2.0, 7.0, 2.0 * 5.1 * 2))


def test_two_beams_of_one_frequency_may_light_it_in_the_united_states_from_13_july_2026_on() -> None:
    assert MODELS["starlink"].beam_gbps("us", "down") == pytest.approx((1.92 * 2.0, 14.0, 2.0 * 5.1 * 8))
    after, before = (cm.figures(SHIPPED, day=date(2026, 7, d))["starlink"] for d in (13, 12))
    assert after.beam_gbps("us", "down") == MODELS["starlink"].beam_gbps("us", "down")
    assert before.beam_gbps("us", "down") == before.beam_gbps("elsewhere", "down")


def test_up_a_service_cell_has_its_500_megahertz() -> None:
    assert MODELS["starlink"].beam_gbps("elsewhere", "up") == pytest.approx((0.5, 1.0, 3.5))


def test_a_lid_says_on_what_area_it_lies() -> None:
    assert MODELS["starlink"].lid("down") == cm.Lid(14.0, 7.0, 379.0)
    assert MODELS["starlink"].lid("up", "high") == cm.Lid(14.0, 3.5, 379.0)
    assert MODELS["oneweb"].lid("down") == cm.Lid(0.45, 0.45, 104_000.0, is_shared=True)


def test_sixteen_beams_of_oneweb_are_what_its_satellite_carries() -> None:
    generations = assets.reference("satellite_generations").filter(pl.col("generation") == "oneweb-gen1")
    wide = MODELS["oneweb"].wide
    assert wide is not None
    for way in cm.WAYS:
        (value,) = generations.filter(pl.col("parameter") == f"{way}link_capacity")["value"]
        assert wide.beam_count.base * wide.gbps(way).base == pytest.approx(float(value))


@pytest.mark.parametrize("name", ["amazon_leo", "qianfan", "guowang"])
def test_where_no_beam_is_published_its_lid_is_unknown_and_not_zero(name: str) -> None:
    for way in cm.WAYS:
        assert MODELS[name].beam_gbps("elsewhere", way) is None
        assert MODELS[name].lid(way) is None


def test_gateways_lasers_and_antennas() -> None:
    model = MODELS["starlink"]
    assert model.antenna_gbps == (15, 25, 45)
    assert model.antennas_per_site == (8, 15, 40)
    assert model.links_used == (2, 3, 4)
    at_once = [model.antennas_at_once(f"starlink-{g}").base for g in ("v1.0", "v1.5", "v2mini", "v2mini-opt", "v9")]
    assert at_once == [2, 2, 4, 4, 2]


def test_lasers_and_backhaul_are_those_of_satellite_generations() -> None:
    generations = assets.reference("satellite_generations")
    for parameter, held in (("isl_rate", "laser_rate"), ("backhaul_capacity_rf_plus_laser", "backhaul")):
        theirs = generations.filter(pl.col("parameter") == parameter).sort("generation")
        ours = SHIPPED.filter(pl.col("parameter") == held).sort("scope")
        assert ours["scope"].to_list() == theirs["generation"].to_list()
        for name in ("value", "low", "high"):
            told = dict(zip(theirs["generation"], theirs[name].cast(pl.Float64), strict=True))
            if (
                held == "laser_rate"
            ):  # of V2 Minis 200 Gbps is the peak: what is effective stands among the uncertain ranges
                effective = assets.reference("uncertainty_ranges").filter(pl.col("parameter") == "isl_rate_effective")
                (own,) = effective["base" if name == "value" else name].cast(pl.Float64)
                told |= {"starlink-v2mini": own, "starlink-v2mini-opt": own}
            assert dict(zip(ours["scope"], ours[name].cast(pl.Float64), strict=True)) == told
        assert ours["source_title"].to_list() == theirs["source_title"].to_list()


def test_what_is_drawn_has_a_range_and_its_base() -> None:
    drawn = SHIPPED.filter(pl.col("drawn_as").is_not_null() & (pl.col("parameter") != "laser_rate"))
    assert drawn.height == 7
    for row in drawn.iter_rows(named=True):
        stated = RANGES[row["drawn_as"]]
        assert [row[n] for n in ("low", "value", "high")] == [float(stated[n]) for n in ("low", "base", "high")]
    assert tuple(RANGES["isl_rate_effective"][n] for n in ("low", "base", "high")) == cm.LASER_RANGE_GBPS


def test_every_row_has_a_source_and_says_when_it_is_assumed() -> None:
    assert SHIPPED["source_title"].null_count() == 0
    nowhere = SHIPPED.filter(pl.col("source_url_or_repo") == "n/a")["source_title"]
    assert nowhere.str.contains("assumed|Derived|memory|secret").all()


# --- draws ------------------------------------------------------------------------------------------------------------


def test_a_draw_takes_the_place_of_the_base() -> None:
    drawn = cm.figures(SHIPPED, {"spectral_efficiency": 3.0, "cofrequency_beams_per_cell_us": 4.0, "cell_area": 252.0})
    assert drawn["starlink"].lid("down") == cm.Lid(24.0, 6.0, 252.0)
    assert drawn["oneweb"] == MODELS["oneweb"]
    gateway = cm.figures(SHIPPED, {"gateway_antenna_capacity": 60.0})["starlink"].antenna_gbps
    assert gateway == (15, 60, 60)


@pytest.mark.parametrize(
    ("drawn", "old", "new"), [(40.0, 50.0, 40.0), (100.0, 100.0, 100.0), (200.0, 100.0, 200.0), (70.0, 75.0, 70.0)]
)
def test_a_drawn_laser_rate_is_a_place_in_each_generations_own_range(drawn: float, old: float, new: float) -> None:
    lasers = cm.figures(SHIPPED, {"isl_rate_effective": drawn})["starlink"].laser_gbps
    assert (lasers["starlink-v1.5"].base, lasers["starlink-v2mini"].base) == (old, new)


def test_the_names_of_others_change_nothing() -> None:
    assert cm.figures(SHIPPED, {"sat_life": 6.0}) == MODELS


def test_who_decides_where() -> None:
    assert [cm.group_of(code) for code in ("USA", "PRI", "GUM", "CAN", None)] == ["us", "us", "us", *["elsewhere"] * 2]


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"value": -1.0}, "not negative"),
        ({"low": 4.0}, "low 4, base 3.5, high 5.1: put them in order"),
        ({"high": 3.0}, "put them in order"),
        ({"value": None}, "is no number"),
        ({"value": math.nan}, "not negative"),
        ({"value": 0.0, "low": 0.0}, "the base is 0"),
        ({"parameter": "down_eficiency"}, "correct the name"),
        ({"scope": "starlnk"}, "correct the name"),
        ({"scope": "any"}, "correct the name"),
        ({"parameter": "laser_rate"}, "correct the name"),
        ({"parameter": "up_efficiency"}, "it stands twice"),
    ],
)
def test_a_wrong_figure_is_refused_with_file_row_and_remedy(fields: dict[str, object], told: str) -> None:
    with pytest.raises(cm.CapacityModelError, match=rf"capacity_model\.csv, row \S+, \w+: .*{told}"):
        cm.figures(changed("starlink", "down_efficiency", **fields))


@pytest.mark.parametrize(("scope", "parameter"), SHIPPED.select(KEY).filter(pl.col("scope").is_in(["starlink", "oneweb", "any"])).rows())  # fmt: skip
def test_a_missing_row_is_refused_by_name(scope: str, parameter: str) -> None:
    rest = SHIPPED.filter((pl.col("scope") != scope) | (pl.col("parameter") != parameter))
    with pytest.raises(cm.CapacityModelError, match=f"no row {scope}, {parameter}: add one"):
        cm.figures(rest)


def test_text_in_place_of_a_number_is_refused() -> None:
    rows = SHIPPED.with_columns(pl.col("value").cast(pl.String)).with_columns(
        pl.when(pl.col("parameter") == "beam_down").then(pl.lit("much")).otherwise("value").alias("value")
    )
    with pytest.raises(cm.CapacityModelError, match="row oneweb, beam_down: 'much' is no number"):
        cm.figures(rows)


def test_a_file_without_a_column_is_refused() -> None:
    with pytest.raises(cm.CapacityModelError, match="no column drawn_as"):
        cm.figures(SHIPPED.drop("drawn_as"))


@pytest.mark.parametrize("value", [-0.1, math.nan])
def test_a_draw_that_cannot_be_is_refused(value: float) -> None:
    with pytest.raises(cm.CapacityModelError, match="spectral_efficiency was drawn as"):
        cm.figures(SHIPPED, {"spectral_efficiency": value})
