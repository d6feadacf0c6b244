"""An app behind a door that knows its visitors by their keys, as the guard does, on a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvicorn

from bot.visitor import NOBODY, Visitor, set_visitor
from tests.serving import free_port


class Door:
    """Lets everybody through, and says who it is."""

    def __init__(self, app, visitors: Mapping[str, Visitor], anybody: Visitor = NOBODY) -> None:
        self._app, self._visitors, self._anybody = app, visitors, anybody

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            key = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
            set_visitor(scope, self._visitors.get(key, NOBODY) if key else self._anybody)
        await self._app(scope, receive, send)


@contextmanager
def listening(app) -> Iterator[str]:
    """Serve `app` with uvicorn in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=int(free_port()), log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.config.port}"
    server.should_exit = True
    thread.join(15)
    assert not thread.is_alive()
