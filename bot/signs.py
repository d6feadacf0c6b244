"""What speaks for answering at all: signs, each between 0 and 1, of whether the passages say what is asked.

In: a question read and its evidence, best first. Out: `Signs`. It decides nothing (refusal.py does).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from bot.evidence import Evidence
from bot.extractive import FEW
from bot.marks import SHARED_CHARACTER, stands
from bot.pieces import whole_of
from bot.question import Asked, AskedWord
from ingest.frequencies import is_listed
from ingest.models import StoredArticle
from ingest.spelling import spelled
from ingest.terms import fold, search_terms, tagged_words

_TELLING = 3.0  # rarity (nats) from which on a noun of the question is what it asks about, not how it asks
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")
_TO_COME = re.compile("明年|后年|下一?[届次期轮年]|下个?[月周]")
_RANKS = "省市县区镇乡"  # 上虞 names 上虞区 too


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of an answer, of the best sentence where nothing else is said.

    likely: how likely it holds the answer; few: that of the best three together; ahead: how far it is ahead of the next
    article's best. told, level, share: how sure the reader is that any of what it read tells it, and of its best one.
    own … other_year: its marks. nearest: the most that any sentence has of the question in and near it. absent:
    weighted share of the question's words that its whole article does not hold; absent_names: of the names and numbers
    alone; rarest: whether the rarest of all words is absent there; apart: share of the words that stand in the article,
    but not in the sentence or beside it. places, nouns, times: whether places (or names that are spelled in Latin
    letters), telling nouns, years or times to come of the question are missing from the article; elsewhere: whether the
    sentence tells of another place.
    """

    likely: float
    few: float
    ahead: float
    told: float
    level: float
    share: float
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
    year: float
    other_year: float
    nearest: float
    absent: float
    absent_names: float
    rarest: float
    apart: float
    places: float
    nouns: float
    times: float
    elsewhere: float


SIGNS = tuple(field.name for field in fields(Signs))


def signs_of(asked: Asked, evidence: Sequence[Evidence]) -> Signs:
    """The signs of `evidence`, of which there is some, best first."""
    best = evidence[0]
    whole = whole_of(best.article)
    there = [stands(word, whole) for word in asked.words]
    weights = [word.weight for word in asked.words]
    other = next((one for one in evidence if one.article.version_id != best.article.version_id), None)
    marks = {name: getattr(best.marks, name) for name in SIGNS if hasattr(best.marks, name)}
    return Signs(
        likely=best.score,
        few=1 - math.prod(1 - one.score for one in evidence[:FEW]),
        ahead=best.score - other.score if other else 1.0,
        told=min(1.0, sum(one.reading.share for one in evidence)),
        level=max(one.reading.level for one in evidence),
        share=max(one.reading.share for one in evidence),
        nearest=max(one.marks.near for one in evidence),
        absent=_share(weights, [1 - t for t in there]),
        absent_names=_share([w.weight * (w.name or w.text[:1].isdigit()) for w in asked.words], [1 - t for t in there]),
        rarest=1 - there[weights.index(max(weights))] if weights else 0.0,
        apart=_share(weights, [max(0.0, t - b) for t, b in zip(there, best.beside, strict=True)]),
        places=float(bool(absent_places(asked, best.article) + absent_spelled(asked, best.article))),
        nouns=float(bool(absent_nouns(asked, best.article))),
        times=float(bool(other_time(asked, best))),
        elsewhere=float(_of_another(asked, best)),
        **marks,
    )


def _share(weights: Sequence[float], found: Sequence[float]) -> float:
    return sum(w * f for w, f in zip(weights, found, strict=True)) / (sum(weights) or 1.0)


def absent_words(asked: Asked, best: Evidence) -> tuple[str, ...]:
    """Telling words of the question that the article of `best` does not hold: what an asker is told is missing."""
    whole = whole_of(best.article)
    return tuple(
        word.text
        for word in asked.words
        if _is_own(word) and word.weight >= _TELLING and stands(word, whole) <= SHARED_CHARACTER
    )


def absent_places(asked: Asked, article: StoredArticle) -> tuple[str, ...]:
    """Places of the question that the whole article does not name: what one town does tells nothing of another."""
    whole = whole_of(article)
    return tuple(
        word.text
        for word in asked.words
        if word.place
        and _is_own(word)
        and word.weight >= _TELLING
        and is_known_place(word.text)
        and word.text.rstrip(_RANKS) not in whole
        and not any(other in whole for other in word.others)
    )


def is_known_place(name: str) -> bool:
    """Whether news know it with a rank: jieba takes 登山 and 开园 for places too."""
    return any(is_listed(name.rstrip(_RANKS) + rank) for rank in _RANKS)


def absent_spelled(asked: Asked, article: StoredArticle) -> tuple[str, ...]:
    """Names in Latin letters that nothing in the article sounds like: it tells of someone else."""
    whole = whole_of(article)
    wanted = (word.text for word in asked.words if word.spelled and _is_own(word))
    return tuple(name for name in wanted if not spelled(name).search(whole) and name not in whole)


def absent_nouns(asked: Asked, article: StoredArticle) -> tuple[str, ...]:
    """Telling nouns of the question that stand nowhere in the article: it has no word of a leader or a coach."""
    whole = whole_of(article)
    return tuple(
        word.text
        for word in asked.words
        if word.tag == "n" and _is_own(word) and word.weight >= _TELLING and not _in_part(asked, word, whole)
    )


def _in_part(asked: Asked, word: AskedWord, whole: str) -> bool:
    """Whether the word is there; where it was translated, in another wording or in part (空军基地: 横田基地)."""
    if word.text in whole or any(other in whole for other in word.others):
        return True
    return asked.translated and any(len(part) > 1 and part in whole for part in search_terms(word.text))


def other_time(asked: Asked, best: Evidence) -> tuple[str, ...]:
    """A time to come that the article does not speak of, or a year where article and issue are of another."""
    whole, asks, day = whole_of(best.article), fold(asked.text), best.article.date
    years = _YEAR.findall(asks) if day or _YEAR.search(fold(best.text)) else []
    issued = str(day.year) if day else ""
    return tuple(time for time in [*years, *_TO_COME.findall(asks)] if time not in whole + issued)


def _is_own(word: AskedWord) -> bool:
    """Whether the question says it itself, and not the one before."""
    return word.share == 1


def _of_another(asked: Asked, best: Evidence) -> bool:
    """Whether a place that is asked about stands not near the best sentence, which tells of another place instead."""
    known = {word.text for word in asked.words}
    if not any(w.tag == "ns" and w.text not in known for w in tagged_words(best.text)):
        return False
    beside = zip(asked.words, best.beside, strict=True)
    return any(word.place and _is_own(word) and near == 0 for word, near in beside)
