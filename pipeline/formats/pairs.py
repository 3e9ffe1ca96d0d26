"""Links between satellites from text: two positions a line, as network simulators write them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from pipeline.formats import rows
from pipeline.formats.rows import Form

REMEDY = "give two numbers a line, with a comma or blanks between them: positions in the element file, 0 for its first satellite"
_BETWEEN = re.compile(r"\s*[,;]\s*|\s+")


def read(data: bytes, file_name: str, satellites: int) -> NDArray[np.int64]:
    """Read links between satellites 0 to `satellites` - 1, int64 (link, 2), in the file's order.

    Commas, semicolons and blanks may stand between the numbers; blank lines, lines that begin with # and a first line of two words
    without digits are passed over. A file without links is accepted. Raises SourceError, with the file's name and the line, at the first
    line that has not two whole numbers, names a satellite that does not exist, or links one with itself.
    """
    form = Form(file_name, "links", {}, "", "", own_remedy=REMEDY)
    text = rows.decoded(data, form) if data.strip() else ""
    rows.refuse_web_page(text, form)
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith("#") or (number == 1 and re.fullmatch(r"[^\d\s,;]+[\s,;]+[^\d\s,;]+", plain)):
            continue
        fault, link = _link(plain, satellites)
        if fault:
            raise form.error(f"line {number}: {fault}")
        found.append(link)
    return np.array(found, np.int64).reshape(-1, 2)


def _link(line: str, satellites: int) -> tuple[str, tuple[int, int]]:
    """What is wrong with a line, empty where nothing is, and its two numbers."""
    words = _BETWEEN.split(line)
    if len(words) != 2 or not all(re.fullmatch(r"[0-9]{1,18}", word) for word in words):
        return f"'{rows.printable(line)}' is not two whole numbers", (0, 0)
    one, other = int(words[0]), int(words[1])
    for each in (one, other):
        if each >= satellites:
            last = f"its {satellites:,} satellites are 0 to {satellites - 1}"
            return f"there is no satellite {each} in the element file: {last}", (0, 0)
    return (f"satellite {one} is linked with itself" if one == other else ""), (one, other)
