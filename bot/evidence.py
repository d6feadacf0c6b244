"""Every sentence of the passages, with what speaks for it as an answer.

In: a question read, passages. Out: `Evidence` values, each a verbatim piece of an article with its marks and one score,
best first. It chooses nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from bot.marks import MARKS, Marks, marks_of
from bot.models import Part, Passage
from bot.network import read_network
from bot.pieces import pieces_of, squeeze
from bot.question import KINDS, Asked, Kind, kind_inputs
from ingest.encoder import Encoder
from ingest.models import StoredArticle
from ingest.terms import tagged_words

ANSWERS = Path(__file__).with_name("answers.tsv")  # made by bot/training/answers.py
ANSWER_INPUTS = (*MARKS, *KINDS)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence (or headline) as evidence: `article.<part>[start:end]`, its marks and its score.

    score: how likely it is to hold the answer, 0 to 1, as the learned weights see it. beside: for each word of the
    question how far it stands here or in a sentence beside it.
    """

    article: StoredArticle
    part: Part
    start: int
    end: int
    text: str
    marks: Marks
    score: float
    beside: tuple[float, ...]


def answer_inputs(kind: Kind, marks: Marks) -> list[float]:
    """What the network is asked about a sentence: its marks, and which kind of question it is."""
    return [*astuple(marks), *kind_inputs(kind)]


def gather(asked: Asked, passages: Sequence[Passage], encoder: Encoder) -> list[Evidence]:
    """All sentences and headlines of `passages` as evidence for `asked`, best first; [] where there are no passages."""
    pieces = list(pieces_of(passages))
    if not pieces:
        return []
    words = [tagged_words(squeeze(piece.text)) for piece in pieces]  # a padded name is cut as one name
    cosines = encoder.encode_documents([piece.text for piece in pieces]) @ encoder.encode_query(asked.text)
    marked = marks_of(asked, pieces, words, cosines.tolist())
    scores = read_network(ANSWERS, ANSWER_INPUTS).likely([answer_inputs(asked.kind, one.marks) for one in marked])
    found = [
        Evidence(piece.article, piece.part, piece.start, piece.end, piece.text, one.marks, score, one.beside)
        for piece, one, score in zip(pieces, marked, scores, strict=True)
    ]
    return sorted(found, key=lambda e: (-e.score, e.article.article_id, e.start))
