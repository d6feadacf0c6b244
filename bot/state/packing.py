"""An answer as JSON, enough to show it again, and back. In: Answer. Out: text. The passages' own text is not kept."""

from __future__ import annotations

from dataclasses import replace

from pydantic import TypeAdapter

from bot.models import Answer, Passage
from bot.state.models import KeptPassage

_ANSWER = TypeAdapter(Answer)
_PASSAGES = TypeAdapter(tuple[KeptPassage, ...])
_LINES = TypeAdapter(tuple[str, ...])


def pack_answer(answer: Answer) -> str:
    """The answer without its passages."""
    return _ANSWER.dump_json(replace(answer, passages=())).decode()


def unpack_answer(text: str) -> Answer:
    """What `pack_answer` packed, by this or an earlier version: what it did not know yet has its default."""
    return _ANSWER.validate_json(text)


def kept_passages(passages: tuple[Passage, ...]) -> tuple[KeptPassage, ...]:
    """Which text was read."""
    return tuple(
        KeptPassage(p.n, p.chunk_id, p.article.article_id, p.article.version_id, p.start, p.end, round(p.score, 4))
        for p in passages
    )


def pack_passages(passages: tuple[KeptPassage, ...]) -> str:
    """The passages' ids and offsets."""
    return _PASSAGES.dump_json(passages).decode()


def unpack_passages(text: str) -> tuple[KeptPassage, ...]:
    """What `pack_passages` packed."""
    return _PASSAGES.validate_json(text)


def pack_lines(lines: tuple[str, ...]) -> str:
    """A few lines of text."""
    return _LINES.dump_json(lines).decode()


def unpack_lines(text: str) -> tuple[str, ...]:
    """What `pack_lines` packed."""
    return _LINES.validate_json(text)
