from __future__ import annotations

import pytest

from pipeline.digest.digest import compose, compose_notice
from pipeline.digest.text import WIDTH, text
from tests.digest import rows

DIGEST = compose(rows.rows(), rows.DAY, rows.SOURCES)


def test_lines_fit_a_narrow_window() -> None:
    assert (
        max(len(line) for line in text(DIGEST, "https://skytrunk.invalid", "leave@example.org").splitlines()) <= WIDTH
    )


@pytest.mark.parametrize("figure", DIGEST.figures, ids=lambda figure: figure.name)
def test_every_figure_is_in_it(figure) -> None:  # type: ignore[no-untyped-def]
    assert f"{figure.value_text} {figure.unit}   ({figure.change_text})" in text(DIGEST)


def test_columns_line_up() -> None:
    lines = text(DIGEST).splitlines()
    start = lines.index("THE FLEETS") + 2
    assert {len(line) for line in lines[start : start + 6]} == {len(lines[start])}


def test_sample_is_said_in_words() -> None:
    sample = compose(rows.rows(synthetic=True), rows.DAY, rows.SOURCES)
    assert "SYNTHETIC SAMPLE:" in text(sample)
    assert "synthetic" not in text(DIGEST).lower()


def test_notice_gives_reason_and_last_day() -> None:
    notice = text(compose_notice(rows.DAY, "the catalog is 5 days old", rows.BEFORE))
    assert "WITHHELD:" in notice
    assert "The catalog is 5 days old." in notice
    assert "16 August 2026" in notice


def test_links_only_where_they_are_set() -> None:
    assert "https://skytrunk.invalid/2026-08-17/" in text(DIGEST, "https://skytrunk.invalid")
    assert "The page:" not in text(DIGEST)
    assert "write to leave@example.org" in text(DIGEST, "", "leave@example.org")
