"""What happens on the page: a greeting, a question answered step by step, an article opened.

In: what a browser posts, checked before use whatever the event's visibility. Out: values for Gradio's components. The
conversation comes from the state, by its owner; what the browser shows of it is never read. Whatever is said of the
archive comes from a bot that sees it as this request's reader may.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from bot.access import Reader
from bot.bot import LONGEST_QUESTION
from bot.look import Look
from bot.models import Answer
from bot.opening import Opening
from bot.page import answer as shown
from bot.page import talks
from bot.page.desk import Desk, before, turns
from bot.page.filters import BadFilter, filter_html, problem_html, read_filter
from bot.page.owner import Latest, MayNotAsk, Session, check_may_ask, owner_of, words_for
from bot.page.posted import plain, read_posted
from bot.page.references import Reference, of_citation, parse_references
from bot.page.seen import as_seen_by
from bot.page.source import article_html, hint_html, holdings_line, note_html
from bot.page.texts import Words
from bot.page.told import told_answer
from bot.state import Exchange, State
from bot.visitor import NOBODY, Visitor, visitor_of
from bot.writer import Writer
from ingest.errors import BadQuestion, NotFound, StateBroken

EXAMPLES = 4  # questions offered in an empty conversation: one glance
FOLLOW_UPS = 3  # questions offered after an answer
AT_EASE = 3  # answers under way up to which each shows sentence by sentence, and follow-ups are looked for
REMEMBERED = 30  # exchanges of a conversation that are shown; each step of an answer sends them all
STEP = 0.05  # seconds between two steps of an answer, so that the eye can follow and the browser paints each
SLOW = 3.0  # seconds of waiting from which on they are counted for the reader
COMMAND = "python -m ingest add pages/"

_log = logging.getLogger(__name__)


class Events:
    """The page's events over one bot, which may still be opening; each method is one."""

    def __init__(self, opening: Opening, state: State, look: Look) -> None:
        self._opening, self._look = opening, look
        self.desk = Desk(state, opening)
        self._under_way = 0
        self._counting = threading.Lock()

    def greet(self, posted: str, session: Session, request: gr.Request) -> tuple[Any, ...]:
        """The whole page: a conversation of the owner's, a shared answer, or an empty one with questions in it."""
        here = read_posted(posted)
        if here.language:
            session.language = "en" if here.language == "en" else "zh"
        words, owner = words_for(request, session), owner_of(request, session)
        session.stopped, session.asked = True, session.asked + 1
        session.latest = None  # what comes beside an answer of before comes no more
        session.settled = self._opening.done()
        if here.conversation != session.unkept_of or not here.conversation:
            session.unkept, session.unkept_of = [], ""
        exchanges = self.desk.exchanges(owner, here.conversation, session)[-REMEMBERED:]
        messages = talks.exchange_messages(exchanges, words)
        if here.share and not messages:
            messages = self._shared_messages(owner, here.share, words)
        kept = self.desk.talks(owner)
        return (
            *self._settled(owner, messages, words),
            talks.drawer_html(words),
            talks.signed_in_html(_visitor(request), words) + talks.language_html(words),
            gr.Button(words.new_conversation),
            gr.Textbox("", label=words.question, placeholder=words.ask, submit_btn=words.send),
            self._last_source_html(owner, exchanges, words),
            gr.Accordion(label=words.filter),
            gr.Textbox(label=words.since),
            gr.Textbox(label=words.until),
            gr.Textbox(label=words.in_place),
            gr.Textbox(label=words.by),
            gr.Button(words.clear),
            gr.Checkbox(label=words.write),
            gr.Button(words.stop),
            talks.talks_html(kept, words),
            talks.not_kept_html(words) if kept is None else "",
            talks.follow_ups_html(exchanges[-1].follow_ups if exchanges else (), words),
        )

    def settle(self, session: Session, request: gr.Request) -> tuple[Any, ...]:
        """What a page that was greeted too early could not be told yet: it waits for the bot."""
        if session.settled:
            return (gr.skip(),) * 5
        self._opening.wait()
        session.settled = True
        return self._settled(owner_of(request, session), None, words_for(request, session))

    def tell_filter(
        self,
        since: object,
        until: object,
        paper: object,
        place: object,
        byline: object,
        session: Session,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """The line that says what is filtered, or what is wrong with it, and the button that clears it."""
        words = words_for(request, session)
        try:
            line = filter_html(read_filter((since, until, paper, place, byline), words), words)
        except BadFilter as e:
            line = problem_html(e)
        return line, gr.Button(visible=bool(line))

    def clear_filter(self) -> tuple[Any, ...]:
        """An empty filter: its five fields, its line, its button."""
        return "", "", "", "", "", "", gr.Button(visible=False)

    def pick(self, picked: gr.EventData) -> str:
        """The offered question that was clicked; SelectData falls over what is no such click, before it comes here."""
        value = picked._data.get("value") if isinstance(picked._data, dict) else None
        return plain(value.get("text") if isinstance(value, dict) else None)

    def ask(
        self,
        posted: str,
        session: Session,
        since: object,
        until: object,
        paper: object,
        place: object,
        byline: object,
        write: object,
        request: gr.Request,
    ) -> Iterator[tuple[list[talks.Message], str]]:
        """Answer step by step: chat, and what scripts are told at the end.

        Only articles of the filter are read. Nothing goes to a model unless the browser posted that it may. Values, not
        updates: for each update Gradio makes a component anew, which takes longer than a sentence.
        """
        asked = read_posted(posted)
        words, owner = words_for(request, session), owner_of(request, session)
        session.stopped, session.asked = False, session.asked + 1
        session.latest, session.offered = None, False
        exchanges = self.desk.exchanges(owner, asked.conversation, session)
        exchanges = before(exchanges, asked.instead)
        earlier = talks.exchange_messages(exchanges[-REMEMBERED:], words)
        question = shown.question_html(asked.question)
        writing = write is True

        def step(answered: str = "", told: str = "") -> tuple[list[talks.Message], str]:
            return [*earlier, *talks.under_way(question, answered)], told

        def failed(line: str) -> tuple[list[talks.Message], str]:
            return step(shown.notice_html(line), json.dumps({"number": asked.number, "failed": asked.question}))

        yield step("" if self._opening.done() else shown.notice_html(words.opening_asked))
        answer = Answer(asked.question, asked.question, "")
        try:
            check_may_ask(request, words)
            bot = self._opening.seen_by(owner)
            writing = writing and bot.writer is not None
            where = read_filter((since, until, paper, place, byline), words)
            if writing:
                yield step(shown.notice_html(words.writing))
            began = time.monotonic()
            with (
                self._counted(),
                closing(bot.stream(asked.question, turns(exchanges), where, write=writing)) as answers,
            ):
                for n, answer in enumerate(answers):
                    if n and not writing and self._under_way > AT_EASE:
                        continue  # others wait for their first words
                    yield step(_so_far_html(answer, words, time.monotonic() - began))
                    if session.stopped:
                        answer = replace(answer, note=words.stopped)
                        break
                    if writing or self._under_way <= AT_EASE:
                        time.sleep(STEP)
        except (BadQuestion, BadFilter, MayNotAsk) as e:
            yield failed(_bad_question(asked.question, words) if isinstance(e, BadQuestion) else str(e))
        except Exception:  # noqa: BLE001 - logged whole; the page must not stay half-asked
            _log.exception("a question failed")
            yield failed(words.failed)
        else:
            if not answer.text:
                yield failed(words.stopped_early)
                return
            new = self.desk.keep(owner, asked.conversation, asked.instead, answer, session)
            session.latest = Latest(replace(new, answer=answer), where)
            told = json.dumps({"number": asked.number, "conversation": new.conversation, "answer": told_answer(answer)})
            yield talks.exchange_messages([*exchanges, new][-REMEMBERED:], words), told

    def finish(self, session: Session, request: gr.Request) -> tuple[Any, ...]:
        """What changes beside a finished answer: its source, the list of conversations.

        What is offered, `offer` says alone: it may come back first.
        """
        words, owner, asked = words_for(request, session), owner_of(request, session), session.asked
        quoted = [of_citation(c) for c in session.latest.exchange.answer.citations] if session.latest else []
        source = self._source_html(owner, quoted, words) if quoted else gr.skip()
        if session.asked != asked:  # something else meanwhile
            source = gr.skip()
        return source, talks.talks_html(self.desk.talks(owner), words)

    def offer(self, session: Session, request: gr.Request) -> str | dict[str, Any]:
        """Questions to go on with after the latest answer, where there is time to look for them."""
        owner = owner_of(request, session)
        latest, asked = session.latest, session.asked
        if latest is None or session.offered or self._under_way > AT_EASE:
            return ""
        session.offered = True
        exchange = latest.exchange
        offered = tuple(self._opening.seen_by(owner).follow_ups(exchange.answer, FOLLOW_UPS, latest.where))
        if offered:
            self.desk.offer(owner, exchange, offered)
        if session.asked != asked:  # something else meanwhile
            unchanged: dict[str, Any] = gr.skip()
            return unchanged
        return talks.follow_ups_html(offered, words_for(request, session))

    def stop(self, session: Session) -> None:
        """The answer under way ends with what it has; a model that writes it is stopped."""
        session.stopped = True

    def open_source(self, wanted: str, session: Session, request: gr.Request) -> str:
        """The article of the first reference in `wanted`, marked with all that point into it."""
        words, owner = words_for(request, session), owner_of(request, session)
        return self._source_html(owner, parse_references(wanted), words)

    def chat(self, question: str, request: gr.Request) -> Iterator[str]:
        """Answer one question from the newspaper; yields the answer so far, at last with its sources as footnotes."""
        session = Session()
        words, owner = words_for(request, session), owner_of(request, session)
        question = plain(question)
        try:
            check_may_ask(request, words)
            for answer in self._opening.seen_by(owner).stream(question):
                yield answer.text
            yield shown.answer_text(answer, words)
        except BadQuestion:
            yield _bad_question(question, words)
        except MayNotAsk as e:
            yield str(e)

    def _settled(self, owner: Reader, messages: list[talks.Message] | None, words: Words) -> tuple[Any, ...]:
        """Masthead, chat, papers, who writes, whether anybody does; `messages` of None leave the chat's as they are."""
        value: dict[str, Any] = {} if messages is None else {"value": messages}
        if not self._opening.done():
            masthead = masthead_html(words.opening, words, self._look)
            chat = gr.Chatbot(label=words.conversation, placeholder=greeting_html(words, self._look), **value)
            return masthead, chat, gr.Dropdown(label=words.in_paper), "", gr.Row(visible=False)
        bot = self._opening.seen_by(owner)
        stats = bot.stats()
        written = bot.writer is not None
        greeting = greeting_html(words, self._look, written=written)
        examples = [{"text": q} for q in self._look.examples or (bot.examples(EXAMPLES) if stats.articles else ())]
        papers: list[tuple[str, str | int | float]] = [(words.any_paper, ""), *((name, name) for name in stats.papers)]
        return (
            masthead_html(holdings_line(stats, words), words, self._look),
            gr.Chatbot(
                label=words.conversation,
                placeholder=greeting if stats.articles else talks.empty_html(words, COMMAND),
                examples=examples if stats.articles else [],  # type: ignore[arg-type]
                **value,
            ),
            gr.Dropdown(papers, label=words.in_paper),
            written_html(bot.writer, words),
            gr.Row(visible=written),
        )

    def _shared_messages(self, reader: Reader, share: str, words: Words) -> list[talks.Message]:
        try:
            exchange = self.desk.state.shared(share).exchange
        except (NotFound, StateBroken):
            return talks.under_way(shown.notice_html(words.shared_gone))
        seen, gone = as_seen_by(self._opening.seen_by(reader), exchange)
        if seen is None:
            return talks.under_way(shown.notice_html(words.shared_none))
        less = shown.notice_html(words.shared_less.format(gone)) if gone else ""
        head = shown.notice_html(words.shared_title)
        return talks.under_way(head + shown.question_html(seen.question), shown.answer_html(seen, words) + less)

    def _last_source_html(self, owner: Reader, exchanges: list[Exchange], words: Words) -> str:
        """What the last answer of a conversation quotes, as it stood beside it."""
        quoted = [of_citation(c) for c in exchanges[-1].answer.citations] if exchanges else []
        return self._source_html(owner, quoted, words) if self._opening.done() else hint_html(words)

    def _source_html(self, reader: Reader, quoted: list[Reference], words: Words) -> str:
        if not quoted:
            return hint_html(words)
        first, bot = quoted[0].article_id, self._opening.seen_by(reader)
        try:
            article = bot.article(first)
        except NotFound:
            return note_html(words.gone, words)
        return article_html(article, [r for r in quoted if r.article_id == first], words, bot.around(article))

    def _counted(self) -> _Counted:
        return _Counted(self)

    def count(self, by: int) -> None:
        """So many more answers are under way."""
        with self._counting:
            self._under_way += by


class _Counted:
    """Counts an answer as under way while it is."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def __enter__(self) -> None:
        self._events.count(1)

    def __exit__(self, *_: object) -> None:
        self._events.count(-1)


def _visitor(request: gr.Request) -> Visitor:
    return visitor_of(request.request.scope) if request.request else NOBODY


def masthead_html(holdings: str, words: Words, look: Look) -> str:
    """The paper's name and what the archive holds."""
    name, tagline = escape(look.name or words.name), escape(words.tagline)
    logo = f'<img class="wb-logo" src="logo" alt="{name}">' if look.logo else ""
    title = f"<h1>{logo}{'' if look.logo and not look.name else name}</h1>"
    own = "" if look.name else f'<p class="wb-tagline">{tagline}</p>'
    archive = f'<a class="wb-browse" href="archive">{escape(words.browse)}</a>'
    return f'{title}{own}<p class="wb-holdings">{escape(holdings)}</p>{archive}'


def greeting_html(words: Words, look: Look, *, written: bool = False) -> str:
    """What stands in an empty conversation, over the questions."""
    promise = shown.plain_to_html(words.promise_written if written else words.promise)
    greeting = shown.plain_to_html(look.greeting or words.greeting)
    return f'<div class="wb-greeting"><h2>{greeting}</h2><p>{promise}</p></div>'


def written_html(writer: Writer | None, words: Words) -> str:
    """Who writes the answers, and what leaves the house for it; nothing where nobody does."""
    if writer is None:
        return ""
    model = writer.model
    line = words.written_from if model.address else words.written_here
    return f"<p>{escape(line.format(model=model.name, address=model.address))}</p>"


def _so_far_html(answer: Answer, words: Words, seconds: float) -> str:
    if answer.text:
        return shown.answer_html(answer, words, finished=False)
    waited = f" {words.seconds.format(int(seconds))}" if seconds >= SLOW else ""
    return shown.notice_html(words.writing + waited)


def _bad_question(question: str, words: Words) -> str:
    if len(question) > LONGEST_QUESTION:
        return words.long_question.format(length=len(question), limit=LONGEST_QUESTION)
    return words.empty_question
