"""`/mcp` itself: who may come in, under which name it is asked for, and a server that runs as long as its event loop.

In: requests whose visitor the guard has found out. Out: MCP over streamable HTTP. Each request stands alone: there are
no sessions, so that any copy of the app answers any of them. What the tools do is tools.py's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import Future

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from bot.bot import Bot
from bot.guard.house import read_address, split_host
from bot.mcp.tools import tool_server, tools_of
from bot.mcp.wire import Observe, Receive, Scope, Send
from bot.visitor import visitor_of

PATH = "/mcp"
LONGEST_BODY = 64 * 1024  # bytes; the longest question is a tenth of it
_OWN = ("localhost", "127.0.0.1", "[::1]")


class Door:
    """An ASGI app. Safe to ask from several event loops, one after another."""

    def __init__(self, opening: Future[Bot], hosts: Sequence[str], origins: Sequence[str], observe: Observe) -> None:
        self._server = tool_server(opening, observe)
        names = [*_OWN, *(host.lower() for host in hosts)]
        self._security = TransportSecuritySettings(
            allowed_hosts=[each for name in names for each in (name, f"{name}:*")], allowed_origins=list(origins)
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._manager: asyncio.Future[StreamableHTTPSessionManager] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        refused = _refused(scope)
        if refused:
            await _say(send, *refused)
            return
        manager = await asyncio.shield(self._started())
        await manager.handle_request(_by_a_known_name(scope), receive, send)

    def _started(self) -> asyncio.Future[StreamableHTTPSessionManager]:
        """The manager of this event loop. The loop cancels it at its end, and every request still open with it."""
        loop = asyncio.get_running_loop()
        gone = self._running is None or self._running.done()
        if self._manager is None or self._loop is not loop or gone:
            self._loop, self._manager = loop, loop.create_future()
            self._running = loop.create_task(self._run(self._manager))
        return self._manager

    async def _run(self, started: asyncio.Future[StreamableHTTPSessionManager]) -> None:
        manager = StreamableHTTPSessionManager(
            self._server, stateless=True, security_settings=self._security, max_request_body_size=LONGEST_BODY
        )
        try:
            async with manager.run():
                started.set_result(manager)
                await asyncio.get_running_loop().create_future()  # until it is cancelled
        finally:
            if not started.done():
                started.cancel()


def _by_a_known_name(scope: Scope) -> Scope:
    """A request to the address that it reached, as one to this machine by name: the package knows names alone.

    An address cannot be made to mean another one, as a name can. A name may end in a dot.
    """
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    named, server = split_host(host), scope.get("server")
    if named is None:
        return scope
    reached = read_address(str(server[0])) if server else None
    name = _OWN[0] if reached is not None and read_address(named[0]) == reached else named[0]
    known = [(n, name.encode() if n == b"host" else value) for n, value in scope["headers"]]
    return {**scope, "headers": known}


def _refused(scope: Scope) -> tuple[int, str, str, dict[str, str]] | None:
    """What is said to whoever does not come in; None to the others."""
    path = str(scope["path"]).removeprefix(scope.get("root_path", "").rstrip("/"))
    if path.rstrip("/") != PATH:
        return 404, "not_found", "There is no such thing here.", {}
    visitor = visitor_of(scope)
    if not tools_of(visitor):
        if visitor.via == "nobody":
            challenge = {"WWW-Authenticate": 'Bearer realm="wenbao"'}
            return 401, "unauthorized", "This needs an API key: Authorization: Bearer wbk_….", challenge
        return 403, "forbidden", "This key may not do that; it needs the scope ask or search.", {}
    if scope["method"] != "POST":  # no session to listen to or to end
        return 405, "method_not_allowed", "Only POST is answered here.", {"Allow": "POST"}
    return None


async def _say(send: Send, status: int, code: str, message: str, more: dict[str, str]) -> None:
    body = json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **more}
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
