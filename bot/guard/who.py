"""Who is behind a request: a key or a session in the Authorization header, a session in a cookie, or whoever is there.

In: headers and a rule. Out: a Visitor, and the name under which Gradio's sessions belong to them. Programs are never
known by a cookie.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.datastructures import Headers

from bot.guard.calling import Calling
from bot.guard.refused import Refused
from bot.guard.routes import API_KINDS, Rule
from bot.identity.cookies import LOGIN, OWNER, OWNER_SHAPE, PLAIN_LOGIN, PORTAL, cookie_of
from bot.identity.secrets import KEY, SESSION
from bot.visitor import NOBODY, Register, Visitor

COOKIES = (PORTAL, LOGIN)  # the portal's comes first: it says who sits there now
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")
_T = TypeVar("_T")
_R = TypeVar("_R")
_LOOKERS = 4  # threads that look keys and sessions up


class Doorman:
    """Knows whoever can be known. `anybody` says who an unknown asker is, and is told whether a program asks."""

    def __init__(self, register: Register | None, anybody: Callable[[bool], Visitor]) -> None:
        self._register, self._anybody = register, anybody
        self._aside = ThreadPoolExecutor(_LOOKERS, "wenbao-doorman")

    async def who(self, rule: Rule, calling: Calling, headers: Headers) -> Visitor:
        """Whose request it is. Raises Refused for a key or session that is none."""
        bearer = _bearer(headers, rule)
        if bearer:
            return await self._of_bearer(bearer, rule)
        if rule.kind not in API_KINDS and self._register is not None:
            for session in _sessions(headers, calling):
                visitor = await self._aside_do(self._register.of_session, session)
                if visitor is not None:
                    return visitor
        return await self._aside_do(self._anybody, rule.kind in API_KINDS)

    async def still_stands(self, visitor: Visitor, rule: Rule) -> bool:
        """Whether they are still let in, and may read what they might before."""
        if not visitor.proof:
            return visitor == await self._aside_do(self._anybody, rule.kind in API_KINDS)
        return self._register is None or await self._aside_do(self._register.still_stands, visitor)

    def close(self) -> None:
        """Let the threads go."""
        self._aside.shutdown(wait=False, cancel_futures=True)

    async def _of_bearer(self, bearer: str, rule: Rule) -> Visitor:
        found = None
        if self._register is not None:
            if bearer.startswith(KEY):
                found = await self._aside_do(self._register.of_key, bearer)
            elif bearer.startswith(SESSION):
                found = await self._aside_do(self._register.of_session, bearer)
        if found is None:
            if rule.kind == "embed":  # a portal's own token, or a session that is over: its route says so
                return NOBODY
            raise unknown("This key or session is not known here, or no longer.", "invalid_token")
        return found

    async def _aside_do(self, look: Callable[[_T], _R], what: _T) -> _R:
        return await asyncio.get_running_loop().run_in_executor(self._aside, look, what)


def unknown(line: str, error: str = "") -> Refused:
    """What is said to somebody who has to be known and is not."""
    challenge = 'Bearer realm="wenbao"' + (f', error="{error}"' if error else "")
    return Refused(401, line, {"WWW-Authenticate": challenge}, why="unknown")


def permit(rule: Rule, visitor: Visitor) -> None:
    """Raises Refused where this visitor may not come in."""
    if rule.kind in API_KINDS:
        if visitor.via == "nobody" or (rule.kind == "metrics" and visitor.via != "key"):
            raise unknown("This needs an API key: Authorization: Bearer wbk_….")
        if not visitor.scopes.intersection(rule.scopes):
            raise Refused(403, f"This key may not do that; it needs the scope {rule.scopes[0]}.", why="scope")
    elif rule.kind in ("page", "gradio"):
        if visitor.via == "nobody":
            raise unknown("Sign in first.")
        if visitor.via == "key" and not (rule.keyed and "ask" in visitor.scopes):
            raise Refused(403, "This is not for API keys.", why="scope")


def owner_of(visitor: Visitor, calling: Calling, headers: Headers) -> str:
    """Under what name Gradio's sessions belong to this asker: their own, their browser's, or where they come from."""
    if visitor.subject:
        return f"{visitor.via} {visitor.subject}"
    token = cookie_of(headers.getlist("cookie"), OWNER)
    if OWNER_SHAPE.fullmatch(token):
        return "browser " + hashlib.sha256(token.encode()).hexdigest()
    return f"address {calling.address}"


def _bearer(headers: Headers, rule: Rule) -> str:
    """The token of the Authorization header, "" for none. Raises Refused for what cannot be one."""
    given = headers.getlist("authorization")
    if not given:
        return ""
    scheme, _, token = given[0].partition(" ")
    token = token.strip()
    if len(given) == 1 and scheme.lower() == "bearer" and _TOKEN.fullmatch(token):
        return token
    if rule.kind in API_KINDS or scheme.lower() == "bearer" or len(given) > 1:
        raise unknown("The Authorization header has to be: Bearer and a key.", "invalid_request")
    return ""  # a proxy in front may have a password of its own


def _sessions(headers: Headers, calling: Calling) -> list[str]:
    """Sessions that the cookies name; a name that is there twice names none."""
    names = COOKIES if calling.scheme == "https" else (*COOKIES, PLAIN_LOGIN)
    values = (cookie_of(headers.getlist("cookie"), name) for name in names)
    return [value for value in values if _TOKEN.fullmatch(value)]
