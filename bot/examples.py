"""Questions to begin with, made from the archive itself.

In: a snapshot. Out: questions about its newest articles, each of which the archive can answer.
"""

from __future__ import annotations

import re

from ingest.models import StoredArticle
from ingest.snapshot import Snapshot

_LOOKED_AT = 60  # newest articles among which examples are looked for
_SHORTEST, _LONGEST = 6, 26  # characters of a headline that makes a question one likes to click
_TELLS = 150  # characters of text, at least: a brief has no more to tell than its headline


def example_questions(snapshot: Snapshot, count: int) -> list[str]:
    """Up to `count` questions, newest articles first, no two about the same headline."""
    questions: dict[str, None] = {}
    for article in snapshot.recent(_LOOKED_AT):
        question = question_about(article)
        if question:
            questions.setdefault(question)
        if len(questions) == count:
            break
    return list(questions)


def question_about(article: StoredArticle) -> str | None:
    """What a reader of its headline would ask; None where that is too short, too long, or has nothing to tell."""
    topic = _topic(article)
    return f"{topic}，是怎么回事？" if topic else None


def _topic(article: StoredArticle) -> str | None:
    """The part of the headline that tells most."""
    if not article.title or len(article.text) < _TELLS:
        return None
    topic = max(re.split(r"[\s　!！?？:：]+", article.title), key=len)
    return topic if _SHORTEST <= len(topic) <= _LONGEST else None
