"""The pages that people see while they sign in or out: a headline, a line, one thing to do.

In: a visit and what to say. Out: a page in the look of all others, which no other page may frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bot.identity.phrases import Told
from bot.web.render import Pages
from bot.web.visit import Visit, page_response


@dataclass(frozen=True, slots=True)
class SignView:
    """`deed` leads to `address`, by a link or with `posts` by a button; a browser goes `onward` by itself."""

    told: Told
    deed: str = ""
    address: str = ""
    posts: bool = False
    onward: str = ""


def sign_page(pages: Pages, visit: Visit, view: SignView, status: int = 200) -> Response:
    """The page."""
    response = page_response(visit, pages.render("sign.html", visit, view), status)
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    return response
