"""What a model has written so far, as whole sentences with whole marks.

In: all text so far, whether the model is done. Out: its sentences, each with its marks [n] behind it; what is not whole
yet is held back. It knows nothing of passages and does not judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_MARK_OF_ANY_KIND = re.compile(
    r"[\[【［]\^?\s*((?:第|段落|passage)?\s*\d{1,3}(?:\s*[,，、;；]\s*\d{1,3})*)\s*[\]】］]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}")
_MARK = r"(?:\s*\[\d{1,3}\])"
_CLOSERS = "”’」』）)》〉\"'"
# A sentence is whole when something else begins behind its end and its marks: until then a mark may still come. A full
# stop of Latin script is an end only beside a mark: Mr. and 3.5 have one too.
_WHOLE = re.compile(
    rf".*?(?:(?:[。！？!?…]+[{_CLOSERS}]*{_MARK}*|\.[{_CLOSERS}]*{_MARK}+|{_MARK}+\s*\.[{_CLOSERS}]*)"
    rf"(?=\s*[^\s\[。！？!?….{_CLOSERS}])|\n(?=\s*[^\s\[]))",
    re.DOTALL,
)
_HALF_MARK = re.compile(r"\s*\[[^\]\s]{0,12}$")
_BULLET = re.compile(r"^\s*(?:[-*•·]\s+|#{1,6}\s+|>\s+|\d{1,2}[.、)）]\s*(?=\D))")
_MARKDOWN = re.compile(r"\*\*|__|`+|!\[[^\]]*\]\([^)]*\)")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
GARBAGE = "\ufffd"  # what bytes become that are no text


@dataclass(frozen=True, slots=True)
class Room:
    """How long an answer may be: sentences, and characters with their marks."""

    sentences: int
    characters: int

    def for_first_of(self, sentences: Sequence[str]) -> int:
        """How many of these fit, from the first on."""
        return min(self.sentences, sum(length <= self.characters for length in accumulate(map(len, sentences))))


def whole_sentences(text: str, *, done: bool) -> tuple[tuple[str, ...], str]:
    """The sentences of `text` that are whole, each once, and what is left; with `done` the rest is one more."""
    plain = _MARK_OF_ANY_KIND.sub(_plain_marks, _without_thoughts(joined_halves(text)))
    found: list[str] = []
    at = 0
    while m := _WHOLE.match(plain, at):
        found.append(m[0])
        at = m.end()
    rest = _HALF_MARK.sub("", plain[at:]) if done else plain[at:]
    if done:
        found.append(rest)
    return tuple(dict.fromkeys(filter(_says_something, map(_tidy, found)))), rest


def is_thought(text: str) -> bool:
    """Whether all that comes now belongs to a thought: nothing to read until it ends."""
    return text.rfind("<think>") > text.rfind("</think>")


def joined_halves(text: str) -> str:
    """Text in which halves of characters that came one after the other are one, and lone ones are gone."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _without_thoughts(text: str) -> str:
    """Without what a reasoning model thinks aloud; some send only the end of it."""
    text = _THOUGHT.sub("", text)
    return text.rsplit("</think>", 1)[-1]


def _plain_marks(m: re.Match[str]) -> str:
    """【1】, [1, 2] and [段落1] as [1], [1][2] and [1]."""
    return "".join(f"[{int(n)}]" for n in _NUMBER.findall(m[1]))


def _tidy(sentence: str) -> str:
    return _MARKDOWN.sub("", _BULLET.sub("", _CONTROL.sub("", sentence))).strip()


def _says_something(sentence: str) -> bool:
    return any(c.isalnum() for c in re.sub(r"\[\d+\]", "", sentence)) or GARBAGE in sentence
