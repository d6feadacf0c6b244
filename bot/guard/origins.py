"""Which pages may ask: our own, the portals that a setting names where programs ask, and no other.

In: a request's headers and where it was sent. Out: nothing, or a refusal; the headers of CORS for a named portal. Never
with cookies: what a portal's page asks of the API it asks with a key.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from bot.guard.calling import Calling
from bot.guard.house import House, is_loopback, split_host
from bot.guard.refused import Refused
from bot.guard.routes import Rule, methods_of

SHARED = ("api", "v1")  # the kinds that a portal's page may ask
_ASKED = ("authorization", "content-type", "accept", "last-event-id")  # headers that it may send
_OF_A_LIBRARY = re.compile(r"x-stainless-[a-z-]{1,40}")  # OpenAI's own client says with these what it is
_TOLD = "retry-after"
_OPEN_TO_ALL = ("public", "embed")  # what any page may load; /embed/session is held to our own origin below


def check_origin(rule: Rule, calling: Calling, headers: Headers, house: House) -> str:
    """The portal that asks, "" for none. Raises Refused for a page that may not."""
    given = headers.getlist("origin")
    origin = given[0] if given else ""
    if len(given) > 1:
        raise _foreign()
    if rule.kind in _OPEN_TO_ALL and rule.body == "none":
        return ""
    if origin and origin != calling.origin and not _is_own_form(rule, calling, origin, headers):
        if rule.kind in SHARED and origin in house.origins:
            return origin
        raise _foreign()
    site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "")
    led_here = mode == "navigate" and calling.method in ("GET", "HEAD")  # by a link; a form names where it stood
    if site not in ("same-origin", "none") and not led_here and not origin:
        raise _foreign()
    return ""


def _is_own_form(rule: Rule, calling: Calling, origin: str, headers: Headers) -> bool:
    """A form of our own pages, which name no referrer and therefore, by the standard, no origin.

    Browsers tell with Sec-Fetch-Site whose it is, but only over TLS and on their own machine.
    """
    if origin != "null" or rule.body != "form":
        return False
    site = headers.get("sec-fetch-site")
    if site is None:
        named = split_host(calling.origin.partition("://")[2])
        return calling.scheme == "http" and named is not None and not is_loopback(named[0])
    return site == "same-origin" and headers.get("sec-fetch-mode") == "navigate"


def preflight(path: str, headers: Headers, house: House) -> dict[str, str]:
    """What a browser is told that asks whether a page of another origin may ask. Raises Refused."""
    origin, methods = headers.get("origin", ""), methods_of(path)
    first = path.split("/")[1] if "/" in path else ""
    if origin not in house.origins or first not in SHARED or not methods:
        raise _foreign()
    return {
        **allowing(origin),
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join((*_ASKED, *_of_a_library(headers))),
        "Access-Control-Max-Age": "600",
    }


def _of_a_library(headers: Headers) -> list[str]:
    wished = headers.get("access-control-request-headers", "").lower().split(",")
    return sorted({name for each in wished if _OF_A_LIBRARY.fullmatch(name := each.strip())})


def allowing(origin: str) -> dict[str, str]:
    """The headers that let a portal's page read an answer."""
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _TOLD, "Vary": "Origin"}


def _foreign() -> Refused:
    return Refused(403, "This may not be asked from another site's page.", why="origin")
