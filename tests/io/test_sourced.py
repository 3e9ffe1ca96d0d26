"""What a run asks providers for, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.io import landing, sourced
from pipeline.io.settings import Settings
from pipeline.sources import celestrak_active, celestrak_satcat, cities
from tests import factory

DAY = date(2026, 8, 8)
WEEKLY = replace(celestrak_satcat.SOURCE, every_days=7)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    landed = factory.settings(tmp_path)
    landing.land_bytes(landed, WEEKLY, DAY, b"some bytes", url="by hand")
    return replace(landed, offline=False)


@pytest.mark.parametrize(("age_days", "due"), [(0, True), (1, False), (6, False), (7, True), (40, True)])
def test_a_weekly_source_is_asked_again_after_a_week(settings: Settings, age_days: int, due: bool) -> None:
    assert sourced.due(settings, WEEKLY, DAY + timedelta(age_days)) is due
    assert sourced.due(settings, replace(WEEKLY, every_days=1), DAY + timedelta(age_days))


def test_what_was_never_landed_is_due(tmp_path: Path) -> None:
    assert sourced.due(replace(factory.settings(tmp_path), offline=False), WEEKLY, DAY)


def test_offline_only_the_required_and_the_installed_are_due(settings: Settings) -> None:
    offline = replace(settings, offline=True)
    assert not sourced.due(offline, WEEKLY, DAY + timedelta(40))
    assert sourced.due(offline, celestrak_active.SOURCE, DAY)
    assert sourced.due(offline, cities.SOURCE, DAY)


def test_what_is_landed_by_hand_is_never_asked_for(settings: Settings) -> None:
    assert not sourced.due(settings, replace(WEEKLY, by_hand=True), DAY + timedelta(40))
