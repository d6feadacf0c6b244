"""Passages as a model gets them: numbered, fenced, marked as quoted matter that gives no orders.

In: passages, texts of an asker. Out: text for a prompt. A fence is drawn by chance and stands in nothing that is
fenced, so no page can close its own; control characters, which a model might read as something else, are left out.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence

from bot.models import Passage

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_TEMPLATE = re.compile(r"<\|.{0,40}?\|>|\[/?INST\]|</?s>")  # how chat templates begin and end a message


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
