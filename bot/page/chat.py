"""The chat page as Gradio Blocks: conversation on one side, source on the other.

In: a Bot. Out: Blocks to mount. Layout and wiring only; what happens, and every word, comes from `events`.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import api

from bot.bot import Bot
from bot.page.events import Events, Session

ASKERS_AT_ONCE = 16  # answers under way together; the next ones queue


def build_page(bot: Bot) -> gr.Blocks:
    """The page of `bot`."""
    events = Events(bot)
    blocks: gr.Blocks
    with gr.Blocks(title="问报 WenBao", fill_height=True, fill_width=True) as blocks:
        session = gr.State(Session())
        with gr.Row(elem_id="wb-masthead"):
            masthead = gr.HTML(elem_id="wb-holdings")
            anew = gr.Button("", elem_id="wb-new", size="sm", scale=0)
        with gr.Row(elem_id="wb-sides"):
            with gr.Column(elem_id="wb-chat-side", scale=3, min_width=320):
                chat = _chat()
                fold, fields = _filter()
                with gr.Row(elem_id="wb-filtered"):
                    filtered = gr.HTML()
                    clear = gr.Button("", elem_id="wb-clear", size="sm", scale=0, visible=False)
                question = _question()
                with gr.Row(elem_id="wb-writer", visible=bot.writer is not None):
                    written = gr.HTML(elem_id="wb-written")
                    write = gr.Checkbox(True, elem_id="wb-write", min_width=0)
                    stop = gr.Button("", elem_id="wb-stop", size="sm", scale=0, visible=False)
            with gr.Column(elem_id="wb-source-side", scale=2, min_width=320):
                source = gr.HTML(elem_id="wb-source")
        # What page.js says and hears: the citation that was clicked, the offered question, the question that failed.
        wanted, offered, failed = (gr.Textbox(visible="hidden") for _ in range(3))
        opener = gr.Button(elem_id="wb-open", visible="hidden")
        asker = gr.Button(elem_id="wb-next", visible="hidden")

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        # page.js takes what is sent from the box and asks it when the question before it is answered.
        picking = chat.example_select(events.pick, None, [offered], queue=False, **quiet)
        picking.then(None, [offered], None, js="(text) => window.wenbao.send(text)", **quiet)
        answering = asker.click(
            events.ask,
            [wanted, session, *fields, write],
            [chat, failed, source, stop],
            js="(_, session, ...more) => [window.wenbao.next(), session, ...more]",
            concurrency_limit=ASKERS_AT_ONCE,
            **quiet,
        )
        answering.then(None, [failed], None, js="(question) => window.wenbao.answered(question)", **quiet)
        stop.click(events.stop, [session], None, queue=False, **quiet)
        greeted = [masthead, anew, chat, question, source, fold, *fields, clear, written, write, stop]
        greeting = quiet | {"outputs": greeted, "queue": False}
        anew.click(None, cancels=[answering])  # before the greeting: what comes late is then no longer shown
        anew.click(events.greet, [session], **greeting)
        blocks.load(events.greet, [session], **greeting)
        telling = quiet | {
            "inputs": fields,
            "outputs": [filtered, clear],
            "queue": False,
            "trigger_mode": "always_last",
        }
        gr.on([field.change for field in fields], events.tell_filter, **telling)
        clear.click(events.clear_filter, None, [*fields, filtered, clear], queue=False, **quiet)
        opener.click(events.open_source, [wanted], [source], js="() => [window.wenbao.wanted]", queue=False, **quiet)
        api(events.chat, api_name="chat", concurrency_limit=ASKERS_AT_ONCE)
    return blocks


def _chat() -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="wb-chat",
        show_label=False,
        container=False,
        layout="panel",
        height="100%",
        buttons=[],
        feedback_options=None,
        latex_delimiters=[],  # $$ in a newspaper is money
        group_consecutive_messages=False,
    )


def _filter() -> tuple[gr.Accordion, list[Any]]:
    """A closed fold and its fields: first day, last day, paper, place, by-line. page.js makes date fields of two."""
    with gr.Accordion("", open=False, elem_id="wb-filter") as fold:
        with gr.Row():
            days = [gr.Textbox(elem_id=f"wb-{name}", elem_classes="wb-day", max_lines=1) for name in ("since", "until")]
            paper = gr.Dropdown([("", "")], value="", elem_id="wb-paper", allow_custom_value=True)
        with gr.Row():
            names = [gr.Textbox(elem_id=f"wb-{name}", max_lines=1) for name in ("place", "byline")]
    return fold, [*days, paper, *names]


def _question() -> gr.Textbox:
    return gr.Textbox(
        elem_id="wb-ask",
        show_label=False,
        container=False,
        max_lines=6,
        interactive=True,  # no event of Gradio's reads it
        submit_btn=True,
        autofocus=True,
    )
