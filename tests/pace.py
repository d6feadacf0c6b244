"""How fast this machine is just now, so that a promise in seconds is held against the machine on which it was made."""

from __future__ import annotations

import time

AT_ONCE = 10.0  # seconds: too few for a look at the network that nobody answers, plenty for a busy machine
ROUNDS = 1_000_000
ALONE = 0.08  # seconds that so many rounds take on the machine of BENCHMARKS.md while nobody else works on it


def slowness() -> float:
    """How many times longer work takes here and now than there and then: 1.0 or more."""
    began = time.monotonic()
    total = 0
    for n in range(ROUNDS):
        total += n
    return max(1.0, (time.monotonic() - began) / ALONE)
