"""The chat page as Gradio Blocks: conversation on one side, source on the other.

In: what happens on it. Out: Blocks to mount. Layout and wiring only; what happens, and every word, comes from `events`
and `acts`.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import api

from bot.page.acts import Acts
from bot.page.events import Events
from bot.page.owner import Session

ASKERS_AT_ONCE = 16  # answers under way together; the next ones queue
OFFERS_AT_ONCE = 1  # pages for which questions to go on with are looked for


def build_page(events: Events, acts: Acts, title: str) -> gr.Blocks:
    """The page on which these things happen."""
    blocks: gr.Blocks
    with gr.Blocks(title=title, fill_height=True, fill_width=True) as blocks:
        session = gr.State(Session())
        with gr.Row(elem_id="wb-masthead"):
            masthead = gr.HTML(elem_id="wb-holdings")
            language = gr.HTML(elem_id="wb-language")
            drawer = gr.HTML(elem_id="wb-open-talks")
            anew = gr.Button("", elem_id="wb-new", size="sm", scale=0)
        with gr.Row(elem_id="wb-sides"):
            with gr.Column(elem_id="wb-chat-side", scale=3, min_width=320):
                chat = _chat()
                follow = gr.HTML(elem_id="wb-follow")
                fold, fields = _filter()
                with gr.Row(elem_id="wb-filtered"):
                    filtered = gr.HTML()
                    clear = gr.Button("", elem_id="wb-clear", size="sm", scale=0, visible=False)
                question = _question()
                with gr.Row(elem_id="wb-writer", visible=False) as writer:
                    written = gr.HTML(elem_id="wb-written")
                    write = gr.Checkbox(True, elem_id="wb-write", min_width=0)
                    stop = gr.Button("", elem_id="wb-stop", size="sm", scale=0)
                kept = gr.HTML(elem_id="wb-kept")
            with gr.Column(elem_id="wb-source-side", scale=2, min_width=320):
                source = gr.HTML(elem_id="wb-source")
        listed = gr.HTML(elem_id="wb-talks", visible="hidden")
        # What the scripts say, and what they hear: of an offered question, of an answer, of something else done.
        posted, offered, answered, done = (gr.Textbox(visible="hidden") for _ in range(4))
        opener, asker, offerer, actor, greeter = (
            gr.Button(elem_id=f"wb-{name}", visible="hidden") for name in ("open", "next", "offer", "act", "greet")
        )

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        # page.js takes what is sent from the box and asks it when the question before it is answered.
        picking = chat.example_select(events.pick, None, [offered], queue=False, **quiet)
        picking.then(None, [offered], None, js="(text) => window.wenbao.send(text)", **quiet)
        offerer.click(events.offer, [session], [follow], concurrency_limit=OFFERS_AT_ONCE, **quiet)
        answering = asker.click(
            events.ask,
            [posted, session, *fields, write],
            [chat, answered],
            js="(_, session, ...more) => [window.wenbao.next(), session, ...more]",
            concurrency_limit=ASKERS_AT_ONCE,
            **quiet,
        )
        answering.then(events.finish, [session], [source, listed], queue=False, **quiet)
        answering.then(None, [answered], None, js="(told) => window.wenbao.answered(told)", **quiet)
        stop.click(events.stop, [session], None, queue=False, **quiet)
        settled = [masthead, chat, fields[2], written, writer]
        greeted = [
            *settled,
            drawer,
            language,
            anew,
            question,
            source,
            fold,
            *fields[:2],
            *fields[3:],
            clear,
            write,
            stop,
            listed,
            kept,
            follow,
        ]
        greeting = quiet | {
            "inputs": [posted, session],
            "outputs": greeted,
            "queue": False,
            "js": "(_, session) => [window.wenbao.here(), session]",
        }
        settling = quiet | {"inputs": [session], "outputs": settled, "concurrency_limit": None}
        anew.click(None, js="() => window.wenbao.go('')", **quiet)
        greeter.click(None, cancels=[answering])  # before the greeting: what comes late is then no longer shown
        greeter.click(events.greet, **greeting).then(events.settle, **settling)
        blocks.load(events.greet, **greeting).then(events.settle, **settling)
        _tell_filter(events, [*fields, session], [filtered, clear], quiet)
        opening = quiet | {"js": "(_, session) => [window.wenbao.wanted, session]", "queue": False}
        opener.click(events.open_source, [posted, session], [source], **opening)
        acting = actor.click(
            acts.act,
            [posted, session],
            [chat, done, listed],
            js="(_, session) => [window.wenbao.post(), session]",
            queue=False,
            trigger_mode="multiple",
            **quiet,
        )
        acting.then(None, [done], None, js="(told) => window.wenbao.acted(told)", **quiet)
        api(events.chat, api_name="chat", concurrency_limit=ASKERS_AT_ONCE)
    return blocks


def _tell_filter(events: Events, posted: list[Any], told: list[Any], quiet: dict[str, Any]) -> None:
    """Say what is filtered whenever that changes; the button clears it."""
    *fields, _ = posted
    telling = quiet | {"inputs": posted, "outputs": told, "queue": False, "trigger_mode": "always_last"}
    gr.on([field.change for field in fields], events.tell_filter, **telling)
    told[1].click(events.clear_filter, None, [*fields, *told], queue=False, **quiet)


def _chat() -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="wb-chat",
        show_label=False,
        container=False,
        layout="panel",
        height="100%",
        buttons=[],
        feedback_options=None,
        autoscroll=False,  # it goes to the end of what is to be read from its beginning: page.js
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
