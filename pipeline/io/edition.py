"""The day's edition: the queries of sql/digest on the published file, composed to a page and a mail, and the notice
where a day has none.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.digest import figures, html
from pipeline.digest.digest import Digest, compose, compose_notice
from pipeline.digest.text import text
from pipeline.geometry.outline import coastlines
from pipeline.io import assets, mail, publish, registry
from pipeline.io.home import Home, HomeError, write_text
from pipeline.io.settings import Settings
from pipeline.metrics import fleet


def write(settings: Settings, day: date) -> tuple[Path, Path]:
    """Write the page, the archive and the mail of a published day; return the paths of page and mail.

    Raises HomeError when the day is not published.
    """
    home = Home(settings.home)
    rows = {path.stem: publish.query(home, path, {"day": day}) for path in sorted(_queries().glob("*.sql"))}
    if not rows["fleet"].height:
        raise HomeError(f"{day} is not published in {home.published}: run `skytrunk run {day}` first")
    rows["uncertainty"] = assets.reference("uncertainty_ranges")
    digest = compose(rows, day, {name: module.SOURCE for name, module in registry.sources().items()})
    coasts = coastlines(assets.topology())
    light, dark = (figures.day_map(digest, rows["map"], coasts, settings.order, dark) for dark in (False, True))
    page = write_text(home.page(day), html.page(digest, light, _templates(), dark))
    _archive(home, rows["archive"])
    fetched_utc = rows["state"]["fetched_at_utc"][0]
    return page, _mail(settings, digest, light, fetched_utc)


def send(settings: Settings, day: date) -> dict[str, Any]:
    """Send the mail of a day from the outbox; without a server it stays there."""
    path = Home(settings.home).mail(day)
    delivery = mail.send(settings, path)
    return {"mail": str(path), "outcome": delivery.outcome, "recipients": delivery.sent_count}


def notice(settings: Settings, day: date, reason: str) -> dict[str, Any]:
    """Write and send the notice that a day is withheld or failed.

    Where the day was published before, its page and mail stay, and so does the notice in the caller's log.
    """
    home = Home(settings.home)
    published = _published_days(home)
    if day in published:
        return {
            "page": str(home.page(day)),
            "mail": str(home.mail(day)),
            "outcome": "the day stays as it was published",
        }
    digest = compose_notice(day, reason, max((d for d in published if d < day), default=None))
    page = write_text(home.page(day), html.page(digest, None, _templates()))
    if published:
        _archive(home, publish.query(home, _queries() / "archive.sql", {"day": day}))
    path = _mail(settings, digest, None, None)
    return {"page": str(page)} | send(settings, day) | {"mail": str(path)}


def _mail(settings: Settings, digest: Digest, picture: bytes | None, sent_utc: datetime | None) -> Path:
    """Write the mail to the outbox. Its date is that of the data, so that the same day gives the same mail."""
    leave = mail.unsubscribe_address(settings)
    body = html.mail_html(digest, mail.MAP_CID if picture else "", _templates(), settings.site_url, leave)
    plain = text(digest, settings.site_url, leave)
    content = mail.build(digest, plain, body, picture, settings, sent_utc or datetime.combine(digest.day, time()))
    return mail.write(Home(settings.home), digest.day, content)


def _archive(home: Home, days: pl.DataFrame) -> None:
    """Write site/index.html: published days, and days that have a notice instead."""
    site = home.root / "site"
    known = set(days["day"].to_list())
    folders = [date.fromisoformat(path.parent.name) for path in site.glob("????-??-??/index.html")]
    notices = {day: "no figures were published" for day in folders if day not in known}
    write_text(site / "index.html", html.archive(days, notices, _templates()))


def _published_days(home: Home) -> list[date]:
    if not home.published.is_file():
        return []
    return publish.query(home, f"select distinct day from {fleet.CAPACITY.name} order by day")["day"].to_list()


def _queries() -> Path:
    return assets.sql_folder() / "digest"


def _templates() -> Any:
    return html.environment({name: assets.template(name) for name in html.TEMPLATES})
