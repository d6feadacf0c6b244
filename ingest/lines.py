"""The text of a page into its lines, each seen against the habits of the whole page.

In: decoded text. Out: every non-blank line with its place, and what is usual on this page (blank lines, indents,
width). It decides nothing about articles.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_STOPS = "。！？!?…"
_CLOSERS = "”’」』）)】》〉〕\"'"
_WRAPPED_SHARE = 0.5  # of the long lines have the same width: the page was printed to a fixed width
_WRAP_SLACK = 2  # characters by which such lines differ (a full stop may not begin a line)


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line without the white space around it: `text` stands at `start`..`end` of the page.

    `indent` counts the white space before it, `blanks` the blank lines.
    """

    text: str
    start: int
    end: int
    indent: int
    blanks: int

    @property
    def closed(self) -> bool:
        """Whether it ends like a sentence: full stop and the like, closing quotes and brackets allowed behind it."""
        bare = self.text[-8:].rstrip(_CLOSERS)
        return bare[-1:] in _STOPS if bare else True

    @property
    def short(self) -> bool:
        """Whether it could be one line of a headline by its length and its end."""
        if len(self.text) > LONGEST_HEADLINE or self.text[-1] in "，,、；;：:":
            return False
        return not self.closed or self.text[-1] in "！？!?…”"


LONGEST_HEADLINE = 45  # characters


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual on a page, so that the same blank line says much on one page and nothing on another.

    `blank` is the number of blank lines that stands between most lines, `rare` the share of gaps that differ from it,
    `indented` the share of long lines with an indent, `width` the fixed width of a wrapped page or 0, `repeated` the
    short lines that stand on the page more than once.
    """

    blank: int
    rare: float
    indented: float
    width: int
    repeated: frozenset[str]


def cut_lines(text: str) -> list[Line]:
    """Cut `text` into its non-blank lines, in order."""
    lines: list[Line] = []
    seen = 0
    for match in _LINE.finditer(text):
        raw = match[0]
        bare = raw.strip()
        if not bare:
            continue
        indent = len(raw) - len(raw.lstrip())
        start = match.start() + indent
        breaks = len(_BREAK.findall(text, seen, match.start()))
        blanks = max(0, breaks - 1) if lines else breaks
        lines.append(Line(bare, start, start + len(bare), indent, blanks))
        seen = start + len(bare)
    return lines


def page_habits(lines: list[Line]) -> Habits:
    """Measure what is usual on the page."""
    gaps = Counter(min(line.blanks, 3) for line in lines[1:])
    blank, usual = gaps.most_common(1)[0] if gaps else (0, 0)
    long = [line for line in lines if len(line.text) > 24]
    indented = sum(line.indent > 0 for line in long) / max(1, len(long))
    short = Counter(line.text for line in lines if len(line.text) <= 12)
    return Habits(
        blank=blank,
        rare=1 - usual / max(1, len(lines) - 1),
        indented=indented,
        width=_wrap_width(lines),
        repeated=frozenset(text for text, times in short.items() if times > 1),
    )


def _wrap_width(lines: list[Line]) -> int:
    """The fixed width of the page's lines, or 0 where lines are whole paragraphs."""
    lengths = Counter(line.indent + len(line.text) for line in lines if len(line.text) >= 12)
    total = sum(lengths.values())
    if total < 8:
        return 0
    width = max(lengths, key=lambda n: sum(lengths[n - d] for d in range(_WRAP_SLACK + 1)))
    near = sum(lengths[width - d] for d in range(_WRAP_SLACK + 1))
    longer = sum(times for n, times in lengths.items() if n > width)
    return width if near >= _WRAPPED_SHARE * total and longer <= 0.05 * total else 0
