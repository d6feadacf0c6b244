"""An Answer as scripts are told of it at its end, for the page around ours where there is one.

In: an Answer. Out: plain values for JSON: what was asked, whether it was refused, where each mark points.
"""

from __future__ import annotations

from typing import TypedDict

from bot.models import Answer, Citation
from bot.page.references import of_citation


class ToldCitation(TypedDict):
    """A mark [n] of an answer; `href` is its link on the page."""

    n: int
    paper: str | None
    date: str | None
    page: str | None
    title: str | None
    article_id: str
    href: str


class ToldAnswer(TypedDict):
    """An answer without its words."""

    question: str
    refused: bool
    citations: list[ToldCitation]


def told_answer(answer: Answer) -> ToldAnswer:
    """What there is to tell of an answer."""
    return {
        "question": answer.question,
        "refused": answer.refused,
        "citations": [_told_citation(citation) for citation in answer.citations],
    }


def _told_citation(citation: Citation) -> ToldCitation:
    return {
        "n": citation.n,
        "paper": citation.paper,
        "date": citation.date.isoformat() if citation.date else None,
        "page": citation.page,
        "title": citation.title,
        "article_id": citation.article_id,
        "href": of_citation(citation).href,
    }
