from __future__ import annotations

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from pipeline.digest import html
from pipeline.digest.digest import Digest, compose, compose_notice
from tests.digest import rows

TEMPLATES = rows.templates()
DIGEST = compose(rows.rows(), rows.DAY, rows.SOURCES)
SAMPLE = compose(rows.rows(synthetic=True, first=True), rows.DAY, rows.SOURCES)
PNG = b"\x89PNG not really"


class Reader(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] and self.tags[-1][0] != "style":
            self.words += data

    def every(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(digest: Digest = DIGEST) -> str:
    return html.page(digest, [html.Picture(PNG, PNG, digest.map_alt, digest.map_caption)], TEMPLATES)


def mail(digest: Digest = DIGEST) -> str:
    return html.mail_html(digest, "map", TEMPLATES, "https://skytrunk.invalid", "leave@example.org")


@pytest.mark.parametrize("make", [page, mail])
@pytest.mark.parametrize("figure", DIGEST.figures, ids=lambda figure: figure.name)
def test_every_figure_is_shown_with_interval_and_change(make, figure) -> None:  # type: ignore[no-untyped-def]
    words = Reader(make()).words
    for part in (figure.title, figure.value_text, figure.interval_text, figure.change_text, figure.note):
        assert part in words


@pytest.mark.parametrize("make", [page, mail])
def test_the_strip_says_each_outcome_in_words_and_what_is_not_asked(make) -> None:  # type: ignore[no-untyped-def]
    words = Reader(make()).words
    assert "3 of 4 tests passed" in words
    assert DIGEST.tests_note in words
    for test in DIGEST.tests:
        assert test.outcome in words
        assert test.title in words
        assert test.figure in words
        assert test.crossing in words


def test_the_page_shows_every_table_and_the_mail_those_it_has_room_for() -> None:
    in_page, in_mail = Reader(page()).words, Reader(mail()).words
    for grid in DIGEST.answers:
        assert grid.caption in in_page
        assert (grid.caption in in_mail) == (grid.mail_rows != 0)


@pytest.mark.parametrize("make", [page, mail])
def test_sample_is_said_in_words(make) -> None:  # type: ignore[no-untyped-def]
    assert "synthetic sample" in Reader(make(SAMPLE)).words.lower()
    assert "synthetic" not in Reader(make()).words.lower()


@pytest.mark.parametrize("make", [page, mail])
def test_notice_shows_the_reason_and_no_figure(make) -> None:  # type: ignore[no-untyped-def]
    words = Reader(make(compose_notice(rows.DAY, "the catalog is 5 days old", rows.BEFORE))).words
    assert "The catalog is 5 days old." in words
    assert "withheld" in words.lower()
    assert "Tbps" not in words


@pytest.mark.parametrize("make", [page, mail])
def test_nothing_is_loaded_from_outside(make) -> None:  # type: ignore[no-untyped-def]
    document = make()
    reader = Reader(document)
    loaded = [
        a[name] for _, a in reader.tags for name in ("src", "srcset", "poster", "data", "background") if name in a
    ]
    assert loaded
    assert all(address.startswith(("data:image/png;base64,", "cid:")) for address in loaded)
    assert not reader.every("script") + reader.every("link") + reader.every("iframe")
    assert "url(" not in document
    assert "@import" not in document


@pytest.mark.parametrize("make", [page, mail])
def test_names_from_a_catalog_cannot_write_html(make) -> None:  # type: ignore[no-untyped-def]
    answers = rows.rows()
    answers["exclusion"] = pl.DataFrame(
        [{"source": "s", "reason": "r", "row_count": 1, "example": '<script>alert("1")</script>'}]
    )
    document = make(compose(answers, rows.DAY, rows.SOURCES))
    assert "<script" not in document
    assert '<script>alert("1")</script>' in Reader(document).words


def test_page_has_one_headline_landmarks_and_a_skip_link() -> None:
    reader = Reader(page())
    assert len(reader.every("h1")) == 1
    assert all(len(reader.every(tag)) == 1 for tag in ("main", "header", "footer", "nav"))
    assert reader.every("a")[0]["href"] == f"#{reader.every('main')[0]['id']}"
    assert reader.every("html")[0]["lang"] == "en"


def test_every_head_of_a_table_has_a_scope() -> None:
    heads = Reader(page()).every("th")
    assert {head.get("scope") for head in heads} == {"col", "row"}


def test_picture_has_the_finding_as_its_text() -> None:
    for document in (page(), mail()):
        (image,) = Reader(document).every("img")
        assert image["alt"] == DIGEST.map_alt


def test_own_policy_admits_the_inline_style_and_nothing_else() -> None:
    document = page()
    policy = next(a["content"] for a in Reader(document).every("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'self'; style-src 'self' 'sha256-")
    assert "unsafe" not in policy
    assert 'style="' not in document


def test_page_links_to_the_day_before_and_the_archive() -> None:
    links = {a["href"] for a in Reader(page()).every("a")}
    assert {"../2026-08-16/index.html", "../index.html"} <= links
    assert "../2026-08-16/index.html" not in {a["href"] for a in Reader(page(SAMPLE)).every("a")}


def test_page_without_a_picture() -> None:
    assert not Reader(html.page(DIGEST, (), TEMPLATES)).every("img")


def test_page_prints_sources_with_their_licences() -> None:
    words = Reader(page()).words
    for part in ("CelesTrak", "GeoNames", "CC BY 4.0", "Natural Earth", "World Bank"):
        assert part in words


def test_mail_is_far_below_what_clients_clip() -> None:
    assert len(mail().encode()) < 80_000


def test_mail_keeps_the_media_query_once() -> None:
    assert mail().count("prefers-color-scheme") == 1
    assert mail().count("<style") == 1


def test_mail_is_one_column_of_600_with_inline_style() -> None:
    sheet = next(a for a in Reader(mail()).every("table") if a.get("class") == "sheet")
    assert "max-width:600px" in sheet["style"].replace(" ", "")
    assert sheet["role"] == "presentation"


def test_mail_has_a_visible_way_out() -> None:
    assert "mailto:leave@example.org?subject=unsubscribe" in {a["href"] for a in Reader(mail()).every("a")}


def test_archive_lists_newest_first_and_says_what_was_withheld() -> None:
    document = html.archive(rows.archive(), {rows.WITHHELD: "the catalog is 5 days old"}, TEMPLATES)
    assert re.findall(r'href="(2026[^"]+)"', document) == [
        "2026-08-17/index.html", "2026-08-16/index.html", "2026-08-15/index.html",
    ]  # fmt: skip
    assert "withheld: the catalog is 5 days old" in document
    assert "synthetic sample" in document


def test_archive_before_any_day() -> None:
    assert "No day has been published yet." in html.archive(rows.archive().clear(), {}, TEMPLATES)


def test_same_digest_gives_the_same_bytes() -> None:
    assert (page(), mail()) == (page(), mail())
