"""The headers of every answer: who may frame it, load it, read it. The one place that decides.

In: an answer's own headers, the rule and the house. Out: the headers that go out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from bot.guard.calling import Calling
from bot.guard.house import House
from bot.guard.routes import Kind

if TYPE_CHECKING:
    from starlette.types import Message

# Gradio needs unsafe-inline and unsafe-eval, so this keeps other hosts out; escaping keeps script out.
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'"
)
_NO_PAGE = "default-src 'none'"  # what is no page needs nothing
_ANCESTORS = re.compile(r";?\s*frame-ancestors[^;]*")
_PAGES: frozenset[Kind] = frozenset({"page", "embed", "login", "admin", "public"})
_FRAMED: frozenset[Kind] = frozenset({"page", "embed"})
_SHARING = ("origin", "credentials", "methods", "headers", "private-network")
_DROPPED = (
    *("server", "access-control-max-age", "access-control-expose-headers"),
    *(f"access-control-allow-{name}" for name in _SHARING),
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_HSTS = "max-age=31536000"


def dress(start: Message, kind: Kind | None, calling: Calling | None, house: House, sharing: Mapping[str, str]) -> None:
    """Give an answer the headers of its kind (None for a request that was nothing of ours), and those of `sharing`."""
    headers = MutableHeaders(scope=start)
    for name in _DROPPED:
        del headers[name]
    for name, value in _ALWAYS.items():
        headers[name] = value
    policy = headers.get("content-security-policy") or (_POLICY if kind in _PAGES else _NO_PAGE)
    headers["Content-Security-Policy"] = (
        f"{_ANCESTORS.sub('', policy)}; frame-ancestors {_framers(kind, policy, house)}"
    )
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if kind == "embed" else "same-origin")
    if kind in ("page", "login", "admin"):
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
    if calling is not None and calling.scheme == "https":
        headers["Strict-Transport-Security"] = _HSTS
    for name, value in sharing.items():
        vary = headers.get("vary") if name == "Vary" else None
        headers[name] = f"{vary}, {value}" if vary else value


def _framers(kind: Kind | None, policy: str, house: House) -> str:
    """Who may put it in a frame: our own pages, and the portals where it is the page or leads to it."""
    if kind not in _PAGES or kind == "admin" or "frame-ancestors 'none'" in policy:
        return "'none'"
    return " ".join(["'self'", *(house.origins if kind in _FRAMED else ())])
