"""Answers on their way out: as server-sent events while they grow, or whole; and an ear for callers who hang up.

In: states of an answer. Out: responses. When the connection closes the states are closed, and with them the work.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.api.work import State
from bot.models import Answer

WAITING = b": waiting\n\n"  # a comment, which keeps a connection open and is no event
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would keep an answer until it is whole


class CallerGone(Exception):
    """Nobody waits for this answer any more."""


class EventStream(StreamingResponse):
    """Server-sent events; what makes them is closed when the last is sent or the caller is gone."""

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        async with aclosing(self._events):
            await super().__call__(scope, receive, send)


def event(record: object, name: str = "") -> bytes:
    """One event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(record, ensure_ascii=False)}\n\n".encode("utf-8", "backslashreplace")


def events_of(*names: str) -> dict[str, object]:
    """One of a stream's events, for the document: JSON, or a stream's last word."""
    data = {"type": "string", "contentMediaType": "application/json"}
    told: dict[str, object] = {"event": {"enum": list(names)}} if names else {}
    return {"type": "object", "required": [*told, "data"], "properties": {**told, "data": data}}


def said(record: object) -> JSONResponse:
    """A whole answer."""
    return JSONResponse(record, headers={"Cache-Control": "no-store"})


def unsaid() -> Response:
    """What is sent to a caller who is gone: nothing that anybody reads."""
    return Response(status_code=499)


async def whole(states: AsyncGenerator[State | None, None], request: Request) -> Answer:
    """The answer at its end. Raises CallerGone as soon as the caller hangs up, and what the work raises."""
    work, ear = asyncio.ensure_future(_last(states)), asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({work, ear}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise CallerGone
        return work.result()
    finally:
        work.cancel()
        ear.cancel()
        await asyncio.gather(work, ear, return_exceptions=True)


async def _last(states: AsyncGenerator[State | None, None]) -> Answer:
    async with aclosing(states):
        async for state in states:
            if state and state.final:
                return state.answer
    raise RuntimeError("an answer came to no end")


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
