"""The page's conversations: kept in the state, and in the session alone where the state cannot be used.

In: an owner, a conversation's id, answers. Out: exchanges, always those of this owner. An answer never fails for what
cannot be kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress

from bot.access import EVERYTHING, Reader
from bot.models import Answer, Turn
from bot.opening import Opening
from bot.page.answer import unmarked
from bot.page.owner import Session
from bot.page.seen import exchange_as_seen_by
from bot.state import Conversation, Exchange, State
from ingest.errors import NotFound, StateBroken

_SAY_AGAIN = 300  # seconds between two complaints about the same database

_log = logging.getLogger(__name__)


class Desk:
    """What is kept of what people ask, seen from a page."""

    def __init__(self, state: State, opening: Opening) -> None:
        self.state, self._opening = state, opening
        self._said = 0.0

    def talks(self, owner: Reader) -> list[Conversation] | None:
        """The owner's conversations; None where nothing can be kept."""
        try:
            return self.state.conversations(owner.id)
        except StateBroken as e:
            self._complain(e)
            return None

    def exchanges(self, owner: Reader, conversation: str, session: Session) -> list[Exchange]:
        """What was asked so far, as far as the owner may still read it; nothing of another's or of one that is gone."""
        kept: list[Exchange] = []
        if conversation:
            try:
                kept = self.state.exchanges(owner.id, conversation)
            except NotFound:
                return []
            except StateBroken as e:
                self._complain(e)
        kept += session.unkept if session.unkept_of == conversation else []
        if not kept or owner.papers == EVERYTHING:
            return kept
        bot = self._opening.seen_by(owner)
        return [exchange_as_seen_by(bot, one) for one in kept]

    def keep(self, owner: Reader, conversation: str, instead: str, answer: Answer, session: Session) -> Exchange:
        """Keep an answer, with those before it that could not be kept; an exchange without an id where it cannot."""
        waiting = session.unkept if session.unkept_of == conversation else []
        new = Exchange("", conversation, 0, answer)
        session.unkept, session.unkept_of = [*waiting, new], conversation
        try:
            while session.unkept:
                new = self._keep(owner, conversation, instead, session.unkept[0].answer)
                conversation = new.conversation
                session.unkept_of = conversation
                del session.unkept[0]
        except StateBroken as e:
            self._complain(e)
            return session.unkept[-1]
        return new

    def offer(self, owner: Reader, exchange: Exchange, follow_ups: Sequence[str]) -> None:
        """Keep the questions that were offered after an answer."""
        with suppress(NotFound, StateBroken):  # deleted meanwhile, or not to be kept: they are shown all the same
            if exchange.id:
                self.state.offer(owner.id, exchange.id, follow_ups)

    def _keep(self, owner: Reader, conversation: str, instead: str, answer: Answer) -> Exchange:
        try:
            return self.state.keep(owner.id, conversation, answer, instead)
        except NotFound:  # deleted in another window meanwhile: what is asked here begins a new one
            return self.state.keep(owner.id, "", answer)

    def _complain(self, error: StateBroken) -> None:
        if time.monotonic() - self._said > _SAY_AGAIN or not self._said:
            self._said = time.monotonic()
            _log.warning("%s", error)


def turns(exchanges: Sequence[Exchange]) -> list[Turn]:
    """The conversation as the bot reads it; an answer of which nothing may be read any more says nothing."""
    both = ((Turn("user", e.question), Turn("assistant", unmarked(e.answer))) for e in exchanges)
    return [turn for pair in both for turn in pair if turn.content]


def before(exchanges: list[Exchange], instead: str) -> list[Exchange]:
    """The exchanges that a question is asked after: all, or those before the one that it is asked `instead` of."""
    at = next((i for i, e in enumerate(exchanges) if instead and e.id == instead), len(exchanges))
    return exchanges[:at]
