"""The wire: uvicorn's HTTP, cut off where somebody takes too long to say what they want, or keeps too many lines open.

In: connections. Out: requests whose headers came whole, soon and short enough. What uvicorn itself would wait for
without end (half a header, a header that drips, an answer that nobody takes) ends here; bodies are the guard's, answers
the app's. Another protocol is spoken to nobody: what follows a request that asks for one is never read, or it could be
a request that no proxy saw.
"""

from __future__ import annotations

import asyncio
import resource
import time
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from starlette.types import Receive
    from uvicorn._types import ASGI3Application
    from uvicorn.config import Config
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

HEAD_SECONDS = 10.0  # within which a request's headers have to be there
KEEP_ALIVE = 15  # seconds that a connection is kept on which nothing is asked
LONGEST_HEAD = 32 * 1024  # bytes of a request's line and headers
TAKING_SECONDS = 30.0  # within which whoever is sent an answer has to take TAKEN of it, or all that is left
TAKEN = 64 * 1024  # bytes
CONNECTIONS = 2_000  # at once; each open page has two or three
_FILES = 2 * CONNECTIONS  # that may be open: connections, and what answers read
_SPARE = 256  # files that are not connections

_BODY = (b"content-length", b"transfer-encoding")
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def room_for_connections() -> int:
    """How many connections there may be, after asking the system for as many files as that takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(16, min(CONNECTIONS, soft - _SPARE))


class Wire(HttpToolsProtocol):
    """One connection. A server's are at most `most`; a new one takes the place of the one idle for longest.

    Where none is idle, it is one whose answer is not being taken.
    """

    head_seconds = HEAD_SECONDS
    taking_seconds = TAKING_SECONDS
    most = CONNECTIONS

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._since = time.monotonic()
        self._head = 0
        self._in_body = False
        self._last = False  # no request after this one is read
        self._deadline: asyncio.TimerHandle | None = None
        self._untaken = 0  # bytes of an answer that waited when it was last looked at
        self._taking: asyncio.TimerHandle | None = None
        self._answering: RequestResponseCycle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def is_waiting(self) -> bool:
        """Whether more was written than is taken just now."""
        return self._taking is not None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for a request."""
        if len(self.connections) >= self.most:
            ours = [one for one in self.connections if isinstance(one, Wire)]
            spare = [one for one in ours if one.is_idle] or [one for one in ours if one.is_waiting]
            if not spare:
                transport.abort()
                return
            min(spare, key=lambda one: one._since).transport.abort()
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer, and tell what is being answered; uvicorn tells the request that came last alone."""
        self._head_is_there()
        self._is_taken()
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()
        if self.transport is not None:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless it is too much of a header."""
        if self._last or self.transport is None or self.transport.is_closing():
            return
        self._since = time.monotonic()
        if self._deadline is None and self.is_idle:
            self._wait_for_head()
        super().data_received(data)
        if self._deadline is None or self.transport.is_closing():
            return
        if not self._in_body:  # the body of a request that is answered already has the time of a head, not its length
            self._head += len(data)
        if self._head > LONGEST_HEAD:
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; what comes after a body is none: no proxy before us has looked there."""
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Let the request be answered; one that names a whole address instead of a path asks a proxy, not us.

        One that wants another protocol is answered in this one if it has no body: httptools takes what follows it for
        that protocol, and a body next for a request.
        """
        self._head_is_there()
        self._in_body, self._last = True, self.parser.should_upgrade()
        with_body = any(name in _BODY for name, _ in self.headers)
        too_long = len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD
        if too_long or not self.url.startswith(b"/") or (self._last and with_body):
            if too_long:
                self.transport.write(_TOO_LONG)
                self.transport.close()
            else:
                self.send_400_response("Bad request.")
            self.url = b"/"
            self.app = _nothing
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Wait for the next one."""
        self._in_body = False
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin to answer: not always what came last, where somebody asks on without waiting."""
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """Wait until what was written is taken, though not without end."""
        super().pause_writing()
        self._wait_for_taking()

    def resume_writing(self) -> None:
        """Go on."""
        self._is_taken()
        super().resume_writing()

    def _wait_for_taking(self) -> None:
        self._untaken = self.transport.get_write_buffer_size()
        self._taking = self.loop.call_later(self.taking_seconds, self._look_whether_taken)

    def _look_whether_taken(self) -> None:
        self._taking, left = None, self.transport.get_write_buffer_size()
        if left > max(0, self._untaken - TAKEN):
            self.transport.abort()
        else:
            self._wait_for_taking()

    def _is_taken(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _wait_for_head(self) -> None:
        self._head = 0
        self._deadline = self.loop.call_later(self.head_seconds, self._too_late)

    def _head_is_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()


async def _nothing(_scope: object, receive: Receive, _send: object) -> None:
    """The app of a connection that is closed already."""
    while (await receive())["type"] != "http.disconnect":
        pass
