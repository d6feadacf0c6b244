"""What the tools take and give, as MCP clients and their models read it.

In: arguments as they were sent; answers and hits. Out: values that are sound; records with sources, and the same as
text for clients that read nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date as Date  # noqa: N812 - as in models
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bot.bot import LONGEST_QUESTION
from bot.models import Answer, Hit, Reason
from ingest.models import Filter

MOST_HITS = 50

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _day(said: object) -> object:
    """A day as text and nothing that pydantic would take for one (a number, a time)."""
    if isinstance(said, str) and not _DAY.fullmatch(said):
        raise ValueError("write the day as 2023-05-11")
    if said is not None and not isinstance(said, str):
        raise ValueError("write the day as text, as 2023-05-11")
    return said


Question = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_QUESTION)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
Day = Annotated[Date | None, BeforeValidator(_day)]


class _Wanted(BaseModel):
    """A filter: what both tools take."""

    model_config = ConfigDict(extra="forbid")
    since: Day = Field(None, description="Only articles from this day on (YYYY-MM-DD).")
    until: Day = Field(None, description="Only articles up to this day (YYYY-MM-DD).")
    paper: Name | None = Field(None, description="Only this newspaper, by its exact name.")

    @property
    def where(self) -> Filter:
        """As the bot takes it."""
        return Filter(self.since, self.until, self.paper)


class AskWanted(_Wanted):
    """What `ask_newspaper` takes."""

    question: Question = Field(description="One question in Chinese or English, whole in itself.")


class SearchWanted(_Wanted):
    """What `search_newspaper` takes."""

    query: Question = Field(description="What to look for: a question or words, in Chinese or English.")
    k: int = Field(10, strict=True, ge=1, le=MOST_HITS, description="How many passages at most.")
    place: Name | None = Field(None, description="Only articles from this place.")
    byline: Name | None = Field(None, description="Only articles by this author.")

    @property
    def where(self) -> Filter:
        """As the bot takes it."""
        return Filter(self.since, self.until, self.paper, self.place, self.byline)


class Source(BaseModel):
    """Where a sentence of the answer stands in the newspaper."""

    n: int = Field(description="The mark [n] in the answer.")
    article_id: str
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None
    quote: str = Field(description="The newspaper's own words, verbatim.")
    corrected: bool = Field(description="Whether the newspaper has taken something of the article back since.")


class Sentence(BaseModel):
    """A sentence of the answer."""

    text: str
    citations: list[int]
    supported: bool = Field(description="Whether the cited words bear it out; false: do not rely on it.")


class AnswerTold(BaseModel):
    """An answer, or a refusal."""

    answer: str = Field(description="The answer with marks [n], or why there is none.")
    refused: bool = Field(description="Whether the newspaper does not tell it.")
    reason: Reason | None
    sentences: list[Sentence]
    citations: list[Source]
    missing: list[str] = Field(description="Parts of the question that the newspaper does not tell.")


class HitTold(BaseModel):
    """A passage of an article."""

    rank: int
    score: float = Field(description="The higher the better.")
    article_id: str
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None
    text: str


class HitsTold(BaseModel):
    """What was found, best first."""

    hits: list[HitTold]


def answer_told(answer: Answer) -> AnswerTold:
    """An answer as a record."""
    return AnswerTold(
        answer=answer.text,
        refused=answer.refused,
        reason=answer.reason,
        sentences=[
            Sentence(text=one.lead + one.text, citations=list(one.citations), supported=one.supported)
            for one in answer.sentences
        ],
        citations=[
            Source(
                n=one.n,
                article_id=one.article_id,
                title=one.title,
                paper=one.paper,
                date=one.date,
                page=one.page,
                quote=one.quote,
                corrected=bool(one.corrected_by),
            )
            for one in answer.citations
        ],
        missing=list(answer.missing),
    )


def hits_told(hits: Sequence[Hit]) -> HitsTold:
    """Hits as a record."""
    return HitsTold(
        hits=[
            HitTold(
                rank=hit.rank,
                score=round(hit.score, 4),
                article_id=hit.article.article_id,
                title=hit.article.title,
                paper=hit.article.paper,
                date=hit.article.date,
                page=hit.article.page,
                text=hit.chunk.text,
            )
            for hit in hits
        ]
    )


def answer_text(answer: Answer) -> str:
    """An answer with its sources below."""
    notes = [f"[{one.n}] {_where(one)}: “{one.quote}”" for one in answer.citations]
    return "\n".join([answer.text, *([""] if notes else []), *notes])


def hits_text(hits: Sequence[Hit]) -> str:
    """Hits, one below the other."""
    if not hits:
        return "Nothing was found."
    return "\n\n".join(
        f"{hit.rank}. {_where(hit.article)} ({hit.article.article_id})\n{hit.chunk.text}" for hit in hits
    )


def _where(one: object) -> str:
    found = (getattr(one, name) for name in ("title", "paper", "date", "page"))
    return ", ".join(str(each) for each in found if each)
