"""A shared answer as somebody else may see it: what rests on articles that are gone, or not theirs to read, goes.

In: an answer, a reader, a way to look an article up. Out: the answer without those sentences, and how many went. An
article that is not to be read and one that is gone look the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.access import Reader, may_read
from bot.extractive import marked
from bot.models import Answer
from ingest.errors import NotFound
from ingest.models import StoredArticle

Find = Callable[[str], StoredArticle]


def as_seen_by(reader: Reader, answer: Answer, find: Find) -> tuple[Answer | None, int]:
    """The answer without what `reader` may not see, None where nothing is left; how many sentences went."""

    def is_open(article_id: str) -> bool:
        try:
            return may_read(reader, find(article_id))
        except NotFound:
            return False

    if answer.refused:
        whole = all(is_open(near.article_id) for near in answer.nearest)
        return (answer if whole else None), 0  # its one text names them all
    citations = tuple(c for c in answer.citations if is_open(c.version_id or c.article_id))
    left = {c.n for c in citations}
    if len(left) == len(answer.citations):
        return answer, 0
    sentences = tuple(s for s in answer.sentences if s.citations and left.issuperset(s.citations))
    gone = len(answer.sentences) - len(sentences)
    if not sentences:
        return None, gone
    used = {n for s in sentences for n in s.citations}
    kept = tuple(c for c in citations if c.n in used)
    text = marked(sentences, listed=answer.listed)
    # The closing line may name what is left out.
    return replace(answer, text=text, sentences=sentences, citations=kept, missing=(), closing=""), gone
