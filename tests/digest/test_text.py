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


def test_the_strip_is_a_list_with_what_is_not_asked_at_its_end() -> None:
    said = " ".join(text(DIGEST).split())
    assert "3 OF 4 TESTS PASSED" in said
    assert "- Not passed: The mesh carries a tenth of what cables do" in said
    assert f"- {DIGEST.tests_note}" in said


def test_what_the_mail_leaves_to_the_page_is_not_in_it() -> None:
    assert "RIVALS SIDE BY SIDE" in text(DIGEST)
    assert "COMPUTING IN ORBIT" not in text(DIGEST)
    assert "1 more row is on the page." in " ".join(text(DIGEST).split())


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
