"""Who is behind a request, as the guard found out and every handler reads it.

In: an ASGI scope. Out: a Visitor. A request that never passed the guard is nobody's, and nobody may read anything.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from bot.access import NOTHING, Readable, Reader

Scope = Literal["ask", "search", "inbox", "metrics"]
Via = Literal["nobody", "open", "key", "portal", "oidc"]

SCOPES: tuple[Scope, ...] = ("ask", "search", "inbox", "metrics")
_STATE = "visitor"  # what Starlette shows as request.state.visitor


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks. `subject` is a hash that tells people and keys apart, "" where nobody has signed in.

    `proof` names the key or session that says so, "" for none: when that is revoked, so is the visitor. `name` is for
    the audit's lines alone.
    """

    subject: str = ""
    name: str = ""
    groups: frozenset[str] = frozenset()
    papers: Readable = NOTHING
    scopes: frozenset[Scope] = frozenset()
    via: Via = "nobody"
    proof: str = ""

    @property
    def reader(self) -> Reader:
        """The visitor as whoever reads."""
        return Reader(self.subject, self.papers)


NOBODY = Visitor()


class Register(Protocol):
    """Whoever knows keys and sessions. Every answer is as of now, a few seconds at most behind another process."""

    def of_key(self, key: str) -> Visitor | None:
        """The holder of an API key; None for one that is unknown or revoked."""

    def of_session(self, session: str) -> Visitor | None:
        """Whose session it is; None for one that is unknown, ended or over."""

    def still_stands(self, visitor: Visitor) -> bool:
        """Whether what `visitor.proof` names has not been revoked since, and gives the same groups."""


def set_visitor(scope: MutableMapping[str, Any], visitor: Visitor) -> None:
    """Say whose request this is."""
    scope.setdefault("state", {})[_STATE] = visitor


def visitor_of(scope: MutableMapping[str, Any]) -> Visitor:
    """Whose request it is."""
    return cast("Visitor", scope.get("state", {}).get(_STATE, NOBODY))
