"""The whole bot as a LangChain Runnable.

In: a question, or `{"question", "history"}`. Out: an Answer; `stream` and `astream` give it growing. Callbacks of the
run's config see the run, and with a model configured the model's calls under it. It adds nothing to an answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator

from bot.bot import Bot
from bot.models import Answer, Turn
from ingest.errors import BadQuestion
from ingest.models import Filter

Question = str | Mapping[str, Any]
EVERYTHING = Filter()


class WenBaoRunnable(Runnable[Question, Answer]):
    """Answers questions: `invoke`, `stream`, `batch`, and their async kin, which run in a thread.

    `history` is a list of `{"role": "user" | "assistant", "content"}`, oldest first. Raises BadQuestion.
    """

    def __init__(self, bot: Bot, where: Filter = EVERYTHING, *, write: bool = True) -> None:
        self._bot, self._where, self._write = bot, where, write
        self._running = RunnableGenerator(self._answers).with_config(run_name="WenBao")

    def invoke(self, input: Question, config: RunnableConfig | None = None, **_: Any) -> Answer:  # noqa: ANN401 - what LangChain lets callers add
        """The answer to one question."""
        return deque(self.stream(input, config), maxlen=1).pop()

    def stream(  # noqa: D102 - LangChain's own
        self,
        input: Question,
        config: RunnableConfig | None = None,
        **_: Any,  # noqa: ANN401 - what LangChain lets callers add
    ) -> Iterator[Answer]:
        yield from self._running.stream(input, config)

    async def astream(  # noqa: D102 - LangChain's own
        self,
        input: Question,
        config: RunnableConfig | None = None,
        **_: Any,  # noqa: ANN401 - what LangChain lets callers add
    ) -> AsyncIterator[Answer]:
        answers = self.stream(input, config)
        while (answer := await asyncio.to_thread(next, answers, None)) is not None:
            yield answer

    def _answers(self, asked: Iterator[Question]) -> Iterator[Answer]:
        for one in asked:
            question, history = _read(one)
            yield from self._bot.stream(question, history, self._where, write=self._write)


def _read(asked: Question) -> tuple[str, Sequence[Turn]]:
    if isinstance(asked, str):
        return asked, ()
    try:
        turns = [Turn(turn["role"], turn["content"]) for turn in asked.get("history") or ()]
        return str(asked["question"]), turns
    except (KeyError, TypeError, AttributeError) as e:
        raise BadQuestion(
            'the input is no question: give text, or {"question": …, "history": [{"role": …, "content": …}]}.'
        ) from e
