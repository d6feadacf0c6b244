"""Sessions of people who were signed in, by a portal's token or by a login: opaque bearers, kept as hashes.

In: a person who proved who they are. Out: a bearer, for a cookie or an Authorization header, that stands until it ends.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.identity import audit
from bot.identity.secrets import SESSION, hash_of, is_secret, new_id, new_secret
from bot.state import Proofs, SignIn
from bot.state.proofs import OneTime
from bot.visitor import Via


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as an issuer of tokens knows them. `subject` is `subject_of` issuer and `sub`; `name` is for people."""

    subject: str
    name: str
    groups: frozenset[str]


def subject_of(issuer: str, sub: str) -> str:
    """The hash that tells somebody from everybody else, of other issuers too."""
    return hashlib.sha256(f"{issuer}\0{sub}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has begun: its secret, and whose it is until when."""

    bearer: str
    who: SignIn


class Sessions:
    """Safe from several threads and, on one state, several processes."""

    def __init__(self, proofs: Proofs, minutes: int, clock: Callable[[], float] = time.time) -> None:
        """`minutes`: how long one lasts at most."""
        self._proofs, self.seconds, self._clock = proofs, minutes * 60, clock

    def begin(
        self, person: Person, via: Via, *, once: OneTime | None = None, instead_of: str = "", peer: str = ""
    ) -> Opened:
        """A session for somebody who comes with the bearer `instead_of`, "" for none: another's ends here.

        So do that person's own with other groups. Raises UsedUp for a token that was used before, StateBroken.
        """
        until = int(self._clock()) + self.seconds
        who = SignIn(new_id(), person.subject, person.name, person.groups, via, self._proofs.now(), until)
        bearer = new_secret(SESSION)
        old = hash_of(instead_of) if is_secret(instead_of, SESSION) else ""
        ended = self._proofs.sign_in(who, hash_of(bearer), once, old)
        audit.sessions_ended(ended, "another sign-in took its place", peer)
        return Opened(bearer, who)

    def find(self, bearer: str) -> SignIn | None:
        """Whose session it is; None for one that is unknown, ended or over. Raises StateBroken."""
        return self._proofs.signed_in(secret=hash_of(bearer)) if is_secret(bearer, SESSION) else None

    def end(self, bearer: str, peer: str = "", path: str = "") -> None:
        """Sign out. What is no session is none afterwards either. Raises StateBroken."""
        if is_secret(bearer, SESSION):
            audit.signed_out(self._proofs.sign_out(hash_of(bearer)), peer, path)


def revoke_sessions(proofs: Proofs, subjects: Collection[str], names: Collection[str]) -> list[SignIn]:
    """End all sessions of people by their hash or name; which these were. Raises StateBroken."""
    ended = proofs.end_sign_ins(subjects=subjects, names=names)
    audit.sessions_ended(ended, "revoked")
    return ended
