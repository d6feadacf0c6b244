"""The bot behind a door: whoever serves visitors gets it only as one of them may see it.

In: a bot that may still be opening. Out: a bot for a reader, which finds, counts and shows nothing else. The whole one
is for whoever runs the house.
"""

from __future__ import annotations

from concurrent.futures import Future

from bot.access import Reader
from bot.bot import Bot


class Opening:
    """A bot that is open, or about to be. Safe from several threads."""

    def __init__(self, opened: Future[Bot]) -> None:
        self._opened = opened

    def done(self) -> bool:
        """Whether nobody would have to wait."""
        return self._opened.done()

    def wait(self) -> None:
        """Come back when it is open. Raises what kept it from opening."""
        self._opened.result()

    def seen_by(self, reader: Reader) -> Bot:
        """The bot for `reader`, as soon as it is open."""
        return self._opened.result().seen_by(reader)

    def whole(self) -> Bot:
        """The bot without regard to anybody; of what it says, nothing may be shown to a visitor."""
        return self._opened.result()
