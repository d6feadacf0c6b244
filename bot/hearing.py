"""Listening to a model within time limits: its stream runs beside the caller, who waits no longer than is set.

In: a model, messages, limits, the moment by which all must be done. Out: its tokens, or ModelFailed. The limits hold
also where a socket hangs, because nobody here waits for one. Who stops iterating ends the model's work: the stream is
cancelled, and an HTTP server sees its connection close.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import aclosing
from functools import cache

from bot.llm import Limits, Message, Model, ModelFailed, Token

BEAT = 0.5  # seconds: a caller who waits is given None this often, so that it can stop
_NETWORK = ("connect", "timeout", "protocol", "network", "read", "write", "api")  # in the names of such errors
_TOLD = 300  # characters of a model's own complaint that go into the log

log = logging.getLogger(__name__)


def hear(
    model: Model, messages: Sequence[Message], limits: Limits, deadline: float
) -> Generator[Token | None, None, None]:
    """The model's tokens as they come, None each BEAT that nothing does; `deadline` is in seconds of time.monotonic.

    Raises ModelFailed. Variables of the caller's context (LangChain keeps its callbacks there) hold for the model too.
    """
    inbox: queue.SimpleQueue[Token | Exception | None] = queue.SimpleQueue()
    left = threading.Event()
    running = asyncio.run_coroutine_threadsafe(_pump(model, messages, inbox, left), _loop())
    try:
        yield from _within(inbox, limits, deadline)
    finally:
        left.set()
        running.cancel()


def _within(
    inbox: queue.SimpleQueue[Token | Exception | None], limits: Limits, deadline: float
) -> Generator[Token | None, None, None]:
    """What arrives in `inbox` until it says that all is told."""
    heard, begun = time.monotonic(), False
    while True:
        now, patience = time.monotonic(), limits.stall if begun else limits.first
        if now >= deadline:
            raise ModelFailed("slow", f"{limits.whole:g}")
        if now >= heard + patience:
            raise ModelFailed("stalled", f"{patience:g}")
        try:
            got = inbox.get(timeout=min(heard + patience - now, deadline - now, BEAT))
        except queue.Empty:
            yield None
            continue
        if got is None:
            return
        if isinstance(got, Exception):
            raise _failure(got, begun=begun) from got
        heard, begun = time.monotonic(), True
        yield got


async def _pump(
    model: Model,
    messages: Sequence[Message],
    inbox: queue.SimpleQueue[Token | Exception | None],
    left: threading.Event,
) -> None:
    """Put what the model sends into `inbox` until it is done, or until `left` is set."""
    try:
        async with aclosing(model.stream(messages)) as tokens:
            async for token in tokens:
                inbox.put(token)
                if left.is_set():  # Python 3.11's wait_for, inside a library, may swallow a cancel as a token comes
                    return
    except Exception as e:  # noqa: BLE001 - whatever a provider's library raises, the listener tells it
        inbox.put(e)
    else:
        inbox.put(None)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One event loop for all models, for good: their HTTP clients keep connections that belong to it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="models", daemon=True).start()
    return loop


def _failure(error: Exception, *, begun: bool) -> ModelFailed:
    """What an error of a provider's library means; `begun` where the model had sent something already."""
    if isinstance(error, ModelFailed):
        return error
    log.info("a model failed: %s: %s", type(error).__name__, str(error)[:_TOLD])
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status >= 400:
        return ModelFailed("rejected", status)
    kinds = [kind.__name__.lower() for each in _chain(error) for kind in type(each).__mro__]
    if any(isinstance(each, ValueError) for each in _chain(error)):  # JSON or UTF-8 that is none
        return ModelFailed("garbled")
    if isinstance(error, OSError) or any(word in kind for kind in kinds for word in _NETWORK):
        return ModelFailed("broke_off" if begun else "unreachable")
    return ModelFailed("garbled")


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
