"""The nouns of an answer, each a frozen value: hit, passage, citation, sentence, answer.

Offsets count characters, start inclusive, end exclusive. Nothing in this room searches or decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - a field is called `date`, which would shadow the type
from typing import Literal

from ingest.models import Pointer, StoredArticle, StoredChunk

FoundBy = Literal["words", "vectors"]
Part = Literal["text", "title", "byline"]
Reason = Literal["empty_archive", "no_evidence", "near_miss", "not_allowed", "model_failed"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, best first: rank counts from 1, a higher score is better.

    `reranked` is what a reranker thought of it, on that model's own scale; None where none has read it.
    """

    rank: int
    score: float
    found_by: tuple[FoundBy, ...]
    chunk: StoredChunk
    article: StoredArticle
    reranked: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Numbered text (from 1) that an answer may use: `text` stands at `start`..`end` of the article's text."""

    n: int
    chunk_id: str
    article: StoredArticle
    start: int
    end: int
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence of an answer stands in the newspaper.

    `quote` stands verbatim at `start`..`end` of the article's `part`; `n` is the mark [n] in the answer. `version_id`
    is the very version that was quoted, "" where nobody knows. `also`: other articles of the same story that print it
    too. `corrected_by`: notices that take something of the article back. `changed`: an earlier version of the article
    had another text.
    """

    n: int
    article_id: str
    source_id: str | None
    part: Part
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None
    quote: str
    start: int
    end: int
    sample: bool = False
    version_id: str = ""
    also: tuple[Pointer, ...] = ()
    corrected_by: tuple[Pointer, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer, the numbers of its citations, and whether they bear it out.

    `text` is the newspaper's, a quotation perhaps shortened at its ends, or a model's; `lead` are words of ours that
    stand before it (已更正（2023-07-20《晚报》）：).
    """

    text: str
    citations: tuple[int, ...]
    supported: bool = True
    missing: tuple[str, ...] = ()
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """An article that a refusal names because it comes nearest to the question; `says` begins what it does say."""

    article_id: str
    title: str
    paper: str | None
    date: Date | None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model did for one answer: tokens read and written, None where it does not count them, and seconds."""

    input_tokens: int | None
    output_tokens: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says. A refusal is an answer too: `refused` with its `reason`.

    `text` carries the citation marks ([1]); `sentences` carry none. `model` is None for the extractive answer, `usage`
    where no model was asked; `note` is one line for the asker where a model failed. `listed`: each sentence stands on a
    line of its own. `missing` are the parts of the question that the newspaper does not tell, `closing` our line at
    the end that says so, or that an article was corrected. `generation` is the state of the archive that it was made
    from.
    """

    question: str
    standalone: str
    text: str
    refused: bool = False
    reason: Reason | None = None
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    nearest: tuple[Nearest, ...] = field(default=())
    model: str | None = None
    took_ms: float = 0.0
    usage: Usage | None = None
    note: str | None = None
    listed: bool = False
    missing: tuple[str, ...] = ()
    closing: str = ""
    generation: int | None = None
