"""Page, mail and notice of a day, written from a published home."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.digest import figures
from pipeline.io import edition, landing, mail, publish
from pipeline.io.home import Home, HomeError
from pipeline.io.settings import Settings
from pipeline.metrics import coverage
from pipeline.sources.celestrak_active import SOURCE as CATALOG
from tests import factory

DAY = factory.DAY
NEXT = DAY + timedelta(days=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with one published day, before its page and mail are written."""
    return factory.publish_days(factory.settings(tmp_path_factory.mktemp("edition")))


@pytest.fixture
def settings(base: Settings, tmp_path: Path) -> Settings:
    """A copy of that home, to be spoilt."""
    return replace(base, home=Path(shutil.copytree(base.home, tmp_path / "home")))


def digests(settings: Settings) -> dict[str, str]:
    """Hash of every page and mail."""
    paths = [path for part in ("site", "outbox") for path in sorted((settings.home / part).rglob("*.*"))]
    return {str(path.relative_to(settings.home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def page(settings: Settings, day: date = DAY) -> str:
    return Home(settings.home).page(day).read_text()


def subject(path: Path) -> str:
    return str(message_from_bytes(path.read_bytes(), policy=policy.SMTP)["Subject"])


def archive(settings: Settings) -> str:
    return (settings.home / "site" / "index.html").read_text()


def grid_rows(settings: Settings, day: date) -> int:
    """Rows of the day's grid in the published file."""
    sql = f"select count(*) from core.coverage_daily where day = '{day}'"
    return int(publish.query(Home(settings.home), sql).item())


def test_same_day_gives_the_same_edition(settings: Settings) -> None:
    edition.write(settings, DAY)
    before = digests(settings)
    edition.write(settings, DAY)
    assert digests(settings) == before
    assert set(before) == {f"site/{DAY}/index.html", "site/index.html", f"outbox/{DAY}.eml"}


def test_map_follows_the_grid_of_the_home_not_the_setting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def drawn(values: np.ndarray, *_: object, **__: object) -> bytes:
        sizes.append(values.size)
        return b"png"

    monkeypatch.setattr(figures, "world_map", drawn)
    edition.write(replace(settings, order=settings.order + 1), DAY)
    assert sizes == [12 * 4**settings.order] * 4  # what is in view, and what binds; light and dark


def test_edition_stays_the_same_when_its_grids_leave_the_published_file(settings: Settings) -> None:
    settings = replace(settings, grid_days=1)
    edition.write(settings, DAY)
    before = {name: found for name, found in digests(settings).items() if str(DAY) in name}
    factory.publish_days(settings, [NEXT])
    assert grid_rows(settings, DAY) == 0
    edition.write(settings, DAY)
    assert {name: digests(settings)[name] for name in before} == before


def test_edition_without_any_grid_has_no_map(settings: Settings) -> None:
    settings = replace(settings, grid_days=1)
    factory.publish_days(settings, [NEXT])
    Home(settings.home).table(coverage.TABLE, DAY).unlink()
    edition.write(settings, DAY)
    assert "There is no figure for: the map." in page(settings)


def test_day_that_is_not_published_has_no_edition(settings: Settings) -> None:
    with pytest.raises(HomeError, match=f"skytrunk run {NEXT}"):
        edition.write(settings, NEXT)
    assert digests(settings) == {}


def test_edition_that_cannot_be_made_whole_leaves_no_half(settings: Settings) -> None:
    with pytest.raises(mail.MailError):
        edition.write(replace(settings, mail_from="nobody"), DAY)
    assert digests(settings) == {}


def test_notice_on_a_fresh_home_has_page_mail_and_archive(tmp_path: Path) -> None:
    settings = factory.settings(tmp_path)
    done = edition.notice(settings, DAY, "no catalog is landed")
    assert done["outcome"] == "outbox"
    assert "No catalog is landed." in page(settings)
    assert "No day has been published yet." in page(settings)
    assert f"{DAY}/index.html" in archive(settings)
    assert subject(Path(done["mail"])) == "Withheld: Skytrunk 30 May 2026"


def test_notice_names_the_last_published_day(settings: Settings) -> None:
    edition.notice(settings, NEXT, "the gate refused it")
    assert "The last published day is 30 May 2026" in page(settings, NEXT)
    assert f"{DAY}/index.html" in archive(settings)


def test_notice_of_a_published_day_without_an_edition_says_that_its_tables_stand(settings: Settings) -> None:
    edition.notice(settings, DAY, "the disk is full")
    assert "The tables of this day are published; page and mail could not be made." in page(settings)
    assert subject(Home(settings.home).mail(DAY)) == "No page: Skytrunk 30 May 2026"


def test_an_earlier_notice_is_no_edition(settings: Settings) -> None:
    edition.notice(settings, DAY, "the disk is full")
    edition.notice(settings, DAY, "the template is broken")
    assert "The template is broken." in page(settings)
    assert not list((settings.home / "outbox").glob("*-notice.eml"))


def test_edition_replaces_a_notice(settings: Settings) -> None:
    edition.notice(settings, DAY, "the disk is full")
    edition.write(settings, DAY)
    assert "The disk is full." not in page(settings)
    assert not mail.is_notice(Home(settings.home).mail(DAY))


def test_notice_of_a_day_with_an_edition_is_a_mail_beside_it(settings: Settings) -> None:
    edition.write(settings, DAY)
    before = digests(settings)
    done = edition.notice(settings, DAY, "the gate refused it")
    after = digests(settings)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {f"outbox/{DAY}-notice.eml"}
    assert done["mail"] == str(settings.home / "outbox" / f"{DAY}-notice.eml")
    assert "The gate refused it." in Path(done["mail"]).read_text()


@pytest.mark.parametrize("lost", ["page", "mail"])
def test_half_an_edition_is_none(settings: Settings, lost: str) -> None:
    edition.write(settings, DAY)
    getattr(Home(settings.home), lost)(DAY).unlink()
    edition.notice(settings, DAY, "the disk is full")
    assert "The disk is full." in page(settings)


def test_notice_is_the_same_when_it_is_written_again(settings: Settings) -> None:
    edition.notice(settings, NEXT, "the gate refused it")
    before = digests(settings)
    edition.notice(settings, NEXT, "the gate refused it")
    assert digests(settings) == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


@pytest.mark.parametrize(
    "spoil", [cut, lambda path: path.write_bytes(b"not a database" * 1_000), lambda path: path.write_bytes(b"")]
)
def test_notice_is_written_though_the_published_file_is_broken(
    settings: Settings, spoil: Callable[[Path], object]
) -> None:
    edition.write(settings, DAY)
    before = archive(settings)
    spoil(Home(settings.home).published)
    edition.notice(settings, NEXT, "the database is broken")
    assert "The database is broken." in page(settings, NEXT)
    assert "the published file cannot be read" in page(settings, NEXT)
    assert archive(settings) == before


def test_notice_is_written_though_the_published_file_is_gone(settings: Settings) -> None:
    Home(settings.home).published.unlink()
    edition.notice(settings, NEXT, "the disk is full")
    assert "The disk is full." in page(settings, NEXT)
    assert f"{NEXT}/index.html" in archive(settings)


@pytest.mark.parametrize("synthetic", [True, False])
def test_notice_says_whether_the_day_is_a_sample(tmp_path: Path, synthetic: bool) -> None:
    settings = factory.settings(tmp_path)
    landing.land_bytes(settings, CATALOG, DAY, b"some bytes", url="file:sample", synthetic=synthetic)
    edition.notice(settings, DAY, "the gate refused it")
    assert ("Synthetic sample" in page(settings)) == synthetic
    assert ("Synthetic sample" in subject(Home(settings.home).mail(DAY))) == synthetic


def test_notice_is_written_though_the_record_of_the_catalog_is_damaged(tmp_path: Path) -> None:
    settings = factory.settings(tmp_path)
    item = landing.land_bytes(settings, CATALOG, DAY, b"some bytes", url="file:sample", synthetic=True)
    item.path.with_suffix(".json").write_text("{")
    edition.notice(settings, DAY, "the record is damaged")
    assert "The record is damaged." in page(settings)


def test_offline_a_notice_stays_in_the_outbox(tmp_path: Path) -> None:
    settings = factory.settings(tmp_path, smtp_host="mail.invalid", mail_to=("reader@example.org",))
    assert edition.notice(settings, DAY, "no catalog is landed")["outcome"] == "outbox"
    record = pl.read_parquet(Home(settings.home).table(mail.TABLE, DAY))
    assert record["message"][0].startswith("offline: ")


def test_edition_is_sent_from_the_outbox(settings: Settings) -> None:
    _, path = edition.write(settings, DAY)
    assert edition.send(settings, DAY) == {"mail": str(path), "outcome": "outbox", "recipients": 0}
