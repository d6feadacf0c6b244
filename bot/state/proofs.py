"""Keys, sign-ins and the tokens that were used up, in the state's database.

In: hashes of secrets, never a secret. Out: whose they are. Several processes may share the database: what is revoked or
used up in one is so in all. StateBroken is raised by all of it where the database fails; nobody is let in then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from bot.state import packing
from bot.state.database import Database
from bot.state.models import Key, SignIn
from bot.state.tables import keys, sessions, used_tokens
from bot.visitor import SCOPES
from ingest.errors import BadKey, NotFound

KEPT = 7 * 86_400  # seconds that a sign-in which is over is still listed
APART = 3_600  # seconds by which the clocks of those who share a state may differ, or one may be set back
_SWEEP = 600.0  # seconds between two looks for what is too old

T = TypeVar("T")


class UsedUp(Exception):
    """A token that was used before."""


@dataclass(frozen=True, slots=True)
class OneTime:
    """A token that may be used once: the hash that tells it from others, and until when it could be (Unix seconds)."""

    token: str
    until: int


class Proofs:
    """Safe from several threads and, on one database, several processes."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._swept = 0.0

    def add_key(self, key: Key, secret: str) -> None:
        """Keep a key by the hash of its secret. Raises BadKey for a name that there is, of a revoked key too."""
        row = {
            "id": key.id,
            "name": key.name,
            "secret": secret,
            "scopes": packing.pack_lines(tuple(sorted(key.scopes))),
            "groups": packing.pack_lines(tuple(sorted(key.groups))),
            "created": key.created,
        }

        def write(db: sa.Connection) -> None:
            try:
                db.execute(keys.insert().values(**row))
            except exc.IntegrityError as e:
                raise BadKey(
                    f"there is or was a key named {key.name!r}: choose another, so that the audit stays clear."
                ) from e

        self._do(write)

    def keys(self) -> list[Key]:
        """All of them, the revoked too, the oldest first."""
        query = sa.select(keys).order_by(keys.c.created, keys.c.name)
        return self._do(lambda db: [_key(row) for row in db.execute(query).mappings()])

    def key(self, *, secret: str = "", id_: str = "") -> Key | None:
        """The living key of this hash or this id."""
        asked = (keys.c.secret == secret) if secret else (keys.c.id == id_)
        query = sa.select(keys).where(asked, keys.c.revoked.is_(None))
        row = self._do(lambda db: db.execute(query).mappings().first())
        return _key(row) if row else None

    def any_key(self) -> bool:
        """Whether there is a living key."""
        query = sa.select(keys.c.id).where(keys.c.revoked.is_(None)).limit(1)
        return self._do(lambda db: db.scalar(query)) is not None

    def use_key(self, key: Key) -> None:
        """Note that a key was used now."""
        self._do(lambda db: db.execute(sa.update(keys).where(keys.c.id == key.id).values(used=self.now())))

    def revoke_key(self, name: str) -> Key:
        """End a key for good. Raises NotFound for one that does not live."""

        def write(db: sa.Connection) -> Key:
            living = (keys.c.name == name) & keys.c.revoked.is_(None)
            if not db.execute(sa.update(keys).where(living).values(revoked=self.now())).rowcount:
                raise NotFound(f"no living key is named {name!r}: `python -m bot keys list` shows them.")
            return _key(db.execute(sa.select(keys).where(keys.c.name == name)).mappings().one())

        revoked = self._do(write)
        self._database.settle()
        return revoked

    def sign_in(self, made: SignIn, secret: str, once: OneTime | None = None, instead_of: str = "") -> list[SignIn]:
        """Keep a sign-in by the hash of its secret, and end those that it takes the place of; which these were.

        They are the one whose secret's hash is `instead_of`, if it is another's, and the same person's with other
        groups: the latest word on somebody's groups counts. Raises UsedUp for a token that was used before.
        """
        row = {
            "id": made.id,
            "secret": secret,
            "subject": made.subject,
            "name": made.name.replace("\x00", ""),
            "groups": packing.pack_lines(tuple(sorted(made.groups))),
            "via": made.via,
            "created": made.created,
            "until": made.until,
        }
        s = sessions.c
        others = sa.or_(
            (s.secret == instead_of) & (s.subject != made.subject),
            (s.subject == made.subject) & (s.groups != row["groups"]),
        )

        def write(db: sa.Connection) -> list[SignIn]:
            if once:
                try:  # the first statement: of two at once one waits here for the other
                    db.execute(used_tokens.insert().values(token=once.token, until=once.until))
                except exc.IntegrityError as e:
                    raise UsedUp from e
            db.execute(sessions.insert().values(**row))
            return self._end(db, others)

        self._sweep()
        return self._do(write)

    def signed_in(self, *, secret: str = "", id_: str = "") -> SignIn | None:
        """The sign-in of this hash or this id, if it has not ended and is not over."""
        asked = (sessions.c.secret == secret) if secret else (sessions.c.id == id_)
        query = sa.select(sessions).where(asked, self._lives())
        row = self._do(lambda db: db.execute(query).mappings().first())
        return _sign_in(row) if row else None

    def sign_ins(self) -> list[SignIn]:
        """All that live, the oldest first."""
        query = sa.select(sessions).where(self._lives()).order_by(sessions.c.created, sessions.c.id)
        return self._do(lambda db: [_sign_in(row) for row in db.execute(query).mappings()])

    def sign_out(self, secret: str) -> list[SignIn]:
        """End the sign-in of this hash; an empty list where there was none."""
        return self._do(lambda db: self._end(db, sessions.c.secret == secret))

    def end_sign_ins(self, *, subjects: Collection[str] = (), names: Collection[str] = ()) -> list[SignIn]:
        """End whatever people of these hashes or these names have open; which these were."""
        theirs = sa.or_(sessions.c.subject.in_(subjects), sessions.c.name.in_(names))
        ended = self._do(lambda db: self._end(db, theirs))
        self._database.settle()
        return ended

    def now(self) -> str:
        """The time as it is kept here."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock()))

    def _lives(self) -> sa.ColumnElement[bool]:
        return sessions.c.ended.is_(None) & (sessions.c.until > int(self._clock()))

    def _end(self, db: sa.Connection, which: sa.ColumnElement[bool]) -> list[SignIn]:
        living = sa.select(sessions).where(which, self._lives()).with_for_update()
        ending = [_sign_in(row) for row in db.execute(living).mappings()]
        ids = [one.id for one in ending]
        db.execute(sa.update(sessions).where(sessions.c.id.in_(ids)).values(ended=self.now()))
        return ending

    def _do(self, work: Callable[[sa.Connection], T]) -> T:
        with self._database.transaction() as db:
            return work(db)

    def _sweep(self) -> None:
        """Forget tokens that nobody could use any more, and sign-ins long over."""
        now = self._clock()
        if now - self._swept < _SWEEP:
            return
        self._swept = now

        def write(db: sa.Connection) -> None:
            db.execute(sa.delete(used_tokens).where(used_tokens.c.until < int(now) - APART))
            db.execute(sa.delete(sessions).where(sessions.c.until < int(now) - KEPT))

        self._do(write)


def _key(row: sa.RowMapping) -> Key:
    lines = packing.unpack_lines(row["scopes"])
    scopes = frozenset(one for one in SCOPES if one in lines)
    groups = frozenset(packing.unpack_lines(row["groups"]))
    return Key(row["id"], row["name"], scopes, groups, row["created"], row["revoked"], row["used"])


def _sign_in(row: sa.RowMapping) -> SignIn:
    groups = frozenset(packing.unpack_lines(row["groups"]))
    return SignIn(
        row["id"], row["subject"], row["name"], groups, row["via"], row["created"], row["until"], row["ended"]
    )
