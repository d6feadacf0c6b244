"""The page on an address: FastAPI around the Blocks, headers that keep the browser at home, uvicorn.

In: a Bot and a listening socket. Out: a served page, until a signal ends it.
"""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders

from bot.bot import Bot
from bot.page.chat import build_page
from bot.page.theme import CSS, FAVICON, page_theme
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


_HEAD = '<script defer src="look/narrowed.js"></script>'
_BASE = b'<base href="./" />'  # of Gradio's page: does nothing at "/", and our policy allows none


class _Headers:
    """Adds `_HEADERS` to each response and takes Gradio's base element out of the page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)  # the archive's pages have a stricter policy of their own
            elif message["type"] == "http.response.body" and scope["path"] == "/":
                message["body"] = message.get("body", b"").replace(_BASE, b" " * len(_BASE))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def build_app(bot: Bot) -> FastAPI:
    """The whole page as an ASGI app."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Headers)

    @app.get("/healthz")  # before the mount: a route added after it is never reached
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    app.router.routes.extend(archive_routes(bot))
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(bot),
        path="/",
        theme=page_theme(),
        css_paths=CSS,
        head=_HEAD,
        js=Path(__file__).with_name("page.js").read_text("utf-8"),
        favicon_path=str(FAVICON),
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=UPLOAD,
        ssr_mode=False,
    )
    return mounted


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE)
    server = uvicorn.Server(config)
    # At the end uvicorn reports each tab that it had to cut off as an error, with a traceback; it is none.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
    server.run(sockets=[listening])
