"""The bot's work, which blocks, beside the event loop: in threads of its own, in the order in which it came.

In: something to be done by a bot. Out: what it gives, as it comes. Whoever stops listening stops the work, a model's
too. An answer made of the newspaper's sentences is all thinking, so there are no more of these at once than the machine
has cores to think with: the first of many then has its words at once, and the last no later than if all shared. An
answer that a model writes mostly waits, and has a thread of a larger number.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from bot.api.errors import ApiError
from bot.bot import Bot
from bot.models import Answer, Turn
from ingest.models import Filter

BEAT = 3.0  # seconds of silence after which whoever waits is told that the work goes on
WRITERS = 64  # answers that a model writes at once
MOST = 1_000  # answers and searches that may be under way or wait; the guard before us turns people away far sooner
RETRY = "5"  # seconds
_LOOKS = 4  # articles that are looked up at once: milliseconds each, and they need not wait behind questions

T = TypeVar("T")
Waited = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and whether a model may write the answer."""

    text: str
    history: Sequence[Turn]
    where: Filter
    write: bool


@dataclass(frozen=True, slots=True)
class State:
    """An answer as far as it has come; `final` where it is whole."""

    answer: Answer
    final: bool = False


class Work:
    """Threads for the bot; `waited` is told, on one of them, how many seconds each question stood in the queue."""

    def __init__(self, waited: Waited) -> None:
        self._waited = waited
        self._thinking = ThreadPoolExecutor(os.cpu_count() or 1, "api-thinking")
        self._writing = ThreadPoolExecutor(WRITERS, "api-writing")
        self._looking = ThreadPoolExecutor(_LOOKS, "api-looking")
        self._under_way = 0  # counted on the event loop alone

    def answer(self, bot: Bot, asked: Question) -> AsyncGenerator[State | None, None]:
        """The answer growing, at last whole; None each BEAT in which it did not grow. Closing it ends the work.

        Raises ApiError where too many wait.
        """
        self._refuse_too_many()
        return self._states(bot, asked)

    async def _states(self, bot: Bot, asked: Question) -> AsyncGenerator[State | None, None]:
        states: asyncio.Queue[State | Exception] = asyncio.Queue()  # a state for each sentence: it stays short
        loop, left = asyncio.get_running_loop(), threading.Event()
        began = time.perf_counter()

        def tell(state: State | Exception) -> None:
            if not left.is_set():
                loop.call_soon_threadsafe(states.put_nowait, state)

        def work() -> None:
            try:
                self._answer(bot, asked, began, left, tell)
            except Exception as e:  # noqa: BLE001 - whoever listens raises it
                tell(e)

        pool = self._writing if asked.write and bot.writer is not None else self._thinking
        with _Counted(self):
            running = pool.submit(work)
            try:
                while True:
                    state = await _within(states, BEAT)
                    if isinstance(state, Exception):
                        raise state
                    yield state
                    if state and state.final:
                        return
            finally:
                left.set()
                running.cancel()

    def _answer(
        self, bot: Bot, asked: Question, began: float, left: threading.Event, tell: Callable[[State], None]
    ) -> None:
        answer: Answer | None = None
        if left.is_set():
            return
        self._waited(time.perf_counter() - began)
        with closing(bot.stream(asked.text, asked.history, asked.where, write=asked.write)) as answers:
            shown = ""
            for answer in answers:
                if left.is_set():
                    return
                if answer.text != shown:
                    shown = answer.text
                    tell(State(answer))
        if answer is not None:
            tell(State(answer, final=True))

    async def think(self, do: Callable[[], T]) -> T:
        """What `do` gives, after those who came before."""
        self._refuse_too_many()
        with _Counted(self):
            return await asyncio.get_running_loop().run_in_executor(self._thinking, do)

    async def look(self, do: Callable[[], T]) -> T:
        """What `do` gives, which is done in a moment."""
        self._refuse_too_many()
        with _Counted(self):
            return await asyncio.get_running_loop().run_in_executor(self._looking, do)

    def _refuse_too_many(self) -> None:
        if self._under_way >= MOST:
            raise ApiError(503, headers={"Retry-After": RETRY})

    def count(self, by: int) -> None:
        """So many more are under way."""
        self._under_way += by


class _Counted:
    """Counts something as under way while it is."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __enter__(self) -> None:
        self._work.count(1)

    def __exit__(self, *_: object) -> None:
        self._work.count(-1)


async def _within(states: asyncio.Queue[T], seconds: float) -> T | None:
    """The next state; None where there is none in so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await states.get()
    except TimeoutError:
        return None
