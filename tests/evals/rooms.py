"""The way from a question to its evidence, put together as `bot.bot` does, so that one step of it can be exchanged.

In: an archive, a question with its history. Out: what was read, found and weighed. `assert_as_the_bot` stops a script
whose answers are no longer those that users get.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from bot.bot import HITS, Bot
from bot.conversation import TURNS_BACK, followed, topic_of
from bot.copies import with_notices
from bot.english import in_chinese
from bot.evidence import Evidence, gather
from bot.models import Answer, Hit, Passage, Turn
from bot.passages import pick_passages
from bot.question import Asked, read_question
from bot.retriever import Retriever
from bot.times import read_time, today_of
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.models import Filter
from ingest.snapshot import Snapshot
from ingest.told import newest_day

SPARE = 20  # hits beyond those that are used: what is left when an article is taken out
NO_FILTER = Filter()

Ask = Callable[[str, Sequence[Turn], Filter], Answer]
Carried = Callable[[str, Sequence[Turn]], list[str]]  # a question and the turns before it into those it goes on from


@dataclass(frozen=True, slots=True)
class Looked:
    """A question read, its passages, and their sentences as evidence."""

    asked: Asked
    passages: list[Passage]
    evidence: list[Evidence]


@dataclass(slots=True)
class Rooms:
    """Looks in one archive, with `finder` in place of the encoder for the search; keeps what it has looked for."""

    archive: Archive
    encoder: Encoder
    finder: Encoder | None = None
    carried: Carried = followed
    kept: dict[object, Looked] = field(default_factory=dict)

    def look(
        self,
        question: str,
        history: Sequence[Turn] = (),
        where: Filter = NO_FILTER,
        taken_out: Set[str] = frozenset(),
    ) -> Looked:
        """What the bot would look at, were the articles whose source ids are in `taken_out` not there."""
        key = (question, tuple(history), where, frozenset(taken_out))
        if key not in self.kept:
            with self.archive.read() as snapshot:
                asked = read(question, history, today_in(snapshot), self.carried)
                passages = pick_passages(self._hits(asked, snapshot, where, taken_out), snapshot)
                passages = with_notices(passages, snapshot, where)
                self.kept[key] = Looked(asked, passages, gather(asked, passages, self.encoder))
        return self.kept[key]

    def _hits(self, asked: Asked, snapshot: Snapshot, where: Filter, taken_out: Set[str]) -> list[Hit]:
        retriever = Retriever(self.finder or self.encoder)
        hits = retriever.search(asked, snapshot, HITS + SPARE if taken_out else HITS, where)
        left = [hit for hit in hits if hit.article.source_id not in taken_out][:HITS]
        return [replace(hit, rank=rank) for rank, hit in enumerate(left, 1)]


def read(question: str, history: Sequence[Turn], today: date, carried: Carried = followed) -> Asked:
    """The question with the words and the time that it leaves to the turns before it."""
    turns = [turn for turn in history if turn.role == "user"][-TURNS_BACK:]
    told = [in_chinese(turn.content) for turn in turns]
    said = in_chinese(question).after(told)
    before = carried(said.text, [replace(turn, content=one.text) for turn, one in zip(turns, told, strict=True)])
    topic = topic_of(said.text, [read_time(each, (), today).without_pointing(each) for each in before])
    return read_question(said.text, topic, read_time(said.text, before, today), said)


def today_in(snapshot: Snapshot) -> date:
    return today_of(date.today(), newest_day(snapshot.catalog))


def assert_as_the_bot(ask: Ask, bot: Bot, questions: Iterable[tuple[str, Sequence[Turn]]]) -> None:
    """What is measured has to be what users get."""
    for question, history in questions:
        mine, real = (each(question, history, NO_FILTER) for each in (ask, bot.ask))
        cited = tuple(
            replace(one, also=()) for one in real.citations
        )  # which other papers print it is found at the end
        if (mine.refused, mine.citations) != (real.refused, cited):
            sys.exit(f"this script no longer puts the rooms together as bot.bot does: {question}")
