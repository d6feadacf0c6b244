"""Every sentence of the passages, with what speaks for it as an answer.

In: a question read, passages, an encoder. Out: `Evidence` values, each a verbatim piece of an article with its features
(all between 0 and 1) and one score, best first. It chooses nothing and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.kinds import fit
from bot.models import Part, Passage
from bot.question import Asked, AskedWord
from ingest.encoder import Encoder
from ingest.models import StoredArticle
from ingest.sentences import sentence_spans
from ingest.terms import fold, search_terms, tagged_words

# How much a question's word counts when it stands not in the sentence but near it: "it" and "the centre" refer there.
_NEAR = {-2: 0.35, -1: 0.6, 1: 0.4}
_HEADLINE = 0.55
_ELSEWHERE = 0.25  # anywhere else in the same article
_PART_OF_WORD = 0.8  # a compound found by its parts only
# What a sentence's score is made of; the table in tests/evals says what each brings.
_WEIGHTS = {"own": 1.0, "near": 0.8, "fit": 0.35, "cosine": 0.35, "passage": 0.15, "pairs": 0.6}
_TITLE_HANDICAP = 0.8  # a headline names the story; its sentences tell it


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence (or headline) as evidence: `article.<part>[start:end]`, its features and its score.

    own: weighted share of the question's words in it. near: the same, words close by counted in part.
    fit: whether the asked-for kind of thing is here. pairs: share of the question's character pairs.
    beside: for each word of the question how far it stands here or in a sentence beside it.
    """

    article: StoredArticle
    part: Part
    start: int
    end: int
    text: str
    own: float
    near: float
    fit: float
    cosine: float
    pairs: float
    beside: tuple[float, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Piece:
    article: StoredArticle
    part: Part
    start: int
    end: int
    text: str
    beside: tuple[tuple[str, float], ...]  # (squeezed sentences beside it, what a word found there counts)
    around: tuple[tuple[str, float], ...]  # the same for its headline and the rest of its article
    passage: float


def gather(asked: Asked, passages: Sequence[Passage], encoder: Encoder) -> list[Evidence]:
    """All sentences and headlines of `passages` as evidence for `asked`, best first; [] where there are no passages."""
    pieces = list(_pieces(passages))
    if not pieces:
        return []
    vectors = encoder.encode_documents([piece.text for piece in pieces])
    cosines = vectors @ encoder.encode_query(asked.text)
    pairs = _pairs(asked.text)
    found = [_weigh(asked, piece, float(cosine), pairs) for piece, cosine in zip(pieces, cosines, strict=True)]
    return sorted(found, key=lambda e: (-e.score, e.article.article_id, e.start))


def _pieces(passages: Sequence[Passage]) -> Iterator[_Piece]:
    """Each sentence once, though passages may touch; then each article's headline."""
    best: dict[str, tuple[StoredArticle, float]] = {}
    seen: set[tuple[str, int]] = set()
    top = max((p.score for p in passages), default=0.0) or 1.0
    spans_of: dict[str, list[tuple[int, int]]] = {}
    for passage in passages:
        article = passage.article
        score = max(0.0, passage.score / top)
        best.setdefault(article.version_id, (article, score))
        spans = spans_of.setdefault(article.version_id, sentence_spans(article.text))
        for i, (start, end) in enumerate(spans):
            if end > passage.start and start < passage.end and (article.version_id, start) not in seen:
                seen.add((article.version_id, start))
                beside = _beside(article, spans, i)
                yield _Piece(article, "text", start, end, article.text[start:end], beside, _around(article), score)
    for article, score in best.values():
        if article.title:
            yield _Piece(article, "title", 0, len(article.title), article.title, (), _around(article), score)


def _beside(article: StoredArticle, spans: list[tuple[int, int]], i: int) -> tuple[tuple[str, float], ...]:
    return tuple(
        (_squeeze(article.text[slice(*spans[i + step])]), share)
        for step, share in _NEAR.items()
        if 0 <= i + step < len(spans)
    )


def _around(article: StoredArticle) -> tuple[tuple[str, float], ...]:
    heading = " ".join(filter(None, (article.kicker, article.title, article.subtitle)))
    return ((_squeeze(heading), _HEADLINE), (_squeeze(article.text), _ELSEWHERE))


def _zip(asked: Asked, shares: Sequence[float]) -> Iterator[tuple[AskedWord, float]]:
    return zip(asked.words, shares, strict=True)


def _weigh(asked: Asked, piece: _Piece, cosine: float, pairs: frozenset[str]) -> Evidence:
    folded = _squeeze(piece.text)
    total = asked.weight or 1.0
    here = [_stands(word, folded) for word in asked.words]
    beside = [max([h, *(share * _stands(w, text) for text, share in piece.beside)]) for w, h in _zip(asked, here)]
    around = [max([b, *(share * _stands(w, text) for text, share in piece.around)]) for w, b in _zip(asked, beside)]
    own = sum(w.weight * h for w, h in _zip(asked, here)) / total
    near = sum(w.weight * a for w, a in _zip(asked, around)) / total
    fits = fit(asked, folded, tagged_words(piece.text))
    shared = len(pairs & _pairs(piece.text)) / len(pairs) if pairs else 0.0
    features = {
        "own": own,
        "near": near,
        "fit": fits,
        "cosine": max(0.0, cosine),
        "passage": piece.passage,
        "pairs": shared,
    }
    score = sum(_WEIGHTS[name] * value for name, value in features.items()) / sum(_WEIGHTS.values())
    if piece.part == "title":
        score *= _TITLE_HANDICAP
    return Evidence(
        article=piece.article,
        part=piece.part,
        start=piece.start,
        end=piece.end,
        text=piece.text,
        own=own,
        near=near,
        fit=fits,
        cosine=cosine,
        pairs=shared,
        beside=tuple(beside),
        score=score,
    )


def _stands(word: AskedWord, squeezed: str) -> float:
    """1 where the word stands in the text, a share where only parts of a compound do, 0 otherwise."""
    if word.text.isascii():
        return float(re.search(rf"(?<![a-z0-9.]){re.escape(word.text)}(?![a-z0-9])", squeezed) is not None)
    if word.text in squeezed:
        return 1.0
    if len(word.text) < 3:
        return 0.0
    parts = [part for part in search_terms(word.text) if len(part) > 1 and part != word.text]
    return _PART_OF_WORD * sum(part in squeezed for part in parts) / len(parts) if parts else 0.0


def _squeeze(text: str) -> str:
    return "".join(fold(text).split())


def _pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters: what is left of a word when it was cut otherwise."""
    squeezed = re.sub(r"\W", "", fold(text))
    return frozenset(squeezed[i : i + 2] for i in range(len(squeezed) - 1))
