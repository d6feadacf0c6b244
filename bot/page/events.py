"""What happens on the page: a greeting, a question answered step by step, an article opened.

In: what a browser posts, checked before use whatever the event's visibility. Out: values for Gradio's components. The
conversation is kept in the session on the server and dies with it; this room keeps nothing itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import gradio as gr

from bot.bot import LONGEST_QUESTION, Bot
from bot.models import Answer, Turn
from bot.page import answer as shown
from bot.page.filters import BadFilter, filter_html, problem_html, read_filter
from bot.page.references import Reference, of_citation, parse_references
from bot.page.source import article_html, hint_html, holdings_line, note_html
from bot.page.texts import Words, words_for
from bot.writer import Writer
from ingest.errors import BadQuestion, NotFound

EXAMPLES = 4  # questions offered in an empty conversation: one glance
REMEMBERED = 30  # exchanges of a conversation that are kept and shown; each step of an answer sends them all
STEP = 0.05  # seconds between two steps of an answer, so that the eye can follow and the browser paints each

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer in plain words, and both as they are shown."""

    question: str
    said: str
    question_html: str
    answer_html: str


@dataclass(slots=True)
class Session:
    """One browser's conversation. A new one is a new list: an answer under way ends in its own."""

    conversation: list[Exchange] = field(default_factory=list)
    stopped: bool = False  # the answer under way is to end with what it has


class Events:
    """The page's events over one bot; each method is one."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def greet(self, session: Session, request: gr.Request) -> tuple[Any, ...]:
        """Masthead, button, chat, question box, source: all empty, with questions to begin with; the filter's words."""
        words = _words(request)
        session.conversation, session.stopped = [], True
        stats = self._bot.stats()
        greeting = greeting_html(words, written=self._bot.writer is not None)
        examples: list[Any] = [{"text": q} for q in self._bot.examples(EXAMPLES)]
        papers: list[tuple[str, str | int | float]] = [(words.any_paper, ""), *((name, name) for name in stats.papers)]
        return (
            masthead_html(holdings_line(stats, words), words),
            gr.Button(words.new_conversation),
            gr.Chatbot(
                [],
                label=words.conversation,
                placeholder=greeting,
                examples=examples,
            ),
            gr.Textbox("", label=words.question, placeholder=words.ask, submit_btn=words.send),
            hint_html(words),
            gr.Accordion(label=words.filter),
            gr.Textbox(label=words.since),
            gr.Textbox(label=words.until),
            gr.Dropdown(papers, label=words.in_paper),
            gr.Textbox(label=words.in_place),
            gr.Textbox(label=words.by),
            gr.Button(words.clear),
            written_html(self._bot.writer, words),
            gr.Checkbox(label=words.write),
            gr.Button(words.stop, visible=False),
        )

    def tell_filter(
        self, since: object, until: object, paper: object, place: object, byline: object, request: gr.Request
    ) -> tuple[Any, ...]:
        """The line that says what is filtered, or what is wrong with it, and the button that clears it."""
        words = _words(request)
        try:
            line = filter_html(read_filter((since, until, paper, place, byline), words), words)
        except BadFilter as e:
            line = problem_html(e)
        return line, gr.Button(visible=bool(line))

    def clear_filter(self) -> tuple[Any, ...]:
        """An empty filter: its five fields, its line, its button."""
        return "", "", "", "", "", "", gr.Button(visible=False)

    def pick(self, picked: gr.SelectData) -> str:
        """The offered question that was clicked."""
        return _text(picked.value.get("text") if isinstance(picked.value, dict) else None)

    def ask(
        self,
        question: str,
        session: Session,
        since: object,
        until: object,
        paper: object,
        place: object,
        byline: object,
        write: object,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        """Answer step by step: chat, the question if it failed, source, stop. Only articles of the filter are read.

        Nothing goes to a model unless the browser posted that it may.
        """
        words = _words(request)
        question = _text(question)
        conversation, session.stopped = session.conversation, False
        asked = shown.question_html(question)
        writing = write is True and self._bot.writer is not None
        answer = Answer(question, question, "")
        yield _messages(conversation, asked), "", gr.skip(), gr.Button(visible=writing)
        try:
            where = read_filter((since, until, paper, place, byline), words)
            with closing(self._bot.stream(question, _turns(conversation), where, write=writing)) as answers:
                for answer in answers:
                    yield _messages(conversation, asked, _so_far_html(answer, words)), gr.skip(), gr.skip(), gr.skip()
                    if session.stopped:
                        answer = replace(answer, note=words.stopped)
                        break
                    time.sleep(STEP)
        except (BadQuestion, BadFilter) as e:
            said = str(e) if isinstance(e, BadFilter) else _bad_question(question, words)
            yield _messages(conversation, asked, shown.notice_html(said)), question, gr.skip(), gr.Button(visible=False)
        except Exception:  # noqa: BLE001 - logged whole; the page must not stay half-asked
            _log.exception("a question failed")
            notice = shown.notice_html(words.failed)
            yield _messages(conversation, asked, notice), question, gr.skip(), gr.Button(visible=False)
        else:
            if not answer.text:
                notice = shown.notice_html(words.stopped_early)
                yield _messages(conversation, asked, notice), question, gr.skip(), gr.Button(visible=False)
                return
            conversation.append(Exchange(question, shown.unmarked(answer), asked, shown.answer_html(answer, words)))
            del conversation[:-REMEMBERED]
            quoted = [of_citation(c) for c in answer.citations]
            source = self._source_html(quoted, words) if quoted else gr.skip()
            yield _messages(conversation), gr.skip(), source, gr.Button(visible=False)

    def stop(self, session: Session) -> None:
        """The answer under way ends with what it has; a model that writes it is stopped."""
        session.stopped = True

    def open_source(self, wanted: str, request: gr.Request) -> str:
        """The article of the first reference in `wanted`, marked with all that point into it."""
        return self._source_html(parse_references(wanted), _words(request))

    def chat(self, question: str, request: gr.Request) -> Iterator[str]:
        """Answer one question from the newspaper; yields the answer so far, at last with its sources as footnotes."""
        words = _words(request)
        question = _text(question)
        try:
            for answer in self._bot.stream(question):
                yield answer.text
            yield shown.answer_text(answer, words)
        except BadQuestion:
            yield _bad_question(question, words)

    def _source_html(self, quoted: list[Reference], words: Words) -> str:
        if not quoted:
            return hint_html(words)
        first = quoted[0].article_id
        try:
            article = self._bot.article(first)
        except NotFound:
            return note_html(words.gone, words)
        return article_html(article, [r for r in quoted if r.article_id == first], words)


def masthead_html(holdings: str, words: Words) -> str:
    """The paper's name and what the archive holds."""
    name, tagline = escape(words.name), escape(words.tagline)
    return f'<h1>{name}</h1><p class="wb-tagline">{tagline}</p><p class="wb-holdings">{escape(holdings)}</p>'


def greeting_html(words: Words, *, written: bool = False) -> str:
    """What stands in an empty conversation, over the questions."""
    promise = shown.plain_to_html(words.promise_written if written else words.promise)
    return f'<div class="wb-greeting"><h2>{words.greeting}</h2><p>{promise}</p></div>'


def written_html(writer: Writer | None, words: Words) -> str:
    """Who writes the answers, and what leaves the house for it; nothing where nobody does."""
    if writer is None:
        return ""
    model = writer.model
    line = words.written_from if model.address else words.written_here
    return f"<p>{escape(line.format(model=model.name, address=model.address))}</p>"


def _so_far_html(answer: Answer, words: Words) -> str:
    if not answer.text:
        return shown.notice_html(words.writing)
    return shown.answer_html(answer, words, finished=False)


def _words(request: gr.Request) -> Words:
    return words_for(request.headers.get("accept-language"))


def _text(posted: object) -> str:
    """Posted text, without the halves of characters that JSON can carry and nothing else can."""
    return posted.encode("utf-8", "ignore").decode("utf-8").strip() if isinstance(posted, str) else ""


def _bad_question(question: str, words: Words) -> str:
    if len(question) > LONGEST_QUESTION:
        return words.long_question.format(length=len(question), limit=LONGEST_QUESTION)
    return words.empty_question


def _turns(conversation: Sequence[Exchange]) -> list[Turn]:
    """The conversation as the bot reads it."""
    return [turn for e in conversation for turn in (Turn("user", e.question), Turn("assistant", e.said))]


def _messages(conversation: Sequence[Exchange], asked: str = "", answered: str = "") -> list[dict[str, str]]:
    """The conversation as Gradio's chatbot takes it, with the exchange that is under way at its end."""
    pairs = [*((e.question_html, e.answer_html) for e in conversation), (asked, answered)]
    both = (message for pair in pairs for message in zip(("user", "assistant"), pair, strict=True))
    return [{"role": role, "content": html} for role, html in both if html]
