"""Questions to go on with: about the other articles that an answer was looked for in, each one that gets an answer.

In: an answer with its passages, a way to ask. Out: a few questions. They are made of headlines, as those are that a
conversation begins with, and offered only where the bot answers them from the very article that they are about.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.examples import question_about
from bot.models import Answer

TRIED = 4  # questions that are tried: each costs as much as an answer


def follow_ups(answer: Answer, ask: Callable[[str], Answer], most: int) -> list[str]:
    """Up to `most` questions about articles that were found and not quoted, the nearest first."""
    cited = {c.article_id for c in answer.citations}
    found = {p.article.article_id: p.article for p in answer.passages if p.article.article_id not in cited}
    asked = {a_id: question for a_id, article in found.items() if (question := question_about(article))}
    told: list[str] = []
    for article_id, question in list(asked.items())[:TRIED]:
        if question in (answer.question, *told):
            continue
        reply = ask(question)
        if not reply.refused and any(c.article_id == article_id for c in reply.citations):
            told.append(question)
        if len(told) == most:
            break
    return told
