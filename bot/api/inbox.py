"""`POST /api/inbox` hands a file in, `GET /api/inbox/{receipt}` tells what became of it.

In: requests whose visitor the guard has found out. Out: JSON. A file goes to the disk as it comes; what may be handed
in is bot/inbox.py's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.access import EVERYTHING
from bot.api.errors import ApiError, documented
from bot.api.form import FORM, Form
from bot.api.who import caller
from bot.inbox import BadHandIn, Coming, Handed, Inbox, Receipt, TooLong, UnknownKind, read_told
from bot.visitor import Visitor
from ingest.errors import NotEnoughDisk, NotWritable, WenBaoError

SECONDS = 110.0  # that a file may take to come; less than the guard allows, so that it is told in our words
SILENCE = 9.0  # seconds without a byte after which nobody is there any more; likewise
AT_ONCE = 8  # files on their way
AGAIN = 10  # seconds after which one that came to too many may try again
_AGAIN = {"Retry-After": str(AGAIN)}

_FACTS = ("paper", "date", "page")
# In the words of bot/inbox.py, which name no path.
_STATUS: dict[type[WenBaoError], int] = {
    BadHandIn: 400,
    TooLong: 413,
    UnknownKind: 415,
    NotWritable: 503,
    NotEnoughDisk: 507,
}
_HANDING_IN = (400, 401, 403, 408, 413, 415, 421, 429, 500, 503, 507)
_TELLING = (401, 403, 404, 421, 429, 500, 503)


class HandedIn(BaseModel):
    """A file that is in the inbox now, under the name that it has there."""

    receipt: str = Field(description="Ask `/api/inbox/{receipt}` with the same key what became of the file.")
    file: str = Field(examples=["page-03.txt"])
    bytes: int = Field(examples=[2048])
    received: str = Field(examples=["2026-11-26T08:00:00+00:00"])
    paper: str | None = Field(examples=["青岚晚报"])
    date: str | None = Field(examples=["2026-11-25"])
    page: str | None = Field(examples=["03"])


class TakenArticle(BaseModel):
    """An article of the file. `unchanged`: the archive had it already."""

    article_id: str
    what: Literal["added", "changed", "unchanged"]
    title: str | None
    paper: str | None


class WhatBecame(HandedIn):
    """A receipt's report.

    `waiting`: nobody has read the file yet. `read`: at least one article is in the archive. `refused`: none is, for the
    reasons in `problems`. Articles of papers that the key may not read are neither listed nor counted.
    """

    status: Literal["waiting", "read", "refused"]
    read: str | None = Field(description="When it was read.", examples=["2026-11-26T08:00:04+00:00"])
    added: int
    changed: int
    unchanged: int
    articles: list[TakenArticle] = Field(description="The first thousand of them.")
    problems: list[str] = Field(description="What of the file could not be used, and why.")


_FILE_SCHEMA = {"type": "string", "format": "binary"}
_SAID = {
    "paper": {"type": "string", "description": "The newspaper, where the file does not say it itself."},
    "date": {"type": "string", "format": "date", "description": "The day of the issue."},
    "page": {"type": "string", "description": "Number or name of the page."},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {"schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE_SCHEMA, **_SAID}}},
            "application/octet-stream": {"schema": _FILE_SCHEMA},
        },
    },
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": schema,
            "description": "With a body that is the file itself.",
        }
        for name, schema in {"name": {"type": "string", "description": "The file's name."}, **_SAID}.items()
    ],
}


def inbox_routes(inbox: Inbox) -> APIRouter:
    """The two routes. Whoever asks needs a key with scope `inbox`, on loopback and with `--open` too: it writes."""
    router = APIRouter(tags=["inbox"])
    under_way: set[object] = set()

    @router.post(
        "/api/inbox",
        status_code=202,
        response_model=HandedIn,
        responses=documented(*_HANDING_IN),
        openapi_extra=_BODY,
        summary="Hand a file in",
    )
    async def hand_in(request: Request) -> Response:
        """Hand in one file: a form with the field `file`, or the file as the body and its name in the query.

        What is said of it (paper, day, page) holds where the file itself is silent. The archive takes it up within
        seconds, provided that `python -m ingest watch` runs over the inbox.
        """
        subject = _holder(request).subject
        if len(under_way) >= AT_ONCE:
            raise ApiError(503, f"{AT_ONCE} files are on their way; try again in {AGAIN} seconds.", _AGAIN)
        place = object()
        under_way.add(place)
        try:
            receipt = await _take(request, inbox, subject)
        except TimeoutError:
            raise ApiError(408, f"The file has to come within {SECONDS:.0f} seconds; send it again.") from None
        except ClientDisconnect:
            raise ApiError(400, "The file broke off; send it again.") from None
        except tuple(_STATUS) as e:
            status = _STATUS[type(e)]
            raise ApiError(status, str(e), _AGAIN if status in (503, 507) else None) from None
        finally:
            under_way.discard(place)
        return JSONResponse(_receipt(receipt), 202, {"Location": f"inbox/{receipt.receipt}"})

    @router.get(
        "/api/inbox/{receipt}",
        response_model=WhatBecame,
        responses=documented(*_TELLING),
        summary="What became of a file",
    )
    def tell(request: Request, receipt: Annotated[str, Path(description="As `POST /api/inbox` gave it.")]) -> Response:
        """What became of a file that the same key, or another of the same holder, has handed in."""
        visitor = _holder(request)
        handed = inbox.find(receipt, visitor.subject)
        if handed is None:
            raise ApiError(404)
        return JSONResponse(_told(handed, visitor), headers={"Cache-Control": "no-store"})

    return router


async def _take(request: Request, inbox: Inbox, subject: str) -> Receipt:
    """Put the request's file into the inbox; whatever happens before it is whole, nothing is left of it."""
    coming = await run_in_threadpool(inbox.begin, subject, _length(request))
    try:
        async with asyncio.timeout(SECONDS):
            told = read_told(**await _receive(request, coming))
        return await run_in_threadpool(coming.finish, told)
    finally:
        coming.drop()


async def _receive(request: Request, coming: Coming) -> dict[str, str | None]:
    """Take the body in, and give what is said of it. Raises TimeoutError, ClientDisconnect and what `coming` raises."""
    said = _known(request.query_params, "name", *_FACTS)
    name = said.pop("name", None)
    content_type = request.headers.get("content-type", "")
    form: Form | None = None
    if content_type.partition(";")[0].strip().lower() == FORM:
        form = Form(content_type, coming.name, coming.write)
    elif name is None:
        raise BadHandIn("send a form with the field 'file', or the file as the body and its name as ?name=page.txt.")
    else:
        await run_in_threadpool(coming.name, name)
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                data = await anext(stream)
        except StopAsyncIteration:
            break
        if data:
            await run_in_threadpool(form.feed if form else coming.write, data)
    if form:
        said |= _known(form.fields(), *_FACTS)
    return {fact: said.get(fact) for fact in _FACTS}


def _known(said: Mapping[str, str], *names: str) -> dict[str, str]:
    unknown = next((name for name in said if name not in names), None)
    if unknown is not None:
        raise BadHandIn(f"unknown field {unknown[:40]!r}; known: {', '.join(('file', *names))}.")
    return dict(said)


def _length(request: Request) -> int | None:
    said = request.headers.get("content-length", "")
    return int(said) if said.isdecimal() and len(said) < 20 else None


def _holder(request: Request) -> Visitor:
    """Whoever holds the key that the request came with. Raises ApiError for any other visitor."""
    visitor = caller(request, "inbox")
    if visitor.via != "key" or not visitor.subject:
        raise ApiError(403, "Files are handed in with a key.")
    return visitor


def _receipt(receipt: Receipt) -> dict[str, object]:
    return {
        "receipt": receipt.receipt,
        "file": receipt.file,
        "bytes": receipt.size,
        "received": receipt.received,
        "paper": receipt.paper,
        "date": receipt.date,
        "page": receipt.page,
    }


def _told(handed: Handed, visitor: Visitor) -> dict[str, object]:
    told, report = _receipt(handed.receipt), handed.report
    if report is None:
        nothing = {"added": 0, "changed": 0, "unchanged": 0, "articles": [], "problems": []}
        return {**told, "status": "waiting", "read": None, **nothing}
    articles = [each for each in report.articles if each.paper in visitor.papers]
    counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    if visitor.papers != EVERYTHING:  # of what is not listed nobody knows the paper
        counts = {what: sum(each.what == what for each in articles) for what in counts}
    return {
        **told,
        "status": "refused" if report.refused else "read",
        "read": report.ended,
        **counts,
        "articles": [
            {"article_id": each.article_id, "what": each.what, "title": each.title, "paper": each.paper}
            for each in articles
        ],
        "problems": list(report.failures),
    }
