"""`/embed/session`: where a page in a portal trades its user's token for a session, asks after it, and ends it.

In: a portal, sessions. Out: routes. Whatever is wrong with a token is one answer to the outside; the audit has the
reason. Who may ask from where is the guard's business.
"""

from __future__ import annotations

import logging

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.identity import audit
from bot.identity.cookies import PORTAL, cookie_of, drop_cookie, set_cookie
from bot.identity.portal import Portal
from bot.identity.sessions import Opened, Sessions
from bot.identity.tokens import TokenRefused
from bot.state.proofs import UsedUp
from ingest.errors import StateBroken

PATH = "/embed/session"
INSTEAD = "x-wenbao-session"  # the bearer that a page without cookies had until now
RETRY = "10"  # seconds
_log = logging.getLogger("wenbao.identity")


def session_routes(portal: Portal | None, sessions: Sessions, prefix: str) -> list[Route]:
    """The routes; without a portal nobody is signed in by them."""

    def session(request: Request) -> Response:
        try:
            if request.method == "POST":
                return _begin(request, portal, sessions, prefix)
            if request.method == "DELETE":
                return _end(request, sessions, prefix)
            return _tell(request, sessions)
        except StateBroken as e:
            _log.warning("nobody can be signed in: %s", e)
            headers = {"Retry-After": RETRY}
            return _error(503, "unavailable", "Signing in is not possible at the moment.", headers)

    return [Route(PATH, session, methods=["GET", "POST", "DELETE"])]


def bearer_of(headers: Headers) -> str:
    """What stands in `Authorization: Bearer`, "" for nothing, or for more than one."""
    given = headers.getlist("authorization")
    kind, _, value = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return value.strip() if kind.lower() == "bearer" else ""


def _begin(request: Request, portal: Portal | None, sessions: Sessions, prefix: str) -> Response:
    peer, path = _peer(request), request.url.path
    if portal is None:
        audit.not_signed_in("no portal is configured", "portal", peer, path)
        return _refused()
    try:
        person, once = portal.person(bearer_of(request.headers))
        old = request.headers.get(INSTEAD, "") or _cookie(request)
        opened = sessions.begin(person, "portal", once=once, instead_of=old, peer=peer)
    except TokenRefused as e:
        audit.not_signed_in(str(e), "portal", peer, path)
        return _refused()
    except UsedUp:
        audit.not_signed_in("it was used before", "portal", peer, path, person.name)
        return _refused()
    except StateBroken:
        audit.not_signed_in("the state cannot be used", "portal", peer, path, person.name)
        raise
    audit.signed_in(opened.who, peer, path)
    return _opened(request, opened, sessions.seconds, prefix)


def _opened(request: Request, opened: Opened, seconds: int, prefix: str) -> Response:
    who = opened.who
    answer = _json({"session": opened.bearer, "until": who.until, "name": who.name})
    if request.url.scheme == "https":  # over http no browser would send it from a frame: there is the bearer alone
        answer.headers.append("set-cookie", set_cookie(PORTAL, opened.bearer, prefix, seconds))
    return answer


def _tell(request: Request, sessions: Sessions) -> Response:
    who = sessions.find(_bearer(request))
    return _json({"until": who.until, "name": who.name}) if who else _refused()


def _end(request: Request, sessions: Sessions, prefix: str) -> Response:
    sessions.end(_bearer(request), _peer(request), request.url.path)
    answer = Response(status_code=204, headers=_NO_STORE)
    if request.url.scheme == "https":
        answer.headers.append("set-cookie", drop_cookie(PORTAL, prefix))
    return answer


def _bearer(request: Request) -> str:
    return bearer_of(request.headers) or _cookie(request)


def _cookie(request: Request) -> str:
    return cookie_of(request.headers.getlist("cookie"), PORTAL)


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


_NO_STORE = {"Cache-Control": "no-store"}


def _json(said: dict[str, object], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(said, status, headers=_NO_STORE | (headers or {}))


def _refused() -> Response:
    """One answer, whatever was wrong."""
    headers = {"WWW-Authenticate": "Bearer"}
    return _error(401, "unauthorized", "Nobody is signed in: a fresh token of the portal is needed.", headers)


def _error(status: int, code: str, message: str, headers: dict[str, str]) -> Response:
    return _json({"error": {"code": code, "message": message}}, status, headers)
