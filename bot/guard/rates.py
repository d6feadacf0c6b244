"""How much one asker may ask, and how much all may at once.

In: names of askers. Out: go on, or how long to wait. The tables are bounded: whoever asked longest ago is forgotten.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MOST = 20_000  # askers that are remembered


@dataclass(frozen=True, slots=True)
class Limits:
    """Questions and searches a minute of one user and of one key, questions under way or waiting, streams of one.

    `sign_ins`: a minute, from one address, behind which may be a whole house.
    """

    user_rate: int = 30
    key_rate: int = 600
    queue: int = 100
    streams: int = 200
    sign_ins: int = 600


NO_LIMITS = Limits(1_000_000, 1_000_000, 100_000, 100_000, 1_000_000)  # for a page of one's own, in a test


class Rates:
    """Buckets of a minute's worth that fill up steadily. For one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._clock, self._most = clock, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, asker: str, per_minute: int) -> float:
        """Take one; seconds to wait where there is none (0: go on)."""
        now = self._clock()
        left, since = self._buckets.get(asker, (float(per_minute), now))
        left = min(float(per_minute), left + (now - since) * per_minute / 60)
        taken = left >= 1
        self._buckets[asker] = (left - 1 if taken else left, now)
        self._buckets.move_to_end(asker)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - left) * 60 / per_minute


class Counted:
    """How many of a thing each asker has open. For one thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    @property
    def all(self) -> int:
        """How many are open at all."""
        return self._counts.total()

    def of(self, asker: str) -> int:
        """How many this one has."""
        return self._counts[asker]

    @contextmanager
    def one(self, asker: str) -> Iterator[None]:
        """One more, for as long as this lasts."""
        self._counts[asker] += 1
        try:
            yield
        finally:
            self._counts[asker] -= 1
            if not self._counts[asker]:
                del self._counts[asker]
