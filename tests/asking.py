"""An ASGI app asked without a network: every header, byte and address of a request is the test's to choose."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Heard:
    """An answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Wire:
    """Where requests come from and arrive."""

    app: Any
    host: str = "127.0.0.1:7860"
    server: str = "127.0.0.1"
    peer: str = "127.0.0.1"
    scheme: str = "http"

    def scope(self, method: str, target: str, headers: dict[str, str] | list[tuple[str, str]] | None) -> dict[str, Any]:
        given = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
        if not any(name.lower() == "host" for name, _ in given):
            given.insert(0, ("host", self.host))
        raw, _, query = target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "path": raw,
            "raw_path": raw.encode("latin-1"),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": self.scheme,
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in given if v is not None],
            "client": (self.peer, 40_000) if self.peer else None,
            "server": (self.server, 7860),
            "state": {},
        }

    def ask(self, method: str, target: str, headers=None, body: bytes | dict | list[bytes] = b"", pause: float = 0):
        """The whole answer; `pause` lies between two parts of a body that is given in parts."""
        return asyncio.run(self.asked(method, target, headers, body, pause))

    async def asked(self, method: str, target: str, headers=None, body: Any = b"", pause: float = 0) -> Heard:
        heard = Heard()
        await self.app(
            self.scope(method, target, self._typed(headers, body)), self._parts(body, pause), self._hear(heard)
        )
        return heard

    def get(self, target: str, headers=None) -> Heard:
        return self.ask("GET", target, headers)

    def post(self, target: str, body: Any, headers=None) -> Heard:
        return self.ask("POST", target, headers, body)

    def _typed(self, headers, body):
        if isinstance(body, dict) and not any(n.lower() == "content-type" for n in dict(headers or {})):
            return {"content-type": "application/json", **dict(headers or {})}
        return headers

    def _parts(self, body: Any, pause: float):
        parts = body if isinstance(body, list) else [json.dumps(body).encode() if isinstance(body, dict) else body]
        left = list(parts)

        async def receive():
            if not left:
                await asyncio.Event().wait()
            if pause:
                await asyncio.sleep(pause)
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left)}

        return receive

    def _hear(self, heard: Heard):
        async def send(message):
            if message["type"] == "http.response.start":
                heard.status = message["status"]
                heard.headers = {n.decode().lower(): v.decode("latin-1") for n, v in message["headers"]}
            else:
                heard.body += message.get("body", b"")
                heard.ended = not message.get("more_body")

        return send
