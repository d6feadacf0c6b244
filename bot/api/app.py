"""The API as one ASGI app, with its document.

In: a bot that may still be opening, somebody to tell how long questions wait. Out: an app that knows full paths
(`/api/ask`), stands behind any prefix and keeps nothing between two requests. Who calls, how often and from where is
the guard's business before it, and is looked at here again.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from bot.api.bodies import BoundedRoute
from bot.api.completions import completion_routes
from bot.api.errors import add_handlers
from bot.api.newspaper import newspaper_routes
from bot.api.streams import said
from bot.api.who import caller
from bot.api.work import Waited, Work
from bot.bot import Bot
from bot.visitor import SCOPES

_TITLE = "问报 WenBao"
_ABOUT = (
    "A newspaper that answers. Every sentence of an answer points at the sentence of the newspaper that says it; what "
    "the newspaper does not tell is refused, and that is an answer, too. Send a key as `Authorization: Bearer wbk_…`. "
    "`/v1` speaks OpenAI's chat protocol: what is known of an answer beside its text stands in the field `wenbao`."
)
_DOCUMENT = "/api/openapi.json"


def untold(seconds: float) -> None:
    """Nobody is told how long a question waited."""


def build_api(opening: Future[Bot], waited: Waited = untold, more: Sequence[APIRouter] = ()) -> FastAPI:
    """The app; `waited` is told how many seconds each question stood in a queue before it was begun.

    `more` are routers of other rooms, which stand in the same document.
    """
    app = FastAPI(title=_TITLE, version="1", description=_ABOUT, docs_url=None, redoc_url=None, openapi_url=None)
    work = Work(waited)
    add_handlers(app)
    ours = APIRouter(route_class=BoundedRoute)

    @ours.get(_DOCUMENT, include_in_schema=False)
    async def document(request: Request) -> Response:
        """What there is to ask for, and how."""
        caller(request, *SCOPES)
        return said(document_of(app) | {"servers": [{"url": request.scope.get("root_path", "") or "/"}]})

    for router in (ours, newspaper_routes(opening, work), completion_routes(opening, work), *more):
        app.include_router(router)
    return app


def document_of(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the key that every route wants and no answer that none gives."""
    whole = app.openapi()
    whole.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    whole["security"] = [{"key": []}]
    for operations in whole["paths"].values():
        for operation in operations.values():
            told = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
            if told.get("schema", {}).get("$ref", "").endswith("/HTTPValidationError"):
                del operation["responses"]["422"]  # FastAPI's own; ours are told as 400 on /v1, and never for a path
    for name in ("HTTPValidationError", "ValidationError"):
        whole["components"].get("schemas", {}).pop(name, None)
    return whole
