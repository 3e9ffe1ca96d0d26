"""Listed gateways, each with the mean number of antennas, against the operator's own count in the United States."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipeline.constellations import UNITED_STATES
from pipeline.io import assets
from pipeline.metrics import capacity_model, ground, lid
from pipeline.sources import sites, starlink_ground

pytestmark = pytest.mark.realdata

MODELS = capacity_model.figures(assets.reference("capacity_model"))
# Starlink network update, July 2025, as gateways_capacity.csv of the reference has it: antennas, and their aggregate (22 to 68 Tbps).
US_ANTENNAS = 1_500
US_AGGREGATE_TBPS = (22.0, 68.0)


@pytest.fixture(scope="module")
def places(shared: Path) -> pl.DataFrame:
    (path,) = (shared / "data" / "ground").glob("starlink_gateways_pops_*.json")
    landed = starlink_ground.parse(path.read_bytes()).frame
    shipped = sites.parse(assets.reference_bytes("sites.csv")).frame
    return sites.TABLE.conform(ground.site_rows(shipped, landed, assets.topology())[0])


def test_the_united_states_have_as_many_antennas_as_the_operator_says(places: pl.DataFrame) -> None:
    found, excluded = lid.gateways(places.filter(pl.col("country_iso3").is_in(UNITED_STATES)), MODELS["starlink"])
    assert found.antenna_count.sum() == pytest.approx(US_ANTENNAS, rel=0.1)
    assert US_AGGREGATE_TBPS[0] < found.gbps.sum() / 1_000 < US_AGGREGATE_TBPS[1]
    assert excluded.is_empty()


def test_only_starlink_and_oneweb_have_listed_gateways(places: pl.DataFrame) -> None:
    listed = {name: len(lid.gateways(places, model)[0].site_id) for name, model in MODELS.items()}
    assert listed.pop("starlink") > 200
    assert listed.pop("oneweb") == 40
    assert set(listed.values()) == {0}
