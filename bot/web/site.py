"""The pages' routes: a request in, the page that it asks for out, and a calm page where it asks for none.

In: a bot that sees what each visitor may read. Out: routes for the app to put before the chat. Every page is made from
one leased generation, of which nothing else can be had here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.bot import Bot
from bot.opening import Opening
from bot.web.front import day_view, front, period, read_day
from bot.web.reading import article_view
from bot.web.render import Pages
from bot.web.said import Handler, kept_calm, said_response
from bot.web.seeking import read_wanted, search_view
from bot.web.shelf import Shelf, Shelves
from bot.web.visit import (
    HEADERS,
    YEAR,
    Visit,
    asked,
    deeper,
    page_response,
    posted,
    remember,
    sent_on,
    still_right,
    visit_of,
)
from ingest.errors import BadQuestion
from ingest.models import Filter
from ingest.snapshot import Snapshot

SEEN = "wenbao_seen"  # cookie: how much had come in when the reader was here, and the time before; no id of anybody
MOST_DIGITS = 5  # of a number in an address


def archive_routes(opening: Opening, pages: Pages) -> Sequence[BaseRoute]:
    """The routes of /archive, /article and /look; whoever comes before the bot is open waits for it."""
    site = _Site(opening, pages)

    def route(path: str, handler: Handler, *methods: str) -> Route:
        return Route(path, kept_calm(pages, handler), methods=methods or ["GET"])

    return [
        route("/archive", site.front),
        route("/archive/", _without_slash),
        route("/archive/search", site.search, "GET", "POST"),
        route("/archive/{when}", site.period),
        route("/archive/{when}/{rest:path}", site.issue),
        route("/article/{name:path}", site.article),
        route("/look/{file}", site.look),
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a visitor may read, while it is leased."""

    bot: Bot
    snapshot: Snapshot
    shelf: Shelf

    def near(self, words: str, count: int, where: Filter) -> list[str]:
        """Articles that a question in these words would find."""
        try:
            return [hit.article.article_id for hit in self.bot.search(words, count, where)]
        except BadQuestion:
            return []


class _Site:
    """The pages over one bot. Safe from several threads."""

    def __init__(self, opening: Opening, pages: Pages) -> None:
        self._opening, self._pages = opening, pages
        self._shelves = Shelves()

    @contextmanager
    def _reading(self, visit: Visit) -> Iterator[_Read]:
        bot = self._opening.seen_by(visit.reader)
        with bot.reading() as snapshot:
            yield _Read(bot, snapshot, self._shelves.of(snapshot, bot.reading))

    async def front(self, request: Request) -> Response:
        return await run_in_threadpool(self._front, request)

    async def period(self, request: Request) -> Response:
        return await run_in_threadpool(self._period, request)

    async def issue(self, request: Request) -> Response:
        return await run_in_threadpool(self._issue, request)

    async def article(self, request: Request) -> Response:
        return await run_in_threadpool(self._article, request)

    async def search(self, request: Request) -> Response:
        if request.method == "POST":
            fields = await posted(request)
            return await run_in_threadpool(self._search, request, fields, with_words=True)
        return await run_in_threadpool(self._search, request, dict(asked(request)), with_words=False)

    def _front(self, request: Request) -> Response:
        visit = visit_of(request)
        with self._reading(visit) as read:
            before, cookie = _seen(request.cookies.get(SEEN, ""), read.shelf.came)
            view = front(read.snapshot, read.shelf, before)
        tag = self._tag(visit, read.shelf, f"{before}-{view.topics is None}")
        response = still_right(request, visit, tag) or page_response(
            visit, self._pages.render("front.html", visit, view), tag=tag
        )
        remember(response, visit, SEEN, cookie)
        return response

    def _period(self, request: Request) -> Response:
        visit, when = visit_of(request), str(request.path_params["when"])
        if read_day(when):
            return self._issue(request)
        with self._reading(visit) as read:
            view = period(read.shelf, when)
        if view is None:
            return said_response(self._pages, visit, 404)
        tag = self._tag(visit, read.shelf, str(view.topics is None))
        return still_right(request, visit, tag) or page_response(
            visit, self._pages.render("period.html", visit, view), tag=tag
        )

    def _issue(self, request: Request) -> Response:
        visit, rest = visit_of(request), str(request.path_params.get("rest", ""))
        day, part = read_day(str(request.path_params["when"])), _number(asked(request).get("part", "1"))
        if day is None or part is None:
            return said_response(self._pages, visit, 404)
        with self._reading(visit) as read:
            view = day_view(read.snapshot, read.shelf, day, rest, part)
        if view is None:
            return said_response(self._pages, visit, 404)
        visit = deeper(visit, 1 + view.one_paper + view.one_page)
        tag = self._tag(visit, read.shelf)
        return still_right(request, visit, tag) or page_response(
            visit, self._pages.render("day.html", visit, view), tag=tag
        )

    def _article(self, request: Request) -> Response:
        visit, name = visit_of(request), str(request.path_params["name"])
        with self._reading(visit) as read:
            view = article_view(read.snapshot, read.shelf, name, asked(request).get("version", ""))
        if view is None:
            return said_response(self._pages, visit, 404)
        tag = self._tag(visit, read.shelf)
        return still_right(request, visit, tag) or page_response(
            visit, self._pages.render("article.html", visit, view), tag=tag
        )

    def _search(self, request: Request, fields: dict[str, str], *, with_words: bool) -> Response:
        visit = visit_of(request)
        wanted = read_wanted(fields, visit.words, with_words=with_words)
        with self._reading(visit) as read:
            view = search_view(read.snapshot, read.shelf, wanted, read.near)
        status = 400 if wanted.problem else 200
        return page_response(
            visit,
            self._pages.render("search.html", visit, view),
            status,
            "" if with_words else self._tag(visit, read.shelf),
        )

    async def look(self, request: Request) -> Response:
        """A file of the look."""
        file = self._pages.files.get(request.path_params["file"])
        if file is None:
            return said_response(self._pages, visit_of(request), 404)
        # The address names the build: what it brings never changes.
        kept = f"public, max-age={YEAR}, immutable" if request.url.query == self._pages.build else "no-cache"
        return Response(file.content, 200, HEADERS | {"Cache-Control": kept}, file.media_type)

    def _tag(self, visit: Visit, shelf: Shelf, more: str = "") -> str:
        return f'W/"{self._pages.build}-{shelf.name}-{visit.language}-{more}"'


async def _without_slash(request: Request) -> Response:
    return sent_on("../archive")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) else None


def _seen(cookie: str, came: int) -> tuple[int, str]:
    """How many had come in by the reader's day before this one (0: never here), and what to remember."""
    today = Date.today().isoformat()
    before, then, day = 0, 0, today
    parts = cookie.split(".")
    if len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 12 for part in parts[:2]):
        before, then, day = int(parts[0]), int(parts[1]), parts[2]
    if day != today:
        before = then
    return before, f"{before}.{came}.{today}"
