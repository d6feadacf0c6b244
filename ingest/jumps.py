"""Jump lines: (上接第N版) and (下转第N版), in all their spellings.

In: a line. Out: which page they name, in digits, and where in the line they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.numerals import page_number

_REACH = 40  # characters at either end of a line where the phrase may stand
_JUMP = re.compile(
    r"(?P<open>[（(【\[〔])?\s*(?P<way>上接|紧接|续接|接|下转|紧转|转入|转)\s*(?:本报)?\s*(?:今日)?\s*第?\s*"
    r"(?P<page>[A-Za-zＡ-Ｚ]?\s*(?:[0-9０-９]{1,3}|[一二三四五六七八九十]{1,3}))\s*版[^）)】\]〕\s]{0,8}"
    r"(?P<close>[）)】\]〕])?"
)


@dataclass(frozen=True, slots=True)
class Jump:
    """(上接第N版) or (下转第N版): `page` in digits; the phrase stands at `start`..`end` of the line."""

    onward: bool
    page: str
    start: int
    end: int


def find_jumps(line: str) -> list[Jump]:
    """Find jump phrases at the start or the end of a line: in brackets, or as the whole line."""
    found: list[Jump] = []
    last = max(0, len(line) - _REACH)
    for area, base in ((line[:_REACH], 0), (line[last:], last)):
        for match in _JUMP.finditer(area):
            start, end = base + match.start(), base + match.end()
            whole = start == 0 and end == len(line) and len(match["way"]) > 1
            framed = match["open"] and match["close"] and (start == 0 or end == len(line))
            jump = Jump("转" in match["way"], page_number(match["page"]), start, end)
            if (whole or framed) and jump not in found:
                found.append(jump)
    return found
