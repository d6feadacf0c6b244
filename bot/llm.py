"""A language model as the rest of the house sees it: messages go in, tokens come out, and it may fail in known ways.

In: nothing. Out: the values and the Protocol that `bot.writer` works with, and the line that tells a failure to whoever
asked. It knows no library; the class behind the Protocol lives in `bot/langchain/`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Failure = Literal["unreachable", "rejected", "stalled", "slow", "broke_off", "garbled", "empty", "long", "unfounded"]

# What each failure is called, in Chinese and English; {detail} is a number of seconds or an HTTP status.
_SAYS: dict[Failure, tuple[str, str]] = {
    "unreachable": ("连接不上", "cannot be reached"),
    "rejected": ("拒绝了请求（HTTP {detail}）", "turned the request down (HTTP {detail})"),
    "stalled": ("{detail}秒没有回音", "was silent for {detail} seconds"),
    "slow": ("没能在{detail}秒内写完", "did not finish within {detail} seconds"),
    "broke_off": ("写到一半断了", "broke off in the middle"),
    "garbled": ("发来的内容读不懂", "sent what cannot be read"),
    "empty": ("什么也没写", "wrote nothing"),
    "long": ("写得太长", "wrote far too much"),
    "unfounded": ("写的话多半在报上找不到依据", "wrote what the newspaper mostly does not bear out"),
}
_INSTEAD = ("模型{name}{what}，这次不用模型作答。", "The model {name} {what}; this was answered without it.")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of what a model is sent."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a model sent last: some text, "" for a sign of life; tokens read and written where it counts them here."""

    text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cut: bool = False  # the model stopped because it may write no more, not because it was done


class Model(Protocol):
    """A language model that streams."""

    @property
    def name(self) -> str:
        """`provider:model`."""

    @property
    def address(self) -> str:
        """Where the messages go, as a URL without names or keys; "" where they stay in this process."""

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Token, None]:
        """What the model writes, until it is done; closing it ends the model's work. Raises anything.

        Raises ModelFailed("broke_off") where the stream ends and the model did not say that it was done.
        """


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a model may take (seconds): to its first token, from one to the next, for a whole answer."""

    first: float
    stall: float
    whole: float


class ModelFailed(Exception):
    """A model gave no answer that can be used; never seen by who asks, who gets an answer without the model."""

    def __init__(self, why: Failure, detail: object = "") -> None:
        super().__init__(why, detail)
        self.why, self.detail = why, detail


def say_failure(failed: ModelFailed, name: str, *, chinese: bool) -> str:
    """What happened to the model called `name`, in one line for whoever asked."""
    which = 0 if chinese else 1
    what = _SAYS[failed.why][which].format(detail=failed.detail)
    return _INSTEAD[which].format(name=f" {name} " if chinese else name, what=what)
