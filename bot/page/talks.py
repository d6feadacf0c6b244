"""Conversations as the page lists them, an exchange as the chat shows it, and what can be done with either.

In: what the state keeps. Out: escaped HTML; a button's value, `verb.id`, says what it does (talks.js, acts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date  # noqa: N812 - as in models
from html import escape

from bot.page import answer as shown
from bot.page.texts import ZH, Words
from bot.state import Conversation, Exchange
from bot.visitor import Visitor

Message = dict[str, str]


def exchange_messages(exchanges: Sequence[Exchange], words: Words) -> list[Message]:
    """The conversation as Gradio's chatbot takes it."""
    last = len(exchanges) - 1
    return [m for at, one in enumerate(exchanges) for m in _messages(one, words, last=at == last)]


def under_way(asked: str, answered: str = "") -> list[Message]:
    """The exchange that is under way; nothing of what is empty."""
    both = (("user", asked), ("assistant", answered))
    return [{"role": role, "content": html} for role, html in both if html]


def talks_html(talks: Sequence[Conversation] | None, words: Words) -> str:
    """The list of the drawer; None where nothing can be kept just now."""
    if talks is None:
        return f'<p class="wb-none" role="status">{escape(words.not_kept)}</p>'
    if not talks:
        return f'<p class="wb-none">{escape(words.no_conversations)}</p>'
    items = "".join(_talk_html(talk, words) for talk in talks)
    return f'<ul class="wb-talks">{items}</ul><p>{_button("clear", "", words.delete_all)}</p>'


def not_kept_html(words: Words) -> str:
    """One line over the box, where conversations cannot be kept."""
    return f'<p role="status">{escape(words.not_kept)}</p>'


def empty_html(words: Words, command: str) -> str:
    """What an archive without articles says of itself: how to fill it, and the sample edition in one click."""
    title, how = shown.plain_to_html(words.empty_title), shown.plain_to_html(words.empty_how)
    sample = _button("sample", "", words.empty_sample)
    return (
        f'<div class="wb-greeting wb-empty"><h2>{title}</h2><p>{how}</p>'
        f'<p class="wb-command">{shown.plain_to_html(command)}</p><p>{sample}</p></div>'
    )


def follow_ups_html(questions: Sequence[str], words: Words) -> str:
    """Questions to go on with, over the box."""
    if not questions:
        return ""
    buttons = "".join(
        f'<li><button type="button" class="wb-do" value="ask.{n}">{escape(question)}</button></li>'
        for n, question in enumerate(questions)
    )
    return f'<p id="wb-follow-name">{escape(words.follow_ups)}</p><ul aria-labelledby="wb-follow-name">{buttons}</ul>'


def language_html(words: Words) -> str:
    """The button that switches to the other language."""
    code = "en" if words is ZH else "zh"
    return (
        f'<button type="button" class="wb-do wb-language" value="language.{code}" lang="{code}" '
        f'title="{escape(words.language_long)}">{escape(words.language)}</button>'
    )


def signed_in_html(visitor: Visitor, words: Words) -> str:
    """Who has signed in here, and the button that signs out; nothing for whoever came in another way.

    A form, not a script: the page that it leads to sends the browser on to the provider.
    """
    if visitor.via != "oidc":
        return ""
    who = words.signed_in.format(visitor.name)
    name = f'<span class="wb-who" title="{escape(who)}">{escape(visitor.name)}</span>' if visitor.name else ""
    button = f'<button type="submit" class="wb-do">{escape(words.sign_out)}</button>'
    return f'<form class="wb-sign-out" method="post" action="logout">{name}{button}</form>'


def drawer_html(words: Words) -> str:
    """The button that opens the drawer."""
    name = escape(words.conversations)
    return (
        f'<button type="button" class="wb-do wb-open-drawer" value="talks" aria-haspopup="dialog" '
        f'title="{escape(words.conversations_open)}">{name}</button>'
    )


def _messages(exchange: Exchange, words: Words, *, last: bool) -> list[Message]:
    tools, answer = _tools_html(exchange, words, last=last), exchange.answer
    nothing_left = answer.reason == "not_allowed"
    told = shown.notice_html(words.shared_none) if nothing_left else shown.answer_html(answer, words)
    return under_way(shown.question_html(exchange.question), told + tools)


def _tools_html(exchange: Exchange, words: Words, *, last: bool) -> str:
    if not exchange.id:
        return f'<div class="wb-tools">{_tool("copy", "0", words.copy)}</div>'
    judged = exchange.verdict
    tools = [
        _tool("copy", exchange.id, words.copy),
        _tool("up", exchange.id, words.up, on=judged == "up"),
        _tool("down", exchange.id, words.down, on=judged == "down"),
        _tool("why", exchange.id, words.why) if judged else "",
        _tool("share", exchange.id, words.share),
        _tool("edit", exchange.id, words.edit),
        _tool("retry", exchange.id, words.retry) if last else "",
    ]
    return f'<div class="wb-tools">{"".join(tools)}</div>'


def _tool(verb: str, exchange: str, name: str, *, on: bool = False) -> str:
    """A button in the chat, where Gradio renders Markdown: without ARIA, which it cuts, and with its text escaped."""
    chosen = " wb-on" if on else ""
    return f'<button type="button" class="wb-do{chosen}" value="{verb}.{exchange}">{shown.plain_to_html(name)}</button>'


def _talk_html(talk: Conversation, words: Words) -> str:
    day = words.day(Date.fromisoformat(talk.updated[:10]))
    more = _button("rename", talk.id, words.rename, talk.title) + _button("delete", talk.id, words.delete, talk.title)
    return (
        f'<li><button type="button" class="wb-do wb-talk" value="open.{talk.id}">{escape(talk.title)}</button>'
        f'<span class="wb-day-of">{escape(day)}</span>{more}</li>'
    )


def _button(verb: str, id_: str, name: str, of: str = "") -> str:
    """A button; `of` says to a screen reader whose it is."""
    value = f"{verb}.{id_}" if id_ else verb
    label = f' aria-label="{escape(f"{name}: {of}")}"' if of else ""
    return f'<button type="button" class="wb-do" value="{value}"{label}>{escape(name)}</button>'
