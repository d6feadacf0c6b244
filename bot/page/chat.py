"""The chat page as Gradio Blocks: conversation on one side, source on the other.

In: a Bot. Out: Blocks to mount. It finds nothing itself. What a browser posts is checked before use, whatever the
event's visibility; the conversation is kept in the session on the server and dies with it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from bot.models import Turn
from bot.page import answer as shown
from bot.page.references import Reference, of_citation, parse_references
from bot.page.source import article_html, hint_html, holdings_line, note_html
from bot.page.texts import Words, translations, words_for
from ingest.errors import NotFound, WenBaoError

if TYPE_CHECKING:
    from bot.bot import Bot

EXAMPLES = 4  # questions offered in an empty conversation: one glance
REMEMBERED = 30  # exchanges of a conversation that are kept and shown; each step of an answer sends them all
ASKERS_AT_ONCE = 16  # answers under way together; the next ones queue
STEP = 0.05  # seconds between two steps of an answer, so that the eye can follow and the browser paints each

i18n = gr.I18n(**translations())
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer in plain words, and both as they are shown."""

    question: str
    said: str
    question_html: str
    answer_html: str


Conversation = tuple[Exchange, ...]


def build_page(bot: Bot) -> gr.Blocks:
    """The page of `bot`, ready to be mounted with `i18n`."""
    page = _Page(bot)
    with gr.Blocks(title="问报 WenBao", fill_height=True, fill_width=True, analytics_enabled=False) as blocks:
        conversation = gr.State(())
        with gr.Row(elem_id="wb-masthead"):
            masthead = gr.HTML(elem_id="wb-holdings")
            anew = gr.Button(i18n("new_conversation"), elem_id="wb-new", size="sm", scale=0)
        with gr.Row(elem_id="wb-sides"):
            with gr.Column(elem_id="wb-chat-side", scale=3, min_width=320):
                chat = gr.Chatbot(
                    elem_id="wb-chat",
                    label=i18n("conversation"),
                    show_label=False,
                    container=False,
                    layout="panel",
                    height="100%",
                    buttons=[],
                    feedback_options=None,
                    latex_delimiters=[],
                    group_consecutive_messages=False,
                )
                question = gr.Textbox(
                    elem_id="wb-ask",
                    label=i18n("question"),
                    show_label=False,
                    container=False,
                    placeholder=i18n("ask"),
                    max_lines=6,
                    submit_btn=True,
                    autofocus=True,
                )
            with gr.Column(elem_id="wb-source-side", scale=2, min_width=320):
                source = gr.HTML(elem_id="wb-source")
        wanted = gr.Textbox(visible="hidden")
        opener = gr.Button(elem_id="wb-open", visible="hidden")

        asked = [chat, conversation, question, source]
        hidden = {"api_visibility": "private", "show_progress": "hidden"}
        question.submit(page.ask, [question, conversation], asked, concurrency_limit=ASKERS_AT_ONCE, **hidden)
        chat.example_select(page.ask_example, [conversation], asked, concurrency_limit=ASKERS_AT_ONCE, **hidden)
        opener.click(page.open_source, [wanted], [source], js="() => [window.wenbao.wanted]", queue=False, **hidden)
        anew.click(page.greet, None, [masthead, chat, conversation, source], queue=False, **hidden)
        blocks.load(page.greet, None, [masthead, chat, conversation, source], queue=False, **hidden)
        gr.api(page.chat, api_name="chat", concurrency_limit=ASKERS_AT_ONCE)
    return blocks


class _Page:
    """What happens on the page; one bot, no state of its own."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def greet(self, request: gr.Request) -> tuple[Any, ...]:
        """An empty conversation with questions from the archive as it is now."""
        words = _words(request)
        examples = [{"text": q} for q in self._bot.examples(EXAMPLES)]
        masthead = masthead_html(holdings_line(self._bot.stats(), words), words)
        chat = gr.Chatbot(value=[], placeholder=greeting_html(words), examples=examples)
        return masthead, chat, (), hint_html(words)

    def ask_example(
        self, conversation: Conversation, picked: gr.SelectData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Ask one of the offered questions."""
        text = picked.value.get("text") if isinstance(picked.value, dict) else None
        yield from self.ask(text or "", conversation, request)

    def ask(self, question: str, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Answer step by step: chat, conversation, question box, source. A failed question goes back in the box."""
        words = _words(request)
        question = question.strip() if isinstance(question, str) else ""
        asked = shown.question_html(question)
        yield _messages(conversation, asked), conversation, "", gr.skip()
        try:
            for answer in self._bot.stream(question, _turns(conversation)):
                html = shown.answer_html(answer, words, finished=False)
                yield _messages(conversation, asked, html), conversation, gr.skip(), gr.skip()
                time.sleep(STEP)
        except WenBaoError as e:
            yield _messages(conversation, asked, shown.notice_html(str(e))), conversation, question, gr.skip()
        except Exception:  # noqa: BLE001 - logged whole; the page must not stay half-asked
            _log.exception("a question failed")
            yield _messages(conversation, asked, shown.notice_html(words.failed)), conversation, question, gr.skip()
        else:
            exchange = Exchange(question, shown.unmarked(answer), asked, shown.answer_html(answer, words))
            conversation = (*conversation, exchange)[-REMEMBERED:]
            quoted = [of_citation(c, answer) for c in answer.citations]
            source = self._source_html(quoted, words) if quoted else gr.skip()
            yield _messages(conversation), conversation, gr.skip(), source

    def open_source(self, wanted: str, request: gr.Request) -> str:
        """The article of the first reference in `wanted`, marked with all that point into it."""
        return self._source_html(parse_references(wanted), _words(request))

    def chat(self, question: str, request: gr.Request) -> Iterator[str]:
        """Answer one question from the newspaper; yields the answer so far, at last with its sources as footnotes."""
        words = _words(request)
        try:
            for answer in self._bot.stream(question if isinstance(question, str) else ""):
                yield answer.text
            yield shown.answer_text(answer, words)
        except WenBaoError as e:
            yield str(e)

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


def greeting_html(words: Words) -> str:
    """What stands in an empty conversation, over the questions."""
    return f'<div class="wb-greeting"><h2>{words.greeting}</h2><p>{shown.plain_to_html(words.promise)}</p></div>'


def _words(request: gr.Request) -> Words:
    return words_for(request.headers.get("accept-language"))


def _turns(conversation: Conversation) -> list[Turn]:
    """The conversation as the bot reads it."""
    return [turn for e in conversation for turn in (Turn("user", e.question), Turn("assistant", e.said))]


def _messages(conversation: Conversation, asked: str = "", answered: str = "") -> list[dict[str, str]]:
    """The conversation as Gradio's chatbot takes it, with the exchange that is under way at its end."""
    pairs = [*((e.question_html, e.answer_html) for e in conversation), (asked, answered)]
    both = (message for pair in pairs for message in zip(("user", "assistant"), pair, strict=True))
    return [{"role": role, "content": html} for role, html in both if html]
