"""Every sentence of the passages, with what speaks for it as an answer.

In: a question read, passages. Out: `Evidence` values, each a verbatim piece of an article with its features
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
from bot.pairs import character_pairs
from bot.pieces import Piece, pieces_of, squeeze
from bot.question import Asked, AskedWord
from ingest.amounts import find_amounts, numbers_in
from ingest.frequencies import rarity
from ingest.models import StoredArticle
from ingest.spelling import spelled
from ingest.terms import Word, search_terms, tagged_words
from ingest.wordvectors import read_word_vectors

_PART_OF_WORD = 0.8  # a compound found by its parts only
SHARED_CHARACTER, _TELLING_CHARACTER = 0.3, 2.0  # 倒赔 by 赔偿: credit for a character of at least this rarity (nats)
# A word of like company (学校, 院校) stands in for one that is not there: from this cosine on, fully at that one.
_KIN_FROM, _KIN_TO, _KIN = 0.35, 0.85, 0.6
# What a sentence's score is made of: fitted by likelihood to tests/data/own_questions.jsonl, rounded.
_WEIGHTS = {"own": 0.75, "near": 3.25, "fit": 3.5, "pairs": 2.5, "standing": 6.75}
_TITLE_HANDICAP = 0.8  # a headline names the story; its sentences tell it
_SHORT = 15  # characters below which a sentence is a heading or a quip
_SCRAP_HANDICAP = 0.85  # for those, and for the torn first sentence of an article whose beginning is missing
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
    pairs: float
    standing: float
    beside: tuple[float, ...]

    @property
    def score(self) -> float:
        """All features in one number, 0 to 1."""
        total = sum(weight * float(getattr(self, name)) for name, weight in _WEIGHTS.items()) / sum(_WEIGHTS.values())
        if self.part == "title":
            return total * _TITLE_HANDICAP
        if len(self.text) < _SHORT or (self.article.starts_mid and not self.start):
            total *= _SCRAP_HANDICAP
        return total * (_QUESTION_HANDICAP if self.text.rstrip("”’」』").endswith(("？", "?")) else 1.0)


def gather(asked: Asked, passages: Sequence[Passage]) -> list[Evidence]:
    """All sentences and headlines of `passages` as evidence for `asked`, best first; [] where there are no passages."""
    pieces = list(pieces_of(passages))
    if not pieces:
        return []
    words = [tagged_words(squeeze(piece.text)) for piece in pieces]  # a padded name is cut as one name
    kin, pairs = _kin(asked, words), character_pairs(asked.text)
    found = [_weigh(asked, piece, words[i], kin[i], _shared(pairs, piece.text)) for i, piece in enumerate(pieces)]
    return sorted(_standing(found), key=lambda e: (-e.score, e.article.article_id, e.start))


def _standing(found: Sequence[Evidence]) -> list[Evidence]:
    """Let each article's best sentence speak for the others of the article."""
    nearest: dict[str, float] = {}
    for one in found:
        nearest[one.article.version_id] = max(one.near, nearest.get(one.article.version_id, 0.0))
    top = max(nearest.values()) or 1.0
    return [replace(one, standing=(one.standing + nearest[one.article.version_id] / top) / 2) for one in found]


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


def _weigh(asked: Asked, piece: Piece, words: Sequence[Word], kin: NDArray[np.float32], pairs: float) -> Evidence:
    folded = squeeze(piece.text)
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
        pairs=pairs,
        standing=piece.rank,
        beside=tuple(beside),
    )


def _share(asked: Asked, found: Sequence[float]) -> float:
    """The weighted share of the question's words that was found."""
    return sum(word.weight * f for word, f in _zip(asked, found)) / (asked.weight or 1.0)


def _stands(word: AskedWord, squeezed: str) -> float:
    """1 where the word stands in the text, a share where only parts of a compound do, 0 otherwise.

    A number stands there in whatever way it is written, a translated word in any of its wordings, and a name in Latin
    letters where characters are read so.
    """
    if word.spelled and spelled(word.text).search(squeezed):
        return 1.0
    if any(other in squeezed for other in word.others):
        return 1.0
    if word.text.isdecimal() or any(not amount.word for amount in find_amounts(word.text)):
        return float(numbers_in(word.text) <= numbers_in(squeezed))
    if word.text.isascii():
        return float(re.search(rf"(?<![a-z0-9.]){re.escape(word.text)}(?![a-z0-9])", squeezed) is not None)
    if word.text in squeezed:
        return 1.0
    if len(word.text) < 3:
        shared = not word.name and any(c in squeezed and rarity(c) > _TELLING_CHARACTER for c in word.text)
        return SHARED_CHARACTER * shared
    parts = [part for part in search_terms(word.text) if len(part) > 1 and part != word.text]
    return _PART_OF_WORD * sum(part in squeezed for part in parts) / len(parts) if parts else 0.0


def _shared(pairs: frozenset[str], text: str) -> float:
    return len(pairs & character_pairs(text)) / len(pairs) if pairs else 0.0
