"""The nouns of what is kept, each a frozen value: conversation, exchange, share, what was told, key, sign-in.

Ids are 128 random bits in hexadecimal digits. Times are UTC, written `2026-11-26T04:25:11Z`: they sort as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.models import Answer
from bot.visitor import Scope, Via

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row of questions and answers under one title."""

    id: str
    title: str
    created: str
    updated: str


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """Which text an answer was made from: characters of one version of an article, without the text itself."""

    n: int
    chunk_id: str
    article_id: str
    version_id: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, number `number` (from 1) of its conversation.

    `answer.passages` is empty, `passages` names them; `follow_ups` are questions that were offered after it.
    """

    id: str
    conversation: str
    number: int
    answer: Answer
    passages: tuple[KeptPassage, ...] = ()
    follow_ups: tuple[str, ...] = ()
    created: str = ""
    verdict: Verdict | None = None
    shared: str | None = None

    @property
    def question(self) -> str:
        """What was asked."""
        return self.answer.question


@dataclass(frozen=True, slots=True)
class Shared:
    """An exchange that its owner lets others see."""

    id: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Told:
    """A question for whoever runs the bot: what came of it and what its asker thought. It says nothing of the owner."""

    created: str
    exchange: str
    question: str
    standalone: str
    answer: str
    refused: bool
    reason: str | None
    model: str | None
    note: str | None
    generation: int | None
    took_ms: float
    passages: tuple[KeptPassage, ...]
    verdict: Verdict | None
    why: str
    judged: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret. `used` is when it last was, to a minute; None for never, or not revoked."""

    id: str
    name: str
    scopes: frozenset[Scope]
    groups: frozenset[str]
    created: str
    revoked: str | None = None
    used: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody's session without its secret: who, until when (Unix seconds) at the latest, and when it ended before."""

    id: str
    subject: str
    name: str
    groups: frozenset[str]
    via: Via
    created: str
    until: int
    ended: str | None = None
