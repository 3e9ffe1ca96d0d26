"""Digest to plain text: the first part of the mail, for readers and programs that show no HTML."""

from __future__ import annotations

import textwrap

from pipeline.digest import words
from pipeline.digest.digest import QUESTION, Digest, Figure
from pipeline.digest.grid import Grid

WIDTH = 72


def text(digest: Digest, site_url: str = "", unsubscribe: str = "") -> str:
    """Return the digest as plain text, wrapped at 72 columns.

    `site_url` is where the pages are served (empty: no link), `unsubscribe` a mail address.
    """
    blocks = [f"SKYTRUNK  {digest.day_text}", QUESTION]
    blocks += [f"{banner.label.upper()}: {banner.text}" for banner in digest.banners]
    blocks += [digest.headline + ".", digest.why, f"How sure: {digest.sure}" if digest.figures else digest.sure]
    parts = ["\n".join(_wrapped(block)) for block in blocks if block]
    notes = (digest.tests_note,) if digest.tests_note else ()
    parts += _lists({digest.tests_text: (*(test.sentence.strip() for test in digest.tests), *notes)})
    if digest.figures:
        parts.append(_section("Five figures", [_figure(figure) for figure in digest.figures], gap="\n\n"))
    parts += [_grid(grid) for grid in (digest.fleet,) if grid and grid.rows]
    if digest.waterfall:
        parts += _lists({digest.waterfall.caption: (*digest.waterfall.sentences(), digest.waterfall.note)})
    parts += _lists({"What happened in orbit": digest.events})
    parts += [_grid(grid) for grid in (digest.changes,) if grid and grid.rows]
    parts += [_grid(grid) for grid in digest.mail_grids]
    parts += _lists(
        {
            "What is missing": digest.missing,
            "Warnings of the gate": digest.warnings,
            "Rows left out": digest.excluded,
            "Sources and licences": _sources(digest),
        }
    )
    parts.append("\n".join(_footer(digest, site_url, unsubscribe)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _lists(sections: dict[str, tuple[str, ...]]) -> list[str]:
    """Each section that has items, an item a bullet."""
    return [
        _section(title, ["\n".join(_wrapped(item, "- ", "  ")) for item in items])
        for title, items in sections.items()
        if items
    ]


def _wrapped(line: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        line, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _section(title: str, items: list[str], gap: str = "\n") -> str:
    return f"{title.upper()}\n{'-' * len(title)}\n" + gap.join(items)


def _figure(figure: Figure) -> str:
    unit = "" if figure.value is None else f" {figure.unit}"
    lines = [figure.title, f"  {figure.value_text}{unit}   ({figure.change_text})"]
    for extra in (figure.interval_text, figure.note):
        lines += _wrapped(extra, "  ", "  ") if extra else []
    return "\n".join(lines)


def _grid(grid: Grid) -> str:
    """Return a table with the columns and rows of the mail, its note below."""
    narrow = grid.for_mail()
    heads = tuple(heading.short or heading.title for heading in narrow.headings)
    widths = [max(len(row[i]) for row in (heads, *narrow.rows)) for i in range(len(heads))]
    spare = WIDTH - sum(widths[1:]) - 2 * (len(widths) - 1)
    widths[0] = max(min(widths[0], spare), 8)
    lines = [_line(row, widths, narrow) for row in (heads, *narrow.rows)]
    return _section(grid.caption, [*lines, "", *_wrapped(grid.note)] if grid.note else lines)


def _line(row: tuple[str, ...], widths: list[int], grid: Grid) -> str:
    first = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
    cells = zip((first, *row[1:]), widths, grid.headings, strict=True)
    return "  ".join(f"{cell:>{w}}" if head.numeric else f"{cell:<{w}}" for cell, w, head in cells).rstrip()


def _sources(digest: Digest) -> tuple[str, ...]:
    rows = digest.sources.rows if digest.sources else ()
    return (
        *(f"{title}: {landed}, {age}. {licence}. {citation}" for title, landed, age, licence, citation in rows),
        *digest.credits,
    )


def _footer(digest: Digest, site_url: str, unsubscribe: str) -> list[str]:
    lines = ["--"]
    if site_url:
        lines.append(f"The page: {site_url}/{digest.day.isoformat()}/")
    if digest.previous_day:
        lines.append(f"The last published day before: {words.day_long(digest.previous_day)}")
    if unsubscribe:
        lines.append(f"To unsubscribe, write to {unsubscribe}")
    return lines if len(lines) > 1 else []
