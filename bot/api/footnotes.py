"""An answer as plain text for clients that show text alone: what is borne out, and its sources as footnotes.

In: an Answer. Out: the same with only what is borne out in its text, its marks numbered as they were while it grew; and
lines for its foot. What a stream has sent cannot be taken back, so a text that begins anew says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.checks import Checked, without_failed
from bot.models import Answer, Citation
from bot.question import has_chinese

_AGAIN = {True: "\n\n（以上作废，重新回答：）\n\n", False: "\n\n(Disregard the above. Answered anew:)\n\n"}
_DOUBT = {True: "报上没有找到依据：", False: "Not borne out by the newspaper: "}
_PAGE = {True: "第{}版", False: "page {}"}
_CORRECTED = {True: "（已更正）", False: " (corrected)"}
_CHANGED = {True: "（文章后来改过）", False: " (changed since)"}
_SAMPLE = {True: "（样报）", False: " (sample edition)"}


def borne_out(answer: Answer) -> Answer:
    """`answer` with its text as it grew: what is not borne out stands behind the rest, without marks."""
    doubted = tuple(replace(s, citations=()) for s in answer.sentences if not s.supported)
    if not doubted:
        return answer
    kept = without_failed(Checked(answer.sentences, answer.citations))
    text = "\n".join(filter(None, (kept.text, answer.closing)))
    return replace(answer, text=text, sentences=(*kept.sentences, *doubted), citations=kept.citations)


def foot(answer: Answer) -> str:
    """What stands under the text: what is not borne out, the sources, why a model failed; "" for nothing."""
    lines = list(_lines(answer))
    return "\n\n" + "\n".join(lines) if lines else ""


def _lines(answer: Answer) -> Iterator[str]:
    chinese = has_chinese(answer.question)
    yield from (_DOUBT[chinese] + s.text for s in answer.sentences if not s.supported)
    yield from (f"[{c.n}] {_source(c, chinese=chinese)}" for c in answer.citations)
    if answer.note:
        yield answer.note


def _source(cited: Citation, *, chinese: bool) -> str:
    """Paper, day, page, headline."""
    page = _PAGE[chinese].format(cited.page) if cited.page else None
    issue = " ".join(filter(None, (cited.paper, cited.date.isoformat() if cited.date else None, page)))
    marks = (
        (_SAMPLE[chinese] if cited.sample else "")
        + (_CORRECTED[chinese] if cited.corrected_by else "")
        + (_CHANGED[chinese] if cited.changed else "")
    )
    title = " ".join((cited.title or f"{cited.quote[:20]}…").split())
    return f"{issue}《{title}》{marks}"


class Telling:
    """A text that is told in pieces as it grows."""

    def __init__(self) -> None:
        self._told = ""

    def more(self, answer: Answer) -> str:
        """What is to be told next, "" for nothing yet: sentences with their marks, never a part of one."""
        text, told = answer.text, self._told
        if told.startswith(text):  # a model begins anew: it may come to the same
            return ""
        self._told = text
        return text.removeprefix(told) if text.startswith(told) else _AGAIN[has_chinese(answer.question)] + text

    def last(self, answer: Answer) -> str:
        """What is left to be told of a final answer."""
        more = self.more(answer)
        if more or answer.text == self._told:
            return more
        return _AGAIN[has_chinese(answer.question)] + answer.text
