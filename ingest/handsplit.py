"""Where an editor says that articles begin on a page, against its lines.

In: a page's lines, the marks of a sidecar. Out: the lines of each article so marked; and the other way round, marks to
begin from. A mark that is not there is refused; it guesses none.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadMark
from ingest.identity import squeeze
from ingest.lines import Line
from ingest.models import Article, Page
from ingest.sidecar import NAME, Begin


@dataclass(frozen=True, slots=True)
class Marked:
    """The lines of one article, its title where the editor gives one, and whether the first line is a headline."""

    lines: tuple[Line, ...]
    title: str | None
    headed: bool


def cut_by_hand(page: Page, lines: Sequence[Line], begins: Sequence[Begin]) -> tuple[tuple[Line, ...], list[Marked]]:
    """The lines above the first mark, and those of each article. Raises BadMark, naming the mark."""
    starts: list[int] = []
    for begin in begins:
        first = starts[-1] + 1 if starts else 0
        found = _line_of(page, lines, begin, first)
        if found is None:
            what = f"line {begin.at}" if isinstance(begin.at, int) else f"line that begins with {begin.at[:40]!r}"
            below = " below the mark before" if starts else ""
            raise BadMark(f"{begin.said}: {page.file!r} has no {what}{below}; correct the mark in {NAME}")
        starts.append(found)
    ends = [*starts[1:], len(lines)]
    marked = [
        Marked(tuple(lines[start:end]), begin.title, isinstance(begin.at, str))
        for begin, start, end in zip(begins, starts, ends, strict=True)
    ]
    return tuple(lines[: starts[0]]), marked


def _line_of(page: Page, lines: Sequence[Line], begin: Begin, first: int) -> int | None:
    """Index of the line that a mark means, from `first` on: for a blank line the one that follows it."""
    if isinstance(begin.at, str):
        words = squeeze(begin.at)
        fits = (at for at in range(first, len(lines)) if squeeze(lines[at].text).startswith(words))
        return next(fits, None)
    numbers = _numbers(page, lines)
    at = bisect.bisect_left(numbers, begin.at)
    return at if first <= at < len(lines) else None


def _numbers(page: Page, lines: Sequence[Line]) -> list[int]:
    """Line numbers as editors count them, from 1."""
    numbers, number, at = [], 1, 0
    text = page.text.replace("\r\n", " \n").replace("\r", "\n")
    for line in lines:
        number += text.count("\n", at, line.start)
        at = line.start
        numbers.append(number)
    return numbers


def marks_of(page: Page, articles: Sequence[Article]) -> Iterator[str]:
    """Lines of a sidecar's section that says what the split of a page says: something to begin from."""
    yield f"  {json.dumps(Path(page.file).name, ensure_ascii=False)}:"
    yield "    begins:"
    text = page.text.replace("\r\n", " \n").replace("\r", "\n")
    for article in articles:
        number = text.count("\n", 0, article.start) + 1
        yield f"      - {number}  # {' '.join((article.title or article.text[:24]).split())}"
