"""Whose a request is: the one way from what a browser sends to a reader whose things may be shown.

In: a request, whose visitor the guard has found out, and its session. Out: a Reader. Without sign-in that is an
anonymous one, by a cookie of 128 random bits that no script can read, or, where cookies do not come back, for as long
as the session lasts. What may be read is the visitor's in any case.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.access import Reader
from bot.identity.cookies import OWNER, OWNER_SHAPE, cookie_of
from bot.page.texts import Language, Words, language_of, words_of
from bot.state import Exchange
from bot.visitor import NOBODY, Visitor, visitor_of
from ingest.errors import WenBaoError
from ingest.models import Filter

if TYPE_CHECKING:
    import gradio as gr

LANGUAGE_COOKIE = "wenbao_language"  # set by boot.js
_DAYS = 400  # a browser keeps no cookie for longer


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
    owner: str = ""  # whose all of this is

    def belongs_to(self, owner: str) -> None:
        """Forget what somebody else has asked here; it keeps the language."""
        if self.owner and self.owner != owner:
            self.unkept, self.unkept_of, self.latest, self.offered, self.stopped = [], "", None, False, True
        self.owner = owner


def owner_of(request: gr.Request, session: Session) -> Reader:
    """Who asks. A cookie that is none of ours counts for nothing, and none counts for somebody who has signed in."""
    visitor = _visitor(request)
    token = owner_cookie(request.headers.get("cookie"))
    if not token and not visitor.subject:
        session.token = token = session.token or secrets.token_hex(16)
    owner = reader_id(visitor.subject, token)
    session.belongs_to(owner)
    return Reader(owner, visitor.papers)


def reader_id(subject: str, token: str) -> str:
    """The name under which things are kept for somebody who has signed in, or else for a browser; "" for neither."""
    who = f"wenbao subject {subject}" if subject else f"wenbao {token}" if token else ""
    return hashlib.sha256(who.encode()).hexdigest() if who else ""


class MayNotAsk(WenBaoError):
    """Somebody who may not ask anything; the message is in the page's language."""


def check_may_ask(request: gr.Request, words: Words) -> None:
    """Raise MayNotAsk for whoever may not."""
    if "ask" not in _visitor(request).scopes:
        raise MayNotAsk(words.not_signed_in)


def _visitor(request: gr.Request) -> Visitor:
    return visitor_of(request.request.scope) if request.request else NOBODY


def words_for(request: gr.Request, session: Session) -> Words:
    """The words of the language that was chosen here, or in this browser before, or that the browser asks for."""
    return words_of(session.language or chosen_language(request.headers))


def chosen_language(headers: object) -> Language:
    """The language of a request by its cookie, else by Accept-Language; `headers` are a mapping of Starlette's."""
    get = headers.get  # type: ignore[attr-defined]
    chosen = cookie_of([get("cookie") or ""], LANGUAGE_COOKIE)
    return chosen if chosen in ("zh", "en") else language_of(get("accept-language"))  # type: ignore[return-value]


def owner_cookie(header: str | None) -> str:
    """The owner's secret among cookies as a browser sends them, "" for none, or where another was planted beside it."""
    token = cookie_of([header or ""], OWNER)
    return token if OWNER_SHAPE.fullmatch(token) else ""


def new_cookie(path: str, *, secure: bool) -> str:
    """A Set-Cookie line for a browser that has none yet."""
    line = f"{OWNER}={secrets.token_hex(16)}; Path={path}; Max-Age={_DAYS * 86_400}; HttpOnly; SameSite=Lax"
    return line + ("; Secure" if secure else "")
