"""Everything about who somebody is, as the server takes it.

In: what was configured. Out: a register, sessions, routes.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.routing import Route

from bot.identity.portal import Portal
from bot.identity.register import StateRegister
from bot.identity.routes import session_routes
from bot.identity.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Identity:
    """Who can be told from others: a register to ask, sessions to begin, a portal or None, the path's prefix."""

    register: StateRegister
    sessions: Sessions
    portal: Portal | None
    prefix: str

    def routes(self) -> list[Route]:
        """The routes by which a portal's users come in."""
        return session_routes(self.portal, self.sessions, self.prefix)
