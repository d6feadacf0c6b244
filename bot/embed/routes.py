"""What a portal loads to have the page in a frame: `/widget.js`, and the boot page `/embed` with its script.

In: the portals' origins, a look, whether people have to be signed in. Out: routes. All of it is public and the same for
everybody: whoever asks, it holds no token and no name. Only the portals may frame it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.look import Look
from bot.palette import css_variables

_HERE = Path(__file__).parent
_HOUR = "public, max-age=3600"


def embed_routes(origins: Sequence[str], look: Look, *, signs_in: bool) -> Sequence[BaseRoute]:
    """The routes; without `signs_in` nobody is asked who they are, and the boot page goes straight on."""
    script = (_HERE / "embed.js").read_bytes()
    boot = _boot_page(origins, look, signs_in=signs_in, script=f"embed/embed.js?{_digest(script)[:12]}")
    widget = (_HERE / "widget.js").read_bytes()
    # A portal that isolates itself (Cross-Origin-Embedder-Policy) takes scripts of others only where they say so.
    anywhere = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
    return [
        _file("/widget.js", widget, "text/javascript", {"Cache-Control": _HOUR} | anywhere),
        _file("/embed/embed.js", script, "text/javascript", {"Cache-Control": _HOUR}),
        _file(
            "/embed",
            boot,
            "text/html",
            {"Cache-Control": "no-store", "Content-Security-Policy": framed_policy(origins)},
        ),
    ]


def framed_policy(origins: Sequence[str]) -> str:
    """The boot page's Content-Security-Policy. It is the chat page's own, which is written into the same document."""
    framers = " ".join(origins) or "'none'"
    return (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self'; object-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {framers}"
    )


def _boot_page(origins: Sequence[str], look: Look, *, signs_in: bool, script: str) -> bytes:
    grounds = {light: [colours.paper, colours.sheet] for light, colours in (("day", look.day), ("night", look.night))}
    told = json.dumps({"origins": list(origins), "signsIn": signs_in, "grounds": grounds})
    page = (_HERE / "boot.html").read_text("utf-8")
    for name, value in {"told": escape(told), "colours": css_variables(look.day, look.night), "script": script}.items():
        page = page.replace(f"${name}$", value)
    return page.encode()


def _file(path: str, body: bytes, media_type: str, headers: dict[str, str]) -> Route:
    etag = f'"{_digest(body)[:32]}"'

    async def serve(request: Request) -> Response:
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers | {"ETag": etag})
        return Response(body, media_type=media_type, headers=headers | {"ETag": etag})

    return Route(path, serve, methods=["GET"])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
