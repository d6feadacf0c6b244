"""Everything that is kept of what people ask, by owner.

In: an owner (a hash that says who somebody is), ids, answers. Out: conversations and exchanges of that owner. What is
another's and what is not there are the same: NotFound. StateBroken is raised by all of it where the database fails.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.models import Answer, Passage
from bot.state import packing
from bot.state.database import Database
from bot.state.models import Conversation, Exchange, Shared, Told, Verdict
from bot.state.proofs import Proofs
from bot.state.tables import conversations, exchanges, feedback, shares
from ingest.errors import NotFound, StateBroken

LONGEST_TITLE, LONGEST_REASON = 80, 1_000  # characters
LISTED = 200  # conversations that an owner is shown, the newest first
SWEEP = 3600  # seconds between two looks for what is too old
_TRIES = 5  # two tabs may add to one conversation in the same moment

T = TypeVar("T")
Row = sa.RowMapping


class State:
    """Conversations, feedback and shares. Safe from several threads and, on one database, several processes."""

    def __init__(self, database: Database, days: int = 0) -> None:
        """`days`: how long a conversation is kept after its last question, 0 for good."""
        self._database, self._days = database, days
        self.proofs = Proofs(database)
        self._sweeping = threading.Lock()
        self._swept = 0.0

    @classmethod
    def of(cls, data: Path, url: str = "", days: int = 0) -> State:
        """The state beside the archive in `data`, or at `url`. Raises BadSetting."""
        return cls(Database.of(data, url), days)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def conversations(self, owner: str) -> list[Conversation]:
        """The owner's, the one asked in last first."""
        c = conversations.c
        query = sa.select(conversations).where(c.owner == owner).order_by(c.updated.desc(), c.id).limit(LISTED)
        return self._do(lambda db: [_conversation(row) for row in db.execute(query).mappings()])

    def exchanges(self, owner: str, conversation: str) -> list[Exchange]:
        """All of a conversation, in order."""

        def read(db: sa.Connection) -> list[Exchange]:
            _own(db, owner, conversation)
            query = _EXCHANGES.where(exchanges.c.conversation == conversation).order_by(exchanges.c.number)
            return [_exchange(row) for row in db.execute(query).mappings()]

        return self._do(read)

    def exchange(self, owner: str, exchange: str) -> Exchange:
        """One question and its answer."""
        return self._do(lambda db: _own_exchange(db, owner, exchange))

    def keep(self, owner: str, conversation: str, answer: Answer, instead_of: str = "") -> Exchange:
        """Add an answer to a conversation, "" for a new one with the question for its title.

        With `instead_of`, that exchange and all after it go first.
        """

        def write(db: sa.Connection) -> str:
            now = _now()
            place = conversation
            if place:
                _own(db, owner, place)
                db.execute(sa.update(conversations).where(conversations.c.id == place).values(updated=now))
            else:
                place = new_id()
                title = _line(answer.question, LONGEST_TITLE)
                db.execute(conversations.insert().values(id=place, owner=owner, title=title, created=now, updated=now))
            if instead_of:
                old = _own_exchange(db, owner, instead_of)
                if old.conversation != place:
                    raise _absent()
                later = (exchanges.c.conversation == place) & (exchanges.c.number >= old.number)
                db.execute(sa.delete(exchanges).where(later))
            last = db.scalar(sa.select(sa.func.max(exchanges.c.number)).where(exchanges.c.conversation == place))
            made = _row(answer, place, (last or 0) + 1, now)
            db.execute(exchanges.insert().values(**made))
            return str(made["id"])

        self._sweep()
        for tries_left in reversed(range(_TRIES)):
            try:
                made = self._do(write)
                break
            except StateBroken:
                if not tries_left or not conversation:
                    raise
                time.sleep(0.02)
        return self.exchange(owner, made)

    def offer(self, owner: str, exchange: str, follow_ups: Sequence[str]) -> None:
        """Keep the questions that were offered after an answer."""
        self._change(owner, exchange, follow_ups=packing.pack_lines(tuple(follow_ups)))

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        line = _line(title, LONGEST_TITLE)

        def write(db: sa.Connection) -> None:
            _own(db, owner, conversation)
            if line:
                db.execute(sa.update(conversations).where(conversations.c.id == conversation).values(title=line))

        self._do(write)

    def delete(self, owner: str, conversation: str) -> None:
        """Forget a conversation with its exchanges, feedback and shares."""

        def write(db: sa.Connection) -> None:
            _own(db, owner, conversation)
            db.execute(sa.delete(conversations).where(conversations.c.id == conversation))

        self._do(write)

    def delete_all(self, owner: str) -> int:
        """Forget all of an owner's conversations; how many there were."""
        gone = sa.delete(conversations).where(conversations.c.owner == owner)
        return self._do(lambda db: db.execute(gone).rowcount)

    def judge(self, owner: str, exchange: str, verdict: Verdict | None, reason: str = "") -> None:
        """Keep what the owner thinks of an answer, None for nothing any more."""

        def write(db: sa.Connection) -> None:
            _own_exchange(db, owner, exchange)
            db.execute(sa.delete(feedback).where(feedback.c.exchange == exchange))
            if verdict:
                said = _text(reason)[:LONGEST_REASON]
                db.execute(feedback.insert().values(exchange=exchange, verdict=verdict, reason=said, created=_now()))

        self._do(write)

    def share(self, owner: str, exchange: str) -> str:
        """The id under which others may see an exchange; the same one each time."""

        def write(db: sa.Connection) -> str:
            known = _own_exchange(db, owner, exchange).shared
            if known:
                return known
            made = new_id()
            db.execute(shares.insert().values(id=made, exchange=exchange, owner=owner, created=_now()))
            return made

        return self._do(write)

    def unshare(self, owner: str, exchange: str) -> None:
        """Let nobody else see an exchange any more."""

        def write(db: sa.Connection) -> None:
            _own_exchange(db, owner, exchange)
            db.execute(sa.delete(shares).where(shares.c.exchange == exchange))

        self._do(write)

    def shared(self, share: str) -> Shared:
        """What was shared under this id, for whoever has it: what of it they may read is for the caller to say."""

        def read(db: sa.Connection) -> Shared:
            row = db.execute(_EXCHANGES.where(shares.c.id == share)).mappings().first() if share else None
            if row is None:
                raise _absent()
            return Shared(share, _exchange(row))

        return self._do(read)

    def told(self, since: str = "", *, judged: bool = False) -> Iterator[Told]:
        """Every question from `since` on (a day or a time), the oldest first, or those that were `judged` then.

        For whoever runs the bot: it looks at all owners and names none.
        """
        when = feedback.c.created if judged else exchanges.c.created
        query = _TOLD.where(when >= since, *([feedback.c.verdict.is_not(None)] if judged else []))
        rows = self._do(lambda db: db.execute(query.order_by(when, exchanges.c.id)).mappings().all())
        yield from map(_told, rows)

    def _change(self, owner: str, exchange: str, **values: object) -> None:
        def write(db: sa.Connection) -> None:
            _own_exchange(db, owner, exchange)
            db.execute(sa.update(exchanges).where(exchanges.c.id == exchange).values(**values))

        self._do(write)

    def _do(self, work: Callable[[sa.Connection], T]) -> T:
        with self._database.transaction() as db:
            return work(db)

    def _sweep(self) -> None:
        """Forget conversations in which nothing was asked for too long."""
        with self._sweeping:
            if not self._days or (self._swept and time.monotonic() - self._swept < SWEEP):
                return
            self._swept = time.monotonic()
        oldest = _time(time.time() - self._days * 86_400)
        self._do(lambda db: db.execute(sa.delete(conversations).where(conversations.c.updated < oldest)))


_EXCHANGES = sa.select(exchanges, feedback.c.verdict, shares.c.id.label("shared")).select_from(
    exchanges.outerjoin(feedback, feedback.c.exchange == exchanges.c.id).outerjoin(
        shares, shares.c.exchange == exchanges.c.id
    )
)
_TOLD = sa.select(
    exchanges, feedback.c.verdict, feedback.c.reason.label("why"), feedback.c.created.label("judged")
).select_from(exchanges.outerjoin(feedback, feedback.c.exchange == exchanges.c.id))


def new_id() -> str:
    """128 random bits."""
    return secrets.token_hex(16)


def _own(db: sa.Connection, owner: str, conversation: str) -> None:
    c = conversations.c
    if db.scalar(sa.select(c.id).where(c.id == conversation, c.owner == owner)) is None:
        raise _absent()


def _own_exchange(db: sa.Connection, owner: str, exchange: str) -> Exchange:
    query = _EXCHANGES.join(conversations, conversations.c.id == exchanges.c.conversation)
    owned = query.where(exchanges.c.id == exchange, conversations.c.owner == owner)
    row = db.execute(owned).mappings().first()
    if row is None:
        raise _absent()
    return _exchange(row)


def _absent() -> NotFound:
    return NotFound("no such conversation, answer or share.")


def _row(answer: Answer, conversation: str, number: int, now: str) -> dict[str, Any]:
    passages: tuple[Passage, ...] = answer.passages
    return {
        "id": new_id(),
        "conversation": conversation,
        "number": number,
        "question": _text(answer.question),
        "standalone": _text(answer.standalone),
        "answer": packing.pack_answer(answer),
        "passages": packing.pack_passages(packing.kept_passages(passages)),
        "follow_ups": packing.pack_lines(()),
        "refused": answer.refused,
        "reason": answer.reason,
        "model": answer.model,
        "note": answer.note,
        "generation": answer.generation,
        "took_ms": answer.took_ms,
        "created": now,
    }


def _conversation(row: Row) -> Conversation:
    return Conversation(row["id"], row["title"], row["created"], row["updated"])


def _exchange(row: Row) -> Exchange:
    return Exchange(
        row["id"],
        row["conversation"],
        row["number"],
        packing.unpack_answer(row["answer"]),
        packing.unpack_passages(row["passages"]),
        packing.unpack_lines(row["follow_ups"]),
        row["created"],
        row["verdict"],
        row["shared"],
    )


def _told(row: Row) -> Told:
    answer = packing.unpack_answer(row["answer"])
    return Told(
        row["created"],
        row["id"],
        row["question"],
        row["standalone"],
        answer.text,
        row["refused"],
        row["reason"],
        row["model"],
        row["note"],
        row["generation"],
        row["took_ms"],
        packing.unpack_passages(row["passages"]),
        row["verdict"],
        row["why"] or "",
        row["judged"],
    )


def _now() -> str:
    return _time(time.time())


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _text(text: str) -> str:
    """Text without the one character that PostgreSQL cannot keep."""
    return text.replace("\x00", "")


def _line(text: str, longest: int) -> str:
    """Text as one line that is not too long."""
    line = " ".join(_text(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
