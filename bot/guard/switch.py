"""Which app answers: by the first part of the path, else the page.

In: a request that the guard let through. Out: the answer of one of the apps. The page's app is told of start and end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Switch:
    """An ASGI app made of others: `parts` by the first part of their paths, `page` for all else."""

    def __init__(self, page: ASGIApp, parts: Mapping[str, ASGIApp]) -> None:
        self._page, self._parts = page, dict(parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the right one answer."""
        if scope["type"] != "http":
            await self._page(scope, receive, send)
            return
        first = scope["path"].removeprefix(scope.get("root_path", "")).split("/")[1]
        await self._parts.get(first, self._page)(scope, receive, send)
