"""What speaks for each sentence of the passages as an answer: a row of marks, each between 0 and 1.

In: a question read, pieces with their words. Out: a `Marks` of each piece. It knows no weights (weights.py does) and
chooses nothing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.kinds import answers, fit
from bot.pairs import ordered_pairs, pairs_held, rare_share, rareness
from bot.pieces import Piece, squeeze
from bot.question import Asked, AskedWord
from ingest.amounts import find_amounts, numbers_in
from ingest.frequencies import rarity
from ingest.spelling import spelled
from ingest.terms import Word, fold, search_terms
from ingest.wordvectors import read_word_vectors

_PART_OF_WORD = 0.8  # a compound found by its parts only
SHARED_CHARACTER, _TELLING_CHARACTER = 0.3, 2.0  # 倒赔 by 赔偿: credit for a character of at least this rarity (nats)
# A word of like company (学校, 院校) stands in for one that is not there: from this cosine on, fully at that one.
_KIN_FROM, _KIN_TO, _KIN = 0.35, 0.85, 0.6
_REACH = 12  # characters over which a word's nearness to what may be the answer falls to a third
_AGREED = 3  # other articles that say the same, from which on more of them say nothing new
_LONG = 200  # characters: the longest piece
_SHORT = 15  # characters below which a sentence is a heading or a quip
_EARLY = 600  # characters: what stands further down in an article stands down
_HEAD = 2  # words with which a question ends
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


Standing = Callable[[str], list[float]]  # how far each word of the question stands in a text


@dataclass(frozen=True, slots=True)
class Marks:
    """What speaks for, or against, a piece; each from 0 to 1.

    own: weighted share of the question's words in it; beside: or in a sentence beside it; near: or in its headline, or,
    counted in part, elsewhere in its article, or words of like company. telling: as own, words counting more that few
    sentences have; kin: as telling, or words of like company. head: the same for the words with which the question
    ends. names: as beside for names and numbers alone. cosine: likeness of its vector. fit: whether the asked-for kind
    of thing is here. pairs: share of the question's pairs of characters, rare ones counting more. run: the longest run
    of them. close: how near the question's words stand to what may be the answer. agree: whether other articles say the
    same there. found: how well its article was found; best: by the article's own best sentence. year: whether it, or
    its article, is of the year that is asked about; other_year: of another one. opening, early: it opens its article,
    stands far up. length, short, title, asks, torn, listing: what it looks like.
    """

    own: float
    beside: float
    near: float
    telling: float
    kin: float
    head: float
    names: float
    cosine: float
    fit: float
    pairs: float
    run: float
    close: float
    agree: float
    found: float
    best: float
    year: float
    other_year: float
    opening: float
    early: float
    length: float
    short: float
    title: float
    asks: float
    torn: float
    listing: float


MARKS = tuple(field.name for field in fields(Marks))


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece's marks, and for each word of the question how far it stands in the piece or in one beside it."""

    marks: Marks
    beside: tuple[float, ...]


def marks_of(
    asked: Asked, pieces: Sequence[Piece], words: Sequence[Sequence[Word]], cosines: Sequence[float]
) -> list[Marked]:
    """The marks of each piece; `words` are those of its squeezed text, `cosines` of its vector with the question's."""
    texts = [squeeze(piece.text) for piece in pieces]

    @cache  # a sentence stands beside others, and in one article with many
    def standing(text: str) -> list[float]:
        return [stands(word, text) for word in asked.words]

    here = [standing(text) for text in texts]
    beside = [_highest(row, piece.beside, standing) for piece, row in zip(pieces, here, strict=True)]
    around = [_highest(row, piece.around, standing) for piece, row in zip(pieces, beside, strict=True)]
    kin = _kin(asked, words)
    near = np.maximum(np.array(around).reshape(len(pieces), -1), kin) @ _weights(asked)
    stood = np.array(here).reshape(len(pieces), -1)
    telling, akin, head = _telling(asked, stood), _telling(asked, np.maximum(stood, kin)), _head(asked, stood, kin)
    pairs, runs = _pairs(asked.text, [piece.text for piece in pieces])
    found = [answers(asked, text, cut) for text, cut in zip(texts, words, strict=True)]
    agree = _agreement(pieces, [{one.text for one in each} for each in found], near)
    best = _best_of_article(pieces, near)
    named = np.array([word.weight * (word.name or word.text[:1].isdigit()) for word in asked.words])
    years = set(_YEAR.findall(fold(asked.text)))
    marked: list[Marked] = []
    for i, piece in enumerate(pieces):
        year, other_year = _years(years, piece, texts[i])
        marks = Marks(
            own=_share(asked, here[i]),
            beside=_share(asked, beside[i]),
            near=float(near[i]),
            telling=float(telling[i]),
            kin=float(akin[i]),
            head=float(head[i]),
            cosine=max(0.0, cosines[i]),
            names=float(np.dot(named, beside[i]) / named.sum()) if named.any() else 1.0,
            fit=fit(asked, texts[i], words[i]),
            pairs=float(pairs[i]),
            run=float(runs[i]),
            close=max((_closeness(asked, texts[i], one.start, one.end) for one in found[i]), default=0.0),
            agree=agree[i],
            found=piece.rank,
            best=best[i],
            year=year,
            other_year=other_year,
            opening=float(piece.part == "text" and piece.start == 0),
            early=max(0.0, 1 - piece.start / _EARLY),
            length=min(1.0, len(piece.text) / _LONG),
            short=float(len(piece.text) < _SHORT),
            title=float(piece.part == "title"),
            asks=float(piece.text.rstrip("”’」』").endswith(("？", "?"))),
            torn=float(piece.article.starts_mid and not piece.start and piece.part == "text"),
            listing=_listing(texts[i]),
        )
        marked.append(Marked(marks, tuple(beside[i])))
    return marked


def _weights(asked: Asked) -> NDArray[np.float64]:
    return np.array([word.weight for word in asked.words]) / (asked.weight or 1.0)


def _share(asked: Asked, found: Sequence[float]) -> float:
    """The weighted share of the question's words that was found."""
    return sum(word.weight * f for word, f in zip(asked.words, found, strict=True)) / (asked.weight or 1.0)


def _telling(asked: Asked, stood: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each piece the share of the question's words in it, those counting more that fewer pieces have."""
    weights = _weights(asked) * rareness(stood > SHARED_CHARACTER)
    share: NDArray[np.float64] = stood @ weights / (weights.sum() or 1.0)
    return share


def _head(asked: Asked, stood: NDArray[np.float64], kin: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same for the question's last words: what is asked about what stands before."""
    last = [i for i, word in enumerate(asked.words) if word.share == 1][-_HEAD:]
    if not last:
        return np.zeros(len(stood))
    share: NDArray[np.float64] = np.maximum(stood, kin)[:, last].mean(axis=1)
    return share


def _highest(row: list[float], near: Sequence[tuple[str, float]], standing: Standing) -> list[float]:
    """For each word of the question how far it stands in a piece, or, counted by its share, in a text near it."""
    for text, share in near:
        row = [max(one, share * other) for one, other in zip(row, standing(text), strict=True)]
    return row


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


def _pairs(question: str, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each text the share of the question's pairs, rare ones counting more, and of its longest run of them."""
    order = ordered_pairs(question)
    if not order:
        return np.zeros(len(texts)), np.zeros(len(texts))
    column = {pair: n for n, pair in enumerate(sorted(set(order)))}
    held = pairs_held(list(column), texts)
    run, longest = np.zeros(len(texts)), np.zeros(len(texts))
    for pair in order:
        run = (run + 1) * held[:, column[pair]]
        longest = np.maximum(longest, run)
    return rare_share(held), longest / len(order)


def _closeness(asked: Asked, text: str, start: int, end: int) -> float:
    """How near the question's words stand to the characters `start`..`end`, which may be the answer."""
    total = 0.0
    for word in asked.words:
        at = list(_places(word.text, text))
        if at:
            gap = min(start - (each + len(word.text)) if each < start else each - end for each in at)
            total += word.weight * math.exp(-max(0, gap) / _REACH)
    return total / (asked.weight or 1.0)


def _places(word: str, text: str) -> Iterator[int]:
    """Where `word` begins in `text`, no place inside another."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _agreement(pieces: Sequence[Piece], found: Sequence[set[str]], near: NDArray[np.float64]) -> list[float]:
    """For each piece how many other articles have, where they are about the same, what may be the answer here."""
    homes: defaultdict[str, set[str]] = defaultdict(set)
    enough = 0.5 * near.max(initial=0.0)
    for piece, things, share in zip(pieces, found, near.tolist(), strict=True):
        if share >= enough:
            for thing in things:
                homes[thing].add(piece.article.version_id)
    return [
        min(1.0, max((len(homes[thing] - {piece.article.version_id}) for thing in things), default=0) / _AGREED)
        for piece, things in zip(pieces, found, strict=True)
    ]


def _best_of_article(pieces: Sequence[Piece], near: NDArray[np.float64]) -> list[float]:
    """Let each article's best sentence speak for the others of the article."""
    nearest: dict[str, float] = {}
    for piece, share in zip(pieces, near.tolist(), strict=True):
        nearest[piece.article.version_id] = max(share, nearest.get(piece.article.version_id, 0.0))
    top = max(nearest.values(), default=0.0) or 1.0
    return [nearest[piece.article.version_id] / top for piece in pieces]


def _years(asked: set[str], piece: Piece, text: str) -> tuple[float, float]:
    """Whether a piece is of the year that is asked about, by itself or by its article; whether of another one."""
    if not asked:
        return 0.0, 0.0
    told = set(_YEAR.findall(text))
    if told:
        return float(bool(told & asked)), float(not told & asked)
    issued = {str(piece.article.date.year)} if piece.article.date else set(_YEAR.findall(piece.around[-1][0]))
    return 0.5 * bool(issued & asked), 0.5 * (bool(issued) and not issued & asked)


def _listing(text: str) -> float:
    """Share of its pairs of characters that stand there more than once: a menu or a table is no sentence."""
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    return 1 - len(set(pairs)) / len(pairs) if pairs else 0.0


def stands(word: AskedWord, squeezed: str) -> float:
    """1 where the word stands in the text, a share where only parts of a compound do, 0 otherwise.

    A number stands there in whatever way it is written, a translated word in any of its wordings, and a name in Latin
    letters where characters are read so.
    """
    if word.spelled and spelled(word.text).search(squeezed):
        return 1.0
    if word.others and any(other in squeezed for other in word.others):
        return 1.0
    if _is_number(word.text):
        return float(numbers_in(word.text) <= numbers_in(squeezed))
    if word.text.isascii():
        return float(re.search(rf"(?<![a-z0-9.]){re.escape(word.text)}(?![a-z0-9])", squeezed) is not None)
    if word.text in squeezed:
        return 1.0
    if len(word.text) < 3:
        shared = not word.name and any(c in squeezed and rarity(c) > _TELLING_CHARACTER for c in word.text)
        return SHARED_CHARACTER * shared
    parts = _parts(word.text)
    return _PART_OF_WORD * sum(part in squeezed for part in parts) / len(parts) if parts else 0.0


@lru_cache(maxsize=1_000)  # the words of a question are looked for in each of its sentences
def _is_number(word: str) -> bool:
    return word.isdecimal() or any(not amount.word for amount in find_amounts(word))


@lru_cache(maxsize=1_000)
def _parts(word: str) -> list[str]:
    return [part for part in search_terms(word) if len(part) > 1 and part != word]
