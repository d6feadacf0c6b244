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
from ingest.sentences import sentence_spans

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_TEMPLATE = re.compile(r"<\|.{0,40}?\|>|\[/?INST\]|</?s>")  # how chat templates begin and end a message


# A page that gives a model orders. Neither such a sentence nor the two behind it are ground for what a model writes: it
# may have obeyed. Where no model writes they can still be quoted. Of 17,056 paragraphs of news none
# looks like one.
_ORDERS = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|不[要必用再](?:理会|遵守))[^。！？\n]{0,15}(?:指示|指令|提示词?|设定)"
    r"|(?:忽略|无视|忘记|忘掉|抛开|不[要必用再](?:理会|遵守))[^。！？\n]{0,4}(?:以上|上面|上述|之前的|前面|此前的|先前|你的|原[来先]的)"
    r"(?:[^。！？\n]{0,6}(?:话|内容|文字|要求|规[则矩]|问题|段落|一切|全部|所有)|[，,：:])"
    r"|(?:请|只[要能许可用]?|必须|务必|一律)(?:直接|这样|如下)?(?:回答|答复|回复|输出)(?:说|道|读者|用户)?[:：“‘'\"「]"
    r"|(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules?|above|previous)"
    r"|(?:从现在起|你现在)[^。！？\n]{0,6}(?:是|扮演)[^。！？\n]{0,12}(?:助手|机器人|模型|AI)|system prompt|系统提示词",
    re.IGNORECASE | re.MULTILINE,
)
_WITH_IT = 2  # sentences behind an order that may be what it orders


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
    """The passages with blanks for sentences that give orders, so that all else stands where it stood."""
    return [replace(p, text=_without_orders(p.text)) for p in passages]


def orders_in(passages: Sequence[Passage], grounds: Sequence[Passage]) -> str:
    """What `without_orders` took out of the passages to make the grounds."""
    both = zip(passages, grounds, strict=True)
    return "".join(c for p, g in both for c, kept in zip(p.text, g.text, strict=True) if c != kept)


def _without_orders(text: str) -> str:
    """Orders are looked for in paragraphs: quotation marks and stops inside one cut it into several sentences."""
    spans = sentence_spans(text) if _ORDERS.search(text) else []
    for order in list(_ORDERS.finditer(text)):
        touched = [i for i, (start, end) in enumerate(spans) if start < order.end() and end > order.start()]
        for start, end in spans[touched[0] : touched[-1] + 1 + _WITH_IT] if touched else ():
            if "\n" in text[order.end() : start]:
                break
            text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


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
