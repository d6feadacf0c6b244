"""The API with a door before it that knows a few keys, as the guard does.

In: a bot, somebody to tell how long questions wait. Out: the app.
"""

from __future__ import annotations

from bot.access import EVERYTHING, Readable
from bot.api.app import build_api, untold
from bot.api.work import Waited
from bot.bot import Bot
from bot.visitor import Visitor
from tests.callers import Door
from tests.pages import opened

RIVER = "河声日报"
HOLDERS = {
    "wbk_all": Visitor("all", papers=EVERYTHING, scopes=frozenset(["ask", "search"]), via="key"),
    "wbk_asks": Visitor("asks", papers=EVERYTHING, scopes=frozenset(["ask"]), via="key"),
    "wbk_finds": Visitor("finds", papers=EVERYTHING, scopes=frozenset(["search"]), via="key"),
    "wbk_river": Visitor("river", papers=Readable(frozenset([RIVER])), scopes=frozenset(["ask", "search"]), via="key"),
}


def behind_the_door(bot: Bot, waited: Waited = untold) -> Door:
    """The API over a bot that is open."""
    return Door(build_api(opened(bot), waited), HOLDERS)
