"""Calm pages for what cannot be shown: nothing there, a request that makes no sense, a fault of ours.

In: a visit and a status, or a handler that may raise. Out: a page. What is forbidden and what is absent are one and the
same page.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from bot.web.render import Pages
from bot.web.visit import Unreadable, Visit, page_response, visit_of

Handler = Callable[[Request], Awaitable[Response]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SaidView:
    """A headline and a line."""

    headline: str
    line: str


def said_response(pages: Pages, visit: Visit, status: int) -> Response:
    """The page that goes with a status."""
    p = visit.phrases
    known = {
        404: SaidView(p.missing, p.missing_told),
        413: SaidView(p.bad, p.too_long),
        429: SaidView(p.bad, p.too_often),
        500: SaidView(p.broken, ""),
    }
    return page_response(
        visit, pages.render("said.html", visit, known.get(status) or SaidView(p.bad, p.bad_told)), status
    )


def kept_calm(pages: Pages, handler: Handler) -> Handler:
    """The handler; whatever goes wrong in it becomes a page, and what is our fault stands in the log."""

    @wraps(handler)
    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except Unreadable as e:
            return said_response(pages, visit_of(request), e.status)
        except Exception:  # noqa: BLE001 - logged whole; a reader gets a calm page
            _log.exception("a page failed")
            return said_response(pages, visit_of(request), 500)

    return handle
