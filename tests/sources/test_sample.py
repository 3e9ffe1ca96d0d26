"""The embedded sample: synthetic, as large as the real fleets, and recognisable as such."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.io import assets
from pipeline.metrics import satellite
from pipeline.metrics.identity import Elements
from pipeline.sources import celestrak_active, sample


@pytest.fixture(scope="module")
def parsed():
    return celestrak_active.parse(sample.catalog())


@pytest.fixture(scope="module")
def learned(parsed) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Satellites and shells of the sample day."""
    rows, shells, _ = satellite.compute([Elements("celestrak_active", parsed.frame)], sample.DAY)
    return rows, shells


def test_the_catalogs_own_parser_reads_it_without_a_fault(parsed) -> None:
    assert parsed.excluded.is_empty()
    assert parsed.frame.height == sum(shell.count for shell in sample.SHELLS)


def test_the_bytes_are_the_same_every_time() -> None:
    assert sample.catalog() == sample.catalog()


def test_no_row_can_be_taken_for_a_catalogued_object(parsed) -> None:
    assert parsed.frame["norad_cat_id"].min() >= 900_000_001
    launches = parsed.frame["object_id"].str.extract(r"^\d{4}-(\d{3})[A-Z]+$").cast(pl.Int64)
    assert launches.min() >= 900
    assert parsed.frame["object_id"].n_unique() == parsed.frame.height
    assert parsed.frame["object_name"].n_unique() == parsed.frame.height


def test_fleets_are_as_large_as_the_observed_ones(learned) -> None:
    counts = dict(learned[0].group_by("constellation").len().iter_rows())
    # constellations.csv: 10,395 Starlinks and 651 OneWebs on 30 May 2026; the others as catalogued that month.
    assert counts["starlink"] == pytest.approx(10_395, rel=0.01)
    assert counts["oneweb"] == 651
    assert counts["amazon_leo"] == 328
    assert counts["qianfan"] == 164
    assert 160 <= counts["guowang"] <= 180


def test_shells_are_those_of_the_reference(parsed) -> None:
    reference = assets.reference("constellations").filter(pl.col("shell_id").str.starts_with("obs-"))
    for row in reference.iter_rows(named=True):
        altitude_km = float(str(row["altitude_km"]).split("-")[0])
        same = [s for s in sample.SHELLS if s.name.startswith("STARLINK") and abs(s.altitude_km - altitude_km) <= 1]
        same = [s for s in same if abs(s.inclination_deg - float(row["inclination_deg"])) <= 0.2]
        observed = int(row["total_sats"])
        climbing = 342 if row["shell_id"] == "obs-d2c-53" else 0  # a synthetic batch that climbs through that altitude
        assert sum(s.count for s in same) - climbing == pytest.approx(observed, rel=0.01), row["shell_id"]


def test_who_is_made_to_climb_to_sink_or_to_wait_does_not_work(learned) -> None:
    rows, _ = learned
    working = rows.filter(pl.col("state") == "operational")
    moving = [s for s in sample.SHELLS if s.mean_motion_dot_rev_per_day2 in (sample.CLIMBING, sample.SINKING)]
    assert working.height == rows.height - sum(s.count for s in moving) - sum(
        s.count for s in sample.SHELLS if s.waiting
    )


def test_every_generation_of_the_sample_is_known(learned) -> None:
    assert "unknown" not in set(learned[0]["generation"])


def test_learned_shells_are_those_that_were_made(learned) -> None:
    shells = learned[1].filter(pl.col("shell_kind") == "shell")
    made = {(round(s.altitude_km), s.inclination_deg) for s in sample.SHELLS if not s.waiting and abs(s.mean_motion_dot_rev_per_day2) < 1e-3}  # fmt: skip
    # The two polar shells of one inclination group have one shell each; everything else is one made shell per altitude.
    found = {(round(a), round(i, 1)) for a, i in shells.select("altitude_km", "inclination_deg").iter_rows()}
    assert found == made
    assert shells["slot_coherence"].min() > 0.6
