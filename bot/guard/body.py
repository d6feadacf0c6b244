"""A request's body, whole before anything sees it: short enough, soon enough, and of the kind that is asked for.

In: what comes in. Out: bytes, and a `receive` that gives them again. A body that is too long or too slow never reaches
the app.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.guard.refused import Refused
from bot.guard.routes import Body
from bot.guard.who import unknown

if TYPE_CHECKING:
    from starlette.types import Message, Receive

LONGEST = 64 * 1024  # bytes of a body; the longest question is a tenth of it
SECONDS = 10.0  # within which a body has to be there
FILE_SECONDS = 600.0  # the same for a file
GLANCE = 2.0  # seconds between two looks whether the sender of a file is still let in
SILENCE = 10.0  # seconds after which a file that stops coming is given up
DRAINED = 2.0  # seconds for which a body that was refused is still read, so that its sender hears the answer
_JSON = ("application/json",)
_FORM = ("application/x-www-form-urlencoded",)
_CLOSE = {"Connection": "close"}


def check_type(body: Body, content_type: str) -> None:
    """Raises Refused for a body of another kind than is read."""
    kind = content_type.partition(";")[0].strip().lower()
    wanted = {"json": _JSON, "form": _FORM}.get(body)
    if wanted and kind not in wanted:
        raise Refused(415, f"The body has to be {wanted[0]}.", why="type")


def check_length(declared: str, longest: int = LONGEST) -> None:
    """Raises Refused for a body that says itself that it is too long."""
    if declared and (not (declared.isascii() and declared.isdigit()) or int(declared[:20]) > longest):
        raise _too_long(longest)


async def read_body(receive: Receive) -> bytes:
    """The whole body. Raises Refused; ConnectionError where its sender is gone."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _whole(receive)
    except TimeoutError as e:
        raise Refused(408, "The body came too slowly.", _CLOSE, why="slow") from e


async def _whole(receive: Receive) -> bytes:
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ConnectionError
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > LONGEST:
            raise _too_long(LONGEST)
        if not message.get("more_body"):
            return b"".join(parts)


async def drain(receive: Receive) -> None:
    """Read what still comes of a body that was refused, for a moment."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED):
            message = await receive()
            while message["type"] == "http.request" and message.get("more_body"):
                message = await receive()


def given_again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what comes later."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class Meter:
    """A `receive` that hands a file through as it comes.

    One that is too long, stops coming, or whose sender is no longer let in, is as if its sender had gone, whatever the
    app makes of that; `refused` says then what is to be answered.
    """

    def __init__(self, receive: Receive, longest: int, stands: Callable[[], Awaitable[bool]]) -> None:
        """`stands`: whether its sender is still let in."""
        self._receive, self._longest, self._stands = receive, longest, stands
        self._looked = time.monotonic()
        self._length, self._until = 0, self._looked + FILE_SECONDS
        self._whole = False
        self.refused: Refused | None = None

    async def __call__(self) -> Message:
        """The next part."""
        if self.refused is not None:
            return {"type": "http.disconnect"}
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, min(SILENCE, self._until - time.monotonic()))):
                message = await self._receive()
        except TimeoutError:
            self.refused = Refused(408, "The file came too slowly.", _CLOSE, why="slow")
            return {"type": "http.disconnect"}
        self._length += len(message.get("body", b""))
        if self._length > self._longest:
            self.refused = _too_long(self._longest)
        elif not await self._still_stands():
            self.refused = unknown("This key is no longer known here.", "invalid_token")
        if self.refused is not None:
            return {"type": "http.disconnect"}
        self._whole = not message.get("more_body")
        return message

    async def _still_stands(self) -> bool:
        now = time.monotonic()
        if now - self._looked < GLANCE:
            return True
        self._looked = now
        return await self._stands()


def read_json(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises Refused."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Refused(400, "The body has to be a JSON object.", why="body")
    return read


def _too_long(longest: int) -> Refused:
    return Refused(413, f"The body is too long: at most {longest} bytes are read.", _CLOSE, why="length")
