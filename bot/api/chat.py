"""What callers of `/v1/chat/completions` post, read as OpenAI's clients write it.

In: JSON. Out: a question, the turns before it, who is to answer. What does not apply to a newspaper (temperature, the
system's message, tools that need not be used) is let through and does nothing; what would need another kind of answer
is refused.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.api.errors import ApiError
from bot.api.posted import MOST_TURNS, Text, turn_of
from bot.models import Turn

WRITTEN, QUOTED = "wenbao", "wenbao-extractive"
MODELS = (WRITTEN, QUOTED)
_MOST_MESSAGES = 1_000
_LONGEST_MESSAGE = 32_000


class _Posted(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class PartPosted(_Posted):
    """A part of a message; only text is read."""

    type: str = Field(max_length=100)
    text: Text | None = Field(None, max_length=_LONGEST_MESSAGE)


class MessagePosted(_Posted):
    """A message."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[PartPosted] | None = Field(None, max_length=_LONGEST_MESSAGE)

    @property
    def said(self) -> str:
        """Its text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(_Posted):
    """How to stream."""

    include_usage: bool | None = None


class ChatPosted(_Posted):
    """A conversation whose last message of the user is the question."""

    model: str = Field(max_length=200, description="`wenbao`, or `wenbao-extractive` for an answer without a model.")
    messages: list[MessagePosted] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, description="1: there is one answer.")
    tools: list[Any] | None = Field(None, description="Let through; none is ever called.")
    tool_choice: Any = Field(None, description="Nothing that requires a call.")
    response_format: Any = Field(None, description="Text alone.")

    @property
    def with_usage(self) -> bool:
        """Whether a stream ends with its tokens."""
        return bool(self.stream_options and self.stream_options.include_usage)


def asked_in(posted: ChatPosted) -> tuple[str, tuple[Turn, ...]]:
    """The question and the turns before it. Raises ApiError for what cannot be answered."""
    _refuse_the_impossible(posted)
    at = max((i for i, message in enumerate(posted.messages) if message.role == "user"), default=None)
    if at is None:
        raise ApiError(400, "messages: there is none of role user, so there is no question.")
    question = posted.messages[at]
    if isinstance(question.content, list) and any(part.type != "text" for part in question.content):
        raise ApiError(400, f"messages.{at}.content: only parts of type text can be read.")
    turns = [
        turn_of("user" if message.role == "user" else "assistant", message.said)
        for message in posted.messages[:at]
        if message.role in ("user", "assistant") and message.said
    ]
    return question.said, tuple(turns[-MOST_TURNS:])


def _refuse_the_impossible(posted: ChatPosted) -> None:
    if posted.model not in MODELS:
        raise ApiError(404, f"model: there are {' and '.join(MODELS)}, no other.", code="model_not_found")
    if posted.n not in (None, 1):
        raise ApiError(400, "n: there is one answer to a question; leave it out.")
    if posted.tool_choice not in (None, "auto", "none"):
        raise ApiError(400, "tool_choice: no tool is ever called here; leave it out, or say none.")
    kind = posted.response_format.get("type") if isinstance(posted.response_format, dict) else posted.response_format
    if kind not in (None, "text"):
        raise ApiError(400, "response_format: an answer is text; its fields are in `wenbao`, or ask /api/ask.")
