"""A kept answer as somebody may see it now: what rests on articles that are gone, or not theirs to read, goes.

In: a bot as that reader sees it, an exchange that was kept, or that somebody else shares. Out: the answer without those
sentences. An article that is not to be read and one that is gone look the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.bot import Bot
from bot.extractive import marked
from bot.models import Answer
from bot.state import Exchange
from ingest.errors import NotFound
from ingest.models import Pointer


def as_seen_by(bot: Bot, exchange: Exchange) -> tuple[Answer | None, int]:
    """The answer without what may not be seen, None where nothing is left; how many sentences went."""
    answer = exchange.answer
    if answer.refused:  # its one text names articles, papers and how many there are
        whole = bot.sees_everything and all(_is_open(bot, near.article_id) for near in answer.nearest)
        return (answer if whole else bot.said_again(answer)), 0
    left = {c.n for c in answer.citations if _is_open(bot, c.version_id or c.article_id)}
    # A model may have taken more from what it read than it cites.
    read = answer.model is None or all(_is_open(bot, name) for name in _looked_at(exchange))
    sentences = tuple(s for s in answer.sentences if left.issuperset(s.citations) and (read or s.supported))
    sentences = tuple(s for s in sentences if s.citations or len(left) == len(answer.citations))
    gone = len(answer.sentences) - len(sentences)
    if not sentences and answer.sentences:
        return None, gone
    used = {n for s in sentences for n in s.citations}
    citations = tuple(
        replace(c, also=_open(bot, c.also), corrected_by=_open(bot, c.corrected_by))
        for c in answer.citations
        if c.n in left and (c.n in used or not gone)
    )
    seen = replace(answer, citations=citations)
    if answer.model and not bot.sees_everything:  # it may have put words of an earlier answer into the question
        seen = replace(seen, standalone=answer.question)
    if gone:  # the closing line may name what is left out
        text = marked(sentences, listed=answer.listed)
        seen = replace(seen, text=text, sentences=sentences, missing=(), closing="")
    return seen, gone


def exchange_as_seen_by(bot: Bot, exchange: Exchange) -> Exchange:
    """One of the owner's own; without text and `not_allowed` where nothing is left of the answer."""
    answer, _ = as_seen_by(bot, exchange)
    if answer is None:
        question = exchange.question
        answer = Answer(question, question, "", refused=True, reason="not_allowed")
    offered = all(_is_open(bot, name) for name in _looked_at(exchange))
    return replace(exchange, answer=answer, follow_ups=exchange.follow_ups if offered else ())


def _looked_at(exchange: Exchange) -> set[str]:
    """What an answer was made from, cited or not."""
    kept = {one.version_id or one.article_id for one in exchange.passages}
    return kept | {one.article.version_id for one in exchange.answer.passages}


def _is_open(bot: Bot, name: str) -> bool:
    try:
        bot.article(name)
    except NotFound:
        return False
    return True


def _open(bot: Bot, pointers: Iterable[Pointer]) -> tuple[Pointer, ...]:
    return tuple(one for one in pointers if _is_open(bot, one.article_id))
