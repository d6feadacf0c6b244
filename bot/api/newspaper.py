"""The routes of `/api`: ask, search, read an article, each as the command of that name prints it.

In: JSON and a visitor. Out: JSON, or an answer as it grows. Nothing is kept: a conversation comes with the question.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.access import Reader, may_read
from bot.api import examples
from bot.api.bodies import BoundedRoute
from bot.api.errors import documented, error_body, error_of
from bot.api.posted import AskPosted, SearchPosted
from bot.api.streams import WAITING, CallerGone, EventStream, event, events_of, said, unsaid, whole
from bot.api.told import AnswerTold, ArticleTold, HitsTold
from bot.api.who import bot_for, caller
from bot.api.work import Question, State, Work
from bot.bot import Bot, check_filter, check_question
from bot.jsonform import answer_record, hits_record
from ingest.errors import NotFound
from ingest.models import StoredArticle
from ingest.show import article_record

_ASKING = (400, 401, 403, 413, 415, 421, 422, 429, 500, 503)
_READING = (401, 403, 404, 421, 429, 500, 503)
# Where an article lies on our disk, and what its source keeps beside it, is nobody's business who asks from outside.
_OURS_ALONE = ("file", "file_start", "file_end", "file_spans", "extra")
_POINTERS = ("same_story", "corrected_by", "corrects")

_ANSWERED: dict[str, Any] = {
    "model": AnswerTold,
    "description": "The answer, or a refusal. As events: `answer` (the text so far, with sentences and citations) "
    "again and again, then `done` (the whole record), or `error`.",
    "content": {
        "application/json": {"example": examples.ANSWER},
        "text/event-stream": {"itemSchema": events_of("answer", "done", "error"), "example": examples.EVENTS},
    },
}


def newspaper_routes(opening: Future[Bot], work: Work) -> APIRouter:
    """The routes over a bot that may still be opening."""
    router = APIRouter(prefix="/api", tags=["newspaper"], route_class=BoundedRoute)

    @router.post("/ask", responses={200: _ANSWERED, **documented(*_ASKING)}, response_model=None)
    async def ask(request: Request, posted: AskPosted) -> Response:
        """Answer a question from the newspaper, every sentence with its source."""
        bot = bot_for(opening, caller(request, "ask").reader)
        check_question(posted.question)
        check_filter(posted.where)
        states = work.answer(bot, Question(posted.question, posted.turns, posted.where, posted.write))
        if posted.stream or _wants_events(request):
            return EventStream(_events(states))
        try:
            return said(answer_record(await whole(states, request)))
        except CallerGone:
            return unsaid()

    found = {"model": HitsTold, "content": {"application/json": {"example": examples.HITS}}}

    @router.post("/search", responses={200: found, **documented(*_ASKING)}, response_model=None)
    async def search(request: Request, posted: SearchPosted) -> Response:
        """Find the passages that bear on a question, best first, without answering it."""
        bot = bot_for(opening, caller(request, "search").reader)
        check_question(posted.question)
        check_filter(posted.where)

        def find() -> dict[str, object]:
            began = time.perf_counter()
            hits = bot.search(posted.question, posted.k, posted.where)
            return hits_record(posted.question, hits, (time.perf_counter() - began) * 1000)

        return said(await work.think(find))

    read = {"model": ArticleTold}

    @router.get("/articles/{article_id}", responses={200: read, **documented(*_READING)}, response_model=None)
    async def article(request: Request, article_id: str) -> Response:
        """An article by its id, or one of its versions by that version's; what you may not read is not there."""
        reader = caller(request, "ask", "search").reader
        bot = bot_for(opening, reader)
        return said(await work.look(lambda: _article(bot, reader, article_id)))

    return router


def _wants_events(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return any(each.split(";")[0].strip() == "text/event-stream" for each in accepted.split(","))


async def _events(states: AsyncGenerator[State | None, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(states):
        try:
            async for state in states:
                if state is None:
                    yield WAITING
                    continue
                record = answer_record(state.answer)
                if state.final:
                    yield event(record, "done")
                else:
                    yield event({name: record[name] for name in ("answer", "sentences", "citations")}, "answer")
        except Exception as e:  # noqa: BLE001 - the response has begun: it is told as an event, and logged there
            told = error_of(e, openai=False)
            yield event(error_body(told.status_code, told.code, told.detail, openai=False), "error")


def _article(bot: Bot, reader: Reader, article_id: str) -> dict[str, object]:
    """The record of an article with as much as `reader` may read around it. Raises NotFound."""
    found = bot.article(article_id)
    if not may_read(reader, found):
        raise NotFound("")
    with bot.reading() as snapshot:
        versions = [one for one in snapshot.catalog.versions(found.article_id) if may_read(reader, one)]
        copies = snapshot.catalog.copies_of(found.article_id)
        linked = snapshot.articles(found.linked)
    record = article_record(found, versions, copies)
    for name in _OURS_ALONE:
        del record[name]
    record["url"] = found.url if found.url and found.url.startswith(("http://", "https://")) else None
    record["linked"] = [one for one in found.linked if one in linked and may_read(reader, linked[one])]
    record["versions"] = [_version(one) for one in versions]
    ours: dict[str, Any] = {"same_story": copies, "corrected_by": found.corrected_by, "corrects": found.corrects}
    for name in _POINTERS:
        kept = {one.article_id for one in ours[name] if may_read(reader, one)}
        record[name] = [one for one in _listed(record[name]) if one["article_id"] in kept]
    return record


def _version(one: StoredArticle) -> dict[str, object]:
    withdrawn = one.withdrawn.isoformat() if one.withdrawn else None
    return {"version_id": one.version_id, "superseded_by": one.superseded_by, "withdrawn": withdrawn}


def _listed(pointers: object) -> list[dict[str, object]]:
    return pointers if isinstance(pointers, list) else []
