"""An app behind a door that knows its visitors by their keys, as the guard does, on a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvicorn

from bot.visitor import NOBODY, Visitor, set_visitor


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
def listening(app, root_path: str = "") -> Iterator[str]:
    """Serve `app` on a free port with uvicorn in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", root_path=root_path, timeout_graceful_shutdown=2))
    with socket.create_server(("127.0.0.1", 0)) as free:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{free.getsockname()[1]}"
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()
