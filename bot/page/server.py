"""The page on an address: FastAPI around the Blocks, headers that keep the browser at home, uvicorn.

In: a bot that may still be opening, the state, a look, a listening socket. Out: a served page, until a signal ends it.
"""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.access import EVERYTHING
from bot.api.app import build_api
from bot.api.inbox import inbox_routes
from bot.bot import Bot
from bot.guard.calls import Functions
from bot.guard.guard import Guard, Rules
from bot.guard.house import House
from bot.guard.switch import Switch
from bot.guard.wire import KEEP_ALIVE, Wire, room_for_connections
from bot.inbox import Inbox
from bot.look import Look
from bot.mcp import build_mcp
from bot.metrics import CONTENT_TYPE, Metrics
from bot.opening import Opening
from bot.page.acts import Acts
from bot.page.chat import build_page
from bot.page.document import our_document
from bot.page.events import Events
from bot.page.owner import chosen_language, new_cookie, owner_cookie
from bot.page.texts import ZH
from bot.page.theme import CSS, FAVICON, page_theme
from bot.state import State
from bot.visitor import Visitor
from bot.web.admin import admin_routes
from bot.web.gate import NO_ADMIN, Admin
from bot.web.render import Pages
from bot.web.site import archive_routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRACE = 8  # seconds that answers under way are given after a signal
UPLOAD = 1024  # bytes; the page takes no files, and the guard lets none through

OPEN = Visitor(papers=EVERYTHING, scopes=frozenset({"ask", "search"}), via="open")
AT_HOME = Rules(anybody=lambda _: OPEN)  # on the machine's own address everybody may read everything

_LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # an SVG may hold scripts


class _Ours:
    """Makes Gradio's document ours and gives its reader a cookie."""

    def __init__(self, app: ASGIApp, look: Look) -> None:
        self._app, self._look = app, look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != scope.get("root_path", "") + "/":
            await self._app(scope, receive, send)
            return
        page = _Page(scope, self._look)

        async def send_ours(message: Message) -> None:
            for each in page.take(message):
                await send(each)

        await self._app(scope, receive, send_ours)


class _Page:
    """Gradio's document on its way out: held back until it is whole."""

    def __init__(self, scope: Scope, look: Look) -> None:
        self._scope, self._look = scope, look
        self._start: Message = {}
        self._body = b""

    def take(self, message: Message) -> list[Message]:
        """What may go out now."""
        if message["type"] == "http.response.start":
            self._start = message
            return []
        self._body += message.get("body", b"")
        return [] if message.get("more_body") else self._whole()

    def _whole(self) -> list[Message]:
        asked, headers = Headers(scope=self._scope), MutableHeaders(scope=self._start)
        body = self._body
        if headers.get("content-type", "").startswith("text/html"):
            body = our_document(body, chosen_language(asked), self._look) if body else body
            headers["cache-control"] = "no-store"  # it is in its reader's language and gives a cookie
            if not owner_cookie(asked.get("cookie")):
                path = self._scope.get("root_path", "") or "/"
                headers.append("set-cookie", new_cookie(path, secure=self._scope.get("scheme") == "https"))
        if self._scope["method"] != "HEAD":
            headers["content-length"] = str(len(body))
        return [self._start, {"type": "http.response.body", "body": body}]


def build_app(
    opening: Future[Bot],
    state: State,
    look: Look,
    load_sample: Callable[[], object],
    admin: Admin = NO_ADMIN,
    rules: Rules = AT_HOME,
    parts: Mapping[str, Starlette] = {},
    more: Sequence[BaseRoute] = (),
) -> Guard:
    """Everything that is served, behind its guard; it is there before the bot is open, and questions wait for it.

    `parts` are other apps, by the first part of their paths; `more` are routes beside the page.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Ours, look=look)
    behind = Opening(opening)
    events = Events(behind, state, look)
    pages = Pages(look)
    blocks = build_page(events, Acts(behind, events.desk, load_sample), look.name or f"{ZH.name} WenBao")
    _add_routes(app, opening, look)  # before the mount: a route added after it is never reached
    app.router.routes.extend([*archive_routes(behind, pages), *admin_routes(behind, pages, state, admin), *more])
    app.add_route("/gradio_api/info", lambda _: JSONResponse(_public_info(blocks)))
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        root_path=rules.house.prefix or None,
        theme=page_theme(look),
        css_paths=CSS,
        favicon_path=str(FAVICON),
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=UPLOAD,
        ssr_mode=False,
    )
    _start_with(mounted, list(parts.values()))
    return Guard(Switch(mounted, parts), replace(rules, functions=functions_of(blocks)))


def programs(
    opening: Future[Bot], house: House, waited: Callable[[float], None], inbox: Inbox | None
) -> dict[str, Starlette]:
    """What answers programs, by the first part of its paths; `waited` is told how long questions stand in a queue."""
    api = build_api(opening, waited, [inbox_routes(inbox)] if inbox else [])
    return {"api": api, "v1": api, "mcp": build_mcp(opening, sorted(house.hosts), house.origins)}


def _start_with(app: FastAPI, others: list[Starlette]) -> None:
    """Let other apps start and end with this one."""
    alone = app.router.lifespan_context

    @asynccontextmanager
    async def together(app: FastAPI) -> AsyncIterator[Any]:
        async with AsyncExitStack() as until:
            for other in others:
                await until.enter_async_context(other.router.lifespan_context(other))
            yield await until.enter_async_context(alone(app))

    app.router.lifespan_context = together


def functions_of(blocks: gr.Blocks) -> Functions:
    """What the guard has to know of the page's functions."""
    known = {number: fn for number, fn in blocks.fns.items() if fn.fn is not None}
    public = {number for number, fn in known.items() if fn.api_visibility == "public"}
    asking = public | {number for number, fn in known.items() if fn.api_name == "ask"}
    queue = blocks._queue

    def waiting() -> int:
        started = [event for job in queue.active_jobs if job for event in job]
        queued = [event for each in queue.event_queue_per_concurrency_id.values() for event in each.queue]
        return sum(event.fn._id in asking for event in (*started, *queued))

    return Functions(
        queued=frozenset(number for number, fn in known.items() if fn.queue),
        direct=frozenset(number for number, fn in known.items() if not fn.queue),
        questions=frozenset(asking),
        public=frozenset(public),
        inputs={number: len(fn.inputs) for number, fn in known.items()},
        waiting=waiting,
        busy=lambda session: bool(queue.pending_event_ids_session.get(session)),
    )


def _public_info(blocks: gr.Blocks) -> dict[str, Any]:
    """What Gradio's own client has to know: the endpoints that are meant for others, and nothing of this machine."""
    return {"named_endpoints": blocks.get_api_info()["named_endpoints"], "unnamed_endpoints": {}}


def metrics_route(metrics: Metrics, opening: Future[Bot]) -> BaseRoute:
    """The page of figures; the guard lets nobody see it without a key for it."""

    def page(_: Request) -> Response:
        generation = None
        if opening.done():
            with opening.result().reading() as snapshot:
                made = snapshot.made
                generation = (snapshot.number, made.timestamp()) if made else None
        return Response(metrics.page(generation), media_type=CONTENT_TYPE)

    return Route("/metrics", page)


def _add_routes(app: FastAPI, opening: Future[Bot], look: Look) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> Response:
        ready = opening.done()
        return Response(
            '{"status":"%s"}' % ("ready" if ready else "opening"), 200 if ready else 503, media_type="application/json"
        )

    @app.get("/share/{share}")
    def share(share: str) -> Response:
        """To the page, with the share where no server hears of it again. It is the same for one that does not exist."""
        return RedirectResponse(f"../#s={share}" if share.isalnum() else "../", 303)

    @app.get("/logo")
    def logo() -> Response:
        if look.logo is None:
            return Response(status_code=404)
        headers = {"Content-Security-Policy": _LOGO_POLICY, "Cache-Control": "max-age=3600"}
        return Response(look.logo.data, media_type=look.logo.media_type, headers=headers)


def server_config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves: it believes no proxy, the guard does; it keeps no log, the guard does."""
    return uvicorn.Config(
        app,
        http=Wire,
        ws="none",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )


class Server(uvicorn.Server):
    """Stops in two steps: what brings nothing more ends at once, answers under way have GRACE to come to their end."""

    def __init__(self, config: uvicorn.Config, guard: Guard) -> None:
        super().__init__(config)
        self._guard = guard

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        self._guard.streams.close()
        await super().shutdown(sockets)


def serve(app: Guard, listening: socket.socket, opening: Future[Bot], started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called before. Raises what kept the bot from opening."""
    if opening.done():
        opening.result()
    started()
    Wire.most = room_for_connections()
    server = Server(server_config(app), app)
    # At the end uvicorn reports each tab that it had to cut off as an error, with a traceback; it is none.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)

    def go_on(opened: Future[Bot]) -> None:
        server.should_exit = server.should_exit or opened.exception() is not None
        gc.freeze()  # all of it stays: looking it over takes a tenth of a second, in which nobody is answered

    opening.add_done_callback(go_on)
    server.run(sockets=[listening])
    if opening.done():
        opening.result()
