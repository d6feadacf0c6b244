"""An article into chunks, cut at sentence ends, offsets exact.

In: an article. Out: chunks in order, together holding all of its text. The headline, by-line, sub-head and date travel
as `context`: both searches see them, no quote ever does.
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in models

from ingest.models import Article, Chunk
from ingest.sentences import short_spans

TARGET = 350  # characters: lab.md's pool was cut so; longer dilutes a vector, shorter loses what "it" refers to
SMALLEST = 100  # characters: a rest below this joins the chunk before it


def cut_chunks(article: Article) -> list[Chunk]:
    """Chunks of about TARGET characters. An article that is only a headline gets one chunk with empty text."""
    text = article.text
    packed: list[tuple[int, int]] = []
    for start, end in short_spans(text, TARGET):
        if packed and end - packed[-1][0] <= TARGET:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    if len(packed) > 1 and packed[-1][1] - packed[-1][0] < SMALLEST:
        _, end = packed.pop()
        packed[-1] = (packed[-1][0], end)
    starts = _paragraph_starts(article)
    return [Chunk(s, e, text[s:e], _context(article, starts, s)) for s, e in packed or [(0, 0)]]


def _paragraph_starts(article: Article) -> list[int]:
    starts, at = [], 0
    for paragraph in article.paragraphs:
        starts.append(at)
        at += len(paragraph) + 1
    return starts


def _context(article: Article, starts: list[int], at: int) -> str:
    """What a reader of the page knows when he comes to character `at` of the text."""
    before = [s.text for s in article.subheads if s.paragraph < len(starts) and starts[s.paragraph] <= at]
    day = article.issued or article.date
    parts = [article.kicker, article.title, article.subtitle, article.byline, *before[-1:]]
    if day:
        parts.append(printed_day(day))
    return "\n".join(part for part in parts if part)


def printed_day(day: Date) -> str:
    """A day as newspapers print it."""
    return f"{day.year}年{day.month}月{day.day}日"
