"""Ten real days of catalogs are read whole, and agree with the table that describes them."""

from __future__ import annotations

import gzip
import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.constellations import BY_NAME
from pipeline.formats import omm
from pipeline.source import Parsed, SourceError
from pipeline.sources.celestrak_active import SOURCE, parse

pytestmark = pytest.mark.realdata

DAYS = [date(2026, 8, d) for d in range(8, 18)]
# The README counts Kuiper by its prefix; the group counts are the constellations' own patterns.
COUNTED = {
    "Starlink": r"^STARLINK-",
    "OneWeb": BY_NAME["oneweb"].names,
    "Kuiper": r"^KUIPER-",
    "Qianfan": BY_NAME["qianfan"].names,
    "Guowang": BY_NAME["guowang"].names,
}


@pytest.fixture(params=DAYS, ids=str)
def real(request: pytest.FixtureRequest, shared: Path) -> tuple[date, Parsed, str]:
    """One day: what is read, and the line of the README that describes the file."""
    day = request.param
    (path,) = (shared / "data" / "catalogs" / "omm-active").glob(f"active_omm_{day}T*.csv.gz")
    readme = (shared / "data" / "README.md").read_text()
    (line,) = (line for line in readme.splitlines() if line.startswith(f"| `catalogs/omm-active/{path.name}` |"))
    return day, parse(gzip.decompress(path.read_bytes())), line


def described(pattern: str, line: str) -> int:
    found = re.search(pattern, line)
    assert found, f"no {pattern} in the README's line"
    return int(found.group(1))


def test_a_real_day_agrees_with_its_description(real: tuple[date, Parsed, str]) -> None:
    _, parsed, line = real
    names = parsed.frame["object_name"]
    assert parsed.excluded.is_empty()
    assert parsed.frame.height == described(r"(\d+) satellites", line)
    for title, pattern in COUNTED.items():
        assert names.str.contains(pattern).sum() == described(rf"{title} (\d+)", line), title
    assert (parsed.frame["norad_cat_id"] > 99_999).sum() == described(r"(\d+) six-digit ids", line)
    assert names.len() - names.n_unique() == described(r"repeated names (\d+)", line)


def test_epochs_of_a_real_day_agree_and_all_stay(real: tuple[date, Parsed, str]) -> None:
    day, parsed, line = real
    epochs = parsed.frame["epoch_utc"].sort().dt.strftime("%Y-%m-%dT%H:%M").to_list()
    assert f"epochs {epochs[0]} / " in line
    assert f" / {epochs[-1]} (min/median/max UTC)" in line
    screened = omm.screen(parsed.frame, day, SOURCE.name, parsed.excluded)
    assert screened.frame.equals(parsed.frame)
    assert screened.excluded.is_empty()


def test_a_real_file_cut_in_a_row_is_refused_and_cut_between_rows_is_shorter(shared: Path) -> None:
    path = max((shared / "data" / "catalogs" / "omm-active").glob("*.csv.gz"))
    data = gzip.decompress(path.read_bytes())
    last_row = data.rindex(b"\r\n", 0, -2) + 2
    assert parse(data[:last_row]).frame.height == parse(data).frame.height - 1
    with pytest.raises(SourceError, match="is cut"):
        parse(data[: last_row + 60])
