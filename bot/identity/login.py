"""Signing in and out for people who come to the page directly: /login, /login/callback, /logout.

In: a browser, a provider, the sessions. Out: pages and redirects; a session in a cookie of this browser alone. It is
never told a question, and leads to no page but ours and the provider's. The guard has checked Host before.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.identity import audit
from bot.identity.cookies import LOGIN, PLAIN_LOGIN, cookie_of, drop_cookie, set_cookie
from bot.identity.discovery import SECONDS as PATIENCE
from bot.identity.discovery import Unreachable, is_loopback
from bot.identity.oidc import Party, Provider, Refused
from bot.identity.onward import onward_of
from bot.identity.phrases import sign_phrases
from bot.identity.said import SignView, sign_page
from bot.identity.sessions import Opened, Person, Sessions
from bot.identity.transactions import SECONDS, Transaction, Transactions, hash_of_step
from bot.state.proofs import OneTime, UsedUp
from bot.web.render import Pages
from bot.web.said import Handler, kept_calm, said_response
from bot.web.visit import HEADERS, Visit, visit_of
from ingest.errors import StateBroken

STEP_COOKIE = "wenbao_signin"  # one for each sign-in under way, so that two tabs do not mix theirs up
MOST_STEPS = 4  # of them in one browser

_LATER = ("server_error", "temporarily_unavailable")  # errors of the provider's that pass
_SAID = {"stale": 400, "cancelled": 403, "refused": 403, "down": 503}  # what a callback may come to, and the status
_log = logging.getLogger(__name__)


def login_routes(
    party: Party | None,
    sessions: Sessions,
    pages: Pages,
    seconds: float = PATIENCE,
    clock: Callable[[], float] = time.time,
) -> Sequence[BaseRoute]:
    """The routes; without a provider it is as if they did not exist. `seconds`: the longest wait for the provider."""
    if party is None:

        async def absent(request: Request) -> Response:
            return said_response(pages, visit_of(request), 404)

        paths = ("/login", "/login/callback", "/logout")
        return [Route(path, kept_calm(pages, absent), methods=["GET", "POST"]) for path in paths]
    login = _Login(Provider(party, seconds, clock), sessions, pages, Transactions(party.secret, clock))

    def route(path: str, handler: Handler, *methods: str) -> Route:
        return Route(path, kept_calm(pages, handler), methods=methods)

    return [
        route("/login", login.begin, "GET"),
        route("/login/callback", login.finish, "GET"),
        route("/logout", login.leave, "GET", "POST"),
    ]


class _Login:
    def __init__(self, provider: Provider, sessions: Sessions, pages: Pages, transactions: Transactions) -> None:
        self._provider, self._sessions, self._pages, self._transactions = provider, sessions, pages, transactions

    async def begin(self, request: Request) -> Response:
        """To the provider."""
        visit, wanted, root = visit_of(request), request.query_params.get("next", ""), _root(request)
        onward = onward_of(wanted[len(root) :] if wanted.startswith(f"{root}/") else wanted)
        if not visit.secure and not is_loopback(request.url.hostname):
            _log.error("nobody can sign in over plain http: set WENBAO_PROXIES to the proxy in front that ends TLS")
            return sign_page(self._pages, visit, SignView(sign_phrases(visit.language).insecure), 503)
        try:
            address, begun = await self._provider.begin(f"{_base(request)}/login/callback")
        except Unreachable as e:
            return self._down(replace(visit, switch=f"{visit.switch}&next={quote(onward)}"), e, onward)
        response = RedirectResponse(address, 303, HEADERS | {"Cache-Control": "no-store"})
        known = [name for name in request.cookies if name.startswith(_step_prefix(visit))]
        for name in known if len(known) >= MOST_STEPS else ():
            self._forget(response, visit, name)
        sealed = self._transactions.seal(Transaction(begun, onward))
        response.set_cookie(
            _step_name(visit, begun.state),
            sealed,
            max_age=SECONDS,
            path=visit.folder,
            secure=visit.secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, request: Request) -> Response:
        """Back from the provider: signed in, or not."""
        visit, asked = visit_of(request), request.query_params
        if "state" not in asked and (said := asked.get("said", "")) in _SAID:  # a page of these in another language
            return self._failed(visit, said, "")
        name = _step_name(visit, asked.get("state", ""))
        step = self._transactions.open(request.cookies.get(name, ""))
        if step is None or not hmac.compare_digest(step.begun.state.encode(), asked.get("state", "").encode()):
            self._audit(request, "no sign-in of this browser has this state")
            return self._failed(visit, "stale", "")
        response = await self._finished(request, visit, step)
        self._forget(response, visit, name)
        return response

    async def leave(self, request: Request) -> Response:
        """Out: asked for by a button of ours alone."""
        visit = visit_of(request)
        phrases = sign_phrases(visit.language)
        bearer = _bearer(request, visit)
        if request.method != "POST":
            if await run_in_threadpool(self._sessions.find, bearer):
                return sign_page(self._pages, visit, SignView(phrases.stay, phrases.sign_out, "logout", posts=True))
            return sign_page(self._pages, visit, SignView(phrases.out, phrases.again, "login"))
        if not _from_us(request):
            audit.refused("a foreign page asked for a sign-out", peer=_peer(request), path="/logout")
            return sign_page(self._pages, visit, SignView(phrases.foreign, phrases.sign_out, "logout"), 403)
        try:
            await run_in_threadpool(self._sessions.end, bearer, _peer(request), "/logout")
        except StateBroken as e:
            _log.error("somebody could not be signed out: %s", e)
            return said_response(self._pages, visit, 500)
        there = await self._provider.end_address(f"{_base(request)}/logout")
        view = SignView(phrases.out, phrases.again, "login")
        if there:
            view = SignView(phrases.out, phrases.out_there.format(urlsplit(there).hostname), there, onward=there)
        response = sign_page(self._pages, visit, view)
        response.headers.append("set-cookie", drop_cookie(_session_name(visit), _root(request)))
        return response

    async def _finished(self, request: Request, visit: Visit, step: Transaction) -> Response:
        asked = request.query_params
        code, error = asked.get("code", ""), re.sub(r"[^\w.-]", "", asked.get("error", ""))[:40]
        if error or not code:
            self._audit(request, f"the provider says {error or 'nothing'}")
            said = "cancelled" if error == "access_denied" else "down" if error in _LATER else "refused"
            return self._failed(visit, said, step.onward)
        try:
            person = await self._provider.finish(step.begun, code, asked.get("iss", ""))
            opened = await run_in_threadpool(self._open, request, visit, step, person)
        except Unreachable as e:
            self._audit(request, "the provider cannot be reached")
            return self._down(replace(visit, switch=f"{visit.switch}&said=down"), e, step.onward)
        except Refused as e:
            self._audit(request, str(e))
            return self._failed(visit, "refused", step.onward)
        except UsedUp:
            self._audit(request, "this sign-in was used before")
            return self._failed(visit, "stale", step.onward)
        except StateBroken as e:
            self._audit(request, "sessions cannot be kept")
            return self._down(replace(visit, switch=f"{visit.switch}&said=down"), e, step.onward)
        audit.signed_in(opened.who, _peer(request), "/login/callback")
        response = RedirectResponse(f"..{step.onward}", 303, HEADERS | {"Cache-Control": "no-store"})
        cookie = set_cookie(_session_name(visit), opened.bearer, _root(request), self._sessions.seconds)
        response.headers.append("set-cookie", cookie)
        return response

    def _open(self, request: Request, visit: Visit, step: Transaction, person: Person) -> Opened:
        """A session of its own, whatever this browser had before; that one ends."""
        before = _bearer(request, visit)
        once = OneTime(hash_of_step(step.begun.state), int(time.time()) + SECONDS)
        opened = self._sessions.begin(person, "oidc", once=once, instead_of=before, peer=_peer(request))
        self._sessions.end(before, _peer(request), "/login/callback")
        return opened

    def _down(self, visit: Visit, error: Exception, onward: str) -> Response:
        _log.warning("nobody can sign in: %s", error)
        phrases = sign_phrases(visit.language)
        view = SignView(phrases.down, phrases.retry, _again(visit, onward))
        response = sign_page(self._pages, visit, view, 503)
        response.headers["Retry-After"] = "10"
        return response

    def _failed(self, visit: Visit, said: str, onward: str) -> Response:
        phrases = sign_phrases(visit.language)
        view = SignView(getattr(phrases, said), phrases.again, _again(visit, onward))
        return sign_page(self._pages, replace(visit, switch=f"{visit.switch}&said={said}"), view, _SAID[said])

    def _forget(self, response: Response, visit: Visit, name: str) -> None:
        response.delete_cookie(name, path=visit.folder, secure=visit.secure, httponly=True, samesite="lax")

    def _audit(self, request: Request, reason: str) -> None:
        audit.not_signed_in(reason, "oidc", _peer(request), "/login/callback")


def _step_name(visit: Visit, state: str) -> str:
    return _step_prefix(visit) + hash_of_step(state)[:8]


def _step_prefix(visit: Visit) -> str:
    return f"__Secure-{STEP_COOKIE}_" if visit.secure else f"{STEP_COOKIE}_"


def _again(visit: Visit, onward: str) -> str:
    """The sign-in anew, for the same page."""
    return f"{visit.links.up}login" + (f"?next={quote(onward, safe='/')}" if onward not in ("", "/") else "")


def _session_name(visit: Visit) -> str:
    return LOGIN if visit.secure else PLAIN_LOGIN


def _bearer(request: Request, visit: Visit) -> str:
    """The session that this browser has, "" for none."""
    return cookie_of(request.headers.getlist("cookie"), _session_name(visit))


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


def _base(request: Request) -> str:
    """Where all of ours lies, as the browser knows it."""
    return f"{request.url.scheme}://{request.url.netloc}{_root(request)}"


def _from_us(request: Request) -> bool:
    """Whether a page of ours sent this. Under no-referrer a form's own Origin is `null`; then the browser says more."""
    own = f"{request.url.scheme}://{request.url.netloc}"
    return request.headers.get("origin") == own or request.headers.get("sec-fetch-site") == "same-origin"


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""
