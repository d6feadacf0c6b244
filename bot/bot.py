"""The whole way from a question to a cited answer: read, find, weigh, choose or refuse.

In: a question, the conversation so far, a filter. Out: an `Answer`. It keeps nothing between two questions; every
answer comes from one generation of the archive, whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Date  # noqa: N812 - as in models

from bot import refusal
from bot.bylines import answer_from_bylines
from bot.conversation import TURNS_BACK, followed, topic_of
from bot.english import in_chinese
from bot.evidence import gather
from bot.examples import example_questions
from bot.extractive import Extract, choose, quote
from bot.models import Answer, Hit, Passage, Turn
from bot.passages import pick_passages
from bot.question import Asked, read_question
from bot.reranker import CANDIDATES, Reranker
from bot.retriever import Retriever
from bot.times import read_time, today_of
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.errors import BadQuestion
from ingest.models import ArchiveStats, Filter, StoredArticle
from ingest.snapshot import Snapshot
from ingest.told import newest_day

LONGEST_QUESTION = 1_000  # characters: a page-long question is a paste by mistake, and costs a core while it is read
HITS = 12  # chunks that an answer is looked for in
NO_FILTER = Filter()


class Bot:
    """Answers from one archive. Safe from several threads; the caller owns archive and encoder."""

    def __init__(self, archive: Archive, encoder: Encoder, reranker: Reranker | None = None) -> None:
        self._archive = archive
        self._encoder, self._retriever, self._reranker = encoder, Retriever(encoder), reranker

    def ask(
        self, question: str, history: Sequence[Turn] = (), where: Filter = NO_FILTER, today: Date | None = None
    ) -> Answer:
        """Answer `question`, or refuse. Raises BadQuestion for an empty or over-long one, or days the wrong way round.

        `today` is what 今天 means; None for the real day, or the last day of an archive that is closed.
        """
        began = time.perf_counter()
        check_question(question)
        check_filter(where)
        with self._archive.read() as snapshot:
            answer = self._answer(question, _read(question, history, snapshot, today), snapshot, where)
        return replace(answer, took_ms=(time.perf_counter() - began) * 1000)

    def stream(self, question: str, history: Sequence[Turn] = (), where: Filter = NO_FILTER) -> Iterator[Answer]:
        """The answer growing sentence by sentence, each with its marks whole; the last one is final."""
        answer = self.ask(question, history, where)
        for count in range(1, len(answer.sentences)):
            part = Extract(answer.sentences[:count], answer.citations)
            yield replace(answer, text=part.text, sentences=part.sentences)
        yield answer

    def search(self, question: str, k: int = 10, where: Filter = NO_FILTER, today: Date | None = None) -> list[Hit]:
        """The best `k` chunks for `question`; `today` and what is raised as in `ask`."""
        check_question(question)
        check_filter(where)
        with self._archive.read() as snapshot:
            return self._find(_read(question, (), snapshot, today), snapshot, k, where)

    def nothing_passes(self, question: str, where: Filter) -> str | None:
        """That `where` lets no article of the archive through, in the question's language; None where some pass."""
        with self._archive.read() as snapshot:
            return _nothing_passes(question, snapshot, where)

    def article(self, article_id: str) -> StoredArticle:
        """The article that a citation names. Raises NotFound."""
        with self._archive.read() as snapshot:
            return snapshot.article(article_id)

    def examples(self, count: int) -> list[str]:
        """Questions that the newest articles answer."""
        with self._archive.read() as snapshot:
            return example_questions(snapshot, count)

    def stats(self, where: Filter = NO_FILTER) -> ArchiveStats:
        """What there is to ask about."""
        with self._archive.read() as snapshot:
            return snapshot.stats(where)

    def _find(self, asked: Asked, snapshot: Snapshot, k: int, where: Filter) -> list[Hit]:
        if self._reranker is None:
            return self._retriever.search(asked, snapshot, k, where)
        hits = self._retriever.search(asked, snapshot, max(k, CANDIDATES), where)
        return self._reranker.reorder(asked.text, hits)[:k]

    def _answer(self, question: str, asked: Asked, snapshot: Snapshot, where: Filter) -> Answer:
        passages = pick_passages(self._find(asked, snapshot, HITS, where), snapshot)
        extract = answer_from_bylines(asked, passages)
        if extract is None:
            evidence = gather(asked, passages, self._encoder)
            chosen = choose(asked, evidence)
            why = refusal.doubt(asked, evidence, chosen)
            if why:
                return _refused(question, asked, snapshot, where, passages, why)
            extract = quote(chosen)
        return Answer(
            question,
            asked.when.spelled_out(asked.text),
            extract.text,
            sentences=extract.sentences,
            citations=extract.citations,
            passages=tuple(passages),
        )


def check_question(question: str) -> None:
    """Raise BadQuestion, in one line, for what is no question."""
    if any("\ud800" <= c <= "\udfff" for c in question):
        raise BadQuestion("the question holds half a character: send it as UTF-8.")
    if not any(c.isalnum() for c in question):
        raise BadQuestion("the question is empty: ask something about the newspaper.")
    if len(question) > LONGEST_QUESTION:
        raise BadQuestion(
            f"the question has {len(question):,} characters, at most {LONGEST_QUESTION:,} are read: ask it shorter."
        )


def check_filter(where: Filter) -> None:
    """Raise BadQuestion, in one line, for days the wrong way round."""
    if where.since and where.until and where.since > where.until:
        raise BadQuestion(f"no day is from {where.since} on and up to {where.until}: swap the two.")


def _read(question: str, history: Sequence[Turn], snapshot: Snapshot, today: Date | None) -> Asked:
    """The question with the words and the time that it leaves to the turns before it."""
    today = today or today_of(Date.today(), newest_day(snapshot.catalog))
    turns = [turn for turn in history if turn.role == "user"][-TURNS_BACK:]
    told = [in_chinese(turn.content) for turn in turns]
    said = in_chinese(question).after(told)
    before = followed(said.text, [replace(turn, content=one.text) for turn, one in zip(turns, told, strict=True)])
    topic = topic_of(said.text, [read_time(each, (), today).without_pointing(each) for each in before])
    return read_question(said.text, topic, read_time(said.text, before, today), said)


def _nothing_passes(question: str, snapshot: Snapshot, where: Filter) -> str | None:
    if not where or snapshot.stats(where).articles:
        return None
    stats = snapshot.stats()
    return refusal.say_nothing_passes(question, where, stats) if stats.articles else None


def _refused(
    question: str, asked: Asked, snapshot: Snapshot, where: Filter, passages: Sequence[Passage], why: refusal.Doubt
) -> Answer:
    stats = snapshot.stats(where)
    if not stats.articles and not where:
        why = refusal.Doubt("empty_archive")
    nearest = refusal.nearest_articles(passages)
    nothing = None if passages else _nothing_passes(question, snapshot, where)
    return Answer(
        question,
        asked.when.spelled_out(asked.text),
        nothing or refusal.say(why, question, stats, nearest),
        refused=True,
        reason=why.reason,
        passages=tuple(passages),
        nearest=nearest,
    )
