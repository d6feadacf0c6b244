"""A sentence into its claims: the numbers, days, names, quoted words and directions that a newspaper must bear out.

In: a sentence of an answer, or of a newspaper, and the day from which 昨日 is counted. Out: its claims, each with what
stands to its left and right. The same reading serves both sides; which claim bears out which stands in `bot.bearing`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from typing import Literal

from bot.pieces import squeeze
from bot.quantities import Quantity, find_quantities
from bot.saiddays import SaidDay, find_said_days
from bot.saidnames import find_names
from ingest.terms import Word, tagged_words

Kind = Literal["number", "day", "name", "quote", "direction"]

REACH = 12  # characters to each side of a claim that tell what it is about
_QUOTED = re.compile("[“《「『]([^“”《》「」『』]{2,200})[”》」』]")
_UP = (
    "增长 上升 上涨 提高 增加 扩大 升高 走高 增幅 涨幅 回升 攀升 高于 上调 增至 升至 涨至 盈利 支持 赞成 同意 增收 "
    "以上 开幕 买入 流入 进口"
)
_DOWN = (
    "下降 下降 下跌 降低 减少 缩小 下滑 走低 降幅 跌幅 回落 缩减 低于 下调 减至 降至 跌至 亏损 反对 反对 反对 减收 "
    "以下 闭幕 卖出 流出 出口"
)
_DIRECTIONS = {**dict.fromkeys(_UP.split(), 1), **dict.fromkeys(_DOWN.split(), -1)}
_DIRECTION = re.compile("|".join(sorted(_DIRECTIONS, key=len, reverse=True)))
_HAN_CHARACTER = re.compile("[\u3400-\u9fff]")
_LATIN_LETTER = re.compile("[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Claim:
    """`text`, squeezed, is what a sentence says; `value` what is compared; `left` and `right` stand beside it.

    Numbers and days are masked in `left` and `right` (#), so that a changed number beside it does not hide a place.
    `needed`: it has to stand in the newspaper; other claims are only compared with what stands in their place there.
    """

    kind: Kind
    text: str
    value: Quantity | SaidDay | str | int
    left: str
    right: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence read: squeezed text, the same with a # for each number and day, its words, its claims."""

    text: str
    masked: str
    words: tuple[Word, ...]
    claims: tuple[Claim, ...]


def is_chinese(text: str) -> bool:
    """Whether a text is Chinese: English needs some four letters for what a character says."""
    return 4 * len(_HAN_CHARACTER.findall(text)) >= len(_LATIN_LETTER.findall(text))


def read_claims(sentence: str, today: Date | None) -> Reading:
    """All claims of a sentence; without a day to count from, days are compared by their figures alone."""
    text = squeeze(sentence)
    words = tagged_words(text)
    days = find_said_days(text, today)
    numbers = find_quantities(text, words, [(day.start, day.end) for day in days])
    mask = _Mask(text, sorted([(q.start, q.end) for q in numbers] + [(d.start, d.end) for d in days]))
    taken = {at for start, end in mask.spans for at in range(start, end)}
    claims = [mask.claim("number", q.start, q.end, q, q.stop, needed=q.needed) for q in numbers]
    claims += [mask.claim("day", day.start, day.end, day, needed=day.sure) for day in days]
    names = find_names(text, words, chinese=is_chinese(text))
    claims += [
        mask.claim("name", n.start, n.end, "person" if n.person else "other", needed=n.sure)
        for n in names
        if n.start not in taken
    ]
    claims += [mask.claim("quote", *found.span(1), mask.of(*found.span(1))) for found in _QUOTED.finditer(text)]
    for found in _DIRECTION.finditer(text):
        claims.append(mask.claim("direction", *found.span(), _DIRECTIONS[found[0]], needed=False))
    return Reading(text, mask.masked, tuple(words), tuple(claims))


def beside(masked: str, start: int, end: int) -> tuple[str, str]:
    """What stands beside `start`..`end`; the beginning and the end of the sentence are told by a line end."""
    return f"\n{masked[:start]}"[-REACH:], f"{masked[end:]}\n"[:REACH]


class _Mask:
    """A text whose numbers and days are one # each, and where its characters stand in that."""

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self.text, self.spans = text, spans
        masked: list[str] = []
        self.at: list[int] = []  # of each character of the text: how much is masked before it
        done = 0
        for start, end in spans:
            self.at += range(len(masked), len(masked) + start - done)
            masked += text[done:start]
            self.at += [len(masked)] * (end - start)
            masked.append("#")
            done = end
        self.at += range(len(masked), len(masked) + len(text) - done + 1)
        self.masked = "".join([*masked, *text[done:]])

    def of(self, start: int, end: int) -> str:
        """These characters, masked."""
        return self.masked[self.at[start] : self.at[end]]

    def claim(
        self,
        kind: Kind,
        start: int,
        end: int,
        value: Quantity | SaidDay | str | int,
        stop: int = 0,
        *,
        needed: bool = True,
    ) -> Claim:
        hidden = kind in ("number", "day")
        left, right = beside(self.masked, self.at[start], self.at[start] + 1 if hidden else self.at[end])
        return Claim(kind, self.text[start : max(end, stop)], value, left, right, needed)
