"""The day's edition: the queries of sql/digest on the published file, composed to a page and a mail, and the notice
where a day has none.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.digest import figures, html
from pipeline.digest.digest import Digest, compose, compose_notice
from pipeline.digest.text import text
from pipeline.geometry.outline import coastlines
from pipeline.io import assets, landing, mail, publish, registry
from pipeline.io.home import Home, HomeError, read_parquet, write_text
from pipeline.io.settings import Settings
from pipeline.metrics import capacity, cell, coverage
from pipeline.sources.celestrak_active import SOURCE as CATALOG
from pipeline.table import Table

log = logging.getLogger(__name__)


def write(settings: Settings, day: date) -> tuple[Path, Path]:
    """Write the page, the archive and the mail of a published day; return the paths of page and mail.

    Raises HomeError when the day is not published.
    """
    home = Home(settings.home)
    rows = _rows(home, day)
    digest = compose(rows, day, {name: module.SOURCE for name, module in registry.sources().items()})
    coasts = coastlines(assets.topology())
    light, dark = (figures.day_map(digest, rows["map"], coasts, dark) for dark in (False, True))
    pictures = [html.Picture(light, dark, digest.map_alt, digest.map_caption)] if light and dark else []
    light_lid, dark_lid = (figures.lid_map(digest, rows["lid"], coasts, dark) for dark in (False, True))
    if light_lid and dark_lid and digest.lid_alt:
        pictures.append(html.Picture(light_lid, dark_lid, digest.lid_alt, digest.lid_caption))
    document = html.page(digest, pictures, _templates())
    content = _mail(settings, digest, light, rows["state"]["fetched_at_utc"][0])
    page = write_text(home.page(day), document)
    _archive(home, rows["archive"])
    return page, mail.write(home, day, content)


def send(settings: Settings, day: date) -> dict[str, Any]:
    """Send the mail of a day from the outbox; offline or without a server it stays there."""
    return _sent(settings, Home(settings.home).mail(day))


def notice(settings: Settings, day: date, reason: str) -> dict[str, Any]:
    """Write and send the notice that a day is withheld or failed.

    Where the day has an edition, its page and mail stay and the notice is a mail beside it. A published file that cannot
    be read does not keep the notice back.
    """
    home = Home(settings.home)
    published, readable = _published(home, day)
    edition = _has_edition(home, day)
    has = "edition" if edition else "tables" if day in published["day"] else "nothing" if readable else "unknown"
    before = max((d for d in published["day"] if d < day), default=None)
    digest = compose_notice(day, reason, before, _synthetic(settings, day), has)
    if not edition:
        write_text(home.page(day), html.page(digest, (), _templates()))
    if readable or not (home.root / "site" / "index.html").exists():
        _archive(home, published)
    path = mail.write(home, day, _mail(settings, digest, None, None), beside=edition)
    return {"page": str(home.page(day))} | _sent(settings, path)


def _rows(home: Home, day: date) -> dict[str, pl.DataFrame]:
    """Answers of sql/digest by file stem. Raises HomeError when the day is not published."""
    rows = {path.stem: publish.query(home, path, {"day": day}) for path in sorted(_queries().glob("*.sql"))}
    if not rows["fleet"].height:
        raise HomeError(f"{day} is not published in {home.published}: run `skytrunk run {day}` first")
    for name, table in (("map", coverage.TABLE), ("lid", capacity.TABLE)):
        if rows[name].is_empty():
            rows[name] = _kept_map(home, day, table, rows[name])
    return rows


def _kept_map(home: Home, day: date, table: Table, empty: pl.DataFrame) -> pl.DataFrame:
    """Answer map.sql or lid.sql from the day's Parquet: grids leave the published file after some days, and stay there for all time."""
    path = home.table(table, day)
    if not path.is_file():
        return empty
    cells = read_parquet(home.table(cell.CELL))
    grid = read_parquet(path).filter(pl.col("constellation") == "starlink").join(cells, on="cell_id")
    grid = grid.with_columns(grid_cell_count=pl.lit(cells.height)).sort("cell_id")
    return grid.select(empty.columns).cast(empty.schema)


def _has_edition(home: Home, day: date) -> bool:
    """Whether the day has page and mail that are more than a notice."""
    return home.page(day).is_file() and home.mail(day).is_file() and not mail.is_notice(home.mail(day))


def _synthetic(settings: Settings, day: date) -> bool:
    """Whether the day's catalog is the sample; not where there is none, or its record is damaged."""
    try:
        item = landing.standing(settings, CATALOG, day)
    except landing.LandingError:
        return False
    return item is not None and item.synthetic


def _published(home: Home, day: date) -> tuple[pl.DataFrame, bool]:
    """Published days as archive.sql gives them, and whether that is known: there are none where nothing was ever published."""
    none = pl.DataFrame(schema={"day": pl.Date})
    if not home.published.is_file():
        return none, True
    try:
        return publish.query(home, _queries() / "archive.sql", {"day": day}), True
    except (HomeError, publish.QueryError) as error:
        log.warning("the published days are not known: %s", error)
        return none, False


def _mail(settings: Settings, digest: Digest, picture: bytes | None, sent_utc: datetime | None) -> bytes:
    """Make the mail. Its date is that of the data, so that the same day gives the same mail."""
    leave = mail.unsubscribe_address(settings)
    body = html.mail_html(digest, mail.MAP_CID if picture else "", _templates(), settings.site_url, leave)
    plain = text(digest, settings.site_url, leave)
    return mail.build(digest, plain, body, picture, settings, sent_utc or datetime.combine(digest.day, time()))


def _sent(settings: Settings, path: Path) -> dict[str, Any]:
    delivery = mail.send(settings, path)
    return {"mail": str(path), "outcome": delivery.outcome, "recipients": delivery.sent_count}


def _archive(home: Home, days: pl.DataFrame) -> None:
    """Write site/index.html: published days, and days that have a notice instead."""
    site = home.root / "site"
    known = set(days["day"].to_list())
    folders = [date.fromisoformat(path.parent.name) for path in site.glob("????-??-??/index.html")]
    notices = {day: "no figures were published" for day in folders if day not in known}
    write_text(site / "index.html", html.archive(days, notices, _templates()))


def _queries() -> Path:
    return assets.sql_folder() / "digest"


def _templates() -> Any:
    return html.environment({name: assets.template(name) for name in html.TEMPLATES})
