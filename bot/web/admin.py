"""The page for whoever runs the bot: shown to nobody without the token, and not there at all where none is set.

In: a Bot, its state, the archive's folder, the token. Out: routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.opening import Opening
from bot.state import State
from bot.web.gate import DAY, Admin, Gate, TooSoon
from bot.web.render import Pages
from bot.web.said import Handler, kept_calm, said_response
from bot.web.visit import Visit, page_response, posted, sent_on, visit_of
from bot.web.watching import admin_view

COOKIE = "wenbao_admin"


@dataclass(frozen=True, slots=True)
class SignInView:
    """The form for the token."""

    problem: str


def admin_routes(opening: Opening, pages: Pages, state: State, admin: Admin) -> Sequence[BaseRoute]:
    """The routes of /admin; without a token it is as if it did not exist."""
    page = _Page(opening, pages, state, admin)

    def route(path: str, handler: Handler) -> Route:
        return Route(path, kept_calm(pages, handler if admin.token else page.absent), methods=["GET", "POST"])

    return [route("/admin", page.page), route("/admin/leave", page.leave)]


class _Page:
    def __init__(self, opening: Opening, pages: Pages, state: State, admin: Admin) -> None:
        self._opening, self._pages, self._state, self._root = opening, pages, state, admin.root
        self._gate = Gate(admin.token)

    async def page(self, request: Request) -> Response:
        visit = visit_of(request)
        if request.method == "POST":
            return await self._enter(request, visit)
        if not self._gate.knows(request.cookies.get(COOKIE, "")):
            return _guarded(page_response(visit, self._pages.render("sign_in.html", visit, SignInView("")), 401))
        return _guarded(await run_in_threadpool(self._shown, visit))

    async def leave(self, request: Request) -> Response:
        if request.method != "POST":
            return said_response(self._pages, visit_of(request), 404)
        self._gate.leave(request.cookies.get(COOKIE, ""))
        response = sent_on("../admin")
        response.delete_cookie(COOKIE, path=visit_of(request).folder, httponly=True, samesite="strict")
        return response

    async def absent(self, request: Request) -> Response:
        return said_response(self._pages, visit_of(request), 404)

    def _shown(self, visit: Visit) -> Response:
        with self._opening.whole().reading() as snapshot:
            view = admin_view(self._state, self._root, snapshot, datetime.now(UTC).date())
        return page_response(visit, self._pages.render("admin.html", visit, view))

    async def _enter(self, request: Request, visit: Visit) -> Response:
        token = (await posted(request)).get("token", "")
        try:
            session = self._gate.enter(token)
        except TooSoon:
            view = SignInView(visit.phrases.too_often)
            response = page_response(visit, self._pages.render("sign_in.html", visit, view), 429)
            response.headers["Retry-After"] = "2"
            return _guarded(response)
        if session is None:
            view = SignInView(visit.phrases.wrong_token)
            return _guarded(page_response(visit, self._pages.render("sign_in.html", visit, view), 403))
        response = sent_on("admin")
        response.set_cookie(
            COOKIE,
            session,
            max_age=int(DAY),
            path=visit.folder,
            secure=visit.secure,
            httponly=True,
            samesite="strict",
        )
        return response


def _guarded(response: Response) -> Response:
    """No frame at all, not even of our own."""
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    return response
