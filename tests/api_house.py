"""The API as it is served: a real uvicorn over it, with a door before it that knows a few keys, as the guard does.

In: a bot, somebody to tell how long questions wait. Out: an address, or the app itself.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import uvicorn

from bot.access import EVERYTHING, Readable
from bot.api.app import build_api, untold
from bot.api.work import Waited
from bot.bot import Bot
from bot.visitor import NOBODY, Visitor, set_visitor

RIVER = "河声日报"
HOLDERS = {
    "wbk_all": Visitor("all", papers=EVERYTHING, scopes=frozenset(["ask", "search"]), via="key"),
    "wbk_asks": Visitor("asks", papers=EVERYTHING, scopes=frozenset(["ask"]), via="key"),
    "wbk_finds": Visitor("finds", papers=EVERYTHING, scopes=frozenset(["search"]), via="key"),
    "wbk_river": Visitor("river", papers=Readable(frozenset([RIVER])), scopes=frozenset(["ask", "search"]), via="key"),
}


class Door:
    """Says whose request it is, by its key; it turns nobody away."""

    def __init__(self, app) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            key = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").removeprefix("Bearer ")
            set_visitor(scope, HOLDERS.get(key, NOBODY))
        await self._app(scope, receive, send)


def opened(bot: Bot) -> Future[Bot]:
    """A bot that is open."""
    opening: Future[Bot] = Future()
    opening.set_result(bot)
    return opening


def behind_the_door(bot: Bot, waited: Waited = untold) -> Door:
    """The API over a bot that is open."""
    return Door(build_api(opened(bot), waited))


@contextmanager
def listening(app, root_path: str = "") -> Iterator[str]:
    """Serve `app` on a free port; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        config = uvicorn.Config(app, log_level="critical", lifespan="off", root_path=root_path, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)
