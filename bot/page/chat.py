"""The chat page as Gradio Blocks: conversation on one side, source on the other.

In: a Bot. Out: Blocks to mount. Layout and wiring only; what happens, and every word, comes from `events`.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import api

from bot.bot import Bot
from bot.page.events import Events

ASKERS_AT_ONCE = 16  # answers under way together; the next ones queue


def build_page(bot: Bot) -> gr.Blocks:
    """The page of `bot`."""
    events = Events(bot)
    blocks: gr.Blocks
    with gr.Blocks(title="问报 WenBao", fill_height=True, fill_width=True) as blocks:
        conversation = gr.State(())
        with gr.Row(elem_id="wb-masthead"):
            masthead = gr.HTML(elem_id="wb-holdings")
            anew = gr.Button("", elem_id="wb-new", size="sm", scale=0)
        with gr.Row(elem_id="wb-sides"):
            with gr.Column(elem_id="wb-chat-side", scale=3, min_width=320):
                chat, question = _chat(), _question()
            with gr.Column(elem_id="wb-source-side", scale=2, min_width=320):
                source = gr.HTML(elem_id="wb-source")
        wanted = gr.Textbox(visible="hidden")  # page.js says here which citation was clicked
        opener = gr.Button(elem_id="wb-open", visible="hidden")

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        answering = quiet | {"outputs": [chat, conversation, question, source], "concurrency_limit": ASKERS_AT_ONCE}
        # A question entered while another is being answered waits its turn instead of being ignored.
        question.submit(events.ask, [question, conversation], trigger_mode="always_last", **answering)
        chat.example_select(events.ask_example, [conversation], **answering)
        greeting = quiet | {"outputs": [masthead, anew, chat, question, conversation, source], "queue": False}
        anew.click(events.greet, None, **greeting)
        blocks.load(events.greet, None, **greeting)
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


def _question() -> gr.Textbox:
    return gr.Textbox(
        elem_id="wb-ask",
        show_label=False,
        container=False,
        max_lines=6,
        submit_btn=True,
        autofocus=True,
    )
