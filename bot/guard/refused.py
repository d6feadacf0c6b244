"""How the guard says no: a small answer in the form that its asker reads, the same for all of a kind.

In: a status and a line. Out: ASGI messages. It never repeats what was sent, and names no path of this machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from starlette.types import Message

Form = Literal["api", "openai", "page", "plain"]

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected",
    429: "rate_limited",
    431: "too_large",
    503: "overloaded",
}
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 503: "server_error"}
_PAGE = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>body{{font:1.1rem/1.6 sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}}"
    "</style><h1>{title}</h1><p>{line}</p></html>"
)
_TITLES = {401: "请先登录 · Sign in", 404: "没有这一页 · Not found"}
_LINES = {
    401: "请从您的门户网站打开，或先登录。Open this page from your portal, or sign in first.",
    404: "这里没有内容。There is nothing here.",
}


@dataclass
class Refused(Exception):
    """A request that is not let through, and what is said to it."""

    status: int
    line: str
    headers: dict[str, str] = field(default_factory=dict)
    why: str = ""  # for the log and the figures alone

    def said(self, form: Form) -> list[Message]:
        """The answer to give."""
        body, kind = self._body(form)
        headers = {"content-type": kind, "content-length": str(len(body)), "cache-control": "no-store", **self.headers}
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        return [
            {"type": "http.response.start", "status": self.status, "headers": raw},
            {"type": "http.response.body", "body": body},
        ]

    def _body(self, form: Form) -> tuple[bytes, str]:
        code = _CODES.get(self.status, "error")
        if form == "page":
            title = _TITLES.get(self.status, str(self.status))
            line = _LINES.get(self.status, self.line)
            return _PAGE.format(title=title, line=line).encode(), "text/html; charset=utf-8"
        if form == "plain":
            return f"{self.line}\n".encode(), "text/plain; charset=utf-8"
        told = {"code": code, "message": self.line}
        if form == "openai":
            told = {"message": self.line, "type": _TYPES.get(self.status, "invalid_request_error"), "code": code}
        return json.dumps({"error": told}, ensure_ascii=False).encode(), "application/json"


def absent() -> Refused:
    """What is said of everything that is not there, or not for this asker."""
    return Refused(404, "Not found.", why="absent")
