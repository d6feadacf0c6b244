"""The page on an address: FastAPI around the Blocks, headers that keep the browser at home, uvicorn.

In: a bot that may still be opening, the state, a look, a listening socket. Out: a served page, until a signal ends it.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response

from bot.access import EVERYTHING
from bot.bot import Bot
from bot.look import Look
from bot.opening import Opening
from bot.page.acts import Acts
from bot.page.chat import build_page
from bot.page.document import our_document
from bot.page.events import Events
from bot.page.owner import chosen_language, new_cookie, owner_cookie
from bot.page.texts import ZH
from bot.page.theme import CSS, FAVICON, page_theme
from bot.state import State
from bot.visitor import SCOPES, Visitor, set_visitor
from bot.web.admin import admin_routes
from bot.web.gate import NO_ADMIN, Admin
from bot.web.render import Pages
from bot.web.site import archive_routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRACE = 3  # seconds that open pages are given after a signal: a tab's heartbeat never ends by itself
UPLOAD = 1024  # bytes; the page takes no files, but Gradio's upload route is there

_HEADERS = {
    # Gradio needs unsafe-inline and unsafe-eval, so this keeps other hosts out; escaping keeps script out.
    "Content-Security-Policy": (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


_LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # an SVG may hold scripts


class _Ours:
    """Adds `_HEADERS` to each response; makes Gradio's document ours and gives its reader a cookie."""

    def __init__(self, app: ASGIApp, look: Look) -> None:
        self._app, self._look = app, look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = _Page(scope, self._look) if scope["type"] == "http" and scope["path"] == "/" else None

        async def send_ours(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)  # the archive's pages have a stricter policy of their own
            if page is None:
                await send(message)
                return
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


class _Everybody:
    """For the merger: the guard takes this one's place, and says who the visitor is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "visitor" not in scope.get("state", {}):
            set_visitor(scope, Visitor(papers=EVERYTHING, scopes=frozenset(SCOPES), via="open"))
        await self._app(scope, receive, send)


def build_app(
    opening: Future[Bot], state: State, look: Look, load_sample: Callable[[], object], admin: Admin = NO_ADMIN
) -> FastAPI:
    """The whole page as an ASGI app; it is there before the bot is open, and questions wait for it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Ours, look=look)
    app.add_middleware(_Everybody)
    behind = Opening(opening)
    events = Events(behind, state, look)
    pages = Pages(look)
    _add_routes(app, opening, look)  # before the mount: a route added after it is never reached
    app.router.routes.extend([*archive_routes(behind, pages), *admin_routes(behind, pages, state, admin)])
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(events, Acts(behind, events.desk, load_sample), look.name or f"{ZH.name} WenBao"),
        path="/",
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
    return mounted


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


def serve(app: FastAPI, listening: socket.socket, opening: Future[Bot], started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called before. Raises what kept the bot from opening."""
    if opening.done():
        opening.result()
    started()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE)
    server = uvicorn.Server(config)
    # At the end uvicorn reports each tab that it had to cut off as an error, with a traceback; it is none.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)

    def stop_if_failed(opened: Future[Bot]) -> None:
        server.should_exit = server.should_exit or opened.exception() is not None

    opening.add_done_callback(stop_if_failed)
    server.run(sockets=[listening])
    if opening.done():
        opening.result()
