"""The whole way from a question to a cited answer: read, find, weigh, choose or let a model write, or refuse.

In: a question, the conversation so far, a filter. Out: an `Answer`. It keeps nothing between two questions; every
answer comes from one generation of the archive, whole.
"""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from bot import refusal
from bot.access import EVERYTHING, Readable, Reader
from bot.answered import Answered, Asking
from bot.bylines import answer_from_bylines
from bot.conversation import TURNS_BACK, followed, topic_of
from bot.copies import pointer_to, with_copies, with_notices
from bot.english import in_chinese
from bot.evidence import Evidence, gather
from bot.examples import example_questions
from bot.extractive import Extract, choose
from bot.followups import follow_ups
from bot.forms import compose, compose_told_parts
from bot.llm import ModelFailed, say_failure
from bot.models import Answer, Citation, Hit, Passage, Turn, Usage
from bot.passages import pick_passages
from bot.question import Asked, has_chinese, read_question
from bot.reranker import CANDIDATES, Reranker
from bot.retriever import Retriever
from bot.times import read_time, today_of
from bot.versions import correction_note
from ingest.archive import Archive
from ingest.contents import Brief, articles_of_page
from ingest.encoder import Encoder
from ingest.errors import BadQuestion
from ingest.models import ArchiveStats, Filter, Pointer, StoredArticle
from ingest.snapshot import Snapshot
from ingest.told import newest_day

if TYPE_CHECKING:  # what a model's answers need is loaded with the model
    from bot.writer import Draft, Writer

LONGEST_QUESTION = 1_000  # characters: a page-long question is a paste by mistake, and costs a core while it is read
HITS = 12  # chunks that an answer is looked for in
NO_FILTER = Filter()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an article: other `versions`, the oldest first, `copies` that are the same story, its page.

    `beside` are the other articles of its page, in their order.
    """

    versions: tuple[StoredArticle, ...] = ()
    copies: tuple[Pointer, ...] = ()
    beside: tuple[Brief, ...] = ()


NOTHING_AROUND = Around()


class Bot:
    """Answers from one archive. Safe from several threads; the caller owns archive and encoder.

    With a `writer` a language model writes the answers; where it fails, they are made as without one.
    """

    def __init__(
        self, archive: Archive, encoder: Encoder, reranker: Reranker | None = None, writer: Writer | None = None
    ) -> None:
        self._archive = archive
        self._encoder, self._retriever = encoder, Retriever(encoder)
        self._reranker, self.writer = reranker, writer
        self._seen_by: tuple[Readable, ...] = ()
        self._answered = Answered()

    def seen_by(self, reader: Reader) -> Bot:
        """The same bot for `reader`: what may not be read is not there. It costs nothing where all may be."""
        if reader.papers == EVERYTHING:
            return self
        bot = copy.copy(self)
        bot._seen_by = (*self._seen_by, reader.papers)
        return bot

    @property
    def sees_everything(self) -> bool:
        """Whether no paper is kept from whom it is for."""
        return not self._seen_by

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        where: Filter = NO_FILTER,
        today: Date | None = None,
        *,
        write: bool = True,
    ) -> Answer:
        """Answer `question`, or refuse. Raises BadQuestion for an empty or over-long one, or days the wrong way round.

        `today` is what 今天 means; None for the real day, or the last day of an archive that is closed. Without `write`
        no model is asked.
        """
        return deque(self.stream(question, history, where, today, write=write), maxlen=1).pop()

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        where: Filter = NO_FILTER,
        today: Date | None = None,
        *,
        write: bool = True,
    ) -> Generator[Answer, None, None]:
        """The answer growing by whole sentences, each with its marks whole; the last one is final.

        While a model lets wait, the answer so far comes again and again. Closing the iterator stops the model.
        """
        began = time.perf_counter()
        check_question(question)
        check_filter(where)
        with self.reading() as snapshot:
            asking = _Asking(question, tuple(history), where, snapshot, self._encoder, _today(snapshot, today))
            writer = self.writer if write else None
            answers = self._written(asking, writer) if writer else _growing(self._quoted(asking))
            with closing(answers):
                before: tuple[Citation, ...] = ()
                citations: tuple[Citation, ...] = ()
                for answer in answers:
                    if answer.citations != before:
                        before, citations = answer.citations, with_copies(answer.citations, snapshot, where)
                    took_ms = (time.perf_counter() - began) * 1000
                    yield replace(answer, citations=citations, took_ms=took_ms, generation=snapshot.number)

    def search(self, question: str, k: int = 10, where: Filter = NO_FILTER, today: Date | None = None) -> list[Hit]:
        """The best `k` chunks for `question`; `today` and what is raised as in `ask`."""
        check_question(question)
        check_filter(where)
        with self.reading() as snapshot:
            return self._find(_read(question, (), _today(snapshot, today), snapshot), snapshot, k, where)

    def nothing_passes(self, question: str, where: Filter) -> str | None:
        """That `where` lets no article of the archive through, in the question's language; None where some pass."""
        with self.reading() as snapshot:
            return _nothing_passes(question, snapshot, where)

    def article(self, article_id: str) -> StoredArticle:
        """The article that a citation names. Raises NotFound."""
        with self.reading() as snapshot:
            return snapshot.article(article_id)

    def around(self, article: StoredArticle) -> Around:
        """What else a reader may want: other versions, the papers that tell the same story, the rest of the page."""
        with self.reading() as snapshot:
            catalog = snapshot.catalog
            others = [one for one in catalog.versions(article.article_id) if one.version_id != article.version_id]
            copies = catalog.copies_of(article.article_id)
            page: list[Brief] = []
            if article.date and article.page:
                page = articles_of_page(catalog, article.date, article.paper, article.page)
        beside = tuple(brief for brief in page if brief.article_id != article.article_id)
        return Around(tuple(others), tuple(map(pointer_to, copies)), beside)

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Lease the archive that is answered from, whole, as it is now; of it, what may be read."""
        with self._archive.read() as snapshot:
            if self._seen_by:
                papers = (paper for paper in snapshot.papers if all(paper in some for some in self._seen_by))
                snapshot = snapshot.only(frozenset(papers))
            yield snapshot

    def said_again(self, answer: Answer) -> Answer:
        """A refusal of another day, or to somebody else, in words that name and count what is there to be read."""
        with self.reading() as snapshot:
            held = snapshot.articles(near.article_id for near in answer.nearest)
            nearest = tuple(near for near in answer.nearest if near.article_id in held)
            why = refusal.Doubt("near_miss" if answer.reason == "near_miss" and nearest else "no_evidence")
            text = refusal.say(why, answer.question, snapshot.stats(), nearest)
        return replace(answer, text=text, nearest=nearest, standalone=answer.question, note=None)

    def examples(self, count: int) -> list[str]:
        """Questions that the newest articles answer."""
        with self.reading() as snapshot:
            return example_questions(snapshot, count)

    def follow_ups(self, answer: Answer, count: int, where: Filter = NO_FILTER) -> list[str]:
        """Questions about the other articles that `answer` was looked for in, each of which is answered."""
        return follow_ups(answer, partial(self.ask, where=where, write=False), count)

    def stats(self, where: Filter = NO_FILTER) -> ArchiveStats:
        """What there is to ask about."""
        with self.reading() as snapshot:
            return snapshot.stats(where)

    def _find(self, asked: Asked, snapshot: Snapshot, k: int, where: Filter) -> list[Hit]:
        if self._reranker is None:
            return self._retriever.search(asked, snapshot, k, where)
        hits = self._retriever.search(asked, snapshot, max(k, CANDIDATES), where)
        return self._reranker.reorder(asked.text, hits)[:k]

    def _quoted(self, asking: _Asking) -> Answer:
        """An answer of the newspaper's own sentences."""

        def make() -> Answer:
            asked = asking.read()
            return _quoted_from(self._passages(asked, asking), asked, asking)

        return self._answered.get(asking.key, make)

    def _written(self, asking: _Asking, writer: Writer) -> Generator[Answer, None, None]:
        """An answer that the model writes, or, where it fails, one without it and a line that says why."""
        work = writer.begin()
        blank = Answer(asking.question, asking.question, "")
        try:
            alone: str | None = None
            if asking.history or not has_chinese(asking.question):
                alone = yield from _meanwhile(work.restate(asking.question, asking.history, asking.today), blank)
            asked = asking.read(alone)
            passages = self._passages(asked, asking)
            known = answer_from_bylines(asked, passages)
            if known or not passages:  # headlines and names, which a model could only spoil; or nothing to write from
                yield from _growing(_quoted_from(passages, asked, asking))
                return
            for draft in work.write(asked, asking.question, passages):
                yield _drafted(draft, asked, asking, passages, writer.model.name, work.usage)
        except ModelFailed as e:
            note = say_failure(e, writer.model.name, chinese=has_chinese(asking.question))
            answer = replace(self._quoted(asking), note=note, usage=work.usage)
            yield from _growing(answer if answer.refused else replace(answer, reason="model_failed"))

    def _passages(self, asked: Asked, asking: _Asking) -> list[Passage]:
        passages = pick_passages(self._find(asked, asking.snapshot, HITS, asking.where), asking.snapshot)
        return with_notices(passages, asking.snapshot, asking.where)


@dataclass(frozen=True, slots=True)
class _Asking:
    """All that one question is asked with."""

    question: str
    history: tuple[Turn, ...]
    where: Filter
    snapshot: Snapshot
    encoder: Encoder
    today: Date

    @property
    def key(self) -> Asking:
        """All that an answer of the newspaper's own sentences follows from."""
        part = self.snapshot.part
        return Asking(self.snapshot.number, part, self.question, self.history, self.where, self.today)

    def read(self, alone: str | None = None) -> Asked:
        """The question read, with the words and the time that it leaves to the turns before it; or `alone` as it is."""
        question, history = (alone, ()) if alone else (self.question, self.history)
        return _read(question, history, self.today, self.snapshot)


def _growing(answer: Answer) -> Generator[Answer, None, None]:
    for count in range(1, len(answer.sentences)):
        part = Extract(answer.sentences[:count], answer.citations, answer.listed)
        yield replace(answer, text=part.text, sentences=part.sentences, missing=(), closing="")
    yield answer


def _meanwhile(work: Generator[object, None, T], shown: Answer) -> Generator[Answer, None, T]:
    """What `work` gives at its end; `shown` whenever it lets wait."""
    with closing(work):
        while True:
            try:
                next(work)
            except StopIteration as done:
                return cast("T", done.value)
            yield shown


def _quoted_from(passages: Sequence[Passage], asked: Asked, asking: _Asking) -> Answer:
    extract = answer_from_bylines(asked, passages)
    if extract is None:
        evidence = gather(asked, passages, asking.encoder)
        chosen = choose(asked, evidence)
        why = refusal.doubt(asked, evidence, chosen)

        def weigh(part: Asked) -> list[Evidence]:
            return gather(part, passages, asking.encoder)

        extract = compose_told_parts(asked, weigh) if why else compose(asked, evidence, chosen, weigh)
        if extract is None:
            return _refused(asked, asking, passages, why or refusal.Doubt("no_evidence"), evidence)
    return Answer(
        asking.question,
        asked.when.spelled_out(asked.text),
        extract.text,
        sentences=extract.sentences,
        citations=extract.citations,
        passages=tuple(passages),
        listed=extract.listed,
        missing=extract.missing,
        closing=extract.closing,
    )


def _drafted(
    draft: Draft, asked: Asked, asking: _Asking, passages: Sequence[Passage], model: str, usage: Usage
) -> Answer:
    """A model's draft as an answer; where it found that the passages do not say it, a refusal."""
    if draft.final and draft.checked is None:
        evidence = gather(asked, passages, asking.encoder)
        why = refusal.doubt(asked, evidence, choose(asked, evidence)) or refusal.Doubt("near_miss")
        refused = _refused(asked, asking, passages, why, evidence)
        return replace(refused, model=model, usage=usage)
    checked = draft.checked
    cited = {one.article_id for one in checked.citations} if checked else set()
    articles = {one.article.article_id: one.article for one in passages if one.article.article_id in cited}
    note = correction_note(articles.values(), cited, chinese=has_chinese(asking.question)) if draft.final else ""
    return Answer(
        asking.question,
        asked.when.spelled_out(asked.text),
        "\n".join(filter(None, (checked.text if checked else "", note))),
        sentences=checked.sentences if checked else (),
        citations=checked.citations if checked else (),
        passages=tuple(passages),
        model=model,
        usage=usage,
        closing=note,
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


def _today(snapshot: Snapshot, today: Date | None) -> Date:
    return today or today_of(Date.today(), newest_day(snapshot.catalog))


def _read(question: str, history: Sequence[Turn], today: Date, snapshot: Snapshot) -> Asked:
    """The question with the words and the time that it leaves to the turns before it."""
    turns = [turn for turn in history if turn.role == "user"][-TURNS_BACK:]
    *told, own = (in_chinese(each).held(snapshot.holds) for each in (*(turn.content for turn in turns), question))
    said = own.after(told)
    before = followed(said.text, [replace(turn, content=one.text) for turn, one in zip(turns, told, strict=True)])
    topic = topic_of(said.text, [read_time(each, (), today).without_pointing(each) for each in before])
    return read_question(said.text, topic, read_time(said.text, before, today), said)


def _nothing_passes(question: str, snapshot: Snapshot, where: Filter) -> str | None:
    if snapshot.stats(where).articles:
        return None
    stats = snapshot.stats()
    if not stats.articles:
        return refusal.say(refusal.Doubt("empty_archive"), question, stats, ())
    return refusal.say_nothing_passes(question, where, stats)


def _refused(
    asked: Asked, asking: _Asking, passages: Sequence[Passage], why: refusal.Doubt, evidence: Sequence[Evidence]
) -> Answer:
    stats = asking.snapshot.stats(asking.where)
    if not asking.snapshot.stats().articles:
        why = refusal.Doubt("empty_archive")
    nearest = refusal.nearest_articles(asked, passages, evidence)
    nothing = None if passages else _nothing_passes(asking.question, asking.snapshot, asking.where)
    return Answer(
        asking.question,
        asked.when.spelled_out(asked.text),
        nothing or refusal.say(why, asking.question, stats, nearest),
        refused=True,
        reason=why.reason,
        passages=tuple(passages),
        nearest=nearest,
    )
