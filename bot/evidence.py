"""Every sentence of the passages, with what speaks for it as an answer.

In: a question read, passages, an encoder. Out: `Evidence` values, each a verbatim piece of an article with its features
(all between 0 and 1) and one score, best first. It chooses nothing and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.kinds import fit
from bot.models import Part, Passage
from bot.question import Asked, AskedWord
from ingest.encoder import Encoder
from ingest.frequencies import rarity
from ingest.models import StoredArticle
from ingest.sentences import Spans, short_spans
from ingest.terms import Word, fold, search_terms, tagged_words
from ingest.wordvectors import read_word_vectors

LONGEST = 200  # characters of one piece of evidence: a longer sentence is cut at its semicolons and commas
_LONGEST_TALK = 140  # characters up to which what stands between quotation marks stays in one piece
_SAYS = re.compile("^[^“”。,，]{0,30}(?:说|表示|介绍|坦言|认为|指出|告诉|透露|回忆|感慨|解释)")
# How much a question's word counts when it stands not in the sentence but near it: "it" and "the centre" refer there.
_NEAR = {-2: 0.35, -1: 0.6, 1: 0.4}
_HEADLINE = 0.85  # in the headline: then the whole article is about it
_ELSEWHERE = 0.25  # anywhere else in the same article
_PART_OF_WORD = 0.8  # a compound found by its parts only
_SHARED_CHARACTER, _TELLING_CHARACTER = 0.3, 2.0  # 倒赔 by 赔偿: credit for a character of at least this rarity (nats)
# A word of like company (学校, 院校) stands in for one that is not there: from this cosine on, fully at that one.
_KIN_FROM, _KIN_TO, _KIN = 0.35, 0.85, 0.6
# What a sentence's score is made of: fitted by likelihood to tests/data/own_questions.jsonl, rounded.
_WEIGHTS = {"own": 0.75, "near": 3.25, "fit": 3.5, "cosine": 1.25, "pairs": 2.5, "standing": 6.75}
_TITLE_HANDICAP = 0.8  # a headline names the story; its sentences tell it
_SHORT, _SHORT_HANDICAP = 15, 0.85  # characters below which a sentence is a heading or a quip
_QUESTION_HANDICAP = 0.85  # what asks a question seldom answers one


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence (or headline) as evidence: `article.<part>[start:end]`, its features and its score.

    own: weighted share of the question's words in it. near: the same, words close by and words of like company counted
    in part.
    fit: whether the asked-for kind of thing is here. pairs: share of the question's character pairs.
    standing: how well its article was found, half by the retriever and half by the article's own best sentence.
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
    standing: float
    beside: tuple[float, ...]

    @property
    def score(self) -> float:
        """All features in one number, 0 to 1."""
        total = sum(weight * float(getattr(self, name)) for name, weight in _WEIGHTS.items()) / sum(_WEIGHTS.values())
        if self.part == "title":
            return total * _TITLE_HANDICAP
        if len(self.text) < _SHORT:
            total *= _SHORT_HANDICAP
        return total * (_QUESTION_HANDICAP if self.text.rstrip("”’」』").endswith(("？", "?")) else 1.0)


@dataclass(frozen=True, slots=True)
class _Piece:
    article: StoredArticle
    part: Part
    start: int
    end: int
    text: str
    beside: tuple[tuple[str, float], ...]  # (squeezed sentences beside it, what a word found there counts)
    around: tuple[tuple[str, float], ...]  # the same for its headline and the rest of its article
    rank: float  # how well its article was found, 1 for the best


def gather(asked: Asked, passages: Sequence[Passage], encoder: Encoder) -> list[Evidence]:
    """All sentences and headlines of `passages` as evidence for `asked`, best first; [] where there are no passages."""
    pieces = list(_pieces(passages))
    if not pieces:
        return []
    vectors = encoder.encode_documents([piece.text for piece in pieces])
    cosines = vectors @ encoder.encode_query(asked.text)
    pairs = _pairs(asked.text)
    words = [tagged_words(piece.text) for piece in pieces]
    kin = _kin(asked, words)
    found = [
        _weigh(asked, piece, words[i], kin[i], _Likeness(max(0.0, float(cosines[i])), _shared(pairs, piece.text)))
        for i, piece in enumerate(pieces)
    ]
    return sorted(_standing(found), key=lambda e: (-e.score, e.article.article_id, e.start))


def _standing(found: Sequence[Evidence]) -> list[Evidence]:
    """Let each article's best sentence speak for the others of the article."""
    nearest: dict[str, float] = {}
    for one in found:
        nearest[one.article.version_id] = max(one.near, nearest.get(one.article.version_id, 0.0))
    top = max(nearest.values()) or 1.0
    return [replace(one, standing=(one.standing + nearest[one.article.version_id] / top) / 2) for one in found]


def _pieces(passages: Sequence[Passage]) -> Iterator[_Piece]:
    """Each sentence once, though passages may touch; then each article's headline."""
    best: dict[str, tuple[StoredArticle, float]] = {}
    seen: set[tuple[str, int]] = set()
    top = max((p.score for p in passages), default=0.0) or 1.0
    spans_of: dict[str, Spans] = {}
    for passage in passages:  # best first: an article's first passage says how well the article was found
        article = passage.article
        _, score = best.setdefault(article.version_id, (article, max(0.0, passage.score / top)))
        spans = spans_of.setdefault(article.version_id, _quotable(article.text))
        for i, (start, end) in enumerate(spans):
            if end > passage.start and start < passage.end and (article.version_id, start) not in seen:
                seen.add((article.version_id, start))
                beside = _beside(article, spans, i)
                yield _Piece(article, "text", start, end, article.text[start:end], beside, _around(article), score)
    for article, score in best.values():
        if article.title:
            yield _Piece(article, "title", 0, len(article.title), article.title, (), _around(article), score)


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
        (_squeeze(article.text[slice(*spans[i + step])]), share)
        for step, share in _NEAR.items()
        if 0 <= i + step < len(spans)
    )


def _around(article: StoredArticle) -> tuple[tuple[str, float], ...]:
    heading = " ".join(filter(None, (article.kicker, article.title, article.subtitle)))
    return ((_squeeze(heading), _HEADLINE), (_squeeze(article.text), _ELSEWHERE))


def _zip(asked: Asked, shares: Sequence[float]) -> Iterator[tuple[AskedWord, float]]:
    return zip(asked.words, shares, strict=True)


def _kin(asked: Asked, texts: Sequence[Sequence[Word]]) -> NDArray[np.float32]:
    """For each text (rows) how far a word of like company stands in for each word of the question (columns).

    Names have no stand-in: one town is not another.
    """
    known = sorted({word.text for text in texts for word in text if len(word.text) > 1})
    column = {word: i for i, word in enumerate(known)}
    common = ["" if word.name else word.text for word in asked.words]
    likeness = read_word_vectors().likeness(common, known)
    likeness = _KIN * np.clip((likeness - _KIN_FROM) / (_KIN_TO - _KIN_FROM), 0.0, 1.0)
    out = np.zeros((len(texts), len(asked.words)), dtype=np.float32)
    for row, text in enumerate(texts):
        columns = [column[word.text] for word in text if word.text in column]
        if columns and asked.words:
            out[row] = likeness[:, columns].max(axis=1)
    return out


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How like a sentence is to the whole question: by vectors, and by pairs of neighbouring characters."""

    cosine: float
    pairs: float


def _weigh(asked: Asked, piece: _Piece, words: Sequence[Word], kin: NDArray[np.float32], like: _Likeness) -> Evidence:
    folded = _squeeze(piece.text)
    here = [_stands(word, folded) for word in asked.words]
    beside = [max([h, *(share * _stands(w, text) for text, share in piece.beside)]) for w, h in _zip(asked, here)]
    around = [max([b, *(share * _stands(w, text) for text, share in piece.around)]) for w, b in _zip(asked, beside)]
    return Evidence(
        article=piece.article,
        part=piece.part,
        start=piece.start,
        end=piece.end,
        text=piece.text,
        own=_share(asked, here),
        near=_share(asked, [max(a, float(k)) for a, k in zip(around, kin, strict=True)]),
        fit=fit(asked, folded, words),
        cosine=like.cosine,
        pairs=like.pairs,
        standing=piece.rank,
        beside=tuple(beside),
    )


def _share(asked: Asked, found: Sequence[float]) -> float:
    """The weighted share of the question's words that was found."""
    return sum(word.weight * f for word, f in _zip(asked, found)) / (asked.weight or 1.0)


def _stands(word: AskedWord, squeezed: str) -> float:
    """1 where the word stands in the text, a share where only parts of a compound do, 0 otherwise."""
    if word.text.isascii():
        return float(re.search(rf"(?<![a-z0-9.]){re.escape(word.text)}(?![a-z0-9])", squeezed) is not None)
    if word.text in squeezed:
        return 1.0
    if len(word.text) < 3:
        shared = not word.name and any(c in squeezed and rarity(c) > _TELLING_CHARACTER for c in word.text)
        return _SHARED_CHARACTER * shared
    parts = [part for part in search_terms(word.text) if len(part) > 1 and part != word.text]
    return _PART_OF_WORD * sum(part in squeezed for part in parts) / len(parts) if parts else 0.0


def _squeeze(text: str) -> str:
    return "".join(fold(text).split())


def _shared(pairs: frozenset[str], text: str) -> float:
    return len(pairs & _pairs(text)) / len(pairs) if pairs else 0.0


def _pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters: what is left of a word when it was cut otherwise."""
    squeezed = re.sub(r"\W", "", fold(text))
    return frozenset(squeezed[i : i + 2] for i in range(len(squeezed) - 1))
