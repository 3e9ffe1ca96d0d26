"""Digest to HTML: the day's page, the archive and the HTML part of the mail."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from jinja2 import DictLoader, Environment, StrictUndefined

from pipeline.digest import figures, words
from pipeline.digest.digest import QUESTION, Digest

TEMPLATES = ("page.html.j2", "archive.html.j2", "mail.html.j2", "parts.html.j2", "page.css")


def environment(templates: Mapping[str, str]) -> Environment:
    """Return the templates, given as file name -> text (all of TEMPLATES), ready to render: everything is escaped."""
    found = Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(question=QUESTION, words=words)
    return found


@dataclass(frozen=True)
class Picture:
    """A map for the page: PNG, and the same for readers who prefer dark; what it shows in words, and its caption."""

    light: bytes
    dark: bytes
    alt: str
    caption: str

    @property
    def uris(self) -> tuple[str, str]:
        """Both as data that the page holds itself."""
        return _data_uri(self.light), _data_uri(self.dark)


def page(digest: Digest, pictures: Sequence[Picture], templates: Environment) -> str:
    """Return the page of a day: complete without scripts, and whole in one file."""
    size = (figures.WIDTH_PX, figures.HEIGHT_PX)
    return _styled(templates, "page.html.j2", digest=digest, picture_size=size, pictures=pictures)


def archive(days: pl.DataFrame, notices: Mapping[date, str], templates: Environment) -> str:
    """Return the list of all days, newest first.

    `days` is the answer of sql/digest/archive.sql; `notices` the reasons of withheld days that have a page.
    """
    rows = {row["day"]: row for row in days.to_dicts()}
    withheld = {"broadband_operational_count": None, "installed_down_tbps": None, "synthetic": False}
    entries = [
        {"day": day, "reason": "" if day in rows else notices[day], **rows.get(day, withheld)}
        for day in sorted({*rows, *notices}, reverse=True)
    ]
    return _styled(templates, "archive.html.j2", entries=entries)


def mail_html(digest: Digest, cid: str, templates: Environment, site_url: str = "", unsubscribe: str = "") -> str:
    """Return the HTML part of the mail, its style inlined.

    `cid` is the content id of the inline map (empty: no map), `site_url` where the pages are served (empty: no link),
    `unsubscribe` a mail address.
    """
    import css_inline

    html = templates.get_template("mail.html.j2").render(
        digest=digest, cid=cid, site_url=site_url, unsubscribe=unsubscribe
    )
    inliner = css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, minify_css=True, load_remote_stylesheets=False
    )
    return inliner.inline(html)


def _styled(templates: Environment, name: str, **values: object) -> str:
    """Render with the style sheet inline and its hash in the page's own content policy: nothing else may load."""
    style = templates.get_template("page.css").render().strip()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return templates.get_template(name).render(style=style, style_hash=f"sha256-{digest}", **values)


def _data_uri(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
