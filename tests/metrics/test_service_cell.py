"""What beams bring to cells: a plain twin, towns, borders, and grids of every order."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry import grid
from pipeline.metrics import service_cell as sc
from pipeline.metrics.capacity_model import Lid

STARLINK = Lid(us_gbps=14.0, elsewhere_gbps=7.0, area_km2=379.0)
WIDE = Lid(us_gbps=0.45, elsewhere_gbps=0.45, area_km2=104_000.0, is_shared=True)
NO_LAND = pl.DataFrame(schema={"cell_id": pl.UInt64, "country_iso3": pl.String, "area_fraction": pl.Float64})
FINE_KM2 = grid.area_km2(8)


def rows(*given: tuple[int, str], order: int = 6) -> pl.DataFrame:
    """Rows of dim.cell_fine: fine cells and countries."""
    fine = [fine for fine, _ in given]
    schema = {"fine_cell_id": pl.UInt64, "cell_id": pl.UInt64, "country_iso3": pl.String}
    return pl.DataFrame([fine, [f >> (2 * (8 - order)) for f in fine], [code for _, code in given]], schema=schema)


def of(frame: pl.DataFrame, weight: list[float], lid: Lid = STARLINK, order: int = 6, land: pl.DataFrame = NO_LAND) -> sc.Beams:  # fmt: skip
    found = sc.beams(sc.pieces(frame, np.array(weight), order, land), lid)
    assert found is not None
    return found


def asked(beams: sc.Beams, cell: int, demand_gbps: float) -> float:
    demand = np.zeros(beams.pieces.cell_count)
    demand[cell] = demand_gbps
    return float(beams.lid_gbps(demand)[cell])


def plain(beams: sc.Beams, demand: np.ndarray) -> np.ndarray:
    """The same cell by cell, as its docstring says it."""
    lid = np.zeros_like(demand)
    for cell, want in enumerate(demand):
        at = slice(beams.pieces.start[cell], beams.pieces.start[cell + 1])
        room, weight = beams.room_gbps[at], beams.pieces.weight[at]
        if want == 0 or not room.size:
            lid[cell] = beams.whole_gbps[cell]
        elif (want * weight <= room).all():
            lid[cell] = want * np.min(room / (want * weight))
        else:
            lid[cell] = np.minimum(want * weight, room).sum()
    return lid


# --- by hand ------------------------------------------------------------------------------------------------------------


ROOM = FINE_KM2 / 379.0 * 7.0  # 11.98 Gbps of a cell of order 8


def test_a_town_fills_its_service_cells_while_those_around_stay_empty() -> None:
    beams = of(rows((0, "FRA"), (1, "FRA")), [9.0, 1.0])
    # The town has 9 of 10: at 100 Gbps it wants 90 and gets its room, the country wants 10 and gets them.
    assert asked(beams, 0, 100.0) == pytest.approx(ROOM + 10.0)
    assert asked(beams, 0, 1000.0) == pytest.approx(2 * ROOM)


def test_where_no_piece_is_full_the_lid_is_how_far_the_spread_could_grow() -> None:
    beams = of(rows((0, "FRA"), (1, "FRA")), [9.0, 1.0])
    for demand_gbps in (1e-6, 1.0, ROOM / 0.9):
        assert asked(beams, 0, demand_gbps) == pytest.approx(ROOM / 0.9)
    assert asked(beams, 0, ROOM / 0.9 + 1e-9) == pytest.approx(ROOM / 0.9)  # no jump


def test_without_demand_or_people_it_is_what_the_whole_area_carries() -> None:
    beams = of(rows((0, "FRA")), [1.0])
    whole = grid.area_km2(6) / 379.0 * 7.0
    assert whole == pytest.approx(191.7, abs=0.1)
    assert asked(beams, 0, 0.0) == pytest.approx(whole)
    assert asked(beams, 7, 5.0) == pytest.approx(whole)


def test_the_united_states_have_the_beams_of_their_rules() -> None:
    land = pl.DataFrame({"cell_id": [0, 0], "country_iso3": ["USA", "CAN"], "area_fraction": [0.25, 0.75]})
    beams = of(rows((0, "USA"), (1, "CAN")), [1.0, 1.0], land=land)
    assert beams.room_gbps == pytest.approx([2 * ROOM, ROOM])
    assert asked(beams, 0, 1000.0) == pytest.approx(3 * ROOM)
    assert asked(beams, 0, 0.0) == pytest.approx(1.25 * grid.area_km2(6) / 379.0 * 7.0)


def test_a_piece_of_two_countries_is_shared_between_them_and_counted_once() -> None:
    beams = of(rows((0, "FRA"), (0, "DEU"), (3, "DEU")), [3.0, 1.0, 0.0])
    assert beams.pieces.size_km2.sum() == pytest.approx(FINE_KM2)
    assert asked(beams, 0, 1000.0) == pytest.approx(ROOM)
    assert asked(beams, 0, 1.0) == pytest.approx(ROOM)


def test_an_unknown_beam_has_no_lid() -> None:
    assert sc.beams(sc.pieces(rows((0, "CHN")), np.ones(1), 6, NO_LAND), None) is None


def test_a_wide_beam_is_taken_at_its_mean_over_its_area_whatever_the_towns() -> None:
    beams = of(rows((0, "FRA"), (1, "FRA")), [9.0, 1.0], WIDE)
    share = 0.45 * grid.area_km2(6) / 104_000
    assert share == pytest.approx(0.0449, abs=1e-4)
    assert beams.lid_gbps(np.array([0.0, 1e-3, *np.full(49_150, 5.0)])) == pytest.approx(share)


# --- grids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", range(3, 10))
def test_grids_of_every_order_carry_the_same_where_all_is_full(order: int) -> None:
    fine = np.arange(0, grid.cell_count(8), 97)
    if order <= 8:
        frame = rows(*((int(f), "FRA") for f in fine), order=order)
        served_km2 = fine.size * FINE_KM2
    else:
        frame = pl.DataFrame({"cell_id": fine.astype(np.uint64), "country_iso3": ["FRA"] * fine.size})
        served_km2 = fine.size * grid.area_km2(9)
    beams = of(frame, [1.0] * fine.size, order=order)
    demand = np.zeros(grid.cell_count(order))
    demand[frame["cell_id"].unique().to_numpy().astype(int)] = 1e6
    lid = beams.lid_gbps(demand)
    assert lid[demand > 0].sum() == pytest.approx(served_km2 / 379.0 * 7.0)
    if order == 9:
        assert lid[demand > 0] == pytest.approx(0.428 * 7.0, abs=0.01)  # a part of a service cell


def test_a_grid_that_is_finer_needs_rows_with_cells() -> None:
    frame = rows((0, "FRA")).with_columns(pl.lit(None, pl.UInt64).alias("cell_id"))
    with pytest.raises(sc.WeightError, match=r"pass dim\.cell_country"):
        sc.pieces(frame, np.ones(1), 9, NO_LAND)


# --- the twin -----------------------------------------------------------------------------------------------------------


@st.composite
def spreads(draw: st.DrawFn) -> tuple[sc.Beams, np.ndarray]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(0, 120))
    fine = rng.integers(0, 300, count)
    codes = rng.choice(["USA", "FRA", "DEU"], count)
    frame = rows(*zip(fine.tolist(), codes.tolist(), strict=True), order=4).unique(["fine_cell_id", "country_iso3"])
    weight = rng.pareto(1.2, frame.height) * (rng.random(frame.height) > 0.1)
    demand = rng.pareto(0.5, grid.cell_count(4)) * (rng.random(grid.cell_count(4)) > 0.2)
    beams = sc.beams(sc.pieces(frame.sort("fine_cell_id", "country_iso3"), weight, 4, NO_LAND), STARLINK)
    assert beams is not None
    return beams, demand


@settings(max_examples=40, deadline=None)
@given(spreads())
def test_the_kernel_does_what_is_said_cell_by_cell(case: tuple[sc.Beams, np.ndarray]) -> None:
    beams, demand = case
    assert beams.lid_gbps(demand) == pytest.approx(plain(beams, demand), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(spreads(), st.floats(1.0, 100.0))
def test_a_lid_grows_with_the_demand_and_never_beyond_all_rooms(case: tuple[sc.Beams, np.ndarray], more: float) -> None:
    beams, demand = case
    lid, later = beams.lid_gbps(demand), beams.lid_gbps(more * demand)
    assert (later >= lid * (1 - 1e-12)).all()
    start = beams.pieces.start
    for cell in np.flatnonzero((np.diff(start) > 0) & (demand > 0)):
        assert lid[cell] <= beams.room_gbps[start[cell] : start[cell + 1]].sum() * (1 + 1e-12)


def test_the_order_of_rows_changes_nothing() -> None:
    frame, weight = rows((0, "FRA"), (20, "USA"), (1, "FRA"), (1, "USA")), np.array([1.0, 2.0, 3.0, 4.0])
    one = of(frame, weight.tolist())
    other = of(frame.reverse(), weight[::-1].tolist())
    demand = np.full(grid.cell_count(6), 20.0)
    assert (one.lid_gbps(demand) == other.lid_gbps(demand)).all()


# --- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [[1.0], [1.0, -0.1], [1.0, np.nan], [1.0, np.inf]])
def test_weights_that_do_not_fit_are_refused(weight: list[float]) -> None:
    with pytest.raises(sc.WeightError, match="weights for 2 rows"):
        sc.pieces(rows((0, "FRA"), (1, "FRA")), np.array(weight), 6, NO_LAND)


def test_a_demand_that_does_not_fit_is_refused() -> None:
    beams = of(rows((0, "FRA")), [1.0])
    for demand in (np.zeros(3), np.full(49_152, -1.0), np.full(49_152, np.nan)):
        with pytest.raises(sc.WeightError, match="one number for each, 0 or more"):
            beams.lid_gbps(demand)


def test_nobody_anywhere_is_no_fault() -> None:
    beams = of(rows((0, "FRA")), [0.0])
    assert np.ptp(beams.lid_gbps(np.full(49_152, 3.0))) == 0


def test_a_low_satellite_carries_fewer_bits_and_the_mean_over_people_is_the_published_one() -> None:
    elevation_deg = np.array([85.0, 60.0, 40.0, 26.0, np.nan])
    people = np.array([5.0, 5.0, 5.0, 5.0, 100.0])
    part = sc.efficiency_part(elevation_deg, 550.0, people)
    assert (np.diff(part[:4]) <= 0).all()
    assert part[3] < 0.8 < part[0]
    assert part[4] == 1.0  # nobody comes: nothing is said
    assert np.average(part[:4], weights=people[:4]) == pytest.approx(1.0)


def test_rain_takes_from_everybody_and_a_place_without_people_is_taken_as_it_is() -> None:
    elevation_deg = np.array([85.0, 40.0])
    dry, wet = (sc.efficiency_part(elevation_deg, 550.0, np.ones(2), rain) for rain in (0.0, 6.0))
    assert (wet < dry).all()
    assert sc.efficiency_part(elevation_deg, 550.0, np.zeros(2)).tolist() == [1.0, 1.0]


def test_the_lid_of_cells_far_from_their_satellites_is_lower() -> None:
    rows = pl.DataFrame({"fine_cell_id": [0, 16], "cell_id": [0, 1], "country_iso3": ["NGA", "NGA"]})
    land = pl.DataFrame({"cell_id": [0], "country_iso3": ["NGA"], "area_fraction": [1.0]})
    where = sc.pieces(rows, np.ones(2), 6, land)
    lid = Lid(14.0, 7.0, 379.0)
    part = np.ones(where.cell_count)
    part[1] = 0.5
    whole, far = sc.beams(where, lid), sc.beams(where, lid, part)
    demand = np.zeros(where.cell_count)
    demand[:2] = 1e6  # far more than beams carry
    ratio = far.lid_gbps(demand) / whole.lid_gbps(demand)
    assert ratio[:2] == pytest.approx([1.0, 0.5])
    assert ratio[2:] == pytest.approx(1.0)
