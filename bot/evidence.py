"""Every sentence of the passages, with what speaks for it as an answer.

In: a question read, passages. Out: `Evidence` values, each a verbatim piece of an article with its marks and one score,
best first. What looks best by its marks is read together with the question. It chooses nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

from bot.marks import MARKS, Marks, marks_of
from bot.models import Part, Passage
from bot.network import read_network
from bot.pieces import pieces_of, squeeze, whole_of
from bot.question import KINDS, Asked, Kind, kind_inputs
from bot.reader import READINGS, UNREAD, Reader, Reading, read_reader
from bot.series import Numbered, numbered_in, told_of
from ingest.encoder import Encoder
from ingest.models import StoredArticle
from ingest.terms import Word, tagged_words

# Both made by bot/training/answers.py: what is worth reading, by marks alone, and what answers, by marks and reading.
WORTH, ANSWERS = (Path(__file__).with_name(name) for name in ("worth.tsv", "answers.tsv"))
WORTH_INPUTS = (*MARKS, *KINDS)
ANSWER_INPUTS = (*MARKS, *READINGS, *KINDS)
READ = 6  # sentences that are read: the likeliest; eight or twenty-four answer no better and take longer
_BEGINNING = 16  # characters of a sentence in which what it is about is named
_marks, _reading = attrgetter(*MARKS), attrgetter(*READINGS)  # dataclasses.astuple copies every number deeply


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence (or headline) as evidence: `article.<part>[start:end]`, its marks and its score.

    score: how likely it is to hold the answer, 0 to 1, as the learned weights see it. beside: for each word of the
    question how far it stands here or in a sentence beside it. reading: what the reader said of it, if it was read.
    """

    article: StoredArticle
    part: Part
    start: int
    end: int
    text: str
    marks: Marks
    score: float
    beside: tuple[float, ...]
    reading: Reading = UNREAD


def worth_inputs(kind: Kind, one: Evidence) -> list[float]:
    """What is asked about a sentence before any is read: its marks, and which kind of question it is."""
    return [*_marks(one.marks), *kind_inputs(kind)]


def answer_inputs(kind: Kind, one: Evidence) -> list[float]:
    """What is asked about a sentence afterwards: what the reader said of it as well."""
    return [*_marks(one.marks), *_reading(one.reading), *kind_inputs(kind)]


def gather(asked: Asked, passages: Sequence[Passage], encoder: Encoder) -> list[Evidence]:
    """All sentences and headlines of `passages` as evidence for `asked`, best first; [] where there are no passages."""
    found = read_best(asked, look_over(asked, passages, encoder), read_reader())
    network = read_network(ANSWERS, ANSWER_INPUTS)
    best = _best_first(found, network.likely([answer_inputs(asked.kind, one) for one in found]))
    return _of_the_number(asked, best)


def _of_the_number(asked: Asked, found: Sequence[Evidence]) -> list[Evidence]:
    """Where an article has what is asked for by its number (神舟十五号), sentences and articles of others are none."""
    wanted = asked_by_number(asked)
    articles = {one.article.version_id: one.article for one in found} if wanted else {}
    told = {name: told_of(wanted, whole_of(article)) for name, article in articles.items()}
    if not any(one.held for one in told.values()):
        return list(found)
    kept = [one for one in found if not told[one.article.version_id].others]
    return [one for one in kept if not _begins_with_another(wanted, squeeze(one.text))]


def _begins_with_another(wanted: Sequence[Numbered], squeezed: str) -> bool:
    """Whether a sentence is about another of the kind; further on it may stand beside the one that is asked for."""
    return bool(told_of(wanted, squeezed[:_BEGINNING]).others) and not told_of(wanted, squeezed).held


def asked_by_number(asked: Asked) -> list[Numbered]:
    """What the question asks for by its number; nothing of one that was translated, whose words are not the asker's."""
    return [] if asked.translated else list(numbered_in(squeeze(asked.text)))


def read_best(asked: Asked, found: Sequence[Evidence], reader: Reader) -> list[Evidence]:
    """The same evidence, the first of it read."""
    readings = reader.read(asked.text, [one.text for one in found[:READ]])
    return [replace(one, reading=each) for one, each in zip(found, readings, strict=False)] + list(found[READ:])


def look_over(asked: Asked, passages: Sequence[Passage], encoder: Encoder) -> list[Evidence]:
    """The same by marks alone: nothing is read."""
    pieces = list(pieces_of(passages))
    if not pieces:
        return []
    words = [_words_of(squeeze(piece.text)) for piece in pieces]  # a padded name is cut as one name
    cosines = encoder.encode_documents([piece.text for piece in pieces]) @ encoder.encode_query(asked.text)
    marked = marks_of(asked, pieces, words, cosines.tolist())
    found = [
        Evidence(piece.article, piece.part, piece.start, piece.end, piece.text, one.marks, 0.0, one.beside)
        for piece, one in zip(pieces, marked, strict=True)
    ]
    return _best_first(found, read_network(WORTH, WORTH_INPUTS).likely([worth_inputs(asked.kind, e) for e in found]))


@lru_cache(maxsize=2_000)  # what one reader asks about today, the next asks about too
def _words_of(squeezed: str) -> Sequence[Word]:
    return tuple(tagged_words(squeezed))


def _best_first(found: Sequence[Evidence], scores: Sequence[float]) -> list[Evidence]:
    scored = [replace(one, score=score) for one, score in zip(found, scores, strict=True)]
    return sorted(scored, key=lambda e: (-e.score, e.article.article_id, e.start))
