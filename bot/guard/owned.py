"""Whose a session or an event of Gradio's is: whoever first used it, and nobody else.

In: a session's hash or an event's id, and an owner. Out: yes or no. Gradio takes either as a secret that anybody may
bring; here it is worth nothing in other hands. What nobody used for hours is forgotten, and the tables are bounded, for
each owner and for all.
"""

from __future__ import annotations

import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

KEPT = 2 * 3600.0  # seconds since its last use; Gradio keeps a session's state for an hour after its page is closed
MOST = 50_000  # things that are remembered at all
MOST_EACH = 500  # things of one owner
_SANE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def sane(name: object) -> bool:
    """Whether this can be the hash of a session or the id of an event."""
    return isinstance(name, str) and _SANE.fullmatch(name) is not None


class Owned:
    """Things and their owners, the one used last at the end. For one thread."""

    def __init__(
        self, most: int = MOST, each: int = MOST_EACH, kept: float = KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._each, self._kept, self._clock = most, each, kept, clock
        self._things: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._counts: Counter[str] = Counter()

    def claim(self, thing: str, owner: str) -> bool:
        """Whether the thing is the owner's, who gets it where it is nobody's yet."""
        self._forget()
        known = self._things.get(thing)
        if known is not None and known[0] != owner:
            return False
        if known is None:
            self._make_room(owner)
            self._counts[owner] += 1
        self._things[thing] = (owner, self._clock())
        self._things.move_to_end(thing)
        return True

    def has(self, thing: str, owner: str) -> bool:
        """Whether the thing is known, and the owner's."""
        return thing in self._things and self.claim(thing, owner)

    def _forget(self) -> None:
        now = self._clock()
        while self._things:
            thing, (_, used) = next(iter(self._things.items()))
            if now - used < self._kept:
                return
            self._drop(thing)

    def _make_room(self, owner: str) -> None:
        if self._counts[owner] >= self._each:
            self._drop(next(thing for thing, (whose, _) in self._things.items() if whose == owner))
        if len(self._things) >= self._most:
            self._drop(next(iter(self._things)))

    def _drop(self, thing: str) -> None:
        owner, _ = self._things.pop(thing)
        self._counts[owner] -= 1
        if not self._counts[owner]:
            del self._counts[owner]
