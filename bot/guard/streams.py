"""Answers that last: ended when whoever asked is no longer let in, and when the server stops and they bring nothing.

In: an app's run, whose it is, whether anything of theirs is still under way. Out: the same run, or its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

GLANCE = 2.0  # seconds between two looks whether somebody is still let in
CLOSING_GLANCE = 0.1  # the same for whether something is under way, once the server stops


class Streams:
    """The answers that last, of one server."""

    def __init__(self, glance: float = GLANCE) -> None:
        self._glance = glance
        self._closing = asyncio.Event()

    @property
    def is_closing(self) -> bool:
        """Whether the server is about to stop."""
        return self._closing.is_set()

    def close(self) -> None:
        """The server is about to stop."""
        self._closing.set()

    async def run(self, run: Awaitable[None], stands: Callable[[], Awaitable[bool]], busy: Callable[[], bool]) -> bool:
        """Run to the end, or as long as it may; whether it came to its own end."""
        running = asyncio.ensure_future(run)
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            while not running.done():
                waited = {running} if self.is_closing else {running, closing}
                glance = CLOSING_GLANCE if self.is_closing else self._glance
                await asyncio.wait(waited, timeout=glance, return_when=asyncio.FIRST_COMPLETED)
                if not running.done() and ((self.is_closing and not busy()) or not await stands()):
                    return False
            await running
            return True
        finally:
            closing.cancel()
            if not running.done():
                running.cancel()
                with suppress(asyncio.CancelledError, Exception):  # Gradio's raises over its own answer
                    await running
