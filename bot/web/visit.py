"""One visit of a page: who reads, in which language, from how deep; and the answer that goes back, with its headers.

In: a request. Out: a Visit, and responses. Every response of these pages is made here, so that none goes out without
the policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.access import Reader
from bot.page.owner import LANGUAGE_COOKIE, owner_cookie, reader_id
from bot.page.texts import EN, ZH, Words, words_for
from bot.visitor import visitor_of
from bot.web.links import Links
from bot.web.texts import Phrases, phrases_for

YEAR = 365 * 86_400  # seconds that a choice is kept
BODY = 16_384  # bytes of a form: the longest question there is, ten times

# Scripts and styles are files of ours: no nonce that a cached page would outlive, and nothing inline at all.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


_KEPT = ("version", "part", "order", "since", "until", "paper", "place", "byline")  # never what was looked for
_LONGEST = 100  # characters of a field that is


class Unreadable(Exception):
    """A request that cannot be what a page or a form of ours would send."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page needs to know of whoever opened it."""

    words: Words
    phrases: Phrases
    links: Links
    reader: Reader
    folder: str  # that all of ours lies in, as cookies are bound to it
    secure: bool  # whether it came over TLS, as far as this server sees
    switch: str  # this page in the other language
    chosen: str = ""  # the language that this very request chose

    @property
    def language(self) -> str:
        """Zh or en."""
        return "zh" if self.words is ZH else "en"


def visit_of(request: Request) -> Visit:
    """Who opened the page: the language asked for by the address, chosen before, or set in the browser."""
    asked, chosen = request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)
    known = {"zh": ZH, "en": EN}
    words = known.get(asked or "") or known.get(chosen or "") or words_for(request.headers.get("accept-language"))
    path = _inside(request)
    return Visit(
        words=words,
        phrases=phrases_for(words),
        links=Links("../" * max(0, path.count("/") - 1)),
        reader=_reader_of(request),
        folder=request.scope.get("root_path", "") + "/",
        secure=request.url.scheme == "https",
        switch=_switch(request, "zh" if words is EN else "en"),
        chosen=asked if asked in known else "",
    )


def _reader_of(request: Request) -> Reader:
    """Who reads, and what they may: the same as in the chat."""
    visitor = visitor_of(request.scope)
    return Reader(reader_id(visitor.subject, owner_cookie(request.headers.get("cookie"))), visitor.papers)


def remember(response: Response, visit: Visit, name: str, value: str, *, readable: bool = False) -> None:
    """Give the reader's browser a cookie for a year; `readable`: the chat's script looks at it too."""
    response.set_cookie(
        name, value, max_age=YEAR, path=visit.folder, secure=visit.secure, httponly=not readable, samesite="lax"
    )


def deeper(visit: Visit, depth: int) -> Visit:
    """The same visit of a page that lies `depth` folders deep, where a proxy may have spelled its path otherwise."""
    return replace(visit, links=Links("../" * depth))


def _inside(request: Request) -> str:
    """The path as the browser counts it (%2F is no /), without the prefix that the app is mounted under."""
    raw, root = request.scope.get("raw_path", b"").decode("latin-1"), request.scope.get("root_path", "")
    return (raw or request.url.path).removeprefix(root)


def _switch(request: Request, language: str) -> str:
    """The same address in another language."""
    kept = {name: value for name, value in request.query_params.items() if name in _KEPT and len(value) <= _LONGEST}
    return f"?{urlencode({'language': language, **kept})}"


def page_response(visit: Visit, html: str, status: int = 200, tag: str = "") -> Response:
    """A page; one with a `tag` may be kept by the browser, which asks each time whether it is still right."""
    headers = _headers(tag)
    response = HTMLResponse(html, status, headers)
    if visit.chosen:
        remember(response, visit, LANGUAGE_COOKIE, visit.chosen, readable=True)
    return response


def still_right(request: Request, visit: Visit, tag: str) -> Response | None:
    """That the browser has this very page already, where it has."""
    said = request.headers.get("if-none-match", "")
    return Response(None, 304, _headers(tag)) if tag in re.findall(r'W/"[^"]*"', said) and not visit.chosen else None


def sent_on(to: str) -> Response:
    """On to another page of ours, by a relative address."""
    return RedirectResponse(to, 303, HEADERS)


async def posted(request: Request) -> dict[str, str]:
    """The fields of a form. Raises Unreadable for what is no form, or too long."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Unreadable(415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY:
            raise Unreadable(413)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError as e:
        raise Unreadable from e


def asked(request: Request) -> Mapping[str, str]:
    """The fields of the address."""
    return request.query_params


def plain(value: str | None, longest: int) -> str:
    """A field's text, without what no text can carry; Unreadable where it is far too long."""
    text = (value or "").encode("utf-8", "ignore").decode("utf-8").replace("\0", "").strip()
    if len(text) > longest:
        raise Unreadable(413)
    return text


def _headers(tag: str) -> dict[str, str]:
    if not tag:
        return HEADERS | {"Cache-Control": "no-store"}
    return HEADERS | {
        "Cache-Control": "private, no-cache",
        "ETag": tag,
        "Vary": "Accept-Language, Authorization, Cookie",
    }
