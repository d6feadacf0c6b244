"""The lock of the admin page: one token from the settings, sessions that know nothing, tries that take their time.

In: what was typed, what a cookie says. Out: yes or no. It keeps no token but the one it was given, and no session for
longer than a working day.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadSetting

SHORTEST = 16  # characters of a token; guessing one at a try every WAIT seconds is hopeless
WAIT = 2.0  # seconds after a wrong token in which no other is looked at, whoever sends it
DAY = 12 * 3600.0  # seconds that a session lasts
MOST = 20  # sessions at once; the oldest ends


@dataclass(frozen=True, slots=True)
class Admin:
    """What the admin page is made from: the archive's folder, and the token, "" for no such page."""

    root: Path
    token: str


NO_ADMIN = Admin(Path(), "")


def read_admin(root: Path, token: str) -> Admin:
    """The admin page that the settings describe. Raises BadSetting for a token that could be guessed."""
    if token and len(token) < SHORTEST:
        raise BadSetting(
            f"WENBAO_ADMIN_TOKEN has {len(token)} characters, at least {SHORTEST} are needed: "
            "`openssl rand -hex 16` makes a good one."
        )
    return Admin(root, token)


class TooSoon(Exception):
    """A token so soon after a wrong one that it was not looked at."""


class Gate:
    """Safe from several threads."""

    def __init__(self, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = token.encode()
        self._clock = clock
        self._lock = threading.Lock()
        self._closed_until = clock()
        self._sessions: dict[str, float] = {}

    def enter(self, token: str) -> str | None:
        """A session for the right token, None for a wrong one. Raises TooSoon."""
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                raise TooSoon
            if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token):
                self._closed_until = now + WAIT
                return None
            session = secrets.token_urlsafe(32)
            self._sessions = {one: until for one, until in self._sessions.items() if until > now}
            while len(self._sessions) >= MOST:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[session] = now + DAY
            return session

    def knows(self, session: str) -> bool:
        """Whether a cookie's session is one that was let in and has not ended."""
        with self._lock:
            return self._sessions.get(session, 0.0) > self._clock()

    def leave(self, session: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(session, None)
