"""Passages into pieces: sentences and headlines that an answer may quote, each with what stands around it.

In: passages, best first. Out: pieces of the articles' own text, offsets exact. It knows nothing of a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.models import Part, Passage
from ingest.models import StoredArticle
from ingest.sentences import Spans, short_spans
from ingest.terms import fold

LONGEST = 200  # characters of one piece: a longer sentence is cut at its semicolons and commas
_LONGEST_TALK = 140  # characters up to which what stands between quotation marks stays in one piece
_SAYS = re.compile("^[^“”。,，]{0,30}(?:说|表示|介绍|坦言|认为|指出|告诉|透露|回忆|感慨|解释)")
# How much a word counts that stands not in the sentence but near it: "it" and "the centre" refer there.
_NEAR = {-2: 0.35, -1: 0.6, 1: 0.4}
_HEADLINE = 0.85  # in the headline: then the whole article is about it
_ELSEWHERE = 0.25  # anywhere else in the same article
_FAR = 3_000  # characters to each side that still are "the same article": a book is no context for a sentence
_SPACE = re.compile(r"\s+(?![\x21-\x7e])|(?<![\x21-\x7e])\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` is `article.<part>[start:end]`; what stands beside and around it is squeezed (see `squeeze`)."""

    article: StoredArticle
    part: Part
    start: int
    end: int
    text: str
    beside: tuple[tuple[str, float], ...]  # (sentence beside it, what a word found there counts)
    around: tuple[tuple[str, float], ...]  # the same for its headline and the rest of its article
    rank: float  # how well its article was found, 1 for the best


def pieces_of(passages: Sequence[Passage]) -> Iterator[Piece]:
    """Each sentence once, though passages may touch; then each article's headline."""
    best: dict[str, tuple[StoredArticle, float]] = {}
    seen: set[tuple[str, int]] = set()
    top = max((p.score for p in passages), default=0.0) or 1.0
    spans_of: dict[str, Spans] = {}
    for passage in passages:  # best first: an article's first passage says how well the article was found
        article = passage.article
        _, score = best.setdefault(article.version_id, (article, max(0.0, passage.score / top)))
        if article.version_id not in spans_of:
            spans_of[article.version_id] = _quotable(article.text)
        spans, around = spans_of[article.version_id], _around(article, passage.start, passage.end)
        for i, (start, end) in enumerate(spans):
            if end > passage.start and start < passage.end and (article.version_id, start) not in seen:
                seen.add((article.version_id, start))
                beside = _beside(article, spans, i)
                yield Piece(article, "text", start, end, article.text[start:end], beside, around, score)
    for article, score in best.values():
        if article.title:
            yield Piece(article, "title", 0, len(article.title), article.title, (), _around(article, 0, 0), score)


def _quotable(text: str) -> Spans:
    """Sentences, but talk between quotation marks in one piece, together with who said it, where that is short."""
    out: Spans = []
    for start, end in short_spans(text, LONGEST):
        if out:
            before = text[out[-1][0] : out[-1][1]]
            joint = end - out[-1][0]
            same_paragraph = "\n" not in text[out[-1][1] : start]
            open_talk = before.count("“") > before.count("”") and joint <= _LONGEST_TALK
            said = before.endswith("”") and _SAYS.match(text[start:end]) and joint <= LONGEST
            if same_paragraph and (open_talk or said):
                out[-1] = (out[-1][0], end)
                continue
        out.append((start, end))
    return out


def _beside(article: StoredArticle, spans: Spans, i: int) -> tuple[tuple[str, float], ...]:
    return tuple(
        (squeeze(article.text[slice(*spans[i + step])]), share)
        for step, share in _NEAR.items()
        if 0 <= i + step < len(spans)
    )


def _around(article: StoredArticle, start: int, end: int) -> tuple[tuple[str, float], ...]:
    heading = " ".join(filter(None, (article.kicker, article.title, article.subtitle)))
    text = article.text[max(0, start - _FAR) : end + _FAR]
    return ((squeeze(heading), _HEADLINE), (squeeze(text), _ELSEWHERE))


@lru_cache(maxsize=2_000)  # of a question each sentence is asked for several times
def squeeze(text: str) -> str:
    """Folded, and without white space but between Latin words: how words are looked up in a text."""
    return _SPACE.sub("", fold(text))


@lru_cache(maxsize=64)  # all that is looked for in an article is looked for at one question
def whole_of(article: StoredArticle) -> str:
    """All words of an article, squeezed."""
    parts = (article.kicker, article.title, article.subtitle, article.byline, article.text)
    return squeeze("".join(filter(None, parts)))
