"""The trace that a request leaves: one line, without anything that somebody asked or a secret that they brought.

In: a request that is answered. Out: a line of the logger `wenbao.access`: method, path without query and ids, status,
bytes, milliseconds, and by what kind of proof they came.
"""

from __future__ import annotations

import logging

from bot.guard.routes import without_ids
from bot.visitor import Visitor

ACCESS = "wenbao.access"
_LONGEST = 120  # characters of a path
_OF_SUBJECT = 8  # characters that tell people apart in a log, and say nothing of them

_log = logging.getLogger(ACCESS)


def trace(method: str, path: str, status: int, length: int, seconds: float, visitor: Visitor) -> None:
    """Write the line."""
    if _log.isEnabledFor(logging.INFO):
        who = f"{visitor.via}:{visitor.subject[:_OF_SUBJECT]}" if visitor.subject else visitor.via
        kept = without_ids(path)[:_LONGEST].encode("unicode_escape").decode("ascii").replace(" ", "%20")
        shown = method if method.isalpha() and len(method) < 10 else "?"
        _log.info("%s %s %d %d %.0fms %s", shown, kept, status, length, seconds * 1000, who)
