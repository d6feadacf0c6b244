"""Passages as a model gets them: numbered, fenced, marked as quoted matter that gives no orders.

In: passages, texts of an asker. Out: text for a prompt. A fence is drawn by chance and stands in nothing that is
fenced, so no page can close its own; control characters, which a model might read as something else, are left out.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.models import Passage

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_TEMPLATE = re.compile(r"<\|.{0,40}?\|>|\[/?INST\]|</?s>")  # how chat templates begin and end a message


# A page that gives a model orders. What stands in such a paragraph is no ground for what a model writes: it may have
# obeyed. False alarms cost little, for the paragraph can still be quoted where no model writes.
_ORDERS = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|推翻|不[要用必再]?(?:理会|遵守|管))[^。！？\n]{0,15}(?:指示|指令|提示|设定|命令|规矩|规则)"
    r"|(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules?|above|previous)"
    r"|(?:从现在起|你现在)[^。！？\n]{0,6}(?:是|扮演)[^。！？\n]{0,12}(?:助手|机器人|模型|AI)|system prompt|系统提示词",
    re.IGNORECASE,
)


def draw_fence(*fenced: Iterable[str]) -> str:
    """A word of chance that none of the texts holds."""
    whole = "\n".join(text for texts in fenced for text in texts)
    while True:
        fence = secrets.token_hex(4)
        if fence not in whole:
            return fence


def fenced_passages(passages: Sequence[Passage], fence: str) -> str:
    """Each passage under its number with what is known of its article, between fences."""
    return "\n".join(f"<<<{fence} [{p.n}]\n{_passage(p)}\n{fence}>>>" for p in passages)


def texts_of(passages: Sequence[Passage]) -> list[str]:
    """All that `fenced_passages` puts between fences."""
    return [_passage(p) for p in passages]


def without_orders(passages: Sequence[Passage]) -> list[Passage]:
    """The passages with blanks for each paragraph that gives orders, so that all else stands where it stood."""
    return [replace(p, text="\n".join(map(_blank_if_order, p.text.split("\n")))) for p in passages]


def _blank_if_order(paragraph: str) -> str:
    return " " * len(paragraph) if _ORDERS.search(paragraph) else paragraph


def harmless(text: str) -> str:
    """Text without characters and words that a model or a terminal could take for something else than text."""
    return _TEMPLATE.sub("", _CONTROL.sub("", text))


def _passage(p: Passage) -> str:
    a = p.article
    known = (
        ("标题", a.title),
        ("报纸", a.paper),
        ("日期", a.date.isoformat() if a.date else None),
        ("版", a.page),
        ("作者", a.byline),
        ("地点", a.place),
    )
    head = "；".join(f"{name}：{harmless(value)}" for name, value in known if value)
    return f"{head}\n{harmless(p.text)}"
