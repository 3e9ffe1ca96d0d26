"""Every satellite of a real catalog against the sgp4 library, which reads the file by itself."""

from __future__ import annotations

import gzip
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sgp4 import omm
from sgp4.api import Satrec, SatrecArray

from pipeline.geometry.frames import r_ecef_km, sidereal_angle_rad
from pipeline.geometry.propagation import Fleet, instants_of_day
from pipeline.sources.celestrak_active import parse

pytestmark = pytest.mark.realdata

DAY = date(2026, 8, 17)
TOLERANCE_KM = 1e-6  # a millimetre


@pytest.fixture(scope="module")
def content(shared: Path) -> bytes:
    (path,) = (shared / "data" / "catalogs" / "omm-active").glob(f"*{DAY}*")
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@pytest.fixture(scope="module")
def library(content: bytes) -> tuple[list[int], SatrecArray]:
    records, numbers = [], []
    for fields in omm.parse_csv(io.StringIO(content.decode(), newline="")):
        numbers.append(int(fields["NORAD_CAT_ID"]))
        records.append(Satrec())
        omm.initialize(records[-1], {**fields, "NORAD_CAT_ID": "1"})  # its numbers end at Alpha-5
    return numbers, SatrecArray(records)


@pytest.mark.parametrize("shift_days", [-7, -1, 0, 1, 7])
def test_every_satellite_is_where_the_library_has_it(
    content: bytes, library: tuple[list[int], SatrecArray], shift_days: int
) -> None:
    elements = parse(content).frame
    numbers, array = library
    assert elements["norad_cat_id"].to_list() == numbers
    fleet, instants = Fleet(elements), instants_of_day(DAY + timedelta(days=shift_days), 3_600)
    assert fleet._near.size > 15_000
    r_km, error = fleet.positions(instants)
    code, r_library_km, _ = array.sgp4(np.full(24, instants.julian_date), instants.fraction)
    np.testing.assert_array_equal(error, code)
    expected = r_ecef_km(r_library_km, sidereal_angle_rad(instants.julian_date, instants.fraction))
    off_km = np.linalg.norm(r_km - expected, axis=2)[code == 0]
    assert off_km.max() <= TOLERANCE_KM
    assert np.quantile(off_km, 0.999) <= 0.02 * TOLERANCE_KM
