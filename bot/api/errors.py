"""How the API says no: one shape for `/api`, OpenAI's for `/v1`, one line each, and nothing of the machine in it.

In: what went wrong. Out: a JSON response; what is documented of it. What is our mistake goes to the log, whole, and out
as a line that says nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import Scope

from ingest.errors import BadQuestion, NotFound

_LONGEST = 300  # characters of a line that tells an error; the fields that it names are the caller's
_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
# What each status means here: the code that goes with it, and what it says where nothing better is known.
_SAYS = {
    400: ("bad_request", "The request cannot be read: send JSON in UTF-8."),
    401: ("unauthorized", "Who asks? Send a key: Authorization: Bearer wbk_…"),
    403: ("forbidden", "This key may not do that, or this site may not call: ask whoever runs the bot."),
    404: ("not_found", "There is no such thing here."),
    405: ("method_not_allowed", "This address does not take that method."),
    408: ("too_slow", "The request came too slowly; send it again."),
    413: ("too_large", "The request is too long."),
    415: ("unsupported_media_type", "Send JSON, with Content-Type: application/json."),
    421: ("misdirected", "The bot is not asked for under this name: WENBAO_HOSTS lists those that it has."),
    422: ("invalid", "A field cannot be used; the message names it."),
    429: ("too_many_requests", "Too many questions at once: wait as long as Retry-After says."),
    500: ("internal", "Something went wrong here; it stands in the log."),
    503: ("unavailable", "Not now: the archive is still opening, or too many questions wait. Try again soon."),
    507: ("no_room", "There is no room on the disk just now."),
}
_WITH_WAIT = (429, 503, 507)

_log = logging.getLogger(__name__)


class ApiError(HTTPException):
    """A request that gets no answer; `message` is one line that says why."""

    def __init__(
        self, status: int, message: str = "", headers: Mapping[str, str] | None = None, code: str = ""
    ) -> None:
        usual, says = _SAYS[status]
        super().__init__(status, message or says, dict(headers or {}))
        self.code = code or usual


class ErrorTold(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="forbid")
    code: str
    message: str


class ErrorBody(BaseModel):
    """An error of `/api`."""

    model_config = ConfigDict(extra="forbid")
    error: ErrorTold


class OpenAIErrorTold(BaseModel):
    """What went wrong, as OpenAI's clients read it."""

    model_config = ConfigDict(extra="forbid")
    message: str
    type: str
    code: str


class OpenAIErrorBody(BaseModel):
    """An error of `/v1`."""

    model_config = ConfigDict(extra="forbid")
    error: OpenAIErrorTold


def error_body(status: int, code: str, message: str, *, openai: bool) -> dict[str, object]:
    """The body of an error."""
    if not openai:
        return {"error": {"code": code, "message": message}}
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "code": code}}


def error_of(error: Exception, *, openai: bool) -> ApiError:
    """What a caller is told of `error`; what is no mistake of the caller's is logged with its traceback."""
    match error:
        case ApiError():
            return error
        case BadQuestion():
            return ApiError(400 if openai else 422, _line(str(error)))
        case NotFound():
            return ApiError(404)
        case RequestValidationError():
            return ApiError(400 if openai else 422, told_of(error.errors()))
        case HTTPException() if error.status_code in _SAYS:
            return ApiError(error.status_code, headers=error.headers)
        case _:
            _log.error("a request of the API failed", exc_info=error)
            return ApiError(500)


def told_of(errors: Sequence[Any]) -> str:
    """The first thing that is wrong with a body, with the field."""
    first = errors[0]
    steps = [str(step) for step in first["loc"] if step not in ("body", "query", "path")]
    what = str(first["msg"]).removeprefix("Value error, ")
    return _line(f"{'.'.join(steps) or 'the body'}: {what}.")


def _line(text: str) -> str:
    """One line that any stream takes."""
    sound = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else " " for c in sound)[:_LONGEST]


def documented(*statuses: int, openai: bool = False) -> dict[int | str, dict[str, Any]]:
    """The errors of a route as its document lists them."""
    responses: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        code, says = _SAYS[status]
        example = error_body(status, code, says, openai=openai)
        responses[status] = {
            "model": OpenAIErrorBody if openai else ErrorBody,
            "description": f"{HTTPStatus(status).phrase}. {says}",
            "content": {"application/json": {"example": example}},
        }
        if status in _WITH_WAIT:
            header = {"description": "Seconds after which to try again.", "schema": {"type": "string"}}
            responses[status]["headers"] = {"Retry-After": header}
    return responses


def speaks_openai(scope: Scope) -> bool:
    """Whether the caller of this path reads OpenAI's errors."""
    path = str(scope["path"]).removeprefix(scope.get("root_path", "").rstrip("/"))
    return path == "/v1" or path.startswith("/v1/")


def add_handlers(app: FastAPI) -> None:
    """Every error of `app` leaves it in the shape of its path."""

    def handle(request: Request, error: Exception) -> JSONResponse:
        openai = speaks_openai(request.scope)
        told = error_of(error, openai=openai)
        body = error_body(told.status_code, told.code, told.detail, openai=openai)
        return JSONResponse(body, told.status_code, {"Cache-Control": "no-store", **(told.headers or {})})

    for kind in (HTTPException, RequestValidationError, BadQuestion, NotFound, Exception):
        app.add_exception_handler(kind, handle)
