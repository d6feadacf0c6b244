"""The bot as tools of an MCP client, on `/mcp`; with the package `mcp`, which is an extra, or not at all.

In: a bot that may still be opening, the names and origins under which the app is asked for. Out: an ASGI app. The
package is imported here alone, and only where it is installed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount

from bot.mcp.wire import Observe, Receive, Scope, Send

if TYPE_CHECKING:
    from bot.bot import Bot
    from bot.models import Answer

_EXTRA = ("mcp", "mcp_types")


def unobserved(answer: Answer, seconds: float) -> None:
    """Nobody is told of an answer."""


def build_mcp(
    opening: Future[Bot], hosts: Sequence[str] = (), origins: Sequence[str] = (), observe: Observe = unobserved
) -> Starlette:
    """What answers on `/mcp`: 404 where the extra `wenbao[mcp]` is not installed.

    It needs no lifespan: it starts with the first request and ends with the event loop. `hosts` are names beside the
    machine's own, `origins` sites whose scripts may ask; `observe` is told of each answer with its seconds.
    """
    try:
        from bot.mcp.door import Door
    except ModuleNotFoundError as e:
        if (e.name or "").partition(".")[0] not in _EXTRA:
            raise
        return Starlette(routes=[Mount("/", _absent)])
    return Starlette(routes=[Mount("/", Door(opening, hosts, origins, observe))])


async def _absent(scope: Scope, receive: Receive, send: Send) -> None:
    """There is no such address."""
    body = json.dumps({"error": {"code": "not_found", "message": "There is no such thing here."}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
