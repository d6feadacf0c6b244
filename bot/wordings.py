"""A question into what the word index is asked: its terms, and for everyday wordings what a newspaper prints instead.

In: a question read, a thesaurus. Out: weighted terms, and groups of them of which the best counts. It searches nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.question import Asked, AskedWord
from ingest.frequencies import rarity
from ingest.spelling import NOTHING, beginnings, spelled
from ingest.terms import fold, plain_terms
from ingest.thesaurus import Thesaurus, Wording
from ingest.words import Terms, Ways

OTHER_WEIGHT = 0.7  # of another wording beside the asker's own: the best of .2, .35, .5, .7, .9 on everyday questions
_MOST = 12  # other wordings of one: the entries' first are the nearest, and each costs a look into the index
_WAYS = 5  # wordings of a question: an everyday one has three, a long one in the paper's words needs none of its twenty
# An other wording of n terms counts _EVEN / (n + _EVEN - 1) of their sum: between their sum, which long names would
# win, and their mean, by which a chance word would weigh as much as a whole name.
_EVEN = 1.5
_BEGINNING = 0.5  # what the first two characters of a name in Latin letters weigh beside the whole of it


@dataclass(frozen=True, slots=True)
class WordQuery:
    """What to search the words for: `terms` as they stand in the question, `ways` for what may be said otherwise."""

    terms: Terms
    ways: tuple[Ways, ...] = ()


def word_query(asked: Asked, thesaurus: Thesaurus) -> WordQuery:
    """The question's own terms, each once, and the ways to say those of its wordings that the thesaurus knows."""
    said = dict(asked.terms)
    free = dict(said)
    ways = [way for word in asked.words if word.others or word.spelled for way in _translated(word, free)]
    known = thesaurus.wordings(asked.searched)
    for wording in sorted(known, key=lambda one: -rarity(one.text))[:_WAYS]:  # least printed, most in need of others
        others = _others(wording, said.keys())
        if others:
            own = [term for term in free if term in wording.text]
            ways.append(Ways([(term, free.pop(term)) for term in own], others))
    return WordQuery(list(free.items()), tuple(ways))


def _translated(word: AskedWord, free: dict[str, float]) -> Iterator[Ways]:
    """A word of an English question and what else it may mean; what it takes in of the terms is no more free."""
    others = [terms for other in word.others if (terms := plain_terms(fold(other)))]
    if others or word.spelled:
        own = [term for term in free if term in word.text]
        weighted = ([(term, word.share / len(terms)) for term in terms] for terms in others)
        yield Ways([(term, free.pop(term)) for term in own], tuple(weighted), _by_sound(word) if word.spelled else ())


def _by_sound(word: AskedWord) -> Terms:
    whole, beginning = spelled(word.text).pattern, beginnings(word.text).pattern
    return [(whole, word.share)] + ([(beginning, word.share * _BEGINNING)] if beginning != NOTHING else [])


def _others(wording: Wording, said: Collection[str]) -> tuple[Terms, ...]:
    cut = [
        ([term for term in plain_terms(other.text) if term not in said], other.weight)
        for other in wording.alternatives[:_MOST]
    ]
    return tuple(
        [(term, OTHER_WEIGHT * weight * _EVEN / (len(terms) + _EVEN - 1)) for term in terms]
        for terms, weight in cut
        if terms
    )
