"""Calm pages for what cannot be shown: nothing there, a request that makes no sense, a fault of ours.

In: a visit and a status. Out: a page. What is forbidden and what is absent are one and the same page.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bot.web.render import render
from bot.web.visit import Visit, page_response


@dataclass(frozen=True, slots=True)
class SaidView:
    """A headline and a line."""

    headline: str
    line: str


def said_response(visit: Visit, status: int) -> Response:
    """The page that goes with a status."""
    p = visit.phrases
    known = {
        404: SaidView(p.missing, p.missing_told),
        413: SaidView(p.bad, p.too_long),
        429: SaidView(p.bad, p.too_often),
        500: SaidView(p.broken, ""),
    }
    return page_response(visit, render("said.html", visit, known.get(status) or SaidView(p.bad, p.bad_told)), status)
