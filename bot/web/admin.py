"""The page for whoever runs the bot: shown to nobody without the token, and not there at all where none is set.

In: a Bot, its state, the archive's folder, the token. Out: routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.bot import Bot
from bot.state.store import State
from bot.web.gate import DAY, Gate, TooSoon
from bot.web.render import render
from bot.web.said import kept_calm, said_response
from bot.web.visit import Visit, page_response, posted, sent_on, visit_of
from bot.web.watching import admin_view

COOKIE = "wenbao_admin"


@dataclass(frozen=True, slots=True)
class SignInView:
    """The form for the token."""

    problem: str


def admin_routes(bot: Bot, state: State, root: Path, token: str) -> Sequence[BaseRoute]:
    """The routes of /admin; without a token it is as if it did not exist."""
    admin = _Admin(bot, state, root, Gate(token)) if token else None
    handler = admin.page if admin else _absent
    leave = admin.leave if admin else _absent
    return [
        Route("/admin", kept_calm(handler), methods=["GET", "POST"]),
        Route("/admin/leave", kept_calm(leave), methods=["GET", "POST"]),
    ]


class _Admin:
    def __init__(self, bot: Bot, state: State, root: Path, gate: Gate) -> None:
        self._bot, self._state, self._root, self._gate = bot, state, root, gate

    async def page(self, request: Request) -> Response:
        visit = visit_of(request)
        if request.method == "POST":
            return await self._enter(request, visit)
        if not self._gate.knows(request.cookies.get(COOKIE, "")):
            return _guarded(page_response(visit, render("sign_in.html", visit, SignInView("")), 401))
        return _guarded(await run_in_threadpool(self._shown, visit))

    async def leave(self, request: Request) -> Response:
        if request.method != "POST":
            return said_response(visit_of(request), 404)
        self._gate.leave(request.cookies.get(COOKIE, ""))
        response = sent_on("../admin")
        response.delete_cookie(COOKIE, path=request.scope.get("root_path", "") + "/", httponly=True, samesite="strict")
        return response

    def _shown(self, visit: Visit) -> Response:
        with self._bot.reading() as snapshot:
            view = admin_view(self._state, self._root, snapshot, datetime.now(UTC).date())
        return page_response(visit, render("admin.html", visit, view))

    async def _enter(self, request: Request, visit: Visit) -> Response:
        token = (await posted(request)).get("token", "")
        try:
            session = self._gate.enter(token)
        except TooSoon:
            view = SignInView(visit.phrases.too_often)
            response = page_response(visit, render("sign_in.html", visit, view), 429)
            response.headers["Retry-After"] = "2"
            return _guarded(response)
        if session is None:
            view = SignInView(visit.phrases.wrong_token)
            return _guarded(page_response(visit, render("sign_in.html", visit, view), 403))
        response = sent_on("admin")
        secure = request.url.scheme == "https"
        path = request.scope.get("root_path", "") + "/"
        response.set_cookie(
            COOKIE, session, max_age=int(DAY), path=path, secure=secure, httponly=True, samesite="strict"
        )
        return response


def _guarded(response: Response) -> Response:
    """No frame at all, not even of our own."""
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    return response


async def _absent(request: Request) -> Response:
    return said_response(visit_of(request), 404)
