"""Whose a request is: the one way from what a browser sends to a reader whose things may be shown.

In: a request and its session. Out: a Reader. Without sign-in that is an anonymous one, by a cookie of 128 random bits
that no script can read, or, where cookies do not come back, for as long as the session lasts.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from bot.access import Reader
from bot.page.texts import Language, Words, language_of, words_of
from bot.state import Exchange
from ingest.models import Filter

if TYPE_CHECKING:
    import gradio as gr

COOKIE = "wenbao_owner"
LANGUAGE_COOKIE = "wenbao_language"  # set by boot.js
_DAYS = 400  # a browser keeps no cookie for longer
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest answer with its passages, and the filter that it was asked with."""

    exchange: Exchange
    where: Filter


@dataclass(slots=True)
class Session:
    """One open page, as the server remembers it. Gradio copies a first one for each page: it must hold nothing yet."""

    token: str = ""  # who it is where no cookie comes back
    language: Language | None = None
    settled: bool = False  # it was told all that there is to say of the archive
    asked: int = 0  # how often something else was begun
    stopped: bool = False  # the answer under way is to end with what it has
    unkept: list[Exchange] = field(default_factory=list)  # answers that could not be written to the state
    latest: Latest | None = None  # until the next question is asked
    offered: bool = False  # questions to go on with were looked for
    unkept_of: str = ""  # the conversation that they belong to, "" for one that is kept nowhere


def owner_of(request: gr.Request, session: Session) -> Reader:
    """Who asks. A cookie that is none of ours counts for nothing."""
    token = owner_cookie(request.headers.get("cookie"))
    if not token:
        session.token = token = session.token or secrets.token_hex(16)
    return Reader(hashlib.sha256(f"wenbao {token}".encode()).hexdigest())


def words_for(request: gr.Request, session: Session) -> Words:
    """The words of the language that was chosen here, or in this browser before, or that the browser asks for."""
    return words_of(session.language or chosen_language(request.headers))


def chosen_language(headers: object) -> Language:
    """The language of a request by its cookie, else by Accept-Language; `headers` are a mapping of Starlette's."""
    get = headers.get  # type: ignore[attr-defined]
    chosen = _cookies(get("cookie")).get(LANGUAGE_COOKIE, "")
    return chosen if chosen in ("zh", "en") else language_of(get("accept-language"))  # type: ignore[return-value]


def owner_cookie(header: str | None) -> str:
    """The owner's secret among cookies as a browser sends them, "" for none."""
    token = _cookies(header).get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else ""


def new_cookie(path: str, *, secure: bool) -> str:
    """A Set-Cookie line for a browser that has none yet."""
    line = f"{COOKIE}={secrets.token_hex(16)}; Path={path}; Max-Age={_DAYS * 86_400}; HttpOnly; SameSite=Lax"
    return line + ("; Secure" if secure else "")


def _cookies(header: str | None) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header or "").items()}
    except CookieError:
        return {}
