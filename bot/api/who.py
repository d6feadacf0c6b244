"""Who calls, what that caller may do, and the bot as that caller sees it.

In: a request that the guard has passed. Out: a bot that knows only the papers of this visitor; or a refusal. It trusts
nobody to have asked before.
"""

from __future__ import annotations

from concurrent.futures import Future

from fastapi import Request

from bot.access import Reader
from bot.api.errors import ApiError
from bot.bot import Bot
from bot.visitor import Scope, Visitor, visitor_of


def caller(request: Request, *scopes: Scope) -> Visitor:
    """Whose request it is, who may do one of `scopes`. Raises ApiError."""
    visitor = visitor_of(request.scope)
    if visitor.scopes.intersection(scopes):
        return visitor
    if visitor.via == "nobody":
        raise ApiError(401, headers={"WWW-Authenticate": "Bearer"})
    raise ApiError(403)


def bot_for(opening: Future[Bot], reader: Reader) -> Bot:
    """The bot with the papers of `reader` alone. Raises ApiError while there is none yet."""
    if not opening.done() or opening.exception() is not None:
        raise ApiError(503, headers={"Retry-After": "2"})
    return opening.result().seen_by(reader)
