"""Whoever knows keys and sessions: what the guard asks for every request that brings one.

In: a key, a session's bearer, or a visitor who was let in before. Out: a Visitor as of two seconds ago at most, or
None. Where the state cannot be read nobody is known: a line says so, and the visitor is refused.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.access import Readable
from bot.identity.secrets import KEY, SESSION, hash_of, is_secret
from bot.state import Key, Proofs, SignIn
from bot.visitor import Scope, Visitor
from ingest.errors import StateBroken

FRESH = 2.0  # seconds that an answer of the state counts: what is revoked is refused within 5
MOST = 10_000  # answers kept; what is unknown is never kept, so guessing pushes nobody out
USED_EVERY = 60.0  # seconds between two notes that a key was used
COMPLAIN_EVERY = 60.0  # seconds between two lines about a state that cannot be read
PEOPLE: frozenset[Scope] = frozenset({"ask", "search"})  # what somebody who is signed in may do

ReadableFor = Callable[[frozenset[str], bool], Readable]
_log = logging.getLogger("wenbao.identity")


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer of the state, when it was given, and until when it can hold (Unix seconds)."""

    visitor: Visitor
    asked: float
    until: float


class StateRegister:
    """A Register over the state; safe from several threads."""

    def __init__(self, proofs: Proofs, readable: ReadableFor, clock: Callable[[], float] = time.time) -> None:
        """`readable`: which papers these groups may read, and whether it is asked for somebody who is signed in."""
        self._proofs, self._readable, self._clock = proofs, readable, clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._complained = float("-inf")

    def of_key(self, key: str) -> Visitor | None:
        """The holder of an API key; None for one that is unknown or revoked."""
        if not is_secret(key, KEY):
            return None
        secret = hash_of(key)
        return self._cached(secret, lambda: self._holder(self._proofs.key(secret=secret)))

    def of_session(self, session: str) -> Visitor | None:
        """Whose session it is; None for one that is unknown, ended or over."""
        if not is_secret(session, SESSION):
            return None
        secret = hash_of(session)
        return self._cached(secret, lambda: self._person(self._proofs.signed_in(secret=secret)))

    def still_stands(self, visitor: Visitor) -> bool:
        """Whether what `visitor.proof` names has not been revoked since, and gives the same groups, scopes and papers.

        Who came with no proof has none to lose.
        """
        kind, _, id_ = visitor.proof.partition(":")
        if not kind:
            return True
        if kind == "key":
            now = self._cached(visitor.proof, lambda: self._holder(self._proofs.key(id_=id_)))
        else:
            now = self._cached(visitor.proof, lambda: self._person(self._proofs.signed_in(id_=id_)))
        return now is not None and _rights(now) == _rights(visitor)

    def _cached(self, name: str, ask: Callable[[], tuple[Visitor, float] | None]) -> Visitor | None:
        now = self._clock()
        with self._lock:
            known = self._known.get(name)
        if known and 0 <= now - known.asked < FRESH and now < known.until:
            return known.visitor
        try:
            found = ask()
        except StateBroken as e:
            found = None
            self._complain(e)
        known = _Known(found[0], now, found[1]) if found else None  # as of before it was asked, however long that took
        with self._lock:
            self._known.pop(name, None)
            if known:
                self._known[name] = known
                while len(self._known) > MOST:
                    self._known.popitem(last=False)
        return known.visitor if known else None

    def _holder(self, key: Key | None) -> tuple[Visitor, float] | None:
        if key is None:
            return None
        self._note(key)
        papers = self._readable(key.groups, True)
        subject = hashlib.sha256(f"key\0{key.id}".encode()).hexdigest()
        return Visitor(subject, key.name, key.groups, papers, key.scopes, "key", f"key:{key.id}"), float("inf")

    def _person(self, who: SignIn | None) -> tuple[Visitor, float] | None:
        if who is None:
            return None
        papers = self._readable(who.groups, True)
        return Visitor(who.subject, who.name, who.groups, papers, PEOPLE, who.via, f"session:{who.id}"), who.until

    def _note(self, key: Key) -> None:
        """Write down that a key was used; one that cannot be noted is as good as before."""
        now = self._clock()
        with self._lock:
            if now - self._noted.get(key.id, float("-inf")) < USED_EVERY:
                return
            self._noted[key.id] = now
            while len(self._noted) > MOST:
                self._noted.popitem(last=False)
        try:
            self._proofs.use_key(key)
        except StateBroken as e:
            self._complain(e)

    def _complain(self, error: StateBroken) -> None:
        now = self._clock()
        with self._lock:
            if now - self._complained < COMPLAIN_EVERY:
                return
            self._complained = now
        _log.warning("keys and sessions may be refused until this is mended: %s", error)


def _rights(visitor: Visitor) -> tuple[object, ...]:
    return visitor.subject, visitor.groups, visitor.papers, visitor.scopes
