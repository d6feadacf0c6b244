"""Where somebody goes once signed in, and what whoever is not signed in is told.

In: an address that may come from anybody, a request. Out: a path of ours and nothing else; a redirect, a page or JSON.
What was looked for or asked is dropped: no sign-in carries it through the provider's logs.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.identity.phrases import sign_phrases
from bot.identity.said import SignView, sign_page
from bot.web.render import Pages
from bot.web.visit import sent_on, visit_of

LONGEST = 500  # characters of an address that is gone on to; it travels in a cookie
KEPT = ("version", "part", "order", "since", "until", "paper", "place", "byline")  # as the archive's pages use them

_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")  # what RFC 3986 lets a path hold
_AWAY = re.compile(r"^[/\\]{2}|(^|/)\.{1,2}([/;]|$)|[\x00-\x1f\x7f\\]")


def onward_of(wanted: str) -> str:
    """The page of ours that is wanted, as a path from our root; "/" for whatever is none."""
    path, _, query = wanted.partition("#")[0].partition("?")
    if not _PATH.fullmatch(path) or _leads_away(path) or re.match(r"/log(in|out)\b", path):
        return "/"
    kept = urlencode([(name, value) for name, value in parse_qsl(query) if name in KEPT], quote_via=quote)
    onward = f"{path}?{kept}" if kept else path
    return onward if len(onward) <= LONGEST else path if len(path) <= LONGEST else "/"


def ask_to_sign_in(request: Request, pages: Pages, *, login: bool) -> Response:
    """What whoever is not signed in gets in place of a page; `login`: people can sign in here."""
    visit = visit_of(request)
    if not wants_page(request):
        said = {"code": "unauthorised", "message": "Sign in first."}
        return JSONResponse({"error": said}, 401, {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    if not login:
        told = sign_phrases(visit.language).elsewhere
        return sign_page(pages, visit, SignView(told), 401)
    raw = request.scope.get("raw_path", b"").decode("latin-1") or quote(request.url.path)
    onward = onward_of(f"{raw.removeprefix(request.scope.get('root_path', ''))}?{request.url.query}")
    return sent_on(f"{visit.links.up}login" + (f"?next={quote(onward, safe='/')}" if onward != "/" else ""))


def wants_page(request: Request) -> bool:
    """Whether a browser wants to show the reply as a page, and not a script to use it."""
    asked = request.headers
    return (
        request.method in ("GET", "HEAD")
        and "text/html" in asked.get("accept", "")
        and asked.get("sec-fetch-mode", "navigate") == "navigate"
    )


def _leads_away(path: str) -> bool:
    """Whether any reading of it, however often it is decoded, is another host's or climbs out of our folder."""
    for _ in range(5):
        if _AWAY.search(path):
            return True
        decoded = unquote(path)
        if decoded == path:
            return False
        path = decoded
    return True
