"""Bodies of requests, read within bounds: JSON in UTF-8, no longer than is said, no deeper than a parser goes.

In: a request. Out: the same for FastAPI, which finds its body read. Anything else is 413, 415 or 400; what goes wrong
behind it is told in the API's shape and never with a traceback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from bot.api.errors import ApiError, error_of, speaks_openai
from bot.api.who import caller
from bot.visitor import SCOPES

LONGEST_BODY = 64 * 1024  # bytes


class _Bounded(Request):
    """A request whose body is JSON of a bearable size."""

    async def body(self) -> bytes:
        if not hasattr(self, "_whole"):
            self._whole = await self._read()
        return self._whole

    async def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        try:
            return json.loads((await self.body()).decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as e:
            raise ApiError(400) from e

    async def _read(self) -> bytes:
        said = Message()
        said["content-type"] = self.headers.get("content-type", "")
        if said.get_content_type() != "application/json" or not self.headers.get("content-type"):
            raise ApiError(415)
        parts, length = [], 0
        async for part in self.stream():
            length += len(part)
            if length > LONGEST_BODY:
                raise ApiError(413, f"The body may have {LONGEST_BODY:,} bytes: send a shorter one.")
            parts.append(part)
        if not length:
            raise ApiError(400, "The body is empty: send JSON.")
        return b"".join(parts)


class BoundedRoute(APIRoute):
    """A route that reads such bodies, and whose mistakes go to the log alone."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI's, with both around it."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            try:
                caller(request, *SCOPES)  # before its body: what is wrong with that is nobody's business
                return await handle(_Bounded(request.scope, request.receive))
            except (ApiError, RequestValidationError):
                raise
            except Exception as e:  # noqa: BLE001 - `error_of` logs what is ours
                raise error_of(e, openai=speaks_openai(request.scope)) from None

        return bounded


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
