"""The archive form of the catalog: the same satellites as the catalog, landed by hand."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.formats import omm
from pipeline.source import SourceError
from pipeline.sources import celestrak_active
from pipeline.sources.celestrak_active_tle import SOURCE, TABLE, parse
from tests.formats import writers
from tests.formats.writers import fleet

DATA = writers.tle(fleet()).encode()


def test_it_is_read_as_the_catalog_is() -> None:
    parsed = parse(DATA)
    assert parsed.frame.equals(celestrak_active.parse(writers.omm_csv(fleet()).encode()).frame)
    assert parsed.frame.equals(celestrak_active.parse(DATA).frame)
    assert omm.screen(parsed.frame, date(2026, 8, 17), SOURCE.name, parsed.excluded, parsed.row_numbers).frame.equals(
        parsed.frame
    )
    assert TABLE.columns == celestrak_active.TABLE.columns


def test_messages_name_the_source() -> None:
    with pytest.raises(SourceError, match=r"^celestrak_active_tle: .*`skytrunk land celestrak_active_tle DAY"):
        parse(DATA[:-80])
    with pytest.raises(SourceError, match=r"^celestrak_active_tle: the landed file is not of 2020-01-01"):
        omm.screen(parse(DATA).frame, date(2020, 1, 1), SOURCE.name)


def test_a_run_never_asks_for_it() -> None:
    assert (SOURCE.by_hand, SOURCE.required, SOURCE.stands_days) == (True, False, 0)
