"""A table ready to print, on the page, in the mail and as text."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.digest.words import DASH


@dataclass(frozen=True)
class Heading:
    """Head of one column: `short` for narrow places, `mail` whether the mail shows the column."""

    title: str
    short: str = ""
    numeric: bool = True
    mail: bool = True


@dataclass(frozen=True)
class Grid:
    """A table ready to print: every cell is text, the first of a row names the row.

    `mail_rows` is how many rows the mail shows: all where it is None, and with 0 the mail leaves the table to the page.
    """

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    mail_rows: int | None = None

    def for_mail(self) -> Grid:
        """Return the columns and rows that a mail has room for, and say how many rows are left to the page."""
        kept = [i for i, heading in enumerate(self.headings) if heading.mail]
        rows = tuple(tuple(row[i] for i in kept) for row in self.rows[: self.mail_rows])
        more = len(self.rows) - len(rows)
        note = (
            f"{self.note} {more} more {'row is' if more == 1 else 'rows are'} on the page.".strip()
            if more
            else self.note
        )
        return Grid(self.caption, tuple(self.headings[i] for i in kept), rows, note)

    def sentences(self) -> tuple[str, ...]:
        """Return one line per row with what is not nought, for a screen that has no room for the columns."""
        return tuple(f"{row[0]}: " + (", ".join(self._said(row)) or "nothing changed") + "." for row in self.rows)

    def _said(self, row: tuple[str, ...]) -> list[str]:
        cells = zip(row[1:], self.headings[1:], strict=True)
        return [
            f"{cell} {heading.short or heading.title.lower()}" for cell, heading in cells if cell not in ("0", DASH)
        ]
